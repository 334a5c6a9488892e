#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Inside a VM: for each policy, the throughput of two legs over time while the
# first of them is degraded, cut and restored.  Prints PLOT and MARK lines.
# Without a policy a path counts as alive for 19 s: the cut lasts longer.
#
# usage: plot-guest.sh [POLICY...]
# RATE: of a leg; FLOWS: TCP streams; WORDS: further words of "kzt policy set"
HERE=$(cd "$(dirname "$0")" && pwd)
RATE=${RATE:-10mbit} FLOWS=${FLOWS:-24} END=${END:-44}
WELL="delay 5ms" BAD="delay 150ms 20ms loss 15%"
. "$HERE/legs.sh"
STATE=$(mktemp -d /tmp/kzt-plot.XXXXXX)
trap 'legs_down; rm -rf "$STATE"' EXIT

# Leg 0 is the one to begin with
declare -A EXTRA=([active-backup]="link l0 primary link l1 spare")

# event SECONDS WORD NETEM: what happens to leg 0
event() {
	local tc="qdisc replace dev l0 root netem limit 300 $3 rate $RATE"
	echo "$1 $2 tc -n ma $tc && tc -n mb $tc"
}

# No program is left in the namespaces
pids() { ip netns pids ma; ip netns pids mb; }
none_left() { [ -z "$(pids)" ]; }
quiet() {
	# shellcheck disable=SC2046
	kill $(pids) 2>/dev/null
	wait_for 30 none_left || say "programs do not end"
}

plot_policy() {
	local mode=$1
	shape 0 "$RATE" $WELL && shape 1 "$RATE" delay 9ms || return
	# shellcheck disable=SC2086
	policy "$mode" ${WORDS:-failover-ms 500 dwell-ms 3000} ${EXTRA[$mode]:-} || { say "FAILED $mode"; return 1; }
	wait_for 60 legs_alive 2 || say "$mode: not all legs are alive"
	B iperf3 -s -1 >/dev/null 2>&1 &
	wait_for 20 sh -c "ip netns exec mb ss -ltn | grep -q :5201"
	A timeout 90 iperf3 -c $INNER_B -P "$FLOWS" -t $((END + 5)) >"$STATE/iperf" 2>&1 &
	wait_for 20 sh -c "ip netns exec mb ss -tn | grep -q ESTAB"
	B "$HERE/legwatch.py" "$mode" 0.25 "$END" kzt0,l0,l1 \
		"$(event 4 degraded "$BAD")" "$(event 9 healed "$WELL")" \
		"$(event 12 cut "$WELL loss 100%")" "$(event 36 restored "$WELL")"
	quiet
}

[ $# -gt 0 ] || set -- none active-backup random proportional manual balance-rr \
	balance-xor balance-aware broadcast
module_up && legs_up 2 || { say "FAILED: setup"; exit 1; }
for mode; do
	plot_policy "$mode"
done
echo PLOT-END
