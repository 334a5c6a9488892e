/* SPDX-License-Identifier: GPL-2.0 */
/* Words that may be abbreviated: one rule for objects, verbs, keys and values. */
#ifndef KZT_MATCH_H
#define KZT_MATCH_H

#include <stddef.h>

enum {
	KZT_NO_WORD = -1,
	KZT_AMBIGUOUS = -2,
};

/*
 * Where @word stands in a table: it itself, else the only one that it abbreviates.
 * @table is the first name; the others follow every @stride bytes, NULL ends them.
 */
int kzt_match_table(const char *word, const void *table, size_t stride);
/* Print why kzt_match_table() found none, with those that it may be; KZT_USAGE */
int kzt_match_told(const char *word, const void *table, size_t stride);

/* The same with that said: negative if there is none */
int kzt_arg_table(const char *word, const void *table, size_t stride);
/* ... in a list of words */
int kzt_arg_word(const char *word, const char *const *words);
/* ... what @key may be: all are named if it is none of them */
int kzt_arg_choice(const char *key, const char *word, const char *const *words);

#endif /* KZT_MATCH_H */
