// SPDX-License-Identifier: GPL-2.0
/*
 * Revocations that came lately, kept for the agent (spec 4.9.1).
 *
 * Whatever else a member shows, it shows again when it is asked to.  A revocation
 * comes once from the controller, and once from each member that passes it on: an
 * agent that is away, is slow, or is killed with the packet in its socket would
 * never hear of it, and the module would go on letting in who was cut off.  So
 * they are kept whether there is an agent or not, and one that attaches reads them
 * (revocation-get).  To take one twice does no harm.
 *
 * The signature is for the agent to verify.  What keeps others from filling the
 * place with what nobody signed: only networks of this node count, only the
 * controller and who passes the gate of the network are heard, each member has a
 * share, and nothing of a controller gives way to a member.
 */
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "node.h"
#include "network.h"
#include "object.h"
#include "peer.h"
#include "revoked.h"
#include "verb.h"

#define REVOKED_MAX	256	/* of a node */
#define REVOKED_SHARE	32	/* of a member */

/**
 * struct revoked - one of them
 * @list: by age
 * @nwid: network
 * @from: who sent it
 * @controller: that is the one of the network
 * @info: what is handed out
 */
struct revoked {
	struct list_head list;
	u64 nwid;
	u64 from;
	bool controller;
	struct kzt_revoked_info info;
};

/**
 * struct kzt_revoked - those of a node
 * @lock: of all of it
 * @list: the oldest first
 * @n: on it
 * @serial: of the last one
 */
struct kzt_revoked {
	spinlock_t lock;
	struct list_head list;
	unsigned int n;
	u64 serial;
};

/**
 * kzt_revoked_init() - make the place for them
 * @node: owner
 *
 * Return: 0 or -ENOMEM.
 */
int kzt_revoked_init(struct kzt_node *node)
{
	struct kzt_revoked *r = kzalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return -ENOMEM;
	spin_lock_init(&r->lock);
	INIT_LIST_HEAD(&r->list);
	node->revoked = r;
	return 0;
}

static void remove_locked(struct kzt_revoked *r, struct revoked *e)
{
	lockdep_assert_held(&r->lock);
	list_del(&e->list);
	r->n--;
	kfree(e);
	kzt_gone(REVOKED);
}

/* Of one network, or of all */
static void forget(struct kzt_revoked *r, u64 nwid)
{
	struct revoked *e, *next;

	spin_lock_bh(&r->lock);
	list_for_each_entry_safe(e, next, &r->list, list)
		if (!nwid || e->nwid == nwid)
			remove_locked(r, e);
	spin_unlock_bh(&r->lock);
}

/**
 * kzt_revoked_forget() - a network is left
 * @node: node
 * @nwid: network
 *
 * Context: process or BH.
 */
void kzt_revoked_forget(struct kzt_node *node, u64 nwid)
{
	if (smp_load_acquire(&node->ready))
		forget(node->revoked, nwid);
}

/**
 * kzt_revoked_free() - undo kzt_revoked_init()
 * @node: owner
 */
void kzt_revoked_free(struct kzt_node *node)
{
	if (!node->revoked)
		return;
	forget(node->revoked, 0);
	kfree(node->revoked);
	node->revoked = NULL;
}

/* The same one again: from the controller it is worth more */
static bool known_locked(struct kzt_revoked *r, const struct revoked *fresh)
{
	struct revoked *e;

	list_for_each_entry(e, &r->list, list) {
		if (memcmp(e->info.raw, fresh->info.raw, sizeof(e->info.raw)))
			continue;
		e->controller |= fresh->controller;
		return true;
	}
	return false;
}

/* Who gives way to @fresh; NULL if nobody has to, itself if there is no place */
static struct revoked *victim_locked(struct kzt_revoked *r, struct revoked *fresh)
{
	struct revoked *e, *own = NULL, *member = NULL;
	unsigned int n_own = 0;

