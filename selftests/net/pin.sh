#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Paths chosen by hand: pinned, denied, capped; and policies that lack a leg.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/multipath.sh"
check "two nodes find two paths" legs 2
B=${ADDR[b]}
serve_flows b

id=$(path_by a b u2 id)
check "u2 is pinned without any policy" kzt_in a path pin "$B" "$id"
check "it carries everything" until_ok 20 carries_alone a b u2
same "and says why" pinned "$(path_by a b u2 why)"
check "explain says so, too" explains a b "by u2 .*pinned"
spread a 2 flows a 4 10.88.0.2 1M
within "traffic obeys" 90 100 "${SPREAD[2]}"
id=$(path_by a b u1 id)
check "u1 is pinned instead" kzt_in a path pin "$B" "$id"
check "it carries everything" until_ok 20 carries_alone a b u1
refuses "a path that does not exist" 1 "no such path" kzt_in a path pin "$B" 999
check "the pin is undone" kzt_in a path pin "$B" none
same "nothing is pinned" 0 "$(peer_of a b | jq '[.paths[] | select(.pinned)] | length')"

check "a policy with a cap of one IPv4 path" kzt_in a policy set peer "$B" balance-xor family-max-4 1
check "one path is in use" until_ok 20 in_use a b 1
check "the other says why" explains a b "more than the caps allow"
check "without the cap" kzt_in a policy set peer "$B" balance-xor
check "both are" until_ok 20 in_use a b 2

check "the prefix of u1 is denied" kzt_in a path deny 172.31.1.0/24
check "its path is not used" until_ok 30 not_used a b u1
check "u2 carries everything" until_ok 30 carries_alone a b u2
same "the node shows it" 172.31.1.0/24 "$(kzt_in a -j node show | jq -r '.node.deny[0]')"
refuses "what is not denied cannot be allowed" 1 "not denied" kzt_in a path allow 10.99.0.0/16
check "it is allowed again" kzt_in a path allow 172.31.1.0/24
same "nothing is denied" 0 "$(kzt_in a -j node show | jq '.node.deny | length')"

check "the policy is forgotten" kzt_in a policy set peer "$B" default
ip -n b link set u1 down
ip -n a link set u1 down
check "one path is left" until_ok 300 sh -c "[ \"\$($KZT -n a -j peer show $B | jq '[.peers[0].paths[] | select(.state == \"up\")] | length')\" = 1 ]"
refuses "a link without a path is named" 1 "no path by u1|only one path" \
	kzt_in a policy set peer "$B" active-backup link u1 link u2
check "force sets it all the same" kzt_in a policy set peer "$B" active-backup link u1 link u2 force
check "it is shown as not in force, or with a dead leg" kzt_in a policy show
stop_flows b
done_testing
