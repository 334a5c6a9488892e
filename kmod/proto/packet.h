/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packet and fragment headers (spec 1, sections 2, 3, 7 and 11).
 */
#ifndef KZT_PROTO_PACKET_H
#define KZT_PROTO_PACKET_H

#include "cursor.h"

#define KZT_OFF_ID		0
#define KZT_OFF_DST		8
#define KZT_OFF_SRC		13
#define KZT_OFF_FLAGS		18
#define KZT_OFF_MAC		19
#define KZT_OFF_VERB		27
#define KZT_HDR_LEN		28	/* verb included: the smallest packet */
#define KZT_ID_LEN		8
#define KZT_MAC_LEN		8

#define KZT_FRAG_OFF_MARK	13
#define KZT_FRAG_OFF_COUNT	14
#define KZT_FRAG_OFF_HOPS	15
#define KZT_FRAG_HDR_LEN	16
#define KZT_FRAG_MARK		0xff

#define KZT_BEACON_LEN		13
#define KZT_BEACON_OFF_ADDR	8

#define KZT_MAX_PACKET		10024
#define KZT_MAX_PAYLOAD		(KZT_MAX_PACKET - KZT_HDR_LEN)
#define KZT_MAX_PIECES		7	/* head included */
#define KZT_MTU_DEFAULT		1432	/* UDP payload */
#define KZT_MTU_MIN		1400
#define KZT_MTU_MAX		10324

#define KZT_FLAG_ENC		0x80
#define KZT_FLAG_FRAG		0x40
#define KZT_MASK_SUITE		0x38
#define KZT_MASK_HOPS		0x07
#define KZT_MASK_AUTH		0xf8	/* of byte 18, what is authenticated */
#define KZT_SHIFT_SUITE		3
#define KZT_MAX_HOPS		3	/* relay limit, section 11 */

#define KZT_VERB_COMPRESSED	0x80
#define KZT_VERB_MASK		0x1f

#define KZT_PROTO_VERSION	12
#define KZT_PROTO_VERSION_MIN	4
#define KZT_PROTO_VERSION_ECHO	5	/* also: real port in OK(HELLO) */
#define KZT_PROTO_VERSION_AES	12	/* suite 3 */

#define KZT_PORT_DEFAULT	9993

enum kzt_suite {
	KZT_SUITE_POLY1305		= 0,	/* authenticated only */
	KZT_SUITE_SALSA2012_POLY1305	= 1,
	KZT_SUITE_TRUSTED		= 2,
	KZT_SUITE_AES_GMAC_SIV		= 3,
};

/* Spec 1, 10.1. */
enum kzt_verb {
	KZT_VERB_NOP				= 0x00,
	KZT_VERB_HELLO				= 0x01,
	KZT_VERB_ERROR				= 0x02,
	KZT_VERB_OK				= 0x03,
	KZT_VERB_WHOIS				= 0x04,
	KZT_VERB_RENDEZVOUS			= 0x05,
	KZT_VERB_FRAME				= 0x06,
	KZT_VERB_EXT_FRAME			= 0x07,
	KZT_VERB_ECHO				= 0x08,
	KZT_VERB_MULTICAST_LIKE			= 0x09,
	KZT_VERB_NETWORK_CREDENTIALS		= 0x0a,
	KZT_VERB_NETWORK_CONFIG_REQUEST		= 0x0b,
	KZT_VERB_NETWORK_CONFIG			= 0x0c,
	KZT_VERB_MULTICAST_GATHER		= 0x0d,
	KZT_VERB_MULTICAST_FRAME		= 0x0e,
	KZT_VERB_PUSH_DIRECT_PATHS		= 0x10,
	KZT_VERB_ACK				= 0x12,
	KZT_VERB_QOS_MEASUREMENT		= 0x13,
	KZT_VERB_USER_MESSAGE			= 0x14,
	KZT_VERB_REMOTE_TRACE			= 0x15,
	KZT_VERB_PATH_NEGOTIATION_REQUEST	= 0x16,
};

