#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the tools do without a kernel module: identities, worlds, usage.  TAP.
SELFTESTS=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$SELFTESTS")
export SELFTESTS
. "$top/scripts/lib.sh"
make -s --no-print-directory -C "$top/userspace" BIN="$KZT_BUILD/bin" \
	O="$KZT_BUILD/userspace" >&2 || { echo "not ok - the tools build"; exit 1; }
KZT=$KZT_BUILD/bin/kzt
. "$SELFTESTS/lib.sh"
cd "$TMP" || exit 1

check "identity new" "$KZT" identity new id
same "its file is for the owner only" 600 "$(stat -c %a id)"
same "and has 270 characters" 270 "$(stat -c %s id)"
refuses "it is not replaced" 1 'exists already' "$KZT" identity new id
check "identity validate" "$KZT" identity validate id
check "identity public" "$KZT" identity public id
"$KZT" identity public id >id.pub
same "the public part is that of the file" "$(cut -d: -f1-3 id)" "$(cat id.pub)"
printf 'a message' >msg
"$KZT" identity sign id <msg >sig
same "a signature has 192 digits" 193 "$(wc -c <sig)"
check "identity verify" sh -c "'$KZT' identity verify id.pub $(cat sig) <msg"
check "with the identity in words" sh -c "'$KZT' identity verify $(cat id.pub) $(cat sig) <msg"
refuses "another message" 1 'signature' sh -c "echo | '$KZT' identity verify id.pub $(cat sig)"
refuses "no signature" 2 'digits' sh -c "'$KZT' identity verify id.pub 00 <msg"
refuses "no signing without a secret" 1 'no secret' sh -c "'$KZT' identity sign id.pub <msg"
sed 's/^0/1/; t; s/^./0/' id >wrong
refuses "a wrong address is told" 1 'address' "$KZT" identity validate wrong
sed 's/.$/z/' id >wrong
refuses "a wrong digit is told" 1 'secret' "$KZT" identity validate wrong
refuses "a missing file is told" 1 'No such file' "$KZT" identity validate none
"$KZT" identity new id2 >/dev/null
paste -d: <(cut -d: -f1-3 id) <(cut -d: -f4 id2) >wrong
refuses "a secret of another identity is told" 1 'secret key is not' "$KZT" identity validate wrong
check "-j prints one document" sh -c "'$KZT' -j identity validate id | jq -e '.identity.valid == true and (.identity.address | length == 10)'"

check "world make" "$KZT" world make planet root id=192.0.2.1/9993,2001:db8::1/9993 root id2=192.0.2.2/9993
same "its key is for the owner only" 600 "$(stat -c %a planet.key)"
same "two roots" 2 "$("$KZT" -j world show planet | jq '.worlds[0].roots | length')"
same "endpoints of the first" '192.0.2.1:9993 [2001:db8::1]:9993' \
	"$("$KZT" -j world show planet | jq -r '.worlds[0].roots[0].endpoints | join(" ")')"
before=$("$KZT" -j world show planet | jq -r '.worlds[0] | "\(.id) \(."timestamp-ms")"')
check "its successor" "$KZT" world make planet root id=192.0.2.9/9993
after=$("$KZT" -j world show planet | jq -r '.worlds[0] | "\(.id) \(."timestamp-ms")"')
same "has the same id" "${before% *}" "${after% *}"
check "and is newer" [ "${after#* }" -gt "${before#* }" ]
refuses "another key cannot succeed it" 1 'only the key' "$KZT" world make planet key other.key root id=192.0.2.9/9993
for i in 3 4 5; do "$KZT" identity new id$i >/dev/null; done
refuses "five roots are too many" 1 'more than 4' "$KZT" world make p5 root id=1.1.1.1/1 root id2=1.1.1.1/1 \
	root id3=1.1.1.1/1 root id4=1.1.1.1/1 root id5=1.1.1.1/1
refuses "a root twice" 1 'root already' "$KZT" world make p6 root id=1.1.1.1/1 root id=1.1.1.1/1
refuses "port 0" 2 'not an endpoint' "$KZT" world make p7 root id=192.0.2.1/0
refuses "no endpoint" 2 'IP/PORT' "$KZT" world make p8 root id
refuses "no root" 2 'root' "$KZT" world make p9
check "a moon" "$KZT" world make moon moon root id=192.0.2.1/9993
same "is known by its first root" "000000$(cut -c1-10 id)" \
	"$("$KZT" -j world show moon | jq -r '.worlds[0].id')"
