// SPDX-License-Identifier: GPL-2.0
/* The local service API over HTTP, in the agent's event loop (spec 4.13.1). */
#include "controller_http.h"
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LISTENERS 3
#define BACKLOG 16
#define IDLE_SECONDS 30
#define JSONP_MAX 64
#define ROUNDS_MAX 16

struct listener {
	struct agent_source source;
	struct controller_http *http;
	struct MHD_Daemon *daemon;
};

struct controller_http {
	struct agent *a;
	struct controller *controller;
	struct listener listener[LISTENERS];
	unsigned int n;
	char token[HTTP_TOKEN_LEN + 1];
	char metrics_token[HTTP_TOKEN_LEN + 1];
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/**
 * struct http_request - one request, until its answer has gone
 * @call: NULL until it is complete, and if it was refused before
 * @busy: the controller's thread has @call, and the connection sleeps
 * @status: of a refusal
 */
struct http_request {
	struct controller_http *http;
	struct MHD_Connection *connection;
	char *body;
	size_t len;
	struct controller_call *call;
	bool busy, done;
	unsigned int status;
};

/* --- who may ask ------------------------------ */

static bool token_is(const char *want, const char *token)
{
	return strlen(token) == HTTP_TOKEN_LEN &&
	       !sodium_memcmp(token, want, HTTP_TOKEN_LEN);
}

/* Root and our own user need no token where the kernel says who they are */
static bool is_root(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info;
	socklen_t len = sizeof(int);
	struct ucred cred;
	int domain;

	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (!info || getsockopt(info->connect_fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) ||
	    domain != AF_UNIX)
		return false;
	len = sizeof(cred);
	return !getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) &&
	       (!cred.uid || cred.uid == geteuid());
}

static bool allowed(struct controller_http *http, struct MHD_Connection *connection,
		    const char *url)
{
	const char *token;

	if (!strcmp(url, "/health"))
		return true;
	token = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "X-ZT1-Auth");
	if (!token)
		token = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND,
						    "auth");
	if (!token) {
		token = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
						    "Authorization");
		if (token && !strncasecmp(token, "Bearer ", 7))
			token += 7;
	}
	if (!token)
		return is_root(connection);
	return token_is(http->token, token) ||
	       (!strcmp(url, "/metrics") && token_is(http->metrics_token, token));
}

/* --- answers ------------------------------ */

static bool jsonp_valid(const char *name)
{
	size_t len = name ? strspn(name, "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$") : 0;

	return len && len < JSONP_MAX && !name[len];
}

static char *reply_text(struct MHD_Connection *connection, const json_t *reply)
{
	const char *jsonp = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND,
							"jsonp");
	char *text = json_dumps(reply, JSON_COMPACT | JSON_ENCODE_ANY), *wrapped;

	if (!text || !jsonp_valid(jsonp))
		return text;
	if (asprintf(&wrapped, "%s(%s);", jsonp, text) < 0)
		wrapped = NULL;
	free(text);
	return wrapped;
}

/* Takes @text */
static enum MHD_Result respond_text(struct MHD_Connection *connection, unsigned int status,
				    char *text, const char *type)
{
	struct MHD_Response *response;
	enum MHD_Result ret;

	response = MHD_create_response_from_buffer(text ? strlen(text) : 0, text,
						   text ? MHD_RESPMEM_MUST_FREE :
							  MHD_RESPMEM_PERSISTENT);
	if (!response) {
		free(text);
		return MHD_NO;
	}
	if (text)
		MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "Cache-Control", "no-cache");
	ret = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return ret;
}

static enum MHD_Result respond(struct MHD_Connection *connection, unsigned int status,
			       const json_t *reply)
{
	return respond_text(connection, status, reply ? reply_text(connection, reply) : NULL,
			    "application/json");
}

static enum MHD_Result respond_call(struct MHD_Connection *connection,
				    struct controller_call *call)
{
	char *text = call->text;

	if (!text)
		return respond(connection, (unsigned int)call->status, call->reply);
	call->text = NULL;
	return respond_text(connection, (unsigned int)call->status, text,
			    "text/plain; version=0.0.4");
}

static enum MHD_Result respond_error(struct MHD_Connection *connection,
				     unsigned int status, const char *why)
{
	json_t *reply = status == 401 ? json_object() :
			json_pack("{s:i,s:s}", "error", (int)status, "description", why);
	enum MHD_Result ret = respond(connection, status, reply);

	json_decref(reply);
	return ret;
}

/* --- requests ------------------------------ */

static int method_of(const char *method)
{
	if (!strcmp(method, "GET") || !strcmp(method, "HEAD"))
		return METHOD_GET;
	if (!strcmp(method, "POST") || !strcmp(method, "PUT"))
		return METHOD_POST;
	return strcmp(method, "DELETE") ? -1 : METHOD_DELETE;
}

/* How long the body is said to be */
static unsigned long long announced(struct MHD_Connection *connection)
{
	const char *text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
						       "Content-Length");

	return text ? strtoull(text, NULL, 10) : 0;
}

