// SPDX-License-Identifier: GPL-2.0
/*
 * The configuration file (kzt.conf(5)): what it says of the node, of static peers
 * and of networks is put in force at the start and at each reload.  What it says
 * wrong is told with its line and left out; the rest counts.
 */
#include "agent_conf.h"
#include "agent_network.h"
#include "conf.h"
#include "decode.h"
#include "phys_conf.h"
#include "policy_words.h"
#include "words.h"
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDPOINTS_MAX 16

void agent_conf_wrong(struct agent *a, const struct kzt_conf_key *key, const char *what)
{
	if (!a->conf_quiet)
		agent_log(LOG_ERR, "%s:%u: %s = %s: %s", a->conf_path, key->line, key->name,
			  key->value, what);
}

/* Is it a key that counts; says so if not */
bool agent_conf_usable(struct agent *a, const struct kzt_conf_section *s,
		   const struct kzt_conf_key *key)
{
	const char *why = kzt_conf_wrong(s, key);

	if (why)
		agent_conf_wrong(a, key, why);
	return !why;
}

/* A list ends where its value does, or before a word that is too long for anything */
void agent_conf_list_end(struct agent *a, const struct kzt_conf_key *key, const char *at)
{
	if (*at)
		agent_conf_wrong(a, key, "a word in it is too long");
}

bool agent_conf_number(struct agent *a, const struct kzt_conf_key *key, uint64_t max,
		   uint64_t *n)
{
	char *end;

	errno = 0;
	*n = kzt_conf_is(key->value, "off") ? 0 : strtoull(key->value, &end, 0);
	if (kzt_conf_is(key->value, "off") ||
	    (*key->value >= '0' && *key->value <= '9' && !*end && !errno && *n <= max))
		return true;
	agent_conf_wrong(a, key, "not a number, or too large");
	return false;
}

void agent_conf_talk(struct agent *a, struct nlmsghdr *nlh, const char *section,
		 unsigned int line)
{
	if (kzt_nl_talk(&a->cmd, nlh, NULL, NULL))
		agent_log(LOG_ERR, "%s:%u: [%s] was refused: %s", a->conf_path, line,
			  section, a->cmd.err);
}

/* --- [Peer] -------------------------------------------------------------------------- */

static bool put_identity(struct agent *a, struct nlmsghdr *nlh,
			 const struct kzt_conf_key *key, uint64_t *address)
{
	uint8_t blob[KZT_ID_BINARY_LEN];
	const char *why = NULL, *v = key->value;
	bool text = strspn(v, "0123456789abcdef") == 10 && v[10] == ':';
	struct kzt_id id;
	int err = text ? kzt_id_parse(&id, v, &why) : kzt_id_load(&id, v, &why);

	if (!err)
		err = kzt_id_validate(&id, &why);
	if (err) {
		agent_conf_wrong(a, key, why ? why : strerror(-err));
		return false;
	}
	*address = id.address;
	kzt_id_binary(&id, false, blob);
	kzt_id_wipe(&id);
	mnl_attr_put(nlh, KZT_A_PEER_IDENTITY, sizeof(blob), blob);
	return true;
}

static void put_endpoints(struct agent *a, struct nlmsghdr *nlh,
			  const struct kzt_conf_key *key, unsigned int *n)
{
	const char *at = key->value;
	struct sockaddr_storage ss;
	char item[80];
	size_t len;

	while (kzt_conf_item(&at, item, sizeof(item))) {
		if (!kzt_parse_endpoint(item, &ss, &len)) {
			agent_conf_wrong(a, key, "not an endpoint: IP/PORT");
			continue;
		}
		if (++*n > ENDPOINTS_MAX) {
			agent_conf_wrong(a, key, "more than 16 endpoints");
			return;
		}
		mnl_attr_put(nlh, KZT_A_PEER_ENDPOINT, len, &ss);
	}
	agent_conf_list_end(a, key, at);
}

static const struct agent_conf_deny peer_deny = { KZT_A_PEER_DENY_CLEAR, KZT_A_PEER_DENY };

