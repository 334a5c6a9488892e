// SPDX-License-Identifier: GPL-2.0
/*
 * Hearing where a peer may be reached (RENDEZVOUS, PUSH_DIRECT_PATHS), and
 * telling two peers of each other (spec 1, 10.8, 10.17, 11; spec 3, 3.6, 3.11).
 */
#include <linux/hash.h>
#include <linux/slab.h>
#include "gate.h"
#include "node.h"
#include "peer.h"
#include "proto/address.h"
#include "rendezvous.h"
#include "send.h"
#include "socket.h"
#include "verb.h"

#define PUSH_SCOPE_MAX	8	/* probes per packet, scope and family */
#define NAT_OPENER_TTL	2

/* Probe an offered endpoint from any local address */
static void offered(struct kzt_peer *peer, const struct kzt_endpoint *ep,
		    bool full)
{
	struct kzt_endpoint any = { .remote = ep->remote };

	kzt_contact(peer, &any, full);
}

/*
 * Opens our NAT, and dies before it reaches the other's.  From the local side that
 * the upstream sees us at, if there is one of that family: that is where the other
 * one was told that we are.
 */
static void nat_open(struct kzt_node *node, const struct kzt_endpoint *ep,
		     const struct kzt_endpoint *seen)
{
	struct kzt_endpoint from = *ep;
	u32 junk = get_random_u32();

	if (seen->remote.sa.sa_family == ep->remote.sa.sa_family) {
		from = *seen;
		from.remote = ep->remote;
	}
	kzt_socket_send_buf(node, &junk, sizeof(junk), &from, NAT_OPENER_TTL);
}

/**
 * kzt_rendezvous_receive() - RENDEZVOUS
 * @rx: packet
 *
 * Implements: spec 1, 10.8; spec 3, 3.11.3.
 * Return: what follows.
 */
enum kzt_rx_result kzt_rendezvous_receive(struct kzt_rx *rx)
{
	struct kzt_rendezvous r;
	struct kzt_endpoint ep;
	struct kzt_peer *peer;

	kzt_mib_inc(rx->node, RENDEZVOUS_RX);
	if (!READ_ONCE(rx->peer->is_upstream)) {
		kzt_drop_count(rx->node, KZT_DROP_NOT_UPSTREAM);
		return KZT_RX_RECEIVED;
	}
	if (kzt_rendezvous_parse(rx->pkt, rx->len, &r)) {
		kzt_drop_count(rx->node, KZT_DROP_MALFORMED);
		return KZT_RX_STOP;
	}
	peer = kzt_peer_get_by_address(rx->node, r.peer);
	if (!peer)	/* never looked up for this */
		return KZT_RX_RECEIVED;
	if (r.at.port && kzt_endpoint_from_inetaddr(&ep, &r.at) &&
	    kzt_path_allowed(peer, &ep)) {
		nat_open(rx->node, &ep, &rx->from);
		offered(peer, &ep, false);
	}
	kzt_peer_put(peer);
	return KZT_RX_RECEIVED;
}

static bool has_path_to(struct kzt_peer *peer, const struct kzt_endpoint *ep,
			u64 now)
{
	bool found = false;
	unsigned int i;

	spin_lock_bh(&peer->lock);
	for (i = 0; i < peer->n_paths && !found; i++) {
		struct kzt_path *p = rcu_dereference_protected(peer->paths[i], 1);

		found = !kzt_path_expired(p, now) &&
			kzt_endpoint_same_remote(&p->ep, ep);
	}
	spin_unlock_bh(&peer->lock);
	return found;
}

/**
 * kzt_push_receive() - PUSH_DIRECT_PATHS
 * @rx: packet
 *
 * Implements: spec 1, 10.17; spec 3, 3.6.2 and 3.12.1.
 * Return: what follows.
 */
enum kzt_rx_result kzt_push_receive(struct kzt_rx *rx)
{
	unsigned int count[KZT_SCOPES][2] = { 0 };
	struct kzt_push_entry e;
	struct kzt_push it;
	int err;

