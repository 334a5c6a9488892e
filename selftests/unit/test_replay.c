// SPDX-License-Identifier: GPL-2.0
/*
 * Wire ids that were seen: kmod/replayset.c.
 *
 * usage: test_replay
 */
#include "../../kmod/replayset.h"
#include "tap.h"

#include <stdlib.h>

static u64 seed = 1;

static u64 next_id(void)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return seed | 1;
}

static struct kzt_replay_set new_set(unsigned int bits)
{
	struct kzt_replay_set set = { .bits = bits, .id = calloc(BIT(bits), sizeof(u64)) };

	if (!set.id)
		abort();
	return set;
}

/* Ids up to half of the slots are new once, and never again */
static void test_fill(unsigned int bits)
{
	struct kzt_replay_set set = new_set(bits);
	unsigned int half = 1u << (bits - 1), i, early = 0, old = 0, lost = 0;
	u64 first = seed;

	for (i = 0; i < half; i++) {
		u64 id = next_id();

		early += kzt_replayset_full(&set);
		old += kzt_replayset_has(&set, id) || !kzt_replayset_note(&set, id);
	}
	ok(!early && kzt_replayset_full(&set), "%u bits: full at half of the slots", bits);
	ok(!old, "%u bits: each of %u ids is new", bits, half);
	seed = first;
	for (i = 0; i < half; i++) {
		u64 id = next_id();

		lost += !kzt_replayset_has(&set, id) || kzt_replayset_note(&set, id);
	}
	ok(!lost, "%u bits: and known then", bits);
	free(set.id);
}

/* Ids made to collide: the last one is known all the same */
static void test_collide(void)
{
	struct kzt_replay_set set = new_set(KZT_REPLAY_BITS_MIN);
	const u64 ratio = 0x61c8864680b583ebull;	/* what the hash multiplies by */
	unsigned int i, unknown = 0, never = 0;
	u64 id, inverse = ratio;

	for (i = 0; i < 6; i++)
		inverse *= 2 - ratio * inverse;
	ok(inverse * ratio == 1, "ids can be made for a slot");
	for (i = 1; i <= 1000; i++) {
		id = i * inverse;	/* hash is i, in the first slot */
		never += !kzt_replayset_note(&set, id);
		unknown += !kzt_replayset_has(&set, id);
	}
	ok(!never, "1000 ids for one slot are new");
	ok(!unknown, "and each is known when its copy comes next");
	ok(set.used == 1000, "they count, so that the set is left in time");
	for (i = 100; i < BIT(set.bits) && !set.id[i]; i++)
		;
	ok(i == BIT(set.bits), "and stay where they are");
	free(set.id);
}

/* How many slots for a rate: what fills at @rate a second */
static unsigned int bits_for(unsigned int bits, u64 rate)
{
	u64 ms = (1000ull << (bits - 1)) / rate;

	return kzt_replayset_bits(bits, ms ? ms : 1);
}

static void test_size(void)
{
	unsigned int rate, bits, bad = 0, flaps = 0, wide = 0;

	for (rate = 100; rate < 2000000; rate += rate / 7) {
		for (bits = KZT_REPLAY_BITS_MIN; bits <= KZT_REPLAY_BITS_MAX; bits++) {
			unsigned int got = bits_for(bits, rate);

			bad += got < KZT_REPLAY_BITS_MIN || got > KZT_REPLAY_BITS_MAX ||
			       (got < KZT_REPLAY_BITS_MAX &&
				(1000ull << (got - 1)) / rate + 1 < KZT_REPLAY_SPAN_MS);
			flaps += bits_for(got, rate) != got;
			wide += got > KZT_REPLAY_BITS_MIN &&
				(1000ull << (got - 1)) / rate > 17 * KZT_REPLAY_SPAN_MS;
		}
	}
	ok(!bad, "a set lasts a second, or is as large as may be");
	ok(!wide, "and not much longer, if it is larger than the least");
	ok(!flaps, "its size stays once it is found");
	for (bits = KZT_REPLAY_BITS_MIN; bits <= KZT_REPLAY_BITS_MAX; bits++)
		if (kzt_replayset_bits(bits, 0) != bits)
			break;
	ok(bits > KZT_REPLAY_BITS_MAX, "nothing known: nothing changes");
	ok(bits_for(KZT_REPLAY_BITS_MIN, 1000) == KZT_REPLAY_BITS_MIN &&
	   bits_for(KZT_REPLAY_BITS_MIN, 20000) > KZT_REPLAY_BITS_MIN,
	   "slow peers have the least, fast ones more");
}

int main(void)
{
	test_fill(KZT_REPLAY_BITS_MIN);
	test_fill(KZT_REPLAY_BITS_MAX);
	test_collide();
	test_size();
	return tap_done();
}
