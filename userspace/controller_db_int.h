/* SPDX-License-Identifier: GPL-2.0 */
/* What controller_db.c and controller_change.c share. */
#ifndef KZT_CONTROLLER_DB_INT_H
#define KZT_CONTROLLER_DB_INT_H

#include "controller_db.h"

/* Texts of the primary key, as the first parameters */
struct member_key {
	const char *param[CONTROLLER_DB_PARAMS];
	char nwid[17], address[17];
};

void db_key(struct member_key *k, uint64_t nwid, uint64_t address);
/* One statement of the transaction; a failure spoils it */
int db_run(struct controller_db *db, const char *sql, int n,
		      const char *const *param, controller_row_fn fn, void *arg);

#endif /* KZT_CONTROLLER_DB_INT_H */
