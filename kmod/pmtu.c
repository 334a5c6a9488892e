// SPDX-License-Identifier: GPL-2.0
/*
 * How much goes along a path in one datagram (spec 1, 10.11; as RFC 8899).
 *
 * An ECHO padded to the size in question, not to be fragmented on the way, is
 * answered or not.  A search begins with what is believed, goes on with what the
 * route would take, and halves what is between.  What was found is confirmed now
 * and then, while something is sent that needs it: a size that is lost while smaller
 * packets pass is a black hole.
 */
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/dst.h>
#include <net/ip_tunnels.h>
#include "frame.h"
#include "measure.h"
#include "netlink.h"
#include "node.h"
#include "path.h"
#include "peer.h"
#include "phys.h"
#include "pmtu.h"
#include "proto/packet.h"
#include "send.h"
#include "socket.h"

#define SEARCHES	64	/* at once; other paths wait for a later round */
#define ANSWER_MS	1200	/* or four round trips; beyond the gate of old peers */
#define TRIES		3
#define GRAIN		8
#define CONFIRM_MS	30000
#define RAISE_MS	600000	/* RFC 8899, PMTU_RAISE_TIMER */
#define STEP_DOWN	1232	/* what an IPv6 path takes at least */

/**
 * struct search - of one path
 * @address: peer; 0: the place is free
 * @path_id: its path
 * @wire_id: of the probe on its way; 0 for none
 * @sent_ms: when it was sent
 * @lo: largest size that was answered, or the floor
 * @hi: largest size that is not known to be lost
 * @size: that is tried
 * @tries: how often it was
 * @raise: whether to look beyond what is believed
 */
struct search {
	u64 address;
	u32 path_id;
	u64 wire_id;
	u64 sent_ms;
	u16 lo, hi, size;
	u8 tries;
	bool raise;
};

struct kzt_pmtu {
	struct search s[SEARCHES];
};

/**
 * kzt_pmtu_init() - make a node's table of searches
 * @node: owner
 *
 * Return: 0 or -ENOMEM.
 */
int kzt_pmtu_init(struct kzt_node *node)
{
	node->pmtu = kzalloc(sizeof(*node->pmtu), GFP_KERNEL);
	return node->pmtu ? 0 : -ENOMEM;
}

/**
 * kzt_pmtu_free() - undo kzt_pmtu_init()
 * @node: owner
 */
void kzt_pmtu_free(struct kzt_node *node)
{
	kfree(node->pmtu);
	node->pmtu = NULL;
}

/**
 * kzt_pmtu_forget() - what was found out about a path does not hold any more
 * @path: its peer->lock held
 */
void kzt_pmtu_forget(struct kzt_path *path)
{
	lockdep_assert_held(&path->peer->lock);
	WRITE_ONCE(path->pmtu_checked, 0);
	WRITE_ONCE(path->pmtu_raised, 0);
}

/* Callers hold RCU (BH) */
static struct kzt_path *path_by_id(struct kzt_peer *peer, u32 id)
{
	unsigned int i, n = READ_ONCE(peer->n_paths);

	for (i = 0; i < n && i < KZT_PATHS_MAX; i++) {
		struct kzt_path *p = rcu_dereference_bh(peer->paths[i]);

		if (p && p->id == id)
			return p;
	}
	return NULL;
}

/* Is it for us to find out, and not said by somebody? */
static bool mtu_is_ours(struct kzt_peer *peer, const struct kzt_path *path)
{
	return !READ_ONCE(path->mtu_fixed) &&
	       !kzt_phys_has_mtu(peer->node, &path->ep);
}

static void mtu_set(struct kzt_peer *peer, struct kzt_path *path, u16 mtu, u64 now)
{
	bool changed;

	/* It may have been said while a search went on */
	if (READ_ONCE(path->mtu) == mtu || !mtu_is_ours(peer, path))
		return;
	WRITE_ONCE(path->mtu, mtu);
	spin_lock(&peer->lock);
	changed = kzt_pathset_update_locked(peer, now);
	spin_unlock(&peer->lock);
	if (changed)
		kzt_notify_peer(peer, false);
}

