/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules language (spec 4.13.4): text in, the JSON of rules, capabilities
 * and tags out.  Pure: no file, no output, and bounded by what goes in.
 */
#ifndef KZT_RULEC_H
#define KZT_RULEC_H

#include <jansson.h>
#include <stddef.h>

#define RULEC_TEXT_MAX (1 << 20)

/* Where it is wrong: lines from 1, columns from 0, and one sentence */
struct rulec_error {
	unsigned int line, column;
	char text[160];
};

/*
 * {rules, capabilities, tags} as the local service API takes them, and the
 * objects tagNames {name: id} and capabilityNames {name: id}; NULL with @err
 * filled.
 */
json_t *rulec_compile(const char *text, size_t len, struct rulec_error *err);

#endif /* KZT_RULEC_H */
