/* SPDX-License-Identifier: GPL-2.0 */
/* Files in which the reference implementation remembers a peer (spec 2.18). */
#ifndef KZT_PEER_FILE_H
#define KZT_PEER_FILE_H

#include "identity.h"
#include "../kmod/proto/address.h"

#define PEER_FILE_MAX		4096	/* bytes of one that is read */
#define PEER_FILE_ENDPOINTS	16	/* as many as the agent remembers */
#define PEER_FILE_EXPIRE_S	(30 * 86400)	/* without a change: forgotten */

/**
 * struct peer_file - what such a file says: hints, nothing to trust
 * @id: not validated
 * @proto: version of the protocol; 0: not known, as the three of the software
 * @major: version of the software
 * @minor: its second part
 * @revision: its third part
 * @n: endpoints in @at
 * @at: where it was reached, of those that can be a path
 */
struct peer_file {
	struct kzt_id id;
	unsigned int proto, major, minor, revision;
	unsigned int n;
	struct kzt_inetaddr at[PEER_FILE_ENDPOINTS];
};

/* 0, or -EINVAL with @why: another version, or cut off */
int peer_file_parse(struct peer_file *p, const void *blob, size_t len, const char **why);

#endif /* KZT_PEER_FILE_H */