static void search_end(struct search *s, struct kzt_path *path)
{
	if (path)
		WRITE_ONCE(path->pmtu_busy, false);
	memset(s, 0, sizeof(*s));
}

static void search_found(struct search *s, struct kzt_peer *peer,
			 struct kzt_path *path, u64 now)
{
	mtu_set(peer, path, s->lo, now);
	path->pmtu_checked = now;
	if (s->raise)
		path->pmtu_raised = now;
	search_end(s, path);
}

/* What to try next; false: nothing */
static bool search_next(struct search *s)
{
	s->tries = 0;
	if (s->hi <= s->lo || s->hi - s->lo < GRAIN)
		return false;
	if (s->size == s->lo)		/* answered: the whole route, at first */
		s->size = s->raise ? s->hi : s->lo;
	else if (s->lo == KZT_PMTU_FLOOR && s->hi > STEP_DOWN)
		s->size = STEP_DOWN;
	else
		s->size = s->lo + (s->hi - s->lo + 1) / 2;
	return s->size > s->lo;
}

static void probe_send(struct search *s, struct kzt_peer *peer,
		       struct kzt_path *path, u64 now)
{
	s->tries++;
	s->sent_ms = now;
	s->wire_id = kzt_echo_send_sized(peer, path, s->size);
	if (s->wire_id)
		kzt_mib_inc(peer->node, MTU_PROBES);
}

static void probe_lost(struct search *s, struct kzt_peer *peer,
		       struct kzt_path *path, u64 now)
{
	/* Nothing at all came by: that says nothing of the size */
	if (READ_ONCE(path->last_in) < s->sent_ms) {
		WRITE_ONCE(path->pmtu_used, true);
		search_end(s, path);
		return;
	}
	s->hi = s->size - 1;
	/* A black hole is left at once, what is smaller can be found out later */
	if (READ_ONCE(path->mtu) > s->hi)
		mtu_set(peer, path, max_t(u16, s->lo, min_t(u16, s->hi, STEP_DOWN)),
			now);
	if (search_next(s))
		probe_send(s, peer, path, now);
	else
		search_found(s, peer, path, now);
}

static void search_step(struct search *s, struct kzt_peer *peer,
			struct kzt_path *path, u64 now)
{
	u64 wait = max_t(u64, ANSWER_MS, READ_ONCE(path->rtt_us) / 250);

	if (s->tries && now - s->sent_ms < wait)
		return;
	if (s->tries < TRIES)
		probe_send(s, peer, path, now);
	else
		probe_lost(s, peer, path, now);
}

/**
 * kzt_pmtu_tick() - go on with the searches
 * @node: node
 * @now: kzt_now_ms()
 */
void kzt_pmtu_tick(struct kzt_node *node, u64 now)
{
	unsigned int i;

	for (i = 0; i < SEARCHES; i++) {
		struct search *s = &node->pmtu->s[i];
		struct kzt_path *path;
		struct kzt_peer *peer;

		if (!s->address)
			continue;
		rcu_read_lock_bh();
		peer = kzt_peer_lookup_rcu(node, s->address);
		path = peer ? path_by_id(peer, s->path_id) : NULL;
		if (path)
			search_step(s, peer, path, now);
		else
			search_end(s, NULL);
		rcu_read_unlock_bh();
	}
}

/**
 * kzt_pmtu_answered() - an ECHO was answered
 * @node: node
 * @in_re_id: which
 * @now: kzt_now_ms()
 */
void kzt_pmtu_answered(struct kzt_node *node, u64 in_re_id, u64 now)
{
	struct search *s = node->pmtu->s;
	struct kzt_path *path;
	struct kzt_peer *peer;
	unsigned int i;

	for (i = 0; i < SEARCHES && (!s[i].address || s[i].wire_id != in_re_id); i++)
		;
	if (i == SEARCHES)
		return;
	s += i;
	rcu_read_lock_bh();
	peer = kzt_peer_lookup_rcu(node, s->address);
	path = peer ? path_by_id(peer, s->path_id) : NULL;
	if (!path) {
		search_end(s, NULL);
		goto out;
	}
	s->wire_id = 0;
	s->lo = s->size;
	if (s->lo > READ_ONCE(path->mtu))
		mtu_set(peer, path, s->lo, now);
	/* The next one waits for the tick: the receiver's gate is 166 ms */
	if (!search_next(s))
		search_found(s, peer, path, now);
out:
	rcu_read_unlock_bh();
}

