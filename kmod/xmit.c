// SPDX-License-Identifier: GPL-2.0
/* Ethernet frames from the stack to the network (spec 4.3.1). */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include "frame.h"
#include "peer.h"
#include "pmtu.h"
#include "proto/netaddr.h"
#include "resolve.h"
#include "send.h"

#define SPAM_MAX	32	/* bridges that get a frame for who knows whom */
#define XMIT_HEADROOM	(KZT_SKB_HEADROOM + KZT_EXT_FRAME_OVERHEAD - ETH_HLEN)

/**
 * struct xmit - one call of kzt_xmit()
 * @nw: network
 * @conf: its configuration
 * @self: address of this node
 * @bridged: the source is not this node
 * @hash: flow hash, the same for all segments
 * @to: the one receiver, or 0 if there are many or none
 * @out: composed packets for @to
 */
struct xmit {
	struct kzt_network *nw;
	const struct kzt_netconf *conf;
	u64 self;
	bool bridged;
	u32 hash;
	u64 to;
	struct sk_buff_head out;
};

/**
 * kzt_eth_view() - look at an Ethernet frame
 * @eth: filled
 * @skb: linear, data at the Ethernet header
 */
void kzt_eth_view(struct kzt_eth *eth, const struct sk_buff *skb)
{
	memcpy(eth->dst, skb->data, ETH_ALEN);
	memcpy(eth->src, skb->data + ETH_ALEN, ETH_ALEN);
	eth->type = get_unaligned_be16(skb->data + 2 * ETH_ALEN);
	eth->body = skb->data + ETH_HLEN;
	eth->len = skb->len - ETH_HLEN;
}

/**
 * kzt_eth_tos() - DSCP and ECN of a frame
 * @eth: frame
 *
 * Return: 0 if it is not IP.
 */
u8 kzt_eth_tos(const struct kzt_eth *eth)
{
	if (eth->type == ETH_P_IP && eth->len >= sizeof(struct iphdr))
		return eth->body[1];
	if (eth->type == ETH_P_IPV6 && eth->len >= sizeof(struct ipv6hdr))
		return get_unaligned_be16(eth->body) >> 4;
	return 0;
}

static void tx_count(struct kzt_network *nw, unsigned int len)
{
	dev_sw_netstats_tx_add(nw->dev, 1, len);
	this_cpu_inc(nw->mib->event[KZT_MIB_TX_FRAMES]);
	kzt_mib_inc(nw->node, TX_FRAMES);
}

static void packet_send(struct kzt_node *node, u64 to, struct sk_buff *list)
{
	struct kzt_peer *peer = kzt_peer_lookup_rcu(node, to);

	if (likely(peer))
		kzt_send_data(peer, list);
	else
		kzt_send_pending(node, to, list);
}

/* --- composing -------------------------------------------------------------------- */

static void frame_header(const struct kzt_network *nw, u8 *pkt, u64 self,
			 u64 to, const struct kzt_eth *eth, bool ext, u8 flags)
{
	struct kzt_wcur wc;

	if (ext) {
		wc = kzt_packet_start(pkt, KZT_EXT_FRAME_OVERHEAD, 0, to, self,
				      KZT_VERB_EXT_FRAME);
		kzt_ext_frame_put(&wc, nw->id, flags, eth->dst, eth->src,
				  eth->type);
	} else {
		wc = kzt_packet_start(pkt, KZT_FRAME_OVERHEAD, 0, to, self,
				      KZT_VERB_FRAME);
		kzt_frame_put(&wc, nw->id, eth->type);
	}
}

/* In front of the payload, where the Ethernet header is now */
static void frame_compose(const struct xmit *x, struct sk_buff *skb,
			  const struct kzt_eth *eth, bool ext)
{
	u8 tos = kzt_eth_tos(eth);

	__skb_pull(skb, ETH_HLEN);
	__skb_push(skb, ext ? KZT_EXT_FRAME_OVERHEAD : KZT_FRAME_OVERHEAD);
	frame_header(x->nw, skb->data, x->self, x->to, eth, ext, 0);
	skb_scrub_packet(skb, true);
	skb->ip_summed = CHECKSUM_NONE;
	memset(skb->cb, 0, sizeof(skb->cb));
	KZT_CB(skb)->hash = x->hash;
	KZT_CB(skb)->tos = tos;
}

