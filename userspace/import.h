/* SPDX-License-Identifier: GPL-2.0 */
/* kzt import: what its parts share. */
#ifndef KZT_IMPORT_H
#define KZT_IMPORT_H

#include "agent_state.h"
#include "peer_file.h"
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

/**
 * struct import - one run
 * @home: directory of the other installation; only read
 * @dry: say what would be taken, write nothing
 * @state: of the agent
 * @address: of the node
 * @conf: what becomes the agent's configuration file, as text
 * @report: [{"item", "taken", "why"}]
 * @err: an exit status once something ended it
 */
struct import {
	char home[PATH_MAX];
	bool dry;
	struct agent_state state;
	uint64_t address;
	FILE *conf;
	json_t *report;
	unsigned int taken, left;
	int err;
};

/* One line of the report; @item names a file, or a setting of one */
void kzt_import_took(struct import *m, const char *item, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void kzt_import_left(struct import *m, const char *item, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A file below @home; length or a negative errno */
ssize_t kzt_import_read(struct import *m, const char *name, void *buf, size_t max);
/* Into the state directory, unless it is a dry run; false ends everything */
bool kzt_import_write(struct import *m, const char *name, const void *buf, size_t len);

/* import_conf.c: local.conf, trustedpaths and the peers that it speaks of */
void kzt_import_local_conf(struct import *m);
/*
 * import_policy.c: a policy by its name, as a line; @item is what names it.  False if
 * there is none of that name.  Then the one of all peers, and what is told of each.
 */
bool kzt_import_policy(struct import *m, const json_t *settings, const char *name,
		       const char *item);
void kzt_import_default_policy(struct import *m, const json_t *settings);
void kzt_import_policies(struct import *m, const json_t *settings);
/* import_peers.c: what is remembered of peers, and of one; otherwise why not */
void kzt_import_peers(struct import *m);
int kzt_import_peer(struct import *m, uint64_t address, struct peer_file *p, const char **why);

#endif /* KZT_IMPORT_H */
