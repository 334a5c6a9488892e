#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The agent as a service: its configuration file, readiness, and that it may be
# killed at any point: no state is lost, and the datapath does not notice.
#
#   a (agent) --- b
. "$SELFTESTS/lib.sh"
KZT_PYTHON=${KZT_PYTHON:-/usr/bin/python3}
ns a b
wire a u0 172.30.0.1/24 -- b u0 172.30.0.2/24
ip -n a link add u9 type dummy
node b 1 port 9994
knows b 0 172.30.0.1/9996
member b $NET zt0 10.88.0.2/24
b=${ADDR[b]}
cat >"$TMP/kzt.conf" <<EOF
[Node]
Identity = $KZT_IDS/0
Port = 9996
Deny = 203.0.113.0/24, 2001:db8:dead::/48
DenyDev = docker, veth
SecondaryPort = 9998
PathMTU = 192.0.2.0/24 1400, 2001:db8:1::/48 9000
PathMTU = 198.51.100.0/24 20, 203.0.113.0/24 1500
Colour = red
Bind = u0, nodev0
Bind = u9
Mapped = 203.0.113.7/9993, [2001:db8::7]:443
PathRule = sparse
Predict = on
PathTrust = 192.0.2.0/24 7B, 198.51.100.0/24 0
Policy = active-backup failover-ms 700 link u0 primary link wwan7 spare
[Peer]
Identity = $(cat "$KZT_IDS/1.pub")
Endpoint = 172.30.0.2/9994
Deny = 192.0.2.0/25
Policy = broadcast max-legs 4 colour red
Alias = nas
[Network]
Id = $NET
Name = lab0
Managed = 10.0.0.0/8
EOF

# --- readiness ---
cat >"$TMP/notify.py" <<'PY'
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
out = open(sys.argv[2], "w", buffering=1)
while True:
    out.write(s.recv(4096).decode() + "\n")
PY
"$KZT_PYTHON" "$TMP/notify.py" "$TMP/notify" "$TMP/notified" &
PROGRAMS+=($!)
until_ok 20 test -S "$TMP/notify"
export NOTIFY_SOCKET=$TMP/notify
watched() { [ "$(grep -cx WATCHDOG=1 "$TMP/notified")" -gt 2 ]; }
readies() { grep -cx READY=1 "$TMP/notified"; }
ready_again() { [ "$(readies)" -gt "$1" ]; }
start() {
	local before
	before=$(readies)
	agent a --config "$TMP/kzt.conf" && until_ok 30 ready_again "$before" && return
	diag "$(tail -n 5 "$TMP/kztd-a.log")"
	return 1
}
check "the agent starts with a configuration file, and says when it is ready" start
check "and that it lives" until_ok 20 watched
# shellcheck disable=SC2154
ADDR[a]=$(cut -c1-10 "$KZT_IDS/0.pub")
same "the node has the identity of the file" "${ADDR[a]}" "$(kzt_in a -j node show | jq -r .node.address)"
same "its port" 9996 "$(kzt_in a -j node show | jq .node.port)"
same "and what is denied" "2001:db8:dead::/48 203.0.113.0/24" "$(kzt_in a -j node show | jq -r '.node.deny | sort | join(" ")')"
same "the MTU of paths, up to what is none" "192.0.2.0/24 1400 2001:db8:1::/48 9000" \
	"$(kzt_in a -j node show | jq -r '[.node.phys | sort_by(.prefix)[] | "\(.prefix) \(.mtu)"] | join(" ")')"
check "which it says, with its line" grep -q 'kzt.conf:8: PathMTU = .* not PREFIX BYTES' "$TMP/kztd-a.log"
same "its other port, and devices without a path" "9998 docker veth" \
	"$(kzt_in a -j node show | jq -r '.node | "\(."secondary-port") \(."deny-dev" | sort | join(" "))"')"
