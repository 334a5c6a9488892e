// SPDX-License-Identifier: GPL-2.0
/* What the agent has to say, and how often. */
#include "agent.h"
#include "out.h"
#include <stdio.h>
#include <string.h>

#define LIMIT_MS 60000
#define LIMIT_BURST 5

static enum agent_log_to log_to;

void agent_log_to(enum agent_log_to where)
{
	log_to = where;
	if (where == AGENT_LOG_SYSLOG)
		openlog("kztd", LOG_PID, LOG_DAEMON);
}

void agent_clean(char *text)
{
	kzt_text_clean(text, strlen(text));
}

void agent_log(int prio, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	agent_clean(line);	/* others' words may be in it */
	switch (log_to) {
	case AGENT_LOG_SYSLOG:
		syslog(prio, "%s", line);
		break;
	case AGENT_LOG_JOURNAL:	/* sd-daemon(3): the level in front */
		fprintf(stderr, "<%d>%s\n", prio, line);
		break;
	case AGENT_LOG_STDERR:
		if (prio < LOG_DEBUG)
			fprintf(stderr, "kztd: %s\n", line);
		break;
	}
}

bool agent_limit_pass(struct agent_limit *limit)
{
	uint64_t now = agent_now_ms();

	if (!limit->since_ms || now - limit->since_ms >= LIMIT_MS) {
		if (limit->n > LIMIT_BURST)
			agent_log(LOG_NOTICE, "%u messages like the next one were left out",
				  limit->n - LIMIT_BURST);
		limit->since_ms = now;
		limit->n = 0;
	}
	return limit->n++ < LIMIT_BURST;
}

uint64_t agent_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

int agent_err(char *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (err) {
		va_start(ap, fmt);
		vsnprintf(err, AGENT_ERR, fmt, ap);
		va_end(ap);
	}
	return code;
}
