// SPDX-License-Identifier: GPL-2.0
/*
 * Dictionaries, configurations and the making of credentials (spec 4, 4.5 to
 * 4.8), with signatures.
 *
 * usage: test_netconf [VECTORS-DIRECTORY]
 */
#include "test_proto.h"

#include "dictionary.h"
#include "netconf.h"
#include "../../userspace/credential_sign.h"

#include <sodium.h>

#define NWID	0x4db0d048e91a2b3cULL
#define A	0x69cfe62fbfULL
#define TS	1700000000000ULL

/* --- the dictionary --------------------------------------------------------------- */

static void write_case(struct kzt_wcur *w, const char *name)
{
	static const u8 odd[] = { 0, 0x0d, 0x0a, 0x5c, 0x3d, 0x61, 0x7a, 0xff };

	if (!strcmp(name, "uint")) {
		kzt_dict_put_uint(w, "v", 7);
	} else if (!strcmp(name, "neg")) {
		kzt_dict_put_uint(w, "x", 255);
	} else if (!strcmp(name, "bool")) {
		kzt_dict_put_bool(w, "b", true);
		kzt_dict_put_bool(w, "c", false);
	} else if (!strcmp(name, "str")) {
		kzt_dict_put_text(w, "s", "");
		kzt_dict_put_text(w, "t", "hello");
	} else if (!strcmp(name, "esc")) {
		kzt_dict_put(w, "B", odd, sizeof(odd));
	} else if (!strcmp(name, "addr")) {
		kzt_dict_put_uint(w, "a", A);
	}
}

static void look_up(const struct vec_file *f, const struct bytes *dict)
{
	const char *key = vec_str(f, "key_str"), *name = vec_str(f, "case");
	struct kzt_dict d = kzt_dict(dict->p, dict->len);
	u8 want[64], out[64];
	size_t want_len = 0;
	long n = kzt_dict_get(&d, key, out, sizeof(out));
	char number[17];

	if (vec_is(f, "result_len_dec", "-1")) {
		ok(n == KZT_DICT_ABSENT, "dictionary: %s is absent", name);
	} else {
		vec_hex(f, "result", want, sizeof(want), &want_len);
		ok(n == (long)want_len && !memcmp(want, out, want_len),
		   "dictionary: %s is found", name);
	}
	snprintf(number, sizeof(number), "%016llx",
		 (unsigned long long)kzt_dict_uint(&d, key, 0xdead));
	ok(vec_is(f, "as_uint", number) &&
	   kzt_dict_bool(&d, key, false) == vec_is(f, "as_bool", "1"),
	   "dictionary: %s as number and switch", name);
}

static void read_number(const struct vec_file *f)
{
	const char *value = vec_str(f, "value_str");
	char line[64], number[17];
	struct kzt_dict d;
	int len = snprintf(line, sizeof(line), "k=%s%s",
			   vec_is(f, "case", "num_space") ? " " : "", value);

	d = kzt_dict(line, (size_t)len);
	snprintf(number, sizeof(number), "%016llx",
		 (unsigned long long)kzt_dict_uint(&d, "k", 0xdead));
	ok(vec_is(f, "as_uint", number), "dictionary: number %s", value);
}

static void test_dictionary(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-dict.txt");
	unsigned int written = 0, found = 0, numbers = 0;

	while (vec_next_block(f)) {
		struct bytes dict;
		u8 buf[256];
		struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));

		if (vec_str(f, "value_str")) {
			read_number(f);
			numbers++;
			continue;
		}
		if (!vec_str(f, "dict"))
			continue;
		dict = bytes_vec(f, "dict");
		if (vec_str(f, "key_str")) {
			look_up(f, &dict);
			found++;
		} else {
			write_case(&w, vec_str(f, "case"));
			ok(bytes_are(&dict, buf, kzt_wcur_len(&w)),
			   "dictionary: %s is written", vec_str(f, "case"));
			written++;
		}
		bytes_free(&dict);
	}
	ok(written == 6 && found >= 12 && numbers >= 7,
	   "dictionary: %u written, %u looked up, %u numbers", written, found,
	   numbers);
	vec_close(f);
}

