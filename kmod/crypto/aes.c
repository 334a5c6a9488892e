// SPDX-License-Identifier: GPL-2.0
/*
 * AES-256 without tables, four blocks at a time.
 *
 * Bit i of every state byte lies in word i.  Within a word, the byte of row r,
 * column c of block b has bit 16 r + 4 c + b, so a step along the rows is a
 * rotation of the word.
 *
 * ShiftRows is never carried out ("fixslicing", Adomnicai and Peyrin, 2020):
 * the state is kept as the inverse of however many ShiftRows are due, the
 * round keys are stored that way, and MixColumns fetches each row's byte from
 * where it really is.  Four ShiftRows are none; as there are 14, the state
 * starts out two steps behind, and what comes out is in order.
 */
#include "env.h"
#include "aes.h"

#define ROUNDS		KZT_AES_ROUNDS
#define KEYS		KZT_AES_KEYS
#define BLOCK		KZT_AES_BLOCK
#define LANES		4
/* by how many ShiftRows the state after round @r is behind */
#define BEHIND(r)	(((r) + 2) & 3)

/* Lowest 4 @n bits of each row */
#define ROW_MASK(n)	(((1ULL << (4 * (n))) - 1) * 0x0001000100010001ULL)

/*
 * @stmt for the constants i = 0..7. As a loop, gcc -O2 would leave it one, and
 * the words, indexed by a variable, in memory: half the speed.
 */
#define EACH_BIT(stmt)							\
	do {								\
		{ enum { i = 0 }; stmt; }				\
		{ enum { i = 1 }; stmt; }				\
		{ enum { i = 2 }; stmt; }				\
		{ enum { i = 3 }; stmt; }				\
		{ enum { i = 4 }; stmt; }				\
		{ enum { i = 5 }; stmt; }				\
		{ enum { i = 6 }; stmt; }				\
		{ enum { i = 7 }; stmt; }				\
	} while (0)

static __always_inline u64 ror(u64 x, unsigned int n)
{
	return x >> (n & 63) | x << (-n & 63);
}

/* To (r, c) from (r + rows, c + cols); all but @x are constants. */
static __always_inline u64 from(u64 x, unsigned int rows, unsigned int cols)
{
	cols &= 3;
	if (!cols)
		return ror(x, 16 * rows);
	return (ror(x, 16 * rows + 4 * cols) & ROW_MASK(4 - cols)) |
	       (ror(x, 16 * (rows - 1) + 4 * cols) & ~ROW_MASK(4 - cols));
}

static __always_inline void swap_bits(u64 *a, u64 *b, u64 mask,
				      unsigned int shift)
{
	u64 t = ((*a >> shift) ^ *b) & mask;

	*b ^= t;
	*a ^= t << shift;
}

/*
 * Bit-level transposition of four times two words whose bytes are in order of
 * rows (columns 0 and 2, or 1 and 3, alternate); its own inverse.
 */
static __always_inline void transpose(u64 q[8])
{
	const u64 m1 = 0x5555555555555555ULL, m2 = 0x3333333333333333ULL;
	const u64 m4 = 0x0f0f0f0f0f0f0f0fULL;

	swap_bits(&q[0], &q[1], m1, 1);
	swap_bits(&q[2], &q[3], m1, 1);
	swap_bits(&q[4], &q[5], m1, 1);
	swap_bits(&q[6], &q[7], m1, 1);
	swap_bits(&q[0], &q[2], m2, 2);
	swap_bits(&q[1], &q[3], m2, 2);
	swap_bits(&q[4], &q[6], m2, 2);
	swap_bits(&q[5], &q[7], m2, 2);
	swap_bits(&q[0], &q[4], m4, 4);
	swap_bits(&q[1], &q[5], m4, 4);
	swap_bits(&q[2], &q[6], m4, 4);
	swap_bits(&q[3], &q[7], m4, 4);
}

