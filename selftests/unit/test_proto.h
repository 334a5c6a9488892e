/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of proto/ share.
 */
#ifndef KZT_UNIT_TEST_PROTO_H
#define KZT_UNIT_TEST_PROTO_H

#include <stdlib.h>

#include "env.h"
#include "tap.h"
#include "vec.h"

/* The directory of the vectors: first argument, or as seen from the top. */
static inline const char *vectors_dir(int argc, char **argv)
{
	return argc > 1 ? argv[1] : "selftests/vectors";
}

static inline struct vec_file *vectors_open(const char *dir, const char *name)
{
	struct vec_file *f = vec_open_at(dir, name);

	if (!f)
		exit(1);
	return f;
}

/* The address of an identity of identity-valid.txt */
static inline u64 vectors_address(const char *dir, const char *id)
{
	struct vec_file *f = vectors_open(dir, "identity-valid.txt");
	u64 address = 0;

	while (!address && vec_next_block(f))
		if (vec_is(f, "case", id))
			address = strtoull(vec_str(f, "address"), NULL, 16);
	vec_close(f);
	if (!address)
		abort();
	return address;
}

/*
 * Bytes on the heap in a block of just their length, so that the sanitizers see
 * a read of one byte too many.
 */
struct bytes {
	u8 *p;
	size_t len;
};

static inline struct bytes bytes_dup(const u8 *p, size_t len)
{
	struct bytes b = { malloc(len ?: 1), len };

	if (!b.p)
		abort();
	if (len)
		memcpy(b.p, p, len);
	return b;
}

/* A hex string; aborts if it is none. */
static inline __maybe_unused struct bytes bytes_hex(const char *hex)
{
	static u8 buf[65536];
	size_t len;

	if (!vec_unhex(hex, buf, sizeof(buf), &len)) {
		fprintf(stderr, "not hex: %s\n", hex);
		abort();
	}
	return bytes_dup(buf, len);
}

/* The value of @key in the current block; aborts if there is none. */
static inline __maybe_unused struct bytes bytes_vec(const struct vec_file *f,
						    const char *key)
{
	const char *s = vec_str(f, key);

	if (!s) {
		fprintf(stderr, "line %u: no %s\n", vec_block_line(f), key);
		abort();
	}
	return bytes_hex(s);
}

static inline __maybe_unused void bytes_free(struct bytes *b)
{
	free(b->p);
	b->p = NULL;
}

static inline __maybe_unused bool bytes_are(const struct bytes *b,
					    const u8 *p, size_t len)
{
	return b->len == len && (!len || !memcmp(b->p, p, len));
}

#endif /* KZT_UNIT_TEST_PROTO_H */
