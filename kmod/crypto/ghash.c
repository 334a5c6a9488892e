// SPDX-License-Identifier: GPL-2.0
/*
 * GHASH without tables.
 *
 * A block read as a big-endian number has the coefficient of x^0 in its top
 * bit.  The product of two such numbers without carries comes out one bit too
 * low, which is x times too much; the powers of H are therefore stored divided
 * by x.
 *
 * Generic: integer multiplication serves as the multiplication without carries
 * when only every fourth bit of the factors is set: up to 15 ones add up in a
 * column without reaching the next, and the lowest bit of the sum is their
 * parity.  The 64 bits of a factor make four such words of 16 bits.  Column 15
 * of their product can reach 16 ones, and so overflow into column 16, but only
 * if both words are full.  Hence a full word of the key loses its top bit, and
 * what that misses is added for the few keys where it happens.  Whether it does
 * is all that the time taken tells of a key.
 *
 * Four blocks are multiplied by H^4, H^3, H^2, H and reduced together.
 */
#include "env.h"
#include "ghash.h"
#include "wide.h"
#include "x86.h"

#define FOURTHS		0x1111111111111111ULL
#define POWERS		KZT_GHASH_POWERS

static __always_inline void mul_add(struct wide *acc, u64 a, u64 b)
{
	*acc = wide_xor(*acc, wide_mul(a, b));
}

/* The sum of @n products without carries of @a[] and the key's words */
static __always_inline void clmul_sum(const u64 *a, const u64 (*b)[4],
				      unsigned int n, u64 *lo, u64 *hi)
{
	struct wide z0 = {}, z1 = {}, z2 = {}, z3 = {};
	unsigned int i;

	for (i = 0; i < n; i++) {
		u64 a0 = a[i] & FOURTHS, a1 = a[i] & FOURTHS << 1;
		u64 a2 = a[i] & FOURTHS << 2, a3 = a[i] & FOURTHS << 3;

		mul_add(&z0, a0, b[i][0]);
		mul_add(&z0, a1, b[i][3]);
		mul_add(&z0, a2, b[i][2]);
		mul_add(&z0, a3, b[i][1]);
		mul_add(&z1, a0, b[i][1]);
		mul_add(&z1, a1, b[i][0]);
		mul_add(&z1, a2, b[i][3]);
		mul_add(&z1, a3, b[i][2]);
		mul_add(&z2, a0, b[i][2]);
		mul_add(&z2, a1, b[i][1]);
		mul_add(&z2, a2, b[i][0]);
		mul_add(&z2, a3, b[i][3]);
		mul_add(&z3, a0, b[i][3]);
		mul_add(&z3, a1, b[i][2]);
		mul_add(&z3, a2, b[i][1]);
		mul_add(&z3, a3, b[i][0]);
	}
	*lo = (wide_lo(z0) & FOURTHS) | (wide_lo(z1) & FOURTHS << 1) |
	      (wide_lo(z2) & FOURTHS << 2) | (wide_lo(z3) & FOURTHS << 3);
	*hi = (wide_hi(z0) & FOURTHS) | (wide_hi(z1) & FOURTHS << 1) |
	      (wide_hi(z2) & FOURTHS << 2) | (wide_hi(z3) & FOURTHS << 3);
}

/* What the top bits that full words have lost would have contributed */
static void add_full(const u64 *a, const u8 *full, unsigned int n, u64 *lo,
		     u64 *hi)
{
	struct wide z = {};
	unsigned int i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < 4; j++) {
			u64 is_full = full[i] >> j & 1;

			z = wide_xor(z, wide_shift(a[i] & (0 - is_full),
						   60 + j));
		}
	}
	*lo ^= wide_lo(z);
	*hi ^= wide_hi(z);
}

/* x^128 = x^7 + x^2 + x + 1, and the coefficient of x^0 is the top bit */
static __always_inline void reduce(const u64 w[4], u64 *lo, u64 *hi)
{
	u64 w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3];

	w1 ^= w0 << 63 ^ w0 << 62 ^ w0 << 57;
	w2 ^= w0 ^ w0 >> 1 ^ w0 >> 2 ^ w0 >> 7;
	w2 ^= w1 << 63 ^ w1 << 62 ^ w1 << 57;
	w3 ^= w1 ^ w1 >> 1 ^ w1 >> 2 ^ w1 >> 7;
	*lo = w2;
	*hi = w3;
}

/*
 * (y + block 0) H^n + block 1 H^(n - 1) + ... + block (n - 1) H
 *
 * @correct: do what full words need
 */
