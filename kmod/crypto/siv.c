// SPDX-License-Identifier: GPL-2.0
/* AES-GMAC-SIV, the cipher of suite 3 (spec 1, 5.7). */
#include "env.h"
#include "simd.h"
#include "siv.h"
#include "x86.h"

#define BLOCK	KZT_AES_BLOCK

#ifdef KZT_X86_SIMD

static bool use_aesni(bool simd)
{
	return simd && (kzt_simd_features & KZT_SIMD_AESNI);
}

static void encrypt_mac(const struct kzt_siv_key *k, u8 block[BLOCK], bool simd)
{
	if (use_aesni(simd))
		kzt_aesni_encrypt(k->mac_rk, block, block);
	else
		kzt_aes_encrypt(&k->mac, block, block);
}

static void encrypt_siv(const struct kzt_siv_key *k, u8 block[BLOCK], bool simd)
{
	if (use_aesni(simd))
		kzt_aesni_encrypt(k->enc_rk, block, block);
	else
		kzt_aes_encrypt(&k->enc, block, block);
}

static void decrypt_siv(const struct kzt_siv_key *k, u8 block[BLOCK], bool simd)
{
	if (use_aesni(simd))
		kzt_aesni_decrypt(k->dec_rk, block, block);
	else
		kzt_aes_decrypt(&k->enc, block, block);
}

static void ctr_aesni(const struct kzt_siv_key *k, const u8 ctr[BLOCK],
		      u8 *data, size_t len)
{
	size_t blocks = len / BLOCK, rest = len % BLOCK;
	u8 tail[BLOCK] = {};

	if (blocks)
		kzt_aesni_ctr(k->enc_rk, ctr, 0, data, blocks);
	if (rest) {
		data += blocks * BLOCK;
		memcpy(tail, data, rest);
		kzt_aesni_ctr(k->enc_rk, ctr, blocks, tail, 1);
		memcpy(data, tail, rest);
		memzero_explicit(tail, sizeof(tail));
	}
}

static void crypt_data(const struct kzt_siv_key *k, const u8 ctr[BLOCK],
		       u8 *data, size_t len, bool simd)
{
	if (use_aesni(simd))
		ctr_aesni(k, ctr, data, len);
	else
		kzt_aes_ctr(&k->enc, ctr, data, len);
}

#else

static void encrypt_mac(const struct kzt_siv_key *k, u8 block[BLOCK], bool simd)
{
	kzt_aes_encrypt(&k->mac, block, block);
}

static void encrypt_siv(const struct kzt_siv_key *k, u8 block[BLOCK], bool simd)
{
	kzt_aes_encrypt(&k->enc, block, block);
}

static void decrypt_siv(const struct kzt_siv_key *k, u8 block[BLOCK], bool simd)
{
	kzt_aes_decrypt(&k->enc, block, block);
}

static void crypt_data(const struct kzt_siv_key *k, const u8 ctr[BLOCK],
		       u8 *data, size_t len, bool simd)
{
	kzt_aes_ctr(&k->enc, ctr, data, len);
}

#endif /* KZT_X86_SIMD */

/* up to here the whole of GMAC's input fits one call of kzt_ghash() */
#define SHORT_LEN	(6 * BLOCK)

/* GHASH over the padded @aad, the padded @data and their length */
static void hash_message(const struct kzt_siv_key *k, u8 y[BLOCK],
			 const u8 aad[KZT_SIV_AAD_LEN], const u8 *data,
			 size_t len, bool simd)
{
	u8 buf[BLOCK + SHORT_LEN + BLOCK] __aligned(8);
	size_t whole = len & ~(size_t)(BLOCK - 1), rest = len - whole, n;
	u8 *p = buf;

	memset(y, 0, BLOCK);
	memcpy(p, aad, KZT_SIV_AAD_LEN);
	memset(p + KZT_SIV_AAD_LEN, 0, BLOCK - KZT_SIV_AAD_LEN);
	p += BLOCK;
	if (len <= SHORT_LEN) {
		memcpy(p, data, whole);
		p += whole;
	} else {
		kzt_ghash(&k->hash, y, buf, 1, simd);
		kzt_ghash(&k->hash, y, data, whole / BLOCK, simd);
		p = buf;
	}
	if (rest) {
		memset(p, 0, BLOCK);
		memcpy(p, data + whole, rest);
		p += BLOCK;
	}
	put_unaligned_be64((BLOCK + (u64)len) * 8, p);
	memset(p + 8, 0, 8);
	n = p + BLOCK - buf;
	kzt_ghash(&k->hash, y, buf, n / BLOCK, simd);
	memzero_explicit(buf, n);
}

