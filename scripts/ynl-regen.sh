#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Make the uapi header, the policies and the operation table from
# uapi/specs/kzt.yaml with the kernel's own generator.
#
# usage: scripts/ynl-regen.sh [KSRC]     (an unpacked linux-source-6.12)
set -eu
KSRC=${1:-${KSRC:?usage: ynl-regen.sh KSRC}}
top=$(cd "$(dirname "$0")/.." && pwd)
PYTHON=${PYTHON:-/usr/bin/python3}	# Debian's has python3-yaml
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# The generator looks for MAINTAINERS above the spec and the schema beside it.
mkdir -p "$tmp/uapi/specs"
: >"$tmp/MAINTAINERS"
cp "$KSRC/Documentation/netlink/genetlink-legacy.yaml" "$tmp/uapi/"
cp "$top/uapi/specs/kzt.yaml" "$tmp/uapi/specs/"
gen() {
	"$PYTHON" "$KSRC/tools/net/ynl/ynl-gen-c.py" --cmp-out --mode "$1" "--$2" \
		--spec "$tmp/uapi/specs/kzt.yaml" -o "$3"
}
gen uapi header "$top/uapi/linux/kzt.h"
gen kernel header "$top/kmod/netlink_gen.h"
gen kernel source "$top/kmod/netlink_gen.c"
