// SPDX-License-Identifier: GPL-2.0
/* Matches of the rules language (spec 4.13.4). */
#include "rulec_tree.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct word {
	const char *name;
	unsigned int value;
};

static const struct word ethertypes[] = {
	{ "ipv4", 0x0800 }, { "arp", 0x0806 }, { "wol", 0x0842 }, { "rarp", 0x8035 },
	{ "ipv6", 0x86dd }, { "atalk", 0x809b }, { "aarp", 0x80f3 },
	{ "ipx_a", 0x8137 }, { "ipx_b", 0x8138 }, { NULL, 0 },
};

static const struct word protocols[] = {
	{ "icmp", 1 }, { "icmp4", 1 }, { "icmpv4", 1 }, { "igmp", 2 }, { "ipip", 4 },
	{ "tcp", 6 }, { "egp", 8 }, { "igp", 9 }, { "udp", 17 }, { "rdp", 27 },
	{ "esp", 50 }, { "ah", 51 }, { "icmp6", 58 }, { "icmpv6", 58 },
	{ "l2tp", 115 }, { "sctp", 132 }, { "udplite", 136 }, { NULL, 0 },
};

static const struct word characteristics[] = {
	{ "inbound", 63 }, { "multicast", 62 }, { "broadcast", 61 }, { "ipauth", 60 },
	{ "macauth", 59 }, { "tcp_fin", 0 }, { "tcp_syn", 1 }, { "tcp_rst", 2 },
	{ "tcp_psh", 3 }, { "tcp_ack", 4 }, { "tcp_urg", 5 }, { "tcp_ece", 6 },
	{ "tcp_cwr", 7 }, { "tcp_ns", 8 }, { "tcp_rs2", 9 }, { "tcp_rs1", 10 },
	{ "tcp_rs0", 11 }, { NULL, 0 },
};

enum kind {
	ADDRESS, MAC, NUMBER, IP, TOS, ICMP, RANGE, CHR, RANDOM, TAG,
};

/**
 * struct match - a word for a match
 * @args: how many tokens follow
 * @field: for NUMBER and ADDRESS; the type for IPv6 for IP
 * @max: for NUMBER and RANGE
 */
static const struct match {
	const char *word;
	enum kind kind;
	unsigned int args;
	const char *type, *field;
	unsigned int max;
	const struct word *words;
} matches[] = {
	{ "ztsrc", ADDRESS, 1, "MATCH_SOURCE_ZEROTIER_ADDRESS", "zt", 0, NULL },
	{ "ztdest", ADDRESS, 1, "MATCH_DEST_ZEROTIER_ADDRESS", "zt", 0, NULL },
	{ "vlan", NUMBER, 1, "MATCH_VLAN_ID", "vlanId", 4095, NULL },
	{ "vlanpcp", NUMBER, 1, "MATCH_VLAN_PCP", "vlanPcp", 7, NULL },
	{ "vlandei", NUMBER, 1, "MATCH_VLAN_DEI", "vlanDei", 1, NULL },
	{ "ethertype", NUMBER, 1, "MATCH_ETHERTYPE", "etherType", 0xffff, ethertypes },
	{ "macsrc", MAC, 1, "MATCH_MAC_SOURCE", "mac", 0, NULL },
	{ "macdest", MAC, 1, "MATCH_MAC_DEST", "mac", 0, NULL },
	{ "ipsrc", IP, 1, "MATCH_IPV4_SOURCE", "MATCH_IPV6_SOURCE", 0, NULL },
	{ "ipdest", IP, 1, "MATCH_IPV4_DEST", "MATCH_IPV6_DEST", 0, NULL },
	{ "iptos", TOS, 2, "MATCH_IP_TOS", NULL, 255, NULL },
	{ "ipprotocol", NUMBER, 1, "MATCH_IP_PROTOCOL", "ipProtocol", 255, protocols },
	{ "icmp", ICMP, 2, "MATCH_ICMP", NULL, 255, NULL },
	{ "sport", RANGE, 1, "MATCH_IP_SOURCE_PORT_RANGE", NULL, 0xffff, NULL },
	{ "dport", RANGE, 1, "MATCH_IP_DEST_PORT_RANGE", NULL, 0xffff, NULL },
	{ "framesize", RANGE, 1, "MATCH_FRAME_SIZE_RANGE", NULL, 0xffff, NULL },
	{ "chr", CHR, 1, "MATCH_CHARACTERISTICS", NULL, 63, characteristics },
	{ "random", RANDOM, 1, "MATCH_RANDOM", NULL, 0, NULL },
	{ "tdiff", TAG, 2, "MATCH_TAGS_DIFFERENCE", NULL, 0, NULL },
	{ "tand", TAG, 2, "MATCH_TAGS_BITWISE_AND", NULL, 0, NULL },
	{ "tor", TAG, 2, "MATCH_TAGS_BITWISE_OR", NULL, 0, NULL },
	{ "txor", TAG, 2, "MATCH_TAGS_BITWISE_XOR", NULL, 0, NULL },
	{ "teq", TAG, 2, "MATCH_TAGS_EQUAL", NULL, 0, NULL },
	{ "tseq", TAG, 2, "MATCH_TAG_SENDER", NULL, 0, NULL },
	{ "treq", TAG, 2, "MATCH_TAG_RECEIVER", NULL, 0, NULL },
};

