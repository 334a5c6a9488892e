// SPDX-License-Identifier: GPL-2.0
/*
 * kzt rules test: what a network's rules say to the frames of a capture.
 *
 * It is the kernel's evaluator, on the rules and the credentials that the kernel
 * has now: this node's, and those that the other side has shown.  Tags that are
 * given as words take the place of a side's.
 */
#include "cmd_rules.h"
#include "cmd_rules_shown.h"
#include "decode.h"
#include "filter.h"
#include "kzt.h"
#include "match.h"
#include "out.h"
#include "pcap.h"
#include "proto/netaddr.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define TAGS_MAX 128
#define REMOTES_MAX 64

struct tester {
	uint64_t nwid, self, from, to;
	bool inbound;
	const char *file;
	struct kzt_filter_tag tag[2][TAGS_MAX];	/* local, remote */
	struct kzt_party party[2];
	bool unknown_match;
	uint8_t plane[16], rfc4193[16];
	bool has_plane, has_rfc4193;
	struct kzt_rules *rules;
	struct kzt_ruleset set;
	struct kzt_nl nl;
	struct kzt_shown *own;
	struct { uint64_t address; struct kzt_shown *shown; } remote[REMOTES_MAX];
	unsigned int n_remotes;
	json_t *frames;
	uint64_t n, skipped;
};

static const char *verdict_name(enum kzt_verdict v)
{
	static const char *const names[] = {
		[KZT_VERDICT_NO_MATCH] = "no-match", [KZT_VERDICT_DROP] = "drop",
		[KZT_VERDICT_ACCEPT] = "accept",
		[KZT_VERDICT_SUPER_ACCEPT] = "super-accept",
		[KZT_VERDICT_REDIRECT] = "redirect",
	};

	return names[v];
}

/* --- words --------------------------------------------------------------------------- */

static bool tag_arg(struct tester *t, unsigned int side, const char *word)
{
	struct kzt_party *party = &t->party[side];
	struct kzt_filter_tag *tag = &t->tag[side][party->n_tags];
	char *end;

	if (party->n_tags == TAGS_MAX) {
		kzt_usage("more than %d tags", TAGS_MAX);
		return false;
	}
	tag->id = (uint32_t)strtoul(word, &end, 0);
	if (end != word && *end == '=' && end[1]) {
		word = end + 1;
		tag->value = (uint32_t)strtoul(word, &end, 0);
		if (end != word && !*end) {
			party->n_tags++;
			return true;
		}
	}
	kzt_usage("\"%s\" is not a tag: ID=NUMBER", word);
	return false;
}

enum { FROM, TO, LOCAL_TAG, REMOTE_TAG };

static const char *const test_keys[] = {
	[FROM] = "from", [TO] = "to", [LOCAL_TAG] = "local-tag",
	[REMOTE_TAG] = "remote-tag", NULL,
};

static int test_arg(struct tester *t, const char *key, const char *value)
{
	bool ok = false;

	switch (kzt_arg_word(key, test_keys)) {
	case FROM:
		ok = kzt_arg_address(value, &t->from);
		break;
	case TO:
		ok = kzt_arg_address(value, &t->to);
		break;
	case LOCAL_TAG:
		ok = tag_arg(t, 0, value);
		break;
	case REMOTE_TAG:
		ok = tag_arg(t, 1, value);
		break;
	}
	return ok ? KZT_OK : KZT_USAGE;
}

static int test_args(struct tester *t, int argc, char **argv)
{
	const char *key, *value;
	int i, err = KZT_OK;

	if (argc < 5 || !kzt_match(argv[2], "dir"))
		return kzt_usage("rules test needs: NWID dir in|out FILE");
	if (!kzt_arg_nwid(argv[1], &t->nwid))
		return KZT_USAGE;
	t->inbound = kzt_match(argv[3], "in");
	if (!t->inbound && !kzt_match(argv[3], "out"))
		return kzt_usage("dir is in or out, not \"%s\"", argv[3]);
	t->file = argv[4];
	for (i = 5; i < argc && !err; i++) {
		key = argv[i];
		value = kzt_arg_value(argc, argv, &i);
		err = value ? test_arg(t, key, value) : KZT_USAGE;
	}
	t->party[0].tags = t->tag[0];
	t->party[1].tags = t->tag[1];
	return err;
}

/* --- the network ----------------------------------------------------------------------- */

static void find_own(struct tester *t, const json_t *network)
{
	const json_t *v;
	uint8_t ip[16];
	char text[64];
	size_t i;

	kzt_ip6_6plane(t->nwid, t->self, t->plane);
	kzt_ip6_rfc4193(t->nwid, t->self, t->rfc4193);
	json_array_foreach(json_object_get(network, "addresses"), i, v) {
		snprintf(text, sizeof(text), "%s", json_string_value(v));
		text[strcspn(text, "/")] = 0;
		if (inet_pton(AF_INET6, text, ip) != 1)
			continue;
		t->has_plane |= !memcmp(ip, t->plane, 16);
		t->has_rfc4193 |= !memcmp(ip, t->rfc4193, 16);
	}
}

