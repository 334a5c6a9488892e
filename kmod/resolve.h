/* SPDX-License-Identifier: GPL-2.0 */
/* Address resolution on a network, as bytes (spec 4, 4.11.3, 4.11.6). */
#ifndef KZT_RESOLVE_H
#define KZT_RESOLVE_H

#include "env.h"

#define KZT_NDP_ADVERT_LEN	72	/* IPv6 header, advertisement, option */

bool kzt_arp_adi(u16 ethertype, const u8 *body, size_t len, u32 *adi);
const u8 *kzt_ndp_target(u16 ethertype, const u8 *body, size_t len);
bool kzt_ndp_member(u64 nwid, const u8 own[16], unsigned int bits,
		    const u8 target[16], u64 *member);
void kzt_ndp_advert(const u8 own[16], const u8 target[16], const u8 mac[6],
		    u8 out[KZT_NDP_ADVERT_LEN]);

#endif /* KZT_RESOLVE_H */
