#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The local service API as existing scripts use it: curl with the token against
# loopback TCP, root without one on the sockets.
. "$SELFTESTS/lib.sh"
command -v curl >/dev/null || { echo "1..0 # SKIP curl is not installed"; exit 4; }
ns n
# A controller signs: the agent has to have the secret
secret n 0
check "a node" node n 0
check "an agent with the API on loopback" agent n --http 9993
SELF=${ADDR[n]}
TOKEN=$(cat "$TMP/state-n/authtoken.secret")
same "the token has 24 characters" 24 "${#TOKEN}"
same "and is for its owner alone" 600 "$(stat -c %a "$TMP/state-n/authtoken.secret")"

U=http://127.0.0.1:9993
http() { on n curl -s -m 20 -o "$TMP/body" -w '%{http_code}' "$@"; }
# call METHOD PATH [BODY]: the body of an answer that must be good
call() {
	[ "$(http -X "$1" -H "X-ZT1-Auth: $TOKEN" ${3:+-d "$3"} "$U$2")" = 200 ] && cat "$TMP/body"
}
is() { local f=$1; shift; call "$@" >"$TMP/json" && jq -e "$f" "$TMP/json"; }

same "without a token it refuses" 401 "$(http $U/status)"
same "with an empty object" '{}' "$(cat "$TMP/body")"
same "with a wrong one" 401 "$(http -H "X-ZT1-Auth: ${TOKEN/?/_}" $U/status)"
same "the token in the query" 200 "$(http "$U/status?auth=$TOKEN")"
same "the token as bearer" 200 "$(http -H "Authorization: Bearer $TOKEN" $U/status)"
same "the health needs none" 200 "$(http $U/health)"
check "root needs none on the abstract socket" \
	on n curl -sf -m 20 --abstract-unix-socket kzt/http http://localhost/status
check "the address in the status" is ".address == \"$SELF\"" GET /status
same "an unknown path" 404 "$(http -H "X-ZT1-Auth: $TOKEN" $U/nosuch)"
same "a body that is not JSON" 500 "$(http -X POST -H "X-ZT1-Auth: $TOKEN" -d 'not json' $U/controller/network)"
same "a body that is too long" 413 "$(head -c 5000000 /dev/zero | tr '\0' x |
	http -X POST -H "X-ZT1-Auth: $TOKEN" --data-binary @- $U/controller/network)"
check "wrapped for a browser" bash -c "ip netns exec n curl -s -m 20 \
	'$U/health?auth=$TOKEN&jsonp=f' | grep '^f({.*});\$'"

check "a controller" is '.controller and .databaseReady' GET /controller
check "a network with any number" is ".id[:10] == \"$SELF\"" POST "/controller/network/${SELF}______" '{}'
NW=${SELF}00abcd
check "a network of one's choice" is '.name == "demo" and .revision == 1' \
	POST "/controller/network/$NW" '{"name":"demo","v4AssignMode":"zt","routes":[{"target":"10.9.0.0/24"}]}'
check "it is one of two" is 'length == 2' GET /controller/network
check "a member before it comes" is '.authorized' \
	POST "/controller/network/$NW/member/0123456789" '{"authorized":true,"ipAssignments":["10.9.0.7"]}'
check "is listed" is '.["0123456789"] == 1' GET "/controller/network/$NW/member"
check "kzt shows it" bash -c "ip netns exec n $KZT -j controller member show $NW |
	jq -e '.members[0].ipAssignments == [\"10.9.0.7\"]'"
check "kzt changes it" kzt_in n controller member set "$NW" 0123456789 name alpha tag 5=6
check "which the API sees" is '.name == "alpha" and .tags == [[5,6]]' \
	GET "/controller/network/$NW/member/0123456789"
