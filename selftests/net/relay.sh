#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two leaves that reach each other by a root alone, over IPv4 and over IPv6: all
# that crosses directly crosses relayed.  And by a node that is no root, for those
# whom it trusts and only if it is to (spec 3, 3.16.2).
. "$SELFTESTS/interop/lib.sh"
. "$SELFTESTS/paths.sh"
. "$SELFTESTS/multipath.sh"

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

# A frame to the neighbour of b by its MAC, who does not exist
asks() {
	local mac old start
	mac=$(on b cat /sys/class/net/kzt0/address)
	ip -n a neigh replace 10.9.9.9 dev kzt0 lladdr \
		"${mac%:*}:$(printf %02x $((0x${mac##*:} ^ 1)))"
	old=$(counts a whois-tx) start=$(date +%s%N)
	on a ping -q -i 0.02 -c 100 -W 1 10.9.9.9 >/dev/null
	within "who nobody is is asked for twice a second" 1 \
		$((($(date +%s%N) - start) / 500000000 + 2)) $(($(counts a whois-tx) - old))
}

for v in 4 6; do
	began=$SECONDS
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
	asks
	relayed=$(counts root relayed)
	check "the root counts what it relays" [ "$relayed" -gt 500 ]
	check "it introduces the two at most once in 30 s" \
		[ "$(counts root rendezvous-tx)" -le $((2 * ((SECONDS - began) / 30 + 1))) ]
	state_of root a b
	tidy
done

#	a u0 172.30.1.2 (slow) ---- u1 hub u2 172.30.2.1 ---- 172.30.2.2 u0 b
#	  u1 fd30:3::2 (fast) ------ u3
ns hub a b
on hub sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
wire hub u1 172.30.1.1/24 -- a u0 172.30.1.2/24
wire hub u2 172.30.2.1/24 -- b u0 172.30.2.2/24
wire hub u3 fd30:3::1/64 -- a u1 fd30:3::2/64
on hub tc qdisc add dev u1 root netem delay 100ms
check "three nodes without an agent" eval "node hub 0 && node a 1 && node b 2"
check "two of them have the third for a root" eval \
	'kzt_in a peer add "$KZT_IDS/0.pub" endpoint 172.30.1.1/9993 endpoint fd30:3::1/9993 root &&
	kzt_in b peer add "$KZT_IDS/0.pub" endpoint 172.30.2.1/9993 root'
knows hub 1 && knows hub 2 && knows a 2 && knows b 1
member a "$NET" kzt0 10.88.0.1/24 && member b "$NET" kzt0 10.88.0.2/24
for d in u1 u3; do check "the third has a path to a by $d" until_ok 60 has_path hub a $d; done
fast() { kzt_in hub -j peer show "${ADDR[a]}" | jq -e '.peers[0].paths[] | select(.active) | .dev == "u3"'; }
check "of which that by u3 is the better one" until_ok 60 fast
for d in u0 u1; do check "a log of what comes to a by $d" sniff a $d "$TMP/came-$d"; done
refused() { on a ping -q -c 1 -W 1 10.88.0.2; more_drops hub not-relaying "$1"; }
check "of whom it does not trust it relays nothing" until_ok 20 refused "$(drops hub not-relaying)"
check "it joins their network" member hub "$NET" kzt0 10.88.0.9/24
for n in a b; do check "and trusts who is on it: $n" reaches $n 10.88.0.9; done
check "for whom it relays" reaches a 10.88.0.2
check "as they see" eval "is_link a b relay && is_link b a relay"
# 41 bytes: a RENDEZVOUS with an IPv4 address
met() { grep -q "^head 41 .* ${ADDR[a]} ${ADDR[hub]} . 0" "$TMP/came-$1"; }
check "it introduces them by the path whose end it tells of" until_ok 10 met u0
check "and not by the other" eval "! met u1"
old=$(drops hub not-relaying)
check "it is not to relay" kzt_in hub node set relay off
same "that is shown" false "$(kzt_in hub -j node show | jq .node.relay)"
check "and it does not" until_ok 20 refused "$old"
check "nothing comes through" eval "! on a ping -q -c 3 -i 0.3 -W 1 10.88.0.2"
check "to itself all comes" reaches a 10.88.0.9
check "it is to relay again" kzt_in hub node set relay on
check "and does" reaches a 10.88.0.2
done_testing
