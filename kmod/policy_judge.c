// SPDX-License-Identifier: GPL-2.0
/* Which legs a policy may use: memory, liveness, links, caps. */
#include "policy_job.h"

/* The old place of each leg; what is new begins with a clean memory */
static void memory_places(const struct policy_job *job, u8 *old_of)
{
	const struct kzt_policy_state *st = job->st;
	u32 taken = 0;
	unsigned int i, j;

	for (i = 0; i < job->n; i++) {
		old_of[i] = KZT_LEG_NONE;
		for (j = 0; j < st->n; j++) {
			if (st->leg[j].id != job->s[i].id || taken & BIT(j))
				continue;
			old_of[i] = j;
			taken |= BIT(j);
			break;
		}
	}
}

/**
 * policy_match() - bring the memory into the order of the samples
 * @job: job
 */
void policy_match(struct policy_job *job)
{
	struct kzt_policy_leg old[KZT_POLICY_LEGS];
	struct kzt_policy_state *st = job->st;
	u8 old_of[KZT_POLICY_LEGS], new_of[KZT_POLICY_LEGS];
	unsigned int i;

	if (!st->started || st->mode != job->conf->mode) {
		memset(st->bucket, KZT_LEG_NONE, sizeof(st->bucket));
		memset(st->home, KZT_LEG_NONE, sizeof(st->home));
		for (i = 0; i < st->n; i++)
			st->leg[i].share_ppm = 0;
		st->dwell.changed_ms = 0;
		st->balanced = false;
	}
	if (!st->started) {
		st->active = KZT_LEG_NONE;
		st->active_id = KZT_PATH_ID_NONE;
	}
	memory_places(job, old_of);
	memset(new_of, KZT_LEG_NONE, sizeof(new_of));
	memcpy(old, st->leg, sizeof(old));
	for (i = 0; i < job->n; i++) {
		if (old_of[i] == KZT_LEG_NONE) {
			memset(&st->leg[i], 0, sizeof(st->leg[i]));
			st->leg[i].id = job->s[i].id;
			st->leg[i].tx_packets = job->s[i].tx_packets;
			st->leg[i].rx_looked = job->s[i].rx_packets;
			continue;
		}
		st->leg[i] = old[old_of[i]];
		new_of[old_of[i]] = i;
	}
	for (i = 0; i < KZT_PLAN_BUCKETS; i++) {
		if (st->bucket[i] != KZT_LEG_NONE)
			st->bucket[i] = new_of[st->bucket[i]];
		if (st->home[i] != KZT_LEG_NONE)
			st->home[i] = new_of[st->home[i]];
	}
	if (st->active != KZT_LEG_NONE)
		st->active = new_of[st->active];
	st->n = job->n;
}

/* Is it one of the policy's links, and of the wanted IP version? */
static bool leg_belongs(struct policy_job *job, unsigned int i)
{
	const struct kzt_policy_conf *conf = job->conf;
	unsigned int l;

	job->link[i] = KZT_LEG_NONE;
	if (!conf->n_links)
		return true;
	job->plan->why[i] = KZT_WHY_LINK;
	for (l = 0; l < conf->n_links; l++)
		if (job->s[i].ifindex && conf->link[l].ifindex == job->s[i].ifindex)
			break;
	if (l == conf->n_links)
		return false;
	job->link[i] = l;
	job->plan->why[i] = KZT_WHY_FAMILY;
	return conf->link[l].ipver !=
	       (job->s[i].v6 ? KZT_IPVER_4 : KZT_IPVER_6);
}

static bool leg_known(struct policy_job *job, unsigned int i)
{
	u8 *why = &job->plan->why[i];

	if (!leg_belongs(job, i))
		return false;
	if (job->s[i].denied)
		*why = KZT_WHY_DENIED;
	else if (job->s[i].expired)
		*why = KZT_WHY_EXPIRED;
	else
		return true;
	return false;
}

/*
 * Liveness, as spec 3.20.5 steps 3 and 4: a leg dies when it is silent for the
 * fail-over interval and the down delay, at once with its interface, and comes
 * back with the first packet, but waits for the up delay.  A new one does not: a
 * path is one because it has answered, so who is silent at first was alive before.
 * That the other side reports with QOS_MEASUREMENT is not asked for: a peer without
 * a policy of its own sends none, and its paths are as good.
 */
