// SPDX-License-Identifier: GPL-2.0
/* Poly1305 over one contiguous message (spec 1, 5.2). */
#include "env.h"
#include "poly1305.h"
#include "simd.h"
#include "wide.h"
#include "x86.h"

#define BLOCK	16

/* A number not much above 2^130, least significant word first */
struct poly {
	u64 h0, h1, h2;
};

/* a + b, and the carry to @carry; gcc makes more of this than of 128 bits */
static __always_inline u64 add_carry(u64 a, u64 b, u64 *carry)
{
	a += b;
	*carry += a < b;
	return a;
}

/*
 * h = (h + block) r mod 2^130 - 5, not fully reduced.  r is clamped: r1 is a
 * multiple of 4, so that r1 2^128 is r1 / 4 * 5 = r1 + r1 / 4 here; and no sum
 * of products overflows.
 */
static __always_inline struct poly poly_block(struct poly h, u64 m0, u64 m1,
					      u64 m2, u64 r0, u64 r1)
{
	u64 s1 = r1 + (r1 >> 2), c = 0;
	struct wide d0, d1;

	h.h2 += m2;
	h.h0 = add_carry(h.h0, m0, &c);
	h.h1 = add_carry(h.h1, c, &h.h2);
	h.h1 = add_carry(h.h1, m1, &h.h2);

	d0 = wide_add(wide_mul(h.h0, r0), wide_mul(h.h1, s1));
	d1 = wide_add(wide_mul(h.h0, r1), wide_mul(h.h1, r0));
	d1 = wide_add64(d1, wide_hi(d0));
	d1 = wide_add64(d1, h.h2 * s1);
	h.h2 = h.h2 * r0 + wide_hi(d1);

	/* what is above 2^130 comes back times 5 */
	c = (h.h2 >> 2) + (h.h2 & ~3ULL);
	h.h2 &= 3;
	h.h0 = wide_lo(d0) + c;
	c = h.h0 < c;
	h.h1 = add_carry(wide_lo(d1), c, &h.h2);
	return h;
}

/* h mod 2^130 - 5, then plus s mod 2^128 */
static void poly_tag(struct poly h, const u8 s[16], u8 tag[16])
{
	u64 s0 = get_unaligned_le64(s), s1 = get_unaligned_le64(s + 8);
	u64 g0, g1, mask, carry = 0;

	/* h + 5 reaches 2^130 exactly if h was not below 2^130 - 5 */
	g0 = add_carry(h.h0, 5, &carry);
	g1 = add_carry(h.h1, carry, &h.h2);
	mask = 0 - (h.h2 >> 2);
	h.h0 = (h.h0 & ~mask) | (g0 & mask);
	h.h1 = (h.h1 & ~mask) | (g1 & mask);

	carry = 0;
	put_unaligned_le64(add_carry(h.h0, s0, &carry), tag);
	put_unaligned_le64(h.h1 + s1 + carry, tag + 8);
}

/* Whole blocks */
static __always_inline
struct poly poly_blocks(struct poly h, const u8 *msg, size_t blocks, u64 r0,
			u64 r1)
{
	for (; blocks; blocks--) {
		h = poly_block(h, get_unaligned_le64(msg),
			       get_unaligned_le64(msg + 8), 1, r0, r1);
		msg += BLOCK;
	}
	return h;
}

#ifdef KZT_X86_SIMD

#define GROUP		(4 * BLOCK)
/* below this the powers of r cost more than is saved */
#define MIN_SIMD	(4 * GROUP)

struct poly_work {
	u32 powers[5][4];
	u64 table[9][4];
	u64 sum[5];
};

/* Limbs of 26 bits to one of the four lanes; h is below 2^130 */
static void to_lane(u32 powers[5][4], unsigned int lane, struct poly h)
{
	powers[0][lane] = h.h0 & 0x3ffffff;
	powers[1][lane] = h.h0 >> 26 & 0x3ffffff;
	powers[2][lane] = (h.h0 >> 52 | h.h1 << 12) & 0x3ffffff;
	powers[3][lane] = h.h1 >> 14 & 0x3ffffff;
	powers[4][lane] = (u32)(h.h1 >> 40 | h.h2 << 24);
}

/* From limbs of 26 bits that may exceed that by far */
static struct poly from_limbs(u64 d[5])
{
	struct poly h;
	u64 c;

	d[1] += d[0] >> 26;
	d[2] += d[1] >> 26;
	d[3] += d[2] >> 26;
	d[4] += d[3] >> 26;
	c = (d[4] >> 26) * 5 + (d[0] & 0x3ffffff);
	d[1] = (d[1] & 0x3ffffff) + (c >> 26);
	d[2] = (d[2] & 0x3ffffff) + (d[1] >> 26);
	d[3] = (d[3] & 0x3ffffff) + (d[2] >> 26);
	d[4] = (d[4] & 0x3ffffff) + (d[3] >> 26);
	h.h0 = (c & 0x3ffffff) | (d[1] & 0x3ffffff) << 26 | d[2] << 52;
	h.h1 = (d[2] & 0x3ffffff) >> 12 | (d[3] & 0x3ffffff) << 14 | d[4] << 40;
	h.h2 = d[4] >> 24;
	return h;
}

/* @groups of four blocks each, from a state of zero */
static struct poly poly_groups(const u8 *msg, size_t groups, u64 r0, u64 r1)
{
	struct poly r = { r0, r1, 0 }, h;
	struct poly_work w;

	h = r;
	to_lane(w.powers, 3, h);
	h = poly_block(h, 0, 0, 0, r0, r1);
	to_lane(w.powers, 1, h);
	h = poly_block(h, 0, 0, 0, r0, r1);
	to_lane(w.powers, 2, h);
	h = poly_block(h, 0, 0, 0, r0, r1);
	to_lane(w.powers, 0, h);
	kzt_poly1305_groups_avx2(w.sum, msg, groups,
				 (const u32 (*)[4])w.powers, w.table);
	h = from_limbs(w.sum);
	memzero_explicit(&w, sizeof(w));
	return h;
}

static struct poly poly_start(const u8 **msg, size_t *len, u64 r0, u64 r1,
			      bool simd)
{
	struct poly h = {};
	size_t groups;

	if (simd && (kzt_simd_features & KZT_SIMD_AVX2) && *len >= MIN_SIMD) {
		groups = *len / GROUP;
		h = poly_groups(*msg, groups, r0, r1);
		*msg += groups * GROUP;
		*len -= groups * GROUP;
	}
	return h;
}

#else

static struct poly poly_start(const u8 **msg, size_t *len, u64 r0, u64 r1,
			      bool simd)
{
	return (struct poly){};
}

#endif /* KZT_X86_SIMD */

void kzt_poly1305(u8 tag[16], const u8 *msg, size_t len, const u8 key[32],
		  bool simd)
{
	u64 r0 = get_unaligned_le64(key) & 0x0ffffffc0fffffffULL;
	u64 r1 = get_unaligned_le64(key + 8) & 0x0ffffffc0ffffffcULL;
	struct poly h = poly_start(&msg, &len, r0, r1, simd);
	size_t rest = len % BLOCK;
	u8 last[BLOCK];

	h = poly_blocks(h, msg, len / BLOCK, r0, r1);
	if (rest) {
		memset(last, 0, sizeof(last));
		memcpy(last, msg + len - rest, rest);
		last[rest] = 1;
		h = poly_block(h, get_unaligned_le64(last),
			       get_unaligned_le64(last + 8), 0, r0, r1);
	}
	poly_tag(h, key + 16, tag);
}
