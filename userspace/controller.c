// SPDX-License-Identifier: GPL-2.0
/* The controller's thread, and the queues between it and the event loop. */
#include "controller.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define OPEN_RETRY_MS 2000
#define IDLE_MS 1000
#define OWED_MS 50		/* how soon to look again at what is left to do */
#define BATCH 32		/* requests before the database is polled */

uint64_t controller_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void ring(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		agent_log(LOG_ERR, "eventfd: %s", strerror(errno));
}

/* --- into the thread ------------------------------ */

void controller_ask(struct controller *c, struct controller_request *rq)
{
	rq->next = NULL;
	pthread_mutex_lock(&c->lock);
	c->stats.requests++;
	if (c->n_requests < CONTROLLER_REQUESTS_MAX) {
		*c->requests_last = rq;
		c->requests_last = &rq->next;
		c->n_requests++;
		rq = NULL;
	} else {
		c->stats.dropped++;	/* it asks again in some seconds */
	}
	pthread_mutex_unlock(&c->lock);
	free(rq);
	ring(c->wake);
}

void controller_call(struct controller *c, struct controller_call *call)
{
	call->next = NULL;
	pthread_mutex_lock(&c->lock);
	*c->calls_last = call;
	c->calls_last = &call->next;
	pthread_mutex_unlock(&c->lock);
	ring(c->wake);
}

void controller_call_free(struct controller_call *call)
{
	json_decref(call->body);
	json_decref(call->reply);
	free(call->text);
	free(call->path);
	free(call);
}

static struct controller_request *next_request(struct controller *c)
{
	struct controller_request *rq;

	pthread_mutex_lock(&c->lock);
	rq = c->requests;
	if (rq) {
		c->requests = rq->next;
		c->n_requests--;
		if (!c->requests)
			c->requests_last = &c->requests;
	}
	pthread_mutex_unlock(&c->lock);
	return rq;
}

static struct controller_call *next_call(struct controller *c)
{
	struct controller_call *call;

	pthread_mutex_lock(&c->lock);
	call = c->calls;
	if (call) {
		c->calls = call->next;
		if (!c->calls)
			c->calls_last = &c->calls;
	}
	pthread_mutex_unlock(&c->lock);
	return call;
}

/* --- out of the thread ------------------------------ */

bool controller_has_room(struct controller *c)
{
	bool room;

	pthread_mutex_lock(&c->lock);
	room = c->packets_bytes < CONTROLLER_PACKETS_BYTES / 2;
	pthread_mutex_unlock(&c->lock);
	return room;
}

void controller_send(struct controller *c, uint64_t address, uint8_t verb,
		     const void *data, size_t len)
{
	struct controller_packet *p = malloc(sizeof(*p) + len);

	if (!p)
		return;
	p->next = NULL;
	p->address = address;
	p->verb = verb;
	p->len = len;
	memcpy(p->data, data, len);
	pthread_mutex_lock(&c->lock);
	if (c->packets_bytes + len <= CONTROLLER_PACKETS_BYTES) {
		*c->packets_last = p;
		c->packets_last = &p->next;
		c->packets_bytes += len;
		p = NULL;
	} else {
		c->stats.lost++;
	}
	pthread_mutex_unlock(&c->lock);
	free(p);
	ring(c->source.fd);
}

static void call_done(struct controller *c, struct controller_call *call)
{
	call->next = NULL;
	pthread_mutex_lock(&c->lock);
	*c->done_last = call;
	c->done_last = &call->next;
	pthread_mutex_unlock(&c->lock);
	ring(c->source.fd);
}

static void packet_put(struct agent *a, const struct controller_packet *p)
{
	static struct agent_limit limit;
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_PACKET_SEND, 0);

	mnl_attr_put_u64(nlh, KZT_A_MESSAGE_ADDRESS, p->address);
	mnl_attr_put_u8(nlh, KZT_A_MESSAGE_VERB, p->verb);
	mnl_attr_put(nlh, KZT_A_MESSAGE_DATA, p->len, p->data);
	if (p->address == a->address)	/* a member of its own network */
		agent_packet_local(a, p->verb, p->data, p->len);
	else if (kzt_nl_talk(&a->cmd, nlh, NULL, NULL) && agent_limit_pass(&limit))
		agent_log(LOG_DEBUG, "controller: to %010llx: %s",
			  (unsigned long long)p->address, a->cmd.err);
}