refuses "kzt refuses another node's network" 1 "begin with $SELF" kzt_in n controller network new 0123456789000001
refuses "a pool from its end to its beginning" 2 'lower to the higher' kzt_in n controller network new pool 10.0.0.5-10.0.0.1
refuses "of two families" 2 'of one family' kzt_in n controller network new pool 10.0.0.5-fd00::1
refuses "an MTU that no network has" 2 'at least 1280' kzt_in n controller network new mtu 576
refuses "and one that is not there" 1 'no such network' kzt_in n controller network set "${SELF}999999" mtu 1400
check "what happened is kept" bash -c "ip netns exec n $KZT -j controller changes |
	jq -e '.changes[0].what == \"member\"'"

# --- kzt controller, every word ---
cat >"$TMP/cafe.rules" <<'EOF'
tag role
	id 3
	enum 4 admin
	default admin
;
cap all
	id 7
	accept ethertype ipv4 ;
;
drop not ethertype ipv4 and not ethertype arp ;
accept ;
EOF
CAFE=${SELF}00cafe M=1122334455
ctl() { kzt_in n controller "$@"; }
shown() { kzt_in n -j controller "${@:2}" >"$TMP/json" && jq -e "$1" "$TMP/json"; }
lines() { ctl "${@:2}" | tr -s ' ' | grep -xE "$1"; }
check "a network with all that it can have" ctl network new "$CAFE" name cafe private off v4 on v6 rfc4193,6plane \
	route 10.8.0.0/16 route 10.7.0.0/16=10.8.0.1 pool 10.8.0.1-10.8.0.9 mtu 1500 broadcast off multicast-limit 9 \
	dns cafe.test=10.8.0.2,fd00::2 credential-ms 600000 rules "$TMP/cafe.rules"
check "as the API has it" is '.name == "cafe" and (.private | not) and .v4AssignMode.zt and .v6AssignMode ==
	{"rfc4193": true, "6plane": true, "zt": false} and .mtu == 1500 and (.enableBroadcast | not) and .multicastLimit == 9 and
	.routes == [{"target": "10.8.0.0/16", "via": null}, {"target": "10.7.0.0/16", "via": "10.8.0.1"}] and
	.ipAssignmentPools == [{"ipRangeStart": "10.8.0.1", "ipRangeEnd": "10.8.0.9"}] and
	.dns == {"domain": "cafe.test", "servers": ["10.8.0.2", "fd00::2"]} and .certificateTimeoutWindowSize == 600000' \
	GET "/controller/network/$CAFE"
check "with the rules, capabilities and tags of the file" is '(.rules | map(.type)) == ["MATCH_ETHERTYPE", "MATCH_ETHERTYPE",
	"ACTION_DROP", "ACTION_ACCEPT"] and .capabilities[0].id == 7 and .tags == [{"id": 3, "default": 4}]' \
	GET "/controller/network/$CAFE"
check "network show -j" shown ".network.id == \"$CAFE\"" network show "$CAFE"
check "of all" shown "[.networks[].id] | index(\"$CAFE\") != null" network show
check "in words" lines "network: $CAFE public" network show "$CAFE"
check "a route" lines ' route: 10.7.0.0/16 via 10.8.0.1' network show "$CAFE"
check "a pool" lines ' pool: 10.8.0.1 - 10.8.0.9' network show "$CAFE"
check "name servers" lines ' dns: cafe.test 10.8.0.2 fd00::2' network show "$CAFE"
check "a table of all" lines "$CAFE public 0/0 cafe" network show
check "network set: lists take the place of the old ones" ctl network set "$CAFE" private on route none dns none v6 none
check "and what is not named stays" is '.private and .routes == [] and .mtu == 1500 and
	(.v6AssignMode | any | not)' GET "/controller/network/$CAFE"
check "member authorize" ctl member authorize "$CAFE" $M name pc ip 10.8.0.5 ip fd00::5 tag 3=4 capability 7 auto off bridge on
check "the member as the API has it" is '.authorized and .name == "pc" and .ipAssignments == ["10.8.0.5", "fd00::5"] and
	.tags == [[3, 4]] and .capabilities == [7] and .noAutoAssignIps and .activeBridge' GET "/controller/network/$CAFE/member/$M"
