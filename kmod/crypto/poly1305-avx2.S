/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Poly1305 with AVX2: four blocks at a time, in limbs of 26 bits.
 *
 * Each 64-bit lane collects every fourth block: h = (h + block) r^4.  The last
 * time, the lanes are multiplied by r^4, r^3, r^2 and r, and then added.
 */
#include "asm.h"

#define OUT	%rdi
#define MSG	%rsi
#define GROUPS	%rdx
#define POWERS	%rcx
#define TABLE	%r8	/* r0..r4, then 5 r1..5 r4, four lanes each */

#define H0	%ymm0
#define H1	%ymm1
#define H2	%ymm2
#define H3	%ymm3
#define H4	%ymm4
#define D0	%ymm5
#define D1	%ymm6
#define D2	%ymm7
#define D3	%ymm8
#define D4	%ymm9
#define T0	%ymm10
#define T1	%ymm11
#define T2	%ymm12
#define T3	%ymm13
#define ONE	%ymm14	/* 2^128, the bit above a whole block */
#define MASK	%ymm15

.section .rodata.cst32.kzt_poly1305_mask, "aM", @progbits, 32
.balign 32
.Lmask:
	.quad	0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff

.section .rodata.cst32.kzt_poly1305_one, "aM", @progbits, 32
.balign 32
.Lone:
	.quad	0x1000000, 0x1000000, 0x1000000, 0x1000000

.text

/* One limb of the powers, and times 5, to the table */
.macro	TABLE_LIMB i, all
	vpmovzxdq	16*\i(POWERS), T0
.ifnb \all
	vpermq	$0, T0, T0
.endif
	vmovdqu	T0, 32*\i(TABLE)
.if \i
	vpsllq	$2, T0, T1
	vpaddq	T0, T1, T1
	vmovdqu	T1, 32*(\i + 4)(TABLE)
.endif
.endm

/* r^4 in every lane, or with an empty \all each lane's own power */
.macro	MAKE_TABLE all
.irp	i, 0, 1, 2, 3, 4
	TABLE_LIMB	\i, \all
.endr
.endm

/* H += the next four blocks; they come in the order 0, 2, 1, 3 */
.macro	ADD_BLOCKS
	vmovdqu	0(MSG), T0
	vmovdqu	32(MSG), T1
	add	$64, MSG
	vpunpcklqdq	T1, T0, T2
	vpunpckhqdq	T1, T0, T3
	vpand	MASK, T2, T0
	vpaddq	T0, H0, H0
	vpsrlq	$26, T2, T0
	vpand	MASK, T0, T0
	vpaddq	T0, H1, H1
	vpsrlq	$52, T2, T0
	vpsllq	$12, T3, T1
	vpor	T1, T0, T0
	vpand	MASK, T0, T0
	vpaddq	T0, H2, H2
	vpsrlq	$14, T3, T0
	vpand	MASK, T0, T0
	vpaddq	T0, H3, H3
	vpsrlq	$40, T3, T0
	vpor	ONE, T0, T0
	vpaddq	T0, H4, H4
.endm

/* Adds \h times one column of the multiplication table */
.macro	MUL_ROW h, a, b, c, d, e
	vpmuludq	32*\a(TABLE), \h, T0
	vpmuludq	32*\b(TABLE), \h, T1
	vpmuludq	32*\c(TABLE), \h, T2
	vpmuludq	32*\d(TABLE), \h, T3
	vpaddq	T0, D0, D0
	vpmuludq	32*\e(TABLE), \h, T0
	vpaddq	T1, D1, D1
	vpaddq	T2, D2, D2
	vpaddq	T3, D3, D3
	vpaddq	T0, D4, D4
.endm

/* D = H times the table; limbs of H are below 2^29, those of D below 2^61 */
.macro	MULTIPLY
	vpmuludq	32*0(TABLE), H0, D0
	vpmuludq	32*1(TABLE), H0, D1
	vpmuludq	32*2(TABLE), H0, D2
	vpmuludq	32*3(TABLE), H0, D3
	vpmuludq	32*4(TABLE), H0, D4
	MUL_ROW	H1, 8, 0, 1, 2, 3
	MUL_ROW	H2, 7, 8, 0, 1, 2
	MUL_ROW	H3, 6, 7, 8, 0, 1
	MUL_ROW	H4, 5, 6, 7, 8, 0
.endm

/* H = D with limbs little above 26 bits */
.macro	CARRY
	vpsrlq	$26, D3, T0
	vpsrlq	$26, D0, T1
	vpand	MASK, D3, H3
	vpand	MASK, D0, H0
	vpaddq	T0, D4, D4
	vpaddq	T1, D1, D1
	vpsrlq	$26, D4, T0
	vpsrlq	$26, D1, T1
	vpand	MASK, D4, H4
	vpand	MASK, D1, H1
	vpaddq	T1, D2, D2
	vpaddq	T0, H0, H0
	vpsllq	$2, T0, T0
	vpaddq	T0, H0, H0
	vpsrlq	$26, D2, T1
	vpand	MASK, D2, H2
	vpsrlq	$26, H0, T0
	vpand	MASK, H0, H0
	vpaddq	T1, H3, H3
	vpaddq	T0, H1, H1
	vpsrlq	$26, H3, T1
	vpand	MASK, H3, H3
	vpaddq	T1, H4, H4
.endm

/* The sum of the four lanes of a D to OUT; \x is its lower half */
.macro	SUM_LANES d, x, at
	vextracti128	$1, \d, %xmm10
	vpaddq	%xmm10, \x, \x
	vpsrldq	$8, \x, %xmm10
	vpaddq	%xmm10, \x, \x
	vmovq	\x, \at(OUT)
.endm

/*
 * void kzt_poly1305_groups_avx2(u64 out[5], const u8 *msg, size_t groups,
 *				 const u32 powers[5][4], u64 table[9][4])
 *
 * Hashes groups of four blocks from a state of zero.  groups is not 0.
 * powers are the limbs of r^4, r^2, r^3, r; table is room to work.  Limbs of
 * out are below 2^63.
 */
SYM_FUNC_START(kzt_poly1305_groups_avx2)
	vmovdqa	.Lmask(%rip), MASK
	vmovdqa	.Lone(%rip), ONE
	vpxor	H0, H0, H0
	vpxor	H1, H1, H1
	vpxor	H2, H2, H2
	vpxor	H3, H3, H3
	vpxor	H4, H4, H4
	dec	GROUPS
	jz	.Llast
	MAKE_TABLE	1
.Lnext:
	ADD_BLOCKS
	MULTIPLY
	CARRY
	dec	GROUPS
	jnz	.Lnext
.Llast:
	MAKE_TABLE
	ADD_BLOCKS
	MULTIPLY
	SUM_LANES	D0, %xmm5, 0
	SUM_LANES	D1, %xmm6, 8
	SUM_LANES	D2, %xmm7, 16
	SUM_LANES	D3, %xmm8, 24
	SUM_LANES	D4, %xmm9, 32
	vzeroupper
	RET
SYM_FUNC_END(kzt_poly1305_groups_avx2)
