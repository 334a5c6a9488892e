/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When vector code may run, and which.
 *
 * Every primitive has a generic C form that is always built.  On x86-64 there
 * is assembler next to it; user-mode Linux, which has no kernel_fpu_begin(),
 * builds without (so does a hosted build with KZT_NO_SIMD).
 */
#ifndef KZT_CRYPTO_SIMD_H
#define KZT_CRYPTO_SIMD_H

#include "env.h"

#if defined(__KERNEL__)
#if defined(CONFIG_X86_64) && !defined(CONFIG_UML)
#define KZT_X86_SIMD
#endif
#elif defined(__x86_64__) && !defined(KZT_NO_SIMD)
#define KZT_X86_SIMD
#endif

/* Bits of kzt_simd_features */
#define KZT_SIMD_SSE2	0x1	/* Salsa20 */
#define KZT_SIMD_AVX2	0x2	/* Salsa20, Poly1305 */
#define KZT_SIMD_AESNI	0x4	/* AES and GHASH, needs PCLMULQDQ and AVX */
#define KZT_SIMD_AVX512	0x8	/* Salsa20, with 256-bit registers */

#ifdef KZT_X86_SIMD
/* What this machine can do; cleared bit by bit by tests. */
extern unsigned int kzt_simd_features;
#else
#define kzt_simd_features 0U
#endif

/**
 * kzt_crypto_init() - find out what the processor can do
 *
 * Until then everything runs the generic code.
 *
 * Context: process; once, before packets flow.
 */
void kzt_crypto_init(void);

/**
 * kzt_simd_begin() - enter a section in which vector registers may be used
 *
 * The section may span several packets, but it keeps preemption off: keep it
 * short.  Sections do not nest; inside one, call only the _simd() functions.
 *
 * Context: any.
 * Return: what to pass to the _simd() functions and to kzt_simd_end(): true if
 * vector code may be used.
 */
bool kzt_simd_begin(void);

/**
 * kzt_simd_end() - leave a section
 * @simd: what kzt_simd_begin() returned
 */
void kzt_simd_end(bool simd);

#endif /* KZT_CRYPTO_SIMD_H */
