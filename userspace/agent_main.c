// SPDX-License-Identifier: GPL-2.0
/* kztd(8): one agent for the node of one network namespace. */
#include "agent.h"
#include "agent_config.h"
#include "agent_options.h"
#include "netns.h"
#include <linux/capability.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TICK_MS 1000
#define LOOK_MS 10000
#define SYNC_MS 60000
#define EVENT_RCVBUF (1 << 20)
/* A configuration as large as there may be comes in 50 packets at once, and goes
 * to the module in one message
 */
#define UPCALL_RCVBUF (2 << 20)
#define CMD_SNDBUF (2 << 20)

/* --- events ----------------------------------------------------------------------------- */

static int upcall_cb(const struct nlmsghdr *nlh, void *data)
{
	struct agent *a = data;

	switch (kzt_nl_cmd(nlh)) {
	case KZT_CMD_IDENTITY_CHECK_NTF:
		agent_upcall_identity(a, nlh);
		break;
	case KZT_CMD_WORLD_UPDATE_NTF:
		agent_world_update(a, nlh);
		break;
	case KZT_CMD_PACKET_NTF:
		agent_packet_receive(a, nlh);
		agent_controller_packet(a, nlh);
		break;
	}
	return MNL_CB_OK;
}

static int event_cb(const struct nlmsghdr *nlh, void *data)
{
	struct agent *a = data;

	switch (kzt_nl_cmd(nlh)) {
	case KZT_CMD_NODE_NTF:
		agent_node_event(a, nlh);
		break;
	case KZT_CMD_NETWORK_NTF:
		agent_network_event(a, nlh);
		break;
	}
	return MNL_CB_OK;
}

/* Without the module nothing can be done, and its next life knows us not */
static void resync(struct agent *a)
{
	int err = agent_node_sync(a);

	if (err == -ENOENT || err == -EOPNOTSUPP) {
		agent_log(LOG_ERR, "the kzt module has been unloaded");
		a->status = AGENT_ABSENT;
		a->loop.stop = true;
		return;
	}
	agent_networks_sync(a);
	agent_node_status(a, false);
}

static void netlink_ready(struct agent_source *src, uint32_t events)
{
	static struct agent_limit limit;
	struct agent *a = src->arg;
	bool upcall = src == &a->upcall_source;
	struct kzt_nl *nl = upcall ? &a->upcall : &a->event;
	int err;

	(void)events;
	do {
		err = kzt_nl_receive(nl, upcall ? upcall_cb : event_cb, a);
	} while (!err);
	if (err == -EAGAIN || err == -EINTR)
		return;
	if (err == -ENOBUFS) {
		/* Events were lost: look at what they would have told.  Lost
		 * questions are asked again; what was revoked is not said again.
		 */
		a->overruns++;
		if (upcall)
			agent_cred_overrun(a);
		else
			resync(a);
		return;
	}
	if (agent_limit_pass(&limit))
		agent_log(LOG_ERR, "netlink: %s", strerror(-err));
}

static void tick(struct agent_loop *loop)
{
	static uint64_t look_ms, sync_ms;
	struct agent *a = (struct agent *)loop;	/* its first member */
	uint64_t now = agent_now_ms();

	agent_notify("WATCHDOG=1");
	agent_rpc_tick(a);
	agent_controller_tick(a);
	agent_peers_tick(a);
	agent_config_tick(a);
	agent_dns_tick(a);
	if (now - look_ms < LOOK_MS)
		return;
	look_ms = now;
	if (now - sync_ms >= SYNC_MS) {
		sync_ms = now;
		resync(a);
		if (!loop->stop)
			agent_networks_retry(a);
	} else if (agent_node_sync(a)) {
		resync(a);
	}
	agent_node_status(a, true);
}

static void reload(struct agent *a)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	agent_notify("RELOADING=1\nMONOTONIC_USEC=%llu",
		     (unsigned long long)ts.tv_sec * 1000000 +
		     (unsigned long long)ts.tv_nsec / 1000);
	agent_log(LOG_INFO, "reloading %s", a->state.path);
	if (!agent_node_start(a)) {
		agent_world_start(a);
		agent_networks_load(a);
		agent_conf_apply(a);
	}
	agent_notify("READY=1");
	agent_node_status(a, false);
}

static void on_signal(struct agent_loop *loop, int signo)
{
	struct agent *a = (struct agent *)loop;

	if (signo == SIGHUP)
		reload(a);
	else
		loop->stop = true;
}

/* --- start -------------------------------------------------------------------------------- */

/*
 * Into the background: the parent waits until the agent serves and ends with
 * its status.  Returns the pipe that the child tells it by.
 */
