// SPDX-License-Identifier: GPL-2.0
/*
 * The policies over simulated paths: what they allocate, that noise does not
 * make them flap, and how they leave and take back a path.
 *
 * usage: test_policy_sim
 */
#include "test_policy.h"
#include "sim.h"

#define MBIT	1000000ULL
#define MINUTE	60000

static const u8 sharing[] = {
	KZT_POLICY_RANDOM, KZT_POLICY_PROPORTIONAL, KZT_POLICY_MANUAL,
	KZT_POLICY_BALANCE_RR, KZT_POLICY_BALANCE_XOR, KZT_POLICY_BALANCE_AWARE,
};

static double part(const struct sim *sim, unsigned int i)
{
	u64 sum = 0;
	unsigned int j;

	for (j = 0; j < sim->n; j++)
		sum += sim->leg[j].carried;
	return (double)sim->leg[i].carried / sum;
}

/* n equal legs, offered what they can carry together */
static void test_aggregate(unsigned int n)
{
	unsigned int i, k;

	for (k = 0; k < ARRAY_SIZE(sharing); k++) {
		struct sim sim;

		sim_init(&sim, sharing[k], SIM_FLOWS, n * 100 * MBIT / SIM_FLOWS);
		for (i = 0; i < n; i++)
			sim_add(&sim, 100 * MBIT, 20000, 1000);
		sim_run(&sim, 5000);
		ok(sim.delivered >= sim.sent * 93 / 100,
		   "%s: %u equal legs carry their sum (%.1f %%)",
		   kzt_policy_name(sharing[k]), n, sim.delivered * 100.0 / sim.sent);
	}
}

static void test_capacity(void)
{
	struct sim sim;

	sim_init(&sim, KZT_POLICY_BALANCE_AWARE, SIM_FLOWS,
		 400 * MBIT / SIM_FLOWS);
	sim_add(&sim, 300 * MBIT, 20000, 1000);
	sim_add(&sim, 100 * MBIT, 20000, 1000);
	sim_run(&sim, 20000);
	ok(fabs(part(&sim, 0) - 0.75) < 0.02 &&
	   sim.delivered >= sim.sent * 95 / 100,
	   "balance-aware: legs of 300 and 100 Mbit/s carry 3 to 1 (%.3f)",
	   part(&sim, 0));

	sim_init(&sim, KZT_POLICY_MANUAL, SIM_FLOWS, 100 * MBIT / SIM_FLOWS);
	sim_add(&sim, 1000 * MBIT, 20000, 1000);
	sim_add(&sim, 1000 * MBIT, 90000, 1000);
	sim.conf.n_links = 2;
	sim.conf.link[0] = (struct kzt_policy_link) {
		.ifindex = 1, .primary = true, .weight = 1 };
	sim.conf.link[1] = (struct kzt_policy_link) {
		.ifindex = 2, .primary = true, .weight = 4 };
	sim_run(&sim, 10000);
	ok(fabs(part(&sim, 1) - 0.8) < 0.02,
	   "manual: weights 1 and 4, whatever the latency (%.3f)", part(&sim, 1));
	sim.conf.link[0].weight = 4;
	sim.leg[0].carried = sim.leg[1].carried = sim.moves = 0;
	sim_run(&sim, 10000);
	ok(fabs(part(&sim, 1) - 0.5) < 0.02 && sim.moves <= 78,
	   "manual: new weights move the difference alone (%u buckets)", sim.moves);

	sim_init(&sim, KZT_POLICY_PROPORTIONAL, 64, MBIT);
	sim_add(&sim, 1000 * MBIT, 10000, 0)->sample.throughput_bps = 30 * MBIT;
	sim_add(&sim, 1000 * MBIT, 10000, 0)->sample.throughput_bps = 10 * MBIT;
	sim_run(&sim, 10000);
	ok(fabs(part(&sim, 0) - 0.737) < 0.02 && sim.plan.balanced,
	   "proportional: by computed quality, and balanced (%.3f)",
	   part(&sim, 0));
}

