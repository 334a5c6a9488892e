// SPDX-License-Identifier: GPL-2.0
/* The summary, and the lines that it shares with other commands. */
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include "show.h"
#include <ctype.h>
#include <string.h>

static void roots_text(const json_t *peers)
{
	unsigned int n = 0, direct = 0, relayed = 0;
	const json_t *peer;
	size_t i;

	json_array_foreach(peers, i, peer) {
		const char *link = kzt_get_str(peer, "link", "none");

		if (!kzt_get_bool(peer, "upstream"))
			continue;
		n++;
		direct += !strcmp(link, "direct");
		relayed += !strcmp(link, "relay");
	}
	if (!n)
		return;
	printf("  roots %u/%u direct", direct, n);
	if (relayed)
		printf(", %u relayed", relayed);
}

void kzt_show_no_node(const json_t *node)
{
	printf("no node in this network namespace: %s kztd, or kzt node set identity FILE\n",
	       kzt_get_bool(node, "agent") ? "reload" : "start");
}

void kzt_show_node(const json_t *node, const json_t *peers)
{
	const char *address = kzt_get_str(node, "address", NULL);

	if (!address) {
		kzt_show_no_node(node);
		return;
	}
	printf("%snode %s%s  %s  port %u", kzt_bold(), address, kzt_plain(),
	       kzt_get_bool(node, "online") ? "online" : "offline",
	       (unsigned int)kzt_get_int(node, "port", 0));
	if (kzt_get_bool(node, "upstream"))
		printf("  root");
	roots_text(peers);
	if (!kzt_get_bool(node, "agent"))
		printf("  no agent");
	putchar('\n');
}

const char *kzt_show_status(const json_t *network)
{
	static char text[40];
	const char *s = kzt_get_str(network, "status", "unknown");
	size_t i;

	for (i = 0; s[i] && i < sizeof(text) - 1; i++)
		text[i] = s[i] == '-' ? '_' : (char)toupper((unsigned char)s[i]);
	text[i] = 0;
	return text;
}

void kzt_show_network(const json_t *network)
{
	const json_t *v, *addresses = json_object_get(network, "addresses");
	const char *name = kzt_get_str(network, "name", "");
	size_t i;

	printf("%snetwork %s%s", kzt_bold(), kzt_get_str(network, "id", "?"),
	       kzt_plain());
	if (*name)
		printf(" %s", name);
	printf("  dev %s", kzt_get_str(network, "dev", "?"));
	v = json_object_get(network, "netnsid");
	if (json_object_get(network, "netns"))
		printf(" netns %s", kzt_get_str(network, "netns", "?"));
	else if (v)
		printf(" netnsid %d", (int)json_integer_value(v));
	printf("  %s", kzt_show_status(network));
	v = json_object_get(network, "mtu");
	if (v)
		printf("  mtu %u", (unsigned int)json_integer_value(v));
	json_array_foreach(addresses, i, v)
		printf("  %s", json_string_value(v));
	if (json_object_get(network, "reason"))
		printf("  (%s)", kzt_get_str(network, "reason", ""));
	putchar('\n');
}

static void rtt_text(const json_t *o)
{
	if (json_object_get(o, "rtt-us"))
		printf("  rtt %s", kzt_text_ms(kzt_get_int(o, "rtt-us", 0)));
}

void kzt_show_path(const json_t *path)
{
	printf("  path %-2u %c %-8s %s -> %s  %s",
	       (unsigned int)kzt_get_int(path, "id", 0),
	       kzt_get_bool(path, "active") ? '*' : ' ',
	       kzt_get_str(path, "dev", "?"), kzt_get_str(path, "local", "?"),
	       kzt_get_str(path, "remote", "?"),
	       kzt_get_str(path, "state", "?"));
	rtt_text(path);
	if (json_object_get(path, "jitter-us"))
		printf("  jitter %s",
		       kzt_text_ms(kzt_get_int(path, "jitter-us", 0)));
	if (json_object_get(path, "loss-ppm"))
		printf("  loss %.1f %%",
		       (double)kzt_get_int(path, "loss-ppm", 0) / 10000);
	printf("  mtu %u", (unsigned int)kzt_get_int(path, "mtu", 0));
	if (kzt_get_bool(path, "active"))
		printf("  share %u %%",
		       (unsigned int)(kzt_get_int(path, "share-ppm", 0) / 10000));
	else
		printf("  (%s)", kzt_get_str(path, "why", "not in use"));
	putchar('\n');
}

