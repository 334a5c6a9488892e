/* SPDX-License-Identifier: GPL-2.0 */
/* Measuring the legs of a bond (spec 3, 3.10, 3.19, 3.20.9). */
#ifndef KZT_MEASURE_H
#define KZT_MEASURE_H

#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include "calm.h"
#include "quality.h"
#include "verb.h"

struct kzt_path;
struct kzt_peer;
struct kzt_qos;
struct sk_buff;

#define KZT_LEG_PROBES		32	/* on their way at once */
#define KZT_ECHO_GAP_MS		170	/* over the receiver's gate, spec 1, 10.11 */

/**
 * struct kzt_leg - what a bond measures of one path
 * @lock: probes and what is made of them; taken with BH off.  Held while one is
 *	sent: its answer may be here before its id is known
 * @qos_lock: @latency and @qos; taken with BH off, innermost
 * @last_probe: when the last probe was sent, kzt_now_ms()
 * @last_echo: when the last of these was an ECHO
 * @lost_since: when the first of the probes was sent that were not answered
 *	since the last answer; 0: all were; READ_ONCE
 * @probe: probes that may be answered yet; id 0 is free
 * @next: where the next one goes
 * @outcomes: probes answered or lost so far; says when @loss_ppm is known
 * @loss_ppm: probes that were lost, smoothed
 * @loss_heard: the same when the last answer came
 * @dead: the policy holds it for dead since the last answer; READ_ONCE
 * @hurry: it is to be probed as often as its peer answers; READ_ONCE
 * @by_14: reports are those of the 1.4 era; READ_ONCE
 * @calm: what was measured while it had little to carry
 * @window_ms: start of the throughput window
 * @window_rx: the path's received bytes then
 * @window_tx: the path's sent bytes then
 * @throughput_bps: the most that a window carried, slowly forgotten
 * @good: authentic packets of the present block; no lock, approximate
 * @bad: packets of the block that failed authentication; the same
 * @error_ppm: share of @bad in the last block; READ_ONCE
 * @rx_packets: frames received over it; no lock
 * @acked: bytes of sampled packets since the last ACK; no lock
 * @last_ack: when that was sent; 0 for never
 * @latency: ms, from QOS_MEASUREMENT
 * @qos: records of packets, NULL until there are any
 * @rcu: frees it
 *
 * Owned by the path, while its peer has a bond.
 */
struct kzt_leg {
	spinlock_t lock;
	spinlock_t qos_lock;
	u64 last_probe;
	u64 last_echo;
	u64 lost_since;
	struct {
		u64 id;
		u64 sent_us;
	} probe[KZT_LEG_PROBES];
	unsigned int next;
	unsigned int outcomes;
	u32 loss_ppm;
	u32 loss_heard;
	bool dead;
	bool hurry;
	bool by_14;
	struct kzt_calm calm;
	u64 window_ms;
	u64 window_rx, window_tx;
	u64 throughput_bps;
	u32 good, bad;
	u32 error_ppm;
	u64 rx_packets;
	u32 acked;
	u64 last_ack;
	struct kzt_ring latency;
	struct kzt_qos *qos;
	struct rcu_head rcu;
};

struct kzt_leg *kzt_leg_alloc(struct kzt_path *path, u64 now);
void kzt_leg_free(struct kzt_leg *leg);
bool kzt_peer_gates_echo(const struct kzt_peer *peer);
void kzt_leg_free_rcu(struct kzt_leg *leg);

/* The slow path, in process context, RCU */
void kzt_leg_probe(struct kzt_peer *peer, struct kzt_path *path,
		   struct kzt_leg *leg, u64 now);
void kzt_leg_calm(struct kzt_leg *leg, u64 now, struct kzt_calm_facts *f);
void kzt_leg_sample(struct kzt_path *path, struct kzt_leg *leg, u64 now);
void kzt_leg_report(struct kzt_peer *peer, struct kzt_path *path,
		    struct kzt_leg *leg, u32 interval_ms, u64 now);
u64 kzt_leg_age(const struct kzt_path *path, const struct kzt_leg *leg, u64 now);

/* An answer came over the path: RCU (BH). Whether it was to a probe of the leg */
bool kzt_leg_answered(struct kzt_path *path, u64 in_re_id, u64 at_us);

/* Packets of a peer with a bond: BH off, RCU */
void kzt_leg_sent(struct kzt_path *path, struct kzt_leg *leg, u64 wire_id, bool data);
void kzt_leg_received(struct kzt_path *path, struct kzt_leg *leg, u64 wire_id,
		      u8 verb, size_t len);

/* Process context */
void kzt_negotiation_send(struct kzt_peer *peer, const struct kzt_endpoint *ep,
			  s16 utility);

/* Verbs */
enum kzt_rx_result kzt_qos_receive(struct kzt_rx *rx);
enum kzt_rx_result kzt_ack_receive(struct kzt_rx *rx);
enum kzt_rx_result kzt_negotiation_receive(struct kzt_rx *rx);

#endif /* KZT_MEASURE_H */
