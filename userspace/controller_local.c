// SPDX-License-Identifier: GPL-2.0
/*
 * The local service API's view of this node: status, joined networks, peers,
 * moons (spec 4.13.2).
 */
#include "bond_json.h"
#include "controller_http.h"
#include "decode.h"
#include "lax.h"
#include "out.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef KZT_VERSION
#define KZT_VERSION "0.1.0"
#endif

/* The reference's version whose API this is; scripts look at it */
#define API_MAJOR 1
#define API_MINOR 14
#define API_REV 1

struct collect {
	json_t *(*decode)(const struct nlmsghdr *nlh);
	json_t *list;
};

static int collect_cb(const struct nlmsghdr *nlh, void *data)
{
	struct collect *c = data;

	json_array_append_new(c->list, c->decode(nlh));
	return MNL_CB_OK;
}

/* All of a kind in kzt's own form */
json_t *controller_dump(struct agent *a, uint8_t cmd, uint16_t flags,
			json_t *(*decode)(const struct nlmsghdr *nlh))
{
	struct collect c = { decode, json_array() };

	kzt_nl_simple(&a->cmd, cmd, flags, collect_cb, &c);
	return c.list;
}

void controller_answer(struct controller_call *call, int status, json_t *reply)
{
	call->status = status;
	json_decref(call->reply);
	call->reply = reply;
}

void controller_refuse(struct controller_call *call, int status, const char *why)
{
	controller_answer(call, status, json_pack("{s:i,s:s%}", "error", status,
			  "description", why, strlen(why)));
	if (!call->reply)	/* not UTF-8 */
		call->reply = json_object();
}

/* --- /status, /health ------------------------------ */

static json_t *version(const json_t *node)
{
	return json_pack("{s:I,s:b,s:o,s:i,s:i,s:i,s:i}", "clock",
			 (json_int_t)controller_clock_ms(), "online",
			 json_is_true(json_object_get(node, "online")), "version",
			 json_sprintf("%d.%d.%d", API_MAJOR, API_MINOR, API_REV),
			 "versionMajor", API_MAJOR, "versionMinor", API_MINOR,
			 "versionRev", API_REV, "versionBuild", 0);
}

json_t *controller_node_json(struct agent *a)
{
	json_t *list = controller_dump(a, KZT_CMD_NODE_GET, 0, kzt_decode_node);
	json_t *node = json_incref(json_array_get(list, 0));

	json_decref(list);
	return node ? node : json_object();
}

static void status(struct agent *a, struct controller_call *call)
{
	json_t *node = controller_node_json(a), *o = version(node);
	uint64_t planet = 0;

	lax_hex(kzt_get_str(node, "planet-id", ""), 16, &planet);
	json_object_update_new(o, json_pack("{s:s,s:s,s:b,s:I,s:I,s:{s:o},s:s}",
		"address", kzt_get_str(node, "address", ""), "publicIdentity",
		kzt_get_str(node, "identity", ""), "tcpFallbackActive", 0, "planetWorldId",
		(json_int_t)planet, "planetWorldTimestamp",
		json_integer_value(json_object_get(node, "planet-timestamp")), "config",
		"settings", controller_settings_json(a, node), "implementation", "kzt " KZT_VERSION));
	json_decref(node);
	controller_answer(call, 200, o);
}

static void health(struct agent *a, struct controller_call *call)
{
	json_t *node = controller_node_json(a);

	controller_answer(call, 200, version(node));
	json_decref(node);
}

/* --- /network ------------------------------ */

static json_t *upper(const char *s)
{
	char text[64];
	size_t i;

	for (i = 0; s[i] && i < sizeof(text) - 1; i++)
		text[i] = s[i] == '-' ? '_' : (char)toupper((unsigned char)s[i]);
	text[i] = 0;
	return json_string(text);
}

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

static bool setting(const json_t *mine, const char *key, bool def)
{
	const json_t *v = json_object_get(mine, key);

	return v ? lax_bool(v, def) : def;
}

static json_t *route_json(const json_t *v)
{
	return json_pack("{s:s,s:s?,s:I,s:I}", "target", kzt_get_str(v, "target", ""), "via",
			 kzt_get_str(v, "via", NULL), "flags",
			 json_integer_value(json_object_get(v, "flags")), "metric",
			 json_integer_value(json_object_get(v, "metric")));
}

