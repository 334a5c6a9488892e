// SPDX-License-Identifier: GPL-2.0
/* kzt policy: how several paths of a peer are used. */
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include <net/if.h>
#include <string.h>

#define LINKS_MAX 8

static const char *const modes[] = {
	"none", "random", "proportional", "manual", "active-backup", "broadcast",
	"balance-rr", "balance-xor", "balance-aware", NULL,
};

/* Keys with a number, and what they are called in JSON */
static const struct number {
	const char *key;
	uint16_t attr;
} numbers[] = {
	{ "failover-ms", KZT_A_POLICY_FAILOVER_MS },
	{ "up-delay-ms", KZT_A_POLICY_UP_DELAY_MS },
	{ "down-delay-ms", KZT_A_POLICY_DOWN_DELAY_MS },
	{ "dwell-ms", KZT_A_POLICY_DWELL_MS },
	{ "hysteresis-ppm", KZT_A_POLICY_HYSTERESIS_PPM },
	{ "packets-per-link", KZT_A_POLICY_PACKETS_PER_LINK },
	{ "max-legs", KZT_A_POLICY_MAX_LEGS },
	{ "family-max-4", KZT_A_POLICY_FAMILY_MAX_4 },
	{ "family-max-6", KZT_A_POLICY_FAMILY_MAX_6 },
	{ "latency-max-us", KZT_A_POLICY_LATENCY_MAX_US },
	{ "jitter-max-us", KZT_A_POLICY_JITTER_MAX_US },
	{ "loss-max-ppm", KZT_A_POLICY_LOSS_MAX_PPM },
	{ "error-max-ppm", KZT_A_POLICY_ERROR_MAX_PPM },
	{ "latency-weight-ppm", KZT_A_POLICY_LATENCY_WEIGHT_PPM },
	{ "jitter-weight-ppm", KZT_A_POLICY_JITTER_WEIGHT_PPM },
	{ "loss-weight-ppm", KZT_A_POLICY_LOSS_WEIGHT_PPM },
	{ "error-weight-ppm", KZT_A_POLICY_ERROR_WEIGHT_PPM },
};

#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

struct words {
	int argc;
	char **argv;
	int i;
	struct nlmsghdr *nlh;
	unsigned int links;
};

static const struct number *number_find(const char *word)
{
	unsigned int k;

	for (k = 0; k < NUMBERS; k++)
		if (!strcmp(word, numbers[k].key))
			return &numbers[k];
	return NULL;
}

/* What belongs to the link before it; false for another word */
static bool is_link_word(const char *word)
{
	static const char *const words[] = {
		"primary", "spare", "weight", "capacity", "mtu", "ip",
		"failover-to", NULL,
	};
	unsigned int k;

	for (k = 0; words[k]; k++)
		if (!strcmp(word, words[k]))
			return true;
	return false;
}

static int put_link_word(struct words *w, bool *primary)
{
	const char *key = w->argv[w->i], *value;
	uint64_t n;

	if (!strcmp(key, "primary") || !strcmp(key, "spare")) {
		*primary = key[0] == 'p';
		return KZT_OK;
	}
	value = kzt_arg_value(w->argc, w->argv, &w->i);
	if (!value)
		return KZT_USAGE;
	if (!strcmp(key, "ip")) {
		mnl_attr_put_strz(w->nlh, KZT_A_POLICY_LINK_IPVER, value);
		return KZT_OK;
	}
	if (!strcmp(key, "failover-to")) {
		mnl_attr_put_strz(w->nlh, KZT_A_POLICY_LINK_FAILOVER_TO, value);
		return KZT_OK;
	}
	if (!kzt_arg_number(key, value, UINT32_MAX, &n))
		return KZT_USAGE;
	mnl_attr_put_u32(w->nlh, !strcmp(key, "weight") ? KZT_A_POLICY_LINK_WEIGHT :
				 !strcmp(key, "mtu") ? KZT_A_POLICY_LINK_MTU :
						       KZT_A_POLICY_LINK_CAPACITY,
			 (uint32_t)n);
	return KZT_OK;
}

