// SPDX-License-Identifier: GPL-2.0
/* Contacting endpoints, and ECHO. */
#include <linux/slab.h>
#include "bond.h"
#include "gate.h"
#include "local.h"
#include "measure.h"
#include "netlink.h"
#include "network.h"
#include "node.h"
#include "peer.h"
#include "pmtu.h"
#include "proto/address.h"
#include "send.h"
#include "verb.h"

#define ECHO_SPACE_MS		1001	/* spec 3, 3.25.5 */
#define USER_PROBES_MAX		64

/*
 * Spec 3, 3.25.5: an old peer answers one ECHO a second, on whatever path; where
 * that is too seldom, a HELLO is answered always.
 */
static bool echo_will_do(struct kzt_peer *peer, bool full)
{
	unsigned int major = READ_ONCE(peer->major);
	unsigned int minor = READ_ONCE(peer->minor);
	unsigned int rev = READ_ONCE(peer->revision);

	if (!kzt_contact_is_echo(full, READ_ONCE(peer->proto), major, minor, rev))
		return false;
	return !kzt_echo_is_spaced(major, minor, rev) ||
	       kzt_gate(&peer->last_echo_out, kzt_now_ms(), ECHO_SPACE_MS);
}

static void contact_leg(struct kzt_peer *peer, const struct kzt_endpoint *leg,
			bool full)
{
	if (echo_will_do(peer, full))
		kzt_echo_send(peer, leg);
	else
		kzt_hello_send(peer, leg);
}

/**
 * kzt_contact() - probe an endpoint
 * @peer: who should be there
 * @ep: endpoint; without a local side it is probed from each there is
 * @full: a HELLO even if ECHO would do
 *
 * Implements: spec 3, 3.7.1 and 3.7.2.
 * Context: any but hard interrupts.
 */
void kzt_contact(struct kzt_peer *peer, const struct kzt_endpoint *ep, bool full)
{
	struct kzt_endpoint leg;
	unsigned int pos = 0;
	bool sent = false;

	rcu_read_lock_bh();
	if (!ep->ifindex) {
		while (kzt_local_next(peer->node, ep, &pos, &leg)) {
			contact_leg(peer, &leg, full);
			sent = true;
		}
	}
	/* No address has a route there: let the route choose an address */
	if (!sent)
		contact_leg(peer, ep, full);
	rcu_read_unlock_bh();
}

/**
 * kzt_contact_others() - probe an endpoint that answered from the other sides
 * @peer: who is there
 * @ep: path; its remote side is probed from each local side that has none
 *
 * So the mesh of local and remote sides becomes known, as with peers of later
 * eras, but towards addresses only that are known to be the peer's.
 *
 * Implements: spec 3, 3.5.3 "Consequence".
 * Context: any but hard interrupts.
 */
void kzt_contact_others(struct kzt_peer *peer, const struct kzt_endpoint *ep)
{
	struct kzt_node *node = peer->node;
	struct kzt_endpoint leg;
	unsigned int pos = 0;

	if (READ_ONCE(node->path_rule) == KZT_PATH_RULE_SPARSE)
		return;
	rcu_read_lock_bh();
	while (kzt_local_next(node, ep, &pos, &leg))
		if (!kzt_path_find_rcu(peer, &leg) &&
		    kzt_path_try(peer, &leg, kzt_now_ms()))
			contact_leg(peer, &leg, false);
	rcu_read_unlock_bh();
}

/**
 * kzt_path_probed() - remember what was sent, so that the answer measures it
 * @peer: receiver
 * @ep: over which endpoint; if it is a path
 * @id: wire id of the probe
 */
void kzt_path_probed(struct kzt_peer *peer, const struct kzt_endpoint *ep, u64 id)
{
	struct kzt_path *path;

	rcu_read_lock_bh();
	path = kzt_path_find_rcu(peer, ep);
	if (path) {
		WRITE_ONCE(path->probe_sent, kzt_now_us());
		WRITE_ONCE(path->probe_id, id);
	}
	rcu_read_unlock_bh();
}

/**
 * kzt_echo_send() - send an ECHO
 * @peer: receiver
 * @ep: where to, or NULL for the normal procedure
 *
 * Implements: spec 1, 10.11.
 * Context: any but hard interrupts.
 * Return: its wire id, or 0.
 */
