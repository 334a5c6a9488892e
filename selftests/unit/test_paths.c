// SPDX-License-Identifier: GPL-2.0
/*
 * Decisions about paths: learning, keeping, introducing, and the ports of a
 * symmetric NAT (spec 3, 3.5, 3.7, 3.8, 3.11, 3.13), by the vectors and by hand.
 */
#include <arpa/inet.h>
#include <stdlib.h>

#include "tap.h"
#include "vec.h"

#include "learn.h"
#include "selfaware.h"

#define SEED_SLOTS	16

/* --- what the vectors say ------------------------------------------------------ */

struct slot {
	struct kzt_inetaddr at;
	unsigned int socket;
	u64 lr, in, out, latency, priority, quality;
};

static bool parse_at(const char *text, struct kzt_inetaddr *a)
{
	char ip[64];
	unsigned int port;

	memset(a, 0, sizeof(*a));
	if (sscanf(text, "%63[^/ ]/%u", ip, &port) != 2)
		return false;
	a->port = port;
	if (inet_pton(AF_INET, ip, a->ip) == 1)
		a->family = KZT_AF_INET;
	else if (inet_pton(AF_INET6, ip, a->ip) == 1)
		a->family = KZT_AF_INET6;
	return a->family;
}

static bool word(const char *text, const char *key, char *out, size_t room)
{
	char pattern[64];
	const char *p;
	size_t n;

	snprintf(pattern, sizeof(pattern), " %s ", key);
	p = strstr(text, pattern);
	if (!p)
		return false;
	p += strlen(pattern);
	n = strcspn(p, " ");
	if (n >= room)
		return false;
	memcpy(out, p, n);
	out[n] = 0;
	return true;
}

static u64 number(const char *text, const char *key)
{
	char v[64];

	return word(text, key, v, sizeof(v)) ? strtoull(v, NULL, 10) : 0;
}

static bool parse_slot(const char *text, struct slot *s)
{
	char v[64];

	memset(s, 0, sizeof(*s));
	if (!word(text, "socket", v, sizeof(v)) || v[0] != 's')
		return false;
	s->socket = strtoul(v + 1, NULL, 10);
	s->lr = number(text, "lr_age");
	s->in = number(text, "in_age");
	s->out = number(text, "out_age");
	s->latency = number(text, "latency");
	s->priority = number(text, "priority");
	s->quality = number(text, "quality");
	return word(text, "remote", v, sizeof(v)) && parse_at(v, &s->at);
}

/* All lines of a key as slots */
static unsigned int slots_of(const struct vec_file *f, const char *key,
			     struct slot *s, unsigned int max)
{
	const char *k, *v;
	unsigned int n = 0;
	size_t i;

	for (i = 0; vec_line(f, i, &k, &v) && n < max; i++)
		if (!strcmp(k, key) && parse_slot(v, &s[n]))
			n++;
	return n;
}

static bool slot_is(const struct slot *a, const struct slot *b)
{
	return a->socket == b->socket && kzt_inetaddr_equal(&a->at, &b->at);
}

/* --- learning ------------------------------------------------------------------- */

static void compare(struct kzt_learn_slot *to, const struct slot *s,
		    const struct slot *news)
{
	to->alive = s->in < 19000;
	to->same_socket = s->socket == news->socket;
	to->same_family = s->at.family == news->at.family;
	to->same_ip = kzt_inetaddr_same_ip(&s->at, &news->at);
	to->same_net = kzt_inetaddr_same_net(&s->at, &news->at);
	to->age_ms = s->in;
	to->quality = s->quality;
}

