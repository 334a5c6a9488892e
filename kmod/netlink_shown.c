// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: reading the credentials that rules look at, of this node and
 * of members, and the revocations that came.
 */
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include <uapi/linux/kzt.h>
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "network.h"
#include "node.h"
#include "revoked.h"

#define RULE_MAX	32	/* bytes of the binary form of one, and more */

/* Whose they are: of a member, or of this node if @address is 0 */
struct shown_of {
	u64 nwid, address;
};

/* Tags and addresses, out of RCU */
struct shown_party {
	struct shown_of of;
	unsigned int n_tags, n_owned;
	struct kzt_filter_tag tag[KZT_CREDSET_TAGS];
	struct kzt_owned owned[KZT_CREDSET_OWNED];
};

/* One capability, out of RCU */
struct shown_cap {
	struct shown_of of;
	u32 id;
	unsigned int n;
	int rules_len;
	u64 hits[KZT_CREDSET_CAP_RULES];
	u8 rules[KZT_CREDSET_CAP_RULES * RULE_MAX];
};

static void shown_read(struct kzt_node *node, struct nlattr **attrs,
		       struct shown_of *of)
{
	of->nwid = nla_get_u64(attrs[KZT_A_CREDENTIAL_NETWORK]);
	of->address = attrs[KZT_A_CREDENTIAL_ADDRESS] ?
		      nla_get_u64(attrs[KZT_A_CREDENTIAL_ADDRESS]) : 0;
	if (of->address == READ_ONCE(node->self_address))
		of->address = 0;
}

/* RCU; NULL if nothing was shown. -ENOENT: no such network */
static const struct kzt_credset *shown_find_rcu(struct kzt_node *node,
						const struct shown_of *of)
{
	struct kzt_network *nw = kzt_network_lookup_rcu(node, of->nwid);
	struct kzt_netconf *conf;

	if (!nw)
		return ERR_PTR(-ENOENT);
	if (of->address)
		return kzt_member_credset_rcu(nw, of->address);
	conf = rcu_dereference(nw->conf);
	return conf ? conf->own : NULL;
}

static int put_of(struct sk_buff *skb, const struct shown_of *of)
{
	if (nla_put_u64_64bit(skb, KZT_A_CREDENTIAL_NETWORK, of->nwid,
			      KZT_A_CREDENTIAL_PAD))
		return -EMSGSIZE;
	return of->address ? nla_put_u64_64bit(skb, KZT_A_CREDENTIAL_ADDRESS,
					       of->address,
					       KZT_A_CREDENTIAL_PAD) : 0;
}

static int put_party(struct sk_buff *skb, void *obj)
{
	static const u8 len[] = { [0] = ETH_ALEN, [4] = 4, [6] = 16 };
	const struct shown_party *p = obj;
	unsigned int i;

	if (put_of(skb, &p->of) ||
	    nla_put(skb, KZT_A_CREDENTIAL_TAGS, p->n_tags * sizeof(p->tag[0]),
		    p->tag))
		return -EMSGSIZE;
	for (i = 0; i < p->n_owned; i++)
		if (nla_put(skb, KZT_A_CREDENTIAL_OWNED,
			    len[p->owned[i].family], p->owned[i].addr))
			return -EMSGSIZE;
	return 0;
}

static int party_snapshot(struct kzt_node *node, struct shown_party *p)
{
	const struct kzt_credset *creds;

	rcu_read_lock();
	creds = shown_find_rcu(node, &p->of);
	if (!IS_ERR_OR_NULL(creds)) {
		p->n_tags = creds->party.n_tags;
		memcpy(p->tag, creds->party.tags, p->n_tags * sizeof(p->tag[0]));
		p->n_owned = creds->party.n_owned;
		memcpy(p->owned, creds->party.owned,
		       p->n_owned * sizeof(p->owned[0]));
	}
	rcu_read_unlock();
	return PTR_ERR_OR_ZERO(creds);
}

int kzt_nl_credential_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	struct shown_party *p;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_CREDENTIAL_NETWORK))
		return -EINVAL;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	shown_read(node, info->attrs, &p->of);
	err = party_snapshot(node, p);
	if (err)
		GENL_SET_ERR_MSG(info, "not on this network");
	else
		err = kzt_nl_reply(info, KZT_CMD_CREDENTIAL_GET,
				   GENLMSG_DEFAULT_SIZE, put_party, p);
	kfree(p);
	return err;
}

static int put_cap(struct sk_buff *skb, void *obj)
{
	const struct shown_cap *c = obj;

	if (put_of(skb, &c->of) ||
	    nla_put_u32(skb, KZT_A_CREDENTIAL_CAPABILITY, c->id) ||
	    nla_put(skb, KZT_A_CREDENTIAL_RULES, c->rules_len, c->rules))
		return -EMSGSIZE;
	return nla_put(skb, KZT_A_CREDENTIAL_RULE_HITS, c->n * sizeof(u64), c->hits);
}

