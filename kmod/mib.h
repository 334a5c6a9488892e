/* SPDX-License-Identifier: GPL-2.0 */
/* Per-CPU counters of a node: drops by reason, and events by name. */
#ifndef KZT_MIB_H
#define KZT_MIB_H

#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>
#include "drop.h"

struct kzt_node;
struct sk_buff;

/* X(NAME, "name-for-users") */
#define KZT_MIB_LIST(X)							\
	X(RX_DATAGRAMS, "rx-datagrams")					\
	X(RX_PACKETS, "rx-packets")		/* authenticated */	\
	X(RX_SUITE0, "rx-suite0")					\
	X(RX_SUITE1, "rx-suite1")					\
	X(RX_SUITE2, "rx-suite2")		/* trusted paths */	\
	X(RX_SUITE3, "rx-suite3")					\
	X(RX_FRAMES, "rx-frames")					\
	X(RX_INLINE, "rx-inline")		/* decrypted in softirq */ \
	X(RX_QUEUED, "rx-queued")		/* decrypted by a worker */ \
	X(RX_DEFRAGGED, "rx-defragmented")				\
	X(TX_DATAGRAMS, "tx-datagrams")					\
	X(TX_PACKETS, "tx-packets")					\
	X(TX_SUITE0, "tx-suite0")					\
	X(TX_SUITE1, "tx-suite1")					\
	X(TX_SUITE2, "tx-suite2")					\
	X(TX_SUITE3, "tx-suite3")					\
	X(TX_FRAMES, "tx-frames")					\
	X(TX_INLINE, "tx-inline")					\
	X(TX_QUEUED, "tx-queued")					\
	X(TX_FRAGMENTED, "tx-fragmented")				\
	X(TX_COMPRESSED, "tx-compressed")	/* control packets */	\
	X(RELAYED, "relayed")						\
	X(HELLO_RX, "hello-rx")						\
	X(HELLO_TX, "hello-tx")						\
	X(WHOIS_RX, "whois-rx")						\
	X(WHOIS_TX, "whois-tx")						\
	X(ECHO_RX, "echo-rx")						\
	X(ECHO_TX, "echo-tx")						\
	X(RENDEZVOUS_RX, "rendezvous-rx")				\
	X(RENDEZVOUS_TX, "rendezvous-tx")				\
	X(PUSH_RX, "push-direct-paths-rx")				\
	X(PUSH_TX, "push-direct-paths-tx")				\
	X(ACK_RX, "ack-rx")						\
	X(ACK_TX, "ack-tx")						\
	X(QOS_RX, "qos-measurement-rx")					\
	X(QOS_TX, "qos-measurement-tx")					\
	X(NEGOTIATION_RX, "path-negotiation-rx")			\
	X(NEGOTIATION_TX, "path-negotiation-tx")			\
	X(TX_COPIES, "tx-copies")		/* of broadcast */	\
	X(MTU_PROBES, "mtu-probes")					\
	X(PATHS_CONFIRMING, "paths-confirming")	/* unknown, greeted */	\
	X(PATHS_LEARNED, "paths-learned")				\
	X(PATHS_LOST, "paths-lost")					\
	X(REDIRECTS, "redirects")		/* of a peer's paths */	\
	X(PEER_VISITS, "peer-visits")		/* by the tick */	\
	X(PEERS_ADDED, "peers-added")					\
	X(PEERS_REMOVED, "peers-removed")				\
	X(IDENTITY_CHECKS, "identity-checks")				\
	X(CREDENTIAL_PUSHES, "credential-pushes")			\
	X(REVOCATIONS_KEPT, "revocations-kept")	/* for the agent */	\
	X(REVOCATIONS_DISPLACED, "revocations-displaced")	/* by later ones */

enum kzt_mib_item {
#define X(name, text) KZT_MIB_##name,
	KZT_MIB_LIST(X)
#undef X
	KZT_MIB_MAX
};

/**
 * struct kzt_mib - one CPU's counters
 * @event: by enum kzt_mib_item
 * @drop: by enum kzt_drop
 *
 * Plain unsigned long: a torn read is impossible, and wrap on 32 bits is for
 * the reader to live with, as in the kernel's own SNMP counters.
 */
struct kzt_mib {
	unsigned long event[KZT_MIB_MAX];
	unsigned long drop[KZT_DROP_MAX];
};

extern const char *const kzt_mib_names[KZT_MIB_MAX];
extern const char *const kzt_drop_names[KZT_DROP_MAX];

#define kzt_mib_inc(node, item)						\
	this_cpu_inc((node)->mib->event[KZT_MIB_##item])
#define kzt_mib_add(node, item, n)					\
	this_cpu_add((node)->mib->event[KZT_MIB_##item], n)

/* Count without freeing anything */
#define kzt_drop_count(node, reason)					\
	this_cpu_inc((node)->mib->drop[reason])

void kzt_drop_skb(struct kzt_node *node, struct sk_buff *skb,
		  enum kzt_drop reason);
void kzt_drop_skb_list(struct kzt_node *node, struct sk_buff *skb,
		       enum kzt_drop reason);
u64 kzt_mib_sum_event(const struct kzt_node *node, unsigned int item);
u64 kzt_mib_sum_drop(const struct kzt_node *node, unsigned int reason);

#endif /* KZT_MIB_H */