u64 kzt_echo_send(struct kzt_peer *peer, const struct kzt_endpoint *ep)
{
	struct kzt_wcur wc;
	struct sk_buff *skb;
	u64 id;

	skb = kzt_msg_new(peer->node, peer->address, KZT_VERB_ECHO, 0, &wc);
	if (!skb)
		return 0;
	id = ep ? kzt_msg_send_to(peer, skb, &wc, true, -1, ep) :
		  kzt_msg_send(peer, skb, &wc, true);
	if (!id)
		return 0;
	kzt_mib_inc(peer->node, ECHO_TX);
	if (ep)
		kzt_path_probed(peer, ep, id);
	return id;
}

/**
 * kzt_echo_receive() - ECHO
 * @rx: packet
 *
 * Implements: spec 1, 10.11.
 * Return: what follows.
 */
enum kzt_rx_result kzt_echo_receive(struct kzt_rx *rx)
{
	struct kzt_path *path;
	struct kzt_wcur wc;
	struct sk_buff *skb;
	u64 *last;
	bool pass;

	kzt_mib_inc(rx->node, ECHO_RX);
	rcu_read_lock_bh();
	/* The gate is one of the path, known yet or not; relayed ones share one */
	path = rx->hops ? NULL : kzt_path_find_rcu(rx->peer, &rx->from);
	last = path ? &path->last_echo : rx->hops ? &rx->peer->last_echo :
	       &rx->peer->last_echo_by[kzt_endpoint_hash(&rx->from) %
				       ARRAY_SIZE(rx->peer->last_echo_by)];
	pass = kzt_gate(last, rx->now, KZT_ECHO_GATE_MS);
	rcu_read_unlock_bh();
	if (!pass) {
		kzt_drop_count(rx->node, KZT_DROP_RATE_LIMIT);
		return KZT_RX_STOP;
	}
	if (rx->body_len > KZT_ECHO_MAX_BODY) {
		kzt_drop_count(rx->node, KZT_DROP_OVERSIZED);
		return KZT_RX_STOP;
	}
	skb = kzt_msg_new_ok(rx->node, rx->peer->address, rx->verb, rx->id,
			     rx->body_len, &wc);
	if (skb) {
		kzt_put_bytes(&wc, rx->body, rx->body_len);
		KZT_CB(skb)->flags |= KZT_CB_PADDED;
		kzt_msg_send_to(rx->peer, skb, &wc, false, -1, &rx->from);
	}
	return KZT_RX_RECEIVED;
}

/**
 * kzt_path_confirmed() - an answer came over an endpoint that is no path yet
 * @peer: peer that answered
 * @ep: endpoint, allowed
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.5.3.
 * Context: any but hard interrupts, RCU.
 * Return: the new path, or NULL if it did not become one.
 */
struct kzt_path *kzt_path_confirmed(struct kzt_peer *peer,
				    const struct kzt_endpoint *ep, u64 now)
{
	struct kzt_path *path = kzt_path_learn(peer, ep, now);

	if (!path)
		return NULL;
	peer->hint_fails = 0;
	kzt_bond_update(peer, now);
	kzt_notify_peer(peer, false);
	/* What was measured may be the time that a validation took */
	kzt_echo_send(peer, ep);
	kzt_contact_others(peer, ep);
	return path;
}

/**
 * kzt_path_answered() - a probe was answered: learn the path, and how long it is
 * @rx: the answer
 * @in_re_id: id of the probe
 *
 * One sample a probe: a repeated answer would make the path seem longer.
 *
 * Implements: spec 1, 10.4 step 5 of OK(HELLO); spec 3, 3.5.3.
 * Context: process.
 */
void kzt_path_answered(struct kzt_rx *rx, u64 in_re_id)
{
	struct kzt_path *path;
	u64 us;

	if (rx->hops)
		return;
	rcu_read_lock_bh();
	path = kzt_path_find_rcu(rx->peer, &rx->from);
	if (!path && kzt_path_allowed(rx->peer, &rx->from))
		path = kzt_path_confirmed(rx->peer, &rx->from, rx->now);
	if (path && !kzt_leg_answered(path, in_re_id, rx->at_us) &&
	    (READ_ONCE(path->probe_id) == in_re_id || !READ_ONCE(path->rtt_us))) {
		us = kzt_expect_age_us(rx->node, in_re_id, rx->at_us);
		WRITE_ONCE(path->probe_id, 0);
		if (us != U64_MAX)
			kzt_path_sample_rtt(path, us);
	}
	rcu_read_unlock_bh();
}