static void cap_copy(const struct kzt_credset *creds, unsigned int i,
		     struct shown_cap *c)
{
	const struct kzt_ruleset *set = &creds->cap[i];
	unsigned int k;

	c->id = creds->cap_id[i];
	c->n = set->n;
	c->rules_len = max(kzt_rules_build(c->rules, sizeof(c->rules), set->rule,
					   set->n), 0);
	for (k = 0; k < set->n; k++)
		c->hits[k] = atomic64_read(&creds->hits[set->rule - creds->rules +
							k]);
}

/* The first whose id is not below @from; false if there is none */
static bool cap_snapshot(struct kzt_node *node, u64 from, struct shown_cap *c)
{
	const struct kzt_credset *creds;
	unsigned int i = 0, n;
	bool found;

	rcu_read_lock();
	creds = shown_find_rcu(node, &c->of);
	n = IS_ERR_OR_NULL(creds) ? 0 : creds->n_caps;
	while (i < n && creds->cap_id[i] < from)
		i++;
	found = i < n;
	if (found)
		cap_copy(creds, i, c);
	rcu_read_unlock();
	return found;
}

int kzt_nl_credential_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct kzt_node *node = kzt_node_of(sock_net(skb->sk));
	struct nlattr **attrs = kzt_dump_attrs(cb);
	u64 *from = kzt_nl_dump_last(cb);	/* lowest id that is left */
	struct shown_cap *c;

	if (!attrs || !attrs[KZT_A_CREDENTIAL_NETWORK]) {
		NL_SET_ERR_MSG(cb->extack, "whose credentials: no network is named");
		return -EINVAL;
	}
	c = kzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	shown_read(node, attrs, &c->of);
	while (cap_snapshot(node, *from, c) &&
	       !kzt_nl_dump_one(skb, cb, KZT_CMD_CREDENTIAL_GET, put_cap, c))
		*from = (u64)c->id + 1;
	kfree(c);
	return skb->len;
}

/* --- revocations ---------- */

struct shown_revocation {
	u64 nwid;
	const struct kzt_revoked_info *info;
};

static int put_revocation(struct sk_buff *skb, void *obj)
{
	const struct shown_revocation *r = obj;
	struct shown_of of = { r->nwid, r->info->target };

	return put_of(skb, &of) ?: nla_put(skb, KZT_A_CREDENTIAL_REVOCATION,
					   sizeof(r->info->raw), r->info->raw);
}

int kzt_nl_revocation_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kzt_node *node = kzt_node_of(genl_info_net(info));
	struct shown_revocation r = { 0 };
	struct kzt_revoked_info *list;
	unsigned int n;
	u64 target;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KZT_A_CREDENTIAL_NETWORK) ||
	    GENL_REQ_ATTR_CHECK(info, KZT_A_CREDENTIAL_ADDRESS))
		return -EINVAL;
	r.nwid = nla_get_u64(info->attrs[KZT_A_CREDENTIAL_NETWORK]);
	target = nla_get_u64(info->attrs[KZT_A_CREDENTIAL_ADDRESS]);
	list = kzt_revoked_snapshot(node, r.nwid, &n);
	while (n && !r.info)
		if (list[--n].target == target)
			r.info = &list[n];
	if (r.info) {
		err = kzt_nl_reply(info, KZT_CMD_REVOCATION_GET,
				   GENLMSG_DEFAULT_SIZE, put_revocation, &r);
	} else {
		GENL_SET_ERR_MSG(info, "no revocation of its credentials came lately");
		err = -ENOENT;
	}
	kvfree(list);
	return err;
}

static int revocation_dump(struct sk_buff *skb, struct netlink_callback *cb,
			   struct kzt_node *node, u64 nwid, u64 behind)
{
	struct shown_revocation r = { .nwid = nwid };
	u64 *last = kzt_nl_dump_last(cb);
	struct kzt_revoked_info *list;
	unsigned int i, n;
	int err = 0;

	list = kzt_revoked_snapshot(node, nwid, &n);
	for (i = 0; i < n && !err; i++) {
		if (list[i].serial <= behind)
			continue;
		r.info = &list[i];
		err = kzt_nl_dump_one(skb, cb, KZT_CMD_REVOCATION_GET,
				      put_revocation, &r);
		if (!err) {
			last[0] = nwid;
			last[1] = list[i].serial;
		}
	}
	kvfree(list);
	return err;
}

int kzt_nl_revocation_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return kzt_nl_dump_networks(skb, cb, KZT_A_CREDENTIAL_NETWORK, revocation_dump);
}
