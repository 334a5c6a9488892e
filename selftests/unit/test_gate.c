// SPDX-License-Identifier: GPL-2.0
/*
 * The rate gates (spec 3, 3.14) against the vectors, which say how many of a row
 * of packets pass, and where they end.
 *
 * usage: test_gate [VECTORS-DIRECTORY]
 */
#include "test_proto.h"

#include "gate.h"
#include "policy.h"

#define START	10000000ULL	/* of the node's clock, see util.h */

/* The packets that a vector's key tells of: "..._COUNT_every_MS" */
struct row {
	const char *what;
	unsigned int count, every_ms;
};

enum gate { PUSH, CREDENTIALS, WHOIS, ECHO_, QOS, NEGOTIATION };

struct state {
	struct kzt_gate_run run;
	u64 last;
};

/* As the handler of each verb calls it */
static bool pass(enum gate gate, struct state *s, u64 now)
{
	switch (gate) {
	case PUSH:
		return kzt_gate_run_pass(&s->run, now, KZT_PUSH_GAP_MS,
					 KZT_PUSH_RUN);
	case CREDENTIALS:
		return kzt_gate_rate(&s->last, now, KZT_CREDENTIALS_MS,
				     KZT_CREDENTIALS_AHEAD_MS);
	case WHOIS:
		return kzt_gate(&s->last, now, KZT_WHOIS_GATE_MS);
	case ECHO_:
		return kzt_gate(&s->last, now, KZT_ECHO_GATE_MS);
	case QOS:
		return kzt_gate_run_pass(&s->run, now,
					 kzt_qos_gap_ms(KZT_FAILOVER_MS),
					 KZT_QOS_RUN);
	case NEGOTIATION:
		return kzt_gate_run_pass(&s->run, now, KZT_NEGOTIATION_GAP_MS,
					 KZT_QOS_RUN);
	}
	abort();
}

static unsigned int passed(enum gate gate, unsigned int count, u64 every_ms)
{
	struct state s = {};
	unsigned int i, n = 0;

	for (i = 0; i < count; i++)
		n += pass(gate, &s, START + i * every_ms);
	return n;
}

static void check_row(enum gate gate, const struct row *r, unsigned int want)
{
	unsigned int got = passed(gate, r->count, r->every_ms);

	ok(got == want, "%s: %u of %u pass, one each %u ms", r->what, want,
	   r->count, r->every_ms);
	if (got != want)
		diag("found %u", got);
}

/* "every_10ms_200 = 128 accepted", of QOS_MEASUREMENT where nothing is named */
static void check_windows(const struct vec_file *f)
{
	unsigned int i, want, n = 0;
	const char *key, *value;

	for (i = 0; vec_line(f, i, &key, &value); i++) {
		struct row r = { .what = "QOS_MEASUREMENT" };
		enum gate gate = QOS;

		if (!strcmp(key, "case"))
			continue;
		if (!strncmp(key, "path_negotiation_", 17)) {
			gate = NEGOTIATION;
			r.what = "PATH_NEGOTIATION_REQUEST";
			key += 17;
		}
		if (sscanf(key, "every_%ums_%u", &r.every_ms, &r.count) != 2 ||
		    sscanf(value, "%u accepted", &want) != 1)
			abort();
		check_row(gate, &r, want);
		n++;
	}
	ok(n == 3, "bond case %s: windows D and E", vec_str(f, "case"));
}

