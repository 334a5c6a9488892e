// SPDX-License-Identifier: GPL-2.0
/* IN spine: datagram -> header -> defrag -> peer -> decrypt -> deliver. */
#include <linux/slab.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "bond.h"
#include "defrag.h"
#include "measure.h"
#include "network.h"
#include "node.h"
#include "peer.h"
#include "phys.h"
#include "proto/lz4.h"
#include "proto/packet.h"
#include "receive.h"
#include "send.h"
#include "socket.h"
#include "verb.h"

/* --- control packets ---------------------------------------------------------- */

/**
 * kzt_ctl() - what goes with a packet that waits for process context
 * @skb: from kzt_control_enqueue()
 *
 * Return: the meta data, at the start of the buffer.
 */
struct kzt_ctl *kzt_ctl(const struct sk_buff *skb)
{
	return PTR_ALIGN((struct kzt_ctl *)skb->head, __alignof__(struct kzt_ctl));
}

/**
 * kzt_control_enqueue() - hand a packet to the verbs
 * @node: receiver
 * @skb: data at byte 0 of the packet, linear; consumed
 * @from: where it came from
 * @peer: sender, or NULL; a reference is taken
 * @authenticated: whether the packet is authentic and decoded
 *
 * Context: BH off or process.
 */
void kzt_control_enqueue(struct kzt_node *node, struct sk_buff *skb,
			 const struct kzt_endpoint *from,
			 struct kzt_peer *peer, bool authenticated)
{
	struct kzt_ctl *ctl;

	if (skb_queue_len_lockless(&node->control) >= KZT_CONTROL_QUEUE_MAX) {
		kzt_drop_skb(node, skb, KZT_DROP_CONTROL_FULL);
		return;
	}
	if (skb_cow_head(skb, sizeof(*ctl) + __alignof__(*ctl))) {
		kzt_drop_skb(node, skb, KZT_DROP_NOMEM);
		return;
	}
	if (peer && !kzt_peer_get(peer)) {
		kzt_drop_skb(node, skb, KZT_DROP_UNKNOWN_PEER);
		return;
	}
	ctl = kzt_ctl(skb);
	ctl->from = *from;
	ctl->peer = peer;
	ctl->at_us = kzt_now_us();
	ctl->authenticated = authenticated;
	skb_queue_tail(&node->control, skb);
	queue_work(node->control_wq, &node->control_work);
}

/* --- after decryption ---------------------------------------------------------- */

/*
 * Replace the packet by one whose payload is decompressed.  The headers in
 * front are kept: they still say where it came from.
 */
static struct sk_buff *packet_decompress(struct kzt_node *node,
					 struct sk_buff *skb)
{
	struct sk_buff *out;
	int len;

	if (skb->len == KZT_HDR_LEN) {	/* spec 1, section 6, step 1 */
		skb->data[KZT_OFF_VERB] &= ~KZT_VERB_COMPRESSED;
		return skb;
	}
	out = skb_copy_expand(skb, skb_headroom(skb),
			      KZT_MAX_PAYLOAD, GFP_ATOMIC);
	if (!out) {
		kzt_drop_skb(node, skb, KZT_DROP_NOMEM);
		return NULL;
	}
	skb_trim(out, KZT_HDR_LEN);
	len = kzt_lz4_decompress(skb->data + KZT_HDR_LEN, skb->len - KZT_HDR_LEN,
				 skb_tail_pointer(out), KZT_MAX_PAYLOAD);
	if (len <= 0) {
		kzt_drop_skb(node, skb, KZT_DROP_BAD_LZ4);
		kfree_skb(out);
		return NULL;
	}
	skb_put(out, len);
	out->data[KZT_OFF_VERB] &= ~KZT_VERB_COMPRESSED;
	consume_skb(skb);
	return out;
}

static void suite_count(struct kzt_node *node, u8 flags)
{
	switch ((flags & KZT_MASK_SUITE) >> KZT_SHIFT_SUITE) {
	case KZT_SUITE_POLY1305:
		kzt_mib_inc(node, RX_SUITE0);
		break;
	case KZT_SUITE_TRUSTED:
		kzt_mib_inc(node, RX_SUITE2);
		break;
	case KZT_SUITE_AES_GMAC_SIV:
		kzt_mib_inc(node, RX_SUITE3);
		break;
	default:
		kzt_mib_inc(node, RX_SUITE1);
	}
}

