// SPDX-License-Identifier: GPL-2.0
/*
 * The packet cryptography against the vectors of the reference implementation.
 *
 * usage: test_crypto VECTORS-DIRECTORY
 *
 * Every vector is tried with the generic code and with each kind of vector code
 * this machine has.
 */
#include <stdlib.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include "armor.h"
#include "poly1305.h"
#include "salsa20.h"
#include "simd.h"
#include "tap.h"
#include "vec.h"

#define MAX_PKT	10240

static const char *vectors;

static struct vec_file *open_vectors(const char *name)
{
	struct vec_file *f = vec_open_at(vectors, name);

	if (!f)
		exit(1);
	return f;
}

static bool same(const char *what, unsigned int line, const u8 *got,
		 const u8 *want, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (got[i] != want[i]) {
			diag("line %u, %s: byte %zu is %02x, expected %02x",
			     line, what, i, got[i], want[i]);
			return false;
		}
	}
	return true;
}

/* Spec 1, section 4; the module does the same with the kernel's HMAC. */
static void kbkdf(const u8 shared[48], char label, u8 out[48])
{
	u8 msg[13] = { 0, 0, 0, 0, 'Z', 'T', label, 0, 0, 0, 0, 1, 0x80 };
	unsigned int len = 48;

	HMAC(EVP_sha384(), shared, 48, msg, sizeof(msg), out, &len);
}

static void keys_from_shared(struct kzt_keys *keys, const u8 shared[48])
{
	u8 k0[48], k1[48];

	kbkdf(shared, '0', k0);
	kbkdf(shared, '1', k1);
	if (kzt_keys_init(keys, shared, k0, k1))
		abort();
}

static void test_keys(void)
{
	struct vec_file *f = open_vectors("packet-keys.txt");
	u8 shared[48], want[48], got[48];
	unsigned int n = 0;
	bool good = true;

	while (vec_next_block(f)) {
		const char *key = vec_is(f, "case", "kbkdf") ? "key" : "shared";

		good &= vec_hex_exact(f, key, shared, sizeof(shared));
		kbkdf(shared, '0', got);
		good &= vec_hex_exact(f, "kbkdf_k0", want, sizeof(want)) &&
			same("kbkdf_k0", vec_block_line(f), got, want, 48);
		kbkdf(shared, '1', got);
		good &= vec_hex_exact(f, "kbkdf_k1", want, sizeof(want)) &&
			same("kbkdf_k1", vec_block_line(f), got, want, 48);
		vec_ran(f);
		n++;
	}
	ok(good && n == 4, "kbkdf_of_the_tests: %u keys", n);
	vec_close(f);
}

/* "own:public:secret" of an identity: its X25519 half */
static bool identity_half(const char *text, unsigned int field, u8 out[32])
{
	char hex[65] = "";
	size_t len;

	while (text && field--) {
		text = strchr(text, ':');
		text += !!text;
	}
	if (!text || strlen(text) < 64)
		return false;
	memcpy(hex, text, 64);
	return vec_unhex(hex, out, 32, &len) && len == 32;
}

static void test_agreement(void)
{
	struct vec_file *f = open_vectors("packet-keys.txt");
	u8 secret[32], public[32], x[32], hash[64], shared[48];
	bool good = false;

	while (vec_next_block(f)) {
		if (!vec_is(f, "case", "agreement"))
			continue;
		good = identity_half(vec_str(f, "a_identity"), 3, secret) &&
		       identity_half(vec_str(f, "b_identity"), 2, public) &&
		       vec_hex_exact(f, "shared", shared, sizeof(shared)) &&
		       !crypto_scalarmult(x, secret, public) &&
		       !crypto_hash_sha512(hash, x, sizeof(x)) &&
		       same("shared", vec_block_line(f), hash, shared, 48);
	}
	ok(good, "agreement_of_the_tests");
	vec_close(f);
}