static void conf_peer(struct agent *a, const struct kzt_conf_section *s)
{
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_PEER_SET, 0);
	const char *alias = kzt_conf_get(s, "Alias");
	const struct kzt_conf_key *key;
	unsigned int i, endpoints = 0, denied = 0;
	uint64_t address = 0, n;
	char err[AGENT_ERR];

	for (i = 0; i < s->n; i++) {
		key = &s->key[i];
		if (!agent_conf_usable(a, s, key)) {
			continue;
		} else if (kzt_conf_is(key->name, "Identity")) {
			if (!put_identity(a, nlh, key, &address))
				return;
		} else if (kzt_conf_is(key->name, "Endpoint")) {
			put_endpoints(a, nlh, key, &endpoints);
		} else if (kzt_conf_is(key->name, "Deny")) {
			agent_conf_put_deny(a, nlh, key, &peer_deny, &denied);
		} else if (kzt_conf_is(key->name, "Root")) {
			mnl_attr_put_u8(nlh, KZT_A_PEER_UPSTREAM, kzt_conf_on(key->value));
		} else if (kzt_conf_is(key->name, "Mark")) {
			if (agent_conf_number(a, key, UINT32_MAX, &n))
				mnl_attr_put_u32(nlh, KZT_A_PEER_MARK, (uint32_t)n);
		}
	}
	if (!address) {
		agent_log(LOG_ERR, "%s:%u: a peer without Identity", a->conf_path, s->line);
		return;
	}
	agent_conf_talk(a, nlh, s->name, s->line);
	agent_conf_policy(a, s, address);
	if (alias && agent_alias_set(a, address, alias, err))
		agent_log(LOG_ERR, "%s:%u: %s", a->conf_path, s->line, err);
}

/* --- [Network] ------------------------------------------------------------------------- */

static void put_switch(struct agent_allow_change *allow, const struct kzt_conf_key *key)
{
	bool on = kzt_conf_on(key->value);

	if (kzt_conf_is(key->name, "Managed") && strchr(key->value, '/'))
		allow->within = key->value;
	else if (kzt_conf_is(key->name, "Managed"))
		allow->managed = on;
	else if (kzt_conf_is(key->name, "Global"))
		allow->global = on;
	else if (kzt_conf_is(key->name, "Default"))
		allow->dflt = on;
	else if (kzt_conf_is(key->name, "DNS"))
		allow->dns = on;
}

static void conf_network(struct agent *a, const struct kzt_conf_section *s)
{
	const char *id = kzt_conf_get(s, "Id"), *name = kzt_conf_get(s, "Name");
	struct agent_allow_change allow = { -1, -1, -1, -1, NULL };
	struct agent_network *nw;
	char err[AGENT_ERR], *end;
	unsigned int i;
	uint64_t nwid;
	json_t *answer;
	int code;

	for (i = 0; i < s->n; i++)
		if (agent_conf_usable(a, s, &s->key[i]))
			put_switch(&allow, &s->key[i]);
	nwid = id ? strtoull(id, &end, 16) : 0;
	if (!nwid || strlen(id) != 16 || *end) {
		agent_log(LOG_ERR, "%s:%u: a network without Id: 16 hexadecimal digits",
			  a->conf_path, s->line);
		return;
	}
	nw = agent_network_find(a, nwid);
	if (nw && nw->joined) {
		/* Its device is as it was made; what it may do follows the file */
		if (name && nw->present && strcmp(name, nw->ifname))
			agent_log(LOG_ERR, "%s:%u: network %s is on %s already: leave it first",
				  a->conf_path, s->line, id, nw->ifname);
		code = agent_network_allow(a, nw, &allow, err);
	} else {
		answer = json_object();
		code = agent_network_join(a, nwid, name, kzt_conf_get(s, "Netns"), &allow,
					  answer, err);
		json_decref(answer);
	}
	if (code)
		agent_log(LOG_ERR, "%s:%u: %s", a->conf_path, s->line, err);
}

/* --- the file ------------------------------------------------------------------------------ */

void agent_conf_find(struct agent *a, const char *file, const char *netns, bool initial)
{
	char *path;

	a->conf_wanted = file;
	if (file) {	/* by its whole path: the working directory is left later */
		path = realpath(file, NULL);
		snprintf(a->conf_path, sizeof(a->conf_path), "%s", path ? path : file);
		free(path);
	} else if (netns || initial) {
		snprintf(a->conf_path, sizeof(a->conf_path), AGENT_CONF_DIR "/%s.conf",
			 netns ? netns : "kzt");
	}
}

