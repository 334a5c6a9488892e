#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A controller c and members a and b on one wire: asking, refusal, credentials,
# what a configuration sets and takes away, and being cut off.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/controlled.sh"
controlled c=10.77.0.3 a=10.77.0.1 b=10.77.0.2

# --- refusals --------------------------------------------------------------------

check "a joins what does not exist" kzt_in a network join $NW dev kzt0
check "it is told so" until_ok 60 is_status a not-found
reason() { kzt_in "$1" -j network show $NW | jq -r '.networks[0].reason'; }
same "and why" "the controller ${ADDR[c]} does not know this network" "$(reason a)"
check "a network is made" api POST /$NW '{"name": "club", "private": true, "mtu": 2000,
	"v4AssignMode": {"zt": true}, "v6AssignMode": {"6plane": true},
	"ipAssignmentPools": [{"ipRangeStart": "10.99.0.10", "ipRangeEnd": "10.99.0.99"}],
	"routes": [{"target": "10.99.0.0/24"}, {"target": "10.98.0.0/16", "via": "10.99.0.77"},
		   {"target": "8.8.0.0/16", "via": "10.99.0.77"}, {"target": "0.0.0.0/0", "via": "10.99.0.77"}],
	"dns": {"domain": "club.test", "servers": ["10.99.0.53"]}}'
check "a is not let in" until_ok 60 is_status a access-denied
same "with who has to be authorised, where" \
	"the controller ${ADDR[c]} has not authorised ${ADDR[a]}" "$(reason a)"
refuses "kzt wait says so, too" 4 'ACCESS_DENIED, the controller' \
	kzt_in a wait network $NW timeout 0.5
check "b joins" kzt_in b network join $NW dev kzt0
check "b is not let in" until_ok 60 is_status b access-denied

# --- authorised ----------------------------------------------------------------------

check "a is authorised" api POST "/$NW/member/${ADDR[a]}" '{"authorized": true, "ipAssignments": ["10.99.0.1"]}'
check "a has a configuration" until_ok 60 is_status a ok
same "and no reason any more" null "$(reason a)"
check "a has its address" until_ok 20 has_addr a 10.99.0.1
same "its device has the MTU" 2000 "$(on a cat /sys/class/net/kzt0/mtu)"
same "and the name" club "$(kzt_in a -j network show $NW | jq -r '.networks[0].name')"
check "a route by a gateway" until_ok 20 has_route a "10.98.0.0/16 via 10.99.0.77"
check "with our protocol number" has_route a "proto 201"
check "no route to what is global" no_route a 8.8.0.0/16
check "no default route" no_route a 0.0.0.0/1
same "name servers are told" "club.test 10.99.0.53" \
	"$(kzt_in a -j network show $NW | jq -r '.networks[0].dns | .domain + " " + .servers[0]')"
check "b is authorised" api POST "/$NW/member/${ADDR[b]}" '{"authorized": true, "ipAssignments": ["10.99.0.2"]}'
check "b has its address" until_ok 60 has_addr b 10.99.0.2

# --- members ------------------------------------------------------------------------------

check "a reaches b" reaches a 10.99.0.2
check "b reaches a" reaches b 10.99.0.1
check "and over IPv6" reaches b "$(ip -n a -j -6 addr show dev kzt0 | jq -r '[.[].addr_info[]? | .local // "" | select(startswith("fc"))][0]')"
check "b's certificate agrees with a's" until_ok 20 is_member a b agrees
check "a's with b's" until_ok 20 is_member b a agrees
check "TCP carries the right bytes both ways" tcp_hash a 10.99.0.1 b 10.99.0.2 1000000

# --- local switches --------------------------------------------------------------------------

