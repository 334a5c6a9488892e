// SPDX-License-Identifier: GPL-2.0
/*
 * Headers, fragmentation, hops and compression (spec 1, sections 2, 3, 6, 11).
 */
#include "test_proto.h"

#include "lz4.h"
#include "packet.h"

#define DST 0x8ec4bf85d7ULL
#define SRC 0x430503a02eULL

static void test_header(void)
{
	u8 buf[KZT_HDR_LEN];
	struct kzt_hdr h;

	memset(buf, 0xa5, sizeof(buf));
	kzt_packet_init(buf, 0x0102030405060708ULL, DST, SRC, KZT_VERB_ECHO);
	ok(kzt_packet_parse(buf, sizeof(buf), &h) == KZT_DGRAM_HEAD &&
	   h.id == 0x0102030405060708ULL && h.dst == DST && h.src == SRC &&
	   !h.flags && !h.suite && !h.hops && !h.fragmented && !h.frag_no &&
	   !h.frag_total && kzt_packet_verb(buf) == KZT_VERB_ECHO,
	   "a written header reads back, all else zero");
	buf[KZT_OFF_FLAGS] = 0x80 | 0x40 | 3 << 3 | 5;
	ok(kzt_packet_parse(buf, sizeof(buf), &h) == KZT_DGRAM_HEAD &&
	   h.flags == 0xdd && h.suite == 3 && h.hops == 5 && h.fragmented,
	   "flags, suite and hops come out of byte 18");
	buf[KZT_OFF_VERB] = 0xff;
	ok(kzt_packet_verb(buf) == 0x1f && kzt_packet_compressed(buf),
	   "the verb is the low five bits");
	kzt_packet_set_fragmented(buf, false);
	ok(buf[KZT_OFF_FLAGS] == 0x9d, "flag 0x40 alone is cleared");
	kzt_packet_set_fragmented(buf, true);
	ok(buf[KZT_OFF_FLAGS] == 0xdd, "flag 0x40 alone is set");
	ok(!strcmp(kzt_verb_name(KZT_VERB_HELLO | 0x80), "HELLO") &&
	   !strcmp(kzt_verb_name(0x0f), "UNASSIGNED") &&
	   !strcmp(kzt_verb_name(0x1f), "UNASSIGNED"), "verbs have names");
}

/* Every length with every kind of byte 13, in a block of just that length. */
static void test_classes(void)
{
	struct kzt_hdr h;
	bool good = true;
	size_t len;
	int mark;

	for (len = 0; len <= 64; len++) {
		for (mark = 0; mark < 2; mark++) {
			enum kzt_dgram want = KZT_DGRAM_JUNK, got;
			struct bytes b = bytes_dup((u8[64]){ 0 }, len);

			if (len > 13)
				b.p[13] = mark ? 0xff : 0xfe;
			if (len == 13)
				want = KZT_DGRAM_BEACON;
			else if (len > 16 && mark)
				want = KZT_DGRAM_FRAGMENT;
			else if (len >= 28)
				want = KZT_DGRAM_HEAD;
			got = kzt_packet_parse(b.p, b.len, &h);
			if (got != want) {
				diag("length %zu: %d, not %d", len, got, want);
				good = false;
			}
			bytes_free(&b);
		}
	}
	ok(good, "datagrams of 0..64 bytes are what section 7 says");
}

static void test_beacon_and_limits(void)
{
	struct bytes b = bytes_hex("00000000000000008ec4bf85d7");
	static u8 big[KZT_MAX_PACKET + 1];
	struct kzt_hdr h;

	ok(kzt_packet_parse(b.p, b.len, &h) == KZT_DGRAM_BEACON && h.src == DST,
	   "a beacon names its sender");
	bytes_free(&b);
	ok(kzt_packet_parse(big, KZT_MAX_PACKET, &h) == KZT_DGRAM_HEAD,
	   "10024 bytes are a packet");
	ok(kzt_packet_parse(big, KZT_MAX_PACKET + 1, &h) == KZT_DGRAM_JUNK,
	   "10025 bytes are not");
	big[13] = 0xff;
	ok(kzt_packet_parse(big, KZT_MAX_PACKET + 1, &h) == KZT_DGRAM_JUNK,
	   "nor a fragment");
}

