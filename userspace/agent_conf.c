// SPDX-License-Identifier: GPL-2.0
/*
 * The configuration file (kzt.conf(5)): what it says of the node, of static peers
 * and of networks is put in force at the start and at each reload.  What it says
 * wrong is told with its line and left out; the rest counts.
 */
#include "agent_network.h"
#include "conf.h"
#include "decode.h"
#include "phys_conf.h"
#include "words.h"
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DENY_MAX 64
#define DENY_DEV_MAX 32
#define ENDPOINTS_MAX 16

static void wrong(struct agent *a, const struct kzt_conf_key *key, const char *what)
{
	agent_log(LOG_ERR, "%s:%u: %s = %s: %s", a->conf_path, key->line, key->name,
		  key->value, what);
}

static bool number(struct agent *a, const struct kzt_conf_key *key, uint64_t max,
		   uint64_t *n)
{
	char *end;

	errno = 0;
	*n = strcmp(key->value, "off") ? strtoull(key->value, &end, 0) : 0;
	if (!strcmp(key->value, "off") ||
	    (*key->value >= '0' && *key->value <= '9' && !*end && !errno && *n <= max))
		return true;
	wrong(a, key, "not a number, or too large");
	return false;
}

static bool yes(const char *v)
{
	return kzt_conf_is(v, "yes") || kzt_conf_is(v, "on") || kzt_conf_is(v, "true") ||
	       !strcmp(v, "1");
}

static void talk(struct agent *a, struct nlmsghdr *nlh, const char *section,
		 unsigned int line)
{
	if (kzt_nl_talk(&a->cmd, nlh, NULL, NULL))
		agent_log(LOG_ERR, "%s:%u: [%s] was refused: %s", a->conf_path, line,
			  section, a->cmd.err);
}

/* --- [Node] ------------------------------------------------------------------------- */

static void put_deny(struct agent *a, struct nlmsghdr *nlh, const struct kzt_conf_key *key,
		     unsigned int *n)
{
	const char *at = key->value;
	struct kzt_out_prefix p;
	struct nlattr *nest;
	char item[80];

	if (!*n)
		mnl_attr_put(nlh, KZT_A_NODE_DENY_CLEAR, 0, NULL);
	while (kzt_conf_item(&at, item, sizeof(item))) {
		if (!kzt_parse_prefix(item, &p) || ++*n > DENY_MAX) {
			wrong(a, key, *n > DENY_MAX ? "more than 64 prefixes" :
			      "not a prefix: IP/LENGTH");
			return;
		}
		nest = mnl_attr_nest_start(nlh, KZT_A_NODE_DENY);
		mnl_attr_put(nlh, KZT_A_PREFIX_ADDR, p.family == AF_INET ? 4 : 16, p.ip);
		mnl_attr_put_u8(nlh, KZT_A_PREFIX_LEN, p.len);
		mnl_attr_nest_end(nlh, nest);
	}
}

/* Names of devices begin so; the first of them replaces what there was */
static void put_deny_dev(struct agent *a, struct nlmsghdr *nlh,
			 const struct kzt_conf_key *key, unsigned int *n)
{
	const char *at = key->value;
	char item[IF_NAMESIZE + 1];

	if (!*n)
		mnl_attr_put(nlh, KZT_A_NODE_DENY_DEV_CLEAR, 0, NULL);
	while (kzt_conf_item(&at, item, sizeof(item))) {
		if (strlen(item) >= IF_NAMESIZE || ++*n > DENY_DEV_MAX) {
			wrong(a, key, *n > DENY_DEV_MAX ? "more than 32 names" :
			      "not how a device's name begins");
			return;
		}
		mnl_attr_put_strz(nlh, KZT_A_NODE_DENY_DEV, item);
	}
}

static void put_secondary_port(struct agent *a, struct nlmsghdr *nlh,
			       const struct kzt_conf_key *key)
{
	uint64_t n = KZT_PORT_RANDOM;

	if (!strcmp(key->value, "random") || number(a, key, 65535, &n))
		mnl_attr_put_u32(nlh, KZT_A_NODE_SECONDARY_PORT, (uint32_t)n);
}

/* One that is not there leaves the others; the module knows how many there may be */
static void put_bind(struct agent *a, struct nlmsghdr *nlh, const struct kzt_conf_key *key)
{
	const char *at = key->value;
	unsigned int ifindex;
	char item[80];

	while (kzt_conf_item(&at, item, sizeof(item))) {
		ifindex = if_nametoindex(item);
		if (ifindex || !strcmp(item, "any"))
			mnl_attr_put_u32(nlh, KZT_A_NODE_BIND_IFINDEX, ifindex);
		else
			wrong(a, key, "there is no such device");
	}
}

