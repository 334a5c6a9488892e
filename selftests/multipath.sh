# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Two nodes on several wires; sourced by tests behind lib.sh.  No wire is in 10/8,
# which the ad-hoc network gives to its device: no path leads through itself.
#
#   a  u1 172.31.1.1 ---- 172.31.1.2 u1  b
#   a  u2 172.31.2.1 ---- 172.31.2.2 u2  b      and so on

# legs N: namespaces a and b, N wires, both nodes, a network: 10.88.0.1 and .2
legs() {
	local n=$1 i
	local -a to_a=() to_b=()
	ns a b || return
	for ((i = 1; i <= n; i++)); do
		wire a u$i "172.31.$i.1/24" -- b u$i "172.31.$i.2/24" || return
		to_a+=("172.31.$i.1/9993")
		to_b+=("172.31.$i.2/9993")
	done
	node a 0 && node b 1 && knows a 1 "${to_b[@]}" && knows b 0 "${to_a[@]}" &&
		member a "$NET" kzt0 10.88.0.1/24 && member b "$NET" kzt0 10.88.0.2/24 &&
		reaches a 10.88.0.2 && until_ok 150 has_paths a b "$n" &&
		until_ok 150 has_paths b a "$n"
}

# The peer that one namespace has in another, as JSON
peer_of() { kzt_in "$1" -j peer show "${ADDR[$2]}" | jq -c '.peers[0]'; }
policy_of() { kzt_in "$1" -j policy show | jq -c ".policies[] | select(.address == \"${ADDR[$2]}\")"; }
has_paths() { [ "$(peer_of "$1" "$2" | jq '[.paths[] | select(.state == "up") | .dev] | unique | length')" -ge "$3" ]; }
# path NS NS2 DEV KEY: of the path by a device
path_by() {
	peer_of "$1" "$2" | jq -r "[.paths[] | select(.dev == \"$3\") | .\"$4\" |
		if . == null then empty else tostring end][0] // empty"
}
path_is() { [ "$(path_by "$1" "$2" "$3" "$4")" = "$5" ]; }
# not_used NS NS2 DEV: the path is gone, or carries nothing
not_used() { [ "$(path_by "$1" "$2" "$3" share-ppm)" = "" ] || path_is "$1" "$2" "$3" share-ppm 0; }
has_policy() { [ "$(peer_of "$1" "$2" | jq -r .policy)" = "$3" ]; }
# in_use NS NS2 N: so many paths carry something
in_use() { [ "$(peer_of "$1" "$2" | jq '[.paths[] | select(.active)] | length')" = "$3" ]; }
carries_alone() { [ "$(path_by "$1" "$2" "$3" share-ppm)" = 1000000 ]; }
in_force() { [ "$(policy_of "$1" "$2" | jq '."in-force"')" = true ]; }
# explain NS NS2 PATTERN
explains() { kzt_in "$1" explain "${ADDR[$2]}" | grep -qE -- "$3"; }

# tx NS DEV: bytes that left by a device
tx() { on "$1" cat "/sys/class/net/$2/statistics/tx_bytes"; }

# spread NS N COMMAND...: run it; percent of the bytes that left by u1 .. uN,
# in the array SPREAD
spread() {
	local n=$1 count=$2 i total=0 d
	local -a before=()
	shift 2
	for ((i = 1; i <= count; i++)); do before[i]=$(tx "$n" u$i); done
	"$@" >"$TMP/spread" 2>&1 || { cat "$TMP/spread"; return 1; }
	SPREAD=()
	for ((i = 1; i <= count; i++)); do
		d=$(($(tx "$n" u$i) - before[i]))
		SPREAD[i]=$d
		total=$((total + d))
	done
	for ((i = 1; i <= count; i++)); do SPREAD[i]=$((SPREAD[i] * 100 / (total ? total : 1))); done
	diag "spread over ${count} wires: ${SPREAD[*]} %"
}
SPREAD=()

# within NAME LOW HIGH VALUE
within() {
	if [ "$4" -ge "$2" ] && [ "$4" -le "$3" ]; then
		ok "$1"
	else
		not_ok "$1"
		diag "wanted: $2..$3"
		diag "got:    $4"
		return 1
	fi
}

# flows NS N ADDRESS BYTES: N TCP connections at once, that take turns in small
# pieces: of large ones the first few would carry everything
flows() { on "$1" timeout 240 iperf3 -c "$3" -P "$2" -l 1K -n "$4" -J >"$TMP/iperf.json"; }
serve_flows() {
	on "$1" iperf3 -s -D --pidfile "$TMP/iperf.$1" >/dev/null
	until_ok 20 sh -c "ip netns exec $1 ss -ltn | grep -q :5201"
}
stop_flows() { kill "$(tr -d '\0' <"$TMP/iperf.$1")" 2>/dev/null; }
