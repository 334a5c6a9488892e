// SPDX-License-Identifier: GPL-2.0
/* Which addresses and routes a member gets (spec 4.12.4, 4 and 5). */
#include "controller_address.h"
#include "netaddr.h"
#include <arpa/inet.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#define TRIES 1000

/* What one assignment works with */
struct assign {
	struct kzt_config *conf;
	const json_t *network;
	json_t *member;
	controller_taken_fn taken;
	void *arg;
};

/* "IP/BITS" or "IP" with the length in @a->port */
static bool get_addr(const json_t *v, bool net, struct kzt_inetaddr *a)
{
	unsigned int bits = 0;
	int family;

	memset(a, 0, sizeof(*a));
	family = controller_ip(json_string_value(v), a->ip, net ? &bits : NULL);
	if (!family)
		return false;
	a->family = family == AF_INET ? KZT_AF_INET : KZT_AF_INET6;
	a->port = (u16)bits;
	return true;
}

unsigned int controller_routes(const json_t *network, struct kzt_config_route *route)
{
	unsigned int n = 0;
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(network, "routes"), i, v) {
		struct kzt_config_route r = {};

		if (n == KZT_CONFIG_MAX_ROUTES)
			break;
		if (!get_addr(json_object_get(v, "target"), true, &r.target))
			continue;
		if (!get_addr(json_object_get(v, "via"), false, &r.via) ||
		    r.via.family != r.target.family)
			memset(&r.via, 0, sizeof(r.via));
		route[n++] = r;
	}
	return n;
}

/* The prefix length of the longest (or, with @first, the first) route with it */
static unsigned int route_bits(const struct kzt_config *conf,
			       const struct kzt_inetaddr *ip, bool onlink, bool first)
{
	unsigned int i, bits = 0;

	for (i = 0; i < conf->n_routes && !(first && bits); i++) {
		const struct kzt_config_route *r = &conf->route[i];

		if (onlink && !kzt_inetaddr_is_null(&r->via))
			continue;
		if (r->target.port > bits &&
		    kzt_inetaddr_in_prefix(ip, &r->target, r->target.port))
			bits = r->target.port;
	}
	return bits;
}

static bool add_addr(struct kzt_config *conf, const struct kzt_inetaddr *ip,
		     unsigned int bits)
{
	struct kzt_inetaddr *a;

	if (conf->n_addrs == KZT_CONFIG_MAX_ADDRS)
		return false;
	a = &conf->addr[conf->n_addrs++];
	*a = *ip;
	a->port = (u16)bits;
	return true;
}

static void add_computed(struct assign *s)
{
	const json_t *mode = json_object_get(s->network, "v6AssignMode");
	struct kzt_inetaddr a = { .family = KZT_AF_INET6 };

	if (controller_bool(mode, "rfc4193")) {
		kzt_ip6_rfc4193(s->conf->nwid, s->conf->issued_to, a.ip);
		add_addr(s->conf, &a, 88);
		s->conf->flags |= KZT_CONFIG_NDP;
	}
	if (controller_bool(mode, "6plane")) {
		kzt_ip6_6plane(s->conf->nwid, s->conf->issued_to, a.ip);
		add_addr(s->conf, &a, 40);
		s->conf->flags |= KZT_CONFIG_NDP;
	}
}

/* What the member has already; a mask of the families found */
static unsigned int add_assigned(struct assign *s)
{
	unsigned int found = 0;
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(s->member, "ipAssignments"), i, v) {
		struct kzt_inetaddr a;
		unsigned int bits;

		if (!get_addr(v, false, &a))
			continue;
		bits = route_bits(s->conf, &a, false, false);
		if (bits && add_addr(s->conf, &a, bits))
			found |= 1U << a.family;
	}
	return found;
}

/* 1: it is the member's now; 0: somebody else's; or a negative errno */
static int take(struct assign *s, const struct kzt_inetaddr *ip, unsigned int bits)
{
	json_t *list = json_object_get(s->member, "ipAssignments");
	char text[INET6_ADDRSTRLEN];
	int taken;

	inet_ntop(ip->family == KZT_AF_INET ? AF_INET : AF_INET6, ip->ip, text,
		  sizeof(text));
	taken = s->taken(s->arg, text);
	if (taken)
		return taken < 0 ? taken : 0;
	json_array_append_new(list, json_string(text));
	add_addr(s->conf, ip, bits);
	return 1;
}

