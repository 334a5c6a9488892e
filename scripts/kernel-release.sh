#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The newest installed kernel release that begins with a version: prints
# 6.12.117+deb12-amd64 for 6.12.
#
# usage: kernel-release.sh VERSION [build]
#   build   one whose headers are installed
set -u
want=${1:?usage: kernel-release.sh VERSION [build]}
[ -d /lib/modules ] || exit 1	# no kernel was ever installed here
find /lib/modules -maxdepth 1 -mindepth 1 -name "$want*" -printf '%f\n' |
	grep -E "^${want//./\\.}([.-]|\$)" | sort -V -r | {
	while read -r release; do
		[ "${2:-}" = build ] && [ ! -e "/lib/modules/$release/build/Makefile" ] && continue
		echo "$release"
		exit 0
	done
	exit 1
}
