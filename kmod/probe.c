// SPDX-License-Identifier: GPL-2.0
/* Contacting endpoints, ECHO, and the tick that keeps peers and paths. */
#include <linux/slab.h>
#include "defrag.h"
#include "netlink.h"
#include "network.h"
#include "node.h"
#include "peer.h"
#include "proto/address.h"
#include "send.h"
#include "verb.h"

#define TICK_MS			500
#define ROUND_MS		5000	/* spec 3, 3.8.3 */
#define HOUSEKEEPING_MS		30000
#define FULL_HELLO_MS		60000	/* spec 3, 3.8.1 */
#define HINT_MS			30000	/* spec 3, 3.7.3 */
#define HINT_EAGER_MS		60000	/* .. but at once when the peer is new */
#define FAMILY_V4		BIT(0)
#define FAMILY_V6		BIT(1)
#define ECHO_GATE_MS		166	/* spec 1, 10.11 */
#define ACTIVE_MS		500000	/* spec 3, 3.4 */
#define USER_PROBES_MAX		64

/**
 * kzt_contact() - probe an endpoint
 * @peer: who should be there
 * @ep: endpoint
 * @full: a HELLO even if ECHO would do
 *
 * Implements: spec 3, 3.7.2.
 * Context: any but hard interrupts.
 */
void kzt_contact(struct kzt_peer *peer, const struct kzt_endpoint *ep, bool full)
{
	bool is_110 = peer->major == 1 && peer->minor == 1 && !peer->revision;

	if (!full && !is_110 &&
	    READ_ONCE(peer->proto) >= KZT_PROTO_VERSION_ECHO)
		kzt_echo_send(peer, ep);
	else
		kzt_hello_send(peer, ep);
}

/**
 * kzt_path_probed() - remember what was sent, so that the answer measures it
 * @peer: receiver
 * @ep: over which endpoint; if it is a path
 * @id: wire id of the probe
 */
void kzt_path_probed(struct kzt_peer *peer, const struct kzt_endpoint *ep, u64 id)
{
	struct kzt_path *path;

	rcu_read_lock_bh();
	path = kzt_path_find_rcu(peer, ep);
	if (path) {
		WRITE_ONCE(path->probe_sent, kzt_now_us());
		WRITE_ONCE(path->probe_id, id);
	}
	rcu_read_unlock_bh();
}

/**
 * kzt_echo_send() - send an ECHO
 * @peer: receiver
 * @ep: where to, or NULL for the normal procedure
 *
 * Implements: spec 1, 10.11.
 * Context: any but hard interrupts.
 * Return: its wire id, or 0.
 */
u64 kzt_echo_send(struct kzt_peer *peer, const struct kzt_endpoint *ep)
{
	struct kzt_wcur wc;
	struct sk_buff *skb;
	u64 id;

	skb = kzt_msg_new(peer->node, peer->address, KZT_VERB_ECHO, 0, &wc);
	if (!skb)
		return 0;
	id = ep ? kzt_msg_send_to(peer, skb, &wc, true, -1, ep) :
		  kzt_msg_send(peer, skb, &wc, true);
	if (!id)
		return 0;
	kzt_mib_inc(peer->node, ECHO_TX);
	if (ep)
		kzt_path_probed(peer, ep, id);
	return id;
}

/**
 * kzt_echo_receive() - ECHO
 * @rx: packet
 *
 * Implements: spec 1, 10.11.
 * Return: what follows.
 */
enum kzt_rx_result kzt_echo_receive(struct kzt_rx *rx)
{
	struct kzt_path *path;
	struct kzt_wcur wc;
	struct sk_buff *skb;
	bool pass;

	kzt_mib_inc(rx->node, ECHO_RX);
	rcu_read_lock_bh();
	path = rx->hops ? NULL : kzt_path_find_rcu(rx->peer, &rx->from);
	pass = kzt_gate(path ? &path->last_echo : &rx->peer->last_echo, rx->now,
			ECHO_GATE_MS);
	rcu_read_unlock_bh();
	if (!pass) {
		kzt_drop_count(rx->node, KZT_DROP_RATE_LIMIT);
		return KZT_RX_STOP;
	}
	if (rx->body_len > KZT_ECHO_MAX_BODY) {
		kzt_drop_count(rx->node, KZT_DROP_OVERSIZED);
		return KZT_RX_STOP;
	}
	skb = kzt_msg_new_ok(rx->node, rx->peer->address, rx->verb, rx->id,
			     rx->body_len, &wc);
	if (skb) {
		kzt_put_bytes(&wc, rx->body, rx->body_len);
		kzt_msg_send_to(rx->peer, skb, &wc, false, -1, &rx->from);
	}
	return KZT_RX_RECEIVED;
}

