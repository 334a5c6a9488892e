#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run a command in a user-mode Linux whose root is the host's, read-only.
#
# usage: uml.sh [plain|debug] -- COMMAND
# MEM=1G, LIMIT=4000 (seconds), PIN=CPU; exported KZT* variables pass through,
# and so do the names in $PASS.  UML_ARGS: more for the kernel's command line;
# with time-travel=inf-cpu only waiting takes time, so that netem's rates are
# exact on any machine (what never waits never ends).  The exit status is the
# command's; 125: the kernel did not get that far; 99: it printed a splat.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kind=plain
case ${1:-} in
plain | debug) kind=$1 && shift ;;
esac
[ "${1:-}" = -- ] && shift
[ $# -gt 0 ] || { echo "usage: uml.sh [plain|debug] -- COMMAND" >&2; exit 2; }
uml=$("$here/build-uml.sh" "$kind") || exit 125

case $here in
/tmp/* | /run/*)
	echo "uml: the guest has directories of its own at /tmp and /run: move this tree elsewhere" >&2
	exit 125 ;;
esac
cache=${KZT_CACHE:-/var/lib/kzt-build}
tmp=$(mktemp -d "$cache/run.XXXXXX") || exit 125	# not in /tmp: the guest has its own
trap 'rm -rf "$tmp"' EXIT
{
	printf 'CMD=%q\n' "$*"
	printf 'MODULES=%q\nKZT_IN_VM=uml\n' "$uml/mods"
	for v in $(compgen -e KZT) ${PASS:-}; do
		[ -n "${!v+x}" ] && printf '%s=%q\n' "$v" "${!v}"
	done
} >"$tmp/env"
# The memory of the guest is a file there; pinned, a system call is cheaper
# shellcheck disable=SC2086
TMPDIR=/dev/shm timeout "${LIMIT:-4000}" taskset -c "${PIN:-$(($(nproc) - 1))}" \
	"$uml/obj/linux" root=/dev/root rootfstype=hostfs rootflags=/ ro \
	mem="${MEM:-1G}" init="$here/uml/init" KZT_ENV="$tmp/env" \
	con=null con0=fd:0,fd:1 quiet loglevel="${LOGLEVEL:-5}" panic=-1 \
	${UML_ARGS:-} </dev/null 2>&1 |
	sed -u -e 's/\r//g' | tee "$tmp/log" | grep -v --line-buffered '^KZT-VM-EXIT'
"$here/splat.sh" "$tmp/log" >&2 || exit 99
status=$(sed -n 's/^KZT-VM-EXIT //p' "$tmp/log" | tail -n 1)
exit "${status:-125}"
