/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_NODE_H
#define KZT_NODE_H

#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <uapi/linux/kzt.h>
#include "mib.h"
#include "proto/identity.h"
#include "proto/world.h"
#include "queueing.h"
#include "seed.h"
#include "socket.h"
#include "util.h"

struct kzt_bond_conf;
struct kzt_defrag;
struct kzt_expect;
struct kzt_whois;
struct kzt_hello_state;
struct kzt_multicast;
struct kzt_pmtu;
struct kzt_surfaces;
struct kzt_intro;
struct kzt_locals;
struct kzt_deny_devs;
struct kzt_mapped;
struct kzt_phys;
struct kzt_wheel;

#define KZT_VERSION		"0.1.0"
#define KZT_PORT_DEFAULT	9993
/* Announced in HELLO: spec 10.4 wants a software version of 1.2.0 or later */
#define KZT_ANNOUNCE_MAJOR	1
#define KZT_ANNOUNCE_MINOR	14
#define KZT_ANNOUNCE_REV	1
#define KZT_WORLDS_MAX		16	/* one planet, fifteen moons */
#define KZT_DENY_MAX		64
#define KZT_CONTROL_QUEUE_MAX	1024
#define KZT_UPSTREAM_TIMEOUT_MS	500000

/**
 * struct kzt_self - who the node is; RCU-replaced as a whole
 * @identity: public part
 * @secret: X25519 scalar (raw, 32 bytes) and Ed25519 seed; wiped on free
 */
struct kzt_self {
	struct kzt_identity identity;
	u8 secret[64];
	struct rcu_head rcu;
};

/**
 * struct kzt_worlds - planet and moons in force; RCU-replaced as a whole
 * @n: how many
 * @w: parsed; w[i].type tells planet (1) from moon (127)
 * @blob: their serialised bytes, for OK(HELLO); kmalloc'd, owned
 * @blob_len: bytes of each
 */
struct kzt_worlds {
	unsigned int n;
	struct kzt_world *w[KZT_WORLDS_MAX];
	u8 *blob[KZT_WORLDS_MAX];
	u16 blob_len[KZT_WORLDS_MAX];
};

struct kzt_prefix {
	u8 family;	/* 4 or 6 */
	u8 len;
	u8 ip[16];
};

struct kzt_deny {
	unsigned int n;
	struct kzt_prefix p[KZT_DENY_MAX];
	struct rcu_head rcu;
};

/**
 * struct kzt_node - the ZeroTier node of one network namespace
 * @net: the namespace; the node dies in its pre_exit
 * @config_lock: slow writes: identity, peers, worlds, sockets, networks
 * @exiting: the namespace goes; no timer and no work may start.  No request comes
 *	any more: who asks has a socket there, which holds the namespace
 * @ready: the queues, rings and tables below are allocated; they are with the
 *	first identity, and stay
 * @self: keys; NULL while the node is down
 * @self_address: address of @self, 0 while down; READ_ONCE
 * @mib: counters
 * @socks: UDP sockets, RCU; NULL while down
 * @port, @fwmark, @suite_mode, @relay: settings; READ_ONCE
 * @binds: devices to keep to; @config_lock
 * @secondary_port: a second UDP port; 0 none, KZT_PORT_RANDOM any
 * @deny: prefixes without paths, RCU; may be NULL
 * @deny_devs: names of devices without paths, RCU; may be NULL
 * @locals: usable local addresses, RCU; NULL until they were first looked at
 * @locals_grew: when an address came last; READ_ONCE
 * @mapped: endpoints that a gateway forwards to us, RCU; may be NULL
 * @phys: what holds for remote prefixes, RCU; may be NULL
 * @path_rule: enum kzt_path_rule; READ_ONCE
 * @predict: push predicted ports of a symmetric NAT; READ_ONCE
 * @local_work: looks at the namespace's addresses and links
 * @peers: by address
 * @n_peers: in the table
 * @upstreams: those of the peers that may relay for us; @upstream_lock, and
 *	config_lock to write
 * @upstream_lock: taken with BH off, inside no other
 * @worlds: planet and moons, RCU; may be NULL
 * @seeds: moons that are wanted
 * @networks: rhashtable by network id of struct kzt_network
 * @n_networks: in the table
 * @encrypt, @decrypt: rings shared by all peers
 * @wq: crypt workers (per-CPU, CPU-intensive)
 * @control_wq: unbound, one at a time: verbs, ticks
 * @control: authenticated control packets and HELLOs waiting for @control_work
 * @control_work: runs kzt_verb_dispatch() on them in process context
 * @tick: the only timer of the node, whatever the number of peers and paths
 * @last_round, @last_housekeeping: when; the tick's
 * @hurry: the next tick looks at all peers
 * @defrag, @expect, @whois, @hello, @multicast, @surfaces, @intro, @wheel, @pmtu: tables
 *	of their files
 * @policy: multipath policy of peers without one of their own, NULL for none;
 *	RCU, config_lock to write
 * @bonds: peers with several paths in use; @bond_lock
 * @bond_lock: taken with BH off, inside peer->lock
 * @n_bonds: on @bonds
 * @bond_work: looks after them, the only timer of all bonds; idle without any
 * @id_key, @id_next: packet ids, see kzt_node_next_id()
 * @agent_portid: netlink port of the agent, 0 for none; READ_ONCE
 * @revoked: revocations that came lately
 * @configured: members that have a configuration of ours, NULL for none yet
 * @controller: the agent answers, or did, for the networks of this address
 * @best_upstream: address of the upstream that relays for us; READ_ONCE
 * @am_upstream: this node is a root of its planet or of a moon; READ_ONCE
 * @online: an upstream was heard from lately
 * @online_ms: when it was so last, or the sockets were opened; READ_ONCE
 */
