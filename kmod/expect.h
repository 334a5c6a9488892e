/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_EXPECT_H
#define KZT_EXPECT_H

struct kzt_node;

int kzt_expect_init(struct kzt_node *node);
void kzt_expect_free(struct kzt_node *node);

#endif /* KZT_EXPECT_H */
