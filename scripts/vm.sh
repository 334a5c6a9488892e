#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run a command in a QEMU VM under software emulation, root the host's with
# writable overlays.
#
# usage: vm.sh [--count] KERNEL -- COMMAND
#   KERNEL   a release as in /lib/modules, or its beginning: 6.1, 6.12
#   --count  one CPU on an instruction clock: a nanosecond in the guest is one
#            retired instruction, so times in it are counts
# CPUS=2, MEM=2G, LIMIT=3000 (seconds); exported KZT* variables and the names
# in $PASS pass through.  The exit status is the command's; 125: the kernel did
# not get that far; 99: it printed a splat.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${KZT_CACHE:-/var/lib/kzt-build}
cpus=${CPUS:-2}
# Emulated, `rep movsb` counts byte by byte, and QEMU before 8.1 gets the upper
# half of a 256-bit VAESENC wrong, which the real core would use
opts="-cpu max,-erms,-fsrm,-vaes,-vpclmulqdq"
append=()
if [ "${1:-}" = --count ]; then
	shift
	cpus=1
	opts="$opts -icount shift=0,sleep=off"
	append=(--append clocksource=tsc --append tsc=reliable --append no_timer_check)
fi
want=${1:?usage: vm.sh [--count] KERNEL -- COMMAND}
shift
[ "${1:-}" = -- ] && shift
release=$("$here/kernel-release.sh" "$want")
image=/boot/vmlinuz-$release
[ -n "$release" ] && [ -e "$image" ] || { echo "vm: no kernel $want installed" >&2; exit 125; }
vng=$cache/venv/bin/vng
[ -x "$vng" ] || vng=$(command -v vng) || { echo "vm: virtme-ng is not installed: run scripts/setup.sh" >&2; exit 125; }
PATH=$(dirname "$vng"):$PATH	# it looks for its virtme-run there

case $here in
/tmp/* | /var/tmp/* | /run/*)
	echo "vm: the guest has directories of its own at /tmp, /var/tmp and /run: move this tree elsewhere" >&2
	exit 125 ;;
esac
mkdir -p "$cache"
tmp=$(mktemp -d "$cache/run.XXXXXX") || exit 125	# not in /var/tmp: the guest has its own
trap 'rm -rf "$tmp"' EXIT
{
	printf 'CMD=%q\n' "$*"
	printf 'MODULES=\nKZT_IN_VM=qemu\n'
	for v in $(compgen -e KZT) ${PASS:-}; do
		[ -n "${!v+x}" ] && printf '%s=%q\n' "$v" "${!v}"
	done
} >"$tmp/env"
# virtme-ng throws away what the kernel says, but a panic is told nowhere else
opts="$opts -set chardev.console.path=$tmp/console"
: >"$tmp/console"
timeout "${LIMIT:-3000}" "$vng" -r "$image" --disable-kvm --user root \
	--cpus "$cpus" --memory "${MEM:-2G}" --append mitigations=off \
	--append loglevel=5 --append oops=panic --append cryptomgr.notests "${append[@]}" --qemu-opts="$opts" \
	-- "set -a; . $tmp/env; set +a; bash -c \"\$CMD\"; echo KZT-VM-EXIT \$?; dmesg | grep -v 'virtme' >/dev/null; dmesg" \
	</dev/null 2>&1 | sed -u -e 's/\r//g' >"$tmp/raw.fifo" &
pid=$!
# The command's output first, as it comes; the kernel's log only for the check
tail -n +1 -F --pid=$pid "$tmp/raw.fifo" 2>/dev/null | sed -u '/^KZT-VM-EXIT/q' |
	grep -v --line-buffered '^KZT-VM-EXIT'
wait $pid
"$here/splat.sh" "$tmp/raw.fifo" "$tmp/console" >&2 || exit 99
status=$(sed -n 's/^KZT-VM-EXIT //p' "$tmp/raw.fifo" | tail -n 1)
[ -n "$status" ] || tail -n 10 "$tmp/raw.fifo" "$tmp/console" | sed 's/^/# /' >&2
exit "${status:-125}"
