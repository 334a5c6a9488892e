/* SPDX-License-Identifier: GPL-2.0 */
/* Verbs, in process context on node->control_wq, one packet at a time. */
#ifndef KZT_VERB_H
#define KZT_VERB_H

#include <linux/skbuff.h>
#include "endpoint.h"
#include "proto/packet.h"
#include "proto/verbs.h"

struct kzt_node;
struct kzt_peer;
struct netlink_ext_ack;

/**
 * struct kzt_rx - a control packet being handled
 * @node: receiver
 * @peer: sender; a reference is held by the caller for the time of the call
 * @from: where it came from
 * @pkt: whole packet, authenticated, decrypted, decompressed; linear
 * @len: its bytes
 * @body: payload, pkt + 28
 * @body_len: its bytes
 * @id: wire packet id
 * @verb: without flags
 * @hops: 0 is direct
 * @now: kzt_now_ms()
 * @at_us: kzt_now_us() when it came; handling may start much later
 */
struct kzt_rx {
	struct kzt_node *node;
	struct kzt_peer *peer;
	struct kzt_endpoint from;
	u8 *pkt;
	size_t len;
	const u8 *body;
	size_t body_len;
	u64 id;
	u8 verb;
	u8 hops;
	u64 now;
	u64 at_us;
};

/* Handler's result: whether "received" (spec 1, 7.3) follows */
enum kzt_rx_result {
	KZT_RX_RECEIVED,	/* received(no) */
	KZT_RX_TRUSTED,		/* received(yes) */
	KZT_RX_STOP,		/* not received; the drop is counted by the handler */
};

/* verb.c: node->control_work */
void kzt_control_work(struct work_struct *work);

/* hello.c */
int kzt_hello_init(struct kzt_node *node);
void kzt_hello_free(struct kzt_node *node);
/* suite 0 HELLO, not yet authentic; does not consume */
void kzt_hello_receive(struct kzt_node *node, struct sk_buff *skb);
/* HELLO in suite 1/3 from a known peer */
enum kzt_rx_result kzt_hello_authentic(struct kzt_rx *rx);
enum kzt_rx_result kzt_hello_ok(struct kzt_rx *rx, const u8 *body, size_t len, u64 in_re_id);
/* The agent's verdict on an identity that waits */
void kzt_hello_verdict(struct kzt_node *node, const struct kzt_identity *id,
		       u64 cookie, bool valid);
/* ep NULL: normal procedure (relayed) */
u64 kzt_hello_send(struct kzt_peer *peer, const struct kzt_endpoint *ep);
/* Early filter in softirq, before anything is queued: false = over the limit (counted) */
bool kzt_hello_admit(struct kzt_node *node, const struct kzt_endpoint *from, u64 src);
void kzt_hello_sweep(struct kzt_node *node, u64 now);

/* stranger.c */
/* came by WHOIS: let the agent validate it */
void kzt_identity_check(struct kzt_node *node, const struct kzt_identity *id);

/* whois.c */
int kzt_whois_init(struct kzt_node *node);
void kzt_whois_free(struct kzt_node *node);
/* any ctx; gated, asked from the tick/control context */
void kzt_whois_ask(struct kzt_node *node, u64 address);
enum kzt_rx_result kzt_whois_receive(struct kzt_rx *rx);
enum kzt_rx_result kzt_whois_ok(struct kzt_rx *rx, const u8 *body, size_t len);
void kzt_whois_sweep(struct kzt_node *node, u64 now);	/* tick: ask, expire, retry */
/* packets waiting for an identity; both bounded; skb consumed */
void kzt_whois_pend_tx(struct kzt_node *node, u64 address, struct sk_buff *list);
void kzt_whois_pend_rx(struct kzt_node *node, u64 address, struct sk_buff *skb,
		       const struct kzt_endpoint *from);
void kzt_whois_arrived(struct kzt_node *node, struct kzt_peer *peer);	/* release both */

/* rendezvous.c, surface.c */
enum kzt_rx_result kzt_rendezvous_receive(struct kzt_rx *rx);
enum kzt_rx_result kzt_push_receive(struct kzt_rx *rx);
void kzt_push_send(struct kzt_peer *peer, const struct kzt_endpoint *via, u8 hops);
void kzt_introduce(struct kzt_node *node, u64 a, u64 b);	/* any ctx; 30 s per pair */

/* relay.c: BH, softirq; consumes */
void kzt_relay(struct kzt_node *node, struct sk_buff *skb, const struct kzt_hdr *hdr,
	       bool fragment, const struct kzt_endpoint *from);

/* probe.c: contact, ECHO */
/* spec 3.7.2 */
void kzt_contact(struct kzt_peer *peer, const struct kzt_endpoint *ep,
		 bool full);
/* probe a known remote endpoint from the local sides that have no path to it */
void kzt_contact_others(struct kzt_peer *peer, const struct kzt_endpoint *ep);
/* an answer came over an allowed endpoint: RCU; NULL: it is no path */
struct kzt_path *kzt_path_confirmed(struct kzt_peer *peer,
				    const struct kzt_endpoint *ep, u64 now);
u64 kzt_echo_send(struct kzt_peer *peer, const struct kzt_endpoint *ep);
enum kzt_rx_result kzt_echo_receive(struct kzt_rx *rx);
enum kzt_rx_result kzt_echo_ok(struct kzt_rx *rx, u64 in_re_id, const u8 *body, size_t len);
int kzt_probe_user(struct kzt_peer *peer, u32 path_id, u64 cookie, u32 portid);	/* `kzt ping` */
void kzt_path_probed(struct kzt_peer *peer, const struct kzt_endpoint *ep, u64 id);
void kzt_path_answered(struct kzt_rx *rx, u64 in_re_id);
void kzt_probes_forget(struct kzt_node *node);

/* keep.c: the tick */
void kzt_peer_try_hints(struct kzt_peer *peer, u64 now);
void kzt_tick(struct work_struct *work);

/* root.c: worlds and upstreams */
int kzt_world_set_locked(struct kzt_node *node, const u8 *blob, size_t len,
			 struct netlink_ext_ack *extack);
int kzt_world_del_locked(struct kzt_node *node, u64 id);
void kzt_worlds_free_locked(struct kzt_node *node);
/* config_lock held; follow with kzt_upstreams_rebuild_locked() if the peer stays */
void kzt_upstream_mark(struct kzt_peer *peer, bool is_one);
/* after identity, worlds or static roots changed */
void kzt_upstreams_rebuild_locked(struct kzt_node *node);
struct kzt_peer *kzt_upstream_best_rcu(struct kzt_node *node);	/* spec 2.15, 3.15.3; RCU */
/* tick: refresh node->best_upstream, online */
void kzt_upstream_elect(struct kzt_node *node, u64 now);
/* spec 2.15 */
bool kzt_upstream_endpoint_allowed(struct kzt_node *node, u64 address,
				   const struct kzt_endpoint *ep);
/* from OK(HELLO): to the agent */
void kzt_world_offer(struct kzt_node *node, u64 from, const u8 *blob,
		     size_t len);

#endif /* KZT_VERB_H */
