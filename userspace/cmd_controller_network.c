// SPDX-License-Identifier: GPL-2.0
/* kzt controller network: make, change, show and delete networks. */
#include "api_client.h"
#include "cmd_controller.h"
#include "decode.h"
#include "out.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define NETWORK_KEYS "[name NAME] [private on|off] [v4 on|off] [v6 LIST|none] " \
	"[route PREFIX[=GATEWAY]|none]... [pool FROM-TO|none]... [mtu BYTES] " \
	"[broadcast on|off] [multicast-limit N] [dns DOMAIN[=SERVER,..]|none] " \
	"[credential-ms N] [rules FILE]"

#define MTU_MIN 1280
#define MTU_MAX 10000

static bool is_ip(const char *text, size_t len)
{
	char ip[INET6_ADDRSTRLEN];
	uint8_t raw[16];

	if (len >= sizeof(ip))
		return false;
	memcpy(ip, text, len);
	ip[len] = 0;
	return inet_pton(strchr(ip, ':') ? AF_INET6 : AF_INET, ip, raw) == 1;
}

/* --- values ------------------------------------------------------------------------ */

static int set_v4(json_t *o, const char *field, const char *value)
{
	bool on;

	if (!kzt_arg_on_off("v4", value, &on))
		return KZT_USAGE;
	json_object_set_new(o, field, json_pack("{s:b}", "zt", on));
	return KZT_OK;
}

static int set_v6(json_t *o, const char *field, const char *value)
{
	const char *p;

	for (p = value; *p && strcmp(value, "none"); p += strcspn(p, ","), p += *p == ',') {
		size_t n = strcspn(p, ",");

		if (!(n == 7 && !strncmp(p, "rfc4193", n)) &&
		    !(n == 6 && !strncmp(p, "6plane", n)) && !(n == 2 && !strncmp(p, "zt", n)))
			return kzt_usage("v6 takes a list of rfc4193, 6plane, zt, or none");
	}
	return api_text(o, field, strcmp(value, "none") ? value : "");
}

/* PREFIX or PREFIX=GATEWAY */
static int set_route(json_t *o, const char *field, const char *value)
{
	json_t *list = api_list(o, field, value);
	const char *via = strchrnul(value, '=');
	struct kzt_out_prefix p;
	char target[64];

	if (!list)
		return KZT_OK;
	if ((size_t)(via - value) >= sizeof(target) ||
	    (*via && !is_ip(via + 1, strlen(via + 1))))
		return kzt_usage("\"%s\" is not PREFIX or PREFIX=GATEWAY", value);
	memcpy(target, value, (size_t)(via - value));
	target[via - value] = 0;
	if (!strchr(target, '/') || !kzt_arg_prefix(target, &p))
		return kzt_usage("\"%s\" is not a prefix, IP/LENGTH", target);
	json_array_append_new(list, json_pack("{s:s,s:s?}", "target", target, "via",
					      *via ? via + 1 : NULL));
	return KZT_OK;
}

/* Of one family, and the first not behind the last */
static bool is_range(const char *from, size_t len, const char *to)
{
	int family = strchr(to, ':') ? AF_INET6 : AF_INET;
	uint8_t low[16] = { 0 }, high[16] = { 0 };
	char ip[INET6_ADDRSTRLEN];

	snprintf(ip, sizeof(ip), "%.*s", (int)len, from);
	return inet_pton(family, ip, low) == 1 && inet_pton(family, to, high) == 1 &&
	       memcmp(low, high, sizeof(low)) <= 0;
}

/* What the API would take as the nearest that there may be */
static int set_mtu(json_t *o, const char *field, const char *value)
{
	uint64_t n;

	if (!kzt_arg_number("mtu", value, MTU_MAX, &n))
		return KZT_USAGE;
	if (n < MTU_MIN)
		return kzt_usage("mtu: a network has at least %d bytes", MTU_MIN);
	return api_number(o, field, value);
}

static int set_pool(json_t *o, const char *field, const char *value)
{
	json_t *list = api_list(o, field, value);
	const char *dash = strchr(value, '-');

	if (!list)
		return KZT_OK;
	if (!dash || !is_ip(value, (size_t)(dash - value)) ||
	    !is_ip(dash + 1, strlen(dash + 1)))
		return kzt_usage("\"%s\" is not a range of addresses, FROM-TO", value);
	if (!is_range(value, (size_t)(dash - value), dash + 1))
		return kzt_usage("\"%s\": from the lower to the higher address of one family", value);
	json_array_append_new(list, json_pack("{s:o,s:s}", "ipRangeStart",
		json_stringn(value, (size_t)(dash - value)), "ipRangeEnd", dash + 1));
	return KZT_OK;
}

