// SPDX-License-Identifier: GPL-2.0
/* Sending datagrams along a path: routes, and handing them to IP. */
#include <linux/inetdevice.h>
#include <linux/skbuff.h>
#include <net/dst_cache.h>
#include <net/ip_fib.h>
#include <net/ipv6.h>
#include <net/ip_tunnels.h>
#include <net/l3mdev.h>
#include <net/route.h>
#include <net/udp_tunnel.h>
#include "local.h"
#include "node.h"
#include "send.h"
#include "socket.h"

/*
 * Does a route lead there by the device that is asked for?  The look-up of an
 * output route does not say: with a device and no route it takes the
 * destination to be on the link.
 */
static bool leaves_by4(struct net *net, const struct flowi4 *fl)
{
	struct flowi4 probe = *fl;
	struct fib_result res;

	return !fib_lookup(net, &probe, &res, 0) && res.type == RTN_UNICAST;
}

static struct rtable *route4(struct net *net, struct sock *sk,
			     struct flowi4 *fl, const struct kzt_endpoint *ep)
{
	fl->saddr = ep->local4.s_addr;
	if (fl->saddr && !__ip_dev_find(net, fl->saddr, false))
		fl->saddr = 0;	/* renumbered: let the route choose */
	fl->flowi4_oif = ep->ifindex;
	/* It may have come by a device that has no way back: asymmetric routing */
	if (!ep->ifindex || !leaves_by4(net, fl))
		fl->flowi4_oif = sk->sk_bound_dev_if;
	return ip_route_output_flow(net, fl, sk);
}

static int send4(struct kzt_node *node, struct sock *sk, struct sk_buff *skb,
		 const struct kzt_endpoint *ep, struct dst_cache *cache,
		 u8 tos, u8 ttl, bool whole)
{
	struct flowi4 fl = {
		.daddr = ep->remote.in.sin_addr.s_addr,
		.fl4_dport = ep->remote.in.sin_port,
		.fl4_sport = inet_sk(sk)->inet_sport,
		.flowi4_mark = READ_ONCE(node->fwmark),
		.flowi4_proto = IPPROTO_UDP,
	};
	struct rtable *rt = NULL;

	if (cache)
		rt = dst_cache_get_ip4(cache, &fl.saddr);
	if (!rt) {
		rt = route4(node->net, sk, &fl, ep);
		if (IS_ERR(rt))
			return PTR_ERR(rt);
		if (kzt_local_leads_home(node, rt->dst.dev)) {
			ip_rt_put(rt);
			return -ELOOP;
		}
		if (cache)
			dst_cache_set_ip4(cache, &rt->dst, fl.saddr);
	}
	skb->ignore_df = !whole;
	/* No UDP checksum, as the reference sends it: the MAC covers more */
	udp_tunnel_xmit_skb(rt, sk, skb, fl.saddr, fl.daddr, tos,
			    ttl ?: ip4_dst_hoplimit(&rt->dst),
			    whole ? htons(IP_DF) : 0,
			    fl.fl4_sport, fl.fl4_dport, false, true);
	return 0;
}

#if IS_ENABLED(CONFIG_IPV6)
/*
 * A look-up with a source address only prefers the device that is asked for, so
 * a second one insists on it; rules by source address have had their say.
 */
static struct dst_entry *route6_by(struct net *net, struct sock *sk,
				   struct flowi6 *fl, int oif)
{
	struct in6_addr saddr = fl->saddr;
	struct dst_entry *dst;

	fl->flowi6_oif = oif;
	dst = ipv6_stub->ipv6_dst_lookup_flow(net, sk, fl, NULL);
	if (IS_ERR(dst) || !oif || dst->dev->ifindex == oif ||
	    netif_index_is_l3_master(net, oif))
		return dst;
	dst_release(dst);
	fl->saddr = in6addr_any;
	fl->flowi6_oif = oif;
	dst = ipv6_stub->ipv6_dst_lookup_flow(net, sk, fl, NULL);
	fl->saddr = saddr;
	return dst;
}

static struct dst_entry *route6(struct net *net, struct sock *sk,
				struct flowi6 *fl,
				const struct kzt_endpoint *ep)
{
	int scope_id = ep->remote.in6.sin6_scope_id;
	struct dst_entry *dst;

	fl->saddr = ep->local6;
	if (!ipv6_addr_any(&fl->saddr) &&
	    !ipv6_chk_addr(net, &fl->saddr, NULL, 0))
		fl->saddr = in6addr_any;
	dst = route6_by(net, sk, fl, scope_id ?: ep->ifindex ?:
			sk->sk_bound_dev_if);
	if (!IS_ERR(dst) || !ep->ifindex)
		return dst;
	return route6_by(net, sk, fl, scope_id ?: sk->sk_bound_dev_if);
}