static struct http_request *request_new(struct controller_http *http,
					struct MHD_Connection *connection,
					const char *url, const char *method)
{
	struct http_request *rq = calloc(1, sizeof(*rq));

	if (!rq)
		return NULL;
	rq->http = http;
	rq->connection = connection;
	if (!allowed(http, connection, url))
		rq->status = 401;
	else if (method_of(method) < 0)
		rq->status = 405;
	else if (announced(connection) > HTTP_BODY_MAX)
		rq->status = 413;
	return rq;
}

static void request_body(struct http_request *rq, const char *data, size_t len)
{
	char *body;

	if (rq->status)
		return;
	if (rq->len + len > HTTP_BODY_MAX) {
		rq->status = 413;
		return;
	}
	body = realloc(rq->body, rq->len + len);
	if (!body) {
		rq->status = 503;
		return;
	}
	memcpy(body + rq->len, data, len);
	rq->body = body;
	rq->len += len;
}

/* An object, or nothing at all */
static json_t *body_json(const struct http_request *rq, char why[AGENT_ERR])
{
	json_error_t error;
	json_t *o;

	if (!rq->len)
		return json_object();
	o = json_loadb(rq->body, rq->len, JSON_REJECT_DUPLICATES, &error);
	if (o && json_is_object(o))
		return o;
	if (o)
		snprintf(why, AGENT_ERR, "a JSON object is wanted");
	else
		snprintf(why, AGENT_ERR, "not JSON: line %d, column %d", error.line,
			 error.column);
	json_decref(o);
	return NULL;
}

static enum MHD_Result request_run(struct http_request *rq, const char *url,
				   const char *method)
{
	struct controller_http *http = rq->http;
	struct controller_call *call;
	char why[AGENT_ERR];
	json_t *body = body_json(rq, why);

	if (!body && method_of(method) == METHOD_POST)
		return respond_error(rq->connection, 500, why);
	call = calloc(1, sizeof(*call));
	if (!call || !(call->path = strdup(url))) {
		free(call);
		json_decref(body);
		return MHD_NO;
	}
	call->method = (enum controller_method)method_of(method);
	call->body = body;
	call->cookie = rq;
	rq->call = call;
	if (controller_local(http->a, call)) {
		rq->done = true;
	} else if (!http->controller) {
		call->status = 404;
		rq->done = true;
	} else {
		rq->busy = true;
		MHD_suspend_connection(rq->connection);
		controller_call(http->controller, call);
		return MHD_YES;
	}
	return respond_call(rq->connection, call);
}

static const char *why_not(const struct http_request *rq)
{
	return rq->status == 405 ? "this method is not supported" :
	       rq->status == 413 ? "the body is too long" : "out of memory";
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection,
			      const char *url, const char *method, const char *version,
			      const char *data, size_t *len, void **own)
{
	struct listener *l = arg;
	struct http_request *rq = *own;

	(void)version;
	if (!rq) {
		rq = request_new(l->http, connection, url, method);
		*own = rq;
		if (!rq)
			return MHD_NO;
		/* Who may not ask need not send all of it */
		return rq->status ? respond_error(connection, rq->status, why_not(rq)) :
				    MHD_YES;
	}
	if (*len) {
		request_body(rq, data, *len);
		*len = 0;
		return MHD_YES;
	}
	if (rq->busy)
		return MHD_YES;
	if (rq->status)
		return respond_error(connection, rq->status, why_not(rq));
	if (rq->done)
		return respond_call(connection, rq->call);
	return request_run(rq, url, method);
}

static void completed(void *arg, struct MHD_Connection *connection, void **own,
		      enum MHD_RequestTerminationCode code)
{
	struct http_request *rq = *own;

	(void)arg;
	(void)connection;
	(void)code;
	if (!rq)
		return;
	if (rq->call)
		controller_call_free(rq->call);
	free(rq->body);
	free(rq);
	*own = NULL;
}

/*
 * One round may leave work of which no event tells, such as to close what was
 * answered: without another the client waited for our next tick.
 */
static void run(struct MHD_Daemon *daemon)
{
	MHD_UNSIGNED_LONG_LONG ms;
	unsigned int i;

	for (i = 0; i < ROUNDS_MAX; i++) {
		MHD_run(daemon);
		if (MHD_get_timeout(daemon, &ms) != MHD_YES || ms)
			break;
	}
}

static void run_all(struct controller_http *http)
{
	unsigned int i;

	for (i = 0; i < http->n; i++)
		run(http->listener[i].daemon);
}

void controller_http_done(struct controller *c, struct controller_call *call)
{
	struct http_request *rq = call->cookie;

	(void)c;
	if (!call->status)
		call->status = 503;
	rq->busy = false;
	rq->done = true;
	MHD_resume_connection(rq->connection);
	run_all(rq->http);
}

/* --- listening ------------------------------ */

static void listener_ready(struct agent_source *src, uint32_t events)
{
	struct listener *l = src->arg;

	(void)events;
	run(l->daemon);
}

