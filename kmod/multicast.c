// SPDX-License-Identifier: GPL-2.0
/* Multicast: the verbs, and frames on their way to process context (spec 4.11). */
#include <linux/slab.h>
#include "configured.h"
#include "frame.h"
#include "gate.h"
#include "group.h"
#include "netlink.h"
#include "peer.h"
#include "send.h"
#include "verb.h"

#define TXQ_MAX			256
/* Members named in an answer: as a packet holds, or few where nobody asked */
#define ANSWER_MAX		((KZT_MAX_PAYLOAD - KZT_OK_HDR_LEN - 25) / KZT_ADDR_LEN)
#define ANSWER_IMPLICIT_MAX	256
/* A certificate that comes with a question is looked at so often, as others are */
#define COM_OFFER_MS		1000

/* --- frames -------------------------------------------------------------------- */

/**
 * kzt_multicast_kick() - look at a network's groups soon
 * @nw: network
 * @bit: why
 *
 * Context: any.
 */
void kzt_multicast_kick(struct kzt_network *nw, enum kzt_network_bit bit)
{
	struct kzt_node *node = nw->node;

	set_bit(bit, &nw->bits);
	if (smp_load_acquire(&node->ready))
		queue_work(node->control_wq, &node->multicast->work);
}

/**
 * kzt_multicast_bridged() - who is behind this bridge sends to a group
 * @nw: network
 * @mac: group address
 * @adi: additional distinguisher
 *
 * Implements: spec 4.11.3 step 4.  Rules that keep such a frame here, a report of
 * IGMP perhaps, need not keep away what comes for the group: it counts all the same.
 *
 * Context: BH off, RCU.
 */
void kzt_multicast_bridged(struct kzt_network *nw, const u8 *mac, u32 adi)
{
	struct kzt_mc_key key = kzt_mc_key(nw->id, mac, adi);
	struct kzt_multicast *mc = nw->node->multicast;
	u64 now = kzt_now_ms();
	struct kzt_group *g;
	bool is_new = false;

	spin_lock_bh(&mc->lock);
	g = kzt_group_get_locked(mc, &key, false);
	if (g) {
		is_new = !kzt_group_is_own(g, now);
		g->fresh |= is_new;
		g->bridged = now;
	}
	spin_unlock_bh(&mc->lock);
	if (is_new)
		queue_work(nw->node->control_wq, &mc->work);
}

/**
 * kzt_multicast_send() - distribute a multicast frame
 * @nw: network
 * @skb: linear, data at the Ethernet header; consumed
 * @adi: additional distinguisher of the group
 * @origin: who asked for replication, or 0
 *
 * Implements: spec 4.11.3 step 6.  The rest happens in process context.
 *
 * Context: BH off, RCU; the node has an identity.
 */
void kzt_multicast_send(struct kzt_network *nw, struct sk_buff *skb, u32 adi,
			u64 origin)
{
	struct kzt_node *node = nw->node;
	struct kzt_multicast *mc = node->multicast;
	struct kzt_mc_cb *cb = kzt_mc_cb(skb);
	u32 hash = skb_get_hash(skb);
	struct kzt_eth eth;

	if (skb_queue_len_lockless(&mc->txq) >= TXQ_MAX) {
		kzt_tx_drop(nw, skb, KZT_DROP_QUEUE_FULL);
		return;
	}
	kzt_eth_view(&eth, skb);
	skb_orphan(skb);	/* it may wait for 5 s */
	skb_dst_drop(skb);
	skb->dev = NULL;
	memset(cb, 0, sizeof(*cb));
	cb->nwid = nw->id;
	cb->origin = origin;
	cb->adi = adi;
	cb->hash = hash;
	cb->tos = kzt_eth_tos(&eth);
	skb_queue_tail(&mc->txq, skb);
	queue_work(node->control_wq, &mc->work);
}

static void multicast_work(struct work_struct *work)
{
	struct kzt_multicast *mc = container_of(work, struct kzt_multicast,
						work);
	struct sk_buff *skb;

	if (!READ_ONCE(mc->node->self_address)) {
		while ((skb = skb_dequeue(&mc->txq)))
			kzt_drop_skb(mc->node, skb, KZT_DROP_NO_KEYS);
		return;
	}
	kzt_announce_work(mc);
	while ((skb = skb_dequeue(&mc->txq)))
		kzt_distribute(mc, skb);
}

/* --- who may ------------------------------------------------------------------- */

