// SPDX-License-Identifier: GPL-2.0
/*
 * Control packets made shorter (spec 1, section 6).
 *
 * Of what the reference compresses: MULTICAST_FRAME and copies of frames are left
 * as they are, a sender may do so, and since 1.4.8 it does so with all others.
 */
#include <linux/lz4.h>
#include <linux/skbuff.h>
#include "compress.h"
#include "mib.h"
#include "node.h"
#include "proto/lz4.h"
#include "proto/packet.h"

/* One packet at a time: they are few, and two at once would need twice this */
static DEFINE_SPINLOCK(press_lock);
static u64 press_work[DIV_ROUND_UP(LZ4_MEM_COMPRESS, sizeof(u64))];
static u8 press_out[KZT_MAX_PAYLOAD];

static bool is_worth_it(const u8 *pkt)
{
	switch (kzt_packet_verb(pkt)) {
	case KZT_VERB_MULTICAST_LIKE:
	case KZT_VERB_NETWORK_CREDENTIALS:
	case KZT_VERB_NETWORK_CONFIG_REQUEST:
	case KZT_VERB_NETWORK_CONFIG:
	case KZT_VERB_PUSH_DIRECT_PATHS:
	case KZT_VERB_USER_MESSAGE:
		return true;
	case KZT_VERB_OK:
		return pkt[KZT_HDR_LEN] == KZT_VERB_NETWORK_CONFIG_REQUEST;
	default:
		return false;
	}
}

/**
 * kzt_compress() - compress a control packet, if that makes it shorter
 * @node: sender
 * @skb: whole packet before it is armoured, linear
 *
 * Implements: spec 1, section 6.
 * Context: BH off.
 */
void kzt_compress(struct kzt_node *node, struct sk_buff *skb)
{
	size_t len = skb->len - KZT_HDR_LEN;
	int n;

	if (len < KZT_LZ4_MIN_PAYLOAD || !is_worth_it(skb->data))
		return;
	spin_lock(&press_lock);
	n = kzt_lz4_compress(skb->data + KZT_HDR_LEN, len, press_out,
			     sizeof(press_out), press_work);
	if (n) {
		memcpy(skb->data + KZT_HDR_LEN, press_out, n);
		skb_trim(skb, KZT_HDR_LEN + n);
		skb->data[KZT_OFF_VERB] |= KZT_VERB_COMPRESSED;
		kzt_mib_inc(node, TX_COMPRESSED);
	}
	spin_unlock(&press_lock);
}
