/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_ENDPOINT_H
#define KZT_ENDPOINT_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/socket.h>
#include <linux/types.h>

/**
 * struct kzt_endpoint - where a datagram came from or goes to
 * @remote: the other side; ss_family AF_INET or AF_INET6, 0 for none.
 *	IPv4-mapped addresses are unwrapped on the way in
 * @local4: source address to use, or the address it came to; 0 for any
 * @local6: the same for IPv6
 * @ifindex: interface it came by or must leave by; 0 for any
 * @local_port: our UDP port it came to or leaves from; 0 for the primary one
 */
struct kzt_endpoint {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} remote;
	union {
		struct in_addr local4;
		struct in6_addr local6;
	};
	int ifindex;
	__be16 local_port;
};

bool kzt_endpoint_same_remote(const struct kzt_endpoint *a,
			      const struct kzt_endpoint *b);	/* IP and port */
bool kzt_endpoint_same_ip(const struct kzt_endpoint *a,
			  const struct kzt_endpoint *b);
bool kzt_endpoint_same_local(const struct kzt_endpoint *a,
			     const struct kzt_endpoint *b);	/* spec's socket */
bool kzt_endpoint_equal(const struct kzt_endpoint *a,
			const struct kzt_endpoint *b);	/* local side too */

struct kzt_inetaddr;
/* Conversions to and from the wire codec's address (proto/address.h) */
void kzt_endpoint_to_inetaddr(const struct kzt_endpoint *ep,
			      struct kzt_inetaddr *a);
bool kzt_endpoint_from_inetaddr(struct kzt_endpoint *ep,
				const struct kzt_inetaddr *a);

#endif /* KZT_ENDPOINT_H */
