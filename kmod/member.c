// SPDX-License-Identifier: GPL-2.0
/* Members of a network, and the gate that their packets pass. */
#include <linux/hash.h>
#include <linux/slab.h>
#include "network.h"
#include "object.h"
#include "peer.h"
#include "rht.h"

/* A member of a public network that is silent for so long is forgotten */
#define MEMBER_EXPIRE_MS	600000
#define MEMBER_LIKE_MS		60000	/* spec 4.9.3 */
#define MEMBER_REFUSE_MS	1000	/* spec 4.9.4 */

static const struct rhashtable_params member_params = {
	.key_len = sizeof(u64),
	.key_offset = offsetof(struct kzt_member, address),
	.head_offset = offsetof(struct kzt_member, hash_node),
	.automatic_shrinking = true,
	.max_size = KZT_MEMBERS_MAX,
};

/**
 * kzt_members_init() - make a network's table of members
 * @nw: network
 *
 * Return: 0 or a negative errno.
 */
int kzt_members_init(struct kzt_network *nw)
{
	spin_lock_init(&nw->member_lock);
	return rhashtable_init(&nw->members, &member_params);
}

static void member_free(void *ptr, void *arg)
{
	struct kzt_member *m = ptr;

	kzt_credset_put(rcu_dereference_raw(m->creds));
	kfree(m);
	kzt_gone(MEMBER);
}

/**
 * kzt_members_free() - undo kzt_members_init(), with all members
 * @nw: network; nobody looks at it any more
 */
void kzt_members_free(struct kzt_network *nw)
{
	rhashtable_free_and_destroy(&nw->members, member_free, NULL);
}

/**
 * kzt_member_lookup_rcu() - find a member
 * @nw: network
 * @address: of the member
 *
 * Context: RCU.
 * Return: the member or NULL.
 */
struct kzt_member *kzt_member_lookup_rcu(struct kzt_network *nw, u64 address)
{
	return kzt_rht_lookup(&nw->members, &address, member_params);
}

/* What is known of a member that is not known yet; NULL without memory or room */
static struct kzt_member *member_create(struct kzt_network *nw, u64 address)
{
	struct kzt_member *old, *m;

	if (atomic_inc_return(&nw->n_members) > KZT_MEMBERS_MAX)
		goto err_count;
	m = kzalloc(sizeof(*m), GFP_ATOMIC);
	if (!m)
		goto err_count;
	m->address = address;
	m->last_seen = kzt_now_ms();
	old = rhashtable_lookup_get_insert_fast(&nw->members, &m->hash_node,
						member_params);
	if (!old) {
		kzt_born(MEMBER);
		return m;
	}
	kfree(m);
	atomic_dec(&nw->n_members);
	return IS_ERR(old) ? NULL : old;

err_count:
	atomic_dec(&nw->n_members);
	return NULL;
}

static void member_remove_locked(struct kzt_network *nw, struct kzt_member *m)
{
	lockdep_assert_held(&nw->member_lock);
	if (rhashtable_remove_fast(&nw->members, &m->hash_node, member_params))
		return;
	atomic_dec(&nw->n_members);
	kzt_credset_put(rcu_dereference_raw(m->creds));
	kfree_rcu(m, rcu);
	kzt_gone(MEMBER);
}

/**
 * kzt_member_obtain() - find a member, or make it
 * @nw: network
 * @address: of the member
 *
 * Context: BH off or process, RCU.
 * Return: the member, or NULL without memory or room.
 */
struct kzt_member *kzt_member_obtain(struct kzt_network *nw, u64 address)
{
	return kzt_member_lookup_rcu(nw, address) ?: member_create(nw, address);
}

/*
 * The certificates agree, and the packet was sealed with the key of the identity
 * that its certificate names: an address alone proves nothing.
 */
static bool member_agrees(const struct kzt_member *m, const struct kzt_peer *peer)
{
	const struct kzt_credset *creds = rcu_dereference(m->creds);

	return creds && creds->agrees &&
	       !memcmp(creds->key, peer->identity.pub, sizeof(creds->key));
}

