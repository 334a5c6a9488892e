// SPDX-License-Identifier: GPL-2.0
/* Worlds, and the upstreams that they and the administrator name. */
#include <linux/slab.h>
#include "netlink.h"
#include "node.h"
#include "peer.h"
#include "proto/address.h"
#include "proto/world.h"
#include "seed.h"
#include "socket.h"
#include "verb.h"

#define OFFLINE_MS		120000	/* spec 3, 3.18.1 */

static void worlds_free(struct kzt_worlds *worlds)
{
	unsigned int i;

	if (!worlds)
		return;
	for (i = 0; i < worlds->n; i++) {
		kfree(worlds->w[i]);
		kfree(worlds->blob[i]);
	}
	kfree(worlds);
}

static void worlds_publish(struct kzt_node *node, struct kzt_worlds *next)
{
	struct kzt_worlds *old;

	old = rcu_replace_pointer(node->worlds, next,
				  lockdep_is_held(&node->config_lock));
	if (old) {
		synchronize_rcu();	/* once per change by hand or update */
		worlds_free(old);
	}
}

/* A copy of all worlds but the one with this id */
static struct kzt_worlds *worlds_copy_without(const struct kzt_worlds *from,
					      u64 id, bool *found)
{
	struct kzt_worlds *to = kzalloc(sizeof(*to), GFP_KERNEL);
	unsigned int i;

	*found = false;
	for (i = 0; to && from && i < from->n; i++) {
		if (from->w[i]->id == id) {
			*found = true;
			continue;
		}
		to->w[to->n] = kmemdup(from->w[i], sizeof(*from->w[i]),
				       GFP_KERNEL);
		to->blob[to->n] = kmemdup(from->blob[i], from->blob_len[i],
					  GFP_KERNEL);
		to->blob_len[to->n] = from->blob_len[i];
		to->n++;
		if (!to->w[to->n - 1] || !to->blob[to->n - 1]) {
			worlds_free(to);
			to = NULL;
		}
	}
	return to;
}

static struct kzt_world *world_parse(const u8 *blob, size_t len,
				     struct netlink_ext_ack *extack)
{
	struct kzt_world *w = kzalloc(sizeof(*w), GFP_KERNEL);
	struct kzt_cur c = kzt_cur(blob, len);

	if (!w)
		return ERR_PTR(-ENOMEM);
	if (kzt_world_get(&c, w) || c.bad) {
		NL_SET_ERR_MSG(extack, "world is malformed");
		goto err;
	}
	if (kzt_world_is_null(w)) {
		NL_SET_ERR_MSG(extack, "world is the null world");
		goto err;
	}
	return w;
err:
	kfree(w);
	return ERR_PTR(-EINVAL);
}

/* There is one planet: a planet of another id takes the place of the old */
static u64 planet_id(const struct kzt_worlds *worlds)
{
	unsigned int i;

	for (i = 0; worlds && i < worlds->n; i++)
		if (worlds->w[i]->type == KZT_WORLD_PLANET)
			return worlds->w[i]->id;
	return 0;
}

/**
 * kzt_world_set_locked() - put a world in force
 * @node: config_lock held
 * @blob: serialised world, verified by the agent or vouched for by the admin
 * @len: its bytes
 * @extack: says why it was refused
 *
 * Implements: spec 2, 2.12 and 2.15.
 * Return: 0 or a negative errno.
 */
int kzt_world_set_locked(struct kzt_node *node, const u8 *blob, size_t len,
			 struct netlink_ext_ack *extack)
{
	struct kzt_worlds *old, *next;
	struct kzt_world *w;
	struct kzt_wcur wc;
	bool found;

