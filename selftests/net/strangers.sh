#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a peer that sends from many addresses can make of us: a bounded number of
# probes and of paths, and the paths that were good stay.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/paths.sh"
ns a b
wire a u0 192.168.1.1/22 -- b u0 192.168.1.2/22
node a 0
node b 1 port 9994
knows a 1 192.168.1.2/9994
knows b 0 192.168.1.1/9993
member a $NET kzt0 10.88.0.1/24
member b $NET kzt0 10.88.0.2/24
check "ping over the known wire" reaches a 10.88.0.2
check "a path to the known address" until_ok 20 has_path a b u0 '192.168.1.2:9994'

# b sends from 120 addresses at once, several times over
old=$(counts a hello-tx) start=$SECONDS
n_paths() { path_lines a b | wc -l; }
for i in $(seq 0 119); do echo "addr add 192.168.$((2 + i / 100)).$((i % 100 + 1))/22 dev u0"; done |
	ip -n b -batch -
many_paths() { [ "$(n_paths)" -gt 8 ]; }
check "b has paths by many addresses" until_ok 120 many_paths
check "the pings go on" pings a 10.88.0.2 -c 50
check "they are at most 64" [ "$(n_paths)" -le 64 ]
check "the known path stays" has_path a b u0 '192.168.1.2:9994'
rate=$((($(counts a hello-tx) - old) / (SECONDS - start + 1)))
diag "HELLO a second: $rate; $(kzt_in a drops | tr '\n' ' ')"
check "HELLO to unconfirmed addresses are no more than 16 a second" [ $rate -le 20 ]
check "those beyond are counted" more_drops a probe-limit 0

done_testing
