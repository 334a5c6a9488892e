// SPDX-License-Identifier: GPL-2.0
/*
 * HELLO and OK(HELLO) (spec 1, 10.4).
 */
#include "verbs.h"

#define MOON_LEN	17
#define PLANET_LEN	16

/**
 * kzt_hello_parse - read the part of HELLO that is not masked
 * @pkt: packet, not authenticated yet: the identity is inside
 * @len: its length, at least KZT_HDR_LEN
 * @h: result
 *
 * Steps 1 to 3, 5 and 6 of the receiver.
 *
 * Return:
 *
 *	0			all is well; @h->tail_off says where the tail is
 *	-EPROTO			step 5 stops at the physical address; steps 1 to 4 are
 *				good: authenticate, make the peer known, do no more
 *	-EBADMSG		drop: too short or malformed
 *	-EPROTONOSUPPORT	drop: protocol version too old
 *	-EADDRNOTAVAIL		drop: identity is not that of the packet's source
 */
int kzt_hello_parse(const u8 *pkt, size_t len, struct kzt_hello *h)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);

	memset(h, 0, sizeof(*h));
	h->proto = kzt_cur_u8(&c);
	h->major = kzt_cur_u8(&c);
	h->minor = kzt_cur_u8(&c);
	h->rev = kzt_cur_u16(&c);
	h->timestamp = kzt_cur_u64(&c);
	kzt_identity_get(&c, &h->id);
	if (c.bad)
		return -EBADMSG;
	if (h->proto < KZT_PROTO_VERSION_MIN)
		return -EPROTONOSUPPORT;
	if (h->id.address != kzt_get_addr(pkt + KZT_OFF_SRC) ||
	    !kzt_addr_valid(h->id.address))
		return -EADDRNOTAVAIL;

	if (kzt_cur_left(&c) && kzt_inetaddr_get(&c, &h->phys) < 0)
		return -EPROTO;
	h->has_phys = !kzt_inetaddr_is_null(&h->phys);
	if (kzt_cur_left(&c) >= PLANET_LEN) {
		h->planet_id = kzt_cur_u64(&c);
		h->planet_ts = kzt_cur_u64(&c);
	}
	if (kzt_cur_left(&c))
		h->tail_off = c.p - pkt;
	return 0;
}

/**
 * kzt_hello_tail_parse - read the tail of HELLO
 * @tail: from tail_off to the end of the packet, after unmasking
 * @len: its length
 * @t: result
 *
 * Step 7 of the receiver.  A tail of one byte lists nothing.
 *
 * Return: 0, or -EBADMSG if entries are missing: send no answer.
 */
int kzt_hello_tail_parse(const u8 *tail, size_t len, struct kzt_hello_tail *t)
{
	struct kzt_cur c = kzt_cur(tail, len);

	t->n = len < 2 ? 0 : kzt_cur_u16(&c);
	t->moons = kzt_cur_bytes(&c, (size_t)t->n * MOON_LEN);
	if (c.bad)
		t->n = 0;
	return kzt_cur_result(&c);
}

/**
 * kzt_hello_tail_moon - one entry of the tail
 * @t: tail
 * @i: less than @t->n
 * @m: result; skip it unless its type is KZT_WORLD_MOON
 */
void kzt_hello_tail_moon(const struct kzt_hello_tail *t, unsigned int i,
			 struct kzt_hello_moon *m)
{
	struct kzt_cur c = kzt_cur(t->moons + (size_t)i * MOON_LEN, MOON_LEN);

	m->type = kzt_cur_u8(&c);
	m->id = kzt_cur_u64(&c);
	m->ts = kzt_cur_u64(&c);
}

/**
 * kzt_hello_put - write HELLO up to and including the planet timestamp
 * @w: cursor behind the header
 * @h: contents; has_phys and tail_off are ignored, a null address is sent as
 *     such
 *
 * What follows is the tail, to be masked before armoring (spec 1, 5.9): a 16-bit
 * number of moons and as many kzt_hello_put_moon().
 */
void kzt_hello_put(struct kzt_wcur *w, const struct kzt_hello *h)
{
	kzt_put_u8(w, h->proto);
	kzt_put_u8(w, h->major);
	kzt_put_u8(w, h->minor);
	kzt_put_u16(w, h->rev);
	kzt_put_u64(w, h->timestamp);
	kzt_identity_put(w, &h->id);
	kzt_inetaddr_put(w, &h->phys);
	kzt_put_u64(w, h->planet_id);
	kzt_put_u64(w, h->planet_ts);
}

/**
 * kzt_hello_put_moon - write one entry of the tail of HELLO
 * @w: cursor
 * @m: the moon
 */
void kzt_hello_put_moon(struct kzt_wcur *w, const struct kzt_hello_moon *m)
{
	kzt_put_u8(w, m->type);
	kzt_put_u64(w, m->id);
	kzt_put_u64(w, m->ts);
}

/**
 * kzt_ok_hello_parse - read the body of OK(HELLO)
 * @body: behind the header of OK
 * @len: its length
 * @h: result
 *
 * The worlds are only found, not read.
 *
 * Return: 0, -EBADMSG, or -EPROTONOSUPPORT for a peer that is too old; the last
 * two stop the handling.
 */
int kzt_ok_hello_parse(const u8 *body, size_t len, struct kzt_ok_hello *h)
{
	struct kzt_cur c = kzt_cur(body, len);
	size_t claimed;

	memset(h, 0, sizeof(*h));
	h->timestamp = kzt_cur_u64(&c);
	h->proto = kzt_cur_u8(&c);
	h->major = kzt_cur_u8(&c);
	h->minor = kzt_cur_u8(&c);
	h->rev = kzt_cur_u16(&c);
	if (c.bad)
		return -EBADMSG;
	if (h->proto < KZT_PROTO_VERSION_MIN)
		return -EPROTONOSUPPORT;

	if (kzt_cur_left(&c) && kzt_inetaddr_get(&c, &h->phys) < 0)
		return -EBADMSG;
	h->has_phys = !kzt_inetaddr_is_null(&h->phys);
	claimed = kzt_cur_left(&c) < 2 ? 0 : kzt_cur_u16(&c);
	h->worlds_len = min(claimed, kzt_cur_left(&c));
	h->worlds_cut = claimed > h->worlds_len;
	h->worlds = kzt_cur_bytes(&c, h->worlds_len);
	return 0;
}

/**
 * kzt_ok_hello_put - write the body of OK(HELLO)
 * @w: cursor behind kzt_ok_put()
 * @h: contents; worlds may be NULL if worlds_len is 0
 *
 * The port of the address has to be 0 for peers before
 * KZT_PROTO_VERSION_ECHO; that is up to the caller.
 */
void kzt_ok_hello_put(struct kzt_wcur *w, const struct kzt_ok_hello *h)
{
	kzt_put_u64(w, h->timestamp);
	kzt_put_u8(w, h->proto);
	kzt_put_u8(w, h->major);
	kzt_put_u8(w, h->minor);
	kzt_put_u16(w, h->rev);
	kzt_inetaddr_put(w, &h->phys);
	kzt_put_u16(w, (u16)h->worlds_len);
	kzt_put_bytes(w, h->worlds, h->worlds_len);
}
