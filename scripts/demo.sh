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
mkdir -p "$KZT_IDS"
for i in 0 1 2; do
	[ -s "$KZT_IDS/$i" ] || "$KZT_BUILD/bin/kzt" identity new "$KZT_IDS/$i" >/dev/null || exit 1
	[ -s "$KZT_IDS/$i.pub" ] || "$KZT_BUILD/bin/kzt" identity public "$KZT_IDS/$i" >"$KZT_IDS/$i.pub"
	note "$(cut -c1-10 "$KZT_IDS/$i.pub")"
done
step "a VM with Linux $kernel; without KVM it takes half a minute to boot"
export KZT_KO KZT_IDS KZT_CORE=$KZT_CACHE/core KZT_PYTHON=/usr/bin/python3
export KZT=$KZT_BUILD/bin/kzt KZTD=$KZT_BUILD/bin/kztd SELFTESTS=$top/selftests
case $kernel in
uml*) PASS="SELFTESTS" "$top/scripts/uml.sh" -- "$top/scripts/demo-guest.sh" ;;
*) PASS="SELFTESTS" LIMIT=900 "$top/scripts/vm.sh" "$kernel" -- "$top/scripts/demo-guest.sh" ;;
esac
status=$?
case $status in
0) step "done" ;;
99) die "the kernel complained; see above." ;;
*) die "the demo did not get to its end (status $status)." \
	"scripts/test.sh says more about what is wrong." ;;
esac
exit $status
