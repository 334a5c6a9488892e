// SPDX-License-Identifier: GPL-2.0
/*
 * What follows from a network id: MAC and IP addresses (spec 4, 4.1.2, 4.1.3),
 * and the configuration of ad-hoc networks (4.4.6).
 *
 * usage: test_netaddr [VECTORS-DIRECTORY]
 */
#include "test_proto.h"

#include "netaddr.h"

#define SELF	0x69cfe62fbfULL

static u64 hex64(const struct vec_file *f, const char *key)
{
	const char *s = vec_str(f, key);
	char *end;
	u64 v;

	if (!s)
		abort();
	v = strtoull(s, &end, 16);
	if (end == s || *end)
		abort();
	return v;
}

static void check_address(const struct vec_file *f)
{
	u64 nwid = hex64(f, "nwid"), address = hex64(f, "address");
	u8 mac[6], want_mac[6], ip[16], want_ip[16];

	kzt_mac_of(nwid, address, mac);
	ok(vec_hex_exact(f, "mac", want_mac, 6) && !memcmp(mac, want_mac, 6) &&
	   kzt_mac_first(nwid) == hex64(f, "first_octet") &&
	   kzt_mac_to_address(nwid, mac) == hex64(f, "mac_back_to_address"),
	   "%s: MAC address, both ways", vec_str(f, "case"));
	kzt_ip6_6plane(nwid, address, ip);
	ok(vec_hex_exact(f, "sixplane", want_ip, 16) && !memcmp(ip, want_ip, 16),
	   "%s: 6PLANE", vec_str(f, "case"));
	memset(ip, 0xee, sizeof(ip));
	kzt_ip6_rfc4193(nwid, address, ip);
	ok(vec_hex_exact(f, "rfc4193", want_ip, 16) && !memcmp(ip, want_ip, 16),
	   "%s: RFC 4193", vec_str(f, "case"));
}

static void test_addresses(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-addr.txt");
	unsigned int n = 0;

	while (vec_next_block(f)) {
		if (!vec_str(f, "sixplane"))
			continue;
		check_address(f);
		n++;
	}
	vec_close(f);
	ok(n == 36, "all 36 addresses of net-addr.txt");
}

/* 4.1.2: local, no group, never 52, for every last octet of an id */
static void test_mac_first(void)
{
	unsigned int i, bad = 0;

	for (i = 0; i < 256; i++) {
		u8 f = kzt_mac_first(0x1122334455667700ULL | i);

		bad += (f & 3) != 2 || f == 0x52;
		bad += i != 0x50 && i != 0x51 && i != 0x52 && i != 0x53 &&
		       (f & 0xfc) != (i & 0xfc);
	}
	ok(!bad, "the first octet of any network's MAC addresses");
}

/*
 * Configurations that the reference made of ad-hoc ids (net-flow.txt, step 17).
 * The value of one key of its dictionary, "key=value\n" with escapes.
 */
static struct bytes dict_get(const struct bytes *dict, const char *key)
{
	size_t key_len = strlen(key), len = 0, i = 0;
	static u8 buf[4096];

	while (i < dict->len) {
		if (dict->len - i > key_len && !memcmp(dict->p + i, key, key_len) &&
		    dict->p[i + key_len] == '=')
			break;
		while (i < dict->len && dict->p[i++] != '\n')
			;
	}
	if (i >= dict->len)
		abort();
	for (i += key_len + 1; i < dict->len && dict->p[i] != '\n'; i++) {
		static const char escapes[] = "0nre\\", values[] = "\0\n\r=\\";
		u8 c = dict->p[i];

		if (c == '\\') {
			const char *e = strchr(escapes, dict->p[++i]);

			if (!e)
				abort();
			c = values[e - escapes];
		}
		buf[len++] = c;
	}
	return bytes_dup(buf, len);
}

static u64 dict_u64(const struct bytes *dict, const char *key)
{
	struct bytes b = dict_get(dict, key);
	char text[32];
	u64 v;

	snprintf(text, sizeof(text), "%.*s", (int)b.len, (char *)b.p);
	v = strtoull(text, NULL, 16);
	bytes_free(&b);
	return v;
}

/* Key I as the configuration in @a says it: type, address, prefix in two octets */
static size_t addresses_put(const struct kzt_adhoc *a, u8 *buf)
{
	struct kzt_wcur w = kzt_wcur(buf, 64);

	kzt_put_u8(&w, 6);
	kzt_put_bytes(&w, a->v6, 16);
	kzt_put_u16(&w, 40);
	if (a->has_v4) {
		kzt_put_u8(&w, 4);
		kzt_put_bytes(&w, a->v4, 4);
		kzt_put_u16(&w, 8);
	}
	return kzt_wcur_len(&w);
}

