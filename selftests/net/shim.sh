#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# zerotier-cli, every word of it: its lines and exit statuses, and with -j the
# objects that the local service API has.
#
#   a (agent) u0 192.168.1.1 --- 192.168.1.2 u0 b
#             u1 192.168.2.1 --- 192.168.2.2 u1
. "$SELFTESTS/lib.sh"
command -v curl >/dev/null || { echo "1..0 # SKIP curl is not installed"; exit 4; }
SHIM=$(dirname "$KZT")/zerotier-cli
ns a b
wire a u0 192.168.1.1/24 -- b u0 192.168.1.2/24
wire a u1 192.168.2.1/24 -- b u1 192.168.2.2/24
secret a 0
check "a node with an agent" agent a
node b 1 port 9994
kzt_in a peer add "$KZT_IDS/1.pub" endpoint 192.168.1.2/9994
knows b 0 192.168.1.1/9993
member b $NET kzt0 10.88.0.2/8
B=${ADDR[b]}

cli() { on a "$SHIM" "$@"; }
rest() { on a curl -sf -m 20 --abstract-unix-socket kzt/http "http://localhost$1"; }
# What differs between two calls that are not at once
steady_json() {
	jq -S 'walk(if type == "object" then del(.clock, .lastSend, .lastReceive, .latency, .lastInAge, .lastOutAge,
		.latencyMean, .latencyVariance, .packetLossRatio) else . end)'
}
# alike NAME PATH COMMAND...: -j prints what the API answers
alike() {
	local name=$1 path=$2
	shift 2
	rest "$path" | steady_json >"$TMP/rest"
	cli -j "$@" | steady_json >"$TMP/cli"
	check "$name" diff "$TMP/rest" "$TMP/cli"
}
# field FILTER PATH VALUE
field() { same "$1" "$4" "$(rest "$2" | jq -rc "$3")"; }

# --- options ---
check "info" eval "cli info | grep -qE '^200 info ${ADDR[a]} 1\.[0-9.]+ (ONLINE|OFFLINE)$'"
same "-D, -p and -T are taken, wherever they stand" "$(cli info)" "$(cli -D/nowhere -p1 info -Tsecret)"
same "-j behind the command" "${ADDR[a]}" "$(cli info -j | jq -r .address)"
check "status is info" [ "$(cli status)" = "$(cli info)" ]
check "-h prints the usage" eval "cli -h | grep -q '^Usage: zerotier-cli'"
refuses "an option that is none: status 2" 2 'Usage' cli -x info

# --- networks ---
same "join" "200 join OK" "$(cli join $NET)"
listed() { cli listnetworks | grep -E "^200 listnetworks $NET .* OK PUBLIC [a-z0-9]+ (.*,)?10\.[0-9.]+/8"; }
check "it is a network with a device and addresses" until_ok 30 listed
check "which kzt has, too" eval "kzt_in a -j network show $NET | jq -e '.networks[0].status == \"ok\"'"
same "join again" "200 join OK" "$(cli join $NET)"
same "-j join: the network" $NET6 "$(cli -j join $NET6 | jq -r .id)"
refuses "join without an id: status 2" 2 'invalid format' cli join
refuses "join with another word: status 2" 2 'invalid network id' cli join 12
alike "-j listnetworks" /network listnetworks
check "with what each subscribes to" eval \
	"cli -j listnetworks | jq -e 'all(.multicastSubscriptions | length > 0)'"

check "set" eval "cli set $NET allowGlobal=1 | jq -e '.allowGlobal and .id == \"$NET\"'"
same "it is set" true "$(kzt_in a -j network show $NET | jq '.networks[0].global')"
for key in allowManaged allowDefault allowDNS; do
	check "set $key" eval "cli set $NET $key=0 | jq -e '.$key == false'"
