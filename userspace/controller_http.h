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

#endif /* KZT_CONTROLLER_HTTP_H */