static void test_dictionary_room(void)
{
	struct kzt_dict d = kzt_dict("a=\\\\\\\\\\\\", 8);
	u8 two[2], buf[5];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));
	char text[3];

	ok(kzt_dict_get(&d, "a", two, 2) == 2, "a value is cut to its room");
	ok(kzt_dict_text(&d, "a", text, 3) == 2 && !strcmp(text, "\\\\"),
	   "a text is cut and ended");
	ok(kzt_dict_text(&d, "b", text, 3) < 0 && !*text, "no text is empty");
	kzt_dict_put_text(&w, "key", "value");
	ok(kzt_wcur_result(&w) == -EMSGSIZE, "writing without room fails");
	d = kzt_dict("a=1", 0);
	ok(kzt_dict_get(&d, "a", two, 2) == KZT_DICT_ABSENT, "an empty one");
}

/* --- configurations ---------------------------------------------------------------- */

static struct kzt_config *conf_alloc(void)
{
	struct kzt_config *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	return c;
}

static void check_full(const struct kzt_config *c)
{
	ok(c->nwid == NWID && c->issued_to == A && c->timestamp == TS &&
	   c->max_delta == 1800000 && c->revision == 42 && c->mtu == 2800 &&
	   c->flags == 6 && c->multicast_limit == 32 &&
	   c->type == KZT_CONFIG_PRIVATE && !strcmp(c->name, "kzt=test\\net"),
	   "configuration: scalars");
	ok(c->n_specialists == 2 && c->n_routes == 3 && c->n_addrs == 3 &&
	   c->n_rules == 5 && c->n_caps == 1 && c->n_tags == 2 &&
	   c->n_coos == 1 && c->has_com && c->com.n == 7,
	   "configuration: how many of each");
	ok(c->specialist[0] == (KZT_SPECIALIST_BRIDGE | 0xcac320ad28ULL) &&
	   c->tag[0].id == 7 && c->tag[1].id == 1000 &&
	   c->tag[1].value == 200 && c->cap[0].id == 1000,
	   "configuration: specialists, tags, capability");
	ok(c->route[1].via.family == KZT_AF_INET &&
	   c->route[1].target.port == 24 &&
	   kzt_inetaddr_is_null(&c->route[0].via) &&
	   c->addr[2].family == KZT_AF_INET && c->addr[2].port == 24,
	   "configuration: routes and addresses");
	ok(c->has_dns && !strcmp(c->dns_domain, "home.arpa") &&
	   c->dns[1].ip[15] == 0x53 && c->dns[1].family == KZT_AF_INET6 &&
	   kzt_inetaddr_is_null(&c->dns[2]),
	   "configuration: DNS");
}

static struct kzt_id signer_of(const struct vec_file *f, const char *key)
{
	struct kzt_id id;

	if (kzt_id_parse(&id, vec_str(f, key), NULL))
		abort();
	return id;
}

/* A chunk's signature is good, and making it again gives the same octets */
static void check_chunk(const struct bytes *b, const struct kzt_id *c,
			u8 *dict, size_t *got)
{
	struct kzt_config_chunk k = { 0 };
	u8 buf[4096];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));

	ok(!kzt_config_chunk_parse(b->p, b->len, &k) &&
	   kzt_chunk_verify(&k, c->pub), "chunk at %u: signature", k.offset);
	memcpy(dict + k.offset, k.chunk, k.chunk_len);
	*got += k.chunk_len;
	ok(!kzt_chunk_sign(&w, &k, c) && bytes_are(b, buf, kzt_wcur_len(&w)),
	   "chunk at %u: made again", k.offset);
	b->p[12] ^= 1;
	ok(!kzt_chunk_verify(&k, c->pub), "chunk at %u: changed", k.offset);
	b->p[12] ^= 1;
}

