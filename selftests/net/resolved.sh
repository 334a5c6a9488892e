#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Name servers of a network, given to a real systemd-resolved: allowed, changed,
# taken away; without it, and while it does not answer.
#
#   c (root, controller, name server) --- a (agent, systemd-resolved)
#
# Only the agent of the first namespace tells it: a's agent is in a PID namespace
# whose first process is in a.
. "$SELFTESTS/lib.sh"
RESOLVED=${KZT_CACHE:-/var/lib/kzt-build}/resolved
[ -x "$RESOLVED/systemd-resolved" ] || { echo "1..0 # SKIP $RESOLVED has no systemd-resolved"; exit 4; }
command -v dbus-daemon >/dev/null || { echo "1..0 # SKIP dbus-daemon is not installed"; exit 4; }
KZT_PYTHON=${KZT_PYTHON:-/usr/bin/python3}
# From here on resolvectl is found, by the agent, too
export PATH=$RESOLVED:$PATH LD_LIBRARY_PATH=$RESOLVED

# --- a message bus and systemd-resolved, without systemd ---
mkdir -p /run/dbus /run/systemd
cat >"$TMP/bus.conf" <<'EOF'
<busconfig>
 <type>system</type>
 <listen>unix:path=/run/dbus/system_bus_socket</listen>
 <auth>EXTERNAL</auth>
 <policy context="default">
  <allow user="*"/> <allow own="*"/> <allow eavesdrop="false"/>
  <allow send_destination="*"/> <allow receive_sender="*"/>
 </policy>
</busconfig>
EOF
bus() {
	dbus-daemon --config-file="$TMP/bus.conf" --nofork --nopidfile >"$TMP/bus.log" 2>&1 &
	BUS=$!
	PROGRAMS+=("$BUS")
	until_ok 20 test -S /run/dbus/system_bus_socket
}
# It becomes a user that only its package makes: another name of nobody, whom the
# bus knows
for f in passwd group; do
	grep -v '^systemd-resolve:' "/etc/$f" >"$TMP/$f"
done
echo 'systemd-resolve:x:65534:65534::/:/usr/sbin/nologin' >>"$TMP/passwd"
echo 'systemd-resolve:x:65534:' >>"$TMP/group"
resolved() {
	# shellcheck disable=SC2016
	ip netns exec a unshare -m bash -c 'for f in passwd group; do mount --bind "$1/$f" "/etc/$f" || exit; done
		exec systemd-resolved' - "$TMP" >"$TMP/resolved.log" 2>&1 &
	RESOLVED_PID=$!
	PROGRAMS+=($!)
	until_ok 30 on a resolvectl status
}
# It says "Link 3 (zt0): WORD...": the words
servers() { on a resolvectl dns zt0 | sed 's/^[^:]*:\s*//'; }
domains() { on a resolvectl domain zt0 | sed 's/^[^:]*:\s*//'; }
has() { [ "$(domains) $(servers)" = "$1" ]; }
knows_nothing() { ! on a resolvectl dns | grep -E '10\.99|fd00::53'; }

# --- a network ---
ns c a
wire c u0 10.77.0.3/24 -- a u0 10.77.0.1/24
secret c 0
secret a 1
ready() { kzt_in a -j node show | jq -e --arg a "${ADDR[a]}" '.node.agent and .node.address == $a'; }
start() {
	ip netns exec a unshare -pf --kill-child --mount-proc "$KZTD" --foreground --no-controller \
		--state "$TMP/state-a" >>"$TMP/kztd-a.log" 2>&1 &
	PARENT=$!	# which no signal ends, but that its child ends
	until_ok 30 ready && AGENT[a]=$(pgrep -P "$PARENT") && PROGRAMS+=("${AGENT[a]}")
}
killed() { kill -KILL "${AGENT[a]}"; wait "$PARENT" 2>/dev/null; }
check "a controller" agent c
check "an agent, in what it sees as the first namespace" start
check "a planet" "$KZT" world make "$TMP/planet" root "$KZT_IDS/0.pub=10.77.0.3/9993"
check "of which the controller is the root" kzt_in c world set "$TMP/planet"
check "and which the agent has" kzt_in a world set "$TMP/planet"
NW=${ADDR[c]}0000a9
ctl() { kzt_in c controller "$@"; }
api() {	# JSON
	on c curl -sf --abstract-unix-socket kzt/http -X POST -d "$1" "http://localhost/controller/network/$NW"
}
check "a network with a name server" ctl network new "$NW" v4 on route 10.99.0.0/24 \
	pool 10.99.0.10-10.99.0.99 dns club.test=10.99.0.53
check "the agent's node may join" ctl member authorize "$NW" "${ADDR[a]}" ip 10.99.0.1
check "so may the controller's" ctl member authorize "$NW" "${ADDR[c]}" ip 10.99.0.53
check "which does" kzt_in c network join "$NW" dev zt0 dns on
network() { kzt_in a -j network show "$NW" | jq -e ".networks[0] | $1"; }

