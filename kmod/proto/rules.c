// SPDX-License-Identifier: GPL-2.0
/* Rules in binary form (spec 4, 4.10.2). */
#include "rules.h"

/* Bytes of each type's value; 0 for those without one and for unknown types */
static const u8 value_len[KZT_RULE_TYPE + 1] = {
	[KZT_ACTION_TEE] = 14, [KZT_ACTION_WATCH] = 14, [KZT_ACTION_REDIRECT] = 14,
	[KZT_MATCH_SOURCE_ADDRESS] = 5, [KZT_MATCH_DEST_ADDRESS] = 5,
	[KZT_MATCH_VLAN_ID] = 2, [KZT_MATCH_VLAN_PCP] = 1,
	[KZT_MATCH_VLAN_DEI] = 1,
	[KZT_MATCH_MAC_SOURCE] = 6, [KZT_MATCH_MAC_DEST] = 6,
	[KZT_MATCH_IPV4_SOURCE] = 5, [KZT_MATCH_IPV4_DEST] = 5,
	[KZT_MATCH_IPV6_SOURCE] = 17, [KZT_MATCH_IPV6_DEST] = 17,
	[KZT_MATCH_IP_TOS] = 3, [KZT_MATCH_IP_PROTOCOL] = 1,
	[KZT_MATCH_ETHERTYPE] = 2, [KZT_MATCH_ICMP] = 3,
	[KZT_MATCH_SOURCE_PORT] = 4, [KZT_MATCH_DEST_PORT] = 4,
	[KZT_MATCH_CHARACTERISTICS] = 8, [KZT_MATCH_FRAME_SIZE] = 4,
	[KZT_MATCH_RANDOM] = 4,
	[KZT_MATCH_TAGS_DIFFERENCE] = 8, [KZT_MATCH_TAGS_AND] = 8,
	[KZT_MATCH_TAGS_OR] = 8, [KZT_MATCH_TAGS_XOR] = 8,
	[KZT_MATCH_TAGS_EQUAL] = 8, [KZT_MATCH_TAG_SENDER] = 8,
	[KZT_MATCH_TAG_RECEIVER] = 8,
	[KZT_MATCH_INTEGER_RANGE] = 19,
};

static const char *const names[KZT_RULE_TYPE + 1] = {
	[KZT_ACTION_DROP] = "drop", [KZT_ACTION_ACCEPT] = "accept",
	[KZT_ACTION_TEE] = "tee", [KZT_ACTION_WATCH] = "watch",
	[KZT_ACTION_REDIRECT] = "redirect", [KZT_ACTION_BREAK] = "break",
	[KZT_ACTION_PRIORITY] = "priority",
	[KZT_MATCH_SOURCE_ADDRESS] = "ztsrc", [KZT_MATCH_DEST_ADDRESS] = "ztdest",
	[KZT_MATCH_VLAN_ID] = "vlan", [KZT_MATCH_VLAN_PCP] = "vlanpcp",
	[KZT_MATCH_VLAN_DEI] = "vlandei",
	[KZT_MATCH_MAC_SOURCE] = "macsrc", [KZT_MATCH_MAC_DEST] = "macdest",
	[KZT_MATCH_IPV4_SOURCE] = "ipsrc", [KZT_MATCH_IPV4_DEST] = "ipdest",
	[KZT_MATCH_IPV6_SOURCE] = "ip6src", [KZT_MATCH_IPV6_DEST] = "ip6dest",
	[KZT_MATCH_IP_TOS] = "iptos", [KZT_MATCH_IP_PROTOCOL] = "ipprotocol",
	[KZT_MATCH_ETHERTYPE] = "ethertype", [KZT_MATCH_ICMP] = "icmp",
	[KZT_MATCH_SOURCE_PORT] = "sport", [KZT_MATCH_DEST_PORT] = "dport",
	[KZT_MATCH_CHARACTERISTICS] = "chr", [KZT_MATCH_FRAME_SIZE] = "framesize",
	[KZT_MATCH_RANDOM] = "random",
	[KZT_MATCH_TAGS_DIFFERENCE] = "tdiff", [KZT_MATCH_TAGS_AND] = "tand",
	[KZT_MATCH_TAGS_OR] = "tor", [KZT_MATCH_TAGS_XOR] = "txor",
	[KZT_MATCH_TAGS_EQUAL] = "teq", [KZT_MATCH_TAG_SENDER] = "tseq",
	[KZT_MATCH_TAG_RECEIVER] = "treq",
	[KZT_MATCH_INTEGER_RANGE] = "intrange",
};

