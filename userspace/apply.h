/* SPDX-License-Identifier: GPL-2.0 */
/* kzt apply: what its parts share. */
#ifndef KZT_APPLY_H
#define KZT_APPLY_H

#include "conf.h"
#include <jansson.h>
#include <stdbool.h>

#define WORDS_MAX 256

/**
 * struct words - a command that is being put together
 * @n: words
 * @word: those; a copy of each
 */
struct words {
	unsigned int n;
	char *word[WORDS_MAX + 1];
};

struct apply {
	const char *file;
	struct kzt_conf conf;
	json_t *node, *peers, *networks, *policies;
	json_t *changes;
	int err;
};

/* Another word, or a key and its value, of the command that is being put together */
void kzt_apply_add(struct words *w, const char *word);
void kzt_apply_add2(struct words *w, const char *key, const char *value);
void kzt_apply_clear(struct words *w);
/* Run it as if it had been typed; the first failure ends everything */
void kzt_apply_run(struct apply *a, struct words *w);
/* What is wrong with the file, unless something was before */
void kzt_apply_wrong(struct apply *a, unsigned int line, const char *what, const char *word);
bool kzt_apply_yes(const char *value);
/* The object of a list whose @key is @value, or NULL */
json_t *kzt_apply_find(const json_t *list, const char *key, const char *value);
/* A prefix or an endpoint as the decoder writes it */
const char *kzt_apply_item(const char *item, char text[80]);

/* cmd_apply_network.c */
void kzt_apply_network(struct apply *a, const struct kzt_conf_section *s);
void kzt_apply_drop_networks(struct apply *a);

#endif /* KZT_APPLY_H */
