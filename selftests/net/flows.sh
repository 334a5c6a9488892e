#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A flow keeps its leg: whenever it comes again, and when another leg dies.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/multipath.sh"
check "two nodes find two paths" legs 2
serve_flows b

# flow PORT [SECONDS]: datagrams from that port, 1 Mbit/s
flow() {
	on a timeout 60 iperf3 -u -c 10.88.0.2 --cport "$1" -b 1M -l 500 -t "${2:-1}" \
		-J >"$TMP/flow.$1"
}
# leg_of PORT: LEG is the wire that carried nearly all of it, 0 if both did.  The
# connection by which iperf3 talks to itself is a flow of its own, of some kB.
leg_of() {
	spread a 2 flow "$1" || return
	LEG=0
	[ "${SPREAD[1]}" -lt 80 ] || LEG=1
	[ "${SPREAD[2]}" -lt 80 ] || LEG=2
}
both() { check "$1, on both sides" eval "kzt_in a policy set peer ${ADDR[b]} $2 &&
	kzt_in b policy set peer ${ADDR[a]} $2"; }

# A machine that is too busy for the probes makes live legs look dead
DEAD_MS=$((600 * SLOW))
both "balance-xor" "balance-xor failover-ms $DEAD_MS"
check "is in force" until_ok 20 in_force a b
declare -A ON=()
ONE='' OTHER=''
for port in $(seq 6001 6024); do
	[ -z "$ONE" ] || [ -z "$OTHER" ] || break
	leg_of "$port"
	ON[$port]=$LEG
	[ "$LEG" = 1 ] && ONE=$port
	[ "$LEG" = 2 ] && OTHER=$port
done
check "each flow has one leg, and each leg flows" [ -n "$ONE" -a -n "$OTHER" ]
for port in "${!ON[@]}"; do
	leg_of "$port"
	same "the flow from port $port comes by the leg that it had" "${ON[$port]}" "$LEG"
done

# The flow on u2 while u1 falls silent, and is heard again
check "the flow on u2 is under way" eval "flow $OTHER 9 & FLOW=\$!; sleep 3"
on a tc qdisc replace dev u1 root netem loss 100%
check "u1 falls silent, and is left" until_ok 30 not_used a b u1
on a tc qdisc del dev u1 root
check "it is heard again, and used" until_ok 60 in_use a b 2
check "the flow on u2 came to its end" wait "$FLOW"
same "and lost nothing" 0 "$(jq '.end.sum.lost_packets' "$TMP/flow.$OTHER")"
leg_of "$OTHER"
same "it is there still" 2 "$LEG"
leg_of "$ONE"
same "the flow that u1 had comes by u1 again" 1 "$LEG"

both "balance-aware" "balance-aware failover-ms $DEAD_MS"
check "is in force" until_ok 20 in_force a b
leg_of "$ONE"
was=$LEG
check "a flow has one leg" [ "$was" != 0 ]
leg_of "$ONE"
same "and keeps it" "$was" "$LEG"

both "balance-rr" "balance-rr packets-per-link 1"
check "is in force" until_ok 20 in_force a b
check "a flow goes" spread a 2 flow "$ONE"
within "over one leg" 30 70 "${SPREAD[1]}"
within "as much as over the other" 30 70 "${SPREAD[2]}"
stop_flows b
done_testing
