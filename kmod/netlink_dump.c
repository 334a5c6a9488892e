// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: reading. */
#include <linux/sort.h>
#include <net/genetlink.h>
#include <uapi/linux/kzt.h>
#include "group.h"
#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "network.h"
#include "node.h"
#include "peer.h"
#include "proto/netaddr.h"
#include "send.h"
#include "socket.h"

#define PPM	1000000

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

static int put_local(struct sk_buff *skb, const struct kzt_endpoint *ep, u16 port)
{
	struct kzt_endpoint local = { 0 };

	if (ep->remote.sa.sa_family == AF_INET) {
		local.remote.in.sin_family = AF_INET;
		local.remote.in.sin_addr = ep->local4;
	} else {
		local.remote.in6.sin6_family = AF_INET6;
		local.remote.in6.sin6_addr = ep->local6;
	}
	local.remote.in.sin_port = htons(port);
	return kzt_put_remote(skb, KZT_A_PATH_LOCAL, &local);
}

static int put_prefix(struct sk_buff *skb, int attr, const struct kzt_prefix *p)
{
	struct nlattr *nest = nla_nest_start(skb, attr);

	if (!nest ||
	    nla_put(skb, KZT_A_PREFIX_ADDR, p->family == 4 ? 4 : 16, p->ip) ||
	    nla_put_u8(skb, KZT_A_PREFIX_LEN, p->len))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_identity(struct sk_buff *skb, int attr,
			const struct kzt_identity *id)
{
	u8 blob[KZT_IDENTITY_LEN];
	struct kzt_wcur wc = kzt_wcur(blob, sizeof(blob));

	kzt_identity_put(&wc, id);
	return nla_put(skb, attr, sizeof(blob), blob);
}

static u16 node_port(struct kzt_node *node)
{
	struct kzt_sockets *socks;
	u16 port;

	rcu_read_lock();
	socks = rcu_dereference(node->socks);
	port = socks ? socks->port : node->port;
	rcu_read_unlock();
	return port;
}

static unsigned int node_paths(struct kzt_node *node)
{
	return kzt_mib_sum_event(node, KZT_MIB_PATHS_LEARNED) -
	       kzt_mib_sum_event(node, KZT_MIB_PATHS_LOST);
}

static int put_worlds(struct sk_buff *skb, struct kzt_node *node)
{
	struct kzt_worlds *worlds = rcu_dereference(node->worlds);
	unsigned int i;

	for (i = 0; worlds && i < worlds->n; i++)
		if (worlds->w[i]->type == KZT_WORLD_PLANET &&
		    (nla_put_u64_64bit(skb, KZT_A_NODE_PLANET_ID,
				       worlds->w[i]->id, KZT_A_NODE_PAD) ||
		     nla_put_u64_64bit(skb, KZT_A_NODE_PLANET_TIMESTAMP,
				       worlds->w[i]->ts, KZT_A_NODE_PAD)))
			return -EMSGSIZE;
	return 0;
}

static int put_self(struct sk_buff *skb, struct kzt_node *node)
{
	struct kzt_self *self = rcu_dereference(node->self);

	if (!self)
		return 0;
	if (nla_put_u64_64bit(skb, KZT_A_NODE_ADDRESS, self->identity.address,
			      KZT_A_NODE_PAD))
		return -EMSGSIZE;
	return put_identity(skb, KZT_A_NODE_IDENTITY, &self->identity);
}

static int put_deny(struct sk_buff *skb, struct kzt_node *node)
{
	struct kzt_deny *deny = rcu_dereference(node->deny);
	unsigned int i;
	int err = 0;

	for (i = 0; deny && i < deny->n && !err; i++)
		err = put_prefix(skb, KZT_A_NODE_DENY, &deny->p[i]);
	return err;
}

/**
 * kzt_put_node_attrs() - the reply of node-get
 * @skb: message
 * @node: node
 *
 * Return: 0 or -EMSGSIZE.
 */
int kzt_put_node_attrs(struct sk_buff *skb, struct kzt_node *node)
{
	int err;

	rcu_read_lock();
	err = put_self(skb, node) ?: put_worlds(skb, node) ?: put_deny(skb, node);
	rcu_read_unlock();
	if (err || nla_put_u16(skb, KZT_A_NODE_PORT, node_port(node)) ||
	    nla_put_u32(skb, KZT_A_NODE_FWMARK, node->fwmark) ||
	    nla_put_u32(skb, KZT_A_NODE_BIND_IFINDEX, node->bind_ifindex) ||
	    nla_put_u8(skb, KZT_A_NODE_ONLINE, node->online) ||
	    nla_put_u8(skb, KZT_A_NODE_UPSTREAM, node->am_upstream) ||
	    nla_put_u32(skb, KZT_A_NODE_PEERS, atomic_read(&node->n_peers)) ||
	    nla_put_u32(skb, KZT_A_NODE_PATHS, node_paths(node)) ||
	    nla_put_u8(skb, KZT_A_NODE_AGENT, !!node->agent_portid) ||
	    nla_put_u32(skb, KZT_A_NODE_SUITE, node->suite_mode) ||
	    nla_put_u8(skb, KZT_A_NODE_RELAY, node->relay) ||
	    nla_put_u64_64bit(skb, KZT_A_NODE_ID_COUNTER,
			      atomic64_read(&node->id_counter),
			      KZT_A_NODE_PAD) ||
	    nla_put_string(skb, KZT_A_NODE_VERSION, KZT_VERSION))
		return -EMSGSIZE;
	return 0;
}

/* --- peers ------------------------------------------------------------------- */

static int put_age(struct sk_buff *skb, int attr, int pad, u64 when, u64 now)
{
	return when ? nla_put_u64_64bit(skb, attr, now - when, pad) : 0;
}

static const char *path_why(const struct kzt_path *p, bool active, u64 now)
{
	if (active)
		return "best quality";
	if (kzt_path_expired(p, now))
		return "expired: no packet for 243 s";
	if (!kzt_path_alive(p, now))
		return "silent for 19 s";
	return "another path is better";
}

static int put_path(struct sk_buff *skb, const struct kzt_path *p, bool active,
		    u64 now)
{
	struct nlattr *nest = nla_nest_start(skb, KZT_A_PEER_PATH);
	u32 state = kzt_path_expired(p, now) ? KZT_PATH_STATE_DOWN :
		    kzt_path_alive(p, now) ? KZT_PATH_STATE_UP :
					     KZT_PATH_STATE_PROBING;

	if (!nest || nla_put_u32(skb, KZT_A_PATH_ID, p->id) ||
	    nla_put_u32(skb, KZT_A_PATH_IFINDEX, p->ep.ifindex) ||
	    put_local(skb, &p->ep, node_port(p->peer->node)) ||
	    kzt_put_remote(skb, KZT_A_PATH_REMOTE, &p->ep) ||
	    nla_put_u32(skb, KZT_A_PATH_STATE, state) ||
	    (p->rtt_us &&
	     (nla_put_u32(skb, KZT_A_PATH_RTT_US, p->rtt_us) ||
	      nla_put_u32(skb, KZT_A_PATH_JITTER_US, p->jitter_us))) ||
	    nla_put_u32(skb, KZT_A_PATH_MTU, p->mtu) ||
	    nla_put_u32(skb, KZT_A_PATH_SHARE_PPM, active ? PPM : 0) ||
	    nla_put_u8(skb, KZT_A_PATH_ACTIVE, active) ||
	    nla_put_string(skb, KZT_A_PATH_WHY, path_why(p, active, now)) ||
	    nla_put_u32(skb, KZT_A_PATH_SCOPE, p->scope) ||
	    nla_put_u64_64bit(skb, KZT_A_PATH_RX_BYTES, p->rx_bytes,
			      KZT_A_PATH_PAD) ||
	    nla_put_u64_64bit(skb, KZT_A_PATH_TX_BYTES, p->tx_bytes,
			      KZT_A_PATH_PAD) ||
	    put_age(skb, KZT_A_PATH_LAST_IN_MS, KZT_A_PATH_PAD, p->last_in, now) ||
	    put_age(skb, KZT_A_PATH_LAST_OUT_MS, KZT_A_PATH_PAD, p->last_out,
		    now) ||
	    nla_put_u8(skb, KZT_A_PATH_TRUSTED, kzt_path_trusted(p, now)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* How packets leave, and why; RCU (BH) */
static int put_link(struct sk_buff *skb, struct kzt_peer *peer, u64 now)
{
	struct kzt_path *own = kzt_pathset_choose_rcu(peer, 0);
	struct kzt_path *path = kzt_send_route_rcu(peer, 0, now);
	u32 link = KZT_LINK_NONE;
	char why[80];

	if (path && path->peer == peer) {
		link = KZT_LINK_DIRECT;
		snprintf(why, sizeof(why), "direct: %u path%s known",
			 peer->n_paths, peer->n_paths == 1 ? "" : "s");
	} else if (path) {
		link = KZT_LINK_RELAY;
		snprintf(why, sizeof(why), "relayed via %010llx: no direct path answered",
			 path->peer->address);
		if (nla_put_u64_64bit(skb, KZT_A_PEER_RELAY_VIA,
				      path->peer->address, KZT_A_PEER_PAD))
			return -EMSGSIZE;
	} else {
		snprintf(why, sizeof(why), "silent: no path, and no upstream that relays");
	}
	if (own && own->rtt_us &&
	    nla_put_u32(skb, KZT_A_PEER_RTT_US, own->rtt_us))
		return -EMSGSIZE;
	return nla_put_u32(skb, KZT_A_PEER_LINK, link) ?:
	       nla_put_string(skb, KZT_A_PEER_REASON, why);
}

static int put_paths(struct sk_buff *skb, struct kzt_peer *peer, u64 now)
{
	struct kzt_path *active = kzt_pathset_choose_rcu(peer, 0);
	unsigned int i;
	int err = 0;

	for (i = 0; i < READ_ONCE(peer->n_paths) && i < KZT_PATHS_MAX && !err; i++) {
		struct kzt_path *p = rcu_dereference_bh(peer->paths[i]);

		if (p)
			err = put_path(skb, p, p == active, now);
	}
	return err;
}

static int put_version(struct sk_buff *skb, const struct kzt_peer *peer)
{
	if (!peer->proto)
		return 0;
	if (nla_put_u32(skb, KZT_A_PEER_PROTO, peer->proto) ||
	    nla_put_u32(skb, KZT_A_PEER_MAJOR, peer->major) ||
	    nla_put_u32(skb, KZT_A_PEER_MINOR, peer->minor) ||
	    nla_put_u32(skb, KZT_A_PEER_REVISION, peer->revision))
		return -EMSGSIZE;
	return 0;
}

static int put_traffic(struct sk_buff *skb, struct kzt_peer *peer)
{
	u64 rb, rp, tb, tp;

	kzt_peer_stats_read(peer, &rb, &rp, &tb, &tp);
	if (nla_put_u64_64bit(skb, KZT_A_PEER_RX_BYTES, rb, KZT_A_PEER_PAD) ||
	    nla_put_u64_64bit(skb, KZT_A_PEER_RX_PACKETS, rp, KZT_A_PEER_PAD) ||
	    nla_put_u64_64bit(skb, KZT_A_PEER_TX_BYTES, tb, KZT_A_PEER_PAD) ||
	    nla_put_u64_64bit(skb, KZT_A_PEER_TX_PACKETS, tp, KZT_A_PEER_PAD) ||
	    nla_put_u64_64bit(skb, KZT_A_PEER_AUTH_FAILURES,
			      atomic64_read(&peer->auth_failures),
			      KZT_A_PEER_PAD) ||
	    nla_put_u64_64bit(skb, KZT_A_PEER_DUPLICATES,
			      atomic64_read(&peer->duplicates), KZT_A_PEER_PAD))
		return -EMSGSIZE;
	return 0;
}

/**
 * kzt_put_peer_attrs() - the reply of peer-get
 * @skb: message
 * @peer: peer; a reference is held, or RCU
 *
 * Return: 0 or -EMSGSIZE.
 */
int kzt_put_peer_attrs(struct sk_buff *skb, struct kzt_peer *peer)
{
	bool siv = kzt_peer_suite(peer) == KZT_SUITE_AES_GMAC_SIV;
	u64 now = kzt_now_ms();
	int err;

	if (nla_put_u64_64bit(skb, KZT_A_PEER_ADDRESS, peer->address,
			      KZT_A_PEER_PAD) ||
	    put_identity(skb, KZT_A_PEER_IDENTITY, &peer->identity) ||
	    nla_put_u32(skb, KZT_A_PEER_ROLE, peer->role) ||
	    nla_put_u8(skb, KZT_A_PEER_UPSTREAM, peer->is_upstream) ||
	    nla_put_u8(skb, KZT_A_PEER_STATIC, peer->is_static) ||
	    nla_put_u32(skb, KZT_A_PEER_MARK, peer->mark) ||
	    nla_put_string(skb, KZT_A_PEER_POLICY, "none") ||
	    nla_put_u32(skb, KZT_A_PEER_SUITE, siv ? KZT_SUITE_MODE_SIV :
						     KZT_SUITE_MODE_SALSA) ||
	    put_age(skb, KZT_A_PEER_LAST_RECEIVE_MS, KZT_A_PEER_PAD,
		    peer->last_receive, now) ||
	    put_version(skb, peer) || put_traffic(skb, peer))
		return -EMSGSIZE;
	rcu_read_lock_bh();
	err = put_link(skb, peer, now) ?: put_paths(skb, peer, now);
	rcu_read_unlock_bh();
	return err;
}

/* --- networks ------------------------------------------------------------------ */

static int put_hits(struct sk_buff *skb, const struct kzt_netconf *conf)
{
	struct nlattr *attr;
	unsigned int i;
	u64 hits;

	if (!conf->rules.n || !conf->hits)
		return 0;
	attr = nla_reserve(skb, KZT_A_NETWORK_RULE_HITS,
			   conf->rules.n * sizeof(u64));
	if (!attr)
		return -EMSGSIZE;
	for (i = 0; i < conf->rules.n; i++) {
		hits = kzt_netconf_hits(conf, i);
		memcpy(nla_data(attr) + i * sizeof(u64), &hits, sizeof(u64));
	}
	return 0;
}

static int put_conf(struct sk_buff *skb, const struct kzt_netconf *conf)
{
	unsigned int i;

	if (nla_put_u32(skb, KZT_A_NETWORK_MTU, conf->mtu) ||
	    nla_put_u32(skb, KZT_A_NETWORK_FLAGS, conf->flags) ||
	    nla_put_u32(skb, KZT_A_NETWORK_MULTICAST_LIMIT,
			conf->multicast_limit) ||
	    nla_put_string(skb, KZT_A_NETWORK_NAME, conf->name) ||
	    nla_put_u64_64bit(skb, KZT_A_NETWORK_REVISION, conf->revision,
			      KZT_A_NETWORK_PAD) ||
	    (conf->rules_blob_len &&
	     nla_put(skb, KZT_A_NETWORK_RULES, conf->rules_blob_len,
		     conf->rules_blob)))
		return -EMSGSIZE;
	for (i = 0; i < conf->n_addrs; i++)
		if (put_prefix(skb, KZT_A_NETWORK_ADDRESS, &conf->addr[i]))
			return -EMSGSIZE;
	for (i = 0; i < conf->n_bridges; i++)
		if (nla_put_u64_64bit(skb, KZT_A_NETWORK_BRIDGE,
				      conf->bridge[i], KZT_A_NETWORK_PAD))
			return -EMSGSIZE;
	return put_hits(skb, conf);
}

/**
 * kzt_put_network_attrs() - the reply of network-get
 * @skb: message
 * @nw: network, RCU
 *
 * Return: 0 or -EMSGSIZE.
 */
int kzt_put_network_attrs(struct sk_buff *skb, struct kzt_network *nw)
{
	struct net *node_net = nw->node->net, *dev_net_now = dev_net(nw->dev);
	struct kzt_netconf *conf;

	if (nla_put_u64_64bit(skb, KZT_A_NETWORK_ID, nw->id,
			      KZT_A_NETWORK_PAD) ||
	    nla_put_u32(skb, KZT_A_NETWORK_IFINDEX, nw->dev->ifindex) ||
	    nla_put_string(skb, KZT_A_NETWORK_IFNAME, nw->dev->name) ||
	    (!net_eq(node_net, dev_net_now) &&
	     nla_put_s32(skb, KZT_A_NETWORK_NETNSID,
			 peernet2id_alloc(node_net, dev_net_now, GFP_ATOMIC))) ||
	    nla_put_u32(skb, KZT_A_NETWORK_STATUS, READ_ONCE(nw->status)) ||
	    nla_put(skb, KZT_A_NETWORK_MAC, ETH_ALEN, nw->mac) ||
	    nla_put_u32(skb, KZT_A_NETWORK_MEMBERS,
			atomic_read(&nw->n_members)) ||
	    nla_put_u32(skb, KZT_A_NETWORK_GROUPS,
			kzt_multicast_count(nw->node, nw->id)))
		return -EMSGSIZE;
	conf = rcu_dereference(nw->conf);
	return conf ? put_conf(skb, conf) : 0;
}

/* --- doit ------------------------------------------------------------------------ */

static int reply(struct genl_info *info, u8 cmd, size_t size,
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

static int put_node(struct sk_buff *skb, void *obj)
{
	return kzt_put_node_attrs(skb, obj);
}

int kzt_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return reply(info, KZT_CMD_NODE_GET, GENLMSG_DEFAULT_SIZE, put_node,
		     kzt_node_of(genl_info_net(info)));
}

static int put_peer(struct sk_buff *skb, void *obj)
{
	return kzt_put_peer_attrs(skb, obj);
}

int kzt_nl_peer_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_peer *peer;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_PEER_ADDRESS))
		return -EINVAL;
	peer = kzt_peer_get_by_address(kzt_node_of(genl_info_net(info)),
				       nla_get_u64(info->attrs[KZT_A_PEER_ADDRESS]));
	if (!peer) {
		GENL_SET_ERR_MSG(info, "no such peer");
		return -ENOENT;
	}
	err = reply(info, KZT_CMD_PEER_GET, 2 * GENLMSG_DEFAULT_SIZE, put_peer,
		    peer);
	kzt_peer_put(peer);
	return err;
}

static int put_network(struct sk_buff *skb, void *obj)
{
	return kzt_put_network_attrs(skb, obj);
}

int kzt_nl_network_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_network *nw;
	struct sk_buff *msg;
	void *hdr;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_NETWORK_ID))
		return -EINVAL;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE + SZ_32K, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &kzt_genl_family, 0,
				KZT_CMD_NETWORK_GET);
	rcu_read_lock();
	nw = kzt_network_lookup_rcu(kzt_node_of(genl_info_net(info)),
				    nla_get_u64(info->attrs[KZT_A_NETWORK_ID]));
	if (!nw) {
		GENL_SET_ERR_MSG(info, "not on this network");
		err = -ENOENT;
	} else {
		err = hdr ? put_network(msg, nw) : -EMSGSIZE;
	}
	rcu_read_unlock();
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/* --- dumps --------------------------------------------------------------------------
 * By ascending key, and a call goes on behind the last key that went out: a
 * dump survives whatever is added or removed meanwhile, each object that stays
 * is seen once.
 */

