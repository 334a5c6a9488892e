// SPDX-License-Identifier: GPL-2.0
/*
 * Credentials and NETWORK_CREDENTIALS (spec 4, 4.8 and 4.9.1).  Whether a
 * signature is good is for the agent; what it covers is tested here.
 */
#include "test_proto.h"

#include "verbs.h"

#define NWID	0x4db0d048e91a2b3cULL
#define A	0x69cfe62fbfULL
#define C	0x4db0d048e9ULL
#define TS	0x18bcfe56800ULL

/* One credential of any type. */
struct any {
	struct kzt_com com;
	struct kzt_tag tag;
	struct kzt_capability cap;
	struct kzt_coo coo;
	struct kzt_revocation rev;
};

static int get(struct kzt_cur *c, enum kzt_cred_type type, struct any *any)
{
	switch (type) {
	case KZT_CRED_COM:
		return kzt_com_get(c, &any->com);
	case KZT_CRED_CAPABILITY:
		return kzt_capability_get(c, &any->cap);
	case KZT_CRED_TAG:
		return kzt_tag_get(c, &any->tag);
	case KZT_CRED_COO:
		return kzt_coo_get(c, &any->coo);
	case KZT_CRED_REVOCATION:
		return kzt_revocation_get(c, &any->rev);
	}
	abort();
}

static void put_signed(struct kzt_wcur *w, enum kzt_cred_type type,
		       const struct any *any)
{
	switch (type) {
	case KZT_CRED_COM:
		kzt_com_put_signed(w, &any->com);
		return;
	case KZT_CRED_CAPABILITY:
		kzt_capability_put_signed(w, &any->cap);
		return;
	case KZT_CRED_TAG:
		kzt_tag_put_signed(w, &any->tag);
		return;
	case KZT_CRED_COO:
		kzt_coo_put_signed(w, &any->coo);
		return;
	case KZT_CRED_REVOCATION:
		kzt_revocation_put_signed(w, &any->rev);
		return;
	}
}

static bool check(const struct vec_file *f, const char *key,
		  enum kzt_cred_type type)
{
	struct bytes b = bytes_vec(f, key), want = bytes_vec(f, "signed_octets");
	struct kzt_cur c = kzt_cur(b.p, b.len);
	u8 buf[4096];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));
	struct any any;
	size_t len;
	bool good;

	good = !get(&c, type, &any) && !c.bad && !kzt_cur_left(&c);
	if (good) {
		put_signed(&w, type, &any);
		good = bytes_are(&want, buf, kzt_wcur_len(&w)) && !w.bad;
	}
	for (len = 0; len < b.len; len++) {
		struct bytes cut = bytes_dup(b.p, len);

		c = kzt_cur(cut.p, cut.len);
		good &= get(&c, type, &any) == -EBADMSG && c.bad;
		bytes_free(&cut);
	}
	bytes_free(&b);
	bytes_free(&want);
	return good;
}

static struct bytes cred(const char *dir, const char *file, const char *name,
			 const char *key)
{
	struct vec_file *f = vectors_open(dir, file);
	struct bytes b;

	while (!vec_is(f, "case", name))
		if (!vec_next_block(f))
			abort();
	b = bytes_vec(f, key);
	vec_close(f);
	return b;
}

static void test_cred_vectors(const char *dir)
{
	static const struct {
		const char *key;
		enum kzt_cred_type type;
	} keys[] = {
		{ "tag", KZT_CRED_TAG },
		{ "capability", KZT_CRED_CAPABILITY },
		{ "coo", KZT_CRED_COO },
		{ "revocation", KZT_CRED_REVOCATION },
		{ "com", KZT_CRED_COM },
	};
	const char *files[] = { "net-cred.txt", "net-com.txt" };
	unsigned int i, k, n = 0;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		struct vec_file *f = vectors_open(dir, files[i]);

		while (vec_next_block(f)) {
			for (k = 0; k < ARRAY_SIZE(keys); k++) {
				if (!vec_str(f, keys[k].key))
					continue;
				ok(check(f, keys[k].key, keys[k].type),
				   "%s: fields, signed bytes, truncations",
				   vec_str(f, "case"));
				n++;
			}
		}
		vec_close(f);
	}
	ok(n == 12, "8 credentials and 4 certificates of membership");
}

