// SPDX-License-Identifier: GPL-2.0
/*
 * Showing this node's credentials to members (spec 4.9.2).
 *
 * The agent composes the packets when it puts a configuration in force; from then
 * on members learn of them without it.
 */
#include <linux/skbuff.h>
#include "network.h"
#include "peer.h"
#include "send.h"

#define PUSH_AGAIN_MS	500000	/* spec 4.15 */
#define PUSH_WANTED_MS	1000
/* Receivers take one packet a second: more than that, for theirs is not our clock */
#define PUSH_NEXT_MS	1200

static void push_send(struct kzt_node *node, u64 to, const struct kzt_credset_push *push)
{
	struct kzt_peer *peer;
	struct kzt_wcur wc;
	struct sk_buff *skb;

	skb = kzt_msg_new(node, to, KZT_VERB_NETWORK_CREDENTIALS, push->len, &wc);
	if (!skb) {
		kzt_drop_count(node, KZT_DROP_NOMEM);
		return;
	}
	kzt_put_bytes(&wc, push->data, push->len);
	skb_put(skb, kzt_wcur_len(&wc));
	memset(skb->cb, 0, sizeof(skb->cb));
	KZT_CB(skb)->hash = (u32)to;
	peer = kzt_peer_lookup_rcu(node, to);
	if (likely(peer))
		kzt_send_data(peer, skb);
	else
		kzt_send_pending(node, to, skb);
	kzt_mib_inc(node, CREDENTIAL_PUSHES);
}

/* Which packet is due, or -1 */
static int push_due(const struct kzt_netconf *conf, const struct kzt_member *m,
		    u64 last, u64 now)
{
	if (READ_ONCE(m->pushed) < conf->serial || kzt_age_ms(now, last) >= PUSH_AGAIN_MS)
		return 0;
	if (unlikely(READ_ONCE(m->next_push) < conf->own->n_pushes) &&
	    kzt_age_ms(now, last) >= PUSH_NEXT_MS)
		return READ_ONCE(m->next_push);
	return -1;
}

static void push_packet(struct kzt_network *nw, const struct kzt_netconf *conf,
			struct kzt_member *m, unsigned int i, u64 last, u64 now)
{
	/* Of those who find it due at once, one sends */
	if (cmpxchg64(&m->last_push, last, now) != last)
		return;
	/* Not by the clock, which stands still for as long as a jiffy */
	WRITE_ONCE(m->pushed, conf->serial);
	WRITE_ONCE(m->next_push, i + 1);
	push_send(nw->node, m->address, &conf->own->push[i]);
}

/**
 * kzt_push_before() - show credentials to who is about to get a frame
 * @nw: network
 * @conf: its configuration
 * @to: receiver
 *
 * Implements: spec 4.9.2, first case.
 * Context: BH off, RCU.
 */
void kzt_push_before(struct kzt_network *nw, const struct kzt_netconf *conf,
		     u64 to)
{
	u64 now, last;
	struct kzt_member *m;
	int i;

	if (!conf->own || !conf->own->n_pushes)
		return;
	m = kzt_member_obtain(nw, to);
	if (unlikely(!m))
		return;
	now = kzt_now_ms();
	if (READ_ONCE(m->last_seen) != now)
		WRITE_ONCE(m->last_seen, now);
	last = READ_ONCE(m->last_push);
	i = push_due(conf, m, last, now);
	if (unlikely(i >= 0))
		push_packet(nw, conf, m, i, last, now);
}

/**
 * kzt_push_wanted() - a peer refused a frame for want of a certificate
 * @node: node
 * @nwid: network
 * @address: of the peer
 *
 * Implements: spec 4.9.2, second case.
 * Context: process.
 */
void kzt_push_wanted(struct kzt_node *node, u64 nwid, u64 address)
{
	const struct kzt_netconf *conf;
	struct kzt_network *nw;
	struct kzt_member *m;
	u64 now, last;

	rcu_read_lock_bh();
	rcu_read_lock();
	nw = kzt_network_lookup_rcu(node, nwid);
	conf = nw ? rcu_dereference(nw->conf) : NULL;
	/* Who never got a frame of this network has nothing to refuse */
	m = conf ? kzt_member_lookup_rcu(nw, address) : NULL;
	if (m && conf->own && conf->own->n_pushes) {
		now = kzt_now_ms();
		last = READ_ONCE(m->last_push);
		if (READ_ONCE(m->pushed) < conf->serial ||
		    kzt_age_ms(now, last) > PUSH_WANTED_MS)
			push_packet(nw, conf, m, 0, last, now);
	}
	rcu_read_unlock();
	rcu_read_unlock_bh();
}
