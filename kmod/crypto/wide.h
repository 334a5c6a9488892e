/* SPDX-License-Identifier: GPL-2.0 */
/* 128-bit numbers, as products of 64-bit ones, for 32-bit machines too. */
#ifndef KZT_CRYPTO_WIDE_H
#define KZT_CRYPTO_WIDE_H

#include "env.h"

#if defined(__SIZEOF_INT128__) && !defined(KZT_NO_INT128)

struct wide {
	unsigned __int128 v;
};

static __always_inline struct wide wide_mul(u64 a, u64 b)
{
	return (struct wide){ (unsigned __int128)a * b };
}

static __always_inline struct wide wide_add(struct wide a, struct wide b)
{
	return (struct wide){ a.v + b.v };
}

static __always_inline struct wide wide_add64(struct wide a, u64 b)
{
	return (struct wide){ a.v + b };
}

static __always_inline struct wide wide_xor(struct wide a, struct wide b)
{
	return (struct wide){ a.v ^ b.v };
}

/* @by is 1..63 */
static __always_inline struct wide wide_shift(u64 a, unsigned int by)
{
	return (struct wide){ (unsigned __int128)a << by };
}

static __always_inline u64 wide_lo(struct wide a)
{
	return (u64)a.v;
}

static __always_inline u64 wide_hi(struct wide a)
{
	return a.v >> 64;
}

#else

struct wide {
	u64 lo, hi;
};

static __always_inline struct wide wide_mul(u64 a, u64 b)
{
	u64 ll = (u64)(u32)a * (u32)b, lh = (a & U32_MAX) * (b >> 32);
	u64 hl = (a >> 32) * (b & U32_MAX), hh = (a >> 32) * (b >> 32);
	u64 mid = (ll >> 32) + (lh & U32_MAX) + (hl & U32_MAX);

	return (struct wide){ (ll & U32_MAX) | mid << 32,
			      hh + (lh >> 32) + (hl >> 32) + (mid >> 32) };
}

static __always_inline struct wide wide_add(struct wide a, struct wide b)
{
	a.lo += b.lo;
	a.hi += b.hi + (a.lo < b.lo);
	return a;
}

static __always_inline struct wide wide_add64(struct wide a, u64 b)
{
	a.lo += b;
	a.hi += a.lo < b;
	return a;
}

static __always_inline struct wide wide_xor(struct wide a, struct wide b)
{
	return (struct wide){ a.lo ^ b.lo, a.hi ^ b.hi };
}

/* @by is 1..63 */
static __always_inline struct wide wide_shift(u64 a, unsigned int by)
{
	return (struct wide){ a << by, a >> (64 - by) };
}

static __always_inline u64 wide_lo(struct wide a)
{
	return a.lo;
}

static __always_inline u64 wide_hi(struct wide a)
{
	return a.hi;
}

#endif

#endif /* KZT_CRYPTO_WIDE_H */
