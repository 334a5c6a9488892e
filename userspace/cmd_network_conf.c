// SPDX-License-Identifier: GPL-2.0
/* What the agent knows of a network beyond the module: routes, name servers. */
#include "agent_client.h"
#include "kzt.h"
#include "out.h"
#include "show.h"
#include <stdlib.h>
#include <string.h>

/* Why nothing comes of it: an ad-hoc network needs no agent, but a node */
static void no_agent(json_t *network)
{
	if (!strcmp(kzt_get_str(network, "status", ""), "requesting-configuration"))
		json_object_set_new(network, "reason", json_string(
			strncmp(kzt_get_str(network, "id", ""), "ff", 2) ?
			"no agent (kztd) asks for it" : "there is no node"));
}

/* Into each network of the module what the agent says of it */
void kzt_add_network_conf(json_t *networks)
{
	json_t *answer = NULL, *network, *theirs;
	const char *key;
	size_t i, k;
	json_t *v;
	int err;

	if (!json_array_size(networks))
		return;
	err = kzt_agent_ask(json_pack("{s:s}", "cmd", "network-list"), &answer);
	if (err == KZT_ABSENT)
		json_array_foreach(networks, i, network)
			no_agent(network);
	if (err)
		return;
	json_array_foreach(networks, i, network) {
		json_array_foreach(json_object_get(answer, "networks"), k, theirs) {
			if (strcmp(kzt_get_str(network, "id", ""),
				   kzt_get_str(theirs, "id", "?")))
				continue;
			json_object_foreach(theirs, key, v)
				if (!json_object_get(network, key))
					json_object_set(network, key, v);
		}
	}
	json_decref(answer);
}

/* Those that were joined and have no device: all, or the one with an id */
void kzt_add_networks_missing(json_t *networks, uint64_t nwid)
{
	json_t *answer = NULL, *network;
	size_t i;

	if (kzt_agent_ask(json_pack("{s:s}", "cmd", "network-list"), &answer))
		return;
	json_array_foreach(json_object_get(answer, "networks"), i, network)
		if (json_object_get(network, "port-error") &&
		    (!nwid || strtoull(kzt_get_str(network, "id", "0"), NULL, 16) == nwid))
			json_array_append(networks, network);
	json_decref(answer);
}

void kzt_show_list(const json_t *list)
{
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
		printf("%s%s", i ? "," : "", json_string_value(v));
}

static void print_switches(const json_t *network)
{
	static const struct { const char *key, *text; } switches[] = {
		{ "managed", "managed" }, { "global", "global" },
		{ "default", "default" }, { "allow-dns", "dns" },
	};
	size_t i;

	if (!json_object_get(network, "managed"))
		return;
	printf("  allow:");
	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (!i && json_object_get(network, "managed-within")) {
			fputs(" managed ", stdout);
			kzt_show_list(json_object_get(network, "managed-within"));
			continue;
		}
		printf(" %s %s", switches[i].text,
		       json_is_true(json_object_get(network, switches[i].key)) ?
		       "on" : "off");
	}
	putchar('\n');
}

void kzt_show_network_conf(const json_t *network)
{
	const json_t *v, *dns = json_object_get(network, "dns");
	size_t i;

	print_switches(network);
	if (json_object_get(network, "authentication-url"))
		printf("  authenticate at: %s\n",
		       kzt_get_str(network, "authentication-url", ""));
	json_array_foreach(json_object_get(network, "routes"), i, v) {
		printf("  route: %s", kzt_get_str(v, "target", "?"));
		if (json_object_get(v, "via"))
			printf(" via %s", kzt_get_str(v, "via", "?"));
		printf("%s\n", json_is_true(json_object_get(v, "set")) ? "" :
		       " (not set)");
	}
	if (!dns)
		return;
	printf("  dns: %s", kzt_get_str(dns, "domain", ""));
	json_array_foreach(json_object_get(dns, "servers"), i, v)
		printf(" %s", json_string_value(v));
	puts(json_is_true(json_object_get(dns, "set")) ? "" : " (not set)");
}
