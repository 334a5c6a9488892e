// SPDX-License-Identifier: GPL-2.0
/*
 * Payloads recorded from whole networks: requests, configurations, credentials,
 * frames and multicast between a controller and two members (spec 4, 4.14).
 */
#include "test_proto.h"
#include "verbcheck.h"

#include "netaddr.h"

static const struct {
	const char *name;
	u8 verb;
} verb_names[] = {
	{ "EXT_FRAME", KZT_VERB_EXT_FRAME },
	{ "FRAME", KZT_VERB_FRAME },
	{ "MULTICAST_FRAME", KZT_VERB_MULTICAST_FRAME },
	{ "MULTICAST_GATHER", KZT_VERB_MULTICAST_GATHER },
	{ "MULTICAST_LIKE", KZT_VERB_MULTICAST_LIKE },
	{ "NETWORK_CONFIG", KZT_VERB_NETWORK_CONFIG },
	{ "NETWORK_CONFIG_REQUEST", KZT_VERB_NETWORK_CONFIG_REQUEST },
	{ "NETWORK_CREDENTIALS", KZT_VERB_NETWORK_CREDENTIALS },
	{ "ECHO", KZT_VERB_ECHO },
};

static u8 verb_number(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(verb_names); i++)
		if (!strcmp(verb_names[i].name, name))
			return verb_names[i].verb;
	abort();
}

/* The verb byte for "OK in re ECHO" and so on; *@in_re as well. */
static u8 verb_of(const char *text, int *in_re)
{
	*in_re = -1;
	if (!strncmp(text, "OK in re ", 9)) {
		*in_re = verb_number(text + 9);
		return KZT_VERB_OK;
	}
	if (!strncmp(text, "ERROR in re ", 12)) {
		*in_re = verb_number(text + 12);
		return KZT_VERB_ERROR;
	}
	return verb_number(text);
}

/*
 * Certificates, which are only read, cannot be built: a GATHER has one at its
 * end, and builders write it.  A request may end after the dictionary.
 */
static void check_body(const struct vec_file *f, const char *name,
		       const char *verb_str)
{
	static u8 raw[KZT_MAX_PACKET], buf[KZT_MAX_PACKET];
	struct kzt_wcur in, w = kzt_wcur(buf, sizeof(buf));
	struct bytes body = bytes_vec(f, "body"), pkt;
	size_t upto = 0;
	int in_re;
	bool good;
	u8 verb;

	verb = verb_of(verb_str, &in_re);
	in = kzt_packet_start(raw, sizeof(raw), 1, 2, 3, verb);
	kzt_put_bytes(&in, body.p, body.len);
	pkt = bytes_dup(raw, kzt_wcur_len(&in));

	good = in_re < 0 || pkt.p[KZT_HDR_LEN] == in_re;
	good &= verbcheck_rebuild(pkt.p, pkt.len, &w, &upto) && !w.bad;
	good &= upto <= pkt.len && upto <= kzt_wcur_len(&w);
	if (verb != KZT_VERB_NETWORK_CONFIG_REQUEST)
		good &= upto == pkt.len && kzt_wcur_len(&w) == pkt.len;
	good &= upto > KZT_HDR_LEN + 8 && !memcmp(pkt.p, buf, upto);
	ok(good, "%s line %u: %s", name, vec_block_line(f), verb_str);

	for (upto = KZT_HDR_LEN; upto < pkt.len; upto++) {
		struct bytes cut = bytes_dup(pkt.p, upto);
		size_t unused;

		w = kzt_wcur(buf, sizeof(buf));
		verbcheck_rebuild(cut.p, cut.len, &w, &unused);
		bytes_free(&cut);
	}
	bytes_free(&body);
	bytes_free(&pkt);
}

/* A packet of a record */
struct sent {
	u8 verb;
	u64 from, to;
	struct bytes pkt;
};

static u64 node_named(const char *name)
{
	static const u64 nodes[] = { 0x69cfe62fbf, 0xcac320ad28, 0x4db0d048e9 };

	if (name[0] < 'A' || name[0] > 'C' || name[1])
		abort();
	return nodes[name[0] - 'A'];
}