same "the peer, with its name" "true nas" "$(kzt_in a -j peer show "$b" | jq -r '.peers[0] | "\(.static) \(.alias)"')"
same "the network" lab0 "$(kzt_in a -j network show $NET | jq -r '.networks[0].dev')"
check "what is wrong is told with its line" grep -q 'kzt.conf:9: Colour = red: there is no such key' "$TMP/kztd-a.log"
same "the devices to keep to" "u0 u9" "$(kzt_in a -j node show | jq -r '.node.bind | join(" ")')"
check "and which of them is not there" grep -q 'kzt.conf:10: Bind = .* there is no such device' "$TMP/kztd-a.log"
same "where it is behind a NAT, and how it looks for paths" "203.0.113.7:9993 [2001:db8::7]:443 sparse true" \
	"$(kzt_in a -j node show | jq -r '.node | "\(.mapped | join(" ")) \(."path-rule") \(.predict)"')"
same "a path that is trusted, beside its MTU" 1400,000000000000007b \
	"$(kzt_in a -j node show | jq -r '.node.phys[] | select(.prefix == "192.0.2.0/24") | "\(.mtu),\(."trust-id")"')"
check "not by an id that is none" grep -q 'kzt.conf:15: PathTrust = .* not PREFIX ID' "$TMP/kztd-a.log"
same "the policy, with a link that is not there yet" "active-backup 700 u0 wwan7" "$(kzt_in a -j policy show | jq -r \
	'.policies[] | select(has("address") | not) | "\(.mode) \(."failover-ms") \([.links[].name] | join(" "))"')"
check "not one with a word too many, which it says" grep -q 'kzt.conf:21: Policy = .*"colour" is not expected' "$TMP/kztd-a.log"
same "where the peer is not" 192.0.2.0/25 "$(kzt_in a -j peer show "$b" | jq -r '.peers[0].deny[0]')"
same "what its network may set" '["10.0.0.0/8"]' "$(kzt_in a -j network show $NET | jq -c '.networks[0]."managed-within"')"
until_ok 20 sh -c "ip -n a link show lab0 | grep -q '[<,]UP'"
ip -n a addr add 10.88.0.1/24 dev lab0
WAIT=60 check "the network is reached" reaches a 10.88.0.2

sed -i 's/203.0.113.0/198.51.100.0/; s/ nas$/ box/; /Colour/d; s/ colour red$//; s/^Managed = .*/Managed = off\nGlobal = on/' "$TMP/kzt.conf"
kill -HUP "${AGENT[a]}"
renamed() { kzt_in a -j peer show "$b" | jq -e '.peers[0].alias == "box"'; }
check "a reload takes what changed" until_ok 20 renamed
same "what is denied, too" "198.51.100.0/24 2001:db8:dead::/48" "$(kzt_in a -j node show | jq -r '.node.deny | sort | join(" ")')"
same "the peer's policy" "broadcast 4" "$(kzt_in a -j policy show | jq -r \
	'.policies[] | select(.address == "'"$b"'" and .own) | "\(.mode) \(."max-legs")"')"
same "and what a network may set that is joined already" "false null true" "$(kzt_in a -j network show $NET | jq -r \
	'.networks[0] | "\(.managed) \(."managed-within") \(.global)"')"
kzt_in a policy set none
kzt_in a policy set peer "$b" default
sed -i '/^Policy/d; s/^Managed = off/Managed = on/' "$TMP/kzt.conf"
check "it goes on" reaches a 10.88.0.2

# --- privileges ---
field() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }
same "it has CAP_NET_ADMIN and no other capability" 0000000000001000 "$(field "${AGENT[a]}" CapEff)"
same "nor may it get one" "0000000000000000 1" "$(field "${AGENT[a]}" CapBnd) $(field "${AGENT[a]}" NoNewPrivs)"
helper=$(pgrep -P "${AGENT[a]}" kztd-netns)
same "its helper has CAP_SYS_ADMIN, too" 0000000000201000 "$(field "$helper" CapEff)"

# As the systemd unit starts it: it may not look at process 1, and knows all the
# same that this is the initial namespace
"$KZT" node set identity "$KZT_IDS/2" port 9997
NOTIFY_SOCKET='' JOURNAL_STREAM=8:1 setpriv --inh-caps=-all \
	--bounding-set=-all,+net_admin,+sys_admin,+net_broadcast,+setpcap \
	"$KZTD" --foreground --state "$TMP/state-unit" >"$TMP/kztd-unit.log" 2>&1 &
unit=$!
PROGRAMS+=("$unit")
check "with the unit's capabilities it listens where it should" until_ok 30 \
	test -S /run/kzt/kztd.sock -a -S /run/kzt/http.sock
