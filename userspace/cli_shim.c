// SPDX-License-Identifier: GPL-2.0
/* Objects of kzt in the form of the reference's local service API (spec 4.13.2). */
#include "cli_shim.h"
#include "agent_client.h"
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include "world.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- what there is ----------------------------------------------------------------- */

static int world_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[KZT_A_WORLD_MAX + 1];
	static struct kzt_world_info w;
	json_t *list = data, *roots, *endpoints;
	char text[KZT_ID_TEXT_MAX], at[80], ip[80];
	unsigned int i, k;

	kzt_nl_attrs(nlh, tb, KZT_A_WORLD_MAX);
	if (!tb[KZT_A_WORLD_BLOB] ||
	    kzt_world_parse_blob(&w, mnl_attr_get_payload(tb[KZT_A_WORLD_BLOB]),
				 mnl_attr_get_payload_len(tb[KZT_A_WORLD_BLOB]), NULL))
		return MNL_CB_OK;
	roots = json_array();
	for (i = 0; i < w.n_roots; i++) {
		endpoints = json_array();
		for (k = 0; k < w.root[i].n_endpoints; k++) {
			kzt_text_sockaddr((struct sockaddr *)&w.root[i].endpoint[k],
					  sizeof(w.root[i].endpoint[k]), at, sizeof(at));
			json_array_append_new(endpoints, json_string(kzt_text_endpoint(at, ip)));
		}
		if (kzt_id_text(&w.root[i].id, false, text, sizeof(text)))
			*text = 0;
		json_array_append_new(roots, json_pack("{s:s,s:o}", "identity", text,
				      "stableEndpoints", endpoints));
	}
	json_array_append_new(list, json_pack("{s:o,s:I,s:b,s:i,s:o}", "id",
			      json_sprintf("%016llx", (unsigned long long)w.id), "timestamp",
			      (json_int_t)w.timestamp, "waiting", 0, "type", w.type, "roots",
			      roots));
	return MNL_CB_OK;
}

static void load_settings(struct shim *s)
{
	json_t *answer = NULL, *network;
	size_t i;

	if (kzt_agent_ask(json_pack("{s:s}", "cmd", "network-list"), &answer))
		return;
	s->settings = json_incref(json_object_get(answer, "networks"));
	json_array_foreach(s->settings, i, network)	/* the module has not that one */
		if (json_object_get(network, "port-error"))
			json_array_append(s->networks, network);
	json_decref(answer);
}

int shim_load(struct shim *s)
{
	struct kzt_nl nl;
	int err;

	err = kzt_out_open(&nl);
	if (err)
		return err;
	err = kzt_fetch_node(&nl, &s->node);
	if (!err)
		err = kzt_fetch_peers(&nl, &s->peers);
	if (!err)
		err = kzt_fetch_networks(&nl, &s->networks);
	s->worlds = json_array();
	if (!err && kzt_nl_simple(&nl, KZT_CMD_WORLD_GET, NLM_F_DUMP, world_cb, s->worlds))
		err = kzt_fail("%s", nl.err);
	kzt_nl_close(&nl);
	if (!err)
		load_settings(s);
	return err;
}

void shim_unload(struct shim *s)
{
	json_decref(s->node);
	json_decref(s->peers);
	json_decref(s->networks);
	json_decref(s->settings);
	json_decref(s->worlds);
	s->node = s->peers = s->networks = s->settings = s->worlds = NULL;
}

void shim_reload(struct shim *s)
{
	shim_unload(s);
	shim_load(s);
}

static json_t *by_id(const json_t *list, const char *id)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
		if (!strcasecmp(kzt_get_str(o, "id", ""), id))
			return o;
	return NULL;
}

json_t *shim_network(struct shim *s, const char *id)
{
	return by_id(s->networks, id);
}

/* --- words --------------------------------------------------------------------------- */

const char *shim_role(const json_t *peer)
{
	const char *role = kzt_get_str(peer, "role", "leaf");

	return !strcmp(role, "planet") ? "PLANET" : !strcmp(role, "moon") ? "MOON" : "LEAF";
}

const char *shim_network_status(const json_t *network, char out[40])
{
	const char *status = kzt_get_str(network, "status", "requesting-configuration");
	size_t i;

	for (i = 0; status[i] && i < 39; i++)
		out[i] = status[i] == '-' ? '_' : (char)toupper((unsigned char)status[i]);
	out[i] = 0;
	return out;
}

static bool has_flag(const json_t *network, const char *flag)
{
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(network, "flags"), i, v)
		if (!strcmp(json_string_value(v), flag))
			return true;
	return false;
}

const char *shim_network_type(const json_t *network)
{
	return has_flag(network, "private") ? "PRIVATE" : "PUBLIC";
}

/* --- objects -------------------------------------------------------------------------- */

static uint64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

json_t *shim_status_json(struct shim *s)
{
	json_t *o = json_pack("{s:s,s:s,s:b,s:s,s:i,s:i,s:i,s:i,s:I,s:b}", "address",
			      kzt_get_str(s->node, "address", ""), "publicIdentity",
			      kzt_get_str(s->node, "identity", ""), "online",
			      kzt_get_bool(s->node, "online"), "version", SHIM_VERSION,
			      "versionMajor", 1, "versionMinor", 14, "versionRev", 1,
			      "versionBuild", 0, "clock", (json_int_t)clock_ms(),
			      "tcpFallbackActive", 0);

	if (json_object_get(s->node, "planet-id"))
		json_object_set_new(o, "planetWorldId", json_integer((json_int_t)
				    strtoull(kzt_get_str(s->node, "planet-id", "0"), NULL, 16)));
	if (json_object_get(s->node, "planet-timestamp"))
		json_object_set(o, "planetWorldTimestamp",
				json_object_get(s->node, "planet-timestamp"));
	json_object_set_new(o, "config", json_pack("{s:{s:I}}", "settings", "primaryPort",
			    (json_int_t)kzt_get_int(s->node, "port", 0)));
	return o;
}

