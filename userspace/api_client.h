/* SPDX-License-Identifier: GPL-2.0 */
/* Calls of the agent's local API, over its abstract socket. */
#ifndef KZT_API_CLIENT_H
#define KZT_API_CLIENT_H

#include <jansson.h>

/*
 * One call; @body (may be NULL) is freed.  KZT_OK with *@reply (may be NULL) set;
 * KZT_FAIL with a sentence printed; KZT_ABSENT, with one, if there is no agent.
 * @what: what a 404 means was not found.
 */
int kzt_api(const char *method, const char *path, json_t *body, const char *what,
	    json_t **reply);

#endif /* KZT_API_CLIENT_H */
