/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known of a path, as numbers: sample rings, the qualities of both
 * eras, and the arithmetic of QOS_MEASUREMENT.  Pure and in fixed point: "ppm"
 * is a fraction of 1,000,000, times are in the unit that the name says.
 */
#ifndef KZT_QUALITY_H
#define KZT_QUALITY_H

#include "env.h"

#define KZT_PPM			1000000u
#define KZT_RING_LEN		64	/* spec 3.10.1, 3.20.9 */
#define KZT_RING_NEEDED		4	/* samples before a latency is believed */
#define KZT_RTT_UNKNOWN_US	65535000u
#define KZT_QUALITY_DEAD_MS	19000	/* spec 3.3 "alive" */
#define KZT_QUALITY_AGE_MAX_MS	140000
#define KZT_QUALITY_SCOPES	8

/**
 * struct kzt_ring - the last samples of one measure
 * @v: values; which unit is the owner's business
 * @n: places filled
 * @next: place to be written
 */
struct kzt_ring {
	u32 v[KZT_RING_LEN];
	u8 n;
	u8 next;
};

/**
 * struct kzt_quality_limits - what a good path is (spec 3.20.2 "linkQuality")
 * @latency_us: latency (half a round trip) above which a path is avoided
 * @jitter_us: deviation of the latency, likewise
 * @loss_ppm: lost packets, likewise
 * @error_ppm: damaged packets, likewise
 * @weight_ppm: how much each of the four counts, in that order; sum KZT_PPM
 */
struct kzt_quality_limits {
	u32 latency_us;
	u32 jitter_us;
	u32 loss_ppm;
	u32 error_ppm;
	u32 weight_ppm[4];
};

/* Spec 3.20.2, but for loss: 0.001 would avoid any busy wireless link */
#define KZT_LATENCY_MAX_US	500000
#define KZT_JITTER_MAX_US	100000
#define KZT_LOSS_MAX_PPM	50000
#define KZT_ERROR_MAX_PPM	10000

/**
 * struct kzt_quality_facts - the measures that a quality is made from
 * @latency_us: mean latency; 0 for unknown
 * @jitter_us: its deviation; 0 for unknown or none
 * @age_ms: mean age of the last packet
 * @throughput_bps: bits per second; 0 for unknown
 * @loss_ppm: lost packets
 * @error_ppm: damaged packets
 * @scope: scope of the remote address, 0..7
 */
struct kzt_quality_facts {
	u32 latency_us;
	u32 jitter_us;
	u64 age_ms;
	u64 throughput_bps;
	u32 loss_ppm;
	u32 error_ppm;
	u8 scope;
};

void kzt_ring_push(struct kzt_ring *r, u32 value);
u32 kzt_ring_mean(const struct kzt_ring *r);
u32 kzt_ring_deviation(const struct kzt_ring *r);
u32 kzt_ring_deviation_seed(const struct kzt_ring *r);

u64 kzt_quality_number(u64 age_ms, u32 latency_us, u8 scope);
u64 kzt_quality_computed(const struct kzt_quality_facts *f);
void kzt_quality_relative(const struct kzt_quality_facts *f, const u32 *capacity,
			  unsigned int n, u32 mask,
			  const struct kzt_quality_limits *lim, u32 *ppm);
void kzt_quality_shares(const u64 *quality, unsigned int n, u32 *ppm);
s32 kzt_quality_balance(const u32 *used, const u32 *share_ppm, unsigned int n);
bool kzt_quality_exceeds(const struct kzt_quality_facts *f,
			 const struct kzt_quality_limits *lim, u32 slack_ppm);
u32 kzt_exp_neg_ppm(u64 x_q16);


bool kzt_qos_is_14(unsigned int major, unsigned int minor, unsigned int rev);
bool kzt_qos_sampled(u64 packet_id, u8 verb, bool by_14);
s32 kzt_qos_latency_ms(u32 sent_ms, u32 now_ms, u16 holding_ms);

#endif /* KZT_QUALITY_H */
