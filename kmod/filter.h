/* SPDX-License-Identifier: GPL-2.0 */
/* The rule evaluator: pure, over bytes (spec 4, 4.10.3 to 4.10.6). */
#ifndef KZT_FILTER_H
#define KZT_FILTER_H

#include "proto/rules.h"

enum kzt_verdict {
	KZT_VERDICT_NO_MATCH,
	KZT_VERDICT_DROP,
	KZT_VERDICT_ACCEPT,
	KZT_VERDICT_SUPER_ACCEPT,
	KZT_VERDICT_REDIRECT,
};

/**
 * struct kzt_ruleset - a parsed rule set
 * @n: entries
 * @trivial_accept: it accepts everything by its first entry
 * @rule: entries
 */
struct kzt_ruleset {
	u16 n;
	bool trivial_accept;
	const struct kzt_rule *rule;
};

struct kzt_filter_tag {
	u32 id, value;
};

/**
 * struct kzt_owned - an address that a party owns by certificate
 * @family: 4, 6, or 0 for a MAC address
 * @addr: as many bytes as that has
 */
struct kzt_owned {
	u8 family;
	u8 addr[16];
};

/**
 * struct kzt_party - what is known of one side
 * @n_tags: entries in @tags
 * @tags: valid tags
 * @n_owned: entries in @owned
 * @owned: addresses owned by valid certificates
 */
struct kzt_party {
	unsigned int n_tags;
	const struct kzt_filter_tag *tags;
	unsigned int n_owned;
	const struct kzt_owned *owned;
};

/**
 * struct kzt_filter_frame - a frame and its circumstances
 * @body: behind the Ethernet header; looked at up to its end, all linear
 * @len: its bytes
 * @ethertype: host order
 * @src_mac: source
 * @dst_mac: destination
 * @self: this node's address
 * @src: sender's address
 * @dst: receiver's address; 0 while there is none in particular
 * @inbound: direction
 * @unknown_match: what a match of unknown type yields (configuration flag 08)
 * @random: for MATCH_RANDOM; uniform
 * @local: this node
 * @remote: receiver outbound, sender inbound; NULL if not known
 * @ndp_6plane: own 6PLANE address, if assigned and NDP is emulated, or NULL
 * @ndp_rfc4193: own RFC 4193 address, likewise
 */
struct kzt_filter_frame {
	const u8 *body;
	size_t len;
	u16 ethertype;
	const u8 *src_mac, *dst_mac;
	u64 self, src, dst;
	bool inbound;
	bool unknown_match;
	u32 random;
	const struct kzt_party *local, *remote;
	const u8 *ndp_6plane, *ndp_rfc4193;
};

#define KZT_NO_RULE	0xffff

/**
 * struct kzt_filter_result - what becomes of a frame
 * @verdict: enum kzt_verdict
 * @dst: receiver, after a redirection
 * @copy_to: node that a copy goes to, 0 for none
 * @copy_len: bytes of the body in the copy
 * @copy_watch: the copy is to be acknowledged
 * @priority_set: a PRIORITY action decided
 * @rule: index of the action that decided, KZT_NO_RULE for the end of the set
 */
struct kzt_filter_result {
	enum kzt_verdict verdict;
	u64 dst;
	u64 copy_to;
	size_t copy_len;
	bool copy_watch;
	bool priority_set;
	u16 rule;
};

/**
 * struct kzt_filter_decision - the whole of 4.10.5 or 4.10.6
 * @allowed: 0 refused, 1 accepted, 2 super-accepted
 * @base: what the base rules said
 * @cap: what the capability that decided said; valid if @cap_index >= 0
 * @cap_index: index of that capability, -1 if the base rules decided
 */
struct kzt_filter_decision {
	unsigned int allowed;
	struct kzt_filter_result base, cap;
	int cap_index;
};

void kzt_ruleset_init(struct kzt_ruleset *set, const struct kzt_rule *rules,
		      unsigned int count);
void kzt_filter_eval(const struct kzt_filter_frame *f,
		     const struct kzt_ruleset *set,
		     struct kzt_filter_result *res);
void kzt_filter_decide(const struct kzt_filter_frame *f,
		       const struct kzt_ruleset *base,
		       const struct kzt_ruleset *caps, unsigned int n_caps,
		       struct kzt_filter_decision *d);

/* filter_match.c */
struct kzt_parsed {
	bool v4, v6, v6_walked, v6_ok;
	u8 v6_proto;
	size_t v6_off;
};

enum kzt_match_hard { KZT_SOFT, KZT_HARD };

/* r: plain result; *hard: exempt from NOT */
bool kzt_filter_match(const struct kzt_filter_frame *f, struct kzt_parsed *p,
		      const struct kzt_rule *r, bool super, bool *skip,
		      enum kzt_match_hard *hard);

#endif /* KZT_FILTER_H */
