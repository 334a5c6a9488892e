/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_SOCKET_H
#define KZT_SOCKET_H

#include <linux/rcupdate.h>
#include "endpoint.h"

struct dst_cache;
struct kzt_node;
struct kzt_path;
struct net_device;
struct netlink_ext_ack;
struct sk_buff;
struct sock;

#define KZT_PORTS_MAX	2		/* primary and secondary */
#define KZT_BINDS_MAX	8

/**
 * struct kzt_binds - the devices, or VRFs, that a node keeps to
 * @n: 0 for any device
 * @ifindex: of each
 */
struct kzt_binds {
	unsigned int n;
	int ifindex[KZT_BINDS_MAX];
};

/**
 * struct kzt_socket_pair - the wildcard sockets of one port
 * @v4: IPv4, one for each device that the node keeps to; else the first only
 * @v6: NULL without IPv6
 * @port: host order
 * @random: the kernel chose it
 */
struct kzt_socket_pair {
	struct sock *v4[KZT_BINDS_MAX];
	struct sock *v6[KZT_BINDS_MAX];
	u16 port;
	bool random;
};

/**
 * struct kzt_sockets - the UDP sockets of a node; RCU-replaced as a whole
 * @n: pairs in use, at least one
 * @fresh: bit set of those that were opened for this list
 * @binds: devices that they are bound to
 * @pair: the primary port first
 */
struct kzt_sockets {
	unsigned int n;
	unsigned int fresh;
	struct kzt_binds binds;
	struct kzt_socket_pair pair[KZT_PORTS_MAX];
};

/* config_lock held; replaces those there are; the settings are in the node */
int kzt_sockets_open_locked(struct kzt_node *node,
			    struct netlink_ext_ack *extack);
/* Are sockets bound to this very device?  RCU (BH) */
bool kzt_sockets_bound(const struct kzt_node *node, int ifindex);
/* Are there sockets for what comes by a device?  RCU */
bool kzt_sockets_serve(struct kzt_node *node, const struct net_device *dev);
/* Is it one of our ports?  Takes RCU itself */
bool kzt_sockets_have(struct kzt_node *node, __be16 port);
/* The primary UDP port, 0 while down; takes RCU itself */
void kzt_sockets_renew(struct kzt_node *node);
u16 kzt_sockets_port(struct kzt_node *node);
void kzt_sockets_close_locked(struct kzt_node *node);

/*
 * Send one datagram (skb->data is the UDP payload; headroom is ensured here).
 * Consumes skb.  cache may be NULL (one-off sends).  tos: outer DSCP/ECN.
 * ttl 0: default.  BH or process; takes RCU itself.  0 or -errno (counted).
 */
int kzt_socket_send(struct kzt_node *node, struct sk_buff *skb,
		    const struct kzt_endpoint *ep, struct dst_cache *cache,
		    u8 tos, u8 ttl);
/* The same for one that nobody may fragment: to find out what passes */
int kzt_socket_send_whole(struct kzt_node *node, struct sk_buff *skb,
			  const struct kzt_endpoint *ep);
/* The largest UDP payload that the route takes, 0 without one */
unsigned int kzt_socket_mtu(struct kzt_node *node, const struct kzt_endpoint *ep);
/* The same for a buffer; copies. From a probe or a reply. */
int kzt_socket_send_buf(struct kzt_node *node, const void *buf, size_t len,
			const struct kzt_endpoint *ep, u8 ttl);
/* Would a datagram leave by the device of the leg?  RCU (BH) */
bool kzt_socket_reaches(struct kzt_node *node, const struct kzt_endpoint *leg);
/* Fill ep from the IP and UDP headers of a received skb */
int kzt_endpoint_from_skb(struct kzt_endpoint *ep, const struct sk_buff *skb);

#endif /* KZT_SOCKET_H */
