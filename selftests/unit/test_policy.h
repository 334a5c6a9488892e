/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the policies share.
 */
#ifndef KZT_UNIT_TEST_POLICY_H
#define KZT_UNIT_TEST_POLICY_H

#include <arpa/inet.h>
#include <math.h>

#include "test_proto.h"

#include "address.h"
#include "policy.h"

/* "IP/PORT" to scope and family; aborts if it is none. */
static inline u8 remote_scope(const char *text, bool *v6)
{
	struct kzt_inetaddr a = {};
	char ip[64];

	if (sscanf(text, "%63[^/ ]", ip) != 1)
		abort();
	*v6 = strchr(ip, ':');
	a.family = *v6 ? KZT_AF_INET6 : KZT_AF_INET;
	if (inet_pton(*v6 ? AF_INET6 : AF_INET, ip, a.ip) != 1)
		abort();
	return kzt_inetaddr_scope(&a);
}

/* Within 1 %, or within the step of the fixed point. */
static inline bool near(double got, double want, double step)
{
	return fabs(got - want) <= fmax(fabs(want) / 100, step);
}

/* The number after "NAME=hex(" or "NAME "; NAN if absent. */
static inline double field(const char *line, const char *name)
{
	const char *p = line;
	size_t len = strlen(name);

	while ((p = strstr(p, name))) {
		const char *end = p + len;
		bool starts = p == line || p[-1] == ' ';

		p = end;
		if (!starts || (*end != '=' && *end != ' '))
			continue;
		end++;
		p = strchr(end, '(');
		if (p && p == end + strcspn(end, " ("))
			return atof(p + 1);
		return atof(end);
	}
	return NAN;
}

/* A leg that is well: heard just now, alone on its interface. */
static inline __maybe_unused struct kzt_policy_sample leg_sample(u32 id)
{
	return (struct kzt_policy_sample) {
		.id = id,
		.ifindex = id,
		.scope = KZT_SCOPE_GLOBAL,
		.priority = 1,
		.rtt_us = 20000,
		.jitter_us = 1000,
	};
}

/* What was measured was so without load, too */
static inline __maybe_unused void leg_calm(struct kzt_policy_sample *s)
{
	s->calm = (struct kzt_calm_facts) {
		.rtt_us = s->rtt_us,
		.jitter_us = s->jitter_us,
		.loss_ppm = s->loss_ppm,
		.count = s->calm.count + 1,
		.settled = true,
	};
}

/* Buckets of each leg; false if one names none that exists. */
static inline __maybe_unused bool count_buckets(const struct kzt_policy_plan *p,
						unsigned int *count)
{
	unsigned int b;

	memset(count, 0, KZT_POLICY_LEGS * sizeof(*count));
	for (b = 0; b < KZT_PLAN_BUCKETS; b++) {
		if (p->bucket[b] >= p->n)
			return false;
		count[p->bucket[b]]++;
	}
	return true;
}

#endif /* KZT_UNIT_TEST_POLICY_H */
