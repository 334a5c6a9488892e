// SPDX-License-Identifier: GPL-2.0
/*
 * Identities of strangers, validated on the kernel's request.
 *
 * A hash takes some 20 ms and anybody may cause one: they wait in a bounded
 * queue for one thread, which runs at a low priority, and the last verdicts
 * are remembered.
 */
#include "agent.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#define QUEUE_MAX 64
#define CACHE_MAX 256
#define WORKER_NICE 10

struct check {
	uint8_t identity[KZT_ID_BINARY_LEN];
	uint64_t cookie;
	bool valid;
};

struct verdict {
	uint8_t identity[KZT_ID_BINARY_LEN];
	bool valid;
	uint64_t used;			/* 0: free */
};

/**
 * struct agent_upcall - the queue, the thread and the memory
 * @lock: of everything up to @n_done, and of @stop
 * @todo: ring of questions, @n from @head
 * @now: what the thread is at, if @busy
 * @done: answers for the event loop
 * @cache: of the event loop's thread alone, as are the counters
 */
struct agent_upcall {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct check todo[QUEUE_MAX];
	unsigned int head, n;
	struct check now;
	bool busy;
	struct check done[QUEUE_MAX];
	unsigned int n_done;
	bool stop;
	bool running;
	pthread_t thread;
	struct agent_source source;
	struct verdict cache[CACHE_MAX];
	uint64_t clock;
	unsigned long asked, cached, merged, dropped, valid, invalid;
};

/* --- the worker thread ------------------------------------------------------------ */

static bool check_run(const struct check *c)
{
	const char *why = NULL;
	struct kzt_id id;

	return !kzt_id_from_binary(&id, c->identity, sizeof(c->identity), &why) &&
	       !kzt_id_validate(&id, &why);
}

static void *worker(void *arg)
{
	struct agent_upcall *u = arg;
	uint64_t one = 1;

	/* Of this thread only, on Linux */
	setpriority(PRIO_PROCESS, 0, WORKER_NICE);
	pthread_mutex_lock(&u->lock);
	while (!u->stop) {
		struct check c;
		bool valid;

		if (!u->n || u->n_done == QUEUE_MAX) {
			pthread_cond_wait(&u->wake, &u->lock);
			continue;
		}
		c = u->now = u->todo[u->head];
		u->head = (u->head + 1) % QUEUE_MAX;
		u->n--;
		u->busy = true;
		pthread_mutex_unlock(&u->lock);
		valid = check_run(&c);
		pthread_mutex_lock(&u->lock);
		u->busy = false;
		u->now.valid = valid;	/* its cookie may be newer than c's */
		u->done[u->n_done++] = u->now;
		if (write(u->source.fd, &one, sizeof(one)) < 0)
			agent_log(LOG_ERR, "eventfd: %s", strerror(errno));
	}
	pthread_mutex_unlock(&u->lock);
	return NULL;
}

/* --- verdicts ---------------------------------------------------------------------- */

/* Not through upcall.buf: messages in it may be on the way */
static void verdict_send(struct agent *a, const struct check *c)
{
	static struct agent_limit limit;
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *g;

	nlh->nlmsg_type = a->upcall.family;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = ++a->upcall.seq;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = KZT_CMD_IDENTITY_VERDICT;
	g->version = KZT_GENL_VERSION;
	mnl_attr_put(nlh, KZT_A_VERDICT_IDENTITY, sizeof(c->identity),
		     c->identity);
	mnl_attr_put_u64(nlh, KZT_A_VERDICT_COOKIE, c->cookie);
	mnl_attr_put_u8(nlh, KZT_A_VERDICT_VALID, c->valid);
	if (mnl_socket_sendto(a->upcall.sock, nlh, nlh->nlmsg_len) < 0 &&
	    agent_limit_pass(&limit))
		agent_log(LOG_WARNING, "a verdict could not be sent: %s",
			  strerror(errno));
}

static struct verdict *cache_find(struct agent_upcall *u, const uint8_t *identity)
{
	unsigned int i;

	for (i = 0; i < CACHE_MAX; i++)
		if (u->cache[i].used &&
		    !memcmp(u->cache[i].identity, identity, KZT_ID_BINARY_LEN))
			return &u->cache[i];
	return NULL;
}

static void cache_add(struct agent_upcall *u, const struct check *c)
{
	struct verdict *v = cache_find(u, c->identity);
	unsigned int i;

	if (!v) {
		v = &u->cache[0];
		for (i = 1; i < CACHE_MAX; i++)
			if (u->cache[i].used < v->used)
				v = &u->cache[i];
	}
	memcpy(v->identity, c->identity, sizeof(v->identity));
	v->valid = c->valid;
	v->used = ++u->clock;
}

