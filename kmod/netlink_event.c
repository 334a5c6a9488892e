// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: events to whoever listens, upcalls to the agent. */
#include <net/genetlink.h>
#include <uapi/linux/kzt.h>
#include "bond.h"
#include "netlink.h"
#include "netlink_fill.h"
#include "network.h"
#include "node.h"
#include "peer.h"
#include "proto/world.h"

static struct sk_buff *event_new(struct kzt_node *node, unsigned int group,
				 u8 cmd, size_t size, void **hdr)
{
	struct sk_buff *skb;

	if (!genl_has_listeners(&kzt_genl_family, node->net, group))
		return NULL;
	skb = genlmsg_new(size, GFP_ATOMIC);
	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, 0, 0, &kzt_genl_family, 0, cmd);
	if (!*hdr) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

static void event_send(struct kzt_node *node, unsigned int group,
		       struct sk_buff *skb, void *hdr, int err)
{
	if (err) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_multicast_netns(&kzt_genl_family, node->net, skb, 0, group,
				GFP_ATOMIC);
}

/**
 * kzt_notify_node() - the node changed
 * @node: node
 * @collision: its identity is another node's: then only the address is told
 *
 * Context: process.
 */
void kzt_notify_node(struct kzt_node *node, bool collision)
{
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = event_new(node, KZT_GROUP_EVENTS, KZT_CMD_NODE_NTF,
			collision ? GENLMSG_DEFAULT_SIZE : KZT_NL_NODE_MAX, &hdr);
	if (!skb)
		return;
	err = collision ? nla_put_u64_64bit(skb, KZT_A_NODE_ADDRESS,
					    node->self_address,
					    KZT_A_NODE_PAD) :
			  kzt_put_node_attrs(skb, node);
	event_send(node, KZT_GROUP_EVENTS, skb, hdr, err);
}

/**
 * kzt_notify_peer() - a peer came, changed or went
 * @peer: peer
 * @gone: it went: then only the address is told
 *
 * Context: any but hard interrupts.
 */
void kzt_notify_peer(struct kzt_peer *peer, bool gone)
{
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = event_new(peer->node, KZT_GROUP_EVENTS, KZT_CMD_PEER_NTF,
			kzt_peer_msg_size(peer), &hdr);
	if (!skb)
		return;
	err = gone ? nla_put_u64_64bit(skb, KZT_A_PEER_ADDRESS, peer->address,
				       KZT_A_PEER_PAD) :
		     kzt_put_peer_attrs(skb, peer);
	event_send(peer->node, KZT_GROUP_EVENTS, skb, hdr, err);
}

static int put_events(struct sk_buff *skb, u32 events)
{
	static const char *const names[] = {
		"active-changed", "path-alive", "path-dead", "balanced",
		"imbalanced", "redundant", "not-redundant", "in-force", "inert",
		"avoided-changed", "shares-changed",
	};
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(names) && !err; i++)
		if (events & BIT(i))
			err = nla_put_string(skb, KZT_A_PLAN_EVENT, names[i]);
	return err;
}

static int put_legs(struct sk_buff *skb, int attr, const struct kzt_bond *bond,
		    u32 mask)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < bond->n && !err; i++)
		if (mask & BIT(i))
			err = nla_put_u32(skb, attr, bond->path_id[i]);
	return err;
}

/**
 * kzt_notify_plan() - the use of a peer's paths changed
 * @peer: peer
 * @bond: its bond, with the new plan
 *
 * Context: any but hard interrupts; peer->lock is held.
 */
