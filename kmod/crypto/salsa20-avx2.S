/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Salsa20 with AVX2 and with AVX-512VL.
 *
 * A set is two blocks in four registers, one in each half: the registers are
 * the diagonals of the matrix, so that a quarter round on whole registers does
 * a column round, and after three shuffles a row round.  Several sets at once
 * hide the latencies.  Unlike one word of eight blocks to a register, this
 * spills nothing, transposes nothing, and makes two blocks as cheaply as one.
 *
 * void kzt_salsa20_blocks_...(const u32 d[16], u8 *dst, const u8 *src,
 *			       size_t blocks, unsigned int rounds)
 *
 * blocks is not 0; src may be NULL.
 */
#include "asm.h"

#define STATE	%rdi
#define DST	%rsi
#define SRC	%rdx
#define BLOCKS	%rcx
#define ROUNDS	%r8d
#define COUNTER	%r9d	/* blocks made so far */
#define LOOP	%eax

.section .rodata.cst32.kzt_salsa20_pairs, "aM", @progbits, 32
.balign 32
.Lpair0:
	.long	0, 0, 0, 0, 1, 0, 0, 0
.Lpair1:
	.long	2, 0, 0, 0, 3, 0, 0, 0
.Lpair2:
	.long	4, 0, 0, 0, 5, 0, 0, 0
.Lpair3:
	.long	6, 0, 0, 0, 7, 0, 0, 0

.text

/* \z ^= (\x + \y) <<< \n */
.macro	STEP_AVX2 z, x, y, n, t, u
	vpaddd	\y, \x, \t
	vpslld	$\n, \t, \u
	vpsrld	$(32 - \n), \t, \t
	vpxor	\u, \z, \z
	vpxor	\t, \z, \z
.endm

.macro	STEP_AVX512 z, x, y, n, t, u
	vpaddd	\y, \x, \t
	vprold	$\n, \t, \t
	vpxord	\t, \z, \z
.endm

.macro	SHUFFLE b, c, d
	vpshufd	$0x93, \b, \b
	vpshufd	$0x4e, \c, \c
	vpshufd	$0x39, \d, \d
.endm

/* The diagonals of one set before the first round; ymm15 has the counter */
.macro	LOAD a, b, c, d, pair
	vbroadcasti128	0(STATE), \a
	vbroadcasti128	16(STATE), \b
	vbroadcasti128	32(STATE), \c
	vbroadcasti128	48(STATE), \d
	vpaddd	\pair(%rip), \c, \c
	vpaddd	%ymm15, \c, \c
.endm

.macro	LOAD_COUNTER r, x
	vmovd	COUNTER, \x
	vinserti128	$1, \x, \r, \r
.endm

/* One block, whose rows are in two registers; goes to \done after the last */
.macro	STORE lo, hi, done
	test	SRC, SRC
	jz	.Lraw\@
	vpxor	0(SRC), \lo, \lo
	vpxor	32(SRC), \hi, \hi
	add	$64, SRC
.Lraw\@:
	vmovdqu	\lo, 0(DST)
	vmovdqu	\hi, 32(DST)
	add	$64, DST
	dec	BLOCKS
	jz	\done
.endm

/* Adds the initial state and makes rows out of diagonals; uses ymm12..15 */
.macro	FINISH a, b, c, d, pair, done
	vbroadcasti128	0(STATE), %ymm12
	vbroadcasti128	16(STATE), %ymm13
	vbroadcasti128	32(STATE), %ymm14
	vbroadcasti128	48(STATE), %ymm15
	vpaddd	%ymm12, \a, \a
	vpaddd	%ymm13, \b, \b
	vpaddd	%ymm14, \c, \c
	vpaddd	%ymm15, \d, \d
	LOAD_COUNTER	%ymm12, %xmm12
	vpaddd	\pair(%rip), %ymm12, %ymm12
	vpaddd	%ymm12, \c, \c
	vpblendd	$0xaa, \d, \a, %ymm12	/* a d a d */
	vpblendd	$0xaa, \b, \c, %ymm13	/* c b c b */
	vpblendd	$0xaa, \a, \b, %ymm14	/* b a b a */
	vpblendd	$0xaa, \c, \d, %ymm15	/* d c d c */
	vpblendd	$0xcc, %ymm13, %ymm12, \a	/* words 0..3 */
	vpblendd	$0xcc, %ymm15, %ymm14, \b	/* 4..7 */
	vpblendd	$0xcc, %ymm12, %ymm13, \c	/* 8..11 */
	vpblendd	$0xcc, %ymm14, %ymm15, \d	/* 12..15 */
	vperm2i128	$0x20, \b, \a, %ymm12
	vperm2i128	$0x20, \d, \c, %ymm13
	vperm2i128	$0x31, \b, \a, %ymm14
	vperm2i128	$0x31, \d, \c, %ymm15
	STORE	%ymm12, %ymm13, \done
	STORE	%ymm14, %ymm15, \done
