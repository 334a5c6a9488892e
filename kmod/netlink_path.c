// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: what paths may be made of. */
#include <linux/slab.h>
#include <net/genetlink.h>
#include <uapi/linux/kzt.h>
#include "local.h"
#include "netlink_fill.h"
#include "node.h"
#include "phys.h"
#include "socket.h"

/**
 * kzt_nl_get_endpoint() - read a remote socket address
 * @attr: attribute
 * @ep: filled, with any local side
 * @extack: says what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int kzt_nl_get_endpoint(const struct nlattr *attr, struct kzt_endpoint *ep,
			struct netlink_ext_ack *extack)
{
	const struct sockaddr *sa = nla_data(attr);
	int len = nla_len(attr);

	memset(ep, 0, sizeof(*ep));
	if ((len == sizeof(ep->remote.in) && sa->sa_family == AF_INET) ||
	    (len == sizeof(ep->remote.in6) && sa->sa_family == AF_INET6)) {
		memcpy(&ep->remote, sa, len);
		if (ep->remote.in.sin_port)
			return 0;
	}
	NL_SET_ERR_MSG_ATTR(extack, attr, "endpoint must be a socket address with a port");
	return -EINVAL;
}

/**
 * kzt_nl_get_deny() - the prefixes of a request that carry no paths
 * @info: request
 * @type: of the attributes; none at all gives an empty list
 * @deny: set to a new list; to NULL with an error
 *
 * Return: 0 or a negative errno.
 */
int kzt_nl_get_deny(struct genl_info *info, int type, struct kzt_deny **deny)
{
	const struct nlattr *attr;
	int rem, err = 0;

	*deny = kzalloc(sizeof(**deny), GFP_KERNEL);
	if (!*deny)
		return -ENOMEM;
	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem) {
		if (nla_type(attr) != type)
			continue;
		if ((*deny)->n == KZT_DENY_MAX) {
			GENL_SET_ERR_MSG(info, "too many denied prefixes");
			err = -ENOSPC;
			break;
		}
		err = kzt_nl_get_prefix(attr, &(*deny)->p[(*deny)->n++],
					info->extack);
		if (err)
			break;
	}
	if (err) {
		kfree(*deny);
		*deny = NULL;
	}
	return err;
}

static int get_deny_devs(struct genl_info *info, struct kzt_deny_devs **devs)
{
	struct kzt_deny_devs *deny;
	const struct nlattr *attr;
	int rem, len;

	deny = kzalloc(sizeof(*deny), GFP_KERNEL);
	if (!deny)
		return -ENOMEM;
	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem) {
		if (nla_type(attr) != KZT_A_NODE_DENY_DEV)
			continue;
		len = strnlen(nla_data(attr), nla_len(attr));
		if (!len || len >= IFNAMSIZ || deny->n == KZT_DENY_DEVS_MAX) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "at most 16 device names of 1 to 15 letters");
			kfree(deny);
			return -EINVAL;
		}
		memcpy(deny->prefix[deny->n++], nla_data(attr), len);
	}
	*devs = deny;
	return 0;
}

static int get_mapped(struct genl_info *info, struct kzt_mapped **list)
{
	struct kzt_mapped *mapped;
	const struct nlattr *attr;
	int rem, err;

	mapped = kzalloc(sizeof(*mapped), GFP_KERNEL);
	if (!mapped)
		return -ENOMEM;
	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem) {
		if (nla_type(attr) != KZT_A_NODE_MAPPED)
			continue;
		err = -ENOSPC;
		if (mapped->n == KZT_MAPPED_MAX)
			GENL_SET_ERR_MSG(info, "too many mapped endpoints");
		else
			err = kzt_nl_get_endpoint(attr,
						  &mapped->ep[mapped->n++],
						  info->extack);
		if (err) {
			kfree(mapped);
			return err;
		}
	}
	*list = mapped;
	return 0;
}

