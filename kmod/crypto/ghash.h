/* SPDX-License-Identifier: GPL-2.0 */
/* GHASH, the polynomial hash of GCM and GMAC, without tables. */
#ifndef KZT_CRYPTO_GHASH_H
#define KZT_CRYPTO_GHASH_H

#include "env.h"
#include "simd.h"

#define KZT_GHASH_BLOCK		16
#define KZT_GHASH_POWERS	4	/* blocks hashed at once, generic */
#define KZT_GHASH_CLMUL_POWERS	8	/* the same with PCLMULQDQ */

/**
 * struct kzt_ghash_key - powers of the hash key, each divided by x
 * @spread: for the generic code: of H^4 .. H^1 the low half, the high half and
 *	their sum, each as four words with every fourth bit
 * @full: has bit j set if word j of a half or sum has all its 16 bits set,
 *	which needs a correction
 * @any_full: is there such a word? One key in 1400 has one.
 * @clmul: H^8 .. H^1 as two little-endian words, low half first
 * @clmul_sum: the two words of each, added
 */
struct kzt_ghash_key {
	u64 spread[3][KZT_GHASH_POWERS][4];
	u8 full[3][KZT_GHASH_POWERS];
	bool any_full;
#ifdef KZT_X86_SIMD
	u64 clmul[KZT_GHASH_CLMUL_POWERS][2];
	u64 clmul_sum[KZT_GHASH_CLMUL_POWERS];
#endif
};

/**
 * kzt_ghash_init() - prepare the powers of a hash key
 * @key: what to fill
 * @h: the hash key, for GMAC the encrypted zero block
 */
void kzt_ghash_init(struct kzt_ghash_key *key, const u8 h[KZT_GHASH_BLOCK]);

/**
 * kzt_ghash() - hash whole blocks
 * @key: from kzt_ghash_init()
 * @y: the state, zero at first
 * @data: the blocks
 * @blocks: how many, may be 0
 * @simd: as returned by kzt_simd_begin(), whose section we are in
 */
void kzt_ghash(const struct kzt_ghash_key *key, u8 y[KZT_GHASH_BLOCK],
	       const u8 *data, size_t blocks, bool simd);

#endif /* KZT_CRYPTO_GHASH_H */
