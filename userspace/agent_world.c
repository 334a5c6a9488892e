// SPDX-License-Identifier: GPL-2.0
/* Worlds: which ones this node adopts, and remembers (spec 2.14). */
#include "agent.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_PLANET 1
#define TYPE_MOON 127
#define FILE_MAX 8480		/* of a world, attachments included */
#define HELD_MAX 32
#define WANTED_MAX 8
/* Signatures checked for upstreams in a while */
#define UPDATE_WINDOW_MS 10000
#define UPDATE_BURST 32

struct blob {
	uint8_t data[KZT_WORLD_BLOB_MAX];
	size_t len;
};

/* What is in force in the kernel, and the moons that it waits for */
struct held {
	unsigned int n, n_wanted;
	struct blob world[HELD_MAX];
	struct { uint64_t id, seed; } wanted[WANTED_MAX];
};

static void world_file(char name[64], uint64_t id, uint8_t type)
{
	if (type == TYPE_PLANET)
		snprintf(name, 64, "planet");
	else
		snprintf(name, 64, "moons.d/%016" PRIx64 ".moon", id);
}

static const char *kind(uint8_t type)
{
	return type == TYPE_PLANET ? "planet" : "moon";
}

/* Never the null world: it is a form, and means nothing (spec 2.12) */
static int world_parse(struct kzt_world_info *w, const uint8_t *blob,
		       size_t len, const char **why)
{
	int err = kzt_world_parse_blob(w, blob, len, why);

	if (!err && (!w->id || (w->type != TYPE_PLANET && w->type != TYPE_MOON))) {
		*why = "it is the null world";
		err = -EINVAL;
	}
	return err;
}

/* --- the kernel's side -------------------------------------------------------------- */

static int held_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[KZT_A_WORLD_MAX + 1], *blob;
	struct held *h = data;

	kzt_nl_attrs(nlh, tb, KZT_A_WORLD_MAX);
	blob = tb[KZT_A_WORLD_BLOB];
	if (tb[KZT_A_WORLD_SEED] && h->n_wanted < WANTED_MAX) {
		h->wanted[h->n_wanted].id = kzt_attr_uint(tb[KZT_A_WORLD_ID], 0);
		h->wanted[h->n_wanted++].seed = kzt_attr_uint(tb[KZT_A_WORLD_SEED], 0);
	}
	if (blob && h->n < HELD_MAX &&
	    mnl_attr_get_payload_len(blob) <= sizeof(h->world[0].data)) {
		h->world[h->n].len = mnl_attr_get_payload_len(blob);
		memcpy(h->world[h->n++].data, mnl_attr_get_payload(blob),
		       mnl_attr_get_payload_len(blob));
	}
	return MNL_CB_OK;
}

/* To be freed, or NULL */
static struct held *held_get(struct agent *a)
{
	struct held *h = calloc(1, sizeof(*h));

	if (h && kzt_nl_simple(&a->cmd, KZT_CMD_WORLD_GET, NLM_F_DUMP, held_cb,
			       h)) {
		agent_log(LOG_ERR, "cannot read the worlds: %s", a->cmd.err);
		free(h);
		h = NULL;
	}
	return h;
}

/* A planet of whatever id, or the moon @id */
static bool held_find(const struct held *h, uint8_t type, uint64_t id,
		      struct kzt_world_info *w)
{
	const char *why;
	unsigned int i;

	for (i = 0; i < h->n; i++)
		if (!world_parse(w, h->world[i].data, h->world[i].len, &why) &&
		    w->type == type && (type == TYPE_PLANET || w->id == id))
			return true;
	return false;
}

static bool held_wants(const struct held *h, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < h->n_wanted; i++)
		if (h->wanted[i].id == id)
			return true;
	return false;
}

static int kernel_set(struct agent *a, const struct kzt_world_info *w,
		      struct blob *b)
{
	struct nlmsghdr *nlh;
	int err;

	err = kzt_world_serialize(w, false, b->data, sizeof(b->data), &b->len);
	if (err)
		return err;
	nlh = kzt_nl_begin(&a->cmd, KZT_CMD_WORLD_SET, 0);
	mnl_attr_put(nlh, KZT_A_WORLD_BLOB, b->len, b->data);
	return kzt_nl_talk(&a->cmd, nlh, NULL, NULL);
}

