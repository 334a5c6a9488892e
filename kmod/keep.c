// SPDX-License-Identifier: GPL-2.0
/*
 * The tick that keeps peers and paths (spec 3, 3.8 and 3.17).
 *
 * One timer a node.  Peers stand in the slots of a wheel and are looked at when
 * their slot comes: every 5 s whoever is kept, every minute the rest.  So the
 * work is spread, and idle peers cost next to nothing.
 */
#include <linux/slab.h>
#include "bond.h"
#include "defrag.h"
#include "group.h"
#include "keep.h"
#include "netlink.h"
#include "network.h"
#include "node.h"
#include "peer.h"
#include "pmtu.h"
#include "seed.h"
#include "surface.h"
#include "verb.h"

#define TICK_MS			500
#define IDLE_MS			60000
#define HOUSEKEEPING_MS		30000
#define HINT_MS			30000	/* spec 3, 3.7.3 */
#define HINT_EAGER_MS		60000	/* .. but at once when the peer is new */
#define REMEMBERED_MS		20000	/* three times, then they were in vain */
#define HINT_BACKOFF_MAX	4	/* doublings: 480 s */
#define FAMILY_V4		BIT(0)
#define FAMILY_V6		BIT(1)
#define REGREET			2	/* rounds more: a greeting may be lost */
#define WHEEL_SLOTS		128	/* 64 s */

struct kzt_wheel {
	spinlock_t lock;	/* BH; all of it, and kzt_peer.keep */
	u64 at;			/* tick whose slot was visited last */
	struct list_head slot[WHEEL_SLOTS];
};

/* --- the wheel ----------------------------------------------------------------- */

/**
 * kzt_keep_init() - make a node's wheel
 * @node: owner
 *
 * Return: 0 or -ENOMEM.
 */
int kzt_keep_init(struct kzt_node *node)
{
	struct kzt_wheel *w;
	unsigned int i;

	if (node->wheel)
		return 0;
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	spin_lock_init(&w->lock);
	w->at = kzt_now_ms() / TICK_MS;
	for (i = 0; i < WHEEL_SLOTS; i++)
		INIT_LIST_HEAD(&w->slot[i]);
	node->wheel = w;
	return 0;
}

/**
 * kzt_keep_free() - undo kzt_keep_init()
 * @node: owner; no peer is left
 */
void kzt_keep_free(struct kzt_node *node)
{
	kfree(node->wheel);
	node->wheel = NULL;
}

/**
 * kzt_keep_in() - look at a peer after some time, or earlier
 * @peer: peer
 * @delay_ms: no more than a minute
 *
 * Context: any but hard interrupts.
 */
void kzt_keep_in(struct kzt_peer *peer, unsigned int delay_ms)
{
	u64 due = (kzt_now_ms() + delay_ms) / TICK_MS;
	struct kzt_wheel *w = peer->node->wheel;

	spin_lock_bh(&w->lock);
	due = clamp(due, w->at, w->at + WHEEL_SLOTS - 1);
	if (!READ_ONCE(peer->dead) &&
	    (list_empty(&peer->keep) || due < peer->keep_due)) {
		peer->keep_due = due;
		list_move_tail(&peer->keep, &w->slot[due % WHEEL_SLOTS]);
	}
	spin_unlock_bh(&w->lock);
}

/**
 * kzt_keep_now() - look at a peer now
 * @peer: peer
 *
 * Context: any but hard interrupts.
 */
void kzt_keep_now(struct kzt_peer *peer)
{
	struct kzt_node *node = peer->node;

	kzt_keep_in(peer, 0);
	if (!READ_ONCE(node->exiting))
		mod_delayed_work(node->control_wq, &node->tick, 0);
}

/**
 * kzt_keep_forget() - a peer goes
 * @peer: dead
 */
void kzt_keep_forget(struct kzt_peer *peer)
{
	struct kzt_wheel *w = peer->node->wheel;

	spin_lock_bh(&w->lock);
	list_del_init(&peer->keep);
	spin_unlock_bh(&w->lock);
}

