#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Paths that are many, and paths that carry nothing.  In virtual time, see
# ../run-vm.sh.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/multipath.sh"

# a has five addresses on u1 and b four, which makes 20 paths by u1; and one by u2,
# which is the longest of all
ns a b
wire a u1 172.31.1.1/24 172.31.1.3/24 172.31.1.5/24 172.31.1.7/24 172.31.1.9/24 -- \
	b u1 172.31.1.2/24 172.31.1.4/24 172.31.1.6/24 172.31.1.8/24
wire a u2 172.31.2.1/24 -- b u2 172.31.2.2/24
on a tc qdisc replace dev u1 root netem delay 5ms
on a tc qdisc replace dev u2 root netem delay 50ms
node a 0 && node b 1
knows a 1 172.31.1.{2,4,6,8}/9993 172.31.2.2/9993
knows b 0
member a "$NET" kzt0 10.88.0.1/24 && member b "$NET" kzt0 10.88.0.2/24
check "two nodes meet" reaches a 10.88.0.2
ups() { peer_of "$1" "$2" | jq '[.paths[] | select(.state == "up")] | length'; }
many() { [ "$(ups a b)" -ge 21 ] && [ "$(ups b a)" -ge 21 ]; }
check "by 21 paths" until_ok 300 many

# Nothing is sent but what keeps the paths: their MTU is found out, and that is all
sleep 120
check "all MTUs were found out" [ "$(peer_of a b | jq '[.paths[] | select(.mtu == 1472)] | length')" -ge 21 ]
old=$(counts a mtu-probes)
sleep 120
same "without traffic they are not probed again" "$old" "$(counts a mtu-probes)"
check "a few large packets" pings a 10.88.0.2 -s 1200
sleep 40
within "the path that they took is, once" 1 3 $(($(counts a mtu-probes) - old))

policy() {
	kzt_in a policy set peer "${ADDR[b]}" "$@" && kzt_in b policy set peer "${ADDR[a]}" "$@"
}
check "active-backup, u2 is the spare" policy active-backup failover-ms 1000 \
	link u1 primary link u2 spare
sleep 5
only_by() { [ "$(peer_of a b | jq -r '[.paths[] | select(.active) | .dev] | join(" ")')" = "$1" ]; }
check "u1 is in use" only_by u1
check "u2 stands by, behind the 20 of u1" path_is a b u2 why "stands by"
for n in a b; do on $n tc qdisc replace dev u1 root netem loss 100%; done
sleep 1.2
check "u1 falls silent: u2 takes over within the interval" only_by u2
check "ping" pings a 10.88.0.2
for n in a b; do on $n tc qdisc replace dev u1 root netem delay 5ms; done
sleep 5
check "and u1, when it is heard again" only_by u1
done_testing
