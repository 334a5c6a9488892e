// SPDX-License-Identifier: GPL-2.0
/* The configuration file's [Node], and policies. */
#include "agent_conf.h"
#include "decode.h"
#include "phys_conf.h"
#include "policy_words.h"
#include "words.h"
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define DENY_MAX 64
#define LOOPBACK 1		/* in every namespace */
#define DENY_DEV_MAX 16
#define MAPPED_MAX 8

static const struct agent_conf_deny node_deny = { KZT_A_NODE_DENY_CLEAR, KZT_A_NODE_DENY };

/* The first of a list takes the place of what there was; "none" is an empty one */
void agent_conf_put_deny(struct agent *a, struct nlmsghdr *nlh, const struct kzt_conf_key *key,
		     const struct agent_conf_deny *attrs, unsigned int *n)
{
	const char *at = key->value;
	struct kzt_out_prefix p;
	char item[80];

	if (!*n)
		mnl_attr_put(nlh, attrs->clear, 0, NULL);
	while (kzt_conf_item(&at, item, sizeof(item))) {
		if (kzt_conf_is(item, "none"))
			continue;
		if (!kzt_parse_prefix(item, &p)) {
			agent_conf_wrong(a, key, "not a prefix: IP/LENGTH");
			continue;
		}
		if (++*n > DENY_MAX) {
			agent_conf_wrong(a, key, "more than 64 prefixes");
			return;
		}
		kzt_nl_put_prefix(nlh, attrs->one, &p);
	}
	agent_conf_list_end(a, key, at);
}

static void put_mapped(struct agent *a, struct nlmsghdr *nlh, const struct kzt_conf_key *key,
		       unsigned int *n)
{
	const char *at = key->value;
	struct sockaddr_storage ss;
	char item[80];
	size_t len;

	if (!*n)
		mnl_attr_put(nlh, KZT_A_NODE_MAPPED_CLEAR, 0, NULL);
	while (kzt_conf_item(&at, item, sizeof(item))) {
		if (kzt_conf_is(item, "none"))
			continue;
		if (!kzt_parse_endpoint(item, &ss, &len)) {
			agent_conf_wrong(a, key, "not an endpoint: IP/PORT");
			continue;
		}
		if (++*n > MAPPED_MAX) {
			agent_conf_wrong(a, key, "more than 8 endpoints");
			return;
		}
		mnl_attr_put(nlh, KZT_A_NODE_MAPPED, len, &ss);
	}
	agent_conf_list_end(a, key, at);
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
			agent_conf_wrong(a, key, "not how a device's name begins");
			continue;
		}
		if (++*n > DENY_DEV_MAX) {
			agent_conf_wrong(a, key, "more than 16 names");
			return;
		}
		mnl_attr_put_strz(nlh, KZT_A_NODE_DENY_DEV, item);
	}
	agent_conf_list_end(a, key, at);
}

static void put_secondary_port(struct agent *a, struct nlmsghdr *nlh,
			       const struct kzt_conf_key *key)
{
	uint64_t n = KZT_PORT_RANDOM;

	if (kzt_conf_is(key->value, "random") || agent_conf_number(a, key, 65535, &n))
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
			agent_conf_wrong(a, key, "not a device's name");
			continue;
		}
		if (b->n == AGENT_BINDS) {
			agent_conf_wrong(a, key, "more than 8 devices");
			return;
		}
		snprintf(b->dev[b->n].name, IF_NAMESIZE, "%s", item);
		b->dev[b->n].ifindex = if_nametoindex(item);
		if (!b->dev[b->n++].ifindex)
			agent_conf_wrong(a, key, "there is no such device; it is waited for");
	}
	agent_conf_list_end(a, key, at);
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

/* The number of one of @words, which NULL ends; @what they are, otherwise */
static void put_choice(struct agent *a, struct nlmsghdr *nlh, const struct kzt_conf_key *key,
		       uint16_t attr, const char *const *words, const char *what)
{
	uint32_t i;

	for (i = 0; words[i]; i++) {
		if (!kzt_conf_is(key->value, words[i]))
			continue;
		mnl_attr_put_u32(nlh, attr, i);
		return;
	}
	agent_conf_wrong(a, key, what);
}

/* Those that are set on their own, behind the others; 0 for another key */
static int phys_attr(const struct kzt_conf_key *key)
{
	return kzt_conf_is(key->name, "PathMTU") ? KZT_A_PHYS_MTU :
	       kzt_conf_is(key->name, "PathTrust") ? KZT_A_PHYS_TRUST_ID : 0;
}

/* How many of each list came already */
struct node_lists {
	unsigned int deny, deny_dev, bind, mapped;
};

