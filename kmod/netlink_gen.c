// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	uapi/specs/kzt.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/kzt.h>

/* Common nested types */
const struct nla_policy kzt_capability_nl_policy[KZT_A_CAPABILITY_RULES + 1] = {
	[KZT_A_CAPABILITY_ID] = { .type = NLA_U32, },
	[KZT_A_CAPABILITY_RULES] = { .type = NLA_BINARY, },
};

const struct nla_policy kzt_counter_nl_policy[KZT_A_COUNTER_DROP + 1] = {
	[KZT_A_COUNTER_NAME] = { .type = NLA_NUL_STRING, },
	[KZT_A_COUNTER_VALUE] = { .type = NLA_U64, },
	[KZT_A_COUNTER_DROP] = { .type = NLA_U8, },
};

const struct nla_policy kzt_phys_nl_policy[KZT_A_PHYS_TRUST_ID + 1] = {
	[KZT_A_PHYS_ADDR] = { .type = NLA_BINARY, },
	[KZT_A_PHYS_LEN] = { .type = NLA_U8, },
	[KZT_A_PHYS_MTU] = { .type = NLA_U32, },
	[KZT_A_PHYS_TRUST_ID] = { .type = NLA_U64, },
};

const struct nla_policy kzt_policy_link_nl_policy[KZT_A_POLICY_LINK_MTU + 1] = {
	[KZT_A_POLICY_LINK_NAME] = { .type = NLA_NUL_STRING, },
	[KZT_A_POLICY_LINK_PRIMARY] = { .type = NLA_U8, },
	[KZT_A_POLICY_LINK_IPVER] = { .type = NLA_NUL_STRING, },
	[KZT_A_POLICY_LINK_WEIGHT] = { .type = NLA_U32, },
	[KZT_A_POLICY_LINK_CAPACITY] = { .type = NLA_U32, },
	[KZT_A_POLICY_LINK_FAILOVER_TO] = { .type = NLA_NUL_STRING, },
	[KZT_A_POLICY_LINK_MTU] = { .type = NLA_U32, },
};

const struct nla_policy kzt_prefix_nl_policy[KZT_A_PREFIX_LEN + 1] = {
	[KZT_A_PREFIX_ADDR] = { .type = NLA_BINARY, },
	[KZT_A_PREFIX_LEN] = { .type = NLA_U8, },
};

const struct nla_policy kzt_scope_cap_nl_policy[KZT_A_SCOPE_CAP_PATHS + 1] = {
	[KZT_A_SCOPE_CAP_SCOPE] = { .type = NLA_U32, },
	[KZT_A_SCOPE_CAP_PATHS] = { .type = NLA_U32, },
};

/* KZT_CMD_NODE_SET - do */
const struct nla_policy kzt_node_set_nl_policy[KZT_A_NODE_PHYS_CLEAR + 1] = {
	[KZT_A_NODE_IDENTITY_SECRET] = NLA_POLICY_EXACT_LEN(135),
	[KZT_A_NODE_PORT] = { .type = NLA_U16, },
	[KZT_A_NODE_FWMARK] = { .type = NLA_U32, },
	[KZT_A_NODE_BIND_IFINDEX] = { .type = NLA_U32, },
	[KZT_A_NODE_SUITE] = NLA_POLICY_MAX(NLA_U32, 2),
	[KZT_A_NODE_RELAY] = { .type = NLA_U8, },
	[KZT_A_NODE_DENY] = NLA_POLICY_NESTED(kzt_prefix_nl_policy),
	[KZT_A_NODE_DENY_CLEAR] = { .type = NLA_FLAG, },
	[KZT_A_NODE_ID_FLOOR] = { .type = NLA_U64, },
	[KZT_A_NODE_SECONDARY_PORT] = { .type = NLA_U32, },
	[KZT_A_NODE_DENY_DEV] = { .type = NLA_STRING, },
	[KZT_A_NODE_DENY_DEV_CLEAR] = { .type = NLA_FLAG, },
	[KZT_A_NODE_MAPPED] = { .type = NLA_BINARY, },
	[KZT_A_NODE_MAPPED_CLEAR] = { .type = NLA_FLAG, },
	[KZT_A_NODE_PATH_RULE] = NLA_POLICY_MAX(NLA_U32, 1),
	[KZT_A_NODE_PREDICT] = { .type = NLA_U8, },
	[KZT_A_NODE_PHYS] = NLA_POLICY_NESTED(kzt_phys_nl_policy),
	[KZT_A_NODE_PHYS_CLEAR] = { .type = NLA_FLAG, },
};

