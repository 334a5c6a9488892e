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
	int one = 1;

	rt->err[0] = 0;
	rt->seq = (unsigned int)time(NULL);
	rt->sock = kzt_mnl_open(NETLINK_ROUTE, &rt->portid);
	if (!rt->sock) {
		snprintf(rt->err, sizeof(rt->err), "%s", strerror(errno));
		return -errno;
	}
	/* What a dump asks for the kernel selects: there may be a million routes */
	mnl_socket_setsockopt(rt->sock, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	return 0;
}

void kzt_rt_close(struct kzt_rt *rt)
{
	if (rt->sock)
		mnl_socket_close(rt->sock);
	rt->sock = NULL;
}

static int rt_ask(struct kzt_rt *rt, struct nlmsghdr *nlh, uint16_t type,
		  uint16_t flags, mnl_cb_t cb, void *data)
{
	char answer[RT_BUF] __attribute__((aligned(8)));

	rt->err[0] = 0;
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++rt->seq;
	if (mnl_socket_sendto(rt->sock, nlh, nlh->nlmsg_len) < 0) {
		snprintf(rt->err, sizeof(rt->err), "%s", strerror(errno));
		return -errno;
	}
	return kzt_mnl_collect(rt->sock, rt->seq, rt->portid, answer,
			       sizeof(answer), rt->err, cb, data);
}

static int rt_talk(struct kzt_rt *rt, struct nlmsghdr *nlh, uint16_t type,
		   uint16_t flags)
{
	return rt_ask(rt, nlh, type, NLM_F_ACK | flags, NULL, NULL);
}

int kzt_rt_link_new(struct kzt_rt *rt, const char *name, uint64_t network,
		    int netns_fd)
{
	char buf[RT_BUF] __attribute__((aligned(8)));
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
	char buf[RT_BUF] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));

	ifm->ifi_family = AF_UNSPEC;
	ifm->ifi_index = ifindex;
	return rt_talk(rt, nlh, RTM_DELLINK, 0);
}

int kzt_rt_link_up(struct kzt_rt *rt, int ifindex, bool up)
{
	char buf[RT_BUF] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));

	ifm->ifi_family = AF_UNSPEC;
	ifm->ifi_index = ifindex;
	ifm->ifi_change = IFF_UP;
	ifm->ifi_flags = up ? IFF_UP : 0;
	return rt_talk(rt, nlh, RTM_NEWLINK, 0);
}

struct link_state {
	int ifindex;
	bool up;
};

static int link_state_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifm = mnl_nlmsg_get_payload(nlh);
	struct link_state *s = data;

	if (nlh->nlmsg_type == RTM_NEWLINK && ifm->ifi_index == s->ifindex)
		s->up = ifm->ifi_flags & IFF_UP;
	return MNL_CB_OK;
}

bool kzt_rt_link_is_up(struct kzt_rt *rt, int ifindex, int nsid)
{
	char buf[RT_BUF] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));
	struct link_state s = { .ifindex = ifindex };

	ifm->ifi_family = AF_UNSPEC;
	ifm->ifi_index = ifindex;
	if (nsid >= 0)
		mnl_attr_put_u32(nlh, IFLA_TARGET_NETNSID, (uint32_t)nsid);
	return !rt_ask(rt, nlh, RTM_GETLINK, NLM_F_ACK, link_state_cb, &s) && s.up;
}

/* --- addresses ------------------------------------------------------------------------ */

/* An address that the kernel tells of */
struct addr_seen {
	const void *ip;
	size_t len;
	bool ours;
};

