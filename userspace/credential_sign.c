// SPDX-License-Identifier: GPL-2.0
/* Signatures of credentials and of configuration chunks. */
#include "credential_sign.h"
#include <errno.h>

/* The longest message is a capability's: 64 rules of 21 octets and some more */
#define MESSAGE_MAX 2048

struct message {
	uint8_t buf[MESSAGE_MAX];
	struct kzt_wcur w;
};

static struct kzt_wcur *message_begin(struct message *m)
{
	m->w = kzt_wcur(m->buf, sizeof(m->buf));
	return &m->w;
}

static int message_sign(const struct message *m, const struct kzt_id *signer,
			uint8_t *sig)
{
	if (m->w.bad)
		return -EMSGSIZE;
	return kzt_id_sign(signer, m->buf, kzt_wcur_len(&m->w), sig);
}

static bool message_verify(const struct message *m, const uint8_t *pub,
			   const uint8_t *sig)
{
	return sig && !m->w.bad &&
	       !kzt_id_verify(pub, m->buf, kzt_wcur_len(&m->w), sig,
			      KZT_ID_SIGNATURE_LEN);
}

int kzt_com_sign(struct kzt_wcur *w, struct kzt_com *com,
		 const struct kzt_id *signer)
{
	struct message m;
	uint8_t *sig;

	com->signer = signer->address;
	sig = kzt_com_build(w, com);
	if (!sig)
		return -EMSGSIZE;
	kzt_com_put_signed(message_begin(&m), com);
	return message_sign(&m, signer, sig);
}

int kzt_tag_sign(struct kzt_wcur *w, struct kzt_tag *tag,
		 const struct kzt_id *signer)
{
	struct message m;
	uint8_t *sig;

	tag->signer = signer->address;
	sig = kzt_tag_build(w, tag);
	if (!sig)
		return -EMSGSIZE;
	kzt_tag_put_signed(message_begin(&m), tag);
	return message_sign(&m, signer, sig);
}

int kzt_capability_sign(struct kzt_wcur *w, struct kzt_capability *cap,
			const struct kzt_id *signer)
{
	struct kzt_custody *last;
	struct message m;
	uint8_t *sig;

	if (!cap->n_chain) {
		cap->chain[0].to = cap->issued_to;
		cap->n_chain = 1;
	}
	last = &cap->chain[cap->n_chain - 1];
	last->from = signer->address;
	last->sig = NULL;
	sig = kzt_capability_build(w, cap);
	if (!sig)
		return -EMSGSIZE;
	kzt_capability_put_signed(message_begin(&m), cap);
	return message_sign(&m, signer, sig);
}

int kzt_coo_sign(struct kzt_wcur *w, struct kzt_coo *coo,
		 const struct kzt_id *signer)
{
	struct message m;
	uint8_t *sig;

	coo->signer = signer->address;
	sig = kzt_coo_build(w, coo);
	if (!sig)
		return -EMSGSIZE;
	kzt_coo_put_signed(message_begin(&m), coo);
	return message_sign(&m, signer, sig);
}

int kzt_revocation_sign(struct kzt_wcur *w, struct kzt_revocation *rev,
			const struct kzt_id *signer)
{
	struct message m;
	uint8_t *sig;

	rev->signer = signer->address;
	sig = kzt_revocation_build(w, rev);
	if (!sig)
		return -EMSGSIZE;
	kzt_revocation_put_signed(message_begin(&m), rev);
	return message_sign(&m, signer, sig);
}

int kzt_chunk_sign(struct kzt_wcur *w, const struct kzt_config_chunk *chunk,
		   const struct kzt_id *signer)
{
	static const uint8_t none[KZT_ID_SIGNATURE_LEN];
	struct kzt_config_chunk c = *chunk;
	const uint8_t *start = w->p;
	size_t signed_len;
	uint8_t *sig;

	c.legacy = false;
	c.sig = none;
	kzt_config_chunk_put(w, &c);
	if (w->bad)
		return -EMSGSIZE;
	sig = w->p - KZT_ID_SIGNATURE_LEN;
	signed_len = (size_t)(sig - start) - 3;	/* type and length */
	return kzt_id_sign(signer, start, signed_len, sig);
}

bool kzt_com_verify(const struct kzt_com *com, const uint8_t *pub)
{
	struct message m;

	kzt_com_put_signed(message_begin(&m), com);
	return message_verify(&m, pub, com->sig);
}

bool kzt_tag_verify(const struct kzt_tag *tag, const uint8_t *pub)
{
	struct message m;

	kzt_tag_put_signed(message_begin(&m), tag);
	return message_verify(&m, pub, tag->sig);
}

bool kzt_capability_verify(const struct kzt_capability *cap, unsigned int i,
			   const uint8_t *pub)
{
	struct message m;

	kzt_capability_put_signed(message_begin(&m), cap);
	return message_verify(&m, pub, cap->chain[i].sig);
}

bool kzt_coo_verify(const struct kzt_coo *coo, const uint8_t *pub)
{
	struct message m;

	kzt_coo_put_signed(message_begin(&m), coo);
	return message_verify(&m, pub, coo->sig);
}

bool kzt_revocation_verify(const struct kzt_revocation *rev,
			   const uint8_t *pub)
{
	struct message m;

	kzt_revocation_put_signed(message_begin(&m), rev);
	return message_verify(&m, pub, rev->sig);
}

bool kzt_chunk_verify(const struct kzt_config_chunk *chunk, const uint8_t *pub)
{
	return !chunk->legacy && chunk->sig &&
	       !kzt_id_verify(pub, chunk->signed_part, chunk->signed_len,
			      chunk->sig, KZT_ID_SIGNATURE_LEN);
}
