// SPDX-License-Identifier: GPL-2.0
/* The table that xmit reads, rebuilt whenever paths change. */
#include <linux/slab.h>
#include "node.h"
#include "object.h"
#include "pathset.h"
#include "peer.h"

/**
 * kzt_pathset_choose_rcu() - the path for a flow
 * @peer: receiver
 * @hash: inner flow hash
 *
 * Context: RCU (BH).
 * Return: a path, or NULL if the peer has none that is usable.
 */
struct kzt_path *kzt_pathset_choose_rcu(const struct kzt_peer *peer, u32 hash)
{
	const struct kzt_pathset *set = rcu_dereference_check(peer->set,
						rcu_read_lock_bh_held());

	if (!set)
		return NULL;
	return set->path[set->bucket[hash & (KZT_BUCKETS - 1)]];
}

static struct kzt_path *path_best(struct kzt_peer *peer, u64 now)
{
	struct kzt_path *best = NULL;
	u64 least = U64_MAX;
	unsigned int i;

	for (i = 0; i < peer->n_paths; i++) {
		struct kzt_path *p = rcu_dereference_protected(peer->paths[i], 1);
		u64 q = kzt_path_quality(p, now);

		if (!kzt_path_expired(p, now) && q < least) {
			least = q;
			best = p;
		}
	}
	return best;
}

/**
 * kzt_pathset_update_locked() - judge the paths and publish the choice
 * @peer: peer->lock held
 * @now: kzt_now_ms()
 *
 * One path carries everything: the best by quality, expired ones left out.
 *
 * Implements: spec 3, 3.9.1.
 * Context: BH off, GFP_ATOMIC.  Without memory for a new table the peer has
 * none until the next call: a table must never name a path that is gone.
 */
void kzt_pathset_update_locked(struct kzt_peer *peer, u64 now)
{
	struct kzt_pathset *old, *set = NULL;
	struct kzt_path *best = path_best(peer, now);

	lockdep_assert_held(&peer->lock);
	old = rcu_dereference_protected(peer->set, 1);
	if (old && best && old->n == 1 && old->path[0] == best)
		return;
	if (best)
		set = kzalloc(sizeof(*set), GFP_ATOMIC);
	if (set) {
		kzt_born(PATHSET);
		set->n = 1;
		set->path[0] = best;
	}
	rcu_assign_pointer(peer->set, set);
	if (old) {
		kfree_rcu(old, rcu);
		kzt_gone(PATHSET);
	}
}
