#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A kzt root; a real node and a kzt node are its leaves, on one LAN.
. "$SELFTESTS/interop/lib.sh"
leaves_of_kzt
check "which sees the root as planet" until_ok 10 real_peer real root '.role == "planet"'
check "the root sees the real leaf's protocol" until_ok 10 peer root real '.proto == 12'
check "and its version" peer root real '.version == "1.8.4"'
both_ways "ping from kzt to real" leaf real
check "the kzt leaf reaches it directly" until_ok 40 is_link leaf real direct
check "and so does the real leaf" until_ok 40 real_direct real leaf
check "the real leaf names kzt a leaf" real_peer real leaf '.role == "leaf"'
check "kzt has the real leaf's version" until_ok 20 peer leaf real '.proto == 12'
check "the root was asked who is who" [ "$(counts root whois-rx)" -gt 0 ]
rx=$(counts leaf rx-suite3) tx=$(counts leaf tx-suite3) old=$(counts leaf tx-suite1)
check "more pings" pings leaf "$(address_of real 4)" -c 10
check "came under suite 3" [ "$(counts leaf rx-suite3)" -ge $((rx + 10)) ]
check "went under suite 3" [ "$(counts leaf tx-suite3)" -ge $((tx + 10)) ]
same "and not one under suite 1 in all" "$old" "$(counts leaf tx-suite1)"
same "no packet of the real core failed to authenticate" 0 "$(drops leaf authentication)"
state_of root leaf real
done_testing
