// SPDX-License-Identifier: GPL-2.0
/*
 * Completion: the words of a usage stand for themselves, and words in capitals
 * for what there is: networks, peers, devices, namespaces, files.
 */
#include "complete.h"
#include "kzt.h"
#include "netns.h"
#include "nl.h"
#include <dirent.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void kzt_offer(const char *name, size_t len, const char *begin)
{
	size_t want = strlen(begin);

	if (len && want <= len && !strncmp(name, begin, want))
		printf("%.*s\n", (int)len, name);
}

/* --- what there is -------------------------------------------------------------------- */

static int offer_cb(const struct nlmsghdr *nlh, void *data)
{
	bool peer = kzt_nl_cmd(nlh) == KZT_CMD_PEER_GET;
	const struct nlattr *tb[KZT_A_NETWORK_MAX > KZT_A_PEER_MAX ?
				KZT_A_NETWORK_MAX + 1 : KZT_A_PEER_MAX + 1];
	char text[20];

	kzt_nl_attrs(nlh, tb, peer ? KZT_A_PEER_MAX : KZT_A_NETWORK_MAX);
	snprintf(text, sizeof(text), peer ? "%010llx" : "%016llx", (unsigned long long)
		 kzt_attr_uint(tb[peer ? KZT_A_PEER_ADDRESS : KZT_A_NETWORK_ID], 0));
	kzt_offer(text, strlen(text), data);
	return MNL_CB_OK;
}

static void offer_objects(uint8_t cmd, const char *begin)
{
	static struct kzt_nl nl;

	if (kzt_nl_open(&nl))
		return;
	kzt_nl_simple(&nl, cmd, NLM_F_DUMP, offer_cb, (void *)begin);
	kzt_nl_close(&nl);
}

static void offer_devices(const char *begin)
{
	struct if_nameindex *list = if_nameindex(), *i;

	for (i = list; i && i->if_index; i++)
		kzt_offer(i->if_name, strlen(i->if_name), begin);
	if_freenameindex(list);
}

static void offer_namespaces(const char *begin)
{
	DIR *dir = opendir("/run/netns");
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (*e->d_name != '.')
			kzt_offer(e->d_name, strlen(e->d_name), begin);
	if (dir)
		closedir(dir);
}

static void offer_kind(const char *word, size_t len, const char *begin)
{
	static const struct { const char *word; uint8_t cmd; } objects[] = {
		{ "NWID", KZT_CMD_NETWORK_GET }, { "ADDRESS", KZT_CMD_PEER_GET },
	};
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (len == strlen(objects[i].word) && !strncmp(word, objects[i].word, len))
			offer_objects(objects[i].cmd, begin);
	if ((len == 4 && !strncmp(word, "FILE", 4)) ||
	    (len == 3 && (!strncmp(word, "DIR", 3) || !strncmp(word, "OUT", 3))) ||
	    (len == 8 && !strncmp(word, "IDENTITY", 8)))
		puts("<FILE>");
	else if (len == 3 && !strncmp(word, "DEV", 3))
		offer_devices(begin);
	else if (len == 2 && !strncmp(word, "NS", 2))
		offer_namespaces(begin);
}

/* --- usages ----------------------------------------------------------------------------- */

/* A token of a usage, without brackets and what repeats it */
static const char *token(const char **at, size_t *len)
{
	static const char marks[] = "[]|.,(){} ";
	const char *t;

	*at += strspn(*at, marks);
	t = *at;
	*len = strcspn(t, marks);
	*at += *len;
	return *len ? t : NULL;
}

static bool is_value(const char *t, size_t len)
{
	return len && *t >= 'A' && *t <= 'Z';
}

static bool value_after(const char *usage, const char *key, const char *begin)
{
	const char *t, *at = usage;
	size_t len;

	while ((t = token(&at, &len))) {
		if (is_value(t, len) || strlen(key) > len || strncmp(t, key, strlen(key)))
			continue;
		if (*at == '|')		/* one of some words, not a key */
			return false;
		t = token(&at, &len);
		if (!t || (!is_value(t, len) && *at != '|'))
			return false;
		offer_kind(t, len, begin);
		while (!is_value(t, len)) {
			kzt_offer(t, len, begin);
			if (*at != '|' || !(t = token(&at, &len)))
				break;
		}
		return true;
	}
	return false;
}

void kzt_complete_usage(const char *usage, int argc, char **argv)
{
	const char *begin = argv[argc - 1], *at = usage, *t;
	bool key = false, is_of_key = false;
	size_t len;
	int i;

	/* The first words have fixed places */
	for (i = 1; (t = token(&at, &len)) && is_value(t, len); i++) {
		if (i < argc)
			continue;
		offer_kind(t, len, begin);
		if (t == usage || t[-1] != '[')
			return;
		break;		/* it may be left out, and a key stand here */
	}
	if (argc > 1 && value_after(usage, argv[argc - 2], begin))
		return;
	/* One of several words is the value of the key before them, if there is one */
	for (at = usage; (t = token(&at, &len));) {
		bool first = t == usage || t[-1] != '|', choice = *at == '|' || !first;

		if (first)
			is_of_key = key;
		if (!is_value(t, len) && !(choice && is_of_key))
			kzt_offer(t, len, begin);
		key = !choice && !is_value(t, len);
	}
}

int kzt_complete_options(int argc, char **argv)
{
	const char *last = argc > 1 ? argv[argc - 1] : "";
	int i = 1, fd;

	while (i < argc && argv[i][0] == '-') {
		bool ns = !strcmp(argv[i], "-n");

		if (i == argc - 1) {
			kzt_offer("-j", 2, last);
			kzt_offer("-n", 2, last);
			return 0;
		}
		i++;
		if (!ns)
			continue;
		if (i == argc - 1) {
			offer_namespaces(last);
			return 0;
		}
		fd = kzt_netns_open(argv[i++]);
		if (fd < 0 || setns(fd, CLONE_NEWNET))
			return 0;	/* nothing to offer from there */
		close(fd);
	}
	memmove(argv + 1, argv + i, (size_t)(argc - i + 1) * sizeof(*argv));
	return argc - i + 1;
}
