/* SPDX-License-Identifier: GPL-2.0 */
/* Verified credentials of this node or of a member, compiled for the rules. */
#ifndef KZT_CREDSET_H
#define KZT_CREDSET_H

#include <linux/atomic.h>
#include <linux/refcount.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include "filter.h"

struct netlink_ext_ack;
struct nlattr;

#define KZT_CREDSET_TAGS		128	/* spec 4.9.1 */
#define KZT_CREDSET_CAPS		128
#define KZT_CREDSET_CAP_RULES	64
#define KZT_CREDSET_OWNED		64	/* 4 certificates of 16 things */
#define KZT_CREDSET_KEY_LEN	32
#define KZT_CREDSET_PUSHES	64	/* packets */

/**
 * struct kzt_credset_push - the payload of one NETWORK_CREDENTIALS
 * @len: bytes
 * @data: those
 */
struct kzt_credset_push {
	unsigned int len;
	const u8 *data;
};

/**
 * struct kzt_credset - what one party may show; never changes
 * @ref: of configurations and members that it is of
 * @rcu: frees it
 * @agrees: certificates of membership agree (members)
 * @revoked: the member's certificate was revoked and no newer one came
 * @key: key that the member's packets are sealed with (members)
 * @party: tags and owned addresses
 * @n_caps: capabilities
 * @cap: their rules, by ascending id
 * @cap_id: their ids
 * @rules: rules of all of them, in a row
 * @hits: how often each of @rules decided
 * @n_pushes: packets that show all this to others (this node)
 * @push: those
 * @com: certificate of membership as they begin with; NULL: none (this node)
 * @com_len: its bytes
 *
 * What the pointers point to lies behind it.
 */
struct kzt_credset {
	refcount_t ref;
	struct rcu_head rcu;
	bool agrees;
	bool revoked;
	u8 key[KZT_CREDSET_KEY_LEN];
	struct kzt_party party;
	unsigned int n_caps;
	struct kzt_ruleset *cap;
	const u32 *cap_id;
	const struct kzt_rule *rules;
	atomic64_t *hits;
	unsigned int n_pushes;
	struct kzt_credset_push *push;
	const u8 *com;
	size_t com_len;
};

/**
 * struct kzt_credset_attrs - where they are in a netlink message
 * @head: first attribute
 * @len: bytes of all attributes
 * @tags: type of the one with tags
 * @capability: type of those with a capability each
 * @owned: type of those with an address each
 * @push: type of those with a packet each; 0 for none
 */
struct kzt_credset_attrs {
	const struct nlattr *head;
	int len;
	int tags, capability, owned, push;
};

struct kzt_credset *kzt_credset_read(const struct kzt_credset_attrs *a,
				 struct netlink_ext_ack *extack);
void kzt_credset_put(struct kzt_credset *creds);
void kzt_credset_inherit(struct kzt_credset *creds, const struct kzt_credset *old);

/* A rule of a capability decided a frame */
static inline void kzt_credset_hit(const struct kzt_credset *creds,
				   unsigned int cap, u16 rule)
{
	if (rule != KZT_NO_RULE)
		atomic64_inc(&creds->hits[creds->cap[cap].rule - creds->rules +
					  rule]);
}

static inline struct kzt_credset *kzt_credset_get(struct kzt_credset *creds)
{
	if (creds)
		refcount_inc(&creds->ref);
	return creds;
}

#endif /* KZT_CREDSET_H */
