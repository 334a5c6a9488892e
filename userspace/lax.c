// SPDX-License-Identifier: GPL-2.0
/* JSON as scripts write it (spec 4.13.1). */
#include "lax.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond these a conversion to an integer is not defined */
static uint64_t real_uint(double d)
{
	if (!(d > -9223372036854775808.0) || !(d < 18446744073709551616.0))
		return 0;
	return d < 0 ? (uint64_t)(int64_t)d : (uint64_t)d;
}

uint64_t lax_uint(const json_t *v, uint64_t def)
{
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_INTEGER:
		return (uint64_t)json_integer_value(v);
	case JSON_REAL:
		return real_uint(json_real_value(v));
	case JSON_STRING:
		return strtoull(json_string_value(v), NULL, 10);
	case JSON_TRUE:
		return 1;
	case JSON_FALSE:
		return 0;
	default:
		return def;
	}
}

bool lax_bool(const json_t *v, bool def)
{
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_TRUE:
		return true;
	case JSON_FALSE:
		return false;
	case JSON_INTEGER:
		return json_integer_value(v);
	case JSON_REAL:
		return json_real_value(v) != 0;
	case JSON_STRING:
		return json_string_length(v) && strchr("tT1", *json_string_value(v));
	default:
		return def;
	}
}

const char *lax_text(const json_t *v, const char *def, char *buf)
{
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_STRING:
		return json_string_value(v);
	case JSON_INTEGER:
		snprintf(buf, LAX_TEXT_MAX, "%" JSON_INTEGER_FORMAT,
			 json_integer_value(v));
		return buf;
	case JSON_REAL:
		snprintf(buf, LAX_TEXT_MAX, "%g", json_real_value(v));
		return buf;
	default:
		return def;
	}
}

bool lax_hex(const char *text, size_t digits, uint64_t *n)
{
	size_t len = text ? strspn(text, "0123456789abcdefABCDEF") : 0;

	if (len != digits || text[len])
		return false;
	*n = strtoull(text, NULL, 16);
	return true;
}

uint64_t lax_hex_digits(const char *text)
{
	char digits[17];
	size_t n = 0;

	for (; *text && n < sizeof(digits) - 1; text++)
		if (strchr("0123456789abcdefABCDEF", *text))
			digits[n++] = *text;
	digits[n] = 0;
	return strtoull(digits, NULL, 16);
}
