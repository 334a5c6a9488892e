/* SPDX-License-Identifier: GPL-2.0 */
/* Why packets are dropped: one list for counters, tracepoints and netlink. */
#ifndef KZT_DROP_H
#define KZT_DROP_H

/* X(NAME, "name-for-users") */
#define KZT_DROP_LIST(X)						\
	X(NONE, "none")							\
	/* datagrams, before authentication */				\
	X(NO_IDENTITY, "no-identity")		/* node has no keys */	\
	X(RUNT, "runt")			/* too short for anything */	\
	X(OVERSIZED, "oversized")	/* > 10024 bytes */		\
	X(BEACON, "beacon")		/* 13 bytes, not answered */	\
	X(FROM_SELF, "from-self")	/* our own source address */	\
	X(RESERVED_ADDRESS, "reserved-address")				\
	X(BAD_SUITE, "bad-suite")	/* 4..7, or untrusted 2 */	\
	X(BAD_FRAGMENT, "bad-fragment")	/* numbers out of range */	\
	X(DUP_FRAGMENT, "duplicate-fragment")				\
	X(DEFRAG_LIMIT, "defrag-limit")	/* table or bytes exhausted */	\
	X(DEFRAG_TIMEOUT, "defrag-timeout")				\
	X(UNKNOWN_PEER, "unknown-peer")	/* asked for by WHOIS, or not */ \
	X(QUEUE_FULL, "queue-full")	/* crypt ring or peer queue */	\
	X(CONTROL_FULL, "control-queue-full")				\
	X(DENIED, "denied-endpoint")	/* deny list, blacklist */	\
	X(NOMEM, "no-memory")						\
	/* authentication and decoding */				\
	X(BAD_MAC, "authentication")					\
	X(REPLAYED, "replayed")		/* seen this wire id */		\
	X(BAD_LZ4, "decompression")					\
	X(MALFORMED, "malformed")	/* a verb's body */		\
	X(UNKNOWN_VERB, "unknown-verb")					\
	X(UNHANDLED_VERB, "unhandled-verb")				\
	X(UNEXPECTED_OK, "unexpected-ok")				\
	X(NOT_UPSTREAM, "not-from-upstream")				\
	X(NO_AGENT, "no-agent")		/* for it, and it is away or slow */ \
	X(RATE_LIMIT, "rate-limit")	/* a gate of spec 3.14, messages */	\
	X(PROBE_LIMIT, "probe-limit")	/* unknown path, not probed again */ \
	/* HELLO */							\
	X(HELLO_LIMIT, "hello-rate-limit")	/* strangers */		\
	X(HELLO_VERSION, "hello-version")	/* protocol < 4 */	\
	X(HELLO_MISMATCH, "hello-address-mismatch")			\
	X(HELLO_COLLISION, "identity-collision")			\
	X(HELLO_NO_AGENT, "hello-no-agent")	/* nobody validates */	\
	X(HELLO_REFUSED, "identity-invalid")	/* agent said no */	\
	X(WEAK_KEY, "weak-key")			/* agreement is zero */	\
	X(PEER_LIMIT, "peer-limit")					\
	/* relaying */							\
	X(NOT_RELAYING, "not-relaying")		/* neither root nor trusted */ \
	X(HOP_LIMIT, "hop-limit")					\
	X(NO_ROUTE_VL1, "no-path")		/* nobody to relay to */ \
	/* frames in */							\
	X(NO_NETWORK, "unknown-network")				\
	X(NOT_MEMBER, "not-a-member")		/* the gate */		\
	X(FILTERED_IN, "filtered-in")					\
	X(BAD_MAC_ADDRESS, "bad-mac-address")	/* nil or own source */	\
	X(NOT_BRIDGE, "not-a-bridge")					\
	X(MULTICAST_OFF, "multicast-off")				\
	X(FRAME_TOO_BIG, "frame-too-big")				\
	X(DEV_DOWN, "device-down")					\
	/* frames out */						\
	X(NO_CONFIG, "no-configuration")				\
	X(FILTERED_OUT, "filtered-out")					\
	X(NO_RECEIVER, "no-receiver")					\
	X(NO_KEYS, "no-node")			/* node is down */	\
	X(PENDING_FULL, "pending-full")		/* waits for WHOIS */	\
	X(PENDING_TIMEOUT, "pending-timeout")				\
	X(TX_NO_PATH, "tx-no-path")					\
	X(TX_ROUTE, "tx-no-route")		/* no IP route */	\
	X(TX_LOOP, "tx-loop")			/* by a tunnel, of ours or not */ \
	X(TX_ERROR, "tx-error")						\
	X(TX_SEGMENT, "tx-segmentation")

enum kzt_drop {
#define X(name, text) KZT_DROP_##name,
	KZT_DROP_LIST(X)
#undef X
	KZT_DROP_MAX
};

#endif /* KZT_DROP_H */
