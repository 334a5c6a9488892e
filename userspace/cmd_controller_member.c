// SPDX-License-Identifier: GPL-2.0
/* kzt controller member: who may be on a network, and with what. */
#include "api_client.h"
#include "cmd_controller.h"
#include "out.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER_KEYS "[name NAME] [ip IP|none]... [auto on|off] [bridge on|off] " \
	"[tag ID=VALUE|none]... [capability ID|none]..."

/* --- values -------------------------------------------------------------------- */

static int set_ip(json_t *o, const char *field, const char *value)
{
	json_t *list = api_list(o, field, value);
	uint8_t raw[16];

	if (!list)
		return KZT_OK;
	if (inet_pton(strchr(value, ':') ? AF_INET6 : AF_INET, value, raw) != 1)
		return kzt_usage("\"%s\" is not an IP address", value);
	json_array_append_new(list, json_string(value));
	return KZT_OK;
}

/* "auto on" is what the API calls noAutoAssignIps false */
static int set_auto(json_t *o, const char *field, const char *value)
{
	bool on;

	if (!kzt_arg_on_off("auto", value, &on))
		return KZT_USAGE;
	json_object_set_new(o, field, json_boolean(!on));
	return KZT_OK;
}

static int set_tag(json_t *o, const char *field, const char *value)
{
	json_t *list = api_list(o, field, value);
	const char *equals = strchr(value, '=');
	uint64_t id, n;
	char word[24];

	if (!list)
		return KZT_OK;
	if (!equals || (size_t)(equals - value) >= sizeof(word))
		return kzt_usage("\"%s\" is not ID=VALUE", value);
	memcpy(word, value, (size_t)(equals - value));
	word[equals - value] = 0;
	if (!kzt_arg_number("tag", word, UINT32_MAX, &id) ||
	    !kzt_arg_number("tag", equals + 1, UINT32_MAX, &n))
		return KZT_USAGE;
	json_array_append_new(list, json_pack("[I,I]", (json_int_t)id, (json_int_t)n));
	return KZT_OK;
}

static int set_capability(json_t *o, const char *field, const char *value)
{
	json_t *list = api_list(o, field, value);
	uint64_t id;

	if (!list)
		return KZT_OK;
	if (!kzt_arg_number("capability", value, UINT32_MAX, &id))
		return KZT_USAGE;
	json_array_append_new(list, json_integer((json_int_t)id));
	return KZT_OK;
}

static const struct api_key keys[] = {
	{ "name", api_text, "name" },
	{ "ip", set_ip, "ipAssignments" },
	{ "auto", set_auto, "noAutoAssignIps" },
	{ "bridge", api_bool, "activeBridge" },
	{ "tag", set_tag, "tags" },
	{ "capability", set_capability, "capabilities" },
	{ NULL, NULL, NULL },
};

/* --- text -------------------------------------------------------------------------- */

static void print_values(const char *what, const json_t *list)
{
	const json_t *v;
	size_t i;

	if (!json_array_size(list))
		return;
	printf("  %s:", what);
	json_array_foreach(list, i, v) {
		if (json_is_string(v))
			printf(" %s", json_string_value(v));
		else if (json_is_integer(v))
			printf(" %lld", (long long)json_integer_value(v));
		else
			printf(" %lld=%lld",
			       (long long)json_integer_value(json_array_get(v, 0)),
			       (long long)json_integer_value(json_array_get(v, 1)));
	}
	putchar('\n');
}

static void print_member(const json_t *m)
{
	printf("member: %s%s%s %s%s\n", kzt_bold(), api_str(m, "address"), kzt_plain(),
	       kzt_get_bool(m, "authorized") ? "authorized" : "not authorized",
	       kzt_get_bool(m, "activeBridge") ? ", bridge" : "");
	if (*api_str(m, "name"))
		printf("  name: %s\n", api_str(m, "name"));
	print_values("addresses", json_object_get(m, "ipAssignments"));
	print_values("tags", json_object_get(m, "tags"));
	print_values("capabilities", json_object_get(m, "capabilities"));
	if (json_integer_value(json_object_get(m, "vMajor")) >= 0)
		printf("  version: %llu.%llu.%llu\n",
		       (unsigned long long)kzt_get_int(m, "vMajor", 0),
		       (unsigned long long)kzt_get_int(m, "vMinor", 0),
		       (unsigned long long)kzt_get_int(m, "vRev", 0));
	if (*api_str(m, "identity"))
		printf("  identity: %s\n", api_str(m, "identity"));
}

