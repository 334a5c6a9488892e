// SPDX-License-Identifier: GPL-2.0
/* Asking the agent: a line of JSON there, a line of JSON back. */
#include "agent_client.h"
#include "kzt.h"
#include "local_client.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ABSTRACT_NAME "kzt/kztd"
#define SOCKET_PATH "/run/kzt/kztd.sock"
#define ANSWER_MAX (1 << 20)
#define ANSWER_SECONDS 30

static int send_line(int fd, json_t *question)
{
	char *s = json_dumps(question, JSON_COMPACT);
	int err;

	json_decref(question);
	if (!s)
		return -1;
	err = kzt_local_send(fd, s, strlen(s)) || kzt_local_send(fd, "\n", 1);
	free(s);
	return err;
}

/* Up to the first line feed; NULL if it does not come */
static char *receive_line(int fd)
{
	size_t len = 0, room = 4096;
	char *s = malloc(room), *more;

	while (s) {
		ssize_t n = recv(fd, s + len, room - len - 1, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
		s[len] = 0;
		if (strchr(s, '\n'))
			return s;
		if (room - len > 1)
			continue;
		if (room >= ANSWER_MAX)
			break;
		room *= 2;
		more = realloc(s, room);
		if (!more)
			break;
		s = more;
	}
	free(s);
	return NULL;
}

static int read_answer(int fd, json_t **answer)
{
	char *line = receive_line(fd);
	const char *error;
	json_t *o;
	int err = KZT_OK;

	if (!line)
		return kzt_fail("the agent does not answer");
	o = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);
	free(line);
	error = json_string_value(json_object_get(o, "error"));
	if (error)
		err = kzt_fail("%s", error);
	else if (!json_is_true(json_object_get(o, "ok")))
		err = kzt_fail("the agent's answer makes no sense");
	if (!err && answer)
		*answer = json_incref(o);
	json_decref(o);
	return err;
}

int kzt_agent_ask(json_t *question, json_t **answer)
{
	int fd, err = kzt_local_connect(ABSTRACT_NAME, SOCKET_PATH, ANSWER_SECONDS, &fd);

	if (err) {
		json_decref(question);
		return err;
	}
	if (send_line(fd, question))
		err = kzt_fail("the agent does not listen: %s", strerror(errno));
	else
		err = read_answer(fd, answer);
	close(fd);
	return err;
}
