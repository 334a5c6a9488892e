#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A kzt node is the controller of a network whose members are real cores; another
# one is their root, and all are on one LAN.
. "$SELFTESTS/interop/lib.sh"
ns root ctl a b
lan lan0 root 172.30.0.1/24 -- a 172.30.0.2/24 -- b 172.30.0.3/24 -- ctl 172.30.0.4/24
controlled name demo v4 on v6 rfc4193,6plane route 10.99.0.0/24 pool 10.99.0.10-10.99.0.200
check "a real core asks to join" real_asks a 1 172.30.0.2
check "and another" real_asks b 2 172.30.0.3
check "the first is denied access" until_ok 60 status_is a access-denied
check "the controller lists it as not authorised" member_is a '.authorized == false'
check "authorise it" ctl member authorize "$CNET" "${ADDR[a]}" name alpha
check "authorise the other" ctl member authorize "$CNET" "${ADDR[b]}"
check "the first is on the network" until_ok 60 status_is a ok
check "the second is on the network" until_ok 60 status_is b ok
check "the first has an address of the pool" until_ok 60 address_of a 4
check "the second has an address of the pool" until_ok 60 address_of b 4
check "which the controller knows" member_is a ".ipAssignments == [\"$(address_of a 4)\"]"
check "and its version" member_is a '.vMajor == 1 and .vMinor == 8'
both_ways "ping between real cores" a b 4
check "over RFC 4193 and 6PLANE addresses, too" reaches a "$(address_of b 6)"

A4=$(address_of a 4) B4=$(address_of b 4)
check "de-authorise the second" ctl member deauthorize "$CNET" "${ADDR[b]}"
check "the first does not hear it any more" until_ok 60 silent a "$B4"
check "it is denied access" until_ok 90 status_is b access-denied
check "authorise it again" ctl member authorize "$CNET" "${ADDR[b]}"
check "it reaches the first again" reaches b "$A4"

check "drop ICMP by rules" rules_are 'drop ipprotocol icmp ;' 'accept ;'
check "they are in force" until_ok 60 silent a "$B4"
check "and let them pass again" rules_are accept
check "that is in force, too" reaches a "$B4"

kill -9 "${AGENT[ctl]}"
wait "${AGENT[ctl]}" 2>/dev/null
check "the controller starts again" agent ctl
check "and has what it had" member_is a '.authorized and .name == "alpha"'
check "the real core is told what changes" ctl network set "$CNET" mtu 1500
mtu_is() { ip -n "$1" -j link show real0 | jq -e ".[0].mtu == $2"; }
check "within its next request" until_ok 90 mtu_is a 1500

# --- a real core's place is taken by a kzt node, while the controller is away ---
kill -9 "${AGENT[ctl]}" "${REAL[a]}"
wait "${AGENT[ctl]}" "${REAL[a]}" 2>/dev/null
unset "REAL[a]"
mkdir -p "$TMP/home/networks.d"
cp "$KZT_IDS/1" "$TMP/home/identity.secret"
cp "$TMP/real-a/6-$CNET" "$TMP/home/networks.d/$CNET.conf"
cp "$PLANET" "$TMP/home/planet"
echo "$CNET=kzt0" >"$TMP/home/devicemap"
check "what it remembers is imported" "$KZT" import "$TMP/home" state "$TMP/state-a" config "$TMP/a.conf"
check "an agent in its place" agent a --no-controller
check "it is on the network without being asked about" until_ok 30 status_is a ok
has_a4() { [ "$(address_of a 4)" = "$A4" ]; }
check "with the same address" until_ok 20 has_a4
check "the other real core has no reason to complain" reaches b "$A4"
state_of ctl a b
done_testing