refuses "a text is no world" 1 'malformed' "$KZT" world show id

# Captures: the first datagrams of a recorded exchange
PCAP() { "$KZT_PYTHON" "$SELFTESTS/pcap.py" "$@"; }
KZT_PYTHON=${KZT_PYTHON:-/usr/bin/python3}
sed -n 's/^wire = //p' "$SELFTESTS/vectors/packet-exchange.txt" | head -n 2 | {
	read -r hello
	read -r ok
	echo "udp 192.168.1.10 9993 192.168.1.1 9993 $hello"
	echo "udp 2001:db8::1 9993 2001:db8::10 9993 $ok"
	echo "udp 192.0.2.1 53 192.0.2.2 53 00"
} >lines
check "a capture" PCAP cap.pcap <lines
check "and as pcapng" PCAP --ng cap.pcapng <lines
for f in cap.pcap cap.pcapng; do
	"$KZT" -j decode $f >out 2>err
	same "decode $f: verb, version and sender of HELLO" "HELLO 1.14.1 430503a02e" \
		"$(jq -r '.packets[0] | "\(.verb) \(.version) \(.identity)"' out)"
	same "decode $f: OK is encrypted" "true salsa [2001:db8::1]:9993" \
		"$(jq -r '.packets[1] | "\(.encrypted) \(.suite) \(.from)"' out)"
	check "decode $f: what is none of ours is told" grep -q '1 UDP datagram' err
done
check "decode in words" sh -c "'$KZT' decode cap.pcap | grep -q 'HELLO.*version 1.14.1'"
head -c 150 cap.pcap >short.pcap
refuses "a capture that is cut off" 1 'cut off' "$KZT" decode short.pcap
refuses "a text is no capture" 1 'not a capture' "$KZT" decode id
refuses "decode without a file" 1 'No such file' "$KZT" decode none

refuses "a message without a text" 2 'needs an address' "$KZT" message send 1122334455 70000
refuses "of two words" 2 'in quotes' "$KZT" message send 1122334455 70000 two words
refuses "of half a byte" 2 'an even number' "$KZT" message send 1122334455 70000 --hex abc
refuses "a type that is no number" 2 'not a number' "$KZT" message send 1122334455 chat hello
refuses "more than any message may be" 1 'too long' sh -c "head -c 40000 /dev/zero | '$KZT' message send 1122334455 70000 -"

printf '[Node]\nPort = 1\nColour = red\n' >bad.conf
printf 'Port = 1\n' >bad2.conf
refuses "apply needs a file" 2 'needs a file' "$KZT" apply
refuses "a key before a section" 1 'bad2.conf:1: a key before' "$KZT" apply bad2.conf

# Another installation's home; its secret and what cannot be honoured
mkdir -p home/moons.d home/networks.d home/peers.d home/controller.d
cp id home/identity.secret
cp moon "home/moons.d/000000$(cut -c1-10 id).moon"
cp moon home/moons.d/0000001122334455.moon
cp planet home/planet
printf '\n' >home/networks.d/8056c2e21c000001.conf
printf 'allowManaged=1\nallowGlobal=1\nallowDefault=0\nallowDNS=1\n' >home/networks.d/8056c2e21c000001.local.conf
printf '\n' >home/networks.d/a09acf0233e4b070.conf
printf 'allowManaged=10.1.2.0/16,fd00::/8,nothing\n' >home/networks.d/a09acf0233e4b070.local.conf
# config NWID ADDRESS TIME: a configuration, as it is remembered
config() {
	printf 'v=%016x\nnwid=%s\nts=%016x\nctmd=00000000001b7740\nr=%016x\nid=%s\nf=2\nml=20\nt=1\nn=club\nmtu=578\nR=\\1\\0\n' \
		7 "$1" "$3" 1 "$2" | sed 's/R=.*/R=\x01\\0/' >"home/networks.d/$1.conf"
}
config 8056c2e21c000002 "$(cut -c1-10 id)" 1700000000000
config 8056c2e21c000003 1122334455 1700000000000
echo 8056c2e21c000001=ztlab >home/devicemap
address2=$(cut -c1-10 id2)
identity2=$("$KZT" identity public id2)
{	# a remembered peer: version, identity in binary, nothing else known
	printf '\002'
	printf '%s00%s' "$address2" "$(cut -d: -f3 <<<"$identity2")" | xxd -r -p
	printf '\000%.0s' 1 2 3 4 5 6 7 8 9 10 11
} >"home/peers.d/$address2.peer"
# ... and the reference's own files
while read -r key _ value; do
	case $key in
	file_name) file=$value ;;
	file) xxd -r -p <<<"$value" >"home/$file" ;;
	esac
