// SPDX-License-Identifier: GPL-2.0
/*
 * What the recorded packets do not show: bodies that end early, odd values, and
 * the difference between "drop" and "stop after the first part" (spec 1, section
 * 10).
 */
#include "test_proto.h"

#include "verbs.h"

#define HDR "0102030405060708" "8ec4bf85d7" "430503a02e" "00" "0000000000000000"
#define ID_A "430503a02e00" \
	"3eec31529b1d8f1e48b27d75ea119c69a3f480de555c33e9f6591d651c0a2432" \
	"47a6ce8031803062e826a6676bdecd1e3dcff45ef6c92b451bb243ae857786b5" "00"
#define HELLO HDR "01" "0c010e0001" "0000018bcfe56800"
#define NWID "ff2a000000000001"
#define M1 "01005e000001"
#define M2 "020304050607"
#define COM0 "0100000000000000"		/* no qualifiers, no signer */

static struct bytes pkt;

static const struct bytes *packet(const char *hex)
{
	bytes_free(&pkt);
	pkt = bytes_hex(hex);
	return &pkt;
}

/* Two arguments; the length must not depend on which comes first. */
#define P(hex) packet(hex)->p, (sizeof(hex) - 1) / 2

static void test_hello(void)
{
	struct kzt_hello h;

	ok(!kzt_hello_parse(P(HELLO ID_A), &h) && h.proto == 12 &&
	   h.timestamp == 0x18bcfe56800ULL && !h.has_phys && !h.tail_off &&
	   !h.planet_id && !h.planet_ts, "HELLO may end after the identity");
	ok(!kzt_hello_parse(P(HELLO ID_A "00"), &h) && !h.has_phys &&
	   !h.tail_off, "a null address is none");
	ok(!kzt_hello_parse(P(HELLO ID_A "04c00002012709"), &h) &&
	   h.has_phys && h.phys.port == 9993 && !h.tail_off,
	   "or after the address");
	ok(!kzt_hello_parse(P(HELLO ID_A "00" NWID "0000000000000005"), &h) &&
	   h.planet_id == 0xff2a000000000001ULL && h.planet_ts == 5 &&
	   !h.tail_off, "or after the planet");
	ok(!kzt_hello_parse(P(HELLO ID_A "00" NWID "00000000000005"), &h) &&
	   !h.planet_id && h.tail_off == 28 + 13 + 71 + 1,
	   "15 bytes are no planet but a tail");
	ok(!kzt_hello_parse(P(HELLO ID_A "00" NWID NWID "0000"), &h) &&
	   h.tail_off == pkt.len - 2, "the tail is behind the planet");
	ok(!kzt_hello_parse(P(HELLO ID_A "03ffff00"), &h) && !h.has_phys &&
	   !h.tail_off, "an ignored address may swallow the rest");
	ok(kzt_hello_parse(P(HELLO ID_A "09"), &h) == -EPROTO &&
	   h.id.address == 0x430503a02eULL && h.proto == 12 && !h.has_phys,
	   "a malformed address comes after the identity");
	ok(kzt_hello_parse(P(HELLO ID_A "04c0000201"), &h) == -EPROTO,
	   "so does one cut off");
	ok(kzt_hello_parse(P(HDR "01" "03010e0001" "0000018bcfe56800" ID_A), &h) ==
	   -EPROTONOSUPPORT, "protocol 3");
	packet(HELLO ID_A);
	pkt.p[KZT_OFF_SRC] ^= 1;
	ok(kzt_hello_parse(pkt.p, pkt.len, &h) == -EADDRNOTAVAIL,
	   "someone else's identity");
	packet(HELLO ID_A);
	memset(pkt.p + KZT_OFF_SRC, 0, 5);
	memset(pkt.p + KZT_HDR_LEN + 13, 0, 5);
	ok(kzt_hello_parse(pkt.p, pkt.len, &h) == -EADDRNOTAVAIL,
	   "a reserved address");
	packet(HELLO ID_A);
	ok(kzt_hello_parse(pkt.p, pkt.len - 1, &h) == -EBADMSG, "too short");
	pkt.p[KZT_HDR_LEN + 13 + 5] = 1;
	ok(kzt_hello_parse(pkt.p, pkt.len, &h) == -EBADMSG, "identity of type 1");
}

