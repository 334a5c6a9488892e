// SPDX-License-Identifier: GPL-2.0
/* Peers: lifetime, the table by address, and what a received packet does. */
#include <linux/slab.h>
#include "bond.h"
#include "crypt.h"
#include "keep.h"
#include "netlink.h"
#include "node.h"
#include "object.h"
#include "peer.h"
#include "receive.h"
#include "rht.h"
#include "send.h"
#include "trace.h"
#include "verb.h"

#define IDLE_MS		60000

struct workqueue_struct *kzt_free_wq;
/* Of kmalloc's sizes the next one would be twice as large as a peer */
static struct kmem_cache *peer_cache __ro_after_init;

/**
 * kzt_peers_module_init() - what the peers of all nodes share
 *
 * Return: 0 or -ENOMEM.
 */
int __init kzt_peers_module_init(void)
{
	peer_cache = KMEM_CACHE(kzt_peer, SLAB_HWCACHE_ALIGN);
	if (!peer_cache)
		return -ENOMEM;
	kzt_free_wq = alloc_workqueue("kzt-free", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!kzt_free_wq) {
		kmem_cache_destroy(peer_cache);
		return -ENOMEM;
	}
	return 0;
}

/** kzt_peers_module_exit() - undo kzt_peers_module_init() */
void kzt_peers_module_exit(void)
{
	rcu_barrier();
	destroy_workqueue(kzt_free_wq);
	kmem_cache_destroy(peer_cache);
}

/**
 * kzt_peer_get() - take a reference
 * @peer: found under RCU
 *
 * Return: false if the peer is being freed.
 */
bool kzt_peer_get(struct kzt_peer *peer)
{
	return kref_get_unless_zero(&peer->ref);
}

/* Its keys go with it */
static void peer_wipe(struct kzt_peer *peer)
{
	memzero_explicit(peer, sizeof(*peer));
	kmem_cache_free(peer_cache, peer);
}

static void peer_free_work(struct work_struct *work)
{
	struct kzt_peer *peer = container_of(to_rcu_work(work), struct kzt_peer,
					     free_rwork);

	pr_debug("peer %010llx destroyed\n", peer->address);
	kzt_replay_free(&peer->replay);
	kzt_keys_destroy(&peer->keys);
	free_percpu(peer->stats);
	kfree(rcu_dereference_protected(peer->deny, 1));
	kfree(rcu_dereference_protected(peer->policy, 1));
	peer_wipe(peer);
	kzt_gone(PEER);
}

static void peer_release(struct kref *ref)
{
	struct kzt_peer *peer = container_of(ref, struct kzt_peer, ref);

	/* Freeing keys may sleep, RCU callbacks may not */
	INIT_RCU_WORK(&peer->free_rwork, peer_free_work);
	queue_rcu_work(kzt_free_wq, &peer->free_rwork);
}

/**
 * kzt_peer_put() - give a reference back
 * @peer: peer
 *
 * Context: any.
 */
void kzt_peer_put(struct kzt_peer *peer)
{
	kref_put(&peer->ref, peer_release);
}

static const struct rhashtable_params peer_params = {
	.key_len = sizeof(u64),
	.key_offset = offsetof(struct kzt_peer, address),
	.head_offset = offsetof(struct kzt_peer, hash_node),
	.automatic_shrinking = true,
};

/**
 * kzt_peers_init() - make a node's table
 * @node: owner
 *
 * Return: 0 or a negative errno.
 */
int kzt_peers_init(struct kzt_node *node)
{
	return rhashtable_init(&node->peers, &peer_params);
}

/**
 * kzt_peers_free() - free a node's table
 * @node: owner; the table is empty
 */
void kzt_peers_free(struct kzt_node *node)
{
	WARN_ON(atomic_read(&node->n_peers));
	rhashtable_destroy(&node->peers);
}

/**
 * kzt_peer_lookup_rcu() - find a peer
 * @node: owner
 * @address: of the peer
 *
 * Context: RCU; no reference is taken.
 * Return: the peer or NULL.
 */
struct kzt_peer *kzt_peer_lookup_rcu(struct kzt_node *node, u64 address)
{
	return kzt_rht_lookup(&node->peers, &address, peer_params);
}