/* A packet in a peer's name that is not: its path may be a bad one */
static void leg_damaged(struct kzt_peer *peer, const struct sk_buff *skb)
{
	struct kzt_endpoint from;
	struct kzt_path *path;
	struct kzt_leg *leg;

	if (!rcu_access_pointer(peer->bond) || kzt_packet_hops(skb->data) ||
	    kzt_endpoint_from_skb(&from, skb))
		return;
	path = kzt_path_find_rcu(peer, &from);
	leg = path ? rcu_dereference_bh(path->leg) : NULL;
	if (leg)
		WRITE_ONCE(leg->bad, leg->bad + 1);
}

/* An authentic packet came over a path */
static void path_received(struct kzt_path *path, const struct sk_buff *skb)
{
	struct kzt_leg *leg = rcu_dereference_bh(path->leg);
	u64 now = kzt_now_ms();

	WRITE_ONCE(path->rx_bytes, path->rx_bytes + skb->len);
	if (READ_ONCE(path->last_in) != now)
		WRITE_ONCE(path->last_in, now);
	if (unlikely(leg))
		kzt_leg_received(path, leg, kzt_packet_id(skb->data),
				 kzt_packet_verb(skb->data),
				 skb->len - KZT_HDR_LEN);
}

static bool verb_is_data(u8 verb)
{
	return verb == KZT_VERB_FRAME || verb == KZT_VERB_EXT_FRAME ||
	       verb == KZT_VERB_MULTICAST_FRAME;
}

/**
 * kzt_receive_deliver() - handle what a peer sent, once it is decrypted
 * @peer: sender
 * @skb: packet, decrypted in place or known to be false; consumed
 *
 * Context: BH off, RCU; in order.
 */
void kzt_receive_deliver(struct kzt_peer *peer, struct sk_buff *skb)
{
	struct kzt_node *node = peer->node;
	struct kzt_endpoint from;
	struct kzt_path *path = NULL;
	struct kzt_bond *bond;
	u32 hash;
	u8 verb;

	skb_mark_not_on_list(skb);
	if (unlikely(KZT_CB(skb)->state == KZT_CRYPT_FAILED)) {
		atomic64_inc(&peer->auth_failures);
		leg_damaged(peer, skb);
		kzt_drop_skb(node, skb, KZT_DROP_BAD_MAC);
		return;
	}
	suite_count(node, skb->data[KZT_OFF_FLAGS]);
	kzt_mib_inc(node, RX_PACKETS);
	kzt_peer_rx_stats(peer, skb->len);
	kzt_endpoint_from_skb(&from, skb);
	if (!kzt_packet_hops(skb->data)) {
		path = kzt_path_find_rcu(peer, &from);
		if (path)
			path_received(path, skb);
	}
	if (kzt_packet_compressed(skb->data)) {
		skb = packet_decompress(node, skb);
		if (!skb)
			return;
	}
	verb = kzt_packet_verb(skb->data);
	if (!verb_is_data(verb)) {
		kzt_control_enqueue(node, skb, &from, peer, true);
		return;
	}
	if (unlikely(!kzt_replay_check(&peer->replay, kzt_packet_id(skb->data),
				       kzt_now_ms()))) {
		atomic64_inc(&peer->duplicates);
		kzt_drop_skb(node, skb, KZT_DROP_REPLAYED);
		return;
	}
	bond = rcu_dereference_bh(peer->bond);
	if (unlikely(bond && bond->pin) && path &&
	    kzt_flow_hash(skb->data, skb->len, &hash))
		kzt_flow_came(bond->pin, hash, path->id, kzt_now_ms());
	kzt_frame_receive(peer, skb, &from);
}

