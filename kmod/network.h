/* SPDX-License-Identifier: GPL-2.0 */
/* A network: one netdevice, its configuration, members and bridge routes. */
#ifndef KZT_NETWORK_H
#define KZT_NETWORK_H

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <net/gro_cells.h>
#include "credset.h"
#include "filter.h"
#include "node.h"
#include "verb.h"

struct kzt_peer;
struct ndmsg;
struct nlattr;

#define KZT_RULES_MAX		1024
#define KZT_GROUPS_MAX		1024	/* per network */
#define KZT_MEMBERS_MAX		65536	/* per network */
#define KZT_ADDRS_MAX		32
#define KZT_ROLES_MAX		256	/* nodes with each role, spec 4.6.4 */
#define KZT_FDB_MAX		4096	/* per network */
#define KZT_NET_MTU_DEFAULT	2800
#define KZT_NET_MTU_MAX		10000
#define KZT_MULTICAST_LIMIT_MAX	4096	/* receivers of one frame */
#define KZT_ADHOC_OCTET		0xff
#define KZT_REFUSED_SLOTS	64

/**
 * struct kzt_netconf - a network's configuration, compiled; RCU-replaced
 * @status: enum kzt_network_status
 * @self: address of the node that it was made for
 * @flags: of enum kzt_network_flag, whose values are bits
 * @mtu: of the configuration: the most the device's may be
 * @multicast_limit: receivers of one frame; 0: no multicast
 * @revision: of the configuration, for people
 * @name: of the network
 * @n_addrs: addresses assigned to this node
 * @addr: those
 * @n_bridges: active bridges
 * @bridge: those, in ascending order as all with a role; allocated
 * @n_replicators: nodes that replicate multicasts for others
 * @replicator: those
 * @n_anchors: nodes that are asked for members of groups
 * @anchor: those
 * @serial: of those that were put in force on the network, from 1 on
 * @own: credentials of this node, or NULL
 * @am_bridge: this node is an active bridge
 * @am_replicator: this node is a replicator
 * @ndp_6plane: own 6PLANE address if assigned and NDP is emulated, or NULL
 * @ndp_rfc4193: own RFC 4193 address, likewise
 * @rules: base rules
 * @hits: how often each rule was the one that decided; NULL without rules
 * @rules_blob_len: bytes of @rules_blob
 * @rules_blob: rules as given, for dumps
 * @rcu: frees it
 */
struct kzt_netconf {
	u64 self;
	u32 status;
	u32 flags;
	u32 mtu;
	u32 multicast_limit;
	u64 revision;
	char name[128];
	unsigned int n_addrs;
	struct kzt_prefix addr[KZT_ADDRS_MAX];
	unsigned int n_bridges;
	u64 *bridge;
	unsigned int n_replicators;
	u64 *replicator;
	unsigned int n_anchors;
	u64 *anchor;
	u64 serial;
	struct kzt_credset *own;
	bool am_bridge;
	bool am_replicator;
	const u8 *ndp_6plane;
	const u8 *ndp_rfc4193;
	struct kzt_ruleset rules;
	u64 __percpu *hits;
	u16 rules_blob_len;
	u8 *rules_blob;
	struct rcu_head rcu;
	struct kzt_rule parsed[];	/* and the blob behind them */
};

/**
 * struct kzt_member - what is known of one other member of a network
 * @hash_node: in network->members
 * @address: key
 * @last_seen: when it last passed the gate, kzt_now_ms()
 * @last_frame: when its last frame came; 0 for none
 * @last_like: when our groups were last announced to it; 0 for never
 * @last_push: when our credentials were last sent to it; 0 for never
 * @pushed: serial of the configuration that they were of
 * @next_push: which packet of them is next
 * @creds: what it has shown; NULL: nothing.  Replaced under member_lock
 * @rcu: frees it
 *
 * The times are written without a lock: a lost update costs nothing.
 */
struct kzt_member {
	struct rhash_head hash_node;
	u64 address;
	u64 last_seen;
	u64 last_frame;
	u64 last_like;
	u64 last_push;
	u64 pushed;
	unsigned int next_push;
	struct kzt_credset __rcu *creds;
	struct rcu_head rcu;
};

enum kzt_network_bit {
	KZT_NW_REFRESH,		/* groups of the device may have changed */
	KZT_NW_GREET,		/* a member waits for our groups */
};

