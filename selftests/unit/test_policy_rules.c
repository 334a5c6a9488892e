// SPDX-License-Identifier: GPL-2.0
/*
 * The rules around the policies: which legs may be used, why a policy is inert,
 * what is told of a change, and what is no policy at all.
 *
 * usage: test_policy_rules
 */
#include "test_policy.h"

#define START	1000000ULL

static struct kzt_policy_conf conf;
static struct kzt_policy_state st;
static struct kzt_policy_plan plan;
static struct kzt_policy_sample s[KZT_POLICY_LEGS];
static unsigned int n;
static u64 now;
static bool loaded;	/* what is measured now says nothing of calm legs */

/* A fresh peer with @legs legs, each on a link of its own */
static void begin(u8 mode, unsigned int legs)
{
	memset(&st, 0, sizeof(st));
	kzt_policy_conf_init(&conf, mode);
	for (n = 0; n < legs; n++)
		s[n] = leg_sample(n + 1);
	now = START;
}

static void link_add(u32 ifindex, bool primary, u8 ipver)
{
	conf.link[conf.n_links++] = (struct kzt_policy_link) {
		.ifindex = ifindex,
		.primary = primary,
		.ipver = ipver,
		.weight = 1,
	};
}

static void after(u32 ms)
{
	unsigned int i;

	now += ms;
	for (i = 0; i < n && !loaded; i++)
		leg_calm(&s[i]);
	kzt_policy_plan(&conf, s, n, &st, now, &plan);
}

static void test_links(void)
{
	begin(KZT_POLICY_BALANCE_XOR, 3);
	link_add(1, true, KZT_IPVER_ANY);
	link_add(2, false, KZT_IPVER_ANY);
	after(0);
	ok(plan.used == 1 && plan.why[1] == KZT_WHY_SPARE &&
	   plan.why[2] == KZT_WHY_LINK, "links: primaries only, and no others");
	s[0].down = true;
	after(10);
	ok(plan.used == 2 && plan.why[0] == KZT_WHY_DOWN,
	   "links: a spare when no primary is left");

	begin(KZT_POLICY_BALANCE_XOR, 3);
	link_add(1, true, KZT_IPVER_46);
	link_add(2, true, KZT_IPVER_6);
	s[1].ifindex = 1;
	s[1].v6 = true;
	s[2].ifindex = 2;
	after(0);
	ok(plan.used == 1 && plan.why[1] == KZT_WHY_FAMILY &&
	   plan.why[2] == KZT_WHY_FAMILY, "links: IPv4 rather than IPv6; IPv6 only");
	s[0].age_ms = conf.failover_ms;
	after(10);
	ok(plan.used == 2, "links: IPv6 when IPv4 fails");

	begin(KZT_POLICY_MANUAL, 3);
	s[1].ifindex = 1;
	after(0);
	ok(plan.share_ppm[0] == 250000 && plan.share_ppm[1] == 250000 &&
	   plan.share_ppm[2] == 500000, "links: two legs on one share its weight");
	begin(KZT_POLICY_MANUAL, 2);
	link_add(1, true, KZT_IPVER_ANY);
	link_add(2, true, KZT_IPVER_ANY);
	conf.link[0].weight = 0;
	after(0);
	ok(plan.used == 2 && plan.why[0] == KZT_WHY_WEIGHT,
	   "links: weight 0 carries nothing");
	conf.link[1].weight = 0;
	after(10);
	ok(plan.used == 3, "links: unless all have it");
}

