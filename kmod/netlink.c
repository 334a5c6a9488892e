// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: the family, the agent, messages, and what the objects share. */
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <uapi/linux/kzt.h>
#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "node.h"
#include "peer.h"
#include "send.h"
#include "socket.h"
#include "verb.h"

#define MESSAGE_MAX	9000	/* bytes of a USER_MESSAGE */
#define MESSAGE_RESERVED 65535	/* types up to this are the protocol's */

/**
 * kzt_nl_lock() - take the locks that changes of the configuration need
 * @node: node
 *
 * RTNL first: MAC addresses of devices follow the identity.
 */
void kzt_nl_lock(struct kzt_node *node)
{
	rtnl_lock();
	mutex_lock(&node->config_lock);
}

/**
 * kzt_nl_unlock() - undo kzt_nl_lock()
 * @node: node
 */
void kzt_nl_unlock(struct kzt_node *node)
{
	mutex_unlock(&node->config_lock);
	rtnl_unlock();
}

/**
 * kzt_nl_prefix_from() - put a prefix together
 * @addr: attribute of 4 or 16 bytes, or NULL
 * @bits: attribute u8, or NULL
 * @nest: where the refusal points to
 * @p: filled
 * @extack: says why it was refused
 *
 * Return: 0 or -EINVAL.
 */
int kzt_nl_prefix_from(const struct nlattr *addr, const struct nlattr *bits,
		       const struct nlattr *nest, struct kzt_prefix *p,
		       struct netlink_ext_ack *extack)
{
	int len = addr ? nla_len(addr) : 0;

	if ((len != 4 && len != 16) || !bits) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "a prefix needs an address of 4 or 16 bytes and a length");
		return -EINVAL;
	}
	memset(p, 0, sizeof(*p));
	p->family = len == 4 ? 4 : 6;
	p->len = nla_get_u8(bits);
	memcpy(p->ip, nla_data(addr), len);
	if (p->len > len * 8) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "prefix is longer than its address");
		return -EINVAL;
	}
	return 0;
}

/**
 * kzt_nl_get_prefix() - read a prefix
 * @attr: nest
 * @p: filled
 * @extack: says why it was refused
 *
 * Return: 0 or a negative errno.
 */
int kzt_nl_get_prefix(const struct nlattr *attr, struct kzt_prefix *p,
		      struct netlink_ext_ack *extack)
{
	static const struct nla_policy policy[KZT_A_PREFIX_MAX + 1] = {
		[KZT_A_PREFIX_ADDR] = { .type = NLA_BINARY, .len = 16 },
		[KZT_A_PREFIX_LEN] = { .type = NLA_U8 },
	};
	struct nlattr *tb[KZT_A_PREFIX_MAX + 1];
	int err;

	err = nla_parse_nested(tb, KZT_A_PREFIX_MAX, attr, policy, extack);
	if (err)
		return err;
	return kzt_nl_prefix_from(tb[KZT_A_PREFIX_ADDR], tb[KZT_A_PREFIX_LEN],
				  attr, p, extack);
}

/**
 * kzt_put_remote() - the remote side of an endpoint as a socket address
 * @skb: message
 * @attr: attribute
 * @ep: endpoint
 *
 * Return: 0 or -EMSGSIZE.
 */
int kzt_put_remote(struct sk_buff *skb, int attr, const struct kzt_endpoint *ep)
{
	return nla_put(skb, attr, ep->remote.sa.sa_family == AF_INET ?
				  sizeof(ep->remote.in) : sizeof(ep->remote.in6),
		       &ep->remote);
}

/**
 * kzt_put_prefix() - write a prefix
 * @skb: message
 * @attr: nest
 * @p: prefix
 *
 * Return: 0 or -EMSGSIZE.
 */
