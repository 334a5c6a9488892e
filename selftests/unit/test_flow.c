// SPDX-License-Identifier: GPL-2.0
/*
 * Flows of a bonded peer (spec 3, 3.20.7, 3.20.8): what tells them apart, by the
 * vectors, and where they stay.
 *
 * usage: test_flow [VECTORS-DIRECTORY]
 */
#include "test_policy.h"

#include "flow.h"
#include "verbs.h"

#define NOW	10000000ULL

/* --- what tells flows apart ----------------------------------------------------- */

/* The spec's flow number from what is known of the frame; -1: none */
static s32 number_of(u16 ethertype, const u8 *p, size_t len)
{
	struct kzt_flow_key key;

	if (!kzt_flow_key_of(ethertype, p, len, &key) || !key.has_ports)
		return -1;
	return key.ports ^ key.protocol;
}

static void test_number(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "path-flow.txt");
	unsigned int cases = 0, meant = 0;

	for (; vec_next_block(f); cases++) {
		u16 ethertype = strtoul(vec_str(f, "ethertype"), NULL, 16);
		s32 got, want = atoi(vec_str(f, "flow"));
		struct bytes b = bytes_vec(f, "payload");

		got = number_of(ethertype, b.p, b.len);
		/* The reference takes what is in a later fragment for ports */
		if (vec_is(f, "case", "11")) {
			want = -1;
			meant++;
		}
		ok(got == want, "flow case %s", vec_str(f, "case"));
		if (got != want)
			diag("expected %d, found %d", want, got);
		while (b.len--)
			number_of(ethertype, b.p, b.len);
		bytes_free(&b);
	}
	ok(cases == 22 && meant == 1, "all 22 cases of path-flow.txt, 1 as meant");
	vec_close(f);
}

/* A FRAME with an IPv4 UDP packet, in a block of just its length */
struct udp {
	u32 src, dst;
	u16 sport, dport;
	u16 fragment;	/* flags and offset */
};

static struct bytes frame_of(const struct udp *u)
{
	u8 buf[256] = {}, *p = buf + KZT_HDR_LEN + 10;
	size_t len = KZT_HDR_LEN + 10 + 36;

	buf[KZT_OFF_VERB] = KZT_VERB_FRAME;
	put_unaligned_be64(0x1122334455667788, buf + KZT_HDR_LEN);
	put_unaligned_be16(0x0800, buf + KZT_HDR_LEN + 8);
	p[0] = 0x45;
	put_unaligned_be16(u->fragment, p + 6);
	p[9] = 17;
	put_unaligned_be32(u->src, p + 12);
	put_unaligned_be32(u->dst, p + 16);
	put_unaligned_be16(u->sport, p + 20);
	put_unaligned_be16(u->dport, p + 22);
	return bytes_dup(buf, len);
}

static u32 hash_of(const struct udp *u)
{
	struct bytes b = frame_of(u);
	u32 hash = 0;

	if (!kzt_flow_hash(b.p, b.len, &hash))
		abort();
	bytes_free(&b);
	return hash;
}

static void test_hash(void)
{
	struct udp a = { 0x0a000001, 0x0a000002, 5000, 443, 0 }, b = a, piece;
	unsigned int used[256] = {}, i, most = 0, free = 0;
	struct bytes whole;
	u32 hash;

	b.src = a.dst, b.dst = a.src, b.sport = a.dport, b.dport = a.sport;
	ok(hash_of(&a) == hash_of(&b), "both directions of a conversation agree");
	b = a, b.dst++;
	ok(hash_of(&a) != hash_of(&b), "another address is another conversation");
	b = a, b.dport++;
	ok(hash_of(&a) != hash_of(&b), "another port, too");
	b = a, b.fragment = 0x2000;
	piece = a, piece.fragment = 100, piece.sport = 77;
	ok(hash_of(&b) == hash_of(&piece), "the fragments of a packet stay together");

	for (i = 0, b = a; i < 256 * 64; i++, b.sport++)
		used[hash_of(&b) & 255]++;
	for (i = 0; i < 256; i++) {
		most = max(most, used[i]);
		free += !used[i];
	}
	ok(!free && most < 128, "ports that follow each other fill all buckets");
	memset(used, 0, sizeof(used));
	for (i = 0, b = a; i < 256 * 64; i++, b.dst += 0x100)
		used[hash_of(&b) & 255]++;
	for (i = 0, most = 0; i < 256; i++)
		most = max(most, used[i]);
	ok(most < 128, "addresses of networks that follow each other, too");

	whole = frame_of(&a);
	for (i = 0; i < whole.len; i++) {
		struct bytes cut = bytes_dup(whole.p, i);

		if (i >= KZT_HDR_LEN && kzt_flow_hash(cut.p, cut.len, &hash) &&
		    i < KZT_HDR_LEN + 10 + 20)
			break;
		bytes_free(&cut);
	}
	ok(i == whole.len, "a frame cut short of its addresses has no flow");
	whole.p[KZT_OFF_VERB] = KZT_VERB_ECHO;
	ok(!kzt_flow_hash(whole.p, whole.len, &hash), "nor has any other packet");
	bytes_free(&whole);
}

