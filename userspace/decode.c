// SPDX-License-Identifier: GPL-2.0
/* Messages of the family as JSON, with the keys of the specification. */
#include "decode.h"
#include "identity.h"
#include "kzt.h"
#include "out.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

enum kind {
	INT,		/* of any width */
	BOOL,
	ADDRESS,	/* of a node, ten digits */
	ID64,		/* of a network or world, 16 digits */
	COOKIE,
	STRING,
	ENUM,
	FLAGS,
	MAC,
	HEX,
	DEV,		/* index of a device here */
	DEVS,		/* all */
	SOCKADDR,
	IDENTITY,
	PREFIXES,	/* all of the nests with this type */
	ADDRESSES,	/* all */
	STRINGS,	/* all */
	SOCKADDRS,	/* all */
	PHYS,		/* all: what holds for remote prefixes */
	INTS,		/* all */
	COUNT,		/* of 64-bit values inside */
};

struct field {
	uint16_t attr;
	const char *key;
	enum kind kind;
	const char *const *words;	/* of an ENUM or FLAGS, NULL ends it */
};

/* --- words of the specification ------------------------------------------------------ */

static const char *const roles[] = { "leaf", "moon", "planet", NULL };
static const char *const links[] = { "none", "relay", "direct", NULL };
static const char *const states[] = { "down", "probing", "up", NULL };
static const char *const path_rules[] = { "full", "sparse", NULL };
static const char *const suites[] = { "auto", "salsa", "siv", NULL };
static const char *const statuses[] = {
	"requesting-configuration", "ok", "access-denied", "not-found",
	"port-error", "client-too-old", "authentication-required", NULL,
};
static const char *const network_flags[] = {
	"broadcast", "ndp-emulation", "private", "active-bridge",
	"unknown-match", NULL,
};

/* --- fields ---------------------------------------------------------------------------- */

static const struct field node_fields[] = {
	{ KZT_A_NODE_ADDRESS, "address", ADDRESS, NULL },
	{ KZT_A_NODE_IDENTITY, "identity", IDENTITY, NULL },
	{ KZT_A_NODE_ONLINE, "online", BOOL, NULL },
	{ KZT_A_NODE_UPSTREAM, "upstream", BOOL, NULL },
	{ KZT_A_NODE_PORT, "port", INT, NULL },
	{ KZT_A_NODE_FWMARK, "fwmark", INT, NULL },
	{ KZT_A_NODE_BIND_IFINDEX, "bind", DEVS, NULL },
	{ KZT_A_NODE_SUITE, "suite", ENUM, suites },
	{ KZT_A_NODE_RELAY, "relay", BOOL, NULL },
	{ KZT_A_NODE_PLANET_ID, "planet-id", ID64, NULL },
	{ KZT_A_NODE_PLANET_TIMESTAMP, "planet-timestamp", INT, NULL },
	{ KZT_A_NODE_PEERS, "peers", INT, NULL },
	{ KZT_A_NODE_PATHS, "paths", INT, NULL },
	{ KZT_A_NODE_AGENT, "agent", BOOL, NULL },
	{ KZT_A_NODE_VERSION, "version", STRING, NULL },
	{ KZT_A_NODE_DENY, "deny", PREFIXES, NULL },
	{ KZT_A_NODE_DENY_DEV, "deny-dev", STRINGS, NULL },
	{ KZT_A_NODE_SECONDARY_PORT, "secondary-port", INT, NULL },
	{ KZT_A_NODE_MAPPED, "mapped", SOCKADDRS, NULL },
	{ KZT_A_NODE_PATH_RULE, "path-rule", ENUM, path_rules },
	{ KZT_A_NODE_PREDICT, "predict", BOOL, NULL },
	{ KZT_A_NODE_PHYS, "phys", PHYS, NULL },
	{ 0, NULL, INT, NULL },
};

