/* SPDX-License-Identifier: GPL-2.0 */
/* Between the files that handle Ethernet frames. */
#ifndef KZT_FRAME_H
#define KZT_FRAME_H

#include <linux/if_vlan.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include "network.h"
#include "proto/verbs.h"

/* In front of the payload, Ethernet header included or not */
#define KZT_FRAME_OVERHEAD	(KZT_HDR_LEN + KZT_FRAME_HDR_LEN)
#define KZT_EXT_FRAME_OVERHEAD	(KZT_HDR_LEN + KZT_EXT_FRAME_HDR_LEN)
#define KZT_MCAST_OVERHEAD	(KZT_HDR_LEN + 31)	/* with every field */

/**
 * struct kzt_eth - an Ethernet frame, wherever its bytes are
 * @dst: destination address
 * @src: source address
 * @type: EtherType, host order
 * @body: what follows the header
 * @len: its bytes
 *
 * The addresses are copies: where they were, headers are written.
 */
struct kzt_eth {
	u8 dst[ETH_ALEN];
	u8 src[ETH_ALEN];
	u16 type;
	const u8 *body;
	unsigned int len;
};

static inline bool kzt_mac_is_group(const u8 *mac)
{
	return mac[0] & 1;
}

static inline bool kzt_mac_is_zero(const u8 *mac)
{
	return !(mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]);
}

static inline bool kzt_mac_equal(const u8 *a, const u8 *b)
{
	return !memcmp(a, b, ETH_ALEN);
}

/* A tag is part of the body and not of what the MTU counts */
static inline unsigned int kzt_eth_max(const struct net_device *dev, u16 type)
{
	return READ_ONCE(dev->mtu) +
	       (type == ETH_P_8021Q || type == ETH_P_8021AD ? VLAN_HLEN : 0);
}

/* netdev.c */
void kzt_network_drop(struct kzt_network *nw, struct sk_buff *skb,
		      enum kzt_drop reason);

static inline void kzt_tx_drop(struct kzt_network *nw, struct sk_buff *skb,
			       enum kzt_drop reason)
{
	dev_core_stats_tx_dropped_inc(nw->dev);
	kzt_network_drop(nw, skb, reason);
}

static inline void kzt_rx_drop(struct kzt_network *nw, struct sk_buff *skb,
			       enum kzt_drop reason)
{
	dev_core_stats_rx_dropped_inc(nw->dev);
	kzt_network_drop(nw, skb, reason);
}

/* xmit.c */
void kzt_eth_view(struct kzt_eth *eth, const struct sk_buff *skb);
u8 kzt_eth_tos(const struct kzt_eth *eth);
void kzt_ext_frame_send(struct kzt_network *nw, u64 address, u8 flags,
			const struct kzt_eth *eth, unsigned int len);
void kzt_deliver_local(struct kzt_network *nw, struct sk_buff *skb);

/* police.c: the rules, and what they ask for */
bool kzt_police_out(struct kzt_network *nw, const struct kzt_netconf *conf,
		    const struct kzt_eth *eth, u64 dst, bool copies);
unsigned int kzt_police_in(struct kzt_network *nw,
			   const struct kzt_netconf *conf,
			   const struct kzt_eth *eth, u64 src);

/* ndp.c */
bool kzt_ndp_emulate(struct kzt_network *nw, const struct kzt_netconf *conf,
		     const struct kzt_eth *eth);

#endif /* KZT_FRAME_H */