/* --- the state directory -------------------------------------------------------------- */

static void world_save(struct agent *a, const struct kzt_world_info *w,
		       const struct blob *b)
{
	char name[64];
	int err;

	world_file(name, w->id, w->type);
	err = agent_state_write(&a->state, name, b->data, b->len);
	if (err)
		agent_log(LOG_ERR, "cannot write %s/%s: %s", a->state.path, name,
			  strerror(-err));
}

/* False if there is none or it is of no use */
static bool world_load(struct agent *a, const char *name,
		       struct kzt_world_info *w)
{
	uint8_t buf[FILE_MAX];
	const char *why = "";
	ssize_t n = agent_state_read(&a->state, name, buf, sizeof(buf));

	if (n == -ENOENT)
		return false;
	if (n < 0)
		why = strerror((int)-n);
	else if (!world_parse(w, buf, (size_t)n, &why))
		return true;
	agent_log(LOG_WARNING, "%s/%s is not used: %s", a->state.path, name, why);
	return false;
}

static bool world_default(struct kzt_world_info *w, struct blob *b)
{
	const uint8_t *data;
	const char *why;
	size_t len;

	data = kzt_world_default(&len);
	if (!data || len > sizeof(b->data) || world_parse(w, data, len, &why))
		return false;
	memcpy(b->data, data, len);
	b->len = len;
	return true;
}

/* --- start ------------------------------------------------------------------------------ */

static void take(struct agent *a, const struct kzt_world_info *w)
{
	struct blob b;
	int err = kernel_set(a, w, &b);

	if (err)
		agent_log(LOG_ERR, "the %s %016" PRIx64 " was refused: %s",
			  kind(w->type), w->id, a->cmd.err);
}

/*
 * A stored planet is taken as it is, and the built-in one may succeed it; one
 * that is in force already stays unless the stored one may succeed it.
 */
static void planet_start(struct agent *a, const struct held *h)
{
	struct kzt_world_info want, builtin, now;
	const char *why = NULL;
	struct blob b;

	if (!world_load(a, "planet", &want) || want.type != TYPE_PLANET) {
		if (!world_default(&want, &b))
			return;
	} else if (world_default(&builtin, &b) &&
		   !kzt_world_replaces(&want, &builtin, &why)) {
		want = builtin;
	}
	if (!held_find(h, TYPE_PLANET, 0, &now) ||
	    !kzt_world_replaces(&now, &want, &why))
		take(a, &want);
}

struct moon_arg {
	struct agent *a;
	const struct held *held;
};

static void moon_start(void *arg, const char *name, unsigned long long id)
{
	struct moon_arg *m = arg;
	struct kzt_world_info w, now;
	const char *why = NULL;

	if (!world_load(m->a, name, &w))
		return;
	if (w.type != TYPE_MOON || w.id != id) {
		agent_log(LOG_WARNING, "%s/%s is not the moon that its name says",
			  m->a->state.path, name);
		return;
	}
	if (!held_find(m->held, TYPE_MOON, id, &now) ||
	    !kzt_world_replaces(&now, &w, &why))
		take(m->a, &w);
}

void agent_world_start(struct agent *a)
{
	struct held *h = held_get(a);
	struct moon_arg arg = { a, h };

	if (!h)
		return;
	planet_start(a, h);
	agent_state_each(&a->state, "moons.d", "moon", moon_start, &arg);
	free(h);
	agent_world_sync(a);
}

/* The public planet is built in: it needs no file until one is there */
static bool is_default(const struct blob *b)
{
	struct kzt_world_info w;
	struct blob builtin;

	return world_default(&w, &builtin) && b->len == builtin.len &&
	       !memcmp(b->data, builtin.data, b->len);
}