void kzt_notify_plan(struct kzt_peer *peer, const struct kzt_bond *bond)
{
	const struct kzt_policy_plan *plan = &bond->plan;
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = event_new(peer->node, KZT_GROUP_EVENTS, KZT_CMD_PLAN_NTF,
			GENLMSG_DEFAULT_SIZE, &hdr);
	if (!skb)
		return;
	err = nla_put_u64_64bit(skb, KZT_A_PLAN_ADDRESS, peer->address,
				KZT_A_PLAN_PAD) ?:
	      nla_put_string(skb, KZT_A_PLAN_POLICY,
			     kzt_policy_name(bond->conf.policy.mode)) ?:
	      put_events(skb, plan->events) ?:
	      put_legs(skb, KZT_A_PLAN_UP, bond, plan->up) ?:
	      put_legs(skb, KZT_A_PLAN_DOWN, bond, plan->down);
	if (!err && plan->active != KZT_LEG_NONE)
		err = nla_put_u32(skb, KZT_A_PLAN_ACTIVE,
				  bond->path_id[plan->active]);
	if (!err && plan->events & KZT_EV_ACTIVE && plan->from != KZT_PATH_ID_NONE)
		err = nla_put_u32(skb, KZT_A_PLAN_FROM, plan->from);
	if (!err && plan->why_inert)
		err = nla_put_string(skb, KZT_A_PLAN_INERT,
				     kzt_policy_inert_text(plan->why_inert));
	event_send(peer->node, KZT_GROUP_EVENTS, skb, hdr, err);
}

/**
 * kzt_notify_network() - a network came, changed or went
 * @nw: network; RTNL is held
 * @gone: it went: then only the id is told
 */
void kzt_notify_network(struct kzt_network *nw, bool gone)
{
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = event_new(nw->node, KZT_GROUP_EVENTS, KZT_CMD_NETWORK_NTF,
			KZT_NL_NETWORK_MAX, &hdr);
	if (!skb)
		return;
	rcu_read_lock();
	err = gone ? nla_put_u64_64bit(skb, KZT_A_NETWORK_ID, nw->id,
				       KZT_A_NETWORK_PAD) :
		     kzt_put_network_attrs(skb, nw);
	rcu_read_unlock();
	event_send(nw->node, KZT_GROUP_EVENTS, skb, hdr, err);
}

/**
 * kzt_notify_message() - a payload for user space
 * @node: receiver
 * @from: sender
 * @type: message type, or error code
 * @verb: verb that carried it
 * @packet_id: its wire id, or that of the packet an ERROR is about
 * @hops: 0 is direct
 * @data: payload
 * @len: its bytes
 *
 * Context: process.
 */
void kzt_notify_message(struct kzt_node *node, u64 from, u64 type, u8 verb,
			u64 packet_id, u8 hops, const u8 *data, size_t len)
{
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = event_new(node, KZT_GROUP_MESSAGES, KZT_CMD_MESSAGE_NTF,
			128 + nla_total_size(len), &hdr);
	if (!skb)
		return;
	err = nla_put_u64_64bit(skb, KZT_A_MESSAGE_ADDRESS, from,
				KZT_A_MESSAGE_PAD) ?:
	      nla_put_u64_64bit(skb, KZT_A_MESSAGE_TYPE, type,
				KZT_A_MESSAGE_PAD) ?:
	      nla_put_u64_64bit(skb, KZT_A_MESSAGE_PACKET_ID, packet_id,
				KZT_A_MESSAGE_PAD) ?:
	      nla_put_u8(skb, KZT_A_MESSAGE_VERB, verb) ?:
	      nla_put_u8(skb, KZT_A_MESSAGE_HOPS, hops) ?:
	      nla_put(skb, KZT_A_MESSAGE_DATA, len, data);
	event_send(node, KZT_GROUP_MESSAGES, skb, hdr, err);
}

/**
 * kzt_notify_probe() - an ECHO sent by hand was answered
 * @node: node
 * @portid: who asked
 * @address: peer
 * @path_id: path asked for, U32_MAX for any
 * @rtt_us: round trip
 * @cookie: of the question
 * @remote: endpoint that answered
 * @hops: 0 is direct
 *
 * Context: process.
 */
