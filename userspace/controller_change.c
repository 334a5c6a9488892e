// SPDX-License-Identifier: GPL-2.0
/* What changed: kept, told to other processes, and revocations. */
#include "controller_db_int.h"
#include "controller_object.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HISTORY_MAX 10000	/* changes that are kept */

static uint64_t hex(const char *text)
{
	return text ? strtoull(text, NULL, 16) : 0;
}

static const char *const kinds[] = {
	[CHANGE_NETWORK] = "network", [CHANGE_NETWORK_GONE] = "network-gone",
	[CHANGE_MEMBER] = "member", [CHANGE_MEMBER_GONE] = "member-gone",
	[CHANGE_REVOKED] = "revoked",
};

int controller_db_revoke(struct controller_db *db, uint64_t nwid, uint64_t address,
			 uint64_t at_ms)
{
	struct member_key k;
	char at[24];

	snprintf(at, sizeof(at), "%" PRIu64, at_ms);
	db_key(&k, nwid, address);
	k.param[2] = at;
	return db_run(db, "INSERT INTO revocation (nwid, address, at) VALUES ($1, $2, $3) "
		   "ON CONFLICT (nwid, address) DO UPDATE SET at = excluded.at", 3,
		   k.param, NULL, NULL);
}

struct revocations {
	void (*fn)(void *arg, uint64_t address, uint64_t at_ms);
	void *arg;
};

static void revocation_row(void *arg, int n, const char *const *row)
{
	struct revocations *r = arg;

	(void)n;
	r->fn(r->arg, hex(row[0]), strtoull(row[1] ?: "0", NULL, 10));
}

int controller_db_revocations(struct controller_db *db, uint64_t nwid,
			      uint64_t since_ms, uint64_t after,
			      void (*fn)(void *arg, uint64_t address, uint64_t at_ms),
			      void *arg)
{
	struct revocations r = { fn, arg };
	struct member_key k;
	char at[24];

	snprintf(at, sizeof(at), "%" PRIu64, since_ms);
	db_key(&k, nwid, after);
	/* SQLite counts parameters as they come */
	k.param[1] = at;
	k.param[2] = k.address;
	return db_run(db, "SELECT address, at FROM revocation WHERE nwid = $1 AND "
		   "(at > $2 OR (at = $2 AND address > $3)) ORDER BY at, address", 3,
		   k.param, revocation_row, &r);
}

int controller_db_changed(struct controller_db *db, enum controller_change_kind kind,
			  uint64_t nwid, uint64_t address, uint64_t at_ms)
{
	const char *param[4];
	char at[24], payload[128];
	struct member_key k;
	int err;

	db_key(&k, nwid, address);
	snprintf(at, sizeof(at), "%" PRIu64, at_ms);
	param[0] = at;
	param[1] = kinds[kind];
	param[2] = k.nwid;
	param[3] = k.address;
	err = db_run(db, "INSERT INTO change (at, kind, nwid, address) "
		  "VALUES ($1, $2, $3, $4)", 4, param, NULL, NULL);
	if (!err && randombytes_uniform(HISTORY_MAX / 100) == 0)
		err = db_run(db, "DELETE FROM change WHERE seq <= "
			  "(SELECT max(seq) FROM change) - 10000", 0, NULL, NULL, NULL);
	snprintf(payload, sizeof(payload), "%s %s %s %s %s", db->origin, kinds[kind],
		 k.nwid, k.address, at);
	return err ?: db->ops->notify(db, payload);
}

static void history_row(void *arg, int n, const char *const *row)
{
	(void)n;
	json_array_append_new(arg, json_pack("{s:I,s:I,s:s,s:s,s:s}",
		"revision", (json_int_t)strtoll(row[0] ?: "0", NULL, 10),
		"at", (json_int_t)strtoll(row[1] ?: "0", NULL, 10), "what", row[2] ?: "",
		"nwid", row[3] ?: "", "address", row[4] ?: ""));
}

int controller_db_history(struct controller_db *db, unsigned int max, json_t **list)
{
	char sql[128];

	*list = json_array();
	snprintf(sql, sizeof(sql), "SELECT seq, at, kind, nwid, address FROM change "
		 "ORDER BY seq DESC LIMIT %u", max);
	return db_run(db, sql, 0, NULL, history_row, *list);
}

/* "ORIGIN KIND NWID ADDRESS AT" from another process; anything else is ignored */
static void notified(void *arg, const char *payload)
{
	char origin[17], kind[17], nwid[17], address[11];
	struct controller_change change = {};
	struct controller_db *db = arg;
	size_t i;

	if (!*payload) {
		change.kind = CHANGE_ANY;
		db->on_change(db->arg, &change);
		return;
	}
	if (sscanf(payload, "%16[0-9a-f] %16[a-z-] %16[0-9a-f] %10[0-9a-f] %" SCNu64,
		   origin, kind, nwid, address, &change.at_ms) != 5 ||
	    !strcmp(origin, db->origin))
		return;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kind, kinds[i])) {
			change.kind = (enum controller_change_kind)i;
			change.nwid = hex(nwid);
			change.address = hex(address);
			db->on_change(db->arg, &change);
		}
}

int controller_db_poll(struct controller_db *db)
{
	return db->ops->poll ? db->ops->poll(db, notified, db) : 0;
}
