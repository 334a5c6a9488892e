/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_PEER_H
#define KZT_PEER_H

#include <linux/kref.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include "crypto/armor.h"
#include "gate.h"
#include "path.h"
#include "pathset.h"
#include "proto/identity.h"
#include "queueing.h"
#include "replay.h"

struct kzt_bond;
struct kzt_bond_conf;
struct kzt_node;

#define KZT_HINTS_MAX		16
#define KZT_PEERS_MAX		65536	/* per node */
#define KZT_PEER_ALIVE_MS	500000	/* spec 3.4 */

#define KZT_TRIED_MAX		16
#define KZT_LOST_MAX		8

/**
 * struct kzt_tried - an unknown path that was probed (spec 3.5.3 "last_tried")
 * @key: hash of the endpoint
 * @at: when
 */
struct kzt_tried {
	u32 key;
	u64 at;
};

/**
 * struct kzt_peer_stats - one CPU's traffic counters of a peer
 */
struct kzt_peer_stats {
	u64_stats_t rx_bytes, rx_packets, tx_bytes, tx_packets;
	struct u64_stats_sync syncp;
};

/**
 * struct kzt_peer - a remote node whose identity is known (spec 3.4)
 * @node: the owner
 * @address: 40-bit address, key of the table
 * @identity: as first seen; immutable
 * @keys: static keys shared with it; immutable
 * @hash_node: in node->peers
 * @ref: 1 for the table
 * @dead: unhashed; nothing may be queued or published any more
 * @is_static: configured by hand, never expires
 * @is_upstream: in the node's set of upstreams; READ_ONCE, written under config_lock
 * @upstream: its place there; the node's upstream_lock
 * @static_upstream: made an upstream by hand
 * @was_root: a world made it known
 * @role: enum kzt_role
 * @mark: skb mark of its frames
 * @txq: packets being encrypted, in order
 * @rxq: packets being decrypted, in order
 * @replay: wire ids seen lately
 * @set: RCU table that xmit chooses from; NULL: no path
 * @dwell: when without a policy another path may be the best; @lock
 * @lock: paths and the fields below; taken with BH off
 * @paths: the legs, dense; pointers are RCU (read without the lock)
 * @n_paths: how many; READ_ONCE
 * @next_path_id: for kzt_path.id
 * @proto, @major, @minor, @revision: what it announced; 0 unknown; READ_ONCE
 * @last_receive: last authentic packet, direct or relayed; READ_ONCE
 * @last_nontrivial: last frame or configuration (spec 3.4); READ_ONCE
 * @last_trust: last packet with trust; READ_ONCE
 * @last_full_hello: spec 3.8
 * @last_contact: when a network named it as one to keep in contact with; 0 never
 * @last_push_sent: spec 3.6
 * @last_whois, @last_memorized, @last_echo: gates of spec 3.14
 * @pushes: gate of PUSH_DIRECT_PATHS received; control work only
 * @com_offered: when a certificate in MULTICAST_GATHER was handed on; likewise
 * @credentials_paid: gate of NETWORK_CREDENTIALS received; control work only
 * @agent_paid: gate of what else of it the agent looks at; likewise
 * @messages_paid: gate of what goes up as messages; control work only
 * @keep, @keep_due: place in the node's wheel, and its tick; the wheel's lock
 * @tried: unknown paths probed in the last second, see kzt_path_try()
 * @last_echo_by: gate of answers to ECHO by unknown paths, by hash of those
 * @last_echo_out: gate of ECHOs to an old peer, spec 3.25.5
 * @hint_fails: rounds in which no hint answered
 * @regreet: rounds in which it is greeted once more by what came
 * @lost: where the peer was reached by a local side that went
 * @n_lost: how many were; the last KZT_LOST_MAX are there
 * @redirect: endpoint that the peer sent us to; its remote side counts
 * @redirected: when, kzt_now_ms()
 * @redirect_priority: of the path to there, once it answers; 0 for none
 * @remembered: the hints are of an earlier run, to be tried once more
 * @hints: endpoints given by hand or by worlds, tried when there is no path
 * @n_hints: how many
 * @deny: prefixes without paths of this peer, RCU; may be NULL
 * @policy: its own multipath policy, NULL: the node's; RCU, config_lock to write
 * @bond: multipath state, NULL: the best path carries all; RCU, @lock to write
 * @pinned: whether @pin is set; @lock
 * @pin: leg and remote of the path that the administrator chose; @lock
 * @mtu: longest packet that goes in one piece on all paths in use; READ_ONCE
 * @stats: per-CPU traffic
 * @auth_failures: packets in its name that failed authentication
 * @duplicates: replayed data packets
 * @created: when, for the first expiry
 * @free_rwork: frees it after a grace period, in process context
 */
