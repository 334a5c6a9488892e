/* SPDX-License-Identifier: GPL-2.0 */
/* How several paths of a peer are used, in the words of the reference's API. */
#ifndef KZT_BOND_JSON_H
#define KZT_BOND_JSON_H

#include <jansson.h>

/* Has the peer (as decode.h has it) several paths by a policy? */
int kzt_peer_is_bonded(const json_t *peer);
json_t *kzt_bond_json(const json_t *peer);

#endif /* KZT_BOND_JSON_H */
