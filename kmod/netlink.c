// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: changing things.  Parse, call the object, reply. */
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <uapi/linux/kzt.h>
#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "network.h"
#include "node.h"
#include "peer.h"
#include "proto/address.h"
#include "send.h"
#include "socket.h"
#include "verb.h"

#define MESSAGE_MAX	9000	/* bytes of a USER_MESSAGE */

/* RTNL first: MAC addresses of devices follow the identity */
static void config_lock(struct kzt_node *node)
{
	rtnl_lock();
	mutex_lock(&node->config_lock);
}

static void config_unlock(struct kzt_node *node)
{
	mutex_unlock(&node->config_lock);
	rtnl_unlock();
}

static int get_prefix(const struct nlattr *attr, struct kzt_prefix *p,
		      struct netlink_ext_ack *extack)
{
	static const struct nla_policy policy[KZT_A_PREFIX_MAX + 1] = {
		[KZT_A_PREFIX_ADDR] = { .type = NLA_BINARY, .len = 16 },
		[KZT_A_PREFIX_LEN] = { .type = NLA_U8 },
	};
	struct nlattr *tb[KZT_A_PREFIX_MAX + 1];
	int err, len;

	err = nla_parse_nested(tb, KZT_A_PREFIX_MAX, attr, policy, extack);
	if (err)
		return err;
	len = tb[KZT_A_PREFIX_ADDR] ? nla_len(tb[KZT_A_PREFIX_ADDR]) : 0;
	if ((len != 4 && len != 16) || !tb[KZT_A_PREFIX_LEN]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a prefix needs an address of 4 or 16 bytes and a length");
		return -EINVAL;
	}
	memset(p, 0, sizeof(*p));
	p->family = len == 4 ? 4 : 6;
	p->len = nla_get_u8(tb[KZT_A_PREFIX_LEN]);
	memcpy(p->ip, nla_data(tb[KZT_A_PREFIX_ADDR]), len);
	if (p->len > len * 8) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "prefix is longer than its address");
		return -EINVAL;
	}
	return 0;
}

/* --- node ---------------------------------------------------------------------- */

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

static int set_deny(struct kzt_node *node, struct genl_info *info)
{
	struct kzt_deny *deny, *old;
	const struct nlattr *attr;
	int rem, err = 0;

	deny = kzalloc(sizeof(*deny), GFP_KERNEL);
	if (!deny)
		return -ENOMEM;
	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem) {
		if (nla_type(attr) != KZT_A_NODE_DENY)
			continue;
		if (deny->n == KZT_DENY_MAX) {
			GENL_SET_ERR_MSG(info, "too many denied prefixes");
			err = -ENOSPC;
			break;
		}
		err = get_prefix(attr, &deny->p[deny->n++], info->extack);
		if (err)
			break;
	}
	if (err) {
		kfree(deny);
		return err;
	}
	old = rcu_replace_pointer(node->deny, deny,
				  lockdep_is_held(&node->config_lock));
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

/* Settings that need new sockets */
static bool set_socket_options(struct kzt_node *node, struct nlattr **attrs)
{
	bool reopen = !rcu_access_pointer(node->socks);

	if (attrs[KZT_A_NODE_PORT]) {
		reopen |= node->port != nla_get_u16(attrs[KZT_A_NODE_PORT]);
		node->port = nla_get_u16(attrs[KZT_A_NODE_PORT]);
	}
	if (attrs[KZT_A_NODE_BIND_IFINDEX]) {
		reopen |= node->bind_ifindex !=
			  nla_get_u32(attrs[KZT_A_NODE_BIND_IFINDEX]);
		node->bind_ifindex = nla_get_u32(attrs[KZT_A_NODE_BIND_IFINDEX]);
	}
	if (attrs[KZT_A_NODE_FWMARK]) {
		/* Routes that paths have cached were found with the old mark */
		reopen |= node->fwmark != nla_get_u32(attrs[KZT_A_NODE_FWMARK]);
		WRITE_ONCE(node->fwmark, nla_get_u32(attrs[KZT_A_NODE_FWMARK]));
	}
	return reopen;
}