/**
 * kzt_peer_get_by_address() - find a peer and take a reference
 * @node: owner
 * @address: of the peer
 *
 * Return: the peer or NULL.
 */
struct kzt_peer *kzt_peer_get_by_address(struct kzt_node *node, u64 address)
{
	struct kzt_peer *peer;

	rcu_read_lock();
	peer = kzt_peer_lookup_rcu(node, address);
	if (peer && !kzt_peer_get(peer))
		peer = NULL;
	rcu_read_unlock();
	return peer;
}

static struct kzt_peer *peer_alloc(struct kzt_node *node,
				   const struct kzt_identity *id)
{
	struct kzt_peer *peer = kmem_cache_zalloc(peer_cache, GFP_KERNEL);
	int cpu;

	if (!peer)
		return NULL;
	peer->stats = alloc_percpu(struct kzt_peer_stats);
	if (!peer->stats) {
		kmem_cache_free(peer_cache, peer);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(peer->stats, cpu)->syncp);
	peer->node = node;
	peer->address = id->address;
	peer->identity = *id;
	peer->role = KZT_ROLE_LEAF;
	peer->mtu = KZT_MTU_DEFAULT;
	peer->created = kzt_now_ms();
	kref_init(&peer->ref);
	spin_lock_init(&peer->lock);
	INIT_LIST_HEAD(&peer->keep);
	INIT_LIST_HEAD(&peer->upstream);
	kzt_queue_init(&peer->txq, peer, kzt_send_deliver);
	kzt_queue_init(&peer->rxq, peer, kzt_receive_deliver);
	kzt_replay_init(&peer->replay);
	kzt_born(PEER);
	return peer;
}

/**
 * kzt_peer_create_locked() - make a peer known
 * @node: owner; config_lock held, and it has an identity
 * @id: the peer's identity, validated by the caller
 *
 * Implements: spec 3, 3.4; spec 2, 2.10.
 *
 * Context: process; costs a key agreement.
 * Return: the peer with a reference for the caller, or an ERR_PTR: -ENOENT (no
 * identity of our own), -EADDRINUSE (it is our own address), -EEXIST, -ENOSPC,
 * -EKEYREJECTED (weak key), -ENOMEM.
 */
struct kzt_peer *kzt_peer_create_locked(struct kzt_node *node,
					const struct kzt_identity *id)
{
	struct kzt_self *self;
	struct kzt_peer *peer;
	int err;

	lockdep_assert_held(&node->config_lock);
	self = rcu_dereference_protected(node->self, 1);
	if (!self)
		return ERR_PTR(-ENOENT);
	if (id->address == self->identity.address)
		return ERR_PTR(-EADDRINUSE);
	if (!kzt_addr_valid(id->address))
		return ERR_PTR(-EINVAL);
	if (atomic_read(&node->n_peers) >= KZT_PEERS_MAX)
		return ERR_PTR(-ENOSPC);
	peer = peer_alloc(node, id);
	if (!peer)
		return ERR_PTR(-ENOMEM);
	err = kzt_key_agree(&peer->keys, self->secret, id->pub);
	if (err)
		goto err_free;
	kref_get(&peer->ref);		/* the caller's, before publishing */
	err = rhashtable_lookup_insert_fast(&node->peers, &peer->hash_node,
					    peer_params);
	if (err)
		goto err_keys;
	atomic_inc(&node->n_peers);
	kzt_keep_in(peer, 0);
	kzt_mib_inc(node, PEERS_ADDED);
	pr_debug("peer %010llx created\n", peer->address);
	kzt_notify_peer(peer, false);
	return peer;

err_keys:
	kzt_keys_destroy(&peer->keys);
err_free:
	free_percpu(peer->stats);
	peer_wipe(peer);
	kzt_gone(PEER);
	return ERR_PTR(err);
}

static void peer_drop_paths(struct kzt_peer *peer)
{
	spin_lock_bh(&peer->lock);
	WRITE_ONCE(peer->dead, true);
	kzt_bond_drop_locked(peer);
	while (peer->n_paths)
		kzt_path_remove_locked(peer, peer->n_paths - 1, KZT_PATH_LOST);
	kzt_pathset_update_locked(peer, kzt_now_ms());
	spin_unlock_bh(&peer->lock);
}

