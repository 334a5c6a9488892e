// SPDX-License-Identifier: GPL-2.0
/*
 * Physical addresses (spec 1, 10.2; spec 3, 3.2).
 */
#include "address.h"

#define WIRE_NULL	0x00
#define WIRE_ETHERNET	0x01
#define WIRE_FUTURE	0x02
#define WIRE_OTHER	0x03
#define WIRE_INET	0x04
#define WIRE_INET6	0x06

#define WIRE_IGNORED_LEN	6	/* of ETHERNET and FUTURE */

static void get_ip(struct kzt_cur *c, struct kzt_inetaddr *a, u8 family,
		   size_t ip_len)
{
	const u8 *ip = kzt_cur_bytes(c, ip_len + 2);

	if (!ip)
		return;
	a->family = family;
	memcpy(a->ip, ip, ip_len);
	a->port = get_unaligned_be16(ip + ip_len);
}

static int skip_ignored(struct kzt_cur *c, size_t len)
{
	size_t left = kzt_cur_left(c);

	if (c->bad)
		return -EBADMSG;
	kzt_cur_skip(c, min(len, left));
	return len > left ? KZT_INETADDR_CLIPPED : 0;
}

/**
 * kzt_inetaddr_get - read a serialised physical address
 * @c: cursor; behind the address afterwards
 * @a: the address; null for every type that carries no IP address
 *
 * Spec 1, 10.2.
 *
 * Return: 0, -EBADMSG (the cursor is bad then), or KZT_INETADDR_CLIPPED if an
 * address of an ignored type claims more bytes than there are: it leaves
 * nothing behind it, which a packet may do and a world may not.
 */
int kzt_inetaddr_get(struct kzt_cur *c, struct kzt_inetaddr *a)
{
	memset(a, 0, sizeof(*a));
	switch (kzt_cur_u8(c)) {
	case WIRE_NULL:
		break;
	case WIRE_ETHERNET:
	case WIRE_FUTURE:
		return skip_ignored(c, WIRE_IGNORED_LEN);
	case WIRE_OTHER:
		return skip_ignored(c, kzt_cur_u16(c));
	case WIRE_INET:
		get_ip(c, a, KZT_AF_INET, 4);
		break;
	case WIRE_INET6:
		get_ip(c, a, KZT_AF_INET6, 16);
		break;
	default:
		kzt_cur_fail(c);
	}
	return kzt_cur_result(c);
}

/**
 * kzt_inetaddr_put - write a serialised physical address
 * @w: cursor
 * @a: address
 */
void kzt_inetaddr_put(struct kzt_wcur *w, const struct kzt_inetaddr *a)
{
	switch (a->family) {
	case KZT_AF_INET:
	case KZT_AF_INET6:
		kzt_put_u8(w, a->family);
		kzt_put_bytes(w, a->ip, a->family == KZT_AF_INET ? 4 : 16);
		kzt_put_u16(w, a->port);
		break;
	default:
		kzt_put_u8(w, WIRE_NULL);
	}
}

/**
 * kzt_inetaddr_len - bytes that kzt_inetaddr_put() writes
 * @a: address
 */
size_t kzt_inetaddr_len(const struct kzt_inetaddr *a)
{
	switch (a->family) {
	case KZT_AF_INET:
		return 7;
	case KZT_AF_INET6:
		return KZT_INETADDR_MAX;
	default:
		return 1;
	}
}

/**
 * kzt_inetaddr_same_ip - same family and IP address, any port (spec 3, 3.2.3)
 * @a: address
 * @b: address
 *
 * Two null addresses are the same.
 */
bool kzt_inetaddr_same_ip(const struct kzt_inetaddr *a,
			  const struct kzt_inetaddr *b)
{
	if (a->family != b->family)
		return false;
	switch (a->family) {
	case KZT_AF_INET:
		return !memcmp(a->ip, b->ip, 4);
	case KZT_AF_INET6:
		return !memcmp(a->ip, b->ip, 16);
	default:
		return true;
	}
}

