/* SPDX-License-Identifier: GPL-2.0 */
/* Salsa20 with 256-bit keys (spec 1, 5.1). */
#ifndef KZT_CRYPTO_SALSA20_H
#define KZT_CRYPTO_SALSA20_H

#include "env.h"

#define KZT_SALSA20_BLOCK	64

/**
 * struct kzt_salsa20 - a position in a keystream
 * @d: the initial state of the next block, by diagonals: words 0 5 10 15,
 *	4 9 14 3, 8 13 2 7, 12 1 6 11.  This way a half round works on four
 *	whole vectors.
 */
struct kzt_salsa20 {
	u32 d[16];
};

/**
 * kzt_salsa20_init() - set key, nonce and position
 * @s: what to fill; holds key material, the caller wipes it
 * @key: 32 bytes
 * @nonce: 8 bytes
 * @counter: the block of 64 bytes to start at
 */
void kzt_salsa20_init(struct kzt_salsa20 *s, const u8 key[32],
		      const u8 nonce[8], u64 counter);

/**
 * kzt_salsa20_crypt() - xor keystream onto data and move on
 * @s: position; afterwards at the first block that was not touched, so only
 *	the last call for a stream may have a @len that is not a multiple of 64
 * @dst: where the result goes; may be @src, must not overlap it otherwise
 * @src: data, or NULL for the keystream itself
 * @len: bytes, may be 0
 * @rounds: 12 or 20
 * @simd: as returned by kzt_simd_begin(), whose section we are in
 */
void kzt_salsa20_crypt(struct kzt_salsa20 *s, u8 *dst, const u8 *src,
		       size_t len, unsigned int rounds, bool simd);

/**
 * kzt_salsa20_xor() - xor keystream onto data
 * @dst: where the result goes; may be @src, must not overlap it otherwise
 * @src: data, or NULL for the keystream itself
 * @len: bytes, may be 0
 * @key: 32 bytes
 * @nonce: 8 bytes
 * @counter: the block of 64 bytes to start at
 * @rounds: 12 for packets, 20 for the identity hash
 *
 * Implements: spec 1, 5.1.
 *
 * Context: any.
 */
void kzt_salsa20_xor(u8 *dst, const u8 *src, size_t len, const u8 key[32],
		     const u8 nonce[8], u64 counter, unsigned int rounds);

#endif /* KZT_CRYPTO_SALSA20_H */
