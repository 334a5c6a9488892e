// SPDX-License-Identifier: GPL-2.0
/* The dictionary: lines of key=value (spec 4, 4.5). */
#include "dictionary.h"

#define NUMBER_MAX	80	/* octets of a number that are looked at */

static bool ends_line(u8 c)
{
	return c == '\n' || c == '\r';
}

/**
 * kzt_dict_find - find a key
 * @d: dictionary
 * @key: without any octet that needs an escape
 * @raw: set to the value as it stands, with its escapes
 * @raw_len: its octets
 *
 * Return: true if a line has the key; the first one counts.
 */
bool kzt_dict_find(const struct kzt_dict *d, const char *key, const u8 **raw,
		   size_t *raw_len)
{
	size_t key_len = strlen(key);
	size_t i = 0, end;

	while (i < d->len && d->p[i]) {
		end = i;
		while (end < d->len && d->p[end] && !ends_line(d->p[end]))
			end++;
		if (end - i > key_len && d->p[i + key_len] == '=' &&
		    !memcmp(d->p + i, key, key_len)) {
			*raw = d->p + i + key_len + 1;
			*raw_len = end - i - key_len - 1;
			return true;
		}
		if (end == d->len || !d->p[end])
			break;
		i = end + 1;
	}
	return false;
}

static u8 unescape_one(u8 c)
{
	switch (c) {
	case '0':
		return 0;
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 'e':
		return '=';
	default:
		return c;
	}
}

/**
 * kzt_dict_unescape - the octets that a value stands for
 * @raw: value with escapes
 * @raw_len: its octets
 * @out: filled; never more than @raw_len octets
 * @room: there; what is beyond is cut
 *
 * Return: octets written.
 */
size_t kzt_dict_unescape(const u8 *raw, size_t raw_len, u8 *out, size_t room)
{
	size_t i = 0, n = 0;

	while (i < raw_len && n < room) {
		u8 c = raw[i++];

		if (c == '\\') {
			if (i == raw_len)
				break;
			c = unescape_one(raw[i++]);
		}
		out[n++] = c;
	}
	return n;
}

/**
 * kzt_dict_get - a value
 * @d: dictionary
 * @key: its key
 * @out: filled
 * @room: there; a longer value is cut
 *
 * Return: octets of the value, or KZT_DICT_ABSENT.
 */
long kzt_dict_get(const struct kzt_dict *d, const char *key, u8 *out,
		  size_t room)
{
	const u8 *raw;
	size_t len;

	if (!kzt_dict_find(d, key, &raw, &len))
		return KZT_DICT_ABSENT;
	return (long)kzt_dict_unescape(raw, len, out, room);
}

/**
 * kzt_dict_text - a value as text
 * @d: dictionary
 * @key: its key
 * @out: filled, with a final 00; empty if there is none
 * @room: there, at least 1; a longer value is cut, a 00 in it ends it
 *
 * Return: octets of the text, or KZT_DICT_ABSENT.
 */
long kzt_dict_text(const struct kzt_dict *d, const char *key, char *out,
		   size_t room)
{
	long n = kzt_dict_get(d, key, (u8 *)out, room - 1);

	out[n < 0 ? 0 : n] = 0;
	return n < 0 ? n : (long)strlen(out);
}

