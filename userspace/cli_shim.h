/* SPDX-License-Identifier: GPL-2.0 */
/* What zerotier-cli shows, in the words of the reference's local service API. */
#ifndef KZT_CLI_SHIM_H
#define KZT_CLI_SHIM_H

#include <jansson.h>
#include <stdbool.h>

/* Exit status of the reference's command */
enum {
	SHIM_OK = 0,
	SHIM_REFUSED = 1,	/* the service answered something else than 200 */
	SHIM_USAGE = 2,		/* or no connection */
};

/**
 * struct shim - everything there is, as kzt has it
 * @settings: of networks, from the agent; NULL without one
 */
struct shim {
	bool json;
	json_t *node, *peers, *networks, *settings, *groups, *moons;
};

int shim_load(struct shim *s);
void shim_unload(struct shim *s);
/* A network by its id, or NULL */
json_t *shim_network(struct shim *s, const char *id);

/* In the form of the API (spec 4.13.2) */
json_t *shim_status_json(struct shim *s);
json_t *shim_peers_json(struct shim *s);
json_t *shim_network_json(struct shim *s, const json_t *network);
json_t *shim_networks_json(struct shim *s);
json_t *shim_moons_json(struct shim *s);

#endif /* KZT_CLI_SHIM_H */