done <"$SELFTESTS/vectors/identity-peerfile.txt"
cp home/peers.d/8a3b92098f.peer home/peers.d/1122334455.peer
cp home/peers.d/8a3b92098f.peer home/peers.d/1122334456.peer
touch -d '31 days ago' home/peers.d/1122334456.peer
cat >home/local.conf <<EOF
{"physical": {"10.0.0.0/8": {"blacklist": true}, "10.x/8": {"blacklist": 1, "mtu": 2800, "trustedPathId": 4},
	"192.168.7.0/24": {"trustedPathId": 255, "mtu": 2800}, "192.168.0.0/16": {"trustedPathId": "17"},
	"2001:db8::/32": {"mtu": "65000"}, "192.0.2.0/24": {"mtu": 0}, "198.51.100.0/24": {"mtu": 1200}},
 "virtual": {"$address2": {"try": ["192.0.2.7/9993", "192.0.2.7"], "blacklist": ["203.0.113.0/24"]}, "1122334455": {"try": ["192.0.2.8/9993"]}},
 "settings": {"primaryPort": "9994", "secondaryPort": 9995, "interfacePrefixBlacklist": ["docker", "a b"], "allowTcpFallbackRelay": false, "colour": "red",
	"defaultBondingPolicy": "office", "peerSpecificBonds": {"8a3b92098f": "broadcast", "$address2": "idle", "1122334455": "office", "1122334457": "none"},
	"policies": {"office": {"basePolicy": "active-backup", "failoverInterval": 100, "upDelay": -1, "downDelay": "2000", "packetsPerLink": 0,
		"activeReselect": "optimize", "linkQuality": {"lat_max": 400, "pdv_max": 20, "plr_max": 0.01, "per_max": 0.001,
			"lat_weight": 0.5, "pdv_weight": 0.3, "plr_weight": 0.1, "per_weight": 0.1},
		"links": {"eth0": {"mode": "primary", "failoverTo": "wwan0", "ipvPref": 46}, "wwan0": {"mtu": 1300, "capacity": 3},
			"wlan0": {"ipvPref": 5}, "usb0": {"failoverTo": "eth0"}}},
		"idle": {"basePolicy": "balance-rr", "linkQuality": {"lat_max": 4}}, "broadcast": {"basePolicy": "balance-xor"},
		"odd": {"basePolicy": "office"}, "unused": {"basePolicy": "balance-aware"}}}}
EOF
printf '1f=192.0.2.0/25 0=192.0.2.128/25\nzz=10.0.0.0/8\n' >home/trustedpaths
printf 'abcdefghijklmnopqrstuvw5\n' >home/authtoken.secret
echo short >home/metricstoken.secret
find home -type f -exec sha256sum {} + | sort >before
check "import, dry" sh -c "'$KZT' -j import home dry-run >report && jq -e '.import | length > 10' report"
check "import" sh -c "'$KZT' -j import home state state config imported.conf >out"
item() { jq -r --arg i "$1" '.import[] | select(.item == $i) | .taken' report; }
same "it takes the identity" true "$(item identity.secret)"
same "as it is" "$(cat id)" "$(cat state/identity.secret)"
same "for the owner only" 600 "$(stat -c %a state/identity.secret)"
check "the planet" cmp planet state/planet
same "a moon of that name" true "$(item "moons.d/000000$(cut -c1-10 id).moon")"
same "not one of another" false "$(item moons.d/0000001122334455.moon)"
same "a network with its device's name and switches" "ztlab true true false true" "$(jq -r \
	'"\(.dev) \(.managed) \(.global) \(.default) \(.dns)"' state/networks.d/8056c2e21c000001.json)"
