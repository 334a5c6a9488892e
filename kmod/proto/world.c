// SPDX-License-Identifier: GPL-2.0
/*
 * Worlds (spec 2, 2.12 and 2.13).
 */
#include "world.h"

#define MARK_LEN	8
#define MARK_FRONT	0x7f
#define MARK_REAR	0xf7

static void get_root(struct kzt_cur *c, struct kzt_world_root *r)
{
	unsigned int i;

	kzt_identity_get(c, &r->id);
	r->n_endpoints = kzt_cur_u8(c);
	if (r->n_endpoints > KZT_WORLD_MAX_ENDPOINTS)
		kzt_cur_fail(c);
	for (i = 0; i < r->n_endpoints && !c->bad; i++)
		if (kzt_inetaddr_get(c, &r->ep[i]))
			kzt_cur_fail(c);
}

/**
 * kzt_world_get - read a world
 * @c: cursor; behind the world afterwards
 * @w: the world; meaningless on failure
 *
 * Spec 2, 2.12, refusing what a reader should refuse there.  Secrets of roots
 * and the attachment of a moon are read over.
 *
 * Return: 0 or -EBADMSG, with the cursor bad.  A null world is no error, and no
 * signature is checked.
 */
int kzt_world_get(struct kzt_cur *c, struct kzt_world *w)
{
	const u8 *key, *sig;
	unsigned int i;

	memset(w, 0, sizeof(*w));
	w->type = kzt_cur_u8(c);
	w->id = kzt_cur_u64(c);
	w->ts = kzt_cur_u64(c);
	key = kzt_cur_bytes(c, sizeof(w->key));
	sig = kzt_cur_bytes(c, sizeof(w->sig));
	w->n_roots = kzt_cur_u8(c);
	if (c->bad)
		return -EBADMSG;
	memcpy(w->key, key, sizeof(w->key));
	memcpy(w->sig, sig, sizeof(w->sig));

	if ((w->type != KZT_WORLD_NULL && w->type != KZT_WORLD_PLANET &&
	     w->type != KZT_WORLD_MOON) || w->n_roots > KZT_WORLD_MAX_ROOTS)
		kzt_cur_fail(c);
	for (i = 0; i < w->n_roots && !c->bad; i++)
		get_root(c, &w->root[i]);
	if (w->type == KZT_WORLD_MOON)
		kzt_cur_skip(c, kzt_cur_u16(c));
	return kzt_cur_result(c);
}

static void put_head(struct kzt_wcur *out, const struct kzt_world *w)
{
	kzt_put_u8(out, w->type);
	kzt_put_u64(out, w->id);
	kzt_put_u64(out, w->ts);
	kzt_put_bytes(out, w->key, sizeof(w->key));
}

static void put_roots(struct kzt_wcur *out, const struct kzt_world *w)
{
	unsigned int i, k;

	kzt_put_u8(out, w->n_roots);
	for (i = 0; i < w->n_roots; i++) {
		const struct kzt_world_root *r = &w->root[i];

		kzt_identity_put(out, &r->id);
		kzt_put_u8(out, r->n_endpoints);
		for (k = 0; k < r->n_endpoints; k++)
			kzt_inetaddr_put(out, &r->ep[k]);
	}
	if (w->type == KZT_WORLD_MOON)
		kzt_put_u16(out, 0);
}

/**
 * kzt_world_put - write a world in canonical form
 * @out: cursor; KZT_WORLD_MAX_LEN bytes always suffice
 * @w: a world within the limits
 */
void kzt_world_put(struct kzt_wcur *out, const struct kzt_world *w)
{
	put_head(out, w);
	kzt_put_bytes(out, w->sig, sizeof(w->sig));
	put_roots(out, w);
}

/**
 * kzt_world_put_signed - write the bytes that a world's signature covers
 * @out: cursor; KZT_WORLD_SIGNED_MAX bytes always suffice
 * @w: a world within the limits
 *
 * Spec 2, 2.13.
 */
void kzt_world_put_signed(struct kzt_wcur *out, const struct kzt_world *w)
{
	kzt_put_fill(out, MARK_FRONT, MARK_LEN);
	put_head(out, w);
	put_roots(out, w);
	kzt_put_fill(out, MARK_REAR, MARK_LEN);
}

/**
 * kzt_world_succession - whether one world may replace another
 * @current_world: the one that is held; may be null
 * @update: the one that is offered
 *
 * Spec 2, 2.13 but for the signature: KZT_WORLD_VERIFY leaves it to the caller
 * to check that of @update over its kzt_world_put_signed() with the key of
 * @current_world.
 */
enum kzt_world_verdict kzt_world_succession(const struct kzt_world *current_world,
					    const struct kzt_world *update)
{
	if (kzt_world_is_null(current_world))
		return KZT_WORLD_TAKE;
	if (update->type != current_world->type ||
	    update->id != current_world->id || update->ts <= current_world->ts)
		return KZT_WORLD_REFUSE;
	return KZT_WORLD_VERIFY;
}

/**
 * kzt_world_reach - may a node be reached at an address
 * @w: a world
 * @address: of the node
 * @at: where; the port does not count
 *
 * Spec 2, 2.15 "Endpoint restriction"; spec 3, 3.2.4 step 2: a root for which
 * there are no endpoints may be anywhere.
 */
enum kzt_world_reach kzt_world_reach(const struct kzt_world *w, u64 address,
				     const struct kzt_inetaddr *at)
{
	enum kzt_world_reach reach = KZT_WORLD_SILENT;
	unsigned int i, k;

	for (i = 0; i < w->n_roots; i++) {
		const struct kzt_world_root *r = &w->root[i];

		if (r->id.address != address)
			continue;
		reach = KZT_WORLD_FORBIDS;
		if (!r->n_endpoints)
			return KZT_WORLD_ALLOWS;
		for (k = 0; k < r->n_endpoints; k++)
			if (kzt_inetaddr_same_ip(&r->ep[k], at))
				return KZT_WORLD_ALLOWS;
	}
	return reach;
}