static int get_phys_entry(const struct nlattr *attr, struct kzt_phys_entry *e,
		    struct netlink_ext_ack *extack)
{
	static const struct nla_policy policy[KZT_A_PHYS_MAX + 1] = {
		[KZT_A_PHYS_ADDR] = { .type = NLA_BINARY, .len = 16 },
		[KZT_A_PHYS_LEN] = { .type = NLA_U8 },
		[KZT_A_PHYS_MTU] = { .type = NLA_U32 },
		[KZT_A_PHYS_TRUST_ID] = { .type = NLA_U64 },
	};
	struct nlattr *tb[KZT_A_PHYS_MAX + 1];
	u32 mtu;
	int err;

	memset(e, 0, sizeof(*e));
	err = nla_parse_nested(tb, KZT_A_PHYS_MAX, attr, policy, extack);
	if (!err)
		err = kzt_nl_prefix_from(tb[KZT_A_PHYS_ADDR], tb[KZT_A_PHYS_LEN], attr,
				  &e->prefix, extack);
	if (err)
		return err;
	if (tb[KZT_A_PHYS_MTU]) {
		mtu = nla_get_u32(tb[KZT_A_PHYS_MTU]);
		if (mtu < KZT_PHYS_MTU_MIN || mtu > KZT_PHYS_MTU_MAX) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "the MTU of a path is 1400 to 10324 bytes");
			return -ERANGE;
		}
		e->mtu = mtu;
	}
	if (tb[KZT_A_PHYS_TRUST_ID]) {
		e->trust_id = nla_get_u64(tb[KZT_A_PHYS_TRUST_ID]);
		if (!e->trust_id) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "0 is no trusted path id");
			return -EINVAL;
		}
	}
	return 0;
}

static int get_phys(struct kzt_node *node, struct genl_info *info,
		    struct kzt_phys **list)
{
	const struct kzt_phys *old = rcu_dereference_protected(node->phys, 1);
	struct kzt_phys_entry e;
	const struct nlattr *attr;
	struct kzt_phys *table;
	int rem, err = 0;

	table = kzalloc(sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	if (old && !info->attrs[KZT_A_NODE_PHYS_CLEAR])
		memcpy(table, old, offsetof(struct kzt_phys, rcu));
	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem) {
		if (nla_type(attr) != KZT_A_NODE_PHYS)
			continue;
		err = get_phys_entry(attr, &e, info->extack) ?:
		      kzt_phys_set_locked(table, &e, info->extack);
		if (err) {
			kfree(table);
			return err;
		}
	}
	*list = table;
	return 0;
}

/**
 * kzt_nl_get_path_lists() - read what paths may be made of
 * @node: config_lock held
 * @info: request of node-set
 * @l: all zeros; filled with the lists that the request changes
 *
 * Return: 0 or a negative errno; kzt_nl_free_path_lists() in any case.
 */
int kzt_nl_get_path_lists(struct kzt_node *node, struct genl_info *info,
			  struct kzt_path_lists *l)
{
	struct nlattr **attrs = info->attrs;
	int err = 0;

	l->has_deny = attrs[KZT_A_NODE_DENY] || attrs[KZT_A_NODE_DENY_CLEAR];
	l->has_deny_devs = attrs[KZT_A_NODE_DENY_DEV] ||
			   attrs[KZT_A_NODE_DENY_DEV_CLEAR];
	l->has_mapped = attrs[KZT_A_NODE_MAPPED] || attrs[KZT_A_NODE_MAPPED_CLEAR];
	l->has_phys = attrs[KZT_A_NODE_PHYS] || attrs[KZT_A_NODE_PHYS_CLEAR];
	if (l->has_deny)
		err = kzt_nl_get_deny(info, KZT_A_NODE_DENY, &l->deny);
	if (!err && l->has_deny_devs)
		err = get_deny_devs(info, &l->deny_devs);
	if (!err && l->has_mapped)
		err = get_mapped(info, &l->mapped);
	if (!err && l->has_phys)
		err = get_phys(node, info, &l->phys);
	return err;
}

/**
 * kzt_nl_swap_path_lists() - put lists in force, or take that back
 * @node: config_lock held
 * @l: lists; becomes those that were in force
 */
