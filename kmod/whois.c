// SPDX-License-Identifier: GPL-2.0
/*
 * WHOIS: asking for identities, answering for them, and the packets that wait
 * meanwhile (spec 1, 7.4, 8.1 and 10.7; spec 3, 3.16.4 to 3.16.6).
 */
#include <linux/hash.h>
#include <linux/slab.h>
#include "gate.h"
#include "netlink.h"
#include "node.h"
#include "object.h"
#include "peer.h"
#include "receive.h"
#include "send.h"
#include "socket.h"
#include "verb.h"

#define WHOIS_ASKED_BITS	10	/* addresses asked for, direct-mapped */
#define WHOIS_GATE_MS		500	/* per address */
#define WHOIS_TX_MAX		256	/* packets that wait for a receiver */
#define WHOIS_TX_EACH		32	/* of them, for one address */
#define WHOIS_RX_MAX		32	/* packets that wait for their sender */
#define WHOIS_WAIT_MS		5000
#define WHOIS_ANSWERS_MAX	16	/* identities in one OK */
#define WHOIS_ASK_EACH		64	/* WHOIS sent in one sweep */
#define WHOIS_READ_MAX		64	/* addresses read of one WHOIS */
#define WHOIS_FORWARD_MAX	8	/* of them, asked of our upstream */
#define WHOIS_SPOOF_MS		20	/* for packets that nobody vouches for, .. */
#define WHOIS_SPOOF_BURST	32	/* .. of the whole node */

struct whois_item {
	struct list_head list;
	u64 address;
	u64 since;
	struct sk_buff *skb;	/* tx: a list of segments */
};

struct whois_asked {
	u64 address;
	u64 when;
};

struct kzt_whois {
	spinlock_t lock;	/* BH; all of it */
	struct list_head tx, rx;
	unsigned int n_tx, n_rx;
	u64 spoof_at;		/* when the bucket for them is full again */
	struct whois_asked asked[1 << WHOIS_ASKED_BITS];
};

/**
 * kzt_whois_init() - make a node's waiting lists
 * @node: owner
 *
 * Return: 0 or -ENOMEM.
 */
int kzt_whois_init(struct kzt_node *node)
{
	struct kzt_whois *w = kvzalloc(sizeof(*w), GFP_KERNEL);

	if (!w)
		return -ENOMEM;
	spin_lock_init(&w->lock);
	INIT_LIST_HEAD(&w->tx);
	INIT_LIST_HEAD(&w->rx);
	node->whois = w;
	return 0;
}

static void item_drop(struct kzt_node *node, struct whois_item *it,
		      enum kzt_drop reason)
{
	kzt_drop_skb_list(node, it->skb, reason);
	kfree(it);
	kzt_gone(PENDING);
}

/**
 * kzt_whois_free() - undo kzt_whois_init()
 * @node: owner; no packets come or go any more
 */
void kzt_whois_free(struct kzt_node *node)
{
	struct whois_item *it, *next;

	if (!node->whois)
		return;
	list_for_each_entry_safe(it, next, &node->whois->tx, list)
		item_drop(node, it, KZT_DROP_PENDING_TIMEOUT);
	list_for_each_entry_safe(it, next, &node->whois->rx, list)
		item_drop(node, it, KZT_DROP_PENDING_TIMEOUT);
	kvfree(node->whois);
	node->whois = NULL;
}

/* Spec 3, 3.16.5: one WHOIS per address and 500 ms */
static bool whois_gate(struct kzt_whois *w, u64 address, u64 now)
{
	struct whois_asked *a = &w->asked[hash_64(address, WHOIS_ASKED_BITS)];
	bool pass;

	spin_lock_bh(&w->lock);
	pass = a->address != address || kzt_age_ms(now, a->when) >= WHOIS_GATE_MS;
	if (pass) {
		a->address = address;
		a->when = now;
	}
	spin_unlock_bh(&w->lock);
	return pass;
}

/**
 * kzt_whois_ask() - ask the best upstream who has an address
 * @node: node
 * @address: wanted
 *
 * Implements: spec 1, 10.7; spec 3, 3.16.5.
 * Context: any but hard interrupts.
 */
