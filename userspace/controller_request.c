// SPDX-License-Identifier: GPL-2.0
/* Answers to members, and what they are sent unasked (spec 4.12.3 to 4.12.5). */
#include "controller.h"
#include "dictionary.h"
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Members nobody has looked at yet that a network remembers: strangers make them */
#define STRANGERS_MAX 4096
#define PAID_AT_ONCE 256	/* before calls and requests have their turn */
#define REVOCATIONS_MAX 64	/* in one packet, which is what a second takes */
/* A configuration may have come where a revocation so long before was lost */
#define RESEND_MS 60000

/* One configuration being made */
struct turn {
	struct controller *c;
	struct controller_online *o;
	json_t *network, *member, *before;
	struct kzt_dict meta;
	bool asked;		/* there is a request: @packet_id, @meta */
	uint64_t packet_id, now_ms;
	int error;		/* to be sent instead; -1: nothing */
};

/* --- packets ------------------------------ */

static void send_error(struct turn *t, uint8_t code)
{
	uint8_t buf[32];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));

	kzt_error_put(&w, KZT_VERB_NETWORK_CONFIG_REQUEST, t->packet_id, code);
	kzt_put_u64(&w, t->o->nwid);
	controller_send(t->c, t->o->address, KZT_VERB_ERROR, buf, kzt_wcur_len(&w));
	t->c->stats.refused++;
}

static int send_config(struct turn *t)
{
	struct controller *c = t->c;
	uint8_t buf[CONTROLLER_CHUNK_MAX + 256];
	uint64_t update_id;
	unsigned int i;
	int more = 1;

	do {
		randombytes_buf(&update_id, sizeof(update_id));
	} while (!update_id);
	for (i = 0; more > 0; i++) {
		struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));

		if (t->asked)
			kzt_ok_put(&w, KZT_VERB_NETWORK_CONFIG_REQUEST, t->packet_id);
		more = controller_config_chunk(c->maker, &w, update_id, i, &c->id);
		if (more > 0)
			controller_send(c, t->o->address, t->asked ? KZT_VERB_OK :
					KZT_VERB_NETWORK_CONFIG, buf, kzt_wcur_len(&w));
	}
	if (!more)
		*(t->asked ? &c->stats.configs : &c->stats.pushes) += 1;
	return more;
}

/* --- authorisation ------------------------------ */

static bool token_good(struct turn *t, char *token, size_t room)
{
	char auth[CONTROLLER_META_MAX + 1];
	const json_t *expiry;

	if (!t->asked || kzt_dict_text(&t->meta, "a", auth, sizeof(auth)) < 0 ||
	    strncmp(auth, "token:", 6) || !auth[6])
		return false;
	expiry = json_object_get(json_object_get(t->network, "authTokens"), auth + 6);
	if (!expiry || (json_integer_value(expiry) &&
			(uint64_t)json_integer_value(expiry) <= t->now_ms))
		return false;
	snprintf(token, room, "%s", auth + 6);
	return true;
}

static bool authorized(struct turn *t)
{
	char token[CONTROLLER_META_MAX + 1];

	if (controller_bool(t->member, "authorized"))
		return true;
	if (!controller_bool(t->network, "private"))
		controller_authorize(t->member, true, "public", NULL, t->now_ms);
	else if (token_good(t, token, sizeof(token)))
		controller_authorize(t->member, true, "token", token, t->now_ms);
	return controller_bool(t->member, "authorized");
}

/* The identity that came first has the address */
static bool identity_good(struct turn *t)
{
	const char *known = json_string_value(json_object_get(t->member, "identity"));
	char text[KZT_ID_TEXT_MAX];
	struct kzt_id id;

	if (kzt_id_from_binary(&id, t->o->identity, sizeof(t->o->identity), NULL) ||
	    kzt_id_text(&id, false, text, sizeof(text)))
		return false;
	if (known)
		return !strcmp(known, text);
	json_object_set_new(t->member, "identity", json_string(text));
	return true;
}

/* What a member says of itself holds for what is pushed to it later, too */
static void hear_version(struct turn *t)
{
	static const char *const keys[] = { "majv", "minv", "revv", "pv" };
	unsigned int i;

	for (i = 0; i < 4; i++)
		t->o->version[i] = (uint16_t)kzt_dict_uint(&t->meta, keys[i], 0);
	t->o->rules_rev = kzt_dict_uint(&t->meta, "revr", 0) ? 1 : 0;
}

static void note_version(struct turn *t)
{
	static const char *const names[] = { "vMajor", "vMinor", "vRev", "vProto" };
	unsigned int i;

	for (i = 0; i < 4; i++)
		json_object_set_new(t->member, names[i], json_integer(t->o->version[i]));
}

