/* SPDX-License-Identifier: GPL-2.0 */
/* Making credentials, and whether two memberships agree (spec 4, 4.8). */
#ifndef KZT_PROTO_MEMBERSHIP_H
#define KZT_PROTO_MEMBERSHIP_H

#include "credential.h"

#define KZT_IDHASH_LEN	32	/* octets of the fingerprint that are used */

bool kzt_com_agrees(const struct kzt_com *mine, const struct kzt_com *theirs,
		    const u8 idhash[KZT_IDHASH_LEN]);
void kzt_com_init(struct kzt_com *com, u64 timestamp, u64 delta, u64 nwid,
		  u64 member, const u8 idhash[KZT_IDHASH_LEN]);

/*
 * Builders write a credential from its fields, with zeros for a signature, and
 * then read it back: its raw form and its pointers are those of what was
 * written.  They return where the signature goes, or NULL without room or with
 * fields that make no credential.
 */
u8 *kzt_com_build(struct kzt_wcur *w, struct kzt_com *com);
u8 *kzt_tag_build(struct kzt_wcur *w, struct kzt_tag *tag);
u8 *kzt_capability_build(struct kzt_wcur *w, struct kzt_capability *cap);
u8 *kzt_coo_build(struct kzt_wcur *w, struct kzt_coo *coo);
u8 *kzt_revocation_build(struct kzt_wcur *w, struct kzt_revocation *rev);

#endif /* KZT_PROTO_MEMBERSHIP_H */