check "and answers there" curl -sf -m 20 --unix-socket /run/kzt/http.sock http://localhost/status
kill -HUP "$unit"
check "the journal gets the level in front of each line" until_ok 20 grep -q '^<6>reloading ' "$TMP/kztd-unit.log"
check "of every line" eval "! grep -qv '^<[0-7]>' $TMP/kztd-unit.log"
kill "$unit"
wait "$unit"
same "it ends" 0 $?
check "its sockets go with it" test ! -e /run/kzt/kztd.sock -a ! -e /run/kzt/http.sock
"$KZT" node del

# --- killed ---
crash() {
	kill -KILL "${AGENT[a]}"
	wait "${AGENT[a]}" 2>/dev/null || true	# it was killed
}
on a ping -q -i 0.1 -c 60 -W 5 10.88.0.2 >"$TMP/ping" &
pinger=$!
for i in 1 2 3; do
	crash
	check "killed and started again ($i)" start
done
wait $pinger
same "the datapath did not notice" 0 "$(sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p' "$TMP/ping")"

# What was answered is kept: killed right after the answer
sed -i '/Alias/d' "$TMP/kzt.conf"
kept=0
for i in 1 2 3 4 5; do
	kzt_in a peer alias "$b" "name$i" && crash && start
	[ "$(kzt_in a -j peer show "$b" | jq -r '.peers[0].alias')" = "name$i" ] && kept=$((kept + 1))
done
same "what was answered is kept" 5 $kept

# And at any point: while it writes, after a time that is different each round
whole=0
for i in 0 1 2 3 4 5 6 7; do
	echo -1 >"$TMP/acknowledged"
	(
		n=0
		while kzt_in a peer alias "$b" "round$i.$n" 2>/dev/null; do
			echo "$n" >"$TMP/acknowledged"
			n=$((n + 1))
		done
	) &
	writer=$!
	until_ok 20 sh -c "[ \$(cat $TMP/acknowledged) -ge $((i % 3)) ]"
	crash
	wait $writer
	start
	last=$(cat "$TMP/acknowledged")
	got=$(kzt_in a -j peer show "$b" | jq -r '.peers[0].alias')
	case $got in
	"round$i.$last" | "round$i.$((last + 1))") whole=$((whole + 1)) ;;
	*) diag "round $i: acknowledged $last, found $got" ;;
	esac
done
same "killed while it writes, it has the old or the new" 8 $whole
same "the identity is the same" "${ADDR[a]}" "$(kzt_in a -j node show | jq -r .node.address)"
check "the state directory has no damaged file" sh -c "! grep -q damaged '$TMP/kztd-a.log'"
check "networks that were joined are" test -s "$TMP/state-a/networks.d/$NET.json"

# --- a network without its device (spec 4.4.5) ---
shown() { kzt_in a -j network show $NET | jq -e ".networks[0] | $1"; }
ip -n a link del lab0
check "a network whose device was removed is shown" until_ok 20 shown \
	'.status == "port-error" and .dev == "lab0" and .reason == "the device was removed"'
check "with the others, too" sh -c "ip netns exec a $KZT network show | grep -q '$NET.*PORT_ERROR'"
same "the reference's users see it" "PORT_ERROR true lab0" \
	"$(on a "$(dirname "$KZT")/zerotier-cli" -j listnetworks | jq -r '.[] | "\(.status) \(.portError > 0) \(.portDeviceName)"')"
same "over HTTP, too" "PORT_ERROR true lab0" "$(on a curl -sf --abstract-unix-socket kzt/http \
	http://localhost/network/$NET | jq -r '"\(.status) \(.portError > 0) \(.portDeviceName)"')"
crash
ip -n a link add lab0 type dummy
start
check "nor does it go while another device has its name" until_ok 20 shown \
	'.status == "port-error" and (.reason | test("a device lab0 already"))'
ip -n a link del lab0
crash
start
back() { kzt_in a -j network show $NET | jq -e '.networks[0].dev == "lab0"'; }
check "and their devices come back" until_ok 20 back
kill "${AGENT[a]}"
wait "${AGENT[a]}"
same "SIGTERM ends it" 0 $?
done_testing
