// SPDX-License-Identifier: GPL-2.0
/* What a path is like without our own traffic in its queues; see calm.h. */
#include "calm.h"
#include "quality.h"

#define LOOK_MS		100
#define AFTER_MS	1000	/* a queue takes as long to empty */
#define FLOOR_BPS	200000	/* keepalives, probes and reports are less */
#define MEAN_PART	4	/* of the mean; less leaves a path calm */
#define MEAN_MS		64000
#define RESTART_MS	10000	/* of load, and old outcomes say nothing */
#define JITTER_WEIGHT	16	/* one odd answer is no jitter yet */
#define SETTLED		8	/* outcomes; the first may have waited in a queue */
#define LOSS_OF_MIN	32	/* one loss of a few is no rate yet */

/* More bytes than this within @ms are a load */
static u64 load_bytes(const struct kzt_calm *c, u64 ms)
{
	u64 bps = max_t(u64, c->mean_bps / MEAN_PART, FLOOR_BPS);

	return div_u64(bps * clamp(ms, (u64)LOOK_MS, (u64)RESTART_MS), 8000);
}

/**
 * kzt_calm_start() - begin to look
 * @c: zeroed
 * @bytes: that passed the path so far, in both directions
 * @now: ms
 */
void kzt_calm_start(struct kzt_calm *c, u64 bytes, u64 now)
{
	c->mark_ms = now;
	c->mark_bytes = bytes;
	c->last_ms = now;
}

/**
 * kzt_calm_look() - is there a load?  To be called again and again
 * @c: path
 * @bytes: that passed so far
 * @now: ms
 *
 * A load is a good part of what usually passes.  What the path can carry is not
 * known; the most that was sent into it can be far more.
 */
void kzt_calm_look(struct kzt_calm *c, u64 bytes, u64 now)
{
	u64 ms = now - c->mark_ms, passed = bytes - c->mark_bytes, bps;

	if (ms < LOOK_MS)
		return;
	if (passed > load_bytes(c, ms))
		c->busy_ms = now;
	bps = div64_u64(passed * 8000, ms);
	ms = min_t(u64, ms, MEAN_MS);
	c->mean_bps -= div_u64(c->mean_bps * ms, MEAN_MS);
	c->mean_bps += div_u64(bps * ms, MEAN_MS);
	c->mark_ms = now;
	c->mark_bytes = bytes;
}

/**
 * kzt_calm_since() - was the path calm all the time?
 * @c: path
 * @bytes: that passed so far
 * @since: ms; from then on, and long enough before for its queues to empty
 * @now: ms
 *
 * Return: whether it was.
 */
bool kzt_calm_since(const struct kzt_calm *c, u64 bytes, u64 since, u64 now)
{
	if (c->busy_ms && c->busy_ms + AFTER_MS > since)
		return false;
	return bytes - c->mark_bytes <= load_bytes(c, now - c->mark_ms);
}

static void outcome(struct kzt_calm *c, bool lost, u64 now)
{
	if (c->busy_ms > c->last_ms && now - c->last_ms > RESTART_MS) {
		c->n = 0;
		c->lost_bits = 0;
		c->rtt_us = 0;
	}
	c->last_ms = now;
	c->count++;
	c->lost_bits = c->lost_bits << 1 | lost;
	c->n = min(c->n + 1, KZT_CALM_OUTCOMES);
}

/**
 * kzt_calm_answer() - a probe was answered, and the path was calm
 * @c: path
 * @rtt_us: round trip
 * @now: ms
 *
 * As in kzt_path_sample_rtt(), but it begins without jitter, and jitter is slow:
 * the policy acts on it.
 */
void kzt_calm_answer(struct kzt_calm *c, u32 rtt_us, u64 now)
{
	u32 old;

	outcome(c, false, now);
	c->heard_bits = c->lost_bits;
	c->heard_n = c->n;
	old = c->rtt_us;
	rtt_us = max(rtt_us, 1u);
	if (!old) {
		c->rtt_us = rtt_us;
		c->jitter_us = 0;
		return;
	}
	if (rtt_us < old / 2 && c->n <= SETTLED) {
		c->rtt_us = rtt_us;
		return;
	}
	c->jitter_us = c->jitter_us - c->jitter_us / JITTER_WEIGHT +
		       (old > rtt_us ? old - rtt_us : rtt_us - old) / JITTER_WEIGHT;
	c->rtt_us = max(old - old / 8 + rtt_us / 8, 1u);
}

/**
 * kzt_calm_loss() - a probe was lost, and the path was calm
 * @c: path
 * @now: ms
 */
void kzt_calm_loss(struct kzt_calm *c, u64 now)
{
	outcome(c, true, now);
}

/**
 * kzt_calm_revive() - the path was dead, and is alive again
 * @c: path
 *
 * What was lost since the last answer was lost to death, not to chance.
 */
void kzt_calm_revive(struct kzt_calm *c)
{
	c->lost_bits = c->heard_bits;
	c->n = c->heard_n;
}

/**
 * kzt_calm_tell() - what is known of the path
 * @c: path
 * @now: ms
 * @f: filled
 */
void kzt_calm_tell(const struct kzt_calm *c, u64 now, struct kzt_calm_facts *f)
{
	u64 bits = c->lost_bits;
	unsigned int lost = 0;

	for (; bits; bits &= bits - 1)
		lost++;
	f->rtt_us = c->rtt_us;
	f->jitter_us = c->rtt_us ? c->jitter_us : 0;
	f->loss_ppm = lost * KZT_PPM / max_t(unsigned int, c->n, LOSS_OF_MIN);
	f->count = c->count;
	f->settled = c->n >= SETTLED;
	f->age_ms = now > c->last_ms ? now - c->last_ms : 0;
}
