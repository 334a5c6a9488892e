// SPDX-License-Identifier: GPL-2.0
/*
 * Credentials of members (spec 4.9.1): received, verified, kept.
 *
 * Nothing is kept before its signature has been verified, so that only what a
 * controller signed takes memory; and of that there are bounds.
 */
#include "agent_cred.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum verdict { REJECTED, REDUNDANT, NEW };

/* What is being received */
struct incoming {
	struct agent *a;
	uint64_t from;
	struct agent_network *nw;	/* of the credential at hand */
	const struct kzt_id *signer;	/* its controller */
};

/* --- the table ---------- */

struct agent_members *agent_members_alloc(void)
{
	return calloc(1, sizeof(struct agent_members));
}

void agent_member_free(struct agent_member *m)
{
	struct member_cred *c;

	while ((c = m->creds)) {
		m->creds = c->next;
		free(c);
	}
	free(m->revoked);
	free(m);
}

void agent_members_free(struct agent_members *ms)
{
	struct agent_member *m;
	unsigned int i;

	for (i = 0; ms && i < MEMBER_BUCKETS; i++) {
		while ((m = ms->bucket[i])) {
			ms->bucket[i] = m->next;
			agent_member_free(m);
		}
	}
	free(ms);
}

static struct agent_member *member_find(struct agent_members *ms,
					uint64_t address)
{
	struct agent_member *m = *agent_member_bucket(ms, address);

	while (m && m->address != address)
		m = m->next;
	return m;
}

struct agent_member *agent_member_obtain(struct agent_members *ms,
					 uint64_t address)
{
	struct agent_member *m = member_find(ms, address), **bucket;

	if (m || ms->n >= MEMBERS_MAX)
		return m;
	m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	bucket = agent_member_bucket(ms, address);
	m->address = address;
	m->next = *bucket;
	*bucket = m;
	ms->n++;
	return m;
}

/* --- revocations ---------- */

static struct member_revoked *revoked_find(const struct agent_member *m,
					   enum kzt_cred_type type, uint32_t id)
{
	unsigned int i;

	for (i = 0; i < m->n_revoked; i++)
		if (m->revoked[i].type == type && m->revoked[i].id == id)
			return &m->revoked[i];
	return NULL;
}

bool agent_member_void(const struct agent_member *m, enum kzt_cred_type type,
		       uint32_t id, uint64_t timestamp)
{
	const struct member_revoked *r = revoked_find(m, type, id);

	return r && r->threshold >= timestamp;
}

/* The oldest gives way: credentials of its time are the first to lapse */
static struct member_revoked *revoked_new(struct agent_member *m)
{
	struct member_revoked *grown, *oldest;
	unsigned int i;

