// SPDX-License-Identifier: GPL-2.0
/*
 * The controller's part of the local service API (spec 4.13.2), in the thread of
 * the database.
 */
#include "controller.h"
#include "lax.h"
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_MAX 8
#define CHANGES_MAX 1000

/**
 * struct route - a call being answered
 * @part: words of the path behind "controller"
 */
struct route {
	struct controller *c;
	struct controller_call *call;
	unsigned int n;
	char *part[PARTS_MAX];
};

static void answer(struct route *r, int status, json_t *reply)
{
	r->call->status = status;
	json_decref(r->call->reply);
	r->call->reply = reply;
}

/* What went wrong in the database */
static void answer_err(struct route *r, int err)
{
	if (err == -ENOENT)
		answer(r, 404, NULL);
	else
		answer(r, err == -EAGAIN ? 503 : 500, json_pack("{s:i,s:s}", "error",
		       err == -EAGAIN ? 503 : 500, "description",
		       "the controller's database failed: see kztd's log"));
}

static void tell(struct route *r, enum controller_change_kind kind, uint64_t nwid,
		 uint64_t address, uint64_t at_ms)
{
	struct controller_change change = { kind, nwid, address, at_ms };

	controller_on_change(r->c, &change);
}

/* --- networks ------------------------------ */

static void network_list(struct route *r)
{
	json_t *list, *ids = json_array();
	const json_t *v;
	size_t i;
	int err;

	err = controller_db_networks(&r->c->db, &list);
	json_array_foreach(list, i, v)
		json_array_append(ids, json_object_get(v, "id"));
	json_decref(list);
	if (err) {
		json_decref(ids);
		answer_err(r, err);
		return;
	}
	answer(r, 200, ids);
}

static int network_change(struct route *r, uint64_t nwid, uint64_t now, json_t **out,
			  bool *changed)
{
	struct controller_db *db = &r->c->db;
	json_t *network;
	int err;

	err = controller_db_network(db, nwid, true, &network);
	*changed = err == -ENOENT;
	if (err == -ENOENT) {
		network = controller_network_new(nwid, now);
		err = 0;
	}
	if (err)
		return err;
	*out = network;
	*changed = controller_network_apply(network, r->call->body) || *changed;
	if (!controller_int(network, "revision"))
		json_object_set_new(network, "revision", json_integer(1));
	if (!*changed)
		return 0;
	err = controller_db_network_put(db, nwid, network);
	return err ?: controller_db_changed(db, CHANGE_NETWORK, nwid, 0, now);
}

static void network_post(struct route *r, uint64_t nwid)
{
	struct controller_db *db = &r->c->db;
	uint64_t now = controller_clock_ms();
	json_t *network = NULL;
	bool changed = false;
	int err;

	err = controller_db_begin(db);
	if (!err) {
		err = network_change(r, nwid, now, &network, &changed);
		err = controller_db_end(db, !err) ?: err;
	}
	if (err) {
		json_decref(network);
		answer_err(r, err);
		return;
	}
	if (changed)
		tell(r, CHANGE_NETWORK, nwid, 0, now);
	answer(r, 200, network);
}

/* A number that is not in use */
static void network_new(struct route *r)
{
	unsigned int tries;
	json_t *network;
	uint64_t nwid;
	int err;

	for (tries = 0; tries < 100; tries++) {
		nwid = r->c->id.address << 24 | (1 + randombytes_uniform(0xffffff));
		err = controller_db_network(&r->c->db, nwid, false, &network);
		if (!err)
			json_decref(network);
		else
			break;
	}
	if (err != -ENOENT)
		answer_err(r, err ?: -EIO);
	else
		network_post(r, nwid);
}

static void network_get(struct route *r, uint64_t nwid)
{
	json_t *network;
	int err = controller_db_network(&r->c->db, nwid, false, &network);

	if (err)
		answer_err(r, err);
	else
		answer(r, 200, network);
}