static u64 *dump_last(struct netlink_callback *cb)
{
	return (u64 *)cb->ctx;
}

static int cmp_u64(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static u64 *peer_addresses(struct kzt_node *node, unsigned int *n)
{
	unsigned int max = atomic_read(&node->n_peers) + 64;
	u64 *list = kvmalloc_array(max, sizeof(u64), GFP_KERNEL);
	struct rhashtable_iter iter;
	struct kzt_peer *peer;

	*n = 0;
	if (!list)
		return NULL;
	rhashtable_walk_enter(&node->peers, &iter);
	rhashtable_walk_start(&iter);
	while ((peer = rhashtable_walk_next(&iter)) && *n < max)
		if (!IS_ERR(peer))
			list[(*n)++] = peer->address;
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	sort(list, *n, sizeof(u64), cmp_u64, NULL);
	return list;
}

static int dump_one(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
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

int kzt_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct kzt_node *node = kzt_node_of(sock_net(skb->sk));
	u64 *last = dump_last(cb), *list;
	unsigned int i, n;
	int err = 0;

	list = peer_addresses(node, &n);
	if (!list)
		return -ENOMEM;
	for (i = 0; i < n && !err; i++) {
		struct kzt_peer *peer;

		if (list[i] <= *last)
			continue;
		peer = kzt_peer_get_by_address(node, list[i]);
		if (!peer)
			continue;
		err = dump_one(skb, cb, KZT_CMD_PEER_GET, put_peer, peer);
		kzt_peer_put(peer);
		if (!err)
			*last = list[i];
	}
	kvfree(list);
	return skb->len;
}

int kzt_nl_network_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct kzt_node *node = kzt_node_of(sock_net(skb->sk));
	u64 *last = dump_last(cb), *list;
	unsigned int i, n;
	int err = 0;

	list = kzt_network_ids(node, &n);
	if (!list)
		return n ? -ENOMEM : skb->len;
	sort(list, n, sizeof(u64), cmp_u64, NULL);
	for (i = 0; i < n && !err; i++) {
		struct kzt_network *nw;

		if (list[i] <= *last)
			continue;
		rcu_read_lock();
		nw = kzt_network_lookup_rcu(node, list[i]);
		if (nw)
			err = dump_one(skb, cb, KZT_CMD_NETWORK_GET,
				       put_network, nw);
		rcu_read_unlock();
		if (!err)
			*last = list[i];
	}
	kfree(list);
	return skb->len;
}

