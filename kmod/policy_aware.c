// SPDX-License-Identifier: GPL-2.0
/*
 * balance-aware: shares by capacity and quality, and legs that are avoided.
 *
 * Under load every leg has jitter and loss of our own making.  A leg is judged
 * by what was measured while it was calm (calm.h), so a good one is not avoided
 * for the traffic that it is there to carry.  A leg that is never calm and does
 * badly is relieved of its load for a moment, and judged then: that is a trial.
 */
#include "policy_job.h"

#define TRIAL_PROBES	24
#define TRIAL_MIN_MS	5000	/* that a calm measure may be old at least */
#define TRIAL_MAX_MS	15000
#define TRIAL_PAUSE	16	/* dwell times between two trials of a leg */

static void aware_facts(const struct policy_job *job,
			struct kzt_quality_facts *f)
{
	unsigned int i;

	policy_facts(job, f);
	for (i = 0; i < job->n; i++) {
		const struct kzt_calm_facts *calm = &job->s[i].calm;

		if (!calm->rtt_us)
			continue;
		f[i].latency_us = calm->rtt_us / 2;
		f[i].jitter_us = calm->jitter_us;
		f[i].loss_ppm = calm->loss_ppm;
	}
}

/* A calm measure that is older says little */
static u64 aware_stale_ms(const struct policy_job *job)
{
	return max_t(u64, job->conf->dwell_ms, TRIAL_MIN_MS);
}

/* Is a leg in its trial?  Also ends that */
static bool trial_goes_on(struct policy_job *job, unsigned int i)
{
	struct kzt_policy_leg *leg = &job->st->leg[i];

	if (!leg->trial)
		return false;
	if (job->s[i].calm.count - leg->trial_count < TRIAL_PROBES &&
	    job->now - leg->trial_ms < TRIAL_MAX_MS) {
		policy_due(job, leg->trial_ms + TRIAL_MAX_MS);
		return true;
	}
	leg->trial = false;
	job->plan->events |= KZT_EV_AVOID;
	return false;
}

static bool loaded_exceeds(const struct policy_job *job, unsigned int i,
			   u32 slack_ppm)
{
	struct kzt_quality_facts f;

	policy_leg_facts(job, i, &f);
	return kzt_quality_exceeds(&f, &job->conf->limits, slack_ppm);
}

/*
 * Who does well under load is good enough, whatever an old measure says.  The
 * mark stays for the dwell time (spec 3, 3.20.10).
 */
static bool aware_exceeds(struct policy_job *job, unsigned int i,
			  const struct kzt_quality_facts *calm)
{
	const struct kzt_policy_conf *conf = job->conf;
	struct kzt_policy_leg *leg = &job->st->leg[i];
	u32 slack = leg->avoid ? conf->hysteresis_ppm : 0;
	bool avoid;

	if (!job->s[i].calm.settled)
		return leg->avoid;
	avoid = kzt_quality_exceeds(calm, &conf->limits, slack);
	if (avoid && job->s[i].calm.age_ms >= aware_stale_ms(job))
		avoid = loaded_exceeds(job, i, slack);
	if (leg->avoid && !avoid && job->now - leg->avoid_ms < conf->dwell_ms) {
		policy_due(job, leg->avoid_ms + conf->dwell_ms);
		avoid = true;
	}
	if (avoid != leg->avoid) {
		leg->avoid = avoid;
		leg->avoid_ms = job->now;
		job->plan->events |= KZT_EV_AVOID;
	}
	return avoid;
}

/* Does it do badly under load, and was not calm for long? */
static bool trial_wanted(const struct policy_job *job, unsigned int i)
{
	const struct kzt_policy_leg *leg = &job->st->leg[i];
	u64 stale = aware_stale_ms(job);

	return job->s[i].calm.age_ms >= stale &&
	       (!leg->trial_ms ||
		job->now - leg->trial_ms >= TRIAL_PAUSE * stale) &&
	       loaded_exceeds(job, i, 0);
}

