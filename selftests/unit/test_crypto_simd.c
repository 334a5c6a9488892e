// SPDX-License-Identifier: GPL-2.0
/*
 * Every implementation of the packet cryptography against independent ones
 * (libsodium, OpenSSL) and against each other, at all lengths up to 3000.
 *
 * usage: test_crypto_simd
 */
#include <stdlib.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "armor.h"
#include "poly1305.h"
#include "salsa20.h"
#include "simd.h"
#include "tap.h"

#define MAX_LEN		3000
#define GUARD		64	/* bytes around a buffer that must stay */
#define FILL		0xa5

struct kind {
	const char *name;
	unsigned int features;
};

static const struct kind kinds[] = {
	{ "generic", 0 },
	{ "sse2", KZT_SIMD_SSE2 },
	{ "avx2", KZT_SIMD_AVX2 },
	{ "avx512", KZT_SIMD_AVX2 | KZT_SIMD_AVX512 },
	{ "aesni", KZT_SIMD_AESNI },
};

static u8 msg[MAX_LEN + 64], key[32], nonce[16];
static struct kzt_siv_key siv_key;
static struct kzt_keys keys;

/* Reproducible bytes */
static void fill(u8 *p, size_t len, u64 seed)
{
	size_t i;

	for (i = 0; i < len; i++) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		p[i] = seed >> 56;
	}
}

static bool choose(const struct kind *k)
{
	static unsigned int have;

	if (!have) {
		kzt_crypto_init();
		have = kzt_simd_features | 0x80000000;
	}
	if (k->features & ~have)
		return false;
#ifdef KZT_X86_SIMD
	kzt_simd_features = k->features;
#endif
	return true;
}

/* A buffer at every alignment in turn, with guards; of this size exactly */
struct guarded {
	u8 *room;
	u8 *p;
	size_t len;
};

static struct guarded guarded(size_t len)
{
	size_t at = GUARD + len % 32;
	struct guarded g = { malloc(at + len + GUARD), NULL, len };

	g.p = g.room + at;
	memset(g.room, FILL, at + len + GUARD);
	return g;
}

/* Frees it, too */
static bool intact(struct guarded g)
{
	bool good = true;
	u8 *p;

	for (p = g.room; p < g.p; p++)
		good &= *p == FILL;
	for (p = g.p + g.len; p < g.p + g.len + GUARD; p++)
		good &= *p == FILL;
	free(g.room);
	return good;
}

static void sodium_salsa20(u8 *dst, const u8 *src, size_t len, u64 block,
			   unsigned int rounds)
{
	static u8 all[MAX_LEN + 64 * 64];

	if (rounds == 20) {
		crypto_stream_salsa20_xor_ic(dst, src, len, nonce, block, key);
		return;
	}
	/* there is no form that starts at a block */
	memset(all, 0, block * 64);
	memcpy(all + block * 64, src, len);
	crypto_stream_salsa2012_xor(all, all, block * 64 + len, nonce, key);
	memcpy(dst, all + block * 64, len);
}

static bool salsa20_at(size_t len, u64 block, unsigned int rounds)
{
	struct guarded g = guarded(len);
	u8 want[MAX_LEN];
	bool good;

	sodium_salsa20(want, msg, len, block, rounds);
	kzt_salsa20_xor(g.p, msg, len, key, nonce, block, rounds);
	good = !memcmp(g.p, want, len);
	memcpy(g.p, msg, len);
	kzt_salsa20_xor(g.p, g.p, len, key, nonce, block, rounds);
	good &= !memcmp(g.p, want, len);
	kzt_salsa20_xor(g.p, NULL, len, key, nonce, block, rounds);
	while (len--)
		good &= (g.p[len] ^ msg[len]) == want[len];
	return good & intact(g);
}

