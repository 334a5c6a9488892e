/* SPDX-License-Identifier: GPL-2.0 */
/* Several paths of one peer used by a policy (spec 3, 3.9, 3.20). */
#ifndef KZT_BOND_H
#define KZT_BOND_H

#include <linux/if.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include "endpoint.h"
#include "flow.h"
#include "gate.h"
#include "policy.h"

struct kzt_node;
struct kzt_path;
struct kzt_peer;
struct kzt_pathset;

/**
 * struct kzt_bond_link - what a policy's link has beside kzt_policy_link
 * @name: of the interface; its ifindex is looked up when the paths are sampled
 * @failover_to: name of the one that takes over; empty for none
 * @mtu: largest UDP payload; 0 to find it out
 */
struct kzt_bond_link {
	char name[IFNAMSIZ];
	char failover_to[IFNAMSIZ];
	u16 mtu;
};

/**
 * struct kzt_bond_conf - a policy as configured, with the names of its links
 * @policy: the policy; ifindexes of its links are not filled in
 * @link: names, in the order of @policy.link
 * @generation: number of the change that made it, for who holds a copy
 * @rcu: frees it
 */
struct kzt_bond_conf {
	struct kzt_policy_conf policy;
	struct kzt_bond_link link[KZT_POLICY_LINKS];
	u64 generation;
	struct rcu_head rcu;
};

/**
 * struct kzt_bond - the multipath state of a peer
 * @list: in node->bonds; node->bond_lock
 * @peer: owner
 * @conf: configuration, with ifindexes filled in
 * @state: the policy's memory
 * @plan: its last decision
 * @n: paths of the last plan
 * @path_id: their ids
 * @sample: scratch of the sampling
 * @rival: the same, before it is known which paths are sampled
 * @planned: when there was a plan last
 * @due: when the bond is to be looked at again, kzt_now_ms()
 * @measurements: gate of QOS_MEASUREMENT received (spec 3, 3.14 window D)
 * @negotiations: gate of PATH_NEGOTIATION_REQUEST (window E)
 * @acks: gate of ACK (window C)
 * @pin: flows that stay; KZT_PINS of them or NULL
 * @rcu: frees it
 *
 * Made under peer->lock and guarded by it, but for @pin and the gates, which are
 * used without.
 */
struct kzt_bond {
	struct list_head list;
	struct kzt_peer *peer;
	struct kzt_bond_conf conf;
	struct kzt_policy_state state;
	struct kzt_policy_plan plan;
	unsigned int n;
	u32 path_id[KZT_POLICY_LEGS];
	union {
		struct kzt_policy_sample sample[KZT_POLICY_LEGS];
		struct kzt_policy_rival rival[KZT_POLICY_RIVALS];
	};
	u64 planned;
	u64 due;
	struct kzt_gate_run measurements, negotiations, acks;
	struct kzt_pin *pin;
	struct rcu_head rcu;
};

/* bond_sample.c: peer->lock */
unsigned int kzt_bond_sample_locked(struct kzt_peer *peer, struct kzt_bond *bond,
				    struct kzt_path **pick, u64 now);

/* bond.c */
void kzt_bonds_init(struct kzt_node *node);
void kzt_bonds_stop(struct kzt_node *node);	/* may sleep */
void kzt_bonds_kick(struct kzt_node *node);
/* Make, change or end the bond as configuration and paths say; process context */
void kzt_bond_update(struct kzt_peer *peer, u64 now);
void kzt_bond_drop_locked(struct kzt_peer *peer);	/* peer->lock */
/* A new table for xmit by the bond's policy; NULL without memory. peer->lock */
struct kzt_pathset *kzt_bond_plan_locked(struct kzt_peer *peer, u64 now);
const struct kzt_bond_conf *kzt_bond_conf_rcu(const struct kzt_peer *peer);

#endif /* KZT_BOND_H */