static void line_wrong(void *arg, unsigned int line, const char *why)
{
	struct agent *a = arg;

	if (!a->conf_quiet)
		agent_log(LOG_ERR, "%s:%u: %s", a->conf_path, line, why);
}

/* @quiet: what is wrong is told elsewhere */
static bool load(struct agent *a, struct kzt_conf *conf, bool quiet)
{
	const struct kzt_conf_told told = { line_wrong, a };
	char err[256];
	int code;

	a->conf_quiet = quiet;
	memset(&a->binds, 0, sizeof(a->binds));
	if (!*a->conf_path)
		return false;
	code = kzt_conf_load(conf, a->conf_path, &told, err);
	if (!code)
		return true;
	if (!quiet && (code != -ENOENT || a->conf_wanted))
		agent_log(LOG_ERR, "%s", err);
	return false;
}

/* An identity that stands elsewhere is copied once, and must not change then */
static void adopt_identity(struct agent *a, const struct kzt_conf_key *key)
{
	char text[KZT_ID_TEXT_MAX], have[KZT_ID_TEXT_MAX] = "";
	const char *why = NULL;
	struct kzt_id id;
	ssize_t n;
	int err;

	a->conf_quiet = false;
	err = kzt_id_load(&id, key->value, &why);
	if (!err && !id.has_secret) {
		why = "holds no secret key";
		err = -EINVAL;
	}
	if (!err)
		err = kzt_id_text(&id, true, text, sizeof(text)) ? -EINVAL : 0;
	a->conf_stranger = err;
	if (err) {
		agent_conf_wrong(a, key, why ? why : strerror(-err));
		return;
	}
	n = agent_state_read(&a->state, "identity.secret", have, sizeof(have) - 1);
	if (n == -ENOENT)
		err = agent_state_write(&a->state, "identity.secret", text, strlen(text));
	else if (n > 0 && strncmp(have, text, strlen(text)))
		agent_conf_wrong(a, key, "the state directory has another identity, which stays");
	if (err)
		agent_log(LOG_ERR, "%s/identity.secret: %s", a->state.path, strerror(-err));
	explicit_bzero(text, sizeof(text));
	explicit_bzero(have, sizeof(have));
	kzt_id_wipe(&id);
}

void agent_conf_identity(struct agent *a)
{
	const struct kzt_conf_section *s;
	struct kzt_conf conf;
	unsigned int i, k;

	a->conf_stranger = false;
	if (!load(a, &conf, true))
		return;
	for (i = 0; i < conf.n; i++) {
		s = conf.section[i];
		for (k = 0; kzt_conf_is(s->name, "Node") && k < s->n; k++)
			if (kzt_conf_is(s->key[k].name, "Identity"))
				adopt_identity(a, &s->key[k]);
	}
	kzt_conf_free(&conf);
}

bool agent_conf_node(struct agent *a, struct nlmsghdr *nlh)
{
	struct kzt_conf conf;
	bool any = false;
	unsigned int i;

	if (!load(a, &conf, true))
		return false;
	for (i = 0; i < conf.n; i++) {
		if (!kzt_conf_is(conf.section[i]->name, "Node"))
			continue;
		agent_conf_put_node(a, nlh, conf.section[i]);
		any = true;
	}
	kzt_conf_free(&conf);
	return any;
}

void agent_conf_apply(struct agent *a)
{
	static const struct {
		const char *name;
		void (*fn)(struct agent *a, const struct kzt_conf_section *s);
	} kinds[] = {
		{ "Node", agent_conf_node_section }, { "Peer", conf_peer }, { "Network", conf_network },
	};
	const struct kzt_conf_section *s;
	struct kzt_conf conf;
	unsigned int i, k;

	if (!load(a, &conf, false))
		return;
	for (i = 0; i < conf.n; i++) {
		s = conf.section[i];
		for (k = 0; k < 3 && !kzt_conf_is(s->name, kinds[k].name); k++)
			;
		if (k < 3)
			kinds[k].fn(a, s);
		else
			agent_log(LOG_ERR, "%s:%u: there is no section [%s]", a->conf_path,
				  s->line, s->name);
	}
	kzt_conf_free(&conf);
}