static int set_dns(json_t *o, const char *field, const char *value)
{
	const char *p = strchrnul(value, '=');
	json_t *servers;

	if (!strcmp(value, "none")) {
		json_object_set_new(o, field, json_array());
		return KZT_OK;
	}
	servers = json_array();
	json_object_set_new(o, field, json_pack("{s:o,s:o}", "domain",
			    json_stringn(value, (size_t)(p - value)), "servers", servers));
	while (*p) {
		size_t n = strcspn(++p, ",");

		if (!is_ip(p, n))
			return kzt_usage("\"%.*s\" is not a server's address", (int)n, p);
		json_array_append_new(servers, json_stringn(p, n));
		p += n;
	}
	return KZT_OK;
}

/* A file in the rules language: rules, capabilities and tags at once */
static int set_rules(json_t *o, const char *field, const char *value)
{
	json_t *out = kzt_compile_rules(value);

	(void)field;
	if (!out)
		return KZT_FAIL;
	json_object_update(o, out);
	json_decref(out);
	return KZT_OK;
}

static const struct api_key keys[] = {
	{ "name", api_text, "name" },
	{ "private", api_bool, "private" },
	{ "v4", set_v4, "v4AssignMode" },
	{ "v6", set_v6, "v6AssignMode" },
	{ "route", set_route, "routes" },
	{ "pool", set_pool, "ipAssignmentPools" },
	{ "mtu", set_mtu, "mtu" },
	{ "broadcast", api_bool, "enableBroadcast" },
	{ "multicast-limit", api_number, "multicastLimit" },
	{ "dns", set_dns, "dns" },
	{ "credential-ms", api_number, "certificateTimeoutWindowSize" },
	{ "rules", set_rules, NULL },
	{ NULL, NULL, NULL },
};

/* --- text ------------------------------------------------------------------------------ */

static void print_lists(const json_t *nw)
{
	const json_t *v, *dns = json_object_get(nw, "dns");
	size_t i;

	json_array_foreach(json_object_get(nw, "routes"), i, v)
		printf("  route: %s%s%s\n", api_str(v, "target"),
		       *api_str(v, "via") ? " via " : "", api_str(v, "via"));
	json_array_foreach(json_object_get(nw, "ipAssignmentPools"), i, v)
		printf("  pool: %s - %s\n", api_str(v, "ipRangeStart"),
		       api_str(v, "ipRangeEnd"));
	if (json_is_object(dns)) {
		printf("  dns: %s", api_str(dns, "domain"));
		json_array_foreach(json_object_get(dns, "servers"), i, v)
			printf(" %s", json_string_value(v));
		putchar('\n');
	}
}

static void print_network(const json_t *nw)
{
	const json_t *v6 = json_object_get(nw, "v6AssignMode");

	printf("network: %s%s%s %s\n", kzt_bold(), api_str(nw, "id"), kzt_plain(),
	       kzt_get_bool(nw, "private") ? "private" : "public");
	if (*api_str(nw, "name"))
		printf("  name: %s\n", api_str(nw, "name"));
	printf("  revision: %llu\n  mtu: %llu\n  multicast limit: %llu\n  broadcast: %s\n",
	       (unsigned long long)kzt_get_int(nw, "revision", 0),
	       (unsigned long long)kzt_get_int(nw, "mtu", 0),
	       (unsigned long long)kzt_get_int(nw, "multicastLimit", 0),
	       kzt_get_bool(nw, "enableBroadcast") ? "on" : "off");
	printf("  assigns:%s%s%s%s\n",
	       kzt_get_bool(json_object_get(nw, "v4AssignMode"), "zt") ? " v4" : "",
	       kzt_get_bool(v6, "zt") ? " v6" : "", kzt_get_bool(v6, "rfc4193") ? " rfc4193" : "",
	       kzt_get_bool(v6, "6plane") ? " 6plane" : "");
	print_lists(nw);
	printf("  rules: %zu\n  capabilities: %zu\n  tags: %zu\n",
	       json_array_size(json_object_get(nw, "rules")),
	       json_array_size(json_object_get(nw, "capabilities")),
	       json_array_size(json_object_get(nw, "tags")));
}

