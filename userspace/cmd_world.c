// SPDX-License-Identifier: GPL-2.0
/* kzt world, kzt moon: the roots (spec 2.12 to 2.15). */
#include "agent_client.h"
#include "kzt.h"
#include "nl.h"
#include "out.h"
#include "show.h"
#include "world.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TYPE_PLANET 1
#define TYPE_MOON 127
#define FILE_MAX 8480		/* of a world, attachments included */

/* --- as JSON and text --------------------------------------------------------------- */

json_t *kzt_world_json(const struct kzt_world_info *w)
{
	json_t *roots = json_array();
	unsigned int i, k;

	for (i = 0; i < w->n_roots; i++) {
		const struct kzt_root_info *r = &w->root[i];
		json_t *endpoints = json_array();
		char text[KZT_ID_TEXT_MAX];

		for (k = 0; k < r->n_endpoints; k++) {
			char ep[80];

			kzt_text_sockaddr((const struct sockaddr *)&r->endpoint[k],
					  sizeof(r->endpoint[k]), ep, sizeof(ep));
			json_array_append_new(endpoints, json_string(ep));
		}
		kzt_id_text(&r->id, false, text, sizeof(text));
		json_array_append_new(roots, json_pack("{s:o,s:s,s:o}", "address",
				json_sprintf(KZT_PRIADDR, (unsigned long long)r->id.address),
				"identity", text, "endpoints", endpoints));
	}
	return json_pack("{s:o,s:s,s:I,s:o}",
			 "id", json_sprintf(KZT_PRIX64, (unsigned long long)w->id),
			 "type", w->type == TYPE_PLANET ? "planet" : "moon",
			 "timestamp-ms", (json_int_t)w->timestamp, "roots", roots);
}

void kzt_world_print(const json_t *w)
{
	time_t t = (time_t)(kzt_get_int(w, "timestamp-ms", 0) / 1000);
	const json_t *root, *ep;
	struct tm tm;
	char when[40];
	size_t i, k;

	if (!gmtime_r(&t, &tm) || !strftime(when, sizeof(when), "%F %T UTC", &tm))
		snprintf(when, sizeof(when), "?");
	printf("%s%s %s%s\n  made: %s\n", kzt_bold(), kzt_get_str(w, "type", "?"),
	       kzt_get_str(w, "id", "?"), kzt_plain(), when);
	json_array_foreach(json_object_get(w, "roots"), i, root) {
		printf("  root %s", kzt_get_str(root, "address", "?"));
		json_array_foreach(json_object_get(root, "endpoints"), k, ep)
			printf(" %s", json_string_value(ep));
		putchar('\n');
	}
}

struct list {
	json_t *worlds;
	json_t *wanted;		/* moons yet to come */
	uint8_t type;		/* 0: all */
};

static int world_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[KZT_A_WORLD_MAX + 1], *blob;
	struct kzt_world_info w;
	struct list *l = data;

	kzt_nl_attrs(nlh, tb, KZT_A_WORLD_MAX);
	blob = tb[KZT_A_WORLD_BLOB];
	if (tb[KZT_A_WORLD_SEED])
		json_array_append_new(l->wanted, json_pack("{s:o,s:o}", "id",
			json_sprintf(KZT_PRIX64, (unsigned long long)
				     kzt_attr_uint(tb[KZT_A_WORLD_ID], 0)), "seed",
			json_sprintf(KZT_PRIADDR, (unsigned long long)
				     kzt_attr_uint(tb[KZT_A_WORLD_SEED], 0))));
	if (blob && !kzt_world_parse_blob(&w, mnl_attr_get_payload(blob),
					  mnl_attr_get_payload_len(blob), NULL) &&
	    (!l->type || w.type == l->type))
		json_array_append_new(l->worlds, kzt_world_json(&w));
	return MNL_CB_OK;
}

