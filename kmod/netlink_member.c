// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: members and multicast groups of networks. */
#include <linux/sort.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include <uapi/linux/kzt.h>
#include "group.h"
#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "network.h"
#include "node.h"
#include "proto/netaddr.h"

struct member_arg {
	u64 nwid;
	u64 address;
	u64 last_frame;
	u64 last_push;
	u32 status;
	unsigned int tags, caps, owned;
	u8 mac[ETH_ALEN];
};

static int put_member(struct sk_buff *skb, void *obj)
{
	const struct member_arg *m = obj;

	if (nla_put_u64_64bit(skb, KZT_A_MEMBER_NETWORK, m->nwid,
			      KZT_A_MEMBER_PAD) ||
	    nla_put_u64_64bit(skb, KZT_A_MEMBER_ADDRESS, m->address,
			      KZT_A_MEMBER_PAD) ||
	    kzt_put_age(skb, KZT_A_MEMBER_LAST_FRAME_MS, KZT_A_MEMBER_PAD,
			m->last_frame, kzt_now_ms()))
		return -EMSGSIZE;
	if (kzt_put_age(skb, KZT_A_MEMBER_LAST_PUSH_MS, KZT_A_MEMBER_PAD,
			m->last_push, kzt_now_ms()) ||
	    nla_put_u32(skb, KZT_A_MEMBER_STATUS, m->status) ||
	    nla_put_u32(skb, KZT_A_MEMBER_N_TAGS, m->tags) ||
	    nla_put_u32(skb, KZT_A_MEMBER_N_CAPABILITIES, m->caps) ||
	    nla_put_u32(skb, KZT_A_MEMBER_N_OWNED, m->owned))
		return -EMSGSIZE;
	return nla_put(skb, KZT_A_MEMBER_MAC, ETH_ALEN, m->mac);
}

static void member_shown(const struct kzt_credset *creds, struct member_arg *m)
{
	m->status = KZT_MEMBER_STATUS_UNKNOWN;
	m->tags = 0;
	m->caps = 0;
	m->owned = 0;
	if (!creds)
		return;
	m->status = creds->revoked ? KZT_MEMBER_STATUS_REVOKED :
		    creds->agrees ? KZT_MEMBER_STATUS_AGREES :
				    KZT_MEMBER_STATUS_DISAGREES;
	m->tags = creds->party.n_tags;
	m->caps = creds->n_caps;
	m->owned = creds->party.n_owned;
}

static bool member_find(struct kzt_node *node, u64 nwid, u64 address,
			struct member_arg *m)
{
	struct kzt_member *member = NULL;
	struct kzt_network *nw;

	rcu_read_lock();
	nw = kzt_network_lookup_rcu(node, nwid);
	if (nw)
		member = kzt_member_lookup_rcu(nw, address);
	if (member) {
		m->nwid = nwid;
		m->address = address;
		m->last_frame = READ_ONCE(member->last_frame);
		m->last_push = READ_ONCE(member->last_push);
		member_shown(rcu_dereference(member->creds), m);
		kzt_mac_of(nwid, address, m->mac);
	}
	rcu_read_unlock();
	return member;
}

int kzt_nl_member_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct member_arg m;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_MEMBER_NETWORK) ||
	    GENL_REQ_ATTR_CHECK(info, KZT_A_MEMBER_ADDRESS))
		return -EINVAL;
	if (!member_find(kzt_node_of(genl_info_net(info)),
			 nla_get_u64(info->attrs[KZT_A_MEMBER_NETWORK]),
			 nla_get_u64(info->attrs[KZT_A_MEMBER_ADDRESS]), &m)) {
		GENL_SET_ERR_MSG(info, "no such member");
		return -ENOENT;
	}
	return kzt_nl_reply(info, KZT_CMD_MEMBER_GET, GENLMSG_DEFAULT_SIZE, put_member,
			    &m);
}