static int show_one(json_t *nw)
{
	if (kzt_json)
		return kzt_print_json(json_pack("{s:o}", "network", nw));
	print_network(nw);
	json_decref(nw);
	return KZT_OK;
}

/* --- commands --------------------------------------------------------------------------- */

static bool nwid_path(const char *word, char path[API_PATH_MAX])
{
	uint64_t nwid;

	if (!kzt_arg_nwid(word, &nwid))
		return false;
	snprintf(path, API_PATH_MAX, "/controller/network/" KZT_PRIX64,
		 (unsigned long long)nwid);
	return true;
}

static int post(const char *path, int argc, char **argv, int i)
{
	json_t *o = json_object(), *reply = NULL;
	int err = api_keys(keys, o, argc, argv, i);

	if (err) {
		json_decref(o);
		return err;
	}
	err = kzt_api("POST", path, o, "network", &reply);
	return err ? err : show_one(reply);
}

/* NWID may be given, else a free number is taken */
static int network_new(int argc, char **argv)
{
	char path[API_PATH_MAX] = "/controller/network";
	bool given = argc > 1 && strlen(argv[1]) == 16 &&
		     strspn(argv[1], "0123456789abcdefABCDEF") == 16;
	char self[16];
	json_t *node;

	if (given && !nwid_path(argv[1], path))
		return KZT_USAGE;
	if (given && kzt_fetch_once(kzt_fetch_node, &node) == KZT_OK) {
		snprintf(self, sizeof(self), "%s", kzt_get_str(node, "address", ""));
		json_decref(node);
		if (strncasecmp(argv[1], self, 10))
			return kzt_fail("networks of this node have ids that begin with %s", self);
	}
	return post(path, argc, argv, given ? 2 : 1);
}

static int network_set(int argc, char **argv)
{
	char path[API_PATH_MAX];
	json_t *reply = NULL;
	int err;

	if (argc < 3)
		return kzt_usage("controller network set needs a network id and what to set");
	if (!nwid_path(argv[1], path))
		return KZT_USAGE;
	/* A post makes what is not there: that is for "new" to do */
	err = kzt_api("GET", path, NULL, "network", &reply);
	json_decref(reply);
	return err ? err : post(path, argc, argv, 2);
}

static int network_show(int argc, char **argv)
{
	char path[API_PATH_MAX];
	json_t *reply = NULL, *list;
	const json_t *v;
	size_t i;
	int err;

	if (argc > 2)
		return kzt_arg_surplus(argv[2]);
	if (argc == 2) {
		if (!nwid_path(argv[1], path))
			return KZT_USAGE;
		err = kzt_api("GET", path, NULL, "network", &reply);
		return err ? err : show_one(reply);
	}
	err = kzt_api("GET", "/unstable/controller/network", NULL, "controller", &reply);
	if (err)
		return err;
	list = json_object_get(reply, "data");
	if (kzt_json) {
		err = kzt_print_json(json_pack("{s:O}", "networks", list));
		json_decref(reply);
		return err;
	}
	if (json_array_size(list))
		printf("%-16s  %-7s  %13s  %s\n", "NETWORK", "TYPE", "MEMBERS", "NAME");
	json_array_foreach(list, i, v) {
		const json_t *meta = json_object_get(v, "meta");

		printf("%-16s  %-7s  %6llu/%-6llu  %s\n", api_str(v, "id"),
		       kzt_get_bool(v, "private") ? "private" : "public",
		       (unsigned long long)kzt_get_int(meta, "authorizedMemberCount", 0),
		       (unsigned long long)kzt_get_int(meta, "totalMemberCount", 0),
		       api_str(v, "name"));
	}
	json_decref(reply);
	return KZT_OK;
}

static int network_del(int argc, char **argv)
{
	char path[API_PATH_MAX];

	if (argc != 2)
		return kzt_usage("controller network del needs a network id");
	if (!nwid_path(argv[1], path))
		return KZT_USAGE;
	return kzt_api("DELETE", path, NULL, "network", NULL);
}

int cmd_controller_network(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "new", network_new, "[NWID] " NETWORK_KEYS, "make a network" },
		{ "set", network_set, "NWID " NETWORK_KEYS,
		  "change it; a list that is given takes the place of the old one" },
		{ "show", network_show, "[NWID]", "print networks" },
		{ "del", network_del, "NWID", "delete it, and cut off its members" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt controller network", argc, argv);
}
