// SPDX-License-Identifier: GPL-2.0
/* kzt policy: how several paths of a peer are used. */
#include "decode.h"
#include "kzt.h"
#include "match.h"
#include "out.h"
#include <net/if.h>
#include <string.h>

#define LINKS_MAX 8

/* What may follow "policy set"; from MODE_DEFAULT on it is no mode */
static const char *const modes[] = {
	"none", "random", "proportional", "manual", "active-backup", "broadcast",
	"balance-rr", "balance-xor", "balance-aware", "default", "peer", NULL,
};

enum { MODE_DEFAULT = 9, MODE_PEER };

enum kind {
	NUMBER, LINK, SCOPE_MAX, FORCE, RESELECT, FAILBACK, PER_FLOW,
	/* of the link before it: */
	LINK_NUMBER, LINK_TEXT, LINK_PRIMARY, LINK_SPARE,
};

/*
 * Behind a link all of them may stand, elsewhere those from @policy_keys on: first the
 * numbers that policy show prints, with their keys in JSON
 */
static const struct key {
	const char *word;
	enum kind kind;
	uint16_t attr;
} keys[] = {
	{ "primary", LINK_PRIMARY, KZT_A_POLICY_LINK_PRIMARY },
	{ "spare", LINK_SPARE, KZT_A_POLICY_LINK_PRIMARY },
	{ "weight", LINK_NUMBER, KZT_A_POLICY_LINK_WEIGHT },
	{ "capacity", LINK_NUMBER, KZT_A_POLICY_LINK_CAPACITY },
	{ "mtu", LINK_NUMBER, KZT_A_POLICY_LINK_MTU },
	{ "ip", LINK_TEXT, KZT_A_POLICY_LINK_IPVER },
	{ "failover-to", LINK_TEXT, KZT_A_POLICY_LINK_FAILOVER_TO },
	{ "failover-ms", NUMBER, KZT_A_POLICY_FAILOVER_MS },
	{ "up-delay-ms", NUMBER, KZT_A_POLICY_UP_DELAY_MS },
	{ "down-delay-ms", NUMBER, KZT_A_POLICY_DOWN_DELAY_MS },
	{ "dwell-ms", NUMBER, KZT_A_POLICY_DWELL_MS },
	{ "hysteresis-ppm", NUMBER, KZT_A_POLICY_HYSTERESIS_PPM },
	{ "packets-per-link", NUMBER, KZT_A_POLICY_PACKETS_PER_LINK },
	{ "max-legs", NUMBER, KZT_A_POLICY_MAX_LEGS },
	{ "family-max-4", NUMBER, KZT_A_POLICY_FAMILY_MAX_4 },
	{ "family-max-6", NUMBER, KZT_A_POLICY_FAMILY_MAX_6 },
	{ "latency-max-us", NUMBER, KZT_A_POLICY_LATENCY_MAX_US },
	{ "jitter-max-us", NUMBER, KZT_A_POLICY_JITTER_MAX_US },
	{ "loss-max-ppm", NUMBER, KZT_A_POLICY_LOSS_MAX_PPM },
	{ "error-max-ppm", NUMBER, KZT_A_POLICY_ERROR_MAX_PPM },
	{ "latency-weight-ppm", NUMBER, KZT_A_POLICY_LATENCY_WEIGHT_PPM },
	{ "jitter-weight-ppm", NUMBER, KZT_A_POLICY_JITTER_WEIGHT_PPM },
	{ "loss-weight-ppm", NUMBER, KZT_A_POLICY_LOSS_WEIGHT_PPM },
	{ "error-weight-ppm", NUMBER, KZT_A_POLICY_ERROR_WEIGHT_PPM },
	{ "link", LINK, KZT_A_POLICY_LINK },
	{ "scope-max", SCOPE_MAX, KZT_A_POLICY_SCOPE_MAX },
	{ "force", FORCE, KZT_A_POLICY_FORCE },
	{ "reselect", RESELECT, KZT_A_POLICY_RESELECT },
	{ "failback", FAILBACK, KZT_A_POLICY_RESELECT },
	{ "per-flow", PER_FLOW, KZT_A_POLICY_PER_FLOW },
	{ NULL, NUMBER, 0 },
};

#define LINK_KEYS 7

static const struct key *const policy_keys = keys + LINK_KEYS;

struct words {
	int argc;
	char **argv;
	int i;
	struct nlmsghdr *nlh;
	unsigned int links;
};

