// SPDX-License-Identifier: GPL-2.0
/*
 * The numbers behind the choice of a path: statistics over sample rings, the
 * qualities of the seed and of the current era, flow numbers, and the
 * arithmetic of QOS_MEASUREMENT.  Fixed point throughout.
 */
#include "packet.h"
#include "quality.h"

/* Greater deviations count as this; their squares, summed, fit 64 bits */
#define RING_DEVIATION_MAX	(1u << 28)
/* Bits of a quality before it is multiplied by KZT_PPM */
#define SHARE_BITS		40

static u64 isqrt(u64 v)
{
	u64 root = 0, bit = 1ULL << 62;

	while (bit > v)
		bit >>= 2;
	for (; bit; bit >>= 2) {
		if (v >= root + bit) {
			v -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root;
}

/**
 * kzt_ring_push() - note a sample
 * @r: ring; zeroed to begin with
 * @value: sample; takes the place of the oldest when the ring is full
 */
void kzt_ring_push(struct kzt_ring *r, u32 value)
{
	r->v[r->next] = value;
	r->next = (r->next + 1) % KZT_RING_LEN;
	if (r->n < KZT_RING_LEN)
		r->n++;
}

/**
 * kzt_ring_mean() - mean of the samples
 * @r: ring
 *
 * Implements: spec 3, 3.10.1 and 3.20.10, over the filled places only.
 * Return: the mean, rounded; 0 without samples.
 */
u32 kzt_ring_mean(const struct kzt_ring *r)
{
	u64 sum = 0;
	unsigned int i;

	if (!r->n)
		return 0;
	for (i = 0; i < r->n; i++)
		sum += r->v[i];
	return div_u64(sum + r->n / 2, r->n);
}

/* Sum of the squares of what the filled places differ by from the mean */
static u64 ring_squares(const struct kzt_ring *r, u32 mean)
{
	u64 sum = 0, d;
	unsigned int i;

	for (i = 0; i < r->n; i++) {
		d = r->v[i] > mean ? r->v[i] - mean : mean - r->v[i];
		d = min_t(u64, d, RING_DEVIATION_MAX);
		sum += d * d;
	}
	return sum;
}

/**
 * kzt_ring_deviation() - standard deviation of the samples
 * @r: ring
 *
 * Over the filled places, of which there must be two.
 *
 * Return: the deviation, in the unit of the samples.
 */
u32 kzt_ring_deviation(const struct kzt_ring *r)
{
	if (r->n < 2)
		return 0;
	return isqrt(div_u64(ring_squares(r, kzt_ring_mean(r)), r->n - 1));
}

/**
 * kzt_ring_deviation_seed() - the deviation as the seed has it
 * @r: ring
 *
 * Empty places count as samples of 0 (spec 3, 3.10.1): a fresh path seems to
 * have a jitter about as great as its latency.  For comparing with the seed.
 *
 * Return: the deviation, in the unit of the samples.
 */
u32 kzt_ring_deviation_seed(const struct kzt_ring *r)
{
	u64 mean = min(kzt_ring_mean(r), RING_DEVIATION_MAX);
	u64 sum = ring_squares(r, mean);

	sum += (KZT_RING_LEN - r->n) * mean * mean;
	return isqrt(div_u64(sum, KZT_RING_LEN - 1));
}

/**
 * kzt_quality_number() - how good a path is in one number, lower is better
 * @age_ms: since its last packet
 * @latency_us: round trip; 0 for unknown, which counts as 65535 ms
 * @scope: scope of the remote address
 *
 * Implements: spec 3, 3.3 "quality", in microseconds: links of less than a
 * millisecond differ too.
 * Return: the number.
 */
u64 kzt_quality_number(u64 age_ms, u32 latency_us, u8 scope)
{
	u64 age = min_t(u64, age_ms, KZT_QUALITY_AGE_MAX_MS);
	u64 base = latency_us ? min(latency_us, KZT_RTT_UNKNOWN_US) :
				KZT_RTT_UNKNOWN_US;

	if (age >= KZT_QUALITY_DEAD_MS)
		base += KZT_RTT_UNKNOWN_US + age * 1000;
	return base * (KZT_QUALITY_SCOPES - min_t(u8, scope, 7));
}

/**
 * kzt_quality_computed() - the seed's computed quality, higher is better
 * @f: what is known of the path
 *
 * Implements: spec 3, 3.10.4.
 * Return: the quality, times 1,000,000.
 */
u64 kzt_quality_computed(const struct kzt_quality_facts *f)
{
	/* A quality of 1e6 is 1: 1/ms is 1e9/us, Mbit/s are just bit/s */
	u64 sum = min_t(u64, f->throughput_bps, 100000000000000ULL);
	u64 age = min_t(u64, f->age_ms, 1000000000000ULL);

	if (f->latency_us)
		sum += 1000000000u / f->latency_us;
	if (f->jitter_us)
		sum += 1000000000u / f->jitter_us;
	sum += KZT_PPM - min(f->error_ppm, KZT_PPM);
	sum *= f->scope + 1;
	return age ? div64_u64(sum * 1000, isqrt(age * 1000000)) : sum;
}

/**
 * kzt_exp_neg_ppm() - the exponential function of a number that is not positive
 * @x_q16: x times 65536
 *
 * Return: exp(-x) in ppm, rounded.
 */
u32 kzt_exp_neg_ppm(u64 x_q16)
{
	/* exp(-2^(i - 16)) times 2^32 */
	static const u32 factor[] = {
		0xffff0000, 0xfffe0002, 0xfffc0008, 0xfff80020, 0xfff00080,
		0xffe00200, 0xffc007ff, 0xff801ffb, 0xff007fd5, 0xfe01feab,
		0xfc07f560, 0xf81fab54, 0xf07d5fde, 0xe1eb5127, 0xc75f7cf5,
		0x9b4597e3, 0x5e2d58d9, 0x22a55547, 0x04b0556e, 0x0015fc21,
	};
	u64 y = 1ULL << 32;
	unsigned int i;

	if (x_q16 >> ARRAY_SIZE(factor))
		return 0;
	for (i = 0; i < ARRAY_SIZE(factor); i++)
		if (x_q16 & BIT(i))
			y = (y * factor[i] + (1u << 31)) >> 32;
	return (y * KZT_PPM + (1u << 31)) >> 32;
}

/* exp(-4 (value - least) / limit): as good as the best one is KZT_PPM */
static u32 exp_ratio(u32 value, u32 least, u32 limit)
{
	return kzt_exp_neg_ppm(div_u64((u64)(value - least) << 18,
				       max(limit, 1u)));
}

/* The measures that a quality weighs, in the order of the weights */
static u32 facts_measure(const struct kzt_quality_facts *f, unsigned int which)
{
	switch (which) {
	case 0:
		return f->latency_us;
	case 1:
		return f->jitter_us;
	case 2:
		return f->loss_ppm;
	default:
		return f->error_ppm;
	}
}

static u32 limits_measure(const struct kzt_quality_limits *lim,
			  unsigned int which)
{
	switch (which) {
	case 0:
		return lim->latency_us;
	case 1:
		return lim->jitter_us;
	case 2:
		return lim->loss_ppm;
	default:
		return lim->error_ppm;
	}
}

/* What a capacity that was not given counts as, and the greatest one */
static void capacity_range(const u32 *capacity, unsigned int n, u32 mask,
			   u32 *least, u32 *greatest)
{
	unsigned int i;

	*least = U32_MAX;
	*greatest = 0;
	for (i = 0; i < n; i++) {
		if (!(mask & BIT(i)) || !capacity[i])
			continue;
		*least = min(*least, capacity[i]);
		*greatest = max(*greatest, capacity[i]);
	}
	if (!*greatest)
		*least = *greatest = 1;
}

/**
 * kzt_quality_relative() - the current era's quality of each path
 * @f: what is known of the paths
 * @capacity: their capacities, in one unit; 0 for not given, which counts as
 *	the least of those that are
 * @n: paths, 32 at most
 * @mask: bit for each path that takes part
 * @lim: limits and weights
 * @ppm: filled with the relative qualities; all together KZT_PPM if any takes
 *	part
 *
 * Implements: spec 3, 3.20.10.  1 / exp(4 v / limit), divided by the greatest
 * such value, is exp(-4 (v - least v) / limit).
 */
void kzt_quality_relative(const struct kzt_quality_facts *f, const u32 *capacity,
			  unsigned int n, u32 mask,
			  const struct kzt_quality_limits *lim, u32 *ppm)
{
	u64 quality[32] = {};
	u32 cap_least, cap_greatest, least, cap;
	unsigned int i, w;

	capacity_range(capacity, n, mask, &cap_least, &cap_greatest);
	for (w = 0; w < ARRAY_SIZE(lim->weight_ppm); w++) {
		least = U32_MAX;
		for (i = 0; i < n; i++)
			if (mask & BIT(i))
				least = min(least, facts_measure(&f[i], w));
		for (i = 0; i < n; i++)
			if (mask & BIT(i))
				quality[i] += (u64)lim->weight_ppm[w] *
					exp_ratio(facts_measure(&f[i], w), least,
						  limits_measure(lim, w));
	}
	for (i = 0; i < n; i++) {
		cap = capacity[i] ?: cap_least;
		quality[i] = div_u64(quality[i], KZT_PPM) *
			div_u64((u64)cap * KZT_PPM, cap_greatest);
	}
	kzt_quality_shares(quality, n, ppm);
}

/**
 * kzt_quality_shares() - qualities as shares of the whole
 * @quality: of each path; 0 takes no part
 * @n: paths
 * @ppm: filled with the shares; together exactly KZT_PPM, unless all are 0
 *
 * Implements: spec 3, 3.9.3, steps 2 and 3.
 */
void kzt_quality_shares(const u64 *quality, unsigned int n, u32 *ppm)
{
	unsigned int i, best = 0, shift = 0;
	u64 sum = 0;
	u32 left = KZT_PPM;

	for (i = 0; i < n; i++)
		if (quality[i] > quality[best])
			best = i;
	if (!n || !quality[best]) {
		memset(ppm, 0, n * sizeof(*ppm));
		return;
	}
	while (quality[best] >> shift >> SHARE_BITS)
		shift++;
	for (i = 0; i < n; i++)
		sum += quality[i] >> shift;
	for (i = 0; i < n; i++) {
		ppm[i] = div64_u64((quality[i] >> shift) * KZT_PPM, sum);
		left -= ppm[i];
	}
	ppm[best] += left;
}

/**
 * kzt_quality_balance() - how well the traffic agrees with the shares
 * @used: packets carried by each path
 * @share_ppm: share that each should have
 * @n: paths
 *
 * Implements: spec 3, 3.9.3, steps 3 and 4.
 * Return: KZT_PPM in full agreement, down to -KZT_PPM.
 */
s32 kzt_quality_balance(const u32 *used, const u32 *share_ppm, unsigned int n)
{
	s32 balance = KZT_PPM, d;
	u64 total = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		total += used[i];
	if (!total)
		return balance;
	for (i = 0; i < n; i++) {
		d = (s32)div64_u64((u64)used[i] * KZT_PPM, total) -
			(s32)share_ppm[i];
		balance -= d < 0 ? -d : d;
	}
	return balance;
}

/**
 * kzt_quality_exceeds() - is the path to be avoided?
 * @f: what is known of the path
 * @lim: limits
 * @slack_ppm: by how much it must stay below the limits; for a path that is
 *	already avoided, so that one at its limit does not alternate
 *
 * Implements: spec 3, 3.20.10, step 5, without the alternation.
 * Return: whether any measure is above its limit.
 */
bool kzt_quality_exceeds(const struct kzt_quality_facts *f,
			 const struct kzt_quality_limits *lim, u32 slack_ppm)
{
	u64 keep = KZT_PPM - min(slack_ppm, KZT_PPM);
	unsigned int w;

	for (w = 0; w < ARRAY_SIZE(lim->weight_ppm); w++)
		if (facts_measure(f, w) >
		    div_u64(limits_measure(lim, w) * keep, KZT_PPM))
			return true;
	return false;
}

/**
 * kzt_qos_is_14() - are reports for a peer those of the 1.4 era?
 * @major: its software version
 * @minor: of it
 * @rev: of it
 *
 * Implements: spec 3, 3.19; from 1.4.7 on they are those of 1.6.
 * Return: whether they are.
 */
bool kzt_qos_is_14(unsigned int major, unsigned int minor, unsigned int rev)
{
	return major == 1 && (minor == 4 || minor == 5) && rev <= 6;
}

/**
 * kzt_qos_sampled() - is a packet recorded for QOS_MEASUREMENT and ACK?
 * @packet_id: wire id, as a big-endian number
 * @verb: its verb
 * @by_14: kzt_qos_is_14() of the peer
 *
 * Implements: spec 3, 3.20.9; 3.19.2 for the 1.4 era.
 * Return: whether it is.
 */
bool kzt_qos_sampled(u64 packet_id, u8 verb, bool by_14)
{
	return (by_14 ? !(packet_id & 15) : packet_id & 1) &&
	       verb != KZT_VERB_ACK && verb != KZT_VERB_QOS_MEASUREMENT;
}

/**
 * kzt_qos_latency_ms() - latency from a record of a QOS_MEASUREMENT
 * @sent_ms: when the packet was sent
 * @now_ms: when the report came
 * @holding_ms: how long the other side kept the record
 *
 * Implements: spec 3, 3.20.9; a holding time longer than the whole is no
 * sample instead of a very long one.
 * Return: half of the round trip; -1 if the record cannot be right.
 */
s32 kzt_qos_latency_ms(u32 sent_ms, u32 now_ms, u16 holding_ms)
{
	s32 trip = (u16)(now_ms - sent_ms) - holding_ms;

	return trip < 0 ? -1 : trip / 2;
}
