// SPDX-License-Identifier: GPL-2.0
/* The matches of the rules engine (spec 4, 4.10.4). */
#include "proto/env.h"
#include "filter.h"

#define ETHERTYPE_IPV4	0x0800
#define ETHERTYPE_ARP	0x0806
#define ETHERTYPE_IPV6	0x86dd

#define PROTO_ICMP	1
#define PROTO_TCP	6
#define PROTO_ICMPV6	58

#define CHR_INBOUND		(1ULL << 63)
#define CHR_MULTICAST		(1ULL << 62)
#define CHR_BROADCAST		(1ULL << 61)
#define CHR_IP_AUTHENTIC	(1ULL << 60)
#define CHR_MAC_AUTHENTIC	(1ULL << 59)
#define CHR_TCP			0xfffULL

static bool hard_result(bool r, enum kzt_match_hard *hard)
{
	*hard = KZT_HARD;
	return r;
}

/* "IPv6 payload search"; once per frame, however many rules ask */
static bool v6_search(const struct kzt_filter_frame *f, struct kzt_parsed *p)
{
	const u8 *b = f->body;
	size_t o = 40;
	u8 proto;

	if (p->v6_walked)
		return p->v6_ok;
	p->v6_walked = true;
	if (f->len < 40)
		return false;
	proto = b[6];
	while (proto == 0 || proto == 43 || proto == 60 || proto == 135) {
		if (o + 8 > f->len)
			return false;
		proto = b[o];
		o += b[o + 1] * 8 + 8;
		if (o > f->len)
			return false;
	}
	p->v6_proto = proto;
	p->v6_off = o;
	p->v6_ok = true;
	return true;
}

static bool bits_equal(const u8 *a, const u8 *b, unsigned int bits)
{
	unsigned int bytes = bits / 8;
	u8 mask = bits % 8 ? 0xff << (8 - bits % 8) : 0;

	return !memcmp(a, b, bytes) &&
	       (!mask || !((a[bytes] ^ b[bytes]) & mask));
}

static bool match_ipv4(const struct kzt_filter_frame *f,
		       const struct kzt_parsed *p, const struct kzt_rule *r,
		       size_t off, enum kzt_match_hard *hard)
{
	if (!p->v4)
		return hard_result(false, hard);
	return bits_equal(f->body + off, r->ip.addr, min_t(u8, r->ip.bits, 32));
}

/* The rule's own host bits are not masked: with any of them set, no match */
static bool match_ipv6(const struct kzt_filter_frame *f,
		       const struct kzt_parsed *p, const struct kzt_rule *r,
		       size_t off, enum kzt_match_hard *hard)
{
	unsigned int i, bits = min_t(u8, r->ip.bits, 128);

	if (!p->v6)
		return hard_result(false, hard);
	for (i = 0; i < 16; i++) {
		unsigned int left = bits > i * 8 ? bits - i * 8 : 0;
		u8 mask = left >= 8 ? 0xff : (u8)(0xff00 >> left);

		if ((f->body[off + i] & mask) != r->ip.addr[i])
			return false;
	}
	return true;
}

static bool match_tos(const struct kzt_filter_frame *f,
		      const struct kzt_parsed *p, const struct kzt_rule *r,
		      enum kzt_match_hard *hard)
{
	u8 x;

	if (p->v4)
		x = f->body[1];
	else if (p->v6)
		x = (f->body[0] << 4 & 0xf0) | f->body[1] >> 4;
	else
		return hard_result(false, hard);
	x &= r->tos.mask;
	return x >= r->tos.low && x <= r->tos.high;
}

static bool match_protocol(const struct kzt_filter_frame *f,
			   struct kzt_parsed *p, const struct kzt_rule *r,
			   enum kzt_match_hard *hard)
{
	if (p->v4)
		return f->body[9] == r->u8;
	if (f->ethertype == ETHERTYPE_IPV6 && v6_search(f, p))
		return p->v6_proto == r->u8;
	return hard_result(false, hard);
}

static bool match_icmp(const struct kzt_filter_frame *f, struct kzt_parsed *p,
		       const struct kzt_rule *r, enum kzt_match_hard *hard)
{
	size_t o = p->v4 ? 4 * (f->body[0] & 0x0f) : 0;

	if (p->v4 && f->body[9] == PROTO_ICMP && f->len >= o + 2)
		goto found;
	if (f->ethertype == ETHERTYPE_IPV6 && v6_search(f, p) &&
	    p->v6_proto == PROTO_ICMPV6 && f->len >= p->v6_off + 2) {
		o = p->v6_off;
		goto found;
	}
	return hard_result(false, hard);
found:
	if (f->body[o] != r->icmp.type)
		return hard_result(false, hard);
	if (!(r->icmp.flags & 1))
		return hard_result(true, hard);
	return f->body[o + 1] == r->icmp.code;
}

static bool has_ports(u8 proto)
{
	return proto == PROTO_TCP || proto == 17 || proto == 132 || proto == 136;
}

static bool match_port(const struct kzt_filter_frame *f, struct kzt_parsed *p,
		       const struct kzt_rule *r, size_t off,
		       enum kzt_match_hard *hard)
{
	size_t h;
	u16 port;

