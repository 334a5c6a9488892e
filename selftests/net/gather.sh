#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Asking for the members of a group shows the certificate of membership: c, whose
# device is in no group, gets no frame of b's, and knows it nevertheless.
#
#   c (root, controller and member)  b: one underlay
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/controlled.sh"
controlled c=10.77.0.3 b=10.77.0.2

check "a private network" api POST "/$NW" '{"name": "gather", "private": true}'
for n in c b; do check "$n may join" api POST "/$NW/member/${ADDR[$n]}" '{"authorized": true}'; done
check "c joins" kzt_in c network join "$NW" dev kzt0
check "and is on it" until_ok 60 is_status c ok
check "its device goes down" ip -n c link set kzt0 down
in_none() { kzt_in c -j multicast show "$NW" | jq -e '[.groups[] | select(.subscribed)] == []'; }
check "and is in no group" until_ok 30 in_none
check "b joins" kzt_in b network join "$NW" dev kzt0
check "and is on it" until_ok 60 is_status b ok
ip -n b addr add 10.99.0.2/24 dev kzt0
shown() { on b ping -q -c 1 -W 1 10.99.0.1; is_member c b agrees; }	# ARP's question asks c
check "by what b asks, c knows its certificate" until_ok 30 shown
same "which b did not push" 0 "$(counts b credential-pushes)"
done_testing
