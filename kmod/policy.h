/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Multipath policies: pure functions from samples of a peer's paths, the
 * configuration and the policy's memory to a plan that the datapath reads.
 *
 * The slow path fills an array of struct kzt_policy_sample, calls
 * kzt_policy_plan(), and publishes the plan.  The datapath only looks into the
 * plan's table (kzt_plan_leg()) and, in broadcast, at its mask of copies.
 * Nothing here allocates, prints, sleeps or reads a clock, and the same input
 * gives the same plan.
 */
#ifndef KZT_POLICY_H
#define KZT_POLICY_H

#include "agree.h"
#include "calm.h"
#include "quality.h"

#define KZT_POLICY_LEGS		16	/* that a policy looks at */
#define KZT_POLICY_RIVALS	64	/* that these are chosen from; KZT_PATHS_MAX */
#define KZT_POLICY_LINKS	8	/* links with settings of their own */
#define KZT_PLAN_BUCKETS	256
#define KZT_LEG_NONE		0xff
#define KZT_PATH_ID_NONE	U32_MAX

#define KZT_FAILOVER_MS		5000	/* spec 3.20.2 */
#define KZT_FAILOVER_MIN_MS	100
#define KZT_FAILOVER_MAX_MS	600000
#define KZT_POLICY_DELAY_MAX_MS	600000
#define KZT_DWELL_MS		15000	/* spec: bond optimise interval */
#define KZT_HYSTERESIS_PPM	100000	/* spec 3.20.11: 0.10 */
#define KZT_PACKETS_PER_LINK	64
#define KZT_BALANCE_WINDOW	128	/* choices compared with the shares */
#define KZT_BALANCED_PPM	800000	/* spec 3.9.3 */

/**
 * enum kzt_policy_mode - how a peer's paths are used
 * @KZT_POLICY_NONE: the best path carries everything (spec 3.9.1)
 * @KZT_POLICY_RANDOM: a path drawn for each packet, all alike (3.9.2)
 * @KZT_POLICY_PROPORTIONAL: drawn in proportion to computed quality (3.9.3)
 * @KZT_POLICY_MANUAL: flows in proportion to the weights given (3.9.4)
 * @KZT_POLICY_ACTIVE_BACKUP: one path, others stand by (3.20.11)
 * @KZT_POLICY_BROADCAST: every packet on every path (3.20.7)
 * @KZT_POLICY_BALANCE_RR: runs of packets in turn (3.20.7)
 * @KZT_POLICY_BALANCE_XOR: flows evenly by hash (3.20.7)
 * @KZT_POLICY_BALANCE_AWARE: flows by capacity and quality, bad paths avoided
 *	(3.20.8)
 * @KZT_POLICY_MODES: how many
 */
enum kzt_policy_mode {
	KZT_POLICY_NONE,
	KZT_POLICY_RANDOM,
	KZT_POLICY_PROPORTIONAL,
	KZT_POLICY_MANUAL,
	KZT_POLICY_ACTIVE_BACKUP,
	KZT_POLICY_BROADCAST,
	KZT_POLICY_BALANCE_RR,
	KZT_POLICY_BALANCE_XOR,
	KZT_POLICY_BALANCE_AWARE,
	KZT_POLICY_MODES,
};

/**
 * enum kzt_policy_reselect - when active-backup leaves a path that works
 * @KZT_RESELECT_ALWAYS: to a primary link whenever one is usable (fail-back)
 * @KZT_RESELECT_BETTER: to a primary link that is no worse than the active one
 * @KZT_RESELECT_FAILURE: never (no fail-back)
 * @KZT_RESELECT_OPTIMIZE: to whatever is better by the hysteresis, primary or
 *	not, once the dwell time is over
 * @KZT_RESELECTS: how many
 */
enum kzt_policy_reselect {
	KZT_RESELECT_ALWAYS,
	KZT_RESELECT_BETTER,
	KZT_RESELECT_FAILURE,
	KZT_RESELECT_OPTIMIZE,
	KZT_RESELECTS,
};

