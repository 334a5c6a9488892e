# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
# What the tests in namespaces share; sourced by them, inside a VM.
#
# From the environment: KZT, KZTD (programs), KZT_IDS (directory of identities:
# 0, 1, ... with secrets, 0.pub ... without), KZT_CORE (the real core).
#
# A test prints TAP; every behaviour is one ok.  Namespaces, devices and
# programs that it starts with these functions go when it ends.

TESTS=0 FAILED=0
NET=ff0a000000000001		# ad-hoc: IPv4 10/8 by address, and IPv6
NET6=ff0000ffff000000		# ad-hoc: IPv6 only, any port
TMP=$(mktemp -d /tmp/kzt-test.XXXXXX)
declare -A ADDR			# address of a node by namespace
NAMESPACES=()
PROGRAMS=()

# --- TAP ----------------------------------------------------------------------

ok() { TESTS=$((TESTS + 1)); echo "ok $TESTS - $*"; }
not_ok() { TESTS=$((TESTS + 1)) FAILED=$((FAILED + 1)); echo "not ok $TESTS - $*"; }
skip() { TESTS=$((TESTS + 1)); echo "ok $TESTS # SKIP $*"; }
diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

# check NAME COMMAND...: ok if the command succeeds; what it says otherwise
check() {
	local name=$1 status
	shift
	"$@" >"$TMP/out" 2>&1
	status=$?
	if [ $status = 0 ]; then
		ok "$name"
	else
		not_ok "$name"
		diag "$*: exit status $status"
		tail -n 20 "$TMP/out" | sed 's/^/# /'
		return 1
	fi
}

# refuses NAME STATUS PATTERN COMMAND...: fails with the status and the words
refuses() {
	local name=$1 want=$2 pattern=$3 status
	shift 3
	"$@" >"$TMP/out" 2>&1
	status=$?
	if [ $status = "$want" ] && grep -qE -- "$pattern" "$TMP/out"; then
		ok "$name"
	else
		not_ok "$name"
		diag "$*: exit status $status, wanted $want and /$pattern/"
		tail -n 5 "$TMP/out" | sed 's/^/# /'
		return 1
	fi
}

# same NAME WANT GOT
same() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1"
		diag "wanted: $2"
		diag "got:    $3"
		return 1
	fi
}

# until_ok SECONDS COMMAND...: repeat until it succeeds; $KZT_SLOW times as many
# seconds where every instruction is emulated.  There starting a program costs so
# much that asking more seldom after a while leaves the others more time.
SLOW=${KZT_SLOW:-1}
until_ok() {
	local end=$((SECONDS + $1 * SLOW + 1)) pause=1
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.$pause
		[ $pause = 4 ] || pause=$((pause * 2))
	done
}

# --- namespaces ------------------------------------------------------------------

# ns NAME...: namespaces with their loopback up
ns() {
	local n
	for n; do
		ip netns add "$n" || return
		ip -n "$n" link set lo up
		ip netns exec "$n" sysctl -qw net.ipv6.conf.all.accept_dad=0 \
			net.ipv6.conf.default.accept_dad=0
		NAMESPACES+=("$n")
	done
}

on() { local n=$1; shift; ip netns exec "$n" "$@"; }

# wire NS DEV ADDRESS... -- NS DEV ADDRESS...: a veth between two
wire() {
	local n1=$1 d1=$2 n2 d2 a
	local -a a1=() a2=()
	shift 2
	while [ "$1" != -- ]; do a1+=("$1"); shift; done
	n2=$2 d2=$3
	shift 3
	a2=("$@")
	ip link add "$d1" netns "$n1" type veth peer name "$d2" netns "$n2" || return
	for a in "${a1[@]}"; do ip -n "$n1" addr add "$a" dev "$d1" nodad 2>/dev/null || ip -n "$n1" addr add "$a" dev "$d1"; done
	for a in "${a2[@]}"; do ip -n "$n2" addr add "$a" dev "$d2" nodad 2>/dev/null || ip -n "$n2" addr add "$a" dev "$d2"; done
	ip -n "$n1" link set "$d1" up
	ip -n "$n2" link set "$d2" up
}

