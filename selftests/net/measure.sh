#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What each path is measured to be: delay, loss, damage and throughput, from the
# traffic and by reports of the other side, which are those of its era.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/multipath.sh"
. "$SELFTESTS/paths.sh"
check "two nodes find two paths" legs 2
serve_flows b

# reads NS NS2 DEV KEY LOW HIGH: the path's value is known, and between these
reads() {
	local v
	v=$(path_by "$1" "$2" "$3" "$4")
	[ -n "$v" ] && [ "$v" -ge "$5" ] && [ "$v" -le "$6" ]
}
# traffic RATE SECONDS: datagrams of many flows from a to b
traffic() { on a timeout 120 iperf3 -u -c 10.88.0.2 -b "$1" -l 1000 -t "$2" -P 4 >"$TMP/iperf"; }
# more NS EVENT OLD...: each counter has risen
more() {
	local n=$1
	shift
	while [ $# -gt 0 ]; do
		more_events "$n" "$1" "$2" || return
		shift 2
	done
}

# flood VERB BODY N [EVENT]: a sends so many; READ of them were read, and REFUSED
# were too many
flood() {
	local read refused
	refused=$(drops b rate-limit)
	read=$(counts b "${4:-rx-packets}")
	on a "$SELFTESTS/net/hostile.py" 172.31.1.2/9993 "$KZT_IDS/1.pub" verbs "$KZT_IDS/0" \
		"$1" "$2" "$3" >"$TMP/flood" || return
	sleep 1
	READ=$(($(counts b "${4:-rx-packets}") - read)) REFUSED=$(($(drops b rate-limit) - refused))
}
old=$(drops b unhandled-verb)
check "QOS_MEASUREMENT" flood 13 00000000000000000000 5
check "and PATH_NEGOTIATION_REQUEST without a policy" flood 16 0001 5
same "are refused" 10 $(($(drops b unhandled-verb) - old))

for n in a b; do
	o=a
	[ $n = b ] || o=b
	check "$n spreads its packets over both" kzt_in $n policy set peer "${ADDR[$o]}" \
		balance-rr failover-ms $((1000 * SLOW))
done
check "it is in force" until_ok 20 in_force a b
old=("$(counts a qos-measurement-tx)" "$(counts b qos-measurement-rx)" "$(counts b ack-tx)")
check "datagrams go" traffic 500K 4
check "each reports what came" until_ok 60 more a qos-measurement-tx "${old[0]}"
check "and hears of it" until_ok 60 more b qos-measurement-rx "${old[1]}"
same "nobody asks for ACKs" "${old[2]}" "$(counts b ack-tx)"
for dev in u1 u2; do
	# 4 x 500 kbit/s over two paths are 1 Mbit/s each
	check "$dev carried about half of it" until_ok 30 reads b a $dev throughput-bps 400000 4000000
done

# The windows of spec 3, 3.14: of a burst, 128
check "too many QOS_MEASUREMENT" flood 13 00000000000000000000 300 qos-measurement-rx
within "are read up to a limit" 100 140 "$READ"
within "and refused beyond" 160 200 "$REFUSED"
check "too many PATH_NEGOTIATION_REQUEST" flood 16 0001 300 path-negotiation-rx
within "are read up to a limit" 100 128 "$READ"
within "and refused beyond" 172 200 "$REFUSED"
check "too many ACKs" flood 12 00000001 300 ack-rx
within "are read up to a limit" 100 128 "$READ"
within "and refused beyond" 172 200 "$REFUSED"

# One wire gets worse
on a tc qdisc replace dev u2 root netem delay 200ms
check "the round trip of u2 grows" until_ok 60 reads a b u2 rtt-us 150000 2000000
check "not that of u1" reads a b u1 rtt-us 0 149999
on a tc qdisc replace dev u2 root netem loss 40%
check "its loss is seen" until_ok 120 reads a b u2 loss-ppm 50000 1000000
check "not on u1" [ "$(path_by a b u1 loss-ppm)" -lt 50000 ]
on a tc qdisc del dev u2 root

# What is changed on the way fails authentication
if need_modules nf_tables && on a nft -f - <<-'END' 2>"$TMP/nft"; then
	table inet damage {
		chain out {
			type filter hook output priority 0
			oifname "u2" udp sport 9993 meta random < 400000000 @ih,176,8 set 0x5a
		}
	}
END
	check "more datagrams, of which some are changed by u2" traffic 4M 6
	check "which is seen as errors of u2" until_ok 30 reads b a u2 error-ppm 10000 500000
	same "not of u1" 0 "$(path_by b a u1 error-ppm)"
	on a nft delete table inet damage
else
	skip "errors of a path: no nftables in this kernel"
	[ ! -s "$TMP/nft" ] || diag "$(cat "$TMP/nft")"
fi

# Until its next HELLO, which may be soon, a is of another era
era() {
	on a "$SELFTESTS/net/hostile.py" 172.31.1.2/9993 "$KZT_IDS/1.pub" \
		greeting "$KZT_IDS/0" 10 "$1" "$2" >/dev/null
}
is_era() { [ "$(peer_of b a | jq -r .version)" = "1.$1.$2" ]; }
believed() { era "$1" "$2" && until_ok 1 is_era "$1" "$2"; }
answered() { era "$1" "$2" && traffic 500K 2 && more b ack-tx "$3" qos-measurement-tx "$4"; }
for minor in 4 6; do
	old=("$(counts b ack-tx)" "$(counts a ack-rx)" "$(counts b qos-measurement-tx)")
	check "a says that it is 1.$minor, which b believes" until_ok 30 believed $minor 0
	check "b reports to it, and by ACKs, too" until_ok 90 answered $minor 0 "${old[0]}" "${old[2]}"
	check "which arrive" until_ok 30 more a ack-rx "${old[1]}"
done
stop_flows b
done_testing