/**
 * enum kzt_link_ipver - which IP version a link's paths should have (3.20.2)
 * @KZT_IPVER_ANY: either, both at once
 * @KZT_IPVER_4: IPv4 only
 * @KZT_IPVER_6: IPv6 only
 * @KZT_IPVER_46: IPv4, IPv6 only while there is no IPv4
 * @KZT_IPVER_64: the reverse
 * @KZT_IPVERS: how many
 */
enum kzt_link_ipver {
	KZT_IPVER_ANY,
	KZT_IPVER_4,
	KZT_IPVER_6,
	KZT_IPVER_46,
	KZT_IPVER_64,
	KZT_IPVERS,
};

/**
 * enum kzt_policy_draw - how the datapath turns a packet into a bucket
 * @KZT_DRAW_FLOW: by the hash of the inner flow
 * @KZT_DRAW_PACKET: by a random number for each packet
 * @KZT_DRAW_TURN: by the number of the packet, in runs
 */
enum kzt_policy_draw {
	KZT_DRAW_FLOW,
	KZT_DRAW_PACKET,
	KZT_DRAW_TURN,
};

/**
 * enum kzt_leg_why - why a leg has the share that it has
 * @KZT_WHY_BEST: it is the best and carries all
 * @KZT_WHY_SHARE: it carries its share
 * @KZT_WHY_COPY: it carries a copy of every packet
 * @KZT_WHY_ACTIVE: it is the active leg
 * @KZT_WHY_AGREED: it is, since the other side asked for it
 * @KZT_WHY_PINNED: the administrator pinned it
 * @KZT_WHY_LAST: nothing better is left
 * @KZT_WHY_WORSE: another is better
 * @KZT_WHY_STANDBY: it stands by for the active leg
 * @KZT_WHY_SPARE: its link is a spare and not needed
 * @KZT_WHY_OTHER_PINNED: another leg is pinned
 * @KZT_WHY_WEIGHT: its weight, or its quality, is zero
 * @KZT_WHY_AVOIDED: it exceeds a quality limit
 * @KZT_WHY_TRIAL: it carries nothing for a while, to be measured without load
 * @KZT_WHY_UP_DELAY: it came back less than the up delay ago
 * @KZT_WHY_CAPPED: more legs of its scope or family than the caps allow
 * @KZT_WHY_FAMILY: its link prefers the other IP version
 * @KZT_WHY_LINK: its interface is not one of the policy's links
 * @KZT_WHY_SILENT: nothing was heard for the fail-over interval
 * @KZT_WHY_DOWN: its interface or address is gone
 * @KZT_WHY_EXPIRED: nothing authentic was heard until the path expired
 * @KZT_WHY_DENIED: the administrator denied it
 * @KZT_WHYS: how many
 */
enum kzt_leg_why {
	KZT_WHY_BEST,
	KZT_WHY_SHARE,
	KZT_WHY_COPY,
	KZT_WHY_ACTIVE,
	KZT_WHY_AGREED,
	KZT_WHY_PINNED,
	KZT_WHY_LAST,
	KZT_WHY_WORSE,
	KZT_WHY_STANDBY,
	KZT_WHY_SPARE,
	KZT_WHY_OTHER_PINNED,
	KZT_WHY_WEIGHT,
	KZT_WHY_AVOIDED,
	KZT_WHY_TRIAL,
	KZT_WHY_UP_DELAY,
	KZT_WHY_CAPPED,
	KZT_WHY_FAMILY,
	KZT_WHY_LINK,
	KZT_WHY_SILENT,
	KZT_WHY_DOWN,
	KZT_WHY_EXPIRED,
	KZT_WHY_DENIED,
	KZT_WHYS,
};