static const struct match *match_find(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(matches) / sizeof(matches[0]); i++)
		if (!strcmp(word, matches[i].word))
			return &matches[i];
	return NULL;
}

bool rulec_is_match(const char *word)
{
	return match_find(word);
}

/* --- values ------------------------------ */

bool rulec_number(const char *text, int64_t *n)
{
	bool hex = text[0] == '0' && text[1] == 'x';
	const char *digits = hex ? text + 2 : text + (*text == '-');
	size_t len = strspn(digits, hex ? "0123456789abcdef" : "0123456789");

	if (!len || digits[len] || len > (hex ? 15 : 18))
		return false;
	*n = strtoll(text, NULL, hex ? 16 : 10);
	return true;
}

static bool word_or_number(const char *text, const struct word *words,
			   unsigned int max, unsigned int *n)
{
	int64_t value;

	for (; words && words->name; words++)
		if (!strcmp(text, words->name)) {
			*n = words->value;
			return true;
		}
	if (!rulec_number(text, &value) || value < 0 || value > max)
		return false;
	*n = (unsigned int)value;
	return true;
}

bool rulec_hex(const char *text, size_t digits, uint64_t *n)
{
	size_t found = 0;

	for (*n = 0; *text; text++) {
		const char *hex = "0123456789abcdef", *at = strchr(hex, *text);

		if (!at)
			continue;
		if (found++ == digits)
			return false;
		*n = *n << 4 | (uint64_t)(at - hex);
	}
	return found == digits;
}

/* "80" or "1000-2000" */
static bool get_range(const char *text, unsigned int max, unsigned int *low,
		      unsigned int *high)
{
	const char *dash = strchr(text, '-');
	char first[24];

	if (!dash) {
		if (!word_or_number(text, NULL, max, low))
			return false;
		*high = *low;
		return true;
	}
	if ((size_t)(dash - text) >= sizeof(first))
		return false;
	memcpy(first, text, (size_t)(dash - text));
	first[dash - text] = 0;
	return word_or_number(first, NULL, max, low) &&
	       word_or_number(dash + 1, NULL, max, high) && *low <= *high;
}

static bool get_mask(const char *text, uint64_t *mask)
{
	*mask = 0;
	while (*text) {
		size_t len = strcspn(text, ",");
		unsigned int bit;
		char name[24];

		if (len >= sizeof(name))
			return false;
		memcpy(name, text, len);
		name[len] = 0;
		if (!word_or_number(name, characteristics, 63, &bit))
			return false;
		*mask |= 1ULL << bit;
		text += len;
		if (*text == ',' && !*++text)
			return false;
	}
	return *mask;
}

