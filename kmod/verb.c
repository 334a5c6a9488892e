// SPDX-License-Identifier: GPL-2.0
/* Control packets: dispatch by verb, in process context, one at a time. */
#include "gate.h"
#include "measure.h"
#include "netlink.h"
#include "network.h"
#include "node.h"
#include "peer.h"
#include "receive.h"
#include "revoked.h"
#include "send.h"
#include "verb.h"

#define CONTROL_BATCH	64	/* packets before others get the worker */
#define COLLISION_LOG_MS	60000

static enum kzt_rx_result malformed(struct kzt_rx *rx)
{
	kzt_drop_count(rx->node, KZT_DROP_MALFORMED);
	return KZT_RX_STOP;
}

static enum kzt_rx_result nop_receive(struct kzt_rx *rx)
{
	return KZT_RX_RECEIVED;
}

/* What a node may leave alone (spec 1, 10.20): authentic, so it counts as heard */
static enum kzt_rx_result unhandled_receive(struct kzt_rx *rx)
{
	kzt_drop_count(rx->node, KZT_DROP_UNHANDLED_VERB);
	return KZT_RX_RECEIVED;
}

/* What the agent decides, if there is one */
static enum kzt_rx_result agent_receive(struct kzt_rx *rx)
{
	if (kzt_upcall_packet(rx))
		kzt_drop_count(rx->node, KZT_DROP_NO_AGENT);
	return KZT_RX_RECEIVED;
}

/* Nobody is asked before this: one peer must not take all of the agent's time */
static bool agent_may(struct kzt_rx *rx)
{
	if (kzt_gate_rate(&rx->peer->agent_paid, rx->now, KZT_AGENT_MS,
			  KZT_AGENT_AHEAD_MS))
		return true;
	kzt_drop_count(rx->node, KZT_DROP_RATE_LIMIT);
	return false;
}

/* Up to whoever listens */
static void message_up(struct kzt_rx *rx, u64 type, u64 id, const u8 *data,
		       size_t len)
{
	struct kzt_peer *peer = rx->peer;

	if (!kzt_gate_rate(&peer->messages_paid, rx->now, KZT_MESSAGE_MS,
			   KZT_MESSAGE_AHEAD_MS)) {
		kzt_drop_count(rx->node, KZT_DROP_RATE_LIMIT);
		return;
	}
	kzt_notify_message(rx->node, peer->address, type, rx->verb, id,
			   rx->hops, data, len);
}

/* Spec 1, 10.13 */
static enum kzt_rx_result credentials_receive(struct kzt_rx *rx)
{
	if (!atomic_read(&rx->node->n_networks))
		return KZT_RX_RECEIVED;
	if (!kzt_gate_rate(&rx->peer->credentials_paid, rx->now,
			   KZT_CREDENTIALS_MS, KZT_CREDENTIALS_AHEAD_MS)) {
		kzt_drop_count(rx->node, KZT_DROP_RATE_LIMIT);
		return KZT_RX_RECEIVED;
	}
	kzt_revoked_note(rx);
	return agent_receive(rx);
}

/* Spec 1, 10.15 */
static enum kzt_rx_result config_receive(struct kzt_rx *rx)
{
	struct kzt_network *nw;
	u64 nwid;

	if (kzt_verb_nwid(rx->pkt, rx->len, &nwid))
		return malformed(rx);
	rcu_read_lock();
	nw = kzt_network_lookup_rcu(rx->node, nwid);
	rcu_read_unlock();
	if (!nw) {
		kzt_drop_count(rx->node, KZT_DROP_NO_NETWORK);
		return KZT_RX_RECEIVED;
	}
	return agent_may(rx) ? agent_receive(rx) : KZT_RX_RECEIVED;
}

/* Spec 1, 10.6 */
static enum kzt_rx_result ok_receive(struct kzt_rx *rx)
{
	struct kzt_ok ok;