static int show(uint8_t type, const char *key, const char *none)
{
	struct list l = { json_array(), json_array(), type };
	struct kzt_nl nl;
	const json_t *w;
	size_t i;
	int err;

	err = kzt_out_open(&nl);
	if (!err) {
		int code = kzt_nl_simple(&nl, KZT_CMD_WORLD_GET, NLM_F_DUMP,
					 world_cb, &l);

		err = code ? kzt_out_refused(&nl, code) : KZT_OK;
		kzt_nl_close(&nl);
	}
	if (err) {
		json_decref(l.worlds);
		json_decref(l.wanted);
		return err;
	}
	if (kzt_json)
		return kzt_print_json(json_pack("{s:o,s:o}", key, l.worlds, "wanted",
						l.wanted));
	if (!json_array_size(l.worlds) && !json_array_size(l.wanted))
		puts(none);
	json_array_foreach(l.worlds, i, w)
		kzt_world_print(w);
	json_array_foreach(l.wanted, i, w)
		printf("moon %s waited for, of %s\n", kzt_get_str(w, "id", "?"),
		       kzt_get_str(w, "seed", "?"));
	json_decref(l.worlds);
	json_decref(l.wanted);
	return KZT_OK;
}

static int world_show(int argc, char **argv)
{
	struct kzt_world_info w;
	uint8_t blob[FILE_MAX];
	const char *why = NULL;
	json_t *o;
	size_t len;
	int err;

	if (argc > 2)
		return kzt_arg_surplus(argv[2]);
	if (argc == 1)
		return show(0, "worlds", "no planet, no moon");
	err = kzt_world_load(argv[1], blob, sizeof(blob), &len, &why);
	if (!err)
		err = kzt_world_parse_blob(&w, blob, len, &why);
	if (err)
		return kzt_fail("%s: %s", argv[1], why ? why : strerror(-err));
	o = kzt_world_json(&w);
	if (kzt_json)
		return kzt_print_json(json_pack("{s:[o]}", "worlds", o));
	kzt_world_print(o);
	json_decref(o);
	return KZT_OK;
}

/* --- set and add ----------------------------------------------------------------------- */

static char *hex_of(const uint8_t *p, size_t len)
{
	char *s = malloc(2 * len + 1);
	size_t i;

	for (i = 0; s && i < len; i++)
		sprintf(s + 2 * i, "%02x", p[i]);
	return s;
}

/* Without an agent it holds until the node goes */
static int set_alone(const uint8_t *blob, size_t len)
{
	struct kzt_nl nl;
	struct nlmsghdr *nlh;
	int err = kzt_out_open(&nl);

	if (err)
		return err;
	nlh = kzt_nl_begin(&nl, KZT_CMD_WORLD_SET, 0);
	mnl_attr_put(nlh, KZT_A_WORLD_BLOB, len, blob);
	err = kzt_nl_talk(&nl, nlh, NULL, NULL);
	err = err ? kzt_out_refused(&nl, err) : KZT_OK;
	kzt_nl_close(&nl);
	return err;
}

static int check_roots(const char *file, const struct kzt_world_info *w)
{
	const char *why = NULL;
	unsigned int i;

	for (i = 0; i < w->n_roots; i++)
		if (kzt_id_validate(&w->root[i].id, &why))
			return kzt_fail("%s: the root " KZT_PRIADDR " is invalid: %s", file,
					(unsigned long long)w->root[i].id.address, why);
	return KZT_OK;
}

static int read_world(const char *file, uint8_t type, struct kzt_world_info *w,
		      uint8_t *blob, size_t *len)
{
	const char *why = NULL;
	int err = kzt_world_load(file, blob, FILE_MAX, len, &why);

	if (!err)
		err = kzt_world_parse_blob(w, blob, *len, &why);
	if (err)
		return kzt_fail("%s: %s", file, why ? why : strerror(-err));
	if (w->type != type || !w->id)
		return kzt_fail("%s: holds no %s", file,
				type == TYPE_PLANET ? "planet" : "moon");
	/* The form that is signed; attachments are of no use here */
	err = kzt_world_serialize(w, false, blob, FILE_MAX, len);
	if (err)
		return kzt_fail("%s: %s", file, strerror(-err));
	return check_roots(file, w);
}

static int put_world(int argc, char **argv, uint8_t type, const char *cmd)
{
	struct kzt_world_info w;
	uint8_t blob[FILE_MAX];
	size_t len;
	char *hex;
	int err;

	if (argc != 2)
		return kzt_usage(type == TYPE_PLANET ? "world set needs a file" :
				 "moon add needs a file, or: ID seed ADDRESS");
	err = read_world(argv[1], type, &w, blob, &len);
	if (err)
		return err;
	hex = hex_of(blob, len);
	err = kzt_agent_ask(json_pack("{s:s,s:s}", "cmd", cmd, "blob",
				      hex ? hex : ""), NULL);
	free(hex);
	if (err == KZT_ABSENT)
		err = set_alone(blob, len);
	if (err)
		return err;
	if (kzt_json)
		return kzt_print_json(json_pack("{s:o}", type == TYPE_PLANET ?
						"world" : "moon", kzt_world_json(&w)));
	return KZT_OK;
}

