/* SPDX-License-Identifier: GPL-2.0 */
/* The dictionary: lines of key=value (spec 4, 4.5). */
#ifndef KZT_PROTO_DICTIONARY_H
#define KZT_PROTO_DICTIONARY_H

#include "cursor.h"

#define KZT_DICT_ABSENT		(-1)

/**
 * struct kzt_dict - a dictionary that is read
 * @p: its octets
 * @len: how many; a 00 ends it earlier
 */
struct kzt_dict {
	const u8 *p;
	size_t len;
};

static inline struct kzt_dict kzt_dict(const void *p, size_t len)
{
	return (struct kzt_dict){ .p = p, .len = len };
}

bool kzt_dict_find(const struct kzt_dict *d, const char *key, const u8 **raw,
		   size_t *raw_len);
size_t kzt_dict_unescape(const u8 *raw, size_t raw_len, u8 *out, size_t room);
long kzt_dict_get(const struct kzt_dict *d, const char *key, u8 *out,
		  size_t room);
long kzt_dict_text(const struct kzt_dict *d, const char *key, char *out,
		   size_t room);
u64 kzt_dict_uint(const struct kzt_dict *d, const char *key, u64 def);
bool kzt_dict_bool(const struct kzt_dict *d, const char *key, bool def);

/* Writing: behind the cursor's start stand lines and nothing else */
void kzt_dict_put(struct kzt_wcur *w, const char *key, const void *value,
		  size_t len);
void kzt_dict_put_uint(struct kzt_wcur *w, const char *key, u64 value);
void kzt_dict_put_addr(struct kzt_wcur *w, const char *key, u64 address);
void kzt_dict_put_bool(struct kzt_wcur *w, const char *key, bool value);
void kzt_dict_put_text(struct kzt_wcur *w, const char *key, const char *value);

/* The same in two steps, for values made of several parts */
void kzt_dict_begin(struct kzt_wcur *w, const char *key);
void kzt_dict_add(struct kzt_wcur *w, const void *value, size_t len);

#endif /* KZT_PROTO_DICTIONARY_H */
