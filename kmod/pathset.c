// SPDX-License-Identifier: GPL-2.0
/* The table that xmit reads, rebuilt whenever paths change. */
#include <linux/random.h>
#include <linux/slab.h>
#include "bond.h"
#include "node.h"
#include "object.h"
#include "pathset.h"
#include "peer.h"
#include "proto/packet.h"
#include "trace.h"

static DEFINE_PER_CPU(u32, turn);

/* Modes that choose for each packet, whatever its flow */
static u8 bucket_drawn(const struct kzt_pathset *set)
{
	if (set->draw == KZT_DRAW_TURN)
		return set->bucket[this_cpu_inc_return(turn) / set->run % set->wheel];
	return set->bucket[get_random_u32() % KZT_BUCKETS];
}

static const struct kzt_pathset *set_of(const struct kzt_peer *peer)
{
	return rcu_dereference_check(peer->set, rcu_read_lock_bh_held());
}

static struct kzt_path *path_of_flow(const struct kzt_pathset *set, u32 hash)
{
	return set->path[set->bucket[hash & (KZT_BUCKETS - 1)]];
}

/**
 * kzt_pathset_choose_rcu() - the path for a packet
 * @peer: receiver
 * @hash: inner flow hash
 *
 * Context: RCU (BH).
 * Return: a path, or NULL if the peer has none that is usable.
 */
struct kzt_path *kzt_pathset_choose_rcu(const struct kzt_peer *peer, u32 hash)
{
	const struct kzt_pathset *set = set_of(peer);

	if (!set)
		return NULL;
	if (unlikely(set->draw != KZT_DRAW_FLOW))
		return set->path[bucket_drawn(set)];
	return path_of_flow(set, hash);
}

/**
 * kzt_pathset_peek_rcu() - a path that a packet may take
 * @peer: receiver
 * @hash: inner flow hash
 *
 * The same as kzt_pathset_choose_rcu(), but that it takes no turn: for who asks
 * before the packet is sent.
 *
 * Context: RCU (BH).
 * Return: a path, or NULL if the peer has none that is usable.
 */
struct kzt_path *kzt_pathset_peek_rcu(const struct kzt_peer *peer, u32 hash)
{
	const struct kzt_pathset *set = set_of(peer);

	return set ? path_of_flow(set, hash) : NULL;
}

/**
 * kzt_pathset_eligible() - the path that a flow stays on
 * @set: the table
 * @id: of the path
 *
 * Context: RCU (BH).
 * Return: the path, or NULL if it is gone or no flow may stay there.
 */
struct kzt_path *kzt_pathset_eligible(const struct kzt_pathset *set, u32 id)
{
	unsigned int i;

	for (i = 0; i < set->n; i++)
		if (set->path[i]->id == id)
			return set->eligible & BIT(i) ? set->path[i] : NULL;
	return NULL;
}

static bool best_is(const struct kzt_pathset *set, const struct kzt_path *path)
{
	return set && !set->bonded && set->path[0] == path;
}

/*
 * Among equals the last (spec 3, 3.9.1).  The one in use stays while it is alive
 * and the others are not much better: measures are noisy.
 */
static struct kzt_path *path_best(struct kzt_peer *peer,
				  const struct kzt_pathset *old, u64 now)
{
	struct kzt_path *best = NULL, *held = NULL;
	u64 least = U64_MAX, held_number = 0;
	unsigned int i;

	for (i = 0; i < peer->n_paths; i++) {
		struct kzt_path *p = rcu_dereference_protected(peer->paths[i], 1);
		u64 q = kzt_path_quality(p, now);

		if (kzt_path_expired(p, now))
			continue;
		if (q <= least) {
			least = q;
			best = p;
		}
		if (best_is(old, p) && kzt_path_alive(p, now)) {
			held_number = q;
			held = p;
		}
	}
	if (!held || kzt_best_moves(&peer->dwell, least, held_number, now))
		return best;
	return held;
}

static struct kzt_pathset *set_of_best(struct kzt_path *best)
{
	struct kzt_pathset *set;

	if (!best)
		return NULL;
	set = kzalloc(sizeof(*set), GFP_ATOMIC);
	if (set) {
		set->n = 1;
		set->path[0] = best;
	}
	return set;
}

static bool set_is(const struct kzt_pathset *old, const struct kzt_pathset *set)
{
	size_t len = offsetof(struct kzt_pathset, rcu);

	/* Both come zeroed, so that the gaps are equal */
	return old && set && !memcmp(old, set, len);
}

/* What goes in one piece must do so wherever the table may send it */
static u16 set_mtu(const struct kzt_pathset *set)
{
	u16 mtu = U16_MAX;
	unsigned int i;

	if (!set)
		return KZT_MTU_DEFAULT;
	for (i = 0; i < set->n; i++)
		if (set->n == 1 || (set->eligible | set->copies) & BIT(i))
			mtu = min(mtu, READ_ONCE(set->path[i]->mtu));
	return mtu == U16_MAX ? KZT_MTU_DEFAULT : mtu;
}

/**
 * kzt_pathset_update_locked() - judge the paths and publish the choice
 * @peer: peer->lock held
 * @now: kzt_now_ms()
 *
 * By the peer's policy; without one a single path carries everything, the best
 * by quality, expired ones left out, with the hysteresis that policies have.
 *
 * Implements: spec 3, 3.9.1.
 * Context: BH off, GFP_ATOMIC.  Without memory for a new table the peer has
 * none until the next call: a table must never name a path that is gone.
 * Return: true if without a policy another path is the best, which the caller
 * tells when it has dropped the lock; policies tell by themselves.
 */
bool kzt_pathset_update_locked(struct kzt_peer *peer, u64 now)
{
	struct kzt_pathset *old, *set;
	struct kzt_path *best;
	bool moved;

	lockdep_assert_held(&peer->lock);
	old = rcu_dereference_protected(peer->set, 1);
	if (rcu_access_pointer(peer->bond)) {
		set = kzt_bond_plan_locked(peer, now);
	} else {
		best = path_best(peer, old, now);
		if (best && best_is(old, best)) {
			WRITE_ONCE(peer->mtu, set_mtu(old));
			return false;
		}
		set = set_of_best(best);
	}
	WRITE_ONCE(peer->mtu, set_mtu(set));
	if (set_is(old, set)) {
		kfree(set);
		return false;
	}
	if (set)
		kzt_born(PATHSET);
	moved = set && !set->bonded && !best_is(old, set->path[0]);
	if (moved) {
		peer->dwell.changed_ms = now;
		peer->dwell.wish = false;
		trace_kzt_path(peer, &set->path[0]->ep, KZT_PATH_BEST);
	}
	rcu_assign_pointer(peer->set, set);
	if (old) {
		kfree_rcu(old, rcu);
		kzt_gone(PATHSET);
	}
	return moved;
}