# lan BRIDGE NS ADDRESS... [-- NS ADDRESS...]...: a bridge in this namespace, and
# a device "u0" in each of the others
lan() {
	local br=$1 n a i=0
	shift
	ip link add "$br" type bridge mcast_snooping 0 || return
	LANS+=("$br")
	ip link set "$br" up
	while [ $# -gt 0 ]; do
		n=$1
		shift
		i=$((i + 1))
		ip link add "$br-$i" type veth peer name u0 netns "$n" || return
		ip link set "$br-$i" master "$br" up
		while [ $# -gt 0 ] && [ "$1" != -- ]; do
			a=$1
			shift
			case $a in
			*:*) ip -n "$n" addr add "$a" dev u0 nodad ;;
			*) ip -n "$n" addr add "$a" dev u0 ;;
			esac
		done
		ip -n "$n" link set u0 up
		[ "${1:-}" = -- ] && shift
	done
	return 0
}
LANS=()

# --- nodes -------------------------------------------------------------------------

kzt_in() { local n=$1; shift; ip netns exec "$n" "$KZT" "$@"; }

# node NS NUMBER [WORD...]: a node with identity NUMBER; further words as in
# "kzt node set"
node() {
	local n=$1 i=$2
	shift 2
	kzt_in "$n" node set identity "$KZT_IDS/$i" "$@" || return
	ADDR[$n]=$(cut -c1-10 "$KZT_IDS/$i.pub")
}

# knows NS NUMBER [ENDPOINT...]: a static peer
knows() {
	local n=$1 i=$2 e
	local -a words=()
	shift 2
	for e; do words+=(endpoint "$e"); done
	kzt_in "$n" peer add "$KZT_IDS/$i.pub" "${words[@]}"
}

# secret NS NUMBER: its agent has identity NUMBER, to make a node of and to sign with
secret() {
	install -d -m 700 "$TMP/state-$1" &&
		install -m 600 "$KZT_IDS/$2" "$TMP/state-$1/identity.secret" || return
	ADDR[$1]=$(cut -c1-10 "$KZT_IDS/$2.pub")
}

# agent NS: a kztd, ready
agent() {
	local n=$1
	shift
	ip netns exec "$n" "$KZTD" --foreground --state "$TMP/state-$n" "$@" \
		>>"$TMP/kztd-$n.log" 2>&1 &
	PROGRAMS+=($!)
	AGENT[$n]=$!
	until_ok 20 agent_ready "$n"
}
declare -A AGENT
agent_ready() { kzt_in "$1" -j node show | jq -e '.node.agent' >/dev/null; }

# member NS NWID DEV [ADDRESS...]: a network's device, without an agent
member() {
	local n=$1 id=$2 dev=$3 a
	shift 3
	kzt_in "$n" network join "$id" dev "$dev" >/dev/null || return
	for a; do
		case $a in
		*:*) ip -n "$n" addr add "$a" dev "$dev" nodad ;;
		*) ip -n "$n" addr add "$a" dev "$dev" ;;
		esac || return
	done
	ip -n "$n" link set "$dev" up
}

# pair NS NS2 [NUMBER NUMBER2]: two nodes that know each other, on one wire
# (10.77.0.1, .2 and fd77::1, ::2) and on $NET (10.88.0.1, .2, fd88::1, ::2)
pair() {
	local a=$1 b=$2 i=${3:-0} j=${4:-1}
	wire "$a" u0 10.77.0.1/24 fd77::1/64 -- "$b" u0 10.77.0.2/24 fd77::2/64 &&
		node "$a" "$i" && node "$b" "$j" &&
		knows "$a" "$j" 10.77.0.2/9993 && knows "$b" "$i" 10.77.0.1/9993 &&
		member "$a" "$NET" kzt0 10.88.0.1/24 fd88::1/64 &&
		member "$b" "$NET" kzt0 10.88.0.2/24 fd88::2/64
}

