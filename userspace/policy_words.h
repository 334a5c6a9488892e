/* SPDX-License-Identifier: GPL-2.0 */
/* A multipath policy in words: MODE [KEY VALUE]..., for kzt and kztd. */
#ifndef KZT_POLICY_WORDS_H
#define KZT_POLICY_WORDS_H

#include <jansson.h>
#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdio.h>

#define KZT_POLICY_LINKS 8
#define KZT_POLICY_NUMBERS 6	/* of those that are shown to people */

/* All modes; what follows the last is none ("default", "peer"), then NULL */
extern const char *const kzt_policy_modes[];
enum { KZT_POLICY_DEFAULT = 9, KZT_POLICY_PEER };

/* The key of one of the numbers that people are shown, as in JSON */
const char *kzt_policy_number(unsigned int i);

/* All that begin with a sentence, by kzt_usage(), end with KZT_USAGE then */

/* The words behind the mode, from argv[i] on, into a policy-set of 8 KiB */
int kzt_policy_put(struct nlmsghdr *nlh, int argc, char **argv, int i);
/*
 * A line of a configuration file, the mode first; the links that it names need not
 * be there yet.  *@unset: it says "default", and the message shall be a policy-del.
 */
int kzt_policy_put_line(struct nlmsghdr *nlh, const char *line, bool *unset);
/* Such a line of a policy, as decode.h has it */
void kzt_policy_print_line(FILE *f, const json_t *policy);
/* Of a list, what a peer has of its own, or what holds for all if @address is empty */
const json_t *kzt_policy_own(const json_t *policies, const char *address);
/* Has @policy all that the words of a message say? */
bool kzt_policy_has(const json_t *policy, const struct nlmsghdr *nlh);

#endif /* KZT_POLICY_WORDS_H */
