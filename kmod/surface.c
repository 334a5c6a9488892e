// SPDX-License-Identifier: GPL-2.0
/* Where others see us, and telling peers (spec 3, 3.6 and 3.13). */
#include <linux/slab.h>
#include "hello.h"
#include "local.h"
#include "netlink.h"
#include "node.h"
#include "peer.h"
#include "proto/address.h"
#include "selfaware.h"
#include "send.h"
#include "socket.h"
#include "surface.h"
#include "trace.h"
#include "verb.h"

#define PUSH_ROOM	1300	/* entries stop at 1200, 3.6.1 */
#define PUSH_MAX	128	/* endpoints in one push */
#define PUSH_PREDICTED	8	/* 3.6.1 step 2 */

struct kzt_surfaces {
	spinlock_t lock;	/* BH */
	struct kzt_surface_table t;
};

/**
 * kzt_surface_init() - make a node's table of reports
 * @node: owner
 *
 * Return: 0 or -ENOMEM.
 */
int kzt_surface_init(struct kzt_node *node)
{
	node->surfaces = kzalloc(sizeof(*node->surfaces), GFP_KERNEL);
	if (!node->surfaces)
		return -ENOMEM;
	spin_lock_init(&node->surfaces->lock);
	return 0;
}

/**
 * kzt_surface_free() - undo kzt_surface_init()
 * @node: owner
 */
void kzt_surface_free(struct kzt_node *node)
{
	kfree(node->surfaces);
	node->surfaces = NULL;
}

/*
 * Spec 3, 3.12.2: such paths have to prove anew that they lead somewhere.  What
 * leaves by another local side is not behind the NAT that changed.
 */
static void paths_reset(struct kzt_peer *peer, u8 scope,
			const struct kzt_endpoint *from)
{
	unsigned int i, n = 0;

	rcu_read_lock_bh();
	for (i = 0; i < READ_ONCE(peer->n_paths) && i < KZT_PATHS_MAX; i++) {
		struct kzt_path *p = rcu_dereference_bh(peer->paths[i]);

		if (!p || p->scope != scope ||
		    !kzt_endpoint_same_local(&p->ep, from))
			continue;
		WRITE_ONCE(p->last_receive, 0);
		WRITE_ONCE(p->last_out, kzt_now_ms());
		trace_kzt_path(peer, &p->ep, KZT_PATH_RESET);
		kzt_contact(peer, &p->ep, false);
		n++;
	}
	rcu_read_unlock_bh();
	if (n)
		kzt_notify_peer(peer, false);
}

