// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: a multipath policy's configuration from and to attributes. */
#include <linux/sort.h>
#include <net/genetlink.h>
#include <uapi/linux/kzt.h>
#include "bond.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "path.h"
#include "proto/packet.h"

/* --- from ------------------------------------------------------------------------- */

static int get_mode(struct genl_info *info, struct kzt_policy_conf *p)
{
	const struct nlattr *attr = info->attrs[KZT_A_POLICY_MODE];
	char name[32];
	int mode = -1;

	if (nla_strscpy(name, attr, sizeof(name)) >= 0)
		mode = kzt_policy_mode_by_name(name);
	if (mode < 0) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such policy");
		return -EINVAL;
	}
	kzt_policy_conf_init(p, mode);
	return 0;
}

static int get_reselect(struct genl_info *info, struct kzt_policy_conf *p)
{
	const struct nlattr *attr = info->attrs[KZT_A_POLICY_RESELECT];
	char name[32];
	int how = -1;

	if (!attr)
		return 0;
	if (nla_strscpy(name, attr, sizeof(name)) >= 0)
		how = kzt_policy_reselect_by_name(name);
	if (how < 0) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such way to reselect");
		return -EINVAL;
	}
	p->reselect = how;
	return 0;
}

/* Numbers of struct kzt_policy_conf by attribute */
static const struct policy_number {
	u16 attr;
	u16 offset;
} policy_numbers[] = {
#define NUMBER(name, member) \
	{ KZT_A_POLICY_##name, offsetof(struct kzt_policy_conf, member) }
	NUMBER(FAILOVER_MS, failover_ms),
	NUMBER(UP_DELAY_MS, up_delay_ms),
	NUMBER(DOWN_DELAY_MS, down_delay_ms),
	NUMBER(DWELL_MS, dwell_ms),
	NUMBER(HYSTERESIS_PPM, hysteresis_ppm),
	NUMBER(PACKETS_PER_LINK, packets_per_link),
	NUMBER(LATENCY_MAX_US, limits.latency_us),
	NUMBER(JITTER_MAX_US, limits.jitter_us),
	NUMBER(LOSS_MAX_PPM, limits.loss_ppm),
	NUMBER(ERROR_MAX_PPM, limits.error_ppm),
	NUMBER(LATENCY_WEIGHT_PPM, limits.weight_ppm[0]),
	NUMBER(JITTER_WEIGHT_PPM, limits.weight_ppm[1]),
	NUMBER(LOSS_WEIGHT_PPM, limits.weight_ppm[2]),
	NUMBER(ERROR_WEIGHT_PPM, limits.weight_ppm[3]),
#undef NUMBER
};

static u32 *policy_number_at(struct kzt_policy_conf *p, unsigned int i)
{
	return (void *)p + policy_numbers[i].offset;
}

static int get_cap(struct genl_info *info, int attr, u8 *cap)
{
	u32 n;

	if (!info->attrs[attr])
		return 0;
	n = nla_get_u32(info->attrs[attr]);
	if (n > U8_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attr],
				    "more than a peer can have paths");
		return -ERANGE;
	}
	*cap = n;
	return 0;
}

static int get_scope_max(const struct nlattr *nest, struct kzt_policy_conf *p,
			 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[KZT_A_SCOPE_CAP_MAX + 1];
	u32 scope, n;
	int err;

	err = nla_parse_nested(tb, KZT_A_SCOPE_CAP_MAX, nest,
			       kzt_scope_cap_nl_policy, extack);
	if (err)
		return err;
	scope = tb[KZT_A_SCOPE_CAP_SCOPE] ?
		nla_get_u32(tb[KZT_A_SCOPE_CAP_SCOPE]) : KZT_QUALITY_SCOPES;
	n = tb[KZT_A_SCOPE_CAP_PATHS] ? nla_get_u32(tb[KZT_A_SCOPE_CAP_PATHS]) : 0;
	if (scope >= KZT_QUALITY_SCOPES || n > U8_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "no such scope, or too great a number");
		return -ERANGE;
	}
	p->scope_max[scope] = n;
	return 0;
}

static int get_ipver(const struct nlattr *attr, u8 *ipver,
		     struct netlink_ext_ack *extack)
{
	char name[8];
	int ver = -1;

