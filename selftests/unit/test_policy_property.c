// SPDX-License-Identifier: GPL-2.0
/*
 * What holds for every policy, whatever the paths do: tried on random histories
 * of random configurations, from a fixed seed.
 *
 * usage: test_policy_property
 */
#include "test_policy.h"

#define HISTORIES	400
#define STEPS		60

static u64 rnd_state;

static u32 rnd(u32 below)
{
	/* splitmix64 */
	u64 z = rnd_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return below ? (z ^ z >> 31) % below : 0;
}

static void rnd_conf(struct kzt_policy_conf *conf, u8 mode)
{
	unsigned int i;

	kzt_policy_conf_init(conf, mode);
	conf->reselect = rnd(KZT_RESELECTS);
	conf->per_flow = rnd(2);
	conf->failover_ms = 100 + rnd(10000);
	conf->up_delay_ms = rnd(3) ? 0 : rnd(5000);
	conf->down_delay_ms = rnd(3) ? 0 : rnd(5000);
	conf->dwell_ms = rnd(20000);
	conf->hysteresis_ppm = rnd(300000);
	conf->packets_per_link = rnd(100);
	if (!rnd(4))
		conf->max_legs = 1 + rnd(4);
	if (!rnd(4))
		conf->scope_max[4] = 1 + rnd(3);
	if (!rnd(4))
		conf->family_max[1] = 1 + rnd(3);
	conf->n_links = rnd(2) ? 0 : 1 + rnd(4);
	for (i = 0; i < conf->n_links; i++)
		conf->link[i] = (struct kzt_policy_link) {
			.ifindex = i + 1,
			.primary = rnd(2),
			.ipver = rnd(KZT_IPVERS),
			.weight = rnd(5),
			.capacity = rnd(3) ? rnd(1000) : 0,
		};
}

static void rnd_sample(struct kzt_policy_sample *s, u32 id)
{
	*s = (struct kzt_policy_sample) {
		.id = id,
		.ifindex = 1 + rnd(4),
		.v6 = rnd(2),
		.scope = rnd(8),
		.priority = rnd(3),
		.rtt_us = rnd(400000),
		.jitter_us = rnd(30000),
		.throughput_bps = rnd(1000000000),
		.speed = rnd(2) ? rnd(10000) : 0,
	};
}

/* Time goes by: packets come or not, measures move, interfaces fail */
static void rnd_step(struct kzt_policy_sample *s, unsigned int ms)
{
	s->age_ms = rnd(3) ? rnd(100) : s->age_ms + ms;
	s->down = s->down ? rnd(4) : !rnd(20);
	s->expired = s->age_ms > 243000;
	s->pinned = !rnd(100);
	s->denied = s->denied ? rnd(4) : !rnd(30);
	s->rtt_us = max_t(s64, 0, (s64)s->rtt_us + rnd(20001) - 10000);
	s->jitter_us = rnd(40000);
	s->loss_ppm = rnd(10) ? rnd(1000) : rnd(1000001);
	s->error_ppm = rnd(100);
	if (rnd(3)) {
		s->calm = (struct kzt_calm_facts) {
			.rtt_us = 1 + rnd(400000),
			.jitter_us = rnd(40000),
			.loss_ppm = rnd(10) ? rnd(1000) : rnd(1000001),
			.count = s->calm.count + rnd(3),
			.age_ms = rnd(1000),
			.settled = rnd(4),
		};
	} else {
		s->calm.age_ms += ms;
	}
	s->throughput_bps = rnd(1000000000);
	s->tx_packets += rnd(1000);
}

/* Paths come and go, and may change their places */
static unsigned int rnd_legs(struct kzt_policy_sample *s, unsigned int n,
			     u32 *next)
{
	struct kzt_policy_sample tmp;
	unsigned int i, j;

	if (n < KZT_POLICY_LEGS && !rnd(6))
		rnd_sample(&s[n++], (*next)++);
	if (n && !rnd(12)) {
		i = rnd(n--);
		s[i] = s[n];
	}
	if (n > 1 && !rnd(8)) {
		i = rnd(n);
		j = rnd(n);
		tmp = s[i];
		s[i] = s[j];
		s[j] = tmp;
	}
	return n;
}

static bool usable_by_nature(const struct kzt_policy_conf *conf,
			     const struct kzt_policy_sample *s)
{
	u32 dead = conf->mode == KZT_POLICY_NONE ? 19000 :
		   conf->failover_ms + conf->down_delay_ms;

	return !s->down && !s->expired && !s->denied && s->age_ms < dead;
}

