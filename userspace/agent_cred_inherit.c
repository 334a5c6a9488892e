// SPDX-License-Identifier: GPL-2.0
/*
 * Members that the module was told of by an agent before this one.
 *
 * What they had shown went with it, so that nobody can say any more whether their
 * credentials are still good.  They are asked to show them again, and let in
 * meanwhile: a restart loses no frame.  Who does not is forgotten, here and in the
 * module, which then refuses it as any stranger, and it may show them later.
 */
#include "agent_cred.h"

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