/* --- the configuration ------------------------------ */

static int ip_taken(void *arg, const char *ip)
{
	struct turn *t = arg;
	bool taken;
	int err = controller_db_ip_taken(&t->c->db, t->o->nwid, ip, &taken);

	return err ?: taken;
}

/* Who looks for a free address keeps others, in other processes too, from it */
static int lock_network(struct turn *t)
{
	json_t *network;
	int err;

	if (!controller_wants_address(t->network, t->member))
		return 0;
	err = controller_db_network(&t->c->db, t->o->nwid, true, &network);
	if (!err) {
		json_decref(t->network);
		t->network = network;
	}
	return err;
}

static int make_config(struct turn *t)
{
	uint64_t bridges[KZT_CONFIG_MAX_SPECIALISTS];
	struct controller_source src = {
		.signer = &t->c->id, .member = t->member, .bridges = bridges,
		.taken = ip_taken, .arg = t,
	};
	struct controller_asker who = {
		.rules_rev = t->o->rules_rev,
		.first = controller_int(t->before, "vMajor") < 0,
	};
	int err;

	err = kzt_id_from_binary(&who.id, t->o->identity, sizeof(t->o->identity), NULL);
	if (!err)
		err = lock_network(t);
	if (!err)
		err = controller_db_bridges(&t->c->db, t->o->nwid, bridges,
					    KZT_CONFIG_MAX_SPECIALISTS, &src.n_bridges);
	src.network = t->network;
	return err ?: controller_config_make(t->c->maker, t->o->nwid, &who, &src,
					     t->now_ms);
}

/* --- one turn ------------------------------ */

static bool too_many_strangers(struct turn *t)
{
	uint64_t total, allowed;

	return controller_db_counts(&t->c->db, t->o->nwid, &total, &allowed) ||
	       total - allowed >= STRANGERS_MAX;
}

static int load(struct turn *t)
{
	struct controller_db *db = &t->c->db;
	int err;

	err = controller_db_network(db, t->o->nwid, false, &t->network);
	if (err == -ENOENT) {
		t->error = t->asked ? KZT_ERROR_OBJ_NOT_FOUND : -1;
		return 0;
	}
	if (err)
		return err;
	err = controller_db_member(db, t->o->nwid, t->o->address, true, &t->member);
	if (err == -ENOENT && !t->asked) {
		t->error = -1;	/* deleted: it is made anew when it asks */
		return 0;
	}
	if (err == -ENOENT) {
		t->member = controller_member_new(t->o->nwid, t->o->address, t->now_ms);
		err = 0;
	}
	t->before = json_deep_copy(t->member);
	return err;
}

static int store(struct turn *t)
{
	struct controller_db *db = &t->c->db;
	bool fresh = !controller_int(t->before, "revision");
	int err;

	if (t->error > 0 && fresh && too_many_strangers(t))
		return 0;
	if (!controller_touch(t->member, t->before) && !fresh)
		return 0;
	if (fresh && !controller_int(t->member, "revision"))
		json_object_set_new(t->member, "revision", json_integer(1));
	err = controller_db_member_put(db, t->o->nwid, t->o->address, t->member);
	return err ?: controller_db_changed(db, CHANGE_MEMBER, t->o->nwid, t->o->address,
					    t->now_ms);
}

static int decide(struct turn *t)
{
	int err;

	err = load(t);
	if (err || t->error)
		return err;
	if (!identity_good(t)) {
		t->error = t->asked ? KZT_ERROR_NETWORK_ACCESS_DENIED : -1;
		return 0;
	}
	if (!authorized(t)) {
		t->error = t->asked ? KZT_ERROR_NETWORK_ACCESS_DENIED : -1;
		return t->asked ? store(t) : 0;
	}
	note_version(t);
	return make_config(t) ?: store(t);
}

static int turn(struct turn *t)
{
	struct controller_db *db = &t->c->db;
	int err;

	t->now_ms = controller_clock_ms();
	err = controller_db_begin(db);
	if (err)
		return err;
	err = decide(t);
	err = controller_db_end(db, !err) ?: err;
	/* On an error nothing is said: the member asks again in some seconds */
	if (!err && t->error > 0)
		send_error(t, (uint8_t)t->error);
	else if (!err && !t->error)
		err = send_config(t);
	t->o->configured = !err && !t->error;
	json_decref(t->network);
	json_decref(t->member);
	json_decref(t->before);
	return err;
}

/* Who holds an older configuration may have been away when it was told */
static void hear_held(struct controller_online *o, const struct controller_request *rq)
{
	uint64_t since = rq->held_ms > RESEND_MS ? rq->held_ms - RESEND_MS : 0;

	if (rq->says_held && o->revoked_ms > since) {
		o->revoked_ms = since;
		o->revoked_address = 0;
	}
}

