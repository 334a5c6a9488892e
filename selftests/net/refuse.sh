#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the kernel refuses, it refuses with a reason in words; and who may not ask
# learns no secret.
. "$SELFTESTS/lib.sh"
no() { local name=$1 pattern=$2; shift 2; refuses "$name" 1 "$pattern" "$@"; }
# Of root, without a capability
plain() { on a setpriv --bounding-set=-all --inh-caps=-all --securebits=+noroot,+noroot_locked "$@"; }

export IP_LIB_DIR=${KZT%/*}	# the plug-in of ip
ns a b
kzt() { kzt_in a "$@"; }
no "a peer without a node" "no identity" kzt peer add "$KZT_IDS/1.pub"
refuses "a suite that there is not" 2 "auto, salsa or siv" kzt node set suite nonsense
no "a node without a secret" "no secret" kzt node set identity "$KZT_IDS/1.pub"
check "a node" node a 0 port 9993
no "its own address as a peer" "own address" kzt peer add "$KZT_IDS/0.pub"
check "a peer" kzt peer add "$KZT_IDS/1.pub"
no "a peer that is not known" "no such peer" kzt peer del 1122334455
refuses "an endpoint without a port" 2 "IP/PORT" kzt peer add "$KZT_IDS/1.pub" endpoint 10.0.0.1
no "a port that is taken" "cannot bind the IPv4 UDP port" eval \
	'on a python3 -c "import socket, subprocess, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((\"0.0.0.0\", 9977))
sys.exit(subprocess.call(sys.argv[1:]))" "$KZT" node set port 9977'
check "the old port again" kzt node set port 9993
check "a network" kzt network join "$NET" dev kzt0
refuses "the same network twice" 2 "another device serves" ip -n a link add kzt5 type kzt network "$NET"
no "a network that is not there" "not on this network|no such|no device" kzt network leave 1122334455667788
no "a moon that is not there" "no such world|no moon" kzt moon del 1122334455
no "a message to nobody" "no such peer|no way" kzt ping 1122334455 -c 1

for words in "node show" "peer show" "network show" "path show" "drops" "metrics" "node"; do
	# shellcheck disable=SC2086
	plain "$KZT" -j $words
	# shellcheck disable=SC2086
	plain "$KZT" $words
	# shellcheck disable=SC2086
	kzt -j $words
done >"$TMP/shown" 2>&1
check "what can be shown, is" grep -q "${ADDR[a]}" "$TMP/shown"
secret=$(cut -d: -f4 "$KZT_IDS/0")
same "and no part of the secret in it" "" "$(grep -oi "${secret:0:16}\|${secret:64:16}\|${secret:112:16}" "$TMP/shown")"
no "without a capability: a node" "CAP_NET_ADMIN" plain "$KZT" node set port 9994
no "a peer" "CAP_NET_ADMIN" plain "$KZT" peer add "$KZT_IDS/2.pub"
no "a network" "CAP_NET_ADMIN" plain "$KZT" network join "$NET6"
no "the node's end" "CAP_NET_ADMIN" plain "$KZT" node del
same "so the node is as it was" 9993 "$(kzt -j node show | jq .node.port)"
done_testing
