/* SPDX-License-Identifier: GPL-2.0 */
/* The local side of paths: which addresses and devices of the namespace serve. */
#ifndef KZT_LOCAL_H
#define KZT_LOCAL_H

#include <linux/if.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include "endpoint.h"

struct kzt_node;
struct net_device;

#define KZT_LOCALS_MAX		64
#define KZT_DENY_DEVS_MAX	16

/**
 * struct kzt_local - an address that datagrams may leave from
 * @family: AF_INET or AF_INET6
 * @ifindex: of the device that has it
 * @speed: of that, Mbit/s; 0 for unknown
 * @in: IPv4
 * @in6: IPv6
 */
struct kzt_local {
	u16 family;
	int ifindex;
	u32 speed;
	union {
		struct in_addr in;
		struct in6_addr in6;
	};
};

/**
 * struct kzt_locals - those of a namespace; RCU-replaced as a whole
 * @n: how many
 * @a: sorted as the devices are
 * @rcu: frees it
 */
struct kzt_locals {
	unsigned int n;
	struct kzt_local a[KZT_LOCALS_MAX];
	struct rcu_head rcu;
};

/**
 * struct kzt_deny_devs - names whose devices carry no paths; RCU-replaced
 * @n: how many
 * @prefix: a device is meant whose name begins so
 * @rcu: frees it
 */
struct kzt_deny_devs {
	unsigned int n;
	char prefix[KZT_DENY_DEVS_MAX][IFNAMSIZ];
	struct rcu_head rcu;
};

#define KZT_MAPPED_MAX		8

/**
 * struct kzt_mapped - endpoints that a gateway forwards to us; RCU-replaced
 * @n: how many
 * @ep: their remote side counts
 * @rcu: frees it
 */
struct kzt_mapped {
	unsigned int n;
	struct kzt_endpoint ep[KZT_MAPPED_MAX];
	struct rcu_head rcu;
};

int kzt_local_module_init(void);
void kzt_local_module_exit(void);
void kzt_local_init(struct kzt_node *node);
void kzt_local_stop(struct kzt_node *node);	/* may sleep; no more work runs */
void kzt_local_free(struct kzt_node *node);
/* Look at the namespace anew, soon; any context */
void kzt_local_changed(struct kzt_node *node);

/* May datagrams by this device come back to a device of ours?  RCU */
bool kzt_local_leads_home(const struct kzt_node *node, struct net_device *dev);
/* Mbit/s of a device; 0 for unknown.  RCU */
u32 kzt_local_speed(struct kzt_node *node, int ifindex);
/* Is the local side of a path gone?  RCU */
bool kzt_local_is_gone(struct kzt_node *node, const struct kzt_endpoint *ep);
/*
 * The next leg to a remote: start with *pos 0; RCU (BH).  False after the last.
 */
bool kzt_local_next(struct kzt_node *node, const struct kzt_endpoint *remote,
		    unsigned int *pos, struct kzt_endpoint *leg);

#endif /* KZT_LOCAL_H */
