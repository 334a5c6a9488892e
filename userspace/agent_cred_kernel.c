// SPDX-License-Identifier: GPL-2.0
/*
 * What members have shown: told to the module, remembered as far as it must be,
 * and forgotten (spec 4.9.3 to 4.9.5).
 */
#include "agent_cred.h"
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX (512 * 1024)
#define SWEEP_MS 60000
/* Whoever sends frames shows its credentials every 500 s at least */
#define FORGET_MS 1800000
/* The most that two certificates of one network may be apart, twice */
#define REVOKED_KEEP_MS (2 * 7200000ULL)
#define REVOKED_FILE_MAX (4 * 1024 * 1024)

/* --- what is valid ---------- */

static bool cred_valid(const struct kzt_config *conf,
		       const struct agent_member *m, const struct member_cred *c)
{
	uint64_t far = c->timestamp > conf->timestamp ?
		       c->timestamp - conf->timestamp :
		       conf->timestamp - c->timestamp;

	return far <= conf->max_delta &&
	       !agent_member_void(m, c->type, c->id, c->timestamp);
}

static uint32_t com_status(const struct kzt_config *conf,
			   const struct agent_member *m)
{
	uint8_t hash[KZT_ID_FINGERPRINT_LEN];
	struct kzt_cur c = kzt_cur(m->com, m->com_len);
	struct kzt_com theirs;

	if (m->com_revoked && m->com_time <= m->com_revoked)
		return KZT_MEMBER_STATUS_REVOKED;
	if (!m->com_len || !m->identity.address || !conf->has_com ||
	    kzt_com_get(&c, &theirs))
		return KZT_MEMBER_STATUS_UNKNOWN;
	kzt_id_fingerprint(&m->identity, hash);
	return kzt_com_agrees(&conf->com, &theirs, hash) ?
	       KZT_MEMBER_STATUS_AGREES : KZT_MEMBER_STATUS_DISAGREES;
}

/* --- attributes ---------- */

static void put_tags(struct nlmsghdr *nlh, const struct kzt_config *conf,
		     const struct agent_member *m)
{
	uint32_t pairs[2 * MEMBER_TAGS_MAX];
	const struct member_cred *c;
	struct kzt_tag tag;
	unsigned int n = 0;

	for (c = m->creds; c; c = c->next) {
		struct kzt_cur cur = kzt_cur(c->raw, c->len);

		if (c->type != KZT_CRED_TAG || !cred_valid(conf, m, c) ||
		    kzt_tag_get(&cur, &tag))
			continue;
		pairs[n++] = tag.id;
		pairs[n++] = tag.value;
	}
	mnl_attr_put(nlh, KZT_A_MEMBER_TAGS, n * sizeof(pairs[0]), pairs);
}

static void put_capability(struct nlmsghdr *nlh, const struct member_cred *c)
{
	struct kzt_cur cur = kzt_cur(c->raw, c->len);
	struct kzt_capability cap;
	struct nlattr *nest;

	if (kzt_capability_get(&cur, &cap))
		return;
	nest = mnl_attr_nest_start(nlh, KZT_A_MEMBER_CAPABILITY);
	mnl_attr_put_u32(nlh, KZT_A_CAPABILITY_ID, cap.id);
	mnl_attr_put(nlh, KZT_A_CAPABILITY_RULES, cap.rules_len, cap.rules);
	mnl_attr_nest_end(nlh, nest);
}

static void put_owned(struct nlmsghdr *nlh, const struct member_cred *c)
{
	struct kzt_cur cur = kzt_cur(c->raw, c->len);
	struct kzt_coo coo;

	if (!kzt_coo_get(&cur, &coo))
		agent_put_things(nlh, KZT_A_MEMBER_OWNED, &coo);
}

