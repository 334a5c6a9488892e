// SPDX-License-Identifier: GPL-2.0
/* kzt drops, kzt metrics: the node's counters. */
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include <string.h>

int cmd_drops(int argc, char **argv)
{
	json_t *counters;
	const char *name;
	struct kzt_nl nl;
	json_t *v;
	int err;

	if (argc > 1)
		return kzt_arg_surplus(argv[1]);
	err = kzt_out_open(&nl);
	if (err)
		return err;
	err = kzt_fetch_counters(&nl, &counters);
	kzt_nl_close(&nl);
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

/* --- metrics ----------------------------------------------------------------------- */

/*
 * Samples come grouped by name, as the text format wants them.  In JSON they
 * are one list: {"metrics": [{"name", "labels", "value"}]}.
 */
struct metrics {
	json_t *list;		/* JSON */
	const char *name;	/* text */
};

static void family(struct metrics *m, const char *name, const char *type,
		   const char *help)
{
	m->name = name;
	if (!m->list)
		printf("# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void label_text(const char *value)
{
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			putchar('\\');
		if (*value == '\n')
			fputs("\\n", stdout);
		else
			putchar(*value);
	}
}

/* @labels: an object of strings, taken; NULL for none */
static void sample(struct metrics *m, json_t *labels, double value)
{
	const char *key, *sep = "{";
	json_t *v;

	if (m->list) {
		json_array_append_new(m->list, json_pack("{s:s,s:o,s:f}",
				      "name", m->name, "labels",
				      labels ? labels : json_object(),
				      "value", value));
		return;
	}
	fputs(m->name, stdout);
	json_object_foreach(labels, key, v) {
		printf("%s%s=\"", sep, key);
		label_text(json_string_value(v));
		putchar('"');
		sep = ",";
	}
	printf("%s %.17g\n", *sep == ',' ? "}" : "", value);
	json_decref(labels);
}

static void node_metrics(struct metrics *m, const json_t *node)
{
	json_t *labels;

	labels = json_pack("{s:s*,s:s*}", "address",
			   kzt_get_str(node, "address", NULL), "version",
			   kzt_get_str(node, "version", NULL));
	family(m, "kzt_node_info", "gauge", "The node.");
	sample(m, labels, 1);
	family(m, "kzt_node_online", "gauge", "1 if an upstream is heard.");
	sample(m, NULL, kzt_get_bool(node, "online"));
	family(m, "kzt_node_agent", "gauge", "1 while an agent serves the node.");
	sample(m, NULL, kzt_get_bool(node, "agent"));
	family(m, "kzt_node_peers", "gauge", "Peers in memory.");
	sample(m, NULL, (double)kzt_get_int(node, "peers", 0));
	family(m, "kzt_node_paths", "gauge", "Paths of all peers.");
	sample(m, NULL, (double)kzt_get_int(node, "paths", 0));
}

static void counter_metrics(struct metrics *m, const json_t *counters)
{
	const char *name;
	json_t *v;

	family(m, "kzt_events_total", "counter", "What the node did, by event.");
	json_object_foreach(json_object_get(counters, "events"), name, v)
		sample(m, json_pack("{s:s}", "event", name),
		       json_number_value(v));
	family(m, "kzt_drops_total", "counter", "Packets dropped, by reason.");
	json_object_foreach(json_object_get(counters, "drops"), name, v)
		sample(m, json_pack("{s:s}", "reason", name),
		       json_number_value(v));
}

static void network_metrics(struct metrics *m, const json_t *networks)
{
	static const struct { const char *key, *name, *help; } gauges[] = {
		{ "mtu", "kzt_network_mtu_bytes", "MTU of the network." },
		{ "members", "kzt_network_members", "Members known." },
		{ "groups", "kzt_network_groups", "Multicast groups subscribed to." },
	};
	const json_t *nw;
	size_t i, k;

	family(m, "kzt_network_info", "gauge", "A network and its state.");
	json_array_foreach(networks, i, nw)
		sample(m, json_pack("{s:s,s:s*,s:s*}",
				    "network", kzt_get_str(nw, "id", ""),
				    "dev", kzt_get_str(nw, "dev", NULL),
				    "status", kzt_get_str(nw, "status", NULL)), 1);
	for (k = 0; k < sizeof(gauges) / sizeof(gauges[0]); k++) {
		family(m, gauges[k].name, "gauge", gauges[k].help);
		json_array_foreach(networks, i, nw)
			if (json_object_get(nw, gauges[k].key))
				sample(m, json_pack("{s:s}", "network",
						    kzt_get_str(nw, "id", "")),
				       (double)kzt_get_int(nw, gauges[k].key, 0));
	}
}

static json_t *peer_label(const json_t *peer)
{
	return json_pack("{s:s}", "address", kzt_get_str(peer, "address", ""));
}

static void peer_metrics(struct metrics *m, const json_t *peers)
{
	static const struct { const char *key, *name, *help; } counters[] = {
		{ "rx-bytes", "kzt_peer_rx_bytes_total", "Authentic bytes received." },
		{ "tx-bytes", "kzt_peer_tx_bytes_total", "Bytes sent." },
		{ "rx-packets", "kzt_peer_rx_packets_total", "Authentic packets received." },
		{ "tx-packets", "kzt_peer_tx_packets_total", "Packets sent." },
		{ "auth-failures", "kzt_peer_auth_failures_total", "Packets that failed authentication." },
		{ "duplicates", "kzt_peer_duplicates_total", "Packets dropped as replayed." },
	};
	const json_t *p;
	size_t i, k;

	family(m, "kzt_peer_info", "gauge", "A peer and how packets to it leave.");
	json_array_foreach(peers, i, p)
		sample(m, json_pack("{s:s,s:s*,s:s*,s:s*}",
				    "address", kzt_get_str(p, "address", ""),
				    "role", kzt_get_str(p, "role", NULL),
				    "link", kzt_get_str(p, "link", NULL),
				    "version", kzt_get_str(p, "version", NULL)), 1);
	family(m, "kzt_peer_paths", "gauge", "Paths to the peer.");
	json_array_foreach(peers, i, p)
		sample(m, peer_label(p),
		       (double)json_array_size(json_object_get(p, "paths")));
	family(m, "kzt_peer_rtt_seconds", "gauge", "Round trip of the path in use.");
	json_array_foreach(peers, i, p)
		if (json_object_get(p, "rtt-us"))
			sample(m, peer_label(p),
			       (double)kzt_get_int(p, "rtt-us", 0) / 1e6);
	for (k = 0; k < sizeof(counters) / sizeof(counters[0]); k++) {
		family(m, counters[k].name, "counter", counters[k].help);
		json_array_foreach(peers, i, p)
			sample(m, peer_label(p),
			       (double)kzt_get_int(p, counters[k].key, 0));
	}
}

int cmd_metrics(int argc, char **argv)
{
	json_t *node = NULL, *networks = NULL, *peers = NULL, *counters = NULL;
	struct metrics m = {};
	struct kzt_nl nl;
	int err;

	if (argc > 1)
		return kzt_arg_surplus(argv[1]);
	err = kzt_out_open(&nl);
	if (err)
		return err;
	err = kzt_fetch_node(&nl, &node);
	if (!err)
		err = kzt_fetch_networks(&nl, &networks);
	if (!err)
		err = kzt_fetch_peers(&nl, &peers);
	if (!err)
		err = kzt_fetch_counters(&nl, &counters);
	kzt_nl_close(&nl);
	if (!err) {
		m.list = kzt_json ? json_array() : NULL;
		node_metrics(&m, node);
		counter_metrics(&m, counters);
		network_metrics(&m, networks);
		peer_metrics(&m, peers);
		if (kzt_json)
			err = kzt_print_json(json_pack("{s:o}", "metrics", m.list));
	}
	json_decref(node);
	json_decref(networks);
	json_decref(peers);
	json_decref(counters);
	return err;
}