/**
 * enum kzt_policy_inert - why a policy cannot do what it is for
 * @KZT_INERT_NOT: it can
 * @KZT_INERT_NO_LEG: the peer has no path that may be used
 * @KZT_INERT_ONE_LEG: it has one, and no other is known
 * @KZT_INERT_LINK: the same, and links of the policy have no path: @missing of
 *	the plan says which
 * @KZT_INERT_UPSTREAM: the peer is a root; its paths are never shared out
 * @KZT_INERTS: how many
 *
 * While inert the best leg carries everything, as with KZT_POLICY_NONE.
 */
enum kzt_policy_inert {
	KZT_INERT_NOT,
	KZT_INERT_NO_LEG,
	KZT_INERT_ONE_LEG,
	KZT_INERT_LINK,
	KZT_INERT_UPSTREAM,
	KZT_INERTS,
};

/* Events of a plan; leg events say which in the masks beside */
#define KZT_EV_ACTIVE		BIT(0)	/* another leg is active: from, active */
#define KZT_EV_LEG_UP		BIT(1)	/* legs became usable: up */
#define KZT_EV_LEG_DOWN		BIT(2)	/* legs ceased to be: down */
#define KZT_EV_BALANCED		BIT(3)	/* traffic agrees with the shares */
#define KZT_EV_IMBALANCED	BIT(4)	/* it no longer does */
#define KZT_EV_REDUNDANT	BIT(5)	/* legs on two or more links work */
#define KZT_EV_NOT_REDUNDANT	BIT(6)	/* no longer */
#define KZT_EV_IN_FORCE		BIT(7)	/* the policy is no longer inert */
#define KZT_EV_INERT		BIT(8)	/* it is now; see why_inert, missing */
#define KZT_EV_AVOID		BIT(9)	/* the set of avoided legs changed */
#define KZT_EV_SHARES		BIT(10)	/* the table changed */

/**
 * struct kzt_policy_link - settings of one of the policy's links
 * @ifindex: the interface; 0 while there is none of that name
 * @primary: not a spare
 * @ipver: enum kzt_link_ipver
 * @weight: share in manual mode, against the others; 0 carries nothing
 * @capacity: any unit, the same for all links; 0 for not given
 * @failover_to: interface that takes over when this fails; 0 for none
 */
struct kzt_policy_link {
	u32 ifindex;
	bool primary;
	u8 ipver;
	u32 weight;
	u32 capacity;
	u32 failover_to;
};

/**
 * struct kzt_policy_conf - a policy as configured
 * @mode: enum kzt_policy_mode
 * @reselect: enum kzt_policy_reselect; "failback off" is KZT_RESELECT_FAILURE
 * @per_flow: random and proportional draw for each flow, not each packet
 * @upstream: the peer is a root: inert
 * @failover_ms: silence after which a leg counts as dead
 * @up_delay_ms: a leg that came back carries nothing for as long
 * @down_delay_ms: a silent leg (not one whose interface is gone) is kept for
 *	as long beyond the fail-over interval
 * @dwell_ms: least time between two changes that no failure forces; the
 *	advantage must also last for a third of it
 * @hysteresis_ppm: least advantage that such a change must have
 * @packets_per_link: length of a run in balance-rr; 0 is as 1
 * @max_legs: legs in use at once; 0 for no limit
 * @scope_max: the same for each scope (spec 3.2.1); 0 for no limit
 * @family_max: the same for IPv4 and IPv6
 * @limits: quality limits and weights
 * @n_links: links with settings; 0 uses every interface, each a primary of
 *	weight 1
 * @link: those; a path whose interface is not among them is not used
 *
 * kzt_policy_conf_init() gives the defaults, kzt_policy_conf_check() says what
 * is out of range.
 */
struct kzt_policy_conf {
	u8 mode;
	u8 reselect;
	bool per_flow;
	bool upstream;
	u32 failover_ms;
	u32 up_delay_ms;
	u32 down_delay_ms;
	u32 dwell_ms;
	u32 hysteresis_ppm;
	u32 packets_per_link;
	u8 max_legs;
	u8 scope_max[KZT_QUALITY_SCOPES];
	u8 family_max[2];
	struct kzt_quality_limits limits;
	u8 n_links;
	struct kzt_policy_link link[KZT_POLICY_LINKS];
};

