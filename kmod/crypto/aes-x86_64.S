/* SPDX-License-Identifier: GPL-2.0 */
/* AES-256 with AES-NI, and GHASH with PCLMULQDQ; both with AVX encodings. */
#include "asm.h"

.section .rodata.cst16.kzt_swap_counter, "aM", @progbits, 16
.balign 16
.Lswap_counter:
	.byte	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 14, 13, 12

.section .rodata.cst16.kzt_swap_block, "aM", @progbits, 16
.balign 16
.Lswap_block:
	.byte	15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0

.section .rodata.cst16.kzt_counter_one, "aM", @progbits, 16
.balign 16
.Lone:
	.long	0, 0, 0, 1

.section .rodata.cst16.kzt_ghash_poly, "aM", @progbits, 16
.balign 16
.Lpoly:
	.quad	0xc200000000000000, 0

.text

/* void kzt_aesni_encrypt(const u8 rk[15][16], u8 out[16], const u8 in[16]) */
SYM_FUNC_START(kzt_aesni_encrypt)
	vmovdqu	(%rdx), %xmm0
	vpxor	(%rdi), %xmm0, %xmm0
.irp	r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
	vaesenc	\r*16(%rdi), %xmm0, %xmm0
.endr
	vaesenclast	14*16(%rdi), %xmm0, %xmm0
	vmovdqu	%xmm0, (%rsi)
	RET
SYM_FUNC_END(kzt_aesni_encrypt)

/* void kzt_aesni_decrypt(const u8 rk[15][16], u8 out[16], const u8 in[16]) */
SYM_FUNC_START(kzt_aesni_decrypt)
	vmovdqu	(%rdx), %xmm0
	vpxor	(%rdi), %xmm0, %xmm0
.irp	r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
	vaesdec	\r*16(%rdi), %xmm0, %xmm0
.endr
	vaesdeclast	14*16(%rdi), %xmm0, %xmm0
	vmovdqu	%xmm0, (%rsi)
	RET
SYM_FUNC_END(kzt_aesni_decrypt)

#define RK	%rdi
#define DATA	%rcx
#define BLOCKS	%r8
#define CTR	%xmm8
#define SWAP	%xmm9
#define ONE	%xmm10
#define T	%xmm11

.macro	NEXT_COUNTER b
	vpshufb	SWAP, CTR, \b
	vpaddd	ONE, CTR, CTR
	vpxor	T, \b, \b
.endm

/* One block of output, unless there are no more */
.macro	XOR_BLOCK b, at
	vpxor	\at(DATA), \b, \b
	vmovdqu	\b, \at(DATA)
	dec	BLOCKS
	jz	.Lctr_done
.endm

/*
 * void kzt_aesni_ctr(const u8 rk[15][16], const u8 ctr[16], u32 first,
 *		      u8 *data, size_t blocks)
 *
 * In place; blocks is not 0.  Always makes eight blocks at a time: with the
 * latency of AES, fewer would hardly be faster.
 */
SYM_FUNC_START(kzt_aesni_ctr)
	vmovdqa	.Lswap_counter(%rip), SWAP
	vmovdqa	.Lone(%rip), ONE
	vmovdqu	(%rsi), CTR
	vpshufb	SWAP, CTR, CTR
	vmovd	%edx, T
	vpslldq	$12, T, T
	vpaddd	T, CTR, CTR
.Lctr_next:
	vmovdqu	(RK), T
.irp	b, %xmm0, %xmm1, %xmm2, %xmm3, %xmm4, %xmm5, %xmm6, %xmm7
	NEXT_COUNTER	\b
.endr
.irp	r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
	vmovdqu	\r*16(RK), T
	vaesenc	T, %xmm0, %xmm0
	vaesenc	T, %xmm1, %xmm1
	vaesenc	T, %xmm2, %xmm2
	vaesenc	T, %xmm3, %xmm3
	vaesenc	T, %xmm4, %xmm4
	vaesenc	T, %xmm5, %xmm5
	vaesenc	T, %xmm6, %xmm6
	vaesenc	T, %xmm7, %xmm7
.endr
	vmovdqu	14*16(RK), T
