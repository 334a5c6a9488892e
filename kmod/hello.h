/* SPDX-License-Identifier: GPL-2.0 */
/* Between hello.c, stranger.c and surface.c. */
#ifndef KZT_HELLO_H
#define KZT_HELLO_H

#include "drop.h"
#include "endpoint.h"
#include "proto/verbs.h"

struct kzt_node;
struct kzt_peer;

#define KZT_HELLO_MOONS		8	/* of a HELLO's list, that are looked at */
#define KZT_HELLO_WORLDS	3	/* worlds of full size in one answer */

/**
 * struct kzt_hello_got - what a HELLO said, and how it came
 * @h: its clear part
 * @n_moons: entries in @moon
 * @moon: moons that the sender has
 * @from: where it came from
 * @id: its packet id
 * @hops: 0 is direct
 * @cut: it broke off: the peer is known, but nothing is answered
 */
struct kzt_hello_got {
	struct kzt_hello h;
	unsigned int n_moons;
	struct kzt_hello_moon moon[KZT_HELLO_MOONS];
	struct kzt_endpoint from;
	u64 id;
	u8 hops;
	bool cut;
};

void kzt_hello_finish(struct kzt_peer *peer, const struct kzt_hello_got *got);

/* stranger.c */
bool kzt_stranger_gate(struct kzt_node *node, const struct kzt_endpoint *from);
enum kzt_drop kzt_stranger_admit(struct kzt_node *node,
				 const struct kzt_identity *id);
void kzt_stranger_ask(struct kzt_node *node, const struct kzt_identity *id,
		      const struct kzt_hello_got *got);

/* surface.c */
void kzt_surface_note(struct kzt_peer *peer, const struct kzt_endpoint *from,
		      const struct kzt_inetaddr *surface);

#endif /* KZT_HELLO_H */