/**
 * struct kzt_policy_sample - one of the peer's paths, now
 * @id: the path's number; stable while it lives and not used again soon
 * @ifindex: interface it leaves by; 0 for unknown
 * @v6: remote is IPv6
 * @scope: scope of the remote address
 * @down: interface without carrier or gone, or local address gone
 * @expired: spec 3.4 (243 s)
 * @pinned: by the administrator
 * @denied: by the administrator; never used
 * @priority: spec 3.4 "slot"; 0 is as 1
 * @age_ms: since the last authentic packet
 * @rtt_us: smoothed round trip; 0 for unknown
 * @jitter_us: its deviation
 * @loss_ppm: lost packets, not counting the time that it was dead
 * @error_ppm: damaged packets
 * @calm: round trip, jitter and loss while it had little to carry
 * @throughput_bps: measured passively; 0 for unknown
 * @speed: speed of the device in Mbit/s, its capacity where the link has none
 *	given; 0 for unknown
 * @tx_packets: data packets sent over it so far; for the balance window
 * @rx_packets: received
 */
struct kzt_policy_sample {
	u32 id;
	u32 ifindex;
	bool v6;
	u8 scope;
	bool down;
	bool expired;
	bool pinned;
	bool denied;
	u16 priority;
	u64 age_ms;
	u32 rtt_us;
	u32 jitter_us;
	u32 loss_ppm;
	u32 error_ppm;
	struct kzt_calm_facts calm;
	u64 throughput_bps;
	u32 speed;
	u64 tx_packets, rx_packets;
};

/**
 * enum kzt_rival_state - may a path be of use to a policy?
 * @KZT_RIVAL_GOOD: it may
 * @KZT_RIVAL_DEAD: not before it is heard again
 * @KZT_RIVAL_BARRED: its interface is none of the policy's, it expired, or is
 *	denied
 */
enum kzt_rival_state {
	KZT_RIVAL_GOOD,
	KZT_RIVAL_DEAD,
	KZT_RIVAL_BARRED,
};

/**
 * struct kzt_policy_rival - a path that a policy may look at
 * @number: its quality, lower is better
 * @ifindex: interface it leaves by
 * @state: enum kzt_rival_state
 * @pinned: by the administrator
 */
struct kzt_policy_rival {
	u64 number;
	u32 ifindex;
	u8 state;
	bool pinned;
};

/**
 * struct kzt_policy_leg - what a policy remembers of a leg
 * @id: of the path
 * @trial_count: probes of the calm leg when its trial began
 * @up_ms: when it came back after having been dead; 0 if it never was
 * @avoid_ms: when @avoid last changed
 * @trial_ms: when its last trial began; 0 for never
 * @tx_packets: as in the last sample, modulo 2^32
 * @rx_looked: @rx_packets of the sample when kzt_agree last looked, modulo 2^32
 * @score: what it is worth, spec 3.20.11
 * @share_ppm: its share in the last plan
 * @sent: packets since the balance window began
 * @seen: it was judged before
 * @alive: heard within the fail-over interval, delays considered
 * @eligible: usable by all rules but those that weigh it against others
 * @used: it carried something in the last plan
 * @avoid: it exceeds a limit
 * @trial: it carries nothing, to be measured without load
 * @trial_last: that began though it was the last one not to avoid
 */
struct kzt_policy_leg {
	u32 id;
	u32 trial_count;
	u64 up_ms;
	u64 avoid_ms;
	u64 trial_ms;
	u32 tx_packets;
	u32 rx_looked;
	u32 share_ppm;
	u32 sent;
	s16 score;
	bool seen:1;
	bool alive:1;
	bool eligible:1;
	bool used:1;
	bool avoid:1;
	bool trial:1;
	bool trial_last:1;
};

