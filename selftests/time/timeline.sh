#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is sent to keep paths, in 700 s of a script that the reference was run by,
# too: selftests/vectors/path-timeline-current.txt is its transcript.  In virtual
# time, see ../run-vm.sh.
#
#   r 172.30.0.1 (root), a 172.30.0.2, b 172.30.0.3: one LAN, 20 ms one way
. "$SELFTESTS/interop/lib.sh"
. "$SELFTESTS/multipath.sh"
declare -A IP=([r]=172.30.0.1 [a]=172.30.0.2 [b]=172.30.0.3)
THERE=$SELFTESTS/vectors/path-timeline-current.txt

ns r a b
lan lan0 r ${IP[r]}/24 -- a ${IP[a]}/24 -- b ${IP[b]}/24
for i in 1 2 3; do tc qdisc add dev lan0-$i root netem delay 20ms limit 10000; done
planet 0=${IP[r]}/9993 >/dev/null
check "a log of the wire" eval '"$SELFTESTS/time/wirelog.py" lan0-1 lan0-2 lan0-3 >"$TMP/log" &
	PROGRAMS+=($!); until_ok 30 grep -q ready "$TMP/log"'

# at SECONDS: of the script
now() { date +%s%3N; }
at() { sleep "$(awk "BEGIN { d = ($START - $(now)) / 1000 + $1; print (d > 0) ? d : 0 }")"; }

START=$(now)
check "a root" kzt_node r 0
at 1
check "a leaf" kzt_node a 1
at 2
check "another" kzt_node b 2
at 29
for n in a b; do
	check "$n joins a network" kzt_in $n network join "$NET" dev kzt0
	# Its host has nothing to say by itself
	on $n sysctl -qw net.ipv6.conf.kzt0.disable_ipv6=1
done
at 30
check "a sends b a packet every 10 s until 90 s, b answers" \
	on a ping -q -c 7 -i 10 -W 5 "$(address_of b 4)"
at 400
# b vanishes, which is not to be told from ARP
ip -n a neigh change ${IP[b]} lladdr "$(on b cat /sys/class/net/u0/address)" dev u0 nud permanent
tc qdisc replace dev lan0-3 root netem loss 100%
on b tc qdisc add dev u0 root netem loss 100%
at 640
check "who vanished is sought by the root" is_link a b relay
at 700

# Both as "MS FROM TO BYTES", with the nodes' names
awk -v start="$START" -v r=${IP[r]} -v a=${IP[a]} -v b=${IP[b]} '
	BEGIN { is[r] = "r"; is[a] = "a"; is[b] = "b" }
	($2 in is) && ($3 in is) { print $1 - start, is[$2], is[$3], $4 }' "$TMP/log" >"$TMP/here"
awk 'BEGIN { is[198] = "r"; is[45] = "a"; is[46] = "b" }
	!/^#/ && NF > 4 { split($4, ip, "."); print $1, tolower($2), is[ip[1]], $5 }' "$THERE" >"$TMP/there"
diag "$(wc -l <"$TMP/here") datagrams here, $(wc -l <"$TMP/there") there"

# seen here|there FROM TO SINCE UNTIL: that were sent, in that time
seen() { awk -v f="$2" -v t="$3" -v s="$4" -v u="$5" \
	'$2 == f && $3 == t && $1 >= s * 1000 && $1 < u * 1000' "$TMP/$1"; }
sent() { seen "$@" | wc -l; }
# keeping ...: HELLO, ECHO, and the answers to both; what else is sent here, to find
# out the MTU and to tell of groups, was not done there
keeping() { seen "$@" | grep -cE ' (137|59|28|37)$'; }
# silence ...: the longest time without any, in ms
silence() { seen "$@" | awk -v last=$(($4 * 1000)) -v end=$(($5 * 1000)) '
	{ if ($1 - last > most) most = $1 - last; last = $1 }
	END { if (end - last > most) most = end - last; print most }'; }

same "without traffic two leaves do not know each other" 0 "$(($(sent here a b 0 29) + $(sent here b a 0 29)))"
# both FIGURE FROM TO SINCE UNTIL: HERE and THERE
both() { HERE=$("$1" here "${@:2}") THERE=$("$1" there "${@:2}"); }
# A path that was silent for 19 s counts as dead at the other end: spec 3, 3.3
for ends in "a b" "b a"; do
	# shellcheck disable=SC2086
	both silence $ends 40 390
	within "a kept path ($ends) is silent for $HERE ms, there $THERE" 10000 19000 "$HERE"
	# shellcheck disable=SC2086
	both keeping $ends 100 390
	within "which takes $HERE datagrams, there $THERE, and no more than twice as many" \
		10 $((2 * THERE)) "$HERE"
done
for n in a b; do
	both silence $n r 40 390
	within "the path from $n to the root is silent for $HERE ms, there $THERE" 5000 19000 "$HERE"
	both sent $n r 100 390
	within "which takes $HERE datagrams, there $THERE, and no more than that" 20 "$THERE" "$HERE"
done
both silence a b 400 585
within "who vanished is asked for each $HERE ms, there $THERE" 1000 19000 "$HERE"
same "until nothing but that was said for 500 s" "0 0" "$(sent there a b 600 700) $(sent here a b 600 700)"
done_testing
