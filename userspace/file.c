// SPDX-License-Identifier: GPL-2.0
/* Writing files that are whole or not there. */
#include "file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int kzt_file_put(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return fsync(fd) ? -errno : 0;
}

void *kzt_file_get(FILE *f, size_t max, size_t *len)
{
	size_t room = 0, n = 0;
	char *buf = NULL, *more;

	do {
		if (n == room) {
			room = room ? 2 * room : 4096;
			errno = EFBIG;
			more = n < max ? realloc(buf, room) : NULL;
			if (!more)
				goto err;
			buf = more;
		}
		n += fread(buf + n, 1, room - n, f);
	} while (!feof(f) && !ferror(f));
	errno = ferror(f) ? EIO : EFBIG;
	if (ferror(f) || n > max)
		goto err;
	*len = n;
	return buf;
err:
	free(buf);
	return NULL;
}

int kzt_file_write(const char *path, const void *buf, size_t len, mode_t mode,
		   bool replace)
{
	char *tmp;
	int fd, err;

	if (asprintf(&tmp, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(tmp, O_CLOEXEC);
	err = fd < 0 ? -errno : kzt_file_put(fd, buf, len);
	if (!err && fchmod(fd, mode))
		err = -errno;
	if (fd >= 0) {
		close(fd);
		/* link() refuses where rename() would replace */
		if (!err && (replace ? rename(tmp, path) : link(tmp, path)))
			err = -errno;
		if (err || !replace)
			unlink(tmp);
	}
	free(tmp);
	return err;
}
