// SPDX-License-Identifier: GPL-2.0
/*
 * From wire to plain and, where nothing random is in between, back: every
 * datagram of the recorded exchanges, with keys from the identities alone (spec
 * 1, sections 3 to 6 and 14).
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include "test_proto.h"

#include "crypto/armor.h"
#include "crypto/simd.h"
#include "lz4.h"
#include "verbs.h"

enum { NODE_A, NODE_B, NODE_R, NODES };

static struct {
	struct kzt_identity id;
	u8 secret[64];
} nodes[NODES];

static void kbkdf(const u8 shared[48], char label, u8 out[32])
{
	const u8 msg[13] = { 0, 0, 0, 0, 'Z', 'T', (u8)label, 0, 0, 0, 0, 1, 0x80 };
	u8 mac[48];
	unsigned int len = sizeof(mac);

	if (!HMAC(EVP_sha384(), shared, 48, msg, sizeof(msg), mac, &len))
		abort();
	memcpy(out, mac, 32);
}

static void keys_from_shared(const u8 shared[48], struct kzt_keys *keys)
{
	u8 k0[32], k1[32];

	kbkdf(shared, '0', k0);
	kbkdf(shared, '1', k1);
	if (kzt_keys_init(keys, shared, k0, k1))
		abort();
}

/* Spec 1, section 4; either side's secret gives the same. */
static void agree(const u8 *secret, const u8 *pub, struct kzt_keys *keys)
{
	u8 raw[32], hash[64];

	if (crypto_scalarmult(raw, secret, pub))
		abort();
	crypto_hash_sha512(hash, raw, sizeof(raw));
	keys_from_shared(hash, keys);
}

static unsigned int node(u64 addr)
{
	unsigned int i;

	for (i = 0; i < NODES; i++)
		if (nodes[i].id.address == addr)
			return i;
	fprintf(stderr, "nobody is %010llx\n", (unsigned long long)addr);
	abort();
}

/* Keys between the two nodes a header names, from the receiver's side. */
static void keys_of(const struct kzt_hdr *h, struct kzt_keys *keys)
{
	agree(nodes[node(h->dst)].secret, nodes[node(h->src)].id.pub, keys);
}

static void load_nodes(const char *dir)
{
	const char *keys[NODES] = { "identity.A", "identity.B", "identity.R" };
	struct vec_file *f = vectors_open(dir, "packet-exchange.txt");
	bool has_secret;
	int i;

	if (!vec_next_block(f))
		abort();
	for (i = 0; i < NODES; i++) {
		const char *s = vec_str(f, keys[i]);

		if (kzt_identity_from_text(s, strlen(s), &nodes[i].id,
					   nodes[i].secret, &has_secret, NULL) ||
		    !has_secret)
			abort();
	}
	vec_close(f);
}

static void test_keys(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "packet-keys.txt");
	struct kzt_keys a, b;
	u8 shared[48];
	struct bytes k0, k1;
	u8 out[32];

	if (!vec_next_block(f) || !vec_hex_exact(f, "shared", shared, 48))
		abort();
	k0 = bytes_vec(f, "aes_k0");
	k1 = bytes_vec(f, "aes_k1");
	kbkdf(shared, '0', out);
	ok(bytes_are(&k0, out, 32), "AES key 0 of A and B");
	kbkdf(shared, '1', out);
	ok(bytes_are(&k1, out, 32), "AES key 1 of A and B");
	agree(nodes[NODE_A].secret, nodes[NODE_B].id.pub, &a);
	agree(nodes[NODE_B].secret, nodes[NODE_A].id.pub, &b);
	ok(!memcmp(a.k, shared, 32) && !memcmp(b.k, shared, 32),
	   "both sides agree on the packet key");
	kzt_keys_destroy(&a);
	kzt_keys_destroy(&b);
	bytes_free(&k0);
	bytes_free(&k1);
	vec_close(f);
}

/* Dearmored and decompressed, in place of @wire; false if it is not authentic. */
static bool open_packet(struct bytes *wire, const struct kzt_keys *keys)
{
	static u8 out[KZT_MAX_PACKET];
	int n;

	if (kzt_dearmor(wire->p, wire->len, keys))
		return false;
	if (!kzt_packet_compressed(wire->p))
		return true;
	n = kzt_packet_uncompress(wire->p, wire->len, out, sizeof(out));
	bytes_free(wire);
	*wire = bytes_dup(out, n < 0 ? 0 : n);
	return n >= 0;
}

