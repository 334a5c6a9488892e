/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cursors over (buffer, length).
 *
 * A cursor never leaves its buffer.  The first read or write that does not fit
 * marks it bad, and it stays bad: reads then yield zero, writes do nothing.  A
 * parser can therefore read a whole layout and ask once.  A read cursor that
 * went bad has nothing left, so loops over what is left end by themselves.
 */
#ifndef KZT_PROTO_CURSOR_H
#define KZT_PROTO_CURSOR_H

#include "env.h"

struct kzt_cur {
	const u8 *p, *end;
	bool bad;
};

static inline struct kzt_cur kzt_cur(const u8 *buf, size_t len)
{
	return (struct kzt_cur){ .p = buf, .end = buf + len };
}

static inline size_t kzt_cur_left(const struct kzt_cur *c)
{
	return c->end - c->p;
}

static inline void kzt_cur_fail(struct kzt_cur *c)
{
	c->bad = true;
	c->p = c->end;
}

/* The next @len bytes, or NULL (and bad) if there are fewer. */
static inline const u8 *kzt_cur_bytes(struct kzt_cur *c, size_t len)
{
	const u8 *p = c->p;

	if (c->bad || len > kzt_cur_left(c)) {
		kzt_cur_fail(c);
		return NULL;
	}
	c->p += len;
	return p;
}

static inline void kzt_cur_skip(struct kzt_cur *c, size_t len)
{
	kzt_cur_bytes(c, len);
}

static inline u8 kzt_cur_u8(struct kzt_cur *c)
{
	const u8 *p = kzt_cur_bytes(c, 1);

	return p ? *p : 0;
}

static inline u16 kzt_cur_u16(struct kzt_cur *c)
{
	const u8 *p = kzt_cur_bytes(c, 2);

	return p ? get_unaligned_be16(p) : 0;
}

static inline u32 kzt_cur_u32(struct kzt_cur *c)
{
	const u8 *p = kzt_cur_bytes(c, 4);

	return p ? get_unaligned_be32(p) : 0;
}

static inline u64 kzt_cur_u64(struct kzt_cur *c)
{
	const u8 *p = kzt_cur_bytes(c, 8);

	return p ? get_unaligned_be64(p) : 0;
}

/* A 40-bit node address. */
static inline u64 kzt_cur_addr(struct kzt_cur *c)
{
	const u8 *p = kzt_cur_bytes(c, KZT_ADDR_LEN);

	return p ? kzt_get_addr(p) : 0;
}

/* What a parser returns once its layout has been read. */
static inline int kzt_cur_result(const struct kzt_cur *c)
{
	return c->bad ? -EBADMSG : 0;
}

struct kzt_wcur {
	u8 *start, *p, *end;
	bool bad;
};

static inline struct kzt_wcur kzt_wcur(u8 *buf, size_t room)
{
	return (struct kzt_wcur){ .start = buf, .p = buf, .end = buf + room };
}

static inline size_t kzt_wcur_len(const struct kzt_wcur *w)
{
	return w->p - w->start;
}

static inline size_t kzt_wcur_room(const struct kzt_wcur *w)
{
	return w->bad ? 0 : w->end - w->p;
}

/* Space for @len bytes that the caller fills, or NULL (and bad). */
static inline u8 *kzt_put_space(struct kzt_wcur *w, size_t len)
{
	u8 *p = w->p;

	if (len > kzt_wcur_room(w)) {
		w->bad = true;
		return NULL;
	}
	w->p += len;
	return p;
}

static inline void kzt_put_bytes(struct kzt_wcur *w, const void *src, size_t len)
{
	u8 *p = kzt_put_space(w, len);

	if (p && len)
		memcpy(p, src, len);
}

static inline void kzt_put_fill(struct kzt_wcur *w, u8 value, size_t len)
{
	u8 *p = kzt_put_space(w, len);

	if (p && len)
		memset(p, value, len);
}

static inline void kzt_put_u8(struct kzt_wcur *w, u8 v)
{
	u8 *p = kzt_put_space(w, 1);

	if (p)
		*p = v;
}

static inline void kzt_put_u16(struct kzt_wcur *w, u16 v)
{
	u8 *p = kzt_put_space(w, 2);

	if (p)
		put_unaligned_be16(v, p);
}

static inline void kzt_put_u32(struct kzt_wcur *w, u32 v)
{
	u8 *p = kzt_put_space(w, 4);

	if (p)
		put_unaligned_be32(v, p);
}

static inline void kzt_put_u64(struct kzt_wcur *w, u64 v)
{
	u8 *p = kzt_put_space(w, 8);

	if (p)
		put_unaligned_be64(v, p);
}

/* A 40-bit node address (kzt_put_addr() writes one to a pointer). */
static inline void kzt_put_node(struct kzt_wcur *w, u64 addr)
{
	u8 *p = kzt_put_space(w, KZT_ADDR_LEN);

	if (p)
		kzt_put_addr(addr, p);
}

/* What a builder that has a length to report returns. */
static inline int kzt_wcur_result(const struct kzt_wcur *w)
{
	return w->bad ? -EMSGSIZE : (int)kzt_wcur_len(w);
}

#endif /* KZT_PROTO_CURSOR_H */