static int daemonize(void)
{
	unsigned char status = AGENT_FAIL;
	int pipefd[2];
	pid_t pid;

	if (pipe2(pipefd, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid) {
		close(pipefd[1]);
		if (read(pipefd[0], &status, 1) != 1)
			status = AGENT_FAIL;
		_exit(status);
	}
	close(pipefd[0]);
	setsid();
	return pipefd[1];
}

/* Messages of the start were for the terminal; what follows is for the log */
static void detach(int *parent)
{
	unsigned char status = AGENT_OK;
	int null;

	if (*parent < 0)
		return;
	agent_log_to(AGENT_LOG_SYSLOG);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		close(null);
	}
	if (chdir("/"))
		agent_log(LOG_DEBUG, "chdir: %s", strerror(errno));
	if (write(*parent, &status, 1) != 1)
		agent_log(LOG_DEBUG, "nobody waited for the start");
	close(*parent);
	*parent = -1;
}

static int enter_netns(const char *name)
{
	int fd = agent_netns_open(name);

	if (fd < 0) {
		agent_log(LOG_ERR, "there is no namespace %s: %s", name,
			  strerror(-fd));
		return fd;
	}
	if (setns(fd, CLONE_NEWNET)) {
		int err = -errno;

		agent_log(LOG_ERR, "cannot enter the namespace %s: %s", name,
			  strerror(errno));
		close(fd);
		return err;
	}
	close(fd);
	return 0;
}

static int set_nonblock(struct kzt_nl *nl, int rcvbuf)
{
	int fd = mnl_socket_get_fd(nl->sock);
	int flags = fcntl(fd, F_GETFL);

	/* Needs CAP_NET_ADMIN; without, less is kept */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf, sizeof(rcvbuf));
	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) ? -errno : 0;
}

static int netlink_failed(const struct kzt_nl *nl, int err)
{
	agent_log(LOG_ERR, err == -EPERM ? "CAP_NET_ADMIN is needed: run kztd as root" :
		  "%s", nl->err);
	return err == -ENOENT ? AGENT_ABSENT : AGENT_FAIL;
}

static int agent_register(struct kzt_nl *nl, bool controller)
{
	struct nlmsghdr *nlh = kzt_nl_begin(nl, KZT_CMD_AGENT_REGISTER, 0);

	mnl_attr_put_u8(nlh, KZT_A_NODE_CONTROLLER, controller);
	return kzt_nl_talk(nl, nlh, NULL, NULL);
}

/* Sockets of the family, in the order in which nothing is missed */
static int open_netlink(struct agent *a, const struct agent_options *o)
{
	const int sndbuf = CMD_SNDBUF;
	int err;

	err = kzt_nl_open(&a->cmd);
	if (err)
		return netlink_failed(&a->cmd, err);
	setsockopt(mnl_socket_get_fd(a->cmd.sock), SOL_SOCKET, SO_SNDBUFFORCE, &sndbuf,
		   sizeof(sndbuf));
	err = kzt_nl_open(&a->event);
	if (!err)
		err = kzt_nl_subscribe(&a->event, KZT_MCGRP_EVENTS);
	if (!err)
		err = set_nonblock(&a->event, EVENT_RCVBUF);
	if (err)
		return netlink_failed(&a->event, err);
	err = kzt_nl_open(&a->upcall);
	if (!err)
		err = agent_register(&a->upcall, !o->no_controller);
	if (!err)
		err = set_nonblock(&a->upcall, UPCALL_RCVBUF);
	if (err)
		return netlink_failed(&a->upcall, err);
	err = kzt_rt_open(&a->rt);
	if (!err)
		err = agent_links_open(a);
	if (err) {
		agent_log(LOG_ERR, "rtnetlink: %s", strerror(-err));
		return AGENT_FAIL;
	}
	return AGENT_OK;
}

static int start_loop(struct agent *a)
{
	uint64_t watchdog_ms = agent_notify_watchdog_us() / 1000, period = TICK_MS;
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	a->loop.on_signal = on_signal;
	a->loop.on_tick = tick;
	err = agent_loop_signals(&a->loop, &set);
	if (watchdog_ms && watchdog_ms / 2 < period)
		period = watchdog_ms / 2 ? watchdog_ms / 2 : 1;
	if (!err)
		err = agent_loop_tick(&a->loop, period);
	a->upcall_source.fd = mnl_socket_get_fd(a->upcall.sock);
	a->event_source.fd = mnl_socket_get_fd(a->event.sock);
	a->upcall_source.fn = a->event_source.fn = netlink_ready;
	a->upcall_source.arg = a->event_source.arg = a;
	if (!err)
		err = agent_loop_add(&a->loop, &a->upcall_source, EPOLLIN);
	if (!err)
		err = agent_loop_add(&a->loop, &a->event_source, EPOLLIN);
	if (!err)
		err = agent_links_start(a);
	return err;
}

