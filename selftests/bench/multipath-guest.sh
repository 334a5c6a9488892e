#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Inside a VM: what several paths bring and cost.  Prints RIG lines.
#
# usage: multipath-guest.sh PART...
#   sum       throughput of 2 and 4 legs, equal and not, by policy
#   gap       silence when a leg fails, by policy and fail-over interval
#   cost      time of a packet, by policy
#   idle      memory and CPU for idle peers: 0, 10, 1000 and 10000 of them
# In the environment: BLAST, CROWD (programs); SECONDS_EACH, FLOWS of "sum";
# GAPS: rounds of "gap", MODES: of it; ROUNDS of "cost"; IDLE_SECS of "idle".
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/legs.sh"
STATE=$(mktemp -d /tmp/kzt-bench.XXXXXX)
export TMPDIR=$STATE
trap 'legs_down; rm -rf "$STATE"' EXIT

# out LABEL ROUND TEST FIGURE VALUE
out() { printf 'RIG\t%s\t%s\t%s\t%s\t%s\n' "$@"; }

# tcp: Mbit/s of FLOWS streams, without their first two seconds
tcp() {
	local server
	B iperf3 -s -1 >/dev/null 2>&1 &
	server=$!
	wait_for 20 sh -c "ip netns exec mb ss -ltn | grep -q :5201"
	A timeout 120 iperf3 -c $INNER_B -P "${FLOWS:-48}" -O 3 -t "${SECONDS_EACH:-10}" -J |
		jq -r '.end.sum_received.bits_per_second / 1e6'
	kill $server 2>/dev/null
	wait $server 2>/dev/null
}

# rates MBIT...: one for each leg; sets SUM, and WORDS that tell a policy
rates() {
	local k=0 r
	SUM=0 WORDS=()
	for r; do
		shape $k "${r}mbit" delay 5ms || return
		WORDS+=(link "l$k" primary weight "$r" capacity "$r")
		SUM=$((SUM + r)) k=$((k + 1))
	done
}

sum_of() {
	local name=$1 mode single value k
	local -a spares=()
	shift
	for ((k = 1; k < $#; k++)); do spares+=(link "l$k" spare); done
	legs_up $# && rates "$@" || { say "FAILED sum $name: setup"; legs_down; return 1; }
	policy active-backup link l0 primary "${spares[@]}" &&
		wait_for 20 on_leg l0 && single=$(tcp)
	out "$name" 1 one-leg Mbit/s "${single:-0}"
	for mode in random proportional manual balance-rr balance-xor balance-aware; do
		policy $mode "${WORDS[@]}" || { say "FAILED $name $mode"; continue; }
		sleep 1
		value=$(tcp)
		out "$name" 1 $mode Mbit/s "$value"
		out "$name" 1 $mode of-sum \
			"$(awk "BEGIN { print $value / ($single * $SUM / $1) }")"
	done
	legs_down
}
on_leg() {
	[ "$(A "$KZT" -j path show | jq -r '.paths[] | select(.active) | .dev')" = "$1" ]
}

part_sum() {
	sum_of 2-equal 10 10
	sum_of 2-unequal 12 4
	sum_of 4-equal 6 6 6 6
	sum_of 4-unequal 10 6 4 2
}

part_gap() {
	local mode interval kind flows
	legs_up 2 && shape 0 0 delay 5ms && shape 1 0 delay 5ms ||
		{ say "FAILED gap: setup"; return 1; }
	export LEGS=2 FAILOVER_MS
	for mode in ${MODES:-active-backup balance-xor broadcast}; do
		flows=1
		[ "$mode" = balance-xor ] && flows=8
		for interval in 100 500; do
			policy "$mode" failover-ms $interval || { say "FAILED gap $mode"; continue; }
			FAILOVER_MS=$interval
			for kind in silent down; do
				[ $kind = down ] && [ $interval != 500 ] && continue
				"$HERE/gap.py" ma mb $INNER_A $INNER_B "${GAPS:-20}" $flows \
					$kind "$mode-$interval" || say "FAILED gap $mode $interval"
			done
		done
	done
	legs_down
}

part_cost() {
	local round mode line US
	local modes="none active-backup balance-xor balance-aware balance-rr random"
	legs_up 2 || { say "FAILED cost: setup"; return 1; }
	for ((round = 1; round <= ${ROUNDS:-20}; round++)); do
		for mode in $modes; do
			policy $mode || { say "FAILED cost $mode"; continue; }
			sleep 0.2
			line=$("$BLAST" ma mb $INNER_A $INNER_B 1300 0.4 64 32) || continue
			eval "$line"
			out $mode $round flow1300 us/pkt "$US"
		done
	done
	legs_down
}

# Busy jiffies since boot, and kB that the kernel took
busy() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8; exit }' /proc/stat; }
taken() { awk '/^(Slab|KernelStack|PageTables|Percpu|VmallocUsed):/ { s += $2 } END { print s }' /proc/meminfo; }

part_idle() {
	local have=0 want cpu mem0 mem
	local secs=${IDLE_SECS:-60}
	legs_up 1 || { say "FAILED idle: setup"; return 1; }
	mem0=$(taken)
	for want in 0 10 1000 10000; do
		[ $want -gt $have ] && { A "$CROWD" $have $((want - have)) || return; }
		have=$want
		sleep 5
		mem=$(taken)
		out "$want-peers" 1 idle kB "$((mem - mem0))"
		cpu=$(busy)
		sleep "$secs"
		cpu=$(($(busy) - cpu))
		out "$want-peers" 1 idle cpu-percent \
			"$(awk "BEGIN { print $cpu * 100 / $secs / $(getconf CLK_TCK) }")"
	done
	legs_down
}

module_up || { say "FAILED: the module does not load"; exit 1; }
for part; do
	"part_$part"
done
echo RIG-END
