// SPDX-License-Identifier: GPL-2.0
/*
 * Replayed data packets.
 *
 * The protocol has no replay protection; a receiver that remembers the wire ids
 * of the last packets of each peer drops copies without a change on the wire
 * (spec 1, section 9 allows it).  Two generations: an id is remembered for at
 * least REPLAY_FILL packets or REPLAY_MS, whatever is less.
 */
#include <linux/hash.h>
#include <linux/slab.h>
#include "replay.h"

#define REPLAY_BITS	13
#define REPLAY_FILL	4096	/* half of the slots: probes stay short */
#define REPLAY_PROBES	16	/* a peer that makes ids collide hurts itself */
#define REPLAY_MS	10000

struct kzt_replay_set {
	u64 id[1 << REPLAY_BITS];
};

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
 */
void kzt_replay_free(struct kzt_replay *r)
{
	kfree(r->cur);
	kfree(r->old);
	r->cur = NULL;
	r->old = NULL;
}

/* Where @id is, or the free slot it would take; NULL if the run is full */
static u64 *replay_slot(struct kzt_replay_set *set, u64 id)
{
	unsigned int i = hash_64(id, REPLAY_BITS), n;

	for (n = 0; n < REPLAY_PROBES; n++) {
		u64 *slot = &set->id[(i + n) & ((1 << REPLAY_BITS) - 1)];

		if (!*slot || *slot == id)
			return slot;
	}
	return NULL;
}

static bool replay_alloc(struct kzt_replay *r)
{
	if (likely(r->cur && r->old))
		return true;
	if (!r->cur)
		r->cur = kzalloc(sizeof(*r->cur), GFP_ATOMIC | __GFP_NOWARN);
	if (!r->old)
		r->old = kzalloc(sizeof(*r->old), GFP_ATOMIC | __GFP_NOWARN);
	return r->cur && r->old;
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
	bool fresh = true;
	u64 *slot;

	if (unlikely(!wire_id))		/* 0 marks a free slot */
		return true;
	spin_lock(&r->lock);
	if (unlikely(!replay_alloc(r)))
		goto out;
	if (r->used >= REPLAY_FILL || now - r->swapped > REPLAY_MS) {
		swap(r->cur, r->old);
		memset(r->cur, 0, sizeof(*r->cur));
		r->used = 0;
		r->swapped = now;
	}
	slot = replay_slot(r->old, wire_id);
	if (slot && *slot) {
		fresh = false;
		goto out;
	}
	slot = replay_slot(r->cur, wire_id);
	if (!slot)
		goto out;
	if (*slot) {
		fresh = false;
	} else {
		*slot = wire_id;
		r->used++;
	}
out:
	spin_unlock(&r->lock);
	return fresh;
}
