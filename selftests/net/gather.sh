#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Asking for the members of a group shows the certificate of membership: c, whose
# device is in no group, gets no frame of b's, and knows it nevertheless.  What is
# answered to those who are no members, to frames, and to who asks for members.
#
#   c (root, controller and member)  b: one underlay, where asker.py is other members
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/controlled.sh"
controlled c=10.77.0.3 b=10.77.0.2

check "a private network" api POST "/$NW" '{"name": "gather", "private": true}'
for n in c b; do check "$n may join" api POST "/$NW/member/${ADDR[$n]}" '{"authorized": true}'; done
check "c joins" kzt_in c network join "$NW" dev kzt0
check "and is on it" until_ok 60 is_status c ok
check "its device goes down" ip -n c link set kzt0 down
in_none() { kzt_in c -j multicast show "$NW" | jq -e '[.groups[] | select(.subscribed)] == []'; }
check "and is in no group" until_ok 30 in_none
check "b joins" kzt_in b network join "$NW" dev kzt0
check "and is on it" until_ok 60 is_status b ok
ip -n b addr add 10.99.0.2/24 dev kzt0
shown() { on b ping -q -c 1 -W 1 10.99.0.1; is_member c b agrees; }	# ARP's question asks c
check "by what b asks, c knows its certificate" until_ok 30 shown
same "which b did not push" 0 "$(counts b credential-pushes)"

# --- the gate (spec 4.9.3, 4.9.4) ---------------------------------------------------

KZT_PYTHON=${KZT_PYTHON:-/usr/bin/python3}
# asks NUMBER PAYLOAD...: identity NUMBER does, of c; see asker.py
asks() { NWID=$NW SOURCE=10.77.0.2/900$1 on b "$KZT_PYTHON" "$SELFTESTS/net/asker.py" 10.77.0.3/9993 "$KZT_IDS/0.pub" "$KZT_IDS/$1" ask "${@:2}" >"$TMP/answers"; }
# answered NUMBER: verb and body of each OK and ERROR on it, in a line
answered() { jq -r --argjson to "$1" 'select(.to == $to and .verb < 4) | "\(.verb) \(.body)"' "$TMP/answers" | paste -sd' '; }
# reply NAME NUMBER PATTERN; silent NAME NUMBER...
reply() { check "$1" says "$2" "$3"; }
says() { answered "$1" >"$TMP/said"; cat "$TMP/said"; grep -qxE "$2" "$TMP/said"; }
silent() { for n in "${@:2}"; do same "$1" "" "$(answered "$n")"; done; }
ID='[0-9a-f]{16}' G=01005e010101 ANY=00000000
FRAME=06NWID88b5aabb LIKE=09NWID$G$ANY GATHER=0dNWID00$G${ANY}00000020
for i in 2 3; do ADDR[$i]=$(cut -c1-10 "$KZT_IDS/$i.pub"); check "c knows $i" kzt_in c peer add "$KZT_IDS/$i.pub"; done
START=$SECONDS
check "2, who is no member, says what only members may" asks 2 $FRAME $FRAME $FRAME $FRAME $FRAME $FRAME $FRAME $FRAME $LIKE $GATHER
errors=$(jq -s '[.[] | select(.verb == 2)] | length' "$TMP/answers")
reply "its frame is refused, and it is told which network wants a certificate" 0 "2 06${ID}06$NW"
check "once a second: $errors times for 8" [ "$errors" -le $((SECONDS - START + 2)) ]
silent "it hears nothing of groups" 8 9
com() { "$KZT_PYTHON" "$SELFTESTS/net/signed.py" com "$KZT_IDS/$1" "$NW" "$KZT_IDS/$2.pub" "$(date +%s%3N)"; }
# with PAYLOAD NUMBER: until c agrees with its certificate in this
with() { asks "$2" "$1" && is_member c "$2" agrees; }
check "a certificate that it signed itself" asks 2 "07NWID01$(com 2 2)THEIRSMINE88b5aabb"
isnt_member() { ! is_member "$@"; }
check "is none" isnt_member c 2 agrees
check "the controller's comes with a frame, as before 1.2" until_ok 20 with "07NWID01$(com 0 2)THEIRSMINE88b5aabb" 2
check "3 has its in a multicast frame" until_ok 20 with "0eNWID01$(com 0 3)$G${ANY}88b5aabb" 3

