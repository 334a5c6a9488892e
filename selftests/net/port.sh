#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The ports of a node are changed while its peers talk to it: all goes on by the
# new ones.  A port that is taken is refused, and the node keeps what it has.
#
#   a --- b, of which a changes its ports, and at last b
. "$SELFTESTS/lib.sh"
KZT_PYTHON=${KZT_PYTHON:-/usr/bin/python3}
ns a b
# Not in 10/8, which the network has: a path there would not be learned
wire a u0 172.31.0.1/24 fd31::1/64 -- b u0 172.31.0.2/24 fd31::2/64
node a 0
node b 1
knows a 1 172.31.0.2/9993
knows b 0 172.31.0.1/9993
member a "$NET" kzt0 10.88.0.1/24
member b "$NET" kzt0 10.88.0.2/24
check "two nodes" reaches a 10.88.0.2

ports() { kzt_in "$1" -j node show | jq -r '.node | "\(.port) \(."secondary-port" // "none")"'; }
# by NS NS2 FIELD PORT: the first has a path to the other that is up, its remote
# or local side being that port
by() {
	kzt_in "$1" -j path show "${ADDR[$2]}" |
		jq -e --arg f "$3" --arg p ":$4" 'any(.paths[]; .state == "up" and (.[$f] | endswith($p)))'
}
not_by() { kzt_in "$1" -j path show "${ADDR[$2]}" | jq -e --arg f "$3" --arg p ":$4" 'all(.paths[]; .[$f] | endswith($p) | not)'; }
both() { check "$1: to b" reaches a 10.88.0.2; check "$1: to a" reaches b 10.88.0.1; goes_on "$1"; }
# moved NAME PORT: a is where it was told to be, and b knows
moved() {
	check "$1: b finds it by the port" until_ok 60 by b a remote "$2"
	check "$1: it sends from there" until_ok 60 by a b local "$2"
	both "$1"
}

# One connection all the time, with a word each way after the other
cat >"$TMP/talk.py" <<'PY'
import os, socket, sys
role, where = sys.argv[1:]
if role == "serve":
    conn, _ = socket.create_server(("10.88.0.2", 7000)).accept()
    while data := conn.recv(100):
        conn.sendall(data)
    sys.exit()
conn = socket.create_connection(("10.88.0.2", 7000), 60)
conn.settimeout(240)
said = 0
while not os.path.exists(where + "/enough"):
    word = b"%012d" % said
    conn.sendall(word)
    if conn.recv(12, socket.MSG_WAITALL) != word:
        sys.exit(f"other words come back after {said}")
    said += 1
    with open(where + "/new", "w") as f:
        f.write(str(said))
    os.replace(where + "/new", where + "/said")
PY
on b "$KZT_PYTHON" "$TMP/talk.py" serve "$TMP" &
PROGRAMS+=($!)
until_ok 30 on b sh -c 'ss -ltn | grep -q :7000'
on a "$KZT_PYTHON" "$TMP/talk.py" call "$TMP" &
talk=$!
said() { [ "$(cat "$TMP/said")" -gt "$1" ]; }
check "one connection speaks" until_ok 30 said 10
# Of a port that goes silent the other node is sure after 19 s (spec 3.3)
goes_on() { check "$1: the connection goes on" until_ok 120 said $(($(cat "$TMP/said") + 10)); }

# --- another port ---
check "another port" kzt_in a node set port 10001
same "is told" "10001 none" "$(ports a)"
moved "another port" 10001
check "and no path from the old one is left" until_ok 60 not_by a b local 9993

# --- a second one ---
check "a second port" kzt_in a node set secondary-port 10003
same "is told with the first" "10001 10003" "$(ports a)"
check "it makes a path of its own" until_ok 120 by a b local 10003
check "b finds it by the first as before" by b a remote 10001
both "two ports"
same "which one path is enough for, as there is no policy" "" "$(by b a remote 10003 >/dev/null && echo two)"
# What comes by the other one all the time would be no path: it is not greeted there
check "a gets a policy that takes both in turn" kzt_in a policy set peer "${ADDR[b]}" balance-rr force
takes_both() { kzt_in a -j peer show "${ADDR[b]}" | jq -e '[.peers[0].paths[] | select(.active) | .local[-6:]] | unique | length == 2'; }
check "and takes them" until_ok 60 takes_both
greeted=$(counts b hello-tx)
check "both ways, for 20 s" pings a 10.88.0.2 -c 100
diag "$(($(counts b hello-tx) - greeted)) HELLO meanwhile"
check "b does not greet again and again" [ $(($(counts b hello-tx) - greeted)) -lt 10 ]
check "a has no policy" kzt_in a policy set peer "${ADDR[b]}" default
check "b gets a policy" kzt_in b policy set peer "${ADDR[a]}" balance-xor force
check "and takes both ports" until_ok 60 by b a remote 10003
check "of which it leaves none" by b a remote 10001
check "without a policy again" kzt_in b policy set peer "${ADDR[a]}" default

