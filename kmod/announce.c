// SPDX-License-Identifier: GPL-2.0
/* Which groups this node is in, and telling others (spec 4.11.1, 4.11.2). */
#include <linux/inetdevice.h>
#include <linux/slab.h>
#include "group.h"
#include "peer.h"
#include "proto/verbs.h"
#include "send.h"
#include "verb.h"

/* Entries of one packet, so that it is one datagram */
#define LIKES_PER_PACKET	75

/* --- the device's groups ------------------------------------------------------- */

static unsigned int snap_add(struct kzt_multicast *mc, unsigned int n,
			     const u8 *mac, u32 adi)
{
	if (n == KZT_GROUPS_MAX)
		return n;
	ether_addr_copy(mc->snap[n].mac, mac);
	mc->snap[n].adi = adi;
	return n + 1;
}

/* What the device is in now: spec 4.11.1 */
static unsigned int snap_device(struct kzt_multicast *mc,
				struct kzt_network *nw,
				const struct kzt_netconf *conf)
{
	struct net_device *dev = nw->dev;
	u8 broadcast[ETH_ALEN];
	const struct in_ifaddr *ifa;
	struct netdev_hw_addr *ha;
	struct in_device *in_dev;
	unsigned int n = 0;

	if (!conf || !netif_running(dev))
		return 0;
	eth_broadcast_addr(broadcast);
	if (conf->flags & KZT_NETWORK_FLAG_BROADCAST)
		n = snap_add(mc, n, broadcast, 0);
	in_dev = __in_dev_get_rcu(dev);
	if (in_dev)
		in_dev_for_each_ifa_rcu(ifa, in_dev)
			n = snap_add(mc, n, broadcast, ntohl(ifa->ifa_local));
	netif_addr_lock_bh(dev);
	netdev_for_each_mc_addr(ha, dev)
		n = snap_add(mc, n, ha->addr, 0);
	netif_addr_unlock_bh(dev);
	return n;
}

/* Join what is in the snapshot, leave what is not */
static void snap_subscribe_locked(struct kzt_multicast *mc, u64 nwid,
				  unsigned int n)
{
	struct kzt_mc_net *net;
	struct kzt_mc_key key;
	struct kzt_group *g;
	unsigned int i;

	mc->generation++;
	for (i = 0; i < n; i++) {
		key = kzt_mc_key(nwid, mc->snap[i].mac, mc->snap[i].adi);
		g = kzt_group_get_locked(mc, &key, true);
		if (!g)
			continue;
		kzt_group_subscribe_locked(g, true);
		g->generation = mc->generation;
	}
	net = kzt_mc_net_find_locked(mc, nwid);
	if (!net)
		return;
	list_for_each_entry(g, &net->groups, list)
		if (g->generation != mc->generation)
			kzt_group_subscribe_locked(g, false);
}

static void announce_refresh(struct kzt_multicast *mc, u64 nwid)
{
	struct kzt_network *nw;
	unsigned int n;

	rcu_read_lock();
	nw = kzt_network_lookup_rcu(mc->node, nwid);
	if (!nw)
		goto out;
	n = snap_device(mc, nw, rcu_dereference(nw->conf));
	spin_lock_bh(&mc->lock);
	/* Still there: then kzt_announce_forget() comes after us */
	if (kzt_network_lookup_rcu(mc->node, nwid) == nw)
		snap_subscribe_locked(mc, nwid, n);
	spin_unlock_bh(&mc->lock);
out:
	rcu_read_unlock();
}

/**
 * kzt_announce_forget() - a network is gone: this node is in none of its groups
 * @node: node
 * @nwid: network; not found by kzt_network_lookup_rcu() any more
 *
 * Context: process or BH.
 */
void kzt_announce_forget(struct kzt_node *node, u64 nwid)
{
	struct kzt_multicast *mc;
	struct kzt_mc_net *net;
	struct kzt_group *g;

	if (!smp_load_acquire(&node->ready))
		return;
	mc = node->multicast;
	spin_lock_bh(&mc->lock);
	net = kzt_mc_net_find_locked(mc, nwid);
	if (net) {
		list_for_each_entry(g, &net->groups, list) {
			kzt_group_subscribe_locked(g, false);
			g->bridged = 0;
		}
	}
	spin_unlock_bh(&mc->lock);
}

