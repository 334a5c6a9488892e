// SPDX-License-Identifier: GPL-2.0
/* kzt rules: what decides over a network's frames (spec 4.10). */
#include "cmd_rules.h"
#include "cmd_rules_shown.h"
#include "kzt.h"
#include "nl.h"
#include "out.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static int rules_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[KZT_A_NETWORK_MAX + 1], *a;
	struct kzt_rules *r = data;
	size_t len;

	kzt_nl_attrs(nlh, tb, KZT_A_NETWORK_MAX);
	r->found = true;
	a = tb[KZT_A_NETWORK_RULES];
	if (a)
		r->bad = kzt_rules_parse(mnl_attr_get_payload(a),
					 mnl_attr_get_payload_len(a), r->rule,
					 KZT_RULES_MAX, &r->n) < 0;
	a = tb[KZT_A_NETWORK_RULE_HITS];
	if (a) {
		len = mnl_attr_get_payload_len(a);
		if (len > sizeof(r->hits))
			len = sizeof(r->hits);
		memcpy(r->hits, mnl_attr_get_payload(a), len);
		r->n_hits = (unsigned int)(len / sizeof(r->hits[0]));
	}
	return MNL_CB_OK;
}

static json_t *address_json(const struct kzt_rule *r, int family)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family, r->ip.addr, text, sizeof(text));
	return json_sprintf("%s/%u", text, r->ip.bits);
}

static json_t *mac_json(const uint8_t m[6])
{
	return json_sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3],
			    m[4], m[5]);
}

/* What the rule looks for, or where it sends to */
static json_t *value_json(const struct kzt_rule *r)
{
	switch (kzt_rule_type(r)) {
	case KZT_ACTION_TEE:
	case KZT_ACTION_WATCH:
	case KZT_ACTION_REDIRECT:
		return json_pack("{s:o,s:i}", "address", json_sprintf(KZT_PRIADDR,
				 (unsigned long long)r->act.address),
				 "length", (int)r->act.length);
	case KZT_MATCH_SOURCE_ADDRESS:
	case KZT_MATCH_DEST_ADDRESS:
		return json_sprintf(KZT_PRIADDR, (unsigned long long)r->address);
	case KZT_MATCH_MAC_SOURCE:
	case KZT_MATCH_MAC_DEST:
		return mac_json(r->mac);
	case KZT_MATCH_IPV4_SOURCE:
	case KZT_MATCH_IPV4_DEST:
		return address_json(r, AF_INET);
	case KZT_MATCH_IPV6_SOURCE:
	case KZT_MATCH_IPV6_DEST:
		return address_json(r, AF_INET6);
	case KZT_MATCH_IP_TOS:
		return json_pack("{s:i,s:i,s:i}", "mask", r->tos.mask, "low", r->tos.low,
				 "high", r->tos.high);
	case KZT_MATCH_ICMP:
		return json_pack("{s:i,s:i*}", "type", r->icmp.type, "code", r->icmp.code);
	case KZT_MATCH_SOURCE_PORT:
	case KZT_MATCH_DEST_PORT:
	case KZT_MATCH_FRAME_SIZE:
		return json_pack("{s:i,s:i}", "low", r->range.low, "high", r->range.high);
	case KZT_MATCH_CHARACTERISTICS:
		return json_sprintf("%016llx", (unsigned long long)r->mask);
	case KZT_MATCH_ETHERTYPE:
		return json_sprintf("%04x", r->u16);
	case KZT_MATCH_VLAN_ID:
		return json_integer(r->u16);
	case KZT_MATCH_VLAN_PCP:
	case KZT_MATCH_VLAN_DEI:
	case KZT_MATCH_IP_PROTOCOL:
		return json_integer(r->u8);
	case KZT_MATCH_RANDOM:
		return json_integer(r->u32);
	case KZT_MATCH_TAGS_DIFFERENCE:
	case KZT_MATCH_TAGS_AND:
	case KZT_MATCH_TAGS_OR:
	case KZT_MATCH_TAGS_XOR:
	case KZT_MATCH_TAGS_EQUAL:
	case KZT_MATCH_TAG_SENDER:
	case KZT_MATCH_TAG_RECEIVER:
		return json_pack("{s:I,s:I}", "id", (json_int_t)r->tag.id, "value",
				 (json_int_t)r->tag.value);
	case KZT_MATCH_INTEGER_RANGE:
		return json_pack("{s:I,s:I,s:i,s:i}", "start", (json_int_t)r->integer.start,
				 "span", (json_int_t)r->integer.span, "index",
				 (int)r->integer.index, "format", (int)r->integer.format);
	default:
		return NULL;
	}
}

json_t *kzt_rule_json(const struct kzt_rule *rule, const uint64_t *hits)
{
	const char *name = kzt_rule_name(kzt_rule_type(rule));
	json_t *o = json_pack("{s:s,s:b,s:b}", "type", name ? name : "unknown",
			      "not", !!(rule->type & KZT_RULE_NOT),
			      "or", !!(rule->type & KZT_RULE_OR));
	json_t *value = value_json(rule);

	if (value)
		json_object_set_new(o, "value", value);
	if (hits)
		json_object_set_new(o, "hits", json_integer((json_int_t)*hits));
	return o;
}