void agent_world_sync(struct agent *a)
{
	struct held *h = held_get(a);
	unsigned int i;

	for (i = 0; h && i < h->n; i++) {
		const struct blob *b = &h->world[i];
		struct kzt_world_info w;
		uint8_t old[FILE_MAX];
		const char *why;
		char name[64];
		ssize_t n;

		if (world_parse(&w, b->data, b->len, &why))
			continue;
		world_file(name, w.id, w.type);
		n = agent_state_read(&a->state, name, old, sizeof(old));
		if ((n == (ssize_t)b->len && !memcmp(old, b->data, b->len)) ||
		    (n == -ENOENT && is_default(b)))
			continue;
		agent_log(LOG_INFO, "remembering the %s %016" PRIx64 " of %" PRIu64,
			  kind(w.type), w.id, w.timestamp);
		world_save(a, &w, b);
	}
	free(h);
}

/* --- updates from upstreams ---------------------------------------------------------------- */

static bool update_admit(void)
{
	static uint64_t since;
	static unsigned int n;
	uint64_t now = agent_now_ms();

	if (!since || now - since >= UPDATE_WINDOW_MS) {
		since = now;
		n = 0;
	}
	return n++ < UPDATE_BURST;
}

static int roots_validate(const struct kzt_world_info *w, char err[AGENT_ERR])
{
	const char *why = NULL;
	unsigned int i;
	int code;

	for (i = 0; i < w->n_roots; i++) {
		code = kzt_id_validate(&w->root[i].id, &why);
		if (code)
			return agent_err(err, code, "the root %010" PRIx64 " is invalid: %s",
					 w->root[i].id.address, why);
	}
	return 0;
}

/*
 * May this world come into force?  A moon that is waited for is taken unsigned:
 * its id and a root's address are what the user vouched for (spec 2.14).
 */
static int update_judge(const struct held *h, const struct kzt_world_info *w,
			char err[AGENT_ERR])
{
	struct kzt_world_info now;
	const char *why = NULL;
	unsigned int i, k;

	if (held_find(h, w->type, w->id, &now)) {
		if (kzt_world_replaces(&now, w, &why))
			return agent_err(err, -EPERM, "%s",
					 why ? why : "it is no successor");
		return 0;
	}
	if (w->type != TYPE_MOON || !held_wants(h, w->id))
		return agent_err(err, -ENOENT, "it was not asked for");
	for (i = 0; i < h->n_wanted; i++)
		for (k = 0; k < w->n_roots; k++)
			if (h->wanted[i].id == w->id &&
			    h->wanted[i].seed == w->root[k].id.address)
				return roots_validate(w, err);
	return agent_err(err, -EPERM, "the seed is not one of its roots");
}

/* 0, or why it was refused in @err */
static int update_try(struct agent *a, const uint8_t *blob, size_t len,
		      struct kzt_world_info *w, char err[AGENT_ERR])
{
	const char *why = "it is malformed";
	struct held *h;
	struct blob b;
	int code;

	if (!update_admit())
		return agent_err(err, -EBUSY, "too many came at once");
	if (world_parse(w, blob, len, &why))
		return agent_err(err, -EINVAL, "%s", why);
	h = held_get(a);
	if (!h)
		return agent_err(err, -EIO, "%s", a->cmd.err);
	code = update_judge(h, w, err);
	free(h);
	if (code)
		return code;
	if (kernel_set(a, w, &b))
		return agent_err(err, -EIO, "%s", a->cmd.err);
	world_save(a, w, &b);
	return 0;
}

void agent_world_update(struct agent *a, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[KZT_A_WORLD_MAX + 1];
	static struct agent_limit limit;
	struct kzt_world_info w = {};
	char err[AGENT_ERR];
	uint64_t from;

	kzt_nl_attrs(nlh, tb, KZT_A_WORLD_MAX);
	if (!tb[KZT_A_WORLD_BLOB])
		return;
	from = kzt_attr_uint(tb[KZT_A_WORLD_FROM], 0);
	if (!update_try(a, mnl_attr_get_payload(tb[KZT_A_WORLD_BLOB]),
			mnl_attr_get_payload_len(tb[KZT_A_WORLD_BLOB]), &w, err)) {
		a->worlds_taken++;
		agent_log(LOG_NOTICE, "%s %016" PRIx64 " updated to %" PRIu64 " by %010" PRIx64,
			  kind(w.type), w.id, w.timestamp, from);
		return;
	}
	a->worlds_refused++;
	if (agent_limit_pass(&limit))
		agent_log(LOG_WARNING, "refused a world from %010" PRIx64 ": %s",
			  from, err);
}

