# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts that people start have in common; sourced, with $top set.

# Downloads and builds that outlive a checkout
KZT_CACHE=${KZT_CACHE:-/var/lib/kzt-build}
# What is built from the checkout
KZT_BUILD=${KZT_BUILD:-${top:?}/build}
export KZT_CACHE KZT_BUILD

if [ -t 1 ]; then
	BOLD=$'\e[1m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
	BOLD='' RED='' PLAIN=''
fi

# step TEXT: what is being done now
step() { echo "$BOLD==>$PLAIN $*"; }
# note TEXT: how it goes
note() { echo "    $*"; }
# die TEXT [WHAT TO DO...]: one sentence, and a line for each thing to try
die() {
	echo "${RED}error:$PLAIN $1" >&2
	shift
	[ $# = 0 ] || printf '       %s\n' "$@" >&2
	exit 1
}

# took SECONDS: in words
took() {
	if [ "$1" -lt 60 ]; then echo "$1 s"; else echo "$(($1 / 60)) min $(($1 % 60)) s"; fi
}

# make_ids KZT DIRECTORY COUNT: identities 0, 1, ... with their secrets, and .pub
# without.  Kept: making one is work that an emulated CPU takes its time for.
make_ids() {
	local i
	mkdir -p "$2" || return
	for ((i = 0; i < $3; i++)); do
		[ -s "$2/$i" ] || "$1" identity new "$2/$i" >/dev/null || return
		[ -s "$2/$i.pub" ] || "$1" identity public "$2/$i" >"$2/$i.pub" || return
	done
}

# stale_breakpoint FILE: whether what a VM said is this fault of QEMU's.  Before 8.1
# it may run code of a page that another CPU is writing to.  A breakpoint that the
# kernel put there while it switched a static key then traps when it is gone, which
# is an oops of no one's making ("int3").
stale_breakpoint() {
	grep -q 'Oops: int3' "$1" && ! qemu-system-x86_64 --version |
		awk '/version/ { split($4, v, "."); exit v[1] * 100 + v[2] < 801 }'
}
