// SPDX-License-Identifier: GPL-2.0
/* Policies with one path at a time: the best one, and active-backup. */
#include "policy_job.h"

/* An advantage of the other leg that no dwell time holds back */
#define BEST_AT_ONCE	2

/**
 * policy_single() - let one leg carry everything
 * @job: job
 * @leg: which, or KZT_LEG_NONE
 * @why: reason for it
 * @others: reason for the others that could have been picked
 */
void policy_single(struct policy_job *job, u8 leg, u8 why, u8 others)
{
	struct kzt_policy_plan *plan = job->plan;
	unsigned int i;

	plan->active = leg;
	memset(plan->bucket, leg, sizeof(plan->bucket));
	memcpy(job->st->bucket, plan->bucket, sizeof(plan->bucket));
	for (i = 0; i < job->n; i++) {
		plan->share_ppm[i] = i == leg ? KZT_PPM : 0;
		job->st->leg[i].share_ppm = plan->share_ppm[i];
		if (job->pick & BIT(i))
			plan->why[i] = i == leg ? why : others;
	}
	if (leg != KZT_LEG_NONE)
		plan->used = BIT(leg);
}

/**
 * kzt_lead_of() - is the best leg so much better than the one in use?
 * @least: its number; lower is better
 * @held: that of the leg in use
 * @hysteresis_ppm: by so much of @held
 *
 * Return: the lead.
 */
enum kzt_lead kzt_lead_of(u64 least, u64 held, u32 hysteresis_ppm)
{
	if (least <= div_u64(held, BEST_AT_ONCE))
		return KZT_LEAD_GREAT;
	return least < held - div_u64(held * hysteresis_ppm, KZT_PPM) ?
	       KZT_LEAD_CLEAR : KZT_LEAD_NONE;
}

/**
 * kzt_dwell_until() - when may there be a change that is wished for now?
 * @d: memory; the wish is noted, which the caller takes back when it is over
 * @dwell_ms: least time between two changes; of the wish a third of it
 * @now: time, ms
 *
 * Return: time, ms.
 */
u64 kzt_dwell_until(struct kzt_dwell *d, u32 dwell_ms, u64 now)
{
	if (!d->wish)
		d->wish_ms = now;
	d->wish = true;
	return max(d->changed_ms + dwell_ms, d->wish_ms + dwell_ms / 3);
}

/**
 * kzt_best_moves() - without a policy: is the path in use to be left?
 * @d: memory; the caller notes the change
 * @least: number of the best path; lower is better
 * @held: that of the path in use, which is alive
 * @now: time, ms
 *
 * As a policy of the mode NONE does, with the settings that one has at first.
 *
 * Return: true if the best path is to take its place.
 */
bool kzt_best_moves(struct kzt_dwell *d, u64 least, u64 held, u64 now)
{
	enum kzt_lead lead = kzt_lead_of(least, held, KZT_HYSTERESIS_PPM);

	if (lead == KZT_LEAD_CLEAR)
		return now >= kzt_dwell_until(d, KZT_DWELL_MS, now);
	d->wish = false;
	return lead == KZT_LEAD_GREAT;
}

/**
 * policy_best() - the best of the legs
 * @job: job, restricted
 *
 * Among equals the last (spec 3, 3.9.1).  The leg in use stays until another
 * is better by the hysteresis and the dwell time is over, or twice as good.
 *
 * Return: the leg, or KZT_LEG_NONE.
 */
u8 policy_best(struct policy_job *job)
{
	u8 active = job->st->active, best = KZT_LEG_NONE;
	u64 least = U64_MAX, q;
	enum kzt_lead lead;
	unsigned int i;

	for (i = 0; i < job->n; i++) {
		if (!(job->pick & BIT(i)))
			continue;
		q = policy_number(job, i);
		if (q <= least) {
			least = q;
			best = i;
		}
	}
	if (active == KZT_LEG_NONE || active == best ||
	    !(job->pick & BIT(active)) || !job->st->leg[active].alive)
		return best;
	lead = kzt_lead_of(least, policy_number(job, active),
			   job->conf->hysteresis_ppm);
	if (lead == KZT_LEAD_GREAT)
		return best;
	return policy_dwelt(job, lead == KZT_LEAD_CLEAR) ? best : active;
}

