/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_DEFRAG_H
#define KZT_DEFRAG_H

#include <linux/skbuff.h>
#include "endpoint.h"
#include "proto/packet.h"

struct kzt_node;
struct kzt_defrag;

int kzt_defrag_init(struct kzt_node *node);
void kzt_defrag_free(struct kzt_node *node);
/*
 * A piece (head with flag 0x40, or fragment) that is for this node.  BH.
 * Consumes skb.  Returns the reassembled linear packet (the head's skb, data at
 * byte 0; *from is the head's endpoint) or NULL.
 */
struct sk_buff *kzt_defrag_add(struct kzt_node *node, struct sk_buff *skb,
			       const struct kzt_hdr *hdr,
			       struct kzt_endpoint *from);
void kzt_defrag_sweep(struct kzt_node *node, u64 now);	/* from the tick */

#endif /* KZT_DEFRAG_H */
