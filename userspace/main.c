// SPDX-License-Identifier: GPL-2.0
/* kzt(8): options, the table of objects, and how words find their command. */
#include "complete.h"
#include "kzt.h"
#include "match.h"
#include "netns.h"
#include "nl.h"
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

bool kzt_json;
const char *kzt_netns;
static bool completing;		/* print the words that fit, run nothing */

/* No usage: the object's own table follows */
static const struct kzt_cmd objects[] = {
	{ "node", cmd_node, NULL, "the node of this network namespace" },
	{ "identity", cmd_identity, NULL, "make, check and use identities" },
	{ "peer", cmd_peer, NULL, "other nodes" },
	{ "path", cmd_path, NULL, "ways to other nodes" },
	{ "policy", cmd_policy, NULL, "how several paths of a peer are used" },
	{ "network", cmd_network, NULL, "join, leave and show networks" },
	{ "member", cmd_member, NULL, "members of a network" },
	{ "multicast", cmd_multicast, NULL, "multicast groups of a network" },
	{ "fdb", cmd_fdb, NULL, "MAC addresses behind bridges of a network" },
	{ "rules", cmd_rules, NULL, "rules of a network" },
	{ "controller", cmd_controller, NULL, "the networks of this node's address" },
	{ "world", cmd_world, NULL, "planets: the roots" },
	{ "moon", cmd_moon, NULL, "moons: more roots" },
	{ "ping", cmd_ping, "ADDRESS [-p] [-c N] [-i SECONDS]",
	  "ask a peer for an echo; -p over each path" },
	{ "message", cmd_message, NULL, "short messages to peers" },
	{ "explain", cmd_explain, "ADDRESS",
	  "why a peer is direct, relayed or silent" },
	{ "drops", cmd_drops, "", "dropped packets by reason" },
	{ "metrics", cmd_metrics, "", "counters for Prometheus" },
	{ "monitor", cmd_monitor, "[node] [peer] [network] [probe] [message] [plan]",
	  "print events as they come" },
	{ "top", cmd_top, "[-i SECONDS] [-c N]", "peers by what they move, again and again" },
	{ "decode", cmd_decode, "FILE", "the packets in a capture" },
	{ "apply", cmd_apply, "FILE", "make everything as a configuration file says" },
	{ "show-config", cmd_show_config, "", "such a file, of how things are" },
	{ "import", cmd_import, "DIR [dry-run] [state DIR] [config FILE]",
	  "take over the home of another installation" },
	{ "wait", cmd_wait, NULL, "wait until something is up" },
	{ NULL, NULL, NULL, NULL },
};

int kzt_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("kzt: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	return KZT_FAIL;
}

int kzt_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("kzt: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	return KZT_USAGE;
}

int kzt_print_json(json_t *doc)
{
	int err = !doc || json_dumpf(doc, stdout, JSON_COMPACT) ||
		  putchar('\n') == EOF || fflush(stdout);

	json_decref(doc);
	return err ? kzt_fail("cannot write the answer") : KZT_OK;
}

static void table_usage(FILE *f, const struct kzt_cmd *table, const char *object)
{
	const char *head = "Usage:";

	for (; table->name; table++) {
		fprintf(f, "%-6s %s %s%s%s\n", head, object, table->name,
			table->usage ? (*table->usage ? " " : "") : " ...",
			table->usage ? table->usage : "");
		if (table->doc)
			fprintf(f, "           %s\n", table->doc);
		head = "";
	}
}

static int complete(const struct kzt_cmd *table, int argc, char **argv)
{
	const struct kzt_cmd *cmd;
	int n;

	if (argc <= 2) {
		const char *begin = argc == 2 ? argv[1] : "";

		for (; table->name; table++)
			kzt_offer(table->name, strlen(table->name), begin);
		kzt_offer("help", 4, begin);
		return KZT_OK;
	}
	n = kzt_match_table(argv[1], table, sizeof(*table));
	if (n < 0)
		return KZT_OK;
	cmd = table + n;
	if (!cmd->usage)	/* only a table: it runs nothing */
		return cmd->run(argc - 1, argv + 1);
	kzt_complete_usage(cmd->usage, argc - 2, argv + 2);
	return KZT_OK;
}

