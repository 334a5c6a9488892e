/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_REPLAY_H
#define KZT_REPLAY_H

#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct kzt_replay - wire ids of data packets received lately from one peer
 *
 * Two generations of a small hash set, swapped when full or after 10 s: fixed
 * memory, no wire change (see Documentation in README).  Allocated with the
 * first data packet, so that idle peers cost nothing.
 */
struct kzt_replay {
	spinlock_t lock;
	struct kzt_replay_set *cur, *old;
	unsigned int used;
	u64 swapped;
};

void kzt_replay_init(struct kzt_replay *r);
void kzt_replay_free(struct kzt_replay *r);
/* BH. true: first time; false: seen before. Without memory: true. */
bool kzt_replay_check(struct kzt_replay *r, u64 wire_id, u64 now);

#endif /* KZT_REPLAY_H */
