/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family "kzt" and the bits of rtnetlink that kzt needs. */
#ifndef KZT_NL_H
#define KZT_NL_H

#include "words.h"
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/kzt.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Of the tools; the module tells its own */
#define KZT_TOOL_VERSION "0.1.0"

#define KZT_NL_BUF 65536
/* What marks addresses and routes as ours, for the kernel and for people */
#define KZT_RT_PROTO 0xc9

/**
 * struct kzt_nl - one netlink socket
 * @err: what the kernel said of the last refusal (extack), or strerror
 */
struct kzt_nl {
	struct mnl_socket *sock;
	unsigned int seq;
	unsigned int portid;
	uint16_t family;
	char err[256];
	char buf[KZT_NL_BUF] __attribute__((aligned(8)));
};

/* 0, -ENOENT if the module is not loaded, or another negative errno */
int kzt_nl_open(struct kzt_nl *nl);
void kzt_nl_close(struct kzt_nl *nl);

/* Start a request in nl->buf; append with mnl_attr_put*(). @flags: NLM_F_DUMP
 * or 0; NLM_F_REQUEST|NLM_F_ACK are added.
 */
struct nlmsghdr *kzt_nl_begin(struct kzt_nl *nl, uint8_t cmd, uint16_t flags);
/* Send it, wipe it, and hand every answer to @cb (may be NULL). 0 or a negative errno,
 * with nl->err set.
 */
int kzt_nl_talk(struct kzt_nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb,
		void *data);
/* A nest of type @attr with a prefix */
void kzt_nl_put_prefix(struct nlmsghdr *nlh, uint16_t attr, const struct kzt_out_prefix *p);
/* As kzt_nl_talk() for a request without attributes */
int kzt_nl_simple(struct kzt_nl *nl, uint8_t cmd, uint16_t flags, mnl_cb_t cb,
		  void *data);

/* Subscribe to "events" or "messages" */
int kzt_nl_subscribe(struct kzt_nl *nl, const char *group);
/* Take what has come (blocking unless the fd is made non-blocking) */
int kzt_nl_receive(struct kzt_nl *nl, mnl_cb_t cb, void *data);

/* Attributes of a message of the family, or of a nest; unknown ones skipped.
 * tb has max + 1 entries.
 */
void kzt_nl_attrs(const struct nlmsghdr *nlh, const struct nlattr **tb,
		  unsigned int max);
void kzt_nl_nested(const struct nlattr *nest, const struct nlattr **tb,
		   unsigned int max);
uint8_t kzt_nl_cmd(const struct nlmsghdr *nlh);

/* Read an integer of whatever width the attribute has; @def if absent */
uint64_t kzt_attr_uint(const struct nlattr *a, uint64_t def);

/* What both families use: a bound socket with extended ACKs, and a reader that
 * hands answers to @cb until the ACK, an error (its text in @err) or the end.
 */
struct mnl_socket *kzt_mnl_open(int bus, unsigned int *portid);
int kzt_mnl_collect(struct mnl_socket *sock, unsigned int seq,
		    unsigned int portid, char *buf, size_t len, char err[256],
		    mnl_cb_t cb, void *data);

/* ---- rtnetlink (rt.c) ---------------------------------------------------- */

struct kzt_rt {
	struct mnl_socket *sock;
	unsigned int seq;
	unsigned int portid;
	char err[256];
};

int kzt_rt_open(struct kzt_rt *rt);
void kzt_rt_close(struct kzt_rt *rt);
/* Create a kzt netdevice; @name NULL for "kzt%d"; @netns_fd -1 for here */
int kzt_rt_link_new(struct kzt_rt *rt, const char *name, uint64_t network,
		    int netns_fd);
int kzt_rt_link_del(struct kzt_rt *rt, int ifindex);
int kzt_rt_link_up(struct kzt_rt *rt, int ifindex, bool up);
/* @nsid: of its namespace, -1 for here */
bool kzt_rt_link_is_up(struct kzt_rt *rt, int ifindex, int nsid);
/* @ip is a sockaddr_in or sockaddr_in6, @plen the prefix length */
/* -EEXIST if somebody else has set it; one of ours is none */
int kzt_rt_addr(struct kzt_rt *rt, int ifindex, const struct sockaddr *ip,
		unsigned int plen, bool add);
/* @fn for each address of a device that is ours */
void kzt_rt_addr_each(struct kzt_rt *rt, int ifindex,
		      void (*fn)(void *arg, uint8_t family, uint8_t plen,
				 const void *ip, size_t len), void *arg);
/* A route of ours in the main table; @dst and @via are 4 or 16 bytes */
int kzt_rt_route(struct kzt_rt *rt, int ifindex, uint8_t family,
		 const uint8_t *dst, unsigned int plen, const uint8_t *via,
		 bool add);
/* @fn for each route of ours by a device; @via is NULL without a gateway */
int kzt_rt_route_each(struct kzt_rt *rt, int ifindex,
		      void (*fn)(void *arg, uint8_t family, const void *dst,
				 uint8_t plen, const void *via), void *arg);

#endif /* KZT_NL_H */
