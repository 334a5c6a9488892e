/* SPDX-License-Identifier: GPL-2.0 */
/* IN spine: datagram -> header -> defrag -> peer -> decrypt -> deliver. */
#ifndef KZT_RECEIVE_H
#define KZT_RECEIVE_H

#include <linux/skbuff.h>
#include "endpoint.h"

struct kzt_node;
struct kzt_peer;

/* encap_rcv of the sockets; skb->data is the UDP header */
int kzt_receive(struct sock *sk, struct sk_buff *skb);
/* A whole packet, data at byte 0, linear; from = where from. BH, RCU. Consumes */
void kzt_receive_packet(struct kzt_node *node, struct sk_buff *skb,
			const struct kzt_endpoint *from);
void kzt_receive_deliver(struct kzt_peer *peer, struct sk_buff *skb);
void kzt_decrypt_worker(struct work_struct *work);

/*
 * Control packets wait in node->control with this in front of the packet, so
 * that nothing of the cb's size limit matters: skb->data points at byte 0 of
 * the packet, the meta lies in skb->head's headroom (see kzt_ctl()).
 */
struct kzt_ctl {
	struct kzt_endpoint from;
	/* Reference held, or NULL: HELLO from a stranger or in suite 0 */
	struct kzt_peer *peer;
	u64 at_us;		/* when it came */
	bool authenticated;	/* decrypted, decompressed */
};

struct kzt_ctl *kzt_ctl(const struct sk_buff *skb);
/* Queue for verb.c; consumes. peer: takes its own reference */
void kzt_control_enqueue(struct kzt_node *node, struct sk_buff *skb,
			 const struct kzt_endpoint *from,
			 struct kzt_peer *peer, bool authenticated);

#endif /* KZT_RECEIVE_H */
