// SPDX-License-Identifier: GPL-2.0
/* The plan: what each mode makes of the legs that may be used. */
#include "policy_job.h"

/**
 * policy_crowd() - how many legs share what a link has
 * @job: job, restricted
 * @i: leg
 *
 * Legs of the same interface share its weight and its capacity.
 *
 * Return: 1 at least.
 */
unsigned int policy_crowd(const struct policy_job *job, unsigned int i)
{
	unsigned int j, n = 0;

	for (j = 0; j < job->n; j++)
		if (job->pick & BIT(j) && (i == j || (job->s[i].ifindex &&
				job->s[i].ifindex == job->s[j].ifindex)))
			n++;
	return max(n, 1u);
}

static void want_equal(struct policy_job *job, u32 *ppm)
{
	u64 q[KZT_POLICY_LEGS];
	unsigned int i;

	for (i = 0; i < job->n; i++)
		q[i] = !!(job->pick & BIT(i));
	kzt_quality_shares(q, job->n, ppm);
}

/**
 * policy_dwelt() - is it time for a change that no failure forces?
 * @job: job
 * @wish: the measures speak for one now
 *
 * Call it once for each plan, or not at all.
 *
 * Return: true if they have long enough, and the last change is long enough
 * ago.
 */
bool policy_dwelt(struct policy_job *job, bool wish)
{
	u64 when;

	if (!wish)
		return false;
	job->wish = true;
	when = kzt_dwell_until(&job->st->dwell, job->conf->dwell_ms, job->now);
	if (job->now >= when)
		return true;
	policy_due(job, when);
	return false;
}

static bool want_any(const struct policy_job *job, const u32 *ppm)
{
	unsigned int i;

	for (i = 0; i < job->n; i++)
		if (ppm[i])
			return true;
	return false;
}

/* Spec 3.9.4 */
static void want_weights(struct policy_job *job, u32 *ppm)
{
	u64 q[KZT_POLICY_LEGS] = {};
	unsigned int i;
	u32 weight;

	for (i = 0; i < job->n; i++) {
		if (!(job->pick & BIT(i)))
			continue;
		weight = job->link[i] == KZT_LEG_NONE ? 1 :
				job->conf->link[job->link[i]].weight;
		q[i] = div_u64((u64)weight << 16, policy_crowd(job, i));
	}
	kzt_quality_shares(q, job->n, ppm);
}

/* What the administrator says that a leg carries, a part of it if legs share */
static u32 capacity_given(const struct policy_job *job, unsigned int i)
{
	u32 capacity = job->link[i] == KZT_LEG_NONE ? 0 :
				job->conf->link[job->link[i]].capacity;

	return capacity / policy_crowd(job, i);
}

/*
 * Spec 3.9.3; a quality is never 0.  What was measured is what the leg's share
 * let it carry, and shares made of that keep themselves: a capacity that was
 * given, in Mbit/s here, says more.
 */
static void want_computed(struct policy_job *job, u32 *ppm)
{
	struct kzt_quality_facts f[KZT_POLICY_LEGS];
	u64 q[KZT_POLICY_LEGS] = {};
	unsigned int i;
	u32 capacity;

	policy_facts(job, f);
	for (i = 0; i < job->n; i++) {
		/* The seed's latency is the round trip */
		f[i].latency_us = job->s[i].rtt_us;
		capacity = capacity_given(job, i);
		if (capacity)
			f[i].throughput_bps = capacity * 1000000ULL;
		if (job->pick & BIT(i))
			q[i] = max(kzt_quality_computed(&f[i]), 1ULL);
	}
	kzt_quality_shares(q, job->n, ppm);
}

/* In turn: the table is a cycle of whole rounds (spec 3.20.7) */
static void plan_turns(struct policy_job *job)
{
	struct kzt_policy_plan *plan = job->plan;
	u8 leg[KZT_POLICY_LEGS], n = 0;
	unsigned int i;

	for (i = 0; i < job->n; i++)
		if (plan->used & BIT(i))
			leg[n++] = i;
	plan->draw = KZT_DRAW_TURN;
	plan->run = max(job->conf->packets_per_link, 1u);
	plan->wheel = KZT_PLAN_BUCKETS - KZT_PLAN_BUCKETS % n;
	for (i = 0; i < KZT_PLAN_BUCKETS; i++)
		plan->bucket[i] = leg[i % n];
}

static void plan_broadcast(struct policy_job *job)
{
	struct kzt_policy_plan *plan = job->plan;

	policy_single(job, policy_best(job), KZT_WHY_COPY, KZT_WHY_COPY);
	plan->copies = job->pick;
	plan->used = job->pick;
	want_equal(job, plan->share_ppm);
}

