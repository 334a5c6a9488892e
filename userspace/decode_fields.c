// SPDX-License-Identifier: GPL-2.0
/* The attributes of the family's objects, with the keys of the specification. */
#include "decode_fields.h"
#include <linux/kzt.h>
#include <stddef.h>

/* --- words of the specification ------------------------------------------------------ */

static const char *const roles[] = { "leaf", "moon", "planet", NULL };
static const char *const links[] = { "none", "relay", "direct", NULL };
static const char *const states[] = { "down", "probing", "up", NULL };
const char *const kzt_path_rules[] = {
	[KZT_PATH_RULE_FULL] = "full", [KZT_PATH_RULE_SPARSE] = "sparse", NULL,
};
const char *const kzt_suites[] = { "auto", "salsa", "siv", NULL };
static const char *const statuses[] = {
	"requesting-configuration", "ok", "access-denied", "not-found",
	"port-error", "client-too-old", "authentication-required", NULL,
};
static const char *const network_flags[] = {
	"broadcast", "ndp-emulation", "private", "active-bridge",
	"unknown-match", NULL,
};

/* --- fields ---------------------------------------------------------------------------- */

const struct kzt_field kzt_node_fields[] = {
	{ KZT_A_NODE_ADDRESS, "address", ADDRESS, NULL },
	{ KZT_A_NODE_IDENTITY, "identity", IDENTITY, NULL },
	{ KZT_A_NODE_ONLINE, "online", BOOL, NULL },
	{ KZT_A_NODE_UPSTREAM, "upstream", BOOL, NULL },
	{ KZT_A_NODE_PORT, "port", INT, NULL },
	{ KZT_A_NODE_FWMARK, "fwmark", INT, NULL },
	{ KZT_A_NODE_BIND_IFINDEX, "bind", DEVS, NULL },
	{ KZT_A_NODE_SUITE, "suite", ENUM, kzt_suites },
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
	{ KZT_A_NODE_PATH_RULE, "path-rule", ENUM, kzt_path_rules },
	{ KZT_A_NODE_PREDICT, "predict", BOOL, NULL },
	{ KZT_A_NODE_PHYS, "phys", PHYS, NULL },
	{ 0, NULL, INT, NULL },
};

const struct kzt_field kzt_peer_fields[] = {
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
	{ KZT_A_PEER_SUITE, "suite", ENUM, kzt_suites },
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

const struct kzt_field kzt_path_fields[] = {
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

const struct kzt_field kzt_network_fields[] = {
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

const struct kzt_field kzt_member_fields[] = {
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

const struct kzt_field kzt_group_fields[] = {
	{ KZT_A_GROUP_NETWORK, "network", ID64, NULL },
	{ KZT_A_GROUP_MAC, "mac", MAC, NULL },
	{ KZT_A_GROUP_ADI, "adi", INT, NULL },
	{ KZT_A_GROUP_SUBSCRIBED, "subscribed", BOOL, NULL },
	{ KZT_A_GROUP_MEMBER, "members", ADDRESSES, NULL },
	{ 0, NULL, INT, NULL },
};

const struct kzt_field kzt_fdb_fields[] = {
	{ KZT_A_FDB_NETWORK, "network", ID64, NULL },
	{ KZT_A_FDB_MAC, "mac", MAC, NULL },
	{ KZT_A_FDB_ADDRESS, "address", ADDRESS, NULL },
	{ 0, NULL, INT, NULL },
};

const struct kzt_field kzt_message_fields[] = {
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

const struct kzt_field kzt_policy_fields[] = {
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

const struct kzt_field kzt_policy_link_fields[] = {
	{ KZT_A_POLICY_LINK_NAME, "name", STRING, NULL },
	{ KZT_A_POLICY_LINK_PRIMARY, "primary", BOOL, NULL },
	{ KZT_A_POLICY_LINK_IPVER, "ipver", STRING, NULL },
	{ KZT_A_POLICY_LINK_WEIGHT, "weight", INT, NULL },
	{ KZT_A_POLICY_LINK_CAPACITY, "capacity", INT, NULL },
	{ KZT_A_POLICY_LINK_FAILOVER_TO, "failover-to", STRING, NULL },
	{ KZT_A_POLICY_LINK_MTU, "mtu", INT, NULL },
	{ 0, NULL, INT, NULL },
};

const struct kzt_field kzt_scope_cap_fields[] = {
	{ KZT_A_SCOPE_CAP_SCOPE, "scope", INT, NULL },
	{ KZT_A_SCOPE_CAP_PATHS, "paths", INT, NULL },
	{ 0, NULL, INT, NULL },
};

const struct kzt_field kzt_plan_fields[] = {
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