/* KZT_CMD_NODE_GET - do */
const struct nla_policy kzt_node_get_nl_policy[KZT_A_NODE_ADDRESS + 1] = {
	[KZT_A_NODE_ADDRESS] = { .type = NLA_U64, },
};

/* KZT_CMD_NODE_DEL - do */
const struct nla_policy kzt_node_del_nl_policy[KZT_A_NODE_ADDRESS + 1] = {
	[KZT_A_NODE_ADDRESS] = { .type = NLA_U64, },
};

/* KZT_CMD_PEER_SET - do */
const struct nla_policy kzt_peer_set_nl_policy[KZT_A_PEER_REMEMBERED + 1] = {
	[KZT_A_PEER_IDENTITY] = NLA_POLICY_EXACT_LEN(71),
	[KZT_A_PEER_ADDRESS] = { .type = NLA_U64, },
	[KZT_A_PEER_ENDPOINT] = { .type = NLA_BINARY, },
	[KZT_A_PEER_UPSTREAM] = { .type = NLA_U8, },
	[KZT_A_PEER_MARK] = { .type = NLA_U32, },
	[KZT_A_PEER_DENY] = NLA_POLICY_NESTED(kzt_prefix_nl_policy),
	[KZT_A_PEER_DENY_CLEAR] = { .type = NLA_FLAG, },
	[KZT_A_PEER_REMEMBERED] = { .type = NLA_FLAG, },
};

/* KZT_CMD_PEER_GET - do */
const struct nla_policy kzt_peer_get_nl_policy[KZT_A_PEER_ADDRESS + 1] = {
	[KZT_A_PEER_ADDRESS] = { .type = NLA_U64, },
};

/* KZT_CMD_PEER_DEL - do */
const struct nla_policy kzt_peer_del_nl_policy[KZT_A_PEER_ADDRESS + 1] = {
	[KZT_A_PEER_ADDRESS] = { .type = NLA_U64, },
};

/* KZT_CMD_NETWORK_SET - do */
const struct nla_policy kzt_network_set_nl_policy[KZT_A_NETWORK_CREDENTIALS + 1] = {
	[KZT_A_NETWORK_ID] = { .type = NLA_U64, },
	[KZT_A_NETWORK_IFINDEX] = { .type = NLA_U32, },
	[KZT_A_NETWORK_STATUS] = NLA_POLICY_MAX(NLA_U32, 6),
	[KZT_A_NETWORK_MTU] = { .type = NLA_U32, },
	[KZT_A_NETWORK_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0x1f),
	[KZT_A_NETWORK_MULTICAST_LIMIT] = { .type = NLA_U32, },
	[KZT_A_NETWORK_NAME] = { .type = NLA_NUL_STRING, },
	[KZT_A_NETWORK_RULES] = { .type = NLA_BINARY, },
	[KZT_A_NETWORK_ADDRESS] = NLA_POLICY_NESTED(kzt_prefix_nl_policy),
	[KZT_A_NETWORK_REVISION] = { .type = NLA_U64, },
	[KZT_A_NETWORK_BRIDGE] = { .type = NLA_U64, },
	[KZT_A_NETWORK_REPLICATOR] = { .type = NLA_U64, },
	[KZT_A_NETWORK_ANCHOR] = { .type = NLA_U64, },
	[KZT_A_NETWORK_TAGS] = { .type = NLA_BINARY, },
	[KZT_A_NETWORK_CAPABILITY] = NLA_POLICY_NESTED(kzt_capability_nl_policy),
	[KZT_A_NETWORK_OWNED] = { .type = NLA_BINARY, },
	[KZT_A_NETWORK_CREDENTIALS] = { .type = NLA_BINARY, },
};