static void test_caps(void)
{
	begin(KZT_POLICY_BALANCE_XOR, 4);
	s[0].v6 = s[1].v6 = true;
	s[3].rtt_us = 90000;
	conf.family_max[0] = 1;
	conf.family_max[1] = 1;
	after(0);
	ok(plan.used == 5 && plan.why[1] == KZT_WHY_CAPPED &&
	   plan.why[3] == KZT_WHY_CAPPED, "caps: one of each family, the better one");
	s[2].rtt_us = 100000;
	after(10);
	ok(plan.used == 5, "caps: what is in use stays");

	begin(KZT_POLICY_BALANCE_XOR, 3);
	s[2].scope = KZT_SCOPE_PRIVATE;
	conf.scope_max[KZT_SCOPE_GLOBAL] = 1;
	after(0);
	ok(plan.used == 5, "caps: one of a scope");
	conf.scope_max[KZT_SCOPE_GLOBAL] = 0;
	conf.max_legs = 2;
	after(10);
	ok(plan.used == 5, "caps: two in all");
	conf.max_legs = 0;
	after(10);
	ok(plan.used == 7, "caps: none");
}

static void test_pin(void)
{
	begin(KZT_POLICY_BALANCE_XOR, 3);
	after(0);
	s[1].pinned = true;
	after(10);
	ok(plan.used == 2 && plan.active == 1 && plan.why[1] == KZT_WHY_PINNED &&
	   plan.why[0] == KZT_WHY_OTHER_PINNED, "pin: it carries everything");
	s[1].age_ms = conf.failover_ms;
	after(10);
	ok(plan.used == 5, "pin: but not when it is dead");
	s[1].age_ms = 0;
	s[1].pinned = false;
	s[0].denied = true;
	after(10);
	ok(plan.used == 6 && plan.why[0] == KZT_WHY_DENIED, "deny: never used");
	s[1].age_ms = s[2].age_ms = 200000;
	after(10);
	ok(plan.used == 4 && plan.why[2] == KZT_WHY_LAST && !plan.eligible,
	   "deny: not even when all others are silent");
	s[1].expired = s[2].expired = true;
	after(10);
	ok(plan.active == KZT_LEG_NONE && plan.last == 2 &&
	   plan.why_inert == KZT_INERT_NO_LEG, "expired ones are the very last");
}

static void test_inert(void)
{
	begin(KZT_POLICY_BALANCE_XOR, 1);
	after(0);
	ok(plan.why_inert == KZT_INERT_ONE_LEG && plan.events & KZT_EV_INERT &&
	   plan.used == 1, "inert: one path only, and it is used");
	s[1] = leg_sample(2);
	n = 2;
	after(10);
	ok(!plan.why_inert && plan.events & KZT_EV_IN_FORCE && plan.used == 3,
	   "inert: no more when there is another");
	after(10);
	ok(!plan.events, "inert: told once");
	s[1].age_ms = conf.failover_ms;
	after(10);
	ok(!plan.why_inert && plan.used == 1, "a silent leg is no reason yet");

	begin(KZT_POLICY_ACTIVE_BACKUP, 1);
	link_add(1, true, KZT_IPVER_ANY);
	link_add(7, false, KZT_IPVER_ANY);
	after(0);
	ok(plan.why_inert == KZT_INERT_LINK && plan.missing == 2,
	   "inert: the link that has no path is named");
	begin(KZT_POLICY_BALANCE_RR, 2);
	conf.upstream = true;
	s[0].age_ms = 18999;
	after(0);
	ok(plan.why_inert == KZT_INERT_UPSTREAM && plan.active == 1 &&
	   plan.draw == KZT_DRAW_FLOW && plan.eligible == 3,
	   "inert: paths of a root are not shared out");
	begin(KZT_POLICY_NONE, 1);
	after(0);
	ok(!plan.why_inert, "one path is all that \"none\" needs");
	begin(KZT_POLICY_BALANCE_XOR, 0);
	after(0);
	ok(plan.why_inert == KZT_INERT_NO_LEG && plan.active == KZT_LEG_NONE,
	   "inert: no path at all");
}

