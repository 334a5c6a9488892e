#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Inside a VM: load the module and run tests one after another.
#
# usage: guest.sh TEST...      (paths below selftests/, without .sh)
# Environment as lib.sh says, and KZT_KO: the module.  If /run/claims is mounted,
# several guests have the same list, and who makes a test's directory there runs it.
SELFTESTS=$(cd "$(dirname "$0")" && pwd)
export SELFTESTS
modules() { modprobe ${MODULES:+-d "$MODULES"} "$@" 2>/dev/null; }
for m in $(modinfo -F depends "$KZT_KO" | tr , ' ') sha512_generic hmac cryptd \
	veth bridge sch_netem tun dummy wireguard; do
	modules "$m"
done
mountpoint -q /sys/kernel/debug || mount -t debugfs debug /sys/kernel/debug

KMEMLEAK=/sys/kernel/debug/kmemleak
# What was lost before the module came is not its fault
[ ! -w $KMEMLEAK ] || { echo scan; echo clear; } >$KMEMLEAK

# In a kernel with kmemleak: nothing was lost.  An object counts as lost if it
# is 5 s old and two scans found no pointer to it.
no_leaks() {
	local what
	[ -w $KMEMLEAK ] || return 0
	echo scan >$KMEMLEAK
	sleep 6
	echo scan >$KMEMLEAK
	what=$(cat $KMEMLEAK)
	if [ -z "$what" ]; then
		echo "ok - kmemleak finds no lost memory"
	else
		echo "not ok - kmemleak finds no lost memory"
		head -n 100 <<<"$what" | sed 's/^/# /'
		return 1
	fi
}

claimed() {
	! mountpoint -q /run/claims || mkdir "/run/claims/${1//\//-}" 2>/dev/null
}

held=
if [ "${KZT_IN_VM:-}" = qemu ]; then
	"$SELFTESTS/hold-keys.py" &
	held=$!
fi
bad=0 ran=0
if ! insmod "$KZT_KO"; then
	dmesg | tail -n 20
	echo "not ok - the module loads into $(uname -r)"
	exit 1
fi
for t; do
	claimed "$t" || continue
	ran=$((ran + 1))
	start=$SECONDS
	"$SELFTESTS/tap-run.sh" "${KZT_RUN:+$KZT_RUN }$t" timeout -k 5 "${TEST_LIMIT:-1800}" \
		bash "$SELFTESTS/$t.sh" || bad=1
	echo "# $t took $((SECONDS - start)) s"
	# What a test died of must not fail the next one
	[ -z "$(ip netns list)" ] || ip -all netns delete
done
if rmmod kzt; then
	echo "ok - the module is unloaded after $ran tests"
else
	echo "not ok - the module is unloaded after $ran tests"
	bad=1
fi
no_leaks || bad=1
[ -z "$held" ] || kill $held
exit $bad
