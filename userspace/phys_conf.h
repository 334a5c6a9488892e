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

/* The bounds of an MTU there */
#define KZT_PHYS_MTU_MIN 1400
#define KZT_PHYS_MTU_MAX 10324

/* The next pair of a list ("PREFIX VALUE, PREFIX VALUE"), starts with *@at its text;
 * @attr: KZT_A_PHYS_MTU for bytes, KZT_A_PHYS_TRUST_ID for hexadecimal digits.  1,
 * 0 at the list's end, -EINVAL for what is no such pair, *@why in words.
 */
int kzt_phys_item(const char **at, int attr, struct kzt_out_prefix *p, uint64_t *value,
		  const char **why);
/* That value of a prefix, and another one for it */
uint64_t kzt_phys_value(const struct kzt_phys_conf *conf, int attr);
void kzt_phys_change(struct kzt_phys_conf *conf, int attr, uint64_t value);
/* What a node, as decode.h has it, says of a prefix now; zeroes if nothing */
struct kzt_phys_conf kzt_phys_get(const json_t *node, const struct kzt_out_prefix *p);
/* Into a node-set: this takes the place of all that was said; zeroes remove it */
void kzt_phys_put(struct nlmsghdr *nlh, const struct kzt_out_prefix *p,
		  const struct kzt_phys_conf *conf);

#endif /* KZT_PHYS_CONF_H */