/* Unhash: nobody finds it any more.  The table's reference stays ours. */
static void peer_unlink_locked(struct kzt_peer *peer)
{
	struct kzt_node *node = peer->node;

	rhashtable_remove_fast(&node->peers, &peer->hash_node, peer_params);
	atomic_dec(&node->n_peers);
	kzt_mib_inc(node, PEERS_REMOVED);
	peer_drop_paths(peer);
	kzt_upstream_mark(peer, false);
	kzt_keep_forget(peer);
	kzt_notify_peer(peer, true);
}

/**
 * kzt_peer_destroy_locked() - forget a peer
 * @peer: in the table; config_lock held
 *
 * Packets in its queues hold references and drain by themselves, without
 * paths; the last reference frees it.
 */
void kzt_peer_destroy_locked(struct kzt_peer *peer)
{
	lockdep_assert_held(&peer->node->config_lock);
	if (peer->dead)
		return;
	peer_unlink_locked(peer);
	kzt_peer_put(peer);
}

/**
 * kzt_peer_destroy_all_locked() - forget all peers
 * @node: config_lock held
 */
void kzt_peer_destroy_all_locked(struct kzt_node *node)
{
	struct rhashtable_iter iter;
	struct kzt_peer *peer;

	lockdep_assert_held(&node->config_lock);
	while (atomic_read(&node->n_peers)) {
		rhashtable_walk_enter(&node->peers, &iter);
		rhashtable_walk_start(&iter);
		while ((peer = rhashtable_walk_next(&iter))) {
			if (IS_ERR(peer))
				continue;
			/* The walk is an RCU section: nothing here sleeps */
			if (!peer->dead)
				kzt_peer_destroy_locked(peer);
		}
		rhashtable_walk_stop(&iter);
		rhashtable_walk_exit(&iter);
		cond_resched();
	}
}

/**
 * kzt_peer_alive() - was the peer heard lately
 * @peer: peer
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.4 "alive(peer)".
 * Return: true if so.
 */
bool kzt_peer_alive(const struct kzt_peer *peer, u64 now)
{
	return kzt_age_ms(now, READ_ONCE(peer->last_receive)) < KZT_PEER_ALIVE_MS;
}

/**
 * kzt_peer_suite() - the suite to send with
 * @peer: receiver
 *
 * Implements: spec 1, 5.8.
 * Return: 1 or 3.
 */
unsigned int kzt_peer_suite(const struct kzt_peer *peer)
{
	switch (READ_ONCE(peer->node->suite_mode)) {
	case KZT_SUITE_MODE_SALSA:
		return KZT_SUITE_SALSA2012_POLY1305;
	case KZT_SUITE_MODE_SIV:
		return KZT_SUITE_AES_GMAC_SIV;
	default:
		return READ_ONCE(peer->proto) >= KZT_PROTO_VERSION_AES ?
		       KZT_SUITE_AES_GMAC_SIV : KZT_SUITE_SALSA2012_POLY1305;
	}
}

static bool verb_is_nontrivial(u8 verb)
{
	switch (verb) {
	case KZT_VERB_FRAME:
	case KZT_VERB_EXT_FRAME:
	case KZT_VERB_NETWORK_CONFIG_REQUEST:
	case KZT_VERB_NETWORK_CONFIG:
	case KZT_VERB_MULTICAST_FRAME:
		return true;
	default:
		return false;
	}
}

/* An authentic direct packet by an endpoint that is no path of the peer */
static void peer_unknown_path(struct kzt_peer *peer,
			      const struct kzt_endpoint *from, u8 verb, u64 now)
{
	if (!kzt_path_allowed(peer, from))
		return;
	if (verb == KZT_VERB_OK) {
		kzt_path_confirmed(peer, from, now);
		return;
	}
	if (!kzt_path_try(peer, from, now))
		return;
	/*
	 * By the local side that it came to: whoever sends from a false address
	 * gets no more there than one HELLO.
	 */
	kzt_mib_inc(peer->node, PATHS_CONFIRMING);
	trace_kzt_path(peer, from, KZT_PATH_CONFIRMING);
	kzt_hello_send(peer, from);
}

