#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Install what is needed and run all tests, on the host and in VMs.  TAP for
# each test; the last line is "N passed, N failed, N skipped".
#
# usage: test.sh [--long] [--no-setup] [PART...]
#   PART    style, unit, fuzz, cli, db (on the host); uml, 6.1, 6.12 (kernels);
#           uml-time (hours of waiting in virtual time, in seconds);
#           uml-debug (KASAN, lockdep, kmemleak: ten minutes to build, once);
#           count (instructions per packet next to WireGuard's: a figure only)
#   --long  fuzzers for 60 s each instead of their corpora; uml-debug, too
#   TESTS   in the environment: which tests in the kernels ("net/direct")
set -uo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
cd "$top" || exit 1

long='' setup=1
while [ $# -gt 0 ]; do
	case $1 in
	--long) long=1 ;;
	--no-setup) setup='' ;;
	-*) die "unknown option $1" "See the head of scripts/test.sh." ;;
	*) break ;;
	esac
	shift
done
virtual=uml-time		# has tests of its own
[ -z "${TESTS:-}" ] || virtual=
[ $# -gt 0 ] || set -- style unit fuzz cli db uml 6.12 6.1 $virtual count ${long:+uml-debug}
if [ -n "$setup" ]; then
	"$top/scripts/setup.sh" || { echo "0 passed, 1 failed"; exit 1; }
fi
mkdir -p "$KZT_BUILD" || die "cannot write to $KZT_BUILD."
tap=$KZT_BUILD/test.tap
: >"$tap"

# part NAME COMMAND...: runs it; a part that dies without a failing line gets one
part() {
	local name=$1 start=$SECONDS before after status
	shift
	step "$name"
	before=$(grep -c '^not ok' "$tap")
	"$@" 2>&1 | tee -a "$tap"
	status=${PIPESTATUS[0]}
	after=$(grep -c '^not ok' "$tap")
	if [ "$status" != 0 ] && [ "$before" = "$after" ]; then
		echo "not ok - $name ended with status $status" | tee -a "$tap"
	fi
	note "$name took $(took $((SECONDS - start)))"
}

in_kernel() {
	local kernel=$1
	shift
	# shellcheck disable=SC2086
	"$top/selftests/run-vm.sh" "$kernel" ${TESTS:-}
}

# behind KERNEL: its tests, in the background, to be shown later
declare -A LOG JOB
behind() {
	LOG[$1]=$KZT_BUILD/test-$1.log
	in_kernel "$1" >"${LOG[$1]}" 2>&1 &
	JOB[$1]=$!
}

# shown KERNEL STATUS: what that one said
shown() {
	cat "${LOG[$1]}"
	return "$2"
}

# what KERNEL: in words
what() {
	case $1 in
	uml*) echo "user-mode Linux ($1)" ;;
	*) echo "Linux $1 in QEMU" ;;
	esac
}

# side_by_side KERNEL...: much of a test is waiting, so all at once
side_by_side() {
	local k status
	for k in "${@:2}"; do
		note "$(what "$k") runs side by side with the first and is shown after it"
		behind "$k"
	done
	part "$(what "$1")" in_kernel "$1"
	for k in "${@:2}"; do
		wait "${JOB[$k]}"
		status=$?
		part "$(what "$k")" shown "$k" $status
	done
}

kernels=()
for p; do
	case $p in
	style) part "style" "$top/scripts/check-style.sh" ;;
	unit) part "unit tests on the host, ASan and UBSan" \
		make -s --no-print-directory -C selftests/unit check ;;
	fuzz) if [ -n "$long" ]; then
			part "fuzzers, 60 s each" \
				make -s --no-print-directory -C selftests/fuzz long
		else
			part "fuzzers over their corpora" \
				make -s --no-print-directory -C selftests/fuzz check
		fi ;;
	cli) part "the tools on the host" "$top/selftests/cli.sh" ;;
	db) part "the controller's database on PostgreSQL" "$top/selftests/controller-db.sh" ;;
	count) part "retired instructions per packet" "$top/scripts/bench.sh" quick ;;
	*) kernels+=("$p") ;;
	esac
done
[ ${#kernels[@]} = 0 ] || side_by_side "${kernels[@]}"

skipped=$(grep -ciE '^ok.*# SKIP' "$tap")
passed=$(($(grep -cE '^ok( |$)' "$tap") - skipped))
failed=$(grep -cE '^not ok( |$)' "$tap")
echo
if [ "$skipped" -gt 0 ]; then
	step "skipped"
	grep -iE '^ok.*# SKIP' "$tap" | sed 's/^/    /'
fi
if [ "$failed" -gt 0 ]; then
	step "failed"
	# and what was said of each
	awk '/^not ok/ { n = 16; print; next } /^#/ && n-- > 0 { print; next } { n = 0 }' "$tap" |
		sed 's/^/    /'
fi
took $SECONDS | sed 's/^/    all of it took /'
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