static int members_dump(struct sk_buff *skb, struct netlink_callback *cb,
			struct kzt_node *node, u64 nwid, u64 behind)
{
	u64 *last = kzt_nl_dump_last(cb), *list;
	struct member_arg m;
	unsigned int i, n;
	int err = 0;

	list = kzt_member_addresses(node, nwid, U64_MAX, false, &n);
	if (!list)
		return 0;
	sort(list, n, sizeof(u64), kzt_nl_cmp_u64, NULL);
	for (i = 0; i < n && !err; i++) {
		if (list[i] <= behind || !member_find(node, nwid, list[i], &m))
			continue;
		err = kzt_nl_dump_one(skb, cb, KZT_CMD_MEMBER_GET, put_member, &m);
		if (!err) {
			last[0] = nwid;
			last[1] = list[i];
		}
	}
	kvfree(list);
	return err;
}

int kzt_nl_member_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return kzt_nl_dump_networks(skb, cb, KZT_A_MEMBER_NETWORK, members_dump);
}

static int put_group(struct sk_buff *skb, void *obj)
{
	const struct kzt_group_info *g = obj;
	unsigned int i;

	if (nla_put_u64_64bit(skb, KZT_A_GROUP_NETWORK, g->nwid,
			      KZT_A_GROUP_PAD) ||
	    nla_put(skb, KZT_A_GROUP_MAC, ETH_ALEN, g->mac) ||
	    nla_put_u32(skb, KZT_A_GROUP_ADI, g->adi) ||
	    nla_put_u8(skb, KZT_A_GROUP_SUBSCRIBED, g->subscribed))
		return -EMSGSIZE;
	for (i = 0; i < g->n; i++)
		if (nla_put_u64_64bit(skb, KZT_A_GROUP_MEMBER, g->member[i],
				      KZT_A_GROUP_PAD))
			return -EMSGSIZE;
	return 0;
}

int kzt_nl_group_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	struct kzt_group_info *g;
	int err = -ENOENT;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_GROUP_NETWORK) ||
	    GENL_REQ_ATTR_CHECK(info, KZT_A_GROUP_MAC) ||
	    GENL_REQ_ATTR_CHECK(info, KZT_A_GROUP_ADI))
		return -EINVAL;
	g = kzalloc(sizeof(*g), GFP_KERNEL);
	if (!g)
		return -ENOMEM;
	if (node->ready &&
	    kzt_multicast_get(node, nla_get_u64(info->attrs[KZT_A_GROUP_NETWORK]),
			      nla_data(info->attrs[KZT_A_GROUP_MAC]),
			      nla_get_u32(info->attrs[KZT_A_GROUP_ADI]), g))
		err = kzt_nl_reply(info, KZT_CMD_GROUP_GET, 2 * GENLMSG_DEFAULT_SIZE,
				   put_group, g);
	else
		GENL_SET_ERR_MSG(info, "no such group");
	kfree(g);
	return err;
}

struct group_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

static int group_dump_one(const struct kzt_group_info *g, void *arg)
{
	struct group_dump *d = arg;

	return kzt_nl_dump_one(d->skb, d->cb, KZT_CMD_GROUP_GET, put_group, (void *)g);
}

int kzt_nl_group_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct kzt_node *node = kzt_node_of(sock_net(skb->sk));
	struct nlattr **attrs = kzt_dump_attrs(cb);
	u64 only = attrs && attrs[KZT_A_GROUP_NETWORK] ?
		   nla_get_u64(attrs[KZT_A_GROUP_NETWORK]) : 0;
	struct group_dump d = { skb, cb };
	struct kzt_group_info *g;

	if (!node->ready)
		return skb->len;
	g = kzalloc(sizeof(*g), GFP_KERNEL);
	if (!g)
		return -ENOMEM;
	kzt_multicast_walk(node, only, kzt_nl_dump_last(cb), g, group_dump_one, &d);
	kfree(g);
	return skb->len;
}