static int node_set_locked(struct kzt_node *node, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	s64 floor;
	int err;

	if (!attrs[KZT_A_NODE_IDENTITY_SECRET] && !node->self_address) {
		GENL_SET_ERR_MSG(info, "the node has no identity yet: give one");
		return -EINVAL;
	}
	if (attrs[KZT_A_NODE_SUITE] &&
	    nla_get_u32(attrs[KZT_A_NODE_SUITE]) > KZT_SUITE_MODE_SIV) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[KZT_A_NODE_SUITE],
				    "no such cipher suite");
		return -EINVAL;
	}
	if (attrs[KZT_A_NODE_DENY] || attrs[KZT_A_NODE_DENY_CLEAR]) {
		err = set_deny(node, info);
		if (err)
			return err;
	}
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
	if (attrs[KZT_A_NODE_SUITE])
		WRITE_ONCE(node->suite_mode, nla_get_u32(attrs[KZT_A_NODE_SUITE]));
	if (attrs[KZT_A_NODE_RELAY])
		WRITE_ONCE(node->relay, !!nla_get_u8(attrs[KZT_A_NODE_RELAY]));
	if (set_socket_options(node, attrs)) {
		err = kzt_node_open_locked(node, info->extack);
		if (err)
			return err;
	}
	return 0;
}

int kzt_nl_node_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	int err;

	config_lock(node);
	err = node->exiting ? -ESHUTDOWN : node_set_locked(node, info);
	config_unlock(node);
	if (!err)
		kzt_notify_node(node, false);
	return err;
}

int kzt_nl_node_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	int err = 0;

	config_lock(node);
	if (!node->self_address) {
		GENL_SET_ERR_MSG(info, "there is no node");
		err = -ENOENT;
	} else {
		kzt_node_down_locked(node);
	}
	config_unlock(node);
	if (!err)
		kzt_notify_node(node, false);
	return err;
}

/* --- peers ---------------------------------------------------------------------- */

static int get_endpoint(const struct nlattr *attr, struct kzt_endpoint *ep,
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

static int get_endpoints(struct genl_info *info, struct kzt_endpoint *hints,
			 unsigned int *n)
{
	const struct nlattr *attr;
	int rem, err;

	*n = 0;
	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem) {
		if (nla_type(attr) != KZT_A_PEER_ENDPOINT)
			continue;
		if (*n == KZT_PATHS_MAX) {
			GENL_SET_ERR_MSG(info, "too many endpoints");
			return -ENOSPC;
		}
		err = get_endpoint(attr, &hints[(*n)++], info->extack);
		if (err)
			return err;
	}
	return 0;
}

static struct kzt_peer *peer_obtain(struct kzt_node *node, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	struct kzt_identity id;
	struct kzt_peer *peer;
	struct kzt_cur c;

	if (!attrs[KZT_A_PEER_IDENTITY]) {
		if (GENL_REQ_ATTR_CHECK(info, KZT_A_PEER_ADDRESS))
			return ERR_PTR(-EINVAL);
		peer = kzt_peer_get_by_address(node,
					       nla_get_u64(attrs[KZT_A_PEER_ADDRESS]));
		if (!peer)
			GENL_SET_ERR_MSG(info, "no such peer: give its identity");
		return peer ?: ERR_PTR(-ENOENT);
	}
	c = kzt_cur(nla_data(attrs[KZT_A_PEER_IDENTITY]), KZT_IDENTITY_LEN);
	if (kzt_identity_get(&c, &id) || c.bad) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[KZT_A_PEER_IDENTITY],
				    "identity is malformed");
		return ERR_PTR(-EINVAL);
	}
	peer = kzt_peer_get_by_address(node, id.address);
	if (!peer)
		return kzt_peer_create_locked(node, &id);
	if (kzt_identity_equal(&peer->identity, &id))
		return peer;
	kzt_peer_put(peer);
	return ERR_PTR(-EEXIST);
}

