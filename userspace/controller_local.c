// SPDX-License-Identifier: GPL-2.0
/*
 * The local service API's view of this node: status, joined networks, peers,
 * moons (spec 4.13.2).
 */
#include "controller_http.h"
#include "decode.h"
#include "lax.h"
#include "out.h"
#include "service_json.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

json_t *controller_node_json(struct agent *a)
{
	json_t *list = controller_dump(a, KZT_CMD_NODE_GET, 0, kzt_decode_node);
	json_t *node = json_incref(json_array_get(list, 0));

	json_decref(list);
	return node ? node : json_object();
}

static void status(struct agent *a, struct controller_call *call)
{
	json_t *node = controller_node_json(a);

	controller_answer(call, 200, kzt_service_status(node, a->state.path,
							controller_clock_ms()));
	json_decref(node);
}

static void health(struct agent *a, struct controller_call *call)
{
	json_t *node = controller_node_json(a);

	controller_answer(call, 200, kzt_service_health(node, controller_clock_ms()));
	json_decref(node);
}

/* --- /network ------------------------------ */

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
			json_array_append_new(out, kzt_service_network(nw, all, groups));
		else if (!out && !strcmp(kzt_get_str(nw, "id", ""), id))
			out = kzt_service_network(nw, all, groups);
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
	const char *managed = kzt_get_str(call->body, "allowManaged", "");
	char err[AGENT_ERR] = "";
	json_t *done = json_object(), *one;
	int code;

	if (strlen(managed) > 5) {	/* longer than false: prefixes */
		allow.managed = -1;
		allow.within = managed;
	}
	code = agent_network_join(a, strtoull(id, NULL, 16), NULL, NULL, &allow,
				  done, err);
	json_decref(done);
	if (code && code != -EEXIST) {
		controller_refuse(call, 500, *err ? err : strerror(-code));
		return;
	}
	one = networks(a, id);
	controller_answer(call, 200, one ? one : json_object());
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
	char text[17];
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
		one = networks(a, controller_hex(n, 16, text));
		controller_answer(call, one ? 200 : 404, one ? one : json_object());
	} else if (call->method == METHOD_DELETE) {
		network_leave(a, call, controller_hex(n, 16, text));
	} else {
		network_join(a, call, controller_hex(n, 16, text));
	}
}

/* --- /peer ------------------------------ */

static void peer(struct agent *a, struct controller_call *call, const char *id)
{
	json_t *list = controller_dump(a, KZT_CMD_PEER_GET, NLM_F_DUMP, kzt_decode_peer);
	json_t *out = id ? json_object() : json_array(), *node = controller_node_json(a);
	uint64_t now = controller_clock_ms(), address = 0;
	char text[17] = "";
	const json_t *v;
	size_t i;

	if (id && lax_hex(id, 10, &address))
		controller_hex(address, 10, text);
	json_array_foreach(list, i, v) {
		if (!id) {
			json_array_append_new(out, kzt_service_peer(v, node, now));
		} else if (!strcmp(text, kzt_get_str(v, "address", ""))) {
			json_decref(out);
			out = kzt_service_peer(v, node, now);
			break;
		}
	}
	json_decref(list);
	json_decref(node);
	controller_answer(call, 200, out);
}

/* --- /moon ------------------------------ */

/* All, or the one with @id; NULL if that is not here */
static json_t *moons(struct agent *a, const char *id)
{
	json_t *list = json_array(), *found = NULL, *v;
	size_t i;

	kzt_nl_simple(&a->cmd, KZT_CMD_WORLD_GET, NLM_F_DUMP, kzt_service_moon_cb, list);
	if (!id)
		return list;
	json_array_foreach(list, i, v)
		if (!strcmp(kzt_get_str(v, "id", ""), id))
			found = json_incref(v);
	json_decref(list);
	return found;
}

/* The moon if it is here by now, else that it is waited for */
static void moon_orbit(struct agent *a, struct controller_call *call, uint64_t id)
{
	const char *text = kzt_get_str(call->body, "seed", "");
	char err[AGENT_ERR] = "", hex[17];
	json_t *found = NULL;
	uint64_t seed = 0;
	bool waiting;

	if (!lax_hex(text, 10, &seed) && !lax_hex(text, 16, &seed)) {
		controller_refuse(call, 400, "a moon needs a seed: ten hexadecimal digits");
	} else if (agent_moon_orbit(a, id, seed, &waiting, err)) {
		controller_refuse(call, 500, err);
	} else {
		controller_hex(id, 16, hex);
		if (!waiting)
			found = moons(a, hex);
		controller_answer(call, 200, found ? found : kzt_service_moon_wanted(hex));
	}
}

static void moon(struct agent *a, struct controller_call *call, const char *id)
{
	char err[AGENT_ERR] = "", text[17];
	json_t *found;
	uint64_t n = 0;

	if (!id) {
		controller_answer(call, 200, moons(a, NULL));
		return;
	}
	if (!lax_hex(id, 10, &n) && !lax_hex(id, 16, &n)) {
		controller_answer(call, 404, NULL);
		return;
	}
	if (call->method == METHOD_DELETE) {
		controller_answer(call, 200, agent_moon_del(a, n, err) ? json_object() :
				  json_pack("{s:b}", "result", 1));
		return;
	}
	found = moons(a, controller_hex(n, 16, text));
	if (call->method == METHOD_POST && !found)
		moon_orbit(a, call, n);
	else
		controller_answer(call, found ? 200 : 404, found);
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