void kzt_whois_ask(struct kzt_node *node, u64 address)
{
	struct kzt_peer *up;
	struct kzt_wcur wc;
	struct sk_buff *skb;

	if (!kzt_addr_valid(address) ||
	    address == READ_ONCE(node->self_address))
		return;
	rcu_read_lock_bh();
	up = kzt_upstream_best_rcu(node);
	if (!up || up->address == address ||
	    !whois_gate(node->whois, address, kzt_now_ms()))
		goto out;
	skb = kzt_msg_new(node, up->address, KZT_VERB_WHOIS, KZT_ADDR_LEN, &wc);
	if (!skb)
		goto out;
	kzt_put_node(&wc, address);
	if (kzt_msg_send(up, skb, &wc, true))
		kzt_mib_inc(node, WHOIS_TX);
out:
	rcu_read_unlock_bh();
}

/*
 * Anybody can make us ask, by a packet from an address that he invents: such
 * questions are few, however many packets.
 */
static void whois_ask_for_stranger(struct kzt_node *node, u64 address)
{
	struct kzt_whois *w = node->whois;
	u64 now = kzt_now_ms();
	bool pass;

	spin_lock_bh(&w->lock);
	w->spoof_at = max(w->spoof_at, now);
	pass = w->spoof_at - now < WHOIS_SPOOF_MS * WHOIS_SPOOF_BURST;
	if (pass)
		w->spoof_at += WHOIS_SPOOF_MS;
	spin_unlock_bh(&w->lock);
	if (pass)
		kzt_whois_ask(node, address);
}

/* Spec 1, 10.7 "Receiver" */
static unsigned int whois_answer(struct kzt_rx *rx, struct kzt_wcur *wc)
{
	struct kzt_cur c = kzt_cur(rx->body, rx->body_len);
	unsigned int found = 0, forwarded = 0, n = 0;
	struct kzt_node *node = rx->node;
	struct kzt_self *self;
	struct kzt_peer *peer;
	u64 address;

	rcu_read_lock();
	self = rcu_dereference(node->self);
	while (n++ < WHOIS_READ_MAX && found < WHOIS_ANSWERS_MAX &&
	       kzt_whois_next(&c, &address) > 0) {
		if (self && address == self->identity.address) {
			kzt_identity_put(wc, &self->identity);
			found++;
			continue;
		}
		peer = kzt_peer_lookup_rcu(node, address);
		if (peer) {
			kzt_identity_put(wc, &peer->identity);
			found++;
		} else if (forwarded++ < WHOIS_FORWARD_MAX) {
			kzt_whois_ask(node, address);
		}
	}
	rcu_read_unlock();
	return found;
}

/**
 * kzt_whois_receive() - WHOIS
 * @rx: packet
 *
 * Implements: spec 1, 10.7.
 * Return: what follows.
 */
enum kzt_rx_result kzt_whois_receive(struct kzt_rx *rx)
{
	struct kzt_node *node = rx->node;
	struct kzt_wcur wc;
	struct sk_buff *skb;

	kzt_mib_inc(node, WHOIS_RX);
	if (!READ_ONCE(node->am_upstream) &&
	    !kzt_gate(&rx->peer->last_whois, rx->now, KZT_WHOIS_GATE_MS)) {
		kzt_drop_count(node, KZT_DROP_RATE_LIMIT);
		return KZT_RX_STOP;
	}
	skb = kzt_msg_new_ok(node, rx->peer->address, rx->verb, rx->id,
			     WHOIS_ANSWERS_MAX * KZT_IDENTITY_LEN, &wc);
	if (!skb)
		return KZT_RX_RECEIVED;
	if (whois_answer(rx, &wc))
		kzt_msg_send_to(rx->peer, skb, &wc, false, -1, &rx->from);
	else
		kfree_skb(skb);
	return KZT_RX_RECEIVED;
}

/**
 * kzt_whois_ok() - OK(WHOIS)
 * @rx: packet; its in-re id is expected
 * @body: identities
 * @len: bytes
 *
 * An identity that is not known yet is validated by the agent before it becomes
 * a peer, although upstreams are trusted: the address must follow from the key.
 *
 * Implements: spec 1, 10.7; spec 2, 2.6.
 * Return: what follows.
 */