/* KZT_CMD_NETWORK_GET - do */
const struct nla_policy kzt_network_get_nl_policy[KZT_A_NETWORK_ID + 1] = {
	[KZT_A_NETWORK_ID] = { .type = NLA_U64, },
};

/* KZT_CMD_MEMBER_GET - do */
const struct nla_policy kzt_member_get_nl_policy[KZT_A_MEMBER_ADDRESS + 1] = {
	[KZT_A_MEMBER_NETWORK] = { .type = NLA_U64, },
	[KZT_A_MEMBER_ADDRESS] = { .type = NLA_U64, },
};

/* KZT_CMD_MEMBER_SET - do */
const struct nla_policy kzt_member_set_nl_policy[KZT_A_MEMBER_OWNED + 1] = {
	[KZT_A_MEMBER_NETWORK] = { .type = NLA_U64, },
	[KZT_A_MEMBER_ADDRESS] = { .type = NLA_U64, },
	[KZT_A_MEMBER_STATUS] = NLA_POLICY_MAX(NLA_U32, 3),
	[KZT_A_MEMBER_IDENTITY] = NLA_POLICY_EXACT_LEN(71),
	[KZT_A_MEMBER_TAGS] = { .type = NLA_BINARY, },
	[KZT_A_MEMBER_CAPABILITY] = NLA_POLICY_NESTED(kzt_capability_nl_policy),
	[KZT_A_MEMBER_OWNED] = { .type = NLA_BINARY, },
};

/* KZT_CMD_MEMBER_DEL - do */
const struct nla_policy kzt_member_del_nl_policy[KZT_A_MEMBER_ADDRESS + 1] = {
	[KZT_A_MEMBER_NETWORK] = { .type = NLA_U64, },
	[KZT_A_MEMBER_ADDRESS] = { .type = NLA_U64, },
};

/* KZT_CMD_GROUP_GET - do */
const struct nla_policy kzt_group_get_nl_policy[KZT_A_GROUP_ADI + 1] = {
	[KZT_A_GROUP_NETWORK] = { .type = NLA_U64, },
	[KZT_A_GROUP_MAC] = NLA_POLICY_EXACT_LEN(6),
	[KZT_A_GROUP_ADI] = { .type = NLA_U32, },
};

/* KZT_CMD_WORLD_SET - do */
const struct nla_policy kzt_world_set_nl_policy[KZT_A_WORLD_SEED + 1] = {
	[KZT_A_WORLD_BLOB] = { .type = NLA_BINARY, },
	[KZT_A_WORLD_ID] = { .type = NLA_U64, },
	[KZT_A_WORLD_SEED] = { .type = NLA_U64, },
};

/* KZT_CMD_WORLD_GET - do */
const struct nla_policy kzt_world_get_nl_policy[KZT_A_WORLD_ID + 1] = {
	[KZT_A_WORLD_ID] = { .type = NLA_U64, },
};

/* KZT_CMD_WORLD_DEL - do */
const struct nla_policy kzt_world_del_nl_policy[KZT_A_WORLD_ID + 1] = {
	[KZT_A_WORLD_ID] = { .type = NLA_U64, },
};

/* KZT_CMD_STATS_GET - do */
const struct nla_policy kzt_stats_get_nl_policy[KZT_A_STATS_COUNTER + 1] = {
	[KZT_A_STATS_COUNTER] = NLA_POLICY_NESTED(kzt_counter_nl_policy),
};

/* KZT_CMD_AGENT_REGISTER - do */
const struct nla_policy kzt_agent_register_nl_policy[KZT_A_NODE_CONTROLLER + 1] = {
	[KZT_A_NODE_CONTROLLER] = { .type = NLA_U8, },
};

/* KZT_CMD_IDENTITY_VERDICT - do */
const struct nla_policy kzt_identity_verdict_nl_policy[KZT_A_VERDICT_VALID + 1] = {
	[KZT_A_VERDICT_IDENTITY] = NLA_POLICY_EXACT_LEN(71),
	[KZT_A_VERDICT_COOKIE] = { .type = NLA_U64, },
	[KZT_A_VERDICT_VALID] = { .type = NLA_U8, },
};