	if (p->v4) {
		h = 4 * (f->body[0] & 0x0f);
		if (!has_ports(f->body[9]) || f->len <= h + 4)
			return false;
		port = get_unaligned_be16(f->body + h + off);
		return port >= r->range.low && port <= r->range.high;
	}
	if (f->ethertype != ETHERTYPE_IPV6 || !v6_search(f, p))
		return hard_result(false, hard);
	if (!has_ports(p->v6_proto) || f->len <= p->v6_off + 4)
		return false;
	port = get_unaligned_be16(f->body + p->v6_off + off);
	return port && port >= r->range.low && port <= r->range.high;
}

static bool party_owns(const struct kzt_party *party, u8 family, const u8 *addr,
		       size_t len)
{
	unsigned int i;

	for (i = 0; party && i < party->n_owned; i++)
		if (party->owned[i].family == family &&
		    !memcmp(party->owned[i].addr, addr, len))
			return true;
	return false;
}

/* 4.9.6; the exception for emulated NDP is for received frames only */
static bool owns_ip6(const struct kzt_filter_frame *f, const u8 *ip)
{
	const struct kzt_party *party = f->inbound ? f->remote : f->local;

	if (party_owns(party, 6, ip, 16))
		return true;
	if (!f->inbound)
		return false;
	return (f->ndp_6plane && !memcmp(ip, f->ndp_6plane, 5)) ||
	       (f->ndp_rfc4193 && !memcmp(ip, f->ndp_rfc4193, 11));
}

static bool ip_authentic(const struct kzt_filter_frame *f,
			 const struct kzt_parsed *p)
{
	const struct kzt_party *party = f->inbound ? f->remote : f->local;
	const u8 *b = f->body;

	if (p->v4)
		return party_owns(party, 4, b + 12, 4);
	if (f->ethertype == ETHERTYPE_ARP && f->len >= 28)
		return party_owns(party, 4, b + 14, 4);
	if (!p->v6)
		return false;
	if (f->len >= 64 && b[6] == PROTO_ICMPV6) {
		if (b[40] == 135)	/* solicitations have no reliable source */
			return true;
		if (b[40] == 136)
			return owns_ip6(f, b + 48);
	}
	return owns_ip6(f, b + 8);
}

static u64 tcp_bits(const struct kzt_filter_frame *f, struct kzt_parsed *p)
{
	size_t o;

	if (p->v4 && f->body[9] == PROTO_TCP) {
		o = 4 * (f->body[0] & 0x0f) + 12;
		return ((o < f->len ? f->body[o] << 8 : 0) |
			(o + 1 < f->len ? f->body[o + 1] : 0)) & CHR_TCP;
	}
	if (f->ethertype == ETHERTYPE_IPV6 && v6_search(f, p) &&
	    p->v6_proto == PROTO_TCP && f->len > p->v6_off + 14)
		return get_unaligned_be16(f->body + p->v6_off + 12) & CHR_TCP;
	return 0;
}

static bool match_characteristics(const struct kzt_filter_frame *f,
				  struct kzt_parsed *p,
				  const struct kzt_rule *r)
{
	static const u8 broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	const struct kzt_party *sender = f->inbound ? f->remote : f->local;
	u64 c = f->inbound ? CHR_INBOUND : 0;

	if (f->dst_mac[0] & 1)
		c |= CHR_MULTICAST;
	if (!memcmp(f->dst_mac, broadcast, 6))
		c |= CHR_BROADCAST;
	/* The dear ones only if asked for */
	if (r->mask & CHR_IP_AUTHENTIC && ip_authentic(f, p))
		c |= CHR_IP_AUTHENTIC;
	if (r->mask & CHR_MAC_AUTHENTIC && party_owns(sender, 0, f->src_mac, 6))
		c |= CHR_MAC_AUTHENTIC;
	if (r->mask & CHR_TCP)
		c |= tcp_bits(f, p);
	return c & r->mask;
}

static bool tag_find(const struct kzt_party *party, u32 id, u32 *value)
{
	unsigned int i;

	for (i = 0; party && i < party->n_tags; i++) {
		if (party->tags[i].id == id) {
			*value = party->tags[i].value;
			return true;
		}
	}
	return false;
}

static bool match_tags(const struct kzt_filter_frame *f,
		       const struct kzt_rule *r, bool super, bool *skip,
		       enum kzt_match_hard *hard)
{
	u32 l, m, v = r->tag.value;

	if (!tag_find(f->local, r->tag.id, &l))
		return hard_result(false, hard);
	if (!tag_find(f->remote, r->tag.id, &m)) {
		if (f->inbound && !super)
			return hard_result(false, hard);
		*skip = true;
		return hard_result(true, hard);
	}
	switch (kzt_rule_type(r)) {
	case KZT_MATCH_TAGS_DIFFERENCE:
		return (l > m ? l - m : m - l) <= v;
	case KZT_MATCH_TAGS_AND:
		return (l & m) == v;
	case KZT_MATCH_TAGS_OR:
		return (l | m) == v;
	case KZT_MATCH_TAGS_XOR:
		return (l ^ m) == v;
	default:
		return l == v && m == v;
	}
}