static bool addr_read(const struct nlmsghdr *nlh, int ifindex,
		      struct addr_seen *seen)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	size_t len = ifa->ifa_family == AF_INET ? 4 : 16;

	memset(seen, 0, sizeof(*seen));
	if (nlh->nlmsg_type != RTM_NEWADDR || (int)ifa->ifa_index != ifindex)
		return false;
	mnl_attr_for_each(attr, nlh, sizeof(*ifa)) {
		unsigned int type = mnl_attr_get_type(attr);

		if (type == (len == 4 ? IFA_LOCAL : IFA_ADDRESS) &&
		    mnl_attr_get_payload_len(attr) == len) {
			seen->ip = mnl_attr_get_payload(attr);
			seen->len = len;
		} else if (type == IFA_PROTO) {
			seen->ours = mnl_attr_get_u8(attr) == KZT_RT_PROTO;
		}
	}
	return seen->ip;
}

static void addr_dump(struct kzt_rt *rt, uint8_t family, mnl_cb_t cb, void *data)
{
	char buf[RT_BUF] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	ifa->ifa_family = family;
	rt_ask(rt, nlh, RTM_GETADDR, NLM_F_DUMP, cb, data);
}

struct addr_search {
	int ifindex;
	const void *ip;
	size_t len;
	bool ours;
};

/* Is there this address, and did we set it? */
static int addr_search_cb(const struct nlmsghdr *nlh, void *data)
{
	struct addr_search *s = data;
	struct addr_seen seen;

	if (addr_read(nlh, s->ifindex, &seen) && seen.len == s->len &&
	    !memcmp(seen.ip, s->ip, s->len))
		s->ours = seen.ours;
	return MNL_CB_OK;
}

struct addr_each {
	int ifindex;
	void (*fn)(void *arg, uint8_t family, uint8_t plen, const void *ip,
		   size_t len);
	void *arg;
};

static int addr_each_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	struct addr_each *e = data;
	struct addr_seen seen;

	if (addr_read(nlh, e->ifindex, &seen) && seen.ours)
		e->fn(e->arg, ifa->ifa_family, ifa->ifa_prefixlen, seen.ip,
		      seen.len);
	return MNL_CB_OK;
}

void kzt_rt_addr_each(struct kzt_rt *rt, int ifindex,
		      void (*fn)(void *arg, uint8_t family, uint8_t plen,
				 const void *ip, size_t len), void *arg)
{
	struct addr_each e = { ifindex, fn, arg };

	addr_dump(rt, AF_UNSPEC, addr_each_cb, &e);
}

static int addr_change(struct kzt_rt *rt, int ifindex, uint8_t family,
		       const void *ip, size_t len, unsigned int plen, bool add)
{
	char buf[RT_BUF] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	ifa->ifa_family = family;
	ifa->ifa_index = (unsigned int)ifindex;
	ifa->ifa_prefixlen = (uint8_t)plen;
	/* The address is the network's to give: nobody else has it */
	if (family == AF_INET6)
		ifa->ifa_flags = IFA_F_NODAD;
	mnl_attr_put(nlh, IFA_LOCAL, len, ip);
	mnl_attr_put(nlh, IFA_ADDRESS, len, ip);
	mnl_attr_put_u8(nlh, IFA_PROTO, KZT_RT_PROTO);
	return rt_talk(rt, nlh, add ? RTM_NEWADDR : RTM_DELADDR,
		       add ? NLM_F_CREATE | NLM_F_EXCL : 0);
}

int kzt_rt_addr(struct kzt_rt *rt, int ifindex, const struct sockaddr *ip,
		unsigned int plen, bool add)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)ip;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ip;
	bool v4 = ip->sa_family == AF_INET;
	struct addr_search s = {
		.ifindex = ifindex,
		.ip = v4 ? (const void *)&in->sin_addr : &in6->sin6_addr,
		.len = v4 ? 4 : 16,
	};
	int err;

	err = addr_change(rt, ifindex, (uint8_t)ip->sa_family, s.ip, s.len, plen,
			  add);
	if (err != -EEXIST)
		return err;
	addr_dump(rt, (uint8_t)ip->sa_family, addr_search_cb, &s);
	if (s.ours)
		return 0;
	snprintf(rt->err, sizeof(rt->err), "somebody else has set this address");
	return -EEXIST;
}

