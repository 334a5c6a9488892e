// SPDX-License-Identifier: GPL-2.0
/* A member's configuration, made and signed (spec 4.12.4). */
#include "controller_config.h"
#include "rules_json.h"
#include <errno.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t controller_delta(const json_t *network)
{
	json_int_t n = controller_int(network, "certificateTimeoutWindowSize");

	if (!n)
		return CONTROLLER_DELTA_DEFAULT;
	return n < CONTROLLER_DELTA_MIN ? CONTROLLER_DELTA_MIN :
	       n > CONTROLLER_DELTA_MAX ? CONTROLLER_DELTA_MAX : (uint64_t)n;
}

/* --- rules, capabilities, tags ------------------------------ */

static int put_rules(struct controller_maker *m, const struct controller_asker *who,
		     const json_t *network)
{
	unsigned int n = 1;
	int len;

	if (who->rules_rev)
		n = rules_json_list(json_object_get(network, "rules"), m->rule,
				    KZT_CONFIG_MAX_RULES);
	else
		m->rule[0] = (struct kzt_rule){ .type = KZT_ACTION_ACCEPT };
	len = kzt_rules_build(m->rules, sizeof(m->rules), m->rule, n);
	if (len < 0)
		return len;
	m->conf.rules = m->rules;
	m->conf.rules_len = (size_t)len;
	m->conf.n_rules = n;
	return 0;
}

static const json_t *find_id(const json_t *list, json_int_t id)
{
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
		if (controller_int(v, "id") == id)
			return v;
	return NULL;
}

static bool has_cap(const json_t *list, json_int_t id)
{
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
		if (json_integer_value(v) == id)
			return true;
	return false;
}

/* Insert into a list that ascends by what @value says of its entries */
static void insert_sorted(json_t *list, json_t *o, json_int_t id,
			  json_int_t (*value)(const json_t *v))
{
	size_t i, n = json_array_size(list);

	for (i = 0; i < n && value(json_array_get(list, i)) < id; i++)
		;
	json_array_insert_new(list, i, o);
}

static json_int_t tag_id(const json_t *v)
{
	return json_integer_value(json_array_get(v, 0));
}

static bool has_tag(const json_t *list, json_int_t id)
{
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
		if (tag_id(v) == id)
			return true;
	return false;
}

/* What members have unless somebody said otherwise becomes theirs */
static void add_defaults(const json_t *network, json_t *member, bool first)
{
	json_t *caps = json_object_get(member, "capabilities");
	json_t *tags = json_object_get(member, "tags");
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(network, "capabilities"), i, v) {
		json_int_t id = controller_int(v, "id");

		if (first && controller_bool(v, "default") && !has_cap(caps, id))
			insert_sorted(caps, json_integer(id), id, json_integer_value);
	}
	json_array_foreach(json_object_get(network, "tags"), i, v) {
		json_int_t id = controller_int(v, "id");

		if (json_is_integer(json_object_get(v, "default")) && !has_tag(tags, id))
			insert_sorted(tags, json_pack("[I,I]", id,
						      controller_int(v, "default")),
				      id, tag_id);
	}
}

static int put_caps(struct controller_maker *m, struct kzt_wcur *w,
		    const struct controller_source *src)
{
	struct kzt_config *conf = &m->conf;
	struct kzt_rule rule[KZT_CAP_MAX_RULES];
	u8 bin[KZT_CAP_MAX_RULES * 21];
	const json_t *v;
	size_t i;
	int len, err = 0;

	json_array_foreach(json_object_get(src->member, "capabilities"), i, v) {
		struct kzt_capability *cap = &conf->cap[conf->n_caps];
		const json_t *def = find_id(json_object_get(src->network, "capabilities"),
					    json_integer_value(v));

		if (!def || err || conf->n_caps == KZT_CONFIG_MAX_CAPS)
			continue;
		*cap = (struct kzt_capability){
			.nwid = conf->nwid, .timestamp = conf->timestamp,
			.id = (u32)json_integer_value(v), .max_chain = 1,
			.issued_to = conf->issued_to, .rules = bin,
		};
		cap->n_rules = (u16)rules_json_list(json_object_get(def, "rules"), rule,
						    KZT_CAP_MAX_RULES);
		len = kzt_rules_build(bin, sizeof(bin), rule, cap->n_rules);
		if (len < 0)
			return len;
		cap->rules_len = (size_t)len;
		err = kzt_capability_sign(w, cap, src->signer);
		conf->n_caps++;
	}
	return err;
}

