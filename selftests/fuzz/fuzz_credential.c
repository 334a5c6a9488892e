// SPDX-License-Identifier: GPL-2.0
/*
 * Credentials: the first byte is the type.  What can be read occupies just the
 * bytes it says, and its signed message comes out the same from those alone.
 */
#include <stdlib.h>

#include "credential.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

union any {
	struct kzt_com com;
	struct kzt_tag tag;
	struct kzt_capability cap;
	struct kzt_coo coo;
	struct kzt_revocation rev;
};

/* Reads one, writes its message; returns the length read, 0 if malformed. */
static size_t read_one(u8 type, const u8 *data, size_t size, struct kzt_wcur *w)
{
	struct kzt_cur c = kzt_cur(data, size);
	const u8 *raw = NULL;
	size_t raw_len = 0;
	union any any;
	int ret = -EBADMSG;

#define READ(name, field)						\
	do {								\
		ret = kzt_##name##_get(&c, &any.field);			\
		raw = any.field.raw;					\
		raw_len = any.field.raw_len;				\
		if (!ret)						\
			kzt_##name##_put_signed(w, &any.field);		\
	} while (0)

	switch (type) {
	case KZT_CRED_COM:
		READ(com, com);
		break;
	case KZT_CRED_CAPABILITY:
		READ(capability, cap);
		break;
	case KZT_CRED_TAG:
		READ(tag, tag);
		break;
	case KZT_CRED_COO:
		READ(coo, coo);
		break;
	case KZT_CRED_REVOCATION:
		READ(revocation, rev);
		break;
	default:
		return 0;
	}
	CHECK(!!ret == c.bad);
	if (ret)
		return 0;
	CHECK(raw == data && raw_len == (size_t)(c.p - data));
	CHECK(!w->bad);
	return raw_len;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	/* 64 rules of 2 + 19 bytes, and what stands around them. */
	static u8 first[2048], second[2048];
	struct kzt_wcur a = kzt_wcur(first, sizeof(first));
	struct kzt_wcur b = kzt_wcur(second, sizeof(second));
	size_t len;
	u8 *copy;

	if (!size)
		return 0;
	len = read_one(data[0], data + 1, size - 1, &a);
	if (!len)
		return 0;
	copy = malloc(len);
	if (!copy)
		abort();
	memcpy(copy, data + 1, len);
	CHECK(read_one(data[0], copy, len, &b) == len);
	CHECK(kzt_wcur_len(&a) == kzt_wcur_len(&b) &&
	      !memcmp(first, second, kzt_wcur_len(&a)));
	free(copy);
	return 0;
}
