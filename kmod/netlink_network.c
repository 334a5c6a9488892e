// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: networks. */
#include <linux/rtnetlink.h>
#include <linux/sort.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include <uapi/linux/kzt.h>
#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "network.h"
#include "node.h"

static int conf_address(struct kzt_netconf *conf, struct genl_info *info)
{
	const struct nlattr *attr;
	int rem, err;

	if (info->attrs[KZT_A_NETWORK_ADDRESS])
		conf->n_addrs = 0;
	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem) {
		if (nla_type(attr) != KZT_A_NETWORK_ADDRESS)
			continue;
		if (conf->n_addrs == KZT_ADDRS_MAX) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "too many addresses");
			return -ENOSPC;
		}
		err = kzt_nl_get_prefix(attr, &conf->addr[conf->n_addrs++],
					info->extack);
		if (err)
			return err;
	}
	return 0;
}

/* Those given, each once; how many, or a negative errno */
static int role_read(struct genl_info *info, int type, u64 *list)
{
	const struct nlattr *attr;
	unsigned int n = 0;
	u64 address;
	int rem;

	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem) {
		if (nla_type(attr) != type)
			continue;
		address = nla_get_u64(attr);
		if (!address || kzt_netconf_lists(list, n, address))
			continue;
		if (!kzt_addr_valid(address)) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "no node can have this address");
			return -EINVAL;
		}
		if (n == KZT_ROLES_MAX) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "more than 256 nodes with this role");
			return -ENOSPC;
		}
		list[n++] = address;
	}
	return n;
}

/*
 * Nodes with a role: those given replace those that had it.  Most networks have
 * none, and then nothing is allocated.
 */
static int conf_role(struct genl_info *info, int type, u64 **list,
		     unsigned int *n, const u64 *old, unsigned int n_old)
{
	int given = n_old;
	u64 *all = NULL;

	if (info->attrs[type]) {
		all = kcalloc(KZT_ROLES_MAX, sizeof(u64), GFP_KERNEL);
		if (!all)
			return -ENOMEM;
		given = role_read(info, type, all);
		if (given > 0)
			sort(all, given, sizeof(u64), kzt_nl_cmp_u64, NULL);
		old = all;
	}
	if (given > 0) {
		*list = kmemdup(old, given * sizeof(u64), GFP_KERNEL);
		if (*list)
			*n = given;
		else
			given = -ENOMEM;
	}
	kfree(all);
	return min(given, 0);
}

/* What the message leaves out stays as in @old, which may be NULL */
static int conf_lists(struct kzt_netconf *conf, struct genl_info *info,
		      const struct kzt_netconf *old)
{
	int err;

	err = conf_address(conf, info);
	if (!err)
		err = conf_role(info, KZT_A_NETWORK_BRIDGE, &conf->bridge,
				&conf->n_bridges, old ? old->bridge : NULL,
				old ? old->n_bridges : 0);
	if (!err)
		err = conf_role(info, KZT_A_NETWORK_REPLICATOR,
				&conf->replicator, &conf->n_replicators,
				old ? old->replicator : NULL,
				old ? old->n_replicators : 0);
	if (!err)
		err = conf_role(info, KZT_A_NETWORK_ANCHOR, &conf->anchor,
				&conf->n_anchors, old ? old->anchor : NULL,
				old ? old->n_anchors : 0);
	return err;
}

/* What stays as it was, if there was a configuration */
static void conf_inherit(struct kzt_netconf *conf, const struct kzt_netconf *old)
{
	conf->flags = old->flags;
	conf->mtu = old->mtu;
	conf->multicast_limit = old->multicast_limit;
	conf->revision = old->revision;
	memcpy(conf->name, old->name, sizeof(conf->name));
	conf->n_addrs = old->n_addrs;
	memcpy(conf->addr, old->addr, sizeof(conf->addr));
	conf->own = kzt_credset_get(old->own);
}

/* The same rules go on being counted */
static void conf_hits(struct kzt_netconf *conf, const struct kzt_netconf *old)
{
	unsigned int i;

	if (conf->rules_blob_len != old->rules_blob_len || !conf->hits ||
	    memcmp(conf->rules_blob, old->rules_blob, conf->rules_blob_len))
		return;
	for (i = 0; i < conf->rules.n; i++)
		*raw_cpu_ptr(&conf->hits[i]) = kzt_netconf_hits(old, i);
}

