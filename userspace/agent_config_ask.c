// SPDX-License-Identifier: GPL-2.0
/* Asking controllers for configurations (spec 4.4). */
#include "agent_config.h"
#include "dictionary.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#define ASK_MS 5000
#define REFRESH_MS 60000

/* What is announced: the reference's release whose behaviour this is */
#define META_VERSION 7
#define META_PROTOCOL 12
#define META_MAJOR 1
#define META_MINOR 14
#define META_REVISION 1

static size_t metadata(uint8_t *buf, size_t room)
{
	struct kzt_wcur w = kzt_wcur(buf, room);
	char platform[80] = "linux";
	struct utsname u;

	if (!uname(&u))
		snprintf(platform, sizeof(platform), "linux/%s", u.machine);
	kzt_dict_put_uint(&w, "v", META_VERSION);
	kzt_dict_put_uint(&w, "vend", 0);
	kzt_dict_put_uint(&w, "pv", META_PROTOCOL);
	kzt_dict_put_uint(&w, "majv", META_MAJOR);
	kzt_dict_put_uint(&w, "minv", META_MINOR);
	kzt_dict_put_uint(&w, "revv", META_REVISION);
	kzt_dict_put_uint(&w, "mr", KZT_CONFIG_MAX_RULES);
	kzt_dict_put_uint(&w, "mc", KZT_CONFIG_MAX_CAPS);
	kzt_dict_put_uint(&w, "mcr", KZT_CAP_MAX_RULES);
	kzt_dict_put_uint(&w, "mt", KZT_CONFIG_MAX_TAGS);
	kzt_dict_put_uint(&w, "f", 0);
	kzt_dict_put_uint(&w, "revr", 1);
	kzt_dict_put_text(&w, "o", platform);
	return w.bad ? 0 : kzt_wcur_len(&w);
}

static void ask(struct agent *a, struct agent_network *nw)
{
	const struct kzt_config *conf = nw->config->conf;
	uint8_t meta[KZT_CONFIG_MAX_META], body[KZT_CONFIG_MAX_META + 32];
	struct kzt_wcur w = kzt_wcur(body, sizeof(body));
	struct kzt_config_request r = {
		.nwid = nw->id,
		.meta = meta,
		.meta_len = metadata(meta, sizeof(meta)),
		.revision = conf ? conf->revision : 0,
		.timestamp = conf ? conf->timestamp : 0,
	};

	nw->config->asked_ms = agent_now_ms();
	if (nw->id >> 24 == a->address) {
		/* Ourselves: no packet leaves */
		agent_controller_own(a, &r);
		return;
	}
	kzt_config_request_put(&w, &r);
	/* Not known yet: it is being looked for, and asked a second later */
	if (agent_packet_send(a, nw->id >> 24, KZT_VERB_NETWORK_CONFIG_REQUEST,
			      body, kzt_wcur_len(&w)))
		nw->config->asked_ms -= ASK_MS - 1000;
}

static bool due(const struct agent_config *c, uint64_t now)
{
	if (c->asked_ms && now - c->asked_ms < ASK_MS)
		return false;
	return !c->conf || c->cached || !c->got_ms ||
	       now - c->got_ms >= REFRESH_MS;
}

/* A configuration was made for one identity and is of no use to another */
static void check_identity(struct agent *a, struct agent_network *nw)
{
	if (nw->config->conf && nw->config->conf->issued_to != a->address) {
		agent_config_close(nw);
		agent_config_open(a, nw);
	}
}

void agent_config_tick(struct agent *a)
{
	uint64_t now = agent_now_ms();
	struct agent_network *nw;

	for (nw = a->networks->first; a->address && nw; nw = nw->next) {
		if (!nw->present || agent_config_open(a, nw) || !nw->config)
			continue;
		check_identity(a, nw);
		if (!nw->config)
			continue;
		if (!nw->config->asked_ms)
			agent_config_load(a, nw);
		if (due(nw->config, now))
			ask(a, nw);
		agent_cred_tick(a, nw);
	}
}

const struct kzt_id *agent_config_controller(struct agent *a,
					     struct agent_network *nw)
{
	struct agent_config *c = nw->config;
	uint64_t address = nw->id >> 24;

	if (c->controller.address == address)
		return &c->controller;
	if (address == a->address) {
		if (agent_node_public(a, &c->controller))
			return NULL;
	} else if (agent_peer_identity(a, address, &c->controller)) {
		return NULL;
	}
	return &c->controller;
}

static uint32_t status_of(uint8_t code)
{
	switch (code) {
	case KZT_ERROR_OBJ_NOT_FOUND:
	case KZT_ERROR_UNSUPPORTED_OPERATION:
		return KZT_NETWORK_STATUS_NOT_FOUND;
	case KZT_ERROR_NETWORK_ACCESS_DENIED:
		return KZT_NETWORK_STATUS_ACCESS_DENIED;
	case KZT_ERROR_NETWORK_AUTH_REQUIRED:
		return KZT_NETWORK_STATUS_AUTHENTICATION_REQUIRED;
	default:
		return KZT_NETWORK_STATUS_OK;
	}
}

/* Where the user has to go, if the controller says it (spec 4.4.4) */
static void note_auth_url(struct agent_config *c, const struct kzt_error *e)
{
	const uint8_t *dict;
	struct kzt_dict d;
	uint64_t nwid;
	size_t len;

	if (kzt_error_auth(e, &nwid, &dict, &len) || !dict)
		return;
	d = kzt_dict(dict, len);
	if (kzt_dict_text(&d, "aU", c->auth_url, sizeof(c->auth_url)) <= 0)
		kzt_dict_text(&d, "iU", c->auth_url, sizeof(c->auth_url));
	agent_clean(c->auth_url);
}

static void say_status(const struct agent_network *nw, uint32_t status)
{
	const char *what = status == KZT_NETWORK_STATUS_NOT_FOUND ?
			   "it does not know this network" :
			   status == KZT_NETWORK_STATUS_ACCESS_DENIED ?
			   "this node is not authorised" :
			   "this node has to be authenticated first";

	agent_log(LOG_NOTICE, "network %016" PRIx64 ": %010" PRIx64 " says: %s%s%s",
		  nw->id, nw->id >> 24, what, *nw->config->auth_url ? ": " : "",
		  nw->config->auth_url);
}

void agent_config_error(struct agent *a, uint64_t from, const uint8_t *pkt,
			size_t len)
{
	struct agent_network *nw;
	struct kzt_error e;
	uint32_t status;
	uint64_t nwid;

	if (kzt_error_parse(pkt, len, &e) || kzt_error_nwid(&e, &nwid))
		return;
	status = status_of(e.code);
	nw = agent_network_find(a, nwid);
	if (status == KZT_NETWORK_STATUS_OK || !nw || !nw->config ||
	    from != nwid >> 24)
		return;
	/* A refusal of something that was not asked for is none (spec 4.4.3) */
	if (e.in_re_verb != KZT_VERB_NETWORK_CONFIG_REQUEST ||
	    !nw->config->asked_ms)
		return;
	nw->config->auth_url[0] = 0;
	if (status == KZT_NETWORK_STATUS_AUTHENTICATION_REQUIRED)
		note_auth_url(nw->config, &e);
	if (nw->status != status)
		say_status(nw, status);
	agent_config_status(a, nw, status);
}
