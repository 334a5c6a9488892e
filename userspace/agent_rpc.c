// SPDX-License-Identifier: GPL-2.0
/*
 * Requests from kzt(8): one JSON object a line, one line back.
 *
 * The socket is in the abstract name space, which belongs to the network
 * namespace: a client finds the agent of the namespace it is in.  Only root and
 * the agent's own user are answered.
 */
#include "agent.h"
#include "out.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ABSTRACT_NAME "kzt/kztd"
#define LINE_MAX_BYTES 65536
#define CLIENTS_MAX 16
#define CLIENT_IDLE_MS 60000
#define WORLD_HEX_MAX (8480 * 2)

struct client {
	struct agent_source source;
	struct agent *a;
	char *in, *out;
	size_t in_len, out_len, out_done;
	uint64_t active_ms;
	bool closing;		/* when @out has gone */
};

struct agent_rpc {
	struct agent_source abstract, file;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct client client[CLIENTS_MAX];
};

/* --- the commands ------------------------------------------------------------------------ */

/* 1 to @digits hexadecimal digits */
static bool parse_id(const char *text, size_t digits, uint64_t *id)
{
	size_t len = strspn(text, "0123456789abcdefABCDEF");

	if (!len || len > digits || text[len])
		return false;
	*id = strtoull(text, NULL, 16);
	return true;
}

static int cmd_network_join(struct agent *a, json_t *req, json_t *answer, char *err)
{
	const char *cmd, *text, *dev = NULL, *netns = NULL;
	struct agent_allow_change c = { -1, -1, -1, -1, NULL };
	json_t *managed = NULL;
	json_error_t why;
	uint64_t id;

	if (json_unpack_ex(req, &why, 0, "{s:s,s:s,s?s,s?s,s?o,s?b,s?b,s?b!}",
			   "cmd", &cmd, "id", &text, "dev", &dev, "netns", &netns,
			   "managed", &managed, "global", &c.global,
			   "default", &c.dflt, "dns", &c.dns))
		return agent_err(err, -EINVAL, "%s", why.text);
	if (strlen(text) != 16 || !parse_id(text, 16, &id))
		return agent_err(err, -EINVAL, "a network id has 16 hexadecimal digits");
	if (json_is_boolean(managed))
		c.managed = json_is_true(managed);
	else if (managed && !(c.within = json_string_value(managed)))
		return agent_err(err, -EINVAL, "managed is true, false or prefixes");
	return agent_network_join(a, id, dev, netns, &c, answer, err);
}

static int cmd_network_leave(struct agent *a, json_t *req, json_t *answer, char *err)
{
	const char *cmd, *text;
	json_error_t why;
	uint64_t id;

	(void)answer;
	if (json_unpack_ex(req, &why, 0, "{s:s,s:s!}", "cmd", &cmd, "id", &text))
		return agent_err(err, -EINVAL, "%s", why.text);
	if (strlen(text) != 16 || !parse_id(text, 16, &id))
		return agent_err(err, -EINVAL, "a network id has 16 hexadecimal digits");
	return agent_network_leave(a, id, err);
}

static int cmd_network_list(struct agent *a, json_t *req, json_t *answer, char *err)
{
	(void)req;
	(void)err;
	agent_networks_sync(a);
	json_object_set_new(answer, "networks", agent_networks_json(a));
	return 0;
}

static int world_cmd(struct agent *a, json_t *req, json_t *answer, bool moon,
		     char *err)
{
	uint8_t blob[WORLD_HEX_MAX / 2];
	const char *cmd, *hex;
	json_error_t why;
	char text[24];
	uint64_t id;
	size_t len;
	int code;

	if (json_unpack_ex(req, &why, 0, "{s:s,s:s!}", "cmd", &cmd, "blob", &hex))
		return agent_err(err, -EINVAL, "%s", why.text);
	if (kzt_text_hex(hex, blob, sizeof(blob), &len))
		return agent_err(err, -EINVAL, "the blob is not hexadecimal, or too long");
	code = agent_world_set(a, blob, len, moon, &id, err);
	if (code)
		return code;
	snprintf(text, sizeof(text), "%016" PRIx64, id);
	json_object_set_new(answer, "id", json_string(text));
	return 0;
}

