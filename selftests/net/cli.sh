#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every command of kzt(8) that needs the module, and what iproute2 and ethtool
# see of it.
#
#   a (agent) --- b (root)
. "$SELFTESTS/lib.sh"
BIN=$(dirname "$KZT")
KZT_PYTHON=${KZT_PYTHON:-/usr/bin/python3}
ns a b
wire a u0 10.77.0.1/24 -- b u0 10.77.0.2/24
node a 0
node b 1 port 9994
knows a 1 10.77.0.2/9994
kzt_in a peer add "$KZT_IDS/1.pub" endpoint 10.77.0.2/9994 root
knows b 0 10.77.0.1/9993
check "an agent for a" agent a

# json NS FILTER COMMAND...: the answer is one document, and the filter holds
json() {
	local n=$1 filter=$2
	shift 2
	kzt_in "$n" -j "$@" >"$TMP/json" || return
	[ "$(jq -s length "$TMP/json")" = 1 ] || return
	jq -e "$filter" "$TMP/json"
}

# --- ip(8), ethtool(8) ---
export IP_LIB_DIR=$BIN
check "ip link add type kzt network" ip -n a link add zt0 type kzt network $NET
same "ip -d link show says the network" $NET \
	"$(ip -n a -d -j link show zt0 | jq -r '.[0].linkinfo.info_data.network')"
same "and the node" "${ADDR[a]}" \
	"$(ip -n a -d -j link show zt0 | jq -r '.[0].linkinfo.info_data."node-address"')"
refuses "the network of a device cannot be changed" 2 'cannot be changed' \
	ip -n a link set zt0 type kzt network $NET6
refuses "a network has one device" 2 'another device' ip -n a link add zt1 type kzt network $NET
refuses "a network id that is none" 1 '16 hexadecimal' ip -n a link add zt1 type kzt network 12
refuses "the MAC address cannot be chosen" 2 'follows from' \
	ip -n a link add zt1 address 02:00:00:00:00:01 type kzt
ip -n a link set zt0 up
until_ok 20 sh -c "ip -n a addr show zt0 | grep -q 'inet 10\\.'"
ip -n a addr add 10.88.0.1/24 dev zt0
if command -v ethtool >/dev/null; then
	check "ethtool -i" sh -c "ip netns exec a ethtool -i zt0 | grep -q '^driver: kzt'"
	check "ethtool -S" sh -c "ip netns exec a ethtool -S zt0 | grep -q 'tx-frames'"
else
	skip "ethtool is not installed"
fi
member b $NET zt0 10.88.0.2/24
check "the two reach each other" reaches a 10.88.0.2
check "ip -s link counts" sh -c "ip -n a -s -j link show zt0 | jq -e '.[0].stats64.tx.packets > 1'"