int kzt_put_prefix(struct sk_buff *skb, int attr, const struct kzt_prefix *p)
{
	struct nlattr *nest = nla_nest_start(skb, attr);

	if (!nest ||
	    nla_put(skb, KZT_A_PREFIX_ADDR, p->family == 4 ? 4 : 16, p->ip) ||
	    nla_put_u8(skb, KZT_A_PREFIX_LEN, p->len))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * kzt_put_age() - write how long ago something was
 * @skb: message
 * @attr: attribute
 * @pad: its set's padding attribute
 * @when: kzt_now_ms() then; nothing is written for 0, never
 * @now: kzt_now_ms()
 *
 * Return: 0 or -EMSGSIZE.
 */
int kzt_put_age(struct sk_buff *skb, int attr, int pad, u64 when, u64 now)
{
	return when ? nla_put_u64_64bit(skb, attr, kzt_age_ms(now, when), pad) : 0;
}

/**
 * kzt_put_identity() - write the public half of an identity
 * @skb: message
 * @attr: attribute
 * @id: identity
 *
 * Return: 0 or -EMSGSIZE.
 */
int kzt_put_identity(struct sk_buff *skb, int attr,
		     const struct kzt_identity *id)
{
	u8 blob[KZT_IDENTITY_LEN];
	struct kzt_wcur wc = kzt_wcur(blob, sizeof(blob));

	kzt_identity_put(&wc, id);
	return nla_put(skb, attr, sizeof(blob), blob);
}

/**
 * kzt_node_udp_port() - the port that the node's sockets have
 * @node: node
 *
 * Return: it, or the one set while there are no sockets.
 */
u16 kzt_node_udp_port(struct kzt_node *node)
{
	return kzt_sockets_port(node) ?: node->port;
}

/**
 * kzt_nl_reply() - answer a get
 * @info: question
 * @cmd: command of the answer
 * @size: room to allocate
 * @put: writes the attributes
 * @obj: for @put
 *
 * Return: 0 or a negative errno.
 */
int kzt_nl_reply(struct genl_info *info, u8 cmd, size_t size,
		 int (*put)(struct sk_buff *skb, void *obj), void *obj)
{
	struct sk_buff *skb = genlmsg_new(size, GFP_KERNEL);
	void *hdr;
	int err;

	if (!skb)
		return -ENOMEM;
	hdr = genlmsg_put_reply(skb, info, &kzt_genl_family, 0, cmd);
	err = hdr ? put(skb, obj) : -EMSGSIZE;
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

/* --- dumps --------------------------------------------------------------------------
 * By ascending key, and a call goes on behind the last key that went out: a
 * dump survives whatever is added or removed meanwhile, each object that stays
 * is seen once.
 */

/**
 * kzt_nl_dump_last() - the keys behind which a dump goes on
 * @cb: dump
 *
 * Return: two numbers, 0 at first.
 */
u64 *kzt_nl_dump_last(struct netlink_callback *cb)
{
	return (u64 *)cb->ctx;
}

/**
 * kzt_nl_cmp_u64() - order of keys, for sort()
 * @a: one
 * @b: another
 *
 * Return: as memcmp().
 */
int kzt_nl_cmp_u64(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/**
 * kzt_nl_dump_one() - one object of a dump
 * @skb: message
 * @cb: dump
 * @cmd: command of the answer
 * @put: writes the attributes
 * @obj: for @put
 *
 * Return: 0, or -EMSGSIZE if it goes into the next message.
 */
int kzt_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		    int (*put)(struct sk_buff *skb, void *obj), void *obj)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &kzt_genl_family,
				NLM_F_MULTI, cmd);

	if (!hdr)
		return -EMSGSIZE;
	if (put(skb, obj)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* --- the agent, messages ------------------------------------------------------- */

int kzt_nl_agent_register_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	u32 old = READ_ONCE(node->agent_portid);

	if (old && old != info->snd_portid) {
		GENL_SET_ERR_MSG(info, "another agent serves this namespace");
		return -EBUSY;
	}
	/* Stays when the agent goes: to be away is not to be no controller */
	WRITE_ONCE(node->controller, info->attrs[KZT_A_NODE_CONTROLLER] &&
		   nla_get_u8(info->attrs[KZT_A_NODE_CONTROLLER]));
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
	if (kzt_identity_get(&c, &id) || !smp_load_acquire(&node->ready)) {
		GENL_SET_ERR_MSG(info, "this node asked about no such identity");
		return -EINVAL;
	}
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

/* What can be told of a message before anybody is looked for */
static int message_check(struct genl_info *info, const struct nlattr *data)
{
	const struct nlattr *type = info->attrs[KZT_A_MESSAGE_TYPE];

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_MESSAGE_TYPE))
		return -EINVAL;
	if (nla_get_u64(type) <= MESSAGE_RESERVED) {
		NL_SET_ERR_MSG_ATTR(info->extack, type,
				    "types up to " __stringify(MESSAGE_RESERVED)
				    " are reserved");
		return -EINVAL;
	}
	if (data && nla_len(data) > MESSAGE_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, data,
				    "a message has at most "
				    __stringify(MESSAGE_MAX) " bytes");
		return -EMSGSIZE;
	}
	return 0;
}