static int cmd_world_set(struct agent *a, json_t *req, json_t *answer, char *err)
{
	return world_cmd(a, req, answer, false, err);
}

static int cmd_moon_add(struct agent *a, json_t *req, json_t *answer, char *err)
{
	return world_cmd(a, req, answer, true, err);
}

static int cmd_moon_del(struct agent *a, json_t *req, json_t *answer, char *err)
{
	const char *cmd, *text;
	json_error_t why;
	uint64_t id;

	(void)answer;
	if (json_unpack_ex(req, &why, 0, "{s:s,s:s!}", "cmd", &cmd, "id", &text))
		return agent_err(err, -EINVAL, "%s", why.text);
	if (!parse_id(text, 16, &id))
		return agent_err(err, -EINVAL, "a moon's id has up to 16 hexadecimal digits");
	return agent_moon_del(a, id, err);
}

static int cmd_moon_orbit(struct agent *a, json_t *req, json_t *answer, char *err)
{
	const char *cmd, *moon, *seed;
	uint64_t id, address;
	json_error_t why;
	bool waiting;
	int code;

	if (json_unpack_ex(req, &why, 0, "{s:s,s:s,s:s!}", "cmd", &cmd, "id", &moon,
			   "seed", &seed))
		return agent_err(err, -EINVAL, "%s", why.text);
	if (!parse_id(moon, 16, &id) || !id)
		return agent_err(err, -EINVAL, "a moon's id has up to 16 hexadecimal digits");
	if (!parse_id(seed, 10, &address))
		return agent_err(err, -EINVAL, "a seed's address has ten hexadecimal digits");
	code = agent_moon_orbit(a, id, address, &waiting, err);
	if (!code)
		json_object_set_new(answer, "waiting", json_boolean(waiting));
	return code;
}

static int cmd_alias_set(struct agent *a, json_t *req, json_t *answer, char *err)
{
	const char *cmd, *text, *name;
	json_error_t why;
	uint64_t address;

	(void)answer;
	if (json_unpack_ex(req, &why, 0, "{s:s,s:s,s:s!}", "cmd", &cmd, "address",
			   &text, "name", &name))
		return agent_err(err, -EINVAL, "%s", why.text);
	if (strlen(text) != 10 || !parse_id(text, 10, &address))
		return agent_err(err, -EINVAL, "an address has ten hexadecimal digits");
	return agent_alias_set(a, address, name, err);
}

static int cmd_alias_list(struct agent *a, json_t *req, json_t *answer, char *err)
{
	(void)req;
	(void)err;
	json_object_set_new(answer, "aliases", agent_alias_json(a));
	return 0;
}

static int cmd_status(struct agent *a, json_t *req, json_t *answer, char *err)
{
	char text[24];

	(void)req;
	(void)err;
	agent_node_sync(a);
	if (a->address) {
		snprintf(text, sizeof(text), "%010" PRIx64, a->address);
		json_object_set_new(answer, "address", json_string(text));
	}
	json_object_set_new(answer, "online", json_boolean(a->address && a->online));
	json_object_set_new(answer, "state", json_string(a->state.path));
	json_object_set_new(answer, "pid", json_integer(getpid()));
	json_object_set_new(answer, "identities", agent_upcall_json(a));
	json_object_set_new(answer, "controller", agent_controller_json(a));
	json_object_set_new(answer, "worlds-taken",
			    json_integer((json_int_t)a->worlds_taken));
	json_object_set_new(answer, "worlds-refused",
			    json_integer((json_int_t)a->worlds_refused));
	json_object_set_new(answer, "overruns",
			    json_integer((json_int_t)a->overruns));
	json_object_set_new(answer, "networks", agent_networks_json(a));
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct agent *a, json_t *req, json_t *answer, char *err);
} commands[] = {
	{ "network-join", cmd_network_join },
	{ "network-leave", cmd_network_leave },
	{ "network-list", cmd_network_list },
	{ "world-set", cmd_world_set },
	{ "moon-add", cmd_moon_add },
	{ "moon-del", cmd_moon_del },
	{ "moon-orbit", cmd_moon_orbit },
	{ "alias-set", cmd_alias_set },
	{ "alias-list", cmd_alias_list },
	{ "status", cmd_status },
};

