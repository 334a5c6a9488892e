// SPDX-License-Identifier: GPL-2.0
/* Control packets: how one is begun. */
#include "node.h"
#include "proto/cursor.h"
#include "proto/packet.h"
#include "send.h"
#include "verb.h"

/**
 * kzt_msg_new() - start a control packet
 * @node: sender
 * @dst: receiver's address
 * @verb: verb
 * @room: bytes of payload at most
 * @wc: set to the payload
 *
 * Return: an skb whose data is the header, or NULL without memory or identity.
 */
struct sk_buff *kzt_msg_new(struct kzt_node *node, u64 dst, u8 verb,
			    size_t room, struct kzt_wcur *wc)
{
	u64 self = READ_ONCE(node->self_address);
	struct sk_buff *skb;

	if (!self)
		return NULL;
	skb = alloc_skb(KZT_SKB_HEADROOM + KZT_HDR_LEN + room, GFP_ATOMIC);
	if (!skb)
		return NULL;
	skb_reserve(skb, KZT_SKB_HEADROOM);
	kzt_packet_init(skb_put(skb, KZT_HDR_LEN), 0, dst, self, verb);
	*wc = kzt_wcur(skb_tail_pointer(skb), room);
	return skb;
}

/**
 * kzt_msg_new_ok() - start an OK
 * @node: sender
 * @dst: receiver's address
 * @in_re_verb: verb that is answered
 * @in_re_id: its wire packet id
 * @room: bytes of body at most
 * @wc: set to the body
 *
 * Implements: spec 1, 10.6.
 * Return: as kzt_msg_new().
 */
struct sk_buff *kzt_msg_new_ok(struct kzt_node *node, u64 dst, u8 in_re_verb,
			       u64 in_re_id, size_t room, struct kzt_wcur *wc)
{
	struct sk_buff *skb = kzt_msg_new(node, dst, KZT_VERB_OK, 9 + room, wc);

	if (skb) {
		kzt_put_u8(wc, in_re_verb);
		kzt_put_u64(wc, in_re_id);
	}
	return skb;
}

/**
 * kzt_msg_new_error() - start an ERROR
 * @node: sender
 * @dst: receiver's address
 * @in_re_verb: verb that is refused
 * @in_re_id: its wire packet id
 * @code: enum kzt_error_code
 * @room: bytes of data at most
 * @wc: set to the data
 *
 * Implements: spec 1, 10.5.
 * Return: as kzt_msg_new().
 */
struct sk_buff *kzt_msg_new_error(struct kzt_node *node, u64 dst, u8 in_re_verb,
				  u64 in_re_id, u8 code, size_t room,
				  struct kzt_wcur *wc)
{
	struct sk_buff *skb = kzt_msg_new(node, dst, KZT_VERB_ERROR, 10 + room,
					  wc);

	if (skb) {
		kzt_put_u8(wc, in_re_verb);
		kzt_put_u64(wc, in_re_id);
		kzt_put_u8(wc, code);
	}
	return skb;
}
