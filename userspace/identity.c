// SPDX-License-Identifier: GPL-2.0
/* Identities: generation, validation, signatures, files (spec 2.2 to 2.11). */
#include "identity.h"
#include "file.h"
#include "proto/identity.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* The memory-hard hash (spec 2.4) */
#define HASH_MEMORY (2u << 20)
#define HASH_BLOCKS (HASH_MEMORY / 64)
#define HASH_WORDS (HASH_MEMORY / 8)
#define HASH_ROUNDS (HASH_WORDS / 2)
#define HASH_CHUNK 1024u	/* rounds whose keystream is made at once */
#define HASH_LIMIT 17		/* of the first byte of a good digest */

#define FILE_MAX 384		/* longer is no identity (spec 2.18) */

static int fail(const char **why, int err, const char *text)
{
	if (why)
		*why = text;
	return err;
}

static int crypto_ready(const char **why)
{
	return sodium_init() < 0 ?
	       fail(why, -EIO, "the cryptography library does not start") : 0;
}

/* --- the hash ------------------------------------------------------------------- */

struct hash {
	uint8_t memory[HASH_MEMORY];
	uint8_t stream[HASH_CHUNK * 64];
};

static void xor_block(uint8_t *to, const uint8_t *from)
{
	unsigned int i;

	for (i = 0; i < 64; i++)
		to[i] ^= from[i];
}

static void hash_round(uint8_t digest[64], uint8_t *m, unsigned int r)
{
	const uint8_t *w1 = m + 16 * (size_t)r, *w2 = w1 + 8;
	unsigned int i1 = w1[7] & 7;
	unsigned int i2 = (w2[5] << 16 | w2[6] << 8 | w2[7]) & (HASH_WORDS - 1);
	uint8_t *a = m + 8 * (size_t)i2, *b = digest + 8 * i1, t[8];

	memcpy(t, a, 8);
	memcpy(a, b, 8);
	memcpy(b, t, 8);
}

static void memory_hash(struct hash *h, const uint8_t pub[KZT_ID_PUBLIC_LEN],
			uint8_t digest[64])
{
	uint8_t key[32], nonce[8];
	unsigned int i, r;

	crypto_hash_sha512(digest, pub, KZT_ID_PUBLIC_LEN);
	memcpy(key, digest, 32);
	memcpy(nonce, digest + 32, 8);
	crypto_stream_salsa20(h->memory, HASH_MEMORY, nonce, key);
	for (i = 1; i < HASH_BLOCKS; i++)
		xor_block(h->memory + 64 * (size_t)i,
			  h->memory + 64 * (size_t)(i - 1));
	for (r = 0; r < HASH_ROUNDS; r++) {
		if (r % HASH_CHUNK == 0) {
			memset(h->stream, 0, sizeof(h->stream));
			crypto_stream_salsa20_xor_ic(h->stream, h->stream,
						     sizeof(h->stream), nonce,
						     HASH_BLOCKS + r, key);
		}
		hash_round(digest, h->memory, r);
		xor_block(digest, h->stream + 64 * (size_t)(r % HASH_CHUNK));
	}
}

static uint64_t digest_address(const uint8_t digest[64])
{
	return kzt_get_addr(digest + 59);
}

int kzt_id_validate(const struct kzt_id *id, const char **why)
{
	uint8_t digest[64];
	struct hash *h;
	int err;

	err = crypto_ready(why);
	if (err)
		return err;
	if (!kzt_addr_valid(id->address))
		return fail(why, -EINVAL, "the address is reserved");
	h = malloc(sizeof(*h));
	if (!h)
		return fail(why, -ENOMEM, "no memory for the hash");
	memory_hash(h, id->pub, digest);
	free(h);
	if (digest[0] >= HASH_LIMIT)
		return fail(why, -EINVAL, "no work was done for this key");
	if (digest_address(digest) != id->address)
		return fail(why, -EINVAL, "the address is not that of the key");
	return 0;
}

