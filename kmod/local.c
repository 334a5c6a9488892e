// SPDX-License-Identifier: GPL-2.0
/*
 * The local side of paths (spec 3, 3.18.1 and 3.21): the namespace's addresses
 * and links, followed by notifiers.
 */
#include <linux/ethtool.h>
#include <linux/inetdevice.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/rtnetlink.h>
#include "endpoint.h"
#include "local.h"
#include "network.h"
#include "node.h"
#include "peer.h"
#include "proto/address.h"
#include "socket.h"

#define TENTATIVE_MS	500	/* no notifier tells that DAD is over */

/* --- devices ------------------------------------------------------------------- */

/*
 * Nothing tells what carries their packets: a route, by which they may come back
 * to a device of ours.  "tun" is of other programs that do as we do.
 */
static const char *const tunnel_kinds[] = {
	"tun", "wireguard", "ovpn", "vxlan", "geneve", "bareudp", "amt", "gtp",
	"gre", "gretap", "erspan", "ip6gre", "ip6gretap", "ip6erspan", "ipip",
	"sit", "ip6tnl", "vti", "vti6", "xfrm",
};

/* One with a device below it leads where that does */
static bool dev_is_tunnel(const struct net_device *dev)
{
	if (!dev->rtnl_link_ops || !list_empty(&dev->adj_list.lower))
		return false;
	/* As a port of a bridge it is a virtual machine's */
	if (netif_is_bridge_port(dev) && !strcmp(dev->rtnl_link_ops->kind, "tun"))
		return false;
	return match_string(tunnel_kinds, ARRAY_SIZE(tunnel_kinds),
			    dev->rtnl_link_ops->kind) >= 0;
}

struct lower_count {
	unsigned int ours;	/* devices of kind kzt, and tunnels */
	unsigned int others;	/* with nothing below them */
	bool bridge;
	bool tunnels;		/* count as others */
};

static int lower_look(struct net_device *dev, struct netdev_nested_priv *priv)
{
	struct lower_count *c = priv->data;

	if (kzt_is_netdev(dev) || (!c->tunnels && dev_is_tunnel(dev)))
		c->ours++;
	else if (netif_is_bridge_master(dev))
		c->bridge = true;
	else if (list_empty(&dev->adj_list.lower))
		c->others++;
	return 0;
}

/**
 * kzt_local_leads_home() - may a device lead back to one of ours
 * @node: node
 * @dev: device
 *
 * Whatever stands on a device of ours alone does: a VLAN, a macvlan, a bond.
 * A bridge between ours and a LAN has another way out, which its table finds.
 * A tunnel may, unless the node is bound to it: who says so knows where it leads.
 *
 * Implements: spec 3, 3.21 "not through itself".
 * Context: RCU.
 * Return: true if so.
 */
bool kzt_local_leads_home(const struct kzt_node *node, struct net_device *dev)
{
	struct lower_count c = {
		.tunnels = kzt_sockets_bound(node, dev->ifindex),
	};
	struct netdev_nested_priv priv = { .data = &c };

	lower_look(dev, &priv);
	if (!c.ours && !list_empty(&dev->adj_list.lower))
		netdev_walk_all_lower_dev_rcu(dev, lower_look, &priv);
	return c.ours && !(c.bridge && c.others);
}

static bool dev_is_denied(struct kzt_node *node, const struct net_device *dev)
{
	struct kzt_deny_devs *deny = rcu_dereference(node->deny_devs);
	unsigned int i;

	for (i = 0; deny && i < deny->n; i++)
		if (!strncmp(dev->name, deny->prefix[i], strlen(deny->prefix[i])))
			return true;
	return false;
}

/* Spec 3, 3.18.1, by kind where the reference goes by name */
static bool dev_is_usable(struct kzt_node *node, struct net_device *dev)
{
	if (!netif_running(dev) || !netif_carrier_ok(dev) ||
	    dev->flags & IFF_LOOPBACK || !kzt_sockets_serve(node, dev))
		return false;
	return !dev_is_denied(node, dev) && !kzt_local_leads_home(node, dev);
}

/* --- the table ------------------------------------------------------------------- */

struct collect {
	struct kzt_node *node;
	struct kzt_locals *to;
	bool tentative;		/* an address is not usable yet */
};

