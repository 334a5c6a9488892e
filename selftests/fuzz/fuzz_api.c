// SPDX-License-Identifier: GPL-2.0
/*
 * The local service API behind HTTP: up to eight calls in a row, each a line "METHOD
 * PATH" and, up to an empty line, its body.  Whatever they are, each gets a
 * status and an answer that can be written.  The module's side is made up: a node,
 * a peer with two paths, a network, what it subscribes to, a wanted moon.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../../userspace/controller.h"
#include "../../userspace/controller_http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_kzt_nl_talk(struct kzt_nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb, void *data);
int __wrap_kzt_nl_simple(struct kzt_nl *nl, uint8_t cmd, uint16_t flags, mnl_cb_t cb,
			 void *data);

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

#define SELF 0x89e92ceee5ULL
#define PEER 0xb0d1e2f3a4ULL
#define NWID 0x89e92ceee51a2b3cULL
#define CALLS_MAX 8

static bool joined;

/* --- the module ------------------------------ */

static void put_path(struct nlmsghdr *nlh, uint32_t id, const char *remote, bool active)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(9993) };
	struct nlattr *nest = mnl_attr_nest_start(nlh, KZT_A_PEER_PATH);

	mnl_attr_put_u32(nlh, KZT_A_PATH_ID, id);
	mnl_attr_put_u32(nlh, KZT_A_PATH_IFINDEX, 1);
	inet_pton(AF_INET, "10.0.0.1", &in.sin_addr);
	mnl_attr_put(nlh, KZT_A_PATH_LOCAL, sizeof(in), &in);
	inet_pton(AF_INET, remote, &in.sin_addr);
	mnl_attr_put(nlh, KZT_A_PATH_REMOTE, sizeof(in), &in);
	mnl_attr_put_u32(nlh, KZT_A_PATH_STATE, 2);
	mnl_attr_put_u8(nlh, KZT_A_PATH_ACTIVE, active);
	mnl_attr_put_u8(nlh, KZT_A_PATH_TRUSTED, 1);
	mnl_attr_put_u32(nlh, KZT_A_PATH_MTU, 1472);
	mnl_attr_nest_end(nlh, nest);
}

static void put_node(struct nlmsghdr *nlh)
{
	static const uint8_t ip[4] = { 10 };
	struct nlattr *nest;

	mnl_attr_put_u64(nlh, KZT_A_NODE_ADDRESS, SELF);
	mnl_attr_put_u16(nlh, KZT_A_NODE_PORT, 9993);
	nest = mnl_attr_nest_start(nlh, KZT_A_NODE_PHYS);
	mnl_attr_put(nlh, KZT_A_PHYS_ADDR, 4, ip);
	mnl_attr_put_u8(nlh, KZT_A_PHYS_LEN, 8);
	mnl_attr_put_u64(nlh, KZT_A_PHYS_TRUST_ID, 7);
	mnl_attr_nest_end(nlh, nest);
}

static bool put_object(struct nlmsghdr *nlh, uint8_t cmd)
{
	switch (cmd) {
	case KZT_CMD_NODE_GET:
		put_node(nlh);
		return true;
	case KZT_CMD_PEER_GET:
		mnl_attr_put_u64(nlh, KZT_A_PEER_ADDRESS, PEER);
		mnl_attr_put_strz(nlh, KZT_A_PEER_POLICY, "active-backup");
		put_path(nlh, 1, "10.0.0.2", true);
		put_path(nlh, 2, "10.0.0.3", false);
		return true;
	case KZT_CMD_NETWORK_GET:
		mnl_attr_put_u64(nlh, KZT_A_NETWORK_ID, NWID);
		return joined;
	case KZT_CMD_GROUP_GET:
		mnl_attr_put_u64(nlh, KZT_A_GROUP_NETWORK, NWID);
		mnl_attr_put_u8(nlh, KZT_A_GROUP_SUBSCRIBED, 1);
		return joined;
	case KZT_CMD_WORLD_GET:
		mnl_attr_put_u64(nlh, KZT_A_WORLD_ID, PEER);
		return true;
	default:
		return false;
	}
}

static int answer(uint8_t cmd, mnl_cb_t cb, void *data)
{
	static char buf[4096] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));

	g->cmd = cmd;
	if (cb && put_object(nlh, cmd))
		CHECK(cb(nlh, data) > 0);
	return 0;
}

int __wrap_kzt_nl_talk(struct kzt_nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	(void)nl;
	return answer(kzt_nl_cmd(nlh), cb, data);
}

int __wrap_kzt_nl_simple(struct kzt_nl *nl, uint8_t cmd, uint16_t flags, mnl_cb_t cb,
			 void *data)
{
	(void)nl;
	(void)flags;
	return answer(cmd, cb, data);
}