static void send_pkt(struct sent *s, const struct vec_file *f)
{
	static u8 raw[KZT_MAX_PACKET];
	struct bytes body = bytes_vec(f, "body");
	struct kzt_wcur w;
	int in_re;

	s->verb = verb_of(vec_str(f, "verb_str"), &in_re);
	s->from = node_named(vec_str(f, "from_str"));
	s->to = node_named(vec_str(f, "to_str"));
	w = kzt_packet_start(raw, sizeof(raw), 1, s->to, s->from, s->verb);
	kzt_put_bytes(&w, body.p, body.len);
	s->pkt = bytes_dup(raw, kzt_wcur_len(&w));
	bytes_free(&body);
}

/* The Ethernet frame of a packet, as the handlers of each verb make it */
struct ether {
	u8 dst[6], src[6];
	u16 type;
	const u8 *data;
	size_t len;
};

static bool ether_of(const struct sent *s, struct ether *e)
{
	struct kzt_mcast_frame m;
	struct kzt_ext_frame x;
	struct kzt_frame f;

	switch (s->verb) {
	case KZT_VERB_FRAME:
		if (kzt_frame_parse(s->pkt.p, s->pkt.len, &f))
			return false;
		kzt_mac_of(f.nwid, s->from, e->src);
		kzt_mac_of(f.nwid, s->to, e->dst);
		e->type = f.ethertype, e->data = f.data, e->len = f.len;
		return true;
	case KZT_VERB_EXT_FRAME:
		if (kzt_ext_frame_parse(s->pkt.p, s->pkt.len, &x) || !x.has_frame)
			return false;
		memcpy(e->src, x.src, 6);
		memcpy(e->dst, x.dst, 6);
		e->type = x.ethertype, e->data = x.data, e->len = x.len;
		return true;
	case KZT_VERB_MULTICAST_FRAME:
		if (kzt_mcast_frame_parse(s->pkt.p, s->pkt.len, &m))
			return false;
		if (m.src)
			memcpy(e->src, m.src, 6);
		else
			kzt_mac_of(m.nwid, s->from, e->src);
		memcpy(e->dst, m.dst, 6);
		e->type = m.ethertype, e->data = m.data, e->len = m.len;
		return true;
	}
	return false;
}

static bool is_delivered(const struct vec_file *f, const struct sent *s)
{
	struct bytes frame = bytes_vec(f, "frame");
	struct ether e = {};
	u8 mac[6];
	bool good;

	good = node_named(vec_str(f, "at_str")) == s->to && ether_of(s, &e) &&
	       vec_hex_exact(f, "source_mac", mac, 6) && !memcmp(mac, e.src, 6) &&
	       vec_hex_exact(f, "dest_mac", mac, 6) && !memcmp(mac, e.dst, 6) &&
	       e.type == strtoul(vec_str(f, "ethertype"), NULL, 16) &&
	       bytes_are(&frame, e.data, e.len);
	bytes_free(&frame);
	return good;
}

static void test_flow(const char *dir, const char *name, unsigned int want)
{
	struct vec_file *f = vectors_open(dir, name);
	unsigned int n = 0;

	while (vec_next_block(f)) {
		if (!vec_is(f, "case", "pkt"))
			continue;
		check_body(f, name, vec_str(f, "verb_str"));
		n++;
	}
	ok(n == want, "all %u packets of %s", want, name);
	vec_close(f);
}

/* A frame may be on record before the packet that brought it */
static void test_delivered(const char *dir, const char *name, unsigned int want)
{
	struct sent sent[128] = {};
	unsigned int n = 0, frames = 0, i;
	struct vec_file *f = vectors_open(dir, name);
	bool local = false;

	while (vec_next_block(f) && n < ARRAY_SIZE(sent))
		if (vec_is(f, "case", "pkt"))
			send_pkt(&sent[n++], f);
	vec_close(f);
	f = vectors_open(dir, name);
	while (vec_next_block(f)) {
		if (vec_is(f, "case", "delivered") && !local) {
			for (i = 0; i < n && !is_delivered(f, &sent[i]); i++)
				;
			ok(i < n, "%s line %u: the frame of a packet", name,
			   vec_block_line(f));
			frames++;
		}
		/* What follows a solicitation was made there: test_resolve.c */
		local = vec_is(f, "case", "solicitation");
	}
	ok(frames == want, "all %u frames of %s", want, name);
	vec_close(f);
	while (n--)
		bytes_free(&sent[n].pkt);
}

static void test_credentials(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-cred.txt");
	unsigned int n = 0;

	while (vec_next_block(f)) {
		if (!vec_str(f, "body"))
			continue;
		check_body(f, "net-cred.txt", "NETWORK_CREDENTIALS");
		n++;
	}
	ok(n == 2, "2 packets of credentials of net-cred.txt");
	vec_close(f);
}

