#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module goes while packets flow, and comes back.
. "$SELFTESTS/lib.sh"
ns a b
check "two nodes" pair a b
check "an agent for one of them" agent a
check "ping" reaches a 10.88.0.2
on b iperf3 -s -D --pidfile "$TMP/iperf" >/dev/null
ip netns exec a timeout -k 1 60 iperf3 -c 10.88.0.2 -t 50 >/dev/null 2>&1 &
PROGRAMS+=($!)
ip netns exec a ping -q -f -s 1800 10.88.0.2 >/dev/null 2>&1 &
PROGRAMS+=($!)
rx_packets() { ip -n b -j -s link show kzt0 | jq '.[0].stats64.rx.packets'; }
many() { [ "$(rx_packets)" -gt 500 ]; }
check "packets flow" until_ok 60 many
check "the module is unloaded under them" rmmod kzt
check "and its devices are gone" eval '! ip -n a link show kzt0'
check "the agent of a kernel without it does not end in a crash" eval \
	'until_ok 20 eval "! kill -0 ${AGENT[a]} 2>/dev/null || kill ${AGENT[a]}"'
check "it is loaded again" insmod "$KZT_KO"
ip -n a link del u0
check "and works" pair a b
check "as before" reaches a 10.88.0.2
kill "$(cat "$TMP/iperf")" 2>/dev/null
done_testing
