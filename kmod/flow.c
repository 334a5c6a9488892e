// SPDX-License-Identifier: GPL-2.0
/*
 * Flows of a bonded peer: a conversation that the other side began is answered
 * over the path that it uses (spec 3, 3.20.8).  A table of fixed size: flows
 * whose hashes meet share an entry, which costs them a detour at most.
 */
#include "flow.h"
#include "packet.h"
#include "verbs.h"

#define TYPE_IPV4	0x0800
#define TYPE_IPV6	0x86dd
#define IPV4_FRAGMENT	0x3fff	/* more to come, or an offset */

enum pin_state {
	PIN_FREE,
	PIN_OWN,	/* began here: the buckets say where it goes */
	PIN_FOLLOW,	/* began there: where its packets come by */
};

/* TCP, UDP, SCTP, UDP-Lite */
static bool has_ports(u8 protocol)
{
	return protocol == 6 || protocol == 17 || protocol == 132 ||
	       protocol == 136;
}

/* A frame of ports and nothing else has no flow: spec 3.20.7 */
static void key_ports(struct kzt_flow_key *key, const u8 *p, size_t len, size_t at)
{
	key->has_ports = has_ports(key->protocol) && len > at + 4;
	if (key->has_ports)
		key->ports = get_unaligned_be16(p + at) ^
			     get_unaligned_be16(p + at + 2);
}

static void key_ipv4(struct kzt_flow_key *key, const u8 *p, size_t len)
{
	key->addr[0] = get_unaligned_be32(p + 12) ^ get_unaligned_be32(p + 16);
	key->protocol = p[9];
	/* Only the first fragment has ports, and all belong together */
	if (!(get_unaligned_be16(p + 6) & IPV4_FRAGMENT))
		key_ports(key, p, len, 4 * (p[0] & 15));
}

static void key_ipv6(struct kzt_flow_key *key, const u8 *p, size_t len)
{
	unsigned int i;
	size_t at = 40;

	for (i = 0; i < 4; i++)
		key->addr[i] = get_unaligned_be32(p + 8 + 4 * i) ^
			       get_unaligned_be32(p + 24 + 4 * i);
	key->protocol = p[6];
	while (key->protocol == 0 || key->protocol == 43 ||
	       key->protocol == 60 || key->protocol == 135) {
		if (len < at + 8)
			return;
		key->protocol = p[at];
		at += p[at + 1] * 8 + 8;
	}
	key_ports(key, p, len, at);
}

/**
 * kzt_flow_key_of() - what a frame has in common with others of its conversation
 * @ethertype: of the frame
 * @p: its payload
 * @len: bytes of that
 * @key: set
 *
 * Implements: spec 3, 3.20.7 "Flow number", of which @key->ports and
 * @key->protocol are the parts; beside that, the addresses count, and fragments
 * are recognised.
 *
 * Return: false if the frame is not IP.
 */
bool kzt_flow_key_of(u16 ethertype, const u8 *p, size_t len,
		     struct kzt_flow_key *key)
{
	memset(key, 0, sizeof(*key));
	if (ethertype == TYPE_IPV4 && len >= 20)
		key_ipv4(key, p, len);
	else if (ethertype == TYPE_IPV6 && len >= 40)
		key_ipv6(key, p, len);
	else
		return false;
	return true;
}

/* Every bit of @v reaches the low ones, which choose the bucket */
static u32 hash_mix(u32 hash, u32 v)
{
	hash = (hash ^ v) * 0x85ebca6b;
	hash = (hash ^ hash >> 13) * 0xc2b2ae35;
	return hash ^ hash >> 16;
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
	struct kzt_flow_key key;
	struct kzt_ext_frame e;
	struct kzt_frame f;
	unsigned int i;
	u32 h;

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
	if (!kzt_flow_key_of(f.ethertype, f.data, f.len, &key))
		return false;
	h = hash_mix(0, (u32)key.ports << 8 | key.protocol);
	for (i = 0; i < ARRAY_SIZE(key.addr); i++)
		h = hash_mix(h, key.addr[i]);
	*hash = h;
	return true;
}

/* Not the bits that choose the bucket, so that the pins of one spread */
static struct kzt_pin *pin_of(struct kzt_pin *pins, u32 hash)
{
	return &pins[(hash >> 8) % KZT_PINS];
}

static u16 seconds_of(u64 now)
{
	return (u16)div_u64(now, 1000);
}

static bool pin_old(const struct kzt_pin *pin, u64 now)
{
	return READ_ONCE(pin->state) == PIN_FREE ||
	       (u16)(seconds_of(now) - READ_ONCE(pin->seconds)) > KZT_PIN_SECONDS;
}

static void pin_set(struct kzt_pin *pin, u8 state, u32 path_id, u64 now)
{
	WRITE_ONCE(pin->path_id, path_id);
	WRITE_ONCE(pin->seconds, seconds_of(now));
	WRITE_ONCE(pin->state, state);
}

/**
 * kzt_flow_came() - a frame came over a path
 * @pins: of the bond of its sender
 * @hash: of kzt_flow_hash()
 * @path_id: path
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.20.8, "for an incoming packet of an unknown flow"; the
 * flow follows the other side when that changes the path.
 */
void kzt_flow_came(struct kzt_pin *pins, u32 hash, u32 path_id, u64 now)
{
	struct kzt_pin *pin = pin_of(pins, hash);

	if (pin_old(pin, now)) {
		pin_set(pin, PIN_FOLLOW, path_id, now);
	} else if (READ_ONCE(pin->state) == PIN_FOLLOW &&
		   (READ_ONCE(pin->path_id) != path_id ||
		    READ_ONCE(pin->seconds) != seconds_of(now))) {
		pin_set(pin, PIN_FOLLOW, path_id, now);
	}
}

/**
 * kzt_flow_stay() - the path that a flow to the other side stays on
 * @pins: of the bond of the receiver
 * @hash: of kzt_flow_hash()
 * @now: kzt_now_ms()
 * @path_id: set to the path
 *
 * Implements: spec 3, 3.20.8.
 * Return: false if the buckets decide.
 */
bool kzt_flow_stay(struct kzt_pin *pins, u32 hash, u64 now, u32 *path_id)
{
	struct kzt_pin *pin = pin_of(pins, hash);

	if (pin_old(pin, now)) {
		pin_set(pin, PIN_OWN, 0, now);
		return false;
	}
	if (READ_ONCE(pin->state) != PIN_FOLLOW) {
		if (READ_ONCE(pin->seconds) != seconds_of(now))
			WRITE_ONCE(pin->seconds, seconds_of(now));
		return false;
	}
	*path_id = READ_ONCE(pin->path_id);
	return true;
}
