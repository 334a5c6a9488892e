#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The local side of paths: two nodes with two wires; addresses, links, ports and
# what is denied come and go, and the paths follow.
#
#	a u0 192.168.1.1 ---- 192.168.1.2 u0 b
#	  u1 192.168.2.1 ---- 192.168.2.2 u1
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/paths.sh"
two_wires fd01::1/64 fd01::2/64
listen_peers a
check "ping over the known wire" reaches a 10.88.0.2

# What b tells a of itself leads over the other wire and over IPv6
check "PUSH_DIRECT_PATHS makes a path of the other wire" until_ok 60 has_path a b u1
check "and one of IPv6" until_ok 60 has_path a b u0 'fd01::2'
check "b has them, too" until_ok 60 has_path b a u1
traced learned 192.168.2.2:9994
traced confirming 192.168.2.

# The best of them becomes the worst: that is told, though none came or went
best=$(kzt_in a -j peer show "${ADDR[b]}" | jq -r '.peers[0].paths[] | select(.active) | .dev')
: >"$TMP/events"
on a tc qdisc add dev "$best" root netem delay 300ms
check "another path is better, and the monitor says so" until_ok 90 told \
	"[.paths[] | select(.active and .dev != \"$best\")] | length == 1"
traced best 192.168.
on a tc qdisc del dev "$best" root

ip -n a link set u0 down
check "a device that goes down takes its paths with it" until_ok 5 lacks_path a b u0
traced lost 192.168.1.2:9994
check "the ping goes on by the other wire" reaches a 10.88.0.2
ip -n a link set u0 up
ip -n a addr replace fd01::1/64 dev u0 nodad
check "and they come back when it comes up" until_ok 20 has_path a b u0

ip -n b link set u1 down
check "a lost carrier takes the paths with it" until_ok 5 lacks_path a b u1
ip -n b link set u1 up
check "and they come back" until_ok 30 has_path a b u1

old=$(counts b paths-confirming)
ip -n a addr add 192.168.2.7/24 dev u1
check "a new address is probed from" until_ok 20 has_path a b u1 '192.168.2.7:'
check "which the other side believes if it is answered there" until_ok 20 more_events b paths-confirming "$old"
check "as it is" until_ok 20 has_path b a u1 '192.168.2.7:'
traced confirming 192.168.2.7:9993
ip -n a addr del 192.168.2.7/24 dev u1
check "an address that goes takes its paths with it" until_ok 5 lacks_path a b u1 '192.168.2.7:'
check "the others stay" has_path a b u1 '192.168.2.1:'

# Temporary addresses are for programs (spec 3, 3.18.1): they change each day
temporary() { ip -n a -j -6 addr show dev u0 temporary | jq -r '[.[].addr_info[]?.local][0] // empty'; }
has_temporary() { [ -n "$(temporary)" ]; }
on a sysctl -qw net.ipv6.conf.u0.use_tempaddr=2
ip -n a addr add fd01::aa/64 dev u0 nodad mngtmpaddr valid_lft 80000 preferred_lft 80000
check "a temporary address comes with another" until_ok 10 has_temporary
check "from which there is a path" until_ok 60 has_path a b u0 'fd01::aa]'
check "and none from the temporary one" lacks_path a b u0 "$(temporary)]"
ip -n a addr del fd01::aa/64 dev u0

check "a denied device name is set" kzt_in a node set deny-dev u1
check "its paths go" until_ok 5 lacks_path a b u1
same "it is shown" '["u1"]' "$(kzt_in a -j node show | jq -c '.node["deny-dev"]')"
kzt_in a node set deny-dev none
check "and come back" until_ok 30 has_path a b u1
check "a prefix is denied to one peer" kzt_in a peer add "$KZT_IDS/1.pub" deny 192.168.2.0/24
check "its paths go" until_ok 5 lacks_path a b u1
traced denied 192.168.2.2:9994
check "other paths stay" has_path a b u0
kzt_in a peer add "$KZT_IDS/1.pub" deny none
check "and come back" until_ok 90 has_path a b u1