static int conf_own(struct kzt_netconf *conf, struct genl_info *info)
{
	struct kzt_credset *own = kzt_nl_own_credset(info);

	if (IS_ERR_OR_NULL(own))
		return PTR_ERR_OR_ZERO(own);
	kzt_credset_inherit(own, conf->own);
	kzt_credset_put(conf->own);
	conf->own = own;
	return 0;
}

/* The controller refused, or could not be asked: nothing else changes */
static bool only_status(struct genl_info *info)
{
	const struct nlattr *attr;
	int rem;

	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem)
		if (nla_type(attr) != KZT_A_NETWORK_ID &&
		    nla_type(attr) != KZT_A_NETWORK_STATUS)
			return false;
	return info->attrs[KZT_A_NETWORK_STATUS];
}

static struct kzt_netconf *conf_build(struct kzt_network *nw,
				      struct genl_info *info)
{
	struct kzt_netconf *old = rtnl_dereference(nw->conf), *conf;
	struct nlattr **attrs = info->attrs;
	const u8 *rules = old ? old->rules_blob : NULL;
	size_t len = old ? old->rules_blob_len : 0;
	int err;

	if (attrs[KZT_A_NETWORK_RULES]) {
		rules = nla_data(attrs[KZT_A_NETWORK_RULES]);
		len = nla_len(attrs[KZT_A_NETWORK_RULES]);
	}
	conf = kzt_netconf_alloc(rules, len, info->extack);
	if (IS_ERR(conf))
		return conf;
	conf->mtu = KZT_NET_MTU_DEFAULT;
	if (old) {
		conf_inherit(conf, old);
		conf_hits(conf, old);
	}
	conf->status = attrs[KZT_A_NETWORK_STATUS] ?
		       nla_get_u32(attrs[KZT_A_NETWORK_STATUS]) :
		       KZT_NETWORK_STATUS_OK;
	if (attrs[KZT_A_NETWORK_MTU])
		conf->mtu = clamp_t(u32, nla_get_u32(attrs[KZT_A_NETWORK_MTU]),
				    1280, KZT_NET_MTU_MAX);
	if (attrs[KZT_A_NETWORK_FLAGS])
		conf->flags = nla_get_u32(attrs[KZT_A_NETWORK_FLAGS]);
	if (attrs[KZT_A_NETWORK_MULTICAST_LIMIT])
		conf->multicast_limit =
			nla_get_u32(attrs[KZT_A_NETWORK_MULTICAST_LIMIT]);
	if (attrs[KZT_A_NETWORK_REVISION])
		conf->revision = nla_get_u64(attrs[KZT_A_NETWORK_REVISION]);
	if (attrs[KZT_A_NETWORK_NAME])
		nla_strscpy(conf->name, attrs[KZT_A_NETWORK_NAME],
			    sizeof(conf->name));
	err = conf_lists(conf, info, old);
	if (!err)
		err = conf_own(conf, info);
	if (err) {
		kzt_netconf_free(conf);
		return ERR_PTR(err);
	}
	return conf;
}

static int network_set_locked(struct kzt_node *node, struct genl_info *info)
{
	struct kzt_netconf *conf;
	struct kzt_network *nw;

	/* RTNL is held: the network does not go away */
	rcu_read_lock();
	nw = kzt_network_lookup_rcu(node,
				    nla_get_u64(info->attrs[KZT_A_NETWORK_ID]));
	rcu_read_unlock();
	if (!nw) {
		GENL_SET_ERR_MSG(info, "no device of this network: add one first");
		return -ENOENT;
	}
	if (kzt_network_id_adhoc(nw->id)) {
		GENL_SET_ERR_MSG(info, "an ad-hoc network's configuration follows from its id");
		return -EPERM;
	}
	if (only_status(info)) {
		kzt_network_set_status(nw,
			nla_get_u32(info->attrs[KZT_A_NETWORK_STATUS]));
		return 0;
	}
	conf = conf_build(nw, info);
	if (IS_ERR(conf))
		return PTR_ERR(conf);
	/* In force and announced, even if the MTU could not be set */
	return kzt_network_configure(nw, conf);
}