	if (kzt_ok_parse(rx->pkt, rx->len, &ok))
		return malformed(rx);
	if (!kzt_expect_check(rx->node, ok.in_re_id)) {
		kzt_drop_count(rx->node, KZT_DROP_UNEXPECTED_OK);
		return KZT_RX_STOP;
	}
	switch (ok.in_re_verb) {
	case KZT_VERB_HELLO:
		return kzt_hello_ok(rx, ok.body, ok.len, ok.in_re_id);
	case KZT_VERB_WHOIS:
		return kzt_whois_ok(rx, ok.body, ok.len);
	case KZT_VERB_ECHO:
		return kzt_echo_ok(rx, ok.in_re_id, ok.body, ok.len);
	case KZT_VERB_MULTICAST_GATHER:
		return kzt_multicast_gather_ok(rx, ok.body, ok.len);
	case KZT_VERB_MULTICAST_FRAME:
		return kzt_multicast_frame_ok(rx, ok.body, ok.len);
	case KZT_VERB_NETWORK_CONFIG_REQUEST:
		return agent_receive(rx);
	default:
		return KZT_RX_RECEIVED;
	}
}

/* Spec 1, 10.5 step 2, code 04: believed from upstreams only */
static void error_collision(struct kzt_rx *rx, const struct kzt_error *e)
{
	static u64 logged;	/* by whichever node; a lost update is harmless */

	if (!READ_ONCE(rx->peer->is_upstream)) {
		kzt_drop_count(rx->node, KZT_DROP_NOT_UPSTREAM);
		return;
	}
	/* Replayed or invented: it answers no HELLO of ours */
	if (e->in_re_verb != KZT_VERB_HELLO ||
	    !kzt_expect_check(rx->node, e->in_re_id))
		return;
	/* Each HELLO meets with it, to each root: one line is enough */
	if (kzt_gate(&logged, rx->now, COLLISION_LOG_MS))
		pr_err("kzt: another node uses the address %010llx: make a new identity\n",
		       READ_ONCE(rx->node->self_address));
	kzt_notify_node(rx->node, true);
}

/* Spec 1, 10.5 */
static enum kzt_rx_result error_receive(struct kzt_rx *rx)
{
	struct kzt_error_group group;
	struct kzt_error e;
	u64 nwid;

	if (kzt_error_parse(rx->pkt, rx->len, &e))
		return malformed(rx);
	switch (e.code) {
	case KZT_ERROR_IDENTITY_COLLISION:
		error_collision(rx, &e);
		break;
	case KZT_ERROR_UNWANTED_MULTICAST:
		if (kzt_error_group(&e, &group))
			return malformed(rx);
		kzt_multicast_unwanted(rx, group.nwid, group.mac, group.adi);
		break;
	case KZT_ERROR_NEED_MEMBERSHIP_CERT:
		if (!kzt_error_nwid(&e, &nwid))
			kzt_push_wanted(rx->node, nwid, rx->peer->address);
		break;
	default:	/* the agent judges those that concern networks */
		if (atomic_read(&rx->node->n_networks) && agent_may(rx))
			agent_receive(rx);
		message_up(rx, e.code, e.in_re_id, rx->body, rx->body_len);
	}
	return KZT_RX_RECEIVED;
}

/* Spec 1, 10.14: this node is no controller */
static void config_request_refuse(struct kzt_rx *rx, u64 nwid)
{
	struct kzt_wcur wc;
	struct sk_buff *skb;

	skb = kzt_msg_new_error(rx->node, rx->peer->address, rx->verb, rx->id,
				KZT_ERROR_UNSUPPORTED_OPERATION, 8, &wc);
	if (skb) {
		kzt_put_u64(&wc, nwid);
		kzt_msg_send_to(rx->peer, skb, &wc, false, -1, &rx->from);
	}
}

/* Spec 4, 4.12.3: the agent answers, for networks of this node alone */
static enum kzt_rx_result config_request_receive(struct kzt_rx *rx)
{
	struct kzt_config_request req;

	if (kzt_config_request_parse(rx->pkt, rx->len, &req))
		return malformed(rx);
	if (!READ_ONCE(rx->node->controller))
		config_request_refuse(rx, req.nwid);
	else if (req.nwid >> 24 == READ_ONCE(rx->node->self_address) &&
		 agent_may(rx) && kzt_upcall_packet(rx))
		kzt_drop_count(rx->node, KZT_DROP_NO_AGENT);
	return KZT_RX_RECEIVED;
}

/* Spec 1, 10.19 */
static enum kzt_rx_result user_message_receive(struct kzt_rx *rx)
{
	struct kzt_user_message m;

	if (!kzt_user_message_parse(rx->pkt, rx->len, &m))
		message_up(rx, m.type, rx->id, m.data, m.len);
	return KZT_RX_RECEIVED;
}

