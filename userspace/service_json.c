// SPDX-License-Identifier: GPL-2.0
/* Objects of kzt in the form of the reference's local service API (spec 4.13.2). */
#include "service_json.h"
#include "bond_json.h"
#include "nl.h"
#include "out.h"
#include "phys_conf.h"
#include "world.h"
#include <ctype.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef KZT_VERSION
#define KZT_VERSION "0.1.0"
#endif

#define MOON 127

const char *kzt_service_word(const char *word, char out[KZT_SERVICE_WORD_MAX])
{
	size_t i;

	for (i = 0; word[i] && i < KZT_SERVICE_WORD_MAX - 1; i++)
		out[i] = word[i] == '-' ? '_' : (char)toupper((unsigned char)word[i]);
	out[i] = 0;
	return out;
}

static json_int_t integer(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* --- the node ------------------------------ */

json_t *kzt_service_health(const json_t *node, uint64_t now)
{
	return json_pack("{s:I,s:b,s:s,s:i,s:i,s:i,s:i}", "clock", (json_int_t)now, "online",
			 kzt_get_bool(node, "online"), "version", KZT_SERVICE_VERSION,
			 "versionMajor", KZT_SERVICE_MAJOR, "versionMinor", KZT_SERVICE_MINOR,
			 "versionRev", KZT_SERVICE_REV, "versionBuild", 0);
}

json_t *kzt_service_settings(const json_t *node, const char *home)
{
	return json_pack("{s:b,s:b,s:s,s:[],s:b,s:I,s:I,s:s,s:s,s:[]}",
			 "allowTcpFallbackRelay", 0, "forceTcpRelay", 0, "homeDir", home,
			 "listeningOn", "portMappingEnabled", 0, "primaryPort",
			 integer(node, "port"), "secondaryPort",
			 integer(node, "secondary-port"), "softwareUpdate", "disable",
			 "softwareUpdateChannel", "release", "surfaceAddresses");
}

json_t *kzt_service_status(const json_t *node, const char *home, uint64_t now)
{
	json_t *o = kzt_service_health(node, now);

	json_object_update_new(o, json_pack("{s:s,s:s,s:b,s:I,s:I,s:{s:o},s:s}", "address",
		kzt_get_str(node, "address", ""), "publicIdentity",
		kzt_get_str(node, "identity", ""), "tcpFallbackActive", 0, "planetWorldId",
		(json_int_t)strtoull(kzt_get_str(node, "planet-id", "0"), NULL, 16),
		"planetWorldTimestamp", integer(node, "planet-timestamp"), "config", "settings",
		kzt_service_settings(node, home), "implementation", "kzt " KZT_VERSION));
	return o;
}

/* --- networks ------------------------------ */

/* What the agent knows besides: the local settings, routes, DNS */
static const json_t *agent_view(const json_t *all, const char *id)
{
	const json_t *v;
	size_t i;

	json_array_foreach(all, i, v)
		if (!strcmp(kzt_get_str(v, "id", ""), id))
			return v;
	return NULL;
}

static int setting(const json_t *mine, const char *key, int def)
{
	const json_t *v = json_object_get(mine, key);

	return v ? json_is_true(v) : def;
}

static json_t *routes_json(const json_t *mine)
{
	json_t *list = json_array();
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(mine, "routes"), i, v)
		json_array_append_new(list, json_pack("{s:s,s:s?,s:I,s:I}", "target",
			kzt_get_str(v, "target", ""), "via", kzt_get_str(v, "via", NULL),
			"flags", integer(v, "flags"), "metric", integer(v, "metric")));
	return list;
}

static json_t *subscriptions_json(const json_t *groups, const char *id)
{
	json_t *list = json_array();
	const json_t *g;
	size_t i;

	json_array_foreach(groups, i, g)
		if (kzt_get_bool(g, "subscribed") && !strcmp(kzt_get_str(g, "network", ""), id))
			json_array_append_new(list, json_pack("{s:s,s:I}", "mac",
				kzt_get_str(g, "mac", ""), "adi", integer(g, "adi")));
	return list;
}

static json_t *array_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_array(v) ? json_deep_copy(v) : json_array();
}