/* --- where they stay -------------------------------------------------------------- */

/* A frame of the flow number, whose bucket leads to @leg */
static u32 flow_on(const struct kzt_policy_plan *plan, unsigned int number,
		   unsigned int leg)
{
	struct udp u = { .src = 0x0a000001, .dst = 0x0a000002,
			 .sport = number ^ 17 };
	struct bytes b = frame_of(&u);
	size_t at = KZT_HDR_LEN + 10;

	if (number_of(0x0800, b.p + at, b.len - at) != (s32)number)
		abort();
	bytes_free(&b);
	while (kzt_plan_leg(plan, hash_of(&u), 0, 0) != leg)
		u.src++;
	return hash_of(&u);
}

/*
 * Case 20 of path-bond.txt.  The buckets would send the flow over leg "777 mod 3";
 * hash and leg are brought together by the choice of its addresses.
 */
static void check_stays(const struct vec_file *f)
{
	unsigned int number, in, out, mod, n, bucket, i;
	struct kzt_policy_sample s[KZT_POLICY_LEGS] = {};
	static struct kzt_pin pins[KZT_PINS];
	struct kzt_policy_state st = {};
	struct kzt_policy_conf conf;
	struct kzt_policy_plan plan;
	u32 hash, id = 0;

	if (sscanf(vec_str(f, "flow"),
		   "%u received on nominated %u -> sent on nominated %u (%u mod %u = %u)",
		   &number, &in, &out, &mod, &n, &bucket) != 6 || n > KZT_POLICY_LEGS)
		abort();
	kzt_policy_conf_init(&conf, KZT_POLICY_BALANCE_XOR);
	for (i = 0; i < n; i++)
		s[i] = leg_sample(100 + i);
	kzt_policy_plan(&conf, s, n, &st, NOW, &plan);
	memset(pins, 0, sizeof(pins));
	hash = flow_on(&plan, number, bucket);
	kzt_flow_came(pins, hash, s[in].id, NOW);
	ok(kzt_flow_stay(pins, hash, NOW, &id) && id == s[out].id && in != bucket,
	   "bond case %s: flow %u is answered on the leg it came by",
	   vec_str(f, "case"), number);
	hash = flow_on(&plan, number + 1, bucket);
	ok(!kzt_flow_stay(pins, hash, NOW, &id),
	   "another goes where its bucket says");
}

static void test_bond(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "path-bond.txt");
	unsigned int cases = 0;

	while (vec_next_block(f)) {
		if (!vec_is(f, "case", "20"))
			continue;
		check_stays(f);
		cases++;
	}
	ok(cases == 1, "1 case of path-bond.txt");
	vec_close(f);
}

static void test_pins(void)
{
	static struct kzt_pin pins[KZT_PINS];
	u64 last = NOW + KZT_PIN_SECONDS * 1000;
	u32 id = 0, hash = 0x12345678;

	ok(!kzt_flow_stay(pins, hash, NOW, &id), "a flow that begins here is free");
	kzt_flow_came(pins, hash, 3, NOW);
	ok(!kzt_flow_stay(pins, hash, NOW, &id), "and is not pinned by its answers");
	kzt_flow_came(pins, hash, 3, last);
	ok(!kzt_flow_stay(pins, hash, last, &id), "as long as it is spoken");
	last += (KZT_PIN_SECONDS + 1) * 1000;
	kzt_flow_came(pins, hash, 3, last);
	ok(kzt_flow_stay(pins, hash, last, &id) && id == 3,
	   "after a silence it is the other side that begins");
	kzt_flow_came(pins, hash, 5, last + 1);
	ok(kzt_flow_stay(pins, hash, last + 1, &id) && id == 5,
	   "who changes the path is followed");
	last += (KZT_PIN_SECONDS + 1) * 1000;
	ok(!kzt_flow_stay(pins, hash, last, &id), "it is forgotten after 243 s");
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	test_number(dir);
	test_hash();
	test_bond(dir);
	test_pins();
	return tap_done();
}
