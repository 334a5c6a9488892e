/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_PIECES_H
#define KZT_PIECES_H

#include <linux/types.h>

struct dst_cache;
struct kzt_endpoint;
struct kzt_node;
struct sk_buff;

/* Consumes skb; RCU (BH); 0 or -errno (counted) */
int kzt_pieces_send(struct kzt_node *node, struct sk_buff *skb,
		    const struct kzt_endpoint *ep, struct dst_cache *cache,
		    unsigned int mtu, u8 tos);

#endif /* KZT_PIECES_H */
