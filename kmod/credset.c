// SPDX-License-Identifier: GPL-2.0
/* Verified credentials of this node or of a member, compiled for the rules. */
#include <linux/etherdevice.h>
#include <linux/slab.h>
#include <net/netlink.h>
#include <uapi/linux/kzt.h>
#include "credset.h"
#include "object.h"
#include "proto/credential.h"
#include "proto/packet.h"

/* How much there is of each, before anything is allocated */
struct creds_size {
	unsigned int tags, caps, rules, owned, pushes;
	size_t push_bytes;
};

/* Where the parts lie */
struct creds_fill {
	struct kzt_credset *creds;
	struct kzt_filter_tag *tag;
	struct kzt_owned *owned;
	struct kzt_rule *rule;
	u32 *id;
	u8 *bytes;
};

static const struct nla_policy capability_policy[KZT_A_CAPABILITY_MAX + 1] = {
	[KZT_A_CAPABILITY_ID] = { .type = NLA_U32 },
	[KZT_A_CAPABILITY_RULES] = { .type = NLA_BINARY },
};

static int refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
		  const char *why)
{
	NL_SET_BAD_ATTR(extack, attr);
	if (extack)
		extack->_msg = why;
	return -EINVAL;
}

/* An entry has two bytes at least, so that bytes bound the rules */
static int measure_cap(const struct nlattr *attr, struct creds_size *size,
		       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[KZT_A_CAPABILITY_MAX + 1];
	int err;

	err = nla_parse_nested(tb, KZT_A_CAPABILITY_MAX, attr, capability_policy,
			       extack);
	if (err)
		return err;
	if (!tb[KZT_A_CAPABILITY_ID])
		return refuse(extack, attr, "a capability has no id");
	if (++size->caps > KZT_CREDSET_CAPS)
		return refuse(extack, attr, "more than 128 capabilities");
	if (tb[KZT_A_CAPABILITY_RULES])
		size->rules += min(nla_len(tb[KZT_A_CAPABILITY_RULES]) / 2,
				   KZT_CREDSET_CAP_RULES);
	return 0;
}

static int measure_one(const struct kzt_credset_attrs *a,
		       const struct nlattr *attr, struct creds_size *size,
		       struct netlink_ext_ack *extack)
{
	int type = nla_type(attr), len = nla_len(attr);

	if (type == a->capability)
		return measure_cap(attr, size, extack);
	if (type == a->tags) {
		if (len % sizeof(struct kzt_filter_tag) ||
		    len > KZT_CREDSET_TAGS * sizeof(struct kzt_filter_tag))
			return refuse(extack, attr, "tags are up to 128 pairs of u32");
		if (size->tags)
			return refuse(extack, attr, "tags are given twice");
		size->tags = len / sizeof(struct kzt_filter_tag);
	} else if (type == a->owned) {
		if (len != 4 && len != ETH_ALEN && len != 16)
			return refuse(extack, attr, "an owned address has 4, 6 or 16 bytes");
		if (++size->owned > KZT_CREDSET_OWNED)
			return refuse(extack, attr, "more than 64 owned addresses");
	} else if (a->push && type == a->push) {
		if (!len || len > KZT_MAX_PACKET - KZT_HDR_LEN)
			return refuse(extack, attr, "credentials do not fit a packet");
		if (++size->pushes > KZT_CREDSET_PUSHES)
			return refuse(extack, attr, "more than 64 packets of credentials");
		size->push_bytes += len;
	}
	return 0;
}

/* The rules first: they are what needs alignment most */
static int creds_alloc(struct creds_fill *f, const struct creds_size *size)
{
	size_t fixed = ALIGN(sizeof(struct kzt_credset), 8);
	size_t rules = size->rules * sizeof(struct kzt_rule);
	size_t hits = size->rules * sizeof(atomic64_t);
	size_t caps = size->caps * sizeof(struct kzt_ruleset);
	size_t pushes = size->pushes * sizeof(struct kzt_credset_push);
	size_t tags = size->tags * sizeof(struct kzt_filter_tag);
	size_t ids = ALIGN(size->caps * sizeof(u32), 8);
	size_t owned = size->owned * sizeof(struct kzt_owned);
	u8 *p;

	f->creds = kvzalloc(fixed + rules + hits + caps + pushes + tags + ids + owned +
			    size->push_bytes, GFP_KERNEL);
	if (!f->creds)
		return -ENOMEM;
	p = (u8 *)f->creds + fixed;
	f->rule = (struct kzt_rule *)p;
	f->creds->rules = f->rule;
	f->creds->hits = (atomic64_t *)(p += rules);
	f->creds->cap = (struct kzt_ruleset *)(p += hits);
	f->creds->push = (struct kzt_credset_push *)(p += caps);
	f->tag = (struct kzt_filter_tag *)(p += pushes);
	f->id = (u32 *)(p += tags);
	f->creds->cap_id = f->id;
	f->owned = (struct kzt_owned *)(p += ids);
	f->bytes = p + owned;
	refcount_set(&f->creds->ref, 1);
	f->creds->party.tags = f->tag;
	f->creds->party.owned = f->owned;
	return 0;
}

