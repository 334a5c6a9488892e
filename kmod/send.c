// SPDX-License-Identifier: GPL-2.0
/* OUT spine: message -> encrypt -> path choice -> fragments -> socket. */
#include <linux/slab.h>
#include <net/inet_ecn.h>
#include "bond.h"
#include "compress.h"
#include "measure.h"
#include "netlink.h"
#include "network.h"
#include "node.h"
#include "peer.h"
#include "pieces.h"
#include "proto/cursor.h"
#include "proto/packet.h"
#include "receive.h"
#include "send.h"
#include "socket.h"
#include "verb.h"

/* The chosen path, or the relay's if it is none */
static struct kzt_path *path_or_relay(struct kzt_peer *peer,
				      struct kzt_path *path, u32 hash, u64 now)
{
	struct kzt_peer *up;

	if (likely(path && kzt_path_alive(path, now) &&
		   !kzt_path_expired(path, now)))
		return path;
	up = kzt_upstream_best_rcu(peer->node);
	if (up && up != peer) {
		struct kzt_path *relay = kzt_pathset_choose_rcu(up, hash);

		if (relay && (!path || kzt_path_expired(path, now) ||
			      kzt_path_alive(relay, now)))
			return relay;
	}
	return path;
}

/**
 * kzt_send_route_rcu() - which path a packet to a peer takes
 * @peer: receiver
 * @hash: inner flow hash
 * @now: kzt_now_ms()
 *
 * Implements: spec 1, 8.1 step 3: the peer's own path, else the best
 * upstream's, which relays it.  One that fell silent counts as none while the
 * upstream is heard: it is probed meanwhile, and TCP does not wait 243 s for it
 * to expire.
 *
 * Context: RCU (BH); once for each packet, as paths take turns.
 * Return: a path, which may belong to another peer, or NULL.
 */
struct kzt_path *kzt_send_route_rcu(struct kzt_peer *peer, u32 hash, u64 now)
{
	return path_or_relay(peer, kzt_pathset_choose_rcu(peer, hash), hash, now);
}

/**
 * kzt_send_peek_rcu() - which path a packet to a peer may take
 * @peer: receiver
 * @hash: inner flow hash
 * @now: kzt_now_ms()
 *
 * For who asks without sending: kzt_send_route_rcu() that takes no turn.
 *
 * Context: RCU (BH).
 * Return: a path, which may belong to another peer, or NULL.
 */
struct kzt_path *kzt_send_peek_rcu(struct kzt_peer *peer, u32 hash, u64 now)
{
	return path_or_relay(peer, kzt_pathset_peek_rcu(peer, hash), hash, now);
}

static void path_sent(struct kzt_path *path, struct sk_buff *skb)
{
	u64 now = kzt_now_ms();
	size_t len = skb->len;

	if (kzt_age_ms(now, READ_ONCE(path->last_out)) > 100)
		WRITE_ONCE(path->last_out, now);
	WRITE_ONCE(path->tx_bytes, path->tx_bytes + len);
	if (len > KZT_PMTU_FLOOR && !READ_ONCE(path->pmtu_used) &&
	    !(KZT_CB(skb)->flags & KZT_CB_PADDED))
		WRITE_ONCE(path->pmtu_used, true);
}

/* Of a path with a bond; relayed packets, and what is in clear, do not count */
static void leg_sent(struct kzt_path *path, struct kzt_leg *leg, struct sk_buff *skb)
{
	const u8 *pkt = skb->data;

	if (kzt_get_addr(pkt + KZT_OFF_DST) == path->peer->address &&
	    (pkt[KZT_OFF_FLAGS] & KZT_MASK_SUITE) >> KZT_SHIFT_SUITE !=
		    KZT_SUITE_POLY1305)
		kzt_leg_sent(path, leg, kzt_packet_id(pkt),
			     !(KZT_CB(skb)->flags & KZT_CB_CONTROL));
}

