// SPDX-License-Identifier: GPL-2.0
/* kzt policy: how several paths of a peer are used. */
#include "decode.h"
#include "kzt.h"
#include "match.h"
#include "out.h"
#include "policy_words.h"
#include <string.h>

static int policy_set(int argc, char **argv)
{
	struct kzt_out_req req;
	struct nlmsghdr *nlh;
	uint64_t address = 0;
	bool unset;
	int mode, i = 1, err;

	if (i >= argc)
		return kzt_usage("policy set needs the name of a policy, or default");
	mode = kzt_arg_choice("policy", argv[i], kzt_policy_modes);
	if (mode == KZT_POLICY_PEER) {
		if (i + 2 >= argc)
			return kzt_usage("policy set peer needs an address and a policy, or default");
		if (!kzt_arg_address(argv[i + 1], &address))
			return KZT_USAGE;
		i += 2;
		mode = kzt_arg_choice("policy", argv[i], kzt_policy_modes);
	}
	if (mode < 0)
		return KZT_USAGE;
	if (mode == KZT_POLICY_PEER)
		return kzt_usage("policy set takes one peer");
	unset = mode == KZT_POLICY_DEFAULT;
	nlh = kzt_out_begin(&req, unset ? KZT_CMD_POLICY_DEL : KZT_CMD_POLICY_SET);
	if (address)
		mnl_attr_put_u64(nlh, KZT_A_POLICY_ADDRESS, address);
	if (unset)
		return i + 1 < argc ? kzt_arg_surplus(argv[i + 1]) :
				      kzt_out_talk(nlh, NULL, NULL);
	mnl_attr_put_strz(nlh, KZT_A_POLICY_MODE, kzt_policy_modes[mode]);
	err = kzt_policy_put(nlh, argc, argv, i + 1);
	return err ? err : kzt_out_talk(nlh, NULL, NULL);
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
	for (k = 0; k < KZT_POLICY_NUMBERS; k++)
		printf(" %s %u", kzt_policy_number(k),
		       (unsigned int)kzt_get_int(policy, kzt_policy_number(k), 0));
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
