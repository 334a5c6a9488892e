/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Verbs: parsers that point into the packet, builders onto write cursors
 * (spec 1, section 10).
 *
 * A parser gets a whole packet of at least KZT_HDR_LEN bytes, authenticated,
 * decrypted and decompressed; one named after a body or a result gets just that
 * body.  All return
 *
 *	0		everything needed was there; what was optional and absent
 *			is marked absent in the result
 *	-EBADMSG	a read went beyond the end, or a value makes the rest
 *			unreadable, before anything could be acted upon: stop,
 *			without "received" (section 7.2, step 7)
 *	-EPROTO		the first part is good and filled in, and what depends on
 *			it must be done; then stop, without "received" and
 *			without an answer.  Each parser says what its first part
 *			is.
 *
 * Iterators (..._next()) return 1 with an entry, 0 at a proper end, or one of the
 * errors: entries seen before it stand.
 *
 * Builders are sticky: ask kzt_wcur_result() once at the end.
 */
#ifndef KZT_PROTO_VERBS_H
#define KZT_PROTO_VERBS_H

#include "address.h"
#include "credential.h"
#include "identity.h"
#include "packet.h"
#include "world.h"

#define KZT_MAC_ADDR_LEN	6

/*
 * The network ID that the payload of FRAME, EXT_FRAME, MULTICAST_FRAME,
 * MULTICAST_GATHER, NETWORK_CONFIG and NETWORK_CONFIG_REQUEST begins with.
 * Handlers look at the network before the rest: for some, a packet of a network
 * that was not joined counts as received however malformed it is.
 */
int kzt_verb_nwid(const u8 *pkt, size_t len, u64 *nwid);

/* --- HELLO and OK(HELLO), 10.4 (verb_hello.c) --- */

struct kzt_hello {
	u8 proto, major, minor;
	u16 rev;
	u64 timestamp;
	struct kzt_identity id;
	bool has_phys;			/* present and not null */
	struct kzt_inetaddr phys;
	u64 planet_id, planet_ts;	/* 0 if absent */
	size_t tail_off;		/* masked tail, from packet start; 0: none */
};

struct kzt_hello_moon {
	u8 type;			/* only KZT_WORLD_MOON matters */
	u64 id, ts;
};

struct kzt_hello_tail {
	u16 n;				/* all present, whatever their type */
	const u8 *moons;
};

struct kzt_ok_hello {
	u64 timestamp;			/* echoed */
	u8 proto, major, minor;
	u16 rev;
	bool has_phys;			/* present and not null */
	struct kzt_inetaddr phys;
	const u8 *worlds;		/* kzt_world_get() until used up */
	size_t worlds_len;
	bool worlds_cut;		/* longer than the packet: stop after them */
};

int kzt_hello_parse(const u8 *pkt, size_t len, struct kzt_hello *h);
int kzt_hello_tail_parse(const u8 *tail, size_t len, struct kzt_hello_tail *t);
void kzt_hello_tail_moon(const struct kzt_hello_tail *t, unsigned int i,
			 struct kzt_hello_moon *m);
void kzt_hello_put(struct kzt_wcur *w, const struct kzt_hello *h);
void kzt_hello_put_moon(struct kzt_wcur *w, const struct kzt_hello_moon *m);
int kzt_ok_hello_parse(const u8 *body, size_t len, struct kzt_ok_hello *h);
void kzt_ok_hello_put(struct kzt_wcur *w, const struct kzt_ok_hello *h);

/* --- OK, ERROR, WHOIS, RENDEZVOUS, ECHO, 10.5 to 10.8 (verb_reply.c) --- */

#define KZT_OK_HDR_LEN		9	/* in payload */
#define KZT_ERROR_HDR_LEN	10
#define KZT_ECHO_MAX_BODY	(KZT_MAX_PAYLOAD - KZT_OK_HDR_LEN)

