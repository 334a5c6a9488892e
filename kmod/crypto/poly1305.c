// SPDX-License-Identifier: GPL-2.0
/* Poly1305 over one contiguous message (spec 1, 5.2). */
#include "env.h"
#include "poly1305.h"
#include "simd.h"
#include "wide.h"

#define BLOCK	16

/* A number a bit above 2^130 at most, least significant word first */
struct poly {
	u64 h0, h1, h2;
};

/*
 * h = (h + block) r mod 2^130 - 5, not fully reduced.  r is clamped: r1 is a
 * multiple of 4, so that r1 2^128 is r1 / 4 * 5 = r1 + r1 / 4 here; and no sum
 * of products overflows.
 */
static __always_inline struct poly poly_block(struct poly h, u64 m0, u64 m1,
					      u64 m2, u64 r0, u64 r1)
{
	u64 s1 = r1 + (r1 >> 2), c;
	struct wide d0, d1;

	d0 = wide_add64(wide_add64((struct wide){}, h.h0), m0);
	d1 = wide_add64(wide_add64((struct wide){}, h.h1), m1);
	d1 = wide_add64(d1, wide_hi(d0));
	h.h0 = wide_lo(d0);
	h.h1 = wide_lo(d1);
	h.h2 += m2 + wide_hi(d1);

	d0 = wide_add(wide_mul(h.h0, r0), wide_mul(h.h1, s1));
	d1 = wide_add(wide_mul(h.h0, r1), wide_mul(h.h1, r0));
	d1 = wide_add64(d1, h.h2 * s1);
	d1 = wide_add64(d1, wide_hi(d0));
	h.h2 = h.h2 * r0 + wide_hi(d1);

	/* what is above 2^130 comes back times 5 */
	c = (h.h2 >> 2) + (h.h2 & ~3ULL);
	h.h2 &= 3;
	d0 = wide_add64(wide_add64((struct wide){}, wide_lo(d0)), c);
	d1 = wide_add64(wide_add64((struct wide){}, wide_lo(d1)), wide_hi(d0));
	h.h0 = wide_lo(d0);
	h.h1 = wide_lo(d1);
	h.h2 += wide_hi(d1);
	return h;
}

/* h mod 2^130 - 5, then plus s mod 2^128 */
static void poly_tag(struct poly h, const u8 s[16], u8 tag[16])
{
	struct wide g0, g1;
	u64 mask;

	/* h + 5 reaches 2^130 exactly if h was not below 2^130 - 5 */
	g0 = wide_add64(wide_add64((struct wide){}, h.h0), 5);
	g1 = wide_add64(wide_add64((struct wide){}, h.h1), wide_hi(g0));
	mask = 0 - ((h.h2 + wide_hi(g1)) >> 2);
	h.h0 = (h.h0 & ~mask) | (wide_lo(g0) & mask);
	h.h1 = (h.h1 & ~mask) | (wide_lo(g1) & mask);

	g0 = wide_add64((struct wide){}, h.h0);
	g0 = wide_add64(g0, get_unaligned_le64(s));
	put_unaligned_le64(wide_lo(g0), tag);
	put_unaligned_le64(h.h1 + get_unaligned_le64(s + 8) + wide_hi(g0),
			   tag + 8);
}

void kzt_poly1305(u8 tag[16], const u8 *msg, size_t len, const u8 key[32],
		  bool simd)
{
	u64 r0 = get_unaligned_le64(key) & 0x0ffffffc0fffffffULL;
	u64 r1 = get_unaligned_le64(key + 8) & 0x0ffffffc0ffffffcULL;
	struct poly h = {};
	u8 last[BLOCK];

	for (; len >= BLOCK; len -= BLOCK) {
		h = poly_block(h, get_unaligned_le64(msg),
			       get_unaligned_le64(msg + 8), 1, r0, r1);
		msg += BLOCK;
	}
	if (len) {
		memset(last, 0, sizeof(last));
		memcpy(last, msg, len);
		last[len] = 1;
		h = poly_block(h, get_unaligned_le64(last),
			       get_unaligned_le64(last + 8), 0, r0, r1);
	}
	poly_tag(h, key + 16, tag);
}
