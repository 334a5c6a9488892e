#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What other controllers may say, and other members ask: authentication that is
# required, configurations in the unsigned form and in an old dictionary, and a
# request without rules.  The other side is spoken by control.py.
. "$SELFTESTS/lib.sh"
KZT_PYTHON=${KZT_PYTHON:-/usr/bin/python3}
ns c m x
lan lan0 c 10.77.0.1/24 -- m 10.77.0.2/24 -- x 10.77.0.3/24
check "a controller that is no agent" node c 0
check "a member" node m 1
check "its agent" agent m --no-controller
check "somebody else" node x 2
for n in c x; do
	knows $n 1 10.77.0.2/9993
	knows m "$([ $n = c ] && echo 0 || echo 2)" "10.77.0.$([ $n = c ] && echo 1 || echo 3)/9993"
done
knows x 0 10.77.0.1/9993
knows c 2 10.77.0.3/9993
NW=${ADDR[c]}00aa02
control() { local n=$1; shift; on "$n" "$KZT_PYTHON" "$SELFTESTS/net/control.py" "$@"; }
# hears NS: what comes to this node, into $TMP/heard-NS
hears() {
	ip netns exec "$1" "$KZT_PYTHON" "$SELFTESTS/net/control.py" hear >"$TMP/heard-$1" 2>&1 &
	PROGRAMS+=($!)
	HEARER=$!
	until_ok 30 grep -q ready "$TMP/heard-$1"
}
unhex() { "$KZT_PYTHON" -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))'; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
ask_again() { jq -se --argjson n "$1" '[.[] | select(.verb == 11)] | length > $n' "$TMP/heard-c"; }
asked() { jq -s '[.[] | select(.verb == 11)] | length' "$TMP/heard-c"; }

check "c listens" hears c
ip netns exec m "$KZT" -j monitor network >"$TMP/events" &
PROGRAMS+=($!)
# told STATUS: by the monitor, since this was last asked
SEEN=0
told() {
	[ -s "$TMP/events" ] && jq -se --argjson seen $SEEN --arg s "$1" '[.[$seen:][] | select(.network.status == $s)] != []' "$TMP/events" &&
		SEEN=$(jq -s length "$TMP/events")
}
check "the member joins" kzt_in m network join $NW dev kzt0
check "and asks" until_ok 60 ask_again 0
same "for this network" "$NW" "$(jq -r 'select(.verb == 11) | .data[:16]' "$TMP/heard-c" | head -n 1)"
meta=$(jq -r 'select(.verb == 11) | .data[20:]' "$TMP/heard-c" | head -n 1 | unhex | tr '\0' '\n')
for pair in v=7 vend=0 pv=c majv=1 minv=e revv=1 mr=400 mc=80 mcr=40 mt=80 f=0 revr=1; do
	check "it says $pair" grep -aqx "${pair%=*}=$(printf %016x 0x${pair#*=})" <<<"$meta"
done
check "and what it runs on" grep -aqx "o=linux/$(uname -m)" <<<"$meta"

# --- authentication required (spec 4.4.4) --------------------------------------------

