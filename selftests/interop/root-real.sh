#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The real core is root; two kzt nodes are its leaves, on one LAN.
. "$SELFTESTS/interop/lib.sh"
ns root a b
lan lan0 root 172.30.0.1/24 -- a 172.30.0.2/24 -- b 172.30.0.3/24
planet 0=172.30.0.1/9993 >/dev/null
check "a real root, on the ad-hoc network, too" real_leaf root 0 172.30.0.1
sniff a u0 "$TMP/sniffed-a" && sniff b u0 "$TMP/sniffed-b"
check "a kzt leaf" kzt_node a 1
check "another" kzt_node b 2
check "the first joins the ad-hoc network" kzt_member a
check "and the second" kzt_member b
check "the first is online" until_ok 30 online a
check "and the second" until_ok 30 online b
check "the real core has the first's version" until_ok 20 real_peer root a \
	'.role == "leaf" and (.version | test("^[1-9]"))'
check "the first knows the root as planet" peer a root '.role == "planet"'
check "and its protocol" until_ok 10 peer a root '.proto == 12'
both_ways "ping between kzt leaves" a b
both_ways "ping between a kzt leaf and the real root" a root
check "the leaves find each other" until_ok 40 is_link a b direct
check "in both directions" until_ok 40 is_link b a direct
check "introduced by the root, or by their pushed addresses" \
	[ $(($(counts a rendezvous-rx) + $(counts a push-direct-paths-rx))) -gt 0 ]
old=$(counts a tx-suite1)
check "more pings to the real root" pings a "$(address_of root 4)"
same "all under suite 3" "$old" "$(counts a tx-suite1)"
# Its RENDEZVOUS for the source of a packet (41 bytes) it armours now and then
# with the AES keys that it shares with the other of the pair
introductions() {
	awk -v root="${ADDR[root]}" -v to="${ADDR[$1]}" '$1 == "head" && $2 == 41 &&
		$4 == to && $5 == root && $6 == 3' "$TMP/sniffed-$1" | wc -l
}
for n in a b; do
	check "no packet to $n but introductions failed to authenticate" \
		[ "$(drops $n authentication)" -le "$(introductions $n)" ]
done
state_of root a b
done_testing