/* The next peer whose time has come, with a reference */
static struct kzt_peer *wheel_next(struct kzt_wheel *w, u64 tick)
{
	struct kzt_peer *peer = NULL;

	spin_lock_bh(&w->lock);
	while (!peer) {
		struct list_head *slot = &w->slot[w->at % WHEEL_SLOTS];

		if (!list_empty(slot)) {
			peer = list_first_entry(slot, struct kzt_peer, keep);
			list_del_init(&peer->keep);
			if (!kzt_peer_get(peer))
				peer = NULL;
		} else if (w->at < tick) {
			w->at++;
		} else {
			break;
		}
	}
	spin_unlock_bh(&w->lock);
	return peer;
}

/* All are due: something changed for all of them */
static void wheel_hurry(struct kzt_wheel *w)
{
	unsigned int i;

	spin_lock_bh(&w->lock);
	for (i = 0; i < WHEEL_SLOTS; i++)
		if (i != w->at % WHEEL_SLOTS)
			list_splice_tail_init(&w->slot[i],
					      &w->slot[w->at % WHEEL_SLOTS]);
	spin_unlock_bh(&w->lock);
}

/* --- hints ---------------------------------------------------------------------- */

static u8 endpoint_family(const struct kzt_endpoint *ep)
{
	return ep->remote.sa.sa_family == AF_INET6 ? FAMILY_V6 : FAMILY_V4;
}

/* Say HELLO to all hints of some families, at most once per interval */
static bool hints_greet(struct kzt_peer *peer, u8 families, u64 now,
			u64 interval_ms)
{
	struct kzt_endpoint *hints;
	unsigned int i, n;
	u8 wanted = 0;

	if (!READ_ONCE(peer->n_hints) ||
	    kzt_age_ms(now, READ_ONCE(peer->last_memorized)) < interval_ms)
		return false;
	hints = kmalloc_array(KZT_HINTS_MAX, sizeof(*hints), GFP_KERNEL);
	if (!hints)
		return false;
	spin_lock_bh(&peer->lock);
	n = peer->n_hints;
	memcpy(hints, peer->hints, n * sizeof(hints[0]));
	spin_unlock_bh(&peer->lock);
	for (i = 0; i < n; i++)
		wanted |= endpoint_family(&hints[i]) & families;
	if (wanted)
		WRITE_ONCE(peer->last_memorized, now);
	for (i = 0; i < n; i++)
		if (endpoint_family(&hints[i]) & families &&
		    !kzt_node_denied(peer->node, &hints[i]))
			kzt_contact(peer, &hints[i], true);
	kfree(hints);
	return wanted;
}

/**
 * kzt_peer_try_hints() - greet a peer where it is said to be
 * @peer: peer
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.7.3.
 * Context: process.
 */
void kzt_peer_try_hints(struct kzt_peer *peer, u64 now)
{
	hints_greet(peer, FAMILY_V4 | FAMILY_V6, now,
		    kzt_age_ms(now, peer->created) < HINT_EAGER_MS ? KZT_ROUND_MS - TICK_MS :
							  HINT_MS);
}

/* The same without a packet that waits: less and less often */
static void hints_retry(struct kzt_peer *peer, u64 now)
{
	u64 interval = kzt_age_ms(now, peer->created) >= HINT_EAGER_MS ?
		       (u64)HINT_MS << peer->hint_fails :
		       peer->remembered ? REMEMBERED_MS : KZT_ROUND_MS - TICK_MS;

	if (hints_greet(peer, FAMILY_V4 | FAMILY_V6, now, interval) &&
	    kzt_age_ms(now, peer->created) >= HINT_EAGER_MS &&
	    peer->hint_fails < HINT_BACKOFF_MAX)
		peer->hint_fails++;
}

/* A local side came: the peer may be again where one lost it that went */
static void lost_greet(struct kzt_peer *peer)
{
	struct kzt_endpoint *lost;
	unsigned int i, n;

	if (!READ_ONCE(peer->n_lost))
		return;
	lost = kmalloc_array(KZT_LOST_MAX, sizeof(*lost), GFP_KERNEL);
	if (!lost)
		return;
	spin_lock_bh(&peer->lock);
	n = min(peer->n_lost, KZT_LOST_MAX);
	memcpy(lost, peer->lost, n * sizeof(lost[0]));
	spin_unlock_bh(&peer->lock);
	for (i = 0; i < n; i++)
		if (kzt_path_allowed(peer, &lost[i]))
			kzt_contact(peer, &lost[i], true);
	kfree(lost);
}

