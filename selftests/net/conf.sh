#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The configuration file: the node is made as it says, what is wrong costs nothing
# else, devices to keep to may come later, and kzt apply takes it as kztd does.
#
#   a (agent) --- b     by u5, which comes and goes, and u0, which is not to be used
. "$SELFTESTS/lib.sh"
KZT_PYTHON=${KZT_PYTHON:-/usr/bin/python3}
ns a b
wire a u0 172.30.0.1/24 -- b u0 172.30.0.2/24
node b 1 port 9994
knows b 0 172.31.0.1/9996
member b $NET zt0 10.88.0.2/24
cat >"$TMP/kzt.conf" <<EOF
[Node]
Identity = $KZT_IDS/0
port = 9996
Port = 9997
Bind = u5
Relay = maybe
Deny = 203.0.113.0/24, nonsense, 198.51.100.0/24
DenyDev = none
this is no line
[Network
Id = $NET6
Port = 9998
[Peer]
Identity = $(cat "$KZT_IDS/1.pub")
Endpoint = 172.30.0.2/9994, 172.31.0.2/9994
[Network]
Id = $NET
Name = lab0
Colour = red
EOF
told() { grep -qF "kzt.conf:$1" "$TMP/kztd-a.log"; }
of_node() { kzt_in a -j node show | jq -r ".node | $1"; }
is_bound() { [ "$(of_node '.bind | join(" ")')" = "$1" ]; }

# Another program has the port that a node has if nothing is said
on a "$KZT_PYTHON" -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 9993))
print("ready", flush=True)
time.sleep(600)' >"$TMP/taken" &
PROGRAMS+=($!)
until_ok 20 grep -q ready "$TMP/taken"
# ... nor may the node be anybody else because of a slip of the pen
sed "s,^Identity = .*/0$,Identity = $KZT_IDS/none," "$TMP/kzt.conf" >"$TMP/slip.conf"
refuses "an identity that is not there ends the start" 1 \
	'slip.conf:2: Identity = .*/none: No such file' \
	on a timeout $((20 * SLOW)) "$KZTD" --foreground --state "$TMP/state-a" --config "$TMP/slip.conf"
check "and none is made in its place" test ! -e "$TMP/state-a/identity.secret"
sniff b u0 "$TMP/sniffed" 9994
check "the agent starts where another program has the usual port" agent a --config "$TMP/kzt.conf"
has_port() { [ "$(of_node .port)" = 9996 ]; }
check "with the first of two ports" until_ok 20 has_port
check "the other one is told" told '4: Port = 9997: it stands there already'
check "a switch that is neither on nor off is told" told '6: Relay = maybe: it is on or off'
same "and left as it is" true "$(of_node .relay)"
check "a word of a list, too" told '7: Deny = 203.0.113.0/24, nonsense, 198.51.100.0/24: not a prefix'
same "the others count" "198.51.100.0/24 203.0.113.0/24" "$(of_node '.deny | sort | join(" ")')"
same "none is no device's name" "" "$(of_node '."deny-dev" | join(" ")')"
check "a line that is none is told" told '9: neither [Section] nor Key = value'
check "and a section whose head is wrong" told '10: a section is written [Name]'
check "which is left out as a whole" sh -c "! grep -q 'kzt.conf:1[12]' $TMP/kztd-a.log"
check "a key that a network has not" told '19: Colour = red: there is no such key'
check "the network is joined" until_ok 20 sh -c "ip -n a link show lab0 | grep -q '[<,]UP'"

# --- devices to keep to ---
check "a device that is not there is told" told '5: Bind = u5: there is no such device; it is waited for'
same "nothing goes out by another meanwhile" lo "$(of_node '.bind | join(" ")')"
wire a u5 172.31.0.1/24 -- b u5 172.31.0.2/24
check "when it comes, the node keeps to it" until_ok 20 is_bound u5
ip -n a addr add 10.88.0.1/24 dev lab0
WAIT=30 check "and reaches its peer by it" reaches a 10.88.0.2
ip -n a link del u5
check "it goes" until_ok 20 is_bound lo
wire a u5 172.31.0.1/24 -- b u5 172.31.0.2/24
check "and comes back" until_ok 20 is_bound u5
WAIT=30 check "and is used again" reaches a 10.88.0.2
same "by the other one not a datagram was sent" "" "$(grep -v ready "$TMP/sniffed")"
ip -n a link set u5 down
ip -n a link set u5 name u6
check "under another name it is not the one" until_ok 20 is_bound lo
ip -n a link set u6 name u5
ip -n a link set u5 up

# --- a reload ---
sed -i '/Colour/s/.*/Global = on/' "$TMP/kzt.conf"
kill -HUP "${AGENT[a]}"
is_global() { kzt_in a -j network show $NET | jq -e '.networks[0].global'; }
check "a switch of a network that is joined already is set" until_ok 20 is_global

# --- kzt apply ---
refuses "apply: a line that is none" 1 'kzt.conf:9: neither' kzt_in a apply "$TMP/kzt.conf"
sed -i '9,12d' "$TMP/kzt.conf"
refuses "a key that stands twice" 1 'kzt.conf:4: Port = 9997: it stands' kzt_in a apply "$TMP/kzt.conf"
sed -i '4d' "$TMP/kzt.conf"
refuses "a switch that is neither" 1 'kzt.conf:5: Relay = maybe' kzt_in a apply "$TMP/kzt.conf"
kzt_in a show-config >"$TMP/shown"
sed -i 's/^Endpoint = 172.30.0.2.*//' "$TMP/shown"
check "an endpoint less is a difference" kzt_in a apply "$TMP/shown"
same "and goes" "172.31.0.2:9994" \
	"$(kzt_in a -j peer show "${ADDR[b]}" | jq -r '.peers[0].endpoints | join(" ")')"
ip netns add blue
NAMESPACES+=(blue)
check "a network in another namespace" kzt_in a network join $NET6 dev zt6 netns blue
check "show-config says which" sh -c "ip netns exec a $KZT show-config | grep -qx 'Netns = blue'"
check "so does the summary" sh -c "ip netns exec a $KZT | grep -q 'dev zt6 netns blue'"
kill "${AGENT[a]}"
wait "${AGENT[a]}"
done_testing