/* Takes @fd */
static int listener_add(struct controller_http *http, int fd)
{
	struct listener *l = &http->listener[http->n];
	const union MHD_DaemonInfo *info;

	l->http = http;
	l->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
				     handle, l, MHD_OPTION_LISTEN_SOCKET, fd,
				     MHD_OPTION_CONNECTION_LIMIT,
				     (unsigned int)HTTP_CLIENTS_MAX,
				     MHD_OPTION_CONNECTION_TIMEOUT,
				     (unsigned int)IDLE_SECONDS,
				     MHD_OPTION_NOTIFY_COMPLETED, completed, l,
				     MHD_OPTION_END);
	if (!l->daemon) {
		close(fd);
		return -ENOMEM;
	}
	info = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	l->source.fd = info ? info->epoll_fd : -1;
	l->source.fn = listener_ready;
	l->source.arg = l;
	http->n++;
	return agent_loop_add(&http->a->loop, &l->source, EPOLLIN);
}

static int listen_on(const struct sockaddr *sa, socklen_t len)
{
	int on = 1, err, fd;

	fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (sa->sa_family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, sa, len) || listen(fd, BACKLOG)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static int listen_abstract(struct controller_http *http)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	memcpy(sun.sun_path + 1, HTTP_ABSTRACT_NAME, sizeof(HTTP_ABSTRACT_NAME) - 1);
	fd = listen_on((struct sockaddr *)&sun, offsetof(struct sockaddr_un, sun_path) +
		       sizeof(HTTP_ABSTRACT_NAME));
	return fd < 0 ? fd : listener_add(http, fd);
}

/* We are the one agent of the namespace: an old socket is a dead agent's */
static int listen_file(struct controller_http *http, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	strcpy(sun.sun_path, path);
	if (unlink(path) && errno != ENOENT)
		return -errno;
	mask = umask(0177);
	fd = listen_on((struct sockaddr *)&sun, sizeof(sun));
	umask(mask);
	if (fd < 0)
		return fd;
	strcpy(http->path, path);
	return listener_add(http, fd);
}

static int listen_tcp(struct controller_http *http, const struct sockaddr *sa)
{
	int fd = listen_on(sa, sa->sa_family == AF_INET ? sizeof(struct sockaddr_in) :
							  sizeof(struct sockaddr_in6));

	return fd < 0 ? fd : listener_add(http, fd);
}

/* --- the token ------------------------------ */

/* Read from the state directory, or made there */
static int token_load(struct controller_http *http, const char *name,
		      char token[HTTP_TOKEN_LEN + 1])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	struct agent_state *state = &http->a->state;
	char text[128];
	ssize_t n = agent_state_read(state, name, text, sizeof(text) - 1);
	unsigned int i;

	if (n > 0) {
		text[n] = 0;
		n = (ssize_t)strcspn(text, " \t\r\n");
		if (n == HTTP_TOKEN_LEN) {
			memcpy(token, text, HTTP_TOKEN_LEN);
			return 0;
		}
		agent_log(LOG_WARNING, "%s/%s is no token: it is made anew",
			  state->path, name);
	}
	for (i = 0; i < HTTP_TOKEN_LEN; i++)
		token[i] = letters[randombytes_uniform(sizeof(letters) - 1)];
	return agent_state_write(state, name, token, HTTP_TOKEN_LEN);
}

/* --- life ------------------------------ */

static void may_fail(int err, const char *what)
{
	if (err)
		agent_log(LOG_WARNING, "cannot serve HTTP on %s: %s", what, strerror(-err));
}

int controller_http_start(struct controller_http **out, struct agent *a,
			  const char *path, const struct sockaddr *tcp)
{
	struct controller_http *http = calloc(1, sizeof(*http));
	int err;

	if (!http)
		return -ENOMEM;
	http->a = a;
	*out = http;
	err = token_load(http, "authtoken.secret", http->token) ?:
	      token_load(http, "metricstoken.secret", http->metrics_token);
	if (err)
		agent_log(LOG_WARNING, "cannot write a token into %s: %s",
			  a->state.path, strerror(-err));
	may_fail(listen_abstract(http), "the abstract socket");
	if (path)
		may_fail(listen_file(http, path), path);
	err = tcp ? listen_tcp(http, tcp) : 0;
	if (err)
		agent_log(LOG_ERR, "cannot serve HTTP over TCP: %s", strerror(-err));
	return err;
}

void controller_http_use(struct controller_http *http, struct controller *c)
{
	if (http)
		http->controller = c;
}

void controller_http_tick(struct controller_http *http)
{
	if (http)
		run_all(http);
}

void controller_http_stop(struct controller_http *http)
{
	unsigned int i;

	if (!http)
		return;
	run_all(http);
	for (i = 0; i < http->n; i++) {
		epoll_ctl(http->a->loop.epfd, EPOLL_CTL_DEL, http->listener[i].source.fd, NULL);
		http->listener[i].source.fd = -1;
		MHD_stop_daemon(http->listener[i].daemon);
	}
	if (*http->path)
		unlink(http->path);
	sodium_memzero(http->token, sizeof(http->token));
	sodium_memzero(http->metrics_token, sizeof(http->metrics_token));
	free(http);
}
