#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# An underlay with IPv6 alone: a root and leaves of either core, directly and relayed.
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
tidy

# Who reaches the root and nothing else
ns kroot a real
star 6 kroot a real
planet 0=fd72:1::1/9993,fd72:2::1/9993 >/dev/null
check "a kzt root in the middle" kzt_node kroot 0
check "a kzt leaf" kzt_node a 1
check "a real leaf" real_leaf real 3 fd72:2::2
check "the kzt leaf joins the ad-hoc network" kzt_member a
check "and is online" until_ok 30 online a
both_ways "kzt root: ping between kzt and real" a real
relayed a real kroot
check "large frames, relayed in pieces" pings a "$(address_of real 4)" -s 2772 -M "do"
check "large frames back" pings real "$(address_of a 4)" -s 2772 -M "do"
state_of kroot a real
tidy

ns rroot a b
star 6 rroot a b
planet 0=fd72:1::1/9993,fd72:2::1/9993 >/dev/null
check "a real root in the middle" real rroot 0 --planet "$PLANET" --bind fd72:1::1/9993 \
	--bind fd72:2::1/9993
check "a kzt leaf of it" kzt_node a 1
check "another of it" kzt_node b 2
check "they join the ad-hoc network" eval "kzt_member a && kzt_member b"
check "and are online" eval "until_ok 30 online a && until_ok 30 online b"
both_ways "real root: ping between kzt leaves" a b
relayed a b rroot
check "large frames, relayed by it in pieces" pings a "$(address_of b 4)" -s 2772 -M "do"
state_of rroot a b
tidy

ns rroot a b
lan lan1 rroot fd72::1/64 -- a fd72::2/64 -- b fd72::3/64
planet 0=fd72::1/9993 >/dev/null
check "a real root on one LAN, and a member" real_leaf rroot 0 fd72::1
check "kzt leaves of it" eval "kzt_node a 1 && kzt_node b 2"
check "they join the ad-hoc network" eval "kzt_member a && kzt_member b"
check "and are online" eval "until_ok 30 online a && until_ok 30 online b"
both_ways "ping between a kzt leaf and the real root" a rroot
both_ways "ping between kzt leaves" a b
check "the leaves find each other" until_ok 40 is_link a b direct
same "all paths are IPv6's" true "$(kzt_in a -j peer show |
	jq '[.peers[].paths[].remote | startswith("[fd72::")] | length > 0 and all')"
state_of rroot a b
done_testing
