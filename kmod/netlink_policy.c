// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: multipath policies, and which path is pinned. */
#include <linux/sort.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include <uapi/linux/kzt.h>
#include "bond.h"
#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "node.h"
#include "object.h"
#include "peer.h"
#include "proto/packet.h"

/* --- changing --------------------------------------------------------------------- */

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

static int get_conf(struct genl_info *info, struct kzt_bond_conf *conf)
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

/* Interfaces are looked up when they are needed, but a wrong name is an error */
static int links_exist(struct kzt_node *node, const struct kzt_bond_conf *conf,
		       struct netlink_ext_ack *extack)
{
	unsigned int i;
	int err = 0;

	rcu_read_lock();
	for (i = 0; i < conf->policy.n_links && !err; i++) {
		if (dev_get_by_name_rcu(node->net, conf->link[i].name))
			continue;
		kzt_err_msg_fmt(extack, "there is no interface of that name",
				"there is no interface %s", conf->link[i].name);
		err = -ENODEV;
	}
	rcu_read_unlock();
	return err;
}

static bool peer_has_link(struct kzt_peer *peer, const char *name, u64 now)
{
	struct net_device *dev = dev_get_by_name_rcu(peer->node->net, name);
	unsigned int i;

	for (i = 0; dev && i < peer->n_paths; i++) {
		struct kzt_path *p = rcu_dereference_protected(peer->paths[i], 1);

		if (p->ep.ifindex == dev->ifindex && !kzt_path_expired(p, now))
			return true;
	}
	return false;
}

/* Which leg is missing that the policy needs?  A bond's plan says it later. */
static int legs_exist(struct kzt_peer *peer, const struct kzt_bond_conf *conf,
		      struct netlink_ext_ack *extack)
{
	u64 now = kzt_now_ms();
	unsigned int i, usable = 0;
	int err = 0;

	if (conf->policy.mode == KZT_POLICY_NONE)
		return 0;
	if (READ_ONCE(peer->is_upstream)) {
		NL_SET_ERR_MSG(extack, "the peer is a root: roots are not bonded");
		return -EOPNOTSUPP;
	}
	spin_lock_bh(&peer->lock);
	rcu_read_lock();
	for (i = 0; i < peer->n_paths; i++)
		usable += !kzt_path_expired(rcu_dereference_protected(peer->paths[i], 1),
					    now);
	for (i = 0; i < conf->policy.n_links && !err; i++) {
		if (peer_has_link(peer, conf->link[i].name, now))
			continue;
		kzt_err_msg_fmt(extack, "the peer has no path by one of the links: force sets the policy all the same",
				"the peer has no path by %s: force sets the policy all the same",
				conf->link[i].name);
		err = -EADDRNOTAVAIL;
	}
	if (!err && usable < 2) {
		kzt_err_msg_fmt(extack, "the peer has fewer paths than the two that the policy needs: force sets it all the same",
				"the peer has %s, and the policy needs two: force sets it all the same",
				usable ? "only one path" : "no path");
		err = -EADDRNOTAVAIL;
	}
	rcu_read_unlock();
	spin_unlock_bh(&peer->lock);
	return err;
}

static void conf_replace(struct kzt_bond_conf __rcu **slot,
			 struct kzt_bond_conf *conf)
{
	struct kzt_bond_conf *old = rcu_replace_pointer(*slot, conf, true);

	if (old)
		kfree_rcu(old, rcu);
}

