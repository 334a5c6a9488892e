// SPDX-License-Identifier: GPL-2.0
/* Rules as JSON (spec 4.13.3). */
#include "rules_json.h"
#include "lax.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[KZT_RULE_TYPE + 1] = {
	[KZT_ACTION_DROP] = "ACTION_DROP", [KZT_ACTION_ACCEPT] = "ACTION_ACCEPT",
	[KZT_ACTION_TEE] = "ACTION_TEE", [KZT_ACTION_WATCH] = "ACTION_WATCH",
	[KZT_ACTION_REDIRECT] = "ACTION_REDIRECT",
	[KZT_ACTION_BREAK] = "ACTION_BREAK",
	[KZT_MATCH_SOURCE_ADDRESS] = "MATCH_SOURCE_ZEROTIER_ADDRESS",
	[KZT_MATCH_DEST_ADDRESS] = "MATCH_DEST_ZEROTIER_ADDRESS",
	[KZT_MATCH_VLAN_ID] = "MATCH_VLAN_ID", [KZT_MATCH_VLAN_PCP] = "MATCH_VLAN_PCP",
	[KZT_MATCH_VLAN_DEI] = "MATCH_VLAN_DEI",
	[KZT_MATCH_MAC_SOURCE] = "MATCH_MAC_SOURCE",
	[KZT_MATCH_MAC_DEST] = "MATCH_MAC_DEST",
	[KZT_MATCH_IPV4_SOURCE] = "MATCH_IPV4_SOURCE",
	[KZT_MATCH_IPV4_DEST] = "MATCH_IPV4_DEST",
	[KZT_MATCH_IPV6_SOURCE] = "MATCH_IPV6_SOURCE",
	[KZT_MATCH_IPV6_DEST] = "MATCH_IPV6_DEST",
	[KZT_MATCH_IP_TOS] = "MATCH_IP_TOS",
	[KZT_MATCH_IP_PROTOCOL] = "MATCH_IP_PROTOCOL",
	[KZT_MATCH_ETHERTYPE] = "MATCH_ETHERTYPE", [KZT_MATCH_ICMP] = "MATCH_ICMP",
	[KZT_MATCH_SOURCE_PORT] = "MATCH_IP_SOURCE_PORT_RANGE",
	[KZT_MATCH_DEST_PORT] = "MATCH_IP_DEST_PORT_RANGE",
	[KZT_MATCH_CHARACTERISTICS] = "MATCH_CHARACTERISTICS",
	[KZT_MATCH_FRAME_SIZE] = "MATCH_FRAME_SIZE_RANGE",
	[KZT_MATCH_RANDOM] = "MATCH_RANDOM",
	[KZT_MATCH_TAGS_DIFFERENCE] = "MATCH_TAGS_DIFFERENCE",
	[KZT_MATCH_TAGS_AND] = "MATCH_TAGS_BITWISE_AND",
	[KZT_MATCH_TAGS_OR] = "MATCH_TAGS_BITWISE_OR",
	[KZT_MATCH_TAGS_XOR] = "MATCH_TAGS_BITWISE_XOR",
	[KZT_MATCH_TAGS_EQUAL] = "MATCH_TAGS_EQUAL",
	[KZT_MATCH_TAG_SENDER] = "MATCH_TAG_SENDER",
	[KZT_MATCH_TAG_RECEIVER] = "MATCH_TAG_RECEIVER",
	[KZT_MATCH_INTEGER_RANGE] = "INTEGER_RANGE",
};

/* Values that are numbers as they stand */
#define FIELD(type, key, member) \
	{ type, key, offsetof(struct kzt_rule, member), \
	  sizeof(((struct kzt_rule *)0)->member) }
#define TAG(type) FIELD(type, "id", tag.id), FIELD(type, "value", tag.value)
#define RANGE(type) FIELD(type, "start", range.low), FIELD(type, "end", range.high)

