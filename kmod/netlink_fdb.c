// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: bridge routes of networks. */
#include <linux/sort.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include <uapi/linux/kzt.h>
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "network.h"
#include "node.h"

struct fdb_route {
	u64 nwid;
	struct kzt_fdb_info info;
};

static int put_fdb(struct sk_buff *skb, void *obj)
{
	const struct fdb_route *r = obj;

	if (nla_put_u64_64bit(skb, KZT_A_FDB_NETWORK, r->nwid, KZT_A_FDB_PAD) ||
	    nla_put(skb, KZT_A_FDB_MAC, ETH_ALEN, r->info.mac))
		return -EMSGSIZE;
	return nla_put_u64_64bit(skb, KZT_A_FDB_ADDRESS, r->info.address,
				 KZT_A_FDB_PAD);
}

static u64 find_route(struct kzt_node *node, u64 nwid, const u8 *mac)
{
	struct kzt_network *nw;
	u64 address = 0;

	rcu_read_lock();
	nw = kzt_network_lookup_rcu(node, nwid);
	if (nw)
		address = kzt_fdb_find(nw, mac);
	rcu_read_unlock();
	return address;
}

int kzt_nl_fdb_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct fdb_route r = { 0 };

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_FDB_NETWORK) ||
	    GENL_REQ_ATTR_CHECK(info, KZT_A_FDB_MAC))
		return -EINVAL;
	r.nwid = nla_get_u64(info->attrs[KZT_A_FDB_NETWORK]);
	ether_addr_copy(r.info.mac, nla_data(info->attrs[KZT_A_FDB_MAC]));
	r.info.address = find_route(kzt_node_of(genl_info_net(info)), r.nwid,
				    r.info.mac);
	if (!r.info.address) {
		GENL_SET_ERR_MSG(info, "no bridge is known for this MAC address");
		return -ENOENT;
	}
	return kzt_nl_reply(info, KZT_CMD_FDB_GET, GENLMSG_DEFAULT_SIZE,
			    put_fdb, &r);
}

static int cmp_route(const void *a, const void *b)
{
	const struct kzt_fdb_info *x = a, *y = b;

	return memcmp(x->mac, y->mac, ETH_ALEN);
}

/* Of one network, behind @behind; in the order of the MAC addresses */
static int fdb_dump(struct sk_buff *skb, struct netlink_callback *cb,
		    struct kzt_node *node, u64 nwid, u64 behind)
{
	struct fdb_route r = { .nwid = nwid };
	u64 *last = kzt_nl_dump_last(cb), key;
	struct kzt_fdb_info *list;
	unsigned int i, n;
	int err = 0;

	list = kzt_fdb_snapshot(node, nwid, &n);
	if (!list)
		return 0;
	sort(list, n, sizeof(*list), cmp_route, NULL);
	for (i = 0; i < n && !err; i++) {
		key = ether_addr_to_u64(list[i].mac);
		if (key <= behind)
			continue;
		r.info = list[i];
		err = kzt_nl_dump_one(skb, cb, KZT_CMD_FDB_GET, put_fdb, &r);
		if (!err) {
			last[0] = nwid;
			last[1] = key;
		}
	}
	kvfree(list);
	return err;
}

int kzt_nl_fdb_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return kzt_nl_dump_networks(skb, cb, KZT_A_FDB_NETWORK, fdb_dump);
}
