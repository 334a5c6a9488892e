// SPDX-License-Identifier: GPL-2.0
/* A configuration as the module takes it: rules, roles, own credentials. */
#include "agent_cred.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* All that a configuration can hold, and again as packets */
#define MESSAGE_MAX (2 * 1024 * 1024)
#define PUSH_MAX 9000		/* octets of credentials in one packet */

/* --- attributes ---------- */

static void put_prefix(struct nlmsghdr *nlh, const struct kzt_inetaddr *addr)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, KZT_A_NETWORK_ADDRESS);

	mnl_attr_put(nlh, KZT_A_PREFIX_ADDR, addr->family == KZT_AF_INET ? 4 : 16,
		     addr->ip);
	mnl_attr_put_u8(nlh, KZT_A_PREFIX_LEN, (uint8_t)addr->port);
	mnl_attr_nest_end(nlh, nest);
}

static bool prefix_ok(const struct kzt_inetaddr *addr)
{
	return (addr->family == KZT_AF_INET && addr->port <= 32) ||
	       (addr->family == KZT_AF_INET6 && addr->port <= 128);
}

static void put_addresses(struct nlmsghdr *nlh, const struct kzt_config *conf)
{
	unsigned int i;

	for (i = 0; i < conf->n_addrs; i++)
		if (prefix_ok(&conf->addr[i]))
			put_prefix(nlh, &conf->addr[i]);
}

static void put_role(struct nlmsghdr *nlh, const struct kzt_config *conf,
		     uint64_t role, uint16_t attr)
{
	unsigned int i, n = 0;

	for (i = 0; i < conf->n_specialists; i++) {
		uint64_t address = conf->specialist[i] & KZT_ADDR_MASK;

		if (!(conf->specialist[i] & role) || !kzt_addr_valid(address))
			continue;
		mnl_attr_put_u64(nlh, attr, address);
		n++;
	}
	if (!n)		/* names none, where leaving it out would keep the old */
		mnl_attr_put_u64(nlh, attr, 0);
}

static uint32_t flags_of(const struct kzt_config *conf)
{
	uint32_t flags = 0;

	if (conf->flags & KZT_CONFIG_BROADCAST)
		flags |= KZT_NETWORK_FLAG_BROADCAST;
	if (conf->flags & KZT_CONFIG_NDP)
		flags |= KZT_NETWORK_FLAG_NDP_EMULATION;
	if (conf->flags & KZT_CONFIG_UNKNOWN_MATCH)
		flags |= KZT_NETWORK_FLAG_UNKNOWN_MATCH;
	if (conf->type != KZT_CONFIG_PUBLIC)
		flags |= KZT_NETWORK_FLAG_PRIVATE;
	return flags;
}

/* --- own credentials ---------- */

static bool in_time(const struct kzt_config *conf, uint64_t timestamp)
{
	uint64_t far = timestamp > conf->timestamp ? timestamp - conf->timestamp :
						     conf->timestamp - timestamp;

	return far <= conf->max_delta;
}

static void put_tags(struct nlmsghdr *nlh, const struct kzt_config *conf)
{
	uint32_t pairs[2 * KZT_CONFIG_MAX_TAGS];
	unsigned int i, n = 0;

	for (i = 0; i < conf->n_tags; i++) {
		if (!in_time(conf, conf->tag[i].timestamp))
			continue;
		pairs[n++] = conf->tag[i].id;
		pairs[n++] = conf->tag[i].value;
	}
	mnl_attr_put(nlh, KZT_A_NETWORK_TAGS, n * sizeof(pairs[0]), pairs);
}

static void put_capabilities(struct nlmsghdr *nlh, const struct kzt_config *conf)
{
	struct nlattr *nest;
	unsigned int i;

	for (i = 0; i < conf->n_caps; i++) {
		const struct kzt_capability *cap = &conf->cap[i];

		if (!in_time(conf, cap->timestamp) ||
		    (i && cap->id == conf->cap[i - 1].id))
			continue;
		nest = mnl_attr_nest_start(nlh, KZT_A_NETWORK_CAPABILITY);
		mnl_attr_put_u32(nlh, KZT_A_CAPABILITY_ID, cap->id);
		mnl_attr_put(nlh, KZT_A_CAPABILITY_RULES, cap->rules_len,
			     cap->rules);
		mnl_attr_nest_end(nlh, nest);
	}
}

void agent_put_things(struct nlmsghdr *nlh, uint16_t attr,
		      const struct kzt_coo *coo)
{
	static const size_t lens[] = {
		[KZT_COO_MAC] = 6, [KZT_COO_IPV4] = 4, [KZT_COO_IPV6] = 16,
	};
	unsigned int i;

	for (i = 0; i < coo->n_things; i++) {
		const uint8_t *thing = coo->things + i * KZT_COO_THING_LEN;

		if (thing[0] < sizeof(lens) / sizeof(lens[0]) && lens[thing[0]])
			mnl_attr_put(nlh, attr, lens[thing[0]], thing + 1);
	}
}