/* A path with a small MTU may not take it in as many pieces as there can be */
static bool message_fits(struct kzt_peer *peer, size_t len)
{
	struct kzt_path *path;
	bool fits;

	rcu_read_lock_bh();
	path = kzt_send_peek_rcu(peer, (u32)peer->address, kzt_now_ms());
	fits = !path || kzt_packet_pieces(KZT_HDR_LEN + 8 + len,
					  READ_ONCE(path->mtu)) <=
			KZT_MAX_PIECES;
	rcu_read_unlock_bh();
	return fits;
}

static int message_send(struct kzt_peer *peer, u64 type,
			const struct nlattr *data,
			struct netlink_ext_ack *extack)
{
	size_t len = data ? nla_len(data) : 0;
	struct kzt_wcur wc;
	struct sk_buff *msg;

	if (!message_fits(peer, len)) {
		NL_SET_ERR_MSG_ATTR(extack, data,
				    "the path to this peer takes no message as long");
		return -EMSGSIZE;
	}
	msg = kzt_msg_new(peer->node, peer->address, KZT_VERB_USER_MESSAGE,
			  8 + len, &wc);
	if (!msg)
		return -ENOMEM;
	kzt_user_message_put(&wc, type);
	kzt_put_bytes(&wc, data ? nla_data(data) : NULL, len);
	if (!kzt_msg_send(peer, msg, &wc, false)) {
		NL_SET_ERR_MSG(extack, "no way to this peer");
		return -EHOSTUNREACH;
	}
	return 0;
}

int kzt_nl_message_send_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *data = info->attrs[KZT_A_MESSAGE_DATA];
	struct kzt_peer *peer;
	int err;

	err = message_check(info, data);
	if (err)
		return err;
	peer = message_peer(info);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	err = message_send(peer, nla_get_u64(info->attrs[KZT_A_MESSAGE_TYPE]),
			   data, info->extack);
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

/* --- counters ------------------------------------------------------------------- */

static int put_counter(struct sk_buff *skb, const char *name, u64 value, bool drop)
{
	struct nlattr *nest = nla_nest_start(skb, KZT_A_STATS_COUNTER);

	if (!nest || nla_put_string(skb, KZT_A_COUNTER_NAME, name) ||
	    nla_put_u64_64bit(skb, KZT_A_COUNTER_VALUE, value,
			      KZT_A_COUNTER_PAD) ||
	    nla_put_u8(skb, KZT_A_COUNTER_DROP, drop))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_stats(struct sk_buff *skb, void *obj)
{
	struct kzt_node *node = obj;
	unsigned int i;
	int err = 0;

	for (i = 0; i < KZT_MIB_MAX && !err; i++)
		err = put_counter(skb, kzt_mib_names[i],
				  kzt_mib_sum_event(node, i), false);
	for (i = 1; i < KZT_DROP_MAX && !err; i++)
		err = put_counter(skb, kzt_drop_names[i],
				  kzt_mib_sum_drop(node, i), true);
	return err;
}

int kzt_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return kzt_nl_reply(info, KZT_CMD_STATS_GET, SZ_8K, put_stats,
			    kzt_node_of(genl_info_net(info)));
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
