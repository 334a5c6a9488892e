// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: the node and its worlds. */
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include <uapi/linux/kzt.h>
#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "network.h"
#include "node.h"
#include "path.h"
#include "socket.h"
#include "verb.h"

static int set_identity(struct kzt_node *node, const struct nlattr *attr,
			struct netlink_ext_ack *extack)
{
	u8 *blob = nla_data(attr);
	struct kzt_cur c = kzt_cur(blob, KZT_IDENTITY_SECRET_LEN);
	struct kzt_identity id;
	int err;

	if (kzt_identity_get(&c, &id) < 0 || c.bad || kzt_cur_left(&c) ||
	    blob[KZT_IDENTITY_LEN - 1] != KZT_IDENTITY_SECKEY_LEN) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "identity is malformed or has no secret");
		return -EINVAL;
	}
	err = kzt_node_set_identity_locked(node, &id, blob + KZT_IDENTITY_LEN,
					   extack);
	/* The message stays in the socket's memory for a while */
	memzero_explicit(blob, KZT_IDENTITY_SECRET_LEN);
	return err;
}

static bool device_exists(struct net *net, int ifindex)
{
	bool exists;

	rcu_read_lock();
	exists = dev_get_by_index_rcu(net, ifindex);
	rcu_read_unlock();
	return exists;
}

static int bind_add(struct net *net, struct kzt_binds *binds,
		    const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	u32 ifindex = nla_get_u32(attr);
	unsigned int i;

	if (binds->n == KZT_BINDS_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "at most 8 devices to bind to");
		return -ENOSPC;
	}
	for (i = 0; i < binds->n; i++)
		if (!ifindex || !binds->ifindex[i] ||
		    binds->ifindex[i] == ifindex) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "bind to each device once, or to any alone");
			return -EINVAL;
		}
	if (ifindex && !device_exists(net, ifindex)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "no such device to bind to");
		return -ENODEV;
	}
	binds->ifindex[binds->n++] = ifindex;
	return 0;
}

/* The devices of a request, or those that the node keeps to */
static int get_binds(struct kzt_node *node, struct genl_info *info,
		     struct kzt_binds *binds)
{
	const struct nlattr *attr;
	int rem, err = 0;

	memset(binds, 0, sizeof(*binds));
	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem) {
		if (nla_type(attr) != KZT_A_NODE_BIND_IFINDEX)
			continue;
		err = bind_add(node->net, binds, attr, info->extack);
		if (err)
			return err;
	}
	if (!binds->n)
		*binds = node->binds;
	else if (!binds->ifindex[0])
		binds->n = 0;
	return 0;
}

/* Settings that need new sockets */
static bool set_socket_options(struct kzt_node *node, struct nlattr **attrs,
			       const struct kzt_binds *binds)
{
	bool reopen = !rcu_access_pointer(node->socks);

	if (attrs[KZT_A_NODE_PORT]) {
		reopen |= node->port != nla_get_u16(attrs[KZT_A_NODE_PORT]);
		node->port = nla_get_u16(attrs[KZT_A_NODE_PORT]);
	}
	if (attrs[KZT_A_NODE_SECONDARY_PORT]) {
		reopen |= node->secondary_port !=
			  nla_get_u32(attrs[KZT_A_NODE_SECONDARY_PORT]);
		node->secondary_port =
			nla_get_u32(attrs[KZT_A_NODE_SECONDARY_PORT]);
	}
	reopen |= memcmp(&node->binds, binds, sizeof(*binds)) != 0;
	node->binds = *binds;
	if (attrs[KZT_A_NODE_FWMARK])
		WRITE_ONCE(node->fwmark, nla_get_u32(attrs[KZT_A_NODE_FWMARK]));
	return reopen;
}

/* New sockets by new settings; if there can be none, the old ones by the old */
static int set_sockets(struct kzt_node *node, struct genl_info *info,
		       const struct kzt_binds *binds)
{
	const struct kzt_binds had = node->binds;
	u32 second = node->secondary_port, fwmark = node->fwmark;
	bool up = rcu_access_pointer(node->socks);
	int err = 0;
	u16 port = node->port;

	if (set_socket_options(node, info->attrs, binds))
		err = kzt_node_open_locked(node, info->extack);
	/* Paths have cached routes that were found with the old ones */
	if (!err && (fwmark != node->fwmark ||
		     memcmp(&had, &node->binds, sizeof(had))))
		kzt_paths_reroute(node);
	if (!err || !up)
		return err;
	node->port = port;
	node->secondary_port = second;
	node->binds = had;
	WRITE_ONCE(node->fwmark, fwmark);
	if (!rcu_access_pointer(node->socks))
		kzt_node_open_locked(node, NULL);
	return err;
}

