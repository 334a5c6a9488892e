// SPDX-License-Identifier: GPL-2.0
/*
 * See verbcheck.h.  The fuzzers use it too, so it must not assume anything about
 * a packet.
 */
#include "verbcheck.h"

static bool rebuild_hello(const u8 *pkt, size_t len, struct kzt_wcur *w,
			  size_t *upto)
{
	struct kzt_hello h;

	if (kzt_hello_parse(pkt, len, &h))
		return false;
	kzt_hello_put(w, &h);
	/* What is left out at the end, or odd, is written out as null. */
	*upto = KZT_HDR_LEN + 13 + KZT_IDENTITY_LEN;
	if (h.tail_off && h.tail_off == kzt_wcur_len(w)) {
		kzt_put_bytes(w, pkt + h.tail_off, len - h.tail_off);
		*upto = len;
	} else if (kzt_wcur_len(w) == len) {
		*upto = len;
	} else if (h.has_phys) {
		*upto += kzt_inetaddr_len(&h.phys);
	}
	return true;
}

static bool rebuild_result(struct kzt_wcur *w, const struct kzt_gather_result *r)
{
	u8 *count = kzt_gather_result_start(w, r->total);
	unsigned int i;

	for (i = 0; i < r->n; i++)
		if (!kzt_gather_result_add(w, count, kzt_gather_addr(r, i)))
			return false;
	return true;
}

static bool rebuild_ok_hello(const struct kzt_ok *ok, struct kzt_wcur *w)
{
	struct kzt_cur c;
	struct kzt_ok_hello h;
	struct kzt_world world;
	u8 buf[KZT_WORLD_MAX_LEN];

	if (kzt_ok_hello_parse(ok->body, ok->len, &h))
		return false;
	kzt_ok_hello_put(w, &h);
	c = kzt_cur(h.worlds, h.worlds_len);
	while (kzt_cur_left(&c)) {
		const u8 *from = c.p;
		struct kzt_wcur out = kzt_wcur(buf, sizeof(buf));

		if (kzt_world_get(&c, &world))
			return false;
		kzt_world_put(&out, &world);
		if (out.bad || kzt_wcur_len(&out) > (size_t)(c.p - from))
			return false;
	}
	return true;
}

static bool rebuild_ok_whois(const struct kzt_ok *ok, struct kzt_wcur *w)
{
	struct kzt_cur c = kzt_cur(ok->body, ok->len);
	struct kzt_identity id;
	int ret;

	while ((ret = kzt_ok_whois_next(&c, &id)) > 0)
		kzt_identity_put(w, &id);
	return !ret;
}

static bool rebuild_ok_gather(const struct kzt_ok *ok, struct kzt_wcur *w)
{
	struct kzt_ok_gather g;

	if (kzt_ok_gather_parse(ok->body, ok->len, &g))
		return false;
	kzt_ok_gather_put(w, g.nwid, g.mac, g.adi);
	return rebuild_result(w, &g.res);
}

static bool rebuild_ok_mcast(const struct kzt_ok *ok, struct kzt_wcur *w)
{
	struct kzt_ok_mcast_frame f;

	if (kzt_ok_mcast_frame_parse(ok->body, ok->len, &f))
		return false;
	kzt_ok_mcast_frame_put(w, f.nwid, f.mac, f.adi, f.flags);
	return !f.has_res || rebuild_result(w, &f.res);
}

static bool rebuild_chunk(const u8 *body, size_t len, struct kzt_wcur *w)
{
	struct kzt_config_chunk k;

	if (kzt_config_chunk_parse(body, len, &k))
		return false;
	kzt_config_chunk_put(w, &k);
	return true;
}

