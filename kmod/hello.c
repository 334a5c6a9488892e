// SPDX-License-Identifier: GPL-2.0
/* HELLO: sending it, and what happens when one comes (spec 1, 10.4). */
#include <linux/slab.h>
#include "crypt.h"
#include "hello.h"
#include "netlink.h"
#include "node.h"
#include "peer.h"
#include "receive.h"
#include "seed.h"
#include "send.h"
#include "verb.h"

#define HELLO_BODY_MAX	(13 + KZT_IDENTITY_LEN + KZT_INETADDR_MAX + 16 + 2 + \
			 17 * (KZT_WORLDS_MAX + KZT_SEEDS_MAX))
#define OK_BODY_MAX	(13 + KZT_INETADDR_MAX + 2)

/* --- sending ----------------------------------------------------------------- */

/* Moons that are wanted follow those that are held, with time 0 */
static void hello_put_wanted(struct kzt_node *node, struct kzt_hello_moon *moon,
			     unsigned int *n)
{
	struct kzt_seed seed[KZT_SEEDS_MAX];
	unsigned int i, count = kzt_seeds_copy(node, seed);

	for (i = 0; i < count; i++) {
		moon[*n].type = KZT_WORLD_MOON;
		moon[*n].id = seed[i].id;
		moon[(*n)++].ts = 0;
	}
}

static void hello_put_worlds(struct kzt_hello *h, struct kzt_hello_moon *moon,
			     unsigned int *n, const struct kzt_worlds *worlds)
{
	unsigned int i;

	*n = 0;
	for (i = 0; worlds && i < worlds->n; i++) {
		const struct kzt_world *w = worlds->w[i];

		if (w->type == KZT_WORLD_PLANET) {
			h->planet_id = w->id;
			h->planet_ts = w->ts;
		} else {
			moon[*n].type = KZT_WORLD_MOON;
			moon[*n].id = w->id;
			moon[(*n)++].ts = w->ts;
		}
	}
}

/* Body and masked tail; the packet has its id already, the mask's nonce */
static void hello_compose(struct kzt_peer *peer, struct sk_buff *skb,
			  struct kzt_wcur *wc, const struct kzt_self *self,
			  const struct kzt_endpoint *ep)
{
	struct kzt_hello_moon moon[KZT_WORLDS_MAX + KZT_SEEDS_MAX];
	struct kzt_hello h = {
		.proto = KZT_PROTO_VERSION,
		.major = KZT_ANNOUNCE_MAJOR,
		.minor = KZT_ANNOUNCE_MINOR,
		.rev = KZT_ANNOUNCE_REV,
		.timestamp = ktime_get_real_ns() / NSEC_PER_MSEC,
	};
	unsigned int i, n;
	u8 *tail;

	h.id = self->identity;
	kzt_endpoint_to_inetaddr(ep, &h.phys);
	hello_put_worlds(&h, moon, &n, rcu_dereference_bh(peer->node->worlds));
	hello_put_wanted(peer->node, moon, &n);
	kzt_hello_put(wc, &h);
	tail = wc->p;
	kzt_put_u16(wc, n);
	for (i = 0; i < n; i++)
		kzt_hello_put_moon(wc, &moon[i]);
	if (!wc->bad)
		kzt_hello_mask(tail, wc->p - tail, skb->data + KZT_OFF_ID,
			       &peer->keys);
}

/**
 * kzt_hello_send() - send a HELLO
 * @peer: receiver
 * @ep: where to, or NULL: by the path that 8.1 chooses, that is relayed
 *
 * Implements: spec 1, 10.4; spec 3, 3.7.1.
 * Context: any but hard interrupts.
 * Return: its wire id, or 0.
 */
u64 kzt_hello_send(struct kzt_peer *peer, const struct kzt_endpoint *ep)
{
	struct kzt_node *node = peer->node;
	struct kzt_path *path;
	struct kzt_self *self;
	struct kzt_wcur wc;
	struct sk_buff *skb;
	u64 id = 0;

	rcu_read_lock_bh();
	self = rcu_dereference_bh(node->self);
	if (!ep) {
		path = kzt_send_route_rcu(peer, 0, kzt_now_ms());
		ep = path ? &path->ep : NULL;
	}
	if (!self || !ep)
		goto out;
	skb = kzt_msg_new(node, peer->address, KZT_VERB_HELLO, HELLO_BODY_MAX,
			  &wc);
	if (!skb)
		goto out;
	put_unaligned_be64(kzt_node_next_id(node, false),
			   skb->data + KZT_OFF_ID);
	hello_compose(peer, skb, &wc, self, ep);
	id = kzt_msg_send_to(peer, skb, &wc, true, KZT_SUITE_POLY1305, ep);
	if (id) {
		kzt_mib_inc(node, HELLO_TX);
		kzt_path_probed(peer, ep, id);
	}
out:
	rcu_read_unlock_bh();
	return id;
}

