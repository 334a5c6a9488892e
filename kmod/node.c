// SPDX-License-Identifier: GPL-2.0
/* The node of a network namespace: identity, tables, queues, life and death. */
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include "bond.h"
#include "configured.h"
#include "crypt.h"
#include "defrag.h"
#include "expect.h"
#include "keep.h"
#include "local.h"
#include "netlink.h"
#include "network.h"
#include "node.h"
#include "object.h"
#include "peer.h"
#include "pmtu.h"
#include "proto/address.h"
#include "receive.h"
#include "rendezvous.h"
#include "revoked.h"
#include "send.h"
#include "socket.h"
#include "surface.h"
#include "verb.h"

unsigned int kzt_net_id;

static void self_free_rcu(struct rcu_head *rcu)
{
	kfree_sensitive(container_of(rcu, struct kzt_self, rcu));
}

static void self_set_locked(struct kzt_node *node, struct kzt_self *self)
{
	struct kzt_self *old;

	WRITE_ONCE(node->self_address, self ? self->identity.address : 0);
	old = rcu_replace_pointer(node->self, self,
				  lockdep_is_held(&node->config_lock));
	if (old)
		call_rcu(&old->rcu, self_free_rcu);
}

/*
 * The key of the id permutation comes from the secret, so that it is the same
 * after a reboot: only then are ids of different counter values different.
 */
static int id_key_derive(struct kzt_node *node, const u8 secret[64])
{
	static const char label[] = "kzt packet id";
	u8 msg[sizeof(label) + 64], digest[64];
	int err;

	memcpy(msg, label, sizeof(label));
	memcpy(msg + sizeof(label), secret, 64);
	err = kzt_sha512(msg, sizeof(msg), digest);
	if (!err)
		memcpy(node->id_key, digest, sizeof(node->id_key));
	memzero_explicit(msg, sizeof(msg));
	memzero_explicit(digest, sizeof(digest));
	return err;
}

/* Never backwards: a clock that was set back must not repeat ids */
static void id_counter_start(struct kzt_node *node)
{
	s64 start = (ktime_get_real_ns() / NSEC_PER_MSEC) << 20;

	if (atomic64_read(&node->id_counter) < start)
		atomic64_set(&node->id_counter, start);
}

/* --- what a node needs once it has an identity --------------------------------- */

static int node_alloc_queues(struct kzt_node *node)
{
	int err;

	node->wq = alloc_workqueue("kzt-crypt", WQ_CPU_INTENSIVE |
				   WQ_MEM_RECLAIM, 0);
	if (!node->wq)
		return -ENOMEM;
	node->control_wq = alloc_ordered_workqueue("kzt-control",
						   WQ_MEM_RECLAIM);
	err = -ENOMEM;
	if (!node->control_wq)
		goto err_wq;
	err = kzt_crypt_ring_init(&node->encrypt, node, kzt_encrypt_worker);
	if (err)
		goto err_control;
	err = kzt_crypt_ring_init(&node->decrypt, node, kzt_decrypt_worker);
	if (err)
		goto err_encrypt;
	return 0;

err_encrypt:
	kzt_crypt_ring_free(&node->encrypt);
err_control:
	destroy_workqueue(node->control_wq);
err_wq:
	destroy_workqueue(node->wq);
	return err;
}

static void node_free_queues(struct kzt_node *node)
{
	kzt_crypt_ring_free(&node->decrypt);
	kzt_crypt_ring_free(&node->encrypt);
	destroy_workqueue(node->control_wq);
	destroy_workqueue(node->wq);
}

/* The tables of single stages; each free function takes a missing one */
static int node_alloc_tables(struct kzt_node *node)
{
	int err;

	err = kzt_defrag_init(node);
	if (!err)
		err = kzt_expect_init(node);
	if (!err)
		err = kzt_whois_init(node);
	if (!err)
		err = kzt_hello_init(node);
	if (!err)
		err = kzt_surface_init(node);
	if (!err)
		err = kzt_intro_init(node);
	if (!err)
		err = kzt_keep_init(node);
	if (!err)
		err = kzt_multicast_init(node);
	if (!err)
		err = kzt_revoked_init(node);
	if (!err)
		err = kzt_pmtu_init(node);
	return err;
}

static void node_free_tables(struct kzt_node *node)
{
	kzt_pmtu_free(node);
	kzt_revoked_free(node);
	kzt_multicast_free(node);
	kzt_configured_free(node);
	kzt_intro_free(node);
	kzt_surface_free(node);
	kzt_hello_free(node);
	kzt_whois_free(node);
	kzt_expect_free(node);
	kzt_defrag_free(node);
}

