#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The local service API as existing scripts use it: curl with the token against
# loopback TCP, root without one on the sockets.
. "$SELFTESTS/lib.sh"
command -v curl >/dev/null || { echo "1..0 # SKIP curl is not installed"; exit 4; }
ns n
# A controller signs: the agent has to have the secret
mkdir -p "$TMP/state-n" && install -m 600 "$KZT_IDS/0" "$TMP/state-n/identity.secret"
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
refuses "kzt refuses another node's network" 1 'refuses' kzt_in n controller network new 0123456789000001
refuses "and one that is not there" 1 'no such network' kzt_in n controller network set "${SELF}999999" mtu 1400
check "what happened is kept" bash -c "ip netns exec n $KZT -j controller changes |
	jq -e '.changes[0].what == \"member\"'"

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
check "how its paths are used" is '.bondingPolicyStr == "none" and (.isBonded | not) and .numTotalLinks >= 0' GET "/bond/show/$PEER"
same "of nobody" 404 "$(http -H "X-ZT1-Auth: $TOKEN" $U/bond/show/0123456789)"
same "what a policy decides is not for here" 501 "$(http -X POST -H "X-ZT1-Auth: $TOKEN" "$U/bond/rotate/$PEER")"
check "the settings" is '.settings.primaryPort == 9993' GET /config
check "by themselves" is '.primaryPort == 9993' GET /config/settings
check "another port" is '.primaryPort == 9994 and .secondaryPort == 9995' \
	POST /config/settings '{"primaryPort":9994,"secondaryPort":9995,"softwareUpdate":"disable"}'
same "which the node has" "9994 9995" "$(kzt_in n -j node show | jq -r '.node | "\(.port) \(."secondary-port")"')"
same "one that cannot be" 501 "$(http -X POST -H "X-ZT1-Auth: $TOKEN" -d '{"primaryPort":9996,"allowTcpFallbackRelay":true}' $U/config/settings)"
check "is named" grep -q allowTcpFallbackRelay "$TMP/body"
same "a port that is none" 400 "$(http -X POST -H "X-ZT1-Auth: $TOKEN" -d '{"primaryPort":70000}' $U/config/settings)"
check "and nothing of it was done" is '.primaryPort == 9994' GET /config/settings
check "orbit a moon" is '.waiting and .id == "0000001122334455"' POST /moon/1122334455 "{\"seed\":\"$PEER\"}"
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
check "delete the member" is '.address == "0123456789"' DELETE "/controller/network/$NW/member/0123456789"
check "delete the network" is '.name == "demo"' DELETE "/controller/network/$NW"
same "it is gone" 404 "$(http -H "X-ZT1-Auth: $TOKEN" "$U/controller/network/$NW")"
refuses "the API on an address that is not loopback" 2 'loopback' \
	"$KZTD" --foreground --http 192.0.2.1:9993
done_testing