same "another is limited to prefixes" 'true ["10.1.0.0/16","fd00::/8"]' "$(jq -rc \
	'"\(.managed) \(."managed-within")"' state/networks.d/a09acf0233e4b070.json)"
check "the configuration that was remembered" cmp home/networks.d/8056c2e21c000002.conf state/networks.d/8056c2e21c000002.conf
why() { jq -r --arg i "networks.d/$1.conf" '.import[] | select(.item == $i) | .why' report; }
check "which it says" grep -q 'configured as it was' <<<"$(why 8056c2e21c000002)"
check "not one of another node" test ! -e state/networks.d/8056c2e21c000003.conf -a -s state/networks.d/8056c2e21c000003.json
check "which it says, too" grep -q 'asked for again: it is for another node' <<<"$(why 8056c2e21c000003)"
same "settings that a node in the kernel has" \
	"Port = 9994 SecondaryPort = 9995 DenyDev = docker Deny = 10.0.0.0/8" \
	"$(sed '/^$/,$d' imported.conf | grep -E '^(Port|Secondary|Deny)' | paste -sd' ')"
same "the MTU of paths, within bounds" \
	"192.168.7.0/24 2800 2001:db8::/32 10324 198.51.100.0/24 1400" "$(sed -n 's/^PathMTU = //p' imported.conf | paste -sd' ')"
same "which it says" true "$(item physical.192.168.7.0/24.mtu)"
same "hints of a peer whose identity is known, where it may not be, and its policy" \
	"Identity = $identity2 Endpoint = 192.0.2.7/9993 Deny = 203.0.113.0/24 Policy = balance-rr" \
	"$(sed -n "/= $address2/,/^\$/p" imported.conf | grep '=' | paste -sd' ')"
same "the policy of one without hints" "Policy = broadcast" "$(sed -n '/= 8a3b92098f/,$p' imported.conf | grep Policy)"
same "that of all, within bounds, without links that are switched off" \
	"active-backup reselect optimize failover-ms 500 down-delay-ms 2000 latency-max-us 400000 jitter-max-us 20000 loss-max-ppm 10000 error-max-ppm 1000 latency-weight-ppm 500000 jitter-weight-ppm 300000 loss-weight-ppm 100000 error-weight-ppm 100000 link eth0 primary ip 46 failover-to wwan0 link wwan0 spare capacity 3 mtu 1300" \
	"$(sed -n '1,/^$/s/^Policy = //p' imported.conf)"
same "paths that are trusted, their ids in hexadecimal" "192.0.2.0/25 1f 192.168.0.0/16 11 192.168.7.0/24 ff" \
	"$(sed -n 's/^PathTrust = //p' imported.conf | sort | paste -sd' ')"
same "the token that scripts know" abcdefghijklmnopqrstuvw5 "$(cat state/authtoken.secret)"
same "for the owner only" 600 "$(stat -c %a state/authtoken.secret)"
same "a peer with the endpoints where it was" "8a3b92098f:0 192.0.2.2/9993 2001:db8::2/443" \
	"$(sed '1s/:[0-9a-f]*$//' state/peers.d/0000008a3b92098f.peer | paste -sd' ')"
same "and no other" "0000008a3b92098f.peer" "$(ls state/peers.d)"
same "which it tells" "true,1 remembered false,the identity of another peer false,1 not met for 30 days, 2 without an endpoint" "$(jq -r \
	'.import[] | select(.item | startswith("peers.d")) | "\(.taken),\(.why)"' report |
	sed 's/, greeted.*//' | sort -r | paste -sd' ')"
for i in physical.10.x/8.blacklist physical.10.x/8.mtu physical.10.x/8.trustedPathId physical.192.168.7.0/24 virtual.1122334455 \
	settings.peerSpecificBonds.1122334457 settings.policies.broadcast settings.policies.odd settings.policies.unused \
	settings.policies.office.links.wlan0 settings.policies.office.links.usb0 settings.policies.idle.linkQuality \
	trustedpaths.192.0.2.128/25 trustedpaths.10.0.0.0/8 metricstoken.secret \
	settings.allowTcpFallbackRelay settings.colour "settings.interfacePrefixBlacklist.a b" controller.d; do
	same "it says that it left $i" false "$(item "$i")"
