// SPDX-License-Identifier: GPL-2.0
/*
 * Flows of a bonded peer: a conversation that the other side began is answered
 * over the path that it uses (spec 3, 3.20.8).  A table of fixed size: flows
 * whose hashes meet share an entry, which costs them a detour at most.
 */
#include <linux/jhash.h>
#include "bond.h"
#include "node.h"
#include "path.h"
#include "pathset.h"
#include "proto/verbs.h"
#include "queueing.h"

#define PIN_SECONDS	243	/* spec 3.20.8 */
#define IPV4_FRAGMENT	0x3fff	/* more to come, or an offset */

enum kzt_pin_state {
	PIN_FREE,
	PIN_OWN,	/* began here: the buckets say where it goes */
	PIN_FOLLOW,	/* began there: where its packets come by */
};

static bool has_ports(u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
	       protocol == IPPROTO_SCTP || protocol == IPPROTO_UDPLITE;
}

/* The same for both directions: what differs between them is xored */
static u32 hash_of(const u8 *src, const u8 *dst, unsigned int len, u8 protocol,
		   const u8 *ports)
{
	u32 addr = 0, both = protocol;
	unsigned int i;

	for (i = 0; i < len; i += 4)
		addr = jhash_1word(addr ^ get_unaligned_be32(src + i) ^
				   get_unaligned_be32(dst + i), i);
	if (ports)
		both |= (get_unaligned_be16(ports) ^
			 get_unaligned_be16(ports + 2)) << 8;
	return jhash_2words(addr, both, 0);
}

static bool hash_ipv4(const u8 *p, size_t len, u32 *hash)
{
	size_t head = 4 * (p[0] & 15);
	bool ports = len >= head + 4 && has_ports(p[9]) &&
		     !(get_unaligned_be16(p + 6) & IPV4_FRAGMENT);

	*hash = hash_of(p + 12, p + 16, 4, p[9], ports ? p + head : NULL);
	return true;
}

/* Spec 3.20.7: 0, 43, 60 and 135 are skipped */
static bool hash_ipv6(const u8 *p, size_t len, u32 *hash)
{
	u8 next = p[6];
	size_t off = 40;

	while (next == 0 || next == 43 || next == 60 || next == 135) {
		if (len < off + 8)
			break;
		next = p[off];
		off += p[off + 1] * 8 + 8;
	}
	*hash = hash_of(p + 8, p + 24, 16, next,
			has_ports(next) && len >= off + 4 ? p + off : NULL);
	return true;
}

/**
 * kzt_flow_hash() - which flow a packet's frame belongs to
 * @pkt: FRAME or EXT_FRAME, not encrypted
 * @len: bytes
 * @hash: set to the flow's hash, the same in both directions
 *
 * Return: false if the frame is not IP.
 */
bool kzt_flow_hash(const u8 *pkt, size_t len, u32 *hash)
{
	struct kzt_ext_frame e;
	struct kzt_frame f;

	if (kzt_packet_verb(pkt) == KZT_VERB_FRAME) {
		if (kzt_frame_parse(pkt, len, &f))
			return false;
	} else if (kzt_packet_verb(pkt) == KZT_VERB_EXT_FRAME) {
		if (kzt_ext_frame_parse(pkt, len, &e) || !e.has_frame)
			return false;
		f.ethertype = e.ethertype;
		f.data = e.data;
		f.len = e.len;
	} else {
		return false;
	}
	if (f.ethertype == ETH_P_IP && f.len >= 20)
		return hash_ipv4(f.data, f.len, hash);
	if (f.ethertype == ETH_P_IPV6 && f.len >= 40)
		return hash_ipv6(f.data, f.len, hash);
	return false;
}

/* Not the bits that choose the bucket, so that the pins of one spread */
static struct kzt_pin *pin_of(const struct kzt_bond *bond, u32 hash)
{
	return &bond->pin[(hash >> 8) % KZT_PINS];
}

static u16 seconds_of(u64 now)
{
	return (u16)div_u64(now, 1000);
}

static bool pin_old(const struct kzt_pin *pin, u64 now)
{
	return READ_ONCE(pin->state) == PIN_FREE ||
	       (u16)(seconds_of(now) - READ_ONCE(pin->seconds)) > PIN_SECONDS;
}

static void pin_set(struct kzt_pin *pin, u8 state, u32 path_id, u64 now)
{
	WRITE_ONCE(pin->path_id, path_id);
	WRITE_ONCE(pin->seconds, seconds_of(now));
	WRITE_ONCE(pin->state, state);
}

/**
 * kzt_flow_came() - a frame came over a path
 * @bond: of its sender; has pins
 * @path: path
 * @skb: packet, decrypted
 * @now: kzt_now_ms()
 *
 * The entries are written without a lock: a lost update costs a detour.
 *
 * Context: BH off, RCU.
 */
void kzt_flow_came(struct kzt_bond *bond, const struct kzt_path *path,
		   const struct sk_buff *skb, u64 now)
{
	struct kzt_pin *pin;
	u32 hash;

	if (!kzt_flow_hash(skb->data, skb->len, &hash))
		return;
	pin = pin_of(bond, hash);
	if (pin_old(pin, now)) {
		pin_set(pin, PIN_FOLLOW, path->id, now);
	} else if (READ_ONCE(pin->state) == PIN_FOLLOW &&
		   (READ_ONCE(pin->path_id) != path->id ||
		    READ_ONCE(pin->seconds) != seconds_of(now))) {
		pin_set(pin, PIN_FOLLOW, path->id, now);
	}
}

/**
 * kzt_flow_stay() - the path that a flow to the other side stays on
 * @bond: of the receiver; has pins
 * @set: its paths
 * @hash: of kzt_flow_hash()
 * @now: kzt_now_ms()
 *
 * Context: BH off, RCU.
 * Return: the path, or NULL if the buckets decide.
 */
struct kzt_path *kzt_flow_stay(const struct kzt_bond *bond,
			       const struct kzt_pathset *set, u32 hash, u64 now)
{
	struct kzt_pin *pin = pin_of(bond, hash);
	unsigned int i;
	u32 id;

	if (pin_old(pin, now)) {
		pin_set(pin, PIN_OWN, 0, now);
		return NULL;
	}
	if (READ_ONCE(pin->state) != PIN_FOLLOW) {
		if (READ_ONCE(pin->seconds) != seconds_of(now))
			WRITE_ONCE(pin->seconds, seconds_of(now));
		return NULL;
	}
	id = READ_ONCE(pin->path_id);
	for (i = 0; i < set->n; i++)
		if (set->path[i]->id == id)
			return set->eligible & BIT(i) ? set->path[i] : NULL;
	return NULL;
}