/* Suites 0 and 1 have nothing random: the sender's work can be repeated. */
static bool armors_to(const struct bytes *plain, const struct bytes *wire,
		      const struct kzt_keys *keys, unsigned int suite)
{
	struct bytes b = bytes_dup(plain->p, plain->len);
	bool same;

	memset(b.p + KZT_OFF_MAC, 0, KZT_MAC_LEN);
	b.p[KZT_OFF_FLAGS] &= KZT_FLAG_FRAG | KZT_MASK_HOPS;
	kzt_armor(b.p, b.len, suite, keys);
	same = bytes_are(wire, b.p, b.len);
	bytes_free(&b);
	return same;
}

static unsigned int moons_seen;

/* Two in one HELLO of packet-verbs.txt; one that the A of the other file wants. */
static bool is_known_moon(const struct kzt_hello_moon *m)
{
	return (m->id == 0xaabbccdd01ULL && m->ts == 5) ||
	       (m->id == 0xaabbccdd02ULL && !m->ts) ||
	       (m->id == 0xdeadbeef01ULL && !m->ts);
}

static bool check_tail(const struct bytes *plain, const struct kzt_keys *keys)
{
	struct kzt_hello_tail t;
	struct kzt_hello_moon m;
	struct kzt_hello h;
	struct bytes tail;
	unsigned int i;
	bool good;

	if (plain->p[KZT_HDR_LEN] < KZT_PROTO_VERSION_MIN)
		return true;
	if (kzt_hello_parse(plain->p, plain->len, &h))
		return false;
	if (!h.tail_off)
		return true;
	tail = bytes_dup(plain->p + h.tail_off, plain->len - h.tail_off);
	kzt_hello_mask(tail.p, tail.len, plain->p, keys);
	good = !kzt_hello_tail_parse(tail.p, tail.len, &t) &&
	       tail.len == 2 + 17u * t.n;
	for (i = 0; good && i < t.n; i++) {
		kzt_hello_tail_moon(&t, i, &m);
		good = m.type == KZT_WORLD_MOON && is_known_moon(&m);
		moons_seen++;
	}
	bytes_free(&tail);
	return good;
}

static void check_datagram(const struct vec_file *f, const char *name)
{
	struct bytes wire = bytes_vec(f, "wire"), plain = bytes_vec(f, "plain");
	struct bytes got = bytes_dup(wire.p, wire.len);
	struct kzt_keys keys;
	struct kzt_hdr h;
	bool good;

	kzt_packet_parse(wire.p, wire.len, &h);
	keys_of(&h, &keys);
	good = open_packet(&got, &keys) && bytes_are(&plain, got.p, got.len);
	ok(good, "%s seq %s: wire to plain, suite %u, %s", name,
	   vec_str(f, "seq"), h.suite, kzt_verb_name(plain.p[KZT_OFF_VERB]));
	if (h.suite != KZT_SUITE_AES_GMAC_SIV && plain.len == wire.len)
		ok(armors_to(&plain, &wire, &keys, h.suite),
		   "%s seq %s: and back", name, vec_str(f, "seq"));
	if (kzt_packet_verb(plain.p) == KZT_VERB_HELLO)
		ok(check_tail(&plain, &keys), "%s seq %s: its tail", name,
		   vec_str(f, "seq"));

	bytes_free(&got);
	got = bytes_dup(wire.p, wire.len);
	got.p[wire.len - 1] ^= 1;
	ok(!open_packet(&got, &keys), "%s seq %s: but not with a bit changed",
	   name, vec_str(f, "seq"));
	kzt_keys_destroy(&keys);
	bytes_free(&got);
	bytes_free(&wire);
	bytes_free(&plain);
}

/*
 * A HELLO whose identity has A's address and R's keys: authentic under its own
 * keys only, and not equal to the A that B knows.
 */
static void check_collision(const struct bytes *wire)
{
	struct bytes got = bytes_dup(wire->p, wire->len);
	struct kzt_keys keys;
	struct kzt_hello h;
	struct kzt_hdr hdr;

	kzt_packet_parse(wire->p, wire->len, &hdr);
	keys_of(&hdr, &keys);
	ok(!open_packet(&got, &keys), "collision: not A's HELLO");
	kzt_keys_destroy(&keys);
	ok(!kzt_hello_parse(wire->p, wire->len, &h) &&
	   h.id.address == nodes[NODE_A].id.address &&
	   !kzt_identity_equal(&h.id, &nodes[NODE_A].id) &&
	   !memcmp(h.id.pub, nodes[NODE_R].id.pub, 64),
	   "collision: the identity in it is another");
	agree(nodes[NODE_B].secret, h.id.pub, &keys);
	ok(open_packet(&got, &keys), "collision: authentic under that");
	kzt_keys_destroy(&keys);
	bytes_free(&got);
}

/* The two pieces of the one fragmented packet. */
static struct bytes pieces[2];

