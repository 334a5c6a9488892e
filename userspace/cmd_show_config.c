// SPDX-License-Identifier: GPL-2.0
/* kzt show-config: what is, as a configuration file (kzt.conf(5)). */
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include "policy_words.h"
#include "show.h"
#include <string.h>

static void config_node(const json_t *node)
{
	char text[KZT_ENDPOINT_MAX];
	const json_t *v;
	size_t i;

	printf("[Node]\n# Address = %s; give its identity with Identity = FILE\n",
	       kzt_get_str(node, "address", "none yet"));
	printf("Port = %llu\n", (unsigned long long)kzt_get_int(node, "port", 0));
	if (kzt_get_int(node, "fwmark", 0))
		printf("FwMark = 0x%llx\n", (unsigned long long)kzt_get_int(node, "fwmark", 0));
	json_array_foreach(json_object_get(node, "bind"), i, v)
		printf("Bind = %s\n", json_string_value(v));
	printf("Suite = %s\nRelay = %s\n", kzt_get_str(node, "suite", "auto"),
	       kzt_get_bool(node, "relay") ? "on" : "off");
	json_array_foreach(json_object_get(node, "deny"), i, v)
		printf("Deny = %s\n", json_string_value(v));
	json_array_foreach(json_object_get(node, "deny-dev"), i, v)
		printf("DenyDev = %s\n", json_string_value(v));
	if (kzt_get_int(node, "secondary-port", 0))
		printf("SecondaryPort = %llu\n", (unsigned long long)
		       kzt_get_int(node, "secondary-port", 0));
	printf("PathRule = %s\nPredict = %s\n", kzt_get_str(node, "path-rule", "full"),
	       kzt_get_bool(node, "predict") ? "on" : "off");
	json_array_foreach(json_object_get(node, "mapped"), i, v)
		printf("Mapped = %s\n", kzt_text_endpoint(json_string_value(v), text));
	json_array_foreach(json_object_get(node, "phys"), i, v) {
		if (kzt_get_int(v, "mtu", 0))
			printf("PathMTU = %s %llu\n", kzt_get_str(v, "prefix", ""),
			       (unsigned long long)kzt_get_int(v, "mtu", 0));
		if (json_object_get(v, "trust-id"))
			printf("PathTrust = %s %s\n", kzt_get_str(v, "prefix", ""),
			       kzt_get_str(v, "trust-id", "0"));
	}
}

/* Of a peer, of all others if it is NULL */
static void config_policy(const json_t *policy)
{
	if (!policy)
		return;
	fputs("Policy = ", stdout);
	kzt_policy_print_line(stdout, policy);
	putchar('\n');
}

static void config_peer(const json_t *peer, const json_t *policy)
{
	char text[KZT_ENDPOINT_MAX];
	const json_t *v;
	size_t i;

	printf("\n[Peer]\nIdentity = %s\n", kzt_get_str(peer, "identity", ""));
	json_array_foreach(json_object_get(peer, "endpoints"), i, v)
		printf("Endpoint = %s\n", kzt_text_endpoint(json_string_value(v), text));
	json_array_foreach(json_object_get(peer, "deny"), i, v)
		printf("Deny = %s\n", json_string_value(v));
	if (kzt_get_bool(peer, "upstream"))
		puts("Root = yes");
	if (kzt_get_int(peer, "mark", 0))
		printf("Mark = %llu\n", (unsigned long long)kzt_get_int(peer, "mark", 0));
	if (json_object_get(peer, "alias"))
		printf("Alias = %s\n", kzt_get_str(peer, "alias", ""));
	config_policy(policy);
}

static void config_network(const json_t *network)
{
	static const struct { const char *key, *name; } switches[] = {
		{ "managed", "Managed" }, { "global", "Global" },
		{ "default", "Default" }, { "allow-dns", "DNS" },
	};
	const json_t *within = json_object_get(network, "managed-within");
	size_t i;

	printf("\n[Network]\nId = %s\nName = %s\n", kzt_get_str(network, "id", ""),
	       kzt_get_str(network, "dev", ""));
	if (json_object_get(network, "netns"))
		printf("Netns = %s\n", kzt_get_str(network, "netns", ""));
	if (within) {
		fputs("Managed = ", stdout);
		kzt_show_list(within);
		putchar('\n');
	}
	for (i = within ? 1 : 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if (json_object_get(network, switches[i].key))
			printf("%s = %s\n", switches[i].name,
			       kzt_get_bool(network, switches[i].key) ? "on" : "off");
}

int kzt_config_fetch(json_t **node, json_t **peers, json_t **networks,
		     json_t **policies)
{
	struct kzt_nl nl;
	int err = kzt_out_open(&nl);

	if (err)
		return err;
	err = kzt_fetch_node(&nl, node);
	if (!err)
		err = kzt_fetch_peers(&nl, peers);
	if (!err)
		err = kzt_fetch_networks(&nl, networks);
	if (!err)
		err = kzt_fetch_policies(&nl, policies);
	kzt_nl_close(&nl);
	if (!err) {
		kzt_add_aliases(*peers);
		kzt_add_network_conf(*networks);
	}
	return err;
}

int cmd_show_config(int argc, char **argv)
{
	json_t *node = NULL, *peers = NULL, *networks = NULL, *policies = NULL;
	const json_t *o, *policy;
	size_t i;
	int err;

	if (argc > 1)
		return kzt_arg_surplus(argv[1]);
	err = kzt_config_fetch(&node, &peers, &networks, &policies);
	if (!err)
		kzt_add_networks_missing(networks, 0);
	if (!err && kzt_json) {
		err = kzt_print_json(json_pack("{s:O,s:O,s:O,s:O}", "node", node, "peers",
					       peers, "networks", networks, "policies",
					       policies));
	} else if (!err) {
		config_node(node);
		config_policy(kzt_policy_own(policies, ""));
		json_array_foreach(peers, i, o) {
			policy = kzt_policy_own(policies, kzt_get_str(o, "address", "?"));
			if (policy || kzt_get_bool(o, "static"))
				config_peer(o, policy);
		}
		json_array_foreach(networks, i, o)
			config_network(o);
	}
	json_decref(node);
	json_decref(peers);
	json_decref(networks);
	json_decref(policies);
	return err;
}
