// SPDX-License-Identifier: GPL-2.0
/* The transcripts path-timeline-*.txt; see timeline.h. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "timeline.h"
#include "vec.h"

#define LINE_MAX_BYTES	1024

static void broken(const struct timeline *t, unsigned int line, const char *text)
{
	fprintf(stderr, "%s:%u: what is this? %s\n", t->name, line, text);
	abort();
}

/* --- reading ---------------------------------------------------------------------- */

static u8 node_named(const struct timeline *t, char name)
{
	u8 i;

	for (i = 0; i < TIMELINE_NODES; i++)
		if (t->node[i].name == name)
			return i;
	return TIMELINE_NONE;
}

static bool read_at(const char *text, struct kzt_inetaddr *at)
{
	unsigned int port;
	char ip[64];

	memset(at, 0, sizeof(*at));
	if (sscanf(text, "%63[0-9.]/%u", ip, &port) != 2 ||
	    inet_pton(AF_INET, ip, at->ip) != 1)
		return false;
	at->family = KZT_AF_INET;
	at->port = port;
	return true;
}

/* "# node A = b2588a7c4c s0=45.0.0.1/9993 s1=45.0.1.1/9993" */
static bool read_node(struct timeline *t, const char *text)
{
	unsigned long long address;
	struct timeline_node *node;
	const char *p = text;
	char name;

	if (sscanf(text, "# node %c = %llx", &name, &address) != 2)
		return false;
	for (node = t->node; node->name; node++)
		if (node == &t->node[TIMELINE_NODES - 1])
			return false;
	node->name = name;
	node->address = address;
	while ((p = strstr(p, "=")) && node->n < TIMELINE_SOCKETS) {
		p++;
		if (read_at(p, &node->at[node->n]))
			node->n++;
	}
	return node->n;
}

/* What the script did, where it changes who hears whom */
static void read_comment(struct timeline *t, unsigned int line, const char *text)
{
	unsigned long long ms;
	unsigned int socket;
	const char *delay = strstr(text, "One way delay of every datagram: ");
	char name, word[16];

	if (!strncmp(text, "# node ", 7) && !read_node(t, text))
		broken(t, line, text);
	if (delay)
		t->delay_ms = atoi(strrchr(delay, ':') + 1);
	if (sscanf(text, "# %llu: %c's second socket (s%u)", &ms, &name,
		   &socket) == 3)
		t->dies_socket = socket;
	else if (sscanf(text, "# %llu: %c %15s", &ms, &name, word) == 3 &&
		 !strcmp(word, "vanishes"))
		t->dies_socket = TIMELINE_ALL;
	else
		return;
	t->dies_ms = ms;
	t->dies = node_named(t, name);
}

static void find_remote(const struct timeline *t, const char *text,
			struct timeline_event *e)
{
	struct kzt_inetaddr at;
	u8 i, s;

	e->to = e->to_socket = TIMELINE_NONE;
	if (!read_at(text, &at))
		return;
	for (i = 0; i < TIMELINE_NODES; i++) {
		for (s = 0; s < t->node[i].n; s++) {
			if (!kzt_inetaddr_equal(&t->node[i].at[s], &at))
				continue;
			e->to = i;
			e->to_socket = s;
		}
	}
}

/* " ->B", " relayed A->B", both perhaps behind a word */
static void read_ends(const struct timeline *t, const char *rest,
		      struct timeline_event *e)
{
	const char *arrow = strstr(rest, "->"), *relayed = strstr(rest, "relayed ");

	e->dest = arrow ? node_named(t, arrow[2]) : e->to;
	if (relayed)
		e->author = node_named(t, relayed[8]);
	sscanf(rest, " %159s", e->args);
}

/*
 * "TIME NODE SOCKET REMOTE BYTES VERB ...", "TIME NODE event ONLINE" or
 * "TIME NODE delivered-frame"
 */
static void read_line(struct timeline *t, unsigned int line, char *text)
{
	struct timeline_event *e;
	char socket[20], remote[64];
	unsigned long long ms;
	int used = 0;
	char name;

	t->e = realloc(t->e, (t->n + 1) * sizeof(*t->e));
	if (!t->e)
		abort();
	e = &t->e[t->n++];
	memset(e, 0, sizeof(*e));
	e->line = line;
	if (sscanf(text, "%llu %c %19s%n", &ms, &name, socket, &used) != 3)
		broken(t, line, text);
	e->ms = ms;
	e->node = node_named(t, name);
	e->socket = e->to = e->to_socket = e->dest = TIMELINE_NONE;
	e->author = e->node;
	if (e->node == TIMELINE_NONE || (t->n > 1 && ms < e[-1].ms))
		broken(t, line, text);
	if (!strcmp(socket, "event") || !strcmp(socket, "delivered-frame")) {
		memcpy(e->what, socket, sizeof(e->what));
		return;
	}
	e->socket = !strcmp(socket, "all") ? TIMELINE_ALL : socket[1] - '0';
	text += used;
	if (sscanf(text, " %63s %u %19s%n", remote, &e->bytes, e->what,
		   &used) != 3 ||
	    (e->socket != TIMELINE_ALL && e->socket >= t->node[e->node].n))
		broken(t, line, text);
	find_remote(t, remote, e);
	read_ends(t, text + used, e);
}

/* It counts as run for vectors-ran.sh */
static void count_as_run(const char *dir, const char *name)
{
	struct vec_file *f = vec_open_at(dir, name);

	if (!f || !vec_next_block(f))
		abort();
	vec_ran(f);
	vec_close(f);
}

struct timeline *timeline_open(const char *dir, const char *name)
{
	struct timeline *t = calloc(1, sizeof(*t));
	char text[LINE_MAX_BYTES];
	unsigned int line = 0, i;
	FILE *in;