/**
 * struct kzt_network - one membership, netdev_priv() of its device
 * @dev: the device
 * @node: of the namespace where @dev was created, whereever it is now.  Not to
 *	be used after ndo_uninit: it may be gone
 * @list: in the list of all such devices; RTNL to write, RCU to read
 * @id: 0 until assigned; written once under RTNL and config_lock, before
 *	@conf is published
 * @mac: of this node on the network, spec 4.1.2; RTNL
 * @status: enum kzt_network_status; READ_ONCE
 * @bits: enum kzt_network_bit
 * @ceiling: MTU of the configuration; RTNL
 * @admin_mtu: MTU set by hand, 0 for none; RTNL
 * @mtu_follows: an MTU change is the configuration's, not the admin's; RTNL
 * @hash_node: in node->networks, while @id is not 0
 * @conf: NULL: no configuration; written under RTNL
 * @serial: of the last one; RTNL
 * @gro: delivery
 * @mib: counters of the device
 * @members: by address
 * @n_members: in the table
 * @member_lock: setting credentials of members, and forgetting members; BH off
 * @fdb: MAC addresses behind bridges
 * @fdb_list: the same, the oldest first
 * @fdb_lock: adding and removing; taken with BH off
 * @n_fdb: in the table
 * @last_error: when an ERROR was sent to peers of this hash
 */
struct kzt_network {
	struct net_device *dev;
	struct kzt_node *node;
	struct list_head list;
	u64 id;
	u8 mac[ETH_ALEN];
	u32 status;
	unsigned long bits;
	unsigned int ceiling;
	unsigned int admin_mtu;
	bool mtu_follows;
	struct rhash_head hash_node;
	struct kzt_netconf __rcu *conf;
	u64 serial;
	struct gro_cells gro;
	struct kzt_mib __percpu *mib;
	struct rhashtable members;
	atomic_t n_members;
	spinlock_t member_lock;
	struct rhashtable fdb;
	struct list_head fdb_list;
	spinlock_t fdb_lock;
	unsigned int n_fdb;
	u64 last_error[KZT_REFUSED_SLOTS];
};

/* netdev.c */
extern struct list_head kzt_devices;
int kzt_netdev_init(void);
void kzt_netdev_exit(void);
void kzt_networks_exit(struct kzt_node *node);
void kzt_networks_identity_changed(struct kzt_node *node);
bool kzt_is_netdev(const struct net_device *dev);

/* ethtool.c */
extern const struct ethtool_ops kzt_ethtool_ops;

/* network.c */
int kzt_networks_init(struct kzt_node *node);
struct kzt_network *kzt_network_lookup_rcu(struct kzt_node *node, u64 id);
int kzt_network_assign(struct kzt_network *nw, u64 id,
		       struct netlink_ext_ack *extack);
void kzt_network_unassign(struct kzt_network *nw);
int kzt_network_configure(struct kzt_network *nw, struct kzt_netconf *conf);
void kzt_network_set_status(struct kzt_network *nw, u32 status);
void kzt_network_identity(struct kzt_network *nw);
struct kzt_netconf *kzt_netconf_alloc(const u8 *rules, size_t rules_len,
				      struct netlink_ext_ack *extack);
void kzt_netconf_free(struct kzt_netconf *conf);
u64 kzt_netconf_hits(const struct kzt_netconf *conf, unsigned int rule);
bool kzt_network_has_prefix(struct kzt_node *node,
			    const struct kzt_endpoint *ep);
void kzt_networks_tick(struct kzt_node *node, u64 now);
u64 *kzt_network_ids(struct kzt_node *node, unsigned int *n);

static inline bool kzt_network_id_adhoc(u64 id)
{
	return id >> 56 == KZT_ADHOC_OCTET;
}

static inline bool kzt_netconf_lists(const u64 *list, unsigned int n, u64 addr)
{
	while (n--)
		if (list[n] == addr)
			return true;
	return false;
}

