// SPDX-License-Identifier: GPL-2.0
/* The local service API: settings, and what monitors read (spec 4.13.2). */
#include "controller_http.h"
#include "decode.h"
#include "lax.h"
#include "metrics.h"
#include "service_json.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- settings ------------------------------ */

static void settings_get(struct agent *a, struct controller_call *call, bool inner)
{
	json_t *node = controller_node_json(a), *o = kzt_service_settings(node, a->state.path);

	json_decref(node);
	controller_answer(call, 200, inner ? o : json_pack("{s:o}", "settings", o));
}

/* Two ports are all that kzt takes here; the rest may be as it is, no other */
static bool setting_check(struct controller_call *call, const char *key, const json_t *v,
			  const json_t *old, struct nlmsghdr *nlh)
{
	bool primary = !strcmp(key, "primaryPort");
	char why[AGENT_ERR];
	uint64_t port;

	if (old && json_equal(old, v))
		return true;
	if (!primary && strcmp(key, "secondaryPort")) {
		snprintf(why, sizeof(why), "kzt has no setting %.60s here: see kzt.conf(5)",
			 key);
		controller_refuse(call, 501, why);
		return false;
	}
	port = lax_uint(v, UINT64_MAX);
	if (port < primary || port > 65535) {
		snprintf(why, sizeof(why), "%s is no port", key);
		controller_refuse(call, 400, why);
		return false;
	}
	if (primary)
		mnl_attr_put_u16(nlh, KZT_A_NODE_PORT, (uint16_t)port);
	else
		mnl_attr_put_u32(nlh, KZT_A_NODE_SECONDARY_PORT, (uint32_t)port);
	return true;
}

/* All of them or none */
static void settings_post(struct agent *a, struct controller_call *call, bool inner)
{
	json_t *node = controller_node_json(a), *old = kzt_service_settings(node, a->state.path);
	const json_t *body = inner ? call->body : json_object_get(call->body, "settings");
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_NODE_SET, 0);
	size_t empty = nlh->nlmsg_len;
	bool good = true;
	const char *key;
	const json_t *v;

	json_object_foreach((json_t *)body, key, v)
		good = good && setting_check(call, key, v, json_object_get(old, key), nlh);
	json_decref(node);
	json_decref(old);
	if (!good)
		return;
	if (nlh->nlmsg_len > empty && kzt_nl_talk(&a->cmd, nlh, NULL, NULL))
		controller_refuse(call, 500, a->cmd.err);
	else
		settings_get(a, call, inner);
}

void controller_settings(struct agent *a, struct controller_call *call, const char *what)
{
	if (what && strcmp(what, "settings"))
		controller_answer(call, 404, NULL);
	else if (call->method == METHOD_GET)
		settings_get(a, call, what);
	else if (call->method == METHOD_POST)
		settings_post(a, call, what);
	else
		controller_answer(call, 404, NULL);
}

/* --- /metrics ------------------------------ */

static json_t *first(json_t *list)
{
	json_t *o = json_incref(json_array_get(list, 0));

	json_decref(list);
	return o;
}

void controller_metrics(struct agent *a, struct controller_call *call)
{
	struct kzt_metrics m = {
		.node = controller_node_json(a),
		.networks = controller_dump(a, KZT_CMD_NETWORK_GET, NLM_F_DUMP,
					    kzt_decode_network),
		.peers = controller_dump(a, KZT_CMD_PEER_GET, NLM_F_DUMP, kzt_decode_peer),
		.counters = first(controller_dump(a, KZT_CMD_STATS_GET, 0,
						  kzt_decode_counters)),
	};
	size_t len;
	FILE *f = open_memstream(&call->text, &len);

	agent_networks_add_missing(a, m.networks);
	if (f) {
		kzt_metrics_text(&m, f);
		if (fclose(f)) {
			free(call->text);
			call->text = NULL;
		}
	}
	kzt_metrics_free(&m);
	controller_answer(call, call->text ? 200 : 503, NULL);
}
