// SPDX-License-Identifier: GPL-2.0
/* How several paths of a peer are used, in the words of the reference's API. */
#include "bond_json.h"
#include <string.h>

static const char *str(const json_t *o, const char *key, const char *def)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : def;
}

static json_int_t num(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

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

json_t *kzt_endpoint_json(const char *s)
{
	const char *colon = strrchr(s, ':');
	int skip = *s == '[';

	if (!colon)
		return json_string(s);
	return json_sprintf("%.*s/%s", (int)(colon - s - 2 * skip), s + skip, colon + 1);
}

static int local_port(const char *local)
{
	const char *colon = strrchr(local, ':');
	int port = 0;

	for (colon = colon ? colon + 1 : ""; *colon >= '0' && *colon <= '9'; colon++)
		port = port * 10 + *colon - '0';
	return port;
}

static json_t *path_json(const json_t *p)
{
	int up = !strcmp(str(p, "state", ""), "up");
	int active = json_is_true(json_object_get(p, "active"));

	return json_pack("{s:s,s:o,s:s,s:i,s:I,s:I,s:f,s:f,s:f,s:f,s:f,s:b,s:b,s:b,s:I}",
			 "ifname", str(p, "dev", ""), "address",
			 kzt_endpoint_json(str(p, "remote", "")), "why", str(p, "why", ""),
			 "localPort", local_port(str(p, "local", "")),
			 "lastInAge", num(p, "last-in-ms"), "lastOutAge",
			 num(p, "last-out-ms"), "latencyMean",
			 (double)num(p, "rtt-us") / 1000, "latencyVariance",
			 (double)num(p, "jitter-us") / 1000, "packetLossRatio",
			 (double)num(p, "loss-ppm") / 1e6, "packetErrorRatio",
			 (double)num(p, "error-ppm") / 1e6, "allocation",
			 (double)num(p, "share-ppm") / 1e6, "valid", up, "eligible", up,
			 "bonded", active, "mtu", num(p, "mtu"));
}

int kzt_peer_is_bonded(const json_t *peer)
{
	return strcmp(str(peer, "policy", "none"), "none") &&
	       json_array_size(json_object_get(peer, "paths")) > 1;
}

json_t *kzt_bond_json(const json_t *peer)
{
	const char *policy = str(peer, "policy", "none");
	json_t *paths = json_array();
	json_int_t alive = 0;
	const json_t *p;
	size_t i;

	json_array_foreach(json_object_get(peer, "paths"), i, p) {
		alive += !strcmp(str(p, "state", ""), "up");
		json_array_append_new(paths, path_json(p));
	}
	return json_pack("{s:s,s:b,s:i,s:s,s:I,s:I,s:o}", "address",
			 str(peer, "address", ""), "isBonded", kzt_peer_is_bonded(peer),
			 "bondingPolicyCode", policy_code(policy), "bondingPolicyStr", policy,
			 "numAliveLinks", alive, "numTotalLinks", (json_int_t)i, "paths",
			 paths);
}
