// SPDX-License-Identifier: GPL-2.0
/* kzt explain: why a peer is direct, relayed or silent. */
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include "show.h"
#include <errno.h>
#include <string.h>


static void fact(json_t *list, json_t *sentence)
{
	json_array_append_new(list, sentence);
}

static void node_facts(json_t *list, const json_t *node)
{
	if (!json_object_get(node, "address"))
		fact(list, json_string("this node has no identity yet"));
	else if (!kzt_get_bool(node, "online"))
		fact(list, json_string("this node is offline: no root was heard from within 500 s"));
	if (!kzt_get_bool(node, "agent"))
		fact(list, json_string("no agent (kztd) runs here: strangers cannot be validated"));
}

static void path_fact(json_t *list, const json_t *path)
{
	const char *state = kzt_get_str(path, "state", "?");
	unsigned int id = (unsigned int)kzt_get_int(path, "id", 0);
	const char *remote = kzt_get_str(path, "remote", "?");

	const char *dev = kzt_get_str(path, "dev", "?");
	double share = (double)kzt_get_int(path, "share-ppm", 0) / 10000;

	if (json_object_get(path, "last-in-ms"))
		fact(list, json_sprintf("path %u by %s to %s is %s, heard %s, has %.0f %% of the traffic: %s",
					id, dev, remote, state,
					kzt_text_age(kzt_get_int(path, "last-in-ms", 0)),
					share, kzt_get_str(path, "why", "no reason known")));
	else
		fact(list, json_sprintf("path %u by %s to %s is %s, never heard: %s",
					id, dev, remote, state,
					kzt_get_str(path, "why", "no reason known")));
}

/* Which policy it has, and whether that does what it is for */
static void policy_fact(json_t *list, struct kzt_nl *nl, const char *address)
{
	const json_t *policy;
	json_t *policies;
	size_t i;

	if (kzt_fetch_policies(nl, &policies))
		return;
	json_array_foreach(policies, i, policy) {
		const char *of = kzt_get_str(policy, "address", NULL);
		bool in_force = kzt_get_bool(policy, "in-force");

		if (!of || strcmp(of, address))
			continue;
		fact(list, json_sprintf("policy %s is %s%s%s",
					kzt_get_str(policy, "mode", "?"),
					in_force ? "in force" : "not in force",
					in_force ? "" : ": ",
					in_force ? "" : kzt_get_str(policy, "inert", "?")));
	}
	json_decref(policies);
}

static void peer_facts(json_t *list, const json_t *peer)
{
	const json_t *path, *paths = json_object_get(peer, "paths");
	uint64_t failures = kzt_get_int(peer, "auth-failures", 0);
	size_t i;

	if (json_object_get(peer, "last-receive-ms"))
		fact(list, json_sprintf("heard %s", kzt_text_age(kzt_get_int(peer,
							"last-receive-ms", 0))));
	else
		fact(list, json_string("nothing authentic was ever received from it"));
	if (json_object_get(peer, "version"))
		fact(list, json_sprintf("it runs version %s, protocol %u, and is sent suite %s",
					kzt_get_str(peer, "version", "?"),
					(unsigned int)kzt_get_int(peer, "proto", 0),
					kzt_get_str(peer, "suite", "?")));
	if (kzt_get_bool(peer, "static"))
		fact(list, json_string("it was added by hand and never expires"));
	if (!json_array_size(paths))
		fact(list, json_string("no path to it is known"));
	json_array_foreach(paths, i, path)
		path_fact(list, path);
	if (failures)
		fact(list, json_sprintf("%llu packets that claimed to be its were not authentic",
					(unsigned long long)failures));
}

static void relay_fact(json_t *list, struct kzt_nl *nl, const json_t *peer)
{
	const char *via = kzt_get_str(peer, "relay-via", NULL);
	uint64_t address;
	json_t *relay;

	if (!via || !kzt_arg_address(via, &address) ||
	    kzt_fetch_peer(nl, address, &relay))
		return;
	fact(list, json_sprintf("the relay %s is %s", via,
				kzt_get_str(relay, "link", "?")));
	json_decref(relay);
}

static int answer(const char *address, const json_t *peer, json_t *list)
{
	const char *link = peer ? kzt_get_str(peer, "link", "none") : NULL;
	const char *reason = peer ? kzt_get_str(peer, "reason", "") :
			     "unknown: this node has not met it";
	const json_t *v;
	size_t i;

	if (kzt_json)
		return kzt_print_json(json_pack("{s:{s:s,s:s*,s:s,s:O}}", "peer",
						"address", address, "link", link,
						"reason", reason, "facts", list));
	printf("%speer %s%s  %s\n", kzt_bold(), address, kzt_plain(), reason);
	json_array_foreach(list, i, v)
		printf("  %s\n", json_string_value(v));
	return KZT_OK;
}

int cmd_explain(int argc, char **argv)
{
	json_t *list, *node = NULL, *peer = NULL;
	uint64_t address;
	struct kzt_nl nl;
	int err;

	if (argc != 2)
		return kzt_usage("explain needs an address");
	if (!kzt_arg_address(argv[1], &address))
		return KZT_USAGE;
	err = kzt_out_open(&nl);
	if (err)
		return err;
	list = json_array();
	err = kzt_fetch_node(&nl, &node);
	if (!err) {
		int code = kzt_fetch_peer(&nl, address, &peer);

		if (code && code != -ENOENT)
			err = kzt_out_refused(&nl, code);
	}
	if (!err) {
		char text[16];

		node_facts(list, node);
		if (peer) {
			peer_facts(list, peer);
			policy_fact(list, &nl, kzt_get_str(peer, "address", ""));
			relay_fact(list, &nl, peer);
		}
		snprintf(text, sizeof(text), KZT_PRIADDR,
			 (unsigned long long)address);
		err = answer(text, peer, list);
	}
	kzt_nl_close(&nl);
	json_decref(list);
	json_decref(node);
	json_decref(peer);
	return err;
}