/* --- keys --------------------------------------------------------------------------- */

/* X25519, then Ed25519; the scalar is clamped by the library, in a copy */
static int public_of(const uint8_t secret[KZT_ID_SECRET_LEN],
		     uint8_t pub[KZT_ID_PUBLIC_LEN])
{
	uint8_t sk[crypto_sign_SECRETKEYBYTES];
	int err = crypto_scalarmult_base(pub, secret) ||
		  crypto_sign_seed_keypair(pub + 32, sk, secret + 32);

	sodium_memzero(sk, sizeof(sk));
	return err ? -EIO : 0;
}

static int random_bytes(void *buf, size_t len)
{
	return getrandom(buf, len, 0) == (ssize_t)len ? 0 : -EIO;
}

/* A fresh scalar for each try; the Ed25519 half stays */
static int generate_with(struct hash *h, struct kzt_id *id)
{
	uint8_t digest[64];
	int err;

	err = random_bytes(id->secret, sizeof(id->secret));
	while (!err) {
		err = public_of(id->secret, id->pub);
		if (err)
			break;
		memory_hash(h, id->pub, digest);
		id->address = digest_address(digest);
		if (digest[0] < HASH_LIMIT && kzt_addr_valid(id->address))
			break;
		err = random_bytes(id->secret, 32);
	}
	id->has_secret = !err;
	return err;
}

int kzt_id_generate(struct kzt_id *id)
{
	struct hash *h;
	int err;

	memset(id, 0, sizeof(*id));
	err = crypto_ready(NULL);
	if (err)
		return err;
	h = malloc(sizeof(*h));
	if (!h)
		return -ENOMEM;
	err = generate_with(h, id);
	free(h);
	if (err)
		kzt_id_wipe(id);
	return err;
}

void kzt_id_wipe(struct kzt_id *id)
{
	explicit_bzero(id, sizeof(*id));
}

/* A secret of other keys reads well, and its node can talk to nobody */
static int check_secret(struct kzt_id *id, const char **why)
{
	uint8_t pub[KZT_ID_PUBLIC_LEN];
	int err;

	if (!id->has_secret)
		return 0;
	err = crypto_ready(why);
	if (err)
		return err;
	if (public_of(id->secret, pub) || memcmp(pub, id->pub, sizeof(pub)))
		return fail(why, -EINVAL,
			    "the secret key is not that of the public key");
	return 0;
}

/* --- forms ----------------------------------------------------------------------------- */

int kzt_id_parse(struct kzt_id *id, const char *text, const char **why)
{
	struct kzt_identity pub;
	int err;

	memset(id, 0, sizeof(*id));
	err = kzt_identity_from_text(text, strlen(text), &pub, id->secret,
				     &id->has_secret, why);
	if (err)
		return err;
	id->address = pub.address;
	memcpy(id->pub, pub.pub, sizeof(id->pub));
	err = check_secret(id, why);
	if (err)
		kzt_id_wipe(id);
	return err;
}

static void to_proto(const struct kzt_id *id, struct kzt_identity *pub)
{
	pub->address = id->address;
	memcpy(pub->pub, id->pub, sizeof(pub->pub));
}

int kzt_id_text(const struct kzt_id *id, bool secret, char *out, size_t len)
{
	struct kzt_identity pub;

	if (len < KZT_IDENTITY_TEXT_BUF)
		return -ENOSPC;
	if (secret && !id->has_secret)
		return -EINVAL;
	to_proto(id, &pub);
	kzt_identity_to_text(out, &pub, secret ? id->secret : NULL);
	return 0;
}