void kzt_notify_probe(struct kzt_node *node, u32 portid, u64 address,
		      u32 path_id, u32 rtt_us, u64 cookie,
		      const struct kzt_endpoint *remote, u8 hops)
{
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = event_new(node, KZT_GROUP_EVENTS, KZT_CMD_PROBE_NTF, 256, &hdr);
	if (!skb)
		return;
	err = nla_put_u64_64bit(skb, KZT_A_MESSAGE_ADDRESS, address,
				KZT_A_MESSAGE_PAD) ?:
	      nla_put_u64_64bit(skb, KZT_A_MESSAGE_COOKIE, cookie,
				KZT_A_MESSAGE_PAD) ?:
	      nla_put_u32(skb, KZT_A_MESSAGE_PATH_ID, path_id) ?:
	      nla_put_u32(skb, KZT_A_MESSAGE_RTT_US, rtt_us) ?:
	      nla_put_u8(skb, KZT_A_MESSAGE_HOPS, hops) ?:
	      kzt_put_remote(skb, KZT_A_MESSAGE_REMOTE, remote);
	event_send(node, KZT_GROUP_EVENTS, skb, hdr, err);
}

/* --- upcalls ---------------------------------------------------------------------- */

/**
 * kzt_upcall_send() - hand a finished message to the agent
 * @node: node
 * @skb: message; consumed
 * @hdr: from genlmsg_put()
 * @portid: of the agent
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int kzt_upcall_send(struct kzt_node *node, struct sk_buff *skb, void *hdr,
		    u32 portid)
{
	int err;

	genlmsg_end(skb, hdr);
	err = genlmsg_unicast(node->net, skb, portid);
	if (err == -ECONNREFUSED)	/* died: its release is on the way */
		cmpxchg(&node->agent_portid, portid, 0);
	return err;
}

/**
 * kzt_upcall_identity() - ask the agent to validate an identity
 * @node: node
 * @id: identity
 * @cookie: repeated in the verdict
 *
 * Context: process.
 * Return: 0, or -ENOTCONN without an agent, or another negative errno.
 */
int kzt_upcall_identity(struct kzt_node *node, const struct kzt_identity *id,
			u64 cookie)
{
	u32 portid = READ_ONCE(node->agent_portid);
	u8 blob[KZT_IDENTITY_LEN];
	struct kzt_wcur wc = kzt_wcur(blob, sizeof(blob));
	struct sk_buff *skb;
	void *hdr;

	if (!portid)
		return -ENOTCONN;
	skb = genlmsg_new(256, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	kzt_identity_put(&wc, id);
	hdr = genlmsg_put(skb, 0, 0, &kzt_genl_family, 0,
			  KZT_CMD_IDENTITY_CHECK_NTF);
	if (!hdr || nla_put(skb, KZT_A_VERDICT_IDENTITY, sizeof(blob), blob) ||
	    nla_put_u64_64bit(skb, KZT_A_VERDICT_COOKIE, cookie,
			      KZT_A_VERDICT_PAD)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return kzt_upcall_send(node, skb, hdr, portid);
}

/**
 * kzt_upcall_world() - hand a world from an upstream to the agent
 * @node: node
 * @from: upstream
 * @blob: serialised world
 * @len: bytes
 *
 * Context: process.
 * Return: as kzt_upcall_identity().
 */
int kzt_upcall_world(struct kzt_node *node, u64 from, const u8 *blob, size_t len)
{
	u32 portid = READ_ONCE(node->agent_portid);
	struct sk_buff *skb;
	void *hdr;

	if (!portid)
		return -ENOTCONN;
	skb = genlmsg_new(128 + nla_total_size(len), GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	hdr = genlmsg_put(skb, 0, 0, &kzt_genl_family, 0,
			  KZT_CMD_WORLD_UPDATE_NTF);
	if (!hdr || nla_put(skb, KZT_A_WORLD_BLOB, len, blob) ||
	    nla_put_u64_64bit(skb, KZT_A_WORLD_FROM, from, KZT_A_WORLD_PAD)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return kzt_upcall_send(node, skb, hdr, portid);
}
