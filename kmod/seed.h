/* SPDX-License-Identifier: GPL-2.0 */
/* Moons that are wanted, and the nodes to learn them from. */
#ifndef KZT_SEED_H
#define KZT_SEED_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct kzt_node;
struct netlink_ext_ack;

#define KZT_SEEDS_MAX	8

/**
 * struct kzt_seed - a moon that is not held yet
 * @id: of the moon
 * @address: of the node to learn it from
 * @since: kzt_now_ms() when it was asked for
 */
struct kzt_seed {
	u64 id;
	u64 address;
	u64 since;
};

/**
 * struct kzt_seeds - all wanted moons of a node
 * @lock: BH; of all of it
 * @n: how many; READ_ONCE to see quickly that there are none
 * @seed: which
 */
struct kzt_seeds {
	spinlock_t lock;
	unsigned int n;
	struct kzt_seed seed[KZT_SEEDS_MAX];
};

int kzt_seed_add_locked(struct kzt_node *node, u64 id, u64 address,
			struct netlink_ext_ack *extack);
bool kzt_seed_del(struct kzt_node *node, u64 id);
void kzt_seeds_clear(struct kzt_node *node);
unsigned int kzt_seeds_copy(struct kzt_node *node,
			    struct kzt_seed to[KZT_SEEDS_MAX]);
/* Is this node one to learn a moon from? */
bool kzt_is_seed(struct kzt_node *node, u64 address);
/* Every round: find and greet them; true if one was heard from lately */
bool kzt_seeds_round(struct kzt_node *node, u64 now);

#endif /* KZT_SEED_H */