/* --- matches ------------------------------ */

/* What a match is made of: its tokens and the object to fill */
struct parts {
	struct rulec *c;
	const struct match *m;
	const struct rulec_node *node[2];
	const char *arg[2];
	json_t *o;
};

static bool bad(const struct parts *p, unsigned int i, const char *what)
{
	return rulec_fail(p->c, p->node[i], "\"%.40s\" is not %s", p->arg[i], what);
}

static void set_int(const struct parts *p, const char *key, uint64_t n)
{
	json_object_set_new(p->o, key, json_integer((json_int_t)n));
}

static bool put_hex(const struct parts *p)
{
	bool mac = p->m->kind == MAC;
	uint64_t n;

	if (!rulec_hex(p->arg[0], mac ? 12 : 10, &n))
		return bad(p, 0, mac ? "a MAC address" : "an address of ten digits");
	if (mac)
		json_object_set_new(p->o, p->m->field, json_sprintf(
			"%02x:%02x:%02x:%02x:%02x:%02x", (int)(n >> 40 & 255),
			(int)(n >> 32 & 255), (int)(n >> 24 & 255),
			(int)(n >> 16 & 255), (int)(n >> 8 & 255), (int)(n & 255)));
	else
		json_object_set_new(p->o, p->m->field, json_sprintf("%010" PRIx64, n));
	return true;
}

static bool put_number(const struct parts *p)
{
	unsigned int n;

	if (!word_or_number(p->arg[0], p->m->words, p->m->max, &n))
		return bad(p, 0, p->m->words ? "a number in range or a known name" :
			   "a number in range");
	set_int(p, p->m->field, n);
	return true;
}

static bool put_ip(const struct parts *p)
{
	const char *slash = strchr(p->arg[0], '/');
	bool v6 = strchr(p->arg[0], ':');
	char ip[INET6_ADDRSTRLEN];
	unsigned int bits;
	uint8_t raw[16];

	if (!slash || (size_t)(slash - p->arg[0]) >= sizeof(ip))
		return bad(p, 0, "a network, IP/BITS");
	memcpy(ip, p->arg[0], (size_t)(slash - p->arg[0]));
	ip[slash - p->arg[0]] = 0;
	if (inet_pton(v6 ? AF_INET6 : AF_INET, ip, raw) != 1 ||
	    !word_or_number(slash + 1, NULL, v6 ? 128 : 32, &bits))
		return bad(p, 0, "a network, IP/BITS");
	if (v6)
		json_object_set_new(p->o, "type", json_string(p->m->field));
	json_object_set_new(p->o, "ip", json_sprintf("%s/%u", ip, bits));
	return true;
}

static bool put_range(const struct parts *p, unsigned int i)
{
	unsigned int low, high;

	if (!get_range(p->arg[i], p->m->max, &low, &high))
		return bad(p, i, "a number in range, or two, LOW-HIGH");
	set_int(p, "start", low);
	set_int(p, "end", high);
	return true;
}

static bool put_tos(const struct parts *p)
{
	unsigned int mask;

	if (!word_or_number(p->arg[0], NULL, 255, &mask))
		return bad(p, 0, "a mask of eight bits");
	set_int(p, "mask", mask);
	return put_range(p, 1);
}

static bool put_icmp(const struct parts *p)
{
	unsigned int type, code;
	bool any = !strcmp(p->arg[1], "-1");

	if (!word_or_number(p->arg[0], NULL, 255, &type))
		return bad(p, 0, "an ICMP type");
	if (!any && !word_or_number(p->arg[1], NULL, 255, &code))
		return bad(p, 1, "an ICMP code, or -1 for any");
	set_int(p, "icmpType", type);
	json_object_set_new(p->o, "icmpCode", any ? json_null() : json_integer(code));
	return true;
}