# --- kzt(8) ---
check "summary" sh -c "ip netns exec a $KZT | grep -q 'network $NET.*zt0.*OK'"
kzt_in a wait online timeout 60
check "-j: its objects" json a '.node.online and .networks[0].dev == "zt0" and any(.peers[].paths[]; .active)'
same "-n NETNS" "${ADDR[b]}" "$("$KZT" -n b -j node show | jq -r .node.address)"
refuses "a namespace that is none" 1 'no network namespace' "$KZT" -n nowhere node show
check "node show" json a '.node.agent and .node.port == 9993'
check "network show" json a '.networks[0].id == "'$NET'"' network show $NET
check "peer show" json a '.peers[0].link == "direct"' peer show "${ADDR[b]}"
check "path show" json a '.paths[0].remote == "10.77.0.2:9994"' path show "${ADDR[b]}"
check "member show" json a '[.members[].address] | index("'"${ADDR[b]}"'") != null' member show $NET
check "multicast show" json a '[.groups[] | select(.subscribed)] | length > 0' multicast show $NET
check "fdb show" json a '.fdb == []' fdb show $NET
check "rules show, with hits" json a '[.rules[].hits] | add > 0' rules show $NET
check "drops" json a '.drops | has("filtered-out")' drops
check "metrics" json a '[.metrics[].name] | index("kzt_peer_tx_bytes_total") != null' metrics
kzt_in a metrics >"$TMP/metrics"
same "metrics in the text format" 0 "$(grep -cvE '^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [-+0-9.e]+)$' "$TMP/metrics")"
check "explain" json a '.peer.link == "direct"' explain "${ADDR[b]}"
check "ping" until_ok 20 kzt_in a ping "${ADDR[b]}" -c 1
check "top" sh -c "ip netns exec a $KZT -j top -c 2 -i 0.2 | jq -es 'length == 2 and .[1].peers[0].\"tx-bytes-per-second\" >= 0'"
check "wait online" kzt_in a wait online timeout 60
check "wait network" kzt_in a wait network $NET timeout 10
check "wait peer" kzt_in a wait peer "${ADDR[b]}" timeout 10
check "wait online -j" json a '.wait | .for == "online" and .met and ."waited-ms" >= 0' wait online
check "wait network -j" json a '.wait | .id == "'$NET'" and .met' wait network $NET
check "wait peer -j" json a '.wait | .id == "'"${ADDR[b]}"'" and .met' wait peer "${ADDR[b]}"
kzt_in a -j wait peer 1122334455 timeout 0.2 >"$TMP/json" 2>/dev/null
same "and of one that ends" "4 false" "$? $(jq .wait.met "$TMP/json")"
check "message send -j" json a '.message | .address == "'"${ADDR[b]}"'" and .type == 70000 and .bytes == 5' \
	message send "${ADDR[b]}" 70000 hello
check "show-config -j" json a '.node.port == 9993 and .networks[0].id == "'$NET'" and (.peers | length) > 0' show-config
refuses "a wait that ends: status 4, and why" 4 'not within 0.3 s: this node has not met it' \
	"$KZT" -n a wait peer 1122334455 timeout 0.3
refuses "of a network that is not joined" 4 'it is not joined' "$KZT" -n a wait network $NET6 timeout 0.3
refuses "what is not there: status 1" 1 'no such peer' "$KZT" -n a peer show 1122334455
refuses "wrong words: status 2" 2 'not an address' "$KZT" -n a peer show xyz
for object in member multicast fdb rules; do
	refuses "$object show: no such network" 1 'not on this network' "$KZT" -n a $object show $NET6
done
nobody() { ip netns exec a setpriv --reuid 65534 --clear-groups --inh-caps=-all "$@"; }
for words in "" "node show" "monitor" "wait online" "ping ${ADDR[b]}"; do
	# shellcheck disable=SC2086
	refuses "not root: kzt $words" 1 'needs CAP_NET_ADMIN' nobody "$KZT" $words
done
kzt_in b path trust 192.0.2.0/33 7 2>"$TMP/err"
check "what is refused is not called trusted" sh -c "grep -q 'not a prefix' $TMP/err && ! grep -q encrypted $TMP/err"

ip netns exec a "$KZT" -j monitor network >"$TMP/events" &
PROGRAMS+=($!)
# One document a try, until the monitor listens
until_ok 30 sh -c "ip -n a link add kd0 type kzt network $NET6; sleep 0.2; grep -q $NET6 $TMP/events || { ip -n a link del kd0; false; }"
check "monitor -j: a document a line" jq -es 'all(.event == "network") and length > 0' "$TMP/events"
kill "${PROGRAMS[-1]}"
wait "${PROGRAMS[-1]}" 2>/dev/null
unset 'PROGRAMS[-1]'
ip -n a link del kd0

check "peer alias" kzt_in a peer alias "${ADDR[b]}" nas
check "it is shown" json a '.peers[0].alias == "nas"' peer show "${ADDR[b]}"
refuses "a name with a blank" 1 'a name has' "$KZT" -n a peer alias "${ADDR[b]}" "a b"
refuses "names need an agent" 3 'kept by the agent' "$KZT" -n b peer alias "${ADDR[a]}" nas
check "peer mark" kzt_in a peer mark "${ADDR[b]}" 7