/* Both certificates of each agreement test can be read. */
static void test_com_pairs(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-com.txt");
	unsigned int n = 0;

	while (vec_next_block(f)) {
		struct bytes m, t;
		struct kzt_cur a, b;
		struct kzt_com x, y;

		if (!vec_str(f, "mine"))
			continue;
		n++;
		m = bytes_vec(f, "mine");
		t = bytes_vec(f, "theirs");
		a = kzt_cur(m.p, m.len);
		b = kzt_cur(t.p, t.len);
		ok(!kzt_com_get(&a, &x) && !kzt_com_get(&b, &y) &&
		   !kzt_cur_left(&a) && !kzt_cur_left(&b) &&
		   x.n * 24 + 8 + (x.signer ? 96 : 0) == (int)m.len,
		   "pair: %s", vec_str(f, "case"));
		bytes_free(&m);
		bytes_free(&t);
	}
	ok(n == 12, "all 12 pairs of net-com.txt");
	vec_close(f);
}

static void test_fields(const char *dir)
{
	struct bytes b = cred(dir, "net-com.txt", "com_A", "com");
	struct kzt_cur c = kzt_cur(b.p, b.len);
	struct any any;

	ok(!kzt_com_get(&c, &any.com) && any.com.n == 7 && b.len == 272 &&
	   any.com.timestamp == TS && any.com.nwid == NWID &&
	   any.com.member == A && any.com.signer == C &&
	   any.com.sig == b.p + 176 && any.com.q[6].id == 6 &&
	   any.com.q[0].delta == 1800000, "fields of a COM");
	bytes_free(&b);
	b = cred(dir, "net-cred.txt", "tag_1000", "tag");
	c = kzt_cur(b.p, b.len);
	ok(!kzt_tag_get(&c, &any.tag) && any.tag.id == 1000 &&
	   any.tag.value == 200 && any.tag.nwid == NWID &&
	   any.tag.timestamp == TS && any.tag.issued_to == A &&
	   any.tag.signer == C && b.len == KZT_TAG_LEN, "fields of a tag");
	bytes_free(&b);
	b = cred(dir, "net-cred.txt", "cap_chain", "capability");
	c = kzt_cur(b.p, b.len);
	ok(!kzt_capability_get(&c, &any.cap) && any.cap.id == 1001 &&
	   any.cap.n_rules == 3 && any.cap.rules_len == 11 &&
	   any.cap.max_chain == 3 && any.cap.n_chain == 2 &&
	   any.cap.chain[0].from == C && any.cap.chain[0].to == A &&
	   any.cap.chain[1].from == A &&
	   any.cap.chain[1].to == any.cap.issued_to && any.cap.chain[1].sig,
	   "fields of a capability");
	bytes_free(&b);
	b = cred(dir, "net-cred.txt", "coo_1", "coo");
	c = kzt_cur(b.p, b.len);
	ok(!kzt_coo_get(&c, &any.coo) && any.coo.n_things == 3 &&
	   any.coo.things[0] == KZT_COO_IPV4 &&
	   any.coo.things[17] == KZT_COO_IPV6 &&
	   any.coo.things[34] == KZT_COO_MAC && any.coo.issued_to == A,
	   "fields of a certificate of ownership");
	bytes_free(&b);
	b = cred(dir, "net-cred.txt", "rev_tag", "revocation");
	c = kzt_cur(b.p, b.len);
	ok(!kzt_revocation_get(&c, &any.rev) && any.rev.id == 9 &&
	   any.rev.cred_id == 1000 && any.rev.threshold == TS &&
	   any.rev.type == KZT_CRED_TAG && any.rev.target == A &&
	   any.rev.signer == C && !any.rev.flags &&
	   b.len == KZT_REVOCATION_LEN, "fields of a revocation");
	bytes_free(&b);
}

/* The credential with one byte changed: what reading it returns. */
static int changed(const struct bytes *b, size_t at, u8 value,
		   enum kzt_cred_type type, struct any *any)
{
	struct kzt_cur c;
	u8 old = b->p[at];
	int ret;

	b->p[at] = value;
	c = kzt_cur(b->p, b->len);
	ret = get(&c, type, any);
	b->p[at] = old;
	return ret;
}

