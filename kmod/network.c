// SPDX-License-Identifier: GPL-2.0
/* A network: its id, its configuration, and what follows from them. */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include "endpoint.h"
#include "group.h"
#include "keep.h"
#include "netlink.h"
#include "network.h"
#include "object.h"
#include "peer.h"
#include "proto/address.h"
#include "proto/netaddr.h"
#include "proto/rules.h"
#include "revoked.h"
#include "rht.h"
#include "verb.h"

#define CONTACTS_ASKED	16	/* at once, of those that a network names */

static const struct rhashtable_params network_params = {
	.key_len = sizeof(u64),
	.key_offset = offsetof(struct kzt_network, id),
	.head_offset = offsetof(struct kzt_network, hash_node),
	.automatic_shrinking = true,
};

/**
 * kzt_networks_init() - make a node's table of networks
 * @node: owner
 *
 * Return: 0 or a negative errno.
 */
int kzt_networks_init(struct kzt_node *node)
{
	return rhashtable_init(&node->networks, &network_params);
}

/**
 * kzt_network_lookup_rcu() - find a network
 * @node: node
 * @id: of the network
 *
 * Context: RCU.
 * Return: the network or NULL.
 */
struct kzt_network *kzt_network_lookup_rcu(struct kzt_node *node, u64 id)
{
	return kzt_rht_lookup(&node->networks, &id, network_params);
}

/*
 * fn for each network of a node.  The list is one of all nodes: walking a
 * rhashtable takes a lock that softirqs must not take.
 */
static void networks_walk(struct kzt_node *node,
			  bool (*fn)(struct kzt_network *nw, void *arg),
			  void *arg)
{
	struct kzt_network *nw;

	rcu_read_lock();
	list_for_each_entry_rcu(nw, &kzt_devices, list)
		if (nw->node == node && nw->id && !fn(nw, arg))
			break;
	rcu_read_unlock();
}

struct id_list {
	u64 *id;
	unsigned int n, room;
};

static bool id_list_add(struct kzt_network *nw, void *arg)
{
	struct id_list *l = arg;

	if (l->n == l->room)
		return false;
	l->id[l->n++] = nw->id;
	return true;
}

/**
 * kzt_network_ids() - a snapshot of the ids of a node's networks
 * @node: node
 * @n: set to their number
 *
 * Context: process.
 * Return: what kvfree() frees, or NULL if there is none.
 */
u64 *kzt_network_ids(struct kzt_node *node, unsigned int *n)
{
	struct id_list list = { .room = atomic_read(&node->n_networks) };

	*n = 0;
	if (!list.room)
		return NULL;
	list.id = kvmalloc_array(list.room, sizeof(u64), GFP_KERNEL);
	if (!list.id)
		return NULL;
	networks_walk(node, id_list_add, &list);
	*n = list.n;
	return list.id;
}

/* --- configuration ----------------------------------------------------------------- */

/**
 * kzt_netconf_alloc() - begin a configuration with its rules
 * @rules: binary form (spec 4.10.2)
 * @rules_len: its bytes
 * @extack: says what is wrong with them
 *
 * Return: a configuration without anything else, or an error pointer.
 */
struct kzt_netconf *kzt_netconf_alloc(const u8 *rules, size_t rules_len,
				      struct netlink_ext_ack *extack)
{
	/* An entry has two bytes at least */
	unsigned int max = min_t(size_t, rules_len / 2, KZT_RULES_MAX), n;
	struct kzt_netconf *conf;
	int err = -EINVAL;

	if (rules_len > U16_MAX) {
		NL_SET_ERR_MSG(extack, "more than 65535 bytes of rules");
		return ERR_PTR(-E2BIG);
	}
	conf = kvzalloc(struct_size(conf, parsed, max) + rules_len, GFP_KERNEL);
	if (!conf)
		return ERR_PTR(-ENOMEM);
	if (kzt_rules_parse(rules, rules_len, conf->parsed, max, &n)) {
		NL_SET_ERR_MSG(extack, "the rules end within an entry");
		goto err_conf;
	}
	kzt_ruleset_init(&conf->rules, conf->parsed, n);
	conf->rules_blob = (u8 *)(conf->parsed + max);
	conf->rules_blob_len = rules_len;
	memcpy(conf->rules_blob, rules, rules_len);
	conf->status = KZT_NETWORK_STATUS_OK;
	conf->mtu = KZT_NET_MTU_DEFAULT;
	if (n) {
		err = -ENOMEM;
		conf->hits = __alloc_percpu(n * sizeof(u64), sizeof(u64));
		if (!conf->hits)
			goto err_conf;
	}
	kzt_born(NETCONF);
	return conf;

err_conf:
	kvfree(conf);
	return ERR_PTR(err);
}

