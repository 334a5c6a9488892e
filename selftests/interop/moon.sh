#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Moons learned from one of their roots, between kzt and the real core: each is
# the root that is asked, and the one that asks.
#
#   r (kzt, the planet)  k (kzt)  m (real): roots of a moon each
#   a (kzt)  b (real): leaves
. "$SELFTESTS/interop/lib.sh"
ns r k m a b
lan lan0 r 172.30.0.1/24 -- k 172.30.0.2/24 -- m 172.30.0.3/24 -- a 172.30.0.4/24 -- b 172.30.0.5/24
planet 0=172.30.0.1/9993 >/dev/null
check "a moon with a kzt root" "$KZT" world make "$TMP/of-k" moon root "$KZT_IDS/1.pub=172.30.0.2/9993"
check "a moon with a real root" "$KZT" world make "$TMP/of-m" moon root "$KZT_IDS/2.pub=172.30.0.3/9993"
id_of() { "$KZT" -j world show "$1" | jq -r '.worlds[0].id'; }
K=$(id_of "$TMP/of-k") M=$(id_of "$TMP/of-m")
check "the planet's root" kzt_node r 0
check "the kzt root of a moon" eval "kzt_node k 1 && kzt_in k moon add $TMP/of-k"
mkdir -p "$TMP/real-m"
cp "$TMP/of-m" "$TMP/real-m/4-$(printf %x $((16#$M)))"
check "the real root of another" real m 2 --planet "$PLANET" --bind 172.30.0.3/9993
check "which loads its moon" real_ask m orbit "$M" 0
check "a kzt leaf" kzt_node a 3
check "a real leaf" real b 4 --planet "$PLANET" --bind 172.30.0.5/9993
check "the kzt leaf is online" until_ok 60 online a
check "and knows that to the planet's root" until_ok 60 peer a r '.role == "planet"'
check "the real leaf, too" until_ok 60 real_peer b r '.role == "planet"'

check "the real leaf asks the kzt root" real_ask b orbit "$K" "${ADDR[k]}"
check "and has the moon" until_ok 120 real_peer b k '.role == "moon"'
check "which it stores as it was made" until_ok 10 cmp "$TMP/of-k" "$TMP/real-b/4-$(printf %x $((16#$K)))"
check "the kzt leaf asks the real root" kzt_in a moon add "$M" seed "${ADDR[m]}"
check "and has the moon" until_ok 120 peer a m '.role == "moon"'
check "which it stores as it was made" until_ok 10 cmp "$TMP/of-m" "$TMP/state-a/moons.d/$M.moon"
check "nothing is waited for" eval "kzt_in a -j moon show | jq -e '.wanted == []'"
check "the real leaf leaves it" real_ask b deorbit "$K"
check "and the root is a leaf" until_ok 60 eval '! real_peer b k ".role == \"moon\""'
state_of r k m a b
done_testing
