# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the tests against the real core share, on top of ../lib.sh.
. "$SELFTESTS/lib.sh"
REALNODE=$SELFTESTS/interop/realnode.py
PLANET=$TMP/planet
declare -A REAL			# its process by namespace

# planet NUMBER=IP/PORT[,IP/PORT]...: the planet of this test
planet() {
	local r
	local -a roots=()
	for r; do roots+=(root "$KZT_IDS/${r%%=*}.pub=${r#*=}"); done
	"$KZT" world make "$PLANET" "${roots[@]}"
}

# kzt_node NS NUMBER [WORD...]: a node with an agent, in the planet
kzt_node() {
	local n=$1
	node "$@" && agent "$n" && kzt_in "$n" world set "$PLANET"
}

# kzt_member NS: on $NET by kzt0, with the addresses that the network gives
kzt_member() {
	kzt_in "$1" network join "$NET" dev kzt0 &&
		until_ok 20 address_of "$1" 4 && until_ok 20 address_of "$1" 6
}

# address_of NS 4|6: the one that the network gave to kzt0 or real0
address_of() {
	local a
	a=$(ip -n "$1" -j -"$2" addr show 2>/dev/null | jq -r '.[] |
		select(.ifname == "kzt0" or .ifname == "real0") | .addr_info[] |
		select(.scope == "global") | .local' | head -n 1)
	[ -n "$a" ] && echo "$a"
}

# real NS NUMBER WORD...: a node of the real core with identity NUMBER; words of
# realnode.py, --bind IP/PORT at least
real() {
	local n=$1 i=$2 dir=$TMP/real-$1
	shift 2
	mkdir -p "$dir"
	rm -f "$dir/events"
	ip netns exec "$n" "${KZT_PYTHON:-python3}" "$REALNODE" --state "$dir" \
		--identity "$KZT_IDS/$i" --control "$dir" "$@" \
		>"$dir/events" 2>"$dir/err" </dev/null &
	REAL[$n]=$!
	PROGRAMS+=($!)
	ADDR[$n]=$(cut -c1-10 "$KZT_IDS/$i.pub")
	until_ok 30 real_started "$n" || { cat "$dir/err"; return 1; }
	real_event "$n" '.event == "start"'
}
real_started() { real_event "$1" '.event == "start"' || ! kill -0 "${REAL[$1]}"; }

# real_leaf NS NUMBER IP...: in the planet, on $NET by real0
real_leaf() {
	local n=$1 i=$2 a
	local -a words=()
	shift 2
	for a; do words+=(--bind "$a/9993"); done
	real "$n" "$i" --planet "$PLANET" "${words[@]}" --join "$NET=real0" || return
	until_ok 20 address_of "$n" 4 && until_ok 20 address_of "$n" 6
}

# real_ask NS COMMAND WORD...: what it answers
real_ask() {
	local n=$1 dir=$TMP/real-$1 answer
	shift
	kill -0 "${REAL[$n]}" || return
	echo "$*" >"$dir/ask"
	# Bounded, since it may have died in between
	IFS= read -r -t 30 answer <>"$dir/answer" || return
	echo "$answer"
	! jq -e .error <<<"$answer" >/dev/null
}

# real_event NS FILTER: has there been such an event
real_event() {
	jq -ce "select($2)" "$TMP/real-$1/events" 2>/dev/null | grep .
}

# real_peer NS NS2 FILTER: what the real node says about another is so
real_peer() {
	real_ask "$1" peers | jq -e --arg a "${ADDR[$2]}" \
		".peers[] | select(.address == \$a) | select($3)" >/dev/null
}
# It has a way of its own to the other
real_direct() { real_peer "$1" "$2" '[.paths[] | select(.expired | not)] | length > 0'; }

# leaves_of_kzt: namespaces root and leaf, kzt nodes, and real, a real one, on one LAN,
# on $NET and online
leaves_of_kzt() {
	ns root leaf real
	lan lan0 root 172.30.0.1/24 -- leaf 172.30.0.2/24 -- real 172.30.0.3/24
	planet 0=172.30.0.1/9993 >/dev/null
	check "a kzt root" kzt_node root 0
	check "a kzt leaf" kzt_node leaf 1
	check "a real leaf, with addresses of the ad-hoc network" real_leaf real 2 172.30.0.3
	check "the kzt leaf joins it" kzt_member leaf
	check "the kzt leaf is online" until_ok 30 online leaf
	check "the real leaf is online" until_ok 30 real_event real '.event == "online"'
}

# star 4|6 ROOT LEAF...: a wire from the root to each, 172.30.N.1 to .2 or fd72:N::1
# to ::2; it routes nothing between them
star() {
	local root=$2 i=0 n net
	local -a ends
	[ "$1" = 4 ] && on "$root" sysctl -qw net.ipv4.ip_forward=0
	for n in "${@:3}"; do
		i=$((i + 1))
		[ "$1" = 4 ] && ends=("172.30.$i.1" "172.30.$i.2") net=24 ||
			ends=("fd72:$i::1" "fd72:$i::2") net=64
		wire "$root" "u$i" "${ends[0]}/$net" -- "$n" u0 "${ends[1]}/$net"
		ip -n "$n" route add default via "${ends[0]}"
	done
}

# relayed NS NS2 ROOT: so says a kzt node, and answers come with one hop
relayed() {
	check "$1 reaches $2 by way of the root" is_link "$1" "$2" relay
	same "it says which" "${ADDR[$3]}" "$(kzt_in "$1" -j peer show "${ADDR[$2]}" |
		jq -r '.peers[0]."relay-via"')"
	same "an ECHO is answered over one hop" 1 \
		"$(kzt_in "$1" -j ping "${ADDR[$2]}" -c 1 | jq '.ping.answers[0].hops')"
}

