// SPDX-License-Identifier: GPL-2.0
/* Plug-in of ip(8): ip link add zt0 type kzt network NWID, ip -d link show. */
#include "link_util.h"
#include <linux/kzt.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_MAX 1024	/* bytes that ip keeps for attributes */

extern struct link_util kzt_link_util;

static void help(FILE *f)
{
	fprintf(f, "Usage: ... kzt [ network NWID ]\n\n"
		   "NWID: network id, 16 hexadecimal digits\n");
}

static int parse_nwid(const char *word, uint64_t *nwid)
{
	if (strlen(word) != 16 ||
	    strspn(word, "0123456789abcdefABCDEF") != 16)
		return -1;
	*nwid = strtoull(word, NULL, 16);
	return *nwid ? 0 : -1;
}

static int kzt_parse_opt(struct link_util *lu, int argc, char **argv,
			 struct nlmsghdr *n)
{
	uint64_t nwid;

	(void)lu;
	for (; argc > 0; argc--, argv++) {
		if (!strcmp(*argv, "help")) {
			help(stdout);
			return -1;
		}
		if (strcmp(*argv, "network")) {
			fprintf(stderr, "kzt: unknown option \"%s\"?\n", *argv);
			help(stderr);
			return -1;
		}
		if (argc < 2 || parse_nwid(argv[1], &nwid)) {
			fprintf(stderr, "kzt: network needs an id of 16 hexadecimal digits\n");
			return -1;
		}
		addattr64(n, REQUEST_MAX, IFLA_KZT_NETWORK, nwid);
		argc--, argv++;
	}
	return 0;
}

/* Attributes of 64 bits are aligned to 32 */
static uint64_t get_u64(const struct rtattr *a)
{
	uint64_t v = 0;

	if (RTA_PAYLOAD(a) >= sizeof(v))
		memcpy(&v, RTA_DATA(a), sizeof(v));
	return v;
}

static void print_word(const char *key, const char *fmt, const char *value)
{
	print_color_string(PRINT_ANY, COLOR_NONE, key, fmt, value);
}

static const char *status_name(const struct rtattr *a)
{
	static const char *const names[] = {
		"requesting-configuration", "ok", "access-denied", "not-found",
		"port-error", "client-too-old", "authentication-required",
	};
	uint32_t v = UINT32_MAX;

	if (RTA_PAYLOAD(a) >= sizeof(v))
		memcpy(&v, RTA_DATA(a), sizeof(v));
	return v < sizeof(names) / sizeof(names[0]) ? names[v] : "unknown";
}

static void kzt_print_opt(struct link_util *lu, FILE *f, struct rtattr *tb[])
{
	char text[20];

	(void)lu;
	(void)f;
	if (!tb)
		return;
	if (tb[IFLA_KZT_NETWORK]) {
		snprintf(text, sizeof(text), "%016llx",
			 (unsigned long long)get_u64(tb[IFLA_KZT_NETWORK]));
		print_word("network", "network %s ", text);
	}
	if (tb[IFLA_KZT_NODE_ADDRESS]) {
		snprintf(text, sizeof(text), "%010llx",
			 (unsigned long long)get_u64(tb[IFLA_KZT_NODE_ADDRESS]));
		print_word("node-address", "node-address %s ", text);
	}
	if (tb[IFLA_KZT_STATUS])
		print_word("status", "status %s ",
			   status_name(tb[IFLA_KZT_STATUS]));
}

static void kzt_print_help(struct link_util *lu, int argc, char **argv, FILE *f)
{
	(void)lu;
	(void)argc;
	(void)argv;
	help(f);
}

/* The name that ip looks up */
struct link_util kzt_link_util = {
	.id = "kzt",
	.maxattr = IFLA_KZT_STATUS,
	.parse_opt = kzt_parse_opt,
	.print_opt = kzt_print_opt,
	.print_help = kzt_print_help,
};
