/* SPDX-License-Identifier: GPL-2.0 */
/* How much goes along a path in one datagram, found out by padded ECHOs. */
#ifndef KZT_PMTU_H
#define KZT_PMTU_H

#include <linux/types.h>

struct kzt_network;
struct kzt_node;
struct kzt_path;
struct kzt_peer;
struct sk_buff;

int kzt_pmtu_init(struct kzt_node *node);
void kzt_pmtu_free(struct kzt_node *node);
/* peer->lock held */
void kzt_pmtu_forget(struct kzt_path *path);
/* The functions below run on node->control_wq only, so that none needs a lock */
void kzt_pmtu_round(struct kzt_peer *peer, struct kzt_path *path, u64 now);
void kzt_pmtu_tick(struct kzt_node *node, u64 now);
void kzt_pmtu_answered(struct kzt_node *node, u64 in_re_id, u64 now);

/* Is a frame from the stack too big for the device?  BH off, RCU; then consumed */
bool kzt_pmtu_refuse(struct kzt_network *nw, struct sk_buff *skb);

#endif /* KZT_PMTU_H */
