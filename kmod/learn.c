// SPDX-License-Identifier: GPL-2.0
/* Pure decisions about paths: learning them, and letting two peers meet. */
#include "learn.h"
#include "quality.h"

#define RELAY_PING_MS	61000	/* spec 2.15: for each, it counts as worse */

/* Spec 3, 3.5.2 step 3 */
static bool is_redundant(const struct kzt_learn_slot *s)
{
	return s->alive && ((s->same_socket && s->same_family) || s->same_net);
}

/* Spec 3, 3.5.2: seed and 1.2 */
static int judge_sparse(const struct kzt_learn_slot *slot, unsigned int n,
			unsigned int max)
{
	int worst = KZT_LEARN_FULL_TABLE;
	u64 greatest = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		if (is_redundant(&slot[i]))
			return KZT_LEARN_KNOWN;
	if (n < max)
		return n;
	for (i = 0; i < n; i++) {
		if (slot[i].quality > greatest) {
			greatest = slot[i].quality;
			worst = i;
		}
	}
	return worst;
}

/* Spec 3, 3.5.3 "current" */
static int judge_full(const struct kzt_learn_slot *slot, unsigned int n,
		      unsigned int max, bool bonded)
{
	int oldest = KZT_LEARN_FULL_TABLE;
	u32 greatest = 0;
	unsigned int i;

	for (i = 0; i < n && !bonded; i++)
		if (slot[i].same_ip && slot[i].same_socket && slot[i].alive)
			return KZT_LEARN_KNOWN;
	for (i = 0; i < n; i++) {
		if (slot[i].same_ip && slot[i].same_socket && !slot[i].alive)
			return i;
		if (slot[i].age_ms > greatest) {
			greatest = slot[i].age_ms;
			oldest = i;
		}
	}
	return n < max ? (int)n : oldest;
}

/**
 * kzt_learn_judge() - where a new path goes that was just confirmed
 * @rule: of which era
 * @slot: paths of the peer, none of them the new one
 * @n: how many
 * @max: how many there may be
 * @bonded: a policy spreads the traffic over paths
 *
 * Implements: spec 3, 3.5.2 and 3.5.3.
 * Return: the slot to fill, @n to append; KZT_LEARN_KNOWN; KZT_LEARN_FULL_TABLE.
 */
int kzt_learn_judge(enum kzt_learn_rule rule, const struct kzt_learn_slot *slot,
		    unsigned int n, unsigned int max, bool bonded)
{
	if (rule == KZT_LEARN_SPARSE)
		return judge_sparse(slot, n, max);
	return judge_full(slot, n, max, bonded);
}

/**
 * kzt_meet_add() - look at a path of a peer that is introduced
 * @best: collects; zeroed at first
 * @end: path; of two that are as good the later counts
 *
 * Implements: spec 3, 3.11.2 step 1.
 */
void kzt_meet_add(struct kzt_meet_best *best, const struct kzt_meet_end *end)
{
	enum kzt_scope scope = kzt_inetaddr_scope(&end->at);
	bool v6 = end->at.family == KZT_AF_INET6;
	struct kzt_meet_end *to = &best->end[scope][v6];
	u64 q = end->quality / (end->priority ? end->priority : 1);

	if (!end->at.port || (to->at.port && q > to->quality))
		return;
	*to = *end;
	to->quality = q;
}

/**
 * kzt_meet_choose() - the endpoints that two peers are told of each other
 * @a: one's
 * @b: the other's
 * @end_a: set to where the first is
 * @end_b: set to where the second is
 *
 * Private before link-local before global, IPv6 before IPv4, both of the same.
 *
 * Implements: spec 3, 3.11.2 step 2.
 * Return: false if they have no scope and family in common.
 */
bool kzt_meet_choose(const struct kzt_meet_best *a,
		     const struct kzt_meet_best *b,
		     const struct kzt_meet_end **end_a,
		     const struct kzt_meet_end **end_b)
{
	int scope, v6;

	for (scope = KZT_SCOPES - 1; scope >= 0; scope--) {
		for (v6 = 1; v6 >= 0; v6--) {
			if (!a->end[scope][v6].at.port ||
			    !b->end[scope][v6].at.port)
				continue;
			*end_a = &a->end[scope][v6];
			*end_b = &b->end[scope][v6];
			return true;
		}
	}
	return false;
}

/**
 * kzt_relay_add() - look at an upstream: is it the best to relay for us
 * @best: KZT_RELAY_NONE at first
 * @address: of the upstream
 * @since_ms: since it was heard
 * @latency_us: round trip to it; 0 for unknown
 *
 * Latency times missed pings; among equals the greatest address, and there is a
 * best one even if none lives.
 *
 * Implements: spec 2, 2.15 "best upstream"; spec 3, 3.4 "relay_quality", 3.15.3.
 * Return: true if this one lives.
 */
bool kzt_relay_add(struct kzt_relay_best *best, u64 address, u64 since_ms,
		   u32 latency_us)
{
	bool alive = since_ms < KZT_PEER_ACTIVE_MS;
	u64 q = U64_MAX;

	if (alive)
		q = (latency_us ? latency_us : KZT_RTT_UNKNOWN_US) *
		    (since_ms / RELAY_PING_MS + 1);
	if (q < best->quality ||
	    (q == best->quality && address > best->address))
		*best = (struct kzt_relay_best){ address, q };
	return alive;
}

/**
 * kzt_contact_is_echo() - is an ECHO enough to contact an endpoint
 * @full: no
 * @proto: protocol version that the peer announced, 0 for unknown
 * @major: its software version
 * @minor: its software version
 * @rev: its software version
 *
 * Implements: spec 3, 3.7.2.
 * Return: false if a HELLO is needed.
 */
bool kzt_contact_is_echo(bool full, unsigned int proto, unsigned int major,
			 unsigned int minor, unsigned int rev)
{
	return !full && proto >= 5 && !(major == 1 && minor == 1 && !rev);
}

/**
 * kzt_echo_is_spaced() - does a peer answer one ECHO a second only
 * @major: software version that the peer announced
 * @minor: of it
 * @rev: of it
 *
 * Implements: spec 3, 3.25.5: before 1.8.10, but not 1.6.
 * Return: true if so.
 */
bool kzt_echo_is_spaced(unsigned int major, unsigned int minor,
			unsigned int rev)
{
	if (major != 1 || minor == 6)
		return major < 1;
	return minor < 8 || (minor == 8 && rev < 10);
}
