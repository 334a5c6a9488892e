// SPDX-License-Identifier: GPL-2.0
/* Words of a file, read by what kzt(8) reads its own with: what is wrong is kept here. */
#include "agent.h"
#include "kzt.h"
#include <stdio.h>

static char said[256];

const char *agent_words_why(void)
{
	return said;
}

int kzt_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
	return KZT_FAIL;
}

int kzt_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
	return KZT_USAGE;
}