/* Every beginning of it ends somewhere: none may read beyond or crash */
static void check_cut(const struct bytes *dict, struct kzt_config *conf)
{
	const char *why;
	size_t len;

	for (len = 0; len < dict->len; len += 3) {
		struct bytes cut = bytes_dup(dict->p, len);
		struct bytes scratch = bytes_dup(dict->p, len);

		kzt_config_decode(conf, cut.p, len, scratch.p, len, &why);
		bytes_free(&cut);
		bytes_free(&scratch);
	}
	ok(true, "configuration: cut anywhere");
}

static void check_config(const struct vec_file *f, const struct kzt_id *c)
{
	struct bytes dict = bytes_vec(f, "dict"), chunk = bytes_vec(f, "chunk0");
	struct bytes scratch = bytes_dup(dict.p, dict.len);
	struct kzt_config *conf = conf_alloc();
	u8 *out = malloc(KZT_CONFIG_MAX_LEN);
	const char *why, *name = vec_str(f, "case");
	size_t got = 0;
	int n;

	if (!out)
		abort();
	ok(!kzt_config_decode(conf, dict.p, dict.len, scratch.p, scratch.len,
			      &why), "configuration: %s is read", name);
	if (!strcmp(name, "full"))
		check_full(conf);
	n = kzt_config_encode(conf, out, KZT_CONFIG_MAX_LEN);
	ok(n > 0 && bytes_are(&dict, out, (size_t)n),
	   "configuration: %s is written", name);
	ok(kzt_config_encode(conf, out, dict.len - 1) == -EMSGSIZE,
	   "configuration: %s without room", name);
	ok(kzt_com_verify(&conf->com, c->pub), "configuration: %s, COM", name);
	check_chunk(&chunk, c, out, &got);
	ok(got == dict.len && bytes_are(&dict, out, got),
	   "configuration: %s is the chunk's", name);
	check_cut(&dict, conf);
	free(conf);
	free(out);
	bytes_free(&scratch);
	bytes_free(&chunk);
	bytes_free(&dict);
}

static void check_chunked(const struct vec_file *f, const struct kzt_id *c,
			  const struct bytes *want)
{
	static const char *const keys[] = { "chunk0", "chunk1" };
	u8 *out = calloc(1, KZT_CONFIG_MAX_LEN);
	size_t got = 0, i;

	if (!out)
		abort();
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		struct bytes b = bytes_vec(f, keys[i]);

		check_chunk(&b, c, out, &got);
		bytes_free(&b);
	}
	ok(bytes_are(want, out, got), "two chunks make the configuration");
	free(out);
}

static void test_config(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-config.txt");
	struct bytes full = { NULL, 0 };
	struct kzt_id c = { 0 };
	unsigned int n = 0;

	while (vec_next_block(f)) {
		if (vec_is(f, "case", "identities"))
			c = signer_of(f, "C_str");
		if (vec_is(f, "case", "full"))
			full = bytes_vec(f, "dict");
		if (vec_is(f, "case", "chunked"))
			check_chunked(f, &c, &full);
		if (vec_str(f, "dict")) {
			check_config(f, &c);
			n++;
		}
	}
	ok(n == 2, "two configurations");
	bytes_free(&full);
	vec_close(f);
}

static int decode_text(struct kzt_config *conf, const char *text)
{
	u8 scratch[512];
	const char *why = NULL;
	int err = kzt_config_decode(conf, (const u8 *)text, strlen(text), scratch,
				    sizeof(scratch), &why);

	return !err == !why ? err : -1000;
}

