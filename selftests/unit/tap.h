/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Test Anything Protocol for the unit tests: one ok() for each behaviour, the
 * plan at the end.  Output is line buffered, so a crash loses nothing.
 */
#ifndef KZT_UNIT_TAP_H
#define KZT_UNIT_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/* One for the program, whoever includes this: vec.c looks at it, too */
int tap_count __attribute__((__weak__));
static int tap_failures __attribute__((__unused__));

/* Prints the result line of one test; the name says which behaviour it is. */
static inline __attribute__((__format__(__printf__, 2, 3)))
void ok(bool pass, const char *fmt, ...)
{
	va_list ap;

	tap_count++;
	if (!pass)
		tap_failures++;
	printf("%sok %d - ", pass ? "" : "not ", tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

/* What was expected and found, after a failure. */
static inline __attribute__((__format__(__printf__, 1, 2)))
void diag(const char *fmt, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

/* Counts as passed, but says why nothing was tested. */
static inline __attribute__((__format__(__printf__, 1, 2)))
void skip(const char *fmt, ...)
{
	va_list ap;

	printf("ok %d # SKIP ", ++tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

/*
 * Prints the plan.  Returns the exit status of the program: 1 after a failure,
 * and also when nothing was tested at all.
 */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_count);
	if (tap_failures)
		printf("# %d of %d failed\n", tap_failures, tap_count);
	fflush(stdout);
	return tap_failures || !tap_count;
}

#endif /* KZT_UNIT_TAP_H */
