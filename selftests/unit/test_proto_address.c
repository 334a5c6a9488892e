// SPDX-License-Identifier: GPL-2.0
/*
 * Physical addresses (spec 1, 10.2; spec 3, 3.2).
 */
#include <arpa/inet.h>

#include "test_proto.h"

#include "address.h"

static struct kzt_inetaddr addr(const char *text, u16 port)
{
	struct kzt_inetaddr a = { .port = port };

	if (inet_pton(AF_INET, text, a.ip) == 1)
		a.family = KZT_AF_INET;
	else if (inet_pton(AF_INET6, text, a.ip) == 1)
		a.family = KZT_AF_INET6;
	else
		abort();
	return a;
}

/* Reads @hex; @left is what must remain. */
static bool reads(const char *hex, int want, const struct kzt_inetaddr *as,
		  size_t left)
{
	static const struct kzt_inetaddr null;
	struct bytes b = bytes_hex(hex);
	struct kzt_cur c = kzt_cur(b.p, b.len);
	struct kzt_inetaddr a;
	int got = kzt_inetaddr_get(&c, &a);
	bool good = got == want && c.bad == (want < 0) &&
		    kzt_cur_left(&c) == left;

	if (want >= 0)
		good &= kzt_inetaddr_equal(&a, as ?: &null);
	bytes_free(&b);
	return good;
}

static void test_reading(void)
{
	struct kzt_inetaddr v4 = addr("192.0.2.1", 9993);
	struct kzt_inetaddr v6 = addr("2001:db8::1", 443);

	ok(reads("00aa", 0, NULL, 1), "type 0 is null");
	ok(reads("01010203040506aa", 0, NULL, 1), "type 1 is skipped");
	ok(reads("02010203040506aa", 0, NULL, 1), "type 2 is skipped");
	ok(reads("030003010203aa", 0, NULL, 1), "type 3 is skipped by its length");
	ok(reads("030000aa", 0, NULL, 1), "type 3 of length 0");
	ok(reads("0300040102", KZT_INETADDR_CLIPPED, NULL, 0),
	   "type 3 beyond the end leaves nothing behind it");
	ok(reads("0101020304", KZT_INETADDR_CLIPPED, NULL, 0),
	   "so does a short type 1");
	ok(reads("0300", -EBADMSG, NULL, 0), "type 3 without its length");
	ok(reads("04c00002012709aa", 0, &v4, 1), "IPv4");
	ok(reads("04c000020127", -EBADMSG, NULL, 0), "IPv4 cut off");
	ok(reads("0620010db800000000000000000000000101bbaa", 0, &v6, 1), "IPv6");
	ok(reads("0620010db800000000000000000000000101", -EBADMSG, NULL, 0),
	   "IPv6 cut off");
	ok(reads("", -EBADMSG, NULL, 0), "nothing");
	ok(reads("05000000000000", -EBADMSG, NULL, 0), "type 5");
	ok(reads("ff", -EBADMSG, NULL, 0), "type 255");
}

static bool round_trip(const struct kzt_inetaddr *a, const char *hex)
{
	struct bytes want = bytes_hex(hex);
	u8 buf[KZT_INETADDR_MAX];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));
	bool good;

	kzt_inetaddr_put(&w, a);
	good = bytes_are(&want, buf, kzt_wcur_len(&w)) &&
	       kzt_inetaddr_len(a) == want.len && !w.bad;
	w = kzt_wcur(buf, want.len - 1);
	kzt_inetaddr_put(&w, a);
	good &= w.bad && kzt_wcur_result(&w) == -EMSGSIZE;
	bytes_free(&want);
	return good;
}

static void test_writing(void)
{
	struct kzt_inetaddr v4 = addr("192.0.2.1", 9993);
	struct kzt_inetaddr v6 = addr("2001:db8::1", 443), null = { 0 };

	ok(round_trip(&v4, "04c00002012709"), "IPv4 is written");
	ok(round_trip(&v6, "0620010db800000000000000000000000101bb"),
	   "IPv6 is written");
	ok(round_trip(&null, "00"), "null is written");
}

static void test_comparing(void)
{
	struct kzt_inetaddr a = addr("192.0.2.1", 1), b = addr("192.0.2.1", 2);
	struct kzt_inetaddr c = addr("192.0.2.9", 1), n1 = { 0 }, n2 = { .port = 5 };
	struct kzt_inetaddr x = addr("2001:db8::1", 1);
	struct kzt_inetaddr y = addr("2001:db8::ffff:0:0:9", 1);
	struct kzt_inetaddr z = addr("2001:db8:0:1::1", 1);

	ok(!kzt_inetaddr_equal(&a, &b) && kzt_inetaddr_equal(&a, &a) &&
	   !kzt_inetaddr_equal(&a, &c) && !kzt_inetaddr_equal(&x, &y),
	   "equal: address and port");
	ok(kzt_inetaddr_same_ip(&a, &b) && !kzt_inetaddr_same_ip(&a, &c) &&
	   !kzt_inetaddr_same_ip(&a, &x), "same IP: any port");
	ok(kzt_inetaddr_equal(&n1, &n2), "null equals null");
	ok(kzt_inetaddr_same_net(&x, &y) && !kzt_inetaddr_same_net(&x, &z) &&
	   !kzt_inetaddr_same_net(&a, &c) && kzt_inetaddr_same_net(&a, &b),
	   "same network: IPv4 address, IPv6 /64");
}

