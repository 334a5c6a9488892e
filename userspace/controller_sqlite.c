// SPDX-License-Identifier: GPL-2.0
/* The controller's database in a file: SQLite. */
#include "controller_db.h"
#include "agent.h"
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BUSY_MS 5000
#define CACHED 48		/* statements that are kept prepared */

struct sqlite {
	sqlite3 *sql;
	struct {
		char *text;
		sqlite3_stmt *stmt;
	} cache[CACHED];
	unsigned int next;
};

static int fail(struct sqlite *s, const char *what)
{
	static struct agent_limit limit;
	int code = s->sql ? sqlite3_errcode(s->sql) : SQLITE_NOMEM;

	if (agent_limit_pass(&limit))
		agent_log(LOG_ERR, "controller database: %s: %s", what,
			  s->sql ? sqlite3_errmsg(s->sql) : "no memory");
	switch (code) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EAGAIN;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
		return -EACCES;
	default:
		return -EIO;
	}
}

static void sqlite_close(struct controller_db *db)
{
	struct sqlite *s = db->handle;
	unsigned int i;

	if (!s)
		return;
	for (i = 0; i < CACHED; i++) {
		sqlite3_finalize(s->cache[i].stmt);
		free(s->cache[i].text);
	}
	sqlite3_close(s->sql);
	free(s);
	db->handle = NULL;
}

static int sqlite_open(struct controller_db *db, const char *where)
{
	struct sqlite *s = calloc(1, sizeof(*s));
	mode_t mask;
	int code;

	if (!s)
		return -ENOMEM;
	db->handle = s;
	mask = umask(077);
	code = sqlite3_open_v2(where, &s->sql, SQLITE_OPEN_READWRITE |
			       SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	umask(mask);
	if (code == SQLITE_OK)
		sqlite3_busy_timeout(s->sql, BUSY_MS);
	/* A transaction is on the disk when it has ended, or it never was */
	if (code != SQLITE_OK ||
	    sqlite3_exec(s->sql, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
			 "PRAGMA trusted_schema = OFF", NULL, NULL, NULL)) {
		code = fail(s, where);
		sqlite_close(db);
		return code;
	}
	return 0;
}

static sqlite3_stmt *prepare(struct sqlite *s, const char *text)
{
	sqlite3_stmt *stmt = NULL;
	unsigned int i;

	for (i = 0; i < CACHED; i++)
		if (s->cache[i].text && !strcmp(s->cache[i].text, text))
			return s->cache[i].stmt;
	if (sqlite3_prepare_v2(s->sql, text, -1, &stmt, NULL) != SQLITE_OK)
		return NULL;
	i = s->next++ % CACHED;
	sqlite3_finalize(s->cache[i].stmt);
	free(s->cache[i].text);
	s->cache[i].stmt = stmt;
	s->cache[i].text = strdup(text);
	return stmt;
}

static void give_row(sqlite3_stmt *stmt, controller_row_fn fn, void *arg)
{
	const char *row[CONTROLLER_DB_PARAMS];
	int i, n = sqlite3_column_count(stmt);

	for (i = 0; i < n && i < CONTROLLER_DB_PARAMS; i++)
		row[i] = (const char *)sqlite3_column_text(stmt, i);
	fn(arg, i, row);
}

static int sqlite_run(struct controller_db *db, const char *text, int n,
		      const char *const *param, controller_row_fn fn, void *arg,
		      long *changed)
{
	struct sqlite *s = db->handle;
	sqlite3_stmt *stmt = prepare(s, text);
	int i, code;

	if (!stmt)
		return fail(s, text);
	for (i = 0; i < n; i++)
		if (sqlite3_bind_text(stmt, i + 1, param[i], -1, SQLITE_STATIC)) {
			sqlite3_reset(stmt);
			return fail(s, text);
		}
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
		if (fn)
			give_row(stmt, fn, arg);
	code = code == SQLITE_DONE ? 0 : fail(s, text);
	if (changed)
		*changed = sqlite3_changes(s->sql);
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return code;
}

/* Nobody else uses the file */
static int sqlite_notify(struct controller_db *db, const char *payload)
{
	(void)db;
	(void)payload;
	return 0;
}

static int sqlite_fd(struct controller_db *db)
{
	(void)db;
	return -1;
}

const struct controller_backend controller_sqlite = {
	.name = "SQLite",
	.serial = "INTEGER PRIMARY KEY AUTOINCREMENT",
	.lock = "",
	.begin = "BEGIN IMMEDIATE",
	.open = sqlite_open,
	.close = sqlite_close,
	.run = sqlite_run,
	.notify = sqlite_notify,
	.fd = sqlite_fd,
};
