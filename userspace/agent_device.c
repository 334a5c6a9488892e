// SPDX-License-Identifier: GPL-2.0
/*
 * The netdevices of networks: their addresses follow the configuration.
 *
 * What an administrator removes by hand stays removed until the device, its
 * namespace, its state or the configuration changes.
 */
#include "agent_config.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

void agent_prefix_text(const struct agent_prefix *p, char out[64])
{
	char ip[INET6_ADDRSTRLEN];

	inet_ntop(p->family, p->ip, ip, sizeof(ip));
	snprintf(out, 64, "%s/%u", ip, p->len);
}

static bool prefix_same(const struct agent_prefix *a, const struct agent_prefix *b)
{
	return a->family == b->family && a->len == b->len &&
	       !memcmp(a->ip, b->ip, a->family == AF_INET ? 4 : 16);
}

static bool listed(const struct agent_prefix *list, unsigned int n,
		   const struct agent_prefix *p)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (prefix_same(&list[i], p))
			return true;
	return false;
}

/* --- what the kernel says ---------------------------------------------------------------- */

static bool prefix_read(const struct nlattr *nest, struct agent_prefix *p)
{
	const struct nlattr *tb[KZT_A_PREFIX_MAX + 1];
	unsigned int len;

	kzt_nl_nested(nest, tb, KZT_A_PREFIX_MAX);
	if (!tb[KZT_A_PREFIX_ADDR])
		return false;
	len = mnl_attr_get_payload_len(tb[KZT_A_PREFIX_ADDR]);
	if (len != 4 && len != 16)
		return false;
	memset(p, 0, sizeof(*p));
	p->family = len == 4 ? AF_INET : AF_INET6;
	p->len = (uint8_t)kzt_attr_uint(tb[KZT_A_PREFIX_LEN], len * 8);
	memcpy(p->ip, mnl_attr_get_payload(tb[KZT_A_PREFIX_ADDR]), len);
	return true;
}

static void addresses_read(struct agent_network *nw, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	nw->n_addr = 0;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == KZT_A_NETWORK_ADDRESS &&
		    nw->n_addr < AGENT_ADDRS &&
		    prefix_read(attr, &nw->addr[nw->n_addr]))
			nw->n_addr++;
}

bool agent_network_fill(struct agent_network *nw, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[KZT_A_NETWORK_MAX + 1];
	int ifindex, nsid = -1;

	kzt_nl_attrs(nlh, tb, KZT_A_NETWORK_MAX);
	ifindex = (int)kzt_attr_uint(tb[KZT_A_NETWORK_IFINDEX], 0);
	if (!tb[KZT_A_NETWORK_STATUS] || !ifindex)
		return false;
	if (tb[KZT_A_NETWORK_NETNSID])
		nsid = (int)mnl_attr_get_u32(tb[KZT_A_NETWORK_NETNSID]);
	if (!nw->present || ifindex != nw->ifindex || nsid != nw->nsid) {
		nw->n_applied = 0;	/* new, or moved: it has lost them */
		nw->n_route = 0;
		nw->up = false;
		nw->adopted = false;
		nw->routes_adopted = false;
	}
	nw->present = true;
	nw->retry = false;
	nw->ifindex = ifindex;
	nw->nsid = nsid;
	nw->status = (uint32_t)kzt_attr_uint(tb[KZT_A_NETWORK_STATUS], 0);
	if (tb[KZT_A_NETWORK_IFNAME])
		snprintf(nw->ifname, sizeof(nw->ifname), "%s",
			 mnl_attr_get_str(tb[KZT_A_NETWORK_IFNAME]));
	addresses_read(nw, nlh);
	return true;
}

/* --- addresses ----------------------------------------------------------------------------- */

static void addresses_remove(struct agent *a, struct agent_network *nw)
{
	unsigned int i, kept = 0;

	for (i = 0; i < nw->n_applied; i++) {
		const struct agent_prefix *p = &nw->applied[i];

		if (listed(nw->addr, nw->n_addr, p) && agent_address_allowed(nw, p))
			nw->applied[kept++] = *p;
		else	/* gone already is as good */
			agent_link(a, nw->nsid, nw->ifindex, AGENT_ADDR_DEL, p,
				   NULL);
	}
	nw->n_applied = kept;
}

/* What an agent before us set is ours to take away */
static void adopt(struct agent *a, struct agent_network *nw)
{
	if (nw->adopted)
		return;
	nw->adopted = true;
	/* It may have been up long before there were events for us */
	nw->up = kzt_rt_link_is_up(&a->rt, nw->ifindex, nw->nsid);
	nw->n_applied = agent_addresses(a, nw->nsid, nw->ifindex, nw->applied);
}

