// SPDX-License-Identifier: GPL-2.0
/* What the administrator says of remote prefixes (spec 3, 3.15.5). */
#include <linux/slab.h>
#include <linux/sort.h>
#include "endpoint.h"
#include "netlink.h"
#include "peer.h"
#include "pathset.h"
#include "phys.h"
#include "pmtu.h"
#include "proto/address.h"
#include "proto/packet.h"

static bool prefix_equal(const struct kzt_prefix *a, const struct kzt_prefix *b)
{
	return a->family == b->family && a->len == b->len &&
	       !memcmp(a->ip, b->ip, sizeof(a->ip));
}

static bool prefix_has(const struct kzt_prefix *p, const struct kzt_inetaddr *a)
{
	struct kzt_inetaddr net = { .family = p->family };

	memcpy(net.ip, p->ip, sizeof(net.ip));
	return kzt_inetaddr_in_prefix(a, &net, p->len);
}

static int entry_cmp(const void *l, const void *r)
{
	const struct kzt_prefix *a = &((const struct kzt_phys_entry *)l)->prefix;
	const struct kzt_prefix *b = &((const struct kzt_phys_entry *)r)->prefix;

	if (a->family != b->family)
		return a->family - b->family;
	if (a->len != b->len)
		return a->len - b->len;
	return memcmp(a->ip, b->ip, sizeof(a->ip));
}

/**
 * kzt_phys_set_locked() - add, change or remove an entry
 * @table: not published yet
 * @e: entry; without MTU and id it is removed
 * @extack: says why it was refused
 *
 * Return: 0, -ENOENT or -ENOSPC.
 */
int kzt_phys_set_locked(struct kzt_phys *table, const struct kzt_phys_entry *e,
			struct netlink_ext_ack *extack)
{
	unsigned int i;

	for (i = 0; i < table->n; i++)
		if (prefix_equal(&table->e[i].prefix, &e->prefix))
			break;
	if (!e->mtu && !e->trust_id) {
		if (i == table->n) {
			NL_SET_ERR_MSG(extack, "nothing is set for this prefix");
			return -ENOENT;
		}
		table->e[i] = table->e[--table->n];
	} else if (i == KZT_PHYS_MAX) {
		NL_SET_ERR_MSG(extack, "too many prefixes: 32 at most");
		return -ENOSPC;
	} else {
		table->e[i] = *e;
		table->n = max(table->n, i + 1);
	}
	sort(table->e, table->n, sizeof(table->e[0]), entry_cmp, NULL);
	return 0;
}

/* The entry that holds for a remote address, or NULL */
static const struct kzt_phys_entry *entry_of(const struct kzt_phys *table,
					     const struct kzt_endpoint *ep)
{
	struct kzt_inetaddr a;
	unsigned int i;

	kzt_endpoint_to_inetaddr(ep, &a);
	for (i = 0; table && i < table->n; i++)
		if (prefix_has(&table->e[i].prefix, &a))
			return &table->e[i];
	return NULL;
}

/* What is said of the MTU there, 0 for nothing */
static u16 mtu_of(const struct kzt_phys *table, const struct kzt_endpoint *ep)
{
	const struct kzt_phys_entry *e = entry_of(table, ep);

	return e ? e->mtu : 0;
}

/**
 * kzt_phys_lookup() - what holds for a remote address
 * @node: node
 * @ep: its remote side counts
 * @mtu: set to the largest UDP payload
 * @trust_id: set to the trusted path id, 0 for none
 *
 * Implements: spec 3, 3.15.5.
 * Context: any; takes RCU itself.
 */
void kzt_phys_lookup(struct kzt_node *node, const struct kzt_endpoint *ep,
		     u16 *mtu, u64 *trust_id)
{
	const struct kzt_phys_entry *e;

	rcu_read_lock();
	e = entry_of(rcu_dereference(node->phys), ep);
	*mtu = e && e->mtu ? e->mtu : KZT_MTU_DEFAULT;
	*trust_id = e ? e->trust_id : 0;
	rcu_read_unlock();
}