/* Own groups into the snapshot; fresh ones are not fresh any more */
static unsigned int snap_own(struct kzt_multicast *mc, u64 nwid, bool fresh)
{
	u64 now = kzt_now_ms();
	struct kzt_mc_net *net;
	struct kzt_group *g;
	unsigned int n = 0;

	spin_lock_bh(&mc->lock);
	net = kzt_mc_net_find_locked(mc, nwid);
	if (net) {
		list_for_each_entry(g, &net->groups, list) {
			if (!kzt_group_is_own(g, now) || (fresh && !g->fresh))
				continue;
			n = snap_add(mc, n, g->key.mac, g->key.adi);
			g->fresh = false;
		}
	}
	spin_unlock_bh(&mc->lock);
	return n;
}

/* --- telling ------------------------------------------------------------------- */

static bool like_send_packet(struct kzt_multicast *mc, u64 nwid, u64 to,
			     unsigned int first, unsigned int n)
{
	struct kzt_node *node = mc->node;
	struct kzt_peer *peer;
	struct kzt_wcur wc;
	struct sk_buff *skb;
	bool sent = false;
	unsigned int i;

	rcu_read_lock_bh();
	rcu_read_lock();
	peer = kzt_peer_lookup_rcu(node, to);
	if (!peer)
		goto out;
	skb = kzt_msg_new(node, to, KZT_VERB_MULTICAST_LIKE, n * KZT_LIKE_LEN,
			  &wc);
	if (!skb)
		goto out;
	for (i = first; i < first + n; i++)
		kzt_like_put(&wc, nwid, mc->snap[i].mac, mc->snap[i].adi);
	sent = kzt_msg_send(peer, skb, &wc, false);
out:
	rcu_read_unlock();
	rcu_read_unlock_bh();
	return sent;
}

/* The first @n groups of the snapshot to one node */
static bool like_send(struct kzt_multicast *mc, u64 nwid, u64 to,
		      unsigned int n)
{
	unsigned int i, part;
	bool sent = true;

	for (i = 0; i < n; i += part) {
		part = min_t(unsigned int, n - i, LIKES_PER_PACKET);
		sent &= like_send_packet(mc, nwid, to, i, part);
	}
	return sent;
}

/**
 * kzt_announce_contacts() - who is always told and asked
 * @node: node
 * @statics: peers configured by hand too: where no root is, they are all that
 *	a group's members can learn of each other from
 * @address: receives their addresses, each once
 * @n: how many @address holds already
 * @max: how many it can hold
 *
 * Context: process or BH.
 * Return: how many @address holds now.
 */
unsigned int kzt_announce_contacts(struct kzt_node *node, bool statics,
				   u64 *address, unsigned int n,
				   unsigned int max)
{
	struct rhashtable_iter it;
	struct kzt_peer *peer;

	rhashtable_walk_enter(&node->peers, &it);
	rhashtable_walk_start(&it);
	while ((peer = rhashtable_walk_next(&it)) && n < max) {
		if (IS_ERR(peer)) {
			if (PTR_ERR(peer) == -EAGAIN)
				continue;
			break;
		}
		if ((READ_ONCE(peer->is_upstream) ||
		     (statics && READ_ONCE(peer->is_static))) &&
		    !kzt_netconf_lists(address, n, peer->address))
			address[n++] = peer->address;
	}
	rhashtable_walk_stop(&it);
	rhashtable_walk_exit(&it);
	return n;
}

/* Those who are told of a network whether members or not */
static unsigned int announce_targets(struct kzt_multicast *mc, u64 nwid)
{
	struct kzt_node *node = mc->node;
	u64 self = READ_ONCE(node->self_address), controller = nwid >> 24;
	u64 *address = mc->target;
	struct kzt_netconf *conf;
	struct kzt_network *nw;
	unsigned int n;

	n = kzt_announce_contacts(node, true, address, 0, KZT_MC_ROOTS_MAX);
	if (kzt_addr_valid(controller) && controller != self &&
	    !kzt_netconf_lists(address, n, controller))
		address[n++] = controller;
	rcu_read_lock();
	nw = kzt_network_lookup_rcu(node, nwid);
	conf = nw ? rcu_dereference(nw->conf) : NULL;
	if (conf)
		n = kzt_netconf_contacts(conf, address, n, KZT_MC_TARGETS_MAX);
	rcu_read_unlock();
	return n;
}

/* Roots and controller; false if there are some and none could be reached */
static bool announce_upstreams(struct kzt_multicast *mc, u64 nwid,
			       unsigned int n_groups)
{
	unsigned int i, n = announce_targets(mc, nwid);
	bool sent = !n;

	for (i = 0; i < n; i++) {
		if (like_send(mc, nwid, mc->target[i], n_groups))
			sent = true;
		else	/* unknown, perhaps: it is to be kept in contact */
			kzt_whois_ask(mc->node, mc->target[i]);
	}
	return sent;
}

