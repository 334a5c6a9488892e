// SPDX-License-Identifier: GPL-2.0
/*
 * Members that this node, a controller, gave a configuration lately: they may
 * announce groups to it and gather from it, on networks that it has not joined
 * itself (spec 4, 4.11.2).
 *
 * A table of fixed size, made with the first configuration.  Each member has two
 * places; who finds both in use takes the older one, and its owner is back with
 * its next configuration, a minute later.
 */
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include "configured.h"
#include "node.h"
#include "proto/cursor.h"
#include "proto/packet.h"
#include "proto/verbs.h"

#define CONFIGURED_MS	180000
#define SETS_BITS	12
#define SETS		(1 << SETS_BITS)

struct place {
	u64 nwid, address, until;
};

/**
 * struct kzt_configured - the table of one node
 * @lock: of all of it
 * @set: two places for each hash
 */
struct kzt_configured {
	spinlock_t lock;
	struct place set[SETS][2];
};

static struct place *places(struct kzt_configured *c, u64 address, u64 nwid)
{
	return c->set[hash_64(nwid ^ hash_64(address, 64), SETS_BITS)];
}

static struct kzt_configured *table_get(struct kzt_node *node)
{
	struct kzt_configured *c = READ_ONCE(node->configured), *old;

	if (c)
		return c;
	c = kvzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return NULL;
	spin_lock_init(&c->lock);
	old = cmpxchg(&node->configured, NULL, c);
	if (!old)
		return c;
	kvfree(c);
	return old;
}

static void note(struct kzt_configured *c, u64 address, u64 nwid)
{
	struct place *p = places(c, address, nwid), *to = p;
	u64 until = kzt_now_ms() + CONFIGURED_MS;

	spin_lock_bh(&c->lock);
	if (p[1].until < p[0].until)
		to = &p[1];
	if (p[0].nwid == nwid && p[0].address == address)
		to = &p[0];
	else if (p[1].nwid == nwid && p[1].address == address)
		to = &p[1];
	*to = (struct place){ nwid, address, until };
	spin_unlock_bh(&c->lock);
}

/**
 * kzt_configured_note() - look at what the agent has sent to a member
 * @node: node
 * @address: member
 * @verb: of the packet
 * @payload: behind the verb
 * @len: its bytes
 *
 * Context: process.
 */
void kzt_configured_note(struct kzt_node *node, u64 address, u8 verb,
			 const u8 *payload, size_t len)
{
	struct kzt_cur c = kzt_cur(payload, len);
	struct kzt_configured *table;
	u64 nwid;

	if (verb == KZT_VERB_OK) {
		if (kzt_cur_u8(&c) != KZT_VERB_NETWORK_CONFIG_REQUEST)
			return;
		kzt_cur_skip(&c, 8);
	} else if (verb != KZT_VERB_NETWORK_CONFIG) {
		return;
	}
	nwid = kzt_cur_u64(&c);
	/* Chunks of others' networks are only handed on */
	if (c.bad || nwid >> 24 != READ_ONCE(node->self_address))
		return;
	table = table_get(node);
	if (table)
		note(table, address, nwid);
}

/**
 * kzt_configured() - has this member a configuration of ours?
 * @node: node
 * @address: member
 * @nwid: network
 *
 * Context: process or BH.
 * Return: whether it got one within the last three minutes.
 */
bool kzt_configured(struct kzt_node *node, u64 address, u64 nwid)
{
	struct kzt_configured *c = READ_ONCE(node->configured);
	u64 now = kzt_now_ms();
	bool found = false;
	struct place *p;
	int i;

	if (!c)
		return false;
	p = places(c, address, nwid);
	spin_lock_bh(&c->lock);
	for (i = 0; i < 2; i++)
		found |= p[i].nwid == nwid && p[i].address == address &&
			 p[i].until > now;
	spin_unlock_bh(&c->lock);
	return found;
}

/**
 * kzt_configured_free() - the node goes
 * @node: node; nobody uses it any more
 */
void kzt_configured_free(struct kzt_node *node)
{
	kvfree(node->configured);
	node->configured = NULL;
}
