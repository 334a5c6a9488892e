// SPDX-License-Identifier: GPL-2.0
/* Tables and statements of the controller's database, the same on both kinds. */
#include "controller_db_int.h"
#include "controller_object.h"
#include "agent.h"
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA_VERSION "1"
#define SQL_MAX 4096

struct text {
	char s[SQL_MAX];
	size_t len;
};

static void add(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->s + t->len, sizeof(t->s) - t->len, fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < sizeof(t->s) - t->len)
		t->len += (size_t)n;
}

int db_run(struct controller_db *db, const char *sql, int n,
	       const char *const *param, controller_row_fn fn, void *arg)
{
	int err = db->ops->run(db, sql, n, param, fn, arg, NULL);

	if (err)
		db->failed = true;
	return err;
}

/* --- the tables ------------------------------ */

static void add_columns(struct text *t, const struct controller_field *f)
{
	for (; f->name; f++)
		add(t, ", %s %s%s", f->column,
		    f->kind == FIELD_INT || f->kind == FIELD_BOOL ? "BIGINT" : "TEXT",
		    f->null || f->optional ? "" : " NOT NULL");
}

static int make_tables(struct controller_db *db)
{
	static const char *const fixed[] = {
		"CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT)",
		/* Who has an address, for those who look for a free one */
		"CREATE TABLE IF NOT EXISTS assignment (nwid TEXT NOT NULL, "
		"ip TEXT NOT NULL, address TEXT NOT NULL, "
		"PRIMARY KEY (nwid, ip, address))",
		"CREATE INDEX IF NOT EXISTS assignment_member "
		"ON assignment (nwid, address)",
		"CREATE TABLE IF NOT EXISTS revocation (nwid TEXT NOT NULL, "
		"address TEXT NOT NULL, at BIGINT NOT NULL, "
		"PRIMARY KEY (nwid, address))",
		"INSERT INTO meta (key, value) VALUES ('schema', '" SCHEMA_VERSION "') "
		"ON CONFLICT (key) DO NOTHING",
	};
	struct text t = {};
	size_t i;
	int err;

	add(&t, "CREATE TABLE IF NOT EXISTS network (nwid TEXT PRIMARY KEY");
	add_columns(&t, controller_network_fields);
	add(&t, ")");
	err = db_run(db, t.s, 0, NULL, NULL, NULL);
	t.len = 0;
	add(&t, "CREATE TABLE IF NOT EXISTS member (nwid TEXT NOT NULL, "
	    "address TEXT NOT NULL");
	add_columns(&t, controller_member_fields);
	add(&t, ", PRIMARY KEY (nwid, address))");
	if (!err)
		err = db_run(db, t.s, 0, NULL, NULL, NULL);
	t.len = 0;
	add(&t, "CREATE TABLE IF NOT EXISTS change (seq %s, at BIGINT NOT NULL, "
	    "kind TEXT NOT NULL, nwid TEXT NOT NULL, address TEXT NOT NULL)",
	    db->ops->serial);
	if (!err)
		err = db_run(db, t.s, 0, NULL, NULL, NULL);
	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]) && !err; i++)
		err = db_run(db, fixed[i], 0, NULL, NULL, NULL);
	return err;
}

static void schema_row(void *arg, int n, const char *const *row)
{
	bool *same = arg;

	*same = n == 1 && row[0] && !strcmp(row[0], SCHEMA_VERSION);
}

int controller_db_open(struct controller_db *db, const char *where, uint64_t self)
{
	bool pg = where && (!strncmp(where, "postgresql:", 11) ||
			    !strncmp(where, "postgres:", 9));
	bool same = false;
	int err;

	db->ops = &controller_sqlite;
#ifdef KZT_HAVE_PQ
	if (pg)
		db->ops = &controller_pg;
#else
	if (pg) {
		agent_log(LOG_ERR, "this kztd was built without PostgreSQL");
		return -EOPNOTSUPP;
	}
#endif
	controller_hex(((uint64_t)randombytes_random() << 32) | randombytes_random(), 16,
		       db->origin);
	snprintf(db->channel, sizeof(db->channel), "kzt_%010" PRIx64, self);
	err = db->ops->open(db, where);
	if (!err)
		err = controller_db_begin(db);
	if (err)
		return err;
	err = make_tables(db);
	if (!err)
		err = db_run(db, "SELECT value FROM meta WHERE key = 'schema'", 0, NULL,
			  schema_row, &same);
	err = controller_db_end(db, !err) ?: err;
	if (!err && !same) {
		agent_log(LOG_ERR, "the controller's database is of another version of kztd");
		err = -EPROTO;
	}
	return err;
}

