// SPDX-License-Identifier: GPL-2.0
/* kzt peer: other nodes. */
#include "decode.h"
#include "identity.h"
#include "kzt.h"
#include "match.h"
#include "out.h"
#include "show.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The text form has a colon behind ten digits; anything else is a file */
static bool looks_like_identity(const char *word)
{
	return strspn(word, "0123456789abcdefABCDEF") == 10 && word[10] == ':' &&
	       access(word, F_OK);
}

static int read_identity(struct kzt_id *id, const char *word)
{
	const char *why = NULL, *name = word;
	int err;

	if (looks_like_identity(word)) {
		name = "identity";
		err = kzt_id_parse(id, word, &why);
		if (!err && id->has_secret) {
			kzt_id_wipe(id);
			return kzt_fail("that is a secret: everybody can read command lines, so give a file or the public identity, and make a new identity");
		}
	} else {
		err = kzt_id_load(id, word, &why);
	}
	if (err)
		return kzt_fail("%s: %s", name, why ? why : strerror(-err));
	if (kzt_id_validate(id, &why)) {
		kzt_id_wipe(id);
		return kzt_fail("%s: %s", name, why ? why : "not valid");
	}
	return KZT_OK;
}

static int put_identity(struct nlmsghdr *nlh, const char *word)
{
	uint8_t blob[KZT_ID_BINARY_LEN];
	struct kzt_id id;
	int err = read_identity(&id, word);

	if (err)
		return err;
	kzt_id_binary(&id, false, blob);
	kzt_id_wipe(&id);
	mnl_attr_put(nlh, KZT_A_PEER_IDENTITY, sizeof(blob), blob);
	return KZT_OK;
}

static int put_endpoint(struct nlmsghdr *nlh, const char *word)
{
	struct sockaddr_storage ss;
	size_t len;

	if (!kzt_arg_endpoint(word, &ss, &len))
		return KZT_USAGE;
	mnl_attr_put(nlh, KZT_A_PEER_ENDPOINT, len, &ss);
	return KZT_OK;
}

static int put_deny(struct nlmsghdr *nlh, const char *word)
{
	struct kzt_out_prefix p;

	if (!strcmp(word, "none")) {
		mnl_attr_put(nlh, KZT_A_PEER_DENY_CLEAR, 0, NULL);
		return KZT_OK;
	}
	if (!kzt_arg_prefix(word, &p))
		return KZT_USAGE;
	kzt_nl_put_prefix(nlh, KZT_A_PEER_DENY, &p);
	return KZT_OK;
}

enum { ROOT, ENDPOINT, DENY };

static const char *const add_keys[] = {
	[ROOT] = "root", [ENDPOINT] = "endpoint", [DENY] = "deny", NULL,
};

static int put_settings(struct nlmsghdr *nlh, int argc, char **argv, int i)
{
	unsigned int endpoints = 0;
	const char *value;
	int err = KZT_OK;
	bool on;

	for (; i < argc && !err; i++) {
		if (!kzt_out_room(nlh))
			return KZT_USAGE;
		switch (kzt_arg_word(argv[i], add_keys)) {
		case ROOT:
			on = i + 1 >= argc || strcmp(argv[i + 1], "off");
			i += i + 1 < argc && (!on || !strcmp(argv[i + 1], "on"));
			mnl_attr_put_u8(nlh, KZT_A_PEER_UPSTREAM, on);
			break;
		case ENDPOINT:
			value = kzt_arg_value(argc, argv, &i);
			err = value ? put_endpoint(nlh, value) : KZT_USAGE;
			if (!err && ++endpoints > 16)
				err = kzt_fail("more than 16 endpoints");
			break;
		case DENY:
			value = kzt_arg_value(argc, argv, &i);
			err = value ? put_deny(nlh, value) : KZT_USAGE;
			break;
		default:
			err = KZT_USAGE;
		}
	}
	return err;
}