void controller_request(struct controller *c, const struct controller_request *rq)
{
	struct turn t = {
		.c = c, .asked = true, .packet_id = rq->packet_id,
		.meta = kzt_dict(rq->meta, rq->meta_len),
	};
	uint64_t now = agent_now_ms();

	if (rq->nwid >> 24 != c->id.address)
		return;
	t.o = controller_online_ask(&c->online, rq->nwid, rq->from, now);
	if (!t.o) {
		c->stats.dropped++;
		return;
	}
	memcpy(t.o->identity, rq->identity, sizeof(t.o->identity));
	hear_version(&t);
	hear_held(t.o, rq);
	turn(&t);
	if (t.o->configured)	/* those of its absence */
		controller_online_owe(&c->online, rq->nwid, rq->from, DUE_REVOCATIONS, now);
}

/* --- what is owed ------------------------------ */

struct revoked {
	struct controller *c;
	struct controller_online *o;
	struct kzt_wcur w;
	uint8_t buf[10000];
	struct kzt_creds_out out;
	unsigned int n;
	uint64_t upto_ms, upto_address;
};

static void revoked_add(void *arg, uint64_t address, uint64_t at_ms)
{
	struct revoked *r = arg;

	if (r->n == REVOCATIONS_MAX ||
	    controller_revocation_add(&r->out, r->o->nwid, address, at_ms, &r->c->id))
		return;
	r->n++;
	r->upto_ms = at_ms;
	r->upto_address = address;
}

/* False if its turn has not come yet */
static bool pay_revocations(struct controller *c, struct controller_online *o)
{
	static struct revoked r;
	uint64_t now = agent_now_ms(), since = o->revoked_ms, after = o->revoked_address;
	/* Older ones mean no credential that is still good */
	uint64_t oldest = controller_clock_ms() - 2 * CONTROLLER_DELTA_MAX;

	if (o->creds_ms && now - o->creds_ms <= CONTROLLER_GAP_MS)
		return false;
	if (since < oldest) {
		since = oldest;
		after = 0;
	}
	r = (struct revoked){ .c = c, .o = o, .upto_ms = since, .upto_address = after };
	r.w = kzt_wcur(r.buf, sizeof(r.buf));
	r.out = kzt_creds_start(&r.w);
	if (controller_db_revocations(&c->db, o->nwid, since, after, revoked_add, &r))
		return false;
	/* Many may be of one time, as when a network is deleted */
	o->revoked_ms = r.upto_ms;
	o->revoked_address = r.upto_address;
	if (!r.n)
		return true;
	kzt_creds_finish(&r.out);
	controller_send(c, o->address, KZT_VERB_NETWORK_CREDENTIALS, r.buf,
			kzt_wcur_len(&r.w));
	c->stats.revocations += r.n;
	o->creds_ms = now;
	return r.n < REVOCATIONS_MAX;
}

bool controller_pay(struct controller *c)
{
	struct controller_online *o, *last = NULL;
	unsigned int n = 0;
	bool left = false;

	while ((o = controller_online_due(&c->online))) {
		if (!controller_has_room(c) || o == last || n++ == PAID_AT_ONCE) {
			controller_online_later(&c->online, o);
			return true;
		}
		if (o->due & DUE_CONFIG) {
			struct turn t = { .c = c, .o = o };

			if (turn(&t) != -EAGAIN)
				o->due &= (uint8_t)~DUE_CONFIG;
		}
		if (o->due & DUE_REVOCATIONS && pay_revocations(c, o))
			o->due &= (uint8_t)~DUE_REVOCATIONS;
		if (o->due) {
			controller_online_later(&c->online, o);
			left = true;
			last = last ?: o;
		}
	}
	return left;
}

void controller_on_change(void *arg, const struct controller_change *change)
{
	struct controller *c = arg;
	uint64_t now = agent_now_ms();

	switch (change->kind) {
	case CHANGE_NETWORK:
		controller_online_owe(&c->online, change->nwid, 0, DUE_CONFIG, now);
		break;
	case CHANGE_MEMBER:
		controller_online_owe(&c->online, change->nwid, change->address,
				      DUE_CONFIG, now);
		break;
	case CHANGE_REVOKED:
		controller_online_owe(&c->online, change->nwid, 0, DUE_REVOCATIONS, now);
		break;
	case CHANGE_NETWORK_GONE:
	case CHANGE_MEMBER_GONE:
		break;
	case CHANGE_ANY:
		controller_online_owe(&c->online, 0, 0, DUE_CONFIG | DUE_REVOCATIONS, now);
		break;
	}
}