static void test_salsa20(const struct kind *k)
{
	bool good = true, wraps = true;
	size_t len, bad = 0;
	unsigned int i;

	for (len = 0; len <= MAX_LEN && good; len++) {
		good = salsa20_at(len, len % 60, 12) &&
		       salsa20_at(len, len % 60, 20);
		bad = len;
	}
	ok(good, "salsa20 %s: as libsodium, last length %zu", k->name, bad);

	/* the low word of the counter overflows within the data */
	for (i = 0; i < 20; i++)
		wraps &= salsa20_at(1280, (7ULL << 32) - i, 20);
	ok(wraps, "salsa20 %s: counter beyond 32 bits", k->name);
}

/* One stream in several calls of whole blocks */
static void test_salsa20_pieces(const struct kind *k)
{
	struct kzt_salsa20 s;
	u8 whole[2048], parts[2048];
	size_t at, n = 0;
	bool good = true;
	unsigned int i;

	for (i = 1; i < 24; i++) {
		kzt_salsa20_xor(whole, msg, sizeof(whole), key, nonce, 5, 12);
		kzt_salsa20_init(&s, key, nonce, 5);
		for (at = 0; at < sizeof(parts); at += n) {
			n = min_t(size_t, i * 64, sizeof(parts) - at);
			kzt_salsa20_crypt(&s, parts + at, msg + at, n, 12,
					  kzt_simd_begin());
		}
		good &= !memcmp(whole, parts, sizeof(whole));
	}
	ok(good, "salsa20 %s: in pieces", k->name);
}

static void test_poly1305(const struct kind *k)
{
	u8 want[16], got[16], r[32], high[MAX_LEN];
	bool good = true, extreme = true;
	size_t len, bad = 0;
	unsigned int i;

	for (len = 0; len <= MAX_LEN && good; len++) {
		fill(r, sizeof(r), len);
		crypto_onetimeauth(want, msg + len % 16, len, r);
		kzt_poly1305(got, msg + len % 16, len, r, kzt_simd_begin());
		good = !memcmp(want, got, 16);
		bad = len;
	}
	ok(good, "poly1305 %s: as libsodium, last length %zu", k->name, bad);

	/* the largest limbs and the longest carries */
	memset(high, 0xff, sizeof(high));
	for (i = 0; i < 8; i++) {
		memset(r, i & 1 ? 0xff : 0, 16);
		memset(r + 16, i & 2 ? 0xff : 0, 16);
		r[0] |= i & 4 ? 2 : 0;
		for (len = 0; len <= MAX_LEN; len += 13) {
			crypto_onetimeauth(want, high, len, r);
			kzt_poly1305(got, high, len, r, kzt_simd_begin());
			extreme &= !memcmp(want, got, 16);
		}
	}
	ok(extreme, "poly1305 %s: extreme values", k->name);
}

/* Sums from 8 below to 3 above the modulus before the last reduction: r = 1 */
static void test_poly1305_wraps(void)
{
	u8 r[32] = { 1 }, m[32], want[16], got[16];
	bool good = true;
	unsigned int i;

	for (i = 0; i < 12; i++) {
		memset(m, 0xff, sizeof(m));
		m[16] -= i;
		crypto_onetimeauth(want, m, sizeof(m), r);
		kzt_poly1305(got, m, sizeof(m), r, false);
		good &= !memcmp(want, got, 16);
	}
	ok(good, "poly1305: around the modulus");
}

/* Bit by bit from the definition: x^0 is the first bit of the first byte */
static void gf_mul(u8 out[16], const u8 a[16], const u8 b[16])
{
	u8 v[16], z[16] = {};
	unsigned int i, j;

	memcpy(v, b, 16);
	for (i = 0; i < 128; i++) {
		u8 low = v[15] & 1;

		for (j = 0; j < 16 && a[i / 8] >> (7 - i % 8) & 1; j++)
			z[j] ^= v[j];
		for (j = 15; j; j--)
			v[j] = v[j] >> 1 | v[j - 1] << 7;
		v[0] = v[0] >> 1 ^ (low ? 0xe1 : 0);
	}
	memcpy(out, z, 16);
}