static int peer_refused(struct genl_info *info, int err)
{
	switch (err) {
	case -ENOENT:
		if (info->attrs[KZT_A_PEER_IDENTITY])
			GENL_SET_ERR_MSG(info, "the node has no identity yet");
		break;
	case -EADDRINUSE:
		GENL_SET_ERR_MSG(info, "that is this node's own address");
		break;
	case -EEXIST:
		GENL_SET_ERR_MSG(info, "another identity is known under this address");
		break;
	case -EKEYREJECTED:
		GENL_SET_ERR_MSG(info, "the public key is weak");
		break;
	case -ENOSPC:
		GENL_SET_ERR_MSG(info, "too many peers");
		break;
	case -EINVAL:
		if (info->attrs[KZT_A_PEER_IDENTITY])
			GENL_SET_ERR_MSG(info, "the address is reserved");
		break;
	}
	return err;
}

static int peer_set_locked(struct kzt_node *node, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	struct kzt_endpoint *hints;
	struct kzt_peer *peer;
	unsigned int n;
	int err;

	hints = kcalloc(KZT_PATHS_MAX, sizeof(*hints), GFP_KERNEL);
	if (!hints)
		return -ENOMEM;
	err = get_endpoints(info, hints, &n);
	if (err)
		goto out;
	peer = peer_obtain(node, info);
	if (IS_ERR(peer)) {
		err = peer_refused(info, PTR_ERR(peer));
		goto out;
	}
	spin_lock_bh(&peer->lock);
	peer->is_static = true;
	if (n) {
		memcpy(peer->hints, hints, n * sizeof(*hints));
		peer->n_hints = n;
		peer->last_memorized = 0;
		peer->created = kzt_now_ms();
	}
	if (attrs[KZT_A_PEER_MARK])
		WRITE_ONCE(peer->mark, nla_get_u32(attrs[KZT_A_PEER_MARK]));
	spin_unlock_bh(&peer->lock);
	if (attrs[KZT_A_PEER_UPSTREAM]) {
		peer->static_upstream = nla_get_u8(attrs[KZT_A_PEER_UPSTREAM]);
		kzt_upstreams_rebuild_locked(node);
	}
	kzt_node_kick(node);
	kzt_peer_put(peer);
out:
	kfree(hints);
	return err;
}

int kzt_nl_peer_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	int err;

	mutex_lock(&node->config_lock);
	err = node->exiting ? -ESHUTDOWN : peer_set_locked(node, info);
	mutex_unlock(&node->config_lock);
	return err;
}

int kzt_nl_peer_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	struct kzt_peer *peer;
	int err = 0;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_PEER_ADDRESS))
		return -EINVAL;
	mutex_lock(&node->config_lock);
	peer = kzt_peer_get_by_address(node,
				       nla_get_u64(info->attrs[KZT_A_PEER_ADDRESS]));
	if (!peer) {
		GENL_SET_ERR_MSG(info, "no such peer");
		err = -ENOENT;
	} else if (peer->role != KZT_ROLE_LEAF) {
		GENL_SET_ERR_MSG(info, "the peer is a root of a world: remove that");
		err = -EBUSY;
	} else {
		kzt_peer_destroy_locked(peer);
		kzt_upstreams_rebuild_locked(node);
	}
	mutex_unlock(&node->config_lock);
	if (peer)
		kzt_peer_put(peer);
	return err;
}

/* --- networks -------------------------------------------------------------------- */