static void test_events(void)
{
	begin(KZT_POLICY_ACTIVE_BACKUP, 2);
	after(0);
	ok(plan.events & KZT_EV_ACTIVE && plan.from == KZT_PATH_ID_NONE &&
	   plan.events & KZT_EV_LEG_UP && plan.up == 3 &&
	   plan.events & KZT_EV_REDUNDANT && plan.redundant, "events of the first plan");
	s[0].down = true;
	after(10);
	ok(plan.events == (KZT_EV_ACTIVE | KZT_EV_LEG_DOWN | KZT_EV_NOT_REDUNDANT) &&
	   plan.from == 1 && plan.down == 1 && plan.active == 1,
	   "events of a fail-over");
	/* The path itself goes, and the other takes its place */
	s[0] = s[1];
	n = 1;
	after(10);
	ok(!(plan.events & (KZT_EV_ACTIVE | KZT_EV_LEG_UP)) && plan.active == 0,
	   "a path that changes its place is no event");

	begin(KZT_POLICY_BALANCE_XOR, 2);
	after(0);
	ok(plan.events & KZT_EV_SHARES, "events: new shares");
	s[0].tx_packets = 1000;
	s[1].tx_packets = 900;
	after(1000);
	ok(plan.events == KZT_EV_BALANCED && plan.balanced, "events: balanced");
	s[0].tx_packets += 150;
	after(1000);
	ok(!plan.events && plan.balanced, "balance: the past counts, too");
	s[0].tx_packets += 180;
	after(1000);
	ok(plan.events == KZT_EV_IMBALANCED && !plan.balanced,
	   "events: imbalanced, when the past has lost its weight");
}

static void test_avoidance(void)
{
	begin(KZT_POLICY_BALANCE_AWARE, 2);
	after(0);
	s[1].loss_ppm = KZT_LOSS_MAX_PPM + 1;
	after(100);
	ok(plan.used == 1 && plan.why[1] == KZT_WHY_AVOIDED &&
	   plan.events & KZT_EV_AVOID, "avoidance: at once, above a limit");
	s[1].loss_ppm = KZT_LOSS_MAX_PPM - 1;
	after(100 * KZT_DWELL_MS);
	ok(plan.used == 1, "avoidance: until it is well below the limit");
	s[1].loss_ppm = KZT_LOSS_MAX_PPM / 2;
	after(100);
	ok(plan.used == 3, "avoidance: which ends it");
	s[1].loss_ppm = KZT_LOSS_MAX_PPM + 1;
	after(100);
	s[1].loss_ppm = 0;
	after(KZT_DWELL_MS - 1);
	ok(plan.used == 1 && plan.due_ms <= now + 1, "avoidance: for the dwell time");
	after(1);
	ok(plan.used == 3, "avoidance: and no longer");
}

/* What is measured under load moves no leg at once, but makes it be measured */
static void test_trial(void)
{
	u64 began;

	begin(KZT_POLICY_BALANCE_AWARE, 3);
	after(0);
	loaded = true;
	s[0].loss_ppm = s[1].loss_ppm = KZT_PPM / 5;
	s[2].jitter_us = 2 * KZT_JITTER_MAX_US;
	after(1000);
	ok(plan.used == 7 && !plan.trial, "trial: a load is no reason to avoid a leg");
	s[0].calm.age_ms = s[1].calm.age_ms = s[2].calm.age_ms = KZT_DWELL_MS;
	after(KZT_DWELL_MS);
	began = now;
	ok(plan.trial == 1 && plan.used == 6 && plan.why[0] == KZT_WHY_TRIAL &&
	   plan.events & KZT_EV_AVOID && plan.share_ppm[1] == KZT_PPM / 2,
	   "trial: of one leg, when it was not calm for the dwell time");
	s[0].calm.age_ms = 0;
	s[0].calm.count += 23;
	after(1000);
	ok(plan.trial == 1, "trial: for two dozen probes");
	s[0].calm.count++;
	after(1000);
	ok(plan.used == 5 && plan.trial == 2,
	   "trial: that were answered; the next leg's turn");
	s[1].calm.age_ms = 0;
	s[1].calm.loss_ppm = KZT_PPM / 5;
	s[1].calm.count += 24;
	after(1000);
	ok(plan.used == 1 && plan.why[1] == KZT_WHY_AVOIDED && plan.trial == 4,
	   "trial: that were lost");
	after(14999);
	ok(plan.trial == 4, "trial: without probes, for 15 s");
	after(1);
	ok(!plan.trial && plan.used == 5, "trial: and no longer");
	s[0].calm.age_ms = s[2].calm.age_ms = 16 * KZT_DWELL_MS;
	after(0);
	ok(!plan.trial, "trial: not again soon");
	after(began + 16 * KZT_DWELL_MS - now);
	ok(plan.trial == 1, "trial: but later");
	s[2].denied = true;
	after(0);
	ok(!plan.trial && plan.used == 1, "trial: not of the last that is good");
	s[2].denied = false;
	s[0].calm.loss_ppm = s[2].calm.loss_ppm = KZT_PPM / 4;
	s[0].calm.age_ms = s[2].calm.age_ms = 0;
	after(1);
	ok(plan.used == 7, "trial: all avoided, all used");
	s[0].loss_ppm = 0;
	after(KZT_DWELL_MS);
	ok(plan.used == 7, "trial: a leg that was bad without load stays so");
	s[0].calm.age_ms = KZT_DWELL_MS;
	after(1);
	ok(plan.used == 1, "trial: until it does well under load");
	loaded = false;
}