static bool match_tag_of_one(const struct kzt_filter_frame *f,
			     const struct kzt_rule *r, bool super, bool *skip,
			     enum kzt_match_hard *hard)
{
	bool sender = kzt_rule_type(r) == KZT_MATCH_TAG_SENDER;
	u32 value;

	if (super) {
		*skip = true;
		return hard_result(true, hard);
	}
	if (sender == f->inbound) {	/* the other side's tag is asked for */
		if (tag_find(f->remote, r->tag.id, &value))
			return value == r->tag.value;
		if (sender)
			return hard_result(false, hard);
		*skip = true;
		return hard_result(true, hard);
	}
	if (tag_find(f->local, r->tag.id, &value))
		return value == r->tag.value;
	return hard_result(false, hard);
}

static bool match_integer(const struct kzt_filter_frame *f,
			  const struct kzt_rule *r)
{
	unsigned int bits = (r->integer.format & 0x3f) + 1;
	unsigned int bytes = (bits + 7) / 8, i;
	size_t at = r->integer.index;
	u64 x = 0;

	if (r->integer.format & KZT_INTEGER_LITTLE_ENDIAN) {
		if (at + bytes <= f->len) {
			for (i = 0; i < bytes; i++)
				x |= (u64)f->body[at + i] << (64 - 8 * bytes + 8 * i);
			x >>= 64 - bits;
		}
	} else if (at + 8 <= f->len) {
		/* The index is that of an eight-byte field whose tail is read */
		for (i = 8 - bytes; i < 8; i++)
			x = x << 8 | f->body[at + i];
		if (bits < 64)
			x &= (1ULL << bits) - 1;
	}
	return x >= r->integer.start &&
	       x <= r->integer.start + r->integer.span;
}

/**
 * kzt_filter_match() - does one match hold
 * @f: frame
 * @p: what was found in its body so far
 * @r: match
 * @super: the frame is a copy meant for this node
 * @skip: set if a DROP is to be passed over
 * @hard: set to KZT_HARD if the result is exempt from NOT
 *
 * Implements: spec 4, 4.10.4.
 * Context: any.
 * Return: the result, before NOT.
 */
bool kzt_filter_match(const struct kzt_filter_frame *f, struct kzt_parsed *p,
		      const struct kzt_rule *r, bool super, bool *skip,
		      enum kzt_match_hard *hard)
{
	switch (kzt_rule_type(r)) {
	case KZT_MATCH_SOURCE_ADDRESS:
		return f->src == r->address;
	case KZT_MATCH_DEST_ADDRESS:
		return f->dst == r->address;
	case KZT_MATCH_VLAN_ID:
		return !r->u16;
	case KZT_MATCH_VLAN_PCP:
	case KZT_MATCH_VLAN_DEI:
		return !r->u8;
	case KZT_MATCH_MAC_SOURCE:
		return !memcmp(f->src_mac, r->mac, 6);
	case KZT_MATCH_MAC_DEST:
		return !memcmp(f->dst_mac, r->mac, 6);
	case KZT_MATCH_IPV4_SOURCE:
		return match_ipv4(f, p, r, 12, hard);
	case KZT_MATCH_IPV4_DEST:
		return match_ipv4(f, p, r, 16, hard);
	case KZT_MATCH_IPV6_SOURCE:
		return match_ipv6(f, p, r, 8, hard);
	case KZT_MATCH_IPV6_DEST:
		return match_ipv6(f, p, r, 24, hard);
	case KZT_MATCH_IP_TOS:
		return match_tos(f, p, r, hard);
	case KZT_MATCH_IP_PROTOCOL:
		return match_protocol(f, p, r, hard);
	case KZT_MATCH_ETHERTYPE:
		return f->ethertype == r->u16;
	case KZT_MATCH_ICMP:
		return match_icmp(f, p, r, hard);
	case KZT_MATCH_SOURCE_PORT:
		return match_port(f, p, r, 0, hard);
	case KZT_MATCH_DEST_PORT:
		return match_port(f, p, r, 2, hard);
	case KZT_MATCH_CHARACTERISTICS:
		return match_characteristics(f, p, r);
	case KZT_MATCH_FRAME_SIZE:
		return f->len >= r->range.low && f->len <= r->range.high;
	case KZT_MATCH_RANDOM:
		return f->random <= r->u32;
	case KZT_MATCH_TAGS_DIFFERENCE:
	case KZT_MATCH_TAGS_AND:
	case KZT_MATCH_TAGS_OR:
	case KZT_MATCH_TAGS_XOR:
	case KZT_MATCH_TAGS_EQUAL:
		return match_tags(f, r, super, skip, hard);
	case KZT_MATCH_TAG_SENDER:
	case KZT_MATCH_TAG_RECEIVER:
		return match_tag_of_one(f, r, super, skip, hard);
	case KZT_MATCH_INTEGER_RANGE:
		return match_integer(f, r);
	default:
		return f->unknown_match;
	}
}
