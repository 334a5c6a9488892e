/* SPDX-License-Identifier: GPL-2.0 */
/* What is said of the remote addresses of a prefix (spec 3, 3.15.5). */
#ifndef KZT_PHYS_CONF_H
#define KZT_PHYS_CONF_H

#include "words.h"
#include <jansson.h>
#include <libmnl/libmnl.h>

/**
 * struct kzt_phys_conf - all that the module keeps for a prefix
 * @mtu: bytes of a datagram; 0: not said
 * @trust_id: trusted path id; 0: none
 */
struct kzt_phys_conf {
	uint32_t mtu;
	uint64_t trust_id;
};

/* What a node, as decode.h has it, says of a prefix now; zeroes if nothing */
struct kzt_phys_conf kzt_phys_get(const json_t *node, const struct kzt_out_prefix *p);
/* Into a node-set: this takes the place of all that was said; zeroes remove it */
void kzt_phys_put(struct nlmsghdr *nlh, const struct kzt_out_prefix *p,
		  const struct kzt_phys_conf *conf);

#endif /* KZT_PHYS_CONF_H */
