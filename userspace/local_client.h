/* SPDX-License-Identifier: GPL-2.0 */
/* Local sockets of the agent: what its two clients share. */
#ifndef KZT_LOCAL_CLIENT_H
#define KZT_LOCAL_CLIENT_H

#include <stddef.h>

/* The abstract socket belongs to the network namespace, so it finds the right
 * agent by itself; the file does not, and is tried in the first one only.
 * KZT_OK and the descriptor; KZT_ABSENT, without a sentence, if nobody listens;
 * KZT_FAIL with one if somebody else does.
 */
int kzt_local_connect(const char *abstract, const char *file, unsigned int seconds,
		      int *fd);
int kzt_local_send(int fd, const char *s, size_t len);

#endif /* KZT_LOCAL_CLIENT_H */
