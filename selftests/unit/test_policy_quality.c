// SPDX-License-Identifier: GPL-2.0
/*
 * What is measured of a path, against the vectors of both eras (spec 3, 3.10,
 * 3.20.9, 3.20.10).
 *
 * usage: test_policy_quality [VECTORS-DIRECTORY]
 */
#include "test_policy.h"
#include "packet.h"
#include "qostable.h"

/* The seed's measuring of one path (spec 3.10.2), on the rings of the module. */
struct seed_path {
	struct kzt_ring throughput, age, latency, error;
	u64 last_in, t_sample, t_latency;
	u32 bps, latency_ms, fill, bad;
};

static void seed_latency(struct seed_path *p, u32 ms, u64 now)
{
	p->latency_ms = p->latency_ms < 65535 ? (p->latency_ms + ms) / 2 : ms;
	kzt_ring_push(&p->latency, ms * 1000);
	p->t_latency = now;
}

static void seed_measure(struct seed_path *p, u64 now)
{
	if (now - p->t_sample <= 100)
		return;
	p->t_sample = now;
	kzt_ring_push(&p->throughput, p->bps);
	kzt_ring_push(&p->age, min_t(u64, now - p->last_in, U32_MAX));
	if (now - p->t_latency > 10000)
		seed_latency(p, 0, now);
}

static void seed_packets(struct seed_path *p, bool good, unsigned int n)
{
	while (n--) {
		if (p->fill < 1024) {
			p->fill++;
			p->bad += !good;
			continue;
		}
		kzt_ring_push(&p->error, p->bad * 1000000ULL / 1024);
		p->fill = p->bad = 0;
	}
}

/* Runs "op:time:arg:count ..."; returns the time of the last. */
static u64 seed_run(struct seed_path *p, const char *ops)
{
	unsigned long long now = 0, arg, count;
	char op;
	int len;

	for (; sscanf(ops, " %c:%llu:%llu:%llu%n", &op, &now, &arg, &count,
		      &len) == 4; ops += len) {
		switch (op) {
		case 'i':
			p->last_in = now;
			break;
		case 'l':
			seed_latency(p, arg, now);
			break;
		case 't':
			p->bps = arg;
			break;
		case 'p':
			seed_packets(p, arg, count);
			break;
		case 'm':
			seed_measure(p, now);
			break;
		}
	}
	return now;
}

/* The seed cuts the variance to whole square milliseconds. */
static bool near_jitter(double got, double want)
{
	return near(got, want, 0.001) || floor(got * got) == rint(want * want);
}

static void check_seed(const struct vec_file *f, unsigned int *unknown)
{
	struct seed_path p = { .latency_ms = 65535 };
	u64 now = seed_run(&p, vec_str(f, "ops"));
	const char *want = NULL, *key, *name = vec_str(f, "case");
	struct kzt_quality_facts facts;
	bool v6;
	size_t i;
	u64 q;

	for (i = 0; vec_line(f, i, &key, &want); i++)
		if (!*key || !strncmp(key, "result", 6))
			break;
	want = strstr(want, "mean_latency") ?: want;
	facts = (struct kzt_quality_facts) {
		.latency_us = kzt_ring_mean(&p.latency),
		.jitter_us = kzt_ring_deviation_seed(&p.latency),
		.age_ms = kzt_ring_mean(&p.age),
		.throughput_bps = kzt_ring_mean(&p.throughput),
		.error_ppm = kzt_ring_mean(&p.error),
		.scope = remote_scope(vec_str(f, "remote"), &v6),
	};
	ok(near(facts.latency_us, field(want, "mean_latency") * 1000, 1) &&
	   near_jitter(facts.jitter_us / 1000.0, field(want, "jitter")) &&
	   near(facts.age_ms, field(want, "mean_age"), 1) &&
	   near(facts.throughput_bps, field(want, "mean_throughput"), 1) &&
	   near(facts.error_ppm, field(want, "per") * 1e6, 1),
	   "seed case %s: statistics", name);
	q = kzt_quality_computed(&facts);
	ok(near(q, field(want, "computed") * 1e6, 1), "seed case %s: computed quality",
	   name);
	/* No latency is "unknown" here; the seed drifts to a latency of 0 */
	if (!p.latency_ms) {
		(*unknown)++;
		return;
	}
	q = kzt_quality_number(now - p.last_in, p.latency_ms * 1000, facts.scope);
	ok(q == field(want, "quality") * 1000, "seed case %s: quality number", name);
	if (q != field(want, "quality") * 1000)
		diag("got %llu", (unsigned long long)q);
}