/* --- `kzt ping` --------------------------------------------------------------- */

struct user_probe {
	struct kzt_node *node;
	u64 wire_id;
	u64 cookie;
	u64 sent_us;
	u32 portid;
	u32 path_id;
};

/*
 * Asked by hand, so few, and shared by all nodes.  The lock is held while one is
 * sent: the answer may be there before its id is noted.
 */
static struct user_probe user_probes[USER_PROBES_MAX];
static DEFINE_MUTEX(user_probes_lock);

static void user_probe_note(const struct user_probe *probe)
{
	unsigned int i, oldest = 0;

	lockdep_assert_held(&user_probes_lock);
	for (i = 1; i < USER_PROBES_MAX; i++)
		if (user_probes[i].sent_us < user_probes[oldest].sent_us)
			oldest = i;
	user_probes[oldest] = *probe;
}

/**
 * kzt_probe_user() - send an ECHO whose answer is reported
 * @peer: receiver; the caller holds a reference
 * @path_id: path to send it over, U32_MAX for the normal procedure
 * @cookie: repeated in the report
 * @portid: netlink port that asked
 *
 * Return: 0; -ENOENT: no such path; -EHOSTUNREACH: it could not be sent.
 */
int kzt_probe_user(struct kzt_peer *peer, u32 path_id, u64 cookie, u32 portid)
{
	struct user_probe probe = {
		.node = peer->node, .cookie = cookie, .portid = portid,
		.path_id = path_id,
	};
	struct kzt_endpoint ep;

	if (path_id != U32_MAX && !kzt_path_endpoint(peer, path_id, &ep))
		return -ENOENT;
	mutex_lock(&user_probes_lock);
	probe.sent_us = kzt_now_us();
	probe.wire_id = kzt_echo_send(peer, path_id == U32_MAX ? NULL : &ep);
	if (probe.wire_id)
		user_probe_note(&probe);
	mutex_unlock(&user_probes_lock);
	return probe.wire_id ? 0 : -EHOSTUNREACH;
}

static void user_probe_answered(struct kzt_rx *rx, u64 in_re_id)
{
	struct user_probe probe = { 0 };
	unsigned int i;

	mutex_lock(&user_probes_lock);
	for (i = 0; i < USER_PROBES_MAX; i++) {
		if (user_probes[i].wire_id != in_re_id ||
		    user_probes[i].node != rx->node)
			continue;
		probe = user_probes[i];
		memset(&user_probes[i], 0, sizeof(user_probes[i]));
		break;
	}
	mutex_unlock(&user_probes_lock);
	if (probe.wire_id)
		kzt_notify_probe(rx->node, probe.portid, rx->peer->address,
				 probe.path_id, rx->at_us - probe.sent_us,
				 probe.cookie, &rx->from, rx->hops);
}

/**
 * kzt_probes_forget() - a node goes: its probes are not answered any more
 * @node: node
 */
void kzt_probes_forget(struct kzt_node *node)
{
	unsigned int i;

	mutex_lock(&user_probes_lock);
	for (i = 0; i < USER_PROBES_MAX; i++)
		if (user_probes[i].node == node)
			memset(&user_probes[i], 0, sizeof(user_probes[i]));
	mutex_unlock(&user_probes_lock);
}

/**
 * kzt_echo_ok() - OK(ECHO)
 * @rx: packet; its in-re id is expected
 * @in_re_id: id of the ECHO
 * @body: as sent
 * @len: bytes
 *
 * Return: what follows.
 */
enum kzt_rx_result kzt_echo_ok(struct kzt_rx *rx, u64 in_re_id, const u8 *body,
			       size_t len)
{
	kzt_path_answered(rx, in_re_id);
	kzt_pmtu_answered(rx->node, in_re_id, rx->now);
	user_probe_answered(rx, in_re_id);
	return KZT_RX_RECEIVED;
}
