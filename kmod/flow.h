/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flows of a bonded peer (spec 3, 3.20.7, 3.20.8): what tells conversations
 * apart, and on which path each stays.  Pure; the pins are written without a lock,
 * a lost update costs a detour.
 */
#ifndef KZT_FLOW_H
#define KZT_FLOW_H

#include "env.h"

/**
 * struct kzt_flow_key - what the packets of a conversation have in common, in
 *	both directions
 * @addr: for each word of the addresses, source xor destination
 * @protocol: above IP, behind the extension headers
 * @has_ports: @ports is set
 * @ports: source xor destination
 */
struct kzt_flow_key {
	u32 addr[4];
	u8 protocol;
	bool has_ports;
	u16 ports;
};

#define KZT_PINS	512	/* flows remembered by hash */
#define KZT_PIN_SECONDS	243	/* spec 3.20.8 */

/**
 * struct kzt_pin - where a flow belongs that the other side began
 * @path_id: path it came by last
 * @seconds: when, modulo 2^16
 * @state: enum pin_state in flow.c; 0: free
 */
struct kzt_pin {
	u32 path_id;
	u16 seconds;
	u8 state;
};

bool kzt_flow_key_of(u16 ethertype, const u8 *p, size_t len,
		     struct kzt_flow_key *key);
bool kzt_flow_hash(const u8 *pkt, size_t len, u32 *hash);
void kzt_flow_came(struct kzt_pin *pins, u32 hash, u32 path_id, u64 now);
bool kzt_flow_stay(struct kzt_pin *pins, u32 hash, u64 now, u32 *path_id);

#endif /* KZT_FLOW_H */
