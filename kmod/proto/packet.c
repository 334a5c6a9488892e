// SPDX-License-Identifier: GPL-2.0
/*
 * Packet and fragment headers (spec 1, sections 2, 3, 7 and 11).
 */
#include "packet.h"

static enum kzt_dgram parse_fragment(const u8 *buf, struct kzt_hdr *h)
{
	h->fragmented = true;
	h->frag_total = buf[KZT_FRAG_OFF_COUNT] >> 4;
	h->frag_no = buf[KZT_FRAG_OFF_COUNT] & 0x0f;
	h->hops = buf[KZT_FRAG_OFF_HOPS] & KZT_MASK_HOPS;
	return KZT_DGRAM_FRAGMENT;
}

/**
 * kzt_packet_parse - tell what a datagram is and read its header
 * @buf: the datagram; at most the first KZT_HDR_LEN bytes are looked at
 * @len: length of the whole datagram
 * @h: filled in as far as the kind of datagram has the fields
 *
 * Spec 1, section 7, steps 2 to 5, and the limit on length.  Nothing about the
 * header is authentic, and addresses are not judged.
 */
enum kzt_dgram kzt_packet_parse(const u8 *buf, size_t len, struct kzt_hdr *h)
{
	u8 flags;

	memset(h, 0, sizeof(*h));
	if (len > KZT_MAX_PACKET)
		return KZT_DGRAM_JUNK;
	if (len == KZT_BEACON_LEN) {
		h->src = kzt_get_addr(buf + KZT_BEACON_OFF_ADDR);
		return KZT_DGRAM_BEACON;
	}
	if (len <= KZT_FRAG_HDR_LEN)
		return KZT_DGRAM_JUNK;

	h->id = get_unaligned_be64(buf + KZT_OFF_ID);
	h->dst = kzt_get_addr(buf + KZT_OFF_DST);
	if (buf[KZT_FRAG_OFF_MARK] == KZT_FRAG_MARK)
		return parse_fragment(buf, h);
	if (len < KZT_HDR_LEN)
		return KZT_DGRAM_JUNK;

	flags = buf[KZT_OFF_FLAGS];
	h->src = kzt_get_addr(buf + KZT_OFF_SRC);
	h->flags = flags;
	h->suite = (flags & KZT_MASK_SUITE) >> KZT_SHIFT_SUITE;
	h->hops = flags & KZT_MASK_HOPS;
	h->fragmented = flags & KZT_FLAG_FRAG;
	return KZT_DGRAM_HEAD;
}

/**
 * kzt_fragment_ok - whether a fragment for this node may be kept
 * @h: header of a KZT_DGRAM_FRAGMENT
 *
 * Spec 1, 3.3.  Does not concern fragments that are relayed.
 */
bool kzt_fragment_ok(const struct kzt_hdr *h)
{
	return h->frag_total >= 2 && h->frag_total <= KZT_MAX_PIECES &&
	       h->frag_no >= 1 && h->frag_no < h->frag_total;
}

/**
 * kzt_packet_init - write the header of a new packet
 * @buf: at least KZT_HDR_LEN bytes
 * @id: random packet ID
 * @dst: destination address
 * @src: source address
 * @verb: verb byte
 *
 * Flags, suite, hops and MAC are zero (spec 1, section 2); armoring sets them.
 */
void kzt_packet_init(u8 *buf, u64 id, u64 dst, u64 src, u8 verb)
{
	put_unaligned_be64(id, buf + KZT_OFF_ID);
	kzt_put_addr(dst, buf + KZT_OFF_DST);
	kzt_put_addr(src, buf + KZT_OFF_SRC);
	buf[KZT_OFF_FLAGS] = 0;
	memset(buf + KZT_OFF_MAC, 0, KZT_MAC_LEN);
	buf[KZT_OFF_VERB] = verb;
}

/**
 * kzt_packet_set_fragmented - set or clear flag 0x40
 * @buf: packet that is not armored yet: the flag is authenticated
 * @fragmented: whether kzt_packet_pieces() is more than one
 */
void kzt_packet_set_fragmented(u8 *buf, bool fragmented)
{
	if (fragmented)
		buf[KZT_OFF_FLAGS] |= KZT_FLAG_FRAG;
	else
		buf[KZT_OFF_FLAGS] &= (u8)~KZT_FLAG_FRAG;
}

/**
 * kzt_fragment_init - write the header of a fragment
 * @buf: at least KZT_FRAG_HDR_LEN bytes
 * @wire_head: the packet after armoring, for suite 3 changes its ID
 * @no: 1 .. @total - 1
 * @total: number of pieces, head included
 *
 * Spec 1, 3.1.
 */
void kzt_fragment_init(u8 *buf, const u8 *wire_head, unsigned int no,
		       unsigned int total)
{
	memcpy(buf, wire_head, KZT_OFF_SRC);	/* ID and destination */
	buf[KZT_FRAG_OFF_MARK] = KZT_FRAG_MARK;
	buf[KZT_FRAG_OFF_COUNT] = (u8)(total << 4 | (no & 0x0f));
	buf[KZT_FRAG_OFF_HOPS] = 0;
}

/**
 * kzt_packet_mtu - UDP payload limit that a configured value stands for
 * @configured: from the configuration of a remote prefix; <= 0: default
 *
 * Spec 1, 3.2.
 */
