# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Two nodes with several legs between them, for the measurements over several
# paths; sourced inside a VM.
#
#                 l0 172.30.0.1/24 --- netem --- l0 172.30.0.2/24
#   ma (identity 0)     ...                                       mb (identity 1)
#                 lN 172.30.N.1/24 --- netem --- lN 172.30.N.2/24
#
# In the environment: KZT_KO, KZT, KZT_IDS as for the tests.  MA and MB name the
# namespaces: another pair may stand beside the first.

MA=ma MB=mb
A() { ip netns exec "$MA" "$@"; }
B() { ip netns exec "$MB" "$@"; }
say() { echo "bench: $*" >&2; }
modules() { modprobe ${MODULES:+-d "$MODULES"} "$@" 2>/dev/null; }
INNER_A=10.88.7.1 INNER_B=10.88.7.2

module_up() {
	local m
	grep -q '^kzt ' /proc/modules && return
	for m in $(modinfo -F depends "$KZT_KO" | tr , ' ') sha512_generic hmac cryptd \
		veth sch_netem; do
		modules "$m"
	done
	insmod "$KZT_KO"
}

# wait_for SECONDS COMMAND...
wait_for() {
	local end=$((SECONDS + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}

# legs_up COUNT: namespaces, legs without any shaping, nodes, a network
legs_up() {
	local k n endpoints_a=() endpoints_b=()
	LEGS=$1
	for n in "$MA" "$MB"; do
		ip netns add "$n" && ip -n "$n" link set lo up || return
	done
	for ((k = 0; k < LEGS; k++)); do
		ip link add l$k netns "$MA" type veth peer name l$k netns "$MB" || return
		A sysctl -qw net.ipv6.conf.l$k.disable_ipv6=1
		B sysctl -qw net.ipv6.conf.l$k.disable_ipv6=1
		ip -n "$MA" addr add 172.30.$k.1/24 dev l$k
		ip -n "$MB" addr add 172.30.$k.2/24 dev l$k
		ip -n "$MA" link set l$k up
		ip -n "$MB" link set l$k up
		endpoints_a+=(endpoint "172.30.$k.2/9993")
		endpoints_b+=(endpoint "172.30.$k.1/9993")
	done
	A "$KZT" node set identity "$KZT_IDS/0" port 9993 || return
	B "$KZT" node set identity "$KZT_IDS/1" port 9993 || return
	A "$KZT" peer add "$(cat "$KZT_IDS/1.pub")" "${endpoints_a[@]}" || return
	B "$KZT" peer add "$(cat "$KZT_IDS/0.pub")" "${endpoints_b[@]}" || return
	A "$KZT" network join ff0a000000000001 dev kzt0 >/dev/null || return
	B "$KZT" network join ff0a000000000001 dev kzt0 >/dev/null || return
	ip -n "$MA" addr add $INNER_A/24 dev kzt0
	ip -n "$MB" addr add $INNER_B/24 dev kzt0
	ip -n "$MA" link set kzt0 up
	ip -n "$MB" link set kzt0 up
	wait_for 60 A ping -q -c 1 -W 1 $INNER_B && wait_for 60 legs_alive "$LEGS"
}

legs_down() {
	ip netns del "$MA"
	ip netns del "$MB"
} 2>/dev/null

# legs_alive COUNT: both know as many paths, one for each leg
legs_alive() {
	local n
	for n in A B; do
		[ "$($n "$KZT" -j path show | jq '[.paths[] | select(.state == "up") |
			.dev] | unique | length')" -ge "$1" ] ||
			return 1
	done
}

# shape LEG RATE [NETEM WORD...]: both directions; RATE 0 for no limit
shape() {
	local leg=$1 rate=$2 n
	shift 2
	[ "$rate" = 0 ] || set -- "$@" rate "$rate"
	for n in "$MA" "$MB"; do
		tc -n "$n" qdisc replace dev "l$leg" root netem limit 300 "$@" || return
	done
}
unshape() { tc -n "$MA" qdisc del dev "l$1" root; tc -n "$MB" qdisc del dev "l$1" root; }

# policy MODE [WORD...]: on both nodes, as soon as they know the legs for it
policy() {
	wait_for 60 A "$KZT" policy set "$@" && wait_for 60 B "$KZT" policy set "$@" &&
		return
	A "$KZT" policy set "$@" && B "$KZT" policy set "$@"
}

# rx NS DEV: bytes received so far
rx() { ip netns exec "$1" cat "/sys/class/net/$2/statistics/rx_bytes"; }
