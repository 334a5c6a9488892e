// SPDX-License-Identifier: GPL-2.0
/*
 * What the recorded cases leave open: base rules with capabilities (spec 4,
 * 4.10.5 and 4.10.6), who owns an address (4.9.6), odd integers, and the ends
 * of ranges and of frames.
 */
#include "test_proto.h"

#include "filter.h"

#define SELF	0x69cfe62fbfULL
#define PEER	0xcac320ad28ULL
#define THIRD	0x4db0d048e9ULL

#define ACCEPT	"0100"
#define DROP	"0000"
#define BREAK	"0500"
#define TO_THIRD	"0000004db0d048e9" "00000000" "0000"
#define TO_PEER		"000000cac320ad28" "00000000" "0000"
#define TEE(to, len)	"020e" "000000" to "00000000" len
#define TEE_THIRD	"020e" TO_THIRD
#define TEE_PEER	"020e" TO_PEER
#define REDIRECT	"040e" TO_THIRD
#define DROP_IF(match)	match DROP ACCEPT
/* A tag of ours that the other side may not have */
#define TAG_EQUAL	"3008" "000003e8" "00000006"

static const struct kzt_filter_tag tag_1000[] = { { 1000, 6 } };
static const struct kzt_party tagged = { .n_tags = 1, .tags = tag_1000 };

static const u8 our_mac[6] = { 0x3e, 0x42, 0xd5, 0x0f, 0x67, 0x6f };
static const u8 their_mac[6] = { 0x3e, 0xe1, 0xd9, 0xc9, 0xe5, 0xf8 };

struct set {
	struct kzt_rule rule[64];
	struct kzt_ruleset set;
};

static struct kzt_ruleset *set_of(struct set *s, const char *hex)
{
	struct bytes b = bytes_hex(hex);
	unsigned int n;

	if (kzt_rules_parse(b.p, b.len, s->rule, ARRAY_SIZE(s->rule), &n))
		abort();
	kzt_ruleset_init(&s->set, s->rule, n);
	bytes_free(&b);
	return &s->set;
}

static struct kzt_filter_frame frame(bool inbound, u16 type, const u8 *body,
				     size_t len)
{
	return (struct kzt_filter_frame){
		.body = body, .len = len, .ethertype = type,
		.src_mac = inbound ? their_mac : our_mac,
		.dst_mac = inbound ? our_mac : their_mac,
		.self = SELF, .src = inbound ? PEER : SELF,
		.dst = inbound ? SELF : PEER, .inbound = inbound,
	};
}

static enum kzt_verdict eval(const struct kzt_filter_frame *f, const char *rules)
{
	struct kzt_filter_result res;
	struct set s;

	kzt_filter_eval(f, set_of(&s, rules), &res);
	return res.verdict;
}

/* Does @match, alone, hold for the frame? */
static bool matches(const struct kzt_filter_frame *f, const char *match)
{
	char rules[512];

	snprintf(rules, sizeof(rules), "%s" DROP ACCEPT, match);
	return eval(f, rules) == KZT_VERDICT_DROP;
}

static struct kzt_filter_decision decide(const struct kzt_filter_frame *f,
					 const char *base, const char *cap0,
					 const char *cap1)
{
	struct kzt_filter_decision d;
	struct kzt_ruleset caps[2];
	struct set s, c[2];
	unsigned int n = 0;

	memset(&d, 0xee, sizeof(d));
	if (cap0)
		caps[n++] = *set_of(&c[0], cap0);
	if (cap1)
		caps[n++] = *set_of(&c[1], cap1);
	kzt_filter_decide(f, set_of(&s, base), caps, n, &d);
	return d;
}