int kzt_nl_network_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_NETWORK_ID))
		return -EINVAL;
	kzt_nl_lock(node);
	err = network_set_locked(node, info);
	kzt_nl_unlock(node);
	return err;
}

/* --- reading ------------------------------------------------------------------ */

static int put_hits(struct sk_buff *skb, const struct kzt_netconf *conf)
{
	struct nlattr *attr;
	unsigned int i;
	u64 hits;

	if (!conf->rules.n || !conf->hits)
		return 0;
	attr = nla_reserve(skb, KZT_A_NETWORK_RULE_HITS,
			   conf->rules.n * sizeof(u64));
	if (!attr)
		return -EMSGSIZE;
	for (i = 0; i < conf->rules.n; i++) {
		hits = kzt_netconf_hits(conf, i);
		memcpy(nla_data(attr) + i * sizeof(u64), &hits, sizeof(u64));
	}
	return 0;
}

static int put_nodes(struct sk_buff *skb, int attr, const u64 *list,
		     unsigned int n)
{
	while (n--)
		if (nla_put_u64_64bit(skb, attr, *list++, KZT_A_NETWORK_PAD))
			return -EMSGSIZE;
	return 0;
}

static int put_rules(struct sk_buff *skb, const struct kzt_netconf *conf)
{
	if (conf->rules_blob_len &&
	    nla_put(skb, KZT_A_NETWORK_RULES, conf->rules_blob_len,
		    conf->rules_blob))
		return -EMSGSIZE;
	return put_hits(skb, conf);
}

static int put_conf(struct sk_buff *skb, const struct kzt_netconf *conf)
{
	unsigned int i;

	if (nla_put_u32(skb, KZT_A_NETWORK_MTU, conf->mtu) ||
	    nla_put_u32(skb, KZT_A_NETWORK_FLAGS, conf->flags) ||
	    nla_put_u32(skb, KZT_A_NETWORK_MULTICAST_LIMIT,
			conf->multicast_limit) ||
	    nla_put_string(skb, KZT_A_NETWORK_NAME, conf->name) ||
	    nla_put_u64_64bit(skb, KZT_A_NETWORK_REVISION, conf->revision,
			      KZT_A_NETWORK_PAD))
		return -EMSGSIZE;
	for (i = 0; i < conf->n_addrs; i++)
		if (kzt_put_prefix(skb, KZT_A_NETWORK_ADDRESS, &conf->addr[i]))
			return -EMSGSIZE;
	if (put_nodes(skb, KZT_A_NETWORK_BRIDGE, conf->bridge,
		      conf->n_bridges) ||
	    put_nodes(skb, KZT_A_NETWORK_REPLICATOR, conf->replicator,
		      conf->n_replicators) ||
	    put_nodes(skb, KZT_A_NETWORK_ANCHOR, conf->anchor,
		      conf->n_anchors))
		return -EMSGSIZE;
	return 0;
}

/* All but the rules, for where they do not fit */
static int put_network_some(struct sk_buff *skb, void *obj)
{
	struct kzt_network *nw = obj;
	struct net *node_net = nw->node->net, *dev_net_now = dev_net(nw->dev);
	struct kzt_netconf *conf;

	if (nla_put_u64_64bit(skb, KZT_A_NETWORK_ID, nw->id,
			      KZT_A_NETWORK_PAD) ||
	    nla_put_u32(skb, KZT_A_NETWORK_IFINDEX, nw->dev->ifindex) ||
	    nla_put_string(skb, KZT_A_NETWORK_IFNAME, nw->dev->name) ||
	    (!net_eq(node_net, dev_net_now) &&
	     nla_put_s32(skb, KZT_A_NETWORK_NETNSID,
			 peernet2id_alloc(node_net, dev_net_now, GFP_ATOMIC))) ||
	    nla_put_u32(skb, KZT_A_NETWORK_STATUS, READ_ONCE(nw->status)) ||
	    nla_put(skb, KZT_A_NETWORK_MAC, ETH_ALEN, nw->mac) ||
	    nla_put_u32(skb, KZT_A_NETWORK_MEMBERS,
			atomic_read(&nw->n_members)) ||
	    nla_put_u32(skb, KZT_A_NETWORK_GROUPS,
			kzt_multicast_count(nw->node, nw->id)))
		return -EMSGSIZE;
	conf = rcu_dereference(nw->conf);
	return conf ? put_conf(skb, conf) : 0;
}

