// SPDX-License-Identifier: GPL-2.0
/*
 * Identities (spec 2, 2.7 to 2.9).
 */
#include "identity.h"

#define ADDR_DIGITS	10
#define KEY_DIGITS	128

/**
 * kzt_identity_get - read a binary identity
 * @c: cursor; behind the identity afterwards
 * @id: the identity
 *
 * Spec 2, 2.7.
 *
 * Return: 0, KZT_IDENTITY_HAD_SECRET if a secret was read over, or -EBADMSG,
 * with the cursor bad, for one that is too short or of an unknown type.  A
 * reserved address is no error here.
 */
int kzt_identity_get(struct kzt_cur *c, struct kzt_identity *id)
{
	const u8 *pub;
	u8 type, secret_len;

	id->address = kzt_cur_addr(c);
	type = kzt_cur_u8(c);
	pub = kzt_cur_bytes(c, KZT_IDENTITY_PUBKEY_LEN);
	secret_len = kzt_cur_u8(c);
	if (c->bad || type ||
	    (secret_len && secret_len != KZT_IDENTITY_SECKEY_LEN)) {
		kzt_cur_fail(c);
		memset(id, 0, sizeof(*id));
		return -EBADMSG;
	}
	memcpy(id->pub, pub, sizeof(id->pub));
	kzt_cur_skip(c, secret_len);
	if (c->bad)
		return -EBADMSG;
	return secret_len ? KZT_IDENTITY_HAD_SECRET : 0;
}

/**
 * kzt_identity_put - write the public binary form
 * @w: cursor
 * @id: identity
 */
void kzt_identity_put(struct kzt_wcur *w, const struct kzt_identity *id)
{
	kzt_put_node(w, id->address);
	kzt_put_u8(w, 0);
	kzt_put_bytes(w, id->pub, sizeof(id->pub));
	kzt_put_u8(w, 0);
}

/**
 * kzt_identity_cmp - order of identities (spec 2, 2.9)
 * @a: identity
 * @b: identity
 */
int kzt_identity_cmp(const struct kzt_identity *a, const struct kzt_identity *b)
{
	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return memcmp(a->pub, b->pub, sizeof(a->pub));
}

/**
 * kzt_identity_equal - whether two identities are the same (spec 2, 2.9)
 * @a: identity
 * @b: identity
 */
bool kzt_identity_equal(const struct kzt_identity *a,
			const struct kzt_identity *b)
{
	return !kzt_identity_cmp(a, b);
}

static bool is_space(char ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

static int hex_digit(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

static bool hex_decode(const char *s, u8 *out, size_t digits)
{
	size_t i;

	for (i = 0; i < digits; i += 2) {
		int hi = hex_digit(s[i]), lo = hex_digit(s[i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		out[i / 2] = (u8)(hi << 4 | lo);
	}
	return true;
}

static char *hex_encode(char *s, const u8 *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	while (len--) {
		*s++ = digits[*p >> 4];
		*s++ = digits[*p++ & 15];
	}
	return s;
}

/*
 * The text without white space around it: what is wrong with it, or NULL.  The
 * fields have fixed places, so the length decides whether there is a secret.
 */
static const char *parse_text(const char *s, size_t len,
			      struct kzt_identity *id, u8 *secret)
{
	u8 addr[KZT_ADDR_LEN];

	if (len != KZT_IDENTITY_TEXT_LEN && len != KZT_IDENTITY_SECRET_TEXT_LEN)
		return "wrong length";
	if (s[ADDR_DIGITS] != ':' || !hex_decode(s, addr, ADDR_DIGITS))
		return "bad address";
	id->address = kzt_get_addr(addr);
	if (!kzt_addr_valid(id->address))
		return "reserved address";
	s += ADDR_DIGITS + 1;
	if (s[0] != '0' || s[1] != ':')
		return "unknown type";
	s += 2;
	if (!hex_decode(s, id->pub, KEY_DIGITS))
		return "bad public key";
	if (len == KZT_IDENTITY_TEXT_LEN)
		return NULL;
	s += KEY_DIGITS;
	if (s[0] != ':' || !hex_decode(s + 1, secret, KEY_DIGITS))
		return "bad secret key";
	return NULL;
}

/**
 * kzt_identity_from_text - parse the text form
 * @s: text; need not end in a zero byte
 * @len: its length
 * @id: set on success
 * @secret: set if the text has a secret, else zeroed
 * @has_secret: set to whether it has
 * @why: if not NULL, set on failure to what is wrong, in words
 *
 * As strict as spec 2, 2.8 asks.
 *
 * Return: 0 or -EINVAL.  Whether the secret belongs to the public key and the
 * key to the address is for the caller to find out.
 */
int kzt_identity_from_text(const char *s, size_t len, struct kzt_identity *id,
			   u8 secret[KZT_IDENTITY_SECKEY_LEN], bool *has_secret,
			   const char **why)
{
	const char *wrong;

	while (len && is_space(s[0])) {
		s++;
		len--;
	}
	while (len && is_space(s[len - 1]))
		len--;

	memset(secret, 0, KZT_IDENTITY_SECKEY_LEN);
	*has_secret = false;
	wrong = parse_text(s, len, id, secret);
	if (wrong) {
		memzero_explicit(secret, KZT_IDENTITY_SECKEY_LEN);
		memset(id, 0, sizeof(*id));
		if (why)
			*why = wrong;
		return -EINVAL;
	}
	*has_secret = len == KZT_IDENTITY_SECRET_TEXT_LEN;
	return 0;
}

/**
 * kzt_identity_to_text - write the text form (spec 2, 2.8)
 * @buf: KZT_IDENTITY_TEXT_BUF bytes; gets a terminating zero
 * @id: identity
 * @secret: its secret, or NULL to leave that out
 *
 * Return: the number of characters.
 */
int kzt_identity_to_text(char *buf, const struct kzt_identity *id,
			 const u8 *secret)
{
	u8 addr[KZT_ADDR_LEN];
	char *s = buf;

	kzt_put_addr(id->address, addr);
	s = hex_encode(s, addr, sizeof(addr));
	*s++ = ':';
	*s++ = '0';
	*s++ = ':';
	s = hex_encode(s, id->pub, sizeof(id->pub));
	if (secret) {
		*s++ = ':';
		s = hex_encode(s, secret, KZT_IDENTITY_SECKEY_LEN);
	}
	*s = '\0';
	return (int)(s - buf);
}
