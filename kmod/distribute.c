// SPDX-License-Identifier: GPL-2.0
/* Sending multicast frames to the members of their group (spec 4.11.4). */
#include <linux/random.h>
#include <linux/slab.h>
#include "frame.h"
#include "gate.h"
#include "group.h"
#include "object.h"
#include "peer.h"
#include "send.h"
#include "verb.h"

#define FRAME_WAIT_MS		5000
#define FRAMES_PER_GROUP	32
#define FRAMES_PER_NODE		256
#define GATHER_TARGETS		16
/*
 * Members named in reply are taken from some copies of a frame now and then:
 * the table of awaited replies is for more important ones, too.
 */
#define EXPECT_COPIES		16
#define EXPECT_MS		1000
/* A group without any member is asked for again so soon, not at each frame */
#define GATHER_EMPTY_MS		500

/**
 * struct mc_frame - a frame that waits for more members of its group
 * @list: in multicast->frames
 * @group_list: in group->frames
 * @group: receivers; it stays while frames wait
 * @skb: Ethernet frame with struct kzt_mc_cb
 * @expires: kzt_now_ms()
 * @limit: receivers at most
 * @gather: gather limit in the copies
 * @n_done: receivers so far, with the origin
 * @room: in @done
 * @done: their addresses
 */
struct mc_frame {
	struct list_head list;
	struct list_head group_list;
	struct kzt_group *group;
	struct sk_buff *skb;
	u64 expires;
	u32 limit;
	u32 gather;
	unsigned int n_done;
	unsigned int room;
	u64 *done;
};

/**
 * struct mc_plan - what of the configuration is needed once RCU is left
 * @self: address of this node
 * @replicator: who sends it to all others, or 0
 * @limit: receivers at most
 * @n_bridges: active bridges
 * @n_contacts: nodes that are asked for members
 * @contact: those, behind the bridges
 * @bridge: in ascending order
 */
struct mc_plan {
	u64 self;
	u64 replicator;
	u32 limit;
	unsigned int n_bridges;
	unsigned int n_contacts;
	u64 *contact;
	u64 bridge[];
};

/* --- copies ------------------------------------------------------------------ */