# --- abbreviations ---
kzt_in a node set sec off path sp pred on su si
same "keys and values of a node" "sparse true siv" \
	"$(kzt_in a -j node show | jq -r '.node | "\(."path-rule") \(.predict) \(.suite)"')"
kzt_in a node set path-r full pr off suite a
kzt_in a policy set pee "${ADDR[b]}" act failover-m 700 per on link u0 pri w 3 failover-t u1 link u1 sp fo
same "a policy's, and its link's" "active-backup 700 true true 3 u1" "$(kzt_in a -j policy show | jq -r '.policies[] |
	select(.address == "'"${ADDR[b]}"'") | "\(.mode) \(."failover-ms") \(."per-flow") \(.links[0] |
	"\(.primary) \(.weight) \(."failover-to")")"')"
kzt_in a pol se pe "${ADDR[b]}" def
same "back to what holds for all" none "$(kzt_in a -j policy show | jq -r '[.policies[] | select(.own) | .mode][0] // "none"')"

# --- configuration ---
check "a peer that does not answer" kzt_in a peer add "$KZT_IDS/5.pub" endpoint 203.0.113.9/9993
same "explain says that no route leads to it" true "$(kzt_in a -j explain "$(cut -c1-10 "$KZT_IDS/5.pub")" |
	jq 'any(.peer.facts[]; test("at 203.0.113.9:9993, but no route leads there: Network is unreachable"))')"
kzt_in b policy set balance-xor
check "a policy that lacks a path is not called one" sh -c \
	"ip netns exec b $KZT | grep -q '^peer ${ADDR[a]} .* policy balance-xor (not in force)'"
kzt_in b policy set default
kzt_in a node set deny 203.0.113.0/24
same "or that it is denied" true "$(kzt_in a -j explain "$(cut -c1-10 "$KZT_IDS/5.pub")" |
	jq 'any(.peer.facts[]; test("at 203.0.113.9:9993, but 203.0.113.0/24 is denied"))')"
kzt_in a node set deny none
check "a mark that nothing is routed with" ip -n a rule add fwmark 0x78 unreachable
check "on the node's packets" kzt_in a node set fwmark 0x78
same "explain says that nothing can be sent" true "$(kzt_in a -j explain "${ADDR[b]}" |
	jq 'any(.peer.facts[]; test("nothing can be sent by path .* with the node.s fwmark"))')"
kzt_in a node set fwmark off
# A node with all that it can have is shown
words=()
for i in {1..64}; do words+=(deny "2001:db8:1:$i::/64"); done
for i in {1..16}; do words+=(deny-dev "device-number$i"); done
for i in {1..8}; do words+=(mapped "2001:db8:2::$i/9993"); done
check "all prefixes and devices denied that may be, and ports mapped" kzt_in a node set "${words[@]}"
for i in {1..32}; do kzt_in a path mtu "2001:db8:3:$i::/64" 1400; done
same "the node shows them" "[64,16,8,32]" \
	"$(kzt_in a -j node show | jq -c '.node | [.deny, ."deny-dev", .mapped, .phys] | map(length)')"
for i in {1..32}; do kzt_in a path mtu "2001:db8:3:$i::/64" 0; done
kzt_in a node set deny none deny-dev none mapped none
check "show-config" sh -c "ip netns exec a $KZT show-config >$TMP/conf"
check "it says where a peer may be, whether it answers or not" grep -q '^Endpoint = 203.0.113.9/9993' "$TMP/conf"
check "and what a network may set" grep -q '^Managed = on' "$TMP/conf"
check "it says the alias" grep -q '^Alias = nas' "$TMP/conf"
check "a path is trusted" kzt_in a path trust 192.0.2.0/24 7
printf 'SecondaryPort = 9995\nDenyDev = docker\nPathMTU = 192.0.2.1/24 1400\n' >"$TMP/more"
sed -i "/^Relay/r $TMP/more" "$TMP/conf"
check "apply sets a second port, devices to leave alone, and a path's MTU" \
	json a '.changes == ["node set secondary-port 9995 deny-dev docker", "path mtu 192.0.2.0/24 1400"]' apply "$TMP/conf"