/* Bytes from 0 1 2 3 4 5 6 7 to 0 4 1 5 2 6 3 7: columns to rows */
static __always_inline u64 interleave(u64 x)
{
	u64 t = (x ^ x >> 16) & 0x00000000ffff0000ULL;

	x ^= t ^ t << 16;
	t = (x ^ x >> 8) & 0x0000ff000000ff00ULL;
	return x ^ t ^ t << 8;
}

static __always_inline u64 deinterleave(u64 x)
{
	u64 t = (x ^ x >> 8) & 0x0000ff000000ff00ULL;

	x ^= t ^ t << 8;
	t = (x ^ x >> 16) & 0x00000000ffff0000ULL;
	return x ^ t ^ t << 16;
}

/* Word b: columns 0 and 2 of block b; word 4 + b: its columns 1 and 3. */
static __always_inline void load(u64 q[8], const u8 in[BLOCK], unsigned int b)
{
	u64 lo = get_unaligned_le64(in), hi = get_unaligned_le64(in + 8);

	q[b] = interleave((lo & 0xffffffff) | hi << 32);
	q[4 + b] = interleave(lo >> 32 | (hi & 0xffffffff00000000ULL));
}

static __always_inline void unload(const u64 q[8], unsigned int b, u64 *lo,
				   u64 *hi)
{
	u64 even = deinterleave(q[b]), odd = deinterleave(q[4 + b]);

	*lo = (even & 0xffffffff) | odd << 32;
	*hi = even >> 32 | (odd & 0xffffffff00000000ULL);
}

/*
 * The S-box circuit of Boyar and Peralta (2010), 115 gates.  The constant 0x63
 * is left out here and added to the round keys.
 */
static __always_inline void sub_bytes(u64 q[8])
{
	u64 x0 = q[7], x1 = q[6], x2 = q[5], x3 = q[4];
	u64 x4 = q[3], x5 = q[2], x6 = q[1], x7 = q[0];
	u64 y1, y2, y3, y4, y5, y6, y7, y8, y9, y10, y11, y12, y13, y14, y15,
	    y16, y17, y18, y19, y20, y21;
	u64 z0, z1, z2, z3, z4, z5, z6, z7, z8, z9, z10, z11, z12, z13, z14,
	    z15, z16, z17;
	u64 a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, s3;

	/* linear: the inputs of the inversion in the tower field */
	y14 = x3 ^ x5;
	y13 = x0 ^ x6;
	y9 = x0 ^ x3;
	y8 = x0 ^ x5;
	a = x1 ^ x2;
	y1 = a ^ x7;
	y4 = y1 ^ x3;
	y12 = y13 ^ y14;
	y2 = y1 ^ x0;
	y5 = y1 ^ x6;
	y3 = y5 ^ y8;
	b = x4 ^ y12;
	y15 = b ^ x5;
	y20 = b ^ x1;
	y6 = y15 ^ x7;
	y10 = y15 ^ a;
	y11 = y20 ^ y9;
	y7 = x7 ^ y11;
	y17 = y10 ^ y11;
	y19 = y10 ^ y8;
	y16 = a ^ y11;
	y21 = y13 ^ y16;
	y18 = x0 ^ y16;

	/* products and inversion */
	a = y12 & y15;
	b = (y3 & y6) ^ a;
	c = (y4 & x7) ^ a;
	d = y13 & y16;
	e = (y5 & y1) ^ d;
	f = (y2 & y7) ^ d;
	g = y9 & y11;
	h = (y14 & y17) ^ g;
	i = (y8 & y10) ^ g;
	b ^= h ^ y20;
	c ^= i ^ y19;
	e ^= h ^ y21;
	f ^= i ^ y18;
	g = b ^ c;
	h = b & e;
	i = f ^ h;
	j = (g & i) ^ c;
	k = e ^ f;
	l = c ^ h;
	m = (l & k) ^ f;
	n = e ^ m;
	o = f & (i ^ m);
	n ^= o;
	p = i ^ o;
	o = g ^ (j & p);
	a = o ^ n;
	b = j ^ m;
	c = j ^ o;
	d = m ^ n;
	e = b ^ a;
	z0 = d & y15;
	z1 = n & y6;
	z2 = m & x7;
	z3 = c & y16;
	z4 = o & y1;
	z5 = j & y7;
	z6 = b & y11;
	z7 = e & y17;
	z8 = a & y10;
	z9 = d & y12;
	z10 = n & y3;
	z11 = m & y4;
	z12 = c & y13;
	z13 = o & y5;
	z14 = j & y2;
	z15 = b & y9;
	z16 = e & y14;
	z17 = a & y8;

	/* linear: back to bits */
	a = z15 ^ z16;
	b = z10 ^ z11;
	c = z5 ^ z13;
	d = z9 ^ z10;
	e = z2 ^ z12;
	f = z2 ^ z5;
	g = z7 ^ z8;
	h = z0 ^ z3;
	i = z6 ^ z7;
	j = z16 ^ z17;
	k = z12 ^ c;
	l = e ^ h;
	m = z4 ^ a;
	n = z3 ^ i;
	o = a ^ l;
	p = z14 ^ l;
	g ^= m;
	d ^= m;
	e = z4 ^ n;
	p ^= g;
	a = z1 ^ d;
	s3 = h ^ a;
	q[7] = n ^ d;
	q[1] = k ^ g;
	q[0] = c ^ o;
	q[4] = s3;
	q[3] = f ^ a;
	q[2] = b ^ p;
	q[6] = e ^ s3;
	q[5] = j ^ e ^ p;
}