static int wire_send(struct kzt_node *node, struct sk_buff *skb,
		     struct kzt_path *path, const struct kzt_endpoint *ep,
		     unsigned int mtu, u8 tos)
{
	struct dst_cache *cache = path ? &path->cache : NULL;
	struct kzt_leg *leg;

	if (path) {
		ep = &path->ep;
		path_sent(path, skb);
		leg = rcu_dereference_bh(path->leg);
		if (unlikely(leg))
			leg_sent(path, leg, skb);
	}
	if (unlikely(skb->data[KZT_OFF_FLAGS] & KZT_FLAG_FRAG))
		return kzt_pieces_send(node, skb, ep, cache, mtu, tos);
	return kzt_socket_send(node, skb, ep, cache, tos, 0);
}

/**
 * kzt_send_wire() - send an armoured packet
 * @node: sender
 * @skb: packet; consumed
 * @path: path, or NULL if only an endpoint is known
 * @ep: endpoint, if @path is NULL
 * @tos: DSCP and ECN of the outer header
 *
 * Implements: spec 1, 3.2.
 * Context: RCU (BH).
 * Return: 0 or a negative errno; the drop is counted.
 */
int kzt_send_wire(struct kzt_node *node, struct sk_buff *skb,
		  struct kzt_path *path, const struct kzt_endpoint *ep, u8 tos)
{
	unsigned int mtu = path ? READ_ONCE(path->mtu) : KZT_MTU_DEFAULT;

	return wire_send(node, skb, path, ep, mtu, tos);
}

static void suite_count(struct kzt_node *node, unsigned int suite)
{
	switch (suite) {
	case KZT_SUITE_POLY1305:
		kzt_mib_inc(node, TX_SUITE0);
		break;
	case KZT_SUITE_TRUSTED:
		kzt_mib_inc(node, TX_SUITE2);
		break;
	case KZT_SUITE_AES_GMAC_SIV:
		kzt_mib_inc(node, TX_SUITE3);
		break;
	default:
		kzt_mib_inc(node, TX_SUITE1);
	}
}

/* Give the packet its id and armour it; in place */
static void packet_armor(struct kzt_peer *peer, struct sk_buff *skb,
			 unsigned int suite)
{
	struct kzt_node *node = peer->node;
	u8 *pkt = skb->data;

	if (!kzt_packet_id(pkt))
		put_unaligned_be64(kzt_node_next_id(node,
					suite == KZT_SUITE_AES_GMAC_SIV),
				   pkt + KZT_OFF_ID);
	kzt_packet_set_fragmented(pkt, skb->len > READ_ONCE(peer->mtu) &&
				  !(KZT_CB(skb)->flags & KZT_CB_WHOLE));
	kzt_armor(pkt, skb->len, suite, &peer->keys);
	if (unlikely(suite == KZT_SUITE_TRUSTED))
		put_unaligned_be64(KZT_CB(skb)->wire_id, pkt + KZT_OFF_MAC);
	if (unlikely(KZT_CB(skb)->flags & KZT_CB_EXPECT))
		kzt_expect_add(node, kzt_packet_id(pkt));
	suite_count(node, suite);
	kzt_mib_inc(node, TX_PACKETS);
	kzt_peer_tx_stats(peer, skb->len);
}

/* --- data ----------------------------------------------------------------- */

/* RFC 6040 normal mode: DSCP stays inside, ECN is copied, CE becomes ECT(0) */
static u8 outer_tos(u8 inner)
{
	return INET_ECN_encapsulate(0, inner);
}

/*
 * Suite 2 is for the trusted path that it was chosen for, and for the peer
 * itself (spec 3, 3.25.11): a packet that takes another, or goes to a relay, is
 * armoured after all.
 */
static void trusted_recheck(struct kzt_peer *peer, struct sk_buff *skb,
			    const struct kzt_path *path)
{
	if (path->peer == peer &&
	    READ_ONCE(path->trust_id) == KZT_CB(skb)->wire_id)
		return;
	kzt_armor(skb->data, skb->len, kzt_peer_suite(peer), &peer->keys);
}

/*
 * Broadcast: the identical packet over each path, cut alike, so that the pieces
 * of different copies fit together.  The receiver removes what it has.
 */
