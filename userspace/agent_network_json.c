// SPDX-License-Identifier: GPL-2.0
/* Networks as the agent's clients see them. */
#include "agent_config.h"
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static const char *const status_names[] = {
	[KZT_NETWORK_STATUS_REQUESTING_CONFIGURATION] = "requesting-configuration",
	[KZT_NETWORK_STATUS_OK] = "ok",
	[KZT_NETWORK_STATUS_ACCESS_DENIED] = "access-denied",
	[KZT_NETWORK_STATUS_NOT_FOUND] = "not-found",
	[KZT_NETWORK_STATUS_PORT_ERROR] = "port-error",
	[KZT_NETWORK_STATUS_CLIENT_TOO_OLD] = "client-too-old",
	[KZT_NETWORK_STATUS_AUTHENTICATION_REQUIRED] = "authentication-required",
};

static const char *status_name(uint32_t status)
{
	return status < sizeof(status_names) / sizeof(status_names[0]) ?
	       status_names[status] : "unknown";
}

static json_t *addresses_json(const struct agent_network *nw)
{
	json_t *list = json_array();
	char text[64];
	unsigned int i;

	for (i = 0; list && i < nw->n_addr; i++) {
		agent_prefix_text(&nw->addr[i], text);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

/* Why a network is not up, in a sentence for who joined it; false if it is */
static bool reason(struct agent *a, const struct agent_network *nw, char text[AGENT_ERR])
{
	uint64_t controller = nw->id >> 24;
	struct kzt_id id;

	if (nw->status == KZT_NETWORK_STATUS_OK)
		return false;
	if (!a->address)
		snprintf(text, AGENT_ERR, "there is no node");
	else if (nw->id >> 56 == 0xff)
		return false;
	else if (nw->status == KZT_NETWORK_STATUS_ACCESS_DENIED)
		snprintf(text, AGENT_ERR,
			 "the controller %010" PRIx64 " has not authorised %010" PRIx64,
			 controller, a->address);
	else if (nw->status == KZT_NETWORK_STATUS_NOT_FOUND)
		snprintf(text, AGENT_ERR,
			 "the controller %010" PRIx64 " does not know this network", controller);
	else if (nw->status == KZT_NETWORK_STATUS_AUTHENTICATION_REQUIRED)
		snprintf(text, AGENT_ERR,
			 "the controller %010" PRIx64 " wants this node authenticated first",
			 controller);
	else if (nw->status != KZT_NETWORK_STATUS_REQUESTING_CONFIGURATION)
		return false;
	else if (!agent_peer_identity(a, controller, &id))
		snprintf(text, AGENT_ERR, "the controller %010" PRIx64 " does not answer",
			 controller);
	else
		snprintf(text, AGENT_ERR, "the controller %010" PRIx64 " is not known yet%s",
			 controller, a->online ? "" : ", and no root answers");
	return true;
}

/* Spec 4.4.5: the device is what is wrong, whatever the controller says */
static void missing_json(const struct agent_network *nw, json_t *out)
{
	json_object_set_new(out, "status",
			    json_string(status_name(KZT_NETWORK_STATUS_PORT_ERROR)));
	json_object_set_new(out, "port-error", json_integer(nw->port_error));
	json_object_set_new(out, "reason", json_string(nw->reason));
	if (*nw->want_dev)
		json_object_set_new(out, "dev", json_string(nw->want_dev));
	if (*nw->want_netns)
		json_object_set_new(out, "netns", json_string(nw->want_netns));
}

void agent_network_json(struct agent *a, const struct agent_network *nw, json_t *out)
{
	char text[AGENT_ERR];
	int fd;

	snprintf(text, sizeof(text), "%016" PRIx64, nw->id);
	json_object_set_new(out, "id", json_string(text));
	json_object_set_new(out, "joined", json_boolean(nw->joined));
	agent_config_json(nw, out);
	if (!nw->present) {
		missing_json(nw, out);
		return;
	}
	json_object_set_new(out, "dev", json_string(nw->ifname));
	json_object_set_new(out, "ifindex", json_integer(nw->ifindex));
	json_object_set_new(out, "status", json_string(status_name(nw->status)));
	json_object_set_new(out, "addresses", addresses_json(nw));
	if (reason(a, nw, text))
		json_object_set_new(out, "reason", json_string(text));
	if (nw->nsid < 0)
		return;
	fd = agent_netns_by_id(a, nw->nsid, text);
	if (fd >= 0) {
		json_object_set_new(out, "netns", json_string(text));
		close(fd);
	}
}

json_t *agent_networks_json(struct agent *a)
{
	json_t *list = json_array(), *one;
	struct agent_network *nw;

	for (nw = a->networks->first; list && nw; nw = nw->next) {
		one = json_object();
		agent_network_json(a, nw, one);
		json_array_append_new(list, one);
	}
	return list;
}

void agent_networks_add_missing(struct agent *a, json_t *list)
{
	struct agent_network *nw;
	json_t *one;

	for (nw = a->networks->first; nw; nw = nw->next) {
		if (nw->present)
			continue;
		one = json_object();
		agent_network_json(a, nw, one);
		json_array_append_new(list, one);
	}
}
