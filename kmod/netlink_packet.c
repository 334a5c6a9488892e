// SPDX-License-Identifier: GPL-2.0
/*
 * Control packets of networks, which the agent reads and writes: configurations,
 * their requests, credentials (spec 4).
 */
#include <net/genetlink.h>
#include "configured.h"
#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "node.h"
#include "peer.h"
#include "proto/cursor.h"
#include "proto/packet.h"
#include "proto/verbs.h"
#include "send.h"
#include "verb.h"

/* What the agent may say: the kernel speaks the other verbs itself */
static const unsigned long agent_verbs =
	BIT(KZT_VERB_ERROR) | BIT(KZT_VERB_OK) | BIT(KZT_VERB_NETWORK_CREDENTIALS) |
	BIT(KZT_VERB_NETWORK_CONFIG_REQUEST) | BIT(KZT_VERB_NETWORK_CONFIG);

static int put_identity(struct sk_buff *skb, const struct kzt_identity *id)
{
	u8 blob[KZT_IDENTITY_LEN];
	struct kzt_wcur wc = kzt_wcur(blob, sizeof(blob));

	kzt_identity_put(&wc, id);
	return nla_put(skb, KZT_A_MESSAGE_IDENTITY, sizeof(blob), blob);
}

/**
 * kzt_upcall_packet() - hand an authentic control packet to the agent
 * @rx: the packet
 *
 * Context: process.
 * Return: as kzt_upcall_identity().
 */
int kzt_upcall_packet(const struct kzt_rx *rx)
{
	u32 portid = READ_ONCE(rx->node->agent_portid);
	struct sk_buff *skb;
	void *hdr;

	if (!portid)
		return -ENOTCONN;
	skb = genlmsg_new(256 + nla_total_size(rx->body_len), GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	hdr = genlmsg_put(skb, 0, 0, &kzt_genl_family, 0, KZT_CMD_PACKET_NTF);
	if (!hdr ||
	    nla_put_u64_64bit(skb, KZT_A_MESSAGE_ADDRESS, rx->peer->address,
			      KZT_A_MESSAGE_PAD) ||
	    nla_put_u64_64bit(skb, KZT_A_MESSAGE_PACKET_ID, rx->id,
			      KZT_A_MESSAGE_PAD) ||
	    nla_put_u8(skb, KZT_A_MESSAGE_VERB, rx->verb) ||
	    nla_put_u8(skb, KZT_A_MESSAGE_HOPS, rx->hops) ||
	    put_identity(skb, &rx->peer->identity) ||
	    nla_put(skb, KZT_A_MESSAGE_DATA, rx->body_len, rx->body)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return kzt_upcall_send(rx->node, skb, hdr, portid);
}

/* The wire id goes back, for the answer names it */
static int reply_id(struct genl_info *info, u64 id)
{
	struct sk_buff *msg = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *hdr;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &kzt_genl_family, 0, KZT_CMD_PACKET_SEND);
	if (!hdr || nla_put_u64_64bit(msg, KZT_A_MESSAGE_PACKET_ID, id,
				      KZT_A_MESSAGE_PAD)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static int packet_send(struct kzt_peer *peer, struct genl_info *info, u8 verb)
{
	const struct nlattr *data = info->attrs[KZT_A_MESSAGE_DATA];
	const struct nlattr *expect = info->attrs[KZT_A_MESSAGE_EXPECT];
	struct sk_buff *skb;
	struct kzt_wcur wc;
	u64 id;

	skb = kzt_msg_new(peer->node, peer->address, verb, nla_len(data), &wc);
	if (!skb)
		return -ENOMEM;
	kzt_put_bytes(&wc, nla_data(data), nla_len(data));
	id = kzt_msg_send(peer, skb, &wc, expect && nla_get_u8(expect));
	if (!id) {
		GENL_SET_ERR_MSG(info, "no way to this peer");
		return -EHOSTUNREACH;
	}
	kzt_configured_note(peer->node, peer->address, verb, nla_data(data),
			    nla_len(data));
	return reply_id(info, id);
}

int kzt_nl_packet_send_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	struct nlattr **attrs = info->attrs;
	struct kzt_peer *peer;
	u8 verb;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_MESSAGE_ADDRESS) ||
	    GENL_REQ_ATTR_CHECK(info, KZT_A_MESSAGE_VERB) ||
	    GENL_REQ_ATTR_CHECK(info, KZT_A_MESSAGE_DATA))
		return -EINVAL;
	verb = nla_get_u8(attrs[KZT_A_MESSAGE_VERB]);
	if (verb > KZT_VERB_MASK || !(agent_verbs & BIT(verb))) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[KZT_A_MESSAGE_VERB],
				    "this verb is the kernel's to send");
		return -EINVAL;
	}
	if (nla_len(attrs[KZT_A_MESSAGE_DATA]) > KZT_MAX_PAYLOAD) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[KZT_A_MESSAGE_DATA],
				    "payload is too long for a packet");
		return -EMSGSIZE;
	}
	peer = kzt_peer_get_by_address(node, nla_get_u64(attrs[KZT_A_MESSAGE_ADDRESS]));
	if (!peer) {
		kzt_whois_ask(node, nla_get_u64(attrs[KZT_A_MESSAGE_ADDRESS]));
		GENL_SET_ERR_MSG(info, "no such peer (yet: it is being asked for)");
		return -ENOENT;
	}
	err = packet_send(peer, info, verb);
	kzt_peer_put(peer);
	return err;
}
