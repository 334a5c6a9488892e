// SPDX-License-Identifier: GPL-2.0
/* kzt wait: until the node is online, a network is up, a peer is reached. */
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include "show.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#define DEFAULT_MS 60000
/* Not every change is an event (another link of a peer is, its age is not) */
#define LOOK_MS 500

/**
 * struct wait - what is waited for
 * @object: its name in JSON
 * @id: of the network or peer, with @digits
 */
struct wait {
	const char *object;
	int digits;
	struct kzt_nl cmd, events;
	/* 1: it is so, 0: not yet, or a negative errno */
	int (*look)(struct wait *w);
	uint64_t id;
	uint64_t timeout_ms;
	char why[256];		/* it is not so, as far as @look could see */
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void because(struct wait *w, const char *why)
{
	snprintf(w->why, sizeof(w->why), "%s", why);
}

static int look_online(struct wait *w)
{
	json_t *o;
	int err = kzt_fetch_node(&w->cmd, &o), up;

	if (err)
		return -EIO;
	up = kzt_get_bool(o, "online");
	because(w, json_object_get(o, "address") ? "no root answers" :
		"there is no node in this network namespace");
	json_decref(o);
	return up;
}

static int look_network(struct wait *w)
{
	json_t *o;
	int err = kzt_fetch_network(&w->cmd, w->id, &o), up;

	because(w, "it is not joined");
	if (err)
		return err == -ENOENT ? 0 : err;
	up = !strcmp(kzt_get_str(o, "status", ""), "ok");
	because(w, kzt_show_status(o));
	json_decref(o);
	return up;
}

/* Heard from: a path alone may lead nowhere */
static int look_peer(struct wait *w)
{
	json_t *o;
	int err = kzt_fetch_peer(&w->cmd, w->id, &o), up;

	because(w, "this node has not met it");
	if (err)
		return err == -ENOENT ? 0 : err;
	up = strcmp(kzt_get_str(o, "link", "none"), "none") &&
	     json_object_get(o, "last-receive-ms");
	because(w, strcmp(kzt_get_str(o, "link", "none"), "none") ? "nothing was heard from it" :
		kzt_get_str(o, "reason", "?"));
	json_decref(o);
	return up;
}

static int until(struct wait *w)
{
	uint64_t end = now_ms() + w->timeout_ms, now;
	int is;

	for (;;) {
		struct pollfd pfd = { .fd = mnl_socket_get_fd(w->events.sock),
				      .events = POLLIN };

		is = w->look(w);
		if (is < 0)
			return is == -EIO ? KZT_FAIL : kzt_out_refused(&w->cmd, is);
		if (is)
			return KZT_OK;
		now = now_ms();
		if (now >= end)
			return KZT_TIMEOUT;
		if (poll(&pfd, 1, (int)(end - now < LOOK_MS ? end - now : LOOK_MS)) > 0)
			kzt_nl_receive(&w->events, NULL, NULL);
	}
}

/* What the agent knows about a network that is not up, or has no device */
static void network_why(struct wait *w)
{
	json_t *o, *list = kzt_fetch_network(&w->cmd, w->id, &o) ? json_array() :
			   json_pack("[o]", o);
	const char *why;

	kzt_add_network_conf(list);
	kzt_add_networks_missing(list, w->id);
	o = json_array_get(list, 0);
	why = kzt_get_str(o, "reason", NULL);
	if (why)
		snprintf(w->why, sizeof(w->why), "%s, %s", kzt_show_status(o), why);
	json_decref(list);
}

static void print_wait(const struct wait *w, bool met, uint64_t waited_ms)
{
	json_t *o = json_pack("{s:s,s:b,s:I}", "for", w->object, "met", met, "waited-ms",
			      (json_int_t)waited_ms);

	if (!met)
		json_object_set_new(o, "why", json_string(w->why));
	if (w->digits)
		json_object_set_new(o, "id", json_sprintf("%0*llx", w->digits,
				    (unsigned long long)w->id));
	kzt_print_json(json_pack("{s:o}", "wait", o));
}

static int wait_for(struct wait *w, int argc, char **argv, int i)
{
	uint64_t start = now_ms();
	const char *value;
	int err;

	for (; i < argc; i++) {
		if (!kzt_match(argv[i], "timeout"))
			return kzt_arg_surplus(argv[i]);
		value = kzt_arg_value(argc, argv, &i);
		if (!value || !kzt_arg_seconds("timeout", value, &w->timeout_ms))
			return KZT_USAGE;
	}
	err = kzt_out_open(&w->cmd);
	if (err)
		return err;
	err = kzt_out_open(&w->events);
	if (!err) {
		err = kzt_nl_subscribe(&w->events, "events");
		err = err ? kzt_out_refused(&w->events, err) : until(w);
		kzt_nl_close(&w->events);
	}
	if (err == KZT_TIMEOUT && w->look == look_network)
		network_why(w);
	kzt_nl_close(&w->cmd);
	if (kzt_json && (!err || err == KZT_TIMEOUT))
		print_wait(w, !err, now_ms() - start);
	if (err == KZT_TIMEOUT)
		fprintf(stderr, "kzt: not within %.1f s: %s\n",
			(double)w->timeout_ms / 1000, w->why);
	return err;
}

static int wait_online(int argc, char **argv)
{
	static struct wait w = {
		.object = "online", .look = look_online, .timeout_ms = DEFAULT_MS,
	};

	return wait_for(&w, argc, argv, 1);
}

static int wait_network(int argc, char **argv)
{
	static struct wait w = {
		.object = "network", .digits = 16, .look = look_network,
		.timeout_ms = DEFAULT_MS,
	};

	if (argc < 2)
		return kzt_usage("wait network needs a network id");
	if (!kzt_arg_nwid(argv[1], &w.id))
		return KZT_USAGE;
	return wait_for(&w, argc, argv, 2);
}

static int wait_peer(int argc, char **argv)
{
	static struct wait w = {
		.object = "peer", .digits = 10, .look = look_peer, .timeout_ms = DEFAULT_MS,
	};

	if (argc < 2)
		return kzt_usage("wait peer needs an address");
	if (!kzt_arg_address(argv[1], &w.id))
		return KZT_USAGE;
	return wait_for(&w, argc, argv, 2);
}

int cmd_wait(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "online", wait_online, "[timeout SECONDS]",
		  "until a root answers" },
		{ "network", wait_network, "NWID [timeout SECONDS]",
		  "until it is joined and configured" },
		{ "peer", wait_peer, "ADDRESS [timeout SECONDS]",
		  "until it was heard from" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt wait", argc, argv);
}
