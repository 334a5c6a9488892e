/* SPDX-License-Identifier: GPL-2.0 */
/* Signatures of credentials (spec 4, 4.8) and of configuration chunks (4.7). */
#ifndef KZT_CREDENTIAL_SIGN_H
#define KZT_CREDENTIAL_SIGN_H

#include "identity.h"
#include "membership.h"
#include "verbs.h"

/*
 * Write a credential behind @w and sign it.  Signer and, for a capability, the
 * last custodian are set to the signer's address.  0 or a negative errno.
 */
int kzt_com_sign(struct kzt_wcur *w, struct kzt_com *com,
		 const struct kzt_id *signer);
int kzt_tag_sign(struct kzt_wcur *w, struct kzt_tag *tag,
		 const struct kzt_id *signer);
/* With @cap->issued_to set and an empty chain: a chain of one */
int kzt_capability_sign(struct kzt_wcur *w, struct kzt_capability *cap,
			const struct kzt_id *signer);
int kzt_coo_sign(struct kzt_wcur *w, struct kzt_coo *coo,
		 const struct kzt_id *signer);
int kzt_revocation_sign(struct kzt_wcur *w, struct kzt_revocation *rev,
			const struct kzt_id *signer);
/* Write a chunk as NETWORK_CONFIG carries it; @chunk lacks only its signature */
int kzt_chunk_sign(struct kzt_wcur *w, const struct kzt_config_chunk *chunk,
		   const struct kzt_id *signer);

/* Is the signature good?  @pub is the signer's, 64 bytes. */
bool kzt_com_verify(const struct kzt_com *com, const uint8_t *pub);
bool kzt_tag_verify(const struct kzt_tag *tag, const uint8_t *pub);
/* Entry @i of the custody chain, with the key of its "from" */
bool kzt_capability_verify(const struct kzt_capability *cap, unsigned int i,
			   const uint8_t *pub);
bool kzt_coo_verify(const struct kzt_coo *coo, const uint8_t *pub);
bool kzt_revocation_verify(const struct kzt_revocation *rev,
			   const uint8_t *pub);
bool kzt_chunk_verify(const struct kzt_config_chunk *chunk, const uint8_t *pub);

#endif /* KZT_CREDENTIAL_SIGN_H */
