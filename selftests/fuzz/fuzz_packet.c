// SPDX-License-Identifier: GPL-2.0
/*
 * Headers: nothing is read beyond 28 bytes, relaying touches three bits, and the
 * pieces of a packet are the packet.
 */
#include <stdlib.h>

#include "packet.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

static void check_pieces(size_t len, unsigned int mtu)
{
	unsigned int no, total = kzt_packet_pieces(len, mtu);
	size_t off, piece, at = 0;

	CHECK(total >= 1);
	if (total > KZT_MAX_PIECES)
		return;
	for (no = 0; no < total; no++) {
		kzt_packet_piece(len, mtu, no, &off, &piece);
		CHECK(off == at && piece);
		CHECK(piece + (no ? KZT_FRAG_HDR_LEN : 0) <= mtu);
		at += piece;
	}
	CHECK(at == len);
}

static void check_hops(const u8 *data, size_t size, const struct kzt_hdr *h)
{
	u8 copy[KZT_HDR_LEN];
	struct kzt_hdr after;
	size_t n = size < sizeof(copy) ? size : sizeof(copy);

	memcpy(copy, data, n);
	CHECK(kzt_packet_hops(copy) == h->hops);
	kzt_packet_add_hop(copy);
	kzt_packet_parse(copy, size, &after);
	CHECK(after.hops == ((h->hops + 1) & KZT_MASK_HOPS));
	after.hops = h->hops;
	after.flags = h->flags;
	CHECK(!memcmp(&after, h, sizeof(*h)));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct kzt_hdr h;
	enum kzt_dgram kind;

	/* Only the first bytes are there, whatever the length says. */
	u8 *head = malloc(KZT_HDR_LEN);

	if (!head)
		return 0;
	memset(head, 0, KZT_HDR_LEN);
	memcpy(head, data, min_t(size_t, size, KZT_HDR_LEN));
	kind = kzt_packet_parse(head, size, &h);
	CHECK(kind != KZT_DGRAM_BEACON || size == KZT_BEACON_LEN);
	CHECK(kind != KZT_DGRAM_FRAGMENT || (!h.src && h.fragmented));
	if (kind == KZT_DGRAM_HEAD || kind == KZT_DGRAM_FRAGMENT)
		check_hops(head, size, &h);
	if (kind == KZT_DGRAM_FRAGMENT && kzt_fragment_ok(&h))
		CHECK(h.frag_no < h.frag_total && h.frag_total <= KZT_MAX_PIECES);
	if (size >= 4)
		check_pieces(1 + get_unaligned_be16(data) % 11000,
			     get_unaligned_be16(data + 2) % 11000);
	CHECK(kzt_verb_name(head[KZT_OFF_VERB]));
	free(head);
	return 0;
}
