// SPDX-License-Identifier: GPL-2.0
/* Packets about networks: from the module, authentic, and to it. */
#include "agent_config.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_MAX (KZT_MAX_PACKET + 512)

/* --- out ---------- */

int agent_packet_send(struct agent *a, uint64_t to, uint8_t verb,
		      const uint8_t *body, size_t len)
{
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_PACKET_SEND, 0);

	if (len > KZT_MAX_PAYLOAD)
		return -EMSGSIZE;
	mnl_attr_put_u64(nlh, KZT_A_MESSAGE_ADDRESS, to);
	mnl_attr_put_u8(nlh, KZT_A_MESSAGE_VERB, verb);
	mnl_attr_put(nlh, KZT_A_MESSAGE_DATA, len, body);
	if (verb == KZT_VERB_NETWORK_CONFIG_REQUEST)
		mnl_attr_put_u8(nlh, KZT_A_MESSAGE_EXPECT, 1);
	return kzt_nl_talk(&a->cmd, nlh, NULL, NULL);
}

/* --- in ---------- */

static void receive_ok(struct agent *a, uint64_t from, uint64_t id,
		       const uint8_t *pkt, size_t len)
{
	struct kzt_ok ok;

	if (!kzt_ok_parse(pkt, len, &ok) &&
	    ok.in_re_verb == KZT_VERB_NETWORK_CONFIG_REQUEST)
		agent_config_chunk(a, from, KZT_VERB_OK, id, ok.body, ok.len);
}

static void dispatch(struct agent *a, uint64_t from, uint8_t verb, uint64_t id,
		     const uint8_t *pkt, size_t len)
{
	switch (verb) {
	case KZT_VERB_OK:
		receive_ok(a, from, id, pkt, len);
		break;
	case KZT_VERB_ERROR:
		agent_config_error(a, from, pkt, len);
		break;
	case KZT_VERB_NETWORK_CONFIG:
		agent_config_chunk(a, from, verb, id, pkt + KZT_HDR_LEN,
				   len - KZT_HDR_LEN);
		break;
	case KZT_VERB_NETWORK_CREDENTIALS:
		agent_cred_packet(a, from, pkt, len);
		break;
	}
}

void agent_packet_local(struct agent *a, uint8_t verb, const uint8_t *body,
			size_t len)
{
	static uint8_t pkt[PACKET_MAX];

	if (len > sizeof(pkt) - KZT_HDR_LEN)
		return;
	memset(pkt, 0, KZT_HDR_LEN);
	memcpy(pkt + KZT_HDR_LEN, body, len);
	dispatch(a, a->address, verb, 0, pkt, KZT_HDR_LEN + len);
}

/* The parsers of packets want them whole: the header is made up, for none of
 * them looks at it
 */
void agent_packet_receive(struct agent *a, const struct nlmsghdr *nlh)
{
	static uint8_t pkt[PACKET_MAX];
	const struct nlattr *tb[KZT_A_MESSAGE_MAX + 1];
	const struct nlattr *data;
	uint64_t from;
	size_t len;

	kzt_nl_attrs(nlh, tb, KZT_A_MESSAGE_MAX);
	data = tb[KZT_A_MESSAGE_DATA];
	from = kzt_attr_uint(tb[KZT_A_MESSAGE_ADDRESS], 0);
	if (!data || !from)
		return;
	len = mnl_attr_get_payload_len(data);
	if (len > sizeof(pkt) - KZT_HDR_LEN)
		return;
	memset(pkt, 0, KZT_HDR_LEN);
	memcpy(pkt + KZT_HDR_LEN, mnl_attr_get_payload(data), len);
	dispatch(a, from, (uint8_t)kzt_attr_uint(tb[KZT_A_MESSAGE_VERB], 0),
		 kzt_attr_uint(tb[KZT_A_MESSAGE_PACKET_ID], 0), pkt,
		 KZT_HDR_LEN + len);
}

/* --- identities ---------- */

static int identity_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[KZT_A_PEER_MAX + 1];
	const struct nlattr *id;

	kzt_nl_attrs(nlh, tb, KZT_A_PEER_MAX);
	id = tb[KZT_A_PEER_IDENTITY];
	if (id && kzt_id_from_binary(data, mnl_attr_get_payload(id),
				     mnl_attr_get_payload_len(id), NULL))
		memset(data, 0, sizeof(struct kzt_id));
	return MNL_CB_OK;
}

int agent_peer_identity(struct agent *a, uint64_t address, struct kzt_id *id)
{
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_PEER_GET, 0);
	struct kzt_id found = { 0 };

	mnl_attr_put_u64(nlh, KZT_A_PEER_ADDRESS, address);
	if (kzt_nl_talk(&a->cmd, nlh, identity_cb, &found) ||
	    found.address != address)
		return -ENOENT;
	*id = found;
	return 0;
}