static void test_fragment_checks(void)
{
	unsigned int no, total, good = 0;
	bool right = true;
	u8 buf[17] = { [13] = 0xff, [15] = 0xfb, [16] = 1 };
	struct kzt_hdr h;

	for (total = 0; total < 16; total++) {
		for (no = 0; no < 16; no++) {
			bool want = total >= 2 && total <= 7 && no >= 1 &&
				    no < total;

			buf[14] = (u8)(total << 4 | no);
			right &= kzt_packet_parse(buf, 17, &h) ==
				 KZT_DGRAM_FRAGMENT;
			right &= h.frag_total == total && h.frag_no == no &&
				 h.hops == 3 && !h.src && !h.flags &&
				 h.fragmented;
			right &= kzt_fragment_ok(&h) == want;
			good += kzt_fragment_ok(&h);
		}
	}
	ok(right && good == 21, "fragments 1..6 of 2..7 pieces may be kept");
}

static void test_mtu(void)
{
	ok(kzt_packet_mtu(0) == 1432 && kzt_packet_mtu(-5) == 1432 &&
	   kzt_packet_mtu(1) == 1400 && kzt_packet_mtu(1399) == 1400 &&
	   kzt_packet_mtu(1500) == 1500 && kzt_packet_mtu(20000) == 10324,
	   "configured limits are clamped");
	ok(kzt_packet_pieces(9928, 1432) == 7 &&
	   kzt_packet_pieces(9929, 1432) == 8 &&
	   kzt_packet_pieces(9704, 1400) == 7 &&
	   kzt_packet_pieces(9705, 1400) == 8 &&
	   kzt_packet_pieces(10012, 1444) == 7,
	   "the largest packets of 3.2 make seven pieces");
	ok(kzt_packet_pieces(10025, 10324) > KZT_MAX_PIECES &&
	   kzt_packet_pieces(100, 16) > KZT_MAX_PIECES &&
	   kzt_packet_pieces(100, 0) > KZT_MAX_PIECES,
	   "what cannot be sent has too many pieces");
}

/* The datagram that piece @no of @whole becomes; returns its length. */
static size_t make_piece(const struct bytes *whole, unsigned int mtu,
			 unsigned int no, unsigned int total, u8 *out)
{
	size_t off, size;

	kzt_packet_piece(whole->len, mtu, no, &off, &size);
	if (!no) {
		memcpy(out, whole->p, size);
		return size;
	}
	kzt_fragment_init(out, whole->p, no, total);
	memcpy(out + KZT_FRAG_HDR_LEN, whole->p + off, size);
	return KZT_FRAG_HDR_LEN + size;
}

static bool check_whole(const struct vec_file *f, const struct bytes *whole,
			unsigned int mtu, unsigned int total)
{
	static u8 out[KZT_MTU_MAX];
	bool good = true;
	unsigned int no;
	char key[32];

	for (no = 0; no < total; no++) {
		size_t len = make_piece(whole, mtu, no, total, out);
		struct bytes want;
		struct kzt_hdr h;

		snprintf(key, sizeof(key), "datagram.%u", no);
		want = bytes_vec(f, key);
		good &= bytes_are(&want, out, len);
		good &= kzt_packet_parse(want.p, want.len, &h) ==
			(no ? KZT_DGRAM_FRAGMENT : KZT_DGRAM_HEAD);
		good &= h.fragmented == (total > 1);
		good &= no ? kzt_fragment_ok(&h) && h.frag_no == no &&
			     h.frag_total == total : true;
		bytes_free(&want);
	}
	return good;
}

