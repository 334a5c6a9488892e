// SPDX-License-Identifier: GPL-2.0
/*
 * What is posted to the controller: whatever it is, the object that is kept has
 * all fields, is the same again when it is posted, and makes addresses and routes
 * within their bounds.  The first byte says what is posted to.
 */
#include <stdlib.h>

#include "../../userspace/controller_address.h"
#include "../../userspace/rules_json.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

#define NWID 0x89e92ceee51a2b3cULL
#define ADDRESS 0xb0d1e2f3a4ULL

static void check_fields(const struct controller_field *f, const json_t *o)
{
	for (; f->name; f++) {
		const json_t *v = json_object_get(o, f->name);

		CHECK(v || f->optional);
		if (!v || (f->null && json_is_null(v)))
			continue;
		CHECK(f->kind != FIELD_TEXT || json_is_string(v));
		CHECK(f->kind != FIELD_BOOL || json_is_boolean(v));
		CHECK(f->kind != FIELD_INT || json_is_integer(v));
		CHECK(f->kind != FIELD_JSON || json_is_array(v) || json_is_object(v));
	}
}

/* Some addresses are taken */
static int taken(void *arg, const char *ip)
{
	unsigned int *n = arg;

	(void)ip;
	return ++*n % 3 == 0;
}

static void check_use(const json_t *network, json_t *member)
{
	static struct kzt_config conf;
	static struct kzt_rule rules[RULES_JSON_MAX];
	static u8 bin[RULES_JSON_MAX * 21];
	unsigned int calls = 0, n, i;

	memset(&conf, 0, sizeof(conf));
	conf.nwid = NWID;
	conf.issued_to = ADDRESS;
	CHECK(!controller_addresses(&conf, network, member, taken, &calls));
	CHECK(conf.n_addrs <= KZT_CONFIG_MAX_ADDRS);
	CHECK(conf.n_routes <= KZT_CONFIG_MAX_ROUTES);
	for (i = 0; i < conf.n_addrs; i++)
		CHECK(conf.addr[i].port <= (conf.addr[i].family == KZT_AF_INET ? 32 : 128));
	n = rules_json_list(json_object_get(network, "rules"), rules, RULES_JSON_MAX);
	CHECK(kzt_rules_build(bin, sizeof(bin), rules, n) >= 0);
}

static void post_network(const json_t *posted)
{
	json_t *o = controller_network_new(NWID, 1), *again, *member;

	controller_network_apply(o, posted);
	check_fields(controller_network_fields, o);
	/* What is given back may be posted; only the rules of a new network are
	 * not in the form that posted ones get
	 */
	again = json_deep_copy(o);
	controller_network_apply(o, again);
	json_decref(again);
	again = json_deep_copy(o);
	CHECK(!controller_network_apply(again, o));
	CHECK(json_equal(again, o));
	member = controller_member_new(NWID, ADDRESS, 1);
	check_use(o, member);
	check_fields(controller_member_fields, member);
	json_decref(member);
	json_decref(again);
	json_decref(o);
}

static void post_member(const json_t *posted)
{
	json_t *o = controller_member_new(NWID, ADDRESS, 1), *again;
	json_t *network = controller_network_new(NWID, 1);

	controller_member_apply(o, posted, 2);
	check_fields(controller_member_fields, o);
	again = json_deep_copy(o);
	CHECK(!controller_member_apply(again, o, 3));
	CHECK(json_equal(again, o));
	check_use(network, o);
	json_decref(network);
	json_decref(again);
	json_decref(o);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	json_t *posted;

	if (!size)
		return 0;
	posted = json_loadb((const char *)data + 1, size - 1, JSON_REJECT_DUPLICATES, NULL);
	if (!posted)
		return 0;
	if (*data & 1)
		post_network(posted);
	else
		post_member(posted);
	json_decref(posted);
	return 0;
}
