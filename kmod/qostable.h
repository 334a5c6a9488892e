/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that a QOS_MEASUREMENT is about (spec 3, 3.20.9).  Pure. */
#ifndef KZT_QOSTABLE_H
#define KZT_QOSTABLE_H

#include "env.h"
#include "verbs.h"

#define KZT_QOS_RECORDS	420

struct kzt_qos_packet {
	u64 id;
	u32 ms;
} __packed;

/**
 * struct kzt_qos - packets with an odd id that passed a leg
 * @last_report: when they were last reported
 * @fresh: received since then
 * @n_sent: records in @sent
 * @n_got: records in @got
 * @sent: packets sent that the peer has not reported yet
 * @got: packets received that are not reported yet
 */
struct kzt_qos {
	u64 last_report;
	unsigned int fresh;
	unsigned int n_sent, n_got;
	struct kzt_qos_packet sent[KZT_QOS_RECORDS];
	struct kzt_qos_packet got[KZT_QOS_RECORDS];
};

void kzt_qos_sent(struct kzt_qos *q, u64 id, u64 now);
void kzt_qos_got(struct kzt_qos *q, u64 id, u64 now);
bool kzt_qos_due(struct kzt_qos *q, u32 interval_ms, u64 now);
unsigned int kzt_qos_take(struct kzt_qos *q, struct kzt_wcur *wc, u64 now);
s32 kzt_qos_answered(struct kzt_qos *q, const struct kzt_qos_record *r, u64 now);

#endif /* KZT_QOSTABLE_H */