/* The dictionary that the chunks of a block make. */
static bool check_chunks(const struct vec_file *f, const struct bytes *dict)
{
	static u8 whole[65536];
	struct kzt_config_chunk k;
	size_t got = 0;
	unsigned int i;
	char key[16];
	u64 update = 0;

	for (i = 0;; i++) {
		struct bytes b;
		bool bad;

		snprintf(key, sizeof(key), "chunk%u", i);
		if (!vec_str(f, key))
			break;
		b = bytes_vec(f, key);
		bad = kzt_config_chunk_parse(b.p, b.len, &k) || k.legacy ||
		      k.total != dict->len || !k.update_id ||
		      (i && k.update_id != update) || k.offset != got ||
		      k.nwid != 0x4db0d048e91a2b3cULL || k.flags ||
		      k.signed_len != b.len - 99 || k.sig != b.p + b.len - 96;
		if (!bad) {
			memcpy(whole + got, k.chunk, k.chunk_len);
			got += k.chunk_len;
			update = k.update_id;
		}
		bytes_free(&b);
		if (bad)
			return false;
	}
	return i && bytes_are(dict, whole, got);
}

static void test_chunks(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-config.txt");
	struct bytes dict = { 0 };
	unsigned int n = 0;

	while (vec_next_block(f)) {
		if (vec_str(f, "dict")) {
			bytes_free(&dict);
			dict = bytes_vec(f, "dict");
		}
		if (!vec_str(f, "chunk0"))
			continue;
		ok(check_chunks(f, &dict), "chunks: %s", vec_str(f, "case"));
		n++;
	}
	ok(n == 3, "all 3 configurations of net-config.txt");
	bytes_free(&dict);
	vec_close(f);
}

/* A chunk "abcd" at @offset of 8. */
static int parse_chunk_at(u32 offset, size_t at, u8 value, size_t len,
			  struct kzt_config_chunk *k)
{
	static u8 sig[KZT_SIG_LEN];
	struct kzt_config_chunk c = {
		.nwid = 1, .chunk = (const u8 *)"abcd", .chunk_len = 4,
		.update_id = 7, .total = 8, .offset = offset, .sig = sig,
	};
	u8 buf[256];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));
	struct bytes b;
	int ret;

	kzt_config_chunk_put(&w, &c);
	if (w.bad || kzt_wcur_len(&w) != 130)
		abort();
	buf[at] = value;
	b = bytes_dup(buf, len);
	ret = kzt_config_chunk_parse(b.p, b.len, k);
	bytes_free(&b);
	return ret;
}

/* One at 4, with one byte changed. */
static int parse_chunk(size_t at, u8 value, size_t len,
		       struct kzt_config_chunk *k)
{
	return parse_chunk_at(4, at, value, len, k);
}

static void test_chunk_edges(void)
{
	struct kzt_config_chunk k;
	bool cut = true;
	size_t len;

	ok(!parse_chunk(0, 0, 130, &k) && !k.legacy && k.offset == 4 &&
	   k.total == 8 && k.update_id == 7 && k.signed_len == 31, "a chunk");
	ok(!parse_chunk(0, 0, 14, &k) && k.legacy && k.chunk_len == 4 && !k.sig,
	   "the legacy form ends behind it");
	for (len = 0; len < 130; len++)
		cut &= len == 14 || parse_chunk(0, 0, len, &k) == -EBADMSG;
	ok(cut, "no other end is good");
	ok(parse_chunk_at(5, 0, 0, 130, &k) == -EBADMSG,
	   "beyond the total length");
	ok(parse_chunk_at(0xfffffffc, 0, 0, 130, &k) == -EBADMSG,
	   "so far beyond it that 32 bits wrap");
	ok(parse_chunk(31, 2, 130, &k) == -EBADMSG, "signature type 2");
	ok(parse_chunk(33, 95, 130, &k) == -EBADMSG, "signature of 95 bytes");
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	test_flow(dir, "net-flow.txt", 62);
	test_delivered(dir, "net-flow.txt", 4);
	test_flow(dir, "net-flow2.txt", 77);
	test_delivered(dir, "net-flow2.txt", 15);
	test_credentials(dir);
	test_chunks(dir);
	test_chunk_edges();
	return tap_done();
}
