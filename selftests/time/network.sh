#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# How often a member asks its controller, shows its credentials and tells its groups,
# and when it forgets those of others: spec 4.15.  In virtual time, see ../run-vm.sh.
#
#   c 10.77.0.1 (controller, spoken by control.py), a 10.77.0.2 (member), and another
#   member b at 10.77.0.3, which asker.py is
. "$SELFTESTS/lib.sh"
KZT_PYTHON=${KZT_PYTHON:-/usr/bin/python3}
ns c a b
lan lan0 c 10.77.0.1/24 -- a 10.77.0.2/24 -- b 10.77.0.3/24
secret a 1
check "the controller's node" node c 0
check "a's agent" agent a --no-controller
for n in "a 0 10.77.0.1" "c 1 10.77.0.2"; do
	# shellcheck disable=SC2086
	set -- $n
	check "$1 knows the other" knows "$1" "$2" "$3/9993"
done
NW=${ADDR[c]}00aa02 B=$(cut -c1-10 "$KZT_IDS/2.pub")
now() { date +%s%3N; }
at() { sleep "$(awk "BEGIN { d = ($START - $(now)) / 1000 + $1; print (d > 0) ? d : 0 }")"; }
control() { on "$1" "$KZT_PYTHON" "$SELFTESTS/net/control.py" "${@:2}"; }
signed() { "$KZT_PYTHON" "$SELFTESTS/net/signed.py" "$@"; }
asker() { NWID=$NW SOURCE=10.77.0.3/9993 on b "$KZT_PYTHON" "$SELFTESTS/net/asker.py" 10.77.0.2/9993 "$KZT_IDS/1.pub" "$KZT_IDS/2" "$@"; }
# within NAME LEAST MOST VALUE
within() { check "$1: $4" [ "$4" -ge "$2" -a "$4" -le "$3" ]; }

