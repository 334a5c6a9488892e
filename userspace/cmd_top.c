// SPDX-License-Identifier: GPL-2.0
/* kzt top: who moves how much, again and again. */
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include "show.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct top {
	uint64_t interval_ms, rounds;
	json_t *before;		/* peers by address, as of the last round */
	uint64_t before_us;
};

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static uint64_t rate(const json_t *new, const json_t *old, const char *key,
		     uint64_t us)
{
	uint64_t n = kzt_get_int(new, key, 0), o = kzt_get_int(old, key, 0);

	return old && us && n > o ? (n - o) * 1000000 / us : 0;
}

/* What is new since the last round goes into each peer */
static void add_rates(const struct top *t, json_t *peers, uint64_t us)
{
	static const char *const keys[][2] = {
		{ "rx-bytes", "rx-bytes-per-second" },
		{ "tx-bytes", "tx-bytes-per-second" },
		{ "rx-packets", "rx-packets-per-second" },
		{ "tx-packets", "tx-packets-per-second" },
	};
	const json_t *old;
	json_t *peer;
	size_t i, k;

	json_array_foreach(peers, i, peer) {
		old = json_object_get(t->before, kzt_get_str(peer, "address", ""));
		for (k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			json_object_set_new(peer, keys[k][1], json_integer((json_int_t)
					    rate(peer, old, keys[k][0], us)));
	}
}

static void remember(struct top *t, const json_t *peers, uint64_t now)
{
	const json_t *peer;
	size_t i;

	json_decref(t->before);
	t->before = json_object();
	t->before_us = now;
	json_array_foreach(peers, i, peer)
		json_object_set(t->before, kzt_get_str(peer, "address", ""),
				(json_t *)peer);
}

static uint64_t busy(const json_t *peer)
{
	return kzt_get_int(peer, "rx-bytes-per-second", 0) +
	       kzt_get_int(peer, "tx-bytes-per-second", 0);
}

static int by_rate(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;

	if (busy(x) != busy(y))
		return busy(x) < busy(y) ? 1 : -1;
	return strcmp(kzt_get_str(x, "address", ""), kzt_get_str(y, "address", ""));
}

static json_t *sorted(const json_t *peers)
{
	size_t n = json_array_size(peers), i;
	json_t **list = calloc(n + 1, sizeof(*list)), *out = json_array();

	for (i = 0; list && i < n; i++)
		list[i] = json_array_get(peers, i);
	if (list)
		qsort(list, n, sizeof(*list), by_rate);
	for (i = 0; list && i < n; i++)
		json_array_append(out, list[i]);
	free(list);
	return out;
}

static void print_peer(const json_t *peer)
{
	printf("%-10s %-12.12s %-7s %9s/s %9s/s %9llu %9llu  %s\n",
	       kzt_get_str(peer, "address", "?"), kzt_get_str(peer, "alias", ""),
	       kzt_get_str(peer, "link", "none"),
	       kzt_text_bytes(kzt_get_int(peer, "rx-bytes-per-second", 0)),
	       kzt_text_bytes(kzt_get_int(peer, "tx-bytes-per-second", 0)),
	       (unsigned long long)kzt_get_int(peer, "rx-packets-per-second", 0),
	       (unsigned long long)kzt_get_int(peer, "tx-packets-per-second", 0),
	       json_object_get(peer, "rtt-us") ?
	       kzt_text_ms(kzt_get_int(peer, "rtt-us", 0)) : "");
}

static int print_round(const json_t *node, const json_t *peers)
{
	const json_t *peer;
	size_t i;

	if (kzt_json)
		return kzt_print_json(json_pack("{s:O,s:O}", "node", node, "peers",
						peers));
	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout);
	kzt_show_node(node, peers);
	printf("%s%-10s %-12s %-7s %11s %11s %9s %9s  %s%s\n", kzt_bold(), "peer",
	       "", "link", "rx", "tx", "rx pkt/s", "tx pkt/s", "rtt", kzt_plain());
	json_array_foreach(peers, i, peer)
		print_peer(peer);
	return fflush(stdout) ? KZT_FAIL : KZT_OK;
}

static int look(struct top *t, struct kzt_nl *nl)
{
	json_t *node = NULL, *peers = NULL, *list;
	uint64_t now = now_us();
	int err;

	err = kzt_fetch_node(nl, &node);
	if (!err)
		err = kzt_fetch_peers(nl, &peers);
	if (!err) {
		kzt_add_aliases(peers);
		add_rates(t, peers, now - t->before_us);
		remember(t, peers, now);
		list = sorted(peers);
		err = print_round(node, list);
		json_decref(list);
	}
	json_decref(node);
	json_decref(peers);
	return err;
}

int cmd_top(int argc, char **argv)
{
	struct top t = { .interval_ms = 2000 };
	const char *value;
	struct kzt_nl nl;
	struct timespec ts;
	uint64_t n;
	int i, err;

	for (i = 1; i < argc; i++) {
		bool count = !strcmp(argv[i], "-c");

		if (!count && strcmp(argv[i], "-i"))
			return kzt_arg_surplus(argv[i]);
		value = kzt_arg_value(argc, argv, &i);
		if (!value || !(count ? kzt_arg_number("-c", value, UINT32_MAX, &t.rounds) :
				kzt_arg_seconds("-i", value, &t.interval_ms)))
			return KZT_USAGE;
		if (count && !t.rounds)
			return kzt_usage("-c: at least 1");
	}
	err = kzt_out_open(&nl);
	if (err)
		return err;
	ts.tv_sec = (time_t)(t.interval_ms / 1000);
	ts.tv_nsec = (long)(t.interval_ms % 1000) * 1000000;
	for (n = 1; !err; n++) {
		err = look(&t, &nl);
		if (err || n == t.rounds)
			break;
		nanosleep(&ts, NULL);
	}
	kzt_nl_close(&nl);
	json_decref(t.before);
	return err;
}