static int fetch(struct tester *t)
{
	json_t *node = NULL, *network = NULL;
	const json_t *flags, *v;
	bool ndp = false;
	size_t i;
	int err;

	err = kzt_fetch_node(&t->nl, &node);
	if (!err && !kzt_get_str(node, "address", NULL))
		err = kzt_fail("no node in this network namespace");
	if (!err) {
		int code = kzt_fetch_network(&t->nl, t->nwid, &network);

		if (code)
			err = kzt_out_refused(&t->nl, code);
	}
	if (!err) {
		t->own = kzt_shown_fetch(&t->nl, t->nwid, 0);
		if (!t->own)
			err = kzt_fail("%s", t->nl.err);
	}
	if (!err) {
		t->self = strtoull(kzt_get_str(node, "address", "0"), NULL, 16);
		flags = json_object_get(network, "flags");
		json_array_foreach(flags, i, v) {
			ndp |= !strcmp(json_string_value(v), "ndp-emulation");
			t->unknown_match |= !strcmp(json_string_value(v), "unknown-match");
		}
		if (ndp)
			find_own(t, network);
		err = kzt_rules_fetch(t->nwid, t->rules);
	}
	if (!err)
		kzt_ruleset_init(&t->set, t->rules->rule, t->rules->n);
	json_decref(node);
	json_decref(network);
	return err;
}

/* --- frames ----------------------------------------------------------------------------- */

/* Of a member; 0 for a MAC address behind a bridge, or a group */
static uint64_t address_of(const struct tester *t, const uint8_t *mac)
{
	return mac[0] == kzt_mac_first(t->nwid) ? kzt_mac_to_address(t->nwid, mac) : 0;
}

static json_t *mac_json(const uint8_t *m)
{
	return json_sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3],
			    m[4], m[5]);
}

static json_t *address_json(uint64_t address)
{
	return json_sprintf(KZT_PRIADDR, (unsigned long long)address);
}

/* What a member has shown; NULL if it has shown nothing, as in the kernel */
static const struct kzt_shown *remote_of(struct tester *t, uint64_t address)
{
	struct kzt_shown *s;
	unsigned int i;

	for (i = 0; i < t->n_remotes; i++)
		if (t->remote[i].address == address)
			return t->remote[i].shown;
	s = kzt_shown_fetch(&t->nl, t->nwid, address);
	if (t->n_remotes == REMOTES_MAX)
		free(t->remote[--t->n_remotes].shown);
	t->remote[t->n_remotes].address = address;
	t->remote[t->n_remotes++].shown = s;
	return s;
}

/* The words given instead of its tags, if there are any */
static const struct kzt_party *party_of(const struct tester *t, unsigned int side,
					const struct kzt_shown *shown,
					struct kzt_party *out)
{
	const struct kzt_party *words = &t->party[side];

	if (!shown)
		return words->n_tags ? words : NULL;
	*out = shown->party;
	if (words->n_tags) {
		out->n_tags = words->n_tags;
		out->tags = words->tags;
	}
	return out;
}

static void rule_into(json_t *o, const struct tester *t,
		      const struct kzt_filter_result *res, const struct kzt_shown *caps,
		      const struct kzt_filter_decision *d)
{
	const struct kzt_rule *rule = t->rules->rule;

	if (d->cap_index >= 0) {
		rule = caps->cap[d->cap_index].rule;
		json_object_set_new(o, "capability",
				    json_integer(caps->cap_id[d->cap_index]));
	}
	if (res->rule == KZT_NO_RULE)
		return;
	json_object_set_new(o, "rule", json_integer(res->rule));
	json_object_set_new(o, "action", kzt_rule_json(&rule[res->rule], NULL));
}

static void copies_into(json_t *o, const struct kzt_filter_result *res)
{
	if (!res->copy_to)
		return;
	json_object_set_new(o, "copy-to", address_json(res->copy_to));
	json_object_set_new(o, "copy-length", json_integer((json_int_t)res->copy_len));
}

static json_t *result_json(const struct tester *t, const struct kzt_filter_frame *f,
			   const struct kzt_filter_decision *d,
			   const struct kzt_shown *caps)
{
	const struct kzt_filter_result *res = d->cap_index >= 0 ? &d->cap : &d->base;
	json_t *o = json_pack("{s:I,s:s,s:o,s:o,s:o,s:I,s:s}", "frame", (json_int_t)t->n,
			      "dir", t->inbound ? "in" : "out", "source",
			      mac_json(f->src_mac), "destination", mac_json(f->dst_mac),
			      "ethertype", json_sprintf("%04x", f->ethertype), "length",
			      (json_int_t)f->len, "verdict", verdict_name(res->verdict));

	if (f->src)
		json_object_set_new(o, "from", address_json(f->src));
	if (f->dst)
		json_object_set_new(o, "to", address_json(f->dst));
	rule_into(o, t, res, caps, d);
	if (d->allowed) {
		copies_into(o, &d->base);
		copies_into(o, res);
	}
	if (res->verdict == KZT_VERDICT_REDIRECT)
		json_object_set_new(o, "redirect-to", address_json(res->dst));
	return o;
}