static const struct number_field {
	uint8_t type;
	const char *key;
	size_t off, len;
} number_fields[] = {
	FIELD(KZT_MATCH_VLAN_ID, "vlanId", u16),
	FIELD(KZT_MATCH_VLAN_PCP, "vlanPcp", u8),
	FIELD(KZT_MATCH_VLAN_DEI, "vlanDei", u8),
	FIELD(KZT_MATCH_IP_TOS, "mask", tos.mask),
	FIELD(KZT_MATCH_IP_TOS, "start", tos.low),
	FIELD(KZT_MATCH_IP_TOS, "end", tos.high),
	FIELD(KZT_MATCH_IP_PROTOCOL, "ipProtocol", u8),
	FIELD(KZT_MATCH_ETHERTYPE, "etherType", u16),
	FIELD(KZT_MATCH_RANDOM, "probability", u32),
	RANGE(KZT_MATCH_SOURCE_PORT), RANGE(KZT_MATCH_DEST_PORT),
	RANGE(KZT_MATCH_FRAME_SIZE),
	TAG(KZT_MATCH_TAGS_DIFFERENCE), TAG(KZT_MATCH_TAGS_AND),
	TAG(KZT_MATCH_TAGS_OR), TAG(KZT_MATCH_TAGS_XOR), TAG(KZT_MATCH_TAGS_EQUAL),
	TAG(KZT_MATCH_TAG_SENDER), TAG(KZT_MATCH_TAG_RECEIVER),
};

#define NUMBER_FIELDS (sizeof(number_fields) / sizeof(number_fields[0]))

static void field_store(struct kzt_rule *r, const struct number_field *f, uint64_t n)
{
	uint8_t *at = (uint8_t *)r + f->off;
	uint32_t u32 = (uint32_t)n;
	uint16_t u16 = (uint16_t)n;
	uint8_t u8 = (uint8_t)n;

	memcpy(at, f->len == 4 ? (void *)&u32 : f->len == 2 ? (void *)&u16 : &u8, f->len);
}

static uint64_t field_load(const struct kzt_rule *r, const struct number_field *f)
{
	const uint8_t *at = (const uint8_t *)r + f->off;
	uint32_t u32;
	uint16_t u16;

	memcpy(&u32, at, f->len == 4 ? 4 : 0);
	memcpy(&u16, at, f->len == 2 ? 2 : 0);
	return f->len == 4 ? u32 : f->len == 2 ? u16 : *at;
}

/* --- in ------------------------------ */

static const json_t *field(const json_t *o, const char *key)
{
	return json_object_get(o, key);
}

static uint64_t number(const json_t *o, const char *key)
{
	return lax_uint(field(o, key), 0);
}

static const char *text(const json_t *o, const char *key, char *buf)
{
	return lax_text(field(o, key), "", buf);
}

static void get_ip(const json_t *o, int family, struct kzt_rule *r)
{
	char buf[LAX_TEXT_MAX], ip[INET6_ADDRSTRLEN];
	const char *s = text(o, "ip", buf), *slash = strchrnul(s, '/');
	unsigned long max = family == AF_INET ? 32 : 128, bits;

	if ((size_t)(slash - s) >= sizeof(ip))
		return;
	memcpy(ip, s, (size_t)(slash - s));
	ip[slash - s] = 0;
	if (inet_pton(family, ip, r->ip.addr) != 1) {
		memset(r->ip.addr, 0, sizeof(r->ip.addr));
		return;
	}
	bits = *slash ? strtoul(slash + 1, NULL, 10) : 0;
	r->ip.bits = (uint8_t)(bits < max ? bits : max);
}

/* Text is hexadecimal here, unlike elsewhere */
static uint64_t hex_or_number(const json_t *v)
{
	return json_is_string(v) ? strtoull(json_string_value(v), NULL, 16) :
				   lax_uint(v, 0);
}

static void get_mac(const json_t *o, struct kzt_rule *r)
{
	char buf[LAX_TEXT_MAX];
	uint64_t mac = lax_hex_digits(text(o, "mac", buf));
	unsigned int i;

	for (i = 0; i < 6; i++)
		r->mac[i] = (uint8_t)(mac >> (40 - 8 * i));
}

static void get_numbers(const json_t *o, struct kzt_rule *r)
{
	const struct number_field *f;

	for (f = number_fields; f < number_fields + NUMBER_FIELDS; f++)
		if (f->type == kzt_rule_type(r))
			field_store(r, f, number(o, f->key));
}

/* Without an end it is one value */
static void get_range(const json_t *o, struct kzt_rule *r)
{
	r->range.low = (uint16_t)number(o, "start");
	r->range.high = (uint16_t)lax_uint(field(o, "end"), r->range.low);
}

