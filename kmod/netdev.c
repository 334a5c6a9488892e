// SPDX-License-Identifier: GPL-2.0
/* Network devices of kind kzt: life, link operations, notifiers. */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <net/rtnetlink.h>
#include "frame.h"
#include "netlink.h"
#include "object.h"
#include "network.h"
#include "send.h"

#define KZT_FEATURES	(NETIF_F_HW_CSUM | NETIF_F_RXCSUM | NETIF_F_SG |	\
			 NETIF_F_FRAGLIST | NETIF_F_GSO |			\
			 NETIF_F_GSO_SOFTWARE | NETIF_F_HIGHDMA)

static const struct net_device_ops kzt_netdev_ops;

/* All devices of all nodes, wherever they are now; RTNL to write, RCU to read */
LIST_HEAD(kzt_devices);

/**
 * kzt_is_netdev() - is a device one of ours
 * @dev: device
 */
bool kzt_is_netdev(const struct net_device *dev)
{
	return dev->netdev_ops == &kzt_netdev_ops;
}

/**
 * kzt_network_drop() - drop a packet of a device
 * @nw: network
 * @skb: packet; freed
 * @reason: counted at the device and at the node
 */
void kzt_network_drop(struct kzt_network *nw, struct sk_buff *skb,
		      enum kzt_drop reason)
{
	this_cpu_inc(nw->mib->drop[reason]);
	kzt_drop_skb(nw->node, skb, reason);
}

/* --- device operations ---------------------------------------------------------- */

static int netdev_init(struct net_device *dev)
{
	struct kzt_network *nw = netdev_priv(dev);
	int err = -ENOMEM;

	nw->mib = alloc_percpu(struct kzt_mib);
	if (!nw->mib)
		return err;
	err = kzt_members_init(nw);
	if (err)
		goto err_mib;
	err = kzt_fdb_init(nw);
	if (err)
		goto err_members;
	err = gro_cells_init(&nw->gro, dev);
	if (err)
		goto err_fdb;
	kzt_born(NETWORK);
	return 0;

err_fdb:
	kzt_fdb_free(nw);
err_members:
	kzt_members_free(nw);
err_mib:
	free_percpu(nw->mib);
	return err;
}

/*
 * Nobody finds the network any more once this has returned and a grace period
 * has passed; both happen before netdev_destruct().  The node may be gone by
 * then.
 */
static void netdev_uninit(struct net_device *dev)
{
	struct kzt_network *nw = netdev_priv(dev);

	if (nw->list.next)
		list_del_rcu(&nw->list);
	kzt_network_unassign(nw);
	gro_cells_destroy(&nw->gro);
}

static void netdev_destruct(struct net_device *dev)
{
	struct kzt_network *nw = netdev_priv(dev);

	kzt_netconf_free(rcu_dereference_protected(nw->conf, 1));
	kzt_fdb_free(nw);
	kzt_members_free(nw);
	free_percpu(nw->mib);
	kzt_gone(NETWORK);
	pr_debug("network destroyed\n");
}

static int netdev_open(struct net_device *dev)
{
	kzt_multicast_kick(netdev_priv(dev), KZT_NW_REFRESH);
	return 0;
}

static int netdev_stop(struct net_device *dev)
{
	kzt_multicast_kick(netdev_priv(dev), KZT_NW_REFRESH);
	return 0;
}

/* The address lock is held: only note that there is something to look at */
static void netdev_set_rx_mode(struct net_device *dev)
{
	kzt_multicast_kick(netdev_priv(dev), KZT_NW_REFRESH);
}

/* An MTU set by hand stays, as far as the configuration's allows */
static int netdev_change_mtu(struct net_device *dev, int mtu)
{
	struct kzt_network *nw = netdev_priv(dev);

	if (!nw->mtu_follows)
		nw->admin_mtu = mtu == nw->ceiling ? 0 : mtu;
	WRITE_ONCE(dev->mtu, mtu);
	return 0;
}

static const struct net_device_ops kzt_netdev_ops = {
	.ndo_init		= netdev_init,
	.ndo_uninit		= netdev_uninit,
	.ndo_open		= netdev_open,
	.ndo_stop		= netdev_stop,
	.ndo_start_xmit		= kzt_xmit,
	.ndo_set_rx_mode	= netdev_set_rx_mode,
	.ndo_change_mtu		= netdev_change_mtu,
	.ndo_get_stats64	= dev_get_tstats64,
	.ndo_fdb_dump		= kzt_fdb_dump,
	.ndo_fdb_del		= kzt_fdb_del,
};

static const struct device_type kzt_device_type = { .name = "kzt" };

