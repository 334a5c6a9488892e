#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs inside a kernel that can do namespaces.  All contenders stand at once,
# and each test goes round them in short slices, ROUNDS times: what disturbs
# the machine disturbs all alike.  Prints one RIG line per figure.
#
#   guest.sh [CONTENDER...]
#
# In the environment: KZT_KO, KZT, KZT_IDS as for the tests, BLAST: the program;
# ROUNDS, TESTS, SECS_PER_TEST; WINDOW, BATCH: of datagrams in flight and per
# system call.
HERE=$(cd "$(dirname "$0")" && pwd)
STATE=${STATE:-/run/kzt-bench}
ROUNDS=${ROUNDS:-10}
TESTS=${TESTS:-flow64 flow512 flow1300 flow2700 one64 one1300 tcp}
export TMPDIR=$STATE
mkdir -p "$STATE"
. "$HERE/lib.sh"
. "$HERE/contenders.sh"

declare -A FROM TO
usable=
finish() {
	local c
	for c in $usable; do
		load "$c"
		topology_down
	done
}
trap finish EXIT

[ $# -gt 0 ] || set -- veth wireguard kzt-salsa kzt-siv
for c; do
	load "$c"
	c_need || { say "SKIPPED $c: its module does not load"; continue; }
	usable="$usable $c"
	topology_up && c_setup && reach "$OA" "$OB" || { say "FAILED $c: setup"; exit 1; }
	FROM[$c]=$OA TO[$c]=$OB
done
for ((round = 1; round <= ROUNDS; round++)); do
	for t in $TESTS; do
		for c in $usable; do
			load "$c"
			OA=${FROM[$c]} OB=${TO[$c]}
			measure "$c" "$round" "$t" || say "FAILED $c $t in round $round"
		done
	done
done
echo RIG-END