static void test_salsa20(const char *how)
{
	struct vec_file *f = open_vectors("packet-salsa20.txt");
	u8 key[32], nonce[8], want[4096], got[4096], first[4096];
	bool stream = true, inplace = true, discard = true;
	unsigned int n = 0, rounds, i;
	size_t len, len1;

	while (vec_next_block(f)) {
		unsigned int line = vec_block_line(f);

		rounds = vec_u64(f, "rounds", 0);
		stream &= vec_hex_exact(f, "key", key, sizeof(key)) &&
			  vec_hex_exact(f, "nonce", nonce, sizeof(nonce));
		vec_ran(f);
		n++;
		if (vec_is(f, "case", "discard")) {
			discard &= vec_hex(f, "first", first, sizeof(first),
					   &len1) &&
				   vec_hex(f, "second", want, sizeof(want),
					   &len);
			kzt_salsa20_xor(got, NULL, len1, key, nonce, 0, rounds);
			discard &= same("first", line, got, first, len1);
			kzt_salsa20_xor(got, NULL, len, key, nonce,
					DIV_ROUND_UP(len1, 64), rounds);
			discard &= same("second", line, got, want, len);
			continue;
		}
		stream &= vec_hex(f, "stream", want, sizeof(want), &len) &&
			  len && len == vec_u64(f, "length", 0);
		memset(got, 0xa5, sizeof(got));
		kzt_salsa20_xor(got, NULL, len, key, nonce, 0, rounds);
		stream &= same("stream", line, got, want, len) &&
			  got[len] == 0xa5;
		for (i = 0; i < len; i++)
			got[i] = i * 7;
		kzt_salsa20_xor(got, got, len, key, nonce, 0, rounds);
		for (i = 0; i < len; i++)
			want[i] ^= (u8)(i * 7);
		inplace &= same("in place", line, got, want, len);
	}
	ok(stream && n == 11, "salsa20_keystream %s: %u vectors", how, n);
	ok(inplace, "salsa20_in_place %s", how);
	ok(discard, "salsa20_starts_at_any_block %s", how);
	vec_close(f);
}

static void test_poly1305(const char *how)
{
	struct vec_file *f = open_vectors("packet-poly1305.txt");
	u8 key[32], msg[4096], want[16], got[16];
	unsigned int n = 0;
	bool good = true;
	size_t len;

	while (vec_next_block(f)) {
		good &= vec_hex_exact(f, "key", key, sizeof(key)) &&
			vec_hex(f, "message", msg, sizeof(msg), &len) &&
			vec_hex_exact(f, "tag", want, sizeof(want));
		kzt_poly1305(got, msg, len, key, kzt_simd_begin());
		good &= same("tag", vec_block_line(f), got, want, 16);
		vec_ran(f);
		n++;
	}
	ok(good && n == 20, "poly1305_tag %s: %u vectors", how, n);
	vec_close(f);
}