enum kzt_rx_result kzt_whois_ok(struct kzt_rx *rx, const u8 *body, size_t len)
{
	struct kzt_cur c = kzt_cur(body, len);
	struct kzt_identity id;

	if (!READ_ONCE(rx->peer->is_upstream)) {
		kzt_drop_count(rx->node, KZT_DROP_NOT_UPSTREAM);
		return KZT_RX_RECEIVED;
	}
	while (kzt_ok_whois_next(&c, &id) > 0) {
		struct kzt_peer *peer;

		if (id.address == READ_ONCE(rx->node->self_address))
			continue;
		peer = kzt_peer_get_by_address(rx->node, id.address);
		if (peer)	/* kept unchanged, never replaced */
			kzt_peer_put(peer);
		else
			kzt_identity_check(rx->node, &id);
	}
	return KZT_RX_RECEIVED;
}

/* --- packets that wait --------------------------------------------------------- */

static unsigned int count_for(struct list_head *list, u64 address)
{
	struct whois_item *it;
	unsigned int n = 0;

	list_for_each_entry(it, list, list)
		n += it->address == address;
	return n;
}

/**
 * kzt_whois_pend_tx() - keep packets for a receiver that cannot be reached yet
 * @node: sender
 * @address: receiver
 * @list: packets, consumed
 *
 * Implements: spec 1, 8.1 step 2.
 * Context: BH off.
 */
void kzt_whois_pend_tx(struct kzt_node *node, u64 address, struct sk_buff *list)
{
	struct kzt_whois *w = node->whois;
	struct whois_item *it;

	it = kmalloc(sizeof(*it), GFP_ATOMIC);
	if (!it) {
		kzt_drop_skb_list(node, list, KZT_DROP_NOMEM);
		return;
	}
	kzt_born(PENDING);
	it->address = address;
	it->since = kzt_now_ms();
	it->skb = list;
	spin_lock_bh(&w->lock);
	if (w->n_tx >= WHOIS_TX_MAX ||
	    count_for(&w->tx, address) >= WHOIS_TX_EACH) {
		spin_unlock_bh(&w->lock);
		item_drop(node, it, KZT_DROP_PENDING_FULL);
		return;
	}
	list_add_tail(&it->list, &w->tx);
	w->n_tx++;
	spin_unlock_bh(&w->lock);
	if (!kzt_peer_lookup_rcu(node, address))
		kzt_whois_ask(node, address);
}

/**
 * kzt_whois_pend_rx() - keep a packet whose sender is not known
 * @node: receiver
 * @address: sender
 * @skb: packet; consumed
 * @from: where it came from; also in its headers
 *
 * The oldest gives way, as in the ring of spec 1, 7.4.  Not authenticated, so
 * the number is small and the time short.
 *
 * Context: BH off.
 */
void kzt_whois_pend_rx(struct kzt_node *node, u64 address, struct sk_buff *skb,
		       const struct kzt_endpoint *from)
{
	struct whois_item *it, *oldest = NULL;
	struct kzt_whois *w = node->whois;

	it = kmalloc(sizeof(*it), GFP_ATOMIC);
	if (!it) {
		kzt_drop_skb(node, skb, KZT_DROP_NOMEM);
		return;
	}
	skb_mark_not_on_list(skb);
	kzt_born(PENDING);
	it->address = address;
	it->since = kzt_now_ms();
	it->skb = skb;
	spin_lock_bh(&w->lock);
	if (w->n_rx >= WHOIS_RX_MAX) {
		oldest = list_first_entry(&w->rx, struct whois_item, list);
		list_del(&oldest->list);
		w->n_rx--;
	}
	list_add_tail(&it->list, &w->rx);
	w->n_rx++;
	spin_unlock_bh(&w->lock);
	if (oldest)
		item_drop(node, oldest, KZT_DROP_UNKNOWN_PEER);
	whois_ask_for_stranger(node, address);
}

/* Take out what waits for @address, or with address 0 what waits too long */
static void items_take(struct kzt_whois *w, struct list_head *from,
		       unsigned int *n_from, u64 address, u64 now,
		       struct list_head *to)
{
	struct whois_item *it, *next;

