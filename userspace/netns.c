// SPDX-License-Identifier: GPL-2.0
/* Network namespaces that have a name. */
#include "netns.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int kzt_netns_open(const char *name)
{
	static const char *const dirs[] = { "/run/netns", "/var/run/netns" };
	char path[PATH_MAX];
	unsigned int i;
	int fd = -1;

	if (strchr(name, '/'))
		return open(name, O_RDONLY | O_CLOEXEC);
	if (!*name || !strcmp(name, ".") || !strcmp(name, "..") ||
	    strlen(name) > NAME_MAX) {
		errno = EINVAL;
		return -1;
	}
	for (i = 0; i < 2 && fd < 0; i++) {
		snprintf(path, sizeof(path), "%s/%s", dirs[i], name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 && errno != ENOENT)
			break;
	}
	return fd;
}

int kzt_netns_run(int fd, int (*fn)(void *arg), void *arg)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int err;

	if (here < 0)
		return -errno;
	if (setns(fd, CLONE_NEWNET)) {
		err = -errno;
	} else {
		err = fn(arg);
		if (setns(here, CLONE_NEWNET) && !err)
			err = -errno;
	}
	close(here);
	return err;
}

bool kzt_netns_is_initial(bool unknown)
{
	struct stat mine, first;

	if (stat("/proc/1/ns/net", &first))
		return unknown;
	return !stat("/proc/self/ns/net", &mine) &&
	       mine.st_ino == first.st_ino && mine.st_dev == first.st_dev;
}