static void plan_shares(struct policy_job *job)
{
	u32 want[KZT_POLICY_LEGS] = {};
	u8 mode = job->conf->mode;

	switch (mode) {
	case KZT_POLICY_PROPORTIONAL:
		want_computed(job, want);
		break;
	case KZT_POLICY_MANUAL:
		want_weights(job, want);
		break;
	case KZT_POLICY_BALANCE_AWARE:
		policy_aware(job, want);
		break;
	default:
		want_equal(job, want);
	}
	/* All weights 0, or all qualities: as equals */
	if (!want_any(job, want))
		want_equal(job, want);
	policy_share(job, want, mode == KZT_POLICY_PROPORTIONAL ||
				mode == KZT_POLICY_BALANCE_AWARE);
	if (mode == KZT_POLICY_BALANCE_RR)
		plan_turns(job);
	else if ((mode == KZT_POLICY_RANDOM || mode == KZT_POLICY_PROPORTIONAL) &&
		 !job->conf->per_flow)
		job->plan->draw = KZT_DRAW_PACKET;
}

static void plan_backup(struct policy_job *job)
{
	u8 leg = policy_backup(job);

	policy_single(job, leg, job->st->agree.agreed ? KZT_WHY_AGREED : KZT_WHY_ACTIVE,
		      KZT_WHY_STANDBY);
}

static void plan_mode(struct policy_job *job)
{
	u8 mode = job->plan->why_inert ? KZT_POLICY_NONE : job->conf->mode;
	unsigned int i;

	for (i = 0; i < job->n; i++)
		if (job->usable & job->pick & BIT(i) && job->s[i].pinned)
			break;
	if (!job->usable)
		policy_single(job, policy_best(job), KZT_WHY_LAST, KZT_WHY_SILENT);
	else if (i < job->n)
		policy_single(job, policy_best(job), KZT_WHY_PINNED,
			      KZT_WHY_OTHER_PINNED);
	else if (mode == KZT_POLICY_NONE)
		policy_single(job, policy_best(job), KZT_WHY_BEST, KZT_WHY_WORSE);
	else if (mode == KZT_POLICY_ACTIVE_BACKUP)
		plan_backup(job);
	else if (mode == KZT_POLICY_BROADCAST)
		plan_broadcast(job);
	else
		plan_shares(job);
}

/* One leg carries it all: is it another one? */
static void plan_active(struct policy_job *job)
{
	struct kzt_policy_plan *plan = job->plan;
	struct kzt_policy_state *st = job->st;
	bool single = plan->active == KZT_LEG_NONE ||
		      plan->share_ppm[plan->active] == KZT_PPM;
	u32 id = KZT_PATH_ID_NONE, link = 0;

	if (plan->active != KZT_LEG_NONE) {
		id = job->s[plan->active].id;
		link = job->s[plan->active].ifindex;
	}
	plan->from = KZT_PATH_ID_NONE;
	if (single && (plan->active != st->active || id != st->active_id)) {
		plan->events |= KZT_EV_ACTIVE;
		plan->from = st->active_id;
		st->dwell.changed_ms = job->now;
	}
	st->active = plan->active;
	st->active_id = id;
	st->active_link = link;
}

/* What is left when neither a path nor a relay is: the best expired one */
static void plan_last(struct policy_job *job)
{
	u64 least = U64_MAX, q;
	unsigned int i;

	job->plan->last = KZT_LEG_NONE;
	for (i = 0; i < job->n; i++) {
		if (job->plan->why[i] != KZT_WHY_EXPIRED || job->s[i].down)
			continue;
		q = policy_number(job, i);
		if (q <= least) {
			least = q;
			job->plan->last = i;
		}
	}
}

/**
 * kzt_policy_plan() - decide how a peer's paths are used
 * @conf: configuration that kzt_policy_conf_check() accepts
 * @s: the paths, in the order that the datapath will number them
 * @n: how many, KZT_POLICY_LEGS at most (others are not looked at)
 * @state: the peer's memory
 * @now_ms: time, not going back
 * @plan: filled
 *
 * Call it when a sample or the configuration changes, and when the last plan's
 * @due_ms comes.
 *
 * Implements: spec 3, 3.9, 3.20.5, 3.20.7, 3.20.8, 3.20.11.
 * Context: any; the caller guards @state.
 */
void kzt_policy_plan(const struct kzt_policy_conf *conf,
		     const struct kzt_policy_sample *s, unsigned int n,
		     struct kzt_policy_state *state, u64 now_ms,
		     struct kzt_policy_plan *plan)
{
	struct policy_job job = {
		.conf = conf,
		.s = s,
		.n = min(n, (unsigned int)KZT_POLICY_LEGS),
		.st = state,
		.now = now_ms,
		.plan = plan,
	};
	unsigned int i;

	memset(plan, 0, sizeof(*plan));
	plan->n = job.n;
	plan->wheel = KZT_PLAN_BUCKETS;
	plan->run = 1;
	plan->due_ms = U64_MAX;
	policy_match(&job);
	policy_judge(&job);
	policy_restrict(&job);
	plan_mode(&job);
	policy_balance(&job);
	plan_active(&job);
	plan_last(&job);
	policy_agree(&job);
	for (i = 0; i < job.n; i++)
		state->leg[i].used = plan->used & BIT(i);
	state->dwell.wish = job.wish;
	state->mode = conf->mode;
	state->started = true;
}