# --- frames (spec 4.3.2) ---------------------------------------------------------------

check "frames of a type are dropped" api POST "/$NW" '{"rules": [
	{"type": "MATCH_ETHERTYPE", "etherType": 35000}, {"type": "ACTION_DROP"}, {"type": "ACTION_ACCEPT"}]}'
ruled() { kzt_in c -j network show "$NW" | jq -e '.networks[0].rules == 3'; }
check "c has the rule" until_ok 60 ruled
FOREIGN=00163e000001
check "2 wants to know what arrived" asks 2 07NWID10THEIRSMINE88b5aa 07NWID00THEIRSMINE88b5aa \
	07NWID10THEIRSMINE88b8aa 07NWID10 07NWID10THEIRS00000000000088b5aa 07NWID10THEIRSTHEIRS88b5aa \
	07NWID10THEIRS${FOREIGN}88b5aa 07NWID10${FOREIGN}MINE88b5aa
reply "a frame is acknowledged" 0 "3 07$ID$NW"
silent "not if nobody asks" 1
reply "one that the rules drop, too" 2 "3 07$ID$NW"
reply "and one that is none" 3 "3 07$ID$NW"
silent "not one from nobody, from c itself, from behind who is no bridge, or to there" 4 5 6 7

before=$(drops c frame-too-big)
check "2 sends frames as long as the MTU, and longer by one" asks 2 \
	"06NWID88b5$(printf '%05600d' 0)" "06NWID88b5$(printf '%05602d' 0)"
same "which is dropped" $((before + 1)) "$(drops c frame-too-big)"

# --- groups (spec 4.11.2, 4.11.5, 4.11.7) ------------------------------------------------

NAMES_2=000000010001${ADDR[2]}
check "2 is in a group, and asks who is" asks 2 $LIKE $GATHER
silent "nobody else" 0 1
check "3 asks, in all ways" asks 3 $GATHER 0dNWID00$G${ANY}00000000 0eNWID0200000020$G${ANY}88b5aa \
	0eNWID0200000020$G${ANY}88b5 0eNWID00$G${ANY}88b5aa 0eNWID020000002000005e010101${ANY}88b5aa \
	0eNWID060000002001005e000001$G${ANY}88b5aa 0dNWID00${G}0000000100000020
reply "2 is" 0 "3 0d$ID$NW$G$ANY$NAMES_2"
silent "if one wants to know of any" 1
reply "with a frame, too" 2 "3 0e$ID$NW$G${ANY}02$NAMES_2"
reply "even an empty one" 3 "3 0e$ID$NW$G${ANY}02$NAMES_2"
silent "not if that was not asked, or it is to or from what it cannot be" 4 5 6
silent "of another group with this address 2 is no member" 7
check "2 wants no more of it" asks 2 020e000000000000000008NWID$G$ANY
check "3 asks" asks 3 $GATHER
silent "2 is in it no more" 0
ip -n c maddr add 01:00:5e:01:01:01 dev kzt0
check "c's device goes up" ip -n c link set kzt0 up
in_it() { kzt_in c -j multicast show "$NW" | jq -e '.groups[] | select(.mac == "01:00:5e:01:01:01") | .subscribed'; }
check "and is in the group" until_ok 30 in_it
check "2 is, too" asks 2 $LIKE
check "3 asks for many, and for one" asks 3 $GATHER 0dNWID00$G${ANY}00000001
reply "c names itself first" 0 "3 0d$ID$NW$G${ANY}000000020002${ADDR[c]}${ADDR[2]}"
reply "then alone, of two" 1 "3 0d$ID$NW$G${ANY}000000020001${ADDR[c]}"

# --- frames that wait for members (spec 4.11.4) ---------------------------------------------

