// SPDX-License-Identifier: GPL-2.0
/*
 * PATH_NEGOTIATION_REQUEST (spec 3, 3.20.13): with "optimize" each side takes the
 * path that it measures to be the best, and the two may differ.  Who sees that the
 * other's frames come by another path than its own go asks for its own; the side
 * that gains less follows.
 */
#include "policy_job.h"

#define SCORE_MAX	255	/* of a leg that is as good as all together */
#define SCORE_PREFERRED	500	/* spec 3, 3.20.11 */

static bool may_agree(const struct kzt_policy_conf *conf)
{
	return conf->mode == KZT_POLICY_ACTIVE_BACKUP &&
	       conf->reselect == KZT_RESELECT_OPTIMIZE;
}

/* What the legs are worth; nothing if they may not be chosen */
static void scores(struct policy_job *job)
{
	struct kzt_quality_facts f[KZT_POLICY_LEGS];
	u32 capacity[KZT_POLICY_LEGS] = {}, quality[KZT_POLICY_LEGS];
	unsigned int i;

	policy_facts(job, f);
	kzt_quality_relative(f, capacity, job->n, job->pick, &job->conf->limits,
			     quality);
	for (i = 0; i < job->n; i++) {
		s16 *score = &job->st->leg[i].score;

		*score = 0;
		if (!(job->pick & BIT(i)))
			continue;
		*score = div_u64((u64)quality[i] * SCORE_MAX, KZT_PPM);
		if (policy_preferred(job, i))
			*score += SCORE_PREFERRED;
	}
}

/**
 * policy_agreed() - the leg that the other side asked for
 * @job: job, restricted
 *
 * An agreement ends with the leg.
 *
 * Return: the leg, or KZT_LEG_NONE.
 */
u8 policy_agreed(struct policy_job *job)
{
	struct kzt_agree *a = &job->st->agree;
	unsigned int i;

	if (!a->agreed || !may_agree(job->conf))
		return KZT_LEG_NONE;
	for (i = 0; i < job->n; i++)
		if (job->usable & job->pick & BIT(i) && job->s[i].id == a->agreed_id)
			return i;
	a->agreed = false;
	return KZT_LEG_NONE;
}

/* The leg that most frames came by since the last look; KZT_LEG_NONE for none */
static u8 busiest(struct policy_job *job)
{
	u32 most = 0, frames;
	u8 in = KZT_LEG_NONE;
	unsigned int i;

	for (i = 0; i < job->n; i++) {
		struct kzt_policy_leg *leg = &job->st->leg[i];

		frames = (u32)job->s[i].rx_packets - leg->rx_looked;
		if (frames > most) {
			most = frames;
			in = i;
		}
		leg->rx_looked = job->s[i].rx_packets;
	}
	return in;
}

static void ask(struct policy_job *job, u8 in)
{
	u8 out = job->plan->active;
	struct kzt_agree *a = &job->st->agree;

	if (job->now < a->pause_ms)
		return;
	if (a->tries == KZT_AGREE_TRIES) {
		a->tries = 0;
		a->pause_ms = job->now + KZT_AGREE_PAUSE_MS;
		return;
	}
	a->tries++;
	a->asks = true;
	a->ask_id = job->s[out].id;
	a->utility = job->st->leg[out].score - job->st->leg[in].score;
}

/**
 * policy_agree() - do both sides use the same leg?
 * @job: job, its plan made
 *
 * Implements: spec 3, 3.20.13.
 */
void policy_agree(struct policy_job *job)
{
	struct kzt_agree *a = &job->st->agree;
	bool first = !a->looked_ms;
	u8 in;

	if (!may_agree(job->conf) || job->plan->why_inert) {
		a->asks = false;
		return;
	}
	scores(job);
	if (!first && job->now - a->looked_ms < KZT_AGREE_MS) {
		policy_due(job, a->looked_ms + KZT_AGREE_MS);
		return;
	}
	a->looked_ms = max(job->now, 1ULL);
	policy_due(job, job->now + KZT_AGREE_MS);
	in = busiest(job);
	/* Frames that came before may be answers to what went by another leg */
	if (first || in == KZT_LEG_NONE || job->plan->active == KZT_LEG_NONE ||
	    job->now - job->st->dwell.changed_ms < KZT_AGREE_MS)
		return;
	/* It uses another by now */
	if (a->agreed && job->s[in].id != a->agreed_id)
		a->agreed = false;
	if (in == job->plan->active)
		a->tries = 0;
	else
		ask(job, in);
}

/**
 * kzt_policy_ask() - is there a request to be sent?  It counts as sent then
 * @st: memory
 * @path_id: set to the path that it goes over, and is for
 * @utility: set to what this side gains
 *
 * Return: true if so.
 */
bool kzt_policy_ask(struct kzt_policy_state *st, u32 *path_id, s16 *utility)
{
	struct kzt_agree *a = &st->agree;
	bool asks = a->asks;

	a->asks = false;
	*path_id = a->ask_id;
	*utility = a->utility;
	return asks;
}

/**
 * kzt_policy_asked() - the other side asks for a path
 * @conf: policy
 * @st: memory
 * @path_id: the path that it asked over
 * @utility: what it gains
 * @greater: its address is the greater number
 * @now: time, ms
 *
 * A request is followed once in the dwell time at most, and only to a path that
 * this side could choose itself.
 *
 * Implements: spec 3, 3.20.13.
 * Return: true if it has it with the next plan.
 */
bool kzt_policy_asked(const struct kzt_policy_conf *conf, struct kzt_policy_state *st,
		      u32 path_id, s16 utility, bool greater, u64 now)
{
	unsigned int i;
	s32 own;

	if (!may_agree(conf) || st->why_inert || st->active >= st->n ||
	    now < st->dwell.changed_ms + conf->dwell_ms)
		return false;
	for (i = 0; i < st->n; i++)
		if (st->leg[i].id == path_id)
			break;
	if (i == st->n || i == st->active || !st->leg[i].score)
		return false;
	own = st->leg[st->active].score - st->leg[i].score;
	if (utility < own || (utility == own && !greater))
		return false;
	st->agree.agreed = true;
	st->agree.agreed_id = path_id;
	return true;
}
