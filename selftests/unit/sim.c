// SPDX-License-Identifier: GPL-2.0
/* A simulated peer with several paths; see sim.h. */
#include "sim.h"

#define SIM_START_MS	1000000
#define SIM_PACKET_BITS	12000
/* A queue holds this much at first; what does not fit is lost */
#define SIM_QUEUE_US	100000
#define SIM_PLAN_MS	100
#define SIM_HURRY_MS	170u	/* KZT_ECHO_GAP_MS */

u32 sim_rnd(struct sim *sim, u32 below)
{
	u64 z = sim->rnd += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (z ^ z >> 31) % below;
}

void sim_init(struct sim *sim, u8 mode, unsigned int flows, u64 flow_bps)
{
	memset(sim, 0, sizeof(*sim));
	kzt_policy_conf_init(&sim->conf, mode);
	sim->flows = flows;
	sim->flow_bps = flow_bps;
	sim->now = SIM_START_MS;
	sim->rnd = mode;
}

struct sim_leg *sim_add(struct sim *sim, u64 rate_bps, u32 rtt_us, u32 jitter_us)
{
	struct sim_leg *leg = &sim->leg[sim->n++];

	leg->rate_bps = rate_bps;
	leg->rtt_us = rtt_us;
	leg->jitter_us = jitter_us;
	leg->heard_ms = sim->now;
	leg->buffer_us = SIM_QUEUE_US;
	kzt_calm_start(&leg->calm, 0, sim->now);
	leg->sample = (struct kzt_policy_sample) {
		.id = sim->n,
		.ifindex = sim->n,
		.scope = 4,
		.speed = rate_bps / 1000000,
	};
	return leg;
}

/* An answer came: round trip and jitter, smoothed as in RFC 6298 */
static void leg_answer(struct sim *sim, struct sim_leg *leg)
{
	struct kzt_policy_sample *s = &leg->sample;
	s64 rtt = leg->rtt_us + leg->queue_us, dev;

	if (leg->jitter_us)
		rtt += (s64)sim_rnd(sim, 2 * leg->jitter_us) - leg->jitter_us;
	rtt = max_t(s64, rtt, 1);
	/* What was lost while it was dead is no measure of its loss */
	if (sim->now - leg->heard_ms >= sim->conf.failover_ms) {
		s->loss_ppm = leg->loss_heard;
		kzt_calm_revive(&leg->calm);
	}
	leg->loss_heard = s->loss_ppm;
	leg->heard_ms = sim->now;
	if (kzt_calm_since(&leg->calm, leg->bytes, leg->probe_ms, sim->now))
		kzt_calm_answer(&leg->calm, rtt, sim->now);
	if (!s->rtt_us) {
		s->rtt_us = rtt;
		s->jitter_us = 0;
		return;
	}
	dev = rtt > s->rtt_us ? rtt - s->rtt_us : s->rtt_us - rtt;
	s->jitter_us += (dev - (s64)s->jitter_us) / 4;
	s->rtt_us += (rtt - (s64)s->rtt_us) / 8;
}

static bool leg_loses(struct sim *sim, const struct sim_leg *leg)
{
	return leg->cut || sim_rnd(sim, KZT_PPM) < leg->loss_ppm + leg->drop_ppm;
}

static void leg_probe(struct sim *sim, struct sim_leg *leg)
{
	struct kzt_policy_sample *s = &leg->sample;
	bool hurry = sim->plan.trial & BIT(leg - sim->leg);
	unsigned int gap = kzt_policy_probe_ms(&sim->conf);
	bool lost;

	kzt_calm_look(&leg->calm, leg->bytes, sim->now);
	if (sim->now - leg->probe_ms >= (hurry ? min(gap, SIM_HURRY_MS) : gap)) {
		leg->probe_ms = sim->now;
		lost = leg_loses(sim, leg);
		if (!lost)
			leg_answer(sim, leg);
		else if (kzt_calm_since(&leg->calm, leg->bytes, sim->now, sim->now))
			kzt_calm_loss(&leg->calm, sim->now);
		s->loss_ppm += ((lost ? (s64)KZT_PPM : 0) - s->loss_ppm) / 64;
	}
	s->age_ms = sim->now - leg->heard_ms;
	s->down = leg->down;
	s->expired = s->age_ms >= 243000;
	kzt_calm_tell(&leg->calm, sim->now, &s->calm);
}

