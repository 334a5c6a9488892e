/* SPDX-License-Identifier: GPL-2.0 */
/* Between netlink.c, netlink_dump.c and netlink_event.c. */
#ifndef KZT_NETLINK_FILL_H
#define KZT_NETLINK_FILL_H

#include <net/genetlink.h>
#include "endpoint.h"

struct kzt_node;
struct kzt_peer;
struct kzt_network;

extern struct genl_family kzt_genl_family;

enum {
	KZT_GROUP_EVENTS,
	KZT_GROUP_MESSAGES,
};

int kzt_put_node_attrs(struct sk_buff *skb, struct kzt_node *node);
int kzt_put_peer_attrs(struct sk_buff *skb, struct kzt_peer *peer);
int kzt_put_network_attrs(struct sk_buff *skb, struct kzt_network *nw);
int kzt_put_remote(struct sk_buff *skb, int attr, const struct kzt_endpoint *ep);

#endif /* KZT_NETLINK_FILL_H */