struct kzt_ok {
	u8 in_re_verb;
	u64 in_re_id;			/* wire ID of the request */
	const u8 *body;
	size_t len;
};

struct kzt_error {
	u8 in_re_verb;
	u64 in_re_id;
	u8 code;
	const u8 *data;
	size_t len;
};

struct kzt_error_group {		/* data of KZT_ERROR_UNWANTED_MULTICAST */
	u64 nwid;
	const u8 *mac;
	u32 adi;
};

struct kzt_rendezvous {
	u8 flags;
	u64 peer;
	struct kzt_inetaddr at;		/* null if its length was neither 4 nor 16 */
};

int kzt_ok_parse(const u8 *pkt, size_t len, struct kzt_ok *ok);
void kzt_ok_put(struct kzt_wcur *w, u8 in_re_verb, u64 in_re_id);
int kzt_error_parse(const u8 *pkt, size_t len, struct kzt_error *e);
int kzt_error_nwid(const struct kzt_error *e, u64 *nwid);
int kzt_error_group(const struct kzt_error *e, struct kzt_error_group *g);
int kzt_error_auth(const struct kzt_error *e, u64 *nwid, const u8 **dict,
		   size_t *dict_len);
void kzt_error_put(struct kzt_wcur *w, u8 in_re_verb, u64 in_re_id, u8 code);
int kzt_whois_next(struct kzt_cur *c, u64 *addr);
int kzt_ok_whois_next(struct kzt_cur *c, struct kzt_identity *id);
int kzt_rendezvous_parse(const u8 *pkt, size_t len, struct kzt_rendezvous *r);
void kzt_rendezvous_put(struct kzt_wcur *w, const struct kzt_rendezvous *r);

/* --- FRAME and EXT_FRAME, 10.9 and 10.10 (verb_frame.c) --- */

#define KZT_FRAME_HDR_LEN	10	/* in payload */
#define KZT_EXT_FRAME_HDR_LEN	23	/* without certificate */

#define KZT_EXT_FRAME_COM	0x01
#define KZT_EXT_FRAME_SUBTYPE	0x0e
#define KZT_EXT_FRAME_ACK	0x10
/* Values of the flags byte that are sent (spec 4, 4.2.2). */
#define KZT_EXT_FRAME_TEE_OUT		0x02
#define KZT_EXT_FRAME_REDIRECT_OUT	0x04
#define KZT_EXT_FRAME_WATCH_OUT		0x16
#define KZT_EXT_FRAME_TEE_IN		0x08
#define KZT_EXT_FRAME_REDIRECT_IN	0x0a
#define KZT_EXT_FRAME_WATCH_IN		0x1c

struct kzt_frame {
	u64 nwid;
	u16 ethertype;
	const u8 *data;
	size_t len;			/* 0: deliver nothing, but count */
};

struct kzt_ext_frame {
	u64 nwid;			/* filled in if there, whatever is returned */
	u8 flags;
	const u8 *com;			/* NULL: none */
	size_t com_len;
	bool has_frame;			/* the rest is set only if true */
	const u8 *dst, *src;
	u16 ethertype;
	const u8 *data;
	size_t len;
};

int kzt_frame_parse(const u8 *pkt, size_t len, struct kzt_frame *f);
void kzt_frame_put(struct kzt_wcur *w, u64 nwid, u16 ethertype);
int kzt_ext_frame_parse(const u8 *pkt, size_t len, struct kzt_ext_frame *f);
void kzt_ext_frame_put(struct kzt_wcur *w, u64 nwid, u8 flags, const u8 *dst,
		       const u8 *src, u16 ethertype);

/* --- Multicast, 10.12 and 10.16 (verb_multicast.c) --- */

#define KZT_LIKE_LEN		18
#define KZT_GATHER_COM		0x01
#define KZT_GATHER_MAX_LIMIT	65535