static void check_whole(void)
{
	static u8 whole[KZT_MAX_PACKET];
	struct kzt_keys keys;
	struct kzt_frame fr;
	struct kzt_hdr h;
	struct bytes got;

	memcpy(whole, pieces[0].p, pieces[0].len);
	memcpy(whole + pieces[0].len, pieces[1].p + KZT_FRAG_HDR_LEN,
	       pieces[1].len - KZT_FRAG_HDR_LEN);
	got = bytes_dup(whole, pieces[0].len + pieces[1].len - KZT_FRAG_HDR_LEN);
	kzt_packet_parse(got.p, got.len, &h);
	keys_of(&h, &keys);
	ok(open_packet(&got, &keys) && kzt_packet_verb(got.p) == KZT_VERB_FRAME &&
	   !kzt_frame_parse(got.p, got.len, &fr) && fr.len == 2800,
	   "two pieces are a frame of 2800 bytes");
	kzt_keys_destroy(&keys);
	bytes_free(&got);
}

static unsigned int check_other(const struct vec_file *f)
{
	struct bytes wire = bytes_vec(f, "wire");
	struct kzt_hdr h;
	enum kzt_dgram kind = kzt_packet_parse(wire.p, wire.len, &h);

	if (kind == KZT_DGRAM_HEAD && !h.fragmented) {
		check_collision(&wire);
	} else if (kind == KZT_DGRAM_HEAD) {
		pieces[0] = bytes_dup(wire.p, wire.len);
	} else if (kind == KZT_DGRAM_FRAGMENT && pieces[0].p) {
		pieces[1] = bytes_dup(wire.p, wire.len);
		ok(h.id == kzt_packet_id(pieces[0].p), "head and fragment agree");
		check_whole();
		bytes_free(&pieces[0]);
		bytes_free(&pieces[1]);
	} else {
		ok(kind == KZT_DGRAM_JUNK, "junk");
	}
	bytes_free(&wire);
	return 1;
}

static void test_exchange(const char *dir, const char *name, unsigned int plains,
			  unsigned int others)
{
	struct vec_file *f = vectors_open(dir, name);
	unsigned int n = 0, other = 0;

	while (vec_next_block(f)) {
		if (vec_str(f, "plain")) {
			check_datagram(f, name);
			n++;
		} else if (vec_str(f, "wire")) {
			other += check_other(f);
		}
	}
	ok(n == plains && other == others, "all %u datagrams of %s", n + other,
	   name);
	vec_close(f);
}

/* Pieces in reverse order, put together and dearmored. */
static bool check_pieces(const struct vec_file *f, const struct kzt_keys *keys)
{
	static u8 buf[KZT_MAX_PACKET];
	struct bytes whole = bytes_vec(f, "whole"), got;
	unsigned int no = vec_u64(f, "datagrams", 0);
	unsigned int mtu = vec_u64(f, "mtu", 0);
	bool good = true;
	char key[32];

	while (no--) {
		size_t off, size, skip_len = no ? KZT_FRAG_HDR_LEN : 0;
		struct bytes d;

		snprintf(key, sizeof(key), "datagram.%u", no);
		d = bytes_vec(f, key);
		kzt_packet_piece(whole.len, mtu, no, &off, &size);
		good &= size == d.len - skip_len;
		memcpy(buf + off, d.p + skip_len, size);
		bytes_free(&d);
	}
	got = bytes_dup(buf, whole.len);
	good &= bytes_are(&whole, got.p, got.len) && open_packet(&got, keys);
	bytes_free(&got);
	bytes_free(&whole);
	return good;
}

static void test_fragments(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "packet-fragment.txt");
	struct kzt_keys keys;
	unsigned int n = 0;
	u8 shared[48];

	if (!vec_next_block(f) || !vec_hex_exact(f, "shared", shared, 48))
		abort();
	vec_ran(f);
	keys_from_shared(shared, &keys);
	while (vec_next_block(f)) {
		if (!vec_str(f, "whole"))
			continue;
		ok(check_pieces(f, &keys), "%s bytes in %s pieces are authentic",
		   vec_str(f, "size"), vec_str(f, "datagrams"));
		n++;
	}
	ok(n == 8, "all 8 whole packets of packet-fragment.txt");
	kzt_keys_destroy(&keys);
	vec_close(f);
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	if (sodium_init() < 0)
		return 1;
	kzt_crypto_init();
	load_nodes(dir);
	test_keys(dir);
	test_exchange(dir, "packet-verbs.txt", 81, 1);
	ok(moons_seen == 2, "one HELLO lists two moons");
	test_exchange(dir, "packet-exchange.txt", 50, 3);
	ok(moons_seen == 5, "three of the others want a moon");
	test_fragments(dir);
	return tap_done();
}
