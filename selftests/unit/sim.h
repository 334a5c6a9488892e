/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A simulated peer with several paths of some rate, delay, jitter and loss,
 * over which flows are sent as a policy has it.  Time moves in ticks; keepalives
 * go out three times per fail-over interval, and samples are smoothed as the
 * module smooths them.
 */
#ifndef KZT_UNIT_SIM_H
#define KZT_UNIT_SIM_H

#include "policy.h"

#define SIM_TICK_MS	10
#define SIM_FLOWS	1024

/**
 * struct sim_leg - one path
 * @rate_bps: what it can carry
 * @rtt_us: round trip without load
 * @jitter_us: greatest deviation from that, either way
 * @loss_ppm: packets lost at random
 * @cut: nothing comes through
 * @down: and the interface knows
 * @sample: what the policy is told
 * @calm: what is measured while it has little to carry
 * @buffer_us: delay by packets waiting, at most
 * @queue_us: the same now
 * @drop_ppm: packets that found no place in the queue
 * @bytes: sent into it so far
 * @carried: bits delivered so far
 * @offered: bits sent into it during this tick
 * @probe_ms: when the last keepalive left
 * @heard_ms: when the last answer came
 * @loss_heard: the loss measured by then
 */
struct sim_leg {
	u64 rate_bps;
	u32 rtt_us;
	u32 jitter_us;
	u32 loss_ppm;
	bool cut;
	bool down;
	struct kzt_policy_sample sample;
	struct kzt_calm calm;
	u64 buffer_us;
	u64 queue_us;
	u32 drop_ppm;
	u64 bytes;
	u64 carried;
	u64 offered;
	u64 probe_ms;
	u64 heard_ms;
	u32 loss_heard;
};

/**
 * struct sim - the peer
 * @conf: its policy
 * @st: the policy's memory
 * @plan: the plan in force
 * @leg: paths
 * @n: how many
 * @flows: how many flows there are
 * @flow_bps: what each of them wants to send
 * @now: ms
 * @packets: counted for the draw by turns
 * @plans: how often the policy was asked
 * @moves: buckets moved so far, the first plan excepted
 * @changes: plans that moved any
 * @switches: changes of the active leg, the first excepted
 * @lost: bits sent into legs that were cut
 * @sent: bits offered
 * @delivered: bits that arrived
 */
struct sim {
	struct kzt_policy_conf conf;
	struct kzt_policy_state st;
	struct kzt_policy_plan plan;
	struct sim_leg leg[KZT_POLICY_LEGS];
	unsigned int n;
	unsigned int flows;
	u64 flow_bps;
	u64 now;
	u32 packets;
	u64 rnd;
	unsigned int plans;
	unsigned int moves;
	unsigned int changes;
	unsigned int switches;
	u64 lost;
	u64 sent;
	u64 delivered;
};

void sim_init(struct sim *sim, u8 mode, unsigned int flows, u64 flow_bps);
struct sim_leg *sim_add(struct sim *sim, u64 rate_bps, u32 rtt_us, u32 jitter_us);
void sim_run(struct sim *sim, unsigned int ms);
u32 sim_rnd(struct sim *sim, u32 below);

#endif /* KZT_UNIT_SIM_H */