/* Spec 4.11.2 "allowed"; @gate: whether the network's own gate let it pass */
static bool multicast_allowed(struct kzt_rx *rx, u64 nwid, bool *gate)
{
	struct kzt_network *nw;

	rcu_read_lock_bh();
	rcu_read_lock();
	nw = kzt_network_lookup_rcu(rx->node, nwid);
	*gate = nw && kzt_member_gate(nw, rcu_dereference(nw->conf), rx->peer,
				      false);
	rcu_read_unlock();
	rcu_read_unlock_bh();
	return *gate || READ_ONCE(rx->node->am_upstream) ||
	       kzt_configured(rx->node, rx->peer->address, nwid);
}

static bool multicast_joined(struct kzt_node *node, u64 nwid)
{
	bool joined;

	rcu_read_lock();
	joined = kzt_network_lookup_rcu(node, nwid);
	rcu_read_unlock();
	return joined;
}

/* A node is in a group; those of its frames that wait get sent */
static void multicast_learn(struct kzt_multicast *mc,
			    const struct kzt_mc_key *key, u64 address)
{
	struct kzt_group *g;
	int is_new = -ENOSPC;

	if (!kzt_addr_valid(address) ||
	    address == READ_ONCE(mc->node->self_address))
		return;
	spin_lock_bh(&mc->lock);
	g = kzt_group_find_locked(mc, key);
	/* Who has used up its share makes no empty groups, either */
	if (!g && kzt_mc_has_room_locked(mc, key->nwid, address))
		g = kzt_group_get_locked(mc, key, false);
	if (g)
		is_new = kzt_group_add_locked(mc, g, address, kzt_now_ms());
	spin_unlock_bh(&mc->lock);
	if (is_new < 0)
		kzt_drop_count(mc->node, KZT_DROP_PEER_LIMIT);
	else if (is_new)
		kzt_distribute_learned(mc, g, address);
}

static void multicast_learn_result(struct kzt_node *node, u64 nwid,
				   const u8 *mac, u32 adi,
				   const struct kzt_gather_result *res)
{
	struct kzt_mc_key key = kzt_mc_key(nwid, mac, adi);
	unsigned int i;

	if (!kzt_mac_is_group(mac))
		return;
	for (i = 0; i < res->n; i++)
		multicast_learn(node->multicast, &key, kzt_gather_addr(res, i));
}

/* --- LIKE ---------------------------------------------------------------------- */

/**
 * kzt_multicast_like() - MULTICAST_LIKE: a peer tells its groups
 * @rx: packet
 *
 * Implements: spec 1, 10.12; spec 4.11.2.
 * Return: what follows.
 */
enum kzt_rx_result kzt_multicast_like(struct kzt_rx *rx)
{
	struct kzt_cur c = kzt_packet_payload(rx->pkt, rx->len);
	bool known = false, allowed = false, gate;
	struct kzt_mc_key key;
	struct kzt_like like;
	u64 nwid = 0;
	int ret;

	while ((ret = kzt_like_next(&c, &like)) > 0) {
		if (!known || like.nwid != nwid) {
			nwid = like.nwid;
			allowed = multicast_allowed(rx, nwid, &gate);
			known = true;
		}
		if (!allowed || !kzt_mac_is_group(like.mac))
			continue;
		key = kzt_mc_key(nwid, like.mac, like.adi);
		multicast_learn(rx->node->multicast, &key, rx->peer->address);
	}
	if (ret < 0) {
		kzt_drop_count(rx->node, KZT_DROP_MALFORMED);
		return KZT_RX_STOP;
	}
	return KZT_RX_RECEIVED;
}

/**
 * kzt_multicast_unwanted() - ERROR "unwanted multicast": a peer leaves a group
 * @rx: packet
 * @nwid: network
 * @mac: group address
 * @adi: additional distinguisher
 *
 * Implements: spec 4.11.5.
 */
void kzt_multicast_unwanted(struct kzt_rx *rx, u64 nwid, const u8 *mac,
			    u32 adi)
{
	struct kzt_mc_key key = kzt_mc_key(nwid, mac, adi);
	struct kzt_multicast *mc = rx->node->multicast;
	struct kzt_group *g;
	bool gate;

	multicast_allowed(rx, nwid, &gate);
	if (!gate)
		return;
	spin_lock_bh(&mc->lock);
	g = kzt_group_find_locked(mc, &key);
	if (g)
		kzt_group_del_locked(mc, g, rx->peer->address);
	spin_unlock_bh(&mc->lock);
}