# pings NS ADDRESS [PING OPTION...]
pings() {
	local n=$1 to=$2
	shift 2
	ip netns exec "$n" ping -q -c "${COUNT:-2}" -i 0.2 -W $((3 * SLOW)) "$@" "$to"
}
reaches() { until_ok "${WAIT:-20}" ip netns exec "$1" ping -q -c 1 -W 1 "$2"; }

# link NS NS2: none, relay or direct: how the first reaches the second
link() { kzt_in "$1" -j peer show "${ADDR[$2]}" | jq -r '.peers[0].link'; }
is_link() { [ "$(link "$1" "$2")" = "$3" ]; }

# drops NS REASON; counts NS EVENT: -1 for a name that does not exist
drops() { kzt_in "$1" -j drops | jq -r ".drops[\"$2\"] // -1"; }
counts() {
	kzt_in "$1" -j metrics | jq -r "[.metrics[] |
		select(.name == \"kzt_events_total\" and .labels.event == \"$2\") |
		.value][0] // -1"
}

# objects: the balance of the module, one line
objects() { tr '\n' ' ' </sys/kernel/debug/kzt/objects; }
no_objects() { [ -r /sys/kernel/debug/kzt/objects ] && ! awk '$1 != "nodes" && $2 != 0' /sys/kernel/debug/kzt/objects | grep .; }

# object NAME: how many there are
object() { awk -v o="$1" '$1 == o { print $2 }' /sys/kernel/debug/kzt/objects; }
has_objects() { [ "$(object "$1")" = "$2" ]; }

# --- TCP with the content checked -----------------------------------------------------

# tcp_hash NS FROM-ADDRESS NS2 ADDRESS BYTES: the same bytes arrive, both ways
tcp_hash() {
	ip netns exec "$3" "$SELFTESTS/tcpsum.py" serve "$4" 7000 "$5" >"$TMP/sum" 2>&1 &
	local pid=$!
	ip netns exec "$1" "$SELFTESTS/tcpsum.py" call "$4" 7000 "$5" || { kill $pid; cat "$TMP/sum"; return 1; }
	wait $pid || { cat "$TMP/sum"; return 1; }
}

# sniff NS DEV FILE [PORT]: what comes in there from now on, see net/sniff.py
sniff() {
	ip netns exec "$1" "$SELFTESTS/net/sniff.py" "$2" ${4:+"$4"} >"$3" 2>"$3.err" &
	PROGRAMS+=($!)
	until_ok 30 grep -q ready "$3"
}

# --- the end -----------------------------------------------------------------------------

tidy() {
	local p n
	for p in "${PROGRAMS[@]}"; do kill "$p" 2>/dev/null; done
	for p in "${PROGRAMS[@]}"; do wait "$p" 2>/dev/null; done
	PROGRAMS=()
	for n in "${NAMESPACES[@]}"; do
		# A program left there would hold it, and the pipe to the runner
		ip netns pids "$n" 2>/dev/null | xargs -r kill -KILL 2>/dev/null
		ip netns del "$n" 2>/dev/null
	done
	NAMESPACES=()
	for n in "${LANS[@]}"; do ip link del "$n" 2>/dev/null; done
	LANS=()
}

# The namespaces go, and with them every object of the module: then the plan
done_testing() {
	tidy
	if until_ok 120 no_objects; then
		ok "no object is left behind"
	else
		not_ok "no object is left behind"
		diag "$(objects)"
	fi
	echo "1..$TESTS"
	rm -rf "$TMP"
	trap - EXIT
	exit $((FAILED > 0))
}

# A test that ends early misses its plan, and says so
died() {
	local status=$?
	tidy
	echo "Bail out: ended early, exit status $status"
	rm -rf "$TMP"
	exit 1
}
trap died EXIT
