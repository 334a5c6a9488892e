/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pure decisions about paths: which slot a new one takes, which endpoints two
 * peers are told of each other (spec 3, 3.5 and 3.11).
 */
#ifndef KZT_LEARN_H
#define KZT_LEARN_H

#include "env.h"
#include "address.h"

enum kzt_learn_rule {
	KZT_LEARN_FULL,		/* current: every local side with every remote */
	KZT_LEARN_SPARSE,	/* seed and 1.2: no redundant ones */
};

/**
 * struct kzt_learn_slot - a path of the peer, compared with the new one
 * @alive: heard lately
 * @same_socket: the same local side
 * @same_family: IPv4 both, or IPv6
 * @same_ip: the same remote address, whatever the port
 * @same_net: the same remote IPv4 address or IPv6 /64
 * @age_ms: since it was heard
 * @quality: lower is better (spec 3.3)
 */
struct kzt_learn_slot {
	bool alive;
	bool same_socket;
	bool same_family;
	bool same_ip;
	bool same_net;
	u32 age_ms;
	u64 quality;
};

/* What kzt_learn_judge() says beside a slot */
#define KZT_LEARN_KNOWN		-1	/* one there is takes its place */
#define KZT_LEARN_FULL_TABLE	-2	/* none may give way */

int kzt_learn_judge(enum kzt_learn_rule rule, const struct kzt_learn_slot *slot,
		    unsigned int n, unsigned int max, bool bonded);

/**
 * struct kzt_meet_end - a path of one of two peers that are introduced
 * @at: remote address
 * @quality: lower is better
 * @priority: 1 unless raised by redirection
 * @path: which it is, for the caller
 */
struct kzt_meet_end {
	struct kzt_inetaddr at;
	u64 quality;
	u32 priority;
	u32 path;
};

/**
 * struct kzt_meet_best - the best path of a peer in each scope and family
 * @end: it, its quality divided by its priority; port 0: none
 */
struct kzt_meet_best {
	struct kzt_meet_end end[KZT_SCOPES][2];
};

void kzt_meet_add(struct kzt_meet_best *best, const struct kzt_meet_end *end);
bool kzt_meet_choose(const struct kzt_meet_best *a,
		     const struct kzt_meet_best *b,
		     const struct kzt_meet_end **end_a,
		     const struct kzt_meet_end **end_b);

/**
 * struct kzt_relay_best - the best of the upstreams that were looked at
 * @address: its; 0: none yet
 * @quality: lower is better
 */
struct kzt_relay_best {
	u64 address;
	u64 quality;
};

#define KZT_RELAY_NONE	((struct kzt_relay_best){ 0, U64_MAX })

bool kzt_relay_add(struct kzt_relay_best *best, u64 address, u64 since_ms,
		   u32 latency_us);

bool kzt_contact_is_echo(bool full, unsigned int proto, unsigned int major,
			 unsigned int minor, unsigned int rev);
bool kzt_echo_is_spaced(unsigned int major, unsigned int minor,
			unsigned int rev);

#define KZT_PATH_HEARTBEAT_MS	14000	/* spec 3.3 */
#define KZT_PATH_EXPIRE_MS	243000	/* spec 3.4: 4 * 60000 + 3000 */
#define KZT_ROUND_MS		5000	/* spec 3.8.3 */
#define KZT_FULL_HELLO_MS	60000	/* spec 3.8.1 */
#define KZT_PEER_ACTIVE_MS	500000	/* spec 3.4 */
#define KZT_TRUST_MS		600000	/* spec 3.3, 3.4 */
#define KZT_PUSH_DIRECT_MS	120000	/* spec 3.6.1 */
#define KZT_PUSH_RELAYED_MS	15000

/**
 * kzt_keep_is_due() - is a path to be probed in this round
 * @full: the round is one of a HELLO to every path
 * @lr_ms: since the last authentic packet over it
 * @in_ms: since the last datagram over it
 * @out_ms: since something was sent over it
 *
 * Implements: spec 3, 3.8.1 step 3; beside that, one that only sends is asked
 * whether it still leads anywhere.
 * Return: true if so.
 */
static inline bool kzt_keep_is_due(bool full, u64 lr_ms, u64 in_ms, u64 out_ms)
{
	return lr_ms < KZT_PATH_EXPIRE_MS &&
	       (full || out_ms >= KZT_PATH_HEARTBEAT_MS ||
		in_ms >= KZT_PATH_HEARTBEAT_MS);
}

/**
 * kzt_push_is_due() - is a peer to be told where this node is
 * @trust_ms: since a packet showed that it is a fellow member
 * @push_ms: since it was told last
 * @relayed: its packet came by a relay
 *
 * Implements: spec 3, 3.6.1.
 * Return: true if so.
 */
static inline bool kzt_push_is_due(u64 trust_ms, u64 push_ms, bool relayed)
{
	return trust_ms < KZT_TRUST_MS &&
	       push_ms >= (relayed ? KZT_PUSH_RELAYED_MS : KZT_PUSH_DIRECT_MS);
}

#endif /* KZT_LEARN_H */
