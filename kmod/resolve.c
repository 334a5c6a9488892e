// SPDX-License-Identifier: GPL-2.0
/* Address resolution: ARP groups and neighbour discovery without packets. */
#include "resolve.h"

#define TYPE_ARP	0x0806
#define TYPE_IPV6	0x86dd
#define NS_LEN		64	/* IPv6 header, solicitation, target */
#define ICMPV6		58
#define ICMPV6_LEN	(KZT_NDP_ADVERT_LEN - 40)

/**
 * kzt_arp_adi() - the group of an ARP request
 * @ethertype: of a broadcast frame
 * @body: its payload
 * @len: bytes
 * @adi: set to the IPv4 address asked for
 *
 * Implements: spec 4.11.3 step 1.
 * Return: true if it is one.
 */
bool kzt_arp_adi(u16 ethertype, const u8 *body, size_t len, u32 *adi)
{
	static const u8 ipv4[4] = { 0x08, 0x00, 0x06, 0x04 };

	if (ethertype != TYPE_ARP || len < 28 ||
	    memcmp(body + 2, ipv4, sizeof(ipv4)) || body[7] != 1)
		return false;
	*adi = get_unaligned_be32(body + 24);
	return true;
}

/**
 * kzt_ndp_target() - the address that a neighbour solicitation asks for
 * @ethertype: of a frame
 * @body: its payload
 * @len: bytes
 *
 * Return: 16 bytes in @body, or NULL if it is something else.
 */
const u8 *kzt_ndp_target(u16 ethertype, const u8 *body, size_t len)
{
	if (ethertype != TYPE_IPV6 || len < NS_LEN || body[6] != ICMPV6 ||
	    body[40] != 135)
		return NULL;
	return body + 48;
}

/**
 * kzt_ndp_member() - who has an address by the scheme of an own one
 * @nwid: network
 * @own: IPv6 address of this node there
 * @bits: prefix length of it
 * @target: address asked for
 * @member: set to the one it belongs to; may be no valid address
 *
 * Implements: spec 4.11.6, for RFC 4193 and 6PLANE addresses.
 * Return: false if it does not follow from @own whose it is.
 */
bool kzt_ndp_member(u64 nwid, const u8 own[16], unsigned int bits,
		    const u8 target[16], u64 *member)
{
	u32 fold = (u32)(nwid ^ (nwid >> 32));

	if (bits == 88 && own[0] == 0xfd && own[9] == 0x99 && own[10] == 0x93 &&
	    !memcmp(target, own, 11)) {
		*member = kzt_get_addr(target + 11);
		return true;
	}
	if (bits == 40 && own[0] == 0xfc &&
	    get_unaligned_be32(own + 1) == fold && !memcmp(target, own, 5)) {
		*member = kzt_get_addr(target + 5);
		return true;
	}
	return false;
}

/* Over the pseudo-header, too; @p is a whole packet, its checksum 0 */
static u16 icmpv6_sum(const u8 *p)
{
	u32 sum = ICMPV6 + ICMPV6_LEN;
	unsigned int i;

	for (i = 8; i < KZT_NDP_ADVERT_LEN; i += 2)
		sum += get_unaligned_be16(p + i);
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)~(sum + (sum >> 16));
}

/**
 * kzt_ndp_advert() - the advertisement that a member would have sent
 * @own: address that asked
 * @target: address asked for
 * @mac: of the member
 * @out: IPv6 packet
 *
 * Implements: spec 4.11.6.
 */
void kzt_ndp_advert(const u8 own[16], const u8 target[16], const u8 mac[6],
		    u8 out[KZT_NDP_ADVERT_LEN])
{
	memset(out, 0, KZT_NDP_ADVERT_LEN);
	out[0] = 0x60;
	out[5] = ICMPV6_LEN;
	out[6] = ICMPV6;
	out[7] = 255;
	memcpy(out + 8, target, 16);
	memcpy(out + 24, own, 16);
	out[40] = 136;		/* neighbour advertisement */
	out[44] = 0x60;		/* solicited, override */
	memcpy(out + 48, target, 16);
	out[64] = 2;		/* target link-layer address, 8 octets */
	out[65] = 1;
	memcpy(out + 66, mac, 6);
	put_unaligned_be16(icmpv6_sum(out), out + 42);
}