static int conf_lists(struct kzt_netconf *conf, struct genl_info *info)
{
	bool addrs = info->attrs[KZT_A_NETWORK_ADDRESS];
	bool bridges = info->attrs[KZT_A_NETWORK_BRIDGE];
	const struct nlattr *attr;
	int rem, err;

	if (addrs)
		conf->n_addrs = 0;
	if (bridges)
		conf->n_bridges = 0;
	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem) {
		if (nla_type(attr) == KZT_A_NETWORK_ADDRESS) {
			if (conf->n_addrs == KZT_ADDRS_MAX)
				goto too_many;
			err = get_prefix(attr, &conf->addr[conf->n_addrs++],
					 info->extack);
			if (err)
				return err;
		} else if (nla_type(attr) == KZT_A_NETWORK_BRIDGE) {
			if (conf->n_bridges == KZT_BRIDGES_MAX)
				goto too_many;
			conf->bridge[conf->n_bridges++] = nla_get_u64(attr);
		}
	}
	return 0;
too_many:
	GENL_SET_ERR_MSG(info, "too many addresses or bridges");
	return -ENOSPC;
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
	conf->n_bridges = old->n_bridges;
	memcpy(conf->bridge, old->bridge, sizeof(conf->bridge));
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
	if (old)
		conf_inherit(conf, old);
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
	err = conf_lists(conf, info);
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
	int err;

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
	conf = conf_build(nw, info);
	if (IS_ERR(conf))
		return PTR_ERR(conf);
	err = kzt_network_configure(nw, conf);
	if (err)
		kzt_netconf_free(conf);
	else
		kzt_notify_network(nw, false);
	return err;
}

int kzt_nl_network_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_NETWORK_ID))
		return -EINVAL;
	config_lock(node);
	err = node->exiting ? -ESHUTDOWN : network_set_locked(node, info);
	config_unlock(node);
	return err;
}

/* --- worlds, the agent, messages ----------------------------------------------------- */

int kzt_nl_world_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	const struct nlattr *blob = info->attrs[KZT_A_WORLD_BLOB];
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_WORLD_BLOB))
		return -EINVAL;
	if (nla_len(blob) > KZT_WORLD_MAX_LEN) {
		NL_SET_ERR_MSG_ATTR(info->extack, blob, "world is too long");
		return -EINVAL;
	}
	mutex_lock(&node->config_lock);
	err = node->exiting ? -ESHUTDOWN :
	      kzt_world_set_locked(node, nla_data(blob), nla_len(blob),
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

int kzt_nl_agent_register_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	u32 old = READ_ONCE(node->agent_portid);

	if (old && old != info->snd_portid) {
		GENL_SET_ERR_MSG(info, "another agent serves this namespace");
		return -EBUSY;
	}
	WRITE_ONCE(node->agent_portid, info->snd_portid);
	return 0;
}

int kzt_nl_identity_verdict_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	struct nlattr **attrs = info->attrs;
	struct kzt_identity id;
	struct kzt_cur c;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_VERDICT_IDENTITY) ||
	    GENL_REQ_ATTR_CHECK(info, KZT_A_VERDICT_COOKIE) ||
	    GENL_REQ_ATTR_CHECK(info, KZT_A_VERDICT_VALID))
		return -EINVAL;
	if (READ_ONCE(node->agent_portid) != info->snd_portid) {
		GENL_SET_ERR_MSG(info, "only the registered agent may say so");
		return -EPERM;
	}
	c = kzt_cur(nla_data(attrs[KZT_A_VERDICT_IDENTITY]), KZT_IDENTITY_LEN);
	if (kzt_identity_get(&c, &id) || !smp_load_acquire(&node->ready))
		return -EINVAL;
	kzt_hello_verdict(node, &id, nla_get_u64(attrs[KZT_A_VERDICT_COOKIE]),
			  nla_get_u8(attrs[KZT_A_VERDICT_VALID]));
	return 0;
}