/* HTTP listens beside the agent's socket: kztd.sock, http.sock; PATH, PATH.http */
static int start_controller(struct agent *a, const struct agent_options *o, const char *socket)
{
	struct agent_controller_options opt = o->controller;
	char path[PATH_MAX];
	const char *slash;

	if (o->no_controller)
		return AGENT_OK;
	if (o->socket) {
		snprintf(path, sizeof(path), "%s.http", o->socket);
		opt.socket = path;
	} else if (socket) {
		slash = strrchr(socket, '/');
		snprintf(path, sizeof(path), "%.*s/http.sock", (int)(slash - socket), socket);
		opt.socket = path;
	}
	return agent_controller_start(a, &opt) ? AGENT_FAIL : AGENT_OK;
}

/* Everything is open: make the node what the state directory says */
static int start_serving(struct agent *a, const struct agent_options *o, const char *socket)
{
	int err;

	agent_alias_load(a);
	err = agent_networks_init(a);
	if (!err)
		err = agent_dns_start(a);
	if (!err)
		err = start_loop(a);
	if (!err)
		err = agent_upcall_start(a);
	if (!err)
		err = agent_rpc_start(a, socket);
	if (err) {
		if (err != -EADDRINUSE)
			agent_log(LOG_ERR, "cannot start: %s", strerror(-err));
		return AGENT_FAIL;
	}
	agent_conf_identity(a);
	if (agent_node_start(a))
		return AGENT_FAIL;
	agent_world_start(a);
	agent_networks_load(a);
	agent_peers_offer(a);
	agent_conf_apply(a);
	return start_controller(a, o, socket);
}

/* The node, its peers and its devices go on without us */
static void stop(struct agent *a)
{
	agent_notify("STOPPING=1");
	agent_controller_stop(a);
	agent_rpc_stop(a);
	agent_upcall_stop(a);
	if (a->address && a->status == AGENT_OK) {
		agent_node_keep_floor(a);
		agent_peers_keep(a);
	}
	agent_dns_stop(a);
	agent_networks_free(a);
	json_decref(a->aliases);
	kzt_rt_close(&a->links);
	kzt_rt_close(&a->rt);
	kzt_nl_close(&a->upcall);
	kzt_nl_close(&a->event);
	kzt_nl_close(&a->cmd);
	agent_loop_free(&a->loop);
	agent_state_close(&a->state);
}

static int serve(struct agent *a, const struct agent_options *o, int *parent)
{
	char dir[PATH_MAX], err[AGENT_ERR];
	const char *socket = o->socket;
	int status;

	if (o->netns && enter_netns(o->netns))
		return AGENT_FAIL;
	/* Unless another one was asked for, it is the first that a unit is in */
	a->initial = kzt_netns_is_initial(!o->netns);
	if (!socket && a->initial)
		socket = AGENT_SOCKET_PATH;
	agent_conf_find(a, o->config, o->netns, a->initial);
	snprintf(dir, sizeof(dir), "%s%s%s", o->state ? o->state : AGENT_STATE_DIR,
		 !o->state && o->netns ? "/" : "",
		 !o->state && o->netns ? o->netns : "");
	if (agent_state_open(&a->state, dir, err)) {
		agent_log(LOG_ERR, "%s", err);
		return AGENT_FAIL;
	}
	status = open_netlink(a, o);
	if (status)
		return status;
	/*
	 * What is left are the family's commands, devices and addresses.
	 * Descriptors that took more to open are open by now, and what other
	 * namespaces take is with the other process alone.
	 */
	if (agent_privileges(CAP_NET_ADMIN, -1)) {
		agent_log(LOG_ERR, "CAP_NET_ADMIN is needed: run kztd as root");
		return AGENT_FAIL;
	}
	status = start_serving(a, o, socket);
	if (status)
		return status;
	detach(parent);
	agent_notify("READY=1");
	agent_node_status(a, false);
	if (agent_loop_run(&a->loop)) {
		agent_log(LOG_ERR, "the event loop failed: %s", strerror(errno));
		return AGENT_FAIL;
	}
	return a->status;
}

int main(int argc, char **argv)
{
	static struct agent agent = { .state.dir = -1 };
	struct agent_options o = {};
	int status, parent = -1;
	unsigned char told;

	status = agent_options_parse(argc, argv, &o);
	if (status)
		return status;
	if (getenv("JOURNAL_STREAM"))
		agent_log_to(AGENT_LOG_JOURNAL);
	if (!o.foreground) {
		parent = daemonize();
		if (parent < 0) {
			agent_log(LOG_ERR, "cannot fork: %s", strerror(-parent));
			return AGENT_FAIL;
		}
	}
	umask(077);
	if (agent_netns_start())
		agent_log(LOG_WARNING, "devices in other namespaces cannot be served: %s",
			  strerror(errno));
	agent_notify_open();
	if (sodium_init() < 0 || agent_loop_init(&agent.loop)) {
		agent_log(LOG_ERR, "cannot start");
		return AGENT_FAIL;
	}
	agent.status = status = serve(&agent, &o, &parent);
	stop(&agent);
	told = (unsigned char)status;
	if (parent >= 0 && write(parent, &told, 1) != 1)
		return AGENT_FAIL;
	return status;
}