static void results_ready(struct agent_source *src, uint32_t events)
{
	struct controller *c = src->arg;
	struct controller_packet *p, *packets;
	struct controller_call *call, *done;
	uint64_t count;

	(void)events;
	if (read(src->fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&c->lock);
	packets = c->packets;
	done = c->done;
	c->packets = NULL;
	c->packets_last = &c->packets;
	c->packets_bytes = 0;
	c->done = NULL;
	c->done_last = &c->done;
	pthread_mutex_unlock(&c->lock);
	while ((p = packets)) {
		packets = p->next;
		packet_put(c->agent, p);
		free(p);
	}
	while ((call = done)) {
		done = call->next;
		c->on_done(c, call);
	}
}

/* --- the thread ------------------------------ */

static void db_open(struct controller *c)
{
	uint64_t now = agent_now_ms();

	if (c->ready || (c->open_ms && now - c->open_ms < OPEN_RETRY_MS))
		return;
	c->open_ms = now;
	c->db.on_change = controller_on_change;
	c->db.arg = c;
	if (controller_db_open(&c->db, c->where, c->id.address)) {
		controller_db_close(&c->db);
		return;
	}
	c->ready = true;
	agent_log(LOG_INFO, "controller: networks of %010llx are in %s",
		  (unsigned long long)c->id.address, c->db.ops->name);
}

static void wait_work(struct controller *c, int timeout_ms)
{
	int fd = c->ready ? c->db.ops->fd(&c->db) : -1;
	struct pollfd p[] = {
		{ .fd = c->wake, .events = POLLIN }, { .fd = fd, .events = POLLIN },
	};
	uint64_t count;

	poll(p, fd < 0 ? 1 : 2, timeout_ms);
	if (p[0].revents && read(c->wake, &count, sizeof(count)) < 0)
		return;
}

static bool work(struct controller *c)
{
	struct controller_request *rq;
	struct controller_call *call;
	unsigned int i;
	bool left;

	db_open(c);
	if (c->ready)
		controller_db_poll(&c->db);
	while ((call = next_call(c))) {
		controller_api(c, call);
		call_done(c, call);
	}
	for (i = 0; i < BATCH && (rq = next_request(c)); i++) {
		if (c->ready)
			controller_request(c, rq);
		free(rq);
	}
	left = c->ready && controller_pay(c);
	if (i == BATCH)
		ring(c->wake);
	return left;
}

static bool stopping(struct controller *c)
{
	bool stop;

	pthread_mutex_lock(&c->lock);
	stop = c->stop;
	pthread_mutex_unlock(&c->lock);
	return stop;
}

static void *controller_thread(void *arg)
{
	struct controller *c = arg;

	while (!stopping(c)) {
		bool left = work(c);

		wait_work(c, left ? OWED_MS : IDLE_MS);
	}
	controller_db_close(&c->db);
	return NULL;
}

/* --- life ------------------------------ */

int controller_start(struct controller *c, struct agent *a, const struct kzt_id *id,
		     const char *where)
{
	int err;

	memset(c, 0, sizeof(*c));
	c->agent = a;
	c->id = *id;
	c->source.fd = -1;
	c->wake = -1;
	c->requests_last = &c->requests;
	c->calls_last = &c->calls;
	c->done_last = &c->done;
	c->packets_last = &c->packets;
	pthread_mutex_init(&c->lock, NULL);
	c->where = strdup(where);
	c->maker = malloc(sizeof(*c->maker));
	if (!c->where || !c->maker)
		return -ENOMEM;
	c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->source.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->source.fn = results_ready;
	c->source.arg = c;
	if (c->wake < 0 || c->source.fd < 0)
		return -errno;
	err = agent_loop_add(&a->loop, &c->source, EPOLLIN);
	if (!err)
		err = -pthread_create(&c->thread, NULL, controller_thread, c);
	c->running = !err;
	return err;
}

static void drop_all(struct controller *c)
{
	struct controller_request *rq;
	struct controller_packet *p;
	struct controller_call *call;

	while ((rq = next_request(c)))
		free(rq);
	while ((p = c->packets)) {
		c->packets = p->next;
		free(p);
	}
	/* Whoever waits for these is told, too */
	while ((call = next_call(c)))
		call_done(c, call);
	while ((call = c->done)) {
		c->done = call->next;
		if (!call->status)
			call->status = 503;
		c->on_done(c, call);
	}
}

void controller_stop(struct controller *c)
{
	if (c->running) {
		pthread_mutex_lock(&c->lock);
		c->stop = true;
		pthread_mutex_unlock(&c->lock);
		ring(c->wake);
		pthread_join(c->thread, NULL);
	}
	drop_all(c);
	agent_loop_del(&c->agent->loop, &c->source);
	if (c->wake >= 0)
		close(c->wake);
	controller_online_free(&c->online);
	free(c->maker);
	free(c->where);
	kzt_id_wipe(&c->id);
	pthread_mutex_destroy(&c->lock);
}