# Legs are of the devices that the sockets are bound to, only
bound() { kzt_in a -j node show | jq -c .node.bind; }
check "bound to one device" kzt_in a node set bind u1
check "the paths of others go" until_ok 20 lacks_path a b u0
check "its own are there" until_ok 90 has_path a b u1
check "the ping goes on" reaches a 10.88.0.2
check "bound to two devices" kzt_in a node set bind u0 bind u1
same "they are shown" '["u0","u1"]' "$(bound)"
same "each has a socket of both families" 4 \
	"$(ip netns exec a cat /proc/net/udp /proc/net/udp6 | grep -c ':2709 ')"
check "both have paths" until_ok 90 has_path a b u0
check "of IPv6, too" until_ok 90 has_path a b u0 'fd01::2'
check "and the other one" until_ok 30 has_path a b u1
check "the ping goes on" reaches a 10.88.0.2
kzt_in a show-config >"$TMP/conf"
check "show-config says both" sh -c "[ \$(grep -c '^Bind = u[01]' $TMP/conf) = 2 ]"
check "which apply finds there" sh -c "ip netns exec a $KZT -j apply $TMP/conf | jq -e '.changes == []'"
refuses "a device twice" 1 'each device once' kzt_in a node set bind u0 bind u0
refuses "a device and any" 1 'or to any alone' kzt_in a node set bind u0 bind any
refuses "a device that is none" 1 'no device' kzt_in a node set bind u0 bind nowhere
args=()
for i in 0 1 2 3 4 5 6 7 8; do
	ip -n a link add "d$i" type dummy
	args+=(bind "d$i")
done
refuses "more than eight" 1 'at most 8' kzt_in a node set "${args[@]}"
same "a refusal changes nothing" '["u0","u1"]' "$(bound)"
sed -i '/^Bind = u0/d' "$TMP/conf"
check "apply leaves one of them" kzt_in a apply "$TMP/conf"
same "only that is left" '["u1"]' "$(bound)"
sed -i 's/^Bind = .*/Bind = any/' "$TMP/conf"
check "apply binds to any" kzt_in a apply "$TMP/conf"
same "none is shown then" '[]' "$(bound)"
check "the paths come back" until_ok 90 has_path a b u0

check "a second port is opened" kzt_in a node set secondary-port 10001
check "it makes paths of its own" until_ok 90 has_path a b u0 '192.168.1.1:10001'
check "the primary port has its paths, too" until_ok 30 has_path a b u0 '192.168.1.1:9993'
check "the ping goes on" reaches a 10.88.0.2
refuses "a second port beyond 65535 is refused" 2 "" kzt_in a node set secondary-port 70000
kzt_in a node set secondary-port off
check "without it its paths go" until_ok 5 lacks_path a b u0 '192.168.1.1:10001'

# Nothing that stands on a device of ours is a leg
ip -n a link add link kzt0 name vlan5 type vlan id 5
ip -n a addr add 192.168.5.1/24 dev vlan5
ip -n a link set vlan5 up
old=$(drops a tx-loop)
knows a 1 192.168.5.2/9994
check "a VLAN on a device of ours is refused as a leg, and counted" until_ok 20 more_drops a tx-loop "$old"
check "no path by it" lacks_path a b vlan5

# The route of a hint goes where a rule by source address says
ip -n a link set u1 down
ip -n b addr add 192.168.77.2/32 dev u1
ip -n a link set u1 up
ip -n a route add 192.168.77.2/32 via 192.168.2.2 table 77
ip -n a rule add from 192.168.2.1 table 77
knows a 1 192.168.77.2/9994
check "policy routing by source address is honoured" until_ok 60 has_path a b u1 '192.168.77.2:'
check "only from that address" lacks_path a b u0 '192.168.77.2:'
done_testing
