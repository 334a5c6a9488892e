// SPDX-License-Identifier: GPL-2.0
/*
 * How fast the packet cryptography is on this machine, each implementation by
 * itself, next to libsodium and OpenSSL.
 *
 * usage: crypto_bench [--json] [--ms N]
 *
 * Every row is the best of several runs of N milliseconds (default 20) in all:
 * what disturbs a run only ever makes it slower.  Build the C files of the
 * project with -mgeneral-regs-only to see what a kernel sees.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "armor.h"
#include "poly1305.h"
#include "salsa20.h"
#include "simd.h"

#define RUNS	8

static u8 buf[16384] __aligned(64);
static u8 saved[16384];
static u8 tag[32];
static u8 key[32] = { 1, 2, 3 }, nonce[16] = { 4, 5, 6 };
static struct kzt_keys keys;
static struct kzt_salsa20 stream;
static bool simd;
static EVP_CIPHER_CTX *evp;
static unsigned int run_ms = 20;
static bool json;
static bool first_row = true;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

/* Time stamp counter per second; 0 where there is none */
static double tsc_rate;

static void measure_tsc(void)
{
#if defined(__x86_64__)
	double start = now(), end;
	u64 tsc = __builtin_ia32_rdtsc();

	do
		end = now();
	while (end - start < 0.02);
	tsc_rate = (__builtin_ia32_rdtsc() - tsc) / (end - start);
#endif
}

static void run_salsa20(size_t len)
{
	kzt_salsa20_crypt(&stream, buf, buf, len, 12, simd);
}

static void run_poly1305(size_t len)
{
	kzt_poly1305(tag, buf, len, key, simd);
}

/* Counter mode and one block each of both keys' fixed work */
static void run_siv_seal(size_t len)
{
	kzt_siv_seal(&keys.siv, tag, nonce, nonce, buf, len, simd);
}

static void run_aes_ctr(size_t len)
{
	kzt_aes_ctr(&keys.siv.enc, nonce, buf, len);
}

static void run_ghash(size_t len)
{
	kzt_ghash(&keys.siv.hash, tag, buf, len / 16, simd);
}

static void run_armor0(size_t len)
{
	kzt_armor_simd(buf, len, KZT_SUITE_POLY_NONE, &keys, simd);
}

static void run_armor1(size_t len)
{
	kzt_armor_simd(buf, len, KZT_SUITE_POLY_SALSA, &keys, simd);
}

static void run_armor3(size_t len)
{
	kzt_armor_simd(buf, len, KZT_SUITE_SIV, &keys, simd);
}

/* The packet is in @saved; copying it back is a few nanoseconds of this. */
static void run_dearmor(size_t len)
{
	memcpy(buf, saved, len);
	if (kzt_dearmor_simd(buf, len, &keys, simd))
		abort();
}

static void run_sodium_salsa20(size_t len)
{
	crypto_stream_salsa2012_xor(buf, buf, len, nonce, key);
}

static void run_sodium_poly1305(size_t len)
{
	crypto_onetimeauth(tag, buf, len, key);
}

static void run_sodium_chachapoly(size_t len)
{
	unsigned long long out;

	crypto_aead_chacha20poly1305_ietf_encrypt(buf, &out, buf, len, NULL, 0,
						  NULL, nonce, key);
}

static void evp_encrypt(const EVP_CIPHER *cipher, size_t len, bool tagged)
{
	int n;

	/* the key stays; NULL for it would be faster, but not by much */
	EVP_EncryptInit_ex(evp, cipher, NULL, NULL, nonce);
	EVP_EncryptUpdate(evp, buf, &n, buf, len);
	if (tagged) {
		EVP_EncryptFinal_ex(evp, buf + len, &n);
		EVP_CIPHER_CTX_ctrl(evp, EVP_CTRL_AEAD_GET_TAG, 16, tag);
	}
}

static void run_evp_aead(size_t len)
{
	evp_encrypt(NULL, len, true);
}

static void run_evp_ctr(size_t len)
{
	evp_encrypt(NULL, len, false);
}

static void report(const char *what, const char *how, size_t len,
		   double seconds)
{
	double cycles = seconds * tsc_rate / len;

	if (json) {
		printf("%s\n  {\"what\": \"%s\", \"implementation\": \"%s\"",
		       first_row ? "" : ",", what, how);
		printf(", \"bytes\": %zu, \"ns\": %.1f", len, seconds * 1e9);
		printf(", \"gbyte_per_s\": %.3f", len / seconds * 1e-9);
		printf(", \"tsc_cycles_per_byte\": %.2f}", cycles);
	} else {
		printf("%-22s %-10s %6zu %10.1f %8.3f %8.2f\n", what, how, len,
		       seconds * 1e9, len / seconds * 1e-9, cycles);
	}
	first_row = false;
}

