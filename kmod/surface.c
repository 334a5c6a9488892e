// SPDX-License-Identifier: GPL-2.0
/* Where others see us, and telling peers (spec 3, 3.6 and 3.13). */
#include <linux/slab.h>
#include "hello.h"
#include "local.h"
#include "node.h"
#include "peer.h"
#include "proto/address.h"
#include "send.h"
#include "socket.h"
#include "surface.h"
#include "verb.h"

#define SURFACE_MAX	64
#define SURFACE_MS	600000	/* 3.13.3 */
#define PUSH_ROOM	1300	/* entries stop at 1200, 3.6.1 */
#define PUSH_MAX	64	/* endpoints in one push */

struct surface {
	u64 reporter;
	u64 when;		/* 0: free */
	u8 scope;
	bool trusted;		/* the reporter is an upstream */
	struct kzt_endpoint from;	/* the reporter's, and our own side */
	struct kzt_inetaddr at;
};

struct kzt_surfaces {
	spinlock_t lock;	/* BH */
	struct surface s[SURFACE_MAX];
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

/* Which of two gives way first: free, then untrusted, then old */
static bool surface_is_worse(const struct surface *a, const struct surface *b)
{
	if (!a->when || !b->when)
		return b->when;
	if (a->trusted != b->trusted)
		return b->trusted;
	return a->when < b->when;
}

static struct surface *surface_find_locked(struct kzt_surfaces *t,
					   const struct surface *key)
{
	struct surface *s, *worst = &t->s[0];

	for (s = t->s; s < t->s + SURFACE_MAX; s++) {
		if (s->when && s->reporter == key->reporter &&
		    s->scope == key->scope &&
		    kzt_endpoint_equal(&s->from, &key->from))
			return s;
		if (surface_is_worse(s, worst))
			worst = s;
	}
	memset(worst, 0, sizeof(*worst));
	return worst;
}

/* What others than this endpoint said of the scope was of the old network */
static void surface_forget_locked(struct kzt_surfaces *t,
				  const struct surface *news)
{
	struct surface *s;

	for (s = t->s; s < t->s + SURFACE_MAX; s++)
		if (s->scope == news->scope &&
		    !kzt_endpoint_same_remote(&s->from, &news->from))
			memset(s, 0, sizeof(*s));
}

/* Spec 3, 3.12.2: such paths have to prove anew that they lead somewhere */
static void paths_reset(struct kzt_peer *peer, u8 scope, u16 family)
{
	unsigned int i;

	rcu_read_lock_bh();
	for (i = 0; i < READ_ONCE(peer->n_paths) && i < KZT_PATHS_MAX; i++) {
		struct kzt_path *p = rcu_dereference_bh(peer->paths[i]);

		if (!p || p->scope != scope ||
		    p->ep.remote.sa.sa_family != family)
			continue;
		WRITE_ONCE(p->last_receive, 0);
		WRITE_ONCE(p->last_out, kzt_now_ms());
		kzt_contact(peer, &p->ep, false);
	}
	rcu_read_unlock_bh();
}

static void all_paths_reset(struct kzt_node *node, u8 scope, u16 family)
{
	struct rhashtable_iter iter;
	struct kzt_peer *peer;

	pr_debug("own address changed: resetting paths of scope %u\n", scope);
	rhashtable_walk_enter(&node->peers, &iter);
	rhashtable_walk_start(&iter);
	while ((peer = rhashtable_walk_next(&iter)))
		if (!IS_ERR(peer) && READ_ONCE(peer->n_paths))
			paths_reset(peer, scope, family);
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

/**
 * kzt_surface_note() - a peer says where it sees us
 * @peer: reporter
 * @from: its endpoint
 * @surface: our address there
 *
 * When the table is full, the oldest report gives way, those of upstreams last.
 *
 * Implements: spec 3, 3.13.2.
 * Context: process.
 */
void kzt_surface_note(struct kzt_peer *peer, const struct kzt_endpoint *from,
		      const struct kzt_inetaddr *surface)
{
	struct kzt_surfaces *t = peer->node->surfaces;
	enum kzt_scope scope = kzt_inetaddr_scope(surface);
	struct surface *s, news = {
		.reporter = peer->address,
		.when = kzt_now_ms(),
		.from = *from,
		.scope = scope,
		.trusted = READ_ONCE(peer->is_upstream),
		.at = *surface,
	};
	struct kzt_inetaddr remote;
	bool moved;

	kzt_endpoint_to_inetaddr(from, &remote);
	if (scope != kzt_inetaddr_scope(&remote) ||
	    !kzt_inetaddr_valid_path(surface))
		return;
	spin_lock_bh(&t->lock);
	s = surface_find_locked(t, &news);
	moved = news.trusted && s->when && news.when - s->when < SURFACE_MS &&
		!kzt_inetaddr_same_ip(&s->at, surface);
	*s = news;
	if (moved)
		surface_forget_locked(t, &news);
	spin_unlock_bh(&t->lock);
	if (moved)
		all_paths_reset(peer->node, scope,
				from->remote.sa.sa_family);
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

/* Spec 3, 3.6.1 and 3.18.2: own addresses, then where others see us */
static void endpoints_collect(struct kzt_node *node, struct endpoints *list)
{
	struct kzt_surfaces *t = node->surfaces;
	u64 now = kzt_now_ms();
	struct surface *s;

	endpoints_add_local(list, node);
	spin_lock_bh(&t->lock);
	for (s = t->s; s < t->s + SURFACE_MAX; s++)
		if (s->when && now - s->when < SURFACE_MS)
			endpoints_add(list, &s->at);
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
	endpoints_collect(peer->node, list);
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
