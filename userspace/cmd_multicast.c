// SPDX-License-Identifier: GPL-2.0
/* kzt multicast: groups of a network, ours and those of others. */
#include "decode.h"
#include "kzt.h"
#include "out.h"

static void print_group(const json_t *g)
{
	unsigned int adi = (unsigned int)kzt_get_int(g, "adi", 0);
	const json_t *m, *members = json_object_get(g, "members");
	size_t i;

	printf("%sgroup %s%s", kzt_bold(), kzt_get_str(g, "mac", "?"),
	       kzt_plain());
	if (adi)	/* the IPv4 address that ARP asks for */
		printf("/%u.%u.%u.%u", adi >> 24, adi >> 16 & 255,
		       adi >> 8 & 255, adi & 255);
	if (kzt_get_bool(g, "subscribed"))
		printf("  subscribed");
	json_array_foreach(members, i, m)
		printf("%s%s", i ? " " : "  members ", json_string_value(m));
	putchar('\n');
}

static int multicast_show(int argc, char **argv)
{
	struct kzt_nl nl;
	json_t *groups;
	const json_t *g;
	uint64_t nwid;
	size_t i;
	int err;

	if (argc != 2)
		return kzt_usage("multicast show needs a network id");
	if (!kzt_arg_nwid(argv[1], &nwid))
		return KZT_USAGE;
	err = kzt_out_open(&nl);
	if (err)
		return err;
	err = kzt_fetch_groups(&nl, nwid, &groups);
	kzt_nl_close(&nl);
	if (err)
		return err;
	if (kzt_json)
		return kzt_print_json(json_pack("{s:o}", "groups", groups));
	json_array_foreach(groups, i, g)
		print_group(g);
	json_decref(groups);
	return KZT_OK;
}

int cmd_multicast(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "show", multicast_show, "NWID",
		  "multicast groups, who is in them" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt multicast", argc, argv);
}
