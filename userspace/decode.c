// SPDX-License-Identifier: GPL-2.0
/* Messages of the family as JSON, with the keys of the specification. */
#include "decode.h"
#include "decode_fields.h"
#include "identity.h"
#include "kzt.h"
#include "out.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

/* --- values ------------------------------------------------------------------------------ */

static json_t *word_of(const char *const *words, uint64_t v)
{
	for (; *words; words++)
		if (!v--)
			return json_string(*words);
	return NULL;		/* of a newer kernel: unknown */
}

static json_t *flags_of(const char *const *words, uint64_t v)
{
	json_t *list = json_array();

	for (; *words; words++, v >>= 1)
		if (v & 1)
			json_array_append_new(list, json_string(*words));
	return list;
}

static json_t *dev_of(unsigned int ifindex)
{
	char name[IF_NAMESIZE];

	return if_indextoname(ifindex, name) ? json_string(name) : NULL;
}

static json_t *hex_of(const uint8_t *p, size_t len, const char *between)
{
	static const char digits[] = "0123456789abcdef";
	json_t *v;
	char *s, *d;

	s = malloc(len * 3 + 1);
	if (!s)
		return NULL;
	for (d = s; len--; p++) {
		*d++ = digits[*p >> 4];
		*d++ = digits[*p & 15];
		if (len && *between)
			*d++ = *between;
	}
	*d = 0;
	v = json_string(s);
	free(s);
	return v;
}

static json_t *sockaddr_of(const struct nlattr *a)
{
	char text[80];

	kzt_text_sockaddr(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a),
			  text, sizeof(text));
	return json_string(text);
}

static json_t *identity_of(const struct nlattr *a)
{
	char text[KZT_ID_TEXT_MAX];
	struct kzt_id id;

	if (kzt_id_from_binary(&id, mnl_attr_get_payload(a),
			       mnl_attr_get_payload_len(a), NULL) ||
	    kzt_id_text(&id, false, text, sizeof(text)) < 0)
		return NULL;
	return json_string(text);
}

static json_t *prefix_text(const struct nlattr *addr, const struct nlattr *bits)
{
	char ip[INET6_ADDRSTRLEN];
	unsigned int len;

	if (!addr || !bits)
		return NULL;
	len = mnl_attr_get_payload_len(addr);
	if (len != 4 && len != 16)
		return NULL;
	inet_ntop(len == 4 ? AF_INET : AF_INET6, mnl_attr_get_payload(addr), ip,
		  sizeof(ip));
	return json_sprintf("%s/%u", ip, mnl_attr_get_u8(bits));
}

static json_t *prefix_of(const struct nlattr *nest)
{
	const struct nlattr *tb[KZT_A_PREFIX_MAX + 1];

	kzt_nl_nested(nest, tb, KZT_A_PREFIX_MAX);
	return prefix_text(tb[KZT_A_PREFIX_ADDR], tb[KZT_A_PREFIX_LEN]);
}

static json_t *phys_of(const struct nlattr *nest)
{
	const struct nlattr *tb[KZT_A_PHYS_MAX + 1];
	json_t *o = json_object(), *prefix;

	kzt_nl_nested(nest, tb, KZT_A_PHYS_MAX);
	prefix = prefix_text(tb[KZT_A_PHYS_ADDR], tb[KZT_A_PHYS_LEN]);
	if (prefix)
		json_object_set_new(o, "prefix", prefix);
	if (tb[KZT_A_PHYS_MTU])
		json_object_set_new(o, "mtu", json_integer((json_int_t)
				    kzt_attr_uint(tb[KZT_A_PHYS_MTU], 0)));
	if (tb[KZT_A_PHYS_TRUST_ID])
		json_object_set_new(o, "trust-id", json_sprintf(KZT_PRIX64,
				    (unsigned long long)
				    kzt_attr_uint(tb[KZT_A_PHYS_TRUST_ID], 0)));
	return o;
}

static json_t *text_of(const struct nlattr *a)
{
	/* json_stringn() wants UTF-8; names come from the wire */
	size_t len = strnlen(mnl_attr_get_payload(a),
			     mnl_attr_get_payload_len(a));
	json_t *v = json_stringn(mnl_attr_get_payload(a), len);

	return v ? v : hex_of(mnl_attr_get_payload(a), len, "");
}

static json_t *value_of(const struct nlattr *a, const struct kzt_field *f)
{
	unsigned long long v = kzt_attr_uint(a, 0);

	switch (f->kind) {
	case INT:
	case INTS:
		return json_integer((json_int_t)v);
	case BOOL:
		return json_boolean(v);
	case ADDRESS:
	case ADDRESSES:
		return json_sprintf(KZT_PRIADDR, v);
	case ID64:
	case COOKIE:
		return json_sprintf(KZT_PRIX64, v);
	case STRING:
	case STRINGS:
		return text_of(a);
	case ENUM:
		return word_of(f->words, v);
	case FLAGS:
		return flags_of(f->words, v);
	case MAC:
		return mnl_attr_get_payload_len(a) == 6 ?
		       hex_of(mnl_attr_get_payload(a), 6, ":") : NULL;
	case HEX:
		return hex_of(mnl_attr_get_payload(a),
			      mnl_attr_get_payload_len(a), "");
	case DEV:
	case DEVS:
		return dev_of((unsigned int)v);
	case SOCKADDR:
	case SOCKADDRS:
		return sockaddr_of(a);
	case IDENTITY:
		return identity_of(a);
	case PREFIXES:
		return prefix_of(a);
	case PHYS:
		return phys_of(a);
	case COUNT:
		return json_integer(mnl_attr_get_payload_len(a) / 8);
	}
	return NULL;
}

