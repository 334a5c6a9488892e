#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A tunnel that a network of ours may carry is no leg: its packets would go round
# for ever.  The node uses one only if it is bound to it.
#
#	a u0 192.168.1.1 ---- 192.168.1.2 u0 b
#	  u1 192.168.2.1 ---- 192.168.2.2 u1		and tunnels, 172.29.N.1 and .2
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/paths.sh"
two_wires
check "ping" reaches a 10.88.0.2

# tunnel N DEV SOURCE DESTINATION WORDS: from a to b and back, by those addresses
tunnel() {
	local n=$1 dev=$2 a=$3 b=$4
	shift 4
	ip -n a link add "$dev" "$@" local "$a" remote "$b" &&
		ip -n b link add "$dev" "$@" local "$b" remote "$a" &&
		numbered "$n" "$dev"
}
numbered() {
	ip -n a addr add "172.29.$1.1/24" dev "$2" && ip -n a link set "$2" up &&
		ip -n b addr add "172.29.$1.2/24" dev "$2" && ip -n b link set "$2" up
}
# wireguard N DEV DESTINATION: likewise; b learns where a is
wireguard() {
	local k
	for k in a b; do
		(umask 077 && wg genkey >"$TMP/$k.key") && wg pubkey <"$TMP/$k.key" >"$TMP/$k.pub" || return
		ip -n $k link add "$2" type wireguard || return
	done
	on a wg set "$2" private-key "$TMP/a.key" peer "$(cat "$TMP/b.pub")" \
		endpoint "$3:$((51820 + $1))" allowed-ips 0.0.0.0/0 &&
		on b wg set "$2" private-key "$TMP/b.key" listen-port $((51820 + $1)) \
			peer "$(cat "$TMP/a.pub")" allowed-ips 0.0.0.0/0 && numbered "$1" "$2"
}

# no_leg N DEV: works, but a datagram that would go there is refused
no_leg() {
	local old
	check "$2 works" reaches a "172.29.$1.2"
	old=$(drops a tx-loop)
	knows a 1 "172.29.$1.2/9994"
	check "$2 is refused as a leg, and counted" until_ok 30 more_drops a tx-loop "$old"
	check "no path by it" lacks_path a b "$2"
	check "$2 works all the same" reaches a "172.29.$1.2"
}
if need_modules wireguard && command -v wg >/dev/null; then
	wireguard 1 wg1 10.88.0.2
	no_leg 1 wg1
	# One that no network of ours carries cannot be told from that
	wireguard 2 wg2 192.168.2.2
	no_leg 2 wg2
	check "both are bound to wg2" kzt_in a node set bind wg2
	check "at either end" kzt_in b node set bind wg2
	check "there is a path by it" until_ok 60 has_path a b wg2 '172.29.2.2:'
	check "and by nothing else" until_ok 30 lacks_path a b u0
	check "it carries the network" reaches a 10.88.0.2
	for n in a b; do kzt_in $n node set bind any; done
	check "unbound, they leave it" until_ok 30 lacks_path a b wg2
	check "and use the wires" until_ok 60 has_path a b u0
else
	skip "no WireGuard in this kernel"
fi

if need_modules vxlan; then
	tunnel 3 vx3 10.88.0.1 10.88.0.2 type vxlan id 3 dstport 4789
	no_leg 3 vx3
	# What stands on it leads nowhere else, but one on a wire does as the wire
	ip -n a link add vlan3 link vx3 type vlan id 3
	ip -n b link add vlan3 link vx3 type vlan id 3
	numbered 4 vlan3
	no_leg 4 vlan3
	tunnel 5 vx5 192.168.2.1 192.168.2.2 type vxlan id 5 dstport 4790 dev u1
	knows a 1 172.29.5.2/9994
	check "one that says on which wire it is has a path" until_ok 60 has_path a b vx5 '172.29.5.2:'
else
	skip "no VXLAN in this kernel"
fi
if need_modules sit; then
	tunnel 6 sit6 10.88.0.1 10.88.0.2 type sit mode any
	no_leg 6 sit6
fi
check "the network works" reaches a 10.88.0.2
done_testing