static int put_tags(struct controller_maker *m, struct kzt_wcur *w,
		    const struct controller_source *src)
{
	struct kzt_config *conf = &m->conf;
	const json_t *v;
	size_t i;
	int err = 0;

	json_array_foreach(json_object_get(src->member, "tags"), i, v) {
		struct kzt_tag *tag = &conf->tag[conf->n_tags];

		if (err || conf->n_tags == KZT_CONFIG_MAX_TAGS)
			break;
		*tag = (struct kzt_tag){
			.nwid = conf->nwid, .timestamp = conf->timestamp,
			.id = (u32)tag_id(v),
			.value = (u32)json_integer_value(json_array_get(v, 1)),
			.issued_to = conf->issued_to,
		};
		err = kzt_tag_sign(w, tag, src->signer);
		conf->n_tags++;
	}
	return err;
}

/* --- ownership, membership ------------------------------ */

static int put_ownership(struct controller_maker *m, struct kzt_wcur *w,
			 const struct controller_source *src)
{
	struct kzt_config *conf = &m->conf;
	u8 things[KZT_COO_MAX_THINGS * KZT_COO_THING_LEN] = { 0 };
	struct kzt_coo *coo = &conf->coo[0];
	unsigned int i;

	if (!conf->n_addrs)
		return 0;
	*coo = (struct kzt_coo){
		.nwid = conf->nwid, .timestamp = conf->timestamp, .id = 1,
		.issued_to = conf->issued_to, .things = things,
	};
	for (i = 0; i < conf->n_addrs && i < KZT_COO_MAX_THINGS; i++) {
		bool v4 = conf->addr[i].family == KZT_AF_INET;
		u8 *thing = things + i * KZT_COO_THING_LEN;

		*thing = v4 ? KZT_COO_IPV4 : KZT_COO_IPV6;
		memcpy(thing + 1, conf->addr[i].ip, v4 ? 4 : 16);
		coo->n_things++;
	}
	conf->n_coos = 1;
	return kzt_coo_sign(w, coo, src->signer);
}

static int put_membership(struct controller_maker *m, struct kzt_wcur *w,
			  const struct controller_asker *who, const struct kzt_id *signer)
{
	struct kzt_config *conf = &m->conf;
	u8 hash[KZT_ID_FINGERPRINT_LEN];

	kzt_id_fingerprint(&who->id, hash);
	kzt_com_init(&conf->com, conf->timestamp, conf->max_delta, conf->nwid,
		     conf->issued_to, hash);
	conf->has_com = true;
	return kzt_com_sign(w, &conf->com, signer);
}

/* --- all of it ------------------------------ */

static void put_dns(struct kzt_config *conf, const json_t *network)
{
	const json_t *dns = json_object_get(network, "dns"), *v;
	const char *domain = json_string_value(json_object_get(dns, "domain"));
	size_t i;

	conf->has_dns = true;
	if (domain)
		snprintf(conf->dns_domain, sizeof(conf->dns_domain), "%s", domain);
	json_array_foreach(json_object_get(dns, "servers"), i, v) {
		int family;

		if (i == KZT_CONFIG_MAX_DNS)
			break;
		family = controller_ip(json_string_value(v), conf->dns[i].ip, NULL);
		conf->dns[i].family = family == AF_INET ? KZT_AF_INET :
				      family ? KZT_AF_INET6 : KZT_AF_NONE;
	}
}