/* What may be done, and what came of it; where to go to be let in, if that is it */
static void network_conf(json_t *o, const json_t *mine)
{
	const json_t *dns = json_object_get(mine, "dns");

	json_object_update_new(o, json_pack("{s:b,s:b,s:b,s:b,s:o,s:{s:s,s:o}}", "allowManaged",
		setting(mine, "managed", 1), "allowGlobal", setting(mine, "global", 0),
		"allowDefault", setting(mine, "default", 0), "allowDNS",
		setting(mine, "allow-dns", 0), "routes", routes_json(mine), "dns", "domain",
		kzt_get_str(dns, "domain", ""), "servers", array_of(dns, "servers")));
	if (json_object_get(mine, "authentication-url"))
		json_object_update_new(o, json_pack("{s:b,s:s,s:i}", "ssoEnabled", 1,
			"authenticationURL", kzt_get_str(mine, "authentication-url", ""),
			"authenticationExpiryTime", 0));
}

json_t *kzt_service_network(const json_t *nw, const json_t *all, const json_t *groups)
{
	const json_t *flags = json_object_get(nw, "flags");
	const char *id = kzt_get_str(nw, "id", "");
	char status[KZT_SERVICE_WORD_MAX];
	json_t *o;

	o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:b,s:b,s:b,s:I,s:I,s:s,s:o,s:o}", "id", id,
		      "nwid", id, "mac", kzt_get_str(nw, "mac", ""), "name",
		      kzt_get_str(nw, "name", ""), "status",
		      kzt_service_word(kzt_get_str(nw, "status", "requesting-configuration"),
				       status),
		      "type", kzt_has_word(flags, "private") ? "PRIVATE" : "PUBLIC", "mtu",
		      integer(nw, "mtu"), "dhcp", 0, "bridge",
		      kzt_has_word(flags, "active-bridge"), "broadcastEnabled",
		      kzt_has_word(flags, "broadcast"), "portError", integer(nw, "port-error"),
		      "netconfRevision", integer(nw, "revision"), "portDeviceName",
		      kzt_get_str(nw, "dev", ""), "assignedAddresses",
		      array_of(nw, "addresses"), "multicastSubscriptions",
		      subscriptions_json(groups, id));
	network_conf(o, agent_view(all, id));
	return o;
}

/* --- peers ------------------------------ */

/* The id of the longest prefix around an endpoint that has one */
static uint64_t trusted_id(const json_t *node, const char *remote)
{
	struct sockaddr_storage ss;
	struct kzt_out_prefix p;
	uint64_t id = 0, here;
	const json_t *v;
	int longest = -1;
	size_t i, len;

	if (!kzt_parse_endpoint(remote, &ss, &len))
		return 0;
	json_array_foreach(json_object_get(node, "phys"), i, v) {
		here = strtoull(kzt_get_str(v, "trust-id", "0"), NULL, 16);
		if (!here || !kzt_parse_prefix(kzt_get_str(v, "prefix", ""), &p) ||
		    p.len <= longest || !kzt_prefix_holds(&p, &ss))
			continue;
		longest = p.len;
		id = here;
	}
	return id;
}

static json_int_t when(const json_t *path, const char *age, uint64_t now)
{
	const json_t *v = json_object_get(path, age);

	return v ? (json_int_t)now - json_integer_value(v) : 0;
}

/*
 * The reference numbers its sockets, which are for one address and port each.  Here a
 * leg is a device and a port, so that is the number.
 */
static json_t *path_json(const json_t *p, const json_t *node, uint64_t now)
{
	const char *remote = kzt_get_str(p, "remote", ""), *local = kzt_get_str(p, "local", "");
	int up = !strcmp(kzt_get_str(p, "state", ""), "up");
	const char *colon = strrchr(local, ':');
	json_int_t port = colon ? atoi(colon + 1) : 0, dev;
	char text[KZT_ENDPOINT_MAX];

	dev = if_nametoindex(kzt_get_str(p, "dev", ""));
	return json_pack("{s:s,s:I,s:I,s:I,s:b,s:b,s:b,s:I,s:I}", "address",
			 kzt_text_endpoint(remote, text), "lastSend", when(p, "last-out-ms", now),
			 "lastReceive", when(p, "last-in-ms", now), "trustedPathId",
			 kzt_get_bool(p, "trusted") ? (json_int_t)trusted_id(node, remote) :
			 (json_int_t)0, "active", up, "expired", !up, "preferred",
			 kzt_get_bool(p, "active"), "localSocket", dev << 16 | port, "localPort",
			 port);
}