static struct sk_buff *copy_compose(const struct kzt_network *nw,
				    const struct kzt_eth *eth, u32 adi,
				    u64 self, u64 to, u32 gather,
				    bool replicate)
{
	struct kzt_mcast_frame f = {
		.nwid = nw->id,
		.flags = replicate ? KZT_MCAST_REPLICATE : 0,
		.gather_limit = gather,
		.dst = eth->dst,
		.adi = adi,
		.ethertype = eth->type,
	};
	struct kzt_wcur wc;
	struct sk_buff *skb;

	if (replicate || !kzt_mac_equal(eth->src, nw->mac))
		f.src = eth->src;
	skb = alloc_skb(KZT_SKB_HEADROOM + KZT_MCAST_OVERHEAD + eth->len,
			GFP_ATOMIC);
	if (!skb)
		return NULL;
	skb_reserve(skb, KZT_SKB_HEADROOM);
	wc = kzt_packet_start(skb->data, KZT_MCAST_OVERHEAD, 0, to, self,
			      KZT_VERB_MULTICAST_FRAME);
	kzt_mcast_frame_put(&wc, &f);
	skb_put(skb, kzt_wcur_len(&wc));
	skb_put_data(skb, eth->body, eth->len);
	if (skb->len > KZT_MAX_PACKET) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

/* One copy to one receiver, if the rules let it */
static void copy_send(struct kzt_node *node, struct sk_buff *frame, u64 to,
		      u32 gather, bool replicate, bool expect)
{
	struct kzt_mc_cb *cb = kzt_mc_cb(frame);
	u64 self = READ_ONCE(node->self_address);
	struct kzt_netconf *conf;
	struct kzt_network *nw;
	struct kzt_peer *peer;
	struct kzt_eth eth;
	struct sk_buff *skb;

	rcu_read_lock_bh();
	rcu_read_lock();
	nw = kzt_network_lookup_rcu(node, cb->nwid);
	conf = nw ? rcu_dereference(nw->conf) : NULL;
	if (!conf || !self)
		goto out;
	kzt_eth_view(&eth, frame);
	if (kzt_member_is_out(nw, conf, to) ||
	    !kzt_police_out(nw, conf, &eth, to, false))
		goto out;
	kzt_push_before(nw, conf, to);
	skb = copy_compose(nw, &eth, cb->adi, self, to, gather, replicate);
	if (!skb) {
		kzt_drop_count(node, KZT_DROP_NOMEM);
		goto out;
	}
	KZT_CB(skb)->hash = cb->hash;
	KZT_CB(skb)->tos = cb->tos;
	KZT_CB(skb)->flags = expect ? KZT_CB_EXPECT : 0;
	peer = kzt_peer_lookup_rcu(node, to);
	if (peer)
		kzt_send_data(peer, skb);
	else
		kzt_send_pending(node, to, skb);
out:
	rcu_read_unlock();
	rcu_read_unlock_bh();
}

/* --- waiting frames ------------------------------------------------------------ */

static void mc_frame_free(struct kzt_multicast *mc, struct mc_frame *f)
{
	list_del(&f->list);
	list_del(&f->group_list);
	mc->n_frames--;
	f->group->n_frames--;
	consume_skb(f->skb);
	kvfree(f->done);
	kfree(f);
	kzt_gone(MC_FRAME);
}

static bool mc_frame_note(struct mc_frame *f, u64 address)
{
	unsigned int room;
	u64 *done;

	if (f->n_done == f->room) {
		room = max(16U, 2 * f->room);
		done = kvmalloc_array(room, sizeof(*done), GFP_KERNEL);
		if (!done)
			return false;
		memcpy(done, f->done, f->n_done * sizeof(*done));
		kvfree(f->done);
		f->done = done;
		f->room = room;
	}
	f->done[f->n_done++] = address;
	return true;
}

/* Oldest first out, of the group and of the node; @f owns the skb in any case */
static struct mc_frame *mc_frame_new(struct kzt_multicast *mc,
				     struct kzt_group *g, struct sk_buff *skb,
				     const struct mc_plan *plan, u32 gather)
{
	struct mc_frame *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return NULL;
	if (g->n_frames >= FRAMES_PER_GROUP)
		mc_frame_free(mc, list_first_entry(&g->frames, struct mc_frame,
						   group_list));
	if (mc->n_frames >= FRAMES_PER_NODE)
		mc_frame_free(mc, list_first_entry(&mc->frames, struct mc_frame,
						   list));
	f->group = g;
	f->skb = skb;
	f->expires = kzt_now_ms() + FRAME_WAIT_MS;
	f->limit = plan->limit;
	f->gather = gather;
	list_add_tail(&f->list, &mc->frames);
	list_add_tail(&f->group_list, &g->frames);
	mc->n_frames++;
	g->n_frames++;
	kzt_born(MC_FRAME);
	return f;
}

/**
 * kzt_distribute_learned() - a node is new in a group: frames wait for it
 * @mc: multicast
 * @g: group
 * @address: of the node
 *
 * Implements: spec 4.11.4 step 4c.
 * Context: process, on node->control_wq, without locks.
 */
void kzt_distribute_learned(struct kzt_multicast *mc, struct kzt_group *g,
			    u64 address)
{
	u64 now = kzt_now_ms();
	struct mc_frame *f;

	list_for_each_entry(f, &g->frames, group_list) {
		if (now >= f->expires || f->n_done >= f->limit ||
		    kzt_netconf_lists(f->done, f->n_done, address))
			continue;
		if (mc_frame_note(f, address))
			copy_send(mc->node, f->skb, address, f->gather, false,
				  false);
	}
}

/**
 * kzt_distribute_expire() - drop what has waited long enough
 * @mc: multicast
 * @now: kzt_now_ms(), or U64_MAX for all
 *
 * Context: process, on node->control_wq or without it.
 */
void kzt_distribute_expire(struct kzt_multicast *mc, u64 now)
{
	struct mc_frame *f, *next;

	list_for_each_entry_safe(f, next, &mc->frames, list) {
		if (now < f->expires)
			break;
		mc_frame_free(mc, f);
	}
}

/* --- asking for members ------------------------------------------------------- */

/* Own credentials on a network, RCU; NULL if it needs none */
static const struct kzt_credset *own_creds_rcu(struct kzt_node *node, u64 nwid)
{
	struct kzt_network *nw = kzt_network_lookup_rcu(node, nwid);
	const struct kzt_netconf *conf = nw ? rcu_dereference(nw->conf) : NULL;

	return conf ? conf->own : NULL;
}

/* With the certificate of membership: who is asked may not know us (spec 4.11.7) */
static bool gather_send(struct kzt_node *node, u64 to,
			const struct kzt_mc_key *key, u32 limit)
{
	const struct kzt_credset *own;
	struct kzt_peer *peer;
	struct kzt_wcur wc;
	struct sk_buff *skb;
	bool sent = false;

	rcu_read_lock_bh();
	rcu_read_lock();
	peer = kzt_peer_lookup_rcu(node, to);
	if (!peer)
		goto out;
	own = own_creds_rcu(node, key->nwid);
	skb = kzt_msg_new(node, to, KZT_VERB_MULTICAST_GATHER,
			  23 + (own ? own->com_len : 0), &wc);
	if (!skb)
		goto out;
	kzt_gather_put(&wc, key->nwid, key->mac, key->adi, limit,
		       own ? own->com : NULL, own ? own->com_len : 0);
	sent = kzt_msg_send(peer, skb, &wc, true);
out:
	rcu_read_unlock();
	rcu_read_unlock_bh();
	return sent;
}

/*
 * The best root, the controller and those that are always contacted; each once
 * (step 4a).  Without a root that answers, what was configured by hand.
 */
static void gather(struct kzt_multicast *mc, struct kzt_group *g,
		   const struct mc_plan *plan, u32 limit)
{
	u64 to[GATHER_TARGETS], controller = g->key.nwid >> 24;
	struct kzt_node *node = mc->node;
	unsigned int n = 0, i, start;
	struct kzt_peer *root;
	bool sent = false;

	rcu_read_lock();
	root = READ_ONCE(node->online) ? kzt_upstream_best_rcu(node) : NULL;
	if (root)
		to[n++] = root->address;
	rcu_read_unlock();
	if (!n)
		n = kzt_announce_contacts(node, true, to, 0, GATHER_TARGETS / 2);
	if (kzt_addr_valid(controller) && controller != plan->self &&
	    !kzt_netconf_lists(to, n, controller))
		to[n++] = controller;
	start = plan->n_contacts ? get_random_u32_below(plan->n_contacts) : 0;
	for (i = 0; i < plan->n_contacts && n < GATHER_TARGETS; i++) {
		u64 a = plan->contact[(start + i) % plan->n_contacts];

		if (!kzt_netconf_lists(to, n, a))
			to[n++] = a;
	}
	for (i = 0; i < n; i++)
		sent |= gather_send(node, to[i], &g->key, limit);
	if (sent)
		g->last_gather = kzt_now_ms();
}

/* --- one frame ----------------------------------------------------------------- */

/* Of a live direct path, the round trip; U32_MAX without one */
static u32 replicator_rtt(struct kzt_peer *peer, u64 now)
{
	u32 best = U32_MAX, rtt;
	unsigned int i;

	for (i = 0; i < KZT_PATHS_MAX; i++) {
		struct kzt_path *path = rcu_dereference(peer->paths[i]);

		if (!path || !kzt_path_alive(path, now))
			continue;
		rtt = READ_ONCE(path->rtt_us);
		if (rtt && rtt < best)
			best = rtt;
	}
	return best;
}

/* Step 1: the nearest replicator, or 0 if there is none or this node is one */
static u64 replicator_choose_rcu(struct kzt_node *node,
				 const struct kzt_netconf *conf)
{
	u64 now = kzt_now_ms(), found = 0;
	struct kzt_peer *peer;
	u32 rtt, best = U32_MAX;
	unsigned int i;

	if (conf->am_bridge || conf->am_replicator)
		return 0;
	for (i = 0; i < conf->n_replicators; i++) {
		peer = kzt_peer_lookup_rcu(node, conf->replicator[i]);
		if (!peer)
			continue;
		rtt = replicator_rtt(peer, now);
		if (rtt < best) {
			best = rtt;
			found = peer->address;
		}
	}
	return found;
}

static struct mc_plan *plan_make_rcu(struct kzt_network *nw,
				     const struct kzt_netconf *conf)
{
	unsigned int n = conf->n_bridges, more = kzt_netconf_n_contacts(conf);
	struct mc_plan *plan = kzalloc(struct_size(plan, bridge, n + more), GFP_ATOMIC);

	if (!plan)
		return NULL;
	plan->self = conf->self;
	plan->limit = min_t(u32, conf->multicast_limit,
			    KZT_MULTICAST_LIMIT_MAX);
	plan->replicator = replicator_choose_rcu(nw->node, conf);
	plan->n_bridges = n;
	memcpy(plan->bridge, conf->bridge, n * sizeof(u64));
	plan->contact = plan->bridge + n;
	plan->n_contacts = kzt_netconf_contacts(conf, plan->contact, 0, more);
	return plan;
}

/* To bridges and then members, not to self nor origin, until the limit */
static unsigned int receivers_choose(const struct mc_plan *plan, u64 origin,
				     u64 *out, const u64 *member,
				     unsigned int n_members)
{
	unsigned int i, n = 0;

	for (i = 0; i < plan->n_bridges && n < plan->limit; i++)
		if (plan->bridge[i] != plan->self &&
		    plan->bridge[i] != origin)
			out[n++] = plan->bridge[i];
	for (i = 0; i < n_members && n < plan->limit; i++)
		if (member[i] != origin &&
		    kzt_netconf_index(plan->bridge, plan->n_bridges,
				      member[i]) == plan->n_bridges)
			out[n++] = member[i];
	return n;
}

/* The group, which stays: only this work queue removes groups */
static struct kzt_group *frame_group(struct kzt_multicast *mc,
				     struct sk_buff *skb)
{
	struct kzt_mc_cb *cb = kzt_mc_cb(skb);
	struct kzt_mc_key key = kzt_mc_key(cb->nwid, skb->data, cb->adi);
	struct kzt_group *g;

	spin_lock_bh(&mc->lock);
	g = kzt_group_get_locked(mc, &key, false);
	spin_unlock_bh(&mc->lock);
	return g;
}

/* Members at random, enough even if bridges and the origin are among them */
static unsigned int members_pick(struct kzt_multicast *mc, struct kzt_group *g,
				 u64 *pick, unsigned int max)
{
	unsigned int n;

	spin_lock_bh(&mc->lock);
	n = kzt_group_pick_locked(g, pick, max);
	spin_unlock_bh(&mc->lock);
	return n;
}

/* All there is to know of a frame; the lists are too big for the stack */
static struct mc_plan *plan_new(struct kzt_multicast *mc, struct sk_buff *skb)
{
	enum kzt_drop why = KZT_DROP_MULTICAST_OFF;
	struct mc_plan *plan = NULL;
	struct kzt_netconf *conf;
	struct kzt_network *nw;

	rcu_read_lock();
	nw = kzt_network_lookup_rcu(mc->node, kzt_mc_cb(skb)->nwid);
	conf = nw ? rcu_dereference(nw->conf) : NULL;
	if (conf && conf->self && conf->multicast_limit &&
	    conf->self == READ_ONCE(mc->node->self_address)) {
		why = KZT_DROP_NOMEM;
		plan = plan_make_rcu(nw, conf);
	}
	rcu_read_unlock();
	if (!plan)
		kzt_drop_skb(mc->node, skb, why);
	return plan;
}

/* Step 4: members are missing; ask for them, and let the frame wait */
static struct mc_frame *frame_wait(struct kzt_multicast *mc,
				   struct kzt_group *g, struct sk_buff *skb,
				   const struct mc_plan *plan, u32 want)
{
	u64 idle = kzt_now_ms() - g->last_gather;
	struct mc_frame *f;

	if (idle >= (g->n ? KZT_MC_GATHER_MS : GATHER_EMPTY_MS))
		gather(mc, g, plan, want);
	f = mc_frame_new(mc, g, skb, plan, want);
	if (f && kzt_mc_cb(skb)->origin)
		mc_frame_note(f, kzt_mc_cb(skb)->origin);
	return f;
}

static void frame_send(struct kzt_multicast *mc, struct sk_buff *skb,
		       const struct mc_plan *plan, u64 *pick, u64 *to,
		       unsigned int max)
{
	unsigned int i, n = 0, n_expect = 0;
	struct mc_frame *f = NULL;
	struct kzt_group *g;
	u32 want = 1;

	g = frame_group(mc, skb);
	if (g)
		n = members_pick(mc, g, pick, max);
	n = receivers_choose(plan, kzt_mc_cb(skb)->origin, to, pick, n);
	if (g && g->n < plan->limit) {
		want = plan->limit - g->n + 1;
		f = frame_wait(mc, g, skb, plan, want);
		if (kzt_gate(&g->last_expect, kzt_now_ms(), EXPECT_MS))
			n_expect = EXPECT_COPIES;
	}
	for (i = 0; i < n; i++) {
		if (f)
			mc_frame_note(f, to[i]);
		copy_send(mc->node, skb, to[i], want, false, i < n_expect);
		cond_resched();
	}
	if (!f)
		consume_skb(skb);
}

/**
 * kzt_distribute() - send a multicast frame to the members of its group
 * @mc: multicast
 * @skb: Ethernet frame with struct kzt_mc_cb; consumed
 *
 * Implements: spec 4.11.4.
 * Context: process, on node->control_wq.
 */
void kzt_distribute(struct kzt_multicast *mc, struct sk_buff *skb)
{
	struct mc_plan *plan = plan_new(mc, skb);
	unsigned int max;
	u64 *pick;

	if (!plan)
		return;
	if (plan->replicator && plan->replicator != kzt_mc_cb(skb)->origin) {
		copy_send(mc->node, skb, plan->replicator, 0, true, false);
		consume_skb(skb);
		goto out;
	}
	max = plan->limit + plan->n_bridges + 1;
	pick = kvmalloc_array(max + plan->limit, sizeof(*pick), GFP_KERNEL);
	if (pick)
		frame_send(mc, skb, plan, pick, pick + max, max);
	else
		kzt_drop_skb(mc->node, skb, KZT_DROP_NOMEM);
	kvfree(pick);
out:
	kfree(plan);
}
