/* SPDX-License-Identifier: GPL-2.0 */
/* Network namespaces that have a name. */
#ifndef KZT_NETNS_H
#define KZT_NETNS_H

#include <stdbool.h>

/* A descriptor of the namespace @name (of ip-netns(8)) or of a path with a
 * slash; -1 with errno
 */
int kzt_netns_open(const char *name);
/* Run @fn in the namespace of @fd and come back; what @fn returns, or -errno */
int kzt_netns_run(int fd, int (*fn)(void *arg), void *arg);
/* Whether this is the namespace that the first process lives in; @unknown if that
 * one must not be looked at, as with the few capabilities of the systemd unit
 */
bool kzt_netns_is_initial(bool unknown);

#endif /* KZT_NETNS_H */