	lockdep_assert_held(&node->config_lock);
	old = rcu_dereference_protected(node->worlds, 1);
	w = world_parse(blob, len, extack);
	if (IS_ERR(w))
		return PTR_ERR(w);
	next = worlds_copy_without(old, w->type == KZT_WORLD_PLANET ?
					planet_id(old) : w->id, &found);
	if (!next)
		goto err_nomem;
	if (next->n == KZT_WORLDS_MAX) {
		NL_SET_ERR_MSG(extack, "too many worlds: remove a moon first");
		worlds_free(next);
		kfree(w);
		return -ENOSPC;
	}
	next->w[next->n] = w;
	next->blob[next->n] = kmalloc(KZT_WORLD_MAX_LEN, GFP_KERNEL);
	next->n++;
	if (!next->blob[next->n - 1]) {
		worlds_free(next);
		return -ENOMEM;
	}
	/* Canonical: what is passed on has neither secrets nor attachments */
	wc = kzt_wcur(next->blob[next->n - 1], KZT_WORLD_MAX_LEN);
	kzt_world_put(&wc, w);
	next->blob_len[next->n - 1] = kzt_wcur_len(&wc);
	worlds_publish(node, next);
	kzt_seed_del(node, w->id);
	kzt_upstreams_rebuild_locked(node);
	return 0;

err_nomem:
	kfree(w);
	return -ENOMEM;
}

/**
 * kzt_world_del_locked() - forget a world, held or wanted
 * @node: config_lock held
 * @id: world id
 *
 * Return: 0, -ENOENT or -ENOMEM.
 */
int kzt_world_del_locked(struct kzt_node *node, u64 id)
{
	bool found, wanted = kzt_seed_del(node, id);
	struct kzt_worlds *next;

	lockdep_assert_held(&node->config_lock);
	next = worlds_copy_without(rcu_dereference_protected(node->worlds, 1),
				   id, &found);
	if (!next)
		return -ENOMEM;
	if (!found) {
		worlds_free(next);
		return wanted ? 0 : -ENOENT;
	}
	worlds_publish(node, next);
	kzt_upstreams_rebuild_locked(node);
	return 0;
}

/**
 * kzt_worlds_free_locked() - forget all worlds, without touching the peers
 * @node: config_lock held
 */
void kzt_worlds_free_locked(struct kzt_node *node)
{
	lockdep_assert_held(&node->config_lock);
	worlds_publish(node, NULL);
}

/* --- upstreams ------------------------------------------------------------- */

/**
 * kzt_upstream_mark() - a peer is one of the upstreams now, or no more
 * @peer: its node's config_lock is held
 * @is_one: which
 */
void kzt_upstream_mark(struct kzt_peer *peer, bool is_one)
{
	struct kzt_node *node = peer->node;

	lockdep_assert_held(&node->config_lock);
	spin_lock_bh(&node->upstream_lock);
	WRITE_ONCE(peer->is_upstream, is_one);
	if (!is_one)
		list_del_init(&peer->upstream);
	else if (list_empty(&peer->upstream))
		list_add_tail(&peer->upstream, &node->upstreams);
	spin_unlock_bh(&node->upstream_lock);
}

static void hint_add(struct kzt_peer *peer, const struct kzt_inetaddr *a)
{
	struct kzt_endpoint ep;
	unsigned int i;

	if (!a->port || !kzt_endpoint_from_inetaddr(&ep, a))
		return;
	spin_lock_bh(&peer->lock);
	for (i = 0; i < peer->n_hints; i++)
		if (kzt_endpoint_same_remote(&peer->hints[i], &ep))
			break;
	if (i == peer->n_hints && i < KZT_HINTS_MAX)
		peer->hints[peer->n_hints++] = ep;
	spin_unlock_bh(&peer->lock);
}

