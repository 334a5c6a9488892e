// SPDX-License-Identifier: GPL-2.0
/*
 * Payload compression (spec 1, section 6) on the LZ4 code of the kernel, or
 * liblz4 elsewhere.
 */
#include "lz4.h"
#include "packet.h"

#ifdef __KERNEL__
#include <linux/lz4.h>
#define lz4_compress	LZ4_compress_default
#else
/* The header of liblz4 hides behind ours wherever -I names this directory. */
int LZ4_decompress_safe(const char *src, char *dst, int src_len, int dst_room);
int LZ4_compress_default(const char *src, char *dst, int src_len, int dst_room);

static int lz4_compress(const char *src, char *dst, int src_len, int dst_room,
			void *work)
{
	return LZ4_compress_default(src, dst, src_len, dst_room);
}
#endif

/* The rest of a length whose four bits in the token are all set. */
static size_t more_length(struct kzt_cur *c)
{
	size_t len = 0;
	u8 b;

	do {
		b = kzt_cur_u8(c);
		len += b;
	} while (b == 255);
	return len;
}

/*
 * A match at distance zero copies bytes of the output onto themselves.  Decoders
 * accept it and leave there what was in the buffer before, which an answer may
 * then carry to the peer.  It is malformed: refuse it before decoding.  Whatever
 * else is wrong with the block, decoding finds.
 */
static bool has_zero_distance(const u8 *in, size_t in_len)
{
	struct kzt_cur c = kzt_cur(in, in_len);

	while (kzt_cur_left(&c)) {
		u8 token = kzt_cur_u8(&c);
		size_t literals = token >> 4;
		const u8 *distance;

		if (literals == 15)
			literals += more_length(&c);
		kzt_cur_skip(&c, literals);
		if (!kzt_cur_left(&c))
			return false;
		distance = kzt_cur_bytes(&c, 2);
		if (distance && !distance[0] && !distance[1])
			return true;
		if ((token & 15) == 15)
			more_length(&c);
	}
	return false;
}

/**
 * kzt_lz4_decompress - decode one raw LZ4 block
 * @in: the block
 * @in_len: its length
 * @out: where to; must not overlap @in
 * @out_room: room there; more than KZT_MAX_PAYLOAD is not used
 *
 * Spec 1, section 6, step 2.
 *
 * Return: the length of the output, which is at least 1, or -EBADMSG.
 */
int kzt_lz4_decompress(const u8 *in, size_t in_len, u8 *out, size_t out_room)
{
	int n;

	if (!in_len || in_len > KZT_MAX_PAYLOAD || has_zero_distance(in, in_len))
		return -EBADMSG;
	n = LZ4_decompress_safe((const char *)in, (char *)out, (int)in_len,
				(int)min_t(size_t, out_room, KZT_MAX_PAYLOAD));
	return n > 0 ? n : -EBADMSG;
}

/**
 * kzt_packet_uncompress - undo the compression of a packet
 * @pkt: authenticated and decrypted packet
 * @len: its length, at least KZT_HDR_LEN
 * @out: gets the packet without compression, flag cleared
 * @out_room: room there; KZT_MAX_PACKET always suffices
 *
 * Spec 1, section 6, for a packet whose kzt_packet_compressed() is true.
 *
 * Return: the new length, or -EBADMSG: drop the packet.
 */
int kzt_packet_uncompress(const u8 *pkt, size_t len, u8 *out, size_t out_room)
{
	int n = 0;

	if (out_room < KZT_HDR_LEN)
		return -EBADMSG;
	if (len > KZT_HDR_LEN) {
		n = kzt_lz4_decompress(pkt + KZT_HDR_LEN, len - KZT_HDR_LEN,
				       out + KZT_HDR_LEN, out_room - KZT_HDR_LEN);
		if (n < 0)
			return n;
	}
	memcpy(out, pkt, KZT_HDR_LEN);
	out[KZT_OFF_VERB] &= 0xff ^ KZT_VERB_COMPRESSED;
	return KZT_HDR_LEN + n;
}

/**
 * kzt_lz4_compress - encode a payload as one raw LZ4 block
 * @in: payload
 * @in_len: its length
 * @out: where to
 * @out_room: room there
 * @work: memory to work in; see the declaration
 *
 * Spec 1, section 6.
 *
 * Return: the length of the block, or 0 to send the payload as it is: it is too
 * short to try, does not get shorter, or does not fit.
 */
int kzt_lz4_compress(const u8 *in, size_t in_len, u8 *out, size_t out_room,
		     void *work)
{
	int n;

	if (in_len < KZT_LZ4_MIN_PAYLOAD || in_len > KZT_MAX_PAYLOAD)
		return 0;
	n = lz4_compress((const char *)in, (char *)out, (int)in_len,
			 (int)min(out_room, in_len - 1), work);
	return n > 0 ? n : 0;
}