static bool leg_alive(struct policy_job *job, unsigned int i, bool fresh)
{
	const struct kzt_policy_conf *conf = job->conf;
	const struct kzt_policy_sample *s = &job->s[i];
	struct kzt_policy_leg *leg = &job->st->leg[i];
	bool plain = conf->upstream || conf->mode == KZT_POLICY_NONE;
	u64 dead = plain ? KZT_QUALITY_DEAD_MS : conf->failover_ms;
	u64 keep = leg->alive && !plain ? dead + conf->down_delay_ms : dead;

	if (s->down || s->age_ms >= keep) {
		leg->alive = false;
		job->plan->why[i] = s->down ? KZT_WHY_DOWN : KZT_WHY_SILENT;
		return false;
	}
	if (!leg->alive) {
		leg->alive = true;
		leg->up_ms = fresh ? 0 : max(job->now, 1ULL);
		keep = plain ? dead : dead + conf->down_delay_ms;
	}
	policy_due(job, job->now - s->age_ms + keep);
	if (!plain && leg->up_ms && job->now - leg->up_ms < conf->up_delay_ms) {
		policy_due(job, leg->up_ms + conf->up_delay_ms);
		job->plan->why[i] = KZT_WHY_UP_DELAY;
		return false;
	}
	return true;
}

static void judge_events(struct policy_job *job, u32 alive, u32 before)
{
	struct kzt_policy_plan *plan = job->plan;
	unsigned int i, first = KZT_LEG_NONE;

	plan->eligible = job->usable;
	plan->up = job->usable & ~before;
	plan->down = before & ~job->usable;
	plan->events |= plan->up ? KZT_EV_LEG_UP : 0;
	plan->events |= plan->down ? KZT_EV_LEG_DOWN : 0;
	for (i = 0; i < job->n; i++) {
		if (!(alive & BIT(i)))
			continue;
		if (first == KZT_LEG_NONE)
			first = i;
		else if (job->s[i].ifindex != job->s[first].ifindex)
			plan->redundant = true;
	}
	if (plan->redundant != job->st->redundant)
		plan->events |= plan->redundant ? KZT_EV_REDUNDANT :
						  KZT_EV_NOT_REDUNDANT;
	job->st->redundant = plan->redundant;
}

/* A policy of several legs needs two; which are missing? */
static void judge_inert(struct policy_job *job)
{
	struct kzt_policy_plan *plan = job->plan;
	u8 found = 0, why = KZT_INERT_NOT;
	unsigned int i;

	for (i = 0; i < job->n; i++)
		if (job->known & BIT(i) && job->link[i] != KZT_LEG_NONE)
			found |= BIT(job->link[i]);
	plan->missing = (BIT(job->conf->n_links) - 1) & ~found;
	if (!job->known)
		why = KZT_INERT_NO_LEG;
	else if (job->conf->mode == KZT_POLICY_NONE)
		why = KZT_INERT_NOT;
	else if (job->conf->upstream)
		why = KZT_INERT_UPSTREAM;
	else if (!(job->known & (job->known - 1)))
		why = plan->missing ? KZT_INERT_LINK : KZT_INERT_ONE_LEG;
	plan->why_inert = why;
	if (!job->st->started ? why : why != job->st->why_inert)
		plan->events |= why ? KZT_EV_INERT : KZT_EV_IN_FORCE;
	job->st->why_inert = why;
}

/**
 * policy_judge() - which legs are known, and which of them usable
 * @job: job, its memory matched
 *
 * Fills @job->known, @job->usable and the reasons against the others.
 */
void policy_judge(struct policy_job *job)
{
	u32 alive = 0, before = 0;
	unsigned int i;
	bool fresh;

	for (i = 0; i < job->n; i++) {
		struct kzt_policy_leg *leg = &job->st->leg[i];

		fresh = !leg->seen;
		before |= leg->eligible ? BIT(i) : 0;
		leg->eligible = false;
		if (!leg_known(job, i)) {
			leg->alive = false;
			continue;
		}
		job->known |= BIT(i);
		leg->eligible = leg_alive(job, i, fresh);
		leg->seen = true;
		alive |= leg->alive ? BIT(i) : 0;
		job->usable |= leg->eligible ? BIT(i) : 0;
	}
	judge_events(job, alive, before);
	judge_inert(job);
}

/**
 * policy_number() - the leg's place in the order of qualities, lower is better
 * @job: job
 * @i: leg
 *
 * Implements: spec 3, 3.9.1.
 * Return: the number.
 */
u64 policy_number(const struct policy_job *job, unsigned int i)
{
	const struct kzt_policy_sample *s = &job->s[i];

	return div_u64(kzt_quality_number(s->age_ms, s->rtt_us, s->scope),
		       max_t(u32, s->priority, 1));
}

/**
 * policy_leg_facts() - what a leg's quality is made from
 * @job: job
 * @i: leg
 * @f: filled
 *
 * The latency of spec 3.20 is half of a round trip.  The age of a leg that is
 * alive is that of its last keepalive, and no measure.
 */
void policy_leg_facts(const struct policy_job *job, unsigned int i,
		      struct kzt_quality_facts *f)
{
	const struct kzt_policy_sample *s = &job->s[i];

