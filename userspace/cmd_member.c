// SPDX-License-Identifier: GPL-2.0
/* kzt member: the members of a network that frames went to or came from. */
#include "decode.h"
#include "kzt.h"
#include "out.h"

static void print_count(const json_t *m, const char *key)
{
	if (kzt_get_int(m, key, 0))
		printf("  %s %u", key, (unsigned int)kzt_get_int(m, key, 0));
}

static int member_show(int argc, char **argv)
{
	const json_t *m;
	struct kzt_nl nl;
	json_t *members;
	uint64_t nwid;
	size_t i;
	int err;

	if (argc != 2)
		return kzt_usage("member show needs a network id");
	if (!kzt_arg_nwid(argv[1], &nwid))
		return KZT_USAGE;
	err = kzt_out_open(&nl);
	if (err)
		return err;
	err = kzt_fetch_members(&nl, nwid, &members);
	kzt_nl_close(&nl);
	if (err)
		return err;
	if (kzt_json)
		return kzt_print_json(json_pack("{s:o}", "members", members));
	json_array_foreach(members, i, m) {
		printf("%smember %s%s  %s", kzt_bold(),
		       kzt_get_str(m, "address", "?"), kzt_plain(),
		       kzt_get_str(m, "mac", "?"));
		if (json_object_get(m, "last-frame-ms"))
			printf("  frame %s",
			       kzt_text_age(kzt_get_int(m, "last-frame-ms", 0)));
		printf("  certificate %s", kzt_get_str(m, "status", "unknown"));
		print_count(m, "tags");
		print_count(m, "capabilities");
		print_count(m, "owned");
		putchar('\n');
	}
	json_decref(members);
	return KZT_OK;
}

int cmd_member(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "show", member_show, "NWID", "members that are known" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt member", argc, argv);
}
