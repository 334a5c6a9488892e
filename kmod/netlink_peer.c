// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: peers and their paths. */
#include <linux/sort.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include <uapi/linux/kzt.h>
#include "keep.h"
#include "local.h"
#include "bond.h"
#include "measure.h"
#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "node.h"
#include "peer.h"
#include "send.h"
#include "socket.h"
#include "verb.h"

#define PPM	1000000

static int get_endpoints(struct genl_info *info, struct kzt_endpoint *hints,
			 unsigned int *n)
{
	const struct nlattr *attr;
	int rem, err;

	*n = 0;
	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem) {
		if (nla_type(attr) != KZT_A_PEER_ENDPOINT)
			continue;
		if (*n == KZT_HINTS_MAX) {
			GENL_SET_ERR_MSG(info, "too many endpoints");
			return -ENOSPC;
		}
		err = kzt_nl_get_endpoint(attr, &hints[(*n)++], info->extack);
		if (err)
			return err;
	}
	return 0;
}

static struct kzt_peer *peer_obtain(struct kzt_node *node, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	struct kzt_identity id;
	struct kzt_peer *peer;
	struct kzt_cur c;

	if (!attrs[KZT_A_PEER_IDENTITY]) {
		if (GENL_REQ_ATTR_CHECK(info, KZT_A_PEER_ADDRESS))
			return ERR_PTR(-EINVAL);
		peer = kzt_peer_get_by_address(node,
					       nla_get_u64(attrs[KZT_A_PEER_ADDRESS]));
		if (!peer)
			GENL_SET_ERR_MSG(info, "no such peer: give its identity");
		return peer ?: ERR_PTR(-ENOENT);
	}
	c = kzt_cur(nla_data(attrs[KZT_A_PEER_IDENTITY]), KZT_IDENTITY_LEN);
	if (kzt_identity_get(&c, &id) || c.bad) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[KZT_A_PEER_IDENTITY],
				    "identity is malformed");
		return ERR_PTR(-EINVAL);
	}
	peer = kzt_peer_get_by_address(node, id.address);
	if (!peer)
		return kzt_peer_create_locked(node, &id);
	if (kzt_identity_equal(&peer->identity, &id))
		return peer;
	kzt_peer_put(peer);
	return ERR_PTR(-EEXIST);
}

static int peer_refused(struct genl_info *info, int err)
{
	switch (err) {
	case -ENOENT:
		if (info->attrs[KZT_A_PEER_IDENTITY])
			GENL_SET_ERR_MSG(info, "the node has no identity yet");
		break;
	case -EADDRINUSE:
		GENL_SET_ERR_MSG(info, "that is this node's own address");
		break;
	case -EEXIST:
		GENL_SET_ERR_MSG(info, "another identity is known under this address");
		break;
	case -EKEYREJECTED:
		GENL_SET_ERR_MSG(info, "the public key is weak");
		break;
	case -ENOSPC:
		GENL_SET_ERR_MSG(info, "too many peers");
		break;
	case -EINVAL:
		if (info->attrs[KZT_A_PEER_IDENTITY])
			GENL_SET_ERR_MSG(info, "the address is reserved");
		break;
	}
	return err;
}

static int peer_set_deny(struct kzt_peer *peer, struct genl_info *info)
{
	struct kzt_deny *deny, *old;
	int err;

	err = kzt_nl_get_deny(info, KZT_A_PEER_DENY, &deny);
	if (err)
		return err;
	spin_lock_bh(&peer->lock);
	old = rcu_replace_pointer(peer->deny, deny,
				  lockdep_is_held(&peer->lock));
	spin_unlock_bh(&peer->lock);
	kfree_rcu(old, rcu);
	kzt_local_changed(peer->node);	/* looks at each path again */
	return 0;
}