void kzt_nl_swap_path_lists(struct kzt_node *node, struct kzt_path_lists *l)
{
	if (l->has_deny)
		l->deny = rcu_replace_pointer(node->deny, l->deny,
					      lockdep_is_held(&node->config_lock));
	if (l->has_deny_devs)
		l->deny_devs = rcu_replace_pointer(node->deny_devs, l->deny_devs,
						   lockdep_is_held(&node->config_lock));
	if (l->has_mapped)
		l->mapped = rcu_replace_pointer(node->mapped, l->mapped,
						lockdep_is_held(&node->config_lock));
	if (l->has_phys)
		l->phys = kzt_phys_replace_locked(node, l->phys);
	kzt_local_changed(node);
}

/**
 * kzt_nl_free_path_lists() - release lists that are not in force
 * @l: lists
 */
void kzt_nl_free_path_lists(struct kzt_path_lists *l)
{
	kfree_rcu(l->deny, rcu);
	kfree_rcu(l->deny_devs, rcu);
	kfree_rcu(l->mapped, rcu);
	kfree_rcu(l->phys, rcu);
}

/* --- reading ------------------------------------------------------------------ */

/**
 * kzt_put_deny() - prefixes without paths
 * @skb: message
 * @attr: attribute of each
 * @deny: list, or NULL
 *
 * Return: 0 or -EMSGSIZE.
 */
int kzt_put_deny(struct sk_buff *skb, int attr, const struct kzt_deny *deny)
{
	unsigned int i;
	int err = 0;

	for (i = 0; deny && i < deny->n && !err; i++)
		err = kzt_put_prefix(skb, attr, &deny->p[i]);
	return err;
}

static int put_local(struct sk_buff *skb, struct kzt_node *node)
{
	const struct kzt_deny_devs *devs = rcu_dereference(node->deny_devs);
	const struct kzt_mapped *mapped = rcu_dereference(node->mapped);
	const struct kzt_sockets *socks = rcu_dereference(node->socks);
	unsigned int i;
	int err = 0;

	for (i = 0; devs && i < devs->n && !err; i++)
		err = nla_put_string(skb, KZT_A_NODE_DENY_DEV, devs->prefix[i]);
	for (i = 0; mapped && i < mapped->n && !err; i++)
		err = kzt_put_remote(skb, KZT_A_NODE_MAPPED, &mapped->ep[i]);
	for (i = 0; socks && !err && (!i || i < socks->binds.n); i++)
		err = nla_put_u32(skb, KZT_A_NODE_BIND_IFINDEX,
				  socks->binds.ifindex[i]);
	if (!err && socks && socks->n > 1)
		err = nla_put_u32(skb, KZT_A_NODE_SECONDARY_PORT,
				  socks->pair[1].port);
	return err ?: kzt_put_deny(skb, KZT_A_NODE_DENY,
				   rcu_dereference(node->deny));
}

static int put_phys(struct sk_buff *skb, const struct kzt_phys *table)
{
	unsigned int i;

	for (i = 0; table && i < table->n; i++) {
		const struct kzt_phys_entry *e = &table->e[i];
		struct nlattr *nest = nla_nest_start(skb, KZT_A_NODE_PHYS);

		if (!nest ||
		    nla_put(skb, KZT_A_PHYS_ADDR, e->prefix.family == 4 ? 4 : 16,
			    e->prefix.ip) ||
		    nla_put_u8(skb, KZT_A_PHYS_LEN, e->prefix.len) ||
		    (e->mtu && nla_put_u32(skb, KZT_A_PHYS_MTU, e->mtu)) ||
		    (e->trust_id &&
		     nla_put_u64_64bit(skb, KZT_A_PHYS_TRUST_ID, e->trust_id,
				       KZT_A_PHYS_PAD)))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

/**
 * kzt_put_path_settings() - that part of the reply of node-get
 * @skb: message
 * @node: node
 *
 * Context: RCU.
 * Return: 0 or -EMSGSIZE.
 */
int kzt_put_path_settings(struct sk_buff *skb, struct kzt_node *node)
{
	return put_local(skb, node) ?:
	       put_phys(skb, rcu_dereference(node->phys)) ?:
	       nla_put_u32(skb, KZT_A_NODE_PATH_RULE, node->path_rule) ?:
	       nla_put_u8(skb, KZT_A_NODE_PREDICT, node->predict);
}
