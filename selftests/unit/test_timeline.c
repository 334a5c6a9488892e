// SPDX-License-Identifier: GPL-2.0
/*
 * The policies over what the reference's nodes went through: its transcripts are
 * played again, and whatever was sent to a peer must leave by the path that the
 * policy here takes with the same knowledge (spec 3, 3.9.1, 3.20, 3.11.2).
 * Where the reference has a quirk, what is meant is expected instead; the
 * functions below say so.
 *
 * usage: test_timeline [VECTORS-DIRECTORY]
 */
#include "test_policy.h"
#include "timeline.h"

#define START		10000000ULL	/* of the nodes' clocks, see util.h */
#define BEGIN_MS	10000ULL	/* the script's frames begin */
#define FRAME_MS	500
#define FLOWS		4		/* that they belong to, in turn */

/**
 * struct script - a transcript
 * @file: its name
 * @mode: policy of A and B for each other
 * @rule: by which its nodes learn paths
 * @first_link: balance policies of the reference number the paths of a node link
 *	by link, in an order that is arbitrary (spec 3.20.5): here, the link that
 *	is the first at A and at B
 * @choices: lines that a choice of path is seen in
 */
struct script {
	const char *file;
	u8 mode;
	enum kzt_learn_rule rule;
	u8 first_link[TIMELINE_NODES];
	unsigned int choices;
};

/**
 * struct chooser - a node's choice among the paths to a peer
 * @conf: policy
 * @st: its memory
 * @plan: its last decision
 * @path: the paths, in the order of the plan's legs
 * @bonded: the policy is in force
 * @begun: since when
 */
struct chooser {
	struct kzt_policy_conf conf;
	struct kzt_policy_state st;
	struct kzt_policy_plan plan;
	const struct timeline_path *path[TIMELINE_PATHS];
	bool bonded;
	u64 begun;
};

/**
 * struct judge - what the choices are compared with
 * @s: script
 * @by: of each node for each other
 * @number: of each flow, modulo the legs: seen when it first leaves
 * @numbered: it was
 * @home: leg that each flow began with, by node
 * @moved: leg that it was given when it lost that one, by node
 * @copies: legs that a copy is still to leave by, by node
 * @copied: since when, by node
 * @choices: lines looked at
 * @moves: flows that lost their leg
 * @same: of those, which went where the reference sent them
 * @wrong: lines that disagree
 */
struct judge {
	const struct script *s;
	struct chooser by[TIMELINE_NODES][TIMELINE_NODES];
	u8 number[FLOWS];
	bool numbered[FLOWS];
	u8 home[TIMELINE_NODES][FLOWS];
	u8 moved[TIMELINE_NODES][FLOWS];
	u32 copies[TIMELINE_NODES];
	u64 copied[TIMELINE_NODES];
	unsigned int choices, moves, same, wrong;
};

/* --- the policy's view ---------------------------------------------------------------- */

/* Before which of two paths does the reference put the other? */
static bool path_is_later(const struct judge *j, const struct chooser *c, u8 node,
			  const struct timeline_path *a,
			  const struct timeline_path *b)
{
	u8 first = j->s->first_link[node];

	return c->bonded && a->socket != first && b->socket == first &&
	       (j->s->mode == KZT_POLICY_BALANCE_RR ||
		j->s->mode == KZT_POLICY_BALANCE_XOR);
}

static void order_paths(const struct judge *j, struct replay *r, u8 node, u8 peer,
			struct chooser *c)
{
	const struct timeline_peer *p = &r->peer[node][peer];
	unsigned int i, k;

	for (i = 0; i < p->n; i++) {
		for (k = i; k && path_is_later(j, c, node, c->path[k - 1],
					       &p->path[i]); k--)
			c->path[k] = c->path[k - 1];
		c->path[k] = &p->path[i];
	}
}