/**
 * kzt_rule_name() - the word for a type in the rules language
 * @type: without NOT and OR
 *
 * Return: the word, or NULL for a type that is not known.
 */
const char *kzt_rule_name(unsigned int type)
{
	return type <= KZT_RULE_TYPE ? names[type] : NULL;
}

static void value_get(struct kzt_cur *c, struct kzt_rule *r)
{
	unsigned int type = kzt_rule_type(r);
	const u8 *p;

	switch (type) {
	case KZT_ACTION_TEE:
	case KZT_ACTION_WATCH:
	case KZT_ACTION_REDIRECT:
		r->act.address = kzt_cur_u64(c) & KZT_ADDR_MASK;
		r->act.flags = kzt_cur_u32(c);
		r->act.length = kzt_cur_u16(c);
		break;
	case KZT_MATCH_SOURCE_ADDRESS:
	case KZT_MATCH_DEST_ADDRESS:
		r->address = kzt_cur_addr(c);
		break;
	case KZT_MATCH_VLAN_ID:
	case KZT_MATCH_ETHERTYPE:
		r->u16 = kzt_cur_u16(c);
		break;
	case KZT_MATCH_VLAN_PCP:
	case KZT_MATCH_VLAN_DEI:
	case KZT_MATCH_IP_PROTOCOL:
		r->u8 = kzt_cur_u8(c);
		break;
	case KZT_MATCH_MAC_SOURCE:
	case KZT_MATCH_MAC_DEST:
		p = kzt_cur_bytes(c, 6);
		if (p)
			memcpy(r->mac, p, 6);
		break;
	case KZT_MATCH_IPV4_SOURCE:
	case KZT_MATCH_IPV4_DEST:
	case KZT_MATCH_IPV6_SOURCE:
	case KZT_MATCH_IPV6_DEST:
		p = kzt_cur_bytes(c, value_len[type] - 1);
		if (p)
			memcpy(r->ip.addr, p, value_len[type] - 1);
		r->ip.bits = kzt_cur_u8(c);
		break;
	case KZT_MATCH_IP_TOS:
		r->tos.mask = kzt_cur_u8(c);
		r->tos.low = kzt_cur_u8(c);
		r->tos.high = kzt_cur_u8(c);
		break;
	case KZT_MATCH_ICMP:
		r->icmp.type = kzt_cur_u8(c);
		r->icmp.code = kzt_cur_u8(c);
		r->icmp.flags = kzt_cur_u8(c);
		break;
	case KZT_MATCH_SOURCE_PORT:
	case KZT_MATCH_DEST_PORT:
	case KZT_MATCH_FRAME_SIZE:
		r->range.low = kzt_cur_u16(c);
		r->range.high = kzt_cur_u16(c);
		break;
	case KZT_MATCH_CHARACTERISTICS:
		r->mask = kzt_cur_u64(c);
		break;
	case KZT_MATCH_RANDOM:
		r->u32 = kzt_cur_u32(c);
		break;
	case KZT_MATCH_INTEGER_RANGE:
		r->integer.start = kzt_cur_u64(c);
		r->integer.span = kzt_cur_u64(c) - r->integer.start;
		r->integer.index = kzt_cur_u16(c);
		r->integer.format = kzt_cur_u8(c);
		break;
	default:
		if (value_len[type]) {	/* the tags */
			r->tag.id = kzt_cur_u32(c);
			r->tag.value = kzt_cur_u32(c);
		}
	}
}

/**
 * kzt_rules_parse() - read a rule set
 * @buf: binary form
 * @len: its bytes
 * @rules: filled
 * @max: room in @rules; what is beyond is not read
 * @count: entries read
 *
 * Implements: spec 4, 4.10.2 "Reading".  A value is read at its fixed layout;
 * a length octet smaller than that is refused.
 *
 * Return: 0, or -EBADMSG if an entry is cut off.
 */