/* As path.c does it: known, allowed, verb, slot */
static unsigned int learn(struct slot *s, unsigned int n, const char *received,
			  bool *confirm)
{
	struct kzt_learn_slot cmp[SEED_SLOTS];
	struct slot news;
	unsigned int i;
	int where;

	*confirm = false;
	if (!parse_slot(received, &news) || number(received, "hops"))
		return n;
	for (i = 0; i < n; i++)
		if (slot_is(&s[i], &news))
			return n;
	if (!kzt_inetaddr_valid_path(&news.at))
		return n;
	for (i = 0; i < n; i++)
		compare(&cmp[i], &s[i], &news);
	where = kzt_learn_judge(KZT_LEARN_SPARSE, cmp, n, SEED_SLOTS, false);
	if (where < 0)
		return n;
	*confirm = strncmp(received, "verb OK ", 8);
	if (*confirm)
		return n;
	s[where] = news;
	return (unsigned int)where == n ? n + 1 : n;
}

static void test_learn_vectors(const char *dir)
{
	struct vec_file *f = vec_open_at(dir, "path-learn.txt");
	unsigned int cases = 0;

	while (f && vec_next_block(f)) {
		struct slot s[SEED_SLOTS + 1], want[SEED_SLOTS + 1];
		const char *received = vec_str(f, "received"), *sent;
		unsigned int n, m, i;
		bool confirm, good;

		if (!received)
			continue;
		n = slots_of(f, "before", s, SEED_SLOTS);
		n = learn(s, n, received, &confirm);
		m = slots_of(f, "after", want, SEED_SLOTS);
		good = n == m;
		for (i = 0; good && i < n; i++)
			good = slot_is(&s[i], &want[i]);
		sent = vec_str(f, "sent");
		good &= confirm == (sent && strstr(sent, ": HELLO"));
		ok(good, "path-learn case %s", vec_str(f, "case"));
		cases++;
	}
	vec_close(f);
	ok(cases == 19, "all cases of path-learn were run");
}

/* What vectors of the seed era cannot say: the current rule */
static void test_learn_full(void)
{
	struct kzt_learn_slot s[4] = {
		{ .alive = true, .same_socket = true, .age_ms = 10 },
		{ .alive = true, .same_ip = true, .age_ms = 30 },
		{ .alive = false, .age_ms = 20000 },
		{ .alive = true, .age_ms = 30 },
	};

	ok(kzt_learn_judge(KZT_LEARN_FULL, s, 4, 64, false) == 4,
	   "every local side is learned with every remote one");
	s[1].same_socket = true;
	ok(kzt_learn_judge(KZT_LEARN_FULL, s, 4, 64, false) == KZT_LEARN_KNOWN,
	   "another port of an address that is alive is the same path");
	ok(kzt_learn_judge(KZT_LEARN_FULL, s, 4, 64, true) == 4,
	   "but not for a policy over many paths");
	s[1].alive = false;
	ok(kzt_learn_judge(KZT_LEARN_FULL, s, 4, 64, false) == 1,
	   "a dead one of the address gives way to its new port");
	s[1].same_ip = false;
	ok(kzt_learn_judge(KZT_LEARN_FULL, s, 4, 4, false) == 2,
	   "in a full table the one that was silent longest gives way");
	s[2].age_ms = 0;
	ok(kzt_learn_judge(KZT_LEARN_FULL, s, 4, 4, false) == 1,
	   "the first of two");
	s[0].age_ms = 0;
	s[1].age_ms = 0;
	s[3].age_ms = 0;
	ok(kzt_learn_judge(KZT_LEARN_FULL, s, 4, 4, false) ==
	   KZT_LEARN_FULL_TABLE, "nothing is pushed out by one as fresh");
}

/* --- keeping --------------------------------------------------------------------- */