/* --- answering --------------------------------------------------------------- */

static bool world_is_newer(const struct kzt_world *w,
			   const struct kzt_hello_got *got)
{
	unsigned int i;

	if (w->type == KZT_WORLD_PLANET)
		return got->h.planet_id == w->id && w->ts > got->h.planet_ts;
	for (i = 0; i < got->n_moons; i++)
		if (got->moon[i].id == w->id)
			return w->ts > got->moon[i].ts;
	return false;
}

/* Answer with OK(HELLO), and with the worlds that we have newer */
static void hello_answer(struct kzt_peer *peer, const struct kzt_hello_got *got)
{
	struct kzt_ok_hello ok = {
		.timestamp = got->h.timestamp,
		.proto = KZT_PROTO_VERSION,
		.major = KZT_ANNOUNCE_MAJOR,
		.minor = KZT_ANNOUNCE_MINOR,
		.rev = KZT_ANNOUNCE_REV,
		.has_phys = true,
	};
	struct kzt_worlds *worlds;
	struct kzt_wcur wc;
	struct sk_buff *skb;
	u8 *updates, *p;
	unsigned int i;

	updates = kmalloc(KZT_HELLO_WORLDS * KZT_WORLD_MAX_LEN, GFP_KERNEL);
	if (!updates)
		return;
	p = updates;
	rcu_read_lock();
	worlds = rcu_dereference(peer->node->worlds);
	for (i = 0; worlds && i < worlds->n; i++) {
		if (!world_is_newer(worlds->w[i], got) ||
		    p - updates + worlds->blob_len[i] >
			    KZT_HELLO_WORLDS * KZT_WORLD_MAX_LEN)
			continue;
		memcpy(p, worlds->blob[i], worlds->blob_len[i]);
		p += worlds->blob_len[i];
	}
	rcu_read_unlock();
	ok.worlds = updates;
	ok.worlds_len = p - updates;
	kzt_endpoint_to_inetaddr(&got->from, &ok.phys);
	if (got->h.proto < KZT_PROTO_VERSION_ECHO)
		ok.phys.port = 0;
	skb = kzt_msg_new_ok(peer->node, peer->address, KZT_VERB_HELLO, got->id,
			     OK_BODY_MAX + ok.worlds_len, &wc);
	if (skb) {
		kzt_ok_hello_put(&wc, &ok);
		kzt_msg_send_to(peer, skb, &wc, false, -1, &got->from);
	}
	kfree(updates);
}

static void peer_set_version(struct kzt_peer *peer, u8 proto, u8 major, u8 minor,
			     u16 revision)
{
	bool news = peer->proto != proto || peer->major != major ||
		    peer->minor != minor || peer->revision != revision;

	WRITE_ONCE(peer->proto, proto);
	WRITE_ONCE(peer->major, major);
	WRITE_ONCE(peer->minor, minor);
	WRITE_ONCE(peer->revision, revision);
	if (news)
		kzt_notify_peer(peer, false);
}

/**
 * kzt_hello_finish() - an authentic HELLO of a known peer
 * @peer: sender; the caller holds a reference
 * @got: what it said
 *
 * Implements: spec 1, 10.4 steps 5 to 10, step 6 and 7 done by the caller.
 * Context: process.
 */
void kzt_hello_finish(struct kzt_peer *peer, const struct kzt_hello_got *got)
{
	if (got->h.has_phys && !got->hops)
		kzt_surface_note(peer, &got->from, &got->h.phys);
	if (got->cut)
		return;
	/* Armoured with the suite that was right before this HELLO (5.8) */
	hello_answer(peer, got);
	peer_set_version(peer, got->h.proto, got->h.major, got->h.minor,
			 got->h.rev);
	kzt_peer_received(peer, &got->from, got->hops, KZT_VERB_HELLO, false);
}

/* Step 7: the moons that the sender has, out of the masked tail */
static void hello_read_tail(struct kzt_hello_got *got, u8 *pkt, size_t len,
			    const struct kzt_keys *keys)
{
	size_t off = got->h.tail_off;
	struct kzt_hello_tail tail;
	struct kzt_hello_moon m;
	unsigned int i;

	if (!off)
		return;
	kzt_hello_mask(pkt + off, len - off, pkt + KZT_OFF_ID, keys);
	if (kzt_hello_tail_parse(pkt + off, len - off, &tail)) {
		got->cut = true;
		return;
	}
	for (i = 0; i < tail.n && got->n_moons < ARRAY_SIZE(got->moon); i++) {
		kzt_hello_tail_moon(&tail, i, &m);
		if (m.type == KZT_WORLD_MOON)
			got->moon[got->n_moons++] = m;
	}
}