static const struct field peer_fields[] = {
	{ KZT_A_PEER_ADDRESS, "address", ADDRESS, NULL },
	{ KZT_A_PEER_IDENTITY, "identity", IDENTITY, NULL },
	{ KZT_A_PEER_ROLE, "role", ENUM, roles },
	{ KZT_A_PEER_UPSTREAM, "upstream", BOOL, NULL },
	{ KZT_A_PEER_STATIC, "static", BOOL, NULL },
	{ KZT_A_PEER_PROTO, "proto", INT, NULL },
	{ KZT_A_PEER_LINK, "link", ENUM, links },
	{ KZT_A_PEER_RELAY_VIA, "relay-via", ADDRESS, NULL },
	{ KZT_A_PEER_REASON, "reason", STRING, NULL },
	{ KZT_A_PEER_POLICY, "policy", STRING, NULL },
	{ KZT_A_PEER_SUITE, "suite", ENUM, suites },
	{ KZT_A_PEER_MARK, "mark", INT, NULL },
	{ KZT_A_PEER_RTT_US, "rtt-us", INT, NULL },
	{ KZT_A_PEER_RX_BYTES, "rx-bytes", INT, NULL },
	{ KZT_A_PEER_TX_BYTES, "tx-bytes", INT, NULL },
	{ KZT_A_PEER_RX_PACKETS, "rx-packets", INT, NULL },
	{ KZT_A_PEER_TX_PACKETS, "tx-packets", INT, NULL },
	{ KZT_A_PEER_LAST_RECEIVE_MS, "last-receive-ms", INT, NULL },
	{ KZT_A_PEER_AUTH_FAILURES, "auth-failures", INT, NULL },
	{ KZT_A_PEER_DUPLICATES, "duplicates", INT, NULL },
	{ KZT_A_PEER_DENY, "deny", PREFIXES, NULL },
	{ KZT_A_PEER_ENDPOINT, "endpoints", SOCKADDRS, NULL },
	{ 0, NULL, INT, NULL },
};

static const struct field path_fields[] = {
	{ KZT_A_PATH_ID, "id", INT, NULL },
	{ KZT_A_PATH_IFINDEX, "dev", DEV, NULL },
	{ KZT_A_PATH_LOCAL, "local", SOCKADDR, NULL },
	{ KZT_A_PATH_REMOTE, "remote", SOCKADDR, NULL },
	{ KZT_A_PATH_STATE, "state", ENUM, states },
	{ KZT_A_PATH_RTT_US, "rtt-us", INT, NULL },
	{ KZT_A_PATH_JITTER_US, "jitter-us", INT, NULL },
	{ KZT_A_PATH_LOSS_PPM, "loss-ppm", INT, NULL },
	{ KZT_A_PATH_MTU, "mtu", INT, NULL },
	{ KZT_A_PATH_SHARE_PPM, "share-ppm", INT, NULL },
	{ KZT_A_PATH_ACTIVE, "active", BOOL, NULL },
	{ KZT_A_PATH_WHY, "why", STRING, NULL },
	{ KZT_A_PATH_SCOPE, "scope", INT, NULL },
	{ KZT_A_PATH_TRUSTED, "trusted", BOOL, NULL },
	{ KZT_A_PATH_RX_BYTES, "rx-bytes", INT, NULL },
	{ KZT_A_PATH_TX_BYTES, "tx-bytes", INT, NULL },
	{ KZT_A_PATH_LAST_IN_MS, "last-in-ms", INT, NULL },
	{ KZT_A_PATH_LAST_OUT_MS, "last-out-ms", INT, NULL },
	{ KZT_A_PATH_ERROR_PPM, "error-ppm", INT, NULL },
	{ KZT_A_PATH_THROUGHPUT_BPS, "throughput-bps", INT, NULL },
	{ KZT_A_PATH_PINNED, "pinned", BOOL, NULL },
	{ 0, NULL, INT, NULL },
};

