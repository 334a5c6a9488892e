// SPDX-License-Identifier: GPL-2.0
/*
 * Identities that are not known yet.
 *
 * A stranger costs a key agreement here and a memory-hard hash in the agent, so
 * both are rationed: by source network and for the node before anything is
 * queued, by the number that wait for the agent, and not at all for an identity
 * that was refused lately.
 */
#include <linux/slab.h>
#include "hello.h"
#include "netlink.h"
#include "node.h"
#include "peer.h"
#include "proto/address.h"
#include "verb.h"

#define GATE_SLOTS		16384	/* spec 3, 3.2.5: 14 bits */
#define SOURCE_INTERVAL_MS	1000	/* one stranger a second and source net */
#define SOURCE_BURST		4
#define NODE_INTERVAL_MS	50
#define NODE_BURST		64
#define PENDING_MAX		64
#define PENDING_MS		10000
#define REFUSED_BITS		8

struct stranger {
	u64 cookie;		/* 0: free */
	u64 since;
	struct kzt_identity id;
	bool hello;		/* @got is filled, an answer is due */
	struct kzt_hello_got got;
};

struct kzt_hello_state {
	spinlock_t gate_lock;	/* BH: gate, node_gate */
	u32 node_gate;
	u32 gate[GATE_SLOTS];
	struct mutex lock;	/* the rest */
	siphash_key_t key;
	u64 refused[1 << REFUSED_BITS];
	struct stranger pending[PENDING_MAX];
};

/**
 * kzt_hello_init() - make a node's gate and waiting list
 * @node: owner
 *
 * Return: 0 or -ENOMEM.
 */
int kzt_hello_init(struct kzt_node *node)
{
	struct kzt_hello_state *s = kvzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return -ENOMEM;
	spin_lock_init(&s->gate_lock);
	mutex_init(&s->lock);
	get_random_bytes(&s->key, sizeof(s->key));
	node->hello = s;
	return 0;
}

/**
 * kzt_hello_free() - undo kzt_hello_init()
 * @node: owner
 */
void kzt_hello_free(struct kzt_node *node)
{
	kvfree(node->hello);
	node->hello = NULL;
}

/* A token bucket in one number: when the bucket would be full again, in ms */
static bool bucket_ready(u32 full_at, u32 now, u32 interval, u32 burst)
{
	return (s32)(full_at - now) <= (s32)(interval * (burst - 1));
}

static void bucket_take(u32 *full_at, u32 now, u32 interval, u32 burst)
{
	s32 ahead = *full_at - now;

	/* A slot not used for weeks may seem to lie ahead: start it anew */
	if (ahead < 0 || ahead > (s32)(interval * burst))
		*full_at = now;
	*full_at += interval;
}

/**
 * kzt_stranger_gate() - may a stranger cost a key agreement
 * @node: receiver
 * @from: where it is
 *
 * Implements: spec 1, 10.4 "Identity gate"; spec 3, 3.14.
 * Context: any but hard interrupts.
 * Return: true if so; then it is charged for.
 */
bool kzt_stranger_gate(struct kzt_node *node, const struct kzt_endpoint *from)
{
	struct kzt_hello_state *s = node->hello;
	u32 now = kzt_now_ms(), *gate;
	struct kzt_inetaddr a;
	bool pass;

	kzt_endpoint_to_inetaddr(from, &a);
	gate = &s->gate[kzt_inetaddr_gate_hash(&a) & (GATE_SLOTS - 1)];
	spin_lock_bh(&s->gate_lock);
	pass = bucket_ready(*gate, now, SOURCE_INTERVAL_MS, SOURCE_BURST) &&
	       bucket_ready(s->node_gate, now, NODE_INTERVAL_MS, NODE_BURST);
	if (pass) {
		bucket_take(gate, now, SOURCE_INTERVAL_MS, SOURCE_BURST);
		bucket_take(&s->node_gate, now, NODE_INTERVAL_MS, NODE_BURST);
	}
	spin_unlock_bh(&s->gate_lock);
	return pass;
}

/**
 * kzt_hello_admit() - may this HELLO take up our time
 * @node: receiver
 * @from: where it came from
 * @src: address that it claims
 *
 * One in the name of a peer is cheap to check and passes, as long as half of
 * the queue is left for packets that are authentic.  If its identity turns out
 * to be another, it has to pass the gate after all.
 *
 * Context: BH off, RCU.  Counts the drop.
 * Return: true if it may be queued.
 */
bool kzt_hello_admit(struct kzt_node *node, const struct kzt_endpoint *from,
		     u64 src)
{
	if (skb_queue_len_lockless(&node->control) < KZT_CONTROL_QUEUE_MAX / 2 &&
	    (kzt_peer_lookup_rcu(node, src) || kzt_stranger_gate(node, from)))
		return true;
	kzt_drop_count(node, KZT_DROP_HELLO_LIMIT);
	return false;
}

static u64 identity_hash(const struct kzt_hello_state *s,
			 const struct kzt_identity *id)
{
	return siphash(id->pub, sizeof(id->pub), &s->key) ^ id->address;
}

static struct stranger *stranger_find(struct kzt_hello_state *s,
				      const struct kzt_identity *id)
{
	unsigned int i;

	for (i = 0; i < PENDING_MAX; i++)
		if (s->pending[i].cookie &&
		    kzt_identity_equal(&s->pending[i].id, id))
			return &s->pending[i];
	return NULL;
}

/**
 * kzt_stranger_admit() - is this identity worth a key agreement
 * @node: receiver
 * @id: identity
 *
 * Context: process.
 * Return: KZT_DROP_NONE, or why not.
 */
