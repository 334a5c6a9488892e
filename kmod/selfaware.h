/* SPDX-License-Identifier: GPL-2.0 */
/* Pure: the table of where others see us, and what follows (spec 3, 3.13). */
#ifndef KZT_SELFAWARE_H
#define KZT_SELFAWARE_H

#include "env.h"
#include "address.h"

#define KZT_SURFACES_MAX	64
#define KZT_SURFACE_MS		600000	/* 3.13.3 */
#define KZT_PREDICT_MAX		16	/* endpoints predicted */

/**
 * struct kzt_surface - one report
 * @reporter: address of the peer that made it
 * @when: last time; 0: the entry is free
 * @from: the reporter's endpoint
 * @socket: tells our local sockets apart
 * @scope: of @at
 * @trusted: the reporter is an upstream
 * @at: where it sees us
 */
struct kzt_surface {
	u64 reporter;
	u64 when;
	struct kzt_inetaddr from;
	u64 socket;
	u8 scope;
	bool trusted;
	struct kzt_inetaddr at;
};

struct kzt_surface_table {
	struct kzt_surface s[KZT_SURFACES_MAX];
};

bool kzt_surface_report(struct kzt_surface_table *t,
			const struct kzt_surface *news);
void kzt_surface_clean(struct kzt_surface_table *t, u64 now);
unsigned int kzt_surface_predict(const struct kzt_surface_table *t,
				 const u32 draw[KZT_PREDICT_MAX / 2],
				 struct kzt_inetaddr out[KZT_PREDICT_MAX]);

#endif /* KZT_SELFAWARE_H */