static void test_hello_tail(void)
{
	struct kzt_hello_moon m;
	struct kzt_hello_tail t;

	ok(!kzt_hello_tail_parse(P("00"), &t) && !t.n, "a tail of one byte");
	ok(!kzt_hello_tail_parse(P("0000"), &t) && !t.n, "no moons");
	ok(!kzt_hello_tail_parse(P("0002" "7f" NWID "0000000000000009"
				   "01" NWID "0000000000000008" "ee"), &t) &&
	   t.n == 2, "two entries and something behind them");
	kzt_hello_tail_moon(&t, 0, &m);
	ok(m.type == KZT_WORLD_MOON && m.id == 0xff2a000000000001ULL && m.ts == 9,
	   "the first is a moon");
	kzt_hello_tail_moon(&t, 1, &m);
	ok(m.type == 1 && m.ts == 8, "the second is none");
	ok(kzt_hello_tail_parse(P("0002" "7f" NWID NWID), &t) == -EBADMSG && !t.n,
	   "an entry is missing");
	ok(kzt_hello_tail_parse(P("ffff"), &t) == -EBADMSG && !t.n, "all are");
}

#define OKH "0000018bcfe56800" "0c010e0001"

static void test_ok_hello(void)
{
	struct kzt_ok_hello h;

	ok(!kzt_ok_hello_parse(P(OKH), &h) && !h.has_phys && !h.worlds_len,
	   "OK(HELLO) may end after the revision");
	ok(!kzt_ok_hello_parse(P(OKH "00"), &h) && !h.has_phys, "null address");
	ok(!kzt_ok_hello_parse(P(OKH "00" "00"), &h) && !h.worlds_len &&
	   !h.worlds_cut, "half a length is none");
	ok(!kzt_ok_hello_parse(P(OKH "00" "0002aabbcc"), &h) &&
	   h.worlds_len == 2 && h.worlds[1] == 0xbb && !h.worlds_cut,
	   "the worlds are found");
	ok(!kzt_ok_hello_parse(P(OKH "00" "0005aabbcc"), &h) &&
	   h.worlds_len == 3 && h.worlds_cut, "a length beyond the end is told");
	ok(kzt_ok_hello_parse(P(OKH "08"), &h) == -EBADMSG, "malformed address");
	ok(kzt_ok_hello_parse(P("0000018bcfe56800" "03010e0001"), &h) ==
	   -EPROTONOSUPPORT, "protocol 3");
	packet(OKH);
	ok(kzt_ok_hello_parse(pkt.p, pkt.len - 1, &h) == -EBADMSG, "too short");
}

