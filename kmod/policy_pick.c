// SPDX-License-Identifier: GPL-2.0
/* Which of a peer's paths a policy looks at, if there are more than it takes. */
#include "policy.h"

/* Is @a to be looked at rather than @b?  Among equals the first */
static bool rival_wins(const struct kzt_policy_rival *a, unsigned int rank_a,
		       const struct kzt_policy_rival *b, unsigned int rank_b)
{
	if (a->state != b->state)
		return a->state < b->state;
	if (a->pinned != b->pinned)
		return a->pinned;
	if (rank_a != rank_b)
		return rank_a < rank_b;
	return a->number < b->number;
}

/* How many paths of the same interface are better */
static unsigned int rival_rank(const struct kzt_policy_rival *r, unsigned int n,
			       unsigned int which)
{
	unsigned int i, rank = 0;

	for (i = 0; i < n; i++)
		if (r[i].ifindex == r[which].ifindex &&
		    (r[i].state < r[which].state ||
		     (r[i].state == r[which].state &&
		      (r[i].number < r[which].number ||
		       (r[i].number == r[which].number && i < which)))))
			rank++;
	return rank;
}

/**
 * kzt_policy_pick() - choose the paths that a policy looks at
 * @r: paths, KZT_POLICY_RIVALS at most
 * @n: how many
 * @pick: KZT_POLICY_LEGS places, filled with indices into @r
 *
 * What cannot be used comes last, then the pinned one first, then the best path
 * of each interface, the second best of each, and so on: many paths of one
 * interface must not leave a policy without those of another, which are to take
 * over when that one fails.
 *
 * Return: how many were filled.
 */
unsigned int kzt_policy_pick(const struct kzt_policy_rival *r, unsigned int n,
			     u8 *pick)
{
	u8 rank[KZT_POLICY_RIVALS], kept = 0;
	unsigned int i, k;

	n = min_t(unsigned int, n, KZT_POLICY_RIVALS);
	for (i = 0; i < n; i++)
		rank[i] = n > KZT_POLICY_LEGS ? rival_rank(r, n, i) : 0;
	for (i = 0; i < n; i++) {
		for (k = kept; k > 0; k--) {
			if (!rival_wins(&r[i], rank[i], &r[pick[k - 1]],
					rank[pick[k - 1]]))
				break;
			if (k < KZT_POLICY_LEGS)
				pick[k] = pick[k - 1];
		}
		if (k == KZT_POLICY_LEGS)
			continue;
		pick[k] = i;
		kept = min_t(unsigned int, kept + 1, KZT_POLICY_LEGS);
	}
	return kept;
}
