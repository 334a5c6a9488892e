/* SPDX-License-Identifier: GPL-2.0 */
/* Asking the agent of this network namespace. */
#ifndef KZT_AGENT_CLIENT_H
#define KZT_AGENT_CLIENT_H

#include <jansson.h>

/* Send one question and read the answer into *@answer (may be NULL).  @question
 * is freed.  KZT_OK; KZT_FAIL with a sentence printed, the agent's own where it
 * refused; KZT_ABSENT, without one, if there is no agent.
 */
int kzt_agent_ask(json_t *question, json_t **answer);

#endif /* KZT_AGENT_CLIENT_H */