/* Members that are still authorised are cut off, as one by one */
static int revoke_all(struct controller_db *db, uint64_t nwid, uint64_t now)
{
	const json_t *v;
	json_t *members;
	size_t i;
	int err;

	err = controller_db_members(db, nwid, &members);
	json_array_foreach(members, i, v)
		if (!err && controller_bool(v, "authorized"))
			err = controller_db_revoke(db, nwid, strtoull(json_string_value(
				json_object_get(v, "address")), NULL, 16), now);
	json_decref(members);
	return err;
}

static void network_delete(struct route *r, uint64_t nwid)
{
	struct controller_db *db = &r->c->db;
	uint64_t now = controller_clock_ms();
	json_t *network = NULL;
	int err;

	err = controller_db_begin(db);
	if (!err) {
		err = controller_db_network(db, nwid, true, &network);
		if (!err)
			err = revoke_all(db, nwid, now);
		if (!err)
			err = controller_db_network_del(db, nwid);
		if (!err)
			err = controller_db_changed(db, CHANGE_REVOKED, nwid, 0, now);
		if (!err)
			err = controller_db_changed(db, CHANGE_NETWORK_GONE, nwid, 0, now);
		err = controller_db_end(db, !err) ?: err;
	}
	if (err) {
		json_decref(network);
		answer_err(r, err);
		return;
	}
	tell(r, CHANGE_REVOKED, nwid, 0, now);
	answer(r, 200, network);
}

/* --- members ------------------------------ */

static void member_list(struct route *r, uint64_t nwid)
{
	json_t *network, *ids = NULL;
	int err;

	err = controller_db_network(&r->c->db, nwid, false, &network);
	if (!err) {
		json_decref(network);
		err = controller_db_member_ids(&r->c->db, nwid, &ids);
	}
	if (err) {
		json_decref(ids);
		answer_err(r, err);
		return;
	}
	answer(r, 200, ids);
}

/**
 * struct edit - a change of a member
 * @changed: it is another one now
 * @revoked: and not authorised any more
 * @for_all: and what others are told of it changed, too
 */
struct edit {
	uint64_t nwid, address, now;
	json_t *member;
	bool changed, revoked, for_all;
};

static int member_change(struct route *r, struct edit *e)
{
	struct controller_db *db = &r->c->db;
	bool was, bridge;
	json_t *network;
	int err;

	err = controller_db_network(db, e->nwid, false, &network);
	if (err)
		return err;
	json_decref(network);
	err = controller_db_member(db, e->nwid, e->address, true, &e->member);
	e->changed = err == -ENOENT;
	if (err == -ENOENT) {
		e->member = controller_member_new(e->nwid, e->address, e->now);
		err = 0;
	}
	if (err)
		return err;
	was = controller_bool(e->member, "authorized");
	bridge = controller_bool(e->member, "activeBridge");
	e->changed = controller_member_apply(e->member, r->call->body, e->now) ||
		     e->changed;
	if (!controller_int(e->member, "revision"))
		json_object_set_new(e->member, "revision", json_integer(1));
	e->revoked = was && !controller_bool(e->member, "authorized");
	e->for_all = bridge != controller_bool(e->member, "activeBridge") ||
		     (bridge && was != controller_bool(e->member, "authorized"));
	return 0;
}

static int member_store(struct controller_db *db, struct edit *e)
{
	int err;

	if (!e->changed)
		return 0;
	err = controller_db_member_put(db, e->nwid, e->address, e->member);
	if (!err)
		err = controller_db_changed(db, CHANGE_MEMBER, e->nwid, e->address, e->now);
	if (!err && e->revoked)
		err = controller_db_revoke(db, e->nwid, e->address, e->now);
	if (!err && e->revoked)
		err = controller_db_changed(db, CHANGE_REVOKED, e->nwid, e->address, e->now);
	if (!err && e->for_all)
		err = controller_db_changed(db, CHANGE_NETWORK, e->nwid, 0, e->now);
	return err;
}