done
same "nothing there is changed" "$(cat before)" "$(find home -type f -exec sha256sum {} + | sort)"
same "of several endpoints, those that are some" "true false" "$(item "virtual.$address2.try" | paste -sd' ')"
check "again it is the same" "$KZT" import home state state config imported.conf
config 8056c2e21c000002 "$(cut -c1-10 id)" 1700000000001
check "and again" "$KZT" import home state state config imported.conf
check "a later configuration is taken" cmp home/networks.d/8056c2e21c000002.conf state/networks.d/8056c2e21c000002.conf
cp state/networks.d/8056c2e21c000002.conf later
config 8056c2e21c000002 "$(cut -c1-10 id)" 1600000000000
check "and again" "$KZT" import home state state config imported.conf
check "an older one is not" cmp later state/networks.d/8056c2e21c000002.conf
check "settings are not written over" sh -c "'$KZT' import home state state config imported.conf | grep -q 'left settings .*exists'"
cp id2 home/identity.secret
refuses "another identity is not written over" 1 'another identity' "$KZT" import home state state config x.conf
sed 's/^0/1/; t; s/^./0/' id >home/identity.secret
refuses "an identity that is not valid" 1 'identity.secret: .*address' "$KZT" import home state state2 config x.conf
refuses "no home" 1 'nowhere: No such file' "$KZT" import nowhere state state3 config x.conf
check "for which nothing is made" test ! -e state3
refuses "zerotier-cli without words: status 2" 2 'Usage' "$(dirname "$KZT")/zerotier-cli"
check "zerotier-cli -v" sh -c "'$(dirname "$KZT")/zerotier-cli' -v | grep -qE '^[0-9]+\.[0-9]+\.[0-9]+$'"

# zerotier-idtool: as scripts call it
idtool() { "$(dirname "$KZT")/zerotier-idtool" "$@"; }
refuses "zerotier-idtool without words: status 1" 1 'Usage: zerotier-idtool' idtool
refuses "or with one that it has not" 1 'Usage' idtool mkcom
refuses "or with too few" 1 'Usage' idtool sign tool.secret
idtool generate >plain
check "generate prints one with its secret" grep -qE '^[0-9a-f]{10}:0:[0-9a-f]{128}:[0-9a-f]{128}$' plain
check "or writes both" idtool generate tool.secret tool.public
same "the secret for the owner only" 600 "$(stat -c %a tool.secret)"
check "the public one of it" [ "$(cut -d: -f1-3 tool.secret)" = "$(cat tool.public)" ]
refuses "it is not replaced" 1 'exists already' idtool generate tool.secret
idtool generate vain vain.public 0 >/dev/null
same "an address that begins as wanted" 0 "$(cut -c1 vain)"
refuses "a beginning that none has" 1 'hexadecimal' idtool generate x y xyz
same "getpublic" "$(cat tool.public)" "$(idtool getpublic tool.secret)"
same "of one in words" "$(cat tool.public)" "$(idtool getpublic "$(cat tool.secret)")"
same "validate" "$(cut -c1-10 tool.public) is a valid identity" "$(idtool validate tool.public)"
sed 's/^0/1/; t; s/^./0/' tool.public >wrong
refuses "one that is not" 1 'FAILED' idtool validate wrong
refuses "and none at all" 1 'not a file' idtool validate nowhere
signature=$(idtool sign tool.secret msg)
same "sign: as kzt does" "$("$KZT" identity sign tool.secret <msg)" "$signature"
same "verify" "$(cut -c1-10 tool.public) signature valid" "$(idtool verify tool.public msg "$signature")"
refuses "another file" 1 'FAILED' idtool verify tool.public id.pub "$signature"
refuses "another signature" 1 'FAILED' idtool verify tool.public msg "${signature/?/_}"
refuses "sign without the secret" 1 'no secret' idtool sign tool.public msg
idtool initmoon tool.public >moon.json
same "initmoon: what genmoon reads" "$(cut -c1-10 tool.public) world moon $(cat tool.public) 0 128 128 true" "$(jq -r \
	'"\(.id) \(.objtype) \(.worldType) \(.roots[0].identity) \(.roots[0].stableEndpoints | length) \(.signingKey |
	length) \(.signingKey_SECRET | length) \(.signingKey == .updatesMustBeSignedBy)"' moon.json)"
