#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run behaviour tests in a user-mode Linux that watches itself: KASAN, UBSAN,
# lockdep, kmemleak, debug objects and reference trackers.  TAP; a warning of
# the kernel fails it, and so does memory that nothing points to at the end.
# The kernel is built the first time, ten minutes on two cores, and kept.
#
# usage: check-debug.sh [TEST...]
#   TEST   paths below selftests/ without .sh; default: all that suit the kernel
set -uo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
mkdir -p "$KZT_BUILD" || die "cannot write to $KZT_BUILD."
step "tests in a kernel with KASAN, lockdep and kmemleak"
"$top/selftests/run-vm.sh" uml-debug "$@" | tee "$KZT_BUILD/check-debug.tap"
status=${PIPESTATUS[0]}
failed=$(grep -cE '^not ok( |$)' "$KZT_BUILD/check-debug.tap")
passed=$(grep -E '^ok( |$)' "$KZT_BUILD/check-debug.tap" | grep -cvi '# SKIP')
took $SECONDS | sed 's/^/    all of it took /'
echo "$passed passed, $failed failed"
[ "$status" = 0 ] && [ "$failed" = 0 ]