static int world_set(int argc, char **argv)
{
	return put_world(argc, argv, TYPE_PLANET, "world-set");
}

static bool moon_id(const char *word, unsigned long long *id)
{
	size_t digits = strspn(word, "0123456789abcdefABCDEF");

	*id = digits <= 16 && !word[digits] ? strtoull(word, NULL, 16) : 0;
	if (!*id)
		kzt_usage("\"%s\" is not a moon's id: 10 or 16 hexadecimal digits", word);
	return *id;
}

/* Learned from one of its roots, as "orbit" of the reference does */
static int moon_orbit(const char *moon, const char *address)
{
	struct kzt_out_req req;
	struct nlmsghdr *nlh = kzt_out_begin(&req, KZT_CMD_WORLD_SET);
	unsigned long long id;
	json_t *answer = NULL;
	uint64_t seed;
	char hex[17];
	int err;

	if (!moon_id(moon, &id) || !kzt_arg_address(address, &seed))
		return KZT_USAGE;
	snprintf(hex, sizeof(hex), KZT_PRIX64, id);
	err = kzt_agent_ask(json_pack("{s:s,s:s,s:o}", "cmd", "moon-orbit", "id", hex,
				      "seed", json_sprintf(KZT_PRIADDR,
				      (unsigned long long)seed)), &answer);
	if (err == KZT_ABSENT) {
		mnl_attr_put_u64(nlh, KZT_A_WORLD_ID, id);
		mnl_attr_put_u64(nlh, KZT_A_WORLD_SEED, seed);
		err = kzt_out_talk(nlh, NULL, NULL);
	}
	if (!err && kzt_json)
		err = kzt_print_json(json_pack("{s:{s:s,s:o,s:b}}", "moon", "id", hex,
			"seed", json_sprintf(KZT_PRIADDR, (unsigned long long)seed),
			"waiting", !answer || kzt_get_bool(answer, "waiting")));
	json_decref(answer);
	return err;
}

static int moon_add(int argc, char **argv)
{
	if (argc == 4 && kzt_match(argv[2], "seed"))
		return moon_orbit(argv[1], argv[3]);
	return put_world(argc, argv, TYPE_MOON, "moon-add");
}

static int moon_del(int argc, char **argv)
{
	struct kzt_out_req req;
	struct nlmsghdr *nlh = kzt_out_begin(&req, KZT_CMD_WORLD_DEL);
	unsigned long long id;
	int err;

	if (argc != 2)
		return kzt_usage("moon del needs a moon's id");
	if (!moon_id(argv[1], &id))
		return KZT_USAGE;
	err = kzt_agent_ask(json_pack("{s:s,s:s}", "cmd", "moon-del", "id", argv[1]),
			    NULL);
	if (err != KZT_ABSENT)
		return err;
	mnl_attr_put_u64(nlh, KZT_A_WORLD_ID, id);
	return kzt_out_talk(nlh, NULL, NULL);
}

static int moon_show(int argc, char **argv)
{
	if (argc > 1)
		return kzt_arg_surplus(argv[1]);
	return show(TYPE_MOON, "moons", "no moon");
}

int cmd_world(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "make", kzt_world_make,
		  "OUT root FILE=IP/PORT[,IP/PORT]... [root ...] [key FILE] [id HEX] [timestamp MS] [moon]",
		  "make a planet (or moon), or the successor of the one in OUT; the key is made if FILE (or OUT.key) does not exist" },
		{ "set", world_set, "FILE", "use this planet" },
		{ "show", world_show, "[FILE]", "print what is in force, or a file" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt world", argc, argv);
}

int cmd_moon(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "add", moon_add, "FILE | ID seed ADDRESS",
		  "use the roots of this moon, too; or learn it from one of them" },
		{ "del", moon_del, "ID", "leave a moon" },
		{ "show", moon_show, "", "print the moons in force" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt moon", argc, argv);
}