	spin_lock_bh(&w->lock);
	list_for_each_entry_safe(it, next, from, list)
		if (address ? it->address == address :
			      kzt_age_ms(now, it->since) > WHOIS_WAIT_MS) {
			list_move_tail(&it->list, to);
			WRITE_ONCE(*n_from, *n_from - 1);
		}
	spin_unlock_bh(&w->lock);
}

static void items_retry(struct kzt_node *node, struct kzt_peer *peer,
			struct list_head *tx, struct list_head *rx)
{
	struct whois_item *it, *next;
	struct kzt_endpoint from;

	rcu_read_lock_bh();
	list_for_each_entry_safe(it, next, rx, list) {
		kzt_endpoint_from_skb(&from, it->skb);
		kzt_receive_packet(node, it->skb, &from);
		kfree(it);
		kzt_gone(PENDING);
	}
	list_for_each_entry_safe(it, next, tx, list) {
		kzt_send_data(peer, it->skb);
		kfree(it);
		kzt_gone(PENDING);
	}
	rcu_read_unlock_bh();
}

/**
 * kzt_whois_arrived() - a peer is known now, or can be reached
 * @node: node
 * @peer: peer; the caller holds a reference
 *
 * Implements: spec 3, 3.16.6.
 * Context: process.
 */
void kzt_whois_arrived(struct kzt_node *node, struct kzt_peer *peer)
{
	struct kzt_whois *w = node->whois;
	bool route;
	LIST_HEAD(tx);
	LIST_HEAD(rx);

	if (!READ_ONCE(w->n_tx) && !READ_ONCE(w->n_rx))
		return;
	rcu_read_lock_bh();
	route = kzt_send_peek_rcu(peer, 0, kzt_now_ms());
	rcu_read_unlock_bh();
	items_take(w, &w->rx, &w->n_rx, peer->address, 0, &rx);
	/* Sent without a route it would only come back, younger than it is */
	if (route)
		items_take(w, &w->tx, &w->n_tx, peer->address, 0, &tx);
	items_retry(node, peer, &tx, &rx);
}

/* The addresses that something waits for, each once */
static unsigned int waiting_addresses(struct kzt_whois *w, u64 *address,
				      unsigned int max)
{
	struct list_head *lists[] = { &w->tx, &w->rx };
	struct whois_item *it;
	unsigned int i, j, n = 0;

	spin_lock_bh(&w->lock);
	for (i = 0; i < ARRAY_SIZE(lists); i++)
		list_for_each_entry(it, lists[i], list) {
			for (j = 0; j < n && address[j] != it->address; j++)
				;
			if (j == n && n < max)
				address[n++] = it->address;
		}
	spin_unlock_bh(&w->lock);
	return n;
}

/**
 * kzt_whois_sweep() - ask again, send what can go, forget what is too old
 * @node: node
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.16.4.
 * Context: process, every 500 ms.
 */
void kzt_whois_sweep(struct kzt_node *node, u64 now)
{
	struct kzt_whois *w = node->whois;
	struct whois_item *it, *next;
	u64 address[WHOIS_ASK_EACH];
	unsigned int i, n;
	LIST_HEAD(tx);
	LIST_HEAD(rx);

	if (!READ_ONCE(w->n_tx) && !READ_ONCE(w->n_rx))
		return;
	items_take(w, &w->tx, &w->n_tx, 0, now, &tx);
	items_take(w, &w->rx, &w->n_rx, 0, now, &rx);
	list_for_each_entry_safe(it, next, &tx, list)
		item_drop(node, it, KZT_DROP_PENDING_TIMEOUT);
	list_for_each_entry_safe(it, next, &rx, list)
		item_drop(node, it, KZT_DROP_UNKNOWN_PEER);
	n = waiting_addresses(w, address, ARRAY_SIZE(address));
	for (i = 0; i < n; i++) {
		struct kzt_peer *peer = kzt_peer_get_by_address(node, address[i]);

		if (!peer) {
			kzt_whois_ask(node, address[i]);
			continue;
		}
		kzt_peer_try_hints(peer, now);
		kzt_whois_arrived(node, peer);
		kzt_peer_put(peer);
	}
}
