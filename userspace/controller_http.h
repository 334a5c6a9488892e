/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The local service API over HTTP (spec 4.13): on an abstract socket and one in
 * the file system for root, and on loopback TCP for those who have the token.
 */
#ifndef KZT_CONTROLLER_HTTP_H
#define KZT_CONTROLLER_HTTP_H

#include "controller.h"

#define HTTP_ABSTRACT_NAME "kzt/http"
#define HTTP_BODY_MAX (4 << 20)
#define HTTP_CLIENTS_MAX 64
#define HTTP_TOKEN_LEN 24

struct controller_http;

/* @path: of the socket in the file system, NULL for none; @tcp: NULL for none.
 * @controller may be NULL: then nothing answers for networks of our own.
 */
int controller_http_start(struct controller_http **http, struct agent *a,
			  const char *path, const struct sockaddr *tcp);
void controller_http_stop(struct controller_http *http);
void controller_http_use(struct controller_http *http, struct controller *c);
void controller_http_tick(struct controller_http *http);
/* A call came back from the controller's thread */
void controller_http_done(struct controller *c, struct controller_call *call);

/*
 * controller_local.c: what needs no controller, at once.  False for a path that
 * is not of this kind.
 */
bool controller_local(struct agent *a, struct controller_call *call);

/* All of a kind in kzt's own form; the node, or an empty object */
json_t *controller_dump(struct agent *a, uint8_t cmd, uint16_t flags,
			json_t *(*decode)(const struct nlmsghdr *nlh));
json_t *controller_node_json(struct agent *a);
/* Takes @reply, which may be NULL */
void controller_answer(struct controller_call *call, int status, json_t *reply);
void controller_refuse(struct controller_call *call, int status, const char *why);

/* ---- controller_settings.c ------------------------------------------------ */

/* What stands behind "config", NULL for nothing */
void controller_settings(struct agent *a, struct controller_call *call, const char *what);
void controller_metrics(struct agent *a, struct controller_call *call);

/* ---- controller_bond.c ---------------------------------------------------- */

/* What stands behind "bond", and behind that, which is taken apart; NULL for nothing */
void controller_bond(struct agent *a, struct controller_call *call, const char *what,
		     char *words);

#endif /* KZT_CONTROLLER_HTTP_H */