static int send6(struct kzt_node *node, struct sock *sk, struct sk_buff *skb,
		 const struct kzt_endpoint *ep, struct dst_cache *cache,
		 u8 tos, u8 ttl, bool whole)
{
	struct flowi6 fl = {
		.daddr = ep->remote.in6.sin6_addr,
		.fl6_dport = ep->remote.in6.sin6_port,
		.fl6_sport = inet_sk(sk)->inet_sport,
		.flowi6_mark = READ_ONCE(node->fwmark),
		.flowi6_proto = IPPROTO_UDP,
	};
	struct dst_entry *dst = NULL;

	if (cache)
		dst = dst_cache_get_ip6(cache, &fl.saddr);
	if (!dst) {
		dst = route6(node->net, sk, &fl, ep);
		if (IS_ERR(dst))
			return PTR_ERR(dst);
		if (kzt_local_leads_home(node, dst->dev)) {
			dst_release(dst);
			return -ELOOP;
		}
		if (cache)
			dst_cache_set_ip6(cache, dst, &fl.saddr);
	}
	skb->ignore_df = !whole;
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, &fl.saddr, &fl.daddr, tos,
			     ttl ?: ip6_dst_hoplimit(dst), 0,
			     fl.fl6_sport, fl.fl6_dport, false);
	return 0;
}
#else
static int send6(struct kzt_node *node, struct sock *sk, struct sk_buff *skb,
		 const struct kzt_endpoint *ep, struct dst_cache *cache,
		 u8 tos, u8 ttl, bool whole)
{
	return -EAFNOSUPPORT;
}
#endif

static bool reaches4(struct kzt_node *node, const struct kzt_endpoint *leg)
{
	struct net_device *dev = dev_get_by_index_rcu(node->net, leg->ifindex);
	struct flowi4 fl = {
		.saddr = leg->local4.s_addr,
		.daddr = leg->remote.in.sin_addr.s_addr,
		.fl4_dport = leg->remote.in.sin_port,
		.fl4_sport = leg->local_port,
		.flowi4_oif = leg->ifindex,
		.flowi4_mark = READ_ONCE(node->fwmark),
		.flowi4_proto = IPPROTO_UDP,
	};

	return dev && leaves_by4(node->net, &fl);
}

#if IS_ENABLED(CONFIG_IPV6)
static bool reaches6(struct kzt_node *node, struct sock *sk,
		     const struct kzt_endpoint *leg)
{
	struct flowi6 fl = {
		.saddr = leg->local6,
		.daddr = leg->remote.in6.sin6_addr,
		.fl6_dport = leg->remote.in6.sin6_port,
		.fl6_sport = leg->local_port,
		.flowi6_mark = READ_ONCE(node->fwmark),
		.flowi6_proto = IPPROTO_UDP,
	};
	struct dst_entry *dst;
	bool reaches;

	dst = route6_by(node->net, sk, &fl, leg->ifindex);
	if (IS_ERR(dst))
		return false;
	reaches = dst->dev->ifindex == leg->ifindex ||
		  l3mdev_master_ifindex_rcu(dst->dev) == leg->ifindex;
	dst_release(dst);
	return reaches;
}
#else
static bool reaches6(struct kzt_node *node, struct sock *sk,
		     const struct kzt_endpoint *leg)
{
	return false;
}
#endif

static enum kzt_drop socket_drop_reason(int err)
{
	switch (err) {
	case -ELOOP:
		return KZT_DROP_TX_LOOP;
	case -ENOMEM:
		return KZT_DROP_NOMEM;
	case -ENONET:
		return KZT_DROP_NO_KEYS;
	case -EPERM:
		return KZT_DROP_DENIED;
	default:
		return KZT_DROP_TX_ROUTE;
	}
}

/* Which socket of a port: that of the device, or of the VRF that it is in; n if none */
static unsigned int socket_by_dev(struct kzt_node *node,
				  const struct kzt_binds *binds, int ifindex)
{
	unsigned int i;
	int master;

	for (i = 0; i < binds->n; i++)
		if (binds->ifindex[i] == ifindex)
			return i;
	master = ifindex ? l3mdev_master_ifindex_by_index(node->net, ifindex) : 0;
	for (i = 0; i < binds->n; i++)
		if (binds->ifindex[i] == master)
			break;
	return i;
}

/* The first whose device leads there, for an endpoint that names none of them */
static unsigned int socket_by_route(struct kzt_node *node,
				    const struct kzt_binds *binds,
				    const struct kzt_socket_pair *pair,
				    const struct kzt_endpoint *ep)
{
	struct kzt_endpoint leg = *ep;
	unsigned int i;

	for (i = 0; i < binds->n; i++) {
		leg.ifindex = binds->ifindex[i];
		if (ep->remote.sa.sa_family == AF_INET ?
		    reaches4(node, &leg) :
		    pair->v6[i] && reaches6(node, pair->v6[i], &leg))
			return i;
	}
	return 0;
}