static void check_adhoc(u64 nwid, const struct bytes *dict)
{
	struct bytes name = dict_get(dict, "n"), rules = dict_get(dict, "R");
	struct bytes addresses = dict_get(dict, "I");
	struct kzt_adhoc a;
	u8 buf[512];
	int len;

	memset(&a, 0xee, sizeof(a));
	ok(!kzt_adhoc_decode(nwid, SELF, &a) && a.found, "%016llx is ad-hoc",
	   (unsigned long long)nwid);
	ok(bytes_are(&name, (u8 *)a.name, strlen(a.name)), "its name is %s",
	   a.name);
	len = kzt_rules_build(buf, sizeof(buf), a.rules, a.n_rules);
	ok(len > 0 && bytes_are(&rules, buf, len), "its %u rules", a.n_rules);
	ok(bytes_are(&addresses, buf, addresses_put(&a, buf)), "its addresses");
	ok(a.multicast_limit == dict_u64(dict, "ml") &&
	   dict_u64(dict, "mtu") == KZT_ADHOC_MTU,
	   "its MTU and multicast limit");
	bytes_free(&name);
	bytes_free(&rules);
	bytes_free(&addresses);
}

static void test_adhoc_vectors(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-flow.txt");
	struct kzt_adhoc a;
	unsigned int n = 0;

	while (vec_next_block(f)) {
		u64 nwid;

		if (!vec_is(f, "case", "adhoc"))
			continue;
		n++;
		nwid = hex64(f, "nwid");
		if (vec_str(f, "dict")) {
			struct bytes dict = bytes_vec(f, "dict");

			check_adhoc(nwid, &dict);
			bytes_free(&dict);
		} else {
			ok(vec_u64(f, "status_dec", 0) == 3 &&
			   !kzt_adhoc_decode(nwid, SELF, &a) && !a.found,
			   "%016llx: no such network", (unsigned long long)nwid);
		}
	}
	vec_close(f);
	ok(n == 3, "3 ad-hoc ids of net-flow.txt");
}

static void test_adhoc_forms(void)
{
	struct kzt_adhoc a;

	ok(kzt_adhoc_decode(0xfe00160017000000ULL, SELF, &a) == -EINVAL &&
	   kzt_adhoc_decode(0x4db0d048e91a2b3cULL, SELF, &a) == -EINVAL,
	   "other ids are not ad-hoc");
	ok(kzt_adhoc_decode(0xff00000000000002ULL, SELF, &a) == -ENOENT &&
	   kzt_adhoc_decode(0xff0a000000000100ULL, SELF, &a) == -ENOENT &&
	   kzt_adhoc_decode(0xffffffffffffffffULL, SELF, &a) == -ENOENT,
	   "ids of neither form mean nothing");
	ok(!kzt_adhoc_decode(0xff00000000000000ULL, SELF, &a) && a.found &&
	   a.rules[6].range.low == 0 && a.rules[6].range.high == 0 &&
	   !strcmp(a.name, "adhoc-0000-0000"), "port 0 alone");
	ok(!kzt_adhoc_decode(0xff0000ffff000000ULL, SELF, &a) && a.found &&
	   a.rules[6].range.high == 65535 && !a.has_v4 && !a.multicast_limit &&
	   a.n_rules == KZT_ADHOC_RULES && !strcmp(a.name, "adhoc-0000-ffff"),
	   "all ports");
	ok(!kzt_adhoc_decode(0xff0017aaaa000000ULL, SELF, &a) && a.found &&
	   !kzt_adhoc_decode(0xffffff0000000000ULL, SELF, &a) && !a.found,
	   "the last port may not be before the first");
	ok(!kzt_adhoc_decode(0xffff4db0d048e901ULL, SELF, &a) && a.found &&
	   a.v4[0] == 255 && a.v4[1] == 0xe6 && a.v4[2] == 0x2f &&
	   a.v4[3] == 0xbf && !strcmp(a.name, "adhoc-255.0.0.0"),
	   "the highest network, with a hub");
	ok(!kzt_adhoc_decode(0xff00000000000001ULL, SELF, &a) &&
	   !strcmp(a.name, "adhoc-0.0.0.0"), "the lowest");
	ok(!kzt_adhoc_decode(0xff63000000000001ULL, SELF, &a) &&
	   !strcmp(a.name, "adhoc-99.0.0.0") &&
	   !kzt_adhoc_decode(0xff64000000000001ULL, SELF, &a) &&
	   !strcmp(a.name, "adhoc-100.0.0.0"), "two digits and three");
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	test_addresses(dir);
	test_mac_first();
	test_adhoc_vectors(dir);
	test_adhoc_forms();
	return tap_done();
}
