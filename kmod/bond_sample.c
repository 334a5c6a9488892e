// SPDX-License-Identifier: GPL-2.0
/* What a policy is told of a peer's paths: which of them, and what they are like. */
#include <linux/netdevice.h>
#include "bond.h"
#include "local.h"
#include "measure.h"
#include "node.h"
#include "peer.h"

#define ERROR_MAX_PPM	9999	/* see sample_fill() */

static bool link_is_down(struct kzt_node *node, int ifindex)
{
	struct net_device *dev;

	if (!ifindex)
		return false;
	dev = dev_get_by_index_rcu(node->net, ifindex);
	return !dev || !netif_running(dev) || !netif_carrier_ok(dev);
}

static struct kzt_leg *path_leg(struct kzt_path *path, u64 now)
{
	struct kzt_leg *leg = rcu_dereference_protected(path->leg, 1);

	if (!leg) {
		leg = kzt_leg_alloc(path, now);
		rcu_assign_pointer(path->leg, leg);
	}
	return leg;
}

/*
 * Damage is shown, and counts, but never so much that the path is avoided: who
 * forges packets in a peer's name must not choose its paths.
 */
static void sample_fill(struct kzt_peer *peer, struct kzt_path *path,
			struct kzt_policy_sample *s, u64 now)
{
	struct kzt_leg *leg = path_leg(path, now);

	memset(s, 0, sizeof(*s));
	s->id = path->id;
	s->ifindex = path->ep.ifindex;
	s->v6 = path->ep.remote.sa.sa_family == AF_INET6;
	s->scope = path->scope;
	s->down = link_is_down(peer->node, path->ep.ifindex);
	s->expired = kzt_path_expired(path, now);
	s->pinned = kzt_path_is_pinned(peer, &path->ep);
	s->denied = kzt_node_denied(peer->node, &path->ep);
	s->priority = READ_ONCE(path->priority);
	s->speed = kzt_local_speed(peer->node, path->ep.ifindex);
	/* The timer may be a tick late; the fail-over interval must not be */
	s->age_ms = kzt_leg_age(path, leg, now) + jiffies_to_msecs(1);
	s->rtt_us = READ_ONCE(path->rtt_us);
	s->jitter_us = READ_ONCE(path->jitter_us);
	s->tx_packets = READ_ONCE(path->tx_packets);
	if (!leg)
		return;
	s->rx_packets = READ_ONCE(leg->rx_packets);
	s->loss_ppm = READ_ONCE(leg->loss_ppm);
	kzt_leg_calm(leg, now, &s->calm);
	s->error_ppm = min_t(u32, READ_ONCE(leg->error_ppm), ERROR_MAX_PPM);
	s->throughput_bps = READ_ONCE(leg->throughput_bps);
	if (!s->rtt_us && leg->latency.n >= KZT_RING_NEEDED) {
		s->rtt_us = max(2000 * kzt_ring_mean(&leg->latency), 1U);
		s->jitter_us = 1000 * kzt_ring_deviation(&leg->latency);
	}
}

static bool link_is_ours(const struct kzt_bond_conf *conf, u32 ifindex)
{
	unsigned int i;

	for (i = 0; i < conf->policy.n_links; i++)
		if (conf->policy.link[i].ifindex == ifindex)
			return true;
	return !conf->policy.n_links;
}

static void rival_fill(struct kzt_peer *peer, const struct kzt_bond_conf *conf,
		       struct kzt_path *path, struct kzt_policy_rival *r, u64 now)
{
	const struct kzt_leg *leg = rcu_dereference_protected(path->leg, 1);

	r->number = kzt_path_quality(path, now);
	r->ifindex = path->ep.ifindex;
	r->pinned = kzt_path_is_pinned(peer, &path->ep);
	if (kzt_path_expired(path, now) || kzt_node_denied(peer->node, &path->ep) ||
	    !link_is_ours(conf, path->ep.ifindex))
		r->state = KZT_RIVAL_BARRED;
	else
		r->state = leg && READ_ONCE(leg->dead) ? KZT_RIVAL_DEAD :
							 KZT_RIVAL_GOOD;
}

/* A peer may have more paths than a policy takes */
static unsigned int paths_pick(struct kzt_peer *peer, struct kzt_bond *bond,
			       struct kzt_path **pick, u64 now)
{
	unsigned int i, n;
	u8 which[KZT_POLICY_LEGS];

	n = min_t(unsigned int, peer->n_paths, KZT_POLICY_RIVALS);
	for (i = 0; i < n; i++)
		rival_fill(peer, &bond->conf,
			   rcu_dereference_protected(peer->paths[i], 1),
			   &bond->rival[i], now);
	n = kzt_policy_pick(bond->rival, n, which);
	for (i = 0; i < n; i++)
		pick[i] = rcu_dereference_protected(peer->paths[which[i]], 1);
	return n;
}

static bool by_id(const struct kzt_path *a, const struct kzt_path *b)
{
	return a->id < b->id;
}

/* In a stable order, so that the table does not change with the qualities */
static void paths_sort(struct kzt_path **pick, unsigned int n)
{
	unsigned int i, k;

	for (i = 1; i < n; i++)
		for (k = i; k > 0 && by_id(pick[k], pick[k - 1]); k--)
			swap(pick[k], pick[k - 1]);
}

static void links_resolve(struct kzt_node *node, struct kzt_bond_conf *conf)
{
	struct kzt_policy_conf *p = &conf->policy;
	struct net_device *dev;
	unsigned int i;

	for (i = 0; i < p->n_links; i++) {
		dev = dev_get_by_name_rcu(node->net, conf->link[i].name);
		p->link[i].ifindex = dev ? dev->ifindex : 0;
		dev = conf->link[i].failover_to[0] ?
		      dev_get_by_name_rcu(node->net, conf->link[i].failover_to) :
		      NULL;
		p->link[i].failover_to = dev ? dev->ifindex : 0;
	}
}

/* A link's MTU is its paths' */
static void link_mtu_set(const struct kzt_bond_conf *conf, struct kzt_path *path)
{
	unsigned int i;

	for (i = 0; i < conf->policy.n_links; i++) {
		if (!conf->link[i].mtu ||
		    conf->policy.link[i].ifindex != path->ep.ifindex)
			continue;
		WRITE_ONCE(path->mtu_fixed, true);
		WRITE_ONCE(path->mtu, conf->link[i].mtu);
	}
}

/**
 * kzt_bond_sample_locked() - look at the paths of a bond's peer
 * @peer: peer->lock held
 * @bond: its bond; the samples are filled in
 * @pick: KZT_POLICY_LEGS places, filled with the paths, in the order of those
 * @now: kzt_now_ms()
 *
 * Context: BH off.
 * Return: how many there are.
 */
unsigned int kzt_bond_sample_locked(struct kzt_peer *peer, struct kzt_bond *bond,
				    struct kzt_path **pick, u64 now)
{
	unsigned int i, n;

	lockdep_assert_held(&peer->lock);
	rcu_read_lock();
	links_resolve(peer->node, &bond->conf);
	n = paths_pick(peer, bond, pick, now);
	paths_sort(pick, n);
	for (i = 0; i < n; i++) {
		link_mtu_set(&bond->conf, pick[i]);
		sample_fill(peer, pick[i], &bond->sample[i], now);
		bond->path_id[i] = pick[i]->id;
	}
	rcu_read_unlock();
	bond->n = n;
	return n;
}