/**
 * struct kzt_dwell - what holds back changes that no failure forces
 * @changed_ms: last change
 * @wish_ms: since when one is wished for
 * @wish: one is
 */
struct kzt_dwell {
	u64 changed_ms;
	u64 wish_ms;
	bool wish;
};

/* How much better than the leg in use the best one is */
enum kzt_lead {
	KZT_LEAD_NONE,		/* not enough to matter */
	KZT_LEAD_CLEAR,		/* by the hysteresis: after the dwell time */
	KZT_LEAD_GREAT,		/* at once */
};

/**
 * struct kzt_policy_state - a policy's memory for one peer
 * @n: legs in @leg, in the order of the last samples
 * @active: index of the active leg, or KZT_LEG_NONE
 * @active_id: id of its path, also when that is gone; KZT_PATH_ID_NONE
 * @active_link: its interface
 * @mode: mode of the last plan
 * @started: there was a plan before
 * @balanced: traffic agreed with the shares
 * @redundant: legs on two links or more were alive
 * @why_inert: of the last plan
 * @dwell: changes of the active leg or of the shares
 * @agree: with the other side, on a leg
 * @leg: legs
 * @bucket: the table of the last plan; indices into @leg
 * @home: the legs that the buckets had before theirs were lost
 *
 * All zeros to begin with; owned by one peer and guarded by its lock.
 */
struct kzt_policy_state {
	u8 n;
	u8 active;
	u32 active_id;
	u32 active_link;
	u8 mode;
	bool started;
	bool balanced;
	bool redundant;
	u8 why_inert;
	struct kzt_dwell dwell;
	struct kzt_agree agree;
	struct kzt_policy_leg leg[KZT_POLICY_LEGS];
	u8 bucket[KZT_PLAN_BUCKETS];
	u8 home[KZT_PLAN_BUCKETS];
};

/**
 * struct kzt_policy_plan - what the datapath does until the next plan
 * @n: legs, as many as samples
 * @active: the leg that carries everything or, in the sharing modes, most;
 *	KZT_LEG_NONE if there is no usable leg: use a relay
 * @last: the leg to try when there is no relay either: the best of those that
 *	have expired; else KZT_LEG_NONE
 * @from: with KZT_EV_ACTIVE, the id of the path that was active, or
 *	KZT_PATH_ID_NONE
 * @draw: enum kzt_policy_draw
 * @wheel: buckets in use; smaller than the table only with KZT_DRAW_TURN
 * @run: packets of a run with KZT_DRAW_TURN
 * @copies: broadcast: bit for each leg that gets a copy; else 0
 * @used: bit for each leg that carries something
 * @trial: bit for each that is to be measured without load, soon
 * @eligible: bit for each leg that could
 * @up: with KZT_EV_LEG_UP, which
 * @down: with KZT_EV_LEG_DOWN, which (those still among the samples)
 * @events: KZT_EV_*
 * @why_inert: enum kzt_policy_inert
 * @missing: bit for each of conf->link without a path, inert or not
 * @redundant: legs on two or more links are alive
 * @balanced: traffic agreed with the shares
 * @due_ms: time at which the next plan is due if nothing else happens (a leg
 *	would be silent for too long, a delay would be over); U64_MAX for never
 * @share_ppm: share wanted for each leg; all together KZT_PPM, or 0 if none
 * @why: enum kzt_leg_why for each leg
 * @bucket: leg for each bucket; KZT_LEG_NONE everywhere if @active is
 */
struct kzt_policy_plan {
	u8 n;
	u8 active;
	u8 last;
	u8 draw;
	u16 wheel;
	u32 from;
	u32 run;
	u32 copies;
	u32 used;
	u32 trial;
	u32 eligible;
	u32 up;
	u32 down;
	u32 events;
	u8 why_inert;
	u8 missing;
	bool redundant;
	bool balanced;
	u64 due_ms;
	u32 share_ppm[KZT_POLICY_LEGS];
	u8 why[KZT_POLICY_LEGS];
	u8 bucket[KZT_PLAN_BUCKETS];
};

