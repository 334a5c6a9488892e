/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_SURFACE_H
#define KZT_SURFACE_H

struct kzt_node;

int kzt_surface_init(struct kzt_node *node);
void kzt_surface_free(struct kzt_node *node);
void kzt_surface_sweep(struct kzt_node *node, u64 now);

#endif /* KZT_SURFACE_H */
