#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A moon: more roots.  It comes, serves when the planet's root is gone, and goes.
. "$SELFTESTS/interop/lib.sh"
MOON=$TMP/moon

ns root moon a b
lan lan0 root 172.30.0.1/24 -- moon 172.30.0.2/24 -- a 172.30.0.3/24 -- b 172.30.0.4/24
planet 0=172.30.0.1/9993 >/dev/null 2>&1
check "a moon is made" "$KZT" world make "$MOON" moon root "$KZT_IDS/1.pub=172.30.0.2/9993"
check "it can be shown" "$KZT" world show "$MOON"
check "the planet's root" kzt_node root 0
check "the moon's root" kzt_node moon 1
check "joins its own moon" kzt_in moon moon add "$MOON"
check "two leaves" eval "kzt_node a 2 && kzt_node b 3 && kzt_member a && kzt_member b"
check "are online" eval "until_ok 60 online a && until_ok 60 online b"
check "they use the moon, too" eval "kzt_in a moon add $MOON && kzt_in b moon add $MOON"
check "so its root is one of theirs" until_ok 60 is_role a moon moon
check "of both" until_ok 60 is_role b moon moon
check "and heard" until_ok 60 is_link a moon direct
ID=$(kzt_in a -j moon show | jq -r '.moons[0].id')
check "the moon is shown" [ -n "$ID" ]
check "the planet's root is gone" kzt_in root node del
check "the leaves are online all the same" online a
WAIT=90 check "and find each other by the moon's root" reaches a "$(address_of b 4)"
refuses "a moon that nobody signed" 1 "." eval "head -c 100 $MOON >$TMP/bad; kzt_in a moon add $TMP/bad"
check "the moon is left" kzt_in a moon del "$ID"
check "and its root is a leaf again, or unknown" until_ok 60 eval '! is_role a moon moon'
same "no moon is shown" 0 "$(kzt_in a -j moon show | jq '.moons | length')"

# --- learned from its root, by id and address ---
wanted() { [ "$(kzt_in a -j moon show | jq -c .wanted)" = "$1" ]; }
has_moon() { kzt_in "$1" -j moon show | jq -e ".moons[0].id == \"$ID\"" && wanted '[]'; }
check "the planet's root is back" eval "node root 0 && until_ok 20 kzt_in root world set $PLANET"
check "a moon is wanted that its seed does not have" kzt_in a moon add 1122334455 seed "${ADDR[b]}"
check "it is waited for" wanted "[{\"id\":\"0000001122334455\",\"seed\":\"${ADDR[b]}\"}]"
check "and given up" kzt_in a moon del 1122334455
check "wholly" wanted '[]'
refuses "twice" 1 'no such moon' kzt_in a moon del 1122334455
refuses "of itself" 1 'this node itself' kzt_in a moon add "$ID" seed "${ADDR[a]}"
refuses "of no address" 2 'address' kzt_in a moon add "$ID" seed 12
until_ok 60 online a
check "a moon is learned from its root" kzt_in a moon add "$ID" seed "${ADDR[moon]}"
check "which sends it" until_ok 90 has_moon a
check "its root is one again" until_ok 60 is_role a moon moon
check "it is kept" test -s "$TMP/state-a/moons.d/$ID.moon"
same "wanted again, it is there" false "$(kzt_in a -j moon add "$ID" seed "${ADDR[moon]}" | jq .moon.waiting)"
# Of a node that is not known yet, and by the shim
kzt_in b node del
kill "${AGENT[b]}"
wait "${AGENT[b]}" 2>/dev/null
rm -rf "$TMP/state-b"
check "a node that knows nobody" kzt_node b 4
until_ok 60 online b
check "asks by the command that scripts know" on b "${KZT%/*}/zerotier-cli" orbit "$ID" "${ADDR[moon]}"
check "and gets it" until_ok 90 has_moon b
check "another root's id is not taken" eval "kzt_in b moon del $ID && kzt_in b moon add $ID seed ${ADDR[root]}"
check "the seed has none of its own" eval "! until_ok 8 has_moon b"
state_of root moon a b
done_testing
