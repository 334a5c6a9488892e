// SPDX-License-Identifier: GPL-2.0
/*
 * One controller process without a node, for ../controller-db.sh: several of
 * them share a database, and are killed.
 *
 * usage: controller_process IDENTITY-FILE DATABASE NWID FROM COUNT
 *
 * Members FROM, FROM + 1, ... ask for their configuration, one after another and
 * again and again, until standard input ends or, without it, for ever.  A line
 * "METHOD PATH [JSON]" on standard input is a call of the API.  Standard output
 * has a JSON object a line: what was answered, and what was pushed.
 */
#include "env.h"

#include "../../userspace/controller.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define ROUND_MS 20

static const char meta[] = "v=0000000000000007\nmajv=1\nminv=e\nrevv=1\npv=c\nrevr=1";

static void say(json_t *o)
{
	json_dumpf(o, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
	putchar('\n');
	fflush(stdout);
	json_decref(o);
}

static void ask(struct controller *c, uint64_t nwid, uint64_t address,
		const struct kzt_id *like)
{
	struct controller_request rq = { .nwid = nwid, .from = address,
					 .meta_len = sizeof(meta) - 1 };
	struct controller_online *o = controller_online_find(&c->online, nwid, address);
	struct kzt_id who = *like;

	who.address = address;
	kzt_id_binary(&who, false, rq.identity);
	memcpy(rq.meta, meta, rq.meta_len);
	if (o)		/* as if that were long ago */
		o->asked_ms -= CONTROLLER_GAP_MS + 1;
	controller_request(c, &rq);
}

/* What would have gone to members */
static void packets(struct controller *c)
{
	struct controller_packet *p;

	while ((p = c->packets)) {
		c->packets = p->next;
		if (p->verb != KZT_VERB_OK)
			say(json_pack("{s:i,s:o,s:I}", "verb", p->verb, "to",
				      json_sprintf("%010llx", (unsigned long long)p->address),
				      "length", (json_int_t)p->len));
		free(p);
	}
	c->packets_last = &c->packets;
	c->packets_bytes = 0;
}

/* False at the end of the input */
static bool command(struct controller *c)
{
	char line[8192], method[16], path[256], *body;
	struct controller_call call = {};
	int at = 0;

	if (!fgets(line, sizeof(line), stdin))
		return false;
	if (sscanf(line, "%15s %255s %n", method, path, &at) < 2)
		return true;
	body = line + at;
	call.method = *method == 'G' ? METHOD_GET : *method == 'D' ? METHOD_DELETE : METHOD_POST;
	call.path = path;
	call.body = *body ? json_loads(body, 0, NULL) : json_object();
	controller_api(c, &call);
	say(json_pack("{s:i,s:o}", "status", call.status, "reply",
		      call.reply ? call.reply : json_null()));
	json_decref(call.body);
	return true;
}

static void open_all(struct controller *c, const char *identity, const char *database)
{
	const char *why = "?";

	memset(c, 0, sizeof(*c));
	pthread_mutex_init(&c->lock, NULL);
	c->packets_last = &c->packets;
	c->source.fd = eventfd(0, EFD_NONBLOCK);
	c->maker = malloc(sizeof(*c->maker));
	c->db.on_change = controller_on_change;
	c->db.arg = c;
	if (!c->maker || kzt_id_load(&c->id, identity, &why)) {
		fprintf(stderr, "%s: %s\n", identity, why);
		exit(1);
	}
	/* Two that make the tables at once: one of them tries again */
	while (controller_db_open(&c->db, database, c->id.address)) {
		controller_db_close(&c->db);
		usleep(200000);
	}
	c->ready = true;
}

int main(int argc, char **argv)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	uint64_t nwid, from, count, i = 0;
	struct controller c;

	if (argc != 6)
		return 2;
	nwid = strtoull(argv[3], NULL, 16);
	from = strtoull(argv[4], NULL, 16);
	count = strtoull(argv[5], NULL, 10);
	setvbuf(stdin, NULL, _IONBF, 0);
	open_all(&c, argv[1], argv[2]);
	say(json_pack("{s:b}", "ready", 1));
	for (;;) {
		if (poll(&in, 1, count ? 0 : ROUND_MS) && !command(&c))
			break;
		controller_db_poll(&c.db);
		if (count)
			ask(&c, nwid, from + i++ % count, &c.id);
		controller_pay(&c);
		packets(&c);
	}
	say(json_pack("{s:I,s:I}", "configs", (json_int_t)c.stats.configs, "pushes",
		      (json_int_t)c.stats.pushes));
	controller_db_close(&c.db);
	return 0;
}
