/* SPDX-License-Identifier: GPL-2.0 */
/* What members have shown, for agent_cred.c and agent_cred_kernel.c */
#ifndef KZT_AGENT_CRED_H
#define KZT_AGENT_CRED_H

#include "agent_config.h"

#define MEMBERS_MAX 65536		/* as many as the module keeps */
#define MEMBER_BUCKETS 1024
#define MEMBER_TAGS_MAX 128		/* spec 4.9.1 */
#define MEMBER_CAPS_MAX 128
#define MEMBER_COOS_MAX 4
#define MEMBER_REVOKED_MAX 256
/*
 * A capability of 64 rules and seven hands has 2,137 octets as it is written.  The
 * signature covers none of what a reader skips, so that anybody can blow one up to
 * a whole packet: fields that are to come have some room, and no more.
 */
#define MEMBER_CRED_MAX 3072
#define MEMBER_DIGEST_LEN 16

/* One tag, capability or certificate of ownership as it came */
struct member_cred {
	struct member_cred *next;
	enum kzt_cred_type type;
	uint32_t id;
	uint64_t timestamp;
	size_t len;
	uint8_t raw[];
};

/* Credentials of a type and id up to a time are void */
struct member_revoked {
	enum kzt_cred_type type;
	uint32_t id;
	uint64_t threshold;
};

/**
 * struct agent_member - what one member has shown, verified
 * @identity: as the module knows it; address 0: not yet
 * @com_len: 0: no certificate of membership
 * @com_time: its timestamp
 * @com_revoked: those up to this time are void
 * @n: credentials by type
 * @heard_ms: when something of it came last
 * @inherited: the module was told of it by an agent before this one, and nothing
 *	of it came since
 * @asked: how often it was asked for its credentials, for that reason
 * @asked_ms: when it was asked last
 * @told: digest of what the module was told
 */
struct agent_member {
	struct agent_member *next;
	uint64_t address;
	struct kzt_id identity;
	uint8_t com[KZT_COM_MAX_LEN];
	size_t com_len;
	uint64_t com_time, com_revoked;
	struct member_cred *creds;
	unsigned int n[KZT_CRED_REVOCATION + 1];
	struct member_revoked *revoked;
	unsigned int n_revoked;
	uint64_t heard_ms;
	bool inherited;
	unsigned int asked;
	uint64_t asked_ms;
	uint8_t told[MEMBER_DIGEST_LEN];
};

/**
 * struct agent_members - the members of a network
 * @n: their number
 * @sweep_ms: when those who are silent were last forgotten
 * @revoked_dirty: what was revoked is not on the disk yet
 * @inherited: there may be some that are
 * @missed: the module may have heard of revocations that this agent has not
 */
struct agent_members {
	struct agent_member *bucket[MEMBER_BUCKETS];
	unsigned int n;
	uint64_t sweep_ms;
	bool revoked_dirty, inherited, missed;
};

static inline struct agent_member **agent_member_bucket(struct agent_members *m,
							uint64_t address)
{
	return &m->bucket[(address ^ address >> 20) % MEMBER_BUCKETS];
}

/* Find or make; NULL without room */
struct agent_member *agent_member_obtain(struct agent_members *ms,
					 uint64_t address);
void agent_member_free(struct agent_member *m);
/* Credentials up to @threshold are void; 1 if that is new, 0 if not, or -ENOMEM */
int agent_member_revoke(struct agent_member *m, enum kzt_cred_type type,
			uint32_t id, uint64_t threshold);
/* Is a credential void by what was revoked? */
bool agent_member_void(const struct agent_member *m, enum kzt_cred_type type,
		       uint32_t id, uint64_t timestamp);
/* Tell the module, if anything changed */
void agent_member_tell(struct agent *a, struct agent_network *nw,
		       struct agent_member *m);
void agent_member_untell(struct agent *a, const struct agent_network *nw,
			 uint64_t address);
void agent_member_forget(struct agent *a, const struct agent_network *nw,
			 struct agent_member **p);
void agent_cred_save(struct agent *a, struct agent_network *nw);
/* Is a revocation so old that no credential of its time can be good? */
bool agent_revoked_lapsed(const struct agent_network *nw, uint64_t threshold);

/* ---- agent_cred_inherit.c: those of an agent before this one ---------------- */

/* Look at what the module has */
void agent_cred_inherit(struct agent *a, struct agent_network *nw);
/* Ask them to show it again, and forget those who do not; every second */
void agent_cred_inherited(struct agent *a, struct agent_network *nw);
/* Take what was revoked while nobody listened, as soon as it can be verified */
void agent_cred_missed(struct agent *a, struct agent_network *nw);

/* ---- agent_config_kernel.c --------------------------------------------------- */

void agent_put_things(struct nlmsghdr *nlh, uint16_t attr,
		      const struct kzt_coo *coo);

#endif /* KZT_AGENT_CRED_H */
