/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state directory.  A file in it is either the old or the new one, whenever
 * the agent or the machine stops.
 */
#ifndef KZT_AGENT_STATE_H
#define KZT_AGENT_STATE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct agent_state {
	int dir;			/* -1: not open; holds the lock */
	char path[PATH_MAX];
};

/* Make and lock it; 0 or a negative errno with one sentence in @err */
int agent_state_open(struct agent_state *s, const char *path, char *err);
void agent_state_close(struct agent_state *s);
/* Names may have one directory: "moons.d/0123.moon".  Length or -errno;
 * -EFBIG if there is more than @max.
 */
ssize_t agent_state_read(struct agent_state *s, const char *name, void *buf,
			 size_t max);
int agent_state_write(struct agent_state *s, const char *name, const void *buf,
		      size_t len);
int agent_state_remove(struct agent_state *s, const char *name);
/* @fn for each file of a sub-directory whose name is 16 hexadecimal digits, a
 * dot and @suffix
 */
void agent_state_each(struct agent_state *s, const char *sub,
		      const char *suffix,
		      void (*fn)(void *arg, const char *name,
				 unsigned long long id),
		      void *arg);

#endif /* KZT_AGENT_STATE_H */