# says_to MAC COUNT: c, frames with a number in them; to MAC, or to a member of this address
says_to() {
	on c "$KZT_PYTHON" -c '
import socket, sys
sys.path.insert(0, sys.argv[1])
from asker import mac
nwid, to, count = sys.argv[2:]
to = bytes.fromhex(to) if len(to) == 12 else mac(bytes.fromhex(nwid), bytes.fromhex(to))
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("kzt0", 0))
for i in range(int(count)):
    s.send(to + s.getsockname()[4] + b"\x88\xb5" + bytes([i]) * 46)' "$SELFTESTS/net" "$NW" "$1" "$2"
}
# learned PAUSE: the numbers that 2 gets of 40 frames to a group that it was not in
learned() {
	WAITING=$((WAITING + 1))
	local group
	group=01005e0909$(printf %02x $WAITING)
	says_to "$group" 40
	sleep "$1"
	asks 2 09NWID$group$ANY
	LEARNED=$(jq -r 'select(.verb == 14) | .body[-2:]' "$TMP/answers" | paste -sd' ')
}
WAITING=0 ALL=$(seq 8 39 | xargs printf '%02x ')
held() { learned 0 && [ "$LEARNED" = "${ALL% }" ]; }
check "who comes to a group gets the last 32 frames of the last 5 s" until_ok 30 held
learned 5.5
same "and no older ones" "" "$LEARNED"

# --- its own certificate (spec 4.9.2) -------------------------------------------------------

says_to "${ADDR[2]}" 1
sleep 1.1	# it showed its certificate with that
WANT=0206$(printf %016d 0)06NWID
check "2 wants it again, twice" asks 2 "$WANT,$WANT"
same "and gets it once in a second" 1 "$(jq -s '[.[] | select(.verb == 10)] | length' "$TMP/answers")"

# --- who knows no such network (spec 1, 10.14; spec 4, 4.12.3) ------------------------------

check "3 wants a configuration of another controller" asks 3 0b${ADDR[b]}0000a10000
silent "c does not say anything" 0
check "b knows 3" kzt_in b peer add "$KZT_IDS/3.pub"
check "of b, who is none" eval 'NWID=${ADDR[b]}0000a1 on c "$KZT_PYTHON" "$SELFTESTS/net/asker.py" \
	10.77.0.2/9993 "$KZT_IDS/1.pub" "$KZT_IDS/3" ask 0bNWID0000 >"$TMP/answers"'
reply "which says so" 0 "2 0b${ID}05${ADDR[b]}0000a1"

# --- as many questions as one cares to ask -----------------------------------------------------

# limited WORD: 1,500 of it by 3: how many the agent had to look at
limited() {
	local before
	before=$(drops c rate-limit)
	for i in {1..1500}; do echo -n "$1,"; done | sed 's/,$//' >"$TMP/many"
	asks 3 "@$TMP/many" && LOOKED=$((1500 - $(drops c rate-limit) + before)) &&
		[ "$LOOKED" -ge 400 ] && [ "$LOOKED" -lt 1200 ]
}
check "requests for configurations" limited 0bNWID0000
diag "$LOOKED were looked at"
sleep 6
check "chunks that nobody signed" limited 0cNWID0001aa00000000000000000100000001000000000100600000
diag "$LOOKED were looked at"

# --- as many groups as one cares to name ----------------------------------------------------

# likes COUNT NWID...: so many of each
likes() {
	"$KZT_PYTHON" -c '
import sys
groups = ["%s0300%08x00000000" % (nwid, i) for nwid in sys.argv[2:] for i in range(int(sys.argv[1]))]
print(",".join("09" + "".join(groups[i:i + 75]) for i in range(0, len(groups), 75)))' "$@" >"$TMP/likes"
	asks 2 "@$TMP/likes"
}
before=$(object multicast-groups)
check "2 is in 2,000 groups of the network" likes 2000 "$NW"
groups() { kzt_in c -j multicast show "$1" | jq '[.groups[] | select(.mac | startswith("03:00"))] | length'; }
made=$(groups "$NW")
check "c, a member, knows $made, and no more than 1,024" [ "$made" -gt 900 -a "$made" -le 1024 ]
check "and in groups of six other networks, of which c is a root" likes 900 10000000050000a{1..6}
check "one peer is in 4,096 at most" [ "$(object multicast-entries)" -le 4200 ]
check "and fills no place without being in it" [ $(($(object multicast-groups) - before)) -le 4200 ]
diag "$(object multicast-entries) entries, $(object multicast-groups) groups"
done_testing