static const struct field network_fields[] = {
	{ KZT_A_NETWORK_ID, "id", ID64, NULL },
	{ KZT_A_NETWORK_NAME, "name", STRING, NULL },
	{ KZT_A_NETWORK_IFNAME, "dev", STRING, NULL },
	{ KZT_A_NETWORK_IFINDEX, "ifindex", INT, NULL },
	{ KZT_A_NETWORK_NETNSID, "netnsid", INT, NULL },
	{ KZT_A_NETWORK_STATUS, "status", ENUM, statuses },
	{ KZT_A_NETWORK_MAC, "mac", MAC, NULL },
	{ KZT_A_NETWORK_MTU, "mtu", INT, NULL },
	{ KZT_A_NETWORK_FLAGS, "flags", FLAGS, network_flags },
	{ KZT_A_NETWORK_MULTICAST_LIMIT, "multicast-limit", INT, NULL },
	{ KZT_A_NETWORK_ADDRESS, "addresses", PREFIXES, NULL },
	{ KZT_A_NETWORK_REVISION, "revision", INT, NULL },
	{ KZT_A_NETWORK_MEMBERS, "members", INT, NULL },
	{ KZT_A_NETWORK_GROUPS, "groups", INT, NULL },
	{ KZT_A_NETWORK_BRIDGE, "bridge", ADDRESSES, NULL },
	{ KZT_A_NETWORK_REPLICATOR, "replicator", ADDRESSES, NULL },
	{ KZT_A_NETWORK_ANCHOR, "anchor", ADDRESSES, NULL },
	{ KZT_A_NETWORK_RULE_HITS, "rules", COUNT, NULL },
	{ 0, NULL, INT, NULL },
};

static const char *const member_status[] = {
	"unknown", "agrees", "disagrees", "revoked", NULL
};

static const struct field member_fields[] = {
	{ KZT_A_MEMBER_NETWORK, "network", ID64, NULL },
	{ KZT_A_MEMBER_ADDRESS, "address", ADDRESS, NULL },
	{ KZT_A_MEMBER_MAC, "mac", MAC, NULL },
	{ KZT_A_MEMBER_LAST_FRAME_MS, "last-frame-ms", INT, NULL },
	{ KZT_A_MEMBER_STATUS, "status", ENUM, member_status },
	{ KZT_A_MEMBER_LAST_PUSH_MS, "last-push-ms", INT, NULL },
	{ KZT_A_MEMBER_N_TAGS, "tags", INT, NULL },
	{ KZT_A_MEMBER_N_CAPABILITIES, "capabilities", INT, NULL },
	{ KZT_A_MEMBER_N_OWNED, "owned", INT, NULL },
	{ 0, NULL, INT, NULL },
};

static const struct field group_fields[] = {
	{ KZT_A_GROUP_NETWORK, "network", ID64, NULL },
	{ KZT_A_GROUP_MAC, "mac", MAC, NULL },
	{ KZT_A_GROUP_ADI, "adi", INT, NULL },
	{ KZT_A_GROUP_SUBSCRIBED, "subscribed", BOOL, NULL },
	{ KZT_A_GROUP_MEMBER, "members", ADDRESSES, NULL },
	{ 0, NULL, INT, NULL },
};

static const struct field fdb_fields[] = {
	{ KZT_A_FDB_NETWORK, "network", ID64, NULL },
	{ KZT_A_FDB_MAC, "mac", MAC, NULL },
	{ KZT_A_FDB_ADDRESS, "address", ADDRESS, NULL },
	{ 0, NULL, INT, NULL },
};

static const struct field message_fields[] = {
	{ KZT_A_MESSAGE_ADDRESS, "address", ADDRESS, NULL },
	{ KZT_A_MESSAGE_TYPE, "type", INT, NULL },
	{ KZT_A_MESSAGE_VERB, "verb", INT, NULL },
	{ KZT_A_MESSAGE_PACKET_ID, "packet-id", ID64, NULL },
	{ KZT_A_MESSAGE_DATA, "data", HEX, NULL },
	{ KZT_A_MESSAGE_PATH_ID, "path-id", INT, NULL },
	{ KZT_A_MESSAGE_RTT_US, "rtt-us", INT, NULL },
	{ KZT_A_MESSAGE_REMOTE, "remote", SOCKADDR, NULL },
	{ KZT_A_MESSAGE_HOPS, "hops", INT, NULL },
	{ KZT_A_MESSAGE_COOKIE, "cookie", COOKIE, NULL },
	{ 0, NULL, INT, NULL },
};

