// SPDX-License-Identifier: GPL-2.0
/* Members of a network, and the gate that their packets pass. */
#include <linux/hash.h>
#include <linux/slab.h>
#include "network.h"
#include "object.h"
#include "peer.h"

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
	return rhashtable_init(&nw->members, &member_params);
}

static void member_free(void *ptr, void *arg)
{
	kfree(ptr);
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
	return rhashtable_lookup(&nw->members, &address, member_params);
}

/*
 * On a public network whoever comes is a member.  Without memory or room it is
 * let through all the same, but not remembered.
 */
static struct kzt_member *member_create(struct kzt_network *nw, u64 address)
{
	struct kzt_member *old, *m;

	if (atomic_inc_return(&nw->n_members) > KZT_MEMBERS_MAX)
		goto err_count;
	m = kzalloc(sizeof(*m), GFP_ATOMIC);
	if (!m)
		goto err_count;
	m->address = address;
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

static void member_remove(struct kzt_network *nw, struct kzt_member *m)
{
	if (rhashtable_remove_fast(&nw->members, &m->hash_node, member_params))
		return;
	atomic_dec(&nw->n_members);
	kfree_rcu(m, rcu);
	kzt_gone(MEMBER);
}

/**
 * kzt_member_gate() - may a peer's packet enter a network
 * @nw: network
 * @conf: its configuration, or NULL
 * @peer: sender
 * @frame: the packet carries a frame
 *
 * Implements: spec 4.9.3.  On a private network only those whom the
 * configuration made members pass.
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
	if (!m) {
		if (conf->flags & KZT_NETWORK_FLAG_PRIVATE)
			return false;
		m = member_create(nw, peer->address);
		if (!m)
			return true;
	}
	if (READ_ONCE(m->last_seen) != now)
		WRITE_ONCE(m->last_seen, now);
	if (frame && READ_ONCE(m->last_frame) != now)
		WRITE_ONCE(m->last_frame, now);
	if (unlikely(now - READ_ONCE(m->last_like) >= MEMBER_LIKE_MS))
		kzt_multicast_kick(nw, KZT_NW_GREET);
	return true;
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

	if (now - READ_ONCE(*last) < MEMBER_REFUSE_MS)
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
};

static bool member_list_add(struct kzt_network *nw, struct kzt_member *m,
			    void *arg)
{
	struct member_list *l = arg;

	if (READ_ONCE(m->last_like) > l->silent_since)
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
 * @n: set to their number
 *
 * Context: process, without RCU.
 * Return: what kvfree() frees, or NULL if there is none.
 */
u64 *kzt_member_addresses(struct kzt_node *node, u64 nwid, u64 silent_since,
			  unsigned int *n)
{
	struct member_list list = { .silent_since = silent_since };
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

	if (now - READ_ONCE(m->last_seen) >= MEMBER_EXPIRE_MS)
		member_remove(nw, m);
	return true;
}

/**
 * kzt_members_expire() - forget those who are silent
 * @nw: network
 * @now: kzt_now_ms()
 *
 * Members of a private network are the configuration's to remove.
 *
 * Context: RCU.
 */
void kzt_members_expire(struct kzt_network *nw, u64 now)
{
	const struct kzt_netconf *conf = rcu_dereference(nw->conf);

	if (conf && !(conf->flags & KZT_NETWORK_FLAG_PRIVATE))
		members_walk(nw, member_expire, &now);
}
