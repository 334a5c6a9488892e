/* SPDX-License-Identifier: GPL-2.0 */
/* Key agreement, and armouring of skbs. */
#ifndef KZT_CRYPT_H
#define KZT_CRYPT_H

#include <linux/types.h>
#include "crypto/armor.h"

int kzt_crypt_module_init(void);
void kzt_crypt_module_exit(void);
/*
 * spec 1, 4 and 2.10: X25519, SHA-512, KBKDF. Process context. -EKEYREJECTED:
 * the agreement is zero
 */
int kzt_key_agree(struct kzt_keys *keys, const u8 secret[32], const u8 public[32]);
/* Public halves match the secret (X25519 half only; Ed25519 is user space's) */
bool kzt_key_matches(const u8 secret[32], const u8 public[32]);
int kzt_sha512(const void *data, size_t len, u8 out[64]);

#endif /* KZT_CRYPT_H */