static const struct field policy_fields[] = {
	{ KZT_A_POLICY_ADDRESS, "address", ADDRESS, NULL },
	{ KZT_A_POLICY_MODE, "mode", STRING, NULL },
	{ KZT_A_POLICY_OWN, "own", BOOL, NULL },
	{ KZT_A_POLICY_IN_FORCE, "in-force", BOOL, NULL },
	{ KZT_A_POLICY_INERT, "inert", STRING, NULL },
	{ KZT_A_POLICY_MISSING, "missing", STRINGS, NULL },
	{ KZT_A_POLICY_REDUNDANT, "redundant", BOOL, NULL },
	{ KZT_A_POLICY_BALANCED, "balanced", BOOL, NULL },
	{ KZT_A_POLICY_RESELECT, "reselect", STRING, NULL },
	{ KZT_A_POLICY_PER_FLOW, "per-flow", BOOL, NULL },
	{ KZT_A_POLICY_FAILOVER_MS, "failover-ms", INT, NULL },
	{ KZT_A_POLICY_UP_DELAY_MS, "up-delay-ms", INT, NULL },
	{ KZT_A_POLICY_DOWN_DELAY_MS, "down-delay-ms", INT, NULL },
	{ KZT_A_POLICY_DWELL_MS, "dwell-ms", INT, NULL },
	{ KZT_A_POLICY_HYSTERESIS_PPM, "hysteresis-ppm", INT, NULL },
	{ KZT_A_POLICY_PACKETS_PER_LINK, "packets-per-link", INT, NULL },
	{ KZT_A_POLICY_MAX_LEGS, "max-legs", INT, NULL },
	{ KZT_A_POLICY_FAMILY_MAX_4, "family-max-4", INT, NULL },
	{ KZT_A_POLICY_FAMILY_MAX_6, "family-max-6", INT, NULL },
	{ KZT_A_POLICY_LATENCY_MAX_US, "latency-max-us", INT, NULL },
	{ KZT_A_POLICY_JITTER_MAX_US, "jitter-max-us", INT, NULL },
	{ KZT_A_POLICY_LOSS_MAX_PPM, "loss-max-ppm", INT, NULL },
	{ KZT_A_POLICY_ERROR_MAX_PPM, "error-max-ppm", INT, NULL },
	{ KZT_A_POLICY_LATENCY_WEIGHT_PPM, "latency-weight-ppm", INT, NULL },
	{ KZT_A_POLICY_JITTER_WEIGHT_PPM, "jitter-weight-ppm", INT, NULL },
	{ KZT_A_POLICY_LOSS_WEIGHT_PPM, "loss-weight-ppm", INT, NULL },
	{ KZT_A_POLICY_ERROR_WEIGHT_PPM, "error-weight-ppm", INT, NULL },
	{ 0, NULL, INT, NULL },
};

static const struct field policy_link_fields[] = {
	{ KZT_A_POLICY_LINK_NAME, "name", STRING, NULL },
	{ KZT_A_POLICY_LINK_PRIMARY, "primary", BOOL, NULL },
	{ KZT_A_POLICY_LINK_IPVER, "ipver", STRING, NULL },
	{ KZT_A_POLICY_LINK_WEIGHT, "weight", INT, NULL },
	{ KZT_A_POLICY_LINK_CAPACITY, "capacity", INT, NULL },
	{ KZT_A_POLICY_LINK_FAILOVER_TO, "failover-to", STRING, NULL },
	{ KZT_A_POLICY_LINK_MTU, "mtu", INT, NULL },
	{ 0, NULL, INT, NULL },
};