static int peer_set_locked(struct kzt_node *node, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	struct kzt_endpoint *hints;
	struct kzt_peer *peer;
	unsigned int n;
	int err;

	hints = kcalloc(KZT_HINTS_MAX, sizeof(*hints), GFP_KERNEL);
	if (!hints)
		return -ENOMEM;
	err = get_endpoints(info, hints, &n);
	if (err)
		goto out;
	peer = peer_obtain(node, info);
	if (IS_ERR(peer)) {
		err = peer_refused(info, PTR_ERR(peer));
		goto out;
	}
	if (attrs[KZT_A_PEER_DENY] || attrs[KZT_A_PEER_DENY_CLEAR]) {
		err = peer_set_deny(peer, info);
		if (err)
			goto out_peer;
	}
	spin_lock_bh(&peer->lock);
	if (!attrs[KZT_A_PEER_REMEMBERED])
		peer->is_static = true;
	else if (!peer->is_static)
		peer->remembered = true;
	if (n && !(peer->n_hints && attrs[KZT_A_PEER_REMEMBERED])) {
		memcpy(peer->hints, hints, n * sizeof(*hints));
		peer->n_hints = n;
		peer->last_memorized = 0;
		peer->created = kzt_now_ms();
	}
	if (attrs[KZT_A_PEER_MARK])
		WRITE_ONCE(peer->mark, nla_get_u32(attrs[KZT_A_PEER_MARK]));
	spin_unlock_bh(&peer->lock);
	if (attrs[KZT_A_PEER_UPSTREAM]) {
		peer->static_upstream = nla_get_u8(attrs[KZT_A_PEER_UPSTREAM]);
		if (peer->static_upstream)
			kzt_upstream_mark(peer, true);
		kzt_upstreams_rebuild_locked(node);
	}
	kzt_keep_now(peer);
out_peer:
	kzt_peer_put(peer);
out:
	kfree(hints);
	return err;
}

int kzt_nl_peer_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	int err;

	mutex_lock(&node->config_lock);
	err = peer_set_locked(node, info);
	mutex_unlock(&node->config_lock);
	return err;
}

int kzt_nl_peer_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	struct kzt_peer *peer;
	int err = 0;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_PEER_ADDRESS))
		return -EINVAL;
	mutex_lock(&node->config_lock);
	peer = kzt_peer_get_by_address(node,
				       nla_get_u64(info->attrs[KZT_A_PEER_ADDRESS]));
	if (!peer) {
		GENL_SET_ERR_MSG(info, "no such peer");
		err = -ENOENT;
	} else if (peer->role != KZT_ROLE_LEAF) {
		GENL_SET_ERR_MSG(info, "the peer is a root of a world: remove that");
		err = -EBUSY;
	} else {
		kzt_peer_destroy_locked(peer);
		if (peer->static_upstream)
			kzt_upstreams_rebuild_locked(node);
	}
	mutex_unlock(&node->config_lock);
	if (peer)
		kzt_peer_put(peer);
	return err;
}

/* --- reading ------------------------------------------------------------------ */

static int put_local(struct sk_buff *skb, const struct kzt_endpoint *ep)
{
	struct kzt_endpoint local = { 0 };

	if (ep->remote.sa.sa_family == AF_INET) {
		local.remote.in.sin_family = AF_INET;
		local.remote.in.sin_addr = ep->local4;
	} else {
		local.remote.in6.sin6_family = AF_INET6;
		local.remote.in6.sin6_addr = ep->local6;
	}
	local.remote.in.sin_port = ep->local_port;
	return kzt_put_remote(skb, KZT_A_PATH_LOCAL, &local);
}

/* How a path is used: by the last plan of a bond, else by the set's one path */
struct path_use {
	u32 share_ppm;
	bool active;
	u8 state;
	const char *why;
};

/* Without a bond */
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

static u8 path_state(const struct kzt_path *p, u64 now)
{
	if (kzt_path_expired(p, now))
		return KZT_PATH_STATE_DOWN;
	return kzt_path_alive(p, now) ? KZT_PATH_STATE_UP : KZT_PATH_STATE_PROBING;
}

/* A leg that the policy holds for dead is not up, however lately it was heard */
static bool why_dead(u8 why)
{
	return why == KZT_WHY_SILENT || why == KZT_WHY_LAST;
}

static void use_by_plan(const struct kzt_pathset *set, const struct kzt_path *p,
			struct path_use *use)
{
	unsigned int i;

	use->why = "the policy takes no more paths";
	for (i = 0; i < set->n; i++) {
		if (set->path[i] != p)
			continue;
		use->share_ppm = set->share_ppm[i];
		use->active = (set->eligible | set->copies) & BIT(i);
		use->why = kzt_leg_why_text(set->why[i]);
		if (set->why[i] == KZT_WHY_DOWN)
			use->state = KZT_PATH_STATE_DOWN;
		else if (use->state == KZT_PATH_STATE_UP && why_dead(set->why[i]))
			use->state = KZT_PATH_STATE_PROBING;
	}
}

static struct path_use path_use(struct kzt_peer *peer, const struct kzt_path *p,
				u64 now)
{
	const struct kzt_pathset *set = rcu_dereference_bh(peer->set);
	struct path_use use = { .state = path_state(p, now) };

	if (set && set->bonded) {
		use_by_plan(set, p, &use);
		return use;
	}
	use.active = p == kzt_pathset_peek_rcu(peer, 0);
	use.share_ppm = use.active ? PPM : 0;
	use.why = path_why(p, use.active, now);
	return use;
}