#define KZT_MCAST_COM		0x01
#define KZT_MCAST_GATHER	0x02
#define KZT_MCAST_SRC		0x04
#define KZT_MCAST_REPLICATE	0x08
#define KZT_MCAST_MAX_FRAME	10000	/* longer payloads are not delivered */

#define KZT_OK_MCAST_COM	0x01
#define KZT_OK_MCAST_GATHER	0x02

struct kzt_like {
	u64 nwid;
	const u8 *mac;
	u32 adi;
};

struct kzt_gather {
	u64 nwid;
	u8 flags;
	const u8 *mac;
	u32 adi;
	u32 limit;
	const u8 *com;			/* NULL: none, or malformed and ignored */
	size_t com_len;
};

struct kzt_gather_result {
	u32 total;
	u16 n;
	const u8 *addrs;		/* n * KZT_ADDR_LEN */
};

struct kzt_ok_gather {
	u64 nwid;
	const u8 *mac;
	u32 adi;
	struct kzt_gather_result res;
};

struct kzt_mcast_frame {
	u64 nwid;			/* filled in if there, whatever is returned */
	u8 flags;
	const u8 *com;			/* NULL: none */
	size_t com_len;
	u32 gather_limit;		/* 0: absent */
	const u8 *src;			/* NULL: the sender's own MAC */
	const u8 *dst;
	u32 adi;
	u16 ethertype;
	const u8 *data;
	size_t len;
};

struct kzt_ok_mcast_frame {
	u64 nwid;
	const u8 *mac;
	u32 adi;
	u8 flags;
	const u8 *com;			/* NULL: none */
	size_t com_len;
	bool has_res;
	struct kzt_gather_result res;
};

int kzt_like_next(struct kzt_cur *c, struct kzt_like *l);
void kzt_like_put(struct kzt_wcur *w, u64 nwid, const u8 *mac, u32 adi);
int kzt_gather_parse(const u8 *pkt, size_t len, struct kzt_gather *g);
void kzt_gather_put(struct kzt_wcur *w, u64 nwid, const u8 *mac, u32 adi,
		    u32 limit, const u8 *com, size_t com_len);
int kzt_ok_gather_parse(const u8 *body, size_t len, struct kzt_ok_gather *g);
void kzt_ok_gather_put(struct kzt_wcur *w, u64 nwid, const u8 *mac, u32 adi);
u8 *kzt_gather_result_start(struct kzt_wcur *w, u32 total);
bool kzt_gather_result_add(struct kzt_wcur *w, u8 *count, u64 addr);
int kzt_mcast_frame_parse(const u8 *pkt, size_t len,
			  struct kzt_mcast_frame *f);
void kzt_mcast_frame_put(struct kzt_wcur *w, const struct kzt_mcast_frame *f);
int kzt_ok_mcast_frame_parse(const u8 *body, size_t len,
			     struct kzt_ok_mcast_frame *f);
void kzt_ok_mcast_frame_put(struct kzt_wcur *w, u64 nwid, const u8 *mac,
			    u32 adi, u8 flags);

static inline u64 kzt_gather_addr(const struct kzt_gather_result *r,
				  unsigned int i)
{
	return kzt_get_addr(r->addrs + i * KZT_ADDR_LEN);
}

/* --- Network configuration, 10.14 and 10.15 (verb_config.c) --- */

#define KZT_CONFIG_FAST		0x01	/* flag: propagate to members */
#define KZT_CONFIG_MAX_CHUNK	9740	/* as controllers cut it */
#define KZT_CONFIG_MAX_META	1023

struct kzt_config_request {
	u64 nwid;
	const u8 *meta;
	size_t meta_len;
	u64 revision, timestamp;	/* 0 if absent */
};

struct kzt_config_chunk {
	u64 nwid;			/* filled in if there, whatever is returned */
	const u8 *chunk;
	size_t chunk_len;
	bool legacy;			/* ends after the chunk; the rest is unset */
	u8 flags;
	u64 update_id;
	u32 total, offset;
	const u8 *sig;
	const u8 *signed_part;		/* what sig covers */
	size_t signed_len;
};

