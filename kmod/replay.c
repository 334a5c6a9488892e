// SPDX-License-Identifier: GPL-2.0
/*
 * Replayed data packets.
 *
 * The protocol has no replay protection; a receiver that remembers the wire ids
 * of the last packets of each peer drops copies without a change on the wire
 * (spec 1, section 9 allows it).  Two generations: an id is remembered for at
 * least half the slots of a set or REPLAY_MS, whatever is less.
 */
#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "replay.h"

#define REPLAY_MS	10000
#define GROWN_MAX	SZ_64M	/* bytes of all sets that grew, of all peers */

static atomic_long_t replay_grown;

/* Both sets of a peer, as far as they count */
static long pair_grown(unsigned int bits)
{
	return bits > KZT_REPLAY_BITS_MIN ? 2 * sizeof(u64) << bits : 0;
}

static bool set_alloc(struct kzt_replay_set *set, unsigned int bits, gfp_t gfp)
{
	set->id = kvcalloc(BIT(bits), sizeof(u64), gfp | __GFP_NOWARN);
	set->bits = bits;
	return set->id;
}

static void set_clear(struct kzt_replay_set *set)
{
	memset(set->id, 0, sizeof(u64) << set->bits);
	set->used = 0;
}

/**
 * kzt_replay_init() - start with nothing remembered
 * @r: window
 */
void kzt_replay_init(struct kzt_replay *r)
{
	memset(r, 0, sizeof(*r));
	spin_lock_init(&r->lock);
}

/**
 * kzt_replay_free() - release the sets
 * @r: window; nobody uses it any more
 *
 * Context: process.
 */
void kzt_replay_free(struct kzt_replay *r)
{
	atomic_long_sub(pair_grown(r->cur.bits), &replay_grown);
	kvfree(r->cur.id);
	kvfree(r->old.id);
}

static bool replay_alloc(struct kzt_replay *r)
{
	return (likely(r->cur.id) ||
		set_alloc(&r->cur, KZT_REPLAY_BITS_MIN, GFP_ATOMIC)) &&
	       (likely(r->old.id) ||
		set_alloc(&r->old, KZT_REPLAY_BITS_MIN, GFP_ATOMIC));
}

/**
 * kzt_replay_check() - note a wire id
 * @r: window of the peer
 * @wire_id: of an authentic data packet
 * @now: kzt_now_ms()
 *
 * Context: BH off.
 * Return: false if the id was seen lately.
 */
bool kzt_replay_check(struct kzt_replay *r, u64 wire_id, u64 now)
{
	bool fresh = true, full;

	if (unlikely(!wire_id))		/* 0 marks a free slot */
		return true;
	spin_lock(&r->lock);
	if (unlikely(!replay_alloc(r)))
		goto out;
	full = kzt_replayset_full(&r->cur);
	if (full || now - r->swapped > REPLAY_MS) {
		r->filled_ms = full ? max(now - r->swapped, 1ULL) : REPLAY_MS;
		r->swapped = now;
		swap(r->cur, r->old);
		set_clear(&r->cur);
	}
	fresh = !kzt_replayset_has(&r->old, wire_id) &&
		kzt_replayset_note(&r->cur, wire_id);
out:
	spin_unlock(&r->lock);
	return fresh;
}

/* Other sets take the place, with what the current one has; they get these */
static void replay_replace(struct kzt_replay *r, struct kzt_replay_set *cur,
			   struct kzt_replay_set *old)
{
	unsigned int i;

	spin_lock_bh(&r->lock);
	for (i = 0; i < BIT(r->cur.bits); i++)
		if (r->cur.id[i] && !kzt_replayset_full(old))
			kzt_replayset_note(old, r->cur.id[i]);
	swap(r->cur, *cur);
	swap(r->old, *old);
	r->filled_ms = 0;
	spin_unlock_bh(&r->lock);
}

/**
 * kzt_replay_fit() - let the sets have the size that the peer's rate asks for
 * @r: window
 *
 * Context: process; one at a time.
 */
void kzt_replay_fit(struct kzt_replay *r)
{
	struct kzt_replay_set cur = {}, old = {};
	unsigned int had, bits;
	long more;

	spin_lock_bh(&r->lock);
	had = r->cur.id && r->old.id ? r->cur.bits : 0;
	bits = had ? kzt_replayset_bits(had, r->filled_ms) : 0;
	spin_unlock_bh(&r->lock);
	if (bits == had)
		return;
	more = pair_grown(bits) - pair_grown(had);
	if (atomic_long_add_return(more, &replay_grown) > GROWN_MAX && more > 0) {
		atomic_long_sub(more, &replay_grown);
		return;
	}
	if (set_alloc(&cur, bits, GFP_KERNEL) && set_alloc(&old, bits, GFP_KERNEL))
		replay_replace(r, &cur, &old);
	else
		atomic_long_sub(more, &replay_grown);
	kvfree(cur.id);
	kvfree(old.id);
}
