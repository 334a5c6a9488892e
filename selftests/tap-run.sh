#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run one test program and see to it that what it prints accounts for how it
# ended: a program that dies, tests nothing or misses its plan gets a failing
# line of its own.
#
# usage: tap-run.sh NAME COMMAND...
# Exit status: 0 if nothing failed.
name=${1:?usage: tap-run.sh NAME COMMAND...}
shift
echo "# $name"
# Line by line, as it comes: mawk would wait for a buffer full
"$@" 2>&1 | {
	ran=0 bad=0 planned=
	while IFS= read -r line; do
		printf '%s\n' "$line"
		case $line in
		ok | ok\ *) ran=$((ran + 1)) ;;
		"not ok"*) ran=$((ran + 1)) bad=$((bad + 1)) ;;
		1..[0-9]*) planned=${line#1..} planned=${planned%% *} ;;
		esac
	done
	if [ -n "$planned" ] && [ "$planned" != $ran ]; then
		echo "not ok - $name: planned $planned tests, ran $ran"
		exit 1
	fi
	[ $bad = 0 ] || exit 1
	[ $ran -gt 0 ] || exit 2
}
state=("${PIPESTATUS[@]}")
died=${state[0]}
case ${state[1]} in
0)	# nothing failed, so neither may the program
	[ "$died" = 0 ] || [ "$died" = 4 ] && exit 0
	echo "not ok - $name: exit status $died"
	;;
2)
	[ "$died" = 4 ] && { echo "ok - $name # SKIP"; exit 0; }
	echo "not ok - $name: no test ran, exit status $died"
	;;
esac
exit 1