/* Where @addr is in a list in ascending order, or @n */
static inline unsigned int kzt_netconf_index(const u64 *list, unsigned int n,
					     u64 addr)
{
	unsigned int low = 0, high = n, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (list[mid] < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && list[low] == addr ? low : n;
}

/* "Always contact" (spec 4.6.4): anchors, then replicators; this node may be one */
static inline unsigned int kzt_netconf_n_contacts(const struct kzt_netconf *conf)
{
	return conf->n_anchors + conf->n_replicators;
}

static inline u64 kzt_netconf_contact(const struct kzt_netconf *conf,
				      unsigned int i)
{
	return i < conf->n_anchors ? conf->anchor[i] :
				     conf->replicator[i - conf->n_anchors];
}

/* Those, unless they are among the @n in @out already; this node not.  How many of
 * at most @max are in it now.
 */
static inline unsigned int kzt_netconf_contacts(const struct kzt_netconf *conf,
						u64 *out, unsigned int n,
						unsigned int max)
{
	unsigned int i, all = kzt_netconf_n_contacts(conf);
	u64 addr;

	for (i = 0; i < all && n < max; i++) {
		addr = kzt_netconf_contact(conf, i);
		if (addr != conf->self && !kzt_netconf_lists(out, n, addr))
			out[n++] = addr;
	}
	return n;
}

static inline bool kzt_netconf_is_bridge(const struct kzt_netconf *conf,
					 u64 address)
{
	return kzt_netconf_index(conf->bridge, conf->n_bridges, address) <
	       conf->n_bridges;
}

/* member.c */
int kzt_members_init(struct kzt_network *nw);
void kzt_members_free(struct kzt_network *nw);
struct kzt_member *kzt_member_lookup_rcu(struct kzt_network *nw, u64 address);
struct kzt_member *kzt_member_obtain(struct kzt_network *nw, u64 address);
bool kzt_member_gate(struct kzt_network *nw, const struct kzt_netconf *conf,
		     const struct kzt_peer *peer, bool frame);
bool kzt_member_may_refuse(struct kzt_network *nw, u64 address);
const struct kzt_credset *kzt_member_credset_rcu(struct kzt_network *nw,
					     u64 address);
bool kzt_member_is_out(struct kzt_network *nw, const struct kzt_netconf *conf,
		       u64 address);
int kzt_member_set(struct kzt_network *nw, u64 address,
		   struct kzt_credset *creds);
int kzt_member_del(struct kzt_network *nw, u64 address);
u64 *kzt_member_addresses(struct kzt_node *node, u64 nwid, u64 silent_since,
			  bool gate, unsigned int *n);
void kzt_members_expire(struct kzt_network *nw, u64 now);

/* push.c */
void kzt_push_before(struct kzt_network *nw, const struct kzt_netconf *conf,
		     u64 to);
void kzt_push_wanted(struct kzt_node *node, u64 nwid, u64 address);

/* fdb.c */
int kzt_fdb_init(struct kzt_network *nw);
void kzt_fdb_free(struct kzt_network *nw);
void kzt_fdb_learn(struct kzt_network *nw, const struct kzt_netconf *conf,
		   const u8 *mac, u64 address);
u64 kzt_fdb_find(struct kzt_network *nw, const u8 *mac);
void kzt_fdb_prune(struct kzt_network *nw, const struct kzt_netconf *conf);

/**
 * struct kzt_fdb_info - a bridge route, for those who show it
 * @mac: address
 * @address: of the bridge that it is behind
 */
struct kzt_fdb_info {
	u8 mac[ETH_ALEN];
	u64 address;
};

struct kzt_fdb_info *kzt_fdb_snapshot(struct kzt_node *node, u64 nwid,
				      unsigned int *n);
int kzt_fdb_dump(struct sk_buff *skb, struct netlink_callback *cb,
		 struct net_device *dev, struct net_device *filter_dev,
		 int *idx);
int kzt_fdb_del(struct ndmsg *ndm, struct nlattr *tb[], struct net_device *dev,
		const unsigned char *addr, u16 vid,
		struct netlink_ext_ack *extack);

/* xmit.c, frame.c */
netdev_tx_t kzt_xmit(struct sk_buff *skb, struct net_device *dev);
void kzt_frame_receive(struct kzt_peer *peer, struct sk_buff *skb,
		       const struct kzt_endpoint *from);

/* multicast.c, announce.c, group.c */
#define KZT_GROUP_INFO_MEMBERS	128

/**
 * struct kzt_group_info - a multicast group, for those who show it
 * @nwid: network
 * @mac: group address
 * @adi: additional distinguisher
 * @subscribed: this node is in it
 * @n_members: other nodes known to be in it
 * @n: how many of them are in @member
 * @member: their addresses
 */
struct kzt_group_info {
	u64 nwid;
	u8 mac[ETH_ALEN];
	u32 adi;
	bool subscribed;
	unsigned int n_members;
	unsigned int n;
	u64 member[KZT_GROUP_INFO_MEMBERS];
};

int kzt_multicast_init(struct kzt_node *node);
void kzt_multicast_free(struct kzt_node *node);
enum kzt_rx_result kzt_multicast_like(struct kzt_rx *rx);
enum kzt_rx_result kzt_multicast_gather(struct kzt_rx *rx);
enum kzt_rx_result kzt_multicast_gather_ok(struct kzt_rx *rx, const u8 *body,
					   size_t len);
enum kzt_rx_result kzt_multicast_frame_ok(struct kzt_rx *rx, const u8 *body,
					  size_t len);
void kzt_multicast_unwanted(struct kzt_rx *rx, u64 nwid, const u8 *mac,
			    u32 adi);
void kzt_multicast_bridged(struct kzt_network *nw, const u8 *mac, u32 adi);
void kzt_multicast_send(struct kzt_network *nw, struct sk_buff *skb, u32 adi,
			u64 origin);
void kzt_multicast_answer(struct kzt_peer *peer, u64 nwid,
			  const u8 mac[ETH_ALEN], u32 adi, u32 limit,
			  u64 in_re_id);
void kzt_announce_forget(struct kzt_node *node, u64 nwid);
void kzt_multicast_kick(struct kzt_network *nw, enum kzt_network_bit bit);
unsigned int kzt_multicast_count(struct kzt_node *node, u64 nwid);
bool kzt_multicast_get(struct kzt_node *node, u64 nwid, const u8 mac[ETH_ALEN],
		       u32 adi, struct kzt_group_info *info);
int kzt_multicast_walk(struct kzt_node *node, u64 nwid, u64 *cursor,
		       struct kzt_group_info *info,
		       int (*fn)(const struct kzt_group_info *info, void *arg),
		       void *arg);

#endif /* KZT_NETWORK_H */