static int put_link_word(struct words *w, const struct key *key, bool *primary)
{
	const char *value;
	uint64_t n;

	if (key->kind == LINK_PRIMARY || key->kind == LINK_SPARE) {
		*primary = key->kind == LINK_PRIMARY;
		return KZT_OK;
	}
	value = kzt_arg_value(w->argc, w->argv, &w->i);
	if (!value)
		return KZT_USAGE;
	if (key->kind == LINK_TEXT) {
		mnl_attr_put_strz(w->nlh, key->attr, value);
		return KZT_OK;
	}
	if (!kzt_arg_number(key->word, value, UINT32_MAX, &n))
		return KZT_USAGE;
	mnl_attr_put_u32(w->nlh, key->attr, (uint32_t)n);
	return KZT_OK;
}

/* link DEV [primary|spare] [weight N] ... */
static int put_link(struct words *w)
{
	const char *dev = kzt_arg_value(w->argc, w->argv, &w->i);
	struct nlattr *nest;
	bool primary = true;
	int key, err = KZT_OK;

	if (!dev)
		return KZT_USAGE;
	if (strlen(dev) >= IFNAMSIZ)
		return kzt_usage("link: \"%s\" is too long for an interface", dev);
	if (++w->links > LINKS_MAX)
		return kzt_usage("more than %d links", LINKS_MAX);
	nest = mnl_attr_nest_start(w->nlh, KZT_A_POLICY_LINK);
	mnl_attr_put_strz(w->nlh, KZT_A_POLICY_LINK_NAME, dev);
	while (!err && w->i + 1 < w->argc) {
		key = kzt_match_table(w->argv[w->i + 1], keys, sizeof(keys[0]));
		if (key == KZT_AMBIGUOUS)
			return kzt_match_told(w->argv[w->i + 1], keys, sizeof(keys[0]));
		if (key < 0 || key >= LINK_KEYS)
			break;
		w->i++;
		err = put_link_word(w, &keys[key], &primary);
	}
	mnl_attr_put_u8(w->nlh, KZT_A_POLICY_LINK_PRIMARY, primary);
	mnl_attr_nest_end(w->nlh, nest);
	return err;
}

/* scope-max SCOPE=N */
static int put_scope(struct words *w)
{
	const char *word = kzt_arg_value(w->argc, w->argv, &w->i);
	unsigned int scope, n;
	struct nlattr *nest;
	char end;

	if (!word)
		return KZT_USAGE;
	if (sscanf(word, "%u=%u%c", &scope, &n, &end) != 2)
		return kzt_usage("scope-max: \"%s\" is not SCOPE=PATHS", word);
	nest = mnl_attr_nest_start(w->nlh, KZT_A_POLICY_SCOPE_MAX);
	mnl_attr_put_u32(w->nlh, KZT_A_SCOPE_CAP_SCOPE, scope);
	mnl_attr_put_u32(w->nlh, KZT_A_SCOPE_CAP_PATHS, n);
	mnl_attr_nest_end(w->nlh, nest);
	return KZT_OK;
}

static int put_value(struct words *w, const struct key *key)
{
	const char *value = kzt_arg_value(w->argc, w->argv, &w->i);
	uint64_t n;
	bool on;

	if (!value)
		return KZT_USAGE;
	if (key->kind == RESELECT) {
		mnl_attr_put_strz(w->nlh, key->attr, value);
		return KZT_OK;
	}
	if (key->kind == NUMBER) {
		if (!kzt_arg_number(key->word, value, UINT32_MAX, &n))
			return KZT_USAGE;
		mnl_attr_put_u32(w->nlh, key->attr, (uint32_t)n);
		return KZT_OK;
	}
	if (!kzt_arg_on_off(key->word, value, &on))
		return KZT_USAGE;
	if (key->kind == FAILBACK)
		mnl_attr_put_strz(w->nlh, key->attr, on ? "always" : "failure");
	else
		mnl_attr_put_u8(w->nlh, key->attr, on);
	return KZT_OK;
}

static int put_word(struct words *w)
{
	int i = kzt_arg_table(w->argv[w->i], policy_keys, sizeof(keys[0]));
	const struct key *key;

	if (i < 0)
		return KZT_USAGE;
	key = policy_keys + i;
	switch (key->kind) {
	case LINK:
		return put_link(w);
	case SCOPE_MAX:
		return put_scope(w);
	case FORCE:
		mnl_attr_put(w->nlh, key->attr, 0, NULL);
		return KZT_OK;
	default:
		return put_value(w, key);
	}
}