static void test_due(void)
{
	begin(KZT_POLICY_BALANCE_XOR, 2);
	conf.failover_ms = 300;
	conf.up_delay_ms = 1000;
	s[0].age_ms = 250;
	s[1].age_ms = 20;
	after(0);
	ok(plan.due_ms == now + 50, "due when the first leg would be silent too long");
	s[0].age_ms = 300;
	s[1].age_ms = 0;
	after(50);
	ok(plan.used == 2 && plan.due_ms == now + 300, "a dead leg makes nothing due");
	s[0].age_ms = 0;
	after(900);
	ok(plan.why[0] == KZT_WHY_UP_DELAY && plan.used == 2, "due: the up delay");
	after(999);
	ok(plan.due_ms == now + 1, "due at its end");
	after(1);
	ok(plan.used == 3, "and then the leg is used");

	begin(KZT_POLICY_BALANCE_XOR, 2);
	conf.failover_ms = 300;
	conf.up_delay_ms = 1000;
	s[0].age_ms = 400;
	after(0);
	s[0].age_ms = 0;
	after(10);
	ok(plan.why[0] == KZT_WHY_UP_DELAY && plan.used == 2,
	   "one that was silent when the policy was set waits, too");
}

/* How many buckets of a leg are elsewhere now; KZT_LEG_NONE: of all legs */
static unsigned int moved(const u8 *was, u8 leg)
{
	unsigned int i, count = 0;

	for (i = 0; i < KZT_PLAN_BUCKETS; i++)
		count += (leg == KZT_LEG_NONE || was[i] == leg) &&
			 plan.bucket[i] != was[i];
	return count;
}

static void test_return(void)
{
	struct kzt_policy_sample first;
	u8 was[KZT_PLAN_BUCKETS];
	unsigned int i;

	begin(KZT_POLICY_BALANCE_XOR, 3);
	after(0);
	memcpy(was, plan.bucket, sizeof(was));
	s[1].age_ms = 60000;
	after(1000);
	ok(plan.used == 5 && !moved(was, 0) && !moved(was, 2),
	   "a leg dies: flows of the others stay");
	s[1].age_ms = 0;
	after(60000);
	ok(plan.used == 7 && !moved(was, KZT_LEG_NONE),
	   "it returns: its flows come back, and no other moves");
	s[0].age_ms = s[1].age_ms = s[2].age_ms = 60000;
	after(1000);
	s[0].age_ms = s[1].age_ms = s[2].age_ms = 0;
	after(60000);
	ok(plan.used == 7 && !moved(was, KZT_LEG_NONE),
	   "all die and return: every flow is where it was");
	/* In another order; which leg has the odd bucket goes by that: two moves */
	s[1].age_ms = 60000;
	after(1000);
	first = s[0];
	s[0] = s[2];
	s[2] = first;
	after(1000);
	s[1].age_ms = 0;
	after(60000);
	for (i = 0; i < KZT_PLAN_BUCKETS; i++)
		was[i] = 2 - was[i];
	ok(plan.used == 7 && moved(was, KZT_LEG_NONE) <= 2, "so in another order");
}