static void peers_update(struct kzt_node *node)
{
	struct rhashtable_iter iter;
	struct kzt_peer *peer;
	u64 now = kzt_now_ms();

	rhashtable_walk_enter(&node->peers, &iter);
	rhashtable_walk_start(&iter);
	while ((peer = rhashtable_walk_next(&iter)))
		if (!IS_ERR(peer))
			kzt_bond_update(peer, now);
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

static struct kzt_peer *policy_peer(struct genl_info *info, int attr)
{
	struct kzt_peer *peer;

	peer = kzt_peer_get_by_address(kzt_node_of(genl_info_net(info)),
				       nla_get_u64(info->attrs[attr]));
	if (!peer)
		GENL_SET_ERR_MSG(info, "no such peer");
	return peer;
}

static int peer_policy_set(struct genl_info *info, struct kzt_node *node,
			   struct kzt_bond_conf *conf)
{
	struct kzt_peer *peer = policy_peer(info, KZT_A_POLICY_ADDRESS);
	int err = 0;

	if (!peer)
		return -ENOENT;
	if (!info->attrs[KZT_A_POLICY_FORCE])
		err = legs_exist(peer, conf, info->extack);
	if (!err) {
		conf_replace(&peer->policy, conf);
		kzt_bond_update(peer, kzt_now_ms());
		kzt_notify_peer(peer, false);
	}
	kzt_peer_put(peer);
	return err;
}

int kzt_nl_policy_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	struct kzt_bond_conf *conf = kzalloc(sizeof(*conf), GFP_KERNEL);
	int err;

	if (!conf)
		return -ENOMEM;
	err = get_conf(info, conf);
	if (!err && !info->attrs[KZT_A_POLICY_FORCE])
		err = links_exist(node, conf, info->extack);
	if (err) {
		kfree(conf);
		return err;
	}
	mutex_lock(&node->config_lock);
	if (node->exiting) {
		err = -ESHUTDOWN;
	} else if (info->attrs[KZT_A_POLICY_ADDRESS]) {
		err = peer_policy_set(info, node, conf);
	} else {
		conf_replace(&node->policy, conf);
		peers_update(node);
	}
	mutex_unlock(&node->config_lock);
	if (err)
		kfree(conf);
	return err;
}

int kzt_nl_policy_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	struct kzt_peer *peer = NULL;

	if (info->attrs[KZT_A_POLICY_ADDRESS]) {
		peer = policy_peer(info, KZT_A_POLICY_ADDRESS);
		if (!peer)
			return -ENOENT;
	}
	mutex_lock(&node->config_lock);
	if (peer) {
		conf_replace(&peer->policy, NULL);
		kzt_bond_update(peer, kzt_now_ms());
	} else {
		conf_replace(&node->policy, NULL);
		peers_update(node);
	}
	mutex_unlock(&node->config_lock);
	if (peer)
		kzt_peer_put(peer);
	return 0;
}

/* By its endpoints: ids change when a path is lost and found again */
static int pin_set(struct kzt_peer *peer, u32 id)
{
	int err = -ENOENT;
	unsigned int i;

	spin_lock_bh(&peer->lock);
	for (i = 0; i < peer->n_paths; i++) {
		struct kzt_path *p = rcu_dereference_protected(peer->paths[i], 1);

		if (p->id != id)
			continue;
		peer->pin = p->ep;
		peer->pinned = true;
		err = 0;
	}
	spin_unlock_bh(&peer->lock);
	return err;
}

int kzt_nl_path_pin_doit(struct sk_buff *skb, struct genl_info *info)
{
	u64 now = kzt_now_ms();
	struct kzt_peer *peer;
	int err = 0;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_PIN_ADDRESS))
		return -EINVAL;
	peer = policy_peer(info, KZT_A_PIN_ADDRESS);
	if (!peer)
		return -ENOENT;
	if (info->attrs[KZT_A_PIN_PATH_ID]) {
		err = pin_set(peer, nla_get_u32(info->attrs[KZT_A_PIN_PATH_ID]));
		if (err)
			GENL_SET_ERR_MSG(info, "no such path");
	} else {
		spin_lock_bh(&peer->lock);
		peer->pinned = false;
		spin_unlock_bh(&peer->lock);
	}
	if (!err) {
		kzt_bond_update(peer, now);
		spin_lock_bh(&peer->lock);
		kzt_pathset_update_locked(peer, now);
		spin_unlock_bh(&peer->lock);
		kzt_notify_peer(peer, false);
	}
	kzt_peer_put(peer);
	return err;
}

/* --- reading ---------------------------------------------------------------------- */

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

static int put_conf(struct sk_buff *skb, struct kzt_bond_conf *conf)
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

static int put_plan(struct sk_buff *skb, const struct kzt_bond *bond)
{
	const struct kzt_policy_plan *plan = &bond->plan;
	unsigned int i;

	if (nla_put_u8(skb, KZT_A_POLICY_IN_FORCE, !plan->why_inert) ||
	    (plan->why_inert &&
	     nla_put_string(skb, KZT_A_POLICY_INERT,
			    kzt_policy_inert_text(plan->why_inert))) ||
	    nla_put_u8(skb, KZT_A_POLICY_REDUNDANT, plan->redundant) ||
	    nla_put_u8(skb, KZT_A_POLICY_BALANCED, plan->balanced))
		return -EMSGSIZE;
	for (i = 0; i < bond->conf.policy.n_links; i++)
		if (plan->missing & BIT(i) &&
		    nla_put_string(skb, KZT_A_POLICY_MISSING,
				   bond->conf.link[i].name))
			return -EMSGSIZE;
	return 0;
}

