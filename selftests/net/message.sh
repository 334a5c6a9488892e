#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Messages (USER_MESSAGE) from the command line of one node to the monitor of
# another: what arrives, what is refused, what a hostile sender can do.
#
#   a --- b   on one wire; c hears a through r, a root
. "$SELFTESTS/lib.sh"
MAX=9000			# as the kernel says
ns a b c r
pair a b
wire a u1 172.31.1.1/24 -- r u0 172.31.1.9/24
wire c u0 172.31.2.1/24 -- r u1 172.31.2.9/24
node c 2
node r 3
"$KZT" world make "$TMP/planet" root "$KZT_IDS/3.pub=172.31.1.9/9993,172.31.2.9/9993" >/dev/null 2>&1
kzt_in r world set "$TMP/planet"	# it relays, being a root
kzt_in a peer add "$KZT_IDS/3.pub" endpoint 172.31.1.9/9993 root
kzt_in c peer add "$KZT_IDS/3.pub" endpoint 172.31.2.9/9993 root
knows r 0 172.31.1.1/9993
knows r 2 172.31.2.1/9993
knows a 2
knows c 0

# listen NS [WORD...]: its monitor, with what it writes in $TMP/said-NS
listen() {
	local n=$1
	shift
	: >"$TMP/said-$n"
	ip netns exec "$n" "$KZT" "$@" monitor message >>"$TMP/said-$n" 2>"$TMP/said-$n.err" &
	PROGRAMS+=($!)
	LISTENER[$n]=$!
}
declare -A LISTENER
deaf() { kill "${LISTENER[$1]}"; wait "${LISTENER[$1]}" 2>/dev/null; }
send() { local n=$1 to=$2; shift 2; kzt_in "$n" message send "${ADDR[$to]}" "$@"; }
# heard NS FILTER: one of its messages is so
heard() { jq -e "select(.event == \"message\") | .message | select($2)" "$TMP/said-$1" | grep -q .; }
# A message is sent once, and the monitor may not listen yet: again until it came
delivers() { send "$1" "$2" "${@:4}" && heard "$2" "$3"; }

listen b -j
listen a -j
check "a text arrives" until_ok 30 delivers a b '.text == "good day"' 65536 "good day"
check "with its sender and type, from nearby" heard b \
	".text == \"good day\" and .address == \"${ADDR[a]}\" and .type == 65536 and .hops == 0 and .verb == 20"
check "and one back" until_ok 30 delivers b a '.type == 70000 and .text == "and to you"' 0x11170 "and to you"
bytes=$(printf '%02x' {0..255})
check "bytes of any value" until_ok 30 delivers a b ".data == \"$bytes\" and (has(\"text\") | not)" 65537 --hex "$bytes"
check "nothing at all" until_ok 30 delivers a b '.type == 65538 and .data == "" and .text == ""' 65538 ""
check "the greatest type" until_ok 30 delivers a b '.type == "18446744073709551615"' 18446744073709551615 x
check "the command says nothing" [ -z "$(send a b 65536 quiet)" ]

# --- long ones ---
head -c $MAX /dev/urandom >"$TMP/long"
delivers_file() { send "$1" "$2" "$3" - <"$4" && jq -r .message.data "$TMP/said-$2" | grep -qxf "$TMP/digits"; }
od -An -v -tx1 "$TMP/long" | tr -d ' \n' >"$TMP/digits"
pieces=$(counts a tx-fragmented)
check "$MAX bytes from standard input" until_ok 30 delivers_file a b 65539 "$TMP/long"
check "in pieces" [ "$(counts a tx-fragmented)" -gt "$pieces" ]
echo >>"$TMP/long"
refuses "not one byte more" 1 "at most $MAX bytes" kzt_in a message send "${ADDR[b]}" 65539 - <"$TMP/long"
kzt_in a path mtu 10.77.0.2/32 1400
check "the shortest MTU that can be set takes it, too" until_ok 30 eval \
	'head -c $MAX "$TMP/long" | send a b 65540 - && heard b ".type == 65540 and (.data | length) == 2 * $MAX"'

# --- what is refused ---
refuses "a type of the protocol's own" 1 'up to 65535 are reserved' send a b 65535 x
refuses "and the first" 1 'reserved' send a b 0 x
refuses "a peer that is not known" 1 'no such peer' kzt_in a message send 1122334455 65536 x
refuses "itself" 1 'no such peer' send a a 65536 x
kzt_in b peer add "$KZT_IDS/5.pub"
refuses "one to whom there is no way" 1 'no way' \
	kzt_in b message send "$(cut -c1-10 "$KZT_IDS/5.pub")" 65536 x
lowly() { ip netns exec "$1" setpriv --reuid 65534 --clear-groups --inh-caps=-all "$KZT" "${@:2}"; }
refuses "who has no capability to send one" 1 'CAP_NET_ADMIN' lowly a message send "${ADDR[b]}" 65536 x
refuses "or to listen" 1 'CAP_NET_ADMIN' lowly a monitor message

