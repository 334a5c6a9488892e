#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ECN through the tunnel, as RFC 6040 says.
. "$SELFTESTS/lib.sh"
. "$SELFTESTS/paths.sh"
need_modules nf_tables || { skip "no nftables in this kernel"; done_testing; }
ns a b
wire a u0 10.77.0.1/24 -- b u0 10.77.0.2/24
node a 0
node b 1
knows a 1 10.77.0.2/9993
knows b 0 10.77.0.1/9993
member a $NET kzt0 10.88.0.1/24
member b $NET kzt0 10.88.0.2/24
check "two nodes meet" reaches a 10.88.0.2

# Counters of what leaves a and what reaches the stack of b, by ECN
on a nft -f - <<'NFT'
table ip t {
	counter plain { }
	counter ect0 { }
	counter ect1 { }
	counter ce { }
	chain o { type filter hook postrouting priority 0;
		oifname "u0" meta length > 1000 ip ecn not-ect counter name plain
		oifname "u0" meta length > 1000 ip ecn ect0 counter name ect0
		oifname "u0" meta length > 1000 ip ecn ect1 counter name ect1
		oifname "u0" meta length > 1000 ip ecn ce counter name ce
	}
}
NFT
on b nft -f - <<'NFT'
table ip t {
	counter plain { }
	counter ect0 { }
	counter ect1 { }
	counter ce { }
	chain i { type filter hook prerouting priority 0;
		iifname "kzt0" ip ecn not-ect counter name plain
		iifname "kzt0" ip ecn ect0 counter name ect0
		iifname "kzt0" ip ecn ect1 counter name ect1
		iifname "kzt0" ip ecn ce counter name ce
	}
}
NFT
packets() { on "$1" nft -j list counter ip t "$2" | jq '.nftables[] | .counter? // empty | .packets'; }
# sends TOS: three pings; what was counted outside at a and inside at b
sends() {
	on a nft reset counters >/dev/null
	on b nft reset counters >/dev/null
	pings a 10.88.0.2 -s 1200 -Q "$1" -c 3
}
check "not-ECT" sends 0
# Probes of the path's MTU are as large, and not-ECT
check "leaves as not-ECT" [ "$(packets a plain)" -ge 3 ]
same "arrives as not-ECT" 3 "$(packets b plain)"
check "ECT(0)" sends 2
same "leaves as ECT(0)" 3 "$(packets a ect0)"
same "arrives as ECT(0)" 3 "$(packets b ect0)"
check "ECT(1)" sends 1
same "leaves as ECT(1)" 3 "$(packets a ect1)"
same "arrives as ECT(1)" 3 "$(packets b ect1)"

# A router marks the outer header
on b nft -f - <<'NFT'
table ip m {
	chain p {
		type filter hook prerouting priority -300;
		iifname "u0" meta length > 1000 ip ecn set ce
	}
}
NFT
check "ECT(0), marked on the way" sends 2
same "arrives as CE" 3 "$(packets b ce)"
check "not-ECT, marked on the way" sends 0
same "does not arrive as CE" 0 "$(packets b ce)"
on b nft delete table ip m
done_testing