static void put_suite(struct agent *a, struct nlmsghdr *nlh, const struct kzt_conf_key *key)
{
	static const char *const words[] = { "auto", "salsa", "siv" };
	uint32_t i;

	for (i = 0; i < 3; i++) {
		if (strcmp(key->value, words[i]))
			continue;
		mnl_attr_put_u32(nlh, KZT_A_NODE_SUITE, i);
		return;
	}
	wrong(a, key, "it is auto, salsa or siv");
}

/* How many of each list came already */
struct node_lists {
	unsigned int deny, deny_dev;
};

static void node_key(struct agent *a, struct nlmsghdr *nlh, const struct kzt_conf_key *key,
		     struct node_lists *n_of)
{
	uint64_t n;

	if (kzt_conf_is(key->name, "Port")) {
		if (number(a, key, 65535, &n))
			mnl_attr_put_u16(nlh, KZT_A_NODE_PORT, (uint16_t)n);
	} else if (kzt_conf_is(key->name, "FwMark")) {
		if (number(a, key, UINT32_MAX, &n))
			mnl_attr_put_u32(nlh, KZT_A_NODE_FWMARK, (uint32_t)n);
	} else if (kzt_conf_is(key->name, "Bind")) {
		put_bind(a, nlh, key);
	} else if (kzt_conf_is(key->name, "Deny")) {
		put_deny(a, nlh, key, &n_of->deny);
	} else if (kzt_conf_is(key->name, "DenyDev")) {
		put_deny_dev(a, nlh, key, &n_of->deny_dev);
	} else if (kzt_conf_is(key->name, "SecondaryPort")) {
		put_secondary_port(a, nlh, key);
	} else if (kzt_conf_is(key->name, "Suite")) {
		put_suite(a, nlh, key);
	} else if (kzt_conf_is(key->name, "Relay")) {
		mnl_attr_put_u8(nlh, KZT_A_NODE_RELAY, yes(key->value));
	} else if (!kzt_conf_is(key->name, "Identity") &&
		   !kzt_conf_is(key->name, "PathMTU")) {
		wrong(a, key, "there is no such key");
	}
}

static int node_cb(const struct nlmsghdr *nlh, void *data)
{
	json_t **node = data;

	json_decref(*node);
	*node = kzt_decode_node(nlh);
	return MNL_CB_OK;
}

/* Each on its own, so that one that is refused costs nothing else */
static void conf_path_mtu(struct agent *a, const struct kzt_conf_key *key)
{
	const char *at = key->value;
	struct kzt_phys_conf conf;
	struct kzt_out_prefix p;
	struct nlmsghdr *nlh;
	json_t *node = NULL;
	uint32_t mtu;
	int got;

	kzt_nl_simple(&a->cmd, KZT_CMD_NODE_GET, 0, node_cb, &node);
	while ((got = kzt_phys_item(&at, &p, &mtu)) > 0) {
		conf = kzt_phys_get(node, &p);	/* whether it is trusted stays */
		conf.mtu = mtu;
		nlh = kzt_nl_begin(&a->cmd, KZT_CMD_NODE_SET, 0);
		kzt_phys_put(nlh, &p, &conf);
		talk(a, nlh, "Node", key->line);
	}
	if (got)
		wrong(a, key, "not PREFIX BYTES, with 1400 to 10324 bytes");
	json_decref(node);
}

static void conf_node(struct agent *a, const struct kzt_conf_section *s)
{
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_NODE_SET, 0);
	struct node_lists n_of = { 0 };
	unsigned int i;

	for (i = 0; i < s->n; i++)
		node_key(a, nlh, &s->key[i], &n_of);
	talk(a, nlh, s->name, s->line);
	for (i = 0; i < s->n; i++)
		if (kzt_conf_is(s->key[i].name, "PathMTU"))
			conf_path_mtu(a, &s->key[i]);
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
		wrong(a, key, why ? why : strerror(-err));
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
		if (!kzt_parse_endpoint(item, &ss, &len) || ++*n > ENDPOINTS_MAX) {
			wrong(a, key, *n > ENDPOINTS_MAX ? "more than 16 endpoints" :
			      "not an endpoint: IP/PORT");
			return;
		}
		mnl_attr_put(nlh, KZT_A_PEER_ENDPOINT, len, &ss);
	}
}