static bool rebuild_ok(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_ok ok;

	if (kzt_ok_parse(pkt, len, &ok))
		return false;
	kzt_ok_put(w, ok.in_re_verb, ok.in_re_id);
	switch (ok.in_re_verb) {
	case KZT_VERB_HELLO:
		return rebuild_ok_hello(&ok, w);
	case KZT_VERB_WHOIS:
		return rebuild_ok_whois(&ok, w);
	case KZT_VERB_NETWORK_CONFIG_REQUEST:
		return rebuild_chunk(ok.body, ok.len, w);
	case KZT_VERB_MULTICAST_GATHER:
		return rebuild_ok_gather(&ok, w);
	case KZT_VERB_MULTICAST_FRAME:
		return rebuild_ok_mcast(&ok, w);
	default:
		kzt_put_bytes(w, ok.body, ok.len);
		return true;
	}
}

static bool rebuild_error(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_error_group g;
	struct kzt_error e;
	const u8 *dict;
	size_t dict_len;
	u64 nwid;
	int ret = 0;

	if (kzt_error_parse(pkt, len, &e))
		return false;
	kzt_error_put(w, e.in_re_verb, e.in_re_id, e.code);
	switch (e.code) {
	case KZT_ERROR_OBJ_NOT_FOUND:
	case KZT_ERROR_UNSUPPORTED_OPERATION:
	case KZT_ERROR_NEED_MEMBERSHIP_CERT:
	case KZT_ERROR_NETWORK_ACCESS_DENIED:
		ret = kzt_error_nwid(&e, &nwid);
		break;
	case KZT_ERROR_UNWANTED_MULTICAST:
		ret = kzt_error_group(&e, &g);
		break;
	case KZT_ERROR_NETWORK_AUTH_REQUIRED:
		ret = kzt_error_auth(&e, &nwid, &dict, &dict_len);
		break;
	}
	kzt_put_bytes(w, e.data, e.len);
	return !ret;
}

static bool rebuild_whois(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);
	u64 addr;

	while (kzt_whois_next(&c, &addr))
		kzt_put_node(w, addr);
	return true;
}

static bool rebuild_rendezvous(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_rendezvous r;

	if (kzt_rendezvous_parse(pkt, len, &r) ||
	    kzt_inetaddr_is_null(&r.at))
		return false;
	kzt_rendezvous_put(w, &r);
	return true;
}

static bool rebuild_frame(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_frame f;

	if (kzt_frame_parse(pkt, len, &f))
		return false;
	kzt_frame_put(w, f.nwid, f.ethertype);
	kzt_put_bytes(w, f.data, f.len);
	return true;
}

static bool rebuild_ext_frame(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_ext_frame f;

	if (kzt_ext_frame_parse(pkt, len, &f) || !f.has_frame)
		return false;
	kzt_ext_frame_put(w, f.nwid, f.flags, f.dst, f.src, f.ethertype);
	kzt_put_bytes(w, f.data, f.len);
	return true;
}

static bool rebuild_like(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);
	struct kzt_like l;
	int ret;

	while ((ret = kzt_like_next(&c, &l)) > 0)
		kzt_like_put(w, l.nwid, l.mac, l.adi);
	return !ret;
}

static bool rebuild_creds(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_creds it = kzt_creds_open(pkt, len);
	struct kzt_creds_out out = kzt_creds_start(w);
	enum kzt_cred_type type;
	const u8 *raw;
	size_t raw_len;
	int ret;

	while ((ret = kzt_creds_next(&it, &type, &raw, &raw_len)) > 0)
		if (kzt_creds_add(&out, type, raw, raw_len))
			return false;
	kzt_creds_finish(&out);
	return !ret;
}

static bool rebuild_request(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_config_request r;

	if (kzt_config_request_parse(pkt, len, &r))
		return false;
	kzt_config_request_put(w, &r);
	return true;
}

static bool rebuild_gather(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_gather g;

	if (kzt_gather_parse(pkt, len, &g))
		return false;
	kzt_gather_put(w, g.nwid, g.mac, g.adi, g.limit, g.com, g.com_len);
	return true;
}

static bool rebuild_mcast(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_mcast_frame f;

	if (kzt_mcast_frame_parse(pkt, len, &f))
		return false;
	kzt_mcast_frame_put(w, &f);
	kzt_put_bytes(w, f.data, f.len);
	return true;
}

