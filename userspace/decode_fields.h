/* SPDX-License-Identifier: GPL-2.0 */
/* The attributes of the family's objects, for decode.c. */
#ifndef KZT_DECODE_FIELDS_H
#define KZT_DECODE_FIELDS_H

#include <stdint.h>

enum kzt_field_kind {
	INT,		/* of any width */
	BOOL,
	ADDRESS,	/* of a node, ten digits */
	ID64,		/* of a network or world, 16 digits */
	COOKIE,
	STRING,
	ENUM,
	FLAGS,
	MAC,
	HEX,
	DEV,		/* index of a device here */
	DEVS,		/* all */
	SOCKADDR,
	IDENTITY,
	PREFIXES,	/* all of the nests with this type */
	ADDRESSES,	/* all */
	STRINGS,	/* all */
	SOCKADDRS,	/* all */
	PHYS,		/* all: what holds for remote prefixes */
	INTS,		/* all */
	COUNT,		/* of 64-bit values inside */
};

/**
 * struct kzt_field - an attribute of an object
 * @attr: its type
 * @key: in JSON, as in the specification; NULL ends a table
 * @kind: how it is read
 * @words: of an ENUM or FLAGS, NULL ends it
 */
struct kzt_field {
	uint16_t attr;
	const char *key;
	enum kzt_field_kind kind;
	const char *const *words;
};

extern const struct kzt_field kzt_node_fields[];
extern const struct kzt_field kzt_peer_fields[];
extern const struct kzt_field kzt_path_fields[];
extern const struct kzt_field kzt_network_fields[];
extern const struct kzt_field kzt_member_fields[];
extern const struct kzt_field kzt_group_fields[];
extern const struct kzt_field kzt_fdb_fields[];
extern const struct kzt_field kzt_message_fields[];
extern const struct kzt_field kzt_policy_fields[];
extern const struct kzt_field kzt_policy_link_fields[];
extern const struct kzt_field kzt_scope_cap_fields[];
extern const struct kzt_field kzt_plan_fields[];

#endif /* KZT_DECODE_FIELDS_H */
