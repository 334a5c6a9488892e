// SPDX-License-Identifier: GPL-2.0
/*
 * NETWORK_CREDENTIALS (spec 1, 10.13; spec 4, 4.9.1).
 */
#include "verbs.h"

/*
 * The packet as a row of stages: certificates of membership up to a zero byte,
 * then one counted list per stage.
 */
enum {
	STAGE_COMS,
	STAGE_CAPABILITIES,
	STAGE_TAGS,
	STAGE_REVOCATIONS,
	STAGE_COOS,
	STAGE_END,
};

static const u8 stage_type[STAGE_END] = {
	[STAGE_COMS]		= KZT_CRED_COM,
	[STAGE_CAPABILITIES]	= KZT_CRED_CAPABILITY,
	[STAGE_TAGS]		= KZT_CRED_TAG,
	[STAGE_REVOCATIONS]	= KZT_CRED_REVOCATION,
	[STAGE_COOS]		= KZT_CRED_COO,
};

/**
 * kzt_creds_open - begin to read NETWORK_CREDENTIALS
 * @pkt: packet
 * @len: its length, at least KZT_HDR_LEN
 */
struct kzt_creds kzt_creds_open(const u8 *pkt, size_t len)
{
	return (struct kzt_creds){ .c = kzt_packet_payload(pkt, len) };
}

static int get_one(struct kzt_cur *c, enum kzt_cred_type type)
{
	union {
		struct kzt_com com;
		struct kzt_capability cap;
		struct kzt_tag tag;
		struct kzt_revocation rev;
		struct kzt_coo coo;
	} u;

	switch (type) {
	case KZT_CRED_COM:
		return kzt_com_get(c, &u.com);
	case KZT_CRED_CAPABILITY:
		return kzt_capability_get(c, &u.cap);
	case KZT_CRED_TAG:
		return kzt_tag_get(c, &u.tag);
	case KZT_CRED_REVOCATION:
		return kzt_revocation_get(c, &u.rev);
	case KZT_CRED_COO:
		return kzt_coo_get(c, &u.coo);
	}
	return -EBADMSG;
}

/*
 * Go to the stage that has the next item.  Returns 1, 0 at a proper end, or an
 * error.  Where the packet ends decides what an end is worth: after the last
 * list, or where no list has been begun, it is a proper one.
 */
static int advance(struct kzt_creds *it)
{
	if (it->stage == STAGE_COMS) {
		if (!kzt_cur_left(&it->c))
			return 0;
		if (*it->c.p)
			return 1;
		kzt_cur_skip(&it->c, 1);
		if (!kzt_cur_left(&it->c))
			return 0;
		it->stage++;
		it->left = kzt_cur_u16(&it->c);
	}
	while (!it->left && !it->c.bad) {
		if (it->stage == STAGE_COOS)
			return 0;
		if (!kzt_cur_left(&it->c))
			return -EPROTO;
		it->stage++;
		it->left = kzt_cur_u16(&it->c);
	}
	return it->c.bad ? -EBADMSG : 1;
}

/**
 * kzt_creds_next - the next credential in NETWORK_CREDENTIALS
 * @it: from kzt_creds_open()
 * @type: set to its type, which says what parser to give it to
 * @raw: set to where it begins
 * @raw_len: set to its length
 *
 * The credential is well-formed.
 *
 * Return: 1; 0 at the end, which counts as "received"; -EPROTO at the end of a
 * packet that lacks lists behind one it has: all was read, but it does not
 * count (spec 1, 10.13, step 4); -EBADMSG for a malformed credential.
 */
int kzt_creds_next(struct kzt_creds *it, enum kzt_cred_type *type,
		   const u8 **raw, size_t *raw_len)
{
	int ret = it->err ?: advance(it);

	if (ret > 0) {
		*type = stage_type[it->stage];
		*raw = it->c.p;
		if (it->stage != STAGE_COMS)
			it->left--;
		if (get_one(&it->c, *type))
			ret = -EBADMSG;
		else
			*raw_len = it->c.p - *raw;
	}
	if (ret < 0)
		it->err = ret;
	return ret;
}

/**
 * kzt_creds_start - begin to write NETWORK_CREDENTIALS
 * @w: cursor behind the packet header; stays in use until kzt_creds_finish()
 */
struct kzt_creds_out kzt_creds_start(struct kzt_wcur *w)
{
	return (struct kzt_creds_out){ .w = w };
}

static void next_list(struct kzt_creds_out *o)
{
	if (o->stage == STAGE_COMS)
		kzt_put_u8(o->w, 0);
	o->stage++;
	o->count = kzt_put_space(o->w, 2);
	if (o->count)
		put_unaligned_be16(0, o->count);
}

/* What kzt_creds_finish() would still write if the list of @stage were open. */
static size_t trailer(unsigned int stage)
{
	return (stage == STAGE_COMS) + 2 * (STAGE_COOS - stage);
}

/**
 * kzt_creds_add - add a credential to NETWORK_CREDENTIALS
 * @o: from kzt_creds_start()
 * @type: its type; types come in the order COM, capability, tag, revocation,
 *	  certificate of ownership
 * @raw: the credential as it is on the wire
 * @raw_len: its length
 *
 * Leaves room for what kzt_creds_finish() writes.
 *
 * Return: 0, -EMSGSIZE if it does not fit (what was added so far stays good),
 * or -EINVAL if it comes out of order.
 */
int kzt_creds_add(struct kzt_creds_out *o, enum kzt_cred_type type,
		  const u8 *raw, size_t raw_len)
{
	unsigned int stage = STAGE_COMS;
	size_t room = kzt_wcur_room(o->w);

	while (stage < STAGE_END && stage_type[stage] != type)
		stage++;
	if (stage == STAGE_END || stage < o->stage)
		return -EINVAL;
	/* Lists between are empty but count, as those behind will. */
	if (room < trailer(o->stage) || raw_len > room - trailer(o->stage))
		return -EMSGSIZE;

	while (o->stage < stage)
		next_list(o);
	if (o->count) {
		if (get_unaligned_be16(o->count) == U16_MAX)
			return -EMSGSIZE;
		put_unaligned_be16(get_unaligned_be16(o->count) + 1, o->count);
	}
	kzt_put_bytes(o->w, raw, raw_len);
	return 0;
}

/**
 * kzt_creds_finish - write the lists that nothing was added to
 * @o: from kzt_creds_start()
 */
void kzt_creds_finish(struct kzt_creds_out *o)
{
	while (o->stage < STAGE_COOS)
		next_list(o);
}