struct kzt_peer {
	struct kzt_node *node;
	u64 address;
	struct kzt_identity identity;
	struct kzt_keys keys;

	struct rhash_head hash_node;
	struct kref ref;
	struct list_head upstream;
	bool dead;
	bool is_static;
	bool is_upstream;
	bool static_upstream;
	bool was_root;
	u8 role;
	u32 mark;

	struct kzt_queue txq;
	struct kzt_queue rxq;
	struct kzt_replay replay;

	struct kzt_pathset __rcu *set;
	struct kzt_dwell dwell;

	spinlock_t lock;
	struct kzt_path __rcu *paths[KZT_PATHS_MAX];
	unsigned int n_paths;
	u32 next_path_id;

	u16 proto, major, minor, revision;
	u64 last_receive;
	u64 last_nontrivial;
	u64 last_trust;
	u64 last_full_hello;
	u64 last_contact;
	u64 last_push_sent;
	u64 last_whois, last_memorized, last_echo;
	struct kzt_gate_run pushes;
	u64 credentials_paid, agent_paid, messages_paid, com_offered;

	struct list_head keep;
	u64 keep_due;
	struct kzt_tried tried[KZT_TRIED_MAX];
	u64 last_echo_out;
	u64 last_echo_by[16];
	u8 hint_fails;
	u8 regreet;
	bool remembered;
	unsigned int n_lost;
	struct kzt_endpoint lost[KZT_LOST_MAX];
	struct kzt_endpoint redirect;
	u64 redirected;
	u8 redirect_priority;
	struct kzt_endpoint hints[KZT_HINTS_MAX];
	unsigned int n_hints;
	struct kzt_deny __rcu *deny;

	struct kzt_bond_conf __rcu *policy;
	struct kzt_bond __rcu *bond;
	bool pinned;
	struct kzt_endpoint pin;
	u16 mtu;

	struct kzt_peer_stats __percpu *stats;
	atomic64_t auth_failures;
	atomic64_t duplicates;

	u64 created;
	struct rcu_work free_rwork;
};

/* peer.c */
extern struct workqueue_struct *kzt_free_wq;	/* frees objects in process context */
int kzt_peers_module_init(void);
void kzt_peers_module_exit(void);	/* all nodes are gone */
int kzt_peers_init(struct kzt_node *node);
void kzt_peers_free(struct kzt_node *node);
struct kzt_peer *kzt_peer_lookup_rcu(struct kzt_node *node, u64 address);
struct kzt_peer *kzt_peer_get_by_address(struct kzt_node *node, u64 address);
bool kzt_peer_get(struct kzt_peer *peer);	/* false if on its way out */
void kzt_peer_put(struct kzt_peer *peer);
/*
 * Create and publish; process context, node->config_lock held. Agrees the key
 * (X25519, SHA-512, KBKDF). -EEXIST: one of this address exists; -EKEYREJECTED:
 * weak key; -ENOSPC: table full; -EADDRINUSE: own address. Returns a reference.
 */
struct kzt_peer *kzt_peer_create_locked(struct kzt_node *node,
					const struct kzt_identity *id);
void kzt_peer_destroy_locked(struct kzt_peer *peer);	/* config_lock held */
void kzt_peer_destroy_all_locked(struct kzt_node *node);

/* The bookkeeping "received(trust)" of spec 1, 7.3; RCU or a reference held. BH or process. Learns paths from OK. */
void kzt_peer_received(struct kzt_peer *peer, const struct kzt_endpoint *from,
		       u8 hops, u8 verb, bool trust);
bool kzt_peer_alive(const struct kzt_peer *peer, u64 now);
void kzt_peer_rx_stats(struct kzt_peer *peer, size_t len);
void kzt_peer_tx_stats(struct kzt_peer *peer, size_t len);
void kzt_peer_stats_read(const struct kzt_peer *peer, u64 *rx_bytes,
			 u64 *rx_packets, u64 *tx_bytes, u64 *tx_packets);
/* Which suite to send with now (spec 1, 5.8) */
unsigned int kzt_peer_suite(const struct kzt_peer *peer);

#endif /* KZT_PEER_H */
