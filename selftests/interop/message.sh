#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Messages (USER_MESSAGE) between kzt and the real core, up to the longest that
# either can send.
. "$SELFTESTS/interop/lib.sh"
leaves_of_kzt
both_ways "ping from kzt to real" leaf real 4
check "the kzt leaf reaches it directly" until_ok 40 is_link leaf real direct
ip netns exec leaf "$KZT" -j monitor message >>"$TMP/said" &
PROGRAMS+=($!)
digits() { od -An -v -tx1 | tr -d ' \n'; }

bytes() { head -c "$1" /dev/urandom | digits; }

# to_real TYPE HEX, to_kzt TYPE HEX: sent again until it came
to_real() {
	xxd -r -p <<<"$2" | kzt_in leaf message send "${ADDR[real]}" "$1" - &&
		real_event real ".event == \"user\" and .type == $1 and .origin == \"${ADDR[leaf]}\"" |
		jq -r .data | grep -qxf <(echo "$2")
}
to_kzt() {	# its status is 1 for what is on the way
	real_ask real user "${ADDR[leaf]}" "$1" "$2" | jq -e '.status == 1' &&
		jq -r "select(.message.type == $1 and .message.address == \"${ADDR[real]}\") | .message.data" "$TMP/said" |
		grep -qxf <(echo "$2")
}
to_real_greatest() {
	kzt_in leaf message send "${ADDR[real]}" 0xffffffffffffffff x &&
		grep -q '"type": 18446744073709551615, "data": "78"' "$TMP/real-real/events"
}
for n in 1 100 1500 9000; do
	check "kzt to real: $n bytes" until_ok 30 to_real $((70000 + n)) "$(bytes $n)"
done
old=$(counts leaf tx-compressed)
check "kzt to real: 9000 bytes that are alike" until_ok 30 to_real 79000 "$(head -c 9000 /dev/zero | digits)"
check "they are compressed" [ "$(counts leaf tx-compressed)" -gt "$old" ]
# 9892 bytes are a packet of seven pieces: none of more can be put together
for n in 1 100 1500 9892; do
	check "real to kzt: $n bytes" until_ok 30 to_kzt $((70000 + n)) "$(bytes $n)"
done
check "real to kzt: the longest packet there is, which is compressed" \
	until_ok 30 to_kzt 79988 "$(head -c 9988 /dev/zero | digits)"
check "a type that kzt would not send" until_ok 30 to_kzt 5 00ff
check "the greatest type there is" until_ok 30 to_real_greatest
same "no packet of the real core failed to authenticate" 0 "$(drops leaf authentication)"
state_of root leaf real
done_testing
