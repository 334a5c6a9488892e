/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	uapi/specs/kzt.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_KZT_GEN_H
#define _LINUX_KZT_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/kzt.h>

/* Common nested types */
extern const struct nla_policy kzt_capability_nl_policy[KZT_A_CAPABILITY_RULES + 1];
extern const struct nla_policy kzt_counter_nl_policy[KZT_A_COUNTER_DROP + 1];
extern const struct nla_policy kzt_phys_nl_policy[KZT_A_PHYS_TRUST_ID + 1];
extern const struct nla_policy kzt_policy_link_nl_policy[KZT_A_POLICY_LINK_MTU + 1];
extern const struct nla_policy kzt_prefix_nl_policy[KZT_A_PREFIX_LEN + 1];
extern const struct nla_policy kzt_scope_cap_nl_policy[KZT_A_SCOPE_CAP_PATHS + 1];

extern const struct nla_policy kzt_node_set_nl_policy[KZT_A_NODE_PHYS_CLEAR + 1];

extern const struct nla_policy kzt_node_get_nl_policy[KZT_A_NODE_ADDRESS + 1];

extern const struct nla_policy kzt_node_del_nl_policy[KZT_A_NODE_ADDRESS + 1];

extern const struct nla_policy kzt_peer_set_nl_policy[KZT_A_PEER_REMEMBERED + 1];

extern const struct nla_policy kzt_peer_get_nl_policy[KZT_A_PEER_ADDRESS + 1];

extern const struct nla_policy kzt_peer_del_nl_policy[KZT_A_PEER_ADDRESS + 1];

extern const struct nla_policy kzt_network_set_nl_policy[KZT_A_NETWORK_CREDENTIALS + 1];

extern const struct nla_policy kzt_network_get_nl_policy[KZT_A_NETWORK_ID + 1];

extern const struct nla_policy kzt_member_get_nl_policy[KZT_A_MEMBER_ADDRESS + 1];

extern const struct nla_policy kzt_member_set_nl_policy[KZT_A_MEMBER_OWNED + 1];

extern const struct nla_policy kzt_member_del_nl_policy[KZT_A_MEMBER_ADDRESS + 1];

extern const struct nla_policy kzt_group_get_nl_policy[KZT_A_GROUP_ADI + 1];

extern const struct nla_policy kzt_world_set_nl_policy[KZT_A_WORLD_SEED + 1];

extern const struct nla_policy kzt_world_get_nl_policy[KZT_A_WORLD_ID + 1];

extern const struct nla_policy kzt_world_del_nl_policy[KZT_A_WORLD_ID + 1];

extern const struct nla_policy kzt_stats_get_nl_policy[KZT_A_STATS_COUNTER + 1];

extern const struct nla_policy kzt_agent_register_nl_policy[KZT_A_NODE_CONTROLLER + 1];

extern const struct nla_policy kzt_identity_verdict_nl_policy[KZT_A_VERDICT_VALID + 1];

extern const struct nla_policy kzt_message_send_nl_policy[KZT_A_MESSAGE_DATA + 1];

extern const struct nla_policy kzt_packet_send_nl_policy[KZT_A_MESSAGE_EXPECT + 1];

extern const struct nla_policy kzt_peer_probe_nl_policy[KZT_A_MESSAGE_COOKIE + 1];

extern const struct nla_policy kzt_fdb_get_nl_policy[KZT_A_FDB_MAC + 1];

extern const struct nla_policy kzt_policy_set_nl_policy[KZT_A_POLICY_FORCE + 1];

extern const struct nla_policy kzt_policy_get_nl_policy[KZT_A_POLICY_ADDRESS + 1];

extern const struct nla_policy kzt_policy_del_nl_policy[KZT_A_POLICY_ADDRESS + 1];

extern const struct nla_policy kzt_path_pin_nl_policy[KZT_A_PIN_PATH_ID + 1];

extern const struct nla_policy kzt_credential_get_nl_policy[KZT_A_CREDENTIAL_ADDRESS + 1];

extern const struct nla_policy kzt_revocation_get_nl_policy[KZT_A_CREDENTIAL_ADDRESS + 1];

/* Ops table for kzt */
extern const struct genl_ops kzt_nl_ops[28];

int kzt_nl_node_set_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_node_del_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_peer_set_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_peer_get_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int kzt_nl_peer_del_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_network_set_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_network_get_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_network_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int kzt_nl_member_get_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_member_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int kzt_nl_member_set_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_member_del_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_group_get_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_group_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int kzt_nl_world_set_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_world_get_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_world_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int kzt_nl_world_del_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_agent_register_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_identity_verdict_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_message_send_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_packet_send_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_peer_probe_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_fdb_get_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_fdb_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int kzt_nl_policy_set_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_policy_get_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_policy_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int kzt_nl_policy_del_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_path_pin_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_credential_get_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_credential_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int kzt_nl_revocation_get_doit(struct sk_buff *skb, struct genl_info *info);
int kzt_nl_revocation_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);

enum {
	KZT_NLGRP_EVENTS,
	KZT_NLGRP_MESSAGES,
};

#endif /* _LINUX_KZT_GEN_H */