enum kzt_drop kzt_stranger_admit(struct kzt_node *node,
				 const struct kzt_identity *id)
{
	struct kzt_hello_state *s = node->hello;
	u64 hash = identity_hash(s, id);
	bool refused;

	if (!READ_ONCE(node->agent_portid))
		return KZT_DROP_HELLO_NO_AGENT;
	if (atomic_read(&node->n_peers) >= KZT_PEERS_MAX)
		return KZT_DROP_PEER_LIMIT;
	mutex_lock(&s->lock);
	refused = s->refused[hash & ((1 << REFUSED_BITS) - 1)] == hash;
	mutex_unlock(&s->lock);
	return refused ? KZT_DROP_HELLO_REFUSED : KZT_DROP_NONE;
}

/**
 * kzt_stranger_ask() - let the agent validate an identity
 * @node: receiver
 * @id: identity
 * @got: its authentic HELLO, or NULL if it came by WHOIS
 *
 * Context: process.  Counts the drop if it cannot wait.
 */
void kzt_stranger_ask(struct kzt_node *node, const struct kzt_identity *id,
		      const struct kzt_hello_got *got)
{
	struct kzt_hello_state *s = node->hello;
	struct stranger *str;
	u64 cookie = 0;
	unsigned int i;

	mutex_lock(&s->lock);
	str = stranger_find(s, id);
	if (str) {	/* asked already: answer the newest HELLO */
		if (got) {
			str->got = *got;
			str->hello = true;
		}
		goto out;
	}
	for (i = 0; i < PENDING_MAX && !str; i++)
		if (!s->pending[i].cookie)
			str = &s->pending[i];
	if (!str) {
		kzt_drop_count(node, KZT_DROP_HELLO_LIMIT);
		goto out;
	}
	do {
		cookie = get_random_u64();
	} while (!cookie);
	str->cookie = cookie;
	str->since = kzt_now_ms();
	str->id = *id;
	str->hello = got;
	if (got)
		str->got = *got;
	kzt_mib_inc(node, IDENTITY_CHECKS);
	if (kzt_upcall_identity(node, id, cookie)) {
		str->cookie = 0;
		kzt_drop_count(node, KZT_DROP_HELLO_NO_AGENT);
	}
out:
	mutex_unlock(&s->lock);
}

/**
 * kzt_identity_check() - an identity came by WHOIS
 * @node: node
 * @id: identity, not a peer's
 *
 * Context: process.
 */
void kzt_identity_check(struct kzt_node *node, const struct kzt_identity *id)
{
	enum kzt_drop reason = kzt_stranger_admit(node, id);

	if (reason == KZT_DROP_NONE)
		kzt_stranger_ask(node, id, NULL);
	else
		kzt_drop_count(node, reason);
}

/* Why kzt_peer_create_locked() did not take it */
static enum kzt_drop stranger_reason(int err)
{
	switch (err) {
	case -ENOSPC:
		return KZT_DROP_PEER_LIMIT;
	case -EKEYREJECTED:
		return KZT_DROP_WEAK_KEY;
	case -ENOMEM:
		return KZT_DROP_NOMEM;
	default:	/* someone else was faster, or the node is down */
		return KZT_DROP_UNKNOWN_PEER;
	}
}

static void stranger_accept(struct kzt_node *node, const struct stranger *str)
{
	struct kzt_peer *peer;

	mutex_lock(&node->config_lock);
	peer = kzt_peer_create_locked(node, &str->id);
	mutex_unlock(&node->config_lock);
	if (IS_ERR(peer)) {
		kzt_drop_count(node, stranger_reason(PTR_ERR(peer)));
		return;
	}
	if (str->hello)
		kzt_hello_finish(peer, &str->got);
	kzt_whois_arrived(node, peer);
	kzt_peer_put(peer);
}

/**
 * kzt_hello_verdict() - the agent's word on an identity
 * @node: node
 * @id: identity
 * @cookie: of the question
 * @valid: whether its address follows from its key
 *
 * Implements: spec 1, 10.4 step 4 "unknown"; spec 2, 2.6.
 * Context: process.
 */
void kzt_hello_verdict(struct kzt_node *node, const struct kzt_identity *id,
		       u64 cookie, bool valid)
{
	struct kzt_hello_state *s = node->hello;
	struct stranger *str, *copy;
	u64 hash;

	/* Before the tables there are no questions; pairs with node.c */
	if (!smp_load_acquire(&node->ready))
		return;
	copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	if (!copy)
		return;
	copy->cookie = 0;
	mutex_lock(&s->lock);
	str = stranger_find(s, id);
	if (str && str->cookie == cookie) {
		*copy = *str;
		str->cookie = 0;
		hash = identity_hash(s, id);
		if (!valid)
			s->refused[hash & ((1 << REFUSED_BITS) - 1)] = hash;
	}
	mutex_unlock(&s->lock);
	if (copy->cookie && valid)
		stranger_accept(node, copy);
	else if (copy->cookie)
		kzt_drop_count(node, KZT_DROP_HELLO_REFUSED);
	kfree(copy);
}

/**
 * kzt_hello_sweep() - forget questions that were not answered
 * @node: node
 * @now: kzt_now_ms()
 *
 * Context: process.
 */
void kzt_hello_sweep(struct kzt_node *node, u64 now)
{
	struct kzt_hello_state *s = node->hello;
	unsigned int i;

	mutex_lock(&s->lock);
	for (i = 0; i < PENDING_MAX; i++)
		if (s->pending[i].cookie &&
		    kzt_age_ms(now, s->pending[i].since) > PENDING_MS)
			s->pending[i].cookie = 0;
	mutex_unlock(&s->lock);
}
