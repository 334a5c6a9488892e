// SPDX-License-Identifier: GPL-2.0
/* kzt ping: ECHO to a peer, by any path or by each (spec 1, 10.9). */
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#define ANSWER_MS 2000		/* how long the last question is waited for */
#define PATHS_MAX 64
#define ANY UINT32_MAX

struct ping {
	struct kzt_nl cmd, events;
	uint64_t address, cookie, interval_ms, count;
	bool each;		/* path */
	uint64_t sent, received;
	uint64_t rtt_min, rtt_max, rtt_sum;
	json_t *answers;
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static int answered(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[KZT_A_MESSAGE_MAX + 1];
	struct ping *p = data;
	uint64_t cookie, rtt;
	json_t *o;

	if (kzt_nl_cmd(nlh) != KZT_CMD_PROBE_NTF)
		return MNL_CB_OK;
	kzt_nl_attrs(nlh, tb, KZT_A_MESSAGE_MAX);
	cookie = kzt_attr_uint(tb[KZT_A_MESSAGE_COOKIE], 0);
	if (kzt_attr_uint(tb[KZT_A_MESSAGE_ADDRESS], 0) != p->address ||
	    cookie - p->cookie >= p->sent)
		return MNL_CB_OK;	/* somebody else's */
	rtt = kzt_attr_uint(tb[KZT_A_MESSAGE_RTT_US], 0);
	if (!p->received || rtt < p->rtt_min)
		p->rtt_min = rtt;
	if (rtt > p->rtt_max)
		p->rtt_max = rtt;
	p->rtt_sum += rtt;
	p->received++;
	o = kzt_decode_message(nlh);
	json_object_del(o, "cookie");
	json_object_set_new(o, "seq", json_integer((json_int_t)(cookie - p->cookie + 1)));
	if (tb[KZT_A_MESSAGE_PATH_ID] &&
	    kzt_attr_uint(tb[KZT_A_MESSAGE_PATH_ID], ANY) == ANY)
		json_object_del(o, "path-id");
	if (kzt_json) {
		json_array_append(p->answers, o);
	} else {
		uint64_t hops = kzt_get_int(o, "hops", 0);

		printf("echo from %s at %s: seq %llu", kzt_get_str(o, "address", "?"),
		       kzt_get_str(o, "remote", "?"),
		       (unsigned long long)kzt_get_int(o, "seq", 0));
		if (json_object_get(o, "path-id"))
			printf(" path %u", (unsigned int)kzt_get_int(o, "path-id", 0));
		printf(" time %s%s\n", kzt_text_ms(rtt), hops ? " (relayed)" : "");
		fflush(stdout);
	}
	json_decref(o);
	return MNL_CB_OK;
}

/* 0, or a negative errno with p->cmd.err set */
static int ask(struct ping *p, uint32_t path)
{
	struct nlmsghdr *nlh = kzt_nl_begin(&p->cmd, KZT_CMD_PEER_PROBE, 0);
	int err;

	mnl_attr_put_u64(nlh, KZT_A_MESSAGE_ADDRESS, p->address);
	mnl_attr_put_u64(nlh, KZT_A_MESSAGE_COOKIE, p->cookie + p->sent);
	if (path != ANY)
		mnl_attr_put_u32(nlh, KZT_A_MESSAGE_PATH_ID, path);
	p->sent++;		/* the answer may come before the ACK is read */
	err = kzt_nl_talk(&p->cmd, nlh, NULL, NULL);
	if (err && err != -EHOSTUNREACH)
		p->sent--;
	return err;
}

/* Which paths there are now: they come and go */
static int ask_each(struct ping *p)
{
	uint32_t paths[PATHS_MAX];
	const json_t *path;
	size_t i, n = 0;
	json_t *peer;
	int err = kzt_fetch_peer(&p->cmd, p->address, &peer);

	if (err)
		return err;
	json_array_foreach(json_object_get(peer, "paths"), i, path)
		if (n < PATHS_MAX)
			paths[n++] = (uint32_t)kzt_get_int(path, "id", ANY);
	json_decref(peer);
	if (!n) {
		snprintf(p->cmd.err, sizeof(p->cmd.err), "no path to this peer is known");
		return -EHOSTUNREACH;
	}
	for (i = 0; i < n; i++) {
		err = ask(p, paths[i]);
		if (err && err != -ENOENT && err != -EHOSTUNREACH)
			return err;
	}
	return 0;
}

static void listen_until(struct ping *p, uint64_t until, bool all)
{
	uint64_t now;

	while (!stop && !(all && p->received >= p->sent)) {
		struct pollfd pfd = { .fd = mnl_socket_get_fd(p->events.sock),
				      .events = POLLIN };

		now = now_ms();
		if (now >= until)
			break;
		if (poll(&pfd, 1, (int)(until - now)) > 0)
			kzt_nl_receive(&p->events, answered, p);
	}
}

static int run(struct ping *p)
{
	uint64_t round, next = now_ms();
	int err = 0;

	for (round = 0; !stop && (!p->count || round < p->count); round++) {
		err = p->each ? ask_each(p) : ask(p, ANY);
		/* A way may come while this goes on */
		if (err && err != -EHOSTUNREACH)
			return kzt_out_refused(&p->cmd, err);
		if (p->count && round + 1 == p->count)
			break;
		next += p->interval_ms;
		listen_until(p, next, false);
	}
	if (!stop)
		listen_until(p, now_ms() + ANSWER_MS, true);
	if (!p->sent && err)
		return kzt_out_refused(&p->cmd, err);
	return p->received ? KZT_OK : KZT_FAIL;
}

static int summary(struct ping *p)
{
	uint64_t loss = p->sent ? (p->sent - p->received) * 1000000 / p->sent : 0;

	if (kzt_json) {
		json_t *o = json_pack("{s:o,s:I,s:I,s:I,s:O}", "address",
				      json_sprintf(KZT_PRIADDR, (unsigned long long)p->address),
				      "sent", (json_int_t)p->sent,
				      "received", (json_int_t)p->received,
				      "loss-ppm", (json_int_t)loss, "answers", p->answers);

		if (p->received)
			json_object_update_new(o, json_pack("{s:I,s:I,s:I}",
					"rtt-min-us", (json_int_t)p->rtt_min,
					"rtt-mean-us", (json_int_t)(p->rtt_sum / p->received),
					"rtt-max-us", (json_int_t)p->rtt_max));
		return kzt_print_json(json_pack("{s:o}", "ping", o));
	}
	printf("%llu sent, %llu answered, %.1f%% lost", (unsigned long long)p->sent,
	       (unsigned long long)p->received, (double)loss / 10000);
	if (p->received) {
		printf("; min %s", kzt_text_ms(p->rtt_min));
		printf(", mean %s", kzt_text_ms(p->rtt_sum / p->received));
		printf(", max %s", kzt_text_ms(p->rtt_max));
	}
	putchar('\n');
	return KZT_OK;
}

static int ping_args(struct ping *p, int argc, char **argv)
{
	const char *value;
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-p")) {
			p->each = true;
		} else if (!strcmp(argv[i], "-c") || !strcmp(argv[i], "-i")) {
			bool count = argv[i][1] == 'c';

			value = kzt_arg_value(argc, argv, &i);
			if (!value)
				return KZT_USAGE;
			if (count ? !kzt_arg_number("-c", value, UINT32_MAX, &p->count) :
				    !kzt_arg_seconds("-i", value, &p->interval_ms))
				return KZT_USAGE;
			if (count && !p->count)
				return kzt_usage("-c: at least 1");
		} else if (argv[i][0] == '-' || p->address) {
			return kzt_arg_surplus(argv[i]);
		} else if (!kzt_arg_address(argv[i], &p->address)) {
			return KZT_USAGE;
		}
	}
	if (!p->address)
		return kzt_usage("ping needs an address");
	if (kzt_json && !p->count)
		p->count = 5;	/* one document needs an end */
	return KZT_OK;
}

int cmd_ping(int argc, char **argv)
{
	static struct ping p = { .interval_ms = 1000 };
	struct sigaction sa = { .sa_handler = on_signal };
	int err = ping_args(&p, argc, argv), code;

	if (err)
		return err;
	err = kzt_out_open(&p.cmd);
	if (err)
		return err;
	err = kzt_out_open(&p.events);
	code = err ? 0 : kzt_nl_subscribe(&p.events, "events");
	if (code)
		err = kzt_out_refused(&p.events, code);
	if (!err) {
		sigaction(SIGINT, &sa, NULL);
		sigaction(SIGTERM, &sa, NULL);
		p.answers = json_array();
		/* Tells this asker from others */
		p.cookie = now_ms() << 24;
		code = run(&p);
		err = p.sent ? summary(&p) : KZT_OK;
		err = err ? err : code;
		json_decref(p.answers);
	}
	if (p.events.sock)
		kzt_nl_close(&p.events);
	kzt_nl_close(&p.cmd);
	return err;
}