static void test_malformed(const char *dir)
{
	struct bytes com = cred(dir, "net-com.txt", "com_A", "com");
	struct bytes tag = cred(dir, "net-cred.txt", "tag_7", "tag");
	struct bytes cap = cred(dir, "net-cred.txt", "cap_1000", "capability");
	struct bytes coo = cred(dir, "net-cred.txt", "coo_1", "coo");
	struct any any;
	struct bytes odd;
	struct kzt_cur c;

	ok(changed(&com, 0, 2, KZT_CRED_COM, &any), "COM of version 2");
	ok(changed(&com, 2, 9, KZT_CRED_COM, &any), "COM with 9 qualifiers");
	ok(changed(&com, 3 + 24 + 7, 3, KZT_CRED_COM, &any),
	   "qualifiers out of order");
	ok(!changed(&com, 3 + 24 + 7, 2, KZT_CRED_COM, &any) &&
	   any.com.member == NWID && !any.com.nwid,
	   "the first qualifier of an id counts");
	ok(changed(&tag, 36, 95, KZT_CRED_TAG, &any), "signature of 95 bytes");
	ok(!changed(&tag, 34, 2, KZT_CRED_TAG, &any) && !any.tag.sig,
	   "a signature of another type is passed over");
	ok(changed(&tag, 134, 1, KZT_CRED_TAG, &any),
	   "additional fields that are not there");
	odd = bytes_dup(tag.p, tag.len);
	odd.p[34] = 9;
	odd.p[36] = 93;		/* leaves 3 bytes more for the rest */
	memset(odd.p + 37 + 93, 0, 5);
	odd.p[37 + 94] = 3;
	c = kzt_cur(odd.p, odd.len);
	ok(!kzt_tag_get(&c, &any.tag) && !any.tag.sig && !kzt_cur_left(&c),
	   "additional fields are passed over");
	bytes_free(&odd);

	ok(changed(&cap, 21, 65, KZT_CRED_CAPABILITY, &any), "65 rules");
	ok(changed(&cap, 23, 0, KZT_CRED_CAPABILITY, &any),
	   "a rule shorter than its type");
	ok(changed(&cap, 33, 0, KZT_CRED_CAPABILITY, &any), "chain of 0");
	ok(changed(&cap, 33, 8, KZT_CRED_CAPABILITY, &any), "chain of 8");
	ok(changed(&coo, 29, 17, KZT_CRED_COO, &any), "17 things");
	bytes_free(&com);
	bytes_free(&tag);
	bytes_free(&cap);
	bytes_free(&coo);

	cap = cred(dir, "net-cred.txt", "cap_chain", "capability");
	ok(changed(&cap, 33, 1, KZT_CRED_CAPABILITY, &any),
	   "more custody than the maximum");
	bytes_free(&cap);
}

static int parse_hex(const char *hex, enum kzt_cred_type type)
{
	struct bytes b = bytes_hex(hex);
	struct kzt_cur c = kzt_cur(b.p, b.len);
	struct any any;
	int ret = get(&c, type, &any);

	if (!ret && kzt_cur_left(&c))
		ret = 1;
	bytes_free(&b);
	return ret;
}

#define ZERO8	"0000000000000000"
#define QUAL	ZERO8 ZERO8 ZERO8
#define QUAL4	QUAL QUAL QUAL QUAL
#define CAP	ZERO8 ZERO8 "00000005" "0001"
#define CAP_END	"01" "0000000000" "0000"

static void test_limits(void)
{
	ok(!parse_hex("010008" QUAL4 QUAL4 "0000000000", KZT_CRED_COM),
	   "a COM may have 8 qualifiers");
	ok(parse_hex("010009" QUAL4 QUAL4 QUAL "0000000000", KZT_CRED_COM) ==
	   -EBADMSG, "9 are refused though all are there");
	ok(!parse_hex(CAP "24" "01" "06" CAP_END, KZT_CRED_CAPABILITY),
	   "a rule of just its length");
	ok(parse_hex(CAP "24" "00" CAP_END, KZT_CRED_CAPABILITY) == -EBADMSG,
	   "one that is shorter is refused");
	ok(!parse_hex(CAP "3f" "00" CAP_END, KZT_CRED_CAPABILITY),
	   "unless its type is unknown");
}

/* Rules with surplus bytes, an unknown type, and a wide integer range. */
static void test_rebuilt_rules(void)
{
	struct bytes b = bytes_hex("4db0d048e91a2b3c" "0000018bcfe56800"
		"00000005" "0003" "25030806ff" "3f020102"
		"3313" "0000000000000001" "0000000100000005" "0002" "00"
		"01" "0000000000" "0000");
	struct bytes want = bytes_hex("7f7f7f7f7f7f7f7f" "4db0d048e91a2b3c"
		"0000018bcfe56800" "00000005" "0003" "25020806" "3f00"
		"3313" "0000000000000001" "0000000000000005" "0002" "00"
		"01" "0000" "7f7f7f7f7f7f7f7f");
	struct kzt_cur c = kzt_cur(b.p, b.len);
	struct kzt_capability cap;
	u8 buf[256];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));

	ok(!kzt_capability_get(&c, &cap) && !cap.n_chain && !cap.issued_to,
	   "a capability without custody");
	kzt_capability_put_signed(&w, &cap);
	ok(bytes_are(&want, buf, kzt_wcur_len(&w)),
	   "its rules are covered as they decode");
	bytes_free(&b);
	bytes_free(&want);
}

