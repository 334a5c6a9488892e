/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The assembler functions for x86-64.  To be called between kzt_simd_begin()
 * and kzt_simd_end(), if kzt_simd_features has the bit named.
 */
#ifndef KZT_CRYPTO_X86_H
#define KZT_CRYPTO_X86_H

#include "env.h"
#include "aes.h"
#include "ghash.h"

/*
 * KZT_SIMD_SSE2, _AVX2, _AVX512: whole blocks of Salsa20, one at least.  @d as
 * in struct kzt_salsa20; @src may be NULL or @dst.  The low word of the counter
 * must not overflow on the way.
 */
void kzt_salsa20_blocks_sse2(const u32 d[16], u8 *dst, const u8 *src,
			     size_t blocks, unsigned int rounds);
void kzt_salsa20_blocks_avx2(const u32 d[16], u8 *dst, const u8 *src,
			     size_t blocks, unsigned int rounds);
void kzt_salsa20_blocks_avx512(const u32 d[16], u8 *dst, const u8 *src,
			       size_t blocks, unsigned int rounds);

/*
 * KZT_SIMD_AVX2: groups of four Poly1305 blocks, one at least, from a state of
 * zero.  @powers are the limbs of r^4, r^2, r^3, r; @table is room to work; the
 * limbs in @out are below 2^63.
 */
void kzt_poly1305_groups_avx2(u64 out[5], const u8 *msg, size_t groups,
			      const u32 powers[5][4], u64 table[9][4]);

/* KZT_SIMD_AESNI: one block; @out may be @in. */
void kzt_aesni_encrypt(const u8 rk[KZT_AES_KEYS][KZT_AES_BLOCK],
		       u8 out[KZT_AES_BLOCK], const u8 in[KZT_AES_BLOCK]);
/* The same; @rk from kzt_aes_invert() */
void kzt_aesni_decrypt(const u8 rk[KZT_AES_KEYS][KZT_AES_BLOCK],
		       u8 out[KZT_AES_BLOCK], const u8 in[KZT_AES_BLOCK]);

/*
 * KZT_SIMD_AESNI: whole blocks in place, one at least; the first counter block
 * is @ctr plus @first.
 */
void kzt_aesni_ctr(const u8 rk[KZT_AES_KEYS][KZT_AES_BLOCK],
		   const u8 ctr[KZT_AES_BLOCK], u32 first, u8 *data,
		   size_t blocks);

/* KZT_SIMD_AESNI: whole blocks, one at least; tables of struct kzt_ghash_key */
void kzt_ghash_clmul(const u64 powers[KZT_GHASH_CLMUL_POWERS][2],
		     const u64 sums[KZT_GHASH_CLMUL_POWERS],
		     u8 y[KZT_GHASH_BLOCK], const u8 *data, size_t blocks);

#endif /* KZT_CRYPTO_X86_H */
