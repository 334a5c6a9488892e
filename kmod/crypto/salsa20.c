// SPDX-License-Identifier: GPL-2.0
/* Salsa20 with 256-bit keys (spec 1, 5.1). */
#include "env.h"
#include "salsa20.h"
#include "simd.h"
#include "x86.h"

/* Places of the block counter, words 8 (low) and 9, in struct kzt_salsa20 */
#define CTR_LO	8
#define CTR_HI	5

void kzt_salsa20_init(struct kzt_salsa20 *s, const u8 key[32],
		      const u8 nonce[8], u64 counter)
{
	u32 *d = s->d;

	d[0] = 0x61707865;
	d[1] = 0x3320646e;
	d[2] = 0x79622d32;
	d[3] = 0x6b206574;
	d[4] = get_unaligned_le32(key + 12);	/* word 4 */
	d[CTR_HI] = counter >> 32;		/* 9 */
	d[6] = get_unaligned_le32(key + 28);	/* 14 */
	d[7] = get_unaligned_le32(key + 8);	/* 3 */
	d[CTR_LO] = (u32)counter;		/* 8 */
	d[9] = get_unaligned_le32(key + 24);	/* 13 */
	d[10] = get_unaligned_le32(key + 4);	/* 2 */
	d[11] = get_unaligned_le32(nonce + 4);	/* 7 */
	d[12] = get_unaligned_le32(key + 20);	/* 12 */
	d[13] = get_unaligned_le32(key);	/* 1 */
	d[14] = get_unaligned_le32(nonce);	/* 6 */
	d[15] = get_unaligned_le32(key + 16);	/* 11 */
}

static void salsa20_advance(struct kzt_salsa20 *s, u32 blocks)
{
	s->d[CTR_LO] += blocks;
	if (s->d[CTR_LO] < blocks)
		s->d[CTR_HI]++;
}

static __always_inline void quarter(u32 *a, u32 *b, u32 *c, u32 *d)
{
	*b ^= rol32(*a + *d, 7);
	*c ^= rol32(*b + *a, 9);
	*d ^= rol32(*c + *b, 13);
	*a ^= rol32(*d + *c, 18);
}

static __always_inline void emit(u8 *dst, const u8 *src, unsigned int word,
				 u32 lo, u32 hi)
{
	u64 v = (u64)hi << 32 | lo;

	if (src)
		v ^= get_unaligned_le64(src + 4 * word);
	put_unaligned_le64(v, dst + 4 * word);
}

/* One whole block; the state stays. */
static void salsa20_block(const struct kzt_salsa20 *s, u8 *dst, const u8 *src,
			  unsigned int rounds)
{
	const u32 *d = s->d;
	u32 x0 = d[0], x5 = d[1], x10 = d[2], x15 = d[3];
	u32 x4 = d[4], x9 = d[5], x14 = d[6], x3 = d[7];
	u32 x8 = d[8], x13 = d[9], x2 = d[10], x7 = d[11];
	u32 x12 = d[12], x1 = d[13], x6 = d[14], x11 = d[15];
	unsigned int i;

	for (i = 0; i < rounds; i += 2) {
		quarter(&x0, &x4, &x8, &x12);
		quarter(&x5, &x9, &x13, &x1);
		quarter(&x10, &x14, &x2, &x6);
		quarter(&x15, &x3, &x7, &x11);
		quarter(&x0, &x1, &x2, &x3);
		quarter(&x5, &x6, &x7, &x4);
		quarter(&x10, &x11, &x8, &x9);
		quarter(&x15, &x12, &x13, &x14);
	}

	emit(dst, src, 0, x0 + d[0], x1 + d[13]);
	emit(dst, src, 2, x2 + d[10], x3 + d[7]);
	emit(dst, src, 4, x4 + d[4], x5 + d[1]);
	emit(dst, src, 6, x6 + d[14], x7 + d[11]);
	emit(dst, src, 8, x8 + d[8], x9 + d[5]);
	emit(dst, src, 10, x10 + d[2], x11 + d[15]);
	emit(dst, src, 12, x12 + d[12], x13 + d[9]);
	emit(dst, src, 14, x14 + d[6], x15 + d[3]);
}

#ifdef KZT_X86_SIMD

static bool salsa20_blocks_simd(struct kzt_salsa20 *s, u8 *dst, const u8 *src,
				size_t blocks, unsigned int rounds)
{
	if (unlikely(blocks > U32_MAX - s->d[CTR_LO]))
		return false;
	if (kzt_simd_features & KZT_SIMD_AVX512)
		kzt_salsa20_blocks_avx512(s->d, dst, src, blocks, rounds);
	else if (kzt_simd_features & KZT_SIMD_AVX2)
		kzt_salsa20_blocks_avx2(s->d, dst, src, blocks, rounds);
	else if (kzt_simd_features & KZT_SIMD_SSE2)
		kzt_salsa20_blocks_sse2(s->d, dst, src, blocks, rounds);
	else
		return false;
	return true;
}

#else

static bool salsa20_blocks_simd(struct kzt_salsa20 *s, u8 *dst, const u8 *src,
				size_t blocks, unsigned int rounds)
{
	return false;
}

#endif /* KZT_X86_SIMD */

static void salsa20_blocks(struct kzt_salsa20 *s, u8 *dst, const u8 *src,
			   size_t blocks, unsigned int rounds, bool simd)
{
	if (simd && salsa20_blocks_simd(s, dst, src, blocks, rounds)) {
		salsa20_advance(s, blocks);
		return;
	}
	while (blocks--) {
		salsa20_block(s, dst, src, rounds);
		salsa20_advance(s, 1);
		dst += KZT_SALSA20_BLOCK;
		if (src)
			src += KZT_SALSA20_BLOCK;
	}
}

void kzt_salsa20_crypt(struct kzt_salsa20 *s, u8 *dst, const u8 *src,
		       size_t len, unsigned int rounds, bool simd)
{
	size_t blocks = len / KZT_SALSA20_BLOCK;
	size_t whole = blocks * KZT_SALSA20_BLOCK;
	u8 tail[KZT_SALSA20_BLOCK];

	if (blocks)
		salsa20_blocks(s, dst, src, blocks, rounds, simd);
	len -= whole;
	if (!len)
		return;

	if (src)
		memcpy(tail, src + whole, len);
	else
		memset(tail, 0, len);
	salsa20_blocks(s, tail, tail, 1, rounds, simd);
	memcpy(dst + whole, tail, len);
	memzero_explicit(tail, sizeof(tail));
}

void kzt_salsa20_xor(u8 *dst, const u8 *src, size_t len, const u8 key[32],
		     const u8 nonce[8], u64 counter, unsigned int rounds)
{
	struct kzt_salsa20 s;
	bool simd;

	kzt_salsa20_init(&s, key, nonce, counter);
	simd = kzt_simd_begin();
	kzt_salsa20_crypt(&s, dst, src, len, rounds, simd);
	kzt_simd_end(simd);
	memzero_explicit(&s, sizeof(s));
}