jq '.roots[0].stableEndpoints = ["192.0.2.1/9993", "2001:db8::1/9993"]' moon.json >moon2.json
file=000000$(cut -c1-10 tool.public).moon
check "genmoon" eval "idtool genmoon moon2.json | grep -qE '^wrote $file \(signed world with timestamp [0-9]{13}\)$'"
same "is a moon with the endpoints" "${file%.moon} 192.0.2.1:9993 [2001:db8::1]:9993" "$("$KZT" -j world show "$file" |
	jq -r '.worlds[0] | "\(.id) \(.roots[0].endpoints | join(" "))"')"
cp "$file" older.moon
idtool genmoon moon2.json >/dev/null
check "made again it is a newer one" eval "[ \$('$KZT' -j world show '$file' | jq '.worlds[0].\"timestamp-ms\"') -gt \
	\$('$KZT' -j world show older.moon | jq '.worlds[0].\"timestamp-ms\"') ]"
wrong() { jq "$1" moon2.json >wrong.json; refuses "genmoon: $2" 1 "$3" idtool genmoon wrong.json; }
wrong '.signingKey_SECRET = .signingKey' 'keys that are no pair' 'not a pair'
wrong '.roots += .roots' 'a root twice' 'twice'
wrong '.roots[0].stableEndpoints = ["192.0.2.1/0"]' 'port 0' 'not IP/PORT'
wrong '.roots = []' 'no root' 'no root'
wrong '.id = "0"' 'id 0' 'or it is 0'
wrong '.worldType = "sun"' 'another type' 'moon or planet'
wrong '.roots[0].identity = "'"$(cat tool.secret)"'"' 'a secret' 'has its secret'
refuses "genmoon: no JSON" 1 'msg:1' idtool genmoon msg

# Completion asks the tool; what it offers is in the manual
offered() { "$KZT" __complete "$@" | sort | tr '\n' ' '; }
same "completion of an object" "member message metrics monitor moon multicast " "$(offered m)"
same "of a verb" "add alias " "$(offered peer a)"
same "of a key" "bind " "$(offered node set b)"
same "of a value that is a word" "auto salsa siv " "$(offered node set suite '')"
same "of a direction" "in out " "$(offered rules test ff0a000000000001 dir '')"
same "of a file" "<FILE> " "$(offered identity public '')"
same "of one of several ways" "- --hex " "$(offered message send 1122334455 70000 '')"
same "of a policy, or a peer to have it" "active-backup balance-aware balance-rr balance-xor broadcast default " \
	"$(offered policy set '' | tr ' ' '\n' | grep -E '^(a|b|d)' | tr '\n' ' ')"
same "of a policy that is begun" "balance-aware balance-rr balance-xor " "$(offered policy set ba)"
same "not of what belongs to a key" "" "$(offered policy set active-backup link eth0 4)"
same "of a switch" "default dev dns " "$(offered network join ff0a000000000001 d)"
same "and its value" "off on " "$(offered network join ff0a000000000001 managed o)"
same "of a key where an id may stand" "pool private " "$(offered controller network new p)"
same "behind an option" "peer ping policy " "$(offered -j p | sed 's/path //')"
for object in $("$KZT" __complete ''); do
	[ "$object" = help ] && continue
	for verb in $("$KZT" __complete "$object" ''); do
		case $verb in help | [!a-z]*) continue ;; esac
		echo "$object $verb"
	done
done >verbs.txt
missing=$(sed 's/\\-/-/g; s/\\f.//g; s/"//g' "$top/userspace/man/kzt.8" >page
	while read -r object verb; do
		grep -qE "\\b$object\\b.*\\b$verb\\b" page || echo "$object $verb"
	done <verbs.txt)
