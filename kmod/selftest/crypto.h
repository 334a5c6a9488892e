/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_SELFTEST_CRYPTO_H
#define KZT_SELFTEST_CRYPTO_H

/**
 * kzt_crypto_selftest() - known answers, and vector code against generic
 *
 * After kzt_crypto_init(), before there is any traffic: it changes what
 * kzt_simd_begin() finds.  Says on the console what is wrong.
 *
 * Context: process, at module initialisation.
 * Return: 0; -EINVAL if anything is wrong; -ENOMEM.
 */
int kzt_crypto_selftest(void);

#endif /* KZT_SELFTEST_CRYPTO_H */
