// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that may be answered (spec 1, section 9).  Whole ids with the time,
 * for the verbs that have an answer: data frames are not recorded.
 */
#include <linux/hash.h>
#include <linux/slab.h>
#include "expect.h"
#include "node.h"
#include "send.h"

#define EXPECT_BITS	10
#define EXPECT_WAYS	4
#define EXPECT_US	60000000	/* section 9: not before 30 s */

struct expect_set {
	u64 id[EXPECT_WAYS];
	u64 when[EXPECT_WAYS];
};

struct kzt_expect {
	spinlock_t lock;	/* BH */
	struct expect_set set[1 << EXPECT_BITS];
};

/**
 * kzt_expect_init() - make a node's table of awaited replies
 * @node: owner
 *
 * Return: 0 or -ENOMEM.
 */
int kzt_expect_init(struct kzt_node *node)
{
	node->expect = kvzalloc(sizeof(*node->expect), GFP_KERNEL);
	if (!node->expect)
		return -ENOMEM;
	spin_lock_init(&node->expect->lock);
	return 0;
}

/**
 * kzt_expect_free() - undo kzt_expect_init()
 * @node: owner
 */
void kzt_expect_free(struct kzt_node *node)
{
	kvfree(node->expect);
	node->expect = NULL;
}

/**
 * kzt_expect_add() - a packet was sent that may be answered
 * @node: sender
 * @wire_id: its id on the wire
 *
 * Implements: spec 1, section 9.
 * Context: any but hard interrupts.  The oldest of its set gives way.
 */
void kzt_expect_add(struct kzt_node *node, u64 wire_id)
{
	struct expect_set *set = &node->expect->set[hash_64(wire_id, EXPECT_BITS)];
	unsigned int i, oldest = 0;

	spin_lock_bh(&node->expect->lock);
	for (i = 1; i < EXPECT_WAYS; i++)
		if (set->when[i] < set->when[oldest])
			oldest = i;
	set->id[oldest] = wire_id;
	set->when[oldest] = kzt_now_us();
	spin_unlock_bh(&node->expect->lock);
}

/**
 * kzt_expect_age_us() - how old a packet was when it was answered
 * @node: receiver of an OK
 * @wire_id: its in-re packet id
 * @now: kzt_now_us() when the OK came
 *
 * Context: any but hard interrupts.
 * Return: microseconds since kzt_expect_add(); U64_MAX if no reply is expected.
 */
u64 kzt_expect_age_us(struct kzt_node *node, u64 wire_id, u64 now)
{
	struct expect_set *set = &node->expect->set[hash_64(wire_id, EXPECT_BITS)];
	u64 age = U64_MAX;
	unsigned int i;

	spin_lock_bh(&node->expect->lock);
	for (i = 0; i < EXPECT_WAYS; i++)
		if (set->id[i] == wire_id && now - set->when[i] < EXPECT_US)
			age = now - set->when[i];
	spin_unlock_bh(&node->expect->lock);
	return age;
}

/**
 * kzt_expect_check() - is this reply expected
 * @node: receiver of an OK
 * @wire_id: its in-re packet id
 *
 * Several replies to one request are accepted, so nothing is consumed.
 *
 * Implements: spec 1, section 9.
 * Return: true if such a packet was sent within the last minute.
 */
bool kzt_expect_check(struct kzt_node *node, u64 wire_id)
{
	return kzt_expect_age_us(node, wire_id, kzt_now_us()) != U64_MAX;
}