static int show_one(json_t *m)
{
	if (kzt_json)
		return kzt_print_json(json_pack("{s:o}", "member", m));
	print_member(m);
	json_decref(m);
	return KZT_OK;
}

static void print_table(const json_t *list)
{
	const json_t *v, *ip;
	size_t i, k;

	if (json_array_size(list))
		printf("%-10s  %-10s  %-20s  %s\n", "ADDRESS", "AUTHORIZED", "NAME", "IP");
	json_array_foreach(list, i, v) {
		printf("%-10s  %-10s  %-20s ", api_str(v, "address"),
		       kzt_get_bool(v, "authorized") ? "yes" : "no", api_str(v, "name"));
		json_array_foreach(json_object_get(v, "ipAssignments"), k, ip)
			printf(" %s", json_string_value(ip));
		putchar('\n');
	}
}

/* --- commands -------------------------------------------------------------------- */

static bool member_path(int argc, char **argv, char path[API_PATH_MAX])
{
	uint64_t nwid, address;

	if (argc < 3) {
		kzt_usage("controller member %s needs a network id and an address", argv[0]);
		return false;
	}
	if (!kzt_arg_nwid(argv[1], &nwid) || !kzt_arg_address(argv[2], &address))
		return false;
	snprintf(path, API_PATH_MAX, "/controller/network/" KZT_PRIX64 "/member/" KZT_PRIADDR,
		 (unsigned long long)nwid, (unsigned long long)address);
	return true;
}

static int post(int argc, char **argv, json_t *o)
{
	char path[API_PATH_MAX];
	json_t *reply = NULL;
	int err = KZT_USAGE;

	if (member_path(argc, argv, path))
		err = api_keys(keys, o, argc, argv, 3);
	if (err) {
		json_decref(o);
		return err;
	}
	err = kzt_api("POST", path, o, "network", &reply);
	return err ? err : show_one(reply);
}

static int member_authorize(int argc, char **argv)
{
	return post(argc, argv, json_pack("{s:b}", "authorized", 1));
}

static int member_deauthorize(int argc, char **argv)
{
	if (argc > 3)
		return kzt_arg_surplus(argv[3]);
	return post(argc, argv, json_pack("{s:b}", "authorized", 0));
}

static int member_set(int argc, char **argv)
{
	if (argc < 4)
		return kzt_usage("controller member set needs NWID, ADDRESS and what to set");
	return post(argc, argv, json_object());
}

static int member_show(int argc, char **argv)
{
	char path[API_PATH_MAX];
	json_t *reply = NULL;
	uint64_t nwid;
	int err;

	if (argc > 3)
		return kzt_arg_surplus(argv[3]);
	if (argc == 3) {
		if (!member_path(argc, argv, path))
			return KZT_USAGE;
		err = kzt_api("GET", path, NULL, "member", &reply);
		return err ? err : show_one(reply);
	}
	if (argc != 2)
		return kzt_usage("controller member show needs a network id");
	if (!kzt_arg_nwid(argv[1], &nwid))
		return KZT_USAGE;
	snprintf(path, sizeof(path), "/unstable/controller/network/" KZT_PRIX64 "/member",
		 (unsigned long long)nwid);
	err = kzt_api("GET", path, NULL, "network", &reply);
	if (err)
		return err;
	if (kzt_json)
		err = kzt_print_json(json_pack("{s:O}", "members",
					       json_object_get(reply, "data")));
	else
		print_table(json_object_get(reply, "data"));
	json_decref(reply);
	return err;
}

static int member_del(int argc, char **argv)
{
	char path[API_PATH_MAX];

	if (argc > 3)
		return kzt_arg_surplus(argv[3]);
	if (!member_path(argc, argv, path))
		return KZT_USAGE;
	return kzt_api("DELETE", path, NULL, "member", NULL);
}

int cmd_controller_member(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "authorize", member_authorize, "NWID ADDRESS " MEMBER_KEYS,
		  "let a node onto the network" },
		{ "deauthorize", member_deauthorize, "NWID ADDRESS", "cut it off" },
		{ "set", member_set, "NWID ADDRESS " MEMBER_KEYS,
		  "change it; a list that is given takes the place of the old one" },
		{ "show", member_show, "NWID [ADDRESS]", "print members" },
		{ "del", member_del, "NWID ADDRESS",
		  "forget a member; it may ask again" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt controller member", argc, argv);
}