static bool check_is(const char *part)
{
	const char *wrong = kzt_policy_conf_check(&conf);

	return part ? wrong && strstr(wrong, part) : !wrong;
}

static void test_conf(void)
{
	unsigned int mode;
	bool good = true;

	for (mode = 0; mode < KZT_POLICY_MODES; mode++) {
		begin(mode, 0);
		good &= check_is(NULL);
		good &= kzt_policy_mode_by_name(kzt_policy_name(mode)) == (int)mode;
	}
	ok(good, "the defaults are a policy, names are found");
	ok(kzt_policy_mode_by_name("balance") == -EINVAL &&
	   kzt_policy_reselect_by_name("") == -EINVAL &&
	   kzt_policy_ipver_by_name("5") == -EINVAL &&
	   !strcmp(kzt_policy_name(99), "unknown") &&
	   !strcmp(kzt_leg_why_text(99), "unknown"), "unknown names and numbers");
	conf.failover_ms = 99;
	ok(check_is("fail-over interval"), "no interval below 100 ms");
	conf.failover_ms = 100;
	conf.limits.weight_ppm[0] = 0;
	ok(check_is("weights"), "weights add up");
	conf.limits.weight_ppm[0] = 255000;
	ok(check_is(NULL), "to about the whole");
	conf.limits.jitter_us = 0;
	ok(check_is("zero"), "no limit of zero");
	conf.limits.jitter_us = 1;
	link_add(1, false, 0);
	link_add(1, false, 0);
	ok(check_is("twice"), "no link twice");
	conf.link[1].ifindex = 2;
	conf.link[1].failover_to = 1;
	ok(check_is("primary"), "a spare names no successor");
	conf.link[1].primary = true;
	ok(check_is(NULL), "a primary does");
	conf.link[1].failover_to = 2;
	ok(check_is("itself"), "but not itself");
}

/* The indices picked, as bits */
static u64 picked(const struct kzt_policy_rival *r, unsigned int count)
{
	u8 pick[KZT_POLICY_LEGS];
	unsigned int i, got = kzt_policy_pick(r, count, pick);
	u64 bits = 0;

	for (i = 0; i < got; i++)
		bits |= 1ULL << pick[i];
	return got == __builtin_popcountll(bits) ? bits : 0;
}

static void test_pick(void)
{
	struct kzt_policy_rival r[KZT_POLICY_RIVALS] = {};
	unsigned int i;

	for (i = 0; i < KZT_POLICY_RIVALS; i++) {
		r[i].number = 1000 + i;
		r[i].ifindex = 1;
	}
	ok(!picked(r, 0) && picked(r, 3) == 7 && picked(r, 16) == 0xffff,
	   "pick: all, if there is room for all");
	ok(picked(r, 64) == 0xffff, "pick: the best ones");
	r[60].ifindex = r[61].ifindex = 2;
	r[62].ifindex = 3;
	ok(picked(r, 64) == (0x1fffULL | 7ULL << 60),
	   "pick: many paths of one interface leave room for those of others");
	r[63].pinned = true;
	ok(picked(r, 64) & 1ULL << 63, "pick: the pinned one");
	r[63].state = KZT_RIVAL_BARRED;
	ok(!(picked(r, 64) & 1ULL << 63), "pick: but not if it cannot be used");
	for (i = 0; i < 40; i++)
		r[i].state = KZT_RIVAL_DEAD;
	ok(picked(r, 64) == (0x1fffULL << 40 | 7ULL << 60),
	   "pick: the living before the dead");
	for (i = 0; i < 60; i++)
		r[i].state = KZT_RIVAL_BARRED;
	ok((picked(r, 64) & 7ULL << 60) == 7ULL << 60,
	   "pick: what can be used before what cannot");
}