void controller_db_close(struct controller_db *db)
{
	if (db->ops)
		db->ops->close(db);
}

int controller_db_begin(struct controller_db *db)
{
	db->failed = false;
	return db_run(db, db->ops->begin, 0, NULL, NULL, NULL);
}

int controller_db_end(struct controller_db *db, bool commit)
{
	bool failed = db->failed;
	int err;

	err = db_run(db, commit && !failed ? "COMMIT" : "ROLLBACK", 0, NULL, NULL, NULL);
	return err ?: (commit && failed ? -EIO : 0);
}

/* --- objects and rows ------------------------------ */

static json_t *value_json(const struct controller_field *f, const char *text)
{
	if (!text)
		return f->optional ? NULL : json_null();
	switch (f->kind) {
	case FIELD_BOOL:
		return json_boolean(*text != '0');
	case FIELD_INT:
		return json_integer(strtoll(text, NULL, 10));
	case FIELD_JSON:
		return json_loads(text, JSON_DECODE_ANY, NULL);
	default:
		return json_string(text);
	}
}

static json_t *row_object(const struct controller_field *f, const char *const *row)
{
	json_t *o = json_object();

	for (; f->name; f++) {
		json_t *v = value_json(f, *row++);

		if (v)
			json_object_set_new(o, f->name, v);
	}
	return o;
}

/* Texts of the columns, to be freed by params_free(); behind those of the key */
static int params_make(const struct controller_field *f, const json_t *o, int n,
		       const char **param, char **owned)
{
	for (; f->name; f++, n++) {
		const json_t *v = json_object_get(o, f->name);

		owned[n] = NULL;
		if (!v || json_is_null(v))
			;
		else if (f->kind == FIELD_TEXT)
			owned[n] = strdup(json_string_value(v) ?: "");
		else if (f->kind == FIELD_JSON)
			owned[n] = json_dumps(v, JSON_COMPACT | JSON_SORT_KEYS |
					      JSON_ENCODE_ANY);
		else if (asprintf(&owned[n], "%" JSON_INTEGER_FORMAT,
				  f->kind == FIELD_BOOL ? (json_int_t)json_is_true(v) :
				  json_integer_value(v)) < 0)
			owned[n] = NULL;
		param[n] = owned[n];
	}
	return n;
}

static void params_free(char **owned, int from, int n)
{
	for (; from < n; from++)
		free(owned[from]);
}

/* INSERT that becomes an UPDATE; @key: the columns of the primary key */
static void upsert_sql(struct text *t, const char *table, const char *key, int n_key,
		       const struct controller_field *fields)
{
	const struct controller_field *f;
	int i, n = n_key;

	add(t, "INSERT INTO %s (%s", table, key);
	for (f = fields; f->name; f++, n++)
		add(t, ", %s", f->column);
	add(t, ") VALUES ($1");
	for (i = 2; i <= n; i++)
		add(t, ", $%d", i);
	add(t, ") ON CONFLICT (%s) DO UPDATE SET ", key);
	for (f = fields; f->name; f++)
		add(t, "%s%s = excluded.%s", f == fields ? "" : ", ", f->column, f->column);
}

static void select_sql(struct text *t, const char *table,
		       const struct controller_field *f, const char *key)
{
	add(t, "SELECT ");
	for (; f->name; f++)
		add(t, "%s, ", f->column);
	add(t, "%s FROM %s", key, table);
}

/* --- networks ------------------------------ */

static uint64_t hex(const char *text)
{
	return text ? strtoull(text, NULL, 16) : 0;
}

