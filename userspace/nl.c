// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family "kzt" over libmnl. */
#include "nl.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

struct family_ids {
	uint16_t id;
	const char *group;
	uint32_t group_id;
};

static void set_err(char err[256], int code)
{
	snprintf(err, 256, "%s", strerror(code < 0 ? -code : code));
}

/* The kernel's own words, if it gave any (NLMSGERR_ATTR_MSG). */
static void extack_text(const struct nlmsghdr *nlh, char err[256])
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	unsigned int skip = sizeof(*e);
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += mnl_nlmsg_get_payload_len(&e->msg);
	if (nlh->nlmsg_len < MNL_NLMSG_HDRLEN + MNL_ALIGN(skip))
		return;
	mnl_attr_for_each(attr, nlh, MNL_ALIGN(skip))
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			snprintf(err, 256, "%s", mnl_attr_get_str(attr));
}

int kzt_mnl_collect(struct mnl_socket *sock, unsigned int seq,
		    unsigned int portid, char *buf, size_t len, char err[256],
		    mnl_cb_t cb, void *data)
{
	for (;;) {
		ssize_t n = mnl_socket_recvfrom(sock, buf, len);
		struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
		int left = (int)n;

		if (n < 0) {
			if (errno == EINTR)
				continue;
			set_err(err, errno);
			return -errno;
		}
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			const struct nlmsgerr *e;
			int code;

			if (nlh->nlmsg_seq != seq ||
			    (nlh->nlmsg_pid && nlh->nlmsg_pid != portid))
				continue;	/* an event, or a stale answer */
			switch (nlh->nlmsg_type) {
			case NLMSG_ERROR:
				if (nlh->nlmsg_len < mnl_nlmsg_size(sizeof(*e)))
					return -EBADMSG;
				e = mnl_nlmsg_get_payload(nlh);
				if (!e->error)
					return 0;
				set_err(err, e->error);
				extack_text(nlh, err);
				return e->error;
			case NLMSG_DONE:
				code = mnl_nlmsg_get_payload_len(nlh) >= sizeof(int) ?
				       *(int *)mnl_nlmsg_get_payload(nlh) : 0;
				if (code < 0)
					set_err(err, code);
				return code < 0 ? code : 0;
			case NLMSG_NOOP:
				break;
			default:
				if (cb && cb(nlh, data) < 0) {
					set_err(err, errno ? errno : EINVAL);
					return errno ? -errno : -EINVAL;
				}
			}
		}
	}
}

static int family_cb(const struct nlmsghdr *nlh, void *data)
{
	struct family_ids *ids = data;
	const struct nlattr *attr, *grp, *a;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			ids->id = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		mnl_attr_for_each_nested(grp, attr) {
			const char *name = "";
			uint32_t id = 0;

			mnl_attr_for_each_nested(a, grp) {
				if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_NAME)
					name = mnl_attr_get_str(a);
				if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_ID)
					id = mnl_attr_get_u32(a);
			}
			if (ids->group && !strcmp(name, ids->group))
				ids->group_id = id;
		}
	}
	return MNL_CB_OK;
}

static int resolve(struct kzt_nl *nl, struct family_ids *ids)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl->buf);
	struct genlmsghdr *g;
	int err;

	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = ++nl->seq;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = CTRL_CMD_GETFAMILY;
	g->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, KZT_GENL_NAME);
	if (mnl_socket_sendto(nl->sock, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	err = kzt_mnl_collect(nl->sock, nl->seq, nl->portid, nl->buf, sizeof(nl->buf),
		      nl->err, family_cb, ids);
	if (!err && !ids->id)
		err = -ENOENT;
	return err;
}

struct mnl_socket *kzt_mnl_open(int bus, unsigned int *portid)
{
	struct mnl_socket *sock = mnl_socket_open2(bus, SOCK_CLOEXEC);
	int one = 1;

	if (!sock)
		return NULL;
	if (mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(sock);
		return NULL;
	}
	*portid = mnl_socket_get_portid(sock);
	mnl_socket_setsockopt(sock, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(sock, NETLINK_CAP_ACK, &one, sizeof(one));
	return sock;
}

int kzt_nl_open(struct kzt_nl *nl)
{
	struct family_ids ids = {};
	int err;

	nl->err[0] = 0;
	nl->seq = (unsigned int)time(NULL);
	nl->sock = kzt_mnl_open(NETLINK_GENERIC, &nl->portid);
	if (!nl->sock) {
		set_err(nl->err, errno);
		return -errno;
	}
	err = resolve(nl, &ids);
	if (err) {
		if (err == -ENOENT)
			snprintf(nl->err, sizeof(nl->err),
				 "the kzt module is not loaded (modprobe kzt)");
		kzt_nl_close(nl);
		return err;
	}
	nl->family = ids.id;
	return 0;
}

void kzt_nl_close(struct kzt_nl *nl)
{
	if (nl->sock)
		mnl_socket_close(nl->sock);
	nl->sock = NULL;
}

struct nlmsghdr *kzt_nl_begin(struct kzt_nl *nl, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl->buf);
	struct genlmsghdr *g;

	nlh->nlmsg_type = nl->family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nlh->nlmsg_seq = ++nl->seq;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = cmd;
	g->version = KZT_GENL_VERSION;
	return nlh;
}

void kzt_nl_put_prefix(struct nlmsghdr *nlh, uint16_t attr, const struct kzt_out_prefix *p)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, attr);

	mnl_attr_put(nlh, KZT_A_PREFIX_ADDR, p->family == AF_INET ? 4 : 16, p->ip);
	mnl_attr_put_u8(nlh, KZT_A_PREFIX_LEN, p->len);
	mnl_attr_nest_end(nlh, nest);
}