static void bench(const char *what, const char *how, void (*run)(size_t len),
		  size_t len)
{
	double best = 1e9, start, took;
	unsigned int n = 1, i, r;

	/* so many that a run takes its share of the time */
	for (;;) {
		start = now();
		for (i = 0; i < n; i++)
			run(len);
		took = now() - start;
		if (took * 1e3 >= (double)run_ms / RUNS)
			break;
		n *= 2;
	}
	for (r = 0; r < RUNS; r++) {
		start = now();
		for (i = 0; i < n; i++)
			run(len);
		took = (now() - start) / n;
		if (took < best)
			best = took;
	}
	report(what, how, len, best);
}

static void bench_dearmor(const char *what, const char *how, unsigned int suite,
			  size_t len)
{
	memset(saved, 0x42, sizeof(saved));
	kzt_armor_simd(saved, len, suite, &keys, simd);
	bench(what, how, run_dearmor, len);
}

static void bench_ours(const char *how, unsigned int features, size_t len)
{
	bool salsa = features != KZT_SIMD_AESNI;
	bool aes = !features || (features & KZT_SIMD_AESNI);

#ifdef KZT_X86_SIMD
	kzt_simd_features = features;
#endif
	simd = kzt_simd_begin();
	if (salsa) {
		bench("salsa20/12", how, run_salsa20, len);
		bench("poly1305", how, run_poly1305, len);
		bench("suite 0 armor", how, run_armor0, len);
		bench("suite 1 armor", how, run_armor1, len);
		bench_dearmor("suite 1 dearmor", how, KZT_SUITE_POLY_SALSA,
			      len);
	}
	if (aes) {
		if (!features)
			bench("aes-256-ctr", how, run_aes_ctr, len);
		bench("ghash", how, run_ghash, len);
		bench("aes-gmac-siv", how, run_siv_seal, len);
		bench("suite 3 armor", how, run_armor3, len);
		bench_dearmor("suite 3 dearmor", how, KZT_SUITE_SIV, len);
	}
	kzt_simd_end(simd);
}

static void bench_openssl(const char *what, const EVP_CIPHER *cipher,
			  void (*run)(size_t len), size_t len)
{
	EVP_CIPHER_CTX_reset(evp);
	EVP_EncryptInit_ex(evp, cipher, NULL, key, nonce);
	bench(what, "openssl", run, len);
}

static void bench_all(size_t len)
{
	static const struct {
		const char *name;
		unsigned int features;
	} kinds[] = {
		{ "generic", 0 },
		{ "sse2", KZT_SIMD_SSE2 },
		{ "avx2", KZT_SIMD_AVX2 },
		{ "avx512", KZT_SIMD_AVX2 | KZT_SIMD_AVX512 },
		{ "aesni", KZT_SIMD_AESNI },
	};
	unsigned int have, i;

	kzt_crypto_init();
	have = kzt_simd_features;
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!(kinds[i].features & ~have))
			bench_ours(kinds[i].name, kinds[i].features, len);

	bench("salsa20/12", "sodium", run_sodium_salsa20, len);
	bench("poly1305", "sodium", run_sodium_poly1305, len);
	bench("chacha20-poly1305", "sodium", run_sodium_chachapoly, len);
	bench_openssl("chacha20-poly1305", EVP_chacha20_poly1305(),
		      run_evp_aead, len);
	bench_openssl("aes-256-gcm", EVP_aes_256_gcm(), run_evp_aead, len);
	bench_openssl("aes-256-ctr", EVP_aes_256_ctr(), run_evp_ctr, len);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "ms", required_argument, NULL, 'm' },
		{}
	};
	static const size_t sizes[] = { 64, 1400, 2800 };
	unsigned int i;
	u8 shared[48];
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 'j') {
			json = true;
		} else if (opt == 'm' && atoi(optarg) > 0) {
			run_ms = atoi(optarg);
		} else {
			fprintf(stderr, "usage: %s [--json] [--ms N]\n",
				argv[0]);
			return 2;
		}
	}
	evp = EVP_CIPHER_CTX_new();
	if (sodium_init() < 0 || !evp)
		return 1;
	measure_tsc();
	memset(shared, 0x17, sizeof(shared));
	if (kzt_keys_init(&keys, shared, shared, shared + 16))
		return 1;
	kzt_salsa20_init(&stream, key, nonce, 0);

	if (json)
		putchar('[');
	else
		printf("%-22s %-10s %6s %10s %8s %8s\n", "what",
		       "how", "bytes", "ns", "GB/s", "tsc c/B");
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		bench_all(sizes[i]);
	if (json)
		printf("\n]\n");
	EVP_CIPHER_CTX_free(evp);
	return 0;
}