static void node_key(struct agent *a, struct nlmsghdr *nlh, const struct kzt_conf_key *key,
		     struct node_lists *n_of)
{
	uint64_t n;

	if (kzt_conf_is(key->name, "Port")) {
		if (agent_conf_number(a, key, 65535, &n))
			mnl_attr_put_u16(nlh, KZT_A_NODE_PORT, (uint16_t)n);
	} else if (kzt_conf_is(key->name, "FwMark")) {
		if (agent_conf_number(a, key, UINT32_MAX, &n))
			mnl_attr_put_u32(nlh, KZT_A_NODE_FWMARK, (uint32_t)n);
	} else if (kzt_conf_is(key->name, "Bind")) {
		read_bind(a, key, &n_of->bind);
	} else if (kzt_conf_is(key->name, "Deny")) {
		agent_conf_put_deny(a, nlh, key, &node_deny, &n_of->deny);
	} else if (kzt_conf_is(key->name, "DenyDev")) {
		put_deny_dev(a, nlh, key, &n_of->deny_dev);
	} else if (kzt_conf_is(key->name, "SecondaryPort")) {
		put_secondary_port(a, nlh, key);
	} else if (kzt_conf_is(key->name, "Suite")) {
		put_choice(a, nlh, key, KZT_A_NODE_SUITE, kzt_suites, "it is auto, salsa or siv");
	} else if (kzt_conf_is(key->name, "Relay")) {
		mnl_attr_put_u8(nlh, KZT_A_NODE_RELAY, kzt_conf_on(key->value));
	} else if (kzt_conf_is(key->name, "Predict")) {
		mnl_attr_put_u8(nlh, KZT_A_NODE_PREDICT, kzt_conf_on(key->value));
	} else if (kzt_conf_is(key->name, "PathRule")) {
		put_choice(a, nlh, key, KZT_A_NODE_PATH_RULE, kzt_path_rules,
			   "it is full or sparse");
	} else if (kzt_conf_is(key->name, "Mapped")) {
		put_mapped(a, nlh, key, &n_of->mapped);
	}
}

/* All but what holds for prefixes, and policies, into one request */
void agent_conf_put_node(struct agent *a, struct nlmsghdr *nlh, const struct kzt_conf_section *s)
{
	struct node_lists n_of = { 0 };
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (agent_conf_usable(a, s, &s->key[i]))
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
static void conf_phys(struct agent *a, const struct kzt_conf_key *key)
{
	const char *at = key->value, *why;
	int got, attr = phys_attr(key);
	struct kzt_phys_conf conf;
	struct kzt_out_prefix p;
	struct nlmsghdr *nlh;
	json_t *node = NULL;
	uint64_t value;

	kzt_nl_simple(&a->cmd, KZT_CMD_NODE_GET, 0, node_cb, &node);
	while ((got = kzt_phys_item(&at, attr, &p, &value, &why)) > 0) {
		conf = kzt_phys_get(node, &p);	/* what else is said of it stays */
		kzt_phys_change(&conf, attr, value);
		nlh = kzt_nl_begin(&a->cmd, KZT_CMD_NODE_SET, 0);
		kzt_phys_put(nlh, &p, &conf);
		agent_conf_talk(a, nlh, "Node", key->line);
	}
	if (got)
		agent_conf_wrong(a, key, why);
	json_decref(node);
}

/* Of all peers, or of one */
void agent_conf_policy(struct agent *a, const struct kzt_conf_section *s, uint64_t address)
{
	const struct kzt_conf_key *key = NULL;
	struct nlmsghdr *nlh;
	unsigned int i;
	bool unset;

	for (i = 0; i < s->n && !key; i++)
		if (kzt_conf_is(s->key[i].name, "Policy"))
			key = &s->key[i];
	if (!key)
		return;
	nlh = kzt_nl_begin(&a->cmd, KZT_CMD_POLICY_SET, 0);
	if (address)
		mnl_attr_put_u64(nlh, KZT_A_POLICY_ADDRESS, address);
	if (kzt_policy_put_line(nlh, key->value, &unset)) {
		agent_conf_wrong(a, key, agent_words_why());
		return;
	}
	if (unset)
		((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->cmd = KZT_CMD_POLICY_DEL;
	agent_conf_talk(a, nlh, s->name, key->line);
}

void agent_conf_node_section(struct agent *a, const struct kzt_conf_section *s)
{
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_NODE_SET, 0);
	unsigned int i;

	agent_conf_put_node(a, nlh, s);
	agent_conf_talk(a, nlh, s->name, s->line);
	for (i = 0; i < s->n; i++)
		if (phys_attr(&s->key[i]))
			conf_phys(a, &s->key[i]);
	agent_conf_policy(a, s, 0);
}
