/* SPDX-License-Identifier: GPL-2.0 */
/* Credentials that rules look at, as the kernel has them. */
#ifndef KZT_CMD_RULES_SHOWN_H
#define KZT_CMD_RULES_SHOWN_H

#include "filter.h"
#include "nl.h"
#include <jansson.h>
#include <stdint.h>

#define KZT_SHOWN_TAGS 128
#define KZT_SHOWN_OWNED 64
#define KZT_SHOWN_CAPS 128
#define KZT_SHOWN_RULES (KZT_SHOWN_CAPS * 64)

/**
 * struct kzt_shown - what a member has shown, or this node may show
 * @party: tags and addresses
 * @n_caps: capabilities
 * @cap_id: their ids, ascending
 * @cap: their rules, within @rule
 * @hits: how often each of @rule decided
 */
struct kzt_shown {
	struct kzt_party party;
	struct kzt_filter_tag tag[KZT_SHOWN_TAGS];
	struct kzt_owned owned[KZT_SHOWN_OWNED];
	unsigned int n_caps, n_rules;
	uint32_t cap_id[KZT_SHOWN_CAPS];
	struct kzt_ruleset cap[KZT_SHOWN_CAPS];
	struct kzt_rule rule[KZT_SHOWN_RULES];
	uint64_t hits[KZT_SHOWN_RULES];
};

/* @address: 0 for this node.  To be freed; NULL with the reason in @nl->err. */
struct kzt_shown *kzt_shown_fetch(struct kzt_nl *nl, uint64_t nwid, uint64_t address);
/* [{"id", "rules"}] */
json_t *kzt_shown_caps_json(const struct kzt_shown *shown);

#endif /* KZT_CMD_RULES_SHOWN_H */