static void test_seed(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "path-quality.txt");
	unsigned int cases = 0, unknown = 0;

	for (; vec_next_block(f); cases++)
		check_seed(f, &unknown);
	ok(cases == 23, "all 23 cases of path-quality.txt");
	ok(unknown == 9, "of which 9 have no latency, which is not the best one here");
	vec_close(f);
}

static const struct kzt_quality_limits spec_limits = {
	.latency_us = 500000,
	.jitter_us = 100000,
	.loss_ppm = 1000,
	.error_ppm = 100,
	.weight_ppm = { 250000, 250000, 250000, 250000 },
};

/* Cases 1..7 of path-bond.txt: the estimate of quality. */
static void check_relative(const struct vec_file *f)
{
	struct kzt_quality_facts q[8] = {};
	u32 capacity[8] = {}, ppm[8];
	double want[8], avoid[8];
	const char *key, *value;
	unsigned int i, n = 0;
	bool good = true, nocap = true;

	for (i = 0; vec_line(f, i, &key, &value); i++) {
		if (strcmp(key, "path"))
			continue;
		q[n].latency_us = lround(field(value, "latency") * 1000);
		q[n].jitter_us = lround(field(value, "variance") * 1000);
		q[n].loss_ppm = lround(field(value, "loss") * 1e6);
		q[n].error_ppm = lround(field(value, "error") * 1e6);
		capacity[n] = field(value, "capacity");
		nocap &= !capacity[n];
		want[n] = field(value, "relative_quality");
		avoid[n] = field(value, "avoid");
		n++;
	}
	kzt_quality_relative(q, capacity, n, BIT(n) - 1, &spec_limits, ppm);
	for (i = 0; i < n; i++) {
		/* Without capacities the reference computes no number */
		good &= near(ppm[i], nocap ? 1e6 / n : want[i] * 1e6, 1);
		good &= kzt_quality_exceeds(&q[i], &spec_limits, 0) == avoid[i];
	}
	ok(n && good, "bond case %s: relative quality, avoidance", vec_str(f, "case"));
}

/*
 * Cases 8..12: latency from records of QOS_MEASUREMENT, of which this era takes
 * half the time.  The deviation is the true one, not divided by 63 throughout.
 */
static void check_qos_latency(const struct vec_file *f, unsigned int *skipped)
{
	const char *rtt = vec_str(f, "rtt_ms"), *held = vec_str(f, "holding_ms");
	struct kzt_ring r = {};
	double sum = 0, mean = 0, want;
	unsigned int i, n = 0;
	char *next;
	s32 ms;

	for (;; n++, rtt = next) {
		long t = strtol(rtt, &next, 10), h;

		if (next == rtt)
			break;
		h = strtol(held, (char **)&held, 10);
		ms = kzt_qos_latency_ms(1000000, 1000000 + t, h);
		if (ms >= 0)
			kzt_ring_push(&r, ms * 1000);
	}
	if (r.n != min(n, 64u)) {
		/* Case 11: a negative half is dropped, not a latency of 16 s */
		ok(kzt_ring_mean(&r) < 1000, "bond case %s: impossible holding time",
		   vec_str(f, "case"));
		(*skipped)++;
		return;
	}
	for (i = 0; i < r.n; i++)
		mean += r.v[i] / 1000.0 / r.n;
	for (i = 0; i < r.n; i++)
		sum += pow(r.v[i] / 1000.0 - mean, 2);
	want = atof(strchr(vec_str(f, "latency"), '(') + 1) * 1000;
	ok(r.n < KZT_RING_NEEDED ? !want : near(kzt_ring_mean(&r), want, 1),
	   "bond case %s: mean latency", vec_str(f, "case"));
	ok(near(kzt_ring_deviation(&r), sqrt(sum / (r.n - 1)) * 1000, 1),
	   "bond case %s: deviation", vec_str(f, "case"));
	want = atof(strchr(vec_str(f, "variance"), '(') + 1) * 1000;
	if (r.n == 64)
		ok(near(kzt_ring_deviation(&r), want, 100),
		   "bond case %s: deviation of a full ring", vec_str(f, "case"));
}

