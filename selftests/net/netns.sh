#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A device in another namespace than its node, and an agent that is told by name
# which namespace it serves.
#
#   c (root and controller)  a, whose device is in "in"  b
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/controlled.sh"
controlled c=10.77.0.3 a=10.77.0.1 b=10.77.0.2
ns in

# named: a's agent, started where no node is
# shellcheck disable=SC2154
named() {
	"$KZTD" --foreground --netns a --no-controller --state "$TMP/state-a" >>"$TMP/kztd-a.log" 2>&1 &
	AGENT["a"]=$!
	PROGRAMS+=($!)
	until_ok 20 agent_ready a
}
stop() { kill "$1" "${AGENT[a]}"; wait "${AGENT[a]}" 2>/dev/null; }
stop -TERM
check "a's agent is told its namespace" named
same "it serves that" "${ADDR[a]}" "$(kzt_in a -j node show | jq -r .node.address)"
same "and not the one that it was started in" false "$("$KZT" -j node show | jq '.node.agent // false')"

check "a network" api POST /$NW '{"private": false, "v4AssignMode": {"zt": true},
	"ipAssignmentPools": [{"ipRangeStart": "10.99.0.10", "ipRangeEnd": "10.99.0.99"}],
	"routes": [{"target": "10.99.0.0/24"}, {"target": "10.98.0.0/16", "via": "10.99.0.77"}]}'
check "a has an address there" api POST "/$NW/member/${ADDR[a]}" '{"ipAssignments": ["10.99.0.1"]}'
check "b, too" api POST "/$NW/member/${ADDR[b]}" '{"ipAssignments": ["10.99.0.2"]}'
check "a joins, with the device in another namespace" kzt_in a network join $NW dev kzt0 netns in
check "b joins" kzt_in b network join $NW dev kzt0
for n in a b; do check "$n is configured" until_ok 60 is_status $n ok; done
same "the namespace is shown" in "$(kzt_in a -j network show $NW | jq -r '.networks[0].netns')"
check "the address is set there" until_ok 20 has_addr in 10.99.0.1
check "so is the route" until_ok 20 has_route in "10.98.0.0/16 via 10.99.0.77 proto 201"
check "b is reached from there" reaches in 10.99.0.2

# --- a route that an agent left behind ---
stop -KILL
ip -n in route add 10.97.0.0/16 via 10.99.0.77 dev kzt0 proto 201
ip -n in -o monitor route >"$TMP/routes" &
PROGRAMS+=($!)
check "the agent comes back" named
check "no other route is left" until_ok 20 no_route in 10.97.0.0
check "the configuration's was there all the time" sh -c "grep 10.97.0.0 $TMP/routes && ! grep 10.98.0.0 $TMP/routes"

# --- a namespace that goes, and comes back ---
kill "${PROGRAMS[-2]}"	# nobody is in it
ip netns del in
is_lost() { kzt_in a -j network show $NW | jq -e '.networks[0] | .status == "port-error" and .netns == "in"'; }
check "without its namespace there is no device" until_ok 20 is_lost
ip netns add in && ip -n in link set lo up
kill -HUP "${AGENT[a]}"
check "with it the network comes back" until_ok 30 is_status a ok
check "and its address" until_ok 20 has_addr in 10.99.0.1
check "and its route" until_ok 20 has_route in "10.98.0.0/16"
kill -KILL "${AGENT[a]}"
wait "${AGENT[a]}" 2>/dev/null
ip netns del in
check "the agent comes back, but not the namespace" named
check "the network is shown all the same" until_ok 20 is_lost
check "with what is missing" sh -c "ip netns exec a $KZT network show $NW | grep 'PORT_ERROR.*(cannot open the namespace in'"
check "and can be left" kzt_in a network leave $NW
refuses "then it is not shown" 1 'not on this network' ip netns exec a "$KZT" network show $NW
diag "$(tail -n 5 "$TMP/kztd-a.log")"
done_testing