static void test_base(void)
{
	u8 body[64] = { 0 };
	struct kzt_filter_frame f = frame(false, 0x0800, body, sizeof(body));
	struct kzt_filter_decision d;

	d = decide(&f, "", NULL, NULL);
	ok(!d.allowed && d.cap_index == -1 && d.base.rule == KZT_NO_RULE,
	   "no rules and no capabilities refuse all");
	d = decide(&f, ACCEPT, NULL, NULL);
	ok(d.allowed == 1 && d.cap_index == -1 && d.base.rule == 0,
	   "the base rules accept");
	d = decide(&f, DROP, ACCEPT, NULL);
	ok(!d.allowed && d.cap_index == -1,
	   "what the base rules drop no capability brings back");
	d = decide(&f, REDIRECT, NULL, NULL);
	ok(d.allowed == 1 && d.base.verdict == KZT_VERDICT_REDIRECT &&
	   d.base.dst == THIRD && d.cap_index == -1, "the base rules redirect");
	d = decide(&f, "a5020806" BREAK ACCEPT, NULL, NULL);
	ok(!d.allowed, "BREAK is no match, not an acceptance");
}

static void test_caps(void)
{
	u8 body[64] = { 0 };
	struct kzt_filter_frame f = frame(false, 0x0800, body, sizeof(body));
	struct kzt_filter_decision d;

	d = decide(&f, "", ACCEPT, NULL);
	ok(d.allowed == 1 && d.cap_index == 0, "a capability accepts");
	d = decide(&f, BREAK, DROP, ACCEPT);
	ok(d.allowed == 1 && d.cap_index == 1,
	   "one that drops makes way for the next");
	d = decide(&f, BREAK, BREAK, BREAK);
	ok(!d.allowed && d.cap_index == -1, "none that accepts: refused");
	d = decide(&f, BREAK, DROP, DROP);
	ok(!d.allowed && d.cap_index == -1, "all that drop: refused");
	d = decide(&f, BREAK, ACCEPT, REDIRECT);
	ok(d.cap_index == 0 && d.cap.dst == PEER,
	   "the first that accepts decides");
	d = decide(&f, BREAK, REDIRECT, ACCEPT);
	ok(d.allowed == 1 && d.cap_index == 0 && d.cap.dst == THIRD &&
	   d.base.dst == PEER, "a capability redirects");
	d = decide(&f, TEE_THIRD BREAK, TEE("4db0d048e9", "0010") ACCEPT, NULL);
	ok(d.allowed == 1 && d.base.copy_to == THIRD && d.base.copy_len == 64 &&
	   d.cap.copy_to == THIRD && d.cap.copy_len == 16,
	   "both name a copy, the base rules though they did not match");
	d = decide(&f, BREAK, TEE_THIRD DROP, ACCEPT);
	ok(d.cap_index == 1 && !d.cap.copy_to,
	   "the copy of a capability that dropped is forgotten");
}

/* The local tag is there, the remote one is not: the next DROP is passed over */
static void test_fresh_state(void)
{
	u8 body[64] = { 0 };
	struct kzt_filter_frame f = frame(false, 0x0800, body, sizeof(body));
	struct kzt_filter_decision d;

	f.local = &tagged;
	ok(eval(&f, TAG_EQUAL DROP DROP) == KZT_VERDICT_DROP,
	   "a DROP is passed over once");
	ok(eval(&f, TAG_EQUAL BREAK) == KZT_VERDICT_NO_MATCH &&
	   eval(&f, DROP) == KZT_VERDICT_DROP,
	   "what one rule set owes is not paid to another frame");
	d = decide(&f, TAG_EQUAL BREAK, DROP ACCEPT, NULL);
	ok(!d.allowed, "each capability starts from a fresh state");
	d = decide(&f, BREAK, TAG_EQUAL BREAK, DROP ACCEPT);
	ok(!d.allowed, "so does the next one");
	f = frame(true, 0x0800, body, sizeof(body));
	d = decide(&f, "a5020800" TEE("69cfe62fbf", "0000") BREAK, ACCEPT, NULL);
	ok(d.allowed == 1, "super is forgotten too");
}

