#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The controller's database on a real PostgreSQL: two controller processes of one
# identity serve it, push each other's changes, and one is killed under load.
#
# usage: controller-db.sh     KZT, KZT_BUILD as in scripts/test.sh
set -u
here=$(cd "$(dirname "$0")" && pwd)
KZT_BUILD=${KZT_BUILD:-$here/../build}
KZT=${KZT:-$KZT_BUILD/bin/kzt}
TMP=$(mktemp -d /tmp/kzt-test.XXXXXX)
TESTS=0 FAILED=0

ok() { TESTS=$((TESTS + 1)); echo "ok $TESTS - $*"; }
not_ok() { TESTS=$((TESTS + 1)) FAILED=$((FAILED + 1)); echo "not ok $TESTS - $*"; }
diag() { printf '%s\n' "$*" | sed 's/^/# /'; }
check() {
	local name=$1
	shift
	if "$@" >"$TMP/out" 2>&1; then ok "$name"; else
		not_ok "$name"
		diag "$*"
		tail -n 20 "$TMP/out" | sed 's/^/# /'
	fi
}
same() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1"; diag "wanted $2, got $3"; fi; }
until_ok() {
	local end=$((SECONDS + $1 + 1))
	shift
	while ! "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || return 1; sleep 0.1; done
}
skip_all() { echo "ok 1 # SKIP $*"; echo 1..1; rm -rf "$TMP"; exit 0; }

bin=$(for d in /usr/lib/postgresql/*/bin; do [ -x "$d/initdb" ] && echo "$d"; done | tail -n 1)
[ -n "$bin" ] || skip_all "PostgreSQL is not installed (package postgresql)"
command -v jq >/dev/null || skip_all "jq is not installed"
user=nobody
[ "$(id -u)" = 0 ] || user=$(id -un)
as() { if [ "$(id -u)" = 0 ]; then runuser -u "$user" -- "$@"; else "$@"; fi; }
make -s -C "$here/unit" O="$KZT_BUILD/unit" "$KZT_BUILD/unit/controller_process" >&2 || exit 1

PIDS=()
cleanup() {
	local p
	for p in "${PIDS[@]}"; do kill "$p" 2>/dev/null; done
	as "$bin/pg_ctl" -D "$TMP/db/data" -m immediate stop >/dev/null 2>&1
	rm -rf "$TMP"
}
trap cleanup EXIT

chmod 755 "$TMP"
install -d -o "$user" "$TMP/db"
start_db() {
	as "$bin/pg_ctl" -D "$TMP/db/data" -w -t 120 -l "$TMP/db/log" \
		-o "-c listen_addresses='' -k $TMP/db" start
}
check "a database server" as "$bin/initdb" -D "$TMP/db/data" -A trust -U kzt --no-sync
check "starts" start_db
URL="postgresql://kzt@/postgres?host=$TMP/db"
sql() { as "$bin/psql" -h "$TMP/db" -U kzt -d postgres -At -c "$1"; }

check "an identity" "$KZT" identity new "$TMP/id"
SELF=$(cut -c1-10 "$TMP/id")
NW=${SELF}000001
MEMBER=/controller/network/$NW/member

# process NAME FROM COUNT: a controller that answers for members of its own
process() {
	mkfifo "$TMP/$1.in"
	"$KZT_BUILD/unit/controller_process" "$TMP/id" "$URL" "$NW" "$2" "$3" \
		<>"$TMP/$1.in" >"$TMP/$1.out" 2>"$TMP/$1.err" &
	PID=$!
	PIDS+=($!)
	until_ok 60 grep -q ready "$TMP/$1.out"
}
# call NAME METHOD PATH [JSON]: its reply
call() {
	local n
	n=$(grep -c '"status"' "$TMP/$1.out")
	echo "$2 $3 ${4:-}" >"$TMP/$1.in"
	until_ok 30 more_replies "$1" "$n" || return 1
	grep '"status"' "$TMP/$1.out" | tail -n 1
}
more_replies() { [ "$(grep -c '"status"' "$TMP/$1.out")" -gt "$2" ]; }
status() { call "$@" | jq -e '.status == 200'; }
pushed() { grep -q "\"verb\":12,\"to\":\"$2\"" "$TMP/$1.out"; }
told() { grep -q "\"verb\":10,\"to\":\"$2\"" "$TMP/$1.out"; }

check "a first controller" process a a000000001 40
A=$PID
check "a second controller of the same identity" process b b000000001 40
check "the first makes a network" status a POST "/controller/network/$NW" \
	'{"private":false,"v4AssignMode":"zt","routes":[{"target":"10.0.0.0/16"}],"ipAssignmentPools":[{"ipRangeStart":"10.0.0.1","ipRangeEnd":"10.0.0.120"}]}'
members() { [ "$(sql 'SELECT count(*) FROM member')" -ge "$1" ]; }
check "both admit members" until_ok 60 members 80
same "no address was given twice" 0 \
	"$(sql 'SELECT count(*) FROM (SELECT ip FROM assignment GROUP BY ip HAVING count(*) > 1) AS t')"
same "and each member has one" 80 "$(sql 'SELECT count(DISTINCT address) FROM assignment')"
check "the second changes the network" status b POST "/controller/network/$NW" '{"mtu":1400}'
check "it pushes to its members" until_ok 30 pushed b b000000005
check "the first pushes to its own" until_ok 30 pushed a a000000005
check "the second makes the network private" status b POST "/controller/network/$NW" '{"private":true}'
check "and de-authorises a member of the first" status b POST "$MEMBER/a000000007" '{"authorized":false}'
check "the first tells its members" until_ok 30 told a a000000009
check "the second tells its own" until_ok 30 told b b000000009

kill -9 "$A"
wait "$A" 2>/dev/null
check "the first is killed under load; the second goes on" status b GET "/controller/network/$NW"
same "no transaction was left half done" 0 "$(sql "SELECT count(*) FROM member m WHERE \
	(SELECT count(*) FROM assignment a WHERE a.nwid = m.nwid AND a.address = m.address) <> \
	jsonb_array_length(m.ip_assignments::jsonb)")"
check "the second takes over a member of the first" status b POST "$MEMBER/a000000003" '{"name":"taken"}'
rm "$TMP/a.in"
: >"$TMP/a.out"
check "the first comes back" process a a000000001 40
check "and has what happened in between" bash -c \
	"$(declare -f call until_ok more_replies); TMP=$TMP; call a GET $MEMBER/a000000003 | jq -e '.reply.name == \"taken\"'"

as "$bin/pg_ctl" -D "$TMP/db/data" -m immediate stop >/dev/null 2>&1
down() { call b GET "/controller/network/$NW" | jq -e '.status == 503'; }
check "without its server a controller says so" until_ok 60 down
check "the server comes back" start_db
up() { call b GET "/controller/network/$NW" | jq -e '.status == 200'; }
check "and so does the controller" until_ok 60 up
same "with nothing lost" taken "$(sql "SELECT name FROM member WHERE address = 'a000000003'")"

[ "$FAILED" = 0 ] || { diag "$(tail -n 5 "$TMP"/*.err)"; }
echo "1..$TESTS"
exit $((FAILED > 0))
