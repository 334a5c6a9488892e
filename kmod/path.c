// SPDX-License-Identifier: GPL-2.0
/* Paths: how they are learned, judged and lost (spec 3, 3.3 to 3.5). */
#include <linux/jhash.h>
#include <linux/slab.h>
#include "local.h"
#include "netlink.h"
#include "measure.h"
#include "node.h"
#include "object.h"
#include "path.h"
#include "peer.h"
#include "phys.h"
#include "quality.h"
#include "network.h"
#include "proto/address.h"
#include "trace.h"
#include "verb.h"

#define KZT_TRY_MS		1000
#define REDIRECT_MS		20000	/* for so long an answer counts as one */

/**
 * kzt_path_quality() - how good a path is, lower is better
 * @path: path
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.3 "quality".
 * Return: the figure.
 */
u64 kzt_path_quality(const struct kzt_path *path, u64 now)
{
	return kzt_quality_number(kzt_age_ms(now, READ_ONCE(path->last_in)),
				  READ_ONCE(path->rtt_us), path->scope);
}

/**
 * kzt_path_find_rcu() - a peer's path by its endpoint
 * @peer: peer
 * @ep: both sides
 *
 * Context: RCU read section, or peer->lock.
 * Return: the path or NULL.
 */
struct kzt_path *kzt_path_find_rcu(const struct kzt_peer *peer,
				   const struct kzt_endpoint *ep)
{
	unsigned int i, n = READ_ONCE(peer->n_paths);
	struct kzt_path *path;

	for (i = 0; i < n && i < KZT_PATHS_MAX; i++) {
		path = rcu_dereference_check(peer->paths[i],
					     rcu_read_lock_bh_held() ||
					     lockdep_is_held(&peer->lock));
		if (path && kzt_endpoint_equal(&path->ep, ep))
			return path;
	}
	return NULL;
}

/* The one in a slot; peer->lock held */
static struct kzt_path *path_in(const struct kzt_peer *peer, unsigned int slot)
{
	return rcu_dereference_protected(peer->paths[slot],
					 lockdep_is_held(&peer->lock));
}

/**
 * kzt_path_endpoint() - where the path with an id leads, and from where
 * @peer: peer
 * @id: of the path
 * @ep: filled
 *
 * Context: any but hard interrupts; takes peer->lock.
 * Return: false if there is no such path.
 */
bool kzt_path_endpoint(struct kzt_peer *peer, u32 id, struct kzt_endpoint *ep)
{
	bool found = false;
	unsigned int i;

	spin_lock_bh(&peer->lock);
	for (i = 0; i < peer->n_paths && !found; i++) {
		found = path_in(peer, i)->id == id;
		if (found)
			*ep = path_in(peer, i)->ep;
	}
	spin_unlock_bh(&peer->lock);
	return found;
}

static bool peer_denies(struct kzt_peer *peer, const struct kzt_endpoint *ep)
{
	bool denied;

	rcu_read_lock();
	denied = kzt_deny_has(rcu_dereference(peer->deny), ep);
	rcu_read_unlock();
	return denied;
}

/* What the administrator or a world says of the endpoint */
static bool path_is_denied(struct kzt_peer *peer, const struct kzt_endpoint *ep)
{
	return kzt_node_denied(peer->node, ep) || peer_denies(peer, ep) ||
	       (READ_ONCE(peer->role) != KZT_ROLE_LEAF &&
		!kzt_upstream_endpoint_allowed(peer->node, peer->address, ep));
}

/* A device that is denied, or no leg, hears its peers all the same */
static bool local_is_gone(struct kzt_node *node, const struct kzt_endpoint *ep)
{
	bool gone;

	rcu_read_lock();
	gone = kzt_local_is_gone(node, ep);
	rcu_read_unlock();
	return gone;
}

/**
 * kzt_path_allowed() - may this endpoint be used for this peer
 * @peer: peer
 * @ep: endpoint
 *
 * Implements: spec 3, 3.2.4.
 * Context: any; takes RCU itself.
 * Return: true if so.
 */
bool kzt_path_allowed(struct kzt_peer *peer, const struct kzt_endpoint *ep)
{
	struct kzt_inetaddr a;

	kzt_endpoint_to_inetaddr(ep, &a);
	return kzt_inetaddr_valid_path(&a) && !path_is_denied(peer, ep) &&
	       !kzt_network_has_prefix(peer->node, ep) &&
	       !(ep->ifindex && local_is_gone(peer->node, ep));
}

