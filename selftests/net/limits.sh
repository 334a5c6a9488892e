#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a peer that wants no good can have a node send to somebody else: never
# more bytes than it sends itself, and no more packets than the gates of spec 3,
# 3.14 let pass.  Paths of other peers stay what they are.
#
#	x u0 172.30.1.1 ---- 172.30.1.2 u1 b u2 172.30.9.1 ---- 172.30.9.2 u0 v
#	x has the address of v, too, and sends from it
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/paths.sh"
ROUNDS=${KZT_ROUNDS:-400}
ns a b x v
check "two nodes" pair a b
check "ping" reaches a 10.88.0.2
wire x u0 172.30.1.1/24 -- b u1 172.30.1.2/24
wire v u0 172.30.9.2/24 -- b u2 172.30.9.1/24
ip -n x addr add 172.30.9.2/32 dev lo
on b sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.u1.rp_filter=0
check "b knows x" knows b 2

# attack MODE WORD...: SENT packets, TOOK ms; GOT of them at v, and bytes
bytes() { on "$1" cat "/sys/class/net/u0/statistics/$2_bytes"; }
datagrams() { on v awk '/^Udp:/ && $2 ~ /^[0-9]/ { print $2 + $3 }' /proc/net/snmp; }
attack() {
	local mode=$1 from to
	shift
	GOT=$(datagrams) from=$(bytes x tx) to=$(bytes v rx) TOOK=$(date +%s%N)
	SENT=$(SOURCE=$SPOOF ip netns exec x "$SELFTESTS/net/hostile.py" 172.30.1.2/9993 \
		"$KZT_IDS/1.pub" "$mode" "$KZT_IDS/2" "$@") || return
	sleep 3		# what it may have caused to be tried again
	TOOK=$((($(date +%s%N) - TOOK) / 1000000))
	GOT=$(($(datagrams) - GOT))
	FROM=$(($(bytes x tx) - from)) TO=$(($(bytes v rx) - to))
	SAID="$mode: $SENT packets, $FROM bytes in $TOOK ms; v got $GOT, $TO bytes"
}
less_than_sent() { [ "$TO" -lt "$FROM" ]; }
between() { [ "$2" -ge "$1" ] && [ "$2" -le "$3" ]; }

# Eight pushes pass, and eight endpoints of a scope and family of each (3.6.2)
SPOOF=
check "PUSH_DIRECT_PATHS name ports of v" attack pushes 172.30.9.2 "$ROUNDS"
diag "$SAID"
check "eight times eight are tried, and no more" between 1 "$GOT" 64
check "v gets less than x sent" less_than_sent
old=$(datagrams)
check "a few more of them" attack pushes 172.30.9.2 20
same "none is tried before 30 s of silence" "$old" "$(datagrams)"

# The answers go to v: one in 166 ms; and it may be a path of x: one probe a second
SPOOF=172.30.9.2/9993
check "ECHOs from the address of v" attack echoes "$ROUNDS"
diag "$SAID"
check "are answered as often as the gate says" between 1 "$GOT" $((TOOK / 166 + TOOK / 1000 + 4))
check "v gets less than x sent" less_than_sent

check "HELLOs from the address of v" attack greetings "$ROUNDS"
diag "$SAID"
check "have one answer each at most, and some probes" between 1 "$GOT" $((SENT + TOOK / 1000 + 4))
check "v gets less than x sent" less_than_sent

# One in 100 ms; each answer is an identity, and much longer than the question
check "WHOIS from the address of v" attack verbs 04 "${ADDR[b]}" "$ROUNDS"
diag "$SAID"
check "are answered as often as the gate says" between 1 "$GOT" $((TOOK / 100 + TOOK / 1000 + 4))

# Some go to the agent at once, then one a second
SPOOF=
old=$(drops b rate-limit)
check "NETWORK_CREDENTIALS" attack verbs 0a 00 "$ROUNDS"
limited() { between $((SENT - TOOK / 1000 - 6)) $(($(drops b rate-limit) - old)) "$SENT"; }
check "few of them are read" until_ok 20 limited

no_path_to_v() {
	kzt_in b -j peer show "$(cut -c1-10 "$KZT_IDS/2.pub")" |
		jq -e '[.peers[0].paths[]? | select(.dev == "u2")] == []'
}
check "v never was a path of x" no_path_to_v
check "the path of another peer is what it was" has_path b a u0
check "ping" reaches a 10.88.0.2

# Where a peer of ours is only an upstream may say (3.11.3): then from where it sees
# us four bytes go there, and a HELLO or an ECHO from wherever a route leads there
check "a log of what comes to v" eval 'ip netns exec v "$SELFTESTS/time/wirelog.py" u0 >"$TMP/log" &
	PROGRAMS+=($!); until_ok 30 grep -q ready "$TMP/log"'
came() { grep -qE "^[0-9]+ $1 172.30.9.2 $2\$" "$TMP/log"; }
SPOOF=
old=$(drops b not-from-upstream)
check "x says that a is where v is" attack meeting "$KZT_IDS/0.pub" 172.30.9.2/9993
same "but is no upstream" $((old + 1)) "$(drops b not-from-upstream)"
same "and v hears nothing" ready "$(cat "$TMP/log")"
check "x becomes one" kzt_in b peer add "$KZT_IDS/2.pub" root
check "and says it again" attack meeting "$KZT_IDS/0.pub" 172.30.9.2/9993
check "the NAT is opened from where x reaches b" until_ok 10 came 172.30.1.2 4
check "and a is sought there" until_ok 10 came 172.30.9.1 '(28|137)'
done_testing
