#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The keys of a policy and of its links: all are kept as they were given, and those
# that say which paths may be used are obeyed, with IPv4 and IPv6 by turns.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/multipath.sh"
. "$SELFTESTS/paths.sh"
check "two nodes find three paths" legs 3
B=${ADDR[b]}
for n in a b; do
	[ $n = a ] && i=1 || i=2
	ip -n $n addr add fd31:1::$i/64 dev u1 nodad
done
check "a fourth wire" wire a u4 fd31:4::1/64 -- b u4 fd31:4::2/64
check "the IPv6 paths are learned" until_ok 150 eval \
	"has_path a b u1 fd31:1:: && has_path a b u4 fd31:4::"
serve_flows b

# policy WORD...: what a does with its paths to b
policy() { kzt_in a policy set peer "$B" "$@"; }
# used [FILTER]: the wires whose path is used, of those paths that the filter lets by
used() {
	peer_of a b | jq -r "[.paths[] | select(.active) | select(${1:-true}) | .dev] | sort | join(\" \")"
}
uses() { [ "$(used "${2:-true}")" = "$1" ]; }
V6='.remote | startswith("[")'
n_used() { peer_of a b | jq "[.paths[] | select(.active) | select(${1:-true})] | length"; }
uses_n() { [ "$(n_used "${2:-true}")" = "$1" ]; }

numbers=(failover-ms 700 up-delay-ms 2100 down-delay-ms 300 dwell-ms 1500
	hysteresis-ppm 210000 packets-per-link 9 max-legs 2 family-max-4 3 family-max-6 1
	latency-max-us 90001 jitter-max-us 50001 loss-max-ppm 30001 error-max-ppm 20001
	latency-weight-ppm 400000 jitter-weight-ppm 300000 loss-weight-ppm 200000
	error-weight-ppm 100000)
check "every key is taken" policy active-backup "${numbers[@]}" reselect better \
	scope-max 7=3 link u1 primary weight 5 mtu 1400 ip 46 failover-to u2 \
	link u2 spare capacity 20 ip 6
for ((i = 0; i < ${#numbers[@]}; i += 2)); do
	same "${numbers[i]} is kept" "${numbers[i + 1]}" \
		"$(policy_of a b | jq ".\"${numbers[i]}\"")"
done
same "so are what is chosen, and how many of a scope" "better 7 3" "$(policy_of a b |
	jq -r '"\(.reselect) \(."scope-max"[0] | "\(.scope) \(.paths)")"')"
same "and the links" "u1 true 5 1400 46 u2, u2 false 20 6" "$(policy_of a b | jq -r '.links |
	"\(.[0] | "\(.name) \(.primary) \(.weight) \(.mtu) \(.ipver) \(."failover-to")"), \(.[1] |
	"\(.name) \(.primary) \(.capacity) \(.ipver)")"')"

check "at most two legs" policy balance-rr max-legs 2
check "two are used" until_ok 20 uses_n 2
check "at most one of IPv4, two of IPv6" policy balance-rr family-max-4 1 family-max-6 2
check "three are used" until_ok 20 uses_n 3
same "two of them are of IPv6" 2 "$(n_used "$V6")"
check "none but IPv6" policy random link u1 ip 6 link u4
check "one by each wire is used" until_ok 20 uses "u1 u4"
same "and of IPv6" "u1 u4" "$(used "$V6")"
check "IPv4 first, where there is any" policy random link u1 ip 46 link u4 ip 46
check "which is used" until_ok 20 uses "u1 u4"
same "by the wire that has it" u4 "$(used "$V6")"
old4=$(tx a u1) old6=$(tx a u4)
check "packets are drawn" flows a 4 10.88.0.2 1M
check "for IPv6, too" [ $(($(tx a u4) - old6)) -gt $((($(tx a u1) - old4) / 4)) ]

check "u3 in place of u1" policy active-backup failover-ms $((300 * SLOW)) \
	link u1 primary ip 4 failover-to u3 link u2 spare ip 4 link u3 spare ip 4
check "u1 carries everything" until_ok 20 carries_alone a b u1
on a tc qdisc replace dev u1 root netem loss 100%
check "when it falls silent, u3 does" until_ok 30 carries_alone a b u3
check "what comes back waits" policy active-backup failover-ms $((300 * SLOW)) up-delay-ms 600000 \
	link u1 primary ip 4 failover-to u3 link u2 spare ip 4 link u3 spare ip 4
check "u1 is silent still" until_ok 30 path_is a b u1 why "silent for the fail-over interval"
on a tc qdisc del dev u1 root
check "u1 is heard again" until_ok 60 path_is a b u1 why "came back, waits for the up delay"
check "and carries nothing" path_is a b u1 share-ppm 0
check "as long as it is told to" policy active-backup failover-ms $((300 * SLOW)) up-delay-ms 0 \
	link u1 primary ip 4 failover-to u3 link u2 spare ip 4 link u3 spare ip 4
check "then it is used" until_ok 30 carries_alone a b u1

# The seed's rule of which paths are worth having (spec 3.5.2): none beside a live
# one of the same family by the same socket
ip -n b addr add 172.31.1.3/24 dev u1
by_u1() { path_lines a b | grep -c '^u1 172.* up$'; }
anew() { kzt_in a peer del "$B" && knows a 1 172.31.1.2/9993 172.31.1.3/9993; }
has_by_u1() { [ "$(by_u1)" = "$1" ]; }
check "b has another address, and is known anew" anew
check "both are paths" until_ok 60 has_by_u1 2
check "paths are to be few" kzt_in a node set path-rule sparse
same "which is shown" sparse "$(kzt_in a -j node show | jq -r '.node."path-rule"')"
check "b is known anew" anew
check "it is reached" reaches a 10.88.0.2
check "by u1" until_ok 60 has_by_u1 1
sleep $((2 * SLOW))
same "and by one of the addresses there" 1 "$(by_u1)"
stop_flows b
done_testing