check "member show -j" shown ".member.address == \"$M\"" member show "$CAFE" $M
check "of all members" shown '[.members[].address] == ["1122334455"]' member show "$CAFE"
check "in words, too" lines "member: $M authorized, bridge" member show "$CAFE" $M
check "a table of them" lines "$M yes pc 10.8.0.5 fd00::5" member show "$CAFE"
check "which counts" lines "$CAFE private 1/1 cafe" network show
check "member set" ctl member set "$CAFE" $M tag none capability none bridge off
check "takes away" is '.authorized and .tags == [] and .capabilities == [] and (.activeBridge | not) and .name == "pc"' \
	GET "/controller/network/$CAFE/member/$M"
check "member deauthorize" ctl member deauthorize "$CAFE" $M
check "is seen" lines "$M no pc 10.8.0.5 fd00::5" member show "$CAFE"
check "controller changes" shown '.changes[0] | .what == "revoked" or .what == "member"' changes
check "member del" ctl member del "$CAFE" $M
refuses "it is not there any more" 1 'no such member' kzt_in n controller member show "$CAFE" $M
check "network del" ctl network del "$CAFE"
refuses "nor the network" 1 'no such network' kzt_in n controller network show "$CAFE"
refuses "rules that cannot be compiled" 1 '"drop" is not' \
	kzt_in n controller network set "$NW" rules <(printf 'accept\ndrop ;\n')

check "join an ad-hoc network" is '.status == "OK" or .status == "REQUESTING_CONFIGURATION"' \
	POST /network/$NET6 '{"allowManaged":true}'
joined() { is '.[0].status == "OK" and .[0].type == "PUBLIC" and (.[0].assignedAddresses | length) == 1' GET /network; }
check "it is among the networks" until_ok 20 joined
check "leave it" is '.result' DELETE /network/$NET6
check "which can be said twice" is '. == {}' DELETE /network/$NET6
check "no peers but roots" is 'map(.role) - ["PLANET"] == []' GET /peer
check "an unknown peer" is '. == {}' GET /peer/0123456789
check "no moons" is '. == []' GET /moon

# --- settings, moons, bonds, metrics ---
# types FILTER=TYPE...: of the answer to the last call
types() {
	local w
	for w; do
		[ "$(jq -r "${w%=*} | type" "$TMP/json")" = "${w#*=}" ] || { echo "$w: $(jq -c "${w%=*}" "$TMP/json")"; return 1; }
	done
}
call GET /status >"$TMP/json"
check "the types in the status" types .address=string .publicIdentity=string .online=boolean \
	.version=string .versionMajor=number .versionMinor=number .versionRev=number \
	.versionBuild=number .clock=number .planetWorldId=number .planetWorldTimestamp=number \
	.tcpFallbackActive=boolean .config.settings.primaryPort=number
call POST /network/$NET6 >"$TMP/json"
check "the types of a network" types .id=string .nwid=string .mac=string .name=string .status=string \
	.type=string .mtu=number .dhcp=boolean .bridge=boolean .broadcastEnabled=boolean \
	.portError=number .netconfRevision=number .portDeviceName=string .allowManaged=boolean \
	.allowGlobal=boolean .allowDefault=boolean .allowDNS=boolean .assignedAddresses=array \
	.routes=array .multicastSubscriptions=array .dns.domain=string .dns.servers=array
UPPER=$(tr a-f A-F <<<"$NET6")
check "an id in upper case" is '.id == "'$NET6'"' GET "/network/$UPPER"
check "to change what is joined, too" is '.id == "'$NET6'" and .allowDNS' POST "/network/$UPPER" '{"allowDNS":true}'
check "a PUT is a POST" is '.allowGlobal' PUT /network/$NET6 '{"allowGlobal":1}'
check "a switch in words, as it takes them" is '.allowGlobal | not' POST /network/$NET6 '{"allowGlobal":"false"}'
check "all subscriptions have an address" is '.multicastSubscriptions | length > 0 and all(.mac | test("^..:..:..:..:..:..$"))' GET /network/$NET6
check "one peer" kzt_in n peer add "$KZT_IDS/1.pub" endpoint 127.0.0.1/9
PEER=$(cut -c1-10 "$KZT_IDS/1.pub")
call GET "/peer/$PEER" >"$TMP/json"
check "the types of a peer" types .address=string .version=string .versionMajor=number \
	.versionMinor=number .versionRev=number .latency=number .role=string .isBonded=boolean \
	.tunneled=boolean .paths=array
