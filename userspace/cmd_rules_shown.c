// SPDX-License-Identifier: GPL-2.0
/* Credentials that rules look at, as the kernel has them. */
#include "cmd_rules.h"
#include "cmd_rules_shown.h"
#include <stdlib.h>
#include <string.h>

static int party_attr(const struct nlattr *attr, void *data)
{
	const uint8_t *p = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);
	struct kzt_shown *s = data;
	struct kzt_owned *o = &s->owned[s->party.n_owned];

	if (mnl_attr_get_type(attr) == KZT_A_CREDENTIAL_TAGS &&
	    len <= sizeof(s->tag)) {
		memcpy(s->tag, p, len);
		s->party.n_tags = (unsigned int)(len / sizeof(s->tag[0]));
	} else if (mnl_attr_get_type(attr) == KZT_A_CREDENTIAL_OWNED &&
		   s->party.n_owned < KZT_SHOWN_OWNED && len <= sizeof(o->addr)) {
		o->family = len == 16 ? 6 : len == 4 ? 4 : 0;
		memcpy(o->addr, p, len);
		s->party.n_owned++;
	}
	return MNL_CB_OK;
}

static int party_cb(const struct nlmsghdr *nlh, void *data)
{
	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), party_attr, data);
	return MNL_CB_OK;
}

static int cap_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[KZT_A_CREDENTIAL_MAX + 1], *rules, *hits;
	struct kzt_shown *s = data;
	unsigned int n = 0;
	size_t len;

	kzt_nl_attrs(nlh, tb, KZT_A_CREDENTIAL_MAX);
	rules = tb[KZT_A_CREDENTIAL_RULES];
	hits = tb[KZT_A_CREDENTIAL_RULE_HITS];
	if (!rules || !tb[KZT_A_CREDENTIAL_CAPABILITY] || s->n_caps == KZT_SHOWN_CAPS ||
	    kzt_rules_parse(mnl_attr_get_payload(rules), mnl_attr_get_payload_len(rules),
			    s->rule + s->n_rules, KZT_SHOWN_RULES - s->n_rules, &n) < 0)
		return MNL_CB_OK;
	len = hits ? mnl_attr_get_payload_len(hits) : 0;
	if (len > n * sizeof(s->hits[0]))
		len = n * sizeof(s->hits[0]);
	if (len)
		memcpy(s->hits + s->n_rules, mnl_attr_get_payload(hits), len);
	s->cap_id[s->n_caps] = (uint32_t)kzt_attr_uint(tb[KZT_A_CREDENTIAL_CAPABILITY], 0);
	kzt_ruleset_init(&s->cap[s->n_caps++], s->rule + s->n_rules, n);
	s->n_rules += n;
	return MNL_CB_OK;
}

static int ask(struct kzt_nl *nl, uint64_t nwid, uint64_t address, uint16_t flags,
	       mnl_cb_t cb, struct kzt_shown *s)
{
	struct nlmsghdr *nlh = kzt_nl_begin(nl, KZT_CMD_CREDENTIAL_GET, flags);

	mnl_attr_put_u64(nlh, KZT_A_CREDENTIAL_NETWORK, nwid);
	if (address)
		mnl_attr_put_u64(nlh, KZT_A_CREDENTIAL_ADDRESS, address);
	return kzt_nl_talk(nl, nlh, cb, s);
}

struct kzt_shown *kzt_shown_fetch(struct kzt_nl *nl, uint64_t nwid, uint64_t address)
{
	struct kzt_shown *s = calloc(1, sizeof(*s));

	if (!s) {
		snprintf(nl->err, sizeof(nl->err), "no memory");
		return NULL;
	}
	s->party.tags = s->tag;
	s->party.owned = s->owned;
	if (!ask(nl, nwid, address, 0, party_cb, s) &&
	    !ask(nl, nwid, address, NLM_F_DUMP, cap_cb, s))
		return s;
	free(s);
	return NULL;
}

json_t *kzt_shown_caps_json(const struct kzt_shown *s)
{
	json_t *list = json_array(), *rules;
	const struct kzt_ruleset *set;
	unsigned int i, k;

	for (i = 0; i < s->n_caps; i++) {
		set = &s->cap[i];
		rules = json_array();
		for (k = 0; k < set->n; k++)
			json_array_append_new(rules, kzt_rule_json(&set->rule[k],
					      &s->hits[set->rule - s->rule + k]));
		json_array_append_new(list, json_pack("{s:I,s:o}", "id",
				      (json_int_t)s->cap_id[i], "rules", rules));
	}
	return list;
}
