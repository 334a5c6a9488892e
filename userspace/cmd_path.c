// SPDX-License-Identifier: GPL-2.0
/* kzt path: ways to other nodes. */
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include "phys_conf.h"
#include "show.h"
#include <stdlib.h>
#include <string.h>

/* {"paths": [{"address": of the peer, ...}]} */
static int print_list(const json_t *peers)
{
	json_t *list = json_array(), *o;
	const json_t *peer, *path;
	size_t i, k;

	json_array_foreach(peers, i, peer) {
		json_array_foreach(json_object_get(peer, "paths"), k, path) {
			o = json_pack("{s:O}", "address",
				      json_object_get(peer, "address"));
			json_object_update(o, (json_t *)path);
			json_array_append_new(list, o);
		}
	}
	return kzt_print_json(json_pack("{s:o}", "paths", list));
}

static void print_traffic(const json_t *path)
{
	printf("          rx %s tx %s", kzt_text_bytes(kzt_get_int(path, "rx-bytes", 0)),
	       kzt_text_bytes(kzt_get_int(path, "tx-bytes", 0)));
	if (json_object_get(path, "last-in-ms"))
		printf("  heard %s",
		       kzt_text_age(kzt_get_int(path, "last-in-ms", 0)));
	/* "trusted" there is that members or roots use it, not that nothing is encrypted */
	putchar('\n');
}

static int path_show(int argc, char **argv)
{
	const json_t *peer, *path, *paths;
	uint64_t address = 0;
	struct kzt_nl nl;
	json_t *peers;
	size_t i, k;
	int err;

	if (argc > 2)
		return kzt_arg_surplus(argv[2]);
	if (argc == 2 && !kzt_arg_address(argv[1], &address))
		return KZT_USAGE;
	err = kzt_out_open(&nl);
	if (err)
		return err;
	err = kzt_fetch_peers_of(&nl, address, &peers);
	kzt_nl_close(&nl);
	if (err)
		return err;
	if (kzt_json) {
		err = print_list(peers);
	} else {
		json_array_foreach(peers, i, peer) {
			paths = json_object_get(peer, "paths");
			if (!json_array_size(paths))
				continue;
			printf("%speer %s%s\n", kzt_bold(),
			       kzt_get_str(peer, "address", "?"), kzt_plain());
			json_array_foreach(paths, k, path) {
				kzt_show_path(path);
				print_traffic(path);
			}
		}
	}
	json_decref(peers);
	return err;
}

/* One setting of one prefix; another setting of the same prefix is kept */
static int set_phys(const char *prefix, int attr, uint64_t value)
{
	struct kzt_phys_conf conf;
	struct kzt_out_prefix p;
	struct kzt_out_req req;
	struct nlmsghdr *nlh;
	json_t *node;
	int err;

	if (!kzt_arg_prefix(prefix, &p))
		return KZT_USAGE;
	err = kzt_fetch_once(kzt_fetch_node, &node);
	if (err)
		return err;
	conf = kzt_phys_get(node, &p);
	json_decref(node);
	kzt_phys_change(&conf, attr, value);
	nlh = kzt_out_begin(&req, KZT_CMD_NODE_SET);
	kzt_phys_put(nlh, &p, &conf);
	return kzt_out_talk(nlh, NULL, NULL);
}

static int path_mtu(int argc, char **argv)
{
	uint64_t mtu = 0;

	if (argc != 3)
		return kzt_usage("path mtu needs a prefix and bytes, or default");
	if (strcmp(argv[2], "default") &&
	    !kzt_arg_number("mtu", argv[2], 65535, &mtu))
		return KZT_USAGE;
	return set_phys(argv[1], KZT_A_PHYS_MTU, mtu);
}

static int path_trust(int argc, char **argv)
{
	unsigned long long id = 0;
	char *end;
	int err;

	if (argc != 3)
		return kzt_usage("path trust needs a prefix and an id, or off");
	if (strcmp(argv[2], "off")) {
		id = strtoull(argv[2], &end, 16);
		if (!id || *end || end - argv[2] > 16)
			return kzt_usage("a trusted path id is up to 16 hex digits, not 0: \"%s\"",
					 argv[2]);
	}
	err = set_phys(argv[1], KZT_A_PHYS_TRUST_ID, id);
	if (!err && id)
		fprintf(stderr, "kzt: packets to and from %s are neither encrypted nor authenticated now\n",
			argv[1]);
	return err;
}

static int path_pin(int argc, char **argv)
{
	struct kzt_out_req req;
	struct nlmsghdr *nlh = kzt_out_begin(&req, KZT_CMD_PATH_PIN);
	uint64_t address, id;

	if (argc != 3)
		return kzt_usage("path pin needs an address, and a path or none");
	if (!kzt_arg_address(argv[1], &address))
		return KZT_USAGE;
	mnl_attr_put_u64(nlh, KZT_A_PIN_ADDRESS, address);
	if (strcmp(argv[2], "none")) {
		if (!kzt_arg_number("path", argv[2], UINT32_MAX, &id))
			return KZT_USAGE;
		mnl_attr_put_u32(nlh, KZT_A_PIN_PATH_ID, (uint32_t)id);
	}
	return kzt_out_talk(nlh, NULL, NULL);
}

/* The kernel takes the whole list: what it has, with or without this one */
static int change_deny(const char *word, bool add)
{
	struct kzt_out_prefix p, old;
	struct kzt_out_req req;
	struct nlmsghdr *nlh = kzt_out_begin(&req, KZT_CMD_NODE_SET);
	bool found = false, left = add;
	json_t *node;
	const json_t *v;
	size_t i;
	int err;

	memset(&p, 0, sizeof(p));
	if (!kzt_arg_prefix(word, &p))
		return KZT_USAGE;
	err = kzt_fetch_once(kzt_fetch_node, &node);
	if (err)
		return err;
	json_array_foreach(json_object_get(node, "deny"), i, v) {
		memset(&old, 0, sizeof(old));
		if (!kzt_arg_prefix(json_string_value(v), &old))
			continue;
		if (!memcmp(&old, &p, sizeof(p))) {
			found = true;
			continue;
		}
		left = true;
		kzt_nl_put_prefix(nlh, KZT_A_NODE_DENY, &old);
	}
	json_decref(node);
	if (!add && !found)
		return kzt_fail("%s is not denied", word);
	if (add)
		kzt_nl_put_prefix(nlh, KZT_A_NODE_DENY, &p);
	if (!left)
		mnl_attr_put(nlh, KZT_A_NODE_DENY_CLEAR, 0, NULL);
	return kzt_out_talk(nlh, NULL, NULL);
}

static int path_deny(int argc, char **argv)
{
	if (argc != 2)
		return kzt_usage("path deny needs a prefix");
	return change_deny(argv[1], true);
}

static int path_allow(int argc, char **argv)
{
	if (argc != 2)
		return kzt_usage("path allow needs a prefix that is denied");
	return change_deny(argv[1], false);
}

int cmd_path(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "show", path_show, "[ADDRESS]", "paths of peers" },
		{ "mtu", path_mtu, "PREFIX BYTES|default",
		  "largest UDP payload to addresses inside PREFIX" },
		{ "trust", path_trust, "PREFIX ID|off",
		  "no encryption to and from addresses inside PREFIX: for a wire of your own; both sides need the same ID" },
		{ "pin", path_pin, "ADDRESS PATH|none",
		  "have one path carry everything for a peer" },
		{ "deny", path_deny, "PREFIX", "make no path into a prefix" },
		{ "allow", path_allow, "PREFIX", "deny it no longer" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt path", argc, argv);
}
