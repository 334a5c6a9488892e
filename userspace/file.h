/* SPDX-License-Identifier: GPL-2.0 */
/* Writing files that are whole or not there. */
#ifndef KZT_FILE_H
#define KZT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/* All of it, and onto the disk; 0 or a negative errno */
int kzt_file_put(int fd, const void *buf, size_t len);
/* All that comes, up to @max bytes, to be freed; NULL with errno */
void *kzt_file_get(FILE *f, size_t max, size_t *len);
/* Complete under another name first: a crash leaves the old file or the new.
 * Without @replace one that is there already is left alone, -EEXIST.
 */
int kzt_file_write(const char *path, const void *buf, size_t len, mode_t mode,
		   bool replace);

#endif /* KZT_FILE_H */
