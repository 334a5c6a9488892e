/* SPDX-License-Identifier: GPL-2.0 */
/* Identities: generation, validation, signatures, files (spec chapter 2). */
#ifndef KZT_IDENTITY_H
#define KZT_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KZT_ID_PUBLIC_LEN 64	/* X25519 key, then Ed25519 key */
#define KZT_ID_SECRET_LEN 64
#define KZT_ID_SIGNATURE_LEN 96	/* as on the wire and in worlds */
#define KZT_ID_FINGERPRINT_LEN 48
#define KZT_ID_BINARY_LEN 71
#define KZT_ID_BINARY_SECRET_LEN 135
#define KZT_ID_TEXT_MAX 300	/* with a secret and the final NUL */

struct kzt_id {
	uint64_t address;		/* 40 bits */
	uint8_t pub[KZT_ID_PUBLIC_LEN];
	uint8_t secret[KZT_ID_SECRET_LEN];
	bool has_secret;
};

/* All return 0 or a negative errno; *why (may be NULL) gets a constant
 * sentence on failure.
 */
int kzt_id_generate(struct kzt_id *id);
/* Parse the text form, with or without secret, white space at the end allowed */
int kzt_id_parse(struct kzt_id *id, const char *text, const char **why);
int kzt_id_text(const struct kzt_id *id, bool secret, char *out, size_t len);
/* Self-delimiting: what follows the identity is not looked at (spec 2.7) */
int kzt_id_from_binary(struct kzt_id *id, const uint8_t *buf, size_t len,
		       const char **why);
/* Writes 71 or, with @secret, 135 bytes; returns the length */
size_t kzt_id_binary(const struct kzt_id *id, bool secret, uint8_t *out);
/* SHA-384 over address and public key (spec 2.9) */
void kzt_id_fingerprint(const struct kzt_id *id,
			uint8_t hash[KZT_ID_FINGERPRINT_LEN]);
/* The memory-hard hash: is the address derived from the key (spec 2.5, 2.6)?
 * Takes some milliseconds and 2 MiB.
 */
int kzt_id_validate(const struct kzt_id *id, const char **why);
int kzt_id_sign(const struct kzt_id *id, const void *msg, size_t len,
		uint8_t sig[KZT_ID_SIGNATURE_LEN]);
int kzt_id_verify(const uint8_t pub[KZT_ID_PUBLIC_LEN], const void *msg,
		  size_t len, const uint8_t *sig, size_t sig_len);
/* Files: reads text (public or secret); writes a secret with mode 0600,
 * atomically, never over an existing file unless @replace.
 */
int kzt_id_load(struct kzt_id *id, const char *path, const char **why);
int kzt_id_save(const struct kzt_id *id, const char *path, bool secret,
		bool replace);
void kzt_id_wipe(struct kzt_id *id);

#endif /* KZT_IDENTITY_H */
