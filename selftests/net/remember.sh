#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Remembered paths: agents and nodes of two leaves end while their root is dead,
# and reach each other again by what one of them has written down.
#
#   root .1 --- a .2 --- b .3	on one LAN, 172.30.0.0/24 and fd30::/64
. "$SELFTESTS/interop/lib.sh"
. "$SELFTESTS/paths.sh"
ns root a b
lan lan0 root 172.30.0.1/24 fd30::1/64 -- a 172.30.0.2/24 fd30::2/64 -- b 172.30.0.3/24 fd30::3/64
planet 0=172.30.0.1/9993 >/dev/null
# leaf NS NUMBER: a node that its agent makes from the state directory, each time
leaf() {
	secret "$1" "$2"
	agent "$1" && kzt_in "$1" world set "$PLANET" && kzt_member "$1"
}
check "a root" kzt_node root 0
check "two leaves" eval "leaf a 1 && leaf b 2"
check "are online" eval "until_ok 60 online a && until_ok 60 online b"
B4=$(address_of b 4)
B6=$(address_of b 6)
check "and reach each other" reaches a "$B4"
check "directly, over IPv4" until_ok 60 has_path a b u0 172.30.0.3
check "and over IPv6" until_ok 60 has_path a b u0 fd30::3
NOTE_A=$TMP/state-a/peers.d/000000${ADDR[b]}.peer
NOTE_B=$TMP/state-b/peers.d/000000${ADDR[a]}.peer

# ends NS: its agent, then its node
ends() {
	kill "${AGENT[$1]}"
	wait "${AGENT[$1]}" || return
	kzt_in "$1" node del
}
knows_it() { kzt_in "$1" -j peer show "${ADDR[$2]}"; }
# in_vain OLD: what a sends to b waits for somebody who says who that is, too long
in_vain() { pings a "$B6" || true; more_drops a pending-timeout "$1"; }

check "the root dies" ends root
check "the agents end, and their nodes with them" eval "ends a && ends b"
for n in a b; do
	same "there is no node in $n" null "$(kzt_in $n -j node show | jq .node.address)"
done
same "a has written down who b is, and where" "$(cat "$KZT_IDS/2.pub") 172.30.0.3/9993 fd30::3/9993" \
	"$(head -n 1 "$NOTE_A") $(tail -n +2 "$NOTE_A" | sort | tr '\n' ' ' | sed 's/ $//')"
check "and b of a" test -s "$NOTE_B"
mkdir "$TMP/notes"
mv "$NOTE_A" "$NOTE_B" "$TMP/notes"

# Without what was written down there is no way
check "they start again without it" eval "agent a && agent b"
same "a is who it was" "${ADDR[a]}" "$(kzt_in a -j node show | jq -r .node.address)"
check "in the network that it was in" until_ok 60 address_of a 6
check "what it sends to b waits in vain" until_ok 60 in_vain "$(drops a pending-timeout)"
refuses "nobody says so" 1 "" knows_it a b

# What one of them has is enough
check "both end" eval "ends a && ends b"
cp "$TMP/notes/${NOTE_A##*/}" "$NOTE_A"
check "they start again, a with what it had" eval "agent b && agent a"
check "the first path is there" until_ok 60 has_path a b u0 172.30.0.3
check "and the second" until_ok 60 has_path a b u0 fd30::3
check "b has learned them from a" until_ok 60 has_path b a u0 172.30.0.2
check "they reach each other" reaches a "$B6"
check "by IPv4 addresses, too" reaches a "$B4"
same "b is no static peer" false "$(knows_it a b | jq '.peers[0].static')"
same "and the root is dead" "none false" "$(link a root) $(kzt_in a -j node show | jq .node.online)"

# Not for ever
check "both end once more" eval "ends a && ends b"
rm -f "$NOTE_B"
touch -d '31 days ago' "$NOTE_A"
check "they start with a note of 31 days ago" eval "agent a && agent b"
check "what a sends waits in vain again" until_ok 60 in_vain "$(drops a pending-timeout)"
refuses "since it is not used" 1 "" knows_it a b
check "a ends" ends a
check "it is removed" test ! -e "$NOTE_A"
done_testing