/* MixColumns of a state that is @behind ShiftRows behind, then a round key */
static __always_inline void mix_columns(u64 q[8], unsigned int behind,
					const u64 key[8])
{
	u64 next[8], sum[8];

	EACH_BIT(next[i] = from(q[i], 1, behind);
		 sum[i] = q[i] ^ next[i]);
	EACH_BIT(q[i] = key[i] ^ next[i] ^ from(sum[i], 2, 2 * behind) ^
			sum[(i - 1) & 7]);
	/* x^8 = x^4 + x^3 + x + 1 */
	q[1] ^= sum[7];
	q[3] ^= sum[7];
	q[4] ^= sum[7];
}

static __always_inline void add_key(u64 q[8], const u64 key[8])
{
	EACH_BIT(q[i] ^= key[i]);
}

static void encrypt_slices(const struct kzt_aes *aes, u64 state[8])
{
	const u64 (*key)[8] = aes->slice;
	u64 q[8];

	EACH_BIT(q[i] = state[i]);
	add_key(q, *key++);
	for (;;) {
		sub_bytes(q);
		mix_columns(q, BEHIND(1), *key++);
		if (key == aes->slice + ROUNDS)
			break;
		sub_bytes(q);
		mix_columns(q, BEHIND(2), *key++);
		sub_bytes(q);
		mix_columns(q, BEHIND(3), *key++);
		sub_bytes(q);
		mix_columns(q, BEHIND(4), *key++);
	}
	sub_bytes(q);
	add_key(q, *key);
	EACH_BIT(state[i] = q[i]);
}

/* Swaps columns c and c + 2 of the odd rows: two ShiftRows */
static __always_inline void shift_two(u64 *q)
{
	u64 t = (*q ^ *q >> 8) & 0x00ff000000ff0000ULL;

	*q ^= t ^ t << 8;
}

/* The inverse of the S-box's linear layer; again without the constant */
static __always_inline void inverse_affine(u64 q[8])
{
	u64 t[8];

	EACH_BIT(t[i] = q[i]);
	EACH_BIT(q[i] = t[(i + 2) & 7] ^ t[(i + 5) & 7] ^ t[(i + 7) & 7]);
}

/* The field inversion between the layers undoes itself. */
static __always_inline void inverse_sub_bytes(u64 q[8])
{
	inverse_affine(q);
	sub_bytes(q);
	inverse_affine(q);
}

static __always_inline void times_x(u64 q[8])
{
	u64 t[8];

	EACH_BIT(t[i] = q[(i - 1) & 7]);
	EACH_BIT(q[i] = t[i]);
	q[1] ^= t[0];
	q[3] ^= t[0];
	q[4] ^= t[0];
}

