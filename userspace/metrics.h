/* SPDX-License-Identifier: GPL-2.0 */
/* The node's counters for Prometheus: the tool prints them, the agent serves them. */
#ifndef KZT_METRICS_H
#define KZT_METRICS_H

#include <jansson.h>
#include <stdio.h>

/**
 * struct kzt_metrics - what they are made of, as decode.h has it; owned
 */
struct kzt_metrics {
	json_t *node, *networks, *peers, *counters;
};

/* The text format */
void kzt_metrics_text(const struct kzt_metrics *m, FILE *f);
/* [{"name", "labels", "value"}], appended to @list */
void kzt_metrics_json(const struct kzt_metrics *m, json_t *list);
void kzt_metrics_free(struct kzt_metrics *m);

#endif /* KZT_METRICS_H */