static void member_post(struct route *r, uint64_t nwid, uint64_t address)
{
	struct edit e = { .nwid = nwid, .address = address, .now = controller_clock_ms() };
	struct controller_db *db = &r->c->db;
	int err;

	err = controller_db_begin(db);
	if (!err) {
		err = member_change(r, &e) ?: member_store(db, &e);
		err = controller_db_end(db, !err) ?: err;
	}
	if (err) {
		json_decref(e.member);
		answer_err(r, err);
		return;
	}
	if (e.revoked)
		tell(r, CHANGE_REVOKED, nwid, address, e.now);
	if (e.changed)
		tell(r, e.for_all ? CHANGE_NETWORK : CHANGE_MEMBER, nwid,
		     e.for_all ? 0 : address, e.now);
	answer(r, 200, e.member);
}

static void member_get(struct route *r, uint64_t nwid, uint64_t address)
{
	json_t *member;
	int err = controller_db_member(&r->c->db, nwid, address, false, &member);

	if (err)
		answer_err(r, err);
	else
		answer(r, 200, member);
}

static void member_delete(struct route *r, uint64_t nwid, uint64_t address)
{
	struct controller_db *db = &r->c->db;
	uint64_t now = controller_clock_ms();
	json_t *member = NULL;
	bool bridge = false;
	int err;

	err = controller_db_begin(db);
	if (!err) {
		err = controller_db_member(db, nwid, address, true, &member);
		/* Then the others were told of it */
		bridge = !err && controller_bool(member, "activeBridge") &&
			 controller_bool(member, "authorized");
		if (!err)
			err = controller_db_member_del(db, nwid, address);
		if (!err)
			err = controller_db_changed(db, CHANGE_MEMBER_GONE, nwid, address,
						    now);
		if (!err && bridge)
			err = controller_db_changed(db, CHANGE_NETWORK, nwid, 0, now);
		err = controller_db_end(db, !err) ?: err;
	}
	if (err) {
		json_decref(member);
		answer_err(r, err);
		return;
	}
	if (bridge)
		tell(r, CHANGE_NETWORK, nwid, 0, now);
	answer(r, 200, member);
}

/* --- /unstable, /controller itself ------------------------------ */

static void unstable_networks(struct route *r)
{
	json_t *list, *v;
	size_t i;
	int err;

	err = controller_db_networks(&r->c->db, &list);
	json_array_foreach(list, i, v) {
		uint64_t nwid = 0, total = 0, allowed = 0;

		lax_hex(json_string_value(json_object_get(v, "id")), 16, &nwid);
		if (!err)
			err = controller_db_counts(&r->c->db, nwid, &total, &allowed);
		json_object_set_new(v, "meta", json_pack("{s:I,s:I}", "totalMemberCount",
			(json_int_t)total, "authorizedMemberCount", (json_int_t)allowed));
	}
	if (err) {
		json_decref(list);
		answer_err(r, err);
		return;
	}
	answer(r, 200, json_pack("{s:{s:I},s:o}", "meta", "networkCount",
				 (json_int_t)json_array_size(list), "data", list));
}

static void unstable_members(struct route *r, uint64_t nwid)
{
	json_int_t allowed = 0;
	const json_t *v;
	json_t *list;
	size_t i;
	int err;

	err = controller_db_members(&r->c->db, nwid, &list);
	if (err) {
		json_decref(list);
		answer_err(r, err);
		return;
	}
	json_array_foreach(list, i, v)
		allowed += controller_bool(v, "authorized");
	answer(r, 200, json_pack("{s:{s:I,s:I},s:o}", "meta", "totalCount",
				 (json_int_t)json_array_size(list), "authorizedCount",
				 allowed, "data", list));
}

static void controller_status(struct route *r)
{
	answer(r, 200, json_pack("{s:b,s:i,s:I,s:b}", "controller", 1, "apiVersion", 4,
				 "clock", (json_int_t)controller_clock_ms(),
				 "databaseReady", r->c->ready));
}