static struct kzt_policy_sample sample_of(struct replay *r, u8 peer,
					  const struct timeline_path *path)
{
	u64 age = r->now - path->last_in;

	return (struct kzt_policy_sample) {
		.id = path->socket * TIMELINE_SOCKETS + path->to_socket,
		.ifindex = path->socket + 1,
		.scope = kzt_inetaddr_scope(&r->t->node[peer].at[path->to_socket]),
		.priority = 1,
		.age_ms = age,
		.expired = age >= KZT_PATH_EXPIRE_MS,
		/* All are alike: every datagram takes as long */
		.rtt_us = 2000 * r->t->delay_ms,
	};
}

/*
 * Bonds are made in the rounds (spec 3.20.3), with all paths that there are.  Both
 * have the first plan at once, but active-backup: the reference chooses its first
 * active path in the background task that comes next (3.20.11).
 */
static bool bond_begins(const struct judge *j, struct replay *r, u8 node, u8 peer,
			u64 *begun)
{
	u64 age = r->now - r->t->node[node].born, round = r->now - age % KZT_ROUND_MS;
	const struct timeline_peer *p = &r->peer[node][peer];

	*begun = round;
	return node != TIMELINE_ROOT && peer != TIMELINE_ROOT && p->n &&
	       p->path[0].learned < round &&
	       (j->s->mode != KZT_POLICY_ACTIVE_BACKUP || r->now > round);
}

static struct chooser *choose(struct judge *j, struct replay *r, u8 node, u8 peer)
{
	struct kzt_policy_sample s[TIMELINE_PATHS];
	struct chooser *c = &j->by[node][peer];
	unsigned int i, n = r->peer[node][peer].n;

	if (!c->bonded && bond_begins(j, r, node, peer, &c->begun)) {
		c->bonded = true;
		memset(&c->st, 0, sizeof(c->st));
	}
	kzt_policy_conf_init(&c->conf, c->bonded ? j->s->mode : KZT_POLICY_NONE);
	order_paths(j, r, node, peer, c);
	for (i = 0; i < n; i++)
		s[i] = sample_of(r, peer, c->path[i]);
	kzt_policy_plan(&c->conf, s, n, &c->st, START + r->now, &c->plan);
	return c;
}

/* --- frames ----------------------------------------------------------------------------- */

static u8 leg_of_line(const struct chooser *c, const struct timeline_event *e)
{
	u8 i;

	for (i = 0; i < c->plan.n; i++)
		if (c->path[i]->socket == e->socket &&
		    c->path[i]->to_socket == e->to_socket)
			return i;
	return KZT_LEG_NONE;
}

/* Its number among the frames of its node, which send at the same times */
static unsigned int frame_number(const struct replay *r)
{
	return (r->now - BEGIN_MS) / FRAME_MS;
}

/*
 * balance-rr: the reference begins with the second path, since it moves on when
 * the bond is built (spec 3.20.7); meant is a run on each path, from the first.
 */
static u8 turn_leg(const struct chooser *c, const struct replay *r)
{
	u32 count = (r->now - c->begun) / FRAME_MS;

	return kzt_plan_leg(&c->plan, 0, count + c->plan.run, 0);
}

/*
 * balance-xor: what tells the flows apart, modulo the paths, is seen when they
 * first leave, and must do for the other node, too.  When its path dies a flow is
 * assigned again; that goes by number modulo what is left in the reference, and
 * here to whichever has too few, so that the shares stay equal: it must move with
 * the same frame, to a path that lives, and stay there.
 */
static u8 flow_leg(struct judge *j, const struct chooser *c,
		   const struct timeline_event *e, u8 seen, const struct replay *r)
{
	unsigned int flow = frame_number(r) % FLOWS;
	u8 *home = &j->home[e->node][flow], *moved = &j->moved[e->node][flow], leg;

	if (!j->numbered[flow]) {
		j->numbered[flow] = true;
		j->number[flow] = seen;
	}
	leg = kzt_plan_leg(&c->plan, j->number[flow], 0, 0);
	if (*home == KZT_LEG_NONE)
		*home = leg;
	if (c->plan.used & BIT(*home) || seen == *home || leg == *home)
		return leg;
	if (*moved == KZT_LEG_NONE) {
		*moved = leg;
		j->moves++;
		j->same += seen == leg;
	}
	return leg == *moved && c->plan.used & BIT(leg) ? seen : KZT_LEG_NONE;
}

