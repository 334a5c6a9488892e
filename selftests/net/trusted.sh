#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Trusted paths: suite 2 where both sides say so, nothing of it elsewhere; and
# remembered peers.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/paths.sh"
ns a b
wire a u0 192.168.1.1/24 -- b u0 192.168.1.2/24
node a 0
node b 1
knows a 1 192.168.1.2/9993
knows b 0 192.168.1.1/9993
member a $NET kzt0 10.88.0.1/24
member b $NET kzt0 10.88.0.2/24
check "ping" reaches a 10.88.0.2
same "nothing in suite 2 by default" 0 "$(counts a tx-suite2)"
refuses "a trusted path id of 0 is refused" 2 "not 0" kzt_in a path trust 192.168.1.0/24 0
refuses "an MTU below 1400 is refused" 1 "1400 to 10324" kzt_in a path mtu 192.168.1.0/24 500
kzt_in a path trust 192.168.1.0/24 7b
old=$(drops b bad-suite)
on a ping -q -c 3 -i 0.2 -W 1 10.88.0.2 >/dev/null
check "what one side trusts, the other drops" more_drops b bad-suite "$old"
kzt_in b path trust 192.168.1.0/24 7c
old=$(drops b bad-suite)
on a ping -q -c 3 -i 0.2 -W 1 10.88.0.2 >/dev/null
check "and so with another id" more_drops b bad-suite "$old"
kzt_in b path trust 192.168.1.0/24 7b
check "with the same id on both they talk" reaches a 10.88.0.2
check "TCP carries the right bytes" tcp_hash a 10.88.0.1 b 10.88.0.2 2000000
check "in suite 2" [ "$(counts b rx-suite2)" -gt 100 ]
check "it is shown loudly" sh -c "ip netns exec a '$KZT' node show | grep -q 'TRUSTED, NOT ENCRYPTED'"
kzt_in a path trust 192.168.1.0/24 off
kzt_in b path trust 192.168.1.0/24 off
old=$(counts a tx-suite2)
check "without it they talk on" reaches a 10.88.0.2
same "and not in suite 2" "$old" "$(counts a tx-suite2)"
kzt_in a path mtu 192.168.1.0/24 1400
same "the MTU of a prefix is that of the path" 1400 \
	"$(kzt_in a -j peer show "${ADDR[b]}" | jq '.peers[0].paths[0].mtu')"
check "big frames pass in smaller pieces" pings a 10.88.0.2 -s 2700
# Of several prefixes the shortest counts (spec 3, 3.15.5)
mtu() { kzt_in a -j peer show "${ADDR[b]}" | jq '.peers[0].paths[0].mtu'; }
kzt_in a path mtu 192.168.1.2/32 1430
same "that of a longer prefix does not count" 1400 "$(mtu)"
kzt_in a path mtu 192.168.0.0/16 1420
same "that of a shorter one does" 1420 "$(mtu)"
kzt_in a path mtu 192.168.0.0/16 default
same "for as long as it is there" 1400 "$(mtu)"
kzt_in a path mtu 192.168.1.2/32 default
for i in $(seq 31); do kzt_in a path mtu "10.$i.0.0/16" 1400 || break; done
refuses "more than 32 prefixes" 1 'too many prefixes: 32' kzt_in a path mtu 10.99.0.0/16 1400
for i in $(seq 31); do kzt_in a path mtu "10.$i.0.0/16" default; done
kzt_in a path mtu 192.168.1.0/24 default

# An agent remembers whom the kernel talked to
agent a
agent b
kzt_in a peer del "${ADDR[b]}"
check "b makes itself known again" until_ok 90 has_path a b u0
kill "${AGENT[a]}"
wait "${AGENT[a]}" 2>/dev/null
check "the agent keeps the peer" test -s "$TMP/state-a/peers.d/000000${ADDR[b]}.peer"
kzt_in b peer del "${ADDR[a]}"
kzt_in a peer del "${ADDR[b]}"
agent a
check "and offers it at the next start" until_ok 60 has_path a b u0
same "which does not make it a static one" false \
	"$(kzt_in a -j peer show "${ADDR[b]}" | jq '.peers[0].static')"
done_testing