/*
 * Most namespaces never get an identity: their nodes cost a few hundred bytes
 * until they do, and keep what they got until the namespace goes.
 */
static int node_prepare_locked(struct kzt_node *node)
{
	int err;

	if (node->ready)
		return 0;
	err = node_alloc_queues(node);
	if (err)
		return err;
	err = node_alloc_tables(node);
	if (err) {
		node_free_tables(node);
		node_free_queues(node);
		return err;
	}
	smp_store_release(&node->ready, true);
	return 0;
}

/**
 * kzt_node_set_identity_locked() - give the node its keys
 * @node: config_lock held, RTNL too (MAC addresses follow)
 * @id: identity
 * @secret: X25519 scalar and Ed25519 seed
 * @extack: says why it was refused
 *
 * All peers are forgotten if the identity changes: their keys are of the old.
 *
 * Return: 0 or a negative errno.
 */
int kzt_node_set_identity_locked(struct kzt_node *node,
				 const struct kzt_identity *id,
				 const u8 secret[64],
				 struct netlink_ext_ack *extack)
{
	struct kzt_self *old, *self;
	int err;

	lockdep_assert_held(&node->config_lock);
	if (!kzt_addr_valid(id->address)) {
		NL_SET_ERR_MSG(extack, "identity has a reserved address");
		return -EINVAL;
	}
	if (!kzt_key_matches(secret, id->pub)) {
		NL_SET_ERR_MSG(extack, "secret and public key do not belong together");
		return -EKEYREJECTED;
	}
	old = rcu_dereference_protected(node->self, 1);
	if (old && kzt_identity_equal(&old->identity, id))
		return 0;
	self = kzalloc(sizeof(*self), GFP_KERNEL);
	if (!self)
		return -ENOMEM;
	self->identity = *id;
	memcpy(self->secret, secret, sizeof(self->secret));
	err = node_prepare_locked(node);
	if (!err)
		err = id_key_derive(node, secret);
	if (err) {
		kfree_sensitive(self);
		return err;
	}
	id_counter_start(node);
	if (old)
		kzt_peer_destroy_all_locked(node);
	self_set_locked(node, self);
	kzt_upstreams_rebuild_locked(node);
	kzt_networks_identity_changed(node);
	return 0;
}

/**
 * kzt_node_open_locked() - open the sockets as the settings say
 * @node: config_lock held; has an identity
 * @extack: says why it failed
 *
 * Return: 0 or a negative errno.
 */
int kzt_node_open_locked(struct kzt_node *node, struct netlink_ext_ack *extack)
{
	int err;

	err = kzt_sockets_open_locked(node, extack);
	if (err)
		return err;
	WRITE_ONCE(node->online_ms, kzt_now_ms());
	WRITE_ONCE(node->locals_grew, kzt_now_ms());	/* another port, too */
	kzt_local_changed(node);
	kzt_node_kick(node);
	return 0;
}

/**
 * kzt_node_down_locked() - forget keys, peers, worlds and sockets
 * @node: config_lock held, RTNL too
 *
 * The netdevices stay and send nothing.  Control work that runs meanwhile
 * waits for config_lock or finds no identity; it is not waited for here.
 */
void kzt_node_down_locked(struct kzt_node *node)
{
	lockdep_assert_held(&node->config_lock);
	kzt_sockets_close_locked(node);
	self_set_locked(node, NULL);
	kzt_networks_identity_changed(node);
	kzt_peer_destroy_all_locked(node);
	kzt_worlds_free_locked(node);
	kzt_seeds_clear(node);
	if (node->ready)
		kzt_defrag_sweep(node, U64_MAX);
	WRITE_ONCE(node->online, false);
	WRITE_ONCE(node->best_upstream, 0);
}

/**
 * kzt_deny_has() - is an endpoint in a list of prefixes
 * @deny: list, or NULL
 * @ep: its remote side counts
 *
 * Return: true if so.
 */
bool kzt_deny_has(const struct kzt_deny *deny, const struct kzt_endpoint *ep)
{
	struct kzt_inetaddr a, prefix = { 0 };
	unsigned int i;

	kzt_endpoint_to_inetaddr(ep, &a);
	for (i = 0; deny && i < deny->n; i++) {
		prefix.family = deny->p[i].family;
		memcpy(prefix.ip, deny->p[i].ip, sizeof(prefix.ip));
		if (kzt_inetaddr_in_prefix(&a, &prefix, deny->p[i].len))
			return true;
	}
	return false;
}

/**
 * kzt_node_denied() - is an endpoint on the deny list
 * @node: node
 * @ep: its remote side counts
 *
 * Context: any; takes RCU itself.
 * Return: true if no path may be made to it.
 */
