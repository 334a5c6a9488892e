/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_NETLINK_H
#define KZT_NETLINK_H

#include <linux/types.h>

struct kzt_bond;
struct kzt_node;
struct kzt_peer;
struct kzt_rx;
struct kzt_network;
struct kzt_identity;
struct kzt_endpoint;

int kzt_netlink_init(void);
void kzt_netlink_exit(void);

/* netlink_event.c: any context that may allocate with GFP_ATOMIC; cheap without listeners */
void kzt_notify_node(struct kzt_node *node, bool collision);
void kzt_notify_peer(struct kzt_peer *peer, bool gone);
void kzt_notify_plan(struct kzt_peer *peer, const struct kzt_bond *bond);
void kzt_notify_network(struct kzt_network *nw, bool gone);
void kzt_notify_message(struct kzt_node *node, u64 from, u64 type, u8 verb,
			u64 packet_id, u8 hops, const u8 *data, size_t len);
void kzt_notify_probe(struct kzt_node *node, u32 portid, u64 address,
		      u32 path_id, u32 rtt_us, u64 cookie,
		      const struct kzt_endpoint *remote, u8 hops);
/*
 * Upcalls, unicast to node->agent_portid. -ENOTCONN without an agent (and
 * forget it when the send says ECONNREFUSED)
 */
int kzt_upcall_identity(struct kzt_node *node, const struct kzt_identity *id, u64 cookie);
int kzt_upcall_world(struct kzt_node *node, u64 from, const u8 *blob, size_t len);
int kzt_upcall_packet(const struct kzt_rx *rx);		/* netlink_packet.c */
int kzt_upcall_send(struct kzt_node *node, struct sk_buff *skb, void *hdr, u32 portid);

#endif /* KZT_NETLINK_H */
