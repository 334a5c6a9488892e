// SPDX-License-Identifier: GPL-2.0
/* What follows from a network id (spec 4, 4.1 and 4.4.6). */
#include "netaddr.h"

/**
 * kzt_mac_first() - the first octet of all MAC addresses of a network
 * @nwid: network id
 *
 * Implements: spec 4, 4.1.2.
 * Return: the octet: local, not a group, and not the one that some avoid.
 */
u8 kzt_mac_first(u64 nwid)
{
	u8 f = (nwid & 0xfe) | 0x02;

	return f == 0x52 ? 0x32 : f;
}

/* n6, n5, n4, n3, n2: what the address is mixed with */
static u64 mac_mix(u64 nwid)
{
	return (nwid >> 8 & 0xff) << 32 | (nwid >> 16 & 0xff) << 24 |
	       (nwid >> 24 & 0xff) << 16 | (nwid >> 32 & 0xff) << 8 |
	       (nwid >> 40 & 0xff);
}

/**
 * kzt_mac_of() - the MAC address of a member
 * @nwid: network id
 * @address: of the member
 * @mac: filled
 *
 * Implements: spec 4, 4.1.2.
 */
void kzt_mac_of(u64 nwid, u64 address, u8 mac[6])
{
	mac[0] = kzt_mac_first(nwid);
	kzt_put_addr(address ^ mac_mix(nwid), mac + 1);
}

/**
 * kzt_mac_to_address() - the member of a MAC address
 * @nwid: network id
 * @mac: its first octet is not looked at
 *
 * Implements: spec 4, 4.1.2.
 * Return: an address, which need not be valid.
 */
u64 kzt_mac_to_address(u64 nwid, const u8 mac[6])
{
	return kzt_get_addr(mac + 1) ^ mac_mix(nwid);
}

/**
 * kzt_ip6_6plane() - the 6PLANE address of a member, prefix length 40
 * @nwid: network id
 * @address: of the member
 * @ip: filled
 *
 * Implements: spec 4, 4.1.3.
 */
void kzt_ip6_6plane(u64 nwid, u64 address, u8 ip[16])
{
	memset(ip, 0, 16);
	ip[0] = 0xfc;
	put_unaligned_be32((u32)(nwid ^ nwid >> 32), ip + 1);
	kzt_put_addr(address, ip + 5);
	ip[15] = 1;
}

/**
 * kzt_ip6_rfc4193() - the RFC 4193 address of a member, prefix length 88
 * @nwid: network id
 * @address: of the member
 * @ip: filled
 *
 * Implements: spec 4, 4.1.3.
 */
void kzt_ip6_rfc4193(u64 nwid, u64 address, u8 ip[16])
{
	ip[0] = 0xfd;
	put_unaligned_be64(nwid, ip + 1);
	ip[9] = 0x99;
	ip[10] = 0x93;
	kzt_put_addr(address, ip + 11);
}

static void put_hex16(char *to, u16 v)
{
	static const char digits[] = "0123456789abcdef";
	int i;

	for (i = 3; i >= 0; i--, v >>= 4)
		to[i] = digits[v & 15];
}

static struct kzt_rule *rule_add(struct kzt_adhoc *a, u8 type)
{
	struct kzt_rule *r = &a->rules[a->n_rules++];

	r->type = type;
	return r;
}

/* Form A: ff SSSS EEEE 000000, TCP connections to a range of ports */
static void adhoc_ports(struct kzt_adhoc *a, u16 start, u16 end)
{
	struct kzt_rule *r;

	a->found = end >= start;
	memcpy(a->name, "adhoc-", 6);
	put_hex16(a->name + 6, start);
	a->name[10] = '-';
	put_hex16(a->name + 11, end);
	rule_add(a, KZT_RULE_NOT | KZT_MATCH_ETHERTYPE)->u16 = 0x86dd;
	rule_add(a, KZT_ACTION_DROP);
	rule_add(a, KZT_MATCH_IP_PROTOCOL)->u8 = 58;
	rule_add(a, KZT_ACTION_ACCEPT);
	rule_add(a, KZT_MATCH_IP_PROTOCOL)->u8 = 17;
	rule_add(a, KZT_RULE_OR | KZT_MATCH_IP_PROTOCOL)->u8 = 6;
	r = rule_add(a, KZT_MATCH_DEST_PORT);
	r->range.low = start;
	r->range.high = end;
	rule_add(a, KZT_ACTION_ACCEPT);
	/* Lets all pass that opens no TCP connection; both sides filter */
	rule_add(a, KZT_RULE_NOT | KZT_MATCH_CHARACTERISTICS)->mask = 0x02;
	rule_add(a, KZT_ACTION_ACCEPT);
	rule_add(a, KZT_MATCH_CHARACTERISTICS)->mask = 0x02;
	rule_add(a, KZT_MATCH_CHARACTERISTICS)->mask = 0x10;
	rule_add(a, KZT_ACTION_ACCEPT);
	rule_add(a, KZT_ACTION_DROP);
}

/* Form B: ff PP HHHHHHHHHH 01, everything, with IPv4 in P.0.0.0/8 */
static void adhoc_open(struct kzt_adhoc *a, u8 net, u64 self)
{
	char *p = a->name + 6;

	a->found = true;
	a->multicast_limit = 1024;
	a->has_v4 = true;
	a->v4[0] = net;
	a->v4[1] = self >> 16;
	a->v4[2] = self >> 8;
	a->v4[3] = self;
	memcpy(a->name, "adhoc-", 6);
	if (net >= 100)
		*p++ = '0' + net / 100;
	if (net >= 10)
		*p++ = '0' + net / 10 % 10;
	*p++ = '0' + net % 10;
	memcpy(p, ".0.0.0", 6);
	rule_add(a, KZT_ACTION_ACCEPT);
}

/**
 * kzt_adhoc_decode() - the configuration that an ad-hoc id stands for
 * @nwid: network id
 * @self: own address
 * @a: filled
 *
 * Implements: spec 4, 4.4.6.
 * Return: 0; -EINVAL: not an ad-hoc id; -ENOENT: one that means nothing (form
 * C): the network stays without a configuration.
 */
int kzt_adhoc_decode(u64 nwid, u64 self, struct kzt_adhoc *a)
{
	memset(a, 0, sizeof(*a));
	if (nwid >> 56 != 0xff)
		return -EINVAL;
	if (!(nwid & 0xffffff))
		adhoc_ports(a, nwid >> 40, nwid >> 24);
	else if ((nwid & 0xff) == 0x01)
		adhoc_open(a, nwid >> 48, self);
	else
		return -ENOENT;
	kzt_ip6_6plane(nwid, self, a->v6);
	return 0;
}