static __always_inline void ghash_step(const struct kzt_ghash_key *key,
				       u64 y[2], const u8 *data,
				       unsigned int n, bool correct)
{
	const unsigned int first = POWERS - n;
	u64 lo[POWERS], hi[POWERS], sum[POWERS];
	u64 w[4], mid_lo, mid_hi;
	unsigned int i;

	for (i = 0; i < n; i++) {
		hi[i] = get_unaligned_be64(data + KZT_GHASH_BLOCK * i);
		lo[i] = get_unaligned_be64(data + KZT_GHASH_BLOCK * i + 8);
		if (!i) {
			lo[0] ^= y[0];
			hi[0] ^= y[1];
		}
		sum[i] = lo[i] ^ hi[i];
	}

	clmul_sum(lo, key->spread[0] + first, n, &w[0], &w[1]);
	clmul_sum(hi, key->spread[1] + first, n, &w[2], &w[3]);
	clmul_sum(sum, key->spread[2] + first, n, &mid_lo, &mid_hi);
	if (correct) {
		add_full(lo, key->full[0] + first, n, &w[0], &w[1]);
		add_full(hi, key->full[1] + first, n, &w[2], &w[3]);
		add_full(sum, key->full[2] + first, n, &mid_lo, &mid_hi);
	}

	mid_lo ^= w[0] ^ w[2];
	mid_hi ^= w[1] ^ w[3];
	w[1] ^= mid_lo;
	w[2] ^= mid_hi;
	reduce(w, &y[0], &y[1]);
}

static void ghash_generic(const struct kzt_ghash_key *key,
			  u8 state[KZT_GHASH_BLOCK], const u8 *data,
			  size_t blocks)
{
	u64 y[2] = { get_unaligned_be64(state + 8), get_unaligned_be64(state) };

	for (; blocks >= POWERS; blocks -= POWERS) {
		ghash_step(key, y, data, POWERS, unlikely(key->any_full));
		data += POWERS * KZT_GHASH_BLOCK;
	}
	for (; blocks; blocks--) {
		ghash_step(key, y, data, 1, unlikely(key->any_full));
		data += KZT_GHASH_BLOCK;
	}
	put_unaligned_be64(y[0], state + 8);
	put_unaligned_be64(y[1], state);
}

/* Of @v, bits j, j + 4, ... to word j; without a branch, as it is secret */
static void spread_word(u64 out[4], u8 *full, u64 v)
{
	unsigned int j;

	*full = 0;
	for (j = 0; j < 4; j++) {
		u64 w = v & FOURTHS << j, missing = w ^ FOURTHS << j;
		u64 is_full = ((missing | (0 - missing)) >> 63) ^ 1;

		out[j] = w & ~(is_full << (60 + j));
		*full |= is_full << j;
	}
}

static void power_set(struct kzt_ghash_key *key, unsigned int power, u64 lo,
		      u64 hi)
{
	const u64 part[3] = { lo, hi, lo ^ hi };
	unsigned int i, at;

	if (power <= POWERS) {
		at = POWERS - power;
		for (i = 0; i < 3; i++) {
			spread_word(key->spread[i][at], &key->full[i][at],
				    part[i]);
			key->any_full |= key->full[i][at];
		}
	}
#ifdef KZT_X86_SIMD
	at = KZT_GHASH_CLMUL_POWERS - power;
	key->clmul[at][0] = lo;
	key->clmul[at][1] = hi;
	key->clmul_sum[at] = lo ^ hi;
#endif
}

/* Divides by x. */
static void divide(u64 *lo, u64 *hi)
{
	u64 top = 0 - (*hi >> 63);

	*hi = (*hi << 1 | *lo >> 63) ^ (top & 0xc200000000000000ULL);
	*lo = *lo << 1 ^ (top & 1);
}

void kzt_ghash_init(struct kzt_ghash_key *key, const u8 h[KZT_GHASH_BLOCK])
{
#ifdef KZT_X86_SIMD
	const unsigned int powers = KZT_GHASH_CLMUL_POWERS;
#else
	const unsigned int powers = POWERS;
#endif
	u64 y[2] = { get_unaligned_be64(h + 8), get_unaligned_be64(h) };
	static const u8 zero[KZT_GHASH_BLOCK];
	unsigned int i;

	memset(key, 0, sizeof(*key));
	for (i = 1; i <= powers; i++) {
		u64 lo = y[0], hi = y[1];

		divide(&lo, &hi);
		power_set(key, i, lo, hi);
		/* H^1 is in place: one more multiplication by it */
		ghash_step(key, y, zero, 1, true);
		memzero_explicit(&lo, sizeof(lo));
		memzero_explicit(&hi, sizeof(hi));
	}
	memzero_explicit(y, sizeof(y));
}

#ifdef KZT_X86_SIMD

void kzt_ghash(const struct kzt_ghash_key *key, u8 y[KZT_GHASH_BLOCK],
	       const u8 *data, size_t blocks, bool simd)
{
	if (simd && (kzt_simd_features & KZT_SIMD_AESNI) && blocks)
		kzt_ghash_clmul(key->clmul, key->clmul_sum, y, data, blocks);
	else
		ghash_generic(key, y, data, blocks);
}

#else

void kzt_ghash(const struct kzt_ghash_key *key, u8 y[KZT_GHASH_BLOCK],
	       const u8 *data, size_t blocks, bool simd)
{
	ghash_generic(key, y, data, blocks);
}

#endif /* KZT_X86_SIMD */
