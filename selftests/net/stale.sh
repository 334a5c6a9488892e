#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What members have shown to a's module, and what becomes of it while a's agent is
# away: killed, it cannot hear that b is cut off, that d's tag changed, or that d
# is gone for good.  Back again, it does not let the module go on with that, even if
# nobody tells it any more.
#
#   c (root and controller)  a  b  d: one underlay
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/controlled.sh"
. "$SELFTESTS/multipath.sh"
controlled c=10.77.0.3 a=10.77.0.1 b=10.77.0.2 d=10.77.0.4
set_member() { api POST "/$NW/member/${ADDR[$1]}" "$2"; }
crash() {
	kill -KILL "${AGENT[a]}"
	wait "${AGENT[a]}" 2>/dev/null || true	# it was killed
}
not_in() { [ "$(membership "$1" "$2")" != agrees ]; }
lossless() { grep -q ' 0% packet loss' "$TMP/ping-$1"; }

check "a private network" api POST "/$NW" '{"name": "stale", "private": true,
	"routes": [{"target": "10.99.0.0/24"}], "tags": [{"id": 7, "default": null}],
	"rules": [{"type": "MATCH_ETHERTYPE", "etherType": 2054}, {"type": "ACTION_ACCEPT"},
		  {"type": "MATCH_TAGS_DIFFERENCE", "id": 7, "value": 0}, {"type": "ACTION_ACCEPT"}]}'
for m in a=1 b=2 d=4; do
	n=${m%=*}
	check "$n joins" kzt_in "$n" network join "$NW" dev kzt0
	check "$n may" set_member "$n" "{\"authorized\": true, \"tags\": [[7, 5]], \"ipAssignments\": [\"10.99.0.${m#*=}\"]}"
done
for n in a b d; do check "$n is on it" until_ok 60 is_status $n ok; done
check "b reaches a" reaches b 10.99.0.1
check "d reaches a" reaches d 10.99.0.1
check "d reaches b" reaches d 10.99.0.2
for n in b d; do check "a knows $n's certificate" until_ok 20 is_member a $n agrees; done

# --- who is told something again and again ----------------------------------------------

# b_says EVENT VERB BODY: to a, 200 times; AGAIN is how often a did something
b_says() {
	local old start=$SECONDS
	old=$(counts a "$1")
	on b "$SELFTESTS/net/hostile.py" 10.77.0.1/9993 "$KZT_IDS/1.pub" verbs "$KZT_IDS/2" \
		"$2" "$3" 200 >/dev/null || return
	sleep 1
	AGAIN=$(($(counts a "$1") - old)) TOOK=$((SECONDS - start))
}
check "b wants a's certificate, 200 times" b_says credential-pushes 02 "06000000000000000006$NW"
within "and gets it once a second" 1 $((TOOK + 2)) "$AGAIN"

# --- nothing changed: nobody notices --------------------------------------------------

PINGER=()
for n in b d; do
	on $n ping -q -i 0.3 -c 60 -W 10 10.99.0.1 >"$TMP/ping-$n" &
	PINGER[${#PINGER[@]}]=$!
done
crash
check "the module goes on" is_member a d agrees
check "a's agent comes back" agent a --no-controller
wait "${PINGER[@]}"
for n in b d; do check "$n lost no packet" lossless $n; done
for n in b d; do check "a's agent knows $n again" is_member a $n agrees; done

# --- cut off, and given another tag, while it was away ------------------------------------

crash
check "b is not authorised any more" set_member b '{"authorized": false}'
told() { kzt_in d -j member show "$NW" | jq -e --arg a "${ADDR[b]}" '.members[] | select(.address == $a) | .status == "revoked"'; }
check "d has heard so" until_ok 20 told
check "d gets another tag" set_member d '{"tags": [[7, 6]]}'
check "a's module has not heard of b" is_member a b agrees
check "which is let in there" reaches b 10.99.0.1
check "a's agent comes back" agent a --no-controller
check "and hears of b" until_ok 60 is_member a b revoked
check "which is not let in any more" until_ok 30 pings_not b 10.99.0.1
check "nor is d, by its other tag" until_ok 90 pings_not d 10.99.0.1
check "d's certificate is good, though" until_ok 30 is_member a d agrees
check "d gets its old tag back" set_member d '{"tags": [[7, 5]]}'
check "and is let in" reaches d 10.99.0.1
check "b is authorised again" set_member b '{"authorized": true}'
check "and is let in" reaches b 10.99.0.1

# --- a certificate that is newer than what was revoked ----------------------------------------

crash
check "a's agent comes back" agent a --no-controller
check "b is let in as before" pings b 10.99.0.1
check "with what it shows" until_ok 30 is_member a b agrees

# --- gone: nobody shows again what the module had ----------------------------------------------

on d ip link set u0 down
crash
check "a's module remembers d" is_member a d agrees
check "a's agent comes back" agent a --no-controller
check "d does not answer, and is not let in by what it had shown" until_ok 60 not_in a d
check "b, who answers, is" is_member a b agrees
check "and is reached" reaches a 10.99.0.2
on d ip link set u0 up
check "d comes back, shows its certificate, and is let in" reaches d 10.99.0.1
check "a knows it" until_ok 30 is_member a d agrees

# --- revoked while it was away, and said once --------------------------------------------------

# junk NUMBER: of b, as much as a packet holds, that looks like the controller's
junk() {
	local i body=0000000000003c
	for i in $(seq 60); do
		body+=$(printf '00000000%08x%s00000000000000007fffffffffffffff0000000000000001%s%s01010060%0192d0000' \
			$(($1 * 60 + i)) "$NW" "${ADDR[d]}" "${ADDR[c]}" 0)
	done
	on b "$KZT_PYTHON" "$SELFTESTS/net/control.py" say "${ADDR[a]}" 0a "${body}0000"
}
counted() { [ "$(counts a "$1")" -gt "$2" ]; }
crash
check "b says what the controller did not sign" junk 0
check "a's module keeps a share of that" until_ok 20 counted revocations-displaced 27
KEPT=$(counts a revocations-kept) DISPLACED=$(counts a revocations-displaced)
check "b is not authorised any more" set_member b '{"authorized": false}'
check "a's module keeps that" until_ok 20 counted revocations-kept "$KEPT"
check "but cannot tell, and lets b in" reaches b 10.99.0.1
check "b says more of its own" junk 1
check "which pushes out what it said before" until_ok 20 counted revocations-displaced "$DISPLACED"
kill -KILL "${AGENT[c]}"
wait "${AGENT[c]}" 2>/dev/null || true	# it was killed
check "the controller is gone, a's agent comes back" agent a --no-controller
check "and hears of b" until_ok 30 is_member a b revoked
check "which is not let in any more" until_ok 30 pings_not b 10.99.0.1
check "what nobody signed does nothing to d" pings d 10.99.0.1
check "200 frames of b are refused" b_says tx-packets 06 "${NW}88b5$(printf '%092d' 0)"
within "by an error once a second, and a probe of where they come from" 1 $((3 * TOOK + 10)) "$AGAIN"
state() { diag "$(tail -n 12 "$TMP/kztd-$1.log")"; diag "$(kzt_in "$1" drops)"; diag "$(kzt_in "$1" member show "$NW")"; }
[ "$FAILED" = 0 ] || for n in c a b d; do state $n; done
done_testing
