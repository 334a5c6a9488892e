/* SPDX-License-Identifier: GPL-2.0 */
/* AES-GMAC-SIV, the cipher of suite 3 (spec 1, 5.7). */
#ifndef KZT_CRYPTO_SIV_H
#define KZT_CRYPTO_SIV_H

#include "env.h"
#include "aes.h"
#include "ghash.h"

#define KZT_SIV_LEN	16
#define KZT_SIV_IV_LEN	8
#define KZT_SIV_AAD_LEN	11

/**
 * struct kzt_siv_key - the two expanded AES-256 keys of a peer
 * @mac: K0, for GMAC
 * @enc: K1, for the SIV and counter mode
 * @hash: hash key of GMAC
 * @mac_rk: round keys of @mac for AES-NI
 * @enc_rk: round keys of @enc for AES-NI
 * @dec_rk: the same for decryption, in the order of use
 *
 * Constant after kzt_siv_key_init(), so any number of CPUs may use it.  The
 * generic form is always there: vector registers may be in use just when a
 * packet comes.
 */
struct kzt_siv_key {
	struct kzt_aes mac;
	struct kzt_aes enc;
	struct kzt_ghash_key hash;
#ifdef KZT_X86_SIMD
	u8 mac_rk[KZT_AES_KEYS][KZT_AES_BLOCK];
	u8 enc_rk[KZT_AES_KEYS][KZT_AES_BLOCK];
	u8 dec_rk[KZT_AES_KEYS][KZT_AES_BLOCK];
#endif
};

/**
 * kzt_siv_is_fast() - does the processor have instructions for this cipher?
 *
 * Without, it takes some five times as long as suite 1, which every peer
 * accepts whatever version it speaks (spec 1, 5.10).
 *
 * Context: any, after kzt_crypto_init().
 * Return: true if it does.
 */
bool kzt_siv_is_fast(void);

/**
 * kzt_siv_key_init() - expand the keys of suite 3
 * @k: what to fill
 * @k0: AES-256 key of GMAC
 * @k1: AES-256 key of the SIV and of counter mode
 *
 * Context: process.
 * Return: 0; never fails as of now, but callers should be ready for it.
 */
int kzt_siv_key_init(struct kzt_siv_key *k, const u8 k0[32], const u8 k1[32]);

/**
 * kzt_siv_key_destroy() - wipe the expanded keys
 * @k: no longer in use by anyone
 *
 * Context: process.
 */
void kzt_siv_key_destroy(struct kzt_siv_key *k);

/**
 * kzt_siv_seal() - authenticate and encrypt in place
 * @k: keys
 * @siv: out: synthetic initialisation vector, it authenticates all
 * @iv: 8 bytes, may lie in @siv
 * @aad: 11 bytes that are authenticated only
 * @data: plaintext, then ciphertext
 * @len: its length, may be 0
 * @simd: as returned by kzt_simd_begin(), whose section we are in
 *
 * Implements: spec 1, 5.7 "Send", steps 1 to 5.
 */
void kzt_siv_seal(const struct kzt_siv_key *k, u8 siv[KZT_SIV_LEN],
		  const u8 iv[KZT_SIV_IV_LEN], const u8 aad[KZT_SIV_AAD_LEN],
		  u8 *data, size_t len, bool simd);

/**
 * kzt_siv_open() - decrypt in place and check
 * @k: keys
 * @siv: as received
 * @aad: 11 bytes that are authenticated only
 * @data: ciphertext, then plaintext; all zero after a failure
 * @len: its length, may be 0
 * @simd: as returned by kzt_simd_begin(), whose section we are in
 *
 * Implements: spec 1, 5.7 "Receive", steps 2 to 5.
 *
 * Return: 0, or -EBADMSG if this is not what was sealed.
 */
int __must_check kzt_siv_open(const struct kzt_siv_key *k,
			      const u8 siv[KZT_SIV_LEN],
			      const u8 aad[KZT_SIV_AAD_LEN], u8 *data,
			      size_t len, bool simd);

#endif /* KZT_CRYPTO_SIV_H */