static json_t *subscriptions_json(const json_t *groups, const char *id)
{
	json_t *list = json_array();
	const json_t *g;
	size_t i;

	json_array_foreach(groups, i, g)
		if (json_is_true(json_object_get(g, "subscribed")) &&
		    !strcmp(kzt_get_str(g, "network", ""), id))
			json_array_append_new(list, json_pack("{s:s,s:I}", "mac",
				kzt_get_str(g, "mac", ""), "adi",
				json_integer_value(json_object_get(g, "adi"))));
	return list;
}

static json_t *network_json(const json_t *nw, const json_t *all, const json_t *groups)
{
	const char *id = kzt_get_str(nw, "id", "");
	const json_t *mine = agent_view(all, id), *flags = json_object_get(nw, "flags"), *v;
	const json_t *dns = json_object_get(mine, "dns");
	json_t *routes = json_array(), *addresses = json_object_get(nw, "addresses");
	json_int_t mtu = json_integer_value(json_object_get(nw, "mtu"));
	json_t *o;
	size_t i;

	json_array_foreach(json_object_get(mine, "routes"), i, v)
		json_array_append_new(routes, route_json(v));
	o = json_pack("{s:s,s:s,s:s,s:s,s:o,s:s,s:I,s:b,s:b,s:b,s:i,s:I,s:s,s:b,s:b,s:b,"
			 "s:b,s:o,s:o,s:o,s:{s:s,s:o}}",
			 "id", id, "nwid", id, "mac", kzt_get_str(nw, "mac", ""), "name",
			 kzt_get_str(nw, "name", ""), "status", upper(kzt_get_str(nw, "status", "")), "type",
			 kzt_has_word(flags, "private") ? "PRIVATE" : "PUBLIC", "mtu", mtu, "dhcp", 0,
			 "bridge", kzt_has_word(flags, "active-bridge"), "broadcastEnabled",
			 kzt_has_word(flags, "broadcast"), "portError",
			 (int)json_integer_value(json_object_get(nw, "port-error")), "netconfRevision",
			 json_integer_value(json_object_get(nw, "revision")),
			 "portDeviceName", kzt_get_str(nw, "dev", ""), "allowManaged",
			 setting(mine, "managed", true), "allowGlobal",
			 setting(mine, "global", false), "allowDefault",
			 setting(mine, "default", false), "allowDNS",
			 setting(mine, "allow-dns", false), "assignedAddresses",
			 addresses ? json_incref(addresses) : json_array(), "routes", routes,
			 "multicastSubscriptions", subscriptions_json(groups, id),
			 "dns", "domain", kzt_get_str(dns, "domain", ""),
			 "servers", json_is_array(json_object_get(dns, "servers")) ?
			 json_deep_copy(json_object_get(dns, "servers")) : json_array());
	/* Where to go to be let in: that is all that is known of single sign-on */
	if (json_object_get(mine, "authentication-url"))
		json_object_update_new(o, json_pack("{s:b,s:s,s:i}", "ssoEnabled", 1,
			"authenticationURL", kzt_get_str(mine, "authentication-url", ""),
			"authenticationExpiryTime", 0));
	return o;
}

/* All, or the one with @id; NULL if that is not joined */
static json_t *networks(struct agent *a, const char *id)
{
	json_t *list = controller_dump(a, KZT_CMD_NETWORK_GET, NLM_F_DUMP, kzt_decode_network);
	json_t *groups = controller_dump(a, KZT_CMD_GROUP_GET, NLM_F_DUMP, kzt_decode_group);
	json_t *all = agent_networks_json(a), *out = id ? NULL : json_array();
	const json_t *nw;
	size_t i;

	agent_networks_add_missing(a, list);
	json_array_foreach(list, i, nw) {
		if (!id)
			json_array_append_new(out, network_json(nw, all, groups));
		else if (!out && !strcmp(kzt_get_str(nw, "id", ""), id))
			out = network_json(nw, all, groups);
	}
	json_decref(list);
	json_decref(all);
	json_decref(groups);
	return out;
}

/* -1 for a switch that was not posted */
static int posted(const json_t *body, const char *key)
{
	const json_t *v = json_object_get(body, key);

	return v ? lax_bool(v, false) : -1;
}

