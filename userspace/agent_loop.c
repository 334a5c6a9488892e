// SPDX-License-Identifier: GPL-2.0
/* An event loop over epoll: descriptors, signals, one tick. */
#include "agent_loop.h"
#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define EVENTS_MAX 16

int agent_loop_init(struct agent_loop *loop)
{
	memset(loop, 0, sizeof(*loop));
	loop->signals.fd = -1;
	loop->timer.fd = -1;
	loop->epfd = epoll_create1(EPOLL_CLOEXEC);
	return loop->epfd < 0 ? -errno : 0;
}

void agent_loop_free(struct agent_loop *loop)
{
	agent_loop_del(loop, &loop->signals);
	agent_loop_del(loop, &loop->timer);
	if (loop->epfd >= 0)
		close(loop->epfd);
	loop->epfd = -1;
}

static int loop_ctl(struct agent_loop *loop, int op, struct agent_source *src,
		    uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = src };

	return epoll_ctl(loop->epfd, op, src->fd, &ev) ? -errno : 0;
}

int agent_loop_add(struct agent_loop *loop, struct agent_source *src,
		   uint32_t events)
{
	return loop_ctl(loop, EPOLL_CTL_ADD, src, events);
}

int agent_loop_change(struct agent_loop *loop, struct agent_source *src,
		      uint32_t events)
{
	return loop_ctl(loop, EPOLL_CTL_MOD, src, events);
}

void agent_loop_del(struct agent_loop *loop, struct agent_source *src)
{
	if (src->fd < 0)
		return;
	loop_ctl(loop, EPOLL_CTL_DEL, src, 0);
	close(src->fd);
	src->fd = -1;
}

static void signal_ready(struct agent_source *src, uint32_t events)
{
	struct agent_loop *loop = src->arg;
	struct signalfd_siginfo info;

	(void)events;
	while (read(src->fd, &info, sizeof(info)) == sizeof(info))
		loop->on_signal(loop, (int)info.ssi_signo);
}

int agent_loop_signals(struct agent_loop *loop, const sigset_t *set)
{
	if (sigprocmask(SIG_BLOCK, set, NULL))
		return -errno;
	loop->signals.fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signals.fd < 0)
		return -errno;
	loop->signals.fn = signal_ready;
	loop->signals.arg = loop;
	return agent_loop_add(loop, &loop->signals, EPOLLIN);
}

static void timer_ready(struct agent_source *src, uint32_t events)
{
	struct agent_loop *loop = src->arg;
	uint64_t expired;

	(void)events;
	if (read(src->fd, &expired, sizeof(expired)) == sizeof(expired))
		loop->on_tick(loop);
}

int agent_loop_tick(struct agent_loop *loop, uint64_t period_ms)
{
	struct timespec period = {
		.tv_sec = (time_t)(period_ms / 1000),
		.tv_nsec = (long)(period_ms % 1000) * 1000000,
	};
	struct itimerspec its = { .it_interval = period, .it_value = period };

	loop->timer.fd = timerfd_create(CLOCK_MONOTONIC,
					TFD_CLOEXEC | TFD_NONBLOCK);
	if (loop->timer.fd < 0 || timerfd_settime(loop->timer.fd, 0, &its, NULL))
		return -errno;
	loop->timer.fn = timer_ready;
	loop->timer.arg = loop;
	return agent_loop_add(loop, &loop->timer, EPOLLIN);
}

int agent_loop_run(struct agent_loop *loop)
{
	struct epoll_event ev[EVENTS_MAX];

	while (!loop->stop) {
		int i, n = epoll_wait(loop->epfd, ev, EVENTS_MAX, -1);

		if (n < 0 && errno != EINTR)
			return -errno;
		for (i = 0; i < n && !loop->stop; i++) {
			struct agent_source *src = ev[i].data.ptr;

			if (src->fd >= 0)
				src->fn(src, ev[i].events);
		}
	}
	return 0;
}