int kzt_rules_parse(const u8 *buf, size_t len, struct kzt_rule *rules,
		    unsigned int max, unsigned int *count)
{
	struct kzt_cur c = kzt_cur(buf, len);

	*count = 0;
	while (kzt_cur_left(&c) && *count < max) {
		struct kzt_rule *r = &rules[*count];
		struct kzt_cur value;
		const u8 *p;
		u8 bytes;

		memset(r, 0, sizeof(*r));
		r->type = kzt_cur_u8(&c);
		bytes = kzt_cur_u8(&c);
		p = kzt_cur_bytes(&c, bytes);
		if (c.bad || bytes < value_len[kzt_rule_type(r)])
			return -EBADMSG;
		value = kzt_cur(p, bytes);
		value_get(&value, r);
		(*count)++;
	}
	return 0;
}

static void value_put(struct kzt_wcur *w, const struct kzt_rule *r)
{
	unsigned int type = kzt_rule_type(r);

	switch (type) {
	case KZT_ACTION_TEE:
	case KZT_ACTION_WATCH:
	case KZT_ACTION_REDIRECT:
		kzt_put_u64(w, r->act.address);
		kzt_put_u32(w, r->act.flags);
		kzt_put_u16(w, r->act.length);
		break;
	case KZT_MATCH_SOURCE_ADDRESS:
	case KZT_MATCH_DEST_ADDRESS:
		kzt_put_node(w, r->address);
		break;
	case KZT_MATCH_VLAN_ID:
	case KZT_MATCH_ETHERTYPE:
		kzt_put_u16(w, r->u16);
		break;
	case KZT_MATCH_VLAN_PCP:
	case KZT_MATCH_VLAN_DEI:
	case KZT_MATCH_IP_PROTOCOL:
		kzt_put_u8(w, r->u8);
		break;
	case KZT_MATCH_MAC_SOURCE:
	case KZT_MATCH_MAC_DEST:
		kzt_put_bytes(w, r->mac, 6);
		break;
	case KZT_MATCH_IPV4_SOURCE:
	case KZT_MATCH_IPV4_DEST:
	case KZT_MATCH_IPV6_SOURCE:
	case KZT_MATCH_IPV6_DEST:
		kzt_put_bytes(w, r->ip.addr, value_len[type] - 1);
		kzt_put_u8(w, r->ip.bits);
		break;
	case KZT_MATCH_IP_TOS:
		kzt_put_u8(w, r->tos.mask);
		kzt_put_u8(w, r->tos.low);
		kzt_put_u8(w, r->tos.high);
		break;
	case KZT_MATCH_ICMP:
		kzt_put_u8(w, r->icmp.type);
		kzt_put_u8(w, r->icmp.code);
		kzt_put_u8(w, r->icmp.flags);
		break;
	case KZT_MATCH_SOURCE_PORT:
	case KZT_MATCH_DEST_PORT:
	case KZT_MATCH_FRAME_SIZE:
		kzt_put_u16(w, r->range.low);
		kzt_put_u16(w, r->range.high);
		break;
	case KZT_MATCH_CHARACTERISTICS:
		kzt_put_u64(w, r->mask);
		break;
	case KZT_MATCH_RANDOM:
		kzt_put_u32(w, r->u32);
		break;
	case KZT_MATCH_INTEGER_RANGE:
		kzt_put_u64(w, r->integer.start);
		kzt_put_u64(w, r->integer.start + r->integer.span);
		kzt_put_u16(w, r->integer.index);
		kzt_put_u8(w, r->integer.format);
		break;
	default:
		if (value_len[type]) {
			kzt_put_u32(w, r->tag.id);
			kzt_put_u32(w, r->tag.value);
		}
	}
}

/**
 * kzt_rules_build() - write a rule set
 * @buf: binary form
 * @room: bytes there
 * @rules: entries
 * @count: how many
 *
 * Implements: spec 4, 4.10.2.
 * Return: bytes written, or -EMSGSIZE.
 */
int kzt_rules_build(u8 *buf, size_t room, const struct kzt_rule *rules,
		    unsigned int count)
{
	struct kzt_wcur w = kzt_wcur(buf, room);
	unsigned int i;

	for (i = 0; i < count; i++) {
		kzt_put_u8(&w, rules[i].type);
		kzt_put_u8(&w, value_len[kzt_rule_type(&rules[i])]);
		value_put(&w, &rules[i]);
	}
	return kzt_wcur_result(&w);
}
