#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A NAT gets another address: the root says so, and paths of that scope have to
# prove anew that they lead somewhere (spec 3, 3.12.2, 3.13.2).
#
#	a 192.168.1.2 -- nat 5.1.0.11, then .21 --+-- 5.1.0.12 b
#	                                          |
#	                                       5.1.0.1 root
. "$SELFTESTS/interop/lib.sh"
. "$SELFTESTS/paths.sh"
need_modules nf_tables || { skip "no nftables in this kernel"; done_testing; }
ns root nat a b
lan inet0 root 5.1.0.1/16 -- nat 5.1.0.11/16 5.1.0.21/16 -- b 5.1.0.12/16
wire nat i0 192.168.1.1/24 -- a u0 192.168.1.2/24
ip -n a route add default via 192.168.1.1
on nat sysctl -qw net.ipv4.ip_forward=1

# outside ADDRESS: a has that one, without a memory of connections
outside() {
	on nat nft -f - <<-EOF
		table ip outside
		delete table ip outside
		table ip outside {
			chain out {
				type filter hook postrouting priority srcnat;
				oifname "u0" ip saddr 192.168.1.2 ip saddr set $1
			}
			chain in {
				type filter hook prerouting priority dstnat;
				iifname "u0" ip daddr $1 udp dport 9993 ip daddr set 192.168.1.2
			}
		}
	EOF
}
check "a NAT without a memory" outside 5.1.0.11
check "one that lets in what it knows" on b nft -f - <<-EOF
	table ip wall {
		chain in {
			type filter hook input priority filter;
			ip saddr 5.1.0.21 udp dport 9993 drop
		}
	}
EOF
planet 0=5.1.0.1/9993 >/dev/null
check "a root and two leaves" eval \
	"kzt_node root 0 && kzt_node a 1 && kzt_node b 2 && kzt_member a && kzt_member b"
check "are online" eval "until_ok 60 online a && until_ok 60 online b"
B4=$(address_of b 4)
check "they reach each other" reaches a "$B4"
check "directly" until_ok 60 has_path a b u0 5.1.0.12
check "the root sees a where the NAT is" has_path root a u0 5.1.0.11
lost=$(counts a paths-lost)
listen_peers a

check "the NAT has another address" outside 5.1.0.21
check "the root sees a there" until_ok 120 has_path root a u0 5.1.0.21
# Without the reset it would be there for as long as 243 s
check "the path to b, that b does not let in, goes" until_ok 150 lacks_path a b u0 5.1.0.12
check "and is counted" more_events a paths-lost "$lost"
traced reset 5.1.0.12:9993
traced expired 5.1.0.12:9993
check "a reaches b by the root" reaches a "$B4"
check "as it says" is_link a b relay
on b nft delete table ip wall
check "let in again, they meet at the new address" until_ok 120 has_path b a u0 5.1.0.21
check "which a hears" until_ok 60 has_path a b u0 5.1.0.12
done_testing
