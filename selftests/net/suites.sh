#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Which cipher suite is used with whom, and that packet ids do not repeat.
. "$SELFTESTS/lib.sh"

# pretend PROTOCOL: a HELLO of identity 2, which speaks that protocol, from a's side
pretend() {
	on a "$SELFTESTS/net/hostile.py" 10.77.0.2/9993 "$KZT_IDS/1.pub" \
		greeting "$KZT_IDS/2" "$1" >/dev/null
}
speaks() { kzt_in b -j peer show "$OLD" | jq -e ".peers[0].proto == $1" >/dev/null; }

# suites_to ADDRESS: in which suites packets for it came by, HELLO left out
suites_to() { awk -v to="$1" '$1 == "head" && $4 == to && $6 { print $6 }' "$TMP/sniffed" | sort -u | tr '\n' ' '; }

ns a b
check "two nodes" pair a b
check "a sniffer on the wire" sniff a u0 "$TMP/sniffed"
check "ping" reaches a 10.88.0.2
check "each knows the other's protocol" until_ok 30 eval \
	'kzt_in a -j peer show | jq -e ".peers[0].proto == 12" && kzt_in b -j peer show | jq -e ".peers[0].proto == 12"'
old=$(counts a tx-suite1)
check "kzt to kzt" pings a 10.88.0.2
same "uses suite 3 alone" "$old" "$(counts a tx-suite1)"
check "made to use suite 1" kzt_in a node set suite salsa
old=$(counts a tx-suite3) new=$(counts b tx-suite1)
check "it reaches a node that uses suite 3" pings a 10.88.0.2 -s 2000
same "and uses suite 1 alone" "$old" "$(counts a tx-suite3)"
same "while the other uses suite 3" "$new" "$(counts b tx-suite1)"
check "back to suite 3" kzt_in a node set suite siv
old=$(counts a tx-suite1)
check "it is used" pings a 10.88.0.2
same "alone" "$old" "$(counts a tx-suite1)"
kzt_in a node set suite auto

check "a peer that has not said anything" knows b 2 10.77.0.1/9993
OLD=$(cut -c1-10 "$KZT_IDS/2.pub")
check "says that it speaks protocol 9" pretend 9
check "which is believed" until_ok 20 speaks 9
pretend 9	# the answer to the first was armoured as before it
check "it is answered under suite 1" until_ok 20 eval '[ "$(suites_to "$OLD")" = "1 " ]'
check "then that it speaks protocol 12" pretend 12
check "which is believed" until_ok 20 speaks 12
pretend 12
check "it is answered under suite 3" until_ok 20 eval '[ "$(suites_to "$OLD")" = "1 3 " ]'
old=$(drops b hello-version)
check "then that it speaks protocol 3" pretend 3
check "which is refused" until_ok 20 eval '[ "$(drops b hello-version)" = $((old + 1)) ]'
check "and changes nothing" speaks 12
old=$(drops b bad-suite)
check "packets under suite 2, that is none" on a "$SELFTESTS/net/hostile.py" \
	10.77.0.2/9993 "$KZT_IDS/1.pub" trusting "$KZT_IDS/2"
same "are refused: no path is trusted" $((old + 32)) "$(drops b bad-suite)"

for suite in salsa siv; do
	for i in 1 2 3; do
		kzt_in b node del && node b 1 suite $suite && knows b 0 10.77.0.1/9993 &&
			reaches b 10.88.0.1 && on b ping -q -f -c 200 10.88.0.1 >/dev/null
	done
	check "the node is made anew, three times ($suite)" [ $i = 3 ]
done
awk -v from="${ADDR[b]}" '$1 == "head" && $5 == from { print $3 }' "$TMP/sniffed" >"$TMP/ids"
check "more than 1000 packets came by" [ "$(wc -l <"$TMP/ids")" -gt 1000 ]
same "no packet id twice" "" "$(sort "$TMP/ids" | uniq -d)"
check "and they look random: all first bytes occur" \
	[ "$(cut -c1-2 "$TMP/ids" | sort -u | wc -l)" -gt 200 ]
check "and all last ones" [ "$(cut -c15-16 "$TMP/ids" | sort -u | wc -l)" -gt 200 ]
done_testing
