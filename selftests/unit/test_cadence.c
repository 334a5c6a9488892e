// SPDX-License-Identifier: GPL-2.0
/*
 * When something is sent that keeps paths: the reference's transcripts are played
 * again, and the rounds, probes, pushes and reports in them are compared with what
 * is due here with the same knowledge; what arrives must pass the gates here as it
 * did there (spec 3, 3.6.1, 3.8, 3.14, 3.20.6).
 * Where this node deviates on purpose, a comment says so.
 *
 * usage: test_cadence [VECTORS-DIRECTORY]
 */
#include "test_policy.h"

#include "gate.h"
#include "packet.h"
#include "timeline.h"
#include "verbs.h"

#define START		10000000ULL	/* of the nodes' clocks, see util.h */
#define TASK_MS		500		/* between the bonds' tasks of the script */
#define WAITING_MAX	32

/**
 * struct script - a transcript
 * @file: its name
 * @seed: its nodes are of the seed era
 * @bonds: A and B have bonds
 * @probes: ECHOs by which the bonds ask silent paths; broadcast leaves none silent
 */
struct script {
	const char *file;
	bool seed;
	bool bonds;
	unsigned int probes;
};

/**
 * struct answer - what must be sent at once
 * @ms: when
 * @node: by whom
 * @dest: to whom
 * @to_socket: where to
 * @socket: from where; TIMELINE_NONE if that does not matter
 * @what: verb
 */
struct answer {
	u64 ms;
	u8 node, dest, to_socket, socket;
	const char *what;
};

/**
 * struct watch - what was seen of a transcript
 * @s: script
 * @conf: the policy of a bond, for its intervals
 * @wait: answers that are due
 * @n: how many
 * @echo: gates of ECHO, by path: node, its socket, peer, its socket
 * @push: gates of PUSH_DIRECT_PATHS, by node and peer
 * @qos: gates of QOS_MEASUREMENT, by node and peer
 * @report: when a report was sent last, by path
 * @answered: ECHOs that passed
 * @refused: ECHOs that did not
 * @pushes: pushes that were sent as due
 * @probes: ECHOs of the bonds
 * @reports: QOS_MEASUREMENTs
 * @delivered: frames that came to their end, less those told of
 * @wrong: what does not agree
 */
struct watch {
	const struct script *s;
	struct kzt_policy_conf conf;
	struct answer wait[WAITING_MAX];
	unsigned int n;
	u64 echo[TIMELINE_NODES][TIMELINE_SOCKETS][TIMELINE_NODES][TIMELINE_SOCKETS];
	struct kzt_gate_run push[TIMELINE_NODES][TIMELINE_NODES];
	struct kzt_gate_run qos[TIMELINE_NODES][TIMELINE_NODES];
	u64 report[TIMELINE_NODES][TIMELINE_SOCKETS][TIMELINE_SOCKETS];
	unsigned int answered, refused, pushes, probes, reports;
	int delivered;
	unsigned int wrong;
};

static void wrong(struct watch *w, unsigned int line, u64 ms, const char *why)
{
	if (w->wrong++ < 5)
		diag("%s:%u, %llu ms: %s", w->s->file, line, (unsigned long long)ms,
		     why);
}

static bool is_leaf(u8 node)
{
	return node != TIMELINE_ROOT && node < TIMELINE_NODES;
}

/* --- answers -------------------------------------------------------------------------- */

static void expect(struct watch *w, struct answer a)
{
	if (w->n == WAITING_MAX)
		abort();
	w->wait[w->n++] = a;
}

static bool answer_is(const struct answer *a, const struct timeline_event *e)
{
	return a->ms == e->ms && a->node == e->node && a->dest == e->dest &&
	       timeline_is(e, a->what) &&
	       (a->socket == TIMELINE_NONE ||
		(a->socket == e->socket && a->to_socket == e->to_socket));
}

static void answered(struct watch *w, const struct timeline_event *e)
{
	unsigned int i;

	for (i = 0; i < w->n; i++) {
		if (!answer_is(&w->wait[i], e))
			continue;
		w->wait[i] = w->wait[--w->n];
		return;
	}
	wrong(w, e->line, e->ms, "not due here");
}

/* Time goes on: what is still waited for was not sent */
static void answers_end(struct watch *w, u64 now)
{
	while (w->n && w->wait[w->n - 1].ms < now) {
		struct answer *a = &w->wait[--w->n];

		/* The seed's gate of ECHO lets one a second pass: spec 3.14 */
		if (!w->s->seed || strcmp(a->what, "OK(ECHO)"))
			wrong(w, 0, a->ms, "something was due here");
	}
}

/* --- what arrives ------------------------------------------------------------------------ */

