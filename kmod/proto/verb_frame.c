// SPDX-License-Identifier: GPL-2.0
/*
 * FRAME and EXT_FRAME (spec 1, 10.9 and 10.10; spec 4, 4.2).
 */
#include "verbs.h"

/* A packet must be longer than this for EXT_FRAME to look for a frame. */
#define EXT_FRAME_MIN	(KZT_HDR_LEN + KZT_EXT_FRAME_HDR_LEN)

/**
 * kzt_frame_parse - read FRAME
 * @pkt: packet
 * @len: its length, at least KZT_HDR_LEN
 * @f: result
 *
 * Only the network ID must be there; what ends before or within the EtherType
 * has no Ethernet payload, which is legal and delivers nothing.
 */
int kzt_frame_parse(const u8 *pkt, size_t len, struct kzt_frame *f)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);

	f->nwid = kzt_cur_u64(&c);
	if (c.bad)
		return -EBADMSG;
	f->ethertype = kzt_cur_u16(&c);
	f->data = c.p;
	f->len = kzt_cur_left(&c);
	return 0;
}

/**
 * kzt_frame_put - write what stands before the Ethernet payload of FRAME
 * @w: cursor behind the packet header
 * @nwid: network ID
 * @ethertype: EtherType, host order
 */
void kzt_frame_put(struct kzt_wcur *w, u64 nwid, u16 ethertype)
{
	kzt_put_u64(w, nwid);
	kzt_put_u16(w, ethertype);
}

/**
 * kzt_ext_frame_parse - read EXT_FRAME
 * @pkt: packet
 * @len: its length, at least KZT_HDR_LEN
 * @f: result
 *
 * First part (-EPROTO): network ID, flags, certificate.  Offer the certificate,
 * check the gate (and answer if it is closed), then stop.
 */
int kzt_ext_frame_parse(const u8 *pkt, size_t len, struct kzt_ext_frame *f)
{
	struct kzt_cur c = kzt_packet_payload(pkt, len);

	memset(f, 0, sizeof(*f));
	f->nwid = kzt_cur_u64(&c);
	f->flags = kzt_cur_u8(&c);
	if (f->flags & KZT_EXT_FRAME_COM)
		kzt_com_skip(&c, &f->com, &f->com_len);
	if (c.bad)
		return -EBADMSG;
	if (len <= EXT_FRAME_MIN)
		return 0;

	f->dst = kzt_cur_bytes(&c, KZT_MAC_ADDR_LEN);
	f->src = kzt_cur_bytes(&c, KZT_MAC_ADDR_LEN);
	f->ethertype = kzt_cur_u16(&c);
	f->data = c.p;
	f->len = kzt_cur_left(&c);
	f->has_frame = !c.bad;
	return c.bad ? -EPROTO : 0;
}

/**
 * kzt_ext_frame_put - write what stands before the Ethernet payload of EXT_FRAME
 * @w: cursor behind the packet header
 * @nwid: network ID
 * @flags: KZT_EXT_FRAME_* that are sent; no certificate
 * @dst: destination MAC
 * @src: source MAC
 * @ethertype: EtherType, host order
 */
void kzt_ext_frame_put(struct kzt_wcur *w, u64 nwid, u8 flags, const u8 *dst,
		       const u8 *src, u16 ethertype)
{
	kzt_put_u64(w, nwid);
	kzt_put_u8(w, flags & (u8)~KZT_EXT_FRAME_COM);
	kzt_put_bytes(w, dst, KZT_MAC_ADDR_LEN);
	kzt_put_bytes(w, src, KZT_MAC_ADDR_LEN);
	kzt_put_u16(w, ethertype);
}