/* The datagrams of a round, compared with the lines "sent" */
static bool round_as_vector(const struct vec_file *f)
{
	unsigned int proto = 0, major = 0, minor = 0, rev = 0, top = 0, n, i;
	const char *age = vec_str(f, "last_full_hello_age"), *k, *v;
	bool full = !strcmp(age, "never") || strtoull(age, NULL, 10) >= 60000;
	struct slot s[SEED_SLOTS], to;
	size_t line = 0;

	if (sscanf(vec_str(f, "remote_protocol"), "%u version %u.%u.%u", &proto,
		   &major, &minor, &rev) != 4)
		return false;
	n = slots_of(f, "before", s, SEED_SLOTS);
	for (i = 0; i < n; i++)
		if (s[i].lr < KZT_PATH_EXPIRE_MS && s[i].priority > top)
			top = s[i].priority;
	for (i = 0; i < n; i++) {
		bool echo = kzt_contact_is_echo(full, proto, major, minor, rev);
		char ip[64];

		if (s[i].priority < top ||
		    !kzt_keep_is_due(full, s[i].lr, s[i].in, s[i].out))
			continue;
		do {
			if (!vec_line(f, line++, &k, &v))
				return false;
		} while (strcmp(k, "sent"));
		if (sscanf(v, "via s%u to %63[^:]", &to.socket, ip) != 2)
			return false;
		if (!strstr(v, echo ? ": ECHO" : ": HELLO") ||
		    to.socket != s[i].socket)
			return false;
	}
	while (vec_line(f, line++, &k, &v))
		if (!strcmp(k, "sent"))
			return false;
	return true;
}

static bool meet_as_vector(const struct vec_file *f)
{
	const struct kzt_meet_end *at[2] = { NULL, NULL };
	const char *keys[2] = { "peer_a", "peer_b" }, *k, *v;
	struct kzt_meet_best best[2] = { 0 };
	struct slot s[SEED_SLOTS];
	unsigned int side, n, i, sent = 0;
	bool found;
	size_t line;

	for (side = 0; side < 2; side++) {
		n = slots_of(f, keys[side], s, SEED_SLOTS);
		for (i = 0; i < n; i++) {
			struct kzt_meet_end end = {
				s[i].at, s[i].quality, s[i].priority, i,
			};

			kzt_meet_add(&best[side], &end);
		}
	}
	found = kzt_meet_choose(&best[0], &best[1], &at[0], &at[1]);
	for (line = 0; vec_line(f, line, &k, &v); line++) {
		const char *p = !strcmp(k, "sent") ? strstr(v, " 00") : NULL;
		u8 body[32];
		size_t len;

		if (!p || !found)
			continue;
		if (!vec_unhex(p + 1, body, sizeof(body), &len) || len < 13)
			return false;
		/* Who is told, is told of the other */
		for (side = 0; side < 2; side++)
			if (get_unaligned_be16(body + 6) == at[side]->at.port &&
			    !memcmp(body + 9, at[side]->at.ip, body[8]))
				sent++;
	}
	return sent == (found ? 2 : 0);
}

static void test_keep_vectors(const char *dir)
{
	struct vec_file *f = vec_open_at(dir, "path-keepalive.txt");
	unsigned int rounds = 0, meetings = 0;

	while (f && vec_next_block(f)) {
		/* Redirections and resets: net/redirect.sh, net/surface.sh */
		if (vec_str(f, "remote_protocol")) {
			ok(round_as_vector(f), "path-keepalive case %s: a round",
			   vec_str(f, "case"));
			rounds++;
		} else if (vec_str(f, "peer_a")) {
			ok(meet_as_vector(f),
			   "path-keepalive case %s: an introduction",
			   vec_str(f, "case"));
			meetings++;
		}
	}
	vec_close(f);
	ok(rounds == 9 && meetings == 9, "rounds and introductions were run");
}

static void test_echo_spacing(void)
{
	ok(kzt_echo_is_spaced(1, 2, 8) && kzt_echo_is_spaced(1, 4, 6) &&
	   kzt_echo_is_spaced(1, 8, 4) && kzt_echo_is_spaced(0, 0, 0),
	   "old peers answer one ECHO a second");
	ok(!kzt_echo_is_spaced(1, 6, 0) && !kzt_echo_is_spaced(1, 8, 10) &&
	   !kzt_echo_is_spaced(1, 14, 1) && !kzt_echo_is_spaced(2, 0, 0),
	   "1.6 and those since late 1.8 answer each path");
}

/* --- relaying -------------------------------------------------------------------- */

struct root {
	u64 address, since_ms;
	u32 latency_us;
};

static u64 relay_of(const struct root *r, unsigned int n, bool *alive)
{
	struct kzt_relay_best best = KZT_RELAY_NONE;

	for (*alive = false; n--; r++)
		*alive |= kzt_relay_add(&best, r->address, r->since_ms,
					r->latency_us);
	return best.address;
}

