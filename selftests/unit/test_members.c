// SPDX-License-Identifier: GPL-2.0
/*
 * What members show and what the module is told of it (spec 4, 4.8, 4.9):
 * userspace/agent_cred*.c over a kernel that only keeps what it is told.
 */
#include "test_proto.h"

#include "../../userspace/agent_cred.h"

#include <errno.h>
#include <sodium.h>
#include <unistd.h>

#define NWID		(CONTROLLER << 24 | 0xa1)
#define CONTROLLER	0x1000000001ULL
#define SELF		0x1000000002ULL
#define HOLDER		0x1000000003ULL
#define OTHER		0x1000000004ULL
#define THIRD		0x1000000005ULL
#define STRANGER	0x1000000099ULL	/* whose identity nobody knows */
#define TS		1700000000000ULL
#define DELTA		1800000ULL

static char tmp_path[] = "/tmp/kzt-unit-XXXXXX";
static struct agent agent;
static struct agent_network network = { .id = NWID, .present = true };
static struct agent_networks networks = { .first = &network };
static struct agent_config config;
static struct kzt_config conf;
static uint8_t own_com[KZT_COM_MAX_LEN];

/* --- who there is ---------- */

/* Keys that follow from the address; @twist: another identity of it */
static struct kzt_id identity(uint64_t address, uint8_t twist)
{
	struct kzt_id id = { .address = address, .has_secret = true };
	uint8_t sk[crypto_sign_SECRETKEYBYTES], seed[32] = { twist };

	memcpy(seed + 1, &address, sizeof(address));
	memcpy(id.pub, seed, 32);
	memcpy(id.secret + 32, seed, 32);
	crypto_sign_seed_keypair(id.pub + 32, sk, seed);
	return id;
}

static uint8_t twist_of[256];	/* of the identity that the module knows */

int agent_peer_identity(struct agent *a, uint64_t address, struct kzt_id *id)
{
	(void)a;
	if (address == STRANGER)
		return -ENOENT;
	*id = identity(address, twist_of[address & 0xff]);
	id->has_secret = false;
	return 0;
}

struct agent_network *agent_network_find(struct agent *a, uint64_t id)
{
	(void)a;
	return id == NWID ? &network : NULL;
}

const struct kzt_id *agent_config_controller(struct agent *a, struct agent_network *nw)
{
	static struct kzt_id id;

	(void)a;
	(void)nw;
	id = identity(CONTROLLER, 0);
	return &id;
}

/* --- the module ---------- */

/* What it was told of one member last */
static struct told {
	uint64_t address;
	uint32_t status;
	unsigned int n_tags, n_caps, n_owned;
	uint32_t tag[2 * MEMBER_TAGS_MAX];
} told[8];

static struct told *told_of(uint64_t address)
{
	unsigned int i = 0;

	while (i < ARRAY_SIZE(told) - 1 && told[i].address && told[i].address != address)
		i++;
	told[i].address = address;
	return &told[i];
}

static int member_set(const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[KZT_A_MEMBER_MAX + 1], *attr;
	struct told *t;

	kzt_nl_attrs(nlh, tb, KZT_A_MEMBER_MAX);
	t = told_of(kzt_attr_uint(tb[KZT_A_MEMBER_ADDRESS], 0));
	t->status = kzt_attr_uint(tb[KZT_A_MEMBER_STATUS], 0);
	t->n_tags = mnl_attr_get_payload_len(tb[KZT_A_MEMBER_TAGS]) / 8;
	memcpy(t->tag, mnl_attr_get_payload(tb[KZT_A_MEMBER_TAGS]), 8 * t->n_tags);
	t->n_caps = t->n_owned = 0;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		t->n_caps += mnl_attr_get_type(attr) == KZT_A_MEMBER_CAPABILITY;
		t->n_owned += mnl_attr_get_type(attr) == KZT_A_MEMBER_OWNED;
	}
	return 0;
}

int __wrap_kzt_nl_talk(struct kzt_nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb, void *data);
int __wrap_kzt_nl_talk(struct kzt_nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	(void)nl;
	(void)cb;
	(void)data;
	return kzt_nl_cmd(nlh) == KZT_CMD_MEMBER_SET ? member_set(nlh) : 0;
}

/* Who got a packet since this was last emptied */
static uint64_t sent_to[8];
static unsigned int n_sent;

int agent_packet_send(struct agent *a, uint64_t to, uint8_t verb, const uint8_t *body,
		      size_t len)
{
	(void)a;
	(void)body;
	(void)len;
	if (verb == KZT_VERB_NETWORK_CREDENTIALS && n_sent < ARRAY_SIZE(sent_to))
		sent_to[n_sent++] = to;
	return to == STRANGER ? -ENOENT : 0;
}