/* Ten minutes of two alike legs whose measures are all noise */
static void test_noise(u8 mode, u8 reselect, unsigned int most)
{
	struct sim sim;

	sim_init(&sim, mode, 16, MBIT);
	sim.conf.reselect = reselect;
	sim_add(&sim, 1000 * MBIT, 40000, 12000);
	sim_add(&sim, 1000 * MBIT, 41000, 12000);
	sim_add(&sim, 1000 * MBIT, 40500, 20000);
	sim_run(&sim, 10 * MINUTE);
	ok(sim.changes <= most, "%s%s%s: noise for ten minutes, %u changes",
	   kzt_policy_name(mode), mode == KZT_POLICY_ACTIVE_BACKUP ? " " : "",
	   mode == KZT_POLICY_ACTIVE_BACKUP ? kzt_policy_reselect_name(reselect) : "",
	   sim.changes);
}

/* A path that gets really worse is left, once */
static void test_degrade(u8 mode)
{
	struct sim sim;
	unsigned int before;

	sim_init(&sim, mode, 16, MBIT);
	sim.conf.reselect = KZT_RESELECT_OPTIMIZE;
	sim_add(&sim, 1000 * MBIT, 20000, 2000);
	sim_add(&sim, 1000 * MBIT, 25000, 2000);
	sim_run(&sim, MINUTE);
	before = sim.switches;
	sim.leg[0].rtt_us = 300000;
	sim_run(&sim, 2 * MINUTE);
	ok(sim.plan.active == 1 && sim.switches == before + 1,
	   "%s: a leg whose round trip rises to 300 ms is left, once",
	   kzt_policy_name(mode));
	sim.leg[0].rtt_us = 5000;
	sim.leg[1].rtt_us = 400000;
	sim_run(&sim, 2 * MINUTE);
	ok(sim.plan.active == 0 && sim.switches == before + 2,
	   "%s: and taken again when it is the best", kzt_policy_name(mode));
}

static void test_avoid(void)
{
	struct sim sim;

	sim_init(&sim, KZT_POLICY_BALANCE_AWARE, 256, MBIT);
	sim_add(&sim, 1000 * MBIT, 20000, 2000);
	sim_add(&sim, 1000 * MBIT, 20000, 2000);
	sim_run(&sim, 20000);
	sim.leg[1].loss_ppm = 200000;
	sim_run(&sim, 2 * MINUTE);
	ok(sim.plan.why[1] == KZT_WHY_AVOIDED && !sim.plan.share_ppm[1],
	   "balance-aware: a leg that loses a fifth is avoided");
	sim.changes = 0;
	sim_run(&sim, 3 * MINUTE);
	ok(!sim.changes, "balance-aware: and stays so (%u changes)", sim.changes);
	sim.leg[0].loss_ppm = 500000;
	sim_run(&sim, 10 * MINUTE);
	ok(sim.plan.why[0] == KZT_WHY_AVOIDED || sim.plan.used == 3,
	   "balance-aware: but not if all are as bad");
	sim.leg[0].loss_ppm = sim.leg[1].loss_ppm = 0;
	sim_run(&sim, 10 * MINUTE);
	sim.leg[0].carried = sim.leg[1].carried = 0;
	sim_run(&sim, MINUTE);
	ok(sim.plan.used == 3 && fabs(part(&sim, 0) - 0.5) < 0.2,
	   "balance-aware: and it comes back");
}

/* Legs that are given more than they can carry: their queues are always full */
static struct sim own_load(unsigned int load, unsigned int n, const u64 *mbit)
{
	struct sim sim;
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < n; i++)
		sum += mbit[i];
	sim_init(&sim, KZT_POLICY_BALANCE_AWARE, SIM_FLOWS,
		 sum * MBIT / 100 * load / SIM_FLOWS);
	for (i = 0; i < n; i++)
		sim_add(&sim, mbit[i] * MBIT, 20000, 1000)->buffer_us = 400000;
	return sim;
}

static void test_own_load(unsigned int n, const u64 *mbit)
{
	struct sim sim = own_load(115, n, mbit);
	u64 flow_bps = sim.flow_bps, room = flow_bps * SIM_FLOWS * 100 / 115;
	unsigned int i, avoided = 0;
	double part;

	for (i = 0; i < 600; i++) {
		sim.flow_bps = i % 8 < 4 ? flow_bps * 13 / 10 : flow_bps;
		sim_run(&sim, 1000);
		avoided += !!(sim.plan.used != BIT(n) - 1 && !sim.plan.trial);
	}
	part = (double)sim.delivered / (room * 600);
	ok(!avoided && part >= 0.95,
	   "balance-aware: %u full legs of %llu to %llu Mbit/s carry %.3f of their sum",
	   n, (unsigned long long)mbit[n - 1], (unsigned long long)mbit[0], part);
}

