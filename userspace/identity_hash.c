// SPDX-License-Identifier: GPL-2.0
/* Fingerprints of identities (spec 2.9). */
#include "identity.h"
#include <sodium.h>
#include <string.h>

/*
 * SHA-384 is SHA-512 from another start, cut.  The library offers the one
 * function only, but its state is public.
 */
static void sha384_init(crypto_hash_sha512_state *st)
{
	static const uint64_t start[8] = {
		0xcbbb9d5dc1059ed8ULL, 0x629a292a367cd507ULL,
		0x9159015a3070dd17ULL, 0x152fecd8f70e5939ULL,
		0x67332667ffc00b31ULL, 0x8eb44a8768581511ULL,
		0xdb0c2e0d64f98fa7ULL, 0x47b5481dbefa4fa4ULL,
	};

	crypto_hash_sha512_init(st);
	memcpy(st->state, start, sizeof(st->state));
}

void kzt_id_fingerprint(const struct kzt_id *id,
			uint8_t hash[KZT_ID_FINGERPRINT_LEN])
{
	uint8_t full[crypto_hash_sha512_BYTES], address[5];
	crypto_hash_sha512_state st;
	unsigned int i;

	for (i = 0; i < sizeof(address); i++)
		address[i] = (uint8_t)(id->address >> 8 * (4 - i));
	sha384_init(&st);
	crypto_hash_sha512_update(&st, address, sizeof(address));
	crypto_hash_sha512_update(&st, id->pub, sizeof(id->pub));
	crypto_hash_sha512_final(&st, full);
	memcpy(hash, full, KZT_ID_FINGERPRINT_LEN);
}
