// SPDX-License-Identifier: GPL-2.0
/*
 * The rule evaluator (spec 4, 4.10.3 to 4.10.6) against the recorded cases of
 * one pass over one rule set.  What those leave open is in test_filter_edge.c.
 *
 * usage: test_filter [VECTORS-DIRECTORY]
 */
#include <arpa/inet.h>

#include "test_proto.h"

#include "filter.h"

#define NODE_A		0x69cfe62fbfULL
#define MAX_RULES	64
#define MAX_KNOWN	8

/* A party with room for what it has. */
struct side {
	struct kzt_party party;
	struct kzt_filter_tag tags[MAX_KNOWN];
	struct kzt_owned owned[MAX_KNOWN];
};

struct subject {
	struct kzt_filter_frame f;
	struct bytes body, src_mac, dst_mac, rules_raw;
	struct kzt_rule rules[MAX_RULES];
	struct kzt_ruleset set;
	struct side local, remote;
};

static u64 vec_addr(const struct vec_file *f, const char *key)
{
	struct bytes b = bytes_vec(f, key);
	u64 addr;

	if (b.len != KZT_ADDR_LEN)
		abort();
	addr = kzt_get_addr(b.p);
	bytes_free(&b);
	return addr;
}

/* "5:1 1000:6" */
static void side_tags(struct side *s, const char *list)
{
	char *copy = strdup(list), *word, *at = NULL;

	for (word = strtok_r(copy, " ", &at); word; word = strtok_r(NULL, " ", &at)) {
		struct kzt_filter_tag *t = &s->tags[s->party.n_tags++];

		if (sscanf(word, "%u:%u", &t->id, &t->value) != 2)
			abort();
	}
	s->party.tags = s->tags;
	free(copy);
}

/* "10.0.0.1 fd00::1 mac" */
static void side_owned(struct side *s, const char *list, const u8 *mac)
{
	char *copy = strdup(list), *word, *at = NULL;

	for (word = strtok_r(copy, " ", &at); word; word = strtok_r(NULL, " ", &at)) {
		struct kzt_owned *o = &s->owned[s->party.n_owned++];

		memset(o, 0, sizeof(*o));
		if (!strcmp(word, "mac"))
			memcpy(o->addr, mac, 6);
		else if (inet_pton(AF_INET, word, o->addr) == 1)
			o->family = 4;
		else if (inet_pton(AF_INET6, word, o->addr) == 1)
			o->family = 6;
		else
			abort();
	}
	s->party.owned = s->owned;
	free(copy);
}

static void subject_open(struct subject *s, const struct vec_file *v)
{
	const u8 *our_mac, *their_mac;
	unsigned int n;

	memset(s, 0, sizeof(*s));
	s->body = bytes_vec(v, "frame");
	s->src_mac = bytes_vec(v, "source_mac");
	s->dst_mac = bytes_vec(v, "dest_mac");
	s->rules_raw = bytes_vec(v, "rules");
	if (kzt_rules_parse(s->rules_raw.p, s->rules_raw.len, s->rules,
			    MAX_RULES, &n))
		abort();
	kzt_ruleset_init(&s->set, s->rules, n);

	s->f.body = s->body.p;
	s->f.len = s->body.len;
	s->f.src_mac = s->src_mac.p;
	s->f.dst_mac = s->dst_mac.p;
	s->f.ethertype = strtoul(vec_str(v, "ethertype"), NULL, 16);
	s->f.self = NODE_A;
	s->f.src = vec_addr(v, "source_address");
	s->f.dst = vec_addr(v, "dest_address");
	s->f.inbound = vec_u64(v, "inbound", 9) == 1;
	s->f.unknown_match = vec_u64(v, "config_flags", 0) & 8;
	our_mac = s->f.inbound ? s->f.dst_mac : s->f.src_mac;
	their_mac = s->f.inbound ? s->f.src_mac : s->f.dst_mac;
	side_tags(&s->local, vec_str(v, "local_tags_dec"));
	side_owned(&s->local, vec_str(v, "local_owned_str"), our_mac);
	s->f.local = &s->local.party;
	if (vec_u64(v, "membership_known", 9) == 1) {
		side_tags(&s->remote, vec_str(v, "remote_tags_dec"));
		side_owned(&s->remote, vec_str(v, "remote_owned_str"), their_mac);
		s->f.remote = &s->remote.party;
	}
}