# refusal CODE [DICTIONARY]: the body of an ERROR about the last request
refusal() {
	local id dict=''
	id=$(jq -r 'select(.verb == 11) | .id' "$TMP/heard-c" | tail -n 1)
	[ $# -gt 1 ] && dict=$(printf '%04x' ${#2})$(printf '%s' "$2" | hex)
	echo "0b$id$1$NW$dict"
}
network() { kzt_in m -j network show $NW | jq -e ".networks[0] | $1"; }
is_status() { network ".status == \"$1\""; }
check "nothing is known yet" is_status requesting-configuration
check "the controller wants authentication" control c say "${ADDR[m]}" 02 \
	"$(refusal 09 $'aV=0000000000000000\naU=https://sso.test/login?a\\eb')"
check "the status says so" until_ok 20 is_status authentication-required
check "and the monitor" until_ok 20 told authentication-required
check "and where to go" network '."authentication-url" == "https://sso.test/login?a=b"'
check "kzt network show prints it" sh -c "ip netns exec m $KZT network show $NW | grep -F 'https://sso.test/login?a=b'"
check "so does the log" grep -F 'https://sso.test/login?a=b' "$TMP/kztd-m.log"
check "it asks on" until_ok 60 ask_again "$(asked)"
check "version 1 has it elsewhere" control c say "${ADDR[m]}" 02 \
	"$(refusal 09 $'aV=0000000000000001\niU=https://issuer.test/\naN=nonce\naS=state\naCID=me')"
check "it is known, too" until_ok 20 network '."authentication-url" == "https://issuer.test/"'
check "or nobody says where" control c say "${ADDR[m]}" 02 "$(refusal 09)"
check "then there is none" until_ok 20 network 'has("authentication-url") | not'
check "the status stays" is_status authentication-required
check "terminals are spared" control c say "${ADDR[m]}" 02 "$(refusal 09 $'aU=https://a\e[2Jb')"
check "what would turn them is not shown" until_ok 20 network '."authentication-url" == "https://a?[2Jb"'
check "somebody else wants it" control x say "${ADDR[m]}" 02 "$(refusal 09 aU=https://evil.test/)"
check "then access is denied" control c say "${ADDR[m]}" 02 "$(refusal 07)"
check "the status follows" until_ok 20 is_status access-denied
check "and the monitor" until_ok 20 told access-denied
for code in 03 05; do
	check "there is no such network, or no controller at all ($code)" control c say "${ADDR[m]}" 02 "$(refusal $code)"
	check "the status follows" until_ok 20 is_status not-found
	check "and the monitor" until_ok 20 told not-found
	check "access is denied, after all" control c say "${ADDR[m]}" 02 "$(refusal 07)"
	check "the monitor says that, too" until_ok 20 told access-denied
done
check "an error about something else" control c say "${ADDR[m]}" 02 "$(refusal 03 | sed 's/^0b/06/')"
check "who else says something is not heard" network '(."authentication-url" // "") != "https://evil.test/"'
check "no address is left of another state" network 'has("authentication-url") | not'

# --- configurations that are not signed (spec 4.7.1), and old ones (4.6.8) ---------------

# config VERSION NAME [MS]: a dictionary for the member, of this time or now; one
# rule, accept
config() {
	printf 'v=%016x\nnwid=%s\nts=%016x\nctmd=00000000001b7740\nr=%016x\nid=%s\nf=2\nml=20\nt=1\nn=%s\nmtu=578\nR=\\x01\\x00' \
		"$1" $NW "${3:-$(date +%s%3N)}" 1 "${ADDR[m]}" "$2" | sed 's/\\x01\\x00/\x01\\0/' | hex
}
# chunk DICTIONARY: the legacy form: nothing behind it
chunk() { echo "$NW$(printf '%04x' $((${#1} / 2)))$1"; }
refused() { grep -c 'a configuration was refused' "$TMP/kztd-m.log"; }
is_named() { network ".name == \"$1\""; }

check "somebody else sends one that is not signed" control x say "${ADDR[m]}" 0c "$(chunk "$(config 7 evil)")"
check "the controller sends an old one" control c say "${ADDR[m]}" 0c "$(chunk "$(config 5 old)")"
is_refused() { [ "$(refused)" -gt 0 ]; }
check "it is refused" until_ok 20 is_refused
check "nothing changed" is_status access-denied
check "the controller sends one that is not signed" control c say "${ADDR[m]}" 0c "$(chunk "$(config 7 plain)")"
check "it is taken" until_ok 20 is_status ok
check "with its name" is_named plain
same "its MTU" 1400 "$(on m cat /sys/class/net/kzt0/mtu)"
check "and its rule" network '.rules == 1'
check "the monitor says so" until_ok 20 told ok
check "access is denied" control c say "${ADDR[m]}" 02 "$(refusal 07)"
check "the status says so" until_ok 20 is_status access-denied
check "and nothing else changes" network '.name == "plain" and .rules == 1 and .mtu == 1400'
check "none in a signed form without a signature" control c say "${ADDR[m]}" 0c \
	"$(chunk "$(config 7 forged)")010000000000000001$(printf '%08x' $(($(config 7 forged | wc -c) / 2)))00000000010060$(printf '00%.0s' {1..96})"
check "nor one for another node" control c say "${ADDR[m]}" 0c \
	"$(chunk "$(config 7 other | sed "s/$(printf %s "${ADDR[m]}" | hex)/$(printf %s "${ADDR[x]}" | hex)/")")"
check "the next good one comes" control c say "${ADDR[m]}" 0c "$(chunk "$(config 7 next)")"
check "and is taken" until_ok 20 is_named next
check "an older one comes, and nobody has asked" control c say "${ADDR[m]}" 0c \
	"$(chunk "$(config 7 older 1700000000000)")"
is_refused() { grep -q 'older than the one held' "$TMP/kztd-m.log"; }
check "it is refused" until_ok 20 is_refused
check "and the other stays" is_named next
before=$(asked)
kill "${AGENT[m]}"
wait "${AGENT[m]}" 2>/dev/null
check "the agent comes back" agent m --no-controller
check "and asks" until_ok 60 ask_again "$before"
check "the controller has only the older one" control c say "${ADDR[m]}" 03 \
	"0b$(jq -r 'select(.verb == 11) | .id' "$TMP/heard-c" | tail -n 1)$(chunk "$(config 7 older 1700000000000)")"
check "which is an answer, and taken" until_ok 20 is_named older
same "the others never were" 0 "$(grep -c 'forged\|other\|evil' "$TMP/kztd-m.log")"

# --- a member that knows no rules asks kzt's controller (4.12.4, step 3) --------------------

kill $HEARER
wait $HEARER 2>/dev/null
secret c 0
check "the controller gets an agent" agent c
api() { on c curl -sf --abstract-unix-socket kzt/http -X "$1" ${3:+-d "$3"} "http://localhost/controller/network$2"; }
check "a network with rules and tags" until_ok 30 api POST "/${ADDR[c]}00aa03" '{"private": false,
	"rules": [{"type": "ACTION_DROP"}], "tags": [{"id": 7, "default": 3}]}'
check "an old member listens" hears x
answers() { jq -s '[.[] | select(.verb == 3)] | length' "$TMP/heard-x"; }
# answered METADATA: the configuration that it gets, in lines
answered() {
	local before
	before=$(answers)
	control x say "${ADDR[c]}" 0b "${ADDR[c]}00aa03$(printf '%04x' ${#1})$(printf %s "$1" | hex)"
	until_ok 3 more_than "$before" &&
		jq -r 'select(.verb == 3) | .data[38:]' "$TMP/heard-x" | tail -n 1 | unhex | tr -d '\0' >"$TMP/config"
}
more_than() { [ "$(answers)" -gt "$1" ]; }
has() { LC_ALL=C grep -aq "$1" "$TMP/config"; }
hasnt() { ! has "$1"; }
check "an old member is answered" until_ok 60 answered "v=0000000000000005"
check "in the new form" has '^v=0000000000000007$'
check "with one rule that lets all pass" has '^R=.\\0$'
check "without tags" hasnt '^TAG='
check "one that knows rules" until_ok 60 answered $'v=0000000000000007\nrevr=0000000000000001'
check "gets the rule" has '^R=\\0\\0'
check "and the tag" has '^TAG='
diag "$(tail -n 5 "$TMP/kztd-m.log")"
done_testing