static bool was_sent(uint64_t to)
{
	unsigned int i;

	for (i = 0; i < n_sent; i++)
		if (sent_to[i] == to)
			return true;
	return false;
}

/* --- packets ---------- */

static uint8_t pkt[KZT_MAX_PACKET];
static struct kzt_wcur packet;
static struct kzt_creds_out out;

static void begin(void)
{
	packet = kzt_wcur(pkt + KZT_HDR_LEN, sizeof(pkt) - KZT_HDR_LEN);
	out = kzt_creds_start(&packet);
	n_sent = 0;
}

static void deliver(uint64_t from)
{
	kzt_creds_finish(&out);
	agent_cred_packet(&agent, from, pkt, KZT_HDR_LEN + kzt_wcur_len(&packet));
}

static void add(enum kzt_cred_type type, const uint8_t *raw, size_t len)
{
	if (kzt_creds_add(&out, type, raw, len))
		abort();
}

static void add_com(uint64_t member, uint64_t ts, uint8_t twist)
{
	struct kzt_id id = identity(member, twist), c = identity(CONTROLLER, 0);
	uint8_t hash[KZT_ID_FINGERPRINT_LEN], buf[KZT_COM_MAX_LEN];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));
	struct kzt_com com;

	kzt_id_fingerprint(&id, hash);
	kzt_com_init(&com, ts, DELTA, NWID, member, hash);
	if (kzt_com_sign(&w, &com, &c))
		abort();
	add(KZT_CRED_COM, buf, kzt_wcur_len(&w));
}

static void show_com(uint64_t member, uint64_t ts, uint8_t twist)
{
	begin();
	add_com(member, ts, twist);
	deliver(member);
}

static void add_tag(uint64_t holder, uint32_t id, uint32_t value, uint64_t ts,
		    uint64_t signer)
{
	struct kzt_id c = identity(signer, 0);
	struct kzt_tag tag = { .nwid = NWID, .timestamp = ts, .id = id, .value = value,
			       .issued_to = holder, .signer = signer };
	uint8_t buf[256];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));

	if (kzt_tag_sign(&w, &tag, &c))
		abort();
	add(KZT_CRED_TAG, buf, kzt_wcur_len(&w));
}

static void show_tag(uint32_t id, uint32_t value, uint64_t ts)
{
	begin();
	add_tag(HOLDER, id, value, ts, CONTROLLER);
	deliver(HOLDER);
}

static void show_coo(uint32_t id, uint64_t ts)
{
	static const uint8_t things[KZT_COO_THING_LEN] = { KZT_COO_IPV4, 10, 0, 0, 1 };
	struct kzt_id c = identity(CONTROLLER, 0);
	struct kzt_coo coo = { .nwid = NWID, .timestamp = ts, .id = id, .n_things = 1,
			       .things = things, .issued_to = HOLDER };
	uint8_t buf[512];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));

	if (kzt_coo_sign(&w, &coo, &c))
		abort();
	begin();
	add(KZT_CRED_COO, buf, kzt_wcur_len(&w));
	deliver(HOLDER);
}

static void show_revocation(uint64_t from, uint64_t target, uint8_t type, uint32_t id,
			    uint64_t threshold, uint64_t flags, uint64_t signer)
{
	struct kzt_id c = identity(signer, 0);
	struct kzt_revocation rev = { .id = 1, .nwid = NWID, .cred_id = id,
				      .threshold = threshold, .flags = flags,
				      .target = target, .type = type };
	uint8_t buf[256];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));

	if (kzt_revocation_sign(&w, &rev, &c))
		abort();
	begin();
	add(KZT_CRED_REVOCATION, buf, kzt_wcur_len(&w));
	deliver(from);
}

static bool gap;	/* the first hand says that it gave it to somebody else */

/* A capability of HOLDER by way of @hand[]; @rules in binary form */
static void show_cap(uint32_t id, const uint64_t *hand, unsigned int n, uint8_t max,
		     const uint8_t *rules, size_t rules_len, uint16_t n_rules)
{
	struct kzt_capability cap = { .nwid = NWID, .timestamp = TS, .id = id,
				      .n_rules = n_rules, .rules = rules,
				      .rules_len = rules_len, .max_chain = max };
	static uint8_t buf[2][KZT_MAX_PACKET];
	struct kzt_wcur w;
	struct kzt_id by;
	unsigned int i;

	for (i = 0; i < n; i++) {
		by = identity(hand[i], 0);
		w = kzt_wcur(buf[i & 1], sizeof(buf[0]));
		cap.chain[i] = (struct kzt_custody){ .to = i + 1 < n ? hand[i + 1] : HOLDER,
						     .from = hand[i] };
		if (gap && !i)
			cap.chain[i].to = THIRD;
		cap.n_chain = (uint8_t)(i + 1);
		if (kzt_capability_sign(&w, &cap, &by))
			abort();
	}
	begin();
	add(KZT_CRED_CAPABILITY, buf[(n - 1) & 1], kzt_wcur_len(&w));
	deliver(HOLDER);
}

