#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Several roots: the best one relays, another takes over when it dies, and a new
# planet moves one to other addresses (spec 2, 2.15; spec 3, 3.15).
#
# Each leaf has a wire to each root and none to the other leaf; the far root's
# wires take 30 ms each way.  Two more nodes have no wire, and one of them lets
# the kernel choose its second port (spec 3, 3.18.1).
. "$SELFTESTS/interop/lib.sh"
. "$SELFTESTS/paths.sh"
ns far near a b
wire far u1 172.30.1.1/24 -- a u0 172.30.1.2/24
wire far u2 172.30.2.1/24 -- b u0 172.30.2.2/24
wire near u1 172.31.1.1/24 -- a u1 172.31.1.2/24
wire near u2 172.31.2.1/24 -- b u1 172.31.2.2/24
for n in far near; do
	on $n sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
done
for d in u1 u2; do on far tc qdisc add dev $d root netem delay 30ms; done
for n in a b; do on $n tc qdisc add dev u0 root netem delay 30ms; done
# Neither leaf knows a way to what the other one says of itself
for n in a b; do
	ip -n $n route add blackhole 172.30.0.0/16
	ip -n $n route add blackhole 172.31.0.0/16
done

NEAR=1=172.31.1.1/9993,172.31.2.1/9993
planet 0=172.30.1.1/9993,172.30.2.1/9993 $NEAR >/dev/null 2>&1
check "two roots" eval "kzt_node far 0 && kzt_node near 1"
check "two leaves" eval "kzt_node a 2 && kzt_node b 3 && kzt_member a && kzt_member b"
check "are online" eval "until_ok 60 online a && until_ok 60 online b"
for r in far near; do
	check "$r is heard by a" until_ok 60 is_link a $r direct
	check "$r is heard by b" until_ok 60 is_link b $r direct
	same "as one of the planet's" planet "$(role_of a $r)"
done
check "the leaves reach each other" reaches a "$(address_of b 4)"
check "by a root" is_link a b relay

ns lost given
ports() { kzt_in "$1" -j node show | jq -r '.node | "\(.port) \(."secondary-port")"'; }
check "two nodes without a wire" eval "kzt_node lost 4 secondary-port random &&
	kzt_node given 5 secondary-port 10003"
LOST=$(ports lost)
check "are offline" eval "! online lost && ! online given"

# relays NAME: of ten pings both ways, it passes at least ten; the other nearly
# none (a ping that crosses a change may go either way)
relays() {
	local other=near old_this old_other
	[ "$1" = near ] && other=far
	old_this=$(counts "$1" relayed)
	old_other=$(counts $other relayed 2>/dev/null || echo 0)
	COUNT=10 pings a "$(address_of b 4)" || return
	[ $(($(counts "$1" relayed) - old_this)) -ge 18 ] &&
		[ $(($(counts $other relayed 2>/dev/null || echo 0) - old_other)) -le 2 ]
}
check "the near one relays, once latencies are known" until_ok 90 relays near

# A TCP connection lives through the death of its relay
steady a b "$(address_of b 4)" 100K
check "a TCP connection carries data" moves b kzt0 20
for d in u1 u2; do on near tc qdisc add dev $d root netem loss 100%; done
for n in a b; do on $n tc qdisc add dev u1 root netem loss 100%; done
check "the near root falls silent: the connection goes on" moves b kzt0 60
check "the far one relays" until_ok 60 relays far
check "the leaves are still online" eval "online a && online b"
for d in u1 u2; do on near tc qdisc del dev $d root; done
for n in a b; do on $n tc qdisc del dev u1 root; done
check "the near one is heard again, and relays" until_ok 120 relays near
check "it is the same connection" kill -0 "$TCP"
check "and it carries data" moves b kzt0 20
kill "$TCP"

# The near root moves, and the planet's next version says where to
for i in 1 2; do
	ip -n near addr del 172.31.$i.1/24 dev u$i
	ip -n near addr add 172.31.$i.9/24 dev u$i
done
# Until then it is not believed there (spec 3, 3.2.4), though it is heard
knows near 2 172.31.1.2/9993
check "the near root greets a from its new address" until_ok 60 has_path near a u1 '172.31.1.9:9993 -> '
check "and is answered" kzt_in near ping "${ADDR[a]}" -c 3
check "but where no world says that it is, it has no path" lacks_path a near u1 '.9:9993'
planet 0=172.30.1.1/9993,172.30.2.1/9993 \
	1=172.31.1.9/9993,172.31.2.9/9993 >/dev/null 2>&1
check "a new planet is given to the far root alone" kzt_in far world set "$PLANET"
version() { kzt_in "$1" -j world show | jq '[.worlds[] | select(.type == "planet") | .timestamp][0]'; }
same_version() { [ "$(version "$1")" = "$(version "$2")" ]; }
for n in a b near; do
	check "$n learns it from there" until_ok 150 same_version $n far
done
for n in a b; do
	check "$n finds the near root at its new address" until_ok 90 has_path $n near u1 ".9:9993"
done
check "and the leaves reach each other" reaches a "$(address_of b 4)"

# And the one after it does without
planet 0=172.30.1.1/9993,172.30.2.1/9993 >/dev/null 2>&1
check "the next planet has one root" kzt_in far world set "$PLANET"
check "a learns that, too" until_ok 150 same_version a far
check "the former root is one no more" until_ok 60 is_role a near leaf
check "b, too" until_ok 150 same_version b far
check "the far one relays" until_ok 60 relays far
state_of far near a b

drew() { [ "$(ports lost)" != "$LOST" ] && ports lost | grep -qE '^9993 [0-9]+$'; }
check "after two minutes offline the kernel chooses another second port" until_ok 130 drew
diag "$LOST, then $(ports lost)"
same "but not for one that was given" "9993 10003" "$(ports given)"
done_testing
