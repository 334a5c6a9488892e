// SPDX-License-Identifier: GPL-2.0
/*
 * Packet ids.
 *
 * An id is the nonce of suites 0 and 1 under a key that never changes, so it
 * must never repeat, reboots included; and since receivers reassemble by id
 * alone, ids of different senders must not meet.  A counter that starts from
 * the wall clock is unique, a permutation of it keyed from the node's secret
 * looks random.  A plain random id would repeat after some 2^32 packets.
 */
#include "node.h"

#define ID_ROUNDS 4

/* A Feistel network over SipHash: a permutation of the 64-bit numbers */
static u64 id_permute(const siphash_key_t key[2], u64 n)
{
	u32 l = n >> 32, r = n, t;
	unsigned int i;

	for (i = 0; i < ID_ROUNDS; i++) {
		t = l ^ (u32)siphash_2u32(r, i, &key[i & 1]);
		l = r;
		r = t;
	}
	return (u64)l << 32 | r;
}

/**
 * kzt_node_next_id() - take a packet id
 * @node: the sender
 * @raw: true for the IV of suite 3, which is encrypted anyway
 *
 * Implements: spec 1, section 9.
 *
 * Context: any.
 * Return: an id never used before under the node's identity.
 */
u64 kzt_node_next_id(struct kzt_node *node, bool raw)
{
	u64 id;

	do {
		id = atomic64_inc_return(&node->id_counter);
		if (raw)
			break;
		id = id_permute(node->id_key, id);
	} while (unlikely(!(id >> 32)));	/* section 9: avoid a zero top half */
	return id;
}
