/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_SOCKET_H
#define KZT_SOCKET_H

#include <linux/rcupdate.h>
#include "endpoint.h"

struct dst_cache;
struct kzt_node;
struct kzt_path;
struct netlink_ext_ack;
struct sk_buff;
struct sock;

/**
 * struct kzt_sockets - the UDP sockets of a node; RCU-replaced as a whole
 */
struct kzt_sockets {
	struct sock *v4;
	struct sock *v6;	/* NULL without IPv6 */
	u16 port;
	struct rcu_head rcu;
};

/* config_lock held; replaces the old pair, port 0 picks one */
int kzt_sockets_open_locked(struct kzt_node *node, u16 port,
			    struct netlink_ext_ack *extack);
void kzt_sockets_close_locked(struct kzt_node *node);

/*
 * Send one datagram (skb->data is the UDP payload; headroom is ensured here).
 * Consumes skb.  cache may be NULL (one-off sends).  tos: outer DSCP/ECN.
 * ttl 0: default.  BH or process; takes RCU itself.  0 or -errno (counted).
 */
int kzt_socket_send(struct kzt_node *node, struct sk_buff *skb,
		    const struct kzt_endpoint *ep, struct dst_cache *cache,
		    u8 tos, u8 ttl);
/* The same for a buffer; copies. From a probe or a reply. */
int kzt_socket_send_buf(struct kzt_node *node, const void *buf, size_t len,
			const struct kzt_endpoint *ep, u8 ttl);
/* Fill ep from the IP and UDP headers of a received skb */
int kzt_endpoint_from_skb(struct kzt_endpoint *ep, const struct sk_buff *skb);

#endif /* KZT_SOCKET_H */
