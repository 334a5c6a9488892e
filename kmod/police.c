// SPDX-License-Identifier: GPL-2.0
/* Rules applied to frames, and the copies they ask for (spec 4.10.5, 4.10.6). */
#include <linux/random.h>
#include "frame.h"
#include "peer.h"

/* Flags of the packets that rules cause, by direction */
struct police_flags {
	u8 tee, watch, redirect;
};

static const struct police_flags police_flags[2] = {
	{
		.tee = KZT_EXT_FRAME_TEE_OUT,
		.watch = KZT_EXT_FRAME_WATCH_OUT,
		.redirect = KZT_EXT_FRAME_REDIRECT_OUT,
	}, {
		.tee = KZT_EXT_FRAME_TEE_IN,
		.watch = KZT_EXT_FRAME_WATCH_IN,
		.redirect = KZT_EXT_FRAME_REDIRECT_IN,
	},
};

static void police_hit(const struct kzt_netconf *conf, u16 rule)
{
	if (rule != KZT_NO_RULE && conf->hits)
		this_cpu_inc(conf->hits[rule]);
}

static void police_copy(struct kzt_network *nw, const struct kzt_eth *eth,
			const struct kzt_filter_result *res,
			const struct police_flags *flags)
{
	if (res->copy_to)
		kzt_ext_frame_send(nw, res->copy_to,
				   res->copy_watch ? flags->watch : flags->tee,
				   eth, res->copy_len);
}

/* Steps 1 to 3 of both sections: 0 refused or sent elsewhere, 1, 2 super */
static unsigned int police(struct kzt_network *nw,
			   const struct kzt_netconf *conf,
			   const struct kzt_eth *eth,
			   const struct kzt_filter_frame *f,
			   const struct kzt_credset *remote, bool copies)
{
	const struct police_flags *flags = &police_flags[f->inbound];
	const struct kzt_filter_result *res;
	const struct kzt_credset *caps;
	struct kzt_filter_decision d;

	caps = f->inbound ? remote : conf->own;
	kzt_filter_decide(f, &conf->rules, caps ? caps->cap : NULL,
			  caps ? caps->n_caps : 0, &d);
	police_hit(conf, d.base.rule);
	if (d.cap_index >= 0)
		kzt_credset_hit(caps, d.cap_index, d.cap.rule);
	if (!d.allowed)
		return 0;
	res = d.cap_index >= 0 ? &d.cap : &d.base;
	if (copies) {
		if (d.cap_index >= 0)
			police_copy(nw, eth, &d.cap, flags);
		police_copy(nw, eth, &d.base, flags);
	}
	if (res->verdict != KZT_VERDICT_REDIRECT)
		return d.allowed;
	kzt_ext_frame_send(nw, res->dst, flags->redirect, eth, eth->len);
	return 0;
}

/* @remote: what the receiver or sender has shown, or NULL */
static void police_frame(struct kzt_filter_frame *f,
			 const struct kzt_network *nw,
			 const struct kzt_netconf *conf,
			 const struct kzt_eth *eth,
			 const struct kzt_credset *remote)
{
	memset(f, 0, sizeof(*f));
	f->local = conf->own ? &conf->own->party : NULL;
	f->remote = remote ? &remote->party : NULL;
	f->body = eth->body;
	f->len = eth->len;
	f->ethertype = eth->type;
	f->src_mac = eth->src;
	f->dst_mac = eth->dst;
	f->self = READ_ONCE(nw->node->self_address);
	f->unknown_match = conf->flags & KZT_NETWORK_FLAG_UNKNOWN_MATCH;
	f->random = get_random_u32();
	f->ndp_6plane = conf->ndp_6plane;
	f->ndp_rfc4193 = conf->ndp_rfc4193;
}

/**
 * kzt_police_out() - may a frame leave
 * @nw: network
 * @conf: its configuration
 * @eth: frame
 * @dst: receiver, or 0 while there is none in particular
 * @copies: send what TEE and WATCH ask for
 *
 * Implements: spec 4.10.5.
 * Context: BH off, RCU.
 * Return: true if it is to be sent to @dst.
 */
bool kzt_police_out(struct kzt_network *nw, const struct kzt_netconf *conf,
		    const struct kzt_eth *eth, u64 dst, bool copies)
{
	const struct kzt_credset *remote;
	struct kzt_filter_frame f;

	if (likely(conf->rules.trivial_accept)) {
		police_hit(conf, 0);
		return true;
	}
	remote = dst ? kzt_member_credset_rcu(nw, dst) : NULL;
	police_frame(&f, nw, conf, eth, remote);
	f.src = f.self;
	f.dst = dst;
	return police(nw, conf, eth, &f, remote, copies);
}

/**
 * kzt_police_in() - may a frame be delivered
 * @nw: network
 * @conf: its configuration
 * @eth: frame
 * @src: sender
 *
 * Implements: spec 4.10.6.
 * Context: BH off, RCU.
 * Return: 0: no; 1: yes; 2: yes, without checks of bridging.
 */
unsigned int kzt_police_in(struct kzt_network *nw,
			   const struct kzt_netconf *conf,
			   const struct kzt_eth *eth, u64 src)
{
	const struct kzt_credset *remote;
	struct kzt_filter_frame f;

	if (likely(conf->rules.trivial_accept)) {
		police_hit(conf, 0);
		return 1;
	}
	remote = kzt_member_credset_rcu(nw, src);
	police_frame(&f, nw, conf, eth, remote);
	f.inbound = true;
	f.src = src;
	f.dst = f.self;
	return police(nw, conf, eth, &f, remote, true);
}