static void test_forwarding(void)
{
	u8 body[64] = { 0 };
	struct kzt_filter_frame in = frame(true, 0x0800, body, sizeof(body));
	struct kzt_filter_frame out = frame(false, 0x0800, body, sizeof(body));
	struct kzt_filter_decision d;

	d = decide(&in, "a5020800" TEE("69cfe62fbf", "0000") ACCEPT, NULL, NULL);
	ok(d.allowed == 2, "a copy meant for us is super-accepted");
	d = decide(&out, "a5020800" TEE("69cfe62fbf", "0000") ACCEPT, NULL, NULL);
	ok(d.allowed == 1, "not on the way out");
	d = decide(&in, "a5020800" REDIRECT ACCEPT, NULL, NULL);
	ok(d.allowed == 1, "nor if it is meant for another");
	d = decide(&out, TEE_THIRD TEE("1122334455", "0020") ACCEPT, NULL, NULL);
	ok(d.base.copy_to == 0x1122334455ULL && d.base.copy_len == 32,
	   "the last copy counts");
	d = decide(&out, TEE_THIRD TEE_PEER ACCEPT, NULL, NULL);
	ok(d.base.copy_to == THIRD, "one to the receiver itself is none");
	d = decide(&out, TEE("69cfe62fbf", "0000") ACCEPT, NULL, NULL);
	ok(d.allowed == 1 && !d.base.copy_to, "nor one to the sender");
	out.dst = 0;
	d = decide(&out, REDIRECT, NULL, NULL);
	ok(d.base.verdict == KZT_VERDICT_REDIRECT && d.base.dst == THIRD,
	   "a frame to nobody in particular is redirected");
	d = decide(&out, "1905cac320ad28" ACCEPT, NULL, NULL);
	ok(!d.allowed, "and has no receiver that matches");
	ok(decide(&in, "2a0400400040" ACCEPT, NULL, NULL).base.rule == 1,
	   "the action that decided is named");
}

/* 4.9.6: neighbour discovery that the controller's rules could not know */
static void test_owner(void)
{
	static const struct kzt_owned own[] = {
		{ 4, { 10, 0, 0, 1 } },
		{ 6, { 0xfd, [15] = 1 } },
		{ 0, { 0x3e, 0x42, 0xd5, 0x0f, 0x67, 0x6f } },
	};
	static const struct kzt_party owner = { .n_owned = 3, .owned = own };
	u8 plane[16] = { 0xfc, 1, 2, 3, 4, 9, 9, [15] = 1 };
	u8 rfc[16] = { 0xfd, 1, 2, 3, 4, 5, 6, 7, 8, 0x99, 0x93, 7 };
	u8 v6[64] = { 0x60, [6] = 59 }, arp[28] = { 0 };
	struct kzt_filter_frame f = frame(true, 0x86dd, v6, sizeof(v6));
	const char *ip = "2908" "1000000000000000";
	const char *mac = "2908" "0800000000000000";

	f.ndp_6plane = plane;
	f.ndp_rfc4193 = rfc;
	memcpy(v6 + 8, plane, 5);
	ok(matches(&f, ip), "inbound, any address in our 6PLANE network");
	v6[12] ^= 1;
	ok(!matches(&f, ip), "whose first five octets are not ours");
	memcpy(v6 + 8, rfc, 11);
	ok(matches(&f, ip), "inbound, any address in our RFC 4193 network");
	v6[18] ^= 1;
	ok(!matches(&f, ip), "whose first eleven octets are not ours");
	v6[18] ^= 1;
	f.ndp_rfc4193 = NULL;
	ok(!matches(&f, ip), "not where neighbour discovery is not emulated");
	f.ndp_rfc4193 = rfc;
	f.inbound = false;
	ok(!matches(&f, ip), "nor outbound: that needs a certificate");
	memset(v6 + 8, 0, 16);
	memcpy(v6 + 8, own[1].addr, 16);
	f.local = &owner;
	ok(matches(&f, ip), "which is enough");
	v6[23]++;
	ok(!matches(&f, ip), "for just that address");
	f.inbound = true;
	v6[23]--;
	ok(!matches(&f, ip), "our certificate is not the sender's");
	f.remote = &owner;
	ok(matches(&f, ip), "the sender's is");
	f.len = 39;
	ok(!matches(&f, ip), "a header cut off has no address");

	f = frame(true, 0x0806, arp, sizeof(arp));
	f.remote = &owner;
	memcpy(arp + 14, own[0].addr, 4);
	ok(matches(&f, ip), "ARP of 28 octets");
	f.len = 27;
	ok(!matches(&f, ip), "ARP of 27");
	f = frame(false, 0x0806, arp, sizeof(arp));
	ok(!matches(&f, mac), "a MAC without a certificate");
	f.local = &owner;
	ok(matches(&f, mac), "and with one");
}