/**
 * kzt_member_gate() - may a peer's packet enter a network
 * @nw: network
 * @conf: its configuration, or NULL
 * @peer: sender
 * @frame: the packet carries a frame
 *
 * Implements: spec 4.9.3.  Whether the certificates of a private network agree
 * is for the agent to say.  On a public one whoever comes is a member; without
 * memory or room it is let through all the same, but not remembered.
 *
 * Context: BH off, RCU.
 * Return: true if it may.
 */
bool kzt_member_gate(struct kzt_network *nw, const struct kzt_netconf *conf,
		     const struct kzt_peer *peer, bool frame)
{
	u64 now = kzt_now_ms();
	struct kzt_member *m;

	if (!conf)
		return false;
	m = kzt_member_lookup_rcu(nw, peer->address);
	if (conf->flags & KZT_NETWORK_FLAG_PRIVATE) {
		if (!m || !member_agrees(m, peer))
			return false;
	} else if (!m) {
		m = member_create(nw, peer->address);
		if (!m)
			return true;
	}
	if (READ_ONCE(m->last_seen) != now)
		WRITE_ONCE(m->last_seen, now);
	if (frame && READ_ONCE(m->last_frame) != now)
		WRITE_ONCE(m->last_frame, now);
	if (unlikely(kzt_age_ms(now, READ_ONCE(m->last_like)) >= MEMBER_LIKE_MS))
		kzt_multicast_kick(nw, KZT_NW_GREET);
	return true;
}

/**
 * kzt_member_credset_rcu() - what a member has shown
 * @nw: network
 * @address: of the member
 *
 * Context: RCU.
 * Return: credentials, or NULL.
 */
const struct kzt_credset *kzt_member_credset_rcu(struct kzt_network *nw,
					     u64 address)
{
	struct kzt_member *m = kzt_member_lookup_rcu(nw, address);

	return m ? rcu_dereference(m->creds) : NULL;
}

/**
 * kzt_member_is_out() - was a member of a private network cut off
 * @nw: network
 * @conf: its configuration
 * @address: of the member
 *
 * Context: RCU.
 * Return: true if nothing more is to be spread to it.
 */
bool kzt_member_is_out(struct kzt_network *nw, const struct kzt_netconf *conf,
		       u64 address)
{
	const struct kzt_credset *creds;

	if (!(conf->flags & KZT_NETWORK_FLAG_PRIVATE))
		return false;
	creds = kzt_member_credset_rcu(nw, address);
	return creds && creds->revoked;
}

/**
 * kzt_member_set() - say what a member has shown
 * @nw: network
 * @address: of the member
 * @creds: credentials; a reference that is the member's from now on
 *
 * Return: 0, or -ENOSPC without room for another member.
 */
int kzt_member_set(struct kzt_network *nw, u64 address, struct kzt_credset *creds)
{
	struct kzt_member *m;
	int err = 0;

	rcu_read_lock();
	spin_lock_bh(&nw->member_lock);
	m = kzt_member_obtain(nw, address);
	if (m) {
		kzt_credset_inherit(creds, rcu_dereference(m->creds));
		creds = rcu_replace_pointer(m->creds, creds,
					    lockdep_is_held(&nw->member_lock));
	} else {
		err = -ENOSPC;
	}
	spin_unlock_bh(&nw->member_lock);
	rcu_read_unlock();
	kzt_credset_put(creds);
	return err;
}

/**
 * kzt_member_del() - forget a member
 * @nw: network
 * @address: of the member
 *
 * Return: 0 or -ENOENT.
 */
int kzt_member_del(struct kzt_network *nw, u64 address)
{
	struct kzt_member *m;

	rcu_read_lock();
	spin_lock_bh(&nw->member_lock);
	m = kzt_member_lookup_rcu(nw, address);
	if (m)
		member_remove_locked(nw, m);
	spin_unlock_bh(&nw->member_lock);
	rcu_read_unlock();
	return m ? 0 : -ENOENT;
}

/**
 * kzt_member_may_refuse() - may a peer be told that the gate is closed
 * @nw: network
 * @address: of the peer
 *
 * Implements: spec 4.9.4: at most one ERROR per peer, network and second.
 * Peers that share a slot get fewer.
 *
 * Context: any; races cost an ERROR more or less.
 * Return: true if an ERROR may be sent.
 */
