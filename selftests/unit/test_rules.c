// SPDX-License-Identifier: GPL-2.0
/*
 * Rules in binary form (spec 4, 4.10.2).
 *
 * usage: test_rules [VECTORS-DIRECTORY]
 */
#include "test_proto.h"

#include "rules.h"

#define MAX_RULES	16

/* Reads and writes again; false unless it reads as @n rules, as @want. */
static bool round_trip(const struct bytes *in, unsigned int max, unsigned int n,
		       const struct bytes *want)
{
	struct kzt_rule rules[MAX_RULES];
	unsigned int count = 99;
	u8 buf[512];
	int len;

	if (kzt_rules_parse(in->p, in->len, rules, max, &count) || count != n)
		return false;
	len = kzt_rules_build(buf, sizeof(buf), rules, count);
	return len >= 0 && bytes_are(want, buf, len);
}

/* No prefix of one entry can be read, and none is read beyond. */
static bool truncations_fail(const struct bytes *in)
{
	struct kzt_rule rules[MAX_RULES];
	unsigned int n;
	size_t len;

	for (len = 1; len < in->len; len++) {
		struct bytes cut = bytes_dup(in->p, len);
		int ret = kzt_rules_parse(cut.p, len, rules, MAX_RULES, &n);

		bytes_free(&cut);
		if (ret != -EBADMSG || n)
			return false;
	}
	return true;
}

/* ... and no buffer that is smaller than the result can be written. */
static bool small_rooms_fail(const struct bytes *in)
{
	struct kzt_rule rules[MAX_RULES];
	unsigned int n;
	size_t room;

	if (kzt_rules_parse(in->p, in->len, rules, MAX_RULES, &n))
		return false;
	for (room = 0; room < in->len; room++) {
		u8 *buf = malloc(room ?: 1);
		int ret = kzt_rules_build(buf, room, rules, n);

		free(buf);
		if (ret != -EMSGSIZE)
			return false;
	}
	return true;
}

static void test_encoded(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-rules.txt");
	unsigned int n = 0, rules;

	while (vec_next_block(f)) {
		struct bytes b;

		if (!vec_str(f, "binary") || !*vec_str(f, "binary"))
			continue;
		n++;
		b = bytes_vec(f, "binary");
		rules = vec_is(f, "case", "default_set") ? 5 : 1;
		ok(round_trip(&b, MAX_RULES, rules, &b), "%s reads and writes",
		   vec_str(f, "case"));
		if (rules == 1)
			ok(truncations_fail(&b) && small_rooms_fail(&b),
			   "%s: truncations", vec_str(f, "case"));
		bytes_free(&b);
	}
	vec_close(f);
	ok(n == 39, "35 rules as JSON and 4 blocks of binary");
}

static void test_decoder(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-rules.txt");
	unsigned int n = 0;

	while (vec_next_block(f)) {
		struct kzt_rule rules[MAX_RULES];
		struct bytes in, want;
		unsigned int count, max;

		if (!vec_str(f, "input"))
			continue;
		n++;
		in = bytes_vec(f, "input");
		want = bytes_vec(f, "reencoded");
		max = vec_is(f, "case", "dec_limit") ? 2 : MAX_RULES;
		if (vec_u64(f, "ok", 9) == 1)
			ok(round_trip(&in, max, vec_u64(f, "rules_dec", 0), &want),
			   "%s", vec_str(f, "case"));
		else
			ok(kzt_rules_parse(in.p, in.len, rules, max, &count) ==
			   -EBADMSG, "%s is refused", vec_str(f, "case"));
		bytes_free(&in);
		bytes_free(&want);
	}
	vec_close(f);
	ok(n == 6, "6 cases of the decoder");
}

static int parse_hex(const char *hex, struct kzt_rule *rules, unsigned int *n)
{
	struct bytes b = bytes_hex(hex);
	int ret = kzt_rules_parse(b.p, b.len, rules, MAX_RULES, n);

	bytes_free(&b);
	return ret;
}