/* Spec 3, 3.4 "relay_quality" and 3.15.3 */
static void test_relay(void)
{
	struct root r[3] = {
		{ 0x30, 1000, 20000 }, { 0x10, 1000, 10000 }, { 0x20, 1000, 0 },
	};
	bool alive;

	ok(!relay_of(r, 0, &alive) && !alive, "without upstreams nobody relays");
	ok(relay_of(r, 3, &alive) == 0x10 && alive, "the nearest one relays");
	r[1].since_ms = 60999;
	ok(relay_of(r, 3, &alive) == 0x10, "not heard for less than 61 s it counts the same");
	r[1].since_ms = 61000;
	ok(relay_of(r, 3, &alive) == 0x30, "then twice, and of equals the greatest address counts");
	r[1].since_ms = 122000;
	r[0].latency_us = 31000;
	ok(relay_of(r, 3, &alive) == 0x10, "and three times after 122 s");
	r[0].latency_us = 0;
	r[1].latency_us = 0;
	ok(relay_of(r, 3, &alive) == 0x30, "whose latency is not known is far");
	r[0].since_ms = 500000;
	ok(relay_of(r, 3, &alive) == 0x20 && alive, "who was not heard for 500 s is dead");
	r[1].since_ms = 500000;
	r[2].since_ms = 10000000;
	ok(relay_of(r, 3, &alive) == 0x30 && !alive, "if all are, the greatest address is asked");
}

/* --- surfaces --------------------------------------------------------------------- */

static void report(struct kzt_surface_table *t, const char *text, char *moved,
		   size_t room)
{
	struct kzt_surface s = { 0 };
	char v[64];

	s.when = 10000000 + strtoull(text + 2, NULL, 10);
	if (word(text, "reporter", v, sizeof(v)))
		s.reporter = strtoull(v, NULL, 16);
	if (word(text, "socket", v, sizeof(v)))
		s.socket = strtoull(v + 1, NULL, 10);
	if (word(text, "reporter_at", v, sizeof(v)))
		parse_at(v, &s.from);
	if (word(text, "my_surface", v, sizeof(v)))
		parse_at(v, &s.at);
	s.trusted = number(text, "trusted");
	if (kzt_surface_report(t, &s))
		snprintf(moved, room, "resetting_scope %u",
			 (unsigned int)kzt_inetaddr_scope(&s.at));
}

static bool entries_as_vector(const struct vec_file *f,
			      const struct kzt_surface_table *t)
{
	unsigned int want = 0, have = 0, i;
	const char *k, *v;
	size_t line;

	for (i = 0; i < KZT_SURFACES_MAX; i++)
		have += !!t->s[i].when;
	for (line = 0; vec_line(f, line, &k, &v); line++) {
		char text[300], at[64];
		struct kzt_inetaddr a;
		bool found = false;

		if (strcmp(k, "entry"))
			continue;
		want++;
		snprintf(text, sizeof(text), " %s", v);
		if (!word(text, "my_surface", at, sizeof(at)) || !parse_at(at, &a))
			return false;
		if (!word(text, "reporter", at, sizeof(at)))
			return false;
		for (i = 0; i < KZT_SURFACES_MAX; i++)
			found |= t->s[i].when &&
				 t->s[i].reporter == strtoull(at, NULL, 16) &&
				 kzt_inetaddr_equal(&t->s[i].at, &a);
		if (!found)
			return false;
	}
	return want == have;
}

static u64 prng(u64 s[2])	/* spec 3, 3.13.6 */
{
	u64 t = s[0], y = s[1];

	s[0] = y;
	t ^= t << 23;
	s[1] = t ^ y ^ (t >> 17) ^ (y >> 26);
	return s[1] + y;
}