static void collect_add(struct collect *c, const struct net_device *dev,
			const struct kzt_inetaddr *a)
{
	struct kzt_local *l = &c->to->a[c->to->n];
	struct kzt_endpoint ep;

	if (c->to->n == KZT_LOCALS_MAX || !kzt_inetaddr_valid_path(a) ||
	    !kzt_endpoint_from_inetaddr(&ep, a) ||
	    kzt_node_denied(c->node, &ep))
		return;
	l->ifindex = dev->ifindex;
	l->family = ep.remote.sa.sa_family;
	if (l->family == AF_INET)
		l->in = ep.remote.in.sin_addr;
	else
		l->in6 = ep.remote.in6.sin6_addr;
	c->to->n++;
}

static void collect_v4(struct collect *c, struct net_device *dev)
{
	struct in_device *in_dev = __in_dev_get_rcu(dev);
	struct kzt_inetaddr a = { .family = KZT_AF_INET };
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		memcpy(a.ip, &ifa->ifa_local, 4);
		collect_add(c, dev, &a);
	}
}

static void collect_v6(struct collect *c, struct net_device *dev)
{
#if IS_ENABLED(CONFIG_IPV6)
	struct kzt_inetaddr a = { .family = KZT_AF_INET6 };
	struct inet6_dev *idev = __in6_dev_get(dev);
	const struct inet6_ifaddr *ifp;

	if (!idev)
		return;
	read_lock_bh(&idev->lock);
	list_for_each_entry(ifp, &idev->addr_list, if_list) {
		if (ifp->flags & (IFA_F_DEPRECATED | IFA_F_TEMPORARY |
				  IFA_F_DADFAILED))
			continue;
		if (ifp->flags & IFA_F_TENTATIVE &&
		    !(ifp->flags & IFA_F_OPTIMISTIC)) {
			c->tentative = true;
			continue;
		}
		memcpy(a.ip, &ifp->addr, 16);
		collect_add(c, dev, &a);
	}
	read_unlock_bh(&idev->lock);
#endif
}

static void collect(struct collect *c)
{
	struct net_device *dev;

	rcu_read_lock();
	for_each_netdev_rcu(c->node->net, dev) {
		if (!dev_is_usable(c->node, dev))
			continue;
		collect_v4(c, dev);
		collect_v6(c, dev);
	}
	rcu_read_unlock();
}

static u32 dev_speed(struct net *net, int ifindex)
{
	struct net_device *dev = __dev_get_by_index(net, ifindex);
	struct ethtool_link_ksettings ks;

	ASSERT_RTNL();
	if (!dev || __ethtool_get_link_ksettings(dev, &ks) ||
	    ks.base.speed == (u32)SPEED_UNKNOWN)
		return 0;
	return ks.base.speed;
}

static u32 speed_in(const struct kzt_locals *t, int ifindex)
{
	unsigned int i;

	for (i = 0; t && i < t->n; i++)
		if (t->a[i].ifindex == ifindex)
			return READ_ONCE(t->a[i].speed);
	return 0;
}

static void speeds_keep(struct kzt_locals *to, const struct kzt_locals *old)
{
	struct kzt_local *l;

	for (l = to->a; l < to->a + to->n; l++)
		l->speed = speed_in(old, l->ifindex);
}

/*
 * A driver is asked under the RTNL only, and may take its time.  The RTNL is not
 * waited for: who holds it may wait for this work.
 *
 * Returns false if the speeds are still the old ones.
 */
static bool speeds_ask(struct net *net, struct kzt_locals *t)
{
	struct kzt_local *l;

	if (!rtnl_trylock())
		return false;
	for (l = t->a; l < t->a + t->n; l++)
		WRITE_ONCE(l->speed, l > t->a && l[-1].ifindex == l->ifindex ?
				     l[-1].speed : dev_speed(net, l->ifindex));
	rtnl_unlock();
	return true;
}

static bool local_equal(const struct kzt_local *a, const struct kzt_local *b)
{
	if (a->family != b->family || a->ifindex != b->ifindex)
		return false;
	if (a->family == AF_INET)
		return a->in.s_addr == b->in.s_addr;
	return ipv6_addr_equal(&a->in6, &b->in6);
}