# --- by a root ---
listen c -j
check "one that is relayed" until_ok 60 delivers a c ".hops == 1 and .text == \"far\" and .address == \"${ADDR[a]}\"" 65536 far
check "with $MAX bytes" until_ok 30 eval \
	'head -c $MAX "$TMP/long" | send a c 65540 - && heard c ".type == 65540 and (.data | length) == 2 * $MAX"'

# --- what terminals obey ---
hostile=$(printf '\033[2J\n\a\177\302\233 \302\240 hops 9 "\\')
check "control characters" until_ok 30 delivers a b \
	'.text == "?[2J????? \u00a0 hops 9 \"\\" and .data == "1b5b324a0a077fc29b20c2a020686f707320392022'5c'"' 65541 "$hostile"
deaf b
listen b
plain() { send a b 65541 "$hostile" && grep -q ' type 65541 ' "$TMP/said-b"; }
check "the same for a reader" until_ok 30 plain
check "is one line, its text in quotes at the end" grep -qE \
	"^[0-9:.]+ message ${ADDR[a]} type 65541 verb 20 packet-id [0-9a-f]{16} hops 0 text \"\\?\[2J\?{5} .+ hops 9 "'\\"\\\\"$' "$TMP/said-b"
same "and nothing that a terminal obeys" 0 "$(tr -d '\n' <"$TMP/said-b" | LC_ALL=C tr -dc '\000-\037\177' | wc -c)"
deaf b

# --- a peer that sends messages of each length as fast as it can ---
knows b 4
listen b -j
check "the monitor listens" until_ok 30 delivers a b '.text == "ready"' 65536 ready
# flood: SENT of them, all within the limit on datagrams; the shortest 8 are no messages
flood() {
	gate=$(drops b rate-limit) full=$(drops b control-queue-full)
	: >"$TMP/said-b"
	SENT=$(on a "$SELFTESTS/net/hostile.py" 10.77.0.2/9993 "$KZT_IDS/1.pub" messages "$KZT_IDS/4")
}
heard_of() { jq -r --arg a "$SENDER" 'select(.message.address == $a) | .message.type' "$TMP/said-b" | sort -u | wc -l; }
SENDER=$(cut -c1-10 "$KZT_IDS/4.pub")
all_counted() { [ $(($(heard_of) + $(drops b rate-limit) - gate + $(drops b control-queue-full) - full)) -ge $((SENT - 8)) ]; }
limited() { flood && until_ok 30 all_counted && [ "$(drops b rate-limit)" -gt "$gate" ]; }
check "messages of each length at once: a part is let through, the rest is counted" until_ok 60 limited
diag "$SENT sent, $(heard_of) heard, $(($(drops b rate-limit) - gate)) over the limit," \
	"$(($(drops b control-queue-full) - full)) too many at once"
check "not more than the burst at least" [ "$(heard_of)" -ge 256 ]
check "each is as long as it was" jq -es --arg a "$SENDER" \
	'map(.message | select(.address == $a)) | length > 0 and all((.data | length) / 2 == .type - 65536 - 8)' "$TMP/said-b"
same "no event was lost" "" "$(cat "$TMP/said-b.err")"
check "another peer's still arrive" until_ok 30 delivers a b '.text == "still here"' 65536 "still here"
deaf b

# --- what a node tells that was told to report to this one (REMOTE_TRACE) ---
last_heard() { kzt_in b -j peer show "$SENDER" | jq -r '.peers[0]."last-receive-ms" // -1'; }
knows b 5
SENDER=$(cut -c1-10 "$KZT_IDS/5.pub")
same "somebody who was never heard" -1 "$(last_heard)"
listen b -j
check "the monitor listens" until_ok 30 delivers a b '.text == "ready"' 65536 ready
ignored=$(drops b unhandled-verb) malformed=$(drops b malformed)
check "reports come" on a "$SELFTESTS/net/hostile.py" 10.77.0.2/9993 "$KZT_IDS/1.pub" traces "$KZT_IDS/5" 20
all_ignored() { [ "$(drops b unhandled-verb)" = $((ignored + 20)) ]; }
check "each is counted" until_ok 30 all_ignored
same "as nothing else" "$malformed" "$(drops b malformed)"
check "who sent them was heard" [ "$(last_heard)" -ge 0 ]
check "another message comes" until_ok 30 delivers a b '.text == "after"' 65536 after
same "they are no messages" 0 "$(heard_of)"
deaf b

# --- a path that takes less ---
kzt_in a policy set peer "${ADDR[b]}" active-backup link u0 mtu 600 force
narrow() { kzt_in a -j path show "${ADDR[b]}" | jq -e 'any(.paths[]; .active and .mtu == 600)'; }
check "a path with a smaller MTU" until_ok 60 narrow
refuses "takes no message as long as that" 1 'takes no message as long' eval 'head -c $MAX "$TMP/long" | send a b 65542 -'
listen b -j
check "but a shorter one" until_ok 30 eval \
	'head -c 3000 "$TMP/long" | send a b 65543 - && heard b ".type == 65543 and (.data | length) == 6000"'
done_testing
