// SPDX-License-Identifier: GPL-2.0
/*
 * MULTICAST_LIKE, MULTICAST_GATHER, MULTICAST_FRAME and their answers (spec 1,
 * 10.12 and 10.16; spec 4, 4.11).
 */
#include "verbs.h"

/**
 * kzt_like_next - the next subscription in MULTICAST_LIKE
 * @c: starts as kzt_packet_payload()
 * @l: result
 *
 * Return: 1, 0 or -EBADMSG for a truncated entry.
 */
int kzt_like_next(struct kzt_cur *c, struct kzt_like *l)
{
	if (!c->bad && !kzt_cur_left(c))
		return 0;
	l->nwid = kzt_cur_u64(c);
	l->mac = kzt_cur_bytes(c, KZT_MAC_ADDR_LEN);
	l->adi = kzt_cur_u32(c);
	return c->bad ? -EBADMSG : 1;
}

static void put_group(struct kzt_wcur *w, const u8 *mac, u32 adi)
{
	kzt_put_bytes(w, mac, KZT_MAC_ADDR_LEN);
	kzt_put_u32(w, adi);
}

/**
 * kzt_like_put - write one subscription
 * @w: cursor
 * @nwid: network ID
 * @mac: multicast MAC
 * @adi: additional distinguishing information
 */
void kzt_like_put(struct kzt_wcur *w, u64 nwid, const u8 *mac, u32 adi)
{
	kzt_put_u64(w, nwid);
	put_group(w, mac, adi);
}

/**
 * kzt_gather_parse - read MULTICAST_GATHER
 * @pkt: packet
 * @len: its length, at least KZT_HDR_LEN
 * @g: result; a malformed certificate is left out
 */
int kzt_gather_parse(const u8 *pkt, size_t len, struct kzt_gather *g)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);

	memset(g, 0, sizeof(*g));
	g->nwid = kzt_cur_u64(&c);
	g->flags = kzt_cur_u8(&c);
	g->mac = kzt_cur_bytes(&c, KZT_MAC_ADDR_LEN);
	g->adi = kzt_cur_u32(&c);
	g->limit = kzt_cur_u32(&c);
	if (c.bad)
		return -EBADMSG;
	if (g->flags & KZT_GATHER_COM)
		kzt_com_skip(&c, &g->com, &g->com_len);
	return 0;
}

/**
 * kzt_gather_put - write MULTICAST_GATHER
 * @w: cursor behind the packet header
 * @nwid: network ID
 * @mac: multicast MAC
 * @adi: additional distinguishing information
 * @limit: number of members wanted
 * @com: own certificate as it is on the wire, or NULL
 * @com_len: its length
 */
void kzt_gather_put(struct kzt_wcur *w, u64 nwid, const u8 *mac, u32 adi,
		    u32 limit, const u8 *com, size_t com_len)
{
	kzt_put_u64(w, nwid);
	kzt_put_u8(w, com ? KZT_GATHER_COM : 0);
	put_group(w, mac, adi);
	kzt_put_u32(w, limit);
	if (com)
		kzt_put_bytes(w, com, com_len);
}

static void get_result(struct kzt_cur *c, struct kzt_gather_result *r)
{
	r->total = kzt_cur_u32(c);
	r->n = kzt_cur_u16(c);
	r->addrs = kzt_cur_bytes(c, (size_t)r->n * KZT_ADDR_LEN);
	if (c->bad)
		r->n = 0;
}

/**
 * kzt_ok_gather_parse - read the body of OK(MULTICAST_GATHER)
 * @body: behind the header of OK
 * @len: its length
 * @g: result
 */
int kzt_ok_gather_parse(const u8 *body, size_t len, struct kzt_ok_gather *g)
{
	struct kzt_cur c = kzt_cur(body, len);

	g->nwid = kzt_cur_u64(&c);
	g->mac = kzt_cur_bytes(&c, KZT_MAC_ADDR_LEN);
	g->adi = kzt_cur_u32(&c);
	get_result(&c, &g->res);
	return kzt_cur_result(&c);
}

/**
 * kzt_ok_gather_put - write OK(MULTICAST_GATHER) up to the gather result
 * @w: cursor behind kzt_ok_put()
 * @nwid: network ID
 * @mac: multicast MAC
 * @adi: additional distinguishing information
 */
void kzt_ok_gather_put(struct kzt_wcur *w, u64 nwid, const u8 *mac, u32 adi)
{
	kzt_put_u64(w, nwid);
	put_group(w, mac, adi);
}

/**
 * kzt_gather_result_start - begin a gather result
 * @w: cursor
 * @total: number of known members
 *
 * Return: what kzt_gather_result_add() counts in, or NULL without room.
 */
u8 *kzt_gather_result_start(struct kzt_wcur *w, u32 total)
{
	u8 *count;

	kzt_put_u32(w, total);
	count = kzt_put_space(w, 2);
	if (count)
		put_unaligned_be16(0, count);
	return count;
}

