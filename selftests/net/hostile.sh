#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What anybody may send: random, cut, turned, replayed and forged packets, and
# authentic ones with any body.  Each is counted under a reason; nothing stays
# of them, and the node goes on.
. "$SELFTESTS/lib.sh"
ROUNDS=${KZT_ROUNDS:-1000}
VECTORS=("$SELFTESTS"/vectors/packet-{verbs,exchange}.txt)

# dropped NS REASON...: how many, of these or of all reasons
dropped() {
	local n=$1
	shift
	kzt_in "$n" -j drops | jq --args '.drops | with_entries(select(
		($ARGS.positional | length == 0) or (.key | IN($ARGS.positional[])))) |
		add // 0' "$@"
}
more() { [ "$(dropped b "${@:2}")" -ge "$1" ]; }

# attack FROM MODE WORD...: SENT is how many it sent
attack() {
	local from=$1
	shift
	SENT=$(ip netns exec "$from" "$SELFTESTS/net/hostile.py" 10.77.0.2/9993 \
		"$KZT_IDS/1.pub" "$@" 2>"$TMP/err") || { sed 's/^/# /' "$TMP/err"; return 1; }
}

# counted NAME FROM MODE "REASON..." WORD...: every datagram of the attack ends
# under one of the reasons
counted() {
	local name=$1 from=$2 mode=$3 reasons before
	read -ra reasons <<<"${4//$'\n'/ }"
	shift 4
	before=$(dropped b "${reasons[@]}")
	attack "$from" "$mode" "$@" || { not_ok "$name"; return; }
	check "$name: all $SENT are counted" until_ok 60 more $((before + SENT)) "${reasons[@]}"
	diag "$(kzt_in b drops | tr -s ' \n' ' ,')"
	check "$name: and the node goes on" reaches a 10.88.0.2
}

# The queue of a device is shorter than a burst, and what it drops nobody counts
sysctl -qw net.core.netdev_max_backlog=100000
ns a b
check "two nodes" pair a b
check "one of them has an agent" agent b
check "a third that the second knows" knows b 2
check "ping" reaches a 10.88.0.2
# On a public network who sends a frame is a member.  What this one sends later
# has frames among it, so it is one from the beginning.
THIRD=$(cut -c1-10 "$KZT_IDS/2.pub")
members() { kzt_in b -j member show "$NET" | jq -r '.members[].address' | sort; }
third() { attack a member "$KZT_IDS/2" "$NET" && members | grep -q "$THIRD"; }
check "the third is a member" until_ok 30 third
before=$(objects)

counted "random bytes" a junk \
	"runt beacon not-relaying bad-fragment hop-limit no-path" 3200
counted "a peer's name, any flags" a forged \
	"bad-suite authentication" "$KZT_IDS/0.pub"
counted "senders that do not exist" a strangers "unknown-peer" 2000
counted "pieces of any number" a pieces \
	"bad-fragment duplicate-fragment defrag-limit defrag-timeout oversized authentication" \
	"$KZT_IDS/0.pub"
# All that is kept of pieces is bounded, and who takes it all is who loses
ip -n a addr add 10.77.0.9/24 dev u0
SOURCE=10.77.0.9/4444 ip netns exec a "$SELFTESTS/net/hostile.py" 10.77.0.2/9993 \
	"$KZT_IDS/1.pub" hoard 1000000 >/dev/null &
hoarder=$!
PROGRAMS+=("$hoarder")
limited=$(drops b defrag-limit)
full() { [ "$(drops b defrag-limit)" -gt $((limited + 2000)) ]; }
check "somebody hoards pieces" until_ok 30 full
on a ping -q -c 20 -i 0.05 -W 10 -s 2500 10.88.0.2 >"$TMP/ping"
check "those of others still fit together" [ "$(grep -oP '\d+(?= received)' "$TMP/ping")" -ge 18 ]
diag "$(grep received "$TMP/ping")"
check "while it goes on" kill $hoarder
ip -n a addr del 10.77.0.9/24 dev u0

ip netns exec a ping -q -i 0.01 -s 200 10.88.0.2 >/dev/null &
PROGRAMS+=($!)
counted "packets sent again" a replayed "replayed" u0 300
counted "one bit turned, or cut, or longer" a mutated \
	"runt beacon bad-suite authentication not-relaying from-self reserved-address
	unknown-peer bad-fragment defrag-limit defrag-timeout replayed decryption
	hello-rate-limit malformed" u0
kill $!

bad=$(dropped b)
check "authentic packets with any body" attack a bodies "$KZT_IDS/2" "${VECTORS[@]}"
check "are read: malformed ones, unknown verbs and false answers are counted" eval \
	'[ "$(drops b malformed)" -gt 20 ] && [ "$(drops b unknown-verb)" -gt 20 ] &&
	[ "$(drops b unexpected-ok)" -gt 20 ]'
check "and those that cannot be decompressed" [ "$(drops b decompression)" -gt 20 ]
diag "$SENT sent, $(($(dropped b) - bad)) dropped: $(kzt_in b drops | tr -s ' \n' ' ,')"
check "and the node goes on" reaches a 10.88.0.2

peers=$(kzt_in b -j peer show | jq '.peers | length')
checks=$(counts b identity-checks) start=$(date +%s%N)
slab=$(awk '/^Slab:/ { print $2 }' /proc/meminfo)
check "a flood of HELLOs of invented identities" attack a flood $((ROUNDS * 20))
ms=$((($(date +%s%N) - start) / 1000000))
check "the node goes on" reaches a 10.88.0.2
check "it counts them" until_ok 60 more $((ROUNDS * 19)) hello-rate-limit
check "few cost a key agreement, none a question to the agent" \
	[ $(($(counts b identity-checks) - checks)) -lt 200 ]
same "nobody became a peer" "$peers" "$(kzt_in b -j peer show | jq '.peers | length')"
slab=$(($(awk '/^Slab:/ { print $2 }' /proc/meminfo) - slab))
check "and memory does not grow with them" [ $slab -lt 4096 ]
diag "$SENT HELLOs in $ms ms with their making: $(drops b hello-rate-limit) refused at the gate," \
	"$(drops b authentication) not authentic, slab $slab KiB more"

# What waits for a sender or for a piece times out
calm() {
	[ "$(object pending-packets)" = 0 ] &&
		[ "$(object peers)" = "$(grep -oP ' peers \K\d+' <<<" $before")" ] &&
		[ "$(object members)" = "$(grep -oP ' members \K\d+' <<<" $before")" ]
}
until_ok 30 third	# a slow machine may have forgotten it
check "peers, members and waiting packets are as before" until_ok 60 calm
same "the members are those two" "$(printf '%s\n' "${ADDR[a]}" "$THIRD" | sort)" "$(members)"
diag "before $before"
diag "after  $(objects)"
done_testing
