// SPDX-License-Identifier: GPL-2.0
/* The UDP ports of a node: opening, replacing and closing its sockets. */
#include <linux/slab.h>
#include <net/l3mdev.h>
#include <net/udp_tunnel.h>
#include "node.h"
#include "object.h"
#include "receive.h"
#include "socket.h"

static void socket_release(struct sock *sk)
{
	if (sk)
		udp_tunnel_sock_release(sk->sk_socket);
}

static int socket_create(struct kzt_node *node, bool v6, u16 port,
			 int ifindex, struct sock **sk)
{
	struct udp_port_cfg cfg = {
		.family = v6 ? AF_INET6 : AF_INET,
		.local_udp_port = htons(port),
		.bind_ifindex = ifindex,
		.use_udp_checksums = false,
		.use_udp6_tx_checksums = true,
		.use_udp6_rx_checksums = true,
		.ipv6_v6only = true,
	};
	struct udp_tunnel_sock_cfg tunnel = {
		.sk_user_data = node,
		.encap_type = 1,
		.encap_rcv = kzt_receive,
	};
	struct socket *sock;
	int err;

	err = udp_sock_create(node->net, &cfg, &sock);
	if (err)
		return err;
	sock->sk->sk_allocation = GFP_ATOMIC;
	sock->sk->sk_sndbuf = INT_MAX;
	setup_udp_tunnel_sock(node->net, sock, &tunnel);
	*sk = sock->sk;
	return 0;
}

static void pair_close(struct kzt_socket_pair *pair)
{
	unsigned int i;

	for (i = 0; i < KZT_BINDS_MAX; i++) {
		socket_release(pair->v4[i]);
		socket_release(pair->v6[i]);
	}
	memset(pair, 0, sizeof(*pair));
}

/* Both families on the @i-th device, or on any; port 0: any that is free */
static int bound_open(struct kzt_node *node, struct kzt_socket_pair *pair,
		      unsigned int i, u16 port, struct netlink_ext_ack *extack)
{
	int ifindex = node->binds.n ? node->binds.ifindex[i] : 0;
	int err;

	err = socket_create(node, false, port, ifindex, &pair->v4[i]);
	if (err) {
		NL_SET_ERR_MSG(extack, "cannot bind the IPv4 UDP port: is another program using it?");
		return err;
	}
	pair->port = ntohs(inet_sk(pair->v4[i])->inet_sport);
	if (!IS_ENABLED(CONFIG_IPV6))
		return 0;
	err = socket_create(node, true, pair->port, ifindex, &pair->v6[i]);
	if (err && err != -EAFNOSUPPORT) {
		NL_SET_ERR_MSG(extack, "cannot bind the IPv6 UDP port: is another program using it?");
		return err;
	}
	return 0;
}

/* One port on all devices that the node keeps to */
static int pair_open(struct kzt_node *node, struct kzt_socket_pair *pair,
		     u16 port, struct netlink_ext_ack *extack)
{
	unsigned int i = 0;
	int err;

	do {
		err = bound_open(node, pair, i, port ?: pair->port, extack);
	} while (!err && ++i < node->binds.n);
	if (err)
		pair_close(pair);
	return err;
}

/* Those of @old that @keep does not name; the list itself, too */
static void sockets_free(struct kzt_sockets *old, unsigned int keep)
{
	unsigned int i;

	for (i = 0; i < old->n; i++)
		if (!(keep & BIT(i)))
			pair_close(&old->pair[i]);
	kfree(old);
	kzt_gone(SOCKETS);
}

/**
 * kzt_sockets_close_locked() - stop receiving and sending
 * @node: config_lock held
 *
 * Waits until no CPU uses the sockets any more.
 */
void kzt_sockets_close_locked(struct kzt_node *node)
{
	struct kzt_sockets *old;

	lockdep_assert_held(&node->config_lock);
	old = rcu_replace_pointer(node->socks, NULL,
				  lockdep_is_held(&node->config_lock));
	if (!old)
		return;
	synchronize_net();
	sockets_free(old, 0);
}

/* An old pair that serves as this one, as an index; old->n if none does */
static unsigned int pair_find(const struct kzt_sockets *old, u16 port,
			      unsigned int taken)
{
	unsigned int i;

	for (i = 0; i < old->n; i++)
		if (!(taken & BIT(i)) &&
		    (port ? old->pair[i].port == port : old->pair[i].random))
			break;
	return i;
}

/* Open a pair, or take one of the old ones: @taken says which.  Port 0: any */
static int pair_get(struct kzt_node *node, struct kzt_sockets *socks, u16 port,
		    const struct kzt_sockets *old, unsigned int *taken,
		    struct netlink_ext_ack *extack)
{
	struct kzt_socket_pair *pair = &socks->pair[socks->n];
	unsigned int i = old ? pair_find(old, port, *taken) : 0;
	int err;

	if (old && i < old->n) {
		*pair = old->pair[i];
		*taken |= BIT(i);
	} else {
		err = pair_open(node, pair, port, extack);
		if (err)
			return err;
		socks->fresh |= BIT(socks->n);
	}
	pair->random = !port;
	socks->n++;
	return 0;
}