static bool in(const char *a, const char *net, unsigned int bits)
{
	struct kzt_inetaddr x = addr(a, 1), y = addr(net, 2);

	return kzt_inetaddr_in_prefix(&x, &y, bits);
}

static void test_prefixes(void)
{
	struct kzt_inetaddr null = { 0 };

	ok(in("10.1.2.3", "10.0.0.0", 8) && !in("11.1.2.3", "10.0.0.0", 8),
	   "IPv4 /8");
	ok(in("10.1.2.3", "10.1.2.0", 30) && !in("10.1.2.4", "10.1.2.0", 30),
	   "IPv4 /30");
	ok(in("10.1.2.3", "10.1.2.3", 32) && !in("10.1.2.3", "10.1.2.2", 32) &&
	   in("10.1.2.3", "10.1.2.3", 77), "IPv4 /32 and more");
	ok(in("10.1.2.3", "192.168.9.9", 0) && !in("10.1.2.3", "::", 0),
	   "/0 of the own family only");
	ok(in("2001:db8:8000::1", "2001:db8:8000::", 33) &&
	   !in("2001:db8::1", "2001:db8:8000::", 33) &&
	   in("::1", "::1", 128) && !in("::2", "::1", 128) &&
	   in("::1", "::1", 200), "IPv6");
	ok(!kzt_inetaddr_in_prefix(&null, &null, 0), "null is in no prefix");
}

static void test_unmap(void)
{
	struct kzt_inetaddr m = addr("::ffff:10.1.2.3", 7), v4 = addr("10.1.2.3", 7);
	struct kzt_inetaddr other = addr("::fffe:10.1.2.3", 7), same = other;

	ok(kzt_inetaddr_scope(&m) == KZT_SCOPE_GLOBAL,
	   "a mapped address counts as IPv6");
	kzt_inetaddr_unmap(&m);
	ok(!memcmp(&m, &v4, sizeof(m)) || kzt_inetaddr_equal(&m, &v4),
	   "until it is unmapped");
	kzt_inetaddr_unmap(&other);
	ok(kzt_inetaddr_equal(&other, &same), "others stay");
}

static bool check_scope_line(const char *value)
{
	unsigned int scope, valid, rank, hash, old;
	struct kzt_inetaddr a;
	char text[64];

	if (sscanf(value, "%63s %u %u %u %u %u %u %u", text, &old, &scope, &old,
		   &valid, &old, &rank, &hash) != 8)
		return false;
	a = addr(text, 9993);
	return kzt_inetaddr_scope(&a) == scope &&
	       kzt_inetaddr_valid_path(&a) == valid &&
	       kzt_inetaddr_rank(&a) == rank &&
	       kzt_inetaddr_gate_hash(&a) == hash;
}

static void test_scope_vectors(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "path-scope.txt");
	struct kzt_inetaddr null = { 0 };
	const char *key, *value;
	unsigned int lines = 0;
	size_t i;

	while (vec_next_block(f)) {
		for (i = 0; vec_line(f, i, &key, &value); i++) {
			if (strcmp(key, "address"))
				continue;
			lines++;
			ok(check_scope_line(value), "scope of %s", value);
		}
	}
	ok(lines == 86, "all 86 lines of path-scope.txt");
	ok(kzt_inetaddr_scope(&null) == KZT_SCOPE_NONE &&
	   !kzt_inetaddr_valid_path(&null) && !kzt_inetaddr_rank(&null) &&
	   !kzt_inetaddr_gate_hash(&null), "null has no scope");
	vec_close(f);
}

/* "IP/BITS": with the prefix length for a port, as in configurations */
static bool inet_as_vector(const struct vec_file *f)
{
	struct bytes b = bytes_vec(f, "record");
	const char *text = vec_str(f, "ip_str"), *bits = strchr(text, '/');
	struct kzt_inetaddr want = { 0 }, got;
	struct kzt_cur c = kzt_cur(b.p, b.len);
	u8 buf[32];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));
	char ip[64] = "";
	bool good;

	if (bits) {
		memcpy(ip, text, bits - text);
		want = addr(ip, atoi(bits + 1));
	}
	kzt_inetaddr_put(&w, &want);
	good = !kzt_inetaddr_get(&c, &got) && !c.bad && !kzt_cur_left(&c) &&
	       kzt_inetaddr_equal(&got, &want) &&
	       bytes_are(&b, buf, kzt_wcur_len(&w));
	bytes_free(&b);
	return good;
}

static void test_record_vectors(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-addr.txt");
	unsigned int n = 0;

	while (vec_next_block(f)) {
		if (!vec_str(f, "record"))
			continue;
		ok(inet_as_vector(f), "record of %s, both ways",
		   vec_str(f, "ip_str"));
		n++;
	}
	ok(n == 6, "all 6 records of net-addr.txt");
	vec_close(f);
}

int main(int argc, char **argv)
{
	test_reading();
	test_writing();
	test_comparing();
	test_prefixes();
	test_unmap();
	test_scope_vectors(vectors_dir(argc, argv));
	test_record_vectors(vectors_dir(argc, argv));
	return tap_done();
}