G2=01005e020202 G3=01005e030303 G4=01005e040404
# config NAME: said by the controller; a private network, in which a is a bridge, and
# nothing goes to the group G4
config() {
	local body
	body=$("$KZT_PYTHON" -c '
import sys, time
nwid, me, name, com, group = sys.argv[1:]
blob = lambda raw: b"".join({0: b"\\0", 10: b"\\n", 13: b"\\r", 92: b"\\\\", 61: b"\\e"}.get(o, bytes([o])) for o in raw)
lines = [b"v=%016x" % 7, b"nwid=" + nwid.encode(), b"ts=%016x" % (time.time_ns() // 1000000),
         b"ctmd=%016x" % 1800000, b"id=" + me.encode(), b"f=2", b"ml=20", b"t=0", b"n=" + name.encode(),
         b"C=" + blob(bytes.fromhex(com)), b"R=" + blob(bytes.fromhex("1e06" + group + "0000" + "0100")),
         b"S=" + blob((0x020000000000 | int(me, 16)).to_bytes(8, "big"))]
raw = b"\n".join(lines)
print(nwid + "%04x" % len(raw) + raw.hex())' "$NW" "${ADDR[a]}" "$1" "$(signed com "$KZT_IDS/0" "$NW" "$KZT_IDS/1.pub" "$(now)")" $G4)
	control c say "${ADDR[a]}" 0c "$body"
}
is_named() { kzt_in a -j network show "$NW" | jq -e --arg n "$1" '.networks[0].name == $n'; }

# --- asking ----------------------------------------------------------------------------

ip netns exec c "$KZT_PYTHON" "$SELFTESTS/net/control.py" hear >"$TMP/heard" &
PROGRAMS+=($!)
check "the controller listens" until_ok 30 grep -q ready "$TMP/heard"
check "a joins" kzt_in a network join "$NW" dev kzt0
on a sysctl -qw net.ipv6.conf.kzt0.disable_ipv6=1
# requests SINCE UNTIL: when they came, in ms of the clock
requests() { jq -s --argjson since "$1" --argjson until "$2" '[.[] | select(.verb == 11 and .ms > $since and .ms < $until) | .ms]' "$TMP/heard"; }
gaps() { jq '[.[1:], .[:-1]] | transpose | map(.[0] - .[1])'; }
START=$(now)
at 62
within "requests in a minute without an answer" 10 13 "$(requests "$START" $((START + 60000)) | jq length)"
within "the shortest time between two, ms" 4990 6000 "$(requests 0 "$(now)" | gaps | jq min)"

START=$(now)
check "it is answered" config one
check "and configured" until_ok 10 is_named one

# --- groups, credentials -----------------------------------------------------------------

check "b shows its certificate, and is in a group" asker ask \
	"0a$(signed com "$KZT_IDS/0" "$NW" "$KZT_IDS/2.pub" "$(now)")00" "09NWID${G2}00000000"
asker listen 1500 >"$TMP/b" &
PROGRAMS+=($!)
check "b listens" until_ok 20 grep -q ready "$TMP/b"
# told VERB [SINCE [UNTIL]]: what came to b, seconds after START
told() { tail -n +2 "$TMP/b" | jq -s --argjson verb "$1" --argjson from $((START + ${2:-0} * 1000)) \
	--argjson to $((START + ${3:-9999} * 1000)) '[.[] | select(.verb == $verb and .ms >= $from and .ms < $to)]'; }
colons() { sed 's/../&:/g; s/:$//' <<<"$1"; }
# group NS MAC FILTER
group() { kzt_in "$1" -j multicast show "$NW" | jq -e --arg mac "$(colons "$2")" --arg a "${ADDR[a]}" --arg b "$B" \
	"[.groups[] | select(.mac == \$mac and .adi == 0)][0] // {members: []} | $3"; }
# frames COUNT PAUSE TO [SOURCE]: from a's device
frames() {
	on a "$KZT_PYTHON" -c '
import socket, sys, time
sys.path.insert(0, sys.argv[1])
from asker import mac
count, pause, nwid, to, source = sys.argv[2:7]
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("kzt0", 0))
to = bytes.fromhex(to) if len(to) == 12 else mac(bytes.fromhex(nwid), bytes.fromhex(to))
for _ in range(int(count)):
    s.send(to + (bytes.fromhex(source) or s.getsockname()[4]) + b"\x88\xb5" + bytes(46))
    time.sleep(float(pause))' "$SELFTESTS/net" "$1" "$2" "$NW" "$3" "${4:-}"
}
at 5
frames 220 5 "$B" &
FRAMES=$!
at 20
ip -n a maddr add "$(colons $G3)" dev kzt0
at 30
check "who is behind a sends to a group" frames 1 0 $G4 00163e000001
at 32
fresh() { told 9 "$1" "$2" | jq -c '[.[].body]'; }
same "a new group is told at once, and nothing else" "[\"$NW${G3}00000000\"]" "$(fresh 20 22)"
same "and one of who is behind a" "[\"$NW${G4}00000000\"]" "$(fresh 30 32)"
check "the controller has heard of them" group c $G3 '.members | index($a)'
at 100
within "a configuration is asked for again after, ms" 60000 66000 \
	"$(($(requests "$START" "$(now)" | jq '.[0]') - START))"
at 580
within "all groups were told b each, ms" 60000 66000 "$(told 9 35 580 | jq 'map(.ms)' | gaps | jq 'max')"
within "and not more often, ms" 60000 66000 "$(told 9 35 580 | jq 'map(.ms)' | gaps | jq 'min')"
check "b is in the group that it told of" group a $G2 '.members | index($b)'
at 615
check "after 600 s of silence it is not" group a $G2 '.members | index($b) | not'
at 700
check "the controller remembers" group c $G3 '.members | index($a)'
at 870
check "it heard a for 180 s since it was configured, and 600 s later has forgotten" \
	group c $G3 '.members | index($a) | not'
at 1110
wait $FRAMES
same "in 1,100 s of frames a showed its credentials at the beginning and each 500 s" "[true,true,true]" \
	"$(told 10 0 1110 | jq -c --argjson start "$START" '[.[].ms - $start] | [.[0] < 8000, (.[1:][] - .[0] | . % 500000 < 6000)]')"
at 1215
check "the group of who is behind a is still one" group a $G4 .subscribed
at 1245
check "after 1,200 s it is not" group a $G4 '.subscribed | not'
at 1260
for name in two three four; do
	frames 400 0.001 "$B" &	# before, at the moment, and behind it
	config $name
	wait $!
	until_ok 10 is_named $name
	sleep 10
	frames 10 1 "$B"
done
same "each configuration was followed by one" 3 "$(told 10 1260 | jq length)"
done_testing