static void test_ok_error(void)
{
	struct kzt_error_group g;
	struct kzt_error e;
	const u8 *dict;
	struct kzt_ok r;
	size_t n;
	u64 nwid;

	ok(!kzt_ok_parse(P(HDR "03" "08" NWID), &r) && !r.len &&
	   r.in_re_id == 0xff2a000000000001ULL && r.in_re_verb == KZT_VERB_ECHO,
	   "OK without a body");
	ok(kzt_ok_parse(P(HDR "03" "08" "ff2a0000000000"), &r) == -EBADMSG,
	   "OK cut off");
	ok(!kzt_error_parse(P(HDR "02" "01" NWID "04"), &e) && pkt.len == 38 &&
	   e.code == KZT_ERROR_IDENTITY_COLLISION && !e.len &&
	   kzt_error_nwid(&e, &nwid) == -EBADMSG, "ERROR without data");
	ok(kzt_error_parse(P(HDR "02" "01" NWID), &e) == -EBADMSG,
	   "ERROR of 37 bytes");
	ok(!kzt_error_parse(P(HDR "02" "0e" NWID "08" NWID M1 "00000007"), &e) &&
	   !kzt_error_group(&e, &g) && g.adi == 7 && g.mac[0] == 1 &&
	   g.nwid == 0xff2a000000000001ULL, "unwanted multicast");
	e.len--;
	ok(kzt_error_group(&e, &g) == -EBADMSG, "cut off");
	ok(!kzt_error_parse(P(HDR "02" "0b" NWID "09" NWID "0002aabb"), &e) &&
	   !kzt_error_auth(&e, &nwid, &dict, &n) && n == 2 && dict[1] == 0xbb,
	   "authentication required, with a dictionary");
	e.len--;
	ok(!kzt_error_auth(&e, &nwid, &dict, &n) && !dict && !n,
	   "one that does not fit is left out");
	e.len = 10;
	ok(!kzt_error_auth(&e, &nwid, &dict, &n) && !dict,
	   "two bytes are no dictionary");
	e.len = 8;
	ok(!kzt_error_auth(&e, &nwid, &dict, &n) && !dict &&
	   nwid == 0xff2a000000000001ULL, "nor is none");
	e.len = 7;
	ok(kzt_error_auth(&e, &nwid, &dict, &n) == -EBADMSG, "no network ID");
}

static void test_whois_rendezvous(void)
{
	struct kzt_rendezvous r;
	struct kzt_identity id;
	struct kzt_cur c;
	u64 a = 0, b = 0;

	packet(HDR "04" "430503a02e" "8ec4bf85d7" "01020304");
	c = kzt_packet_payload(pkt.p, pkt.len);
	ok(kzt_whois_next(&c, &a) == 1 && kzt_whois_next(&c, &b) == 1 &&
	   a == 0x430503a02eULL && b == 0x8ec4bf85d7ULL &&
	   !kzt_whois_next(&c, &a), "WHOIS ignores part of an address");

	packet(ID_A ID_A);
	c = kzt_cur(pkt.p, pkt.len);
	ok(kzt_ok_whois_next(&c, &id) == 1 && kzt_ok_whois_next(&c, &id) == 1 &&
	   !kzt_ok_whois_next(&c, &id), "two identities");
	c = kzt_cur(pkt.p, pkt.len - 1);
	ok(kzt_ok_whois_next(&c, &id) == 1 &&
	   kzt_ok_whois_next(&c, &id) == -EBADMSG &&
	   kzt_ok_whois_next(&c, &id) == -EBADMSG, "the second cut off");

	ok(!kzt_rendezvous_parse(P(HDR "05" "00" "430503a02e" "2709" "04"
				   "c0000201"), &r) && r.peer == 0x430503a02eULL &&
	   r.at.family == KZT_AF_INET && r.at.port == 9993, "RENDEZVOUS, IPv4");
	ok(!kzt_rendezvous_parse(P(HDR "05" "00" "430503a02e" "2709" "10"
				   NWID NWID), &r) &&
	   r.at.family == KZT_AF_INET6, "RENDEZVOUS, IPv6");
	ok(kzt_rendezvous_parse(P(HDR "05" "00" "430503a02e" "2709" "10" NWID),
				&r) == -EBADMSG, "cut off");
	ok(!kzt_rendezvous_parse(P(HDR "05" "00" "430503a02e" "2709" "05" NWID),
				 &r) && kzt_inetaddr_is_null(&r.at),
	   "a length of 5 asks for nothing");
	ok(kzt_rendezvous_parse(P(HDR "05" "00" "430503a02e" "2709"), &r) ==
	   -EBADMSG, "no length");
}

