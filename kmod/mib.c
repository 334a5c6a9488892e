// SPDX-License-Identifier: GPL-2.0
/* Counting packets and dropping them. */
#include <linux/skbuff.h>
#include "mib.h"
#include "node.h"
#include "trace.h"

const char *const kzt_mib_names[KZT_MIB_MAX] = {
#define X(name, text) [KZT_MIB_##name] = text,
	KZT_MIB_LIST(X)
#undef X
};

const char *const kzt_drop_names[KZT_DROP_MAX] = {
#define X(name, text) [KZT_DROP_##name] = text,
	KZT_DROP_LIST(X)
#undef X
};

/**
 * kzt_drop_skb() - drop a packet for a reason
 * @node: who drops it
 * @skb: packet; consumed
 * @reason: counted, and seen by the tracepoint
 *
 * Context: any.
 */
void kzt_drop_skb(struct kzt_node *node, struct sk_buff *skb,
		  enum kzt_drop reason)
{
	trace_kzt_drop(node->self_address, skb, reason);
	kzt_drop_count(node, reason);
	kfree_skb(skb);
}

/**
 * kzt_drop_skb_list() - drop packets linked by next
 * @node: who drops them
 * @skb: the first; all are consumed
 * @reason: counted once for each
 *
 * Context: any.
 */
void kzt_drop_skb_list(struct kzt_node *node, struct sk_buff *skb,
		       enum kzt_drop reason)
{
	struct sk_buff *next;

	skb_list_walk_safe(skb, skb, next) {
		skb_mark_not_on_list(skb);
		kzt_drop_skb(node, skb, reason);
	}
}

/**
 * kzt_mib_sum_event() - a counter, over all CPUs
 * @node: owner
 * @item: enum kzt_mib_item
 *
 * Return: its value.
 */
u64 kzt_mib_sum_event(const struct kzt_node *node, unsigned int item)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(node->mib, cpu)->event[item]);
	return sum;
}

/**
 * kzt_mib_sum_drop() - drops for one reason, over all CPUs
 * @node: owner
 * @reason: enum kzt_drop
 *
 * Return: how many.
 */
u64 kzt_mib_sum_drop(const struct kzt_node *node, unsigned int reason)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(node->mib, cpu)->drop[reason]);
	return sum;
}
