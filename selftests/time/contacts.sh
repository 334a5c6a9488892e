#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Whom a network names as an anchor or a replicator is kept in contact with, without
# a word from anybody else, and a root by both families (spec 3.8.3).  In virtual
# time, see ../run-vm.sh.
#
#   r 172.30.0.1 (root), a 172.30.0.2, b 172.30.0.3: one LAN, 20 ms one way
. "$SELFTESTS/interop/lib.sh"
. "$SELFTESTS/multipath.sh"
declare -A IP=([r]=172.30.0.1 [a]=172.30.0.2 [b]=172.30.0.3)

CONTROLLED=1122334455000001	# its controller is nowhere
ns r a b
lan lan0 r ${IP[r]}/24 fd30::1/64 -- a ${IP[a]}/24 fd30::2/64 -- b ${IP[b]}/24
for i in 1 2 3; do tc qdisc add dev lan0-$i root netem delay 20ms limit 10000; done
planet 0=${IP[r]}/9993,fd30::1/9993 >/dev/null
i=0
for n in r a b; do check "node $n" kzt_node $n $((i++)); done
check "a joins a network" kzt_in a network join "$CONTROLLED" dev kzt0
on a sysctl -qw net.ipv6.conf.kzt0.disable_ipv6=1
knows_b() { kzt_in a -j peer show "${ADDR[b]}"; }
sleep 60
refuses "a does not know b" 1 'no such peer' knows_b

check "the network names b as an anchor" kzt_in a network set "$CONTROLLED" anchor "${ADDR[b]}"
check "b is found" until_ok 30 is_link a b direct
sleep 400
check "after 400 s the path is up" is_link a b direct
check "and was heard lately" [ "$(peer_of a b | jq '[.paths[]."last-in-ms"] | min')" -lt 19000 ]
check "b is a replicator instead" kzt_in a network set "$CONTROLLED" anchor none replicator "${ADDR[b]}"
sleep 400
check "after 400 s the path is up" is_link a b direct
# over FAMILY NUMBER: so many paths to the root are up
over() { [ "$(peer_of a r | jq --arg f "$1" '[.paths[] | select(.state == "up" and (.remote | test($f)))] | length')" = "$2" ]; }
check "a root is reached over IPv4 and over IPv6" eval "over ^172 1 && over fd30 1"
ip -n a -6 route add blackhole fd30::1/128
check "the network names nobody" kzt_in a network set "$CONTROLLED" replicator none
sleep 600
refuses "after 600 s a does not know b" 1 'no such peer' knows_b
check "one of the paths to the root is lost" eval "over ^172 1 && over fd30 0"
ip -n a -6 route del blackhole fd30::1/128
sleep 70
check "and found again, as the root is asked by it once a minute" eval "over ^172 1 && over fd30 1"
done_testing