/* Only lengths and headers are given; the content does not matter. */
static bool check_lengths(const struct vec_file *f, size_t size,
			  unsigned int mtu, unsigned int total)
{
	static u8 zero[KZT_MAX_PACKET], out[KZT_MTU_MAX];
	struct bytes whole = bytes_dup(zero, size);
	struct bytes head = bytes_vec(f, "datagram.0.header");
	unsigned int no;
	bool good = true;
	char key[32];

	memcpy(whole.p, head.p, head.len);
	for (no = 0; no < total; no++) {
		size_t len = make_piece(&whole, mtu, no, total, out);
		struct bytes want;

		snprintf(key, sizeof(key), "datagram.%u.length", no);
		good &= len == vec_u64(f, key, 0);
		snprintf(key, sizeof(key), "datagram.%u.header", no);
		want = bytes_vec(f, key);
		good &= want.len <= len && !memcmp(want.p, out, want.len);
		bytes_free(&want);
	}
	bytes_free(&head);
	bytes_free(&whole);
	return good;
}

static bool check_relay(const struct vec_file *f, const char *before,
			const char *after)
{
	struct bytes a = bytes_vec(f, before), b = bytes_vec(f, after);
	bool good = kzt_packet_hops(a.p) == 0;

	kzt_packet_add_hop(a.p);
	good &= kzt_packet_hops(a.p) == 1 && bytes_are(&b, a.p, a.len);
	bytes_free(&a);
	bytes_free(&b);
	return good;
}

static void test_fragment_vectors(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "packet-fragment.txt");
	unsigned int blocks = 0, mtu, total;
	size_t size;

	while (vec_next_block(f)) {
		if (vec_str(f, "shared"))	/* the key, for test_proto_wire */
			continue;
		blocks++;
		size = vec_u64(f, "size", 0);
		mtu = vec_u64(f, "mtu", 0);
		total = vec_u64(f, "datagrams", 0);
		if (vec_is(f, "case", "relay")) {
			ok(check_relay(f, "fragment", "fragment_after_hop"),
			   "a relayed fragment");
			ok(check_relay(f, "head", "head_after_hop"),
			   "a relayed head");
			continue;
		}
		ok(kzt_packet_pieces(size, mtu) == total,
		   "%zu bytes at %u make %u pieces", size, mtu, total);
		if (vec_is(f, "case", "fragment")) {
			struct bytes whole = bytes_vec(f, "whole");

			ok(whole.len == size && check_whole(f, &whole, mtu, total),
			   "they are the datagrams of the vector");
			bytes_free(&whole);
		} else {
			ok(vec_is(f, "case", "fragment-lengths") &&
			   check_lengths(f, size, mtu, total),
			   "they have the headers and lengths of the vector");
		}
	}
	ok(blocks == 13, "all 13 blocks of packet-fragment.txt");
	vec_close(f);
}

static void test_hop_bits(void)
{
	u8 head[KZT_HDR_LEN] = { [KZT_OFF_FLAGS] = 0xdf };
	u8 frag[17] = { [13] = 0xff, [15] = 0xff };

	kzt_packet_add_hop(head);
	ok(head[KZT_OFF_FLAGS] == 0xd8 && !kzt_packet_hops(head),
	   "hops of a head wrap without touching flags");
	kzt_packet_add_hop(frag);
	ok(frag[15] == 0, "reserved bits of a fragment's hops are cleared");
}

