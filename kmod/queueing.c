// SPDX-License-Identifier: GPL-2.0
/*
 * Rings and queues of the parallel ciphers.
 *
 * A packet that is not handled on the spot goes into two places: the ring of
 * its direction, from which workers on all CPUs take it, and the queue of its
 * peer, which keeps the order.  Whoever finishes a packet drains the queue's
 * finished front; a bit makes sure that one CPU does it at a time.
 */
#include <linux/cpumask.h>
#include <linux/slab.h>
#include "node.h"
#include "peer.h"
#include "queueing.h"

/* What a CPU does itself within a tick before it calls the others for help */
#define INLINE_BYTES	32768

struct inline_spent {
	unsigned long tick;
	unsigned int bytes;
};

static DEFINE_PER_CPU(struct inline_spent, inline_spent);

struct kzt_crypt_worker {
	struct work_struct work;
	struct kzt_crypt_ring *ring;
};

/**
 * kzt_queue_init() - an empty queue
 * @q: queue
 */
void kzt_queue_init(struct kzt_queue *q)
{
	skb_queue_head_init(&q->list);
	q->draining = 0;
}

/**
 * kzt_crypt_ring_init() - make a ring and its workers
 * @r: ring
 * @node: owner
 * @fn: takes packets from the ring until it is empty
 *
 * Return: 0 or -ENOMEM.
 */
int kzt_crypt_ring_init(struct kzt_crypt_ring *r, struct kzt_node *node,
			work_func_t fn)
{
	int cpu, err;

	r->node = node;
	r->last_cpu = -1;
	r->worker = alloc_percpu(struct kzt_crypt_worker);
	if (!r->worker)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct kzt_crypt_worker *w = per_cpu_ptr(r->worker, cpu);

		w->ring = r;
		INIT_WORK(&w->work, fn);
	}
	err = ptr_ring_init(&r->ring, KZT_QUEUE_MAX, GFP_KERNEL);
	if (err)
		free_percpu(r->worker);
	return err;
}

/**
 * kzt_crypt_ring_free() - release a ring
 * @r: ring; empty, and its workers are done
 */
void kzt_crypt_ring_free(struct kzt_crypt_ring *r)
{
	WARN_ON(!__ptr_ring_empty(&r->ring));
	ptr_ring_cleanup(&r->ring, NULL);
	free_percpu(r->worker);
}

/**
 * kzt_crypt_ring_of() - the ring that a worker serves
 * @work: as passed to the work function
 *
 * Return: the ring.
 */
struct kzt_crypt_ring *kzt_crypt_ring_of(struct work_struct *work)
{
	return container_of(work, struct kzt_crypt_worker, work)->ring;
}

/**
 * kzt_queue_inline_ok() - may a packet be handled here and now
 * @q: its peer's queue
 * @bytes: its size
 *
 * On the spot is cheapest: no ring, no context switch, warm cache.  But one CPU
 * must not do the work of all, nor overtake packets that wait.
 *
 * Context: BH off.
 * Return: true to encrypt or decrypt at once.
 */
bool kzt_queue_inline_ok(const struct kzt_queue *q, unsigned int bytes)
{
	unsigned long tick = jiffies;

	if (!skb_queue_empty_lockless(&q->list))
		return false;
	if (num_online_cpus() == 1)
		return true;
	if (__this_cpu_read(inline_spent.tick) != tick) {
		__this_cpu_write(inline_spent.tick, tick);
		__this_cpu_write(inline_spent.bytes, 0);
	}
	if (__this_cpu_read(inline_spent.bytes) > INLINE_BYTES)
		return false;
	__this_cpu_add(inline_spent.bytes, bytes);
	return true;
}

static int next_online_cpu(int *last)
{
	int cpu = cpumask_next(READ_ONCE(*last), cpu_online_mask);

	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first(cpu_online_mask);
	WRITE_ONCE(*last, cpu);
	return cpu;
}

/**
 * kzt_queue_enqueue() - hand a packet to the workers
 * @r: ring of the direction
 * @q: queue of the peer, same direction
 * @peer: the peer; a reference is taken for the packet
 * @skb: packet or head of a segment list
 *
 * Context: BH off, RCU.
 * Return: true if taken; false if it must be dropped (full, or peer is dead).
 */
bool kzt_queue_enqueue(struct kzt_crypt_ring *r, struct kzt_queue *q,
		       struct kzt_peer *peer, struct sk_buff *skb)
{
	int cpu;

	if (skb_queue_len_lockless(&q->list) >= KZT_QUEUE_MAX ||
	    !kzt_peer_get(peer))
		return false;
	KZT_CB(skb)->peer = peer;
	WRITE_ONCE(KZT_CB(skb)->state, KZT_CRYPT_PENDING);
	KZT_CB(skb)->more = skb->next;
	spin_lock(&q->list.lock);
	__skb_queue_tail(&q->list, skb);
	/* Under the lock, so that ring order is queue order */
	if (unlikely(ptr_ring_produce(&r->ring, skb))) {
		__skb_unlink(skb, &q->list);
		spin_unlock(&q->list.lock);
		skb->next = KZT_CB(skb)->more;
		kzt_peer_put(peer);
		return false;
	}
	spin_unlock(&q->list.lock);
	cpu = next_online_cpu(&r->last_cpu);
	queue_work_on(cpu, r->node->wq, &per_cpu_ptr(r->worker, cpu)->work);
	return true;
}

static struct sk_buff *queue_take_done(struct kzt_queue *q)
{
	struct sk_buff *skb;

	spin_lock(&q->list.lock);
	skb = skb_peek(&q->list);
	if (skb && smp_load_acquire(&KZT_CB(skb)->state) == KZT_CRYPT_PENDING)
		skb = NULL;
	if (skb)
		__skb_unlink(skb, &q->list);
	spin_unlock(&q->list.lock);
	if (skb)
		skb->next = KZT_CB(skb)->more;
	return skb;
}

/**
 * kzt_queue_drain() - deliver what is finished, in order
 * @q: queue
 * @deliver: consumes one item (a list); called in order, one CPU at a time
 *
 * Context: BH off, RCU; the caller holds a reference to the queue's peer.
 */
void kzt_queue_drain(struct kzt_queue *q,
		     void (*deliver)(struct kzt_peer *peer, struct sk_buff *skb))
{
	struct sk_buff *skb, *front;

	do {
		if (test_and_set_bit_lock(0, &q->draining))
			return;
		while ((skb = queue_take_done(q))) {
			struct kzt_peer *peer = KZT_CB(skb)->peer;

			deliver(peer, skb);
			kzt_peer_put(peer);
		}
		clear_bit_unlock(0, &q->draining);
		smp_mb__after_atomic();
		/* A packet finished after the last look, its worker saw the bit */
		spin_lock(&q->list.lock);
		front = skb_peek(&q->list);
		if (front && smp_load_acquire(&KZT_CB(front)->state) ==
				     KZT_CRYPT_PENDING)
			front = NULL;
		spin_unlock(&q->list.lock);
	} while (front);
}
