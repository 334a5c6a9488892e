// SPDX-License-Identifier: GPL-2.0
/* MAC addresses learned behind remote bridges (spec 4.3.3). */
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/neighbour.h>
#include "network.h"
#include "object.h"
#include "rht.h"

/**
 * struct fdb_entry - behind which bridge a MAC address is
 * @hash_node: in network->fdb
 * @mac: key
 * @list: in network->fdb_list; fdb_lock
 * @address: of the bridge; READ_ONCE
 * @rcu: frees it
 */
struct fdb_entry {
	struct rhash_head hash_node;
	u8 mac[ETH_ALEN];
	struct list_head list;
	u64 address;
	struct rcu_head rcu;
};

static const struct rhashtable_params fdb_params = {
	.key_len = ETH_ALEN,
	.key_offset = offsetof(struct fdb_entry, mac),
	.head_offset = offsetof(struct fdb_entry, hash_node),
	.automatic_shrinking = true,
};

/**
 * kzt_fdb_init() - make a network's table of bridge routes
 * @nw: network
 *
 * Return: 0 or a negative errno.
 */
int kzt_fdb_init(struct kzt_network *nw)
{
	spin_lock_init(&nw->fdb_lock);
	INIT_LIST_HEAD(&nw->fdb_list);
	return rhashtable_init(&nw->fdb, &fdb_params);
}

static void fdb_free(void *ptr, void *arg)
{
	kfree(ptr);
	kzt_gone(FDB);
}

/**
 * kzt_fdb_free() - undo kzt_fdb_init(), with all entries
 * @nw: network; nobody looks at it any more
 */
void kzt_fdb_free(struct kzt_network *nw)
{
	rhashtable_free_and_destroy(&nw->fdb, fdb_free, NULL);
}

static void fdb_remove(struct kzt_network *nw, struct fdb_entry *e)
{
	rhashtable_remove_fast(&nw->fdb, &e->hash_node, fdb_params);
	list_del(&e->list);
	nw->n_fdb--;
	kfree_rcu(e, rcu);
	kzt_gone(FDB);
}

/* Index among the active bridges, or their number for a former one */
static unsigned int fdb_bridge(const struct kzt_netconf *conf,
			       const struct fdb_entry *e)
{
	return kzt_netconf_index(conf->bridge, conf->n_bridges, e->address);
}

/*
 * Full: those of former bridges go, and if that does not help those of the
 * bridge that has most, as the reference does.
 */
static void fdb_evict(struct kzt_network *nw, const struct kzt_netconf *conf)
{
	u16 count[KZT_ROLES_MAX + 1] = { 0 };	/* to KZT_FDB_MAX */
	unsigned int most = 0, i;
	struct fdb_entry *e, *next;

	list_for_each_entry(e, &nw->fdb_list, list)
		count[fdb_bridge(conf, e)]++;
	for (i = 1; i < conf->n_bridges; i++)
		if (count[i] > count[most])
			most = i;
	if (count[conf->n_bridges])
		most = conf->n_bridges;
	list_for_each_entry_safe(e, next, &nw->fdb_list, list)
		if (fdb_bridge(conf, e) == most)
			fdb_remove(nw, e);
}

static void fdb_add_locked(struct kzt_network *nw,
			   const struct kzt_netconf *conf, const u8 *mac,
			   u64 address)
{
	struct fdb_entry *e;

	if (nw->n_fdb >= KZT_FDB_MAX)
		fdb_evict(nw, conf);
	e = kzalloc(sizeof(*e), GFP_ATOMIC);
	if (!e)
		return;
	ether_addr_copy(e->mac, mac);
	e->address = address;
	if (rhashtable_lookup_insert_fast(&nw->fdb, &e->hash_node,
					  fdb_params)) {
		kfree(e);	/* another CPU was first */
		return;
	}
	list_add_tail(&e->list, &nw->fdb_list);
	nw->n_fdb++;
	kzt_born(FDB);
}

/**
 * kzt_fdb_learn() - a frame with this source came from a bridge
 * @nw: network
 * @conf: its configuration
 * @mac: source address, aligned as in struct kzt_eth
 * @address: of the sender, an active bridge
 *
 * Implements: spec 4.3.3.  The newest wins.
 * Context: BH off, RCU.
 */
void kzt_fdb_learn(struct kzt_network *nw, const struct kzt_netconf *conf,
		   const u8 *mac, u64 address)
{
	struct fdb_entry *e = kzt_rht_lookup(&nw->fdb, mac, fdb_params);

	if (likely(e)) {
		if (READ_ONCE(e->address) != address)
			WRITE_ONCE(e->address, address);
		return;
	}
	spin_lock(&nw->fdb_lock);
	fdb_add_locked(nw, conf, mac, address);
	spin_unlock(&nw->fdb_lock);
}

/**
 * kzt_fdb_find() - behind which bridge is a MAC address
 * @nw: network
 * @mac: address
 *
 * Context: RCU.
 * Return: the bridge, which may have been one only once, or 0.
 */
u64 kzt_fdb_find(struct kzt_network *nw, const u8 *mac)
{
	struct fdb_entry *e = kzt_rht_lookup(&nw->fdb, mac, fdb_params);

	return e ? READ_ONCE(e->address) : 0;
}

