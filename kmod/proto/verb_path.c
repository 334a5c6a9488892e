// SPDX-License-Identifier: GPL-2.0
/*
 * PUSH_DIRECT_PATHS, the verbs of link quality, USER_MESSAGE and REMOTE_TRACE
 * (spec 1, 10.17 to 10.20).
 */
#include "verbs.h"

#define ADDR_LEN_INET	6
#define ADDR_LEN_INET6	18
#define TRACE_MAX	10000

/**
 * kzt_push_open - begin to read PUSH_DIRECT_PATHS
 * @pkt: packet
 * @len: its length, at least KZT_HDR_LEN
 * @it: iterator
 */
int kzt_push_open(const u8 *pkt, size_t len, struct kzt_push *it)
{
	it->c = kzt_packet_payload(pkt, len);
	it->left = kzt_cur_u16(&it->c);
	return kzt_cur_result(&it->c);
}

/**
 * kzt_push_next - the next entry of PUSH_DIRECT_PATHS
 * @it: iterator
 * @e: result; its address is null if the entry is to be skipped
 *
 * Return: 1, 0 or -EBADMSG for a truncated entry.
 */
int kzt_push_next(struct kzt_push *it, struct kzt_push_entry *e)
{
	struct kzt_cur *c = &it->c;
	u8 type, addr_len;
	const u8 *addr;

	if (!it->left)
		return kzt_cur_result(c);
	it->left--;
	memset(e, 0, sizeof(*e));
	e->flags = kzt_cur_u8(c);
	kzt_cur_skip(c, kzt_cur_u16(c));
	type = kzt_cur_u8(c);
	addr_len = kzt_cur_u8(c);
	addr = kzt_cur_bytes(c, addr_len);
	if (!addr)
		return -EBADMSG;

	if ((type == KZT_AF_INET && addr_len == ADDR_LEN_INET) ||
	    (type == KZT_AF_INET6 && addr_len == ADDR_LEN_INET6)) {
		e->addr.family = type;
		memcpy(e->addr.ip, addr, addr_len - 2);
		e->addr.port = get_unaligned_be16(addr + addr_len - 2);
	}
	return 1;
}

/**
 * kzt_push_start - begin to write PUSH_DIRECT_PATHS
 * @w: cursor behind the packet header
 *
 * Return: what kzt_push_add() counts in, or NULL without room.
 */
u8 *kzt_push_start(struct kzt_wcur *w)
{
	u8 *count = kzt_put_space(w, 2);

	if (count)
		put_unaligned_be16(0, count);
	return count;
}

/**
 * kzt_push_add - add an endpoint to PUSH_DIRECT_PATHS
 * @w: cursor
 * @count: from kzt_push_start()
 * @flags: KZT_PUSH_*
 * @a: the endpoint
 *
 * Return: false, leaving the packet as it is, if the endpoint is null or does
 * not fit.
 */
bool kzt_push_add(struct kzt_wcur *w, u8 *count, u8 flags,
		  const struct kzt_inetaddr *a)
{
	size_t ip_len = a->family == KZT_AF_INET6 ? 16 : 4;
	u16 n;

	if (!count || kzt_inetaddr_is_null(a) ||
	    kzt_wcur_room(w) < 5 + ip_len + 2)
		return false;
	n = get_unaligned_be16(count);
	if (n == U16_MAX)
		return false;
	put_unaligned_be16(n + 1, count);
	kzt_put_u8(w, flags);
	kzt_put_u16(w, 0);
	kzt_put_u8(w, a->family);
	kzt_put_u8(w, (u8)(ip_len + 2));
	kzt_put_bytes(w, a->ip, ip_len);
	kzt_put_u16(w, a->port);
	return true;
}

/**
 * kzt_ack_parse - read ACK (spec 1, 10.18)
 * @pkt: packet
 * @len: its length, at least KZT_HDR_LEN
 * @bytes: bytes received since the last ACK
 */
int kzt_ack_parse(const u8 *pkt, size_t len, u32 *bytes)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);

	*bytes = kzt_cur_u32(&c);
	return kzt_cur_result(&c);
}