bool kzt_member_may_refuse(struct kzt_network *nw, u64 address)
{
	u64 *last = &nw->last_error[hash_64(address, ilog2(KZT_REFUSED_SLOTS))];
	u64 now = kzt_now_ms();

	if (kzt_age_ms(now, READ_ONCE(*last)) < MEMBER_REFUSE_MS)
		return false;
	WRITE_ONCE(*last, now);
	return true;
}

/* fn for each member, until it returns false; those added meanwhile may miss */
static void members_walk(struct kzt_network *nw,
			 bool (*fn)(struct kzt_network *nw,
				    struct kzt_member *m, void *arg),
			 void *arg)
{
	struct rhashtable_iter it;
	struct kzt_member *m;

	rhashtable_walk_enter(&nw->members, &it);
	rhashtable_walk_start(&it);
	while ((m = rhashtable_walk_next(&it))) {
		if (IS_ERR(m)) {
			if (PTR_ERR(m) == -EAGAIN)
				continue;
			break;
		}
		if (!fn(nw, m, arg))
			break;
	}
	rhashtable_walk_stop(&it);
	rhashtable_walk_exit(&it);
}

struct member_list {
	u64 *address;
	unsigned int n, room;
	u64 silent_since;
	bool gate;
};

/* Would the gate let it in?  Where that is not asked, everybody counts */
static bool member_list_wants(struct kzt_network *nw, struct kzt_member *m,
			      const struct member_list *l)
{
	const struct kzt_netconf *conf = rcu_dereference(nw->conf);
	const struct kzt_credset *creds = rcu_dereference(m->creds);

	if (READ_ONCE(m->last_like) > l->silent_since)
		return false;
	return !l->gate || (conf && (!(conf->flags & KZT_NETWORK_FLAG_PRIVATE) ||
				     (creds && creds->agrees)));
}

static bool member_list_add(struct kzt_network *nw, struct kzt_member *m,
			    void *arg)
{
	struct member_list *l = arg;

	if (!member_list_wants(nw, m, l))
		return true;
	if (l->n == l->room)
		return false;
	l->address[l->n++] = m->address;
	return true;
}

/**
 * kzt_member_addresses() - a snapshot of the addresses of members
 * @node: node
 * @nwid: network
 * @silent_since: only those to whom our groups were last announced by then
 * @gate: only those whom the gate would let in
 * @n: set to their number
 *
 * Context: process, without RCU.
 * Return: what kvfree() frees, or NULL if there is none.
 */
u64 *kzt_member_addresses(struct kzt_node *node, u64 nwid, u64 silent_since,
			  bool gate, unsigned int *n)
{
	struct member_list list = {
		.silent_since = silent_since,
		.gate = gate,
	};
	struct kzt_network *nw;

	*n = 0;
	rcu_read_lock();
	nw = kzt_network_lookup_rcu(node, nwid);
	if (nw)
		list.room = min_t(unsigned int, KZT_MEMBERS_MAX,
				  atomic_read(&nw->n_members) + 16);
	rcu_read_unlock();
	if (!list.room)
		return NULL;
	list.address = kvmalloc_array(list.room, sizeof(u64), GFP_KERNEL);
	if (!list.address)
		return NULL;
	rcu_read_lock();
	nw = kzt_network_lookup_rcu(node, nwid);
	if (nw)
		members_walk(nw, member_list_add, &list);
	rcu_read_unlock();
	*n = list.n;
	if (!list.n) {
		kvfree(list.address);
		return NULL;
	}
	return list.address;
}

static bool member_expire(struct kzt_network *nw, struct kzt_member *m,
			  void *arg)
{
	u64 now = *(u64 *)arg;

	if (kzt_age_ms(now, READ_ONCE(m->last_seen)) < MEMBER_EXPIRE_MS)
		return true;
	spin_lock_bh(&nw->member_lock);
	/* Those with credentials are the agent's to remove */
	if (!rcu_access_pointer(m->creds))
		member_remove_locked(nw, m);
	spin_unlock_bh(&nw->member_lock);
	return true;
}

/**
 * kzt_members_expire() - forget those who are silent
 * @nw: network
 * @now: kzt_now_ms()
 *
 * Context: RCU.
 */
void kzt_members_expire(struct kzt_network *nw, u64 now)
{
	members_walk(nw, member_expire, &now);
}