/* The peer of a root, made if need be.  Spec 2.15: an existing one is kept. */
static void root_take(struct kzt_node *node, const struct kzt_world_root *root,
		      u8 role)
{
	struct kzt_peer *peer = kzt_peer_get_by_address(node, root->id.address);
	unsigned int i;

	if (!peer) {
		peer = kzt_peer_create_locked(node, &root->id);
		if (IS_ERR(peer)) {
			net_warn_ratelimited("kzt: root %010llx cannot be used: error %ld\n",
					     root->id.address, PTR_ERR(peer));
			return;
		}
	}
	/* A planet's root is one even if a moon lists it, too */
	if (peer->role != KZT_ROLE_PLANET)
		WRITE_ONCE(peer->role, role);
	kzt_upstream_mark(peer, true);
	peer->was_root = true;
	for (i = 0; i < root->n_endpoints; i++)
		hint_add(peer, &root->ep[i]);
	kzt_peer_put(peer);
}

static void upstreams_clear(struct kzt_node *node)
{
	struct kzt_peer *peer, *next;

	/* Nobody else changes the list: config_lock is held */
	list_for_each_entry_safe(peer, next, &node->upstreams, upstream) {
		if (peer->role != KZT_ROLE_LEAF && !peer->is_static) {
			spin_lock_bh(&peer->lock);
			peer->n_hints = 0;
			spin_unlock_bh(&peer->lock);
		}
		WRITE_ONCE(peer->role, KZT_ROLE_LEAF);
		kzt_upstream_mark(peer, peer->static_upstream);
	}
}

/*
 * Spec 2.15 lets former roots stay until they time out.  Who was never heard
 * from is forgotten at once: nothing but the old world vouched for it.
 */
