/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The controller's database: the same tables and the same statements on SQLite,
 * the default, and on PostgreSQL, which several controllers may share.
 *
 * Of one thread.  Functions return 0, -ENOENT, or another negative errno after
 * a line in the log; -EAGAIN if the database was away and may come back.
 */
#ifndef KZT_CONTROLLER_DB_H
#define KZT_CONTROLLER_DB_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define CONTROLLER_DB_PARAMS 32

struct controller_db;

/* A row as text; NULL is SQL's */
typedef void (*controller_row_fn)(void *arg, int n, const char *const *row);

/**
 * struct controller_backend - one kind of database
 * @name: for messages
 * @serial: type of a column that counts by itself
 * @lock: ends a SELECT of rows that the transaction is going to change
 * @begin: starts a transaction that writes
 * @open: @where is a path or a URL; @db->handle is set
 * @close: may find nothing open
 * @run: one statement with @n parameters $1.. in order; *@changed (may be NULL)
 *	rows
 * @notify: tell the others, at the end of the transaction
 * @fd: readable when @poll has something to do, or -1
 * @poll: hand what others told to @fn
 */
struct controller_backend {
	const char *name, *serial, *lock, *begin;
	int (*open)(struct controller_db *db, const char *where);
	void (*close)(struct controller_db *db);
	int (*run)(struct controller_db *db, const char *sql, int n,
		   const char *const *param, controller_row_fn fn, void *arg,
		   long *changed);
	int (*notify)(struct controller_db *db, const char *payload);
	int (*fd)(struct controller_db *db);
	int (*poll)(struct controller_db *db, void (*fn)(void *arg, const char *payload),
		    void *arg);
};

extern const struct controller_backend controller_sqlite, controller_pg;

/* What changed, in one's own process or in another's */
enum controller_change_kind {
	CHANGE_NETWORK,
	CHANGE_NETWORK_GONE,
	CHANGE_MEMBER,
	CHANGE_MEMBER_GONE,
	CHANGE_REVOKED,		/* a member is not authorised any more */
	CHANGE_ANY,		/* what it was is not known */
};

struct controller_change {
	enum controller_change_kind kind;
	uint64_t nwid, address, at_ms;
};

struct controller_db {
	const struct controller_backend *ops;
	void *handle;
	char origin[17];	/* of this process, so that it knows its own changes */
	char channel[32];
	bool failed;		/* in the transaction under way */
	void (*on_change)(void *arg, const struct controller_change *change);
	void *arg;
};

/* @where: NULL or a path for SQLite, postgresql://... */
int controller_db_open(struct controller_db *db, const char *where, uint64_t self);
void controller_db_close(struct controller_db *db);
/* Changes of others go to db->on_change */
int controller_db_poll(struct controller_db *db);

/* All or nothing; what was changed is told to the others with the commit */
int controller_db_begin(struct controller_db *db);
int controller_db_end(struct controller_db *db, bool commit);

/* Objects as in controller_object.h.  @lock: nobody else may change it before
 * the transaction ends
 */
int controller_db_network(struct controller_db *db, uint64_t nwid, bool lock,
			  json_t **network);
int controller_db_network_put(struct controller_db *db, uint64_t nwid,
			      const json_t *network);
int controller_db_network_del(struct controller_db *db, uint64_t nwid);
/* All networks, whole, ascending */
int controller_db_networks(struct controller_db *db, json_t **list);
int controller_db_member(struct controller_db *db, uint64_t nwid, uint64_t address,
			 bool lock, json_t **member);
int controller_db_member_put(struct controller_db *db, uint64_t nwid,
			     uint64_t address, const json_t *member);
int controller_db_member_del(struct controller_db *db, uint64_t nwid,
			     uint64_t address);
int controller_db_members(struct controller_db *db, uint64_t nwid, json_t **list);
/* {address: revision} */
int controller_db_member_ids(struct controller_db *db, uint64_t nwid, json_t **ids);
int controller_db_counts(struct controller_db *db, uint64_t nwid, uint64_t *total,
			 uint64_t *authorized);
/* Addresses of active bridges, ascending; at most @max */
int controller_db_bridges(struct controller_db *db, uint64_t nwid, uint64_t *list,
			  unsigned int max, unsigned int *n);
/* Does any member have this address? */
int controller_db_ip_taken(struct controller_db *db, uint64_t nwid, const char *ip,
			   bool *taken);

int controller_db_revoke(struct controller_db *db, uint64_t nwid, uint64_t address,
			 uint64_t at_ms);
/* Revocations of @since_ms whose address is behind @after, and all later ones, go to
 * @fn in the order of time and address
 */
int controller_db_revocations(struct controller_db *db, uint64_t nwid,
			      uint64_t since_ms, uint64_t after,
			      void (*fn)(void *arg, uint64_t address, uint64_t at_ms),
			      void *arg);
/* Note and tell a change; within a transaction */
int controller_db_changed(struct controller_db *db, enum controller_change_kind kind,
			  uint64_t nwid, uint64_t address, uint64_t at_ms);
/* The last changes, newest first */
int controller_db_history(struct controller_db *db, unsigned int max, json_t **list);

#endif /* KZT_CONTROLLER_DB_H */
