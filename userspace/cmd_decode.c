// SPDX-License-Identifier: GPL-2.0
/*
 * kzt decode: the packets of the protocol in a capture, by the module's own
 * parsers.  What is encrypted stays so: of it only the header is to be read.
 */
#include "kzt.h"
#include "out.h"
#include "pcap.h"
#include "proto/verbs.h"
#include <arpa/inet.h>
#include <string.h>
#include <time.h>

struct udp {
	char from[80], to[80];
	const uint8_t *data;
	size_t len;
	bool cut;		/* the capture has less than the wire had */
};

/* --- IP and UDP ------------------------------------------------------------------- */

static void endpoint_text(char out[80], int family, const uint8_t *ip, const uint8_t *port)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family, ip, text, sizeof(text));
	snprintf(out, 80, family == AF_INET ? "%s:%u" : "[%s]:%u", text,
		 port[0] << 8 | port[1]);
}

/* False if it is no UDP, or a later fragment of some */
static bool find_udp(const uint8_t *ip, size_t len, struct udp *u)
{
	const uint8_t *udp;
	size_t head = 40, n;
	bool v4;

	if (len < 20)
		return false;
	v4 = ip[0] >> 4 == 4;
	if (v4) {
		head = 4 * (size_t)(ip[0] & 15);
		if (head < 20 || ip[9] != 17 || (ip[6] & 0x1f) || ip[7])
			return false;
	} else if (ip[0] >> 4 != 6 || len < 40 || ip[6] != 17) {
		return false;
	}
	if (len < head + 8)
		return false;
	udp = ip + head;
	n = (size_t)(udp[4] << 8 | udp[5]);
	if (n < 8)
		return false;
	u->data = udp + 8;
	u->len = len - head - 8;
	u->cut = u->len < n - 8;
	if (!u->cut)
		u->len = n - 8;
	endpoint_text(u->from, v4 ? AF_INET : AF_INET6, ip + (v4 ? 12 : 8), udp);
	endpoint_text(u->to, v4 ? AF_INET : AF_INET6, ip + (v4 ? 16 : 24), udp + 2);
	return true;
}

/* --- packets ------------------------------------------------------------------------ */

static const char *suite_name(unsigned int suite)
{
	static const char *const names[] = { "poly1305", "salsa", "trusted", "siv" };

	return suite < 4 ? names[suite] : "unknown";
}

static void add_address(json_t *o, const char *key, uint64_t address)
{
	if (address)
		json_object_set_new(o, key, json_sprintf(KZT_PRIADDR,
				    (unsigned long long)address));
}

static void add_hello(json_t *o, const uint8_t *pkt, size_t len)
{
	struct kzt_hello h;

	memset(&h, 0, sizeof(h));
	if (kzt_hello_parse(pkt, len, &h) == -EBADMSG) {
		json_object_set_new(o, "malformed", json_true());
		return;
	}
	json_object_set_new(o, "proto", json_integer(h.proto));
	json_object_set_new(o, "version", json_sprintf("%u.%u.%u", h.major, h.minor, h.rev));
	json_object_set_new(o, "time-ms", json_integer((json_int_t)h.timestamp));
	add_address(o, "identity", h.id.address);
	if (h.planet_id)
		json_object_set_new(o, "planet-id", json_sprintf(KZT_PRIX64,
				    (unsigned long long)h.planet_id));
}

/* What follows a verb in the clear: suites 0 and 2 only */
static void add_verb(json_t *o, const uint8_t *pkt, size_t len)
{
	uint8_t verb = kzt_packet_verb(pkt);
	const char *name = kzt_verb_name(verb);
	uint64_t nwid;

	json_object_set_new(o, "verb", name ? json_string(name) : json_sprintf("%02x", verb));
	if (kzt_packet_compressed(pkt))
		json_object_set_new(o, "compressed", json_true());
	else if (verb == KZT_VERB_HELLO)
		add_hello(o, pkt, len);
	else if ((verb == KZT_VERB_FRAME || verb == KZT_VERB_EXT_FRAME ||
		  verb == KZT_VERB_MULTICAST_FRAME || verb == KZT_VERB_MULTICAST_GATHER ||
		  verb == KZT_VERB_NETWORK_CONFIG_REQUEST) &&
		 !kzt_verb_nwid(pkt, len, &nwid))
		json_object_set_new(o, "network", json_sprintf(KZT_PRIX64,
				    (unsigned long long)nwid));
}

