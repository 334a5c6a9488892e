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
sed 's/^./0/' id >wrong
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

printf '[Node]\nPort = 1\nColour = red\n' >bad.conf
printf 'Port = 1\n' >bad2.conf
refuses "apply needs a file" 2 'needs a file' "$KZT" apply
refuses "a key before a section" 1 'bad2.conf:1: a key before' "$KZT" apply bad2.conf

# Completion asks the tool; what it offers is in the manual
offered() { "$KZT" __complete "$@" | sort | tr '\n' ' '; }
same "completion of an object" "member metrics monitor moon multicast " "$(offered m)"
same "of a verb" "add alias " "$(offered peer a)"
same "of a key" "bind " "$(offered node set b)"
same "of a value that is a word" "auto salsa siv " "$(offered node set suite '')"
same "of a direction" "in out " "$(offered rules test ff0a000000000001 dir '')"
same "of a file" "<FILE> " "$(offered identity public '')"
same "behind an option" "peer ping " "$(offered -j p | sed 's/path //')"
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
if command -v bash >/dev/null; then
	got=$(PATH=$(dirname "$KZT"):$PATH bash -c '. "$1"; COMP_WORDS=(kzt node se) COMP_CWORD=2
		_kzt; echo "${COMPREPLY[*]}"' - "$top/userspace/completion/kzt")
	same "bash completes with it" "set" "$got"
fi
check "make install" make -s --no-print-directory -C "$top/userspace" install \
	BIN="$KZT_BUILD/bin" O="$KZT_BUILD/userspace" DESTDIR="$TMP/root"
for f in usr/sbin/kzt usr/sbin/kztd usr/share/man/man8/kzt.8 usr/share/man/man8/kztd.8 \
	usr/share/bash-completion/completions/kzt usr/share/ynl/specs/kzt.yaml; do
	check "it installs $f" test -s "root/$f"
done
check "and the plug-in of ip" sh -c 'test -s root/usr/lib/*/ip/link_kzt.so'

refuses "an unknown word is told" 2 'no "nonsense"' "$KZT" nonsense
refuses "an ambiguous abbreviation" 2 'Usage|ambiguous' "$KZT" m
refuses "a surplus word" 2 '' "$KZT" identity new a b
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
