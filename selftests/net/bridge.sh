#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Devices as ports of Linux bridges, with hosts behind them on both sides.
#
#   h1 --- br0 [a] ===+
#                     +=== c (a plain member, with a host hc that it must not bridge)
#   h2 --- br0 [b] ===+
. "$SELFTESTS/lib.sh"
KZT_PYTHON=${KZT_PYTHON:-/usr/bin/python3}
ns a b c h1 h2 hc
lan lan0 a 10.77.0.1/24 -- b 10.77.0.2/24 -- c 10.77.0.3/24
node a 0
node b 1
node c 2
for n in a b c; do
	knows $n 0 10.77.0.1/9993
	knows $n 1 10.77.0.2/9993
	knows $n 2 10.77.0.3/9993
done >/dev/null 2>&1	# nobody is a peer of itself
net=$(cut -c1-10 "$KZT_IDS/9.pub")000001	# a controller that is not there
echo "accept;" >"$TMP/rules"
for n in a b c; do
	kzt_in $n network join "$net" dev kzt0 >/dev/null 2>&1
	check "$n is configured by hand" kzt_in $n network set "$net" rules "$TMP/rules" \
		flag broadcast multicast-limit 32 bridge "${ADDR[a]}" bridge "${ADDR[b]}"
done
same "its status is OK" ok "$(kzt_in a -j network show "$net" | jq -r '.networks[0].status')"

# host HOST NS NUMBER: a host behind a bridge; its MAC address is no member's
host() {
	ip -n "$2" link add br0 type bridge mcast_snooping 0 forward_delay 0
	ip link add p0 netns "$2" type veth peer name e0 netns "$1" address "00:16:3e:00:00:$3"
	ip -n "$2" link set p0 master br0 up
	ip -n "$2" link set kzt0 master br0 up
	ip -n "$2" link set br0 up
	ip -n "$1" addr add "10.99.0.$3/24" dev e0
	ip -n "$1" addr add "fd99::$3/64" dev e0 nodad
	ip -n "$1" link set e0 up
}
host h1 a 11
host h2 b 12
ip -n c addr add 10.99.0.3/24 dev kzt0
ip -n c addr add fd99::3/64 dev kzt0 nodad
ip -n c link set kzt0 up

check "from host to host over IPv4" reaches h1 10.99.0.12
check "and back" reaches h2 10.99.0.11
check "over IPv6" reaches h1 fd99::12
check "from a member to a host" reaches c 10.99.0.11
check "from a host to a member" reaches h2 10.99.0.3
check "from a member to a host over IPv6" reaches c fd99::12
check "TCP between the hosts carries the right bytes" tcp_hash h1 10.99.0.11 h2 10.99.0.12 4000000
check "large frames, too" pings h1 10.99.0.12 -s 1400 -M "do"

# The network's MTU is 2800; a bridge lets pass what is 4 bytes longer, and bursts
for d in "h1 e0" "h2 e0" "a p0" "b p0"; do ip -n "${d% *}" link set "${d#* }" mtu 2810; done
check "frames of the network's MTU pass" pings h1 10.99.0.12 -s 2772 -M "do"
refuses "longer ones draw frag-needed" 1 'mtu = 2800' on h1 ping -c 1 -W 3 -s 2773 -M "do" 10.99.0.12
refuses "and packet-too-big" 1 'mtu[:=] ?2800' on h1 ping -c 1 -W 3 -s 2756 -M "do" fd99::12
check "they are counted" [ "$(drops a frame-too-big)" -ge 2 ]
# told NS ADDRESS: its way there has the MTU
told() { ip -n "$1" route get "$2" | grep -q 'mtu 2800'; }
for to in "10.99.0.11 10.99.0.12" "fd99::11 fd99::12"; do
	for n in h1 h2; do for f in -4 -6; do ip -n $n $f route flush cache; done; done
	check "TCP with bursts of longer segments gets through: ${to#* }" \
		tcp_hash h1 "${to% *}" h2 "${to#* }" 2000000
	check "the sender was told" told h1 "${to#* }"
done
for d in "h1 e0" "h2 e0" "a p0" "b p0"; do ip -n "${d% *}" link set "${d#* }" mtu 1500; done