static void test_frames(void)
{
	struct kzt_ext_frame x;
	struct kzt_frame f;
	u64 nwid;

	ok(!kzt_verb_nwid(P(HDR "06" NWID), &nwid) &&
	   nwid == 0xff2a000000000001ULL &&
	   kzt_verb_nwid(P(HDR "06" "ff2a"), &nwid) == -EBADMSG, "network ID");
	ok(!kzt_frame_parse(P(HDR "06" NWID "0800" "45"), &f) && f.len == 1 &&
	   f.ethertype == 0x800 && f.data[0] == 0x45, "FRAME of one byte");
	ok(!kzt_frame_parse(P(HDR "06" NWID "0800"), &f) && !f.len, "of none");
	ok(!kzt_frame_parse(P(HDR "06" NWID "08"), &f) && !f.len,
	   "without an EtherType");
	ok(kzt_frame_parse(P(HDR "06" "ff2a0000000000"), &f) == -EBADMSG,
	   "without a network");

	ok(!kzt_ext_frame_parse(P(HDR "07" NWID "00" M1 M2 "86dd" "60"), &x) &&
	   x.has_frame && x.len == 1 && x.dst[0] == 1 && x.src[0] == 2 &&
	   x.ethertype == 0x86dd && !x.com, "EXT_FRAME");
	ok(!kzt_ext_frame_parse(P(HDR "07" NWID "10" M1 M2 "86dd"), &x) &&
	   !x.has_frame && x.flags == 0x10,
	   "of 51 bytes: no frame, but it may want an answer");
	ok(!kzt_ext_frame_parse(P(HDR "07" NWID "10"), &x) && !x.has_frame,
	   "even without addresses");
	ok(kzt_ext_frame_parse(P(HDR "07" NWID), &x) == -EBADMSG &&
	   x.nwid == 0xff2a000000000001ULL, "without flags");
	ok(!kzt_ext_frame_parse(P(HDR "07" NWID "01" COM0 M1 M2 "86dd" "60"), &x) &&
	   x.has_frame && x.com_len == 8 && x.len == 1, "with a certificate");
	ok(kzt_ext_frame_parse(P(HDR "07" NWID "01" COM0 M1 M2), &x) == -EPROTO &&
	   x.com && !x.has_frame, "whose frame is cut off");
	ok(kzt_ext_frame_parse(P(HDR "07" NWID "01" "0200000000000000" M1 M2 "86dd"),
			       &x) == -EBADMSG && !x.has_frame &&
	   x.nwid == 0xff2a000000000001ULL, "which is malformed");
}

static void test_multicast(void)
{
	struct kzt_ok_mcast_frame o;
	struct kzt_mcast_frame f;
	struct kzt_ok_gather g;
	struct kzt_gather q;
	struct kzt_like l;
	struct kzt_cur c;

	packet(HDR "09" NWID M1 "00000007" NWID M2);
	c = kzt_packet_payload(pkt.p, pkt.len);
	ok(kzt_like_next(&c, &l) == 1 && l.adi == 7 &&
	   kzt_like_next(&c, &l) == -EBADMSG, "LIKE: the second entry cut off");

	ok(!kzt_gather_parse(P(HDR "0d" NWID "01" M1 "00000007" "00000064" COM0),
			     &q) && q.limit == 100 && q.com_len == 8, "GATHER");
	ok(!kzt_gather_parse(P(HDR "0d" NWID "01" M1 "00000007" "00000064" "02"),
			     &q) && q.limit == 100 && !q.com && !q.com_len,
	   "a malformed certificate is ignored");
	ok(kzt_gather_parse(P(HDR "0d" NWID "00" M1 "00000007" "000000"), &q) ==
	   -EBADMSG, "no limit");

	ok(!kzt_ok_gather_parse(P(NWID M1 "00000007" "00000009" "0002"
				  "430503a02e" "8ec4bf85d7"), &g) &&
	   g.res.total == 9 && g.res.n == 2 &&
	   kzt_gather_addr(&g.res, 1) == 0x8ec4bf85d7ULL, "OK(GATHER)");
	ok(kzt_ok_gather_parse(P(NWID M1 "00000007" "00000009" "0002"
				 "430503a02e" "8ec4bf85"), &g) == -EBADMSG &&
	   !g.res.n, "more members claimed than there");

	ok(!kzt_mcast_frame_parse(P(HDR "0e" NWID "0f" COM0 "00000020" M2 M1
				    "00000007" "0806" "aa"), &f) &&
	   f.com_len == 8 && f.gather_limit == 32 && f.src[0] == 2 &&
	   f.dst[0] == 1 && f.adi == 7 && f.ethertype == 0x806 && f.len == 1,
	   "MULTICAST_FRAME with everything");
	ok(!kzt_mcast_frame_parse(P(HDR "0e" NWID "00" M1 "00000007" "0806"), &f) &&
	   !f.com && !f.gather_limit && !f.src && !f.len, "with nothing");
	ok(kzt_mcast_frame_parse(P(HDR "0e" NWID "01" COM0 M1), &f) == -EPROTO &&
	   f.com, "cut off behind the certificate");
	ok(kzt_mcast_frame_parse(P(HDR "0e" NWID "01" "02"), &f) == -EBADMSG &&
	   f.nwid == 0xff2a000000000001ULL, "malformed certificate");

	ok(!kzt_ok_mcast_frame_parse(P(NWID M1 "00000007" "00"), &o) &&
	   !o.has_res && !o.com, "OK(MULTICAST_FRAME) with nothing");
	ok(!kzt_ok_mcast_frame_parse(P(NWID M1 "00000007" "03" COM0
				       "00000001" "0001" "430503a02e"), &o) &&
	   o.has_res && o.com_len == 8 && o.res.n == 1, "with everything");
	ok(kzt_ok_mcast_frame_parse(P(NWID M1 "00000007" "03" COM0 "000000"), &o) ==
	   -EPROTO && o.com && !o.has_res, "its result cut off");
	ok(kzt_ok_mcast_frame_parse(P(NWID M1 "00000007"), &o) == -EBADMSG,
	   "without flags");
}