static bool put_chr(const struct parts *p)
{
	uint64_t mask;

	if (!get_mask(p->arg[0], &mask))
		return bad(p, 0, "a list of characteristics");
	json_object_set_new(p->o, "mask", json_sprintf("%016" PRIx64, mask));
	return true;
}

static bool put_random(const struct parts *p)
{
	char *end;
	double x = strtod(p->arg[0], &end);

	if (*end || end == p->arg[0] || !isfinite(x))
		return bad(p, 0, "a probability, 0.0 to 1.0");
	x = x < 0 ? 0 : x > 1 ? 1 : x;
	set_int(p, "probability", (uint64_t)(4294967295.0 * x));
	return true;
}

/* A defined tag by its name or id; *@tag is NULL for a number without a name */
static bool tag_find(const struct rulec *c, const char *text, uint32_t *id,
		     const struct rulec_tag **tag)
{
	int64_t n = -1;
	size_t i;

	rulec_number(text, &n);
	*tag = NULL;
	for (i = 0; i < c->n_tags && !*tag; i++)
		if (c->tags[i].id == n || !strcmp(text, c->tags[i].name->text))
			*tag = &c->tags[i];
	if (!*tag && (n < 0 || n > UINT32_MAX))
		return false;
	*id = *tag ? (*tag)->id : (uint32_t)n;
	return true;
}

static bool put_tag(const struct parts *p)
{
	const struct rulec_tag *tag;
	const json_t *v = NULL;
	uint32_t id;
	int64_t n;

	if (!tag_find(p->c, p->arg[0], &id, &tag))
		return bad(p, 0, "a tag");
	if (tag) {
		v = json_object_get(tag->flags, p->arg[1]);
		if (!v)
			v = json_object_get(tag->enums, p->arg[1]);
	}
	if (v)
		n = json_integer_value(v);
	else if (!rulec_number(p->arg[1], &n) || n < 0 || n > UINT32_MAX)
		return bad(p, 1, "a value of this tag");
	set_int(p, "id", id);
	set_int(p, "value", (uint64_t)n);
	return true;
}

static bool put(const struct parts *p)
{
	switch (p->m->kind) {
	case ADDRESS:
	case MAC:
		return put_hex(p);
	case NUMBER:
		return put_number(p);
	case IP:
		return put_ip(p);
	case TOS:
		return put_tos(p);
	case ICMP:
		return put_icmp(p);
	case RANGE:
		return put_range(p, 0);
	case CHR:
		return put_chr(p);
	case RANDOM:
		return put_random(p);
	default:
		return put_tag(p);
	}
}

bool rulec_match(struct rulec *c, const struct rulec_env *env,
		 const struct rulec_node *node, json_t *rules,
		 const struct rulec_node **next)
{
	struct parts p = { .c = c };
	const struct rulec_node *at = node;
	bool not = false, or = false;
	unsigned int i;

	for (; at; at = at->next) {
		const char *word = rulec_value(env, at);

		if (!strcmp(word, "not"))
			not = true;
		else if (!strcmp(word, "or"))
			or = true;
		else if (strcmp(word, "and"))
			break;
	}
	if (!at)
		return rulec_fail(c, node, "\"%s\" needs a match behind it", node->text);
	p.m = match_find(rulec_value(env, at));
	if (!p.m || at->first)
		return rulec_fail(c, at, "\"%.40s\" is not a match", rulec_value(env, at));
	node = at;
	for (i = 0; i < p.m->args; i++) {
		at = at->next;
		if (!at)
			return rulec_fail(c, node, "%s needs %u argument%s", p.m->word,
					  p.m->args, p.m->args > 1 ? "s" : "");
		p.node[i] = at;
		p.arg[i] = rulec_value(env, at);
	}
	*next = at->next;
	p.o = json_pack("{s:s,s:b,s:b}", "type", p.m->type, "not", not, "or", or);
	if (!p.o)
		return rulec_fail(c, node, "out of memory");
	if (!put(&p)) {
		json_decref(p.o);
		return false;
	}
	json_array_append_new(rules, p.o);
	return true;
}
