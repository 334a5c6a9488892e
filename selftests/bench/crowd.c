// SPDX-License-Identifier: GPL-2.0
/*
 * crowd: make many peers known to the node of this namespace.
 *
 * Their identities are numbers, not worth their proof of work: what the kernel
 * keeps of an idle peer, and does for it, is the same.
 *
 * usage: crowd FIRST COUNT
 */
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <sodium.h>

#include "uapi/linux/kzt.h"

#define IDENTITY_LEN 71		/* address, type, two public keys, no secret */

static struct mnl_socket *nl;
static uint8_t buf[8192];

static int ack(void)
{
	int n = mnl_socket_recvfrom(nl, buf, sizeof(buf));

	return n < 0 ? -1 : mnl_cb_run(buf, n, 0, mnl_socket_get_portid(nl), NULL, NULL);
}

static int family_attr(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
		*(uint16_t *)data = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static int family_cb(const struct nlmsghdr *nlh, void *data)
{
	return mnl_attr_parse(nlh, sizeof(struct genlmsghdr), family_attr, data);
}

static struct nlmsghdr *request(uint16_t type, uint8_t cmd, uint8_t version)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *g;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = cmd;
	g->version = version;
	return nlh;
}

static uint16_t family(void)
{
	struct nlmsghdr *nlh = request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	uint16_t id = 0;
	int n;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, KZT_GENL_NAME);
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		err(1, "send");
	n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (n < 0 || mnl_cb_run(buf, n, 0, mnl_socket_get_portid(nl), family_cb, &id) < 0)
		err(3, "no kzt here");
	ack();
	return id;
}

static void identity(uint32_t number, uint8_t *id)
{
	uint8_t secret[32] = { 1 };

	memset(id, 0, IDENTITY_LEN);
	id[0] = 0x10;
	memcpy(id + 1, &number, sizeof(number));
	memcpy(secret + 4, &number, sizeof(number));
	crypto_scalarmult_base(id + 6, secret);
	memcpy(id + 38, id + 6, 32);
}

int main(int argc, char **argv)
{
	uint32_t first, count, i;
	uint8_t id[IDENTITY_LEN];
	struct nlmsghdr *nlh;
	uint16_t type;

	if (argc != 3)
		errx(2, "usage: crowd FIRST COUNT");
	first = strtoul(argv[1], NULL, 0);
	count = strtoul(argv[2], NULL, 0);
	nl = mnl_socket_open(NETLINK_GENERIC);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 || sodium_init() < 0)
		err(1, "netlink");
	type = family();
	for (i = first; i < first + count; i++) {
		identity(i, id);
		nlh = request(type, KZT_CMD_PEER_SET, 1);
		mnl_attr_put(nlh, KZT_A_PEER_IDENTITY, sizeof(id), id);
		if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0 || ack() < 0)
			err(1, "peer %u", i);
	}
	return 0;
}