/* "whois_20_every_50 = 10" */
static void check_peer_gates(const struct vec_file *f)
{
	static const struct {
		const char *key;
		enum gate gate;
	} gates[] = {
		{ "push_direct_paths", PUSH }, { "credentials", CREDENTIALS },
		{ "whois", WHOIS }, { "echo_per_path", ECHO_ },
	};
	unsigned int i, g, n = 0;
	const char *key, *value;

	for (i = 0; vec_line(f, i, &key, &value); i++) {
		unsigned int want = atoi(value);
		struct row r;

		if (!strcmp(key, "case"))
			continue;
		for (g = 0; g < ARRAY_SIZE(gates); g++)
			if (!strncmp(key, gates[g].key, strlen(gates[g].key)))
				break;
		if (g == ARRAY_SIZE(gates))
			abort();
		r.what = gates[g].key;
		if (sscanf(key + strlen(r.what), "_%u_every_%u", &r.count,
			   &r.every_ms) != 2)
			abort();
		/*
		 * What comes ahead of its time is taken, too, so that no
		 * revocation is lost; see test_credentials() for the rate.
		 */
		if (gates[g].gate == CREDENTIALS)
			want += KZT_CREDENTIALS_AHEAD_MS / KZT_CREDENTIALS_MS;
		check_row(gates[g].gate, &r, want);
		n++;
	}
	ok(n == 6, "bond case %s: gates of a peer and a path", vec_str(f, "case"));
}

static void test_bond(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "path-bond.txt");
	unsigned int cases = 0;

	while (vec_next_block(f)) {
		if (vec_is(f, "case", "32"))
			check_windows(f);
		else if (vec_is(f, "case", "33"))
			check_peer_gates(f);
		else
			continue;
		cases++;
	}
	ok(cases == 2, "2 cases of path-bond.txt");
	vec_close(f);
}

static void test_ends(void)
{
	struct kzt_gate_run run = {};
	unsigned int i, n;
	u64 last = 0;

	ok(kzt_age_ms(START + 5, START) == 5 && !kzt_age_ms(START, START + 5),
	   "what came after the clock was read has no age, and not a great one");
	ok(kzt_gate(&last, START, 100) && !kzt_gate(&last, START + 99, 100) &&
	   kzt_gate(&last, START + 100, 100), "a gate opens after its interval");
	for (i = 0; i < 8; i++)
		kzt_gate_run_pass(&run, START, 30000, 8);
	ok(!kzt_gate_run_pass(&run, START + 30000, 30000, 8) &&
	   !kzt_gate_run_pass(&run, START + 60000, 30000, 8),
	   "what is refused puts the end of the silence off");
	ok(kzt_gate_run_pass(&run, START + 90001, 30000, 8),
	   "a longer silence ends the run");
	run.count = 0;
	for (i = 0; i < 100000; i++)
		kzt_gate_run_pass(&run, START, 30000, 8);
	ok(run.count == 8, "a flood does not turn the counter over");
	memset(&run, 0, sizeof(run));
	for (i = 0, n = 0; i < 1000; i++)
		n += kzt_gate_window(&run, START + i * 29, KZT_ACK_WINDOW_MS, KZT_QOS_RUN);
	ok(n == 128, "window C: 128 in 30 s");
	n = kzt_gate_window(&run, START + 29999, KZT_ACK_WINDOW_MS, KZT_QOS_RUN);
	ok(!n && kzt_gate_window(&run, START + 30000, KZT_ACK_WINDOW_MS, KZT_QOS_RUN),
	   "window C: it ends 30 s after it began, whatever came");
	ok(kzt_qos_gap_ms(5000) == 156 && kzt_qos_gap_ms(600000) == 18750,
	   "window D follows the fail-over interval");
}

/* Spec 4.9.1: one a second, whatever comes */
static void test_credentials(void)
{
	unsigned int once = 0, i, n = 0;
	struct state s = {};

	for (i = 0; i < 100; i++)
		once += pass(CREDENTIALS, &s, START);
	ok(once == 4, "four packets of credentials may come at once");
	for (i = 1; i <= 100000; i++)
		n += pass(CREDENTIALS, &s, START + i);
	ok(n == 100, "then one each second, however many come");
	for (i = 0, once = 0; i < 100; i++)
		once += pass(CREDENTIALS, &s, START + 200000);
	ok(once == 4, "and four again after a silence");
}

int main(int argc, char **argv)
{
	test_bond(vectors_dir(argc, argv));
	test_ends();
	test_credentials();
	return tap_done();
}
