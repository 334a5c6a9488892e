#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The largest configuration that there may be: as many rules and capabilities as
# fit, in some twenty chunks, and shown to another member in as many packets.
#
#   c (root and controller)  a  b: one underlay
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/controlled.sh"
controlled c=10.77.0.3 a=10.77.0.1 b=10.77.0.2
ctl() { kzt_in c controller "$@"; }

# 1022 rules, none of which lets IPv4 pass but ARP's; 128 capabilities of 64, of
# which the last rule of the last one does
rules() {
	local i k
	for i in {1..128}; do
		echo "cap c$i id $i"
		for k in {1..31}; do echo "drop ipsrc fd00:$i:$k::/64 ;"; done
		if [ "$i" = 128 ]; then echo 'accept ethertype ipv4 ;'; else echo 'drop ethertype 1 ;'; fi
		echo ';'
	done
	for i in {1..85}; do
		echo drop
		for k in {1..10}; do echo "ipsrc fd01:$i:$k::/64 or"; done
		echo 'ipdest fd01::/64 ;'
	done
	echo 'accept ethertype arp ;'
}
rules >"$TMP/rules"
check "a network with more rules than anybody needs" ctl network new "$NW" v4 on \
	route 10.99.0.0/24 pool 10.99.0.10-10.99.0.99 rules "$TMP/rules"
same "the controller has all capabilities" 128 "$(ctl -j network show "$NW" | jq '.network.capabilities | length')"
same "and all rules" 1022 "$(ctl -j network show "$NW" | jq '.network.rules | length')"
mapfile -t caps < <(printf 'capability\n%d\n' {1..128})
for n in a b; do
	check "$n may join, with all of them" ctl member authorize "$NW" "${ADDR[$n]}" "${caps[@]}"
	check "$n joins" kzt_in $n network join "$NW" dev kzt0
done
for n in a b; do check "$n has the configuration" until_ok 60 is_status $n ok; done
bytes=$(stat -c %s "$TMP/state-a/networks.d/$NW.conf")
check "it is large" [ "$bytes" -gt 100000 ]
diag "$bytes bytes, $(((bytes + 9739) / 9740)) chunks"
same "its rules are in the module" 1022 "$(kzt_in a -j rules show "$NW" | jq '.rules | length')"
same "so are its capabilities" 128 "$(kzt_in a -j rules show "$NW" | jq '.capabilities | length')"
address() { ip -n "$1" -j -4 addr show dev kzt0 | jq -re '.[0].addr_info[0].local'; }
for n in a b; do check "$n has its address" until_ok 20 address $n; done
# A packet of credentials goes with a frame, and not two in a second
check "a reaches b, once b has seen the last capability" until_ok 120 \
	on a ping -q -c 1 -W 1 "$(address b)"
shown() { kzt_in b -j rules show "$NW" member "${ADDR[a]}" | jq -e '.capabilities | length == 128'; }
check "b has them all by then" until_ok 60 shown
state() { diag "$(tail -n 5 "$TMP/kztd-$1.log")"; diag "$(kzt_in "$1" drops)"; }
[ "$FAILED" = 0 ] || for n in c a b; do state $n; done
done_testing
