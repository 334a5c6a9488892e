#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build a user-mode Linux 6.12 with its modules from Debian's source package:
# four minutes on two cores, the debug one (KASAN, lockdep, kmemleak) ten.
# Cached under $KZT_CACHE; prints the directory that holds "linux" and "mods".
#
# usage: build-uml.sh [debug]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${KZT_CACHE:-/var/lib/kzt-build}
kind=${1:-plain}
source=${LINUX_SOURCE:-/usr/src/linux-source-6.12.tar.xz}
configs=("$here/uml/uml.config")
settings=()
if [ "$kind" = debug ]; then
	configs+=("$here/uml/uml-debug.config")
	# Its switch of stacks copies to where old frames may have left their
	# poison; only KASAN's check of arch/um/kernel/irq.c goes
	settings=(KASAN_SANITIZE_irq.o=n)
fi

[ -f "$source" ] || { echo "build-uml: no $source: install linux-source-6.12" >&2; exit 3; }
key=$(cat "${configs[@]}" <(stat -Lc %s "$source") <(printf %s "${settings[@]}") | sha256sum | cut -c1-12)
dir=$cache/uml-$kind-$key
src=$cache/uml-src-$(stat -Lc %s "$source")
# One build at a time: two would write the same objects
mkdir -p "$cache"
if [ ! -e "$dir/done" ]; then
	exec 9>"$cache/build-uml.lock"
	flock 9
fi
if [ ! -e "$dir/done" ]; then
	mkdir -p "$dir/obj" "$src"
	if [ ! -e "$src/.unpacked" ]; then
		echo "build-uml: unpacking the kernel source" >&2
		tar xf "$source" -C "$src" --strip-components=1
		touch "$src/.unpacked"
	fi
	echo "build-uml: building a $kind user-mode Linux, some minutes" >&2
	make -C "$src" ARCH=um O="$dir/obj" -s allnoconfig
	cd "$dir/obj"
	"$src/scripts/kconfig/merge_config.sh" -m -O . .config "${configs[@]}" >/dev/null
	{
		make ARCH=um -s olddefconfig &&
			make ARCH=um -s -j"$(nproc)" "${settings[@]}" linux modules &&
			make ARCH=um -s modules_install INSTALL_MOD_PATH="$dir/mods"
	} >"$dir/build.log" 2>&1 || { tail -n 20 "$dir/build.log" >&2; exit 1; }
	touch "$dir/done"
fi
echo "$dir"