check "and leaves it trusted" json a '.node.phys == [{"prefix": "192.0.2.0/24", "mtu": 1400, "trust-id": "0000000000000007"}]' node show
kzt_in a node set mapped 203.0.113.7/9993 mapped 2001:db8::7/443 path-rule sparse predict on deny 198.51.100.0/24
kzt_in a policy set active-backup failover-ms 700 per-flow on scope-max 4=2 reselect better link u0 primary weight 3 failover-to u1 link u1 spare ip 46 capacity 9 mtu 1300 force
kzt_in a policy set peer "${ADDR[b]}" broadcast force
kzt_in a peer add "$KZT_IDS/5.pub" endpoint 203.0.113.9/9993 deny 192.0.2.0/25 deny 2001:db8:1::/48
kzt_in a network join $NET managed 10.0.0.0/8,fd00::/8
kzt_in a show-config >"$TMP/full"
check "show-config says all that was set" sh -c "grep -qx 'Mapped = 203.0.113.7/9993' $TMP/full &&
	grep -qx 'PathRule = sparse' $TMP/full && grep -qx 'Predict = on' $TMP/full &&
	grep -qx 'PathTrust = 192.0.2.0/24 0000000000000007' $TMP/full && grep -qx 'Policy = broadcast .*' $TMP/full &&
	grep -qx 'Deny = 192.0.2.0/25' $TMP/full && grep -qx 'Managed = 10.0.0.0/8,fd00::/8' $TMP/full"
check "which applied again changes nothing" json a '.changes == []' apply "$TMP/full"
sed "/^Identity = $(cut -c1-10 "$KZT_IDS/5.pub")/a Root = yes" "$TMP/full" >"$TMP/root"
is_root() { [ "$(kzt_in a -j peer show "$(cut -c1-10 "$KZT_IDS/5.pub")" | jq '.peers[0].upstream')" = "$1" ]; }
check "apply makes a peer a root" kzt_in a apply "$TMP/root"
check "it is one" is_root true
sed -i 's/^Root = yes/Root = no/' "$TMP/root"
check "and takes that back" kzt_in a apply "$TMP/root"
check "it is none" is_root false
check "once" json a '.changes == []' apply "$TMP/root"
kzt_in a node set mapped none path-rule full predict off deny none secondary-port off deny-dev none
kzt_in a path trust 192.0.2.0/24 off
kzt_in a policy set default
kzt_in a policy set peer "${ADDR[b]}" default
kzt_in a peer add "$KZT_IDS/5.pub" deny none
kzt_in a network join $NET managed on
# whole: all of it but what the node says of itself
whole() { kzt_in a show-config | grep -v '^Port ='; }
check "it differs then" eval "! diff <(whole) <(grep -v '^Port =' $TMP/full)"
check "and comes back" kzt_in a apply "$TMP/full"
check "all of it" eval "diff <(whole) <(grep -v '^Port =' $TMP/full)"
sed 's/^Policy = active-backup.*/Policy = active-backup failover-ms 700/; s/^Policy = broadcast.*/Policy = nonsense/' "$TMP/full" >"$TMP/wrong"
refuses "a policy that is none" 1 'no policy' "$KZT" -n a apply "$TMP/wrong"
kzt_in a node set mapped none path-rule full predict off deny none
kzt_in a policy set default
kzt_in a policy set peer "${ADDR[b]}" default
kzt_in a network join $NET managed on
same "which the node has" '9995 ["docker"]' "$(kzt_in a -j node show | jq -r '.node | "\(."secondary-port") \(."deny-dev")"')"
kzt_in a show-config >"$TMP/conf2"
check "and show-config says" sh -c "grep -q '^SecondaryPort = 9995' $TMP/conf2 && grep -q '^DenyDev = docker' $TMP/conf2 &&
	grep -qx 'PathMTU = 192.0.2.0/24 1400' $TMP/conf2"
