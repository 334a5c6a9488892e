/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_RENDEZVOUS_H
#define KZT_RENDEZVOUS_H

struct kzt_node;

int kzt_intro_init(struct kzt_node *node);
void kzt_intro_stop(struct kzt_node *node);
void kzt_intro_free(struct kzt_node *node);

#endif /* KZT_RENDEZVOUS_H */