same "every verb is in kzt(8)" "" "$missing"
missing=$(sed -n 's/^\tX([A-Z0-9_]*, *"\([a-z0-9-]*\)").*/\1/p' "$top/kmod/drop.h" | grep -vx none |
	while read -r reason; do
		grep -qx "\.B $reason" page || echo "$reason"
	done)
same "so is every reason to drop a packet" "" "$missing"
rules=$top/userspace/man/kzt-rules.5
missing=$(sed -n '/^static const struct/,/^};/p' "$top/userspace/rulec_match.c" |
	grep -oE '\{ "[a-z0-9_]+"' | grep -oE '[a-z0-9_]+' | while read -r word; do
		grep -qwF "$word" <(sed 's/\\f./ /g' "$rules") || echo "$word"
	done)
same "and every word of rules in kzt-rules(5)" "" "$missing"
sed -n '/^\.nf/,/^\.fi/p' "$rules" | grep -v '^\.' >example.rules
same "whose example compiles" "13 1 1" "$("$KZT" rules compile example.rules |
	jq -r '"\(.rules | length) \(.capabilities | length) \(.tags | length)"')"
if command -v bash >/dev/null; then
	got=$(PATH=$(dirname "$KZT"):$PATH bash -c '. "$1"; COMP_WORDS=(kzt node se) COMP_CWORD=2
		_kzt; echo "${COMPREPLY[*]}"' - "$top/userspace/completion/kzt")
	same "bash completes with it" "set" "$got"
fi
check "make install" make -s --no-print-directory -C "$top/userspace" install \
	BIN="$KZT_BUILD/bin" O="$KZT_BUILD/userspace" DESTDIR="$TMP/root"
for f in usr/sbin/kzt usr/sbin/kztd usr/share/man/man8/kzt.8 usr/share/man/man8/kztd.8 usr/share/man/man5/kzt-rules.5 \
	usr/sbin/zerotier-cli usr/sbin/zerotier-idtool usr/share/man/man1/zerotier-idtool.1 \
	usr/share/man/man5/kzt.conf.5 usr/share/man/man1/zerotier-cli.1 \
	usr/lib/systemd/system/kztd.service usr/lib/systemd/system/kztd@.service \
	usr/lib/systemd/network/80-kzt.network usr/lib/udev/rules.d/85-kzt.rules \
	usr/share/bash-completion/completions/kzt usr/share/ynl/specs/kzt.yaml etc/iproute2/rt_protos.d/kzt.conf; do
	check "it installs $f" test -s "root/$f"
done
if command -v systemd-analyze >/dev/null; then
	for unit in kztd.service kztd@.service kzt-wait-online@.service; do
		systemd-analyze security --offline=true --threshold=28 \
			"$top/userspace/systemd/$unit" >security 2>&1
		same "systemd-analyze security: $unit is hardened" 0 $?
		diag "$(grep -o 'Overall exposure.*: [0-9.]*' security)"
	done
else
	skip "systemd-analyze security (it is not installed)"
fi
if command -v man >/dev/null; then
	same "the manual has no mistake" "" "$(for page in "$top"/userspace/man/*.[158]; do
		man --warnings -E UTF-8 -l -Tutf8 "$page" 2>&1 >/dev/null; done)"
fi
check "and the plug-in of ip" sh -c 'test -s root/usr/lib/*/ip/link_kzt.so'
number=$(sed -n 's/^#define KZT_RT_PROTO *//p' "$top/userspace/nl.h")
same "ip(8) has a name for what the agent sets" "$((number)) kzt" \
	"$(grep -v '^#' root/etc/iproute2/rt_protos.d/kzt.conf | tr '\t' ' ')"
same "dkms.conf has the version of the module" \
	"$(sed -n 's/^#define KZT_VERSION[^"]*"\(.*\)"/\1/p' "$top/kmod/node.h")" \
	"$(. "$top/scripts/dkms.conf"; echo "$PACKAGE_VERSION")"
same "as have the tools" "$(. "$top/scripts/dkms.conf"; echo "kzt $PACKAGE_VERSION kztd $PACKAGE_VERSION")" \
	"$("$KZT" -V) $("$KZT_BUILD/bin/kztd" --version)"
