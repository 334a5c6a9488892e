// SPDX-License-Identifier: GPL-2.0
/* kzt monitor: events as they come; with -j a JSON document per line. */
#include "decode.h"
#include "kzt.h"
#include "match.h"
#include "out.h"
#include "packet.h"
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

/* Others choose what stands in a message, and terminals obey some of it */
static json_t *decode_message(const struct nlmsghdr *nlh)
{
	const struct nlattr *data, *tb[KZT_A_MESSAGE_MAX + 1];
	json_t *o = kzt_decode_message(nlh), *v;
	size_t len;
	char *text;

	kzt_nl_attrs(nlh, tb, KZT_A_MESSAGE_MAX);
	if (kzt_attr_uint(tb[KZT_A_MESSAGE_TYPE], 0) > INT64_MAX)
		json_object_set_new(o, "type", json_sprintf("%llu", (unsigned long long)
				    kzt_attr_uint(tb[KZT_A_MESSAGE_TYPE], 0)));
	data = tb[KZT_A_MESSAGE_DATA];
	if (!data || kzt_attr_uint(tb[KZT_A_MESSAGE_VERB], 0) != KZT_VERB_USER_MESSAGE)
		return o;
	len = mnl_attr_get_payload_len(data);
	text = malloc(len + 1);
	if (!text)
		return o;
	memcpy(text, mnl_attr_get_payload(data), len);
	kzt_text_clean(text, len);
	v = json_stringn(text, len);	/* NULL if it is no text */
	if (v)
		json_object_set_new(o, "text", v);
	free(text);
	return o;
}

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
	{ KZT_CMD_MESSAGE_NTF, MESSAGE, "message", decode_message },
	{ KZT_CMD_PLAN_NTF, PLAN, "plan", kzt_decode_plan },
	{ 0, 0, NULL, NULL },
};

#define EVENTS (sizeof(events) / sizeof(events[0]) - 1)

static bool is_shown(const json_t *o, const char *key, const json_t *v)
{
	static const char *const skip[] = { "identity", "address", "id", NULL };
	unsigned int i;

	for (i = 0; skip[i]; i++)
		if (!strcmp(skip[i], key))
			return false;
	/* Bytes only of what is no text */
	if (!strcmp(key, "data") && json_object_get(o, "text"))
		return false;
	return !json_is_array(v) || json_array_size(v);
}

static void print_fields(const json_t *o)
{
	const char *key;
	const json_t *v;
	char *text;

	json_object_foreach((json_t *)o, key, v) {
		if (!is_shown(o, key, v))
			continue;
		/* In a text there are blanks, and what looks like a key */
		if (json_is_string(v) && strcmp(key, "text")) {
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
	unsigned int want = 0;
	struct kzt_nl nl;
	int i, k, err, code;

	for (i = 1; i < argc; i++) {
		k = kzt_arg_table(argv[i], &events[0].name, sizeof(events[0]));
		if (k < 0)
			return KZT_USAGE;
		want |= events[k].kind;
	}
	if (!want)
		want = ~0u;
	err = kzt_out_open(&nl);
	if (err)
		return err;
	code = kzt_nl_subscribe(&nl, "events");
	if (!code && want & MESSAGE)
		code = kzt_nl_subscribe(&nl, "messages");
	if (code)
		err = kzt_out_refused(&nl, code);
	while (!err) {
		code = kzt_nl_receive(&nl, event_cb, &want);
		/* More came than this reader took: the stream has a gap */
		if (code == -ENOBUFS)
			fputs("kzt: events were lost\n", stderr);
		else if (code < 0 && code != -EINTR && code != -EAGAIN)
			err = kzt_fail("%s", strerror(-code));
	}
	kzt_nl_close(&nl);
	return err;
}