static void print_result(const json_t *o)
{
	printf("%4llu  %s > %s  %s  %llu bytes  %s%s%s", (unsigned long long)
	       kzt_get_int(o, "frame", 0), kzt_get_str(o, "source", ""),
	       kzt_get_str(o, "destination", ""), kzt_get_str(o, "ethertype", ""),
	       (unsigned long long)kzt_get_int(o, "length", 0), kzt_bold(),
	       kzt_get_str(o, "verdict", ""), kzt_plain());
	if (json_object_get(o, "capability"))
		printf("  by capability %llu,", (unsigned long long)
		       kzt_get_int(o, "capability", 0));
	if (json_object_get(o, "rule")) {
		printf("  by rule %llu: ", (unsigned long long)kzt_get_int(o, "rule", 0));
		kzt_rule_print(json_object_get(o, "action"));
	} else {
		printf("  no rule and no capability allows it: it is dropped");
	}
	if (json_object_get(o, "copy-to"))
		printf("  copy of %llu bytes to %s", (unsigned long long)
		       kzt_get_int(o, "copy-length", 0), kzt_get_str(o, "copy-to", ""));
	putchar('\n');
}

static void test_frame(struct tester *t, const uint8_t *data, size_t len)
{
	const struct kzt_shown *remote = NULL, *caps;
	struct kzt_filter_decision d;
	struct kzt_party party[2];
	struct kzt_filter_frame f = {
		.body = data + 14,
		.len = len - 14,
		.ethertype = (uint16_t)(data[12] << 8 | data[13]),
		.src_mac = data + 6,
		.dst_mac = data,
		.self = t->self,
		.inbound = t->inbound,
		.unknown_match = t->unknown_match,
		.ndp_6plane = t->has_plane ? t->plane : NULL,
		.ndp_rfc4193 = t->has_rfc4193 ? t->rfc4193 : NULL,
	};
	json_t *o;

	f.src = t->from ? t->from : t->inbound ? address_of(t, data + 6) : t->self;
	f.dst = t->to ? t->to : t->inbound ? t->self : address_of(t, data);
	if (getrandom(&f.random, sizeof(f.random), 0) != sizeof(f.random))
		f.random = 0;
	if (t->inbound ? f.src : f.dst)
		remote = remote_of(t, t->inbound ? f.src : f.dst);
	f.local = party_of(t, 0, t->own, &party[0]);
	f.remote = party_of(t, 1, remote, &party[1]);
	caps = t->inbound ? remote : t->own;
	kzt_filter_decide(&f, &t->set, caps ? caps->cap : NULL, caps ? caps->n_caps : 0,
			  &d);
	o = result_json(t, &f, &d, caps);
	if (kzt_json) {
		json_array_append_new(t->frames, o);
		return;
	}
	print_result(o);
	json_decref(o);
}

static int test_file(struct tester *t)
{
	struct kzt_pcap *p = kzt_pcap_open(t->file);
	int err = KZT_OK;

	if (!p)
		return KZT_FAIL;
	while (kzt_pcap_next(p)) {
		t->n++;
		if (p->link == KZT_LINK_ETHERNET && p->len >= 14)
			test_frame(t, p->data, p->len);
		else
			t->skipped++;
	}
	if (p->err)
		err = kzt_fail("%s: %s", t->file, p->err);
	else if (t->skipped)
		fprintf(stderr, "kzt: %llu packets were not Ethernet frames: capture on the device of the network\n",
			(unsigned long long)t->skipped);
	kzt_pcap_close(p);
	return err;
}

/* Everything that needs the module */
static int test_run(struct tester *t)
{
	int err = kzt_out_open(&t->nl);

	if (err)
		return err;
	err = fetch(t);
	if (!err)
		err = test_file(t);
	kzt_nl_close(&t->nl);
	free(t->own);
	while (t->n_remotes)
		free(t->remote[--t->n_remotes].shown);
	return err;
}

int kzt_rules_test(int argc, char **argv)
{
	struct tester *t = calloc(1, sizeof(*t));
	int err;

	if (t)
		t->rules = calloc(1, sizeof(*t->rules));
	if (!t || !t->rules) {
		free(t);
		return kzt_fail("no memory");
	}
	t->frames = json_array();
	err = test_args(t, argc, argv);
	if (!err)
		err = test_run(t);
	if (!err && kzt_json)
		err = kzt_print_json(json_pack("{s:O}", "frames", t->frames));
	json_decref(t->frames);
	free(t->rules);
	free(t);
	return err;
}
