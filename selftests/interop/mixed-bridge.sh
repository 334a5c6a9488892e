#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Multicast and broadcast between real cores and kzt nodes, and bridges of both
# kinds with a host behind each.
#
#   root  ctl  a, b (real cores)  k, l (kzt): one LAN
#   h --- br0 [k] === the network === [a] br0 --- g
. "$SELFTESTS/interop/lib.sh"
KZT_PYTHON=${KZT_PYTHON:-/usr/bin/python3}
ns h g
both_kinds bridged
members a b k l
for n in a b k l; do
	on $n sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
done
linked a k
linked b l

# --- to all --------------------------------------------------------------------------

# hears NS NUMBER OPTION... ADDRESS: so many others answer a ping to all
hears() {
	local n=$1 want=$2
	shift 2
	on "$n" ping -n -c 3 -W 2 -i 0.5 "$@" >"$TMP/all" 2>&1
	# Its own answer does not count
	ip -n "$n" -j addr show dev "${DEV[$n]}" | jq -r '.[].addr_info[]? | "from " + .local' >"$TMP/own"
	[ "$(grep -oE 'from [0-9a-f:.]+[0-9a-f]' "$TMP/all" | grep -vxFf "$TMP/own" |
		sort -u | wc -l)" = "$want" ]
}
for n in a k; do
	check "$n: three answer a ping to all nodes (ff02::1)" \
		until_ok 60 hears $n 3 -6 "ff02::1%${DEV[$n]}"
	check "$n: three answer a broadcast" until_ok 60 hears $n 3 -b 10.99.0.255
done

# --- a group that some are in -----------------------------------------------------------

cat >"$TMP/group.py" <<'PY'
"""group.py hear DEV FILE | say DEV TEXT: datagrams of the group ff15::4242"""
import socket, struct, sys
what, dev, arg = sys.argv[1:]
index = socket.if_nametoindex(dev)
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
if what == "say":
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    s.sendto(arg.encode(), ("ff15::4242", 4242))
    raise SystemExit
s.bind(("", 4242))
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
             socket.inet_pton(socket.AF_INET6, "ff15::4242") + struct.pack("@I", index))
while True:
    with open(arg, "a", encoding="ascii") as f:
        f.write(s.recv(100).decode() + "\n")
PY
group() { local n=$1; shift; on "$n" "$KZT_PYTHON" "$TMP/group.py" "$@"; }
# heard FROM TO: what the first says to the group reaches the second
heard() {
	group "$1" say "${DEV[$1]}" "$1-to-$2" && until_ok 1 grep -qx "$1-to-$2" "$TMP/heard-$2"
}
for n in b l; do
	group $n hear "${DEV[$n]}" "$TMP/heard-$n" &
	PROGRAMS+=($!)
done
for n in a k; do
	for m in b l; do check "$n is heard in the group by $m" until_ok 60 heard $n $m; done
done
check "b is heard by l" until_ok 60 heard b l
check "l is heard by b" until_ok 60 heard l b

# --- bridges ---------------------------------------------------------------------------------

# host HOST NS NUMBER: a host behind a bridge; its MAC address is no member's
host() {
	ip -n "$2" link add br0 type bridge mcast_snooping 0 forward_delay 0 &&
	ip link add p0 netns "$2" type veth peer name e0 netns "$1" address "00:16:3e:00:00:$3" &&
	ip -n "$2" link set p0 master br0 up &&
	ip -n "$2" link set "${DEV[$2]}" master br0 up &&
	ip -n "$2" link set br0 up &&
	ip -n "$1" addr add "10.99.0.2$3/24" dev e0 &&
	ip -n "$1" addr add "fd99::2$3/64" dev e0 nodad &&
	ip -n "$1" link set e0 up
}
IP+=(['h']=10.99.0.211 ['g']=10.99.0.212)
check "a host behind k" host h k 11
check "k is no bridge yet" silent b "${IP[h]}"
check "k is a bridge" ctl member set "$CNET" "${ADDR[k]}" bridge on
linked b h
linked l h
same "kzt has learned where the host is" "${ADDR[k]}" \
	"$(kzt_in l -j fdb show "$CNET" | jq -r '.fdb[] | select(.mac == "00:16:3e:00:00:11") | .address')"
for n in b l; do ip -n $n addr add fd99::${ADDR[$n]:0:4}/64 dev "${DEV[$n]}" nodad; done
check "b reaches it over IPv6" reaches b fd99::211
check "l, too" reaches l fd99::211
check "TCP from a real core to it" tcp_hash b "${IP[b]}" h "${IP[h]}" 200000
check "and from kzt" tcp_hash l "${IP[l]}" h "${IP[h]}" 1000000

check "a host behind a real core" host g a 12
check "a is a bridge" ctl member set "$CNET" "${ADDR[a]}" bridge on
linked l g
linked b g
check "from host to host, kzt's to the real core's" until_ok 60 both_reach h g
check "TCP between the hosts" tcp_hash h "${IP[h]}" g "${IP[g]}" 200000

check "k is a bridge no more" ctl member set "$CNET" "${ADDR[k]}" bridge off
check "what is behind it is not reached by a real core" until_ok 60 silent b "${IP[h]}"
check "nor by kzt" until_ok 60 silent l "${IP[h]}"
check "what is behind the other is" reaches l "${IP[g]}"
state_of ctl a b k l
done_testing
