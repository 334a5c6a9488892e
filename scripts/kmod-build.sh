#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build kzt.ko outside the source tree, for any kernel, as strictly as the
# compiler and sparse can; a warning fails the build.  Prints the path of the
# module, the rest goes to OUTDIR/build.log.
#
# usage: kmod-build.sh KERNEL OUTDIR [VARIABLE=VALUE...]
#   KERNEL   a release as in /lib/modules, or its beginning (6.1, 6.12);
#            "uml" or "uml-debug" for the user-mode Linux of build-uml.sh
# SPARSE=0 leaves sparse out; further arguments go to make: KZT_DEBUG=y
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
[ $# -ge 2 ] || { echo "usage: kmod-build.sh KERNEL OUTDIR [VARIABLE=VALUE...]" >&2; exit 2; }
kernel=$1
out=$(realpath -m "$2")
shift 2
die() { echo "kmod-build: $*" >&2; exit 1; }

case $kernel in
uml | uml-debug)
	kind=${kernel#uml}
	uml=$("$here/build-uml.sh" ${kind:+"${kind#-}"}) || exit
	kdir=$uml/obj
	set -- ARCH=um "$@"
	;;
*)
	release=$("$here/kernel-release.sh" "$kernel" build) ||
		die "no headers for kernel $kernel: run scripts/setup.sh"
	kdir=/lib/modules/$release/build
	;;
esac

# W=1 and sparse repeat what they say only for what is compiled anew, so a
# build that complained is not kept.
mkdir -p "$out" || die "cannot make $out"
log=$out/build.log
if [ "$(cat "$out/.kernel" 2>/dev/null)" != "$kdir $*" ]; then
	rm -rf "$out/src"
	echo "$kdir $*" >"$out/.kernel"
fi
mkdir -p "$out/src"
tar -C "$top" -cf - --exclude='*.o' --exclude='.*.cmd' --exclude='*.ko' \
	--exclude='*.mod' --exclude='*.mod.c' --exclude=modules.order \
	--exclude=Module.symvers Kbuild kmod uapi | tar -C "$out/src" -xf - ||
	die "cannot copy the sources to $out"

check=()
if [ "${SPARSE:-1}" != 0 ]; then
	command -v sparse >/dev/null || die "sparse is not installed: run scripts/setup.sh"
	check=(C=1 CF=-D__CHECK_ENDIAN__)
fi
nice make -C "$kdir" M="$out/src" -j"${JOBS:-$(nproc)}" W=1 "${check[@]}" "$@" \
	modules >"$log" 2>&1
status=$?
warnings=$(grep -E '(warning|error): ' "$log")
if [ $status != 0 ] || [ -n "$warnings" ]; then
	rm -rf "$out/src"
	{
		echo "${warnings:-$(tail -n 20 "$log")}"
		echo "kmod-build: failed for $kernel, see $log"
	} >&2
	exit 1
fi
echo "$out/src/kmod/kzt.ko"
