#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Broadcast: every frame by every path, and once into the stack.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/multipath.sh"
check "two nodes find three paths" legs 3
B=${ADDR[b]}
check "broadcast" kzt_in a policy set peer "$B" broadcast failover-ms 1000
check "is in force" until_ok 20 in_force a b



# Warm up, so that no ARP is counted
check "ping" pings a 10.88.0.2
before=$(on b cat /sys/class/net/kzt0/statistics/rx_packets)
d0=$(drops b replayed)
spread a 3 on a ping -q -f -c 500 -w 60 -s 1000 10.88.0.2
got=$(($(on b cat /sys/class/net/kzt0/statistics/rx_packets) - before))
dropped=$(($(drops b replayed) - d0))
for i in 1 2 3; do within "u$i carries a copy" 25 42 "${SPREAD[i]}"; done
within "each frame reaches the stack once" 500 520 "$got"
within "the copies are dropped as replayed" 900 1100 "$dropped"
check "ping sees no duplicate" sh -c "! grep -q DUP '$TMP/spread'"
check "no packet is lost" grep -q ' 0% packet loss' "$TMP/spread"

# In pieces: copies are cut alike
check "frames in pieces" pings a 10.88.0.2 -s 2600
check "TCP carries the right bytes" tcp_hash a 10.88.0.1 b 10.88.0.2 2000000

# Two of three lossy: what one loses another brings
on a tc qdisc replace dev u1 root netem loss 30%
on a tc qdisc replace dev u2 root netem loss 30%
check "lossy paths lose nothing together" sh -c "ip netns exec a ping -q -i 0.02 -c 200 -w 60 10.88.0.2 | grep -q ' 0% packet loss'"
check "the loss is seen" until_ok 60 sh -c "[ \"\$($KZT -n a -j peer show $B | jq '[.peers[0].paths[] | select(.dev == \"u1\")][0].\"loss-ppm\"')\" -gt 0 ]"
on a tc qdisc del dev u1 root
on a tc qdisc del dev u2 root

on a tc qdisc replace dev u3 root netem loss 100%
check "a dead path is left out" until_ok 40 path_is a b u3 active false
check "the rest goes on" pings a 10.88.0.2
on a tc qdisc del dev u3 root
done_testing
