// SPDX-License-Identifier: GPL-2.0
/* kzt path: ways to other nodes. */
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include "show.h"

static int fetch_some(struct kzt_nl *nl, uint64_t address, json_t **peers)
{
	json_t *peer;
	int err;

	if (!address)
		return kzt_fetch_peers(nl, peers);
	err = kzt_fetch_peer(nl, address, &peer);
	if (err)
		return kzt_out_refused(nl, err);
	*peers = json_pack("[o]", peer);
	return KZT_OK;
}

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
	printf("%s\n", kzt_get_bool(path, "trusted") ? "  trusted" : "");
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
	err = fetch_some(&nl, address, &peers);
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

int cmd_path(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "show", path_show, "[ADDRESS]", "paths of peers" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt path", argc, argv);
}
