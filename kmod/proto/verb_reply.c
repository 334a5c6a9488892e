// SPDX-License-Identifier: GPL-2.0
/*
 * OK, ERROR, WHOIS and RENDEZVOUS (spec 1, 10.5 to 10.8).
 */
#include "verbs.h"

/**
 * kzt_verb_nwid - the network ID that a payload begins with
 * @pkt: packet of a verb whose body begins with one
 * @len: its length, at least KZT_HDR_LEN
 * @nwid: result
 */
int kzt_verb_nwid(const u8 *pkt, size_t len, u64 *nwid)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);

	*nwid = kzt_cur_u64(&c);
	return kzt_cur_result(&c);
}

/**
 * kzt_ok_parse - read the header of OK (spec 1, 10.6)
 * @pkt: packet
 * @len: its length, at least KZT_HDR_LEN
 * @ok: result
 */
int kzt_ok_parse(const u8 *pkt, size_t len, struct kzt_ok *ok)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);

	ok->in_re_verb = kzt_cur_u8(&c);
	ok->in_re_id = kzt_cur_u64(&c);
	ok->body = c.p;
	ok->len = kzt_cur_left(&c);
	return kzt_cur_result(&c);
}

/**
 * kzt_ok_put - write the header of OK
 * @w: cursor behind the packet header
 * @in_re_verb: verb of the request
 * @in_re_id: its ID as it was on the wire
 */
void kzt_ok_put(struct kzt_wcur *w, u8 in_re_verb, u64 in_re_id)
{
	kzt_put_u8(w, in_re_verb);
	kzt_put_u64(w, in_re_id);
}

/**
 * kzt_error_parse - read the header of ERROR (spec 1, 10.5)
 * @pkt: packet
 * @len: its length, at least KZT_HDR_LEN
 * @e: result
 */
int kzt_error_parse(const u8 *pkt, size_t len, struct kzt_error *e)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);

	e->in_re_verb = kzt_cur_u8(&c);
	e->in_re_id = kzt_cur_u64(&c);
	e->code = kzt_cur_u8(&c);
	e->data = c.p;
	e->len = kzt_cur_left(&c);
	return kzt_cur_result(&c);
}

/**
 * kzt_error_nwid - the network ID in the data of most codes
 * @e: an ERROR
 * @nwid: result
 */
int kzt_error_nwid(const struct kzt_error *e, u64 *nwid)
{
	struct kzt_cur c = kzt_cur(e->data, e->len);

	*nwid = kzt_cur_u64(&c);
	return kzt_cur_result(&c);
}

/**
 * kzt_error_group - data of KZT_ERROR_UNWANTED_MULTICAST
 * @e: an ERROR
 * @g: result
 */
int kzt_error_group(const struct kzt_error *e, struct kzt_error_group *g)
{
	struct kzt_cur c = kzt_cur(e->data, e->len);

	g->nwid = kzt_cur_u64(&c);
	g->mac = kzt_cur_bytes(&c, KZT_MAC_ADDR_LEN);
	g->adi = kzt_cur_u32(&c);
	return kzt_cur_result(&c);
}

/**
 * kzt_error_auth - data of KZT_ERROR_NETWORK_AUTH_REQUIRED
 * @e: an ERROR
 * @nwid: result
 * @dict: set to the dictionary, NULL if there is none or it does not fit
 * @dict_len: its length
 */
int kzt_error_auth(const struct kzt_error *e, u64 *nwid, const u8 **dict,
		   size_t *dict_len)
{
	struct kzt_cur c = kzt_cur(e->data, e->len);

	*dict = NULL;
	*dict_len = 0;
	*nwid = kzt_cur_u64(&c);
	if (kzt_cur_left(&c) > 2) {
		size_t n = kzt_cur_u16(&c);

		if (n <= kzt_cur_left(&c)) {
			*dict = kzt_cur_bytes(&c, n);
			*dict_len = n;
		}
	}
	return kzt_cur_result(&c);
}

/**
 * kzt_error_put - write the header of ERROR
 * @w: cursor behind the packet header
 * @in_re_verb: verb of the offending packet
 * @in_re_id: its ID as it was on the wire
 * @code: enum kzt_error_code; its data, if any, is to follow
 */
void kzt_error_put(struct kzt_wcur *w, u8 in_re_verb, u64 in_re_id, u8 code)
{
	kzt_put_u8(w, in_re_verb);
	kzt_put_u64(w, in_re_id);
	kzt_put_u8(w, code);
}

/**
 * kzt_whois_next - the next address asked for (spec 1, 10.7)
 * @c: starts as kzt_packet_payload()
 * @addr: result
 *
 * An incomplete address at the end is ignored.
 *
 * Return: 1 or 0.
 */
int kzt_whois_next(struct kzt_cur *c, u64 *addr)
{
	if (kzt_cur_left(c) < KZT_ADDR_LEN)
		return 0;
	*addr = kzt_cur_addr(c);
	return 1;
}

/**
 * kzt_ok_whois_next - the next identity in the body of OK(WHOIS)
 * @c: starts as a cursor over the body
 * @id: result
 *
 * Return: 1, 0 or -EBADMSG.
 */
int kzt_ok_whois_next(struct kzt_cur *c, struct kzt_identity *id)
{
	if (!c->bad && !kzt_cur_left(c))
		return 0;
	return kzt_identity_get(c, id) < 0 ? -EBADMSG : 1;
}

/**
 * kzt_rendezvous_parse - read RENDEZVOUS (spec 1, 10.8)
 * @pkt: packet
 * @len: its length, at least KZT_HDR_LEN
 * @r: result; the address is null if its length was neither 4 nor 16, which
 *     asks for nothing but is not malformed
 */
int kzt_rendezvous_parse(const u8 *pkt, size_t len, struct kzt_rendezvous *r)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);
	const u8 *ip;
	u8 ip_len;

	memset(r, 0, sizeof(*r));
	r->flags = kzt_cur_u8(&c);
	r->peer = kzt_cur_addr(&c);
	r->at.port = kzt_cur_u16(&c);
	ip_len = kzt_cur_u8(&c);
	if (ip_len == 4 || ip_len == 16) {
		ip = kzt_cur_bytes(&c, ip_len);
		if (ip) {
			r->at.family = ip_len == 4 ? KZT_AF_INET : KZT_AF_INET6;
			memcpy(r->at.ip, ip, ip_len);
		}
	}
	return kzt_cur_result(&c);
}

/**
 * kzt_rendezvous_put - write RENDEZVOUS
 * @w: cursor behind the packet header
 * @r: contents; the address must not be null
 */
void kzt_rendezvous_put(struct kzt_wcur *w, const struct kzt_rendezvous *r)
{
	u8 ip_len = r->at.family == KZT_AF_INET6 ? 16 : 4;

	kzt_put_u8(w, r->flags);
	kzt_put_node(w, r->peer);
	kzt_put_u16(w, r->at.port);
	kzt_put_u8(w, ip_len);
	kzt_put_bytes(w, r->at.ip, ip_len);
}