struct kzt_node {
	struct net *net;
	struct mutex config_lock;
	bool exiting;
	bool ready;

	struct kzt_self __rcu *self;
	u64 self_address;
	struct kzt_mib __percpu *mib;

	struct kzt_sockets __rcu *socks;
	u16 port;
	u32 fwmark;
	struct kzt_binds binds;
	u8 suite_mode;
	u8 relay;
	u32 secondary_port;
	struct kzt_deny __rcu *deny;
	struct kzt_deny_devs __rcu *deny_devs;
	struct kzt_locals __rcu *locals;
	u64 locals_grew;
	struct delayed_work local_work;
	struct kzt_mapped __rcu *mapped;
	struct kzt_phys __rcu *phys;
	u8 path_rule;
	u8 predict;

	struct rhashtable peers;
	atomic_t n_peers;

	struct list_head upstreams;
	spinlock_t upstream_lock;
	struct kzt_worlds __rcu *worlds;
	struct kzt_seeds seeds;

	struct rhashtable networks;
	atomic_t n_networks;

	struct kzt_crypt_ring encrypt;
	struct kzt_crypt_ring decrypt;
	struct workqueue_struct *wq;
	struct workqueue_struct *control_wq;
	struct sk_buff_head control;
	struct work_struct control_work;
	struct delayed_work tick;
	u64 last_round, last_housekeeping;
	bool hurry;

	struct kzt_defrag *defrag;
	struct kzt_expect *expect;
	struct kzt_whois *whois;
	struct kzt_hello_state *hello;
	struct kzt_multicast *multicast;
	struct kzt_surfaces *surfaces;
	struct kzt_intro *intro;
	struct kzt_wheel *wheel;
	struct kzt_pmtu *pmtu;

	struct kzt_bond_conf __rcu *policy;
	struct list_head bonds;
	spinlock_t bond_lock;
	unsigned int n_bonds;
	struct delayed_work bond_work;

	siphash_key_t id_key[2];
	atomic64_t id_counter;

	struct kzt_revoked *revoked;
	struct kzt_configured *configured;
	u32 agent_portid;
	bool controller;
	u64 best_upstream;
	bool am_upstream;
	bool online;
	u64 online_ms;
};

extern unsigned int kzt_net_id;

static inline struct kzt_node *kzt_node_of(const struct net *net)
{
	return net_generic(net, kzt_net_id);
}

/* node.c */
int kzt_node_module_init(void);
void kzt_node_module_exit(void);
/* config_lock held, process context */
int kzt_node_set_identity_locked(struct kzt_node *node,
				 const struct kzt_identity *id,
				 const u8 secret[64], struct netlink_ext_ack *extack);
/* (re)open sockets by port, binds, fwmark */
int kzt_node_open_locked(struct kzt_node *node, struct netlink_ext_ack *extack);
/* node-del: peers, sockets, identity; devices stay idle */
void kzt_node_down_locked(struct kzt_node *node);
/*
 * A new packet id, never repeated under one identity; any context. Looks
 * random (Feistel over SipHash); raw=true: bare counter for the SIV
 */
u64 kzt_node_next_id(struct kzt_node *node, bool raw);
/* deny list; RCU inside */
bool kzt_node_denied(struct kzt_node *node, const struct kzt_endpoint *ep);
bool kzt_deny_has(const struct kzt_deny *deny, const struct kzt_endpoint *ep);
void kzt_node_kick(struct kzt_node *node);	/* run the tick soon */

#endif /* KZT_NODE_H */
