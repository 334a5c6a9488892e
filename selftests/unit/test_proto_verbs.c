// SPDX-License-Identifier: GPL-2.0
/*
 * Every packet of the recorded exchanges, parsed and built again (spec 1,
 * sections 10 and 14).  Headers stay as they are; the tail of HELLO is masked.
 */
#include "test_proto.h"
#include "verbcheck.h"

static unsigned int verbs[KZT_VERB_MASK + 1], replies[KZT_VERB_MASK + 1];

static void count_verb(const struct bytes *b)
{
	u8 verb = kzt_packet_verb(b->p);

	if (verb == KZT_VERB_OK || verb == KZT_VERB_ERROR)
		replies[b->p[KZT_HDR_LEN] & KZT_VERB_MASK]++;
	else
		verbs[verb]++;
}

/* Parsing must hold for every shorter packet, whatever it says. */
static void parse_prefixes(const struct bytes *b)
{
	static u8 buf[KZT_MAX_PACKET];
	size_t len, upto;

	for (len = KZT_HDR_LEN; len < b->len; len++) {
		struct bytes cut = bytes_dup(b->p, len);
		struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));

		verbcheck_rebuild(cut.p, cut.len, &w, &upto);
		bytes_free(&cut);
	}
}

/*
 * The same comes out wherever the packet stands in memory, and where it is
 * built: UBSan sees a load or store that needs more than one byte's alignment,
 * which x86 itself does not mind.
 */
static bool rebuilt_unaligned(const struct bytes *b, const u8 *want, size_t len)
{
	static u64 room[KZT_MAX_PACKET / 8 + 2];
	unsigned int shift;
	bool good = true;
	size_t upto;

	for (shift = 1; shift < 8; shift++) {
		u8 *out = (u8 *)room + shift;
		struct kzt_wcur w = kzt_wcur(out, KZT_MAX_PACKET);
		u8 *p = malloc(b->len + shift);

		memcpy(p + shift, b->p, b->len);
		verbcheck_rebuild(p + shift, b->len, &w, &upto);
		good &= kzt_wcur_len(&w) == len && !memcmp(out, want, len);
		free(p);
	}
	return good;
}

/* Builders write out what senders may leave out at the end of these. */
static bool may_be_short(const u8 *pkt)
{
	return kzt_packet_verb(pkt) == KZT_VERB_HELLO ||
	       kzt_packet_verb(pkt) == KZT_VERB_NETWORK_CONFIG_REQUEST;
}

static void check_plain(const struct vec_file *f, const char *name)
{
	static u8 buf[KZT_MAX_PACKET];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));
	struct bytes plain = bytes_vec(f, "plain");
	struct kzt_hdr h;
	size_t upto = 0;
	bool good, old;

	good = kzt_packet_parse(plain.p, plain.len, &h) == KZT_DGRAM_HEAD;
	/* One HELLO is of protocol 3, to be refused. */
	old = kzt_packet_verb(plain.p) == KZT_VERB_HELLO &&
	      plain.p[KZT_HDR_LEN] < KZT_PROTO_VERSION_MIN;
	good &= verbcheck_rebuild(plain.p, plain.len, &w, &upto) != old;
	if (!old) {
		good &= !w.bad && upto <= kzt_wcur_len(&w) && upto <= plain.len;
		good &= kzt_wcur_len(&w) == plain.len || may_be_short(plain.p);
		good &= !memcmp(plain.p, buf, upto);
		good &= rebuilt_unaligned(&plain, buf, kzt_wcur_len(&w));
	}
	ok(good, "%s seq %s: %s rebuilt", name, vec_str(f, "seq"),
	   kzt_verb_name(plain.p[KZT_OFF_VERB]));
	if (!good)
		diag("%zu bytes of %zu, %zu built", upto, plain.len,
		     kzt_wcur_len(&w));
	count_verb(&plain);
	parse_prefixes(&plain);
	bytes_free(&plain);
}

/* Datagrams without a plain form are told apart by their outside. */
static unsigned int check_outside(const struct vec_file *f, const char *name)
{
	struct bytes wire = bytes_vec(f, "wire");
	struct kzt_hdr h;
	enum kzt_dgram kind = kzt_packet_parse(wire.p, wire.len, &h);

	if (wire.len == 4)	/* the one that opens NATs */
		ok(kind == KZT_DGRAM_JUNK, "%s seq %s: junk", name,
		   vec_str(f, "seq"));
	else if (wire.p[13] == 0xff)
		ok(kind == KZT_DGRAM_FRAGMENT && kzt_fragment_ok(&h) &&
		   h.frag_no == 1 && h.frag_total == 2,
		   "%s seq %s: second of two pieces", name, vec_str(f, "seq"));
	else
		ok(kind == KZT_DGRAM_HEAD &&
		   (h.fragmented == (wire.len == KZT_MTU_DEFAULT)),
		   "%s seq %s: head", name, vec_str(f, "seq"));
	bytes_free(&wire);
	return 1;
}

static void test_file(const char *dir, const char *name, unsigned int plains,
		      unsigned int others)
{
	struct vec_file *f = vectors_open(dir, name);
	unsigned int n = 0, outside = 0;

	while (vec_next_block(f)) {
		if (vec_str(f, "plain")) {
			check_plain(f, name);
			n++;
		} else if (vec_str(f, "wire")) {
			outside += check_outside(f, name);
		}
	}
	ok(n == plains && outside == others, "all %u datagrams of %s", n + outside,
	   name);
	vec_close(f);
}

