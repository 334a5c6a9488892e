// SPDX-License-Identifier: GPL-2.0
/* What zerotier-cli knows: asked of the module and the agent. */
#include "cli_shim.h"
#include "agent_client.h"
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include "service_json.h"
#include <string.h>
#include <time.h>

/* --- what there is ----------------------------------------------------------------- */

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
	if (!err)
		err = kzt_fetch_groups(&nl, 0, &s->groups);
	s->moons = json_array();
	if (!err && kzt_nl_simple(&nl, KZT_CMD_WORLD_GET, NLM_F_DUMP, kzt_service_moon_cb,
				  s->moons))
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
	json_decref(s->groups);
	json_decref(s->moons);
	s->node = s->peers = s->networks = s->settings = s->groups = s->moons = NULL;
}

json_t *shim_network(struct shim *s, const char *id)
{
	json_t *o;
	size_t i;

	json_array_foreach(s->networks, i, o)
		if (!strcasecmp(kzt_get_str(o, "id", ""), id))
			return o;
	return NULL;
}

/* --- objects -------------------------------------------------------------------------- */

static uint64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* The agent says where its state is; without one nobody has any */
json_t *shim_status_json(struct shim *s)
{
	json_t *answer = NULL, *o;

	if (kzt_agent_ask(json_pack("{s:s}", "cmd", "status"), &answer))
		answer = NULL;
	o = kzt_service_status(s->node, kzt_get_str(answer, "state", ""), clock_ms());
	json_decref(answer);
	return o;
}

json_t *shim_peers_json(struct shim *s)
{
	json_t *list = json_array();
	uint64_t now = clock_ms();
	const json_t *peer;
	size_t i;

	json_array_foreach(s->peers, i, peer)
		json_array_append_new(list, kzt_service_peer(peer, s->node, now));
	return list;
}

json_t *shim_network_json(struct shim *s, const json_t *network)
{
	return kzt_service_network(network, s->settings, s->groups);
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
	return json_incref(s->moons);
}