static void test_siv(const char *how)
{
	struct vec_file *f = open_vectors("packet-aes-gmac-siv.txt");
	u8 k0[32], k1[32], iv[8], aad[11], plain[4096], want[4096], data[4096];
	u8 siv[16], want_siv[16], zero[16] = {}, block[16];
	bool aes = true, seal = true, opened = true, forged = true;
	struct kzt_siv_key *k = malloc(sizeof(*k));
	bool simd = kzt_simd_begin();
	unsigned int n = 0;
	size_t len, clen;

	while (vec_next_block(f)) {
		unsigned int line = vec_block_line(f);

		seal &= vec_hex_exact(f, "k0", k0, sizeof(k0)) &&
			vec_hex_exact(f, "k1", k1, sizeof(k1)) &&
			vec_hex_exact(f, "iv", iv, sizeof(iv)) &&
			vec_hex_exact(f, "aad", aad, sizeof(aad)) &&
			vec_hex_exact(f, "siv", want_siv, sizeof(want_siv)) &&
			vec_hex(f, "plaintext", plain, sizeof(plain), &len) &&
			vec_hex(f, "ciphertext", want, sizeof(want), &clen) &&
			clen == len;
		if (!seal || kzt_siv_key_init(k, k0, k1))
			break;
		kzt_aes_encrypt(&k->mac, block, zero);
		aes &= vec_hex_exact(f, "aes_zero_k0", data, 16) &&
		       same("aes_zero_k0", line, block, data, 16);
		kzt_aes_encrypt(&k->enc, block, zero);
		aes &= vec_hex_exact(f, "aes_zero_k1", data, 16) &&
		       same("aes_zero_k1", line, block, data, 16);
		kzt_aes_decrypt(&k->enc, block, block);
		aes &= same("decrypted", line, block, zero, 16);

		memcpy(data, plain, len);
		data[len] = 0xa5;
		kzt_siv_seal(k, siv, iv, aad, data, len, simd);
		seal &= same("siv", line, siv, want_siv, 16) &&
			same("ciphertext", line, data, want, len) &&
			data[len] == 0xa5;
		opened &= !kzt_siv_open(k, siv, aad, data, len, simd) &&
			  same("plaintext", line, data, plain, len) &&
			  data[len] == 0xa5;

		memcpy(data, want, len);
		aad[3] ^= 0x40;
		forged &= kzt_siv_open(k, siv, aad, data, len, simd) ==
			  -EBADMSG;
		memset(want, 0, len);
		forged &= same("wiped", line, data, want, len);
		kzt_siv_key_destroy(k);
		vec_ran(f);
		n++;
	}
	kzt_simd_end(simd);
	ok(aes, "aes_block");
	ok(kzt_siv_is_fast() == !strcmp(how, "aesni"), "siv_is_fast %s", how);
	ok(seal && n == 19, "siv_seal %s: %u vectors", how, n);
	ok(opened, "siv_open %s", how);
	ok(forged, "siv_open_wipes_after_failure %s", how);
	free(k);
	vec_close(f);
}

/* Whatever fails must not leave plaintext behind (see kzt_dearmor()). */
static bool failed_cleanly(const u8 *pkt, const u8 *wire, size_t len)
{
	size_t i;

	if (((wire[18] >> 3) & 7) != KZT_SUITE_SIV)
		return !memcmp(pkt, wire, len);
	for (i = 27; i < len; i++)
		if (pkt[i])
			return false;
	return !memcmp(pkt, wire, 27);
}

/* A suite whose packets came out right in a run over the vectors */
static bool armor_block(struct vec_file *f, const struct kzt_keys *keys)
{
	unsigned int suite = vec_u64(f, "cipher", 9), line = vec_block_line(f);
	static u8 plain[MAX_PKT], wire[MAX_PKT];
	size_t len, wlen;
	u8 *pkt;
	bool good;

	if (!vec_hex(f, "plain", plain, sizeof(plain), &len) ||
	    !vec_hex(f, "wire", wire, sizeof(wire), &wlen) || len != wlen)
		return false;

	/* of exactly this size, so that ASan sees any overrun */
	pkt = malloc(len);
	memcpy(pkt, plain, len);
	kzt_armor(pkt, len, suite, keys);
	good = same("wire", line, pkt, wire, len);

	memcpy(pkt, wire, len);
	good &= !kzt_dearmor(pkt, len, keys);
	good &= same("header", line, pkt, wire, 27) &&
		same("plain", line, pkt + 27, plain + 27, len - 27);

	/* flag 0x80 and the suite of the buffer must not matter to armor */
	memcpy(pkt, plain, len);
	pkt[18] |= 0xb8;
	kzt_armor(pkt, len, suite, keys);
	good &= same("wire again", line, pkt, wire, len);
	free(pkt);
	return good;
}