void agent_network_apply(struct agent *a, struct agent_network *nw)
{
	char err[AGENT_ERR], text[64];
	unsigned int i;
	int code;

	if (!nw->present)
		return;
	adopt(a, nw);
	addresses_remove(a, nw);
	for (i = 0; i < nw->n_addr; i++) {
		const struct agent_prefix *p = &nw->addr[i];

		if (!agent_address_allowed(nw, p) ||
		    listed(nw->applied, nw->n_applied, p))
			continue;
		code = agent_link(a, nw->nsid, nw->ifindex, AGENT_ADDR_ADD, p,
				  err);
		if (!code) {
			nw->applied[nw->n_applied++] = *p;
		} else if (code != -ENODEV && code != -EEXIST &&
			   agent_limit_pass(&nw->limit)) {
			agent_prefix_text(p, text);
			agent_log(LOG_WARNING, "cannot give %s the address %s: %s",
				  nw->ifname, text, err);
		}
	}
}

/* --- links ----------------------------------------------------------------------------------- */

/* A device that goes down loses its IPv6 addresses: give them again */
static void link_event(struct agent *a, const struct nlmsghdr *nlh, int nsid)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct agent_network *nw = a->networks->first;
	bool up;

	if (nsid < 0)
		agent_conf_links(a);
	if (nlh->nlmsg_type != RTM_NEWLINK ||
	    nlh->nlmsg_len < mnl_nlmsg_size(sizeof(*ifi)))
		return;
	up = ifi->ifi_flags & IFF_UP;
	for (; nw; nw = nw->next) {
		if (!nw->present || nw->nsid != nsid ||
		    nw->ifindex != ifi->ifi_index || nw->up == up)
			continue;
		nw->up = up;
		if (up) {
			nw->n_applied = 0;
			nw->n_route = 0;
			agent_network_apply(a, nw);
			agent_routes_apply(a, nw);
		}
	}
}

static int message_nsid(struct msghdr *msg)
{
	struct cmsghdr *c;
	int nsid;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_NETLINK &&
		    c->cmsg_type == NETLINK_LISTEN_ALL_NSID) {
			memcpy(&nsid, CMSG_DATA(c), sizeof(nsid));
			return nsid;
		}
	return -1;
}

static void links_lost(struct agent *a)
{
	struct agent_network *nw;

	a->overruns++;
	agent_conf_links(a);
	for (nw = a->networks->first; nw; nw = nw->next) {
		nw->n_applied = 0;
		agent_network_apply(a, nw);
	}
}

static void links_ready(struct agent_source *src, uint32_t events)
{
	static char buf[KZT_NL_BUF] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct agent *a = src->arg;
	struct sockaddr_nl from;

	(void)events;
	for (;;) {
		char control[CMSG_SPACE(sizeof(int)) * 4]
			__attribute__((aligned(__alignof__(struct cmsghdr))));
		struct iovec iov = { buf, sizeof(buf) };
		struct msghdr msg = {
			.msg_name = &from, .msg_namelen = sizeof(from),
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control, .msg_controllen = sizeof(control),
		};
		ssize_t n = recvmsg(src->fd, &msg, MSG_DONTWAIT);
		struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
		int left = (int)n;

		if (n < 0 && errno == ENOBUFS) {
			links_lost(a);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		if (from.nl_pid)	/* not from the kernel */
			continue;
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			link_event(a, nlh, message_nsid(&msg));
	}
}

/* With all privileges still there: other namespaces take CAP_NET_BROADCAST */
int agent_links_open(struct agent *a)
{
	int group = RTNLGRP_LINK, one = 1, err;

	err = kzt_rt_open(&a->links);
	if (err)
		return err;
	if (mnl_socket_setsockopt(a->links.sock, NETLINK_ADD_MEMBERSHIP, &group,
				  sizeof(group)) < 0)
		return -errno;
	if (mnl_socket_setsockopt(a->links.sock, NETLINK_LISTEN_ALL_NSID, &one,
				  sizeof(one)) < 0)
		agent_log(LOG_INFO, "devices in other namespaces are not watched: %s",
			  strerror(errno));
	return 0;
}

int agent_links_start(struct agent *a)
{
	a->link_source.fd = mnl_socket_get_fd(a->links.sock);
	a->link_source.fn = links_ready;
	a->link_source.arg = a;
	return agent_loop_add(&a->loop, &a->link_source, EPOLLIN);
}