/*
 * Undoes one round: the key, MixColumns and SubBytes.  InvMixColumns is
 * MixColumns after multiplication with 4 x^2 + 5.
 */
static __always_inline void inverse_round(u64 q[8], unsigned int behind,
					  const u64 key[8])
{
	static const u64 no_key[8];
	u64 t[8];

	add_key(q, key);
	EACH_BIT(t[i] = q[i] ^ from(q[i], 2, 2 * behind));
	times_x(t);
	times_x(t);
	add_key(q, t);
	mix_columns(q, behind, no_key);
	inverse_sub_bytes(q);
}

static void decrypt_slices(const struct kzt_aes *aes, u64 state[8])
{
	const u64 (*key)[8] = aes->slice + ROUNDS;
	u64 q[8];

	EACH_BIT(q[i] = state[i]);
	add_key(q, *key--);
	inverse_sub_bytes(q);
	for (;;) {
		inverse_round(q, BEHIND(1), *key--);
		if (key == aes->slice)
			break;
		inverse_round(q, BEHIND(4), *key--);
		inverse_round(q, BEHIND(3), *key--);
		inverse_round(q, BEHIND(2), *key--);
	}
	add_key(q, *key);
	EACH_BIT(state[i] = q[i]);
}

void kzt_aes_encrypt(const struct kzt_aes *aes, u8 out[BLOCK],
		     const u8 in[BLOCK])
{
	u64 q[8] = {};
	u64 lo, hi;

	load(q, in, 0);
	transpose(q);
	EACH_BIT(shift_two(&q[i]));
	encrypt_slices(aes, q);
	transpose(q);
	unload(q, 0, &lo, &hi);
	put_unaligned_le64(lo, out);
	put_unaligned_le64(hi, out + 8);
}

void kzt_aes_decrypt(const struct kzt_aes *aes, u8 out[BLOCK],
		     const u8 in[BLOCK])
{
	u64 q[8] = {};
	u64 lo, hi;

	load(q, in, 0);
	transpose(q);
	decrypt_slices(aes, q);
	EACH_BIT(shift_two(&q[i]));
	transpose(q);
	unload(q, 0, &lo, &hi);
	put_unaligned_le64(lo, out);
	put_unaligned_le64(hi, out + 8);
}

/*
 * The last column of a counter block as load() and shift_two() would place it
 * among the odd columns: even rows stay, odd rows move to column 1.
 */
static __always_inline u64 counter_column(u32 ctr)
{
	return (u64)(ctr >> 24) << 8 | (ctr & 0xff0000) |
	       (u64)(ctr & 0xff00) << 32 | (u64)(ctr & 0xff) << 48;
}

/* Keystream of four blocks; @base has everything but the counter. */
static __always_inline void ctr_slices(const struct kzt_aes *aes,
				       const u64 base[8], u32 ctr, u64 q[8])
{
	EACH_BIT(q[i] = i < 4 ? 0 : counter_column(ctr + (i & 3)));
	transpose(q);
	add_key(q, base);
	encrypt_slices(aes, q);
	transpose(q);
}

static __always_inline void xor_le64(u8 *p, u64 v)
{
	put_unaligned_le64(get_unaligned_le64(p) ^ v, p);
}

void kzt_aes_ctr(const struct kzt_aes *aes, const u8 ctr[BLOCK], u8 *data,
		 size_t len)
{
	u32 count = get_unaligned_be32(ctr + 12);
	u64 base[8], q[8], lo, hi;
	u8 block[LANES * BLOCK];
	unsigned int b;

	memcpy(block, ctr, 12);
	memset(block + 12, 0, 4);
	for (b = 0; b < LANES; b++)
		load(base, block, b);
	transpose(base);
	EACH_BIT(shift_two(&base[i]));

	for (; len >= LANES * BLOCK; len -= LANES * BLOCK) {
		ctr_slices(aes, base, count, q);
		count += LANES;
		for (b = 0; b < LANES; b++) {
			unload(q, b, &lo, &hi);
			xor_le64(data, lo);
			xor_le64(data + 8, hi);
			data += BLOCK;
		}
	}
	if (!len)
		return;

	ctr_slices(aes, base, count, q);
	for (b = 0; b < LANES; b++) {
		unload(q, b, &lo, &hi);
		put_unaligned_le64(lo, block + b * BLOCK);
		put_unaligned_le64(hi, block + b * BLOCK + 8);
	}
	for (b = 0; b < len; b++)
		data[b] ^= block[b];
	memzero_explicit(block, sizeof(block));
}