/* KZT_CMD_MESSAGE_SEND - do */
const struct nla_policy kzt_message_send_nl_policy[KZT_A_MESSAGE_DATA + 1] = {
	[KZT_A_MESSAGE_ADDRESS] = { .type = NLA_U64, },
	[KZT_A_MESSAGE_TYPE] = { .type = NLA_U64, },
	[KZT_A_MESSAGE_DATA] = { .type = NLA_BINARY, },
};

/* KZT_CMD_PACKET_SEND - do */
const struct nla_policy kzt_packet_send_nl_policy[KZT_A_MESSAGE_EXPECT + 1] = {
	[KZT_A_MESSAGE_ADDRESS] = { .type = NLA_U64, },
	[KZT_A_MESSAGE_VERB] = { .type = NLA_U8, },
	[KZT_A_MESSAGE_DATA] = { .type = NLA_BINARY, },
	[KZT_A_MESSAGE_EXPECT] = { .type = NLA_U8, },
};

/* KZT_CMD_PEER_PROBE - do */
const struct nla_policy kzt_peer_probe_nl_policy[KZT_A_MESSAGE_COOKIE + 1] = {
	[KZT_A_MESSAGE_ADDRESS] = { .type = NLA_U64, },
	[KZT_A_MESSAGE_PATH_ID] = { .type = NLA_U32, },
	[KZT_A_MESSAGE_COOKIE] = { .type = NLA_U64, },
};

/* KZT_CMD_FDB_GET - do */
const struct nla_policy kzt_fdb_get_nl_policy[KZT_A_FDB_MAC + 1] = {
	[KZT_A_FDB_NETWORK] = { .type = NLA_U64, },
	[KZT_A_FDB_MAC] = NLA_POLICY_EXACT_LEN(6),
};

/* KZT_CMD_POLICY_SET - do */
const struct nla_policy kzt_policy_set_nl_policy[KZT_A_POLICY_FORCE + 1] = {
	[KZT_A_POLICY_ADDRESS] = { .type = NLA_U64, },
	[KZT_A_POLICY_FORCE] = { .type = NLA_FLAG, },
	[KZT_A_POLICY_MODE] = { .type = NLA_NUL_STRING, },
	[KZT_A_POLICY_RESELECT] = { .type = NLA_NUL_STRING, },
	[KZT_A_POLICY_PER_FLOW] = { .type = NLA_U8, },
	[KZT_A_POLICY_FAILOVER_MS] = { .type = NLA_U32, },
	[KZT_A_POLICY_UP_DELAY_MS] = { .type = NLA_U32, },
	[KZT_A_POLICY_DOWN_DELAY_MS] = { .type = NLA_U32, },
	[KZT_A_POLICY_DWELL_MS] = { .type = NLA_U32, },
	[KZT_A_POLICY_HYSTERESIS_PPM] = { .type = NLA_U32, },
	[KZT_A_POLICY_PACKETS_PER_LINK] = { .type = NLA_U32, },
	[KZT_A_POLICY_MAX_LEGS] = { .type = NLA_U32, },
	[KZT_A_POLICY_FAMILY_MAX_4] = { .type = NLA_U32, },
	[KZT_A_POLICY_FAMILY_MAX_6] = { .type = NLA_U32, },
	[KZT_A_POLICY_SCOPE_MAX] = NLA_POLICY_NESTED(kzt_scope_cap_nl_policy),
	[KZT_A_POLICY_LATENCY_MAX_US] = { .type = NLA_U32, },
	[KZT_A_POLICY_JITTER_MAX_US] = { .type = NLA_U32, },
	[KZT_A_POLICY_LOSS_MAX_PPM] = { .type = NLA_U32, },
	[KZT_A_POLICY_ERROR_MAX_PPM] = { .type = NLA_U32, },
	[KZT_A_POLICY_LATENCY_WEIGHT_PPM] = { .type = NLA_U32, },
	[KZT_A_POLICY_JITTER_WEIGHT_PPM] = { .type = NLA_U32, },
	[KZT_A_POLICY_LOSS_WEIGHT_PPM] = { .type = NLA_U32, },
	[KZT_A_POLICY_ERROR_WEIGHT_PPM] = { .type = NLA_U32, },
	[KZT_A_POLICY_LINK] = NLA_POLICY_NESTED(kzt_policy_link_nl_policy),
};

