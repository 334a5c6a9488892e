/* SPDX-License-Identifier: GPL-2.0 */
/* A member's configuration, made and signed (spec 4.12.4). */
#ifndef KZT_CONTROLLER_CONFIG_H
#define KZT_CONTROLLER_CONFIG_H

#include "controller_address.h"
#include "credential_sign.h"
#include "identity.h"
#include "rules.h"

/* A chunk's packet comes in seven datagrams over any path that IPv6 allows */
#define CONTROLLER_CHUNK_MAX 8192

/**
 * struct controller_maker - room to make one configuration at a time
 * @conf: as it is being made
 * @rules: binary
 * @creds: raw forms of the credentials
 * @dict, @dict_len: the result
 */
struct controller_maker {
	struct kzt_config conf;
	struct kzt_rule rule[KZT_CONFIG_MAX_RULES];
	u8 rules[KZT_CONFIG_MAX_RULES * 21];
	u8 creds[KZT_CONFIG_MAX_CAPS * 2048 + KZT_CONFIG_MAX_TAGS * 256 + 4096];
	u8 dict[KZT_CONFIG_MAX_LEN];
	size_t dict_len;
};

/**
 * struct controller_asker - who asks
 * @first: was never configured: gets what is there by default
 * @rules_rev: its rules engine; 0: none
 */
struct controller_asker {
	struct kzt_id id;
	bool first;
	unsigned int rules_rev;
};

/**
 * struct controller_source - what a configuration is made of
 * @signer: the controller's identity, with its secret
 * @member: may get tags, capabilities and addresses
 * @bridges: active bridges, with their role bit
 */
struct controller_source {
	const struct kzt_id *signer;
	const json_t *network;
	json_t *member;
	const uint64_t *bridges;
	unsigned int n_bridges;
	controller_taken_fn taken;
	void *arg;
};

/* How long credentials are good for one another */
uint64_t controller_delta(const json_t *network);
int controller_config_make(struct controller_maker *m, uint64_t nwid,
			   const struct controller_asker *who,
			   const struct controller_source *src, uint64_t now_ms);
/* Chunk number @i of the dictionary made, behind @w; 1, or 0 if there is none,
 * or a negative errno
 */
int controller_config_chunk(const struct controller_maker *m, struct kzt_wcur *w,
			    uint64_t update_id, unsigned int i,
			    const struct kzt_id *signer);
/* A revocation of a membership into NETWORK_CREDENTIALS */
int controller_revocation_add(struct kzt_creds_out *out, uint64_t nwid,
			      uint64_t target, uint64_t at_ms,
			      const struct kzt_id *signer);

#endif /* KZT_CONTROLLER_CONFIG_H */
