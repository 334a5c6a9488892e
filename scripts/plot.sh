#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Draw what the multipath policies do: throughput over time on two legs while
# one is degraded, cut and restored, measured in a user-mode Linux.
#
# usage: plot.sh [POLICY...]
# Writes selftests/bench/plots/policies.svg and policies.txt (OUT: elsewhere).
set -uo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
bench=$top/selftests/bench
OUT=${OUT:-$bench/plots}
export PASS="RATE FLOWS WORDS"
# What the legs carry is to be seen, and not what this machine does beside
export UML_ARGS=${UML_ARGS-time-travel=inf-cpu}
export KZT=$KZT_BUILD/bin/kzt KZT_IDS=$KZT_CACHE/ids KZT_KO

mkdir -p "$OUT" "$KZT_BUILD/bench" || die "cannot write to $OUT."
make -s -C "$top/userspace" BIN="$KZT_BUILD/bin" O="$KZT_BUILD/userspace" ||
	die "the programs do not build."
make_ids "$KZT" "$KZT_IDS" 2 || die "cannot make identities in $KZT_IDS."
KZT_KO=$("$top/scripts/kmod-build.sh" uml "$KZT_BUILD/uml") ||
	die "the module does not build for uml."
step "two legs under each policy, some minutes"
log=$KZT_BUILD/bench/plot.log
"$top/scripts/uml.sh" -- "$bench/plot-guest.sh" "$@" >"$log" 2>&1
grep -q '^PLOT-END' "$log" || {
	tail -n 20 "$log" >&2
	die "the guest did not get to its end; its output is in $log."
}
grep '^bench:' "$log" >&2
"$bench/plot.py" "$OUT/policies.svg" "$OUT/policies.txt" <"$log" &&
	note "$OUT/policies.svg, $OUT/policies.txt"