/**
 * kzt_path_answered() - a probe was answered: learn the path, and how long it is
 * @rx: the answer
 * @in_re_id: id of the probe
 *
 * One sample a probe: a repeated answer would make the path seem longer.
 *
 * Implements: spec 1, 10.4 step 5 of OK(HELLO); spec 3, 3.5.3.
 * Context: process.
 */
void kzt_path_answered(struct kzt_rx *rx, u64 in_re_id)
{
	struct kzt_path *path;
	bool learned = false;
	u64 us;

	if (rx->hops)
		return;
	rcu_read_lock_bh();
	path = kzt_path_find_rcu(rx->peer, &rx->from);
	if (!path && kzt_path_allowed(rx->peer, &rx->from)) {
		path = kzt_path_learn(rx->peer, &rx->from, rx->now);
		learned = path;
	}
	if (path && (READ_ONCE(path->probe_id) == in_re_id ||
		     !READ_ONCE(path->rtt_us))) {
		us = kzt_expect_age_us(rx->node, in_re_id, rx->at_us);
		WRITE_ONCE(path->probe_id, 0);
		if (us != U64_MAX)
			kzt_path_sample_rtt(path, us);
	}
	rcu_read_unlock_bh();
	if (!learned)
		return;
	kzt_notify_peer(rx->peer, false);
	/* What was measured may be the time that a validation took */
	kzt_echo_send(rx->peer, &rx->from);
}

/* --- `kzt ping` --------------------------------------------------------------- */

struct user_probe {
	struct kzt_node *node;
	u64 wire_id;
	u64 cookie;
	u64 sent_us;
	u32 portid;
	u32 path_id;
};

/*
 * Asked by hand, so few, and shared by all nodes.  The lock is held while one is
 * sent: the answer may be there before its id is noted.
 */
static struct user_probe user_probes[USER_PROBES_MAX];
static DEFINE_MUTEX(user_probes_lock);

static void user_probe_note(const struct user_probe *probe)
{
	unsigned int i, oldest = 0;

	lockdep_assert_held(&user_probes_lock);
	for (i = 1; i < USER_PROBES_MAX; i++)
		if (user_probes[i].sent_us < user_probes[oldest].sent_us)
			oldest = i;
	user_probes[oldest] = *probe;
}

/**
 * kzt_probe_user() - send an ECHO whose answer is reported
 * @peer: receiver; the caller holds a reference
 * @path_id: path to send it over, U32_MAX for the normal procedure
 * @cookie: repeated in the report
 * @portid: netlink port that asked
 *
 * Return: 0; -ENOENT: no such path; -EHOSTUNREACH: it could not be sent.
 */
int kzt_probe_user(struct kzt_peer *peer, u32 path_id, u64 cookie, u32 portid)
{
	struct user_probe probe = {
		.node = peer->node, .cookie = cookie, .portid = portid,
		.path_id = path_id,
	};
	struct kzt_endpoint ep;
	bool found = path_id == U32_MAX;
	unsigned int i;

	spin_lock_bh(&peer->lock);
	for (i = 0; i < peer->n_paths && !found; i++) {
		struct kzt_path *p = rcu_dereference_protected(peer->paths[i], 1);

		if (p->id == path_id) {
			ep = p->ep;
			found = true;
		}
	}
	spin_unlock_bh(&peer->lock);
	if (!found)
		return -ENOENT;
	mutex_lock(&user_probes_lock);
	probe.sent_us = kzt_now_us();
	probe.wire_id = kzt_echo_send(peer, path_id == U32_MAX ? NULL : &ep);
	if (probe.wire_id)
		user_probe_note(&probe);
	mutex_unlock(&user_probes_lock);
	return probe.wire_id ? 0 : -EHOSTUNREACH;
}