/**
 * kzt_netconf_free() - free a configuration that nobody looks at
 * @conf: configuration or NULL
 */
void kzt_netconf_free(struct kzt_netconf *conf)
{
	if (!conf)
		return;
	free_percpu(conf->hits);
	kzt_credset_put(conf->own);
	kfree(conf->bridge);
	kfree(conf->replicator);
	kfree(conf->anchor);
	kvfree(conf);
	kzt_gone(NETCONF);
}

static void netconf_free_rcu(struct rcu_head *rcu)
{
	kzt_netconf_free(container_of(rcu, struct kzt_netconf, rcu));
}

/**
 * kzt_netconf_hits() - how often a rule decided
 * @conf: configuration
 * @rule: index
 */
u64 kzt_netconf_hits(const struct kzt_netconf *conf, unsigned int rule)
{
	u64 sum = 0;
	int cpu;

	if (conf->hits && rule < conf->rules.n)
		for_each_possible_cpu(cpu)
			sum += READ_ONCE(per_cpu_ptr(conf->hits, cpu)[rule]);
	return sum;
}

/* The MTU follows the configuration; one set by hand stays below it */
static int network_set_mtu(struct kzt_network *nw, unsigned int mtu)
{
	struct net_device *dev = nw->dev;
	unsigned int want;
	int err = 0;

	nw->ceiling = clamp_t(unsigned int, mtu, ETH_MIN_MTU, KZT_NET_MTU_MAX);
	dev->max_mtu = nw->ceiling;
	want = nw->ceiling;
	if (nw->admin_mtu && nw->admin_mtu < want)
		want = nw->admin_mtu;
	if (dev->mtu != want) {
		nw->mtu_follows = true;
		err = dev_set_mtu(dev, want);
		nw->mtu_follows = false;
	}
	return err;
}

/* Without a node or a configuration nothing can be sent: no carrier */
static void network_set_carrier(struct kzt_network *nw)
{
	if (rcu_access_pointer(nw->conf) && nw->node->self_address)
		netif_carrier_on(nw->dev);
	else
		netif_carrier_off(nw->dev);
}

/* What depends on who this node is */
static void netconf_set_self(struct kzt_netconf *conf, u64 nwid, u64 self)
{
	u8 plane[16], rfc4193[16];
	unsigned int i;

	conf->self = self;
	conf->am_bridge = kzt_netconf_is_bridge(conf, self);
	conf->am_replicator = kzt_netconf_lists(conf->replicator,
						conf->n_replicators, self);
	if (!(conf->flags & KZT_NETWORK_FLAG_NDP_EMULATION))
		return;
	kzt_ip6_6plane(nwid, self, plane);
	kzt_ip6_rfc4193(nwid, self, rfc4193);
	for (i = 0; i < conf->n_addrs; i++) {
		if (conf->addr[i].family != KZT_AF_INET6)
			continue;
		if (!memcmp(conf->addr[i].ip, plane, sizeof(plane)))
			conf->ndp_6plane = conf->addr[i].ip;
		if (!memcmp(conf->addr[i].ip, rfc4193, sizeof(rfc4193)))
			conf->ndp_rfc4193 = conf->addr[i].ip;
	}
}

/**
 * kzt_network_configure() - put a configuration in force
 * @nw: network; RTNL and the node's config_lock held
 * @conf: configuration; owned by the network from now on.  NULL: none
 *
 * Return: 0, or why the MTU could not be set; the rest is in force anyway.
 */
int kzt_network_configure(struct kzt_network *nw, struct kzt_netconf *conf)
{
	struct kzt_netconf *old;
	int err = 0;

	ASSERT_RTNL();
	lockdep_assert_held(&nw->node->config_lock);
	if (conf) {
		conf->serial = ++nw->serial;
		netconf_set_self(conf, nw->id, nw->node->self_address);
	}
	old = rcu_replace_pointer(nw->conf, conf, lockdep_rtnl_is_held());
	WRITE_ONCE(nw->status, conf ? conf->status :
		   KZT_NETWORK_STATUS_REQUESTING_CONFIGURATION);
	if (conf)
		err = network_set_mtu(nw, conf->mtu);
	network_set_carrier(nw);
	kzt_multicast_kick(nw, KZT_NW_REFRESH);
	kzt_fdb_prune(nw, conf);
	if (old)
		call_rcu(&old->rcu, netconf_free_rcu);
	kzt_notify_network(nw, false);
	return err;
}

/**
 * kzt_network_set_status() - the controller refused; traffic goes on
 * @nw: network; RTNL held
 * @status: enum kzt_network_status
 *
 * Implements: spec 4.4.3.
 */
void kzt_network_set_status(struct kzt_network *nw, u32 status)
{
	ASSERT_RTNL();
	if (nw->status == status)
		return;
	WRITE_ONCE(nw->status, status);
	kzt_notify_network(nw, false);
}