	if (m->n_revoked == MEMBER_REVOKED_MAX) {
		oldest = &m->revoked[0];
		for (i = 1; i < m->n_revoked; i++)
			if (m->revoked[i].threshold < oldest->threshold)
				oldest = &m->revoked[i];
		return oldest;
	}
	grown = realloc(m->revoked, (m->n_revoked + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	m->revoked = grown;
	return &grown[m->n_revoked++];
}

int agent_member_revoke(struct agent_member *m, enum kzt_cred_type type,
			uint32_t id, uint64_t threshold)
{
	struct member_revoked *r;

	if (type == KZT_CRED_COM) {
		if (threshold <= m->com_revoked)
			return 0;
		m->com_revoked = threshold;
		return 1;
	}
	r = revoked_find(m, type, id);
	if (r && threshold <= r->threshold)
		return 0;
	if (!r)
		r = revoked_new(m);
	if (!r)
		return -ENOMEM;
	*r = (struct member_revoked){ type, id, threshold };
	return 1;
}

static enum verdict take_revocation(struct incoming *in,
				    const struct kzt_revocation *rev)
{
	static const uint8_t before[] = { 0, 0, 0, 0, 0, 0, 1 }, behind[] = { 0, 0 };
	uint8_t body[sizeof(before) + 512 + sizeof(behind)];
	struct kzt_wcur w = kzt_wcur(body, sizeof(body));
	struct agent_member *m;
	int fresh;

	if (rev->type < KZT_CRED_COM || rev->type > KZT_CRED_COO ||
	    !kzt_addr_valid(rev->target) ||
	    !kzt_revocation_verify(rev, in->signer->pub))
		return REJECTED;
	if (agent_revoked_lapsed(in->nw, rev->threshold))
		return REDUNDANT;
	m = agent_member_obtain(in->nw->config->members, rev->target);
	if (!m)
		return REJECTED;
	fresh = agent_member_revoke(m, rev->type, rev->cred_id, rev->threshold);
	if (fresh <= 0)
		return fresh ? REJECTED : REDUNDANT;
	in->nw->config->members->revoked_dirty = true;
	agent_log(LOG_INFO, "network %016" PRIx64 ": a credential of %010" PRIx64
		  " was revoked", in->nw->id, rev->target);
	if (rev->flags & KZT_REVOCATION_FAST) {
		kzt_put_bytes(&w, before, sizeof(before));
		kzt_put_bytes(&w, rev->raw, rev->raw_len);
		kzt_put_bytes(&w, behind, sizeof(behind));
		if (!w.bad)
			agent_cred_spread(in->a, in->nw, KZT_VERB_NETWORK_CREDENTIALS,
					  body, kzt_wcur_len(&w), in->from,
					  rev->signer);
	}
	/* Ours: the controller says what it thinks of this node now */
	if (rev->target == in->a->address)
		in->nw->config->got_ms = 0;
	return NEW;
}

/* --- certificates of membership ---------- */

static enum verdict take_com(struct incoming *in, const struct kzt_com *com)
{
	struct agent_members *ms = in->nw->config->members;
	struct agent_member *m = member_find(ms, com->member);

	if (m && (com->timestamp <= m->com_revoked ||
		  (m->com_len && com->timestamp < m->com_time)))
		return REJECTED;
	if (m && m->com_len == com->raw_len &&
	    !memcmp(m->com, com->raw, com->raw_len))
		return REDUNDANT;
	if (!kzt_com_verify(com, in->signer->pub))
		return REJECTED;
	m = agent_member_obtain(ms, com->member);
	if (!m || com->raw_len > sizeof(m->com))
		return REJECTED;
	memcpy(m->com, com->raw, com->raw_len);
	m->com_len = com->raw_len;
	m->com_time = com->timestamp;
	return NEW;
}

/* --- tags, capabilities, certificates of ownership ---------- */

static unsigned int room_for(enum kzt_cred_type type)
{
	return type == KZT_CRED_TAG ? MEMBER_TAGS_MAX :
	       type == KZT_CRED_CAPABILITY ? MEMBER_CAPS_MAX : MEMBER_COOS_MAX;
}

static struct member_cred **cred_find(struct agent_member *m,
				      enum kzt_cred_type type, uint32_t id)
{
	struct member_cred **p = &m->creds;

	/* By ascending id in each type, as the module wants capabilities */
	while (*p && ((*p)->type != type || (*p)->id < id))
		p = &(*p)->next;
	return p;
}

/* What a tag, a capability and a certificate of ownership have in common */
struct offer {
	enum kzt_cred_type type;
	uint32_t id;
	uint64_t timestamp, holder;
	const uint8_t *raw;
	size_t len;
};

/* Before the signature: is it worth verifying? */
static enum verdict offer_look(struct agent_member *m, const struct offer *o)
{
	struct member_cred *have;

	if (o->len > MEMBER_CRED_MAX)
		return REJECTED;
	if (!m)
		return NEW;
	have = *cred_find(m, o->type, o->id);
	if (have && (have->type != o->type || have->id != o->id))
		have = NULL;
	if (have && have->timestamp > o->timestamp)
		return REJECTED;
	if (have && have->len == o->len && !memcmp(have->raw, o->raw, o->len))
		return REDUNDANT;
	if (agent_member_void(m, o->type, o->id, o->timestamp))
		return REJECTED;
	return NEW;
}

static enum verdict offer_keep(struct agent_members *ms, const struct offer *o)
{
	struct agent_member *m = agent_member_obtain(ms, o->holder);
	struct member_cred **p, *c, *old;

	if (!m)
		return REJECTED;
	p = cred_find(m, o->type, o->id);
	old = *p && (*p)->type == o->type && (*p)->id == o->id ? *p : NULL;
	if (!old && m->n[o->type] >= room_for(o->type))
		return REJECTED;
	c = malloc(sizeof(*c) + o->len);
	if (!c)
		return REJECTED;
	*c = (struct member_cred){
		.next = old ? old->next : *p,
		.type = o->type,
		.id = o->id,
		.timestamp = o->timestamp,
		.len = o->len,
	};
	memcpy(c->raw, o->raw, o->len);
	*p = c;
	if (old)
		free(old);
	else
		m->n[o->type]++;
	return NEW;
}

/*
 * One of those through whose hands a capability went.  Who is not known is asked
 * for (spec 4.8), as whoever is to get a packet; the capability is shown again.
 */
static int custody_hand(struct agent *a, uint64_t address, struct kzt_id *hand)
{
	static const uint8_t nothing[] = { 0 };
	int err = agent_peer_identity(a, address, hand);

	if (err && kzt_addr_valid(address))
		agent_packet_send(a, address, KZT_VERB_NETWORK_CREDENTIALS, nothing,
				  sizeof(nothing));
	return err;
}

/* From the controller to the holder, hand by hand (spec 4.8.3) */
static bool custody_good(struct incoming *in, const struct kzt_capability *cap)
{
	const uint8_t *pub = in->signer->pub;
	struct kzt_id hand;
	unsigned int i;

	if (!cap->n_chain || cap->chain[0].from != in->nw->id >> 24)
		return false;
	for (i = 0; i < cap->n_chain; i++) {
		if (i) {
			if (cap->chain[i].from != cap->chain[i - 1].to ||
			    custody_hand(in->a, cap->chain[i].from, &hand))
				return false;
			pub = hand.pub;
		}
		if (!kzt_capability_verify(cap, i, pub))
			return false;
	}
	return true;
}

static enum verdict take_capability(struct incoming *in,
				    const struct kzt_capability *cap)
{
	struct agent_members *ms = in->nw->config->members;
	struct offer o = { KZT_CRED_CAPABILITY, cap->id, cap->timestamp,
			   cap->issued_to, cap->raw, cap->raw_len };
	enum verdict v = offer_look(member_find(ms, o.holder), &o);

	if (v != NEW)
		return v;
	return custody_good(in, cap) ? offer_keep(ms, &o) : REJECTED;
}

static enum verdict take_tag(struct incoming *in, const struct kzt_tag *tag)
{
	struct agent_members *ms = in->nw->config->members;
	struct offer o = { KZT_CRED_TAG, tag->id, tag->timestamp, tag->issued_to,
			   tag->raw, tag->raw_len };
	enum verdict v = offer_look(member_find(ms, o.holder), &o);

	if (v != NEW)
		return v;
	return tag->signer == in->nw->id >> 24 &&
	       kzt_tag_verify(tag, in->signer->pub) ? offer_keep(ms, &o) : REJECTED;
}

static enum verdict take_coo(struct incoming *in, const struct kzt_coo *coo)
{
	struct agent_members *ms = in->nw->config->members;
	struct offer o = { KZT_CRED_COO, coo->id, coo->timestamp, coo->issued_to,
			   coo->raw, coo->raw_len };
	enum verdict v = offer_look(member_find(ms, o.holder), &o);

	if (v != NEW)
		return v;
	return coo->signer == in->nw->id >> 24 &&
	       kzt_coo_verify(coo, in->signer->pub) ? offer_keep(ms, &o) : REJECTED;
}

/* --- NETWORK_CREDENTIALS ---------- */

union any {
	struct kzt_com com;
	struct kzt_tag tag;
	struct kzt_capability cap;
	struct kzt_coo coo;
	struct kzt_revocation rev;
};

/* Network and subject of a credential */
static int any_read(union any *any, enum kzt_cred_type type, const uint8_t *raw,
		    size_t len, uint64_t *nwid, uint64_t *subject)
{
	struct kzt_cur c = kzt_cur(raw, len);
	int err = -EINVAL;

	switch (type) {
	case KZT_CRED_COM:
		err = kzt_com_get(&c, &any->com);
		*nwid = any->com.nwid;
		*subject = any->com.member;
		if (any->com.signer != any->com.nwid >> 24)
			err = -EINVAL;
		break;
	case KZT_CRED_CAPABILITY:
		err = kzt_capability_get(&c, &any->cap);
		*nwid = any->cap.nwid;
		*subject = any->cap.issued_to;
		break;
	case KZT_CRED_TAG:
		err = kzt_tag_get(&c, &any->tag);
		*nwid = any->tag.nwid;
		*subject = any->tag.issued_to;
		break;
	case KZT_CRED_COO:
		err = kzt_coo_get(&c, &any->coo);
		*nwid = any->coo.nwid;
		*subject = any->coo.issued_to;
		break;
	case KZT_CRED_REVOCATION:
		err = kzt_revocation_get(&c, &any->rev);
		*nwid = any->rev.nwid;
		*subject = any->rev.target;
		if (any->rev.signer != any->rev.nwid >> 24)
			err = -EINVAL;
		break;
	}
	return err;
}

static enum verdict take(struct incoming *in, enum kzt_cred_type type,
			 const union any *any)
{
	switch (type) {
	case KZT_CRED_COM:
		return take_com(in, &any->com);
	case KZT_CRED_CAPABILITY:
		return take_capability(in, &any->cap);
	case KZT_CRED_TAG:
		return take_tag(in, &any->tag);
	case KZT_CRED_COO:
		return take_coo(in, &any->coo);
	case KZT_CRED_REVOCATION:
		return take_revocation(in, &any->rev);
	}
	return REJECTED;
}

/* Those whom a packet was about, to be told to the module once it is read */
struct touched {
	struct agent_network *nw;
	uint64_t address;
};

/* Of the shortest credential there are so many in a packet */
#define TOUCHED_MAX (KZT_MAX_PACKET / KZT_TAG_LEN)

static void touch(struct touched *t, unsigned int *n, struct agent_network *nw,
		  uint64_t address)
{
	unsigned int i;

	for (i = 0; i < *n; i++)
		if (t[i].nw == nw && t[i].address == address)
			return;
	if (*n < TOUCHED_MAX)
		t[(*n)++] = (struct touched){ nw, address };
}

static void tell_touched(struct incoming *in, const struct touched *t,
			 unsigned int n)
{
	struct agent_member *m;
	struct kzt_id id;
	unsigned int i;

	for (i = 0; i < n; i++) {
		m = member_find(t[i].nw->config->members, t[i].address);
		if (!m)
			continue;
		m->heard_ms = agent_now_ms();
		m->inherited = false;
		/* By its own packet: with the identity that sealed it */
		if ((m->address == in->from || !m->identity.address) &&
		    !agent_peer_identity(in->a, m->address, &id))
			m->identity = id;
		agent_member_tell(in->a, t[i].nw, m);
	}
}

void agent_cred_packet(struct agent *a, uint64_t from, const uint8_t *pkt,
		       size_t len)
{
	struct kzt_creds it = kzt_creds_open(pkt, len);
	struct incoming in = { .a = a, .from = from };
	struct touched touched[TOUCHED_MAX];
	uint64_t nwid, subject;
	enum kzt_cred_type type;
	enum verdict v;
	unsigned int n = 0;
	const uint8_t *raw;
	size_t raw_len;
	union any any;

	while (kzt_creds_next(&it, &type, &raw, &raw_len) > 0) {
		if (any_read(&any, type, raw, raw_len, &nwid, &subject))
			continue;
		in.nw = agent_network_find(a, nwid);
		if (!in.nw || !in.nw->config || !kzt_addr_valid(subject) ||
		    (subject == a->address && type != KZT_CRED_REVOCATION))
			continue;
		in.signer = agent_config_controller(a, in.nw);
		if (!in.signer) {
			/* The rest is shown again, by whom it is of */
			in.nw->config->members->missed |= type == KZT_CRED_REVOCATION;
			continue;
		}
		v = take(&in, type, &any);
		/* Of an inherited member it is not known what a revocation left valid */
		if (v == REJECTED || subject == a->address ||
		    (v == REDUNDANT && type == KZT_CRED_REVOCATION))
			continue;
		touch(touched, &n, in.nw, subject);
	}
	/* First the disk: what the module refuses is refused after a crash, too */
	for (in.nw = a->networks->first; in.nw; in.nw = in.nw->next)
		if (in.nw->config && in.nw->config->members->revoked_dirty)
			agent_cred_save(a, in.nw);
	tell_touched(&in, touched, n);
}