/* The S-box on each byte of a word, for the key schedule */
static u32 sub_word(u32 w)
{
	unsigned int bit, byte;
	u64 q[8] = {};

	for (bit = 0; bit < 8; bit++)
		for (byte = 0; byte < 4; byte++)
			q[bit] |= (u64)(w >> (8 * byte + bit) & 1) << byte;
	sub_bytes(q);
	w = 0;
	for (bit = 0; bit < 8; bit++)
		for (byte = 0; byte < 4; byte++)
			w |= (u32)(q[bit] >> byte & 1) << (8 * byte + bit);
	memzero_explicit(q, sizeof(q));
	return w ^ 0x63636363;
}

void kzt_aes_expand(u8 rk[KEYS][BLOCK], const u8 key[32])
{
	u32 w[4 * KEYS], t;
	unsigned int i;
	u8 rcon = 1;

	for (i = 0; i < ARRAY_SIZE(w); i++) {
		if (i < 8) {
			w[i] = get_unaligned_be32(key + 4 * i);
		} else {
			t = w[i - 1];
			if (i % 8 == 0) {
				t = sub_word(rol32(t, 8)) ^ (u32)rcon << 24;
				rcon <<= 1;
			} else if (i % 8 == 4) {
				t = sub_word(t);
			}
			w[i] = w[i - 8] ^ t;
		}
		put_unaligned_be32(w[i], rk[i / 4] + 4 * (i % 4));
	}
	memzero_explicit(w, sizeof(w));
}

/* Four bytes times x */
static u32 times_x_bytes(u32 w)
{
	return (w & 0x7f7f7f7f) << 1 ^ (w >> 7 & 0x01010101) * 0x1b;
}

void kzt_aes_invert(u8 out[KEYS][BLOCK],
		    const u8 rk[KEYS][BLOCK])
{
	unsigned int r, c;

	for (r = 0; r <= ROUNDS; r++) {
		const u8 *in = rk[ROUNDS - r];

		for (c = 0; c < BLOCK; c += 4) {
			u32 w = get_unaligned_be32(in + c), t, sum;

			if (r && r != ROUNDS) {
				/* as in inverse_round() */
				t = w ^ rol32(w, 16);
				w ^= times_x_bytes(times_x_bytes(t));
				sum = w ^ rol32(w, 8);
				w = times_x_bytes(sum) ^ rol32(w, 8) ^
				    rol32(sum, 16);
			}
			put_unaligned_be32(w, out[r] + c);
		}
	}
}

/* Takes back @steps ShiftRows: (r, c) from (r, c - steps * r) */
static u64 unshift(u64 x, unsigned int steps)
{
	unsigned int r, by;
	u64 out = 0;
	u32 row;

	for (r = 0; r < 4; r++) {
		row = (u16)(x >> 16 * r);
		by = 4 * (steps * r & 3);
		row = row << by | row >> (16 - by);
		out |= (u64)(u16)row << 16 * r;
	}
	return out;
}

void kzt_aes_init(struct kzt_aes *aes, const u8 rk[KEYS][BLOCK])
{
	unsigned int r, i, b;
	u8 block[BLOCK];

	for (r = 0; r <= ROUNDS; r++) {
		u64 *q = aes->slice[r];

		memcpy(block, rk[r], BLOCK);
		for (i = 0; r && i < BLOCK; i++)
			block[i] ^= 0x63;	/* see sub_bytes() */
		for (b = 0; b < LANES; b++)
			load(q, block, b);
		transpose(q);
		for (i = 0; i < 8; i++)
			q[i] = unshift(q[i], BEHIND(r));
	}
	memzero_explicit(block, sizeof(block));
}