static struct kzt_path *path_alloc(struct kzt_peer *peer,
				   const struct kzt_endpoint *ep, u8 priority,
				   u64 now)
{
	struct kzt_path *path = kzalloc(sizeof(*path), GFP_ATOMIC);
	struct kzt_inetaddr a;

	if (!path)
		return NULL;
	if (dst_cache_init(&path->cache, GFP_ATOMIC)) {
		kfree(path);
		return NULL;
	}
	kzt_endpoint_to_inetaddr(ep, &a);
	path->peer = peer;
	path->id = peer->next_path_id++;
	path->ep = *ep;
	path->priority = priority;
	path->scope = kzt_inetaddr_scope(&a);
	kzt_phys_lookup(peer->node, ep, &path->mtu, &path->trust_id);
	path->last_in = now;
	path->last_receive = now;
	kzt_born(PATH);
	return path;
}

static void path_free_rcu(struct rcu_head *rcu)
{
	struct kzt_path *path = container_of(rcu, struct kzt_path, rcu);

	dst_cache_destroy(&path->cache);
	kzt_leg_free(rcu_dereference_protected(path->leg, 1));
	kfree(path);
	kzt_gone(PATH);
}

/**
 * kzt_path_remove_locked() - take a path out; it is freed after a grace period
 * @peer: peer->lock held
 * @slot: index in peer->paths; the last one takes its place, so who goes through
 *	all of them begins with the last
 * @why: for those who look
 *
 * The caller publishes a new set with kzt_pathset_update_locked() before it
 * drops the lock.
 */
void kzt_path_remove_locked(struct kzt_peer *peer, unsigned int slot,
			    enum kzt_path_what why)
{
	unsigned int last = peer->n_paths - 1;
	struct kzt_path *path;

	lockdep_assert_held(&peer->lock);
	path = path_in(peer, slot);
	rcu_assign_pointer(peer->paths[slot], path_in(peer, last));
	RCU_INIT_POINTER(peer->paths[last], NULL);
	WRITE_ONCE(peer->n_paths, last);
	kzt_mib_inc(peer->node, PATHS_LOST);
	trace_kzt_path(peer, &path->ep, why);
	pr_debug("path %u of peer %010llx destroyed\n", path->id, peer->address);
	call_rcu(&path->rcu, path_free_rcu);
}

static void slot_compare(struct kzt_learn_slot *slot, const struct kzt_path *p,
			 const struct kzt_endpoint *ep, u64 now)
{
	struct kzt_inetaddr a, b;

	kzt_endpoint_to_inetaddr(&p->ep, &a);
	kzt_endpoint_to_inetaddr(ep, &b);
	slot->alive = kzt_path_alive(p, now);
	slot->same_socket = kzt_endpoint_same_local(&p->ep, ep);
	slot->same_family = a.family == b.family;
	slot->same_ip = kzt_inetaddr_same_ip(&a, &b);
	slot->same_net = kzt_inetaddr_same_net(&a, &b);
	slot->age_ms = min_t(u64, kzt_age_ms(now, READ_ONCE(p->last_in)), U32_MAX);
	slot->quality = kzt_path_quality(p, now);
}

/* The slot for a new path, see kzt_learn_judge(); -ENOMEM */
static int path_slot_locked(struct kzt_peer *peer, const struct kzt_endpoint *ep,
			    u64 now)
{
	struct kzt_node *node = peer->node;
	struct kzt_learn_slot *slot;
	unsigned int i;
	int where;

	slot = kcalloc(max(peer->n_paths, 1u), sizeof(*slot), GFP_ATOMIC);
	if (!slot)
		return -ENOMEM;
	for (i = 0; i < peer->n_paths; i++)
		slot_compare(&slot[i], path_in(peer, i), ep, now);
	where = kzt_learn_judge(READ_ONCE(node->path_rule) == KZT_PATH_RULE_SPARSE ?
				KZT_LEARN_SPARSE : KZT_LEARN_FULL, slot,
				peer->n_paths, KZT_PATHS_MAX,
				rcu_access_pointer(peer->bond));
	kfree(slot);
	return where;
}

/* --- redirection (spec 3, 3.12.1) ------------------------------------------------- */

