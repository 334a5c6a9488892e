#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fetch a real ZeroTier core for the tests to talk to: the shared library in the
# published Python package libzt 1.8.4.  It is under a licence of its own, and
# is neither linked with nor shipped in this project: it stays in a directory
# outside of it, and runs as a program of its own.
#
# usage: setup-core.sh DIRECTORY
# Leaves zerotier-core.so and shim.so there; load the second first.
set -euo pipefail
dir=${1:?usage: setup-core.sh DIRECTORY}
version=1.8.4
cache=${KZT_CACHE:-/var/lib/kzt-build}
stamp=$dir/version
[ "$(cat "$stamp" 2>/dev/null)" = "$version" ] && exit 0

pip=$cache/venv/bin/pip
[ -x "$pip" ] || { echo "ERROR: no $pip: run scripts/setup.sh" >&2; exit 1; }
mkdir -p "$dir"
tmp=$(mktemp -d "$dir/new.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# The package exists for Python 3.9 at the most, but its library is used
# through ctypes, without any Python API.
"$pip" download --disable-pip-version-check --no-deps --only-binary=:all: \
	--python-version 3.9 --dest "$tmp" "libzt==$version"
python3 -m zipfile -e "$tmp"/libzt-"$version"-*.whl "$tmp/wheel"
library=$(find "$tmp/wheel" -name '_libzt*.so' -print -quit)
[ -n "$library" ] || { echo "ERROR: no library in the package" >&2; exit 1; }

# Three functions about routes that the library refers to and does not have.
# Nothing here calls them, but the loader wants them.
cat >"$tmp/shim.c" <<'C'
void linux_netlink_new(void *self) __asm__("_ZN8ZeroTier12LinuxNetLinkC1Ev");
void linux_netlink_del(void *self) __asm__("_ZN8ZeroTier12LinuxNetLinkD1Ev");
void linux_netlink_del_route(void *self, const void *to, const void *via,
			     const void *from, const char *dev)
	__asm__("_ZN8ZeroTier12LinuxNetLink8delRouteERKNS_11InetAddressES3_S3_PKc");

void linux_netlink_new(void *self) { (void)self; }
void linux_netlink_del(void *self) { (void)self; }
void linux_netlink_del_route(void *self, const void *to, const void *via,
			     const void *from, const char *dev)
{
	(void)self;
	(void)to;
	(void)via;
	(void)from;
	(void)dev;
}
C
cc -Wall -shared -fPIC -o "$tmp/shim.so" "$tmp/shim.c"
cp "$library" "$tmp/zerotier-core.so"
mv -f "$tmp/shim.so" "$tmp/zerotier-core.so" "$dir/"

# It must load, or the tests would only find out in a VM
python3 - "$dir" <<'PY'
import ctypes, os, sys
ctypes.CDLL(sys.argv[1] + "/shim.so", mode=ctypes.RTLD_GLOBAL)
core = ctypes.CDLL(sys.argv[1] + "/zerotier-core.so", mode=os.RTLD_LAZY)
core.ZT_Node_new
PY
echo "$version" >"$stamp"