struct member_arg {
	u64 nwid;
	u64 address;
	u64 last_frame;
	u8 mac[ETH_ALEN];
};

static int put_member(struct sk_buff *skb, void *obj)
{
	const struct member_arg *m = obj;

	if (nla_put_u64_64bit(skb, KZT_A_MEMBER_NETWORK, m->nwid,
			      KZT_A_MEMBER_PAD) ||
	    nla_put_u64_64bit(skb, KZT_A_MEMBER_ADDRESS, m->address,
			      KZT_A_MEMBER_PAD) ||
	    put_age(skb, KZT_A_MEMBER_LAST_FRAME_MS, KZT_A_MEMBER_PAD,
		    m->last_frame, kzt_now_ms()))
		return -EMSGSIZE;
	return nla_put(skb, KZT_A_MEMBER_MAC, ETH_ALEN, m->mac);
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
	return reply(info, KZT_CMD_MEMBER_GET, GENLMSG_DEFAULT_SIZE, put_member,
		     &m);
}

static int members_dump(struct sk_buff *skb, struct netlink_callback *cb,
			struct kzt_node *node, u64 nwid, u64 behind)
{
	u64 *last = dump_last(cb), *list;
	struct member_arg m;
	unsigned int i, n;
	int err = 0;

	list = kzt_member_addresses(node, nwid, U64_MAX, &n);
	if (!list)
		return 0;
	sort(list, n, sizeof(u64), cmp_u64, NULL);
	for (i = 0; i < n && !err; i++) {
		if (list[i] <= behind || !member_find(node, nwid, list[i], &m))
			continue;
		err = dump_one(skb, cb, KZT_CMD_MEMBER_GET, put_member, &m);
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
	struct kzt_node *node = kzt_node_of(sock_net(skb->sk));
	struct nlattr **attrs = kzt_dump_attrs(cb);
	u64 only = attrs && attrs[KZT_A_MEMBER_NETWORK] ?
		   nla_get_u64(attrs[KZT_A_MEMBER_NETWORK]) : 0;
	u64 *last = dump_last(cb), *list;
	unsigned int i, n;
	int err = 0;

	list = kzt_network_ids(node, &n);
	if (!list)
		return skb->len;
	sort(list, n, sizeof(u64), cmp_u64, NULL);
	for (i = 0; i < n && !err; i++)
		if (list[i] >= last[0] && (!only || only == list[i]))
			err = members_dump(skb, cb, node, list[i],
					   list[i] == last[0] ? last[1] : 0);
	kfree(list);
	return skb->len;
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
		err = reply(info, KZT_CMD_GROUP_GET, 2 * GENLMSG_DEFAULT_SIZE,
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

	return dump_one(d->skb, d->cb, KZT_CMD_GROUP_GET, put_group, (void *)g);
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
	kzt_multicast_walk(node, only, dump_last(cb), g, group_dump_one, &d);
	kfree(g);
	return skb->len;
}

struct world_arg {
	const struct kzt_worlds *worlds;
	unsigned int i;
};

static int put_world(struct sk_buff *skb, void *obj)
{
	const struct world_arg *a = obj;
	const struct kzt_world *w = a->worlds->w[a->i];

	if (nla_put_u64_64bit(skb, KZT_A_WORLD_ID, w->id, KZT_A_WORLD_PAD) ||
	    nla_put_u8(skb, KZT_A_WORLD_TYPE, w->type) ||
	    nla_put_u64_64bit(skb, KZT_A_WORLD_TIMESTAMP, w->ts,
			      KZT_A_WORLD_PAD))
		return -EMSGSIZE;
	return nla_put(skb, KZT_A_WORLD_BLOB, a->worlds->blob_len[a->i],
		       a->worlds->blob[a->i]);
}

int kzt_nl_world_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	struct world_arg a = { NULL, 0 };
	int err = -ENOENT;
	u64 id;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_WORLD_ID))
		return -EINVAL;
	id = nla_get_u64(info->attrs[KZT_A_WORLD_ID]);
	mutex_lock(&node->config_lock);
	a.worlds = rcu_dereference_protected(node->worlds, 1);
	for (; a.worlds && a.i < a.worlds->n; a.i++)
		if (a.worlds->w[a.i]->id == id)
			break;
	if (a.worlds && a.i < a.worlds->n)
		err = reply(info, KZT_CMD_WORLD_GET, GENLMSG_DEFAULT_SIZE,
			    put_world, &a);
	else
		GENL_SET_ERR_MSG(info, "no such world");
	mutex_unlock(&node->config_lock);
	return err;
}

int kzt_nl_world_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct kzt_node *node = kzt_node_of(sock_net(skb->sk));
	struct world_arg a = { NULL, 0 };
	u64 *last = dump_last(cb);

	mutex_lock(&node->config_lock);
	a.worlds = rcu_dereference_protected(node->worlds, 1);
	for (a.i = *last; a.worlds && a.i < a.worlds->n; a.i++)
		if (dump_one(skb, cb, KZT_CMD_WORLD_GET, put_world, &a))
			break;
	*last = a.i;
	mutex_unlock(&node->config_lock);
	return skb->len;
}

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
	return reply(info, KZT_CMD_STATS_GET, SZ_8K, put_stats,
		     kzt_node_of(genl_info_net(info)));
}