/* Of those that are alive; 1 if none is */
static u8 priority_top_locked(struct kzt_peer *peer, u64 now)
{
	unsigned int i;
	u8 top = 1;

	for (i = 0; i < peer->n_paths; i++) {
		struct kzt_path *p = path_in(peer, i);

		if (kzt_path_alive(p, now))
			top = max(top, p->priority);
	}
	return top;
}

/* Of a path that is not there yet: as others to the same remote side have it */
static u8 priority_locked(struct kzt_peer *peer, const struct kzt_endpoint *ep,
			  u64 now)
{
	u8 priority = 1;
	unsigned int i;

	if (peer->redirect_priority &&
	    kzt_age_ms(now, peer->redirected) < REDIRECT_MS &&
	    kzt_endpoint_same_remote(&peer->redirect, ep))
		priority = peer->redirect_priority;
	for (i = 0; i < peer->n_paths; i++) {
		struct kzt_path *p = path_in(peer, i);

		if (kzt_endpoint_same_remote(&p->ep, ep))
			priority = max(priority, p->priority);
	}
	return priority;
}

/**
 * kzt_path_is_pinned() - does the administrator want this path
 * @peer: peer
 * @ep: of the path
 *
 * What the administrator wants no peer redirects.
 *
 * Context: peer->lock, or what was true just now will do.
 */
bool kzt_path_is_pinned(const struct kzt_peer *peer, const struct kzt_endpoint *ep)
{
	return READ_ONCE(peer->pinned) && kzt_endpoint_equal(&peer->pin, ep);
}

static bool path_yields(const struct kzt_path *p, const struct kzt_endpoint *to,
			u8 priority)
{
	struct kzt_inetaddr a, b;

	if (kzt_endpoint_same_remote(&p->ep, to) ||
	    kzt_path_is_pinned(p->peer, &p->ep))
		return false;
	kzt_endpoint_to_inetaddr(&p->ep, &a);
	kzt_endpoint_to_inetaddr(to, &b);
	return p->priority < priority || kzt_inetaddr_same_net(&a, &b);
}

/* The paths that one to @to takes the place of, which has answered, go */
static void others_yield_locked(struct kzt_peer *peer,
				const struct kzt_endpoint *to, u8 priority)
{
	unsigned int i = peer->n_paths;

	while (i--)
		if (path_yields(path_in(peer, i), to, priority))
			kzt_path_remove_locked(peer, i, KZT_PATH_LOST);
}

/*
 * Where a new path goes, and with which priority; negative if it would be none:
 * one there is takes its place, or it counts less than what is alive.
 */
static int path_place_locked(struct kzt_peer *peer,
			     const struct kzt_endpoint *ep, u64 now,
			     u8 *priority)
{
	*priority = priority_locked(peer, ep, now);
	if (*priority < priority_top_locked(peer, now) &&
	    !kzt_path_is_pinned(peer, ep))
		return KZT_LEARN_KNOWN;
	return path_slot_locked(peer, ep, now);
}

/**
 * kzt_path_redirect() - a peer wants to be reached at one endpoint alone
 * @peer: peer that says so
 * @from: where it said so from
 * @to: where it wants to be reached; the remote side counts
 * @now: kzt_now_ms()
 *
 * Paths there count more than those that there are, which go as soon as one of
 * them is alive.  The reference sends there at once, before anything answered,
 * which lets a peer aim our traffic at anybody.
 *
 * Implements: spec 3, 3.12.1.
 * Context: RCU; takes peer->lock.
 */
void kzt_path_redirect(struct kzt_peer *peer, const struct kzt_endpoint *from,
		       const struct kzt_endpoint *to, u64 now)
{
	bool there = false;
	struct kzt_path *p;
	unsigned int i;

	kzt_mib_inc(peer->node, REDIRECTS);
	trace_kzt_path(peer, to, KZT_PATH_REDIRECTED);
	spin_lock_bh(&peer->lock);
	p = kzt_path_find_rcu(peer, from);
	peer->redirect = *to;
	peer->redirected = now;
	peer->redirect_priority = min((p ? p->priority : 1) + 2, U8_MAX);
	for (i = 0; i < peer->n_paths; i++) {
		p = path_in(peer, i);
		if (!kzt_endpoint_same_remote(&p->ep, to) ||
		    !kzt_path_alive(p, now))
			continue;
		there = true;
		WRITE_ONCE(p->priority, peer->redirect_priority);
	}
	if (there) {
		others_yield_locked(peer, to, peer->redirect_priority);
		kzt_pathset_update_locked(peer, now);
	}
	spin_unlock_bh(&peer->lock);
	kzt_notify_peer(peer, false);
}

