// SPDX-License-Identifier: GPL-2.0
/* kzt drops, kzt metrics: the node's counters. */
#include "decode.h"
#include "kzt.h"
#include "metrics.h"
#include "out.h"

int cmd_drops(int argc, char **argv)
{
	json_t *counters;
	const char *name;
	json_t *v;
	int err;

	if (argc > 1)
		return kzt_arg_surplus(argv[1]);
	err = kzt_fetch_once(kzt_fetch_counters, &counters);
	if (err)
		return err;
	if (kzt_json) {
		err = kzt_print_json(json_pack("{s:O}", "drops",
					       json_object_get(counters, "drops")));
	} else {
		json_object_foreach(json_object_get(counters, "drops"), name, v)
			if (json_integer_value(v))
				printf("%-24s %lld\n", name,
				       (long long)json_integer_value(v));
	}
	json_decref(counters);
	return err;
}

int cmd_metrics(int argc, char **argv)
{
	struct kzt_metrics m = {};
	struct kzt_nl nl;
	json_t *list;
	int err;

	if (argc > 1)
		return kzt_arg_surplus(argv[1]);
	err = kzt_out_open(&nl);
	if (err)
		return err;
	err = kzt_fetch_node(&nl, &m.node);
	if (!err)
		err = kzt_fetch_networks(&nl, &m.networks);
	if (!err)
		err = kzt_fetch_peers(&nl, &m.peers);
	if (!err)
		err = kzt_fetch_counters(&nl, &m.counters);
	kzt_nl_close(&nl);
	if (!err && kzt_json) {
		list = json_array();
		kzt_metrics_json(&m, list);
		err = kzt_print_json(json_pack("{s:o}", "metrics", list));
	} else if (!err) {
		kzt_metrics_text(&m, stdout);
	}
	kzt_metrics_free(&m);
	return err;
}