static void send_copies(struct kzt_peer *peer, const struct kzt_pathset *set,
			struct sk_buff *skb, u8 tos)
{
	struct kzt_node *node = peer->node;
	u32 left = set->copies;
	struct sk_buff *copy;

	while (left) {
		struct kzt_path *path = set->path[__ffs(left)];

		left &= left - 1;
		copy = left ? skb_copy(skb, GFP_ATOMIC) : skb;
		if (!copy) {
			kzt_drop_count(node, KZT_DROP_NOMEM);
			continue;
		}
		kzt_mib_inc(node, TX_COPIES);
		wire_send(node, copy, path, NULL, set->copy_mtu, tos);
	}
}

/* What a bond has marked; true if the packet is gone */
static bool send_by_bond(struct kzt_peer *peer, struct sk_buff *skb, u8 tos,
			 u64 now)
{
	const struct kzt_pathset *set = rcu_dereference_bh(peer->set);
	const struct kzt_bond *bond = rcu_dereference_bh(peer->bond);
	struct kzt_path *path;
	u32 path_id;

	if (!set || !bond)
		return false;
	if (KZT_CB(skb)->flags & KZT_CB_COPIES && set->copies) {
		send_copies(peer, set, skb, tos);
		return true;
	}
	if (!(KZT_CB(skb)->flags & KZT_CB_FLOW) || !bond->pin)
		return false;
	if (!kzt_flow_stay(bond->pin, KZT_CB(skb)->hash, now, &path_id))
		return false;
	path = kzt_pathset_eligible(set, path_id);
	if (!path)
		return false;
	kzt_send_wire(peer->node, skb, path, NULL, tos);
	return true;
}

/**
 * kzt_send_deliver() - choose a path for each packet and send it
 * @peer: receiver
 * @list: armoured packets; consumed
 *
 * Context: BH off, RCU; in order.
 */
void kzt_send_deliver(struct kzt_peer *peer, struct sk_buff *list)
{
	struct kzt_node *node = peer->node;
	struct sk_buff *skb, *next;
	u64 now = kzt_now_ms();

	skb_list_walk_safe(list, skb, next) {
		struct kzt_path *path;
		u8 tos = outer_tos(KZT_CB(skb)->tos);

		skb_mark_not_on_list(skb);
		if (unlikely(KZT_CB(skb)->flags & (KZT_CB_COPIES | KZT_CB_FLOW)) &&
		    send_by_bond(peer, skb, tos, now))
			continue;
		path = kzt_send_route_rcu(peer, KZT_CB(skb)->hash, now);
		if (unlikely(!path)) {
			kzt_drop_skb(node, skb, KZT_DROP_TX_NO_PATH);
			continue;
		}
		if (unlikely(KZT_CB(skb)->suite == KZT_SUITE_TRUSTED))
			trusted_recheck(peer, skb, path);
		kzt_send_wire(node, skb, path, NULL, tos);
	}
}

static void data_armor(struct kzt_peer *peer, struct sk_buff *list)
{
	struct sk_buff *skb;

	for (skb = list; skb; skb = skb->next)
		packet_armor(peer, skb, KZT_CB(skb)->suite);
}

/**
 * kzt_encrypt_worker() - armour what waits in the ring
 * @work: of one CPU
 */
void kzt_encrypt_worker(struct work_struct *work)
{
	struct kzt_crypt_ring *r = kzt_crypt_ring_of(work);
	struct sk_buff *skb;

	while ((skb = ptr_ring_consume_bh(&r->ring))) {
		struct kzt_peer *peer = KZT_CB(skb)->peer;
		struct sk_buff *seg;

		/*
		 * Once the state is released another CPU may send and free the
		 * packet, and with it the last reference to the peer.
		 */
		kref_get(&peer->ref);
		rcu_read_lock_bh();
		packet_armor(peer, skb, KZT_CB(skb)->suite);
		for (seg = KZT_CB(skb)->more; seg; seg = seg->next)
			packet_armor(peer, seg, KZT_CB(seg)->suite);
		smp_store_release(&KZT_CB(skb)->state, KZT_CRYPT_DONE);
		kzt_queue_finished(&peer->txq);
		rcu_read_unlock_bh();
		kzt_peer_put(peer);
		if (need_resched())
			cond_resched();
	}
}

