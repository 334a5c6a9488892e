// SPDX-License-Identifier: GPL-2.0
/*
 * Credentials as they travel (spec 4, 4.8).
 */
#include "credential.h"

#define COM_VERSION	1
#define SIG_TYPE	1
#define MARK		0x7f
#define MARK_LEN	8

/*
 * Type, length and signature.  NULL with a good cursor is a signature of an
 * unknown type: the credential can be read but never verifies.
 */
static const u8 *get_sig(struct kzt_cur *c)
{
	u8 type = kzt_cur_u8(c);
	u16 len = kzt_cur_u16(c);

	if (type == SIG_TYPE) {
		if (len != KZT_SIG_LEN)
			kzt_cur_fail(c);
		return kzt_cur_bytes(c, KZT_SIG_LEN);
	}
	kzt_cur_skip(c, len);
	return NULL;
}

/* Additional fields, which no release writes. */
static void skip_additional(struct kzt_cur *c)
{
	kzt_cur_skip(c, kzt_cur_u16(c));
}

static int get_end(const struct kzt_cur *c, const u8 *raw, size_t *raw_len)
{
	*raw_len = c->p - raw;
	return kzt_cur_result(c);
}

static void note_qualifier(struct kzt_com *com, unsigned int i, u8 *seen)
{
	u64 id = com->q[i].id;

	if (id > KZT_COM_MEMBER || *seen & (1u << id))
		return;
	*seen |= (u8)(1u << id);
	switch (id) {
	case KZT_COM_TIMESTAMP:
		com->timestamp = com->q[i].value;
		break;
	case KZT_COM_NETWORK:
		com->nwid = com->q[i].value;
		break;
	case KZT_COM_MEMBER:
		com->member = com->q[i].value;
		break;
	}
}

/**
 * kzt_com_get - read a certificate of membership
 * @c: cursor; behind the certificate afterwards
 * @com: result
 *
 * Spec 4, 4.8.1.
 *
 * Return: 0 or -EBADMSG, with the cursor bad.
 */
int kzt_com_get(struct kzt_cur *c, struct kzt_com *com)
{
	unsigned int i;
	u8 seen = 0;
	u16 n;

	memset(com, 0, sizeof(*com));
	com->raw = c->p;
	if (kzt_cur_u8(c) != COM_VERSION)
		kzt_cur_fail(c);
	n = kzt_cur_u16(c);
	if (n > KZT_COM_MAX_QUALIFIERS)
		kzt_cur_fail(c);
	if (c->bad)
		return -EBADMSG;
	com->n = (u8)n;
	for (i = 0; i < com->n; i++) {
		com->q[i].id = kzt_cur_u64(c);
		com->q[i].value = kzt_cur_u64(c);
		com->q[i].delta = kzt_cur_u64(c);
		if (i && com->q[i].id < com->q[i - 1].id)
			kzt_cur_fail(c);
		note_qualifier(com, i, &seen);
	}
	com->signer = kzt_cur_addr(c);
	if (com->signer)
		com->sig = kzt_cur_bytes(c, KZT_SIG_LEN);
	return get_end(c, com->raw, &com->raw_len);
}

/**
 * kzt_com_skip - read over a certificate of membership
 * @c: cursor; behind the certificate afterwards
 * @raw: set to where it begins, NULL if it is malformed
 * @raw_len: set to its length
 */
int kzt_com_skip(struct kzt_cur *c, const u8 **raw, size_t *raw_len)
{
	struct kzt_com com;
	int ret = kzt_com_get(c, &com);

	*raw = ret ? NULL : com.raw;
	*raw_len = ret ? 0 : com.raw_len;
	return ret;
}

/**
 * kzt_tag_get - read a tag
 * @c: cursor; behind the tag afterwards
 * @tag: result
 *
 * Spec 4, 4.8.2.
 *
 * Return: 0 or -EBADMSG, with the cursor bad.
 */
int kzt_tag_get(struct kzt_cur *c, struct kzt_tag *tag)
{
	tag->raw = c->p;
	tag->nwid = kzt_cur_u64(c);
	tag->timestamp = kzt_cur_u64(c);
	tag->id = kzt_cur_u32(c);
	tag->value = kzt_cur_u32(c);
	tag->issued_to = kzt_cur_addr(c);
	tag->signer = kzt_cur_addr(c);
	tag->sig = get_sig(c);
	skip_additional(c);
	return get_end(c, tag->raw, &tag->raw_len);
}