static const struct field scope_cap_fields[] = {
	{ KZT_A_SCOPE_CAP_SCOPE, "scope", INT, NULL },
	{ KZT_A_SCOPE_CAP_PATHS, "paths", INT, NULL },
	{ 0, NULL, INT, NULL },
};

static const struct field plan_fields[] = {
	{ KZT_A_PLAN_ADDRESS, "address", ADDRESS, NULL },
	{ KZT_A_PLAN_POLICY, "policy", STRING, NULL },
	{ KZT_A_PLAN_EVENT, "events", STRINGS, NULL },
	{ KZT_A_PLAN_ACTIVE, "active", INT, NULL },
	{ KZT_A_PLAN_FROM, "from", INT, NULL },
	{ KZT_A_PLAN_UP, "up", INTS, NULL },
	{ KZT_A_PLAN_DOWN, "down", INTS, NULL },
	{ KZT_A_PLAN_INERT, "inert", STRING, NULL },
	{ 0, NULL, INT, NULL },
};

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

static json_t *value_of(const struct nlattr *a, const struct field *f)
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

static bool is_list(const struct field *f)
{
	return f->kind == PREFIXES || f->kind == ADDRESSES ||
	       f->kind == STRINGS || f->kind == SOCKADDRS || f->kind == PHYS ||
	       f->kind == INTS || f->kind == DEVS;
}

static void object_add(json_t *o, const struct field *f, const struct nlattr *a)
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
static json_t *object_new(const struct field *fields)
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
			      const struct field *fields)
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
	return message_object(nlh, node_fields);
}

static json_t *nest_object(const struct nlattr *nest, const struct field *fields)
{
	json_t *o = object_new(fields);
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest)
		object_add(o, fields, a);
	return object_done(o);
}

/* All the nests of one type in a message */
static json_t *nests_of(const struct nlmsghdr *nlh, uint16_t type,
			const struct field *fields)
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
	json_t *o = message_object(nlh, peer_fields);

	kzt_nl_attrs(nlh, tb, KZT_A_PEER_MAX);
	if (tb[KZT_A_PEER_MAJOR])
		json_object_set_new(o, "version", json_sprintf("%u.%u.%u",
				    (unsigned int)kzt_attr_uint(tb[KZT_A_PEER_MAJOR], 0),
				    (unsigned int)kzt_attr_uint(tb[KZT_A_PEER_MINOR], 0),
				    (unsigned int)kzt_attr_uint(tb[KZT_A_PEER_REVISION], 0)));
	json_object_set_new(o, "paths", nests_of(nlh, KZT_A_PEER_PATH,
						 path_fields));
	return o;
}

json_t *kzt_decode_network(const struct nlmsghdr *nlh)
{
	return message_object(nlh, network_fields);
}

json_t *kzt_decode_member(const struct nlmsghdr *nlh)
{
	return message_object(nlh, member_fields);
}

json_t *kzt_decode_group(const struct nlmsghdr *nlh)
{
	return message_object(nlh, group_fields);
}

json_t *kzt_decode_fdb(const struct nlmsghdr *nlh)
{
	return message_object(nlh, fdb_fields);
}

json_t *kzt_decode_message(const struct nlmsghdr *nlh)
{
	return message_object(nlh, message_fields);
}

json_t *kzt_decode_policy(const struct nlmsghdr *nlh)
{
	json_t *o = message_object(nlh, policy_fields);

	json_object_set_new(o, "scope-max", nests_of(nlh, KZT_A_POLICY_SCOPE_MAX,
						     scope_cap_fields));
	json_object_set_new(o, "links", nests_of(nlh, KZT_A_POLICY_LINK,
						 policy_link_fields));
	return o;
}

json_t *kzt_decode_plan(const struct nlmsghdr *nlh)
{
	return message_object(nlh, plan_fields);
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
