// SPDX-License-Identifier: GPL-2.0
/* kzt controller: the networks of this node's address, kept by the agent. */
#include "api_client.h"
#include "cmd_controller.h"
#include "match.h"
#include "out.h"
#include <string.h>
#include <time.h>

/* --- words ------------------------------------------------------------------------ */

const char *api_str(const json_t *o, const char *key)
{
	return kzt_get_str(o, key, "");
}

int api_text(json_t *o, const char *field, const char *value)
{
	json_t *v = json_string(value);

	if (!v)
		return kzt_usage("\"%s\" is not UTF-8", value);
	json_object_set_new(o, field, v);
	return KZT_OK;
}

int api_bool(json_t *o, const char *field, const char *value)
{
	bool on;

	if (!kzt_arg_on_off(field, value, &on))
		return KZT_USAGE;
	json_object_set_new(o, field, json_boolean(on));
	return KZT_OK;
}

int api_number(json_t *o, const char *field, const char *value)
{
	uint64_t n;

	if (!kzt_arg_number(field, value, UINT32_MAX, &n))
		return KZT_USAGE;
	json_object_set_new(o, field, json_integer((json_int_t)n));
	return KZT_OK;
}

json_t *api_list(json_t *o, const char *field, const char *value)
{
	json_t *list = json_object_get(o, field);

	if (!list) {
		list = json_array();
		json_object_set_new(o, field, list);
	}
	return strcmp(value, "none") ? list : NULL;
}

int api_keys(const struct api_key *keys, json_t *o, int argc, char **argv, int i)
{
	const char *value;
	int k, err;

	for (; i < argc; i++) {
		k = kzt_arg_table(argv[i], keys, sizeof(*keys));
		if (k < 0)
			return KZT_USAGE;
		value = kzt_arg_value(argc, argv, &i);
		if (!value)
			return KZT_USAGE;
		err = keys[k].set(o, keys[k].field, value);
		if (err)
			return err;
	}
	return KZT_OK;
}

/* --- what happened -------------------------------------------------------------------- */

static int controller_changes(int argc, char **argv)
{
	json_t *list = NULL;
	const json_t *v;
	size_t i;
	int err;

	if (argc > 1)
		return kzt_arg_surplus(argv[1]);
	err = kzt_api("GET", "/controller/changes", NULL, "controller", &list);
	if (err)
		return err;
	if (kzt_json)
		return kzt_print_json(json_pack("{s:o}", "changes", list));
	json_array_foreach(list, i, v) {
		time_t at = (time_t)(json_integer_value(json_object_get(v, "at")) / 1000);
		const char *address = api_str(v, "address");
		char when[32];
		struct tm tm;

		strftime(when, sizeof(when), "%F %T", localtime_r(&at, &tm));
		printf("%s  %-12s  %s%s%s\n", when, api_str(v, "what"), api_str(v, "nwid"),
		       strcmp(address, "0000000000") ? "  " : "",
		       strcmp(address, "0000000000") ? address : "");
	}
	json_decref(list);
	return KZT_OK;
}

int cmd_controller(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "network", cmd_controller_network, NULL, "networks" },
		{ "member", cmd_controller_member, NULL, "their members" },
		{ "import", kzt_controller_import, "DIR",
		  "take over networks and members of another controller, by the files in its home" },
		{ "changes", controller_changes, "", "what changed lately" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt controller", argc, argv);
}