/**
 * kzt_put_network_attrs() - the reply of network-get
 * @skb: message
 * @nw: network, RCU
 *
 * Return: 0 or -EMSGSIZE.
 */
int kzt_put_network_attrs(struct sk_buff *skb, struct kzt_network *nw)
{
	struct kzt_netconf *conf = rcu_dereference(nw->conf);
	int err = put_network_some(skb, nw);

	return err || !conf ? err : put_rules(skb, conf);
}

static int put_network(struct sk_buff *skb, void *obj)
{
	return kzt_put_network_attrs(skb, obj);
}

int kzt_nl_network_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_network *nw;
	struct sk_buff *msg;
	void *hdr;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_NETWORK_ID))
		return -EINVAL;
	msg = genlmsg_new(KZT_NL_NETWORK_MAX, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &kzt_genl_family, 0,
				KZT_CMD_NETWORK_GET);
	rcu_read_lock();
	nw = kzt_network_lookup_rcu(kzt_node_of(genl_info_net(info)),
				    nla_get_u64(info->attrs[KZT_A_NETWORK_ID]));
	if (!nw) {
		GENL_SET_ERR_MSG(info, "not on this network");
		err = -ENOENT;
	} else {
		err = hdr ? put_network(msg, nw) : -EMSGSIZE;
	}
	rcu_read_unlock();
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

int kzt_nl_network_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct kzt_node *node = kzt_node_of(sock_net(skb->sk));
	u64 *last = kzt_nl_dump_last(cb), *list;
	unsigned int i, n;
	int err = 0;

	list = kzt_network_ids(node, &n);
	if (!list)
		return n ? -ENOMEM : skb->len;
	sort(list, n, sizeof(u64), kzt_nl_cmp_u64, NULL);
	cb->min_dump_alloc = KZT_NL_NETWORK_MAX;	/* of the next messages */
	for (i = 0; i < n && !err; i++) {
		struct kzt_network *nw;

		if (list[i] <= *last)
			continue;
		rcu_read_lock();
		nw = kzt_network_lookup_rcu(node, list[i]);
		if (nw)
			err = kzt_nl_dump_one(skb, cb, KZT_CMD_NETWORK_GET,
					      put_network, nw);
		if (err && !skb->len)	/* it alone is more than fits */
			err = kzt_nl_dump_one(skb, cb, KZT_CMD_NETWORK_GET,
					      put_network_some, nw);
		rcu_read_unlock();
		if (!err)
			*last = list[i];
	}
	kvfree(list);
	return skb->len;
}

/**
 * kzt_nl_dump_networks() - dump what each network has, or one
 * @skb: message
 * @cb: dump
 * @attr: names the only network, if it is given
 * @dump: writes the objects of one network behind @behind, and notes in
 *	kzt_nl_dump_last() how far it came
 *
 * Return: bytes of the message.
 */
int kzt_nl_dump_networks(struct sk_buff *skb, struct netlink_callback *cb, int attr,
			 int (*dump)(struct sk_buff *skb, struct netlink_callback *cb,
				     struct kzt_node *node, u64 nwid, u64 behind))
{
	struct kzt_node *node = kzt_node_of(sock_net(skb->sk));
	struct nlattr **attrs = kzt_dump_attrs(cb);
	u64 only = attrs && attrs[attr] ? nla_get_u64(attrs[attr]) : 0;
	u64 *last = kzt_nl_dump_last(cb), *list;
	unsigned int i, n;
	int err = 0;

	list = kzt_network_ids(node, &n);
	if (!list)
		return skb->len;
	sort(list, n, sizeof(u64), kzt_nl_cmp_u64, NULL);
	for (i = 0; i < n && !err; i++)
		if (list[i] >= last[0] && (!only || only == list[i]))
			err = dump(skb, cb, node, list[i],
				   list[i] == last[0] ? last[1] : 0);
	kvfree(list);
	return skb->len;
}
