/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_UTIL_H
#define KZT_UTIL_H

#include <linux/timekeeping.h>
#include <linux/types.h>

/* Added to the clock, so that a time of 0 always means "long ago" */
#define KZT_CLOCK_BASE_MS	10000000ULL

/**
 * kzt_now_ms() - the node's clock
 *
 * Monotonic, counts suspend, never small: 0 can stand for "never".
 *
 * Return: milliseconds.
 */
static inline u64 kzt_now_ms(void)
{
	return KZT_CLOCK_BASE_MS + ktime_to_ms(ktime_get_coarse_boottime());
}

/**
 * kzt_now_us() - the node's clock, to measure round trips
 *
 * Finer than kzt_now_ms(), and dearer.
 *
 * Return: microseconds.
 */
static inline u64 kzt_now_us(void)
{
	return KZT_CLOCK_BASE_MS * 1000 + ktime_to_us(ktime_get_boottime());
}

/**
 * kzt_gate() - a rate gate of spec 3.14
 * @last: when it was last passed; updated on a pass
 * @now: the node's clock, ms
 * @interval_ms: least distance of two passes
 *
 * Not for use from several contexts at once.
 *
 * Return: true if passed.
 */
static inline bool kzt_gate(u64 *last, u64 now, u64 interval_ms)
{
	if (now - *last < interval_ms)
		return false;
	*last = now;
	return true;
}

#endif /* KZT_UTIL_H */