static void network_join(struct agent *a, struct controller_call *call, const char *id)
{
	struct agent_allow_change allow = {
		.managed = posted(call->body, "allowManaged"),
		.global = posted(call->body, "allowGlobal"),
		.dflt = posted(call->body, "allowDefault"),
		.dns = posted(call->body, "allowDNS"),
	};
	char err[AGENT_ERR] = "";
	json_t *done = json_object();
	int code;

	code = agent_network_join(a, strtoull(id, NULL, 16), NULL, NULL, &allow,
				  done, err);
	json_decref(done);
	if (code && code != -EEXIST)
		controller_refuse(call, 500, *err ? err : strerror(-code));
	else
		controller_answer(call, 200, networks(a, id));
}

static void network_leave(struct agent *a, struct controller_call *call, const char *id)
{
	char err[AGENT_ERR] = "";
	int code = agent_network_leave(a, strtoull(id, NULL, 16), err);

	if (code && code != -ENOENT)
		controller_refuse(call, 500, *err ? err : strerror(-code));
	else
		controller_answer(call, 200, code ? json_object() : json_pack("{s:b}", "result", 1));
}

static void network(struct agent *a, struct controller_call *call, const char *id)
{
	json_t *one;
	uint64_t n;

	if (!id) {
		if (call->method == METHOD_GET)
			controller_answer(call, 200, networks(a, NULL));
		else
			controller_answer(call, 404, NULL);
	} else if (!lax_hex(id, 16, &n)) {
		controller_answer(call, 404, json_object());
	} else if (call->method == METHOD_GET) {
		one = networks(a, id);
		controller_answer(call, one ? 200 : 404, one ? one : json_object());
	} else if (call->method == METHOD_DELETE) {
		network_leave(a, call, id);
	} else {
		network_join(a, call, id);
	}
}

/* --- /peer ------------------------------ */

static json_t *path_json(const json_t *p, uint64_t now)
{
	json_int_t in = json_integer_value(json_object_get(p, "last-in-ms"));
	json_int_t out = json_integer_value(json_object_get(p, "last-out-ms"));
	bool up = !strcmp(kzt_get_str(p, "state", ""), "up");
	char text[KZT_ENDPOINT_MAX];

	return json_pack("{s:s,s:I,s:I,s:i,s:b,s:b,s:b,s:i,s:i}", "address",
			 kzt_text_endpoint(kzt_get_str(p, "remote", ""), text), "lastSend",
			 (json_int_t)now - out, "lastReceive", (json_int_t)now - in,
			 "trustedPathId", 0, "active", up, "expired", !up, "preferred",
			 json_is_true(json_object_get(p, "active")), "localSocket", 0,
			 "localPort", 0);
}

static void peer_version(json_t *o, const char *text)
{
	int v[3] = { -1, -1, -1 };

	sscanf(text, "%d.%d.%d", &v[0], &v[1], &v[2]);
	json_object_set_new(o, "version", json_sprintf("%d.%d.%d", v[0], v[1], v[2]));
	json_object_set_new(o, "versionMajor", json_integer(v[0]));
	json_object_set_new(o, "versionMinor", json_integer(v[1]));
	json_object_set_new(o, "versionRev", json_integer(v[2]));
}

static json_t *peer_json(const json_t *peer, uint64_t now)
{
	const json_t *rtt = json_object_get(peer, "rtt-us"), *v;
	json_t *paths = json_array(), *o;
	size_t i;

	json_array_foreach(json_object_get(peer, "paths"), i, v)
		json_array_append_new(paths, path_json(v, now));
	o = json_pack("{s:s,s:I,s:o,s:b,s:b,s:o}", "address", kzt_get_str(peer, "address", ""),
		      "latency", rtt ? json_integer_value(rtt) / 1000 : (json_int_t)-1, "role",
		      upper(kzt_get_str(peer, "role", "leaf")), "isBonded",
		      kzt_peer_is_bonded(peer), "tunneled", 0, "paths",
		      paths);
	peer_version(o, kzt_get_str(peer, "version", ""));
	return o;
}

static void peer(struct agent *a, struct controller_call *call, const char *id)
{
	json_t *list = controller_dump(a, KZT_CMD_PEER_GET, NLM_F_DUMP, kzt_decode_peer);
	json_t *out = id ? json_object() : json_array();
	uint64_t now = controller_clock_ms();
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v) {
		if (!id) {
			json_array_append_new(out, peer_json(v, now));
		} else if (!strcmp(id, kzt_get_str(v, "address", ""))) {
			json_decref(out);
			out = peer_json(v, now);
			break;
		}
	}
	json_decref(list);
	controller_answer(call, 200, out);
}

/* --- /moon ------------------------------ */

