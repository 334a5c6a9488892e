/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What iproute2 (5.x to 6.x) and its link plug-ins tell each other.  Debian
 * ships no header for it.  Members have only been added at the end since.
 */
#ifndef KZT_LINK_UTIL_H
#define KZT_LINK_UTIL_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>

struct link_util {
	struct link_util *next;
	const char *id;
	int maxattr;
	int (*parse_opt)(struct link_util *lu, int argc, char **argv,
			 struct nlmsghdr *n);
	void (*print_opt)(struct link_util *lu, FILE *f, struct rtattr *tb[]);
	void (*print_xstats)(struct link_util *lu, FILE *f, struct rtattr *xstats);
	void (*print_help)(struct link_util *lu, int argc, char **argv, FILE *f);
	int (*parse_ifla_xstats)(struct link_util *lu, int argc, char **argv);
	int (*print_ifla_xstats)(struct nlmsghdr *n, void *arg);
};

/* Of the ip program itself, which exports them */
enum output_type { PRINT_FP = 1, PRINT_JSON = 2, PRINT_ANY = 4 };
enum color_attr { COLOR_NONE = 6 };

int addattr64(struct nlmsghdr *n, int maxlen, int type, uint64_t data);
int print_color_string(enum output_type type, enum color_attr color,
		       const char *key, const char *fmt, const char *value);

#endif /* KZT_LINK_UTIL_H */
