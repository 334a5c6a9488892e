/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration files: [Section] and Key = value, as wg(8) has them. */
#ifndef KZT_CONF_H
#define KZT_CONF_H

#include <stdbool.h>
#include <stddef.h>

#define KZT_CONF_KEYS 128	/* of a section */
#define KZT_CONF_SECTIONS 4096

struct kzt_conf_key {
	char *name, *value;
	unsigned int line;
};

struct kzt_conf_section {
	char *name;
	unsigned int line, n;
	struct kzt_conf_key key[KZT_CONF_KEYS];
};

struct kzt_conf {
	unsigned int n;
	struct kzt_conf_section **section;
	char *text;
};

/* 0, or a negative errno with one sentence in @err (256 bytes). "-" is standard
 * input.
 */
int kzt_conf_load(struct kzt_conf *conf, const char *file, char err[256]);
void kzt_conf_free(struct kzt_conf *conf);
/* The value of a key that stands once, or NULL; upper and lower case are one */
const char *kzt_conf_get(const struct kzt_conf_section *s, const char *name);
bool kzt_conf_is(const char *word, const char *name);
/* The values of a list ("a, b c"), one at a time: starts with *@at the value;
 * false at its end
 */
bool kzt_conf_item(const char **at, char *out, size_t room);

#endif /* KZT_CONF_H */