static void member_greeted(struct kzt_node *node, u64 nwid, u64 address,
			   u64 now)
{
	struct kzt_member *m = NULL;
	struct kzt_network *nw;

	rcu_read_lock();
	nw = kzt_network_lookup_rcu(node, nwid);
	if (nw)
		m = kzt_member_lookup_rcu(nw, address);
	if (m)
		WRITE_ONCE(m->last_like, now);
	rcu_read_unlock();
}

/*
 * Members that were not told since a time.  With all groups of this node the
 * timers start anew; with only the fresh ones they run on.
 */
static void announce_members(struct kzt_multicast *mc, u64 nwid,
			     unsigned int n_groups, u64 since, bool all,
			     u64 now)
{
	unsigned int i, n;
	u64 *address;

	address = kzt_member_addresses(mc->node, nwid, since, true, &n);
	for (i = 0; i < n; i++) {
		like_send(mc, nwid, address[i], n_groups);
		if (all)
			member_greeted(mc->node, nwid, address[i], now);
		cond_resched();
	}
	kvfree(address);
}

static void announce_fresh(struct kzt_multicast *mc, u64 nwid, u64 now)
{
	unsigned int n = snap_own(mc, nwid, true);
	struct kzt_mc_net *net;

	if (!n)
		return;
	if (!announce_upstreams(mc, nwid, n)) {
		/* Not online yet: all of them again with the next tick */
		spin_lock_bh(&mc->lock);
		net = kzt_mc_net_find_locked(mc, nwid);
		if (net)
			net->last_like = 0;
		spin_unlock_bh(&mc->lock);
	}
	announce_members(mc, nwid, n, U64_MAX, false, now);
}

/* Members that are due: spec 4.9.3 and 4.11.2 */
static void announce_due(struct kzt_multicast *mc, u64 nwid, u64 now)
{
	unsigned int n = snap_own(mc, nwid, false);

	announce_members(mc, nwid, n, now - KZT_MC_LIKE_MS, true, now);
}

static void announce_network(struct kzt_multicast *mc, u64 nwid)
{
	bool refresh = false, greet = false;
	u64 now = kzt_now_ms();
	struct kzt_network *nw;

	rcu_read_lock();
	nw = kzt_network_lookup_rcu(mc->node, nwid);
	if (nw) {
		refresh = test_and_clear_bit(KZT_NW_REFRESH, &nw->bits);
		greet = test_and_clear_bit(KZT_NW_GREET, &nw->bits);
	}
	rcu_read_unlock();
	if (refresh)
		announce_refresh(mc, nwid);
	announce_fresh(mc, nwid, now);
	if (greet)
		announce_due(mc, nwid, now);
}

/**
 * kzt_announce_work() - do what kzt_multicast_kick() asked for
 * @mc: multicast
 *
 * Context: process, on node->control_wq.
 */
void kzt_announce_work(struct kzt_multicast *mc)
{
	unsigned int i, n;
	u64 *nwid;

	nwid = kzt_network_ids(mc->node, &n);
	for (i = 0; i < n; i++)
		announce_network(mc, nwid[i]);
	kvfree(nwid);
}

/* All own groups to the upstreams, once in a while */
static void announce_periodic(struct kzt_multicast *mc, u64 nwid, u64 now)
{
	struct kzt_mc_net *net;
	bool due = false;
	unsigned int n;

	spin_lock_bh(&mc->lock);
	net = kzt_mc_net_find_locked(mc, nwid);
	if (net && now - net->last_like >= KZT_MC_LIKE_MS)
		due = true;
	spin_unlock_bh(&mc->lock);
	if (!due)
		return;
	n = snap_own(mc, nwid, false);
	if (!announce_upstreams(mc, nwid, n))
		return;
	spin_lock_bh(&mc->lock);
	net = kzt_mc_net_find_locked(mc, nwid);
	if (net)
		net->last_like = now;
	spin_unlock_bh(&mc->lock);
}

/**
 * kzt_announce_tick() - announcements that are due
 * @mc: multicast
 * @nwid: network
 * @now: kzt_now_ms()
 *
 * Implements: spec 4.11.2.
 * Context: process, on node->control_wq.
 */
void kzt_announce_tick(struct kzt_multicast *mc, u64 nwid, u64 now)
{
	announce_network(mc, nwid);
	announce_periodic(mc, nwid, now);
	announce_due(mc, nwid, now);
}