static int policy_set(int argc, char **argv)
{
	struct kzt_out_req req;
	struct words w = { argc, argv, 1, NULL, 0 };
	uint64_t address = 0;
	bool unset;
	int mode, err = KZT_OK;

	if (w.i >= argc)
		return kzt_usage("policy set needs the name of a policy, or default");
	mode = kzt_arg_choice("policy", argv[w.i], modes);
	if (mode == MODE_PEER) {
		if (w.i + 2 >= argc)
			return kzt_usage("policy set peer needs an address and a policy, or default");
		if (!kzt_arg_address(argv[w.i + 1], &address))
			return KZT_USAGE;
		w.i += 2;
		mode = kzt_arg_choice("policy", argv[w.i], modes);
	}
	if (mode < 0)
		return KZT_USAGE;
	if (mode == MODE_PEER)
		return kzt_usage("policy set takes one peer");
	unset = mode == MODE_DEFAULT;
	w.nlh = kzt_out_begin(&req, unset ? KZT_CMD_POLICY_DEL : KZT_CMD_POLICY_SET);
	if (address)
		mnl_attr_put_u64(w.nlh, KZT_A_POLICY_ADDRESS, address);
	if (unset)
		return w.i + 1 < argc ? kzt_arg_surplus(argv[w.i + 1]) :
					kzt_out_talk(w.nlh, NULL, NULL);
	mnl_attr_put_strz(w.nlh, KZT_A_POLICY_MODE, modes[mode]);
	for (w.i++; w.i < argc && !err; w.i++)
		err = kzt_out_room(w.nlh) ? put_word(&w) : KZT_USAGE;
	return err ? err : kzt_out_talk(w.nlh, NULL, NULL);
}

/* --- show --------------------------------------------------------------------------- */

static void print_link(const json_t *link)
{
	printf("  link %s %s ip %s weight %u", kzt_get_str(link, "name", "?"),
	       kzt_get_bool(link, "primary") ? "primary" : "spare",
	       kzt_get_str(link, "ipver", "any"),
	       (unsigned int)kzt_get_int(link, "weight", 0));
	if (kzt_get_int(link, "capacity", 0))
		printf(" capacity %u",
		       (unsigned int)kzt_get_int(link, "capacity", 0));
	if (kzt_get_int(link, "mtu", 0))
		printf(" mtu %u", (unsigned int)kzt_get_int(link, "mtu", 0));
	if (json_object_get(link, "failover-to"))
		printf(" failover-to %s", kzt_get_str(link, "failover-to", "?"));
	putchar('\n');
}

static void print_state(const json_t *policy)
{
	const json_t *v, *missing = json_object_get(policy, "missing");
	size_t i;

	if (!json_object_get(policy, "in-force"))
		return;
	if (kzt_get_bool(policy, "in-force"))
		printf("  in force%s%s\n",
		       kzt_get_bool(policy, "redundant") ? ", redundant" : "",
		       kzt_get_bool(policy, "balanced") ? ", balanced" : "");
	else
		printf("  not in force: %s\n", kzt_get_str(policy, "inert", "?"));
	json_array_foreach(missing, i, v)
		printf("  no path by %s\n", json_string_value(v));
}

static void print_policy(const json_t *policy)
{
	const json_t *link, *links = json_object_get(policy, "links");
	const char *address = kzt_get_str(policy, "address", NULL);
	unsigned int k;
	size_t i;

	if (address)
		printf("%speer %s%s  %s%s\n", kzt_bold(), address, kzt_plain(),
		       kzt_get_str(policy, "mode", "?"),
		       kzt_get_bool(policy, "own") ? "" : "  (of all peers)");
	else
		printf("%sall peers%s  %s\n", kzt_bold(), kzt_plain(),
		       kzt_get_str(policy, "mode", "?"));
	print_state(policy);
	if (!strcmp(kzt_get_str(policy, "mode", "none"), "none"))
		return;
	printf("  reselect %s  per-flow %s\n ",
	       kzt_get_str(policy, "reselect", "?"),
	       kzt_get_bool(policy, "per-flow") ? "on" : "off");
	for (k = 0; k < 6; k++)
		printf(" %s %u", policy_keys[k].word,
		       (unsigned int)kzt_get_int(policy, policy_keys[k].word, 0));
	putchar('\n');
	json_array_foreach(links, i, link)
		print_link(link);
}

static int policy_show(int argc, char **argv)
{
	json_t *list;
	const json_t *policy;
	size_t i;
	int err;

	if (argc > 1)
		return kzt_arg_surplus(argv[1]);
	err = kzt_fetch_once(kzt_fetch_policies, &list);
	if (err)
		return err;
	if (kzt_json)
		return kzt_print_json(json_pack("{s:o}", "policies", list));
	json_array_foreach(list, i, policy)
		print_policy(policy);
	json_decref(list);
	return KZT_OK;
}

int cmd_policy(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "set", policy_set,
		  "[peer ADDRESS] none|random|proportional|manual|active-backup|broadcast|balance-rr|balance-xor|balance-aware|default "
		  "[KEY VALUE]... [link DEV [primary|spare] [weight N] [capacity N] [mtu BYTES] [ip any|4|6|46|64] [failover-to DEV]]... [force]",
		  "how several paths are used: of all peers, or of one" },
		{ "show", policy_show, "", "policies, and whether they are in force" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt policy", argc, argv);
}