static json_t *moon_json(const struct kzt_world_info *w)
{
	json_t *roots = json_array();
	char text[KZT_ID_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < w->n_roots; i++)
		if (!kzt_id_text(&w->root[i].id, false, text, sizeof(text)))
			json_array_append_new(roots, json_pack("{s:s,s:[]}", "identity", text,
							       "stableEndpoints"));
	return json_pack("{s:o,s:I,s:b,s:o}", "id", json_sprintf("%016llx",
			 (unsigned long long)w->id), "timestamp", (json_int_t)w->timestamp,
			 "waiting", 0, "roots", roots);
}

static int moon_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[KZT_A_WORLD_MAX + 1], *blob;
	struct kzt_world_info w;

	kzt_nl_attrs(nlh, tb, KZT_A_WORLD_MAX);
	blob = tb[KZT_A_WORLD_BLOB];
	if (blob && !kzt_world_parse_blob(&w, mnl_attr_get_payload(blob),
					  mnl_attr_get_payload_len(blob), NULL) &&
	    w.type == 127)
		json_array_append_new(data, moon_json(&w));
	return MNL_CB_OK;
}

/* The moon if it is here by now, else that it is waited for */
static void moon_orbit(struct agent *a, struct controller_call *call, uint64_t id)
{
	const char *text = kzt_get_str(call->body, "seed", "");
	char err[AGENT_ERR] = "", hex[17];
	uint64_t seed = 0;
	bool waiting;

	if (!lax_hex(text, 10, &seed) && !lax_hex(text, 16, &seed))
		controller_refuse(call, 400, "a moon needs a seed: ten hexadecimal digits");
	else if (agent_moon_orbit(a, id, seed, &waiting, err))
		controller_refuse(call, 500, err);
	else
		controller_answer(call, 200, json_pack("{s:s,s:i,s:b,s:[]}", "id",
			controller_hex(id, 16, hex), "timestamp", 0, "waiting", waiting,
			"roots"));
}

static void moon(struct agent *a, struct controller_call *call, const char *id)
{
	json_t *list = json_array(), *found = NULL, *v;
	char err[AGENT_ERR] = "", text[17];
	uint64_t n = 0;
	size_t i;

	if (id && !lax_hex(id, 10, &n) && !lax_hex(id, 16, &n)) {
		json_decref(list);
		controller_answer(call, 404, NULL);
		return;
	}
	kzt_nl_simple(&a->cmd, KZT_CMD_WORLD_GET, NLM_F_DUMP, moon_cb, list);
	controller_hex(n, 16, text);
	json_array_foreach(list, i, v)
		if (!strcmp(kzt_get_str(v, "id", ""), text))
			found = v;
	if (!id)
		controller_answer(call, 200, json_incref(list));
	else if (call->method == METHOD_DELETE)
		controller_answer(call, 200, agent_moon_del(a, n, err) ? json_object() :
		       json_pack("{s:b}", "result", 1));
	else if (call->method == METHOD_POST && !found)
		moon_orbit(a, call, n);
	else
		controller_answer(call, found ? 200 : 404, found ? json_incref(found) : NULL);
	json_decref(list);
}

/* --- paths ------------------------------ */

bool controller_local(struct agent *a, struct controller_call *call)
{
	bool get = call->method == METHOD_GET;
	char path[128], *save = NULL, *word, *id, *more;

	if (strlen(call->path) >= sizeof(path)) {
		controller_answer(call, 404, NULL);
		return true;
	}
	strcpy(path, call->path);
	word = strtok_r(path, "/", &save);
	if (word && (!strcmp(word, "controller") || !strcmp(word, "unstable")))
		return false;
	id = word ? strtok_r(NULL, "/", &save) : NULL;
	if (word && !strcmp(word, "bond")) {
		controller_bond(a, call, id, save);
		return true;
	}
	more = id ? strtok_r(NULL, "/", &save) : NULL;
	if (!word || more)
		controller_answer(call, 404, NULL);
	else if (!strcmp(word, "status") && get && !id)
		status(a, call);
	else if (!strcmp(word, "health") && get && !id)
		health(a, call);
	else if (!strcmp(word, "config"))
		controller_settings(a, call, id);
	else if (!strcmp(word, "metrics") && get && !id)
		controller_metrics(a, call);
	else if (!strcmp(word, "network"))
		network(a, call, id);
	else if (!strcmp(word, "peer") && get)
		peer(a, call, id);
	else if (!strcmp(word, "moon") && (id || get))
		moon(a, call, id);
	else
		controller_answer(call, 404, NULL);
	return true;
}
