# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Topology and measurements of the bench; sourced by guest.sh.
#
# Each contender has two namespaces of its own, one veth between them and the
# same underlay addresses, so that all can stand at once and none is in the way
# of another:
#
#   NSA: u0 10.77.0.1  ------ veth ------  u0 10.77.0.2 :NSB
#
# A contender defines c_need (load modules; non-zero: skipped), c_setup (bring
# the overlay up, set OA and OB: the addresses to measure between) and, if it
# needs, c_teardown.

UA=10.77.0.1 UB=10.77.0.2

A() { ip netns exec "$NSA" "$@"; }
B() { ip netns exec "$NSB" "$@"; }
say() { echo "bench: $*" >&2; }

topology_up() {
	local n
	ip netns add "$NSA" && ip netns add "$NSB" || return
	ip link add u0 netns "$NSA" type veth peer name u0 netns "$NSB" || return
	ip -n "$NSA" addr add $UA/24 dev u0
	ip -n "$NSB" addr add $UB/24 dev u0
	for n in "$NSA" "$NSB"; do
		ip netns exec "$n" sysctl -qw net.ipv6.conf.u0.disable_ipv6=1 2>/dev/null
		ip -n "$n" link set lo up
		ip -n "$n" link set u0 up
	done
	reach $UA $UB
}

topology_down() {
	ip netns del "$NSA"
	ip netns del "$NSB"
} 2>/dev/null

# reach FROM TO: wait until a ping gets through
reach() {
	local i
	for ((i = 0; i < 60; i++)); do
		A ping -c 1 -W 1 -q -I "$1" "$2" >/dev/null 2>&1 && return
		sleep 0.3
	done
	say "no way from $1 to $2"
	return 1
}

# out CONTENDER ROUND TEST FIGURE VALUE
out() { printf 'RIG\t%s\t%s\t%s\t%s\t%s\n' "$@"; }

# measure CONTENDER ROUND TEST: flowSIZE: WINDOW datagrams in flight; oneSIZE:
# one; tcp: a stream
measure() {
	local c=$1 r=$2 t=$3 size w=${WINDOW:-256} n=${BATCH:-64} line figure=us/pkt
	local US LOST
	size=${t#flow} size=${size#one}
	case $t in
	one*) w=1 n=1 ;;
	tcp) figure=us/KiB ;;
	esac
	line=$("$BLAST" "$NSA" "$NSB" "$OA" "$OB" "$size" "${SECS_PER_TEST:-0.5}" "$w" "$n") || return
	eval "$line"
	out "$c" "$r" "$t" "$figure" "$US"
	[ "$LOST" = 0 ] || out "$c" "$r" "$t" lost "$LOST"
}