static void network_row(void *arg, int n, const char *const *row)
{
	json_t *o = row_object(controller_network_fields, row);

	controller_network_key(o, hex(row[n - 1]));
	json_array_append_new(arg, o);
}

/* The only object of a list, or -ENOENT */
static int take_one(json_t *list, int err, json_t **o)
{
	*o = NULL;
	if (!err) {
		*o = json_incref(json_array_get(list, 0));
		err = *o ? 0 : -ENOENT;
	}
	json_decref(list);
	return err;
}

int controller_db_network(struct controller_db *db, uint64_t nwid, bool lock,
			  json_t **network)
{
	json_t *list = json_array();
	struct text t = {};
	const char *param[1];
	char id[17];

	param[0] = controller_hex(nwid, 16, id);
	select_sql(&t, "network", controller_network_fields, "nwid");
	add(&t, " WHERE nwid = $1%s", lock ? db->ops->lock : "");
	return take_one(list, db_run(db, t.s, 1, param, network_row, list), network);
}

int controller_db_networks(struct controller_db *db, json_t **list)
{
	struct text t = {};

	*list = json_array();
	select_sql(&t, "network", controller_network_fields, "nwid");
	add(&t, " ORDER BY nwid");
	return db_run(db, t.s, 0, NULL, network_row, *list);
}

int controller_db_network_put(struct controller_db *db, uint64_t nwid,
			      const json_t *network)
{
	const char *param[CONTROLLER_DB_PARAMS];
	char *owned[CONTROLLER_DB_PARAMS], id[17];
	struct text t = {};
	int n, err;

	param[0] = controller_hex(nwid, 16, id);
	n = params_make(controller_network_fields, network, 1, param, owned);
	upsert_sql(&t, "network", "nwid", 1, controller_network_fields);
	err = db_run(db, t.s, n, param, NULL, NULL);
	params_free(owned, 1, n);
	return err;
}

int controller_db_network_del(struct controller_db *db, uint64_t nwid)
{
	static const char *const sql[] = {
		"DELETE FROM assignment WHERE nwid = $1",
		"DELETE FROM member WHERE nwid = $1",
		"DELETE FROM network WHERE nwid = $1",
	};
	const char *param[1];
	char id[17];
	int err = 0;
	size_t i;

	param[0] = controller_hex(nwid, 16, id);
	for (i = 0; i < sizeof(sql) / sizeof(sql[0]) && !err; i++)
		err = db_run(db, sql[i], 1, param, NULL, NULL);
	return err;
}

/* --- members ------------------------------ */

void db_key(struct member_key *k, uint64_t nwid, uint64_t address)
{
	k->param[0] = controller_hex(nwid, 16, k->nwid);
	k->param[1] = controller_hex(address, 10, k->address);
}

static void member_row(void *arg, int n, const char *const *row)
{
	json_t *o = row_object(controller_member_fields, row);

	controller_member_key(o, hex(row[n - 2]), hex(row[n - 1]));
	json_array_append_new(arg, o);
}

int controller_db_member(struct controller_db *db, uint64_t nwid, uint64_t address,
			 bool lock, json_t **member)
{
	json_t *list = json_array();
	struct member_key k;
	struct text t = {};

	db_key(&k, nwid, address);
	select_sql(&t, "member", controller_member_fields, "nwid, address");
	add(&t, " WHERE nwid = $1 AND address = $2%s", lock ? db->ops->lock : "");
	return take_one(list, db_run(db, t.s, 2, k.param, member_row, list), member);
}

int controller_db_members(struct controller_db *db, uint64_t nwid, json_t **list)
{
	struct member_key k;
	struct text t = {};

	*list = json_array();
	db_key(&k, nwid, 0);
	select_sql(&t, "member", controller_member_fields, "nwid, address");
	add(&t, " WHERE nwid = $1 ORDER BY address");
	return db_run(db, t.s, 1, k.param, member_row, *list);
}