/* Spec 3.14: the gate is one of the path, known or not */
static bool echo_passes(struct replay *r, const struct timeline_event *e, u8 socket)
{
	struct watch *w = r->data;
	bool pass;

	pass = kzt_gate(&w->echo[e->to][e->to_socket][e->node][socket],
			START + r->now, KZT_ECHO_GATE_MS);
	w->answered += pass;
	w->refused += !pass;
	if (pass)
		expect(w, (struct answer) {
			.ms = r->now,
			.node = e->to,
			.dest = e->node,
			.socket = e->to_socket,
			.to_socket = socket,
			.what = "OK(ECHO)",
		});
	return pass;
}

/* Spec 3.6.1, where an authentic packet has been handled */
static void push_if_due(struct replay *r, const struct timeline_event *e)
{
	struct timeline_peer *p = &r->peer[e->to][e->author];
	u64 trust = p->last_frame ? r->now - p->last_frame : START + r->now;
	u64 push = p->last_push ? r->now - p->last_push : START + r->now;
	struct watch *w = r->data;

	if (!kzt_push_is_due(trust, push, e->author != e->node))
		return;
	p->last_push = r->now;
	w->pushes++;
	expect(w, (struct answer) {
		.ms = r->now,
		.node = e->to,
		.dest = e->author,
		.socket = TIMELINE_NONE,
		.what = "PUSH_DIRECT_PATHS",
	});
}

static void look_at_arrival(struct replay *r, const struct timeline_event *e,
			    u8 socket, struct timeline_path *path)
{
	struct watch *w = r->data;
	u64 now = START + r->now;

	answers_end(w, r->now);
	if (e->dest != e->to)
		return;
	if (timeline_is(e, "FRAME"))
		w->delivered++;
	if (timeline_is(e, "PUSH_DIRECT_PATHS") &&
	    !kzt_gate_run_pass(&w->push[e->to][e->author], now, KZT_PUSH_GAP_MS,
			       KZT_PUSH_RUN))
		wrong(w, e->line, r->now, "a push is refused");
	if (timeline_is(e, "QOS_MEASUREMENT") &&
	    !kzt_gate_run_pass(&w->qos[e->to][e->author], now,
			       kzt_qos_gap_ms(w->conf.failover_ms), KZT_QOS_RUN))
		wrong(w, e->line, r->now, "a report is refused");
	/* What does not count as received: spec 3.5, 3.14 */
	if (timeline_is(e, "QOS_MEASUREMENT") || timeline_is(e, "4") ||
	    (timeline_is(e, "ECHO") && !echo_passes(r, e, socket)))
		return;
	push_if_due(r, e);
}

/* --- what the bonds send ------------------------------------------------------------------ */

static bool path_dies(const struct timeline *t, u8 node, u8 socket)
{
	return t->dies == node && t->dies_socket == socket;
}

/*
 * The reference probes a path that was silent for the monitor interval, as soon as
 * its tasks run; here a probe leaves each monitor interval whether or not there is
 * traffic, for the round trip.  Either way no path that lives is silent for longer.
 */
static void look_at_silence(struct replay *r, u8 node)
{
	const struct timeline_peer *p = &r->peer[node][TIMELINE_NODES - node];
	struct watch *w = r->data;
	u64 most = kzt_policy_probe_ms(&w->conf) + TASK_MS + 2 * r->t->delay_ms;
	unsigned int i;

	for (i = 0; i < p->n; i++) {
		const struct timeline_path *path = &p->path[i];

		if (r->now >= r->t->dies_ms &&
		    (path_dies(r->t, node, path->socket) ||
		     path_dies(r->t, TIMELINE_NODES - node, path->to_socket)))
			continue;
		if (r->now - path->last_in > most)
			wrong(w, 0, r->now, "a path was silent for too long");
	}
}

static void look_at_probe(struct replay *r, const struct timeline_event *e)
{
	struct timeline_path *path = replay_path(r, e->node, e->to, e->socket,
						 e->to_socket);
	struct watch *w = r->data;
	u32 dead = w->conf.failover_ms, gap = kzt_policy_probe_ms(&w->conf);
	u64 silence;

	w->probes++;
	if (!path) {
		wrong(w, e->line, e->ms, "a probe of what is no path");
		return;
	}
	silence = r->now - path->last_in;
	if (silence < (silence < dead ? gap : dead))
		wrong(w, e->line, e->ms, "a probe too early");
}

