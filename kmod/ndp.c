// SPDX-License-Identifier: GPL-2.0
/* Neighbour discovery without packets: the answer is made where it is wanted. */
#include "frame.h"
#include "proto/netaddr.h"
#include "resolve.h"

/* Spec 4.11.6: the advertisement that the member would have sent */
static void ndp_advertise(struct kzt_network *nw, const struct kzt_eth *eth,
			  const u8 *own, const u8 *target, u64 member)
{
	u8 mac[ETH_ALEN];
	struct sk_buff *skb;

	skb = alloc_skb(NET_IP_ALIGN + ETH_HLEN + KZT_NDP_ADVERT_LEN, GFP_ATOMIC);
	if (!skb) {
		kzt_drop_count(nw->node, KZT_DROP_NOMEM);
		return;
	}
	skb_reserve(skb, NET_IP_ALIGN);
	kzt_mac_of(nw->id, member, mac);
	skb_put_data(skb, eth->src, ETH_ALEN);
	skb_put_data(skb, mac, ETH_ALEN);
	put_unaligned_be16(ETH_P_IPV6, skb_put(skb, 2));
	kzt_ndp_advert(own, target, mac, skb_put(skb, KZT_NDP_ADVERT_LEN));
	kzt_deliver_local(nw, skb);
}

/**
 * kzt_ndp_emulate() - answer a neighbour solicitation in place of the member
 * @nw: network
 * @conf: its configuration, which allows it
 * @eth: multicast frame
 *
 * Implements: spec 4.11.6.
 * Return: true if it was answered, so that nothing is to be sent.
 */
bool kzt_ndp_emulate(struct kzt_network *nw, const struct kzt_netconf *conf,
		     const struct kzt_eth *eth)
{
	const u8 *target = kzt_ndp_target(eth->type, eth->body, eth->len);
	u64 member = 0;
	unsigned int i;

	for (i = 0; target && i < conf->n_addrs; i++)
		if (conf->addr[i].family == 6 &&
		    kzt_ndp_member(nw->id, conf->addr[i].ip, conf->addr[i].len,
				   target, &member))
			break;
	if (!kzt_addr_valid(member) ||
	    member == READ_ONCE(nw->node->self_address))
		return false;
	ndp_advertise(nw, eth, conf->addr[i].ip, target, member);
	return true;
}