static bool check_pack(const struct vec_file *f)
{
	static u8 out[KZT_MAX_PACKET], back[KZT_MAX_PACKET];
	struct bytes plain = bytes_vec(f, "plain");
	struct bytes packed = bytes_vec(f, "packed");
	bool used = vec_is(f, "compressed", "yes"), good;
	int n;

	n = kzt_lz4_compress(plain.p + 28, plain.len - 28, out, sizeof(out), NULL);
	good = (n > 0) == used && plain.len - 28 == vec_u64(f, "payload_length", 0);
	if (used) {
		good &= kzt_packet_compressed(packed.p);
		n = kzt_packet_uncompress(packed.p, packed.len, back, sizeof(back));
		good &= n > 0 && bytes_are(&plain, back, n);
		n = kzt_lz4_compress(plain.p + 28, plain.len - 28, out, sizeof(out), NULL);
		good &= n > 0 && (size_t)n < plain.len - 28;
		n = kzt_lz4_decompress(out, n, back, sizeof(back));
		good &= n == (int)plain.len - 28 && !memcmp(back, plain.p + 28, n);
	} else {
		good &= bytes_are(&plain, packed.p, packed.len);
	}
	bytes_free(&plain);
	bytes_free(&packed);
	return good;
}

static bool check_unpack(const struct vec_file *f)
{
	static u8 out[KZT_MAX_PACKET];
	struct bytes packed = bytes_vec(f, "packed");
	bool want = vec_is(f, "ok", "yes"), good;
	int n = kzt_packet_uncompress(packed.p, packed.len, out, sizeof(out));

	good = (n >= 0) == want;
	/* More room than a packet has does not make longer ones good. */
	if (packed.len > KZT_HDR_LEN)
		good &= (kzt_lz4_decompress(packed.p + 28, packed.len - 28, out,
					    sizeof(out)) >= 0) == want;
	n = kzt_packet_uncompress(packed.p, packed.len, out, sizeof(out));
	if (want && vec_str(f, "plain")) {
		struct bytes plain = bytes_vec(f, "plain");

		good &= bytes_are(&plain, out, n);
		bytes_free(&plain);
	} else if (want) {
		good &= n - 28 == (int)vec_u64(f, "length", 0);
		good &= out[28] == 0x55 && out[n - 1] == 0x55;
	}
	bytes_free(&packed);
	return good;
}

static void test_lz4_vectors(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "packet-lz4.txt");
	unsigned int blocks = 0;

	while (vec_next_block(f)) {
		blocks++;
		if (vec_is(f, "case", "pack"))
			ok(check_pack(f), "packet-lz4.txt line %u: %s bytes",
			   vec_block_line(f), vec_str(f, "payload_length"));
		else
			ok(check_unpack(f), "packet-lz4.txt line %u: %s",
			   vec_block_line(f), vec_str(f, "case"));
	}
	ok(blocks == 12, "all 12 blocks of packet-lz4.txt");
	vec_close(f);
}

static int unpack(const char *hex, u8 *out, size_t room)
{
	struct bytes b = bytes_hex(hex);
	int n = kzt_lz4_decompress(b.p, b.len, out, room);

	bytes_free(&b);
	return n;
}

static void test_lz4_edges(void)
{
	static u8 out[64];

	ok(unpack("", out, 64) == -EBADMSG, "no input at all");
	ok(unpack("5068656c6c6f", out, 4) == -EBADMSG, "too little room");
	ok(unpack("5068656c6c6f", out, 5) == 5, "just enough room");
	ok(unpack("10610000506162636465", out, 64) == -EBADMSG,
	   "a match at distance zero");
	ok(unpack("5068656c6c6f00", out, 64) == -EBADMSG,
	   "one byte behind the last sequence");
	ok(unpack("5068656c6c6f7878", out, 64) == -EBADMSG,
	   "input behind the last sequence");
	ok(unpack("f0ffffffff", out, 64) == -EBADMSG, "an endless length");
	ok(unpack("1f610100", out, 64) == -EBADMSG, "a match length cut off");
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	test_header();
	test_classes();
	test_beacon_and_limits();
	test_fragment_checks();
	test_mtu();
	test_fragment_vectors(dir);
	test_hop_bits();
	test_lz4_vectors(dir);
	test_lz4_edges();
	return tap_done();
}
