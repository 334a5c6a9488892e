// SPDX-License-Identifier: GPL-2.0
/* Evaluation of rule sets (spec 4, 4.10.3, 4.10.5, 4.10.6). */
#include "proto/env.h"
#include "filter.h"

/**
 * kzt_ruleset_init() - make parsed rules a set
 * @set: filled
 * @rules: entries; must outlive the set
 * @count: how many
 */
void kzt_ruleset_init(struct kzt_ruleset *set, const struct kzt_rule *rules,
		      unsigned int count)
{
	set->rule = rules;
	set->n = count;
	set->trivial_accept = count &&
		kzt_rule_type(&rules[0]) == KZT_ACTION_ACCEPT;
}

static bool finish(struct kzt_filter_result *res, enum kzt_verdict verdict,
		   unsigned int rule)
{
	res->verdict = verdict;
	res->rule = rule;
	return true;
}

/* TEE, WATCH, REDIRECT; returns true if evaluation ends */
static bool act_forward(const struct kzt_filter_frame *f,
			const struct kzt_rule *r, unsigned int i,
			struct kzt_filter_result *res)
{
	u64 to = r->act.address;

	if (to == f->src)
		return false;
	if (to == f->self)
		return f->inbound &&
		       finish(res, KZT_VERDICT_SUPER_ACCEPT, i);
	if (to == f->dst)
		return false;
	if (kzt_rule_type(r) == KZT_ACTION_REDIRECT) {
		res->dst = to;
		return finish(res, KZT_VERDICT_REDIRECT, i);
	}
	res->copy_to = to;
	res->copy_len = r->act.length ? min_t(size_t, r->act.length, f->len) :
					f->len;
	res->copy_watch = kzt_rule_type(r) == KZT_ACTION_WATCH;
	return false;
}

/* An action whose set of matches holds; returns true if evaluation ends */
static bool act(const struct kzt_filter_frame *f, const struct kzt_rule *r,
		unsigned int i, bool super, bool *skip,
		struct kzt_filter_result *res)
{
	switch (kzt_rule_type(r)) {
	case KZT_ACTION_DROP:
		if (*skip) {
			*skip = false;
			return false;
		}
		return finish(res, KZT_VERDICT_DROP, i);
	case KZT_ACTION_ACCEPT:
		return finish(res, super ? KZT_VERDICT_SUPER_ACCEPT :
					   KZT_VERDICT_ACCEPT, i);
	case KZT_ACTION_BREAK:
		return finish(res, KZT_VERDICT_NO_MATCH, i);
	case KZT_ACTION_PRIORITY:
		res->priority_set = true;
		return finish(res, KZT_VERDICT_ACCEPT, i);
	case KZT_ACTION_TEE:
	case KZT_ACTION_WATCH:
	case KZT_ACTION_REDIRECT:
		return act_forward(f, r, i, res);
	default:
		return false;
	}
}

/* Inbound, a copy meant for this node: it takes what its rules would not */
static bool is_copy_for_us(const struct kzt_filter_frame *f,
			   const struct kzt_rule *r)
{
	unsigned int type = kzt_rule_type(r);

	return f->inbound && r->act.address == f->self &&
	       (type == KZT_ACTION_TEE || type == KZT_ACTION_WATCH ||
		type == KZT_ACTION_REDIRECT);
}

/**
 * kzt_filter_eval() - one pass over one rule set
 * @f: frame
 * @set: rules
 * @res: filled
 *
 * Implements: spec 4, 4.10.3.
 * Context: any; bounded by the number of rules.
 */
void kzt_filter_eval(const struct kzt_filter_frame *f,
		     const struct kzt_ruleset *set,
		     struct kzt_filter_result *res)
{
	struct kzt_parsed parsed = {
		.v4 = f->ethertype == 0x0800 && f->len >= 20,
		.v6 = f->ethertype == 0x86dd && f->len >= 40,
	};
	bool holds = true, super = false, skip = false;
	unsigned int i;

	memset(res, 0, sizeof(*res));
	res->dst = f->dst;
	res->rule = KZT_NO_RULE;
	for (i = 0; i < set->n; i++) {
		const struct kzt_rule *r = &set->rule[i];
		enum kzt_match_hard hard = KZT_SOFT;
		bool m;

		if (kzt_rule_type(r) <= KZT_RULE_LAST_ACTION) {
			if (!holds) {
				if (is_copy_for_us(f, r))
					super = true;
				holds = true;
			} else if (act(f, r, i, super, &skip, res)) {
				return;
			}
			continue;
		}
		if (!holds && !(r->type & KZT_RULE_OR))
			continue;
		m = kzt_filter_match(f, &parsed, r, super, &skip, &hard);
		if (hard == KZT_SOFT && r->type & KZT_RULE_NOT)
			m = !m;
		holds = r->type & KZT_RULE_OR ? holds || m : holds && m;
	}
}

static bool verdict_allows(enum kzt_verdict v)
{
	return v == KZT_VERDICT_ACCEPT || v == KZT_VERDICT_SUPER_ACCEPT ||
	       v == KZT_VERDICT_REDIRECT;
}

/**
 * kzt_filter_decide() - base rules, then capabilities
 * @f: frame
 * @base: base rules of the network
 * @caps: valid capabilities: own outbound, in ascending id; the sender's inbound
 * @n_caps: how many
 * @d: filled; copies are in @d->cap, then in @d->base
 *
 * Implements: spec 4, 4.10.5 step 1 and 4.10.6 step 1.
 * Context: any.
 */
void kzt_filter_decide(const struct kzt_filter_frame *f,
		       const struct kzt_ruleset *base,
		       const struct kzt_ruleset *caps, unsigned int n_caps,
		       struct kzt_filter_decision *d)
{
	const struct kzt_filter_result *res = &d->base;
	unsigned int i;

	d->allowed = 0;
	d->cap_index = -1;
	kzt_filter_eval(f, base, &d->base);
	if (d->base.verdict == KZT_VERDICT_NO_MATCH) {
		for (i = 0; i < n_caps; i++) {
			kzt_filter_eval(f, &caps[i], &d->cap);
			if (verdict_allows(d->cap.verdict)) {
				d->cap_index = i;
				res = &d->cap;
				break;
			}
		}
	}
	if (verdict_allows(res->verdict))
		d->allowed = res->verdict == KZT_VERDICT_SUPER_ACCEPT ? 2 : 1;
}
