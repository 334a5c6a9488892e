// SPDX-License-Identifier: GPL-2.0
/*
 * Measuring the legs of a bond (spec 3, 3.10, 3.20.6).
 *
 * Passively, from what passes, and with a probe now and then: an ECHO, or where
 * the receiver's gate would refuse one a HELLO, which has no gate.  Only paths of
 * peers with a bond are measured, so the memory is that of the bonds.
 */
#include <linux/slab.h>
#include "bond.h"
#include "measure.h"
#include "node.h"
#include "object.h"
#include "peer.h"
#include "send.h"

/*
 * Of a new outcome, one in so many: one lost probe alone must not exceed the
 * limit of a policy (KZT_LOSS_MAX_PPM).
 */
#define LOSS_WEIGHT	64
#define WINDOW_MS	1000
#define PROBE_LOST_MS	1000	/* or four round trips */

/**
 * kzt_leg_alloc() - begin to measure a path
 * @path: path
 * @now: kzt_now_ms()
 *
 * Context: any but hard interrupts.
 * Return: the leg, or NULL without memory.
 */
struct kzt_leg *kzt_leg_alloc(struct kzt_path *path, u64 now)
{
	struct kzt_leg *leg = kzalloc(sizeof(*leg), GFP_ATOMIC);

	if (!leg)
		return NULL;
	spin_lock_init(&leg->lock);
	spin_lock_init(&leg->qos_lock);
	leg->window_ms = now;
	leg->window_rx = READ_ONCE(path->rx_bytes);
	leg->window_tx = READ_ONCE(path->tx_bytes);
	kzt_calm_start(&leg->calm, leg->window_rx + leg->window_tx, now);
	kzt_born(LEG);
	return leg;
}

/**
 * kzt_leg_free() - free a leg that nobody sees any more
 * @leg: leg, or NULL
 */
void kzt_leg_free(struct kzt_leg *leg)
{
	if (!leg)
		return;
	kfree(leg->qos);
	kfree(leg);
	kzt_gone(LEG);
}

static void leg_free_rcu(struct rcu_head *rcu)
{
	kzt_leg_free(container_of(rcu, struct kzt_leg, rcu));
}

/**
 * kzt_leg_free_rcu() - free a leg that was just unpublished
 * @leg: leg, or NULL
 */
void kzt_leg_free_rcu(struct kzt_leg *leg)
{
	if (leg)
		call_rcu(&leg->rcu, leg_free_rcu);
}

/* --- probes ---------------------------------------------------------------------- */

static u64 leg_bytes(const struct kzt_path *path)
{
	return READ_ONCE(path->rx_bytes) + READ_ONCE(path->tx_bytes);
}

/* What is lost while the leg is dead says that it is dead, and no more */
static void leg_lost(const struct kzt_path *path, struct kzt_leg *leg,
		     u64 sent_us, u64 now_us)
{
	u64 sent = div_u64(sent_us, 1000), now = div_u64(now_us, 1000);
	u32 loss = leg->loss_ppm;

	lockdep_assert_held(&leg->lock);
	if (READ_ONCE(leg->dead))
		return;
	WRITE_ONCE(leg->outcomes, leg->outcomes + 1);
	WRITE_ONCE(leg->loss_ppm, loss + (KZT_PPM - loss) / LOSS_WEIGHT);
	if (kzt_calm_since(&leg->calm, leg_bytes(path), sent, now))
		kzt_calm_loss(&leg->calm, now);
}

/*
 * An answer ends a death: what was lost from the last one on was lost to it, and
 * so will be what is still out.
 */
static void leg_revive(struct kzt_leg *leg, u64 sent_us)
{
	unsigned int i;

	WRITE_ONCE(leg->dead, false);
	WRITE_ONCE(leg->loss_ppm, leg->loss_heard);
	kzt_calm_revive(&leg->calm);
	for (i = 0; i < KZT_LEG_PROBES; i++)
		if (leg->probe[i].sent_us < sent_us)
			leg->probe[i].id = 0;
}

static void leg_found(const struct kzt_path *path, struct kzt_leg *leg,
		      u64 sent_us, u64 at_us)
{
	u64 sent = div_u64(sent_us, 1000), now = div_u64(at_us, 1000);
	u64 trip = at_us > sent_us ? at_us - sent_us : 1;

	lockdep_assert_held(&leg->lock);
	if (READ_ONCE(leg->dead))
		leg_revive(leg, sent_us);
	WRITE_ONCE(leg->outcomes, leg->outcomes + 1);
	WRITE_ONCE(leg->loss_ppm, leg->loss_ppm - leg->loss_ppm / LOSS_WEIGHT);
	leg->loss_heard = leg->loss_ppm;
	if (kzt_calm_since(&leg->calm, leg_bytes(path), sent, now))
		kzt_calm_answer(&leg->calm, min_t(u64, trip, U32_MAX), now);
}

static void leg_lose_old(const struct kzt_path *path, struct kzt_leg *leg,
			 u64 now_us)
{
	u64 limit = max_t(u64, PROBE_LOST_MS * 1000ULL,
			  4ULL * READ_ONCE(path->rtt_us));
	unsigned int i;

	for (i = 0; i < KZT_LEG_PROBES; i++) {
		if (!leg->probe[i].id || now_us - leg->probe[i].sent_us < limit)
			continue;
		leg->probe[i].id = 0;
		leg_lost(path, leg, leg->probe[i].sent_us, now_us);
	}
}

/**
 * kzt_peer_gates_echo() - does a peer answer but one ECHO a second, or none
 * @peer: peer
 *
 * Before 1.8.10, 1.6 excepted, the gate is one for all paths.
 *
 * Implements: spec 3, 3.14.
 * Return: true if so.
 */
