// SPDX-License-Identifier: GPL-2.0
/* Making credentials, and whether two memberships agree (spec 4, 4.8). */
#include "membership.h"

#define COM_VERSION	1
#define SIG_TYPE	1

static bool com_last(const struct kzt_com *com, u64 id, u64 *value)
{
	unsigned int i = com->n;

	while (i--) {
		if (com->q[i].id == id) {
			*value = com->q[i].value;
			return true;
		}
	}
	return false;
}

/* Step 3: the words of the fingerprint of the peer as this node knows it */
static bool com_is_of(const struct kzt_com *com, const u8 *idhash)
{
	unsigned int i;
	u64 value;

	for (i = 0; i < KZT_COM_IDHASH_WORDS; i++)
		if (!com_last(com, KZT_COM_IDHASH + i, &value) ||
		    value != get_unaligned_be64(idhash + 8 * i))
			return false;
	return true;
}

/**
 * kzt_com_agrees - does my certificate of membership agree with theirs
 * @mine: of this node
 * @theirs: of the peer
 * @idhash: begin of the fingerprint of the peer's identity
 *
 * Spec 4, 4.8.1 "Agreement".  Not symmetric.
 */
bool kzt_com_agrees(const struct kzt_com *mine, const struct kzt_com *theirs,
		    const u8 idhash[KZT_IDHASH_LEN])
{
	bool hashed = false;
	unsigned int i;
	u64 value, far;

	if (!mine->n || !theirs->n)
		return false;
	for (i = 0; i < mine->n; i++) {
		u64 id = mine->q[i].id;

		if (!com_last(theirs, id, &value))
			return false;
		far = mine->q[i].value > value ? mine->q[i].value - value :
						 value - mine->q[i].value;
		if (far > mine->q[i].delta)
			return false;
		hashed |= id >= KZT_COM_IDHASH &&
			  id < KZT_COM_IDHASH + KZT_COM_IDHASH_WORDS;
	}
	return !hashed || com_is_of(theirs, idhash);
}

/**
 * kzt_com_init - the qualifiers of a certificate of membership
 * @com: filled; @com->signer is for the caller
 * @timestamp: of issue
 * @delta: how far another one's may be from it
 * @nwid: network
 * @member: address
 * @idhash: begin of the fingerprint of the member's identity
 */
void kzt_com_init(struct kzt_com *com, u64 timestamp, u64 delta, u64 nwid,
		  u64 member, const u8 idhash[KZT_IDHASH_LEN])
{
	unsigned int i;

	memset(com, 0, sizeof(*com));
	com->n = KZT_COM_IDHASH + KZT_COM_IDHASH_WORDS;
	for (i = 0; i < com->n; i++) {
		com->q[i].id = i;
		com->q[i].delta = U64_MAX;
	}
	com->q[KZT_COM_TIMESTAMP].value = timestamp;
	com->q[KZT_COM_TIMESTAMP].delta = delta;
	com->q[KZT_COM_NETWORK].value = nwid;
	com->q[KZT_COM_NETWORK].delta = 0;
	com->q[KZT_COM_MEMBER].value = member;
	for (i = 0; i < KZT_COM_IDHASH_WORDS; i++)
		com->q[KZT_COM_IDHASH + i].value =
			get_unaligned_be64(idhash + 8 * i);
}

static void put_sig(struct kzt_wcur *w, const u8 *sig)
{
	kzt_put_u8(w, SIG_TYPE);
	kzt_put_u16(w, KZT_SIG_LEN);
	if (sig)
		kzt_put_bytes(w, sig, KZT_SIG_LEN);
	else
		kzt_put_fill(w, 0, KZT_SIG_LEN);
}

/* What was written from @start on */
static struct kzt_cur written(const struct kzt_wcur *w, const u8 *start)
{
	return kzt_cur(start, w->bad ? 0 : (size_t)(w->p - start));
}

/* The reader's pointer is into what the caller may write */
static u8 *sig_place(const u8 *start, const u8 *sig)
{
	return sig ? (u8 *)start + (sig - start) : NULL;
}

/**
 * kzt_com_build - write a certificate of membership
 * @w: cursor
 * @com: qualifiers and signer
 */