/* --- the agent ------------------------------ */

json_t *agent_networks_json(struct agent *a)
{
	(void)a;
	return json_pack("[{s:o,s:b}]", "id", json_sprintf("%016llx", NWID), "global", 1);
}

void agent_networks_add_missing(struct agent *a, json_t *list)
{
	(void)a;
	(void)list;
}

int agent_network_join(struct agent *a, uint64_t nwid, const char *dev, const char *netns,
		       const struct agent_allow_change *allow, json_t *answer,
		       char err[AGENT_ERR])
{
	(void)a;
	(void)dev;
	(void)netns;
	(void)allow;
	(void)answer;
	(void)err;
	joined |= nwid == NWID;
	return nwid ? 0 : -EINVAL;
}

int agent_network_leave(struct agent *a, uint64_t nwid, char err[AGENT_ERR])
{
	bool had = joined && nwid == NWID;

	(void)a;
	(void)err;
	joined &= !had;
	return had ? 0 : -ENOENT;
}

int agent_moon_orbit(struct agent *a, uint64_t id, uint64_t seed, bool *waiting,
		     char err[AGENT_ERR])
{
	(void)a;
	(void)err;
	*waiting = true;
	return id && seed ? 0 : -EINVAL;
}

int agent_moon_del(struct agent *a, uint64_t id, char err[AGENT_ERR])
{
	(void)a;
	(void)err;
	return id == PEER ? 0 : -ENOENT;
}

/* --- the controller ------------------------------ */

static struct controller *controller_new(void)
{
	struct controller *c = calloc(1, sizeof(*c));

	CHECK(c);
	pthread_mutex_init(&c->lock, NULL);
	c->packets_last = &c->packets;
	c->done_last = &c->done;
	c->source.fd = eventfd(0, EFD_NONBLOCK);
	c->maker = calloc(1, sizeof(*c->maker));
	c->id.address = SELF;
	c->db.on_change = controller_on_change;
	c->db.arg = c;
	CHECK(c->maker && !controller_db_open(&c->db, ":memory:", SELF));
	c->ready = true;
	return c;
}

static void controller_free(struct controller *c)
{
	struct controller_packet *p;

	close(c->source.fd);
	controller_db_close(&c->db);
	controller_online_free(&c->online);
	while ((p = c->packets)) {
		c->packets = p->next;
		free(p);
	}
	free(c->maker);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* --- calls ------------------------------ */

static void check_answer(const struct controller_call *call)
{
	char *text;

	CHECK(call->status >= 200 && call->status < 600);
	CHECK(call->status != 200 || call->reply || call->text);
	if (!call->reply)
		return;
	text = json_dumps(call->reply, JSON_COMPACT | JSON_ENCODE_ANY);
	CHECK(text);
	free(text);
}

/* True if it may have changed something */
static bool one_call(struct agent *a, struct controller *c, enum controller_method method,
		     const char *path, const char *body, size_t len)
{
	struct controller_call *call = calloc(1, sizeof(*call));

	CHECK(call);
	call->method = method;
	call->path = strdup(path);
	call->body = len ? json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL) : json_object();
	/* As controller_http.c does: only a POST needs a body that is an object */
	if (!json_is_object(call->body)) {
		json_decref(call->body);
		call->body = NULL;
	}
	if (call->path && (call->body || method != METHOD_POST)) {
		if (!controller_local(a, call))
			controller_api(c, call);
		check_answer(call);
	}
	controller_call_free(call);
	return method != METHOD_GET;
}

/* Takes the first call off the text; true if it may have changed something */
static bool next_call(struct agent *a, struct controller *c, char **text)
{
	char *end = strstr(*text, "\n\n"), *call = *text, *body, *path;
	enum controller_method method = *call == 'P' ? METHOD_POST :
					*call == 'D' ? METHOD_DELETE : METHOD_GET;

	*text = end ? end + 2 : NULL;
	if (end)
		*end = 0;
	body = strchr(call, '\n');
	if (body)
		*body++ = 0;
	path = strchr(call, ' ');
	return path && one_call(a, c, method, path + 1, body ? body : "",
				body ? strlen(body) : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct controller *c;
	static struct agent a;
	char *text = strndup((const char *)data, size), *at = text;
	bool changed = false;
	unsigned int i;

	CHECK(text);
	if (!c)
		c = controller_new();
	joined = false;
	for (i = 0; at && i < CALLS_MAX; i++)
		changed |= next_call(&a, c, &at);
	free(text);
	if (changed) {
		controller_free(c);
		c = NULL;
	}
	return 0;
}