unsigned int kzt_packet_mtu(int configured)
{
	if (configured <= 0)
		return KZT_MTU_DEFAULT;
	return clamp(configured, KZT_MTU_MIN, KZT_MTU_MAX);
}

/**
 * kzt_packet_pieces - number of datagrams a packet becomes
 * @len: length of the armored packet
 * @mtu: UDP payload limit of the path
 *
 * More than KZT_MAX_PIECES means: must not be sent, nobody could put it together
 * (spec 1, 3.2).
 */
unsigned int kzt_packet_pieces(size_t len, unsigned int mtu)
{
	unsigned int per;

	if (len > KZT_MAX_PACKET || mtu < KZT_HDR_LEN)
		return KZT_MAX_PIECES + 1;
	if (len <= mtu)
		return 1;
	per = mtu - KZT_FRAG_HDR_LEN;
	return ((unsigned int)len - mtu + per - 1) / per + 1;
}

/**
 * kzt_packet_piece - which bytes of a packet a piece carries
 * @len: length of the armored packet
 * @mtu: UDP payload limit of the path
 * @no: piece, less than kzt_packet_pieces(); 0 is the head
 * @off: set to the offset into the packet
 * @size: set to the number of packet bytes, without any fragment header
 *
 * Spec 1, 3.2.
 */
void kzt_packet_piece(size_t len, unsigned int mtu, unsigned int no,
		      size_t *off, size_t *size)
{
	size_t per = mtu - KZT_FRAG_HDR_LEN;

	if (!no) {
		*off = 0;
		*size = min_t(size_t, len, mtu);
		return;
	}
	*off = mtu + (no - 1) * per;
	*size = min(len - *off, per);
}

static u8 *hops_byte(u8 *dgram)
{
	if (dgram[KZT_FRAG_OFF_MARK] == KZT_FRAG_MARK)
		return dgram + KZT_FRAG_OFF_HOPS;
	return dgram + KZT_OFF_FLAGS;
}

/**
 * kzt_packet_hops - how often a head or fragment was relayed
 * @dgram: KZT_DGRAM_HEAD or KZT_DGRAM_FRAGMENT
 */
unsigned int kzt_packet_hops(const u8 *dgram)
{
	return *hops_byte((u8 *)dgram) & KZT_MASK_HOPS;
}

/**
 * kzt_packet_add_hop - count one more relay
 * @dgram: KZT_DGRAM_HEAD or KZT_DGRAM_FRAGMENT with less than KZT_MAX_HOPS
 *
 * Spec 1, section 11, step 3.  The five upper bits of a fragment's hop byte are
 * sent as zero; those of a head belong to the sender and are authenticated.
 */
void kzt_packet_add_hop(u8 *dgram)
{
	u8 *b = hops_byte(dgram);
	u8 hops = (*b + 1) & KZT_MASK_HOPS;

	if (dgram[KZT_FRAG_OFF_MARK] == KZT_FRAG_MARK)
		*b = hops;
	else
		*b = (*b & KZT_MASK_AUTH) | hops;
}

/**
 * kzt_verb_name - name of a verb for people
 * @verb: verb byte; flags are ignored
 *
 * Never NULL.
 */
const char *kzt_verb_name(u8 verb)
{
	static const char * const names[KZT_VERB_MASK + 1] = {
		[KZT_VERB_NOP]				= "NOP",
		[KZT_VERB_HELLO]			= "HELLO",
		[KZT_VERB_ERROR]			= "ERROR",
		[KZT_VERB_OK]				= "OK",
		[KZT_VERB_WHOIS]			= "WHOIS",
		[KZT_VERB_RENDEZVOUS]			= "RENDEZVOUS",
		[KZT_VERB_FRAME]			= "FRAME",
		[KZT_VERB_EXT_FRAME]			= "EXT_FRAME",
		[KZT_VERB_ECHO]				= "ECHO",
		[KZT_VERB_MULTICAST_LIKE]		= "MULTICAST_LIKE",
		[KZT_VERB_NETWORK_CREDENTIALS]		= "NETWORK_CREDENTIALS",
		[KZT_VERB_NETWORK_CONFIG_REQUEST]	= "NETWORK_CONFIG_REQUEST",
		[KZT_VERB_NETWORK_CONFIG]		= "NETWORK_CONFIG",
		[KZT_VERB_MULTICAST_GATHER]		= "MULTICAST_GATHER",
		[KZT_VERB_MULTICAST_FRAME]		= "MULTICAST_FRAME",
		[KZT_VERB_PUSH_DIRECT_PATHS]		= "PUSH_DIRECT_PATHS",
		[KZT_VERB_ACK]				= "ACK",
		[KZT_VERB_QOS_MEASUREMENT]		= "QOS_MEASUREMENT",
		[KZT_VERB_USER_MESSAGE]			= "USER_MESSAGE",
		[KZT_VERB_REMOTE_TRACE]			= "REMOTE_TRACE",
		[KZT_VERB_PATH_NEGOTIATION_REQUEST]	= "PATH_NEGOTIATION_REQUEST",
	};

	return names[verb & KZT_VERB_MASK] ?: "UNASSIGNED";
}
