// SPDX-License-Identifier: GPL-2.0
/* Multicast groups: who is in which, for this node's networks and as a root. */
#include <linux/hash.h>
#include <linux/random.h>
#include <linux/slab.h>
#include "gate.h"
#include "group.h"
#include "object.h"

static const struct rhashtable_params net_params = {
	.key_len = sizeof(u64),
	.key_offset = offsetof(struct kzt_mc_net, nwid),
	.head_offset = offsetof(struct kzt_mc_net, hash_node),
	.automatic_shrinking = true,
};

static const struct rhashtable_params group_params = {
	.key_len = sizeof(struct kzt_mc_key),
	.key_offset = offsetof(struct kzt_group, key),
	.head_offset = offsetof(struct kzt_group, hash_node),
	.automatic_shrinking = true,
};

static const struct rhashtable_params entry_params = {
	.key_len = sizeof(struct kzt_mc_entry_key),
	.key_offset = offsetof(struct kzt_mc_entry, key),
	.head_offset = offsetof(struct kzt_mc_entry, hash_node),
	.automatic_shrinking = true,
};

/**
 * kzt_mc_tables_init() - make the tables of groups
 * @mc: owner
 *
 * Return: 0 or a negative errno.
 */
int kzt_mc_tables_init(struct kzt_multicast *mc)
{
	int err;

	spin_lock_init(&mc->lock);
	INIT_LIST_HEAD(&mc->all);
	INIT_LIST_HEAD(&mc->by_age);
	INIT_LIST_HEAD(&mc->lru);
	err = rhashtable_init(&mc->nets, &net_params);
	if (err)
		return err;
	err = rhashtable_init(&mc->groups, &group_params);
	if (err)
		goto err_nets;
	err = rhashtable_init(&mc->entries, &entry_params);
	if (err)
		goto err_groups;
	return 0;

err_groups:
	rhashtable_destroy(&mc->groups);
err_nets:
	rhashtable_destroy(&mc->nets);
	return err;
}

/**
 * kzt_mc_key() - the key of a group
 * @nwid: network
 * @mac: group address
 * @adi: additional distinguisher
 */
struct kzt_mc_key kzt_mc_key(u64 nwid, const u8 *mac, u32 adi)
{
	struct kzt_mc_key key = { .nwid = nwid, .adi = adi };

	memcpy(key.mac, mac, ETH_ALEN);
	return key;
}

/* --- networks ---------------------------------------------------------------- */

/**
 * kzt_mc_net_find_locked() - the groups of a network
 * @mc: multicast; lock held
 * @nwid: network
 *
 * Return: NULL if it has none.
 */
struct kzt_mc_net *kzt_mc_net_find_locked(struct kzt_multicast *mc, u64 nwid)
{
	lockdep_assert_held(&mc->lock);
	return rhashtable_lookup_fast(&mc->nets, &nwid, net_params);
}

static struct kzt_mc_net *mc_net_get(struct kzt_multicast *mc, u64 nwid)
{
	struct kzt_mc_net *net = kzt_mc_net_find_locked(mc, nwid);

	if (net)
		return net;
	net = kzalloc(sizeof(*net), GFP_ATOMIC);
	if (!net)
		return NULL;
	net->nwid = nwid;
	INIT_LIST_HEAD(&net->groups);
	if (rhashtable_insert_fast(&mc->nets, &net->hash_node, net_params)) {
		kfree(net);
		return NULL;
	}
	list_add_tail(&net->list, &mc->all);
	kzt_born(MC_NET);
	return net;
}

/* --- groups ------------------------------------------------------------------ */

/**
 * kzt_group_find_locked() - find a group
 * @mc: multicast; lock held
 * @key: of the group
 */
struct kzt_group *kzt_group_find_locked(struct kzt_multicast *mc,
					const struct kzt_mc_key *key)
{
	lockdep_assert_held(&mc->lock);
	return rhashtable_lookup_fast(&mc->groups, key, group_params);
}

/**
 * kzt_group_get_locked() - find a group, or make it
 * @mc: multicast; lock held
 * @key: of the group
 * @own: this node is going to be in it: what others fill is no bound for it
 *
 * Return: the group, or NULL if there is no room for it.
 */
