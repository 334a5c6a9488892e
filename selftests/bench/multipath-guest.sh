#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Inside a VM: what several paths bring and cost.  Prints RIG lines.
#
# usage: multipath-guest.sh PART...
#   sum       throughput of 2 and 4 legs, equal and not, by policy
#   gap       silence when a leg fails, by policy and fail-over interval
#   cost      what a packet costs over two legs, by policy; beside it over one
#             leg ("single"), in the same rounds.  On an instruction clock the
#             microseconds are thousands of instructions.
#   idle      memory and CPU for idle peers: 0, 10, 1000 and 10000 of them
# In the environment: BLAST, CROWD (programs); SECONDS_EACH of "sum" and "cost";
# FLOWS, SUM_MODES of "sum"; MODES of "gap" and "cost"; GAPS: rounds of "gap",
# INTERVALS of it; ROUNDS of "cost"; IDLE_SECS of "idle".
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/legs.sh"
STATE=$(mktemp -d /tmp/kzt-bench.XXXXXX)
export TMPDIR=$STATE
trap 'legs_down; rm -rf "$STATE"' EXIT

# out LABEL ROUND TEST FIGURE VALUE
out() { printf 'RIG\t%s\t%s\t%s\t%s\t%s\n' "$@"; }

# tcp: Mbit/s of FLOWS streams, without their first seconds; the streams' set-up
# may fail on a busy machine
tcp() {
	local server try value
	for try in 1 2 3; do
		B iperf3 -s -1 >/dev/null 2>&1 &
		server=$!
		wait_for 20 sh -c "ip netns exec mb ss -ltn | grep -q :5201"
		A timeout 120 iperf3 -c $INNER_B -P "${FLOWS:-48}" -O 3 -t "${SECONDS_EACH:-10}" \
			-J >"$STATE/iperf"
		kill $server 2>/dev/null
		wait $server 2>/dev/null
		value=$(jq -r '.end.sum_received.bits_per_second // 0 | . / 1e6' "$STATE/iperf")
		[ "${value:-0}" = 0 ] || { echo "$value"; return; }
		say "iperf3, try $try: $(jq -r .error "$STATE/iperf")"
	done
	return 1
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
	for mode in ${SUM_MODES:-random random-flow proportional proportional-flow manual \
		balance-rr balance-xor balance-aware}; do
		set_shared "$mode" && sleep 1 && value=$(tcp) ||
			{ say "FAILED sum $name $mode"; continue; }
		out "$name" 1 "$mode" Mbit/s "$value"
		out "$name" 1 "$mode" of-sum \
			"$(awk "BEGIN { print $value / ($single * $SUM / $1) }")"
		A "$KZT" path show | sed 's/^/bench: /' >&2
	done
	legs_down
}
# set_shared MODE[-flow]: a flow keeps its path instead of each packet drawing one
set_shared() {
	case $1 in
	*-flow) policy "${1%-flow}" per-flow on "${WORDS[@]}" ;;
	*) policy "$1" "${WORDS[@]}" ;;
	esac
}
on_leg() {
	[ "$(A "$KZT" -j path show | jq -r '.paths[] | select(.active) | .dev')" = "$1" ]
}

part_sum() {
	sum_of 2-equal 20 20
	sum_of 2-unequal 30 10
	sum_of 4-equal 15 15 15 15
	sum_of 4-unequal 30 20 15 10
}

# One flow where all take the same way
gap_of() {
	local mode=$1 interval=$2 kind=$3 flows=8
	case $mode in active-backup | broadcast) flows=1 ;; esac
	FAILOVER_MS=$interval "$HERE/gap.py" ma mb $INNER_A $INNER_B "${GAPS:-20}" $flows \
		"$kind" "$mode-$interval" || say "FAILED gap $mode $interval $kind"
}

part_gap() {
	local mode interval kinds kind
	legs_up 2 && shape 0 0 delay 5ms && shape 1 0 delay 5ms ||
		{ say "FAILED gap: setup"; return 1; }
	export LEGS=2
	for mode in ${MODES:-active-backup balance-xor balance-aware balance-rr broadcast}; do
		kinds="silent down"
		for interval in ${INTERVALS:-100 5000}; do
			policy "$mode" failover-ms "$interval" || { say "FAILED gap $mode"; continue; }
			for kind in $kinds; do
				gap_of "$mode" "$interval" $kind
			done
			kinds=silent
		done
	done
	legs_down
}

# cost_of NAME ROUND: of a datagram between this pair
cost_of() {
	local line US
	line=$("$BLAST" "$MA" "$MB" $INNER_A $INNER_B 1300 "${SECONDS_EACH:-0.4}" 64 32) &&
		eval "$line" && out "$1" "$2" flow1300 us/pkt "$US" || say "FAILED cost $1"
}

part_cost() {
	local round mode
	MA=sa MB=sb
	legs_up 1 || { say "FAILED cost: setup"; return 1; }
	MA=ma MB=mb
	legs_up 2 || { say "FAILED cost: setup"; return 1; }
	for ((round = 1; round <= ${ROUNDS:-20}; round++)); do
		MA=sa MB=sb cost_of single $round
		for mode in ${MODES:-none active-backup balance-rr balance-xor balance-aware \
			random proportional manual broadcast}; do
			policy "$mode" || { say "FAILED cost $mode"; continue; }
			sleep 0.2
			cost_of "$mode" $round
		done
	done
	legs_down
	MA=sa MB=sb legs_down
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