/* Written only when it changes much: the line is shared by all CPUs */
static void touch(u64 *when, u64 now)
{
	if (kzt_age_ms(now, READ_ONCE(*when)) > 100)
		WRITE_ONCE(*when, now);
}

/**
 * kzt_peer_received() - what every handled packet does
 * @peer: authenticated sender
 * @from: where the packet came from
 * @hops: how often it was relayed
 * @verb: its verb
 * @trust: whether it shows that the peer is a fellow member
 *
 * Implements: spec 1, 7.3; spec 3, 3.5.
 * Context: RCU or a reference; BH or process.
 */
void kzt_peer_received(struct kzt_peer *peer, const struct kzt_endpoint *from,
		       u8 hops, u8 verb, bool trust)
{
	u64 now = kzt_now_ms();
	struct kzt_path *path;

	rcu_read_lock_bh();
	touch(&peer->last_receive, now);
	if (verb_is_nontrivial(verb)) {
		/* It was idle: from now on it is kept */
		if (unlikely(kzt_age_ms(now, READ_ONCE(peer->last_nontrivial)) >= IDLE_MS))
			kzt_keep_in(peer, 0);
		touch(&peer->last_nontrivial, now);
	}
	if (trust)
		touch(&peer->last_trust, now);
	if (!hops) {
		path = kzt_path_find_rcu(peer, from);
		if (likely(path)) {
			touch(&path->last_in, now);
			touch(&path->last_receive, now);
			if (trust)
				touch(&path->last_trusted, now);
		} else {
			peer_unknown_path(peer, from, verb, now);
		}
	}
	if (kzt_push_is_due(kzt_age_ms(now, READ_ONCE(peer->last_trust)),
			    kzt_age_ms(now, READ_ONCE(peer->last_push_sent)), hops)) {
		WRITE_ONCE(peer->last_push_sent, now);
		kzt_push_send(peer, from, hops);
	}
	rcu_read_unlock_bh();
}

/**
 * kzt_peer_rx_stats() - count an authenticated packet
 * @peer: sender
 * @len: bytes, VL1 header included
 *
 * Context: BH off.
 */
void kzt_peer_rx_stats(struct kzt_peer *peer, size_t len)
{
	struct kzt_peer_stats *s = this_cpu_ptr(peer->stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_add(&s->rx_bytes, len);
	u64_stats_inc(&s->rx_packets);
	u64_stats_update_end(&s->syncp);
}

/**
 * kzt_peer_tx_stats() - count a packet sent
 * @peer: receiver
 * @len: bytes, VL1 header included
 *
 * Context: BH off.
 */
void kzt_peer_tx_stats(struct kzt_peer *peer, size_t len)
{
	struct kzt_peer_stats *s = this_cpu_ptr(peer->stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_add(&s->tx_bytes, len);
	u64_stats_inc(&s->tx_packets);
	u64_stats_update_end(&s->syncp);
}

/**
 * kzt_peer_stats_read() - sum over the CPUs
 * @peer: peer
 * @rx_bytes: authenticated bytes received
 * @rx_packets: packets
 * @tx_bytes: bytes sent
 * @tx_packets: packets
 */
void kzt_peer_stats_read(const struct kzt_peer *peer, u64 *rx_bytes,
			 u64 *rx_packets, u64 *tx_bytes, u64 *tx_packets)
{
	int cpu;

	*rx_bytes = 0;
	*rx_packets = 0;
	*tx_bytes = 0;
	*tx_packets = 0;
	for_each_possible_cpu(cpu) {
		const struct kzt_peer_stats *s = per_cpu_ptr(peer->stats, cpu);
		u64 rb, rp, tb, tp;
		unsigned int seq;

		do {
			seq = u64_stats_fetch_begin(&s->syncp);
			rb = u64_stats_read(&s->rx_bytes);
			rp = u64_stats_read(&s->rx_packets);
			tb = u64_stats_read(&s->tx_bytes);
			tp = u64_stats_read(&s->tx_packets);
		} while (u64_stats_fetch_retry(&s->syncp, seq));
		*rx_bytes += rb;
		*rx_packets += rp;
		*tx_bytes += tb;
		*tx_packets += tp;
	}
}