/* What the predictions below are drawn with */
static bool prng_as_vector(const struct vec_file *f)
{
	const char *want = vec_str(f, "outputs");
	unsigned long long x, y, v;
	unsigned int n = 0;
	u64 state[2];
	int used;

	if (sscanf(vec_str(f, "prng_state"), "%llx %llx", &x, &y) != 2)
		return false;
	state[0] = x;
	state[1] = y;
	for (; sscanf(want, "%llx%n", &v, &used) == 1; want += used, n++)
		if (prng(state) != v)
			return false;
	return n == 8;
}

static bool predictions_as_vector(const struct vec_file *f,
				  const struct kzt_surface_table *t)
{
	struct kzt_inetaddr out[KZT_PREDICT_MAX], a;
	const char *want = vec_str(f, "predictions");
	unsigned long long x, y;
	u32 draw[KZT_PREDICT_MAX / 2];
	unsigned int n, i;
	u64 state[2];

	if (sscanf(vec_str(f, "prng_state"), "%llx %llx", &x, &y) != 2)
		return false;
	state[0] = x;
	state[1] = y;
	for (i = 0; i < KZT_PREDICT_MAX / 2; i++)
		draw[i] = prng(state);
	n = kzt_surface_predict(t, draw, out);
	if (!strcmp(want, "none"))
		return !n;
	for (i = 0; i < n; i++) {
		if (!parse_at(want, &a) || !kzt_inetaddr_equal(&a, &out[i])) {
			diag("%u: want %s, got port %u", i, want, out[i].port);
			return false;
		}
		want += strcspn(want, " ");
		want += strspn(want, " ");
	}
	return !*want;
}

static void test_symnat_vectors(const char *dir)
{
	struct vec_file *f = vec_open_at(dir, "path-symnat.txt");
	struct kzt_surface_table t;
	unsigned int cases = 0;

	while (f && vec_next_block(f)) {
		const char *k, *v, *trace = vec_str(f, "trace");
		char moved[40] = "";
		size_t i;

		if (vec_is(f, "case", "prng")) {
			ok(prng_as_vector(f), "path-symnat: the generator");
			continue;
		}
		memset(&t, 0, sizeof(t));
		for (i = 0; vec_line(f, i, &k, &v); i++) {
			if (!strcmp(k, "report"))
				report(&t, v, moved, sizeof(moved));
			if (!strcmp(k, "clean"))
				kzt_surface_clean(&t, 10000000 +
						  strtoull(v + 2, NULL, 10));
		}
		ok(!strcmp(moved, trace ?: ""), "path-symnat case %s: resets",
		   vec_str(f, "case"));
		ok(entries_as_vector(f, &t), "path-symnat case %s: the table",
		   vec_str(f, "case"));
		ok(predictions_as_vector(f, &t),
		   "path-symnat case %s: predictions", vec_str(f, "case"));
		cases++;
	}
	vec_close(f);
	ok(cases == 15, "all cases of path-symnat were run");
}

/* A stranger's flood of reports must not push out what upstreams said */
static void test_surface_bounds(void)
{
	struct kzt_surface s = {
		.reporter = 0x1111111111, .when = 10000000, .trusted = true,
		.from = { KZT_AF_INET, { 45, 1, 1, 1 }, 9993 },
		.at = { KZT_AF_INET, { 88, 1, 2, 3 }, 5000 },
	};
	static struct kzt_surface_table t;
	unsigned int i, trusted = 0, used = 0;

	kzt_surface_report(&t, &s);
	s.trusted = false;
	for (i = 0; i < 1000; i++) {
		s.reporter = 0x2222220000 + i;
		s.when++;
		kzt_surface_report(&t, &s);
	}
	for (i = 0; i < KZT_SURFACES_MAX; i++) {
		used += !!t.s[i].when;
		trusted += t.s[i].trusted;
	}
	ok(used == KZT_SURFACES_MAX, "the table of reports is bounded");
	ok(trusted == 1, "a flood leaves the upstream's report");
}

int main(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : "../vectors";

	test_learn_vectors(dir);
	test_learn_full();
	test_keep_vectors(dir);
	test_echo_spacing();
	test_relay();
	test_symnat_vectors(dir);
	test_surface_bounds();
	return tap_done();
}
