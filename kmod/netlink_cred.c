// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: credentials of this node and of members. */
#include <net/genetlink.h>
#include <uapi/linux/kzt.h>
#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "network.h"
#include "node.h"
#include "peer.h"
#include "proto/identity.h"

/* --- credentials ------------------------------------------------------------------ */

/**
 * kzt_nl_own_credset() - the own credentials in network-set
 * @info: request
 *
 * Return: credentials, NULL if the request does not speak of them, or an error
 * pointer.
 */
struct kzt_credset *kzt_nl_own_credset(struct genl_info *info)
{
	struct kzt_credset_attrs a = {
		.head = genlmsg_data(info->genlhdr),
		.len = genlmsg_len(info->genlhdr),
		.tags = KZT_A_NETWORK_TAGS,
		.capability = KZT_A_NETWORK_CAPABILITY,
		.owned = KZT_A_NETWORK_OWNED,
		.push = KZT_A_NETWORK_CREDENTIALS,
	};

	if (!info->attrs[KZT_A_NETWORK_TAGS])
		return NULL;
	return kzt_credset_read(&a, info->extack);
}

static struct kzt_credset *member_creds(struct genl_info *info)
{
	struct kzt_credset_attrs a = {
		.head = genlmsg_data(info->genlhdr),
		.len = genlmsg_len(info->genlhdr),
		.tags = KZT_A_MEMBER_TAGS,
		.capability = KZT_A_MEMBER_CAPABILITY,
		.owned = KZT_A_MEMBER_OWNED,
	};
	const struct nlattr *id = info->attrs[KZT_A_MEMBER_IDENTITY];
	struct kzt_credset *creds = kzt_credset_read(&a, info->extack);
	struct kzt_identity identity;
	struct kzt_cur c;
	u32 status;

	if (IS_ERR(creds))
		return creds;
	status = info->attrs[KZT_A_MEMBER_STATUS] ?
		 nla_get_u32(info->attrs[KZT_A_MEMBER_STATUS]) :
		 KZT_MEMBER_STATUS_UNKNOWN;
	creds->revoked = status == KZT_MEMBER_STATUS_REVOKED;
	if (!id)
		return creds;
	c = kzt_cur(nla_data(id), nla_len(id));
	if (kzt_identity_get(&c, &identity) ||
	    identity.address != nla_get_u64(info->attrs[KZT_A_MEMBER_ADDRESS])) {
		NL_SET_ERR_MSG_ATTR(info->extack, id, "that is not the member's identity");
		kzt_credset_put(creds);
		return ERR_PTR(-EINVAL);
	}
	memcpy(creds->key, identity.pub, sizeof(creds->key));
	creds->agrees = status == KZT_MEMBER_STATUS_AGREES;
	return creds;
}

/* The network that a request speaks of; RCU or config_lock */
static struct kzt_network *member_network(struct kzt_node *node,
					  struct genl_info *info)
{
	struct kzt_network *nw;

	nw = kzt_network_lookup_rcu(node,
				    nla_get_u64(info->attrs[KZT_A_MEMBER_NETWORK]));
	if (!nw)
		GENL_SET_ERR_MSG(info, "not on this network");
	return nw;
}

int kzt_nl_member_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	struct kzt_credset *creds;
	struct kzt_network *nw;
	int err = -ENOENT;
	u64 address;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_MEMBER_NETWORK) ||
	    GENL_REQ_ATTR_CHECK(info, KZT_A_MEMBER_ADDRESS))
		return -EINVAL;
	address = nla_get_u64(info->attrs[KZT_A_MEMBER_ADDRESS]);
	if (!kzt_addr_valid(address) || address == READ_ONCE(node->self_address)) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[KZT_A_MEMBER_ADDRESS],
				    "no other node can have this address");
		return -EINVAL;
	}
	creds = member_creds(info);
	if (IS_ERR(creds))
		return PTR_ERR(creds);
	rcu_read_lock();
	nw = member_network(node, info);
	if (nw) {
		err = kzt_member_set(nw, address, creds);
		creds = NULL;
		if (err)
			GENL_SET_ERR_MSG(info, "too many members");
	}
	rcu_read_unlock();
	kzt_credset_put(creds);
	return err;
}

int kzt_nl_member_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	struct kzt_network *nw;
	int err = -ENOENT;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_MEMBER_NETWORK) ||
	    GENL_REQ_ATTR_CHECK(info, KZT_A_MEMBER_ADDRESS))
		return -EINVAL;
	rcu_read_lock();
	nw = member_network(node, info);
	if (nw) {
		err = kzt_member_del(nw,
				     nla_get_u64(info->attrs[KZT_A_MEMBER_ADDRESS]));
		if (err)
			GENL_SET_ERR_MSG(info, "no such member");
	}
	rcu_read_unlock();
	return err;
}
