// SPDX-License-Identifier: GPL-2.0
/*
 * Several paths of one peer used by a policy (spec 3, 3.9, 3.20).
 *
 * The paths are sampled, the policy makes a plan of the samples, and pathset.c
 * publishes it.  That happens when a path comes, goes or falls silent, not with
 * the packets.  One timer serves all bonds of a node, and rests without any.
 */
#include <linux/netdevice.h>
#include <linux/slab.h>
#include "bond.h"
#include "local.h"
#include "measure.h"
#include "netlink.h"
#include "node.h"
#include "object.h"
#include "peer.h"
#include "phys.h"
#include "trace.h"

#define STEP_MIN_MS	10
#define STEP_MAX_MS	500

/* --- the plan ------------------------------------------------------------------------- */

static u16 copies_mtu(struct kzt_path **pick, u32 copies, unsigned int n)
{
	u16 mtu = U16_MAX;
	unsigned int i;

	for (i = 0; i < n; i++)
		if (copies & BIT(i))
			mtu = min(mtu, READ_ONCE(pick[i]->mtu));
	return mtu;
}

static struct kzt_pathset *set_of_plan(const struct kzt_policy_plan *plan,
				       struct kzt_path **pick, unsigned int n)
{
	struct kzt_pathset *set;
	u8 last = plan->active == KZT_LEG_NONE ? plan->last : KZT_LEG_NONE;

	if (plan->active == KZT_LEG_NONE && last == KZT_LEG_NONE)
		return NULL;
	set = kzalloc(sizeof(*set), GFP_ATOMIC);
	if (!set)
		return NULL;
	set->n = n;
	set->bonded = true;
	memcpy(set->path, pick, n * sizeof(*pick));
	memcpy(set->why, plan->why, sizeof(set->why));
	memcpy(set->share_ppm, plan->share_ppm, sizeof(set->share_ppm));
	set->run = max(plan->run, 1U);
	set->wheel = max_t(u16, plan->wheel, 1);
	if (last != KZT_LEG_NONE) {
		memset(set->bucket, last, sizeof(set->bucket));
		set->eligible = BIT(last);
		return set;
	}
	set->draw = plan->draw;
	set->copies = plan->copies;
	set->eligible = plan->used;
	set->copy_mtu = copies_mtu(pick, plan->copies, n);
	memcpy(set->bucket, plan->bucket, sizeof(set->bucket));
	return set;
}

/* What the measuring has to know of the plan */
static void plan_legs(const struct kzt_policy_plan *plan, struct kzt_path **pick,
		      unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct kzt_leg *leg = rcu_dereference_protected(pick[i]->leg, 1);

		if (!leg)
			continue;
		WRITE_ONCE(leg->hurry, !!(plan->trial & BIT(i)));
		if (plan->why[i] == KZT_WHY_SILENT || plan->why[i] == KZT_WHY_DOWN)
			WRITE_ONCE(leg->dead, true);
	}
}

static void plan_tell(struct kzt_peer *peer, const struct kzt_bond *bond)
{
	const struct kzt_policy_plan *plan = &bond->plan;

	trace_kzt_plan(peer, plan);
	if (plan->events & ~KZT_EV_SHARES)
		kzt_notify_plan(peer, bond);
}

/**
 * kzt_bond_plan_locked() - ask the policy what to do with the paths
 * @peer: has a bond; peer->lock held
 * @now: kzt_now_ms()
 *
 * Context: BH off.
 * Return: the table to publish; NULL without a usable path, or memory.
 */
struct kzt_pathset *kzt_bond_plan_locked(struct kzt_peer *peer, u64 now)
{
	struct kzt_bond *bond = rcu_dereference_protected(peer->bond, 1);
	struct kzt_path *pick[KZT_POLICY_LEGS];
	unsigned int n;