/**
 * kzt_gather_result_add - add a member to a gather result
 * @w: cursor
 * @count: from kzt_gather_result_start()
 * @addr: the member
 *
 * Return: false, leaving the result as it is, if there is no more room.
 */
bool kzt_gather_result_add(struct kzt_wcur *w, u8 *count, u64 addr)
{
	u16 n;

	if (!count || kzt_wcur_room(w) < KZT_ADDR_LEN)
		return false;
	n = get_unaligned_be16(count);
	if (n == U16_MAX)
		return false;
	put_unaligned_be16(n + 1, count);
	kzt_put_node(w, addr);
	return true;
}

/**
 * kzt_mcast_frame_parse - read MULTICAST_FRAME
 * @pkt: packet
 * @len: its length, at least KZT_HDR_LEN
 * @f: result
 *
 * First part (-EPROTO): network ID, flags, certificate.  Offer the certificate,
 * check the gate (and answer if it is closed), then stop.
 */
int kzt_mcast_frame_parse(const u8 *pkt, size_t len, struct kzt_mcast_frame *f)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);

	memset(f, 0, sizeof(*f));
	f->nwid = kzt_cur_u64(&c);
	f->flags = kzt_cur_u8(&c);
	if (f->flags & KZT_MCAST_COM)
		kzt_com_skip(&c, &f->com, &f->com_len);
	if (c.bad)
		return -EBADMSG;

	if (f->flags & KZT_MCAST_GATHER)
		f->gather_limit = kzt_cur_u32(&c);
	if (f->flags & KZT_MCAST_SRC)
		f->src = kzt_cur_bytes(&c, KZT_MAC_ADDR_LEN);
	f->dst = kzt_cur_bytes(&c, KZT_MAC_ADDR_LEN);
	f->adi = kzt_cur_u32(&c);
	f->ethertype = kzt_cur_u16(&c);
	f->data = c.p;
	f->len = kzt_cur_left(&c);
	return c.bad ? -EPROTO : 0;
}

/**
 * kzt_mcast_frame_put - write what stands before the payload of MULTICAST_FRAME
 * @w: cursor behind the packet header
 * @f: contents; of the flags only KZT_MCAST_REPLICATE is taken, those of optional
 *     fields follow from the fields; com, data and len are ignored
 */
void kzt_mcast_frame_put(struct kzt_wcur *w, const struct kzt_mcast_frame *f)
{
	u8 flags = f->flags & KZT_MCAST_REPLICATE;

	if (f->gather_limit)
		flags |= KZT_MCAST_GATHER;
	if (f->src)
		flags |= KZT_MCAST_SRC;
	kzt_put_u64(w, f->nwid);
	kzt_put_u8(w, flags);
	if (f->gather_limit)
		kzt_put_u32(w, f->gather_limit);
	if (f->src)
		kzt_put_bytes(w, f->src, KZT_MAC_ADDR_LEN);
	put_group(w, f->dst, f->adi);
	kzt_put_u16(w, f->ethertype);
}

/**
 * kzt_ok_mcast_frame_parse - read the body of OK(MULTICAST_FRAME)
 * @body: behind the header of OK
 * @len: its length
 * @f: result
 *
 * First part (-EPROTO): all but the gather result.
 */
int kzt_ok_mcast_frame_parse(const u8 *body, size_t len,
			     struct kzt_ok_mcast_frame *f)
{
	struct kzt_cur c = kzt_cur(body, len);

	memset(f, 0, sizeof(*f));
	f->nwid = kzt_cur_u64(&c);
	f->mac = kzt_cur_bytes(&c, KZT_MAC_ADDR_LEN);
	f->adi = kzt_cur_u32(&c);
	f->flags = kzt_cur_u8(&c);
	if (f->flags & KZT_OK_MCAST_COM)
		kzt_com_skip(&c, &f->com, &f->com_len);
	if (c.bad)
		return -EBADMSG;
	if (!(f->flags & KZT_OK_MCAST_GATHER))
		return 0;
	get_result(&c, &f->res);
	f->has_res = !c.bad;
	return c.bad ? -EPROTO : 0;
}

/**
 * kzt_ok_mcast_frame_put - write OK(MULTICAST_FRAME) up to the gather result
 * @w: cursor behind kzt_ok_put()
 * @nwid: network ID
 * @mac: multicast MAC
 * @adi: additional distinguishing information
 * @flags: KZT_OK_MCAST_GATHER if a result is to follow
 */
void kzt_ok_mcast_frame_put(struct kzt_wcur *w, u64 nwid, const u8 *mac,
			    u32 adi, u8 flags)
{
	kzt_ok_gather_put(w, nwid, mac, adi);
	kzt_put_u8(w, flags & (u8)~KZT_OK_MCAST_COM);
}
