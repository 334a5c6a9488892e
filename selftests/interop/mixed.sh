#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# One network of kzt's controller with real cores and kzt nodes on it: addresses,
# rules on either side, tags, a capability, changes, and members cut off.
#
#   root  ctl  a, b (real cores)  k, l (kzt): one LAN
. "$SELFTESTS/interop/lib.sh"
both_kinds mixed
for n in a b k l; do check "$n is denied access" until_ok 60 status_is $n access-denied; done
members a b k l
mesh a b k l

# --- rules, here and there -----------------------------------------------------

check "senders drop pings" rules_are 'drop not chr inbound and icmp 8 -1 ;' 'accept ;'
unlinked a k
unlinked b l
before=$(drops k filtered-out) in=$(drops k filtered-in)
silent k "${IP[a]}"
check "kzt's went no further than its filter" dropped k filtered-out "$before"
silent a "${IP[k]}"
same "the real core's, neither" "$in" "$(drops k filtered-in)"
WAIT=60 check "IPv6 is another matter" reaches k "$(address_of a 6)"

check "receivers drop pings" rules_are 'drop chr inbound and icmp 8 -1 ;' 'accept ;'
filtered_in() { silent "$2" "${IP[$1]}" && dropped "$1" filtered-in "$in"; }
check "kzt drops those of a real core" until_ok 60 filtered_in k a
check "and those of kzt" until_ok 60 filtered_in l k
unlinked a k
before=$(drops k filtered-out)
check "the real core drops kzt's" silent k "${IP[b]}"
same "kzt let them go" "$before" "$(drops k filtered-out)"

check "one node is not to be talked to" rules_are "drop ztdest ${ADDR[b]} and ethertype ipv4 ;" 'accept ;'
unlinked b k
unlinked b a
linked a k
check "nor one to talk" rules_are "drop ztsrc ${ADDR[k]} and ethertype ipv4 ;" 'accept ;'
unlinked a k
unlinked l k
linked a l

# --- tags and a capability ---------------------------------------------------------

check "teams by tag, and a capability" rules_are 'tag team id 7 enum 1 blue enum 2 red ;' \
	'cap everybody id 9 accept;' 'accept ethertype arp ;' 'accept tdiff team 0 ;'
# a and l have the capability, too; both sides of a ping need it
check "a is blue" ctl member set "$CNET" "${ADDR[a]}" tag 7=1 capability 9
check "k is blue" ctl member set "$CNET" "${ADDR[k]}" tag 7=1
check "b is red" ctl member set "$CNET" "${ADDR[b]}" tag 7=2
check "l is red" ctl member set "$CNET" "${ADDR[l]}" tag 7=2 capability 9
linked a k
linked b l
linked a l
for pair in "a b" "k b" "k l"; do unlinked "${pair% *}" "${pair#* }"; done
check "back to one rule" rules_are accept
for n in a b k l; do
	check "$n has neither" ctl member set "$CNET" "${ADDR[$n]}" tag none capability none
done
linked a k

# --- how long a change takes --------------------------------------------------------

check "nobody sends pings" rules_are 'drop not chr inbound and icmp 8 -1 ;' 'accept ;'
unlinked a k
unlinked b l
pingers=()
for pair in "a k" "k a" "b l" "l b"; do
	on "${pair% *}" ping -D -n -i 0.05 -W 1 "${IP[${pair#* }]}" >"$TMP/pings-${pair% *}" 2>&1 &
	PROGRAMS+=($!)
	pingers+=($!)
done
set_ms=$(date +%s%3N)
check "a rule is changed" rules_are accept
answered() { grep -q 'bytes from' "$TMP/pings-$1"; }
for n in a b k l; do check "it is in force at $n" until_ok 60 answered $n; done
kill "${pingers[@]}"
wait "${pingers[@]}" 2>/dev/null
for n in a b k l; do
	awk -v n=$n -v t="$set_ms" '/bytes from/ { gsub(/[][]/, "", $1)
		printf "# from the command to the first ping of %s: %d ms\n", n, $1 * 1000 - t; exit }' \
		"$TMP/pings-$n"
done

# --- without the controller -----------------------------------------------------------

kill -9 "${AGENT[ctl]}"
wait "${AGENT[ctl]}" 2>/dev/null
mesh a k
linked b l
check "the controller starts again" agent ctl
check "and has what it had" member_is k '.authorized'
check "it changes something" ctl network set "$CNET" mtu 1500
mtu_is() { ip -n "$1" -j link show "$2" | jq -e ".[0].mtu == $3"; }
check "the real core follows" until_ok 90 mtu_is a real0 1500
check "kzt follows" until_ok 90 mtu_is k kzt0 1500

# --- cut off ---------------------------------------------------------------------------

for n in l b; do
	other=$([ $n = l ] && echo b || echo l)
	linked $n a
	linked $n k
	check "de-authorise $n" ctl member deauthorize "$CNET" "${ADDR[$n]}"
	unlinked $n a
	unlinked $n k
	# A real core is told when it asks, a minute later: interop/controller sees it
	[ $n = b ] || check "$n is denied access" until_ok 60 status_is $n access-denied
	linked $other a
	check "authorise $n again" ctl member authorize "$CNET" "${ADDR[$n]}"
	linked $n a
	linked $n k
done
state_of ctl a b k l
done_testing
