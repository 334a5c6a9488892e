// SPDX-License-Identifier: GPL-2.0
/*
 * VL1 reassembly (spec 1, 3.3).
 *
 * Pieces come before any authentication, so everything is bounded: entries by
 * the table's size, bytes in all, age; and where there is no room, the remote
 * that holds the most entries of a set loses the oldest of its own, so that a
 * flood from one address neither pushes out nor shuts out everybody else's.
 */
#include <linux/jhash.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include "defrag.h"
#include "gate.h"
#include "node.h"
#include "socket.h"

#define DEFRAG_BITS	6
#define DEFRAG_WAYS	8
#define DEFRAG_BYTES	(4 << 20)	/* true size of all held skbs */
#define DEFRAG_MS	1000		/* 3.3: not below 1 s */

struct defrag_entry {
	u64 id;
	u64 when;		/* kzt_now_ms(), 0: free */
	u32 source;		/* hash of the remote address of the first piece */
	u8 have;		/* bit per piece, bit 0 is the head */
	u8 total;		/* 0: not yet known */
	struct sk_buff *piece[KZT_MAX_PIECES];
};

struct kzt_defrag {
	spinlock_t lock;	/* BH */
	siphash_key_t key;
	unsigned int bytes;
	struct defrag_entry set[1 << DEFRAG_BITS][DEFRAG_WAYS];
};

/**
 * kzt_defrag_init() - make a node's reassembly table
 * @node: owner
 *
 * Return: 0 or -ENOMEM.
 */
int kzt_defrag_init(struct kzt_node *node)
{
	struct kzt_defrag *d = kvzalloc(sizeof(*d), GFP_KERNEL);

	if (!d)
		return -ENOMEM;
	spin_lock_init(&d->lock);
	get_random_bytes(&d->key, sizeof(d->key));
	node->defrag = d;
	return 0;
}

static void entry_drop(struct kzt_node *node, struct defrag_entry *e,
		       enum kzt_drop reason)
{
	unsigned int i;

	for (i = 0; i < KZT_MAX_PIECES; i++) {
		if (!e->piece[i])
			continue;
		node->defrag->bytes -= e->piece[i]->truesize;
		kzt_drop_skb(node, e->piece[i], reason);
	}
	memset(e, 0, sizeof(*e));
}

/**
 * kzt_defrag_sweep() - forget what does not complete
 * @node: owner
 * @now: kzt_now_ms(); U64_MAX forgets everything
 */
void kzt_defrag_sweep(struct kzt_node *node, u64 now)
{
	struct kzt_defrag *d = node->defrag;
	unsigned int i, j;

	if (!READ_ONCE(d->bytes))
		return;
	for (i = 0; i < 1 << DEFRAG_BITS; i++) {
		spin_lock_bh(&d->lock);
		for (j = 0; j < DEFRAG_WAYS; j++) {
			struct defrag_entry *e = &d->set[i][j];

			if (e->when && kzt_age_ms(now, e->when) > DEFRAG_MS)
				entry_drop(node, e, KZT_DROP_DEFRAG_TIMEOUT);
		}
		spin_unlock_bh(&d->lock);
	}
}

/**
 * kzt_defrag_free() - undo kzt_defrag_init()
 * @node: owner; its sockets are closed
 */
void kzt_defrag_free(struct kzt_node *node)
{
	if (!node->defrag)
		return;
	kzt_defrag_sweep(node, U64_MAX);
	kvfree(node->defrag);
	node->defrag = NULL;
}

static u32 remote_hash(const struct kzt_endpoint *ep)
{
	if (ep->remote.sa.sa_family == AF_INET)
		return jhash_1word((__force u32)ep->remote.in.sin_addr.s_addr, 4);
	return jhash2((const u32 *)&ep->remote.in6.sin6_addr, 4, 6);
}

/* The oldest entry of whoever holds the most of this set, but @own; or NULL */
static struct defrag_entry *set_victim(struct defrag_entry *set,
				       const struct defrag_entry *own)
{
	struct defrag_entry *victim = NULL;
	unsigned int i, j, most = 0;

	for (i = 0; i < DEFRAG_WAYS; i++) {
		unsigned int held = 0;

		if (!set[i].when || &set[i] == own)
			continue;
		for (j = 0; j < DEFRAG_WAYS; j++)
			held += set[j].when && set[j].source == set[i].source;
		if (held > most || (held == most && set[i].when < victim->when)) {
			most = held;
			victim = &set[i];
		}
	}
	return victim;
}

