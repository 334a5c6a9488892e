/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of kzt, as decode.h has them, in the form of the reference's local service
 * API (spec 4.13.2): for that API in kztd and for zerotier-cli.
 */
#ifndef KZT_SERVICE_JSON_H
#define KZT_SERVICE_JSON_H

#include <jansson.h>
#include <libmnl/libmnl.h>
#include <stdint.h>

/* The reference's version whose API this is; scripts look at it */
#define KZT_SERVICE_MAJOR 1
#define KZT_SERVICE_MINOR 14
#define KZT_SERVICE_REV 1
#define KZT_SERVICE_VERSION "1.14.1"

/* @now: milliseconds since the epoch, here and below */
json_t *kzt_service_health(const json_t *node, uint64_t now);
/* @home: the state directory */
json_t *kzt_service_settings(const json_t *node, const char *home);
json_t *kzt_service_status(const json_t *node, const char *home, uint64_t now);

/* @node says which paths are trusted */
json_t *kzt_service_peer(const json_t *peer, const json_t *node, uint64_t now);
/* Milliseconds, rounded up; -1 for unknown */
int kzt_service_latency(const json_t *peer);

/* @all: networks as the agent has them; @groups: of all networks */
json_t *kzt_service_network(const json_t *network, const json_t *all, const json_t *groups);

/* For a dump of worlds: appends the moons to the array @list */
int kzt_service_moon_cb(const struct nlmsghdr *nlh, void *list);
/* One that is not here yet */
json_t *kzt_service_moon_wanted(const char *id);

#define KZT_SERVICE_WORD_MAX 40
/* In upper case, with underscores; returns @out */
const char *kzt_service_word(const char *word, char out[KZT_SERVICE_WORD_MAX]);

#endif /* KZT_SERVICE_JSON_H */
