#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A node c that joins a network of its own controller, with another member a: no
# packet leads to the controller, and none is needed.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/controlled.sh"
controlled c=10.77.0.3 a=10.77.0.1

# --- refused, as anybody --------------------------------------------------------

check "c joins what it does not have" kzt_in c network join "$NW" dev kzt0
check "it tells itself so" until_ok 60 is_status c not-found
check "a network is made" api POST "/$NW" '{"name": "own", "private": true, "mtu": 2000,
	"v4AssignMode": {"zt": true}, "v6AssignMode": {"6plane": true},
	"ipAssignmentPools": [{"ipRangeStart": "10.99.0.10", "ipRangeEnd": "10.99.0.99"}],
	"routes": [{"target": "10.99.0.0/24"}, {"target": "10.98.0.0/16", "via": "10.99.0.77"}]}'
check "c is not let in" until_ok 60 is_status c access-denied
same "the controller knows it by its identity" "$(cat "$KZT_IDS/0.pub")" \
	"$(api GET "/$NW/member/${ADDR[c]}" | jq -r .identity)"

# --- authorised -----------------------------------------------------------------

check "c is authorised" api POST "/$NW/member/${ADDR[c]}" '{"authorized": true, "ipAssignments": ["10.99.0.3"]}'
check "c has a configuration" until_ok 60 is_status c ok
check "c has its address" until_ok 20 has_addr c 10.99.0.3
check "a route by a gateway" until_ok 20 has_route c "10.98.0.0/16 via 10.99.0.77"
same "its device has the MTU" 2000 "$(on c cat /sys/class/net/kzt0/mtu)"
same "and the name" own "$(kzt_in c -j network show "$NW" | jq -r '.networks[0].name')"
check "a joins" kzt_in a network join "$NW" dev kzt0
check "a is authorised" api POST "/$NW/member/${ADDR[a]}" '{"authorized": true, "ipAssignments": ["10.99.0.1"]}'
check "a has its address" until_ok 60 has_addr a 10.99.0.1
check "c reaches a" reaches c 10.99.0.1
check "a reaches c" reaches a 10.99.0.3
check "and over IPv6" reaches a "$(ip -n c -j -6 addr show dev kzt0 | jq -r '[.[].addr_info[]? | .local // "" | select(startswith("fc"))][0]')"
check "c's certificate agrees with a's" until_ok 20 is_member a c agrees
check "a's with c's" until_ok 20 is_member c a agrees
check "TCP carries the right bytes both ways" tcp_hash c 10.99.0.3 a 10.99.0.1 1000000

# --- a change is pushed -----------------------------------------------------------

check "the controller changes the MTU" api POST "/$NW" '{"mtu": 1500}'
mtu_is() { [ "$(on "$1" cat /sys/class/net/kzt0/mtu)" = "$2" ]; }
check "c follows" until_ok 15 mtu_is c 1500
check "a, too" until_ok 15 mtu_is a 1500

# --- the agent, and so the controller, comes back ----------------------------------

kill "${AGENT[c]}"
wait "${AGENT[c]}" 2>/dev/null
check "c is reached while there is neither agent nor controller" reaches a 10.99.0.3
check "both come back" agent c
asked() { kzt_in c -j controller member show "$NW" "${ADDR[c]}" | jq -e .member.authorized; }
check "with c as a member" until_ok 30 asked
check "which has its configuration" until_ok 60 is_status c ok
check "and is reached" reaches a 10.99.0.3
check "the MTU changes again" api POST "/$NW" '{"mtu": 1600}'
check "and c follows" until_ok 90 mtu_is c 1600

# --- cut off --------------------------------------------------------------------------

check "a is not authorised any more" api POST "/$NW/member/${ADDR[a]}" '{"authorized": false}'
check "c hears of it" until_ok 15 is_member c a revoked
check "c is not reached by a" until_ok 20 pings_not a 10.99.0.3
check "a is authorised again" api POST "/$NW/member/${ADDR[a]}" '{"authorized": true}'
check "and reaches c" reaches a 10.99.0.3
check "c is not authorised any more" api POST "/$NW/member/${ADDR[c]}" '{"authorized": false}'
check "c is told when it asks" until_ok 90 is_status c access-denied
check "a hears of it" until_ok 15 is_member a c revoked
check "a is not reached by c" until_ok 20 pings_not c 10.99.0.1
check "c is authorised again" api POST "/$NW/member/${ADDR[c]}" '{"authorized": true}'
check "and reaches a" reaches c 10.99.0.1

# --- leaving ------------------------------------------------------------------------

check "c leaves" kzt_in c network leave "$NW"
refuses "the device is gone" 1 . ip -n c link show kzt0
check "its controller goes on" api GET "/$NW/member/${ADDR[c]}"
for n in c a; do
	same "$n's agent tells the module nothing of the node itself" 0 \
		"$(grep -c 'no other node can have this address' "$TMP/kztd-$n.log")"
done
state() { diag "$(tail -n 8 "$TMP/kztd-$1.log")"; diag "$(kzt_in "$1" drops)"; }
[ "$FAILED" = 0 ] || for n in c a; do state $n; done
done_testing