#define RULE_TYPE_MASK		0x3f
#define RULE_INTEGER_RANGE	51
#define RULE_UNKNOWN		0xff

/* Length of the value of a rule (4.10.2). */
static u8 rule_value_len(u8 type)
{
	static const u8 actions[] = { 0, 0, 14, 14, 14, 0, 0 };		/* 0.. */
	static const u8 matches[] = {					/* 24.. */
		5, 5, 2, 1, 1, 6, 6, 5, 5, 17, 17, 3, 1, 2, 3, 4, 4, 8, 4, 4,
		8, 8, 8, 8, 8, 8, 8, 19,
	};

	type &= RULE_TYPE_MASK;
	if (type < ARRAY_SIZE(actions))
		return actions[type];
	if (type >= 24 && type < 24 + ARRAY_SIZE(matches))
		return matches[type - 24];
	return RULE_UNKNOWN;
}

/* Read over rules, refusing known ones whose value would be cut off. */
static void skip_rules(struct kzt_cur *c, unsigned int n)
{
	while (n-- && !c->bad) {
		u8 want = rule_value_len(kzt_cur_u8(c));
		u8 len = kzt_cur_u8(c);

		if (want != RULE_UNKNOWN && len < want)
			kzt_cur_fail(c);
		kzt_cur_skip(c, len);
	}
}

static void get_custody(struct kzt_cur *c, struct kzt_capability *cap)
{
	u64 to;

	while ((to = kzt_cur_addr(c)) != 0) {
		struct kzt_custody *k = &cap->chain[cap->n_chain];

		if (cap->n_chain == cap->max_chain) {
			kzt_cur_fail(c);
			return;
		}
		k->to = to;
		k->from = kzt_cur_addr(c);
		k->sig = get_sig(c);
		cap->issued_to = to;
		cap->n_chain++;
	}
}

/**
 * kzt_capability_get - read a capability
 * @c: cursor; behind the capability afterwards
 * @cap: result
 *
 * Spec 4, 4.8.3.  The rules are only measured.
 *
 * Return: 0 or -EBADMSG, with the cursor bad.
 */
int kzt_capability_get(struct kzt_cur *c, struct kzt_capability *cap)
{
	memset(cap, 0, sizeof(*cap));
	cap->raw = c->p;
	cap->nwid = kzt_cur_u64(c);
	cap->timestamp = kzt_cur_u64(c);
	cap->id = kzt_cur_u32(c);
	cap->n_rules = kzt_cur_u16(c);
	if (cap->n_rules > KZT_CAP_MAX_RULES)
		kzt_cur_fail(c);
	cap->rules = c->p;
	skip_rules(c, cap->n_rules);
	cap->rules_len = c->p - cap->rules;
	cap->max_chain = kzt_cur_u8(c);
	if (c->bad || !cap->max_chain || cap->max_chain > KZT_CAP_MAX_CHAIN) {
		kzt_cur_fail(c);
		return -EBADMSG;
	}
	get_custody(c, cap);
	skip_additional(c);
	return get_end(c, cap->raw, &cap->raw_len);
}

/**
 * kzt_coo_get - read a certificate of ownership
 * @c: cursor; behind the certificate afterwards
 * @coo: result
 *
 * Spec 4, 4.8.4.
 *
 * Return: 0 or -EBADMSG, with the cursor bad.
 */
int kzt_coo_get(struct kzt_cur *c, struct kzt_coo *coo)
{
	coo->raw = c->p;
	coo->nwid = kzt_cur_u64(c);
	coo->timestamp = kzt_cur_u64(c);
	coo->flags = kzt_cur_u64(c);
	coo->id = kzt_cur_u32(c);
	coo->n_things = kzt_cur_u16(c);
	if (coo->n_things > KZT_COO_MAX_THINGS)
		kzt_cur_fail(c);
	coo->things = kzt_cur_bytes(c, coo->n_things * KZT_COO_THING_LEN);
	coo->issued_to = kzt_cur_addr(c);
	coo->signer = kzt_cur_addr(c);
	coo->sig = get_sig(c);
	skip_additional(c);
	return get_end(c, coo->raw, &coo->raw_len);
}

/**
 * kzt_revocation_get - read a revocation
 * @c: cursor; behind the revocation afterwards
 * @rev: result
 *
 * Spec 4, 4.8.5.
 *
 * Return: 0 or -EBADMSG, with the cursor bad.
 */
