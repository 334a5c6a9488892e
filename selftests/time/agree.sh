#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two sides that choose their path by measures, and agree on one (spec 3.20.13).  In
# virtual time, see ../run-vm.sh.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/multipath.sh"
check "two nodes find two paths" legs 2
for n in a b; do
	for i in 1 2; do on $n tc qdisc replace dev u$i root netem delay 10ms; done
done
B=${ADDR[b]} A=${ADDR[a]}
both() {
	kzt_in a policy set peer "$B" active-backup "$@" &&
		kzt_in b policy set peer "$A" active-backup "$@"
}
# pin NS NS2 [DEV]
pin() {
	local id=none
	[ -z "${3:-}" ] || id=$(path_by "$1" "$2" "$3" id)
	kzt_in "$1" path pin "${ADDR[$2]}" "$id"
}
held() { pin b a u2 && until_ok 10 carries_alone b a u2 && pin b a; }
on a ping -i 0.2 10.88.0.2 >/dev/null &
PROGRAMS+=($!)

check "both choose by measures" both reselect optimize
check "b takes u2" held
check "a has u1 alone" pin a b u1
sleep 2
check "so each uses another" eval 'carries_alone a b u1 && carries_alone b a u2'
sleep 60
check "b follows a" carries_alone b a u1
same "and says why" "active, as the peer asked for" "$(path_by b a u1 why)"
within "by a request, or two" 1 3 "$(counts a path-negotiation-tx)"
same "which all came" "$(counts a path-negotiation-tx)" "$(counts b path-negotiation-rx)"
check "what b asked for a does not do, which is pinned" carries_alone a b u1

old=$(counts a path-negotiation-tx)
check "b keeps to its primary" kzt_in b policy set peer "$A" active-backup reselect always \
	link u2 primary link u1 spare
sleep 60
check "whatever a asks for" carries_alone b a u2
within "three times at most, and then a pause" 3 4 $(($(counts a path-negotiation-tx) - old))
done_testing
