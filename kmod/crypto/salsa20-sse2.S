/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Salsa20 with SSE2: as salsa20-avx2.S, but a set is one block.
 *
 * void kzt_salsa20_blocks_sse2(const u32 d[16], u8 *dst, const u8 *src,
 *				size_t blocks, unsigned int rounds)
 *
 * blocks is not 0; src may be NULL.
 */
#include "asm.h"

#define STATE	%rdi
#define DST	%rsi
#define SRC	%rdx
#define BLOCKS	%rcx
#define ROUNDS	%r8d
#define COUNTER	%r9d	/* of the next block, relative to the state */
#define LOOP	%eax

.section .rodata.cst16.kzt_salsa20_even, "aM", @progbits, 16
.balign 16
.Leven:
	.long	0xffffffff, 0, 0xffffffff, 0

.text

/* \z ^= (\x + \y) <<< \n */
.macro	STEP z, x, y, n, t, u
	movdqa	\x, \t
	paddd	\y, \t
	movdqa	\t, \u
	pslld	$\n, \t
	psrld	$(32 - \n), \u
	pxor	\t, \z
	pxor	\u, \z
.endm

.macro	SHUFFLE b, c, d
	pshufd	$0x93, \b, \b
	pshufd	$0x4e, \c, \c
	pshufd	$0x39, \d, \d
.endm

/* The diagonals of the block COUNTER + \ahead */
.macro	LOAD a, b, c, d, ahead
	movdqu	0(STATE), \a
	movdqu	16(STATE), \b
	movdqu	32(STATE), \c
	movdqu	48(STATE), \d
	lea	\ahead(%r9), LOOP
	movd	LOOP, %xmm12
	paddd	%xmm12, \c
.endm

/* \z = \x in even places, \y in odd ones; xmm15 has the mask */
.macro	BLEND z, x, y
	movdqa	\x, \z
	pxor	\y, \z
	pand	%xmm15, \z
	pxor	\y, \z
.endm

.macro	STORE row, at
	test	SRC, SRC
	jz	.Lraw\@
	movdqu	\at(SRC), %xmm15
	pxor	%xmm15, \row
.Lraw\@:
	movdqu	\row, \at(DST)
.endm

/* Adds the initial state, makes rows out of diagonals; goes to .Ldone */
.macro	FINISH a, b, c, d
	movdqu	0(STATE), %xmm12
	movdqu	16(STATE), %xmm13
	movdqu	32(STATE), %xmm14
	movdqu	48(STATE), %xmm15
	paddd	%xmm12, \a
	paddd	%xmm13, \b
	paddd	%xmm14, \c
	paddd	%xmm15, \d
	movd	COUNTER, %xmm12
	paddd	%xmm12, \c
	movdqa	.Leven(%rip), %xmm15
	BLEND	%xmm12, \a, \d		/* a d a d */
	BLEND	%xmm13, \c, \b		/* c b c b */
	BLEND	%xmm14, \b, \a		/* b a b a */
	BLEND	\a, \d, \c		/* d c d c */
	movdqa	%xmm12, \b
	shufpd	$2, %xmm13, \b		/* words 0..3 */
	movdqa	%xmm14, \c
	shufpd	$2, \a, \c		/* 4..7 */
	shufpd	$2, %xmm12, %xmm13	/* 8..11 */
	shufpd	$2, %xmm14, \a		/* 12..15 */
	STORE	\b, 0
	STORE	\c, 16
	STORE	%xmm13, 32
	STORE	\a, 48
	add	$64, DST
	test	SRC, SRC
	jz	.Lraw\@
	add	$64, SRC
.Lraw\@:
	dec	BLOCKS
	jz	.Ldone
	inc	COUNTER
.endm

.macro	QUARTER1 a, b, c, d
	STEP	\b, \a, \d, 7, %xmm12, %xmm13
	STEP	\c, \b, \a, 9, %xmm12, %xmm13
	STEP	\d, \c, \b, 13, %xmm12, %xmm13
	STEP	\a, \d, \c, 18, %xmm12, %xmm13
.endm

.macro	QUARTER3 a, b, c, d, e, f, g, h, i, j, k, l
	STEP	\b, \a, \d, 7, %xmm12, %xmm13
	STEP	\f, \e, \h, 7, %xmm14, %xmm15
	STEP	\j, \i, \l, 7, %xmm12, %xmm13
	STEP	\c, \b, \a, 9, %xmm14, %xmm15
	STEP	\g, \f, \e, 9, %xmm12, %xmm13
	STEP	\k, \j, \i, 9, %xmm14, %xmm15
	STEP	\d, \c, \b, 13, %xmm12, %xmm13
	STEP	\h, \g, \f, 13, %xmm14, %xmm15
	STEP	\l, \k, \j, 13, %xmm12, %xmm13
	STEP	\a, \d, \c, 18, %xmm14, %xmm15
	STEP	\e, \h, \g, 18, %xmm12, %xmm13
	STEP	\i, \l, \k, 18, %xmm14, %xmm15
.endm

#define SET0	%xmm0, %xmm1, %xmm2, %xmm3
#define SET1	%xmm4, %xmm5, %xmm6, %xmm7
#define SET2	%xmm8, %xmm9, %xmm10, %xmm11

SYM_FUNC_START(kzt_salsa20_blocks_sse2)
	xor	COUNTER, COUNTER
.Lnext:
	LOAD	SET0, 0
	cmp	$1, BLOCKS
	ja	.Lseveral
	mov	ROUNDS, LOOP
.Lround1:
	QUARTER1	SET0
	SHUFFLE	%xmm1, %xmm2, %xmm3
	QUARTER1	%xmm0, %xmm3, %xmm2, %xmm1
	SHUFFLE	%xmm3, %xmm2, %xmm1
	sub	$2, LOOP
	jnz	.Lround1
	jmp	.Lfinish
.Lseveral:
	LOAD	SET1, 1
	LOAD	SET2, 2
	mov	ROUNDS, LOOP
.Lround3:
	QUARTER3	SET0, SET1, SET2
	SHUFFLE	%xmm1, %xmm2, %xmm3
	SHUFFLE	%xmm5, %xmm6, %xmm7
	SHUFFLE	%xmm9, %xmm10, %xmm11
	QUARTER3	%xmm0, %xmm3, %xmm2, %xmm1, \
			%xmm4, %xmm7, %xmm6, %xmm5, \
			%xmm8, %xmm11, %xmm10, %xmm9
	SHUFFLE	%xmm3, %xmm2, %xmm1
	SHUFFLE	%xmm7, %xmm6, %xmm5
	SHUFFLE	%xmm11, %xmm10, %xmm9
	sub	$2, LOOP
	jnz	.Lround3
.Lfinish:
	FINISH	SET0
	FINISH	SET1
	FINISH	SET2
	jmp	.Lnext
.Ldone:
	RET
SYM_FUNC_END(kzt_salsa20_blocks_sse2)
