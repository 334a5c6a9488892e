// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of the agent's local API: HTTP/1.0 over the abstract socket, which
 * belongs to the network namespace and knows root without a token.
 */
#include "api_client.h"
#include "kzt.h"
#include "local_client.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ABSTRACT_NAME "kzt/http"
#define FILE_PATH "/run/kzt/http.sock"
#define SECONDS 60
#define REPLY_MAX (256 << 20)	/* a network of very many members */

static int send_request(int fd, const char *method, const char *path, const json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : strdup(""), *head = NULL;
	int n, err = -1;

	if (text) {
		n = asprintf(&head, "%s %s HTTP/1.0\r\nContent-Length: %zu\r\n\r\n", method,
			     path, strlen(text));
		if (n > 0)
			err = kzt_local_send(fd, head, (size_t)n) ?:
			      kzt_local_send(fd, text, strlen(text));
	}
	free(head);
	free(text);
	return err;
}

/* Up to the end of the connection; to be freed, or NULL */
static char *receive_all(int fd)
{
	size_t len = 0, room = 65536;
	char *s = malloc(room), *more;

	while (s) {
		ssize_t n = recv(fd, s + len, room - len - 1, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		len += (size_t)n;
		s[len] = 0;
		if (!n)
			return s;
		if (room - len > 1)
			continue;
		room *= 2;
		more = room <= REPLY_MAX ? realloc(s, room) : NULL;
		if (!more)
			break;
		s = more;
	}
	free(s);
	return NULL;
}

static int read_reply(const char *text, const char *what, json_t **reply)
{
	const char *body = text ? strstr(text, "\r\n\r\n") : NULL, *why;
	json_t *o = NULL;
	int status, err = KZT_OK;

	if (!body || sscanf(text, "HTTP/%*d.%*d %d", &status) != 1)
		return kzt_fail("the agent does not answer");
	if (body[4])
		o = json_loads(body + 4, JSON_DECODE_ANY, NULL);
	why = json_string_value(json_object_get(o, "description"));
	if (status == 404)
		err = kzt_fail("there is no such %s", what);
	else if (status != 200)
		err = kzt_fail("%s", why ? why : status == 401 ? "only root may ask the agent" :
			       "the agent refuses");
	else if (reply)
		*reply = json_incref(o);
	json_decref(o);
	return err;
}

int kzt_api(const char *method, const char *path, json_t *body, const char *what,
	    json_t **reply)
{
	int fd, err = kzt_local_connect(ABSTRACT_NAME, FILE_PATH, SECONDS, &fd);
	char *text;

	if (err) {
		json_decref(body);
		if (err == KZT_ABSENT)
			kzt_fail("there is no agent (kztd) here, or it runs with --no-controller");
		return err;
	}
	if (send_request(fd, method, path, body)) {
		err = kzt_fail("the agent does not listen: %s", strerror(errno));
	} else {
		text = receive_all(fd);
		err = read_reply(text, what, reply);
		free(text);
	}
	close(fd);
	json_decref(body);
	return err;
}