/* --- GATHER -------------------------------------------------------------------- */

/**
 * struct mc_answer - members to be named to a peer
 * @key: group
 * @own: this node is in it
 * @total: members known, this node and the asker included
 * @n: how many in @member
 * @member: at random, without the asker; kfree()
 */
struct mc_answer {
	struct kzt_mc_key key;
	bool own;
	u32 total;
	unsigned int n;
	u64 *member;
};

static bool answer_collect(struct kzt_multicast *mc, struct mc_answer *a,
			   u64 asker, u32 limit)
{
	unsigned int i, n, room = 0;
	struct kzt_group *g;
	u64 now = kzt_now_ms();

	spin_lock_bh(&mc->lock);
	g = kzt_group_find_locked(mc, &a->key);
	if (g)
		room = min_t(unsigned int, g->n, limit + 1);	/* the asker */
	spin_unlock_bh(&mc->lock);
	if (!g)
		return false;
	a->member = kmalloc_array(room + 1, sizeof(u64), GFP_ATOMIC);
	if (!a->member)
		return false;
	/* It may be gone by now, or smaller */
	spin_lock_bh(&mc->lock);
	g = kzt_group_find_locked(mc, &a->key);
	n = g ? kzt_group_pick_locked(g, a->member, room) : 0;
	a->own = g && kzt_group_is_own(g, now);
	a->total = g ? g->n + a->own : 0;
	spin_unlock_bh(&mc->lock);
	for (i = 0, a->n = 0; i < n; i++)
		if (a->member[i] != asker)
			a->member[a->n++] = a->member[i];
	return a->own || a->n;
}

static void answer_put(struct kzt_node *node, const struct mc_answer *a,
		       struct kzt_wcur *wc, u32 limit)
{
	u8 *count = kzt_gather_result_start(wc, a->total);
	unsigned int i;

	if (a->own && limit--)
		kzt_gather_result_add(wc, count, READ_ONCE(node->self_address));
	for (i = 0; i < a->n && limit; i++, limit--)
		if (!kzt_gather_result_add(wc, count, a->member[i]))
			break;
}

static void multicast_answer(struct kzt_peer *peer, u8 verb, u64 in_re_id,
			     const struct kzt_mc_key *key, u32 limit)
{
	struct kzt_node *node = peer->node;
	struct mc_answer a = { .key = *key };
	struct kzt_wcur wc;
	struct sk_buff *skb;

	if (!answer_collect(node->multicast, &a, peer->address, limit))
		goto out;
	skb = kzt_msg_new_ok(node, peer->address, verb, in_re_id,
			     25 + (a.n + 1) * KZT_ADDR_LEN, &wc);
	if (!skb)
		goto out;
	if (verb == KZT_VERB_MULTICAST_GATHER)
		kzt_ok_gather_put(&wc, key->nwid, key->mac, key->adi);
	else
		kzt_ok_mcast_frame_put(&wc, key->nwid, key->mac, key->adi,
				       KZT_OK_MCAST_GATHER);
	answer_put(node, &a, &wc, limit);
	kzt_msg_send(peer, skb, &wc, false);
out:
	kfree(a.member);
}

/*
 * The certificate of who may not ask yet: to the agent, as if it had been pushed.
 * This question is not answered, the next one is.
 */
static void gather_offer(const struct kzt_rx *rx, const struct kzt_gather *g)
{
	struct kzt_rx offer = *rx;

	if (!multicast_joined(rx->node, g->nwid) ||
	    !kzt_gate(&rx->peer->com_offered, rx->now, COM_OFFER_MS))
		return;
	offer.verb = KZT_VERB_NETWORK_CREDENTIALS;
	offer.body = g->com;
	offer.body_len = g->com_len;
	if (kzt_upcall_packet(&offer))
		kzt_drop_count(rx->node, KZT_DROP_NO_AGENT);
}

/**
 * kzt_multicast_gather() - MULTICAST_GATHER: a peer asks for members
 * @rx: packet
 *
 * Implements: spec 1, 10.16; spec 4.11.7.
 * Return: what follows.
 */
enum kzt_rx_result kzt_multicast_gather(struct kzt_rx *rx)
{
	struct kzt_gather g;
	struct kzt_mc_key key;
	bool gate, allowed;

