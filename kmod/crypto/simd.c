// SPDX-License-Identifier: GPL-2.0
/* When vector code may run, and which. */
#include "simd.h"

#ifdef KZT_X86_SIMD

#ifdef __KERNEL__

#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#include <asm/simd.h>
#include <linux/cache.h>

unsigned int kzt_simd_features __ro_after_init;

void kzt_crypto_init(void)
{
	bool ymm = boot_cpu_has(X86_FEATURE_AVX) &&
		   cpu_has_xfeatures(XFEATURE_MASK_SSE | XFEATURE_MASK_YMM,
				     NULL);

	kzt_simd_features = KZT_SIMD_SSE2;
	if (ymm && boot_cpu_has(X86_FEATURE_AVX2))
		kzt_simd_features |= KZT_SIMD_AVX2;
	if (ymm && boot_cpu_has(X86_FEATURE_AES) &&
	    boot_cpu_has(X86_FEATURE_PCLMULQDQ))
		kzt_simd_features |= KZT_SIMD_AESNI;
	if (ymm && boot_cpu_has(X86_FEATURE_AVX512VL) &&
	    cpu_has_xfeatures(XFEATURE_MASK_AVX512, NULL))
		kzt_simd_features |= KZT_SIMD_AVX512;
}

bool kzt_simd_begin(void)
{
	if (!kzt_simd_features || !may_use_simd())
		return false;
	kernel_fpu_begin();
	return true;
}

void kzt_simd_end(bool simd)
{
	if (simd)
		kernel_fpu_end();
}

#else /* a hosted build */

unsigned int kzt_simd_features;

void kzt_crypto_init(void)
{
	__builtin_cpu_init();
	kzt_simd_features = KZT_SIMD_SSE2;
	if (__builtin_cpu_supports("avx2"))
		kzt_simd_features |= KZT_SIMD_AVX2;
	if (__builtin_cpu_supports("avx") && __builtin_cpu_supports("aes") &&
	    __builtin_cpu_supports("pclmul"))
		kzt_simd_features |= KZT_SIMD_AESNI;
	if (__builtin_cpu_supports("avx512vl"))
		kzt_simd_features |= KZT_SIMD_AVX512;
}

bool kzt_simd_begin(void)
{
	return kzt_simd_features;
}

void kzt_simd_end(bool simd)
{
	(void)simd;
}

#endif /* __KERNEL__ */

#else /* generic code only */

void kzt_crypto_init(void)
{
}

bool kzt_simd_begin(void)
{
	return false;
}

void kzt_simd_end(bool simd)
{
	(void)simd;
}

#endif /* KZT_X86_SIMD */