static void test_discovery(void)
{
	u8 v6[64] = { 0x60, [6] = 58, [40] = 135 };
	struct kzt_filter_frame f = frame(true, 0x86dd, v6, sizeof(v6));
	static const struct kzt_owned own[] = { { 6, { 0xfd, [15] = 1 } } };
	static const struct kzt_party owner = { .n_owned = 1, .owned = own };
	const char *ip = "2908" "1000000000000000";

	f.remote = &owner;
	ok(matches(&f, ip), "a solicitation of 64 octets has the bit set");
	f.len = 63;
	ok(!matches(&f, ip), "one of 63 is judged by its source");
	f.len = 64;
	v6[40] = 136;
	ok(!matches(&f, ip), "an advertisement is judged by its target");
	memcpy(v6 + 48, own[0].addr, 16);
	ok(matches(&f, ip), "which the sender owns");
	v6[40] = 137;
	ok(!matches(&f, ip), "other ICMP by its source");
	v6[40] = 136;
	v6[6] = 17;
	ok(!matches(&f, ip), "other protocols too");
}

#define INT(low, high, index, format) "3313" low high index format

static void test_integer(void)
{
	const u8 b[24] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
			   0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10,
			   1, 2, 3, 4, 5, 6, 7, 8 };
	struct kzt_filter_frame f = frame(false, 0x1234, b, sizeof(b));

	ok(matches(&f, INT("0123456789abcdef", "0123456789abcdef", "0000", "3f")),
	   "64 bits, big-endian");
	ok(matches(&f, INT("efcdab8967452301", "efcdab8967452301", "0000", "bf")),
	   "64 bits, little-endian");
	ok(matches(&f, INT("0000000000000def", "0000000000000def", "0000", "0b")),
	   "12 bits, big-endian: the low ones of two octets");
	ok(matches(&f, INT("0000000000000230", "0000000000000230", "0000", "8b")),
	   "12 bits, little-endian: the high ones of two octets");
	ok(matches(&f, INT("0000000000000001", "0000000000000001", "0000", "00")) &&
	   matches(&f, INT("0000000000000001", "0000000000000001", "0008", "80")) &&
	   matches(&f, INT("0000000000000000", "0000000000000000", "0000", "80")),
	   "one bit, either way");
	ok(matches(&f, INT("0102030405060708", "0102030405060708", "0010", "3f")) &&
	   matches(&f, INT("0000000000000000", "0000000000000000", "0011", "3f")),
	   "big-endian needs all eight octets in the frame, or is 0");
	ok(matches(&f, INT("0000000000000807", "0000000000000807", "0016", "8f")) &&
	   matches(&f, INT("0000000000000000", "0000000000000000", "0017", "8f")),
	   "little-endian needs just its own");
	ok(matches(&f, INT("0000000000000000", "0000000000000000", "ffff", "3f")) &&
	   !matches(&f, INT("0000000000000001", "00000000ffffffff", "ffff", "bf")),
	   "an index far outside");
	ok(matches(&f, INT("0000000000000008", "00000000000000ff", "0010", "07")) &&
	   !matches(&f, INT("0000000000000009", "00000000000000ff", "0010", "07")) &&
	   !matches(&f, INT("0000000000000000", "0000000000000007", "0010", "07")),
	   "both ends of a range");
}

