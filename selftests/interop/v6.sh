#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# An underlay with IPv6 alone: a kzt root, a kzt leaf and a real one.
. "$SELFTESTS/interop/lib.sh"
ns root leaf real
lan lan0 root fd72::1/64 -- leaf fd72::2/64 -- real fd72::3/64
planet 0=fd72::1/9993 >/dev/null
check "a kzt root" kzt_node root 0
check "a kzt leaf" kzt_node leaf 1
check "a real leaf" real_leaf real 2 fd72::3
check "the kzt leaf joins the ad-hoc network" kzt_member leaf
check "and so does the root" kzt_member root
check "the kzt leaf is online" until_ok 30 online leaf
check "the real leaf is online" until_ok 30 real_event real '.event == "online"'
both_ways "ping between kzt and real leaves" leaf real
both_ways "ping between the kzt root and the real leaf" root real 4
both_ways "ping between kzt nodes" root leaf 4
check "the leaves find each other" until_ok 40 is_link leaf real direct
check "in both directions" until_ok 40 real_direct real leaf
same "all paths are IPv6's" true "$(kzt_in leaf -j peer show |
	jq '[.peers[].paths[].remote | startswith("[fd72::")] | length > 0 and all')"
check "large frames" pings leaf "$(address_of real 4)" -s 2772 -M "do"
check "large frames back" pings real "$(address_of leaf 4)" -s 2772 -M "do"
check "TCP carries the right bytes both ways" \
	tcp_hash leaf - real "$(address_of real 6)" 500000
state_of root leaf real
done_testing
