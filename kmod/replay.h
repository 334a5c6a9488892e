/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_REPLAY_H
#define KZT_REPLAY_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include "replayset.h"

/**
 * struct kzt_replay - wire ids of data packets received lately from one peer
 * @lock: BH; all of it
 * @cur: generation that is filled
 * @old: the one before
 * @swapped: when @cur was begun
 * @filled_ms: how long the last one took to fill; 0: it did not
 *
 * Two generations of a set, which take turns when one is full or after 10 s: no
 * wire change.  Allocated with the first data packet, so that idle peers cost
 * nothing; those of fast peers grow.
 */
struct kzt_replay {
	spinlock_t lock;
	struct kzt_replay_set cur, old;
	u64 swapped, filled_ms;
};

void kzt_replay_init(struct kzt_replay *r);
void kzt_replay_free(struct kzt_replay *r);
/* BH. true: first time; false: seen before. Without memory: true. */
bool kzt_replay_check(struct kzt_replay *r, u64 wire_id, u64 now);
void kzt_replay_fit(struct kzt_replay *r);

#endif /* KZT_REPLAY_H */