static void netdev_setup(struct net_device *dev)
{
	struct kzt_network *nw = netdev_priv(dev);

	ether_setup(dev);
	dev->netdev_ops = &kzt_netdev_ops;
	dev->ethtool_ops = &kzt_ethtool_ops;
	dev->priv_destructor = netdev_destruct;
	dev->needs_free_netdev = true;
	/* The Ethernet header gives way to ours: no copy in xmit */
	dev->needed_headroom = KZT_SKB_HEADROOM + KZT_EXT_FRAME_OVERHEAD -
			       ETH_HLEN;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->priv_flags &= ~(IFF_TX_SKB_SHARING | IFF_LIVE_ADDR_CHANGE);
	kzt_netdev_set_lltx(dev);
	dev->features |= KZT_FEATURES;
	dev->hw_features |= KZT_FEATURES;
	dev->hw_enc_features |= KZT_FEATURES;
	dev->vlan_features |= KZT_FEATURES;
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
	dev->mtu = KZT_NET_MTU_DEFAULT;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = KZT_NET_MTU_MAX;
	SET_NETDEV_DEVTYPE(dev, &kzt_device_type);

	nw->dev = dev;
	nw->ceiling = KZT_NET_MTU_DEFAULT;
	nw->status = KZT_NETWORK_STATUS_REQUESTING_CONFIGURATION;
}

/* --- link operations ------------------------------------------------------------ */

static const struct nla_policy link_policy[IFLA_KZT_STATUS + 1] = {
	[IFLA_KZT_NETWORK]	= { .type = NLA_U64 },
	[IFLA_KZT_NODE_ADDRESS]	= { .type = NLA_REJECT },
	[IFLA_KZT_STATUS]	= { .type = NLA_REJECT },
};

static int link_validate(struct nlattr *tb[], struct nlattr *data[],
			 struct netlink_ext_ack *extack)
{
	if (tb[IFLA_ADDRESS]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS],
				    "the MAC address follows from the node and the network");
		return -EOPNOTSUPP;
	}
	if (data && data[IFLA_KZT_NETWORK] &&
	    !nla_get_u64(data[IFLA_KZT_NETWORK])) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_KZT_NETWORK],
				    "network id 0 means none: leave it out");
		return -EINVAL;
	}
	return 0;
}

/* The node of the namespace where a device is created serves it for ever */
static int link_newlink(struct net *src_net, struct net_device *dev,
			struct nlattr *tb[], struct nlattr *data[],
			struct netlink_ext_ack *extack)
{
	struct kzt_network *nw = netdev_priv(dev);
	struct kzt_node *node = kzt_node_of(src_net);
	int err;

	nw->node = node;
	if (tb[IFLA_MTU])
		nw->admin_mtu = dev->mtu;
	eth_hw_addr_random(dev);	/* until there is a node and a network */
	netif_carrier_off(dev);
	err = register_netdevice(dev);
	if (err)
		return err;
	list_add_tail_rcu(&nw->list, &kzt_devices);
	pr_debug("network created\n");
	if (!data || !data[IFLA_KZT_NETWORK])
		return 0;
	mutex_lock(&node->config_lock);
	err = kzt_network_assign(nw, nla_get_u64(data[IFLA_KZT_NETWORK]),
				 extack);
	mutex_unlock(&node->config_lock);
	if (err)
		unregister_netdevice(dev);
	return err;
}

static int link_changelink(struct net_device *dev, struct nlattr *tb[],
			   struct nlattr *data[],
			   struct netlink_ext_ack *extack)
{
	struct kzt_network *nw = netdev_priv(dev);
	struct kzt_node *node = nw->node;
	u64 id;
	int err;

	if (!data || !data[IFLA_KZT_NETWORK])
		return 0;
	id = nla_get_u64(data[IFLA_KZT_NETWORK]);
	if (nw->id && nw->id != id) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_KZT_NETWORK],
				    "the network of a device cannot be changed: add another device");
		return -EOPNOTSUPP;
	}
	mutex_lock(&node->config_lock);
	err = kzt_network_assign(nw, id, extack);
	mutex_unlock(&node->config_lock);
	return err;
}

static void link_dellink(struct net_device *dev, struct list_head *head)
{
	unregister_netdevice_queue(dev, head);
}

static size_t link_get_size(const struct net_device *dev)
{
	return nla_total_size_64bit(sizeof(u64)) +	/* IFLA_KZT_NETWORK */
	       nla_total_size_64bit(sizeof(u64)) +	/* .._NODE_ADDRESS */
	       nla_total_size(sizeof(u32));		/* .._STATUS */
}

