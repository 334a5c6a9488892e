// SPDX-License-Identifier: GPL-2.0
/* The bits of rtnetlink that kzt needs: its netdevices and their addresses. */
#include "nl.h"
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define RT_BUF 8192

int kzt_rt_open(struct kzt_rt *rt)
{
	rt->err[0] = 0;
	rt->seq = (unsigned int)time(NULL);
	rt->sock = kzt_mnl_open(NETLINK_ROUTE, &rt->portid);
	if (!rt->sock) {
		snprintf(rt->err, sizeof(rt->err), "%s", strerror(errno));
		return -errno;
	}
	return 0;
}

void kzt_rt_close(struct kzt_rt *rt)
{
	if (rt->sock)
		mnl_socket_close(rt->sock);
	rt->sock = NULL;
}

static int rt_talk(struct kzt_rt *rt, struct nlmsghdr *nlh, uint16_t type,
		   uint16_t flags)
{
	char answer[RT_BUF];

	rt->err[0] = 0;
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nlh->nlmsg_seq = ++rt->seq;
	if (mnl_socket_sendto(rt->sock, nlh, nlh->nlmsg_len) < 0) {
		snprintf(rt->err, sizeof(rt->err), "%s", strerror(errno));
		return -errno;
	}
	return kzt_mnl_collect(rt->sock, rt->seq, rt->portid, answer,
			       sizeof(answer), rt->err, NULL, NULL);
}

int kzt_rt_link_new(struct kzt_rt *rt, const char *name, uint64_t network,
		    int netns_fd)
{
	char buf[RT_BUF];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));
	struct nlattr *info, *data;

	ifm->ifi_family = AF_UNSPEC;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name ? name : "kzt%d");
	if (netns_fd >= 0)
		mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "kzt");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u64(nlh, IFLA_KZT_NETWORK, network);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return rt_talk(rt, nlh, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
}

int kzt_rt_link_del(struct kzt_rt *rt, int ifindex)
{
	char buf[RT_BUF];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));

	ifm->ifi_family = AF_UNSPEC;
	ifm->ifi_index = ifindex;
	return rt_talk(rt, nlh, RTM_DELLINK, 0);
}

int kzt_rt_link_up(struct kzt_rt *rt, int ifindex, bool up)
{
	char buf[RT_BUF];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));

	ifm->ifi_family = AF_UNSPEC;
	ifm->ifi_index = ifindex;
	ifm->ifi_change = IFF_UP;
	ifm->ifi_flags = up ? IFF_UP : 0;
	return rt_talk(rt, nlh, RTM_NEWLINK, 0);
}

int kzt_rt_addr(struct kzt_rt *rt, int ifindex, const struct sockaddr *ip,
		unsigned int plen, bool add)
{
	char buf[RT_BUF];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	const struct sockaddr_in *in = (const struct sockaddr_in *)ip;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ip;
	int err;

	ifa->ifa_family = ip->sa_family;
	ifa->ifa_index = (unsigned int)ifindex;
	ifa->ifa_prefixlen = (uint8_t)plen;
	if (ip->sa_family == AF_INET) {
		mnl_attr_put(nlh, IFA_LOCAL, 4, &in->sin_addr);
		mnl_attr_put(nlh, IFA_ADDRESS, 4, &in->sin_addr);
	} else {
		/* The address is derived from the node's: nobody else has it */
		ifa->ifa_flags = IFA_F_NODAD;
		mnl_attr_put(nlh, IFA_LOCAL, 16, &in6->sin6_addr);
		mnl_attr_put(nlh, IFA_ADDRESS, 16, &in6->sin6_addr);
	}
	err = rt_talk(rt, nlh, add ? RTM_NEWADDR : RTM_DELADDR,
		      add ? NLM_F_CREATE | NLM_F_REPLACE : 0);
	return err;
}