static int run(struct agent *a, json_t *req, json_t *answer, char *err)
{
	const char *name = json_string_value(json_object_get(req, "cmd"));
	size_t i;

	if (!name)
		return agent_err(err, -EINVAL, "a request is an object with a member \"cmd\"");
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].run(a, req, answer, err);
	return agent_err(err, -EINVAL, "no such command");
}

/* The answer to one line, without its newline; to be freed */
static char *answer_line(struct agent *a, const char *line, size_t len)
{
	char err[AGENT_ERR] = "", *text;
	json_error_t why;
	json_t *req, *answer;
	int code;

	answer = json_pack("{s:b}", "ok", 1);
	req = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
	if (!answer)
		code = -ENOMEM;
	else if (!req)
		code = agent_err(err, -EINVAL, "not JSON: %s", why.text);
	else
		code = run(a, req, answer, err);
	if (code) {
		json_decref(answer);
		if (!*err)
			agent_err(err, 0, "%s", strerror(-code));
		answer = json_pack("{s:s%}", "error", err, strlen(err));
		if (!answer)	/* not UTF-8 */
			answer = json_pack("{s:s}", "error", "refused");
	}
	text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
	json_decref(answer);
	json_decref(req);
	return text;
}

/* --- clients -------------------------------------------------------------------------------- */

static void client_close(struct client *c)
{
	agent_loop_del(&c->a->loop, &c->source);
	free(c->in);
	free(c->out);
	c->in = c->out = NULL;
	c->in_len = c->out_len = c->out_done = 0;
	c->closing = false;
}

/* False if it was closed */
static bool client_flush(struct client *c)
{
	while (c->out_done < c->out_len) {
		ssize_t n = send(c->source.fd, c->out + c->out_done,
				 c->out_len - c->out_done,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			agent_loop_change(&c->a->loop, &c->source, EPOLLOUT);
			return true;
		}
		if (n < 0) {
			client_close(c);
			return false;
		}
		c->out_done += (size_t)n;
	}
	free(c->out);
	c->out = NULL;
	c->out_len = c->out_done = 0;
	if (c->closing) {
		client_close(c);
		return false;
	}
	agent_loop_change(&c->a->loop, &c->source, EPOLLIN);
	return true;
}

/* Takes @text, which may be NULL */
static bool client_say(struct client *c, char *text)
{
	size_t len = text ? strlen(text) : 0;
	char *line = text ? realloc(text, len + 2) : NULL;

	if (!line) {
		free(text);
		client_close(c);
		return false;
	}
	memcpy(line + len, "\n", 2);
	c->out = line;
	c->out_len = len + 1;
	c->out_done = 0;
	return client_flush(c);
}

/* One line at a time: the next one is read when the answer has gone */
static void client_lines(struct client *c)
{
	while (c->source.fd >= 0 && !c->out) {
		char *end = c->in_len ? memchr(c->in, '\n', c->in_len) : NULL;
		size_t len;

		if (!end && c->in_len == LINE_MAX_BYTES) {
			c->closing = true;
			client_say(c, strdup("{\"error\":\"the request is too long\"}"));
		}
		if (!end)
			return;
		len = (size_t)(end - c->in);
		if (!client_say(c, answer_line(c->a, c->in, len)))
			return;
		c->in_len -= len + 1;
		memmove(c->in, end + 1, c->in_len);
	}
}

static void client_ready(struct agent_source *src, uint32_t events)
{
	struct client *c = src->arg;
	ssize_t n;

	c->active_ms = agent_now_ms();
	if (c->out) {
		if ((events & (EPOLLERR | EPOLLHUP)) && !(events & EPOLLOUT))
			client_close(c);
		else if (client_flush(c))
			client_lines(c);
		return;
	}
	n = recv(c->source.fd, c->in + c->in_len, LINE_MAX_BYTES - c->in_len,
		 MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_close(c);
		return;
	}
	c->in_len += (size_t)n;
	client_lines(c);
}

static bool client_allowed(int fd)
{
	socklen_t len = sizeof(struct ucred);
	struct ucred cred;

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) &&
	       (cred.uid == 0 || cred.uid == geteuid());
}