static void test_config_refused(void)
{
	static const struct { const char *text, *what; int err; } bad[] = {
		{ "v=5\nnwid=1\nid=1", "the old style", -EPROTONOSUPPORT },
		{ "v=7\nid=69cfe62fbf", "no network", -EBADMSG },
		{ "v=7\nnwid=4db0d048e91a2b3c", "no member", -EBADMSG },
		{ "v=7\nnwid=1\nid=1\nC=abc", "a bad COM", -EBADMSG },
		{ "v=7\nnwid=1\nid=1\nCOO=abc", "bad ownership", -EBADMSG },
		{ "v=7\nnwid=1\nid=1\nI=abc", "a bad address", -EBADMSG },
		{ "v=7\nnwid=1\nid=1\nRT=abc", "a bad route", -EBADMSG },
		{ "v=7\nnwid=1\nid=1\nR=abc", "a bad rule", -EBADMSG },
		{ "v=7\nnwid=1\nid=1\nDNS=abc", "bad DNS", -EBADMSG },
		{ "v=7\nnwid=1\nid=1\nCAP=abc\nTAG=abc", "bad tags: kept", 0 },
		{ "v=7\nnwid=1\nid=1\nS=abc", "a cut specialist: kept", 0 },
	};
	struct kzt_config *conf = conf_alloc();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		ok(decode_text(conf, bad[i].text) == bad[i].err,
		   "configuration with %s", bad[i].what);
	decode_text(conf, "v=7\nnwid=1\nid=1\nmtu=1");
	ok(conf->mtu == 1280, "the MTU is raised");
	decode_text(conf, "v=7\nnwid=1\nid=1\nmtu=ffff");
	ok(conf->mtu == 10000, "the MTU is lowered");
	decode_text(conf, "v=7\nnwid=1\nid=1");
	ok(conf->mtu == 2800 && conf->type == KZT_CONFIG_PRIVATE && !conf->has_dns,
	   "what is absent has its default");
	free(conf);
}

/* --- credentials --------------------------------------------------------------------- */

union cred {
	struct kzt_com com;
	struct kzt_tag tag;
	struct kzt_capability cap;
	struct kzt_coo coo;
	struct kzt_revocation rev;
};

/* Verify, then make it again from its fields; the chain's last link is @by's */
static void check_cred(const struct vec_file *f, const char *key,
		       const struct kzt_id *c, const struct kzt_id *by)
{
	struct bytes b = bytes_vec(f, key);
	struct kzt_cur cur = kzt_cur(b.p, b.len);
	u8 buf[4096];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));
	bool good = false;
	union cred x;
	int err = -1;

	if (!strcmp(key, "tag")) {
		good = !kzt_tag_get(&cur, &x.tag) && kzt_tag_verify(&x.tag, c->pub);
		err = kzt_tag_sign(&w, &x.tag, c);
	} else if (!strcmp(key, "capability")) {
		good = !kzt_capability_get(&cur, &x.cap) &&
		       kzt_capability_verify(&x.cap, 0, c->pub) &&
		       kzt_capability_verify(&x.cap, x.cap.n_chain - 1U, by->pub);
		err = kzt_capability_sign(&w, &x.cap, by);
	} else if (!strcmp(key, "coo")) {
		good = !kzt_coo_get(&cur, &x.coo) && kzt_coo_verify(&x.coo, c->pub);
		err = kzt_coo_sign(&w, &x.coo, c);
	} else if (!strcmp(key, "revocation")) {
		good = !kzt_revocation_get(&cur, &x.rev) &&
		       kzt_revocation_verify(&x.rev, c->pub);
		err = kzt_revocation_sign(&w, &x.rev, c);
	} else if (!strcmp(key, "com")) {
		good = !kzt_com_get(&cur, &x.com) && kzt_com_verify(&x.com, c->pub);
		err = kzt_com_sign(&w, &x.com, c);
	}
	ok(good, "%s: good signature", vec_str(f, "case"));
	ok(!err && bytes_are(&b, buf, kzt_wcur_len(&w)), "%s: made again",
	   vec_str(f, "case"));
	bytes_free(&b);
}