same "the route is learned" "${ADDR[a]}" \
	"$(kzt_in b -j fdb show "$net" | jq -r '.fdb[] | select(.mac == "00:16:3e:00:00:11") | .address')"
learned() { on b bridge fdb show dev kzt0 | grep -q "$1.*extern_learn"; }
check "bridge fdb show knows it" learned 00:16:3e:00:00:11
# A station that is silent after one frame
cat >"$TMP/flood.py" <<'PY'
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("e0", 0))
for i in range(int(sys.argv[1])):
    s.send(b"\xff" * 6 + b"\x00\x16\x3f" + i.to_bytes(3, "big") + b"\x88\xb5" + b"\0" * 46)
PY
on h1 "$KZT_PYTHON" "$TMP/flood.py" 1
check "another address" until_ok 20 learned 00:16:3f:00:00:00
check "bridge fdb del" on b bridge fdb del 00:16:3f:00:00:00 dev kzt0 self
forgotten() { ! learned "$1"; }
check "it is gone" forgotten 00:16:3f:00:00:00
on h1 "$KZT_PYTHON" "$TMP/flood.py" 1
check "and learned again" until_ok 20 learned 00:16:3f:00:00:00

# A tag travels in the body
for h in h1 h2; do
	ip -n $h link add e0.10 link e0 type vlan id 10
	ip -n $h addr add "10.98.0.${h#h}/24" dev e0.10
	ip -n $h link set e0.10 up
done
check "a VLAN between the hosts" reaches h1 10.98.0.2

# Groups behind the bridge are this node's
on h1 timeout 10 ping -q -c 1 -W 1 -I e0 239.1.2.3 >/dev/null
group() { kzt_in a -j multicast show "$net" | jq -e '.groups[] | select(.mac == "01:00:5e:01:02:03" and .subscribed)'; }
check "a group that a host sends to is announced" until_ok 20 group
echo 'drop ipdest 239.1.2.4/32; accept;' >"$TMP/rules"
check "a does not let frames to another out" kzt_in a network set "$net" rules "$TMP/rules"
on h1 timeout 10 ping -q -c 1 -W 1 -I e0 239.1.2.4 >/dev/null
group4() { kzt_in a -j multicast show "$net" | jq -e '.groups[] | select(.mac == "01:00:5e:01:02:04" and .subscribed)'; }
check "nevertheless the host may want what comes for it" until_ok 20 group4
echo 'accept;' >"$TMP/rules"
check "all rules as before" kzt_in a network set "$net" rules "$TMP/rules"

# What the administrator says of the MTU stays below what the network says
# frame NS TO LENGTH [raw]: of type 88b5, from its device
frame() {
	on "$1" "$KZT_PYTHON" -c '
import socket, sys
s, r = (socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(p)) for p in (0, 0x88b5))
for one in (s, r):
    one.bind(("kzt0", 0 if one is s else 0x88b5))
r.settimeout(10)
me = s.getsockname()[4]
to = me if sys.argv[1] == "me" else bytes.fromhex(sys.argv[1])
s.send(to + me + b"\x88\xb5" + bytes(int(sys.argv[2])))
if to == me:
    while True:
        data, where = r.recvfrom(65536)
        if where[2] == socket.PACKET_HOST:
            sys.exit(data[:6] != me)' "$2" "$3"
}
check "a frame to the own address comes back" frame c me 100
sent() { ip -n c -j -s link show kzt0 | jq -c '.[0].stats64.tx | [.bytes, .dropped]'; }
check "frames may be long" kzt_in c network set "$net" mtu 10000
before=$(sent)
check "one that FRAME has room for, but not what bridges get" frame c 00163e000077 9980
# The stack may have sent something small
check "is dropped, not sent" jq -ne --argjson b "$before" --argjson s "$(sent)" \
	'$s[0] - $b[0] < 9980 and $s[1] == $b[1] + 1'
check "as before" kzt_in c network set "$net" mtu 2800

