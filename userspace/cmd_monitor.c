// SPDX-License-Identifier: GPL-2.0
/* kzt monitor: events as they come; with -j a JSON document per line. */
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include <errno.h>
#include <string.h>
#include <time.h>

enum {
	NODE = 1,
	PEER = 2,
	NETWORK = 4,
	PROBE = 8,
	MESSAGE = 16,
	PLAN = 32,
};

static const struct {
	uint8_t cmd;
	unsigned int kind;
	const char *name;
	json_t *(*decode)(const struct nlmsghdr *nlh);
} events[] = {
	{ KZT_CMD_NODE_NTF, NODE, "node", kzt_decode_node },
	{ KZT_CMD_PEER_NTF, PEER, "peer", kzt_decode_peer },
	{ KZT_CMD_NETWORK_NTF, NETWORK, "network", kzt_decode_network },
	{ KZT_CMD_PROBE_NTF, PROBE, "probe", kzt_decode_message },
	{ KZT_CMD_MESSAGE_NTF, MESSAGE, "message", kzt_decode_message },
	{ KZT_CMD_PLAN_NTF, PLAN, "plan", kzt_decode_plan },
};

#define EVENTS (sizeof(events) / sizeof(events[0]))

static void print_fields(const json_t *o)
{
	static const char *const skip[] = { "identity", "address", "id", NULL };
	const char *key;
	const json_t *v;
	unsigned int i;
	char *text;

	json_object_foreach((json_t *)o, key, v) {
		for (i = 0; skip[i] && strcmp(skip[i], key); i++)
			;
		if (skip[i] || (json_is_array(v) && !json_array_size(v)))
			continue;
		if (json_is_string(v)) {
			printf(" %s %s", key, json_string_value(v));
			continue;
		}
		text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
		printf(" %s %s", key, text ? text : "?");
		free(text);
	}
}

static int print_event(unsigned int i, json_t *o)
{
	struct timespec ts;
	struct tm tm;
	char when[32];

	clock_gettime(CLOCK_REALTIME, &ts);
	if (kzt_json)
		return kzt_print_json(json_pack("{s:s,s:I,s:o}", "event", events[i].name,
				"time-ms", (json_int_t)ts.tv_sec * 1000 +
				ts.tv_nsec / 1000000, events[i].name, o));
	localtime_r(&ts.tv_sec, &tm);
	strftime(when, sizeof(when), "%T", &tm);
	printf("%s.%03ld %s%s %s%s", when, ts.tv_nsec / 1000000, kzt_bold(),
	       events[i].name,
	       kzt_get_str(o, "address", kzt_get_str(o, "id", "")), kzt_plain());
	print_fields(o);
	putchar('\n');
	fflush(stdout);
	json_decref(o);
	return ferror(stdout) ? KZT_FAIL : KZT_OK;
}

static int event_cb(const struct nlmsghdr *nlh, void *data)
{
	unsigned int *want = data, i;

	for (i = 0; i < EVENTS; i++)
		if (events[i].cmd == kzt_nl_cmd(nlh) && events[i].kind & *want)
			return print_event(i, events[i].decode(nlh)) ?
			       MNL_CB_ERROR : MNL_CB_OK;
	return MNL_CB_OK;
}

int cmd_monitor(int argc, char **argv)
{
	unsigned int want = 0, k;
	struct kzt_nl nl;
	int i, err;

	for (i = 1; i < argc; i++) {
		for (k = 0; k < EVENTS && !kzt_match(argv[i], events[k].name); k++)
			;
		if (k == EVENTS)
			return kzt_arg_surplus(argv[i]);
		want |= events[k].kind;
	}
	if (!want)
		want = ~0u;
	err = kzt_out_open(&nl);
	if (err)
		return err;
	if (kzt_nl_subscribe(&nl, "events") ||
	    (want & MESSAGE && kzt_nl_subscribe(&nl, "messages")))
		err = kzt_fail("%s", nl.err);
	while (!err) {
		int code = kzt_nl_receive(&nl, event_cb, &want);

		/* More came than this reader took: the stream has a gap */
		if (code == -ENOBUFS)
			fputs("kzt: events were lost\n", stderr);
		else if (code < 0 && code != -EINTR && code != -EAGAIN)
			err = kzt_fail("%s", strerror(-code));
	}
	kzt_nl_close(&nl);
	return err;
}
