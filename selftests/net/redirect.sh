#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A peer says at which endpoint alone it wants to be reached (PUSH_DIRECT_PATHS,
# flag 0x02; spec 3, 3.12.1): other paths go, but not before it answers there.
# No kzt node says so: a program that has b's identity does it from b's address.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/paths.sh"
two_wires
listen_peers a
check "ping" reaches a 10.88.0.2
for d in u0 u1; do check "a path by $d" until_ok 150 has_path a b $d; done

cat >"$TMP/redirect.py" <<'PY'
import os, socket, struct, sys
sys.path.insert(0, os.environ["SELFTESTS"] + "/net")
import packets
me, other, source, address, endpoint = sys.argv[1:]
me, other = packets.Identity(me), packets.Identity(other)
ip, port = endpoint.split("/")
packet = packets.armor(me.agree(other), other.address, me.address,
                       b"\x10\0\1" + b"\2\0\0\4\6" + socket.inet_aton(ip) +
                       struct.pack("!H", int(port)))
# The node has the port, so the header of UDP is our own; 0: no checksum
sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
(ip, sport), (to, dport) = source.split("/"), address.split("/")
sock.bind((ip, 0))
sock.sendto(struct.pack("!HHHH", int(sport), int(dport), 8 + len(packet), 0) + packet, (to, 0))
PY
# redirects ENDPOINT: b by u0 to a
redirects() {
	on b "${KZT_PYTHON:-python3}" "$TMP/redirect.py" "$KZT_IDS/1" "$KZT_IDS/0.pub" \
		192.168.1.2/9994 192.168.1.1/9993 "$1"
}
asked() { [ "$(counts a redirects)" = "$1" ]; }

check "b redirects to where nobody is" redirects 192.168.2.77/9994
check "a hears it" until_ok 10 asked 1
sleep 7		# more than a round, in which paths that count less go
for d in u0 u1; do check "and keeps its path by $d" has_path a b $d; done
check "ping" reaches a 10.88.0.2

check "b redirects to its other wire" redirects 192.168.2.2/9994
check "a hears it" until_ok 10 asked 2
check "the path by u0 goes" until_ok 20 lacks_path a b u0
check "that by u1 stays" has_path a b u1
check "the monitor says so" until_ok 10 told '[.paths[].dev] | length > 0 and all(. == "u1")'
traced redirected 192.168.2.2:9994
check "and carries all" reaches a 10.88.0.2
sleep 12	# b, to whom nobody said it, speaks by u0 still
check "no path by u0 is learned while it is alive" lacks_path a b u0

on a tc qdisc add dev u1 root netem loss 100%
on b tc qdisc add dev u1 root netem loss 100%
check "u1 falls silent: u0 is learned again" until_ok 90 has_path a b u0
check "ping" reaches a 10.88.0.2
done_testing