static int choice_check(struct genl_info *info, int type, u32 max, const char *why)
{
	if (!info->attrs[type] || nla_get_u32(info->attrs[type]) <= max)
		return 0;
	NL_SET_BAD_ATTR(info->extack, info->attrs[type]);
	info->extack->_msg = why;
	return -EINVAL;
}

/* What can fail first */
static int node_change(struct kzt_node *node, struct genl_info *info,
		       const struct kzt_binds *binds)
{
	struct nlattr **attrs = info->attrs;
	s64 floor;
	int err;

	if (attrs[KZT_A_NODE_ID_FLOOR]) {
		floor = nla_get_u64(attrs[KZT_A_NODE_ID_FLOOR]);
		if (atomic64_read(&node->id_counter) < floor)
			atomic64_set(&node->id_counter, floor);
	}
	if (attrs[KZT_A_NODE_IDENTITY_SECRET]) {
		err = set_identity(node, attrs[KZT_A_NODE_IDENTITY_SECRET],
				   info->extack);
		if (err)
			return err;
	}
	err = set_sockets(node, info, binds);
	if (err)
		return err;
	if (attrs[KZT_A_NODE_SUITE])
		WRITE_ONCE(node->suite_mode, nla_get_u32(attrs[KZT_A_NODE_SUITE]));
	if (attrs[KZT_A_NODE_RELAY])
		WRITE_ONCE(node->relay, !!nla_get_u8(attrs[KZT_A_NODE_RELAY]));
	if (attrs[KZT_A_NODE_PATH_RULE])
		WRITE_ONCE(node->path_rule,
			   nla_get_u32(attrs[KZT_A_NODE_PATH_RULE]));
	if (attrs[KZT_A_NODE_PREDICT])
		WRITE_ONCE(node->predict,
			   !!nla_get_u8(attrs[KZT_A_NODE_PREDICT]));
	return 0;
}

static int node_set_locked(struct kzt_node *node, struct genl_info *info)
{
	struct kzt_path_lists lists = {};
	struct kzt_binds binds;
	int err;

	if (!info->attrs[KZT_A_NODE_IDENTITY_SECRET] && !node->self_address) {
		GENL_SET_ERR_MSG(info, "the node has no identity yet: give one");
		return -EINVAL;
	}
	err = choice_check(info, KZT_A_NODE_SUITE, KZT_SUITE_MODE_SIV,
			   "no such cipher suite") ?:
	      choice_check(info, KZT_A_NODE_PATH_RULE, KZT_PATH_RULE_SPARSE,
			   "no such rule for paths") ?:
	      choice_check(info, KZT_A_NODE_SECONDARY_PORT, KZT_PORT_RANDOM,
			   "not a UDP port") ?:
	      get_binds(node, info, &binds) ?:
	      kzt_nl_get_path_lists(node, info, &lists);
	if (!err) {
		/* Before there are sockets; back if there can be none */
		kzt_nl_swap_path_lists(node, &lists);
		err = node_change(node, info, &binds);
		if (err)
			kzt_nl_swap_path_lists(node, &lists);
	}
	kzt_nl_free_path_lists(&lists);
	return err;
}

int kzt_nl_node_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	int err;

	kzt_nl_lock(node);
	err = node_set_locked(node, info);
	kzt_nl_unlock(node);
	if (!err)
		kzt_notify_node(node, false);
	return err;
}

int kzt_nl_node_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	int err = 0;

	kzt_nl_lock(node);
	if (!node->self_address) {
		GENL_SET_ERR_MSG(info, "there is no node");
		err = -ENOENT;
	} else {
		kzt_node_down_locked(node);
	}
	kzt_nl_unlock(node);
	if (!err)
		kzt_notify_node(node, false);
	return err;
}

/* --- reading ------------------------------------------------------------------ */

