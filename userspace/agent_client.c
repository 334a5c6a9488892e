// SPDX-License-Identifier: GPL-2.0
/*
 * Asking the agent: a line of JSON there, a line of JSON back.
 *
 * The abstract socket belongs to the network namespace, so it finds the right
 * agent by itself.  A file does not, and is tried in the first namespace only.
 */
#include "agent_client.h"
#include "kzt.h"
#include "netns.h"
#include <errno.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define ABSTRACT_NAME "kzt/kztd"
#define SOCKET_PATH "/run/kzt/kztd.sock"
#define AGENT_USER "kzt"
#define ANSWER_MAX (1 << 20)
#define ANSWER_SECONDS 30

/* Anybody may take an abstract name: believe root, ourselves, or the agent's user */
static bool trusted(int fd)
{
	struct passwd *pw;
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return false;
	if (!cred.uid || cred.uid == geteuid())
		return true;
	pw = getpwnam(AGENT_USER);
	return pw && pw->pw_uid == cred.uid;
}

/* A descriptor, or -1 if nobody listens there */
static int try_connect(const char *name, bool abstract)
{
	struct timeval limit = { .tv_sec = ANSWER_SECONDS };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd;

	memcpy(sun.sun_path + abstract, name, strlen(name));
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + abstract +
			  strlen(name) + !abstract);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (!connect(fd, (struct sockaddr *)&sun, len))
		return fd;
	close(fd);
	return -1;
}

static int send_all(int fd, const char *s, size_t len)
{
	while (len) {
		ssize_t n = send(fd, s, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

static int send_line(int fd, json_t *question)
{
	char *s = json_dumps(question, JSON_COMPACT);
	int err;

	json_decref(question);
	if (!s)
		return -1;
	err = send_all(fd, s, strlen(s)) || send_all(fd, "\n", 1);
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
	int fd = try_connect(ABSTRACT_NAME, true), err;

	if (fd < 0 && kzt_netns_is_initial())
		fd = try_connect(SOCKET_PATH, false);
	if (fd < 0) {
		json_decref(question);
		return KZT_ABSENT;
	}
	if (!trusted(fd)) {
		json_decref(question);
		err = kzt_fail("another user's program has taken the agent's place");
	} else if (send_line(fd, question)) {
		err = kzt_fail("the agent does not listen: %s", strerror(errno));
	} else {
		err = read_answer(fd, answer);
	}
	close(fd);
	return err;
}
