// SPDX-License-Identifier: GPL-2.0
/*
 * No branch and no address may depend on a key or on plaintext (spec 1, 5.11).
 *
 * MemorySanitizer follows undefined bits through every operation and stops at
 * a branch or an access that depends on them.  So secrets are declared
 * undefined, and the generic code is run.  It needs
 *
 *	clang -fsanitize=memory -DKZT_NO_SIMD
 *
 * and the files of kmod/crypto; with any other compiler it skips.
 *
 * usage: test_crypto_ct
 */
#include <stdlib.h>

#include "armor.h"
#include "poly1305.h"
#include "salsa20.h"
#include "tap.h"

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#define HAVE_MSAN
#endif
#endif

#ifdef HAVE_MSAN

#include <sanitizer/msan_interface.h>

#define MAX_LEN	700

static u8 data[MAX_LEN], secret[48], secret2[32];
static struct kzt_keys keys;

static void secrets_undefine(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(secret); i++)
		secret[i] = i * 77 + 1;
	memcpy(secret2, secret + 3, sizeof(secret2));
	__msan_poison(secret, sizeof(secret));
	__msan_poison(secret2, sizeof(secret2));
}

/* Is it really followed, that is, does the result depend on the secret? */
static bool depends(const void *p, size_t len)
{
	bool yes = __msan_test_shadow(p, len) >= 0;

	__msan_unpoison(p, len);
	return yes;
}

static void test_primitives(void)
{
	u8 tag[16], block[16] = {}, nonce[8] = {}, rk[KZT_AES_KEYS][16];
	struct kzt_aes aes;

	kzt_salsa20_xor(data, data, sizeof(data), secret, nonce, 0, 12);
	ok(depends(data, sizeof(data)), "salsa20_is_constant_time");

	__msan_poison(data, sizeof(data));
	kzt_poly1305(tag, data, sizeof(data), secret, false);
	ok(depends(tag, sizeof(tag)), "poly1305_is_constant_time");

	kzt_aes_expand(rk, secret);
	kzt_aes_init(&aes, (const u8 (*)[16])rk);
	ok(depends(rk, sizeof(rk)), "aes_key_schedule_is_constant_time");
	kzt_aes_encrypt(&aes, block, block);
	ok(depends(block, sizeof(block)), "aes_encrypt_is_constant_time");
	kzt_aes_decrypt(&aes, block, block);
	ok(depends(block, sizeof(block)), "aes_decrypt_is_constant_time");
	kzt_aes_ctr(&aes, block, data, sizeof(data));
	ok(depends(data, sizeof(data)), "aes_ctr_is_constant_time");
}

static void test_packets(void)
{
	static const unsigned int suites[] = { 0, 1, 3 };
	struct kzt_ghash_key *hash = &keys.siv.hash;
	unsigned int i;
	u8 pkt[MAX_LEN];
	size_t len;

	if (kzt_keys_init(&keys, secret, secret, secret2))
		abort();
	/* that a key has full words may be known, see ghash.c */
	__msan_unpoison(hash->full, sizeof(hash->full));
	__msan_unpoison(&hash->any_full, sizeof(hash->any_full));

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		bool followed = true;

		for (len = 28; len <= MAX_LEN; len++) {
			memset(pkt, len, sizeof(pkt));
			__msan_poison(pkt + 27, len - 27);
			kzt_armor(pkt, len, suites[i], &keys);
			followed &= depends(pkt, len);
		}
		ok(followed, "armor_suite_%u_is_constant_time", suites[i]);
	}
}

int main(void)
{
	secrets_undefine();
	test_primitives();
	secrets_undefine();
	test_packets();
	return tap_done();
}

#else

int main(void)
{
	skip("needs clang -fsanitize=memory -DKZT_NO_SIMD");
	return tap_done();
}

#endif
