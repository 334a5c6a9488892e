/* SPDX-License-Identifier: GPL-2.0 */
/* What follows from a network id: addresses, ad-hoc networks (spec 4, 4.1, 4.4.6). */
#ifndef KZT_PROTO_NETADDR_H
#define KZT_PROTO_NETADDR_H

#include "rules.h"

#define KZT_ADHOC_RULES		14
#define KZT_ADHOC_MTU		2800
#define KZT_ADHOC_NAME_MAX	16

/**
 * struct kzt_adhoc - the configuration of an ad-hoc network
 * @found: false: the id says that there is no such network (4.4.5 NOT_FOUND)
 * @multicast_limit: receivers of a multicast; 0 for none
 * @has_v4: form B has an IPv4 address
 * @v4: that, prefix length 8
 * @v6: 6PLANE address, prefix length 40
 * @name: "adhoc-..."
 * @n_rules: entries in @rules
 * @rules: base rules
 */
struct kzt_adhoc {
	bool found;
	u32 multicast_limit;
	bool has_v4;
	u8 v4[4];
	u8 v6[16];
	char name[KZT_ADHOC_NAME_MAX];
	unsigned int n_rules;
	struct kzt_rule rules[KZT_ADHOC_RULES];
};

u8 kzt_mac_first(u64 nwid);
void kzt_mac_of(u64 nwid, u64 address, u8 mac[6]);
u64 kzt_mac_to_address(u64 nwid, const u8 mac[6]);
void kzt_ip6_6plane(u64 nwid, u64 address, u8 ip[16]);
void kzt_ip6_rfc4193(u64 nwid, u64 address, u8 ip[16]);
int kzt_adhoc_decode(u64 nwid, u64 self, struct kzt_adhoc *a);

#endif /* KZT_PROTO_NETADDR_H */