check "an address of the administrator's" ip -n a addr add 10.55.0.1/24 dev kzt0
check "global routes are allowed" kzt_in a network join $NW global on
check "there is one" until_ok 10 has_route a 8.8.0.0/16
check "they are forbidden" kzt_in a network join $NW global off
check "it is gone" until_ok 10 no_route a 8.8.0.0/16
check "a default route is allowed" kzt_in a network join $NW default on
check "in two halves" until_ok 10 has_route a "128.0.0.0/1"
check "and not any more" kzt_in a network join $NW default off
check "they are gone" until_ok 10 no_route a "128.0.0.0/1"
check "nothing is managed" kzt_in a network join $NW managed off
check "the address is gone" until_ok 10 no_addr a 10.99.0.1
check "the route is gone" no_route a 10.98.0.0/16
check "the administrator's address stays" has_addr a 10.55.0.1
check "what is in a prefix is" kzt_in a network join $NW managed 10.99.0.0/16
check "the address is there" until_ok 10 has_addr a 10.99.0.1
check "not a route to elsewhere" no_route a 10.98.0.0/16
check "nor an address with a shorter prefix" kzt_in a network join $NW managed 10.99.0.0/25,fd00::/8
check "which is gone" until_ok 10 no_addr a 10.99.0.1
refuses "no prefix, no limit" 1 'prefixes' kzt_in a network join $NW managed 10.99.0.0/33
check "two prefixes around all of it" kzt_in a network join $NW managed 10.98.0.0/15,fc00::/7
check "it is there again" until_ok 10 has_addr a 10.99.0.1
check "with the route" until_ok 10 has_route a "10.98.0.0/16 via 10.99.0.77"

# --- an update is pushed -----------------------------------------------------------------------

check "the controller changes the MTU" api POST /$NW '{"mtu": 1500}'
mtu_is() { [ "$(on "$1" cat /sys/class/net/kzt0/mtu)" = "$2" ]; }
check "a follows at once" until_ok 15 mtu_is a 1500
# --- killed while it takes a configuration --------------------------------------------------------

# Each time there is a new one; what is on the disk then is all of it, or all of the old
CONF=networks.d/$NW.conf
keys() { LC_ALL=C sed 's/=.*//' "$TMP/state-a/$CONF" | sort | tr '\n' ' '; }
kept() { LC_ALL=C sed -n 's/^mtu=//p' "$TMP/state-a/$CONF"; }
ended() { [ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }
killed_at() {	# MTU CALL N [FILE]: at that call, if one is named only where it is of the file
	local old
	old=$(kept)
	api POST /$NW "{\"mtu\": $1}" >/dev/null
	on a strace -f -qq -o /dev/null ${4:+-P "$4"} -e trace="$2" -e inject="$2:signal=KILL:when=$3" \
		"$KZTD" --foreground --state "$TMP/state-a" --no-controller >>"$TMP/kztd-a.log" 2>&1 &
	until_ok 10 ended $! || return
	wait $!
	[ $? = 137 ] && [ "$(keys)" = "$whole" ] && [[ $(kept) == "$old" || $(kept) == $(printf %016x "$1") ]]
}
if command -v strace >/dev/null; then
	whole=$(keys)
	kill "${AGENT[a]}"
	wait "${AGENT[a]}" 2>/dev/null
	on a ping -q -i 0.2 -c 100 -W 5 10.99.0.2 >"$TMP/ping" &
	pinger=$!
	check "a's agent is killed when a configuration is written" killed_at 1501 fsync 1 "$TMP/state-a/$CONF.tmp"
	check "or before it takes the old one's place" killed_at 1502 renameat 1 "$CONF.tmp"
	check "or right after" killed_at 1503 fsync 1 "$TMP/state-a/networks.d"
	mtu=1503
	for n in 12 15 18; do
		mtu=$((mtu + 1))
		check "or at message $n to the module" killed_at $mtu sendto $n
	done
	wait $pinger
	same "which the datapath does not notice" 0 "$(sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p' "$TMP/ping")"
	check "it starts again" agent a --no-controller
	check "and has the last one" until_ok 20 mtu_is a $mtu
	check "with its address" has_addr a 10.99.0.1
	check "nothing is damaged" sh -c "! grep -E 'damaged|malformed' '$TMP/kztd-a.log'"
	check "the MTU is as it was" api POST /$NW '{"mtu": 1500}'
else
	skip "strace is not installed: an agent that is killed while it takes a configuration"
fi

check "the rules let only ICMP and ARP pass" api POST /$NW '{"rules": [
	{"type": "MATCH_ETHERTYPE", "etherType": 2054}, {"type": "ACTION_ACCEPT"},
	{"type": "MATCH_IP_PROTOCOL", "ipProtocol": 1}, {"type": "ACTION_ACCEPT"},
	{"type": "ACTION_DROP"}]}'
