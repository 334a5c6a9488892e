// SPDX-License-Identifier: GPL-2.0
/*
 * What packets say of the legs of a bond, and what both sides tell each other of
 * them: QOS_MEASUREMENT and ACK (spec 3, 3.10.3, 3.19, 3.20.9).
 */
#include <linux/slab.h>
#include "bond.h"
#include "measure.h"
#include "node.h"
#include "peer.h"
#include "qostable.h"
#include "send.h"

#define ERROR_BLOCK	1024	/* spec 3.10.3 */
#define PROTO_QOS	10	/* the first that knows QOS_MEASUREMENT */
#define PROTO_NEGOTIATION	12	/* and PATH_NEGOTIATION_REQUEST */
#define QOS_14_MS	3000	/* spec 3, 3.19.3 */
#define ACK_14_MS	1000

/* --- packets ----------------------------------------------------------------------- */

static struct kzt_qos *leg_qos(struct kzt_leg *leg)
{
	lockdep_assert_held(&leg->qos_lock);
	if (!leg->qos)
		leg->qos = kzalloc(sizeof(*leg->qos), GFP_ATOMIC | __GFP_NOWARN);
	return leg->qos;
}

/**
 * kzt_leg_sent() - a packet for the path's own peer was sent over it
 * @path: path
 * @leg: its leg
 * @wire_id: of the packet
 * @data: it carries a frame; probes go by all legs, whatever their shares
 *
 * Implements: spec 3, 3.20.9.
 * Context: BH off.
 */
void kzt_leg_sent(struct kzt_path *path, struct kzt_leg *leg, u64 wire_id, bool data)
{
	struct kzt_qos *q = READ_ONCE(leg->qos);

	if (data)
		WRITE_ONCE(path->tx_packets, path->tx_packets + 1);
	if (!kzt_qos_sampled(wire_id, KZT_VERB_NOP, READ_ONCE(leg->by_14)) ||
	    (q && READ_ONCE(q->n_sent) == KZT_QOS_RECORDS))
		return;
	spin_lock(&leg->qos_lock);
	q = leg_qos(leg);
	if (q)
		kzt_qos_sent(q, wire_id, kzt_now_ms());
	spin_unlock(&leg->qos_lock);
}

/* Of what arrives damaged, in blocks */
static void leg_judge_block(struct kzt_leg *leg)
{
	u32 good = READ_ONCE(leg->good), bad = READ_ONCE(leg->bad);

	if (good + bad < ERROR_BLOCK)
		return;
	WRITE_ONCE(leg->error_ppm, (u32)div_u64((u64)bad * KZT_PPM, good + bad));
	WRITE_ONCE(leg->good, 0);
	WRITE_ONCE(leg->bad, 0);
}

/* 1.8 and later neither send ACKs nor need them (3.19.5) */
static bool wants_acks(const struct kzt_peer *peer)
{
	return peer->major == 1 && peer->minor >= 4 && peer->minor <= 6;
}

/**
 * kzt_leg_received() - an authentic packet came over a path
 * @path: path
 * @leg: its leg
 * @wire_id: of the packet
 * @verb: its verb
 * @len: bytes of its payload
 *
 * Implements: spec 3, 3.10.3, 3.19, 3.20.9.
 * Context: BH off.
 */
void kzt_leg_received(struct kzt_path *path, struct kzt_leg *leg, u64 wire_id,
		      u8 verb, size_t len)
{
	struct kzt_qos *q;

	WRITE_ONCE(leg->good, leg->good + 1);
	if (verb == KZT_VERB_FRAME || verb == KZT_VERB_EXT_FRAME)
		WRITE_ONCE(leg->rx_packets, leg->rx_packets + 1);
	leg_judge_block(leg);
	if (!kzt_qos_sampled(wire_id, verb, READ_ONCE(leg->by_14)))
		return;
	if (wants_acks(path->peer))
		WRITE_ONCE(leg->acked, leg->acked + len);
	q = READ_ONCE(leg->qos);
	if (q && READ_ONCE(q->n_got) == KZT_QOS_RECORDS)
		return;
	spin_lock(&leg->qos_lock);
	q = leg_qos(leg);
	if (q)
		kzt_qos_got(q, wire_id, kzt_now_ms());
	spin_unlock(&leg->qos_lock);
}

/* --- reports ------------------------------------------------------------------------ */

static void qos_send(struct kzt_peer *peer, struct kzt_path *path,
		     struct kzt_leg *leg, u64 now)
{
	struct kzt_wcur wc;
	struct sk_buff *skb;
	unsigned int n;