static int link_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	const struct kzt_network *nw = netdev_priv(dev);
	u64 address = READ_ONCE(nw->node->self_address);

	if (nw->id && nla_put_u64_64bit(skb, IFLA_KZT_NETWORK, nw->id,
					IFLA_KZT_PAD))
		return -EMSGSIZE;
	if (address && nla_put_u64_64bit(skb, IFLA_KZT_NODE_ADDRESS, address,
					 IFLA_KZT_PAD))
		return -EMSGSIZE;
	if (nla_put_u32(skb, IFLA_KZT_STATUS, READ_ONCE(nw->status)))
		return -EMSGSIZE;
	return 0;
}

/* Where the node is: lets `ip link` name the other namespace */
static struct net *link_get_net(const struct net_device *dev)
{
	const struct kzt_network *nw = netdev_priv(dev);

	return nw->node->net;
}

static struct rtnl_link_ops kzt_link_ops __read_mostly = {
	.kind		= "kzt",
	.maxtype	= IFLA_KZT_STATUS,
	.policy		= link_policy,
	.priv_size	= sizeof(struct kzt_network),
	.setup		= netdev_setup,
	.validate	= link_validate,
	.newlink	= link_newlink,
	.changelink	= link_changelink,
	.dellink	= link_dellink,
	.get_size	= link_get_size,
	.fill_info	= link_fill_info,
	.get_link_net	= link_get_net,
};

/* --- all devices of a node ------------------------------------------------------- */

/**
 * kzt_networks_exit() - delete all devices of a node
 * @node: on its way out; RTNL held
 *
 * Wherever they are: without its node a device is of no use.
 */
void kzt_networks_exit(struct kzt_node *node)
{
	struct kzt_network *nw;
	LIST_HEAD(kill);

	ASSERT_RTNL();
	list_for_each_entry(nw, &kzt_devices, list)
		if (nw->node == node)
			unregister_netdevice_queue(nw->dev, &kill);
	unregister_netdevice_many(&kill);
}

/**
 * kzt_networks_identity_changed() - the node has got, changed or lost its keys
 * @node: RTNL and config_lock held
 */
void kzt_networks_identity_changed(struct kzt_node *node)
{
	struct kzt_network *nw;

	ASSERT_RTNL();
	lockdep_assert_held(&node->config_lock);
	list_for_each_entry(nw, &kzt_devices, list)
		if (nw->node == node)
			kzt_network_identity(nw);
}

/* --- notifiers -------------------------------------------------------------------- */

/* IPv4 addresses are groups for address resolution (spec 4.11.1) */
static int inetaddr_event(struct notifier_block *nb, unsigned long event,
			  void *ptr)
{
	const struct in_ifaddr *ifa = ptr;
	struct net_device *dev = ifa->ifa_dev->dev;

	if (kzt_is_netdev(dev) && (event == NETDEV_UP || event == NETDEV_DOWN))
		kzt_multicast_kick(netdev_priv(dev), KZT_NW_REFRESH);
	return NOTIFY_DONE;
}

/* Names, namespaces and MTUs are shown with the network */
static int netdevice_event(struct notifier_block *nb, unsigned long event,
			   void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct kzt_network *nw;

	if (!kzt_is_netdev(dev))
		return NOTIFY_DONE;
	nw = netdev_priv(dev);
	switch (event) {
	case NETDEV_REGISTER:	/* also after a move to another namespace */
	case NETDEV_CHANGENAME:
	case NETDEV_CHANGEMTU:
		if (nw->id)
			kzt_notify_network(nw, false);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block inetaddr_nb = {
	.notifier_call = inetaddr_event,
};

static struct notifier_block netdevice_nb = {
	.notifier_call = netdevice_event,
};

/**
 * kzt_netdev_init() - make the kind known
 *
 * Return: 0 or a negative errno.
 */
int __init kzt_netdev_init(void)
{
	int err;

	err = register_inetaddr_notifier(&inetaddr_nb);
	if (err)
		return err;
	err = register_netdevice_notifier(&netdevice_nb);
	if (err)
		goto err_inetaddr;
	err = rtnl_link_register(&kzt_link_ops);
	if (err)
		goto err_netdevice;
	return 0;

err_netdevice:
	unregister_netdevice_notifier(&netdevice_nb);
err_inetaddr:
	unregister_inetaddr_notifier(&inetaddr_nb);
	return err;
}

/** kzt_netdev_exit() - undo kzt_netdev_init(), with all devices there are */
void kzt_netdev_exit(void)
{
	rtnl_link_unregister(&kzt_link_ops);
	unregister_netdevice_notifier(&netdevice_nb);
	unregister_inetaddr_notifier(&inetaddr_nb);
	rcu_barrier();
}
