#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each multipath policy carries traffic over three wires as it should.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/multipath.sh"
check "two nodes find three paths" legs 3
B=${ADDR[b]}
serve_flows b

check "without a policy one path is active" in_use a b 1
same "the policy is none" none "$(peer_of a b | jq -r .policy)"

refuses "an unknown policy is refused" 2 "policy is none" kzt_in a policy set peer "$B" fastest
refuses "an unknown interface is refused" 1 "no interface u9" \
	kzt_in a policy set peer "$B" active-backup link u9
refuses "a fail-over interval that is too short is refused" 1 "fail-over" \
	kzt_in a policy set peer "$B" active-backup failover-ms 5
refuses "a peer that is not there is refused" 1 "no such peer" \
	kzt_in a policy set peer 1234567890 active-backup

check "active-backup with u2 as primary" kzt_in a policy set peer "$B" active-backup \
	link u1 spare link u2 primary link u3 spare
check "the primary carries everything" until_ok 20 carries_alone a b u2
check "the policy is in force" in_force a b
same "the peer shows its policy" active-backup "$(peer_of a b | jq -r .policy)"
check "explain says why" explains a b "by u2 .*active"
check "and that the others stand by" explains a b "by u1 .*stands by|by u1 .*spare"
spread a 3 flows a 4 10.88.0.2 2M
within "traffic takes the primary alone" 90 100 "${SPREAD[2]}"

check "balance-xor" kzt_in a policy set peer "$B" balance-xor
check "is in force" until_ok 20 in_force a b
spread a 3 flows a 100 10.88.0.2 2M
for i in 1 2 3; do within "u$i has its part of many flows" 10 60 "${SPREAD[i]}"; done
same "the shares add up" 1000000 "$(peer_of a b | jq '[.paths[]."share-ppm"] | add' | awk '{ print ($1 > 999990 && $1 <= 1000000) ? 1000000 : $1 }')"

check "balance-rr" kzt_in a policy set peer "$B" balance-rr packets-per-link 4
spread a 3 flows a 1 10.88.0.2 3M
for i in 1 2 3; do within "u$i has its turn in one flow" 20 50 "${SPREAD[i]}"; done

check "random" kzt_in a policy set peer "$B" random
spread a 3 flows a 1 10.88.0.2 3M
for i in 1 2 3; do within "u$i is drawn" 20 50 "${SPREAD[i]}"; done

check "manual with weights 1, 2 and 0" kzt_in a policy set peer "$B" manual \
	link u1 weight 1 link u2 weight 3 link u3 weight 0
spread a 3 flows a 100 10.88.0.2 2M
within "u1 has its weight" 8 45 "${SPREAD[1]}"
within "u2 has its weight" 50 90 "${SPREAD[2]}"
within "u3 has nothing but keepalives" 0 5 "${SPREAD[3]}"
same "its share says so" 0 "$(path_by a b u3 share-ppm)"

check "balance-aware with capacities 1 and 3" kzt_in a policy set peer "$B" balance-aware \
	link u1 capacity 1 link u2 capacity 3
spread a 3 flows a 100 10.88.0.2 2M
within "u2 has the greater part" 50 95 "${SPREAD[2]}"

# Drawn by capacity: the traffic agrees with the shares, whatever else goes by all
check "proportional with capacities 1 and 3" kzt_in a policy set peer "$B" proportional \
	link u1 capacity 1000 link u2 capacity 3000
spread a 3 flows a 4 10.88.0.2 2M
within "u2 has its share" 65 85 "${SPREAD[2]}"
balanced() { [ "$(policy_of a b | jq .balanced)" = true ]; }
check "the shares are kept" until_ok 20 balanced
check "each path is pinged" kzt_in a -j ping -p "$B" -c 5 -i 0.3
# But for those that come close behind a probe, spec 3.14
check "and answers by itself" jq -e '.ping.answers | group_by(."path-id") | length == 3 and
	all(.[]; length >= 2 and (map(.remote) | unique | length == 1))' "$TMP/out"
kzt_in a -j ping -p "$B" -c 60 -i 0.02 >/dev/null
check "which has no part in the shares" balanced

check "proportional" kzt_in a policy set peer "$B" proportional
check "carries traffic" flows a 4 10.88.0.2 1M
same "every path has a share" 3 "$(peer_of a b | jq '[.paths[] | select(."share-ppm" > 0)] | length')"

check "a policy for all peers" kzt_in a policy set balance-xor
check "the peer's own comes first" has_policy a b proportional
check "its own is forgotten" kzt_in a policy set peer "$B" default
check "then the common one holds" until_ok 20 has_policy a b balance-xor
check "and is forgotten, too" kzt_in a policy set default
same "then there is none" none "$(peer_of a b | jq -r .policy)"
check "and one path is active" until_ok 20 in_use a b 1

stop_flows b
done_testing