/**
 * kzt_inetaddr_equal - same family, IP address and port (spec 3, 3.2.3)
 * @a: address
 * @b: address
 */
bool kzt_inetaddr_equal(const struct kzt_inetaddr *a,
			const struct kzt_inetaddr *b)
{
	return kzt_inetaddr_same_ip(a, b) &&
	       (kzt_inetaddr_is_null(a) || a->port == b->port);
}

/**
 * kzt_inetaddr_same_net - same IPv4 address or IPv6 /64 (spec 3, 3.2.3)
 * @a: address
 * @b: address
 */
bool kzt_inetaddr_same_net(const struct kzt_inetaddr *a,
			   const struct kzt_inetaddr *b)
{
	if (a->family == KZT_AF_INET6 && b->family == KZT_AF_INET6)
		return !memcmp(a->ip, b->ip, 8);
	return kzt_inetaddr_same_ip(a, b);
}

/**
 * kzt_inetaddr_in_prefix - whether a prefix contains an address
 * @a: address
 * @net: the prefix; bits behind @bits do not matter
 * @bits: its length; more than the family has counts as all
 *
 * Spec 3, 3.2.3.  A null address is in no prefix.
 */
bool kzt_inetaddr_in_prefix(const struct kzt_inetaddr *a,
			    const struct kzt_inetaddr *net, unsigned int bits)
{
	unsigned int whole, rest;

	if (a->family != net->family || kzt_inetaddr_is_null(a))
		return false;
	bits = min(bits, a->family == KZT_AF_INET ? 32u : 128u);
	whole = bits / 8;
	rest = bits % 8;
	if (memcmp(a->ip, net->ip, whole))
		return false;
	return !rest || !((a->ip[whole] ^ net->ip[whole]) >> (8 - rest));
}

/**
 * kzt_inetaddr_unmap - turn ::ffff:a.b.c.d into a.b.c.d
 * @a: address, changed in place
 *
 * Spec 3, 3.2.1 wants this before a dual-stack socket's addresses are
 * classified.
 */
void kzt_inetaddr_unmap(struct kzt_inetaddr *a)
{
	static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (a->family != KZT_AF_INET6 || memcmp(a->ip, mapped, sizeof(mapped)))
		return;
	a->family = KZT_AF_INET;
	memmove(a->ip, a->ip + 12, 4);
	memset(a->ip + 4, 0, 12);
}

/* IPv4 ranges, sorted by nothing: at most one of them matches. */
static const struct {
	u32 net, mask;
	u8 scope;
} ipv4_scopes[] = {
	{ 0x00000000, 0xff000000, KZT_SCOPE_NONE },
	{ 0x0a000000, 0xff000000, KZT_SCOPE_PRIVATE },
	{ 0x64400000, 0xffc00000, KZT_SCOPE_PRIVATE },	/* 100.64/10 */
	{ 0x7f000000, 0xff000000, KZT_SCOPE_LOOPBACK },
	{ 0xa9fe0000, 0xffff0000, KZT_SCOPE_LINK_LOCAL },
	{ 0xac100000, 0xfff00000, KZT_SCOPE_PRIVATE },
	{ 0xc0a80000, 0xffff0000, KZT_SCOPE_PRIVATE },
	{ 0xc0000200, 0xffffff00, KZT_SCOPE_PRIVATE },	/* documentation .. */
	{ 0xc6336400, 0xffffff00, KZT_SCOPE_PRIVATE },
	{ 0xcb007100, 0xffffff00, KZT_SCOPE_PRIVATE },
	{ 0xc6120000, 0xfffe0000, KZT_SCOPE_PRIVATE },	/* .. and benchmarks */
	{ 0xff000000, 0xff000000, KZT_SCOPE_NONE },
	{ 0xe0000000, 0xf0000000, KZT_SCOPE_MULTICAST },
	{ 0xf0000000, 0xf0000000, KZT_SCOPE_PSEUDOPRIVATE },
};