rules_are() { [ "$(kzt_in "$1" -j network show $NW | jq '.networks[0].rules')" = "$2" ]; }
check "a has them" until_ok 90 rules_are a 5
check "b has them" until_ok 90 rules_are b 5
check "ping passes" reaches a 10.99.0.2

# --- tags and capabilities ---------------------------------------------------------------------------

check "frames pass between those with the same tag" api POST /$NW '{"tags": [{"id": 7, "default": null}],
	"capabilities": [{"id": 9, "default": false, "rules": [{"type": "ACTION_ACCEPT"}]}], "rules": [
	{"type": "MATCH_ETHERTYPE", "etherType": 2054}, {"type": "ACTION_ACCEPT"},
	{"type": "MATCH_TAGS_DIFFERENCE", "id": 7, "value": 0}, {"type": "ACTION_ACCEPT"}]}'
check "nothing passes without a tag" until_ok 120 pings_not a 10.99.0.2
check "a gets tag 7: 5" api POST "/$NW/member/${ADDR[a]}" '{"tags": [[7, 5]]}'
check "b gets tag 7: 5" api POST "/$NW/member/${ADDR[b]}" '{"tags": [[7, 5]]}'
check "they reach each other" until_ok 120 reaches a 10.99.0.2
# What the rules say to a frame of each to the other, with what both have shown
mac_of() { ip -n "$1" -j link show kzt0 | jq -r '.[0].address' | tr -d :; }
body=4500001c00000000400100000a6300010a630002080000000000000000000000
echo "$(mac_of b)$(mac_of a)0800$body" | "$KZT_PYTHON" "$SELFTESTS/pcap.py" "$TMP/to-b"
echo "$(mac_of a)$(mac_of b)0800$body" | "$KZT_PYTHON" "$SELFTESTS/pcap.py" "$TMP/from-b"
judged() { kzt_in a -j rules test $NW dir "$1" "$2" "${@:4}" | jq -e ".frames[0] | $3"; }
check "rules test knows the tags" until_ok 30 judged out "$TMP/to-b" '.verdict == "accept" and .rule == 3'
check "of the sender, too" until_ok 30 judged in "$TMP/from-b" '.verdict == "accept" and .rule == 3'
check "or takes others" judged out "$TMP/to-b" \
	'.verdict == "no-match" and (has("rule") | not) and (has("capability") | not)' remote-tag 7=9
check "b gets tag 7: 6" api POST "/$NW/member/${ADDR[b]}" '{"tags": [[7, 6]]}'
check "they do not any more" until_ok 120 pings_not a 10.99.0.2
check "a capability for each" api POST "/$NW/member/${ADDR[a]}" '{"capabilities": [9]}'
check "for b, too" api POST "/$NW/member/${ADDR[b]}" '{"capabilities": [9]}'
check "which lets all pass" until_ok 120 reaches a 10.99.0.2
check "rules test knows the own one" until_ok 30 judged out "$TMP/to-b" \
	'.verdict == "accept" and .capability == 9 and .rule == 0 and .action.type == "accept"'