/**
 * kzt_sockets_open_locked() - open the sockets, replacing those there are
 * @node: config_lock held; says the ports
 * @extack: says why it failed
 *
 * A port that is in use already keeps its sockets, and a new one is bound
 * before an old one is given up: if that fails, nothing has changed.  Only
 * other devices to bind to, which conflict with what is bound now, have the
 * old sockets closed first.
 *
 * Implements: spec 3, 3.18.1.
 * Return: 0 or a negative errno; then the node has the sockets it had, or none.
 */
int kzt_sockets_open_locked(struct kzt_node *node,
			    struct netlink_ext_ack *extack)
{
	u32 second = node->secondary_port;
	struct kzt_sockets *socks, *old;
	unsigned int taken = 0, i;
	int err;

	lockdep_assert_held(&node->config_lock);
	old = rcu_dereference_protected(node->socks,
					lockdep_is_held(&node->config_lock));
	if (second && second == node->port) {
		NL_SET_ERR_MSG(extack, "the second port is the first one");
		return -EADDRINUSE;
	}
	socks = kzalloc(sizeof(*socks), GFP_KERNEL);
	if (!socks)
		return -ENOMEM;
	if (old && memcmp(&old->binds, &node->binds, sizeof(old->binds))) {
		kzt_sockets_close_locked(node);
		old = NULL;
	}
	socks->binds = node->binds;
	err = pair_get(node, socks, node->port, old, &taken, extack);
	if (!err && second)
		err = pair_get(node, socks,
			       second == KZT_PORT_RANDOM ? 0 : second,
			       old, &taken, extack);
	if (err)
		goto err_fresh;
	rcu_assign_pointer(node->socks, socks);
	kzt_born(SOCKETS);
	if (old) {
		synchronize_net();
		sockets_free(old, taken);
	}
	return 0;

err_fresh:
	for (i = 0; i < socks->n; i++)
		if (socks->fresh & BIT(i))
			pair_close(&socks->pair[i]);
	kfree(socks);
	return err;
}

/**
 * kzt_sockets_renew() - another second port in place of one that was drawn
 * @node: node
 *
 * For a node that is offline: a router may have lost or confused what it knew
 * of the old one.  A port that was given stays; so does the primary one, by
 * which others know us.  While the node is being configured the next round has
 * to do it.
 *
 * Implements: spec 3, 3.18.1.
 * Context: process.
 */
void kzt_sockets_renew(struct kzt_node *node)
{
	struct kzt_socket_pair *second;
	struct kzt_sockets *socks;

	/* Who holds it may wait for the work that calls here */
	if (!mutex_trylock(&node->config_lock))
		return;
	socks = rcu_dereference_protected(node->socks,
					  lockdep_is_held(&node->config_lock));
	if (socks && socks->n == KZT_PORTS_MAX &&
	    node->secondary_port == KZT_PORT_RANDOM && !node->exiting) {
		second = &socks->pair[KZT_PORTS_MAX - 1];
		second->random = false;		/* so that it is not taken over */
		if (kzt_node_open_locked(node, NULL))
			second->random = true;
	}
	mutex_unlock(&node->config_lock);
}

/**
 * kzt_sockets_port() - the primary UDP port
 * @node: node
 *
 * Return: the port, 0 while the node is down.
 */
u16 kzt_sockets_port(struct kzt_node *node)
{
	struct kzt_sockets *socks;
	u16 port;

	rcu_read_lock();
	socks = rcu_dereference(node->socks);
	port = socks ? socks->pair[0].port : 0;
	rcu_read_unlock();
	return port;
}

static bool binds_have(const struct kzt_binds *binds, int ifindex)
{
	unsigned int i;

	for (i = 0; i < binds->n; i++)
		if (binds->ifindex[i] == ifindex)
			return true;
	return false;
}

/**
 * kzt_sockets_bound() - are sockets bound to this very device
 * @node: node
 * @ifindex: device
 *
 * Context: RCU (BH).
 * Return: true if so.
 */
bool kzt_sockets_bound(const struct kzt_node *node, int ifindex)
{
	const struct kzt_sockets *socks =
		rcu_dereference_check(node->socks, rcu_read_lock_bh_held());

	return socks && binds_have(&socks->binds, ifindex);
}

/**
 * kzt_sockets_serve() - is there a socket for what comes by a device
 * @node: node
 * @dev: device
 *
 * An unbound socket hears nothing from within a VRF.
 *
 * Context: RCU.
 * Return: true if so, and while there are no sockets at all.
 */
bool kzt_sockets_serve(struct kzt_node *node, const struct net_device *dev)
{
	const struct kzt_sockets *socks = rcu_dereference(node->socks);
	int master = l3mdev_master_ifindex_rcu(dev);

	if (!socks)
		return true;
	if (!socks->binds.n)
		return !master;
	return binds_have(&socks->binds, dev->ifindex) ||
	       (master && binds_have(&socks->binds, master));
}

/**
 * kzt_sockets_have() - is a port one of ours
 * @node: node
 * @port: network order
 *
 * Return: true if so, and while there are no sockets at all.
 */
bool kzt_sockets_have(struct kzt_node *node, __be16 port)
{
	struct kzt_sockets *socks;
	bool have;
	unsigned int i;

	rcu_read_lock();
	socks = rcu_dereference(node->socks);
	have = !socks;
	for (i = 0; socks && i < socks->n && !have; i++)
		have = htons(socks->pair[i].port) == port;
	rcu_read_unlock();
	return have;
}