	/* Who had to wait for the lock may have read the clock earlier than others */
	bond->planned = now = max(now, bond->planned);
	n = kzt_bond_sample_locked(peer, bond, pick, now);
	bond->conf.policy.upstream = READ_ONCE(peer->is_upstream);
	kzt_policy_plan(&bond->conf.policy, bond->sample, n, &bond->state, now,
			&bond->plan);
	plan_legs(&bond->plan, pick, n);
	plan_tell(peer, bond);
	return set_of_plan(&bond->plan, pick, n);
}

/* --- life ------------------------------------------------------------------------------- */

/**
 * kzt_bond_conf_rcu() - the policy that a peer is to have
 * @peer: peer
 *
 * Context: RCU.
 * Return: its own, or the node's, or NULL.
 */
const struct kzt_bond_conf *kzt_bond_conf_rcu(const struct kzt_peer *peer)
{
	const struct kzt_bond_conf *own = rcu_dereference_check(peer->policy,
						rcu_read_lock_bh_held());

	return own ?: rcu_dereference_check(peer->node->policy,
					    rcu_read_lock_bh_held());
}

/* Policies that leave a flow where it is need to know where that was */
static bool wants_pins(const struct kzt_policy_conf *p)
{
	switch (p->mode) {
	case KZT_POLICY_MANUAL:
	case KZT_POLICY_BALANCE_XOR:
	case KZT_POLICY_BALANCE_AWARE:
		return true;
	case KZT_POLICY_RANDOM:
	case KZT_POLICY_PROPORTIONAL:
		return p->per_flow;
	}
	return false;
}

static void bond_free_rcu(struct rcu_head *rcu)
{
	struct kzt_bond *bond = container_of(rcu, struct kzt_bond, rcu);

	kfree(bond->pin);
	kfree(bond);
	kzt_gone(BOND);
}

static void bond_unlink(struct kzt_node *node, struct kzt_bond *bond)
{
	spin_lock_bh(&node->bond_lock);
	list_del(&bond->list);
	WRITE_ONCE(node->n_bonds, node->n_bonds - 1);
	spin_unlock_bh(&node->bond_lock);
}

/**
 * kzt_bond_drop_locked() - end a peer's bond, if it has one
 * @peer: peer->lock held
 *
 * The caller publishes a new table.
 */
void kzt_bond_drop_locked(struct kzt_peer *peer)
{
	struct kzt_bond *bond = rcu_dereference_protected(peer->bond, 1);
	unsigned int i;

	lockdep_assert_held(&peer->lock);
	if (!bond)
		return;
	RCU_INIT_POINTER(peer->bond, NULL);
	for (i = 0; i < peer->n_paths; i++) {
		struct kzt_path *p = rcu_dereference_protected(peer->paths[i], 1);

		kzt_leg_free_rcu(rcu_replace_pointer(p->leg, NULL, true));
		kzt_phys_restore(p);
	}
	bond_unlink(peer->node, bond);
	pr_debug("bond of peer %010llx destroyed\n", peer->address);
	call_rcu(&bond->rcu, bond_free_rcu);
}

static void bond_create_locked(struct kzt_peer *peer,
			       const struct kzt_bond_conf *conf)
{
	struct kzt_node *node = peer->node;
	struct kzt_bond *bond = kzalloc(sizeof(*bond), GFP_ATOMIC);

	if (!bond)
		return;
	if (wants_pins(&conf->policy)) {
		bond->pin = kcalloc(KZT_PINS, sizeof(*bond->pin), GFP_ATOMIC);
		if (!bond->pin) {
			kfree(bond);
			return;
		}
	}
	bond->peer = peer;
	bond->conf = *conf;
	kzt_born(BOND);
	rcu_assign_pointer(peer->bond, bond);
	spin_lock_bh(&node->bond_lock);
	list_add_tail(&bond->list, &node->bonds);
	WRITE_ONCE(node->n_bonds, node->n_bonds + 1);
	spin_unlock_bh(&node->bond_lock);
	pr_debug("bond of peer %010llx created\n", peer->address);
}