/* --- ad-hoc networks ------------------------------------------------------------------ */

struct adhoc_rules {
	struct kzt_adhoc adhoc;
	u8 binary[KZT_ADHOC_RULES * 32];
};

static struct kzt_netconf *adhoc_netconf(struct adhoc_rules *r,
					 struct netlink_ext_ack *extack)
{
	const struct kzt_adhoc *adhoc = &r->adhoc;
	struct kzt_netconf *conf;
	int len;

	len = kzt_rules_build(r->binary, sizeof(r->binary), adhoc->rules,
			      adhoc->n_rules);
	if (len < 0)
		return ERR_PTR(len);
	conf = kzt_netconf_alloc(r->binary, len, extack);
	if (IS_ERR(conf))
		return conf;
	conf->flags = KZT_NETWORK_FLAG_NDP_EMULATION;
	conf->mtu = KZT_ADHOC_MTU;
	conf->multicast_limit = adhoc->multicast_limit;
	conf->revision = 1;
	strscpy(conf->name, adhoc->name, sizeof(conf->name));
	conf->addr[0].family = KZT_AF_INET6;
	conf->addr[0].len = 40;
	memcpy(conf->addr[0].ip, adhoc->v6, sizeof(adhoc->v6));
	conf->n_addrs = 1;
	if (adhoc->has_v4) {
		conf->addr[1].family = KZT_AF_INET;
		conf->addr[1].len = 8;
		memcpy(conf->addr[1].ip, adhoc->v4, sizeof(adhoc->v4));
		conf->n_addrs = 2;
	}
	return conf;
}

/*
 * Spec 4.4.6: the configuration follows from the id and the node's address, and
 * is made here, with no agent and no packet.
 */
static int network_adhoc(struct kzt_network *nw, struct netlink_ext_ack *extack)
{
	u64 self = nw->node->self_address;
	struct kzt_netconf *conf;
	struct adhoc_rules *r;
	int err = 0;

	if (!self)
		return 0;	/* again when the node has an identity */
	r = kmalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	if (kzt_adhoc_decode(nw->id, self, &r->adhoc))
		goto out;	/* form C: it never gets one */
	if (!r->adhoc.found) {
		kzt_network_set_status(nw, KZT_NETWORK_STATUS_NOT_FOUND);
		goto out;
	}
	conf = adhoc_netconf(r, extack);
	err = PTR_ERR_OR_ZERO(conf);
	if (!err)
		err = kzt_network_configure(nw, conf);
out:
	kfree(r);
	return err;
}

/* --- identity --------------------------------------------------------------------------- */

/* The MAC address follows from the node's and the network's (spec 4.1.2) */
static void network_set_mac(struct kzt_network *nw)
{
	u64 self = nw->node->self_address;
	u8 mac[ETH_ALEN];

	if (!self || !nw->id)
		return;
	kzt_mac_of(nw->id, self, mac);
	if (ether_addr_equal(nw->dev->dev_addr, mac))
		goto out;
	eth_hw_addr_set(nw->dev, mac);
	nw->dev->addr_assign_type = NET_ADDR_PERM;
	call_netdevice_notifiers(NETDEV_CHANGEADDR, nw->dev);
out:
	ether_addr_copy(nw->mac, mac);
}

/**
 * kzt_network_identity() - the node has got, changed or lost its keys
 * @nw: network; RTNL and the node's config_lock held
 *
 * A configuration was made for one identity and is of no use to another.
 */
void kzt_network_identity(struct kzt_network *nw)
{
	const struct kzt_netconf *conf = rtnl_dereference(nw->conf);
	u64 self = nw->node->self_address;

	if (!nw->id)
		return;
	network_set_mac(nw);
	if (self && (!conf || conf->self != self)) {
		if (kzt_network_id_adhoc(nw->id))
			network_adhoc(nw, NULL);
		else if (conf)
			kzt_network_configure(nw, NULL);
	}
	network_set_carrier(nw);
	kzt_multicast_kick(nw, KZT_NW_REFRESH);
	kzt_notify_network(nw, false);
}

/**
 * kzt_network_assign() - say which network a device is of
 * @nw: registered device's; RTNL and the node's config_lock held
 * @id: of the network
 * @extack: says why it was refused
 *
 * Return: 0 or a negative errno.
 */
int kzt_network_assign(struct kzt_network *nw, u64 id,
		       struct netlink_ext_ack *extack)
{
	struct kzt_node *node = nw->node;
	int err;