/*
 * handler: required; process context, see struct kzt_rx.  Data verbs do not
 * come here: frame.c has them in softirq.
 */
struct verb_ops {
	enum kzt_rx_result (*handler)(struct kzt_rx *rx);
};

static const struct verb_ops verbs[KZT_VERB_MASK + 1] = {
	[KZT_VERB_NOP]			= { nop_receive },
	[KZT_VERB_HELLO]		= { kzt_hello_authentic },
	[KZT_VERB_ERROR]		= { error_receive },
	[KZT_VERB_OK]			= { ok_receive },
	[KZT_VERB_WHOIS]		= { kzt_whois_receive },
	[KZT_VERB_RENDEZVOUS]		= { kzt_rendezvous_receive },
	[KZT_VERB_ECHO]			= { kzt_echo_receive },
	[KZT_VERB_MULTICAST_LIKE]	= { kzt_multicast_like },
	[KZT_VERB_NETWORK_CREDENTIALS]	= { credentials_receive },
	[KZT_VERB_NETWORK_CONFIG_REQUEST] = { config_request_receive },
	[KZT_VERB_NETWORK_CONFIG]	= { config_receive },
	[KZT_VERB_MULTICAST_GATHER]	= { kzt_multicast_gather },
	[KZT_VERB_PUSH_DIRECT_PATHS]	= { kzt_push_receive },
	[KZT_VERB_ACK]			= { kzt_ack_receive },
	[KZT_VERB_QOS_MEASUREMENT]	= { kzt_qos_receive },
	[KZT_VERB_USER_MESSAGE]		= { user_message_receive },
	[KZT_VERB_REMOTE_TRACE]		= { unhandled_receive },
	[KZT_VERB_PATH_NEGOTIATION_REQUEST] = { kzt_negotiation_receive },
};

static void verb_dispatch(struct kzt_rx *rx)
{
	const struct verb_ops *ops = &verbs[rx->verb];
	enum kzt_rx_result result = KZT_RX_RECEIVED;

	/* Spec 1, 7.2 step 6: an unknown verb counts as received */
	if (ops->handler)
		result = ops->handler(rx);
	else
		kzt_drop_count(rx->node, KZT_DROP_UNKNOWN_VERB);
	if (result != KZT_RX_STOP)
		kzt_peer_received(rx->peer, &rx->from, rx->hops, rx->verb,
				  result == KZT_RX_TRUSTED);
	if (rx->verb != KZT_VERB_OK)
		return;
	/* The first answer of an upstream need not wait for the next round */
	if (READ_ONCE(rx->peer->is_upstream) && !READ_ONCE(rx->node->online))
		kzt_upstream_elect(rx->node, rx->now);
	/* An answer may have opened the way for what waits */
	kzt_whois_arrived(rx->node, rx->peer);
}

static void control_packet(struct kzt_node *node, struct sk_buff *skb)
{
	struct kzt_ctl *ctl = kzt_ctl(skb);
	struct kzt_rx rx = {
		.node = node,
		.peer = ctl->peer,
		.from = ctl->from,
		.pkt = skb->data,
		.len = skb->len,
		.body = skb->data + KZT_HDR_LEN,
		.body_len = skb->len - KZT_HDR_LEN,
		.id = kzt_packet_id(skb->data),
		.verb = kzt_packet_verb(skb->data),
		.hops = kzt_packet_hops(skb->data),
		.now = kzt_now_ms(),
		.at_us = ctl->at_us,
	};

	if (!ctl->authenticated)
		kzt_hello_receive(node, skb);
	else if (!READ_ONCE(rx.peer->dead))
		verb_dispatch(&rx);
	if (rx.peer)
		kzt_peer_put(rx.peer);
}

/**
 * kzt_control_work() - handle the control packets that wait
 * @work: of the node
 */
void kzt_control_work(struct work_struct *work)
{
	struct kzt_node *node = container_of(work, struct kzt_node,
					     control_work);
	unsigned int n;

	for (n = 0; n < CONTROL_BATCH; n++) {
		struct sk_buff *skb = skb_dequeue(&node->control);

		if (!skb)
			return;
		control_packet(node, skb);
		consume_skb(skb);
		cond_resched();
	}
	queue_work(node->control_wq, work);
}
