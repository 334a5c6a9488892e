/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rate gates: how often what a peer sends is acted on (spec 3, 3.14).  Pure; none
 * is for use from several contexts at once.
 */
#ifndef KZT_GATE_H
#define KZT_GATE_H

#include "env.h"

#define KZT_ECHO_GATE_MS	166	/* of a path */
#define KZT_WHOIS_GATE_MS	100	/* of a peer, if this node is no upstream */

#define KZT_PUSH_GAP_MS		30000	/* PUSH_DIRECT_PATHS: counter A */
#define KZT_PUSH_RUN		8
#define KZT_NEGOTIATION_GAP_MS	937	/* PATH_NEGOTIATION_REQUEST: window E */
#define KZT_QOS_RUN		128	/* windows C, D and E */
#define KZT_ACK_WINDOW_MS	30000	/* ACK: window C */

/*
 * NETWORK_CREDENTIALS: one packet a second, spec 4.9.1.  One with a revocation
 * may follow close behind another, and must not be lost: a few may come at once.
 */
#define KZT_CREDENTIALS_MS	1000
#define KZT_CREDENTIALS_AHEAD_MS	4000

/*
 * Configurations, requests for them and ERRORs, which the agent has to look at: it
 * verifies a signature of each chunk.  The largest configuration has fifty chunks,
 * and a controller may have changed some at once.
 */
#define KZT_AGENT_MS		10
#define KZT_AGENT_AHEAD_MS	5120

/*
 * USER_MESSAGE and ERROR that go up.  The protocol knows no limit, but one peer
 * must not fill the listener's buffer, so that those of others are lost.
 */
#define KZT_MESSAGE_MS		10
#define KZT_MESSAGE_AHEAD_MS	2560

/**
 * kzt_age_ms() - how long ago something was
 * @now: the node's clock, ms, of whenever it was read
 * @then: the same, which another CPU, or an interrupt, may have noted since
 *
 * Return: milliseconds; 0, not an age, for what is later than @now.
 */
static inline u64 kzt_age_ms(u64 now, u64 then)
{
	return now > then ? now - then : 0;
}

/**
 * kzt_gate() - a gate of so many ms
 * @last: when it was last passed; updated on a pass
 * @now: the node's clock, ms
 * @interval_ms: least distance of two passes
 *
 * Return: true if passed.
 */
static inline bool kzt_gate(u64 *last, u64 now, u64 interval_ms)
{
	if (now - *last < interval_ms)
		return false;
	*last = now;
	return true;
}

/**
 * struct kzt_gate_run - a counter or window of the spec
 * @last: when something came last, passed or refused
 * @count: of what came since the last gap
 */
struct kzt_gate_run {
	u64 last;
	unsigned int count;
};

/**
 * kzt_gate_run_pass() - let the first few pass, then none until there was a gap
 * @run: its state; zeroed at first
 * @now: the node's clock, ms
 * @gap_ms: a longer silence is a gap
 * @most: how many pass
 *
 * Return: true if passed.
 */
static inline bool kzt_gate_run_pass(struct kzt_gate_run *run, u64 now,
				     u64 gap_ms, unsigned int most)
{
	if (now - run->last > gap_ms)
		run->count = 0;
	else if (run->count < most)
		run->count++;
	run->last = now;
	return run->count < most;
}

/**
 * kzt_gate_window() - let so many pass in each window of time
 * @run: its state; zeroed at first; @run->last is when the window began
 * @now: the node's clock, ms
 * @window_ms: its length
 * @most: how many pass, and the one that begins it
 *
 * Return: true if passed.
 */
static inline bool kzt_gate_window(struct kzt_gate_run *run, u64 now,
				   u64 window_ms, unsigned int most)
{
	if (now - run->last >= window_ms) {
		run->last = now;
		run->count = 0;
	} else if (run->count < most) {
		run->count++;
	}
	return run->count < most;
}

/**
 * kzt_qos_gap_ms() - window D, of QOS_MEASUREMENT
 * @failover_ms: fail-over interval of the bond, half of the QoS interval
 *
 * Return: its gap.
 */
static inline u64 kzt_qos_gap_ms(u32 failover_ms)
{
	return 2ULL * failover_ms / 64;
}

/**
 * kzt_gate_rate() - let one pass each so many ms, and a few ahead of their time
 * @paid: until when what passed is paid for; updated on a pass
 * @now: the node's clock, ms
 * @each_ms: for each that passes
 * @ahead_ms: how far @paid may be ahead of the clock
 *
 * Return: true if passed.
 */
static inline bool kzt_gate_rate(u64 *paid, u64 now, u64 each_ms, u64 ahead_ms)
{
	if (*paid >= now + ahead_ms)
		return false;
	*paid = max(*paid, now) + each_ms;
	return true;
}

#endif /* KZT_GATE_H */
