/* SPDX-License-Identifier: GPL-2.0 */
/* What zerotier-cli shows, in the words of the reference's local service API. */
#ifndef KZT_CLI_SHIM_H
#define KZT_CLI_SHIM_H

#include <jansson.h>
#include <stdbool.h>

#define SHIM_VERSION "1.14.1"	/* what the node says it runs */

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
	json_t *node, *peers, *networks, *settings, *worlds;
};

int shim_load(struct shim *s);
void shim_unload(struct shim *s);
void shim_reload(struct shim *s);
/* A network by its id, or NULL */
json_t *shim_network(struct shim *s, const char *id);

/* In the form of the API (spec 4.13.2) */
json_t *shim_status_json(struct shim *s);
json_t *shim_peers_json(struct shim *s);
json_t *shim_network_json(struct shim *s, const json_t *network);
json_t *shim_networks_json(struct shim *s);
json_t *shim_moons_json(struct shim *s);

const char *shim_role(const json_t *peer);
const char *shim_network_status(const json_t *network, char out[40]);
const char *shim_network_type(const json_t *network);

#endif /* KZT_CLI_SHIM_H */
