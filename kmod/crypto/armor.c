// SPDX-License-Identifier: GPL-2.0
/* Authenticated encryption of whole packets (spec 1, section 5). */
#include "env.h"
#include "armor.h"
#include "poly1305.h"
#include "salsa20.h"
#include "simd.h"

/* Offsets in a packet (spec 1, section 2) */
#define OFF_ADDRS	8
#define OFF_FLAGS	18
#define OFF_MAC		19
#define OFF_BODY	27
#define MIN_LEN		28
#define MAC_LEN		8

#define FLAG_ENCRYPTED	0x80
#define FLAG_FRAGMENTED	0x40
#define HOPS_MASK	0x07
#define SUITE_SHIFT	3

#define ROUNDS		12

/*
 * So many blocks of keystream are made first: the Poly1305 key and, for vector
 * code does several at the price of one, the beginning of the payload's.  A
 * small packet needs no more.
 */
#define HEAD_BLOCKS	6
#define HEAD_LEN	(HEAD_BLOCKS * KZT_SALSA20_BLOCK)

int kzt_keys_init(struct kzt_keys *keys, const u8 shared[48], const u8 k0[32],
		  const u8 k1[32])
{
	memcpy(keys->k, shared, sizeof(keys->k));
	return kzt_siv_key_init(&keys->siv, k0, k1);
}

void kzt_keys_destroy(struct kzt_keys *keys)
{
	kzt_siv_key_destroy(&keys->siv);
	memzero_explicit(keys->k, sizeof(keys->k));
}

static unsigned int suite_of(const u8 *pkt)
{
	return pkt[OFF_FLAGS] >> SUITE_SHIFT & 7;
}

/* Spec 1, 5.3: the keystream of this packet */
static void mangle(struct kzt_salsa20 *s, const u8 *pkt, size_t len,
		   const struct kzt_keys *keys)
{
	u8 m[32];
	unsigned int i;

	memcpy(m, keys->k, sizeof(m));
	for (i = 0; i < OFF_FLAGS; i++)
		m[i] ^= pkt[i];
	m[OFF_FLAGS] ^= pkt[OFF_FLAGS] & ~HOPS_MASK;
	m[19] ^= len;
	m[20] ^= len >> 8;
	kzt_salsa20_init(s, m, pkt, 0);
	memzero_explicit(m, sizeof(m));
}

static void xor_bytes(u8 *dst, const u8 *src, size_t len)
{
	size_t i;

	for (i = 0; i + 8 <= len; i += 8)
		put_unaligned_le64(get_unaligned_le64(dst + i) ^
				   get_unaligned_le64(src + i), dst + i);
	for (; i < len; i++)
		dst[i] ^= src[i];
}

/**
 * struct stream - the keystream of a packet in suite 0 or 1
 * @s: where it goes on after the head
 * @head: its first blocks, the Poly1305 key foremost
 * @len: how much of @head is filled
 */
struct stream {
	struct kzt_salsa20 s;
	u8 head[HEAD_LEN] __aligned(32);
	size_t len;
};

static void stream_begin(struct stream *st, const u8 *pkt, size_t len,
			 const struct kzt_keys *keys, bool simd)
{
	st->len = KZT_SALSA20_BLOCK;
	if (simd && suite_of(pkt) == KZT_SUITE_POLY_SALSA)
		st->len += len - OFF_BODY;
	st->len = min_t(size_t, HEAD_LEN, (st->len + 63) & ~(size_t)63);
	mangle(&st->s, pkt, len, keys);
	kzt_salsa20_crypt(&st->s, st->head, NULL, st->len, ROUNDS, simd);
}

static void stream_crypt(struct stream *st, u8 *body, size_t len, bool simd)
{
	size_t n = min_t(size_t, len, st->len - KZT_SALSA20_BLOCK);

	xor_bytes(body, st->head + KZT_SALSA20_BLOCK, n);
	kzt_salsa20_crypt(&st->s, body + n, body + n, len - n, ROUNDS, simd);
}

static void stream_end(struct stream *st)
{
	memzero_explicit(&st->s, sizeof(st->s));
	memzero_explicit(st->head, st->len);
}

static void armor_poly(u8 *pkt, size_t len, const struct kzt_keys *keys,
		       bool simd)
{
	struct stream st;
	u8 tag[16];

	stream_begin(&st, pkt, len, keys, simd);
	if (suite_of(pkt) == KZT_SUITE_POLY_SALSA)
		stream_crypt(&st, pkt + OFF_BODY, len - OFF_BODY, simd);
	kzt_poly1305(tag, pkt + OFF_BODY, len - OFF_BODY, st.head, simd);
	memcpy(pkt + OFF_MAC, tag, MAC_LEN);
	stream_end(&st);
}

