#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Install what kzt is built, tested and shown with, on a Debian 12 as root.
# What is there already is left alone: a second run takes a second.
#
# usage: setup.sh
#   KZT_CACHE    where downloads and builds are kept (/var/lib/kzt-build)
#   KZT_NO_CORE  set: without the real ZeroTier core that some tests talk to
set -uo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
here=$top/scripts
. "$here/lib.sh"

VIRTME_NG=1.42
NEED_MB=6000	# packages 2300, unpacked kernel source 1700, its builds 1500

packages=(
	# the module, the tools, the host's tests
	build-essential pkg-config kmod git
	libmnl-dev libsodium-dev libjansson-dev libcap-ng-dev liblz4-dev libssl-dev
	# the controller: its API, its databases
	libmicrohttpd-dev libsqlite3-dev libpq-dev postgresql curl
	clang libclang-rt-14-dev sparse shellcheck python3 python3-venv python3-yaml python3-jsonschema
	# a user-mode Linux from source
	bc bison flex libelf-dev xz-utils linux-source-6.12
	# the VMs, and what runs in them
	qemu-system-x86 busybox-static udev procps iproute2 iputils-ping
	nftables ethtool tcpdump iperf3 jq xxd strace wireguard-tools
	dbus-daemon libsystemd-shared
)

have() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

check_system() {
	[ "$(id -u)" = 0 ] || die "setup.sh installs packages and must run as root." \
		"Try: sudo $0"
	local ID='' VERSION_ID='' PRETTY_NAME='an unknown system'
	[ -r /etc/os-release ] && . /etc/os-release
	[ "$ID $VERSION_ID" = "debian 12" ] ||
		die "this set-up is for Debian 12, and this is $PRETTY_NAME." \
			"Elsewhere, install the packages named in $0 by hand."
	[ "$(dpkg --print-architecture)" = amd64 ] ||
		die "the VMs are for amd64, and this is $(dpkg --print-architecture)."
}

# check_room DIRECTORY MEGABYTES
check_room() {
	local dir=$1 free
	while [ ! -d "$dir" ]; do dir=$(dirname "$dir"); done
	free=$(df -Pm "$dir" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$2" ] || die "$dir has $free MB free, and $2 MB are needed." \
		"Make room, or name a directory on a larger disk in KZT_CACHE."
}

# newest NAME-REGEX: the newest kernel package there is to install
newest() {
	apt-cache search --names-only "$1" | awk '{ print $1 }' | grep -E "$1" |
		sort -V | tail -n 1
}

# kernel VERSION IMAGE-REGEX: names the packages of a kernel that are missing
kernel() {
	local image release
	# One that is installed with its headers is new enough
	release=$("$here/kernel-release.sh" "$1" build) &&
		[ -e "/boot/vmlinuz-$release" ] && return
	image=$(newest "$2")
	[ -n "$image" ] || die "the package sources offer no kernel $1." \
		"Debian 12 has it in 'bookworm-security' main: see /etc/apt/sources.list."
	echo "$image" "linux-headers-${image#linux-image-}"
}

apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 \
		-o Acquire::Retries=3 "$@" >>"$log" 2>&1
}

network_trouble() {
	grep -hE '^(E|Err|ERROR)[: ]' "$log" | tail -n 5 | sed 's/^/    /' >&2
	die "$1 did not work; the whole story is in $log." \
		"If it was the network, run this again: what is done is kept."
}

install_packages() {
	local p missing=() kernels=()
	for p in "${packages[@]}"; do have "$p" || missing+=("$p"); done
	step "Debian packages"
	if [ ${#missing[@]} -gt 0 ] || ! kernel 6.1 '^$' >/dev/null 2>&1 ||
		! kernel 6.12 '^$' >/dev/null 2>&1; then
		note "asking for the lists of packages"
		apt update || network_trouble "apt-get update"
	fi
	# A command substitution hides die's exit
	p=$(kernel 6.1 '^linux-image-6\.1\.0-[0-9]+-amd64$') || exit 1
	read -ra kernels <<<"$p"
	p=$(kernel 6.12 '^linux-image-6\.12\.[0-9.]+\+(deb12|bpo)-amd64$') || exit 1
	read -ra kernels <<<"${kernels[*]} $p"
	missing+=("${kernels[@]}")
	if [ ${#missing[@]} = 0 ]; then
		note "all ${#packages[@]} are there, and the kernels 6.1 and 6.12"
		return
	fi
	check_room / $((NEED_MB / 2))
	note "installing ${#missing[@]}: ${missing[*]}" | fold -s -w 90 |
		sed '2,$s/^/      /'
	note "this takes some minutes the first time"
	apt install -y --no-install-recommends "${missing[@]}" ||
		network_trouble "apt-get install"
}

install_venv() {
	step "virtme-ng, which boots the VMs"
	if [ "$("$KZT_CACHE/venv/bin/pip" show virtme-ng 2>/dev/null |
		sed -n 's/^Version: //p')" = "$VIRTME_NG" ]; then
		note "version $VIRTME_NG is there"
		return
	fi
	{
		rm -rf "$KZT_CACHE/venv" && /usr/bin/python3 -m venv "$KZT_CACHE/venv" &&
			"$KZT_CACHE/venv/bin/pip" install --disable-pip-version-check \
				"virtme-ng==$VIRTME_NG"
	} >>"$log" 2>&1 || network_trouble "installing virtme-ng from PyPI"
	note "version $VIRTME_NG installed"
}

install_core() {
	[ -z "${KZT_NO_CORE:-}" ] || return 0
	step "a real ZeroTier node to talk to (libzt, for tests only)"
	"$here/setup-core.sh" "$KZT_CACHE/core" >>"$log" 2>&1 ||
		network_trouble "installing the ZeroTier core from PyPI"
	note "in $KZT_CACHE/core"
}

install_resolved() {
	step "systemd-resolved to hand name servers to (not installed, for one test)"
	"$here/setup-resolved.sh" "$KZT_CACHE/resolved" >>"$log" 2>&1 ||
		network_trouble "fetching systemd-resolved"
	note "in $KZT_CACHE/resolved"
}

check_system
[ -e "$KZT_CACHE/setup-done" ] || check_room "$KZT_CACHE" "$NEED_MB"
mkdir -p "$KZT_CACHE/log" || die "cannot make $KZT_CACHE."
log=$KZT_CACHE/log/setup.log
: >"$log"
install_packages
install_venv
install_core
install_resolved
touch "$KZT_CACHE/setup-done"
