#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Groups: told to roots, gathered from them, sent to members only, limited,
# replicated, answered in place of others.
#
#   r (root)  a  b  c  d: one underlay; the others know r only
. "$SELFTESTS/lib.sh"
KZT_PYTHON=${KZT_PYTHON:-/usr/bin/python3}
ns r a b c d
lan lan0 r 10.77.0.10/24 -- a 10.77.0.1/24 -- b 10.77.0.2/24 -- c 10.77.0.3/24 -- d 10.77.0.4/24
node r 9
"$KZT" world make "$TMP/planet" root "$KZT_IDS/9.pub=10.77.0.10/9993" >/dev/null 2>&1
check "r is a root" kzt_in r world set "$TMP/planet"
i=0
net=$(cut -c1-10 "$KZT_IDS/8.pub")000001	# a controller that is not there
echo "accept;" >"$TMP/rules"
everywhere() {
	local n
	for n in a b c d; do kzt_in $n network set "$net" "$@" || return; done
}
for n in a b c d; do
	node $n $i
	kzt_in $n world set "$TMP/planet"
	kzt_in r peer add "$KZT_IDS/$i.pub" endpoint "10.77.0.$((i + 1))/9993"
	kzt_in $n network join "$net" dev kzt0 >/dev/null 2>&1
	i=$((i + 1))
	ip -n $n addr add 10.88.0.$i/24 dev kzt0
	ip -n $n link set kzt0 up
	for k in 0 1 2 3; do	# strangers need an agent; here they are known
		[ $((k + 1)) = $i ] || kzt_in $n peer add "$KZT_IDS/$k.pub"
	done
done
check "four members, configured by hand" everywhere rules "$TMP/rules" flag none multicast-limit 32
for n in a b c d; do until_ok 30 kzt_in $n wait online timeout 1; done

# member_of NODE WHO MAC [ADI]: does NODE know WHO in the group
member_of() {
	kzt_in "$1" -j multicast show "$net" | jq -e --arg who "${ADDR[$2]}" --arg mac "$3" --argjson adi "${4:-0}" \
		'.groups[] | select(.mac == $mac and .adi == $adi) | .members | index($who) != null'
}
subscribed() {
	kzt_in "$1" -j multicast show "$net" | jq -e --arg mac "$2" '.groups[] | select(.mac == $mac and .subscribed)'
}
adi() { local IFS=.; set -- $1; echo $((($1 << 24) + ($2 << 16) + ($3 << 8) + $4)); }

check "the root hears of ARP's groups" until_ok 30 member_of r b ff:ff:ff:ff:ff:ff "$(adi 10.88.0.2)"
check "ARP finds a member through it" reaches a 10.88.0.2
check "the group was gathered" member_of a b ff:ff:ff:ff:ff:ff "$(adi 10.88.0.2)"
same "and no other is in it" 1 "$(kzt_in a -j multicast show "$net" | jq --argjson adi "$(adi 10.88.0.2)" \
	'.groups[] | select(.adi == $adi) | .members | length')"

# --- groups of the device ---
G=01:00:5e:01:01:01
for n in b c; do ip -n $n maddr add $G dev kzt0; done
check "a group of the device is subscribed to" until_ok 20 subscribed b $G
check "and told to the root" until_ok 20 member_of r b $G
check "by both" until_ok 20 member_of r c $G
frames() { kzt_in "$1" -j metrics | jq '[.metrics[] | select(.name == "kzt_events_total" and .labels.event == "rx-frames") | .value][0]'; }
# say N: frames of a to the group; each is a datagram of 100 bytes
cat >"$TMP/say.py" <<'PY'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.88.0.1"))
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
for i in range(int(sys.argv[1])):
    s.sendto(b"x" * 100, ("239.1.1.1", 5000))
PY
say() { on a "$KZT_PYTHON" "$TMP/say.py" "$1"; }
more() { [ "$(frames "$1")" -ge "$2" ]; }
b=$(frames b) c=$(frames c) d=$(frames d)
say 3
check "frames go to one member" until_ok 20 more b $((b + 3))
check "and the other" until_ok 20 more c $((c + 3))
same "not to who is in no group" "$d" "$(frames d)"
ip -n b maddr del $G dev kzt0
gone() { ! subscribed b $G; }
check "the group is left with the device's" until_ok 20 gone
ip -n b maddr add $G dev kzt0
until_ok 20 subscribed b $G