static unsigned int node_paths(struct kzt_node *node)
{
	return kzt_mib_sum_event(node, KZT_MIB_PATHS_LEARNED) -
	       kzt_mib_sum_event(node, KZT_MIB_PATHS_LOST);
}

static int put_worlds(struct sk_buff *skb, struct kzt_node *node)
{
	struct kzt_worlds *worlds = rcu_dereference(node->worlds);
	unsigned int i;

	for (i = 0; worlds && i < worlds->n; i++)
		if (worlds->w[i]->type == KZT_WORLD_PLANET &&
		    (nla_put_u64_64bit(skb, KZT_A_NODE_PLANET_ID,
				       worlds->w[i]->id, KZT_A_NODE_PAD) ||
		     nla_put_u64_64bit(skb, KZT_A_NODE_PLANET_TIMESTAMP,
				       worlds->w[i]->ts, KZT_A_NODE_PAD)))
			return -EMSGSIZE;
	return 0;
}

static int put_self(struct sk_buff *skb, struct kzt_node *node)
{
	struct kzt_self *self = rcu_dereference(node->self);

	if (!self)
		return 0;
	if (nla_put_u64_64bit(skb, KZT_A_NODE_ADDRESS, self->identity.address,
			      KZT_A_NODE_PAD))
		return -EMSGSIZE;
	return kzt_put_identity(skb, KZT_A_NODE_IDENTITY, &self->identity);
}

/**
 * kzt_put_node_attrs() - the reply of node-get
 * @skb: message
 * @node: node
 *
 * Return: 0 or -EMSGSIZE.
 */
int kzt_put_node_attrs(struct sk_buff *skb, struct kzt_node *node)
{
	int err;

	rcu_read_lock();
	err = put_self(skb, node) ?: put_worlds(skb, node) ?: kzt_put_path_settings(skb, node);
	rcu_read_unlock();
	if (err || nla_put_u16(skb, KZT_A_NODE_PORT, kzt_node_udp_port(node)) ||
	    nla_put_u32(skb, KZT_A_NODE_FWMARK, node->fwmark) ||
	    nla_put_u8(skb, KZT_A_NODE_ONLINE, node->online) ||
	    nla_put_u8(skb, KZT_A_NODE_UPSTREAM, node->am_upstream) ||
	    nla_put_u32(skb, KZT_A_NODE_PEERS, atomic_read(&node->n_peers)) ||
	    nla_put_u32(skb, KZT_A_NODE_PATHS, node_paths(node)) ||
	    nla_put_u8(skb, KZT_A_NODE_AGENT, !!node->agent_portid) ||
	    nla_put_u32(skb, KZT_A_NODE_SUITE, node->suite_mode) ||
	    nla_put_u8(skb, KZT_A_NODE_RELAY, node->relay) ||
	    nla_put_u64_64bit(skb, KZT_A_NODE_ID_COUNTER,
			      atomic64_read(&node->id_counter),
			      KZT_A_NODE_PAD) ||
	    nla_put_string(skb, KZT_A_NODE_VERSION, KZT_VERSION))
		return -EMSGSIZE;
	return 0;
}

static int put_node(struct sk_buff *skb, void *obj)
{
	return kzt_put_node_attrs(skb, obj);
}

int kzt_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return kzt_nl_reply(info, KZT_CMD_NODE_GET, KZT_NL_NODE_MAX, put_node,
			    kzt_node_of(genl_info_net(info)));
}

/* --- worlds ------------------------------------------------------------------- */

/* A moon to be learned from one of its roots */
static int world_want(struct kzt_node *node, struct genl_info *info)
{
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_WORLD_ID))
		return -EINVAL;
	if (info->attrs[KZT_A_WORLD_BLOB]) {
		GENL_SET_ERR_MSG(info, "a world comes as it is or from a seed, not both");
		return -EINVAL;
	}
	mutex_lock(&node->config_lock);
	err = kzt_seed_add_locked(node, nla_get_u64(info->attrs[KZT_A_WORLD_ID]),
				  nla_get_u64(info->attrs[KZT_A_WORLD_SEED]),
				  info->extack);
	mutex_unlock(&node->config_lock);
	return err;
}

