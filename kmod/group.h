/* SPDX-License-Identifier: GPL-2.0 */
/* Multicast groups and who is in them; private to the multicast files. */
#ifndef KZT_GROUP_H
#define KZT_GROUP_H

#include <linux/list.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>
#include "network.h"

/* Bounds of a node's tables, whoever fills them (spec 4.11.2) */
#define KZT_MC_GROUPS_MAX	16384
#define KZT_MC_ENTRIES_MAX	131072
#define KZT_MC_SHARE_BITS	12
#define KZT_MC_SHARE_MAX	4096	/* entries of the peers of one hash */

/* Who is told of groups: roots, the controller, those that a network names */
#define KZT_MC_ROOTS_MAX	64
#define KZT_MC_TARGETS_MAX	(KZT_MC_ROOTS_MAX + 1 + 2 * KZT_ROLES_MAX)

#define KZT_MC_EXPIRE_MS	600000
#define KZT_MC_BRIDGED_MS	1200000
#define KZT_MC_GATHER_MS	60000
#define KZT_MC_LIKE_MS		60000

/**
 * struct kzt_mc_key - a group of a network
 * @nwid: network
 * @adi: additional distinguisher
 * @mac: group address
 * @zero: no padding is compared
 */
struct kzt_mc_key {
	u64 nwid;
	u32 adi;
	u8 mac[ETH_ALEN];
	u8 zero[6];
};

/**
 * struct kzt_mc_net - the groups of a network
 * @hash_node: in multicast->nets
 * @nwid: key
 * @list: in multicast->all
 * @groups: struct kzt_group
 * @n_groups: how many
 * @n_own: subscribed by this node
 * @n_entries: members of all groups
 * @last_like: when all own groups were last announced to the upstreams
 */
struct kzt_mc_net {
	struct rhash_head hash_node;
	u64 nwid;
	struct list_head list;
	struct list_head groups;
	unsigned int n_groups;
	unsigned int n_own;
	unsigned int n_entries;
	u64 last_like;
};

/**
 * struct kzt_group - a multicast group
 * @hash_node: in multicast->groups
 * @key: of the table
 * @id: never used twice; for keys of entries and as a cursor of dumps
 * @net: owner
 * @list: in net->groups
 * @age: in multicast->by_age
 * @subscribed: by the device of this node
 * @fresh: subscribed and not announced yet
 * @generation: of the last refresh that found it
 * @bridged: when a frame from behind this bridge last went to it; 0 for never
 * @last_gather: when members were last asked for
 * @last_expect: when replies to its frames were last waited for
 * @entry: index to member, dense
 * @n: members
 * @frames: struct kzt_mc_frame that wait for members; control_wq only
 * @n_frames: how many
 */
struct kzt_group {
	struct rhash_head hash_node;
	struct kzt_mc_key key;
	u64 id;
	struct kzt_mc_net *net;
	struct list_head list;
	struct list_head age;
	bool subscribed;
	bool fresh;
	u32 generation;
	u64 bridged;
	u64 last_gather;
	u64 last_expect;
	struct xarray entry;
	unsigned int n;
	struct list_head frames;
	unsigned int n_frames;
};

struct kzt_mc_entry_key {
	u64 group;
	u64 address;
};

/**
 * struct kzt_mc_entry - a node is in a group
 * @hash_node: in multicast->entries
 * @key: of the table
 * @group: owner
 * @index: in group->entry
 * @lru: in multicast->lru, the oldest first
 * @seen: when it was last announced
 */
struct kzt_mc_entry {
	struct rhash_head hash_node;
	struct kzt_mc_entry_key key;
	struct kzt_group *group;
	unsigned long index;
	struct list_head lru;
	u64 seen;
};

struct kzt_mc_addr {
	u8 mac[ETH_ALEN];
	u32 adi;
};