static void all_paths_reset(struct kzt_node *node, u8 scope,
			    const struct kzt_endpoint *from)
{
	struct rhashtable_iter iter;
	struct kzt_peer *peer;

	pr_debug("own address changed: resetting paths of scope %u\n", scope);
	rhashtable_walk_enter(&node->peers, &iter);
	rhashtable_walk_start(&iter);
	while ((peer = rhashtable_walk_next(&iter)))
		if (!IS_ERR(peer) && READ_ONCE(peer->n_paths))
			paths_reset(peer, scope, from);
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

/* Tells local sockets apart: address, device and port of our side */
static u64 socket_key(const struct kzt_endpoint *ep)
{
	u64 key = (u64)ep->ifindex << 16 | (__force u16)ep->local_port;

	if (ep->remote.sa.sa_family == AF_INET)
		return key ^ (u64)(__force u32)ep->local4.s_addr << 32;
	return key ^ get_unaligned_be64(&ep->local6) ^
	       get_unaligned_be64((const u8 *)&ep->local6 + 8);
}

/**
 * kzt_surface_note() - a peer says where it sees us
 * @peer: reporter
 * @from: its endpoint
 * @surface: our address there
 *
 * Implements: spec 3, 3.13.2.
 * Context: process.
 */
void kzt_surface_note(struct kzt_peer *peer, const struct kzt_endpoint *from,
		      const struct kzt_inetaddr *surface)
{
	struct kzt_surfaces *t = peer->node->surfaces;
	struct kzt_surface news = {
		.reporter = peer->address,
		.when = kzt_now_ms(),
		.socket = socket_key(from),
		.trusted = READ_ONCE(peer->is_upstream),
		.at = *surface,
	};
	bool moved;

	if (!kzt_inetaddr_valid_path(surface))
		return;
	kzt_endpoint_to_inetaddr(from, &news.from);
	spin_lock_bh(&t->lock);
	moved = kzt_surface_report(&t->t, &news);
	spin_unlock_bh(&t->lock);
	if (moved)
		all_paths_reset(peer->node, kzt_inetaddr_scope(surface), from);
}

/**
 * kzt_surface_sweep() - forget reports that were not renewed
 * @node: node
 * @now: kzt_now_ms()
 *
 * Context: process.
 */
void kzt_surface_sweep(struct kzt_node *node, u64 now)
{
	spin_lock_bh(&node->surfaces->lock);
	kzt_surface_clean(&node->surfaces->t, now);
	spin_unlock_bh(&node->surfaces->lock);
}

/* --- the list of endpoints ------------------------------------------------------ */

struct endpoints {
	unsigned int n;
	struct kzt_inetaddr a[PUSH_MAX];
};

static void endpoints_add(struct endpoints *list, const struct kzt_inetaddr *a)
{
	unsigned int i;

	if (!kzt_inetaddr_valid_path(a) || list->n == PUSH_MAX)
		return;
	for (i = 0; i < list->n; i++)
		if (kzt_inetaddr_equal(&list->a[i], a))
			return;
	list->a[list->n++] = *a;
}

/* Each address with each port, as the node's sockets are in the spec */
static void endpoints_add_local(struct endpoints *list, struct kzt_node *node)
{
	const struct kzt_locals *t = rcu_dereference_bh(node->locals);
	const struct kzt_sockets *socks = rcu_dereference_bh(node->socks);
	unsigned int i, k;

	for (i = 0; t && socks && i < t->n; i++) {
		const struct kzt_local *l = &t->a[i];
		struct kzt_inetaddr a = { .family = KZT_AF_INET };

		if (l->family == AF_INET6)
			a.family = KZT_AF_INET6;
		memcpy(a.ip, &l->in6, l->family == AF_INET ? 4 : 16);
		for (k = 0; k < socks->n; k++) {
			a.port = socks->pair[k].port;
			endpoints_add(list, &a);
		}
	}
}

static void endpoints_add_mapped(struct endpoints *list, struct kzt_node *node)
{
	const struct kzt_mapped *mapped = rcu_dereference_bh(node->mapped);
	struct kzt_inetaddr a;
	unsigned int i;

	for (i = 0; mapped && i < mapped->n; i++) {
		kzt_endpoint_to_inetaddr(&mapped->ep[i], &a);
		endpoints_add(list, &a);
	}
}

/* Spec 3, 3.6.1 step 2: drawn with replacement */
static void endpoints_add_predicted(struct endpoints *list,
				    const struct kzt_surface_table *t)
{
	struct kzt_inetaddr out[KZT_PREDICT_MAX];
	u32 draw[KZT_PREDICT_MAX / 2];
	unsigned int n, i, max = min(list->n + PUSH_PREDICTED, PUSH_MAX);

	get_random_bytes(draw, sizeof(draw));
	n = kzt_surface_predict(t, draw, out);
	for (i = 0; i < n && list->n < max; i++)
		endpoints_add(list, &out[get_random_u32() % n]);
}

/*
 * Spec 3, 3.6.1 and 3.18.2: what the gateway forwards, own addresses, then where
 * others see us, and where a symmetric NAT may put us.
 */
static void endpoints_collect(struct kzt_node *node, struct endpoints *list,
			      bool relayed)
{
	struct kzt_surfaces *t = node->surfaces;
	u64 now = kzt_now_ms();
	unsigned int i;

	endpoints_add_mapped(list, node);
	endpoints_add_local(list, node);
	spin_lock_bh(&t->lock);
	for (i = 0; i < KZT_SURFACES_MAX; i++)
		if (t->t.s[i].when &&
		    kzt_age_ms(now, t->t.s[i].when) < KZT_SURFACE_MS)
			endpoints_add(list, &t->t.s[i].at);
	if (relayed && READ_ONCE(node->predict))
		endpoints_add_predicted(list, &t->t);
	spin_unlock_bh(&t->lock);
}

/**
 * kzt_push_send() - tell a peer our endpoints
 * @peer: receiver
 * @via: over which endpoint
 * @hops: of the packet that is the occasion
 *
 * Implements: spec 3, 3.6.1; spec 1, 10.17.
 * Context: BH off, RCU; at most every 15 s a peer, the caller sees to it.
 */
void kzt_push_send(struct kzt_peer *peer, const struct kzt_endpoint *via, u8 hops)
{
	struct endpoints *list;
	unsigned int i = 0;

	list = kzalloc(sizeof(*list), GFP_ATOMIC);
	if (!list)
		return;
	endpoints_collect(peer->node, list, hops);
	while (i < list->n) {
		struct kzt_wcur wc;
		struct sk_buff *skb;
		u8 *count;

		skb = kzt_msg_new(peer->node, peer->address,
				  KZT_VERB_PUSH_DIRECT_PATHS, PUSH_ROOM, &wc);
		if (!skb)
			break;
		count = kzt_push_start(&wc);
		while (i < list->n && KZT_HDR_LEN + kzt_wcur_len(&wc) < KZT_PUSH_FILL &&
		       kzt_push_add(&wc, count, 0, &list->a[i]))
			i++;
		if (kzt_msg_send_to(peer, skb, &wc, false, -1, via))
			kzt_mib_inc(peer->node, PUSH_TX);
		else
			break;
	}
	kfree(list);
}