.endm

#define SET0	%ymm0, %ymm1, %ymm2, %ymm3
#define SET1	%ymm4, %ymm5, %ymm6, %ymm7
#define SET2	%ymm8, %ymm9, %ymm10, %ymm11
#define SET3	%ymm16, %ymm17, %ymm18, %ymm19

/* Temporaries of STEP_AVX2; two pairs are enough, renaming does the rest */
#define TA	%ymm12, %ymm13
#define TB	%ymm14, %ymm15

.macro	QUARTER1 step, a, b, c, d
	\step	\b, \a, \d, 7, TA
	\step	\c, \b, \a, 9, TA
	\step	\d, \c, \b, 13, TA
	\step	\a, \d, \c, 18, TA
.endm

.macro	QUARTER2 step, a, b, c, d, e, f, g, h
	\step	\b, \a, \d, 7, TA
	\step	\f, \e, \h, 7, TB
	\step	\c, \b, \a, 9, TA
	\step	\g, \f, \e, 9, TB
	\step	\d, \c, \b, 13, TA
	\step	\h, \g, \f, 13, TB
	\step	\a, \d, \c, 18, TA
	\step	\e, \h, \g, 18, TB
.endm

.macro	QUARTER3 step, a, b, c, d, e, f, g, h, i, j, k, l
	\step	\b, \a, \d, 7, TA
	\step	\f, \e, \h, 7, TB
	\step	\j, \i, \l, 7, TA
	\step	\c, \b, \a, 9, TB
	\step	\g, \f, \e, 9, TA
	\step	\k, \j, \i, 9, TB
	\step	\d, \c, \b, 13, TA
	\step	\h, \g, \f, 13, TB
	\step	\l, \k, \j, 13, TA
	\step	\a, \d, \c, 18, TB
	\step	\e, \h, \g, 18, TA
	\step	\i, \l, \k, 18, TB
.endm

.macro	QUARTER4 step, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p
	\step	\b, \a, \d, 7, TA
	\step	\f, \e, \h, 7, TB
	\step	\j, \i, \l, 7, %ymm20
	\step	\n, \m, \p, 7, %ymm21
	\step	\c, \b, \a, 9, TA
	\step	\g, \f, \e, 9, TB
	\step	\k, \j, \i, 9, %ymm20
	\step	\o, \n, \m, 9, %ymm21
	\step	\d, \c, \b, 13, TA
	\step	\h, \g, \f, 13, TB
	\step	\l, \k, \j, 13, %ymm20
	\step	\p, \o, \n, 13, %ymm21
	\step	\a, \d, \c, 18, TA
	\step	\e, \h, \g, 18, TB
	\step	\i, \l, \k, 18, %ymm20
	\step	\m, \p, \o, 18, %ymm21
.endm

/*
 * All rounds.  A row round is a column round with the second and the fourth
 * diagonal exchanged.
 */
.macro	ROUNDS1 step, a, b, c, d
	mov	ROUNDS, LOOP
.Lround\@:
	QUARTER1	\step, \a, \b, \c, \d
	SHUFFLE	\b, \c, \d
	QUARTER1	\step, \a, \d, \c, \b
	SHUFFLE	\d, \c, \b
	sub	$2, LOOP
	jnz	.Lround\@
.endm

.macro	ROUNDS2 step, a, b, c, d, e, f, g, h
	mov	ROUNDS, LOOP
.Lround\@:
	QUARTER2	\step, \a, \b, \c, \d, \e, \f, \g, \h
	SHUFFLE	\b, \c, \d
	SHUFFLE	\f, \g, \h
	QUARTER2	\step, \a, \d, \c, \b, \e, \h, \g, \f
	SHUFFLE	\d, \c, \b
	SHUFFLE	\h, \g, \f
	sub	$2, LOOP
	jnz	.Lround\@
.endm

.macro	ROUNDS3 step, a, b, c, d, e, f, g, h, i, j, k, l
	mov	ROUNDS, LOOP
