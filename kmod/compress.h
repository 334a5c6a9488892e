/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_COMPRESS_H
#define KZT_COMPRESS_H

struct kzt_node;
struct sk_buff;

void kzt_compress(struct kzt_node *node, struct sk_buff *skb);

#endif /* KZT_COMPRESS_H */