int kzt_revocation_get(struct kzt_cur *c, struct kzt_revocation *rev)
{
	rev->raw = c->p;
	kzt_cur_skip(c, 4);
	rev->id = kzt_cur_u32(c);
	rev->nwid = kzt_cur_u64(c);
	kzt_cur_skip(c, 4);
	rev->cred_id = kzt_cur_u32(c);
	rev->threshold = kzt_cur_u64(c);
	rev->flags = kzt_cur_u64(c);
	rev->target = kzt_cur_addr(c);
	rev->signer = kzt_cur_addr(c);
	rev->type = kzt_cur_u8(c);
	rev->sig = get_sig(c);
	skip_additional(c);
	return get_end(c, rev->raw, &rev->raw_len);
}

static void put_mark(struct kzt_wcur *w)
{
	kzt_put_fill(w, MARK, MARK_LEN);
}

/* No additional fields, and the closing mark. */
static void put_signed_end(struct kzt_wcur *w)
{
	kzt_put_u16(w, 0);
	put_mark(w);
}

/**
 * kzt_com_put_signed - the message under the signature of a COM
 * @w: cursor
 * @com: certificate
 */
void kzt_com_put_signed(struct kzt_wcur *w, const struct kzt_com *com)
{
	kzt_put_bytes(w, com->raw + 3, 24 * com->n);
}

/**
 * kzt_tag_put_signed - the message under the signature of a tag
 * @w: cursor
 * @tag: tag
 */
void kzt_tag_put_signed(struct kzt_wcur *w, const struct kzt_tag *tag)
{
	put_mark(w);
	kzt_put_bytes(w, tag->raw, 34);
	put_signed_end(w);
}

static void put_integer_range(struct kzt_wcur *w, const u8 *value)
{
	u64 start = get_unaligned_be64(value);
	u32 span = (u32)(get_unaligned_be64(value + 8) - start);

	kzt_put_u64(w, start);
	kzt_put_u64(w, start + span);
	kzt_put_bytes(w, value + 16, 3);
}

/* One rule as it looks after decoding and encoding again. */
static void put_rule(struct kzt_wcur *w, u8 type, const u8 *value)
{
	u8 len = rule_value_len(type);

	if (len == RULE_UNKNOWN)
		len = 0;
	kzt_put_u8(w, type);
	kzt_put_u8(w, len);
	if ((type & RULE_TYPE_MASK) == RULE_INTEGER_RANGE)
		put_integer_range(w, value);
	else
		kzt_put_bytes(w, value, len);
}

/**
 * kzt_capability_put_signed - the message under every signature of a capability
 * @w: cursor
 * @cap: capability from kzt_capability_get()
 *
 * Rules are rebuilt, not copied: what a decoder ignores is not covered.
 */
void kzt_capability_put_signed(struct kzt_wcur *w,
			       const struct kzt_capability *cap)
{
	struct kzt_cur c = kzt_cur(cap->rules, cap->rules_len);

	put_mark(w);
	kzt_put_bytes(w, cap->raw, 22);
	while (kzt_cur_left(&c)) {
		u8 type = kzt_cur_u8(&c);
		u8 len = kzt_cur_u8(&c);
		const u8 *value = kzt_cur_bytes(&c, len);

		if (value)
			put_rule(w, type, value);
	}
	kzt_put_u8(w, cap->max_chain);
	put_signed_end(w);
}

/**
 * kzt_coo_put_signed - the message under the signature of a COO
 * @w: cursor
 * @coo: certificate of ownership
 */
void kzt_coo_put_signed(struct kzt_wcur *w, const struct kzt_coo *coo)
{
	put_mark(w);
	kzt_put_bytes(w, coo->raw,
		      30 + coo->n_things * KZT_COO_THING_LEN + 2 * KZT_ADDR_LEN);
	put_signed_end(w);
}

/**
 * kzt_revocation_put_signed - the message under the signature of a revocation
 * @w: cursor
 * @rev: revocation
 *
 * The two words without meaning count as zero whatever they hold.
 */
void kzt_revocation_put_signed(struct kzt_wcur *w,
			       const struct kzt_revocation *rev)
{
	put_mark(w);
	kzt_put_u32(w, 0);
	kzt_put_bytes(w, rev->raw + 4, 12);
	kzt_put_u32(w, 0);
	kzt_put_bytes(w, rev->raw + 20, 31);
	put_signed_end(w);
}