/* broadcast: each path that lives has one copy; the order does not matter */
static u8 copy_leg(struct judge *j, const struct chooser *c,
		   const struct timeline_event *e, u8 seen)
{
	u32 *left = &j->copies[e->node];

	if (j->copied[e->node] != e->ms) {
		j->wrong += *left != 0;
		j->copied[e->node] = e->ms;
		*left = c->plan.copies;
	}
	if (seen == KZT_LEG_NONE || !(*left & BIT(seen)))
		return KZT_LEG_NONE;
	*left &= ~BIT(seen);
	return seen;
}

static u8 leg_wanted(struct judge *j, const struct chooser *c,
		     const struct timeline_event *e, u8 seen, const struct replay *r)
{
	/* What shares out frames lets the rest go by the best path */
	if (c->bonded && timeline_is(e, "FRAME")) {
		switch (j->s->mode) {
		case KZT_POLICY_BALANCE_RR:
			return turn_leg(c, r);
		case KZT_POLICY_BALANCE_XOR:
			return flow_leg(j, c, e, seen, r);
		case KZT_POLICY_BROADCAST:
			return copy_leg(j, c, e, seen);
		}
	}
	/* A root is spoken to by an expired path rather than not at all: 3.16.3 */
	return c->plan.active != KZT_LEG_NONE ? c->plan.active : c->plan.last;
}

/* --- introductions ------------------------------------------------------------------------ */

static void meet_ends(struct replay *r, u8 peer, struct kzt_meet_best *best)
{
	const struct timeline_peer *p = &r->peer[TIMELINE_ROOT][peer];
	unsigned int i;

	for (i = 0; i < p->n; i++) {
		struct kzt_meet_end end = {
			.at = r->t->node[peer].at[p->path[i].to_socket],
			.priority = 1,
		};

		end.quality = kzt_quality_number(r->now - p->path[i].last_in,
						 2000 * r->t->delay_ms,
						 kzt_inetaddr_scope(&end.at));
		kzt_meet_add(best, &end);
	}
}

/* "00", address, port, length, address: where each is told that the other is */
static bool meet_is_right(struct replay *r, const struct timeline_event *e)
{
	u8 other = TIMELINE_NODES - e->dest, body[32];
	struct kzt_meet_best best[2] = {};
	const struct kzt_meet_end *at[2];
	size_t len;

	meet_ends(r, e->dest, &best[0]);
	meet_ends(r, other, &best[1]);
	return kzt_meet_choose(&best[0], &best[1], &at[0], &at[1]) &&
	       vec_unhex(e->args, body, sizeof(body), &len) && len == 13 &&
	       get_unaligned_be64(body) >> 16 == r->t->node[other].address &&
	       get_unaligned_be16(body + 6) == at[1]->at.port && body[8] == 4 &&
	       !memcmp(body + 9, at[1]->at.ip, 4);
}

/* --- the comparison ------------------------------------------------------------------------- */

static bool is_choice(const struct timeline_event *e)
{
	return e->to != TIMELINE_NONE &&
	       (timeline_is(e, "FRAME") || timeline_is(e, "WHOIS") ||
		timeline_is(e, "USER_MESSAGE") || timeline_is(e, "RENDEZVOUS") ||
		e->author != e->node);
}

static void complain(struct judge *j, const struct timeline_event *e,
		     const struct chooser *c, u8 want)
{
	if (j->wrong++ > 3)
		return;
	diag("%s:%u: %s by s%u to s%u", j->s->file, e->line, e->what, e->socket,
	     e->to_socket);
	if (want == KZT_LEG_NONE)
		diag("expected no such thing");
	else
		diag("expected by s%u to s%u", c->path[want]->socket,
		     c->path[want]->to_socket);
}