	skb = kzt_msg_new(peer->node, peer->address, KZT_VERB_QOS_MEASUREMENT,
			  KZT_QOS_MAX_RECORDS * KZT_QOS_RECORD_LEN, &wc);
	if (!skb)
		return;
	spin_lock_bh(&leg->qos_lock);
	n = kzt_qos_take(leg->qos, &wc, now);
	spin_unlock_bh(&leg->qos_lock);
	if (!n) {
		kfree_skb(skb);
		return;
	}
	if (kzt_msg_send_to(peer, skb, &wc, false, KZT_SUITE_POLY1305, &path->ep))
		kzt_mib_inc(peer->node, QOS_TX);
}

static void ack_send(struct kzt_peer *peer, struct kzt_path *path, u32 bytes)
{
	struct kzt_wcur wc;
	struct sk_buff *skb;

	skb = kzt_msg_new(peer->node, peer->address, KZT_VERB_ACK, sizeof(u32),
			  &wc);
	if (!skb)
		return;
	kzt_put_u32(&wc, bytes);
	if (kzt_msg_send_to(peer, skb, &wc, false, KZT_SUITE_POLY1305, &path->ep))
		kzt_mib_inc(peer->node, ACK_TX);
}

/**
 * kzt_leg_report() - tell the peer what was received over a path, if it is time
 * @peer: receiver
 * @path: path
 * @leg: its leg
 * @interval_ms: QoS interval, twice the fail-over interval
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.19.5, 3.20.9.
 * Context: process, RCU (BH).
 */
void kzt_leg_report(struct kzt_peer *peer, struct kzt_path *path,
		    struct kzt_leg *leg, u32 interval_ms, u64 now)
{
	bool by_14 = kzt_qos_is_14(peer->major, peer->minor, peer->revision);
	u32 acked = READ_ONCE(leg->acked), ack_ms = interval_ms / 2;
	bool due;

	WRITE_ONCE(leg->by_14, by_14);
	if (by_14) {
		interval_ms = QOS_14_MS;
		ack_ms = ACK_14_MS;
	}
	if (acked && now - leg->last_ack >= ack_ms) {
		leg->last_ack = now;
		WRITE_ONCE(leg->acked, 0);
		ack_send(peer, path, acked);
	}
	spin_lock_bh(&leg->qos_lock);
	due = leg->qos && kzt_qos_due(leg->qos, interval_ms, now);
	spin_unlock_bh(&leg->qos_lock);
	if (due && READ_ONCE(peer->proto) >= PROTO_QOS)
		qos_send(peer, path, leg, now);
}

static enum kzt_rx_result refuse(struct kzt_rx *rx, enum kzt_drop why)
{
	kzt_drop_count(rx->node, why);
	return KZT_RX_STOP;
}

/**
 * kzt_qos_receive() - QOS_MEASUREMENT
 * @rx: packet
 *
 * Implements: spec 3, 3.20.9.
 * Return: what follows: not received, so that no report makes a path known or
 * keeps one.
 */
enum kzt_rx_result kzt_qos_receive(struct kzt_rx *rx)
{
	struct kzt_qos_record r;
	struct kzt_bond *bond;
	struct kzt_path *path;
	struct kzt_leg *leg;
	struct kzt_cur c;
	unsigned int n;
	s32 ms;

	rcu_read_lock_bh();
	bond = rcu_dereference_bh(rx->peer->bond);
	if (!bond) {
		refuse(rx, KZT_DROP_UNHANDLED_VERB);
		goto out;
	}
	if (!kzt_gate_run_pass(&bond->measurements, rx->now,
			       kzt_qos_gap_ms(READ_ONCE(bond->conf.policy.failover_ms)),
			       KZT_QOS_RUN)) {
		refuse(rx, KZT_DROP_RATE_LIMIT);
		goto out;
	}
	if (kzt_qos_open(rx->pkt, rx->len, &c)) {
		refuse(rx, KZT_DROP_MALFORMED);
		goto out;
	}
	kzt_mib_inc(rx->node, QOS_RX);
	path = rx->hops ? NULL : kzt_path_find_rcu(rx->peer, &rx->from);
	leg = path ? rcu_dereference_bh(path->leg) : NULL;
	if (!leg)
		goto out;
	spin_lock_bh(&leg->qos_lock);
	for (n = 0; leg->qos && n < KZT_QOS_MAX_RECORDS && kzt_qos_next(&c, &r); n++) {
		ms = kzt_qos_answered(leg->qos, &r, rx->now);
		if (ms >= 0)
			kzt_ring_push(&leg->latency, ms);
	}
	spin_unlock_bh(&leg->qos_lock);
out:
	rcu_read_unlock_bh();
	return KZT_RX_STOP;
}