static void gf_sqrt(u8 x[16])
{
	unsigned int i;

	for (i = 0; i < 127; i++)
		gf_mul(x, x, x);
}

static bool ghash_as_defined(const u8 h[16], const u8 *data, size_t blocks,
			     bool want_full)
{
	struct kzt_ghash_key *k = malloc(sizeof(*k));
	u8 y[16] = { 1, 2, 3 }, want[16] = { 1, 2, 3 };
	unsigned int i, j;
	bool good;

	kzt_ghash_init(k, h);
	kzt_ghash(k, y, data, blocks, kzt_simd_begin());
	for (i = 0; i < blocks; i++) {
		for (j = 0; j < 16; j++)
			want[j] ^= data[16 * i + j];
		gf_mul(want, want, h);
	}
	good = !memcmp(y, want, 16) && (!want_full || k->any_full);
	free(k);
	return good;
}

static void test_ghash(const struct kind *k)
{
	static const u8 x[16] = { 0x40 };
	u8 h[16], ones[16 * 12];
	bool good = true, full = true;
	unsigned int i, j, root;

	for (i = 0; i < 60; i++) {
		fill(h, sizeof(h), i);
		good &= ghash_as_defined(h, msg, i, false);
	}
	ok(good, "ghash %s: as defined", k->name);

	/*
	 * Keys with full words (see ghash.c) in H, H^2 or H^4, and data that
	 * meets them with full words
	 */
	memset(ones, 0xff, sizeof(ones));
	for (root = 0; root < 3; root++) {
		for (j = 0; j < 8; j++) {
			for (i = 0; i < 16; i++)
				h[i] = j < 4 || i / 8 == j % 2 ?
				       0x11u << j % 4 : i * 37 + j;
			gf_mul(h, h, x);
			for (i = 0; i < root; i++)
				gf_sqrt(h);
			for (i = 1; i <= 12; i++)
				full &= ghash_as_defined(h, ones, i, true) &&
					ghash_as_defined(h, msg, i, true);
		}
	}
	ok(full, "ghash %s: keys that need the correction", k->name);
}

/* From OpenSSL's parts, step by step as in the spec */
static void reference_seal(u8 siv[16], const u8 k0[32], const u8 k1[32],
			   const u8 iv[8], const u8 aad[11], u8 *data,
			   size_t len)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	u8 gcm_iv[12] = {}, padded[16] = {}, tag[16], ctr[16];
	unsigned int i;
	int n;

	memcpy(gcm_iv, iv, 8);
	memcpy(padded, aad, 11);
	EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, k0, gcm_iv);
	EVP_EncryptUpdate(c, NULL, &n, padded, 16);
	if (len)
		EVP_EncryptUpdate(c, NULL, &n, data, len);
	EVP_EncryptFinal_ex(c, tag, &n);
	EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, tag);
	memcpy(siv, iv, 8);
	for (i = 0; i < 8; i++)
		siv[8 + i] = tag[i] ^ tag[8 + i];
	EVP_CIPHER_CTX_reset(c);
	EVP_EncryptInit_ex(c, EVP_aes_256_ecb(), NULL, k1, NULL);
	EVP_CIPHER_CTX_set_padding(c, 0);
	EVP_EncryptUpdate(c, siv, &n, siv, 16);
	memcpy(ctr, siv, 16);
	ctr[12] &= 0x7f;
	EVP_CIPHER_CTX_reset(c);
	EVP_EncryptInit_ex(c, EVP_aes_256_ctr(), NULL, k1, ctr);
	EVP_EncryptUpdate(c, data, &n, data, len);
	EVP_CIPHER_CTX_free(c);
}

