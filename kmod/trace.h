/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kzt

#if !defined(KZT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KZT_TRACE_H

#include <linux/skbuff.h>
#include <linux/tracepoint.h>
#include "drop.h"
#include "peer.h"
#include "policy.h"

#ifndef KZT_TRACE_REASONS
#define KZT_TRACE_REASONS
#define X(name, text) TRACE_DEFINE_ENUM(KZT_DROP_##name);
KZT_DROP_LIST(X)
#undef X
#define X(name, text) TRACE_DEFINE_ENUM(KZT_PATH_##name);
KZT_PATH_WHAT_LIST(X)
#undef X
#endif
#define X(name, text) { KZT_DROP_##name, text },

TRACE_EVENT(kzt_drop,
	TP_PROTO(u64 node, const struct sk_buff *skb, enum kzt_drop reason),
	TP_ARGS(node, skb, reason),
	TP_STRUCT__entry(
		__field(u64, node)
		__field(const void *, skbaddr)
		__field(unsigned int, len)
		__field(unsigned int, reason)
	),
	TP_fast_assign(
		__entry->node = node;
		__entry->skbaddr = skb;
		__entry->len = skb->len;
		__entry->reason = reason;
	),
	TP_printk("node=%010llx skbaddr=%p len=%u reason=%s", __entry->node,
		  __entry->skbaddr, __entry->len,
		  __print_symbolic(__entry->reason,
				   KZT_DROP_LIST(X) { -1, NULL }))
);

#undef X
#define X(name, text) { KZT_PATH_##name, text },

TRACE_EVENT(kzt_path,
	TP_PROTO(const struct kzt_peer *peer, const struct kzt_endpoint *ep,
		 enum kzt_path_what what),
	TP_ARGS(peer, ep, what),
	TP_STRUCT__entry(
		__field(u64, peer)
		__field(unsigned int, what)
		__field(int, ifindex)
		__field(u16, local_port)
		__array(u8, remote, sizeof(struct sockaddr_in6))
	),
	TP_fast_assign(
		__entry->peer = peer->address;
		__entry->what = what;
		__entry->ifindex = ep->ifindex;
		__entry->local_port = ntohs(ep->local_port);
		memcpy(__entry->remote, &ep->remote, sizeof(ep->remote));
	),
	TP_printk("peer=%010llx what=%s ifindex=%d local_port=%u remote=%pISpc",
		  __entry->peer,
		  __print_symbolic(__entry->what,
				   KZT_PATH_WHAT_LIST(X) { -1, NULL }),
		  __entry->ifindex, __entry->local_port, __entry->remote)
);

#undef X

TRACE_EVENT(kzt_plan,
	TP_PROTO(const struct kzt_peer *peer, const struct kzt_policy_plan *plan),
	TP_ARGS(peer, plan),
	TP_STRUCT__entry(
		__field(u64, peer)
		__field(unsigned int, legs)
		__field(unsigned int, active)
		__field(u32, eligible)
		__field(u32, used)
		__field(u32, up)
		__field(u32, down)
		__field(u32, events)
		__field(unsigned int, inert)
	),
	TP_fast_assign(
		__entry->peer = peer->address;
		__entry->legs = plan->n;
		__entry->active = plan->active;
		__entry->eligible = plan->eligible;
		__entry->used = plan->used;
		__entry->up = plan->up;
		__entry->down = plan->down;
		__entry->events = plan->events;
		__entry->inert = plan->why_inert;
	),
	TP_printk("peer=%010llx legs=%u active=%d eligible=%x used=%x up=%x down=%x inert=%u events=%s",
		  __entry->peer, __entry->legs, (s8)__entry->active,
		  __entry->eligible, __entry->used, __entry->up, __entry->down,
		  __entry->inert,
		  __print_flags(__entry->events, ",",
				{ KZT_EV_ACTIVE, "active" },
				{ KZT_EV_LEG_UP, "leg-up" },
				{ KZT_EV_LEG_DOWN, "leg-down" },
				{ KZT_EV_BALANCED, "balanced" },
				{ KZT_EV_IMBALANCED, "imbalanced" },
				{ KZT_EV_REDUNDANT, "redundant" },
				{ KZT_EV_NOT_REDUNDANT, "not-redundant" },
				{ KZT_EV_IN_FORCE, "in-force" },
				{ KZT_EV_INERT, "inert" },
				{ KZT_EV_AVOID, "avoid" },
				{ KZT_EV_SHARES, "shares" }))
);

#endif /* KZT_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