void kzt_rule_print(const json_t *o)
{
	const json_t *v = json_object_get(o, "value");
	char *text = NULL;

	printf("%s%s%s", kzt_get_bool(o, "or") ? "or " : "",
	       kzt_get_bool(o, "not") ? "not " : "", kzt_get_str(o, "type", "?"));
	if (json_is_string(v))
		printf(" %s", json_string_value(v));
	else if (v)
		text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
	if (text)
		printf(" %s", text);
	free(text);
}

static void rule_print(const json_t *o, unsigned int i)
{
	printf("%4u  ", i);
	kzt_rule_print(o);
	if (kzt_get_int(o, "hits", 0))
		printf("  (%llu)", (unsigned long long)kzt_get_int(o, "hits", 0));
	putchar('\n');
}

int kzt_rules_fetch(uint64_t nwid, struct kzt_rules *r)
{
	struct kzt_nl nl;
	struct nlmsghdr *nlh;
	int err = kzt_out_open(&nl);

	if (err)
		return err;
	nlh = kzt_nl_begin(&nl, KZT_CMD_NETWORK_GET, 0);
	mnl_attr_put_u64(nlh, KZT_A_NETWORK_ID, nwid);
	err = kzt_nl_talk(&nl, nlh, rules_cb, r);
	err = err ? kzt_out_refused(&nl, err) : KZT_OK;
	kzt_nl_close(&nl);
	if (!err && (!r->found || r->bad))
		err = kzt_fail("the kernel's rules cannot be read");
	return err;
}

static void rules_print(const json_t *list)
{
	const json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
		rule_print(o, (unsigned int)i);
}

/* The network's, with this node's capabilities */
static int show_network(struct kzt_nl *nl, uint64_t nwid, json_t *out)
{
	struct kzt_shown *shown = kzt_shown_fetch(nl, nwid, 0);
	struct kzt_rules *r = calloc(1, sizeof(*r));
	json_t *list = json_array();
	unsigned int i;
	int err;

	if (!shown || !r)
		err = kzt_fail("%s", shown ? "no memory" : nl->err);
	else
		err = kzt_rules_fetch(nwid, r);
	for (i = 0; !err && i < r->n; i++)
		json_array_append_new(list, kzt_rule_json(&r->rule[i], i < r->n_hits ?
							  &r->hits[i] : NULL));
	json_object_set_new(out, "rules", list);
	if (!err)
		json_object_set_new(out, "capabilities", kzt_shown_caps_json(shown));
	free(shown);
	free(r);
	return err;
}

/* Those that a member has shown */
static int show_member(struct kzt_nl *nl, uint64_t nwid, uint64_t address, json_t *out)
{
	struct kzt_shown *shown = kzt_shown_fetch(nl, nwid, address);

	if (!shown)
		return kzt_fail("%s", nl->err);
	json_object_set_new(out, "member", json_sprintf(KZT_PRIADDR,
			    (unsigned long long)address));
	json_object_set_new(out, "capabilities", kzt_shown_caps_json(shown));
	free(shown);
	return KZT_OK;
}

static void show_print(const json_t *out)
{
	const json_t *rules = json_object_get(out, "rules"), *cap;
	const json_t *caps = json_object_get(out, "capabilities");
	size_t i;

	rules_print(rules);
	if (rules && !json_array_size(rules))
		puts("no rules: every frame is dropped");
	if (!rules && !json_array_size(caps))
		puts("no capabilities");
	json_array_foreach(caps, i, cap) {
		printf("capability %llu\n", (unsigned long long)kzt_get_int(cap, "id", 0));
		rules_print(json_object_get(cap, "rules"));
	}
}

static int rules_show(int argc, char **argv)
{
	uint64_t nwid, address = 0;
	struct kzt_nl nl;
	json_t *out;
	int err;

	if (argc != 2 && (argc != 4 || !kzt_match(argv[2], "member")))
		return kzt_usage("rules show needs a network id, and may have: member ADDRESS");
	if (!kzt_arg_nwid(argv[1], &nwid) ||
	    (argc == 4 && !kzt_arg_address(argv[3], &address)))
		return KZT_USAGE;
	err = kzt_out_open(&nl);
	if (err)
		return err;
	out = json_object();
	err = address ? show_member(&nl, nwid, address, out) :
			show_network(&nl, nwid, out);
	kzt_nl_close(&nl);
	if (!err && kzt_json)
		return kzt_print_json(out);
	if (!err)
		show_print(out);
	json_decref(out);
	return err;
}

int cmd_rules(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "show", rules_show, "NWID [member ADDRESS]",
		  "the rules of a network and of this node's capabilities, or of those that a member has shown, and how often each decided" },
		{ "compile", cmd_rules_compile, "FILE",
		  "from the rules language to the JSON of controllers" },
		{ "test", kzt_rules_test,
		  "NWID dir in|out FILE [from ADDRESS] [to ADDRESS] [local-tag ID=N]... [remote-tag ID=N]...",
		  "which rule decides the Ethernet frames of a capture" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt rules", argc, argv);
}
