/* SPDX-License-Identifier: GPL-2.0 */
/* Poly1305 over one contiguous message (spec 1, 5.2). */
#ifndef KZT_CRYPTO_POLY1305_H
#define KZT_CRYPTO_POLY1305_H

#include "env.h"

/**
 * kzt_poly1305() - one-time authenticator
 * @tag: 16 bytes; a packet carries the first 8
 * @msg: message
 * @len: its length, may be 0
 * @key: r and s, 32 bytes; must serve for one message only
 * @simd: as returned by kzt_simd_begin(), whose section we are in
 *
 * Implements: spec 1, 5.2.
 */
void kzt_poly1305(u8 tag[16], const u8 *msg, size_t len, const u8 key[32],
		  bool simd);

#endif /* KZT_CRYPTO_POLY1305_H */