static void test_own_loads(void)
{
	test_own_load(2, (const u64[]){ 20, 20 });
	test_own_load(2, (const u64[]){ 30, 10 });
	test_own_load(4, (const u64[]){ 15, 15, 15, 15 });
	test_own_load(4, (const u64[]){ 30, 20, 15, 10 });
}

/* A leg that gets bad while all are full is found out, and comes back */
static void test_loaded_loss(void)
{
	struct sim sim = own_load(115, 3, (const u64[]){ 20, 20, 20 });

	sim_run(&sim, MINUTE);
	sim.leg[1].loss_ppm = 200000;
	sim_run(&sim, 10 * MINUTE);
	ok(sim.plan.why[1] == KZT_WHY_AVOIDED,
	   "balance-aware: a full leg that loses a fifth is avoided, too");
	sim.leg[1].loss_ppm = 0;
	sim_run(&sim, 5 * MINUTE);
	ok(sim.plan.used & BIT(1), "balance-aware: and comes back");
}

/* How long does traffic go into a leg that is cut? */
static void test_failover(u8 mode, u32 failover_ms, bool down)
{
	u64 share, per_ms;
	struct sim sim;
	unsigned int i, b, wrong = 0;
	u8 before[KZT_PLAN_BUCKETS], dead;
	double gap;

	sim_init(&sim, mode, 64, MBIT);
	sim.conf.failover_ms = failover_ms;
	for (i = 0; i < 3; i++)
		sim_add(&sim, 1000 * MBIT, 20000, 500);
	sim_run(&sim, 20000);
	memcpy(before, sim.plan.bucket, sizeof(before));
	dead = sim.plan.active;
	sim.leg[dead].cut = true;
	sim.leg[dead].down = down;
	share = sim.plan.share_ppm[dead];
	sim_run(&sim, 2 * failover_ms + 1000);
	per_ms = 64 * MBIT / 1000 * share / KZT_PPM;
	gap = (double)sim.lost / per_ms;
	for (b = 0; b < KZT_PLAN_BUCKETS; b++)
		if (sim.plan.draw != KZT_DRAW_TURN)
			wrong += before[b] != dead &&
				 before[b] != sim.plan.bucket[b];
	ok(!wrong && !(sim.plan.used & BIT(dead)) &&
	   gap <= (down ? 2 * SIM_TICK_MS : failover_ms + 3 * SIM_TICK_MS),
	   "%s: a leg %s is left after %.0f of %u ms", kzt_policy_name(mode),
	   down ? "whose interface fails" : "that falls silent", gap, failover_ms);
	sim.leg[dead].cut = sim.leg[dead].down = false;
	sim_run(&sim, 2 * failover_ms + 1000);
	ok(mode == KZT_POLICY_ACTIVE_BACKUP || mode == KZT_POLICY_NONE ||
	   sim.plan.used == 7, "%s: and shares again when it is back",
	   kzt_policy_name(mode));
}

static void test_broadcast(void)
{
	struct sim sim;

	sim_init(&sim, KZT_POLICY_BROADCAST, 4, MBIT);
	sim_add(&sim, 1000 * MBIT, 20000, 500);
	sim_add(&sim, 1000 * MBIT, 20000, 500);
	sim_run(&sim, 10000);
	ok(sim.leg[0].carried == sim.sent && sim.leg[1].carried == sim.sent,
	   "broadcast: everything on every leg");
	sim.leg[0].cut = true;
	sim.leg[1].carried = sim.sent = 0;
	sim_run(&sim, 10000);
	ok(sim.leg[1].carried == sim.sent, "broadcast: a dead leg loses nothing");
	ok(sim.plan.copies == BIT(1), "broadcast: and gets no more copies");
}

