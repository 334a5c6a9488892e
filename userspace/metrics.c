// SPDX-License-Identifier: GPL-2.0
/* The node's counters for Prometheus. */
#include "metrics.h"
#include "out.h"
#include <string.h>

/*
 * Samples come grouped by name, as the text format wants them.  In JSON they
 * are one list: {"metrics": [{"name", "labels", "value"}]}.
 */
struct writer {
	json_t *list;		/* JSON, or NULL */
	FILE *f;		/* text */
	const char *name;
};

static void family(struct writer *m, const char *name, const char *type,
		   const char *help)
{
	m->name = name;
	if (!m->list)
		fprintf(m->f, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void label_text(FILE *f, const char *value)
{
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			putc('\\', f);
		if (*value == '\n')
			fputs("\\n", f);
		else
			putc(*value, f);
	}
}

/* @labels: an object of strings, taken; NULL for none */
static void sample(struct writer *m, json_t *labels, double value)
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
	fputs(m->name, m->f);
	json_object_foreach(labels, key, v) {
		fprintf(m->f, "%s%s=\"", sep, key);
		label_text(m->f, json_string_value(v));
		putc('"', m->f);
		sep = ",";
	}
	fprintf(m->f, "%s %.17g\n", *sep == ',' ? "}" : "", value);
	json_decref(labels);
}

static void node_metrics(struct writer *m, const json_t *node)
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

static void counter_metrics(struct writer *m, const json_t *counters)
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

static json_t *network_label(const json_t *network)
{
	return json_pack("{s:s}", "network", kzt_get_str(network, "id", ""));
}

static json_t *peer_label(const json_t *peer)
{
	return json_pack("{s:s}", "address", kzt_get_str(peer, "address", ""));
}

/* A number that each of a list may have */
struct column {
	const char *key, *name, *help;
};

static void column(struct writer *m, const char *type, const struct column *c,
		   const json_t *list, json_t *(*label)(const json_t *o))
{
	const json_t *o;
	size_t i;

	family(m, c->name, type, c->help);
	json_array_foreach(list, i, o)
		if (json_object_get(o, c->key))
			sample(m, label(o), (double)kzt_get_int(o, c->key, 0));
}

static void network_metrics(struct writer *m, const json_t *networks)
{
	static const struct column gauges[] = {
		{ "mtu", "kzt_network_mtu_bytes", "MTU of the network." },
		{ "members", "kzt_network_members", "Members known." },
		{ "groups", "kzt_network_groups", "Multicast groups subscribed to." },
	};
	const json_t *nw;
	size_t i;

	family(m, "kzt_network_info", "gauge", "A network and its state.");
	json_array_foreach(networks, i, nw)
		sample(m, json_pack("{s:s,s:s*,s:s*}",
				    "network", kzt_get_str(nw, "id", ""),
				    "dev", kzt_get_str(nw, "dev", NULL),
				    "status", kzt_get_str(nw, "status", NULL)), 1);
	for (i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++)
		column(m, "gauge", &gauges[i], networks, network_label);
}

static void peer_metrics(struct writer *m, const json_t *peers)
{
	static const struct column counters[] = {
		{ "rx-bytes", "kzt_peer_rx_bytes_total", "Authentic bytes received." },
		{ "tx-bytes", "kzt_peer_tx_bytes_total", "Bytes sent." },
		{ "rx-packets", "kzt_peer_rx_packets_total", "Authentic packets received." },
		{ "tx-packets", "kzt_peer_tx_packets_total", "Packets sent." },
		{ "auth-failures", "kzt_peer_auth_failures_total", "Packets that failed authentication." },
		{ "duplicates", "kzt_peer_duplicates_total", "Packets dropped as replayed." },
	};
	const json_t *p;
	size_t i;

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
	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		column(m, "counter", &counters[i], peers, peer_label);
}

/*
 * Names that dashboards made for the reference know.  What it counts and kzt
 * does not is left out, not shown as 0.
 */
static void alias_metrics(struct writer *m, const json_t *networks, const json_t *peers)
{
	static const struct { const char *key, *direction; } packets[] = {
		{ "rx-packets", "rx" }, { "tx-packets", "tx" },
	};
	const json_t *o, *p;
	size_t i, k, alive;

	family(m, "zt_num_networks", "gauge", "Networks joined.");
	sample(m, NULL, (double)json_array_size(networks));
	family(m, "zt_network_multicast_groups_subscribed", "gauge",
	       "Multicast groups subscribed to.");
	json_array_foreach(networks, i, o)
		sample(m, json_pack("{s:s}", "network_id", kzt_get_str(o, "id", "")),
		       (double)kzt_get_int(o, "groups", 0));
	family(m, "zt_peer_path_count", "gauge", "Paths to the peer.");
	json_array_foreach(peers, i, o) {
		alive = 0;
		json_array_foreach(json_object_get(o, "paths"), k, p)
			alive += !strcmp(kzt_get_str(p, "state", ""), "up");
		sample(m, json_pack("{s:s,s:s}", "node_id", kzt_get_str(o, "address", ""),
				    "status", "alive"), (double)alive);
		sample(m, json_pack("{s:s,s:s}", "node_id", kzt_get_str(o, "address", ""),
				    "status", "dead"), (double)(k - alive));
	}
	family(m, "zt_peer_packets", "counter", "Packets by direction.");
	json_array_foreach(peers, i, o)
		for (k = 0; k < sizeof(packets) / sizeof(packets[0]); k++)
			sample(m, json_pack("{s:s,s:s}", "node_id", kzt_get_str(o, "address", ""),
					    "direction", packets[k].direction),
			       (double)kzt_get_int(o, packets[k].key, 0));
	family(m, "zt_peer_packet_errors", "counter", "Packets that failed authentication.");
	json_array_foreach(peers, i, o)
		sample(m, json_pack("{s:s}", "node_id", kzt_get_str(o, "address", "")),
		       (double)kzt_get_int(o, "auth-failures", 0));
}

static void all(struct writer *w, const struct kzt_metrics *m)
{
	node_metrics(w, m->node);
	counter_metrics(w, m->counters);
	network_metrics(w, m->networks);
	peer_metrics(w, m->peers);
	alias_metrics(w, m->networks, m->peers);
}

void kzt_metrics_text(const struct kzt_metrics *m, FILE *f)
{
	struct writer w = { .f = f };

	all(&w, m);
}

void kzt_metrics_json(const struct kzt_metrics *m, json_t *list)
{
	struct writer w = { .list = list };

	all(&w, m);
}

void kzt_metrics_free(struct kzt_metrics *m)
{
	json_decref(m->node);
	json_decref(m->networks);
	json_decref(m->peers);
	json_decref(m->counters);
	memset(m, 0, sizeof(*m));
}
