#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run tests inside a kernel: build the module for it, boot it, load, run.
#
# usage: run-vm.sh KERNEL [TEST...]
#   KERNEL  6.1, 6.12 (QEMU) or uml, uml-debug (user-mode Linux); uml-time, where only
#           waiting takes time, and none of ours
#   TEST    net/direct, interop/root-real, ...; default: all in user-mode Linux,
#           a selection in QEMU, which emulates every instruction
# KZT_BUILD: where to build; LIMIT: seconds for the VM.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
. "$top/scripts/lib.sh"
kernel=${1:?usage: run-vm.sh KERNEL [TEST...]}
shift
if [ $# = 0 ]; then
	case $kernel in
	uml-time) mapfile -t tests < <(cd "$here" && printf '%s\n' time/*.sh | sed 's/\.sh$//') ;;
	# Those that take minutes first: several kernels share them out
	uml*) mapfile -t tests < <(cd "$here" && printf '%s\n' net/roots.sh \
		interop/mixed.sh net/{keys,localside,port,database}.sh net/*.sh interop/*.sh | sed '/\/lib\.sh$/d; s/\.sh$//' |
		awk '!seen[$0]++') ;;
	*) tests=(net/direct interop/relay interop/root-kzt interop/root-real)
		# User-mode Linux is a 6.12, too: the older one has the longer list
		case $kernel in
		6.1 | 6.1[.-]*) tests+=(interop/v6 net/hostile net/suites net/sizes net/churn net/unload) ;;
		*) tests+=(net/refuse net/unload) ;;
		esac ;;
	esac
	set -- "${tests[@]}"
fi
debug=()
[ "$kernel" = uml-debug ] && debug=(KZT_DEBUG=y)
build=${kernel%-time}
# Two kernels may be of one build
mkdir -p "$KZT_BUILD" && exec 8>"$KZT_BUILD/.build-$build" && flock 8
KZT_KO=$("$top/scripts/kmod-build.sh" "$build" "$KZT_BUILD/$build" "${debug[@]}") || {
	echo "not ok - the module builds for $kernel without a warning"
	exit 1
}
exec 8>&-
echo "ok - the module builds for $kernel without a warning"
# Several may run at once, but one makes the tools
exec 7>"$KZT_BUILD/.tools" && flock 7
make -s -C "$top/userspace" BIN="$KZT_BUILD/bin" O="$KZT_BUILD/userspace" >&2 || {
	echo "not ok - the tools build without a warning"
	exit 1
}
KZT_IDS=$KZT_CACHE/ids
n_ids=10
case " $* " in *" net/thousand "*) n_ids=201 ;; esac	# some seconds, once
make_ids "$KZT_BUILD/bin/kzt" "$KZT_IDS" $n_ids || exit 1
exec 7>&-
export KZT_KO KZT_IDS
export KZT=$KZT_BUILD/bin/kzt KZTD=$KZT_BUILD/bin/kztd KZT_CORE=$KZT_CACHE/core
export KZT_RUN=$kernel KZT_PYTHON=/usr/bin/python3
# What the kernel said last, if it was no good, is told below the line that says so
said=$KZT_BUILD/$kernel.said

# in_uml plain|debug TEST...: one kernel has one CPU, and most of a test is
# waiting: so there are several, and who is free takes the next test; what the
# others said is shown behind the first
in_uml() {
	local i status=0 kind=$1 kernels=4
	local -a jobs=() ends=()
	shift
	export KZT_CLAIMS=$KZT_BUILD/claims-$kernel
	rm -rf "$KZT_CLAIMS" && mkdir "$KZT_CLAIMS" || return
	for ((i = 1; i < kernels && i < $#; i++)); do
		PIN=$((i % $(nproc))) "$top/scripts/uml.sh" "$kind" -- "$here/guest.sh" "$@" \
			>"$KZT_BUILD/$kernel.$i" 2>"$said.$i" &
		jobs+=($!)
	done
	PIN=0 "$top/scripts/uml.sh" "$kind" -- "$here/guest.sh" "$@"
	ends=($?)
	for ((i = 1; i <= ${#jobs[@]}; i++)); do
		wait "${jobs[i - 1]}"
		ends+=($?)
		cat "$KZT_BUILD/$kernel.$i"
		cat "$said.$i" >&2
	done
	# The worst of all: a splat, a VM that died, a test that failed
	for i in "${ends[@]}"; do
		case $i,$status in
		99,* | 125,[!9]* | [1-9]*,0) status=$i ;;
		esac
	done
	return $status
}

# in_qemu TEST...: after QEMU's own fault the tests that had not ended start once
# more, in a new VM.  It is rare, as hold-keys.py keeps the keys that tests would
# switch most.
in_qemu() {
	local status t log=$KZT_BUILD/$kernel.ran
	local -a rest=()
	"$top/scripts/vm.sh" "$kernel" -- "$here/guest.sh" "$@" | tee "$log"
	status=${PIPESTATUS[0]}
	if [ "$status" = 99 ] && stale_breakpoint "$said"; then
		for t; do
			grep -q "^# $t took" "$log" || rest+=("$t")
		done
		echo "# $kernel: QEMU ran into a breakpoint that was gone; once more: ${rest[*]}"
		"$top/scripts/vm.sh" "$kernel" -- "$here/guest.sh" "${rest[@]}" 2>"$said"
		status=$?
	fi
	return $status
}
case $kernel in
uml) LIMIT=${LIMIT:-3600} KZT_SLOW=3 in_uml plain "$@" ;;
uml-time) UML_ARGS=time-travel=inf-cpu LIMIT=${LIMIT:-900} in_uml plain "$@" ;;
uml-debug) MEM=2G LIMIT=${LIMIT:-7200} KZT_SLOW=10 KZT_ROUNDS=${KZT_ROUNDS:-200} \
	in_uml debug "$@" ;;
*) LIMIT=${LIMIT:-5400} KZT_SLOW=5 KZT_ROUNDS=${KZT_ROUNDS:-100} in_qemu "$@" ;;
esac 2>"$said"
status=$?
case $status in
99) echo "not ok - $kernel: the kernel printed no warning" ;;
125) echo "not ok - $kernel: the VM ran to its end" ;;
*) echo "ok - $kernel: the kernel printed no warning" ;;
esac
sed 's/^\(# \)\?/# /' "$said"
exit $status
