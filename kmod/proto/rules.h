/* SPDX-License-Identifier: GPL-2.0 */
/* Rules in binary form (spec 4, 4.10.1 and 4.10.2). */
#ifndef KZT_PROTO_RULES_H
#define KZT_PROTO_RULES_H

#include "cursor.h"

#define KZT_RULE_NOT	0x80
#define KZT_RULE_OR	0x40
#define KZT_RULE_TYPE	0x3f
#define KZT_RULE_LAST_ACTION	15

enum kzt_rule_type {
	KZT_ACTION_DROP			= 0,
	KZT_ACTION_ACCEPT		= 1,
	KZT_ACTION_TEE			= 2,
	KZT_ACTION_WATCH		= 3,
	KZT_ACTION_REDIRECT		= 4,
	KZT_ACTION_BREAK		= 5,
	KZT_ACTION_PRIORITY		= 6,
	KZT_MATCH_SOURCE_ADDRESS	= 24,
	KZT_MATCH_DEST_ADDRESS		= 25,
	KZT_MATCH_VLAN_ID		= 26,
	KZT_MATCH_VLAN_PCP		= 27,
	KZT_MATCH_VLAN_DEI		= 28,
	KZT_MATCH_MAC_SOURCE		= 29,
	KZT_MATCH_MAC_DEST		= 30,
	KZT_MATCH_IPV4_SOURCE		= 31,
	KZT_MATCH_IPV4_DEST		= 32,
	KZT_MATCH_IPV6_SOURCE		= 33,
	KZT_MATCH_IPV6_DEST		= 34,
	KZT_MATCH_IP_TOS		= 35,
	KZT_MATCH_IP_PROTOCOL		= 36,
	KZT_MATCH_ETHERTYPE		= 37,
	KZT_MATCH_ICMP			= 38,
	KZT_MATCH_SOURCE_PORT		= 39,
	KZT_MATCH_DEST_PORT		= 40,
	KZT_MATCH_CHARACTERISTICS	= 41,
	KZT_MATCH_FRAME_SIZE		= 42,
	KZT_MATCH_RANDOM		= 43,
	KZT_MATCH_TAGS_DIFFERENCE	= 44,
	KZT_MATCH_TAGS_AND		= 45,
	KZT_MATCH_TAGS_OR		= 46,
	KZT_MATCH_TAGS_XOR		= 47,
	KZT_MATCH_TAGS_EQUAL		= 48,
	KZT_MATCH_TAG_SENDER		= 49,
	KZT_MATCH_TAG_RECEIVER		= 50,
	KZT_MATCH_INTEGER_RANGE		= 51,
};

#define KZT_INTEGER_LITTLE_ENDIAN	0x80	/* in format */

/**
 * struct kzt_rule - one entry of a rule set
 * @type: enum kzt_rule_type with KZT_RULE_NOT and KZT_RULE_OR
 * @act: TEE, WATCH, REDIRECT: where to, and how many bytes of a copy
 * @address: of a node
 * @mask: of characteristics
 * @mac: hardware address
 * @ip: address (IPv4 in the first four bytes) and prefix length
 * @range: of ports or sizes, inclusive
 * @tos: bits that count, lowest and highest value
 * @icmp: type, code, flags: 1 if the code counts
 * @tag: id and value
 * @integer: lowest value, how many above it, index of the field, format
 * @u8: VLAN priority, drop eligibility or IP protocol
 * @u16: VLAN id or EtherType
 * @u32: probability
 */
struct kzt_rule {
	u8 type;
	union {
		struct { u64 address; u32 flags; u16 length; } act;
		u64 address;
		u64 mask;
		u8 mac[6];
		struct { u8 addr[16]; u8 bits; } ip;
		struct { u16 low, high; } range;
		struct { u8 mask, low, high; } tos;
		struct { u8 type, code, flags; } icmp;
		struct { u32 id, value; } tag;
		struct { u64 start; u32 span; u16 index; u8 format; } integer;
		u8 u8;
		u16 u16;
		u32 u32;
	};
};

/* The same, in fewer letters */
static inline unsigned int kzt_rule_type(const struct kzt_rule *r)
{
	return r->type & KZT_RULE_TYPE;
}

int kzt_rules_parse(const u8 *buf, size_t len, struct kzt_rule *rules,
		    unsigned int max, unsigned int *count);
int kzt_rules_build(u8 *buf, size_t room, const struct kzt_rule *rules,
		    unsigned int count);
const char *kzt_rule_name(unsigned int type);

#endif /* KZT_PROTO_RULES_H */
