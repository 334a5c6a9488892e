/* SPDX-License-Identifier: GPL-2.0 */
/* Between the files of the policies. */
#ifndef KZT_POLICY_JOB_H
#define KZT_POLICY_JOB_H

#include "policy.h"

/**
 * struct policy_job - one call of kzt_policy_plan()
 * @conf: configuration
 * @s: samples
 * @n: how many
 * @st: memory, in the order of the samples
 * @now: time, ms
 * @plan: being made
 * @known: legs that the policy could use if they were alive
 * @usable: those that are
 * @pick: those that the mode chooses from
 * @wish: a change is wished for
 * @link: index into conf->link for each leg; KZT_LEG_NONE without links
 */
struct policy_job {
	const struct kzt_policy_conf *conf;
	const struct kzt_policy_sample *s;
	unsigned int n;
	struct kzt_policy_state *st;
	u64 now;
	struct kzt_policy_plan *plan;
	u32 known;
	u32 usable;
	u32 pick;
	bool wish;
	u8 link[KZT_POLICY_LEGS];
};

static inline bool policy_primary(const struct policy_job *job, unsigned int i)
{
	return job->link[i] == KZT_LEG_NONE ||
	       job->conf->link[job->link[i]].primary;
}

/* Spec 3.20.4 "preferred" */
static inline bool policy_preferred(const struct policy_job *job, unsigned int i)
{
	u8 ver = job->link[i] == KZT_LEG_NONE ? KZT_IPVER_ANY :
					job->conf->link[job->link[i]].ipver;

	return ver != (job->s[i].v6 ? KZT_IPVER_46 : KZT_IPVER_64);
}

static inline void policy_due(struct policy_job *job, u64 when)
{
	job->plan->due_ms = min(job->plan->due_ms, when);
}

/* policy.c */
bool policy_dwelt(struct policy_job *job, bool wish);
unsigned int policy_crowd(const struct policy_job *job, unsigned int i);

/* policy_agree.c */
u8 policy_agreed(struct policy_job *job);
void policy_agree(struct policy_job *job);

/* policy_aware.c */
void policy_aware(struct policy_job *job, u32 *ppm);

/* policy_judge.c */
void policy_match(struct policy_job *job);
void policy_judge(struct policy_job *job);
void policy_restrict(struct policy_job *job);
void policy_exclude(struct policy_job *job, u32 mask, u8 why);
void policy_leg_facts(const struct policy_job *job, unsigned int i,
		      struct kzt_quality_facts *f);
void policy_facts(const struct policy_job *job, struct kzt_quality_facts *f);
u64 policy_number(const struct policy_job *job, unsigned int i);

/* policy_share.c */
void policy_table_fill(u8 *bucket, u8 *home, unsigned int n, const u32 *ppm,
		       bool rebalance);
void policy_share(struct policy_job *job, const u32 *want, bool noisy);
void policy_balance(struct policy_job *job);

/* policy_single.c */
void policy_single(struct policy_job *job, u8 leg, u8 why, u8 others);
u8 policy_best(struct policy_job *job);
u8 policy_backup(struct policy_job *job);

#endif /* KZT_POLICY_JOB_H */