int kzt_config_request_parse(const u8 *pkt, size_t len,
			     struct kzt_config_request *r);
void kzt_config_request_put(struct kzt_wcur *w,
			    const struct kzt_config_request *r);
int kzt_config_chunk_parse(const u8 *body, size_t len,
			   struct kzt_config_chunk *c);
void kzt_config_chunk_put(struct kzt_wcur *w, const struct kzt_config_chunk *c);

/* --- NETWORK_CREDENTIALS, 10.13 (verb_creds.c) --- */

struct kzt_creds {			/* reading; see kzt_creds_next() */
	struct kzt_cur c;
	u8 stage;
	u16 left;
	int err;
};

struct kzt_creds_out {			/* writing; see kzt_creds_add() */
	struct kzt_wcur *w;
	u8 stage;
	u8 *count;
};

struct kzt_creds kzt_creds_open(const u8 *pkt, size_t len);
int kzt_creds_next(struct kzt_creds *it, enum kzt_cred_type *type,
		   const u8 **raw, size_t *raw_len);
struct kzt_creds_out kzt_creds_start(struct kzt_wcur *w);
int kzt_creds_add(struct kzt_creds_out *o, enum kzt_cred_type type,
		  const u8 *raw, size_t raw_len);
void kzt_creds_finish(struct kzt_creds_out *o);

/* The room kzt_creds_finish() needs behind what was added, at most. */
#define KZT_CREDS_TRAILER	9

/* --- PUSH_DIRECT_PATHS, 10.17 (verb_path.c) --- */

#define KZT_PUSH_FORGET		0x01
#define KZT_PUSH_REDIRECT	0x02
#define KZT_PUSH_FILL		1176	/* add no entry to a packet this long */
#define KZT_PUSH_ENTRY_MAX	23

struct kzt_push {
	struct kzt_cur c;
	u16 left;
};

struct kzt_push_entry {
	u8 flags;
	struct kzt_inetaddr addr;	/* null: of a kind to be skipped */
};

int kzt_push_open(const u8 *pkt, size_t len, struct kzt_push *it);
int kzt_push_next(struct kzt_push *it, struct kzt_push_entry *e);
u8 *kzt_push_start(struct kzt_wcur *w);
bool kzt_push_add(struct kzt_wcur *w, u8 *count, u8 flags,
		  const struct kzt_inetaddr *a);

/* --- Link quality, 10.18; USER_MESSAGE, 10.19; REMOTE_TRACE, 10.20 --- */

#define KZT_QOS_RECORD_LEN	10
#define KZT_QOS_MAX_RECORDS	140
#define KZT_QOS_MIN_LEN		9
#define KZT_QOS_MAX_LEN		1400

struct kzt_qos_record {
	u64 id;				/* as kzt_packet_id() has it */
	u16 hold;			/* ms between receipt and report */
};

struct kzt_user_message {
	u64 type;
	const u8 *data;
	size_t len;
};

int kzt_ack_parse(const u8 *pkt, size_t len, u32 *bytes);
int kzt_qos_open(const u8 *pkt, size_t len, struct kzt_cur *c);
int kzt_qos_next(struct kzt_cur *c, struct kzt_qos_record *r);
bool kzt_qos_put(struct kzt_wcur *w, const struct kzt_qos_record *r);
int kzt_path_negotiation_parse(const u8 *pkt, size_t len, s16 *utility);
int kzt_user_message_parse(const u8 *pkt, size_t len,
			   struct kzt_user_message *m);
void kzt_user_message_put(struct kzt_wcur *w, u64 type);
int kzt_trace_next(struct kzt_cur *c, const u8 **dict, size_t *dict_len);

#endif /* KZT_PROTO_VERBS_H */