u8 *kzt_com_build(struct kzt_wcur *w, struct kzt_com *com)
{
	const u8 *start = w->p;
	struct kzt_cur c;
	unsigned int i;

	kzt_put_u8(w, COM_VERSION);
	kzt_put_u16(w, com->n);
	for (i = 0; i < com->n && i < KZT_COM_MAX_QUALIFIERS; i++) {
		kzt_put_u64(w, com->q[i].id);
		kzt_put_u64(w, com->q[i].value);
		kzt_put_u64(w, com->q[i].delta);
	}
	kzt_put_node(w, com->signer);
	kzt_put_fill(w, 0, KZT_SIG_LEN);
	c = written(w, start);
	return kzt_com_get(&c, com) ? NULL : sig_place(start, com->sig);
}

/**
 * kzt_tag_build - write a tag
 * @w: cursor
 * @tag: all fields but the signature
 */
u8 *kzt_tag_build(struct kzt_wcur *w, struct kzt_tag *tag)
{
	const u8 *start = w->p;
	struct kzt_cur c;

	kzt_put_u64(w, tag->nwid);
	kzt_put_u64(w, tag->timestamp);
	kzt_put_u32(w, tag->id);
	kzt_put_u32(w, tag->value);
	kzt_put_node(w, tag->issued_to);
	kzt_put_node(w, tag->signer);
	put_sig(w, NULL);
	kzt_put_u16(w, 0);
	c = written(w, start);
	return kzt_tag_get(&c, tag) ? NULL : sig_place(start, tag->sig);
}

/**
 * kzt_capability_build - write a capability
 * @w: cursor
 * @cap: all fields; of its custody chain, the last entry is the one to be
 *	signed, with a NULL signature
 *
 * @cap->rules must not be what is written over.
 */
u8 *kzt_capability_build(struct kzt_wcur *w, struct kzt_capability *cap)
{
	const u8 *start = w->p;
	struct kzt_cur c;
	unsigned int i;

	kzt_put_u64(w, cap->nwid);
	kzt_put_u64(w, cap->timestamp);
	kzt_put_u32(w, cap->id);
	kzt_put_u16(w, cap->n_rules);
	kzt_put_bytes(w, cap->rules, cap->rules_len);
	kzt_put_u8(w, cap->max_chain);
	for (i = 0; i < cap->n_chain && i < KZT_CAP_MAX_CHAIN; i++) {
		kzt_put_node(w, cap->chain[i].to);
		kzt_put_node(w, cap->chain[i].from);
		put_sig(w, cap->chain[i].sig);
	}
	kzt_put_node(w, 0);
	kzt_put_u16(w, 0);
	c = written(w, start);
	if (kzt_capability_get(&c, cap) || !cap->n_chain)
		return NULL;
	return sig_place(start, cap->chain[cap->n_chain - 1].sig);
}

/**
 * kzt_coo_build - write a certificate of ownership
 * @w: cursor
 * @coo: all fields but the signature
 *
 * @coo->things must not be what is written over.
 */
u8 *kzt_coo_build(struct kzt_wcur *w, struct kzt_coo *coo)
{
	const u8 *start = w->p;
	struct kzt_cur c;

	kzt_put_u64(w, coo->nwid);
	kzt_put_u64(w, coo->timestamp);
	kzt_put_u64(w, coo->flags);
	kzt_put_u32(w, coo->id);
	kzt_put_u16(w, coo->n_things);
	kzt_put_bytes(w, coo->things, coo->n_things * KZT_COO_THING_LEN);
	kzt_put_node(w, coo->issued_to);
	kzt_put_node(w, coo->signer);
	put_sig(w, NULL);
	kzt_put_u16(w, 0);
	c = written(w, start);
	return kzt_coo_get(&c, coo) ? NULL : sig_place(start, coo->sig);
}

/**
 * kzt_revocation_build - write a revocation
 * @w: cursor
 * @rev: all fields but the signature
 */
u8 *kzt_revocation_build(struct kzt_wcur *w, struct kzt_revocation *rev)
{
	const u8 *start = w->p;
	struct kzt_cur c;

	kzt_put_u32(w, 0);
	kzt_put_u32(w, rev->id);
	kzt_put_u64(w, rev->nwid);
	kzt_put_u32(w, 0);
	kzt_put_u32(w, rev->cred_id);
	kzt_put_u64(w, rev->threshold);
	kzt_put_u64(w, rev->flags);
	kzt_put_node(w, rev->target);
	kzt_put_node(w, rev->signer);
	kzt_put_u8(w, rev->type);
	put_sig(w, NULL);
	kzt_put_u16(w, 0);
	c = written(w, start);
	return kzt_revocation_get(&c, rev) ? NULL : sig_place(start, rev->sig);
}
