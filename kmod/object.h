/* SPDX-License-Identifier: GPL-2.0 */
/* How many objects of each kind there are: /sys/kernel/debug/kzt/objects. */
#ifndef KZT_OBJECT_H
#define KZT_OBJECT_H

#include <linux/atomic.h>

/* X(NAME, "name-for-users"): what one namespace or packet may leave behind */
#define KZT_OBJECT_LIST(X)						\
	X(NODE, "nodes")						\
	X(SOCKETS, "sockets")						\
	X(PEER, "peers")						\
	X(PATH, "paths")						\
	X(PATHSET, "pathsets")						\
	X(BOND, "bonds")						\
	X(LEG, "legs")							\
	X(NETWORK, "networks")						\
	X(NETCONF, "configurations")					\
	X(MEMBER, "members")						\
	X(CREDSET, "credential-sets")					\
	X(REVOKED, "revocations")					\
	X(FDB, "fdb-entries")						\
	X(MC_NET, "multicast-networks")					\
	X(MC_GROUP, "multicast-groups")					\
	X(MC_ENTRY, "multicast-entries")				\
	X(MC_FRAME, "multicast-frames")					\
	X(PENDING, "pending-packets")

enum kzt_object {
#define X(name, text) KZT_OBJECT_##name,
	KZT_OBJECT_LIST(X)
#undef X
	KZT_OBJECT_MAX
};

/* Of all namespaces.  Objects come and go on the slow path only. */
extern atomic_t kzt_objects[KZT_OBJECT_MAX];

#define kzt_born(kind)	atomic_inc(&kzt_objects[KZT_OBJECT_##kind])
#define kzt_gone(kind)	atomic_dec(&kzt_objects[KZT_OBJECT_##kind])

void kzt_objects_init(void);
void kzt_objects_exit(void);

#endif /* KZT_OBJECT_H */