	kzt_mib_inc(rx->node, PUSH_RX);
	if (!kzt_gate_run_pass(&rx->peer->pushes, rx->now, KZT_PUSH_GAP_MS,
			       KZT_PUSH_RUN)) {
		kzt_drop_count(rx->node, KZT_DROP_RATE_LIMIT);
		return KZT_RX_RECEIVED;
	}
	err = kzt_push_open(rx->pkt, rx->len, &it);
	while (!err && (err = kzt_push_next(&it, &e)) > 0) {
		bool redirect = e.flags & KZT_PUSH_REDIRECT;
		struct kzt_endpoint ep;
		bool v6;

		err = 0;
		kzt_inetaddr_unmap(&e.addr);	/* and counted as what it is */
		v6 = e.addr.family == KZT_AF_INET6;
		if (e.flags & KZT_PUSH_FORGET || !e.addr.port ||
		    !kzt_endpoint_from_inetaddr(&ep, &e.addr) ||
		    (!redirect && has_path_to(rx->peer, &ep, rx->now)) ||
		    !kzt_path_allowed(rx->peer, &ep) ||
		    ++count[kzt_inetaddr_scope(&e.addr)][v6] > PUSH_SCOPE_MAX)
			continue;
		if (redirect)
			kzt_path_redirect(rx->peer, &rx->from, &ep, rx->now);
		offered(rx->peer, &ep, redirect);
	}
	if (err < 0) {
		kzt_drop_count(rx->node, KZT_DROP_MALFORMED);
		return KZT_RX_STOP;
	}
	return KZT_RX_RECEIVED;
}

/* --- introducing two peers -------------------------------------------------------- */

#define INTRO_MS	30000
#define INTRO_BITS	10	/* pairs remembered, direct-mapped */
#define INTRO_QUEUE	64

struct intro_pair {
	u64 a, b;
};

struct kzt_intro {
	struct kzt_node *node;
	spinlock_t lock;	/* BH; all of it */
	struct work_struct work;
	unsigned int n;
	struct intro_pair queue[INTRO_QUEUE];
	struct { u64 pair, when; } seen[1 << INTRO_BITS];
};

static void intro_best_of(struct kzt_peer *peer, struct kzt_meet_best *best,
			  u64 now)
{
	struct kzt_meet_end end;
	unsigned int i;

	memset(best, 0, sizeof(*best));
	spin_lock_bh(&peer->lock);
	for (i = 0; i < peer->n_paths; i++) {
		struct kzt_path *p = rcu_dereference_protected(peer->paths[i], 1);

		end.path = p->id;
		end.priority = p->priority;
		end.quality = kzt_path_quality(p, now);
		kzt_endpoint_to_inetaddr(&p->ep, &end.at);
		kzt_meet_add(best, &end);
	}
	spin_unlock_bh(&peer->lock);
}

/*
 * By the path whose end the other one is told of: from the local side that it
 * comes to the receiver will open its NAT.
 */
static void rendezvous_send(struct kzt_peer *to, u32 path, u64 other,
			    const struct kzt_inetaddr *at)
{
	struct kzt_rendezvous r = { .peer = other, .at = *at };
	struct kzt_endpoint ep;
	struct kzt_wcur wc;
	struct sk_buff *skb;

	if (!kzt_path_endpoint(to, path, &ep))
		return;		/* just gone */
	skb = kzt_msg_new(to->node, to->address, KZT_VERB_RENDEZVOUS,
			  9 + 16, &wc);
	if (!skb)
		return;
	kzt_rendezvous_put(&wc, &r);
	if (kzt_msg_send_to(to, skb, &wc, false, -1, &ep))
		kzt_mib_inc(to->node, RENDEZVOUS_TX);
}