	list_for_each_entry(e, &r->list, list) {
		if (e->controller)
			continue;
		if (!member)
			member = e;
		if (e->from != fresh->from)
			continue;
		if (!own)
			own = e;
		n_own++;
	}
	if (!fresh->controller && n_own >= REVOKED_SHARE)
		return own;
	if (r->n < REVOKED_MAX)
		return NULL;
	if (member)
		return member;
	return fresh->controller ? list_first_entry(&r->list, struct revoked, list) : fresh;
}

static void keep(struct kzt_node *node, struct revoked *fresh)
{
	struct kzt_revoked *r = node->revoked;
	struct revoked *out;

	spin_lock_bh(&r->lock);
	out = known_locked(r, fresh) ? fresh : victim_locked(r, fresh);
	if (out && out != fresh) {
		remove_locked(r, out);
		kzt_mib_inc(node, REVOCATIONS_DISPLACED);
	}
	if (out != fresh) {
		fresh->info.serial = ++r->serial;
		list_add_tail(&fresh->list, &r->list);
		r->n++;
		kzt_born(REVOKED);
		kzt_mib_inc(node, REVOCATIONS_KEPT);
	}
	spin_unlock_bh(&r->lock);
	if (out == fresh)
		kfree(fresh);
}

static bool may_keep(const struct kzt_rx *rx, const struct kzt_revocation *rev)
{
	struct kzt_network *nw;
	bool may;

	if (!rev->sig || rev->signer != rev->nwid >> 24 || !kzt_addr_valid(rev->target))
		return false;
	rcu_read_lock_bh();
	rcu_read_lock();
	nw = kzt_network_lookup_rcu(rx->node, rev->nwid);
	may = nw && (rx->peer->address == rev->signer ||
		     kzt_member_gate(nw, rcu_dereference(nw->conf), rx->peer, false));
	rcu_read_unlock();
	rcu_read_unlock_bh();
	return may;
}

static void note_one(const struct kzt_rx *rx, const struct kzt_revocation *rev)
{
	struct revoked *e;

	if (!may_keep(rx, rev))
		return;
	e = kzalloc(sizeof(*e), GFP_KERNEL);
	if (!e) {
		kzt_drop_count(rx->node, KZT_DROP_NOMEM);
		return;
	}
	e->nwid = rev->nwid;
	e->from = rx->peer->address;
	e->controller = e->from == rev->signer;
	e->info.target = rev->target;
	/* Without additional fields, whose length of 0 is what was signed */
	memcpy(e->info.raw, rev->raw, KZT_REVOCATION_LEN - 2);
	keep(rx->node, e);
}

/**
 * kzt_revoked_note() - look for revocations in NETWORK_CREDENTIALS
 * @rx: packet
 *
 * Context: process, on node->control_wq.
 */
void kzt_revoked_note(const struct kzt_rx *rx)
{
	struct kzt_creds it = kzt_creds_open(rx->pkt, rx->len);
	struct kzt_revocation rev;
	enum kzt_cred_type type;
	struct kzt_cur c;
	const u8 *raw;
	size_t len;

	while (kzt_creds_next(&it, &type, &raw, &len) > 0) {
		c = kzt_cur(raw, len);
		if (type == KZT_CRED_REVOCATION && !kzt_revocation_get(&c, &rev))
			note_one(rx, &rev);
	}
}

/**
 * kzt_revoked_snapshot() - those of a network
 * @node: node
 * @nwid: network
 * @n: set to their number
 *
 * Context: process.
 * Return: the oldest first, for kvfree(), or NULL if there is none.
 */
struct kzt_revoked_info *kzt_revoked_snapshot(struct kzt_node *node, u64 nwid,
					      unsigned int *n)
{
	struct kzt_revoked_info *list;
	struct kzt_revoked *r;
	struct revoked *e;

	*n = 0;
	if (!smp_load_acquire(&node->ready))
		return NULL;
	r = node->revoked;
	list = kvmalloc_array(REVOKED_MAX, sizeof(*list), GFP_KERNEL);
	if (!list)
		return NULL;
	spin_lock_bh(&r->lock);
	list_for_each_entry(e, &r->list, list)
		if (e->nwid == nwid)
			list[(*n)++] = e->info;
	spin_unlock_bh(&r->lock);
	if (*n)
		return list;
	kvfree(list);
	return NULL;
}
