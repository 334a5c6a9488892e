// SPDX-License-Identifier: GPL-2.0
/* Packets that a QOS_MEASUREMENT is about (spec 3, 3.20.9). */
#include "qostable.h"
#include "quality.h"

#define BUSY_MS	500	/* reports are no closer, however much passes */

/**
 * kzt_qos_sent() - a packet that is sampled was sent
 * @q: of the leg
 * @id: wire id
 * @now: kzt_now_ms()
 */
void kzt_qos_sent(struct kzt_qos *q, u64 id, u64 now)
{
	if (q->n_sent == KZT_QOS_RECORDS)
		return;
	q->sent[q->n_sent].id = id;
	q->sent[q->n_sent].ms = (u32)now;
	WRITE_ONCE(q->n_sent, q->n_sent + 1);
}

/**
 * kzt_qos_got() - a packet that is sampled was received
 * @q: of the leg
 * @id: wire id
 * @now: kzt_now_ms()
 */
void kzt_qos_got(struct kzt_qos *q, u64 id, u64 now)
{
	if (q->n_got == KZT_QOS_RECORDS)
		return;
	q->got[q->n_got].id = id;
	q->got[q->n_got].ms = (u32)now;
	WRITE_ONCE(q->n_got, q->n_got + 1);
	q->fresh++;
}

static unsigned int packets_forget(struct kzt_qos_packet *p, unsigned int n,
				   u32 now, u32 max_ms)
{
	unsigned int i, kept = 0;

	for (i = 0; i < n; i++)
		if (now - p[i].ms <= max_ms)
			p[kept++] = p[i];
	return kept;
}

/**
 * kzt_qos_due() - forget what is old, and say if it is time for a report
 * @q: of the leg
 * @interval_ms: QoS interval
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.20.6 "QoS", 3.20.9.
 * Return: true if so; the report counts as made.
 */
bool kzt_qos_due(struct kzt_qos *q, u32 interval_ms, u64 now)
{
	if (now - q->last_report < min_t(u32, BUSY_MS, interval_ms))
		return false;
	WRITE_ONCE(q->n_sent, packets_forget(q->sent, q->n_sent, (u32)now,
					     3 * interval_ms));
	WRITE_ONCE(q->n_got, packets_forget(q->got, q->n_got, (u32)now,
					    3 * interval_ms));
	if (!q->n_got || !q->fresh ||
	    (q->fresh < KZT_QOS_MAX_RECORDS && now - q->last_report <= interval_ms))
		return false;
	q->last_report = now;
	return true;
}

static int packet_cmp(const void *a, const void *b)
{
	const struct kzt_qos_packet *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/**
 * kzt_qos_take() - write the records of a report, and remove them
 * @q: of the leg
 * @wc: behind the header of QOS_MEASUREMENT
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.20.9 "Report".
 * Return: how many there are.
 */
unsigned int kzt_qos_take(struct kzt_qos *q, struct kzt_wcur *wc, u64 now)
{
	unsigned int i, n = min(q->fresh, q->n_got);
	struct kzt_qos_record r;

	n = min_t(unsigned int, n, KZT_QOS_MAX_RECORDS);
	sort(q->got, q->n_got, sizeof(q->got[0]), packet_cmp, NULL);
	for (i = 0; i < n; i++) {
		r.id = q->got[i].id;
		r.hold = (u16)((u32)now - q->got[i].ms);
		if (!kzt_qos_put(wc, &r))
			break;
	}
	memmove(q->got, q->got + i, (q->n_got - i) * sizeof(q->got[0]));
	WRITE_ONCE(q->n_got, q->n_got - i);
	q->fresh = 0;
	return i;
}

/**
 * kzt_qos_answered() - one record of the peer's report
 * @q: of the leg that it came by
 * @r: record
 * @now: kzt_now_ms()
 *
 * Implements: spec 3, 3.20.9 "Receipt".
 * Return: ms that the packet was under way; -1 if none such was sent, or if that
 * cannot be.
 */
s32 kzt_qos_answered(struct kzt_qos *q, const struct kzt_qos_record *r, u64 now)
{
	unsigned int i;
	s32 ms;

	for (i = 0; i < q->n_sent; i++)
		if (q->sent[i].id == r->id)
			break;
	if (i == q->n_sent)
		return -1;
	ms = kzt_qos_latency_ms(q->sent[i].ms, (u32)now, r->hold);
	WRITE_ONCE(q->n_sent, q->n_sent - 1);
	q->sent[i] = q->sent[q->n_sent];
	return ms;
}
