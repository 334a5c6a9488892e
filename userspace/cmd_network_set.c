// SPDX-License-Identifier: GPL-2.0
/*
 * kzt network set: the configuration of a network that has no controller to
 * ask, by hand.  A controller's next configuration replaces it.
 */
#include "cmd_rules.h"
#include "kzt.h"
#include "match.h"
#include "nl.h"
#include "out.h"
#include "show.h"
#include <string.h>

#define LIST_MAX 32
#define RULES_BYTES 32768

struct set {
	struct nlmsghdr *nlh;
	const char *rules;
	uint64_t flags;
	bool has_flags;
};

static const char *const flag_names[] = {
	"broadcast", "ndp-emulation", "private", "active-bridge", "unknown-match", NULL,
};

static int put_flag(struct set *s, const char *word)
{
	int i;

	s->has_flags = true;
	if (!strcmp(word, "none"))
		return KZT_OK;
	i = kzt_arg_choice("flag", word, flag_names);
	if (i < 0)
		return KZT_USAGE;
	s->flags |= 1u << i;
	return KZT_OK;
}

static int put_number(struct set *s, uint16_t attr, const char *key, const char *word,
		      uint64_t max)
{
	uint64_t n;

	if (!kzt_arg_number(key, word, max, &n))
		return KZT_USAGE;
	mnl_attr_put_u32(s->nlh, attr, (uint32_t)n);
	return KZT_OK;
}

/* "none" is what clears a list of nodes */
static int put_node(struct set *s, uint16_t attr, const char *word)
{
	uint64_t address = 0;

	if (strcmp(word, "none") && !kzt_arg_address(word, &address))
		return KZT_USAGE;
	mnl_attr_put_u64(s->nlh, attr, address);
	return KZT_OK;
}

/* An address of this node: bits behind the prefix stay */
static int put_address(struct set *s, const char *word)
{
	struct kzt_out_prefix p;

	if (!kzt_arg_interface(word, &p))
		return KZT_USAGE;
	kzt_nl_put_prefix(s->nlh, KZT_A_NETWORK_ADDRESS, &p);
	return KZT_OK;
}

enum {
	RULES, FLAG, MTU, MULTICAST_LIMIT, NAME, ADDRESS, BRIDGE, REPLICATOR, ANCHOR,
};

static const char *const set_keys[] = {
	[RULES] = "rules", [FLAG] = "flag", [MTU] = "mtu",
	[MULTICAST_LIMIT] = "multicast-limit", [NAME] = "name", [ADDRESS] = "address",
	[BRIDGE] = "bridge", [REPLICATOR] = "replicator", [ANCHOR] = "anchor", NULL,
};

static int put_setting(struct set *s, const char *word, const char *value)
{
	int key = kzt_arg_word(word, set_keys);

	switch (key) {
	case RULES:
		s->rules = value;
		return KZT_OK;
	case FLAG:
		return put_flag(s, value);
	case MTU:
		return put_number(s, KZT_A_NETWORK_MTU, set_keys[key], value, 10000);
	case MULTICAST_LIMIT:
		return put_number(s, KZT_A_NETWORK_MULTICAST_LIMIT, set_keys[key], value,
				  UINT32_MAX);
	case NAME:
		if (strlen(value) > 127)
			return kzt_usage("a network's name has 127 bytes at most");
		mnl_attr_put_strz(s->nlh, KZT_A_NETWORK_NAME, value);
		return KZT_OK;
	case ADDRESS:
		return put_address(s, value);
	case BRIDGE:
		return put_node(s, KZT_A_NETWORK_BRIDGE, value);
	case REPLICATOR:
		return put_node(s, KZT_A_NETWORK_REPLICATOR, value);
	case ANCHOR:
		return put_node(s, KZT_A_NETWORK_ANCHOR, value);
	default:
		return KZT_USAGE;
	}
}

static int put_rules(struct set *s, const char *file)
{
	static uint8_t blob[RULES_BYTES];
	int len, err;

	err = kzt_rules_read(file, blob, sizeof(blob), &len);
	if (!err)
		mnl_attr_put(s->nlh, KZT_A_NETWORK_RULES, (size_t)len, blob);
	return err;
}

int kzt_network_set(int argc, char **argv)
{
	static char buf[RULES_BYTES + 16384] __attribute__((aligned(8)));
	struct set s = { .nlh = kzt_out_begin((struct kzt_out_req *)buf, KZT_CMD_NETWORK_SET) };
	const char *key, *value;
	uint64_t nwid;
	int i, err = KZT_OK;

	if (argc < 3)
		return kzt_usage("network set needs a network id and something to set");
	if (!kzt_arg_nwid(argv[1], &nwid))
		return KZT_USAGE;
	mnl_attr_put_u64(s.nlh, KZT_A_NETWORK_ID, nwid);
	for (i = 2; i < argc && !err; i++) {
		key = argv[i];
		value = kzt_arg_value(argc, argv, &i);
		err = value && kzt_out_room(s.nlh) ? put_setting(&s, key, value) : KZT_USAGE;
	}
	if (!err && s.has_flags)
		mnl_attr_put_u32(s.nlh, KZT_A_NETWORK_FLAGS, (uint32_t)s.flags);
	if (!err && s.rules)
		err = put_rules(&s, s.rules);
	return err ? err : kzt_out_talk(s.nlh, NULL, NULL);
}
