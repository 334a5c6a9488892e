// SPDX-License-Identifier: GPL-2.0
/* Shares, and the table of buckets that holds them with few moves. */
#include "policy_job.h"

/* A share must differ by this much to be worth moving buckets */
#define SHARE_STEP_PPM	10000

static unsigned int greatest(const u32 *v, unsigned int n)
{
	unsigned int i, most = 0;

	for (i = 1; i < n; i++)
		if (v[i] > v[most])
			most = i;
	return most;
}

/* Buckets due to each leg: 256 in all, at least one for each with a share */
static void table_targets(unsigned int n, const u32 *ppm, u32 *target)
{
	unsigned int i, left = KZT_PLAN_BUCKETS;
	u32 rest[KZT_POLICY_LEGS];

	for (i = 0; i < n; i++) {
		target[i] = ppm[i] * KZT_PLAN_BUCKETS / KZT_PPM;
		rest[i] = ppm[i] * KZT_PLAN_BUCKETS % KZT_PPM;
		left -= target[i];
	}
	for (; left; left--) {
		i = greatest(rest, n);
		target[i]++;
		rest[i] = 0;
	}
	for (i = 0; i < n; i++) {
		if (!ppm[i] || target[i])
			continue;
		target[greatest(target, n)]--;
		target[i]++;
	}
}

/* The leg that is the furthest below its due, in proportion; n if none is */
static unsigned int table_needy(unsigned int n, const u32 *target,
				const u32 *have)
{
	unsigned int i, best = n;

	for (i = 0; i < n; i++) {
		if (have[i] >= target[i])
			continue;
		/* (have + 1) / target, compared without dividing */
		if (best == n || (have[i] + 1) * target[best] <
				 (have[best] + 1) * target[i])
			best = i;
	}
	return best;
}

/* One bucket to another leg */
static void table_move(u8 *bucket, u32 *have, unsigned int b, unsigned int to)
{
	if (bucket[b] != KZT_LEG_NONE)
		have[bucket[b]]--;
	bucket[b] = to;
	have[to]++;
}

static bool table_has_room(unsigned int leg, const u32 *target, const u32 *have)
{
	return leg != KZT_LEG_NONE && have[leg] < target[leg];
}

/* From legs that have too many: first what only stayed there meanwhile */
static void table_rebalance(u8 *bucket, u8 *home, unsigned int n,
			    const u32 *target, u32 *have)
{
	unsigned int b;

	for (b = 0; b < KZT_PLAN_BUCKETS; b++)
		if (home[b] != bucket[b] && table_has_room(home[b], target, have) &&
		    have[bucket[b]] > target[bucket[b]])
			table_move(bucket, have, b, home[b]);
	for (b = 0; b < KZT_PLAN_BUCKETS; b++) {
		if (have[bucket[b]] <= target[bucket[b]])
			continue;
		home[b] = table_needy(n, target, have);
		table_move(bucket, have, b, home[b]);
	}
}

/**
 * policy_table_fill() - give every leg its due of the buckets
 * @bucket: KZT_PLAN_BUCKETS legs; KZT_LEG_NONE where there is none
 * @home: the legs that they had before theirs were lost; as @bucket
 * @n: legs
 * @ppm: their shares, together KZT_PPM
 * @rebalance: also take from legs that have too many; otherwise only buckets
 *	without a leg, or with one that has no share, are touched
 *
 * From an empty table equal shares come out as bucket modulo legs (spec 3,
 * 3.20.8 "assign, balance-xor").  When a leg returns, the flows that it lost
 * come back to it, and those of the other legs stay where they are.
 */
void policy_table_fill(u8 *bucket, u8 *home, unsigned int n, const u32 *ppm,
		       bool rebalance)
{
	u32 target[KZT_POLICY_LEGS], have[KZT_POLICY_LEGS] = {};
	unsigned int b, to;

	table_targets(n, ppm, target);
	for (b = 0; b < KZT_PLAN_BUCKETS; b++) {
		if (bucket[b] != KZT_LEG_NONE && !target[bucket[b]])
			bucket[b] = KZT_LEG_NONE;
		if (bucket[b] != KZT_LEG_NONE)
			have[bucket[b]]++;
	}
	for (b = 0; b < KZT_PLAN_BUCKETS; b++) {
		if (bucket[b] != KZT_LEG_NONE)
			continue;
		to = table_has_room(home[b], target, have) ? home[b] :
		     table_needy(n, target, have);
		table_move(bucket, have, b, to);
		if (home[b] == KZT_LEG_NONE)
			home[b] = to;
	}
	if (rebalance)
		table_rebalance(bucket, home, n, target, have);
}

