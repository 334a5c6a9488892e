# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the tests of paths share; sourced by them behind lib.sh.

# path_lines NS NS2: the paths of the second, one a line: dev local remote state
path_lines() {
	kzt_in "$1" -j peer show "${ADDR[$2]}" |
		jq -r '.peers[0].paths[] | "\(.dev) \(.local) -> \(.remote) \(.state)"'
}
# has_path NS NS2 DEV [TEXT]: one that is up by the device, with the text in it
has_path() { path_lines "$1" "$2" | grep "^$3 .* up\$" | grep -qF -- "${4:-}"; }
# lacks_path NS NS2 DEV [TEXT]: none in any state
lacks_path() {
	local lines
	lines=$(path_lines "$1" "$2") || return
	! grep "^$3 " <<<"$lines" | grep -qF -- "${4:-}"
}
# two_wires [ADDRESS ADDRESS2]: namespaces a and b, nodes and members of $NET (10.88.0.1
# and .2) with two wires, of which a knows one; the addresses are more on that
#	a u0 192.168.1.1 ---- 192.168.1.2 u0 b, port 9994
#	  u1 192.168.2.1 ---- 192.168.2.2 u1
two_wires() {
	ns a b
	wire a u0 192.168.1.1/24 ${1:+"$1"} -- b u0 192.168.1.2/24 ${2:+"$2"}
	wire a u1 192.168.2.1/24 -- b u1 192.168.2.2/24
	node a 0
	node b 1 port 9994
	knows a 1 192.168.1.2/9994
	knows b 0
	member a "$NET" kzt0 10.88.0.1/24
	member b "$NET" kzt0 10.88.0.2/24
}

# steady NS NS2 ADDRESS RATE: one TCP connection, for as long as the test goes on:
# $TCP is who calls
steady() {
	on "$2" iperf3 -s -1 -D --pidfile "$TMP/iperf" >/dev/null
	until_ok 10 on "$2" sh -c 'ss -tln | grep -q :5201'
	on "$1" timeout 900 iperf3 -c "$3" -b "$4" -l 1000 -t 900 >"$TMP/iperf.log" 2>&1 &
	TCP=$!
	PROGRAMS+=("$TCP")
}
# moves NS DEV [SECONDS]: within these it gets ten more kB
moves() {
	local old
	old=$(received "$1" "$2")
	until_ok "${3:-10}" more_bytes "$1" "$2" $((old + 10000))
}
received() { on "$1" cat "/sys/class/net/$2/statistics/rx_bytes"; }
more_bytes() { [ "$(received "$1" "$2")" -gt "$3" ]; }

# listen_peers NS: what its monitor tells of peers, in $TMP/events; and what the
# tracepoint kzt_path does, where there are tracepoints
TRACE=/sys/kernel/tracing
listen_peers() {
	kzt_in "$1" monitor -j peer >>"$TMP/events" 2>&1 &
	PROGRAMS+=($!)
	trace_on kzt_path
}
# trace_on TRACEPOINT...
trace_on() {
	local t
	mountpoint -q $TRACE || mount -t tracefs tracefs $TRACE 2>/dev/null
	for t; do
		[ ! -d $TRACE/events/kzt ] || echo 1 >"$TRACE/events/kzt/$t/enable"
	done
}
# told FILTER: one of the events is so
told() { jq -e ".peer | select($1)" "$TMP/events" | grep -q .; }
# traced WHAT ENDPOINT: was said of it by the tracepoint
traced() { trace_has "$1" "kzt_path: .* what=$1 .* remote=$2"; }
# trace_has WHAT PATTERN
trace_has() {
	if [ -d $TRACE/events/kzt ]; then
		check "the trace says $1" grep -qE "$2" $TRACE/trace
	else
		skip "the trace says $1: no tracepoints in this kernel"
	fi
}

# more_drops NS REASON OLD: the counter went up since
more_drops() { [ "$(drops "$1" "$2")" -gt "$3" ]; }
more_events() { [ "$(counts "$1" "$2")" -gt "$3" ]; }

# need_modules NAME...: in this kernel
need_modules() {
	local m
	for m; do
		modprobe ${MODULES:+-d "$MODULES"} "$m" 2>/dev/null ||
			[ -d "/sys/module/$m" ] || return 1
	done
}