/* What happened lately, newest first; not of the reference */
static void controller_changes(struct route *r)
{
	json_t *list;
	int err = controller_db_history(&r->c->db, CHANGES_MAX, &list);

	if (err) {
		json_decref(list);
		answer_err(r, err);
		return;
	}
	answer(r, 200, list);
}

/* --- paths ------------------------------ */

/* "89e92ceee5______" asks for any number */
static bool is_any(const char *id)
{
	return strlen(id) == 16 && !strcmp(id + 10, "______");
}

static void network_call(struct route *r)
{
	enum controller_method method = r->call->method;
	char self[17];
	uint64_t nwid;

	if (method == METHOD_POST && is_any(r->part[1])) {
		if (!strncmp(r->part[1], controller_hex(r->c->id.address, 10, self), 10))
			network_new(r);
		else
			answer(r, 400, NULL);
	} else if (!lax_hex(r->part[1], 16, &nwid)) {
		answer(r, 404, NULL);
	} else if (method == METHOD_GET) {
		network_get(r, nwid);
	} else if (method == METHOD_DELETE) {
		network_delete(r, nwid);
	} else if (nwid >> 24 != r->c->id.address || !(nwid & 0xffffff)) {
		answer(r, 400, NULL);
	} else {
		network_post(r, nwid);
	}
}

static void member_call(struct route *r)
{
	uint64_t nwid, address;

	if (!lax_hex(r->part[1], 16, &nwid) || !lax_hex(r->part[3], 10, &address))
		answer(r, 404, NULL);
	else if (r->call->method == METHOD_GET)
		member_get(r, nwid, address);
	else if (r->call->method == METHOD_DELETE)
		member_delete(r, nwid, address);
	else if (!address || address >> 32 == 0xff)
		answer(r, 400, NULL);
	else
		member_post(r, nwid, address);
}

static bool is(const struct route *r, unsigned int i, const char *word)
{
	return i < r->n && !strcmp(r->part[i], word);
}

static void dispatch(struct route *r, bool unstable)
{
	enum controller_method method = r->call->method;
	bool members = r->n >= 3 && is(r, 2, "member");
	uint64_t nwid;

	if (!r->n && !unstable && method == METHOD_GET) {
		controller_status(r);
	} else if (!r->c->ready) {
		answer_err(r, -EAGAIN);
	} else if (r->n == 1 && is(r, 0, "changes") && method == METHOD_GET && !unstable) {
		controller_changes(r);
	} else if (!is(r, 0, "network")) {
		answer(r, 404, NULL);
	} else if (unstable && method == METHOD_GET && r->n == 1) {
		unstable_networks(r);
	} else if (unstable && method == METHOD_GET && r->n == 3 && members &&
		   lax_hex(r->part[1], 16, &nwid)) {
		unstable_members(r, nwid);
	} else if (unstable) {
		answer(r, 404, NULL);
	} else if (r->n == 1 && method == METHOD_GET) {
		network_list(r);
	} else if (r->n == 1 && method == METHOD_POST) {
		network_new(r);
	} else if (r->n == 2) {
		network_call(r);
	} else if (r->n == 3 && members && method == METHOD_GET &&
		   lax_hex(r->part[1], 16, &nwid)) {
		member_list(r, nwid);
	} else if (r->n == 4 && members) {
		member_call(r);
	} else {
		answer(r, 404, NULL);
	}
}

void controller_api(struct controller *c, struct controller_call *call)
{
	struct route r = { .c = c, .call = call };
	char *path = strdup(call->path), *save = NULL, *word;
	bool unstable;

	word = path ? strtok_r(path, "/", &save) : NULL;
	unstable = word && !strcmp(word, "unstable");
	if (unstable)
		word = strtok_r(NULL, "/", &save);
	if (!word || strcmp(word, "controller"))
		answer(&r, 404, NULL);
	while (save && (word = strtok_r(NULL, "/", &save)) && r.n < PARTS_MAX)
		r.part[r.n++] = word;
	if (!call->status)
		dispatch(&r, unstable);
	free(path);
}
