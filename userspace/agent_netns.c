// SPDX-License-Identifier: GPL-2.0
/*
 * Devices in other network namespaces.
 *
 * Entering a namespace takes CAP_SYS_ADMIN, which the agent must not have while
 * it reads what the network sent.  So a second process keeps it, which knows
 * eight operations on a device and reads nothing but requests of this file.  It
 * is forked before anything else is open and ends when the agent does.
 */
#include "agent.h"
#include <linux/capability.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

#define NETNS_DIR "/run/netns"
#define HELPER_TIMEOUT_S 10

struct request {
	enum agent_link_op op;
	int ifindex;
	struct agent_prefix prefix;
	struct agent_route route;
};

struct answer {
	int code;
	char err[AGENT_ERR];
	unsigned int n;			/* of those that an agent has set */
	union {
		struct agent_prefix prefix[AGENT_ADDRS];
		struct agent_route route[AGENT_ROUTES];
	};
};

static int helper_fd = -1;

/* --- operations, in the namespace of @rt ---------------------------------------------- */

static int addr_op(struct kzt_rt *rt, int ifindex, const struct agent_prefix *p,
		   bool add)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (p->family == AF_INET) {
		memcpy(&in.sin_addr, p->ip, sizeof(in.sin_addr));
		return kzt_rt_addr(rt, ifindex, (struct sockaddr *)&in, p->len, add);
	}
	memcpy(&in6.sin6_addr, p->ip, sizeof(in6.sin6_addr));
	return kzt_rt_addr(rt, ifindex, (struct sockaddr *)&in6, p->len, add);
}

static int route_op(struct kzt_rt *rt, int ifindex, const struct agent_route *r,
		    bool add)
{
	return kzt_rt_route(rt, ifindex, r->target.family, r->target.ip,
			    r->target.len, r->has_via ? r->via : NULL, add);
}

static void answer_add(void *arg, uint8_t family, uint8_t plen, const void *ip, size_t len)
{
	struct answer *ans = arg;
	struct agent_prefix p = { .family = family, .len = plen };

	memcpy(p.ip, ip, len);
	if (ans->n < AGENT_ADDRS)
		ans->prefix[ans->n++] = p;
}

static void answer_add_route(void *arg, uint8_t family, const void *dst, uint8_t plen,
			     const void *via)
{
	struct agent_route r = { .target = { .family = family, .len = plen } };
	size_t len = family == AF_INET ? 4 : 16;
	struct answer *ans = arg;

	memcpy(r.target.ip, dst, len);
	if (via) {
		r.has_via = true;
		memcpy(r.via, via, len);
	}
	if (ans->n < AGENT_ROUTES)
		ans->route[ans->n++] = r;
}

static int link_op(struct kzt_rt *rt, const struct request *req, struct answer *ans)
{
	switch (req->op) {
	case AGENT_LINK_UP:
		return kzt_rt_link_up(rt, req->ifindex, true);
	case AGENT_LINK_DEL:
		return kzt_rt_link_del(rt, req->ifindex);
	case AGENT_ADDR_ADD:
	case AGENT_ADDR_DEL:
		return addr_op(rt, req->ifindex, &req->prefix,
			       req->op == AGENT_ADDR_ADD);
	case AGENT_ADDR_LIST:
		kzt_rt_addr_each(rt, req->ifindex, answer_add, ans);
		return 0;
	case AGENT_ROUTE_ADD:
	case AGENT_ROUTE_DEL:
		return route_op(rt, req->ifindex, &req->route,
				req->op == AGENT_ROUTE_ADD);
	case AGENT_ROUTE_LIST:
		return kzt_rt_route_each(rt, req->ifindex, answer_add_route, ans);
	}
	rt->err[0] = 0;
	return -EINVAL;
}

/* --- the second process ------------------------------------------------------------------ */

static void serve_one(const struct request *req, int netns, int home,
		      struct answer *ans)
{
	struct kzt_rt rt;

	if (setns(netns, CLONE_NEWNET)) {
		ans->code = agent_err(ans->err, -errno, errno == EPERM ?
				      "devices in other namespaces need CAP_SYS_ADMIN" :
				      "cannot enter the namespace: %s", strerror(errno));
		return;
	}
	ans->code = kzt_rt_open(&rt);
	if (!ans->code) {
		ans->code = link_op(&rt, req, ans);
		kzt_rt_close(&rt);
	}
	if (ans->code)
		agent_err(ans->err, 0, "%s", rt.err);
	/* A namespace lives as long as somebody is in it */
	if (setns(home, CLONE_NEWNET))
		_exit(1);
}

static int request_receive(int sock, struct request *req)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { req, sizeof(*req) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf, .msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *c;
	int netns = -1;
	ssize_t n;

	do {
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		_exit(0);	/* the agent has ended */
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(&netns, CMSG_DATA(c), sizeof(netns));
	return n == sizeof(*req) ? netns : -1;
}

static void __attribute__((noreturn)) helper_main(int sock)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGTERM, SIGPIPE };
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	unsigned int i;

	prctl(PR_SET_NAME, "kztd-netns");
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	/* Without the right to have them, requests will say so */
	agent_privileges(CAP_NET_ADMIN, CAP_SYS_ADMIN);
	for (;;) {
		struct answer ans = { 0 };
		struct request req;
		int netns = request_receive(sock, &req);

		if (netns < 0)
			ans.code = -EBADF;
		else
			serve_one(&req, netns, home, &ans);
		if (netns >= 0)
			close(netns);
		if (send(sock, &ans, sizeof(ans), MSG_NOSIGNAL) < 0)
			_exit(0);
	}
}