static int hex_digit(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_space(u8 c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* As strtoull(, , 16) */
static u64 hex_number(const u8 *p, size_t len)
{
	bool minus = false, over = false;
	size_t i = 0;
	u64 v = 0;
	int digit;

	while (i < len && is_space(p[i]))
		i++;
	if (i < len && (p[i] == '-' || p[i] == '+'))
		minus = p[i++] == '-';
	if (i + 2 < len && p[i] == '0' && (p[i + 1] | 0x20) == 'x' &&
	    hex_digit(p[i + 2]) >= 0)
		i += 2;
	for (; i < len && (digit = hex_digit(p[i])) >= 0; i++) {
		over |= v >> 60 != 0;
		v = v << 4 | (u64)digit;
	}
	if (over)
		return U64_MAX;
	return minus ? -v : v;
}

/**
 * kzt_dict_uint - a number
 * @d: dictionary
 * @key: its key
 * @def: what counts if there is none, or an empty value
 */
u64 kzt_dict_uint(const struct kzt_dict *d, const char *key, u64 def)
{
	u8 text[NUMBER_MAX];
	long n = kzt_dict_get(d, key, text, sizeof(text));

	return n > 0 ? hex_number(text, (size_t)n) : def;
}

/**
 * kzt_dict_bool - a switch
 * @d: dictionary
 * @key: its key
 * @def: what counts if there is none
 */
bool kzt_dict_bool(const struct kzt_dict *d, const char *key, bool def)
{
	u8 c = 0;

	if (kzt_dict_get(d, key, &c, 1) < 0)
		return def;
	return c == '1' || c == 't' || c == 'T';
}

/**
 * kzt_dict_begin - begin a line
 * @w: cursor; everything written to it so far is the dictionary
 * @key: of the line; kzt_dict_add() writes the value
 */
void kzt_dict_begin(struct kzt_wcur *w, const char *key)
{
	if (kzt_wcur_len(w))
		kzt_put_u8(w, '\n');
	kzt_put_bytes(w, key, strlen(key));
	kzt_put_u8(w, '=');
}

static u8 escape_of(u8 c)
{
	switch (c) {
	case 0:
		return '0';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\\':
		return '\\';
	case '=':
		return 'e';
	default:
		return 0;
	}
}

/**
 * kzt_dict_add - write a part of a value
 * @w: cursor after kzt_dict_begin()
 * @value: octets
 * @len: how many
 */
void kzt_dict_add(struct kzt_wcur *w, const void *value, size_t len)
{
	const u8 *p = value;
	u8 escape;

	while (len--) {
		escape = escape_of(*p);
		if (escape)
			kzt_put_u8(w, '\\');
		kzt_put_u8(w, escape ?: *p);
		p++;
	}
}

/**
 * kzt_dict_put - write a line
 * @w: cursor; everything written to it so far is the dictionary
 * @key: of the line
 * @value: octets
 * @len: how many
 */
void kzt_dict_put(struct kzt_wcur *w, const char *key, const void *value,
		  size_t len)
{
	kzt_dict_begin(w, key);
	kzt_dict_add(w, value, len);
}

static void put_hex(struct kzt_wcur *w, const char *key, u64 value,
		    unsigned int digits)
{
	static const char hex[] = "0123456789abcdef";

	kzt_dict_begin(w, key);
	while (digits--)
		kzt_put_u8(w, (u8)hex[value >> 4 * digits & 15]);
}

/**
 * kzt_dict_put_uint - write a number
 * @w: cursor
 * @key: of the line
 * @value: the number
 */
void kzt_dict_put_uint(struct kzt_wcur *w, const char *key, u64 value)
{
	put_hex(w, key, value, 16);
}

/**
 * kzt_dict_put_addr - write a node's address
 * @w: cursor
 * @key: of the line
 * @address: 40 bits, ten digits
 */
void kzt_dict_put_addr(struct kzt_wcur *w, const char *key, u64 address)
{
	put_hex(w, key, address, 2 * KZT_ADDR_LEN);
}

/**
 * kzt_dict_put_bool - write a switch
 * @w: cursor
 * @key: of the line
 * @value: the switch
 */
void kzt_dict_put_bool(struct kzt_wcur *w, const char *key, bool value)
{
	kzt_dict_put(w, key, value ? "1" : "0", 1);
}

/**
 * kzt_dict_put_text - write a text
 * @w: cursor
 * @key: of the line
 * @value: ends with a 00 that is not written
 */
void kzt_dict_put_text(struct kzt_wcur *w, const char *key, const char *value)
{
	kzt_dict_put(w, key, value, strlen(value));
}