/**
 * kzt_ack_receive() - ACK
 * @rx: packet
 *
 * What 1.4 made of it, a throughput, is measured from the traffic here.
 *
 * Implements: spec 3, 3.14 window C, 3.19.
 * Return: what follows: not received, as the spec has it for all eras.
 */
enum kzt_rx_result kzt_ack_receive(struct kzt_rx *rx)
{
	struct kzt_bond *bond;
	bool pass = true;
	u32 bytes;

	if (kzt_ack_parse(rx->pkt, rx->len, &bytes))
		return refuse(rx, KZT_DROP_MALFORMED);
	rcu_read_lock_bh();
	bond = rcu_dereference_bh(rx->peer->bond);
	if (bond)
		pass = kzt_gate_window(&bond->acks, rx->now, KZT_ACK_WINDOW_MS,
				       KZT_QOS_RUN);
	rcu_read_unlock_bh();
	if (!pass)
		return refuse(rx, KZT_DROP_RATE_LIMIT);
	kzt_mib_inc(rx->node, ACK_RX);
	return KZT_RX_STOP;
}

/**
 * kzt_negotiation_send() - ask a peer to use a path, too
 * @peer: receiver
 * @ep: path; it goes over that
 * @utility: what this side gains
 *
 * No release of the reference sends it, and none minds it.
 *
 * Implements: spec 3, 3.20.13.
 * Context: process.
 */
void kzt_negotiation_send(struct kzt_peer *peer, const struct kzt_endpoint *ep,
			  s16 utility)
{
	struct kzt_wcur wc;
	struct sk_buff *skb;

	if (READ_ONCE(peer->proto) < PROTO_NEGOTIATION)
		return;
	skb = kzt_msg_new(peer->node, peer->address, KZT_VERB_PATH_NEGOTIATION_REQUEST,
			  sizeof(utility), &wc);
	if (!skb)
		return;
	kzt_put_u16(&wc, (u16)utility);
	if (kzt_msg_send_to(peer, skb, &wc, false, KZT_SUITE_POLY1305, ep))
		kzt_mib_inc(peer->node, NEGOTIATION_TX);
}

/* The path that a request came over is the one that it is for */
static void negotiation_judge(struct kzt_rx *rx, s16 utility)
{
	struct kzt_peer *peer = rx->peer;
	const struct kzt_path *path;
	struct kzt_bond *bond;
	u64 now;

	spin_lock_bh(&peer->lock);
	now = kzt_now_ms();	/* of whoever planned last it is later */
	bond = rcu_dereference_protected(peer->bond, 1);
	path = rx->hops ? NULL : kzt_path_find_rcu(peer, &rx->from);
	if (bond && path &&
	    kzt_policy_asked(&bond->conf.policy, &bond->state, path->id, utility,
			     peer->address > READ_ONCE(rx->node->self_address), now))
		kzt_pathset_update_locked(peer, now);
	spin_unlock_bh(&peer->lock);
}

/**
 * kzt_negotiation_receive() - PATH_NEGOTIATION_REQUEST
 * @rx: packet
 *
 * Implements: spec 3, 3.20.13.
 * Return: what follows: not received, as with ACK.
 */
enum kzt_rx_result kzt_negotiation_receive(struct kzt_rx *rx)
{
	struct kzt_bond *bond;
	bool pass = false;
	s16 utility;

	if (kzt_path_negotiation_parse(rx->pkt, rx->len, &utility))
		return refuse(rx, KZT_DROP_MALFORMED);
	rcu_read_lock_bh();
	bond = rcu_dereference_bh(rx->peer->bond);
	if (bond)
		pass = kzt_gate_run_pass(&bond->negotiations, rx->now,
					 KZT_NEGOTIATION_GAP_MS, KZT_QOS_RUN);
	rcu_read_unlock_bh();
	if (!bond)
		return refuse(rx, KZT_DROP_UNHANDLED_VERB);
	if (!pass)
		return refuse(rx, KZT_DROP_RATE_LIMIT);
	kzt_mib_inc(rx->node, NEGOTIATION_RX);
	negotiation_judge(rx, utility);
	return KZT_RX_STOP;
}
