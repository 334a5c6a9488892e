// SPDX-License-Identifier: GPL-2.0
/* The configuration of a network with a controller: held, stored, forgotten. */
#include "agent_config.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- memory ---------- */

int agent_config_open(struct agent *a, struct agent_network *nw)
{
	(void)a;
	if (nw->config || nw->id >> 56 == 0xff)
		return 0;
	nw->config = calloc(1, sizeof(*nw->config));
	if (!nw->config)
		return -ENOMEM;
	nw->config->members = agent_members_alloc();
	if (nw->config->members)
		return 0;
	free(nw->config);
	nw->config = NULL;
	return -ENOMEM;
}

static void conf_drop(struct agent_config *c)
{
	free(c->conf);
	free(c->scratch);
	free(c->dict);
	c->conf = NULL;
	c->scratch = NULL;
	c->dict = NULL;
	c->dict_len = 0;
}

void agent_config_close(struct agent_network *nw)
{
	struct agent_config *c = nw->config;

	if (!c)
		return;
	conf_drop(c);
	agent_config_assemblies_free(c);
	agent_members_free(c->members);
	free(c);
	nw->config = NULL;
}

/* --- the disk ---------- */

static void cache_name(char name[64], uint64_t id)
{
	snprintf(name, 64, "networks.d/%016" PRIx64 ".conf", id);
}

static void cache_write(struct agent *a, const struct agent_network *nw)
{
	const struct agent_config *c = nw->config;
	static struct agent_limit limit;
	char name[64];
	int err;

	cache_name(name, nw->id);
	err = agent_state_write(&a->state, name, c->dict, c->dict_len);
	if (err && agent_limit_pass(&limit))
		agent_log(LOG_WARNING, "cannot write %s/%s: %s", a->state.path,
			  name, strerror(-err));
}

void agent_config_load(struct agent *a, struct agent_network *nw)
{
	char name[64], err[AGENT_ERR];
	uint8_t *dict;
	ssize_t n;

	if (!nw->config || nw->config->conf || !a->address)
		return;
	dict = malloc(KZT_CONFIG_MAX_LEN);
	if (!dict)
		return;
	cache_name(name, nw->id);
	n = agent_state_read(&a->state, name, dict, KZT_CONFIG_MAX_LEN);
	if (n > 0 && agent_config_take(a, nw, dict, (size_t)n, true, err))
		agent_log(LOG_INFO, "%s/%s is not used: %s", a->state.path, name,
			  err);
	free(dict);
	/* Used from now on, but overdue (spec 4.4.2) */
	nw->config->got_ms = 0;
	nw->config->cached = nw->config->conf;
	agent_cred_load(a, nw);
}

void agent_config_forget(struct agent *a, struct agent_network *nw)
{
	char name[64];

	cache_name(name, nw->id);
	agent_state_remove(&a->state, name);
	snprintf(name, sizeof(name), "networks.d/%016" PRIx64 ".revoked", nw->id);
	agent_state_remove(&a->state, name);
}

/* --- a new one ---------- */

struct fresh {
	struct kzt_config *conf;
	uint8_t *scratch, *dict;
};

static int fresh_make(struct fresh *f, const uint8_t *dict, size_t len,
		      char err[AGENT_ERR])
{
	const char *why;
	int code;

	f->conf = malloc(sizeof(*f->conf));
	f->scratch = malloc(len ? len : 1);
	f->dict = malloc(len ? len : 1);
	if (!f->conf || !f->scratch || !f->dict)
		return agent_err(err, -ENOMEM, "no memory");
	memcpy(f->dict, dict, len);
	code = kzt_config_decode(f->conf, dict, len, f->scratch, len, &why);
	if (code)
		return agent_err(err, code, "%s", why);
	agent_clean(f->conf->name);
	agent_clean(f->conf->dns_domain);
	return 0;
}

static void fresh_free(struct fresh *f)
{
	free(f->conf);
	free(f->scratch);
	free(f->dict);
}

/* Spec 4.7.3 step 7 */
static int fresh_check(struct agent *a, const struct agent_network *nw,
		       const struct kzt_config *conf, bool answer,
		       char err[AGENT_ERR])
{
	const struct kzt_config *old = nw->config->conf;

	if (conf->nwid != nw->id)
		return agent_err(err, -EINVAL, "it is of network %016" PRIx64,
				 conf->nwid);
	if (conf->issued_to != a->address)
		return agent_err(err, -EINVAL, "it is for node %010" PRIx64,
				 conf->issued_to);
	if (old && !answer && conf->timestamp < old->timestamp)
		return agent_err(err, -EINVAL, "it is older than the one held");
	return 0;
}

/* The module has it; the rest follows.  What fails there is said, not undone. */
static void fresh_install(struct agent_network *nw, struct fresh *f, size_t len)
{
	struct agent_config *c = nw->config;
	bool first = !c->conf;

	conf_drop(c);
	c->conf = f->conf;
	c->scratch = f->scratch;
	c->dict = f->dict;
	c->dict_len = len;
	c->cached = false;
	c->got_ms = agent_now_ms();
	c->auth_url[0] = 0;
	memset(f, 0, sizeof(*f));
	if (first)
		agent_log(LOG_INFO, "network %016" PRIx64 " (%s): configured by %010" PRIx64,
			  nw->id, c->conf->name, nw->id >> 24);
}

int agent_config_take(struct agent *a, struct agent_network *nw,
		      const uint8_t *dict, size_t len, bool answer,
		      char err[AGENT_ERR])
{
	struct agent_config *c = nw->config, before;
	struct fresh f = { 0 };
	int code;

	if (c->conf && len == c->dict_len && !memcmp(dict, c->dict, len)) {
		c->cached = false;
		agent_config_status(a, nw, KZT_NETWORK_STATUS_OK);
		return 0;
	}
	code = fresh_make(&f, dict, len, err);
	if (!code)
		code = fresh_check(a, nw, f.conf, answer, err);
	if (code) {
		fresh_free(&f);
		return code;
	}
	before = *c;
	c->conf = f.conf;
	code = agent_config_to_kernel(a, nw, err);
	c->conf = before.conf;
	if (code) {
		fresh_free(&f);
		return code;
	}
	fresh_install(nw, &f, len);
	cache_write(a, nw);
	agent_network_refresh(a, nw);	/* addresses, then routes by them */
	agent_routes_apply(a, nw);
	agent_dns_apply(a);
	agent_cred_recheck(a, nw);
	return 0;
}

void agent_config_status(struct agent *a, struct agent_network *nw,
			 uint32_t status)
{
	struct nlmsghdr *nlh;

	if (nw->status == status || !nw->present)
		return;
	nlh = kzt_nl_begin(&a->cmd, KZT_CMD_NETWORK_SET, 0);
	mnl_attr_put_u64(nlh, KZT_A_NETWORK_ID, nw->id);
	mnl_attr_put_u32(nlh, KZT_A_NETWORK_STATUS, status);
	if (kzt_nl_talk(&a->cmd, nlh, NULL, NULL))
		agent_log(LOG_ERR, "network %016" PRIx64 ": %s", nw->id, a->cmd.err);
	else
		nw->status = status;
}
