// SPDX-License-Identifier: GPL-2.0
/* Local sockets of the agent: what its two clients share. */
#include "local_client.h"
#include "kzt.h"
#include "netns.h"
#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define AGENT_USER "kzt"

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
static int try_connect(const char *name, bool abstract, unsigned int seconds)
{
	struct timeval limit = { .tv_sec = (time_t)seconds };
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

int kzt_local_connect(const char *abstract, const char *file, unsigned int seconds,
		      int *fd)
{
	*fd = try_connect(abstract, true, seconds);
	if (*fd < 0 && kzt_netns_is_initial(true))
		*fd = try_connect(file, false, seconds);
	if (*fd < 0)
		return KZT_ABSENT;
	if (trusted(*fd))
		return KZT_OK;
	close(*fd);
	return kzt_fail("another user's program has taken the agent's place");
}

int kzt_local_send(int fd, const char *s, size_t len)
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
