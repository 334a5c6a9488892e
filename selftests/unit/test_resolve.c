// SPDX-License-Identifier: GPL-2.0
/*
 * Address resolution on a network (spec 4, 4.11.3, 4.11.6) against the vectors.
 *
 * usage: test_resolve [VECTORS-DIRECTORY]
 */
#include <arpa/inet.h>

#include "test_proto.h"

#include "netaddr.h"
#include "resolve.h"

#define NWID	0x4db0d048e91a2b3cULL
#define A	0x69cfe62fbfULL

/* --- ARP -------------------------------------------------------------------------- */

/* Who has @ip? */
static struct bytes arp_request(u32 ip)
{
	u8 p[28] = { 0, 1, 8, 0, 6, 4, 0, 1 };

	put_unaligned_be32(ip, p + 24);
	return bytes_dup(p, sizeof(p));
}

/* IPv4 only: the group of an IPv6 address is chosen by the stack */
static bool group_as_vector(const struct vec_file *f)
{
	u8 mac[6], want[4];
	struct bytes b;
	u32 ip, adi;
	bool good;

	if (inet_pton(AF_INET, vec_str(f, "ip_str"), &ip) != 1)
		return false;
	b = arp_request(ntohl(ip));
	good = kzt_arp_adi(0x0806, b.p, b.len, &adi) &&
	       vec_hex_exact(f, "adi", want, 4) &&
	       adi == get_unaligned_be32(want) &&
	       vec_hex_exact(f, "mac", mac, 6) &&
	       !memcmp(mac, "\xff\xff\xff\xff\xff\xff", 6);
	bytes_free(&b);
	return good;
}

static void test_groups(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-addr.txt");
	unsigned int n = 0;

	while (vec_next_block(f)) {
		const char *ip = vec_str(f, "adi") ? vec_str(f, "ip_str") : NULL;

		if (!ip || strchr(ip, ':'))
			continue;
		ok(group_as_vector(f), "the group of %s", ip);
		n++;
	}
	ok(n == 3, "3 groups of net-addr.txt");
	vec_close(f);
}

static void test_arp_only(void)
{
	struct bytes b = arp_request(0x0a000001), cut = bytes_dup(b.p, 27);
	u32 adi;

	ok(!kzt_arp_adi(0x0806, cut.p, cut.len, &adi), "a request cut short");
	ok(!kzt_arp_adi(0x0800, b.p, b.len, &adi), "another protocol");
	b.p[7] = 2;
	ok(!kzt_arp_adi(0x0806, b.p, b.len, &adi), "an answer has no group");
	b.p[7] = 1, b.p[5] = 8;
	ok(!kzt_arp_adi(0x0806, b.p, b.len, &adi), "nor has a long address");
	bytes_free(&b);
	bytes_free(&cut);
}

/* --- neighbour discovery ------------------------------------------------------------ */

/* What is answered to the solicitation @ns; false if nothing */
static bool answer(const struct bytes *ns, const u8 own[16], unsigned int bits,
		   u8 mac[6], u8 out[KZT_NDP_ADVERT_LEN])
{
	const u8 *target = kzt_ndp_target(0x86dd, ns->p, ns->len);
	u64 member;

	if (!target || !kzt_ndp_member(NWID, own, bits, target, &member) ||
	    !kzt_addr_valid(member))
		return false;
	kzt_mac_of(NWID, member, mac);
	kzt_ndp_advert(own, target, mac, out);
	return true;
}

static void test_advert(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-flow.txt");
	struct bytes ns = {}, want, cut;
	u8 own[16], mac[6], from[6], out[KZT_NDP_ADVERT_LEN];
	bool found = false;

	while (!found && vec_next_block(f))
		found = vec_is(f, "case", "solicitation");
	if (!found)
		abort();
	ns = bytes_vec(f, "frame");
	kzt_ip6_6plane(NWID, A, own);
	ok(answer(&ns, own, 40, mac, out), "net-flow line %u: it is answered",
	   vec_block_line(f));
	if (!vec_next_block(f) || !vec_is(f, "case", "delivered"))
		abort();
	want = bytes_vec(f, "frame");
	ok(vec_hex_exact(f, "source_mac", from, 6) && !memcmp(mac, from, 6) &&
	   bytes_are(&want, out, sizeof(out)),
	   "net-flow line %u: by what the member would have said",
	   vec_block_line(f));
	vec_close(f);

	cut = bytes_dup(ns.p, 63);
	ok(!kzt_ndp_target(0x86dd, cut.p, cut.len), "a solicitation cut short");
	ok(!answer(&ns, own, 64, mac, out), "an address of no scheme says nothing");
	kzt_ip6_rfc4193(NWID, A, own);
	ok(!answer(&ns, own, 88, mac, out), "nor does one of the other scheme");
	kzt_ip6_rfc4193(NWID, 0xcac320ad28, ns.p + 48);
	ok(answer(&ns, own, 88, mac, out) && !memcmp(mac, from, 6),
	   "RFC 4193 addresses name their members, too");
	kzt_ip6_rfc4193(NWID, 0, ns.p + 48);
	ok(!answer(&ns, own, 88, mac, out), "nobody has address 0");
	ns.p[40] = 136;
	ok(!kzt_ndp_target(0x86dd, ns.p, ns.len), "an advertisement asks for nothing");
	bytes_free(&cut);
	bytes_free(&want);
	bytes_free(&ns);
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	test_groups(dir);
	test_arp_only();
	test_advert(dir);
	return tap_done();
}