static void get_icmp(const json_t *o, struct kzt_rule *r)
{
	const json_t *code = field(o, "icmpCode");

	r->icmp.type = (uint8_t)number(o, "icmpType");
	if (code && !json_is_null(code)) {
		r->icmp.code = (uint8_t)lax_uint(code, 0);
		r->icmp.flags = 1;
	}
}

static void get_integer(const json_t *o, struct kzt_rule *r)
{
	uint64_t bits = number(o, "bits");

	r->integer.start = hex_or_number(field(o, "start"));
	r->integer.span = (uint32_t)(hex_or_number(field(o, "end")) - r->integer.start);
	r->integer.index = (uint16_t)number(o, "idx");
	r->integer.format = (uint8_t)((bits - 1) & 63);
	if (lax_bool(field(o, "little"), false))
		r->integer.format |= KZT_INTEGER_LITTLE_ENDIAN;
}

static void get_copy(const json_t *o, struct kzt_rule *r)
{
	char buf[LAX_TEXT_MAX];

	r->act.address = lax_hex_digits(text(o, "address", buf)) & KZT_ADDR_MASK;
	r->act.flags = (uint32_t)number(o, "flags");
	if (kzt_rule_type(r) != KZT_ACTION_REDIRECT)
		r->act.length = (uint16_t)number(o, "length");
}

static void get_value(const json_t *o, struct kzt_rule *r)
{
	char buf[LAX_TEXT_MAX];

	switch (kzt_rule_type(r)) {
	case KZT_ACTION_TEE:
	case KZT_ACTION_WATCH:
	case KZT_ACTION_REDIRECT:
		get_copy(o, r);
		break;
	case KZT_MATCH_SOURCE_ADDRESS:
	case KZT_MATCH_DEST_ADDRESS:
		r->address = lax_hex_digits(text(o, "zt", buf)) & KZT_ADDR_MASK;
		break;
	case KZT_MATCH_MAC_SOURCE:
	case KZT_MATCH_MAC_DEST:
		get_mac(o, r);
		break;
	case KZT_MATCH_IPV4_SOURCE:
	case KZT_MATCH_IPV4_DEST:
		get_ip(o, AF_INET, r);
		break;
	case KZT_MATCH_IPV6_SOURCE:
	case KZT_MATCH_IPV6_DEST:
		get_ip(o, AF_INET6, r);
		break;
	case KZT_MATCH_ICMP:
		get_icmp(o, r);
		break;
	case KZT_MATCH_SOURCE_PORT:
	case KZT_MATCH_DEST_PORT:
	case KZT_MATCH_FRAME_SIZE:
		get_range(o, r);
		break;
	case KZT_MATCH_CHARACTERISTICS:
		r->mask = hex_or_number(field(o, "mask"));
		break;
	case KZT_MATCH_INTEGER_RANGE:
		get_integer(o, r);
		break;
	default:
		get_numbers(o, r);
	}
}

bool rules_json_get(const json_t *o, struct kzt_rule *r)
{
	const char *name = json_string_value(json_object_get(o, "type"));
	unsigned int type;

	memset(r, 0, sizeof(*r));
	if (!name)
		return false;
	for (type = 0; type <= KZT_RULE_TYPE; type++)
		if (names[type] && !strcmp(name, names[type]))
			break;
	if (type > KZT_RULE_TYPE)
		return false;
	r->type = (uint8_t)type;
	if (type > KZT_RULE_LAST_ACTION) {
		if (lax_bool(field(o, "not"), false))
			r->type |= KZT_RULE_NOT;
		if (lax_bool(field(o, "or"), false))
			r->type |= KZT_RULE_OR;
	}
	get_value(o, r);
	return true;
}

/* --- out ------------------------------ */