	ASSERT_RTNL();
	lockdep_assert_held(&node->config_lock);
	if (nw->id == id)
		return 0;
	if (nw->id) {
		NL_SET_ERR_MSG(extack, "the device serves another network");
		return -EBUSY;
	}
	if (!kzt_network_id_adhoc(id) && !kzt_addr_valid(id >> 24)) {
		NL_SET_ERR_MSG(extack, "no node can have the address in the network id");
		return -EINVAL;
	}
	nw->id = id;
	err = rhashtable_lookup_insert_fast(&node->networks, &nw->hash_node,
					    network_params);
	if (err) {
		nw->id = 0;
		if (err == -EEXIST)
			NL_SET_ERR_MSG(extack, "another device serves this network");
		return err;
	}
	atomic_inc(&node->n_networks);
	network_set_mac(nw);
	if (kzt_network_id_adhoc(id)) {
		err = network_adhoc(nw, extack);
		if (err)
			goto err_hash;
	}
	kzt_notify_network(nw, false);
	return 0;

err_hash:
	kzt_network_unassign(nw);
	synchronize_net();	/* the id is a key until then */
	nw->id = 0;
	return err;
}

/**
 * kzt_network_unassign() - the device goes: no packet finds it any more
 * @nw: network; RTNL held
 */
void kzt_network_unassign(struct kzt_network *nw)
{
	struct kzt_node *node = nw->node;

	ASSERT_RTNL();
	if (!nw->id || rhashtable_remove_fast(&node->networks, &nw->hash_node,
					      network_params))
		return;
	atomic_dec(&node->n_networks);
	kzt_announce_forget(node, nw->id);
	kzt_revoked_forget(node, nw->id);
	kzt_notify_network(nw, true);
}

/* --- for others -------------------------------------------------------------------------- */

struct prefix_search {
	struct kzt_inetaddr addr;
	bool found;
};

static bool network_has_prefix(struct kzt_network *nw, void *arg)
{
	const struct kzt_netconf *conf = rcu_dereference(nw->conf);
	struct kzt_inetaddr prefix = { 0 };
	struct prefix_search *s = arg;
	unsigned int i;

	for (i = 0; conf && i < conf->n_addrs; i++) {
		prefix.family = conf->addr[i].family;
		memcpy(prefix.ip, conf->addr[i].ip, sizeof(prefix.ip));
		if (kzt_inetaddr_in_prefix(&s->addr, &prefix,
					   conf->addr[i].len)) {
			s->found = true;
			return false;
		}
	}
	return true;
}

/**
 * kzt_network_has_prefix() - is an endpoint inside one of the own networks
 * @node: node
 * @ep: its remote side counts
 *
 * Implements: spec 3.2.4 rule 3.
 * Context: any; takes RCU itself.
 */
bool kzt_network_has_prefix(struct kzt_node *node,
			    const struct kzt_endpoint *ep)
{
	struct prefix_search s = { .found = false };

	if (!atomic_read(&node->n_networks))
		return false;
	kzt_endpoint_to_inetaddr(ep, &s.addr);
	networks_walk(node, network_has_prefix, &s);
	return s.found;
}

/*
 * Spec 3, 3.8.3: who is named by a network to be kept in contact with.  Of those
 * that are not known a few are asked for at once, beginning anywhere: a controller
 * may name hundreds that do not exist.
 */
static void contacts_keep_rcu(struct kzt_network *nw, u64 now)
{
	const struct kzt_netconf *conf = rcu_dereference(nw->conf);
	unsigned int i, n, all, asked = 0;
	struct kzt_peer *peer;
	u64 address;

	all = conf ? kzt_netconf_n_contacts(conf) : 0;
	i = all ? get_random_u32() % all : 0;
	for (n = 0; n < all; n++, i = (i + 1) % all) {
		address = kzt_netconf_contact(conf, i);
		if (address == conf->self)
			continue;
		peer = kzt_peer_lookup_rcu(nw->node, address);
		if (peer)
			kzt_keep_contact(peer, now);
		else if (asked++ < CONTACTS_ASKED)
			kzt_whois_ask(nw->node, address);
	}
}

static bool network_tick(struct kzt_network *nw, void *arg)
{
	u64 now = *(u64 *)arg;

	kzt_members_expire(nw, now);
	contacts_keep_rcu(nw, now);
	return true;
}

/**
 * kzt_networks_tick() - announcements and ageing
 * @node: node that has an identity
 * @now: kzt_now_ms()
 *
 * Context: process, on node->control_wq, every 5 s.
 */
void kzt_networks_tick(struct kzt_node *node, u64 now)
{
	struct kzt_multicast *mc = node->multicast;
	unsigned int i, n;
	u64 *id;

	networks_walk(node, network_tick, &now);
	kzt_distribute_expire(mc, now);
	spin_lock_bh(&mc->lock);
	kzt_mc_sweep_locked(mc, now);
	spin_unlock_bh(&mc->lock);
	id = kzt_network_ids(node, &n);
	for (i = 0; i < n; i++)
		kzt_announce_tick(mc, id[i], now);
	kvfree(id);
}