/**
 * kzt_ext_frame_send() - send a copy of a frame as EXT_FRAME
 * @nw: network
 * @address: receiver
 * @flags: KZT_EXT_FRAME_*
 * @eth: frame
 * @len: bytes of its body to send
 *
 * Implements: spec 4.2.2.
 * Context: BH off, RCU.
 */
void kzt_ext_frame_send(struct kzt_network *nw, u64 address, u8 flags,
			const struct kzt_eth *eth, unsigned int len)
{
	u64 self = READ_ONCE(nw->node->self_address);
	struct sk_buff *skb;

	len = min(len, eth->len);
	if (!self || address == self || !kzt_addr_valid(address) ||
	    KZT_EXT_FRAME_OVERHEAD + len > KZT_MAX_PACKET)
		return;
	skb = alloc_skb(KZT_SKB_HEADROOM + KZT_EXT_FRAME_OVERHEAD + len,
			GFP_ATOMIC);
	if (!skb) {
		kzt_drop_count(nw->node, KZT_DROP_NOMEM);
		return;
	}
	skb_reserve(skb, KZT_SKB_HEADROOM);
	frame_header(nw, skb_put(skb, KZT_EXT_FRAME_OVERHEAD), self, address,
		     eth, true, flags);
	skb_put_data(skb, eth->body, len);
	KZT_CB(skb)->hash = (u32)address;
	KZT_CB(skb)->tos = kzt_eth_tos(eth);
	packet_send(nw->node, address, skb);
}

/**
 * kzt_deliver_local() - hand a frame to the own stack
 * @nw: network
 * @skb: data at the Ethernet header; consumed
 *
 * Not in the caller's context.
 */
void kzt_deliver_local(struct kzt_network *nw, struct sk_buff *skb)
{
	unsigned int len = skb->len;

	skb_orphan(skb);
	skb_scrub_packet(skb, false);
	skb->protocol = eth_type_trans(skb, nw->dev);
	skb_reset_network_header(skb);
	if (netif_rx(skb) == NET_RX_SUCCESS)
		dev_sw_netstats_rx_add(nw->dev, len);
}

/* --- one frame ----------------------------------------------------------------------- */

/* Private, with room in front: it is encrypted in place */
static bool frame_own(struct sk_buff *skb)
{
	unsigned int room = skb_headroom(skb);
	unsigned int more = room < XMIT_HEADROOM ?
			    SKB_DATA_ALIGN(XMIT_HEADROOM - room) : 0;

	if (!skb_cloned(skb) && !more)
		return true;
	return !pskb_expand_head(skb, more, 0, GFP_ATOMIC);
}

static void xmit_to_member(struct xmit *x, struct sk_buff *skb,
			   const struct kzt_eth *eth, bool ext)
{
	if (unlikely(!frame_own(skb))) {
		kzt_tx_drop(x->nw, skb, KZT_DROP_NOMEM);
		return;
	}
	tx_count(x->nw, skb->len);
	frame_compose(x, skb, eth, ext);
	__skb_queue_tail(&x->out, skb);
}

/* Behind a bridge that is not known: to all of them, or to some at random */
static void xmit_to_bridges(struct xmit *x, struct sk_buff *skb,
			    const struct kzt_eth *eth)
{
	const struct kzt_netconf *conf = x->conf;
	unsigned int left = conf->n_bridges - conf->am_bridge, sent = 0, i;

	for (i = 0; i < conf->n_bridges && sent < SPAM_MAX; i++) {
		u64 to = conf->bridge[i];

		if (to == x->self)
			continue;
		/* Each with the same chance, and just as many in the end */
		if (left > SPAM_MAX - sent &&
		    get_random_u32_below(left) >= SPAM_MAX - sent) {
			left--;
			continue;
		}
		left--;
		sent++;
		if (!kzt_police_out(x->nw, conf, eth, to, false))
			continue;
		kzt_push_before(x->nw, conf, to);
		kzt_ext_frame_send(x->nw, to, 0, eth, eth->len);
	}
	if (!sent) {
		kzt_tx_drop(x->nw, skb, KZT_DROP_NO_RECEIVER);
		return;
	}
	tx_count(x->nw, skb->len);
	consume_skb(skb);
}