.irp	b, %xmm0, %xmm1, %xmm2, %xmm3, %xmm4, %xmm5, %xmm6, %xmm7
	vaesenclast	T, \b, \b
.endr
	XOR_BLOCK	%xmm0, 0
	XOR_BLOCK	%xmm1, 16
	XOR_BLOCK	%xmm2, 32
	XOR_BLOCK	%xmm3, 48
	XOR_BLOCK	%xmm4, 64
	XOR_BLOCK	%xmm5, 80
	XOR_BLOCK	%xmm6, 96
	XOR_BLOCK	%xmm7, 112
	add	$128, DATA
	jmp	.Lctr_next
.Lctr_done:
	RET
SYM_FUNC_END(kzt_aesni_ctr)

#undef RK
#undef DATA
#undef BLOCKS
#undef CTR
#undef SWAP
#undef ONE
#undef T

#define POWERS	%rdi	/* H^8 .. H */
#define SUMS	%rsi	/* their halves, added */
#define STATE	%rdx
#define DATA	%rcx
#define BLOCKS	%r8
#define COUNT	%r9	/* blocks to go before the reduction */
#define POWER	%rax
#define SUM	%r10
#define Y	%xmm0
#define LO	%xmm1
#define MID	%xmm2
#define HI	%xmm3
#define B	%xmm4
#define H	%xmm5
#define T	%xmm6
#define S	%xmm7
#define POLY	%xmm8
#define SWAP	%xmm9

/*
 * void kzt_ghash_clmul(const u64 powers[8][2], const u64 sums[8], u8 y[16],
 *			const u8 *data, size_t blocks)
 *
 * blocks is not 0.  See ghash.c for how numbers are represented.  Up to eight
 * blocks, the first with the state added, are multiplied by H^n .. H and
 * reduced together.
 */
SYM_FUNC_START(kzt_ghash_clmul)
	vmovdqa	.Lswap_block(%rip), SWAP
	vmovdqa	.Lpoly(%rip), POLY
	vmovdqu	(STATE), Y
	vpshufb	SWAP, Y, Y
.Lghash_next:
	mov	$8, %r11d
	mov	%r11, COUNT
	cmp	%r11, BLOCKS
	cmovb	BLOCKS, COUNT
	sub	COUNT, BLOCKS
	sub	COUNT, %r11
	lea	(SUMS, %r11, 8), SUM
	shl	$4, %r11
	lea	(POWERS, %r11), POWER
	vpxor	LO, LO, LO
	vpxor	MID, MID, MID
	vpxor	HI, HI, HI
.Lghash_block:
	vmovdqu	(DATA), B
	vpshufb	SWAP, B, B
	vpxor	Y, B, B
	vpxor	Y, Y, Y
	vmovdqu	(POWER), H
	vpclmulqdq	$0x00, H, B, T
	vpxor	T, LO, LO
	vpclmulqdq	$0x11, H, B, T
	vpxor	T, HI, HI
	vpshufd	$0x4e, B, S
	vpxor	B, S, S
	vmovq	(SUM), H
	vpclmulqdq	$0x00, H, S, T
	vpxor	T, MID, MID
	add	$16, DATA
	add	$16, POWER
	add	$8, SUM
	dec	COUNT
	jnz	.Lghash_block

	/* Karatsuba: the middle is the sum's product less the two others */
	vpxor	LO, MID, MID
	vpxor	HI, MID, MID
	vpslldq	$8, MID, T
	vpxor	T, LO, LO
	vpsrldq	$8, MID, T
	vpxor	T, HI, HI
	/* fold 64 bits twice */
	vpclmulqdq	$0x00, POLY, LO, T
	vpshufd	$0x4e, LO, LO
	vpxor	T, LO, LO
	vpclmulqdq	$0x00, POLY, LO, T
	vpshufd	$0x4e, LO, LO
	vpxor	T, LO, LO
	vpxor	LO, HI, Y
	test	BLOCKS, BLOCKS
	jnz	.Lghash_next

	vpshufb	SWAP, Y, Y
	vmovdqu	Y, (STATE)
	RET
SYM_FUNC_END(kzt_ghash_clmul)