same "it is not known" '-1.-1.-1 -1 LEAF' "$(jq -r '"\(.version) \(.latency) \(.role)"' "$TMP/json")"
check "it is found in upper case" is ".address == \"$PEER\"" GET "/peer/${PEER^^}"
check "how its paths are used" is '.bondingPolicyStr == "none" and (.isBonded | not) and .numTotalLinks >= 0' GET "/bond/show/$PEER"
same "of nobody" 404 "$(http -H "X-ZT1-Auth: $TOKEN" $U/bond/show/0123456789)"
same "and nothing to rotate" 409 "$(http -X POST -H "X-ZT1-Auth: $TOKEN" "$U/bond/rotate/$PEER")"
same "which a GET does not ask for" 404 "$(http -H "X-ZT1-Auth: $TOKEN" "$U/bond/rotate/$PEER")"
check "the settings" is '.settings.primaryPort == 9993' GET /config
check "by themselves" is '.primaryPort == 9993' GET /config/settings
check "another port" is '.primaryPort == 9994 and .secondaryPort == 9995' \
	POST /config/settings '{"primaryPort":9994,"secondaryPort":9995,"softwareUpdate":"disable"}'
same "which the node has" "9994 9995" "$(kzt_in n -j node show | jq -r '.node | "\(.port) \(."secondary-port")"')"
same "one that cannot be" 501 "$(http -X POST -H "X-ZT1-Auth: $TOKEN" -d '{"primaryPort":9996,"allowTcpFallbackRelay":true}' $U/config/settings)"
check "is named" grep -q allowTcpFallbackRelay "$TMP/body"
same "a port that is none" 400 "$(http -X POST -H "X-ZT1-Auth: $TOKEN" -d '{"primaryPort":70000}' $U/config/settings)"
check "and nothing of it was done" is '.primaryPort == 9994' GET /config/settings
check "orbit a moon" is '. == {"id":"0000001122334455","roots":[],"signature":null,"timestamp":0,
	"updatesMustBeSignedBy":null,"waiting":true}' POST /moon/1122334455 "{\"seed\":\"$PEER\"}"
same "it is waited for" "$PEER" "$(kzt_in n -j moon show | jq -r '.wanted[0].seed')"
check "deorbit it" is '.result' DELETE /moon/1122334455
check "which can be said twice" is '. == {}' DELETE /moon/1122334455
same "without a seed" 400 "$(http -X POST -H "X-ZT1-Auth: $TOKEN" $U/moon/1122334455)"
METRICS=$(cat "$TMP/state-n/metricstoken.secret")
same "the metrics by the token for them" 200 "$(http -H "X-ZT1-Auth: $METRICS" $U/metrics)"
check "in the text format" grep -q '^# TYPE kzt_node_online gauge$' "$TMP/body"
check "with names that dashboards know" grep -q '^zt_num_networks 1$' "$TMP/body"
check "and the peer" grep -q "^zt_peer_path_count{node_id=\"$PEER\",status=\"alive\"} " "$TMP/body"
same "as kzt prints them" "$(kzt_in n metrics | grep -c '^# TYPE')" "$(grep -c '^# TYPE' "$TMP/body")"
same "by the other token, too" 200 "$(http "$U/metrics?auth=$TOKEN")"
same "but it opens nothing else" 401 "$(http -H "X-ZT1-Auth: $METRICS" $U/status)"
same "none without" 401 "$(http $U/metrics)"
check "nobody may ask from elsewhere" eval "! on n curl -s -m 5 http://[::1]:9993/health"

