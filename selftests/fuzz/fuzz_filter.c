// SPDX-License-Identifier: GPL-2.0
/*
 * The evaluator: rules and a frame, both hostile.
 *
 *	octet 0		bits: 1 inbound, 2 unknown matches hold, 4 remote known,
 *			8 neighbour discovery emulated, 10 receiver unknown
 *	1, 2		EtherType
 *	3, 4		octets of rules
 *	then		rules, and the frame's body
 *
 * Whatever comes, the result is one of the verdicts, a copy is not longer than
 * the frame, nothing behind the end counts, and the entries behind the one that
 * decided have no say.
 */
#include <stdlib.h>

#include "filter.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

#define MAX_RULES	256
#define TAIL		80

static const u8 mac_a[6] = { 0x3e, 0x42, 0xd5, 0x0f, 0x67, 0x6f };
static const u8 mac_b[6] = { 0x3e, 0xe1, 0xd9, 0xc9, 0xe5, 0xf8 };
static const u8 plane[16] = { 0xfc, 0xa4, 0xaa, 0xfb, 0x74 };
static const u8 rfc[16] = { 0xfd, 0x4d, 0xb0, 0xd0, 0x48, 0xe9, 0x1a, 0x2b,
			    0x3c, 0x99, 0x93 };
static const struct kzt_filter_tag tags[] = { { 5, 1 }, { 1000, 6 } };
static const struct kzt_owned owned[] = {
	{ 4, { 10, 0, 0, 1 } }, { 6, { 0xfd, [15] = 1 } },
	{ 0, { 0x3e, 0x42, 0xd5, 0x0f, 0x67, 0x6f } },
};
static const struct kzt_party known = { 2, tags, 3, owned };

static bool same(const struct kzt_filter_result *a,
		 const struct kzt_filter_result *b)
{
	return a->verdict == b->verdict && a->dst == b->dst &&
	       a->copy_to == b->copy_to && a->copy_len == b->copy_len &&
	       a->copy_watch == b->copy_watch && a->rule == b->rule &&
	       a->priority_set == b->priority_set;
}

static void check_result(const struct kzt_filter_frame *f,
			 const struct kzt_ruleset *set,
			 const struct kzt_filter_result *res)
{
	CHECK(res->verdict <= KZT_VERDICT_REDIRECT);
	CHECK(res->rule == KZT_NO_RULE || res->rule < set->n);
	CHECK(res->rule != KZT_NO_RULE || res->verdict == KZT_VERDICT_NO_MATCH);
	CHECK(res->copy_len <= f->len);
	CHECK(res->verdict == KZT_VERDICT_REDIRECT || res->dst == f->dst);
	CHECK(res->verdict != KZT_VERDICT_SUPER_ACCEPT || f->inbound);
	CHECK(!set->trivial_accept || (res->verdict == KZT_VERDICT_ACCEPT &&
				       !res->rule));
}

static void check_decision(const struct kzt_filter_frame *f,
			   const struct kzt_ruleset *set,
			   const struct kzt_filter_result *alone)
{
	const struct kzt_ruleset caps[2] = { *set, *set };
	struct kzt_filter_decision d;

	kzt_filter_decide(f, set, caps, 2, &d);
	CHECK(same(&d.base, alone));
	/* The same rules once more, from a fresh state, say the same */
	CHECK(d.cap_index == -1);
	switch (alone->verdict) {
	case KZT_VERDICT_NO_MATCH:
	case KZT_VERDICT_DROP:
		CHECK(d.allowed == 0);
		break;
	case KZT_VERDICT_SUPER_ACCEPT:
		CHECK(d.allowed == 2);
		break;
	default:
		CHECK(d.allowed == 1);
	}
}

static void evaluate(struct kzt_filter_frame *f, const struct kzt_rule *rules,
		     unsigned int n)
{
	struct kzt_filter_result res, other;
	struct kzt_ruleset set;
	const u8 *body = f->body;
	u8 *tail;

	kzt_ruleset_init(&set, rules, n);
	kzt_filter_eval(f, &set, &res);
	check_result(f, &set, &res);
	check_decision(f, &set, &res);

	tail = malloc(f->len + TAIL);
	CHECK(tail);
	if (f->len)
		memcpy(tail, body, f->len);
	memset(tail + f->len, 0x5a, TAIL);
	f->body = tail;
	kzt_filter_eval(f, &set, &other);
	CHECK(same(&res, &other));
	free(tail);
	f->body = body;

	if (res.rule != KZT_NO_RULE) {
		kzt_ruleset_init(&set, rules, res.rule + 1);
		kzt_filter_eval(f, &set, &other);
		CHECK(same(&res, &other));
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct kzt_rule rules[MAX_RULES];
	struct kzt_filter_frame f = { .self = 0x69cfe62fbfULL, .random = 7 };
	unsigned int n;
	size_t len;
	u8 *body;

	if (size < 5)
		return 0;
	len = min_t(size_t, get_unaligned_be16(data + 3), size - 5);
	if (kzt_rules_parse(data + 5, len, rules, MAX_RULES, &n))
		return 0;
	f.inbound = data[0] & 1;
	f.unknown_match = data[0] & 2;
	f.local = &known;
	f.remote = data[0] & 4 ? &known : NULL;
	f.ndp_6plane = data[0] & 8 ? plane : NULL;
	f.ndp_rfc4193 = data[0] & 8 ? rfc : NULL;
	f.ethertype = get_unaligned_be16(data + 1);
	f.src = f.inbound ? 0xcac320ad28ULL : f.self;
	f.dst = f.inbound ? f.self : data[0] & 0x10 ? 0 : 0xcac320ad28ULL;
	f.src_mac = f.inbound ? mac_b : mac_a;
	f.dst_mac = f.inbound ? mac_a : mac_b;
	f.len = size - 5 - len;
	body = malloc(f.len ?: 1);
	CHECK(body);
	if (f.len)
		memcpy(body, data + 5 + len, f.len);
	f.body = body;
	evaluate(&f, rules, n);
	free(body);
	return 0;
}
