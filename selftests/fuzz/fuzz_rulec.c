// SPDX-License-Identifier: GPL-2.0
/*
 * The rules language: what compiles are rules that all have a binary form, and
 * what does not says where it is wrong.
 */
#include <stdlib.h>

#include "../../userspace/rulec.h"
#include "../../userspace/rules_json.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

static void check_rules(const json_t *array)
{
	static struct kzt_rule rules[RULES_JSON_MAX];
	static u8 bin[RULES_JSON_MAX * 21];
	unsigned int n = rules_json_list(array, rules, RULES_JSON_MAX), i;
	size_t want = json_array_size(array);

	CHECK(json_is_array(array));
	CHECK(n == (want < RULES_JSON_MAX ? want : RULES_JSON_MAX));
	CHECK(kzt_rules_build(bin, sizeof(bin), rules, n) >= 0);
	for (i = 0; i < n; i++) {
		json_t *o = rules_json_put(&rules[i]);
		struct kzt_rule again;

		CHECK(o && rules_json_get(o, &again));
		CHECK(!memcmp(&again, &rules[i], sizeof(again)));
		json_decref(o);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct rulec_error err;
	json_t *got = rulec_compile((const char *)data, size, &err);
	const json_t *cap;
	size_t i;

	if (!got) {
		CHECK(*err.text && err.line);
		return 0;
	}
	check_rules(json_object_get(got, "rules"));
	json_array_foreach(json_object_get(got, "capabilities"), i, cap)
		check_rules(json_object_get(cap, "rules"));
	json_decref(got);
	return 0;
}