static void refuse(int fd, const char *why)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "{\"error\":\"%s\"}\n", why);

	if (send(fd, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		agent_log(LOG_DEBUG, "refusing a client: %s", strerror(errno));
	close(fd);
}

static void client_new(struct agent_source *src, uint32_t events)
{
	struct agent *a = src->arg;
	struct client *c = NULL;
	unsigned int i;
	int fd;

	(void)events;
	fd = accept4(src->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (!client_allowed(fd)) {
		refuse(fd, "only root may ask the agent");
		return;
	}
	for (i = 0; i < CLIENTS_MAX && !c; i++)
		if (a->rpc->client[i].source.fd < 0)
			c = &a->rpc->client[i];
	if (c)
		c->in = malloc(LINE_MAX_BYTES);
	if (!c || !c->in) {
		refuse(fd, "the agent has too many clients");
		return;
	}
	c->a = a;
	c->active_ms = agent_now_ms();
	c->source.fd = fd;
	c->source.fn = client_ready;
	c->source.arg = c;
	if (agent_loop_add(&a->loop, &c->source, EPOLLIN))
		client_close(c);
}

void agent_rpc_tick(struct agent *a)
{
	uint64_t now = agent_now_ms();
	unsigned int i;

	for (i = 0; i < CLIENTS_MAX; i++) {
		struct client *c = &a->rpc->client[i];

		if (c->source.fd >= 0 && now - c->active_ms > CLIENT_IDLE_MS)
			client_close(c);
	}
}

/* --- life ------------------------------------------------------------------------------------- */

static int rpc_listen(struct agent *a, struct agent_source *src,
		      const struct sockaddr_un *sun, socklen_t len)
{
	int err;

	src->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (src->fd < 0)
		return -errno;
	src->fn = client_new;
	src->arg = a;
	if (bind(src->fd, (const struct sockaddr *)sun, len) ||
	    listen(src->fd, CLIENTS_MAX))
		err = -errno;
	else
		err = agent_loop_add(&a->loop, src, EPOLLIN);
	if (err) {
		close(src->fd);
		src->fd = -1;
	}
	return err;
}

/* This is the one agent of the namespace: an old socket is a dead agent's */
static int file_listen(struct agent *a, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct agent_rpc *rpc = a->rpc;
	mode_t mask;
	char *slash;
	int err;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	strcpy(sun.sun_path, path);
	slash = strrchr(sun.sun_path, '/');
	if (slash && slash != sun.sun_path) {
		*slash = 0;
		if (mkdir(sun.sun_path, 0700) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	if (unlink(path) && errno != ENOENT)
		return -errno;
	mask = umask(0177);
	err = rpc_listen(a, &rpc->file, &sun, sizeof(sun));
	umask(mask);
	if (!err)
		strcpy(rpc->path, path);
	return err;
}

int agent_rpc_start(struct agent *a, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	unsigned int i;
	int err;

	a->rpc = calloc(1, sizeof(*a->rpc));
	if (!a->rpc)
		return -ENOMEM;
	a->rpc->abstract.fd = a->rpc->file.fd = -1;
	for (i = 0; i < CLIENTS_MAX; i++)
		a->rpc->client[i].source.fd = -1;
	memcpy(sun.sun_path + 1, ABSTRACT_NAME, sizeof(ABSTRACT_NAME) - 1);
	err = rpc_listen(a, &a->rpc->abstract, &sun,
			 offsetof(struct sockaddr_un, sun_path) +
			 sizeof(ABSTRACT_NAME));
	if (err) {
		agent_log(LOG_ERR, "cannot listen for requests: %s", err == -EADDRINUSE ?
			  "another agent does" : strerror(-err));
		return err;
	}
	if (path) {
		err = file_listen(a, path);
		if (err)	/* the other one will do */
			agent_log(LOG_WARNING, "cannot listen on %s: %s", path,
				  strerror(-err));
	}
	return 0;
}

void agent_rpc_stop(struct agent *a)
{
	struct agent_rpc *rpc = a->rpc;
	unsigned int i;

	if (!rpc)
		return;
	for (i = 0; i < CLIENTS_MAX; i++)
		if (rpc->client[i].source.fd >= 0)
			client_close(&rpc->client[i]);
	agent_loop_del(&a->loop, &rpc->abstract);
	agent_loop_del(&a->loop, &rpc->file);
	if (*rpc->path)
		unlink(rpc->path);
	free(rpc);
	a->rpc = NULL;
}
