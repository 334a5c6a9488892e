#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Install what is needed, build, and show kzt at work in a VM: a kzt root, a kzt
# node and a real ZeroTier node on one virtual network.  Nothing is loaded into
# the running kernel.
#
# usage: demo.sh [KERNEL]     6.12 if not given; 6.1, or "uml" (faster)
set -uo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
kernel=${1:-6.12}
"$top/scripts/setup.sh" || exit 1
step "the module for Linux $kernel"
SPARSE=0
export SPARSE
KZT_KO=$("$top/scripts/kmod-build.sh" "$kernel" "$KZT_BUILD/demo-$kernel") || exit 1
note "$(modinfo -F description "$KZT_KO"), version $(modinfo -F version "$KZT_KO")"
step "the tools"
make -s -C "$top/userspace" BIN="$KZT_BUILD/bin" O="$KZT_BUILD/userspace" >/dev/null || exit 1
note "kzt, kztd and the plug-in of ip(8)"
step "identities for three nodes"
KZT_IDS=$KZT_CACHE/ids
make_ids "$KZT_BUILD/bin/kzt" "$KZT_IDS" 3 || exit 1
note "$(cut -c1-10 "$KZT_IDS"/[012].pub | paste -sd ' ')"
step "a VM with Linux $kernel; without KVM it takes half a minute to boot"
export KZT_KO KZT_IDS KZT_CORE=$KZT_CACHE/core KZT_PYTHON=/usr/bin/python3
export KZT=$KZT_BUILD/bin/kzt KZTD=$KZT_BUILD/bin/kztd SELFTESTS=$top/selftests
said=$KZT_BUILD/demo.said
in_vm() {
	PASS="SELFTESTS" LIMIT=900 "$top/scripts/vm.sh" "$kernel" -- \
		"$top/scripts/demo-guest.sh" 2>"$said"
}
case $kernel in
uml*)
	PASS="SELFTESTS" "$top/scripts/uml.sh" -- "$top/scripts/demo-guest.sh"
	status=$? ;;
*)
	in_vm
	status=$?
	if [ $status = 99 ] && stale_breakpoint "$said"; then
		step "this QEMU ran into a breakpoint that was gone: once more"
		in_vm
		status=$?
	fi
	cat "$said" >&2 ;;
esac
case $status in
0) step "done" ;;
99) die "the kernel complained; see above." ;;
*) die "the demo did not get to its end (status $status)." \
	"scripts/test.sh says more about what is wrong." ;;
esac
exit $status
