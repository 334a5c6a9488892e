// SPDX-License-Identifier: GPL-2.0
/* Ethernet frames from the network to the stack (spec 4.3.2, 4.11.5). */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/inet_ecn.h>
#include "frame.h"
#include "peer.h"
#include "proto/netaddr.h"
#include "receive.h"
#include "send.h"

/**
 * struct frame_rx - a packet with a frame
 * @node: receiver
 * @peer: sender
 * @nw: network
 * @conf: its configuration; NULL: none yet
 * @from: where the packet came from
 * @skb: packet, data at byte 0
 * @id: wire packet id
 * @verb: verb
 * @hops: 0 is direct
 * @outer_tos: DSCP and ECN it came with
 * @mac: the sender's on the network
 */
struct frame_rx {
	struct kzt_node *node;
	struct kzt_peer *peer;
	struct kzt_network *nw;
	const struct kzt_netconf *conf;
	const struct kzt_endpoint *from;
	struct sk_buff *skb;
	u64 id;
	u8 verb;
	u8 hops;
	u8 outer_tos;
	u8 mac[ETH_ALEN];
};

static void frame_received(const struct frame_rx *rx, bool trust)
{
	kzt_peer_received(rx->peer, rx->from, rx->hops, rx->verb, trust);
}

static void frame_drop(struct frame_rx *rx, enum kzt_drop reason)
{
	kzt_rx_drop(rx->nw, rx->skb, reason);
	rx->skb = NULL;
}

/* --- answers --------------------------------------------------------------------- */

static void frame_error(struct frame_rx *rx)
{
	struct kzt_wcur wc;
	struct sk_buff *skb;

	skb = kzt_msg_new_error(rx->node, rx->peer->address, rx->verb, rx->id,
				KZT_ERROR_NEED_MEMBERSHIP_CERT, sizeof(u64),
				&wc);
	if (!skb)
		return;
	kzt_put_u64(&wc, rx->nw->id);
	kzt_msg_send_to(rx->peer, skb, &wc, false, -1, rx->from);
}

/*
 * The certificate that a member from before 1.2 sends with its frames: to the
 * verbs, as if it had been pushed alone (spec 4.3.2, 4.11.5).
 */
static void frame_offer(struct frame_rx *rx, const u8 *com, size_t len)
{
	struct sk_buff *skb = alloc_skb(KZT_SKB_HEADROOM + KZT_HDR_LEN + len,
					GFP_ATOMIC);

	if (!skb) {
		kzt_drop_count(rx->node, KZT_DROP_NOMEM);
		return;
	}
	skb_reserve(skb, KZT_SKB_HEADROOM);
	skb_put_data(skb, rx->skb->data, KZT_HDR_LEN);
	skb->data[KZT_OFF_VERB] = KZT_VERB_NETWORK_CREDENTIALS;
	skb_put_data(skb, com, len);
	kzt_control_enqueue(rx->node, skb, rx->from, rx->peer, true);
}

/*
 * Spec 4.9.4: the sender is told, and shows its certificate, unless the packet had
 * it.  The packet itself may be held for 5 s or dropped, as the receiver likes.
 * Here it is dropped: what waits would be memory that anybody fills who knows the
 * network's id, and users of IP repeat what is lost.
 */
static void frame_refuse(struct frame_rx *rx, const u8 *com, size_t com_len)
{
	if (kzt_member_may_refuse(rx->nw, rx->peer->address)) {
		if (com)
			frame_offer(rx, com, com_len);
		frame_error(rx);
	}
	frame_drop(rx, KZT_DROP_NOT_MEMBER);
}

/* OK(EXT_FRAME), by the path it came in */
static void frame_acknowledge(struct frame_rx *rx)
{
	struct kzt_wcur wc;
	struct sk_buff *skb;

	skb = kzt_msg_new_ok(rx->node, rx->peer->address, rx->verb, rx->id,
			     sizeof(u64), &wc);
	if (!skb)
		return;
	kzt_put_u64(&wc, rx->nw->id);
	kzt_msg_send_to(rx->peer, skb, &wc, false, -1, rx->from);
}

/* --- delivery ---------------------------------------------------------------------- */

