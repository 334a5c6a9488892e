/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_PATHSET_H
#define KZT_PATHSET_H

#include <linux/rcupdate.h>
#include "path.h"

#define KZT_BUCKETS 256

/**
 * struct kzt_pathset - what xmit reads: immutable, RCU-published
 * @n: paths in use
 * @path: those
 * @bucket: flow hash to index in @path
 * @rcu: frees it
 */
struct kzt_pathset {
	unsigned int n;
	struct kzt_path *path[KZT_PATHS_MAX];
	u8 bucket[KZT_BUCKETS];
	struct rcu_head rcu;
};

/* Recompute and publish; peer->lock held. Best path by quality (spec 3.9.1) */
void kzt_pathset_update_locked(struct kzt_peer *peer, u64 now);
/* The path for a flow, or NULL; RCU. hash: inner flow hash */
struct kzt_path *kzt_pathset_choose_rcu(const struct kzt_peer *peer, u32 hash);

#endif /* KZT_PATHSET_H */