static bool mutated_block(struct vec_file *f, const struct kzt_keys *keys)
{
	static u8 wire[MAX_PKT];
	size_t len;
	bool good;
	u8 *pkt;
	int err;

	if (!vec_hex(f, "wire", wire, sizeof(wire), &len))
		return false;
	pkt = malloc(len);
	memcpy(pkt, wire, len);
	err = kzt_dearmor(pkt, len, keys);
	good = vec_is(f, "accept", "yes") ? !err :
	       vec_is(f, "accept", "no") && err == -EBADMSG &&
	       failed_cleanly(pkt, wire, len);
	if (!good)
		diag("line %u: kzt_dearmor() = %d, accept = %s",
		     vec_block_line(f), err, vec_str(f, "accept"));
	free(pkt);
	return good;
}

static void test_armor(const char *how)
{
	struct vec_file *f = open_vectors("packet-armor.txt");
	struct kzt_keys *keys = malloc(sizeof(*keys));
	bool suite_good[4] = { true, true, true, true }, mutated = true;
	unsigned int count[4] = {}, n = 0, suite;
	bool trusted = false, have_keys = false;
	static u8 wire[MAX_PKT];
	u8 shared[48];
	size_t len;

	while (vec_next_block(f)) {
		suite = vec_u64(f, "cipher", 0) & 3;
		if (vec_hex_exact(f, "shared", shared, sizeof(shared))) {
			keys_from_shared(keys, shared);
			have_keys = true;
		} else if (!have_keys) {
			break;
		} else if (vec_is(f, "case", "armor")) {
			suite_good[suite] &= armor_block(f, keys);
			count[suite]++;
		} else if (vec_is(f, "case", "armor-mutated")) {
			mutated &= mutated_block(f, keys);
			n++;
		} else if (vec_is(f, "case", "trusted")) {
			trusted = vec_hex(f, "wire", wire, sizeof(wire), &len) &&
				  kzt_dearmor(wire, len, keys) ==
					-EPROTONOSUPPORT;
		} else {
			continue;
		}
		vec_ran(f);
	}
	for (suite = 0; suite < 4; suite++)
		if (suite != KZT_SUITE_NONE)
			ok(suite_good[suite] && count[suite] == 15,
			   "armor_suite_%u %s: %u packets", suite, how,
			   count[suite]);
	ok(mutated && n == 30, "dearmor_mutated %s: %u packets", how, n);
	ok(trusted, "dearmor_refuses_suite_2 %s", how);
	free(keys);
	vec_close(f);
}

/* Any one bit outside the hops decides. */
static void test_every_bit(unsigned int suite, const char *how)
{
	struct kzt_keys *keys = malloc(sizeof(*keys));
	u8 shared[48], wire[76], pkt[76];
	unsigned int bit, wrong = 0;
	bool want;
	int err;

	memset(shared, 0x5c, sizeof(shared));
	keys_from_shared(keys, shared);
	for (bit = 0; bit < sizeof(wire); bit++)
		wire[bit] = bit * 29 + 3;
	wire[18] = 0x42;
	kzt_armor(wire, sizeof(wire), suite, keys);
	for (bit = 0; bit < 8 * sizeof(wire); bit++) {
		memcpy(pkt, wire, sizeof(wire));
		pkt[bit / 8] ^= 1 << (bit % 8);
		err = kzt_dearmor(pkt, sizeof(pkt), keys);
		want = bit / 8 == 18 && bit % 8 < 3;
		if (want != !err) {
			wrong++;
			diag("bit %u: %d", bit, err);
		}
	}
	ok(!wrong, "every_bit_but_hops_is_authenticated suite %u %s", suite,
	   how);
	free(keys);
}