static void test_fields(void)
{
	struct kzt_rule r[MAX_RULES];
	unsigned int n;

	ok(!parse_hex("020e" "ffffff" "1122334455" "01020304" "0506", r, &n) &&
	   r->type == KZT_ACTION_TEE && r->act.address == 0x1122334455ULL &&
	   r->act.flags == 0x01020304 && r->act.length == 0x0506,
	   "TEE: the address is the low 40 bits");
	ok(!parse_hex("e2" "11" "20010db8000000000000000000000001" "40", r, &n) &&
	   r->type == (KZT_RULE_NOT | KZT_RULE_OR | KZT_MATCH_IPV6_DEST) &&
	   kzt_rule_type(r) == KZT_MATCH_IPV6_DEST && r->ip.bits == 64 &&
	   r->ip.addr[0] == 0x20 && r->ip.addr[15] == 1,
	   "NOT, OR and type; IPv6 prefix");
	ok(!parse_hex("1f" "05" "0a010203" "18", r, &n) && r->ip.bits == 24 &&
	   r->ip.addr[3] == 3 && !r->ip.addr[4], "IPv4 prefix");
	ok(!parse_hex("2303" "fc10b8", r, &n) && r->tos.mask == 0xfc &&
	   r->tos.low == 0x10 && r->tos.high == 0xb8, "IP_TOS");
	ok(!parse_hex("2603" "030401", r, &n) && r->icmp.type == 3 &&
	   r->icmp.code == 4 && r->icmp.flags == 1, "ICMP");
	ok(!parse_hex("2704" "04000fff", r, &n) && r->range.low == 1024 &&
	   r->range.high == 4095, "port range");
	ok(!parse_hex("3108" "0000000700000008", r, &n) && r->tag.id == 7 &&
	   r->tag.value == 8, "tag");
	ok(!parse_hex("2908" "8000000000000002", r, &n) &&
	   r->mask == 0x8000000000000002ULL, "characteristics");
	ok(!parse_hex("1d06" "021122334455", r, &n) && r->mac[0] == 2 &&
	   r->mac[5] == 0x55, "MAC address");
	ok(!parse_hex("1805" "9cfe62fbf0", r, &n) &&
	   r->address == 0x9cfe62fbf0ULL, "node address");
	ok(!parse_hex("2b04" "7fffffff", r, &n) && r->u32 == 0x7fffffff &&
	   !parse_hex("1a02" "0fff", r, &n) && r->u16 == 0x0fff &&
	   !parse_hex("1b01" "05", r, &n) && r->u8 == 5, "single numbers");
	ok(!parse_hex("3313" "0000000000000010" "0000000300000011" "1234" "8f",
		      r, &n) && r->integer.start == 16 && r->integer.span == 1 &&
	   r->integer.index == 0x1234 && r->integer.format == 0x8f,
	   "an integer's span is modulo 2^32");
	ok(!parse_hex("3313" "0000000000000010" "000000000000000f" "0000" "00",
		      r, &n) && r->integer.span == U32_MAX,
	   "an end below the start wraps");
}

/* Length octets that are not the layout's, and junk between entries. */
static void test_lengths(void)
{
	struct kzt_rule r[MAX_RULES];
	unsigned int n, type, bad = 0;

	for (type = 0; type <= KZT_RULE_TYPE; type++) {
		struct kzt_rule one = { .type = type };
		u8 buf[64], with[128];
		int len = kzt_rules_build(buf, sizeof(buf), &one, 1);

		if (len < 2 || buf[1] != len - 2)
			bad++;
		/* longer by one and by the most an octet can say */
		memcpy(with, buf, len);
		with[1]++;
		with[len] = 0xee;
		bad += kzt_rules_parse(with, len + 1, r, MAX_RULES, &n) || n != 1;
		bad += kzt_rules_parse(with, len, r, MAX_RULES, &n) != -EBADMSG;
		if (len == 2)
			continue;
		memcpy(with, buf, len);
		with[1]--;
		bad += kzt_rules_parse(with, len - 1, r, MAX_RULES, &n) != -EBADMSG;
	}
	ok(!bad, "every type with a length one too long or too short");
	ok(!parse_hex("", r, &n) && !n, "no rules at all");
	ok(parse_hex("010025", r, &n) == -EBADMSG && n == 1,
	   "what was read before the fault is counted");
}

static void test_limit(void)
{
	static struct kzt_rule many[1024 + 1];
	static u8 buf[2 * (1024 + 1)];
	unsigned int n;

	memset(buf, 0, sizeof(buf));
	ok(!kzt_rules_parse(buf, sizeof(buf), many, 1024, &n) && n == 1024,
	   "rules beyond the limit are not read");
	buf[2 * 1024] = KZT_MATCH_ETHERTYPE;
	ok(!kzt_rules_parse(buf, sizeof(buf), many, 1024, &n) && n == 1024,
	   "nor judged");
	ok(!kzt_rules_parse(buf, sizeof(buf), many, 0, &n) && !n, "a limit of 0");
	ok(kzt_rules_build(buf, sizeof(buf), many, 1024) == 2048,
	   "1024 rules are written");
}

/* The words of the rules language, and none for what has none. */
static void test_names(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-rules.txt");
	unsigned int type, k, unnamed = 0, same = 0, named = 0;

	while (vec_next_block(f)) {
		struct kzt_rule r[MAX_RULES];
		unsigned int n;

		if (!vec_str(f, "accepted") || vec_u64(f, "accepted", 0) != 1)
			continue;
		if (parse_hex(vec_str(f, "binary"), r, &n))
			abort();
		if (!kzt_rule_name(kzt_rule_type(r)))
			unnamed++;
	}
	vec_close(f);
	for (type = 0; type <= KZT_RULE_TYPE; type++) {
		const char *name = kzt_rule_name(type);

		if (!name)
			continue;
		named++;
		for (k = 0; k < type; k++)
			same += kzt_rule_name(k) &&
				!strcmp(name, kzt_rule_name(k));
	}
	ok(!unnamed && !same && named == 35,
	   "every known type has a name of its own");
	ok(!kzt_rule_name(7) && !kzt_rule_name(63) && !kzt_rule_name(64) &&
	   !kzt_rule_name(~0U), "no other has");
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	test_encoded(dir);
	test_decoder(dir);
	test_fields();
	test_lengths();
	test_limit();
	test_names(dir);
	return tap_done();
}