static unsigned int socket_index(struct kzt_node *node,
				 const struct kzt_sockets *socks,
				 const struct kzt_socket_pair *pair,
				 const struct kzt_endpoint *ep)
{
	int ifindex = ep->ifindex;
	unsigned int i;

	if (likely(socks->binds.n < 2))
		return 0;
	if (!ifindex && ep->remote.sa.sa_family == AF_INET6)
		ifindex = ep->remote.in6.sin6_scope_id;
	i = socket_by_dev(node, &socks->binds, ifindex);
	return i < socks->binds.n ? i :
	       socket_by_route(node, &socks->binds, pair, ep);
}

/* The socket whose port it is; the primary port's if that is not ours any more */
static struct sock *socket_of(struct kzt_node *node,
			      const struct kzt_endpoint *ep)
{
	struct kzt_sockets *socks = rcu_dereference_bh(node->socks);
	const struct kzt_socket_pair *pair;
	unsigned int i;

	if (unlikely(!socks))
		return NULL;
	pair = &socks->pair[0];
	if (socks->n > 1 && ep->local_port == htons(socks->pair[1].port))
		pair = &socks->pair[1];
	i = socket_index(node, socks, pair, ep);
	return ep->remote.sa.sa_family == AF_INET ? pair->v4[i] : pair->v6[i];
}

/**
 * kzt_socket_reaches() - does a route lead along a leg
 * @node: node
 * @leg: with all of its local side
 *
 * Context: RCU (BH).
 * Return: true if a datagram would leave by the leg's device.
 */
bool kzt_socket_reaches(struct kzt_node *node, const struct kzt_endpoint *leg)
{
	struct sock *sk = socket_of(node, leg);

	if (!sk)
		return false;
	if (leg->remote.sa.sa_family == AF_INET)
		return reaches4(node, leg);
	return reaches6(node, sk, leg);
}

static int socket_send(struct kzt_node *node, struct sk_buff *skb,
		       const struct kzt_endpoint *ep, struct dst_cache *cache,
		       u8 tos, u8 ttl, bool whole)
{
	bool v4 = ep->remote.sa.sa_family == AF_INET;
	struct sock *sk;
	int err;

	skb_mark_not_on_list(skb);
	skb->dev = NULL;	/* else IP counts it for that device */
	skb->mark = READ_ONCE(node->fwmark);
	skb->ip_summed = CHECKSUM_NONE;
	skb->encapsulation = 0;
	memset(skb->cb, 0, sizeof(skb->cb));	/* IP looks for its options there */

	rcu_read_lock_bh();
	sk = socket_of(node, ep);
	if (unlikely(!sk)) {
		err = -ENONET;
		goto err;
	}
	err = skb_cow_head(skb, KZT_SKB_HEADROOM);
	if (unlikely(err))
		goto err;
	skb_set_inner_network_header(skb, 0);
	err = v4 ? send4(node, sk, skb, ep, cache, tos, ttl, whole) :
		   send6(node, sk, skb, ep, cache, tos, ttl, whole);
	if (unlikely(err))
		goto err;
	kzt_mib_inc(node, TX_DATAGRAMS);
	rcu_read_unlock_bh();
	return 0;
err:
	rcu_read_unlock_bh();
	kzt_drop_skb(node, skb, socket_drop_reason(err));
	return err;
}

/**
 * kzt_socket_send() - send one datagram
 * @node: sender
 * @skb: data is the UDP payload; consumed
 * @ep: where to, and from where if it says so
 * @cache: route cache of the path, or NULL
 * @tos: DSCP and ECN of the outer header
 * @ttl: hop limit, 0 for the default
 *
 * Context: BH off or process.
 * Return: 0 once handed to IP, or a negative errno; the drop is counted.
 */
int kzt_socket_send(struct kzt_node *node, struct sk_buff *skb,
		    const struct kzt_endpoint *ep, struct dst_cache *cache,
		    u8 tos, u8 ttl)
{
	return socket_send(node, skb, ep, cache, tos, ttl, false);
}

/**
 * kzt_socket_send_whole() - send a datagram that nobody may fragment
 * @node: sender
 * @skb: data is the UDP payload; consumed
 * @ep: where to
 *
 * Return: as kzt_socket_send(); what is too big for the route is lost silently.
 */
int kzt_socket_send_whole(struct kzt_node *node, struct sk_buff *skb,
			  const struct kzt_endpoint *ep)
{
	return socket_send(node, skb, ep, NULL, 0, 0, true);
}

