// SPDX-License-Identifier: GPL-2.0
/* Key agreement with a peer (spec 1, section 4; spec 2, 2.10). */
#include <crypto/algapi.h>
#include <crypto/curve25519.h>
#include <crypto/hash.h>
#include <crypto/sha2.h>
#include "crypt.h"

static struct crypto_shash *sha512_tfm;
static struct crypto_shash *hmac_tfm;
static DEFINE_MUTEX(hmac_lock);		/* the tfm holds the key */

/**
 * kzt_crypt_module_init() - get the digests that the library lacks
 *
 * Return: 0 or a negative errno.
 */
int kzt_crypt_module_init(void)
{
	sha512_tfm = crypto_alloc_shash("sha512", 0, 0);
	if (IS_ERR(sha512_tfm))
		return PTR_ERR(sha512_tfm);
	hmac_tfm = crypto_alloc_shash("hmac(sha384)", 0, 0);
	if (IS_ERR(hmac_tfm)) {
		crypto_free_shash(sha512_tfm);
		return PTR_ERR(hmac_tfm);
	}
	return 0;
}

/** kzt_crypt_module_exit() - undo kzt_crypt_module_init() */
void kzt_crypt_module_exit(void)
{
	crypto_free_shash(hmac_tfm);
	crypto_free_shash(sha512_tfm);
}

/**
 * kzt_sha512() - digest of a buffer
 * @data: message
 * @len: its bytes
 * @out: digest
 *
 * Return: 0 or a negative errno.
 */
int kzt_sha512(const void *data, size_t len, u8 out[64])
{
	return crypto_shash_tfm_digest(sha512_tfm, data, len, out);
}

/* Spec 1, section 4: counter 0, "ZT", label, 0, context 0, 384 bits */
static int kbkdf(u8 out[48], char label)
{
	const u8 msg[13] = { 0, 0, 0, 0, 'Z', 'T', label, 0, 0, 0, 0, 1, 0x80 };

	return crypto_shash_tfm_digest(hmac_tfm, msg, sizeof(msg), out);
}

static int siv_keys(const u8 shared[48], u8 k0[48], u8 k1[48])
{
	static const u8 zero[48];
	int err;

	mutex_lock(&hmac_lock);
	err = crypto_shash_setkey(hmac_tfm, shared, 48);
	if (!err)
		err = kbkdf(k0, '0');
	if (!err)
		err = kbkdf(k1, '1');
	crypto_shash_setkey(hmac_tfm, zero, sizeof(zero));
	mutex_unlock(&hmac_lock);
	return err;
}

/**
 * kzt_key_agree() - the keys shared with a peer
 * @keys: filled on success; kzt_keys_destroy() releases them
 * @secret: own X25519 scalar, as stored: not clamped
 * @public: the peer's X25519 public key
 *
 * Implements: spec 1, section 4; spec 2, 2.10.
 *
 * Context: process.
 * Return: 0; -EKEYREJECTED if the public key is of small order; or another
 * negative errno.
 */
int kzt_key_agree(struct kzt_keys *keys, const u8 secret[32],
		  const u8 public[32])
{
	struct {
		u8 scalar[32], raw[32], digest[64], k0[48], k1[48];
	} *tmp;
	int err = -EKEYREJECTED;

	tmp = kmalloc(sizeof(*tmp), GFP_KERNEL);
	if (!tmp)
		return -ENOMEM;
	/* The x86-64 assembly does not clamp, the portable code does */
	memcpy(tmp->scalar, secret, 32);
	curve25519_clamp_secret(tmp->scalar);
	if (!curve25519(tmp->raw, tmp->scalar, public))
		goto out;
	err = kzt_sha512(tmp->raw, 32, tmp->digest);
	if (!err)
		err = siv_keys(tmp->digest, tmp->k0, tmp->k1);
	if (!err)
		err = kzt_keys_init(keys, tmp->digest, tmp->k0, tmp->k1);
out:
	kfree_sensitive(tmp);
	return err;
}

/**
 * kzt_key_matches() - does the public key belong to the secret
 * @secret: X25519 scalar, as stored
 * @public: X25519 public key
 *
 * Implements: spec 2, 2.6 "secret given".  The Ed25519 half is for user space.
 * Return: true if so.
 */
bool kzt_key_matches(const u8 secret[32], const u8 public[32])
{
	u8 scalar[32], made[32];
	bool same;

	memcpy(scalar, secret, 32);
	curve25519_clamp_secret(scalar);
	same = curve25519_generate_public(made, scalar) &&
	       !crypto_memneq(made, public, 32);
	memzero_explicit(scalar, sizeof(scalar));
	return same;
}
