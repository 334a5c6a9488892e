/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kzt

#if !defined(KZT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KZT_TRACE_H

#include <linux/skbuff.h>
#include <linux/tracepoint.h>
#include "drop.h"

#ifndef KZT_TRACE_REASONS
#define KZT_TRACE_REASONS
#define X(name, text) TRACE_DEFINE_ENUM(KZT_DROP_##name);
KZT_DROP_LIST(X)
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

#endif /* KZT_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