static bool share_moved(const struct policy_job *job, const u32 *want)
{
	u32 old, d, most;
	unsigned int i;

	for (i = 0; i < job->n; i++) {
		old = job->st->leg[i].share_ppm;
		most = max(old, want[i]);
		d = most - min(old, want[i]);
		if (d >= SHARE_STEP_PPM &&
		    d > div_u64((u64)most * job->conf->hysteresis_ppm, KZT_PPM))
			return true;
	}
	return false;
}

/* What changed in who has a share at all */
static void share_members(const struct policy_job *job, const u32 *want,
			  bool *gained, bool *lost)
{
	const struct kzt_policy_state *st = job->st;
	unsigned int i, b;

	*gained = *lost = false;
	for (i = 0; i < job->n; i++) {
		*gained |= want[i] && !st->leg[i].share_ppm;
		*lost |= !want[i] && st->leg[i].share_ppm;
	}
	for (b = 0; b < KZT_PLAN_BUCKETS; b++)
		*lost |= st->bucket[b] == KZT_LEG_NONE;
}

/* The shares of those that are left, in the proportion that they had */
static void share_survivors(const struct policy_job *job, const u32 *want,
			    u32 *ppm)
{
	u64 old[KZT_POLICY_LEGS];
	unsigned int i;

	for (i = 0; i < job->n; i++)
		old[i] = want[i] ? job->st->leg[i].share_ppm : 0;
	kzt_quality_shares(old, job->n, ppm);
}

static void share_publish(struct policy_job *job, const u32 *ppm, bool rebalance)
{
	struct kzt_policy_plan *plan = job->plan;
	struct kzt_policy_state *st = job->st;
	unsigned int i, most = 0;

	memcpy(plan->bucket, st->bucket, sizeof(st->bucket));
	policy_table_fill(st->bucket, st->home, job->n, ppm, rebalance);
	if (memcmp(plan->bucket, st->bucket, sizeof(st->bucket))) {
		memcpy(plan->bucket, st->bucket, sizeof(st->bucket));
		plan->events |= KZT_EV_SHARES;
		st->dwell.changed_ms = job->now;
		for (i = 0; i < job->n; i++)
			st->leg[i].sent = 0;
	}
	for (i = 0; i < job->n; i++) {
		st->leg[i].share_ppm = plan->share_ppm[i] = ppm[i];
		if (ppm[i] > ppm[most])
			most = i;
		if (!(job->pick & BIT(i)))
			continue;
		plan->used |= ppm[i] ? BIT(i) : 0;
		plan->why[i] = ppm[i] ? KZT_WHY_SHARE : KZT_WHY_WEIGHT;
	}
	plan->active = most;
}

/**
 * policy_share() - put shares in force
 * @job: job
 * @want: the shares that would be right, together KZT_PPM
 * @noisy: they come from measures: move only by the hysteresis, and not twice
 *	within the dwell time
 *
 * When legs are lost only their buckets move.
 */
void policy_share(struct policy_job *job, const u32 *want, bool noisy)
{
	u32 ppm[KZT_POLICY_LEGS];
	bool gained, lost, rebalance = true;

	memcpy(ppm, want, sizeof(ppm));
	share_members(job, want, &gained, &lost);
	if (lost && !gained) {
		rebalance = false;
		if (noisy)
			share_survivors(job, want, ppm);
	} else if (noisy && !gained) {
		rebalance = policy_dwelt(job, share_moved(job, want));
		if (!rebalance)
			share_survivors(job, want, ppm);
	}
	share_publish(job, ppm, rebalance);
}

/**
 * policy_balance() - does the traffic agree with the shares?
 * @job: job, its shares in force
 *
 * The packets since the last plan are counted for each leg; when enough were,
 * the agreement is judged, and older packets lose weight.
 *
 * Implements: spec 3, 3.9.3, steps 3 and 4.
 */
void policy_balance(struct policy_job *job)
{
	struct kzt_policy_state *st = job->st;
	u32 used[KZT_POLICY_LEGS];
	unsigned int i;
	u64 total = 0;
	bool balanced;
	u32 sent;

	for (i = 0; i < job->n; i++) {
		sent = (u32)job->s[i].tx_packets - st->leg[i].tx_packets;
		st->leg[i].tx_packets = job->s[i].tx_packets;
		st->leg[i].sent = min_t(u64, (u64)st->leg[i].sent + sent, U32_MAX);
		used[i] = st->leg[i].sent;
		total += used[i];
	}
	job->plan->balanced = st->balanced;
	if (total < KZT_BALANCE_WINDOW || !job->plan->used)
		return;
	balanced = kzt_quality_balance(used, job->plan->share_ppm, job->n) >=
			(s32)KZT_BALANCED_PPM;
	for (i = 0; i < job->n; i++)
		st->leg[i].sent /= 2;
	if (balanced == st->balanced)
		return;
	st->balanced = job->plan->balanced = balanced;
	job->plan->events |= balanced ? KZT_EV_BALANCED : KZT_EV_IMBALANCED;
}
