// SPDX-License-Identifier: GPL-2.0
/* Sets of wire ids: packets that were received (spec 1, section 9).  Pure. */
#include "replayset.h"

#define PROBES		64	/* a peer that makes ids collide hurts itself */
#define GOLDEN_RATIO	0x61c8864680b583ebULL

/* Where @id is, or the free slot that it would take; NULL if there is neither */
static u64 *set_slot(const struct kzt_replay_set *set, u64 id)
{
	u64 i = (id * GOLDEN_RATIO) >> (64 - set->bits);
	unsigned int n;

	for (n = 0; n < PROBES; n++) {
		u64 *slot = &set->id[(i + n) & (BIT(set->bits) - 1)];

		if (!*slot || *slot == id)
			return slot;
	}
	return NULL;
}

/**
 * kzt_replayset_has() - was an id noted?
 * @set: set
 * @id: not 0
 *
 * Return: whether it was.
 */
bool kzt_replayset_has(const struct kzt_replay_set *set, u64 id)
{
	u64 *slot = set_slot(set, id);

	return slot && *slot;
}

/**
 * kzt_replayset_note() - note an id
 * @set: set
 * @id: not 0
 *
 * Where there is no room one that was noted long ago, or not, gives way: the copy
 * of this one is the next to come.
 *
 * Return: false if it was noted before.
 */
bool kzt_replayset_note(struct kzt_replay_set *set, u64 id)
{
	u64 *slot = set_slot(set, id);

	if (slot && *slot)
		return false;
	if (!slot)
		slot = &set->id[(id * GOLDEN_RATIO) >> (64 - set->bits)];
	*slot = id;
	set->used++;
	return true;
}

/**
 * kzt_replayset_bits() - the size that a peer's sets should have
 * @bits: what they have
 * @filled_ms: how long the last one took to fill; 0: it did not
 *
 * Copies of a packet by paths of different delay arrive up to some hundred ms
 * apart, with all that a fast peer sends in between.
 *
 * Return: bits of the number of slots.
 */
unsigned int kzt_replayset_bits(unsigned int bits, u64 filled_ms)
{
	if (!filled_ms)
		return bits;
	while (bits < KZT_REPLAY_BITS_MAX && filled_ms < KZT_REPLAY_SPAN_MS) {
		bits++;
		filled_ms *= 2;
	}
	while (bits > KZT_REPLAY_BITS_MIN && filled_ms > 8 * KZT_REPLAY_SPAN_MS) {
		bits--;
		filled_ms /= 2;
	}
	return bits;
}