	if (!attr)
		return 0;
	if (nla_strscpy(name, attr, sizeof(name)) >= 0)
		ver = kzt_policy_ipver_by_name(name);
	if (ver < 0) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "IP versions are any, 4, 6, 46 or 64");
		return -EINVAL;
	}
	*ipver = ver;
	return 0;
}

static int get_link(const struct nlattr *nest, struct kzt_bond_conf *conf,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[KZT_A_POLICY_LINK_MAX + 1];
	struct kzt_policy_link *l;
	struct kzt_bond_link *b;
	int err;

	if (conf->policy.n_links == KZT_POLICY_LINKS) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "too many links");
		return -ENOSPC;
	}
	err = nla_parse_nested(tb, KZT_A_POLICY_LINK_MAX, nest,
			       kzt_policy_link_nl_policy, extack);
	if (err)
		return err;
	l = &conf->policy.link[conf->policy.n_links];
	b = &conf->link[conf->policy.n_links++];
	if (!tb[KZT_A_POLICY_LINK_NAME] ||
	    nla_strscpy(b->name, tb[KZT_A_POLICY_LINK_NAME], IFNAMSIZ) <= 0) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "a link needs the name of an interface");
		return -EINVAL;
	}
	if (tb[KZT_A_POLICY_LINK_FAILOVER_TO])
		nla_strscpy(b->failover_to, tb[KZT_A_POLICY_LINK_FAILOVER_TO],
			    IFNAMSIZ);
	l->primary = tb[KZT_A_POLICY_LINK_PRIMARY] &&
		     nla_get_u8(tb[KZT_A_POLICY_LINK_PRIMARY]);
	l->weight = tb[KZT_A_POLICY_LINK_WEIGHT] ?
		    nla_get_u32(tb[KZT_A_POLICY_LINK_WEIGHT]) : 1;
	if (tb[KZT_A_POLICY_LINK_CAPACITY])
		l->capacity = nla_get_u32(tb[KZT_A_POLICY_LINK_CAPACITY]);
	if (tb[KZT_A_POLICY_LINK_MTU]) {
		u32 mtu = nla_get_u32(tb[KZT_A_POLICY_LINK_MTU]);

		if (mtu && (mtu < KZT_PMTU_FLOOR || mtu > KZT_MAX_PACKET)) {
			NL_SET_ERR_MSG_ATTR(extack, tb[KZT_A_POLICY_LINK_MTU],
					    "a link's MTU is a UDP payload of 548 to 10024 bytes");
			return -ERANGE;
		}
		b->mtu = mtu;
	}
	return get_ipver(tb[KZT_A_POLICY_LINK_IPVER], &l->ipver, extack);
}

static int get_nests(struct genl_info *info, struct kzt_bond_conf *conf)
{
	const struct nlattr *attr;
	int rem, err = 0;

	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem) {
		if (nla_type(attr) == KZT_A_POLICY_LINK)
			err = get_link(attr, conf, info->extack);
		else if (nla_type(attr) == KZT_A_POLICY_SCOPE_MAX)
			err = get_scope_max(attr, &conf->policy, info->extack);
		if (err)
			return err;
	}
	return 0;
}

/* The pure check compares interfaces by number: give each name one */
static const char *conf_check(struct kzt_bond_conf *conf)
{
	struct kzt_policy_conf *p = &conf->policy;
	const char *why;
	unsigned int i, j;

	for (i = 0; i < p->n_links; i++) {
		p->link[i].ifindex = i + 1;
		for (j = 0; j < i; j++)
			if (!strcmp(conf->link[i].name, conf->link[j].name))
				return "a link is named twice";
		if (!conf->link[i].failover_to[0])
			continue;
		for (j = 0; j < p->n_links; j++)
			if (!strcmp(conf->link[i].failover_to, conf->link[j].name))
				p->link[i].failover_to = j + 1;
		if (!p->link[i].failover_to)
			return "a link fails over to one that is not in the policy";
	}
	why = kzt_policy_conf_check(p);
	for (i = 0; i < p->n_links; i++) {
		p->link[i].ifindex = 0;
		p->link[i].failover_to = 0;
	}
	return why;
}

/**
 * kzt_nl_policy_get_conf() - read a policy
 * @info: request
 * @conf: filled; what is not named has its default
 *
 * Return: 0, or a negative errno with the reason in the extended ACK.
 */