/* An old peer answers one ECHO a second, whatever the path: one search at once */
static bool peer_is_busy(const struct kzt_peer *peer, const struct search *s)
{
	unsigned int i;

	if (!kzt_peer_gates_echo(peer))
		return false;
	for (i = 0; i < SEARCHES; i++)
		if (s[i].address == peer->address)
			return true;
	return READ_ONCE(peer->proto) < KZT_PROTO_VERSION_ECHO;
}

static bool search_due(const struct kzt_path *path, u64 now)
{
	return !path->pmtu_busy && READ_ONCE(path->rtt_us) &&
	       kzt_path_alive(path, now) &&
	       (!path->pmtu_checked || (READ_ONCE(path->pmtu_used) &&
					kzt_age_ms(now, path->pmtu_checked) >= CONFIRM_MS));
}

/**
 * kzt_pmtu_round() - begin a search if it is time
 * @peer: peer with traffic
 * @path: one of its paths
 * @now: kzt_now_ms()
 *
 * Context: RCU (BH).
 */
void kzt_pmtu_round(struct kzt_peer *peer, struct kzt_path *path, u64 now)
{
	struct search *s = peer->node->pmtu->s;
	unsigned int i, most;

	if (!mtu_is_ours(peer, path) || !search_due(path, now) ||
	    peer_is_busy(peer, s))
		return;
	for (i = 0; i < SEARCHES && s[i].address; i++)
		;
	most = kzt_socket_mtu(peer->node, &path->ep);
	if (i == SEARCHES || most < KZT_PMTU_FLOOR)
		return;
	s += i;
	s->address = peer->address;
	s->path_id = path->id;
	s->lo = KZT_PMTU_FLOOR;
	s->hi = min_t(unsigned int, most, KZT_MAX_PACKET);
	s->size = min(READ_ONCE(path->mtu), s->hi);
	s->raise = !path->pmtu_raised || kzt_age_ms(now, path->pmtu_raised) >= RAISE_MS;
	WRITE_ONCE(path->pmtu_busy, true);
	WRITE_ONCE(path->pmtu_used, false);
	/* The route got narrower: no need to lose anything first */
	if (READ_ONCE(path->mtu) > s->hi)
		mtu_set(peer, path, s->hi, now);
}

/* --- what the network promises ------------------------------------------------------ */

static unsigned int device_mtu(const struct dst_entry *dst)
{
	return READ_ONCE(dst->dev->mtu);
}

static struct dst_ops device_ops = {
	.family = AF_UNSPEC,
	.mtu = device_mtu,
};

/**
 * kzt_pmtu_refuse() - tell the sender of a frame that is too big
 * @nw: network
 * @skb: frame from the stack, data at its Ethernet header; longer than the MTU
 *
 * The stack knows the MTU of the device, but what comes over a bridge port was
 * sent by somebody else: it gets an ICMP error, out of the device.  Of a burst
 * the segments count.
 *
 * Context: BH off, RCU.
 * Return: true if @skb was consumed; false to go on, the frame may be dropped.
 */
bool kzt_pmtu_refuse(struct kzt_network *nw, struct sk_buff *skb)
{
	struct dst_entry dst = { .ops = &device_ops, .dev = nw->dev };
	int err;

	err = skb_tunnel_check_pmtu(skb, &dst, 0,
				    netif_is_any_bridge_port(nw->dev));
	if (!err)
		return false;
	if (err < 0) {
		kzt_tx_drop(nw, skb, KZT_DROP_FRAME_TOO_BIG);
		return true;
	}
	/* The frame has become the answer to it */
	kzt_drop_count(nw->node, KZT_DROP_FRAME_TOO_BIG);
	kzt_deliver_local(nw, skb);
	return true;
}
