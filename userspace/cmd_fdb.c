// SPDX-License-Identifier: GPL-2.0
/* kzt fdb: MAC addresses that were learned behind bridges of a network. */
#include "decode.h"
#include "kzt.h"
#include "out.h"

static int fdb_show(int argc, char **argv)
{
	struct kzt_nl nl;
	const json_t *r;
	json_t *routes;
	uint64_t nwid;
	size_t i;
	int err;

	if (argc != 2)
		return kzt_usage("fdb show needs a network id");
	if (!kzt_arg_nwid(argv[1], &nwid))
		return KZT_USAGE;
	err = kzt_out_open(&nl);
	if (err)
		return err;
	err = kzt_fetch_fdb(&nl, nwid, &routes);
	kzt_nl_close(&nl);
	if (err)
		return err;
	if (kzt_json)
		return kzt_print_json(json_pack("{s:o}", "fdb", routes));
	json_array_foreach(routes, i, r)
		printf("%s behind %s\n", kzt_get_str(r, "mac", "?"),
		       kzt_get_str(r, "address", "?"));
	json_decref(routes);
	return KZT_OK;
}

int cmd_fdb(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "show", fdb_show, "NWID", "MAC addresses and the bridges that they are behind" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt fdb", argc, argv);
}
