#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Certificates of ownership, configurations of many chunks, and a revocation that
# reaches a member by others only, between real cores and kzt nodes.
#
#   root  ctl  a, b (real cores)  k, l (kzt): one LAN
. "$SELFTESTS/interop/lib.sh"
both_kinds owned
# Apart from the many that two members are given by hand below
check "addresses from 100 on are drawn" ctl network set "$CNET" pool 10.99.0.100-10.99.0.200
members a b k l
linked a k
linked a l
linked b k

# --- ownership ----------------------------------------------------------------------

# as NS ADDRESS TO: a ping that says it comes from ADDRESS; who is asked for TO by it
# learns where to answer
as() {
	ip -n "$1" neigh flush dev "${DEV[$1]}"
	on "$1" ping -q -c 1 -W 1 -I "$2" "$3" >/dev/null
}
not_as() { ! as "$@"; }
declare -A SPOOF=([a]=10.99.0.250 [b]=10.99.0.251 [k]=10.99.0.252 [l]=10.99.0.253)
for n in a b k l; do ip -n $n addr add "${SPOOF[$n]}/24" dev "${DEV[$n]}"; done
for pair in "a k" "k a" "k l" "a b"; do
	n=${pair% *} m=${pair#* }
	check "$n reaches $m from an address of its own choice" \
		until_ok 60 as $n "${SPOOF[$n]}" "${IP[$m]}"
done

check "only from addresses that one owns" rules_are \
	'drop not chr ipauth and ethertype ipv4 ;' 'accept ;'
check "a does not leave with another" until_ok 60 not_as a "${SPOOF[a]}" "${IP[k]}"
check "nor does k" until_ok 60 not_as k "${SPOOF[k]}" "${IP[a]}"
before=$(drops k filtered-out)
not_as k "${SPOOF[k]}" "${IP[a]}"
check "its own filter drops it" dropped k filtered-out "$before"
linked a k
linked k l
linked a b

check "the receiver looks, too" rules_are \
	'drop chr inbound and not chr ipauth and ethertype ipv4 ;' 'accept ;'
refused_by() { in=$(drops k filtered-in); not_as "$1" "${SPOOF[$1]}" "${IP[k]}" && dropped k filtered-in "$in"; }
check "kzt refuses a's" until_ok 60 refused_by a
check "and l's" until_ok 60 refused_by l
before=$(drops k filtered-out)
check "a refuses k's" until_ok 60 not_as k "${SPOOF[k]}" "${IP[a]}"
linked a k
linked k l
same "which k let go" "$before" "$(drops k filtered-out)"
WAIT=60 check "IPv6 is another matter" reaches a "$(address_of k 6)"
check "an address more for a" ctl member set "$CNET" "${ADDR[a]}" ip "${IP[a]}" ip "${SPOOF[a]}"
check "a may use it to k" until_ok 90 as a "${SPOOF[a]}" "${IP[k]}"
check "and to b" until_ok 90 as a "${SPOOF[a]}" "${IP[b]}"
check "others may not use theirs" not_as l "${SPOOF[l]}" "${IP[k]}"

# --- a configuration of several chunks ------------------------------------------------

# big LINE: 964 rules of which the last four count, ARP and LINE, and 14 capabilities
# with the last rule of the last of them letting IPv4 pass
big() {
	local i k
	for i in {1..14}; do
		echo "cap c$i id $i"
		for k in {1..14}; do echo "drop ipsrc fd00:$i:$k::/64 and ethertype ipv6 ;"; done
		[ "$i" = 14 ] && echo 'accept ethertype ipv4 ;'
		echo ';'
	done
	for i in {1..80}; do
		echo drop
		for k in {1..9}; do echo "ipsrc fd01:$i:$k::/64 or"; done
		echo 'ipdest fd01::/64 and ethertype ipv4 ;'
	done
	printf '%s\n' 'accept ethertype arp ;' "$1"
}
# held NS: how many bytes of configuration it keeps
held() { stat -c %s "$TMP/state-$1/networks.d/$CNET.conf"; }
# ips NUMBER: words for 29 addresses from there
# shellcheck disable=SC2046
ips() { printf 'ip 10.99.0.%d ' $(seq "$1" "$(($1 + 28))"); }
# talks NS NS2: TCP passes, even if nobody listens
talks() { on "$1" timeout 3 bash -c "echo >/dev/tcp/${IP[$2]}/22" 2>&1 | grep -q refused; }
not_talks() { ! talks "$@"; }

mapfile -t caps < <(printf 'capability\n%d\n' {1..14})
mapfile -t lines < <(big 'accept ipprotocol icmp ;')
check "a thousand rules, and many capabilities" rules_are "${lines[@]}"
first=30
for n in a k; do
	mapfile -d ' ' -t words < <(ips $first)
	first=$((first + 30))
	check "all capabilities and many addresses for $n" ctl member set "$CNET" "${ADDR[$n]}" \
		"${caps[@]}" ip "${IP[$n]}" "${words[@]}"
done
all_rules() { [ "$(kzt_in "$1" -j network show "$CNET" | jq '.networks[0].rules')" = 964 ]; }
for n in k l; do check "$n has the rules" until_ok 90 all_rules $n; done
has_address() { ip -n "$1" -j -4 addr show dev "${DEV[$1]}" | jq -e --arg a "$2" '.[].addr_info[] | select(.local == $a)'; }
check "k has all its addresses" until_ok 90 has_address k 10.99.0.88
check "a has as many as it takes" until_ok 90 has_address a 10.99.0.43
bytes=$(held k)
check "that were several chunks" [ "$bytes" -gt 20000 ]
diag "$bytes bytes of configuration, $(((bytes + 9739) / 9740)) chunks"
linked a k
linked l k
linked a b
check "the last capability lets a and k talk over TCP" until_ok 90 talks a k
check "both ways" until_ok 90 talks k a
check "not l, which has none" not_talks l k
mapfile -t lines < <(big 'drop ipprotocol icmp ;')
check "the last rule changes" rules_are "${lines[@]}"
unlinked l b
check "and is followed by all" until_ok 60 silent l "${IP[b]}"
check "back to one rule" rules_are accept
for n in a k; do
	check "$n has one address, no capability" ctl member set "$CNET" "${ADDR[$n]}" \
		ip "${IP[$n]}" capability none
done
linked a k
linked l b

# --- a revocation by way of others ---------------------------------------------------------

declare -A UNDER=([root]=172.30.0.1 [ctl]=172.30.0.2 [a]=172.30.0.3 [b]=172.30.0.4
	[k]=172.30.0.5 [l]=172.30.0.6)
# apart NS NS2...: no packet passes between the first and the others underneath
apart() {
	local n=$1 m
	shift
	for m; do
		ip -n "$n" neigh replace "${UNDER[$m]}" lladdr 02:00:00:00:00:01 dev u0 nud permanent &&
		ip -n "$m" neigh replace "${UNDER[$n]}" lladdr 02:00:00:00:00:01 dev u0 nud permanent || return
	done
}
together() {
	local n=$1 m
	shift
	for m; do
		ip -n "$n" neigh del "${UNDER[$m]}" dev u0
		ip -n "$m" neigh del "${UNDER[$n]}" dev u0
	done
}
# told_by TARGET THIRD OTHER...: the target is cut off at the third, which is apart
# from controller, root and the others
told_by() {
	local target=$1 third=$2
	shift 2
	linked "$target" "$third"
	check "$third is apart from ctl root $*" apart "$third" ctl root "$@"
	check "no packet of the controller's comes to $third" silent ctl "${UNDER[$third]}"
	WAIT=60 check "$target and $third go on" both_reach "$target" "$third"
	check "de-authorise $target" ctl member deauthorize "$CNET" "${ADDR[$target]}"
	check "$third does not hear $target any more" until_ok 60 silent "$target" "${IP[$third]}"
	together "$third" ctl root "$@"
	check "authorise $target again" ctl member authorize "$CNET" "${ADDR[$target]}"
}
# Who is left to tell: real cores kzt, kzt a real core, and the target itself, for it
# hears of it, too (spec 4.12.5)
told_by b l k
told_by l a b
told_by k l a b
for pair in "b l" "l a" "k l"; do linked "${pair% *}" "${pair#* }"; done
state_of ctl a b k l
done_testing