static void packet_dearmor(struct kzt_peer *peer, struct sk_buff *skb)
{
	u8 suite = (skb->data[KZT_OFF_FLAGS] & KZT_MASK_SUITE) >> KZT_SHIFT_SUITE;
	int err = 0;

	/* Let in by packet_is_trusted(): it has no code to check */
	if (likely(suite != KZT_SUITE_TRUSTED))
		err = kzt_dearmor(skb->data, skb->len, &peer->keys);

	smp_store_release(&KZT_CB(skb)->state,
			  err ? KZT_CRYPT_FAILED : KZT_CRYPT_DONE);
}

/**
 * kzt_decrypt_worker() - authenticate and decrypt what waits in the ring
 * @work: of one CPU
 */
void kzt_decrypt_worker(struct work_struct *work)
{
	struct kzt_crypt_ring *r = kzt_crypt_ring_of(work);
	struct sk_buff *skb;

	while ((skb = ptr_ring_consume_bh(&r->ring))) {
		struct kzt_peer *peer = KZT_CB(skb)->peer;

		/* See kzt_encrypt_worker() */
		kref_get(&peer->ref);
		rcu_read_lock_bh();
		packet_dearmor(peer, skb);
		kzt_queue_finished(&peer->rxq);
		rcu_read_unlock_bh();
		kzt_peer_put(peer);
		if (need_resched())
			cond_resched();
	}
}

/* --- before it ------------------------------------------------------------------- */

/* Outer DSCP and ECN, for decapsulation by RFC 6040 */
static u8 skb_outer_tos(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return ip_hdr(skb)->tos;
	return ipv6_get_dsfield(ipv6_hdr(skb));
}

/*
 * Spec 1, 5.6.  Only what comes directly: a relay passes on what it cannot
 * check, and its address would vouch for anybody.
 */
static bool packet_is_trusted(struct kzt_node *node, const struct sk_buff *skb,
			      const struct kzt_endpoint *from)
{
	return !kzt_packet_hops(skb->data) &&
	       kzt_phys_trusts(node, from,
			       get_unaligned_be64(skb->data + KZT_OFF_MAC));
}

/**
 * kzt_receive_packet() - a whole packet that is for this node
 * @node: receiver
 * @skb: data at byte 0, linear, private; its IP and UDP headers still stand in
 *	front; consumed
 * @from: where it came from
 *
 * Implements: spec 1, 7.1 and 7.2.
 * Context: BH off, RCU.
 */
void kzt_receive_packet(struct kzt_node *node, struct sk_buff *skb,
			const struct kzt_endpoint *from)
{
	u64 src = kzt_get_addr(skb->data + KZT_OFF_SRC);
	u8 suite = (skb->data[KZT_OFF_FLAGS] & KZT_MASK_SUITE) >> KZT_SHIFT_SUITE;
	struct kzt_peer *peer;

	if (unlikely((suite == KZT_SUITE_TRUSTED &&
		      !packet_is_trusted(node, skb, from)) ||
		     suite > KZT_SUITE_AES_GMAC_SIV)) {
		kzt_drop_skb(node, skb, KZT_DROP_BAD_SUITE);
		return;
	}
	if (suite == KZT_SUITE_POLY1305 &&
	    kzt_packet_verb(skb->data) == KZT_VERB_HELLO) {
		if (kzt_hello_admit(node, from, src))
			kzt_control_enqueue(node, skb, from, NULL, false);
		else	/* counted there, under its reason */
			kfree_skb(skb);
		return;
	}
	peer = kzt_peer_lookup_rcu(node, src);
	if (unlikely(!peer)) {
		kzt_whois_pend_rx(node, src, skb, from);
		return;
	}
	memset(KZT_CB(skb), 0, sizeof(struct kzt_cb));
	KZT_CB(skb)->tos = skb_outer_tos(skb);
	if (kzt_queue_inline_ok(&peer->rxq, skb->len)) {
		kzt_mib_inc(node, RX_INLINE);
		packet_dearmor(peer, skb);
		kzt_receive_deliver(peer, skb);
		return;
	}
	kzt_mib_inc(node, RX_QUEUED);
	if (!kzt_queue_enqueue(&node->decrypt, &peer->rxq, skb))
		kzt_drop_skb(node, skb, KZT_DROP_QUEUE_FULL);
}