/* --- by the administrator ------------------------------------------------------------------- */

int agent_world_set(struct agent *a, const uint8_t *blob, size_t len,
		    bool moon, uint64_t *id, char err[AGENT_ERR])
{
	const char *why = "it is malformed";
	struct kzt_world_info w;
	struct blob b;
	int code;

	code = world_parse(&w, blob, len, &why);
	if (code)
		return agent_err(err, code, "the world is of no use: %s", why);
	if (w.type != (moon ? TYPE_MOON : TYPE_PLANET))
		return agent_err(err, -EINVAL, "this is a %s, not a %s",
				 kind(w.type), moon ? "moon" : "planet");
	code = roots_validate(&w, err);
	if (code)
		return code;
	code = kernel_set(a, &w, &b);
	if (code)
		return agent_err(err, code, "%s", a->cmd.err);
	world_save(a, &w, &b);
	*id = w.id;
	return 0;
}

static int kernel_want(struct agent *a, uint64_t id, uint64_t seed,
		       char err[AGENT_ERR])
{
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_WORLD_SET, 0);
	int code;

	mnl_attr_put_u64(nlh, KZT_A_WORLD_ID, id);
	mnl_attr_put_u64(nlh, KZT_A_WORLD_SEED, seed);
	code = kzt_nl_talk(&a->cmd, nlh, NULL, NULL);
	return code ? agent_err(err, code, "%s", a->cmd.err) : 0;
}

int agent_moon_orbit(struct agent *a, uint64_t id, uint64_t seed, bool *waiting,
		     char err[AGENT_ERR])
{
	struct held *h = held_get(a);
	struct kzt_world_info w;
	struct moon_arg arg = { a, h };
	char name[64];

	*waiting = false;
	if (!h)
		return agent_err(err, -EIO, "%s", a->cmd.err);
	if (held_find(h, TYPE_MOON, id, &w)) {
		free(h);
		return 0;
	}
	world_file(name, id, TYPE_MOON);
	if (world_load(a, name, &w)) {
		moon_start(&arg, name, id);
		free(h);
		return 0;
	}
	free(h);
	*waiting = true;
	return kernel_want(a, id, seed, err);
}

json_t *agent_moons_wanted_json(struct agent *a)
{
	json_t *list = json_array();
	struct held *h = held_get(a);
	unsigned int i;

	for (i = 0; h && i < h->n_wanted; i++)
		json_array_append_new(list, json_pack("{s:o,s:o}", "id",
			json_sprintf("%016" PRIx64, h->wanted[i].id), "seed",
			json_sprintf("%010" PRIx64, h->wanted[i].seed)));
	free(h);
	return list;
}

int agent_moon_del(struct agent *a, uint64_t id, char err[AGENT_ERR])
{
	struct kzt_world_info w;
	struct nlmsghdr *nlh;
	char name[64];
	struct held *h;
	int kernel = -ENOENT, file;

	h = held_get(a);
	if (!h)
		return agent_err(err, -EIO, "%s", a->cmd.err);
	if (held_find(h, TYPE_MOON, id, &w) || held_wants(h, id)) {
		nlh = kzt_nl_begin(&a->cmd, KZT_CMD_WORLD_DEL, 0);
		mnl_attr_put_u64(nlh, KZT_A_WORLD_ID, id);
		kernel = kzt_nl_talk(&a->cmd, nlh, NULL, NULL);
	}
	free(h);
	if (kernel && kernel != -ENOENT)
		return agent_err(err, kernel, "%s", a->cmd.err);
	world_file(name, id, TYPE_MOON);
	file = agent_state_remove(&a->state, name);
	if (file && file != -ENOENT)
		return agent_err(err, file, "cannot remove %s/%s: %s",
				 a->state.path, name, strerror(-file));
	if (kernel && file)
		return agent_err(err, -ENOENT, "no such moon");
	return 0;
}
