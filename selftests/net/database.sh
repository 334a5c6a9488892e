#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Agents with a controller whose networks are in PostgreSQL: a member is served,
# another agent of the same identity changes what the first one pushes, one is
# killed, and the server goes and comes back.
#
#   c (root and controller)  a: one underlay;  e: c's identity and database, apart
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/controlled.sh"
bin=$(for d in /usr/lib/postgresql/*/bin; do [ -x "$d/initdb" ] && echo "$d"; done | tail -n 1)
if [ -z "$bin" ]; then
	skip "PostgreSQL is not installed (package postgresql)"
	done_testing
fi
as() { runuser -u nobody -- "$@"; }
pg() { as "$bin/pg_ctl" -D "$TMP/db/data" -w -t $((60 * SLOW)) "$@"; }
start_db() { pg -l "$TMP/db/log" -o "-c listen_addresses='' -c fsync=off -k $TMP/db" start; }
sql() { as "$bin/psql" -h "$TMP/db" -U kzt -d postgres -At -c "$1"; }
chmod 755 "$TMP"
install -d -o nobody "$TMP/db"
check "a database server" as "$bin/initdb" -D "$TMP/db/data" -A trust -U kzt --no-sync
check "starts" start_db
URL="postgresql://kzt@/postgres?host=$TMP/db"

controlled c=10.77.0.3 a=10.77.0.1
ns e
kill "${AGENT[c]}"
wait "${AGENT[c]}" 2>/dev/null
is_ready() { on "$1" curl -sf --abstract-unix-socket kzt/http http://localhost/controller | jq -e .databaseReady; }
check "the controller's agent has that database" agent c --database "$URL"
check "which is ready" until_ok 60 is_ready c
check "and said so" grep -q 'are in PostgreSQL' "$TMP/kztd-c.log"
check "a network" api POST "/$NW" '{"name": "first", "private": true, "v4AssignMode": {"zt": true},
	"ipAssignmentPools": [{"ipRangeStart": "10.99.0.10", "ipRangeEnd": "10.99.0.99"}],
	"routes": [{"target": "10.99.0.0/24"}]}'
check "a joins" kzt_in a network join "$NW" dev kzt0
check "it is not let in" until_ok 60 is_status a access-denied
check "a is authorised" api POST "/$NW/member/${ADDR[a]}" '{"authorized": true}'
check "and configured" until_ok 60 is_status a ok
address=$(kzt_in a -j network show "$NW" | jq -r '.networks[0].addresses[0]')
same "its address is in the database" "${address%/*}" "$(sql "SELECT ip FROM assignment WHERE address = '${ADDR[a]}'")"

is_named() { [ "$(kzt_in a -j network show "$NW" | jq -r '.networks[0].name')" = "$1" ]; }
name() { on "$1" curl -sf --abstract-unix-socket kzt/http -d "{\"name\": \"$2\"}" "http://localhost/controller/network/$NW"; }
check "another agent of this identity and database" secret e 0
check "starts" agent e --database "$URL"
check "it is ready, too" until_ok 60 is_ready e
check "and has no file for it" test ! -e "$TMP/state-e/controller.db"
check "it gives the network another name" name e second
check "which the first one pushes to its member" until_ok 20 is_named second

# --- killed, and without its server ---
kill -KILL "${AGENT[c]}"
wait "${AGENT[c]}" 2>/dev/null || true	# it was killed
check "while the first is away the other changes the network" name e third
check "the first comes back" agent c --database "$URL"
check "and its member hears of it" until_ok 90 is_named third
check "the server stops" pg -m fast stop
refuses "nothing can be changed then" 22 'error: 503' on c curl -sSf -m 60 --abstract-unix-socket kzt/http \
	-d '{"name": "lost"}' "http://localhost/controller/network/$NW"
check "the agents go on" kzt_in c node show
check "the server comes back" start_db
check "so does the controller" until_ok 60 name c fourth
check "and pushes" until_ok 90 is_named fourth
[ "$FAILED" = 0 ] || { diag "$(tail -n 20 "$TMP/kztd-c.log")"; diag "$(tail -n 20 "$TMP/db/log")"; }
pg -m immediate stop >/dev/null
done_testing