static unsigned int mtu4(struct kzt_node *node, struct sock *sk,
			 const struct kzt_endpoint *ep)
{
	struct flowi4 fl = {
		.daddr = ep->remote.in.sin_addr.s_addr,
		.fl4_dport = ep->remote.in.sin_port,
		.fl4_sport = inet_sk(sk)->inet_sport,
		.flowi4_mark = READ_ONCE(node->fwmark),
		.flowi4_proto = IPPROTO_UDP,
	};
	struct rtable *rt = route4(node->net, sk, &fl, ep);
	unsigned int mtu;

	if (IS_ERR(rt))
		return 0;
	mtu = dst_mtu(&rt->dst);
	ip_rt_put(rt);
	return mtu;
}

#if IS_ENABLED(CONFIG_IPV6)
static unsigned int mtu6(struct kzt_node *node, struct sock *sk,
			 const struct kzt_endpoint *ep)
{
	struct flowi6 fl = {
		.daddr = ep->remote.in6.sin6_addr,
		.fl6_dport = ep->remote.in6.sin6_port,
		.fl6_sport = inet_sk(sk)->inet_sport,
		.flowi6_mark = READ_ONCE(node->fwmark),
		.flowi6_proto = IPPROTO_UDP,
	};
	struct dst_entry *dst = route6(node->net, sk, &fl, ep);
	unsigned int mtu;

	if (IS_ERR(dst))
		return 0;
	mtu = dst_mtu(dst);
	dst_release(dst);
	return mtu;
}
#else
static unsigned int mtu6(struct kzt_node *node, struct sock *sk,
			 const struct kzt_endpoint *ep)
{
	return 0;
}
#endif

/**
 * kzt_socket_mtu() - the largest UDP payload that the route takes
 * @node: sender
 * @ep: where to, and by which leg
 *
 * Context: process or BH; takes RCU itself.
 * Return: bytes, 0 without a route.
 */
unsigned int kzt_socket_mtu(struct kzt_node *node, const struct kzt_endpoint *ep)
{
	bool v4 = ep->remote.sa.sa_family == AF_INET;
	unsigned int mtu = 0, head = sizeof(struct udphdr);
	struct sock *sk;

	head += v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	rcu_read_lock_bh();
	sk = socket_of(node, ep);
	if (sk)
		mtu = v4 ? mtu4(node, sk, ep) : mtu6(node, sk, ep);
	rcu_read_unlock_bh();
	return mtu > head ? mtu - head : 0;
}

/**
 * kzt_socket_send_buf() - send a copy of some bytes as one datagram
 * @node: sender
 * @buf: UDP payload
 * @len: its bytes
 * @ep: where to
 * @ttl: hop limit, 0 for the default
 *
 * Return: as kzt_socket_send().
 */
int kzt_socket_send_buf(struct kzt_node *node, const void *buf, size_t len,
			const struct kzt_endpoint *ep, u8 ttl)
{
	struct sk_buff *skb = alloc_skb(KZT_SKB_HEADROOM + len, GFP_ATOMIC);

	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, KZT_SKB_HEADROOM);
	skb_put_data(skb, buf, len);
	return kzt_socket_send(node, skb, ep, NULL, 0, ttl);
}

/**
 * kzt_endpoint_from_skb() - where a datagram came from and came to
 * @ep: filled
 * @skb: its network and transport headers are set
 *
 * Return: 0, or -EINVAL if it is no IP packet.
 */
int kzt_endpoint_from_skb(struct kzt_endpoint *ep, const struct sk_buff *skb)
{
	memset(ep, 0, sizeof(*ep));
	ep->ifindex = skb->skb_iif;
	ep->local_port = udp_hdr(skb)->dest;
	if (skb->protocol == htons(ETH_P_IP)) {
		ep->remote.in.sin_family = AF_INET;
		ep->remote.in.sin_port = udp_hdr(skb)->source;
		ep->remote.in.sin_addr.s_addr = ip_hdr(skb)->saddr;
		ep->local4.s_addr = ip_hdr(skb)->daddr;
		return 0;
	}
	if (IS_ENABLED(CONFIG_IPV6) && skb->protocol == htons(ETH_P_IPV6)) {
		ep->remote.in6.sin6_family = AF_INET6;
		ep->remote.in6.sin6_port = udp_hdr(skb)->source;
		ep->remote.in6.sin6_addr = ipv6_hdr(skb)->saddr;
		ep->remote.in6.sin6_scope_id =
			ipv6_iface_scope_id(&ipv6_hdr(skb)->saddr, skb->skb_iif);
		ep->local6 = ipv6_hdr(skb)->daddr;
		return 0;
	}
	return -EINVAL;
}
