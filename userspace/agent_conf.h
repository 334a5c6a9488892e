/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration file, for agent_conf.c and agent_conf_node.c */
#ifndef KZT_AGENT_CONF_H
#define KZT_AGENT_CONF_H

#include "agent.h"
#include "conf.h"

void agent_conf_wrong(struct agent *a, const struct kzt_conf_key *key, const char *what);
/* Is it a key that counts; says so if not */
bool agent_conf_usable(struct agent *a, const struct kzt_conf_section *s,
		       const struct kzt_conf_key *key);
/* A list ends where its value does, or before a word that is too long for anything */
void agent_conf_list_end(struct agent *a, const struct kzt_conf_key *key, const char *at);
bool agent_conf_number(struct agent *a, const struct kzt_conf_key *key, uint64_t max,
		       uint64_t *n);
/* Send it; a refusal is told with its line */
void agent_conf_talk(struct agent *a, struct nlmsghdr *nlh, const char *section,
		     unsigned int line);

/* Attributes of a list of prefixes, of a node or of a peer */
struct agent_conf_deny {
	uint16_t clear, one;
};

/* @n: how many came already; the first of them takes the place of what there was */
void agent_conf_put_deny(struct agent *a, struct nlmsghdr *nlh, const struct kzt_conf_key *key,
			 const struct agent_conf_deny *attrs, unsigned int *n);
/* The policy of a section: of all peers, or of one */
void agent_conf_policy(struct agent *a, const struct kzt_conf_section *s, uint64_t address);
/* All of [Node] that goes into one request; then the whole section */
void agent_conf_put_node(struct agent *a, struct nlmsghdr *nlh,
			 const struct kzt_conf_section *s);
void agent_conf_node_section(struct agent *a, const struct kzt_conf_section *s);

#endif /* KZT_AGENT_CONF_H */
