#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# balance-aware takes the speed that a device tells for a leg's capacity, where
# no link has one that was given.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/multipath.sh"

# A TAP device is no leg, but tells any speed; a bridge tells that of its port.
# tap_wire N: u$N of a and of b, bridges with the ports t$N
tap_wire() {
	local n i=0
	"$SELFTESTS/net/tapwire.py" a "t$1" b "t$1" >"$TMP/wire$1" 2>&1 &
	PROGRAMS+=($!)
	until_ok 30 grep -q ready "$TMP/wire$1" || { cat "$TMP/wire$1"; return 1; }
	for n in a b; do
		i=$((i + 1))
		ip -n $n link add "u$1" type bridge mcast_snooping 0 forward_delay 0 &&
			ip -n $n link set "t$1" master "u$1" up &&
			ip -n $n addr add "172.31.$1.$i/24" dev "u$1" &&
			ip -n $n link set "u$1" up || return
	done
}
# speeds N MBIT: of both ends of a wire, which go down and come up, as a cable does
speeds() {
	local n
	for n in a b; do
		ip -n $n link set "t$1" down &&
			on $n ethtool -s "t$1" speed "$2" duplex full autoneg off &&
			ip -n $n link set "t$1" up || return
	done
}
# shares DEV LOW HIGH: the part of the flows that goes by it, in ppm
shares() {
	local got
	got=$(path_by a b "$1" share-ppm)
	[ "${got:-0}" -ge "$2" ] && [ "$got" -le "$3" ]
}

ns a b
check "a wire" tap_wire 1
check "of 1000 Mbit/s" speeds 1 1000
check "a second wire" tap_wire 2
check "of 3000 Mbit/s" speeds 2 3000
same "that the device tells" 3000 "$(on a cat /sys/class/net/u2/speed)"
node a 0
node b 1
knows a 1 172.31.1.2/9993 172.31.2.2/9993
knows b 0 172.31.1.1/9993 172.31.2.1/9993
member a "$NET" kzt0 10.88.0.1/24
member b "$NET" kzt0 10.88.0.2/24
check "ping" reaches a 10.88.0.2
check "two paths" until_ok 60 has_paths a b 2
# Quality counts, too, and a busy machine makes it differ a little
check "balance-aware" kzt_in a policy set peer "${ADDR[b]}" balance-aware
check "a quarter by the slow one" until_ok 30 shares u1 200000 300000
check "three quarters by the fast one" until_ok 30 shares u2 700000 800000

check "the first tells no speed any more" speeds 1 4294967295
check "it counts as the slowest that does: half" until_ok 60 shares u1 430000 570000
check "and half by the second" until_ok 30 shares u2 430000 570000
check "given capacities count instead" kzt_in a policy set peer "${ADDR[b]}" balance-aware \
	link u1 primary capacity 300 link u2 primary capacity 100
check "three quarters by the first" until_ok 30 shares u1 700000 800000
done_testing
