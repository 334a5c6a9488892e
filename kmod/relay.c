// SPDX-License-Identifier: GPL-2.0
/* Packets for other nodes (spec 1, section 11): forwarded, never opened. */
#include "node.h"
#include "peer.h"
#include "proto/packet.h"
#include "send.h"
#include "socket.h"
#include "verb.h"

/*
 * Section 11 step 1.  A fragment does not say who sent it, so only a root
 * forwards fragments; the peers of a node that is none send them by a root.
 */
static bool may_relay(struct kzt_node *node, const struct kzt_hdr *hdr,
		      bool fragment, const struct kzt_endpoint *from)
{
	struct kzt_peer *src;
	struct kzt_path *path;

	if (READ_ONCE(node->am_upstream))
		return true;
	if (fragment || !READ_ONCE(node->relay))
		return false;
	src = kzt_peer_lookup_rcu(node, hdr->src);
	path = src ? kzt_path_find_rcu(src, from) : NULL;
	return path && kzt_path_trusted(path, kzt_now_ms());
}

static void relay_over(struct kzt_node *node, struct sk_buff *skb,
		       struct kzt_path *path)
{
	kzt_packet_add_hop(skb->data);
	WRITE_ONCE(path->tx_bytes, path->tx_bytes + skb->len);
	if (!kzt_socket_send(node, skb, &path->ep, &path->cache, 0, 0))
		kzt_mib_inc(node, RELAYED);
}

/*
 * Section 11 step 4: straight to the peer, and let the two meet.  What the socket
 * refuses is lost, where the reference tries step 5: it would have to be copied
 * first, and the path goes with what made the socket refuse.
 */
static bool relay_direct(struct kzt_node *node, struct sk_buff *skb,
			 const struct kzt_hdr *hdr, bool fragment)
{
	struct kzt_peer *dst = kzt_peer_lookup_rcu(node, hdr->dst);
	struct kzt_path *path = dst ? kzt_pathset_choose_rcu(dst, 0) : NULL;

	if (!path || kzt_path_expired(path, kzt_now_ms()))
		return false;
	if (!fragment && kzt_peer_lookup_rcu(node, hdr->src))
		kzt_introduce(node, hdr->src, hdr->dst);
	relay_over(node, skb, path);
	return true;
}

/* Section 11 step 5: by our own upstream */
static bool relay_upstream(struct kzt_node *node, struct sk_buff *skb,
			   const struct kzt_hdr *hdr, bool fragment)
{
	struct kzt_peer *up = kzt_upstream_best_rcu(node);
	struct kzt_path *path = up ? kzt_pathset_choose_rcu(up, 0) : NULL;

	if (!path || (!fragment && up->address == hdr->src))
		return false;
	if (!fragment && kzt_peer_lookup_rcu(node, hdr->src))
		kzt_introduce(node, hdr->src, up->address);
	relay_over(node, skb, path);
	return true;
}

/**
 * kzt_relay() - a datagram for another node
 * @node: receiver of the datagram
 * @skb: linear, private; consumed
 * @hdr: its header
 * @fragment: it is a fragment
 * @from: where it came from
 *
 * Implements: spec 1, section 11.
 * Context: BH off, RCU.
 */
void kzt_relay(struct kzt_node *node, struct sk_buff *skb,
	       const struct kzt_hdr *hdr, bool fragment,
	       const struct kzt_endpoint *from)
{
	if (!may_relay(node, hdr, fragment, from))
		kzt_drop_skb(node, skb, KZT_DROP_NOT_RELAYING);
	else if (kzt_packet_hops(skb->data) >= KZT_MAX_HOPS)
		kzt_drop_skb(node, skb, KZT_DROP_HOP_LIMIT);
	else if (!relay_direct(node, skb, hdr, fragment) &&
		 !relay_upstream(node, skb, hdr, fragment))
		kzt_drop_skb(node, skb, KZT_DROP_NO_ROUTE_VL1);
}
