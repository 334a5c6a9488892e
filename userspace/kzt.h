/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands of kzt(8) share: the command tables, errors, options. */
#ifndef KZT_KZT_H
#define KZT_KZT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Exit status, a contract with scripts */
enum kzt_exit {
	KZT_OK = 0,
	KZT_FAIL = 1,		/* refused or failed, one sentence on stderr */
	KZT_USAGE = 2,
	KZT_ABSENT = 3,		/* no module, no agent */
	KZT_TIMEOUT = 4,	/* a wait timed out */
};

/**
 * struct kzt_cmd - one word of the command line and what it does
 * @name: the word; an unambiguous abbreviation is enough
 * @run: called with argv[0] the word itself; returns enum kzt_exit
 * @usage: what follows the word, as in ip(8), or NULL for none
 * @doc: one line
 */
struct kzt_cmd {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage;
	const char *doc;
};

extern bool kzt_json;		/* -j */
extern const char *kzt_netns;	/* -n NS, entered already; NULL if none */

/* Find argv[1] in the table (which ends with a NULL name) and run it. "help"
 * and a wrong or missing word print the table's usage. @object: the words
 * before, "kzt identity", for messages.
 */
int kzt_dispatch(const struct kzt_cmd *table, const char *object, int argc,
		 char **argv);

/* Print "kzt: " and one sentence on stderr; return KZT_FAIL / KZT_USAGE. */
int kzt_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int kzt_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Print one JSON document with a newline, and free it. */
int kzt_print_json(json_t *doc);

/* Whether @word abbreviates @full ("addr" for "address"). */
bool kzt_match(const char *word, const char *full);

/* Rules, capabilities and tags of a file in the rules language; NULL with a
 * sentence printed
 */
json_t *kzt_compile_rules(const char *path);

/* cmd_*.c; each takes argv[0] == its object */
int cmd_summary(int argc, char **argv);
int cmd_identity(int argc, char **argv);
int cmd_world(int argc, char **argv);
int cmd_moon(int argc, char **argv);
int cmd_node(int argc, char **argv);
int cmd_peer(int argc, char **argv);
int cmd_path(int argc, char **argv);
int cmd_policy(int argc, char **argv);
int cmd_network(int argc, char **argv);
int cmd_rules(int argc, char **argv);
int cmd_rules_compile(int argc, char **argv);
int cmd_member(int argc, char **argv);
int cmd_controller(int argc, char **argv);
int cmd_multicast(int argc, char **argv);
int cmd_ping(int argc, char **argv);
int cmd_message(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_drops(int argc, char **argv);
int cmd_metrics(int argc, char **argv);
int cmd_monitor(int argc, char **argv);
int cmd_fdb(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_decode(int argc, char **argv);
int cmd_apply(int argc, char **argv);
int cmd_show_config(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_wait(int argc, char **argv);

#endif /* KZT_KZT_H */
