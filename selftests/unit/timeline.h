/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The transcripts path-timeline-*.txt: every datagram that three nodes of the
 * reference sent, in virtual time (spec 3, 3.24).  Here they are read, and played
 * again: who heard what, and which paths were learned from it, is worked out from
 * the lines; what the nodes decided is left to the tests.
 */
#ifndef KZT_UNIT_TIMELINE_H
#define KZT_UNIT_TIMELINE_H

#include "env.h"
#include "address.h"
#include "learn.h"

#define TIMELINE_NODES		3
#define TIMELINE_SOCKETS	2
#define TIMELINE_PATHS		(TIMELINE_SOCKETS * TIMELINE_SOCKETS)
#define TIMELINE_NONE		0xff	/* nobody; no socket */
#define TIMELINE_ALL		0xfe	/* every socket */
#define TIMELINE_ROOT		0	/* the first node of each file */

/**
 * struct timeline_node - a node of a transcript
 * @name: letter
 * @address: its address
 * @n: how many sockets it has
 * @at: where they are
 * @born: when it began; its rounds come every 5 s from then on
 */
struct timeline_node {
	char name;
	u64 address;
	u8 n;
	struct kzt_inetaddr at[TIMELINE_SOCKETS];
	u64 born;
};

/**
 * struct timeline_event - a line
 * @line: its number
 * @ms: time
 * @node: whose
 * @socket: it leaves by, or TIMELINE_ALL; TIMELINE_NONE: not a datagram
 * @to: who is at the remote address, or TIMELINE_NONE
 * @to_socket: at which of its sockets
 * @author: who made the packet; another than @node if that relays it
 * @dest: whom it is for
 * @bytes: of the datagram
 * @what: verb, or what else happened
 * @args: what is told beside it
 */
struct timeline_event {
	unsigned int line;
	u64 ms;
	u8 node;
	u8 socket;
	u8 to;
	u8 to_socket;
	u8 author;
	u8 dest;
	unsigned int bytes;
	char what[20];
	char args[160];
};

/**
 * struct timeline - a transcript
 * @name: of the file
 * @node: nodes
 * @e: lines
 * @n: how many
 * @delay_ms: of each datagram
 * @dies_ms: when something dies; U64_MAX for never
 * @dies: whose
 * @dies_socket: which socket, or TIMELINE_ALL
 */
struct timeline {
	const char *name;
	struct timeline_node node[TIMELINE_NODES];
	struct timeline_event *e;
	unsigned int n;
	u64 delay_ms;
	u64 dies_ms;
	u8 dies;
	u8 dies_socket;
};

/* Aborts if there is no such file, or it is none. */
struct timeline *timeline_open(const char *dir, const char *name);
void timeline_close(struct timeline *t);

static inline bool timeline_is(const struct timeline_event *e, const char *what)
{
	return !strcmp(e->what, what);
}

/* How many lines of the node at that time are for a node, with that verb? */
unsigned int timeline_count(const struct timeline *t, u64 ms, u8 node, u8 dest,
			    const char *what);

/**
 * struct timeline_path - a path that a node has learned
 * @socket: its own
 * @to_socket: the peer's
 * @learned: when
 * @last_in: when something came by it
 * @last_out: when something was sent by it, as spec 3.3 counts
 * @echo: of the gate of ECHO
 */
struct timeline_path {
	u8 socket;
	u8 to_socket;
	u64 learned;
	u64 last_in;
	u64 last_out;
	u64 echo;
};

/**
 * struct timeline_peer - what a node knows of another
 * @path: paths, in the order of the slots
 * @n: how many
 * @last_frame: when a frame of it came; 0 for never
 * @last_push: when it was told of own addresses; 0 for never
 */
struct timeline_peer {
	struct timeline_path path[TIMELINE_PATHS];
	unsigned int n;
	u64 last_frame;
	u64 last_push;
};

/**
 * struct replay - a transcript that is played
 * @t: which
 * @rule: how paths are learned
 * @peer: by the node that knows, and the one that is known
 * @now: time
 * @heard: lines whose datagrams have arrived
 * @sent: lines that were reached
 * @arrives: if set, called for each datagram that arrives; @socket is the
 *	sender's, @path is NULL while it is none
 * @sends: if set, called for each line
 * @data: the test's
 */
struct replay {
	const struct timeline *t;
	enum kzt_learn_rule rule;
	struct timeline_peer peer[TIMELINE_NODES][TIMELINE_NODES];
	u64 now;
	unsigned int heard, sent;
	void (*arrives)(struct replay *r, const struct timeline_event *e, u8 socket,
			struct timeline_path *path);
	void (*sends)(struct replay *r, const struct timeline_event *e);
	void *data;
};

/* Up to the datagrams that arrive at @ms; what is sent then is yet to come. */
void replay_to(struct replay *r, u64 ms);
struct timeline_path *replay_path(struct replay *r, u8 node, u8 peer, u8 socket,
				  u8 to_socket);

#endif /* KZT_UNIT_TIMELINE_H */
