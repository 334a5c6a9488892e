#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two leaves that reach each other by a root alone, over IPv4 and over IPv6: all
# that crosses directly crosses relayed.
. "$SELFTESTS/interop/lib.sh"

# star 4|6: a wire from the root to each leaf; the root routes nothing
star() {
	local i=0 n
	ns root a b
	on root sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
	for n in a b; do
		i=$((i + 1))
		if [ "$1" = 4 ]; then
			wire root u$i 172.30.$i.1/24 -- $n u0 172.30.$i.2/24
			ip -n $n route add default via 172.30.$i.1
		else
			wire root u$i fd30:$i::1/64 -- $n u0 fd30:$i::2/64
			ip -n $n route add default via fd30:$i::1
		fi
	done
}

crosses() {
	ip netns exec b "$SELFTESTS/net/udpsizes.py" serve &
	PROGRAMS+=($!)
	for sizes in "0 40" "1340 1440" "2740 2772"; do
		# shellcheck disable=SC2086
		check "relayed over IPv$1: datagrams of $sizes bytes" \
			on a "$SELFTESTS/net/udpsizes.py" "$(address_of b 4)" $sizes
	done
	check "TCP carries the right bytes both ways" \
		tcp_hash a "$(address_of a 4)" b "$(address_of b 4)" 1000000
	same "still relayed" relay "$(link a b)"
	same "and nothing failed to authenticate" "0 0" \
		"$(drops a authentication) $(drops b authentication)"
}

for v in 4 6; do
	star $v
	rm -f "$PLANET"*
	if [ $v = 4 ]; then
		planet 0=172.30.1.1/9993,172.30.2.1/9993 >/dev/null 2>&1
	else
		planet 0=fd30:1::1/9993,fd30:2::1/9993 >/dev/null 2>&1
	fi
	check "a root over IPv$v" kzt_node root 0
	check "its leaves, on the network" eval \
		"kzt_node a 1 && kzt_node b 2 && kzt_member a && kzt_member b"
	check "are online" eval "until_ok 60 online a && until_ok 60 online b"
	check "and reach each other" reaches a "$(address_of b 4)"
	check "by the root" is_link a b relay
	crosses $v
	relayed=$(counts root relayed)
	check "the root counts what it relays" [ "$relayed" -gt 500 ]
	state_of root a b
	tidy
done
done_testing