static void test_ipv6_search(void)
{
	/* hop-by-hop of 16, routing of 8, then TCP */
	u8 b[84] = { 0x60, [6] = 0, [40] = 43, [41] = 1, [56] = 6 };
	struct kzt_filter_frame f = frame(false, 0x86dd, b, sizeof(b));
	const char *tcp = "240106", *dport = "280400160016";

	b[64 + 3] = 22;
	b[64 + 13] = 2;
	ok(matches(&f, tcp) && matches(&f, dport),
	   "the payload behind two extension headers");
	ok(matches(&f, "2908" "0000000000000002"), "and its TCP flags");
	f.len = 79;
	ok(matches(&f, "2908" "0000000000000002"), "15 octets of TCP show flags");
	f.len = 78;
	ok(!matches(&f, "2908" "0000000000000002"), "14 do not");
	f.len = 69;
	ok(matches(&f, dport), "5 octets show ports");
	f.len = 68;
	ok(!matches(&f, dport) && matches(&f, tcp), "4 do not");
	f.len = 64;
	ok(matches(&f, tcp), "the headers may end the frame");
	f.len = 63;
	ok(!matches(&f, tcp) && !matches(&f, "a40111"),
	   "not pass its end: then there is no protocol");
	f.len = sizeof(b);
	b[41] = 255;
	ok(!matches(&f, tcp), "a header longer than the frame");
	b[6] = 135;
	b[41] = 0;
	b[40] = 60;
	b[48] = 6;
	b[49] = 0;
	ok(matches(&f, tcp), "mobility and destination options are passed over");
	b[40] = 51;
	ok(matches(&f, "240133"), "an authentication header is not");
}

static void test_ipv4_header(void)
{
	u8 b[80] = { 0x4f, [9] = 6 };
	struct kzt_filter_frame f = frame(false, 0x0800, b, 62);

	b[60 + 12] = 0x01;
	b[60 + 13] = 0x02;
	ok(!matches(&f, "27040000ffff"), "options up to the end leave no ports");
	f.len = 65;
	ok(matches(&f, "27040000ffff"), "five octets behind them do");
	f.len = 73;
	ok(matches(&f, "2908" "0000000000000100") &&
	   !matches(&f, "2908" "0000000000000002"),
	   "missing TCP octets count as 0");
	f.len = 74;
	ok(matches(&f, "2908" "0000000000000002"), "until they are there");
	b[0] = 0x40;
	ok(matches(&f, "240106") && matches(&f, "280400000000"),
	   "a header length of 0 reads from the start, as the reference does");
	f.len = 19;
	ok(!matches(&f, "240106") && !matches(&f, "a40111"),
	   "19 octets are no IPv4 header");
	f.len = 62;
	b[0] = 0x4f;
	b[9] = 1;
	ok(matches(&f, "2603" "000000") && matches(&f, "2603" "000001"),
	   "ICMP of two octets");
	f.len = 61;
	ok(!matches(&f, "2603" "000000"), "of one");
}

static void test_ranges(void)
{
	u8 b[64] = { 0x45, [8] = 0, [9] = 17, [12] = 10, [13] = 1, [14] = 2,
		     [15] = 3, [16] = 10, [17] = 9, [22] = 0x20, [23] = 0x01 };
	struct kzt_filter_frame f = frame(false, 0x0800, b, 64);

	ok(matches(&f, "2a0400400040") && !matches(&f, "2a0400410050") &&
	   !matches(&f, "2a040000003f"), "frame sizes, both ends included");
	ok(matches(&f, "280420012001") && !matches(&f, "280420022fff") &&
	   !matches(&f, "280400002000"), "ports, both ends included");
	ok(matches(&f, "1f05" "0a010203" "20") && matches(&f, "1f05" "0a010203" "ff") &&
	   !matches(&f, "1f05" "0a010202" "ff"),
	   "a prefix above 32 is taken as 32");
	ok(matches(&f, "1f05" "0a010202" "1f") &&
	   !matches(&f, "1f05" "0a010200" "1f"), "a prefix of 31");
	ok(matches(&f, "2005" "0a800000" "08") && !matches(&f, "2005" "0a800000" "09"),
	   "prefixes at an octet's border");
	f.random = 0;
	ok(matches(&f, "2b04" "00000000"), "random: 0 is in");
	f.random = U32_MAX;
	ok(matches(&f, "2b04" "ffffffff") && !matches(&f, "2b04" "fffffffe"),
	   "the highest only by the highest");
	f.random = 1000;
	ok(matches(&f, "2b04" "000003e8") && !matches(&f, "2b04" "000003e7"),
	   "random, up to and with the value");

	b[0] = 0x6a;
	b[1] = 0xb0;
	f.ethertype = 0x86dd;
	ok(matches(&f, "2303" "ff" "ab" "ab") && matches(&f, "2303" "f0" "a0" "a0") &&
	   !matches(&f, "2303" "ff" "ac" "ff") && !matches(&f, "2303" "ff" "00" "aa"),
	   "traffic classes, both ends included");
	b[8] = 0x20;
	b[9] = 0x01;
	ok(matches(&f, "2111" "20000000000000000000000000000000" "0f") &&
	   !matches(&f, "2111" "20000000000000000000000000000000" "10"),
	   "IPv6 prefixes of 15 and 16");
}