static bool rebuild_push(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_push_entry e;
	struct kzt_push it;
	u8 *count;
	int ret;

	if (kzt_push_open(pkt, len, &it))
		return false;
	count = kzt_push_start(w);
	while ((ret = kzt_push_next(&it, &e)) > 0)
		if (!kzt_push_add(w, count, e.flags, &e.addr))
			return false;
	return !ret;
}

static bool rebuild_qos(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_qos_record r;
	struct kzt_cur c;

	if (kzt_qos_open(pkt, len, &c))
		return false;
	while (kzt_qos_next(&c, &r))
		if (!kzt_qos_put(w, &r))
			return false;
	return true;
}

static bool rebuild_small(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_user_message m;
	u32 bytes;
	s16 utility;

	switch (kzt_packet_verb(pkt)) {
	case KZT_VERB_ACK:
		if (kzt_ack_parse(pkt, len, &bytes))
			return false;
		kzt_put_u32(w, bytes);
		return true;
	case KZT_VERB_PATH_NEGOTIATION_REQUEST:
		if (kzt_path_negotiation_parse(pkt, len, &utility))
			return false;
		kzt_put_u16(w, (u16)utility);
		return true;
	case KZT_VERB_USER_MESSAGE:
		if (kzt_user_message_parse(pkt, len, &m))
			return false;
		kzt_user_message_put(w, m.type);
		kzt_put_bytes(w, m.data, m.len);
		return true;
	default:
		kzt_put_bytes(w, pkt + KZT_HDR_LEN, len - KZT_HDR_LEN);
		return true;
	}
}

static bool rebuild_trace(const u8 *pkt, size_t len, struct kzt_wcur *w)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);
	const u8 *dict;
	size_t dict_len;

	while (kzt_trace_next(&c, &dict, &dict_len))
		kzt_put_bytes(w, dict, dict_len + 1);
	return true;
}

bool verbcheck_rebuild(const u8 *pkt, size_t len, struct kzt_wcur *w,
		       size_t *upto)
{
	kzt_put_bytes(w, pkt, KZT_HDR_LEN);
	*upto = len;
	switch (kzt_packet_verb(pkt)) {
	case KZT_VERB_HELLO:
		return rebuild_hello(pkt, len, w, upto);
	case KZT_VERB_ERROR:
		return rebuild_error(pkt, len, w);
	case KZT_VERB_OK:
		return rebuild_ok(pkt, len, w);
	case KZT_VERB_WHOIS:
		return rebuild_whois(pkt, len, w);
	case KZT_VERB_RENDEZVOUS:
		return rebuild_rendezvous(pkt, len, w);
	case KZT_VERB_FRAME:
		return rebuild_frame(pkt, len, w);
	case KZT_VERB_EXT_FRAME:
		return rebuild_ext_frame(pkt, len, w);
	case KZT_VERB_MULTICAST_LIKE:
		return rebuild_like(pkt, len, w);
	case KZT_VERB_NETWORK_CREDENTIALS:
		return rebuild_creds(pkt, len, w);
	case KZT_VERB_NETWORK_CONFIG_REQUEST:
		return rebuild_request(pkt, len, w);
	case KZT_VERB_NETWORK_CONFIG:
		return rebuild_chunk(pkt + KZT_HDR_LEN, len - KZT_HDR_LEN, w);
	case KZT_VERB_MULTICAST_GATHER:
		return rebuild_gather(pkt, len, w);
	case KZT_VERB_MULTICAST_FRAME:
		return rebuild_mcast(pkt, len, w);
	case KZT_VERB_PUSH_DIRECT_PATHS:
		return rebuild_push(pkt, len, w);
	case KZT_VERB_QOS_MEASUREMENT:
		return rebuild_qos(pkt, len, w);
	case KZT_VERB_REMOTE_TRACE:
		return rebuild_trace(pkt, len, w);
	default:
		return rebuild_small(pkt, len, w);
	}
}