/* Case 14: which packets are recorded. */
static void check_sampled(const struct vec_file *f)
{
	unsigned int verb, out, in, i, n = 0;
	const char *key, *value;
	unsigned long long id;
	bool good = true;

	for (i = 0; vec_line(f, i, &key, &value); i++) {
		if (strcmp(key, "record"))
			continue;
		if (sscanf(value, "verb %x id %llx -> %u %u", &verb, &id, &out,
			   &in) != 4)
			abort();
		good &= kzt_qos_sampled(id, verb, false) == out && out == in;
		n++;
	}
	ok(good && n == 8, "bond case %s: odd ids but of QOS_MEASUREMENT and ACK",
	   vec_str(f, "case"));
	for (id = 0, n = 0; id < 64; id++) {
		n += kzt_qos_sampled(id, KZT_VERB_FRAME, true);
		good &= !kzt_qos_sampled(id, KZT_VERB_ACK, true);
	}
	ok(good && n == 4 && kzt_qos_sampled(32, KZT_VERB_FRAME, true),
	   "1.4: each sixteenth, and no reports");
	ok(kzt_qos_is_14(1, 4, 0) && kzt_qos_is_14(1, 4, 6) && !kzt_qos_is_14(1, 6, 0) &&
	   !kzt_qos_is_14(1, 4, 8) && !kzt_qos_is_14(1, 2, 12) && !kzt_qos_is_14(1, 14, 1) &&
	   !kzt_qos_is_14(2, 4, 0), "1.4 alone has these reports");
}

/* Case 13: "ID:MS" of packets that were received, and the report of them. */
static void check_report(const struct vec_file *f)
{
	struct kzt_qos *q = calloc(1, sizeof(*q));
	struct bytes want = bytes_vec(f, "out");
	const char *in = vec_str(f, "in");
	u8 buf[KZT_QOS_MAX_RECORDS * KZT_QOS_RECORD_LEN];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));
	unsigned int ms, n = 0;
	unsigned long long id;
	int used;

	if (!q)
		abort();
	for (; sscanf(in, "%llx:%u%n", &id, &ms, &used) == 2; in += used, n++)
		kzt_qos_got(q, id, 10000000 - ms);
	ok(n == 3 && kzt_qos_take(q, &w, 10000000) == n &&
	   bytes_are(&want, buf, kzt_wcur_len(&w)) && !q->n_got,
	   "bond case %s: a report, in the order of the ids", vec_str(f, "case"));
	bytes_free(&want);
	free(q);
}

static void test_bond(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "path-bond.txt");
	unsigned int done = 0, skipped = 0;
	u64 number;

	while (vec_next_block(f)) {
		number = vec_u64(f, "case", 0);
		done++;
		if (number <= 7)
			check_relative(f);
		else if (number <= 12)
			check_qos_latency(f, &skipped);
		else if (number == 13)
			check_report(f);
		else if (number == 14)
			check_sampled(f);
		else
			done--;
	}
	ok(done == 14 && skipped == 1,
	   "14 cases of path-bond.txt, 1 of them a wrap-around not copied");
	vec_close(f);
}