/**
 * struct kzt_multicast - multicast of a node
 * @node: owner
 * @lock: tables; taken with BH off
 * @nets: by network id
 * @groups: by struct kzt_mc_key
 * @entries: by struct kzt_mc_entry_key
 * @all: networks
 * @by_age: groups, the oldest first, which is the order of their ids
 * @lru: entries, the oldest first
 * @n_groups: in the table
 * @n_entries: in the table
 * @next_id: for groups
 * @generation: of refreshes
 * @share: entries by hash of the member's address
 * @txq: frames from xmit that wait for @work
 * @work: distributes and announces; on node->control_wq, as all that follows
 * @frames: struct kzt_mc_frame that wait for members, the oldest first
 * @n_frames: how many
 * @snap: groups of a device while they are compared or announced
 * @target: those who are told of them
 */
struct kzt_multicast {
	struct kzt_node *node;
	spinlock_t lock;
	struct rhashtable nets;
	struct rhashtable groups;
	struct rhashtable entries;
	struct list_head all;
	struct list_head by_age;
	struct list_head lru;
	unsigned int n_groups;
	unsigned int n_entries;
	u64 next_id;
	u32 generation;
	u16 share[1 << KZT_MC_SHARE_BITS];

	struct sk_buff_head txq;
	struct work_struct work;
	struct list_head frames;
	unsigned int n_frames;
	struct kzt_mc_addr snap[KZT_GROUPS_MAX];
	u64 target[KZT_MC_TARGETS_MAX];
};

/* group.c; lock held for all with _locked */
int kzt_mc_tables_init(struct kzt_multicast *mc);
void kzt_mc_tables_free(struct kzt_multicast *mc);
struct kzt_mc_key kzt_mc_key(u64 nwid, const u8 *mac, u32 adi);
struct kzt_mc_net *kzt_mc_net_find_locked(struct kzt_multicast *mc, u64 nwid);
struct kzt_group *kzt_group_find_locked(struct kzt_multicast *mc,
					const struct kzt_mc_key *key);
struct kzt_group *kzt_group_get_locked(struct kzt_multicast *mc,
				       const struct kzt_mc_key *key, bool own);
bool kzt_group_is_own(const struct kzt_group *g, u64 now);
void kzt_group_subscribe_locked(struct kzt_group *g, bool on);
bool kzt_mc_has_room_locked(struct kzt_multicast *mc, u64 nwid, u64 address);
int kzt_group_add_locked(struct kzt_multicast *mc, struct kzt_group *g,
			 u64 address, u64 now);
void kzt_group_del_locked(struct kzt_multicast *mc, struct kzt_group *g,
			  u64 address);
unsigned int kzt_group_pick_locked(struct kzt_group *g, u64 *out,
				   unsigned int max);
void kzt_mc_sweep_locked(struct kzt_multicast *mc, u64 now);

/* announce.c; process context on node->control_wq */
void kzt_announce_work(struct kzt_multicast *mc);
void kzt_announce_tick(struct kzt_multicast *mc, u64 nwid, u64 now);
unsigned int kzt_announce_contacts(struct kzt_node *node, bool statics,
				   u64 *address, unsigned int n,
				   unsigned int max);

/* distribute.c; the same context */
void kzt_distribute(struct kzt_multicast *mc, struct sk_buff *skb);
void kzt_distribute_learned(struct kzt_multicast *mc, struct kzt_group *g,
			    u64 address);
void kzt_distribute_expire(struct kzt_multicast *mc, u64 now);

/**
 * struct kzt_mc_cb - what goes with a frame that waits in multicast->txq
 * @nwid: network
 * @origin: who asked for replication, or 0
 * @adi: additional distinguisher of the group
 * @hash: flow hash
 * @tos: DSCP and ECN of the frame
 */
struct kzt_mc_cb {
	u64 nwid;
	u64 origin;
	u32 adi;
	u32 hash;
	u8 tos;
};

static inline struct kzt_mc_cb *kzt_mc_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct kzt_mc_cb) > sizeof(skb->cb));
	return (struct kzt_mc_cb *)skb->cb;
}

#endif /* KZT_GROUP_H */