/* Steps 1 and 2 of "Send": GMAC, folded to 8 bytes */
static void gmac_folded(const struct kzt_siv_key *k, u8 folded[8],
			const u8 iv[KZT_SIV_IV_LEN],
			const u8 aad[KZT_SIV_AAD_LEN], const u8 *data,
			size_t len, bool simd)
{
	u8 y[BLOCK], pad[BLOCK] = {};
	unsigned int i;

	memcpy(pad, iv, KZT_SIV_IV_LEN);
	pad[BLOCK - 1] = 1;
	encrypt_mac(k, pad, simd);
	hash_message(k, y, aad, data, len, simd);
	for (i = 0; i < 8; i++)
		folded[i] = y[i] ^ pad[i] ^ y[i + 8] ^ pad[i + 8];
	memzero_explicit(pad, sizeof(pad));
	memzero_explicit(y, sizeof(y));
}

/* Counter mode from the SIV; the cleared bit keeps 32 bits from overflowing */
static void crypt_from(const struct kzt_siv_key *k, const u8 siv[KZT_SIV_LEN],
		       u8 *data, size_t len, bool simd)
{
	u8 ctr[BLOCK];

	memcpy(ctr, siv, BLOCK);
	ctr[12] &= 0x7f;
	crypt_data(k, ctr, data, len, simd);
}

bool kzt_siv_is_fast(void)
{
	return kzt_simd_features & KZT_SIMD_AESNI;
}

int kzt_siv_key_init(struct kzt_siv_key *k, const u8 k0[32], const u8 k1[32])
{
	u8 rk[KZT_AES_KEYS][BLOCK], h[BLOCK] = {};

	kzt_aes_expand(rk, k0);
	kzt_aes_init(&k->mac, rk);
	kzt_aes_encrypt(&k->mac, h, h);
	kzt_ghash_init(&k->hash, h);
#ifdef KZT_X86_SIMD
	memcpy(k->mac_rk, rk, sizeof(rk));
#endif
	kzt_aes_expand(rk, k1);
	kzt_aes_init(&k->enc, rk);
#ifdef KZT_X86_SIMD
	memcpy(k->enc_rk, rk, sizeof(rk));
	kzt_aes_invert(k->dec_rk, rk);
#endif
	memzero_explicit(rk, sizeof(rk));
	memzero_explicit(h, sizeof(h));
	return 0;
}

void kzt_siv_key_destroy(struct kzt_siv_key *k)
{
	memzero_explicit(k, sizeof(*k));
}

void kzt_siv_seal(const struct kzt_siv_key *k, u8 siv[KZT_SIV_LEN],
		  const u8 iv[KZT_SIV_IV_LEN], const u8 aad[KZT_SIV_AAD_LEN],
		  u8 *data, size_t len, bool simd)
{
	u8 folded[8];

	gmac_folded(k, folded, iv, aad, data, len, simd);
	memmove(siv, iv, KZT_SIV_IV_LEN);
	memcpy(siv + KZT_SIV_IV_LEN, folded, sizeof(folded));
	encrypt_siv(k, siv, simd);
	crypt_from(k, siv, data, len, simd);
}

int kzt_siv_open(const struct kzt_siv_key *k, const u8 siv[KZT_SIV_LEN],
		 const u8 aad[KZT_SIV_AAD_LEN], u8 *data, size_t len, bool simd)
{
	u8 want[BLOCK], folded[8];
	int err = 0;

	crypt_from(k, siv, data, len, simd);
	memcpy(want, siv, BLOCK);
	decrypt_siv(k, want, simd);
	gmac_folded(k, folded, want, aad, data, len, simd);
	if (crypto_memneq(folded, want + KZT_SIV_IV_LEN, sizeof(folded))) {
		memset(data, 0, len);
		err = -EBADMSG;
	}
	memzero_explicit(want, sizeof(want));
	memzero_explicit(folded, sizeof(folded));
	return err;
}
