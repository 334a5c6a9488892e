/* SPDX-License-Identifier: GPL-2.0 */
/* Rules as the kernel has them: what showing and testing share. */
#ifndef KZT_CMD_RULES_H
#define KZT_CMD_RULES_H

#include "proto/rules.h"
#include <jansson.h>

#define KZT_RULES_MAX 1024

struct kzt_rules {
	struct kzt_rule rule[KZT_RULES_MAX];
	uint64_t hits[KZT_RULES_MAX];
	unsigned int n, n_hits;
	bool found, bad;
};

/* An exit status, with its sentence printed */
int kzt_rules_fetch(uint64_t nwid, struct kzt_rules *r);
/* {"type", "not", "or", "value", "hits"}; @hits may be NULL */
json_t *kzt_rule_json(const struct kzt_rule *rule, const uint64_t *hits);
/* The same in words, without a newline */
void kzt_rule_print(const json_t *o);
int kzt_rules_test(int argc, char **argv);
/* Base rules of a file in binary form; an exit status, with its sentence printed.
 * The file has the rules language, or the JSON that it compiles to.
 */
int kzt_rules_read(const char *file, uint8_t *blob, size_t room, int *len);

#endif /* KZT_CMD_RULES_H */
