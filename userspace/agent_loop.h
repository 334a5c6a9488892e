/* SPDX-License-Identifier: GPL-2.0 */
/* An event loop over epoll: descriptors, signals, one tick. */
#ifndef KZT_AGENT_LOOP_H
#define KZT_AGENT_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

/**
 * struct agent_source - a descriptor and who looks after it
 * @fd: descriptor, -1 for none
 * @fn: called with the epoll events; may remove any source
 * @arg: for @fn
 *
 * A source has to outlive agent_loop_run(): a call that was under way when it
 * was removed finds @fd < 0 and is left out.
 */
struct agent_source {
	int fd;
	void (*fn)(struct agent_source *src, uint32_t events);
	void *arg;
};

struct agent_loop {
	int epfd;
	bool stop;
	struct agent_source signals, timer;
	void (*on_signal)(struct agent_loop *loop, int signo);
	void (*on_tick)(struct agent_loop *loop);
};

int agent_loop_init(struct agent_loop *loop);
void agent_loop_free(struct agent_loop *loop);
/* @fd and @fn are in @src already */
int agent_loop_add(struct agent_loop *loop, struct agent_source *src,
		   uint32_t events);
int agent_loop_change(struct agent_loop *loop, struct agent_source *src,
		      uint32_t events);
/* Take the source out and close its descriptor */
void agent_loop_del(struct agent_loop *loop, struct agent_source *src);
/* Signals in @set come to on_signal; they are blocked from now on */
int agent_loop_signals(struct agent_loop *loop, const sigset_t *set);
int agent_loop_tick(struct agent_loop *loop, uint64_t period_ms);
/* Until loop->stop is set; 0 or a negative errno */
int agent_loop_run(struct agent_loop *loop);

#endif /* KZT_AGENT_LOOP_H */
