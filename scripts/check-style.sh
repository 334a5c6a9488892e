#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What can be checked without running anything: licences, scripts, generated
# files, forgotten words.  TAP.
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
n=0 bad=0
report() {	# NAME OUTPUT
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		bad=1
		echo "not ok $n - $1"
		printf '%s\n' "$2" | head -n 20 | sed 's/^/# /'
	fi
}
if git rev-parse --git-dir >/dev/null 2>&1; then
	mapfile -t files < <(git ls-files)
else
	mapfile -t files < <(find . -type f -not -path './build/*' -printf '%P\n')
fi

missing=$(for f in "${files[@]}"; do
	case $f in
	*.c | *.h | *.S | *.sh | *.py | *.yaml | */Makefile | Makefile | *Kbuild | *.mk)
		head -n 3 "$f" | grep -q SPDX-License-Identifier || echo "$f" ;;
	esac
done)
report "every source names its licence" "$missing"

report "nothing is put off" "$(printf '%s\n' "${files[@]}" |
	grep -E '^(kmod|userspace|uapi|scripts|selftests)/.*\.(c|h|S|sh|py)$' |
	grep -v check-style | xargs grep -nE '\b(TODO|FIXME|XXX)\b[^X]' | grep -v XXXXXX)"

if command -v shellcheck >/dev/null; then
	report "shellcheck" "$(printf '%s\n' "${files[@]}" | grep '\.sh$' |
		xargs shellcheck -x -S warning -f gcc 2>&1)"
else
	n=$((n + 1))
	echo "ok $n # SKIP shellcheck is not installed"
fi

report "no line over 100 columns in C" "$(printf '%s\n' "${files[@]}" |
	grep -E '^(kmod|userspace|uapi|selftests)/.*\.[ch]$' | grep -v planet.c |
	while read -r f; do
		expand -t8 "$f" | awk -v f="$f" \
			'length > 100 && !/"/ { print f ":" NR ": " length " columns" }'
	done)"

src=$(find "${KZT_CACHE:-/var/lib/kzt-build}" -maxdepth 1 -name 'uml-src-*' 2>/dev/null | head -n 1)
if [ -n "$src" ] && [ -e "$src/tools/net/ynl/ynl-gen-c.py" ]; then
	tmp=$(mktemp -d)
	cp -r uapi kmod "$tmp/" && mkdir "$tmp/scripts" && cp scripts/ynl-regen.sh "$tmp/scripts/"
	"$tmp/scripts/ynl-regen.sh" "$src/" >/dev/null 2>"$tmp/err"
	report "generated files are those of the specification" "$(cat "$tmp/err"
		for f in uapi/linux/kzt.h kmod/netlink_gen.h kmod/netlink_gen.c; do
			cmp "$f" "$tmp/$f" 2>&1
		done)"
	rm -rf "$tmp"
else
	n=$((n + 1))
	echo "ok $n # SKIP generated files: no kernel source unpacked yet"
fi
echo "1..$n"
exit $bad