static bool check_shares(const struct kzt_policy_plan *p)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < p->n; i++) {
		sum += p->share_ppm[i];
		if (!!p->share_ppm[i] != !!(p->used & BIT(i)))
			return false;
	}
	return p->active == KZT_LEG_NONE ? !sum && !p->used : sum == KZT_PPM;
}

static bool check_table(const struct kzt_policy_plan *p)
{
	unsigned int count[KZT_POLICY_LEGS], i;

	if (p->active == KZT_LEG_NONE) {
		for (i = 0; i < KZT_PLAN_BUCKETS; i++)
			if (p->bucket[i] != KZT_LEG_NONE)
				return false;
		return true;
	}
	if (!count_buckets(p, count) || p->active >= p->n || !p->wheel || !p->run)
		return false;
	for (i = 0; i < p->n; i++)
		if (!p->copies && !!count[i] != !!p->share_ppm[i])
			return false;
	return true;
}

/* No dead leg while a live one exists; never one that is down or denied */
static bool check_alive(const struct kzt_policy_conf *conf,
			const struct kzt_policy_sample *s,
			const struct kzt_policy_plan *p)
{
	unsigned int i;

	for (i = 0; i < p->n; i++) {
		if (!((p->used | p->copies) & BIT(i)))
			continue;
		if (s[i].down || s[i].denied || s[i].expired)
			return false;
		if (p->eligible && !usable_by_nature(conf, &s[i]))
			return false;
		if (p->eligible && !(p->eligible & BIT(i)))
			return false;
	}
	return p->eligible ? p->active != KZT_LEG_NONE : true;
}

static bool check_reasons(const struct kzt_policy_plan *p)
{
	unsigned int i;

	for (i = 0; i < p->n; i++) {
		if (p->why[i] >= KZT_WHYS)
			return false;
		if (!!(p->used & BIT(i)) != (p->why[i] <= KZT_WHY_LAST))
			return false;
	}
	return p->why_inert < KZT_INERTS;
}

static void report(const char *what, const char *mode, bool good, u64 seed)
{
	ok(good, "%s: %s", mode, what);
	if (!good)
		diag("history %llu", (unsigned long long)seed);
}

static void test_mode(u8 mode)
{
	bool shares = true, table = true, alive = true, reasons = true;
	bool same = true, due = true;
	u64 history, bad = 0;
	unsigned int step;

	for (history = 0; history < HISTORIES; history++) {
		struct kzt_policy_sample s[KZT_POLICY_LEGS] = {};
		struct kzt_policy_state st = {}, again;
		struct kzt_policy_plan p, q;
		struct kzt_policy_conf conf;
		unsigned int n = 0, i, ms;
		u32 next = 1;
		u64 now = 5;

		rnd_state = history * 1000 + mode;
		rnd_conf(&conf, mode);
		for (step = 0; step < STEPS; step++) {
			ms = rnd(3000);
			now += ms;
			n = rnd_legs(s, n, &next);
			for (i = 0; i < n; i++)
				rnd_step(&s[i], ms);
			again = st;
			kzt_policy_plan(&conf, s, n, &st, now, &p);
			kzt_policy_plan(&conf, s, n, &again, now, &q);
			same &= !memcmp(&p, &q, sizeof(p));
			shares &= check_shares(&p);
			table &= check_table(&p);
			alive &= check_alive(&conf, s, &p);
			reasons &= check_reasons(&p);
			due &= p.due_ms > now;
			if (!bad && !(shares && table && alive && reasons && due))
				bad = history;
		}
	}
	report("shares make the whole", kzt_policy_name(mode), shares, bad);
	report("the table has just the legs with a share", kzt_policy_name(mode),
	       table, bad);
	report("no dead leg while there is a live one", kzt_policy_name(mode),
	       alive, bad);
	report("every leg has a reason that fits", kzt_policy_name(mode), reasons,
	       bad);
	report("the same input gives the same plan", kzt_policy_name(mode), same,
	       bad);
	report("the next plan is due later than now", kzt_policy_name(mode), due,
	       bad);
}

/*
 * Of random sets of legs one dies: exactly its buckets move.  When it comes
 * back, what moves goes to it.
 */