/* RFC 6040: congestion on the way is congestion of the inner flow */
static void frame_ecn(struct sk_buff *skb, u8 outer)
{
	u8 inner;

	if (!(outer & INET_ECN_MASK))
		return;
	if (skb->protocol == htons(ETH_P_IP) &&
	    pskb_may_pull(skb, sizeof(struct iphdr)))
		inner = ip_hdr(skb)->tos;
	else if (skb->protocol == htons(ETH_P_IPV6) &&
		 pskb_may_pull(skb, sizeof(struct ipv6hdr)))
		inner = ipv6_get_dsfield(ipv6_hdr(skb));
	else
		return;
	/*
	 * A CE on what cannot carry it would have to be dropped by a tunnel
	 * that copies ECN; the sender may be one that does not.
	 */
	INET_ECN_decapsulate(skb, outer, inner);
}

/*
 * Put an Ethernet header in front of the body.  Where unaligned loads are
 * dear, the body moves so that its IP header is aligned.
 */
static void frame_ethernet(struct sk_buff *skb, const struct kzt_eth *eth)
{
	u8 *body = (u8 *)eth->body;
	unsigned int shift = 0;
	struct ethhdr *h;

	if (!IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS)) {
		shift = (unsigned long)body & 3;
		if (shift)
			memmove(body - shift, body, eth->len);
	}
	__skb_pull(skb, body - shift - ETH_HLEN - skb->data);
	__skb_trim(skb, ETH_HLEN + eth->len);
	h = (struct ethhdr *)skb->data;
	ether_addr_copy(h->h_dest, eth->dst);
	ether_addr_copy(h->h_source, eth->src);
	h->h_proto = htons(eth->type);
}

static void frame_deliver(struct frame_rx *rx, const struct kzt_eth *eth)
{
	struct net_device *dev = rx->nw->dev;
	struct sk_buff *skb = rx->skb;
	unsigned int len = eth->len + ETH_HLEN;

	if (unlikely(eth->len > kzt_eth_max(dev, eth->type))) {
		frame_drop(rx, KZT_DROP_FRAME_TOO_BIG);
		return;
	}
	if (unlikely(!(READ_ONCE(dev->flags) & IFF_UP))) {
		frame_drop(rx, KZT_DROP_DEV_DOWN);
		return;
	}
	rx->skb = NULL;
	frame_ethernet(skb, eth);
	skb_orphan(skb);
	skb_scrub_packet(skb, !net_eq(dev_net(dev), rx->node->net));
	skb_clear_hash(skb);
	skb_set_queue_mapping(skb, 0);
	skb->encapsulation = 0;
	skb->mark = READ_ONCE(rx->peer->mark);
	/* The sender's stack made it, and nothing changed it since */
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_level = ~0;
	skb->protocol = eth_type_trans(skb, dev);
	skb_reset_network_header(skb);
	frame_ecn(skb, rx->outer_tos);
	memset(skb->cb, 0, sizeof(skb->cb));
	this_cpu_inc(rx->nw->mib->event[KZT_MIB_RX_FRAMES]);
	kzt_mib_inc(rx->node, RX_FRAMES);
	if (gro_cells_receive(&rx->nw->gro, skb) == NET_RX_SUCCESS)
		dev_sw_netstats_rx_add(dev, len);
}

/* --- FRAME --------------------------------------------------------------------------- */

static void frame_plain(struct frame_rx *rx)
{
	struct kzt_frame f;
	struct kzt_eth eth;

	if (kzt_frame_parse(rx->skb->data, rx->skb->len, &f)) {
		frame_drop(rx, KZT_DROP_MALFORMED);
		return;
	}
	if (unlikely(!kzt_member_gate(rx->nw, rx->conf, rx->peer, true))) {
		frame_refuse(rx, NULL, 0);
		return;
	}
	frame_received(rx, true);
	if (!f.len) {
		consume_skb(rx->skb);
		return;
	}
	ether_addr_copy(eth.dst, rx->nw->mac);
	ether_addr_copy(eth.src, rx->mac);
	eth.type = f.ethertype;
	eth.body = f.data;
	eth.len = f.len;
	if (kzt_police_in(rx->nw, rx->conf, &eth, rx->peer->address))
		frame_deliver(rx, &eth);
	else
		frame_drop(rx, KZT_DROP_FILTERED_IN);
}

/* --- EXT_FRAME ------------------------------------------------------------------------ */