same "and which kernels it is for" "6.1.0 6.12.5-amd64 7.0" "$(. "$top/scripts/dkms.conf"
	printf '%s\n' 5.10.0 6.0.2 6.1.0 6.12.5-amd64 7.0 | grep -E "$BUILD_EXCLUSIVE_KERNEL" | paste -sd' ')"
source=root/usr/src/kzt-$(. "$top/scripts/dkms.conf"; echo "$PACKAGE_VERSION")
check "make dkms_install" make -s -C "$top" dkms_install DESTDIR="$TMP/root"
if git -C "$top" rev-parse --git-dir >/dev/null 2>&1; then
	same "has all that the module is made of" "$(git -C "$top" ls-files Kbuild COPYING kmod uapi scripts/dkms.conf |
		sed 's|^scripts/||' | sort)" "$(find "$source" -type f -printf '%P\n' | sort)"
else
	skip "what make dkms_install leaves (this is no git tree to compare it with)"
fi
rm -r "$source"
make_to() {
	make -s --no-print-directory -C "$top/userspace" "$1" BIN="$KZT_BUILD/bin" \
		O="$KZT_BUILD/userspace" DESTDIR="$TMP/root"
}
check "make uninstall" make_to uninstall
same "leaves nothing" "" "$(find root -type f -o -type l)"
ln -s zerotier-one root/usr/sbin/zerotier-cli
check "the reference's command, a link," make_to install
same "is not replaced" zerotier-one "$(readlink root/usr/sbin/zerotier-cli)"
check "nor" make_to uninstall
same "taken away" zerotier-one "$(readlink root/usr/sbin/zerotier-cli)"

refuses "an unknown word is told" 2 'no "nonsense"' "$KZT" nonsense
refuses "an ambiguous abbreviation" 2 'Usage|ambiguous' "$KZT" m
refuses "it names what it may be" 2 'member, multicast, moon, message, metrics, monitor' "$KZT" m
# Every key and every word of a closed set may be cut short
refuses "keys of a node" 2 '"p" is ambiguous: port, path-rule, predict$' "$KZT" node set p 1
refuses "a key that begins another" 2 'ambiguous: deny, deny-dev$' "$KZT" node set den 10.0.0.0/8
refuses "cipher suites" 2 'ambiguous: salsa, siv$' "$KZT" node set suite s
refuses "policies" 2 'ambiguous: broadcast, balance-rr, balance-xor, balance-aware$' "$KZT" policy set b
refuses "a policy or a peer" 2 'ambiguous: proportional, peer$' "$KZT" policy set p
refuses "keys of a policy" 2 'ambiguous: failover-ms, failback$' "$KZT" policy set active failb on fail 1
refuses "keys of a link, too" 2 'ambiguous: failover-to, failover-ms, failback$' "$KZT" policy set active link u0 fail u1
refuses "switches of a network" 2 'ambiguous: dev, default, dns$' "$KZT" network join 8056c2e21c000001 d on
refuses "settings of a network" 2 'ambiguous: mtu, multicast-limit$' "$KZT" network set 8056c2e21c000001 m 9
refuses "what events may be of" 2 'ambiguous: node, network$' "$KZT" monitor n
refuses "a key that is none" 2 '"colour" is not expected' "$KZT" node set colour 1
refuses "a value is judged by the whole key" 2 '^kzt: secondary-port: ' "$KZT" node set sec x
refuses "import: an abbreviated key" 2 '"st" needs a value' "$KZT" import home st
check "world make: abbreviated keys" "$KZT" world make pa ro id=192.0.2.1/9993 ti 77
same "are taken" 77 "$("$KZT" -j world show pa | jq '.worlds[0]."timestamp-ms"')"
refuses "a surplus word" 2 '' "$KZT" identity new a b
refuses "a name that no device can have" 2 'not a name for a device' "$KZT" network join ff0a000000000001 dev a/b
refuses "no round of top" 2 'at least 1' "$KZT" top -c 0
check "help" "$KZT" help
if [ ! -e /sys/module/kzt ]; then
	refuses "no module: status 3" 3 'not loaded' "$KZT" node show
	refuses "even with -j" 3 'not loaded' "$KZT" -j peer show
else
	skip "no module: status 3 (it is loaded here)"
fi
rm -rf "$TMP"
trap - EXIT
echo "1..$TESTS"
exit $((FAILED > 0))