# --- ports that are taken ---
# taken FAMILY PORT: by a program in a
taken() {
	ip netns exec a "$KZT_PYTHON" -c 'import socket, sys, time
s = socket.socket(getattr(socket, sys.argv[1]), socket.SOCK_DGRAM)
if sys.argv[1] == "AF_INET6": s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
s.bind(("", int(sys.argv[2])))
print("ready", flush=True)
time.sleep(100000)' "$1" "$2" >"$TMP/taken-$2" &
	PROGRAMS+=($!)
	until_ok 30 grep -q ready "$TMP/taken-$2"
}
# kept NAME PATTERN WORD...: that is refused, and nothing has changed: the next
# ping passes, without one that may be lost
kept() {
	local name=$1 pattern=$2
	shift 2
	refuses "$name" 1 "$pattern" kzt_in a node set "$@"
	same "$name: the ports are what they were" "10001 10003" "$(ports a)"
	check "$name: and they work" pings a 10.88.0.2 -c 1
}
taken AF_INET 9977
taken AF_INET6 9978
reaches a 10.88.0.2
kept "a port that is taken" 'cannot bind the IPv4 UDP port' port 9977
kept "one that is taken for IPv6" 'cannot bind the IPv6 UDP port' port 9978
kept "a second one that is taken" 'cannot bind the IPv4 UDP port' secondary-port 9977
kept "a second one that is the first" 'second port is the first' secondary-port 10001
kept "a free one with a second that is taken" 'cannot bind' port 10005 secondary-port 9977
# What else a refused request asked for is not done, either
settings() { kzt_in a -j node show | jq -c '.node | del(.port, .secondary, ."id-counter")'; }
kzt_in a node set deny 198.51.100.0/24 mapped 203.0.113.7/9993
before=$(settings)
kept "one that is taken, with other settings" 'cannot bind' port 9977 deny 203.0.113.0/24 \
	deny-dev docker mapped 203.0.113.8/9993 relay off suite salsa predict on path-rule sparse
same "which are what they were" "$before" "$(settings)"
kzt_in a node set deny none mapped none
check "of which nothing is left" taken AF_INET 10005
# To bind to a device the old sockets must go first: they come back
refuses "one that is taken, on a device" 1 'cannot bind the IPv4 UDP port' kzt_in a node set port 9977 bind u0
same "the ports are what they were" "10001 10003" "$(ports a)"
both "what was closed is open again"
for p in 10001 10003; do check "it has a path by $p" until_ok 120 by a b local $p; done

# --- and back ---
check "the two exchange their places" kzt_in a node set port 10003 secondary-port 10001
same "as told" "10003 10001" "$(ports a)"
both "exchanged"
check "a second port that the kernel chooses" kzt_in a node set port 10001 secondary-port random
random=$(ports a)
random=${random#* }
check "is none of those" [ "$random" -gt 0 -a "$random" != 10001 -a "$random" != 10003 ]
check "it makes a path of its own, too" until_ok 120 by a b local "$random"
check "one more is not chosen with another setting" kzt_in a node set port 10001 fwmark 0
same "it is the same" "10001 $random" "$(ports a)"
check "the first one again, and no second" kzt_in a node set port 9993 secondary-port off
moved "the first one again" 9993
check "of the second no path is left" until_ok 60 not_by a b local "$random"
check "the other node goes elsewhere" kzt_in b node set port 10002
check "a finds it by the port" until_ok 60 by a b remote 10002
both "the other node elsewhere"
check "and comes back" kzt_in b node set port 9993
check "a finds it again" until_ok 60 by a b remote 9993
both "as at first"

touch "$TMP/enough"
check "the connection has lost nothing" wait $talk
diag "$(cat "$TMP/said") words"
done_testing