/* link DEV [primary|spare] [weight N] ... */
static int put_link(struct words *w)
{
	const char *dev = kzt_arg_value(w->argc, w->argv, &w->i);
	struct nlattr *nest;
	bool primary = true;
	int err = KZT_OK;

	if (!dev)
		return KZT_USAGE;
	if (strlen(dev) >= IFNAMSIZ)
		return kzt_usage("link: \"%s\" is too long for an interface", dev);
	if (++w->links > LINKS_MAX)
		return kzt_usage("more than %d links", LINKS_MAX);
	nest = mnl_attr_nest_start(w->nlh, KZT_A_POLICY_LINK);
	mnl_attr_put_strz(w->nlh, KZT_A_POLICY_LINK_NAME, dev);
	while (!err && w->i + 1 < w->argc && is_link_word(w->argv[w->i + 1])) {
		w->i++;
		err = put_link_word(w, &primary);
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

static int put_word(struct words *w)
{
	const char *key = w->argv[w->i], *value;
	const struct number *number = number_find(key);
	uint64_t n;
	bool on;

	if (!strcmp(key, "link"))
		return put_link(w);
	if (!strcmp(key, "scope-max"))
		return put_scope(w);
	if (!strcmp(key, "force")) {
		mnl_attr_put(w->nlh, KZT_A_POLICY_FORCE, 0, NULL);
		return KZT_OK;
	}
	if (!number && strcmp(key, "reselect") && strcmp(key, "failback") &&
	    strcmp(key, "per-flow"))
		return kzt_arg_surplus(key);
	value = kzt_arg_value(w->argc, w->argv, &w->i);
	if (!value)
		return KZT_USAGE;
	if (!strcmp(key, "reselect")) {
		mnl_attr_put_strz(w->nlh, KZT_A_POLICY_RESELECT, value);
		return KZT_OK;
	}
	if (number) {
		if (!kzt_arg_number(key, value, UINT32_MAX, &n))
			return KZT_USAGE;
		mnl_attr_put_u32(w->nlh, number->attr, (uint32_t)n);
		return KZT_OK;
	}
	if (!kzt_arg_on_off(key, value, &on))
		return KZT_USAGE;
	if (!strcmp(key, "failback"))
		mnl_attr_put_strz(w->nlh, KZT_A_POLICY_RESELECT,
				  on ? "always" : "failure");
	else
		mnl_attr_put_u8(w->nlh, KZT_A_POLICY_PER_FLOW, on);
	return KZT_OK;
}

static const char *mode_of(const char *word)
{
	unsigned int k;

	for (k = 0; modes[k]; k++)
		if (!strcmp(word, modes[k]))
			return modes[k];
	return NULL;
}

static int policy_set(int argc, char **argv)
{
	struct kzt_out_req req;
	struct words w = { argc, argv, 1, NULL, 0 };
	uint64_t address = 0;
	const char *mode;
	bool unset;
	int err = KZT_OK;

	if (w.i + 1 < argc && !strcmp(argv[w.i], "peer")) {
		if (!kzt_arg_address(argv[w.i + 1], &address))
			return KZT_USAGE;
		w.i += 2;
	}
	if (w.i >= argc)
		return kzt_usage("policy set needs the name of a policy, or default");
	unset = !strcmp(argv[w.i], "default");
	mode = mode_of(argv[w.i]);
	if (!mode && !unset)
		return kzt_usage("\"%s\" is no policy: see kzt policy help", argv[w.i]);
	w.nlh = kzt_out_begin(&req, unset ? KZT_CMD_POLICY_DEL : KZT_CMD_POLICY_SET);
	if (address)
		mnl_attr_put_u64(w.nlh, KZT_A_POLICY_ADDRESS, address);
	if (unset)
		return w.i + 1 < argc ? kzt_arg_surplus(argv[w.i + 1]) :
					kzt_out_talk(w.nlh, NULL, NULL);
	mnl_attr_put_strz(w.nlh, KZT_A_POLICY_MODE, mode);
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
		printf(" %s %u", numbers[k].key,
		       (unsigned int)kzt_get_int(policy, numbers[k].key, 0));
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