int kzt_nl_talk(struct kzt_nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb,
		void *data)
{
	unsigned int seq = nlh->nlmsg_seq;
	int err = 0;

	nl->err[0] = 0;
	if (mnl_socket_sendto(nl->sock, nlh, nlh->nlmsg_len) < 0) {
		err = -errno;
		set_err(nl->err, err);
	}
	/* It may hold a secret, and need not lie in @nl->buf, nor fit there */
	explicit_bzero(nlh, nlh->nlmsg_len);
	if (err)
		return err;
	return kzt_mnl_collect(nl->sock, seq, nl->portid, nl->buf, sizeof(nl->buf),
			       nl->err, cb, data);
}

int kzt_nl_simple(struct kzt_nl *nl, uint8_t cmd, uint16_t flags, mnl_cb_t cb,
		  void *data)
{
	return kzt_nl_talk(nl, kzt_nl_begin(nl, cmd, flags), cb, data);
}

int kzt_nl_subscribe(struct kzt_nl *nl, const char *group)
{
	/* A burst of long messages of one peer, without a gap */
	static const int room = 8 << 20;
	struct family_ids ids = { .group = group };
	int err = resolve(nl, &ids);
	int id;

	if (err)
		return err;
	id = (int)ids.group_id;
	if (!id) {
		snprintf(nl->err, sizeof(nl->err), "no multicast group %s", group);
		return -ENOENT;
	}
	if (mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP, &id,
				  sizeof(id)) < 0) {
		set_err(nl->err, errno);
		return -errno;
	}
	/* Outside of the first user namespace what there is has to do */
	if (setsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_RCVBUFFORCE,
		       &room, sizeof(room)))
		setsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_RCVBUF,
			   &room, sizeof(room));
	return 0;
}

int kzt_nl_receive(struct kzt_nl *nl, mnl_cb_t cb, void *data)
{
	ssize_t n = mnl_socket_recvfrom(nl->sock, nl->buf, sizeof(nl->buf));
	struct nlmsghdr *nlh = (struct nlmsghdr *)nl->buf;
	int left = (int)n;

	if (n < 0)
		return -errno;
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
		if (nlh->nlmsg_type == nl->family && cb && cb(nlh, data) < 0)
			return errno ? -errno : -EINVAL;
	return 0;
}

void kzt_nl_attrs(const struct nlmsghdr *nlh, const struct nlattr **tb,
		  unsigned int max)
{
	const struct nlattr *attr;

	memset(tb, 0, sizeof(*tb) * (max + 1));
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) <= max && !tb[mnl_attr_get_type(attr)])
			tb[mnl_attr_get_type(attr)] = attr;
}

void kzt_nl_nested(const struct nlattr *nest, const struct nlattr **tb,
		   unsigned int max)
{
	const struct nlattr *attr;

	memset(tb, 0, sizeof(*tb) * (max + 1));
	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) <= max && !tb[mnl_attr_get_type(attr)])
			tb[mnl_attr_get_type(attr)] = attr;
}

uint8_t kzt_nl_cmd(const struct nlmsghdr *nlh)
{
	return ((const struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->cmd;
}

uint64_t kzt_attr_uint(const struct nlattr *a, uint64_t def)
{
	uint64_t v;

	if (!a)
		return def;
	switch (mnl_attr_get_payload_len(a)) {
	case 1:
		return mnl_attr_get_u8(a);
	case 2:
		return mnl_attr_get_u16(a);
	case 4:
		return mnl_attr_get_u32(a);
	case 8:		/* may be aligned to 4 only */
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
		return v;
	default:
		return def;
	}
}