struct kzt_group *kzt_group_get_locked(struct kzt_multicast *mc,
				       const struct kzt_mc_key *key, bool own)
{
	struct kzt_group *g = kzt_group_find_locked(mc, key);
	struct kzt_mc_net *net;

	if (g)
		return g;
	if (!own && mc->n_groups >= KZT_MC_GROUPS_MAX)
		return NULL;
	net = mc_net_get(mc, key->nwid);
	if (!net)
		return NULL;
	if (own ? net->n_own >= KZT_GROUPS_MAX :
		  net->n_groups >= KZT_GROUPS_MAX + net->n_own)
		return NULL;	/* an empty network goes with the sweep */
	g = kzalloc(sizeof(*g), GFP_ATOMIC);
	if (!g)
		return NULL;
	g->key = *key;
	g->id = ++mc->next_id;
	g->net = net;
	xa_init(&g->entry);
	INIT_LIST_HEAD(&g->frames);
	if (rhashtable_insert_fast(&mc->groups, &g->hash_node, group_params)) {
		kfree(g);
		return NULL;
	}
	list_add_tail(&g->list, &net->groups);
	list_add_tail(&g->age, &mc->by_age);
	kzt_born(MC_GROUP);
	net->n_groups++;
	mc->n_groups++;
	return g;
}

static void group_free(struct kzt_multicast *mc, struct kzt_group *g)
{
	rhashtable_remove_fast(&mc->groups, &g->hash_node, group_params);
	list_del(&g->list);
	list_del(&g->age);
	g->net->n_groups--;
	mc->n_groups--;
	xa_destroy(&g->entry);
	kfree(g);
	kzt_gone(MC_GROUP);
}

/**
 * kzt_group_is_own() - is this node in the group
 * @g: group
 * @now: kzt_now_ms()
 *
 * What is behind this bridge counts (spec 4.11.1).
 */
bool kzt_group_is_own(const struct kzt_group *g, u64 now)
{
	return g->subscribed ||
	       (g->bridged && kzt_age_ms(now, g->bridged) < KZT_MC_BRIDGED_MS);
}

/**
 * kzt_group_subscribe_locked() - this node joins or leaves a group
 * @g: group
 * @on: joins
 */
void kzt_group_subscribe_locked(struct kzt_group *g, bool on)
{
	if (g->subscribed == on)
		return;
	g->subscribed = on;
	g->fresh = on;
	if (on)
		g->net->n_own++;
	else
		g->net->n_own--;
}

/* --- members of groups ------------------------------------------------------- */

static u16 *entry_share(struct kzt_multicast *mc, u64 address)
{
	return &mc->share[hash_64(address, KZT_MC_SHARE_BITS)];
}

/* The last of the group takes its place, so that indexes stay dense */
static void entry_free(struct kzt_multicast *mc, struct kzt_mc_entry *e)
{
	struct kzt_group *g = e->group;
	struct kzt_mc_entry *last;

	last = xa_erase(&g->entry, --g->n);
	if (last && last != e) {
		last->index = e->index;
		/* Replaces what is there, so it needs no memory */
		xa_store(&g->entry, e->index, last, GFP_ATOMIC);
	}
	rhashtable_remove_fast(&mc->entries, &e->hash_node, entry_params);
	list_del(&e->lru);
	--*entry_share(mc, e->key.address);
	g->net->n_entries--;
	mc->n_entries--;
	kfree(e);
	kzt_gone(MC_ENTRY);
}

static struct kzt_mc_entry *entry_find(struct kzt_multicast *mc,
				       const struct kzt_group *g, u64 address)
{
	struct kzt_mc_entry_key key = { .group = g->id, .address = address };

	return rhashtable_lookup_fast(&mc->entries, &key, entry_params);
}

static bool entry_room(struct kzt_multicast *mc, const struct kzt_mc_net *net,
		       u64 address)
{
	return mc->n_entries < KZT_MC_ENTRIES_MAX &&
	       (!net || net->n_entries < KZT_MEMBERS_MAX) &&
	       *entry_share(mc, address) < KZT_MC_SHARE_MAX;
}

/**
 * kzt_mc_has_room_locked() - may a node be in one more group
 * @mc: multicast; lock held
 * @nwid: network of the group
 * @address: of the node
 */
bool kzt_mc_has_room_locked(struct kzt_multicast *mc, u64 nwid, u64 address)
{
	return entry_room(mc, kzt_mc_net_find_locked(mc, nwid), address);
}

