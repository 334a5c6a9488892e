/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Authenticated encryption of whole packets (spec 1, section 5).
 *
 * A packet is one contiguous buffer, before fragmentation or after reassembly.
 */
#ifndef KZT_CRYPTO_ARMOR_H
#define KZT_CRYPTO_ARMOR_H

#include "env.h"
#include "siv.h"

/* Cipher suites, the values of the three bits in byte 18 */
enum {
	KZT_SUITE_POLY_NONE	= 0,	/* authenticated only */
	KZT_SUITE_POLY_SALSA	= 1,
	KZT_SUITE_NONE		= 2,	/* trusted path */
	KZT_SUITE_SIV		= 3,
};

/**
 * struct kzt_keys - what is derived from the secret shared with a peer
 * @k: packet key, for suites 0 and 1 and the tail of HELLO
 * @siv: keys of suite 3
 *
 * Constant between kzt_keys_init() and kzt_keys_destroy().
 */
struct kzt_keys {
	u8 k[32];
	struct kzt_siv_key siv;
};

/**
 * kzt_keys_init() - expand the keys of a peer
 * @keys: what to fill
 * @shared: 48 bytes of the agreed secret (spec 1, section 4)
 * @k0: AES key labelled '0'
 * @k1: AES key labelled '1'
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int kzt_keys_init(struct kzt_keys *keys, const u8 shared[48], const u8 k0[32],
		  const u8 k1[32]);

/**
 * kzt_keys_destroy() - wipe the keys of a peer
 * @keys: no longer in use by anyone
 *
 * Context: process.
 */
void kzt_keys_destroy(struct kzt_keys *keys);

/**
 * kzt_armor_simd() - kzt_armor() within a section of kzt_simd_begin()
 * @pkt: as there
 * @len: as there
 * @suite: as there
 * @keys: as there
 * @simd: as returned by kzt_simd_begin()
 */
void kzt_armor_simd(u8 *pkt, size_t len, unsigned int suite,
		    const struct kzt_keys *keys, bool simd);

/**
 * kzt_armor() - authenticate and encrypt a packet in place
 * @pkt: ID, addresses, verb and payload in the clear; in byte 18 the flag 0x40
 *	and the hops are final
 * @len: of the whole packet, 28 at least
 * @suite: KZT_SUITE_*; with KZT_SUITE_NONE only byte 18 is set, the caller
 *	writes the path ID
 * @keys: of the receiver
 *
 * Sets the suite and flag 0x80 in byte 18 and the MAC.  KZT_SUITE_SIV also
 * replaces the packet ID: whoever wants to know it reads it afterwards.
 *
 * Implements: spec 1, 5.3 to 5.7 "Send".
 *
 * Context: any.
 */
void kzt_armor(u8 *pkt, size_t len, unsigned int suite,
	       const struct kzt_keys *keys);

/**
 * kzt_dearmor_simd() - kzt_dearmor() within a section of kzt_simd_begin()
 * @pkt: as there
 * @len: as there
 * @keys: as there
 * @simd: as returned by kzt_simd_begin()
 *
 * Return: as there.
 */
int __must_check kzt_dearmor_simd(u8 *pkt, size_t len,
				  const struct kzt_keys *keys, bool simd);

/**
 * kzt_dearmor() - check a packet and decrypt it in place
 * @pkt: as received, reassembled; the header stays as it is
 * @len: of the whole packet
 * @keys: of the sender
 *
 * After a failure the payload is as received (suites 0 and 1) or all zero
 * (suite 3), never unauthenticated plaintext.
 *
 * Implements: spec 1, 5.3 to 5.7 "Receive".
 *
 * Context: any.
 * Return: 0; -EBADMSG if it does not authenticate or is shorter than a packet;
 * -EPROTONOSUPPORT for suites that protect nothing or are undefined.
 */
int __must_check kzt_dearmor(u8 *pkt, size_t len, const struct kzt_keys *keys);

/**
 * kzt_hello_mask() - mask or unmask the tail of HELLO
 * @tail: from behind the planet's timestamp to the end of the packet
 * @len: its length, may be 0
 * @pkt_id: bytes 0..7 of the packet
 * @keys: of the peer
 *
 * Before kzt_armor(), after kzt_dearmor().
 *
 * Implements: spec 1, 5.9.
 *
 * Context: any.
 */
void kzt_hello_mask(u8 *tail, size_t len, const u8 pkt_id[8],
		    const struct kzt_keys *keys);

#endif /* KZT_CRYPTO_ARMOR_H */
