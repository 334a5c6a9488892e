/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_QUEUEING_H
#define KZT_QUEUEING_H

#include <linux/skbuff.h>
#include <linux/ptr_ring.h>
#include <linux/workqueue.h>
#include "endpoint.h"

struct kzt_node;
struct kzt_peer;

/**
 * struct kzt_cb - our part of skb->cb while a packet is ours
 * @peer: whose keys; a reference is held only while the skb is in a queue
 * @state: enum kzt_crypt_state, released by the worker, acquired by the drain
 * @hash: inner flow hash, taken before encryption
 * @suite: suite to send with
 * @tos: OUT: DSCP and ECN of the inner packet; IN: of the outer (RFC 6040)
 * @flags: KZT_CB_*
 * @hops: IN: of the packet
 * @verb: IN: of the packet
 * @wire_id: IN: packet id; OUT: trusted path id
 * @more: the rest of a segment list while its head is in a queue, whose links
 *	take skb->next
 */
struct kzt_cb {
	struct kzt_peer *peer;
	u32 hash;
	u8 state;
	u8 suite;
	u8 tos;
	u8 flags;
	u8 hops;
	u8 verb;
	u64 wire_id;
	struct sk_buff *more;
};

#define KZT_CB_TOS_IS_INNER	BIT(0)
#define KZT_CB_EXPECT		BIT(1)	/* OUT: a reply may come */
#define KZT_CB_COPIES		BIT(2)	/* OUT: one copy for each path of the bond */
#define KZT_CB_FLOW		BIT(3)	/* OUT: @hash is kzt_flow_hash() */
#define KZT_CB_WHOLE		BIT(4)	/* OUT: in one piece whatever its size */
#define KZT_CB_CONTROL		BIT(5)	/* OUT: made here, nobody's data */
#define KZT_CB_PADDED		BIT(6)	/* OUT: it may get lost for its size */

enum kzt_crypt_state {
	KZT_CRYPT_PENDING,
	KZT_CRYPT_DONE,
	KZT_CRYPT_FAILED,
};

static inline struct kzt_cb *KZT_CB(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct kzt_cb) > sizeof(skb->cb));
	return (struct kzt_cb *)skb->cb;
}

typedef void (*kzt_deliver_fn)(struct kzt_peer *peer, struct sk_buff *skb);

/**
 * struct kzt_queue - the packets of one peer and direction, in order
 * @list: heads of segment lists; its lock is the queue's
 * @draining: bit 0: somebody delivers finished packets from the front
 * @cpu: where they are delivered: behind the queue stand per-CPU queues
 *	(gro_cells, a device's transmit queues) that would reorder a flow which
 *	moves between CPUs
 * @used: when it was last, jiffies
 * @peer: owner
 * @deliver: consumes one item (a list); called in order, one CPU at a time
 * @drain: delivers on @cpu; holds a reference to @peer while it is pending
 */
struct kzt_queue {
	struct sk_buff_head list;
	unsigned long draining;
	int cpu;
	unsigned long used;
	struct kzt_peer *peer;
	kzt_deliver_fn deliver;
	struct work_struct drain;
};

/**
 * struct kzt_crypt_ring - work for all CPUs, one direction
 */
struct kzt_crypt_ring {
	struct ptr_ring ring;
	struct kzt_crypt_worker __percpu *worker;
	int last_cpu;
	struct kzt_node *node;
};

#define KZT_QUEUE_MAX		1024	/* items per peer and direction, and per ring */

void kzt_queue_init(struct kzt_queue *q, struct kzt_peer *peer,
		    kzt_deliver_fn deliver);
bool kzt_queue_inline_ok(struct kzt_queue *q, unsigned int bytes);
bool kzt_queue_enqueue(struct kzt_crypt_ring *r, struct kzt_queue *q,
		       struct sk_buff *skb);
void kzt_queue_finished(struct kzt_queue *q);
struct kzt_crypt_ring *kzt_crypt_ring_of(struct work_struct *work);
int kzt_crypt_ring_init(struct kzt_crypt_ring *r, struct kzt_node *node,
			work_func_t fn);
void kzt_crypt_ring_free(struct kzt_crypt_ring *r);

#endif /* KZT_QUEUEING_H */
