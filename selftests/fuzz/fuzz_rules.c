// SPDX-License-Identifier: GPL-2.0
/*
 * Rules: what can be read is written, and what was written reads and writes the
 * same again.  The first two bytes are the limit of entries.
 */
#include <stdlib.h>

#include "rules.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

#define MAX_RULES	1024
#define ROOM		(MAX_RULES * 21)	/* the longest has 19 octets of value */

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct kzt_rule rules[MAX_RULES];
	static u8 first[ROOM], second[ROOM];
	unsigned int max, n, again, i;
	int len, len2, ret;

	if (size < 2)
		return 0;
	max = get_unaligned_be16(data) % (MAX_RULES + 1);
	ret = kzt_rules_parse(data + 2, size - 2, rules, max, &n);
	CHECK(n <= max && n <= (size - 2) / 2);
	CHECK(!ret || ret == -EBADMSG);
	if (ret)
		return 0;
	for (i = 0; i < n; i++) {
		const char *name = kzt_rule_name(kzt_rule_type(&rules[i]));

		CHECK(!name || *name);
	}
	len = kzt_rules_build(first, sizeof(first), rules, n);
	CHECK(len >= 0 && (size_t)len <= size - 2);
	/* Not one byte less suffices */
	CHECK(!len || kzt_rules_build(second, len - 1, rules, n) == -EMSGSIZE);
	CHECK(!kzt_rules_parse(first, len, rules, MAX_RULES, &again));
	CHECK(again == n);
	len2 = kzt_rules_build(second, sizeof(second), rules, again);
	CHECK(len2 == len && !memcmp(first, second, len));
	return 0;
}
