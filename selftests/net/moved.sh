#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The device of a network is moved to another namespace, which takes its addresses
# and routes from it: the agent, which stays with the node, gives them again there.
#
#   c (root, controller and member)  a: one underlay;  away: a namespace without any
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/controlled.sh"
controlled c=10.77.0.3 a=10.77.0.1
ns away

check "a network" api POST "/$NW" '{"name": "moved", "private": true,
	"v6AssignMode": {"rfc4193": true}, "routes": [{"target": "10.99.0.0/24"},
	{"target": "10.98.0.0/16", "via": "10.99.0.3"}]}'
for m in c=3 a=1; do
	n=${m%=*}
	check "$n joins" kzt_in "$n" network join "$NW" dev kzt0
	check "$n may" api POST "/$NW/member/${ADDR[$n]}" "{\"authorized\": true, \"ipAssignments\": [\"10.99.0.${m#*=}\"]}"
done
for n in c a; do check "$n is on it" until_ok 60 is_status $n ok; done
check "a has its address" until_ok 20 has_addr a 10.99.0.1
check "and its route" until_ok 20 has_route a "10.98.0.0/16 via 10.99.0.3"
check "a reaches c" reaches a 10.99.0.3
v6=$(ip -n c -j addr show dev kzt0 | jq -r '.[0].addr_info[] | select(.prefixlen == 88) | .local')
check "over IPv6, too" reaches a "$v6"

# has FROM: in that namespace, everything is as it was
has() {
	has_addr "$1" 10.99.0.1 && has_route "$1" "10.98.0.0/16 via 10.99.0.3" &&
		on "$1" ping -q -c 1 -W 1 10.99.0.3 && on "$1" ping -q -c 1 -W 1 "$v6"
}
check "the device moves" ip -n a link set kzt0 netns away
check "it has lost its route" no_route away 10.98.0.0/16
check "it goes up there" ip -n away link set kzt0 up
check "and has addresses, routes and the network" until_ok 30 has away
check "it moves back" ip -n away link set kzt0 netns a
check "it goes up again" ip -n a link set kzt0 up
check "and has all of it" until_ok 30 has a

# --- what changes while it is away -------------------------------------------------------------

check "it moves once more" ip -n a link set kzt0 netns away
ip -n away link set kzt0 up
check "and has addresses, routes and the network" until_ok 30 has away
kill -KILL "${AGENT[a]}"
wait "${AGENT[a]}" 2>/dev/null || true	# it was killed
check "a's agent comes back" agent a --no-controller
check "a gets another address" api POST "/$NW/member/${ADDR[a]}" '{"ipAssignments": ["10.99.0.9"]}'
check "which the device has" until_ok 30 has_addr away 10.99.0.9
check "instead of the other" until_ok 10 no_addr away 10.99.0.1
check "c is reached" reaches away 10.99.0.3
check "the network is left" kzt_in a network leave "$NW"
gone() { ! ip -n away link show dev kzt0; }
check "and the device is gone" until_ok 10 gone
[ "$FAILED" = 0 ] || { diag "$(tail -n 20 "$TMP/kztd-a.log")"; diag "$(ip -n away addr)"; }
done_testing
