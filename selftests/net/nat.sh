#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two nodes behind NATs meet by a root, or stay relayed; and a direct way that
# dies falls back to the relay without the loss of a TCP connection.
#
#	a 192.168.1.2 -- n1 5.1.0.11 --+-- 5.1.0.12 n2 -- 192.168.2.2 b
#	                               |
#	                            5.1.0.1 r, the root
. "$SELFTESTS/interop/lib.sh"
. "$SELFTESTS/paths.sh"
need_modules nf_tables nft_ct nf_nat nft_chain_nat nft_nat nft_masq || { skip "no nftables in this kernel"; done_testing; }

# nat NS KIND INSIDE: restricted, symmetric, or cone
nat() {
	local n=$1 kind=$2 inside=$3 how=masquerade
	on "$n" sysctl -qw net.ipv4.ip_forward=1
	[ "$kind" = symmetric ] && how='masquerade fully-random'
	on "$n" nft -f - <<-EOF || return
		table ip nat {
			chain post {
				type nat hook postrouting priority srcnat;
				oifname "u0" ip protocol udp $how
			}
			chain pre {
				type nat hook prerouting priority dstnat;
			}
			chain in {
				type filter hook input priority filter;
				iifname "u0" meta l4proto udp drop
			}
			chain cut {
				type filter hook forward priority filter;
			}
		}
	EOF
	[ "$kind" != cone ] ||
		on "$n" nft add rule ip nat pre iifname u0 udp dport 9993 dnat to "$inside"
}

# site KIND-OF-A KIND-OF-B
site() {
	ns r n1 n2 a b
	lan inet0 r 5.1.0.1/16 -- n1 5.1.0.11/16 -- n2 5.1.0.12/16
	wire n1 i0 192.168.1.1/24 -- a u0 192.168.1.2/24
	wire n2 i0 192.168.2.1/24 -- b u0 192.168.2.2/24
	ip -n a route add default via 192.168.1.1
	ip -n b route add default via 192.168.2.1
	check "a NAT: $1" nat n1 "$1" 192.168.1.2
	check "a NAT: $2" nat n2 "$2" 192.168.2.2
	planet 0=5.1.0.1/9993 >/dev/null
	kzt_node r 0
	kzt_node a 1
	kzt_node b 2
	kzt_member a
	kzt_member b
	check "both are online" until_ok 60 both_online
	check "ping, by the root at first" reaches a "$(address_of b 4)"
}
both_online() { online a && online b; }
online() { [ "$(kzt_in "$1" -j node show | jq .node.online)" = true ]; }
met() { pings a "$(address_of b 4)" -c 1 >/dev/null; is_link a b direct && is_link b a direct; }

site restricted restricted
check "restricted and restricted meet" until_ok 90 met
# One connection, before and after the direct way is cut
cat >"$TMP/talk.py" <<'PY'
import os, socket, sys, time
kind, ip, mark = sys.argv[1:4]
if kind == "serve":
    s = socket.create_server((ip, 7001))
    c, _ = s.accept()
    while True:
        d = c.recv(100)
        if not d:
            break
        c.sendall(d)
else:
    c = socket.create_connection((ip, 7001), 60)
    c.settimeout(240)
    for word in (b"before\n", b"after\n"):
        c.sendall(word)
        assert c.recv(100) == word
        open(mark + ".said", "w").close()
        while word == b"before\n" and not os.path.exists(mark + ".cut"):
            time.sleep(0.1)
PY
py=${KZT_PYTHON:-python3}
on b "$py" "$TMP/talk.py" serve "$(address_of b 4)" - & PROGRAMS+=($!)
until_ok 20 on b sh -c 'ss -ltn | grep -q :7001'
on a "$py" "$TMP/talk.py" call "$(address_of b 4)" "$TMP/talk" & talk=$!
until_ok 60 test -e "$TMP/talk.said"
on n1 nft add rule ip nat cut ip saddr 5.1.0.12 drop
on n1 nft add rule ip nat cut ip daddr 5.1.0.12 drop
touch "$TMP/talk.cut"
check "a TCP connection goes on when the direct way is cut" wait $talk
check "by the root" is_link a b relay
check "ping by the root" reaches a "$(address_of b 4)"
on n1 nft flush chain ip nat cut
check "and directly again when the cut is mended" until_ok 180 met
tidy

site symmetric symmetric
check "symmetric and symmetric are relayed" pings a "$(address_of b 4)" -c 20
check "no direct path is believed" is_link a b relay
tidy

site symmetric cone
check "symmetric and full cone meet" until_ok 90 met
done_testing
