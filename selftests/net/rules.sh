#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Rules in the kernel: what passes, what is counted, what is copied and sent
# elsewhere, and that the tester says the same.
#
#   a  b  c (the observer): one underlay
. "$SELFTESTS/lib.sh"
ns a b c
lan lan0 a 10.77.0.1/24 -- b 10.77.0.2/24 -- c 10.77.0.3/24
net=$(cut -c1-10 "$KZT_IDS/9.pub")000001	# a controller that is not there
i=0
for n in a b c; do
	node $n $i
	for k in 0 1 2; do
		[ $k = $i ] || kzt_in $n peer add "$KZT_IDS/$k.pub" endpoint "10.77.0.$((k + 1))/9993"
	done
	i=$((i + 1))
	kzt_in $n network join "$net" dev kzt0 >/dev/null 2>&1
	ip -n $n addr add 10.88.0.$i/24 dev kzt0
	ip -n $n addr add fd88::$i/64 dev kzt0 nodad
	ip -n $n link set kzt0 up
done
# rules NODE... -- TEXT: the same for some; the counters begin anew
rules() {
	local -a nodes=()
	local n
	while [ "$1" != -- ]; do nodes+=("$1"); shift; done
	printf '%s\n' "$2" >"$TMP/rules"
	for n in "${nodes[@]}"; do
		kzt_in "$n" network set "$net" rules "$TMP/rules" multicast-limit 32 || return
	done
}
hits() { kzt_in "$1" -j rules show "$net" | jq ".rules[$2].hits"; }
fails() { ! ip netns exec "$1" ping -q -c 2 -i 0.2 -W 1 "$2"; }

before=$(drops a filtered-out)
check "no rules: nothing passes" rules a b c -- ""
check "not even a ping" fails a 10.88.0.2
check "it is counted as such" [ "$(drops a filtered-out)" -gt "$before" ]
check "accept" rules a b c -- "accept;"
check "everything passes" reaches a 10.88.0.2
check "IPv6, too" reaches a fd88::2
check "what decided is counted" [ "$(hits a 0)" -gt 2 ]

check "IPv4 and ARP only" rules a b c -- "drop not ethertype ipv4 and not ethertype arp; accept;"
check "IPv4 passes" reaches a 10.88.0.2
check "IPv6 does not" fails a fd88::2
check "drop has hits" [ "$(hits a 2)" -gt 0 ]
check "accept has hits" [ "$(hits a 3)" -gt 0 ]
same "matches have none" 0 "$(hits a 0)"
check "rules show says so" sh -c "ip netns exec a $KZT rules show $net | grep -qE '^ +2  drop +\([0-9]+\)'"

check "no TCP to a port" rules a b c -- "drop ipprotocol tcp and dport 7000; accept;"
check "it is not connected" sh -c "! timeout 5 ip netns exec a bash -c 'echo >/dev/tcp/10.88.0.2/7000' 2>/dev/null"
check "the rule has dropped it" [ "$(hits a 2)" -gt 0 ]
check "others are" reaches a 10.88.0.2
check "only the receiver drops" rules a -- "accept;"
before=$(drops b filtered-in)
on a timeout 3 bash -c 'echo >/dev/tcp/10.88.0.2/7000' 2>/dev/null
check "and counts it" [ "$(drops b filtered-in)" -gt "$before" ]
check "small frames only" rules a b c -- "drop framesize 600-10000; accept;"
check "a small one passes" reaches a 10.88.0.2
check "a large one does not" sh -c "! ip netns exec a ping -q -c 2 -i 0.2 -W 1 -s 1000 10.88.0.2"
check "by characteristics" rules a b c -- "drop chr tcp_syn and not chr tcp_ack; accept;"
check "no connection is begun" sh -c "! timeout 3 ip netns exec a bash -c 'echo >/dev/tcp/10.88.0.2/22' 2>/dev/null"
check "its first segment was dropped" [ "$(hits a 2)" -gt 0 ]
check "pings pass" reaches a 10.88.0.2
check "random, never" rules a b c -- "drop random 0.0 and icmp 8 -1 and ipsrc 10.0.0.1/32; accept;"
check "passes" reaches a 10.88.0.2
check "break without capabilities" rules a b c -- "break ethertype ipv4; accept;"
check "drops" fails a 10.88.0.2

# --- the tester says what the kernel does ---
check "rules for one address" rules a b c -- "drop ipdest 10.88.0.3/32 and ethertype ipv4; accept;"
reaches a 10.88.0.2
ip netns exec a timeout 600 tcpdump -q -n -i kzt0 -c 4 -w "$TMP/cap" icmp >/dev/null 2>"$TMP/cap-err" &
pid=$!
until_ok 30 grep -q listening "$TMP/cap-err"
# Pings until it has its four
captured() {
	on a ping -q -c 4 -i 0.2 -W 1 10.88.0.2 >/dev/null
	! kill -0 $pid 2>/dev/null
}
until_ok 60 captured || kill $pid
wait $pid
kzt_in a -j rules test "$net" dir out "$TMP/cap" >"$TMP/json"
check "rules test: frames that pass, by rule 3" jq -e '.frames | length > 0 and all(.verdict == "accept" and .rule == 3)' "$TMP/json"
same "rules test: for whom" "${ADDR[b]}" "$(jq -r '[.frames[] | select(.to == "'"${ADDR[b]}"'")][0].to' "$TMP/json")"

# --- TEE, WATCH, REDIRECT ---
# sees NODE: what its device gets of others' pings
sees() {
	timeout 60 ip netns exec "$1" tcpdump -q -n -p -i kzt0 -c 1 "icmp and host 10.88.0.2" >"$TMP/seen-$2" 2>"$TMP/seen-err" &
	SEER=$!
	until_ok 30 grep -q listening "$TMP/seen-err"
}
copied() {
	on a ping -q -c 3 -i 0.2 -W 1 10.88.0.2 >/dev/null
	! kill -0 $SEER 2>/dev/null
}
for action in tee watch; do
	check "$action" rules a b c -- "$action -1 ${ADDR[c]} ipprotocol icmp; accept;"
	sees c $action
	check "$action: the observer gets a copy" until_ok 60 copied
	wait $SEER 2>/dev/null
	check "$action: the receiver gets the frame" reaches a 10.88.0.2
done
check "redirect" rules a b c -- "redirect ${ADDR[c]} ipprotocol icmp; accept;"
sees c redirect
check "redirect: the observer gets the frame" until_ok 60 copied
wait $SEER 2>/dev/null
check "redirect: the receiver does not" fails a 10.88.0.2
refuses "what is no rule" 1 'rules:1:' rules a -- "drop nonsense;"
done_testing