static void compare(struct replay *r, const struct timeline_event *e)
{
	struct judge *j = r->data;
	struct chooser *c;
	u8 seen, want;

	if (!is_choice(e))
		return;
	/* A relay is for whom no path leads to */
	if (e->to != e->dest && e->node != TIMELINE_ROOT &&
	    choose(j, r, e->node, e->dest)->plan.active != KZT_LEG_NONE)
		complain(j, e, &j->by[e->node][e->dest], KZT_LEG_NONE);
	c = choose(j, r, e->node, e->to);
	seen = leg_of_line(c, e);
	want = leg_wanted(j, c, e, seen, r);
	if (want == KZT_LEG_NONE || seen != want)
		complain(j, e, c, want);
	if (timeline_is(e, "RENDEZVOUS") && !meet_is_right(r, e))
		complain(j, e, c, KZT_LEG_NONE);
	j->choices++;
}

/* The paths learned are those that the reference used, and it used all of them */
static bool paths_are_used(struct replay *r)
{
	const struct timeline *t = r->t;
	u32 used[TIMELINE_NODES] = {}, have[TIMELINE_NODES] = {};
	unsigned int i;
	u8 node;

	for (i = 0; i < t->n; i++) {
		const struct timeline_event *e = &t->e[i];

		if (e->to == TIMELINE_ROOT || e->to == TIMELINE_NONE ||
		    e->node == TIMELINE_ROOT || e->socket == TIMELINE_ALL ||
		    !(timeline_is(e, "FRAME") || timeline_is(e, "ECHO") ||
		      timeline_is(e, "QOS_MEASUREMENT")))
			continue;
		used[e->node] |= BIT(e->socket * TIMELINE_SOCKETS + e->to_socket);
	}
	for (node = 1; node < TIMELINE_NODES; node++) {
		const struct timeline_peer *p = &r->peer[node][TIMELINE_NODES - node];

		for (i = 0; i < p->n; i++)
			have[node] |= BIT(p->path[i].socket * TIMELINE_SOCKETS +
					  p->path[i].to_socket);
	}
	return used[1] && used[1] == have[1] && used[2] == have[2];
}

static void run(const char *dir, const struct script *s)
{
	struct timeline *t = timeline_open(dir, s->file);
	struct judge *j = calloc(1, sizeof(*j));
	struct replay r = {
		.t = t,
		.rule = s->rule,
		.sends = compare,
		.data = j,
	};

	if (!j)
		abort();
	j->s = s;
	memset(j->home, KZT_LEG_NONE, sizeof(j->home));
	memset(j->moved, KZT_LEG_NONE, sizeof(j->moved));
	replay_to(&r, t->e[t->n - 1].ms + 1);
	ok(!j->wrong && j->choices == s->choices,
	   "%s: %u packets leave by the path that is chosen here", s->file,
	   s->choices);
	if (j->choices != s->choices)
		diag("found %u", j->choices);
	if (s->mode == KZT_POLICY_BALANCE_XOR)
		ok(j->moves == 4, "%s: 4 flows move when their path dies, %u as in the reference",
		   s->file, j->same);
	ok(paths_are_used(&r), "%s: paths are learned as there", s->file);
	free(j);
	timeline_close(t);
}

int main(int argc, char **argv)
{
	static const struct script scripts[] = {
		{ "path-timeline-seed.txt", KZT_POLICY_NONE, KZT_LEARN_SPARSE,
		  {}, 20 },
		{ "path-timeline-seed-random.txt", KZT_POLICY_RANDOM,
		  KZT_LEARN_SPARSE, {}, 154 },
		{ "path-timeline-current.txt", KZT_POLICY_NONE, KZT_LEARN_FULL,
		  {}, 288 },
		{ "path-timeline-active-backup.txt", KZT_POLICY_ACTIVE_BACKUP,
		  KZT_LEARN_FULL, {}, 318 },
		{ "path-timeline-broadcast.txt", KZT_POLICY_BROADCAST,
		  KZT_LEARN_FULL, {}, 107 },
		{ "path-timeline-balance-rr.txt", KZT_POLICY_BALANCE_RR,
		  KZT_LEARN_FULL, { 0, 0, 1 }, 109 },
		{ "path-timeline-balance-xor.txt", KZT_POLICY_BALANCE_XOR,
		  KZT_LEARN_FULL, { 0, 0, 1 }, 318 },
	};
	const char *dir = vectors_dir(argc, argv);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(scripts); i++)
		run(dir, &scripts[i]);
	return tap_done();
}