static struct bytes body_packet(const u8 *body, size_t len)
{
	static u8 buf[KZT_MAX_PACKET];
	struct kzt_wcur w = kzt_packet_start(buf, sizeof(buf), 1, 2, 3,
					     KZT_VERB_NETWORK_CREDENTIALS);

	kzt_put_bytes(&w, body, len);
	return bytes_dup(buf, kzt_wcur_len(&w));
}

/* Reads all; @seen gets one digit per credential. */
static int read_all(const u8 *body, size_t len, char *seen)
{
	struct bytes p = body_packet(body, len);
	struct kzt_creds it = kzt_creds_open(p.p, p.len);
	enum kzt_cred_type type;
	size_t raw_len;
	const u8 *raw;
	int ret;

	while ((ret = kzt_creds_next(&it, &type, &raw, &raw_len)) > 0)
		*seen++ = (char)('0' + type);
	if (kzt_creds_next(&it, &type, &raw, &raw_len) != ret)
		ret = 1;
	*seen = '\0';
	bytes_free(&p);
	return ret;
}

static int read_hex(const char *hex)
{
	struct bytes b = bytes_hex(hex);
	char seen[64];
	int ret = read_all(b.p, b.len, seen);

	bytes_free(&b);
	return ret;
}

static void test_bodies(const char *dir)
{
	struct bytes b = cred(dir, "net-cred.txt", "body_push", "body");
	char seen[64];
	size_t len;
	unsigned int ends[3] = { 0 };

	ok(!read_all(b.p, b.len, seen) && !strcmp(seen, "12334"), "body_push");
	for (len = 0; len < b.len; len++) {
		int ret = read_all(b.p, len, seen);

		ends[ret == 0 ? 0 : ret == -EPROTO ? 1 : 2]++;
	}
	ok(ends[0] == 3 && ends[1] == 3,
	   "cut off: empty, COM alone or with its end count; three lists do not");
	bytes_free(&b);
	b = cred(dir, "net-cred.txt", "body_revocation", "body");
	ok(!read_all(b.p, b.len, seen) && !strcmp(seen, "6"), "body_revocation");
	bytes_free(&b);

	ok(!read_hex(""), "an empty body");
	ok(!read_hex("00"), "no certificates, and nothing behind");
	ok(read_hex("000000") == -EPROTO, "an end after the capabilities");
	ok(read_hex("00000000000000") == -EPROTO, "after the revocations");
	ok(!read_hex("000000000000000000"), "after all lists");
	ok(!read_hex("000000000000000000aa"), "and something behind");
	ok(read_hex("0000") == -EBADMSG, "half a count");
	ok(read_hex("000001") == -EBADMSG, "a capability that is not there");
	ok(read_hex("02") == -EBADMSG, "a COM of version 2");
}

static void test_building(const char *dir)
{
	struct bytes tag = cred(dir, "net-cred.txt", "tag_7", "tag");
	struct bytes coo = cred(dir, "net-cred.txt", "coo_1", "coo");
	static u8 buf[1024];
	size_t need = 5 + tag.len + 4 + coo.len;
	struct kzt_wcur w = kzt_wcur(buf, need);
	struct kzt_creds_out o = kzt_creds_start(&w);
	char seen[64];

	ok(!kzt_creds_add(&o, KZT_CRED_TAG, tag.p, tag.len) &&
	   kzt_creds_add(&o, KZT_CRED_CAPABILITY, tag.p, 1) == -EINVAL &&
	   !kzt_creds_add(&o, KZT_CRED_COO, coo.p, coo.len) &&
	   kzt_creds_add(&o, KZT_CRED_COO, coo.p, 1) == -EMSGSIZE,
	   "credentials fill a packet to the last byte");
	kzt_creds_finish(&o);
	ok(!w.bad && kzt_wcur_len(&w) == need &&
	   !read_all(buf, need, seen) && !strcmp(seen, "34"), "and read back");

	w = kzt_wcur(buf, tag.len + 8);
	o = kzt_creds_start(&w);
	ok(kzt_creds_add(&o, KZT_CRED_TAG, tag.p, tag.len) == -EMSGSIZE,
	   "without room for the trailer nothing is added");
	kzt_creds_finish(&o);
	ok(!w.bad && kzt_wcur_len(&w) == KZT_CREDS_TRAILER &&
	   !read_all(buf, 9, seen) && !*seen, "an empty packet stays good");
	bytes_free(&tag);
	bytes_free(&coo);
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	test_cred_vectors(dir);
	test_com_pairs(dir);
	test_fields(dir);
	test_malformed(dir);
	test_limits();
	test_rebuilt_rules();
	test_bodies(dir);
	test_building(dir);
	return tap_done();
}
