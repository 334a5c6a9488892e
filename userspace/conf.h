/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration files: [Section] and Key = value, as wg(8) has them. */
#ifndef KZT_CONF_H
#define KZT_CONF_H

#include <stdbool.h>
#include <stddef.h>

#define KZT_CONF_KEYS 256	/* of a section: more than any list may have in all */
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
	bool skip;		/* the section's head was wrong: so is what follows */
};

/**
 * struct kzt_conf_told - who is told of lines that are wrong
 * @line: told of each; the others count
 * @arg: for it
 */
struct kzt_conf_told {
	void (*line)(void *arg, unsigned int line, const char *why);
	void *arg;
};

/* 0, or a negative errno with one sentence in @err (256 bytes). "-" is standard
 * input.  Without @told the first line that is wrong is an error.
 */
int kzt_conf_load(struct kzt_conf *conf, const char *file, const struct kzt_conf_told *told,
		  char err[256]);
void kzt_conf_free(struct kzt_conf *conf);
/* The value of a key that stands once, or NULL; upper and lower case are one */
const char *kzt_conf_get(const struct kzt_conf_section *s, const char *name);
bool kzt_conf_is(const char *word, const char *name);
/* Is there such a section */
bool kzt_conf_section_known(const char *name);
/* What is wrong with a key of kzt.conf(5), or NULL: that there is none of its name
 * in the section, that it stood there already, or that a switch is neither on nor off
 */
const char *kzt_conf_wrong(const struct kzt_conf_section *s, const struct kzt_conf_key *key);
/* Is a switch on */
bool kzt_conf_on(const char *value);
/* The values of a list ("a, b c"), one at a time: starts with *@at the value;
 * false at its end
 */
bool kzt_conf_item(const char **at, char *out, size_t room);

#endif /* KZT_CONF_H */