/* --- receiving ---------------------------------------------------------------- */

/* Keys with an identity that is not a peer's (yet) */
static enum kzt_drop stranger_keys(struct kzt_node *node,
				   const struct kzt_identity *id,
				   struct kzt_keys *keys)
{
	struct kzt_self *self;
	int err = -ENOENT;

	mutex_lock(&node->config_lock);
	self = rcu_dereference_protected(node->self, 1);
	if (self)
		err = kzt_key_agree(keys, self->secret, id->pub);
	mutex_unlock(&node->config_lock);
	switch (err) {
	case 0:
		return KZT_DROP_NONE;
	case -ENOENT:
		return KZT_DROP_NO_IDENTITY;
	case -EKEYREJECTED:
		return KZT_DROP_WEAK_KEY;
	default:
		return KZT_DROP_NOMEM;
	}
}

/* Step 4 "collision": tell the newcomer, leave the peer alone */
static void hello_collision(struct kzt_node *node, struct sk_buff *skb,
			    const struct kzt_hello_got *got)
{
	enum kzt_drop reason = KZT_DROP_HELLO_LIMIT;
	struct kzt_keys *keys = NULL;
	struct sk_buff *err_skb;
	struct kzt_wcur wc;

	if (!kzt_stranger_gate(node, &got->from))
		goto out;
	reason = KZT_DROP_NOMEM;
	keys = kzalloc(sizeof(*keys), GFP_KERNEL);
	if (!keys)
		goto out;
	reason = stranger_keys(node, &got->h.id, keys);
	if (reason != KZT_DROP_NONE)
		goto out;
	reason = KZT_DROP_BAD_MAC;
	if (kzt_dearmor(skb->data, skb->len, keys))
		goto out_keys;
	reason = KZT_DROP_HELLO_COLLISION;
	err_skb = kzt_msg_new_error(node, got->h.id.address, KZT_VERB_HELLO,
				    got->id, KZT_ERROR_IDENTITY_COLLISION, 0,
				    &wc);
	if (err_skb) {
		skb_put(err_skb, kzt_wcur_len(&wc));
		put_unaligned_be64(kzt_node_next_id(node, false),
				   err_skb->data + KZT_OFF_ID);
		kzt_armor(err_skb->data, err_skb->len,
			  KZT_SUITE_SALSA2012_POLY1305, keys);
		kzt_send_wire(node, err_skb, NULL, &got->from, 0);
	}
out_keys:
	kzt_keys_destroy(keys);
out:
	kfree_sensitive(keys);
	kzt_drop_count(node, reason);
}

static void hello_count(struct kzt_node *node)
{
	kzt_mib_inc(node, RX_PACKETS);
	kzt_mib_inc(node, RX_SUITE0);
}

/* Step 4 "unknown": the cheap check first, then the agent's word */
static void hello_stranger(struct kzt_node *node, struct sk_buff *skb,
			   struct kzt_hello_got *got)
{
	enum kzt_drop reason;
	struct kzt_keys *keys;

	reason = kzt_stranger_admit(node, &got->h.id);
	if (reason != KZT_DROP_NONE) {
		kzt_drop_count(node, reason);
		return;
	}
	keys = kzalloc(sizeof(*keys), GFP_KERNEL);
	if (!keys) {
		kzt_drop_count(node, KZT_DROP_NOMEM);
		return;
	}
	reason = stranger_keys(node, &got->h.id, keys);
	if (reason != KZT_DROP_NONE) {
		kzt_drop_count(node, reason);
		goto out;
	}
	if (kzt_dearmor(skb->data, skb->len, keys)) {
		kzt_drop_count(node, KZT_DROP_BAD_MAC);
	} else {
		hello_count(node);
		hello_read_tail(got, skb->data, skb->len, keys);
		kzt_stranger_ask(node, &got->h.id, got);
	}
	kzt_keys_destroy(keys);
out:
	kfree_sensitive(keys);
}

static void hello_known(struct kzt_peer *peer, struct sk_buff *skb,
			struct kzt_hello_got *got)
{
	if (kzt_dearmor(skb->data, skb->len, &peer->keys)) {
		atomic64_inc(&peer->auth_failures);
		kzt_drop_count(peer->node, KZT_DROP_BAD_MAC);
		return;
	}
	hello_count(peer->node);
	local_bh_disable();
	kzt_peer_rx_stats(peer, skb->len);
	local_bh_enable();
	hello_read_tail(got, skb->data, skb->len, &peer->keys);
	kzt_hello_finish(peer, got);
	kzt_whois_arrived(peer->node, peer);
}