done
check "set allowManaged to prefixes" eval "cli set $NET allowManaged=10.0.0.0/8,fd00::/8 | jq -e .allowManaged"
same "which it is limited to" '["10.0.0.0/8","fd00::/8"]' "$(kzt_in a -j network show $NET | jq -c '.networks[0]."managed-within"')"
refuses "what is no list: status 1" 1 'prefixes' cli set $NET allowManaged=everything
cli set $NET allowManaged=0 >/dev/null
refuses "another setting: status 2" 2 'no such setting' cli set $NET colour=red
refuses "no value: status 2" 2 'invalid format' cli set $NET allowDNS
refuses "another network: status 1" 1 '404 set' cli set ff0b000000000001 allowDNS=1

rest /network/$NET >"$TMP/network"
while read -r key; do
	same "get $key" "$(jq -rc --arg k "$key" '.[$k] | if . == true then 1 elif . == false then 0 else . end' "$TMP/network")" \
		"$(cli get $NET "$key")"
done < <(jq -r 'keys[]' "$TMP/network")
v4=$(jq -r '.assignedAddresses[] | select(contains(":") | not)' "$TMP/network")
v6=$(jq -r '.assignedAddresses[] | select(contains(":"))' "$TMP/network" | head -n 1)
same "get ip4" "${v4%/*}" "$(cli get $NET ip4)"
same "get ip6" "${v6%/*}" "$(cli get $NET ip6)"
same "get ip6prefix" "$v6" "$(cli get $NET ip6prefix)"
check "get ip: one of them" eval "jq -r '.assignedAddresses[]' $TMP/network | grep -q ^\$(cli get $NET ip)/"
same "get ip6plane" fc "$(cli get $NET6 ip6plane | cut -c1-2)"
refuses "get of another key: status 2" 2 'no such setting' cli get $NET colour
refuses "get of another network: status 2" 2 'unknown network' cli get ff0b000000000001 name

# --- peers, paths ---
alike "-j info" /status info
alike "-j peers" /peer peers
alike "-j listpeers" /peer listpeers
cli peers >"$TMP/peers"
same "peers: two lines of a head" '200 peers <ztaddr> <ver>' "$(head -n 2 "$TMP/peers" | paste -sd' ' | awk '{ print $1, $2, $3, $4 }')"
check "and a line a peer" grep -qE "^$B 1\.[0-9]+\.[0-9]+ +(LEAF|PLANET|MOON) +[0-9]+ DIRECT +[0-9]+ +[0-9]+ +192\.168\.[12]\.2/9994$" "$TMP/peers"
check "listpeers" eval "cli listpeers | grep -qE '^200 listpeers $B 192\.168\.[12]\.2/9994;[0-9]+;[0-9]+ [0-9]+ 1\.[0-9.]+ (LEAF|PLANET|MOON)$'"
kzt_in a peer add "$KZT_IDS/5.pub"
D=$(cut -c1-10 "$KZT_IDS/5.pub")
check "who has no path is relayed" grep -qE "^$D - +LEAF +-1 RELAY$" <(cli peers)
check "or nowhere" grep -qx "200 listpeers $D - -1 - LEAF" <(cli listpeers)
field "such a peer in the API" "/peer/$D" '[.latency, .version, .paths]' '[-1,"-1.-1.-1",[]]'
same "dump: everything" "$(rest /status | jq -r .address) 2 true" \
	"$(cli dump | jq -r '"\(.status.address) \(.networks | length) \([.peers[].address] | index("'"$B"'") != null)"')"

two_paths() { rest "/peer/$B" | jq -e '.paths | length == 2'; }
check "they reach each other" reaches a 10.88.0.2
check "and have a second path" until_ok 60 two_paths
field "the port of each, and its socket" "/peer/$B" '[.paths[].localPort] + [[.paths[].localSocket] | unique | length]' '[9993,9993,2]'
field "several paths are no bond without a policy" "/peer/$B" .isBonded false
same "bond list" "$B none 2" "$(cli bond list | awk -v a="$B" '$1 == a { print $1, $2, $3 }')"
kzt_in a policy set active-backup
field "and are one with a policy" "/peer/$B" .isBonded true
field "not of who has none" "/peer/$D" .isBonded false
alike "-j bond list" /peer bond list
same "bond list says it" "$B active-backup 2" "$(cli bond list | awk -v a="$B" '$1 == a { print $1, $2, $3 }')"
check "bond show" eval "cli bond show $B | grep -qx 'Bond               : active-backup'"
alike "-j bond show" "/bond/show/$B" bond show "$B"
check "bond rotate" eval "cli bond rotate $B | grep -qx '200 bond OK'"
refuses "bond rotate of nobody: status 1" 1 'no such peer' cli bond rotate 1122334455
refuses "bond without a word: status 2" 2 'bond list' cli bond
kzt_in a policy set none

