// SPDX-License-Identifier: GPL-2.0
/* Address resolution: ARP groups and neighbour discovery without packets. */
#include <linux/if_arp.h>
#include <linux/in6.h>
#include <net/ip6_checksum.h>
#include "frame.h"
#include "proto/netaddr.h"

#define NS_LEN		64	/* IPv6 header, solicitation, target */
#define NA_LEN		72	/* with the option */
#define ICMPV6_LEN	(NA_LEN - 40)

/**
 * kzt_arp_adi() - the group of an ARP request
 * @eth: broadcast frame
 * @adi: set to the IPv4 address asked for
 *
 * Implements: spec 4.11.3 step 1.
 * Return: true if it is one.
 */
bool kzt_arp_adi(const struct kzt_eth *eth, u32 *adi)
{
	static const u8 ipv4[4] = { 0x08, 0x00, 0x06, 0x04 };

	if (eth->type != ETH_P_ARP || eth->len < 28 ||
	    memcmp(eth->body + 2, ipv4, sizeof(ipv4)) || eth->body[7] != 1)
		return false;
	*adi = get_unaligned_be32(eth->body + 24);
	return true;
}

/* The member that a target address belongs to by an own address's scheme, or 0 */
static u64 ndp_target(const struct kzt_network *nw, const struct kzt_prefix *own,
		      const u8 *target, bool *match)
{
	u32 fold = (u32)(nw->id ^ (nw->id >> 32));

	*match = false;
	if (own->family != 6)
		return 0;
	if (own->len == 88 && own->ip[0] == 0xfd && own->ip[9] == 0x99 &&
	    own->ip[10] == 0x93 && !memcmp(target, own->ip, 11)) {
		*match = true;
		return kzt_get_addr(target + 11);
	}
	if (own->len == 40 && own->ip[0] == 0xfc &&
	    get_unaligned_be32(own->ip + 1) == fold &&
	    !memcmp(target, own->ip, 5)) {
		*match = true;
		return kzt_get_addr(target + 5);
	}
	return 0;
}

/* Spec 4.11.6: the advertisement that the member would have sent */
static void ndp_advertise(struct kzt_network *nw, const struct kzt_eth *eth,
			  const u8 *own, u64 member)
{
	const u8 *target = eth->body + 48;
	struct sk_buff *skb;
	u8 mac[ETH_ALEN], *p;
	__sum16 sum;

	skb = alloc_skb(NET_IP_ALIGN + ETH_HLEN + NA_LEN, GFP_ATOMIC);
	if (!skb) {
		kzt_drop_count(nw->node, KZT_DROP_NOMEM);
		return;
	}
	skb_reserve(skb, NET_IP_ALIGN);
	kzt_mac_of(nw->id, member, mac);
	skb_put_data(skb, eth->src, ETH_ALEN);
	skb_put_data(skb, mac, ETH_ALEN);
	put_unaligned_be16(ETH_P_IPV6, skb_put(skb, 2));

	p = skb_put_zero(skb, NA_LEN);
	p[0] = 0x60;
	p[5] = ICMPV6_LEN;
	p[6] = IPPROTO_ICMPV6;
	p[7] = 255;
	memcpy(p + 8, target, 16);
	memcpy(p + 24, own, 16);
	p[40] = 136;		/* neighbour advertisement */
	p[44] = 0x60;		/* solicited, override */
	memcpy(p + 48, target, 16);
	p[64] = 2;		/* target link-layer address, 8 octets */
	p[65] = 1;
	memcpy(p + 66, mac, ETH_ALEN);
	sum = csum_ipv6_magic((const struct in6_addr *)(p + 8),
			      (const struct in6_addr *)(p + 24), ICMPV6_LEN,
			      IPPROTO_ICMPV6,
			      csum_partial(p + 40, ICMPV6_LEN, 0));
	memcpy(p + 42, &sum, sizeof(sum));
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
	u64 member = 0;
	unsigned int i;
	bool match;

	if (eth->type != ETH_P_IPV6 || eth->len < NS_LEN ||
	    eth->body[6] != IPPROTO_ICMPV6 || eth->body[40] != 135)
		return false;
	for (i = 0; i < conf->n_addrs; i++) {
		member = ndp_target(nw, &conf->addr[i], eth->body + 48, &match);
		if (match)
			break;
	}
	if (!kzt_addr_valid(member) ||
	    member == READ_ONCE(nw->node->self_address))
		return false;
	ndp_advertise(nw, eth, conf->addr[i].ip, member);
	return true;
}