static void former_roots_forget(struct kzt_node *node)
{
	struct rhashtable_iter iter;
	struct kzt_peer *peer;

	rhashtable_walk_enter(&node->peers, &iter);
	rhashtable_walk_start(&iter);
	while ((peer = rhashtable_walk_next(&iter))) {
		if (IS_ERR(peer) || peer->dead || !peer->was_root ||
		    peer->is_upstream || peer->is_static ||
		    READ_ONCE(peer->last_receive))
			continue;
		kzt_peer_destroy_locked(peer);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

/**
 * kzt_upstreams_rebuild_locked() - find out anew who is upstream
 * @node: config_lock held
 *
 * After a change of the identity, of the worlds or of static peers.  Without
 * an identity nothing happens: it is done when there is one.
 *
 * Implements: spec 2, 2.15; spec 3, 3.15.2.
 */
void kzt_upstreams_rebuild_locked(struct kzt_node *node)
{
	struct kzt_worlds *worlds;
	struct kzt_self *self;
	bool am_upstream = false;
	unsigned int i, j;

	lockdep_assert_held(&node->config_lock);
	self = rcu_dereference_protected(node->self, 1);
	if (!self)
		return;
	upstreams_clear(node);
	worlds = rcu_dereference_protected(node->worlds, 1);
	for (i = 0; worlds && i < worlds->n; i++) {
		const struct kzt_world *w = worlds->w[i];

		for (j = 0; j < w->n_roots; j++) {
			if (kzt_identity_equal(&w->root[j].id, &self->identity))
				am_upstream = true;
			else
				root_take(node, &w->root[j],
					  w->type == KZT_WORLD_PLANET ?
					  KZT_ROLE_PLANET : KZT_ROLE_MOON);
		}
	}
	former_roots_forget(node);
	WRITE_ONCE(node->am_upstream, am_upstream);
	kzt_upstream_elect(node, kzt_now_ms());
	kzt_notify_node(node, false);
	kzt_node_kick(node);
}

/*
 * One whose path went silent is as one without: else a root that was near would be
 * asked for a minute after its end, and others only then.
 */
static u32 relay_latency_us(const struct kzt_peer *peer, u64 now)
{
	struct kzt_path *path;
	u32 us = 0;

	rcu_read_lock_bh();
	path = kzt_pathset_peek_rcu(peer, 0);
	if (path && kzt_path_alive(path, now))
		us = READ_ONCE(path->rtt_us);
	rcu_read_unlock_bh();
	return us;
}

/* Offline for so long, a node chooses a second port anew (spec 3, 3.18.1) */
static void offline_round(struct kzt_node *node, u64 now)
{
	if (kzt_age_ms(now, READ_ONCE(node->online_ms)) >= OFFLINE_MS)
		kzt_sockets_renew(node);
}

/**
 * kzt_upstream_elect() - choose the upstream that relays for us
 * @node: node
 * @now: kzt_now_ms()
 *
 * Implements: spec 2, 2.15; spec 3, 3.15.3 and 3.18.1.
 * Context: process.
 */
void kzt_upstream_elect(struct kzt_node *node, u64 now)
{
	bool online = kzt_seeds_round(node, now) || READ_ONCE(node->am_upstream);
	struct kzt_relay_best best = KZT_RELAY_NONE;
	struct kzt_peer *peer;

	spin_lock_bh(&node->upstream_lock);
	list_for_each_entry(peer, &node->upstreams, upstream)
		online |= kzt_relay_add(&best, peer->address,
					kzt_age_ms(now, READ_ONCE(peer->last_receive)),
					relay_latency_us(peer, now));
	spin_unlock_bh(&node->upstream_lock);
	WRITE_ONCE(node->best_upstream, best.address);
	/* Who has no upstream to reach is not offline */
	if (online || !best.address)
		WRITE_ONCE(node->online_ms, now);
	else
		offline_round(node, now);
	if (online != node->online) {
		WRITE_ONCE(node->online, online);
		kzt_notify_node(node, false);
	}
}

/**
 * kzt_upstream_best_rcu() - the upstream that relays for us
 * @node: node
 *
 * Context: RCU.
 * Return: the peer, or NULL if there is no upstream.
 */
struct kzt_peer *kzt_upstream_best_rcu(struct kzt_node *node)
{
	u64 best = READ_ONCE(node->best_upstream);

	return best ? kzt_peer_lookup_rcu(node, best) : NULL;
}

/**
 * kzt_upstream_endpoint_allowed() - may a root be reached at this address
 * @node: node
 * @address: of the root
 * @ep: endpoint
 *
 * Implements: spec 2, 2.15 "Endpoint restriction".
 * Context: any; takes RCU itself.
 * Return: true if a world lists the IP for the root, or lists none at all.
 */
bool kzt_upstream_endpoint_allowed(struct kzt_node *node, u64 address,
				   const struct kzt_endpoint *ep)
{
	enum kzt_world_reach reach = KZT_WORLD_SILENT, one;
	struct kzt_worlds *worlds;
	struct kzt_inetaddr a;
	unsigned int i;

	kzt_endpoint_to_inetaddr(ep, &a);
	rcu_read_lock();
	worlds = rcu_dereference(node->worlds);
	for (i = 0; worlds && i < worlds->n && reach != KZT_WORLD_ALLOWS; i++) {
		one = kzt_world_reach(worlds->w[i], address, &a);
		if (one != KZT_WORLD_SILENT)
			reach = one;
	}
	rcu_read_unlock();
	return reach != KZT_WORLD_FORBIDS;
}

/**
 * kzt_world_offer() - an upstream sent worlds
 * @node: node
 * @from: upstream
 * @blob: serialised worlds, back to back
 * @len: bytes
 *
 * Each goes to the agent, which verifies it and puts it in force.
 *
 * Implements: spec 2, 2.14 "How updates travel".
 * Context: process.
 */
void kzt_world_offer(struct kzt_node *node, u64 from, const u8 *blob, size_t len)
{
	struct kzt_cur c = kzt_cur(blob, len);
	struct kzt_world *w;

	w = kmalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return;
	while (kzt_cur_left(&c)) {
		const u8 *start = c.p;

		if (kzt_world_get(&c, w) || c.bad)
			break;
		kzt_upcall_world(node, from, start, c.p - start);
	}
	kfree(w);
}