static void count_changes(struct sim *sim, const struct kzt_policy_plan *old)
{
	unsigned int b, moved = 0;

	if (!sim->plans++)
		return;
	for (b = 0; b < KZT_PLAN_BUCKETS; b++)
		moved += old->bucket[b] != sim->plan.bucket[b];
	sim->moves += moved;
	sim->changes += !!moved;
	sim->switches += !!(sim->plan.events & KZT_EV_ACTIVE);
}

static void sim_plan(struct sim *sim)
{
	struct kzt_policy_sample s[KZT_POLICY_LEGS];
	struct kzt_policy_plan old = sim->plan;
	unsigned int i;

	for (i = 0; i < sim->n; i++)
		s[i] = sim->leg[i].sample;
	kzt_policy_plan(&sim->conf, s, sim->n, &sim->st, sim->now, &sim->plan);
	count_changes(sim, &old);
}

static void leg_send(struct sim *sim, u8 i, u64 bits)
{
	struct sim_leg *leg = &sim->leg[i];

	leg->offered += bits;
	leg->bytes += bits / 8;
	leg->sample.tx_packets++;
	if (leg->cut)
		sim->lost += bits;
}

/* Each flow sends what it wants, packet by packet where that matters */
static void sim_send(struct sim *sim)
{
	u64 bits = sim->flow_bps * SIM_TICK_MS / 1000, part;
	unsigned int f, i;
	u8 leg;

	for (f = 0; f < sim->flows; f++) {
		/* A hash that spreads the flows, as the kernel's does */
		u32 hash = (f + 1) * 2654435769u >> 16;

		for (part = bits; part;) {
			u64 now = sim->plan.draw == KZT_DRAW_FLOW ? part :
					min_t(u64, part, SIM_PACKET_BITS);

			part -= now;
			sim->sent += now;
			leg = kzt_plan_leg(&sim->plan, hash, sim->packets++,
					   sim_rnd(sim, U32_MAX));
			for (i = 0; i < sim->n; i++)
				if (sim->plan.copies & BIT(i) && i != leg)
					leg_send(sim, i, now);
			if (leg != KZT_LEG_NONE)
				leg_send(sim, leg, now);
		}
	}
}

/* What a leg's rate lets through; the rest waits, or is lost */
static void leg_drain(struct sim *sim, struct sim_leg *leg)
{
	u64 room = leg->rate_bps * SIM_TICK_MS / 1000;
	u64 waiting = leg->queue_us * leg->rate_bps / 1000000 + leg->offered;
	u64 gone = min(room, waiting);

	leg->offered = 0;
	if (leg->cut) {
		leg->queue_us = 0;
		return;
	}
	leg->queue_us = (waiting - gone) * 1000000 / leg->rate_bps;
	leg->drop_ppm = leg->queue_us <= leg->buffer_us ? 0 :
		(leg->queue_us - leg->buffer_us) * leg->rate_bps / waiting;
	leg->queue_us = min(leg->queue_us, leg->buffer_us);
	gone = gone * (KZT_PPM - leg->loss_ppm) / KZT_PPM;
	leg->carried += gone;
	sim->delivered += gone;
}

void sim_run(struct sim *sim, unsigned int ms)
{
	u64 end = sim->now + ms;
	unsigned int i;
	bool down;

	for (; sim->now < end; sim->now += SIM_TICK_MS) {
		for (i = 0, down = false; i < sim->n; i++) {
			down |= sim->leg[i].down != sim->leg[i].sample.down;
			leg_probe(sim, &sim->leg[i]);
		}
		if (!sim->plans || down || sim->now >= sim->plan.due_ms ||
		    sim->now % SIM_PLAN_MS == 0)
			sim_plan(sim);
		sim_send(sim);
		for (i = 0; i < sim->n; i++)
			leg_drain(sim, &sim->leg[i]);
	}
}