	count_as_run(dir, name);
	snprintf(text, sizeof(text), "%s/%s", dir, name);
	in = fopen(text, "r");
	if (!in || !t)
		abort();
	t->name = name;
	t->dies_ms = U64_MAX;
	while (fgets(text, sizeof(text), in)) {
		line++;
		text[strcspn(text, "\n")] = '\0';
		if (*text == '#')
			read_comment(t, line, text);
		else
			read_line(t, line, text);
	}
	fclose(in);
	for (i = t->n; i--;)
		t->node[t->e[i].node].born = t->e[i].ms;
	if (!t->n || !t->delay_ms || t->node[TIMELINE_NODES - 1].n == 0)
		broken(t, line, "too little");
	return t;
}

void timeline_close(struct timeline *t)
{
	free(t->e);
	free(t);
}

unsigned int timeline_count(const struct timeline *t, u64 ms, u8 node, u8 dest,
			    const char *what)
{
	unsigned int i, n = 0;

	for (i = 0; i < t->n && t->e[i].ms <= ms; i++)
		n += t->e[i].ms == ms && t->e[i].node == node &&
		     t->e[i].author == node && t->e[i].dest == dest &&
		     timeline_is(&t->e[i], what);
	return n;
}

/* --- playing ------------------------------------------------------------------------- */

struct timeline_path *replay_path(struct replay *r, u8 node, u8 peer, u8 socket,
				  u8 to_socket)
{
	struct timeline_peer *p = &r->peer[node][peer];
	unsigned int i;

	for (i = 0; i < p->n; i++)
		if (p->path[i].socket == socket && p->path[i].to_socket == to_socket)
			return &p->path[i];
	return NULL;
}

static bool is_dead(const struct timeline *t, u64 ms, u8 node, u8 socket)
{
	return ms >= t->dies_ms && node == t->dies &&
	       (t->dies_socket == TIMELINE_ALL || t->dies_socket == socket);
}

/* Spec 3.5: only an answer makes a path */
static struct timeline_path *learn(struct replay *r, u8 node, u8 peer, u8 socket,
				   u8 to_socket)
{
	const struct kzt_inetaddr *at = r->t->node[peer].at;
	struct timeline_peer *p = &r->peer[node][peer];
	struct kzt_learn_slot slot[TIMELINE_PATHS];
	unsigned int i;
	int where;

	for (i = 0; i < p->n; i++) {
		const struct kzt_inetaddr *other = &at[p->path[i].to_socket];

		slot[i] = (struct kzt_learn_slot) {
			.alive = r->now - p->path[i].last_in < 19000,
			.same_socket = p->path[i].socket == socket,
			.same_family = true,
			.same_ip = kzt_inetaddr_same_ip(other, &at[to_socket]),
			.same_net = kzt_inetaddr_same_net(other, &at[to_socket]),
			.age_ms = r->now - p->path[i].last_in,
		};
	}
	where = kzt_learn_judge(r->rule, slot, p->n, TIMELINE_PATHS, false);
	if (where < 0)
		return NULL;
	if ((unsigned int)where == p->n)
		p->n++;
	p->path[where] = (struct timeline_path) {
		.socket = socket,
		.to_socket = to_socket,
		.learned = r->now,
	};
	return &p->path[where];
}

static void arrive(struct replay *r, const struct timeline_event *e, u8 socket)
{
	struct timeline_path *path = NULL;

	if (is_dead(r->t, e->ms, e->node, socket) ||
	    is_dead(r->t, e->ms, e->to, e->to_socket))
		return;
	path = replay_path(r, e->to, e->node, e->to_socket, socket);
	if (e->author == e->node && !path && !strncmp(e->what, "OK(", 3))
		path = learn(r, e->to, e->node, e->to_socket, socket);
	if (e->author == e->node && path)
		path->last_in = r->now;
	if (e->dest == e->to && timeline_is(e, "FRAME"))
		r->peer[e->to][e->author].last_frame = r->now;
	if (r->arrives)
		r->arrives(r, e, socket, path);
}

static void hear(struct replay *r, const struct timeline_event *e)
{
	u8 s;

	if (e->to == TIMELINE_NONE)
		return;
	for (s = 0; s < r->t->node[e->node].n; s++)
		if (e->socket == TIMELINE_ALL || e->socket == s)
			arrive(r, e, s);
}

/*
 * A HELLO to a root's address counts as nothing sent (spec 3.7.1); that to a path
 * of a round does, and in rounds alone is one sent to a leaf that has a path.
 */
static void count_out(struct replay *r, const struct timeline_event *e)
{
	struct timeline_peer *p;
	unsigned int i;

	if (e->to == TIMELINE_NONE ||
	    (timeline_is(e, "HELLO") && e->to == TIMELINE_ROOT))
		return;
	p = &r->peer[e->node][e->to];
	for (i = 0; i < p->n; i++)
		if ((e->socket == TIMELINE_ALL || e->socket == p->path[i].socket) &&
		    e->to_socket == p->path[i].to_socket)
			p->path[i].last_out = e->ms;
}

void replay_to(struct replay *r, u64 ms)
{
	const struct timeline *t = r->t;
	const struct timeline_event *e;
	u64 arrival;

	for (;;) {
		arrival = r->heard < r->sent ? t->e[r->heard].ms + t->delay_ms :
					       U64_MAX;
		e = r->sent < t->n ? &t->e[r->sent] : NULL;
		if (arrival <= ms && (!e || arrival <= e->ms)) {
			r->now = arrival;
			hear(r, &t->e[r->heard++]);
		} else if (e && e->ms < ms) {
			r->now = e->ms;
			r->sent++;
			if (r->sends)
				r->sends(r, e);
			count_out(r, e);
		} else {
			break;
		}
	}
	r->now = ms;
}
