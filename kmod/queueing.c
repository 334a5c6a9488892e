// SPDX-License-Identifier: GPL-2.0
/*
 * Rings and queues of the parallel ciphers.
 *
 * A packet that is not handled on the spot goes into two places: the ring of
 * its direction, from which workers on all CPUs take it, and the queue of its
 * peer, which keeps the order.  Whoever finishes a packet has the queue's
 * finished front delivered, on the CPU that the burst came in on; a bit makes
 * sure that one context does it at a time.
 */
#include <linux/cpumask.h>
#include <linux/slab.h>
#include "node.h"
#include "peer.h"
#include "queueing.h"

/* What a CPU does itself within a tick before it calls the others for help */
#define INLINE_BYTES	32768

/* How long a queue in use stays on its CPU: what that CPU still has of it goes
 * before what another would have.
 */
#define STAY_TICKS	(msecs_to_jiffies(8) + 1)

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

/* Whether what comes in here and now is delivered on this CPU */
static bool queue_is_here(struct kzt_queue *q)
{
	int cpu = smp_processor_id();
	unsigned long now = jiffies;

	if (READ_ONCE(q->cpu) != cpu) {
		if (time_before(now, READ_ONCE(q->used) + STAY_TICKS))
			return false;
		WRITE_ONCE(q->cpu, cpu);
	}
	if (READ_ONCE(q->used) != now)
		WRITE_ONCE(q->used, now);
	return true;
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
bool kzt_queue_inline_ok(struct kzt_queue *q, unsigned int bytes)
{
	unsigned long tick = jiffies;

	if (!skb_queue_empty_lockless(&q->list))
		return false;
	/* The last packet leaves the list before it is delivered */
	smp_rmb();
	if (test_bit(0, &q->draining))
		return false;
	if (num_online_cpus() == 1)
		return true;
	if (!queue_is_here(q))
		return false;
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
 * @q: queue of the peer, same direction; a reference to the peer is taken for
 *	the packet
 * @skb: packet or head of a segment list
 *
 * Context: BH off, RCU.
 * Return: true if taken; false if it must be dropped (full, or peer is dead).
 */
bool kzt_queue_enqueue(struct kzt_crypt_ring *r, struct kzt_queue *q,
		       struct sk_buff *skb)
{
	struct kzt_peer *peer = q->peer;
	int cpu;

	if (skb_queue_len_lockless(&q->list) >= KZT_QUEUE_MAX ||
	    !kzt_peer_get(peer))
		return false;
	KZT_CB(skb)->peer = peer;
	WRITE_ONCE(KZT_CB(skb)->state, KZT_CRYPT_PENDING);
	KZT_CB(skb)->more = skb->next;
	spin_lock(&q->list.lock);
	if (skb_queue_empty(&q->list) && !test_bit(0, &q->draining))
		queue_is_here(q);
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

static bool front_done(struct kzt_queue *q)
{
	struct sk_buff *skb = skb_peek(&q->list);

	return skb && smp_load_acquire(&KZT_CB(skb)->state) != KZT_CRYPT_PENDING;
}

static struct sk_buff *queue_take_done(struct kzt_queue *q)
{
	struct sk_buff *skb = NULL;

	spin_lock(&q->list.lock);
	if (front_done(q))
		skb = __skb_dequeue(&q->list);
	spin_unlock(&q->list.lock);
	if (skb)
		skb->next = KZT_CB(skb)->more;
	return skb;
}

/* Context: BH off, RCU; the caller holds a reference to the queue's peer. */
static void queue_drain(struct kzt_queue *q)
{
	struct sk_buff *skb;
	bool more;

	do {
		if (test_and_set_bit_lock(0, &q->draining))
			return;
		while ((skb = queue_take_done(q))) {
			q->deliver(q->peer, skb);
			kzt_peer_put(q->peer);	/* the packet's */
		}
		WRITE_ONCE(q->used, jiffies);
		clear_bit_unlock(0, &q->draining);
		smp_mb__after_atomic();
		/* A packet finished after the last look, its worker saw the bit */
		spin_lock(&q->list.lock);
		more = front_done(q);
		spin_unlock(&q->list.lock);
	} while (more);
}

static void queue_drain_work(struct work_struct *work)
{
	struct kzt_queue *q = container_of(work, struct kzt_queue, drain);
	struct kzt_peer *peer = q->peer;

	rcu_read_lock_bh();
	queue_drain(q);
	rcu_read_unlock_bh();
	kzt_peer_put(peer);
}

/**
 * kzt_queue_finished() - a packet of this queue is encrypted or decrypted
 * @q: queue
 *
 * Has the finished front of the queue delivered.
 *
 * Context: BH off, RCU; the caller holds a reference to the queue's peer.
 */
void kzt_queue_finished(struct kzt_queue *q)
{
	int cpu = READ_ONCE(q->cpu);

	if (cpu == smp_processor_id() || !cpu_online(cpu)) {
		queue_drain(q);
		return;
	}
	/* Pending already: it looks at the queue after this packet's release */
	kref_get(&q->peer->ref);
	if (!queue_work_on(cpu, q->peer->node->wq, &q->drain))
		kzt_peer_put(q->peer);
}

/**
 * kzt_queue_init() - an empty queue
 * @q: queue
 * @peer: owner
 * @deliver: what happens to a finished packet
 */
void kzt_queue_init(struct kzt_queue *q, struct kzt_peer *peer,
		    kzt_deliver_fn deliver)
{
	skb_queue_head_init(&q->list);
	q->draining = 0;
	q->cpu = 0;
	q->used = jiffies - STAY_TICKS;
	q->peer = peer;
	q->deliver = deliver;
	INIT_WORK(&q->drain, queue_drain_work);
}
