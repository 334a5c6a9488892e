#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The MTU of each path is found out, and kept up; and of the network, told.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/multipath.sh"
. "$SELFTESTS/paths.sh"
need_modules nf_tables || { skip "no nftables in this kernel"; done_testing; }
big() { for n in a b; do ip -n $n link set "$1" mtu "$2"; done; }

ns a b
# u1 1500, u2 9000, u3 goes through a router whose far wire has 1280
ns r
wire a u1 172.31.1.1/24 -- b u1 172.31.1.2/24
wire a u2 172.31.2.1/24 -- b u2 172.31.2.2/24
big u2 9000
wire a u3 172.31.3.1/24 -- r r1 172.31.3.254/24
wire r r2 172.31.4.254/24 -- b u3 172.31.4.2/24
on r sysctl -qw net.ipv4.ip_forward=1
ip -n r link set r2 mtu 1280
ip -n b link set u3 mtu 1280
ip -n a route add 172.31.4.0/24 via 172.31.3.254
ip -n b route add 172.31.3.0/24 via 172.31.4.254
# ICMP of the router is lost, as on many a real path
on r nft -f - <<'NFT'
table ip t {
	chain o {
		type filter hook output priority 0;
		icmp type destination-unreachable drop
	}
}
NFT
node a 0
node b 1
knows a 1 172.31.1.2/9993 172.31.2.2/9993 172.31.4.2/9993
knows b 0 172.31.1.1/9993 172.31.2.1/9993 172.31.3.1/9993
member a $NET kzt0 10.88.0.1/24
member b $NET kzt0 10.88.0.2/24
check "two nodes meet" reaches a 10.88.0.2
check "by three paths" until_ok 150 has_paths a b 3
B=${ADDR[b]}

check "1500 is found out" until_ok 240 path_is a b u1 mtu 1472
check "9000 is found out" until_ok 240 path_is a b u2 mtu 8972
narrow() { local m; m=$(path_by a b u3 mtu); [ "$m" -le 1252 ] && [ "$m" -ge 1232 ]; }
check "1280 behind a silent router is found out" until_ok 240 narrow
diag "u3: $(path_by a b u3 mtu)"
check "probes are counted" test "$(counts a mtu-probes)" -gt 0

pinned() { kzt_in a path pin "$B" "$(path_by a b "$1" id)" && until_ok 20 carries_alone a b "$1"; }
check "u2 carries all" pinned u2
frags=$(counts a tx-fragmented)
check "a frame of 2800 goes in one piece" pings a 10.88.0.2 -s 2700
same "nothing was cut" "$frags" "$(counts a tx-fragmented)"
check "u3 carries all" pinned u3
# The far wire drops what does not fit, and nobody reassembles for it
check "frames of all sizes fit through 1280" pings a 10.88.0.2 -s 2700
check "and of 1300" pings a 10.88.0.2 -s 1250
cut=$(counts a tx-fragmented)
check "they are cut" test "$cut" -gt "$frags"
check "TCP carries the right bytes" tcp_hash a 10.88.0.1 b 10.88.0.2 500000
check "the wide path again" pinned u2
check "TCP carries the right bytes there" tcp_hash a 10.88.0.1 b 10.88.0.2 2000000

# A black hole: the wire gets narrow and says nothing
on b nft -f - <<'NFT'
table ip t {
	chain i {
		type filter hook prerouting priority -500;
		iifname "u2" meta length > 1400 drop
	}
}
NFT
on a ping -q -i 0.5 -s 2700 10.88.0.2 >/dev/null &	# else nobody asks
PROGRAMS+=($!)
check "a black hole is found" until_ok 240 sh -c "[ \"\$($KZT -n a -j peer show $B | jq '[.peers[0].paths[] | select(.dev == \"u2\")][0].mtu')\" -le 1372 ]"
check "frames go around it" reaches a 10.88.0.2
check "big ones, too" pings a 10.88.0.2 -s 2700

check "the MTU of a prefix is set by hand" kzt_in a path mtu 172.31.1.0/24 1400
check "and holds" path_is a b u1 mtu 1400

# Inside the network
refuses "a packet beyond the network's MTU is refused to a local sender" 1 "mtu|too long" \
	on a ping -c 1 -W 1 -M "do" -s 3000 10.88.0.2
ns h
wire h h0 10.99.0.1/24 -- a h1 10.99.0.2/24
ip -n h link set h0 mtu 9000
ip -n a link set h1 mtu 9000
ip -n h route add 10.88.0.0/24 via 10.99.0.2
ip -n b route add 10.99.0.0/24 via 10.88.0.1
on a sysctl -qw net.ipv4.ip_forward=1
check "a host behind a reaches b" reaches h 10.88.0.2
refuses "a packet too big draws frag-needed" 1 "mtu = 2800|mtu=2800" \
	on h ping -c 2 -W 2 -M "do" -s 4000 10.88.0.2
check "ip link set mtu" ip -n a link set kzt0 mtu 1400
kzt_in a node set port 9993
check "sticks" sh -c "[ \$(ip netns exec a cat /sys/class/net/kzt0/mtu) = 1400 ]"
done_testing