/* Is there something in @a that is not in @b? */
static bool locals_differ(const struct kzt_locals *a, const struct kzt_locals *b)
{
	unsigned int i, j;

	for (i = 0; a && i < a->n; i++) {
		for (j = 0; b && j < b->n; j++)
			if (local_equal(&a->a[i], &b->a[j]))
				break;
		if (!b || j == b->n)
			return true;
	}
	return false;
}

/* --- what a change means ----------------------------------------------------------- */

static bool address_is_ours(struct net *net, const struct kzt_endpoint *ep)
{
	if (ep->remote.sa.sa_family == AF_INET)
		return __ip_dev_find(net, ep->local4.s_addr, false);
#if IS_ENABLED(CONFIG_IPV6)
	return ipv6_chk_addr(net, &ep->local6, NULL, 0);
#else
	return false;
#endif
}

/**
 * kzt_local_is_gone() - is the local side of a path gone
 * @node: node
 * @ep: path; its local side counts
 *
 * The address may be on another device than the one that the path came by.
 *
 * Context: RCU.
 * Return: true if the device, the address or the port serves no more.
 */
bool kzt_local_is_gone(struct kzt_node *node, const struct kzt_endpoint *ep)
{
	struct net_device *dev = dev_get_by_index_rcu(node->net, ep->ifindex);

	return !dev || !dev_is_usable(node, dev) ||
	       !address_is_ours(node->net, ep) ||
	       !kzt_sockets_have(node, ep->local_port);
}

/**
 * kzt_local_speed() - how fast a device is
 * @node: node
 * @ifindex: device
 *
 * Context: RCU.
 * Return: Mbit/s; 0 for unknown.
 */
u32 kzt_local_speed(struct kzt_node *node, int ifindex)
{
	return speed_in(rcu_dereference(node->locals), ifindex);
}

static void paths_of_gone_prune(struct kzt_node *node)
{
	struct rhashtable_iter iter;
	struct kzt_peer *peer;

	rhashtable_walk_enter(&node->peers, &iter);
	rhashtable_walk_start(&iter);
	while ((peer = rhashtable_walk_next(&iter)))
		if (!IS_ERR(peer) && READ_ONCE(peer->n_paths))
			kzt_path_prune_gone(peer, kzt_now_ms());
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

/*
 * Paths whose local side went are dropped at once; from an address that came,
 * all peers that are kept are greeted in the next round, which starts now.
 */
static void local_work(struct work_struct *work)
{
	struct kzt_node *node = container_of(to_delayed_work(work),
					     struct kzt_node, local_work);
	struct collect c = { .node = node };
	struct kzt_locals *old;
	bool more;

	if (READ_ONCE(node->exiting))
		return;
	c.to = kzalloc(sizeof(*c.to), GFP_KERNEL);
	if (!c.to)
		goto again;
	collect(&c);
	/* This work is the only writer, and does not run twice at once */
	speeds_keep(c.to, rcu_dereference_protected(node->locals, true));
	old = rcu_replace_pointer(node->locals, c.to, true);
	more = locals_differ(c.to, old);
	paths_of_gone_prune(node);
	if (old)
		kfree_rcu(old, rcu);
	if (more) {
		WRITE_ONCE(node->locals_grew, kzt_now_ms());
		kzt_node_kick(node);
	}
	if (speeds_ask(node->net, c.to) && !c.tentative)
		return;
again:
	queue_delayed_work(system_unbound_wq, &node->local_work,
			   msecs_to_jiffies(TENTATIVE_MS));
}

/**
 * kzt_local_changed() - addresses, links or what is allowed of them changed
 * @node: node
 *
 * Context: any.
 */
void kzt_local_changed(struct kzt_node *node)
{
	if (READ_ONCE(node->self_address) && !READ_ONCE(node->exiting))
		mod_delayed_work(system_unbound_wq, &node->local_work, 0);
}

/* --- legs ------------------------------------------------------------------------- */

/**
 * kzt_local_next() - the legs to a remote endpoint, one by one
 * @node: node
 * @remote: its remote side counts
 * @pos: 0 for the first; moved on
 * @leg: filled
 *
 * One for each usable local address and port from where a route leads there by
 * the device of the address.
 *
 * Implements: spec 3, 3.1 "any socket", 3.21.
 * Context: RCU (BH).
 * Return: false after the last.
 */
bool kzt_local_next(struct kzt_node *node, const struct kzt_endpoint *remote,
		    unsigned int *pos, struct kzt_endpoint *leg)
{
	const struct kzt_locals *t = rcu_dereference_bh(node->locals);
	const struct kzt_sockets *socks = rcu_dereference_bh(node->socks);

	if (!t || !socks)
		return false;
	for (; *pos < t->n * socks->n; ++*pos) {
		const struct kzt_local *l = &t->a[*pos / socks->n];

		if (l->family != remote->remote.sa.sa_family)
			continue;
		memset(leg, 0, sizeof(*leg));
		leg->remote = remote->remote;
		leg->ifindex = l->ifindex;
		leg->local_port = htons(socks->pair[*pos % socks->n].port);
		if (l->family == AF_INET)
			leg->local4 = l->in;
		else
			leg->local6 = l->in6;
		if (!kzt_socket_reaches(node, leg))
			continue;
		++*pos;
		return true;
	}
	return false;
}

/* --- notifiers ----------------------------------------------------------------------- */

static void net_changed(struct net *net)
{
	kzt_local_changed(kzt_node_of(net));
}

static int netdev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	switch (event) {
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
	case NETDEV_CHANGENAME:
	case NETDEV_CHANGEUPPER:
	case NETDEV_UNREGISTER:
		net_changed(dev_net(dev));
	}
	return NOTIFY_DONE;
}