int kzt_dispatch(const struct kzt_cmd *table, const char *object, int argc,
		 char **argv)
{
	const struct kzt_cmd *cmd;
	int n;

	if (completing)
		return complete(table, argc, argv);
	if (argc < 2) {
		table_usage(stderr, table, object);
		return KZT_USAGE;
	}
	n = kzt_match_table(argv[1], table, sizeof(*table));
	if (n < 0 && (kzt_match(argv[1], "help") || !strcmp(argv[1], "-h") ||
		      !strcmp(argv[1], "--help"))) {
		table_usage(stdout, table, object);
		return KZT_OK;
	}
	if (n == KZT_AMBIGUOUS)
		return kzt_match_told(argv[1], table, sizeof(*table));
	if (n < 0)
		return kzt_usage("there is no \"%s\", see \"%s help\"", argv[1], object);
	cmd = table + n;
	if (cmd->usage && argc == 3 && !strcmp(argv[2], "help")) {
		const struct kzt_cmd one[] = { *cmd, { NULL, NULL, NULL, NULL } };

		table_usage(stdout, one, object);
		return KZT_OK;
	}
	return cmd->run(argc - 1, argv + 1);
}

/* --- options ------------------------------------------------------------------------ */

static int usage(FILE *f)
{
	fputs("Usage: kzt [-j] [-n NETNS] [OBJECT VERB ...]\n"
	      "       kzt -V\n"
	      "Without an object: a summary of the node, its networks and peers.\n"
	      "-j: answer in JSON; -n: in the namespace of that name; \"help\" after\n"
	      "any object.  See kzt(8).\n", f);
	table_usage(f, objects, "kzt");
	return f == stderr ? KZT_USAGE : KZT_OK;
}

static int enter_netns(const char *name)
{
	int fd = kzt_netns_open(name), err = 0;

	if (fd < 0)
		return kzt_fail("no network namespace \"%s\": %s", name,
				strerror(errno));
	if (setns(fd, CLONE_NEWNET))
		err = kzt_fail("cannot enter the network namespace \"%s\": %s",
			       name, strerror(errno));
	close(fd);
	kzt_netns = name;
	return err;
}

/* -j may stand anywhere: no value of any command looks like it */
static int strip_json(int argc, char **argv)
{
	int i, n = 1;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-j") || !strcmp(argv[i], "--json") ||
		    !strcmp(argv[i], "-json"))
			kzt_json = true;
		else
			argv[n++] = argv[i];
	}
	argv[n] = NULL;
	return n;
}

int main(int argc, char **argv)
{
	static char self[] = "kzt";
	int i, err;

	if (argc > 1 && !strcmp(argv[1], "__complete")) {
		completing = true;
		argc = kzt_complete_options(argc - 1, argv + 1);
		return argc ? kzt_dispatch(objects, "kzt", argc, argv + 1) : KZT_OK;
	}
	argc = strip_json(argc, argv);
	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "-V") || !strcmp(argv[i], "--version")) {
			printf("kzt %s\n", KZT_TOOL_VERSION);
			return KZT_OK;
		}
		if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help"))
			return usage(stdout);
		if (strcmp(argv[i], "-n") && strcmp(argv[i], "-netns") &&
		    strcmp(argv[i], "--netns"))
			return kzt_usage("unknown option \"%s\", see \"kzt help\"",
					 argv[i]);
		if (++i == argc)
			return kzt_usage("-n needs the name of a network namespace");
		err = enter_netns(argv[i]);
		if (err)
			return err;
	}
	if (i == argc) {
		argv[0] = self;
		return cmd_summary(1, argv);
	}
	if (kzt_match(argv[i], "help"))
		return usage(stdout);
	argv[i - 1] = self;
	err = kzt_dispatch(objects, "kzt", argc - i + 1, argv + i - 1);
	if (fflush(stdout) && !err)
		err = kzt_fail("cannot write the answer: %s", strerror(errno));
	return err;
}
