#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every size of packet around the limits of datagrams, over IPv4 and IPv6 alone,
# under both suites; segmentation and checksums.
. "$SELFTESTS/lib.sh"

# echoes NS ADDRESS FIRST LAST [STEP]: UDP datagrams of these sizes come back whole
echoes() { ip netns exec "$1" "$SELFTESTS/net/udpsizes.py" "$2" "$3" "$4" "${5:-1}"; }

# underlay ADDRESS ADDRESS2 SUITE: two nodes that know each other by these
underlay() {
	ns a b
	wire a u0 "$1/${4}" -- b u0 "$2/${4}"
	node a 0 suite "$3" && node b 1 suite "$3" &&
		knows a 1 "$2/9993" && knows b 0 "$1/9993" &&
		member a "$NET" kzt0 10.88.0.1/24 fd88::1/64 &&
		member b "$NET" kzt0 10.88.0.2/24 fd88::2/64 &&
		until_ok 60 reaches a 10.88.0.2
}

# limits SUITE: what crosses between a and b
limits() {
	ip netns exec b "$SELFTESTS/net/udpsizes.py" serve &
	PROGRAMS+=($!)
	check "$1: the smallest frames come back whole" echoes a 10.88.0.2 0 80
	# 1432 bytes in a datagram, 48 before the IP header in a frame, 42 in one
	# of a bridge: the pieces change within this range, and IP headers vary
	check "$1: every size from 1330 to 1450" echoes a 10.88.0.2 1330 1450
	check "$1: over IPv6, too" echoes a fd88::2 1310 1430
	check "$1: every size up to the largest" echoes a 10.88.0.2 2720 2772
	check "$1: and some between" echoes a 10.88.0.2 80 2720 61
	same "$1: nothing failed to authenticate" 0 "$(drops b authentication)"
	same "$1: no piece was left over" 0 "$(drops b defrag-timeout)"
}

for suite in siv salsa; do
	check "nodes over IPv4 alone, suite $suite" underlay 10.77.0.1 10.77.0.2 $suite 24
	limits "$suite over IPv4"
	tidy
	check "nodes over IPv6 alone, suite $suite" underlay fd77::1 fd77::2 $suite 64
	limits "$suite over IPv6"
	if [ $suite = siv ]; then
		check "TCP in bursts of 64 KiB carries the right bytes" \
			tcp_hash a 10.88.0.1 b 10.88.0.2 3000000
		same "the device takes bursts" on "$(on a ethtool -k kzt0 |
			sed -n 's/^generic-segmentation-offload: //p')"
		same "and leaves checksums to itself" on "$(on a ethtool -k kzt0 |
			sed -n 's/^tx-checksumming: //p')"
		on a ethtool -K kzt0 gso off tso off tx off >/dev/null 2>&1
		check "the same without bursts and with checksums done before" \
			tcp_hash a 10.88.0.1 b 10.88.0.2 3000000
		on a ethtool -K kzt0 gso on tx on >/dev/null 2>&1
		check "a receiver without GRO" on b ethtool -K kzt0 gro off
		check "gets the same" tcp_hash a fd88::1 b fd88::2 3000000
		for mtu in 1280 1352 1400 2000; do
			ip -n a link set kzt0 mtu $mtu
			check "MTU $mtu" tcp_hash a 10.88.0.1 b 10.88.0.2 300000
		done
		ip -n a link set kzt0 mtu 2800
		same "no checksum was wrong" 0 "$(on b cat /proc/net/snmp |
			awk '/^Tcp: [0-9]/ { print $16 }')"
	fi
	tidy
done
done_testing
