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
"$@" 2>&1 | awk -v name="$name" '
	/^ok([ \t]|$)/ { ran++ }
	/^not ok([ \t]|$)/ { ran++; bad++ }
	/^1\.\.[0-9]+/ { planned = substr($1, 4) + 0; plan = 1 }
	{ print; fflush() }
	END {
		if (plan && planned != ran) {
			printf "not ok - %s: planned %d tests, ran %d\n", name, planned, ran
			exit 1
		}
		exit bad ? 1 : ran ? 0 : 2
	}'
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