/* Spec 3, 3.11.2 */
static void introduce_peers(struct kzt_peer *a, struct kzt_peer *b)
{
	const struct kzt_meet_end *at_a, *at_b;
	struct kzt_meet_best *best;
	u64 now = kzt_now_ms();

	best = kmalloc_array(2, sizeof(*best), GFP_KERNEL);
	if (!best)
		return;
	intro_best_of(a, &best[0], now);
	intro_best_of(b, &best[1], now);
	if (kzt_meet_choose(&best[0], &best[1], &at_a, &at_b)) {
		/* The order is random: some NATs like one, some the other */
		if (get_random_u8() & 1) {
			swap(at_a, at_b);
			swap(a, b);
		}
		rendezvous_send(a, at_a->path, b->address, &at_b->at);
		rendezvous_send(b, at_b->path, a->address, &at_a->at);
	}
	kfree(best);
}

static void introduce_work(struct work_struct *work)
{
	struct kzt_intro *in = container_of(work, struct kzt_intro, work);
	struct intro_pair pair;

	for (;;) {
		struct kzt_peer *a, *b;

		spin_lock_bh(&in->lock);
		if (!in->n) {
			spin_unlock_bh(&in->lock);
			return;
		}
		pair = in->queue[--in->n];
		spin_unlock_bh(&in->lock);
		a = kzt_peer_get_by_address(in->node, pair.a);
		b = kzt_peer_get_by_address(in->node, pair.b);
		if (a && b)
			introduce_peers(a, b);
		if (a)
			kzt_peer_put(a);
		if (b)
			kzt_peer_put(b);
	}
}

/**
 * kzt_introduce() - let two peers find each other
 * @node: node that relays between them
 * @a: one's address
 * @b: the other's
 *
 * At most once in 30 s for a pair; done in process context.
 *
 * Implements: spec 3, 3.11.1.
 * Context: any but hard interrupts.
 */
void kzt_introduce(struct kzt_node *node, u64 a, u64 b)
{
	struct kzt_intro *in = node->intro;
	u64 now = kzt_now_ms(), pair;
	unsigned int slot;
	bool queued = false;

	if (a > b)
		swap(a, b);
	pair = hash_64(a, 64) ^ b;
	slot = hash_64(pair, INTRO_BITS);
	/* For each relayed packet: mostly the answer is no, without the lock */
	if (READ_ONCE(in->seen[slot].pair) == pair &&
	    kzt_age_ms(now, READ_ONCE(in->seen[slot].when)) < INTRO_MS)
		return;
	spin_lock_bh(&in->lock);
	if ((in->seen[slot].pair != pair ||
	     kzt_age_ms(now, in->seen[slot].when) >= INTRO_MS) && in->n < INTRO_QUEUE) {
		WRITE_ONCE(in->seen[slot].pair, pair);
		WRITE_ONCE(in->seen[slot].when, now);
		in->queue[in->n++] = (struct intro_pair){ a, b };
		queued = true;
	}
	spin_unlock_bh(&in->lock);
	if (queued)
		queue_work(node->control_wq, &in->work);
}

/**
 * kzt_intro_init() - make a node's memory of introduced pairs
 * @node: owner
 *
 * Return: 0 or -ENOMEM.
 */
int kzt_intro_init(struct kzt_node *node)
{
	struct kzt_intro *in = kvzalloc(sizeof(*in), GFP_KERNEL);

	if (!in)
		return -ENOMEM;
	in->node = node;
	spin_lock_init(&in->lock);
	INIT_WORK(&in->work, introduce_work);
	node->intro = in;
	return 0;
}

/**
 * kzt_intro_stop() - let nothing run any more
 * @node: owner; its sockets are closed
 */
void kzt_intro_stop(struct kzt_node *node)
{
	cancel_work_sync(&node->intro->work);
}

/**
 * kzt_intro_free() - undo kzt_intro_init()
 * @node: owner
 */
void kzt_intro_free(struct kzt_node *node)
{
	kvfree(node->intro);
	node->intro = NULL;
}