/* What the bond needs to know of a list of one flow, before it is encrypted */
static void data_mark(const struct kzt_bond *bond, struct sk_buff *list)
{
	u8 verb = kzt_packet_verb(list->data), mark = 0;
	u32 hash = KZT_CB(list)->hash;
	struct sk_buff *skb;

	if (READ_ONCE(bond->conf.policy.mode) == KZT_POLICY_BROADCAST &&
	    (verb == KZT_VERB_FRAME || verb == KZT_VERB_EXT_FRAME))
		mark = KZT_CB_COPIES;
	else if (bond->pin && kzt_flow_hash(list->data, list->len, &hash))
		mark = KZT_CB_FLOW;
	else
		return;
	for (skb = list; skb; skb = skb->next) {
		KZT_CB(skb)->flags |= mark;
		KZT_CB(skb)->hash = hash;
	}
}

/**
 * kzt_send_data() - send composed data packets to a known peer
 * @peer: receiver
 * @list: linear private skbs linked by next, data at byte 0 of each packet,
 *	id 0, KZT_CB()->hash and ->tos set; consumed
 *
 * Context: BH off, RCU.
 */
void kzt_send_data(struct kzt_peer *peer, struct sk_buff *list)
{
	struct kzt_node *node = peer->node;
	unsigned int suite = kzt_peer_suite(peer), bytes = 0, n = 0;
	const struct kzt_bond *bond = rcu_dereference_bh(peer->bond);
	struct kzt_path *path;
	u64 trust_id = 0;
	struct sk_buff *skb;

	if (unlikely(bond))
		data_mark(bond, list);
	path = kzt_send_peek_rcu(peer, KZT_CB(list)->hash, kzt_now_ms());
	if (unlikely(!path)) {
		kzt_send_pending(node, peer->address, list);
		return;
	}
	/* What a bond may send by several paths is armoured for all of them */
	if (unlikely(READ_ONCE(path->trust_id) && path->peer == peer &&
		     !(KZT_CB(list)->flags & (KZT_CB_COPIES | KZT_CB_FLOW)))) {
		trust_id = READ_ONCE(path->trust_id);
		suite = KZT_SUITE_TRUSTED;
	}
	for (skb = list; skb; skb = skb->next) {
		KZT_CB(skb)->suite = suite;
		KZT_CB(skb)->wire_id = trust_id;
		bytes += skb->len;
		n++;
	}
	if (kzt_queue_inline_ok(&peer->txq, bytes)) {
		kzt_mib_add(node, TX_INLINE, n);
		data_armor(peer, list);
		kzt_send_deliver(peer, list);
		return;
	}
	kzt_mib_add(node, TX_QUEUED, n);
	if (!kzt_queue_enqueue(&node->encrypt, &peer->txq, list))
		kzt_drop_skb_list(node, list, KZT_DROP_QUEUE_FULL);
}

/**
 * kzt_send_pending() - keep packets until their receiver can be reached
 * @node: sender
 * @address: receiver
 * @list: as for kzt_send_data(); consumed
 *
 * Implements: spec 1, 8.1 step 2; spec 3, 3.16.4.
 * Context: BH off.
 */
void kzt_send_pending(struct kzt_node *node, u64 address, struct sk_buff *list)
{
	if (!READ_ONCE(node->self_address)) {
		kzt_drop_skb_list(node, list, KZT_DROP_NO_KEYS);
		return;
	}
	kzt_whois_pend_tx(node, address, list);
}

/* --- control ---------------------------------------------------------------- */

static u64 msg_finish(struct kzt_peer *peer, struct sk_buff *skb,
		      struct kzt_wcur *wc, unsigned int suite, bool expect)
{
	u64 id;

