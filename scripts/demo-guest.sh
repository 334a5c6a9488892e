#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The demo, inside the VM; demo.sh sets the environment.
. "$SELFTESTS/interop/lib.sh"
. "$(dirname "$0")/lib.sh"
trap 'tidy; rm -rf "$TMP"' EXIT
must() { "$@" >"$TMP/out" 2>&1 || { cat "$TMP/out"; die "$* failed."; }; }
show() {
	printf '\n    %s# %s\n' "$1" "${*:2}"
	ip netns exec "$1" "${@:2}" 2>&1 | sed 's/^/    /'
}

for m in $(modinfo -F depends "$KZT_KO" | tr , ' ') sha512_generic hmac cryptd veth bridge tun; do
	modprobe ${MODULES:+-d "$MODULES"} "$m" 2>/dev/null
done
step "insmod kzt.ko on $(uname -sr)"
must insmod "$KZT_KO"
[ -c /dev/net/tun ] || die "there is no /dev/net/tun here, which the real node needs."

step "three namespaces on one LAN: a kzt root, a kzt node, a real ZeroTier node"
must ns root node real
must lan lan0 root 172.30.0.1/24 fd30::1/64 -- node 172.30.0.2/24 fd30::2/64 -- \
	real 172.30.0.3/24 fd30::3/64
must planet 0=172.30.0.1/9993
"$KZT" world show "$PLANET" | sed 's/^/    /'
must kzt_node root 0
note "root: kzt node ${ADDR[root]}, 172.30.0.1"
must kzt_node node 1
note "node: kzt node ${ADDR[node]}, 172.30.0.2"
must real_leaf real 2 172.30.0.3
note "real: ZeroTier node ${ADDR[real]}, 172.30.0.3, on a TAP device"

step "all join the ad-hoc network $NET"
must kzt_member node
must kzt_member root
must until_ok 30 online node
must reaches node "$(address_of real 4)"
note "they found each other through the root"
until_ok 30 is_link node real direct

step "ping in both directions, over IPv4 and IPv6"
show node ping -q -c 3 -i 0.2 "$(address_of real 4)"
show real ping -q -c 3 -i 0.2 "$(address_of node 4)"
must reaches node "$(address_of real 6)"
show node ping -q -c 3 -i 0.2 "$(address_of real 6)"
show real ping -q -c 3 -i 0.2 "$(address_of node 6)"

step "iperf3 between the two kzt nodes (software emulation: no speed to judge by)"
must reaches node "$(address_of root 4)"
ip netns exec root iperf3 -s -1 -D --pidfile "$TMP/iperf" >/dev/null
sleep 1
show node iperf3 -c "$(address_of root 4)" -t 3 -i 0

step "what kzt says"
show node "$KZT"
show node "$KZT" explain "${ADDR[real]}"
show node ip -s link show kzt0

note "the real node's view:"
real_ask real peers | jq -r '.peers[] |
	"      \(.address)  \(.version)  \(.role)  \([.paths[].address] | join(" "))"'
echo