static struct kzt_peer *message_peer(struct genl_info *info)
{
	struct kzt_peer *peer;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_MESSAGE_ADDRESS))
		return ERR_PTR(-EINVAL);
	peer = kzt_peer_get_by_address(kzt_node_of(genl_info_net(info)),
				       nla_get_u64(info->attrs[KZT_A_MESSAGE_ADDRESS]));
	if (!peer)
		GENL_SET_ERR_MSG(info, "no such peer");
	return peer ?: ERR_PTR(-ENOENT);
}

int kzt_nl_message_send_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *data = info->attrs[KZT_A_MESSAGE_DATA];
	size_t len = data ? nla_len(data) : 0;
	struct kzt_peer *peer;
	struct kzt_wcur wc;
	struct sk_buff *msg;
	int err = 0;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_MESSAGE_TYPE))
		return -EINVAL;
	if (len > MESSAGE_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, data, "message is too long");
		return -EMSGSIZE;
	}
	peer = message_peer(info);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	msg = kzt_msg_new(peer->node, peer->address, KZT_VERB_USER_MESSAGE,
			  8 + len, &wc);
	if (msg) {
		kzt_user_message_put(&wc,
				     nla_get_u64(info->attrs[KZT_A_MESSAGE_TYPE]));
		kzt_put_bytes(&wc, data ? nla_data(data) : NULL, len);
		if (!kzt_msg_send(peer, msg, &wc, false)) {
			GENL_SET_ERR_MSG(info, "no way to this peer");
			err = -EHOSTUNREACH;
		}
	} else {
		err = -ENOMEM;
	}
	kzt_peer_put(peer);
	return err;
}

int kzt_nl_peer_probe_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	struct kzt_peer *peer = message_peer(info);
	int err;

	if (IS_ERR(peer))
		return PTR_ERR(peer);
	err = kzt_probe_user(peer, attrs[KZT_A_MESSAGE_PATH_ID] ?
				   nla_get_u32(attrs[KZT_A_MESSAGE_PATH_ID]) :
				   U32_MAX,
			     attrs[KZT_A_MESSAGE_COOKIE] ?
			     nla_get_u64(attrs[KZT_A_MESSAGE_COOKIE]) : 0,
			     info->snd_portid);
	if (err == -ENOENT)
		GENL_SET_ERR_MSG(info, "no such path");
	else if (err)
		GENL_SET_ERR_MSG(info, "no way to this peer");
	kzt_peer_put(peer);
	return err;
}

/* --- the family ------------------------------------------------------------------------ */

static const struct genl_multicast_group groups[] = {
	[KZT_GROUP_EVENTS] = { KZT_MCGRP_EVENTS, GENL_MCAST_CAP_NET_ADMIN },
	[KZT_GROUP_MESSAGES] = { KZT_MCGRP_MESSAGES, GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family kzt_genl_family __ro_after_init = {
	.name = KZT_GENL_NAME,
	.version = KZT_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = kzt_nl_ops,
	.n_ops = ARRAY_SIZE(kzt_nl_ops),
	.resv_start_op = KZT_CMD_NODE_SET,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

/* The agent's socket closed, whether it said so or died */
static int agent_released(struct notifier_block *nb, unsigned long event,
			  void *data)
{
	struct netlink_notify *n = data;
	struct kzt_node *node;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	node = kzt_node_of(n->net);
	if (node)
		cmpxchg(&node->agent_portid, n->portid, 0);
	return NOTIFY_DONE;
}

static struct notifier_block agent_nb = {
	.notifier_call = agent_released,
};

/**
 * kzt_netlink_init() - register the family
 *
 * Return: 0 or a negative errno.
 */
int __init kzt_netlink_init(void)
{
	int err = netlink_register_notifier(&agent_nb);

	if (err)
		return err;
	err = genl_register_family(&kzt_genl_family);
	if (err)
		netlink_unregister_notifier(&agent_nb);
	return err;
}

/** kzt_netlink_exit() - undo kzt_netlink_init() */
void kzt_netlink_exit(void)
{
	genl_unregister_family(&kzt_genl_family);
	netlink_unregister_notifier(&agent_nb);
}