static const uint8_t accept_all[] = { 1, 0 };

static bool show_chain(uint32_t id, const uint64_t *hand, unsigned int n, uint8_t max)
{
	unsigned int before = told_of(HOLDER)->n_caps;

	show_cap(id, hand, n, max, accept_all, sizeof(accept_all), 1);
	return told_of(HOLDER)->n_caps == before + 1;
}

/* --- the beginning ---------- */

static void forget_all(void)
{
	agent_members_free(config.members);
	config.members = agent_members_alloc();
	memset(told, 0, sizeof(told));
	memset(twist_of, 0, sizeof(twist_of));
}

static void configure(uint64_t ts)
{
	struct kzt_id self = identity(SELF, 0), c = identity(CONTROLLER, 0);
	struct kzt_wcur w = kzt_wcur(own_com, sizeof(own_com));
	uint8_t hash[KZT_ID_FINGERPRINT_LEN];

	conf.nwid = NWID;
	conf.timestamp = ts;
	conf.max_delta = DELTA;
	conf.has_com = true;
	kzt_id_fingerprint(&self, hash);
	kzt_com_init(&conf.com, ts, DELTA, NWID, SELF, hash);
	if (kzt_com_sign(&w, &conf.com, &c))
		abort();
	config.conf = &conf;
	network.config = &config;
	agent.address = SELF;
	agent.networks = &networks;
}

/* --- certificates of membership ---------- */

static void test_com(void)
{
	struct told *t = told_of(HOLDER);

	show_com(HOLDER, TS, 0);
	ok(t->status == KZT_MEMBER_STATUS_AGREES, "a certificate agrees");
	show_com(HOLDER, TS + DELTA + 1, 0);
	ok(t->status == KZT_MEMBER_STATUS_DISAGREES, "one too far from ours does not");
	show_com(HOLDER, TS, 0);
	ok(t->status == KZT_MEMBER_STATUS_DISAGREES, "an older one does not replace it");
	show_com(OTHER, TS, 1);
	ok(told_of(OTHER)->status == KZT_MEMBER_STATUS_DISAGREES,
	   "one of another identity with this address does not");
	begin();
	add_com(THIRD, TS, 0);
	deliver(HOLDER);
	ok(told_of(THIRD)->status == KZT_MEMBER_STATUS_AGREES,
	   "whoever shows it, it is its subject's");
	forget_all();
}

/* --- custody ---------- */

static void test_custody(void)
{
	static const uint64_t hand[] = { CONTROLLER, OTHER, THIRD, CONTROLLER, OTHER,
					 THIRD, SELF };
	static const uint64_t wrong[] = { OTHER, THIRD };
	static const uint64_t unknown[] = { CONTROLLER, STRANGER };
	unsigned int n, good = 0;

	for (n = 1; n <= ARRAY_SIZE(hand); n++)
		good += show_chain(n, hand, n, 7);
	ok(good == 7, "a capability that came by one to seven hands");
	gap = true;
	ok(!show_chain(19, hand, 2, 7), "not by way of one whom nobody gave it");
	gap = false;
	ok(!show_chain(20, wrong, 2, 7), "nor if it does not begin with the controller");
	ok(!show_chain(21, unknown, 2, 7), "nor of one whose identity is not known");
	ok(was_sent(STRANGER), "who is asked for");
	twist_of[OTHER & 0xff] = 1;
	ok(!show_chain(22, hand, 2, 7), "nor of one who has other keys");
	ok(!was_sent(OTHER), "who is known");
	ok(show_chain(23, hand, 1, 1), "a chain of one, as controllers make them");
	forget_all();
}

/* --- bounds ---------- */

static void test_bounds(void)
{
	static const uint64_t hand[] = { CONTROLLER };
	static uint8_t padded[36 * 257];
	struct told *t = told_of(HOLDER);
	unsigned int i;

	for (i = 0; i < MEMBER_TAGS_MAX + 2; i++)
		show_tag(i, i, TS);
	ok(t->n_tags == 128, "128 tags of a member are kept, not %u", t->n_tags);
	for (i = 0; i < MEMBER_COOS_MAX + 2; i++)
		show_coo(i, TS);
	ok(t->n_owned == 4, "and four certificates of ownership");
	/* Accept, and 255 octets that no reader looks at and no signature covers */
	for (i = 0; i < sizeof(padded); i += 257) {
		padded[i] = 1;
		padded[i + 1] = 255;
	}
	for (i = 0; i < MEMBER_CAPS_MAX; i++)
		show_cap(i, hand, 1, 1, padded, sizeof(padded), 36);
	ok(!t->n_caps, "capabilities blown up to a packet each are not");
	for (i = 0; i < MEMBER_CAPS_MAX + 2; i++)
		show_chain(i, hand, 1, 1);
	ok(t->n_caps == 128, "128 capabilities are");
	show_tag(0, 7, TS + 1);
	ok(t->tag[1] == 7, "a newer one replaces another where there is no room for more");
	forget_all();
}