static void test_resilient(u8 mode)
{
	bool dead_only = true, back_only = true;
	unsigned int round, i, b, n, dead;

	for (round = 0; round < 300; round++) {
		struct kzt_policy_sample s[KZT_POLICY_LEGS];
		struct kzt_policy_state st = {};
		struct kzt_policy_plan p, q, r;
		struct kzt_policy_conf conf;

		rnd_state = round * 77 + mode;
		kzt_policy_conf_init(&conf, mode);
		n = 2 + rnd(KZT_POLICY_LEGS - 1);
		for (i = 0; i < n; i++) {
			rnd_sample(&s[i], i + 1);
			s[i].ifindex = i + 1;
		}
		kzt_policy_plan(&conf, s, n, &st, 1000, &p);
		dead = rnd(n);
		s[dead].age_ms = conf.failover_ms;
		/* Those that live on are measured anew, too */
		for (i = 0; i < n; i++)
			s[i].rtt_us += rnd(100000);
		kzt_policy_plan(&conf, s, n, &st, 60000, &q);
		for (b = 0; b < KZT_PLAN_BUCKETS; b++) {
			dead_only &= q.bucket[b] != dead;
			dead_only &= p.bucket[b] == dead ||
				     p.bucket[b] == q.bucket[b];
		}
		s[dead].age_ms = 0;
		kzt_policy_plan(&conf, s, n, &st, 61000, &r);
		if (mode == KZT_POLICY_BALANCE_XOR || mode == KZT_POLICY_MANUAL)
			for (b = 0; b < KZT_PLAN_BUCKETS; b++)
				back_only &= r.bucket[b] == dead ||
					     r.bucket[b] == q.bucket[b];
	}
	ok(dead_only, "%s: a failure moves only what the dead leg carried",
	   kzt_policy_name(mode));
	if (mode == KZT_POLICY_BALANCE_XOR || mode == KZT_POLICY_MANUAL)
		ok(back_only, "%s: what moves at its return goes to it",
		   kzt_policy_name(mode));
}

/*
 * Without a policy: of random paths whose measures are noisy.  @noise: percent
 * of each; @step_ms between two looks.  Returns the changes from a path to one
 * that was not twice as good.
 */
static unsigned int best_changes(u32 noise, u32 step_ms, bool *spaced, bool *good)
{
	u64 q[4], base[4], now = 5, last = 0;
	unsigned int i, step, best, held = 0, n = 2 + rnd(3), changes = 0;
	struct kzt_dwell d = {};

	for (i = 0; i < n; i++)
		base[i] = 100000 + rnd(10000);
	for (step = 0; step < STEPS; step++, now += step_ms) {
		for (best = i = 0; i < n; i++) {
			q[i] = base[i] + base[i] * rnd(noise + 1) / 100;
			if (q[i] < q[best])
				best = i;
		}
		if (!kzt_best_moves(&d, q[best], q[held], now))
			continue;
		*good &= q[best] < q[held];
		if (q[best] > q[held] / 2) {
			*spaced &= !changes || now - last >= KZT_DWELL_MS;
			changes++;
		}
		d.changed_ms = last = now;
		d.wish = false;
		held = best;
	}
	return changes;
}

static void test_best(void)
{
	bool spaced = true, good = true;
	unsigned int i, quiet = 0, noisy = 0;
	struct kzt_dwell d = { .changed_ms = 100000 };
	u64 now;

	for (i = 0; i < HISTORIES; i++) {
		rnd_state = i;
		quiet += best_changes(0, 1000, &spaced, &good);
		noisy += best_changes(90, 1000, &spaced, &good);
	}
	ok(!quiet, "no policy: paths about as good do not take turns");
	ok(noisy, "no policy: much noise makes some do");
	ok(spaced, "no policy: with the dwell time between");
	ok(good, "no policy: and never to a worse one");
	ok(kzt_best_moves(&d, 50000, 100000, 100001),
	   "no policy: one twice as good is taken at once");
	for (now = 100000; !kzt_best_moves(&d, 80000, 100000, now); now += 500)
		if (now > 200000)
			break;
	ok(now == 100000 + KZT_DWELL_MS,
	   "no policy: one clearly better when the dwell time is over");
	d = (struct kzt_dwell) { };
	for (now = 100000; now < 160000; now += 1000)
		if (kzt_best_moves(&d, now % 5000 ? 80000 : 95000, 100000, now))
			break;
	ok(now == 160000, "no policy: not one that is it for moments");
}

int main(void)
{
	u8 mode;

	for (mode = 0; mode < KZT_POLICY_MODES; mode++)
		test_mode(mode);
	test_resilient(KZT_POLICY_RANDOM);
	test_resilient(KZT_POLICY_PROPORTIONAL);
	test_resilient(KZT_POLICY_MANUAL);
	test_resilient(KZT_POLICY_BALANCE_XOR);
	test_resilient(KZT_POLICY_BALANCE_AWARE);
	test_best();
	return tap_done();
}