static void test_credentials(const char *dir)
{
	static const char *const keys[] = { "tag", "capability", "coo",
					    "revocation", "com" };
	static const char *const files[] = { "net-cred.txt", "net-com.txt" };
	struct kzt_id c = { 0 }, a = { 0 };
	unsigned int i, k, n = 0;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		struct vec_file *f = vectors_open(dir, files[i]);

		while (vec_next_block(f)) {
			if (vec_is(f, "case", "identities")) {
				c = signer_of(f, "C_str");
				a = signer_of(f, "A_str");
			}
			for (k = 0; k < ARRAY_SIZE(keys); k++) {
				if (!vec_str(f, keys[k]))
					continue;
				check_cred(f, keys[k], &c,
					   vec_is(f, "case", "cap_chain") ? &a : &c);
				n++;
			}
		}
		vec_close(f);
	}
	ok(n == 12, "%u credentials", n);
}

static void check_com_init(const struct vec_file *f, const struct kzt_id *c,
			   const struct kzt_id *member, u64 ts)
{
	struct bytes b = bytes_vec(f, "com");
	u8 hash[KZT_ID_FINGERPRINT_LEN], buf[512];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));
	struct kzt_com com;

	kzt_id_fingerprint(member, hash);
	kzt_com_init(&com, ts, 1800000, NWID, member->address, hash);
	ok(!kzt_com_sign(&w, &com, c) && bytes_are(&b, buf, kzt_wcur_len(&w)),
	   "%s: made from a member", vec_str(f, "case"));
	bytes_free(&b);
}

static void check_agreement(const struct vec_file *f)
{
	struct bytes m = bytes_vec(f, "mine"), t = bytes_vec(f, "theirs");
	struct kzt_cur cm = kzt_cur(m.p, m.len), ct = kzt_cur(t.p, t.len);
	struct kzt_id id = signer_of(f, "their_identity_str");
	u8 hash[KZT_ID_FINGERPRINT_LEN];
	struct kzt_com mine, theirs;

	if (kzt_com_get(&cm, &mine) || kzt_com_get(&ct, &theirs))
		abort();
	kzt_id_fingerprint(&id, hash);
	ok(kzt_com_agrees(&mine, &theirs, hash) == vec_is(f, "agrees", "1"),
	   "%s", vec_str(f, "case"));
	bytes_free(&m);
	bytes_free(&t);
}

static void test_membership(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-com.txt");
	struct kzt_id a = { 0 }, b = { 0 }, c = { 0 };
	u8 hash[KZT_ID_FINGERPRINT_LEN], want[KZT_ID_FINGERPRINT_LEN];
	unsigned int n = 0;

	while (vec_next_block(f)) {
		if (vec_is(f, "case", "identities")) {
			c = signer_of(f, "C_str");
			a = signer_of(f, "A_str");
			b = signer_of(f, "B_str");
		}
		if (vec_str(f, "sha384")) {
			kzt_id_fingerprint(vec_is(f, "case", "idhash_A") ? &a : &b,
					   hash);
			ok(vec_hex_exact(f, "sha384", want, sizeof(want)) &&
			   !memcmp(hash, want, sizeof(hash)), "%s",
			   vec_str(f, "case"));
		}
		if (vec_is(f, "case", "com_A"))
			check_com_init(f, &c, &a, TS);
		if (vec_is(f, "case", "com_B"))
			check_com_init(f, &c, &b, TS + 60000);
		if (vec_str(f, "mine")) {
			check_agreement(f);
			n++;
		}
	}
	ok(n >= 6, "%u agreements", n);
	vec_close(f);
}

static void test_build_refused(void)
{
	struct kzt_com com = { .n = KZT_COM_MAX_QUALIFIERS + 1 };
	struct kzt_capability cap = { .max_chain = 1 };
	struct kzt_tag tag = { .id = 1 };
	u8 buf[512], small[100];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));

	ok(!kzt_com_build(&w, &com), "a COM with nine qualifiers");
	ok(!kzt_capability_build(&w, &cap), "a capability that nobody holds");
	w = kzt_wcur(small, sizeof(small));
	ok(!kzt_tag_build(&w, &tag), "a tag without room");
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	if (sodium_init() < 0)
		return 1;
	test_dictionary(dir);
	test_dictionary_room();
	test_config(dir);
	test_config_refused();
	test_credentials(dir);
	test_membership(dir);
	test_build_refused();
	return tap_done();
}
