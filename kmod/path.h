/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_PATH_H
#define KZT_PATH_H

#include <linux/rcupdate.h>
#include <linux/types.h>
#include <net/dst_cache.h>
#include "endpoint.h"
#include "gate.h"
#include "learn.h"

struct kzt_leg;
struct kzt_node;
struct kzt_peer;

#define KZT_PATHS_MAX		64	/* per peer, spec 3.4 */
#define KZT_PATH_ALIVE_MS	19000	/* spec 3.3 */
#define KZT_PMTU_FLOOR		548	/* UDP payload that every IPv4 path takes */

/**
 * struct kzt_path - one leg to a peer (spec 3.3, 3.4 "slot")
 * @peer: the owner; it outlives the path
 * @id: number of the path within its peer, stable while it lives
 * @ep: local address, interface and remote endpoint; immutable
 * @scope: scope of the remote address (spec 3.2.1); immutable
 * @priority: 1, more if the peer redirected us to it; READ_ONCE, peer->lock to
 *	write
 * @mtu: largest UDP payload sent along it, bytes; READ_ONCE
 * @trust_id: trusted path id of the remote address; 0: none; READ_ONCE
 * @last_in: last datagram, kzt_now_ms(); written by receive without a lock
 * @last_out: last datagram sent; written by send without a lock
 * @last_receive: last authentic direct packet of this peer ("lr"); 0 expires
 *	the path
 * @last_trusted: last packet with trust
 * @last_echo: gate of ECHO answers (166 ms)
 * @rtt_us: smoothed round trip; 0 before the first sample
 * @jitter_us: mean deviation of the round trip
 * @probe_id: wire id of the outstanding ECHO or HELLO; 0 for none
 * @probe_sent: when it was sent, kzt_now_us()
 * @rx_bytes: received over it; approximate, no lock
 * @tx_bytes: sent over it; approximate, no lock
 * @cache: route to the remote; per-CPU, used with BH off
 * @leg: measurements while the peer has a bond, else NULL; peer->lock to write
 * @tx_packets: data packets sent over it while there is a bond; no lock
 * @mtu_fixed: @mtu is of the policy's link
 * @pmtu_busy: its MTU is searched: ECHOs are needed for that; READ_ONCE
 * @pmtu_checked: when the MTU was confirmed last, kzt_now_ms(); 0 for never
 * @pmtu_raised: when something greater was tried last
 * @pmtu_used: something was sent since that needs more than the least MTU; no lock
 * @rcu: frees the path
 *
 * Owned by @peer, in its paths[] under peer->lock; read under RCU.  A path is
 * chosen and used inside one RCU section, so it needs no count.
 */
struct kzt_path {
	struct kzt_peer *peer;
	u32 id;
	struct kzt_endpoint ep;
	u8 scope;
	u8 priority;
	u16 mtu;
	u64 trust_id;
	u64 last_in;
	u64 last_out;
	u64 last_receive;
	u64 last_trusted;
	u64 last_echo;
	u32 rtt_us;
	u32 jitter_us;
	u64 probe_id;
	u64 probe_sent;
	u64 rx_bytes;
	u64 tx_bytes;
	struct dst_cache cache;

	/* several paths: bond.c, measure.c, pmtu.c */
	struct kzt_leg __rcu *leg;
	u64 tx_packets;
	bool mtu_fixed;
	bool pmtu_busy;
	bool pmtu_used;
	u64 pmtu_checked;
	u64 pmtu_raised;

	struct rcu_head rcu;
};

/* What becomes of an endpoint of a peer, for the tracepoint kzt_path */
#define KZT_PATH_WHAT_LIST(X)			\
	X(CONFIRMING, "confirming")		\
	X(LEARNED, "learned")			\
	X(LOST, "lost")				\
	X(EXPIRED, "expired")			\
	X(REDIRECTED, "redirected")		\
	X(RESET, "reset")			\
	X(DENIED, "denied")			\
	X(BEST, "best")

#define KZT_X(name, text) KZT_PATH_##name,
enum kzt_path_what {
	KZT_PATH_WHAT_LIST(KZT_X)
};
#undef KZT_X

static inline bool kzt_path_alive(const struct kzt_path *p, u64 now)
{
	return kzt_age_ms(now, READ_ONCE(p->last_in)) < KZT_PATH_ALIVE_MS;
}

static inline bool kzt_path_expired(const struct kzt_path *p, u64 now)
{
	return kzt_age_ms(now, READ_ONCE(p->last_receive)) >= KZT_PATH_EXPIRE_MS;
}

static inline bool kzt_path_trusted(const struct kzt_path *p, u64 now)
{
	return kzt_age_ms(now, READ_ONCE(p->last_trusted)) < KZT_TRUST_MS;
}

/* path.c (all need peer->lock unless they say otherwise) */
/* any ctx; lower is better, spec 3.3 */
u64 kzt_path_quality(const struct kzt_path *path, u64 now);
struct kzt_path *kzt_path_find_rcu(const struct kzt_peer *peer,
				   const struct kzt_endpoint *ep); /* RCU */
/* The endpoint of the path with this id; takes peer->lock (BH) itself */
bool kzt_path_endpoint(struct kzt_peer *peer, u32 id, struct kzt_endpoint *ep);
bool kzt_path_is_pinned(const struct kzt_peer *peer, const struct kzt_endpoint *ep);
/*
 * OK came over ep: make it a path, replacing the worst if full; takes
 * peer->lock (BH) itself. Process or BH.
 */
struct kzt_path *kzt_path_learn(struct kzt_peer *peer,
				const struct kzt_endpoint *ep, u64 now);
u32 kzt_endpoint_hash(const struct kzt_endpoint *ep);	/* any ctx */
/* May an unknown path be probed now?  Takes peer->lock (BH) itself */
bool kzt_path_try(struct kzt_peer *peer, const struct kzt_endpoint *ep, u64 now);
/* A peer wants to be reached at one endpoint alone; takes peer->lock itself, RCU */
void kzt_path_redirect(struct kzt_peer *peer, const struct kzt_endpoint *from,
		       const struct kzt_endpoint *to, u64 now);
void kzt_path_sample_rtt(struct kzt_path *path, u32 rtt_us);	/* any ctx */
void kzt_path_remove_locked(struct kzt_peer *peer, unsigned int slot,
			    enum kzt_path_what why);
/* Drop expired paths; takes peer->lock itself. True if the use of paths changed */
bool kzt_path_prune(struct kzt_peer *peer, u64 now);
/* Drop those whose local side is gone; RCU, takes peer->lock itself */
void kzt_path_prune_gone(struct kzt_peer *peer, u64 now);
/* The mark or the device of the sockets is another: process */
void kzt_paths_reroute(struct kzt_node *node);
/*
 * spec 3.2.4, without the node's networks: validity, deny list, upstream's
 * endpoint list. Process or BH.
 */
bool kzt_path_allowed(struct kzt_peer *peer, const struct kzt_endpoint *ep);

#endif /* KZT_PATH_H */
