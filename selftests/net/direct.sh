#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two nodes that know each other, on one wire: frames of all sizes, TCP, order.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/paths.sh"
trace_on kzt_path kzt_plan kzt_drop
ns a b
wire a u0 10.77.0.1/24 fd77::1/64 -- b u0 10.77.0.2/24 fd77::2/64
check "a node is set up" node a 0
check "another, on a port of its own" node b 1 port 9994
knows a 1 10.77.0.2/9994
knows b 0 10.77.0.1/9993
check "a joins the ad-hoc network" member a $NET kzt0 10.88.0.1/24 fd88::1/64
check "b joins the ad-hoc network" member b $NET kzt0 10.88.0.2/24 fd88::2/64
check "ping over IPv4" reaches a 10.88.0.2
check "ping back" reaches b 10.88.0.1
check "ping over IPv6" reaches a fd88::2
check "b is reached directly" is_link a b direct
traced confirming '10.77.0.[12]:999[34]'
traced learned 10.77.0.2:9994
old=$(counts a tx-suite1)	# what is sent before the handshake is known
check "more pings" pings a 10.88.0.2
same "suite 3 is used between kzt nodes" "$old" "$(counts a tx-suite1)"
same "MTU of the device" 2800 "$(cat <(on a cat /sys/class/net/kzt0/mtu))"

for size in 18 64 500 1000 1300 1344 1345 1400 1433 1444 1445 1500 2000 2700 2772; do
	check "ICMP echo with $size bytes" pings a 10.88.0.2 -s "$size" -M "do"
done
lost=$(on a ping -q -f -c 2000 -w 30 -s 1000 10.88.0.2 | sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p')
same "flood ping of 2000 loses nothing" 0 "$lost"
check "TCP carries the right bytes both ways" tcp_hash a 10.88.0.1 b 10.88.0.2 8000000
check "TCP over IPv6, too" tcp_hash a fd88::1 b fd88::2 2000000
on b iperf3 -s -1 -D --pidfile "$TMP/iperf" >/dev/null
sleep 1
on a timeout 60 iperf3 -c 10.88.0.2 -t 4 -J >"$TMP/iperf.json"
retrans=$(jq '.end.sum_sent.retransmits' "$TMP/iperf.json")
diag "iperf3: $(jq '.end.sum_received.bits_per_second / 1e6 | floor' "$TMP/iperf.json") Mbit/s, $retrans retransmits"
check "a policy" kzt_in a policy set peer "${ADDR[b]}" active-backup force
trace_has "which path it chose" "kzt_plan: peer=${ADDR[b]} legs=[12] .*events=active,leg-up"
kzt_in a policy set peer "${ADDR[b]}" default
on a bash -c 'echo >/dev/udp/10.77.0.2/9994'
sleep 1
trace_has "what was dropped" 'kzt_drop: .*reason=runt'
diag "$(kzt_in a drops)"
diag "$(kzt_in b drops)"
done_testing