static void put_int(json_t *o, const char *key, uint64_t n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

static void put_hex(json_t *o, const char *key, int digits, uint64_t n)
{
	json_object_set_new(o, key, json_sprintf("%0*" PRIx64, digits, n));
}

static void put_ip(json_t *o, int family, const struct kzt_rule *r)
{
	char ip[INET6_ADDRSTRLEN];

	inet_ntop(family, r->ip.addr, ip, sizeof(ip));
	json_object_set_new(o, "ip", json_sprintf("%s/%u", ip, r->ip.bits));
}

static void put_mac(json_t *o, const uint8_t m[6])
{
	json_object_set_new(o, "mac", json_sprintf("%02x:%02x:%02x:%02x:%02x:%02x",
						   m[0], m[1], m[2], m[3], m[4], m[5]));
}

static void put_copy(json_t *o, const struct kzt_rule *r)
{
	put_hex(o, "address", 10, r->act.address);
	put_int(o, "flags", r->act.flags);
	if (kzt_rule_type(r) != KZT_ACTION_REDIRECT)
		put_int(o, "length", r->act.length);
}

static void put_icmp(json_t *o, const struct kzt_rule *r)
{
	put_int(o, "icmpType", r->icmp.type);
	json_object_set_new(o, "icmpCode", r->icmp.flags & 1 ?
			    json_integer(r->icmp.code) : json_null());
}

static void put_integer(json_t *o, const struct kzt_rule *r)
{
	put_hex(o, "start", 16, r->integer.start);
	put_hex(o, "end", 16, r->integer.start + r->integer.span);
	put_int(o, "idx", r->integer.index);
	put_int(o, "bits", (r->integer.format & 63) + 1);
	json_object_set_new(o, "little", json_boolean(r->integer.format &
						      KZT_INTEGER_LITTLE_ENDIAN));
}

static void put_numbers(json_t *o, const struct kzt_rule *r)
{
	const struct number_field *f;

	for (f = number_fields; f < number_fields + NUMBER_FIELDS; f++)
		if (f->type == kzt_rule_type(r))
			put_int(o, f->key, field_load(r, f));
}

static void put_value(json_t *o, const struct kzt_rule *r)
{
	switch (kzt_rule_type(r)) {
	case KZT_ACTION_TEE:
	case KZT_ACTION_WATCH:
	case KZT_ACTION_REDIRECT:
		put_copy(o, r);
		break;
	case KZT_MATCH_SOURCE_ADDRESS:
	case KZT_MATCH_DEST_ADDRESS:
		put_hex(o, "zt", 10, r->address);
		break;
	case KZT_MATCH_MAC_SOURCE:
	case KZT_MATCH_MAC_DEST:
		put_mac(o, r->mac);
		break;
	case KZT_MATCH_IPV4_SOURCE:
	case KZT_MATCH_IPV4_DEST:
		put_ip(o, AF_INET, r);
		break;
	case KZT_MATCH_IPV6_SOURCE:
	case KZT_MATCH_IPV6_DEST:
		put_ip(o, AF_INET6, r);
		break;
	case KZT_MATCH_ICMP:
		put_icmp(o, r);
		break;
	case KZT_MATCH_CHARACTERISTICS:
		put_hex(o, "mask", 16, r->mask);
		break;
	case KZT_MATCH_INTEGER_RANGE:
		put_integer(o, r);
		break;
	default:
		put_numbers(o, r);
	}
}

json_t *rules_json_put(const struct kzt_rule *r)
{
	unsigned int type = kzt_rule_type(r);
	json_t *o;

	if (!names[type])
		return NULL;
	o = json_pack("{s:s}", "type", names[type]);
	if (type > KZT_RULE_LAST_ACTION) {
		json_object_set_new(o, "not", json_boolean(r->type & KZT_RULE_NOT));
		json_object_set_new(o, "or", json_boolean(r->type & KZT_RULE_OR));
	}
	put_value(o, r);
	return o;
}

/* --- lists ------------------------------ */

unsigned int rules_json_list(const json_t *array, struct kzt_rule *rules,
			     unsigned int max)
{
	unsigned int n = 0;
	const json_t *o;
	size_t i;

	json_array_foreach(array, i, o) {
		if (n == max)
			break;
		if (rules_json_get(o, &rules[n]))
			n++;
	}
	return n;
}

json_t *rules_json_normal(const json_t *array, unsigned int max)
{
	json_t *out = json_array();
	struct kzt_rule r;
	const json_t *o;
	size_t i;

	json_array_foreach(array, i, o) {
		if (json_array_size(out) == max)
			break;
		if (rules_json_get(o, &r))
			json_array_append_new(out, rules_json_put(&r));
	}
	return out;
}
