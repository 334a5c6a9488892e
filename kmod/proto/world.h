/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Worlds: planets and moons (spec 2, 2.12 and 2.13).
 */
#ifndef KZT_PROTO_WORLD_H
#define KZT_PROTO_WORLD_H

#include "address.h"
#include "identity.h"

#define KZT_WORLD_NULL		0
#define KZT_WORLD_PLANET	1
#define KZT_WORLD_MOON		127

#define KZT_WORLD_MAX_ROOTS	4
#define KZT_WORLD_MAX_ENDPOINTS	32
#define KZT_WORLD_SIG_LEN	96
#define KZT_WORLD_MAX_LEN	2900	/* canonical form */
#define KZT_WORLD_SIGNED_MAX	(KZT_WORLD_MAX_LEN - KZT_WORLD_SIG_LEN + 16)
#define KZT_WORLD_ID_PUBLIC	149604618ULL

struct kzt_world_root {
	struct kzt_identity id;
	u8 n_endpoints;
	struct kzt_inetaddr ep[KZT_WORLD_MAX_ENDPOINTS];
};

/* About 3 KB: too much for a kernel stack. */
struct kzt_world {
	u8 type;
	u64 id, ts;
	u8 key[64];			/* must sign the next revision */
	u8 sig[KZT_WORLD_SIG_LEN];
	u8 n_roots;
	struct kzt_world_root root[KZT_WORLD_MAX_ROOTS];
};

/* Whether one world may take the place of another. */
enum kzt_world_verdict {
	KZT_WORLD_REFUSE,
	KZT_WORLD_TAKE,		/* there is none to replace */
	KZT_WORLD_VERIFY,	/* if signed under current->key */
};

/* What a world says of reaching a node at an address. */
enum kzt_world_reach {
	KZT_WORLD_SILENT,	/* the node is none of its roots */
	KZT_WORLD_ALLOWS,
	KZT_WORLD_FORBIDS,
};

int kzt_world_get(struct kzt_cur *c, struct kzt_world *w);
void kzt_world_put(struct kzt_wcur *out, const struct kzt_world *w);
void kzt_world_put_signed(struct kzt_wcur *out, const struct kzt_world *w);
enum kzt_world_verdict kzt_world_succession(const struct kzt_world *current_world,
					    const struct kzt_world *update);

enum kzt_world_reach kzt_world_reach(const struct kzt_world *w, u64 address,
				     const struct kzt_inetaddr *at);

static inline bool kzt_world_is_null(const struct kzt_world *w)
{
	return w->type == KZT_WORLD_NULL || !w->id;
}

#endif /* KZT_PROTO_WORLD_H */