sed -i "s/^SecondaryPort = .*/SecondaryPort = random/" "$TMP/conf"
check "applied again it changes nothing" json a '.changes == []' apply "$TMP/conf"
sed -i 's/^Mark = 7/Mark = 8/; s/^Relay = on/Relay = off/; s/^Alias = nas/Alias = box/; s/^Global = off/Global = on/' "$TMP/conf"
check "apply makes up for differences" json a '.changes | length == 4' apply "$TMP/conf"
check "what a network may set" json a ".networks[0].global" network show $NET
check "relaying" json a '.node.relay == false' node show
check "and the peer" json a '.peers[0].mark == 8 and .peers[0].alias == "box"' peer show "${ADDR[b]}"
check "traffic goes on" reaches a 10.88.0.2
printf '[Node]\nRelay = on\n' >"$TMP/conf"
check "what a file does not name goes" json a '.changes | length == 4' apply "$TMP/conf"
check "the peer" json a '[.peers[] | select(.static)] == []'
check "and the network" json a '.networks == []'

# --- rules test ---
ip -n b link set zt0 down
own=$(ip -n b -j link show zt0 | jq -r '.[0].address' | tr -d :)
body=4500001c00000000400100000a5800010a580002080000000000000000000000
printf '%s\n%s\n' "$own${own}0800$body" "$own${own}888800000000" |
	"$KZT_PYTHON" "$SELFTESTS/pcap.py" "$TMP/frames"
member b $NET6 zt6
check "rules test: IPv4 is dropped where only IPv6 is, by which rule" \
	json b '.frames | length == 2 and all(.verdict == "drop" and .rule >= 0 and .action.type == "drop")' \
	rules test $NET6 dir out "$TMP/frames"
check "rules test: it is accepted elsewhere" json b '.frames[0].verdict == "accept"' \
	rules test $NET dir in "$TMP/frames"
refuses "rules test needs a direction" 2 'in or out' "$KZT" -n b rules test $NET dir up "$TMP/frames"

# --- zerotier-cli ---
cli() { ip netns exec b "$BIN/zerotier-cli" "$@"; }
check "zerotier-cli bond show" sh -c "ip netns exec b $BIN/zerotier-cli -j bond ${ADDR[a]} show | jq -e '.bondingPolicyStr == \"none\" and .numTotalLinks > 0'"
refuses "of nobody: status 1" 1 "no such peer" ip netns exec b "$BIN/zerotier-cli" bond show 1122334455
check "zerotier-cli info" sh -c "ip netns exec b $BIN/zerotier-cli info | grep -qE '^200 info ${ADDR[b]} [0-9.]+ (ONLINE|OFFLINE)$'"
same "listnetworks" "200 listnetworks $NET6" "$(cli listnetworks | grep -o "^200 listnetworks $NET6")"
same "-j listnetworks" OK "$(cli -j listnetworks | jq -r '.[] | select(.id == "'$NET6'") | .status')"
same "listpeers" "200 listpeers ${ADDR[a]}" "$(cli listpeers | grep -o "^200 listpeers ${ADDR[a]}")"
check "-j info" sh -c "ip netns exec b $BIN/zerotier-cli -j info | jq -e '.address == \"${ADDR[b]}\"'"
same "get ip6plane" fc "$(cli get $NET6 ip6plane | cut -c1-2)"
refuses "a wrong word: status 2" 2 'Usage' ip netns exec b "$BIN/zerotier-cli" nonsense
check "join what is joined" sh -c "ip netns exec b $BIN/zerotier-cli join $NET6 | grep -qx '200 join OK'"
refuses "join needs the agent: status 2" 2 'no agent' ip netns exec b "$BIN/zerotier-cli" join ff0b000000000001
check "leave what is not" sh -c "ip netns exec b $BIN/zerotier-cli leave ff0b000000000001 | grep -qx '200 leave OK'"
done_testing
