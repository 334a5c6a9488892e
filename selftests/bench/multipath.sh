#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Measure several paths in a user-mode Linux: what they carry together, how long
# a fail-over takes, what a policy costs, what idle peers cost.
#
# usage: multipath.sh [PART...]
#   PART   as in multipath-guest.sh; or "count": "cost" in instructions, in QEMU
#          with Linux $KERNEL (6.12); default: all
# The figures go to standard output and to build/bench/multipath-PART.json.
set -uo pipefail
bench=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$bench/../.." && pwd)
. "$top/scripts/lib.sh"
out=$KZT_BUILD/bench
[ $# -gt 0 ] || set -- sum gap cost idle count
export PASS="BLAST CROWD SECONDS_EACH FLOWS SUM_MODES GAPS MODES INTERVALS ROUNDS IDLE_SECS"
export BLAST=$out/blast CROWD=$out/crowd KZT=$KZT_BUILD/bin/kzt KZT_IDS=$KZT_CACHE/ids KZT_KO

mkdir -p "$out" || die "cannot write to $out."
make -s --no-print-directory -C "$bench" O="$out" blast crowd &&
	make -s -C "$top/userspace" BIN="$KZT_BUILD/bin" O="$KZT_BUILD/userspace" ||
	die "the programs do not build."
make_ids "$KZT" "$KZT_IDS" 2 || die "cannot make identities in $KZT_IDS."

# guest PART: where its clock is right
guest() {
	local kernel=uml
	local -a run=("$top/scripts/uml.sh")
	if [ "$1" = count ]; then
		kernel=${KERNEL:-6.12}
		run=("$top/scripts/vm.sh" --count "$kernel")
		set -- cost
		export ROUNDS=1
	fi
	KZT_KO=$("$top/scripts/kmod-build.sh" "$kernel" "$KZT_BUILD/$kernel") ||
		die "the module does not build for $kernel."
	"${run[@]}" -- "$bench/multipath-guest.sh" "$1"
}

for part; do
	step "several paths: $part"
	log=$out/multipath-$part.log
	base=wireguard
	case $part in
	cost | count) base=single ;;
	esac
	(guest "$part") >"$log" 2>&1
	grep -q '^RIG-END' "$log" || {
		tail -n 20 "$log" >&2
		die "the guest did not get to its end; its output is in $log."
	}
	grep '^bench: FAILED' "$log" >&2
	"$bench/summary.py" --base $base --title "Several paths: $part" "$log" &&
		"$bench/summary.py" --json --base $base --title "Several paths: $part" "$log" \
			>"$out/multipath-$part.json"
done