static void conf_peer(struct agent *a, const struct kzt_conf_section *s)
{
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_PEER_SET, 0);
	const char *alias = kzt_conf_get(s, "Alias");
	const struct kzt_conf_key *key;
	unsigned int i, endpoints = 0;
	uint64_t address = 0, n;
	char err[AGENT_ERR];

	for (i = 0; i < s->n; i++) {
		key = &s->key[i];
		if (kzt_conf_is(key->name, "Identity")) {
			if (address || !put_identity(a, nlh, key, &address))
				return;
		} else if (kzt_conf_is(key->name, "Endpoint")) {
			put_endpoints(a, nlh, key, &endpoints);
		} else if (kzt_conf_is(key->name, "Root")) {
			mnl_attr_put_u8(nlh, KZT_A_PEER_UPSTREAM, yes(key->value));
		} else if (kzt_conf_is(key->name, "Mark")) {
			if (number(a, key, UINT32_MAX, &n))
				mnl_attr_put_u32(nlh, KZT_A_PEER_MARK, (uint32_t)n);
		} else if (!kzt_conf_is(key->name, "Alias")) {
			wrong(a, key, "there is no such key");
		}
	}
	if (!address) {
		agent_log(LOG_ERR, "%s:%u: a peer without Identity", a->conf_path, s->line);
		return;
	}
	talk(a, nlh, s->name, s->line);
	if (alias && agent_alias_set(a, address, alias, err))
		agent_log(LOG_ERR, "%s:%u: %s", a->conf_path, s->line, err);
}

/* --- [Network] ------------------------------------------------------------------------- */

/* -1: as it is */
static int conf_switch(const struct kzt_conf_section *s, const char *key)
{
	const char *v = kzt_conf_get(s, key);

	return v ? yes(v) : -1;
}

static void conf_network(struct agent *a, const struct kzt_conf_section *s)
{
	const char *id = kzt_conf_get(s, "Id");
	struct agent_allow_change allow = {
		.managed = conf_switch(s, "Managed"),
		.global = conf_switch(s, "Global"),
		.dflt = conf_switch(s, "Default"),
		.dns = conf_switch(s, "DNS"),
	};
	const struct agent_network *nw;
	char err[AGENT_ERR], *end;
	uint64_t nwid;
	json_t *answer;

	nwid = id ? strtoull(id, &end, 16) : 0;
	if (!nwid || strlen(id) != 16 || *end) {
		agent_log(LOG_ERR, "%s:%u: a network without Id: 16 hexadecimal digits",
			  a->conf_path, s->line);
		return;
	}
	nw = agent_network_find(a, nwid);
	if (nw && nw->joined)
		return;
	answer = json_object();
	if (agent_network_join(a, nwid, kzt_conf_get(s, "Name"), kzt_conf_get(s, "Netns"),
			       &allow, answer, err))
		agent_log(LOG_ERR, "%s:%u: %s", a->conf_path, s->line, err);
	json_decref(answer);
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

static bool load(struct agent *a, struct kzt_conf *conf)
{
	char err[256];
	int code;

	if (!*a->conf_path)
		return false;
	code = kzt_conf_load(conf, a->conf_path, err);
	if (!code)
		return true;
	if (code != -ENOENT || a->conf_wanted)
		agent_log(LOG_ERR, "%s", err);
	return false;
}

/* An identity that stands elsewhere is copied once, and must not change then */
static void adopt_identity(struct agent *a, const char *file)
{
	char text[KZT_ID_TEXT_MAX], have[KZT_ID_TEXT_MAX] = "";
	const char *why = NULL;
	struct kzt_id id;
	ssize_t n;
	int err;

	err = kzt_id_load(&id, file, &why);
	if (!err && !id.has_secret) {
		why = "holds no secret key";
		err = -EINVAL;
	}
	if (!err)
		err = kzt_id_text(&id, true, text, sizeof(text)) ? -EINVAL : 0;
	if (err) {
		agent_log(LOG_ERR, "%s: %s", file, why ? why : strerror(-err));
		return;
	}
	n = agent_state_read(&a->state, "identity.secret", have, sizeof(have) - 1);
	if (n == -ENOENT)
		err = agent_state_write(&a->state, "identity.secret", text, strlen(text));
	else if (n > 0 && strncmp(have, text, strlen(text)))
		agent_log(LOG_ERR, "%s: %s/identity.secret is another identity, and stays",
			  file, a->state.path);
	if (err)
		agent_log(LOG_ERR, "%s/identity.secret: %s", a->state.path, strerror(-err));
	explicit_bzero(text, sizeof(text));
	explicit_bzero(have, sizeof(have));
	kzt_id_wipe(&id);
}

void agent_conf_identity(struct agent *a)
{
	struct kzt_conf conf;
	const char *file;
	unsigned int i;

	if (!load(a, &conf))
		return;
	for (i = 0; i < conf.n; i++) {
		file = kzt_conf_is(conf.section[i]->name, "Node") ?
		       kzt_conf_get(conf.section[i], "Identity") : NULL;
		if (file)
			adopt_identity(a, file);
	}
	kzt_conf_free(&conf);
}

void agent_conf_apply(struct agent *a)
{
	static const struct {
		const char *name;
		void (*fn)(struct agent *a, const struct kzt_conf_section *s);
	} kinds[] = {
		{ "Node", conf_node }, { "Peer", conf_peer }, { "Network", conf_network },
	};
	const struct kzt_conf_section *s;
	struct kzt_conf conf;
	unsigned int i, k;

	if (!load(a, &conf))
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