# online NS: a kzt node that hears a root
online() { kzt_in "$1" -j node show | jq -e .node.online >/dev/null; }

# role_of NS NS2: what another is to a kzt node: leaf, moon, planet
role_of() { kzt_in "$1" -j peer show "${ADDR[$2]}" | jq -r '.peers[0].role'; }
is_role() { [ "$(role_of "$1" "$2")" = "$3" ]; }

# peer NS NS2 FILTER: what a kzt node says about another is so
peer() { kzt_in "$1" -j peer show "${ADDR[$2]}" | jq -e ".peers[0] | select($3)" >/dev/null; }

# both_ways NAME NS NS2 [4|6...]: pings between two nodes on $NET
both_ways() {
	local name=$1 a=$2 b=$3 v
	shift 3
	[ $# -gt 0 ] || set -- 4 6
	for v; do
		check "$name over IPv$v" reaches "$a" "$(address_of "$b" "$v")"
		check "$name back over IPv$v" reaches "$b" "$(address_of "$a" "$v")"
	done
}

# --- a network with a controller ---------------------------------------------
# Namespaces root and ctl, and those of members, are on one LAN in 172.30.0.0/24.

ctl() { kzt_in ctl controller "$@"; }

# controlled WORD...: a root, a controller, and its network $CNET with these words
controlled() {
	planet 0=172.30.0.1/9993 >/dev/null
	check "a root" kzt_node root 0
	# A controller signs: the agent has to have the secret
	secret ctl 3
	check "a controller" kzt_node ctl 3
	check "is online" until_ok 60 online ctl
	CNET=${ADDR[ctl]}00aa01
	check "makes a network" ctl network new "$CNET" "$@" -j
}

# rules_are LINE...: the network's rules, in the rules language
rules_are() { ctl network set "$CNET" rules <(printf '%s\n' "$@"); }

# real_asks NS NUMBER IP: a real core that wants to join $CNET by real0
real_asks() { real "$1" "$2" --planet "$PLANET" --bind "$3/9993" --join "$CNET=real0"; }

# kzt_asks NS NUMBER: a kzt node that does, by kzt0
kzt_asks() { kzt_node "$1" "$2" && kzt_in "$1" network join "$CNET" dev kzt0; }

# both_kinds NAME: such a network with who asks to join it: a and b, real cores, k and l,
# kzt nodes
both_kinds() {
	ns root ctl a b k l
	lan lan0 root 172.30.0.1/24 -- ctl 172.30.0.2/24 -- a 172.30.0.3/24 -- b 172.30.0.4/24 \
		-- k 172.30.0.5/24 -- l 172.30.0.6/24
	controlled name "$1" v4 on v6 rfc4193 route 10.99.0.0/24 pool 10.99.0.10-10.99.0.200
	check "a real core asks to join" real_asks a 1 172.30.0.3
	check "another" real_asks b 2 172.30.0.4
	check "a kzt node asks" kzt_asks k 4
	check "another" kzt_asks l 5
}

# status_is NS STATUS: that of $CNET at a node of either kind
status_is() {
	if [ -n "${REAL[$1]:-}" ]; then
		real_ask "$1" networks | jq -e --arg s "$2" '.networks[0].status == $s'
	else
		kzt_in "$1" -j network show "$CNET" |
			jq -e --arg s "$2" '.networks[0].status == $s'
	fi
}

# member_is NS FILTER: what the controller says of it is so
member_is() {
	ctl member show "$CNET" "${ADDR[$1]}" -j >"$TMP/member" &&
		jq -e ".member | select($2)" "$TMP/member"
}

# has_addresses NS: of both families, by the network
has_addresses() { address_of "$1" 4 && address_of "$1" 6; }

# admitted NS [WORD...]: authorise it, as "kzt controller member" has the words
admitted() {
	local n=$1
	shift
	check "authorise $n" ctl member authorize "$CNET" "${ADDR[$n]}" "$@"
	check "$n is on the network" until_ok 60 status_is "$n" ok
	check "$n has its addresses" until_ok 60 has_addresses "$n"
}

# silent NS ADDRESS: not one answer
silent() { [ -n "$2" ] && ! on "$1" ping -q -c 1 -W 1 "$2" >/dev/null; }

# Which of the two kinds' devices a node has, and its managed IPv4 address
declare -A DEV=() IP=()

# members NS...: admitted, and on the network
members() {
	local n
	for n; do
		until_ok 60 member_is "$n" true
		admitted "$n"
		IP[$n]=$(address_of "$n" 4)
		# shellcheck disable=SC2034
		DEV[$n]=$([ -n "${REAL[$n]:-}" ] && echo real0 || echo kzt0)
	done
}

# linked NS NS2, unlinked NS NS2: do they reach each other, both or neither.  A real core
# shows a changed credential 30 s later (spec 4.9.2).
linked() { WAIT=90 check "$1 and $2 reach each other" both_reach "$1" "$2"; }
both_reach() { reaches "$1" "${IP[$2]}" && reaches "$2" "${IP[$1]}"; }
unlinked() { check "$1 and $2 do not reach each other" until_ok 60 cut_off "$1" "$2"; }
cut_off() { silent "$1" "${IP[$2]}" && silent "$2" "${IP[$1]}"; }

# dropped NS REASON COUNT: more than that many
dropped() { [ "$(drops "$1" "$2")" -gt "$3" ]; }

# mesh NS...: pings between all pairs, both families
mesh() {
	local a b v
	for a; do
		for b; do
			[ "$a" = "$b" ] && continue
			for v in 4 6; do
				WAIT=60 check "$a to $b over IPv$v" reaches "$a" "$(address_of "$b" $v)"
			done
		done
	done
}

# state_of NS...: what a failed test wants to know
state_of() {
	local n
	[ "$FAILED" = 0 ] && return
	for n; do
		diag "--- $n ${ADDR[$n]}"
		if [ -n "${REAL[$n]:-}" ]; then
			diag "$(real_ask "$n" peers)"
			diag "$(tail -n 5 "$TMP/real-$n/events" "$TMP/real-$n/err")"
		else
			diag "$(kzt_in "$n" 2>&1)"
			diag "$(kzt_in "$n" drops 2>&1)"
			diag "$(tail -n 5 "$TMP/kztd-$n.log" 2>&1)"
		fi
	done
}
