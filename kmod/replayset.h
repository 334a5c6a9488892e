/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of wire ids in fixed memory.  Pure. */
#ifndef KZT_REPLAYSET_H
#define KZT_REPLAYSET_H

#include "env.h"

#define KZT_REPLAY_BITS_MIN	13	/* 64 KiB a set */
#define KZT_REPLAY_BITS_MAX	17	/* 1 MiB */
#define KZT_REPLAY_SPAN_MS	1000	/* what a set should at least last */

/**
 * struct kzt_replay_set - wire ids, by hash
 * @id: slots; 0: free
 * @bits: of their number
 * @used: ids noted
 */
struct kzt_replay_set {
	u64 *id;
	unsigned int bits, used;
};

/* Half of the slots: probes stay short */
static inline bool kzt_replayset_full(const struct kzt_replay_set *set)
{
	return set->used >> (set->bits - 1);
}

bool kzt_replayset_has(const struct kzt_replay_set *set, u64 id);
bool kzt_replayset_note(struct kzt_replay_set *set, u64 id);
unsigned int kzt_replayset_bits(unsigned int bits, u64 filled_ms);

#endif /* KZT_REPLAYSET_H */