/* Spec 4.3.1 step 5 */
static void xmit_foreign(struct xmit *x, struct sk_buff *skb,
			 const struct kzt_eth *eth)
{
	const struct kzt_netconf *conf = x->conf;
	u64 to;

	if (!kzt_police_out(x->nw, conf, eth, 0, true)) {
		kzt_tx_drop(x->nw, skb, KZT_DROP_FILTERED_OUT);
		return;
	}
	to = kzt_fdb_find(x->nw, eth->dst);
	if (!to || to == x->self || !kzt_netconf_is_bridge(conf, to)) {
		xmit_to_bridges(x, skb, eth);
		return;
	}
	if (!kzt_police_out(x->nw, conf, eth, to, false)) {
		kzt_tx_drop(x->nw, skb, KZT_DROP_FILTERED_OUT);
		return;
	}
	x->to = to;
	xmit_to_member(x, skb, eth, true);
}

/* Spec 4.11.3 */
static void xmit_multicast(struct xmit *x, struct sk_buff *skb,
			   const struct kzt_eth *eth)
{
	const struct kzt_netconf *conf = x->conf;
	u32 adi = 0;

	if (is_broadcast_ether_addr(eth->dst)) {
		if (!kzt_arp_adi(eth->type, eth->body, eth->len, &adi) &&
		    !(conf->flags & KZT_NETWORK_FLAG_BROADCAST)) {
			kzt_tx_drop(x->nw, skb, KZT_DROP_MULTICAST_OFF);
			return;
		}
	} else if ((conf->flags & KZT_NETWORK_FLAG_NDP_EMULATION) &&
		   kzt_ndp_emulate(x->nw, conf, eth)) {
		tx_count(x->nw, skb->len);
		consume_skb(skb);
		return;
	}
	if (!conf->multicast_limit) {
		kzt_tx_drop(x->nw, skb, KZT_DROP_MULTICAST_OFF);
		return;
	}
	if (x->bridged)
		kzt_multicast_bridged(x->nw, eth->dst, adi);
	if (!kzt_police_out(x->nw, conf, eth, 0, true)) {
		kzt_tx_drop(x->nw, skb, KZT_DROP_FILTERED_OUT);
		return;
	}
	tx_count(x->nw, skb->len);
	kzt_multicast_send(x->nw, skb, adi, 0);
}

static void xmit_frame(struct xmit *x, struct sk_buff *skb)
{
	struct kzt_eth eth;
	bool ext;

	kzt_eth_view(&eth, skb);
	ext = x->bridged || eth.dst[0] != x->nw->mac[0];
	if (unlikely(eth.len > kzt_eth_max(x->nw->dev, eth.type) ||
		     eth.len + (ext ? KZT_EXT_FRAME_OVERHEAD :
				      KZT_FRAME_OVERHEAD) > KZT_MAX_PACKET)) {
		kzt_tx_drop(x->nw, skb, KZT_DROP_FRAME_TOO_BIG);
		return;
	}
	if (unlikely(kzt_mac_is_group(eth.dst))) {
		xmit_multicast(x, skb, &eth);
		return;
	}
	if (unlikely(eth.dst[0] != x->nw->mac[0])) {
		xmit_foreign(x, skb, &eth);
		return;
	}
	if (unlikely(!kzt_police_out(x->nw, x->conf, &eth, x->to, true))) {
		kzt_tx_drop(x->nw, skb, KZT_DROP_FILTERED_OUT);
		return;
	}
	xmit_to_member(x, skb, &eth, ext);
}

/* --- from the stack --------------------------------------------------------------------- */

/* What the stack left to the device: segments and checksums */
static struct sk_buff *xmit_segment(struct kzt_network *nw,
				    struct sk_buff *skb)
{
	struct sk_buff *segs;

	if (!skb_is_gso(skb)) {
		if (skb->ip_summed == CHECKSUM_PARTIAL &&
		    skb_checksum_help(skb)) {
			kzt_tx_drop(nw, skb, KZT_DROP_TX_SEGMENT);
			return NULL;
		}
		skb_mark_not_on_list(skb);
		return skb;
	}
	/* Without features: linear copies, with checksums */
	segs = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segs)) {
		kzt_tx_drop(nw, skb, KZT_DROP_TX_SEGMENT);
		return NULL;
	}
	consume_skb(skb);
	return segs;
}