/* Spec 1, 10.5. */
enum kzt_error_code {
	KZT_ERROR_INVALID_REQUEST	= 0x01,
	KZT_ERROR_BAD_PROTOCOL_VERSION	= 0x02,
	KZT_ERROR_OBJ_NOT_FOUND		= 0x03,
	KZT_ERROR_IDENTITY_COLLISION	= 0x04,
	KZT_ERROR_UNSUPPORTED_OPERATION	= 0x05,
	KZT_ERROR_NEED_MEMBERSHIP_CERT	= 0x06,
	KZT_ERROR_NETWORK_ACCESS_DENIED	= 0x07,
	KZT_ERROR_UNWANTED_MULTICAST	= 0x08,
	KZT_ERROR_NETWORK_AUTH_REQUIRED	= 0x09,
};

/* What a datagram is, before anything is known about its sender. */
enum kzt_dgram {
	KZT_DGRAM_JUNK,		/* drop */
	KZT_DGRAM_BEACON,	/* 13 bytes; src is its address */
	KZT_DGRAM_HEAD,		/* a packet, or the head of a fragmented one */
	KZT_DGRAM_FRAGMENT,
};

struct kzt_hdr {
	u64 id;			/* the first eight bytes, big-endian */
	u64 dst, src;		/* a fragment has no src: 0 */
	u8 flags;		/* byte 18 as received; 0 in a fragment */
	u8 suite;
	u8 hops;
	bool fragmented;	/* head with more to come, or fragment */
	u8 frag_no, frag_total;	/* 0 in a head */
};

enum kzt_dgram kzt_packet_parse(const u8 *buf, size_t len, struct kzt_hdr *h);
bool kzt_fragment_ok(const struct kzt_hdr *h);
void kzt_packet_init(u8 *buf, u64 id, u64 dst, u64 src, u8 verb);
void kzt_packet_set_fragmented(u8 *buf, bool fragmented);
void kzt_fragment_init(u8 *buf, const u8 *wire_head, unsigned int no,
		       unsigned int total);
unsigned int kzt_packet_mtu(int configured);
unsigned int kzt_packet_pieces(size_t len, unsigned int mtu);
void kzt_packet_piece(size_t len, unsigned int mtu, unsigned int no,
		      size_t *off, size_t *size);
unsigned int kzt_packet_hops(const u8 *dgram);
void kzt_packet_add_hop(u8 *dgram);
const char *kzt_verb_name(u8 verb);

/* Byte 27 without the compression flag and the reserved bits. */
static inline u8 kzt_packet_verb(const u8 *pkt)
{
	return pkt[KZT_OFF_VERB] & KZT_VERB_MASK;
}

static inline bool kzt_packet_compressed(const u8 *pkt)
{
	return pkt[KZT_OFF_VERB] & KZT_VERB_COMPRESSED;
}

/* The ID as it stands in a packet, which is the wire ID once armored. */
static inline u64 kzt_packet_id(const u8 *pkt)
{
	return get_unaligned_be64(pkt + KZT_OFF_ID);
}

/* A cursor at the payload of a packet of at least KZT_HDR_LEN bytes. */
static inline struct kzt_cur kzt_packet_payload(const u8 *pkt, size_t len)
{
	return kzt_cur(pkt + KZT_HDR_LEN, len - KZT_HDR_LEN);
}

/*
 * Start a packet in @buf: the header, and a cursor behind it whose length is
 * that of the packet so far.  @room counts the header and must be at least
 * KZT_HDR_LEN.
 */
static inline struct kzt_wcur kzt_packet_start(u8 *buf, size_t room, u64 id,
					       u64 dst, u64 src, u8 verb)
{
	struct kzt_wcur w = kzt_wcur(buf, room);

	kzt_packet_init(buf, id, dst, src, verb);
	w.p += KZT_HDR_LEN;
	return w;
}

#endif /* KZT_PROTO_PACKET_H */
