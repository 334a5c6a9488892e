# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the tests of paths share; sourced by them behind lib.sh.

# path_lines NS NS2: the paths of the second, one a line: dev local remote state
path_lines() {
	kzt_in "$1" -j peer show "${ADDR[$2]}" |
		jq -r '.peers[0].paths[] | "\(.dev) \(.local) -> \(.remote) \(.state)"'
}
# has_path NS NS2 DEV [TEXT]: one that is up by the device, with the text in it
has_path() { path_lines "$1" "$2" | grep "^$3 .* up\$" | grep -qF -- "${4:-}"; }
# lacks_path NS NS2 DEV [TEXT]: none in any state
lacks_path() {
	local lines
	lines=$(path_lines "$1" "$2") || return
	! grep "^$3 " <<<"$lines" | grep -qF -- "${4:-}"
}
# more_drops NS REASON OLD: the counter went up since
more_drops() { [ "$(drops "$1" "$2")" -gt "$3" ]; }
more_events() { [ "$(counts "$1" "$2")" -gt "$3" ]; }

# need_modules NAME...: in this kernel
need_modules() {
	local m
	for m; do
		modprobe ${MODULES:+-d "$MODULES"} "$m" 2>/dev/null ||
			[ -d "/sys/module/$m" ] || return 1
	done
}
