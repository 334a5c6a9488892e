#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fetch systemd-resolved for a test to run inside a VM.  It is not installed:
# that would change how this machine resolves names.
#
# usage: setup-resolved.sh DIRECTORY
# Leaves systemd-resolved and resolvectl there, to be run with LD_LIBRARY_PATH set
# to it.
set -euo pipefail
dir=${1:?usage: setup-resolved.sh DIRECTORY}
[ -s "$dir/version" ] && exit 0
candidate() { apt-cache policy systemd-resolved | sed -n 's/^ *Candidate: \([0-9].*\)/\1/p'; }
want=$(candidate)
[ -n "$want" ] || { apt-get -q update && want=$(candidate); }
[ -n "$want" ] || { echo "E: the package sources offer no systemd-resolved" >&2; exit 1; }

mkdir -p "$dir"
tmp=$(mktemp -d "$dir/new.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
# The library is one that only programs of the very same version work with
(cd "$tmp" && apt-get -q -o Acquire::Retries=3 download "systemd-resolved=$want" \
	"libsystemd-shared=$want")
for p in "$tmp"/*.deb; do dpkg-deb -x "$p" "$tmp/all"; done
find "$tmp/all" -type f \( -name systemd-resolved -path '*/lib/systemd/*' -o \
	-name resolvectl -path '*/bin/*' -o -name 'libsystemd-shared-*.so' \) \
	-exec mv -f -t "$dir/" {} +
LD_LIBRARY_PATH=$dir "$dir/resolvectl" --version
echo "$want" >"$dir/version"
