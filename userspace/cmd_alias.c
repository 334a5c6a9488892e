// SPDX-License-Identifier: GPL-2.0
/* kzt peer alias: names of peers, which the agent keeps. */
#include "agent_client.h"
#include "kzt.h"
#include "out.h"
#include "show.h"
#include <string.h>

void kzt_add_aliases(json_t *peers)
{
	json_t *answer = NULL, *names, *name, *peer;
	size_t i;

	if (!json_array_size(peers) ||
	    kzt_agent_ask(json_pack("{s:s}", "cmd", "alias-list"), &answer))
		return;
	names = json_object_get(answer, "aliases");
	json_array_foreach(peers, i, peer) {
		name = json_object_get(names, kzt_get_str(peer, "address", ""));
		if (name)
			json_object_set(peer, "alias", name);
	}
	json_decref(answer);
}

int kzt_peer_alias(int argc, char **argv)
{
	uint64_t address;
	int err;

	if (argc != 3)
		return kzt_usage("peer alias needs an address and a name");
	if (!kzt_arg_address(argv[1], &address))
		return KZT_USAGE;
	err = kzt_agent_ask(json_pack("{s:s,s:o,s:s}", "cmd", "alias-set", "address",
				      json_sprintf(KZT_PRIADDR, (unsigned long long)address),
				      "name", strcmp(argv[2], "none") ? argv[2] : ""), NULL);
	if (err == KZT_ABSENT)
		kzt_fail("names are kept by the agent (kztd), and none runs here");
	return err;
}
