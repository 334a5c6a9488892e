# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What is compared.  load NAME defines the c_ functions of one contender.

modules() { modprobe ${MODULES:+-d "$MODULES"} "$@" 2>/dev/null; }

load_veth() {
	c_need() { :; }
	c_setup() { OA=$UA OB=$UB; }
}

load_wireguard() {
	c_need() { modules wireguard; ip link add wgtry type wireguard && ip link del wgtry; }
	c_setup() {
		local ka kb
		ka=$(wg genkey) kb=$(wg genkey)
		OA=10.88.1.1 OB=10.88.1.2
		ip -n "$NSA" link add wg0 type wireguard || return
		ip -n "$NSB" link add wg0 type wireguard || return
		A wg set wg0 listen-port 51820 private-key <(echo "$ka") \
			peer "$(wg pubkey <<<"$kb")" endpoint $UB:51820 allowed-ips $OB/32
		B wg set wg0 listen-port 51820 private-key <(echo "$kb") \
			peer "$(wg pubkey <<<"$ka")" endpoint $UA:51820 allowed-ips $OA/32
		ip -n "$NSA" addr add $OA/24 dev wg0
		ip -n "$NSB" addr add $OB/24 dev wg0
		ip -n "$NSA" link set wg0 up
		ip -n "$NSB" link set wg0 up
	}
}

# kzt without an agent: static peers, a network that accepts everything
load_kzt() {
	local suite=$1
	SUITE=$suite
	c_need() {
		local m
		grep -q '^kzt ' /proc/modules && return
		for m in $(modinfo -F depends "$KZT_KO" | tr , ' ') sha512 hmac; do
			modules "$m"
		done
		insmod "$KZT_KO"
	}
	c_setup() {
		local d=$KZT_IDS
		OA=10.88.2.1 OB=10.88.2.2
		A "$KZT" node set identity "$d/0" port 9993 suite "$SUITE" || return
		B "$KZT" node set identity "$d/1" port 9993 suite "$SUITE" || return
		A "$KZT" peer add "$(cat "$d/1.pub")" endpoint $UB/9993 || return
		B "$KZT" peer add "$(cat "$d/0.pub")" endpoint $UA/9993 || return
		A "$KZT" network join ff0a000000000001 dev kzt0 || return
		B "$KZT" network join ff0a000000000001 dev kzt0 || return
		ip -n "$NSA" addr add $OA/24 dev kzt0
		ip -n "$NSB" addr add $OB/24 dev kzt0
		ip -n "$NSA" link set kzt0 up
		ip -n "$NSB" link set kzt0 up
	}
}

load() {
	NSA=bench-$1-a NSB=bench-$1-b
	unset -f c_need c_setup
	case $1 in
	veth) load_veth ;;
	wireguard) load_wireguard ;;
	kzt-salsa) load_kzt salsa ;;
	kzt-siv) load_kzt siv ;;
	esac
}