static void test_arithmetic(void)
{
	struct kzt_ring r = {};
	u64 q[3] = { 0, 0, 0 };
	u32 ppm[3], used[2] = { 128, 0 };
	bool good = true;
	double x;

	for (x = 0; x < 20; x += 31.0 / 65536)
		good &= fabs(kzt_exp_neg_ppm(x * 65536) - exp(-x) * 1e6) <= 1;
	ok(good, "exp(-x) is right to the millionth");
	ok(kzt_exp_neg_ppm(0) == 1000000 && !kzt_exp_neg_ppm(U64_MAX),
	   "exp(-x) at its ends");

	ok(!kzt_ring_mean(&r) && !kzt_ring_deviation(&r) &&
	   !kzt_ring_deviation_seed(&r), "an empty ring");
	kzt_ring_push(&r, U32_MAX);
	ok(kzt_ring_mean(&r) == U32_MAX && !kzt_ring_deviation(&r),
	   "one sample has no deviation");
	kzt_ring_push(&r, 0);
	ok(kzt_ring_deviation(&r) > 0 && kzt_ring_deviation_seed(&r) > 0,
	   "extreme samples do not overflow");

	kzt_quality_shares(q, 3, ppm);
	ok(!ppm[0] && !ppm[1] && !ppm[2], "no quality, no share");
	q[0] = U64_MAX, q[1] = 1, q[2] = U64_MAX;
	kzt_quality_shares(q, 3, ppm);
	ok(ppm[0] + ppm[1] + ppm[2] == 1000000 && !ppm[1] &&
	   near(ppm[0], 500000, 1), "shares of the greatest qualities");

	ppm[0] = ppm[1] = 500000;
	ok(!kzt_quality_balance(used, ppm, 2), "all traffic on one of two");
	used[1] = 128;
	ok(kzt_quality_balance(used, ppm, 2) == 1000000, "as the shares are");
	ok(kzt_qos_latency_ms(U32_MAX - 9, 30, 0) == 20,
	   "the clock of a report may wrap");
	ok(kzt_qos_latency_ms(0, 10, 11) == -1, "held for longer than it travelled");
}

/* Reports beyond the vectors: when they are due, and how much goes into one */
static void test_reports(void)
{
	struct kzt_qos *q = calloc(1, sizeof(*q));
	u8 buf[KZT_QOS_MAX_RECORDS * KZT_QOS_RECORD_LEN];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));
	struct kzt_qos_record r;
	u64 now = 10000000;
	bool good = true;
	unsigned int i;

	if (!q)
		abort();
	ok(!kzt_qos_due(q, 10000, now), "nothing to report");
	kzt_qos_got(q, 1, now);
	ok(kzt_qos_due(q, 10000, now) && !kzt_qos_due(q, 10000, now + 10000) &&
	   kzt_qos_due(q, 10000, now + 10001), "a packet is reported in its interval");
	now = q->last_report;
	for (i = 0; i < 500; i++)
		kzt_qos_got(q, 1000 - i, now);
	ok(q->n_got == KZT_QOS_RECORDS, "what is kept is bounded");
	ok(!kzt_qos_due(q, 100000, now + 499) && kzt_qos_due(q, 100000, now + 500),
	   "much traffic is reported sooner, but not at once");
	ok(kzt_qos_take(q, &w, now) == KZT_QOS_MAX_RECORDS && !w.bad &&
	   q->n_got == KZT_QOS_RECORDS - KZT_QOS_MAX_RECORDS && !q->fresh,
	   "as much as fits");
	for (i = 1; i < q->n_got; i++)
		good &= q->got[i - 1].id < q->got[i].id;
	ok(good && q->got[0].id > get_unaligned_le64(buf + sizeof(buf) - 10),
	   "the smallest ids first");
	ok(!kzt_qos_due(q, 10000, now + 30000) && q->n_got,
	   "without more there is no other");
	ok(!kzt_qos_due(q, 10000, now + 30001) && !q->n_got,
	   "until it is too old to be of use");

	for (i = 0; i < 500; i++)
		kzt_qos_sent(q, i, now);
	r.id = 7, r.hold = 40;
	ok(q->n_sent == KZT_QOS_RECORDS && kzt_qos_answered(q, &r, now + 100) == 30,
	   "half of the way there and back");
	ok(kzt_qos_answered(q, &r, now + 100) == -1, "it counts once");
	r.id = 8, r.hold = 200;
	ok(kzt_qos_answered(q, &r, now + 100) == -1 &&
	   q->n_sent == KZT_QOS_RECORDS - 2, "held for longer than it was away");
	r.id = 499;
	ok(kzt_qos_answered(q, &r, now) == -1, "never recorded");
	free(q);
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	test_seed(dir);
	test_bond(dir);
	test_reports();
	test_arithmetic();
	return tap_done();
}
