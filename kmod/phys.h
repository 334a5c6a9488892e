/* SPDX-License-Identifier: GPL-2.0 */
/* What the administrator says of remote prefixes (spec 3, 3.15.5). */
#ifndef KZT_PHYS_H
#define KZT_PHYS_H

#include <linux/rcupdate.h>
#include "node.h"

#define KZT_PHYS_MAX		32
#define KZT_PHYS_MTU_MIN	1400
#define KZT_PHYS_MTU_MAX	10324

/**
 * struct kzt_phys_entry - what holds inside one prefix
 * @prefix: remote addresses
 * @mtu: largest UDP payload; 0: the default
 * @trust_id: trusted path id; 0: none
 */
struct kzt_phys_entry {
	struct kzt_prefix prefix;
	u16 mtu;
	u64 trust_id;
};

/**
 * struct kzt_phys - the table of a node; RCU-replaced as a whole
 * @n: entries
 * @e: sorted: IPv4 first, then shorter prefixes, then by address; the first
 *	that contains an address counts
 * @rcu: frees it
 */
struct kzt_phys {
	unsigned int n;
	struct kzt_phys_entry e[KZT_PHYS_MAX];
	struct rcu_head rcu;
};

struct kzt_endpoint;
struct kzt_path;
struct netlink_ext_ack;

/* config_lock held; mtu and trust_id 0: remove */
int kzt_phys_set_locked(struct kzt_phys *table, const struct kzt_phys_entry *e,
			struct netlink_ext_ack *extack);
struct kzt_phys *kzt_phys_replace_locked(struct kzt_node *node, struct kzt_phys *table);
/* peer->lock held */
void kzt_phys_restore(struct kzt_path *path);
/* What holds for a remote address; any context, takes RCU itself */
void kzt_phys_lookup(struct kzt_node *node, const struct kzt_endpoint *ep,
		     u16 *mtu, u64 *trust_id);
/* Does the administrator say the MTU?  Any context, takes RCU itself */
bool kzt_phys_has_mtu(struct kzt_node *node, const struct kzt_endpoint *ep);
/* May suite 2 with this id come from there?  RCU (BH) */
bool kzt_phys_trusts(struct kzt_node *node, const struct kzt_endpoint *from,
		     u64 id);

#endif /* KZT_PHYS_H */
