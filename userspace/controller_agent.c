// SPDX-License-Identifier: GPL-2.0
/* The controller as a part of the agent: it serves the node's own networks. */
#include "controller_http.h"
#include "verbs.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct agent_controller {
	struct agent_controller_options opt;
	struct controller_http *http;
	struct controller *controller;
	char database[PATH_MAX + 32];
	uint64_t told_of;	/* node that has no controller, and why: said once */
	int told_err;
};

/* The secret, as the state directory has it; it must be the node's */
static int identity_load(struct agent *a, struct kzt_id *id)
{
	char text[KZT_ID_TEXT_MAX];
	ssize_t n = agent_state_read(&a->state, "identity.secret", text, sizeof(text) - 1);
	int err;

	if (n < 0)
		return (int)n;
	text[n] = 0;
	err = kzt_id_parse(id, text, NULL);
	explicit_bzero(text, sizeof(text));
	if (!err && (!id->has_secret || id->address != a->address))
		err = -EKEYREJECTED;
	return err;
}

static void leave(struct agent_controller *ac)
{
	if (!ac->controller)
		return;
	controller_http_use(ac->http, NULL);
	controller_stop(ac->controller);
	free(ac->controller);
	ac->controller = NULL;
}

/* Serve the networks of the node's identity, whichever that is now */
static void serve(struct agent *a)
{
	struct agent_controller *ac = a->controller;
	struct kzt_id id;
	int err;

	if (ac->controller && ac->controller->id.address == a->address)
		return;
	leave(ac);
	if (!a->address)
		return;
	err = identity_load(a, &id);
	if (!err) {
		ac->controller = calloc(1, sizeof(*ac->controller));
		err = ac->controller ? controller_start(ac->controller, a, &id,
							ac->database) : -ENOMEM;
		if (ac->controller)
			ac->controller->on_done = controller_http_done;
	}
	explicit_bzero(&id, sizeof(id));
	if (err) {
		if (ac->told_of != a->address || ac->told_err != err)
			agent_log(LOG_NOTICE, "no controller: %s", err == -ENOENT ||
				  err == -EKEYREJECTED ?
				  "the state directory has not the node's secret" :
				  strerror(-err));
		ac->told_of = a->address;
		ac->told_err = err;
		leave(ac);
		return;
	}
	controller_http_use(ac->http, ac->controller);
}

void agent_controller_packet(struct agent *a, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[KZT_A_MESSAGE_MAX + 1], *data, *identity;
	struct controller *c = a->controller ? a->controller->controller : NULL;
	struct kzt_cur cur;
	struct controller_request *rq;
	const uint8_t *meta;

	kzt_nl_attrs(nlh, tb, KZT_A_MESSAGE_MAX);
	data = tb[KZT_A_MESSAGE_DATA];
	identity = tb[KZT_A_MESSAGE_IDENTITY];
	if (!c || !data || !identity || mnl_attr_get_payload_len(identity) != KZT_ID_BINARY_LEN ||
	    kzt_attr_uint(tb[KZT_A_MESSAGE_VERB], 0) != KZT_VERB_NETWORK_CONFIG_REQUEST)
		return;
	rq = calloc(1, sizeof(*rq));
	if (!rq)
		return;
	cur = kzt_cur(mnl_attr_get_payload(data), mnl_attr_get_payload_len(data));
	rq->from = kzt_attr_uint(tb[KZT_A_MESSAGE_ADDRESS], 0);
	rq->packet_id = kzt_attr_uint(tb[KZT_A_MESSAGE_PACKET_ID], 0);
	memcpy(rq->identity, mnl_attr_get_payload(identity), KZT_ID_BINARY_LEN);
	rq->nwid = kzt_cur_u64(&cur);
	rq->meta_len = kzt_cur_u16(&cur);
	meta = kzt_cur_bytes(&cur, rq->meta_len);
	if (cur.bad) {
		free(rq);
		return;
	}
	if (rq->meta_len > sizeof(rq->meta))
		rq->meta_len = sizeof(rq->meta);
	memcpy(rq->meta, meta, rq->meta_len);
	kzt_cur_u64(&cur);	/* its revision, which says nothing about revocations */
	rq->held_ms = kzt_cur_u64(&cur);
	rq->says_held = !cur.bad;
	controller_ask(c, rq);
}

void agent_controller_own(struct agent *a, const struct kzt_config_request *r)
{
	struct controller *c = a->controller ? a->controller->controller : NULL;
	struct controller_request *rq = c ? calloc(1, sizeof(*rq)) : NULL;

	if (!rq)
		return;
	rq->from = c->id.address;
	rq->nwid = r->nwid;
	kzt_id_binary(&c->id, false, rq->identity);
	rq->meta_len = r->meta_len < sizeof(rq->meta) ? r->meta_len : sizeof(rq->meta);
	memcpy(rq->meta, r->meta, rq->meta_len);
	rq->says_held = true;
	rq->held_ms = r->timestamp;
	controller_ask(c, rq);
}

int agent_controller_start(struct agent *a, const struct agent_controller_options *opt)
{
	struct agent_controller *ac = calloc(1, sizeof(*ac));
	int err;

	if (!ac)
		return -ENOMEM;
	a->controller = ac;
	ac->opt = *opt;
	if (opt->database)
		snprintf(ac->database, sizeof(ac->database), "%s", opt->database);
	else
		snprintf(ac->database, sizeof(ac->database), "%s/controller.db",
			 a->state.path);
	err = controller_http_start(&ac->http, a, opt->socket, opt->tcp.ss_family ?
				    (const struct sockaddr *)&opt->tcp : NULL);
	if (!err)
		serve(a);
	return err;
}

void agent_controller_tick(struct agent *a)
{
	if (!a->controller)
		return;
	serve(a);
	controller_http_tick(a->controller->http);
}

json_t *agent_controller_json(struct agent *a)
{
	struct controller *c = a->controller ? a->controller->controller : NULL;
	struct controller_stats *s;

	if (!c)
		return json_null();
	s = &c->stats;
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "requests",
			 (json_int_t)s->requests, "dropped", (json_int_t)s->dropped, "configs",
			 (json_int_t)s->configs, "pushes", (json_int_t)s->pushes, "refused",
			 (json_int_t)s->refused, "revocations", (json_int_t)s->revocations, "lost",
			 (json_int_t)s->lost);
}

void agent_controller_stop(struct agent *a)
{
	struct agent_controller *ac = a->controller;

	if (!ac)
		return;
	leave(ac);
	controller_http_stop(ac->http);
	free(ac);
	a->controller = NULL;
}
