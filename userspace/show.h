/* SPDX-License-Identifier: GPL-2.0 */
/* Objects (of decode.h) as text: what more than one command prints. */
#ifndef KZT_SHOW_H
#define KZT_SHOW_H

#include <jansson.h>
#include <stdint.h>

struct kzt_world_info;

/* There is none; with an agent it was deleted */
void kzt_show_no_node(const json_t *node);
void kzt_show_node(const json_t *node, const json_t *peers);
void kzt_show_peer(const json_t *peer);
void kzt_show_path(const json_t *path);
void kzt_show_network(const json_t *network);
/* Give peers the names that the agent knows */
void kzt_add_aliases(json_t *peers);
int kzt_peer_alias(int argc, char **argv);
/* Routes, name servers and switches: asked of the agent, and printed */
void kzt_add_network_conf(json_t *networks);
void kzt_add_networks_missing(json_t *networks, uint64_t nwid);
/* Words with commas between */
void kzt_show_list(const json_t *list);
void kzt_show_network_conf(const json_t *network);
/* "ok" is written OK, as users of the reference know it */
const char *kzt_show_status(const json_t *network);

/* cmd_network_set.c */
int kzt_network_set(int argc, char **argv);

/* cmd_show_config.c: what a configuration file speaks of, with what the agent adds */
int kzt_config_fetch(json_t **node, json_t **peers, json_t **networks,
		     json_t **policies);

/* cmd_world.c, cmd_world_make.c */
json_t *kzt_world_json(const struct kzt_world_info *w);
void kzt_world_print(const json_t *world);
int kzt_world_make(int argc, char **argv);

#endif /* KZT_SHOW_H */