/* --- rounds ------------------------------------------------------------------------ */

/* Keep each path of a peer; returns the families with a live one */
static u8 round_paths(struct kzt_peer *peer, u64 now, bool full)
{
	u8 alive = 0;
	unsigned int i;

	rcu_read_lock_bh();
	for (i = 0; i < READ_ONCE(peer->n_paths) && i < KZT_PATHS_MAX; i++) {
		struct kzt_path *p = rcu_dereference_bh(peer->paths[i]);

		if (!p || kzt_path_expired(p, now))
			continue;
		if (kzt_path_alive(p, now))
			alive |= endpoint_family(&p->ep);
		if (kzt_age_ms(now, READ_ONCE(peer->last_nontrivial)) < KZT_PEER_ACTIVE_MS)
			kzt_pmtu_round(peer, p, now);
		if (kzt_keep_is_due(full, kzt_age_ms(now, READ_ONCE(p->last_receive)),
				    kzt_age_ms(now, READ_ONCE(p->last_in)),
				    kzt_age_ms(now, READ_ONCE(p->last_out)))) {
			kzt_contact(peer, &p->ep, full);
			WRITE_ONCE(p->last_out, now);
		}
		if (full && kzt_path_alive(p, now))
			kzt_contact_others(peer, &p->ep);
	}
	rcu_read_unlock_bh();
	return alive;
}

static void peer_prune(struct kzt_peer *peer, u64 now)
{
	if (kzt_path_prune(peer, now))
		kzt_notify_peer(peer, false);
}

/* Every 60 s, and when an address came that was not greeted from */
static bool full_is_due(struct kzt_peer *peer, u64 now)
{
	if (kzt_age_ms(now, READ_ONCE(peer->last_full_hello)) < KZT_FULL_HELLO_MS &&
	    READ_ONCE(peer->last_full_hello) >=
		    READ_ONCE(peer->node->locals_grew))
		return false;
	WRITE_ONCE(peer->last_full_hello, now);
	return true;
}

/* Named by a network in one of the last two rounds */
static bool is_contact(const struct kzt_peer *peer, u64 now)
{
	u64 last = READ_ONCE(peer->last_contact);

	return last && kzt_age_ms(now, last) < 2 * KZT_ROUND_MS + TICK_MS;
}

/**
 * kzt_keep_contact() - a network wants this node to keep in contact with a peer
 * @peer: anchor or replicator of multicasts
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.8.3, the contact set; called in each round.
 * Context: any but hard interrupts.
 */
void kzt_keep_contact(struct kzt_peer *peer, u64 now)
{
	bool kept = is_contact(peer, now);

	WRITE_ONCE(peer->last_contact, now);
	if (!kept)
		kzt_keep_in(peer, 0);
}

static bool is_kept(const struct kzt_peer *peer, u64 now)
{
	return READ_ONCE(peer->is_upstream) || peer->is_static ||
	       kzt_is_seed(peer->node, peer->address) ||
	       kzt_age_ms(now, READ_ONCE(peer->last_nontrivial)) < KZT_PEER_ACTIVE_MS ||
	       is_contact(peer, now) ||
	       (peer->remembered && kzt_age_ms(now, peer->created) < HINT_EAGER_MS);
}

/*
 * Spec 3, 3.8.3: roots are kept always, others that were configured or have
 * traffic.  Of a root a path is wanted for each family; one that answers by
 * neither is greeted in every round.  Whoever has no live path gets a HELLO by
 * the upstream now and then: it tells the version, and so the suite.
 */
