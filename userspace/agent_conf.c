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
#define LOOPBACK 1		/* in every namespace */
#define DENY_DEV_MAX 32
#define ENDPOINTS_MAX 16

static void wrong(struct agent *a, const struct kzt_conf_key *key, const char *what)
{
	if (!a->conf_quiet)
		agent_log(LOG_ERR, "%s:%u: %s = %s: %s", a->conf_path, key->line, key->name,
			  key->value, what);
}

/* Is it a key that counts; says so if not */
static bool usable(struct agent *a, const struct kzt_conf_section *s,
		   const struct kzt_conf_key *key)
{
	const char *why = kzt_conf_wrong(s, key);

	if (why)
		wrong(a, key, why);
	return !why;
}

/* A list ends where its value does, or before a word that is too long for anything */
static void list_end(struct agent *a, const struct kzt_conf_key *key, const char *at)
{
	if (*at)
		wrong(a, key, "a word in it is too long");
}

static bool number(struct agent *a, const struct kzt_conf_key *key, uint64_t max,
		   uint64_t *n)
{
	char *end;

	errno = 0;
	*n = kzt_conf_is(key->value, "off") ? 0 : strtoull(key->value, &end, 0);
	if (kzt_conf_is(key->value, "off") ||
	    (*key->value >= '0' && *key->value <= '9' && !*end && !errno && *n <= max))
		return true;
	wrong(a, key, "not a number, or too large");
	return false;
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
		if (kzt_conf_is(item, "none"))
			continue;
		if (!kzt_parse_prefix(item, &p)) {
			wrong(a, key, "not a prefix: IP/LENGTH");
			continue;
		}
		if (++*n > DENY_MAX) {
			wrong(a, key, "more than 64 prefixes");
			return;
		}
		nest = mnl_attr_nest_start(nlh, KZT_A_NODE_DENY);
		mnl_attr_put(nlh, KZT_A_PREFIX_ADDR, p.family == AF_INET ? 4 : 16, p.ip);
		mnl_attr_put_u8(nlh, KZT_A_PREFIX_LEN, p.len);
		mnl_attr_nest_end(nlh, nest);
	}
	list_end(a, key, at);
}

/* Names of devices begin so; the first of them replaces what there was */
static void put_deny_dev(struct agent *a, struct nlmsghdr *nlh,
			 const struct kzt_conf_key *key, unsigned int *n)
{
	const char *at = key->value;
	char item[80];

	if (!*n)
		mnl_attr_put(nlh, KZT_A_NODE_DENY_DEV_CLEAR, 0, NULL);
	while (kzt_conf_item(&at, item, sizeof(item))) {
		if (kzt_conf_is(item, "none"))
			continue;
		if (strlen(item) >= IF_NAMESIZE) {
			wrong(a, key, "not how a device's name begins");
			continue;
		}
		if (++*n > DENY_DEV_MAX) {
			wrong(a, key, "more than 32 names");
			return;
		}
		mnl_attr_put_strz(nlh, KZT_A_NODE_DENY_DEV, item);
	}
	list_end(a, key, at);
}

static void put_secondary_port(struct agent *a, struct nlmsghdr *nlh,
			       const struct kzt_conf_key *key)
{
	uint64_t n = KZT_PORT_RANDOM;

	if (kzt_conf_is(key->value, "random") || number(a, key, 65535, &n))
		mnl_attr_put_u32(nlh, KZT_A_NODE_SECONDARY_PORT, (uint32_t)n);
}

/* One that is not there is waited for; the module knows how many there may be */
static void read_bind(struct agent *a, const struct kzt_conf_key *key, unsigned int *n)
{
	struct agent_binds *b = &a->binds;
	const char *at = key->value;
	char item[80];

	if (!(*n)++)		/* the first of them replaces what there was */
		memset(b, 0, sizeof(*b));
	while (kzt_conf_item(&at, item, sizeof(item))) {
		if (kzt_conf_is(item, "any"))
			continue;
		if (strlen(item) >= IF_NAMESIZE) {
			wrong(a, key, "not a device's name");
			continue;
		}
		if (b->n == AGENT_BINDS) {
			wrong(a, key, "more than 8 devices");
			return;
		}
		snprintf(b->dev[b->n].name, IF_NAMESIZE, "%s", item);
		b->dev[b->n].ifindex = if_nametoindex(item);
		if (!b->dev[b->n++].ifindex)
			wrong(a, key, "there is no such device; it is waited for");
	}
	list_end(a, key, at);
}

/* To those that are there.  To be bound to none is to be bound to what leads nowhere:
 * a node that is to keep to a device must not use the others meanwhile.
 */
static void put_binds(const struct agent_binds *b, struct nlmsghdr *nlh)
{
	unsigned int i, n = 0;

	for (i = 0; i < b->n; i++) {
		if (!b->dev[i].ifindex)
			continue;
		mnl_attr_put_u32(nlh, KZT_A_NODE_BIND_IFINDEX, b->dev[i].ifindex);
		n++;
	}
	if (!n)
		mnl_attr_put_u32(nlh, KZT_A_NODE_BIND_IFINDEX, b->n ? LOOPBACK : 0);
}