/* --- time ---------- */

static void test_time(void)
{
	struct told *t = told_of(HOLDER);

	show_tag(1, 10, TS);
	show_tag(1, 9, TS - 1);
	ok(t->n_tags == 1 && t->tag[1] == 10, "an older tag does not replace a newer one");
	show_tag(1, 11, TS + DELTA);
	ok(t->n_tags == 1 && t->tag[1] == 11, "one as far from the configuration as may be");
	show_tag(1, 12, TS + DELTA + 1);
	ok(!t->n_tags, "one that is further is not valid");
	configure(TS + 1);
	agent_cred_recheck(&agent, &network);
	ok(t->n_tags == 1 && t->tag[1] == 12, "until the configuration is");
	configure(TS);
	forget_all();
	t = told_of(HOLDER);
	begin();
	add_tag(HOLDER, 1, 1, TS, OTHER);
	deliver(HOLDER);
	ok(!t->n_tags, "a tag that a member signed is none");
	begin();
	add_tag(HOLDER, 1, 1, TS, CONTROLLER);
	pkt[KZT_HDR_LEN + 5 + 23] ^= 1;	/* its value */
	deliver(HOLDER);
	ok(!t->n_tags, "nor one with another value than was signed");
	forget_all();
}

/* --- revocations ---------- */

static void test_revocations(void)
{
	struct told *t = told_of(HOLDER);

	show_com(HOLDER, TS, 0);
	show_com(OTHER, TS, 0);
	show_com(THIRD, TS, 0);
	show_tag(1, 10, TS);
	show_tag(2, 20, TS);
	show_revocation(OTHER, HOLDER, KZT_CRED_TAG, 1, TS, KZT_REVOCATION_FAST, OTHER);
	ok(t->n_tags == 2 && !n_sent, "what a member signs revokes nothing");
	show_revocation(OTHER, HOLDER, KZT_CRED_TAG, 1, TS - 1, 0, CONTROLLER);
	ok(t->n_tags == 2, "nor what is about older ones");
	show_revocation(OTHER, HOLDER, 5, 1, TS, 0, CONTROLLER);
	ok(t->n_tags == 2, "nor what is about a type that is none");
	show_revocation(OTHER, HOLDER, KZT_CRED_TAG, 1, TS, 0, CONTROLLER);
	ok(t->n_tags == 1 && t->tag[0] == 2, "the controller revokes a tag");
	ok(!n_sent, "which is not handed on if it does not say so");
	ok(t->status == KZT_MEMBER_STATUS_AGREES, "and the member stays one");
	show_tag(1, 10, TS);
	ok(t->n_tags == 1, "the tag is not taken again");
	show_tag(1, 10, TS + 1);
	ok(t->n_tags == 2, "a newer one is");
	show_revocation(OTHER, HOLDER, KZT_CRED_COM, 0, TS, KZT_REVOCATION_FAST, CONTROLLER);
	ok(t->status == KZT_MEMBER_STATUS_REVOKED, "the membership is revoked");
	ok(n_sent == 2 && was_sent(HOLDER) && was_sent(THIRD),
	   "and handed on to all, the target, too, but not to where it came from");
	show_revocation(THIRD, HOLDER, KZT_CRED_COM, 0, TS, KZT_REVOCATION_FAST, CONTROLLER);
	ok(!n_sent, "once");
	show_com(HOLDER, TS, 0);
	ok(t->status == KZT_MEMBER_STATUS_REVOKED, "the certificate is not taken again");
	show_com(HOLDER, TS + 1, 0);
	ok(t->status == KZT_MEMBER_STATUS_AGREES, "a newer one is");
	forget_all();
}

int main(void)
{
	char cmd[64], err[AGENT_ERR];

	if (sodium_init() < 0 || !mkdtemp(tmp_path) ||
	    agent_state_open(&agent.state, tmp_path, err))
		return 1;
	config.members = agent_members_alloc();
	configure(TS);
	test_com();
	test_custody();
	test_bounds();
	test_time();
	test_revocations();
	agent_members_free(config.members);
	agent_state_close(&agent.state);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", tmp_path);
	if (system(cmd))
		diag("%s stays", tmp_path);
	return tap_done();
}