static void round_peer(struct kzt_peer *peer, u64 now)
{
	bool upstream = READ_ONCE(peer->is_upstream), full, eager, grew;
	u8 alive;

	grew = READ_ONCE(peer->last_full_hello) <
	       READ_ONCE(peer->node->locals_grew);
	full = full_is_due(peer, now);
	alive = round_paths(peer, now, full);
	eager = !alive || kzt_age_ms(now, peer->created) < HINT_EAGER_MS;
	if (grew) {
		/* A new address may reach what none did */
		peer->hint_fails = 0;
		peer->regreet = REGREET;
	} else if (peer->regreet) {
		peer->regreet--;
		grew = true;
	}
	if (grew)
		lost_greet(peer);
	/* New hints are tried once, even if there is a path */
	if (grew || !READ_ONCE(peer->last_memorized))
		hints_greet(peer, FAMILY_V4 | FAMILY_V6, now, 0);
	if (upstream)
		hints_greet(peer, ~alive, now,
			    eager ? KZT_ROUND_MS - TICK_MS : KZT_FULL_HELLO_MS);
	else if (!alive)
		hints_retry(peer, now);
	/* Until it was heard, the first may be lost: others come up, too */
	full |= eager && !READ_ONCE(peer->last_receive);
	if (!alive && full &&
	    peer->address != READ_ONCE(peer->node->best_upstream))
		kzt_hello_send(peer, NULL);
}

/* Spec 3, 3.8.5: forget who was not heard from, unless there is a reason */
static bool peer_expire(struct kzt_peer *peer, u64 now)
{
	if (peer->is_static || peer->is_upstream || kzt_peer_alive(peer, now) ||
	    kzt_age_ms(now, peer->created) < KZT_PEER_ALIVE_MS ||
	    kzt_is_seed(peer->node, peer->address))
		return false;
	mutex_lock(&peer->node->config_lock);
	kzt_peer_destroy_locked(peer);
	mutex_unlock(&peer->node->config_lock);
	return true;
}

static void peer_visit(struct kzt_peer *peer, u64 now)
{
	bool kept = is_kept(peer, now);

	if (peer_expire(peer, now))
		return;
	peer_prune(peer, now);
	kzt_bond_update(peer, now);
	kzt_replay_fit(&peer->replay);
	if (kept)
		round_peer(peer, now);
	kzt_keep_in(peer, kept ? KZT_ROUND_MS : IDLE_MS);
}

static void peers_visit(struct kzt_node *node, u64 now)
{
	struct kzt_wheel *w = node->wheel;
	struct kzt_peer *peer;

	if (xchg(&node->hurry, false))
		wheel_hurry(w);
	while ((peer = wheel_next(w, now / TICK_MS))) {
		peer_visit(peer, now);
		kzt_mib_inc(node, PEER_VISITS);
		kzt_peer_put(peer);
		cond_resched();
	}
}

/**
 * kzt_tick() - the node's only timer
 * @work: of the node
 *
 * Every 500 ms the waiting lists and the peers whose time has come, every 5 s
 * the networks, every 30 s housekeeping: one timer, however many peers and paths
 * there are.
 *
 * Implements: spec 3, 3.17.
 */
void kzt_tick(struct work_struct *work)
{
	struct kzt_node *node = container_of(to_delayed_work(work),
					     struct kzt_node, tick);
	u64 now = kzt_now_ms();

	if (READ_ONCE(node->exiting))
		return;
	if (!READ_ONCE(node->self_address)) {
		/* The clock stops with this: what waits would wait for ever */
		kzt_distribute_expire(node->multicast, U64_MAX);
		return;
	}
	kzt_whois_sweep(node, now);
	kzt_defrag_sweep(node, now);
	kzt_hello_sweep(node, now);
	kzt_pmtu_tick(node, now);
	if (now - node->last_round >= KZT_ROUND_MS || READ_ONCE(node->hurry)) {
		node->last_round = now;
		kzt_upstream_elect(node, now);
		kzt_networks_tick(node, now);
	}
	peers_visit(node, now);
	if (now - node->last_housekeeping >= HOUSEKEEPING_MS) {
		node->last_housekeeping = now;
		kzt_surface_sweep(node, now);
	}
	queue_delayed_work(node->control_wq, &node->tick,
			   msecs_to_jiffies(TICK_MS));
}