static bool any_path(struct kzt_peer *peer, u64 now,
		     bool (*is)(const struct kzt_path *p, u64 now))
{
	unsigned int i;

	for (i = 0; i < peer->n_paths; i++)
		if (is(rcu_dereference_protected(peer->paths[i], 1), now))
			return true;
	return false;
}

static bool path_fresh(const struct kzt_path *p, u64 now)
{
	return !kzt_path_expired(p, now);
}

/* Spec 3.20.3; roots are never bonded, whatever is configured */
static bool bond_wanted(struct kzt_peer *peer, const struct kzt_bond_conf *conf,
			bool have, u64 now)
{
	const struct kzt_policy_conf *p = &conf->policy;
	bool caps = p->max_legs || p->n_links || p->family_max[0] ||
		    p->family_max[1] || memchr_inv(p->scope_max, 0,
						   sizeof(p->scope_max));

	if (peer->dead || READ_ONCE(peer->is_upstream))
		return false;
	if (p->mode == KZT_POLICY_NONE && !peer->pinned && !caps)
		return false;
	return any_path(peer, now, kzt_path_alive) ||
	       (have && any_path(peer, now, path_fresh));
}

/**
 * kzt_bond_update() - make, change or end a bond as it should be
 * @peer: peer
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.20.3.
 * Context: process or BH; takes peer->lock.
 */
void kzt_bond_update(struct kzt_peer *peer, u64 now)
{
	struct kzt_bond_conf plain = {};
	const struct kzt_bond_conf *conf;
	struct kzt_bond *bond;
	bool made = false;

	spin_lock_bh(&peer->lock);
	rcu_read_lock();
	conf = kzt_bond_conf_rcu(peer);
	bond = rcu_dereference_protected(peer->bond, 1);
	if (!conf) {
		kzt_policy_conf_init(&plain.policy, KZT_POLICY_NONE);
		conf = &plain;
	}
	if (!bond_wanted(peer, conf, bond, now)) {
		if (bond) {
			kzt_bond_drop_locked(peer);
			kzt_pathset_update_locked(peer, now);
		}
	} else if (!bond || bond->conf.generation != conf->generation) {
		kzt_bond_drop_locked(peer);
		bond_create_locked(peer, conf);
		kzt_pathset_update_locked(peer, now);
		made = true;
	}
	rcu_read_unlock();
	spin_unlock_bh(&peer->lock);
	if (made)
		kzt_bonds_kick(peer->node);
}

/* --- the timer ---------------------------------------------------------------------------- */

static u32 probe_gap(const struct kzt_peer *peer, const struct kzt_leg *leg,
		     const struct kzt_policy_conf *p)
{
	if (READ_ONCE(leg->hurry) && !kzt_peer_gates_echo(peer))
		return min_t(u32, kzt_policy_probe_ms(p), KZT_ECHO_GAP_MS);
	return kzt_policy_probe_ms(p);
}

static void legs_probe(struct kzt_peer *peer, const struct kzt_policy_conf *p,
		       u64 now)
{
	unsigned int i, n = READ_ONCE(peer->n_paths);

	for (i = 0; i < n && i < KZT_PATHS_MAX; i++) {
		struct kzt_path *path = rcu_dereference_bh(peer->paths[i]);
		struct kzt_leg *leg = path ? rcu_dereference_bh(path->leg) : NULL;

		if (!leg || kzt_path_expired(path, now))
			continue;
		kzt_leg_sample(path, leg, now);
		if (now - leg->last_probe >= probe_gap(peer, leg, p))
			kzt_leg_probe(peer, path, leg, now);
		kzt_leg_report(peer, path, leg, kzt_policy_report_ms(p), now);
	}
}

/* When must the bond be looked at again? */
static u64 bond_due(const struct kzt_bond *bond, u64 now)
{
	u64 due = now + min_t(u32, kzt_policy_probe_ms(&bond->conf.policy),
			      bond->plan.trial ? KZT_ECHO_GAP_MS : STEP_MAX_MS);

	return max(min(due, bond->plan.due_ms), now + STEP_MIN_MS);
}

