/* SPDX-License-Identifier: GPL-2.0 */
/* Revocations that came, for an agent that was away. */
#ifndef KZT_REVOKED_H
#define KZT_REVOKED_H

#include <linux/types.h>
#include "proto/credential.h"

struct kzt_node;
struct kzt_rx;

/**
 * struct kzt_revoked_info - a revocation that is kept
 * @serial: the later one has the higher number; never 0
 * @target: whose credential it is about
 * @raw: as it is on the wire
 */
struct kzt_revoked_info {
	u64 serial;
	u64 target;
	u8 raw[KZT_REVOCATION_LEN];
};

int kzt_revoked_init(struct kzt_node *node);
void kzt_revoked_free(struct kzt_node *node);
/* Look for them in NETWORK_CREDENTIALS */
void kzt_revoked_note(const struct kzt_rx *rx);
/* This node is not on a network any more */
void kzt_revoked_forget(struct kzt_node *node, u64 nwid);
struct kzt_revoked_info *kzt_revoked_snapshot(struct kzt_node *node, u64 nwid,
					      unsigned int *n);

#endif /* KZT_REVOKED_H */