static void subject_close(struct subject *s)
{
	bytes_free(&s->body);
	bytes_free(&s->src_mac);
	bytes_free(&s->dst_mac);
	bytes_free(&s->rules_raw);
}

static const char *verdict_name(enum kzt_verdict v)
{
	static const char *const names[] = {
		[KZT_VERDICT_NO_MATCH] = "no_match",
		[KZT_VERDICT_DROP] = "drop",
		[KZT_VERDICT_ACCEPT] = "accept",
		[KZT_VERDICT_SUPER_ACCEPT] = "super_accept",
		[KZT_VERDICT_REDIRECT] = "redirect",
	};

	return v < ARRAY_SIZE(names) ? names[v] : "none of the verdicts";
}

static void check_vector(const struct vec_file *v)
{
	const char *name = vec_str(v, "case");
	struct kzt_filter_result res;
	struct subject s;
	bool good;

	subject_open(&s, v);
	kzt_filter_eval(&s.f, &s.set, &res);
	good = vec_is(v, "result_str", verdict_name(res.verdict)) &&
	       res.dst == vec_addr(v, "final_dest") &&
	       res.copy_to == vec_addr(v, "copy_to") &&
	       res.copy_len == vec_u64(v, "copy_len_dec", ~0ULL) &&
	       res.copy_watch == vec_u64(v, "copy_is_watch", 9) &&
	       res.priority_set == vec_is(v, "priority_set", "yes");
	ok(good, "%s", name);
	if (!good) {
		diag("line %u: expected %s, to %s, copy of %s to %s",
		     vec_block_line(v), vec_str(v, "result_str"),
		     vec_str(v, "final_dest"), vec_str(v, "copy_len_dec"),
		     vec_str(v, "copy_to"));
		diag("found %s, to %010llx, copy of %zu to %010llx",
		     verdict_name(res.verdict), (unsigned long long)res.dst,
		     res.copy_len, (unsigned long long)res.copy_to);
	}
	subject_close(&s);
}

static void test_vectors(const char *dir)
{
	struct vec_file *v = vectors_open(dir, "net-filter.txt");
	unsigned int n = 0;

	while (vec_next_block(v)) {
		if (!vec_str(v, "result_str"))
			continue;
		check_vector(v);
		n++;
	}
	vec_close(v);
	ok(n == 116, "all 116 cases of net-filter.txt");
}

/*
 * Every body of the vectors, cut off everywhere, against all rules of the
 * vectors: nothing behind the end is read (ASan), and the evaluator gives the
 * same answer whatever lies there.
 */
static bool truncated(struct subject *s, struct subject *rules, size_t len)
{
	struct bytes cut = bytes_dup(s->body.p, len);
	struct kzt_filter_result a, b;
	u8 other[512];

	s->f.body = cut.p;
	s->f.len = len;
	kzt_filter_eval(&s->f, &rules->set, &a);
	if (len > sizeof(other) - 64)
		abort();
	memset(other, 0xff, sizeof(other));
	memcpy(other, s->body.p, len);
	s->f.body = other;
	kzt_filter_eval(&s->f, &rules->set, &b);
	bytes_free(&cut);
	return a.verdict == b.verdict && a.dst == b.dst &&
	       a.copy_to == b.copy_to && a.copy_len == b.copy_len &&
	       a.copy_len <= len && a.rule == b.rule;
}

static void test_truncation(const char *dir)
{
	static struct subject all[128];
	struct vec_file *v = vectors_open(dir, "net-filter.txt");
	unsigned int n = 0, i, k, bad = 0;
	size_t len;

	while (vec_next_block(v) && n < ARRAY_SIZE(all))
		if (vec_str(v, "result_str"))
			subject_open(&all[n++], v);
	vec_close(v);
	for (i = 0; i < n; i++) {
		for (k = 0; k < n; k++)
			for (len = 0; len <= all[i].body.len; len++)
				bad += !truncated(&all[i], &all[k], len);
	}
	ok(n && !bad, "each body cut off anywhere, against each rule set");
	if (bad)
		diag("%u evaluations depend on what is behind the end", bad);
	for (i = 0; i < n; i++)
		subject_close(&all[i]);
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	test_vectors(dir);
	test_truncation(dir);
	return tap_done();
}
