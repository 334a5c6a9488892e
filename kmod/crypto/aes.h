/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AES-256 without tables: no access depends on a secret.
 *
 * Four blocks at a time, bitsliced over eight 64-bit words.
 */
#ifndef KZT_CRYPTO_AES_H
#define KZT_CRYPTO_AES_H

#include "env.h"

#define KZT_AES_BLOCK	16
#define KZT_AES_ROUNDS	14
#define KZT_AES_KEYS	15	/* round keys: one more */

/**
 * struct kzt_aes - an expanded AES-256 key for the generic code
 * @slice: round keys, bitsliced, columns as aes.c wants them in that round
 */
struct kzt_aes {
	u64 slice[KZT_AES_KEYS][8];
};

/**
 * kzt_aes_expand() - the round keys of FIPS 197
 * @rk: 15 round keys in the order of use
 * @key: 32 bytes
 */
void kzt_aes_expand(u8 rk[KZT_AES_KEYS][KZT_AES_BLOCK],
		    const u8 key[32]);

/**
 * kzt_aes_invert() - the round keys of the equivalent inverse cipher
 * @out: round keys for decryption in the order of use, as AES-NI wants them
 * @rk: from kzt_aes_expand()
 */
void kzt_aes_invert(u8 out[KZT_AES_KEYS][KZT_AES_BLOCK],
		    const u8 rk[KZT_AES_KEYS][KZT_AES_BLOCK]);

/**
 * kzt_aes_init() - prepare round keys for the generic code
 * @aes: what to fill
 * @rk: from kzt_aes_expand()
 */
void kzt_aes_init(struct kzt_aes *aes,
		  const u8 rk[KZT_AES_KEYS][KZT_AES_BLOCK]);

/**
 * kzt_aes_encrypt() - one block
 * @aes: key
 * @out: 16 bytes, may be @in
 * @in: 16 bytes
 */
void kzt_aes_encrypt(const struct kzt_aes *aes, u8 out[KZT_AES_BLOCK],
		     const u8 in[KZT_AES_BLOCK]);

/**
 * kzt_aes_decrypt() - one block
 * @aes: key
 * @out: 16 bytes, may be @in
 * @in: 16 bytes
 */
void kzt_aes_decrypt(const struct kzt_aes *aes, u8 out[KZT_AES_BLOCK],
		     const u8 in[KZT_AES_BLOCK]);

/**
 * kzt_aes_ctr() - counter mode in place
 * @aes: key
 * @ctr: first counter block; its last 32 bits are counted up, big-endian, and
 *	must not overflow
 * @data: bytes to encrypt or decrypt
 * @len: how many, may be 0
 */
void kzt_aes_ctr(const struct kzt_aes *aes, const u8 ctr[KZT_AES_BLOCK],
		 u8 *data, size_t len);

#endif /* KZT_CRYPTO_AES_H */
