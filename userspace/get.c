// SPDX-License-Identifier: GPL-2.0
/* Members of JSON objects, for kzt and kztd. */
#include "out.h"
#include <string.h>

const char *kzt_get_str(const json_t *o, const char *key, const char *def)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : def;
}

uint64_t kzt_get_int(const json_t *o, const char *key, uint64_t def)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? (uint64_t)json_integer_value(v) : def;
}

bool kzt_get_bool(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

bool kzt_has_word(const json_t *list, const char *word)
{
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
		if (json_is_string(v) && !strcmp(json_string_value(v), word))
			return true;
	return false;
}
