// SPDX-License-Identifier: GPL-2.0
/* Socket addresses with their local side. */
#include <net/ipv6.h>
#include "endpoint.h"
#include "proto/address.h"

/**
 * kzt_endpoint_same_ip() - is it the same remote host
 * @a: one
 * @b: other
 *
 * Implements: spec 3, 3.2.3 "same IP".
 * Return: true if family and address agree, whatever the ports.
 */
bool kzt_endpoint_same_ip(const struct kzt_endpoint *a,
			  const struct kzt_endpoint *b)
{
	if (a->remote.sa.sa_family != b->remote.sa.sa_family)
		return false;
	if (a->remote.sa.sa_family == AF_INET)
		return a->remote.in.sin_addr.s_addr ==
		       b->remote.in.sin_addr.s_addr;
	return a->remote.sa.sa_family == AF_INET6 &&
	       ipv6_addr_equal(&a->remote.in6.sin6_addr,
			       &b->remote.in6.sin6_addr);
}

/**
 * kzt_endpoint_same_remote() - is it the same remote socket
 * @a: one
 * @b: other
 *
 * Return: true if address and port agree.
 */
bool kzt_endpoint_same_remote(const struct kzt_endpoint *a,
			      const struct kzt_endpoint *b)
{
	/* sin_port and sin6_port lie at the same place */
	return a->remote.in.sin_port == b->remote.in.sin_port &&
	       kzt_endpoint_same_ip(a, b);
}

/**
 * kzt_endpoint_same_local() - is it the same local socket, in the spec's words
 * @a: one
 * @b: other
 *
 * Implements: spec 3, 3.1 "local socket", 3.21.
 * Return: true if family, local address, interface and local port agree.
 */
bool kzt_endpoint_same_local(const struct kzt_endpoint *a,
			     const struct kzt_endpoint *b)
{
	if (a->ifindex != b->ifindex || a->local_port != b->local_port ||
	    a->remote.sa.sa_family != b->remote.sa.sa_family)
		return false;
	if (a->remote.sa.sa_family == AF_INET)
		return a->local4.s_addr == b->local4.s_addr;
	return ipv6_addr_equal(&a->local6, &b->local6);
}

/**
 * kzt_endpoint_equal() - is it the same leg
 * @a: one
 * @b: other
 *
 * Return: true if remote and local side agree.
 */
bool kzt_endpoint_equal(const struct kzt_endpoint *a,
			const struct kzt_endpoint *b)
{
	return kzt_endpoint_same_remote(a, b) && kzt_endpoint_same_local(a, b);
}

/**
 * kzt_endpoint_to_inetaddr() - the remote side as the wire codec has it
 * @ep: from
 * @a: to
 */
void kzt_endpoint_to_inetaddr(const struct kzt_endpoint *ep,
			      struct kzt_inetaddr *a)
{
	memset(a, 0, sizeof(*a));
	if (ep->remote.sa.sa_family == AF_INET) {
		a->family = KZT_AF_INET;
		memcpy(a->ip, &ep->remote.in.sin_addr, 4);
		a->port = ntohs(ep->remote.in.sin_port);
	} else if (ep->remote.sa.sa_family == AF_INET6) {
		a->family = KZT_AF_INET6;
		memcpy(a->ip, &ep->remote.in6.sin6_addr, 16);
		a->port = ntohs(ep->remote.in6.sin6_port);
	}
}

/**
 * kzt_endpoint_from_inetaddr() - an endpoint from any local side
 * @ep: to
 * @a: from; IPv4-mapped addresses are unwrapped
 *
 * Return: false if @a is no IP address.
 */
bool kzt_endpoint_from_inetaddr(struct kzt_endpoint *ep,
				const struct kzt_inetaddr *a)
{
	struct kzt_inetaddr plain = *a;

	kzt_inetaddr_unmap(&plain);
	memset(ep, 0, sizeof(*ep));
	switch (plain.family) {
	case KZT_AF_INET:
		ep->remote.in.sin_family = AF_INET;
		memcpy(&ep->remote.in.sin_addr, plain.ip, 4);
		ep->remote.in.sin_port = htons(plain.port);
		return true;
	case KZT_AF_INET6:
		ep->remote.in6.sin6_family = AF_INET6;
		memcpy(&ep->remote.in6.sin6_addr, plain.ip, 16);
		ep->remote.in6.sin6_port = htons(plain.port);
		return true;
	default:
		return false;
	}
}
