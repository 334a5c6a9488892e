#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# balance-aware judges its legs by what they are like without its own load: full
# legs are not avoided, bad ones are, and good ones are taken back.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/multipath.sh"
check "two nodes find four paths" legs 4
B=${ADDR[b]}
BAD="exceeds a quality limit"

# leg N WORD...: netem both ways
leg() {
	local n dev=u$1
	shift
	for n in a b; do on $n tc qdisc replace dev "$dev" root netem "$@" || return; done
}
# aware WORD...: on both sides
aware() {
	kzt_in a policy set peer "$B" balance-aware "$@" &&
		kzt_in b policy set peer "${ADDR[a]}" balance-aware "$@"
}
whys() { peer_of a b | jq -r '.paths[].why'; }

# Queues of more than a second, which TCP fills and empties; a busy machine alone
# makes less jitter than the limit, which is the higher the slower all is
for i in 1 2 3 4; do leg $i rate 2mbit delay 5ms limit 200; done
check "balance-aware" aware dwell-ms 3000 jitter-max-us $((100000 * SLOW))
check "all legs are in use" until_ok 30 in_use a b 4

serve_flows b
on a timeout 240 iperf3 -c 10.88.0.2 -P 24 -t 40 >"$TMP/load" 2>&1 &
LOAD=$!
while kill -0 $LOAD 2>/dev/null; do
	whys
	sleep 0.3
done >"$TMP/whys"
check "a load that fills all legs is carried" wait $LOAD
sort "$TMP/whys" | uniq -c | sed 's/^/# /'
same "no leg is avoided for it" 0 "$(grep -c "$BAD" "$TMP/whys")"
check "all legs are in use after it" until_ok 60 in_use a b 4
stop_flows b

check "balance-aware, 500 ms" aware failover-ms 500 dwell-ms 1000
check "all legs are in use" until_ok 30 in_use a b 4
leg 4 loss 30%
check "a leg that loses much is avoided" until_ok 60 path_is a b u4 why "$BAD"
check "it carries nothing" until_ok 20 not_used a b u4
leg 4 delay 5ms
check "and is taken back when it loses no more" until_ok 90 in_use a b 4

leg 4 delay 5ms loss 100%
check "a leg that is cut is left" until_ok 30 path_is a b u4 active false
sleep 12
leg 4 delay 5ms
check "it is taken back as soon as it answers" until_ok 10 in_use a b 4
within "what it lost while it was dead is not its loss, in ppm" 0 100000 \
	"$(path_by a b u4 loss-ppm)"
done_testing
