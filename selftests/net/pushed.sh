#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a node tells fellow members of where it may be (spec 3, 3.6.1): endpoints that
# were given by hand, its addresses with each of its ports, where others see it, and
# the ports that a symmetric NAT may use next.  Who listens is pushed.py.
#
#	b 5.1.0.1, ports 9993 and 10003 ---- x 5.1.0.2, .3, .4: two roots and a leaf
. "$SELFTESTS/lib.sh"
ns b x
wire b u0 5.1.0.1/16 -- x u0 5.1.0.2/16 5.1.0.3/16 5.1.0.4/16
check "a node" node b 0 secondary-port 10003 mapped 5.1.0.77/4500
check "on a network" member b "$NET" kzt0 10.88.0.1/24
for i in 1 2; do check "that has a root" kzt_in b peer add "$KZT_IDS/$i.pub" root; done
check "and knows a third" knows b 3
# told NUMBER HOPS [SURFACE]: what that one is told
told() {
	on x "${KZT_PYTHON:-/usr/bin/python3}" "$SELFTESTS/net/pushed.py" 5.1.0.1/9993 "$KZT_IDS/0.pub" \
		"$KZT_IDS/$1" "5.1.0.$(($1 + 1))/9993" "$NET" "${@:2}" >"$TMP/told" 2>&1
}
list() { sort "$TMP/told" | paste -sd ' '; }

check "a root sees it behind a NAT, and is told" told 1 0 88.1.2.3/5000
same "where it is" "5.1.0.1/10003 5.1.0.1/9993 5.1.0.77/4500 88.1.2.3/5000" "$(list)"
same "what was given by hand first" 5.1.0.77/4500 "$(head -n 1 "$TMP/told")"
check "another sees it at another port, and is told by a relay" told 2 1 88.1.2.3/6000
same "both" "5.1.0.1/10003 5.1.0.1/9993 5.1.0.77/4500 88.1.2.3/5000 88.1.2.3/6000" "$(list)"
check "it is to predict" kzt_in b node set predict on
check "somebody else is told by a relay" told 3 1
check "what was known" eval '[ "$(list | grep -oE "5.1.0.1/10003|5.1.0.1/9993|5.1.0.77/4500|88.1.2.3/5000|88.1.2.3/6000" | wc -l)" = 5 ]'
check "and one or two ports more" eval '[ "$(grep -c "^88.1.2.3/" "$TMP/told")" -ge 3 ] && [ "$(wc -l <"$TMP/told")" -le 7 ]'
done_testing