# --- without systemd-resolved ---
check "it joins" kzt_in a network join "$NW" dev zt0
check "it is told of the name server" until_ok 60 network '.dns == {"domain": "club.test", "servers": ["10.99.0.53"], "set": false}'
check "which the command line shows" eval 'kzt_in a network show "$NW" | grep -Fx "  dns: club.test 10.99.0.53 (not set)"'
check "it is allowed" kzt_in a network join "$NW" dns on
check "and not set, as there is nobody to tell" network '."allow-dns" and (.dns.set | not)'
legacy() { on a "${KZT%/*}/zerotier-cli" -j listnetworks | jq -e '.[0] | .allowDNS and
	.dns == {"domain": "club.test", "servers": ["10.99.0.53"]}'; }
check "zerotier-cli tells the same" legacy

# --- with it ---
check "a message bus" bus
check "systemd-resolved" resolved || { diag "$(cat "$TMP/resolved.log" "$TMP/bus.log")"; done_testing; }
check "it is given the domain and the server" until_ok 30 has "club.test 10.99.0.53"
check "which is seen" until_ok 10 network .dns.set
check "and shown" eval 'kzt_in a network show "$NW" | grep -Fx "  dns: club.test 10.99.0.53"'
cat >"$TMP/server.py" <<'PY'
# A name server: every name has the address 10.99.0.77
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.99.0.53", 53))
while True:
    asked, who = s.recvfrom(512)
    end = asked.index(b"\0", 12) + 5
    is_a = asked[end - 4:end - 2] == b"\0\1"
    answer = b"\xc0\x0c\0\1\0\1\0\0\0\x0a\0\4" + bytes((10, 99, 0, 77)) if is_a else b""
    s.sendto(asked[:2] + b"\x85\x80\0\1" + (b"\0\1" if is_a else b"\0\0") + bytes(4) +
             asked[12:end] + answer, who)
PY
address() { ip -n c -j addr show dev zt0 | jq -e '.[0].addr_info[] | select(.local == "10.99.0.53")'; }
check "the server's node has its address" until_ok 60 address
on c "$KZT_PYTHON" "$TMP/server.py" >"$TMP/server.log" 2>&1 &
PROGRAMS+=($!)
query() { on a resolvectl query --cache=no -4 "$1" | grep -F 10.99.0.77; }
check "a name of the domain is asked of it" until_ok 60 query nas.club.test
refused() { ! on a resolvectl query --cache=no -4 "$1"; }
check "another one is not" refused nas.example.test

check "the controller names others" ctl network set "$NW" dns lab.test=10.99.0.54,fd00::53
check "they replace the first" until_ok 30 has "lab.test 10.99.0.54 fd00::53"
check "no domain any more" api '{"dns": {"domain": "", "servers": ["10.99.0.53"]}}'
check "it is gone" until_ok 30 has " 10.99.0.53"
check "a domain without servers" api '{"dns": {"domain": "club.test", "servers": []}}'
check "they are gone" until_ok 30 has "club.test "
check "neither" ctl network set "$NW" dns none
check "nothing is left" until_ok 30 has " "
check "a domain that is none" api '{"dns": {"domain": "..", "servers": ["10.99.0.53"]}}'
check "is refused" until_ok 30 grep -q 'did not take the name servers' "$TMP/kztd-a.log"
same "as a whole" " " "$(domains) $(servers)"
check "and shown as not set" network '.dns.set | not'
check "a good one" ctl network set "$NW" dns club.test=10.99.0.53
check "is taken" until_ok 30 has "club.test 10.99.0.53"

# --- local switches, and an agent that was away ---
check "it is forbidden" kzt_in a network join "$NW" dns off
check "and taken away" until_ok 30 has " "
check "it is allowed again" kzt_in a network join "$NW" dns on
check "and given" until_ok 30 has "club.test 10.99.0.53"
killed
check "it stays while the agent is away" has "club.test 10.99.0.53"
check "the controller names another" ctl network set "$NW" dns lab.test=10.99.0.54
check "the agent comes back" start
check "and gives that" until_ok 60 has "lab.test 10.99.0.54"

kill -KILL "$RESOLVED_PID"
wait "$RESOLVED_PID" 2>/dev/null
check "it is forbidden while there is no systemd-resolved" kzt_in a network join "$NW" dns off
killed
check "which comes back" resolved
check "with what it had" has "lab.test 10.99.0.54"
check "the agent comes back" start
check "and takes away what it gave in its former life" until_ok 30 has " "
check "it is allowed" kzt_in a network join "$NW" dns on
check "and given" until_ok 30 has "lab.test 10.99.0.54"

# --- nobody answers ---
kill -STOP "$BUS"
check "the controller changes the server while the message bus hangs" ctl network set "$NW" dns club.test=10.99.0.55
check "the agent hears of it" until_ok 60 network '.dns.servers == ["10.99.0.55"] and (.dns.set | not)'
goes_on() { pgrep -P "${AGENT[a]}" -x resolvectl && network '.dns.servers == ["10.99.0.55"]'; }
check "and answers while resolvectl waits" until_ok 30 goes_on
kill -CONT "$BUS"
check "it is given when it answers" until_ok 60 has "club.test 10.99.0.55"

# --- the end ---
same "another namespace's agent has given nothing, though it may" "true false" \
	"$(kzt_in c -j network show "$NW" | jq -r '.networks[0] | "\(."allow-dns") \(.dns.set)"')"
check "the network is left" kzt_in a network leave "$NW"
check "nothing of it is left" until_ok 10 knows_nothing
check "it is joined again" kzt_in a network join "$NW" dev zt0 dns on
check "and its server given" until_ok 60 has "club.test 10.99.0.55"
[ "$FAILED" = 0 ] || for f in kztd-a resolved bus; do diag "$f: $(tail -n 20 "$TMP/$f.log")"; done
done_testing
