// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that are larger than the path's MTU, cut for the way out (spec 1,
 * 3.2).
 *
 * Each piece goes in an skb of its own.  As one burst of UDP segments they
 * would cost the sender less, but the stack parts such a burst in front of an
 * encapsulation socket, with copies and checksums: 2,700 instructions more a
 * packet over veth (selftests/bench/RESULTS.md).
 */
#include <linux/skbuff.h>
#include "node.h"
#include "pieces.h"
#include "proto/packet.h"
#include "send.h"
#include "socket.h"

/* One piece of an armoured packet, in an skb of its own */
static struct sk_buff *piece_alloc(const struct sk_buff *skb, size_t off,
				   size_t len, unsigned int no,
				   unsigned int total)
{
	struct sk_buff *piece;

	piece = alloc_skb(KZT_SKB_HEADROOM + KZT_FRAG_HDR_LEN + len, GFP_ATOMIC);
	if (!piece)
		return NULL;
	skb_reserve(piece, KZT_SKB_HEADROOM);
	kzt_fragment_init(skb_put(piece, KZT_FRAG_HDR_LEN), skb->data, no, total);
	skb_put_data(piece, skb->data + off, len);
	return piece;
}

/**
 * kzt_pieces_send() - send an armoured packet in pieces
 * @node: sender
 * @skb: packet; consumed
 * @ep: where to
 * @cache: route cache of the path, or NULL
 * @mtu: largest UDP payload
 * @tos: DSCP and ECN of the outer header
 *
 * Implements: spec 1, 3.2.
 * Context: RCU (BH).
 * Return: 0 or a negative errno; the drop is counted.
 */
int kzt_pieces_send(struct kzt_node *node, struct sk_buff *skb,
		    const struct kzt_endpoint *ep, struct dst_cache *cache,
		    unsigned int mtu, u8 tos)
{
	struct sk_buff *piece[KZT_MAX_PIECES] = { NULL };
	unsigned int total, no;
	size_t off, len;
	int err = -ENOMEM;

	/* The flag is authenticated: what has it must come in pieces */
	if (skb->len <= mtu)
		mtu = max_t(unsigned int, skb->len / 2 + KZT_HDR_LEN,
			    KZT_HDR_LEN + 1);
	total = kzt_packet_pieces(skb->len, mtu);
	if (total > KZT_MAX_PIECES || total < 2) {
		kzt_drop_skb(node, skb, KZT_DROP_FRAME_TOO_BIG);
		return -EMSGSIZE;
	}
	for (no = 1; no < total; no++) {
		kzt_packet_piece(skb->len, mtu, no, &off, &len);
		piece[no] = piece_alloc(skb, off, len, no, total);
		if (!piece[no])
			goto err_pieces;
	}
	kzt_mib_inc(node, TX_FRAGMENTED);
	/* The head keeps the skb and goes first */
	kzt_packet_piece(skb->len, mtu, 0, &off, &len);
	skb_trim(skb, len);
	err = kzt_socket_send(node, skb, ep, cache, tos, 0);
	for (no = 1; no < total; no++) {
		if (err)
			kzt_drop_skb(node, piece[no], KZT_DROP_TX_ERROR);
		else
			kzt_socket_send(node, piece[no], ep, cache, tos, 0);
	}
	return err;

err_pieces:
	while (--no)
		kfree_skb(piece[no]);
	kzt_drop_skb(node, skb, KZT_DROP_NOMEM);
	return err;
}