/* Who may send from and to foreign addresses: step 4b */
static enum kzt_drop ext_check(struct frame_rx *rx, const struct kzt_eth *eth)
{
	const struct kzt_netconf *conf = rx->conf;

	if (!kzt_mac_equal(eth->src, rx->mac)) {
		if (!kzt_netconf_is_bridge(conf, rx->peer->address))
			return KZT_DROP_NOT_BRIDGE;
		kzt_fdb_learn(rx->nw, conf, eth->src, rx->peer->address);
		return KZT_DROP_NONE;
	}
	if (kzt_mac_equal(eth->dst, rx->nw->mac))
		return KZT_DROP_NONE;
	if (kzt_mac_is_group(eth->dst))
		return conf->multicast_limit ? KZT_DROP_NONE :
					       KZT_DROP_MULTICAST_OFF;
	return conf->am_bridge ? KZT_DROP_NONE : KZT_DROP_NOT_BRIDGE;
}

/* Returns whether the packet may be acknowledged */
static bool ext_handle(struct frame_rx *rx, const struct kzt_ext_frame *f)
{
	enum kzt_drop why;
	struct kzt_eth eth;

	if (!f->has_frame) {
		consume_skb(rx->skb);
		return true;
	}
	memcpy(eth.dst, f->dst, ETH_ALEN);
	memcpy(eth.src, f->src, ETH_ALEN);
	eth.type = f->ethertype;
	eth.body = f->data;
	eth.len = f->len;
	if (kzt_mac_is_zero(eth.src) || kzt_mac_equal(eth.src, rx->nw->mac)) {
		frame_drop(rx, KZT_DROP_BAD_MAC_ADDRESS);
		return false;
	}
	switch (kzt_police_in(rx->nw, rx->conf, &eth, rx->peer->address)) {
	case 0:
		frame_drop(rx, KZT_DROP_FILTERED_IN);
		return true;
	case 1:
		why = ext_check(rx, &eth);
		if (why) {
			frame_drop(rx, why);
			return false;
		}
		break;
	}
	frame_deliver(rx, &eth);
	return true;
}

static void frame_extended(struct frame_rx *rx)
{
	struct kzt_ext_frame f;
	int err = kzt_ext_frame_parse(rx->skb->data, rx->skb->len, &f);

	if (err == -EBADMSG) {
		frame_drop(rx, KZT_DROP_MALFORMED);
		return;
	}
	if (unlikely(!kzt_member_gate(rx->nw, rx->conf, rx->peer, true))) {
		frame_refuse(rx, f.com, f.com_len);
		return;
	}
	if (err) {
		frame_drop(rx, KZT_DROP_MALFORMED);
		return;
	}
	frame_received(rx, true);
	if (ext_handle(rx, &f) && (f.flags & KZT_EXT_FRAME_ACK))
		frame_acknowledge(rx);
}

/* --- MULTICAST_FRAME -------------------------------------------------------------------- */

/* Step 3b: on to the other members; the frame itself is still to be delivered */
static void mcast_replicate(struct frame_rx *rx, const struct kzt_eth *eth,
			    u32 adi)
{
	struct sk_buff *skb = alloc_skb(NET_IP_ALIGN + ETH_HLEN + eth->len,
					GFP_ATOMIC);

	if (!skb) {
		kzt_drop_count(rx->node, KZT_DROP_NOMEM);
		return;
	}
	skb_reserve(skb, NET_IP_ALIGN);
	skb_put_data(skb, eth->dst, ETH_ALEN);
	skb_put_data(skb, eth->src, ETH_ALEN);
	put_unaligned_be16(eth->type, skb_put(skb, 2));
	skb_put_data(skb, eth->body, eth->len);
	/* What the hash of its flow is made of */
	skb->dev = rx->nw->dev;
	skb->protocol = htons(eth->type);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	kzt_multicast_send(rx->nw, skb, adi, rx->peer->address);
}

