#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Measure kzt against WireGuard: tables, and all of it in build/bench.json.
#
# usage: bench.sh [PART...]
#   uml      time: one boot of a user-mode Linux, at native speed, one CPU,
#            generic ciphers for everyone; veth, WireGuard and kzt in suites 1
#            and 3 take turns.  Quote the ratios, not the times.
#   count    retired instructions, in QEMU on an instruction clock: repeats to
#            some per cent on any machine, a change of 5 % is real
#   crypto   the ciphers alone, on this host, against libsodium and OpenSSL
#   quick    the count of two packet sizes, as TAP comments (for the tests)
# ROUNDS, TESTS, CONTENDERS, SECS_PER_TEST and what else
# selftests/bench/guest.sh names may be set; KERNEL: of the count (6.12).
set -uo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
bench=$top/selftests/bench
out=$KZT_BUILD/bench
[ $# -gt 0 ] || set -- uml count crypto
export PASS="BLAST ROUNDS TESTS SECS_PER_TEST WINDOW BATCH"
export BLAST=$out/blast KZT=$KZT_BUILD/bin/kzt KZT_IDS=$KZT_CACHE/ids KZT_KO

# Before anything is measured: programs, identities, and the module for $1
prepare() {
	mkdir -p "$out" || die "cannot write to $out."
	make -s --no-print-directory -C "$bench" O="$out" blast &&
		make -s -C "$top/userspace" BIN="$KZT_BUILD/bin" O="$KZT_BUILD/userspace" ||
		die "the programs do not build."
	make_ids "$KZT" "$KZT_IDS" 2 || die "cannot make identities in $KZT_IDS."
	KZT_KO=$("$top/scripts/kmod-build.sh" "$1" "$KZT_BUILD/$1") ||
		die "the module does not build for $1."
}

# finish PART TITLE: the table, and the same as JSON
finish() {
	grep -q '^RIG-END' "$out/$1.log" || {
		tail -n 20 "$out/$1.log" >&2
		die "the guest did not get to its end; its output is in $out/$1.log."
	}
	"$bench/summary.py" --title "$2" "$out/$1.log" &&
		"$bench/summary.py" --json --title "$2" "$out/$1.log" >"$out/$1.json"
}

bench_uml() {
	step "time, in a user-mode Linux"
	prepare uml
	export ROUNDS=${ROUNDS:-25} SECS_PER_TEST=${SECS_PER_TEST:-0.2}
	note "$ROUNDS rounds, some minutes"
	# shellcheck disable=SC2086
	"$top/scripts/uml.sh" -- "$bench/guest.sh" ${CONTENDERS:-} >"$out/uml.log" 2>&1
	finish uml "User-mode Linux: microseconds"
}

# One round: on an instruction clock a second one says the same
bench_count() {
	local kernel=${KERNEL:-6.12}
	step "retired instructions, in Linux $kernel"
	prepare "$kernel"
	export ROUNDS=1 SECS_PER_TEST=${SECS_PER_TEST:-0.3}
	note "emulated, some minutes"
	# shellcheck disable=SC2086
	"$top/scripts/vm.sh" --count "$kernel" -- "$bench/guest.sh" ${CONTENDERS:-} \
		>"$out/count.log" 2>&1
	finish count "Linux $kernel on an instruction clock: thousands of instructions"
}

bench_crypto() {
	step "the ciphers on this host"
	make -s --no-print-directory -C "$bench" O="$out" crypto_bench ||
		die "the cipher bench does not build."
	"$out/crypto_bench" && "$out/crypto_bench" --json >"$out/crypto.json"
}

bench_quick() {
	CONTENDERS='wireguard kzt-salsa kzt-siv' TESTS='flow64 flow1300' \
		SECS_PER_TEST=0.1 bench_count | sed 's/^/# /'
}

machine() {
	jq -n --arg date "$(date -u +%F)" --arg cpus "$(nproc)" \
		--arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
		--arg commit "$(git -C "$top" rev-parse --short=12 HEAD 2>/dev/null)" \
		'{ date: $date, cpu: $cpu, cpus: ($cpus | tonumber), commit: $commit }'
}

for part; do
	case $part in
	uml | count | crypto | quick) "bench_$part" || exit ;;
	*) die "unknown part $part" "See the head of scripts/bench.sh." ;;
	esac
done
[ "$*" = quick ] && exit
parts=()
for part; do
	[ -s "$out/$part.json" ] && parts+=(--slurpfile "$part" "$out/$part.json")
done
machine | jq "${parts[@]}" '. + ($ARGS.named | map_values(.[0]))' >"$KZT_BUILD/bench.json"
note "all of it as JSON: $KZT_BUILD/bench.json"