static int dearmor_poly(u8 *pkt, size_t len, const struct kzt_keys *keys,
			bool simd)
{
	struct stream st;
	int err = 0;
	u8 tag[16];

	stream_begin(&st, pkt, len, keys, simd);
	kzt_poly1305(tag, pkt + OFF_BODY, len - OFF_BODY, st.head, simd);
	if (crypto_memneq(tag, pkt + OFF_MAC, MAC_LEN))
		err = -EBADMSG;
	else if (suite_of(pkt) == KZT_SUITE_POLY_SALSA)
		stream_crypt(&st, pkt + OFF_BODY, len - OFF_BODY, simd);
	stream_end(&st);
	memzero_explicit(tag, sizeof(tag));
	return err;
}

/* Addresses and flags without the hops, which relays change */
static void siv_aad(u8 aad[KZT_SIV_AAD_LEN], const u8 *pkt)
{
	memcpy(aad, pkt + OFF_ADDRS, KZT_SIV_AAD_LEN);
	aad[KZT_SIV_AAD_LEN - 1] &= ~HOPS_MASK;
}

static void armor_siv(u8 *pkt, size_t len, const struct kzt_keys *keys,
		      bool simd)
{
	u8 siv[KZT_SIV_LEN], aad[KZT_SIV_AAD_LEN];

	siv_aad(aad, pkt);
	kzt_siv_seal(&keys->siv, siv, pkt, aad, pkt + OFF_BODY,
		     len - OFF_BODY, simd);
	memcpy(pkt, siv, 8);
	memcpy(pkt + OFF_MAC, siv + 8, MAC_LEN);
}

static int dearmor_siv(u8 *pkt, size_t len, const struct kzt_keys *keys,
		       bool simd)
{
	u8 siv[KZT_SIV_LEN], aad[KZT_SIV_AAD_LEN];

	siv_aad(aad, pkt);
	memcpy(siv, pkt, 8);
	memcpy(siv + 8, pkt + OFF_MAC, MAC_LEN);
	return kzt_siv_open(&keys->siv, siv, aad, pkt + OFF_BODY,
			    len - OFF_BODY, simd);
}

void kzt_armor_simd(u8 *pkt, size_t len, unsigned int suite,
		    const struct kzt_keys *keys, bool simd)
{
	if (len < MIN_LEN)
		return;

	pkt[OFF_FLAGS] &= FLAG_FRAGMENTED | HOPS_MASK;
	pkt[OFF_FLAGS] |= suite << SUITE_SHIFT;
	if (suite == KZT_SUITE_POLY_SALSA)
		pkt[OFF_FLAGS] |= FLAG_ENCRYPTED;

	switch (suite) {
	case KZT_SUITE_POLY_NONE:
	case KZT_SUITE_POLY_SALSA:
		armor_poly(pkt, len, keys, simd);
		break;
	case KZT_SUITE_SIV:
		armor_siv(pkt, len, keys, simd);
		break;
	}
}

void kzt_armor(u8 *pkt, size_t len, unsigned int suite,
	       const struct kzt_keys *keys)
{
	bool simd = kzt_simd_begin();

	kzt_armor_simd(pkt, len, suite, keys, simd);
	kzt_simd_end(simd);
}

int kzt_dearmor_simd(u8 *pkt, size_t len, const struct kzt_keys *keys,
		     bool simd)
{
	if (len < MIN_LEN)
		return -EBADMSG;

	switch (suite_of(pkt)) {
	case KZT_SUITE_POLY_NONE:
	case KZT_SUITE_POLY_SALSA:
		return dearmor_poly(pkt, len, keys, simd);
	case KZT_SUITE_SIV:
		return dearmor_siv(pkt, len, keys, simd);
	default:
		return -EPROTONOSUPPORT;
	}
}

int kzt_dearmor(u8 *pkt, size_t len, const struct kzt_keys *keys)
{
	bool simd = kzt_simd_begin();
	int err;

	err = kzt_dearmor_simd(pkt, len, keys, simd);
	kzt_simd_end(simd);
	return err;
}

void kzt_hello_mask(u8 *tail, size_t len, const u8 pkt_id[8],
		    const struct kzt_keys *keys)
{
	u8 nonce[8];

	memcpy(nonce, pkt_id, sizeof(nonce));
	nonce[7] &= 0xf8;
	kzt_salsa20_xor(tail, tail, len, keys->k, nonce, 0, ROUNDS);
}