static void test_tags(void)
{
	static const struct kzt_filter_tag theirs[] = { { 7, 1 }, { 1000, 9 } };
	static const struct kzt_party remote = { .n_tags = 2, .tags = theirs };
	u8 body[64] = { 0 };
	struct kzt_filter_frame f = frame(false, 0x0800, body, sizeof(body));

	f.local = &tagged;
	f.remote = &remote;
	ok(matches(&f, "2c08" "000003e8" "00000003") &&
	   !matches(&f, "2c08" "000003e8" "00000002"),
	   "a difference is that of the larger and the smaller");
	ok(matches(&f, "3108" "000003e8" "00000006") &&
	   matches(&f, "3208" "000003e8" "00000009"),
	   "outbound we send and they receive");
	f = frame(true, 0x0800, body, sizeof(body));
	f.local = &tagged;
	f.remote = &remote;
	ok(matches(&f, "3108" "000003e8" "00000009") &&
	   matches(&f, "3208" "000003e8" "00000006"),
	   "inbound it is the other way round");
	ok(!matches(&f, "2d08" "00000007" "00000000"),
	   "a tag that only they have");
	/* set false at a copy for us: super; then unknown remote tags do not bar */
	f.remote = NULL;
	ok(eval(&f, "a5020800" TEE("69cfe62fbf", "0000") TAG_EQUAL ACCEPT) ==
	   KZT_VERDICT_SUPER_ACCEPT, "a copy for us needs no tag of the sender");
	ok(eval(&f, "a5020800" TEE("69cfe62fbf", "0000")
		"3108" "000003e8" "00000009" ACCEPT) ==
	   KZT_VERDICT_SUPER_ACCEPT, "whichever match asks");
	ok(eval(&f, "3108" "000003e8" "00000009" ACCEPT) == KZT_VERDICT_NO_MATCH,
	   "a frame that is no copy does");
}

static void test_structure(void)
{
	u8 body[64] = { 0 };
	struct kzt_filter_frame f = frame(false, 0x0800, body, sizeof(body));
	struct set s;

	ok(set_of(&s, ACCEPT DROP)->trivial_accept &&
	   set_of(&s, "4100")->trivial_accept &&
	   !set_of(&s, "25020800" ACCEPT)->trivial_accept &&
	   !set_of(&s, "")->trivial_accept && !set_of(&s, DROP)->trivial_accept,
	   "sets that accept by their first entry");
	ok(eval(&f, "8100") == KZT_VERDICT_ACCEPT, "NOT means nothing to an action");
	ok(eval(&f, "a5020800" "e5020800" ACCEPT) == KZT_VERDICT_NO_MATCH &&
	   eval(&f, "a5020800" "e5020806" ACCEPT) == KZT_VERDICT_ACCEPT,
	   "false OR NOT");
	/* An inapplicable match is a hard no, whether AND or OR */
	ok(eval(&f, "a5020800" "e111" "0000000000000000000000000000000000" ACCEPT)
	   == KZT_VERDICT_NO_MATCH, "false OR NOT inapplicable");
	f.unknown_match = true;
	ok(eval(&f, "bc00" ACCEPT) == KZT_VERDICT_NO_MATCH,
	   "NOT unknown, with the flag");
}

int main(void)
{
	test_base();
	test_caps();
	test_fresh_state();
	test_forwarding();
	test_owner();
	test_discovery();
	test_integer();
	test_ipv6_search();
	test_ipv4_header();
	test_ranges();
	test_tags();
	test_structure();
	return tap_done();
}
