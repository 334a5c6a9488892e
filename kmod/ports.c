// SPDX-License-Identifier: GPL-2.0
/* The UDP ports of a node: opening, replacing and closing its sockets. */
#include <linux/slab.h>
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
			 struct sock **sk)
{
	struct udp_port_cfg cfg = {
		.family = v6 ? AF_INET6 : AF_INET,
		.local_udp_port = htons(port),
		.bind_ifindex = node->bind_ifindex,
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
	socket_release(pair->v4);
	socket_release(pair->v6);
	memset(pair, 0, sizeof(*pair));
}

/* Both families on one port; 0 for any that is free */
static int pair_open(struct kzt_node *node, struct kzt_socket_pair *pair,
		     u16 port, struct netlink_ext_ack *extack)
{
	int err;

	err = socket_create(node, false, port, &pair->v4);
	if (err) {
		NL_SET_ERR_MSG(extack, "cannot bind the IPv4 UDP port: is another program using it?");
		return err;
	}
	pair->port = ntohs(inet_sk(pair->v4)->inet_sport);
	if (!IS_ENABLED(CONFIG_IPV6))
		return 0;
	err = socket_create(node, true, pair->port, &pair->v6);
	if (err && err != -EAFNOSUPPORT) {
		NL_SET_ERR_MSG(extack, "cannot bind the IPv6 UDP port: is another program using it?");
		pair_close(pair);
		return err;
	}
	return 0;
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
	unsigned int i;

	lockdep_assert_held(&node->config_lock);
	old = rcu_replace_pointer(node->socks, NULL,
				  lockdep_is_held(&node->config_lock));
	if (!old)
		return;
	synchronize_net();
	for (i = 0; i < old->n; i++)
		pair_close(&old->pair[i]);
	kfree(old);
	kzt_gone(SOCKETS);
}

/**
 * kzt_sockets_open_locked() - open the sockets, replacing those there are
 * @node: config_lock held; says the ports
 * @extack: says why it failed
 *
 * The old ones are closed first: they may hold the same ports.
 *
 * Implements: spec 3, 3.18.1.
 * Return: 0 or a negative errno; then the node has no sockets.
 */
int kzt_sockets_open_locked(struct kzt_node *node,
			    struct netlink_ext_ack *extack)
{
	u32 second = node->secondary_port;
	struct kzt_sockets *socks;
	int err;

	kzt_sockets_close_locked(node);
	socks = kzalloc(sizeof(*socks), GFP_KERNEL);
	if (!socks)
		return -ENOMEM;
	err = pair_open(node, &socks->pair[0], node->port, extack);
	if (err)
		goto err_free;
	socks->n = 1;
	if (second) {
		err = pair_open(node, &socks->pair[1],
				second == KZT_PORT_RANDOM ? 0 : second, extack);
		if (err)
			goto err_first;
		socks->n = 2;
	}
	rcu_assign_pointer(node->socks, socks);
	kzt_born(SOCKETS);
	return 0;

err_first:
	pair_close(&socks->pair[0]);
err_free:
	kfree(socks);
	return err;
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