/**
 * kzt_group_add_locked() - a node is in a group, or still is
 * @mc: multicast; lock held
 * @g: group
 * @address: of the node
 * @now: kzt_now_ms()
 *
 * Implements: spec 4.11.2.
 * Return: 1 if that is new, 0 if it was known, -ENOSPC or -ENOMEM.
 */
int kzt_group_add_locked(struct kzt_multicast *mc, struct kzt_group *g,
			 u64 address, u64 now)
{
	struct kzt_mc_entry *e = entry_find(mc, g, address);

	if (e) {
		e->seen = now;
		list_move_tail(&e->lru, &mc->lru);
		return 0;
	}
	if (!entry_room(mc, g->net, address))
		return -ENOSPC;
	e = kzalloc(sizeof(*e), GFP_ATOMIC);
	if (!e)
		return -ENOMEM;
	e->key.group = g->id;
	e->key.address = address;
	e->group = g;
	e->index = g->n;
	e->seen = now;
	if (xa_is_err(xa_store(&g->entry, e->index, e, GFP_ATOMIC)))
		goto err_entry;
	if (rhashtable_insert_fast(&mc->entries, &e->hash_node, entry_params))
		goto err_index;
	list_add_tail(&e->lru, &mc->lru);
	++*entry_share(mc, address);
	g->n++;
	g->net->n_entries++;
	mc->n_entries++;
	kzt_born(MC_ENTRY);
	return 1;

err_index:
	xa_erase(&g->entry, e->index);
err_entry:
	kfree(e);
	return -ENOMEM;
}

/**
 * kzt_group_del_locked() - a node is in a group no more
 * @mc: multicast; lock held
 * @g: group
 * @address: of the node
 */
void kzt_group_del_locked(struct kzt_multicast *mc, struct kzt_group *g,
			  u64 address)
{
	struct kzt_mc_entry *e = entry_find(mc, g, address);

	if (e)
		entry_free(mc, e);
}

/**
 * kzt_group_pick_locked() - members at random
 * @g: group
 * @out: filled with their addresses
 * @max: how many at most
 *
 * The first steps of a shuffle in place: no order is kept anyway.
 *
 * Return: how many there are in @out.
 */
unsigned int kzt_group_pick_locked(struct kzt_group *g, u64 *out,
				   unsigned int max)
{
	unsigned int i, n = min(max, g->n);

	for (i = 0; i < n; i++) {
		unsigned long j = i + get_random_u32_below(g->n - i);
		struct kzt_mc_entry *a = xa_load(&g->entry, i);
		struct kzt_mc_entry *b = xa_load(&g->entry, j);

		if (a != b) {
			xa_store(&g->entry, i, b, GFP_ATOMIC);
			xa_store(&g->entry, j, a, GFP_ATOMIC);
			b->index = i;
			a->index = j;
		}
		out[i] = b->key.address;
	}
	return n;
}

/* --- age --------------------------------------------------------------------- */

static bool group_idle(const struct kzt_group *g, u64 now)
{
	return !g->n && !g->n_frames && !kzt_group_is_own(g, now) &&
	       kzt_age_ms(now, g->last_gather) >= KZT_MC_GATHER_MS;
}

/**
 * kzt_mc_sweep_locked() - forget what is old and what is empty
 * @mc: multicast; lock held
 * @now: kzt_now_ms()
 */
void kzt_mc_sweep_locked(struct kzt_multicast *mc, u64 now)
{
	struct kzt_mc_net *net, *next_net;
	struct kzt_mc_entry *e, *next_e;
	struct kzt_group *g, *next_g;

	lockdep_assert_held(&mc->lock);
	list_for_each_entry_safe(e, next_e, &mc->lru, lru) {
		if (kzt_age_ms(now, e->seen) < KZT_MC_EXPIRE_MS)
			break;
		entry_free(mc, e);
	}
	list_for_each_entry_safe(net, next_net, &mc->all, list) {
		list_for_each_entry_safe(g, next_g, &net->groups, list)
			if (group_idle(g, now))
				group_free(mc, g);
		if (!list_empty(&net->groups))
			continue;
		rhashtable_remove_fast(&mc->nets, &net->hash_node, net_params);
		list_del(&net->list);
		kfree(net);
		kzt_gone(MC_NET);
	}
}

/**
 * kzt_mc_tables_free() - undo kzt_mc_tables_init(), with all that is in them
 * @mc: owner; nobody else looks at it any more, no frame waits
 */
