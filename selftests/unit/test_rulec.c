// SPDX-License-Identifier: GPL-2.0
/*
 * Rules as text and as JSON (spec 4.13.3, 4.13.4): userspace/rulec*.c and
 * rules_json.c.
 *
 * usage: test_rulec [VECTORS-DIRECTORY]
 */
#include "test_proto.h"

#include "../../userspace/rulec.h"
#include "../../userspace/rules_json.h"

static json_t *vec_json(const struct vec_file *f, const char *key)
{
	const char *text = vec_str(f, key);

	return text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
}

/* Does member @key of the result equal the vector's @key_json? */
static bool part_is(const struct vec_file *f, const json_t *got, const char *key)
{
	char name[64];
	json_t *want;
	bool same;

	snprintf(name, sizeof(name), "%s_json", key);
	want = vec_json(f, name);
	same = want && json_equal(want, json_object_get(got, key));
	if (!same) {
		char *text = json_dumps(json_object_get(got, key), JSON_ENCODE_ANY);

		diag("%s: expected %s", key, vec_str(f, name));
		diag("%s: found %s", key, text);
		free(text);
	}
	json_decref(want);
	return same;
}

static void one_text(const struct vec_file *f)
{
	const char *name = vec_str(f, "case"), *at = vec_str(f, "error_at_dec");
	struct rulec_error err;
	char found[32];
	u8 text[4096];
	size_t len;
	json_t *got;

	if (!vec_hex(f, "text_hex", text, sizeof(text), &len))
		abort();
	got = rulec_compile((char *)text, len, &err);
	if (at) {
		snprintf(found, sizeof(found), "%u %u", err.line, err.column);
		ok(!got && !strcmp(found, at) && *err.text, "%s: refused at %s", name,
		   at);
		if (strcmp(found, at))
			diag("found %s: %s", found, err.text);
	} else {
		ok(got && part_is(f, got, "rules") && part_is(f, got, "tags") &&
		   part_is(f, got, "capabilities"), "%s: compiles", name);
		if (!got)
			diag("%u:%u: %s", err.line, err.column, err.text);
	}
	json_decref(got);
}

static void test_text(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-rulec.txt");
	unsigned int blocks = 0;

	while (vec_next_block(f)) {
		blocks++;
		one_text(f);
	}
	ok(blocks == 40, "all %u blocks of net-rulec.txt", blocks);
	vec_close(f);
}

static void one_json(const struct vec_file *f)
{
	const char *name = vec_str(f, "case");
	json_t *in = vec_json(f, "input_json"), *want = vec_json(f, "rendered_json");
	json_t *got = rules_json_normal(in, RULES_JSON_MAX);
	static struct kzt_rule rules[RULES_JSON_MAX];
	u8 want_bin[256], bin[256];
	unsigned int n;
	size_t len;
	int made;

	/* What the reference leaves out by a defect is taken here */
	if (strstr(vec_str(f, "input_json"), "INTEGER_RANGE")) {
		n = rules_json_list(in, rules, RULES_JSON_MAX);
		made = kzt_rules_build(bin, sizeof(bin), rules, n);
		ok(n == 1 && made == 21 && !memcmp(bin + 2, "\0\0\0\0\0\0\0\x10\0\0\0\0"
		   "\0\0\0\xff\0\x04\x8f", 19), "%s: an integer range is taken", name);
		json_decref(want);
		want = json_deep_copy(in);
		json_object_set_new(json_array_get(want, 0), "not", json_false());
		json_object_set_new(json_array_get(want, 0), "or", json_false());
		ok(json_equal(got, want), "%s: and given back", name);
	} else {
		ok(json_equal(got, want), "%s: as it is given back", name);
		n = rules_json_list(in, rules, RULES_JSON_MAX);
		made = kzt_rules_build(bin, sizeof(bin), rules, n);
		if (!vec_hex(f, "binary", want_bin, sizeof(want_bin), &len))
			abort();
		ok(made == (int)len && !memcmp(bin, want_bin, len), "%s: binary", name);
	}
	json_decref(in);
	json_decref(want);
	json_decref(got);
}

static void test_json(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-rules.txt");
	unsigned int blocks = 0;

	while (vec_next_block(f))
		if (vec_str(f, "input_json")) {
			blocks++;
			one_json(f);
		}
	ok(blocks == 38, "all %u rules as JSON in net-rules.txt", blocks);
	vec_close(f);
}

static bool refused(const char *text, const char *why)
{
	struct rulec_error err;
	json_t *got = rulec_compile(text, strlen(text), &err);
	bool said = !got && strstr(err.text, why);

	if (!said)
		diag("expected \"%s\", found \"%s\"", why, err.text);
	json_decref(got);
	return said;
}

static bool accepted(const char *text)
{
	struct rulec_error err;
	json_t *got = rulec_compile(text, strlen(text), &err);

	if (!got)
		diag("%u:%u: %s", err.line, err.column, err.text);
	json_decref(got);
	return got;
}

static void test_edges(void)
{
	struct rulec_error err;

	ok(refused("macro a include b ; macro b include a ; include a", "too deep"),
	   "macros that include each other end");
	ok(refused("macro m($a) accept dport $a; ; include m", "takes 1 argument"),
	   "a macro's arguments are counted");
	ok(refused("macro m $x accept dport 1; ; include m($y)", "takes 0"),
	   "what follows a macro's name is no parameter");
	ok(accepted("macro in($a) accept dport $a; ; macro out($b) include in($b) ;"
		    " include out(7)\nbreak;"), "an argument is handed on");
	ok(refused("tag t id 1 ; tag t id 2 ; accept", "two tags"),
	   "a tag is defined once");
	ok(refused("cap c id 1 accept; cap c id 2 accept; break", "two capabilities"),
	   "a capability's name is used once");
	ok(refused("cap c accept; break", "has no id"), "a capability has an id");
	ok(refused("tag t id 1 enum 5 a enum 6 a ; accept", "defined twice"),
	   "a tag's value has one name");
	ok(refused("tag t id 1 flag 32 f ; accept", "no bit"), "a flag is one of 32");
	ok(refused("drop not ; accept", "needs a match"), "not needs a match");
	ok(refused("accept random nan", "is not"), "no number is no probability");
	ok(refused("drop vlan 4096;\naccept", "in range"), "a VLAN has twelve bits");
	ok(accepted("# \xc3\xa4\ntag \xc3\xa4rger id 1 default 2 ;\naccept"),
	   "names may have letters of other scripts");
	ok(!rulec_compile("accept\0x", 8, &err), "a NUL is no text");
	ok(!rulec_compile("\xff", 1, &err), "text is UTF-8");
	ok(refused("drop drop drop drop", "not a match"), "an action is no match");
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	test_text(dir);
	test_json(dir);
	test_edges();
	return tap_done();
}