# --- limits ---
check "a limit of one receiver" kzt_in a network set "$net" multicast-limit 1
# The counters have what the stack says, too: only what comes by the device tells
for n in b c; do check "a sniffer at $n" sniff $n kzt0 "$TMP/heard-$n" 5000; done
said() { cat "$TMP/heard-b" "$TMP/heard-c" | grep -c '^head 100 '; }
said_all() { [ "$(said)" -ge 20 ]; }
say 20
check "then each frame has one" until_ok 20 said_all
# What is sent to one peer keeps its order: a second copy would be there now
for n in 2 3; do reaches a 10.88.0.$n; done
same "and not the other" 20 "$(said)"
diag "$(grep -c '^head' "$TMP/heard-b") to b, $(grep -c '^head' "$TMP/heard-c") to c"
check "a limit of none" kzt_in a network set "$net" multicast-limit 0
before=$(drops a multicast-off)
say 1
check "drops" [ "$(drops a multicast-off)" -gt "$before" ]
kzt_in a network set "$net" multicast-limit 32

# --- broadcast ---
before=$(drops a multicast-off)
on a ping -q -b -c 1 -W 1 10.88.0.255 >/dev/null 2>&1
check "broadcast is off" [ "$(drops a multicast-off)" -gt "$before" ]
everywhere flag broadcast
check "it can be on" until_ok 30 member_of r d ff:ff:ff:ff:ff:ff
b=$(frames b) c=$(frames c) d=$(frames d)
on a ping -q -b -c 1 -W 1 10.88.0.255 >/dev/null 2>&1
for n in b c d; do check "and reaches $n" until_ok 30 more $n $((${!n} + 1)); done

# --- replication ---
check "b replicates for others" everywhere replicator "${ADDR[b]}" bridge "${ADDR[b]}"
reaches a 10.88.0.2	# a path that lives, and has a latency
rtt() { kzt_in a -j peer show "${ADDR[b]}" | jq -e '.peers[0]."rtt-us" > 0'; }
check "whom a reaches directly" until_ok 60 rtt
# Only frames to the group: there are others all the time
printf 'accept macdest %s;\naccept;\n' $G >"$TMP/rules"
check "a rule counts them" kzt_in a network set "$net" rules "$TMP/rules"
hits() { kzt_in a -j rules show "$net" | jq '[.rules[] | select(.type == "accept" or .type == "ACTION_ACCEPT") | .hits][0]'; }
c=$(frames c) h=$(hits)
say 5
check "c hears of a" until_ok 30 more c $((c + 5))
HITS=$(($(hits) - h))
# The rules are asked for a frame, and for each copy of it: three without b
check "though a sends one copy of each" [ $HITS -le 10 ]
diag "they asked the rules $HITS times"

# --- neighbours without a packet ---
plane() {	# the 6PLANE address of a node (spec 4.1.3)
	local hi=$((16#${net:0:8})) lo=$((16#${net:8:8})) x s
	x=$(printf '%08x' $((hi ^ lo)))
	s=fc$x${ADDR[$1]}000000000001
	echo "$s" | sed 's/..../&:/g; s/:$//'
}
for n in a b; do
	check "$n has its 6PLANE address" kzt_in $n network set "$net" flag ndp-emulation \
		address "$(plane $n)/40" multicast-limit 0 replicator none
	ip -n $n addr add "$(plane $n)/40" dev kzt0 nodad
done
check "a neighbour is found with multicast off" reaches a "$(plane b)"
same "its address is the member's" "$(ip -n b -j link show kzt0 | jq -r '.[0].address')" \
	"$(ip -n a -6 -j neigh show dev kzt0 | jq -r --arg ip "$(plane b | sed 's/0000:0000:0001$/:1/')" \
		'[.[] | select(.lladdr and (.dst | startswith("fc")))][0].lladdr')"
done_testing