bool kzt_peer_gates_echo(const struct kzt_peer *peer)
{
	return READ_ONCE(peer->proto) < KZT_PROTO_VERSION_ECHO ||
	       kzt_echo_is_spaced(READ_ONCE(peer->major), READ_ONCE(peer->minor),
				  READ_ONCE(peer->revision));
}

/**
 * kzt_leg_probe() - send a probe over a path
 * @peer: receiver
 * @path: path
 * @leg: its leg
 * @now: kzt_now_ms()
 *
 * ECHOs keep twice the distance that the gate asks for: two that jitter brings
 * together would look like a loss.
 *
 * Implements: spec 3, 3.20.6 "monitor".
 * Context: process, RCU (BH).
 */
void kzt_leg_probe(struct kzt_peer *peer, struct kzt_path *path,
		   struct kzt_leg *leg, u64 now)
{
	bool echo = !kzt_peer_gates_echo(peer) && !READ_ONCE(path->pmtu_busy) &&
		    now - leg->last_echo >= 2 * KZT_ECHO_GAP_MS;
	u64 now_us = kzt_now_us(), id;

	spin_lock_bh(&leg->lock);
	leg_lose_old(path, leg, now_us);
	if (echo)
		leg->last_echo = now;
	leg->last_probe = now;
	id = echo ? kzt_echo_send(peer, &path->ep) :
		    kzt_hello_send(peer, &path->ep);
	if (!leg->lost_since)
		WRITE_ONCE(leg->lost_since, now);
	if (id) {
		unsigned int i = leg->next++ % KZT_LEG_PROBES;

		if (leg->probe[i].id)
			leg_lost(path, leg, leg->probe[i].sent_us, now_us);
		leg->probe[i].id = id;
		leg->probe[i].sent_us = now_us;
	} else {	/* it did not even leave */
		leg_lost(path, leg, now_us, now_us);
	}
	spin_unlock_bh(&leg->lock);
	WRITE_ONCE(path->last_out, now);
}

/**
 * kzt_leg_answered() - an answer came over a path
 * @path: path
 * @in_re_id: what it answers
 * @at_us: when it came, kzt_now_us()
 *
 * Any answer shows that the path works both ways.
 *
 * Context: RCU (BH).
 * Return: true if it was to a probe of the leg, whose round trip is noted now.
 */
bool kzt_leg_answered(struct kzt_path *path, u64 in_re_id, u64 at_us)
{
	struct kzt_leg *leg = rcu_dereference_bh(path->leg);
	u64 sent_us = 0;
	unsigned int i;

	if (!leg)
		return false;
	spin_lock_bh(&leg->lock);
	WRITE_ONCE(leg->lost_since, 0);
	for (i = 0; i < KZT_LEG_PROBES; i++) {
		if (leg->probe[i].id != in_re_id)
			continue;
		sent_us = leg->probe[i].sent_us;
		leg->probe[i].id = 0;
		leg_found(path, leg, sent_us, at_us);
		break;
	}
	spin_unlock_bh(&leg->lock);
	if (!sent_us)
		return false;
	kzt_path_sample_rtt(path, at_us > sent_us ? at_us - sent_us : 1);
	return true;
}

/**
 * kzt_leg_age() - for how long a path has shown no life
 * @path: path
 * @leg: its leg, or NULL
 * @now: kzt_now_ms()
 *
 * A path that brings packets but answers no probe takes ours nowhere: it is as
 * silent as its first unanswered probe is old.
 *
 * Return: milliseconds.
 */
u64 kzt_leg_age(const struct kzt_path *path, const struct kzt_leg *leg, u64 now)
{
	u64 lost = leg ? READ_ONCE(leg->lost_since) : 0;
	u64 in = READ_ONCE(path->last_in);
	u64 age = kzt_age_ms(now, in);

	return lost ? max(age, kzt_age_ms(now, lost)) : age;
}

/**
 * kzt_leg_calm() - what was measured while the leg had little to carry
 * @leg: leg
 * @now: kzt_now_ms()
 * @f: filled
 *
 * Context: BH off.
 */
void kzt_leg_calm(struct kzt_leg *leg, u64 now, struct kzt_calm_facts *f)
{
	spin_lock(&leg->lock);
	kzt_calm_tell(&leg->calm, now, f);
	spin_unlock(&leg->lock);
}

/**
 * kzt_leg_sample() - see what the path carries
 * @path: path
 * @leg: its leg
 * @now: kzt_now_ms()
 *
 * What a path carried in its best second is the least that it can carry; what
 * it carries now says more of the demand.  Sent bytes count less what is lost.
 *
 * Context: one caller at a time.
 */
void kzt_leg_sample(struct kzt_path *path, struct kzt_leg *leg, u64 now)
{
	u64 rx, tx, ms = now - leg->window_ms, bps;
	u32 arrives;

	spin_lock_bh(&leg->lock);
	kzt_calm_look(&leg->calm, leg_bytes(path), now);
	spin_unlock_bh(&leg->lock);
	if (ms < WINDOW_MS)
		return;
	arrives = KZT_PPM - min_t(u32, READ_ONCE(leg->loss_ppm), KZT_PPM);
	rx = READ_ONCE(path->rx_bytes) - leg->window_rx;
	tx = READ_ONCE(path->tx_bytes) - leg->window_tx;
	leg->window_ms = now;
	leg->window_rx += rx;
	leg->window_tx += tx;
	tx = mul_u64_u32_div(tx, arrives, KZT_PPM);
	bps = div64_u64(max(rx, tx) * 8000, ms);
	WRITE_ONCE(leg->throughput_bps,
		   max(bps, leg->throughput_bps - leg->throughput_bps / 64));
}
