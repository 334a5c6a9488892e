/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of the family as JSON, with the keys of the specification.
 *
 * This is the one place that reads attributes: text is printed from the JSON.
 */
#ifndef KZT_DECODE_H
#define KZT_DECODE_H

#include "nl.h"
#include <jansson.h>

/* By their numbers, behind the last NULL */
extern const char *const kzt_path_rules[];
extern const char *const kzt_suites[];

json_t *kzt_decode_node(const struct nlmsghdr *nlh);
json_t *kzt_decode_peer(const struct nlmsghdr *nlh);
json_t *kzt_decode_network(const struct nlmsghdr *nlh);
json_t *kzt_decode_member(const struct nlmsghdr *nlh);
json_t *kzt_decode_group(const struct nlmsghdr *nlh);
json_t *kzt_decode_fdb(const struct nlmsghdr *nlh);
json_t *kzt_decode_counters(const struct nlmsghdr *nlh);
json_t *kzt_decode_message(const struct nlmsghdr *nlh);
json_t *kzt_decode_policy(const struct nlmsghdr *nlh);
json_t *kzt_decode_plan(const struct nlmsghdr *nlh);

/* Ask and collect.  An array (dump) or an object (do) in *@out; KZT_OK, or an
 * exit status with its sentence printed.
 */
int kzt_fetch_node(struct kzt_nl *nl, json_t **out);
int kzt_fetch_peers(struct kzt_nl *nl, json_t **out);
int kzt_fetch_networks(struct kzt_nl *nl, json_t **out);
int kzt_fetch_counters(struct kzt_nl *nl, json_t **out);
int kzt_fetch_policies(struct kzt_nl *nl, json_t **out);
/* One in an array, or all for 0 */
int kzt_fetch_peers_of(struct kzt_nl *nl, uint64_t address, json_t **out);
/* The same with the family opened for this alone */
int kzt_fetch_once(int (*fetch)(struct kzt_nl *nl, json_t **out), json_t **out);
/* One, or -ENOENT and so on without a sentence */
int kzt_fetch_peer(struct kzt_nl *nl, uint64_t address, json_t **out);
int kzt_fetch_network(struct kzt_nl *nl, uint64_t nwid, json_t **out);
/* Dumps of what one network has */
int kzt_fetch_members(struct kzt_nl *nl, uint64_t nwid, json_t **out);
/* 0: of all networks */
int kzt_fetch_groups(struct kzt_nl *nl, uint64_t nwid, json_t **out);
int kzt_fetch_fdb(struct kzt_nl *nl, uint64_t nwid, json_t **out);

#endif /* KZT_DECODE_H */