/* Steps 3a to 3d; returns whether step 4 follows */
static bool mcast_handle(struct frame_rx *rx, const struct kzt_mcast_frame *f)
{
	const struct kzt_netconf *conf = rx->conf;
	struct kzt_eth eth;

	memcpy(eth.dst, f->dst, ETH_ALEN);
	memcpy(eth.src, f->src ?: rx->mac, ETH_ALEN);
	eth.type = f->ethertype;
	eth.body = f->data;
	eth.len = f->len;
	if (!kzt_mac_is_group(eth.dst) || kzt_mac_is_zero(eth.src) ||
	    kzt_mac_is_group(eth.src) ||
	    kzt_mac_equal(eth.src, rx->nw->mac)) {
		frame_drop(rx, KZT_DROP_BAD_MAC_ADDRESS);
		return false;
	}
	if ((f->flags & KZT_MCAST_REPLICATE) && conf->am_replicator)
		mcast_replicate(rx, &eth, f->adi);
	if (!kzt_mac_equal(eth.src, rx->mac)) {
		if (!kzt_netconf_is_bridge(conf, rx->peer->address)) {
			frame_drop(rx, KZT_DROP_NOT_BRIDGE);
			return false;
		}
		kzt_fdb_learn(rx->nw, conf, eth.src, rx->peer->address);
	}
	if (kzt_police_in(rx->nw, conf, &eth, rx->peer->address))
		frame_deliver(rx, &eth);
	else
		frame_drop(rx, KZT_DROP_FILTERED_IN);
	return true;
}

static void frame_multicast(struct frame_rx *rx)
{
	struct kzt_mcast_frame f;
	u8 dst[ETH_ALEN];
	int err = kzt_mcast_frame_parse(rx->skb->data, rx->skb->len, &f);

	if (err == -EBADMSG) {
		frame_drop(rx, KZT_DROP_MALFORMED);
		return;
	}
	if (unlikely(!kzt_member_gate(rx->nw, rx->conf, rx->peer, true))) {
		frame_refuse(rx, f.com, f.com_len);
		return;
	}
	if (err) {
		frame_drop(rx, KZT_DROP_MALFORMED);
		return;
	}
	if (!rx->conf->multicast_limit) {
		frame_received(rx, false);
		frame_drop(rx, KZT_DROP_MULTICAST_OFF);
		return;
	}
	frame_received(rx, true);
	memcpy(dst, f.dst, ETH_ALEN);
	if (!f.len || f.len > KZT_MCAST_MAX_FRAME)
		consume_skb(rx->skb);
	else if (!mcast_handle(rx, &f))
		return;
	if (f.gather_limit)
		kzt_multicast_answer(rx->peer, rx->nw->id, dst, f.adi,
				     f.gather_limit, rx->id);
}

/**
 * kzt_frame_receive() - a packet with a frame
 * @peer: sender
 * @skb: packet, authentic, decompressed, linear, data at byte 0; consumed
 * @from: where it came from
 *
 * Implements: spec 1, 10.9, 10.10, 10.16; spec 4.3.2, 4.11.5.
 * Context: BH off, RCU.
 */
void kzt_frame_receive(struct kzt_peer *peer, struct sk_buff *skb,
		       const struct kzt_endpoint *from)
{
	struct frame_rx rx = {
		.node = peer->node,
		.peer = peer,
		.from = from,
		.skb = skb,
		.id = kzt_packet_id(skb->data),
		.verb = kzt_packet_verb(skb->data),
		.hops = kzt_packet_hops(skb->data),
		.outer_tos = KZT_CB(skb)->tos,
	};
	u64 nwid;

	if (unlikely(kzt_verb_nwid(skb->data, skb->len, &nwid))) {
		kzt_drop_skb(rx.node, skb, KZT_DROP_MALFORMED);
		return;
	}
	rcu_read_lock();
	rx.nw = kzt_network_lookup_rcu(rx.node, nwid);
	if (unlikely(!rx.nw)) {
		/* spec 1, 10.16: a multicast frame does not even count */
		if (rx.verb != KZT_VERB_MULTICAST_FRAME)
			frame_received(&rx, false);
		kzt_drop_skb(rx.node, skb, KZT_DROP_NO_NETWORK);
		goto out;
	}
	rx.conf = rcu_dereference(rx.nw->conf);
	kzt_mac_of(nwid, peer->address, rx.mac);
	switch (rx.verb) {
	case KZT_VERB_FRAME:
		frame_plain(&rx);
		break;
	case KZT_VERB_EXT_FRAME:
		frame_extended(&rx);
		break;
	default:
		frame_multicast(&rx);
	}
out:
	rcu_read_unlock();
}