void kzt_mc_tables_free(struct kzt_multicast *mc)
{
	struct kzt_mc_net *net, *next_net;
	struct kzt_mc_entry *e, *next_e;
	struct kzt_group *g, *next_g;

	/* Against nobody, but an array's lock is always taken inside of it */
	spin_lock_bh(&mc->lock);
	list_for_each_entry_safe(e, next_e, &mc->lru, lru)
		entry_free(mc, e);
	list_for_each_entry_safe(g, next_g, &mc->by_age, age)
		group_free(mc, g);
	list_for_each_entry_safe(net, next_net, &mc->all, list) {
		kfree(net);
		kzt_gone(MC_NET);
	}
	spin_unlock_bh(&mc->lock);
	rhashtable_destroy(&mc->entries);
	rhashtable_destroy(&mc->groups);
	rhashtable_destroy(&mc->nets);
}

/* --- for those who show it --------------------------------------------------- */

static void group_info(struct kzt_group *g, u64 now,
		       struct kzt_group_info *info)
{
	struct kzt_mc_entry *e;
	unsigned long i;

	info->nwid = g->key.nwid;
	ether_addr_copy(info->mac, g->key.mac);
	info->adi = g->key.adi;
	info->subscribed = kzt_group_is_own(g, now);
	info->n_members = g->n;
	info->n = min_t(unsigned int, g->n, KZT_GROUP_INFO_MEMBERS);
	for (i = 0; i < info->n; i++) {
		e = xa_load(&g->entry, i);
		info->member[i] = e->key.address;
	}
}

/**
 * kzt_multicast_count() - how many groups of a network this node is in
 * @node: node
 * @nwid: network
 */
unsigned int kzt_multicast_count(struct kzt_node *node, u64 nwid)
{
	struct kzt_multicast *mc;
	struct kzt_mc_net *net;
	unsigned int n = 0;

	if (!smp_load_acquire(&node->ready))
		return 0;
	mc = node->multicast;
	spin_lock_bh(&mc->lock);
	net = kzt_mc_net_find_locked(mc, nwid);
	if (net)
		n = net->n_own;
	spin_unlock_bh(&mc->lock);
	return n;
}

/**
 * kzt_multicast_get() - look at one group
 * @node: node
 * @nwid: network
 * @mac: group address
 * @adi: additional distinguisher
 * @info: filled
 *
 * Return: false if there is no such group.
 */
bool kzt_multicast_get(struct kzt_node *node, u64 nwid, const u8 mac[ETH_ALEN],
		       u32 adi, struct kzt_group_info *info)
{
	struct kzt_mc_key key = kzt_mc_key(nwid, mac, adi);
	struct kzt_multicast *mc;
	struct kzt_group *g;

	if (!smp_load_acquire(&node->ready))
		return false;
	mc = node->multicast;
	spin_lock_bh(&mc->lock);
	g = kzt_group_find_locked(mc, &key);
	if (g)
		group_info(g, kzt_now_ms(), info);
	spin_unlock_bh(&mc->lock);
	return g;
}

/**
 * kzt_multicast_walk() - look at all groups
 * @node: node
 * @nwid: only those of this network, or 0
 * @cursor: 0 at first; where to go on in the next call
 * @info: used for what @fn sees
 * @fn: called for each with BH off and a lock held; anything but 0 ends the
 *	walk before this group
 * @arg: for @fn
 *
 * Groups made or gone between two calls are seen or not; none is seen twice.
 *
 * Return: 0 at the end, or what @fn returned.
 */
int kzt_multicast_walk(struct kzt_node *node, u64 nwid, u64 *cursor,
		       struct kzt_group_info *info,
		       int (*fn)(const struct kzt_group_info *info, void *arg),
		       void *arg)
{
	struct kzt_multicast *mc;
	u64 now = kzt_now_ms();
	struct kzt_group *g;
	int err = 0;

	if (!smp_load_acquire(&node->ready))
		return 0;
	mc = node->multicast;
	spin_lock_bh(&mc->lock);
	list_for_each_entry(g, &mc->by_age, age) {
		if (g->id <= *cursor || (nwid && g->key.nwid != nwid))
			continue;
		group_info(g, now, info);
		err = fn(info, arg);
		if (err)
			break;
		*cursor = g->id;
	}
	spin_unlock_bh(&mc->lock);
	return err;
}
