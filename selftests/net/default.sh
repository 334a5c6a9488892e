#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A default route by the network: what the host says to the world goes by a gateway
# that is a member, and what its node says goes by the underlay's own default route.
#
#                         +--- ctl 198.51.100.2 (root and controller)
#   home --- router ------+--- gate 198.51.100.3 --- web 203.0.113.80
#   192.168.7.2 ..1  .1   +--- late 198.51.100.4
. "$SELFTESTS/interop/lib.sh"
. "$SELFTESTS/paths.sh"
ns home router ctl gate late web
wire home u0 192.168.7.2/24 fd07::2/64 -- router u0 192.168.7.1/24 fd07::1/64
wire gate w0 203.0.113.1/24 -- web w0 203.0.113.80/24
ip link add br0 netns router type bridge mcast_snooping 0
ip -n router addr add 198.51.100.1/24 dev br0
ip -n router addr add fd51::1/64 dev br0 nodad
ip -n router link set br0 up
i=1
for n in ctl gate late; do
	i=$((i + 1))
	wire $n u0 198.51.100.$i/24 fd51::$i/64 -- router p$i
	ip -n router link set p$i master br0
	ip -n $n route add default via 198.51.100.1
	ip -n $n -6 route add default via fd51::1
done
ip -n home route add default via 192.168.7.1
ip -n home -6 route add default via fd07::1
for n in router gate; do
	on $n sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
done
# The world behind the gateway has a way back to the network only
ip -n web route add default via 203.0.113.1

planet 0=198.51.100.2/9993,fd51::2/9993 >/dev/null
secret ctl 0
check "a controller, a gateway and who wants to use it" \
	eval "kzt_node ctl 0 && kzt_node gate 1 && kzt_node home 2"
CNET=${ADDR[ctl]}00aa01
check "a network" ctl network new "$CNET" name way v4 on v6 rfc4193 \
	route 10.99.0.0/24 pool 10.99.0.10-10.99.0.99 route 0.0.0.0/0=10.99.0.1
for n in gate home; do
	check "$n asks" kzt_in $n network join "$CNET" dev kzt0
	check "and is known" until_ok 60 member_is $n true
done
admitted gate ip 10.99.0.1
admitted home
same "the gateway has the address that the route names" 10.99.0.1 "$(address_of gate 4)"
check "home reaches the gateway" reaches home 10.99.0.1
refuses "but not the world" 1 "" pings home 203.0.113.80
check "a default route by the network is allowed" kzt_in home network join "$CNET" default on
halves() { [ "$(ip -n home route show dev kzt0 | grep -cE '^(0.0.0.0|128.0.0.0)/1 via 10.99.0.1')" = 2 ]; }
check "it is there, in two halves" until_ok 20 halves
check "home reaches the world" reaches home 203.0.113.80
check "by the network" eval "ip -n home route get 203.0.113.80 | grep -q 'dev kzt0'"
check "TCP, too" tcp_hash home "$(address_of home 4)" web 203.0.113.80 1000000
# What was learned before has a device of its own; what is new has to find one
direct() { is_link home "$1" direct; }
check "the gateway is reached directly" direct gate
check "it is forgotten" kzt_in home peer del "${ADDR[gate]}"
check "and the world is reached again" reaches home 203.0.113.80
check "directly again" until_ok 60 direct gate
check "a new member" eval "kzt_node late 3 && kzt_in late network join '$CNET' dev kzt0"
check "is known" until_ok 60 member_is late true
admitted late
check "home reaches it" reaches home "$(address_of late 4)"
check "directly" until_ok 60 direct late
check "the node comes back from nothing" eval "kzt_in home node set port 9998"
check "to its root" until_ok 90 online home
check "and to the world" reaches home 203.0.113.80
check "no path leads through the network" lacks_path home gate kzt0
check "the default route is not allowed any more" kzt_in home network join "$CNET" default off
no_halves() { ! halves; }
check "it goes" until_ok 20 no_halves
check "and the world with it" eval "! pings home 203.0.113.80"
state_of home gate ctl late
done_testing