/* The worlds in front of the recorded exchange, and in its first answer. */
static void test_worlds(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "packet-exchange.txt");
	static struct kzt_world old, new, sent;
	struct bytes b1, b2, p;
	struct kzt_ok_hello h;
	struct kzt_cur c;
	struct kzt_ok r;

	if (!vec_next_block(f))
		abort();
	b1 = bytes_vec(f, "planet.old");
	b2 = bytes_vec(f, "planet.new");
	c = kzt_cur(b1.p, b1.len);
	ok(!kzt_world_get(&c, &old) && !kzt_cur_left(&c) && old.ts == 1000000,
	   "planet.old");
	c = kzt_cur(b2.p, b2.len);
	ok(!kzt_world_get(&c, &new) && !kzt_cur_left(&c) && new.ts == 2000000,
	   "planet.new");
	ok(kzt_world_succession(&old, &new) == KZT_WORLD_VERIFY, "may replace it");

	while (vec_next_block(f) && !vec_is(f, "seq", "2"))
		;
	p = bytes_vec(f, "plain");
	ok(!kzt_ok_parse(p.p, p.len, &r) && r.in_re_verb == KZT_VERB_HELLO &&
	   !kzt_ok_hello_parse(r.body, r.len, &h) && h.proto == 12 &&
	   h.major == 1 && h.minor == 14 && h.rev == 1 && h.has_phys &&
	   h.phys.family == KZT_AF_INET && h.phys.port == 9993 &&
	   h.worlds_len == b2.len && !h.worlds_cut &&
	   !memcmp(h.worlds, b2.p, b2.len),
	   "OK(HELLO) carries it");
	c = kzt_cur(h.worlds, h.worlds_len);
	ok(!kzt_world_get(&c, &sent) && sent.ts == new.ts && !kzt_cur_left(&c),
	   "and it is all of the updates");
	bytes_free(&b1);
	bytes_free(&b2);
	bytes_free(&p);
	vec_close(f);
}

static void test_identities(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "packet-exchange.txt");
	const char *keys[] = { "identity.A", "identity.B", "identity.R" };
	const u64 addrs[] = { 0x430503a02eULL, 0x8ec4bf85d7ULL, 0x514ba3c9d2ULL };
	unsigned int i;

	if (!vec_next_block(f))
		abort();
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *s = vec_str(f, keys[i]);
		struct kzt_identity id;
		bool has_secret;
		u8 secret[64];

		ok(!kzt_identity_from_text(s, strlen(s), &id, secret, &has_secret,
					   NULL) &&
		   has_secret && id.address == addrs[i], "%s", keys[i]);
	}
	vec_close(f);
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	test_file(dir, "packet-verbs.txt", 81, 1);
	ok(verbs[KZT_VERB_HELLO] == 33 && replies[KZT_VERB_HELLO] == 15 &&
	   verbs[KZT_VERB_ECHO] == 4 && replies[KZT_VERB_ECHO] == 4 &&
	   verbs[KZT_VERB_WHOIS] == 1 && replies[KZT_VERB_WHOIS] == 1 &&
	   verbs[KZT_VERB_FRAME] == 2 && replies[KZT_VERB_FRAME] == 10 &&
	   verbs[KZT_VERB_EXT_FRAME] == 3 && replies[KZT_VERB_EXT_FRAME] == 1 &&
	   verbs[KZT_VERB_NETWORK_CONFIG_REQUEST] == 1 &&
	   replies[KZT_VERB_NETWORK_CONFIG_REQUEST] == 1 &&
	   verbs[KZT_VERB_MULTICAST_GATHER] == 1 &&
	   replies[KZT_VERB_MULTICAST_GATHER] == 1 &&
	   verbs[KZT_VERB_MULTICAST_FRAME] == 1 &&
	   replies[KZT_VERB_MULTICAST_FRAME] == 1 &&
	   verbs[KZT_VERB_PUSH_DIRECT_PATHS] == 1,
	   "of the verbs they are known to be");

	memset(verbs, 0, sizeof(verbs));
	memset(replies, 0, sizeof(replies));
	test_file(dir, "packet-exchange.txt", 50, 3);
	ok(verbs[KZT_VERB_HELLO] == 8 && replies[KZT_VERB_HELLO] == 8 &&
	   verbs[KZT_VERB_WHOIS] == 10 && replies[KZT_VERB_WHOIS] == 8 &&
	   verbs[KZT_VERB_USER_MESSAGE] == 3 &&
	   verbs[KZT_VERB_RENDEZVOUS] == 2 && verbs[KZT_VERB_FRAME] == 1 &&
	   verbs[KZT_VERB_PUSH_DIRECT_PATHS] == 2 &&
	   verbs[KZT_VERB_MULTICAST_LIKE] == 2 &&
	   verbs[KZT_VERB_MULTICAST_GATHER] == 1 &&
	   replies[KZT_VERB_MULTICAST_GATHER] == 1 &&
	   verbs[KZT_VERB_MULTICAST_FRAME] == 1 &&
	   replies[KZT_VERB_MULTICAST_FRAME] == 1 &&
	   verbs[KZT_VERB_ECHO] == 1 && replies[KZT_VERB_ECHO] == 1,
	   "of the verbs they are known to be");
	test_identities(dir);
	test_worlds(dir);
	return tap_done();
}