c_mtu() { ip -n c -j link show kzt0 | jq '.[0].mtu'; }
check "ip link set mtu" ip -n c link set kzt0 mtu 1400
check "another configuration" kzt_in c network set "$net" multicast-limit 31
same "leaves it" 1400 "$(c_mtu)"
check "one with less" kzt_in c network set "$net" mtu 1300
same "lowers it" 1300 "$(c_mtu)"
check "one with more" kzt_in c network set "$net" mtu 2800
same "brings it back" 1400 "$(c_mtu)"

# c is no bridge: what is behind it stays there
ip -n c link set kzt0 down
ip -n c addr flush dev kzt0
host hc c 13
before=$(drops c not-a-bridge)
on hc ping -q -c 2 -W 1 10.99.0.11 >/dev/null
check "who is no bridge sends no foreign frames" [ "$(drops c not-a-bridge)" -gt "$before" ]
same "and nothing is learned of it" 0 "$(kzt_in a -j fdb show "$net" | jq '[.fdb[] | select(.mac == "00:16:3e:00:00:13")] | length')"

# More addresses than there is room for
# Of a burst most is lost on the way: again and again, until it is enough
flood() { on h1 "$KZT_PYTHON" "$TMP/flood.py" 6000 && many; }
many() { [ "$(kzt_in b -j fdb show "$net" | jq '.fdb | length')" -gt 1000 ]; }
check "a flood of addresses is learned" until_ok 60 flood
check "within bounds" [ "$(kzt_in b -j fdb show "$net" | jq '.fdb | length')" -le 4096 ]
check "bridge fdb show dumps them" [ "$(on b bridge fdb show dev kzt0 | grep -c extern_learn)" -gt 1000 ]
check "the hosts still reach each other" reaches h1 10.99.0.12

# A bridge no more
check "a is a bridge no longer" kzt_in b network set "$net" bridge "${ADDR[b]}"
same "what was behind it is forgotten" 0 "$(kzt_in b -j fdb show "$net" | jq '.fdb | length')"
refuses "nothing from behind it comes in" 1 '' ip netns exec h1 ping -q -c 2 -W 1 10.99.0.12
many=()
for i in $(seq 256); do many+=(bridge "$(printf 10000001%02x $((i - 1)))"); done
check "256 bridges" kzt_in b network set "$net" "${many[@]}"
same "all are there" 256 "$(kzt_in b -j network show "$net" | jq '.networks[0].bridge | length')"
refuses "one more is too many" 1 'more than 256' "$KZT" -n b network set "$net" "${many[@]}" bridge 1000000200
same "that changes nothing" 256 "$(kzt_in b -j network show "$net" | jq '.networks[0].bridge | length')"
printf 'accept macdest 00:16:3e:00:00:77;\naccept;\n' >"$TMP/rules"
check "a rule counts frames to an unknown address" kzt_in b network set "$net" rules "$TMP/rules"
check "such a frame" on b "$KZT_PYTHON" -c '
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("kzt0", 0))
s.send(bytes.fromhex("00163e000077") + s.getsockname()[4] + b"\x88\xb5" + bytes(46))'
same "goes to 32 of them: the rules are asked for each, and once before" 33 \
	"$(kzt_in b -j rules show "$net" | jq '.rules[1].hits')"

# More than a message of a dump holds
for i in {1..85}; do
	echo drop
	for k in {1..10}; do echo "ipsrc fd01:$i:$k::/64 or"; done
	echo 'ipdest fd01::/64 ;'
done >"$TMP/rules"
check "as many anchors" kzt_in b network set "$net" "${many[@]//bridge/anchor}"
check "and replicators" kzt_in b network set "$net" "${many[@]//bridge/replicator}"
check "and rules" kzt_in b network set "$net" rules "$TMP/rules"
nodes() { kzt_in b -j network show "$@" | jq -c '.networks[0] | [(.bridge, .anchor, .replicator | length), .rules]'; }
same "one network shows all of it" "[256,256,256,1020]" "$(nodes "$net")"
check "another network" kzt_in b network join "$NET" dev kzt1
two() { kzt_in b -j network show | jq -r '.networks | map(.id) | sort | join(" ")'; }
same "of all, none is left out" "$(printf '%s\n' "$net" "$NET" | sort | paste -sd' ')" "$(two)"
same "what does not fit is" "[256,256,256,null]" "$(nodes)"
done_testing
