// SPDX-License-Identifier: GPL-2.0
/* Chunks of configurations (spec 4.7.2, 4.7.3). */
#include "agent_config.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Step 3: what tells the chunks of an update apart */
static uint64_t chunk_key(const struct kzt_config_chunk *k)
{
	return get_unaligned_be64(k->sig) ^ get_unaligned_be64(k->sig + 8);
}

static void assembly_free(struct agent_assembly *s)
{
	free(s->buf);
	memset(s, 0, sizeof(*s));
}

void agent_config_assemblies_free(struct agent_config *c)
{
	unsigned int i;

	for (i = 0; i < AGENT_ASSEMBLIES; i++)
		assembly_free(&c->slot[i]);
}

static struct agent_assembly *assembly_find(struct agent_config *c, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < AGENT_ASSEMBLIES; i++)
		if (c->slot[i].id == id)
			return &c->slot[i];
	return NULL;
}

static bool assembly_has(const struct agent_assembly *s, uint64_t key)
{
	unsigned int i;

	for (i = 0; i < s->n_seen; i++)
		if (s->seen[i] == key)
			return true;
	return false;
}

/* That with this id, or else the one that the fewest chunks came for */
static struct agent_assembly *assembly_take(struct agent_config *c,
					    const struct kzt_config_chunk *k)
{
	struct agent_assembly *s = assembly_find(c, k->update_id);
	unsigned int i;

	if (s && s->total == k->total)
		return s;
	if (!s) {
		s = &c->slot[0];
		for (i = 1; i < AGENT_ASSEMBLIES; i++)
			if (c->slot[i].n_seen < s->n_seen)
				s = &c->slot[i];
	}
	assembly_free(s);
	s->buf = calloc(1, k->total);
	if (!s->buf)
		return NULL;
	s->id = k->update_id;
	s->total = k->total;
	return s;
}

/* Step 6; true if the update is whole */
static bool assembly_add(struct agent_assembly *s,
			 const struct kzt_config_chunk *k)
{
	if (s->n_seen >= AGENT_CHUNKS_MAX ||
	    s->n_seen >= k->total / 1024 + 1)
		return false;
	s->seen[s->n_seen++] = chunk_key(k);
	memcpy(s->buf + k->offset, k->chunk, k->chunk_len);
	s->have += (uint32_t)k->chunk_len;
	return s->have == s->total;
}

/* The sender of an update that it pushed may hear that it came (spec 4.4.3) */
static void acknowledge(struct agent *a, uint64_t to, uint64_t id,
			const struct kzt_config_chunk *k)
{
	uint8_t body[32];
	struct kzt_wcur w = kzt_wcur(body, sizeof(body));

	if (to == a->address)
		return;
	kzt_ok_put(&w, KZT_VERB_ECHO, id);	/* sic: 08 */
	kzt_put_u64(&w, k->nwid);
	kzt_put_u64(&w, k->update_id);
	agent_packet_send(a, to, KZT_VERB_OK, body, kzt_wcur_len(&w));
}

static void say_refused(struct agent_network *nw, const char *err)
{
	if (agent_limit_pass(&nw->limit))
		agent_log(LOG_WARNING, "network %016" PRIx64
			  ": a configuration was refused: %s", nw->id, err);
}

static void chunk_signed(struct agent *a, struct agent_network *nw,
			 uint64_t from, uint8_t verb, uint64_t id,
			 const struct kzt_config_chunk *k)
{
	bool answer = verb == KZT_VERB_OK && from == nw->id >> 24;
	struct agent_assembly *s;
	char err[AGENT_ERR];

	s = assembly_take(nw->config, k);
	if (!s || !assembly_add(s, k))
		return;
	if (agent_config_take(a, nw, s->buf, s->total, answer, err))
		say_refused(nw, err);
	else if (verb == KZT_VERB_NETWORK_CONFIG)
		acknowledge(a, from, id, k);
	/* The memory goes; that its chunks were here stays known */
	free(s->buf);
	s->buf = NULL;
	s->total = 0;
}

/* Unsigned: it has to come from the controller itself */
static void chunk_legacy(struct agent *a, struct agent_network *nw,
			 uint64_t from, uint8_t verb,
			 const struct kzt_config_chunk *k)
{
	char err[AGENT_ERR];

	if (from == nw->id >> 24 &&
	    agent_config_take(a, nw, k->chunk, k->chunk_len,
			      verb == KZT_VERB_OK, err))
		say_refused(nw, err);
}

void agent_config_chunk(struct agent *a, uint64_t from, uint8_t verb,
			uint64_t id, const uint8_t *body, size_t len)
{
	const struct kzt_id *controller;
	struct agent_assembly *s;
	struct agent_network *nw;
	struct kzt_config_chunk k;

	if (kzt_config_chunk_parse(body, len, &k))
		return;
	nw = agent_network_find(a, k.nwid);
	if (!nw || !nw->config || !nw->present)
		return;
	if (k.legacy) {
		chunk_legacy(a, nw, from, verb, &k);
		return;
	}
	if (!k.total || k.total > KZT_CONFIG_MAX_LEN || !k.update_id)
		return;
	s = assembly_find(nw->config, k.update_id);
	if (s && assembly_has(s, chunk_key(&k)))
		return;
	controller = agent_config_controller(a, nw);
	if (!controller || !kzt_chunk_verify(&k, controller->pub))
		return;
	if (k.flags & KZT_CONFIG_FAST)
		agent_cred_spread(a, nw, KZT_VERB_NETWORK_CONFIG, body, len, from,
				  nw->id >> 24);
	chunk_signed(a, nw, from, verb, id, &k);
}
