#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a controller has signed, in every order and from anybody: revocations of
# single credentials, handed on or not, and configurations in chunks, repeated
# and old ones.  signed.py signs in the controller's place.
#
#   c (root and controller)  a  b  d: one underlay
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/controlled.sh"
KZT_PYTHON=${KZT_PYTHON:-/usr/bin/python3}
controlled c=10.77.0.3 a=10.77.0.1 b=10.77.0.2 d=10.77.0.4
signed() { "$KZT_PYTHON" "$SELFTESTS/net/signed.py" "$@"; }
# say NS TO VERB BODY
say() { on "$1" "$KZT_PYTHON" "$SELFTESTS/net/control.py" say "${ADDR[$2]}" "$3" "$4"; }
now() { date +%s%3N; }

check "a network with a tag and a capability" api POST "/$NW" '{"name": "first", "private": true,
	"v4AssignMode": {"zt": true}, "routes": [{"target": "10.99.0.0/24"}],
	"tags": [{"id": 7, "default": 5}], "capabilities": [{"id": 9, "default": true,
		"rules": [{"type": "ACTION_ACCEPT"}]}], "rules": [{"type": "ACTION_ACCEPT"}]}'
for m in a=1 b=2 d=4; do
	n=${m%=*}
	check "$n may join" api POST "/$NW/member/${ADDR[$n]}" "{\"authorized\": true, \"ipAssignments\": [\"10.99.0.${m#*=}\"]}"
	check "$n joins" kzt_in "$n" network join "$NW" dev kzt0
done
for n in a b d; do check "$n is configured" until_ok 60 is_status $n ok; done
check "a reaches b" reaches a 10.99.0.2
check "d reaches b" reaches d 10.99.0.2
check "a reaches d" reaches a 10.99.0.4

# --- credentials ----------------------------------------------------------------

# has NS NUMBER: tags, capabilities and owned addresses that b has shown to it
has() { kzt_in "$1" -j member show "$NW" | jq -e --arg b "${ADDR[b]}" \
	".members[] | select(.address == \$b) | \"\\(.tags) \\(.capabilities) \\(.owned)\" | test(\"$2\")"; }
for n in a d; do check "$n has b's tag, capability and address" until_ok 60 has $n '^1 1 1$'; done
# revoke TO TYPE ID FLAGS [SECRET]: b's, up to now
revoke() {
	sleep 1.1	# a packet of credentials in a second is heard
	say c "$1" 0a "$(signed revocation "${5:-$KZT_IDS/0}" "$NW" "${ADDR[b]}" "$2" "$3" "$(now)" "$4")"
}
check "somebody else revokes b's capability" revoke a 2 9 1 "$KZT_IDS/1"
check "the controller revokes b's tag" revoke a 3 7 0
check "a has it no more; that was all" until_ok 20 has a '^0 1 1$'
check "d has not heard of it" has d '^1 1 1$'
check "the capability is revoked, to be handed on" revoke a 2 9 1
check "a has it no more" until_ok 20 has a '^. 0 1$'
check "nor has d, by a" until_ok 20 has d '^1 0 1$'
check "the ownership is revoked" revoke d 4 1 1
check "d does not know b's address any more" until_ok 20 has d '0$'
check "nor does a, by d" until_ok 20 has a '0$'
check "b is still a member" is_member a b agrees
check "the controller renews b's credentials" api POST "/$NW/member/${ADDR[b]}" '{"tags": [[7, 6]]}'
renewed() { on b ping -q -c 1 -W 1 10.99.0.1; has a '^1 1 1$'; }
check "a takes those, which are newer" until_ok 90 renewed

# --- configurations ---------------------------------------------------------------

name() { kzt_in a -j network show "$NW" | jq -r '.networks[0].name'; }
is_named() { [ "$(name)" = "$1" ]; }
isnt_named() { ! is_named "$1"; }
# config NAME MS [NS]: the one that a or NS has, by another name and so much later, and long
# enough for chunks, of which there may be one for each 1024 octets and one more
config() {
	"$KZT_PYTHON" -c '
import re, sys
raw = open(sys.argv[1], "rb").read()
raw = re.sub(rb"(?m)^n=.*$", b"n=" + sys.argv[2].encode(), raw)
raw = re.sub(rb"(?m)^ts=(.*)$", lambda m: b"ts=%016x" % (int(m[1], 16) + int(sys.argv[3])), raw)
raw = raw.rstrip(b"\n") + b"\nunknown="
sys.stdout.buffer.write(raw + b"x" * (-(len(raw) + 1) % 4500) + b"\n")' "$TMP/state-${3:-a}/networks.d/$NW.conf" "$1" "$2" >"$TMP/config"
}
refusals() { grep -c 'a configuration was refused' "$TMP/kztd-a.log"; }
check "it has the name that the controller gave" is_named first
config older -1000
mapfile -t old < <(signed chunks "$KZT_IDS/0" "$NW" "$TMP/config" 0)
check "d comes with one that is older" say d a 0c "${old[0]}"
too_old() { grep -q 'older than the one held' "$TMP/kztd-a.log"; }
check "it is refused" until_ok 20 too_old
check "as is the controller's, if nobody asked" say c a 0c "$(signed chunks "$KZT_IDS/0" "$NW" "$TMP/config" 0)"
check "the name stays" is_named first

config second 1000
before=$(refusals)
third=$(($(stat -c %s "$TMP/config") / 3))
mapfile -t chunk < <(signed chunks "$KZT_IDS/0" "$NW" "$TMP/config" 0 $third $((2 * third)))
for i in 2 0 0 2; do check "chunk $i of a later one" say c a 0c "${chunk[$i]}"; done
mapfile -t forged < <(signed chunks "$KZT_IDS/1" "$NW" "$TMP/config" 0 $third $((2 * third)))
check "the missing one, by somebody else's hand" say d a 0c "${forged[1]}"
sleep 1
check "is none, and the others are not counted twice" isnt_named second
answered=$(drops d unexpected-ok)
check "the right one, handed on by d" say d a 0c "${chunk[1]}"
check "completes it" until_ok 20 is_named second
thanked() { [ "$(drops d unexpected-ok)" -gt "$answered" ]; }
check "and d is told that it came" until_ok 20 thanked
same "nothing was refused" "$before" "$(refusals)"
check "the controller gives another name" api POST "/$NW" '{"name": "third"}'
check "a has it" until_ok 90 is_named third
for i in 0 1 2; do say d a 0c "${chunk[$i]}"; done
sleep 1
check "all chunks again do not bring the one before back" is_named third

# One of b's, which a hands on if it is marked so; the controller's own comes once a minute
of_b() { [ "$(kzt_in b -j network show "$NW" | jq -r '.networks[0].name')" = "$1" ]; }
hands_on() {
	config "$1" 2000 b
	say d a 0c "$(FLAGS=$2 signed chunks "$KZT_IDS/0" "$NW" "$TMP/config" 0)"
	until_ok 2 of_b "$1"
}
keeps() { ! hands_on "$@"; }
check "a keeps for itself what is b's" keeps quiet 0
check "and hands it on if that is wanted" hands_on spread 1
diag "$(tail -n 5 "$TMP/kztd-a.log")"
done_testing
