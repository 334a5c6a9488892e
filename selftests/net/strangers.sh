#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a peer that sends from many addresses can make of us: a bounded number of
# probes and of paths, and the paths that were good stay.  And how many peers there
# may be.
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
# everywhere N: b says HELLO to a from as many ports at once
everywhere() {
	on b "${KZT_PYTHON:-/usr/bin/python3}" - "$1" "$KZT_IDS/1" "$KZT_IDS/0.pub" <<-'PY'
		import os, sys
		sys.path.insert(0, os.environ["SELFTESTS"] + "/net")
		import packets
		me, a = map(packets.Identity, sys.argv[2:])
		key = me.agree(a)
		made = [(packets.udp("192.168.1.1/9993"), packets.armor(
		    key, a.address, me.address, packets.hello(me.address, me.public)))
		    for _ in range(int(sys.argv[1]))]
		for sock, packet in made:
		    sock.send(packet)
	PY
}
old=$(drops a probe-limit)
check "b says HELLO from 40 ports at once" everywhere 40
check "of those beyond 16 all are counted" until_ok 20 more_drops a probe-limit $((old + 23))

peers() { kzt_in a -j node show | jq .node.peers; }
greeting() {
	on b "$SELFTESTS/net/hostile.py" 192.168.1.1/9993 "$KZT_IDS/0.pub" greeting "$KZT_IDS/2" 12
	more_drops a peer-limit "$1"
}
crowd() {
	local start=$SECONDS kb
	kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
	check "a gets 70000 peers" eval 'on a "$SELFTESTS/net/crowd.py" 70000 >"$TMP/crowd"'
	same "of whom it takes as many as there may be, with b" "65535 ENOSPC" "$(cat "$TMP/crowd")"
	same "and says so" 65536 "$(peers)"
	diag "in $((SECONDS - start)) s, and $(((kb - $(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)) / 65)) bytes each"
	refuses "one more is refused" 1 'too many peers' knows a 2
	check "a listens as an agent would" eval 'on a "${KZT_PYTHON:-/usr/bin/python3}" "$SELFTESTS/net/control.py" hear >"$TMP/heard" &
		PROGRAMS+=($!); until_ok 30 grep -q ready "$TMP/heard"'
	check "so is one who says HELLO, and counted" until_ok 20 greeting "$(drops a peer-limit)"
	check "those there are go on" pings a 10.88.0.2 -c 10
	check "when one is forgotten" kzt_in a peer del 1000000001
	check "another has room" knows a 2
	same "and no more than that" 65536 "$(peers)"
}
# Kernels for debugging have neither the memory nor the time
if [ -w /sys/kernel/debug/kmemleak ] || [ "$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)" -lt 600000 ]; then
	skip "as many peers as there may be: not in this kernel"
else
	crowd
fi
done_testing
