/* SPDX-License-Identifier: GPL-2.0 */
/* A network's configuration as its controller sends it (spec 4, 4.6). */
#ifndef KZT_PROTO_NETCONF_H
#define KZT_PROTO_NETCONF_H

#include "address.h"
#include "credential.h"

#define KZT_CONFIG_VERSION	7
#define KZT_CONFIG_MAX_LEN	484519	/* octets of a dictionary */
#define KZT_CONFIG_MAX_RULES	1024
#define KZT_CONFIG_MAX_CAPS	128
#define KZT_CONFIG_MAX_TAGS	128
#define KZT_CONFIG_MAX_COOS	4
#define KZT_CONFIG_MAX_SPECIALISTS 256
#define KZT_CONFIG_MAX_ADDRS	32
#define KZT_CONFIG_MAX_ROUTES	128
#define KZT_CONFIG_MAX_DNS	4
#define KZT_CONFIG_NAME_MAX	127
#define KZT_CONFIG_DOMAIN_LEN	128
#define KZT_CONFIG_URL_MAX	2047
#define KZT_CONFIG_MTU_DEFAULT	2800
#define KZT_CONFIG_MTU_MIN	1280
#define KZT_CONFIG_MTU_MAX	10000

/* Flags, key f (4.6.3) */
#define KZT_CONFIG_BROADCAST	0x02
#define KZT_CONFIG_NDP		0x04
#define KZT_CONFIG_UNKNOWN_MATCH 0x08
#define KZT_CONFIG_NO_COMPRESS	0x10

/* Types, key t */
#define KZT_CONFIG_PRIVATE	0
#define KZT_CONFIG_PUBLIC	1

/* Roles of a specialist, or-ed to its address (4.6.4) */
#define KZT_SPECIALIST_BRIDGE	0x0000020000000000ULL
#define KZT_SPECIALIST_ANCHOR	0x0000040000000000ULL
#define KZT_SPECIALIST_REPLICATOR 0x0000080000000000ULL

/**
 * struct kzt_config_route - a route
 * @target: network; the port is the prefix length
 * @via: gateway, or null for on-link
 * @flags: none defined
 * @metric: not used
 */
struct kzt_config_route {
	struct kzt_inetaddr target, via;
	u16 flags, metric;
};

/**
 * struct kzt_config - a configuration, decoded or to be encoded
 * @version: of the format
 * @nwid: network
 * @timestamp: controller's time of issue
 * @max_delta: how far a credential's time may be from @timestamp
 * @revision: of the network at its controller
 * @issued_to: member
 * @trace_target: node that traces go to, 0 for none
 * @trace_level: how much of them
 * @flags: KZT_CONFIG_BROADCAST and so on
 * @multicast_limit: receivers of a frame
 * @type: KZT_CONFIG_PRIVATE, KZT_CONFIG_PUBLIC; others count as private
 * @mtu: clamped when decoded
 * @name: of the network
 * @has_com: @com was there, or is to be written
 * @com: certificate of membership; only its raw form is written
 * @n_caps: capabilities in @cap, by id when decoded
 * @n_tags: tags in @tag, by id when decoded
 * @n_coos: certificates of ownership in @coo
 * @cap: those; only their raw form is written
 * @tag: likewise
 * @coo: likewise
 * @n_specialists: entries in @specialist
 * @specialist: addresses with role bits
 * @n_addrs: assigned addresses
 * @addr: those; the port is the prefix length
 * @n_routes: entries in @route
 * @route: those
 * @n_rules: rules in @rules, as decoded; not looked at when encoding
 * @rules: base rules in binary form, or NULL
 * @rules_len: their octets
 * @has_dns: the key was there, or is to be written
 * @dns_domain: ends with a 00
 * @dns: servers; null ones are unused
 * @sso_version: 0 or 1
 * @sso_enabled: single sign-on is wanted
 * @auth_url: where to authenticate (version 0), or the issuer (version 1)
 * @auth_expiry: end of the authentication (version 0)
 *
 * Large: not for a stack.  What points, points into the scratch space that
 * kzt_config_decode() was given.
 */
struct kzt_config {
	u32 version;
	u64 nwid, timestamp, max_delta, revision, issued_to;
	u64 trace_target, trace_level;
	u64 flags;
	u32 multicast_limit;
	u64 type;
	u32 mtu;
	char name[KZT_CONFIG_NAME_MAX + 1];
	bool has_com;
	struct kzt_com com;
	unsigned int n_caps, n_tags, n_coos;
	struct kzt_capability cap[KZT_CONFIG_MAX_CAPS];
	struct kzt_tag tag[KZT_CONFIG_MAX_TAGS];
	struct kzt_coo coo[KZT_CONFIG_MAX_COOS];
	unsigned int n_specialists;
	u64 specialist[KZT_CONFIG_MAX_SPECIALISTS];
	unsigned int n_addrs;
	struct kzt_inetaddr addr[KZT_CONFIG_MAX_ADDRS];
	unsigned int n_routes;
	struct kzt_config_route route[KZT_CONFIG_MAX_ROUTES];
	unsigned int n_rules;
	const u8 *rules;
	size_t rules_len;
	bool has_dns;
	char dns_domain[KZT_CONFIG_DOMAIN_LEN + 1];
	struct kzt_inetaddr dns[KZT_CONFIG_MAX_DNS];
	u8 sso_version;
	bool sso_enabled;
	char auth_url[KZT_CONFIG_URL_MAX + 1];
	u64 auth_expiry;
};

int kzt_config_decode(struct kzt_config *conf, const u8 *dict, size_t len,
		      u8 *scratch, size_t room, const char **why);
int kzt_config_encode(const struct kzt_config *conf, u8 *dict, size_t room);

#endif /* KZT_PROTO_NETCONF_H */