/* KZT_CMD_POLICY_GET - do */
const struct nla_policy kzt_policy_get_nl_policy[KZT_A_POLICY_ADDRESS + 1] = {
	[KZT_A_POLICY_ADDRESS] = { .type = NLA_U64, },
};

/* KZT_CMD_POLICY_DEL - do */
const struct nla_policy kzt_policy_del_nl_policy[KZT_A_POLICY_ADDRESS + 1] = {
	[KZT_A_POLICY_ADDRESS] = { .type = NLA_U64, },
};

/* KZT_CMD_PATH_PIN - do */
const struct nla_policy kzt_path_pin_nl_policy[KZT_A_PIN_PATH_ID + 1] = {
	[KZT_A_PIN_ADDRESS] = { .type = NLA_U64, },
	[KZT_A_PIN_PATH_ID] = { .type = NLA_U32, },
};

/* KZT_CMD_CREDENTIAL_GET - do */
const struct nla_policy kzt_credential_get_nl_policy[KZT_A_CREDENTIAL_ADDRESS + 1] = {
	[KZT_A_CREDENTIAL_NETWORK] = { .type = NLA_U64, },
	[KZT_A_CREDENTIAL_ADDRESS] = { .type = NLA_U64, },
};

/* KZT_CMD_REVOCATION_GET - do */
const struct nla_policy kzt_revocation_get_nl_policy[KZT_A_CREDENTIAL_ADDRESS + 1] = {
	[KZT_A_CREDENTIAL_NETWORK] = { .type = NLA_U64, },
	[KZT_A_CREDENTIAL_ADDRESS] = { .type = NLA_U64, },
};

