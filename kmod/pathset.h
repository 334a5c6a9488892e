/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_PATHSET_H
#define KZT_PATHSET_H

#include <linux/rcupdate.h>
#include "path.h"
#include "policy.h"

#define KZT_BUCKETS KZT_PLAN_BUCKETS

/**
 * struct kzt_pathset - what xmit reads: immutable, RCU-published
 * @n: paths in use
 * @draw: enum kzt_policy_draw: how a packet finds its bucket
 * @wheel: buckets in use with KZT_DRAW_TURN
 * @run: packets of a run with KZT_DRAW_TURN
 * @copies: bit for each of @path that gets a copy of every frame; 0: none
 * @copy_mtu: with copies, the least MTU: pieces of different cuts do not fit
 * @eligible: bit for each of @path that a flow may stay on
 * @bonded: made by a policy
 * @path: those
 * @share_ppm: share of each, for those who look
 * @why: enum kzt_leg_why of each, likewise
 * @bucket: flow hash, random number or turn to index in @path
 * @rcu: frees it
 */
struct kzt_pathset {
	unsigned int n;
	u8 draw;
	u16 wheel;
	u32 run;
	u32 copies;
	u16 copy_mtu;
	u32 eligible;
	bool bonded;
	struct kzt_path *path[KZT_POLICY_LEGS];
	u32 share_ppm[KZT_POLICY_LEGS];
	u8 why[KZT_POLICY_LEGS];
	u8 bucket[KZT_BUCKETS];
	struct rcu_head rcu;
};

/*
 * Recompute and publish; peer->lock held. By the policy, or the best (3.9.1):
 * true if that is another one now
 */
bool kzt_pathset_update_locked(struct kzt_peer *peer, u64 now);
/* The path for a flow, or NULL; RCU. hash: inner flow hash */
struct kzt_path *kzt_pathset_choose_rcu(const struct kzt_peer *peer, u32 hash);
/* One that a packet may take, without taking a turn; RCU */
struct kzt_path *kzt_pathset_peek_rcu(const struct kzt_peer *peer, u32 hash);
/* The path with this id, if a flow may stay on it, or NULL; RCU */
struct kzt_path *kzt_pathset_eligible(const struct kzt_pathset *set, u32 id);

#endif /* KZT_PATHSET_H */