kzt_in a path trust 192.168.0.0/23 99
kzt_in a path trust 192.168.1.0/24 7b
kzt_in b path trust 192.168.1.0/24 7b
trusted() { rest "/peer/$B" | jq -e '[.paths[] | select(.address | startswith("192.168.1.")) | .trustedPathId] == [123]'; }
check "the id of a trusted path, by the longest prefix" until_ok 60 trusted
field "not of the other" "/peer/$B" '[.paths[] | select(.address | startswith("192.168.2.")) | .trustedPathId]' '[0]'
alike "-j listpeers says it" /peer listpeers
for n in a b; do kzt_in $n path trust 192.168.1.0/24 off; done
kzt_in a path trust 192.168.0.0/23 off

# --- moons ---
check "a moon is made" "$KZT" world make "$TMP/moon" moon root "$KZT_IDS/1.pub=192.168.1.2/9994,2001:db8::2/9994"
ID=$("$KZT" -j world show "$TMP/moon" | jq -r '.worlds[0].id')
same "listmoons: none" 0 "$(cli listmoons | jq length)"
same "-j orbit: it is waited for" '["'"$ID"'",[],null,0,null,true]' \
	"$(cli -j orbit "$ID" "$B" | jq -c '[.id, .roots, .signature, .timestamp, .updatesMustBeSignedBy, .waiting]')"
check "its root has it" kzt_in b moon add "$TMP/moon"
orbits() { cli listmoons | jq -e '.[0].id == "'"$ID"'"'; }
check "and gives it" until_ok 60 orbits
alike "listmoons" /moon listmoons
field "with the endpoints of its roots" "/moon/$ID" '.roots[0].stableEndpoints' '["192.168.1.2/9994","2001:db8::2/9994"]'
field "whose, and signed by whom" "/moon/$ID" '[(.roots[0].identity | .[:10]), (.signature | length), (.updatesMustBeSignedBy | length), .waiting]' \
	"[\"$B\",192,128,false]"
same "orbit what is there" "200 orbit OK" "$(cli orbit "$ID" "$B")"
refuses "orbit without a seed: status 2" 2 'invalid format' cli orbit "$ID"
same "deorbit" "200 deorbit OK" "$(cli deorbit "$ID")"
same "it is gone" '[]' "$(rest /moon)"
same "which can be said twice" '{}' "$(cli -j deorbit "$ID" | jq -c .)"
refuses "deorbit of no id: status 2" 2 'invalid format' cli deorbit xyz

# --- leaving ---
dev=$(jq -r .portDeviceName "$TMP/network")
check "the device is there" ip -n a link show "$dev"
same "leave" "200 leave OK" "$(cli leave $NET)"
check "and it is gone" eval "! ip -n a link show $dev"
same "leave again" "200 leave OK" "$(cli leave $NET)"
same "-j leave" '{"result":true}' "$(cli -j leave $NET6 | jq -c .)"
same "and again" '{}' "$(cli -j leave $NET6 | jq -c .)"
same "no networks" 1 "$(cli listnetworks | wc -l)"

# --- without an agent ---
kill "${AGENT[a]}"
wait "${AGENT[a]}" 2>/dev/null
check "info needs none" eval "cli -j info | jq -e '.address == \"${ADDR[a]}\"'"
refuses "set needs one: status 2" 2 'no agent' cli join $NET
done_testing