struct policy_arg {
	struct kzt_node *node;
	struct kzt_peer *peer;		/* NULL: the common one */
	struct kzt_bond_conf conf;
};

static int put_policy(struct sk_buff *skb, void *obj)
{
	const struct kzt_bond_conf *conf;
	struct policy_arg *arg = obj;
	struct kzt_bond *bond;
	int err;

	rcu_read_lock();
	conf = arg->peer ? kzt_bond_conf_rcu(arg->peer) :
			   rcu_dereference(arg->node->policy);
	if (conf)
		arg->conf = *conf;
	else
		kzt_policy_conf_init(&arg->conf.policy, KZT_POLICY_NONE);
	rcu_read_unlock();
	err = put_conf(skb, &arg->conf);
	if (err || !arg->peer)
		return err;
	if (nla_put_u64_64bit(skb, KZT_A_POLICY_ADDRESS, arg->peer->address,
			      KZT_A_POLICY_PAD) ||
	    nla_put_u8(skb, KZT_A_POLICY_OWN, !!rcu_access_pointer(arg->peer->policy)))
		return -EMSGSIZE;
	spin_lock_bh(&arg->peer->lock);
	bond = rcu_dereference_protected(arg->peer->bond, 1);
	if (bond)
		err = put_plan(skb, bond);
	else if (arg->conf.policy.mode != KZT_POLICY_NONE)
		err = nla_put_u8(skb, KZT_A_POLICY_IN_FORCE, 0) ?:
		      nla_put_string(skb, KZT_A_POLICY_INERT,
				     kzt_policy_inert_text(READ_ONCE(arg->peer->is_upstream) ?
							   KZT_INERT_UPSTREAM :
							   KZT_INERT_NO_LEG));
	spin_unlock_bh(&arg->peer->lock);
	return err;
}

int kzt_nl_policy_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct policy_arg *arg = kzalloc(sizeof(*arg), GFP_KERNEL);
	int err;

	if (!arg)
		return -ENOMEM;
	arg->node = kzt_node_of(genl_info_net(info));
	if (info->attrs[KZT_A_POLICY_ADDRESS]) {
		arg->peer = policy_peer(info, KZT_A_POLICY_ADDRESS);
		if (!arg->peer) {
			kfree(arg);
			return -ENOENT;
		}
	}
	err = kzt_nl_reply(info, KZT_CMD_POLICY_GET, GENLMSG_DEFAULT_SIZE,
			   put_policy, arg);
	if (arg->peer)
		kzt_peer_put(arg->peer);
	kfree(arg);
	return err;
}

int kzt_nl_policy_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct policy_arg *arg = kzalloc(sizeof(*arg), GFP_KERNEL);
	u64 *last = kzt_nl_dump_last(cb), *list;
	unsigned int i, n;
	int err = 0;

	if (!arg)
		return -ENOMEM;
	arg->node = kzt_node_of(sock_net(skb->sk));
	/* The common one stands for the key 1, which is no address of a peer */
	if (!*last) {
		err = kzt_nl_dump_one(skb, cb, KZT_CMD_POLICY_GET, put_policy,
				      arg);
		if (!err)
			*last = 1;
	}
	list = kzt_peer_addresses(arg->node, &n);
	for (i = 0; list && i < n && !err; i++) {
		if (list[i] <= *last)
			continue;
		arg->peer = kzt_peer_get_by_address(arg->node, list[i]);
		if (!arg->peer)
			continue;
		if (rcu_access_pointer(arg->peer->policy) ||
		    rcu_access_pointer(arg->peer->bond))
			err = kzt_nl_dump_one(skb, cb, KZT_CMD_POLICY_GET,
					      put_policy, arg);
		kzt_peer_put(arg->peer);
		if (!err)
			*last = list[i];
	}
	kvfree(list);
	kfree(arg);
	return skb->len;
}