static void receive_head(struct kzt_node *node, struct sk_buff *skb,
			 const struct kzt_hdr *hdr, struct kzt_endpoint *from)
{
	if (unlikely(hdr->src == READ_ONCE(node->self_address))) {
		kzt_drop_skb(node, skb, KZT_DROP_FROM_SELF);
		return;
	}
	if (unlikely(!kzt_addr_valid(hdr->src))) {
		kzt_drop_skb(node, skb, KZT_DROP_RESERVED_ADDRESS);
		return;
	}
	if (hdr->fragmented)
		skb = kzt_defrag_add(node, skb, hdr, from);
	if (skb)
		kzt_receive_packet(node, skb, from);
}

static void receive_fragment(struct kzt_node *node, struct sk_buff *skb,
			     const struct kzt_hdr *hdr,
			     struct kzt_endpoint *from)
{
	if (unlikely(!kzt_fragment_ok(hdr))) {
		kzt_drop_skb(node, skb, KZT_DROP_BAD_FRAGMENT);
		return;
	}
	skb = kzt_defrag_add(node, skb, hdr, from);
	if (skb)
		kzt_receive_packet(node, skb, from);
}

static void receive_datagram(struct kzt_node *node, struct sk_buff *skb)
{
	u64 self = READ_ONCE(node->self_address);
	struct kzt_endpoint from;
	struct kzt_hdr hdr;
	enum kzt_dgram kind;

	kzt_mib_inc(node, RX_DATAGRAMS);
	if (unlikely(!self)) {
		kzt_drop_skb(node, skb, KZT_DROP_NO_IDENTITY);
		return;
	}
	if (unlikely(skb->len > KZT_MAX_PACKET)) {
		kzt_drop_skb(node, skb, KZT_DROP_OVERSIZED);
		return;
	}
	/* Linear, and ours alone: it is decrypted in place.  A bridge or a
	 * packet socket may hold a clone.
	 */
	if (unlikely(skb_linearize_cow(skb) || skb_unclone(skb, GFP_ATOMIC) ||
		     kzt_endpoint_from_skb(&from, skb))) {
		kzt_drop_skb(node, skb, KZT_DROP_NOMEM);
		return;
	}
	kind = kzt_packet_parse(skb->data, skb->len, &hdr);
	if (unlikely(kind == KZT_DGRAM_BEACON)) {
		kzt_drop_skb(node, skb, KZT_DROP_BEACON);
	} else if (unlikely(kind == KZT_DGRAM_JUNK)) {
		kzt_drop_skb(node, skb, KZT_DROP_RUNT);
	} else if (unlikely(hdr.dst != self)) {
		kzt_relay(node, skb, &hdr, kind == KZT_DGRAM_FRAGMENT, &from);
	} else if (kind == KZT_DGRAM_FRAGMENT) {
		receive_fragment(node, skb, &hdr, &from);
	} else {
		receive_head(node, skb, &hdr, &from);
	}
}

/* The device inside a VRF; before the cb is ours */
static int skb_slave_ifindex(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return inet_sdif(skb);
#if IS_ENABLED(CONFIG_IPV6)
	if (skb->protocol == htons(ETH_P_IPV6))
		return inet6_sdif(skb);
#endif
	return 0;
}

/**
 * kzt_receive() - encap_rcv of the sockets
 * @sk: socket
 * @skb: its data is the UDP header; consumed
 *
 * Context: BH off.
 * Return: 0: taken.
 */
int kzt_receive(struct sock *sk, struct sk_buff *skb)
{
	struct kzt_node *node = rcu_dereference_sk_user_data(sk);

	if (unlikely(!node)) {
		kfree_skb(skb);
		return 0;
	}
	rcu_read_lock_bh();
	skb_mark_not_on_list(skb);
	/* A leg is the device that it came by, not the VRF around it */
	skb->skb_iif = skb_slave_ifindex(skb) ?: skb->skb_iif;
	__skb_pull(skb, sizeof(struct udphdr));
	receive_datagram(node, skb);
	rcu_read_unlock_bh();
	return 0;
}