static bool is_list(const struct kzt_field *f)
{
	return f->kind == PREFIXES || f->kind == ADDRESSES ||
	       f->kind == STRINGS || f->kind == SOCKADDRS || f->kind == PHYS ||
	       f->kind == INTS || f->kind == DEVS;
}

static void object_add(json_t *o, const struct kzt_field *f, const struct nlattr *a)
{
	json_t *v, *list;

	for (; f->key; f++)
		if (f->attr == mnl_attr_get_type(a))
			break;
	if (!f->key)
		return;
	v = value_of(a, f);
	list = json_object_get(o, f->key);
	if (list && is_list(f))
		json_array_append_new(list, v);
	else if (v)		/* an unknown value: the key is absent */
		json_object_set_new(o, f->key, v);
}

/* Keys in the order of the table; lists are there even if empty */
static json_t *object_new(const struct kzt_field *fields)
{
	json_t *o = json_object();

	for (; fields->key; fields++)
		json_object_set_new(o, fields->key, is_list(fields) ?
				    json_array() : json_null());
	return o;
}

static json_t *object_done(json_t *o)
{
	const char *key;
	json_t *v;
	void *tmp;

	json_object_foreach_safe(o, tmp, key, v)
		if (json_is_null(v))
			json_object_del(o, key);
	return o;
}

static json_t *message_object(const struct nlmsghdr *nlh,
			      const struct kzt_field *fields)
{
	json_t *o = object_new(fields);
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		object_add(o, fields, a);
	return object_done(o);
}

/* --- objects ------------------------------------------------------------------------------ */

json_t *kzt_decode_node(const struct nlmsghdr *nlh)
{
	return message_object(nlh, kzt_node_fields);
}

static json_t *nest_object(const struct nlattr *nest, const struct kzt_field *fields)
{
	json_t *o = object_new(fields);
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest)
		object_add(o, fields, a);
	return object_done(o);
}

/* All the nests of one type in a message */
static json_t *nests_of(const struct nlmsghdr *nlh, uint16_t type,
			const struct kzt_field *fields)
{
	json_t *list = json_array();
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == type)
			json_array_append_new(list, nest_object(a, fields));
	return list;
}

json_t *kzt_decode_peer(const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[KZT_A_PEER_MAX + 1];
	json_t *o = message_object(nlh, kzt_peer_fields);

	kzt_nl_attrs(nlh, tb, KZT_A_PEER_MAX);
	if (tb[KZT_A_PEER_MAJOR])
		json_object_set_new(o, "version", json_sprintf("%u.%u.%u",
				    (unsigned int)kzt_attr_uint(tb[KZT_A_PEER_MAJOR], 0),
				    (unsigned int)kzt_attr_uint(tb[KZT_A_PEER_MINOR], 0),
				    (unsigned int)kzt_attr_uint(tb[KZT_A_PEER_REVISION], 0)));
	json_object_set_new(o, "paths", nests_of(nlh, KZT_A_PEER_PATH,
						 kzt_path_fields));
	return o;
}

json_t *kzt_decode_network(const struct nlmsghdr *nlh)
{
	return message_object(nlh, kzt_network_fields);
}

json_t *kzt_decode_member(const struct nlmsghdr *nlh)
{
	return message_object(nlh, kzt_member_fields);
}

json_t *kzt_decode_group(const struct nlmsghdr *nlh)
{
	return message_object(nlh, kzt_group_fields);
}

json_t *kzt_decode_fdb(const struct nlmsghdr *nlh)
{
	return message_object(nlh, kzt_fdb_fields);
}

json_t *kzt_decode_message(const struct nlmsghdr *nlh)
{
	return message_object(nlh, kzt_message_fields);
}

json_t *kzt_decode_policy(const struct nlmsghdr *nlh)
{
	json_t *o = message_object(nlh, kzt_policy_fields);

	json_object_set_new(o, "scope-max", nests_of(nlh, KZT_A_POLICY_SCOPE_MAX,
						     kzt_scope_cap_fields));
	json_object_set_new(o, "links", nests_of(nlh, KZT_A_POLICY_LINK,
						 kzt_policy_link_fields));
	return o;
}

json_t *kzt_decode_plan(const struct nlmsghdr *nlh)
{
	return message_object(nlh, kzt_plan_fields);
}

/* {"events": {name: value}, "drops": {name: value}} */
json_t *kzt_decode_counters(const struct nlmsghdr *nlh)
{
	const struct nlattr *a, *tb[KZT_A_COUNTER_MAX + 1];
	json_t *events = json_object(), *drops = json_object();

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) {
		json_t *name;

		if (mnl_attr_get_type(a) != KZT_A_STATS_COUNTER)
			continue;
		kzt_nl_nested(a, tb, KZT_A_COUNTER_MAX);
		if (!tb[KZT_A_COUNTER_NAME])
			continue;
		name = text_of(tb[KZT_A_COUNTER_NAME]);
		json_object_set_new(kzt_attr_uint(tb[KZT_A_COUNTER_DROP], 0) ?
				    drops : events, json_string_value(name),
				    json_integer((json_int_t)kzt_attr_uint(
					    tb[KZT_A_COUNTER_VALUE], 0)));
		json_decref(name);
	}
	return json_pack("{s:o,s:o}", "events", events, "drops", drops);
}