/* Ops table for kzt */
const struct genl_ops kzt_nl_ops[28] = {
	{
		.cmd		= KZT_CMD_NODE_SET,
		.doit		= kzt_nl_node_set_doit,
		.policy		= kzt_node_set_nl_policy,
		.maxattr	= KZT_A_NODE_PHYS_CLEAR,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_NODE_GET,
		.doit		= kzt_nl_node_get_doit,
		.policy		= kzt_node_get_nl_policy,
		.maxattr	= KZT_A_NODE_ADDRESS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_NODE_DEL,
		.doit		= kzt_nl_node_del_doit,
		.policy		= kzt_node_del_nl_policy,
		.maxattr	= KZT_A_NODE_ADDRESS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_PEER_SET,
		.doit		= kzt_nl_peer_set_doit,
		.policy		= kzt_peer_set_nl_policy,
		.maxattr	= KZT_A_PEER_REMEMBERED,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_PEER_GET,
		.doit		= kzt_nl_peer_get_doit,
		.dumpit		= kzt_nl_peer_get_dumpit,
		.policy		= kzt_peer_get_nl_policy,
		.maxattr	= KZT_A_PEER_ADDRESS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_PEER_DEL,
		.doit		= kzt_nl_peer_del_doit,
		.policy		= kzt_peer_del_nl_policy,
		.maxattr	= KZT_A_PEER_ADDRESS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_NETWORK_SET,
		.doit		= kzt_nl_network_set_doit,
		.policy		= kzt_network_set_nl_policy,
		.maxattr	= KZT_A_NETWORK_CREDENTIALS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_NETWORK_GET,
		.doit		= kzt_nl_network_get_doit,
		.dumpit		= kzt_nl_network_get_dumpit,
		.policy		= kzt_network_get_nl_policy,
		.maxattr	= KZT_A_NETWORK_ID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_MEMBER_GET,
		.doit		= kzt_nl_member_get_doit,
		.dumpit		= kzt_nl_member_get_dumpit,
		.policy		= kzt_member_get_nl_policy,
		.maxattr	= KZT_A_MEMBER_ADDRESS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_MEMBER_SET,
		.doit		= kzt_nl_member_set_doit,
		.policy		= kzt_member_set_nl_policy,
		.maxattr	= KZT_A_MEMBER_OWNED,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_MEMBER_DEL,
		.doit		= kzt_nl_member_del_doit,
		.policy		= kzt_member_del_nl_policy,
		.maxattr	= KZT_A_MEMBER_ADDRESS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_GROUP_GET,
		.doit		= kzt_nl_group_get_doit,
		.dumpit		= kzt_nl_group_get_dumpit,
		.policy		= kzt_group_get_nl_policy,
		.maxattr	= KZT_A_GROUP_ADI,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_WORLD_SET,
		.doit		= kzt_nl_world_set_doit,
		.policy		= kzt_world_set_nl_policy,
		.maxattr	= KZT_A_WORLD_SEED,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_WORLD_GET,
		.doit		= kzt_nl_world_get_doit,
		.dumpit		= kzt_nl_world_get_dumpit,
		.policy		= kzt_world_get_nl_policy,
		.maxattr	= KZT_A_WORLD_ID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_WORLD_DEL,
		.doit		= kzt_nl_world_del_doit,
		.policy		= kzt_world_del_nl_policy,
		.maxattr	= KZT_A_WORLD_ID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_STATS_GET,
		.doit		= kzt_nl_stats_get_doit,
		.policy		= kzt_stats_get_nl_policy,
		.maxattr	= KZT_A_STATS_COUNTER,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_AGENT_REGISTER,
		.doit		= kzt_nl_agent_register_doit,
		.policy		= kzt_agent_register_nl_policy,
		.maxattr	= KZT_A_NODE_CONTROLLER,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_IDENTITY_VERDICT,
		.doit		= kzt_nl_identity_verdict_doit,
		.policy		= kzt_identity_verdict_nl_policy,
		.maxattr	= KZT_A_VERDICT_VALID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_MESSAGE_SEND,
		.doit		= kzt_nl_message_send_doit,
		.policy		= kzt_message_send_nl_policy,
		.maxattr	= KZT_A_MESSAGE_DATA,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_PACKET_SEND,
		.doit		= kzt_nl_packet_send_doit,
		.policy		= kzt_packet_send_nl_policy,
		.maxattr	= KZT_A_MESSAGE_EXPECT,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_PEER_PROBE,
		.doit		= kzt_nl_peer_probe_doit,
		.policy		= kzt_peer_probe_nl_policy,
		.maxattr	= KZT_A_MESSAGE_COOKIE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_FDB_GET,
		.doit		= kzt_nl_fdb_get_doit,
		.dumpit		= kzt_nl_fdb_get_dumpit,
		.policy		= kzt_fdb_get_nl_policy,
		.maxattr	= KZT_A_FDB_MAC,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_POLICY_SET,
		.doit		= kzt_nl_policy_set_doit,
		.policy		= kzt_policy_set_nl_policy,
		.maxattr	= KZT_A_POLICY_FORCE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_POLICY_GET,
		.doit		= kzt_nl_policy_get_doit,
		.dumpit		= kzt_nl_policy_get_dumpit,
		.policy		= kzt_policy_get_nl_policy,
		.maxattr	= KZT_A_POLICY_ADDRESS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_POLICY_DEL,
		.doit		= kzt_nl_policy_del_doit,
		.policy		= kzt_policy_del_nl_policy,
		.maxattr	= KZT_A_POLICY_ADDRESS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_PATH_PIN,
		.doit		= kzt_nl_path_pin_doit,
		.policy		= kzt_path_pin_nl_policy,
		.maxattr	= KZT_A_PIN_PATH_ID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_CREDENTIAL_GET,
		.doit		= kzt_nl_credential_get_doit,
		.dumpit		= kzt_nl_credential_get_dumpit,
		.policy		= kzt_credential_get_nl_policy,
		.maxattr	= KZT_A_CREDENTIAL_ADDRESS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KZT_CMD_REVOCATION_GET,
		.doit		= kzt_nl_revocation_get_doit,
		.dumpit		= kzt_nl_revocation_get_dumpit,
		.policy		= kzt_revocation_get_nl_policy,
		.maxattr	= KZT_A_CREDENTIAL_ADDRESS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
};

static const struct genl_multicast_group kzt_nl_mcgrps[] = {
	[KZT_NLGRP_EVENTS] = { "events", },
	[KZT_NLGRP_MESSAGES] = { "messages", },
};