static void put_owned(struct nlmsghdr *nlh, const struct kzt_config *conf)
{
	unsigned int i;

	for (i = 0; i < conf->n_coos; i++)
		if (in_time(conf, conf->coo[i].timestamp))
			agent_put_things(nlh, KZT_A_NETWORK_OWNED, &conf->coo[i]);
}

/* --- packets that show them ---------- */

struct pushes {
	struct nlmsghdr *nlh;
	uint8_t buf[PUSH_MAX];
	struct kzt_wcur w;
	struct kzt_creds_out out;
	unsigned int n;
};

static void push_begin(struct pushes *p)
{
	p->w = kzt_wcur(p->buf, sizeof(p->buf));
	p->out = kzt_creds_start(&p->w);
	p->n = 0;
}

static void push_end(struct pushes *p)
{
	if (!p->n)
		return;
	kzt_creds_finish(&p->out);
	mnl_attr_put(p->nlh, KZT_A_NETWORK_CREDENTIALS, kzt_wcur_len(&p->w),
		     p->buf);
}

/* Into this packet or, if it is full, the next */
static void push_add(struct pushes *p, enum kzt_cred_type type,
		     const uint8_t *raw, size_t len)
{
	if (kzt_creds_add(&p->out, type, raw, len) == -EMSGSIZE) {
		push_end(p);
		push_begin(p);
		if (kzt_creds_add(&p->out, type, raw, len))
			return;
	}
	p->n++;
}

static void put_pushes(struct nlmsghdr *nlh, const struct kzt_config *conf)
{
	struct pushes p = { .nlh = nlh };
	unsigned int i;

	push_begin(&p);
	if (conf->has_com)
		push_add(&p, KZT_CRED_COM, conf->com.raw, conf->com.raw_len);
	for (i = 0; i < conf->n_caps; i++)
		push_add(&p, KZT_CRED_CAPABILITY, conf->cap[i].raw,
			 conf->cap[i].raw_len);
	for (i = 0; i < conf->n_tags; i++)
		push_add(&p, KZT_CRED_TAG, conf->tag[i].raw, conf->tag[i].raw_len);
	for (i = 0; i < conf->n_coos; i++)
		push_add(&p, KZT_CRED_COO, conf->coo[i].raw, conf->coo[i].raw_len);
	push_end(&p);
}

/* --- all of it ---------- */

static void put_all(struct nlmsghdr *nlh, const struct agent_network *nw)
{
	const struct kzt_config *conf = nw->config->conf;

	mnl_attr_put_u64(nlh, KZT_A_NETWORK_ID, nw->id);
	mnl_attr_put_u32(nlh, KZT_A_NETWORK_STATUS, KZT_NETWORK_STATUS_OK);
	mnl_attr_put_u32(nlh, KZT_A_NETWORK_MTU, conf->mtu);
	mnl_attr_put_u32(nlh, KZT_A_NETWORK_FLAGS, flags_of(conf));
	mnl_attr_put_u32(nlh, KZT_A_NETWORK_MULTICAST_LIMIT, conf->multicast_limit);
	mnl_attr_put_strz(nlh, KZT_A_NETWORK_NAME, conf->name);
	mnl_attr_put_u64(nlh, KZT_A_NETWORK_REVISION, conf->revision);
	mnl_attr_put(nlh, KZT_A_NETWORK_RULES, conf->rules_len, conf->rules);
	put_addresses(nlh, conf);
	put_role(nlh, conf, KZT_SPECIALIST_BRIDGE, KZT_A_NETWORK_BRIDGE);
	put_role(nlh, conf, KZT_SPECIALIST_REPLICATOR, KZT_A_NETWORK_REPLICATOR);
	put_role(nlh, conf, KZT_SPECIALIST_ANCHOR | KZT_SPECIALIST_REPLICATOR,
		 KZT_A_NETWORK_ANCHOR);
	put_tags(nlh, conf);
	put_capabilities(nlh, conf);
	put_owned(nlh, conf);
	put_pushes(nlh, conf);
}

int agent_config_to_kernel(struct agent *a, struct agent_network *nw,
			   char err[AGENT_ERR])
{
	struct nlmsghdr *head = kzt_nl_begin(&a->cmd, KZT_CMD_NETWORK_SET, 0);
	struct nlmsghdr *nlh = malloc(MESSAGE_MAX);
	int code;

	if (!nlh)
		return agent_err(err, -ENOMEM, "no memory");
	memcpy(nlh, head, head->nlmsg_len);
	put_all(nlh, nw);
	code = kzt_nl_talk(&a->cmd, nlh, NULL, NULL);
	free(nlh);
	if (code)
		return agent_err(err, code, "%s", a->cmd.err);
	nw->status = KZT_NETWORK_STATUS_OK;
	return 0;
}
