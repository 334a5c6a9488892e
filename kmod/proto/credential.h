/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Credentials as they travel (spec 4, 4.8): where each begins and ends, its
 * fields, and the bytes its signature covers.  Everything that points, points
 * into the buffer that was parsed.
 */
#ifndef KZT_PROTO_CREDENTIAL_H
#define KZT_PROTO_CREDENTIAL_H

#include "cursor.h"

#define KZT_SIG_LEN		96
#define KZT_COM_MAX_QUALIFIERS	8
#define KZT_COM_MAX_LEN		(8 + 24 * KZT_COM_MAX_QUALIFIERS + KZT_SIG_LEN)
#define KZT_CAP_MAX_RULES	64
#define KZT_CAP_MAX_CHAIN	7
#define KZT_COO_MAX_THINGS	16
#define KZT_COO_THING_LEN	17
#define KZT_TAG_LEN		135	/* as everyone sends it */
#define KZT_REVOCATION_LEN	152	/* likewise */

/* Credential type numbers, as revocations name them. */
enum kzt_cred_type {
	KZT_CRED_COM		= 1,
	KZT_CRED_CAPABILITY	= 2,
	KZT_CRED_TAG		= 3,
	KZT_CRED_COO		= 4,
	KZT_CRED_REVOCATION	= 6,
};

/* Qualifier ids of a certificate of membership. */
#define KZT_COM_TIMESTAMP	0
#define KZT_COM_NETWORK		1
#define KZT_COM_MEMBER		2
#define KZT_COM_IDHASH		3	/* .. 6: four words of the fingerprint */
#define KZT_COM_IDHASH_WORDS	4

#define KZT_REVOCATION_FAST	1ULL	/* flag: propagate */

/* Things a certificate of ownership can name. */
#define KZT_COO_MAC		1
#define KZT_COO_IPV4		2
#define KZT_COO_IPV6		3

struct kzt_com {
	const u8 *raw;			/* whole certificate */
	size_t raw_len;
	u8 n;
	struct {
		u64 id, value, delta;
	} q[KZT_COM_MAX_QUALIFIERS];
	u64 signer;			/* 0: unsigned */
	const u8 *sig;			/* NULL if unsigned */
	/* From the first qualifier with id 0, 1, 2; 0 if there is none. */
	u64 timestamp, nwid, member;
};

struct kzt_tag {
	const u8 *raw;
	size_t raw_len;
	u64 nwid, timestamp;
	u32 id, value;
	u64 issued_to, signer;
	const u8 *sig;			/* NULL: of an unknown type, never verifies */
};

struct kzt_custody {
	u64 to, from;
	const u8 *sig;			/* NULL as in struct kzt_tag */
};

struct kzt_capability {
	const u8 *raw;
	size_t raw_len;
	u64 nwid, timestamp;
	u32 id;
	u16 n_rules;
	const u8 *rules;		/* 4.10.2; lengths are consistent */
	size_t rules_len;
	u8 max_chain;			/* 1..7 */
	u8 n_chain;			/* <= max_chain */
	struct kzt_custody chain[KZT_CAP_MAX_CHAIN];
	u64 issued_to;			/* last .to; 0 without custody */
};

struct kzt_coo {
	const u8 *raw;
	size_t raw_len;
	u64 nwid, timestamp, flags;
	u32 id;
	u16 n_things;
	const u8 *things;		/* n_things * KZT_COO_THING_LEN */
	u64 issued_to, signer;
	const u8 *sig;
};

struct kzt_revocation {
	const u8 *raw;
	size_t raw_len;
	u32 id;
	u64 nwid;
	u32 cred_id;
	u64 threshold, flags;
	u64 target, signer;
	u8 type;			/* of what is revoked */
	const u8 *sig;
};

int kzt_com_get(struct kzt_cur *c, struct kzt_com *com);
int kzt_com_skip(struct kzt_cur *c, const u8 **raw, size_t *raw_len);
int kzt_tag_get(struct kzt_cur *c, struct kzt_tag *tag);
int kzt_capability_get(struct kzt_cur *c, struct kzt_capability *cap);
int kzt_coo_get(struct kzt_cur *c, struct kzt_coo *coo);
int kzt_revocation_get(struct kzt_cur *c, struct kzt_revocation *rev);

/* The messages that the signatures cover (4.8). */
void kzt_com_put_signed(struct kzt_wcur *w, const struct kzt_com *com);
void kzt_tag_put_signed(struct kzt_wcur *w, const struct kzt_tag *tag);
void kzt_capability_put_signed(struct kzt_wcur *w,
			       const struct kzt_capability *cap);
void kzt_coo_put_signed(struct kzt_wcur *w, const struct kzt_coo *coo);
void kzt_revocation_put_signed(struct kzt_wcur *w,
			       const struct kzt_revocation *rev);

#endif /* KZT_PROTO_CREDENTIAL_H */
