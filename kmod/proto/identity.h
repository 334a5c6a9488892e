/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Identities: binary and text form (spec 2, 2.7 to 2.9).
 *
 * Nothing here proves that the address belongs to the key; that takes the
 * memory-hard hash of spec 2, 2.4.
 */
#ifndef KZT_PROTO_IDENTITY_H
#define KZT_PROTO_IDENTITY_H

#include "cursor.h"

#define KZT_IDENTITY_LEN		71	/* binary, public */
#define KZT_IDENTITY_SECRET_LEN		135	/* binary, with the secret */
#define KZT_IDENTITY_PUBKEY_LEN		64
#define KZT_IDENTITY_SECKEY_LEN		64
#define KZT_IDENTITY_TEXT_LEN		141
#define KZT_IDENTITY_SECRET_TEXT_LEN	270
#define KZT_IDENTITY_TEXT_BUF		271	/* with the terminating zero */

struct kzt_identity {
	u64 address;
	u8 pub[KZT_IDENTITY_PUBKEY_LEN];	/* X25519, Ed25519 */
};

/* A secret stood behind the identity and was read over. */
#define KZT_IDENTITY_HAD_SECRET	1

int kzt_identity_get(struct kzt_cur *c, struct kzt_identity *id);
void kzt_identity_put(struct kzt_wcur *w, const struct kzt_identity *id);
bool kzt_identity_equal(const struct kzt_identity *a,
			const struct kzt_identity *b);
int kzt_identity_cmp(const struct kzt_identity *a,
		     const struct kzt_identity *b);
int kzt_identity_from_text(const char *s, size_t len, struct kzt_identity *id,
			   u8 secret[KZT_IDENTITY_SECKEY_LEN], bool *has_secret,
			   const char **why);
int kzt_identity_to_text(char *buf, const struct kzt_identity *id,
			 const u8 *secret);

#endif /* KZT_PROTO_IDENTITY_H */