static int put_leg(struct sk_buff *skb, const struct kzt_path *p)
{
	const struct kzt_leg *leg = rcu_dereference_bh(p->leg);

	if (!leg)
		return 0;
	if ((READ_ONCE(leg->outcomes) &&
	     nla_put_u32(skb, KZT_A_PATH_LOSS_PPM, READ_ONCE(leg->loss_ppm))) ||
	    nla_put_u32(skb, KZT_A_PATH_ERROR_PPM, READ_ONCE(leg->error_ppm)) ||
	    (leg->throughput_bps &&
	     nla_put_u64_64bit(skb, KZT_A_PATH_THROUGHPUT_BPS,
			       READ_ONCE(leg->throughput_bps), KZT_A_PATH_PAD)))
		return -EMSGSIZE;
	return 0;
}

static int put_path(struct sk_buff *skb, struct kzt_peer *peer,
		    const struct kzt_path *p, u64 now)
{
	struct nlattr *nest = nla_nest_start(skb, KZT_A_PEER_PATH);
	struct path_use use = path_use(peer, p, now);

	if (!nest || nla_put_u32(skb, KZT_A_PATH_ID, p->id) ||
	    nla_put_u32(skb, KZT_A_PATH_IFINDEX, p->ep.ifindex) ||
	    put_local(skb, &p->ep) ||
	    kzt_put_remote(skb, KZT_A_PATH_REMOTE, &p->ep) ||
	    nla_put_u32(skb, KZT_A_PATH_STATE, use.state) ||
	    (p->rtt_us &&
	     (nla_put_u32(skb, KZT_A_PATH_RTT_US, p->rtt_us) ||
	      nla_put_u32(skb, KZT_A_PATH_JITTER_US, p->jitter_us))) ||
	    nla_put_u32(skb, KZT_A_PATH_MTU, p->mtu) ||
	    nla_put_u32(skb, KZT_A_PATH_SHARE_PPM, use.share_ppm) ||
	    nla_put_u8(skb, KZT_A_PATH_ACTIVE, use.active) ||
	    nla_put_string(skb, KZT_A_PATH_WHY, use.why) ||
	    nla_put_u32(skb, KZT_A_PATH_SCOPE, p->scope) ||
	    nla_put_u64_64bit(skb, KZT_A_PATH_RX_BYTES, p->rx_bytes,
			      KZT_A_PATH_PAD) ||
	    nla_put_u64_64bit(skb, KZT_A_PATH_TX_BYTES, p->tx_bytes,
			      KZT_A_PATH_PAD) ||
	    kzt_put_age(skb, KZT_A_PATH_LAST_IN_MS, KZT_A_PATH_PAD, p->last_in, now) ||
	    kzt_put_age(skb, KZT_A_PATH_LAST_OUT_MS, KZT_A_PATH_PAD, p->last_out,
			now) ||
	    nla_put_u8(skb, KZT_A_PATH_TRUSTED, kzt_path_trusted(p, now)) ||
	    (kzt_path_is_pinned(peer, &p->ep) && nla_put_u8(skb, KZT_A_PATH_PINNED, 1)) ||
	    put_leg(skb, p))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* How packets leave, and why; RCU (BH) */
static int put_link(struct sk_buff *skb, struct kzt_peer *peer, u64 now)
{
	struct kzt_path *own = kzt_pathset_peek_rcu(peer, 0);
	struct kzt_path *path = kzt_send_peek_rcu(peer, 0, now);
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

/* @partial: as many as there is room for will do */
static int put_paths(struct sk_buff *skb, struct kzt_peer *peer, u64 now,
		     bool partial)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < READ_ONCE(peer->n_paths) && i < KZT_PATHS_MAX && !err; i++) {
		struct kzt_path *p = rcu_dereference_bh(peer->paths[i]);
		unsigned int before = skb->len;

		if (p)
			err = put_path(skb, peer, p, now);
		if (err && partial) {
			skb_trim(skb, before);
			return 0;
		}
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

/* The one that it is to have: whether it is in force, policy-get says */
static const char *peer_policy(const struct kzt_peer *peer)
{
	const struct kzt_bond_conf *conf;
	u8 mode = KZT_POLICY_NONE;

	rcu_read_lock();
	conf = kzt_bond_conf_rcu(peer);
	if (conf && !READ_ONCE(peer->is_upstream))
		mode = conf->policy.mode;
	rcu_read_unlock();
	return kzt_policy_name(mode);
}

/* Where the admin said that it may be */
static int put_hints(struct sk_buff *skb, struct kzt_peer *peer)
{
	unsigned int i;
	int err = 0;

	if (!peer->is_static)
		return 0;
	spin_lock_bh(&peer->lock);
	for (i = 0; i < peer->n_hints && !err; i++)
		err = kzt_put_remote(skb, KZT_A_PEER_ENDPOINT, &peer->hints[i]);
	spin_unlock_bh(&peer->lock);
	return err;
}

static int put_peer_attrs(struct sk_buff *skb, struct kzt_peer *peer,
			  bool partial)
{
	bool siv = kzt_peer_suite(peer) == KZT_SUITE_AES_GMAC_SIV;
	u64 now = kzt_now_ms();
	int err;

	if (nla_put_u64_64bit(skb, KZT_A_PEER_ADDRESS, peer->address,
			      KZT_A_PEER_PAD) ||
	    kzt_put_identity(skb, KZT_A_PEER_IDENTITY, &peer->identity) ||
	    nla_put_u32(skb, KZT_A_PEER_ROLE, peer->role) ||
	    nla_put_u8(skb, KZT_A_PEER_UPSTREAM, peer->is_upstream) ||
	    nla_put_u8(skb, KZT_A_PEER_STATIC, peer->is_static) ||
	    nla_put_u32(skb, KZT_A_PEER_MARK, peer->mark) ||
	    nla_put_string(skb, KZT_A_PEER_POLICY, peer_policy(peer)) ||
	    nla_put_u32(skb, KZT_A_PEER_SUITE, siv ? KZT_SUITE_MODE_SIV :
						     KZT_SUITE_MODE_SALSA) ||
	    kzt_put_age(skb, KZT_A_PEER_LAST_RECEIVE_MS, KZT_A_PEER_PAD,
			peer->last_receive, now) ||
	    put_version(skb, peer) || put_traffic(skb, peer) ||
	    put_hints(skb, peer))
		return -EMSGSIZE;
	rcu_read_lock_bh();
	err = put_link(skb, peer, now) ?:
	      kzt_put_deny(skb, KZT_A_PEER_DENY, rcu_dereference_bh(peer->deny)) ?:
	      put_paths(skb, peer, now, partial);
	rcu_read_unlock_bh();
	return err;
}

/**
 * kzt_put_peer_attrs() - the reply of peer-get
 * @skb: message of kzt_peer_msg_size()
 * @peer: peer; a reference is held, or RCU
 *
 * Return: 0 or -EMSGSIZE.
 */
int kzt_put_peer_attrs(struct sk_buff *skb, struct kzt_peer *peer)
{
	return put_peer_attrs(skb, peer, false);
}

/**
 * kzt_peer_msg_size() - room that the reply of peer-get takes at most
 * @peer: peer
 *
 * Return: bytes.
 */
size_t kzt_peer_msg_size(const struct kzt_peer *peer)
{
	return GENLMSG_DEFAULT_SIZE + KZT_DENY_MAX * 32 + KZT_HINTS_MAX * 32 +
	       (READ_ONCE(peer->n_paths) + 2) * 512;
}

static int put_peer(struct sk_buff *skb, void *obj)
{
	return kzt_put_peer_attrs(skb, obj);
}

static int put_peer_some(struct sk_buff *skb, void *obj)
{
	return put_peer_attrs(skb, obj, true);
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
	err = kzt_nl_reply(info, KZT_CMD_PEER_GET, kzt_peer_msg_size(peer),
			   put_peer, peer);
	kzt_peer_put(peer);
	return err;
}

/**
 * kzt_peer_addresses() - the keys of the table of peers
 * @node: node
 * @n: set to how many
 *
 * Return: the addresses, ascending, to be freed with kvfree(); NULL without
 * memory.
 */
u64 *kzt_peer_addresses(struct kzt_node *node, unsigned int *n)
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
	sort(list, *n, sizeof(u64), kzt_nl_cmp_u64, NULL);
	return list;
}

int kzt_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct kzt_node *node = kzt_node_of(sock_net(skb->sk));
	u64 *last = kzt_nl_dump_last(cb), *list;
	unsigned int i, n;
	int err = 0;

	list = kzt_peer_addresses(node, &n);
	if (!list)
		return -ENOMEM;
	cb->min_dump_alloc = SZ_32K;	/* of the next messages */
	for (i = 0; i < n && !err; i++) {
		struct kzt_peer *peer;

		if (list[i] <= *last)
			continue;
		peer = kzt_peer_get_by_address(node, list[i]);
		if (!peer)
			continue;
		err = kzt_nl_dump_one(skb, cb, KZT_CMD_PEER_GET, put_peer, peer);
		if (err && !skb->len)	/* it alone is more than fits */
			err = kzt_nl_dump_one(skb, cb, KZT_CMD_PEER_GET,
					      put_peer_some, peer);
		kzt_peer_put(peer);
		if (!err)
			*last = list[i];
	}
	kvfree(list);
	return skb->len;
}
