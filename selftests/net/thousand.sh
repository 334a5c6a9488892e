#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A controller with 1,000 members in its database, of which 200 are there: they
# are configured, a change is pushed to them, the controller is killed and they
# are configured again.
#
#   c (root and controller) --- m (200 members)
#
# The members are one program, members.py, with an identity, a socket and an
# address for each: some 20 MB and a quarter of a millisecond a packet, where 200
# nodes in as many namespaces would want an agent of some MB each and most of the
# time for starting them.  And it is not kzt that checks what kzt has signed.
. "$SELFTESTS/lib.sh"
MEMBERS=200 OTHERS=800
[ -s "$KZT_IDS/$MEMBERS.pub" ] || { echo "1..0 # SKIP $KZT_IDS has no $MEMBERS identities"; exit 4; }
KZT_PYTHON=${KZT_PYTHON:-/usr/bin/python3}
ns c m
wire c u0 172.31.0.1/12 -- m u0 172.31.0.2/12
ip -n m route add local 172.16.0.0/16 dev lo
secret c 0
start() { agent c --socket "$TMP/c.sock" && until_ok 30 has_node; }
has_node() { [ "$(kzt_in c -j node show | jq -r .node.address)" = "${ADDR[c]}" ]; }
check "the controller's agent" start
check "a planet" "$KZT" world make "$TMP/planet" root "$KZT_IDS/0.pub=172.31.0.1/9993"
check "of which it is the root" kzt_in c world set "$TMP/planet"
NW=${ADDR[c]}0000a8
API=$TMP/c.sock.http
members() { on m "$KZT_PYTHON" "$SELFTESTS/net/members.py" "$1" "$API" "$NW" "$KZT_IDS" "$MEMBERS" "${@:2}"; }
join() { members join "$KZT_IDS/0.pub" 172.31.0.1/9993 "${@:2}" >"$TMP/$1"; }
# is FILE FILTER: what members.py printed
is() { jq -e --argjson n "$MEMBERS" "$2" "$TMP/$1"; }
# seconds of the clock, for the log only
since() { diag "$1: $((SECONDS - START)) s"; START=$SECONDS; }
START=$SECONDS

check "a network" kzt_in c controller network new "$NW" v4 on route 10.99.0.0/22 pool 10.99.0.1-10.99.3.254
check "gets $((MEMBERS + OTHERS)) members" members fill "$OTHERS"
in_database() { kzt_in c -j controller member show "$NW" >"$TMP/database" && is database "$1"; }
check "the database has them" in_database ".members | length == $((MEMBERS + OTHERS))"
since "the database is filled"

check "$MEMBERS of them ask" join first '{"routes": [{"target": "10.99.0.0/22"}, {"target": "10.97.0.0/16", "via": "10.99.0.1"}]}'
since "all have asked and a change was pushed"
check "each gets a configuration for itself, signed by the controller" is first '.members | length == $n'
check "nothing that came was refused" is first '.bad == []'
check "each has one address" is first '[.members[].ips | length == 1] | all'
check "of its own" is first '[.members[].ips[0]] | unique | length == $n'
check "which nobody else has in the database" in_database \
	'([.members[].ipAssignments | length == 1] | all) and ([.members[].ipAssignments[]] | unique | length) == '$((MEMBERS + OTHERS))
same "where it is the same one" "$(jq -Sc '.members | map_values(.ips[0] | split("/")[0])' "$TMP/first")" \
	"$(jq -Sc --slurpfile first "$TMP/first" '[.members[] | select(.address | in($first[0].members)) |
		{(.address): .ipAssignments[0]}] | add' "$TMP/database")"

check "a new route is pushed to all of them" is first '.pushed | length == $n'
check "all are told of the route" is first '[.pushed[].routes | index("10.97.0.0/16") != null] | all'
check "which none had before" is first '[.members[].routes | index("10.97.0.0/16") == null] | all'
check "and keep their addresses" is first '(.pushed | map_values(.ips)) == (.members | map_values(.ips))'
check "in a newer configuration" is first '. as $r | [.pushed | to_entries[] |
	.value.revision > $r.members[.key].revision and .value.timestamp >= $r.members[.key].timestamp] | all'

kill -KILL "${AGENT[c]}"
wait "${AGENT[c]}" 2>/dev/null
check "the controller is killed and starts again" start
START=$SECONDS
check "all ask again" join again '{"routes": [{"target": "10.99.0.0/22"}, {"target": "10.96.0.0/16", "via": "10.99.0.1"}]}'
since "all have asked again and another change was pushed"
check "each gets its configuration" is again '(.members | length == $n) and .bad == []'
same "with the address that it had" "$(jq -Sc '.members | map_values(.ips)' "$TMP/first")" \
	"$(jq -Sc '.members | map_values(.ips)' "$TMP/again")"
check "and the route" is again '[.members[].routes | index("10.97.0.0/16") != null] | all'
check "another route is pushed to all" is again '(.pushed | length == $n) and
	([.pushed[].routes | index("10.96.0.0/16") != null] | all)'
same "nobody was forgotten, nobody made up" "$((MEMBERS + OTHERS))" \
	"$(kzt_in c -j controller member show "$NW" | jq '.members | length')"

for f in first again; do
	diag "$f: configured ms $(jq -c '."configured-ms"' "$TMP/$f"), pushed ms $(jq -c '."pushed-ms"' "$TMP/$f")"
done
diag "resident: $(sed -n 's/^VmRSS:[[:space:]]*//p' "/proc/${AGENT[c]}/status")"
[ "$FAILED" = 0 ] || { diag "$(jq -c .bad "$TMP/first" "$TMP/again")"; diag "$(tail -n 5 "$TMP/kztd-c.log")"; diag "$(kzt_in c drops)"; }
done_testing