static json_t *packet_json(const struct udp *u)
{
	struct kzt_hdr h;
	json_t *o;

	memset(&h, 0, sizeof(h));
	switch (kzt_packet_parse(u->data, u->len, &h)) {
	case KZT_DGRAM_BEACON:
		o = json_pack("{s:s}", "type", "beacon");
		add_address(o, "source", h.src);
		return o;
	case KZT_DGRAM_FRAGMENT:
		o = json_pack("{s:s,s:o,s:i,s:i,s:i}", "type", "fragment", "id",
			      json_sprintf(KZT_PRIX64, (unsigned long long)h.id), "number",
			      h.frag_no, "of", h.frag_total, "hops", h.hops);
		add_address(o, "destination", h.dst);
		return o;
	case KZT_DGRAM_HEAD:
		break;
	default:
		return NULL;
	}
	o = json_pack("{s:s,s:o}", "type", "packet", "id",
		      json_sprintf(KZT_PRIX64, (unsigned long long)h.id));
	add_address(o, "source", h.src);
	add_address(o, "destination", h.dst);
	json_object_set_new(o, "suite", json_string(suite_name(h.suite)));
	json_object_set_new(o, "hops", json_integer(h.hops));
	if (h.fragmented)
		json_object_set_new(o, "fragmented", json_true());
	if (h.suite == KZT_SUITE_POLY1305 || h.suite == KZT_SUITE_TRUSTED)
		add_verb(o, u->data, u->len);
	else
		json_object_set_new(o, "encrypted", json_true());
	return o;
}

static void print_packet(const struct kzt_pcap *p, const struct udp *u, const json_t *o)
{
	static const char *const first[] = { "type", "source", "destination", NULL };
	time_t seconds = (time_t)(p->time_us / 1000000);
	const char *key;
	const json_t *v;
	struct tm tm;
	char when[32];
	unsigned int i;

	gmtime_r(&seconds, &tm);
	strftime(when, sizeof(when), "%T", &tm);
	printf("%s.%06u %s > %s  %zu bytes%s  %s%s%s %s -> %s", when,
	       (unsigned int)(p->time_us % 1000000), u->from, u->to, u->len,
	       u->cut ? " (cut)" : "", kzt_bold(), kzt_get_str(o, "type", ""),
	       kzt_plain(), kzt_get_str(o, "source", "?"),
	       kzt_get_str(o, "destination", "?"));
	json_object_foreach((json_t *)o, key, v) {
		for (i = 0; first[i] && strcmp(first[i], key); i++)
			;
		if (first[i])
			continue;
		if (json_is_true(v))
			printf("  %s", key);
		else if (json_is_string(v))
			printf("  %s %s", key, json_string_value(v));
		else
			printf("  %s %lld", key, (long long)json_integer_value(v));
	}
	putchar('\n');
}

static void decode_one(const struct kzt_pcap *p, json_t *list, uint64_t *strange)
{
	const uint8_t *ip;
	struct udp u;
	size_t len;
	json_t *o;

	ip = kzt_pcap_ip(p, &len);
	if (!ip || !find_udp(ip, len, &u))
		return;
	o = packet_json(&u);
	if (!o) {
		(*strange)++;
		return;
	}
	if (!list) {
		print_packet(p, &u, o);
		json_decref(o);
		return;
	}
	json_object_set_new(o, "time-us", json_integer((json_int_t)p->time_us));
	json_object_set_new(o, "from", json_string(u.from));
	json_object_set_new(o, "to", json_string(u.to));
	json_object_set_new(o, "length", json_integer((json_int_t)u.len));
	if (u.cut)
		json_object_set_new(o, "cut", json_true());
	json_array_append_new(list, o);
}

int cmd_decode(int argc, char **argv)
{
	struct kzt_pcap *p;
	uint64_t strange = 0;
	json_t *list;
	int err = KZT_OK;

	if (argc != 2)
		return kzt_usage("decode needs a capture: pcap or pcapng, - for standard input");
	p = kzt_pcap_open(argv[1]);
	if (!p)
		return KZT_FAIL;
	list = kzt_json ? json_array() : NULL;
	while (kzt_pcap_next(p))
		decode_one(p, list, &strange);
	if (p->err)
		err = kzt_fail("%s: %s", argv[1], p->err);
	kzt_pcap_close(p);
	if (strange)
		fprintf(stderr, "kzt: %llu UDP datagrams are not of this protocol\n",
			(unsigned long long)strange);
	if (list && !err)
		return kzt_print_json(json_pack("{s:o}", "packets", list));
	json_decref(list);
	return err;
}