void agent_conf_links(struct agent *a)
{
	struct agent_binds *b = &a->binds;
	struct nlmsghdr *nlh;
	unsigned int i, now;
	bool changed = false;

	for (i = 0; i < b->n; i++) {
		now = if_nametoindex(b->dev[i].name);
		if (now == b->dev[i].ifindex)
			continue;
		agent_log(LOG_NOTICE, "%s, which the node keeps to, %s", b->dev[i].name,
			  !now ? "is gone" : b->dev[i].ifindex ? "is another device now" :
			  "is there");
		b->dev[i].ifindex = now;
		changed = true;
	}
	if (!changed || !a->address)
		return;
	nlh = kzt_nl_begin(&a->cmd, KZT_CMD_NODE_SET, 0);
	put_binds(b, nlh);
	if (kzt_nl_talk(&a->cmd, nlh, NULL, NULL))
		agent_log(LOG_ERR, "the node cannot keep to its devices: %s", a->cmd.err);
}

static void put_suite(struct agent *a, struct nlmsghdr *nlh, const struct kzt_conf_key *key)
{
	static const char *const words[] = { "auto", "salsa", "siv" };
	uint32_t i;

	for (i = 0; i < 3; i++) {
		if (!kzt_conf_is(key->value, words[i]))
			continue;
		mnl_attr_put_u32(nlh, KZT_A_NODE_SUITE, i);
		return;
	}
	wrong(a, key, "it is auto, salsa or siv");
}

/* How many of each list came already */
struct node_lists {
	unsigned int deny, deny_dev, bind;
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
		read_bind(a, key, &n_of->bind);
	} else if (kzt_conf_is(key->name, "Deny")) {
		put_deny(a, nlh, key, &n_of->deny);
	} else if (kzt_conf_is(key->name, "DenyDev")) {
		put_deny_dev(a, nlh, key, &n_of->deny_dev);
	} else if (kzt_conf_is(key->name, "SecondaryPort")) {
		put_secondary_port(a, nlh, key);
	} else if (kzt_conf_is(key->name, "Suite")) {
		put_suite(a, nlh, key);
	} else if (kzt_conf_is(key->name, "Relay")) {
		mnl_attr_put_u8(nlh, KZT_A_NODE_RELAY, kzt_conf_on(key->value));
	}
}

/* All but the MTU of paths, into one request */
static void put_node(struct agent *a, struct nlmsghdr *nlh, const struct kzt_conf_section *s)
{
	struct node_lists n_of = { 0 };
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (usable(a, s, &s->key[i]))
			node_key(a, nlh, &s->key[i], &n_of);
	if (n_of.bind)
		put_binds(&a->binds, nlh);
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
	unsigned int i;

	put_node(a, nlh, s);
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
		if (!kzt_parse_endpoint(item, &ss, &len)) {
			wrong(a, key, "not an endpoint: IP/PORT");
			continue;
		}
		if (++*n > ENDPOINTS_MAX) {
			wrong(a, key, "more than 16 endpoints");
			return;
		}
		mnl_attr_put(nlh, KZT_A_PEER_ENDPOINT, len, &ss);
	}
	list_end(a, key, at);
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
		if (!usable(a, s, key)) {
			continue;
		} else if (kzt_conf_is(key->name, "Identity")) {
			if (!put_identity(a, nlh, key, &address))
				return;
		} else if (kzt_conf_is(key->name, "Endpoint")) {
			put_endpoints(a, nlh, key, &endpoints);
		} else if (kzt_conf_is(key->name, "Root")) {
			mnl_attr_put_u8(nlh, KZT_A_PEER_UPSTREAM, kzt_conf_on(key->value));
		} else if (kzt_conf_is(key->name, "Mark")) {
			if (number(a, key, UINT32_MAX, &n))
				mnl_attr_put_u32(nlh, KZT_A_PEER_MARK, (uint32_t)n);
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

static void put_switch(struct agent_allow_change *allow, const struct kzt_conf_key *key)
{
	bool on = kzt_conf_on(key->value);

	if (kzt_conf_is(key->name, "Managed"))
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
	struct agent_allow_change allow = { -1, -1, -1, -1 };
	struct agent_network *nw;
	char err[AGENT_ERR], *end;
	unsigned int i;
	uint64_t nwid;
	json_t *answer;
	int code;

	for (i = 0; i < s->n; i++)
		if (usable(a, s, &s->key[i]))
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

	if (!load(a, &conf, true))
		return;
	for (i = 0; i < conf.n; i++) {
		file = kzt_conf_is(conf.section[i]->name, "Node") ?
		       kzt_conf_get(conf.section[i], "Identity") : NULL;
		if (file)
			adopt_identity(a, file);
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
		put_node(a, nlh, conf.section[i]);
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
		{ "Node", conf_node }, { "Peer", conf_peer }, { "Network", conf_network },
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
