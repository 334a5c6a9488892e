#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the local API does to paths as it is asked: the next one of active-backup,
# and the size of datagrams by interface and address.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/multipath.sh"
command -v curl >/dev/null || { echo "1..0 # SKIP curl is not installed"; exit 4; }
check "two nodes find two paths" legs 2
check "an agent with the API" agent a
B=${ADDR[b]}
# post WORDS: the status; the body is in $TMP/body
post() { on a curl -s -m 20 -o "$TMP/body" -w '%{http_code}' -X POST --abstract-unix-socket kzt/http "http://localhost/bond/$1"; }
says() { jq -e --arg t "$1" '.description | contains($t)' "$TMP/body"; }
active() { peer_of a b | jq -r '[.paths[] | select(.active) | .dev] | join(" ")'; }
pinned() { peer_of a b | jq '[.paths[] | select(.pinned)] | length'; }

# --- the next path ------------------------------------------------------------------

same "without a policy there is no next path" 409 "$(post "rotate/$B")"
check "and it says why" says active-backup
same "nor of a peer that is not there" 404 "$(post rotate/0123456789)"
same "nor of what is no address" 404 "$(post "rotate/$B/u1")"
check "active-backup" kzt_in a policy set peer "$B" active-backup
check "one path is in use" until_ok 20 in_use a b 1
first=$(active)
same "the next, please" 200 "$(post "rotate/$B")"
second=$(active)
same "there is one, and it is the other" "u1 u2" "$(printf '%s\n' "$first" "$second" | sort | xargs)"
same "the answer shows it" "$second" "$(jq -r '[.paths[] | select(.bonded) | .ifname] | join(" ")' "$TMP/body")"
check "it carries everything" carries_alone a b "$second"
check "and goes on" pings a 10.88.0.2
same "none is pinned" 0 "$(pinned)"
same "the policy stays there" "$second" "$(active)"
same "the next is the first again" 200 "$(post "rotate/$B")"
same "which is used" "$first" "$(active)"
check "one is pinned" kzt_in a path pin "$B" "$(path_by a b "$first" id)"
same "so that there is no next" 409 "$(post "rotate/$B")"
check "and it says so" says pinned
same "the pin stays" 1 "$(pinned)"
check "it is taken out" kzt_in a path pin "$B" none
check "u1 is primary, and always returned to" kzt_in a policy set peer "$B" active-backup \
	reselect always link u1 primary link u2 spare
check "u1 is in use" until_ok 20 carries_alone a b u1
same "the next one does not last" 409 "$(post "rotate/$B")"
check "and it says so" says 'went back'
same "u1 is used" u1 "$(active)"

# --- the size of datagrams --------------------------------------------------------------

mtu() { path_by a b "$1" mtu; }
other=$(mtu u2)
same "datagrams by u1 to b" 200 "$(post setmtu/1400/u1/172.31.1.2)"
same "are of 1400 bytes" "1400 1400" "$(jq .mtu "$TMP/body") $(mtu u1)"
same "those by u2 are as before" "$other" "$(mtu u2)"
same "the node shows it" '[{"prefix":"172.31.1.2/32","mtu":1400}]' "$(kzt_in a -j node show | jq -c .node.phys)"
check "what is a little larger goes in pieces" pings a 10.88.0.2 -s 1354
check "what is much larger, too" pings a 10.88.0.2 -s 2000
same "not by u2, where that address is not" 404 "$(post setmtu/1400/u2/172.31.1.2)"
same "not of 100 bytes" 400 "$(post setmtu/100/u1/172.31.1.2)"
check "and it says what may be" says '1400 to 10324'
for words in setmtu setmtu/1400 setmtu/1400/u1 setmtu/x/u1/172.31.1.2 setmtu/1400/u1/172.31.1 setmtu/1400/u1/172.31.1.2/9993; do
	case $(post "$words") in
	400 | 404) ok "$words is not understood" ;;
	*) not_ok "$words is not understood" ;;
	esac
done
same "nothing of it was done" 1400 "$(mtu u1)"
check "a prefix that comes first" kzt_in a path mtu 172.31.0.0/16 1450
same "leaves no room for another" 409 "$(post setmtu/1401/u1/172.31.1.2)"
check "and it says so" says precedence
check "it is taken out" kzt_in a path mtu 172.31.0.0/16 default
same "then the other holds" 1401 "$(mtu u1)"
check "one of the policy's link" kzt_in a policy set peer "$B" active-backup link u1 mtu 1480 link u2
link_mtu() { [ "$(mtu u1)" = 1480 ]; }
check "comes first, too" until_ok 20 link_mtu
same "and stays" 409 "$(post setmtu/1402/u1/172.31.1.2)"
same "as it is" 1480 "$(mtu u1)"
check "without that" kzt_in a policy set peer "$B" active-backup
same "nothing is set any more" 200 "$(post setmtu/0/u1/172.31.1.2)"
same "for any prefix" 0 "$(kzt_in a -j node show | jq '.node.phys // [] | length')"
same "which can be said twice" 200 "$(post setmtu/0/u1/172.31.1.2)"

# --- by the command that scripts know -----------------------------------------------------

shim() { on a "$(dirname "$KZT")/zerotier-cli" "$@"; }
first=$(active)
same "bond rotate" "200 bond OK" "$(shim bond rotate "$B")"
check "takes the other" [ "$(active)" != "$first" ]
same "in either order" "200 bond OK" "$(shim bond "$B" rotate)"
same "and back" "$first" "$(active)"
same "bond setmtu" "200 bond OK" "$(shim bond setmtu 1400 u1 172.31.1.2)"
same "sets it" 1400 "$(mtu u1)"
refuses "not by the other interface" 1 'no such path' shim bond setmtu 1400 u2 172.31.1.2
refuses "not without an address" 2 'setmtu' shim bond setmtu 1400 u1
same "and takes it back" "200 bond OK" "$(shim bond setmtu 0 u1 172.31.1.2)"

# --- one path ------------------------------------------------------------------------------

ip -n a link set u2 down
check "one path is left" until_ok 60 carries_alone a b u1
same "there is no next one" 409 "$(post "rotate/$B")"
check "and it says so" says 'no other path'
done_testing
