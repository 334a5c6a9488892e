/* SPDX-License-Identifier: GPL-2.0 */
/* OUT spine: message -> encrypt -> path choice -> fragments -> socket. */
#ifndef KZT_SEND_H
#define KZT_SEND_H

#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include "endpoint.h"

struct kzt_node;
struct kzt_peer;
struct kzt_path;
struct kzt_wcur;

/* Headroom that a VL1 packet needs in front of byte 0: UDP, IP, link layer */
#define KZT_SKB_HEADROOM	(LL_MAX_HEADER + sizeof(struct ipv6hdr) + sizeof(struct udphdr))

/* --- data path (frame.c, multicast.c) --------------------------------- */
/*
 * Queue or encrypt and send a list (skb->next) of composed plaintext packets to
 * one peer, in order.  Each skb: linear, private, data at byte 0 of the packet
 * (header from kzt_packet_init() with id 0: send.c fills id, flags),
 * KZT_CB()->hash and ->tos set.  Any context with BH off; RCU held; consumes.
 */
void kzt_send_data(struct kzt_peer *peer, struct sk_buff *list);
void kzt_send_deliver(struct kzt_peer *peer, struct sk_buff *list);
/*
 * The same, when the peer is not known (yet): keeps at most a bounded number of
 * packets for 5 s and asks WHOIS.  Consumes.
 */
void kzt_send_pending(struct kzt_node *node, u64 address, struct sk_buff *list);

/* --- control packets (verbs), process context or BH ------------------- */
/*
 * Compose: an skb with headroom, header laid for (peer address, verb), wc set
 * to write the payload at most room bytes.  NULL: no memory.
 */
struct sk_buff *kzt_msg_new(struct kzt_node *node, u64 dst, u8 verb,
			    size_t room, struct kzt_wcur *wc);
/*
 * Finish (skb_put what wc wrote), armour with peer's key, expect a reply if
 * expect, and send by the normal procedure (spec 1, 8.1: best direct path, else
 * best upstream).  Consumes.  Returns the wire id, 0 on failure.
 */
u64 kzt_msg_send(struct kzt_peer *peer, struct sk_buff *skb,
		 struct kzt_wcur *wc, bool expect);
/* The same, straight to an endpoint (spec 1, 8.2); suite < 0: by the peer. HELLO: suite 0 */
u64 kzt_msg_send_to(struct kzt_peer *peer, struct sk_buff *skb,
		    struct kzt_wcur *wc, bool expect, int suite,
		    const struct kzt_endpoint *ep);
/* An ECHO of a UDP payload of size bytes in one piece, or nothing; RCU (BH) */
u64 kzt_echo_send_sized(struct kzt_peer *peer, struct kzt_path *path,
			unsigned int size);
/* Start OK or ERROR in reply to a packet: header + in-re fields written */
struct sk_buff *kzt_msg_new_ok(struct kzt_node *node, u64 dst, u8 in_re_verb,
			       u64 in_re_id, size_t room, struct kzt_wcur *wc);
struct sk_buff *kzt_msg_new_error(struct kzt_node *node, u64 dst, u8 in_re_verb,
				  u64 in_re_id, u8 code, size_t room,
				  struct kzt_wcur *wc);

/* Send an armoured packet (skb) over a chosen route: fragments by mtu. */
int kzt_send_wire(struct kzt_node *node, struct sk_buff *skb,
		  struct kzt_path *path, const struct kzt_endpoint *ep, u8 tos);
/* Path for peer by spec 1, 8.1: own best, else best upstream's; RCU. */
struct kzt_path *kzt_send_route_rcu(struct kzt_peer *peer, u32 hash, u64 now);
/* The same for who does not send then: no path's turn passes */
struct kzt_path *kzt_send_peek_rcu(struct kzt_peer *peer, u32 hash, u64 now);

/* encrypt worker (queueing) */
void kzt_encrypt_worker(struct work_struct *work);

/* --- expected replies (spec 1, 9) -------------------------------------- */
void kzt_expect_add(struct kzt_node *node, u64 wire_id);
bool kzt_expect_check(struct kzt_node *node, u64 wire_id);	/* not consumed */
/* U64_MAX: not expected */
u64 kzt_expect_age_us(struct kzt_node *node, u64 wire_id, u64 now);

#endif /* KZT_SEND_H */