static struct defrag_entry *entry_find(struct kzt_node *node,
				       struct defrag_entry *set, u64 id, u64 now,
				       const struct kzt_endpoint *from)
{
	struct defrag_entry *free = NULL;
	unsigned int i;

	for (i = 0; i < DEFRAG_WAYS; i++) {
		if (set[i].when && set[i].id == id)
			return &set[i];
		if (!set[i].when)
			free = &set[i];
	}
	if (!free) {
		free = set_victim(set, NULL);
		entry_drop(node, free, KZT_DROP_DEFRAG_LIMIT);
	}
	free->id = id;
	free->when = now;
	free->source = remote_hash(from);
	return free;
}

/* Room for the bytes of a piece of @own, at the cost of others of its set */
static bool bytes_fit(struct kzt_node *node, struct defrag_entry *set,
		      const struct defrag_entry *own, unsigned int bytes)
{
	struct defrag_entry *victim;

	while (node->defrag->bytes + bytes > DEFRAG_BYTES) {
		victim = set_victim(set, own);
		if (!victim)
			return false;
		entry_drop(node, victim, KZT_DROP_DEFRAG_LIMIT);
	}
	return true;
}

/* Append the data of the pieces to the head; takes the entry's skbs */
static struct sk_buff *entry_join(struct kzt_node *node, struct sk_buff **piece,
				  unsigned int total)
{
	struct sk_buff *head = piece[0];
	unsigned int i, len = 0;

	for (i = 1; i < total; i++)
		len += piece[i]->len - KZT_FRAG_HDR_LEN;
	if (head->len + len > KZT_MAX_PACKET) {
		kzt_drop_skb(node, head, KZT_DROP_OVERSIZED);
		head = NULL;
	} else if (skb_tailroom(head) < len &&
		   pskb_expand_head(head, 0, len - skb_tailroom(head),
				    GFP_ATOMIC)) {
		kzt_drop_skb(node, head, KZT_DROP_NOMEM);
		head = NULL;
	}
	for (i = 1; i < total; i++) {
		if (head)
			skb_put_data(head, piece[i]->data + KZT_FRAG_HDR_LEN,
				     piece[i]->len - KZT_FRAG_HDR_LEN);
		consume_skb(piece[i]);
	}
	if (head)
		kzt_mib_inc(node, RX_DEFRAGGED);
	return head;
}

/**
 * kzt_defrag_add() - take in a piece
 * @node: receiver
 * @skb: linear, data at the datagram's first byte; consumed
 * @hdr: its parsed header, kzt_fragment_ok() if a fragment
 * @from: where it came from; on return of a packet, where its head came from
 *
 * Implements: spec 1, 3.3.
 *
 * Context: BH off.
 * Return: the whole packet, in the head's skb, or NULL.
 */
struct sk_buff *kzt_defrag_add(struct kzt_node *node, struct sk_buff *skb,
			       const struct kzt_hdr *hdr,
			       struct kzt_endpoint *from)
{
	struct sk_buff *piece[KZT_MAX_PIECES], *whole = NULL;
	struct kzt_defrag *d = node->defrag;
	struct defrag_entry *set, *e;
	enum kzt_drop reason;
	unsigned int total, i;

	set = d->set[siphash_1u64(hdr->id, &d->key) & ((1 << DEFRAG_BITS) - 1)];
	spin_lock(&d->lock);
	e = entry_find(node, set, hdr->id, kzt_now_ms(), from);
	reason = KZT_DROP_DUP_FRAGMENT;
	if (e->have & BIT(hdr->frag_no))
		goto drop;
	reason = KZT_DROP_DEFRAG_LIMIT;
	if (!bytes_fit(node, set, e, skb->truesize))
		goto drop;
	e->piece[hdr->frag_no] = skb;
	e->have |= BIT(hdr->frag_no);
	d->bytes += skb->truesize;
	if (hdr->frag_no)
		e->total = hdr->frag_total;
	total = e->total;
	/* Exactly the pieces 0 .. total-1: no gap, and nothing beyond */
	if (!total || e->have != BIT(total) - 1) {
		spin_unlock(&d->lock);
		return NULL;
	}
	for (i = 0; i < total; i++) {
		piece[i] = e->piece[i];
		d->bytes -= piece[i]->truesize;
	}
	memset(e, 0, sizeof(*e));
	spin_unlock(&d->lock);
	whole = entry_join(node, piece, total);
	if (whole && hdr->frag_no)
		kzt_endpoint_from_skb(from, whole);
	return whole;
drop:
	spin_unlock(&d->lock);
	kzt_drop_skb(node, skb, reason);
	return NULL;
}