/**
 * kzt_qos_open - begin to read QOS_MEASUREMENT (spec 1, 10.18)
 * @pkt: packet
 * @len: its length, at least KZT_HDR_LEN
 * @c: cursor for kzt_qos_next()
 *
 * Return: -EBADMSG if the length of the payload is out of bounds.
 */
int kzt_qos_open(const u8 *pkt, size_t len, struct kzt_cur *c)
{
	*c = kzt_packet_payload(pkt, len);
	if (kzt_cur_left(c) < KZT_QOS_MIN_LEN ||
	    kzt_cur_left(c) > KZT_QOS_MAX_LEN)
		kzt_cur_fail(c);
	return kzt_cur_result(c);
}

/**
 * kzt_qos_next - the next record of QOS_MEASUREMENT
 * @c: from kzt_qos_open()
 * @r: result
 *
 * Bytes behind the last whole record are ignored.
 *
 * Return: 1 or 0.
 *
 * The sender copies both fields out of its memory, where the ID is a number in
 * the sense of kzt_packet_id(): hence little-endian (spec 3, 3.20.9).
 */
int kzt_qos_next(struct kzt_cur *c, struct kzt_qos_record *r)
{
	const u8 *p;

	if (kzt_cur_left(c) < KZT_QOS_RECORD_LEN)
		return 0;
	p = kzt_cur_bytes(c, KZT_QOS_RECORD_LEN);
	r->id = get_unaligned_le64(p);
	r->hold = get_unaligned_le16(p + 8);
	return 1;
}

/**
 * kzt_qos_put - write one record of QOS_MEASUREMENT
 * @w: cursor; at most KZT_QOS_MAX_RECORDS per packet
 * @r: the record
 *
 * Return: false, leaving the packet as it is, if there is no more room.
 */
bool kzt_qos_put(struct kzt_wcur *w, const struct kzt_qos_record *r)
{
	u8 *p;

	if (kzt_wcur_room(w) < KZT_QOS_RECORD_LEN)
		return false;
	p = kzt_put_space(w, KZT_QOS_RECORD_LEN);
	put_unaligned_le64(r->id, p);
	put_unaligned_le16(r->hold, p + 8);
	return true;
}

/**
 * kzt_path_negotiation_parse - read PATH_NEGOTIATION_REQUEST (spec 1, 10.18)
 * @pkt: packet
 * @len: its length, at least KZT_HDR_LEN
 * @utility: result
 */
int kzt_path_negotiation_parse(const u8 *pkt, size_t len, s16 *utility)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);

	*utility = (s16)kzt_cur_u16(&c);
	return c.bad || kzt_cur_left(&c) ? -EBADMSG : 0;
}

/**
 * kzt_user_message_parse - read USER_MESSAGE (spec 1, 10.19)
 * @pkt: packet
 * @len: its length, at least KZT_HDR_LEN
 * @m: result
 *
 * -EBADMSG if there is no message; the packet counts as received all the same.
 */
int kzt_user_message_parse(const u8 *pkt, size_t len,
			   struct kzt_user_message *m)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);

	m->type = kzt_cur_u64(&c);
	m->data = c.p;
	m->len = kzt_cur_left(&c);
	return kzt_cur_result(&c);
}

/**
 * kzt_user_message_put - write what stands before the message of USER_MESSAGE
 * @w: cursor behind the packet header
 * @type: message type
 */
void kzt_user_message_put(struct kzt_wcur *w, u64 type)
{
	kzt_put_u64(w, type);
}

/**
 * kzt_trace_next - the next dictionary of REMOTE_TRACE (spec 1, 10.20)
 * @c: starts as kzt_packet_payload()
 * @dict: set to its first byte
 * @dict_len: its length without the terminating zero, 1..10000
 *
 * Return: 1, or 0 when only an unterminated rest is left.
 */
int kzt_trace_next(struct kzt_cur *c, const u8 **dict, size_t *dict_len)
{
	const u8 *end;

	while (kzt_cur_left(c)) {
		end = memchr(c->p, 0, kzt_cur_left(c));
		if (!end)
			return 0;
		*dict = c->p;
		*dict_len = end - c->p;
		c->p = end + 1;
		if (*dict_len && *dict_len <= TRACE_MAX)
			return 1;
	}
	return 0;
}
