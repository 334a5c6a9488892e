// SPDX-License-Identifier: GPL-2.0
/*
 * The controller's database on a server: PostgreSQL, for several controllers of
 * one identity.  A connection that broke is made anew, at most once a second;
 * what was under way is an error, and the member asks again.
 */
#include "controller_db.h"
#include "agent.h"
#include <errno.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MS 1000

struct pg {
	PGconn *conn;
	char *url;
	uint64_t tried_ms;
	bool away, was_away;
};

static int fail(struct pg *p, const char *what, const char *why)
{
	static struct agent_limit limit;

	if (agent_limit_pass(&limit))
		agent_log(LOG_ERR, "controller database: %s: %.*s", what,
			  (int)strcspn(why, "\n"), why);
	if (!p->conn || PQstatus(p->conn) != CONNECTION_OK) {
		p->away = true;
		return -EAGAIN;
	}
	return -EIO;
}

/* Notices (a table that exists already) are not worth a line */
static void quiet(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

static int connect_server(struct controller_db *db)
{
	static const char *const extra[] = {
		"dbname", "fallback_application_name", "connect_timeout", "keepalives",
		"keepalives_idle", "keepalives_interval", "keepalives_count",
		"tcp_user_timeout", NULL,
	};
	struct pg *p = db->handle;
	const char *const values[] = {
		p->url, "kztd", "5", "1", "10", "5", "3", "15000", NULL,
	};
	char listen[64];
	PGresult *r;
	int err = 0;

	p->tried_ms = agent_now_ms();
	PQfinish(p->conn);
	p->conn = PQconnectdbParams(extra, values, 1);
	if (PQstatus(p->conn) != CONNECTION_OK)
		return fail(p, "cannot connect", PQerrorMessage(p->conn));
	PQsetNoticeReceiver(p->conn, quiet, NULL);
	snprintf(listen, sizeof(listen), "LISTEN %s", db->channel);
	r = PQexec(p->conn, listen);
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		err = fail(p, listen, PQerrorMessage(p->conn));
	PQclear(r);
	if (!err && p->away) {
		agent_log(LOG_NOTICE, "controller database: connected again");
		p->was_away = true;
	}
	p->away = err;
	return err;
}

static void pg_close(struct controller_db *db)
{
	struct pg *p = db->handle;

	if (!p)
		return;
	PQfinish(p->conn);
	free(p->url);
	free(p);
	db->handle = NULL;
}

static int pg_open(struct controller_db *db, const char *where)
{
	struct pg *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	db->handle = p;
	p->url = strdup(where);
	err = p->url ? connect_server(db) : -ENOMEM;
	if (err)
		pg_close(db);
	return err;
}

static void give_rows(const PGresult *r, controller_row_fn fn, void *arg)
{
	const char *row[CONTROLLER_DB_PARAMS];
	int i, k, n = PQnfields(r);

	if (n > CONTROLLER_DB_PARAMS)
		n = CONTROLLER_DB_PARAMS;
	for (i = 0; i < PQntuples(r); i++) {
		for (k = 0; k < n; k++)
			row[k] = PQgetisnull(r, i, k) ? NULL : PQgetvalue(r, i, k);
		fn(arg, n, row);
	}
}

static int pg_run(struct controller_db *db, const char *sql, int n,
		  const char *const *param, controller_row_fn fn, void *arg,
		  long *changed)
{
	struct pg *p = db->handle;
	PGresult *r;
	int err = 0;

	if (p->away && (agent_now_ms() - p->tried_ms < RETRY_MS || connect_server(db)))
		return -EAGAIN;
	r = PQexecParams(p->conn, sql, n, NULL, param, NULL, NULL, 0);
	switch (PQresultStatus(r)) {
	case PGRES_TUPLES_OK:
		if (fn)
			give_rows(r, fn, arg);
		break;
	case PGRES_COMMAND_OK:
		break;
	default:
		err = fail(p, sql, PQerrorMessage(p->conn));
	}
	if (changed)
		*changed = strtol(PQcmdTuples(r), NULL, 10);
	PQclear(r);
	return err;
}

static int pg_notify(struct controller_db *db, const char *payload)
{
	const char *param[] = { db->channel, payload };

	return pg_run(db, "SELECT pg_notify($1, $2)", 2, param, NULL, NULL, NULL);
}

static int pg_fd(struct controller_db *db)
{
	struct pg *p = db->handle;

	return p && p->conn && !p->away ? PQsocket(p->conn) : -1;
}

/*
 * What was told while the connection was away is lost: an empty payload says
 * that anything may have changed.
 */
static int pg_poll(struct controller_db *db, void (*fn)(void *arg, const char *payload),
		   void *arg)
{
	struct pg *p = db->handle;
	PGnotify *note;

	if (p->away && (agent_now_ms() - p->tried_ms < RETRY_MS || connect_server(db)))
		return -EAGAIN;
	if (p->was_away) {
		p->was_away = false;
		fn(arg, "");
	}
	if (!PQconsumeInput(p->conn))
		return fail(p, "lost", PQerrorMessage(p->conn));
	while ((note = PQnotifies(p->conn))) {
		fn(arg, note->extra);
		PQfreemem(note);
	}
	return 0;
}

const struct controller_backend controller_pg = {
	.name = "PostgreSQL",
	.serial = "BIGSERIAL PRIMARY KEY",
	.lock = " FOR UPDATE",
	.begin = "BEGIN",
	.open = pg_open,
	.close = pg_close,
	.run = pg_run,
	.notify = pg_notify,
	.fd = pg_fd,
	.poll = pg_poll,
};
