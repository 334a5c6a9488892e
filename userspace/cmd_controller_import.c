// SPDX-License-Identifier: GPL-2.0
/*
 * kzt controller import: networks and members that the reference's controller
 * keeps as files (spec 2.18, controller.d), posted to the agent as scripts would.
 * Nothing there is changed.
 */
#include "api_client.h"
#include "cmd_controller.h"
#include "out.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OBJECT_MAX (4 << 20)	/* as the API takes it */

/**
 * struct import - one run
 * @dir: controller.d/network
 * @self: address whose networks the agent serves
 * @have: ids of those that it has already
 * @nwid: network whose members come
 * @report: for JSON
 * @err: exit status
 */
struct import {
	char dir[PATH_MAX];
	const char *self;
	const json_t *have;
	char nwid[17];
	json_t *report;
	unsigned int members;
	int err;
};

static void say(struct import *m, bool taken, const char *item, const char *why)
{
	if (kzt_json)
		json_array_append_new(m->report, json_pack("{s:s,s:b,s:s}", "item", item,
				      "taken", taken, "why", why));
	else
		printf("%s %-40s %s\n", taken ? "took" : "left", item, why);
}

/* An object; NULL with what is wrong in @why */
static json_t *read_object(const char *path, const char **why)
{
	json_error_t error;
	struct stat st;
	json_t *o;

	*why = "it cannot be read";
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return NULL;
	*why = "it is too long";
	if (st.st_size > OBJECT_MAX)
		return NULL;
	*why = "it is not a JSON object";
	o = json_load_file(path, 0, &error);
	if (json_is_object(o))
		return o;
	json_decref(o);
	return NULL;
}

/* fn for each file NAME.json with a name of @digits hexadecimal digits */
static void each(struct import *m, const char *dir, size_t digits,
		 void (*fn)(struct import *m, const char *path, const char *name))
{
	struct dirent **list;
	char path[2 * PATH_MAX], name[17];
	int i, n = scandir(dir, &list, NULL, alphasort);

	for (i = 0; i < n; i++) {
		const char *file = list[i]->d_name;

		if (strspn(file, "0123456789abcdef") == digits &&
		    !strcmp(file + digits, ".json") && m->err != KZT_ABSENT) {
			snprintf(path, sizeof(path), "%s/%s", dir, file);
			snprintf(name, sizeof(name), "%.*s", (int)digits, file);
			fn(m, path, name);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static void import_member(struct import *m, const char *path, const char *address)
{
	char item[API_PATH_MAX], url[API_PATH_MAX];
	const char *why;
	json_t *o = read_object(path, &why);
	int err;

	snprintf(item, sizeof(item), "%s/member/%s", m->nwid, address);
	if (!o) {
		say(m, false, item, why);
		return;
	}
	snprintf(url, sizeof(url), "/controller/network/%s/member/%s", m->nwid, address);
	err = kzt_api("POST", url, o, "network", NULL);
	if (err) {
		say(m, false, item, "the controller refuses it");
		m->err = err;
	} else {
		m->members++;
	}
}

static void import_network(struct import *m, const char *path, const char *nwid)
{
	char url[API_PATH_MAX], dir[2 * PATH_MAX], text[64];
	const char *why = NULL;
	json_t *o = NULL;
	int err;

	if (strncmp(nwid, m->self, 10))
		why = "it is of another controller: import that one's identity first";
	else if (kzt_has_word(m->have, nwid))
		why = "there is one of this id already";
	else
		o = read_object(path, &why);
	if (!o) {
		say(m, false, nwid, why);
		return;
	}
	snprintf(url, sizeof(url), "/controller/network/%s", nwid);
	err = kzt_api("POST", url, o, "network", NULL);
	if (err) {
		say(m, false, nwid, "the controller refuses it");
		m->err = err;
		return;
	}
	snprintf(m->nwid, sizeof(m->nwid), "%s", nwid);
	snprintf(dir, sizeof(dir), "%s/%s/member", m->dir, nwid);
	m->members = 0;
	each(m, dir, 10, import_member);
	snprintf(text, sizeof(text), "%u members", m->members);
	say(m, true, nwid, text);
}

/* The home itself, or its controller.d */
static int find_dir(struct import *m, const char *word)
{
	static const char *const below[] = { "/controller.d/network", "/network" };
	size_t i;

	for (i = 0; i < 2; i++) {
		if (snprintf(m->dir, sizeof(m->dir), "%s%s", word, below[i]) <
		    (int)sizeof(m->dir) && !access(m->dir, R_OK | X_OK))
			return KZT_OK;
	}
	return kzt_fail("%s: there is no controller.d/network", word);
}

int kzt_controller_import(int argc, char **argv)
{
	struct import m = { .err = KZT_OK };
	json_t *status = NULL, *have = NULL;
	int err;

	if (argc != 2)
		return kzt_usage("controller import needs the home of the other controller");
	err = find_dir(&m, argv[1]);
	if (!err)
		err = kzt_api("GET", "/status", NULL, "node", &status);
	if (!err)
		err = kzt_api("GET", "/controller/network", NULL, "controller", &have);
	if (!err) {
		m.self = api_str(status, "address");
		m.have = have;
		m.report = json_array();
		each(&m, m.dir, 16, import_network);
		err = m.err;
		if (kzt_json)
			kzt_print_json(json_pack("{s:o}", "import", m.report));
		else
			json_decref(m.report);
	}
	json_decref(status);
	json_decref(have);
	return err;
}