int kzt_nl_world_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	const struct nlattr *blob = info->attrs[KZT_A_WORLD_BLOB];
	int err;

	if (info->attrs[KZT_A_WORLD_SEED])
		return world_want(node, info);
	if (GENL_REQ_ATTR_CHECK(info, KZT_A_WORLD_BLOB))
		return -EINVAL;
	if (nla_len(blob) > KZT_WORLD_MAX_LEN) {
		NL_SET_ERR_MSG_ATTR(info->extack, blob, "world is too long");
		return -EINVAL;
	}
	mutex_lock(&node->config_lock);
	err = kzt_world_set_locked(node, nla_data(blob), nla_len(blob),
				   info->extack);
	mutex_unlock(&node->config_lock);
	return err;
}

int kzt_nl_world_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_WORLD_ID))
		return -EINVAL;
	mutex_lock(&node->config_lock);
	err = kzt_world_del_locked(node,
				   nla_get_u64(info->attrs[KZT_A_WORLD_ID]));
	mutex_unlock(&node->config_lock);
	if (err == -ENOENT)
		GENL_SET_ERR_MSG(info, "no such world");
	return err;
}

struct world_arg {
	const struct kzt_worlds *worlds;
	unsigned int i;
};

static int put_world(struct sk_buff *skb, void *obj)
{
	const struct world_arg *a = obj;
	const struct kzt_world *w = a->worlds->w[a->i];

	if (nla_put_u64_64bit(skb, KZT_A_WORLD_ID, w->id, KZT_A_WORLD_PAD) ||
	    nla_put_u8(skb, KZT_A_WORLD_TYPE, w->type) ||
	    nla_put_u64_64bit(skb, KZT_A_WORLD_TIMESTAMP, w->ts,
			      KZT_A_WORLD_PAD))
		return -EMSGSIZE;
	return nla_put(skb, KZT_A_WORLD_BLOB, a->worlds->blob_len[a->i],
		       a->worlds->blob[a->i]);
}

static int put_wanted(struct sk_buff *skb, void *obj)
{
	const struct kzt_seed *seed = obj;

	if (nla_put_u64_64bit(skb, KZT_A_WORLD_ID, seed->id, KZT_A_WORLD_PAD) ||
	    nla_put_u8(skb, KZT_A_WORLD_TYPE, KZT_WORLD_MOON))
		return -EMSGSIZE;
	return nla_put_u64_64bit(skb, KZT_A_WORLD_SEED, seed->address,
				 KZT_A_WORLD_PAD);
}

int kzt_nl_world_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	struct world_arg a = { NULL, 0 };
	int err = -ENOENT;
	u64 id;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_WORLD_ID))
		return -EINVAL;
	id = nla_get_u64(info->attrs[KZT_A_WORLD_ID]);
	mutex_lock(&node->config_lock);
	a.worlds = rcu_dereference_protected(node->worlds, 1);
	for (; a.worlds && a.i < a.worlds->n; a.i++)
		if (a.worlds->w[a.i]->id == id)
			break;
	if (a.worlds && a.i < a.worlds->n)
		err = kzt_nl_reply(info, KZT_CMD_WORLD_GET, GENLMSG_DEFAULT_SIZE,
				   put_world, &a);
	else
		GENL_SET_ERR_MSG(info, "no such world");
	mutex_unlock(&node->config_lock);
	return err;
}

int kzt_nl_world_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct kzt_node *node = kzt_node_of(sock_net(skb->sk));
	struct kzt_seed seed[KZT_SEEDS_MAX];
	unsigned int held, wanted = kzt_seeds_copy(node, seed);
	u64 *last = kzt_nl_dump_last(cb);
	struct world_arg a = { NULL, 0 };

	mutex_lock(&node->config_lock);
	a.worlds = rcu_dereference_protected(node->worlds, 1);
	held = a.worlds ? a.worlds->n : 0;
	for (a.i = *last; a.i < held; a.i++)
		if (kzt_nl_dump_one(skb, cb, KZT_CMD_WORLD_GET, put_world, &a))
			break;
	for (; a.i >= held && a.i - held < wanted; a.i++)
		if (kzt_nl_dump_one(skb, cb, KZT_CMD_WORLD_GET, put_wanted,
				    &seed[a.i - held]))
			break;
	*last = a.i;
	mutex_unlock(&node->config_lock);
	return skb->len;
}