static void verdicts_ready(struct agent_source *src, uint32_t events)
{
	struct agent *a = src->arg;
	struct agent_upcall *u = a->checks;
	struct check done[QUEUE_MAX];
	unsigned int i, n;
	uint64_t count;

	(void)events;
	if (read(src->fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&u->lock);
	n = u->n_done;
	memcpy(done, u->done, n * sizeof(done[0]));
	u->n_done = 0;
	pthread_cond_signal(&u->wake);
	pthread_mutex_unlock(&u->lock);
	for (i = 0; i < n; i++) {
		if (done[i].valid)
			u->valid++;
		else
			u->invalid++;
		cache_add(u, &done[i]);
		verdict_send(a, &done[i]);
	}
}

/* --- questions ---------------------------------------------------------------------- */

static bool same(const struct check *c, const uint8_t *identity)
{
	return !memcmp(c->identity, identity, sizeof(c->identity));
}

/* A question that is asked again has a new cookie: the old one has expired */
static bool check_merge(struct agent_upcall *u, const uint8_t *identity,
			uint64_t cookie)
{
	struct check *c = NULL;
	unsigned int i;

	if (u->busy && same(&u->now, identity))
		c = &u->now;
	for (i = 0; i < u->n && !c; i++)
		if (same(&u->todo[(u->head + i) % QUEUE_MAX], identity))
			c = &u->todo[(u->head + i) % QUEUE_MAX];
	for (i = 0; i < u->n_done && !c; i++)
		if (same(&u->done[i], identity))
			c = &u->done[i];
	if (c)
		c->cookie = cookie;
	return c;
}

static void check_queue(struct agent_upcall *u, const uint8_t *identity,
			uint64_t cookie)
{
	struct check *c;

	pthread_mutex_lock(&u->lock);
	if (check_merge(u, identity, cookie)) {
		u->merged++;
	} else if (u->n == QUEUE_MAX) {
		u->dropped++;	/* it asks again with its next HELLO */
	} else {
		c = &u->todo[(u->head + u->n++) % QUEUE_MAX];
		memcpy(c->identity, identity, sizeof(c->identity));
		c->cookie = cookie;
		pthread_cond_signal(&u->wake);
	}
	pthread_mutex_unlock(&u->lock);
}

void agent_upcall_identity(struct agent *a, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[KZT_A_VERDICT_MAX + 1];
	struct agent_upcall *u = a->checks;
	const struct nlattr *identity;
	struct verdict *v;
	struct check c;

	kzt_nl_attrs(nlh, tb, KZT_A_VERDICT_MAX);
	identity = tb[KZT_A_VERDICT_IDENTITY];
	if (!identity || !tb[KZT_A_VERDICT_COOKIE] ||
	    mnl_attr_get_payload_len(identity) != sizeof(c.identity))
		return;
	memcpy(c.identity, mnl_attr_get_payload(identity), sizeof(c.identity));
	c.cookie = kzt_attr_uint(tb[KZT_A_VERDICT_COOKIE], 0);
	u->asked++;
	v = cache_find(u, c.identity);
	if (!v) {
		check_queue(u, c.identity, c.cookie);
		return;
	}
	u->cached++;
	v->used = ++u->clock;
	c.valid = v->valid;
	verdict_send(a, &c);
}

/* --- life ---------------------------------------------------------------------------- */

int agent_upcall_start(struct agent *a)
{
	struct agent_upcall *u = calloc(1, sizeof(*u));
	int err;

	if (!u)
		return -ENOMEM;
	a->checks = u;
	pthread_mutex_init(&u->lock, NULL);
	pthread_cond_init(&u->wake, NULL);
	u->source.fn = verdicts_ready;
	u->source.arg = a;
	u->source.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (u->source.fd < 0)
		return -errno;
	err = agent_loop_add(&a->loop, &u->source, EPOLLIN);
	if (!err)
		err = -pthread_create(&u->thread, NULL, worker, u);
	u->running = !err;
	return err;
}

void agent_upcall_stop(struct agent *a)
{
	struct agent_upcall *u = a->checks;

	if (!u)
		return;
	if (u->running) {
		pthread_mutex_lock(&u->lock);
		u->stop = true;
		pthread_cond_signal(&u->wake);
		pthread_mutex_unlock(&u->lock);
		pthread_join(u->thread, NULL);
	}
	agent_loop_del(&a->loop, &u->source);
	pthread_cond_destroy(&u->wake);
	pthread_mutex_destroy(&u->lock);
	free(u);
	a->checks = NULL;
}

json_t *agent_upcall_json(struct agent *a)
{
	struct agent_upcall *u = a->checks;
	unsigned int waiting;

	pthread_mutex_lock(&u->lock);
	waiting = u->n + u->busy;
	pthread_mutex_unlock(&u->lock);
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I}",
			 "asked", (json_int_t)u->asked,
			 "waiting", (json_int_t)waiting,
			 "valid", (json_int_t)u->valid,
			 "invalid", (json_int_t)u->invalid,
			 "cached", (json_int_t)u->cached,
			 "merged", (json_int_t)u->merged,
			 "dropped", (json_int_t)u->dropped);
}