/**
 * kzt_policy_probe_ms() - how often a leg is asked whether it is alive
 * @conf: policy
 *
 * Implements: spec 3, 3.20.2 "monitor interval".
 * Return: ms.
 */
static inline u32 kzt_policy_probe_ms(const struct kzt_policy_conf *conf)
{
	return conf->failover_ms / 3;
}

/**
 * kzt_policy_report_ms() - how often the peer is told what came by a leg
 * @conf: policy
 *
 * Implements: spec 3, 3.20.2 "QoS interval".
 * Return: ms.
 */
static inline u32 kzt_policy_report_ms(const struct kzt_policy_conf *conf)
{
	return 2 * conf->failover_ms;
}

/**
 * kzt_plan_bucket() - where a packet falls
 * @plan: plan
 * @hash: inner flow hash; must be the same for both directions only if the
 *	caller wants that
 * @count: number of the packet to this peer, for KZT_DRAW_TURN
 * @rnd: any random number, for KZT_DRAW_PACKET
 *
 * Return: index into plan->bucket.
 */
static inline unsigned int kzt_plan_bucket(const struct kzt_policy_plan *plan,
					   u32 hash, u32 count, u32 rnd)
{
	switch (plan->draw) {
	case KZT_DRAW_PACKET:
		return rnd % KZT_PLAN_BUCKETS;
	case KZT_DRAW_TURN:
		return count / plan->run % plan->wheel;
	}
	return hash % KZT_PLAN_BUCKETS;
}

/**
 * kzt_plan_leg() - the leg that carries a packet
 * @plan: plan
 * @hash: inner flow hash
 * @count: number of the packet to this peer
 * @rnd: any random number
 *
 * Return: index of the leg, or KZT_LEG_NONE.
 */
static inline u8 kzt_plan_leg(const struct kzt_policy_plan *plan, u32 hash,
			      u32 count, u32 rnd)
{
	return plan->bucket[kzt_plan_bucket(plan, hash, count, rnd)];
}

void kzt_policy_conf_init(struct kzt_policy_conf *conf, u8 mode);
const char *kzt_policy_conf_check(const struct kzt_policy_conf *conf);
void kzt_policy_plan(const struct kzt_policy_conf *conf,
		     const struct kzt_policy_sample *s, unsigned int n,
		     struct kzt_policy_state *state, u64 now_ms,
		     struct kzt_policy_plan *plan);

const char *kzt_policy_name(unsigned int mode);
int kzt_policy_mode_by_name(const char *name);
const char *kzt_policy_reselect_name(unsigned int reselect);
int kzt_policy_reselect_by_name(const char *name);
const char *kzt_policy_ipver_name(unsigned int ipver);
int kzt_policy_ipver_by_name(const char *name);
const char *kzt_leg_why_text(unsigned int why);
const char *kzt_policy_inert_text(unsigned int why);

/* policy_agree.c */
bool kzt_policy_ask(struct kzt_policy_state *st, u32 *path_id, s16 *utility);
bool kzt_policy_asked(const struct kzt_policy_conf *conf, struct kzt_policy_state *st,
		      u32 path_id, s16 utility, bool greater, u64 now);

/* policy_pick.c */
unsigned int kzt_policy_pick(const struct kzt_policy_rival *r, unsigned int n,
			     u8 *pick);

/* policy_single.c */
enum kzt_lead kzt_lead_of(u64 least, u64 held, u32 hysteresis_ppm);
u64 kzt_dwell_until(struct kzt_dwell *d, u32 dwell_ms, u64 now);
bool kzt_best_moves(struct kzt_dwell *d, u64 least, u64 held, u64 now);

#endif /* KZT_POLICY_H */
