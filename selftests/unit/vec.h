/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reader of the test vectors: text files of "key = value" lines in blocks that
 * empty lines separate; a line starting with '#' is a comment.  A block of
 * comments alone is none.
 */
#ifndef KZT_UNIT_VEC_H
#define KZT_UNIT_VEC_H

#include "env.h"

struct vec_file;

/* NULL, with a message on stderr, if the file cannot be read. */
struct vec_file *vec_open(const char *path);

/* "DIR/NAME"; otherwise as vec_open(). */
struct vec_file *vec_open_at(const char *dir, const char *name);

/*
 * Goes on to the next block (the first call: to the first); false after the
 * last.  Everything below is about the current block.
 */
bool vec_next_block(struct vec_file *f);

/*
 * The current block is tested, though no result says so by itself: one that comes
 * later speaks for several.  A block counts as run, too, if there is a result
 * before the next one; vectors-ran.sh looks for those that no test ran.
 */
void vec_ran(struct vec_file *f);

/* Line number in the file where the block starts, for messages. */
unsigned int vec_block_line(const struct vec_file *f);

/*
 * The value of the first line with this key; NULL if there is none.  Valid
 * until vec_close().  Spaces around key and value are gone.
 */
const char *vec_str(const struct vec_file *f, const char *key);

/* Is the value of @key exactly @want? */
bool vec_is(const struct vec_file *f, const char *key, const char *want);

/*
 * Decodes a hex value.  False if absent, not hex, or longer than @max bytes.
 * An empty value is zero bytes.
 */
bool vec_hex(const struct vec_file *f, const char *key, u8 *buf, size_t max,
	     size_t *len);

/* As vec_hex(), and false unless the value has exactly @len bytes. */
bool vec_hex_exact(const struct vec_file *f, const char *key, u8 *buf,
		   size_t len);

/* Decimal, or hex after 0x; @def if absent or not a number. */
u64 vec_u64(const struct vec_file *f, const char *key, u64 def);

/*
 * Line @i of the block (from 0), in the order of the file.  A line without
 * '=' has the empty key and the whole line as its value.  False past the last.
 */
bool vec_line(const struct vec_file *f, size_t i, const char **key,
	      const char **value);

/* The hex decoder below vec_hex(), for values found with vec_line(). */
bool vec_unhex(const char *hex, u8 *buf, size_t max, size_t *len);

void vec_close(struct vec_file *f);

#endif /* KZT_UNIT_VEC_H */
