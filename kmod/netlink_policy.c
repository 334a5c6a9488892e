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

static int policy_set_locked(struct kzt_node *node, struct genl_info *info,
			     struct kzt_bond_conf *conf)
{
	if (info->attrs[KZT_A_POLICY_ADDRESS])
		return peer_policy_set(info, node, conf);
	conf_replace(&node->policy, conf);
	peers_update(node);
	return 0;
}

int kzt_nl_policy_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	struct kzt_bond_conf *conf = kzalloc(sizeof(*conf), GFP_KERNEL);
	int err;

	if (!conf)
		return -ENOMEM;
	err = kzt_nl_policy_get_conf(info, conf);
	if (!err && !info->attrs[KZT_A_POLICY_FORCE])
		err = links_exist(node, conf, info->extack);
	if (err) {
		kfree(conf);
		return err;
	}
	mutex_lock(&node->config_lock);
	err = policy_set_locked(node, info, conf);
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
	struct kzt_endpoint ep;

	if (!kzt_path_endpoint(peer, id, &ep))
		return -ENOENT;
	spin_lock_bh(&peer->lock);
	peer->pin = ep;
	peer->pinned = true;
	spin_unlock_bh(&peer->lock);
	return 0;
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
	err = kzt_nl_policy_put_conf(skb, &arg->conf);
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