static void look_at_report(struct replay *r, const struct timeline_event *e)
{
	struct watch *w = r->data;
	u64 *last = &w->report[e->node][e->socket][e->to_socket];
	unsigned int records = 0;

	w->reports++;
	if (*last && e->ms - *last <= kzt_policy_report_ms(&w->conf))
		wrong(w, e->line, e->ms, "a report too early");
	*last = e->ms;
	if (sscanf(e->args, "records=%u", &records) != 1 ||
	    records > KZT_QOS_MAX_RECORDS ||
	    e->bytes != KZT_HDR_LEN + records * KZT_QOS_RECORD_LEN)
		wrong(w, e->line, e->ms, "a report of another size");
}

static void look_at_line(struct replay *r, const struct timeline_event *e)
{
	struct watch *w = r->data;

	answers_end(w, r->now);
	if (timeline_is(e, "delivered-frame"))
		w->delivered--;
	else if (e->author == e->node && (timeline_is(e, "OK(ECHO)") ||
					  timeline_is(e, "PUSH_DIRECT_PATHS")))
		answered(w, e);
	if (timeline_is(e, "ECHO") && e->bytes != KZT_HDR_LEN)
		wrong(w, e->line, e->ms, "an ECHO of another size");
	if (!w->s->bonds || !is_leaf(e->node) || !is_leaf(e->to))
		return;
	if (timeline_is(e, "FRAME"))
		look_at_silence(r, e->node);
	else if (timeline_is(e, "ECHO") && e->socket != TIMELINE_ALL)
		look_at_probe(r, e);
	else if (timeline_is(e, "QOS_MEASUREMENT"))
		look_at_report(r, e);
}

static void test_answers(const char *dir, const struct script *s)
{
	struct timeline *t = timeline_open(dir, s->file);
	struct watch *w = calloc(1, sizeof(*w));
	struct replay r = {
		.t = t,
		.rule = s->seed ? KZT_LEARN_SPARSE : KZT_LEARN_FULL,
		.arrives = look_at_arrival,
		.sends = look_at_line,
		.data = w,
	};

	if (!w)
		abort();
	w->s = s;
	kzt_policy_conf_init(&w->conf, KZT_POLICY_ACTIVE_BACKUP);
	/* Some transcripts are cut within their last millisecond */
	replay_to(&r, t->e[t->n - 1].ms - 1);
	ok(!w->wrong && !w->delivered && w->answered && w->pushes,
	   "%s: %u of %u ECHOs pass, %u pushes are due, as there", s->file,
	   w->answered, w->answered + w->refused, w->pushes);
	if (w->delivered)
		diag("%d frames more came to their end than were delivered",
		     w->delivered);
	if (s->bonds)
		ok(!w->wrong && w->probes == s->probes && w->reports,
		   "%s: %u probes and %u reports no earlier than here, and no silence longer",
		   s->file, w->probes, w->reports);
	free(w);
	timeline_close(t);
}

/* --- rounds ------------------------------------------------------------------------------- */

/**
 * struct rounds - of a node for a peer
 * @last_full: last one with a HELLO to every path; 0 for never
 * @n: rounds in which the peer was kept
 * @hellos: HELLOs in them
 * @echos: ECHOs in them
 * @asked: paths that are asked here since the peer does not answer
 * @wrong: rounds that disagree
 */
struct rounds {
	u64 last_full;
	unsigned int n, hellos, echos, asked, wrong;
};

static bool round_is_full(const struct script *s, struct rounds *k, u64 now)
{
	/* The seed says HELLO in the first one only, spec 3.8.1; here as of late */
	if (k->last_full && (s->seed || now - k->last_full < KZT_FULL_HELLO_MS))
		return false;
	k->last_full = now;
	return true;
}

/* Verb of what keeps a path, by which versions are: the seed's and a current one */
static bool is_echo(const struct script *s, bool full)
{
	return s->seed ? kzt_contact_is_echo(full, 9, 1, 2, 8) :
			 kzt_contact_is_echo(full, 12, 1, 14, 0);
}

static void look_at_round(struct replay *r, const struct script *s,
			  struct rounds *k, u8 node, u8 peer)
{
	const struct timeline_peer *p = &r->peer[node][peer];
	unsigned int i, hellos = 0, echos = 0;
	bool full = round_is_full(s, k, r->now);

