/* SPDX-License-Identifier: GPL-2.0 */
/* Worlds, signed: planets and moons (spec 2.12 to 2.15). */
#ifndef KZT_WORLD_LIB_H
#define KZT_WORLD_LIB_H

#include "identity.h"
#include <sys/socket.h>

#define KZT_WORLD_ROOTS 4
#define KZT_WORLD_ENDPOINTS 32
#define KZT_WORLD_BLOB_MAX 2900

struct kzt_root_info {
	struct kzt_id id;
	unsigned int n_endpoints;
	struct sockaddr_storage endpoint[KZT_WORLD_ENDPOINTS];
};

struct kzt_world_info {
	uint64_t id;
	uint64_t timestamp;		/* ms since the epoch */
	uint8_t type;			/* 1 planet, 127 moon */
	uint8_t update_key[64];		/* key that must sign the next one */
	uint8_t signature[96];
	unsigned int n_roots;
	struct kzt_root_info root[KZT_WORLD_ROOTS];
};

/* The signing key pair of a planet: same 64+64 bytes as an identity's keys. */
struct kzt_world_key {
	uint8_t pub[64];
	uint8_t secret[64];
};

int kzt_world_parse_blob(struct kzt_world_info *w, const uint8_t *blob,
			 size_t len, const char **why);
/* Serialise with signature; @for_sign leaves the form that is signed. */
int kzt_world_serialize(const struct kzt_world_info *w, bool for_sign,
			uint8_t *out, size_t max, size_t *len);
/* Verify @w's signature by @key (for a first world: its own update key). */
int kzt_world_verify(const struct kzt_world_info *w, const uint8_t key[64]);
/* Whether @next may replace @now: same type and id, newer timestamp, signed by
 * @now's update key.
 */
int kzt_world_replaces(const struct kzt_world_info *now,
		       const struct kzt_world_info *next, const char **why);
/* A new key pair, and whether one is a pair */
int kzt_world_key_make(struct kzt_world_key *key);
bool kzt_world_key_ok(const struct kzt_world_key *key);
int kzt_world_sign(struct kzt_world_info *w, const struct kzt_world_key *key);
/* The public default planet, as data. */
const uint8_t *kzt_world_default(size_t *len);
/* A world's file: the blob itself (the reference's "planet" and "*.moon"). */
int kzt_world_load(const char *path, uint8_t *blob, size_t max, size_t *len,
		   const char **why);

#endif /* KZT_WORLD_LIB_H */