static int fill_cap(struct creds_fill *f, const struct nlattr *attr,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[KZT_A_CAPABILITY_MAX + 1];
	struct kzt_credset *creds = f->creds;
	unsigned int n = 0, max = 0;
	const struct nlattr *rules;
	int err;

	err = nla_parse_nested(tb, KZT_A_CAPABILITY_MAX, attr, capability_policy,
			       extack);
	if (err)
		return err;
	f->id[creds->n_caps] = nla_get_u32(tb[KZT_A_CAPABILITY_ID]);
	if (creds->n_caps &&
	    f->id[creds->n_caps] <= f->id[creds->n_caps - 1])
		return refuse(extack, attr, "capabilities must come by ascending id");
	rules = tb[KZT_A_CAPABILITY_RULES];
	if (rules) {
		max = min(nla_len(rules) / 2, KZT_CREDSET_CAP_RULES);
		if (kzt_rules_parse(nla_data(rules), nla_len(rules), f->rule,
				    max, &n))
			return refuse(extack, attr, "a capability's rules end within an entry");
	}
	kzt_ruleset_init(&creds->cap[creds->n_caps++], f->rule, n);
	f->rule += max;
	return 0;
}

static void fill_owned(struct creds_fill *f, const struct nlattr *attr)
{
	struct kzt_owned *o = &f->owned[f->creds->party.n_owned++];

	o->family = nla_len(attr) == 16 ? 6 : nla_len(attr) == 4 ? 4 : 0;
	memcpy(o->addr, nla_data(attr), nla_len(attr));
}

static void fill_push(struct creds_fill *f, const struct nlattr *attr)
{
	struct kzt_credset_push *push = &f->creds->push[f->creds->n_pushes++];
	struct kzt_cur c;

	push->len = nla_len(attr);
	push->data = f->bytes;
	memcpy(f->bytes, nla_data(attr), push->len);
	f->bytes += push->len;
	c = kzt_cur(push->data, push->len);
	if (f->creds->n_pushes == 1)
		kzt_com_skip(&c, &f->creds->com, &f->creds->com_len);
}

static int fill_one(const struct kzt_credset_attrs *a, const struct nlattr *attr,
		    struct creds_fill *f, struct netlink_ext_ack *extack)
{
	int type = nla_type(attr);

	if (type == a->capability)
		return fill_cap(f, attr, extack);
	if (type == a->tags) {
		memcpy(f->tag, nla_data(attr), nla_len(attr));
		f->creds->party.n_tags = nla_len(attr) / sizeof(*f->tag);
	} else if (type == a->owned) {
		fill_owned(f, attr);
	} else if (a->push && type == a->push) {
		fill_push(f, attr);
	}
	return 0;
}

/**
 * kzt_credset_read() - make credentials from netlink attributes
 * @a: where they are
 * @extack: says what is wrong
 *
 * Return: what kzt_credset_put() gives back, or an error pointer.
 */
struct kzt_credset *kzt_credset_read(const struct kzt_credset_attrs *a,
				 struct netlink_ext_ack *extack)
{
	struct creds_size size = { 0 };
	const struct nlattr *attr;
	struct creds_fill f;
	int rem, err;

	nla_for_each_attr(attr, a->head, a->len, rem) {
		err = measure_one(a, attr, &size, extack);
		if (err)
			return ERR_PTR(err);
	}
	err = creds_alloc(&f, &size);
	if (err)
		return ERR_PTR(err);
	nla_for_each_attr(attr, a->head, a->len, rem) {
		err = fill_one(a, attr, &f, extack);
		if (err) {
			kvfree(f.creds);
			return ERR_PTR(err);
		}
	}
	kzt_born(CREDSET);
	return f.creds;
}

static void inherit_cap(struct kzt_credset *creds, unsigned int i,
			const struct kzt_credset *old, unsigned int k)
{
	const struct kzt_ruleset *to = &creds->cap[i], *from = &old->cap[k];
	unsigned int j;

	if (to->n != from->n ||
	    memcmp(to->rule, from->rule, to->n * sizeof(*to->rule)))
		return;
	for (j = 0; j < to->n; j++)
		atomic64_set(&creds->hits[to->rule - creds->rules + j],
			     atomic64_read(&old->hits[from->rule - old->rules + j]));
}

/**
 * kzt_credset_inherit() - go on counting where the same capabilities were shown
 * @creds: new credentials that nobody uses yet
 * @old: those before, or NULL
 *
 * What decides between this and their publication is not counted.
 */
void kzt_credset_inherit(struct kzt_credset *creds, const struct kzt_credset *old)
{
	unsigned int i = 0, k = 0;

	while (old && i < creds->n_caps && k < old->n_caps) {
		if (creds->cap_id[i] < old->cap_id[k])
			i++;
		else if (creds->cap_id[i] > old->cap_id[k])
			k++;
		else
			inherit_cap(creds, i++, old, k++);
	}
}

static void creds_free_rcu(struct rcu_head *rcu)
{
	kvfree(container_of(rcu, struct kzt_credset, rcu));
	kzt_gone(CREDSET);
}

/**
 * kzt_credset_put() - give a reference back
 * @creds: credentials or NULL
 *
 * They stay for a grace period.
 */
void kzt_credset_put(struct kzt_credset *creds)
{
	if (creds && refcount_dec_and_test(&creds->ref))
		call_rcu(&creds->rcu, creds_free_rcu);
}