bool kzt_node_denied(struct kzt_node *node, const struct kzt_endpoint *ep)
{
	bool denied;

	rcu_read_lock();
	denied = kzt_deny_has(rcu_dereference(node->deny), ep);
	rcu_read_unlock();
	return denied;
}

/**
 * kzt_node_kick() - look after peers now, not at the next tick
 * @node: node
 *
 * Context: any.
 */
void kzt_node_kick(struct kzt_node *node)
{
	if (smp_load_acquire(&node->ready) && !READ_ONCE(node->exiting)) {
		WRITE_ONCE(node->hurry, true);
		mod_delayed_work(node->control_wq, &node->tick, 0);
	}
}

static int __net_init node_init_net(struct net *net)
{
	struct kzt_node *node = kzt_node_of(net);
	int err;

	node->net = net;
	spin_lock_init(&node->seeds.lock);
	spin_lock_init(&node->upstream_lock);
	INIT_LIST_HEAD(&node->upstreams);
	mutex_init(&node->config_lock);
	node->port = KZT_PORT_DEFAULT;
	node->relay = true;
	skb_queue_head_init(&node->control);
	INIT_WORK(&node->control_work, kzt_control_work);
	INIT_DELAYED_WORK(&node->tick, kzt_tick);
	kzt_local_init(node);
	kzt_bonds_init(node);
	node->mib = alloc_percpu(struct kzt_mib);
	if (!node->mib)
		return -ENOMEM;
	err = kzt_peers_init(node);
	if (err)
		goto err_mib;
	err = kzt_networks_init(node);
	if (err)
		goto err_peers;
	kzt_born(NODE);
	pr_debug("node created\n");
	return 0;

err_peers:
	kzt_peers_free(node);
err_mib:
	free_percpu(node->mib);
	return err;
}

static void control_purge(struct kzt_node *node)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&node->control))) {
		struct kzt_peer *peer = kzt_ctl(skb)->peer;

		if (peer)
			kzt_peer_put(peer);
		kfree_skb(skb);
	}
}

/*
 * Before the namespace's devices and sockets go: routes and addresses that the
 * sockets use are still there, and so are the devices that point at us, of which
 * some may be in other namespaces: under one RTNL, so that nobody gives a network
 * to one of these meanwhile.
 */
static void __net_exit node_pre_exit_net(struct net *net)
{
	struct kzt_node *node = kzt_node_of(net);

	rtnl_lock();
	mutex_lock(&node->config_lock);
	WRITE_ONCE(node->exiting, true);
	kzt_node_down_locked(node);
	mutex_unlock(&node->config_lock);
	kzt_networks_exit(node);
	rtnl_unlock();
}

static void __net_exit node_exit_net(struct net *net)
{
	struct kzt_node *node = kzt_node_of(net);
	struct kzt_deny *deny;

	kzt_local_stop(node);
	kzt_bonds_stop(node);
	if (node->ready) {
		cancel_delayed_work_sync(&node->tick);
		cancel_work_sync(&node->control_work);
		kzt_intro_stop(node);
		kzt_probes_forget(node);
		control_purge(node);
		/* What is encrypted without sockets is dropped by the drain */
		drain_workqueue(node->wq);
		node_free_queues(node);
		node_free_tables(node);
	}
	/* Peers look at the node until their last reference is gone */
	rcu_barrier();
	flush_workqueue(kzt_free_wq);
	kzt_peers_free(node);
	kzt_keep_free(node);
	rhashtable_destroy(&node->networks);
	deny = rcu_dereference_protected(node->deny, 1);
	kfree(deny);
	kzt_local_free(node);
	kfree(rcu_dereference_protected(node->policy, 1));
	memzero_explicit(node->id_key, sizeof(node->id_key));
	free_percpu(node->mib);
	kzt_gone(NODE);
	pr_debug("node destroyed\n");
}

static struct pernet_operations node_net_ops = {
	.init = node_init_net,
	.pre_exit = node_pre_exit_net,
	.exit = node_exit_net,
	.id = &kzt_net_id,
	.size = sizeof(struct kzt_node),
};

/**
 * kzt_node_module_init() - a node for each namespace, there is or will be
 *
 * Return: 0 or a negative errno.
 */
int __init kzt_node_module_init(void)
{
	int err;

	err = kzt_peers_module_init();
	if (err)
		return err;
	err = register_pernet_subsys(&node_net_ops);
	if (err)
		kzt_peers_module_exit();
	return err;
}

/** kzt_node_module_exit() - undo kzt_node_module_init() */
void kzt_node_module_exit(void)
{
	unregister_pernet_subsys(&node_net_ops);
	kzt_peers_module_exit();
}