check "and that of the sender" until_ok 30 judged in "$TMP/from-b" '.verdict == "accept" and .capability == 9'
cap_hits() { kzt_in a -j rules show $NW "$@" | jq '.capabilities[] | select(.id == 9) | .rules[0].hits'; }
counted() { [ "$(cap_hits "${@:2}")" -gt "$1" ]; }
COUNT=5 check "and more" pings a 10.99.0.2
check "its hits are counted" until_ok 30 counted 2
check "and those of what b has shown" until_ok 30 counted 2 member "${ADDR[b]}"
hits=$(cap_hits)
check "a member is renewed" api POST "/$NW/member/${ADDR[a]}" '{"tags": [[7, 8]]}'
tag_is() { kzt_in c -j controller member show $NW "${ADDR[a]}" | jq -e '.member.tags == [[7, 8]]'; }
check "the controller has it" until_ok 30 tag_is
renewed() { judged out "$TMP/to-b" '.rule == 3' remote-tag 7=8; }
check "it has its other tag" until_ok 120 renewed
check "the same rules go on counting" [ "$(cap_hits)" -ge "$hits" ]

# --- without the agent ----------------------------------------------------------------------------------

kill "${AGENT[b]}"
wait "${AGENT[b]}" 2>/dev/null
check "b is reached while its agent is away" reaches a 10.99.0.2
# What an agent leaves that dies before it takes a route away, and what is not its
for r in "10.97.0.0/16 via 10.99.0.77" 0.0.0.0/1 fd97::/64; do
	# shellcheck disable=SC2086
	ip -n b route add $r dev kzt0 proto 201
done
check "an administrator's route" ip -n b route add 10.96.0.0/16 via 10.99.0.77 dev kzt0
ip -n b -o monitor route >"$TMP/routes" &
PROGRAMS+=($!)
check "its agent comes back" agent b --no-controller
check "with its configuration" until_ok 30 is_status b ok
for r in 10.97.0.0 0.0.0.0/1; do check "no route to $r is left" until_ok 20 no_route b $r; done
gone6() { ! ip -n b -6 route show dev kzt0 | grep fd97; }
check "nor over IPv6" gone6
check "the administrator's stays" has_route b "10.96.0.0/16"
check "so does the configuration's" has_route b "10.98.0.0/16 via 10.99.0.77 proto 201"
check "which was there all the time" sh -c "grep 10.97.0.0 $TMP/routes && ! grep 10.98.0.0 $TMP/routes"
route_set() { kzt_in b -j network show $NW | jq -e --arg r "$1" '.networks[0].routes[] | select(.target == $r) | .set'; }
check "it is known to be set" route_set 10.98.0.0/16
check "the administrator sets what the controller gives later" \
	ip -n b route add 10.94.0.0/16 via 10.99.0.77 dev kzt0
check "an address, too" ip -n b addr add 10.99.0.22/24 dev kzt0
check "the controller has other routes" api POST /$NW '{"routes": [{"target": "10.99.0.0/24"},
	{"target": "10.94.0.0/16", "via": "10.99.0.77"}, {"target": "10.95.0.0/16", "via": "10.99.0.77"}]}'
check "and b more addresses" api POST "/$NW/member/${ADDR[b]}" '{"ipAssignments": ["10.99.0.2", "10.99.0.22", "10.99.0.23"]}'
check "b gets what is new" until_ok 90 has_route b "10.95.0.0/16 via 10.99.0.77 proto 201"
check "and loses what is old" until_ok 20 no_route b 10.98.0.0/16
check "and has the addresses" until_ok 90 has_addr b 10.99.0.23
route_kept() { has_route b 10.94.0.0/16 && no_route b "10.94.0.0/16 via 10.99.0.77 proto"; }
check "the administrator's route is as it was" route_kept
refuses "it is not called the controller's" 1 false route_set 10.94.0.0/16
check "and the log says why" grep -q 'no route to 10.94.0.0/16 by kzt0: there is such a route already' "$TMP/kztd-b.log"
check "the controller takes all back" api POST /$NW '{"routes": [{"target": "10.99.0.0/24"}]}'
check "of b, too" api POST "/$NW/member/${ADDR[b]}" '{"ipAssignments": ["10.99.0.2"]}'
check "what b got is gone" until_ok 90 no_route b 10.95.0.0/16
check "its address, too" until_ok 90 no_addr b 10.99.0.23
check "the administrator's route stays" route_kept
check "and the address" has_addr b 10.99.0.22
check "and is reached" reaches a 10.99.0.2