static void user_probe_answered(struct kzt_rx *rx, u64 in_re_id)
{
	struct user_probe probe = { 0 };
	unsigned int i;

	mutex_lock(&user_probes_lock);
	for (i = 0; i < USER_PROBES_MAX; i++) {
		if (user_probes[i].wire_id != in_re_id ||
		    user_probes[i].node != rx->node)
			continue;
		probe = user_probes[i];
		memset(&user_probes[i], 0, sizeof(user_probes[i]));
		break;
	}
	mutex_unlock(&user_probes_lock);
	if (probe.wire_id)
		kzt_notify_probe(rx->node, probe.portid, rx->peer->address,
				 probe.path_id, rx->at_us - probe.sent_us,
				 probe.cookie, &rx->from, rx->hops);
}

/**
 * kzt_probes_forget() - a node goes: its probes are not answered any more
 * @node: node
 */
void kzt_probes_forget(struct kzt_node *node)
{
	unsigned int i;

	mutex_lock(&user_probes_lock);
	for (i = 0; i < USER_PROBES_MAX; i++)
		if (user_probes[i].node == node)
			memset(&user_probes[i], 0, sizeof(user_probes[i]));
	mutex_unlock(&user_probes_lock);
}

/**
 * kzt_echo_ok() - OK(ECHO)
 * @rx: packet; its in-re id is expected
 * @in_re_id: id of the ECHO
 * @body: as sent
 * @len: bytes
 *
 * Return: what follows.
 */
enum kzt_rx_result kzt_echo_ok(struct kzt_rx *rx, u64 in_re_id, const u8 *body,
			       size_t len)
{
	kzt_path_answered(rx, in_re_id);
	user_probe_answered(rx, in_re_id);
	return KZT_RX_RECEIVED;
}

/* --- rounds ------------------------------------------------------------------- */

static u8 endpoint_family(const struct kzt_endpoint *ep)
{
	return ep->remote.sa.sa_family == AF_INET6 ? FAMILY_V6 : FAMILY_V4;
}

/* Say HELLO to all hints of some families, at most once per interval */
static void hints_greet(struct kzt_peer *peer, u8 families, u64 now,
			u64 interval_ms)
{
	struct kzt_endpoint hints[KZT_HINTS_MAX];
	u8 wanted = 0;
	unsigned int i, n;

	spin_lock_bh(&peer->lock);
	n = peer->n_hints;
	memcpy(hints, peer->hints, n * sizeof(hints[0]));
	spin_unlock_bh(&peer->lock);
	for (i = 0; i < n; i++)
		wanted |= endpoint_family(&hints[i]) & families;
	if (!wanted || !kzt_gate(&peer->last_memorized, now, interval_ms))
		return;
	for (i = 0; i < n; i++)
		if (endpoint_family(&hints[i]) & families &&
		    !kzt_node_denied(peer->node, &hints[i]))
			kzt_hello_send(peer, &hints[i]);
}

/**
 * kzt_peer_try_hints() - greet a peer where it is said to be
 * @peer: peer
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.7.3.
 * Context: process.
 */
void kzt_peer_try_hints(struct kzt_peer *peer, u64 now)
{
	hints_greet(peer, FAMILY_V4 | FAMILY_V6, now,
		    now - peer->created < HINT_EAGER_MS ? ROUND_MS - TICK_MS :
							  HINT_MS);
}

/* Keep each path of a peer; returns the families with a live one */
static u8 round_paths(struct kzt_peer *peer, u64 now, bool full)
{
	u8 alive = 0;
	unsigned int i;

	rcu_read_lock_bh();
	for (i = 0; i < READ_ONCE(peer->n_paths) && i < KZT_PATHS_MAX; i++) {
		struct kzt_path *p = rcu_dereference_bh(peer->paths[i]);

		if (!p || kzt_path_expired(p, now))
			continue;
		if (kzt_path_alive(p, now))
			alive |= endpoint_family(&p->ep);
		if (full || now - READ_ONCE(p->last_out) >= KZT_PATH_HEARTBEAT_MS ||
		    now - READ_ONCE(p->last_in) >= KZT_PATH_HEARTBEAT_MS) {
			kzt_contact(peer, &p->ep, full);
			WRITE_ONCE(p->last_out, now);
		}
	}
	rcu_read_unlock_bh();
	return alive;
}