static uint64_t random_below(uint64_t n)
{
	uint64_t r;

	if (!n)
		return 0;
	randombytes_buf(&r, sizeof(r));
	return r % n;
}

static int pool_v6(struct assign *s, const uint8_t start[16], const uint8_t end[16])
{
	uint64_t s_high = get_unaligned_be64(start), s_low = get_unaligned_be64(start + 8);
	uint64_t e_high = get_unaligned_be64(end), e_low = get_unaligned_be64(end + 8);
	struct kzt_inetaddr a = { .family = KZT_AF_INET6 };
	unsigned int i;
	int err = 0;

	for (i = 0; i < TRIES && !err; i++) {
		uint64_t high = s_high, low;
		unsigned int bits;

		if (!i && e_low - s_low >= 0xffffffffffULL) {
			low = s_low + s->conf->issued_to;
		} else {
			high += random_below(e_high - s_high);
			low = s_low + random_below(e_low - s_low);
		}
		put_unaligned_be64(high, a.ip);
		put_unaligned_be64(low, a.ip + 8);
		bits = route_bits(s->conf, &a, true, false);
		if (bits)
			err = take(s, &a, bits);
	}
	return err;
}

static int pool_v4(struct assign *s, const uint8_t from[16], const uint8_t to[16])
{
	uint32_t start = get_unaligned_be32(from), end = get_unaligned_be32(to);
	uint32_t len = end - start, t = (uint32_t)s->conf->issued_to, i, tries;
	struct kzt_inetaddr a = { .family = KZT_AF_INET };
	int err = 0;

	if (!start || end < start)
		return 0;
	tries = len < TRIES ? len + 1 : TRIES;
	for (i = 0; i < tries && !err; i++, t++) {
		uint32_t ip = start + (len ? t % len : 0);
		unsigned int bits;

		if ((ip & 0xff) == 0xff)
			continue;
		put_unaligned_be32(ip, a.ip);
		bits = route_bits(s->conf, &a, false, true);
		if (bits)
			err = take(s, &a, bits);
	}
	return err;
}

static int pools(struct assign *s, unsigned int family)
{
	struct kzt_inetaddr from, to;
	const json_t *v;
	int err = 0;
	size_t i;

	json_array_foreach(json_object_get(s->network, "ipAssignmentPools"), i, v) {
		if (err)
			break;
		if (!get_addr(json_object_get(v, "ipRangeStart"), false, &from) ||
		    !get_addr(json_object_get(v, "ipRangeEnd"), false, &to) ||
		    from.family != family || to.family != family)
			continue;
		err = family == KZT_AF_INET ? pool_v4(s, from.ip, to.ip) :
					      pool_v6(s, from.ip, to.ip);
	}
	return err < 0 ? err : 0;
}

bool controller_wants_address(const json_t *network, const json_t *member)
{
	return !controller_bool(member, "noAutoAssignIps") &&
	       (controller_bool(json_object_get(network, "v4AssignMode"), "zt") ||
		controller_bool(json_object_get(network, "v6AssignMode"), "zt"));
}

int controller_addresses(struct kzt_config *conf, const json_t *network,
			 json_t *member, controller_taken_fn taken, void *arg)
{
	struct assign s = { conf, network, member, taken, arg };
	unsigned int found;
	int err = 0;

	conf->n_routes = controller_routes(network, conf->route);
	conf->n_addrs = 0;
	if (!controller_bool(member, "noAutoAssignIps"))
		add_computed(&s);
	found = add_assigned(&s);
	if (!controller_wants_address(network, member))
		return 0;
	if (controller_bool(json_object_get(network, "v6AssignMode"), "zt") &&
	    !(found & 1U << KZT_AF_INET6))
		err = pools(&s, KZT_AF_INET6);
	if (!err && controller_bool(json_object_get(network, "v4AssignMode"), "zt") &&
	    !(found & 1U << KZT_AF_INET))
		err = pools(&s, KZT_AF_INET);
	return err;
}