static int peer_add(int argc, char **argv)
{
	struct kzt_out_req req;
	struct nlmsghdr *nlh = kzt_out_begin(&req, KZT_CMD_PEER_SET);
	int err;

	if (argc < 2)
		return kzt_usage("peer add needs an identity");
	err = put_settings(nlh, argc, argv, 2);
	if (!err)
		err = put_identity(nlh, argv[1]);
	return err ? err : kzt_out_talk(nlh, NULL, NULL);
}

static int peer_del(int argc, char **argv)
{
	struct kzt_out_req req;
	struct nlmsghdr *nlh = kzt_out_begin(&req, KZT_CMD_PEER_DEL);
	uint64_t address;

	if (argc != 2)
		return kzt_usage("peer del needs an address");
	if (!kzt_arg_address(argv[1], &address))
		return KZT_USAGE;
	mnl_attr_put_u64(nlh, KZT_A_PEER_ADDRESS, address);
	return kzt_out_talk(nlh, NULL, NULL);
}

static int peer_mark(int argc, char **argv)
{
	struct kzt_out_req req;
	struct nlmsghdr *nlh = kzt_out_begin(&req, KZT_CMD_PEER_SET);
	uint64_t address, mark;

	if (argc != 3)
		return kzt_usage("peer mark needs an address and a number");
	if (!kzt_arg_address(argv[1], &address) ||
	    !kzt_arg_number("mark", argv[2], UINT32_MAX, &mark))
		return KZT_USAGE;
	mnl_attr_put_u64(nlh, KZT_A_PEER_ADDRESS, address);
	mnl_attr_put_u32(nlh, KZT_A_PEER_MARK, (uint32_t)mark);
	return kzt_out_talk(nlh, NULL, NULL);
}

static void print_details(const json_t *peer)
{
	const json_t *v;
	size_t i;

	printf("  identity: %s\n", kzt_get_str(peer, "identity", "?"));
	printf("  suite: %s\n", kzt_get_str(peer, "suite", "?"));
	if (json_object_get(peer, "proto"))
		printf("  protocol: %u\n",
		       (unsigned int)kzt_get_int(peer, "proto", 0));
	printf("  static: %s\n", kzt_get_bool(peer, "static") ? "yes" : "no");
	json_array_foreach(json_object_get(peer, "endpoints"), i, v)
		printf("  endpoint: %s\n", json_string_value(v));
	if (kzt_get_int(peer, "mark", 0))
		printf("  mark: 0x%x\n",
		       (unsigned int)kzt_get_int(peer, "mark", 0));
	if (json_object_get(peer, "last-receive-ms"))
		printf("  heard: %s\n",
		       kzt_text_age(kzt_get_int(peer, "last-receive-ms", 0)));
	printf("  packets: %llu received, %llu sent, %llu replayed, %llu not authentic\n",
	       (unsigned long long)kzt_get_int(peer, "rx-packets", 0),
	       (unsigned long long)kzt_get_int(peer, "tx-packets", 0),
	       (unsigned long long)kzt_get_int(peer, "duplicates", 0),
	       (unsigned long long)kzt_get_int(peer, "auth-failures", 0));
	printf("  reason: %s\n", kzt_get_str(peer, "reason", "?"));
}

static int peer_show(int argc, char **argv)
{
	uint64_t address = 0;
	const json_t *peer;
	struct kzt_nl nl;
	json_t *peers;
	size_t i;
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
	kzt_add_aliases(peers);
	if (kzt_json)
		return kzt_print_json(json_pack("{s:o}", "peers", peers));
	json_array_foreach(peers, i, peer) {
		kzt_show_peer(peer);
		if (address)
			print_details(peer);
	}
	json_decref(peers);
	return KZT_OK;
}

int cmd_peer(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "add", peer_add, "IDENTITY [endpoint IP/PORT]... [deny PREFIX]... [root [on|off]]",
		  "a peer that stays; IDENTITY is a public one, or a file" },
		{ "del", peer_del, "ADDRESS", "forget a peer" },
		{ "show", peer_show, "[ADDRESS]", "peers with their paths" },
		{ "alias", kzt_peer_alias, "ADDRESS NAME",
		  "a name to show beside the address; none takes it away" },
		{ "mark", peer_mark, "ADDRESS N",
		  "mark of the frames that come from a peer" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt peer", argc, argv);
}