int agent_netns_start(void)
{
	struct timeval patience = { .tv_sec = HELPER_TIMEOUT_S };
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (pid < 0) {
		int err = -errno;

		close(pair[0]);
		close(pair[1]);
		return err;
	}
	if (!pid) {
		/* Nothing of the agent's, not even its terminal */
		dup2(pair[1], STDIN_FILENO);
		close_range(1, ~0U, 0);
		helper_main(STDIN_FILENO);
	}
	close(pair[1]);
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	helper_fd = pair[0];
	return 0;
}

/* --- the agent's side ----------------------------------------------------------------------- */

static int helper_ask(const struct request *req, int netns, struct answer *ans,
		      char err[AGENT_ERR])
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct iovec iov = { (void *)req, sizeof(*req) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf, .msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &netns, sizeof(netns));
	if (helper_fd < 0 || sendmsg(helper_fd, &msg, MSG_NOSIGNAL) < 0 ||
	    recv(helper_fd, ans, sizeof(*ans), 0) != sizeof(*ans)) {
		/* An answer that comes late would be taken for the next one */
		if (helper_fd >= 0)
			close(helper_fd);
		helper_fd = -1;
		return agent_err(err, -EPIPE,
				 "the process for other namespaces does not answer: restart the agent");
	}
	ans->err[sizeof(ans->err) - 1] = 0;
	return ans->code ? agent_err(err, ans->code, "%s", ans->err) : 0;
}

int agent_netns_open(const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s%s%s", *name == '/' ? "" : NETNS_DIR,
		 *name == '/' ? "" : "/", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int nsid_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct rtgenmsg))
		if (mnl_attr_get_type(attr) == NETNSA_NSID)
			*(int *)data = (int)mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

/* The id that the namespace of @rt knows another one by, or -1 */
static int nsid_of(struct kzt_rt *rt, int netns)
{
	char buf[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtgenmsg *g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	int nsid = -1;

	nlh->nlmsg_type = RTM_GETNSID;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = ++rt->seq;
	g->rtgen_family = AF_UNSPEC;
	mnl_attr_put_u32(nlh, NETNSA_FD, (uint32_t)netns);
	if (mnl_socket_sendto(rt->sock, nlh, nlh->nlmsg_len) < 0 ||
	    kzt_mnl_collect(rt->sock, rt->seq, rt->portid, buf, sizeof(buf),
			    rt->err, nsid_cb, &nsid))
		return -1;
	return nsid;
}

int agent_netns_by_id(struct agent *a, int nsid, char *name)
{
	DIR *dir = opendir(NETNS_DIR);
	struct dirent *e;
	int found = -1;

	while (dir && found < 0 && (e = readdir(dir))) {
		int fd = *e->d_name == '.' ? -1 : agent_netns_open(e->d_name);

		if (fd < 0)
			continue;
		if (nsid_of(&a->rt, fd) == nsid) {
			found = fd;
			if (name)
				snprintf(name, 64, "%.63s", e->d_name);
		} else {
			close(fd);
		}
	}
	if (dir)
		closedir(dir);
	return found;
}

static int request_run(struct agent *a, int nsid, const struct request *req,
		       struct answer *ans, char err[AGENT_ERR])
{
	int netns, code;

	if (nsid < 0) {
		code = link_op(&a->rt, req, ans);
		return code ? agent_err(err, code, "%s", a->rt.err) : 0;
	}
	netns = agent_netns_by_id(a, nsid, NULL);
	if (netns < 0)
		return agent_err(err, -ENOENT,
				 "the device is in a namespace without a name in " NETNS_DIR);
	code = helper_ask(req, netns, ans, err);
	close(netns);
	return code;
}

int agent_link(struct agent *a, int nsid, int ifindex, enum agent_link_op op,
	       const struct agent_prefix *prefix, char err[AGENT_ERR])
{
	struct request req = { .op = op, .ifindex = ifindex };
	struct answer ans = { 0 };

	if (prefix)
		req.prefix = *prefix;
	return request_run(a, nsid, &req, &ans, err);
}

unsigned int agent_addresses(struct agent *a, int nsid, int ifindex,
			     struct agent_prefix list[AGENT_ADDRS])
{
	struct request req = { .op = AGENT_ADDR_LIST, .ifindex = ifindex };
	struct answer ans = { 0 };

	if (request_run(a, nsid, &req, &ans, NULL) || ans.n > AGENT_ADDRS)
		return 0;
	memcpy(list, ans.prefix, ans.n * sizeof(*list));
	return ans.n;
}

int agent_route(struct agent *a, int nsid, int ifindex, enum agent_link_op op,
		const struct agent_route *route, char err[AGENT_ERR])
{
	struct request req = { .op = op, .ifindex = ifindex, .route = *route };
	struct answer ans = { 0 };

	return request_run(a, nsid, &req, &ans, err);
}

unsigned int agent_routes(struct agent *a, int nsid, int ifindex,
			  struct agent_route list[AGENT_ROUTES])
{
	struct request req = { .op = AGENT_ROUTE_LIST, .ifindex = ifindex };
	struct answer ans = { 0 };

	if (request_run(a, nsid, &req, &ans, NULL) || ans.n > AGENT_ROUTES)
		return 0;
	memcpy(list, ans.route, ans.n * sizeof(*list));
	return ans.n;
}
