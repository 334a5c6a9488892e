/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Payload compression (spec 1, section 6): raw LZ4 blocks.
 */
#ifndef KZT_PROTO_LZ4_H
#define KZT_PROTO_LZ4_H

#include "env.h"

/* The smallest payload for which compression is tried. */
#define KZT_LZ4_MIN_PAYLOAD	65

int kzt_lz4_decompress(const u8 *in, size_t in_len, u8 *out, size_t out_room);
int kzt_packet_uncompress(const u8 *pkt, size_t len, u8 *out, size_t out_room);

/* @work: LZ4_MEM_COMPRESS bytes in the kernel, else not used */
int kzt_lz4_compress(const u8 *in, size_t in_len, u8 *out, size_t out_room,
		     void *work);

#endif /* KZT_PROTO_LZ4_H */