static int inetaddr_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct in_ifaddr *ifa = ptr;

	net_changed(dev_net(ifa->ifa_dev->dev));
	return NOTIFY_DONE;
}

static struct notifier_block netdev_nb = { .notifier_call = netdev_event };
static struct notifier_block inetaddr_nb = { .notifier_call = inetaddr_event };

#if IS_ENABLED(CONFIG_IPV6)
/* Atomic context */
static int inet6addr_event(struct notifier_block *nb, unsigned long event,
			   void *ptr)
{
	const struct inet6_ifaddr *ifp = ptr;

	net_changed(dev_net(ifp->idev->dev));
	return NOTIFY_DONE;
}

static struct notifier_block inet6addr_nb = { .notifier_call = inet6addr_event };
#endif

/**
 * kzt_local_module_init() - follow the addresses and links of all namespaces
 *
 * Return: 0 or a negative errno.
 */
int __init kzt_local_module_init(void)
{
	int err;

	err = register_netdevice_notifier(&netdev_nb);
	if (err)
		return err;
	err = register_inetaddr_notifier(&inetaddr_nb);
	if (err)
		goto err_netdev;
#if IS_ENABLED(CONFIG_IPV6)
	err = register_inet6addr_notifier(&inet6addr_nb);
	if (err)
		goto err_inet;
#endif
	return 0;

#if IS_ENABLED(CONFIG_IPV6)
err_inet:
	unregister_inetaddr_notifier(&inetaddr_nb);
#endif
err_netdev:
	unregister_netdevice_notifier(&netdev_nb);
	return err;
}

/** kzt_local_module_exit() - undo kzt_local_module_init() */
void kzt_local_module_exit(void)
{
#if IS_ENABLED(CONFIG_IPV6)
	unregister_inet6addr_notifier(&inet6addr_nb);
#endif
	unregister_inetaddr_notifier(&inetaddr_nb);
	unregister_netdevice_notifier(&netdev_nb);
}

/**
 * kzt_local_init() - start with an empty table
 * @node: owner
 */
void kzt_local_init(struct kzt_node *node)
{
	INIT_DELAYED_WORK(&node->local_work, local_work);
}

/**
 * kzt_local_stop() - let nothing run any more
 * @node: owner; exiting
 */
void kzt_local_stop(struct kzt_node *node)
{
	cancel_delayed_work_sync(&node->local_work);
}

/**
 * kzt_local_free() - free the table
 * @node: owner; nobody reads it any more
 */
void kzt_local_free(struct kzt_node *node)
{
	kfree(rcu_dereference_protected(node->locals, 1));
	kfree(rcu_dereference_protected(node->deny_devs, 1));
	kfree(rcu_dereference_protected(node->mapped, 1));
	kfree(rcu_dereference_protected(node->phys, 1));
}