/* --- routes --------------------------------------------------------------------------- */

int kzt_rt_route(struct kzt_rt *rt, int ifindex, uint8_t family,
		 const uint8_t *dst, unsigned int plen, const uint8_t *via,
		 bool add)
{
	char buf[RT_BUF] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	size_t len = family == AF_INET ? 4 : 16;
	int err;

	rtm->rtm_family = family;
	rtm->rtm_dst_len = (uint8_t)plen;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_protocol = KZT_RT_PROTO;
	rtm->rtm_type = RTN_UNICAST;
	rtm->rtm_scope = via || family == AF_INET6 ? RT_SCOPE_UNIVERSE :
						     RT_SCOPE_LINK;
	mnl_attr_put(nlh, RTA_DST, len, dst);
	if (via)
		mnl_attr_put(nlh, RTA_GATEWAY, len, via);
	mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t)ifindex);
	err = rt_talk(rt, nlh, add ? RTM_NEWROUTE : RTM_DELROUTE,
		      add ? NLM_F_CREATE | NLM_F_EXCL : 0);
	if (!add || err != -EEXIST)
		return err;
	/* One of an earlier life of ours gives way, and no other: the protocol
	 * number has to match
	 */
	if (!rt_talk(rt, nlh, RTM_DELROUTE, 0))
		err = rt_talk(rt, nlh, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	if (err == -EEXIST)
		snprintf(rt->err, sizeof(rt->err), "there is such a route already");
	return err;
}

struct route_each {
	uint32_t ifindex;
	void (*fn)(void *arg, uint8_t family, const void *dst, uint8_t plen,
		   const void *via);
	void *arg;
};

static int route_each_cb(const struct nlmsghdr *nlh, void *data)
{
	static const uint8_t zero[16];
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	size_t len = rtm->rtm_family == AF_INET ? 4 : 16;
	const void *dst = zero, *via = NULL;
	struct route_each *e = data;
	const struct nlattr *attr;
	uint32_t oif = 0;

	if (nlh->nlmsg_type != RTM_NEWROUTE || rtm->rtm_protocol != KZT_RT_PROTO ||
	    rtm->rtm_table != RT_TABLE_MAIN || rtm->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, nlh, sizeof(*rtm)) {
		unsigned int type = mnl_attr_get_type(attr);

		if (type == RTA_OIF)
			oif = mnl_attr_get_u32(attr);
		else if (type == RTA_DST && mnl_attr_get_payload_len(attr) == len)
			dst = mnl_attr_get_payload(attr);
		else if (type == RTA_GATEWAY && mnl_attr_get_payload_len(attr) == len)
			via = mnl_attr_get_payload(attr);
	}
	if (oif == e->ifindex)
		e->fn(e->arg, rtm->rtm_family, dst, rtm->rtm_dst_len, via);
	return MNL_CB_OK;
}

int kzt_rt_route_each(struct kzt_rt *rt, int ifindex,
		      void (*fn)(void *arg, uint8_t family, const void *dst,
				 uint8_t plen, const void *via), void *arg)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct route_each e = { (uint32_t)ifindex, fn, arg };
	char buf[RT_BUF] __attribute__((aligned(8)));
	struct nlmsghdr *nlh;
	struct rtmsg *rtm;
	unsigned int i;
	int err = 0;

	for (i = 0; i < sizeof(families) && !err; i++) {
		nlh = mnl_nlmsg_put_header(buf);
		rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
		rtm->rtm_family = families[i];
		rtm->rtm_table = RT_TABLE_MAIN;
		rtm->rtm_protocol = KZT_RT_PROTO;
		mnl_attr_put_u32(nlh, RTA_OIF, e.ifindex);
		err = rt_ask(rt, nlh, RTM_GETROUTE, NLM_F_DUMP, route_each_cb, &e);
	}
	return err;
}
