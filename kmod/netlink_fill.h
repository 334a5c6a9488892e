/* SPDX-License-Identifier: GPL-2.0 */
/* Between netlink.c, netlink_event.c and the files of the objects. */
#ifndef KZT_NETLINK_FILL_H
#define KZT_NETLINK_FILL_H

#include <net/genetlink.h>
#include "endpoint.h"

struct kzt_deny;
struct kzt_deny_devs;
struct kzt_identity;
struct kzt_mapped;
struct kzt_node;
struct kzt_peer;
struct kzt_phys;
struct kzt_prefix;
struct kzt_network;
struct kzt_bond_conf;
struct kzt_credset;

extern struct genl_family kzt_genl_family;

/* Room for a node with all that it can have: 64 prefixes that are denied, ... */
#define KZT_NL_NODE_MAX		(GENLMSG_DEFAULT_SIZE + SZ_4K)

/* Room for a network with all it can have; what is a little less costs no less */
#define KZT_NL_NETWORK_MAX	(SZ_64K - SZ_4K)

enum {
	KZT_GROUP_EVENTS,
	KZT_GROUP_MESSAGES,
};

int kzt_put_node_attrs(struct sk_buff *skb, struct kzt_node *node);
int kzt_put_peer_attrs(struct sk_buff *skb, struct kzt_peer *peer);
size_t kzt_peer_msg_size(const struct kzt_peer *peer);
int kzt_put_network_attrs(struct sk_buff *skb, struct kzt_network *nw);
struct kzt_credset *kzt_nl_own_credset(struct genl_info *info);
int kzt_put_remote(struct sk_buff *skb, int attr, const struct kzt_endpoint *ep);

int kzt_put_prefix(struct sk_buff *skb, int attr, const struct kzt_prefix *p);
int kzt_put_age(struct sk_buff *skb, int attr, int pad, u64 when, u64 now);
int kzt_put_identity(struct sk_buff *skb, int attr,
		     const struct kzt_identity *id);
u16 kzt_node_udp_port(struct kzt_node *node);
u64 *kzt_peer_addresses(struct kzt_node *node, unsigned int *n);

void kzt_nl_lock(struct kzt_node *node);
void kzt_nl_unlock(struct kzt_node *node);
int kzt_nl_get_prefix(const struct nlattr *attr, struct kzt_prefix *p,
		      struct netlink_ext_ack *extack);
int kzt_nl_prefix_from(const struct nlattr *addr, const struct nlattr *bits,
		       const struct nlattr *nest, struct kzt_prefix *p,
		       struct netlink_ext_ack *extack);
/* netlink_path.c */
int kzt_nl_get_endpoint(const struct nlattr *attr, struct kzt_endpoint *ep,
			struct netlink_ext_ack *extack);
int kzt_nl_get_deny(struct genl_info *info, int type, struct kzt_deny **deny);

/**
 * struct kzt_path_lists - lists of a node that are exchanged for others
 * @deny: prefixes without paths
 * @deny_devs: devices without paths
 * @mapped: endpoints that a gateway forwards to us
 * @phys: what is known of prefixes
 * @has_deny: whether @deny is exchanged, which may be NULL; and so on
 */
struct kzt_path_lists {
	struct kzt_deny *deny;
	struct kzt_deny_devs *deny_devs;
	struct kzt_mapped *mapped;
	struct kzt_phys *phys;
	bool has_deny, has_deny_devs, has_mapped, has_phys;
};

int kzt_nl_get_path_lists(struct kzt_node *node, struct genl_info *info,
			  struct kzt_path_lists *l);
void kzt_nl_swap_path_lists(struct kzt_node *node, struct kzt_path_lists *l);
void kzt_nl_free_path_lists(struct kzt_path_lists *l);
int kzt_put_deny(struct sk_buff *skb, int attr, const struct kzt_deny *deny);
int kzt_put_path_settings(struct sk_buff *skb, struct kzt_node *node);

/* netlink_policy_conf.c */
int kzt_nl_policy_get_conf(struct genl_info *info, struct kzt_bond_conf *conf);
int kzt_nl_policy_put_conf(struct sk_buff *skb, struct kzt_bond_conf *conf);

int kzt_nl_reply(struct genl_info *info, u8 cmd, size_t size,
		 int (*put)(struct sk_buff *skb, void *obj), void *obj);
u64 *kzt_nl_dump_last(struct netlink_callback *cb);
int kzt_nl_cmp_u64(const void *a, const void *b);
/* netlink_network.c: dumps of what networks have; last[0] is the network, last[1]
 * the object behind which to go on
 */
int kzt_nl_dump_networks(struct sk_buff *skb, struct netlink_callback *cb, int attr,
			 int (*dump)(struct sk_buff *skb, struct netlink_callback *cb,
				     struct kzt_node *node, u64 nwid, u64 behind));
int kzt_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		    int (*put)(struct sk_buff *skb, void *obj), void *obj);

#endif /* KZT_NETLINK_FILL_H */