.Lround\@:
	QUARTER3	\step, \a, \b, \c, \d, \e, \f, \g, \h, \
			\i, \j, \k, \l
	SHUFFLE	\b, \c, \d
	SHUFFLE	\f, \g, \h
	SHUFFLE	\j, \k, \l
	QUARTER3	\step, \a, \d, \c, \b, \e, \h, \g, \f, \
			\i, \l, \k, \j
	SHUFFLE	\d, \c, \b
	SHUFFLE	\h, \g, \f
	SHUFFLE	\l, \k, \j
	sub	$2, LOOP
	jnz	.Lround\@
.endm

.macro	ROUNDS4 step, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p
	mov	ROUNDS, LOOP
.Lround\@:
	QUARTER4	\step, \a, \b, \c, \d, \e, \f, \g, \h, \
			\i, \j, \k, \l, \m, \n, \o, \p
	SHUFFLE	\b, \c, \d
	SHUFFLE	\f, \g, \h
	SHUFFLE	\j, \k, \l
	SHUFFLE	\n, \o, \p
	QUARTER4	\step, \a, \d, \c, \b, \e, \h, \g, \f, \
			\i, \l, \k, \j, \m, \p, \o, \n
	SHUFFLE	\d, \c, \b
	SHUFFLE	\h, \g, \f
	SHUFFLE	\l, \k, \j
	SHUFFLE	\p, \o, \n
	sub	$2, LOOP
	jnz	.Lround\@
.endm

SYM_FUNC_START(kzt_salsa20_blocks_avx2)
	xor	COUNTER, COUNTER
.Lavx2_next:
	LOAD_COUNTER	%ymm15, %xmm15
	LOAD	SET0, .Lpair0
	cmp	$2, BLOCKS
	ja	.Lavx2_over2
	ROUNDS1	STEP_AVX2, SET0
	jmp	.Lavx2_finish
.Lavx2_over2:
	LOAD	SET1, .Lpair1
	cmp	$4, BLOCKS
	ja	.Lavx2_over4
	ROUNDS2	STEP_AVX2, SET0, SET1
	jmp	.Lavx2_finish
.Lavx2_over4:
	LOAD	SET2, .Lpair2
	ROUNDS3	STEP_AVX2, SET0, SET1, SET2
.Lavx2_finish:
	FINISH	SET0, .Lpair0, .Lavx2_done
	FINISH	SET1, .Lpair1, .Lavx2_done
	FINISH	SET2, .Lpair2, .Lavx2_done
	add	$6, COUNTER
	jmp	.Lavx2_next
.Lavx2_done:
	vzeroupper
	RET
SYM_FUNC_END(kzt_salsa20_blocks_avx2)

SYM_FUNC_START(kzt_salsa20_blocks_avx512)
	xor	COUNTER, COUNTER
.Lavx512_next:
	LOAD_COUNTER	%ymm15, %xmm15
	LOAD	SET0, .Lpair0
	cmp	$2, BLOCKS
	ja	.Lavx512_over2
	ROUNDS1	STEP_AVX512, SET0
	jmp	.Lavx512_finish
.Lavx512_over2:
	LOAD	SET1, .Lpair1
	cmp	$4, BLOCKS
	ja	.Lavx512_over4
	ROUNDS2	STEP_AVX512, SET0, SET1
	jmp	.Lavx512_finish
.Lavx512_over4:
	LOAD	SET2, .Lpair2
	/* vbroadcasti128 and vpblendd do not know the upper registers */
	vmovdqa64	%ymm0, %ymm16
	vmovdqa64	%ymm1, %ymm17
	vbroadcasti128	32(STATE), %ymm12
	vpaddd	.Lpair3(%rip), %ymm12, %ymm12
	vpaddd	%ymm15, %ymm12, %ymm18
	vmovdqa64	%ymm3, %ymm19
	ROUNDS4	STEP_AVX512, SET0, SET1, SET2, SET3
.Lavx512_finish:
	FINISH	SET0, .Lpair0, .Lavx512_done
	FINISH	SET1, .Lpair1, .Lavx512_done
	FINISH	SET2, .Lpair2, .Lavx512_done
	vmovdqa64	%ymm16, %ymm0
	vmovdqa64	%ymm17, %ymm1
	vmovdqa64	%ymm18, %ymm2
	vmovdqa64	%ymm19, %ymm3
	FINISH	SET0, .Lpair3, .Lavx512_done
	add	$8, COUNTER
	jmp	.Lavx512_next
.Lavx512_done:
	vzeroupper
	RET
SYM_FUNC_END(kzt_salsa20_blocks_avx512)
