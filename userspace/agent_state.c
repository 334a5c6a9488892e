// SPDX-License-Identifier: GPL-2.0
/* The state directory: locked, private, written atomically. */
#include "agent_state.h"
#include "file.h"
#include "agent.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* All parts of the path; what is made is for us only */
static int make_path(const char *path)
{
	char part[PATH_MAX];
	const char *p = path;

	do {
		p = strchrnul(p + 1, '/');
		if ((size_t)(p - path) >= sizeof(part))
			return -ENAMETOOLONG;
		memcpy(part, path, (size_t)(p - path));
		part[p - path] = 0;
		if (mkdir(part, 0700) && errno != EEXIST)
			return -errno;
	} while (*p);
	return 0;
}

/* It holds a secret: nobody else may own it or look into it */
static int make_private(int dir, const char *path, char *err)
{
	struct stat st;

	if (fstat(dir, &st))
		return agent_err(err, -errno, "%s: %s", path, strerror(errno));
	if (st.st_uid != geteuid())
		return agent_err(err, -EPERM, "%s belongs to another user", path);
	if ((st.st_mode & 077) && fchmod(dir, 0700))
		return agent_err(err, -errno, "%s is open to others: %s", path,
				 strerror(errno));
	if (st.st_mode & 077)
		agent_log(LOG_NOTICE, "%s was open to others: its mode is 0700 now",
			  path);
	return 0;
}

int agent_state_open(struct agent_state *s, const char *path, char *err)
{
	int code = make_path(path);

	if (code)
		return agent_err(err, code, "cannot make %s: %s", path,
				 strerror(-code));
	s->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return agent_err(err, -errno, "%s: %s", path, strerror(errno));
	snprintf(s->path, sizeof(s->path), "%s", path);
	code = make_private(s->dir, path, err);
	if (code)
		goto err_dir;
	if (flock(s->dir, LOCK_EX | LOCK_NB)) {
		code = errno == EWOULDBLOCK ?
		       agent_err(err, -EBUSY, "another agent uses %s", path) :
		       agent_err(err, -errno, "%s: %s", path, strerror(errno));
		goto err_dir;
	}
	if ((mkdirat(s->dir, "moons.d", 0700) && errno != EEXIST) ||
	    (mkdirat(s->dir, "peers.d", 0700) && errno != EEXIST) ||
	    (mkdirat(s->dir, "networks.d", 0700) && errno != EEXIST)) {
		code = agent_err(err, -errno, "%s: %s", path, strerror(errno));
		goto err_dir;
	}
	return 0;

err_dir:
	agent_state_close(s);
	return code;
}

void agent_state_close(struct agent_state *s)
{
	if (s->dir >= 0)
		close(s->dir);
	s->dir = -1;
}

ssize_t agent_state_read(struct agent_state *s, const char *name, void *buf,
			 size_t max)
{
	int fd = openat(s->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t len = 0;
	ssize_t n = 1;
	char more;

	if (fd < 0)
		return -errno;
	while (len < max && n) {
		n = read(fd, (char *)buf + len, max - len);
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			len += (size_t)n;
	}
	if (n > 0)	/* full: is that all? */
		n = read(fd, &more, 1) ? -EFBIG : 0;
	else if (n < 0)
		n = -errno;
	close(fd);
	return n < 0 ? n : (ssize_t)len;
}

/* A name is there, or not there any more, only when its directory says so */
static int sync_parent(struct agent_state *s, const char *name)
{
	const char *slash = strchr(name, '/');
	char sub[NAME_MAX + 1] = ".";
	int fd, err = 0;

	if (slash)
		snprintf(sub, sizeof(sub), "%.*s", (int)(slash - name), name);
	fd = openat(s->dir, sub, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd))
		err = -errno;
	close(fd);
	return err;
}

int agent_state_write(struct agent_state *s, const char *name, const void *buf,
		      size_t len)
{
	char tmp[NAME_MAX + 8];
	int fd, err;

	/* What a crash leaves is written over the next time */
	snprintf(tmp, sizeof(tmp), "%.*s.tmp", NAME_MAX, name);
	fd = openat(s->dir, tmp,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	err = kzt_file_put(fd, buf, len);
	close(fd);
	if (!err && renameat(s->dir, tmp, s->dir, name))
		err = -errno;
	if (err) {
		unlinkat(s->dir, tmp, 0);
		return err;
	}
	return sync_parent(s, name);
}

int agent_state_remove(struct agent_state *s, const char *name)
{
	if (unlinkat(s->dir, name, 0))
		return -errno;
	return sync_parent(s, name);
}

void agent_state_each(struct agent_state *s, const char *sub,
		      const char *suffix,
		      void (*fn)(void *arg, const char *name,
				 unsigned long long id),
		      void *arg)
{
	int fd = openat(s->dir, sub, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(dir))) {
		char name[NAME_MAX + 1];
		size_t digits = strspn(e->d_name, "0123456789abcdef");

		if (digits != 16 || e->d_name[16] != '.' ||
		    strcmp(e->d_name + 17, suffix))
			continue;
		snprintf(name, sizeof(name), "%s/%.16s.%s", sub, e->d_name,
			 suffix);
		fn(arg, name, strtoull(e->d_name, NULL, 16));
	}
	closedir(dir);
}
