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

#endif /* KZT_UTIL_H */