static void put_member(struct nlmsghdr *nlh, const struct agent_network *nw,
		       const struct agent_member *m)
{
	const struct kzt_config *conf = nw->config->conf;
	uint8_t id[KZT_ID_BINARY_LEN];
	const struct member_cred *c;

	mnl_attr_put_u64(nlh, KZT_A_MEMBER_NETWORK, nw->id);
	mnl_attr_put_u64(nlh, KZT_A_MEMBER_ADDRESS, m->address);
	mnl_attr_put_u32(nlh, KZT_A_MEMBER_STATUS, com_status(conf, m));
	if (m->identity.address) {
		kzt_id_binary(&m->identity, false, id);
		mnl_attr_put(nlh, KZT_A_MEMBER_IDENTITY, sizeof(id), id);
	}
	put_tags(nlh, conf, m);
	for (c = m->creds; c; c = c->next) {
		if (!cred_valid(conf, m, c))
			continue;
		if (c->type == KZT_CRED_CAPABILITY)
			put_capability(nlh, c);
		else if (c->type == KZT_CRED_COO)
			put_owned(nlh, c);
	}
}

/* --- telling ---------- */

void agent_member_tell(struct agent *a, struct agent_network *nw,
		       struct agent_member *m)
{
	static uint64_t buf[MESSAGE_MAX / sizeof(uint64_t)];
	struct nlmsghdr *nlh = (struct nlmsghdr *)buf, *head;
	uint8_t digest[MEMBER_DIGEST_LEN];

	/* Of this node there may be revocations, too, which are the controller's to heed */
	if (!nw->config->conf || !nw->present || m->address == a->address)
		return;
	head = kzt_nl_begin(&a->cmd, KZT_CMD_MEMBER_SET, 0);
	memcpy(nlh, head, head->nlmsg_len);
	put_member(nlh, nw, m);
	crypto_generichash(digest, sizeof(digest),
			   (uint8_t *)nlh + sizeof(*nlh),
			   nlh->nlmsg_len - sizeof(*nlh), NULL, 0);
	if (!memcmp(digest, m->told, sizeof(digest)))
		return;
	if (!kzt_nl_talk(&a->cmd, nlh, NULL, NULL))
		memcpy(m->told, digest, sizeof(digest));
	else if (agent_limit_pass(&nw->limit))
		agent_log(LOG_ERR, "network %016" PRIx64 ": member %010" PRIx64 ": %s",
			  nw->id, m->address, a->cmd.err);
}

void agent_member_untell(struct agent *a, const struct agent_network *nw,
			 uint64_t address)
{
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_MEMBER_DEL, 0);

	mnl_attr_put_u64(nlh, KZT_A_MEMBER_NETWORK, nw->id);
	mnl_attr_put_u64(nlh, KZT_A_MEMBER_ADDRESS, address);
	kzt_nl_talk(&a->cmd, nlh, NULL, NULL);
}

void agent_cred_recheck(struct agent *a, struct agent_network *nw)
{
	struct agent_members *ms = nw->config->members;
	struct agent_member *m;
	unsigned int i;

	for (i = 0; i < MEMBER_BUCKETS; i++)
		for (m = ms->bucket[i]; m; m = m->next)
			if (!m->inherited)	/* nothing is known that could be told */
				agent_member_tell(a, nw, m);
}

void agent_cred_spread(struct agent *a, struct agent_network *nw, uint8_t verb,
		       const uint8_t *body, size_t len, uint64_t not_a,
		       uint64_t not_b)
{
	struct agent_members *ms = nw->config->members;
	struct agent_member *m;
	unsigned int i;

	for (i = 0; i < MEMBER_BUCKETS; i++)
		for (m = ms->bucket[i]; m; m = m->next)
			if (m->address != not_a && m->address != not_b &&
			    m->address != a->address)
				agent_packet_send(a, m->address, verb, body, len);
}

/* --- forgetting ---------- */

bool agent_revoked_lapsed(const struct agent_network *nw, uint64_t threshold)
{
	const struct kzt_config *conf = nw->config->conf;

	return conf && threshold + REVOKED_KEEP_MS < conf->timestamp;
}

static bool member_lapsed(const struct agent_network *nw,
			  const struct agent_member *m, uint64_t now)
{
	uint64_t revoked = m->com_revoked;
	unsigned int i;

	if (now - m->heard_ms < FORGET_MS)
		return false;
	for (i = 0; i < m->n_revoked; i++)
		if (m->revoked[i].threshold > revoked)
			revoked = m->revoked[i].threshold;
	/* A revocation is remembered while a credential of its time may be good */
	return !revoked || !nw->config->conf || agent_revoked_lapsed(nw, revoked);
}

