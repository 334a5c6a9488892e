// SPDX-License-Identifier: GPL-2.0
/* Names that people give to peers; kzt(8) shows them beside the addresses. */
#include "agent.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "aliases.json"
#define FILE_MAX (256 << 10)
#define ALIASES_MAX 4096
#define NAME_MAX_BYTES 32

/* Letters, digits and a few signs: it is printed on terminals and in labels */
static bool name_ok(const char *name)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return strlen(name) <= NAME_MAX_BYTES && !name[strspn(name, set)];
}

static bool alias_ok(const char *address, const json_t *name)
{
	return strlen(address) == 10 && !address[strspn(address, "0123456789abcdef")] &&
	       json_is_string(name) && name_ok(json_string_value(name));
}

void agent_alias_load(struct agent *a)
{
	char *text = malloc(FILE_MAX);
	const char *address;
	json_t *doc, *name;
	json_error_t why;
	ssize_t n;

	json_decref(a->aliases);
	a->aliases = json_object();
	n = text ? agent_state_read(&a->state, FILE_NAME, text, FILE_MAX) : -ENOMEM;
	doc = n < 0 ? NULL : json_loadb(text, (size_t)n, 0, &why);
	free(text);
	if (!json_is_object(doc) && n != -ENOENT)
		agent_log(LOG_ERR, "%s/" FILE_NAME " is damaged: peers have no names",
			  a->state.path);
	json_object_foreach(doc, address, name)
		if (alias_ok(address, name))
			json_object_set(a->aliases, address, name);
	json_decref(doc);
}

static int alias_save(struct agent *a, char err[AGENT_ERR])
{
	char *text = json_dumps(a->aliases, JSON_INDENT(1) | JSON_SORT_KEYS);
	int code = text ? agent_state_write(&a->state, FILE_NAME, text,
					    strlen(text)) : -ENOMEM;

	free(text);
	return code ? agent_err(err, code, "cannot write %s/" FILE_NAME ": %s",
				a->state.path, strerror(-code)) : 0;
}

int agent_alias_set(struct agent *a, uint64_t address, const char *name,
		    char err[AGENT_ERR])
{
	char key[16];

	snprintf(key, sizeof(key), "%010" PRIx64, address);
	if (!name_ok(name))
		return agent_err(err, -EINVAL, "a name has up to %d letters, digits, dots, dashes or underscores",
				 NAME_MAX_BYTES);
	if (!*name)
		json_object_del(a->aliases, key);
	else if (!json_object_get(a->aliases, key) &&
		 json_object_size(a->aliases) >= ALIASES_MAX)
		return agent_err(err, -ENOSPC, "there are %d names already", ALIASES_MAX);
	else
		json_object_set_new(a->aliases, key, json_string(name));
	return alias_save(a, err);
}

json_t *agent_alias_json(struct agent *a)
{
	return json_incref(a->aliases);
}