static void test_siv(const struct kind *k)
{
	u8 k0[32], k1[32], iv[8], aad[11], want_siv[16], siv[16];
	static u8 want[MAX_LEN + 1];
	bool simd, sealed = true, opened = true, refused = true;
	size_t len;

	for (len = 0; len <= MAX_LEN && sealed && opened; len++) {
		struct guarded g = guarded(len);

		fill(k0, sizeof(k0), len);
		fill(k1, sizeof(k1), len + 1);
		fill(iv, sizeof(iv), len + 2);
		fill(aad, sizeof(aad), len + 3);
		memcpy(want, msg, len);
		reference_seal(want_siv, k0, k1, iv, aad, want, len);

		simd = kzt_simd_begin();
		kzt_siv_key_init(&siv_key, k0, k1);
		memcpy(g.p, msg, len);
		kzt_siv_seal(&siv_key, siv, iv, aad, g.p, len, simd);
		sealed = !memcmp(siv, want_siv, 16) && !memcmp(g.p, want, len);
		opened = !kzt_siv_open(&siv_key, siv, aad, g.p, len, simd) &&
			 !memcmp(g.p, msg, len);

		memcpy(g.p, want, len);
		if (len)
			g.p[len * 7 % len] ^= 0x10;
		else
			siv[15] ^= 1;
		refused &= kzt_siv_open(&siv_key, siv, aad, g.p, len, simd) ==
			   -EBADMSG;
		memset(want, 0, len);
		refused &= !memcmp(g.p, want, len);
		sealed &= intact(g);
		kzt_simd_end(simd);
	}
	ok(sealed, "siv %s: as OpenSSL's parts, last length %zu", k->name,
	   len - 1);
	ok(opened, "siv %s: opens what it sealed", k->name);
	ok(refused, "siv %s: refuses and wipes", k->name);
}

/* What the generic code armors is right by the vectors (test_crypto.c). */
static void test_armor(const struct kind *k, unsigned int suite)
{
	static u8 wire[MAX_LEN];
	bool good = true, opens = true, refused = true;
	size_t len;
	int err;

	for (len = 28; len <= MAX_LEN && good && opens; len++) {
		struct guarded g = guarded(len);

		memcpy(wire, msg, len);
		kzt_armor_simd(wire, len, suite, &keys, false);
		memcpy(g.p, msg, len);
		kzt_armor(g.p, len, suite, &keys);
		good = !memcmp(g.p, wire, len);
		err = kzt_dearmor(g.p, len, &keys);
		opens = !err && !memcmp(g.p + 27, msg + 27, len - 27) &&
			!memcmp(g.p, wire, 27);
		memcpy(g.p, wire, len);
		g.p[27 + len * 31 % (len - 27)] ^= 4;
		refused &= kzt_dearmor(g.p, len, &keys) == -EBADMSG;
		good &= intact(g);
	}
	ok(good, "armor %s suite %u: as generic, last length %zu", k->name,
	   suite, len - 1);
	ok(opens, "dearmor %s suite %u", k->name, suite);
	ok(refused, "dearmor %s suite %u: refuses", k->name, suite);
}

int main(void)
{
	u8 shared[48], k0[32], k1[32];
	unsigned int i;

	if (sodium_init() < 0)
		return 1;
	fill(msg, sizeof(msg), 1);
	fill(key, sizeof(key), 2);
	fill(nonce, sizeof(nonce), 3);
	fill(shared, sizeof(shared), 4);
	fill(k0, sizeof(k0), 5);
	fill(k1, sizeof(k1), 6);
	if (kzt_keys_init(&keys, shared, k0, k1))
		return 1;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct kind *k = &kinds[i];
		bool generic = !k->features;
		bool aes = k->features & KZT_SIMD_AESNI;

		if (!choose(k)) {
			skip("no %s here", k->name);
			continue;
		}
		if (generic || !aes) {
			test_salsa20(k);
			test_salsa20_pieces(k);
			test_poly1305(k);
			test_armor(k, KZT_SUITE_POLY_NONE);
			test_armor(k, KZT_SUITE_POLY_SALSA);
		}
		if (generic || aes) {
			test_ghash(k);
			test_siv(k);
			test_armor(k, KZT_SUITE_SIV);
		}
	}
	test_poly1305_wraps();
	return tap_done();
}
