#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A kzt node and a real one with two wires between them: introduced by a root of
# either kind, they tell each other of the second wire, agree on what paths there
# are, and lose one after the other (spec 3, 3.5, 3.6, 3.11).
#
#	root 172.30.0.1 --- lan --- a u0 172.30.0.2, real u0 172.30.0.3
#	a u1 172.31.0.1 ----------- real u1 172.31.0.2
. "$SELFTESTS/interop/lib.sh"
. "$SELFTESTS/paths.sh"

# remotes NS: of the paths of a kzt node to the real one that are up, sorted
remotes() {
	kzt_in a -j peer show "${ADDR[real]}" |
		jq -r '.peers[0].paths[] | select(.state == "up") | .remote' | sort
}
# the same the other way round, as the real core lists them
real_remotes() {
	real_ask real peers | jq -r --arg a "${ADDR[a]}" '.peers[] |
		select(.address == $a) | .paths[] | select(.expired | not) | .remote' |
		sed 's/\/\([0-9]*\)$/:\1/' | sort
}
both_listed() {
	[ "$(remotes | tr '\n' ' ')" = "172.30.0.3:9993 172.31.0.2:9993 " ] &&
		[ "$(real_remotes | tr '\n' ' ')" = "172.30.0.2:9993 172.31.0.1:9993 " ]
}
crosses() { reaches a "$(address_of real 4)" && reaches real "$(address_of a 4)"; }

# star KIND: the same wires with a root that is kzt or real
star() {
	local kind=$1
	ns root a real
	lan lan0 root 172.30.0.1/24 -- a 172.30.0.2/24 -- real 172.30.0.3/24
	wire a u1 172.31.0.1/24 -- real u1 172.31.0.2/24
	rm -f "$PLANET"*
	planet 0=172.30.0.1/9993 >/dev/null 2>&1
	if [ "$kind" = kzt ]; then
		check "a kzt root" kzt_node root 0
	else
		check "a real root" real_leaf root 0 172.30.0.1
	fi
	check "a kzt leaf" eval "kzt_node a 1 && kzt_member a"
	check "a real leaf with two addresses" real_leaf real 2 172.30.0.3 172.31.0.2
	check "both are online" eval "until_ok 60 online a &&
		until_ok 60 real_event real '.event == \"online\"'"
	both_ways "ping" a real
	check "the kzt leaf has a direct path" until_ok 60 is_link a real direct
	check "and so has the real one" until_ok 60 real_direct real a
}

star kzt
check "the kzt root introduced them" [ "$(counts root rendezvous-tx)" -ge 2 ]
check "which the kzt leaf heard" [ "$(counts a rendezvous-rx)" -ge 1 ]
check "each hears of the second wire from the other" until_ok 200 both_listed
check "by PUSH_DIRECT_PATHS, to" [ "$(counts a push-direct-paths-tx)" -ge 1 ]
check "and fro" [ "$(counts a push-direct-paths-rx)" -ge 1 ]
same "kzt lists what the real one is bound to" \
	"172.30.0.3:9993 172.31.0.2:9993" "$(remotes | paste -sd ' ')"
same "and the real one what kzt has" \
	"172.30.0.2:9993 172.31.0.1:9993" "$(real_remotes | paste -sd ' ')"

ip -n a link set u1 down
check "one wire is cut: the path by it goes at once" until_ok 5 lacks_path a real u1
check "and they go on" crosses
ip -n a link set u1 up
ip -n a addr replace 172.31.0.1/24 dev u1
check "it is back" until_ok 200 both_listed
ip -n a link set u0 down
check "the other is cut, and with it the root" until_ok 5 lacks_path a real u0
check "and they go on" crosses
check "by the wire that is left" has_path a real u1
ip -n a link set u0 up
ip -n a addr replace 172.30.0.2/24 dev u0
check "it is back, too" until_ok 200 both_listed

# A policy on this side alone: the real core needs none for it
check "active-backup towards the real node" kzt_in a policy set peer "${ADDR[real]}" \
	active-backup failover-ms 500 link u1 primary link u0 spare
carries() {
	kzt_in a -j peer show "${ADDR[real]}" |
		jq -e --arg d "$1" '[.peers[0].paths[] | select(.active) | .dev] == [$d]'
}
check "the primary carries" until_ok 30 carries u1
on a tc qdisc add dev u1 root netem loss 100%
check "it falls silent, and the spare takes over" until_ok 30 carries u0
check "and they go on" crosses
on a tc qdisc del dev u1 root
check "it is heard, and carries again" until_ok 60 carries u1
check "and they go on" crosses
same "no packet of the real core failed to authenticate" 0 "$(drops a authentication)"
state_of root a real
tidy

star real
check "the real root introduced them, or they told each other" \
	[ $(($(counts a rendezvous-rx) + $(counts a push-direct-paths-rx))) -ge 1 ]
check "each hears of the second wire from the other" until_ok 200 both_listed
check "and they go on" crosses
state_of root a real
done_testing