	if (kzt_gather_parse(rx->pkt, rx->len, &g)) {
		kzt_drop_count(rx->node, KZT_DROP_MALFORMED);
		return KZT_RX_STOP;
	}
	allowed = multicast_allowed(rx, g.nwid, &gate);
	if (g.com && !gate)
		gather_offer(rx, &g);
	if (allowed && g.limit) {
		key = kzt_mc_key(g.nwid, g.mac, g.adi);
		multicast_answer(rx->peer, KZT_VERB_MULTICAST_GATHER, rx->id,
				 &key, min_t(u32, g.limit, ANSWER_MAX));
	}
	return gate ? KZT_RX_TRUSTED : KZT_RX_RECEIVED;
}

/**
 * kzt_multicast_answer() - a MULTICAST_FRAME asked for members, too
 * @peer: sender
 * @nwid: network, whose gate let it pass
 * @mac: group address
 * @adi: additional distinguisher
 * @limit: how many
 * @in_re_id: wire id of the frame
 *
 * Implements: spec 4.11.5 step 4.
 * Context: BH off, RCU.
 */
void kzt_multicast_answer(struct kzt_peer *peer, u64 nwid,
			  const u8 mac[ETH_ALEN], u32 adi, u32 limit,
			  u64 in_re_id)
{
	struct kzt_mc_key key = kzt_mc_key(nwid, mac, adi);

	multicast_answer(peer, KZT_VERB_MULTICAST_FRAME, in_re_id, &key,
			 min_t(u32, limit, ANSWER_IMPLICIT_MAX));
}

/**
 * kzt_multicast_gather_ok() - OK(MULTICAST_GATHER): members of a group
 * @rx: packet, whose in-re id was expected
 * @body: behind the header of OK
 * @len: its bytes
 *
 * Implements: spec 1, 10.16; spec 4.11.7.
 * Return: what follows.
 */
enum kzt_rx_result kzt_multicast_gather_ok(struct kzt_rx *rx, const u8 *body,
					   size_t len)
{
	struct kzt_ok_gather g;

	if (kzt_ok_gather_parse(body, len, &g)) {
		kzt_drop_count(rx->node, KZT_DROP_MALFORMED);
		return KZT_RX_STOP;
	}
	if (multicast_joined(rx->node, g.nwid))
		multicast_learn_result(rx->node, g.nwid, g.mac, g.adi, &g.res);
	return KZT_RX_RECEIVED;
}

/**
 * kzt_multicast_frame_ok() - OK(MULTICAST_FRAME): implicit members of a group
 * @rx: packet, whose in-re id was expected
 * @body: behind the header of OK
 * @len: its bytes
 *
 * Implements: spec 1, 10.16; spec 4.11.5.
 * Return: what follows.
 */
enum kzt_rx_result kzt_multicast_frame_ok(struct kzt_rx *rx, const u8 *body,
					  size_t len)
{
	struct kzt_ok_mcast_frame f;

	if (kzt_ok_mcast_frame_parse(body, len, &f)) {
		kzt_drop_count(rx->node, KZT_DROP_MALFORMED);
		return KZT_RX_STOP;
	}
	if (f.has_res && multicast_joined(rx->node, f.nwid))
		multicast_learn_result(rx->node, f.nwid, f.mac, f.adi, &f.res);
	return KZT_RX_RECEIVED;
}

/* --- life ---------------------------------------------------------------------- */

/**
 * kzt_multicast_init() - make a node's multicast state
 * @node: owner
 *
 * Return: 0 or a negative errno.
 */
int kzt_multicast_init(struct kzt_node *node)
{
	struct kzt_multicast *mc = kvzalloc(sizeof(*mc), GFP_KERNEL);
	int err;

	if (!mc)
		return -ENOMEM;
	mc->node = node;
	skb_queue_head_init(&mc->txq);
	INIT_LIST_HEAD(&mc->frames);
	INIT_WORK(&mc->work, multicast_work);
	err = kzt_mc_tables_init(mc);
	if (err) {
		kvfree(mc);
		return err;
	}
	node->multicast = mc;
	return 0;
}

/**
 * kzt_multicast_free() - undo kzt_multicast_init()
 * @node: owner; its networks are gone, and so is its control_wq
 */
void kzt_multicast_free(struct kzt_node *node)
{
	struct kzt_multicast *mc = node->multicast;

	if (!mc)
		return;
	skb_queue_purge(&mc->txq);
	kzt_distribute_expire(mc, U64_MAX);
	kzt_mc_tables_free(mc);
	node->multicast = NULL;
	kvfree(mc);
}