static void xmit_list(struct xmit *x, struct sk_buff *list)
{
	struct kzt_node *node = x->nw->node;
	struct sk_buff *skb, *next, *last;

	__skb_queue_head_init(&x->out);
	skb_list_walk_safe(list, skb, next) {
		skb_mark_not_on_list(skb);
		/* Of a list of fragments a segment may be shared */
		skb = skb_share_check(skb, GFP_ATOMIC);
		if (unlikely(!skb || skb_linearize(skb))) {
			dev_core_stats_tx_dropped_inc(x->nw->dev);
			kzt_drop_count(node, KZT_DROP_NOMEM);
			kfree_skb(skb);
			continue;
		}
		xmit_frame(x, skb);
	}
	if (skb_queue_empty(&x->out))
		return;
	kzt_push_before(x->nw, x->conf, x->to);
	last = skb_peek_tail(&x->out);
	skb = skb_peek(&x->out);
	skb->prev = NULL;
	last->next = NULL;
	packet_send(node, x->to, skb);
}

/* Where to and whether at all: nothing in here depends on the segment */
static enum kzt_drop xmit_prepare(struct xmit *x, struct sk_buff *skb)
{
	const struct ethhdr *eth = (const struct ethhdr *)skb->data;

	x->bridged = !ether_addr_equal(eth->h_source, x->nw->mac);
	if (unlikely(x->bridged && !x->conf->am_bridge))
		return KZT_DROP_NOT_BRIDGE;
	x->hash = skb_get_hash(skb);
	if (kzt_mac_is_group(eth->h_dest) || eth->h_dest[0] != x->nw->mac[0])
		return KZT_DROP_NONE;
	x->to = kzt_mac_to_address(x->nw->id, eth->h_dest);
	if (unlikely(!kzt_addr_valid(x->to)))
		return KZT_DROP_NO_RECEIVER;
	return KZT_DROP_NONE;
}

/**
 * kzt_xmit() - ndo_start_xmit
 * @skb: Ethernet frame, or many in one; consumed
 * @dev: device
 *
 * Implements: spec 4.3.1.  A burst goes to its receiver as one item.
 * Context: BH off.
 * Return: NETDEV_TX_OK.
 */
netdev_tx_t kzt_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct kzt_network *nw = netdev_priv(dev);
	struct xmit x = { .nw = nw };
	enum kzt_drop why;

	rcu_read_lock();
	x.conf = rcu_dereference(nw->conf);
	x.self = READ_ONCE(nw->node->self_address);
	why = KZT_DROP_NOMEM;
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb))
		goto lost;
	if (skb_vlan_tag_present(skb)) {
		skb = __vlan_hwaccel_push_inside(skb);
		if (unlikely(!skb))
			goto lost;
	}
	if (unlikely(!pskb_may_pull(skb, ETH_HLEN)))
		goto drop;
	skb_reset_mac_header(skb);
	why = KZT_DROP_NO_CONFIG;
	if (unlikely(!x.conf))
		goto drop;
	why = KZT_DROP_NO_KEYS;
	if (unlikely(!x.self))
		goto drop;
	why = xmit_prepare(&x, skb);
	if (unlikely(why))
		goto drop;
	if (unlikely(ether_addr_equal(eth_hdr(skb)->h_dest, nw->mac))) {
		kzt_deliver_local(nw, skb);
		goto out;
	}
	if (unlikely(skb->len - ETH_HLEN > READ_ONCE(dev->mtu)) &&
	    kzt_pmtu_refuse(nw, skb))
		goto out;
	skb_dst_drop(skb);
	skb = xmit_segment(nw, skb);
	if (skb)
		xmit_list(&x, skb);
out:
	rcu_read_unlock();
	return NETDEV_TX_OK;
lost:
	dev_core_stats_tx_dropped_inc(dev);
	kzt_drop_count(nw->node, KZT_DROP_NOMEM);
	goto out;
drop:
	kzt_tx_drop(nw, skb, why);
	goto out;
}