static void test_paths(void)
{
	struct kzt_push_entry e = { 0 };
	struct kzt_push it;

	ok(!kzt_push_open(P(HDR "10" "0005"
			    "02" "0000" "0406" "c00002012709"
			    "00" "0003aabbcc" "0406" "c00002022709"
			    "01" "0000" "0902" "aabb"
			    "00" "0000" "0407" "c0000203270900"
			    "00" "0000" "0612" NWID NWID "01bb"), &it) &&
	   kzt_push_next(&it, &e) == 1 && e.flags == KZT_PUSH_REDIRECT &&
	   e.addr.ip[3] == 1 && e.addr.port == 9993, "PUSH: IPv4");
	ok(kzt_push_next(&it, &e) == 1 && e.addr.ip[3] == 2, "an extension");
	ok(kzt_push_next(&it, &e) == 1 && e.flags == KZT_PUSH_FORGET &&
	   kzt_inetaddr_is_null(&e.addr), "an unknown type");
	ok(kzt_push_next(&it, &e) == 1 && kzt_inetaddr_is_null(&e.addr),
	   "an odd length");
	ok(kzt_push_next(&it, &e) == 1 && e.addr.family == KZT_AF_INET6 &&
	   e.addr.port == 443 && !kzt_push_next(&it, &e), "IPv6, and the end");
	ok(!kzt_push_open(P(HDR "10" "0002" "00" "0000" "0406" "c00002012709"), &it) &&
	   kzt_push_next(&it, &e) == 1 && kzt_push_next(&it, &e) == -EBADMSG,
	   "fewer entries than claimed");
	ok(!kzt_push_open(P(HDR "10" "0001" "00" "0000" "0406" "c000020127"), &it) &&
	   kzt_push_next(&it, &e) == -EBADMSG, "an entry cut off");
	ok(kzt_push_open(P(HDR "10" "00"), &it) == -EBADMSG, "no count");
}

