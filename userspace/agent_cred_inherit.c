// SPDX-License-Identifier: GPL-2.0
/*
 * Members that the module was told of by an agent before this one.
 *
 * What they had shown went with it, so that nobody can say any more whether their
 * credentials are still good.  They are asked to show them again, and let in
 * meanwhile: a restart loses no frame.  Who does not is forgotten, here and in the
 * module, which then refuses it as any stranger, and it may show them later.
 *
 * What was revoked cannot be asked for: the module keeps it.
 */
#include "agent_cred.h"
#include <stdlib.h>
#include <string.h>

#define ASK_AGAIN_MS 3000
#define ASKS_MAX 3
#define ASKS_AT_ONCE 128		/* a second, of a network */

/* --- what there is ---------- */

static int inherit_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[KZT_A_MEMBER_MAX + 1];
	struct agent_members *ms = data;
	struct agent_member *m;
	uint64_t address;
	uint32_t status;

	kzt_nl_attrs(nlh, tb, KZT_A_MEMBER_MAX);
	address = kzt_attr_uint(tb[KZT_A_MEMBER_ADDRESS], 0);
	status = kzt_attr_uint(tb[KZT_A_MEMBER_STATUS], KZT_MEMBER_STATUS_UNKNOWN);
	/* Of a public network, and never showed anything */
	if (status == KZT_MEMBER_STATUS_UNKNOWN)
		return MNL_CB_OK;
	m = agent_member_obtain(ms, address);
	/* The disk says the same */
	if (!m || (status == KZT_MEMBER_STATUS_REVOKED && m->com_revoked))
		return MNL_CB_OK;
	m->inherited = true;
	m->heard_ms = agent_now_ms();
	ms->inherited = true;
	return MNL_CB_OK;
}

void agent_cred_inherit(struct agent *a, struct agent_network *nw)
{
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_MEMBER_GET, NLM_F_DUMP);

	mnl_attr_put_u64(nlh, KZT_A_MEMBER_NETWORK, nw->id);
	if (kzt_nl_talk(&a->cmd, nlh, inherit_cb, nw->config->members))
		agent_log(LOG_ERR, "cannot read the members of a network: %s", a->cmd.err);
}

/* --- asking ---------- */

/* As if a frame of its had been refused (spec 4.9.4) */
static void member_ask(struct agent *a, const struct agent_network *nw,
		       struct agent_member *m, uint64_t now)
{
	uint8_t body[32];
	struct kzt_wcur w = kzt_wcur(body, sizeof(body));

	kzt_error_put(&w, KZT_VERB_FRAME, 0, KZT_ERROR_NEED_MEMBERSHIP_CERT);
	kzt_put_u64(&w, nw->id);
	agent_packet_send(a, m->address, KZT_VERB_ERROR, body, kzt_wcur_len(&w));
	m->asked++;
	m->asked_ms = now;
}

/* What was revoked stays known; the module may have to wait for it */
static void member_drop(struct agent *a, struct agent_network *nw,
			struct agent_member **p)
{
	struct agent_member *m = *p;

	m->inherited = false;
	if (!m->com_revoked && !m->n_revoked) {
		agent_member_forget(a, nw, p);
		return;
	}
	agent_member_untell(a, nw, m->address);
	agent_member_tell(a, nw, m);
}

/* The next step for one of them; false if nothing is left to be done */
static bool member_step(struct agent *a, struct agent_network *nw,
			struct agent_member **p, unsigned int *budget)
{
	struct agent_member *m = *p;
	uint64_t now = agent_now_ms();

	if (m->asked && now - m->asked_ms < ASK_AGAIN_MS)
		return true;
	if (m->asked == ASKS_MAX) {
		member_drop(a, nw, p);
		return false;
	}
	if (*budget) {
		(*budget)--;
		member_ask(a, nw, m, now);
	}
	return true;
}

void agent_cred_inherited(struct agent *a, struct agent_network *nw)
{
	struct agent_members *ms = nw->config->members;
	unsigned int budget = ASKS_AT_ONCE, i;
	struct agent_member **p, *m;

	if (!ms->inherited)
		return;
	ms->inherited = false;	/* unless some are left */
	for (i = 0; i < MEMBER_BUCKETS; i++) {
		for (p = &ms->bucket[i]; (m = *p);) {
			ms->inherited |= m->inherited && member_step(a, nw, p, &budget);
			if (*p == m)
				p = &m->next;
		}
	}
}

/* --- what was revoked ---------- */

struct missed {
	uint8_t *raw;		/* one after another */
	size_t n;
};

/* It is read to the end first: to take one needs the socket, too */
static int missed_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[KZT_A_CREDENTIAL_MAX + 1], *raw;
	struct missed *missed = data;
	uint8_t *grown;

	kzt_nl_attrs(nlh, tb, KZT_A_CREDENTIAL_MAX);
	raw = tb[KZT_A_CREDENTIAL_REVOCATION];
	if (!raw || mnl_attr_get_payload_len(raw) != KZT_REVOCATION_LEN)
		return MNL_CB_OK;
	grown = realloc(missed->raw, (missed->n + 1) * KZT_REVOCATION_LEN);
	if (!grown)
		return MNL_CB_ERROR;
	memcpy(grown + missed->n++ * KZT_REVOCATION_LEN, mnl_attr_get_payload(raw),
	       KZT_REVOCATION_LEN);
	missed->raw = grown;
	return MNL_CB_OK;
}

/* As packets of the controller, full ones */
static void missed_take(struct agent *a, const struct agent_network *nw,
			const struct missed *missed)
{
	static uint8_t pkt[KZT_MAX_PACKET];
	struct kzt_creds_out out;
	struct kzt_wcur w;
	size_t i = 0;

	while (i < missed->n) {
		w = kzt_wcur(pkt + KZT_HDR_LEN, sizeof(pkt) - KZT_HDR_LEN);
		out = kzt_creds_start(&w);
		while (i < missed->n &&
		       !kzt_creds_add(&out, KZT_CRED_REVOCATION,
				      missed->raw + i * KZT_REVOCATION_LEN,
				      KZT_REVOCATION_LEN))
			i++;
		kzt_creds_finish(&out);
		agent_cred_packet(a, nw->id >> 24, pkt, KZT_HDR_LEN + kzt_wcur_len(&w));
	}
}

void agent_cred_missed(struct agent *a, struct agent_network *nw)
{
	struct missed missed = { 0 };
	struct nlmsghdr *nlh;

	if (!nw->config->members->missed || !nw->config->conf ||
	    !agent_config_controller(a, nw))
		return;
	nw->config->members->missed = false;
	nlh = kzt_nl_begin(&a->cmd, KZT_CMD_REVOCATION_GET, NLM_F_DUMP);
	mnl_attr_put_u64(nlh, KZT_A_CREDENTIAL_NETWORK, nw->id);
	if (kzt_nl_talk(&a->cmd, nlh, missed_cb, &missed))
		agent_log(LOG_ERR, "cannot read what was revoked: %s", a->cmd.err);
	missed_take(a, nw, &missed);
	free(missed.raw);
}

void agent_cred_overrun(struct agent *a)
{
	struct agent_network *nw;

	for (nw = a->networks->first; nw; nw = nw->next)
		if (nw->config)
			nw->config->members->missed = true;
}