static void put_scalars(struct kzt_config *conf, uint64_t nwid,
			const struct controller_asker *who,
			const struct controller_source *src, uint64_t now_ms)
{
	const json_t *network = src->network, *member = src->member;
	const char *name = json_string_value(json_object_get(network, "name"));
	const char *target = json_string_value(json_object_get(member, "remoteTraceTarget"));
	json_int_t level = controller_int(member, "remoteTraceLevel");
	unsigned int i;

	memset(conf, 0, sizeof(*conf));
	conf->version = KZT_CONFIG_VERSION;
	conf->nwid = nwid;
	conf->timestamp = now_ms;
	conf->max_delta = controller_delta(network);
	conf->revision = (u64)controller_int(network, "revision");
	conf->issued_to = who->id.address;
	if (!target) {
		target = json_string_value(json_object_get(network, "remoteTraceTarget"));
		level = controller_int(network, "remoteTraceLevel");
	}
	if (target) {
		conf->trace_target = strtoull(target, NULL, 16);
		conf->trace_level = (u64)level;
	}
	conf->flags = controller_bool(network, "enableBroadcast") ?
		      KZT_CONFIG_BROADCAST : 0;
	conf->multicast_limit = (u32)controller_int(network, "multicastLimit");
	conf->type = controller_bool(network, "private") ? KZT_CONFIG_PRIVATE :
							  KZT_CONFIG_PUBLIC;
	conf->mtu = (u32)controller_int(network, "mtu");
	snprintf(conf->name, sizeof(conf->name), "%s", name ?: "");
	for (i = 0; i < src->n_bridges && i < KZT_CONFIG_MAX_SPECIALISTS; i++)
		conf->specialist[i] = src->bridges[i] | KZT_SPECIALIST_BRIDGE;
	conf->n_specialists = i;
	put_dns(conf, network);
}

int controller_config_make(struct controller_maker *m, uint64_t nwid,
			   const struct controller_asker *who,
			   const struct controller_source *src, uint64_t now_ms)
{
	struct kzt_wcur w = kzt_wcur(m->creds, sizeof(m->creds));
	int err, len;

	put_scalars(&m->conf, nwid, who, src, now_ms);
	add_defaults(src->network, src->member, who->first);
	err = controller_addresses(&m->conf, src->network, src->member, src->taken,
				   src->arg);
	if (!err)
		err = put_rules(m, who, src->network);
	if (!err && who->rules_rev)
		err = put_caps(m, &w, src) ?: put_tags(m, &w, src);
	if (!err)
		err = put_ownership(m, &w, src);
	if (!err)
		err = put_membership(m, &w, who, src->signer);
	if (err)
		return err;
	len = kzt_config_encode(&m->conf, m->dict, sizeof(m->dict));
	if (len < 0)
		return len;
	m->dict_len = (size_t)len;
	return 0;
}

int controller_config_chunk(const struct controller_maker *m, struct kzt_wcur *w,
			    uint64_t update_id, unsigned int i,
			    const struct kzt_id *signer)
{
	size_t offset = (size_t)i * CONTROLLER_CHUNK_MAX;
	size_t left = offset < m->dict_len ? m->dict_len - offset : 0;
	struct kzt_config_chunk chunk = {
		.nwid = m->conf.nwid, .chunk = m->dict + offset, .update_id = update_id,
		.chunk_len = left < CONTROLLER_CHUNK_MAX ? left : CONTROLLER_CHUNK_MAX,
		.total = (u32)m->dict_len, .offset = (u32)offset,
	};

	if (!left)
		return 0;
	return kzt_chunk_sign(w, &chunk, signer) ?: 1;
}

int controller_revocation_add(struct kzt_creds_out *out, uint64_t nwid,
			      uint64_t target, uint64_t at_ms,
			      const struct kzt_id *signer)
{
	u8 raw[KZT_REVOCATION_LEN];
	struct kzt_wcur w = kzt_wcur(raw, sizeof(raw));
	struct kzt_revocation rev = {
		.id = randombytes_random(), .nwid = nwid, .threshold = at_ms,
		.flags = KZT_REVOCATION_FAST, .target = target, .type = KZT_CRED_COM,
	};
	int err;

	err = kzt_revocation_sign(&w, &rev, signer);
	return err ?: kzt_creds_add(out, KZT_CRED_REVOCATION, raw, kzt_wcur_len(&w));
}