static const char *peer_role(const json_t *peer)
{
	const char *role = kzt_get_str(peer, "role", "leaf");

	if (strcmp(role, "leaf"))
		return role;
	return kzt_get_bool(peer, "upstream") ? "root" : role;
}

void kzt_show_peer(const json_t *peer)
{
	const char *link = kzt_get_str(peer, "link", "none");
	const json_t *path, *paths = json_object_get(peer, "paths");
	const char *version = kzt_get_str(peer, "version", NULL);
	size_t i;

	printf("%speer %s%s", kzt_bold(), kzt_get_str(peer, "address", "?"),
	       kzt_plain());
	if (json_object_get(peer, "alias"))
		printf(" %s", kzt_get_str(peer, "alias", ""));
	printf("  %s  %s", peer_role(peer), link);
	if (!strcmp(link, "relay"))
		printf(" via %s", kzt_get_str(peer, "relay-via", "?"));
	if (version)
		printf("  version %s", version);
	if (strcmp(kzt_get_str(peer, "policy", "none"), "none"))
		printf("  policy %s%s", kzt_get_str(peer, "policy", "none"),
		       json_object_get(peer, "inert") ? " (not in force)" : "");
	rtt_text(peer);
	printf("  rx %s tx %s", kzt_text_bytes(kzt_get_int(peer, "rx-bytes", 0)),
	       kzt_text_bytes(kzt_get_int(peer, "tx-bytes", 0)));
	if (strcmp(link, "direct") && json_object_get(peer, "reason"))
		printf("  (%s)", kzt_get_str(peer, "reason", ""));
	putchar('\n');
	json_array_foreach(paths, i, path)
		kzt_show_path(path);
}

/* A policy that cannot do what it is for must not look as if it did */
static void mark_inert(json_t *peers, const json_t *policies)
{
	const json_t *policy;
	json_t *peer;
	size_t i, k;

	json_array_foreach(policies, i, policy) {
		if (!json_object_get(policy, "inert"))
			continue;
		json_array_foreach(peers, k, peer)
			if (!strcmp(kzt_get_str(peer, "address", ""),
				    kzt_get_str(policy, "address", "?")))
				json_object_set(peer, "inert", json_object_get(policy, "inert"));
	}
}

int cmd_summary(int argc, char **argv)
{
	json_t *node = NULL, *networks = NULL, *peers = NULL, *policies = NULL;
	struct kzt_nl nl;
	const json_t *o;
	size_t i;
	int err;

	(void)argv;
	(void)argc;
	err = kzt_out_open(&nl);
	if (err)
		return err;
	err = kzt_fetch_node(&nl, &node);
	if (!err)
		err = kzt_fetch_networks(&nl, &networks);
	if (!err)
		err = kzt_fetch_peers(&nl, &peers);
	if (!err && !kzt_json)
		err = kzt_fetch_policies(&nl, &policies);
	kzt_nl_close(&nl);
	if (!err) {
		mark_inert(peers, policies);
		kzt_add_aliases(peers);
		kzt_add_network_conf(networks);
		kzt_add_networks_missing(networks, 0);
	}
	if (!err && kzt_json) {
		err = kzt_print_json(json_pack("{s:O,s:O,s:O}", "node", node,
					       "networks", networks,
					       "peers", peers));
	} else if (!err) {
		kzt_show_node(node, peers);
		json_array_foreach(networks, i, o)
			kzt_show_network(o);
		json_array_foreach(peers, i, o)
			kzt_show_peer(o);
	}
	json_decref(node);
	json_decref(networks);
	json_decref(peers);
	json_decref(policies);
	return err;
}