static json_t *path_json(const json_t *path, uint64_t now)
{
	bool down = !strcmp(kzt_get_str(path, "state", ""), "down");
	char text[KZT_ENDPOINT_MAX];

	return json_pack("{s:s,s:I,s:I,s:i,s:b,s:b,s:b,s:I,s:i}", "address",
			 kzt_text_endpoint(kzt_get_str(path, "remote", ""), text), "lastSend",
			 (json_int_t)(now - kzt_get_int(path, "last-out-ms", now)), "lastReceive",
			 (json_int_t)(now - kzt_get_int(path, "last-in-ms", now)),
			 "trustedPathId", 0, "active", !down, "expired", down, "preferred",
			 kzt_get_bool(path, "active"), "localSocket",
			 (json_int_t)kzt_get_int(path, "id", 0), "localPort",
			 atoi(strrchr(kzt_get_str(path, "local", ":0"), ':') + 1));
}

static json_t *peer_json(const json_t *peer, uint64_t now)
{
	int major = -1, minor = -1, rev = -1;
	json_t *paths = json_array();
	const json_t *p;
	size_t i;

	if (sscanf(kzt_get_str(peer, "version", ""), "%d.%d.%d", &major, &minor, &rev) != 3)
		major = minor = rev = -1;
	json_array_foreach(json_object_get(peer, "paths"), i, p)
		json_array_append_new(paths, path_json(p, now));
	return json_pack("{s:s,s:i,s:i,s:i,s:o,s:i,s:s,s:b,s:b,s:o}", "address",
			 kzt_get_str(peer, "address", ""), "versionMajor", major, "versionMinor",
			 minor, "versionRev", rev, "version",
			 json_sprintf("%d.%d.%d", major, minor, rev), "latency",
			 json_object_get(peer, "rtt-us") ?
			 (int)((kzt_get_int(peer, "rtt-us", 0) + 999) / 1000) : -1, "role",
			 shim_role(peer), "isBonded",
			 strcmp(kzt_get_str(peer, "policy", "none"), "none") != 0, "tunneled", 0,
			 "paths", paths);
}

json_t *shim_peers_json(struct shim *s)
{
	json_t *list = json_array();
	uint64_t now = clock_ms();
	const json_t *peer;
	size_t i;

	json_array_foreach(s->peers, i, peer)
		json_array_append_new(list, peer_json(peer, now));
	return list;
}

/* A switch as the agent has it, or what the reference has at first */
static bool setting(struct shim *s, const char *id, const char *word, bool def)
{
	const json_t *v = json_object_get(by_id(s->settings, id), word);

	return v ? json_is_true(v) : def;
}

json_t *shim_network_json(struct shim *s, const json_t *network)
{
	const char *id = kzt_get_str(network, "id", "");
	const json_t *mine = by_id(s->settings, id), *dns, *v;
	json_t *o, *addresses = json_array();
	char status[40];
	size_t i;

	json_array_foreach(json_object_get(network, "addresses"), i, v)
		json_array_append(addresses, (json_t *)v);
	o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:b,s:b,s:b,s:i,s:I,s:s,s:o}", "id", id, "nwid",
		      id, "mac", kzt_get_str(network, "mac", ""), "name",
		      kzt_get_str(network, "name", ""), "status",
		      shim_network_status(network, status), "type", shim_network_type(network),
		      "mtu", (json_int_t)kzt_get_int(network, "mtu", 0), "dhcp", 0, "bridge",
		      has_flag(network, "active-bridge"), "broadcastEnabled",
		      has_flag(network, "broadcast"), "portError",
		      (int)kzt_get_int(network, "port-error", 0), "netconfRevision",
		      (json_int_t)kzt_get_int(network, "revision", 0), "portDeviceName",
		      kzt_get_str(network, "dev", ""), "assignedAddresses", addresses);
	json_object_set_new(o, "allowManaged", json_boolean(setting(s, id, "managed", true)));
	json_object_set_new(o, "allowGlobal", json_boolean(setting(s, id, "global", false)));
	json_object_set_new(o, "allowDefault", json_boolean(setting(s, id, "default", false)));
	json_object_set_new(o, "allowDNS", json_boolean(setting(s, id, "allow-dns", false)));
	v = json_object_get(mine, "routes");
	json_object_set_new(o, "routes", json_is_array(v) ? json_incref((json_t *)v) : json_array());
	dns = json_object_get(mine, "dns");
	v = json_object_get(dns, "servers");
	json_object_set_new(o, "dns", json_pack("{s:s,s:o}", "domain",
			    kzt_get_str(dns, "domain", ""), "servers", json_is_array(v) ?
			    json_incref((json_t *)v) : json_array()));
	return o;
}

json_t *shim_networks_json(struct shim *s)
{
	json_t *list = json_array();
	const json_t *network;
	size_t i;

	json_array_foreach(s->networks, i, network)
		json_array_append_new(list, shim_network_json(s, network));
	return list;
}

json_t *shim_moons_json(struct shim *s)
{
	json_t *list = json_array();
	const json_t *w;
	json_t *o;
	size_t i;

	json_array_foreach(s->worlds, i, w) {
		if (kzt_get_int(w, "type", 0) != 127)
			continue;
		o = json_copy((json_t *)w);
		json_object_del(o, "type");
		json_object_set_new(o, "active", json_true());
		json_array_append_new(list, o);
	}
	return list;
}