int kzt_id_from_binary(struct kzt_id *id, const uint8_t *buf, size_t len,
		       const char **why)
{
	struct kzt_cur c = kzt_cur(buf, len);
	struct kzt_identity pub;
	int had, err;

	memset(id, 0, sizeof(*id));
	had = kzt_identity_get(&c, &pub);
	if (had < 0)
		return fail(why, -EINVAL, "too short or of an unknown type");
	if (!kzt_addr_valid(pub.address))
		return fail(why, -EINVAL, "reserved address");
	id->address = pub.address;
	memcpy(id->pub, pub.pub, sizeof(id->pub));
	if (had == KZT_IDENTITY_HAD_SECRET) {
		memcpy(id->secret, buf + KZT_ID_BINARY_LEN, sizeof(id->secret));
		id->has_secret = true;
	}
	err = check_secret(id, why);
	if (err)
		kzt_id_wipe(id);
	return err;
}

size_t kzt_id_binary(const struct kzt_id *id, bool secret, uint8_t *out)
{
	struct kzt_wcur w = kzt_wcur(out, KZT_ID_BINARY_LEN);
	struct kzt_identity pub;

	to_proto(id, &pub);
	kzt_identity_put(&w, &pub);
	if (!secret || !id->has_secret)
		return KZT_ID_BINARY_LEN;
	out[KZT_ID_BINARY_LEN - 1] = KZT_ID_SECRET_LEN;
	memcpy(out + KZT_ID_BINARY_LEN, id->secret, KZT_ID_SECRET_LEN);
	return KZT_ID_BINARY_SECRET_LEN;
}

/* --- signatures (spec 2.11) -------------------------------------------------------------- */

int kzt_id_sign(const struct kzt_id *id, const void *msg, size_t len,
		uint8_t sig[KZT_ID_SIGNATURE_LEN])
{
	uint8_t sk[crypto_sign_SECRETKEYBYTES], digest[64];
	int err;

	if (!id->has_secret)
		return -EINVAL;
	err = crypto_ready(NULL);
	if (err)
		return err;
	memcpy(sk, id->secret + 32, 32);
	memcpy(sk + 32, id->pub + 32, 32);
	crypto_hash_sha512(digest, msg, len);
	err = crypto_sign_detached(sig, NULL, digest, 32, sk) ? -EIO : 0;
	memcpy(sig + 64, digest, 32);
	sodium_memzero(sk, sizeof(sk));
	return err;
}

int kzt_id_verify(const uint8_t pub[KZT_ID_PUBLIC_LEN], const void *msg,
		  size_t len, const uint8_t *sig, size_t sig_len)
{
	uint8_t digest[64];
	int err = crypto_ready(NULL);

	if (err)
		return err;
	if (sig_len != KZT_ID_SIGNATURE_LEN)
		return -EBADMSG;
	crypto_hash_sha512(digest, msg, len);
	if (memcmp(digest, sig + 64, 32) ||
	    crypto_sign_verify_detached(sig, digest, 32, pub + 32))
		return -EBADMSG;
	return 0;
}

/* --- files --------------------------------------------------------------------------------- */

static ssize_t read_all(int fd, char *buf, size_t max)
{
	size_t len = 0;
	ssize_t n;

	while (len < max) {
		n = read(fd, buf + len, max - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int kzt_id_load(struct kzt_id *id, const char *path, const char **why)
{
	char text[FILE_MAX + 1];
	int fd, err;
	ssize_t n;

	if (why)
		*why = NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	n = read_all(fd, text, FILE_MAX);
	close(fd);
	if (n < 0)
		return (int)n;
	text[n] = 0;
	if (n == FILE_MAX)
		err = fail(why, -EINVAL, "too long for an identity");
	else if (strlen(text) != (size_t)n)
		err = fail(why, -EINVAL, "not a text");
	else
		err = kzt_id_parse(id, text, why);
	explicit_bzero(text, sizeof(text));
	return err;
}

int kzt_id_save(const struct kzt_id *id, const char *path, bool secret,
		bool replace)
{
	char text[KZT_ID_TEXT_MAX];
	int err = kzt_id_text(id, secret, text, sizeof(text));

	if (!err)
		err = kzt_file_write(path, text, strlen(text), secret ? 0600 : 0644,
				     replace);
	explicit_bzero(text, sizeof(text));
	return err;
}
