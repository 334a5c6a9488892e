#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A dead path is left, silent or not, and TCP does not notice.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/multipath.sh"
check "two nodes find two paths" legs 2
B=${ADDR[b]}

# tcp_across COMMAND...: a transfer goes on while the command is run
tcp_across() {
	on b "$SELFTESTS/tcpsum.py" serve 10.88.0.2 7000 6000000 >"$TMP/sum" 2>&1 &
	local server=$! client
	on a "$SELFTESTS/tcpsum.py" call 10.88.0.2 7000 6000000 >"$TMP/call" 2>&1 &
	client=$!
	"$@" || { kill $server $client; wait $server $client; return 1; }
	wait $client || { cat "$TMP/call"; kill $server; wait $server; return 1; }
	wait $server || { cat "$TMP/sum"; return 1; }
}
# silence DEV / heal DEV: what leaves a by it is lost without a word
silence() { on a tc qdisc replace dev "$1" root netem loss 100%; }
heal() { on a tc qdisc del dev "$1" root; }

# A machine that is too busy for the probes makes live legs look dead
HALF_S=$((500 * SLOW)) THIRD_S=$((300 * SLOW)) LEAST=$((100 * SLOW))

kzt_in a monitor -j plan >"$TMP/events" 2>&1 &
PROGRAMS+=($!)
check "active-backup, primary u1, $HALF_S ms" kzt_in a policy set peer "$B" active-backup \
	failover-ms "$HALF_S" link u1 primary link u2 spare
check "b answers in the same manner" kzt_in b policy set peer "${ADDR[a]}" active-backup \
	failover-ms "$HALF_S" link u1 primary link u2 spare
check "u1 is active" until_ok 20 carries_alone a b u1

cut_u1() { silence u1 && until_ok 30 carries_alone a b u2; }
check "TCP lives on when the active path falls silent" tcp_across cut_u1
check "the dead path says why" until_ok 20 path_is a b u1 why "silent for the fail-over interval"
same "and is not up" probing "$(path_by a b u1 state)"
heal_u1() { heal u1 && until_ok 30 carries_alone a b u1; }
check "TCP lives on when the primary comes back" tcp_across heal_u1

off_u1() { ip -n a link set u1 down && until_ok 30 carries_alone a b u2; }
check "TCP lives on when the interface goes down" tcp_across off_u1
ip -n a link set u1 up
ip -n a addr replace 172.31.1.1/24 dev u1
check "the path is found again, and taken" until_ok 90 carries_alone a b u1

check "without fail-back" kzt_in a policy set peer "$B" active-backup failback off \
	failover-ms "$HALF_S" link u1 primary link u2 spare
check "u1 is active" until_ok 20 carries_alone a b u1
silence u1
check "u2 takes over" until_ok 30 carries_alone a b u2
heal u1
check "u1 is alive again" until_ok 30 path_is a b u1 state up
check "u1 stands by" path_is a b u1 active false

check "the events name the change" grep -q '"active-changed"' "$TMP/events"
check "the events name the death" grep -q '"path-dead"' "$TMP/events"
check "and the return" grep -q '"path-alive"' "$TMP/events"

check "balance-xor, $THIRD_S ms" kzt_in a policy set peer "$B" balance-xor failover-ms "$THIRD_S"
cut_u2() { silence u2 && until_ok 30 not_used a b u2; }
check "TCP lives on when a path of several falls silent" tcp_across cut_u2
check "the other carries everything" carries_alone a b u1
heal u2
check "the path comes back" until_ok 30 path_is a b u2 active true

check "$LEAST ms" kzt_in a policy set peer "$B" active-backup failover-ms "$LEAST" \
	link u1 primary link u2 spare
check "u1 is active" until_ok 20 carries_alone a b u1
silence u1
check "u2 takes over" until_ok 30 carries_alone a b u2
heal u1
check "u1 returns" until_ok 30 carries_alone a b u1
done_testing
