# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
# A controller and members, kzt nodes on one wire; sourced by tests behind lib.sh.
# Their networks are on kzt0.

# controlled NS=IP...: nodes with agents; the first is the root of a planet, and has
# the only controller, which tests ask for its network $NW
controlled() {
	local first=${1%%=*} i=0 n
	local -a nodes=("$@") links=()
	for n in "${nodes[@]}"; do links+=(-- "${n%%=*}" "${n#*=}/24"); done
	ns "${nodes[@]%%=*}"
	lan br0 "${links[@]:1}"
	for n in "${nodes[@]%%=*}"; do	# the agents have the identities: one signs with its own
		secret "$n" $i
		i=$((i + 1))
	done
	CONTROLLER=$first NW=${ADDR[$first]}0000a1
	check "an agent with a controller" agent "$first"
	for n in "${nodes[@]:1}"; do check "${n%%=*}'s agent" agent "${n%%=*}" --no-controller; done
	for n in "${nodes[@]%%=*}"; do check "$n has its identity" until_ok 30 has_node "$n"; done
	check "$first is the root of a planet" "$KZT" world make "$TMP/planet" \
		root "$KZT_IDS/0.pub=${1#*=}/9993"
	for n in "${nodes[@]%%=*}"; do check "$n has the planet" kzt_in "$n" world set "$TMP/planet"; done
}
has_node() { [ "$(kzt_in "$1" -j node show | jq -r .node.address)" = "${ADDR[$1]}" ]; }

# api METHOD PATH [JSON]: of the controller's networks
api() {
	on "$CONTROLLER" curl -sf --abstract-unix-socket kzt/http -X "$1" ${3:+-d "$3"} \
		"http://localhost/controller/network$2"
}

# status NS: that of $NW; membership NS NS2: what the first thinks of the second
status() { kzt_in "$1" -j network show "$NW" | jq -r '.networks[0].status'; }
is_status() { [ "$(status "$1")" = "$2" ]; }
membership() { kzt_in "$1" -j member show "$NW" | jq -r --arg a "${ADDR[$2]}" '.members[] | select(.address == $a) | .status'; }
is_member() { [ "$(membership "$1" "$2")" = "$3" ]; }

# has_addr NS ADDRESS; has_route NS TEXT
has_addr() { ip -n "$1" -j addr show dev kzt0 | jq -e --arg a "$2" '.[0].addr_info[] | select(.local == $a)'; }
no_addr() { ! has_addr "$@"; }
has_route() { ip -n "$1" route show dev kzt0 | grep -F "$2"; }
no_route() { ! has_route "$@"; }

# pings_not NS ADDRESS: not one of two answers
pings_not() { ! on "$1" ping -q -c 2 -i 0.3 -W 1 "$2"; }
