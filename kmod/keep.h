/* SPDX-License-Identifier: GPL-2.0 */
/* When a peer is looked at next. */
#ifndef KZT_KEEP_H
#define KZT_KEEP_H

#include <linux/types.h>

struct kzt_node;
struct kzt_peer;

int kzt_keep_init(struct kzt_node *node);
void kzt_keep_free(struct kzt_node *node);
void kzt_keep_in(struct kzt_peer *peer, unsigned int delay_ms);
void kzt_keep_now(struct kzt_peer *peer);
void kzt_keep_forget(struct kzt_peer *peer);
void kzt_keep_contact(struct kzt_peer *peer, u64 now);

#endif /* KZT_KEEP_H */
