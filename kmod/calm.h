/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a path is like without our own traffic in its queues.  Under load every
 * path is slow, uneven and lossy, the best one most of all, since it gets the
 * most; a path is judged by what was measured while it had little to carry.
 * Pure.
 */
#ifndef KZT_CALM_H
#define KZT_CALM_H

#include "env.h"

#define KZT_CALM_OUTCOMES	64	/* that a loss is counted over */

/**
 * struct kzt_calm - measures of a path while it is calm
 * @mark_ms: when the bytes were looked at last
 * @mark_bytes: how many had passed by then
 * @mean_bps: what passes, over a minute or so
 * @busy_ms: when more passed than leaves a path calm; 0 for never
 * @last_ms: the last outcome; before the first one, the start
 * @rtt_us: smoothed round trip; 0 for not known
 * @jitter_us: mean deviation of it
 * @count: outcomes so far, modulo 2^32
 * @lost_bits: the last outcomes, the last one lowest; a bit is a loss
 * @n: how many of these there are
 * @heard_bits: the same when an answer came last
 * @heard_n: the same
 *
 * All zeros to begin with, but for kzt_calm_start().
 */
struct kzt_calm {
	u64 mark_ms;
	u64 mark_bytes;
	u64 mean_bps;
	u64 busy_ms;
	u64 last_ms;
	u32 rtt_us;
	u32 jitter_us;
	u32 count;
	u64 lost_bits;
	u64 heard_bits;
	u8 n;
	u8 heard_n;
};

/**
 * struct kzt_calm_facts - what is known of a calm path
 * @rtt_us: round trip; 0 if nothing is known
 * @jitter_us: its mean deviation
 * @loss_ppm: lost probes
 * @count: probes so far, modulo 2^32
 * @age_ms: since the last of them, or since the start
 * @settled: they were enough, since there was a load for long, to judge by
 */
struct kzt_calm_facts {
	u32 rtt_us;
	u32 jitter_us;
	u32 loss_ppm;
	u32 count;
	u64 age_ms;
	bool settled;
};

void kzt_calm_start(struct kzt_calm *c, u64 bytes, u64 now);
void kzt_calm_look(struct kzt_calm *c, u64 bytes, u64 now);
bool kzt_calm_since(const struct kzt_calm *c, u64 bytes, u64 since, u64 now);
void kzt_calm_answer(struct kzt_calm *c, u32 rtt_us, u64 now);
void kzt_calm_loss(struct kzt_calm *c, u64 now);
void kzt_calm_revive(struct kzt_calm *c);
void kzt_calm_tell(const struct kzt_calm *c, u64 now, struct kzt_calm_facts *f);

#endif /* KZT_CALM_H */