static void test_delays(void)
{
	struct sim sim;
	unsigned int i;

	sim_init(&sim, KZT_POLICY_BALANCE_XOR, 64, MBIT);
	sim.conf.failover_ms = 300;
	sim.conf.up_delay_ms = 10000;
	sim_add(&sim, 1000 * MBIT, 20000, 500);
	sim_add(&sim, 1000 * MBIT, 20000, 500);
	sim_run(&sim, 5000);
	ok(sim.plan.used == 3, "up delay: none for a leg that is new");
	for (i = 0; i < 20; i++) {
		sim.leg[1].cut = !(i & 1);
		sim_run(&sim, 3000);
	}
	ok(sim.changes == 1 && sim.plan.used == 1 &&
	   sim.plan.why[1] == KZT_WHY_UP_DELAY,
	   "up delay: a leg that fails every six seconds is left alone");
	sim_run(&sim, 11000);
	ok(sim.plan.used == 3, "up delay: until it holds out");

	sim_init(&sim, KZT_POLICY_BALANCE_XOR, 64, MBIT);
	sim.conf.failover_ms = 300;
	sim.conf.down_delay_ms = 2000;
	sim_add(&sim, 1000 * MBIT, 20000, 500);
	sim_add(&sim, 1000 * MBIT, 20000, 500);
	sim_run(&sim, 5000);
	sim.leg[1].cut = true;
	sim_run(&sim, 1500);
	sim.leg[1].cut = false;
	sim_run(&sim, 1500);
	ok(!sim.changes, "down delay: a short silence is sat out");
	sim.leg[1].cut = true;
	sim_run(&sim, 2600);
	ok(sim.plan.used == 1, "down delay: a longer one is not");
}

static void test_failback(u8 reselect, bool back)
{
	struct sim sim;

	sim_init(&sim, KZT_POLICY_ACTIVE_BACKUP, 4, MBIT);
	sim.conf.reselect = reselect;
	sim.conf.failover_ms = 500;
	sim.conf.n_links = 3;
	sim_add(&sim, 1000 * MBIT, 20000, 500);
	sim_add(&sim, 1000 * MBIT, 20000, 500);
	sim_add(&sim, 1000 * MBIT, 20000, 500);
	sim.conf.link[0] = (struct kzt_policy_link) { .ifindex = 1 };
	sim.conf.link[1] = (struct kzt_policy_link) { .ifindex = 2 };
	sim.conf.link[2] = (struct kzt_policy_link) { .ifindex = 3, .primary = true };
	sim_run(&sim, 5000);
	ok(sim.plan.active == 2, "fail-back %s: the primary first",
	   kzt_policy_reselect_name(reselect));
	sim.leg[2].cut = true;
	sim_run(&sim, 5000);
	ok(sim.plan.active < 2, "fail-back %s: then a spare",
	   kzt_policy_reselect_name(reselect));
	sim.leg[2].cut = false;
	sim_run(&sim, 5000);
	ok((sim.plan.active == 2) == back, "fail-back %s: %s the primary",
	   kzt_policy_reselect_name(reselect), back ? "back to" : "no return to");
}

int main(void)
{
	u8 mode;

	test_aggregate(2);
	test_aggregate(4);
	test_capacity();
	test_noise(KZT_POLICY_NONE, 0, 4);
	test_noise(KZT_POLICY_ACTIVE_BACKUP, KZT_RESELECT_ALWAYS, 0);
	test_noise(KZT_POLICY_ACTIVE_BACKUP, KZT_RESELECT_OPTIMIZE, 4);
	test_noise(KZT_POLICY_BALANCE_AWARE, 0, 4);
	test_noise(KZT_POLICY_PROPORTIONAL, 0, 40);
	test_noise(KZT_POLICY_BALANCE_XOR, 0, 0);
	test_degrade(KZT_POLICY_NONE);
	test_degrade(KZT_POLICY_ACTIVE_BACKUP);
	test_avoid();
	test_own_loads();
	test_loaded_loss();
	for (mode = KZT_POLICY_RANDOM; mode < KZT_POLICY_MODES; mode++) {
		if (mode == KZT_POLICY_BROADCAST)
			continue;
		test_failover(mode, 5000, false);
		test_failover(mode, 100, false);
		test_failover(mode, 5000, true);
	}
	test_broadcast();
	test_delays();
	test_failback(KZT_RESELECT_ALWAYS, true);
	test_failback(KZT_RESELECT_BETTER, true);
	test_failback(KZT_RESELECT_FAILURE, false);
	return tap_done();
}