/**
 * kzt_path_learn() - an answer came over an endpoint: it is a path
 * @peer: peer that answered
 * @ep: endpoint
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.5.2 and 3.5.3, as the node's rule for paths says.
 * Context: any but hard interrupts, RCU; takes peer->lock.
 * Return: the path; NULL without memory, or if one there is takes its place.
 */
struct kzt_path *kzt_path_learn(struct kzt_peer *peer,
				const struct kzt_endpoint *ep, u64 now)
{
	struct kzt_path *path;
	u8 priority;
	int slot;

	spin_lock_bh(&peer->lock);
	path = kzt_path_find_rcu(peer, ep);
	if (path || peer->dead)
		goto out;
	slot = path_place_locked(peer, ep, now, &priority);
	if (slot < 0)
		goto out;
	path = path_alloc(peer, ep, priority, now);
	if (!path)
		goto out;
	if (slot < peer->n_paths)
		kzt_path_remove_locked(peer, slot, KZT_PATH_LOST);
	rcu_assign_pointer(peer->paths[peer->n_paths], path);
	/* Readers look at n_paths first: the pointer must be there by then */
	smp_store_release(&peer->n_paths, peer->n_paths + 1);
	trace_kzt_path(peer, ep, KZT_PATH_LEARNED);
	if (priority > 1)
		others_yield_locked(peer, ep, priority);
	kzt_pathset_update_locked(peer, now);
	kzt_mib_inc(peer->node, PATHS_LEARNED);
	pr_debug("path %u of peer %010llx created\n", path->id, peer->address);
out:
	spin_unlock_bh(&peer->lock);
	return path;
}

/**
 * kzt_endpoint_hash() - a number for an endpoint with its local side
 * @ep: endpoint
 *
 * Return: the hash; not secret, whoever uses it bounds what a collision does.
 */
u32 kzt_endpoint_hash(const struct kzt_endpoint *ep)
{
	u32 port = (__force u16)ep->remote.in.sin_port |
		   (u32)(__force u16)ep->local_port << 16;
	u32 seed = jhash_2words(port, ep->ifindex, 0);

	if (ep->remote.sa.sa_family == AF_INET)
		return jhash_2words((__force u32)ep->remote.in.sin_addr.s_addr,
				    (__force u32)ep->local4.s_addr, seed);
	return jhash(&ep->remote.in6.sin6_addr, 16, jhash(&ep->local6, 16, seed));
}

/**
 * kzt_path_try() - may an unknown path of a peer be probed now
 * @peer: peer that was heard over it
 * @ep: endpoint
 * @now: kzt_now_ms()
 *
 * Once in 1000 ms for each path; for a peer at most KZT_TRIED_MAX paths in that
 * time: whoever has its key can send from any address, and what we answer goes
 * there.  Not at all if an answer would not make it a path.
 *
 * Implements: spec 3, 3.5.2 step 3, 3.5.3, 3.14 "probing an unknown path".
 * Context: any but hard interrupts; takes peer->lock.
 * Return: true if so; it is noted.  Those beyond the limit are counted.
 */
bool kzt_path_try(struct kzt_peer *peer, const struct kzt_endpoint *ep, u64 now)
{
	struct kzt_tried *t, *oldest = &peer->tried[0];
	u32 key = kzt_endpoint_hash(ep);
	bool may = false;
	u8 priority;

	spin_lock_bh(&peer->lock);
	for (t = peer->tried; t < peer->tried + KZT_TRIED_MAX; t++) {
		if (t->key == key && kzt_age_ms(now, t->at) < KZT_TRY_MS)
			goto out;
		if (t->at < oldest->at)
			oldest = t;
	}
	if (kzt_age_ms(now, oldest->at) < KZT_TRY_MS) {
		kzt_drop_count(peer->node, KZT_DROP_PROBE_LIMIT);
		goto out;
	}
	/* Noted even if it may not: to find out takes more than to look here */
	*oldest = (struct kzt_tried){ key, now };
	may = path_place_locked(peer, ep, now, &priority) >= 0;
out:
	spin_unlock_bh(&peer->lock);
	return may;
}

