#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Leaves that reach a root and nothing else are relayed by it, whichever core
# it has; and find each other when they can.
. "$SELFTESTS/interop/lib.sh"

ns kroot a b real
star 4 kroot a b real
planet 0=172.30.1.1/9993,172.30.2.1/9993,172.30.3.1/9993 >/dev/null
check "a kzt root" kzt_node kroot 0
check "a kzt leaf" kzt_node a 1
check "another" kzt_node b 2
check "a real leaf" real_leaf real 3 172.30.3.2
check "the kzt leaves join the ad-hoc network" eval "kzt_member a && kzt_member b"
check "the kzt leaves are online" eval "until_ok 30 online a && until_ok 30 online b"
both_ways "kzt root: ping between kzt leaves" a b
both_ways "kzt root: ping between kzt and real" a real
relayed a b kroot
relayed a real kroot
check "the root counts what it relays" [ "$(counts kroot relayed)" -gt 20 ]
check "large frames, relayed in pieces" pings a "$(address_of real 4)" -s 2772 -M "do"
check "large frames back" pings real "$(address_of a 4)" -s 2772 -M "do"
on kroot sysctl -qw net.ipv4.ip_forward=1
check "when routes allow it, kzt finds kzt" until_ok 90 is_link a b direct
check "and the real core" until_ok 90 is_link a real direct
state_of kroot a b real
tidy

ns rroot a b
star 4 rroot a b
planet 0=172.30.1.1/9993,172.30.2.1/9993 >/dev/null
check "a real root" real rroot 0 --planet "$PLANET" --bind 172.30.1.1/9993 \
	--bind 172.30.2.1/9993
check "a kzt leaf of it" kzt_node a 1
check "another of it" kzt_node b 2
check "they join the ad-hoc network" eval "kzt_member a && kzt_member b"
check "and are online" eval "until_ok 30 online a && until_ok 30 online b"
both_ways "real root: ping between kzt leaves" a b
relayed a b rroot
check "large frames, relayed by it in pieces" pings a "$(address_of b 4)" -s 2772 -M "do"
state_of rroot a b
done_testing