	*f = (struct kzt_quality_facts) {
		.latency_us = s->rtt_us / 2,
		.jitter_us = s->jitter_us,
		.throughput_bps = s->throughput_bps,
		.loss_ppm = s->loss_ppm,
		.error_ppm = s->error_ppm,
		.scope = s->scope,
	};
}

/**
 * policy_facts() - the same of all legs
 * @job: job
 * @f: filled, one for each leg
 */
void policy_facts(const struct policy_job *job, struct kzt_quality_facts *f)
{
	unsigned int i;

	for (i = 0; i < job->n; i++)
		policy_leg_facts(job, i, &f[i]);
}

/**
 * policy_exclude() - choose from fewer legs
 * @job: job
 * @mask: bit for each leg that is out
 * @why: reason
 */
void policy_exclude(struct policy_job *job, u32 mask, u8 why)
{
	unsigned int i;

	for (i = 0; i < job->n; i++)
		if (job->pick & mask & BIT(i))
			job->plan->why[i] = why;
	job->pick &= ~mask;
}

/* On a link that prefers one IP version, the other only while there is none */
static void restrict_family(struct policy_job *job)
{
	u32 wanted = 0, other = 0;
	unsigned int i;

	for (i = 0; i < job->n; i++)
		if (job->pick & BIT(i) && policy_preferred(job, i) &&
		    job->link[i] != KZT_LEG_NONE)
			wanted |= BIT(job->link[i]);
	for (i = 0; i < job->n; i++)
		if (job->pick & BIT(i) && !policy_preferred(job, i) &&
		    wanted & BIT(job->link[i]))
			other |= BIT(i);
	policy_exclude(job, other, KZT_WHY_FAMILY);
}

/* Spares serve while there is nothing else; active-backup ranks them itself */
static void restrict_spares(struct policy_job *job)
{
	u32 spare = 0;
	unsigned int i;

	if (job->conf->mode == KZT_POLICY_ACTIVE_BACKUP)
		return;
	for (i = 0; i < job->n; i++)
		if (job->pick & BIT(i) && !policy_primary(job, i))
			spare |= BIT(i);
	if (job->pick & ~spare)
		policy_exclude(job, spare, KZT_WHY_SPARE);
}

/* The next leg to be counted against the caps: those in use, then the best */
static unsigned int caps_next(const struct policy_job *job, u32 left)
{
	unsigned int i, best = KZT_LEG_NONE;

	for (i = 0; i < job->n; i++) {
		if (!(left & BIT(i)))
			continue;
		if (best == KZT_LEG_NONE ||
		    job->st->leg[i].used > job->st->leg[best].used ||
		    (job->st->leg[i].used == job->st->leg[best].used &&
		     policy_number(job, i) < policy_number(job, best)))
			best = i;
	}
	return best;
}

static void restrict_caps(struct policy_job *job)
{
	const struct kzt_policy_conf *conf = job->conf;
	u8 scope[KZT_QUALITY_SCOPES] = {}, family[2] = {}, all = 0;
	u32 left = job->pick, over = 0;
	unsigned int i;
	u8 sc, fam;

	while (left) {
		i = caps_next(job, left);
		left &= ~BIT(i);
		sc = min_t(u8, job->s[i].scope, KZT_QUALITY_SCOPES - 1);
		fam = job->s[i].v6;
		if ((conf->max_legs && all >= conf->max_legs) ||
		    (conf->scope_max[sc] && scope[sc] >= conf->scope_max[sc]) ||
		    (conf->family_max[fam] && family[fam] >= conf->family_max[fam])) {
			over |= BIT(i);
			continue;
		}
		all++;
		scope[sc]++;
		family[fam]++;
	}
	policy_exclude(job, over, KZT_WHY_CAPPED);
}

/* Nothing is alive: what is silent but may yet answer */
static void restrict_last(struct policy_job *job)
{
	unsigned int i;

	job->pick = 0;
	for (i = 0; i < job->n; i++)
		if (job->known & BIT(i) && !job->s[i].down)
			job->pick |= BIT(i);
}

/**
 * policy_restrict() - which of the usable legs the mode chooses from
 * @job: job, judged
 *
 * A pinned leg that is usable excludes the others.  If no leg is usable, those
 * that are silent but not expired remain (spec 3.9.1).
 */
void policy_restrict(struct policy_job *job)
{
	u32 pinned = 0;
	unsigned int i;

	job->pick = job->usable;
	if (!job->usable) {
		restrict_last(job);
		return;
	}
	for (i = 0; i < job->n; i++)
		if (job->s[i].pinned && job->usable & BIT(i))
			pinned |= BIT(i);
	if (pinned) {
		policy_exclude(job, ~pinned, KZT_WHY_OTHER_PINNED);
		return;
	}
	restrict_family(job);
	restrict_spares(job);
	restrict_caps(job);
}