/**
 * kzt_phys_has_mtu() - does the administrator say a remote address's MTU
 * @node: node
 * @ep: its remote side counts
 *
 * Context: any; takes RCU itself.
 * Return: true if so: then it is not for us to find out.
 */
bool kzt_phys_has_mtu(struct kzt_node *node, const struct kzt_endpoint *ep)
{
	bool has;

	rcu_read_lock();
	has = mtu_of(rcu_dereference(node->phys), ep);
	rcu_read_unlock();
	return has;
}

/**
 * kzt_phys_trusts() - may a packet come unauthenticated
 * @node: node
 * @from: where it came from
 * @id: trusted path id that it names
 *
 * Implements: spec 3, 3.15.5; spec 1, 5.6: an id of 0 never matches.
 * Context: RCU (BH).
 * Return: true if some entry has this id and contains the address.
 */
bool kzt_phys_trusts(struct kzt_node *node, const struct kzt_endpoint *from,
		     u64 id)
{
	const struct kzt_phys *table = rcu_dereference_bh(node->phys);
	struct kzt_inetaddr a;
	unsigned int i;

	if (!table || !id)
		return false;
	kzt_endpoint_to_inetaddr(from, &a);
	for (i = 0; i < table->n; i++)
		if (table->e[i].trust_id == id &&
		    prefix_has(&table->e[i].prefix, &a))
			return true;
	return false;
}

/**
 * kzt_phys_restore() - a path's MTU is not that of a policy's link any more
 * @path: its peer->lock held
 */
void kzt_phys_restore(struct kzt_path *path)
{
	u64 trust_id;
	u16 mtu;

	lockdep_assert_held(&path->peer->lock);
	if (!path->mtu_fixed)
		return;
	WRITE_ONCE(path->mtu_fixed, false);
	kzt_phys_lookup(path->peer->node, &path->ep, &mtu, &trust_id);
	WRITE_ONCE(path->mtu, mtu);
	kzt_pmtu_forget(path);
}

/*
 * Paths keep what holds for them at hand.  What was found out about those of which
 * nothing else is said now stays; nor is a link's MTU for us to change.
 */
static void path_refresh(struct kzt_path *p, const struct kzt_phys *old,
			 const struct kzt_phys *table)
{
	const struct kzt_phys_entry *e = entry_of(table, &p->ep);
	u16 mtu = e ? e->mtu : 0;

	WRITE_ONCE(p->trust_id, e ? e->trust_id : 0);
	if (p->mtu_fixed || mtu == mtu_of(old, &p->ep))
		return;
	WRITE_ONCE(p->mtu, mtu ?: KZT_MTU_DEFAULT);
	if (!mtu)
		kzt_pmtu_forget(p);
}

static void paths_refresh(struct kzt_peer *peer, const struct kzt_phys *old,
			  const struct kzt_phys *table)
{
	unsigned int i;
	bool changed;

	spin_lock_bh(&peer->lock);
	for (i = 0; i < peer->n_paths; i++)
		path_refresh(rcu_dereference_protected(peer->paths[i], 1), old, table);
	/* Senders look at the least of them */
	changed = kzt_pathset_update_locked(peer, kzt_now_ms());
	spin_unlock_bh(&peer->lock);
	if (changed)
		kzt_notify_peer(peer, false);
}

/**
 * kzt_phys_replace_locked() - put a table in force
 * @node: config_lock held
 * @table: allocated; NULL for none
 *
 * Return: the table before, to be freed after a grace period; NULL for none.
 */
struct kzt_phys *kzt_phys_replace_locked(struct kzt_node *node, struct kzt_phys *table)
{
	struct rhashtable_iter iter;
	struct kzt_phys *old;
	struct kzt_peer *peer;

	old = rcu_replace_pointer(node->phys, table,
				  lockdep_is_held(&node->config_lock));
	rhashtable_walk_enter(&node->peers, &iter);
	rhashtable_walk_start(&iter);
	while ((peer = rhashtable_walk_next(&iter)))
		if (!IS_ERR(peer) && READ_ONCE(peer->n_paths))
			paths_refresh(peer, old, table);
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return old;
}