int kzt_service_latency(const json_t *peer)
{
	return json_object_get(peer, "rtt-us") ?
	       (int)((kzt_get_int(peer, "rtt-us", 0) + 999) / 1000) : -1;
}

json_t *kzt_service_peer(const json_t *peer, const json_t *node, uint64_t now)
{
	json_t *paths = json_array();
	char role[KZT_SERVICE_WORD_MAX];
	int n[3] = { -1, -1, -1 };
	const json_t *p;
	size_t i;

	json_array_foreach(json_object_get(peer, "paths"), i, p)
		json_array_append_new(paths, path_json(p, node, now));
	if (sscanf(kzt_get_str(peer, "version", ""), "%d.%d.%d", &n[0], &n[1], &n[2]) != 3)
		n[0] = n[1] = n[2] = -1;
	return json_pack("{s:s,s:i,s:i,s:i,s:o,s:i,s:s,s:b,s:b,s:o}", "address",
			 kzt_get_str(peer, "address", ""), "versionMajor", n[0], "versionMinor",
			 n[1], "versionRev", n[2], "version",
			 json_sprintf("%d.%d.%d", n[0], n[1], n[2]), "latency",
			 kzt_service_latency(peer), "role",
			 kzt_service_word(kzt_get_str(peer, "role", "leaf"), role), "isBonded",
			 kzt_peer_is_bonded(peer), "tunneled", 0, "paths", paths);
}

/* --- moons ------------------------------ */

static json_t *hex_json(const uint8_t *p, size_t len)
{
	char text[2 * 96 + 1];
	size_t i;

	for (i = 0; i < len && 2 * i + 2 < sizeof(text); i++)
		snprintf(text + 2 * i, 3, "%02x", p[i]);
	return json_string(text);
}

static json_t *root_json(const struct kzt_root_info *root)
{
	char text[KZT_ID_TEXT_MAX], at[80], ip[KZT_ENDPOINT_MAX];
	json_t *endpoints = json_array();
	unsigned int i;

	for (i = 0; i < root->n_endpoints; i++) {
		kzt_text_sockaddr((const struct sockaddr *)&root->endpoint[i],
				  sizeof(root->endpoint[i]), at, sizeof(at));
		json_array_append_new(endpoints, json_string(kzt_text_endpoint(at, ip)));
	}
	if (kzt_id_text(&root->id, false, text, sizeof(text)))
		*text = 0;
	return json_pack("{s:s,s:o}", "identity", text, "stableEndpoints", endpoints);
}

static json_t *moon_json(const struct kzt_world_info *w)
{
	json_t *roots = json_array();
	unsigned int i;

	for (i = 0; i < w->n_roots; i++)
		json_array_append_new(roots, root_json(&w->root[i]));
	return json_pack("{s:o,s:I,s:o,s:o,s:b,s:o}", "id",
			 json_sprintf(KZT_PRIX64, (unsigned long long)w->id), "timestamp",
			 (json_int_t)w->timestamp, "signature",
			 hex_json(w->signature, sizeof(w->signature)), "updatesMustBeSignedBy",
			 hex_json(w->update_key, sizeof(w->update_key)), "waiting", 0, "roots",
			 roots);
}

int kzt_service_moon_cb(const struct nlmsghdr *nlh, void *list)
{
	const struct nlattr *tb[KZT_A_WORLD_MAX + 1], *blob;
	static struct kzt_world_info w;

	kzt_nl_attrs(nlh, tb, KZT_A_WORLD_MAX);
	blob = tb[KZT_A_WORLD_BLOB];
	if (blob && !kzt_world_parse_blob(&w, mnl_attr_get_payload(blob),
					  mnl_attr_get_payload_len(blob), NULL) &&
	    w.type == MOON)
		json_array_append_new(list, moon_json(&w));
	return MNL_CB_OK;
}

json_t *kzt_service_moon_wanted(const char *id)
{
	return json_pack("{s:s,s:i,s:n,s:n,s:b,s:[]}", "id", id, "timestamp", 0, "signature",
			 "updatesMustBeSignedBy", "waiting", 1, "roots");
}
