/* SPDX-License-Identifier: GPL-2.0 */
/* Rules as JSON, the form of the local service API (spec 4.13.3). */
#ifndef KZT_RULES_JSON_H
#define KZT_RULES_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "proto/rules.h"

#define RULES_JSON_MAX 1024	/* entries in a rule set */

/* False if @o is no object or of a type that is not known */
bool rules_json_get(const json_t *o, struct kzt_rule *r);
/* NULL for a type that has no JSON form */
json_t *rules_json_put(const struct kzt_rule *r);
/* The entries of an array that are rules; @max are taken at most */
unsigned int rules_json_list(const json_t *array, struct kzt_rule *rules,
			     unsigned int max);
/* An array as it is given back: what is no rule has gone, all fields are there */
json_t *rules_json_normal(const json_t *array, unsigned int max);

#endif /* KZT_RULES_JSON_H */
