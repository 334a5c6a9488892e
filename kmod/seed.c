// SPDX-License-Identifier: GPL-2.0
/*
 * Moons that are wanted, and the nodes to learn them from (spec 2, 2.14).
 *
 * Each HELLO names the wanted moons as held ones of time 0, so whoever has one
 * puts it into the answer; the agent is asked whether to take it.  The list is
 * short and mostly empty: one lock, and a look without it.
 */
#include <linux/netlink.h>
#include "node.h"
#include "peer.h"
#include "proto/address.h"
#include "seed.h"
#include "verb.h"

#define SEED_EAGER_MS	60000	/* greeted in every round so long */

/**
 * kzt_seeds_copy() - the wanted moons, for those who go through them
 * @node: node
 * @to: filled
 *
 * Context: any but hard interrupts.
 * Return: how many.
 */
unsigned int kzt_seeds_copy(struct kzt_node *node,
			    struct kzt_seed to[KZT_SEEDS_MAX])
{
	struct kzt_seeds *s = &node->seeds;
	unsigned int n;

	if (!READ_ONCE(s->n))
		return 0;
	spin_lock_bh(&s->lock);
	n = s->n;
	memcpy(to, s->seed, n * sizeof(*to));
	spin_unlock_bh(&s->lock);
	return n;
}

/**
 * kzt_is_seed() - is a node one to learn a moon from?
 * @node: node
 * @address: of the other
 *
 * Context: any but hard interrupts.
 * Return: true if a moon is wanted of it.
 */
bool kzt_is_seed(struct kzt_node *node, u64 address)
{
	struct kzt_seeds *s = &node->seeds;
	bool found = false;
	unsigned int i;

	if (!READ_ONCE(s->n))
		return false;
	spin_lock_bh(&s->lock);
	for (i = 0; i < s->n && !found; i++)
		found = s->seed[i].address == address;
	spin_unlock_bh(&s->lock);
	return found;
}

/* Greet one that is known already, ask who it is otherwise */
static struct kzt_peer *seed_greet(struct kzt_node *node,
				   const struct kzt_seed *seed, u64 now)
{
	struct kzt_peer *peer = kzt_peer_get_by_address(node, seed->address);

	if (!peer)
		kzt_whois_ask(node, seed->address);
	else if (kzt_age_ms(now, seed->since) < SEED_EAGER_MS)
		kzt_hello_send(peer, NULL);
	return peer;
}

static int seed_store(struct kzt_seeds *s, const struct kzt_seed *seed)
{
	unsigned int i;
	int err = 0;

	spin_lock_bh(&s->lock);
	for (i = 0; i < s->n; i++)
		if (s->seed[i].id == seed->id &&
		    s->seed[i].address == seed->address)
			break;
	if (i == KZT_SEEDS_MAX)
		err = -ENOSPC;
	else
		s->seed[i] = *seed;
	if (!err && i == s->n)
		WRITE_ONCE(s->n, i + 1);
	spin_unlock_bh(&s->lock);
	return err;
}

/**
 * kzt_seed_add_locked() - want a moon that another node has
 * @node: config_lock held
 * @id: of the moon
 * @address: of one of its roots
 * @extack: says why it was refused
 *
 * Return: 0 or a negative errno.
 */
int kzt_seed_add_locked(struct kzt_node *node, u64 id, u64 address,
			struct netlink_ext_ack *extack)
{
	struct kzt_seed seed = { id, address, kzt_now_ms() };
	struct kzt_peer *peer;
	int err;

	lockdep_assert_held(&node->config_lock);
	if (!id || !kzt_addr_valid(address)) {
		NL_SET_ERR_MSG(extack, "no such moon or seed can be");
		return -EINVAL;
	}
	if (address == node->self_address) {
		NL_SET_ERR_MSG(extack, "the seed is this node itself");
		return -EINVAL;
	}
	err = seed_store(&node->seeds, &seed);
	if (err) {
		NL_SET_ERR_MSG(extack, "too many moons are waited for");
		return err;
	}
	peer = seed_greet(node, &seed, seed.since);
	if (peer)
		kzt_peer_put(peer);
	return 0;
}

/**
 * kzt_seed_del() - a moon is not waited for any more
 * @node: node
 * @id: of the moon, which has come or is not wanted
 *
 * Return: true if it was.
 */
bool kzt_seed_del(struct kzt_node *node, u64 id)
{
	struct kzt_seeds *s = &node->seeds;
	unsigned int i, n = 0;
	bool found;

	spin_lock_bh(&s->lock);
	for (i = 0; i < s->n; i++)
		if (s->seed[i].id != id)
			s->seed[n++] = s->seed[i];
	found = n != s->n;
	WRITE_ONCE(s->n, n);
	spin_unlock_bh(&s->lock);
	return found;
}

/**
 * kzt_seeds_clear() - the node goes down
 * @node: node
 */
void kzt_seeds_clear(struct kzt_node *node)
{
	spin_lock_bh(&node->seeds.lock);
	WRITE_ONCE(node->seeds.n, 0);
	spin_unlock_bh(&node->seeds.lock);
}

/**
 * kzt_seeds_round() - keep in contact with all of them
 * @node: node
 * @now: kzt_now_ms()
 *
 * One that is not known is looked up; it is kept as roots are once it is.
 *
 * Implements: spec 2, 2.14 and 2.15 "Online".
 * Context: process; every 5 s.
 * Return: true if one was heard from lately.
 */
bool kzt_seeds_round(struct kzt_node *node, u64 now)
{
	struct kzt_seed seed[KZT_SEEDS_MAX];
	unsigned int n = kzt_seeds_copy(node, seed), i;
	struct kzt_peer *peer;
	bool heard = false;
	u64 last;

	for (i = 0; i < n; i++) {
		peer = seed_greet(node, &seed[i], now);
		if (!peer)
			continue;
		last = READ_ONCE(peer->last_receive);
		heard |= last && kzt_age_ms(now, last) < KZT_UPSTREAM_TIMEOUT_MS;
		kzt_peer_put(peer);
	}
	return heard;
}
