#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the namespace of a node does with its addresses, routes and devices, and
# where its paths go then (spec 3.2.5): renumbering, a changed route, a device
# that moves away, marks, VRFs, and an endpoint that only a person knows.
#
#	a u0 192.168.1.1 ---- 192.168.1.2 u0 b
#	  u1 192.168.2.1 ---- 192.168.2.2 u1
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/paths.sh"
ns away
two_wires
check "ping" reaches a 10.88.0.2
check "there are paths by both wires" until_ok 60 has_path a b u1

# One TCP connection, for as long as the things below last
steady a b 10.88.0.2 200K
alive() { kill -0 "$TCP" 2>/dev/null; }
check "a TCP connection carries data" moves b kzt0

ip -n b addr del 192.168.1.2/24 dev u0
ip -n b addr add 192.168.1.9/24 dev u0
check "renumbered: b's old address is no path any more" until_ok 5 lacks_path b a u0 '192.168.1.2:'
check "and the new one is, seen from a" until_ok 60 has_path a b u0 '192.168.1.9:'
check "the TCP connection goes on" moves b kzt0

ip -n a link set u0 netns away
check "a device that moves to another namespace takes its paths along" until_ok 5 lacks_path a b u0
check "the TCP connection goes on by the other wire" moves b kzt0
check "which carries it" moves b u1
ip -n away link set u0 netns a
ip -n a addr replace 192.168.1.1/24 dev u0
ip -n a link set u0 up
check "and its paths return with it" until_ok 90 has_path a b u0
check "the TCP connection goes on" alive
check "and carries data" moves b kzt0
kill "$TCP" 2>/dev/null
on b pkill iperf3

# An address of b that is behind either wire
ip -n b addr add 172.30.0.2/32 dev lo
ip -n a route add 172.30.0.2/32 via 192.168.1.9
knows a 1 172.30.0.2/9994
check "a path to an address behind a route" until_ok 60 has_path a b u0 '172.30.0.2:'
ip -n a route replace 172.30.0.2/32 via 192.168.2.2
check "the route changes, and a path leads there by the other device" \
	until_ok 60 has_path a b u1 '172.30.0.2:'
check "the ping goes on" reaches a 10.88.0.2

# Routed by mark alone
ip -n b addr add 172.30.0.3/32 dev lo
ip -n a route add 172.30.0.3/32 via 192.168.2.2 table 78
ip -n a rule add fwmark 0x78 table 78
knows a 1 172.30.0.3/9994
sleep 3
check "without the mark there is no way to it" lacks_path a b u1 '172.30.0.3:'
check "the sockets get a mark" kzt_in a node set fwmark 0x78
knows a 1 172.30.0.3/9994
check "and their packets take its route" until_ok 60 has_path a b u1 '172.30.0.3:'
kzt_in a node set fwmark 0

# What nobody can find out: a port forwarded by somebody else's router
forwarded() {
	ip -n b addr add 172.30.0.4/32 dev lo
	ip -n a route add 172.30.0.4/32 via 192.168.1.9
	on b nft -f - <<-'EOT'
		table ip byhand {
			chain pre {
				type nat hook prerouting priority dstnat;
				ip daddr 172.30.0.4 udp dport 4500 dnat to 172.30.0.4:9994
			}
		}
	EOT
	check "an endpoint is given by hand" kzt_in b node set mapped 172.30.0.4/4500
	same "it is shown" '["172.30.0.4:4500"]' "$(kzt_in b -j node show | jq -c '.node.mapped')"
	check "b tells a of it, and a path leads there" until_ok 150 has_path a b u0 '172.30.0.4:4500'
	on b nft delete table ip byhand
}
if need_modules nf_tables nft_ct nf_nat nft_chain_nat nft_nat; then
	forwarded
else
	skip "an endpoint by hand: no nftables in this kernel"
fi

# A way to the peer that leads through the network itself
old=$(drops a tx-loop)
knows a 1 10.88.0.2/9994
check "a way through the own network is refused, and counted" until_ok 30 more_drops a tx-loop "$old"
check "no path by it" lacks_path a b kzt0

# The same wires inside VRFs
kzt_in b node set mapped none
for n in a b; do
	ip -n $n link add red type vrf table 100
	ip -n $n link set red up
	ip -n $n link set u1 master red
done
check "a device that enters a VRF takes its paths with it" until_ok 20 lacks_path a b u1 '192.168.2.1:'
check "the node is bound to the VRF" kzt_in a node set bind red
check "and the other one" kzt_in b node set bind red
knows a 1 192.168.2.2/9994
check "a path inside the VRF, by the device itself" until_ok 60 has_path a b u1 '192.168.2.2:'
check "and none outside" until_ok 30 lacks_path a b u0
check "ping by it" reaches a 10.88.0.2
check "TCP by it" tcp_hash a 10.88.0.1 b 10.88.0.2 300000
check "bound to the VRF and to a device outside" kzt_in a node set bind u0 bind red
kzt_in b node set bind red bind u0
check "paths outside" until_ok 60 has_path a b u0
check "and inside" until_ok 60 has_path a b u1 '192.168.2.2:'
check "ping by them" reaches a 10.88.0.2
check "bound to any device again" kzt_in a node set bind any
done_testing