void agent_member_forget(struct agent *a, const struct agent_network *nw,
			 struct agent_member **p)
{
	struct agent_member *m = *p;

	*p = m->next;
	nw->config->members->n--;
	agent_member_untell(a, nw, m->address);
	agent_member_free(m);
}

void agent_cred_tick(struct agent *a, struct agent_network *nw)
{
	struct agent_members *ms = nw->config->members;
	uint64_t now = agent_now_ms();
	struct agent_member **p;
	unsigned int i;

	agent_cred_missed(a, nw);
	agent_cred_inherited(a, nw);
	if (now - ms->sweep_ms < SWEEP_MS)
		return;
	ms->sweep_ms = now;
	for (i = 0; i < MEMBER_BUCKETS; i++) {
		for (p = &ms->bucket[i]; *p;) {
			if (member_lapsed(nw, *p, now))
				agent_member_forget(a, nw, p);
			else
				p = &(*p)->next;
		}
	}
}

/* --- the disk: what was revoked must not be forgotten by a restart ---------- */

static void revoked_name(char name[64], uint64_t id)
{
	snprintf(name, 64, "networks.d/%016" PRIx64 ".revoked", id);
}

/* A line each: whose, until when; and of what type and id if not all of it */
static void member_save(FILE *f, const struct agent_member *m)
{
	unsigned int i;

	if (m->com_revoked)
		fprintf(f, "%010" PRIx64 " %" PRIu64 "\n", m->address, m->com_revoked);
	for (i = 0; i < m->n_revoked; i++)
		fprintf(f, "%010" PRIx64 " %" PRIu64 " %u %" PRIu32 "\n", m->address,
			m->revoked[i].threshold, m->revoked[i].type, m->revoked[i].id);
}

void agent_cred_save(struct agent *a, struct agent_network *nw)
{
	struct agent_members *ms = nw->config->members;
	const struct agent_member *m;
	size_t len = 0, room = 0;
	char *text = NULL, name[64];
	unsigned int i;
	int err = 0;
	FILE *f = open_memstream(&text, &room);

	if (!f)
		return;
	for (i = 0; i < MEMBER_BUCKETS; i++)
		for (m = ms->bucket[i]; m; m = m->next)
			member_save(f, m);
	len = fclose(f) ? 0 : room;
	revoked_name(name, nw->id);
	if (len)
		err = agent_state_write(&a->state, name, text, len);
	free(text);
	if (err && agent_limit_pass(&nw->limit))
		agent_log(LOG_WARNING, "cannot write %s/%s: %s", a->state.path, name,
			  strerror(-err));
	ms->revoked_dirty = err;
}

static void member_load(struct agent_members *ms, const char *line)
{
	unsigned int type = KZT_CRED_COM;
	struct agent_member *m;
	uint64_t address, when;
	uint32_t id = 0;
	int n;

	n = sscanf(line, "%" SCNx64 " %" SCNu64 " %u %" SCNu32, &address, &when, &type,
		   &id);
	if ((n != 2 && n != 4) || !kzt_addr_valid(address) || type < KZT_CRED_COM ||
	    type > KZT_CRED_COO)
		return;
	m = agent_member_obtain(ms, address);
	if (m && agent_member_revoke(m, type, id, when) > 0)
		m->heard_ms = agent_now_ms();
}

void agent_cred_load(struct agent *a, struct agent_network *nw)
{
	char name[64], *text = malloc(REVOKED_FILE_MAX), *line, *rest = NULL;
	ssize_t n;

	if (!text)
		return;
	revoked_name(name, nw->id);
	n = agent_state_read(&a->state, name, text, REVOKED_FILE_MAX - 1);
	text[n > 0 ? n : 0] = 0;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		member_load(nw->config->members, line);
	free(text);
	nw->config->members->missed = true;
	agent_cred_inherit(a, nw);
	agent_cred_recheck(a, nw);
}