# --- a name that is no name ---

check "a controller has terminals in mind" api POST /$NW '{"name": "cl\u001b[2Jub\u009b1m\u00e9"}'
named() { [ "$(kzt_in a -j network show $NW | jq -r '.networks[0].name')" = "$1" ]; }
check "they are not told" until_ok 90 named 'cl?[2Jub??1mé'

# --- roles that a configuration names ---------------------------------------------------------------------

# kzt's controller names bridges only, as the reference's; a configuration in the
# cache that names more, while there is nobody to ask
roles() { kzt_in a -j network show $NW | jq -c '.networks[0] | [.bridge, .replicator, .anchor] | map(. // [])'; }
are_roles() { roles | jq -e --argjson want "$1" 'map(sort) == ($want | map(sort))'; }
check "b is a bridge" api POST "/$NW/member/${ADDR[b]}" '{"activeBridge": true}'
check "a is told" until_ok 90 are_roles "[[\"${ADDR[b]}\"],[],[]]"
kill "${AGENT[a]}" "${AGENT[c]}"
wait "${AGENT[a]}" "${AGENT[c]}" 2>/dev/null
"$KZT_PYTHON" - "$TMP/state-a/networks.d/$NW.conf" "${ADDR[b]}" "${ADDR[c]}" <<'PY'
import re, sys
path, b, c = sys.argv[1], int(sys.argv[2], 16), int(sys.argv[3], 16)
more = (0x020000000000 | n for n in range(0x1000000100, 0x1000000128))
blob = b"".join(n.to_bytes(8, "big") for n in (0x080000000000 | b, 0x040000000000 | c, *more))
for octet, escaped in ((b"\\", b"\\\\"), (b"\0", b"\\0"), (b"\n", b"\\n"), (b"\r", b"\\r"), (b"=", b"\\e")):
    blob = blob.replace(octet, escaped)
lines = [l for l in open(path, "rb").read().split(b"\n") if not l.startswith(b"S=")]
open(path, "wb").write(b"\n".join(l for l in lines if l) + b"\nS=" + blob + b"\n")
PY
check "a's agent comes back" agent a --no-controller
same "it remembers what it is limited to" '["10.98.0.0/15","fc00::/7"]' \
	"$(kzt_in a -j network show $NW | jq -c '.networks[0]."managed-within"')"
bridges=$(printf '"10000001%02x",' {0..39})
check "who replicates, who is asked for groups and 40 bridges are told to the module" \
	until_ok 30 are_roles "[[${bridges%,}],[\"${ADDR[b]}\"],[\"${ADDR[b]}\",\"${ADDR[c]}\"]]"
check "the controller comes back" agent c
check "b is no bridge" api POST "/$NW/member/${ADDR[b]}" '{"activeBridge": false}'
check "and what it says holds" until_ok 120 are_roles "[[],[],[]]"

# --- cut off ------------------------------------------------------------------------------------------------

check "b is not authorised any more" api POST "/$NW/member/${ADDR[b]}" '{"authorized": false}'
check "a hears of it" until_ok 15 is_member a b revoked
check "a is not reached" until_ok 20 pings_not b 10.99.0.1
check "b is told when it asks" until_ok 90 is_status b access-denied
check "b is authorised again" api POST "/$NW/member/${ADDR[b]}" '{"authorized": true}'
check "and reaches a" reaches b 10.99.0.1
check "the network is deleted" api DELETE /$NW
check "a hears that b is out" until_ok 15 is_member a b revoked
check "b is not reached" until_ok 20 pings_not a 10.99.0.2
check "a is told when it asks" until_ok 90 is_status a not-found

# --- leaving ---------------------------------------------------------------------------------------------------

check "a leaves" kzt_in a network leave $NW
refuses "the device is gone" 1 . ip -n a link show kzt0
check "nothing of it is left on the disk" test -z "$(ls "$TMP/state-a/networks.d")"
diag "$(kzt_in a drops)"
done_testing