static enum kzt_drop hello_parse(const u8 *pkt, size_t len,
				 struct kzt_hello_got *got)
{
	switch (kzt_hello_parse(pkt, len, &got->h)) {
	case 0:
		return KZT_DROP_NONE;
	case -EPROTO:
		got->cut = true;
		return KZT_DROP_NONE;
	case -EPROTONOSUPPORT:
		return KZT_DROP_HELLO_VERSION;
	case -EADDRNOTAVAIL:
		return KZT_DROP_HELLO_MISMATCH;
	default:
		return KZT_DROP_MALFORMED;
	}
}

/**
 * kzt_hello_receive() - a HELLO in suite 0, not authenticated yet
 * @node: receiver
 * @skb: packet, with its struct kzt_ctl; not consumed
 *
 * Implements: spec 1, 10.4 "Receiver of a suite 0 HELLO".
 * Context: process.
 */
void kzt_hello_receive(struct kzt_node *node, struct sk_buff *skb)
{
	struct kzt_hello_got got = {
		.from = kzt_ctl(skb)->from,
		.id = kzt_packet_id(skb->data),
		.hops = kzt_packet_hops(skb->data),
	};
	enum kzt_drop reason = hello_parse(skb->data, skb->len, &got);
	struct kzt_peer *peer;

	kzt_mib_inc(node, HELLO_RX);
	if (reason != KZT_DROP_NONE) {
		kzt_drop_count(node, reason);
		return;
	}
	peer = kzt_peer_get_by_address(node, got.h.id.address);
	if (!peer) {
		hello_stranger(node, skb, &got);
		return;
	}
	if (kzt_identity_equal(&peer->identity, &got.h.id))
		hello_known(peer, skb, &got);
	else
		hello_collision(node, skb, &got);
	kzt_peer_put(peer);
}

/**
 * kzt_hello_authentic() - a HELLO in another suite, from a known peer
 * @rx: packet
 *
 * Implements: spec 1, 10.4 last paragraph of "Receiver".
 * Return: what follows.
 */
enum kzt_rx_result kzt_hello_authentic(struct kzt_rx *rx)
{
	struct kzt_hello_got got = {
		.from = rx->from, .id = rx->id, .hops = rx->hops,
	};
	enum kzt_drop reason = hello_parse(rx->pkt, rx->len, &got);

	if (reason == KZT_DROP_NONE &&
	    !kzt_identity_equal(&got.h.id, &rx->peer->identity))
		reason = KZT_DROP_HELLO_MISMATCH;
	if (reason != KZT_DROP_NONE) {
		kzt_drop_count(rx->node, reason);
		return KZT_RX_STOP;
	}
	hello_read_tail(&got, rx->pkt, rx->len, &rx->peer->keys);
	kzt_hello_finish(rx->peer, &got);	/* does received() */
	return KZT_RX_STOP;
}

/* --- the answer to ours --------------------------------------------------------- */

/**
 * kzt_hello_ok() - OK(HELLO)
 * @rx: packet; its in-re id is expected
 * @body: behind the OK header
 * @len: bytes
 * @in_re_id: id of our HELLO
 *
 * The latency of step 5 is measured by our own clock, which is finer than the
 * timestamp and not for the peer to choose.
 *
 * Implements: spec 1, 10.4 "Receiver of OK(HELLO)".
 * Return: what follows.
 */
enum kzt_rx_result kzt_hello_ok(struct kzt_rx *rx, const u8 *body, size_t len,
				u64 in_re_id)
{
	struct kzt_ok_hello ok;
	int err = kzt_ok_hello_parse(body, len, &ok);

	if (err) {
		kzt_drop_count(rx->node, err == -EPROTONOSUPPORT ?
			       KZT_DROP_HELLO_VERSION : KZT_DROP_MALFORMED);
		return KZT_RX_STOP;
	}
	if (ok.worlds_len && (READ_ONCE(rx->peer->is_upstream) ||
			      kzt_is_seed(rx->node, rx->peer->address)))
		kzt_world_offer(rx->node, rx->peer->address, ok.worlds,
				ok.worlds_len);
	if (ok.worlds_cut) {
		kzt_drop_count(rx->node, KZT_DROP_MALFORMED);
		return KZT_RX_STOP;
	}
	kzt_path_answered(rx, in_re_id);
	peer_set_version(rx->peer, ok.proto, ok.major, ok.minor, ok.rev);
	if (ok.has_phys && !rx->hops)
		kzt_surface_note(rx->peer, &rx->from, &ok.phys);
	return KZT_RX_RECEIVED;
}