/* Whole /8 that their holders use privately. */
static const u8 ipv4_pseudoprivate[] = {
	6, 11, 21, 22, 25, 26, 28, 29, 30, 51, 55, 56,
};

static enum kzt_scope ipv4_scope(const u8 *ip)
{
	u32 v = get_unaligned_be32(ip);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ipv4_scopes); i++)
		if ((v & ipv4_scopes[i].mask) == ipv4_scopes[i].net)
			return ipv4_scopes[i].scope;
	for (i = 0; i < ARRAY_SIZE(ipv4_pseudoprivate); i++)
		if (ip[0] == ipv4_pseudoprivate[i])
			return KZT_SCOPE_PSEUDOPRIVATE;
	return KZT_SCOPE_GLOBAL;
}

static bool all_zero(const u8 *p, size_t len)
{
	u8 any = 0;

	while (len--)
		any |= *p++;
	return !any;
}

static enum kzt_scope ipv6_scope(const u8 *ip)
{
	if (ip[0] == 0xff)
		return KZT_SCOPE_MULTICAST;
	if (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80)
		return all_zero(ip + 2, 13) && ip[15] == 1 ?
		       KZT_SCOPE_LOOPBACK : KZT_SCOPE_LINK_LOCAL;
	if ((ip[0] & 0xfe) == 0xfc)
		return KZT_SCOPE_PRIVATE;
	if (all_zero(ip, 15) && ip[15] <= 1)
		return ip[15] ? KZT_SCOPE_LOOPBACK : KZT_SCOPE_NONE;
	return KZT_SCOPE_GLOBAL;
}

/**
 * kzt_inetaddr_scope - classify an address
 * @a: address; IPv4-mapped ones count as IPv6, see kzt_inetaddr_unmap()
 *
 * Spec 3, 3.2.1, in the form of releases from 1.6 on.
 */
enum kzt_scope kzt_inetaddr_scope(const struct kzt_inetaddr *a)
{
	switch (a->family) {
	case KZT_AF_INET:
		return ipv4_scope(a->ip);
	case KZT_AF_INET6:
		return ipv6_scope(a->ip);
	default:
		return KZT_SCOPE_NONE;
	}
}

/**
 * kzt_inetaddr_rank - preference of an address, 0..15 (spec 3, 3.2.2)
 * @a: address
 */
unsigned int kzt_inetaddr_rank(const struct kzt_inetaddr *a)
{
	return kzt_inetaddr_scope(a) * 2 + (a->family == KZT_AF_INET6);
}

/**
 * kzt_inetaddr_valid_path - whether a path may lead to an address
 * @a: address; its port is not looked at
 *
 * Spec 3, 3.2.2.
 */
bool kzt_inetaddr_valid_path(const struct kzt_inetaddr *a)
{
	/* A tunnel provider that is excluded for bad performance. */
	static const u8 tunnel[4] = { 0x20, 0x01, 0x04, 0x70 };

	switch (kzt_inetaddr_scope(a)) {
	case KZT_SCOPE_PSEUDOPRIVATE:
	case KZT_SCOPE_GLOBAL:
	case KZT_SCOPE_SHARED:
	case KZT_SCOPE_PRIVATE:
		return a->family != KZT_AF_INET6 ||
		       memcmp(a->ip, tunnel, sizeof(tunnel));
	default:
		return false;
	}
}

/**
 * kzt_inetaddr_gate_hash - slot of a source network in the identity gate
 * @a: where a datagram came from
 *
 * Spec 3, 3.2.5; 14 bits.
 */
unsigned int kzt_inetaddr_gate_hash(const struct kzt_inetaddr *a)
{
	u32 h = 0;
	int i;

	switch (a->family) {
	case KZT_AF_INET:
		h = get_unaligned_be32(a->ip) >> 8;
		h ^= h >> 14;
		break;
	case KZT_AF_INET6:
		for (i = 0; i < 6; i++)
			h = h * 2 + a->ip[i];
		break;
	}
	return h & 0x3fff;
}
