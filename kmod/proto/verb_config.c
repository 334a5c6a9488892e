// SPDX-License-Identifier: GPL-2.0
/*
 * NETWORK_CONFIG_REQUEST, NETWORK_CONFIG and OK(NETWORK_CONFIG_REQUEST) (spec 1,
 * 10.14 and 10.15; spec 4, 4.4.1 and 4.7).
 */
#include "verbs.h"

#define SIG_TYPE	1

/**
 * kzt_config_request_parse - read NETWORK_CONFIG_REQUEST
 * @pkt: packet
 * @len: its length, at least KZT_HDR_LEN
 * @r: result
 *
 * A packet may end after the dictionary.
 */
int kzt_config_request_parse(const u8 *pkt, size_t len,
			     struct kzt_config_request *r)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);

	memset(r, 0, sizeof(*r));
	r->nwid = kzt_cur_u64(&c);
	r->meta_len = kzt_cur_u16(&c);
	r->meta = kzt_cur_bytes(&c, r->meta_len);
	if (c.bad)
		return -EBADMSG;
	if (kzt_cur_left(&c) >= 16) {
		r->revision = kzt_cur_u64(&c);
		r->timestamp = kzt_cur_u64(&c);
	}
	return 0;
}

/**
 * kzt_config_request_put - write NETWORK_CONFIG_REQUEST
 * @w: cursor behind the packet header
 * @r: contents
 */
void kzt_config_request_put(struct kzt_wcur *w,
			    const struct kzt_config_request *r)
{
	kzt_put_u64(w, r->nwid);
	kzt_put_u16(w, (u16)r->meta_len);
	kzt_put_bytes(w, r->meta, r->meta_len);
	kzt_put_u64(w, r->revision);
	kzt_put_u64(w, r->timestamp);
}

/**
 * kzt_config_chunk_parse - read a chunk of a network configuration
 * @body: payload of NETWORK_CONFIG, or body of OK(NETWORK_CONFIG_REQUEST)
 * @len: its length
 * @k: result
 *
 * Steps 1 and 2 of spec 4, 4.7.3, except for the limit on the total length.
 *
 * Return: 0 or -EBADMSG: drop.
 */
int kzt_config_chunk_parse(const u8 *body, size_t len,
			   struct kzt_config_chunk *k)
{
	struct kzt_cur c = kzt_cur(body, len);

	memset(k, 0, sizeof(*k));
	k->nwid = kzt_cur_u64(&c);
	k->chunk_len = kzt_cur_u16(&c);
	k->chunk = kzt_cur_bytes(&c, k->chunk_len);
	if (c.bad)
		return -EBADMSG;
	if (!kzt_cur_left(&c)) {
		k->legacy = true;
		return 0;
	}
	k->flags = kzt_cur_u8(&c);
	k->update_id = kzt_cur_u64(&c);
	k->total = kzt_cur_u32(&c);
	k->offset = kzt_cur_u32(&c);
	k->signed_part = body;
	k->signed_len = c.p - body;
	if (kzt_cur_u8(&c) != SIG_TYPE || kzt_cur_u16(&c) != KZT_SIG_LEN)
		return -EBADMSG;
	k->sig = kzt_cur_bytes(&c, KZT_SIG_LEN);
	if (c.bad || (u64)k->offset + k->chunk_len > k->total)
		return -EBADMSG;
	return 0;
}

/**
 * kzt_config_chunk_put - write a chunk of a network configuration
 * @w: cursor
 * @k: contents; without a signature only what it has to cover is written, and
 *     the caller signs from where @w was and appends the three signature fields
 */
void kzt_config_chunk_put(struct kzt_wcur *w, const struct kzt_config_chunk *k)
{
	kzt_put_u64(w, k->nwid);
	kzt_put_u16(w, (u16)k->chunk_len);
	kzt_put_bytes(w, k->chunk, k->chunk_len);
	if (k->legacy)
		return;
	kzt_put_u8(w, k->flags);
	kzt_put_u64(w, k->update_id);
	kzt_put_u32(w, k->total);
	kzt_put_u32(w, k->offset);
	if (!k->sig)
		return;
	kzt_put_u8(w, SIG_TYPE);
	kzt_put_u16(w, KZT_SIG_LEN);
	kzt_put_bytes(w, k->sig, KZT_SIG_LEN);
}
