/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Networks with a controller: asking, receiving, verifying and applying their
 * configurations, and the credentials of their members.
 */
#ifndef KZT_AGENT_CONFIG_H
#define KZT_AGENT_CONFIG_H

#include "agent_network.h"
#include "credential_sign.h"
#include "netconf.h"

#define AGENT_ASSEMBLIES 3		/* spec 4.7.2 */
#define AGENT_CHUNKS_MAX 474

struct agent_members;

/**
 * struct agent_assembly - chunks of one update
 * @id: of the update; 0: free
 * @buf: its dictionary
 * @total: octets of that
 * @have: octets received
 * @n_seen: chunks received
 * @seen: what tells them apart
 */
struct agent_assembly {
	uint64_t id;
	uint8_t *buf;
	uint32_t total, have;
	unsigned int n_seen;
	uint64_t seen[AGENT_CHUNKS_MAX];
};

/**
 * struct agent_config - what a controller says of a network
 * @controller: its identity; address 0: not known yet
 * @conf: configuration in force, or NULL
 * @scratch: what it points into
 * @dict: the same as it came
 * @dict_len: its octets
 * @cached: it was read from the disk and never confirmed
 * @asked_ms: when it was last asked for; 0: never
 * @got_ms: when the last changed one came; 0: never
 * @auth_url: where to authenticate, if that is wanted
 * @slot: updates being received
 * @members: what other members have shown
 */
struct agent_config {
	struct kzt_id controller;
	struct kzt_config *conf;
	uint8_t *scratch;
	uint8_t *dict;
	size_t dict_len;
	bool cached;
	uint64_t asked_ms, got_ms;
	char auth_url[KZT_CONFIG_URL_MAX + 1];
	struct agent_assembly slot[AGENT_ASSEMBLIES];
	struct agent_members *members;
};

/* ---- agent_config.c: one network's configuration -------------------------- */

/* Make what a network with a controller needs; 0 or -ENOMEM */
int agent_config_open(struct agent *a, struct agent_network *nw);
void agent_config_close(struct agent_network *nw);
/* Put the configuration that the disk remembers in force */
void agent_config_load(struct agent *a, struct agent_network *nw);
void agent_config_forget(struct agent *a, struct agent_network *nw);
/* A dictionary that is known to be the controller's.  @answer: to a request of
 * ours; otherwise an older one than the one held is refused.
 */
int agent_config_take(struct agent *a, struct agent_network *nw,
		      const uint8_t *dict, size_t len, bool answer,
		      char err[AGENT_ERR]);
void agent_config_status(struct agent *a, struct agent_network *nw,
			 uint32_t status);

/* ---- agent_config_ask.c: requests and their answers ------------------------- */

/* Ask where it is time to; every second */
void agent_config_tick(struct agent *a);
/* The identity of the controller, if it is known anywhere */
const struct kzt_id *agent_config_controller(struct agent *a,
					     struct agent_network *nw);
void agent_config_error(struct agent *a, uint64_t from, const uint8_t *pkt,
			size_t len);

/* ---- agent_config_chunk.c: chunks (spec 4.7) ---------------------------------- */

/* @verb: NETWORK_CONFIG or OK; @id: wire id of the packet */
void agent_config_chunk(struct agent *a, uint64_t from, uint8_t verb,
			uint64_t id, const uint8_t *body, size_t len);
void agent_config_assemblies_free(struct agent_config *c);

/* ---- agent_config_kernel.c: to the module --------------------------------------- */

int agent_config_to_kernel(struct agent *a, struct agent_network *nw,
			   char err[AGENT_ERR]);

/* ---- agent_config_apply.c: routes --------------------------------------------------- */

/* May an address of the configuration be put on the device? */
bool agent_address_allowed(const struct agent_network *nw,
			   const struct agent_prefix *p);
void agent_routes_apply(struct agent *a, struct agent_network *nw);
/* What is known of the configuration, into @out */
void agent_config_json(const struct agent_network *nw, json_t *out);

/* ---- agent_dns.c: name servers, for systemd-resolved ---------------------------------- */

/* Tell it what has changed */
void agent_dns_apply(struct agent *a);
bool agent_dns_is_set(const struct agent_network *nw);

/* ---- agent_cred.c, agent_cred_kernel.c: members ---------------------------------------- */

struct agent_members *agent_members_alloc(void);
void agent_members_free(struct agent_members *m);
/* NETWORK_CREDENTIALS; @pkt has room for a packet's header in front */
void agent_cred_packet(struct agent *a, uint64_t from, const uint8_t *pkt,
		       size_t len);
/* The own configuration changed: look at all of them again */
void agent_cred_recheck(struct agent *a, struct agent_network *nw);
void agent_cred_tick(struct agent *a, struct agent_network *nw);
void agent_cred_load(struct agent *a, struct agent_network *nw);
/* Packets were lost on the way up from the module */
void agent_cred_overrun(struct agent *a);
/* Send a payload to all members but two */
void agent_cred_spread(struct agent *a, struct agent_network *nw, uint8_t verb,
		       const uint8_t *body, size_t len, uint64_t not_a,
		       uint64_t not_b);

/* ---- agent_packet.c: packets from and to other nodes ------------------------------------- */

void agent_packet_receive(struct agent *a, const struct nlmsghdr *nlh);
int agent_packet_send(struct agent *a, uint64_t to, uint8_t verb,
		      const uint8_t *body, size_t len);
/* The identity of a peer that the module knows; 0 or -ENOENT */
int agent_peer_identity(struct agent *a, uint64_t address, struct kzt_id *id);

#endif /* KZT_AGENT_CONFIG_H */