check "a switch is set" is '.allowGlobal' POST /network/$NET6 '{"allowGlobal":true}'
kill -9 "${AGENT[n]}"
wait "${AGENT[n]}" 2>/dev/null
check "an agent that was killed starts again" agent n --http 9993
kept() { is '.[0].id == "'$NET6'" and .[0].allowGlobal' GET /network; }
check "with its network and the switch" until_ok 20 kept
check "with all it was told" is '.name == "alpha"' GET "/controller/network/$NW/member/0123456789"
check "ids in upper case" is '.name == "alpha"' GET "/controller/network/${NW^^}/member/0123456789"
check "delete the member" is '.address == "0123456789"' DELETE "/controller/network/$NW/member/0123456789"
check "delete the network" is '.name == "demo"' DELETE "/controller/network/$NW"
same "it is gone" 404 "$(http -H "X-ZT1-Auth: $TOKEN" "$U/controller/network/$NW")"
# --- another controller's files ---
D=$TMP/home/controller.d/network
mkdir -p "$D/${SELF}00beef/member"
cat >"$D/${SELF}00beef.json" <<EOF
{"id": "${SELF}00beef", "nwid": "${SELF}00beef", "objtype": "network", "name": "old", "private": true,
 "revision": 17, "creationTime": 1500000000000, "mtu": 2800, "multicastLimit": 16, "enableBroadcast": true,
 "v4AssignMode": {"zt": true}, "v6AssignMode": {"6plane": false, "rfc4193": true, "zt": false},
 "routes": [{"target": "10.7.0.0/16", "via": null}], "tags": [{"id": 3, "default": 1}],
 "ipAssignmentPools": [{"ipRangeStart": "10.7.0.1", "ipRangeEnd": "10.7.0.9"}],
 "rules": [{"type": "ACTION_ACCEPT", "not": false, "or": false}], "capabilities": []}
EOF
echo '{"authorized": true, "ipAssignments": ["10.7.0.5"], "tags": [[3, 2]], "name": "pc", "revision": 4, "objtype": "member"}' \
	>"$D/${SELF}00beef/member/0011223344.json"
echo '{"authorized": false}' >"$D/${SELF}00beef/member/0011223355.json"
echo 'no json' >"$D/${SELF}00beef/member/0011223366.json"
cp "$D/${SELF}00beef.json" "$D/012345678900beef.json"
echo '[]' >"$D/${SELF}00dead.json"
find "$TMP/home" -type f -exec sha256sum {} + | sort >"$TMP/before"
kzt_in n -j controller import "$TMP/home" >"$TMP/json"
item() { jq -r --arg i "$1" '.import[] | select(.item == $i) | "\(.taken) \(.why)"' "$TMP/json"; }
same "a network comes with its members" "true 2 members" "$(item "${SELF}00beef")"
same "not one that cannot be read" "false it is not a JSON object" "$(item "${SELF}00beef/member/0011223366")"
same "nor such a network" "false it is not a JSON object" "$(item "${SELF}00dead")"
check "nor another's" grep -q 'of another controller' <<<"$(item 012345678900beef)"
check "it is what it was" is '.name == "old" and .multicastLimit == 16 and .v6AssignMode.rfc4193 and
	.routes[0].target == "10.7.0.0/16" and .tags == [{"id": 3, "default": 1}]' GET "/controller/network/${SELF}00beef"
check "and who" is '.authorized and .ipAssignments == ["10.7.0.5"] and .tags == [[3, 2]] and .name == "pc"' \
	GET "/controller/network/${SELF}00beef/member/0011223344"
check "who is not let in is not" is '.authorized | not' GET "/controller/network/${SELF}00beef/member/0011223355"
kzt_in n -j controller import "$TMP/home/controller.d" >"$TMP/json"
same "again it is left alone" "false there is one of this id already" "$(item "${SELF}00beef")"
same "nothing there is changed" "$(cat "$TMP/before")" "$(find "$TMP/home" -type f -exec sha256sum {} + | sort)"
refuses "no home" 1 'no controller.d' kzt_in n controller import /nowhere
refuses "the API on an address that is not loopback" 2 'loopback' \
	"$KZTD" --foreground --http 192.0.2.1:9993
done_testing