static void test_quality(void)
{
	struct kzt_qos_record r;
	struct kzt_cur c;
	u8 buf[20];
	struct kzt_wcur w = kzt_wcur(buf, 19);
	s16 utility;
	u32 bytes;

	ok(!kzt_ack_parse(P(HDR "12" "00010002"), &bytes) && bytes == 0x10002 &&
	   kzt_ack_parse(P(HDR "12" "000100"), &bytes) == -EBADMSG, "ACK");
	/* Content of a report as it was recorded: vector 13 of path-bond.txt. */
	ok(!kzt_qos_open(P(HDR "13" "0100000000000000" "2c01" "0907060504030201"
			   "0500" "8999aabbccddeeff" "7011"), &c) &&
	   kzt_qos_next(&c, &r) == 1 && r.id == 1 && r.hold == 300 &&
	   kzt_qos_next(&c, &r) == 1 && r.id == 0x0102030405060709ULL &&
	   r.hold == 5 && kzt_qos_next(&c, &r) == 1 &&
	   r.id == 0xffeeddccbbaa9989ULL && r.hold == (70000 & 0xffff) &&
	   !kzt_qos_next(&c, &r), "QOS_MEASUREMENT is little-endian");
	ok(kzt_qos_put(&w, &r) && !kzt_qos_put(&w, &r) && !w.bad &&
	   !memcmp(buf, pkt.p + 48, 10), "and written so");
	ok(!kzt_qos_open(P(HDR "13" NWID "0c"), &c) && !kzt_qos_next(&c, &r),
	   "9 bytes are let in but hold no record");
	ok(kzt_qos_open(P(HDR "13" NWID), &c) == -EBADMSG, "8 are not");
	bytes_free(&pkt);
	pkt = bytes_dup((u8[1429]){ 0 }, 1429);
	ok(kzt_qos_open(pkt.p, 1429, &c) == -EBADMSG &&
	   !kzt_qos_open(pkt.p, 1428, &c), "1400 bytes at most");
	ok(!kzt_path_negotiation_parse(P(HDR "16" "fffe"), &utility) &&
	   utility == -2 &&
	   kzt_path_negotiation_parse(P(HDR "16" "fffe00"), &utility) &&
	   kzt_path_negotiation_parse(P(HDR "16" "ff"), &utility),
	   "PATH_NEGOTIATION_REQUEST is exactly two bytes");
}

/* Whatever comes: no length is read that is not there (ASan watches) */
static void test_message_lengths(void)
{
	struct kzt_user_message m;
	unsigned int bad = 0;
	size_t len;

	for (len = KZT_HDR_LEN; len <= KZT_MAX_PACKET; len++) {
		u8 *exact = malloc(len);
		int err;

		memset(exact, 0xa5, len);
		err = kzt_user_message_parse(exact, len, &m);
		if (len < KZT_HDR_LEN + 8)
			bad += err != -EBADMSG;
		else
			bad += err || m.type != 0xa5a5a5a5a5a5a5a5ULL ||
			       m.len != len - KZT_HDR_LEN - 8 ||
			       m.data != exact + KZT_HDR_LEN + 8;
		free(exact);
	}
	ok(!bad, "USER_MESSAGE of every length");
}

static void test_messages(void)
{
	struct kzt_user_message m;
	const u8 *dict;
	struct kzt_cur c;
	size_t n;

	ok(!kzt_user_message_parse(P(HDR "14" NWID), &m) && !m.len &&
	   kzt_user_message_parse(P(HDR "14" "00"), &m) == -EBADMSG,
	   "USER_MESSAGE has a type");
	packet(HDR "15" "6100" "00" "626300" "64");
	c = kzt_packet_payload(pkt.p, pkt.len);
	ok(kzt_trace_next(&c, &dict, &n) == 1 && n == 1 && *dict == 'a' &&
	   kzt_trace_next(&c, &dict, &n) == 1 && n == 2 && *dict == 'b' &&
	   !kzt_trace_next(&c, &dict, &n),
	   "REMOTE_TRACE: empty and unterminated parts are passed over");
}

int main(void)
{
	test_hello();
	test_hello_tail();
	test_ok_hello();
	test_ok_error();
	test_whois_rendezvous();
	test_frames();
	test_multicast();
	test_paths();
	test_quality();
	test_message_lengths();
	test_messages();
	bytes_free(&pkt);
	return tap_done();
}
