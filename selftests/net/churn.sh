#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Nodes, devices, peers and namespaces that come and go, under traffic; nothing
# is left behind, and what stays goes on.
. "$SELFTESTS/lib.sh"
ROUNDS=1000

# traffic NS ADDRESS: small and large pings until calm; its summary in $TMP/ping
traffic() {
	ip netns exec "$1" ping -q -i 0.02 -s 1500 "$2" >"$TMP/ping" 2>&1 &
	PING=$!
	PROGRAMS+=("$PING")
}
calm() { kill -INT "$PING" && wait "$PING"; }
flows() { [ "$(rx_packets "$1")" -gt "$2" ]; }
rx_packets() { ip -n "$1" -j -s link show kzt0 | jq '.[0].stats64.rx.packets'; }
# goes_on NS: more than ten frames more arrive
goes_on() { until_ok 60 flows "$1" $(($(rx_packets "$1") + 10)); }

ns a b
check "two nodes" pair a b
check "ping" reaches a 10.88.0.2
nodes=$(object nodes)

check "an agent for one of them" agent a
traffic a 10.88.0.2
check "traffic flows" goes_on a
kill -KILL "${AGENT[a]}"
wait "${AGENT[a]}" 2>/dev/null
check "it flows on without the agent" goes_on a
same "the node says that it has no agent" false "$(kzt_in a -j node show | jq .node.agent)"
check "the agent comes back" agent a
check "the traffic did not stop" goes_on a
check "the ping ends" calm
same "nothing was lost" 0 "$(sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p' "$TMP/ping")"
kill "${AGENT[a]}"
wait "${AGENT[a]}" 2>/dev/null

traffic a 10.88.0.2
check "traffic flows" goes_on a
check "the node is deleted under it" kzt_in b node del
check "its peers and sockets are gone" until_ok 60 has_objects sockets 1
same "its device stays" 1 "$(ip -n b -j link show kzt0 | jq length)"
check "it is made again" eval "node b 1 && knows b 0 10.77.0.1/9993"
check "and the traffic comes back" goes_on b
for i in $(seq 20); do kzt_in b node set port $((9993 + i % 2)) || break; done
same "the port changes twenty times under traffic" 20 "$i"
for i in $(seq 20); do
	kzt_in b peer del "${ADDR[a]}" && knows b 0 10.77.0.1/9993 || break
done
same "the peer is forgotten and known again twenty times" 20 "$i"
check "and the traffic comes back" goes_on b
for i in $(seq 20); do
	ip -n b link set kzt0 down && ip -n b link set kzt0 up || break
done
same "the device goes down and up twenty times" 20 "$i"
check "and the traffic comes back" goes_on b
for i in $(seq 10); do
	kzt_in b network leave "$NET" &&
		member b "$NET" kzt0 10.88.0.2/24 fd88::2/64 || break
done
same "the network is left and joined ten times" 10 "$i"
check "and the traffic comes back" goes_on b

ns c
check "the device moves to another namespace" ip -n b link set kzt0 netns c
ip -n c addr add 10.88.0.2/24 dev kzt0
ip -n c link set kzt0 up
check "and works from there" reaches c 10.88.0.1
check "with the same traffic" goes_on a
same "its node is where it was" "$NET" "$(kzt_in b -j network show | jq -r '.networks[0].id')"
check "that namespace is deleted, and the device with it" ip netns del c
check "so the node's network is gone" until_ok 60 has_objects networks 1
check "another device takes its place" member b "$NET" kzt0 10.88.0.2/24
check "and the traffic comes back" goes_on b

check "a device in another namespace than its node" ip -n b link set kzt0 netns a name moved0
ip -n a link set moved0 up
check "whose namespace is deleted under traffic" ip netns del b
check "takes node, device and peers along" until_ok 120 has_objects nodes $((nodes - 1))
refuses "the device is gone from the other namespace" 1 "does not exist" \
	ip -n a link show moved0
same "whose own device stays" kzt0 "$(ip -n a -j -d link show type kzt | jq -r '.[].ifname')"
calm

# four ROUNDS [space]: rounds of a node, a peer and a device in four namespaces at
# once; "space": each in a namespace of its own, and what is left is left to that
four() {
	local n i
	local -a jobs=()
	for n in r1 r2 r3 r4; do
		on $n "$SELFTESTS/net/rounds.py" $(($1 / 4)) "$KZT_IDS/2" "$KZT_IDS/0.pub" \
			"$NET" "${@:2}" &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do wait "$i" || return 1; done
}
# But groups, which age with the node's clock, and that stands still
settled() {
	! awk '$1 !~ /^(nodes|multicast-(networks|groups|entries))$/ && $2 != 0' \
		/sys/kernel/debug/kzt/objects | grep .
}
tidy
check "all that is gone leaves nothing behind" until_ok 120 no_objects
start=$SECONDS
nodes=$(object nodes)
ns r1 r2 r3 r4
check "$ROUNDS rounds of node, peer and device" four "$ROUNDS"
check "leave nothing behind" until_ok 60 settled
check "$((ROUNDS / 10)) rounds of a namespace with a node" four $((ROUNDS / 10)) space
tidy
check "leave nothing behind" until_ok 120 no_objects
check "and no node" until_ok 120 has_objects nodes "$nodes"
diag "the rounds took $((SECONDS - start)) s; $(objects)"
done_testing