int kzt_nl_policy_get_conf(struct genl_info *info, struct kzt_bond_conf *conf)
{
	static atomic64_t generation;
	struct kzt_policy_conf *p = &conf->policy;
	const char *why;
	unsigned int i;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_POLICY_MODE))
		return -EINVAL;
	err = get_mode(info, p) ?: get_reselect(info, p);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(policy_numbers); i++)
		if (info->attrs[policy_numbers[i].attr])
			*policy_number_at(p, i) =
				nla_get_u32(info->attrs[policy_numbers[i].attr]);
	if (info->attrs[KZT_A_POLICY_PER_FLOW])
		p->per_flow = nla_get_u8(info->attrs[KZT_A_POLICY_PER_FLOW]);
	err = get_cap(info, KZT_A_POLICY_MAX_LEGS, &p->max_legs) ?:
	      get_cap(info, KZT_A_POLICY_FAMILY_MAX_4, &p->family_max[0]) ?:
	      get_cap(info, KZT_A_POLICY_FAMILY_MAX_6, &p->family_max[1]) ?:
	      get_nests(info, conf);
	if (err)
		return err;
	why = conf_check(conf);
	if (why) {
		info->extack->_msg = why;
		return -EINVAL;
	}
	conf->generation = atomic64_inc_return(&generation);
	return 0;
}

/* --- to --------------------------------------------------------------------------- */

static int put_link(struct sk_buff *skb, const struct kzt_policy_link *l,
		    const struct kzt_bond_link *b)
{
	struct nlattr *nest = nla_nest_start(skb, KZT_A_POLICY_LINK);

	if (!nest || nla_put_string(skb, KZT_A_POLICY_LINK_NAME, b->name) ||
	    nla_put_u8(skb, KZT_A_POLICY_LINK_PRIMARY, l->primary) ||
	    nla_put_string(skb, KZT_A_POLICY_LINK_IPVER,
			   kzt_policy_ipver_name(l->ipver)) ||
	    nla_put_u32(skb, KZT_A_POLICY_LINK_WEIGHT, l->weight) ||
	    nla_put_u32(skb, KZT_A_POLICY_LINK_CAPACITY, l->capacity) ||
	    nla_put_u32(skb, KZT_A_POLICY_LINK_MTU, b->mtu) ||
	    (b->failover_to[0] &&
	     nla_put_string(skb, KZT_A_POLICY_LINK_FAILOVER_TO, b->failover_to)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_scopes(struct sk_buff *skb, const struct kzt_policy_conf *p)
{
	struct nlattr *nest;
	unsigned int i;

	for (i = 0; i < KZT_QUALITY_SCOPES; i++) {
		if (!p->scope_max[i])
			continue;
		nest = nla_nest_start(skb, KZT_A_POLICY_SCOPE_MAX);
		if (!nest || nla_put_u32(skb, KZT_A_SCOPE_CAP_SCOPE, i) ||
		    nla_put_u32(skb, KZT_A_SCOPE_CAP_PATHS, p->scope_max[i]))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

/**
 * kzt_nl_policy_put_conf() - write a policy
 * @skb: message
 * @conf: policy
 *
 * Return: 0 or -EMSGSIZE.
 */
int kzt_nl_policy_put_conf(struct sk_buff *skb, struct kzt_bond_conf *conf)
{
	struct kzt_policy_conf *p = &conf->policy;
	unsigned int i;
	int err;

	if (nla_put_string(skb, KZT_A_POLICY_MODE, kzt_policy_name(p->mode)) ||
	    nla_put_string(skb, KZT_A_POLICY_RESELECT,
			   kzt_policy_reselect_name(p->reselect)) ||
	    nla_put_u8(skb, KZT_A_POLICY_PER_FLOW, p->per_flow) ||
	    nla_put_u32(skb, KZT_A_POLICY_MAX_LEGS, p->max_legs) ||
	    nla_put_u32(skb, KZT_A_POLICY_FAMILY_MAX_4, p->family_max[0]) ||
	    nla_put_u32(skb, KZT_A_POLICY_FAMILY_MAX_6, p->family_max[1]))
		return -EMSGSIZE;
	for (i = 0; i < ARRAY_SIZE(policy_numbers); i++)
		if (nla_put_u32(skb, policy_numbers[i].attr,
				*policy_number_at(p, i)))
			return -EMSGSIZE;
	err = put_scopes(skb, p);
	for (i = 0; i < p->n_links && !err; i++)
		err = put_link(skb, &p->link[i], &conf->link[i]);
	return err;
}