/**
 * kzt_path_sample_rtt() - take in a measured round trip
 * @path: path
 * @rtt_us: microseconds; 0 counts as 1
 *
 * The smoothing of RFC 6298, which the spec leaves free (3.3 halves).  A much
 * shorter trip is believed at once: no path is faster than it is, but an answer
 * may have waited, the first HELLO's for the validation of an identity.
 * Context: any; racing samples may lose one.
 */
void kzt_path_sample_rtt(struct kzt_path *path, u32 rtt_us)
{
	u32 old = READ_ONCE(path->rtt_us);

	rtt_us = max_t(u32, rtt_us, 1);
	if (rtt_us < old / 2 || !old) {
		WRITE_ONCE(path->rtt_us, rtt_us);
		WRITE_ONCE(path->jitter_us, rtt_us / 2);
		return;
	}
	WRITE_ONCE(path->jitter_us, path->jitter_us - path->jitter_us / 4 +
				    (old > rtt_us ? old - rtt_us : rtt_us - old) / 4);
	WRITE_ONCE(path->rtt_us, old - old / 8 + rtt_us / 8);
}

/**
 * kzt_path_prune() - drop expired paths and choose anew
 * @peer: peer
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.8.2 "current".
 * Context: process or BH, RCU; takes peer->lock.
 * Return: true if a path went, or another is the best.
 */
bool kzt_path_prune(struct kzt_peer *peer, u64 now)
{
	unsigned int i, before;
	bool changed;
	u8 top;

	if (!READ_ONCE(peer->n_paths))
		return false;
	spin_lock_bh(&peer->lock);
	before = peer->n_paths;
	top = priority_top_locked(peer, now);
	for (i = before; i--;) {
		struct kzt_path *p = path_in(peer, i);

		if (kzt_path_expired(p, now))
			kzt_path_remove_locked(peer, i, KZT_PATH_EXPIRED);
		else if (p->priority < top && !kzt_path_is_pinned(peer, &p->ep))
			kzt_path_remove_locked(peer, i, KZT_PATH_LOST);
	}
	changed = kzt_pathset_update_locked(peer, now) ||
		  peer->n_paths != before;
	spin_unlock_bh(&peer->lock);
	return changed;
}

/* It may be reached there again when the local side comes back */
static void path_note_lost_locked(struct kzt_peer *peer,
				  const struct kzt_endpoint *ep)
{
	unsigned int i;

	for (i = 0; i < min(peer->n_lost, KZT_LOST_MAX); i++)
		if (kzt_endpoint_same_remote(&peer->lost[i], ep))
			return;
	i = peer->n_lost++ % KZT_LOST_MAX;
	peer->lost[i] = (struct kzt_endpoint){ .remote = ep->remote };
}

/**
 * kzt_path_prune_gone() - drop paths that cannot or may not be any more
 * @peer: peer
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.21 "socket closed / invalid".
 * Context: RCU; takes peer->lock.
 */
void kzt_path_prune_gone(struct kzt_peer *peer, u64 now)
{
	unsigned int i, before;
	bool changed;

	spin_lock_bh(&peer->lock);
	before = peer->n_paths;
	for (i = before; i--;) {
		struct kzt_path *p = path_in(peer, i);

		if (kzt_local_is_gone(peer->node, &p->ep)) {
			path_note_lost_locked(peer, &p->ep);
			kzt_path_remove_locked(peer, i, KZT_PATH_LOST);
		} else if (path_is_denied(peer, &p->ep)) {
			kzt_path_remove_locked(peer, i, KZT_PATH_DENIED);
		}
	}
	changed = peer->n_paths != before;
	if (changed)
		kzt_pathset_update_locked(peer, now);
	spin_unlock_bh(&peer->lock);
	if (changed)
		kzt_notify_peer(peer, false);
}

/**
 * kzt_paths_reroute() - forget the routes that paths have cached
 * @node: its mark or its device has changed, by which routes are looked up
 *
 * Context: process.
 */
void kzt_paths_reroute(struct kzt_node *node)
{
	struct rhashtable_iter iter;
	struct kzt_peer *peer;
	unsigned int i;

	rhashtable_walk_enter(&node->peers, &iter);
	rhashtable_walk_start(&iter);
	while ((peer = rhashtable_walk_next(&iter))) {
		if (IS_ERR(peer))
			continue;
		spin_lock_bh(&peer->lock);
		for (i = 0; i < peer->n_paths; i++)
			dst_cache_reset(&path_in(peer, i)->cache);
		spin_unlock_bh(&peer->lock);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}