/* Is another leg, calm, better than this one under load?  Restores @f */
static bool trial_outdone(const struct policy_job *job, unsigned int leg,
			  struct kzt_quality_facts *f)
{
	u32 capacity[KZT_POLICY_LEGS] = {}, ppm[KZT_POLICY_LEGS];
	struct kzt_quality_facts calm = f[leg];
	unsigned int i;

	policy_leg_facts(job, leg, &f[leg]);
	kzt_quality_relative(f, capacity, job->n, job->pick, &job->conf->limits,
			     ppm);
	f[leg] = calm;
	for (i = 0; i < job->n; i++)
		if (job->pick & BIT(i) && ppm[i] > ppm[leg])
			return true;
	return false;
}

/*
 * The last leg that is good goes on trial only if one of the bad ones, which
 * take its load, may be better.
 */
static bool trial_allowed(const struct policy_job *job, u32 good,
			  unsigned int leg, struct kzt_quality_facts *f)
{
	if (good != BIT(leg))
		return job->pick & ~BIT(leg);
	return job->pick != good && trial_outdone(job, leg, f);
}

/* One at a time */
static u32 trial_begin(struct policy_job *job, u32 good,
		       struct kzt_quality_facts *f)
{
	struct kzt_policy_leg *leg;
	unsigned int i;

	for (i = 0; i < job->n; i++) {
		if (!(good & BIT(i)) || !trial_wanted(job, i) ||
		    !trial_allowed(job, good, i, f))
			continue;
		leg = &job->st->leg[i];
		leg->trial = true;
		leg->trial_last = good == BIT(i);
		leg->trial_ms = job->now;
		leg->trial_count = job->s[i].calm.count;
		job->plan->events |= KZT_EV_AVOID;
		policy_due(job, job->now + TRIAL_MAX_MS);
		return BIT(i);
	}
	return 0;
}

/* What is avoided carries nothing, unless all are */
static void aware_restrict(struct policy_job *job, struct kzt_quality_facts *f)
{
	u32 avoid = 0, trial = 0, good;
	unsigned int i, leg = 0;
	bool bad;

	for (i = 0; i < job->n; i++) {
		if (!(job->pick & BIT(i)))
			continue;
		if (trial_goes_on(job, i)) {
			leg = i;
			trial = BIT(i);
			bad = job->st->leg[i].avoid;
		} else {
			bad = aware_exceeds(job, i, &f[i]);
		}
		avoid |= bad ? BIT(i) : 0;
	}
	good = job->pick & ~avoid ?: job->pick;
	if (!trial)
		trial = trial_begin(job, good, f);
	else if (job->pick == trial ||
		 (good == trial && !job->st->leg[leg].trial_last))
		trial = 0;
	for (i = 0; i < job->n; i++)
		job->st->leg[i].trial &= !!(trial & BIT(i));
	job->plan->trial = trial;
	policy_exclude(job, trial, KZT_WHY_TRIAL);
	if (job->pick & ~avoid)
		policy_exclude(job, avoid, KZT_WHY_AVOIDED);
}

/**
 * policy_aware() - the shares of balance-aware
 * @job: job, restricted
 * @ppm: filled, together KZT_PPM
 *
 * The draw by capacity is made a share (spec 3, 3.21).
 *
 * Implements: spec 3, 3.20.8 and 3.20.10.
 */
void policy_aware(struct policy_job *job, u32 *ppm)
{
	struct kzt_quality_facts f[KZT_POLICY_LEGS];
	u32 capacity[KZT_POLICY_LEGS], given = 0;
	unsigned int i;
	u8 l;

	aware_facts(job, f);
	aware_restrict(job, f);
	for (i = 0; i < job->conf->n_links; i++)
		given |= job->conf->link[i].capacity;
	for (i = 0; i < job->n; i++) {
		l = job->link[i];
		capacity[i] = given && l != KZT_LEG_NONE ?
				job->conf->link[l].capacity : job->s[i].speed;
		/* So that a share of a slow link is still a number */
		capacity[i] = min(capacity[i], U32_MAX / 1000) * 1000 /
				policy_crowd(job, i);
	}
	kzt_quality_relative(f, capacity, job->n, job->pick, &job->conf->limits,
			     ppm);
}
