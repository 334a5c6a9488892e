/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Physical addresses: serialised form (spec 1, 10.2), scopes, rank and validity
 * (spec 3, 3.2).
 */
#ifndef KZT_PROTO_ADDRESS_H
#define KZT_PROTO_ADDRESS_H

#include "cursor.h"

#define KZT_INETADDR_MAX	19	/* serialised, IPv6 */

/* Wire types, which are also the values of family that mean something. */
#define KZT_AF_NONE		0
#define KZT_AF_INET		4
#define KZT_AF_INET6		6

struct kzt_inetaddr {
	u8 family;		/* KZT_AF_* */
	u8 ip[16];		/* IPv4: the first four, the rest zero */
	u16 port;		/* host order */
};

/* Spec 3, 3.2.1.  A greater number is preferred for paths. */
enum kzt_scope {
	KZT_SCOPE_NONE		= 0,
	KZT_SCOPE_MULTICAST	= 1,
	KZT_SCOPE_LOOPBACK	= 2,
	KZT_SCOPE_PSEUDOPRIVATE	= 3,
	KZT_SCOPE_GLOBAL	= 4,
	KZT_SCOPE_LINK_LOCAL	= 5,
	KZT_SCOPE_SHARED	= 6,
	KZT_SCOPE_PRIVATE	= 7,
};

#define KZT_SCOPES	8

/* An address that ended the buffer early, see kzt_inetaddr_get(). */
#define KZT_INETADDR_CLIPPED	1

int kzt_inetaddr_get(struct kzt_cur *c, struct kzt_inetaddr *a);
void kzt_inetaddr_put(struct kzt_wcur *w, const struct kzt_inetaddr *a);
size_t kzt_inetaddr_len(const struct kzt_inetaddr *a);
bool kzt_inetaddr_equal(const struct kzt_inetaddr *a,
			const struct kzt_inetaddr *b);
bool kzt_inetaddr_same_ip(const struct kzt_inetaddr *a,
			  const struct kzt_inetaddr *b);
bool kzt_inetaddr_same_net(const struct kzt_inetaddr *a,
			   const struct kzt_inetaddr *b);
bool kzt_inetaddr_in_prefix(const struct kzt_inetaddr *a,
			    const struct kzt_inetaddr *net, unsigned int bits);
void kzt_inetaddr_unmap(struct kzt_inetaddr *a);
enum kzt_scope kzt_inetaddr_scope(const struct kzt_inetaddr *a);
unsigned int kzt_inetaddr_rank(const struct kzt_inetaddr *a);
bool kzt_inetaddr_valid_path(const struct kzt_inetaddr *a);
unsigned int kzt_inetaddr_gate_hash(const struct kzt_inetaddr *a);

static inline bool kzt_inetaddr_is_null(const struct kzt_inetaddr *a)
{
	return a->family == KZT_AF_NONE;
}

#endif /* KZT_PROTO_ADDRESS_H */
