/* SPDX-License-Identifier: GPL-2.0 */
/*
 * JSON as scripts write it: numbers as text, booleans as numbers (spec 4.13.1).
 * A value that cannot be converted is the default.
 */
#ifndef KZT_LAX_H
#define KZT_LAX_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAX_TEXT_MAX 32		/* of a number */

uint64_t lax_uint(const json_t *v, uint64_t def);
bool lax_bool(const json_t *v, bool def);
/* Text, or a number written into @buf (LAX_TEXT_MAX bytes) */
const char *lax_text(const json_t *v, const char *def, char *buf);

/* Exactly @digits hexadecimal digits */
bool lax_hex(const char *text, size_t digits, uint64_t *n);
/* The hexadecimal digits among the characters of @text, up to 16 */
uint64_t lax_hex_digits(const char *text);

#endif /* KZT_LAX_H */