/* A peer that a policy leaves with one path needs no more than its keepalives */
static bool bond_probes(const struct kzt_bond *bond)
{
	return bond->conf.policy.mode != KZT_POLICY_NONE;
}

static u64 bond_serve(struct kzt_peer *peer, u64 now)
{
	struct kzt_policy_conf policy;
	struct kzt_endpoint ep;
	struct kzt_bond *bond;
	bool plan, asks = false;
	u64 due = U64_MAX;
	s16 utility;
	u32 id;

	spin_lock_bh(&peer->lock);
	bond = rcu_dereference_protected(peer->bond, 1);
	if (!bond || bond->due > now) {
		due = bond ? bond->due : U64_MAX;
		spin_unlock_bh(&peer->lock);
		return due;
	}
	policy = bond->conf.policy;
	plan = bond_probes(bond);
	spin_unlock_bh(&peer->lock);
	rcu_read_lock_bh();
	if (plan)
		legs_probe(peer, &policy, now);
	rcu_read_unlock_bh();
	spin_lock_bh(&peer->lock);
	bond = rcu_dereference_protected(peer->bond, 1);
	if (bond) {
		kzt_pathset_update_locked(peer, now);
		bond->due = bond_due(bond, now);
		due = bond->due;
		asks = kzt_policy_ask(&bond->state, &id, &utility);
	}
	spin_unlock_bh(&peer->lock);
	if (asks && kzt_path_endpoint(peer, id, &ep))
		kzt_negotiation_send(peer, &ep, utility);
	return due;
}

/* The next of the bonds' peers, with a reference; the list turns */
static struct kzt_peer *bond_next(struct kzt_node *node)
{
	struct kzt_peer *peer = NULL;
	struct kzt_bond *bond;

	spin_lock_bh(&node->bond_lock);
	bond = list_first_entry_or_null(&node->bonds, struct kzt_bond, list);
	if (bond) {
		list_move_tail(&bond->list, &node->bonds);
		if (kzt_peer_get(bond->peer))
			peer = bond->peer;
	}
	spin_unlock_bh(&node->bond_lock);
	return peer;
}

static void bonds_work(struct work_struct *work)
{
	struct kzt_node *node = container_of(to_delayed_work(work),
					     struct kzt_node, bond_work);
	unsigned int n = READ_ONCE(node->n_bonds);
	u64 now = kzt_now_ms(), due = now + STEP_MAX_MS;

	while (n-- && !READ_ONCE(node->exiting)) {
		struct kzt_peer *peer = bond_next(node);

		if (!peer)
			continue;
		due = min(due, bond_serve(peer, now));
		kzt_peer_put(peer);
		cond_resched();
	}
	now = kzt_now_ms();
	if (READ_ONCE(node->n_bonds) && !READ_ONCE(node->exiting))
		queue_delayed_work(system_unbound_wq, &node->bond_work,
				   msecs_to_jiffies(due > now ? due - now : 1));
}

/**
 * kzt_bonds_kick() - look after the bonds now
 * @node: node
 *
 * Context: any.
 */
void kzt_bonds_kick(struct kzt_node *node)
{
	if (READ_ONCE(node->n_bonds) && !READ_ONCE(node->exiting))
		mod_delayed_work(system_unbound_wq, &node->bond_work, 0);
}

/**
 * kzt_bonds_init() - a node without bonds
 * @node: node
 */
void kzt_bonds_init(struct kzt_node *node)
{
	INIT_LIST_HEAD(&node->bonds);
	spin_lock_init(&node->bond_lock);
	INIT_DELAYED_WORK(&node->bond_work, bonds_work);
}

/**
 * kzt_bonds_stop() - end the timer
 * @node: exiting
 *
 * Context: process, sleeps.
 */
void kzt_bonds_stop(struct kzt_node *node)
{
	cancel_delayed_work_sync(&node->bond_work);
}