/*
 * The better of two legs: by link, by IP version, by quality; else the first.
 * "optimize" looks at links only when it begins.
 */
static u8 backup_better(const struct policy_job *job, const u32 *quality,
			u8 a, u8 b)
{
	bool ranked = job->conf->reselect != KZT_RESELECT_OPTIMIZE ||
		      job->st->active_id == KZT_PATH_ID_NONE;

	if (a == KZT_LEG_NONE)
		return b;
	if (ranked && policy_primary(job, a) != policy_primary(job, b))
		return policy_primary(job, a) ? a : b;
	if (policy_preferred(job, a) != policy_preferred(job, b))
		return policy_preferred(job, a) ? a : b;
	return quality[b] > quality[a] ? b : a;
}

/* The best of @mask */
static u8 backup_best(const struct policy_job *job, const u32 *quality, u32 mask)
{
	u8 best = KZT_LEG_NONE;
	unsigned int i;

	for (i = 0; i < job->n; i++)
		if (mask & BIT(i))
			best = backup_better(job, quality, best, i);
	return best;
}

/* What the lost leg's link named as its successor, if that can be used */
static u8 backup_successor(const struct policy_job *job, const u32 *quality)
{
	const struct kzt_policy_conf *conf = job->conf;
	u32 mask = 0, to = 0;
	unsigned int i;

	for (i = 0; i < conf->n_links; i++)
		if (conf->link[i].ifindex &&
		    conf->link[i].ifindex == job->st->active_link)
			to = conf->link[i].failover_to;
	for (i = 0; to && i < job->n; i++)
		if (job->pick & BIT(i) && job->s[i].ifindex == to)
			mask |= BIT(i);
	return backup_best(job, quality, mask);
}

/* Shall a leg that works be left for @best? */
static bool backup_reselect(struct policy_job *job, const u32 *quality,
			    u8 active, u8 best)
{
	u64 gain = div_u64((u64)quality[active] * job->conf->hysteresis_ppm,
			   KZT_PPM);
	bool to_primary = policy_primary(job, best) && !policy_primary(job, active);

	if (best == active)
		return false;
	switch (job->conf->reselect) {
	case KZT_RESELECT_ALWAYS:
		return to_primary;
	case KZT_RESELECT_BETTER:
		return to_primary && quality[best] + gain >= quality[active];
	case KZT_RESELECT_OPTIMIZE:
		return policy_dwelt(job, quality[best] > quality[active] + gain ||
				    policy_preferred(job, best) !=
				    policy_preferred(job, active));
	}
	return false;
}

/**
 * policy_backup() - the leg of active-backup
 * @job: job, restricted
 *
 * Implements: spec 3, 3.20.11, with the intent that it ends with: the best of
 * the queue, not its front.
 *
 * Return: the leg, or KZT_LEG_NONE.
 */
u8 policy_backup(struct policy_job *job)
{
	struct kzt_quality_facts f[KZT_POLICY_LEGS];
	u32 capacity[KZT_POLICY_LEGS] = {}, quality[KZT_POLICY_LEGS];
	u8 active = job->st->active, best;

	policy_facts(job, f);
	kzt_quality_relative(f, capacity, job->n, job->pick, &job->conf->limits,
			     quality);
	best = policy_agreed(job);
	if (best != KZT_LEG_NONE)
		return best;
	best = backup_best(job, quality, job->pick);
	if (active != KZT_LEG_NONE && job->pick & BIT(active))
		return backup_reselect(job, quality, active, best) ? best : active;
	active = backup_successor(job, quality);
	return active != KZT_LEG_NONE ? active : best;
}
