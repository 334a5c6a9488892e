/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a controller knows: networks and members, as the JSON objects of the local
 * service API (spec 4.12.1, 4.12.2).  Pure: what is posted goes in, the object
 * that is kept comes out.
 */
#ifndef KZT_CONTROLLER_OBJECT_H
#define KZT_CONTROLLER_OBJECT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define CONTROLLER_ARRAY_MAX 16384	/* entries of an array that are taken */
#define CONTROLLER_MTU_MIN 1280
#define CONTROLLER_MTU_MAX 10000
#define CONTROLLER_DELTA_DEFAULT 1800000
#define CONTROLLER_DELTA_MIN 300000
#define CONTROLLER_DELTA_MAX 7200000

enum controller_kind {
	FIELD_TEXT,
	FIELD_BOOL,
	FIELD_INT,
	FIELD_JSON,		/* an array or object, kept as text */
};

/**
 * struct controller_field - a member of the objects, a column of the tables
 * @name: in JSON
 * @column: in SQL
 * @null: may be null in JSON, which is NULL in SQL
 * @optional: NULL in SQL means that it is absent in JSON
 * @def: default as JSON, NULL for none
 */
struct controller_field {
	const char *name, *column;
	enum controller_kind kind;
	bool null, optional;
	const char *def;
};

/* Both end with a name of NULL; what the key says is not among them */
extern const struct controller_field controller_network_fields[];
extern const struct controller_field controller_member_fields[];

json_t *controller_network_new(uint64_t nwid, uint64_t now_ms);
json_t *controller_member_new(uint64_t nwid, uint64_t address, uint64_t now_ms);
/* Add what follows from the key: id, nwid, address, objtype */
void controller_network_key(json_t *network, uint64_t nwid);
void controller_member_key(json_t *member, uint64_t nwid, uint64_t address);

/*
 * Take over what was posted; anything else is ignored, and what cannot be read
 * is left out.  True if the object is another one now; then its revision rose.
 */
bool controller_network_apply(json_t *network, const json_t *posted);
bool controller_member_apply(json_t *member, const json_t *posted, uint64_t now_ms);

/* A new revision if @o differs from @before */
bool controller_touch(json_t *o, const json_t *before);
void controller_authorize(json_t *member, bool authorized, const char *type,
			  const char *credential, uint64_t now_ms);

/* "IP/BITS" or, with @bits NULL, "IP": its family or 0 */
int controller_ip(const char *text, uint8_t ip[16], unsigned int *bits);

/* Addresses and network ids as text; @out has room for 17 */
const char *controller_hex(uint64_t n, unsigned int digits, char *out);

static inline json_int_t controller_int(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static inline bool controller_bool(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

#endif /* KZT_CONTROLLER_OBJECT_H */
