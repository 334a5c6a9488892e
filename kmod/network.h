/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_NETWORK_H
#define KZT_NETWORK_H

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <net/gro_cells.h>
#include "filter.h"
#include "node.h"

struct kzt_rx;
struct kzt_peer;

#define KZT_RULES_MAX		1024
#define KZT_GROUPS_MAX		1024	/* per network */
#define KZT_MEMBERS_MAX		65536	/* per network */
#define KZT_ADDRS_MAX		32
#define KZT_BRIDGES_MAX		32

/**
 * struct kzt_netconf - a network's configuration, compiled; RCU-replaced
 */
struct kzt_netconf {
	u32 status;		/* enum kzt_network_status */
	u32 flags;		/* 1 << enum kzt_network_flag */
	u32 mtu;
	u32 multicast_limit;
	u64 revision;
	char name[128];
	unsigned int n_addrs;
	struct kzt_prefix addr[KZT_ADDRS_MAX];
	unsigned int n_bridges;
	u64 bridge[KZT_BRIDGES_MAX];
	bool am_bridge;
	struct kzt_ruleset rules;
	u64 __percpu *hits;	/* one per rule; may be NULL */
	u16 rules_blob_len;
	u8 *rules_blob;		/* as given, for dumps */
	struct rcu_head rcu;
	/* followed by the parsed rules */
};

/**
 * struct kzt_network - one membership == netdev_priv(dev)
 */
struct kzt_network {
	struct net_device *dev;
	struct kzt_node *node;	/* of the namespace where dev was created */
	u64 id;			/* 0: not assigned yet; written once under config_lock */
	u8 mac[ETH_ALEN];
	u8 mac_first;		/* f of spec 4.1.2 */
	bool mtu_by_admin;
	struct rhash_head hash_node;	/* in node->networks, while id != 0 */
	struct kzt_netconf __rcu *conf;	/* NULL: no configuration */
	struct gro_cells gro;
	struct rhashtable members;	/* by address */
	atomic_t n_members;
	struct work_struct refresh;	/* groups follow dev and its addresses */
	struct kzt_network_private *priv;	/* netdev.c, member.c, multicast.c */
};

/* netdev.c / network.c */
int kzt_netdev_init(void);	/* rtnl_link_register, notifiers */
void kzt_netdev_exit(void);
struct kzt_network *kzt_network_lookup_rcu(struct kzt_node *node, u64 id);
int kzt_networks_init(struct kzt_node *node);
void kzt_networks_exit(struct kzt_node *node);
/* Identity came, changed or went: MACs follow. config_lock held; takes RTNL?? no: RTNL is taken by the caller first */
void kzt_networks_identity_changed(struct kzt_node *node);
/* For netlink: build from attributes. RTNL and config_lock held */
int kzt_network_configure(struct kzt_network *nw, struct kzt_netconf *conf);
struct kzt_netconf *kzt_netconf_alloc(const u8 *rules, size_t rules_len, struct netlink_ext_ack *extack);
void kzt_netconf_free(struct kzt_netconf *conf);
int kzt_network_assign(struct kzt_network *nw, u64 id, struct netlink_ext_ack *extack);	/* RTNL, config_lock; ad-hoc ids get their configuration here */
bool kzt_network_has_prefix(struct kzt_node *node, const struct kzt_endpoint *ep);	/* spec 3.2.4 rule 3 */
void kzt_networks_tick(struct kzt_node *node, u64 now);	/* every 5 s from the tick: announcements, expiry */

/* frame.c */
netdev_tx_t kzt_xmit(struct sk_buff *skb, struct net_device *dev);
/* FRAME, EXT_FRAME or MULTICAST_FRAME, authentic, decompressed, data at byte 0; BH, RCU; consumes */
void kzt_frame_receive(struct kzt_peer *peer, struct sk_buff *skb, const struct kzt_endpoint *from);

/* multicast.c */
int kzt_multicast_init(struct kzt_node *node);
void kzt_multicast_free(struct kzt_node *node);
enum kzt_rx_result kzt_multicast_like(struct kzt_rx *rx);
enum kzt_rx_result kzt_multicast_gather(struct kzt_rx *rx);
enum kzt_rx_result kzt_multicast_gather_ok(struct kzt_rx *rx, const u8 *body, size_t len);
enum kzt_rx_result kzt_multicast_frame_ok(struct kzt_rx *rx, const u8 *body, size_t len);
/* From xmit: distribute (4.11.3 steps 4..6); skb is an Ethernet frame with its header; consumes; BH */
void kzt_multicast_send(struct kzt_network *nw, struct sk_buff *skb, const u8 mac[ETH_ALEN], u32 adi);
/* The gather limit in a MULTICAST_FRAME wants an answer: from frame.c, BH */
void kzt_multicast_answer(struct kzt_peer *peer, u64 nwid, const u8 mac[ETH_ALEN], u32 adi, u32 limit, u64 in_re_id, const struct kzt_endpoint *from);

#endif /* KZT_NETWORK_H */