/**
 * kzt_fdb_prune() - forget what is behind bridges that are bridges no longer
 * @nw: network
 * @conf: its configuration; NULL forgets all
 *
 * Implements: spec 4.3.3.
 * Context: process or BH.
 */
void kzt_fdb_prune(struct kzt_network *nw, const struct kzt_netconf *conf)
{
	struct fdb_entry *e, *next;

	spin_lock_bh(&nw->fdb_lock);
	list_for_each_entry_safe(e, next, &nw->fdb_list, list)
		if (!conf || !kzt_netconf_is_bridge(conf, e->address))
			fdb_remove(nw, e);
	spin_unlock_bh(&nw->fdb_lock);
}

/**
 * kzt_fdb_snapshot() - all bridge routes, for those who show them
 * @node: node
 * @nwid: network
 * @n: set to their number
 *
 * Context: process, without RCU.
 * Return: what kvfree() frees, or NULL if there is none.
 */
struct kzt_fdb_info *kzt_fdb_snapshot(struct kzt_node *node, u64 nwid,
				      unsigned int *n)
{
	struct kzt_fdb_info *list;
	struct kzt_network *nw;
	struct fdb_entry *e;

	*n = 0;
	list = kvmalloc_array(KZT_FDB_MAX, sizeof(*list), GFP_KERNEL);
	if (!list)
		return NULL;
	rcu_read_lock();
	nw = kzt_network_lookup_rcu(node, nwid);
	if (nw) {
		spin_lock_bh(&nw->fdb_lock);
		list_for_each_entry(e, &nw->fdb_list, list) {
			if (*n == KZT_FDB_MAX)
				break;
			ether_addr_copy(list[*n].mac, e->mac);
			list[(*n)++].address = READ_ONCE(e->address);
		}
		spin_unlock_bh(&nw->fdb_lock);
	}
	rcu_read_unlock();
	if (*n)
		return list;
	kvfree(list);
	return NULL;
}

/* --- bridge fdb ------------------------------------------------------------------ */

static int fdb_fill(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct net_device *dev, const struct fdb_entry *e)
{
	struct nlmsghdr *nlh;
	struct ndmsg *ndm;

	nlh = nlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			RTM_NEWNEIGH, sizeof(*ndm), NLM_F_MULTI);
	if (!nlh)
		return -EMSGSIZE;
	ndm = nlmsg_data(nlh);
	memset(ndm, 0, sizeof(*ndm));
	ndm->ndm_family = AF_BRIDGE;
	ndm->ndm_flags = NTF_SELF | NTF_EXT_LEARNED;
	ndm->ndm_ifindex = dev->ifindex;
	ndm->ndm_state = NUD_REACHABLE;
	if (nla_put(skb, NDA_LLADDR, ETH_ALEN, e->mac)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return 0;
}

/**
 * kzt_fdb_dump() - ndo_fdb_dump: what "bridge fdb show" shows of the device
 * @skb: to fill
 * @cb: the dump
 * @dev: device
 * @filter_dev: bridge that is asked for, or NULL
 * @idx: entries seen, of all devices
 *
 * Context: RTNL.
 * Return: 0 or a negative errno.
 */
int kzt_fdb_dump(struct sk_buff *skb, struct netlink_callback *cb,
		 struct net_device *dev, struct net_device *filter_dev,
		 int *idx)
{
	struct kzt_network *nw = netdev_priv(dev);
	struct fdb_entry *e;
	int err;

	err = ndo_dflt_fdb_dump(skb, cb, dev, filter_dev, idx);
	if (err)
		return err;
	spin_lock_bh(&nw->fdb_lock);
	list_for_each_entry(e, &nw->fdb_list, list) {
		if (*idx >= cb->args[2])
			err = fdb_fill(skb, cb, dev, e);
		if (err)
			break;
		++*idx;
	}
	spin_unlock_bh(&nw->fdb_lock);
	return err;
}

/**
 * kzt_fdb_del() - ndo_fdb_del: forget a bridge route, or a unicast filter
 * @ndm: request
 * @tb: its attributes
 * @dev: device
 * @addr: MAC address
 * @vid: VLAN; must be 0
 * @extack: says why it was refused
 *
 * Context: RTNL.
 * Return: 0 or a negative errno.
 */
int kzt_fdb_del(struct ndmsg *ndm, struct nlattr *tb[], struct net_device *dev,
		const unsigned char *addr, u16 vid,
		struct netlink_ext_ack *extack)
{
	struct kzt_network *nw = netdev_priv(dev);
	struct fdb_entry *e, *next;

	spin_lock_bh(&nw->fdb_lock);
	list_for_each_entry_safe(e, next, &nw->fdb_list, list) {
		if (vid || memcmp(e->mac, addr, ETH_ALEN))
			continue;
		fdb_remove(nw, e);
		spin_unlock_bh(&nw->fdb_lock);
		return 0;
	}
	spin_unlock_bh(&nw->fdb_lock);
	return ndo_dflt_fdb_del(ndm, tb, dev, addr, vid);
}
