/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The controller: what its parts share.
 *
 * One thread owns the database, signs and decides.  Members' requests, calls of
 * the API and finished packets pass between it and the agent's event loop through
 * bounded queues, so that a slow disk or a server far away holds up nobody else.
 */
#ifndef KZT_CONTROLLER_H
#define KZT_CONTROLLER_H

#include "agent.h"
#include "controller_config.h"
#include "controller_db.h"
#include <pthread.h>

#define CONTROLLER_REQUESTS_MAX 1024	/* of members, waiting */
#define CONTROLLER_PACKETS_BYTES (16 << 20)	/* to members, waiting */
#define CONTROLLER_META_MAX 1023
#define CONTROLLER_ONLINE_MS 120000
#define CONTROLLER_GAP_MS 1000	/* requests of a member, credentials to it */

/**
 * struct controller_request - NETWORK_CONFIG_REQUEST, from the loop to the thread
 * @says_held: the member says what it holds, in @held_ms
 * @held_ms: timestamp of its configuration, of this controller's clock; 0: it has none
 */
struct controller_request {
	struct controller_request *next;
	uint64_t from, packet_id, nwid;
	bool says_held;
	uint64_t held_ms;
	uint8_t identity[KZT_ID_BINARY_LEN];
	size_t meta_len;
	uint8_t meta[CONTROLLER_META_MAX];
};

enum controller_method { METHOD_GET, METHOD_POST, METHOD_DELETE };

/**
 * struct controller_call - a call of the API, there and back
 * @path: "/controller/network/..."
 * @body: what was posted, NULL for nothing
 * @status: of HTTP
 * @reply: NULL for none
 * @text: instead, if it is not JSON; NULL for none
 * @gone: nobody waits for it any more; of the loop
 * @cookie: whose it is; of the loop
 */
struct controller_call {
	struct controller_call *next;
	enum controller_method method;
	char *path;
	json_t *body;
	int status;
	json_t *reply;
	char *text;
	bool gone;
	void *cookie;
};

struct controller_packet {
	struct controller_packet *next;
	uint64_t address;
	uint8_t verb;
	size_t len;
	uint8_t data[];
};

/* What an online member is owed */
#define DUE_CONFIG 1
#define DUE_REVOCATIONS 2

/**
 * struct controller_online - a member that asked lately
 * @hash: next in the bucket
 * @newer, @older: by the time of its last request
 * @due_next: in the list of those that are owed something
 * @due: DUE_*
 * @queued: in that list
 * @asked_ms: monotonic
 * @creds_ms: when it was last sent credentials; monotonic
 * @revoked_ms, @revoked_address: the last revocation that was sent, in the order of
 *	time (wall clock) and address
 * @version: major, minor, revision, protocol, as it said
 * @rules_rev: its rules engine; 0: none
 * @configured: it got a configuration
 */
struct controller_online {
	struct controller_online *hash, *newer, *older, *due_next;
	uint64_t nwid, address;
	uint64_t asked_ms, creds_ms, revoked_ms, revoked_address;
	uint8_t identity[KZT_ID_BINARY_LEN];
	uint16_t version[4];
	uint8_t rules_rev, due;
	bool queued, configured;
};

#define ONLINE_BUCKETS 4096
#define ONLINE_MAX 65536

struct controller_table {
	struct controller_online *bucket[ONLINE_BUCKETS];
	struct controller_online *newest, *oldest, *due_first, **due_last;
	unsigned int n;
};

struct controller_stats {
	_Atomic unsigned long requests, dropped, configs, pushes, refused, revocations,
			      lost;
};

/**
 * struct controller - all of it
 * @lock: of the queues and of @stop
 * @wake: tells the thread
 * @source: tells the loop
 * @calls, @done: the API's, in and out
 * @id: with the secret; constant
 * @db and below: of the thread alone
 * @in_flight: of the loop: calls that the thread has
 */
struct controller {
	struct agent *agent;
	pthread_mutex_t lock;
	pthread_t thread;
	bool running, stop;
	int wake;
	struct agent_source source;
	struct controller_request *requests, **requests_last;
	unsigned int n_requests;
	struct controller_call *calls, **calls_last, *done, **done_last;
	struct controller_packet *packets, **packets_last;
	size_t packets_bytes;
	struct controller_stats stats;
	void (*on_done)(struct controller *c, struct controller_call *call);

	struct kzt_id id;
	char *where;
	struct controller_db db;
	bool ready;
	uint64_t open_ms;
	struct controller_maker *maker;
	struct controller_table online;
};

/* --- controller.c: the thread and its queues --- */

int controller_start(struct controller *c, struct agent *a, const struct kzt_id *id,
		     const char *where);
void controller_stop(struct controller *c);
/* From the loop; take what they are given */
void controller_ask(struct controller *c, struct controller_request *rq);
void controller_call(struct controller *c, struct controller_call *call);
void controller_call_free(struct controller_call *call);
/* From the thread */
void controller_send(struct controller *c, uint64_t address, uint8_t verb,
		     const void *data, size_t len);
bool controller_has_room(struct controller *c);
uint64_t controller_clock_ms(void);

/* --- controller_online.c --- */

struct controller_online *controller_online_find(struct controller_table *t,
						 uint64_t nwid, uint64_t address);
/* Note a request; NULL if the last one was just now, or without memory */
struct controller_online *controller_online_ask(struct controller_table *t,
						uint64_t nwid, uint64_t address,
						uint64_t now_ms);
/* Owe something to a member, or (0) to all of a network, or (0, 0) to all */
void controller_online_owe(struct controller_table *t, uint64_t nwid,
			   uint64_t address, uint8_t due, uint64_t now_ms);
struct controller_online *controller_online_due(struct controller_table *t);
void controller_online_later(struct controller_table *t, struct controller_online *o);
void controller_online_free(struct controller_table *t);

/* --- controller_request.c --- */

void controller_request(struct controller *c, const struct controller_request *rq);
/* Pay what is owed, as far as there is room; true if something is left */
bool controller_pay(struct controller *c);
void controller_on_change(void *arg, const struct controller_change *change);

/* --- controller_api.c --- */

void controller_api(struct controller *c, struct controller_call *call);

#endif /* KZT_CONTROLLER_H */
