/* SPDX-License-Identifier: GPL-2.0 */
/* The rule compiler's parts among themselves. */
#ifndef KZT_RULEC_TREE_H
#define KZT_RULEC_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include "rulec.h"

#define RULEC_MACRO_ARGS 32
#define RULEC_MACRO_DEPTH 8
#define RULEC_RULES_MAX 16384	/* expanded: macros may multiply */

/**
 * struct rulec_node - one token
 * @text: in lower case
 * @next: on the same level
 * @first: of the block that a keyword opens, NULL if it is empty
 */
struct rulec_node {
	char *text;
	unsigned int line, column;
	struct rulec_node *next, *first;
};

/* Macro arguments in force; NULL outside a macro */
struct rulec_env {
	unsigned int n, depth;
	const char *name[RULEC_MACRO_ARGS], *value[RULEC_MACRO_ARGS];
};

struct rulec_tag {
	const struct rulec_node *name;
	uint32_t id;
	json_t *enums, *flags;		/* name -> value */
};

/* The parameters stand behind the name, each with a NUL at its end */
struct rulec_macro {
	const struct rulec_node *name;
	unsigned int n_params;
};

/**
 * struct rulec - one run
 * @nodes, @n_nodes: all tokens, in the order of the text
 * @top: first token of the outermost level
 * @n_rules: made so far, in all rule sets
 */
struct rulec {
	char *text;
	struct rulec_node *nodes, *top;
	size_t n_nodes;
	struct rulec_tag *tags;
	size_t n_tags;
	struct rulec_macro *macros;
	size_t n_macros;
	unsigned int n_rules;
	struct rulec_error *err;
};

/* Say what is wrong with @at; false */
bool rulec_fail(struct rulec *c, const struct rulec_node *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Its text, or the macro argument it stands for */
const char *rulec_value(const struct rulec_env *env, const struct rulec_node *node);
/* Decimal, or hexadecimal after 0x, all of @text */
bool rulec_number(const char *text, int64_t *n);

/* rulec_lex.c: false if there is no memory */
bool rulec_lex(struct rulec *c, const char *text, size_t len);
/* May a definition have this name? */
bool rulec_name_valid(const char *name);

/* rulec_match.c: one match with its arguments from @node on, appended to
 * @rules; the token behind it, or NULL in @next at the end.
 */
bool rulec_match(struct rulec *c, const struct rulec_env *env,
		 const struct rulec_node *node, json_t *rules,
		 const struct rulec_node **next);
/* The hexadecimal digits of an address or MAC, exactly @digits of them */
bool rulec_hex(const char *text, size_t digits, uint64_t *n);
bool rulec_is_match(const char *word);

#endif /* KZT_RULEC_TREE_H */