static void peer_prune(struct kzt_peer *peer, u64 now)
{
	unsigned int before = READ_ONCE(peer->n_paths);

	kzt_path_prune(peer, now);
	if (READ_ONCE(peer->n_paths) != before)
		kzt_notify_peer(peer, false);
}

/*
 * Spec 3, 3.8.3: roots are kept always, others that were configured or have
 * traffic.  Of a root a path is wanted for each family; one that answers by
 * neither is greeted in every round.  Whoever has no live path gets a HELLO by
 * the upstream now and then: it tells the version, and so the suite.
 */
static void round_peer(struct kzt_peer *peer, u64 now)
{
	bool upstream = READ_ONCE(peer->is_upstream), full, eager;
	u8 alive;

	peer_prune(peer, now);
	if (!upstream && !peer->is_static &&
	    now - READ_ONCE(peer->last_nontrivial) >= ACTIVE_MS)
		return;
	full = kzt_gate(&peer->last_full_hello, now, FULL_HELLO_MS);
	alive = round_paths(peer, now, full);
	eager = !alive || now - peer->created < HINT_EAGER_MS;
	if (upstream)
		hints_greet(peer, ~alive, now,
			    eager ? ROUND_MS - TICK_MS : FULL_HELLO_MS);
	else if (!alive)
		kzt_peer_try_hints(peer, now);
	/* Until it was heard, the first may be lost: others come up, too */
	full |= eager && !READ_ONCE(peer->last_receive);
	if (!alive && full &&
	    peer->address != READ_ONCE(peer->node->best_upstream))
		kzt_hello_send(peer, NULL);
}

/* Visit all peers with a reference, so that a visit may sleep */
static void peers_visit(struct kzt_node *node, u64 now,
			void (*visit)(struct kzt_peer *peer, u64 now))
{
	struct rhashtable_iter iter;
	struct kzt_peer *peer;

	rhashtable_walk_enter(&node->peers, &iter);
	rhashtable_walk_start(&iter);
	while ((peer = rhashtable_walk_next(&iter))) {
		if (IS_ERR(peer) || !kzt_peer_get(peer))
			continue;
		rhashtable_walk_stop(&iter);
		visit(peer, now);
		kzt_peer_put(peer);
		cond_resched();
		rhashtable_walk_start(&iter);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

/* Spec 3, 3.8.5: forget who was not heard from, unless there is a reason */
static void expire_peer(struct kzt_peer *peer, u64 now)
{
	if (peer->is_static || peer->is_upstream || kzt_peer_alive(peer, now) ||
	    now - peer->created < KZT_PEER_ALIVE_MS)
		return;
	mutex_lock(&peer->node->config_lock);
	kzt_peer_destroy_locked(peer);
	mutex_unlock(&peer->node->config_lock);
}

/**
 * kzt_tick() - the node's only timer
 * @work: of the node
 *
 * Every 500 ms the waiting lists, every 5 s a round over the peers, every 30 s
 * housekeeping: one timer, however many peers and paths there are.
 *
 * Implements: spec 3, 3.17.
 */
void kzt_tick(struct work_struct *work)
{
	struct kzt_node *node = container_of(to_delayed_work(work),
					     struct kzt_node, tick);
	u64 now = kzt_now_ms();

	if (READ_ONCE(node->exiting) || !READ_ONCE(node->self_address))
		return;
	kzt_whois_sweep(node, now);
	kzt_defrag_sweep(node, now);
	kzt_hello_sweep(node, now);
	if (now - READ_ONCE(node->last_round) >= ROUND_MS) {
		WRITE_ONCE(node->last_round, now);
		kzt_upstream_elect(node, now);
		peers_visit(node, now, round_peer);
		kzt_networks_tick(node, now);
	}
	if (now - node->last_housekeeping >= HOUSEKEEPING_MS) {
		node->last_housekeeping = now;
		peers_visit(node, now, expire_peer);
	}
	queue_delayed_work(node->control_wq, &node->tick,
			   msecs_to_jiffies(TICK_MS));
}