/* For 15 s frames go out by the active leg, and come in by another */
static bool asks_after(unsigned int in, s16 *utility)
{
	u32 id;

	s[plan.active].tx_packets += 50;
	s[in].rx_packets += 50;
	after(KZT_AGREE_MS);
	return kzt_policy_ask(&st, &id, utility) && id == s[plan.active].id;
}

/* Both sides take the best leg; leg 0 is the better one here */
static void begin_agreement(void)
{
	begin(KZT_POLICY_ACTIVE_BACKUP, 3);
	conf.reselect = KZT_RESELECT_OPTIMIZE;
	s[1].rtt_us = s[2].rtt_us = 400000;
	after(0);
}

static void test_asking(void)
{
	unsigned int i, n_asked = 0;
	s16 utility = 0;

	begin_agreement();
	ok(plan.active == 0 && !asks_after(0, &utility),
	   "agree: nothing to ask for while both use the same leg");
	ok(asks_after(1, &utility) && utility == st.leg[0].score - st.leg[1].score &&
	   utility > 0, "agree: a request says what this side gains");
	for (i = 0; i < 3; i++)
		n_asked += asks_after(1, &utility);
	ok(n_asked == 2, "agree: three requests");
	for (i = 0; i < 3; i++)
		n_asked += asks_after(1, &utility);
	ok(n_asked == 2, "agree: then a pause of 60 s");
	for (i = 0; i < 3; i++)
		n_asked += asks_after(1, &utility);
	ok(n_asked == 5, "agree: and three more");
	begin_agreement();
	conf.reselect = KZT_RESELECT_ALWAYS;
	ok(!asks_after(1, &utility), "agree: only where both sides choose by measures");
}

static bool asked(u32 id, s16 utility, bool greater)
{
	return kzt_policy_asked(&conf, &st, id, utility, greater, now);
}

static void test_asked(void)
{
	s16 own;

	begin_agreement();
	after(conf.dwell_ms);
	own = st.leg[0].score - st.leg[1].score;
	ok(!asked(s[1].id, own - 1, true), "agree: not for less than this side gains");
	ok(!asked(s[1].id, own, false), "agree: who has the lesser address gives in");
	ok(!asked(99, 1000, true), "agree: not to a path that is none");
	ok(!asked(s[0].id, 1000, true), "agree: nothing to do for the active one");
	s[2].denied = true;
	after(10);
	ok(!asked(s[2].id, 1000, true), "agree: not to one that may not be used");
	own = st.leg[0].score - st.leg[1].score;
	ok(asked(s[1].id, own, true), "agree: the lesser address follows the greater");
	after(10);
	ok(plan.active == 1 && plan.why[1] == KZT_WHY_AGREED && plan.used == 2 &&
	   plan.events & KZT_EV_ACTIVE, "agree: it has it, and says why");
	ok(!asked(s[0].id, 1000, true), "agree: no second time within the dwell time");
	after(2 * conf.dwell_ms);
	ok(plan.active == 1, "agree: measures do not undo it");
	s[0].tx_packets += 50;
	s[0].rx_packets += 50;
	after(KZT_AGREE_MS);
	ok(!st.agree.agreed, "agree: it ends when the other side leaves the leg");
	after(2 * conf.dwell_ms);
	after(2 * conf.dwell_ms);
	ok(plan.active == 0 && plan.why[0] == KZT_WHY_ACTIVE, "agree: then the best one is taken");
	after(conf.dwell_ms);
	ok(asked(s[1].id, 1000, true), "agree: a great gain is followed, too");
	after(10);
	s[1].down = true;
	after(10);
	s[1].down = false;
	after(10);
	ok(plan.active == 0 && !st.agree.agreed, "agree: it ends with the leg");
}

int main(void)
{
	test_pick();
	test_asking();
	test_asked();
	test_links();
	test_caps();
	test_pin();
	test_inert();
	test_events();
	test_avoidance();
	test_trial();
	test_due();
	test_return();
	test_conf();
	return tap_done();
}