static int assignments_put(struct controller_db *db, struct member_key *k,
			   const json_t *ips)
{
	const json_t *ip;
	size_t i;
	int err;

	err = db_run(db, "DELETE FROM assignment WHERE nwid = $1 AND address = $2", 2,
		  k->param, NULL, NULL);
	json_array_foreach(ips, i, ip) {
		k->param[2] = json_string_value(ip);
		if (!err && k->param[2])
			err = db_run(db, "INSERT INTO assignment (nwid, address, ip) "
				  "VALUES ($1, $2, $3)", 3, k->param, NULL, NULL);
	}
	return err;
}

int controller_db_member_put(struct controller_db *db, uint64_t nwid,
			     uint64_t address, const json_t *member)
{
	char *owned[CONTROLLER_DB_PARAMS];
	struct member_key k;
	struct text t = {};
	int n, err;

	db_key(&k, nwid, address);
	n = params_make(controller_member_fields, member, 2, k.param, owned);
	upsert_sql(&t, "member", "nwid, address", 2, controller_member_fields);
	err = db_run(db, t.s, n, k.param, NULL, NULL);
	params_free(owned, 2, n);
	db_key(&k, nwid, address);
	return err ?: assignments_put(db, &k, json_object_get(member, "ipAssignments"));
}

int controller_db_member_del(struct controller_db *db, uint64_t nwid,
			     uint64_t address)
{
	struct member_key k;
	int err;

	db_key(&k, nwid, address);
	err = db_run(db, "DELETE FROM assignment WHERE nwid = $1 AND address = $2", 2,
		  k.param, NULL, NULL);
	return err ?: db_run(db, "DELETE FROM member WHERE nwid = $1 AND address = $2", 2,
			  k.param, NULL, NULL);
}

static void id_row(void *arg, int n, const char *const *row)
{
	(void)n;
	json_object_set_new(arg, row[0], json_integer(strtoll(row[1] ?: "0", NULL, 10)));
}

int controller_db_member_ids(struct controller_db *db, uint64_t nwid, json_t **ids)
{
	struct member_key k;

	*ids = json_object();
	db_key(&k, nwid, 0);
	return db_run(db, "SELECT address, revision FROM member WHERE nwid = $1 "
		   "ORDER BY address", 1, k.param, id_row, *ids);
}

static void counts_row(void *arg, int n, const char *const *row)
{
	uint64_t *count = arg;

	(void)n;
	count[0] = strtoull(row[0] ?: "0", NULL, 10);
	count[1] = strtoull(row[1] ?: "0", NULL, 10);
}

int controller_db_counts(struct controller_db *db, uint64_t nwid, uint64_t *total,
			 uint64_t *authorized)
{
	uint64_t count[2] = { 0, 0 };
	struct member_key k;
	int err;

	db_key(&k, nwid, 0);
	err = db_run(db, "SELECT count(*), sum(authorized) FROM member WHERE nwid = $1", 1,
		  k.param, counts_row, count);
	*total = count[0];
	*authorized = count[1];
	return err;
}

struct bridges {
	uint64_t *list;
	unsigned int n, max;
};

static void bridge_row(void *arg, int n, const char *const *row)
{
	struct bridges *b = arg;

	(void)n;
	if (b->n < b->max)
		b->list[b->n++] = hex(row[0]);
}

int controller_db_bridges(struct controller_db *db, uint64_t nwid, uint64_t *list,
			  unsigned int max, unsigned int *n)
{
	struct bridges b = { .list = list, .max = max };
	struct member_key k;
	int err;

	db_key(&k, nwid, 0);
	err = db_run(db, "SELECT address FROM member WHERE nwid = $1 AND active_bridge = 1 "
		  "AND authorized = 1 ORDER BY address", 1, k.param, bridge_row, &b);
	*n = b.n;
	return err;
}

static void some_row(void *arg, int n, const char *const *row)
{
	(void)n;
	(void)row;
	*(bool *)arg = true;
}

int controller_db_ip_taken(struct controller_db *db, uint64_t nwid, const char *ip,
			   bool *taken)
{
	struct member_key k;

	*taken = false;
	db_key(&k, nwid, 0);
	k.param[1] = ip;
	return db_run(db, "SELECT address FROM assignment WHERE nwid = $1 AND ip = $2 LIMIT 1",
		   2, k.param, some_row, taken);
}
