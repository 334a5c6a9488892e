// SPDX-License-Identifier: GPL-2.0
/* How several paths of a peer are used, in the words of the reference's API. */
#include "bond_json.h"
#include "out.h"
#include <stdlib.h>
#include <string.h>

/* Numbers of the policies that the reference has (spec 3, 3.20.1) */
static int policy_code(const char *policy)
{
	static const char *const names[] = {
		"none", "active-backup", "broadcast", "balance-rr", "balance-xor",
		"balance-aware",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(policy, names[i]))
			return (int)i;
	return -1;	/* one of kzt's own */
}

static int local_port(const char *local)
{
	const char *colon = strrchr(local, ':');

	return colon ? atoi(colon + 1) : 0;
}

static json_t *path_json(const json_t *p)
{
	int up = !strcmp(kzt_get_str(p, "state", ""), "up");
	int active = kzt_get_bool(p, "active");
	char text[KZT_ENDPOINT_MAX];

	return json_pack("{s:s,s:s,s:s,s:i,s:I,s:I,s:f,s:f,s:f,s:f,s:f,s:b,s:b,s:b,s:I}",
			 "ifname", kzt_get_str(p, "dev", ""), "address",
			 kzt_text_endpoint(kzt_get_str(p, "remote", ""), text), "why",
			 kzt_get_str(p, "why", ""), "localPort", local_port(kzt_get_str(p, "local", "")),
			 "lastInAge", (json_int_t)kzt_get_int(p, "last-in-ms", 0), "lastOutAge",
			 (json_int_t)kzt_get_int(p, "last-out-ms", 0), "latencyMean",
			 (double)kzt_get_int(p, "rtt-us", 0) / 1000, "latencyVariance",
			 (double)kzt_get_int(p, "jitter-us", 0) / 1000, "packetLossRatio",
			 (double)kzt_get_int(p, "loss-ppm", 0) / 1e6, "packetErrorRatio",
			 (double)kzt_get_int(p, "error-ppm", 0) / 1e6, "allocation",
			 (double)kzt_get_int(p, "share-ppm", 0) / 1e6, "valid", up, "eligible", up,
			 "bonded", active, "mtu", (json_int_t)kzt_get_int(p, "mtu", 0));
}

int kzt_peer_is_bonded(const json_t *peer)
{
	return strcmp(kzt_get_str(peer, "policy", "none"), "none") &&
	       json_array_size(json_object_get(peer, "paths")) > 1;
}

json_t *kzt_bond_json(const json_t *peer)
{
	const char *policy = kzt_get_str(peer, "policy", "none");
	json_t *paths = json_array();
	json_int_t alive = 0;
	const json_t *p;
	size_t i;

	json_array_foreach(json_object_get(peer, "paths"), i, p) {
		alive += !strcmp(kzt_get_str(p, "state", ""), "up");
		json_array_append_new(paths, path_json(p));
	}
	return json_pack("{s:s,s:b,s:i,s:s,s:I,s:I,s:o}", "address",
			 kzt_get_str(peer, "address", ""), "isBonded", kzt_peer_is_bonded(peer),
			 "bondingPolicyCode", policy_code(policy), "bondingPolicyStr", policy,
			 "numAliveLinks", alive, "numTotalLinks", (json_int_t)i, "paths",
			 paths);
}