static void test_bad_input(void)
{
	struct kzt_keys *keys = malloc(sizeof(*keys));
	u8 shared[48] = { 1 }, pkt[64] = {}, copy[64];
	bool short_refused = true, undefined_refused = true;
	unsigned int i;
	u8 *exact;

	keys_from_shared(keys, shared);
	for (i = 0; i < 28; i++) {
		exact = malloc(i ? i : 1);
		memset(exact, 0x18, i ? i : 1);
		short_refused &= kzt_dearmor(exact, i, keys) == -EBADMSG;
		free(exact);
	}
	ok(short_refused, "dearmor_refuses_short_packets");

	for (i = 0; i < 8; i++) {
		if (i == 0 || i == 1 || i == 3)
			continue;
		memset(pkt, 0x77, sizeof(pkt));
		pkt[18] = i << 3 | 0x45;
		memcpy(copy, pkt, sizeof(pkt));
		undefined_refused &= kzt_dearmor(pkt, sizeof(pkt), keys) ==
					-EPROTONOSUPPORT &&
				     !memcmp(pkt, copy, sizeof(pkt));
	}
	ok(undefined_refused, "dearmor_refuses_undefined_suites");

	kzt_armor(pkt, sizeof(pkt), KZT_SUITE_NONE, keys);
	copy[18] = 0x55;
	ok(!memcmp(pkt, copy, sizeof(pkt)), "armor_none_sets_byte_18_only");
	kzt_keys_destroy(keys);
	for (i = 0; i < sizeof(*keys) && !((u8 *)keys)[i]; i++)
		;
	ok(i == sizeof(*keys), "keys_are_wiped");
	free(keys);
}

/* Spec 1, 5.9: unmangled key, three bits of the nonce cleared */
static void test_hello_mask(void)
{
	struct kzt_keys *keys = malloc(sizeof(*keys));
	u8 shared[48], id[8] = { 9, 8, 7, 6, 5, 4, 3, 0xff }, nonce[8];
	u8 tail[150], want[150];
	unsigned int i;

	for (i = 0; i < sizeof(shared); i++)
		shared[i] = i + 1;
	keys_from_shared(keys, shared);
	memcpy(nonce, id, sizeof(id));
	nonce[7] = 0xf8;
	memset(tail, 0x3c, sizeof(tail));
	memset(want, 0x3c, sizeof(want));
	kzt_salsa20_xor(want, want, sizeof(want), shared, nonce, 0, 12);
	kzt_hello_mask(tail, sizeof(tail), id, keys);
	ok(!memcmp(tail, want, sizeof(want)), "hello_mask");
	id[7] = 0xf9;
	kzt_hello_mask(tail, sizeof(tail), id, keys);
	for (i = 0; i < sizeof(tail) && tail[i] == 0x3c; i++)
		;
	ok(i == sizeof(tail), "hello_mask_ignores_low_nonce_bits_and_inverts");
	free(keys);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		unsigned int features;
	} kinds[] = {
		{ "generic", 0 },
		{ "sse2", KZT_SIMD_SSE2 },
		{ "avx2", KZT_SIMD_SSE2 | KZT_SIMD_AVX2 },
		{ "avx512", KZT_SIMD_AVX2 | KZT_SIMD_AVX512 },
		{ "aesni", KZT_SIMD_AESNI },
	};
	unsigned int have = 0, i;

	if (argc != 2) {
		fprintf(stderr, "usage: %s VECTORS-DIRECTORY\n", argv[0]);
		return 2;
	}
	vectors = argv[1];
	kzt_crypto_init();
#ifdef KZT_X86_SIMD
	have = kzt_simd_features;
#endif

	test_keys();
	test_agreement();
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *how = kinds[i].name;

		if (kinds[i].features & ~have) {
			skip("no %s here", how);
			continue;
		}
#ifdef KZT_X86_SIMD
		kzt_simd_features = kinds[i].features;
#endif
		test_salsa20(how);
		test_poly1305(how);
		test_siv(how);
		test_armor(how);
		test_every_bit(KZT_SUITE_POLY_NONE, how);
		test_every_bit(KZT_SUITE_POLY_SALSA, how);
		test_every_bit(KZT_SUITE_SIV, how);
	}
	test_bad_input();
	test_hello_mask();
	return tap_done();
}