	skb_put(skb, kzt_wcur_len(wc));
	KZT_CB(skb)->flags |= KZT_CB_CONTROL;
	if (suite != KZT_SUITE_POLY1305)
		kzt_compress(peer->node, skb);
	packet_armor(peer, skb, suite);
	id = kzt_packet_id(skb->data);
	if (expect)
		kzt_expect_add(peer->node, id);
	return id;
}

/**
 * kzt_msg_send() - send a control packet by the normal procedure
 * @peer: receiver
 * @skb: from kzt_msg_new(); consumed
 * @wc: as written
 * @expect: a reply may come
 *
 * Implements: spec 1, 8.1.
 * Context: any but hard interrupts.
 * Return: the wire id, or 0 if it could not be sent.
 */
u64 kzt_msg_send(struct kzt_peer *peer, struct sk_buff *skb,
		 struct kzt_wcur *wc, bool expect)
{
	struct kzt_path *path;
	u64 id = 0;

	rcu_read_lock_bh();
	path = kzt_send_route_rcu(peer, (u32)peer->address, kzt_now_ms());
	if (!path || wc->bad) {
		kzt_drop_skb(peer->node, skb, KZT_DROP_TX_NO_PATH);
		goto out;
	}
	id = msg_finish(peer, skb, wc, kzt_peer_suite(peer), expect);
	if (kzt_send_wire(peer->node, skb, path, NULL, 0))
		id = 0;
out:
	rcu_read_unlock_bh();
	return id;
}

/**
 * kzt_msg_send_to() - send a control packet straight to an endpoint
 * @peer: whose key armours it
 * @skb: from kzt_msg_new(); consumed; an id that is set already is kept
 * @wc: as written
 * @expect: a reply may come
 * @suite: suite, or negative for the peer's
 * @ep: where to
 *
 * Implements: spec 1, 8.2.
 * Context: any but hard interrupts.
 * Return: the wire id, or 0 if it could not be sent.
 */
u64 kzt_msg_send_to(struct kzt_peer *peer, struct sk_buff *skb,
		    struct kzt_wcur *wc, bool expect, int suite,
		    const struct kzt_endpoint *ep)
{
	struct kzt_path *path;
	u64 id = 0;

	rcu_read_lock_bh();
	if (wc->bad) {
		kzt_drop_skb(peer->node, skb, KZT_DROP_TX_ERROR);
		goto out;
	}
	id = msg_finish(peer, skb, wc,
			suite < 0 ? kzt_peer_suite(peer) : suite, expect);
	path = kzt_path_find_rcu(peer, ep);
	if (kzt_send_wire(peer->node, skb, path, ep, 0))
		id = 0;
out:
	rcu_read_unlock_bh();
	return id;
}

/**
 * kzt_echo_send_sized() - send an ECHO that fills a datagram
 * @peer: receiver
 * @path: path to send it over
 * @size: UDP payload
 *
 * Neither we nor anybody on the way cuts it: it arrives as it is, or not.
 *
 * Implements: spec 1, 10.11.
 * Context: RCU (BH).
 * Return: its wire id, or 0.
 */
u64 kzt_echo_send_sized(struct kzt_peer *peer, struct kzt_path *path,
			unsigned int size)
{
	struct kzt_wcur wc;
	struct sk_buff *skb;
	void *pad;
	u64 id;

	skb = kzt_msg_new(peer->node, peer->address, KZT_VERB_ECHO,
			  size - KZT_HDR_LEN, &wc);
	if (!skb)
		return 0;
	pad = kzt_put_space(&wc, size - KZT_HDR_LEN);
	if (!pad) {
		kfree_skb(skb);
		return 0;
	}
	memset(pad, 0, size - KZT_HDR_LEN);
	KZT_CB(skb)->flags |= KZT_CB_WHOLE | KZT_CB_PADDED;
	id = msg_finish(peer, skb, &wc, kzt_peer_suite(peer), true);
	path_sent(path, skb);
	return kzt_socket_send_whole(peer->node, skb, &path->ep) ? 0 : id;
}