	k->n++;
	for (i = 0; i < p->n; i++) {
		u64 in = r->now - p->path[i].last_in;
		u64 out = r->now - p->path[i].last_out;

		/*
		 * As the reference has it.  Beside that, a path that sends but
		 * hears nothing is asked in each round here.
		 */
		if (kzt_keep_is_due(full, in, 0, out))
			*(is_echo(s, full) ? &echos : &hellos) += 1;
		else if (kzt_keep_is_due(full, in, in, out))
			k->asked++;
	}
	k->hellos += hellos;
	k->echos += echos;
	/* ECHOs of bonds are not told from those of rounds; a root, see below */
	if ((peer != TIMELINE_ROOT &&
	     timeline_count(r->t, r->now, node, peer, "HELLO") != hellos) ||
	    (!s->bonds &&
	     timeline_count(r->t, r->now, node, peer, "ECHO") != echos)) {
		if (k->wrong++ < 5)
			diag("%s, %llu ms, %c: expected %u HELLOs, %u ECHOs",
			     s->file, (unsigned long long)r->now,
			     r->t->node[node].name, hellos, echos);
	}
}

/* Who is idle gets nothing: spec 3.8.3 */
static bool is_kept(const struct replay *r, u8 node, u8 peer)
{
	u64 last = r->peer[node][peer].last_frame;

	return peer == TIMELINE_ROOT || (last && r->now - last < KZT_PEER_ACTIVE_MS);
}

/*
 * The HELLO to a root each 5 s (seed) and the WHOIS in its place (current) are
 * quirks, spec 3.25.8; what keeps its path in the seed, the ECHO, is meant.
 */
static void test_rounds(const char *dir, const struct script *s, u8 node, u8 peer)
{
	struct timeline *t = timeline_open(dir, s->file);
	struct replay r = {
		.t = t,
		.rule = s->seed ? KZT_LEARN_SPARSE : KZT_LEARN_FULL,
	};
	struct rounds k = {
		/* Before there was a path */
		.last_full = peer == TIMELINE_ROOT ? t->node[node].born : 0,
	};
	unsigned int idle = 0;
	u64 ms;

	for (ms = t->node[node].born; ms < t->e[t->n - 1].ms; ms += KZT_ROUND_MS) {
		replay_to(&r, ms);
		if (is_kept(&r, node, peer))
			look_at_round(&r, s, &k, node, peer);
		else
			idle += timeline_count(t, ms, node, peer, "HELLO") +
				timeline_count(t, ms, node, peer, "ECHO");
	}
	ok(!k.wrong && !idle && k.n,
	   "%s: %c sends %c %u HELLOs and %u ECHOs in %u rounds", s->file,
	   t->node[node].name, t->node[peer].name, k.hellos, k.echos, k.n);
	if (t->dies_socket == TIMELINE_ALL && peer != TIMELINE_ROOT &&
	    t->dies_ms != U64_MAX)
		ok(k.asked > 0, "%s: and asks %u times more when it hears nothing",
		   s->file, k.asked);
	timeline_close(t);
}

/* --- silence -------------------------------------------------------------------------------- */

static void test_silence(const char *dir, const struct script *s, u8 node)
{
	struct timeline *t = timeline_open(dir, s->file);
	u64 first = 0, last = 0, most = 0;
	u8 peer = TIMELINE_NODES - node;
	unsigned int i;

	for (i = 0; i < t->n; i++) {
		const struct timeline_event *e = &t->e[i];

		if (e->node != node || e->to != peer)
			continue;
		if (first)
			most = max(most, e->ms - last);
		if (!first && timeline_is(e, "FRAME"))
			first = e->ms;
		last = e->ms;
	}
	/* As long as a path may be silent and yet alive at the other end */
	ok(first && most < KZT_PATH_HEARTBEAT_MS + KZT_ROUND_MS &&
	   KZT_PATH_HEARTBEAT_MS + KZT_ROUND_MS <= KZT_QUALITY_DEAD_MS,
	   "%s: %c is silent for %llu ms at most", s->file, t->node[node].name,
	   (unsigned long long)most);
	timeline_close(t);
}

int main(int argc, char **argv)
{
	static const struct script scripts[] = {
		{ "path-timeline-seed.txt", true, false, 0 },
		{ "path-timeline-seed-random.txt", true, false, 0 },
		{ "path-timeline-current.txt", false, false, 0 },
		{ "path-timeline-active-backup.txt", false, true, 420 },
		{ "path-timeline-broadcast.txt", false, true, 0 },
		{ "path-timeline-balance-rr.txt", false, true, 50 },
		{ "path-timeline-balance-xor.txt", false, true, 369 },
	};
	const char *dir = vectors_dir(argc, argv);
	unsigned int i;
	u8 node;

	for (i = 0; i < ARRAY_SIZE(scripts); i++) {
		test_answers(dir, &scripts[i]);
		for (node = 1; node < TIMELINE_NODES; node++) {
			test_rounds(dir, &scripts[i], node, TIMELINE_NODES - node);
			if (scripts[i].seed)
				test_rounds(dir, &scripts[i], node, TIMELINE_ROOT);
			test_silence(dir, &scripts[i], node);
		}
	}
	return tap_done();
}
